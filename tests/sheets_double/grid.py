"""The live grid: spreadsheets in the browser, for playing the seller and Google's bad days by hand."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.sheets_double import faults
from tests.sheets_double.areas import area_of, letters
from tests.sheets_double.calls import Call
from tests.sheets_double.errors import ApiError, Refused
from tests.sheets_double.faults import Fault
from tests.sheets_double.hands import Rejected, Seller
from tests.sheets_double.model import Cell, Formula, Json, Row, Spreadsheet, Tab
from tests.sheets_double.showing import shown
from tests.sheets_double.typing_in import locale_of

if TYPE_CHECKING:
    from tests.sheets_double.double import SheetsDouble

PAGE = Path(__file__).with_name("grid.html")
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
# Rows at a time; the page asks for more where she goes further down.
ROWS = 200
LOG_ROWS = 200
# What may be done to a spreadsheet from the page: methods of Seller.
HANDS = frozenset(
    {
        "type", "erase", "insert_rows", "insert_columns", "delete_rows", "delete_columns", "move_rows", "move_column",
        "hide_rows", "hide_columns", "sort", "filter", "clear_filter", "protect", "unprotect", "merge", "unmerge",
        "copy_row", "insert_copy_of_row", "fill_down", "add_checkboxes", "set_dropdown", "set_note", "freeze", "add_tab",
        "rename_tab", "hide_tab", "delete_tab", "duplicate_tab", "set_locale", "undo", "share", "unshare",
    }
)  # fmt: skip
FAULTS: Mapping[str, Callable[[], Fault]] = {
    "503 (HTML), nothing done": faults.server_error,
    "503 (HTML), but done": functools.partial(faults.server_error, applied=True),
    "500 (JSON), nothing done": functools.partial(faults.server_error, 500, html=False),
    "connection cut, nothing done": faults.reset,
    "connection cut, but done": functools.partial(faults.reset, applied=True),
    "no answer, nothing done": faults.hang,
    "no answer, but done": functools.partial(faults.hang, applied=True),
    "no answer, done 40 s later": functools.partial(faults.late, 40.0),
    "half an answer, done": faults.truncated,
    "an answer that is no JSON, done": faults.garbage,
    "429": faults.too_many,
    "401": faults.unauthorized,
    "403, not shared any more": faults.not_shared,
    "404, file deleted": faults.gone,
    "a slow answer": functools.partial(faults.trickle, 16, 0.2),
}
Answered = tuple[int, str, bytes]


def serve(double: SheetsDouble, method: str, path: str, raw: bytes, host: str) -> Answered:
    """Answer a request of the page; only to a browser on this machine."""
    if host.rpartition(":")[0] not in LOCAL_HOSTS:
        return _json(403, {"error": "only from this machine"})
    parts = urlsplit(path)
    steps = [step for step in parts.path.split("/") if step]
    try:
        if method == "GET" and (not steps or (steps[0] == "d" and len(steps) == 2)):
            return 200, "text/html; charset=utf-8", PAGE.read_bytes()
        if not steps or steps[0] != "grid":
            return _json(404, {"error": "not found"})
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        with double.lock:
            found = (
                _get(double, steps[1:], query)
                if method == "GET"
                else _post(double, steps[1:], json.loads(raw or b"{}"))
            )
    except (Rejected, Refused, ApiError, AssertionError, IndexError, KeyError, TypeError, ValueError) as error:
        # A hand that can't be done, in words for the one who tried.
        return _json(400, {"error": getattr(error, "message", "") or str(error)})
    return _json(200, found) if found is not None else _json(404, {"error": "not found"})


def _json(status: int, body: Json) -> Answered:
    return status, "application/json; charset=utf-8", json.dumps(body, ensure_ascii=False).encode()


def _get(double: SheetsDouble, steps: list[str], query: dict[str, str]) -> Json | None:
    if steps == ["list"]:
        books = [_listed(each) for each in double.google.spreadsheets.values()]
        return {"spreadsheets": books, "account": double.account, "url": double.url, "faults": list(FAULTS)}
    if steps == ["log"]:
        return _log(double, int(query.get("after", "0")))
    if len(steps) == 2 and steps[0] == "d" and steps[1] in double.google.spreadsheets:
        return _shown_book(double.google.spreadsheets[steps[1]], query)
    return None


def _post(double: SheetsDouble, steps: list[str], body: Json) -> Json | None:
    if steps == ["create"]:
        seller = double.create(str(body.get("title") or "Tanpa judul"), locale=str(body.get("locale") or "in_ID"))
        return {"id": seller.id}
    if steps == ["fault"]:
        planted = double.plant(FAULTS[body["name"]](), str(body.get("match") or "write"))
        return {"waiting": planted.fault.name}
    if steps == ["calm"]:
        double.clear_faults()
        return {}
    if steps == ["latency"]:
        double.latency_s = float(body["seconds"])
        return {}
    if len(steps) == 3 and steps[0] == "d" and steps[2] == "hand":
        hand = str(body["hand"])
        if hand not in HANDS:
            return None
        getattr(double.open(steps[1]), hand)(*body.get("with", ()), **body.get("more", {}))
        return {"revision": double.google.spreadsheets[steps[1]].revision}
    return None


def _listed(spreadsheet: Spreadsheet) -> Json:
    book = spreadsheet.book
    return {
        "id": spreadsheet.id,
        "title": book.title,
        "locale": book.locale,
        "tabs": len(book.tabs),
        "shares": spreadsheet.shares,
    }


def _log(double: SheetsDouble, after: int) -> Json:
    calls = double.calls[max(after, len(double.calls) - LOG_ROWS) :]
    return {
        "count": len(double.calls),
        "waiting": double.waiting_faults(),
        "calls": [_logged(call) for call in calls],
    }


def _logged(call: Call) -> Json:
    return {
        "at": call.at,
        "name": call.name or f"{call.method} {call.path}",
        "kind": call.kind,
        "status": call.status,
        "fault": call.fault,
        "sent": call.request_bytes,
        "received": call.response_bytes,
        "requests": call.requests,
        "message": call.message,
    }


def _shown_book(spreadsheet: Spreadsheet, query: dict[str, str]) -> Json:
    book = spreadsheet.book
    known = int(query.get("revision", "-1"))
    tab = next((each for each in book.tabs if str(each.sheet_id) == query.get("tab")), book.tabs[0])
    found: Json = {"revision": spreadsheet.revision, "tab": tab.sheet_id}
    if known == spreadsheet.revision:
        return found
    top = int(query.get("top", "0"))
    locale = locale_of(book.locale)
    merges = [area_of(merge, tab.row_count, tab.column_count) for merge in tab.merges]
    return found | _listed(spreadsheet) | {
        "tabs": [{"id": each.sheet_id, "title": each.title, "hidden": each.hidden} for each in book.tabs],
        "top": top,
        "rows": [_shown_row(tab, number, tab.rows[number], locale) for number in range(top, min(top + ROWS, tab.row_count))],
        "row_count": tab.row_count,
        "columns": [{"name": letters(n), "hidden": column.hidden} for n, column in enumerate(tab.columns)],
        "frozen": tab.frozen_rows,
        "merges": [[area.top, area.left, area.bottom, area.right] for area in merges],
        "filter": tab.basic_filter,
        "protected": tab.protected,
        "metadata": list(book.metadata.values()),
    }  # fmt: skip


def _shown_row(tab: Tab, number: int, row: Row, locale: Any) -> Json:
    found: Json = {"cells": {str(column): _shown_cell(cell, locale) for column, cell in row.cells.items()}}
    if row.hidden or row.filtered:
        found["hidden"] = True
    return found


def _shown_cell(cell: Cell, locale: Any) -> Json:
    found: Json = {"text": shown(cell, locale)}
    if isinstance(cell.entered, Formula):
        found["typed"] = cell.entered.text
    if isinstance(cell.effective, int | float) and not isinstance(cell.effective, bool):
        found["number"] = True
    if cell.note:
        found["note"] = cell.note
    fmt = cell.fmt or {}
    if fmt.get("textFormat", {}).get("bold"):
        found["bold"] = True
    if "backgroundColor" in fmt:
        parts = [round(fmt["backgroundColor"].get(name, 0) * 255) for name in ("red", "green", "blue")]
        found["colour"] = "rgb({},{},{})".format(*parts)
    condition = (cell.validation or {}).get("condition", {})
    if condition.get("type") == "ONE_OF_LIST":
        found["choices"] = [each["userEnteredValue"] for each in condition["values"]]
    elif condition.get("type") == "BOOLEAN":
        found["box"] = cell.effective is True
    return found


def example_book(seller: Seller) -> None:
    """Fill a spreadsheet with orders as a seller keeps them before she ever heard of us."""
    tab = seller.tabs[0]
    seller.rename_tab(tab, "Order Kue 2026")
    tab = "Order Kue 2026"
    seller.type(tab, "A1", "DAFTAR ORDER KUE LEBARAN - Dapur Sari")
    seller.merge(tab, "A1:G1")
    header = ["No", "Nama Pemesan", "No WA", "Pesanan", "Harga", "Status Bayar", "Komisi"]
    orders = [
        ["1", "Ani Lestari", "'0812-0000-1001", "Nastar 2 toples", "170.000", "Lunas"],
        ["2", "Budi Santoso", "'0812-0000-1002", "Kastengel 1 toples", "95.000", "Belum"],
        ["3", "Cici Wulandari", "'0812-0000-1003", "Putri salju 3 toples", "240.000", "DP"],
        ["4", "Dewi Anggraini", "'0812-0000-1004", "Nastar 1 toples", "85.000", "Lunas"],
    ]
    seller.type_rows(tab, "A3", [header, *orders])
    seller.fill_down(tab, "G4", "=E4*0.05", to_row=3 + len(orders))
    seller.set_format(tab, "A3:G3", {"textFormat": {"bold": True}})
    seller.set_format(tab, "E4:E1000", {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}})
    seller.set_dropdown(tab, "F4:F1000", ["Belum", "DP", "Lunas"], strict=False)
    seller.filter(tab, f"A3:G{3 + len(orders)}")
    seller.freeze(tab, 3)
