"""Rectangles of cells: Google's GridRange, and A1 notation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ENDS = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOKS_LIKE_CELL = re.compile(r"(?i)[a-z]{1,3}[1-9][0-9]*|r[0-9]*c[0-9]*")
_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]*)?")


@dataclass(frozen=True, slots=True)
class Area:
    """Rows top to bottom, columns left to right: from 0, ends not within."""

    top: int
    left: int
    bottom: int
    right: int

    def __contains__(self, place: object) -> bool:
        assert isinstance(place, tuple)
        row, column = place
        if row is None or column is None:
            return False
        return bool(self.top <= row < self.bottom and self.left <= column < self.right)

    @property
    def is_empty(self) -> bool:
        """Say whether no cell lies within."""
        return self.top >= self.bottom or self.left >= self.right

    @property
    def is_cell(self) -> bool:
        """Say whether it is one cell."""
        return self.bottom - self.top == 1 and self.right - self.left == 1

    def places(self) -> Iterator[tuple[int, int]]:
        """Give (row, column) of all cells, row by row."""
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield row, column

    def common(self, other: Area) -> Area:
        """Give what both cover; maybe empty."""
        return Area(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )

    def touches(self, other: Area) -> bool:
        """Say whether they have a cell in common."""
        return not self.common(other).is_empty

    def covers(self, other: Area) -> bool:
        """Say whether all of the other lies within."""
        return self.common(other) == other

    def a1(self) -> str:
        """Give "B2" or "B2:C7"."""
        first = f"{letters(self.left)}{self.top + 1}"
        return first if self.is_cell else f"{first}:{letters(self.right - 1)}{self.bottom}"


def letters(column: int) -> str:
    """Give the letters of a column: 0 is A, 26 is AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def column_number(text: str) -> int:
    """Give the number of a column by its letters: A is 0."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """Give a tab's title as it stands before the exclamation mark."""
    if _PLAIN_TITLE.fullmatch(title) and not _LOOKS_LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def split_title(text: str) -> tuple[str | None, str]:
    """Give (title, rest) of "'A tab'!A1:B2"; None for no title, "" for no rest."""
    if text.startswith("'"):
        match = re.match(r"'((?:[^']|'')*)'(?:!(.*))?$", text, re.DOTALL)
        if match:
            return match[1].replace("''", "'"), match[2] or ""
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)


def parse_corners(text: str, rows: int, columns: int) -> Area | None:
    """
    Read "B2", "B2:C7", "A:C", "2:5", "A5:A"; open ends go to the end of a grid of this size.

    Returns:
        The area, not clipped to the grid; None where it is no range at all.
    """
    first, colon, second = text.strip().partition(":")
    start = _CORNER.fullmatch(first)
    end = _CORNER.fullmatch(second) if colon else start
    if not first or not start or not end or (colon and not second) or (not colon and not (start[1] and start[2])):
        return None
    tops = [int(each[2]) - 1 for each in (start, end) if each[2]]
    lefts = [column_number(each[1]) for each in (start, end) if each[1]]
    if colon and not start[2] and end[2] and start[1] and end[1]:
        tops = [0, *tops]
    top, bottom = (min(tops), max(tops) + 1) if len(tops) == 2 else (tops[0] if tops else 0, max(rows, *(tops or [0])))
    if len(lefts) == 2:
        left, right = min(lefts), max(lefts) + 1
    else:
        left, right = (lefts[0] if lefts else 0), max(columns, *(lefts or [0]))
    return Area(top, left, bottom, right)


def area_of(grid_range: Mapping[str, Any], rows: int, columns: int) -> Area:
    """Read a GridRange; what is left open goes to the ends of a grid of this size."""
    return Area(
        int(grid_range.get("startRowIndex", 0)),
        int(grid_range.get("startColumnIndex", 0)),
        int(grid_range.get("endRowIndex", rows)),
        int(grid_range.get("endColumnIndex", columns)),
    )


def grid_range(sheet_id: int, area: Area) -> dict[str, int]:
    """Give a GridRange."""
    return {"sheetId": sheet_id} | dict(zip(ENDS, (area.top, area.bottom, area.left, area.right), strict=True))
