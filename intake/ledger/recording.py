"""
Writing the ledger: the small steps that placing, commands and clock are made of. All take the writer's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, func, insert, select, update

from intake.ledger import outbox as outbox_reading
from intake.ledger.dues import settle
from intake.ledger.hot import Hot, HotInsert, HotInserts, insert_for
from intake.ledger.locks import lock_named
from intake.ledger.outbox import EDITION_KEY, INTENDED_EDITIONS, NEXT_EDITION_KEY
from intake.ledger.schema import (
    consents,
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

_TAKE = Hot(
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
# What a fresh order leaves to the defaults is not among them.
_INSERT_ALL = HotInserts(
    HotInsert(
        orders,
        (
            "order_id", "ref", "token", "nonce", "fields_digest", "campaign_id", "round", "revision", "snapshot_hash", "status",
            "language", "source", "received_at_ms", "placed_at_ms", "name", "phone", "phone_hmac", "address", "note", "channel",
            "goods_rp", "shipping_rp", "deposit_rp", "delivery_id", "delivery_name", "terms_accepted_at_ms",
        ),
    ),
    HotInsert(
        order_lines,
        ("order_id", "position", "product_id", "variant_id", "product_name", "variant_name", "options", "qty", "price_rp"),
    ),
    HotInsert(holds, ("order_id", "pool_id", "units")),
    HotInsert(dues, ("order_id", "kind", "amount_rp", "unique_code", "pay_by_ms", "grace_until_ms", "created_at_ms")),
    HotInsert(entries, ("order_id", "kind", "amount_rp", "at_ms", "actor", "due_kind")),
    HotInsert(events, ("order_id", "at_ms", "actor", "event", "to_status")),
    HotInsert(outbox, ("order_id", "state", "version", "created_at_ms", "changed_at_ms")),
    HotInsert(consents, ("order_id", "purpose", "given", "text_hash", "at_ms", "actor")),
)  # fmt: skip
_LAST_ID = Hot(select(func.max(orders.c.order_id)))
_NEXT_IDS = Hot(
    select(func.nextval(bindparam("sequence"))).select_from(
        func.generate_series(bindparam("first", type_=Integer), bindparam("last", type_=Integer)).alias("numbers")
    )
)
_TOUCH = update(orders).where(orders.c.order_id == bindparam("in_order"))
_MARK = (
    update(outbox)
    .where(outbox.c.order_id == bindparam("in_order"))
    .values(state="pending", version=outbox.c.version + 1, changed_at_ms=bindparam("now_ms"))
)


_LOCK_POOLS = Hot(
    select(pools.c.pool_id, pools.c.quota, pools.c.sold, pools.c.revision)
    .where(pools.c.campaign_id == bindparam("in_campaign"), pools.c.round == bindparam("in_round"))
    .order_by(pools.c.pool_id)
    .with_for_update()
)


@dataclass(frozen=True)
class Pool:
    """What a pool has left, and the catalogue's revision that set its quota."""

    left: int
    revision: int


# By columns.
_NOTE_ROWS: dict[tuple[str, ...], HotInsert] = {}
_DELIVERED = Hot(
    update(outbox)
    .where(outbox.c.order_id == bindparam("in_order"), outbox.c.version == bindparam("in_version"))
    .values(state=bindparam("done"), last_try_ms=bindparam("now_ms"), last_error=bindparam("nothing"))
)


class PoolEmpty(Exception):
    """A pool has not enough left. Not a PreorderError: the caller knows the names that the buyer's message needs."""

    def __init__(self, pool: str, units: int, left: int) -> None:
        super().__init__(pool, units, left)
        self.pool, self.units, self.left = pool, units, left


def _pool_key(campaign_id: str, round_: int, pool: str) -> dict[str, Any]:
    return {"in_campaign": campaign_id, "in_round": round_, "in_pool": pool}


