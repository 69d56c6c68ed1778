"""
Put orders into a workbook that is loaded: update the rows that are there, add those that are not, touch nothing of
hers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import MergedCell
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.formatting.formatting import ConditionalFormatting, ConditionalFormattingList
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from intake.sheet import Cell, Found, OrderRow, SheetTooLarge, canonical, same_value
from intake.sheet.columns import ORDERS, TABS, Tab
from intake.sheet.workbook_book import Content, Row
from intake.sheet.workbook_look import Dresses, Look, check_length, fit_height, keep_choices, literal, make_tab, put
from intake.sheet.workbook_rows import insert_rows


@dataclass
class Outcome:
    """
    What was done in memory.

    Attributes:
        touched: whether anything has changed, so that the book must be saved.
        expected: ref -> what must be read back: code of the tab -> one mapping of code -> value per row.
        marked: place of a mark in the request -> number of its row, and the cells that must be read back.
    """

    touched: bool = False
    expected: dict[str, dict[str, list[Mapping[str, Cell]]]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    edited: dict[str, dict[str, Found]] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    marked: dict[int, tuple[int, Mapping[str, Cell]]] = field(default_factory=dict)


def apply(book: Workbook, tabs: Mapping[str, Content], rows: Sequence[OrderRow], look: Look) -> Outcome:
    """
    Make a loaded workbook show these orders.

    Args:
        book: with the tabs, as load() gives it.
        tabs: what stands in it (tabs_of).
        rows: the orders; of two with one ref the later counts.
        look: of what is made anew.

    Raises:
        SheetTextTooLong, SheetTooLarge, SheetWouldLose: the workbook in memory must then be thrown away.
    """
    outcome = Outcome()
    contents = dict(tabs)
    for tab in TABS:
        if tab.code not in contents:
            header = make_tab(book, tab, look)
            contents[tab.code] = Content(tab.titles[look.language], header, (), {})
            outcome.created.append(tab.code)
            outcome.touched = True
    wanted = _orders(contents[ORDERS.code], {row.ref: row for row in rows}, outcome)
    for tab in TABS:
        writer = TabWriter(book, tab, contents[tab.code], look)
        if tab is ORDERS:
            for order in wanted:
                _place_order(writer, order, outcome)
        else:
            for order in wanted:
                _place_details(writer, order, outcome)
        writer.add_fresh()
        outcome.touched = outcome.touched or writer.touched
    if outcome.touched:
        work_out_again(book)
    return outcome


def work_out_again(book: Workbook) -> None:
    """Have the program that opens the book next work out her formulas: openpyxl does not keep their results."""
    book.calculation = book.calculation or CalcProperties()
    book.calculation.fullCalcOnLoad = True


def mark_rows(book: Workbook, content: Content, marks: Sequence[Mapping[str, Any]]) -> Outcome:
    """
    Write cells into rows of hers, each found by its values.

    Args:
        book: with the orders tab, as load() gives it; content is what stands in that tab.
        marks: {"values": of the row as it was read, "row": its number then, "cells": code -> value}.
    """
    outcome = Outcome()
    sheet: Worksheet = book[content.title]
    left = [row for row in content.rows if not row.ref]
    for place, mark in enumerate(marks):
        alike = [row for row in left if _holds(row, mark["values"])]
        if not alike:
            continue
        row = min(alike, key=lambda each: abs(each.number - mark["row"]))
        cells = {code: sheet.cell(row.number, content.header.places[code]) for code in mark["cells"]}
        if any(isinstance(cell, MergedCell) for cell in cells.values()):
            continue  # nothing can be shown there
        left.remove(row)
        for code, value in mark["cells"].items():
            column = ORDERS.column(code)
            put(cells[code], value, column.kind)
            if column.wrap:
                fit_height(sheet, row.number, ORDERS, {**row.values, **mark["cells"]})
        outcome.marked[place] = (row.number, mark["cells"])
        outcome.touched = True
    if outcome.touched:
        work_out_again(book)
    return outcome


def _holds(row: Row, values: Mapping[str, Found]) -> bool:
    return all(
        same_value(row.values.get(column.code), values.get(column.code))
        for column in ORDERS.columns
        if column.code not in row.unknown
    )


def _orders(content: Content, rows: Mapping[str, OrderRow], outcome: Outcome) -> list[OrderRow]:
    """Give the orders that can be written; the others are reported."""
    wanted = []
    for ref, order in rows.items():
        for code, value in order.values.items():
            check_length(value, tab=ORDERS.code, ref=ref, column=code)
        for tab_code, details in order.details().items():
            for detail in details:
                for code, value in detail.items():
                    check_length(value, tab=tab_code, ref=ref, column=code)
        found = content.by_ref.get(ref, ())
        if len(found) > 1:
            outcome.duplicates.append(ref)
        elif not found and not order.insert:
            outcome.missing.append(ref)
        else:
            outcome.expected[ref] = {}
            wanted.append(order)
    return wanted


def _place_order(writer: TabWriter, order: OrderRow, outcome: Outcome) -> None:
    values: dict[str, Cell] = {**order.values, "ref": order.ref}
    found = writer.content.by_ref.get(order.ref, ())
    if not found:
        writer.fresh.append(values)
    else:
        row = found[0]
        for column in ORDERS.columns:
            code = column.code
            if column.editable and code in values:
                stands = row.values.get(code)
                if code in row.unknown:
                    del values[code]
                elif (
                    not order.final
                    and not same_value(stands, literal(values[code]))
                    and not same_value(stands, _seen(order, code, values[code]))
                ):
                    outcome.edited.setdefault(order.ref, {})[code] = stands
                    del values[code]
        values = writer.update(row, values)
    outcome.expected[order.ref][ORDERS.code] = [values]


def _seen(order: OrderRow, code: str, wanted: Cell) -> Found:
    seen = order.seen.get(code, wanted)
    return literal(seen) if isinstance(seen, str) else seen


def _place_details(writer: TabWriter, order: OrderRow, outcome: Outcome) -> None:
    rows = list(writer.content.by_ref.get(order.ref, ()))
    details: list[Mapping[str, Cell]] = [
        {**detail, "ref": order.ref} for detail in order.details().get(writer.tab.code, ())
    ]
    outcome.expected[order.ref][writer.tab.code] = expected = []
    for detail, row in zip(details, match_rows(writer.tab, details, rows), strict=True):
        if row is None:
            writer.fresh.append(detail)
            expected.append(detail)
        else:
            expected.append(writer.update(row, detail))


def match_rows(tab: Tab, details: Sequence[Mapping[str, Cell]], rows: Sequence[Row]) -> list[Row | None]:
    """
    Give each detail of an order its row, None where it needs a fresh one.

    By what it is about first, so that what she noted beside a line stays with it when she sorts; what is left over goes
    by position.
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


