"""
What a unit costs: the usual price, or a special one where one holds and is lower, and what the buyer's choices add.

The pages' price tables, the contract and the arithmetic of an order all ask here, so that they can't say two things.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from preorder.campaign import Campaign
from preorder.money import Rupiah
from preorder.product import EarlyBird, Limits, LineLimits, Option, Product, Tier, Variant
from preorder.schedule import Window


@dataclass(frozen=True)
class Taken:
    """Units of one order that count for a tier: all of the product, and those of the variant alone."""

    product: int
    variant: int


def count_taken(items: Iterable[tuple[str, str, int]]) -> Mapping[tuple[str, str], Taken]:
    """
    Give (product id, variant id) -> units, over all lines of an order.

    Args:
        items: (product id, variant id, units) of each line.
    """
    products: Counter[str] = Counter()
    variants: Counter[tuple[str, str]] = Counter()
    for product_id, variant_id, units in items:
        products[product_id] += units
        variants[product_id, variant_id] += units
    return {key: Taken(products[key[0]], units) for key, units in variants.items()}


def early_until(early: EarlyBird, window: Window) -> datetime:
    """
    Give the instant at which an early price ends in a round (exclusive), never after the closing.

    "The first 3 days" are days of the calendar: of a round that opens on the 25th at 09.00, the 25th, 26th and 27th.
    """
    if early.until is not None:
        return min(early.until, window.closes_at)
    assert early.first_days is not None  # one of both is given
    opens = window.opens_at
    midnight = datetime.combine(opens.date() + timedelta(days=early.first_days), time(), opens.tzinfo)
    return min(midnight, window.closes_at)


def earlies_of(product: Product, variant: Variant) -> tuple[EarlyBird, ...]:
    """Give the early prices that concern a variant: its own and its product's."""
    return tuple(early for early in (variant.early, product.early) if early is not None)


def price_of(product: Product, variant: Variant, taken: Taken, received_at: datetime, window: Window) -> Rupiah:
    """
    Give the price of one unit, without what the buyer's choices add: the lowest of those that hold.

    Args:
        taken: how many the order has, in all its lines.
        received_at: when the order reached the shop.
        window: the round that it belongs to.
    """
    if not (product.early or product.tiers or variant.early or variant.tiers):
        return variant.price
    prices = [variant.price]
    prices += [early.price for early in earlies_of(product, variant) if received_at < early_until(early, window)]
    for tiers, units in ((product.tiers, taken.product), (variant.tiers, taken.variant)):
        prices += [tier.price for tier in tiers if units >= tier.from_units]
    return min(prices)


def from_price(campaign: Campaign, now: datetime, window: Window) -> Rupiah:
    """Give the price "from" which one unit can be had at now; what only many units cost does not count."""
    return min(
        price_of(product, variant, Taken(1, 1), now, window)
        for product in campaign.products
        for variant in product.variants
    )


def early_ends(campaign: Campaign, window: Window) -> tuple[datetime, ...]:
    """Give the instants of a round at which an early price ends, in order."""
    ends = {
        early_until(early, window)
        for product in campaign.products
        for variant in product.variants
        for early in earlies_of(product, variant)
    }
    return tuple(sorted(end for end in ends if window.opens_at < end < window.closes_at))


@dataclass(frozen=True)
class Special:
    """
    One line of a price table beside the usual price.

    Attributes:
        price: of one unit.
        until: the end of an early price in the round spoken of; None for a tier, and where no round is spoken of.
        first_days: of an early price that begins anew with each round.
        from_units: of a tier; 0 for an early price.
        whole_product: the units of all the product's variants count for the tier together.
    """

    price: Rupiah
    until: datetime | None = None
    first_days: int | None = None
    from_units: int = 0
    whole_product: bool = False


def specials_of(
    product: Product, variant: Variant, window: Window | None = None, now: datetime | None = None
) -> tuple[Special, ...]:
    """
    Give what can be had cheaper, and how: early prices first, then tiers by rising quantity.

    Args:
        window: the round that the page speaks of; None for words that hold for every round.
        now: leaves out what has ended.
    """
    early = [
        Special(early.price, early_until(early, window) if window else early.until, early.first_days)
        for early in earlies_of(product, variant)
        if window is None or early_until(early, window) > max(now or window.opens_at, window.opens_at)
    ]
    several = len(product.variants) > 1
    tiers = [(tier, several) for tier in product.tiers] + [(tier, False) for tier in variant.tiers]
    tiers.sort(key=lambda item: item[0].from_units)
    return (*early, *(Special(tier.price, from_units=tier.from_units, whole_product=both) for tier, both in tiers))


def extras_of(options: Iterable[Option], chosen: Mapping[str, str]) -> dict[str, Rupiah]:
    """
    Give option's name -> what it adds to the price of one unit, for the options that add something.

    Args:
        chosen: option's name -> chosen or written text.
    """
    found = {option.name: option.adds(chosen.get(option.name, "")) for option in options}
    return {name: extra for name, extra in found.items() if extra}


def accepted_extra(products: Iterable[Mapping[str, Any]], product_name: str, option_name: str, text: str) -> Rupiah:
    """
    Give what a choice adds to the price of one unit by the terms that a buyer has accepted.

    Args:
        products: of the snapshot, as plain values; one that was made before options could cost something knows none.
    """
    for product in products:
        for option in product["options"] if product["name"] == product_name else ():
            if option["name"] == option_name and text:
                extras = option.get("extras", {})
                return Rupiah(extras.get(text, 0) if option["choices"] else option.get("text_extra", 0))
    return Rupiah(0)


def accepted_usual(products: Iterable[Mapping[str, Any]], product_name: str, variant_name: str) -> Rupiah | None:
    """Give the usual price of one unit by the terms that a buyer has accepted; None where they don't name it."""
    for product in products:
        for variant in product["variants"] if product["name"] == product_name else ():
            if variant["name"] == variant_name:
                return Rupiah(variant["price"])
    return None


def without_limits(campaign: Campaign) -> Campaign:
    """Give a campaign that takes any number of units in one order, for a seller who takes an order all the same."""
    products = tuple(dataclasses.replace(product, per_line=LineLimits()) for product in campaign.products)
    return dataclasses.replace(campaign, limits=Limits(), products=products, quotation_from=None)


def first_rise(price: Rupiah, tiers: Iterable[Tier]) -> tuple[int, Rupiah] | None:
    """Give the place of the first tier that is not cheaper than what stands before it, and that price; else None."""
    before = price
    for place, tier in enumerate(tiers):
        if tier.price >= before:
            return place, before
        before = tier.price
    return None
