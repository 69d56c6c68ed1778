"""
Reading the ledger: orders as they stand. Every function takes a connection, so the same code serves readers and the
writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select

from intake.ledger.hot import Hot, HotIn
from intake.ledger.schema import dues, entries, events, meta, order_lines, orders, pools, snapshots
from preorder.payment import Account, DueKind
from preorder.quota import left_in
from preorder.status import HOLDING, Actor, Status
from preorder.terms import UniqueCode

# meta.key: while it is there no orders are taken; its value says why.
PAUSED_KEY = "paused"


def to_ms(instant: datetime) -> int:
    """Give an aware datetime as epoch milliseconds."""
    return int(instant.timestamp() * 1000)


def from_ms(stamp: int) -> datetime:
    """Give epoch milliseconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(stamp / 1000, UTC)


def _instant(stamp: int | None) -> datetime | None:
    return None if stamp is None else from_ms(stamp)


@dataclass(frozen=True)
class StoredLine:
    """A line as it was ordered: names and price stay what they were then. options: name -> text."""

    position: int
    product_name: str
    variant_name: str | None
    options: Mapping[str, str]
    qty: int
    price: int
    note: str | None
    qty_done: int

    @property
    def name(self) -> str:
        """Give product and variant as people read them."""
        return f"{self.product_name} {self.variant_name or ''}".strip()


@dataclass(frozen=True)
class StoredEvent:
    """
    One line of an order's history. undoes: the event that this one took back; data: what it did beside the status.
    """

    event_id: int
    event: str
    at: datetime
    actor: Actor
    from_status: Status | None
    to_status: Status | None
    reason: str | None
    undoes: int | None
    data: Mapping[str, Any]


@dataclass(frozen=True)
class StoredDue:
    """
    What an order is, or was, asked for: rupiah, its code taken off.

    Attributes:
        code: what is taken off (below 0: added); 0 for none. Of a due that closed unpaid, what was.
        pay_by: the deadline that the buyer reads; grace_until: when the units are released. None while there is none.
    """

    kind: DueKind
    amount: int
    code: int
    pay_by: datetime | None
    grace_until: datetime | None
    is_open: bool


@dataclass(frozen=True)
class StoredOrder:
    """
    An order as it stands. Money in rupiah; name, phone, address and note are None after an erasure.

    Attributes:
        shipping: None while it is not settled.
        deposit: 0 where all is due at once.
        received: sum of the entries that are money; paid_in: the same without refunds.
        discount: what codes take off the total; deposit_discount: off the deposit.
        dues: the first payment's, and the balance's once it has been asked for.
        snapshot: what the buyer accepted: shop, campaign, window, terms_html, terms_hash.
        accepted_at: when she agreed to it; None where she has not, for the order was typed into the sheet.
        erased_at: when her data was taken out (intake.erasing); its status link leads nowhere then.
    """

    order_id: int
    ref: str
    token: str
    campaign_id: str
    round: int
    status: Status
    version: int
    source: str
    received_at: datetime
    placed_at: datetime
    claimed_at: datetime | None
    name: str | None
    phone: str | None
    address: str | None
    note: str | None
    channel: str | None
    goods: int
    shipping: int | None
    deposit: int
    delivery_id: str
    delivery_name: str
    courier: str | None
    tracking: str | None
    seller_note: str | None
    complaint_open: bool
    lines: tuple[StoredLine, ...]
    received: int
    paid_in: int
    discount: int
    deposit_discount: int
    dues: tuple[StoredDue, ...]
    events: tuple[StoredEvent, ...]
    snapshot: Mapping[str, Any]
    snapshot_hash: str
    accepted_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def money(self) -> Account:
        """Give the money side, from which dues and payment state are derived."""
        return Account(
            goods=self.goods,
            shipping=self.shipping,
            deposit=self.deposit,
            received=self.received,
            paid_in=self.paid_in,
            status=self.status,
            discount=self.discount,
            deposit_discount=self.deposit_discount,
        )

    @property
    def first_due(self) -> StoredDue | None:
        """Give the due of the first payment."""
        return next((due for due in self.dues if due.kind is not DueKind.BALANCE), None)

    @property
    def pay_by(self) -> datetime | None:
        """Give the deadline of the first payment, as the buyer reads it."""
        return self.first_due.pay_by if self.first_due else None

    @property
    def grace_until(self) -> datetime | None:
        """Give when an order without its first payment loses its units."""
        return self.first_due.grace_until if self.first_due else None

    @property
    def open_due(self) -> StoredDue | None:
        """Give what the buyer is asked for now."""
        return next((due for due in self.dues if due.is_open), None)

    @property
    def shares_amount(self) -> bool:
        """Say whether what is asked for should be unlike every other amount, and could not be made so."""
        due = self.open_due
        wanted = self.snapshot["campaign"]["payment"].get("unique_code", UniqueCode.NONE)
        return due is not None and not due.code and self.source == "web" and wanted != UniqueCode.NONE

    @property
    def money_once_promised(self) -> Account:
        """
        Give the money side as if the first payment's code still counted: for money that comes after the due was closed,
        in the amount that she was asked for.
        """
        due = self.first_due
        standing = self.deposit_discount if self.deposit else self.discount
        if due is None or due.is_open or standing or due.code <= 0:
            return self.money
        return self.money.with_code(due.kind, due.code)

    @property
    def moves(self) -> tuple[StoredEvent, ...]:
        """Give the changes of status that stand: neither undone nor undoing, oldest first."""
        undone = {event.undoes for event in self.events if event.undoes is not None}
        return tuple(
            event
            for event in self.events
            if event.to_status is not None and event.undoes is None and event.event_id not in undone
        )


