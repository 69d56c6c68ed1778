"""
A Google spreadsheet as an operator connects it and a seller works in it: commands and shop as processes of their own,
over HTTP, against the double.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openpyxl import load_workbook

from intake.sheet.columns import ORDERS
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, order_fields, place
from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.hands import Seller

LATE_S = 60.0


@pytest.fixture
def google() -> Iterator[SheetsDouble]:
    with SheetsDouble() as double:
        yield double


def run(shop: RunningShop, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the shop as its operator does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ETALASE_")}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "intake", *command],
        cwd=CHECKOUT, env=environment | shop.settings(), capture_output=True, text=True, timeout=120, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def with_key(shop: RunningShop, google: SheetsDouble) -> None:
    """Give a shop the key, and Google's address."""
    key = google.write_key(shop.root / "key.json")
    shop.environment = {"GOOGLE_APPLICATION_CREDENTIALS": str(key), "ETALASE_SHEETS_API": google.url}


def with_sheet(shop: RunningShop, seller: Seller) -> None:
    """Write the line that connect prints into .env."""
    shop.environment = {**shop.environment, "ETALASE_SHEET": f"google:{seller.id}"}


def buy(shop: RunningShop, number: int) -> str:
    """Order as a new buyer; give the path of her page."""
    fields = order_fields(name=f"Pembeli {number}", phone=f"0812-0000-{4000 + number}")
    return place(shop.base, SLUG, {**fields, JAR: "1"})


def wait_for(found: Callable[[], Any]) -> Any:
    """Give what is found as soon as it is."""
    deadline = time.monotonic() + LATE_S
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError("nothing came in time")


