"""
Writing the ledger: the small steps that placing, commands and clock are made of. All take the writer's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from intake.ledger import outbox as outbox_reading
from intake.ledger.outbox import EDITION_KEY, INTENDED_EDITIONS, NEXT_EDITION_KEY
from intake.ledger.schema import (
    dues,
    entries,
    events,
    holds,
    meta,
    order_lines,
    orders,
    outbox,
    pools,
    sheet_rows,
    snapshots,
)
from intake.ledger.store import StoredOrder
from intake.ledger.writer import Transaction
from preorder.campaign import Campaign
from preorder.quota import left_in
from preorder.status import HOLDING, Actor, Status

_TAKE = (
    update(pools)
    .where(
        pools.c.campaign_id == bindparam("in_campaign"),
        pools.c.round == bindparam("in_round"),
        pools.c.pool_id == bindparam("in_pool"),
        # The check and the reservation are one statement: nothing can come between them.
        pools.c.sold + bindparam("units") <= pools.c.quota,
    )
    .values(sold=pools.c.sold + bindparam("units"))
)
_RELEASE = (
    update(pools)
    .where(
        pools.c.campaign_id == bindparam("in_campaign"),
        pools.c.round == bindparam("in_round"),
        pools.c.pool_id == bindparam("in_pool"),
    )
    .values(sold=pools.c.sold - bindparam("units"))
)
_POOL = select(pools.c.quota, pools.c.sold, pools.c.revision).where(
    pools.c.campaign_id == bindparam("in_campaign"),
    pools.c.round == bindparam("in_round"),
    pools.c.pool_id == bindparam("in_pool"),
)
_LINES_WITHOUT_HOLD = (
    select(orders.c.order_id, order_lines.c.product_id, order_lines.c.variant_id, order_lines.c.qty)
    .select_from(orders.join(order_lines, orders.c.order_id == order_lines.c.order_id))
    .where(
        orders.c.campaign_id == bindparam("in_campaign"),
        orders.c.round == bindparam("in_round"),
        ~select(holds.c.order_id)
        .where(holds.c.order_id == orders.c.order_id, holds.c.pool_id == bindparam("in_pool"))
        .exists(),
    )
)
_HELD_IN_POOL = (
    select(func.coalesce(func.sum(holds.c.units), 0))
    .select_from(holds.join(orders, orders.c.order_id == holds.c.order_id))
    .where(
        orders.c.campaign_id == bindparam("in_campaign"),
        orders.c.round == bindparam("in_round"),
        holds.c.pool_id == bindparam("in_pool"),
        orders.c.status.in_(sorted(HOLDING)),
    )
)
_HOLDS = (
    select(holds.c.pool_id, holds.c.units).where(holds.c.order_id == bindparam("order_id")).order_by(holds.c.pool_id)
)
_INSERT_ORDER = insert(orders)
_TOUCH = update(orders).where(orders.c.order_id == bindparam("in_order"))
_MARK = (
    update(outbox)
    .where(outbox.c.order_id == bindparam("in_order"))
    .values(state="pending", version=outbox.c.version + 1, changed_at_ms=bindparam("now_ms"))
)


class PoolEmpty(Exception):
    """A pool has not enough left. Not a PreorderError: the caller knows the names that the buyer's message needs."""

    def __init__(self, pool: str, units: int, left: int) -> None:
        super().__init__(pool, units, left)
        self.pool, self.units, self.left = pool, units, left


def _upsert(tx: Transaction, table: Any) -> Any:
    return postgresql.insert(table) if tx.connection.dialect.name == "postgresql" else sqlite.insert(table)


def set_quota(tx: Transaction, campaign: Campaign, round_: int, pool: str, revision: int) -> None:
    """
    Set a pool's quota as published in this revision; an older revision, or the same again, changes nothing.

    What is sold is counted anew each time: a pool may be new in the middle of a round, may have been away for a while,
    and other things may draw from it now; orders placed meanwhile count like all others.
    """
    key = {"in_campaign": campaign.id, "in_round": round_, "in_pool": pool}
    found = tx.execute(_POOL, key).first()
    if found is not None and found.revision >= revision:
        return
    _hold_units(tx, campaign, round_, pool)
    held = tx.execute(_HELD_IN_POOL, key).scalar_one()
    row = {"campaign_id": campaign.id, "round": round_, "pool_id": pool}
    state = {"quota": campaign.pools[pool], "sold": int(held), "revision": revision}
    statement = _upsert(tx, pools).values(**row, **state)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[pools.c.campaign_id, pools.c.round, pools.c.pool_id], set_=state
        )
    )


