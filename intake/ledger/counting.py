"""What stands in the ledger, added up by campaign and round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select, tuple_

from intake.ledger.schema import dues, order_lines, orders, pools
from preorder.status import HOLDING, PAYING, Status

# Campaign and round.
Key = tuple[str, int]

_HOLDING = sorted(HOLDING)
_UNPAID = sorted(PAYING | {Status.OFFERED})
_BEGUN = sorted(HOLDING - PAYING - {Status.OFFERED, Status.DEPOSIT_PAID, Status.PAID})


@dataclass(frozen=True)
class PoolCount:
    """How many units of a pool may be sold in a round, and how many are taken; there may be more than may be sold."""

    quota: int
    taken: int


@dataclass(frozen=True)
class RoundCount:
    """
    A round's orders.

    Attributes:
        units: of orders in a holding status; goods: what these cost, in rupiah, without shipping.
        decide: orders about which the seller has to decide: a transfer that was told of, or a decision of hers is needed.
        expiring: orders that wait for their first payment and have to pay before a given instant.
        unpaid: units of those holding orders whose first payment has not been seen, so that they may lapse yet.
        begun: orders whose production has begun, or that are further on.
    """

    units: int = 0
    goods: int = 0
    decide: int = 0
    expiring: int = 0
    unpaid: int = 0
    begun: int = 0


def pool_counts(connection: Connection) -> dict[Key, dict[str, PoolCount]]:
    """Give campaign and round -> pool id -> how full it is, of all pools that the ledger knows."""
    found: dict[Key, dict[str, PoolCount]] = {}
    for row in connection.execute(select(pools).order_by(pools.c.campaign_id, pools.c.round)).mappings():
        counts = found.setdefault((row["campaign_id"], row["round"]), {})
        counts[row["pool_id"]] = PoolCount(row["quota"], row["sold"])
    return found


def units_taken(connection: Connection, keys: Iterable[Key], statuses: Sequence[str] = _HOLDING) -> dict[Key, int]:
    """Give how many units the orders of these rounds hold, or those in some statuses; rounds without any are left out."""
    wanted = list(keys)
    if not wanted:
        return {}
    found = (
        select(orders.c.campaign_id, orders.c.round, func.sum(order_lines.c.qty).label("units"))
        .select_from(orders.join(order_lines, orders.c.order_id == order_lines.c.order_id))
        .where(
            tuple_(orders.c.campaign_id, orders.c.round).in_(wanted),
            orders.c.status.in_(statuses),
            order_lines.c.cancelled_at_ms.is_(None),
        )
        .group_by(orders.c.campaign_id, orders.c.round)
    )
    return {(row.campaign_id, row.round): int(row.units) for row in connection.execute(found)}


def round_counts(connection: Connection, pay_before_ms: int) -> dict[Key, RoundCount]:
    """
    Give campaign and round -> its orders, of all rounds with orders.

    Args:
        pay_before_ms: for RoundCount.expiring.
    """
    holding = orders.c.status.in_(_HOLDING)
    decide = or_(orders.c.status == Status.PAYMENT_CLAIMED, orders.c.decision_needed == 1)
    found = select(
        orders.c.campaign_id,
        orders.c.round,
        func.coalesce(func.sum(orders.c.goods_rp).filter(holding), 0).label("goods"),
        func.count().filter(decide).label("decide"),
        func.count().filter(orders.c.status.in_(_BEGUN)).label("begun"),
    ).group_by(orders.c.campaign_id, orders.c.round)
    due = (
        select(orders.c.campaign_id, orders.c.round, func.count(orders.c.order_id.distinct()).label("expiring"))
        .select_from(
            orders.join(dues, and_(orders.c.order_id == dues.c.order_id, dues.c.kind.in_(("full", "deposit"))))
        )
        .where(
            orders.c.status == Status.AWAITING_PAYMENT,
            dues.c.closed_at_ms.is_(None),
            dues.c.pay_by_ms <= pay_before_ms,
        )
        .group_by(orders.c.campaign_id, orders.c.round)
    )
    rows = list(connection.execute(found))
    keys = [(row.campaign_id, row.round) for row in rows]
    units, unpaid = units_taken(connection, keys), units_taken(connection, keys, _UNPAID)
    expiring = {(row.campaign_id, row.round): int(row.expiring) for row in connection.execute(due)}
    return {
        key: RoundCount(
            units.get(key, 0), int(row.goods), int(row.decide), expiring.get(key, 0), unpaid.get(key, 0), int(row.begun)
        )
        for row in rows
        for key in ((row.campaign_id, row.round),)
    }
