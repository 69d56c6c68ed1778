"""
The seller's edits: what she changes in an editable cell is a command, carried out or bounced with a reason.

An edit is a value that differs from what we last wrote or saw there. Every command is checked against the one table of
transitions (preorder.status); guards are looked up in _GUARDS. Nothing here knows which kind of sheet it was.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from intake.ledger import recording, store
from intake.ledger.outbox import SheetRecord
from intake.ledger.recording import PoolEmpty
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction
from preorder.campaign import DeliveryKind, Scheme
from preorder.errors import PreorderError
from preorder.money import MoneyError, parse_rupiah
from preorder.order import clean_text
from preorder.payment import DoubtfulAmount, check_amount, due_for, status_after_correction, status_after_money
from preorder.status import (
    BEFORE_SHIPPED,
    HOLDING,
    PAYING,
    Actor,
    Guard,
    Status,
    Transition,
    find_transition,
    targets_from,
)
from preorder.wording import parse_status

log = logging.getLogger(__name__)

Cell = str | int | float | None

# In this order: money before status, so that "money in" and "paid" typed together agree; a note before the status that
# may need it as a reason.
COLUMNS = ("shipping", "money_in", "courier", "seller_note", "tracking", "status")

_TRACKING = re.compile(r"[A-Za-z0-9-]{6,30}")
_TEXT_LIMITS = {"courier": 60, "seller_note": 1_000}


class Bounced(PreorderError):
    """A command that is not carried out. Its code is per case: kind; the sentence is made where the row is written."""

    code = "bounced"

    def __init__(self, kind: str, **fields: Any) -> None:
        super().__init__(kind=kind, **fields)
        self.kind = kind

    def message(self) -> str:
        """Give what is kept with the row: the case and its values, as JSON."""
        return json.dumps(self.fields, sort_keys=True, ensure_ascii=False, default=str)


def apply_edits(
    tx: Transaction, record: SheetRecord, edits: Mapping[str, Cell], seen: Mapping[str, Cell], now: datetime
) -> bool:
    """
    Carry out the edits of one row, each for itself: one that bounces does not undo the others.

    Args:
        edits: column -> value as it stands now, only those that she changed.
        seen: column -> value of all editable columns of the row; remembered, so that each edit is carried out once.

    Returns:
        True where all were carried out.
    """
    bounce: Bounced | None = None
    for column in COLUMNS:
        if column not in edits:
            continue
        order = store.order_by_id(tx.connection, record.order_id, lock=True)
        assert order is not None  # orders are never deleted
        savepoint = tx.connection.begin_nested()
        try:
            notice = _HANDLERS[column](tx, order, edits[column], now)
        except Bounced as refusal:
            savepoint.rollback()
            bounce = refusal
            log.info("order %s: %s bounced, %s", order.ref, column, refusal.kind)
        else:
            savepoint.commit()
            bounce = notice or bounce
            log.info("order %s: %s carried out", order.ref, column)
    now_ms = to_ms(now)
    message = bounce.message() if bounce else None
    recording.note_sheet_row(tx, record.order_id, seen=dict(seen), message=message, writing=None)
    # Always written back: in our spelling, or as it was before.
    recording.mark_pending(tx, record.order_id, now_ms)
    return bounce is None


def _set_status(tx: Transaction, order: StoredOrder, value: Cell, now: datetime) -> Bounced | None:
    target = parse_status(value) if isinstance(value, str) else None
    if target is None:
        raise Bounced("unknown_status", value=str(value or "")[:40], allowed=_choices(order))
    if target is order.status:
        return None
    row = find_transition(order.status, target, Actor.SELLER)
    if row is not None:
        _move(tx, order, row, now)
    elif _previous(order) is target:
        _undo(tx, order, now)
    elif target is Status.PAID and order.status in HOLDING:
        raise Bounced("use_money_in", status=order.status)
    else:
        raise Bounced("not_allowed", status=order.status, target=target, allowed=_choices(order))
    return None


def _choices(order: StoredOrder) -> list[str]:
    choices = list(targets_from(order.status, Actor.SELLER))
    previous = _previous(order)
    if previous is not None and previous not in choices:
        choices.append(previous)
    return [str(choice) for choice in choices]


def _previous(order: StoredOrder) -> Status | None:
    moves = order.moves
    return moves[-1].from_status if moves else None


def _move(tx: Transaction, order: StoredOrder, row: Transition, now: datetime) -> None:
    now_ms = to_ms(now)
    for guard in row.guards:
        check = _GUARDS.get(guard)
        if check is not None:
            check(tx, order, now)
    data: dict[str, Any] = {}
    if row.target in {Status.DEPOSIT_PAID, Status.PAID}:
        # She says that it has been paid: exactly what is then due is what came in.
        due = due_for(order.money, row.target)
        if due:
            data["entries"] = [recording.add_entry(tx, order, "payment", due, Actor.SELLER, now_ms)]
    changes: dict[str, Any] = {"status": row.target}
    reason = None
    if row.event == "claim_rejected":
        # The words stay where they can be erased; the history names the place.
        reason = "seller_note"
        changes["claimed_at_ms"] = None
        _renew_deadline(tx, order, now)
    if row.target is Status.SHIPPED and not order.courier:
        changes["courier"] = order.delivery_name
    _move_units(tx, order, row.target)
    recording.add_event(tx, order, row.event, Actor.SELLER, now_ms, target=row.target, reason=reason, data=data)
    recording.change_order(tx, order, now_ms, **changes)


def _undo(tx: Transaction, order: StoredOrder, now: datetime) -> None:
    last = order.moves[-1]
    target = last.from_status
    assert target is not None  # the first move has none, and _previous gave one
    now_ms = to_ms(now)
    booked = {entry_id: recording.entry_amount(tx, entry_id) for entry_id in last.data.get("entries", ())}
    received = order.received - sum(booked.values())
    if received < 0:
        # Part of what would be booked back has been given back, or put right, since.
        raise Bounced("undo_money")
    target = _carried(order, target, received)
    # What the undone command booked is booked back; nothing is deleted.
    for entry_id, amount in booked.items():
        recording.add_entry(tx, order, "reversal", -amount, Actor.SELLER, now_ms, reverses=entry_id)
    _move_units(tx, order, target)
    if target is Status.AWAITING_PAYMENT:
        _renew_deadline(tx, order, now)
    recording.add_event(tx, order, "undone", Actor.SELLER, now_ms, target=target, undoes=last.event_id)
    changes: dict[str, Any] = {"status": target}
    if target is Status.PAYMENT_CLAIMED and order.claimed_at is None:
        # Her rejection of the claim is undone: it stands again, as old as it is.
        changes["claimed_at_ms"] = max(
            to_ms(event.at) for event in order.events if event.to_status is target and event.undoes is None
        )
    recording.change_order(tx, order, now_ms, **changes)


def _carried(order: StoredOrder, target: Status, received: int) -> Status:
    """Give the state that an undo leads to: the one before, if the money carries it."""
    if target not in HOLDING or target in PAYING:
        return target
    money = dataclasses.replace(order.money, received=received, status=target)
    needed = money.total if target is Status.PAID or not money.deposit else money.deposit
    if received >= needed:
        return target
    if order.status is Status.CANCELLED_BY_SELLER and target in {Status.DEPOSIT_PAID, Status.PAID}:
        # Its money has gone back: it lives again, and waits for payment like a fresh one.
        return status_after_correction(money)
    raise Bounced("not_paid", missing=needed - received)


def _move_units(tx: Transaction, order: StoredOrder, target: Status) -> None:
    try:
        recording.move_units(tx, order, target)
    except PoolEmpty as empty:
        raise Bounced("units_gone", units=empty.units, left=empty.left) from None


def _renew_deadline(tx: Transaction, order: StoredOrder, now: datetime) -> None:
    """Give the buyer the campaign's time again, never less than she had."""
    terms = order.snapshot["campaign"]["payment"]
    pay_by = now + timedelta(hours=terms["pay_within_h"])
    if order.pay_by is not None:
        pay_by = max(pay_by, order.pay_by)
    recording.extend_due(tx, order, to_ms(pay_by), to_ms(pay_by + timedelta(hours=terms["grace_h"])))