def _hold_units(tx: Transaction, campaign: Campaign, round_: int, pool: str) -> None:
    """Have every order of a round hold its units of a pool; those that hold them already keep what they hold."""
    drawing = {
        (product.id, variant.id)
        for product in campaign.products
        for variant in product.variants
        if pool in variant.pools
    }
    units: dict[int, int] = {}
    for row in tx.execute(_LINES_WITHOUT_HOLD, {"in_campaign": campaign.id, "in_round": round_, "in_pool": pool}):
        if (row.product_id, row.variant_id or "") in drawing:
            units[row.order_id] = units.get(row.order_id, 0) + row.qty
    for order_id, taken in units.items():
        tx.execute(insert(holds), {"order_id": order_id, "pool_id": pool, "units": taken})


def take_units(tx: Transaction, campaign_id: str, round_: int, pool: str, units: int) -> None:
    """
    Reserve units of a pool; a pool without a row is unlimited.

    Raises:
        PoolEmpty: not enough is left; nothing was reserved.
    """
    key = {"in_campaign": campaign_id, "in_round": round_, "in_pool": pool}
    if tx.execute(_TAKE, key | {"units": units}).rowcount == 1:
        return
    found = tx.execute(_POOL, key).first()
    if found is not None:
        raise PoolEmpty(pool, units, left_in(found.quota, found.sold))


def take_again(tx: Transaction, order: StoredOrder) -> None:
    """
    Reserve what an order held before it was released.

    Raises:
        PoolEmpty: not enough is left.
    """
    for row in tx.execute(_HOLDS, {"order_id": order.order_id}).all():
        take_units(tx, order.campaign_id, order.round, row.pool_id, row.units)


def release_units(tx: Transaction, order: StoredOrder) -> None:
    """Give back what an order held. CHECK (sold >= 0) makes a double release impossible to store."""
    for row in tx.execute(_HOLDS, {"order_id": order.order_id}).all():
        key = {"in_campaign": order.campaign_id, "in_round": order.round, "in_pool": row.pool_id}
        tx.execute(_RELEASE, key | {"units": row.units})


def keep_snapshot(tx: Transaction, hash_: str, body: str, now_ms: int) -> None:
    """Store what a buyer accepted; orders of one revision share it."""
    tx.execute(_upsert(tx, snapshots).values(hash=hash_, body=body, created_at_ms=now_ms).on_conflict_do_nothing())


def insert_order(tx: Transaction, row: Mapping[str, Any]) -> int:
    """Insert the order itself and give its id. The rest of it is deferred, see add_parts."""
    found = tx.execute(_INSERT_ORDER, dict(row)).inserted_primary_key
    assert found is not None
    return int(found[0])


def add_parts(
    tx: Transaction,
    order_id: int,
    *,
    lines: list[dict[str, Any]],
    held: Mapping[str, int],
    due: Mapping[str, Any],
    event: Mapping[str, Any],
    now_ms: int,
) -> None:
    """
    Add lines, holds, due, event and outbox entry of a fresh order; they are written for the whole group in one
    statement each.
    """
    for line in lines:
        tx.defer(order_lines, line | {"order_id": order_id})
    for pool, units in held.items():
        tx.defer(holds, {"order_id": order_id, "pool_id": pool, "units": units})
    tx.defer(dues, dict(due) | {"order_id": order_id, "created_at_ms": now_ms})
    tx.defer(events, dict(event) | {"order_id": order_id})
    tx.defer(
        outbox,
        {
            "order_id": order_id,
            "state": "pending",
            "version": 1,
            "created_at_ms": now_ms,
            "changed_at_ms": now_ms,
            "attempts": 0,
        },
    )


def change_order(tx: Transaction, order: StoredOrder, now_ms: int, **values: Any) -> None:
    """Change columns of an order, raise its version and put its row into the outbox."""
    version = order.version + 1
    tx.execute(_TOUCH.values(version=version, **values), {"in_order": order.order_id})
    mark_pending(tx, order.order_id, now_ms)


