"""Her words about money: what was received, and the shipping fee."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from intake.commands.bounce import Bounced, Cell, Edit
from intake.commands.deadline import renew_deadline
from intake.commands.words import MoneyError, is_error, read_amount, read_fee, read_status
from intake.ledger import recording
from intake.ledger.recording import PoolEmpty
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction
from preorder.money import HIGHEST, Rupiah
from preorder.payment import (
    SMALLEST_PAYMENT,
    Account,
    DoubtfulAmount,
    check_amount,
    due_for,
    status_after_correction,
    status_after_money,
)
from preorder.status import BEFORE_SHIPPED, HOLDING, PAYING, Actor, Status

# A shipping fee above this and above twice the goods is probably mistyped.
HIGH_FEE = 500_000
# A status that says how much has been paid.
SAYS_PAID = frozenset({Status.DEPOSIT_PAID, Status.PAID})


def set_money(tx: Transaction, order: StoredOrder, edit: Edit, now: datetime) -> Bounced | None:
    """Record the difference between what was received, as she says, and what is recorded; the status follows."""
    total = _amount(edit.value, read_amount)
    difference = total - order.received
    if difference:
        _check_received(order, total, difference, edit)
    off = order.status not in HOLDING
    kind = "refund" if off and difference < 0 else "payment"
    counted = dataclasses.replace(
        order.money_once_promised, received=total, paid_in=order.paid_in + (difference if kind == "payment" else 0)
    )
    _check_agrees(order, counted, edit)
    if difference == 0:
        return None
    now_ms = to_ms(now)
    entry = recording.add_entry(tx, order, kind, difference, Actor.SELLER, now_ms)
    data = {"entries": [entry]}
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
        renew_deadline(tx, order, now)
    recording.add_event(
        tx, order, event if difference > 0 else "money_corrected", Actor.SELLER, now_ms, target=target, data=data
    )
    recording.change_order(tx, order, now_ms, status=target)
    return None


def _check_received(order: StoredOrder, total: int, difference: int, edit: Edit) -> None:
    """Ask about a sum that is probably mistyped; the same sum typed once more is meant."""
    money = order.money
    if edit.confirms(total):
        return
    if difference < 0 and (order.status not in HOLDING or order.status is Status.COMPLETED):
        # The order is over, so money goes back to the buyer: all of it, or just what she gets back.
        back = -difference
        expected: int = money.refund_due if order.status not in HOLDING else money.excess
        if back == expected or (total == 0 and order.status not in HOLDING):
            return
        raise Bounced("doubtful_refund", column=edit.column, value=total, back=back, sure=True)
    # Late money for an order that is off may be any part of it.
    expected = money.deposit or money.total if order.status in HOLDING | {Status.EXPIRED} else 0
    _check_doubtful(total, expected, money.total, edit)


def _check_agrees(order: StoredOrder, counted: Account, edit: Edit) -> None:
    """
    Refuse a sum that contradicts the status typed beside it: one of them is wrong, and nobody can tell which.

    Raises:
        Bounced: nothing of both is recorded.
    """
    typed = edit.beside.get("status")
    said = read_status(typed) if isinstance(typed, str) else None
    if said not in SAYS_PAID or order.status not in PAYING | SAYS_PAID | {Status.EXPIRED}:
        return
    if said is Status.DEPOSIT_PAID and not order.deposit:
        raise Bounced("no_deposit")
    if said is Status.PAID and order.shipping is None:
        raise Bounced("shipping_unknown")
    waiting = dataclasses.replace(counted, status=Status.AWAITING_PAYMENT)
    if status_after_money(waiting) is not said:
        needed = counted.received + due_for(counted, said)
        raise Bounced("money_disagrees", received=counted.received, target=said, needed=needed)


def _revive(
    tx: Transaction, order: StoredOrder, counted: Account, data: dict[str, Any], now: datetime
) -> Bounced | None:
    """
    Money came for an order that had expired: it lives again if it is enough and the units are still there. The money is
    booked in any case.
    """
    now_ms = to_ms(now)
    counted = dataclasses.replace(counted, status=Status.AWAITING_PAYMENT)
    target = status_after_money(counted)
    missing = counted.due
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


def set_shipping(tx: Transaction, order: StoredOrder, edit: Edit, now: datetime) -> Bounced | None:
    """Set the shipping fee; total and status follow."""
    fee = _amount(edit.value, read_fee)
    if fee == order.shipping:
        return None
    if order.status not in BEFORE_SHIPPED:
        raise Bounced("shipping_fixed", status=order.status)
    if not edit.confirms(fee):
        _check_doubtful(fee, 0, max(order.goods, HIGH_FEE), edit)
    now_ms = to_ms(now)
    counted = dataclasses.replace(order.money, shipping=fee)
    # The total has changed: what was received may be all of it now, or no longer.
    target = status_after_money(counted)
    if target is order.status:
        target = status_after_correction(counted)
    if target is Status.AWAITING_PAYMENT and target is not order.status:
        renew_deadline(tx, order, now)
    moved = target if target is not order.status else None
    data = {"from": order.shipping, "to": fee}
    recording.add_event(tx, order, "shipping_set", Actor.SELLER, now_ms, target=moved, data=data)
    recording.change_order(tx, order, now_ms, shipping_rp=fee, status=target)
    return None


def _check_doubtful(value: int, expected: int, most: int | None, edit: Edit) -> None:
    try:
        check_amount(value, expected, most)
    except DoubtfulAmount as doubt:
        # Below the smallest payment nobody can mean it, however often it is typed.
        sure = value >= SMALLEST_PAYMENT
        raise Bounced("doubtful_amount", column=edit.column, sure=sure, **doubt.fields) from None


def _amount(value: Cell, read: Callable[[str], Rupiah]) -> int:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Bounced("amount_missing")
    if isinstance(value, str):
        if is_error(value):
            raise Bounced("error_value", value=value.strip()[:40])
        try:
            return read(value)
        except MoneyError:
            raise Bounced("not_money", value=value[:40]) from None
    if not math.isfinite(value) or value < 0 or value != int(value) or value > HIGHEST:
        raise Bounced("not_money", value=str(value))
    return int(value)
