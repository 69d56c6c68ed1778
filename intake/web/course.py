"""What happens when with one order, by the terms that its buyer has accepted and by where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from intake.ledger.store import StoredOrder
from preorder.batch import Batch
from preorder.payment import DueKind
from preorder.plain import from_plain
from preorder.schedule import ZONES, Days, Method, OneOff, Schedule, Window
from preorder.status import PAYING, Status
from preorder.terms import BalanceFrom, DeliveryKind, Scheme
from preorder.timeline import Course, Event, State, Step, events_of

S = Status

_MADE = frozenset({S.READY, S.PARTLY_SHIPPED, S.SHIPPED, S.READY_FOR_PICKUP, S.COMPLETED})
_SENT = frozenset({S.SHIPPED, S.READY_FOR_PICKUP, S.COMPLETED})
# Of the round's list, what was before her order.
_PAST = frozenset({Event.ANNOUNCED, Event.OPENS})


def course_of_order(order: StoredOrder) -> Course:
    """Give what decides about when things happen with an order. What an older program has kept says less."""
    campaign: Mapping[str, Any] = order.snapshot["campaign"]
    schedule, payment, zone = campaign["schedule"], campaign["payment"], campaign["schedule"]["zone"]
    window = accepted_window(order.snapshot["window"], zone)
    kinds = [item["kind"] for item in campaign["deliveries"] if item["id"] == order.delivery_id]
    return Course(
        schedule=Schedule(
            zone, OneOff(window.opens_at, window.closes_at), 0, _days(schedule, "ships_after"), _days(schedule, "production"),
            Method(schedule.get("method", Method.PREORDER)),
        ),
        window=window,
        pay_within_h=int(payment["pay_within_h"]),
        last_days=payment.get("last_days"),
        deposit=order.deposit > 0,
        paid_first=payment["production_needs"] == Scheme.FULL,
        complaint_days=int(campaign["policy"]["complaint_days"]),
        balance_days=payment.get("balance_days"),
        balance_from=BalanceFrom(payment.get("balance_from", BalanceFrom.READY)),
        batch=from_plain(Batch, campaign["batch"]) if campaign.get("batch") else None,
        pickup=DeliveryKind.PICKUP in kinds,
    )  # fmt: skip


def accepted_window(data: Mapping[str, Any], zone: str) -> Window:
    """Give the round that an order belongs to, as it was when it was placed."""
    opens_at, closes_at = (
        datetime.fromisoformat(data[name]).astimezone(ZONES[zone]) for name in ("opens_at", "closes_at")
    )
    return Window(int(data["round"]), opens_at, closes_at)


def steps_of_order(order: StoredOrder, course: Course, pay_by: datetime | None, now: datetime) -> tuple[Step, ...]:
    """
    Give the list of an order's page.

    Args:
        pay_by: the deadline of what she is asked for now, where it has one.
    """
    balance = order.open_due is not None and order.open_due.kind is DueKind.BALANCE
    # The day of the balance is known before it is asked for; asked for late, it has a later one.
    coming = None if order.money.settled else course.balance_at
    asked = {Event.PAYMENT: None if balance else pay_by, Event.BALANCE: pay_by if balance else coming}
    return tuple(
        Step(
            step.event,
            _state(order, course, step.event, now),
            asked.get(step.event, step.at),
            _sent_between(order, course) or step.days if step.event is Event.SHIPS else step.days,
        )
        for step in events_of(course)
        if step.event not in _PAST
    )


def _sent_between(order: StoredOrder, course: Course) -> tuple[date, date] | None:
    paid = [move.at for move in order.moves if move.to_status is S.PAID]
    return course.schedule.ships_once_paid(paid[-1]) if paid else None


def _state(order: StoredOrder, course: Course, event: Event, now: datetime) -> State:
    status = order.status
    if event is Event.PAYMENT:
        return State.CURRENT if status in PAYING | {S.WAITLISTED, S.OFFERED} else State.DONE
    if event is Event.BATCH and course.told_by is not None:
        # Once it is made, she knows.
        past = status in _MADE | {S.IN_PRODUCTION} or now >= course.told_by
        return _reached(past, now >= course.window.closes_at)
    if event is Event.CLOSES:
        return State.DONE if now >= course.window.closes_at else State.TODO
    if event is Event.PRODUCTION:
        return _reached(status in _MADE, status is S.IN_PRODUCTION)
    if event is Event.BALANCE:
        return _reached(order.money.settled, status in _MADE)
    if event is Event.SHIPS:
        return _reached(status in _SENT, status in _MADE)
    return _reached(False, status in _SENT)


def _reached(done: bool, current: bool) -> State:
    return State.DONE if done else State.CURRENT if current else State.TODO


def _days(schedule: Mapping[str, Any], name: str) -> Days | None:
    days = schedule.get(name)
    return Days(days["least"], days["most"]) if isinstance(days, dict) else None
