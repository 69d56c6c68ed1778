"""What a sheet knows of the orders, all columns of all our tabs: what a restored ledger is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intake.sheet import Found


@dataclass(frozen=True)
class RecalledRow:
    """
    One row of the orders tab.

    Attributes:
        values: code of a column -> value; a column whose value can't be known is left out.
        lines: the order's rows of the lines tab, likewise, from the top.
        number: of the row, for messages.
    """

    ref: str
    values: Mapping[str, Found]
    lines: tuple[Mapping[str, Found], ...]
    number: int


@dataclass(frozen=True)
class Recalled:
    """
    What a sheet knows.

    Attributes:
        rows: every ref that stands exactly once in the orders tab, from the top.
        duplicates: refs that stand more than once; they are not in rows.
        edition: see SheetView.
    """

    rows: tuple[RecalledRow, ...]
    duplicates: tuple[str, ...] = ()
    edition: str = ""
