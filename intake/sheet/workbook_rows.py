"""
Insert empty rows into a sheet as Excel does it. openpyxl's own insert_rows moves the cells and nothing that points at
them.

Moved along: formulas of all sheets, merges, validations, conditional formats, row heights and hidden rows, comments,
links, filter, tables, print area, page breaks, defined names, pictures and charts with what they show. A reference to a
cell follows the cell; a range that spans the place grows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openpyxl.cell import MergedCell
from openpyxl.formatting.formatting import ConditionalFormatting, ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils import column_index_from_string
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.print_settings import PrintArea
from openpyxl.worksheet.worksheet import Worksheet

from intake.sheet import SheetWouldLose

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})$")
_ROW = re.compile(r"(\$?)([1-9][0-9]{0,6})$")
_COLUMN = re.compile(r"\$?[A-Za-z]{1,3}$")
# Up to a colon outside a quoted sheet name.
_PIECES = re.compile(r"((?:'(?:[^']|'')*'|[^':])*)(:|$)")


def insert_rows(book: Workbook, sheet: Worksheet, at: int, count: int) -> None:
    """
    Make count empty rows above row at (from 1); everything from there on moves down.

    Raises:
        SheetWouldLose: a formula can't be understood (parts=["formula"]), or rows would fall off the end of the sheet
            (parts=["last_rows"]). The book in memory is then half done and must be thrown away.
    """
    if max((row for row, _ in sheet._cells), default=0) + count > MAX_ROW:
        raise SheetWouldLose(parts=["last_rows"], places=[sheet.title])
    insertion = Insertion(sheet.title, at, count)
    for names in [book.defined_names, *(each.defined_names for each in book.worksheets)]:
        for name in names.values():
            if isinstance(name.attr_text, str):
                name.attr_text = insertion.formula("=" + name.attr_text, None)[1:]
    for other in book.worksheets:
        _shift_cells(other, insertion)
        _shift_rules(other, insertion)
        _shift_tables(other, insertion)
        _shift_charts(other, insertion)
    _move_cells(sheet, insertion)
    _move_dimensions(sheet, insertion)
    _move_merges(sheet, insertion)
    _move_settings(sheet, insertion)


def shift_formula(formula: str, home: str, insertion: Insertion) -> str:
    """
    Give a formula, with its equals sign, as it reads after an insertion. home is the title of the sheet that it stands
    in.

    Raises:
        SheetWouldLose: it can't be understood.
    """
    return insertion.formula(formula, home)


@dataclass(frozen=True)
class Insertion:
    """Count rows that are inserted above row at of the sheet with this title."""

    title: str
    at: int
    count: int

    def row(self, row: int) -> int:
        """Give the number that a row has afterwards."""
        return row + self.count if row >= self.at else row

    def cell(self, text: str, *, last: bool = False) -> str:
        """
        Give "A1", "$A$1", "5" or "$5" as it is afterwards; anything else as it is. last: it ends a range, which may not
        leave the sheet.
        """
        match = _CELL.match(text)
        if match and column_index_from_string(match.group(2).upper()) <= MAX_COLUMN:
            head, row = text[: match.start(4)], int(match.group(4))
        elif match := _ROW.match(text):
            head, row = match.group(1), int(match.group(2))
        else:
            return text
        if row > MAX_ROW or self.row(row) <= MAX_ROW:
            return text if row > MAX_ROW else f"{head}{self.row(row)}"
        return f"{head}{MAX_ROW}" if last else "#REF!"

    def range(self, text: str) -> str:
        """Give "A1" or "A1:B2" as it is afterwards."""
        first, colon, last = text.partition(":")
        return self.cell(first) + colon + (self.cell(last, last=True) if colon else "")

    def ranges(self, ranges: MultiCellRange) -> MultiCellRange:
        """Give several ranges as they are afterwards."""
        return MultiCellRange([CellRange(self.range(each.coord)) for each in ranges.ranges])

    def formula(self, formula: str, home: str | None) -> str:
        """Give a formula as shift_formula() does; home None for one that stands in no sheet."""
        try:
            tokens = Tokenizer(formula).items
        except (TokenizerError, AssertionError, IndexError) as error:
            raise SheetWouldLose(parts=["formula"], places=[home or formula[:40]]) from error
        shifted = [self._token(token, home) for token in tokens]
        # Unchanged ones as they were: the tokenizer merges blanks.
        return formula if shifted == [token.value for token in tokens] else "=" + "".join(shifted)

    def _token(self, token: Token, home: str | None) -> str:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            return self._operand(str(token.value), home)
        if token.type == Token.FUNC and token.subtype == Token.OPEN and ":" in token.value:
            # "A1:INDEX(" comes as one token.
            first, colon, name = str(token.value).rpartition(":")
            return self._operand(first, home) + colon + name
        return str(token.value)

    def _operand(self, operand: str, home: str | None) -> str:
        """
        Shift "A1", "$A$1:B2", "5:7", "Sheet!A1", "'A sheet'!A1:B2"; leave names, tables, other books and spans of
        sheets as they are.
        """
        if "[" in operand:
            return operand
        pieces = [match.group(1) for match in _PIECES.finditer(operand) if match.group(0)]
        titles = [_title_of(piece) for piece in pieces]
        if len(pieces) > 1 and titles[0] is None and titles[1] is not None and not _is_reference(pieces[0]):
            return operand  # Jan:Mar!A1
        where = home
        out: list[str] = []
        for piece, title in zip(pieces, titles, strict=True):
            where = where if title is None else title
            prefix, mark, cells = piece.rpartition("!")
            if where is not None and where.casefold() == self.title.casefold():
                cells = self.cell(cells, last=len(out) > 0)
            out.append(prefix + mark + cells)
        return ":".join(out)


def _title_of(piece: str) -> str | None:
    prefix, mark, _ = piece.rpartition("!")
    if not mark:
        return None
    return prefix[1:-1].replace("''", "'") if prefix.startswith("'") else prefix


def _is_reference(piece: str) -> bool:
    return bool(_CELL.match(piece) or _ROW.match(piece) or _COLUMN.match(piece)) or piece == ""


# openpyxl's types leave out the inner attributes that moving things needs; sheets are Any from here on.
def _bare(sheet: Any, insertion: Insertion) -> Callable[[str | None], str | None]:
    """Give what shifts a formula of a sheet that is written without its equals sign."""
    return lambda text: insertion.formula("=" + text, sheet.title)[1:] if text else text


def _shift_cells(sheet: Any, insertion: Insertion) -> None:
    for cell in sheet._cells.values():
        if cell.data_type != "f":
            continue
        value = cell.value
        if isinstance(value, str):
            cell._value = insertion.formula(value, sheet.title)
        elif isinstance(value, ArrayFormula):
            value.text = insertion.formula(value.text, sheet.title) if value.text else value.text
            if sheet.title == insertion.title:
                value.ref = insertion.range(value.ref)
        elif isinstance(value, DataTableFormula) and sheet.title == insertion.title:
            value.ref = insertion.range(value.ref)
            value.r1, value.r2 = (insertion.cell(each) if each else each for each in (value.r1, value.r2))


def _shift_rules(sheet: Any, insertion: Insertion) -> None:
    bare = _bare(sheet, insertion)
    here = sheet.title == insertion.title
    for validation in sheet.data_validations.dataValidation:
        # A list of choices is a quoted text, which the tokenizer leaves alone.
        validation.formula1, validation.formula2 = bare(validation.formula1), bare(validation.formula2)
        if here:
            validation.sqref = insertion.ranges(validation.sqref)
    rebuilt = ConditionalFormattingList()
    for formats in sheet.conditional_formatting:
        moved = ConditionalFormatting(insertion.ranges(formats.sqref) if here else formats.sqref, formats.pivot)
        for rule in list(formats.rules):
            rule.formula = [bare(each) for each in rule.formula]
            scales = (scale for scale in (rule.colorScale, rule.dataBar, rule.iconSet) if scale is not None)
            for point in (point for scale in scales for point in scale.cfvo if point.type == "formula"):
                point.val = bare(point.val)
            rebuilt.add(moved, rule)
    sheet.conditional_formatting = rebuilt


def _shift_tables(sheet: Any, insertion: Insertion) -> None:
    bare = _bare(sheet, insertion)
    for table in sheet.tables.values():
        for column in table.tableColumns:
            for formula in (column.calculatedColumnFormula, column.totalsRowFormula):
                if formula is not None and formula.attr_text:
                    formula.attr_text = bare(formula.attr_text)
        if sheet.title == insertion.title:
            table.ref = insertion.range(table.ref)
            _shift_filter(table.autoFilter, insertion)
            _shift_sort(table.sortState, insertion)


def _shift_filter(auto_filter: Any, insertion: Insertion) -> None:
    if auto_filter is not None and auto_filter.ref:
        auto_filter.ref = insertion.range(auto_filter.ref)
        _shift_sort(auto_filter.sortState, insertion)


def _shift_sort(sort: Any, insertion: Insertion) -> None:
    if sort is not None:
        sort.ref = insertion.range(sort.ref)
        for condition in sort.sortCondition:
            condition.ref = insertion.range(condition.ref)


def _shift_charts(sheet: Any, insertion: Insertion) -> None:
    bare = _bare(sheet, insertion)
    for chart in sheet._charts:
        _walk(chart, lambda text: bare(text) or text, set())
    if sheet.title == insertion.title:
        for drawing in [*sheet._charts, *sheet._images]:
            for marker in (getattr(drawing.anchor, "_from", None), getattr(drawing.anchor, "to", None)):
                if marker is not None:
                    # Its rows count from 0.
                    marker.row = insertion.row(marker.row + 1) - 1


def _walk(part: Any, shift: Callable[[str], str], done: set[int]) -> None:
    """Shift every reference of a chart: the texts called f of whatever it is made of."""
    if id(part) in done:
        return
    done.add(id(part))
    if isinstance(part, list | tuple):
        for each in part:
            _walk(each, shift, done)
    elif type(part).__module__.startswith("openpyxl.chart"):
        for name, value in list(vars(part).items()):
            if name == "f" and isinstance(value, str):
                part.f = shift(value)
            elif not isinstance(value, str | int | float | bool | None):
                _walk(value, shift, done)


def _move_cells(sheet: Any, insertion: Insertion) -> None:
    moved: dict[tuple[int, int], Any] = {}
    for (row, column), cell in sheet._cells.items():
        if row >= insertion.at:
            cell.row = insertion.row(row)
            if cell.hyperlink is not None:
                cell.hyperlink.ref = cell.coordinate
        moved[insertion.row(row), column] = cell
    sheet._cells = moved
    sheet._current_row = max((row for row, _ in moved), default=0)


def _move_dimensions(sheet: Any, insertion: Insertion) -> None:
    for row in sorted((row for row in sheet.row_dimensions if row >= insertion.at), reverse=True):
        dimension = sheet.row_dimensions.pop(row)
        dimension.index = insertion.row(row)
        sheet.row_dimensions[insertion.row(row)] = dimension
    for page_break in sheet.row_breaks.brk:
        page_break.id = insertion.row(page_break.id)


def _move_merges(sheet: Any, insertion: Insertion) -> None:
    for merge in sheet.merged_cells.ranges:
        first, last = merge.min_row, merge.max_row
        # The later end first: a range refuses to end before it starts.
        merge.max_row, merge.min_row = insertion.row(last), insertion.row(first)
        if first < insertion.at <= last:
            for row in range(insertion.at, insertion.at + insertion.count):
                for column in range(merge.min_col, merge.max_col + 1):
                    sheet._cells[row, column] = MergedCell(sheet, row=row, column=column)
    # The set is keyed by bounds, which have changed.
    sheet.merged_cells.ranges = set(sheet.merged_cells.ranges)


def _move_settings(sheet: Any, insertion: Insertion) -> None:
    _shift_filter(sheet.auto_filter, insertion)
    area = sheet._print_area
    if area:
        sheet._print_area = PrintArea(insertion.ranges(area).ranges)
        sheet._print_area.title = area.title
    rows = sheet._print_rows
    if rows:
        rows.max_row, rows.min_row = insertion.row(rows.max_row), insertion.row(rows.min_row)
