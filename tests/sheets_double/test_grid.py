"""The live grid: what a developer does in it happens in the spreadsheet, and nobody else gets at it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.sheets_double import Seller, SheetsDouble
from tests.sheets_double.clients import Caller, write
from tests.sheets_double.grid import FAULTS, example_book

TAB = "Order Kue 2026"
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def double() -> Iterator[SheetsDouble]:
    """A double by real time."""
    with SheetsDouble() as made:
        yield made


@pytest.fixture
def seller(double: SheetsDouble) -> Seller:
    """A spreadsheet with orders of hers."""
    made = double.create()
    example_book(made)
    return made


@pytest.fixture
def page(browser: Browser, double: SheetsDouble, seller: Seller) -> Iterator[Page]:
    """Her spreadsheet in a browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: dialog.accept("Pesanan"))
    opened.goto(f"{double.url}/")
    opened.get_by_role("link", name="Toko Contoh").click()
    # The machine may be busy; what shows by itself is asked for once a second.
    expect.set_options(timeout=20_000)
    expect(opened.locator("#cell-B4")).to_have_text("Ani Lestari")
    yield opened
    expect.set_options(timeout=5_000)
    context.close()
    assert not problems


def test_cells_are_typed_into(page: Page, seller: Seller) -> None:
    """By double click, by the keyboard, from a list; formulas show what they give."""
    page.locator("#cell-B4").dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("Ani L.")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-B4")).to_have_text("Ani L.")
    page.locator("#cell-E4").click()
    page.keyboard.type("200.000")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-G4")).to_have_text("10000")
    page.locator("#cell-F5 select").select_option("Lunas")
    expect(page.locator("#cell-F5 select")).to_have_value("Lunas")
    assert (seller.value(TAB, "B4"), seller.value(TAB, "E4"), seller.value(TAB, "F5")) == ("Ani L.", 200_000, "Lunas")


def test_rows_and_columns_are_worked_on(page: Page, seller: Seller) -> None:
    """Sort by a column, insert, delete, undo."""
    page.locator("thead th", has_text=re.compile("^E$")).click()
    page.get_by_role("button", name="Sort Z-A").click()
    expect(page.locator("#cell-B4")).to_have_text("Cici Wulandari")
    page.locator("tbody th", has_text=re.compile("^4$")).click()
    page.get_by_role("button", name="Insert above").click()
    expect(page.locator("#cell-B5")).to_have_text("Cici Wulandari")
    page.get_by_role("button", name="Delete row").click()
    expect(page.locator("#cell-B4")).to_have_text("Cici Wulandari")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cell-B5")).to_have_text("Cici Wulandari")
    assert seller.value(TAB, "B5") == "Cici Wulandari"


def test_tabs_are_renamed(page: Page, seller: Seller) -> None:
    """By double click on the title."""
    page.get_by_role("button", name=TAB, exact=True).dblclick()
    expect(page.get_by_role("button", name="Pesanan", exact=True)).to_be_visible()
    assert seller.tabs == ["Pesanan"]


def test_calls_and_changes_show_by_themselves(page: Page, double: SheetsDouble, seller: Seller) -> None:
    """What our side writes appears without a reload, and so does each call in the log."""
    caller = Caller(double)
    assert caller.batch(seller.id, write(["dari luar"], row=9, column=1)).status_code == 200
    expect(page.locator("#cell-B10")).to_have_text("dari luar")
    expect(page.locator("#calls li").first).to_contain_text("spreadsheets.batchUpdate updateCells")


def test_faults_are_planted(page: Page, double: SheetsDouble, seller: Seller) -> None:
    """A button lets the next call go wrong, once."""
    page.get_by_role("button", name="503 (HTML), but done").click()
    expect(page.locator("#waiting")).to_contain_text("503")
    caller = Caller(double)
    assert caller.batch(seller.id, write(["a"], row=9)).status_code == 503
    assert caller.batch(seller.id, write(["b"], row=10)).status_code == 200
    assert (seller.value(TAB, "A10"), seller.value(TAB, "A11")) == ("a", "b")


def test_what_cannot_be_done_is_said(page: Page) -> None:
    """In a line of its own, and nothing changes."""
    page.get_by_role("button", name="Delete tab").click()
    expect(page.locator("#said")).to_contain_text("You can't remove all")


def test_only_this_machine(double: SheetsDouble, seller: Seller) -> None:
    """A page from elsewhere that was led here by its host name gets nothing, and no hand but those listed."""
    url = f"{double.url}/grid/list"
    assert requests.get(url, headers={"Host": "jahat.example:80"}, timeout=5).status_code == 403
    assert requests.get(url, timeout=5).json()["spreadsheets"][0]["id"] == seller.id
    body = {"hand": "restore", "with": []}
    assert requests.post(f"{double.url}/grid/d/{seller.id}/hand", json=body, timeout=5).status_code == 404
    assert all(make().name for make in FAULTS.values())


def test_started_by_hand(tmp_path: Path) -> None:
    """It prints what goes into .env, and what was typed outlives it."""
    command = [sys.executable, "-m", "tests.sheets_double", "--port", "0", "--folder", str(tmp_path)]

    def run(typed: str) -> str:
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            printed = ""
            while "Ctrl+C" not in printed:
                line = process.stdout.readline()
                assert line, printed
                printed += line
            url = re.search(r"ETALASE_SHEETS_API=(\S+)", printed)
            book = re.search(r"ETALASE_SHEET=google:(\S+)", printed)
            key = re.search(r"GOOGLE_APPLICATION_CREDENTIALS=(\S+)", printed)
            assert url and book and key and Path(key[1]).stat().st_mode & 0o077 == 0
            found = requests.get(f"{url[1]}/grid/d/{book[1]}", timeout=5).json()
            shown = found["rows"][0]["cells"].get("0", {}).get("text", "")
            hand = {"hand": "type", "with": [found["tabs"][0]["title"], "A1", typed]}
            assert requests.post(f"{url[1]}/grid/d/{book[1]}/hand", json=hand, timeout=5).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        return str(shown)

    assert run("pertama") == ""
    assert run("kedua") == "pertama"
