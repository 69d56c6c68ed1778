"""
What buyers are asked for: each open due with an amount of its own, so that a transfer tells whose it is.

A due's code takes something off (or adds it), as an entry of kind discount that stands as long as the due is open or
after it was paid; of a due that closes unpaid it is taken back by a counter-entry. An amount that is no longer asked
for stays out of use for QUARANTINE_MS, for its buyer may be paying it at this moment.

Source: docs/decisions/0012-unique-codes.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union,
    update,
)

from intake.ledger.hot import HotIn, insert_for
from intake.ledger.locks import lock_named
from intake.ledger.schema import dues, entries, orders, quarantine
from intake.ledger.store import StoredOrder, from_ms, to_ms
from intake.ledger.writer import Transaction
from preorder.codes import HIGHEST_CODE, Codes
from preorder.payment import Account, DueKind, balance_deadline
from preorder.plain import from_plain
from preorder.status import Actor, Status
from preorder.terms import BalanceFrom, PaymentTerms, UniqueCode

QUARANTINE_MS = 24 * 3_600_000
# In these an order lies ready, or has left already.
_READY = frozenset({
    Status.READY, Status.READY_FOR_PICKUP, Status.PARTLY_SHIPPED, Status.SHIPPED, Status.COMPLETED
})  # fmt: skip


def _around(amount: Any, bases: Sequence[str]) -> Any:
    # Written out: what is compiled once takes all its values by name.
    most: ColumnElement[int] = literal_column(str(HIGHEST_CODE))
    values = [bindparam(name, type_=BigInteger) for name in bases]
    return or_(*(amount.between(value - most, value + most) for value in values))


_TAKEN = HotIn(
    lambda bases: union(
        select(dues.c.amount_rp).where(
            dues.c.closed_at_ms.is_(None), dues.c.order_id != bindparam("own"), _around(dues.c.amount_rp, bases)
        ),
        select(quarantine.c.amount_rp).where(
            quarantine.c.free_at_ms > bindparam("now_ms"),
            quarantine.c.order_id != bindparam("own"),
            _around(quarantine.c.amount_rp, bases),
        ),
    )
)
_STATE = select(orders.c.status, orders.c.goods_rp, orders.c.shipping_rp, orders.c.deposit_rp, orders.c.source).where(
    orders.c.order_id == bindparam("in_order")
)
_DUES = select(dues).where(dues.c.order_id == bindparam("in_order"))
_SUMS = (
    select(entries.c.kind, entries.c.due_kind, func.sum(entries.c.amount_rp).label("rp"))
    .where(entries.c.order_id == bindparam("in_order"))
    .group_by(entries.c.kind, entries.c.due_kind)
)
_THIS = (dues.c.order_id == bindparam("in_order")) & (dues.c.kind == bindparam("in_kind"))


@dataclass(frozen=True)
class Asked:
    """What a fresh order is asked for: rupiah, the code taken off. mode: that of the campaign's terms."""

    base: int
    mode: UniqueCode


def choose_codes(tx: Transaction, asked: Sequence[Asked], now_ms: int) -> list[int]:
    """
    Give each of these amounts its code, in their order; 0 where none is wanted, or none is free.

    Nobody else chooses until the transaction ends. One statement, however many they are.
    """
    bases = {each.base for each in asked if each.mode is not UniqueCode.NONE}
    if not bases:
        return [0] * len(asked)
    codes = Codes(_lock_taken(tx, bases, now_ms))
    return [codes.choose(each.base, each.mode) for each in asked]


def _lock_taken(tx: Transaction, bases: Collection[int], now_ms: int, own: int = 0) -> set[int]:
    """Keep others from choosing amounts, and give those that are taken around these, except an order's own."""
    lock_named(tx, "amounts")
    return set(_TAKEN.run(tx.connection, sorted(bases), {"own": own, "now_ms": now_ms}).scalars())


