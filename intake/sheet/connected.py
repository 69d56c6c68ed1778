"""
What `sheet connect` decided about a Google spreadsheet, kept in the spreadsheet itself: which tab is which, which of her
headers stand for ours, and what the probe found. So it holds after a restore, on another machine, and for a copy.

It is one developer metadata of the spreadsheet, and comes with the description that is read anyway. No personal data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The key of the developer metadata that holds it.
KEY = "etalase-connected"
# What the probe found: a number that stands there already is refused, or is not.
REFUSED, NOT_REFUSED = "refused", "not_refused"


@dataclass(frozen=True)
class Connected:
    """
    What was decided.

    Attributes:
        tabs: code of a tab -> its sheetId.
        headers: code of a tab -> code of a column -> the header by which it is found, instead of ours.
        hers: code of a tab -> codes of columns that stood there before us: their cells are never dressed.
        verdict: of the probe: REFUSED, NOT_REFUSED, or "" where nobody has tried.
        number: metadataId under which it stands; 0: nowhere yet.
    """

    tabs: Mapping[str, int] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verdict: str = ""
    number: int = 0

    def same_as(self, other: Connected) -> bool:
        """Say whether both decide the same, wherever they stand."""
        return to_text(self) == to_text(other)


def to_text(connected: Connected) -> str:
    """Give the value of the metadata."""
    said: dict[str, Any] = {"tabs": dict(connected.tabs), "verdict": connected.verdict}
    said["headers"] = {code: dict(headers) for code, headers in connected.headers.items() if headers}
    said["hers"] = {code: sorted(columns) for code, columns in connected.hers.items() if columns}
    return json.dumps({name: value for name, value in said.items() if value}, sort_keys=True, ensure_ascii=False)


def connected_from(data: Mapping[str, Any]) -> Connected:
    """
    Read it from a spreadsheet as spreadsheets.get describes it; what can't be read counts as nothing decided.

    Args:
        data: with developerMetadata(metadataId,metadataKey,metadataValue).
    """
    # Of two (a connect that was cut off in the middle) the one with the higher number, so that all choose the same.
    for each in sorted(data.get("developerMetadata", []), key=lambda each: -int(each.get("metadataId", 0))):
        if each.get("metadataKey") != KEY:
            continue
        try:
            said = json.loads(each.get("metadataValue", ""))
            return Connected(
                {str(code): int(number) for code, number in said.get("tabs", {}).items()},
                {
                    str(code): {str(column): str(header) for column, header in headers.items()}
                    for code, headers in said.get("headers", {}).items()
                },
                {str(code): tuple(map(str, columns)) for code, columns in said.get("hers", {}).items()},
                str(said.get("verdict", "")),
                int(each["metadataId"]),
            )
        except (ValueError, TypeError, AttributeError, KeyError):
            continue
    return Connected()