class TabWriter:
    """Writes into one tab. Rows keep their numbers until add_fresh(), which comes last."""

    def __init__(self, book: Workbook, tab: Tab, content: Content, look: Look) -> None:
        self.book, self.tab, self.content, self.look = book, tab, content, look
        self.sheet: Worksheet = book[content.title]
        self.fresh: list[Mapping[str, Cell]] = []
        self.touched = False

    def update(self, row: Row, values: Mapping[str, Cell]) -> dict[str, Cell]:
        """Write what differs; gives what must stand there now, which leaves out cells that she merged away."""
        stands: dict[str, Cell] = {}
        for column in self.tab.columns:
            if column.code not in values:
                continue
            value = values[column.code]
            if column.code in row.unknown or not same_value(row.values.get(column.code), literal(value)):
                cell = self._cell(row.number, column.code)
                if cell is None:
                    continue
                put(cell, value, column.kind)
                self.touched = True
                if column.wrap:
                    fit_height(self.sheet, row.number, self.tab, {**row.values, **values})
            stands[column.code] = value
        return stands

    def add_fresh(self) -> None:
        """
        Put the fresh rows directly below the last row with a ref.

        Rows there in which nothing of ours stands are used: her own formulas or tick boxes may be filled down ahead.
        Where something stands, rows are inserted.
        """
        count = len(self.fresh)
        if not count:
            return
        with_ref = [row.number for row in self.content.rows if row.ref]
        pattern = max(with_ref, default=None)
        if len(self.content.rows) + count > self.tab.ceiling:
            raise SheetTooLarge(tab=self.content.title, rows=len(self.content.rows) + count, ceiling=self.tab.ceiling)
        last = self._below_merges(pattern or self.content.header.row)
        free = self._free_below(last, count)
        if free < count:
            insert_rows(self.book, self.sheet, last + 1 + free, count - free)
        self._extend_ranges(pattern, last + count)
        dresses = Dresses(self.sheet, self.tab)
        hers = self._her_columns(pattern)
        for number, values in enumerate(self.fresh, start=last + 1):
            for column in self.tab.columns:
                cell = self._cell(number, column.code)
                if cell is not None:
                    dresses.put_on(cell, column.code, column.kind)
                    put(cell, values.get(column.code), column.kind)
            fit_height(self.sheet, number, self.tab, values)
            for place in hers:
                self._fill_down(pattern or 0, number, place)
        status = next((column for column in self.tab.columns if column.code == "status" and column.editable), None)
        if status is not None:
            keep_choices(self.sheet, self.look, self.content.header.places["status"], last + 1, last + count)
        self.touched = True

    def _cell(self, row: int, code: str) -> BookCell | None:
        """Give a cell of ours, None where she merged it away: nothing can be shown there."""
        cell = self.sheet.cell(row, self.content.header.places[code])
        return None if isinstance(cell, MergedCell) else cell

    def _below_merges(self, last: int) -> int:
        """
        Give last, or the last row of a merge over our columns that hangs down from it: nothing can be written inside
        one.
        """
        for merge in sorted(self.sheet.merged_cells.ranges, key=lambda each: each.min_row):
            if merge.min_row <= last < merge.max_row and self._over_ours(merge):
                last = merge.max_row
        return last

    def _over_ours(self, merge: CellRange) -> bool:
        return any(merge.min_col <= place <= merge.max_col for place in self.content.header.places.values())

    def _free_below(self, last: int, count: int) -> int:
        """Give how many of the rows below hold nothing in our columns, no merge over them and no end of a table."""
        taken = {row.number for row in self.content.rows}
        for merge in self.sheet.merged_cells.ranges:
            if self._over_ours(merge):
                taken.update(range(merge.min_row, merge.max_row + 1))
        for table in self.sheet.tables.values():
            box = CellRange(table.ref)
            if box.min_row > last:
                taken.update(range(box.min_row, box.max_row + 1))
            elif table.totalsRowCount:
                taken.add(box.max_row)
        free = 0
        while free < count and last + 1 + free not in taken:
            free += 1
        return free

    def _her_columns(self, pattern: int | None) -> list[int]:
        if pattern is None:
            return []
        ours = set(self.content.header.places.values())
        return [place for place in range(1, self.sheet.max_column + 1) if place not in ours]

    def _fill_down(self, pattern: int, number: int, place: int) -> None:
        """Carry her own column on as a spreadsheet does: its format, and its formula where there is one."""
        cells: Any = self.sheet._cells
        above = cells.get((pattern, place))
        if above is None or isinstance(above, MergedCell):
            return
        value = above.value
        formula = value if above.data_type == "f" and isinstance(value, str) else None
        if formula is None and not above.has_style:
            return
        cell: Any = self.sheet.cell(number, place)
        if isinstance(cell, MergedCell):
            return
        if not cell.has_style:
            cell._style = copy(above._style)
        if formula is not None and cell.value is None:
            try:
                cell.value = Translator(formula, above.coordinate).translate_formula(cell.coordinate)
            except TranslatorError:  # it would point above the first row; hers to decide
                return

    def _extend_ranges(self, pattern: int | None, end: int) -> None:
        """
        Let a table, filter, validation or conditional format that ends at the last order (or the bare header) reach
        over the fresh rows.
        """
        last = pattern or self.content.header.row
        for table in self.sheet.tables.values():
            if not table.totalsRowCount:
                table.ref = _longer(table.ref, last, end)
                if table.autoFilter is not None and table.autoFilter.ref:
                    table.autoFilter.ref = _longer(table.autoFilter.ref, last, end)
        if self.sheet.auto_filter.ref:
            self.sheet.auto_filter.ref = _longer(self.sheet.auto_filter.ref, last, end)
        if pattern is None:
            return
        for validation in self.sheet.data_validations.dataValidation:
            validation.sqref = _all_longer(validation.sqref, last, end)
        rebuilt = ConditionalFormattingList()
        for formats in self.sheet.conditional_formatting:
            longer = ConditionalFormatting(_all_longer(formats.sqref, last, end), formats.pivot)
            for rule in list(formats.rules):
                rebuilt.add(longer, rule)
        self.sheet.conditional_formatting = rebuilt


def _longer(ref: str, last: int, end: int) -> str:
    box = CellRange(ref)
    if box.max_row == last:
        box.max_row = end
    return box.coord


def _all_longer(ranges: MultiCellRange, last: int, end: int) -> MultiCellRange:
    # A single cell is a mark on that one order, not a rule for the column.
    return MultiCellRange(
        [CellRange(_longer(each.coord, last, end)) if each.min_row < each.max_row else each for each in ranges.ranges]
    )
