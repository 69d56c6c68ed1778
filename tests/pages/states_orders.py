"""From the form to the buyer's own page: with errors, reviewed, to be paid in each way, and in every status."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

from preorder.catalogue import with_terms
from preorder.schedule import OneOff
from preorder.status import TRANSITIONS, Status
from preorder.wording import STATUS_LABELS
from tests.pages import content
from tests.pages.content import EARLIER, NOW
from tests.pages.inventory import Visit, state
from tests.pages.shop import PagesShop
from tests.pages.states_shop import sell_all, sell_most

S = Status
LABELS = STATUS_LABELS["id"]
# States that the rules know and nothing leads to yet: such an order is put there in the ledger.
UNREACHED = frozenset(Status) - {row.target for row in TRANSITIONS} - {S.AWAITING_PAYMENT}
# When the round of EARLIER was made, and when it was ready.
MADE_AT, READY_AT = EARLIER + timedelta(days=6), NOW - timedelta(days=1)


@state("form", "form")
def form(shop: PagesShop) -> Visit:
    return Visit(f"/pesan/{content.OPEN}", "#order-form")


@state("form-errors", "form", 422)
def form_errors(shop: PagesShop) -> Visit:
    wrong = shop.order_fields(content.OPEN, name="", phone="0812", postal_code="4013", delivery="", terms="", qty=0)
    return Visit(f"/pesan/{content.OPEN}", "#error-summary", wrong)


@state("form-errors-options", "form", 422)
def form_errors_options(shop: PagesShop) -> Visit:
    """With choices and letters for each piece, on a day on which its round is open."""
    slug = content.ANNOUNCED
    wrong = {name: "" if "--option-" in name else text for name, text in shop.order_fields(slug, qty=2).items()}
    return Visit(f"/pesan/{slug}", "#error-summary", wrong, during=(shop.at(NOW + timedelta(days=22)),))


@state("form-almost-full", "form")
def form_almost_full(shop: PagesShop) -> Visit:
    sell_most(shop)
    return Visit(f"/pesan/{content.ALMOST_FULL}", ".left-few")


@state("form-sold-out", "form")
def form_sold_out(shop: PagesShop) -> Visit:
    sell_all(shop)
    return Visit(f"/pesan/{content.FULL}", "#all-gone")


@state("form-asks-for-offer", "form", 422)
def form_asks_for_offer(shop: PagesShop) -> Visit:
    return Visit(f"/pesan/{content.OPEN}", "#ask-for-quotation", shop.order_fields(content.OPEN, qty=25))


@state("form-closed", "message", 410)
def form_closed(shop: PagesShop) -> Visit:
    return Visit(f"/pesan/{content.CLOSED}", '#closed[data-reason="closed"] #kept', shop.order_fields(content.CLOSED))


@state("form-not-open-yet", "message", 403)
def form_not_open_yet(shop: PagesShop) -> Visit:
    return Visit(f"/pesan/{content.NOT_STARTED}", '#closed[data-reason="not_open_yet"]')


@state("form-cancelled", "message", 410)
def form_cancelled(shop: PagesShop) -> Visit:
    return Visit(f"/pesan/{content.CANCELLED}", '#closed[data-reason="cancelled"]')


@state("order-sold-out", "message", 409)
def order_sold_out(shop: PagesShop) -> Visit:
    sell_all(shop)
    return Visit(f"/pesan/{content.FULL}", "#sold-out #kept", shop.order_fields(content.FULL))


@state("order-not-enough-left", "message", 409)
def order_not_enough_left(shop: PagesShop) -> Visit:
    sell_most(shop)
    return Visit(
        f"/pesan/{content.ALMOST_FULL}", '#sold-out[data-left="2"]', shop.order_fields(content.ALMOST_FULL, qty=3)
    )


@state("review", "review")
def review(shop: PagesShop) -> Visit:
    fields = shop.order_fields(content.OPEN, qty=2, note="Tolong dibungkus kado", news="yes", name="Ibu Tinjau")
    return Visit(f"/pesan/{content.OPEN}", "#place-order", fields)


@state("review-full-payment", "review")
def review_full(shop: PagesShop) -> Visit:
    fields = shop.order_fields(content.READY, delivery="ambil", name="Ibu Tinjau")
    return Visit(f"/pesan/{content.READY}", "#place-order", fields)


@state("review-again-expired", "review", 409)
def review_expired(shop: PagesShop) -> Visit:
    with shop.at(NOW - timedelta(hours=2)):
        fields = shop.reviewed(content.OPEN, shop.order_fields(content.OPEN, name="Ibu Lama"))
    return Visit(f"/pesan/{content.OPEN}/kirim", "#expired", fields)


@state("review-again-changed", "review", 409)
def review_changed(shop: PagesShop) -> Visit:
    fields = shop.reviewed(content.OPEN, shop.order_fields(content.OPEN, name="Ibu Lama"))
    changed = shop.with_campaign(content.OPEN, terms_hash="0" * 64)
    return Visit(f"/pesan/{content.OPEN}/kirim", "#changed", fields, during=(shop.publishing(changed),))


@state("review-same-order", "review")
def review_same(shop: PagesShop) -> Visit:
    once(shop, "same", lambda: shop.order(content.OPEN, NOW, name="Ibu Sama"))
    return Visit(f"/pesan/{content.OPEN}", "#same-order", shop.order_fields(content.OPEN, name="Ibu Sama"))


def once(shop: PagesShop, name: str, prepare: Callable[[], str]) -> str:
    """Give the address of what has been prepared under this name, or prepare it now."""
    if name not in shop.paths:
        shop.paths[name] = prepare()
    return shop.paths[name]


def order_page(name: str, kind: str, shows: str, prepare: Callable[[PagesShop], str]) -> None:
    """Add the page of an order that is prepared like this."""

    @state(name, kind)
    def reach(shop: PagesShop) -> Visit:
        return Visit(once(shop, name, lambda: prepare(shop)), shows)


def moved(shop: PagesShop, *steps: tuple[Status, datetime], **changes: str) -> str:
    """Place an order in the round of EARLIER and have the seller move it."""
    path = shop.order(content.MADE, EARLIER, **changes)
    for status, at in steps:
        shop.sells(path, at, status=LABELS[status])
    return path


PAID = (S.PAID, EARLIER + timedelta(hours=1))
DEPOSIT = (S.DEPOSIT_PAID, EARLIER + timedelta(hours=1))
MAKING, READY = (S.IN_PRODUCTION, MADE_AT), (S.READY, READY_AT)

# What is to be paid, and how.
order_page("payment-deposit-qris", "payment", "#pay #qris svg", lambda shop: shop.order(content.OPEN, qty=2))
order_page("payment-unique-code", "payment", "#code", lambda shop: shop.order(content.CODED, NOW - timedelta(hours=1)))
order_page("payment-full", "payment", "#pay #qris svg", lambda shop: shop.order(content.READY, delivery="ambil"))
order_page("payment-above-qris", "payment", "#qris-too-much", lambda shop: shop.order(content.READY, line=1))
order_page("payment-balance", "payment", "#pay #pay-by", lambda shop: moved(shop, DEPOSIT, MAKING, READY))


@state("payment-without-qris", "payment")
def without_qris(shop: PagesShop) -> Visit:
    path = once(shop, "without-qris", lambda: shop.order(content.OPEN, name="Ibu Transfer"))
    plain = dataclasses.replace(shop.catalogue.shop, qris=None)
    return Visit(
        path, "#pay:not(:has(#qris))", during=(shop.publishing(dataclasses.replace(shop.catalogue, shop=plain)),)
    )


@state("payment-partly-received", "payment")
def partly_received(shop: PagesShop) -> Visit:
    def prepare() -> str:
        path = shop.order(content.READY, name="Ibu Kurang")
        shop.sells(path, money_in=100_000)
        return path

    return Visit(once(shop, "partly", prepare), "#pay #amount")


# Each status.
def claimed(shop: PagesShop) -> str:
    path = shop.order(content.OPEN, name="Ibu Sudah")
    assert shop.post(f"{path}/sudah-transfer", {}).status_code == 303
    return path


def deposit_paid(shop: PagesShop) -> str:
    path = shop.order(content.OPEN, name="Ibu Muka", news="yes")
    shop.sells(path, status=LABELS[S.DEPOSIT_PAID])
    return path


def shipped(shop: PagesShop) -> str:
    path = moved(shop, PAID, MAKING, READY)
    shop.sells(path, courier="JNE", tracking="0123456789012345", status=LABELS[S.SHIPPED])
    return path


def completed(shop: PagesShop) -> str:
    path = shipped(shop)
    shop.sells(path, status=LABELS[S.COMPLETED])
    return path


def expired(shop: PagesShop) -> str:
    path = moved(shop)
    shop.expire(EARLIER + timedelta(days=3))
    return path


def put(shop: PagesShop, status: Status) -> str:
    path = shop.order(content.OPEN, name=f"Ibu {LABELS[status]}")
    if status is S.PARTLY_SHIPPED:
        shop.sells(path, status=LABELS[S.PAID])
    shop.put(path, status)
    return path


_FORFEIT = ((S.READY, MADE_AT + timedelta(days=1)), (S.FORFEITED, NOW))
PREPARED: dict[Status, Callable[[PagesShop], str]] = {
    S.AWAITING_PAYMENT: lambda shop: shop.order(content.OPEN, delivery="luar-jawa", name="Ibu Jauh"),
    S.PAYMENT_CLAIMED: claimed,
    S.DEPOSIT_PAID: deposit_paid,
    S.PAID: lambda shop: moved(shop, PAID),
    S.IN_PRODUCTION: lambda shop: moved(shop, DEPOSIT, MAKING),
    S.READY: lambda shop: moved(shop, PAID, MAKING, READY),
    S.SHIPPED: shipped,
    S.READY_FOR_PICKUP: lambda shop: moved(shop, PAID, MAKING, READY, (S.READY_FOR_PICKUP, NOW), delivery="ambil"),
    S.COMPLETED: completed,
    S.EXPIRED: expired,
    S.CANCELLED_BY_SELLER: lambda shop: moved(shop, PAID, (S.CANCELLED_BY_SELLER, NOW)),
    S.FORFEITED: lambda shop: moved(shop, DEPOSIT, MAKING, *_FORFEIT),
} | {status: lambda shop, status=status: put(shop, status) for status in UNREACHED}

for each in Status:
    order_page(f"status-{each.replace('_', '-')}", "status", f'#status[data-status="{each}"]', PREPARED[each])


@state("status-what-has-changed", "status")
def changed(shop: PagesShop) -> Visit:
    path = once(shop, "changed", lambda: shop.order(content.CODED, NOW - timedelta(hours=2), name="Ibu Berubah"))
    campaign = shop.campaign(content.CODED)
    rule = campaign.schedule.rule
    assert isinstance(rule, OneOff)
    later = OneOff(rule.opens_at, rule.closes_at + timedelta(days=5), rule.closes_at)
    product = campaign.products[0]
    dearer = tuple(dataclasses.replace(each, price=each.price + 10_000) for each in product.variants)
    fresh = dataclasses.replace(
        campaign,
        schedule=dataclasses.replace(campaign.schedule, rule=later),
        products=(dataclasses.replace(product, summary="Tiga toples", variants=dearer),),
    )
    terms_hash = with_terms(fresh, fresh.terms_html).terms_hash
    published = shop.with_campaign(
        content.CODED, schedule=fresh.schedule, products=fresh.products, terms_hash=terms_hash
    )
    return Visit(path, '#changes [data-what="price"]', during=(shop.publishing(published),))