def _set_money(tx: Transaction, order: StoredOrder, value: Cell, now: datetime) -> Bounced | None:
    total = _amount(value)
    difference = total - order.received
    if difference == 0:
        return None
    if order.status in HOLDING and difference > 0:
        _check_doubtful(total, order.money.deposit or order.money.total, order.money.total)
    now_ms = to_ms(now)
    off = order.status not in HOLDING
    kind = "refund" if off and difference < 0 else "payment"
    entry = recording.add_entry(tx, order, kind, difference, Actor.SELLER, now_ms)
    data = {"entries": [entry]}
    counted = dataclasses.replace(
        order.money, received=total, paid_in=order.paid_in + (difference if kind == "payment" else 0)
    )
    if order.status is Status.EXPIRED and difference > 0:
        return _revive(tx, order, counted, data, now)
    target = status_after_money(counted) if difference > 0 else status_after_correction(counted)
    if target is order.status:
        recording.add_event(
            tx, order, "refunded" if kind == "refund" else "money_recorded", Actor.SELLER, now_ms, data=data
        )
        recording.change_order(tx, order, now_ms)
        return None
    event = {Status.PAID: "paid_in_full", Status.DEPOSIT_PAID: "deposit_received"}.get(target, "money_corrected")
    if target is Status.AWAITING_PAYMENT:
        _renew_deadline(tx, order, now)
    recording.add_event(
        tx, order, event if difference > 0 else "money_corrected", Actor.SELLER, now_ms, target=target, data=data
    )
    recording.change_order(tx, order, now_ms, status=target)
    return None


