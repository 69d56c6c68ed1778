"""What holds for a buyer while its seller changes her mind: the terms she has seen, the window, and her own limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import BrowserContext, expect

from preorder.schedule import ZONES
from tests.journeys.buying import fill_order, open_campaign, press
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import RunningShop
from tests.journeys.test_offer import PLACE, change, review_page, wait_until_sold

OLD, NEW = "refund: 50% dari dp", "refund: 40% dari dp"


def test_the_buyer_of_the_old_terms_agrees_to_the_new_ones_or_keeps_hers(
    shop: RunningShop, phone: Callable[..., BrowserContext]
) -> None:
    """The refund sinks while she checks: she is told and agrees anew. Who had ordered before keeps what she agreed to."""
    earlier = review_page(shop, phone)
    press(earlier, PLACE)
    page = review_page(shop, phone)
    change(shop, OLD, NEW)
    wait_until_sold(shop, "40%")
    press(page, PLACE)
    expect(page.locator("#changed")).to_be_visible()
    assert "/s/" not in page.url
    press(page, PLACE)
    assert "/s/" in page.url
    earlier.reload()
    assert "50%" in earlier.content() and "40%" not in earlier.locator("#terms").inner_html()
    assert "40%" in page.locator("#terms").inner_html()


def test_the_buyer_who_had_opened_the_form_before_it_closed(
    shop: RunningShop, phone: Callable[..., BrowserContext]
) -> None:
    """It is said at once, with all that she typed kept to copy; no order, at the form and at the review alike."""
    checking = review_page(shop, phone)
    filling = phone().new_page()
    filling.goto(f"{shop.base}/{SLUG}/")
    fill_order(filling, open_campaign(shop), name="Ibu Terlambat")
    closed = datetime.now(ZONES["WIB"]) - timedelta(minutes=1)
    change(shop, "  kirim: 7-10 hari\n", f"  kirim: 7-10 hari\n  tutup_awal: {closed:%Y-%m-%d %H.%M}\n")
    wait_until_sold(shop, f'name="{JAR}"', there=False)
    for page, action, kept in ((filling, f"/pesan/{SLUG}", "Ibu Terlambat"), (checking, PLACE, "Jl. Misal 2")):
        press(page, action)
        assert "/s/" not in page.url
        expect(page.locator("#kept")).to_contain_text(kept)
        assert page.locator('a[href^="https://wa.me/62"]').count() >= 1


def test_the_second_order_of_one_number_keeps_her_limit(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """Two of three are hers: two more are refused at the field, with the rest of the form kept; one more is taken."""
    shop = make_shop()
    change(shop, "produk:\n", "batas: {maks_per_pembeli: 3}\nproduk:\n")
    shop.start()
    first = review_page(shop, phone)
    press(first, PLACE)
    assert "/s/" in first.url
    # The same number, written in another way.
    page = phone().new_page()
    page.goto(f"{shop.base}/{SLUG}/")
    fill_order(page, open_campaign(shop), phone="+62 812-0000-5678")
    press(page, f"/pesan/{SLUG}")
    press(page, PLACE)
    assert "/s/" not in page.url
    expect(page.locator("#error-summary")).to_contain_text("3")
    assert page.locator('[name="street"]').input_value() == "Jl. Misal 2"
    page.fill(f'[name="{JAR}"]', "1")
    press(page, f"/pesan/{SLUG}")
    press(page, PLACE)
    assert "/s/" in page.url and page.url != first.url
