"""The static pages: home, a campaign in every phase, and the pages of text."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages import content
from tests.pages.inventory import Visit, state
from tests.pages.shop import PagesShop


@state("home", "home")
def home(shop: PagesShop) -> Visit:
    return Visit("/", "#h-open")


def campaign(name: str, slug: str, shows: str, prepare: Callable[[PagesShop], object] = lambda shop: None) -> None:
    """Add the page of a campaign."""

    @state(name, "campaign")
    def reach(shop: PagesShop) -> Visit:
        prepare(shop)
        return Visit(f"/{slug}/", shows)


def sell_most(shop: PagesShop) -> None:
    """Leave two of a campaign."""
    sell(shop, content.ALMOST_FULL, content.QUOTA[content.ALMOST_FULL] - 2)


def sell_all(shop: PagesShop) -> None:
    """Leave nothing of a campaign."""
    sell(shop, content.FULL, content.QUOTA[content.FULL])


def sell(shop: PagesShop, slug: str, units: int) -> None:
    if f"sold {slug}" not in shop.paths:
        shop.paths[f"sold {slug}"] = shop.order(slug, qty=units)
        shop.forget_units()


campaign("campaign-announced", content.ANNOUNCED, ".badge-announced")
campaign("campaign-announced-once", content.NOT_STARTED, ".badge-announced ~ h1")
campaign("campaign-open", content.OPEN, ".badge-open")
campaign("campaign-almost-full", content.ALMOST_FULL, ".badge-almost", sell_most)
campaign("campaign-full", content.FULL, ".left-gone", sell_all)
campaign("campaign-between-rounds", content.BETWEEN, ".badge-closed")
campaign("campaign-closed", content.CLOSED, ".badge-closed")
campaign("campaign-in-production", content.MADE, ".badge-in_production")
campaign("campaign-shipping", content.SENT, ".badge-shipping")
campaign("campaign-done", content.DONE, ".badge-done")
campaign("campaign-cancelled", content.CANCELLED, ".badge-cancelled")
campaign("campaign-ready-stock", content.READY, '#method[data-method="ready"]')


@state("terms", "text")
def terms(shop: PagesShop) -> Visit:
    return Visit("/ketentuan/", "#house-terms")


@state("archive", "text")
def archive(shop: PagesShop) -> Visit:
    return Visit("/arsip/", f"#c-{content.DONE}")


@state("privacy", "text")
def privacy(shop: PagesShop) -> Visit:
    return Visit("/privasi/", "#privacy")
