"""What a page may weigh, with everything that a phone asks for when it comes for the first time; `make bench-pages` says how much."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.pages.shop import PagesShop
from tests.pages.states import STATES
from tests.pages.weighing import KIB, KINDS, weigh

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
    """All but its photos."""
    weight = weigh(browser, pages_shop, STATES[name])
    assert weight.sent(NO_PHOTOS) <= 22 * KIB, weight.parts
    assert weight.requests(NO_PHOTOS) <= 4, weight.parts


def test_everything_is_packed(browser: Browser, pages_shop: PagesShop) -> None:
    """What is text comes in less than half of its bytes."""
    weight = weigh(browser, pages_shop, STATES["campaign-open"])
    for part in weight.parts:
        if part.kind in {"html", "css", "js"}:
            assert part.sent * 2 < part.raw + KIB, part
