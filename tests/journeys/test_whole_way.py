"""
The whole way, for real: a page, an order from a phone, a row in the workbook, the seller's edit, the buyer's page.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Playwright

from tests.browser import find_chromium, flags
from tests.conftest import HUNG_ON, IN_APP, INSTAGRAM
from tests.journeys.buying import fill_order, open_campaign, press
from tests.journeys.content import JAR, SLUG
from tests.journeys.office import open_office
from tests.journeys.running import CHECKOUT, RunningShop, build, free_port, order_fields, review

# What the seller's page promises: a change in the workbook shows within half a minute.
PROMISED_S = 30


def orders_in(path: Path) -> list[dict[str, Any]]:
    """Give the rows of the orders tab that carry a ref: header -> value."""
    tab = load_workbook(path)["Pesanan"]
    header, *rows = [[cell.value for cell in row] for row in tab.iter_rows()]
    return [found for row in rows if (found := dict(zip(header, row, strict=True)))["No. Pesanan"]]


def wait_for_rows(path: Path, count: int, seconds: float = PROMISED_S) -> list[dict[str, Any]]:
    """Give the rows once there are that many."""
    deadline = time.monotonic() + seconds
    while True:
        rows = orders_in(path) if path.exists() else []
        if len(rows) == count or time.monotonic() > deadline:
            return rows
        time.sleep(0.3)


@pytest.fixture
def blocked_phone(tmp_path: Path, driver: Playwright) -> Iterator[Callable[[str], BrowserContext]]:
    """
    Give a function that opens an app's view on a phone whose owner blocks cookies and scripts in the browser's own
    settings, not by a switch of the test driver.
    """
    profile = tmp_path / "phone"
    settings = {"profile": {"default_content_setting_values": {"cookies": 2, "javascript": 2}}}
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(settings), encoding="utf-8")
    with contextlib.ExitStack() as opened:

        def open_phone(user_agent: str) -> BrowserContext:
            context = driver.chromium.launch_persistent_context(
                profile, executable_path=find_chromium(), args=flags(), viewport={"width": 360, "height": 740},
                device_scale_factor=2, is_mobile=True, has_touch=True, user_agent=user_agent,
            )  # fmt: skip
            opened.callback(context.close)
            return context

        yield open_phone


@pytest.fixture
def sample_shop(tmp_path: Path) -> Iterator[RunningShop]:
    """The sample shop of the repository, built and running."""
    root = tmp_path / "shop"
    root.mkdir()
    shop = RunningShop(root)
    shutil.copytree(CHECKOUT / "content", shop.content)
    build(shop.content, shop.site)
    shop.start()
    yield shop
    shop.end()


def test_from_the_bio_page_to_the_status_that_the_seller_set(
    sample_shop: RunningShop, blocked_phone: Callable[[str], BrowserContext], tmp_path: Path
) -> None:
    """
    A buyer orders without scripts and cookies at 360 px; her order stands once in the workbook, as typed.

    The seller adds a column and a formula, sorts, hides, and has the file open for a while: nothing of hers is lost,
    nothing of ours misplaced. Then the status that she sets shows on the buyer's page.
    """
    shop, campaign = sample_shop, open_campaign(sample_shop)
    context = blocked_phone(INSTAGRAM)
    page = context.new_page()
    page.goto(shop.base + "/")
    page.locator(f'a[href$="/{campaign.slug}/"]').first.click()
    assert page.locator("h1").count() == 1
    fill_order(page, campaign)
    press(page, f"/pesan/{campaign.slug}")
    press(page, f"/pesan/{campaign.slug}/kirim")
    assert "/s/" in page.url
    status_url = page.url
    assert context.cookies() == []

    (row,) = wait_for_rows(shop.workbook, 1)
    ref = row["No. Pesanan"]
    assert ref in page.content()
    assert row["Nama"] == "=1+1 Ibu Ñur 🎂"
    assert row["Catatan Pembeli"] == "0042 tas hijau 💚"
    assert row["WhatsApp"] == "0812-0000-5678"
    assert "01234" in row["Alamat"]
    tab = load_workbook(shop.workbook)["Pesanan"]
    assert all(cell.data_type != "f" for cell in tab[2])

    # Two more orders, so that sorting moves rows.
    for name in ("Zahra Contoh", "Adi Misal"):
        page.goto(f"{shop.base}/{campaign.slug}/")
        fill_order(page, campaign, name=name, phone="0813 0000 1111" if name.startswith("Z") else "0814 0000 2222")
        press(page, f"/pesan/{campaign.slug}")
        press(page, f"/pesan/{campaign.slug}/kirim")
    assert len(wait_for_rows(shop.workbook, 3)) == 3

    office = open_office(tmp_path / "office")
    try:
        seller = office.open(shop.workbook)
        seller.do("add_column", "Komisi", "=G{row}*0.1")
        seller.do("sort_by", "Nama")
        seller.do("hide", "Alamat")
        # A fourth order comes while she has the file open: it waits, and nobody writes under her hands.
        page.goto(f"{shop.base}/{campaign.slug}/")
        fill_order(page, campaign, name="Nina Contoh", phone="0815 0000 3333")
        press(page, f"/pesan/{campaign.slug}")
        press(page, f"/pesan/{campaign.slug}/kirim")
        time.sleep(5)
        assert len(orders_in(shop.workbook)) == 3
        seller.do("save")
        seller.do("close")
        rows = wait_for_rows(shop.workbook, 4)
        assert len(rows) == 4
        names = [row["Nama"] for row in rows]
        assert names[:3] == sorted(names[:3], key=str.casefold) or names[:3] == sorted(names[:3])
        assert names[3] == "Nina Contoh"
        assert {row["Nama"]: row["No. Pesanan"] for row in rows}["=1+1 Ibu Ñur 🎂"] == ref
        # Her formula stands in each of her rows, and was filled down into the new one.
        for number, row in enumerate(rows, start=2):
            assert row["Komisi"] == f"=G{number}*0.1"
        tab = load_workbook(shop.workbook)["Pesanan"]
        hidden = [letter for letter, column in tab.column_dimensions.items() if column.hidden]
        assert [tab[f"{letter}1"].value for letter in hidden] == ["Alamat"]

        seller = office.open(shop.workbook)
        first = "DP diterima" if campaign.payment.deposit_percent else "Lunas"
        seller.do("set", ref, "Status", first)
        seller.do("save")
        seller.do("close")
    finally:
        office.end()
    began = time.monotonic()
    while time.monotonic() - began < PROMISED_S:
        page.goto(status_url)
        if page.locator('[data-status="awaiting_payment"]').count() == 0:
            break
        time.sleep(0.5)
    assert (
        page.locator(f'[data-status="{"deposit_paid" if campaign.payment.deposit_percent else "paid"}"]').count() == 1
    )


@pytest.mark.parametrize("app", IN_APP)
def test_two_origins(
    make_shop: Callable[..., RunningShop], blocked_phone: Callable[[str], BrowserContext], app: str
) -> None:
    """
    Pages on a static host, orders elsewhere: the same way in each app, with what it hangs on the link, without scripts
    and cookies; the intake is styled by itself, and nobody asks for a cookie.
    """
    import subprocess
    import sys

    shop = make_shop()
    static_port = free_port()
    static = f"http://localhost:{static_port}"
    build(shop.content, shop.site, "--site-url", static, "--intake-url", shop.base)
    shop.environment = {"ETALASE_SITE_URL": static, "ETALASE_INTAKE_URL": shop.base}
    shop.start()
    host = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(static_port), "--bind", "127.0.0.1", "--directory", str(shop.site)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(static)
        page = blocked_phone(IN_APP[app]).new_page()
        failed: list[str] = []
        asked: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.on("response", lambda answer: asked.append(answer.url) if "set-cookie" in answer.headers else None)
        page.goto(f"{static}/{HUNG_ON[app]}")
        page.locator(f'a[href$="/{SLUG}/"]').first.click()
        page.wait_for_url(f"{static}/{SLUG}/")
        page.wait_for_load_state()
        page.goto(f"{static}/{SLUG}/{HUNG_ON[app]}")
        fill_order(page, shop.catalogue().campaigns[0])
        press(page, f"/pesan/{SLUG}")
        assert page.url.startswith(shop.base)
        press(page, f"/pesan/{SLUG}/kirim")
        assert page.url.startswith(f"{shop.base}/s/")
        assert page.locator('[data-status="awaiting_payment"]').count() == 1
        assert failed == [] and asked == []
        # The form's own words reached the desk, and nothing that the app had hung on the link.
        assert "fbclid" not in page.content() and "utm_" not in page.content()
        assert len(wait_for_rows(shop.workbook, 1)) == 1
    finally:
        host.kill()
        host.wait()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            requests.get(address, timeout=2)
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize("javascript", [False, True], ids=["no-script", "script"])
def test_double_press_back_and_reload_make_one_order(
    shop: RunningShop, phone: Callable[..., BrowserContext], javascript: bool
) -> None:
    """Whatever the buyer's fingers do after the review, there is one order."""
    page = phone(java_script_enabled=javascript).new_page()
    page.goto(f"{shop.base}/{SLUG}/")
    fill_order(page, shop.catalogue().campaigns[0])
    press(page, f"/pesan/{SLUG}")
    page.locator(f'form[action$="/pesan/{SLUG}/kirim"] button').last.dblclick()
    page.wait_for_url("**/s/*")
    first = page.url
    page.reload()
    assert page.url == first
    page.go_back()
    page.locator(f'form[action$="/pesan/{SLUG}/kirim"] button').last.click()
    page.wait_for_url("**/s/*")
    assert page.url == first
    assert len(wait_for_rows(shop.workbook, 1)) == 1
    time.sleep(3)
    assert len(orders_in(shop.workbook)) == 1


