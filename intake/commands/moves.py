"""Her words in the status column: the table of transitions, its guards, and the way back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from intake.commands.bounce import Bounced, Edit
from intake.commands.deadline import renew_deadline
from intake.commands.money import SAYS_PAID
from intake.commands.words import is_error, read_status
from intake.ledger import recording, store
from intake.ledger.recording import PoolEmpty
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction
from preorder.payment import due_for, status_after_correction, status_after_money
from preorder.schedule import Method
from preorder.status import HOLDING, PAYING, Actor, Guard, Status, Transition, find_transition, targets_from
from preorder.terms import DeliveryKind, Scheme

# Epoch milliseconds far beyond any deadline.
_NEVER = 2**53


def set_status(tx: Transaction, order: StoredOrder, edit: Edit, now: datetime) -> Bounced | None:
    """Move an order where the table lets the seller move it, or back to where it was before."""
    value = edit.value
    if isinstance(value, str) and is_error(value):
        raise Bounced("error_value", value=value.strip()[:40])
    target = read_status(value) if isinstance(value, str) else None
    if target is None:
        raise Bounced("unknown_status", value=str(value or "").strip()[:40], allowed=_choices(order))
    if target is order.status:
        return None
    if target in SAYS_PAID and "money_in" in edit.beside and order.status in HOLDING | {Status.EXPIRED}:
        # The sum beside it is what was received, and nothing is booked on top of it. Where the two contradict each other
        # she has been told there.
        if order.status in PAYING | SAYS_PAID | {Status.EXPIRED} or order.money.settled:
            return None
        raise Bounced("not_paid", missing=order.money.total_missing)
    row = find_transition(order.status, target, Actor.SELLER)
    if row is not None:
        move(tx, order, row, now)
    elif _previous(order) is target:
        _undo(tx, order, now)
    elif target is Status.PAID and order.status in HOLDING:
        raise Bounced("use_money_in", status=order.status)
    else:
        raise Bounced("not_allowed", status=order.status, target=target, allowed=_choices(order))
    return None


def _choices(order: StoredOrder) -> list[str]:
    # Of two ways to "ready" an order has one: what is there is not made.
    other = Status.IN_PRODUCTION if _is_ready_stock(order) else Status.READY if order.status is Status.PAID else None
    choices = [target for target in targets_from(order.status, Actor.SELLER) if target is not other]
    previous = _previous(order)
    if previous is not None and previous not in choices:
        choices.append(previous)
    return [str(choice) for choice in choices]


def _previous(order: StoredOrder) -> Status | None:
    moves = order.moves
    return moves[-1].from_status if moves else None


def move(tx: Transaction, order: StoredOrder, row: Transition, now: datetime) -> None:
    """
    Carry a row of the table out.

    Raises:
        Bounced: one of its guards does not hold.
    """
    now_ms = to_ms(now)
    for guard in row.guards:
        check = _GUARDS.get(guard)
        if check is not None:
            check(tx, order, now)
    data: dict[str, Any] = {}
    if row.target in SAYS_PAID:
        # She says that it has been paid: exactly what is then due is what came in.
        due = due_for(order.money_once_promised, row.target)
        if due:
            data["entries"] = [recording.add_entry(tx, order, "payment", due, Actor.SELLER, now_ms)]
    changes: dict[str, Any] = {"status": row.target}
    reason = None
    if row.event == "claim_rejected":
        # The words stay where they can be erased; the history names the place.
        reason = "seller_note"
        changes["claimed_at_ms"] = None
        renew_deadline(tx, order, now)
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
        renew_deadline(tx, order, now)
    recording.add_event(tx, order, "undone", Actor.SELLER, now_ms, target=target, undoes=last.event_id)
    changes: dict[str, Any] = {"status": target}
    if target is Status.PAYMENT_CLAIMED and order.claimed_at is None:
        # Her rejection of the claim is undone: it stands again, as old as it is.
        changes["claimed_at_ms"] = max(
            to_ms(event.at) for event in order.events if event.to_status is target and event.undoes is None
        )
    recording.change_order(tx, order, now_ms, **changes)


def _carried(order: StoredOrder, target: Status, received: int) -> Status:
    """Give the state that an undo leads to: the one before if the money carries it, or a later one that it carries."""
    if target not in HOLDING:
        return target
    money = dataclasses.replace(order.money, received=received, status=target)
    # Money that is typed beside an order that is off moves nothing until it lives again.
    carried = target if order.status in HOLDING else status_after_money(money)
    if target in PAYING:
        return carried
    missing = money.total_missing if target is Status.PAID or not money.deposit else money.deposit_missing
    if not missing:
        return carried
    if order.status is Status.CANCELLED_BY_SELLER and target in SAYS_PAID:
        # Its money has gone back: it lives again, and waits for payment like a fresh one.
        return status_after_correction(money)
    raise Bounced("not_paid", missing=missing)


def _move_units(tx: Transaction, order: StoredOrder, target: Status) -> None:
    try:
        recording.move_units(tx, order, target)
    except PoolEmpty as empty:
        raise Bounced("units_gone", units=empty.units, left=empty.left) from None


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
        raise Bounced("not_paid", missing=order.money.total_missing)


def _window_closed(_tx: Transaction, order: StoredOrder, now: datetime) -> None:
    closes_at = datetime.fromisoformat(order.snapshot["window"]["closes_at"])
    if now < closes_at:
        raise Bounced("window_open", closes_at=closes_at.isoformat())


def _production_paid_for(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if order.snapshot["campaign"]["payment"]["production_needs"] == Scheme.FULL and not order.money.settled:
        raise Bounced("not_paid", missing=order.money.total_missing)


def _is_ready_stock(order: StoredOrder) -> bool:
    # What an older program has kept knows only of pre-orders.
    return bool(order.snapshot["campaign"]["schedule"].get("method", Method.PREORDER) == Method.READY)


def _preorder(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if _is_ready_stock(order):
        raise Bounced("not_allowed", status=order.status, target=Status.IN_PRODUCTION, allowed=_choices(order))


def _ready_stock(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if not _is_ready_stock(order):
        raise Bounced("not_allowed", status=order.status, target=Status.READY, allowed=_choices(order))


def _courier_known(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if not order.courier and _delivery_kind(order) != DeliveryKind.COURIER:
        raise Bounced("courier_unknown")


def _pickup_chosen(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    if _delivery_kind(order) != DeliveryKind.PICKUP:
        raise Bounced("not_a_pickup")


def _reason_given(_tx: Transaction, order: StoredOrder, _now: datetime) -> None:
    # A note from before the claim is about something else.
    moves = order.moves
    claim = moves[-1].event_id if moves else 0
    if not order.seller_note or not any(
        event.event == "seller_note_set" and event.event_id > claim for event in order.events
    ):
        raise Bounced("reason_missing")


def _balance_overdue(tx: Transaction, order: StoredOrder, now: datetime) -> None:
    if order.money.settled:
        raise Bounced("balance_settled")
    if not store.balance_overdue(tx.connection, order.order_id, _NEVER):
        # No balance with a deadline has been asked for; without one nobody can be late.
        raise Bounced("balance_no_deadline", target=Status.CANCELLED_BY_SELLER)
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
    Guard.PREORDER: _preorder,
    Guard.READY_STOCK: _ready_stock,
    Guard.PRODUCTION_PAID_FOR: _production_paid_for,
    Guard.COURIER_KNOWN: _courier_known,
    Guard.PICKUP_CHOSEN: _pickup_chosen,
    Guard.REASON_GIVEN: _reason_given,
    Guard.BALANCE_OVERDUE: _balance_overdue,
    Guard.NO_OPEN_COMPLAINT: _no_open_complaint,
    # UNITS_AVAILABLE is checked by reserving them; NOTHING_RECEIVED and PAST_GRACE are the clock's.
}
