"""What a seller changes in her offer while a buyer is at her order: nothing is ordered that the buyer has not seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, Page, expect

from preorder.wording import show_rupiah
from tests.journeys.buying import fill_order, open_campaign, press
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import RunningShop, build, order_fields, place

SMALL = "        harga: 65.000\n"
PLACE = f"/pesan/{SLUG}/kirim"


def change(shop: RunningShop, old: str, new: str) -> None:
    """Change the campaign's file as its seller does, and build."""
    path = Path(shop.content / "campaigns" / f"{SLUG}.md")
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    build(shop.content, shop.site)


def wait_until_sold(shop: RunningShop, part: str, *, there: bool = True) -> None:
    """Return once the order desk's own form speaks of something, or no longer does."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if (part in requests.get(f"{shop.base}/pesan/{SLUG}", timeout=20).text) is there:
            return
        time.sleep(0.2)
    raise AssertionError(part)


def review_page(shop: RunningShop, phone: Callable[..., BrowserContext]) -> Page:
    """Give the page on which a buyer of two small jars checks her order."""
    page = phone().new_page()
    page.goto(f"{shop.base}/{SLUG}/")
    fill_order(page, open_campaign(shop))
    press(page, f"/pesan/{SLUG}")
    return page


def test_the_buyer_at_the_old_price_sees_the_new_one_first(
    shop: RunningShop, phone: Callable[..., BrowserContext]
) -> None:
    """The price rises while she checks: she is shown it, nothing is ordered, and then she orders at it."""
    page = review_page(shop, phone)
    assert page.locator("#total").inner_text() == show_rupiah(2 * 65_000 + 18_000)
    change(shop, SMALL, "        harga: 71.000\n")
    wait_until_sold(shop, "Rp71.000")
    press(page, PLACE)
    expect(page.locator("#changed")).to_be_visible()
    assert page.locator("#total").inner_text() == show_rupiah(2 * 71_000 + 18_000)
    press(page, PLACE)
    assert "/s/" in page.url
    assert page.locator("#total").inner_text() == show_rupiah(2 * 71_000 + 18_000)


def test_the_buyer_of_something_that_is_gone_keeps_what_she_typed(
    shop: RunningShop, phone: Callable[..., BrowserContext]
) -> None:
    """The seller takes a variant off her page while it is being ordered: the form again, with all the rest in it."""
    page = review_page(shop, phone)
    change(shop, "      - nama: Toples 250 g\n        harga: 65.000\n        berat: 250 g\n", "")
    wait_until_sold(shop, JAR, there=False)
    press(page, PLACE)
    assert "/s/" not in page.url
    expect(page.locator("#error-summary")).to_be_visible()
    assert page.locator('[name="street"]').input_value() == "Jl. Misal 2"
    page.fill('[name="nastar--toples-500-g--qty"]', "1")
    press(page, f"/pesan/{SLUG}")
    press(page, PLACE)
    assert "/s/" in page.url


def test_cheaper_by_the_dozen_and_too_many_to_order(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """The price by quantity is on the page before it is on the review; so large an order is sent to the offers."""
    shop = make_shop()
    change(shop, SMALL, SMALL + "        harga_jumlah: [{mulai: 2, harga: 59.000}]\n")
    change(shop, "produk:\n", "penawaran: {mulai: 30}\nproduk:\n")
    shop.start()
    page = phone().new_page()
    page.goto(f"{shop.base}/{SLUG}/")
    assert "Rp59.000" in page.locator("#products").inner_text()
    fill_order(page, open_campaign(shop))
    page.fill(f'[name="{JAR}"]', "30")
    press(page, f"/pesan/{SLUG}")
    expect(page.locator("#ask-for-quotation")).to_be_visible()
    expect(page.locator("#ask-offer")).to_be_visible()
    quantity = page.locator(f'#order-form [name="{JAR}"]')
    assert quantity.input_value() == "30"
    quantity.fill("2")
    press(page, f"/pesan/{SLUG}")
    assert page.locator("#total").inner_text() == show_rupiah(2 * 59_000 + 18_000)


def test_the_page_says_how_far_the_target_is(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """As the order desk counts it; where it doesn't say, the page names the target alone."""
    shop = make_shop()
    change(shop, "produk:\n", "target: {unit: 80, tampilkan: ya}\nproduk:\n")
    shop.start()
    page = phone(java_script_enabled=True).new_page()
    said: dict[str, dict[str, int]] = {"nastar-lebaran": {"*": 988}}
    page.route("**/sisa.json", lambda route: route.fulfill(json=said))
    page.goto(f"{shop.base}/{SLUG}/")
    expect(page.locator("[data-pools]").first).to_be_visible()
    expect(page.locator("#target")).to_contain_text("80")
    expect(page.locator("#target-progress")).to_be_hidden()
    said["nastar-lebaran"]["taken"] = 12
    page.reload()
    expect(page.locator("#target-progress")).to_be_visible()
    expect(page.locator("#target-progress")).to_contain_text("12")
    expect(page.locator("#target-progress progress")).to_have_js_property("value", 12)


def test_the_page_says_how_far_the_minimum_is(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """As the order desk counts it, until it is enough; without script the page says the rule alone."""
    shop = make_shop()
    change(shop, "produk:\n", "kloter: {minimum: 5, bila_tidak_tercapai: refund_penuh}\nproduk:\n")
    shop.start()
    page, plain = phone(java_script_enabled=True).new_page(), phone().new_page()
    for each in (page, plain):
        each.goto(f"{shop.base}/{SLUG}/")
        expect(each.locator("#batch-rule")).to_contain_text("5")
    expect(plain.locator("#batch-progress")).to_be_hidden()
    bar, words = page.locator("#batch-progress progress"), page.locator("#batch-progress")
    expect(words).to_be_visible()
    expect(bar).to_have_js_property("value", 0)
    for units, number in ((3, "0812-0000-5678"), (2, "0812-0000-5679")):
        before = words.inner_text()
        place(shop.base, SLUG, order_fields(phone=number) | {JAR: str(units)})
        wait_for_other_words(page, before)
    expect(bar).to_have_js_property("value", 5)
    assert words.inner_text().strip() == str(words.get_attribute("data-enough")).replace("{n}", "5")


def wait_for_other_words(page: Page, before: str) -> None:
    """The numbers of the desk may be a second old, and so may the browser's copy of them."""
    for _ in range(10):
        page.reload()
        page.wait_for_selector("#batch-progress:not([hidden])")
        if page.locator("#batch-progress").inner_text() != before:
            return
        page.wait_for_timeout(300)
    raise AssertionError(before)