def discount_of(kind: DueKind, code: int, now_ms: int) -> dict[str, Any] | None:
    """Give the entry (a row without its order) of what a code takes off; None for no code."""
    if not code:
        return None
    return {"kind": "discount", "amount_rp": code, "at_ms": now_ms, "actor": Actor.CLOCK, "due_kind": kind}


def is_free(tx: Transaction, amount: int, now_ms: int) -> bool:
    """Say whether nobody is asked for an amount; nobody else chooses one until the transaction ends."""
    return amount not in _lock_taken(tx, {amount}, now_ms)


def keep_code(tx: Transaction, order: StoredOrder, kind: DueKind, code: int, now_ms: int) -> None:
    """Note the code that an order had in an earlier life of the ledger: its due gets it again if it may."""
    if code:
        row = {"order_id": order.order_id, "kind": kind, "amount_rp": 0, "unique_code": code}
        tx.execute(insert(dues), row | {"created_at_ms": now_ms, "closed_at_ms": now_ms})


def settle(tx: Transaction, order: StoredOrder, now_ms: int) -> None:
    """
    Bring what an order is asked for to what its money and status say.

    Args:
        order: for what never changes of it; the rest is read anew. Its row is locked, or it is new.
    """
    _Settlement(tx, order, now_ms).run()


def any_free(connection: Connection, now_ms: int) -> bool:
    """Say whether the quarantine of some amount is over."""
    over = select(quarantine.c.amount_rp).where(quarantine.c.free_at_ms <= now_ms).limit(1)
    return connection.execute(over).first() is not None


def free_quarantine(tx: Transaction, now_ms: int) -> int:
    """Forget amounts that anybody may get again; say how many."""
    return tx.execute(delete(quarantine).where(quarantine.c.free_at_ms <= now_ms)).rowcount


