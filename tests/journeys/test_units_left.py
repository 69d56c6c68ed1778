"""How much is left, on a static page: the script asks the order desk, and without script the form of the desk says it."""

from __future__ import annotations

from collections.abc import Callable

import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import RunningShop, order_fields, place


def test_the_pages_say_what_is_left_and_then_that_it_is_gone(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """
    Five in all: the campaign's page says five, then that few are left, then that all is gone, and so do its badge and the
    home page.
    """
    shop = make_shop(quota=5)
    shop.start()
    page = phone(java_script_enabled=True).new_page()
    page.goto(f"{shop.base}/{SLUG}/")
    mark = page.locator("[data-pools]").first
    expect(mark).to_have_class("left left-some")
    expect(mark).to_contain_text("5")
    badge = page.locator("[data-variants]").first
    expect(badge).to_have_class("badge badge-open")
    opened = badge.inner_text()

    place(shop.base, SLUG, order_fields() | {JAR: "2"})
    expect_after_reload(page, "left left-few")
    expect(mark).to_contain_text("3")
    expect(badge).to_have_class("badge badge-almost")
    expect(badge).not_to_have_text(opened)
    almost = badge.inner_text()

    place(shop.base, SLUG, order_fields(phone="0812-0000-5679") | {JAR: "3"})
    expect_after_reload(page, "left left-gone")
    expect(badge).to_have_class("badge badge-closed")
    assert badge.inner_text() not in {opened, almost}
    gone = badge.inner_text()
    page.goto(f"{shop.base}/")
    expect(page.locator("[data-variants]").first).to_have_text(gone)
    answer = requests.post(f"{shop.base}/pesan/{SLUG}", data=order_fields() | {JAR: "1"}, timeout=20)
    assert answer.status_code == 409


def expect_after_reload(page: Page, state: str) -> None:
    """The numbers of the desk may be a second old, and so may the browser's copy of them."""
    for _ in range(10):
        page.reload()
        page.wait_for_selector("[data-pools]:not([hidden])")
        if page.locator("[data-pools]").first.get_attribute("class") == state:
            return
        page.wait_for_timeout(300)
    raise AssertionError(state)
