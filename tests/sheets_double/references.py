"""References in formulas: found, and turned when rows and columns move."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.sheets_double.areas import column_number, letters, quoted

_TITLE = r"(?:'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_.]*)!"
_CORNER = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]*"
_REFERENCE = re.compile(
    rf'(?P<text>"(?:[^"]|"")*")|(?P<title>{_TITLE})?(?:(?P<cell>{_CORNER}(?::(?:{_CORNER}|\$?[A-Za-z]{{1,3}}(?![A-Za-z0-9_(])))?)'
    r"|(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})|(?P<rows>\$?[1-9][0-9]*:\$?[1-9][0-9]*))(?![A-Za-z0-9_(])"
)
_BEFORE = re.compile(r"[A-Za-z0-9_.'!]")
_PART = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9][0-9]*)?")


@dataclass(frozen=True)
class Point:
    """One corner of a reference; None: open in that direction. The flags: with a dollar sign."""

    row: int | None
    column: int | None
    fixed_row: bool = False
    fixed_column: bool = False

    def __str__(self) -> str:
        column = "" if self.column is None else ("$" if self.fixed_column else "") + letters(self.column)
        row = "" if self.row is None else ("$" if self.fixed_row else "") + str(self.row + 1)
        return column + row


@dataclass(frozen=True)
class Reference:
    """A cell or range: title of the tab as it is written, None for the formula's own; the end is None for a cell."""

    title: str | None
    start: Point
    end: Point | None

    def __str__(self) -> str:
        head = "" if self.title is None else quoted(self.title) + "!"
        return head + str(self.start) + ("" if self.end is None else f":{self.end}")


def _point(text: str) -> Point:
    match = _PART.fullmatch(text)
    assert match is not None, text
    if match[2] is None:
        # "$5": the first dollar sign is the row's.
        return Point(int(match[4]) - 1, None, bool(match[1] or match[3]), False)
    row = int(match[4]) - 1 if match[4] else None
    return Point(row, column_number(match[2]), bool(match[3]), bool(match[1]))


@functools.lru_cache(maxsize=20_000)
def parse_reference(text: str) -> Reference:
    """Read "A1", "$A$1:B7", "A:C", "2:5", with or without a title."""
    head, mark, rest = text.rpartition("!")
    title = None
    if mark:
        title = head[1:-1].replace("''", "'") if head.startswith("'") else head
    first, colon, second = rest.partition(":")
    return Reference(title, _point(first), _point(second) if colon else None)


def turn(formula: str, change: Callable[[Reference], Reference | None]) -> str:
    """Give a formula with each reference changed; None makes it #REF!."""

    def one(match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        if match.start() and _BEFORE.match(formula[match.start() - 1]):
            return match[0]
        changed = change(parse_reference(match[0]))
        return "#REF!" if changed is None else str(changed)

    return _REFERENCE.sub(one, formula)


def moved(formula: str, rows: int, columns: int) -> str:
    """Give a formula as it stands when copied so many rows and columns away."""

    def move(point: Point) -> Point | None:
        row = point.row if point.row is None or point.fixed_row else point.row + rows
        column = point.column if point.column is None or point.fixed_column else point.column + columns
        if (row is not None and row < 0) or (column is not None and column < 0):
            return None
        return Point(row, column, point.fixed_row, point.fixed_column)

    def change(reference: Reference) -> Reference | None:
        start = move(reference.start)
        end = move(reference.end) if reference.end is not None else None
        if start is None or (reference.end is not None and end is None):
            return None
        return Reference(reference.title, start, end)

    return turn(formula, change) if rows or columns else formula
