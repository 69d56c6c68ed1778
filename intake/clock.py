"""
What time alone does to orders. Each job derives its work from the state, so downtime loses nothing and running twice
does nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from intake.ledger import recording, store
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction, Writer
from preorder.status import Actor, Status

log = logging.getLogger(__name__)

BATCH = 100


def expire_unpaid(writer: Writer, reader: Engine, now: datetime) -> int:
    """
    Let orders expire whose first payment has not come until deadline and grace, and release their units.

    Only orders with no money in them and without a claim: the seller decides about all others.

    Returns:
        How many expired.
    """
    with reader.begin() as connection:
        found = store.overdue_orders(connection, to_ms(now), BATCH)
    return sum(writer.submit(partial(_expire, order_id=order_id, now=now)) for order_id in found)


def _expire(tx: Transaction, order_id: int, now: datetime) -> bool:
    order = store.order_by_id(tx.connection, order_id)
    # Looked at again within the transaction: she may have paid or claimed since.
    if order is None or order.status is not Status.AWAITING_PAYMENT or order.received != 0:
        return False
    if order.grace_until is None or order.grace_until > now:
        return False
    now_ms = to_ms(now)
    recording.move_units(tx, order, Status.EXPIRED)
    recording.add_event(tx, order, "expired", Actor.CLOCK, now_ms, target=Status.EXPIRED)
    recording.change_order(tx, order, now_ms, status=Status.EXPIRED)
    log.info("order %s expired", order.ref)
    return True
