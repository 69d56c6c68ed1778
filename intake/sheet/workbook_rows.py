"""Insert empty rows into a sheet as Excel does it. openpyxl's own insert_rows moves the cells and nothing that points at them.

Moved along: formulas of all sheets, merges, validations, conditional formats, row heights and hidden rows, comments, links, filter, tables,
print area, page breaks, defined names, pictures and charts with what they show. A reference to a cell follows the cell; a range that spans the
place grows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from openpyxl.cell import MergedCell
from openpyxl.formatting.formatting import ConditionalFormatting, ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.print_settings import PrintArea

from intake.sheet import SheetWouldLose

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.cell.cell import Cell
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})$")
_ROW = re.compile(r"(\$?)([1-9][0-9]{0,6})$")
_COLUMN = re.compile(r"\$?[A-Za-z]{1,3}$")
# A colon outside a quoted sheet name.
_PIECES = re.compile(r"((?:'(?:[^']|'')*'|[^':])*)(:|$)")


def insert_rows(book: Workbook, sheet: Worksheet, at: int, count: int) -> None:
    """Make count empty rows above row at; everything from there on moves down.

    Args:
        at: number of a row, from 1.

    Raises:
        SheetWouldLose: a formula can't be understood (parts=["formula"]), or rows would fall off the end of the sheet (parts=["last_rows"]).
            The book in memory is then half done and must be thrown away.

    """
    if max((row for row, _ in sheet._cells), default=0) + count > MAX_ROW:
        raise SheetWouldLose(parts=["last_rows"], places=[sheet.title])
    for other in book.worksheets:
        _shift_formulas(other, sheet, at, count)
    for names in [book.defined_names, *(each.defined_names for each in book.worksheets)]:
        for name in names.values():
            if isinstance(name.attr_text, str):
                name.attr_text = _shifted("=" + name.attr_text, None, sheet.title, at, count, name.name)[1:]
    _move_cells(sheet, at, count)
    _move_dimensions(sheet, at, count)
    _move_merges(sheet, at, count)
    _move_print_settings(sheet, at, count)
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = _shift_range(sheet.auto_filter.ref, at, count)
        sort = sheet.auto_filter.sortState
        if sort is not None:
            sort.ref = _shift_range(sort.ref, at, count)
            for condition in sort.sortCondition:
                condition.ref = _shift_range(condition.ref, at, count)
    for table in sheet.tables.values():
        table.ref = _shift_range(table.ref, at, count)
        if table.autoFilter is not None and table.autoFilter.ref:
            table.autoFilter.ref = _shift_range(table.autoFilter.ref, at, count)
        if table.sortState is not None:
            table.sortState.ref = _shift_range(table.sortState.ref, at, count)
            for condition in table.sortState.sortCondition:
                condition.ref = _shift_range(condition.ref, at, count)


def shift_formula(formula: str, home: str, changed: str, at: int, count: int) -> str:
    """Give a formula as it reads after rows were inserted.

    Args:
        formula: with its equals sign.
        home, changed: titles of the sheet that it stands in, and of the one that gets the rows.

    Raises:
        SheetWouldLose: it can't be understood.

    """
    return _shifted(formula, home, changed, at, count, home)


def _shifted(formula: str, home: str | None, changed: str, at: int, count: int, place: str) -> str:
    try:
        tokens = Tokenizer(formula).items
    except (TokenizerError, AssertionError, IndexError) as error:
        raise SheetWouldLose(parts=["formula"], places=[place]) from error
    out = ["="]
    same = True
    for token in tokens:
        value = token.value
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            value = _shift_operand(value, home, changed, at, count)
        elif token.type == Token.FUNC and token.subtype == Token.OPEN and ":" in value:
            # "A1:INDEX(" comes as one token.
            first, colon, name = value.rpartition(":")
            value = _shift_operand(first, home, changed, at, count) + colon + name
        same = same and value == token.value
        out.append(value)
    # Unchanged ones as they were: the tokenizer merges blanks.
    return formula if same else "".join(out)


def _shift_operand(operand: str, home: str | None, changed: str, at: int, count: int) -> str:
    """Shift "A1", "$A$1:B2", "5:7", "Sheet!A1", "'A sheet'!A1:B2"; leave names, tables, other books and spans of sheets as they are."""
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
        if where is not None and where.casefold() == changed.casefold():
            cells = _shift_cells(cells, at, count, last=len(out) > 0)
        out.append(prefix + mark + cells)
    return ":".join(out)


def _title_of(piece: str) -> str | None:
    prefix, mark, _ = piece.rpartition("!")
    if not mark:
        return None
    return prefix[1:-1].replace("''", "'") if prefix.startswith("'") else prefix


def _is_reference(piece: str) -> bool:
    return bool(_CELL.match(piece) or _ROW.match(piece) or _COLUMN.match(piece)) or piece == ""


def _shift_cells(cells: str, at: int, count: int, *, last: bool) -> str:
    match = _CELL.match(cells)
    if match and column_index_from_string(match.group(2).upper()) <= MAX_COLUMN:
        head, row = cells[: match.start(4)], int(match.group(4))
    elif match := _ROW.match(cells):
        head, row = match.group(1), int(match.group(2))
    else:
        return cells
    if row < at or row > MAX_ROW:
        return cells
    if row + count > MAX_ROW:
        return f"{head}{MAX_ROW}" if last else "#REF!"
    return f"{head}{row + count}"


# openpyxl's types leave out the inner attributes that moving things needs.
def _shift_formulas(sheet: Any, changed: Any, at: int, count: int) -> None:
    def shifted(text: str) -> str:
        return shift_formula(text, sheet.title, changed.title, at, count)

    def bare(text: str | None) -> str | None:
        return shifted("=" + text)[1:] if text else text

    for cell in sheet._cells.values():
        if cell.data_type != "f":
            continue
        value = cell.value
        if isinstance(value, str):
            cell._value = shifted(value)
        elif isinstance(value, ArrayFormula):
            value.text = shifted(value.text) if value.text else value.text
            if sheet is changed:
                value.ref = _shift_range(value.ref, at, count)
        elif isinstance(value, DataTableFormula) and sheet is changed:
            value.ref = _shift_range(value.ref, at, count)
            value.r1, value.r2 = (_shift_cells(r, at, count, last=False) if r else r for r in (value.r1, value.r2))
    for validation in sheet.data_validations.dataValidation:
        # A list of choices is a quoted text, which the tokenizer leaves alone.
        validation.formula1, validation.formula2 = bare(validation.formula1), bare(validation.formula2)
        if sheet is changed:
            validation.sqref = _shift_ranges(validation.sqref, at, count)
    rebuilt = ConditionalFormattingList()
    rebuilt.max_priority = sheet.conditional_formatting.max_priority
    for formats in sheet.conditional_formatting:
        ranges = _shift_ranges(formats.sqref, at, count) if sheet is changed else formats.sqref
        moved = ConditionalFormatting(ranges, formats.pivot)
        for rule in list(formats.rules):
            rule.formula = [bare(each) for each in rule.formula]
            for scale in (rule.colorScale, rule.dataBar, rule.iconSet):
                for point in scale.cfvo if scale is not None else ():
                    if point.type == "formula":
                        point.val = bare(point.val)
            rebuilt.add(moved, rule)
    sheet.conditional_formatting = rebuilt
    for table in sheet.tables.values():
        for column in table.tableColumns:
            for attribute in (column.calculatedColumnFormula, column.totalsRowFormula):
                if attribute is not None and attribute.attr_text:
                    attribute.attr_text = bare(attribute.attr_text)
    for chart in sheet._charts:
        _walk(chart, lambda text: bare(text) or text, set())
    if sheet is changed:
        for drawing in [*sheet._charts, *sheet._images]:
            for marker in (getattr(drawing.anchor, "_from", None), getattr(drawing.anchor, "to", None)):
                if marker is not None and marker.row + 1 >= at:
                    marker.row += count


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


def _shift_range(text: str, at: int, count: int) -> str:
    first, colon, last = text.partition(":")
    return (
        _shift_cells(first, at, count, last=False) + colon + (_shift_cells(last, at, count, last=True) if colon else "")
    )


def _shift_ranges(ranges: MultiCellRange, at: int, count: int) -> MultiCellRange:
    return MultiCellRange([CellRange(_shift_range(each.coord, at, count)) for each in ranges.ranges])


def _move_cells(sheet: Any, at: int, count: int) -> None:
    moved: dict[tuple[int, int], Cell | MergedCell] = {}
    for (row, column), cell in sheet._cells.items():
        if row >= at:
            row += count
            cell.row = row
            link = cell.hyperlink
            if link is not None:
                link.ref = cell.coordinate
        moved[row, column] = cell
    sheet._cells = moved
    sheet._current_row = max((row for row, _ in moved), default=0)


def _move_dimensions(sheet: Worksheet, at: int, count: int) -> None:
    later = sorted((row for row in sheet.row_dimensions if row >= at), reverse=True)
    for row in later:
        dimension = sheet.row_dimensions.pop(row)
        dimension.index = row + count
        sheet.row_dimensions[row + count] = dimension
    for page_break in sheet.row_breaks.brk:
        # A break stands below the row of its number.
        if page_break.id >= at:
            page_break.id += count


def _move_merges(sheet: Any, at: int, count: int) -> None:
    for merge in sheet.merged_cells.ranges:
        first, last = merge.min_row, merge.max_row
        # The later end first: a range refuses to end before it starts.
        merge.max_row = last + count if last >= at else last
        merge.min_row = first + count if first >= at else first
        if first < at <= last:
            for row in range(at, at + count):
                for column in range(merge.min_col, merge.max_col + 1):
                    sheet._cells[row, column] = MergedCell(sheet, row=row, column=column)
    # The set is keyed by bounds, which have changed.
    sheet.merged_cells.ranges = set(sheet.merged_cells.ranges)


def _move_print_settings(sheet: Any, at: int, count: int) -> None:
    area = sheet._print_area
    if area:
        sheet._print_area = PrintArea(_shift_ranges(area, at, count).ranges)
        sheet._print_area.title = area.title
    rows = sheet._print_rows
    if rows:
        rows.min_row, rows.max_row = (each + count if each >= at else each for each in (rows.min_row, rows.max_row))
