"""
What has changed in a pre-order since a buyer agreed to it: her snapshot beside what is published now, compared as data.

An order keeps what was agreed, so nothing here changes one; it is for telling. Of what concerns other orders only it is
told that it changed, not how.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from preorder.campaign import Campaign
from preorder.errors import PreorderError
from preorder.money import Rupiah
from preorder.plain import from_plain
from preorder.pricing import count_taken, extras_of, price_of
from preorder.product import Product, Variant
from preorder.salutation import differ_in_address_only
from preorder.schedule import ZONES, Schedule, Window
from preorder.shop import Shop
from preorder.terms import Delivery, PaymentTerms

# What a snapshot leaves out of a campaign, and a campaign can't be without.
_NOT_ACCEPTED: Mapping[str, Any] = {"slug": "x", "summary": "", "prefix": "XX", "pools": {}, "photos": []}
# A round is looked for from so long before it opened, among so many.
_EARLIER = timedelta(days=400)
_ROUNDS = 120


class What(StrEnum):
    """What may change, in the order in which it is told."""

    TITLE = "title"
    CLOSING = "closing"
    SCHEDULE = "schedule"
    SHIPS = "ships"
    PRICE = "price"
    ITEM_GONE = "item_gone"
    CHOICE_GONE = "choice_gone"
    DESCRIPTION = "description"
    WEIGHT = "weight"
    LABEL = "label"
    BONUS = "bonus"
    DELIVERY_GONE = "delivery_gone"
    FEE = "fee"
    DELIVERY_DETAILS = "delivery_details"
    SCHEME = "scheme"
    DEPOSIT = "deposit"
    PAY_WITHIN = "pay_within"
    PAY_UNTIL = "pay_until"
    BALANCE = "balance"
    UNIQUE_CODE = "unique_code"
    PRODUCTION = "production"
    REFUND_DAYS = "refund_days"
    DELAY_DAYS = "delay_days"
    COMPLAINT_DAYS = "complaint_days"
    BATCH = "batch"
    CANCELLING = "cancelling"
    SELLER = "seller"
    OTHERS = "others"
    WORDING = "wording"


@dataclass(frozen=True)
class Change:
    """
    One thing that is published otherwise than it was agreed.

    Attributes:
        before, after: instants (CLOSING), pairs of days or None (SHIPS), rupiah (PRICE, FEE; a fee is None while it is
            told later), grams or None (WEIGHT), whole numbers (DEPOSIT in percent, PAY_WITHIN in hours, PAY_UNTIL in
            days after the closing or None, the *_DAYS), days and from when they count, or None (BALANCE), codes (SCHEME,
            PRODUCTION, UNIQUE_CODE), Batch or None (BATCH), texts (all others, where they have any).
        item: what it concerns: a product, a choice, a delivery; of SELLER the field.
        may_cancel_on: of SHIPS that moved later, the day from which the delay rule lets her cancel and get everything
            back, if her order has not been sent by then.
    """

    what: What
    before: Any = None
    after: Any = None
    item: str = ""
    may_cancel_on: date | None = None


@dataclass(frozen=True)
class OrderedLine:
    """A line of the order, by the names that were agreed. options: option's name -> text."""

    product: str
    variant: str
    qty: int
    options: Mapping[str, str]


@dataclass(frozen=True)
class Ordered:
    """
    What an order is about.

    Attributes:
        received_at: when it came; decides about prices that depend on time.
        province: that decides about the shipping fee; "" where none does.
    """

    lines: tuple[OrderedLine, ...]
    delivery_id: str
    province: str
    received_at: datetime


def find_changes(snapshot: Mapping[str, Any], ordered: Ordered, campaign: Campaign, shop: Shop) -> tuple[Change, ...]:
    """
    Give what has changed since, in the order of What; nothing where the order's terms are still the published ones.

    Args:
        snapshot: of the order: shop, campaign, window, terms_html, terms_hash.
        campaign, shop: as they are published now.
    """
    seller = tuple(_seller(snapshot["shop"], shop))
    if snapshot["terms_hash"] == campaign.terms_hash:
        return seller
    accepted = _accepted(snapshot)
    if accepted is None:
        return (Change(What.WORDING), *seller)
    window = _window(snapshot["window"], accepted.schedule)
    concerning = [
        *_text(What.TITLE, accepted.title, campaign.title),
        *_times(accepted, campaign, window),
        *_lines(accepted, campaign, window, ordered),
        *_text(What.BONUS, accepted.bonus, campaign.bonus),
        *_delivery(accepted, campaign, ordered),
        *_payment(accepted, campaign),
        *_policy(accepted, campaign),
        *seller,
    ]
    concerning += _others(accepted, campaign, ordered, {change.item for change in concerning})
    if not concerning and not differ_in_address_only(snapshot["terms_html"], campaign.terms_html):
        # Nothing in the data: it is what the seller has written herself. That a shop calls its buyers otherwise now
        # takes nothing from what was agreed, and telling of it would only worry her.
        concerning = [Change(What.WORDING)]
    return tuple(concerning)


