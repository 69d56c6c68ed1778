"""A real LibreOffice opens and saves the book; we go on with it. Skipped where none is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from intake.sheet import OrderRow
from intake.sheet.columns import ORDERS
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_look import choices_formula
from intake.sheet.workbook_process import handle
from preorder.wording import STATUS_LABELS

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
LABELS = list(STATUS_LABELS["id"].values())
OWN = len(ORDERS.columns) + 1


def save_in_office(path: Path, profile: Path) -> None:
    """Open the book in LibreOffice and save it over itself."""
    out = path.parent / "out"
    command = [
        str(OFFICE),
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(out),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    shutil.copyfile(out / path.name, path)


def order(number: int, **values: Any) -> OrderRow:
    shown: dict[str, Any] = {
        "status": "Menunggu pembayaran",
        "name": "=1+1",
        "whatsapp": "0812",
        "total": 150000,
        "money_in": 100000,
    }
    shown["buyer_note"] = "🍪 _x0041_\nbaris"
    return OrderRow(f"NST-{number:04}", {**shown, **values}, {}, ({"product": "Nastar", "qty": 2, "price": 75000},))


def test_round_trip(tmp_path: Path) -> None:
    """
    Values, drop-down, colours and her formulas come through LibreOffice, with results; then orders go on being written.
    """
    sheet = WorkbookSheet(
        tmp_path / "orders.xlsx",
        language="id",
        status_labels=LABELS,
        status_colours={"Lunas": "BBF7D0"},
        texts={},
        run=handle,
    )
    sheet.write([order(1), order(2)])
    book = load_workbook(sheet.path)
    page: Any = book["Pesanan"]
    page.cell(1, OWN, "Untung")
    page.cell(2, OWN, "=G2*2")
    page.cell(3, OWN, "=G3*2")
    page.cell(3, 10, "=50000*3")  # money in
    book.save(sheet.path)
    sheet.write([order(1, total=160000)])
    save_in_office(sheet.path, tmp_path / "profile")

    # Nothing of ours has changed on the way, and the formula in an editable cell has its result now.
    results: Any = load_workbook(sheet.path, data_only=True)["Pesanan"]
    assert [results.cell(row, OWN).value for row in (2, 3)] == [320000, 300000]
    view = {row.ref: row.values for row in sheet.read().rows}
    assert view["NST-0001"]["money_in"] == 100000
    assert view["NST-0002"]["money_in"] == 150000
    before = sheet.path.read_bytes()
    assert sheet.write([order(1, total=160000)]).edited == {}
    assert sheet.path.read_bytes() == before

    report = sheet.write([order(1, total=160000, status="Lunas"), order(2), order(3)])
    assert report.written == ("NST-0001", "NST-0002", "NST-0003")
    assert report.edited == {"NST-0001": {"status": "Menunggu pembayaran"}, "NST-0002": {"money_in": 150000}}
    page = load_workbook(sheet.path)["Pesanan"]
    assert page.cell(4, 1).value == "NST-0003"
    assert page.cell(4, 3).value == "=1+1"
    assert page.cell(4, 3).data_type == "s"
    assert page.cell(4, OWN).value == "=G4*2"
    choices = [each for each in page.data_validations.dataValidation if each.formula1 == choices_formula(LABELS)]
    assert any("B4" in each.sqref for each in choices)
    rules = [(str(each.sqref), rule.formula) for each in page.conditional_formatting for rule in each.rules]
    assert [formula for _, formula in rules] == [['"Lunas"']]
    save_in_office(sheet.path, tmp_path / "profile")
    assert {row.ref: row.values["status"] for row in sheet.read().rows}["NST-0003"] == "Menunggu pembayaran"
