"""
Formula injection: what a buyer types is text in the seller's spreadsheet, whatever it looks like. Fifty texts that
spreadsheets have run, fetched or turned into numbers, in every field of a buyer's, over both backends.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from intake.delivery import Delivery
from intake.exporting import export_orders, export_to
from intake.ledger.store import StoredOrder
from intake.settings import read_settings
from intake.sheet.columns import LINES, ORDERS, TABS, find_header
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_look import found_text
from preorder.catalogue import to_json
from preorder.order import LineRequest
from preorder.wording import STATUS_LABELS
from tests.intake.conftest import Counter
from tests.intake.google_bench import WORDING, GoogleBench, opened_counter
from tests.makers import make_request
from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.model import Formula

PAYLOADS = (
    # Formulas, in every way that begins one.
    "=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"https://example.com?x=\"&A1,\"klik\")", "=IMPORTXML(\"https://example.com\",\"//a\")",
    "=IMPORTDATA(\"https://example.com/x.csv\")", "=IMPORTRANGE(\"1AbC\",\"A1:Z9\")", "=IMAGE(\"https://example.com/x.png\")",
    "=WEBSERVICE(\"https://example.com\")", "=DDE(\"cmd\";\"/C calc\";\"x\")", "=ARRAYFORMULA(A1:A9)", "=SUM(1;2)", "==1+1", "= 1+1",
    "+1+1", "+cmd|' /C calc'!A0", "+62812000056", "+A1", "-1+1", "-2+3+cmd|' /C calc'!A0", "-A1", "@SUM(1+1)", "@A1", "@import",
    # With something before it that programs take away.
    " =1+1", "\t=1+1", "\u200b=1+1", "\ufeff=1+1", "'=1+1", "\"=1+1\"", "''=1+1", "\u00a0=1+1",
    # Full-width signs, which some programs fold.
    "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(1)",
    # Numbers, dates, truth values and errors that must stay as typed.
    "0812", "1-2", "12E5", "1/2", "2026-11-22", "15.000", "15,5", "Rp15.000", "50%", "TRUE", "BENAR", "#REF!", "#N/A", "NULL", "_x0041_",
)  # fmt: skip
PHONES = [f"+6281200{number:06d}" for number in range(len(PAYLOADS))]

# What a reader of a CSV file would take for a formula.
_RUNS = re.compile("^[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def place_all(counter: Counter) -> dict[str, str]:
    """Place an order for each text, with it in every field that a buyer fills; give ref -> text."""
    refs = {}
    for payload, phone in zip(PAYLOADS, PHONES, strict=True):
        # What the form does not let through never comes here; what it does is at most 20 characters for an embroidery.
        line = LineRequest("gamis", "", 1, {"warna": "Sage", "nama": payload[:20]})
        request = make_request(
            None, line, name=payload, phone=phone, address=f"{payload}\nBandung", note=payload, channel=payload
        )
        counter.clock.move(seconds=1)
        refs[counter.place(request).ref] = payload
    return refs


def wanted_texts(order: StoredOrder) -> dict[str, str]:
    """Give code -> text as the ledger has it, of what the buyer typed."""
    return {
        "name": order.name,
        "address": order.address or "",
        "buyer_note": order.note or "",
        "channel": order.channel or "",
    }


Row = Mapping[str, Any]
# Gives the texts of the tab of this code by ref: code -> value, after seeing that each cell holds a text that no program runs.
Texts = Callable[[str], dict[str, list[Row]]]


@contextlib.contextmanager
def google_texts(counter: Counter, folder: Path) -> Iterator[Texts]:
    with SheetsDouble(per_account=None, per_project=None) as double:
        bench = GoogleBench(counter, double, double.write_key(folder / "key.json"))
        bench.settle()

        def texts(code: str) -> dict[str, list[Row]]:
            tab = next(each for each in TABS if each.code == code)
            book = double.google.spreadsheets[bench.book.id].book
            found = next(each for each in book.tabs if each.title == tab.titles["id"])
            assert not [cell for row in found.rows for cell in row.cells.values() if isinstance(cell.entered, Formula)]
            return _by_ref(bench.shown(tab.titles["id"], tab))

        yield texts
        bench.close()


@contextlib.contextmanager
def workbook_texts(counter: Counter, folder: Path) -> Iterator[Texts]:
    path = folder / "orders.xlsx"
    labels = tuple(STATUS_LABELS["id"].values())
    sheet = WorkbookSheet(path, language="id", status_labels=labels, status_colours={}, texts={})
    sheet.ensure()
    delivery = Delivery(sheet, counter.writer, counter.reader, lambda: WORDING, counter.clock)
    for _ in range(3):
        delivery.sync()

    def texts(code: str) -> dict[str, list[Row]]:
        tab = next(each for each in TABS if each.code == code)
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                if name.startswith("xl/worksheets/"):
                    assert b"<f>" not in parts.read(name) and b"<f " not in parts.read(name)
        grid = load_workbook(path)[tab.titles["id"]]
        rows = [[cell.value for cell in row] for row in grid.iter_rows()]
        header = find_header(tab, "x", rows, "id")
        found = []
        for row in grid.iter_rows(min_row=header.row + 1):
            cells = {code: row[place - 1] for code, place in header.places.items()}
            for each in cells.values():
                assert each.data_type in {"s", "n"}, each.coordinate
                # What would be taken for a formula when she opens the cell and presses Enter carries Excel's apostrophe.
                if isinstance(each.value, str) and each.value[:1] in {"=", "+", "-", "@"}:
                    assert each.quotePrefix, each.coordinate
            found.append(
                {
                    code: found_text(cell.value) if isinstance(cell.value, str) else cell.value
                    for code, cell in cells.items()
                }
            )
        return _by_ref(found)

    yield texts


def _by_ref(rows: list[dict[str, Any]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["ref"]:
            found.setdefault(str(row["ref"]), []).append(row)
    return found


BACKENDS = {"google": google_texts, "workbook": workbook_texts}


def test_there_are_fifty() -> None:
    """Fifty different texts."""
    assert len(set(PAYLOADS)) == 50


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_what_buyers_type_stays_text(tmp_path: Path, backend: str) -> None:
    """In each backend every field holds the very text, as text: no formula, number, date, truth value or error."""
    with opened_counter(tmp_path / "data") as counter:
        refs = place_all(counter)
        with BACKENDS[backend](counter, tmp_path) as texts:
            orders, lines = texts(ORDERS.code), texts(LINES.code)
            assert orders.keys() == lines.keys() == refs.keys()
            for ref, payload in refs.items():
                order = counter.order(ref)
                [row] = orders[ref]
                for code, text in wanted_texts(order).items():
                    assert isinstance(row[code], str), (payload, code)
                    assert row[code] == text, (payload, code)
                [line] = lines[ref]
                embroidered = order.lines[0].options.get("Nama bordir", "")
                assert embroidered in line["options"], payload


def test_an_export_runs_nothing(tmp_path: Path) -> None:
    """In the CSV export no cell begins as a formula does, and each text is whole behind its apostrophe."""
    with opened_counter(tmp_path / "data") as counter:
        refs = place_all(counter)
        out = io.StringIO()
        with counter.reader.begin() as connection:
            export_orders(connection, WORDING, out)
        rows = list(csv.reader(io.StringIO(out.getvalue().removeprefix("\ufeff"))))
        head = [column.headers["id"] for column in ORDERS.columns]
        # And who may be told of the next pre-orders.
        assert rows[0][:-1] == head
        assert len(rows) == 51
        for row in rows[1:]:
            assert not any(_RUNS.match(cell) for cell in row), row
            order = counter.order(row[0])
            for code, text in wanted_texts(order).items():
                shown = row[[column.code for column in ORDERS.columns].index(code)]
                assert shown.removeprefix("'") == text or shown == text, (refs[row[0]], code)


def test_the_export_is_private_and_whole(tmp_path: Path) -> None:
    """The file can be read by its owner alone, and replaces an older one in one step."""
    with opened_counter(tmp_path / "data") as counter:
        counter.place(make_request())
        catalogue = tmp_path / "catalogue.json"
        catalogue.write_text(json.dumps(to_json(counter.catalogue.current())), "utf-8")
        settings = read_settings({"ETALASE_DATA": str(tmp_path / "data"), "ETALASE_CATALOGUE": str(catalogue)})
        path = tmp_path / "orders.csv"
        path.write_text("older", "utf-8")
        assert export_to(settings, "id", path) == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))) == 2
        assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
