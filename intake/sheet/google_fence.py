"""
What is kept of a write until its outcome is known, and until it has been looked at.

A write carries a number that can stand in the spreadsheet only once (developer metadata), so that of all requests with
that number at most one is ever done, however late. The number is noted before the request is sent. While the outcome is
unknown, the number is used up by a request that does nothing else: either that one is done, and the write can't be any
more; or it is refused, for the write was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from intake.sheet.columns import ORDERS
from intake.sheet.google_read import Content, Layout, Place
from intake.sheet.google_write import Plan, Request, unfence_request

# The key of our developer metadata.
KEY = "etalase"
# Its value where it only uses up a number, and stands for no write.
SETTLED = "settled"
# Fences are taken away after a day, and earlier where there are many: a spreadsheet holds 30,000 characters of metadata
# in all. None is younger than any request of ours may be: Google ends them after three minutes.
KEEP_MS = 24 * 3_600_000
KEEP_LEAST_MS = 600_000
KEEP_MOST = 200
REMOVE_AT_ONCE = 100
# Where numbers are not unique (see the probe): how long after its noting a write may still be on its way. Our request
# ends after 35 s, Google's work on it after 180 s.
QUIET_MS = 35_000 + 200_000
_NUMBERS = 2**31 - 1


@dataclass(frozen=True)
class Evidence:
    """
    Where a write was aimed, so that a later look can tell whether things were moved in between. No values.

    Attributes:
        headers: code of the tab -> number of its header row.
        places: code of the tab -> code -> column.
        rows: ref -> row of the orders tab, of rows that were written over.
        fresh: code of the tab -> refs of rows that were inserted. created: codes of tabs that were made.
    """

    headers: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    fresh: Mapping[str, list[str]] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)

    def is_moved(self, places: Mapping[str, Place], orders: Content) -> bool:
        """
        Say whether rows or columns stand elsewhere than where the write was aimed, or a tab was made again: then all is
        to be compared.
        """
        if self.created or self.are_columns_moved(places):
            return True
        now = {row.ref: row.number for row in orders.rows if row.ref}
        return any(now.get(ref) != row for ref, row in self.rows.items())

    def are_columns_moved(self, places: Mapping[str, Place]) -> bool:
        """Say whether columns of ours stand elsewhere, or a header row does, or a tab is gone."""
        return any(
            code not in places or dict(places[code].header.places) != dict(known) for code, known in self.places.items()
        ) or any(code in places and places[code].header.row != row for code, row in self.headers.items())


def evidence_of(plan: Plan) -> Evidence:
    """Give where a write is aimed."""
    touched = {sent.tab for sent in plan.sent} | {fresh.tab for fresh in plan.fresh}
    return Evidence(
        headers={code: plan.places[code].header.row for code in sorted(touched)},
        places={code: dict(plan.places[code].header.places) for code in sorted(touched)},
        rows={sent.ref: sent.row for sent in plan.sent if sent.tab == ORDERS.code and sent.ref},
        fresh={fresh.tab: [str(values["ref"]) for values in fresh.rows] for fresh in plan.fresh},
        created=list(plan.created),
    )


@dataclass(frozen=True)
class Fence:
    """
    A write under way.

    Attributes:
        number: its metadataId. at_ms: when it was noted.
    """

    number: int
    at_ms: int
    evidence: Evidence


def new_number() -> int:
    """Give a number that nobody has used."""
    return secrets.randbelow(_NUMBERS) + 1


def to_text(value: Fence | Evidence | None) -> str:
    """Give what is kept in the notes."""
    return "" if value is None else json.dumps(asdict(value), sort_keys=True)


def fence_from(text: str) -> Fence | None:
    """Read what to_text() gave of a fence."""
    if not text:
        return None
    data: dict[str, Any] = json.loads(text)
    return Fence(data["number"], data["at_ms"], Evidence(**data["evidence"]))


def evidence_from(text: str) -> Evidence | None:
    """Read what to_text() gave of evidence."""
    return Evidence(**json.loads(text)) if text else None


def value_of(turn: int, edition: str) -> str:
    """Give the value of a fence: the how-manieth write this is, and the edition that it makes. Clocks may be set back."""
    return f"{turn:08d} {edition}"


def settled_value(turn: int, now_ms: int) -> str:
    """Give the value of a number that was only used up."""
    return value_of(turn, f"{SETTLED}-{now_ms:013d}")


def last_turn(layout: Layout) -> int:
    """Give the number of the last write that stands in a spreadsheet."""
    return max((_turn(value) for value in layout.marks.values()), default=0)


def edition_in(layout: Layout) -> str:
    """Give the edition of our last write that stands in a spreadsheet, "" for none."""
    written = [value for value in layout.marks.values() if _edition(value) and not _edition(value).startswith(SETTLED)]
    return _edition(max(written, key=_turn)) if written else ""


def _turn(value: str) -> int:
    told = value.partition(" ")[0]
    return int(told) if told.isascii() and told.isdigit() else 0


def _edition(value: str) -> str:
    return value.partition(" ")[2]


def removals(layout: Layout, now_ms: int) -> list[Request]:
    """Give the requests that take away fences that are not needed any more; never the one that holds the edition."""
    edition = edition_in(layout)
    aged = sorted(
        (_age_ms(value, now_ms), number) for number, value in layout.marks.items() if _edition(value) != edition
    )
    gone = [
        number
        for kept, (age_ms, number) in enumerate(aged)
        if age_ms > KEEP_MS or (kept >= KEEP_MOST and age_ms > KEEP_LEAST_MS)
    ]
    return [unfence_request(number) for number in gone[-REMOVE_AT_ONCE:]]


def _age_ms(value: str, now_ms: int) -> int:
    told = _edition(value).removeprefix(f"{SETTLED}-").partition("-")[0]
    # One that doesn't tell its age is not ours to judge.
    return now_ms - int(told) if told.isascii() and told.isdigit() else 0
