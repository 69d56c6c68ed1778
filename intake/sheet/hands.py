"""
Writing into a row that she typed herself: found by what stands in it, for it carries nothing of ours yet.

A part of the protocol of intake.sheet; every backend keeps the rules of tests/contracts/test_hands.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from intake.sheet import Cell, HandRow, Sheet


@dataclass(frozen=True)
class HandMark:
    """
    Cells of ours for one row of hers.

    Attributes:
        row: as read() gave it. Meant is the row without a ref that holds just these values in our columns, wherever it
            stands now; of several the one nearest to row.row, for they are equal.
        cells: code of a column of the orders tab -> value. Only `message` and `ref` are ever written this way; the
            rest of the row is hers until it carries the ref.
    """

    row: HandRow
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class MarkReport:
    """
    What mark() did, taken from what stands in the sheet afterwards.

    Attributes:
        marked: places in the argument of those whose cells stand. The others were not found as they were read: she has
            edited, moved away or deleted the row meanwhile, and nothing of theirs was written.
        edition: mark that the sheet carries now; the one given, unless nothing had to be written.
    """

    marked: tuple[int, ...]
    edition: str = ""


class HandSheet(Sheet, Protocol):
    """A sheet that can write into rows of hers."""

    def mark(
        self,
        marks: Sequence[HandMark],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> MarkReport:
        """
        Write these cells into rows of hers.

        1. Find each row in a fresh read, by its values; two marks never get the same row. A row that is not there as it
           was read is left out: never the row at its old place, and never a fresh one.
        2. Write only the cells given, all rows in one atomic request.
        3. Read back: a mark counts as written only where its cells stand beside the values that it was made for.

        Args:
            edition, known, not_after: as for write().

        Doing it twice changes nothing the second time: the row holds other values then and isn't found.

        Raises:
            SheetError: nothing was written, or it is not known whether; a fresh read tells.
        """
        ...
