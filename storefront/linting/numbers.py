"""Numbers in a campaign's header that each are possible and together are not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from preorder.campaign import WHOLE, Campaign
from preorder.money import Rupiah
from preorder.payment import deposit_of
from preorder.pricing import first_rise
from preorder.product import Product, Variant
from preorder.terms import RefundBase, Scheme
from storefront.origin import Origin
from storefront.problems import Problem

# Prices and fees below this are nearly always thousands with the zeros left out.
_TINY = 1_000


class Places:
    """A campaign's header and the shop's, of which the campaign may take whole blocks."""

    def __init__(self, campaign: Origin, shop: Origin) -> None:
        self.campaign = campaign
        self.shop = shop

    def of(self, *path: str | int) -> Origin:
        """Give the file that decides about what stands at this path."""
        if not self.campaign.has(path[0]) and self.shop.has(path[0]):
            return self.shop
        return self.campaign

    def problem(self, code: str, *path: str | int, **fields: Any) -> Problem:
        """Give a finding at the line of a key; "key" among its fields is the last name of the path."""
        origin = self.of(*path)
        names = [part for part in path if isinstance(part, str)]
        return Problem(origin.file, origin.line(*path), code, {"key": origin.key(names[-1]), **fields})


def capacity(campaign: Campaign) -> int | None:
    """Give how many units one round can sell at most, None where there is no limit."""
    drawn = [frozenset(variant.pools) for product in campaign.products for variant in product.variants]
    # What every unit is taken from limits them all: the campaign's capacity, a pool that all products share.
    limits = [campaign.pools[pool] for pool in frozenset.intersection(*drawn) if pool in campaign.pools]
    each = [_capacity_of(product, campaign) for product in campaign.products]
    if all(most is not None for most in each):
        limits.append(sum(most for most in each if most is not None))
    return min(limits, default=None)


def _capacity_of(product: Product, campaign: Campaign) -> int | None:
    own = campaign.pools.get(product.id)
    units = 0
    for variant in product.variants:
        pool = next((campaign.pools[name] for name in variant.pools if "/" in name), None)
        if pool is None:
            return own
        units += pool
    return units if own is None else min(own, units)


def find_numbers(campaign: Campaign, places: Places) -> Iterator[Problem]:
    """Give every contradiction between the numbers of a campaign."""
    yield from _quotas(campaign, places)
    yield from _prices(campaign, places)
    yield from _payment(campaign, places)
    yield from _policy(campaign, places)


def _quotas(campaign: Campaign, places: Places) -> Iterator[Problem]:
    most, limits = capacity(campaign), campaign.limits
    whole = campaign.pools.get(WHOLE)
    if most == 0:
        yield places.problem("nothing_to_sell", "quota")
        return
    if most is not None and limits.min_per_order > most:
        yield places.problem("minimum_above_quota", "limits", "min_per_order", value=limits.min_per_order, quota=most)
    elif most is not None:
        for name in ("max_per_order", "max_per_buyer"):
            value = getattr(limits, name)
            if value is not None and value > most:
                yield places.problem("limit_above_quota", "limits", name, value=value, quota=most)
    if limits.max_per_order and limits.max_per_buyer and limits.max_per_order > limits.max_per_buyer:
        yield places.problem(
            "limit_never_reached", "limits", "max_per_order", value=limits.max_per_order, most=limits.max_per_buyer
        )
    if campaign.batch is not None and most is not None and campaign.batch.minimum > most:
        yield places.problem("batch_above_quota", "batch", "minimum", said=campaign.batch.minimum, quota=most)
    for number, product in enumerate(campaign.products):
        own = campaign.pools.get(product.id)
        if own is not None and whole is not None and own > whole:
            yield places.problem("quota_never_reached", "products", number, "quota", value=own, quota=whole)
        above = whole if own is None else own
        for at, variant in enumerate(product.variants):
            pool = campaign.pools.get(f"{product.id}/{variant.id}")
            if pool is not None and above is not None and pool > above:
                yield places.problem(
                    "quota_never_reached", "products", number, "variants", at, "quota", value=pool, quota=above
                )


def _prices(campaign: Campaign, places: Places) -> Iterator[Problem]:
    for number, product in enumerate(campaign.products):
        several = places.campaign.has("products", number, "variants")
        for at, variant in enumerate(product.variants):
            path = ("products", number, "variants", at, "price") if several else ("products", number, "price")
            if variant.price < _TINY:
                yield places.problem("amount_tiny", *path, amount=int(variant.price))
            yield from _specials(variant, variant.price, places, path[:-1])
        yield from _specials(product, product.lowest_price, places, ("products", number))
        for (first, one), (second, two) in combinations(enumerate(product.variants), 2):
            low, high, at = (one, two, second) if one.price <= two.price else (two, one, first)
            path = ("products", number, "variants", at, "price")
            if low.price and high.price in {low.price * 10, low.price * 100}:
                yield places.problem("price_factor_ten", *path, amount=int(high.price), other_amount=int(low.price))
            elif low.weight_g and high.weight_g and low.weight_g > high.weight_g and low.price < high.price:
                yield places.problem("heavier_but_cheaper", *path, name=high.name, other=low.name)
    for number, delivery in enumerate(campaign.deliveries):
        for fee in (delivery.fee, *(zone.fee for zone in delivery.zones)):
            if fee is not None and 0 < fee < _TINY:
                yield places.problem("amount_tiny", "delivery", number, "fee", amount=int(fee))


def _specials(
    offered: Product | Variant, price: Rupiah, places: Places, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    """Give what is strange about special prices; price is the usual one that they stand beside."""
    if offered.early is not None and offered.early.price < _TINY:
        yield places.problem("amount_tiny", *path, "early_price", "price", amount=int(offered.early.price))
    if (rise := first_rise(price, offered.tiers)) is not None:
        place, before = rise
        tier = offered.tiers[place]
        yield places.problem(
            "tier_price_rises", *path, "tiers", place, "price", value=tier.from_units, amount=int(tier.price),
            other_amount=int(before),
        )  # fmt: skip


def _payment(campaign: Campaign, places: Places) -> Iterator[Problem]:
    payment = campaign.payment
    if payment.scheme is Scheme.FULL:
        return
    goods = campaign.lowest_price * campaign.limits.min_per_order
    if campaign.lowest_price >= _TINY and deposit_of(goods, goods, payment) >= goods:
        rounded = payment.deposit_percent < 100
        yield places.problem("deposit_is_all", "payment", "deposit_rounding" if rounded else "deposit", amount=goods)


def _policy(campaign: Campaign, places: Places) -> Iterator[Problem]:
    stages = campaign.policy.stages
    for number, stage in enumerate(stages):
        path = ("cancellation", "by_buyer", number, "refund")
        if stage.base is RefundBase.DEPOSIT and campaign.payment.scheme is Scheme.FULL:
            # Where the shop's policy meets a campaign's own payment, the campaign is what was written last.
            if not places.campaign.has("cancellation") and places.campaign.has("payment"):
                path_here: tuple[str | int, ...] = ("payment", "scheme")
            else:
                path_here = path
            yield places.problem("refund_of_no_deposit", *path_here, percent=stage.percent)
        if number and stage.percent > stages[number - 1].percent:
            yield places.problem("refund_rises", *path, percent=stage.percent, before=stages[number - 1].percent)