def add_event(
    tx: Transaction,
    order: StoredOrder,
    event: str,
    actor: Actor,
    now_ms: int,
    *,
    target: Status | None = None,
    reason: str | None = None,
    undoes: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append to an order's history. target: the status that it moved to, None where the status stayed."""
    row = {
        "order_id": order.order_id,
        "at_ms": now_ms,
        "actor": actor,
        "event": event,
        "from_status": order.status if target is not None else None,
        "to_status": target,
        "reason": reason,
        "undoes": undoes,
        "data": json.dumps(data or {}, sort_keys=True),
    }
    tx.execute(insert(events), row)


def add_entry(
    tx: Transaction,
    order: StoredOrder,
    kind: str,
    amount: int,
    actor: Actor,
    now_ms: int,
    *,
    reverses: int | None = None,
) -> int:
    """Append a payment (+), refund (-) or reversal (either) to the money ledger and give its id."""
    row = {
        "order_id": order.order_id,
        "kind": kind,
        "amount_rp": amount,
        "at_ms": now_ms,
        "actor": actor,
        "reverses": reverses,
    }
    found = tx.execute(insert(entries), row).inserted_primary_key
    assert found is not None
    return int(found[0])


def entry_amount(tx: Transaction, entry_id: int) -> int:
    """Give the amount of an entry."""
    return int(tx.execute(select(entries.c.amount_rp).where(entries.c.entry_id == entry_id)).scalar_one())


def move_units(tx: Transaction, order: StoredOrder, target: Status) -> None:
    """
    Reserve or release what follows from a change of status.

    Raises:
        PoolEmpty: the order would hold units again and there are not enough.
    """
    if order.status in HOLDING and target not in HOLDING:
        release_units(tx, order)
    elif order.status not in HOLDING and target in HOLDING:
        take_again(tx, order)


def extend_due(tx: Transaction, order: StoredOrder, pay_by_ms: int, grace_until_ms: int) -> None:
    """Set the deadline of an order's first payment anew."""
    tx.execute(
        update(dues)
        .where(dues.c.order_id == order.order_id, dues.c.kind.in_(("full", "deposit")))
        .values(pay_by_ms=pay_by_ms, grace_until_ms=grace_until_ms)
    )


def note_sheet_row(tx: Transaction, order_id: int, **values: Any) -> None:
    """Remember something about an order's row in the sheet (columns of sheet_rows; seen and writing as mappings)."""
    for column in ("seen", "writing"):
        if values.get(column) is not None:
            values[column] = json.dumps(values[column], sort_keys=True)
    fresh = {"order_id": order_id, "seen": "{}", "written_version": 0, "deletions": 0, "away": 0} | values
    tx.execute(
        _upsert(tx, sheet_rows)
        .values(**fresh)
        .on_conflict_do_update(index_elements=[sheet_rows.c.order_id], set_=values)
    )


def note_edition(tx: Transaction, edition: str, *, landed: bool) -> None:
    """
    Remember the mark that the sheet carries, or (not landed) one that it will carry if the write under way lands.

    Once one has landed, those intended before it can't any more.
    """
    intended = outbox_reading.sheet_editions(tx.connection).intended
    values = {NEXT_EDITION_KEY: "" if landed else " ".join((*intended, edition)[-INTENDED_EDITIONS:])}
    if landed:
        values[EDITION_KEY] = edition
    for key, value in values.items():
        row = {"key": key, "value": value}
        tx.execute(_upsert(tx, meta).values(**row).on_conflict_do_update(index_elements=[meta.c.key], set_=row))


def mark_pending(tx: Transaction, order_id: int, now_ms: int) -> None:
    """Have an order's row written again although the order did not change (a bounced edit, a deleted row)."""
    tx.execute(_MARK, {"in_order": order_id, "now_ms": now_ms})


def mark_delivered(tx: Transaction, order_id: int, outbox_version: int, now_ms: int) -> bool:
    """
    Mark an order's row as written, if nothing was marked since the outbox version that was written.

    Returns:
        False where the order has changed meanwhile: it stays pending and is written again.
    """
    done = (
        update(outbox)
        .where(outbox.c.order_id == order_id, outbox.c.version == outbox_version)
        .values(state="done", last_try_ms=now_ms, last_error=None)
    )
    return tx.execute(done).rowcount == 1


def note_failed_try(tx: Transaction, now_ms: int, error: str) -> None:
    """Remember for doctor why the waiting rows could not be written."""
    waiting = update(outbox).where(outbox.c.state == "pending")
    tx.execute(waiting.values(attempts=outbox.c.attempts + 1, last_try_ms=now_ms, last_error=error))
