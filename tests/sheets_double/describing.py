"""A spreadsheet as JSON, the way spreadsheets.get shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.sheets_double.areas import Area
from tests.sheets_double.errors import Refused, bad_request
from tests.sheets_double.masks import Mask, check_book_mask, masked, parse_mask, wants
from tests.sheets_double.model import Book, Cell, Failure, Formula, Json, Spreadsheet, Tab, Value
from tests.sheets_double.showing import shown
from tests.sheets_double.typing_in import Locale, locale_of

WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: Json = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}


RANGE_FIELDS = frozenset({"range", "ranges", "merges", "dimensionRange", "unprotectedRanges"})


def as_answered(thing: Any, name: str = "") -> Any:
    """Give JSON as Google sends it: a sheetId of 0 is left out of ranges."""
    if isinstance(thing, list):
        return [as_answered(each, name) for each in thing]
    if not isinstance(thing, dict):
        return thing
    is_range = name in RANGE_FIELDS
    return {
        key: as_answered(value, key)
        for key, value in thing.items()
        if not (is_range and key == "sheetId" and value == 0)
    }


def extended(value: Value | Formula | Failure | None) -> Json | None:
    """Give a value as Google's ExtendedValue; None for none."""
    if value is None:
        return None
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if isinstance(value, Failure):
        return {"errorValue": {"type": value.kind, "message": value.message}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def cell_json(cell: Cell, locale: Locale, mask: Mask | None = None) -> Json:
    """Give a cell as Google's CellData."""
    found: Json = {}
    entered = cell.entered
    if (value := extended(entered)) is not None:
        found["userEnteredValue"] = value
    if (value := extended(cell.effective)) is not None:
        found["effectiveValue"] = value
        if wants(mask, "formattedValue"):
            found["formattedValue"] = shown(cell, locale)
    if cell.fmt:
        found["userEnteredFormat"] = dict(cell.fmt)
        # One that is the spreadsheet's default is not shown.
        if wants(mask, "effectiveFormat"):
            found["effectiveFormat"] = {**DEFAULT_FORMAT, **cell.fmt}
    if cell.note:
        found["note"] = cell.note
    if cell.validation:
        found["dataValidation"] = dict(cell.validation)
    return found


def tab_properties(tab: Tab, index: int) -> Json:
    """Give a tab's SheetProperties."""
    grid: Json = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen_rows:
        grid["frozenRowCount"] = tab.frozen_rows
    if tab.frozen_columns:
        grid["frozenColumnCount"] = tab.frozen_columns
    more = dict(tab.more)
    grid |= more.pop("gridProperties", {})
    found: Json = {
        "sheetId": tab.sheet_id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid,
    }
    if tab.hidden:
        found["hidden"] = True
    return found | more


def grid_data(tab: Tab, area: Area, locale: Locale, mask: Mask | None) -> Json:
    """Give GridData: cells without trailing empty ones, and what belongs to rows and columns."""
    area = area.common(tab.area)
    data: Json = {}
    if area.top:
        data["startRow"] = area.top
    if area.left:
        data["startColumn"] = area.left
    cell_mask = (mask or {}).get("rowData", {}).get("values") if mask else None
    if wants(mask, "rowData"):
        rows: list[Json] = []
        for number in range(area.top, area.bottom):
            row = tab.rows[number]
            values: list[Json] = []
            for column in range(area.left, area.right):
                cell = row.cells.get(column)
                values.append(cell_json(cell, locale, cell_mask) if cell is not None else {})
            while values and not values[-1]:
                values.pop()
            rows.append({"values": values} if values else {})
        while rows and not rows[-1]:
            rows.pop()
        if rows:
            data["rowData"] = rows
    if wants(mask, "rowMetadata"):
        data["rowMetadata"] = [_row_json(row) for row in tab.rows[area.top : area.bottom]]
    if wants(mask, "columnMetadata"):
        data["columnMetadata"] = [
            {"pixelSize": column.width} | ({"hiddenByUser": True} if column.hidden else {})
            for column in tab.columns[area.left : area.right]
        ]
    return data


def _row_json(row: Any) -> Json:
    found: Json = {"pixelSize": row.height}
    if row.hidden:
        found["hiddenByUser"] = True
    if row.filtered:
        found["hiddenByFilter"] = True
    return found


def tab_json(book: Book, tab: Tab, areas: Sequence[Area] | None, locale: Locale, mask: Mask | None) -> Json:
    """
    Give a tab as Google's Sheet.

    Args:
        areas: of which cells are wanted; None: no cells.
    """
    found: Json = {"properties": tab_properties(tab, book.tabs.index(tab))}
    if areas is not None:
        data_mask = (mask or {}).get("data") or None
        found["data"] = [grid_data(tab, area, locale, data_mask) for area in areas]
    if tab.merges:
        found["merges"] = [dict(merge) for merge in tab.merges]
    if tab.rules:
        found["conditionalFormats"] = [dict(rule) for rule in tab.rules]
    if tab.filter_views:
        found["filterViews"] = [dict(view) for view in tab.filter_views]
    if tab.protected:
        found["protectedRanges"] = [dict(each) for each in tab.protected]
    if tab.basic_filter is not None:
        found["basicFilter"] = dict(tab.basic_filter)
    for name, groups in tab.groups.items():
        if groups:
            found[name] = [dict(group) for group in groups]
    own = [each for each in book.metadata.values() if each["location"].get("sheetId") == tab.sheet_id]
    if own:
        found["developerMetadata"] = own
    return found


def book_json(
    spreadsheet: Spreadsheet,
    book: Book,
    *,
    ranges: Sequence[str] = (),
    grid_data_wanted: bool = False,
    fields: str | None = None,
    url: str = "https://docs.google.com",
) -> Json:
    """
    Give a spreadsheet as spreadsheets.get does.

    Raises:
        ApiError
    """
    mask = parse_mask(fields) if fields else None
    if mask is not None:
        check_book_mask(mask)
        everything = "*" in mask or ("sheets" in mask and (not mask["sheets"] or "*" in mask["sheets"]))
        grid_data_wanted = everything or "data" in (mask.get("sheets") or {})
    areas: dict[int, list[Area]] = {}
    for text in ranges:
        try:
            tab, area = book.find(text)
        except Refused as refusal:
            raise bad_request(refusal.message) from refusal
        if area.top >= tab.row_count or area.left >= tab.column_count:
            raise bad_request(tab.beyond(area.a1()))
        areas.setdefault(tab.sheet_id, []).append(area)
    locale = locale_of(book.locale)
    sheet_mask = (mask or {}).get("sheets") or None
    if sheet_mask is not None and "*" in sheet_mask:
        sheet_mask = None
    found: Json = {
        "spreadsheetId": spreadsheet.id,
        "properties": {
            "title": book.title,
            "locale": book.locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": book.time_zone,
            "defaultFormat": DEFAULT_FORMAT,
        },
    }
    if wants(mask, "sheets"):
        found["sheets"] = [
            tab_json(book, tab, areas.get(tab.sheet_id, [tab.area]) if grid_data_wanted else None, locale, sheet_mask)
            for tab in book.tabs
            if not areas or tab.sheet_id in areas
        ]
    if book.named:
        found["namedRanges"] = [dict(each) for each in book.named]
    found["spreadsheetUrl"] = f"{url}/spreadsheets/d/{spreadsheet.id}/edit"
    whole = [each for each in book.metadata.values() if each["location"].get("spreadsheet")]
    if whole:
        found["developerMetadata"] = whole
    answer: Json = as_answered(masked(found, mask) if mask is not None else found)
    return answer