def _accepted(snapshot: Mapping[str, Any]) -> Campaign | None:
    """Give what was agreed as a campaign; None where it is of a shape that this program does not know."""
    plain = dict(_NOT_ACCEPTED) | dict(snapshot["campaign"])
    try:
        plain["products"] = [
            product | {"photo": None, "variants": [variant | {"pools": []} for variant in product["variants"]]}
            for product in plain["products"]
        ]
        return from_plain(Campaign, plain)
    except (KeyError, TypeError, ValueError, PreorderError):
        return None


def _window(data: Mapping[str, Any], schedule: Schedule) -> Window:
    zone = ZONES[schedule.zone]
    opens_at, closes_at = (datetime.fromisoformat(data[name]).astimezone(zone) for name in ("opens_at", "closes_at"))
    return Window(int(data["round"]), opens_at, closes_at)


def _text(what: What, before: str, after: str, item: str = "") -> Iterator[Change]:
    if before != after:
        yield Change(what, before, after, item)


def _seller(before: Mapping[str, str], shop: Shop) -> Iterator[Change]:
    for name in ("name", "address", "city", "whatsapp", "email"):
        yield from _text(What.SELLER, before[name], getattr(shop, name), name)


def _times(accepted: Campaign, campaign: Campaign, window: Window) -> Iterator[Change]:
    now = _same_round(campaign.schedule, window)
    if now is None:
        yield Change(What.SCHEDULE)
        return
    if now.closes_at != window.closes_at:
        yield Change(What.CLOSING, window.closes_at, now.closes_at)
    before, after = accepted.schedule.ships_between(window), campaign.schedule.ships_between(now)
    if before == after:
        return
    late = before is not None and after is not None and after[1] > before[1]
    may_cancel_on = before[1] + timedelta(days=accepted.policy.delay_days) if before is not None and late else None
    yield Change(What.SHIPS, before, after, may_cancel_on=may_cancel_on)


def _same_round(schedule: Schedule, window: Window) -> Window | None:
    """Give the round as it is published now; None where there is none of that number any more."""
    rounds = schedule.rule.windows_from(window.opens_at - _EARLIER)
    return next((each for each in islice(rounds, _ROUNDS) if each.round == window.round), None)


def _lines(accepted: Campaign, campaign: Campaign, window: Window, ordered: Ordered) -> Iterator[Change]:
    bought = [(line, *found) for line in ordered.lines if (found := _find(accepted, line)) is not None]
    taken = count_taken((product.id, variant.id, line.qty) for line, product, variant in bought)
    told: set[Change] = set()
    for line, product, variant in bought:
        units = taken[product.id, variant.id]
        published = campaign.product(product.id)
        now = published.variant(variant.id) if published else None
        name = f"{line.product} {line.variant}".strip()
        changes: list[Change] = []
        if published is None or now is None:
            changes.append(Change(What.ITEM_GONE, item=name))
        else:
            # The same order at the same time, by either terms: what time alone has ended is no change.
            before = price_of(product, variant, units, ordered.received_at, window)
            after = price_of(published, now, units, ordered.received_at, window)
            before = Rupiah(before + sum(extras_of(product.options, line.options).values()))
            after = Rupiah(after + sum(extras_of(published.options, line.options).values()))
            if before != after:
                changes.append(Change(What.PRICE, before, after, name))
            changes += _choices(product, published, line)
            changes += _text(What.DESCRIPTION, product.summary, published.summary, line.product)
            if variant.weight_g != now.weight_g:
                changes.append(Change(What.WEIGHT, variant.weight_g, now.weight_g, name))
            changes += _text(What.LABEL, _label(product), _label(published), line.product)
            changes += _text(What.BONUS, product.bonus, published.bonus, line.product)
        # Several lines of one product have much of it in common.
        yield from (change for change in changes if change not in told)
        told.update(changes)


def _find(campaign: Campaign, line: OrderedLine) -> tuple[Product, Variant] | None:
    for product in campaign.products:
        for variant in product.variants:
            if (product.name, variant.name) == (line.product, line.variant):
                return product, variant
    return None


