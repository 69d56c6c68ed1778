"""
When she moved rows or columns just between our look and our write: what our words have covered, and how it is put back.

A write can't be made conditional on what stands there. So the neighbourhood of the cells is read before, as it was typed;
afterwards each row that we wrote into is recognised by all its other cells, and what stood in the cell goes back there.
No calls in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from intake.sheet import Cell, Found, canonical, same_value
from intake.sheet.columns import normal
from intake.sheet.google_fence import Evidence
from intake.sheet.google_read import Cells, Place
from intake.sheet.google_write import Request, Sent, carries_on, copy_formula, is_formula, update_cells

# Rows around a cell that is written over which are read before.
AROUND = 10
# Cells that must agree before two rows are taken for the same.
_AGREE = 3


@dataclass(frozen=True)
class Neighbourhood:
    """
    Rows of a tab as they were typed, at one moment.

    Attributes:
        cells: theirs. header: number of the header row.
    """

    cells: Cells
    header: int

    def row(self, number: int) -> dict[int, Found]:
        """Give column -> value."""
        return {column: value for (row, column), value in self.cells.values.items() if row == number}

    @property
    def numbers(self) -> list[int]:
        """Give the rows that hold something."""
        return sorted({row for row, _ in self.cells.values})


@dataclass(frozen=True)
class Covered:
    """A cell that holds a word of ours which belongs elsewhere, and what stood there."""

    row: int
    column: int
    stood: Found


def find_covered(sent: Iterable[Sent], before: Neighbourhood, now: Neighbourhood) -> list[Covered]:
    """
    Find out what our words have covered.

    Args:
        sent: cells of one tab that were written over, where they were aimed.
        before: the rows around them at the look that the write was made from; now: the same row numbers, and the header
            row, as they stand.
    """
    columns = _columns(before, now)
    if columns is None:
        return []
    by_row: dict[int, dict[int, Sent]] = {}
    for each in sent:
        by_row.setdefault(each.row, {})[each.column] = each
    found = []
    for number, ours in by_row.items():
        row = now.row(number)
        standing = {column: cell for column, cell in ours.items() if same_value(row.get(column), cell.value)}
        if not standing:
            continue
        source = _recognise(row, set(standing), columns, before, number)
        if source is None and any(canonical(value) for column, value in row.items() if column not in standing):
            continue
        if source is None:
            # Nothing else stands in the row: it is the one between its neighbours, or one that was not there before.
            source = _between(by_row, columns, before, now, number)
        old = before.row(source) if source is not None else {}
        for column, cell in standing.items():
            was = columns.get(column)
            if source == cell.row and was == cell.column:
                continue  # just where it belongs
            found.append(Covered(number, column, old.get(was) if was is not None else None))
    return found


def _columns(before: Neighbourhood, now: Neighbourhood) -> dict[int, int] | None:
    """Give column now -> column before, by the headers; None where they can't be told."""
    old, new = before.row(before.header), now.row(now.header)
    if _same_headers(old, new):
        width = max([*(column for _, column in before.cells.values), *(column for _, column in now.cells.values), 1])
        return {column: column for column in range(1, width + 1)}
    named = {normal(value): column for column, value in old.items() if normal(value)}
    if len(named) < _AGREE:
        return None
    found = {column: named[normal(value)] for column, value in new.items() if normal(value) in named}
    return found if 2 * len(found) >= len(named) else None


def _same_headers(old: Mapping[int, Found], new: Mapping[int, Found]) -> bool:
    """Say whether headers stand in the same columns; a cell of a header that was itself written over may differ."""
    same = sum(1 for column, value in old.items() if same_value(new.get(column), value))
    return 2 * same > len(old)


def _recognise(
    row: Mapping[int, Found], ours: set[int], columns: Mapping[int, int], before: Neighbourhood, number: int
) -> int | None:
    """Give the number that a row had before, by all its cells but ours; None where it can't be told."""
    alike = []
    for candidate in before.numbers:
        old = before.row(candidate)
        told = [(row.get(column), old.get(was)) for column, was in columns.items() if column not in ours]
        if all(_agree(a, b) for a, b in told) and sum(1 for a, _ in told if canonical(a)) >= _AGREE:
            alike.append(candidate)
    if number in alike:
        return number
    return alike[0] if len(alike) == 1 else None


