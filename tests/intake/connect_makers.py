"""Spreadsheets as Google describes them, for planning without a net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from intake.connecting import Wish, choose, dress_in, plan
from intake.sheet.connected import KEY, Connected, to_text
from intake.sheet.google_layout import LayoutPlan
from intake.sheet.google_survey import Survey, survey_from, with_cells

DRESS = {language: dress_in(language, str) for language in ("id", "en")}


def tab_json(
    title: str,
    number: int = 0,
    *,
    rows: int = 1000,
    columns: int = 26,
    **more: Any,
) -> dict[str, Any]:
    """Give a tab without its cells; more: merges, basicFilter, conditionalFormats, protectedRanges, frozen."""
    grid: dict[str, Any] = {"rowCount": rows, "columnCount": columns}
    if frozen := more.pop("frozen", 0):
        grid["frozenRowCount"] = frozen
    properties = {"sheetId": number, "title": title, "sheetType": "GRID", "gridProperties": grid}
    return {"properties": properties, **more}


def cell_json(value: Any, **more: Any) -> dict[str, Any]:
    """Give a cell; a text that begins with "=" is a formula. more: dataValidation, note, userEnteredFormat."""
    if value is None:
        return dict(more)
    kinds = {bool: "boolValue", int: "numberValue", float: "numberValue"}
    kind = "formulaValue" if isinstance(value, str) and value.startswith("=") else kinds.get(type(value), "stringValue")
    return {"userEnteredValue": {kind: value}, **more}


def cells_json(cells: Mapping[int, Sequence[Sequence[Any]]]) -> dict[str, Any]:
    """Give the cells of tabs by sheetId; a cell may be a dict, as it is."""
    return {
        "sheets": [
            {
                "properties": {"sheetId": number},
                "data": [
                    {
                        "rowData": [
                            {"values": [cell if isinstance(cell, dict) else cell_json(cell) for cell in row]}
                            for row in rows
                        ]
                    }
                ],
            }
            for number, rows in cells.items()
        ]
    }


def survey_of(
    tabs: Iterable[dict[str, Any]],
    cells: Mapping[int, Sequence[Sequence[Any]]] | None = None,
    *,
    locale: str = "in_ID",
    connected: Connected | None = None,
) -> Survey:
    """Give a survey of a spreadsheet with these tabs, and these cells by sheetId."""
    metadata = []
    if connected is not None:
        metadata.append({"metadataId": 77, "metadataKey": KEY, "metadataValue": to_text(connected)})
    properties = {"title": "Buku PO", "locale": locale, "timeZone": "Asia/Jakarta"}
    book = {"properties": properties, "sheets": list(tabs), "developerMetadata": metadata}
    return with_cells(survey_from(book), cells_json(cells or {}))


def plan_of(survey: Survey, wish: Wish | None = None, language: str = "id", locale: str = "") -> LayoutPlan:
    """Plan as connect does."""
    wish = wish or Wish()
    return plan(survey, choose(survey, wish), wish, DRESS[language], locale=locale)


def requests_of(layout: LayoutPlan, kind: str) -> list[dict[str, Any]]:
    """Give the requests of a kind."""
    return [request[kind] for request in layout.requests if kind in request]


# A list of orders as a seller keeps it: a title above, words of her own, and things that are not ours.
HERS = [
    ["PO LEBARAN"],
    [],
    ["Tgl", "Nama Pemesan", "No HP", "Isi Pesanan", "Total", "Lunas?", "Ket"],
    [45000, "Sari Contoh", "081200001234", "2 nastar", "=2*85000", True, "titip tetangga"],
    [45001, "Budi Contoh", "081200005678", "1 kastengel", "=1*95000", False, None],
    [None, None, None, None, "=0", False, None],
]
HER_TAB = tab_json("Orderan", 5, columns=10, basicFilter={"range": {"sheetId": 5, "startRowIndex": 2, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 7}})  # fmt: skip
