"""
What is sent to a Google spreadsheet: orders and what stands there in, the requests of one atomic batch out. No calls in
here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from intake.sheet import Cell, Found, OrderRow, SheetTextTooLong, SheetTooLarge, canonical, same_value
from intake.sheet.columns import ORDERS, TABS, Column, Header, Tab
from intake.sheet.google_read import Cells, Content, Place, Row, TabLayout, below_merges, is_covered

# UTF-16 units that a cell holds.
CELL_CEILING = 50_000
# Characters that a spreadsheet can't hold, or that its JSON can't carry.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A formula that fills cells beside its own: copied down it would stand in its own way.
_SPILLS = re.compile(
    r"\b(ARRAYFORMULA|QUERY|FILTER|SORT|UNIQUE|IMPORTRANGE|SEQUENCE|MAP|BYROW|SCAN|MAKEARRAY)\s*\(", re.IGNORECASE
)

Request = dict[str, Any]


def literal(value: Cell) -> Cell:
    """Give a value as it can stand in a cell: what none can hold becomes U+FFFD, line ends LF, and "" None."""
    if not isinstance(value, str):
        return value
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", value.replace("\r\n", "\n").replace("\r", "\n")) or None


@dataclass(frozen=True)
class Sent:
    """A cell that is written over what stood there: in which row and column, whose it is, and what was put in."""

    tab: str
    ref: str
    code: str
    row: int
    column: int
    value: Cell


@dataclass(frozen=True)
class Fresh:
    """Rows that are inserted: at which row (from 1), and what stands in each."""

    tab: str
    at: int
    rows: tuple[Mapping[str, Cell], ...]


@dataclass
class Plan:
    """
    One write, thought out against one look.

    Attributes:
        requests: of the batch, without the fence.
        expected: ref -> code of the tab -> (row that it will have, what must stand there), one for each of its rows.
        sent: cells written over; fresh: rows inserted.
        places: where the tabs stand for which this was made, with those that it makes.
        hands: place of a mark -> (row, cells) that must stand there, for marks in rows of hers.
    """

    places: dict[str, Place]
    requests: list[Request] = field(default_factory=list)
    expected: dict[str, dict[str, list[tuple[int, Mapping[str, Cell]]]]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    fresh: list[Fresh] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    edited: dict[str, dict[str, Found]] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    hands: dict[int, tuple[int, Mapping[str, Found]]] = field(default_factory=dict)


def plan_write(
    contents: Mapping[str, Content],
    rows: Sequence[OrderRow],
    formulas: Mapping[str, Cells],
    *,
    language: str,
    new_number: int,
    headers: Mapping[str, Mapping[str, str]] | None = None,
) -> Plan:
    """
    Think out the write that makes the spreadsheet show these orders.

    Args:
        contents: code of the tab -> what stands there: of every row of these orders all our columns, of the others at
            least the ref.
        rows: of two with one ref the later counts.
        formulas: code of the tab -> cells of its rows as they were typed; of the last row with a ref at least, so that
            her own formulas can be carried on.
        language: of headers that are made.
        new_number: sheetId of a tab that is made; headers: code of the tab -> code -> the header by which a column is
            found instead of ours.

    Raises:
        SheetTextTooLong, SheetTooLarge
    """
    plan = Plan({code: content.place for code, content in contents.items()})
    all_contents = dict(contents)
    for tab in TABS:
        if tab.code not in all_contents:
            all_contents[tab.code] = make_tab(plan, tab, language, new_number, (headers or {}).get(tab.code, {}))
    wanted = _orders(plan, all_contents[ORDERS.code], {row.ref: row for row in rows})
    for tab in TABS:
        content = all_contents[tab.code]
        fresh: list[tuple[str, Mapping[str, Cell]]] = []
        updates: list[Sent] = []
        for order in wanted:
            if tab is ORDERS:
                _plan_order(plan, content, order, updates, fresh)
            else:
                _plan_details(plan, content, order, updates, fresh)
        plan.sent += updates
        plan.requests += update_requests(content.place, updates)
        insert(plan, content, fresh, formulas.get(tab.code, Cells()))
    return plan


def plan_marks(content: Content, marks: Sequence[tuple[Mapping[str, Found], int, Mapping[str, Cell]]]) -> Plan:
    """
    Think out the write of cells into rows of hers, each found by its values.

    Args:
        content: all our columns of all rows without a ref.
        marks: (values of the row as it was read, its number then, code -> value to write).
    """
    plan = Plan({ORDERS.code: content.place})
    left = [row for row in content.rows if not row.ref]
    for number, (values, near, cells) in enumerate(marks):
        alike = [
            row
            for row in left
            if all(same_value(value, values.get(code)) for code, value in row.values.items())
            and not any(is_covered(content.place.layout, row.number, content.place.column(code)) for code in cells)
        ]
        if not alike:
            continue
        row = min(alike, key=lambda each: abs(each.number - near))
        left.remove(row)
        plan.hands[number] = (row.number, {**values, **cells})
        plan.sent += [
            Sent(ORDERS.code, "", code, row.number, content.place.column(code), literal(value))
            for code, value in cells.items()
        ]
    plan.requests = update_requests(content.place, plan.sent)
    return plan


def make_tab(plan: Plan, tab: Tab, language: str, number: int, hers: Mapping[str, str]) -> Content:
    """Make a tab that may be made again, with its header."""
    header = Header(1, {column.code: place for place, column in enumerate(tab.columns, start=1)})
    layout = TabLayout(number, tab.titles[language], 1000, max(26, len(tab.columns)))
    place = Place(tab, layout, header)
    plan.requests.append(
        {
            "addSheet": {
                "properties": {"sheetId": number, "title": layout.title, "gridProperties": {"frozenRowCount": 1}}
            }
        }
    )
    plan.requests.append(
        update_cells(place, 1, 1, [hers.get(column.code, column.headers[language]) for column in tab.columns])
    )
    plan.places[tab.code] = place
    plan.created.append(tab.code)
    return Content(place, (), {})


def _orders(plan: Plan, content: Content, rows: Mapping[str, OrderRow]) -> list[OrderRow]:
    """Give the orders that can be written; the others are noted."""
    wanted = []
    for ref, order in rows.items():
        for code, value in order.values.items():
            check_length(value, ORDERS.code, ref, code)
        for tab, details in order.details().items():
            for detail in details:
                for code, value in detail.items():
                    check_length(value, tab, ref, code)
        found = content.by_ref.get(ref, ())
        if len(found) > 1:
            plan.duplicates.append(ref)
        elif not found and not order.insert:
            plan.missing.append(ref)
        else:
            plan.expected[ref] = {}
            wanted.append(order)
    return wanted


def check_length(value: Cell, tab: str, ref: str, column: str) -> None:
    """
    Refuse a text that a cell can't hold.

    Raises:
        SheetTextTooLong
    """
    if isinstance(value, str) and len(value) > CELL_CEILING // 2:
        length = len(value.encode("utf-16-le", errors="replace")) // 2
        if length > CELL_CEILING:
            raise SheetTextTooLong(tab=tab, ref=ref, column=column, length=length, ceiling=CELL_CEILING)


def _plan_order(
    plan: Plan, content: Content, order: OrderRow, updates: list[Sent], fresh: list[tuple[str, Mapping[str, Cell]]]
) -> None:
    values: dict[str, Cell] = {code: literal(value) for code, value in order.values.items()} | {"ref": order.ref}
    found = content.by_ref.get(order.ref, ())
    plan.expected[order.ref][ORDERS.code] = []
    if not found:
        fresh.append((order.ref, values))
        return
    row = found[0]
    for column in ORDERS.columns:
        code = column.code
        if column.editable and code in values and code in row.values:
            stands = row.values[code]
            seen = order.seen.get(code, values[code])
            seen = literal(seen) if isinstance(seen, str) else seen
            if not order.final and not same_value(stands, values[code]) and not same_value(stands, seen):
                plan.edited.setdefault(order.ref, {})[code] = stands
                del values[code]
    _update(plan, content, order.ref, row, values, updates)


def _plan_details(
    plan: Plan, content: Content, order: OrderRow, updates: list[Sent], fresh: list[tuple[str, Mapping[str, Cell]]]
) -> None:
    tab = content.place.tab
    plan.expected[order.ref][tab.code] = []
    details = [
        {code: literal(value) for code, value in detail.items()} | {"ref": order.ref}
        for detail in order.details().get(tab.code, ())
    ]
    for detail, row in zip(details, match_rows(tab, details, content.by_ref.get(order.ref, ())), strict=True):
        if row is None:
            fresh.append((order.ref, detail))
        else:
            _update(plan, content, order.ref, row, detail, updates)


def match_rows(tab: Tab, details: Sequence[Mapping[str, Cell]], rows: Iterable[Row]) -> list[Row | None]:
    """
    Give each detail of an order its row, None where it needs a fresh one: by what it is about, and what is left over by
    position, as the workbook does.
    """
    left = list(rows)
    identity = [column.code for column in tab.columns if column.identity]

    def about(values: Mapping[str, Found]) -> tuple[str, ...]:
        return tuple(canonical(values.get(code)) for code in identity)

    matched: list[Row | None] = []
    for detail in details:
        row = next((each for each in left if about(each.values) == about(detail)), None)
        if row is not None:
            left.remove(row)
        matched.append(row)
    return [row if row is not None else (left.pop(0) if left else None) for row in matched]


def _update(plan: Plan, content: Content, ref: str, row: Row, values: Mapping[str, Cell], updates: list[Sent]) -> None:
    """Note the cells that differ, and what must stand there then; what is hidden under a merge is left out."""
    stands: dict[str, Cell] = {}
    for column in content.place.tab.columns:
        code = column.code
        if code not in values or code not in row.values:
            continue
        stands[code] = values[code]
        if not same_value(row.values[code], values[code]):
            updates.append(
                Sent(content.place.tab.code, ref, code, row.number, content.place.column(code), values[code])
            )
    plan.expected[ref][content.place.tab.code].append((row.number, stands))


def insert(plan: Plan, content: Content, fresh: Sequence[tuple[str, Mapping[str, Cell]]], formulas: Cells) -> None:
    """Insert rows below the last one with a ref, filled, and with her own formulas carried on."""
    if not fresh:
        return
    place, count = content.place, len(fresh)
    if len(content.rows) + count > place.ceiling:
        raise SheetTooLarge(tab=place.layout.title, rows=len(content.rows) + count, ceiling=place.ceiling)
    pattern = content.last
    last = below_merges(place, pattern)
    at = last + 1
    has_rows = pattern > place.header.row
    plan.requests.append(
        {
            "insertDimension": {
                "range": _dimension(place, at, count),
                # Below the header its look would be inherited; at the end of the grid there is no other way.
                "inheritFromBefore": has_rows or last >= place.layout.rows,
            }
        }
    )
    codes = sorted((column for column in place.tab.columns), key=lambda column: place.column(column.code))
    for start, run in _runs(place, codes):
        rows = [[values.get(column.code) for column in run] for _, values in fresh]
        plan.requests.append(update_cells(place, at, start, *rows))
    if has_rows:
        plan.requests += _fill_down(place, pattern, at, count, formulas)
    for number, (ref, values) in enumerate(fresh, start=at):
        plan.expected[ref][place.tab.code].append((number, values))
    plan.fresh.append(Fresh(place.tab.code, at, tuple(values for _, values in fresh)))


def _runs(place: Place, columns: Iterable[Column]) -> list[tuple[int, list[Column]]]:
    """Give (first column, our columns from there on without a gap)."""
    found = []
    listed = enumerate(columns)
    for _, run in groupby(listed, key=lambda each: place.column(each[1].code) - each[0]):
        group = [column for _, column in run]
        found.append((place.column(group[0].code), group))
    return found


def _fill_down(place: Place, pattern: int, at: int, count: int, formulas: Cells) -> list[Request]:
    """Copy her formulas from the row above into fresh rows; what she typed there is of that order alone."""
    ours = set(place.header.places.values())
    found = []
    for (row, column), value in sorted(formulas.values.items()):
        if row == pattern and column not in ours and carries_on(value):
            found.append(copy_formula(place, pattern, column, at, count))
    return found


def is_formula(value: Found) -> bool:
    """Say whether a cell read as it was typed holds a formula."""
    return isinstance(value, str) and value.startswith("=") and len(value) > 1


def carries_on(value: Found) -> bool:
    """Say whether a cell holds a formula that goes on in a row inserted below."""
    return is_formula(value) and not _SPILLS.search(str(value))


def copy_formula(place: Place, source: int, column: int, at: int, count: int = 1) -> Request:
    """Copy a formula from a row into others, as filling down does."""
    number = place.layout.number
    return {
        "copyPaste": {
            "source": _grid(number, source, 1, column),
            "destination": _grid(number, at, count, column),
            "pasteType": "PASTE_FORMULA",
        }
    }


def _grid(sheet: int, row: int, rows: int, column: int) -> dict[str, int]:
    return {
        "sheetId": sheet,
        "startRowIndex": row - 1,
        "endRowIndex": row - 1 + rows,
        "startColumnIndex": column - 1,
        "endColumnIndex": column,
    }


def _dimension(place: Place, at: int, count: int) -> dict[str, Any]:
    return {"sheetId": place.layout.number, "dimension": "ROWS", "startIndex": at - 1, "endIndex": at - 1 + count}


def update_requests(place: Place, updates: Iterable[Sent]) -> list[Request]:
    """Give the requests that write these cells: neighbours in one, nothing between them."""
    found = []
    ordered = sorted(updates, key=lambda each: (each.row, each.column))
    for _, run in groupby(enumerate(ordered), key=lambda each: (each[1].row, each[1].column - each[0])):
        group = [sent for _, sent in run]
        found.append(update_cells(place, group[0].row, group[0].column, [sent.value for sent in group]))
    return found


def update_cells(place: Place, row: int, column: int, *rows: Sequence[Cell]) -> Request:
    """Write values, and only values: text stays text, whatever it looks like."""
    return {
        "updateCells": {
            "start": {"sheetId": place.layout.number, "rowIndex": row - 1, "columnIndex": column - 1},
            "rows": [{"values": [cell_of(value) for value in each]} for each in rows],
            "fields": "userEnteredValue",
        }
    }


def cell_of(value: Cell) -> dict[str, Any]:
    """Give a cell as the API takes it: text as stringValue, money and counts as numberValue, never a formula."""
    value = literal(value)
    if value is None:
        return {}
    return {"userEnteredValue": {"stringValue" if isinstance(value, str) else "numberValue": value}}


def fence_request(number: int, key: str, value: str) -> Request:
    """Give the request that can be done only once with this number in a spreadsheet."""
    metadata = {
        "metadataId": number,
        "metadataKey": key,
        "metadataValue": value,
        "visibility": "PROJECT",
        "location": {"spreadsheet": True},
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def unfence_request(number: int) -> Request:
    """Give the request that takes a fence away again."""
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": number}}}}