def _between(
    sent: Mapping[int, Mapping[int, Sent]],
    columns: Mapping[int, int],
    before: Neighbourhood,
    now: Neighbourhood,
    number: int,
) -> int | None:
    """Give the number that a row had before, by those above and below it; None where these were neighbours."""
    steps = set()
    for beside in (number - 1, number + 1):
        source = _recognise(now.row(beside), set(sent.get(beside, ())), columns, before, beside)
        steps.add(None if source is None else source - beside)
    step = steps.pop()
    return number + step if not steps and step is not None else None


def _agree(a: Found, b: Found) -> bool:
    # A formula that moved with its row points elsewhere now.
    return (is_formula(a) and is_formula(b)) or same_value(a, b)


def put_back(place: Place, covered: Sequence[Covered], now: Neighbourhood) -> list[Request]:
    """Give the requests that put back what stood in cells; a formula of hers as it stands in the row beside it."""
    cells = {(each.row, each.column) for each in covered}
    found: list[Request] = []
    for each in covered:
        if not is_formula(each.stood):
            found.append(_typed(place, each))
            continue
        beside = (number for number in (each.row - 1, each.row + 1) if (number, each.column) not in cells)
        source = next((number for number in beside if is_formula(now.cells.values.get((number, each.column)))), None)
        if source is not None:
            found.append(copy_formula(place, source, each.column, each.row))
        else:
            found.append(_typed(place, each, formula=True))
    return found


def _typed(place: Place, covered: Covered, *, formula: bool = False) -> Request:
    """Put a value of hers back as she typed it. The one place where a formula is written: it was hers before."""
    request = update_cells(place, covered.row, covered.column, [None])
    value = covered.stood
    if value is not None:
        kind = "formulaValue" if formula else "stringValue" if isinstance(value, str) else "numberValue"
        typed: dict[str, object] = {kind: value}
        if value in {"TRUE", "FALSE"}:
            typed = {"boolValue": value == "TRUE"}
        request["updateCells"]["rows"] = [{"values": [{"userEnteredValue": typed}]}]
    return request


def mend_fresh(
    place: Place,
    evidence: Evidence,
    column_of_refs: Cells,
    rows: Neighbourhood,
    values: Sequence[Mapping[str, Cell]],
) -> list[Request]:
    """
    Put inserted rows right whose columns she moved while they were on their way.

    Args:
        place: the tab as it stands now.
        evidence: where they were aimed.
        column_of_refs: the column where the refs were put.
        rows: whole rows as they stand, of every row that has one of the refs there, and of the one above.
        values: of the inserted rows in their order; may be empty: then only the ref is put in its place, and the
            order's next write does the rest.
    """
    known = evidence.places[place.tab.code]
    wanted = list(evidence.fresh.get(place.tab.code, ()))
    by_ref: dict[str, list[Mapping[str, Cell]]] = {}
    for each in values:
        by_ref.setdefault(str(each["ref"]), []).append(each)
    found: list[Request] = []
    numbers = sorted(
        row for (row, column), value in column_of_refs.values.items() if column == known["ref"] and value in wanted
    )
    for number in numbers:
        ref = str(column_of_refs.values[number, known["ref"]])
        left = by_ref.get(ref, [])
        fill: Mapping[str, Cell] = left.pop(0) if left else {"ref": ref}
        for code, column in place.header.places.items():
            if code in fill or code in known:
                found.append(update_cells(place, number, column, [fill.get(code)]))
        found += _her_cells(place, rows, number, numbers[0] - 1)
    return found


def _her_cells(place: Place, rows: Neighbourhood, number: int, above: int) -> list[Request]:
    """
    Give what stands in her columns of an inserted row: her formulas, carried on, and nothing else. What is there now are
    words of ours, or a neighbour's that came with a formula's place.
    """
    ours = set(place.header.places.values())
    pattern, row = rows.row(above), rows.row(number)
    found = []
    for column in sorted((pattern.keys() | row.keys()) - ours):
        if carries_on(pattern.get(column)):
            found.append(copy_formula(place, above, column, number))
        elif column in row:
            found.append(update_cells(place, number, column, [None]))
    return found
