"""Everything that goes wrong, as the page that says so."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.exceptions import TooManyRequests

from intake.ledger.writer import LedgerFull
from intake.placing import ShopPaused
from intake.published import CatalogueUnavailable
from intake.web.posted import LARGEST_BODY
from tests.pages import content
from tests.pages.inventory import Visit, state
from tests.pages.shop import PagesShop

FORM = f"/pesan/{content.OPEN}"
NOBODYS = "A" * 22


def message(status: int) -> str:
    """Give the selector of an error's page."""
    return f'#error[data-status-code="{status}"]'


@state("404-page", "message", 404)
def missing(shop: PagesShop) -> Visit:
    return Visit("/tidak-ada-di-sini/", "main .actions a")


@state("404-order", "message", 404)
def no_such_order(shop: PagesShop) -> Visit:
    return Visit(f"/s/{NOBODYS}", message(404))


@state("404-enquiry", "message", 404)
def no_such_enquiry(shop: PagesShop) -> Visit:
    return Visit(f"/d/{NOBODYS}", message(404))


@state("400-malformed", "message", 400)
def malformed(shop: PagesShop) -> Visit:
    return Visit(FORM, message(400), body=b"name=%ff%fe")


@state("403-foreign", "message", 403)
def foreign(shop: PagesShop) -> Visit:
    return Visit(FORM, message(403), shop.order_fields(content.OPEN), headers={"Origin": "https://lain.example"})


@state("405-wrong-method", "message", 405)
def wrong_method(shop: PagesShop) -> Visit:
    return Visit("/privasi/", message(405), {})


@state("409-not-claimable", "message", 409)
def not_claimable(shop: PagesShop) -> Visit:
    path = shop.order(content.READY, name="Ibu Lunas")
    shop.sells(path, status="Lunas")
    return Visit(f"{path}/sudah-transfer", message(409), {})


@state("413-too-large", "message", 413)
def too_large(shop: PagesShop) -> Visit:
    return Visit(FORM, message(413), shop.order_fields(content.OPEN, note="x" * LARGEST_BODY))


@state("415-wrong-type", "message", 415)
def wrong_type(shop: PagesShop) -> Visit:
    return Visit(FORM, message(415), body=b"{}", headers={"Content-Type": "application/json"})


def failing(name: str, status: int, shows: str, make: Callable[[], Exception]) -> None:
    """Add the page of an order whose storing fails like this."""

    @state(name, "message", status)
    def reach(shop: PagesShop) -> Visit:
        fields = shop.reviewed(content.OPEN, shop.order_fields(content.OPEN, name="Ibu Gagal"))
        return Visit(f"{FORM}/kirim", shows, fields, during=(shop.failing(make()),))


failing("429-too-many", 429, message(429), TooManyRequests)
failing("500-internal", 500, message(500), lambda: RuntimeError("planted"))
failing("503-ledger-full", 503, f"{message(503)} #try-again", lambda: LedgerFull(trouble="full"))
failing("503-paused", 503, f"{message(503)} #try-again", lambda: ShopPaused(reason="restored"))


@state("503-claim-again", "message", 503)
def claim_again(shop: PagesShop) -> Visit:
    path = shop.order(content.OPEN, name="Ibu Ulang")
    during = (shop.failing(LedgerFull(trouble="full")),)
    return Visit(f"{path}/sudah-transfer", f"{message(503)} #try-again", {}, during=during)


@state("503-nothing-published", "message", 503)
def nothing_published(shop: PagesShop) -> Visit:
    """A shop without a name: nothing is known of it."""
    return Visit(FORM, message(503), during=(_unpublished(shop),))


@contextlib.contextmanager
def _unpublished(shop: PagesShop) -> Iterator[None]:
    source: Any = shop.world.counter.catalogue

    def nothing() -> None:
        raise CatalogueUnavailable(where="catalogue.json", reason="missing")

    source.current = nothing
    try:
        yield
    finally:
        del source.current
