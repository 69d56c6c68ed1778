"""How many units an order takes from which pool, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterable

from preorder.order import QuotedLine


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
