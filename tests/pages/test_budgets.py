"""What a page may weigh, with everything that a phone asks for when it comes for the first time; `make bench-pages` says how much."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.pages.content import OPEN
from tests.pages.shop import PagesShop
from tests.pages.states import STATES
from tests.pages.weighing import KIB, KINDS, weigh
from tests.pages.window import HEIGHT, PHONE

NO_PHOTOS = tuple(kind for kind in KINDS if kind != "photo")


@pytest.mark.parametrize(
    "name",
    [
        "form",
        "form-errors",
        "form-errors-options",
        "review",
        "payment-deposit-qris",
        "payment-balance",
        "status-shipped",
        "status-what-has-changed",
    ],
)
def test_the_way_of_an_order_is_light(browser: Browser, pages_shop: PagesShop, name: str) -> None:
    """The page, its style and its script: 25 KiB in three requests."""
    weight = weigh(browser, pages_shop, STATES[name])
    assert weight.requests() <= 3, weight.parts
    assert weight.sent() <= 25 * KIB, weight.parts


def test_home_is_light(browser: Browser, pages_shop: PagesShop) -> None:
    """
    Without its photos 14 KiB, with a dozen campaigns on it. The page is whole after two requests; the script and what it asks
    for, how much is left, come behind it.
    """
    weight = weigh(browser, pages_shop, STATES["home"])
    assert weight.sent(NO_PHOTOS) <= 14 * KIB, weight.parts
    assert weight.requests(("html", "css", "icon")) <= 2, weight.parts
    assert weight.requests(NO_PHOTOS) <= 4, weight.parts


@pytest.mark.parametrize("name", ["campaign-open", "campaign-announced", "campaign-between-rounds"])
def test_a_campaign_is_light(browser: Browser, pages_shop: PagesShop, name: str) -> None:
    """
    With its photos 60 KiB; without them 22 in four requests. Of the photos only those that are near come at once: the first
    one and what peeps in at its side.
    """
    weight = weigh(browser, pages_shop, STATES[name])
    assert weight.sent() <= 60 * KIB, weight.parts
    assert weight.sent(NO_PHOTOS) <= 22 * KIB, weight.parts
    assert weight.requests(NO_PHOTOS) <= 4, weight.parts
    photos = [part.path for part in weight.parts if part.kind == "photo"]
    assert 1 <= len(photos) <= 3, photos
    assert all(path.endswith("-660.webp") for path in photos), photos


def test_a_campaign_of_two_photos_takes_six_requests(browser: Browser, pages_shop: PagesShop) -> None:
    """However many products with photos come below them; and each is fetched once."""
    weight = weigh(browser, pages_shop, STATES["campaign-open"])
    assert weight.requests() <= 6, weight.parts
    products = [product.photo for product in pages_shop.campaign(OPEN).products]
    assert len(products) > 2 and all(products)


def test_a_browser_without_webp_gets_jpeg(browser: Browser, pages_shop: PagesShop) -> None:
    """Where it takes no source of that type, the picture's own comes, in the width that fits."""
    context = browser.new_context(viewport={"width": PHONE, "height": HEIGHT}, device_scale_factor=2)
    page = context.new_page()
    page.route("**/*.webp", lambda route: route.abort())
    page.route(
        f"{pages_shop.base}/{OPEN}/",
        lambda route: route.fulfill(body=route.fetch().text().replace('type="image/webp"', 'type="image/none"'), content_type="text/html"),
    )  # fmt: skip
    page.goto(f"{pages_shop.base}/{OPEN}/", wait_until="networkidle")
    shown = page.locator(".gallery img").first.evaluate("img => [img.currentSrc, img.naturalWidth]")
    context.close()
    assert shown[0].endswith("-960.jpg") and shown[1] > 0, shown


def test_everything_is_packed(browser: Browser, pages_shop: PagesShop) -> None:
    """What is text comes in less than half of its bytes."""
    weight = weigh(browser, pages_shop, STATES["campaign-open"])
    for part in weight.parts:
        if part.kind in {"html", "css", "js"}:
            assert part.sent * 2 < part.raw + KIB, part
