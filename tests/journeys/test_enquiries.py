"""Where nothing can be ordered: the waitlist and the request for an offer, from the page to the seller's sheet and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, expect

from tests.journeys.buying import fill_order, open_campaign, press
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import RunningShop
from tests.journeys.test_offer import change


def rows(shop: RunningShop, title: str) -> list[dict[str, Any]]:
    """Give the rows of a tab of the workbook; none while it isn't there."""
    if not shop.workbook.exists():
        return []
    book = load_workbook(shop.workbook)
    if title not in book.sheetnames:
        return []
    header, *found = [[cell.value for cell in row] for row in book[title].iter_rows()]
    return [dict(zip(header, row, strict=True)) for row in found if row[0]]


def wait_for(found: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_who_comes_too_late_waits_and_a_company_gets_its_answer(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """Without script, with all that was typed; the seller answers in her workbook, and the page says so."""
    shop = make_shop(quota=2)
    change(shop, "produk:\n", "penawaran: {mulai: 30}\nproduk:\n")
    shop.start()
    first, late, company = (phone().new_page() for _ in range(3))
    for page, buyer in ((first, "0812 0000 1111"), (late, "0812 0000 2222")):
        page.goto(f"{shop.base}/{SLUG}/")
        fill_order(page, open_campaign(shop), phone=buyer)
    press(first, f"/pesan/{SLUG}")
    press(first, f"/pesan/{SLUG}/kirim")
    assert "/s/" in first.url
    press(late, f"/pesan/{SLUG}")
    if not late.locator("#sold-out").count():
        # What is left was looked up a moment before.
        press(late, f"/pesan/{SLUG}/kirim")
    expect(late.locator("#sold-out")).to_be_visible()
    late.click("#join-waitlist")
    assert late.locator(f'[name="{JAR}"]').input_value() == "2"
    assert late.locator('[name="note"]').input_value() == "0042 tas hijau \U0001f49a"
    late.check("#f-accepts_part")
    late.click("#ask")
    assert "/d/" in late.url
    expect(late.locator('#place[data-place="1"]')).to_be_visible()

    company.goto(f"{shop.base}/penawaran/{SLUG}")
    company.fill(f'[name="{JAR}"]', "60")
    for name, text in (
        ("name", "Bu Kantor"),
        ("phone", "0812 0000 3333"),
        ("company", "PT Contoh"),
        ("needed_by", "x"),
    ):
        company.fill(f'[name="{name}"]', text)
    company.click("#ask")
    expect(company.locator("#e-needed_by")).to_be_visible()
    company.fill('[name="needed_by"]', "31/12/2099")
    company.click("#ask")
    assert "/d/" in company.url

    wait_for(lambda: rows(shop, "Daftar Tunggu") and rows(shop, "Penawaran"))
    (waiting,), (asked,) = rows(shop, "Daftar Tunggu"), rows(shop, "Penawaran")
    assert (waiting["Banyaknya"], waiting["Boleh Kurang"], waiting["Keadaan"]) == (2, "ya", "Menunggu")
    assert (asked["Total Unit"], asked["Perusahaan"], asked["Jawaban"]) == (60, "PT Contoh", "Menunggu")
    book = load_workbook(shop.workbook)
    tab = book["Penawaran"]
    place = next(cell.column for cell in tab[1] if cell.value == "Jawaban")
    tab.cell(2, place).value = "sudah dijawab"
    book.save(shop.workbook)
    wait_for(lambda: company.reload() and company.locator('[data-status="answered"]').count())

    late.click("#leave")
    expect(late.locator('[data-status="left"]')).to_be_visible()
    wait_for(lambda: rows(shop, "Daftar Tunggu")[0]["Keadaan"] == "Keluar")
    assert rows(shop, "Daftar Tunggu")[0]["Nama"] is None
