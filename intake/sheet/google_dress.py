"""
How our columns look in a Google spreadsheet: columns in, requests of a batch out. No calls in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intake.sheet.columns import ORDERS, Column, Tab

Request = dict[str, Any]

# Pixels of a column: a character, and the room beside the text.
_CHARACTER, _MARGIN = 7, 14
_INK, MUTED, _LINK = "1F2937", "4B5563", "1D4ED8"
_HEADER, HEADER_EDITABLE = "E5E7EB", "FDE68A"
# A link has none: in cells that are plain text Google makes no link of an address.
_FORMATS: Mapping[str, dict[str, str]] = {
    "text": {"type": "TEXT"},
    "money": {"type": "NUMBER", "pattern": "#,##0"},
    "count": {"type": "NUMBER", "pattern": "#,##0"},
}


@dataclass(frozen=True)
class Dress:
    """
    What our tabs are dressed with. All texts come from the translations.

    Attributes:
        language: of titles and headers.
        statuses: labels of the drop-down, in its order. colours: label -> background, six hexadecimal digits.
        editable_hint, ours_hint: note on the header of a column that she may edit, or that we fill.
        status_hint: shown beside the drop-down.
        warning: description of the ranges that warn before they are edited.
        earlier: text in our ref column for rows that stood there before, with %s for their number.
    """

    language: str
    statuses: tuple[str, ...]
    colours: Mapping[str, str]
    editable_hint: str
    ours_hint: str
    status_hint: str
    warning: str
    earlier: str


def _blocks(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give (first, last) of columns that stand side by side."""
    first = last = 0
    for place in sorted(places):
        if last and place == last + 1:
            last = place
            continue
        if last:
            yield first, last
        first = last = place
    if last:
        yield first, last


def rgb(hexadecimal: str) -> dict[str, float]:
    """Give six hexadecimal digits as the API takes a colour."""
    red, green, blue = (int(hexadecimal[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return {"red": red, "green": green, "blue": blue}


def grid(sheet: int, rows: tuple[int, int], columns: tuple[int, int]) -> dict[str, int]:
    """Give a range from 1, ends within."""
    return {
        "sheetId": sheet,
        "startRowIndex": rows[0] - 1,
        "endRowIndex": rows[1],
        "startColumnIndex": columns[0] - 1,
        "endColumnIndex": columns[1],
    }


def add_headers(
    sheet: int, row: int, at: int, columns: Sequence[Column], names: Sequence[str], dress: Dress
) -> Iterator[Request]:
    """Write headers side by side, with their look, their note and their width."""
    cells = []
    for column, name in zip(columns, names, strict=True):
        background = HEADER_EDITABLE if column.editable else _HEADER
        cells.append(
            {
                "userEnteredValue": {"stringValue": name},
                "userEnteredFormat": {
                    "numberFormat": {"type": "TEXT"},
                    "backgroundColorStyle": {"rgbColor": rgb(background)},
                    "textFormat": {
                        "bold": True,
                        "foregroundColorStyle": {"rgbColor": rgb(_INK if column.editable else MUTED)},
                    },
                    "wrapStrategy": "WRAP",
                    "verticalAlignment": "MIDDLE",
                },
                "note": dress.editable_hint if column.editable else dress.ours_hint,
            }
        )
    start = {"sheetId": sheet, "rowIndex": row - 1, "columnIndex": at - 1}
    fields = "userEnteredValue,userEnteredFormat,note"
    yield {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": fields}}
    for place, column in enumerate(columns, start=at):
        yield {
            "updateDimensionProperties": {
                "range": {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": place - 1, "endIndex": place},
                "properties": {"pixelSize": column.width * _CHARACTER + _MARGIN},
                "fields": "pixelSize",
            }
        }


def dress_columns(
    sheet: int, tab: Tab, places: Mapping[str, int], row: int, bottom: int, dress: Dress
) -> Iterator[Request]:
    """Dress all columns of a fresh tab."""
    yield from formats(sheet, tab, places, row, bottom)
    if tab is ORDERS:
        yield status_list(sheet, places["status"], row, bottom, dress)
    if "status" in places:
        yield from status_colours(sheet, places["status"], row, bottom, dress.colours, 0)
    yield from edit_warnings(sheet, [places[each.code] for each in tab.columns if not each.editable], row, dress)


def formats(sheet: int, tab: Tab, places: Mapping[str, int], row: int, bottom: int) -> Iterator[Request]:
    """A text stays as it is typed, 0812 with its zero; money has its thousands apart."""
    for code, place in sorted(places.items(), key=lambda each: each[1]):
        column = tab.column(code)
        number = column.kind in {"money", "count"}
        worn: dict[str, Any] = {"numberFormat": _FORMATS[column.kind]} if column.kind in _FORMATS else {}
        worn |= {
            "wrapStrategy": "WRAP" if column.wrap else "CLIP",
            "verticalAlignment": "TOP",
            "horizontalAlignment": "RIGHT" if number else "LEFT",
            "textFormat": {
                "bold": code == "ref",
                "foregroundColorStyle": {"rgbColor": rgb(_LINK if column.kind == "link" else _INK)},
            },
        }
        yield {
            "repeatCell": {
                "range": grid(sheet, (row + 1, bottom), (place, place)),
                "cell": {"userEnteredFormat": worn},
                "fields": "userEnteredFormat(" + ",".join(worn) + ")",
            }
        }


def status_list(sheet: int, place: int, row: int, bottom: int, dress: Dress) -> Request:
    """Give the drop-down of statuses, below a header."""
    rule = {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": label} for label in dress.statuses]},
        "inputMessage": dress.status_hint,
        "strict": True,
        "showCustomUi": True,
    }
    return {"setDataValidation": {"range": grid(sheet, (row + 1, bottom), (place, place)), "rule": rule}}


def status_colours(
    sheet: int, place: int, row: int, bottom: int, colours: Mapping[str, str], index: int
) -> Iterator[Request]:
    """A background for each status; below any rules of hers."""
    for number, (label, colour) in enumerate(colours.items(), start=index):
        rule = {
            "ranges": [grid(sheet, (row + 1, bottom), (place, place))],
            "booleanRule": {
                "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": label}]},
                "format": {"backgroundColorStyle": {"rgbColor": rgb(colour)}},
            },
        }
        yield {"addConditionalFormatRule": {"rule": rule, "index": number}}


def edit_warnings(sheet: int, places: Iterable[int], row: int, dress: Dress) -> Iterator[Request]:
    """Whoever edits a column that is ours is asked first; nobody is kept from it, or she couldn't sort."""
    for first, last in _blocks(places):
        grid = {
            "sheetId": sheet,
            "startRowIndex": row - 1,
            "startColumnIndex": first - 1,
            "endColumnIndex": last,
        }
        protected = {"range": grid, "description": dress.warning, "warningOnly": True}
        yield {"addProtectedRange": {"protectedRange": protected}}


def frozen_rows(sheet: int, row: int) -> Request:
    """Keep the rows down to the header in sight."""
    properties = {"sheetId": sheet, "gridProperties": {"frozenRowCount": row}}
    return {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}
