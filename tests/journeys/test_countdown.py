"""How long it still is, on a page that was made days ago: the script counts, and turns the badge once the time has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.content import SLUG
from tests.journeys.running import RunningShop

ON_THE_CAMPAIGN, AT_HOME = f"/{SLUG}/", "/"


@pytest.mark.parametrize("path", [ON_THE_CAMPAIGN, AT_HOME])
def test_the_time_left_is_counted_down_to_the_closing(
    shop: RunningShop, phone: Callable[..., BrowserContext], path: str
) -> None:
    """Days, hours, minutes; marked in the last day; then it is closed, and no time is left."""
    page = phone(java_script_enabled=True).new_page()
    page.goto(shop.base + path)
    time = page.locator("[data-at]").first
    badge = page.locator(".badge").first
    opened = badge.inner_text()
    closes = datetime.fromisoformat(time.get_attribute("data-at") or "")
    for left, says, classes in (
        (timedelta(days=3, hours=5), "3 hari", "soon"),
        (timedelta(hours=30), "30 jam", "soon"),
        (timedelta(hours=5), "5 jam", "soon soon-now"),
        (timedelta(minutes=90), "90 menit", "soon soon-now"),
        (timedelta(seconds=20), "1 menit", "soon soon-now"),
    ):
        page.clock.set_fixed_time(closes - left)
        page.reload()
        expect(time).to_contain_text(says)
        expect(time).to_have_class(classes)
        expect(badge).to_have_text(opened)
    page.clock.set_fixed_time(closes)
    page.reload()
    expect(time).to_be_hidden()
    expect(badge).to_have_class("badge badge-closed")
    expect(badge).not_to_have_text(opened)
    # What the order desk says about units must not open it again.
    page.wait_for_load_state("networkidle")
    expect(badge).to_have_class("badge badge-closed")


def test_an_announced_campaign_opens_on_the_page_too(
    make_shop: Callable[..., RunningShop], phone: Callable[..., BrowserContext]
) -> None:
    """The page was made before the opening and is looked at after it."""
    shop = make_shop(opened_ago=-timedelta(days=2))
    shop.start()
    page = phone(java_script_enabled=True).new_page()
    page.goto(shop.base + ON_THE_CAMPAIGN)
    badge = page.locator(".badge").first
    expect(badge).to_have_class("badge badge-announced")
    time = page.locator("[data-at]").first
    expect(time).to_be_visible()
    page.clock.set_fixed_time(datetime.fromisoformat(time.get_attribute("data-at") or ""))
    page.reload()
    expect(badge).to_have_class("badge badge-open")


def test_without_script_the_date_says_it(shop: RunningShop, phone: Callable[..., BrowserContext]) -> None:
    """No count that could be wrong."""
    page = phone(java_script_enabled=False).new_page()
    page.goto(shop.base + ON_THE_CAMPAIGN)
    expect(page.locator("[data-at]").first).to_be_hidden()
    expect(page.locator(".at-a-glance time").first).to_be_visible()