_BY_TOKEN = select(orders).where(orders.c.token == bindparam("wanted"))
_BY_REF = select(orders).where(orders.c.ref == bindparam("wanted"))
_BY_ID = select(orders).where(orders.c.order_id == bindparam("wanted"))
_BY_IDS = select(orders).where(orders.c.order_id.in_(bindparam("ids", expanding=True)))
_NONCES = HotIn(
    lambda names: select(orders.c.nonce, orders.c.ref, orders.c.token).where(
        orders.c.nonce.in_([bindparam(name) for name in names])
    )
)
_TAKEN = HotIn(lambda names: select(orders.c.ref).where(orders.c.ref.in_([bindparam(name) for name in names])))
_LINES = (
    select(order_lines)
    .where(order_lines.c.order_id.in_(bindparam("ids", expanding=True)))
    .order_by(order_lines.c.order_id, order_lines.c.position)
)
_ENTRIES = (
    select(entries.c.order_id, entries.c.kind, entries.c.due_kind, func.sum(entries.c.amount_rp).label("total_rp"))
    .where(entries.c.order_id.in_(bindparam("ids", expanding=True)))
    .group_by(entries.c.order_id, entries.c.kind, entries.c.due_kind)
)
_EVENTS = select(events).where(events.c.order_id.in_(bindparam("ids", expanding=True))).order_by(events.c.event_id)
_DUES = select(dues).where(dues.c.order_id.in_(bindparam("ids", expanding=True))).order_by(dues.c.created_at_ms)
_SNAPSHOTS = select(snapshots.c.hash, snapshots.c.body).where(snapshots.c.hash.in_(bindparam("hashes", expanding=True)))
_PAUSED = Hot(select(meta.c.value).where(meta.c.key == bindparam("key")))
_HELD = (
    select(orders.c.phone_hmac, func.sum(order_lines.c.qty).label("units"))
    .select_from(orders.join(order_lines, orders.c.order_id == order_lines.c.order_id))
    .where(
        orders.c.campaign_id == bindparam("campaign_id"),
        orders.c.round == bindparam("round"),
        orders.c.phone_hmac.in_(bindparam("phone_hmacs", expanding=True)),
        orders.c.status.in_(sorted(HOLDING)),
        order_lines.c.cancelled_at_ms.is_(None),
    )
    .group_by(orders.c.phone_hmac)
)


def find_nonce(connection: Connection, nonce: str) -> tuple[str, str] | None:
    """Give ref and token of the order that this review token made, or None."""
    return find_nonces(connection, [nonce]).get(nonce)