def _revive(tx: Transaction, order: StoredOrder, counted: Any, data: dict[str, Any], now: datetime) -> Bounced | None:
    """
    Money came for an order that had expired: it lives again if it is enough and the units are still there. The money is
    booked in any case.
    """
    now_ms = to_ms(now)
    target = status_after_money(dataclasses.replace(counted, status=Status.AWAITING_PAYMENT))
    missing = (counted.deposit or counted.total) - counted.received
    notice = None
    # Nothing missing and still waiting: the shipping fee is not settled yet, as it may be for any live order.
    if target is Status.AWAITING_PAYMENT and missing > 0:
        notice = Bounced("late_money_short", missing=missing)
    else:
        savepoint = tx.connection.begin_nested()
        try:
            recording.move_units(tx, order, target)
        except PoolEmpty as empty:
            savepoint.rollback()
            notice = Bounced("late_money_units_gone", units=empty.units, left=empty.left)
        else:
            savepoint.commit()
            event = "revived_by_payment" if target is Status.PAID else "revived_by_deposit"
            recording.add_event(tx, order, event, Actor.SELLER, now_ms, target=target, data=data)
            recording.change_order(tx, order, now_ms, status=target)
            return None
    recording.add_event(tx, order, "money_recorded", Actor.SELLER, now_ms, data=data)
    recording.change_order(tx, order, now_ms, decision_needed=1)
    return notice


def _set_shipping(tx: Transaction, order: StoredOrder, value: Cell, now: datetime) -> Bounced | None:
    fee = _amount(value)
    if fee == order.shipping:
        return None
    if order.status not in BEFORE_SHIPPED:
        raise Bounced("shipping_fixed", status=order.status)
    _check_doubtful(fee, 0, None)
    now_ms = to_ms(now)
    counted = dataclasses.replace(order.money, shipping=fee)
    # The total has changed: what was received may be all of it now, or no longer.
    target = status_after_money(counted)
    if target is order.status:
        target = status_after_correction(counted)
    if target is Status.AWAITING_PAYMENT and target is not order.status:
        _renew_deadline(tx, order, now)
    moved = target if target is not order.status else None
    data = {"from": order.shipping, "to": fee}
    recording.add_event(tx, order, "shipping_set", Actor.SELLER, now_ms, target=moved, data=data)
    recording.change_order(tx, order, now_ms, shipping_rp=fee, status=target)
    return None


def _check_doubtful(value: int, expected: int, most: int | None) -> None:
    try:
        check_amount(value, expected, most)
    except DoubtfulAmount as doubt:
        raise Bounced("doubtful_amount", **doubt.fields) from None


def _amount(value: Cell) -> int:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Bounced("amount_missing")
    if isinstance(value, str):
        try:
            return parse_rupiah(value)
        except MoneyError:
            raise Bounced("not_money", value=value[:40]) from None
    if not math.isfinite(value) or value < 0 or value != int(value) or value > 1_000_000_000:
        raise Bounced("not_money", value=str(value))
    return int(value)


def _set_text(column: str) -> Callable[[Transaction, StoredOrder, Cell, datetime], Bounced | None]:
    def handle(tx: Transaction, order: StoredOrder, value: Cell, now: datetime) -> Bounced | None:
        text = _text(value, _TEXT_LIMITS[column])
        if text != getattr(order, column):
            _record_text(tx, order, column, text, now)
        return None

    return handle