class _Settlement:
    """One order, with its money as the ledger has it now."""

    def __init__(self, tx: Transaction, order: StoredOrder, now_ms: int) -> None:
        self._tx, self._order, self._now_ms = tx, order, now_ms
        key = {"in_order": order.order_id}
        state = tx.execute(_STATE, key).one()
        sums = tx.execute(_SUMS, key).all()
        self._by_seller = state.source == "sheet"
        # What the code of each due takes off at present.
        self._standing = dict.fromkeys(DueKind, 0)
        for row in sums:
            if row.kind == "discount":
                self._standing[DueKind(row.due_kind)] += int(row.rp)
        self._account = Account(
            goods=state.goods_rp,
            shipping=state.shipping_rp,
            deposit=state.deposit_rp,
            received=sum(int(row.rp) for row in sums if row.kind != "discount"),
            paid_in=sum(int(row.rp) for row in sums if row.kind not in {"discount", "refund"}),
            status=Status(state.status),
            discount=sum(self._standing.values()),
            deposit_discount=self._standing[DueKind.DEPOSIT],
        )
        self._dues = {DueKind(row["kind"]): row for row in tx.execute(_DUES, key).mappings()}
        self._terms = from_plain(PaymentTerms, order.snapshot["campaign"]["payment"])

    def run(self) -> None:
        for kind, row in self._dues.items():
            if row["closed_at_ms"] is None and kind is not self._account.asked_as:
                self._close(kind, row)
        self._honour()
        asked = self._account.asked_as
        if asked is not None:
            self._ask(asked, self._dues.get(asked))

    def _close(self, kind: DueKind, row: RowMapping) -> None:
        account, code = self._account, self._standing[kind]
        missing = account.deposit_missing if kind is DueKind.DEPOSIT else account.total_missing
        asked = (
            account.deposit - account.deposit_discount if kind is DueKind.DEPOSIT else account.total - account.discount
        )
        # Unpaid; or paid without what the code adds, which is then nobody's debt.
        if code and (missing or (code < 0 and account.received < asked)):
            self._discount(kind, -code)
        self._rest(row["amount_rp"])
        self._update(kind, closed_at_ms=self._now_ms)

    def _honour(self) -> None:
        """Take the amount that she was once asked for as all of it, though it came after the due was closed."""
        for kind, row in self._dues.items():
            lapsed = row["closed_at_ms"] is not None and not self._standing[kind]
            if lapsed and 0 < self._account.due <= row["unique_code"]:
                self._discount(kind, row["unique_code"])

    def _ask(self, kind: DueKind, row: RowMapping | None) -> None:
        is_open = row is not None and row["closed_at_ms"] is None
        deadline = self._deadline(kind, row, is_open)
        if row is not None and is_open and row["amount_rp"] == self._account.due:
            if deadline:
                self._update(kind, **deadline)
            return
        code = self._choose(kind, row)
        if code != self._standing[kind]:
            self._discount(kind, code - self._standing[kind])
        values: dict[str, Any] = {"amount_rp": int(self._account.due), "unique_code": code, **deadline}
        if row is None:
            new = {"order_id": self._order.order_id, "kind": kind, "created_at_ms": self._now_ms}
            self._tx.execute(insert(dues), new | values)
        elif is_open:
            self._rest(row["amount_rp"])
            self._update(kind, **values)
        else:
            self._update(kind, created_at_ms=self._now_ms, closed_at_ms=None, **values)

    def _choose(self, kind: DueKind, row: RowMapping | None) -> int:
        # In a chat she has told the price herself.
        mode = UniqueCode.NONE if self._by_seller else self._terms.unique_code
        prefer = self._standing[kind] or (row["unique_code"] if row is not None else 0)
        if mode is UniqueCode.NONE and not prefer:
            return 0
        base = self._account.due + self._standing[kind]
        taken = _lock_taken(self._tx, {base}, self._now_ms, self._order.order_id)
        return Codes(taken).choose(base, mode, prefer)

    def _deadline(self, kind: DueKind, row: RowMapping | None, is_open: bool) -> dict[str, int | None]:
        """Give the columns of the deadline; none where it stays as it is."""
        now = from_ms(self._now_ms)
        pay_by: datetime | None
        if kind is DueKind.BALANCE:
            ready = self._account.status in _READY
            counted = ready or self._terms.balance_from is BalanceFrom.CLOSING
            if row is not None and is_open and (row["pay_by_ms"] is not None) == counted:
                return {}
            closes_at = datetime.fromisoformat(self._order.snapshot["window"]["closes_at"])
            since = from_ms(row["created_at_ms"]) if row is not None and is_open else now
            pay_by = balance_deadline(self._terms, closes_at, now if ready else None, since)
        elif is_open:
            return {}
        else:
            pay_by = now + timedelta(hours=self._terms.pay_within_h)
            if row is not None and row["pay_by_ms"] is not None:
                pay_by = max(pay_by, from_ms(row["pay_by_ms"]))
        if pay_by is None:
            return {"pay_by_ms": None, "grace_until_ms": None}
        grace = timedelta(hours=self._terms.grace_h)
        return {"pay_by_ms": to_ms(pay_by), "grace_until_ms": to_ms(pay_by + grace)}

    def _discount(self, kind: DueKind, change: int) -> None:
        row = discount_of(kind, change, self._now_ms)
        assert row is not None  # a change of 0 is no change
        self._tx.execute(insert(entries), row | {"order_id": self._order.order_id})
        self._standing[kind] += change
        self._account = self._account.with_code(kind, change)

    def _update(self, kind: DueKind, **values: Any) -> None:
        statement = update(dues).where(_THIS).values(**values)
        self._tx.execute(statement, {"in_order": self._order.order_id, "in_kind": kind})

    def _rest(self, amount: int) -> None:
        """Keep an amount that she was asked for from everybody else, for a while."""
        row = {"amount_rp": amount, "order_id": self._order.order_id}
        until = {"free_at_ms": self._now_ms + QUARANTINE_MS}
        statement = insert_for(self._tx.connection, quarantine).values(**row, **until)
        self._tx.execute(
            statement.on_conflict_do_update(index_elements=[quarantine.c.amount_rp, quarantine.c.order_id], set_=until)
        )