def set_quotas(tx: Transaction, campaign: Campaign, round_: int, revision: int) -> None:
    """
    Set the quotas of a round as published in this revision; an older revision changes nothing.

    What is sold is counted anew each time: a pool may be new in the middle of a round, may have been away for a while,
    and other things may draw from it now; orders placed meanwhile, also by a process
    that does not know this revision yet, count like all others.
    """
    known = lock_round(tx, campaign.id, round_, placing=False)
    for pool in sorted(campaign.pools):
        if pool in known and known[pool].revision > revision:
            continue
        _hold_units(tx, campaign, round_, pool)
        held = tx.execute(_HELD_IN_POOL, _pool_key(campaign.id, round_, pool)).scalar_one()
        row = {"campaign_id": campaign.id, "round": round_, "pool_id": pool}
        state = {"quota": campaign.pools[pool], "sold": int(held), "revision": revision}
        statement = insert_for(tx.connection, pools).values(**row, **state)
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
    for row in tx.execute(_LINES_WITHOUT_HOLD, _pool_key(campaign.id, round_, pool)):
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
    key = _pool_key(campaign_id, round_, pool)
    if _TAKE.run(tx.connection, key | {"units": units}).rowcount == 1:
        return
    found = tx.execute(_POOL, key).first()
    if found is not None:
        raise PoolEmpty(pool, units, left_in(found.quota, found.sold))


def take_all(tx: Transaction, units: Mapping[tuple[str, int, str], int]) -> None:
    """
    Reserve units of pools that are locked: (campaign id, round, pool id) -> units.

    Raises:
        RuntimeError: there was not enough, though the lock said so; nothing may be stored.
    """
    if not units:
        return
    taken = _TAKE.run(tx.connection, [_pool_key(*key) | {"units": count} for key, count in units.items()])
    if taken.rowcount != len(units):
        raise RuntimeError("a pool that was locked has changed")


def lock_round(tx: Transaction, campaign_id: str, round_: int, *, placing: bool) -> dict[str, Pool]:
    """
    Keep the pools of a round as they are until the transaction ends, and give pool id -> what is left and the revision
    that set it. A pool without a row is unlimited and not among them.

    Transactions that need several rounds ask for them in the order of their keys, so that two of them wait for one
    another in one direction only. On SQLite nobody else writes meanwhile.

    Args:
        placing: many may place at the same time, as far as pools allow; while quotas are published nobody may, for a
            pool that is not there yet can't be locked.
    """
    lock_named(tx, "round", campaign_id, round_, shared=placing)
    found = _LOCK_POOLS.run(tx.connection, {"in_campaign": campaign_id, "in_round": round_})
    return {row.pool_id: Pool(left_in(row.quota, row.sold), row.revision) for row in found}


def lock_buyers(tx: Transaction, keys: Iterable[tuple[str, int, str]]) -> None:
    """
    Keep others from judging what the same buyers hold (campaign id, round, phone digest) until the transaction ends. On
    SQLite nobody else writes meanwhile.
    """
    for key in sorted(keys):
        lock_named(tx, "buyer", *key)


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
        tx.execute(_RELEASE, _pool_key(order.campaign_id, order.round, row.pool_id) | {"units": row.units})


def keep_snapshot(tx: Transaction, hash_: str, body: str, now_ms: int) -> None:
    """Store what a buyer accepted; orders of one revision share it."""
    tx.execute(
        insert_for(tx.connection, snapshots)
        .values(hash=hash_, body=body, created_at_ms=now_ms)
        .on_conflict_do_nothing()
    )


@dataclass(frozen=True)
class NewOrder:
    """
    The rows of a fresh order, without its id.

    Attributes:
        row: of orders.
        lines: of order_lines, from position 1.
        held: pool id -> units.
        due: of dues; event: of events.
        discount: of entries: what the due's code takes off; None where it has none.
        consents: of consents.
    """

    row: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    held: Mapping[str, int]
    due: Mapping[str, Any]
    event: Mapping[str, Any]
    discount: Mapping[str, Any] | None = None
    consents: Sequence[Mapping[str, Any]] = ()


def insert_orders(tx: Transaction, fresh: Sequence[NewOrder]) -> None:
    """Insert orders with all that belongs to them, and put them into the outbox: one statement a table for all."""
    numbered = list(zip(_new_ids(tx, len(fresh)), fresh, strict=True))
    waiting = []
    for order_id, order in numbered:
        now_ms = order.row["placed_at_ms"]
        entry = {"order_id": order_id, "state": "pending", "version": 1}
        waiting.append(entry | {"created_at_ms": now_ms, "changed_at_ms": now_ms})
    _INSERT_ALL.run(
        tx.connection,
        [
            [{**order.row, "order_id": order_id} for order_id, order in numbered],
            [{**line, "order_id": order_id} for order_id, order in numbered for line in order.lines],
            [
                {"order_id": order_id, "pool_id": pool, "units": units}
                for order_id, order in numbered
                for pool, units in order.held.items()
            ],
            [{**order.due, "order_id": order_id} for order_id, order in numbered],
            [{**order.discount, "order_id": order_id} for order_id, order in numbered if order.discount],
            [{**order.event, "order_id": order_id} for order_id, order in numbered],
            waiting,
            [{**consent, "order_id": order_id} for order_id, order in numbered for consent in order.consents],
        ],
    )


