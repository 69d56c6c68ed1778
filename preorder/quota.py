"""How many units an order takes from which pool, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from preorder.campaign import SHARED, Campaign
from preorder.order import QuotedLine
from preorder.product import Variant

# Of a pool with this many units or fewer left, and of a larger one with a tenth, the pages say that little is left.
FEW_UNITS = 3
FEW_SHARE = 10


def units_by_pool(lines: Iterable[QuotedLine]) -> dict[str, int]:
    """
    Give pool id -> units for an order.

    Sorted by id: whoever takes the pools in this order can't meet another buyer in a deadlock.
    """
    units: dict[str, int] = {}
    for line in lines:
        for pool in line.variant.pools:
            units[pool] = units.get(pool, 0) + line.qty
    return dict(sorted(units.items()))


def left_in(quota: int, sold: int) -> int:
    """
    Give the units that may still be sold. A quota lowered below what is sold leaves nothing, and less than nothing is
    never shown.
    """
    return max(0, quota - sold)


def items_in_pool(lines: Iterable[QuotedLine], pool: str) -> tuple[str, ...]:
    """Give the names of what is ordered from this pool, for the message that says it is sold out."""
    return tuple(dict.fromkeys(line.name for line in lines if pool in line.variant.pools))


def left_of(variant: Variant, left: Mapping[str, int]) -> int | None:
    """
    Give the units of a variant that may still be sold: what the emptiest of its pools has; None without a limit.

    Args:
        left: pool id -> units left.
    """
    return min((left[pool] for pool in variant.pools if pool in left), default=None)


def shared_pools(campaign: Campaign) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Give (units of one round, names of what draws on it) for each pool that the seller has several things draw on."""
    found = []
    for pool in sorted(pool for pool in campaign.pools if pool.startswith(SHARED)):
        names: list[str] = []
        for product in campaign.products:
            drawing = [variant for variant in product.variants if pool in variant.pools]
            if len(drawing) == len(product.variants):
                names.append(product.name)
            else:
                names += [f"{product.name} {variant.name}" for variant in drawing]
        if names:
            found.append((campaign.pools[pool], tuple(names)))
    return tuple(found)


def few_in(quota: int) -> int:
    """Give from how many units on little is left in a pool."""
    return max(FEW_UNITS, quota // FEW_SHARE)


def few_of(variant: Variant, campaign: Campaign) -> int | None:
    """Give from how many units on little is left of a variant; None without a limit."""
    quotas = [campaign.pools[pool] for pool in variant.pools]
    return few_in(min(quotas)) if quotas else None


def is_sold_out(campaign: Campaign, left: Mapping[str, int]) -> bool:
    """Say whether nothing of a campaign can be ordered: every variant is gone."""
    return all(left_of(variant, left) == 0 for product in campaign.products for variant in product.variants)