def find_nonces(connection: Connection, nonces: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Give nonce -> ref and token of the orders that these review tokens made."""
    return {row.nonce: (row.ref, row.token) for row in _NONCES.run(connection, nonces)}


def taken_refs(connection: Connection, refs: Sequence[str]) -> set[str]:
    """Give those of these refs that are taken."""
    return set(_TAKEN.run(connection, refs).scalars())


def newest_digests(connection: Connection, after_id: int, since_ms: int, most: int) -> Sequence[Any]:
    """Give order_id, fields_digest, ref and placed_at_ms of the newest orders with an id after that, oldest first."""
    found = (
        select(orders.c.order_id, orders.c.fields_digest, orders.c.ref, orders.c.placed_at_ms)
        .where(orders.c.order_id > after_id, orders.c.placed_at_ms >= since_ms, orders.c.fields_digest.is_not(None))
        .order_by(orders.c.order_id.desc())
        .limit(most)
    )
    return connection.execute(found).all()[::-1]


def is_paused(connection: Connection) -> str | None:
    """Give why no orders are taken now ("restored": a backup was brought back and is not yet reconciled), or None."""
    return _PAUSED.run(connection, {"key": PAUSED_KEY}).scalar()


def units_held(connection: Connection, campaign_id: str, round_: int, phone_hmacs: Iterable[str]) -> dict[str, int]:
    """Give phone digest -> units that it holds in a round, over all its orders; those that hold none are left out."""
    wanted = {"campaign_id": campaign_id, "round": round_, "phone_hmacs": list(phone_hmacs)}
    return {row.phone_hmac: int(row.units) for row in connection.execute(_HELD, wanted)}


def order_by_token(connection: Connection, token: str, *, lock: bool = False) -> StoredOrder | None:
    """
    Give the order of a status link.

    Args:
        lock: keep it as it is until the transaction ends: for whoever will change it. On PostgreSQL the row is locked,
            and the rest is read afterwards; on SQLite nobody else writes meanwhile.
    """
    return _one(connection, _BY_TOKEN, token, lock)


def order_by_ref(connection: Connection, ref: str, *, lock: bool = False) -> StoredOrder | None:
    """Give the order of this ref. lock: as for order_by_token."""
    return _one(connection, _BY_REF, ref, lock)


def order_by_id(connection: Connection, order_id: int, *, lock: bool = False) -> StoredOrder | None:
    """Give the order of this id. lock: as for order_by_token."""
    return _one(connection, _BY_ID, order_id, lock)


def _one(connection: Connection, statement: Select[Any], wanted: str | int, lock: bool) -> StoredOrder | None:
    found = connection.execute(statement.with_for_update(key_share=True) if lock else statement, {"wanted": wanted})
    return next(_load(connection, found.mappings().all()), None)


def orders_by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, StoredOrder]:
    """Give id -> order, in six queries however many they are (at most some hundreds: databases bound the parameters)."""
    rows = connection.execute(_BY_IDS, {"ids": list(ids)}).mappings().all()
    return {order.order_id: order for order in _load(connection, rows)}


def _load(connection: Connection, rows: Sequence[RowMapping]) -> Iterator[StoredOrder]:
    if not rows:
        return
    wanted = {"ids": [row["order_id"] for row in rows]}
    lines = _grouped(connection, _LINES, wanted)
    sums = _grouped(connection, _ENTRIES, wanted)
    happened = _grouped(connection, _EVENTS, wanted)
    asked = _grouped(connection, _DUES, wanted)
    # Orders of one campaign revision share what they accepted: read and parsed once.
    hashes = {"hashes": sorted({row["snapshot_hash"] for row in rows})}
    accepted = {each.hash: json.loads(each.body) for each in connection.execute(_SNAPSHOTS, hashes)}
    for row in rows:
        order_id = row["order_id"]
        money: dict[str, int] = {}
        discounts: dict[str, int] = {}
        for each in sums.get(order_id, ()):
            counted, key = (discounts, "due_kind") if each["kind"] == "discount" else (money, "kind")
            counted[each[key]] = counted.get(each[key], 0) + int(each["total_rp"])
        yield StoredOrder(
            order_id=order_id,
            ref=row["ref"],
            token=row["token"],
            campaign_id=row["campaign_id"],
            round=row["round"],
            status=Status(row["status"]),
            version=row["version"],
            source=row["source"],
            received_at=from_ms(row["received_at_ms"]),
            placed_at=from_ms(row["placed_at_ms"]),
            claimed_at=_instant(row["claimed_at_ms"]),
            name=row["name"],
            phone=row["phone"],
            address=row["address"],
            note=row["note"],
            channel=row["channel"],
            goods=row["goods_rp"],
            shipping=row["shipping_rp"],
            deposit=row["deposit_rp"],
            delivery_id=row["delivery_id"],
            delivery_name=row["delivery_name"],
            courier=row["courier"],
            tracking=row["tracking"],
            seller_note=row["seller_note"],
            complaint_open=bool(row["complaint_open"]),
            lines=tuple(_line(line) for line in lines.get(order_id, ())),
            received=sum(money.values()),
            paid_in=money.get("payment", 0) + money.get("reversal", 0),
            discount=sum(discounts.values()),
            deposit_discount=discounts.get("deposit", 0),
            dues=tuple(_due(due) for due in asked.get(order_id, ())),
            events=tuple(_event(event) for event in happened.get(order_id, ())),
            snapshot=accepted[row["snapshot_hash"]],
            snapshot_hash=row["snapshot_hash"],
            accepted_at=_instant(row["terms_accepted_at_ms"]),
            erased_at=_instant(row["erased_at_ms"]),
        )


def _grouped(connection: Connection, statement: Select[Any], wanted: Mapping[str, Any]) -> dict[int, list[RowMapping]]:
    found: dict[int, list[RowMapping]] = {}
    for row in connection.execute(statement, wanted).mappings():
        found.setdefault(row["order_id"], []).append(row)
    return found


def _line(row: RowMapping) -> StoredLine:
    return StoredLine(
        row["position"], row["product_name"], row["variant_name"], json.loads(row["options"]), row["qty"], row["price_rp"], row["note"], row["qty_done"]
    )  # fmt: skip


def _due(row: RowMapping) -> StoredDue:
    return StoredDue(
        kind=DueKind(row["kind"]),
        amount=row["amount_rp"],
        code=row["unique_code"],
        pay_by=_instant(row["pay_by_ms"]),
        grace_until=_instant(row["grace_until_ms"]),
        is_open=row["closed_at_ms"] is None,
    )


def _event(row: RowMapping) -> StoredEvent:
    return StoredEvent(
        event_id=row["event_id"],
        event=row["event"],
        at=from_ms(row["at_ms"]),
        actor=Actor(row["actor"]),
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]) if row["to_status"] else None,
        reason=row["reason"],
        undoes=row["undoes"],
        data=json.loads(row["data"]) if row["data"] else {},
    )


def units_left(connection: Connection) -> dict[tuple[str, int], dict[str, int]]:
    """Give (campaign id, round) -> pool id -> units left, of all pools that the ledger knows."""
    left: dict[tuple[str, int], dict[str, int]] = {}
    for row in connection.execute(select(pools)).mappings():
        left.setdefault((row["campaign_id"], row["round"]), {})[row["pool_id"]] = left_in(row["quota"], row["sold"])
    return left


def overdue_orders(connection: Connection, now_ms: int, limit: int) -> list[int]:
    """Give ids of orders that wait for a first payment past its grace and have received nothing."""
    first_due = dues.c.kind.in_(("full", "deposit"))
    received = (
        select(func.coalesce(func.sum(entries.c.amount_rp), 0))
        .where(entries.c.order_id == orders.c.order_id, entries.c.kind != "discount")
        .scalar_subquery()
    )
    found = (
        select(orders.c.order_id)
        .select_from(orders.join(dues, orders.c.order_id == dues.c.order_id))
        .where(
            orders.c.status == Status.AWAITING_PAYMENT,
            first_due,
            dues.c.closed_at_ms.is_(None),
            dues.c.grace_until_ms <= now_ms,
        )
        .where(received == 0)
        .order_by(dues.c.grace_until_ms)
        .limit(limit)
    )
    return list(connection.execute(found).scalars())


def balance_overdue(connection: Connection, order_id: int, now_ms: int) -> bool:
    """Say whether an order's balance is still open past its grace."""
    found = select(dues.c.order_id).where(
        dues.c.order_id == order_id,
        dues.c.kind == "balance",
        dues.c.closed_at_ms.is_(None),
        dues.c.grace_until_ms <= now_ms,
    )
    return connection.execute(found).first() is not None