def _new_ids(tx: Transaction, count: int) -> Sequence[int]:
    """Give ids for new orders. On SQLite nobody else writes; on PostgreSQL the sequence gives each only once."""
    if tx.is_postgres:
        numbers = {"sequence": "orders_order_id_seq", "first": 1, "last": count}
        return _NEXT_IDS.run(tx.connection, numbers).scalars().all()
    last = _LAST_ID.run(tx.connection).scalar_one() or 0
    return range(last + 1, last + 1 + count)


def change_order(tx: Transaction, order: StoredOrder, now_ms: int, **values: Any) -> None:
    """
    Change columns of an order, raise its version and put its row into the outbox.

    Whoever changes an order's money or status comes through here last: what its buyer is asked for follows.
    """
    version = order.version + 1
    tx.execute(_TOUCH.values(version=version, **values), {"in_order": order.order_id})
    settle(tx, order, now_ms)
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
    note_sheet_rows(tx, {order_id: values})


def note_sheet_rows(tx: Transaction, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Likewise about many rows: order id -> values."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for order_id, values in rows.items():
        row = {
            column: json.dumps(value, sort_keys=True) if column in {"seen", "writing"} and value is not None else value
            for column, value in values.items()
        }
        by_columns.setdefault(tuple(sorted(row)), []).append({"order_id": order_id, "written_version": 0} | row)
    for columns, listed in by_columns.items():
        _note_rows(columns).run(tx.connection, listed)


def _note_rows(columns: tuple[str, ...]) -> HotInsert:
    if columns not in _NOTE_ROWS:
        given = ("order_id", "written_version", *(column for column in columns if column != "written_version"))
        _NOTE_ROWS[columns] = HotInsert(sheet_rows, given, changed=columns)
    return _NOTE_ROWS[columns]


def note_edition(tx: Transaction, edition: str, *, landed: bool) -> None:
    """
    Remember the mark that the sheet carries, or (not landed) one that it will carry if the write under way lands.

    Once one has landed, those intended before it can't any more.
    """
    intended = outbox_reading.sheet_editions(tx.connection).intended
    values = {NEXT_EDITION_KEY: "" if landed else " ".join((*intended, edition)[-INTENDED_EDITIONS:])}
    if landed:
        values[EDITION_KEY] = edition
    note_meta(tx, values)


def note_meta(tx: Transaction, values: Mapping[str, str]) -> None:
    """Remember what the shop must remember beside its orders: key -> value."""
    for key, value in values.items():
        row = {"key": key, "value": value}
        tx.execute(
            insert_for(tx.connection, meta).values(**row).on_conflict_do_update(index_elements=[meta.c.key], set_=row)
        )


def mark_pending(tx: Transaction, order_id: int, now_ms: int) -> None:
    """Have an order's row written again although the order did not change (a bounced edit, a deleted row)."""
    tx.execute(_MARK, {"in_order": order_id, "now_ms": now_ms})


def mark_delivered(tx: Transaction, versions: Mapping[int, int], now_ms: int) -> None:
    """
    Mark orders' rows as written (order id -> outbox version that was written). Where something was marked since, the
    order stays pending and is written again.
    """
    if versions:
        _DELIVERED.run(
            tx.connection,
            [
                {"in_order": order_id, "in_version": version, "done": "done", "now_ms": now_ms, "nothing": None}
                for order_id, version in versions.items()
            ],
        )


def note_failed_try(tx: Transaction, now_ms: int, error: str) -> None:
    """Remember for doctor why the waiting rows could not be written."""
    waiting = update(outbox).where(outbox.c.state == "pending")
    tx.execute(waiting.values(attempts=outbox.c.attempts + 1, last_try_ms=now_ms, last_error=error))