def rows_of(seller: Seller, tab: str, headers: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Give name -> values by code, of the rows with a ref of ours."""
    grid = seller.values(tab)
    wanted = {column.code: column.headers["id"] for column in ORDERS.columns} | (headers or {})
    head = next(row for row in grid if wanted["ref"] in row)
    places = {code: head.index(header) for code, header in wanted.items()}
    rows = [
        {code: row[place] if place < len(row) else "" for code, place in places.items()}
        for row in grid[grid.index(head) + 1 :]
    ]
    return {str(row["name"]): row for row in rows if str(row["ref"]).startswith("NST-")}


def book_rows(shop: RunningShop) -> dict[str, dict[str, Any]]:
    """Give name -> values by code, of the workbook's rows."""
    if not shop.workbook.exists():
        return {}
    sheet = load_workbook(shop.workbook)["Pesanan"]
    head = [cell.value for cell in sheet[1]]
    codes = {column.headers["id"]: column.code for column in ORDERS.columns}
    rows = [
        {codes.get(name, name): cell.value for name, cell in zip(head, row, strict=False)}
        for row in sheet.iter_rows(min_row=2)
    ]
    return {str(row["name"]): row for row in rows if row["ref"]}


def test_from_nothing_to_the_first_order(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """
    Connect, write the line into .env, start, order, choose a status: the buyer's page says it, `check` and `reconcile`
    find nothing wrong. Nothing of the key but its address is ever told.
    """
    shop = make_shop()
    seller = google.create(locale="en_US")
    assert run(shop, "sheet", "connect", seller.url, "--yes").returncode == 1
    with_key(shop, google)
    done = run(shop, "sheet", "connect", seller.url, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ETALASE_SHEET=google:{seller.id}" in done.stdout
    with_sheet(shop, seller)
    shop.start()
    page = buy(shop, 1)
    row = wait_for(lambda: rows_of(seller, "Pesanan").get("Pembeli 1"))
    assert row["whatsapp"] == "0812-0000-4001"
    at = seller.at("Pesanan", row["ref"], "Status")
    seller.type("Pesanan", at, "Lunas")
    wait_for(
        lambda: 'data-status="paid"' in (text := requests.get(shop.base + page, timeout=10).text) or "Lunas" in text
    )
    checked = run(shop, "sheet", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert run(shop, "sheet", "probe").returncode == 0
    compared = run(shop, "sheet", "reconcile")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    key = Path(shop.environment["GOOGLE_APPLICATION_CREDENTIALS"]).read_text("utf-8")
    secret = [line for line in key.split("\\n") if len(line) == 64]
    assert secret
    for text in (done.stdout + done.stderr, checked.stdout + checked.stderr, shop.log):
        assert "ya29." not in text
        assert not any(line in text for line in secret)


def test_unshared_and_shared_again(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """
    Sharing that is taken back: orders wait, `check` says what to do; given again, `check` has the running shop write at
    once, and each order stands once.
    """
    shop = make_shop()
    with_key(shop, google)
    seller = google.create()
    assert run(shop, "sheet", "connect", seller.url, "--yes").returncode == 0
    with_sheet(shop, seller)
    shop.start()
    buy(shop, 1)
    wait_for(lambda: rows_of(seller, "Pesanan"))
    seller.unshare(google.account)
    google.clear_log()
    buy(shop, 2)
    wait_for(lambda: [call for call in google.made() if call.status == 403])
    told = run(shop, "sheet", "check")
    assert told.returncode == 1
    assert google.account in told.stdout + told.stderr
    seller.share(google.account, "writer")
    assert run(shop, "sheet", "check").returncode == 0
    rows = wait_for(lambda: rows if len(rows := rows_of(seller, "Pesanan")) == 2 else None)
    assert rows.keys() == {"Pembeli 1", "Pembeli 2"}


def test_into_the_sheet_that_she_has(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """
    In a tab where she keeps orders under her own headers new ones come below hers, in her columns, with her formulas
    carried on; none of her rows is read or written.
    """
    shop = make_shop()
    with_key(shop, google)
    seller = google.create()
    seller.rename_tab(seller.tabs[0], "Orderan")
    seller.type_row("Orderan", "A1", ["Nama Pemesan", "Ongkir", "No HP", "Tambahan"])
    seller.type_rows("Orderan", "A2", [[f"Lama {n}", "10.000", f"'0813000000{n:02d}"] for n in range(1, 21)])
    seller.fill_down("Orderan", "D2", "=B2*2", 21)
    before = [row[:4] for row in seller.values("Orderan")[:21]]
    done = run(shop, "sheet", "connect", seller.url, "--tab", "Orderan", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    with_sheet(shop, seller)
    shop.start()
    buy(shop, 1)
    mapped = {"name": "Nama Pemesan", "whatsapp": "No HP", "shipping": "Ongkir"}
    row = wait_for(lambda: rows_of(seller, "Orderan", mapped).get("Pembeli 1"))
    assert (row["whatsapp"], row["shipping"]) == ("0812-0000-4001", 18000)
    number = seller.find_row("Orderan", row["ref"])
    assert number == 22
    assert seller.formula("Orderan", "D22") == "=B22*2"
    buy(shop, 2)
    wait_for(lambda: rows_of(seller, "Orderan", mapped).get("Pembeli 2"))
    assert [row[:4] for row in seller.values("Orderan")[:21]] == before
    messages = seller.find_column("Orderan", "Pesan Sistem")
    assert not any(seller.value("Orderan", f"{messages}{number}") for number in range(2, 22))
    compared = run(shop, "sheet", "reconcile")
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_moving_there_and_back(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """
    From the workbook to the spreadsheet and back: every live order is written to the new place once, nothing counts as
    deleted or as a command, and an edit made there is not undone by the old copy.
    """
    shop = make_shop()
    shop.start()
    buy(shop, 1)
    wait_for(lambda: book_rows(shop).get("Pembeli 1"))
    shop.stop()
    with_key(shop, google)
    at_home = dict(shop.environment)
    seller = google.create()
    assert run(shop, "sheet", "connect", seller.url, "--yes").returncode == 0
    with_sheet(shop, seller)
    shop.start()
    moved = wait_for(lambda: rows_of(seller, "Pesanan").get("Pembeli 1"))
    assert not moved["message"]
    buy(shop, 2)
    second = wait_for(lambda: rows_of(seller, "Pesanan").get("Pembeli 2"))
    seller.type("Pesanan", seller.at("Pesanan", moved["ref"], "Kurir"), "SiCepat")
    seller.type("Pesanan", seller.at("Pesanan", second["ref"], "Uang Masuk"), "138.000")
    # Carried out: what is left to pay has changed in her row.
    wait_for(lambda: rows_of(seller, "Pesanan")["Pembeli 2"]["payment"] != second["payment"])
    wait_for(lambda: rows_of(seller, "Pesanan")["Pembeli 2"]["status"] != second["status"])
    wait_for(lambda: run(shop, "sheet", "reconcile").returncode == 0)
    shop.stop()
    shop.environment = at_home
    shop.start()
    back = wait_for(lambda: book_rows(shop) if {"Pembeli 1", "Pembeli 2"} <= book_rows(shop).keys() else None)
    wait_for(lambda: book_rows(shop)["Pembeli 1"]["courier"] == "SiCepat")
    assert len(back) == 2
    assert book_rows(shop)["Pembeli 2"]["money_in"] == 138000
    compared = run(shop, "sheet", "reconcile")
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_moving_into_the_sheet_that_she_has(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """
    Moving to a tab in which rows of hers stand is moving all the same: live orders are written there, and none counts as
    one whose row she has deleted.
    """
    shop = make_shop()
    shop.start()
    for number in (1, 2):
        buy(shop, number)
    wait_for(lambda: len(book_rows(shop)) == 2)
    shop.stop()
    with_key(shop, google)
    seller = google.create(tabs=["Orderan"])
    seller.type_rows("Orderan", "A1", [["Nama Pemesan", "No HP"], *([f"Lama {n}", f"'0813{n:08d}"] for n in range(9))])
    assert run(shop, "sheet", "connect", seller.url, "--tab", "Orderan", "--yes").returncode == 0
    with_sheet(shop, seller)
    shop.start()
    mapped = {"name": "Nama Pemesan", "whatsapp": "No HP"}
    rows = wait_for(lambda: rows if len(rows := rows_of(seller, "Orderan", mapped)) == 2 else None)
    assert [row["message"] for row in rows.values()] == ["", ""]


def test_another_tab_later(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """Connected to another tab of the same spreadsheet, the shop goes on there, with every live order."""
    shop = make_shop()
    with_key(shop, google)
    seller = google.create()
    assert run(shop, "sheet", "connect", seller.url, "--yes").returncode == 0
    with_sheet(shop, seller)
    shop.start()
    buy(shop, 1)
    wait_for(lambda: rows_of(seller, "Pesanan"))
    shop.stop()
    before = seller.values("Pesanan")
    assert run(shop, "sheet", "connect", seller.url, "--tab", "PO 2027", "--yes").returncode == 0
    shop.start()
    buy(shop, 2)
    wait_for(lambda: rows_of(seller, "PO 2027").keys() == {"Pembeli 1", "Pembeli 2"})
    assert seller.values("Pesanan") == before


def test_reconcile_finds_and_repairs(make_shop: Callable[..., RunningShop], google: SheetsDouble) -> None:
    """
    A row that is gone, cells of ours that were overtyped, and a ref that nobody knows are listed; with --repair the
    first two are put right when the shop starts.
    """
    shop = make_shop()
    with_key(shop, google)
    seller = google.create()
    assert run(shop, "sheet", "connect", seller.url, "--yes").returncode == 0
    with_sheet(shop, seller)
    shop.start()
    for number in (1, 2, 3):
        buy(shop, number)
    rows = wait_for(lambda: rows if len(rows := rows_of(seller, "Pesanan")) == 3 else None)
    wait_for(lambda: "!!" not in run(shop, "sheet", "reconcile").stdout)
    assert run(shop, "sheet", "reconcile", "--repair").returncode == 0
    shop.stop()
    gone, changed, known = (rows[f"Pembeli {number}"]["ref"] for number in (1, 2, 3))
    seller.type("Pesanan", seller.at("Pesanan", changed, "Total"), "1")
    seller.type("Pesanan", f"{seller.find_column('Pesanan', 'No. Pesanan')}30", "NST-ABCD")
    number = seller.find_row("Pesanan", gone)
    seller.delete_rows("Pesanan", number)
    found = run(shop, "sheet", "reconcile")
    assert found.returncode == 1
    assert gone in found.stdout and changed in found.stdout and "NST-ABCD" in found.stdout
    assert known not in found.stdout
    assert run(shop, "sheet", "reconcile", "--repair").returncode == 0
    shop.start()
    wait_for(lambda: gone in {row["ref"] for row in rows_of(seller, "Pesanan").values()})
    wait_for(lambda: rows_of(seller, "Pesanan")["Pembeli 2"]["total"] == rows["Pembeli 2"]["total"])
    # Not as a row that she deleted: then a message would say so.
    assert not rows_of(seller, "Pesanan")["Pembeli 1"]["message"]
