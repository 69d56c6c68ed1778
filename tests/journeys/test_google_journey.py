"""The whole way with the seller's Google spreadsheet: an order from a phone, a row, her edit, the buyer's page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.intake.google_bench import DoubleBook, connected
from tests.intake.google_hands import column_of, orders_tab, put
from tests.journeys.buying import fill_order, press
from tests.journeys.content import SLUG
from tests.journeys.running import RunningShop
from tests.sheets_double import faults
from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.faults import Fault

# What the seller's page promises: a change in the sheet shows within half a minute.
PROMISED_S = 30.0


@pytest.fixture
def double() -> Iterator[SheetsDouble]:
    """Google Sheets on this machine, with its quota."""
    with SheetsDouble() as running:
        yield running


@pytest.fixture
def book(double: SheetsDouble) -> DoubleBook:
    """The seller's spreadsheet."""
    return connected(double)


@pytest.fixture
def google_shop(
    make_shop: Callable[..., RunningShop], double: SheetsDouble, book: DoubleBook, tmp_path: Path
) -> RunningShop:
    """A running shop whose sheet it is."""
    shop = make_shop()
    shop.environment = {
        "ETALASE_SHEET": f"google:{book.id}",
        "GOOGLE_APPLICATION_CREDENTIALS": str(double.write_key(tmp_path / "key.json")),
        "ETALASE_SHEETS_API": double.url,
    }
    shop.program = ("-m", "tests.journeys.shop_of_short_patience")
    shop.start()
    return shop


def buy(page: Page, shop: RunningShop, name: str, phone: str) -> str:
    """Order through the form; give the address of the status page."""
    page.goto(f"{shop.base}/{SLUG}/")
    fill_order(page, shop.catalogue().campaigns[0], name=name, phone=phone)
    press(page, f"/pesan/{SLUG}")
    press(page, f"/pesan/{SLUG}/kirim")
    assert "/s/" in page.url
    return page.url


def names(book: DoubleBook) -> list[str]:
    """Give the names in the orders tab, from the top."""
    column = column_of(book, "Nama")
    return [row[column] for row in book.grid(orders_tab(book)[0])[1:] if row[column]]


def wait_for(found: Callable[[], bool], shop: RunningShop, seconds: float = PROMISED_S) -> None:
    """Return once it is so."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, shop.log[-3000:]
        time.sleep(0.2)


FAULTS: dict[str, Fault] = {
    "a page of 503 after it was done": faults.server_error(503, html=True, applied=True),
    "a reset after it was done": faults.reset(applied=True),
    "no answer, and not done": faults.hang(),
    "no answer, and done much later": faults.late(),
}


def test_from_the_form_to_the_spreadsheet_and_back(
    google_shop: RunningShop, double: SheetsDouble, book: DoubleBook, phone: Callable[..., BrowserContext]
) -> None:
    """
    Orders from a browser stand in the spreadsheet once each, as typed, also where Google's answer is an error after the
    row was written, is cut off, does not come, or the row is written long after we gave up. Then the status that the
    seller sets shows on the buyer's page.
    """
    shop, page = google_shop, phone().new_page()
    status_url = buy(page, shop, "=1+1 Ibu Ñur 🎂", "0812 0000 5678")
    expected = ["=1+1 Ibu Ñur 🎂"]
    wait_for(lambda: names(book) == expected, shop)
    for number, fault in enumerate(FAULTS.values()):
        planted = double.plant(fault)
        buy(page, shop, f"Pembeli {number}", f"0813 0000 111{number}")
        expected.append(f"Pembeli {number}")
        assert planted.reached.wait(PROMISED_S)
        wait_for(lambda: names(book) == expected, shop)
        if fault.applied == "late":
            # Forty seconds later, or forty hours: Google refuses it now.
            planted.land()
            assert planted.landed_status == 400
        planted.release()
    grid = book.grid("Pesanan")
    row = grid[1]
    assert row[column_of(book, "Catatan Pembeli")] == "0042 tas hijau 💚"
    assert row[column_of(book, "WhatsApp")] == "0812-0000-5678"
    deposit = bool(shop.catalogue().campaigns[0].payment.deposit_percent)
    number = book.tabs()["Pesanan"]
    book.do(
        {"sortRange": {
            "range": {"sheetId": number, "startRowIndex": 1, "endRowIndex": 1 + len(expected), "startColumnIndex": 0, "endColumnIndex": 26},
            "sortSpecs": [{"dimensionIndex": column_of(book, "Nama"), "sortOrder": "DESCENDING"}],
        }},
    )  # fmt: skip
    place = names(book).index(expected[0]) + 1
    book.do(put(number, place, column_of(book, "Status"), ["DP diterima" if deposit else "Lunas"]))
    wanted = "deposit_paid" if deposit else "paid"

    def shown() -> bool:
        page.goto(status_url)
        return page.locator(f'[data-status="{wanted}"]').count() == 1

    wait_for(shown, shop)
    # And nothing came twice while all this went on.
    assert sorted(names(book)) == sorted(expected)
    assert shop.stop()[0] == 0
