"""How our tabs look in a workbook, and how a value of ours is put into a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, cast

from openpyxl.cell.cell import Cell as BookCell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from intake.sheet import Cell, Found, SheetTextTooLong
from intake.sheet.columns import Column, Header, Kind, Tab

CELL_CEILING = 32_767  # UTF-16 units; Excel calls a file with a longer text damaged
# Points; and how many lines of a text are shown before she makes the row higher herself.
LINE_HEIGHT, MOST_LINES = 15.0, 6
FORMATS: Mapping[Kind, str] = {"text": "@", "link": "@", "money": "#,##0", "count": "#,##0"}

# What XML 1.0 can't hold: without this one stray character in a note would keep the whole sheet from being saved.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ in a text as an escaped character.
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# A text that would be taken for a formula, or for a number or date, when she opens the cell and presses Enter.
_RETYPED = re.compile(r"^[=+\-@'\t]")

_INK, _MUTED, _LINE = "FF1F2937", "FF4B5563", "FFD1D5DB"
_HEADER, _HEADER_EDITABLE = "FFE5E7EB", "FFFDE68A"
_LINK = "FF1D4ED8"
_FONT = "Calibri"


@dataclass(frozen=True)
class Look:
    """
    What the seller's tabs are dressed with. All texts come from the translations.

    Attributes:
        language: of titles and headers.
        statuses: labels of the drop-down, in its order.
        colours: label -> background as six hexadecimal digits.
        editable_hint: comment on the header of a column that she may edit; "" for none.
        status_title, status_hint: shown when she types something else into a status cell.
    """

    language: str
    statuses: tuple[str, ...]
    colours: Mapping[str, str]
    editable_hint: str
    status_title: str
    status_hint: str


def literal(value: Cell) -> Cell:
    """
    Give a value as it can stand in a cell: characters that no workbook can hold become U+FFFD, line ends LF, and ""
    None.
    """
    if not isinstance(value, str):
        return value
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value.replace("\r\n", "\n").replace("\r", "\n")) or None


def check_length(value: Cell, *, tab: str, ref: str, column: str) -> None:
    """
    Refuse a text that a cell can't hold.

    Raises:
        SheetTextTooLong
    """
    if isinstance(value, str) and len(value) > CELL_CEILING // 2:
        length = len(value.encode("utf-16-le", "surrogatepass")) // 2
        if length > CELL_CEILING:
            raise SheetTextTooLong(tab=tab, ref=ref, column=column, length=length, ceiling=CELL_CEILING)


def put(cell: Any, value: Cell, kind: Kind) -> None:
    """Put a value into a cell: a text is never a formula, an error or a number, whatever it looks like."""
    value = literal(value)
    if cell.hyperlink is not None:
        cell.hyperlink = None
    if value is None:
        cell.value = None
    elif isinstance(value, int):
        cell.value = value
    else:
        # Past the setter, which would make a formula of "=1+1" and an error of "#N/A".
        cell._value = _ESCAPED.sub("_x005F_", value)
        cell.data_type = "s"
        if kind == "link" and value.startswith("https://"):
            cell.hyperlink = value
    quoted = isinstance(value, str) and bool(_RETYPED.match(value))
    if bool(cell.quotePrefix) != quoted:
        cell.quotePrefix = quoted
    if isinstance(value, str) and cell.number_format == "General":
        cell.number_format = "@"


def found_text(text: str) -> str:
    """Give a text of a cell as people read it (the reverse of what put() and Excel escape)."""
    return text.replace("_x000D_", "").replace("_x005F_", "_") if "_x" in text else text


def dress(cell: BookCell, column: Column) -> None:
    """Give a fresh cell of ours its format."""
    cell.number_format = FORMATS[column.kind]
    cell.alignment = _aligned(column, "top", wrap=column.wrap)
    cell.font = Font(name=_FONT, size=11, color=_LINK if column.kind == "link" else _INK, bold=column.code == "ref")
    cell.border = Border(bottom=Side(style="hair", color=_LINE))


def _aligned(column: Column, vertical: str, *, wrap: bool) -> Alignment:
    # An indent keeps a number from touching the text in the next column.
    number = column.kind in {"money", "count"}
    return Alignment(
        vertical=vertical, wrap_text=wrap, horizontal="right" if number else "left", indent=1 if number else 0
    )


class AutoRow(RowDimension):
    """
    The height of a row that may still grow and shrink with its text; openpyxl would fix the height of every row that
    has one.
    """

    customHeight = False  # noqa: N815  openpyxl's name

    @classmethod
    def of(cls, sheet: Any, row: int, height: float) -> AutoRow:
        """Make one, or change the one that is there."""
        dimension = sheet.row_dimensions[row]
        dimension.__class__ = cls
        dimension.ht = height
        return cast("AutoRow", dimension)


def fit_height(sheet: Any, row: int, tab: Tab, values: Mapping[str, Found]) -> None:
    """
    Make a row high enough for its wrapped texts, unless she has set its height. LibreOffice doesn't do it by itself
    when it opens the book.
    """
    known = sheet.row_dimensions.get(row)
    if known is not None and known.ht is not None and not isinstance(known, AutoRow):
        return
    lines = 1
    for column in tab.columns:
        text = values.get(column.code)
        if column.wrap and isinstance(text, str):
            # Words are not broken, so a line holds a little less than its width.
            room = max(column.width - 3, 1)
            lines = max(lines, sum(max(-(-len(line) // room), 1) for line in text.split("\n")))
    AutoRow.of(sheet, row, LINE_HEIGHT * min(lines, MOST_LINES))


class Dresses:
    """Formats of fresh cells, made once a column: openpyxl is slow at making the same one 5,000 times."""

    def __init__(self, sheet: Worksheet, tab: Tab) -> None:
        self._styles: dict[str, StyleArray] = {}
        for column in tab.columns:
            cell: Any = BookCell(sheet, row=1, column=1)
            dress(cell, column)
            self._styles[column.code] = cell._style

    def put_on(self, cell: Any, code: str, kind: Kind) -> None:
        """Dress a cell; one that she has formatted herself only gets the number format."""
        if cell.has_style:
            cell.number_format = FORMATS[kind]
        else:
            cell._style = copy(self._styles[code])


def make_tab(book: Workbook, tab: Tab, look: Look) -> Header:
    """Add an empty tab of ours with its header, widths, drop-down and colours."""
    sheet = book.create_sheet(tab.titles[look.language])
    for place, column in enumerate(tab.columns, start=1):
        cell = sheet.cell(1, place)
        put(cell, column.headers[look.language], "text")
        cell.font = Font(name=_FONT, size=11, bold=True, color=_INK if column.editable else _MUTED)
        cell.fill = PatternFill("solid", start_color=_HEADER_EDITABLE if column.editable else _HEADER)
        cell.alignment = _aligned(column, "center", wrap=True)
        cell.border = Border(bottom=Side(style="medium" if column.editable else "thin", color=_MUTED))
        if column.editable and look.editable_hint:
            cell.comment = Comment(look.editable_hint, "Etalase", height=90, width=240)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.row_dimensions[1].height = 30
    sheet.sheet_view.zoomScale = 100
    sheet.freeze_panes = "C2" if tab.required else "B2"
    sheet.sheet_properties.tabColor = _HEADER_EDITABLE[2:] if tab.required else _MUTED[2:]
    # Printed: across the paper, all columns on one page's width, with the header on every page.
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    header = Header(1, {column.code: place for place, column in enumerate(tab.columns, start=1)})
    if "status" in header.places:
        letter = get_column_letter(header.places["status"])
        for label, colour in look.colours.items():
            fill = PatternFill(bgColor="FF" + colour, fill_type="solid")
            equal: Any = CellIsRule
            rule = equal(operator="equal", formula=[_quoted(label)], fill=fill, font=Font(color=_INK))
            sheet.conditional_formatting.add(f"{letter}2:{letter}{tab.ceiling + 1}", rule)
        if tab.column("status").editable:
            sheet.add_data_validation(_choices(look, f"{letter}2:{letter}{tab.ceiling + 1}"))
    return header


def keep_choices(sheet: Worksheet, look: Look, place: int, first: int, last: int) -> None:
    """
    Let the status cells of fresh rows have their drop-down where none reaches them (she moved rows about, or deleted
    it).
    """
    letter = get_column_letter(place)
    ours = _choices(look, "")
    lists = sheet.data_validations.dataValidation
    bare = [row for row in range(first, last + 1) if not any(f"{letter}{row}" in each.sqref for each in lists)]
    if not bare:
        return
    known = next((each for each in lists if each.type == "list" and each.formula1 == ours.formula1), None)
    if known is None:
        known = ours
        sheet.add_data_validation(ours)
    known.add(
        f"{letter}{bare[0]}:{letter}{bare[-1]}"
        if len(bare) == bare[-1] - bare[0] + 1
        else f"{letter}{first}:{letter}{last}"
    )


def _choices(look: Look, cells: str) -> DataValidation:
    return DataValidation(
        type="list",
        formula1=choices_formula(look.statuses),
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="stop",
        errorTitle=look.status_title or None,
        error=look.status_hint or None,
        sqref=cells or (),
    )


def choices_formula(labels: Sequence[str]) -> str:
    """
    Give the labels as a drop-down's list.

    Raises:
        ValueError: Excel would not take it: over 255 characters, or a label with a comma or quotation mark in it.
    """
    joined = ",".join(labels)
    if len(joined) > 255 or any(mark in label for label in labels for mark in ',"'):
        raise ValueError(f"no drop-down can hold these labels: {labels}")
    return f'"{joined}"'


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"'