def test_the_same_review_in_two_tabs_makes_one_order(shop: RunningShop) -> None:
    """The token is the order's: both tabs end on the same page."""
    hidden = review(shop.base, SLUG, order_fields(**{JAR: "1"}))
    places = {
        requests.post(f"{shop.base}/pesan/{SLUG}/kirim", data=hidden, timeout=30, allow_redirects=False).headers[
            "Location"
        ]
        for _ in range(2)
    }
    assert len(places) == 1


def test_twenty_buyers_for_three_units_over_http(make_shop: Callable[..., RunningShop]) -> None:
    """
    Behind one barrier, through real sockets: three are served, the others read that it is sold out and keep what they
    typed.
    """
    import threading

    shop = make_shop(quota=3)
    shop.start()
    barrier, answers = threading.Barrier(20), []

    def buy(number: int) -> None:
        hidden = review(
            shop.base, SLUG, order_fields(**{JAR: "1", "phone": f"0812{number:08}", "name": f"Pembeli {number}"})
        )
        barrier.wait(60)
        answer = requests.post(f"{shop.base}/pesan/{SLUG}/kirim", data=hidden, timeout=30, allow_redirects=False)
        answers.append((answer.status_code, f"Pembeli {number}" in answer.text))

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(status for status, _ in answers) == [303] * 3 + [409] * 17
    assert all(kept for status, kept in answers if status == 409)
    assert len(wait_for_rows(shop.workbook, 3)) == 3


def test_a_second_start_is_quick_and_ending_is_orderly(shop: RunningShop) -> None:
    """
    Ready again within three seconds (measured with room for a busy machine), ended within twenty, a second shop
    refused.
    """
    second = RunningShop(shop.root)
    second.start(wait=False)
    assert second.process is not None and second.process.wait(30) == 1
    assert str(shop.data) in shop.log
    status, seconds = shop.stop()
    assert status == 0 and seconds < 20
    assert shop.start() < 15
