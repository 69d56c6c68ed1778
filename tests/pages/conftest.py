"""One shop and one window for all tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pages.shop import PagesShop, open_shop
from tests.pages.window import HEIGHT, PHONE, Window, make_window


@pytest.fixture(scope="session")
def pages_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesShop]:
    """The shop with a campaign in each state, at content.NOW."""
    with open_shop(tmp_path_factory.mktemp("pages")) as opened:
        yield opened


@pytest.fixture(scope="session")
def window(browser: Browser, pages_shop: PagesShop) -> Iterator[Window]:
    """A phone's window on that shop, whose scripts run: they add what is to be looked at too."""
    context = browser.new_context(
        viewport={"width": PHONE, "height": HEIGHT}, device_scale_factor=1, reduced_motion="reduce", locale="id-ID"
    )
    yield make_window(context, pages_shop)
    context.close()