def _set_tracking(tx: Transaction, order: StoredOrder, value: Cell, now: datetime) -> Bounced | None:
    text = _text(value, 60)
    if text is not None:
        text = text.replace(" ", "")
        if not _TRACKING.fullmatch(text):
            raise Bounced("bad_tracking", value=text[:40])
    if text == order.tracking:
        return None
    _record_text(tx, order, "tracking", text, now)
    if text is None or order.status is not Status.READY:
        return None
    # A receipt number typed for an order that is ready says that it is on its way.
    stored = store.order_by_id(tx.connection, order.order_id)
    row = find_transition(order.status, Status.SHIPPED, Actor.SELLER)
    assert stored is not None and row is not None  # noqa: PT018  both are there by construction
    savepoint = tx.connection.begin_nested()
    try:
        _move(tx, stored, row, now)
    except Bounced as refusal:
        # The number is kept; why the order is not yet "shipped" she reads in the row.
        savepoint.rollback()
        return refusal
    savepoint.commit()
    return None


def _record_text(tx: Transaction, order: StoredOrder, column: str, text: str | None, now: datetime) -> None:
    now_ms = to_ms(now)
    # The words themselves stay out of the history: they may name a person, and the history can't be erased.
    recording.add_event(tx, order, f"{column}_set" if text else f"{column}_removed", Actor.SELLER, now_ms)
    recording.change_order(tx, order, now_ms, **{column: text})


def _text(value: Cell, limit: int) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        text = clean_text(str(value))
    except ValueError:
        raise Bounced("bad_characters") from None
    if len(text) > limit:
        raise Bounced("too_long", length=len(text), most=limit)
    return text or None


_HANDLERS: Mapping[str, Callable[[Transaction, StoredOrder, Cell, datetime], Bounced | None]] = {
    "shipping": _set_shipping,
    "money_in": _set_money,
    "courier": _set_text("courier"),
    "seller_note": _set_text("seller_note"),
    "tracking": _set_tracking,
    "status": _set_status,
}


def _delivery_kind(order: StoredOrder) -> str:
    deliveries = order.snapshot["campaign"]["deliveries"]
    return next((str(item["kind"]) for item in deliveries if item["id"] == order.delivery_id), DeliveryKind.COURIER)


def _shipping_known(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if order.shipping is None:
        raise Bounced("shipping_unknown")


def _deposit_scheme(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if not order.deposit:
        raise Bounced("no_deposit")


def _paid_in_full(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    _shipping_known(_tx, order, _now)
    if not order.money.settled:
        raise Bounced("not_paid", missing=order.money.total - order.received)


def _window_closed(_tx: Transaction, order: StoredOrder, now: datetime) -> None:
    closes_at = datetime.fromisoformat(order.snapshot["window"]["closes_at"])
    if now < closes_at:
        raise Bounced("window_open", closes_at=closes_at.isoformat())


def _production_paid_for(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if order.snapshot["campaign"]["payment"]["production_needs"] == Scheme.FULL and not order.money.settled:
        raise Bounced("not_paid", missing=order.money.total - order.received)


def _courier_known(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if not order.courier and _delivery_kind(order) != DeliveryKind.COURIER:
        raise Bounced("courier_unknown")


def _pickup_chosen(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if _delivery_kind(order) != DeliveryKind.PICKUP:
        raise Bounced("not_a_pickup")


def _reason_given(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if not order.seller_note:
        raise Bounced("reason_missing")


def _balance_overdue(tx: Transaction, order: StoredOrder, now: datetime) -> None:
    if not store.balance_overdue(tx.connection, order.order_id, to_ms(now)):
        raise Bounced("balance_not_overdue")


def _no_open_complaint(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if order.complaint_open:
        raise Bounced("complaint_open")


_GUARDS: Mapping[Guard, Callable[[Transaction, StoredOrder, datetime], None]] = {
    Guard.SHIPPING_KNOWN: _shipping_known,
    Guard.DEPOSIT_SCHEME: _deposit_scheme,
    Guard.PAID_IN_FULL: _paid_in_full,
    Guard.WINDOW_CLOSED: _window_closed,
    Guard.PRODUCTION_PAID_FOR: _production_paid_for,
    Guard.COURIER_KNOWN: _courier_known,
    Guard.PICKUP_CHOSEN: _pickup_chosen,
    Guard.REASON_GIVEN: _reason_given,
    Guard.BALANCE_OVERDUE: _balance_overdue,
    Guard.NO_OPEN_COMPLAINT: _no_open_complaint,
    # UNITS_AVAILABLE is checked by reserving them; NOTHING_RECEIVED and PAST_GRACE are the clock's.
}