def _choices(product: Product, published: Product, line: OrderedLine) -> Iterator[Change]:
    offered = {option.id: option for option in published.options}
    for option in product.options:
        text = line.options.get(option.name, "")
        now = offered.get(option.id)
        if text and (now is None or (option.choices and text not in now.choices)):
            choice = f"{option.name}: {text}" if option.choices else option.name
            yield Change(What.CHOICE_GONE, item=f"{line.product}, {choice}")


def _label(product: Product) -> str:
    label = product.label
    return "; ".join(filter(None, dataclasses.astuple(label))) if label else ""


def _delivery(accepted: Campaign, campaign: Campaign, ordered: Ordered) -> Iterator[Change]:
    before, after = accepted.delivery(ordered.delivery_id), campaign.delivery(ordered.delivery_id)
    if before is None:
        return
    agreed = before.shipping_to(ordered.province)
    now = after.shipping_to(ordered.province) if after else None
    if after is None or (agreed is not None and now is None):
        yield Change(What.DELIVERY_GONE, item=before.name)
        return
    if agreed is not None and now is not None and agreed.fee != now.fee:
        yield Change(What.FEE, agreed.fee, now.fee, before.name)
    yield from _text(What.DELIVERY_DETAILS, _details(before), _details(after), before.name)


def _details(delivery: Delivery) -> str:
    told = (delivery.name, delivery.courier, delivery.service, delivery.note, delivery.times)
    return "; ".join(filter(None, told))


def _payment(accepted: Campaign, campaign: Campaign) -> Iterator[Change]:
    before, after = accepted.payment, campaign.payment
    # The hours of grace are told to nobody.
    for what, name in (
        (What.SCHEME, "scheme"),
        (What.DEPOSIT, "deposit_percent"),
        (What.PAY_WITHIN, "pay_within_h"),
        (What.PAY_UNTIL, "last_days"),
        (What.UNIQUE_CODE, "unique_code"),
        (What.PRODUCTION, "production_needs"),
    ):
        if what is What.DEPOSIT and before.scheme is not after.scheme:
            continue
        if getattr(before, name) != getattr(after, name):
            yield Change(what, getattr(before, name), getattr(after, name))
        if what is What.PAY_UNTIL and _balance(before) != _balance(after):
            yield Change(What.BALANCE, _balance(before), _balance(after))


def _balance(terms: PaymentTerms) -> tuple[int, str] | None:
    return (terms.balance_days, terms.balance_from) if terms.balance_days is not None else None


def _policy(accepted: Campaign, campaign: Campaign) -> Iterator[Change]:
    before, after = accepted.policy, campaign.policy
    for what, name in (
        (What.REFUND_DAYS, "refund_within_days"),
        (What.DELAY_DAYS, "delay_days"),
        (What.COMPLAINT_DAYS, "complaint_days"),
    ):
        if getattr(before, name) != getattr(after, name):
            yield Change(what, getattr(before, name), getattr(after, name))
    if accepted.batch != campaign.batch:
        yield Change(What.BATCH, accepted.batch, campaign.batch)
    if before.stages != after.stages:
        yield Change(What.CANCELLING)


def _others(accepted: Campaign, campaign: Campaign, ordered: Ordered, told: set[str]) -> Iterator[Change]:
    """Say whether something has changed that concerns none of what she ordered."""
    hers = {line.product for line in ordered.lines}
    named = {product.name for product in accepted.products if any(item.startswith(product.name) for item in told)}
    before = {product.id: product for product in accepted.products}
    after = {product.id: _as_accepted(product) for product in campaign.products}
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    products = any(key not in before or before[key].name not in hers & named for key in changed)
    deliveries = [
        [delivery for delivery in each.deliveries if delivery.id != ordered.delivery_id]
        for each in (accepted, campaign)
    ]
    mine, now = accepted.delivery(ordered.delivery_id), campaign.delivery(ordered.delivery_id)
    elsewhere = mine is not None and now is not None and mine != now and mine.name not in told
    rounding = accepted.payment.deposit_rounding != campaign.payment.deposit_rounding
    if products or deliveries[0] != deliveries[1] or elsewhere or accepted.limits != campaign.limits or rounding:
        yield Change(What.OTHERS)


def _as_accepted(product: Product) -> Product:
    variants = tuple(dataclasses.replace(variant, pools=()) for variant in product.variants)
    return dataclasses.replace(product, photo=None, variants=variants)
