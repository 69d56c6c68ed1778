"""The page that stands where a campaign was, on a host that knows no redirects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route

from storefront.builder import Job, build
from tests.pages.content import CHECKOUT, NOW
from tests.pages.shop import PagesShop
from tests.pages.window import Window
from tests.storefront.content_makers import edit, make_content

REFRESH = re.compile(r'<meta http-equiv="refresh"[^>]*>')


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is published at the old address."""
    folder = tmp_path_factory.mktemp("moved")
    content = make_content(folder)
    edit(content / "campaigns/nastar/index.md", "judul:", "slug: nastar-natal\nslug_lama: nastar\njudul:")
    job = Job(content, folder / "site", CHECKOUT / "templates")
    build(job, NOW)
    return (job.output / "nastar" / "index.html").read_text("utf-8")


@contextmanager
def standing_at(window: Window, shop: PagesShop, body: str) -> Iterator[Page]:
    """Open it where the shop's server has nothing."""
    address = f"{shop.base}/dulu/"

    def give(route: Route) -> None:
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    window.page.route(address, give)
    window.page.route(
        f"{shop.base}/nastar-natal/",
        lambda route: route.fulfill(
            body="<title>x</title><link rel='icon' href='data:,'><h1>Nastar</h1>", content_type="text/html"
        ),
    )
    try:
        window.page.goto(address)
        yield window.page
    finally:
        window.page.unroute(address, give)
        window.page.unroute(f"{shop.base}/nastar-natal/")


def test_browsers_go_on_at_once(window: Window, pages_shop: PagesShop, moved: str) -> None:
    """To where the campaign is now."""
    with standing_at(window, pages_shop, moved) as page:
        page.wait_for_url("**/nastar-natal/")


def test_who_does_not_go_on_has_a_good_page(window: Window, pages_shop: PagesShop, moved: str) -> None:
    """With a link that leads there."""
    body, taken_out = REFRESH.subn("", moved)
    assert taken_out == 1
    with standing_at(window, pages_shop, body) as page:
        assert window.axe() == []
        assert window.tab_through() == []
        page.click("#moved")
        page.wait_for_url("**/nastar-natal/")
