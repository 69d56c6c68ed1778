"""
Rows and columns inserted, deleted and moved: cells go along, and so does all that names a place - merges, rules, protected
ranges, filters, named ranges, developer metadata and formulas of every tab.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.sheets_double.errors import Refused
from tests.sheets_double.model import BLANK_ROW, EMPTY, Book, Cell, Column, Formula, Json, Row, Tab
from tests.sheets_double.references import Point, Reference, turn


@dataclass(frozen=True)
class Insertion:
    """So many lines before this one. `inherits`: what ends just before grows with them."""

    at: int
    count: int
    inherits: bool = False

    def index(self, old: int) -> int | None:
        """Give where a line is now."""
        return old + self.count if old >= self.at else old

    def span(self, start: int, end: int, *, grows: bool = False) -> tuple[int, int] | None:
        """Give where lines start to end are now; None: nowhere."""
        if start >= self.at:
            return start + self.count, end + self.count
        reaches = end > self.at or (grows and self.inherits and end == self.at)
        return start, end + self.count if reaches else end


@dataclass(frozen=True)
class Deletion:
    """Lines from start to end."""

    start: int
    end: int

    def index(self, old: int) -> int | None:
        """Give where a line is now."""
        if self.start <= old < self.end:
            return None
        return old if old < self.start else old - (self.end - self.start)

    def span(self, start: int, end: int, *, grows: bool = False) -> tuple[int, int] | None:
        """Give where lines start to end are now; None: nowhere."""
        count = self.end - self.start
        first = start if start <= self.start else max(self.start, start - count)
        last = end if end <= self.start else max(self.start, end - count)
        return (first, last) if first < last or start == end else None


@dataclass(frozen=True)
class Move:
    """Lines from start to end, to before line `to`."""

    start: int
    end: int
    to: int

    def index(self, old: int) -> int:
        """Give where a line is now."""
        count = self.end - self.start
        if self.start <= old < self.end:
            return old - self.start + (self.to if self.to <= self.start else self.to - count)
        if self.to <= old < self.start:
            return old + count
        return old - count if self.end <= old < self.to else old

    def span(self, start: int, end: int, *, grows: bool = False) -> tuple[int, int] | None:
        """Give where lines start to end are now: those that stay together, or all where they all do."""
        if end - start > 5_000:
            return start, end
        now = sorted(self.index(old) for old in range(start, end))
        if not now or now[-1] - now[0] + 1 == len(now):
            return (now[0], now[-1] + 1) if now else (start, end)
        kept = [self.index(old) for old in range(start, end) if not self.start <= old < self.end]
        return min(kept), max(kept) + 1


Shift = Insertion | Deletion | Move


def insert(book: Book, tab: Tab, axis: str, at: int, count: int, *, inherit_before: bool) -> None:
    """
    Insert rows or columns.

    Args:
        axis: "ROWS" or "COLUMNS".
    """
    size = tab.row_count if axis == "ROWS" else tab.column_count
    if not 0 <= at <= size or count < 1:
        raise Refused(f"range.startIndex[{at}] is out of the grid: {size}")
    if inherit_before and at == 0:
        raise Refused("inheritFromBefore cannot be true if inserting at the beginning of the sheet.")
    if not inherit_before and at >= size:
        raise Refused("inheritFromBefore cannot be false if inserting at the end of the sheet.")
    pattern = at - 1 if inherit_before else at
    shift = Insertion(at, count, inherit_before)
    if axis == "ROWS":
        like = tab.rows[pattern]
        cells = {column: _look_of(cell) for column, cell in like.cells.items()}
        fresh = Row({column: cell for column, cell in cells.items() if cell != EMPTY}, height=like.height)
        tab.rows[at:at] = [fresh if fresh.cells else BLANK_ROW] * count
        if at < tab.frozen_rows:
            tab.frozen_rows += count
    else:
        tab.rows[:] = [_with_columns(row, at, count, pattern) if row.cells else row for row in tab.rows]
        tab.columns[at:at] = [Column(width=tab.columns[pattern].width)] * count
        if at < tab.frozen_columns:
            tab.frozen_columns += count
    apply_shift(book, tab, axis, shift)


def _look_of(cell: Cell) -> Cell:
    return Cell(fmt=cell.fmt, validation=cell.validation)


def _with_columns(row: Row, at: int, count: int, pattern: int) -> Row:
    cells = {column + count if column >= at else column: cell for column, cell in row.cells.items()}
    like = _look_of(row.cells.get(pattern, EMPTY))
    if like != EMPTY:
        cells |= dict.fromkeys(range(at, at + count), like)
    return row.having(cells=cells)


def delete(book: Book, tab: Tab, axis: str, start: int, end: int) -> None:
    """Delete rows or columns."""
    size = tab.row_count if axis == "ROWS" else tab.column_count
    if not 0 <= start < end or end > size:
        raise Refused(
            f"Cannot delete a {axis.lower()[:-1]} that doesn't exist. Tried to delete {start} to {end} of {size}."
        )
    if end - start == size:
        raise Refused(f"You can't delete all the {axis.lower()} on the sheet.")
    frozen = tab.frozen_rows if axis == "ROWS" else tab.frozen_columns
    if frozen and start <= frozen and end >= size:
        raise Refused(f"Sorry, it is not possible to delete all non-frozen {axis.lower()}.")
    gone = max(0, min(end, frozen) - start) if start < frozen else 0
    if axis == "ROWS":
        del tab.rows[start:end]
        tab.frozen_rows -= gone
    else:
        tab.rows[:] = [_without_columns(row, start, end) if row.cells else row for row in tab.rows]
        del tab.columns[start:end]
        tab.frozen_columns -= gone
    apply_shift(book, tab, axis, Deletion(start, end))


def _without_columns(row: Row, start: int, end: int) -> Row:
    count = end - start
    cells = {
        column - count if column >= end else column: cell
        for column, cell in row.cells.items()
        if not start <= column < end
    }
    return row.having(cells=cells)


def move(book: Book, tab: Tab, axis: str, start: int, end: int, to: int) -> None:
    """Move rows or columns to before line `to`, counted as they stand before the move."""
    size = tab.row_count if axis == "ROWS" else tab.column_count
    if not 0 <= start < end <= size or not 0 <= to <= size:
        raise Refused(f"source or destinationIndex[{to}] is out of the grid: {size}")
    if start <= to <= end:
        return
    for merge in tab.merges:
        first, last = _ends(merge, axis, size)
        if (first < start < last) or (first < end < last) or first < to < last:
            raise Refused("You can't move part of a merged cell. Unmerge the cells first.")
    shift = Move(start, end, to)
    order = sorted(range(size), key=shift.index)
    if axis == "ROWS":
        tab.rows[:] = [tab.rows[old] for old in order]
    else:
        tab.columns[:] = [tab.columns[old] for old in order]
        tab.rows[:] = [
            row.having(cells={shift.index(column): cell for column, cell in row.cells.items()}) if row.cells else row
            for row in tab.rows
        ]
    apply_shift(book, tab, axis, shift)


def _ends(place: Mapping[str, Any], axis: str, size: int) -> tuple[int, int]:
    word = "Row" if axis == "ROWS" else "Column"
    return int(place.get(f"start{word}Index", 0)), int(place.get(f"end{word}Index", size))


def apply_shift(book: Book, tab: Tab, axis: str, shift: Shift) -> None:
    """Turn everything that names places in a tab."""

    def turned(thing: Json) -> Json | None:
        found: Json | None = shift_ranges(thing, tab.sheet_id, axis, shift)
        return found

    def alive(things: list[Json]) -> list[Json]:
        return [found for thing in things if (found := turned(thing)) is not None]

    tab.merges[:] = [each for each in alive(tab.merges) if _is_more_than_a_cell(each)]
    tab.rules[:] = [found for rule in tab.rules if (found := _shift_rule(rule, tab, axis, shift))]
    tab.protected[:] = alive(tab.protected)
    tab.filter_views[:] = alive(tab.filter_views)
    if tab.basic_filter is not None:
        tab.basic_filter = turned(tab.basic_filter)
    book.named[:] = alive(book.named)
    book.metadata = {
        number: found
        for number, each in book.metadata.items()
        if (found := _shift_metadata(each, tab, axis, shift)) is not None
    }
    shift_formulas(book, tab, axis, shift)


def _is_more_than_a_cell(merge: Json) -> bool:
    height = merge["endRowIndex"] - merge["startRowIndex"]
    return bool(height > 1 or merge["endColumnIndex"] - merge["startColumnIndex"] > 1)


def shift_ranges(thing: Any, sheet_id: int, axis: str, shift: Shift, *, grows: bool = False) -> Any:
    """Turn all GridRanges within some JSON; None where the outermost range is gone."""
    if isinstance(thing, list):
        return [
            found for each in thing if (found := shift_ranges(each, sheet_id, axis, shift, grows=grows)) is not None
        ]
    if not isinstance(thing, dict):
        return thing
    word = "Row" if axis == "ROWS" else "Column"
    start, end = f"start{word}Index", f"end{word}Index"
    if (start in thing or end in thing) and thing.get("sheetId", 0) == sheet_id:
        ends = shift.span(thing.get(start, 0), thing.get(end, 1 << 30), grows=grows)
        if ends is None:
            return None
        now = dict(thing)
        if start in thing:
            now[start] = ends[0]
        if end in thing:
            now[end] = ends[1]
        return now
    changed = {}
    for name, value in thing.items():
        found = shift_ranges(value, sheet_id, axis, shift, grows=grows)
        if found is None and isinstance(value, dict) and name == "range":
            return None
        changed[name] = found
    return changed


def _shift_rule(rule: Json, tab: Tab, axis: str, shift: Shift) -> Json | None:
    now = shift_ranges(rule, tab.sheet_id, axis, shift, grows=True)
    return now if now and now["ranges"] else None


def _shift_metadata(metadata: Json, tab: Tab, axis: str, shift: Shift) -> Json | None:
    place = metadata["location"].get("dimensionRange")
    if place is None or place.get("sheetId", 0) != tab.sheet_id or place["dimension"] != axis:
        return metadata
    ends = shift.span(place["startIndex"], place["endIndex"])
    if ends is None:
        return None
    place = place | {"startIndex": ends[0], "endIndex": ends[1]}
    return metadata | {"location": metadata["location"] | {"dimensionRange": place}}


def shift_formulas(book: Book, tab: Tab, axis: str, shift: Shift) -> None:
    """Turn the references to a tab in all formulas."""

    def changer(home: Tab) -> Callable[[Reference], Reference | None]:
        def change(reference: Reference) -> Reference | None:
            target = home if reference.title is None else book.titled(reference.title)
            return shift_reference(reference, axis, shift) if target is tab else reference

        return change

    for home, row, column, cell in list(book.formulas()):
        if isinstance(cell.entered, Formula):
            text = "=" + turn(cell.entered.text[1:], changer(home))
            if text != cell.entered.text:
                home.put(row, column, replace(cell, entered=Formula(text)))


def shift_reference(reference: Reference, axis: str, shift: Shift) -> Reference | None:
    """Give a reference as it reads after a change of its tab; None: what it named is gone."""

    def line(point: Point) -> int | None:
        return point.row if axis == "ROWS" else point.column

    def at(point: Point, number: int) -> Point:
        return replace(point, row=number) if axis == "ROWS" else replace(point, column=number)

    first = line(reference.start)
    if reference.end is None:
        assert first is not None
        now = shift.index(first)
        return None if now is None else replace(reference, start=at(reference.start, now))
    last = line(reference.end)
    if first is None:
        return reference
    if last is None:
        moved = shift.index(first)
        return reference if moved is None else replace(reference, start=at(reference.start, moved))
    ends = shift.span(min(first, last), max(first, last) + 1)
    if ends is None:
        return None
    return replace(reference, start=at(reference.start, ends[0]), end=at(reference.end, ends[1] - 1))


def resize(book: Book, tab: Tab, rows: int, columns: int) -> None:
    """Make the grid as large as asked, at its lower and right ends."""
    if rows < 1 or columns < 1:
        raise Refused("You can't delete all the rows on the sheet.")
    if rows > tab.row_count:
        tab.rows += [BLANK_ROW] * (rows - tab.row_count)
    elif rows < tab.row_count:
        delete(book, tab, "ROWS", rows, tab.row_count)
    if columns > tab.column_count:
        tab.columns += [Column()] * (columns - tab.column_count)
    elif columns < tab.column_count:
        delete(book, tab, "COLUMNS", columns, tab.column_count)
