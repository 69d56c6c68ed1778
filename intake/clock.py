"""
What time alone does to orders. Each job derives its work from the state, so downtime loses nothing and running twice
does nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from sqlalchemy import Engine, select

from intake.erasing import erase, overdue
from intake.ledger import dues, enquiries, recording, store
from intake.ledger.leases import LeasedWriter
from intake.ledger.schema import orders
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction, Writer
from preorder.retention import erased_before
from preorder.shop import Shop
from preorder.status import Actor, Status

log = logging.getLogger(__name__)

BATCH = 100


def expire_unpaid(writer: Writer | LeasedWriter, reader: Engine, now: datetime) -> int:
    """
    Let orders expire whose first payment has not come until deadline and grace, and release their units.

    Only orders with no money in them and without a claim: the seller decides about all others. One that somebody is
    just changing is left for the next time.

    Returns:
        How many expired.

    Raises:
        LeaseLost: another process does it now; what was not yet done is left to it.
        LedgerError, sqlalchemy.exc.SQLAlchemyError: the ledger can't be used now.
    """
    with reader.begin() as connection:
        found = store.overdue_orders(connection, to_ms(now), BATCH)
    # Each in a transaction of its own: orders are placed in between, and nobody waits for the pools of many.
    expired = [writer.submit(partial(_expire, order_id=order_id, now=now)) for order_id in found]
    refs = [ref for ref in expired if ref is not None]
    for ref in refs:
        log.info("order %s expired", ref)
    return len(refs)


def free_amounts(writer: Writer | LeasedWriter, reader: Engine, now: datetime) -> int:
    """
    Give amounts back that nobody is asked for any more and whose quarantine is over; say how many.

    Raises:
        LeaseLost, LedgerError, sqlalchemy.exc.SQLAlchemyError: as expire_unpaid.
    """
    now_ms = to_ms(now)
    with reader.begin() as connection:
        if not dues.any_free(connection, now_ms):
            return 0
    return writer.submit(partial(dues.free_quarantine, now_ms=now_ms))


def _expire(tx: Transaction, order_id: int, now: datetime) -> str | None:
    """Let an order expire if that is still due; give its ref then."""
    if not _lock_unless_busy(tx, order_id):
        return None
    order = store.order_by_id(tx.connection, order_id, lock=True)
    # Looked at again within the transaction: she may have paid or claimed since.
    if order is None or order.status is not Status.AWAITING_PAYMENT or order.received != 0:
        return None
    if order.grace_until is None or order.grace_until > now:
        return None
    now_ms = to_ms(now)
    recording.move_units(tx, order, Status.EXPIRED)
    recording.add_event(tx, order, "expired", Actor.CLOCK, now_ms, target=Status.EXPIRED)
    recording.change_order(tx, order, now_ms, status=Status.EXPIRED)
    return order.ref


def erase_old(writer: Writer | LeasedWriter, reader: Engine, shop: Shop, now: datetime) -> int:
    """
    Take buyers' data out of orders that have ended longer ago than the shop says that it keeps them; nothing where it
    doesn't say. One with money or a complaint still open is left, and looked at again the next time.

    Returns:
        Of how many.

    Raises:
        LeaseLost, LedgerError, sqlalchemy.exc.SQLAlchemyError: as expire_unpaid.
    """
    if shop.keep_months is None:
        return 0
    before, last_id, done = erased_before(now, shop.keep_months, shop.zone), 0, 0
    while True:
        with reader.begin() as connection:
            found = overdue(connection, before, last_id, BATCH)
        for order_id, ref in found:
            last_id = order_id
            # Each in a transaction of its own, as above.
            done += bool(writer.submit(partial(_erase, order_id=order_id, ref=ref, now=now)))
        if len(found) < BATCH:
            break
    while True:
        with reader.begin() as connection:
            refs = enquiries.unchanged_since(connection, to_ms(before), BATCH)
        for ref in refs:
            done += bool(writer.submit(partial(erase, ref=ref, now=now, actor=Actor.CLOCK)))
        if len(refs) < BATCH:
            return done


def _erase(tx: Transaction, order_id: int, ref: str, now: datetime) -> bool:
    """Take a buyer's data out if nothing stands in the way; say whether that was done."""
    if not _lock_unless_busy(tx, order_id):
        return False
    found = erase(tx, ref, now, Actor.CLOCK)
    return found is not None and found.obstacle is None


def _lock_unless_busy(tx: Transaction, order_id: int) -> bool:
    """Lock an order's row; False where somebody else has it, who is about to pay, claim or cancel."""
    if not tx.is_postgres:
        return True
    row = select(orders.c.order_id).where(orders.c.order_id == order_id)
    return tx.execute(row.with_for_update(key_share=True, skip_locked=True)).first() is not None
