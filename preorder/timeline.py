"""
What happens when in a round, from the announcement to the last day for reporting a fault: one list, from which the pages
are made, and the instants at which they change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from preorder.batch import Batch
from preorder.campaign import Campaign
from preorder.pricing import early_ends
from preorder.schedule import Method, Phase, Schedule, Window
from preorder.terms import BalanceFrom, Scheme, balance_by


class Event(StrEnum):
    """What happens in a round, in this order."""

    ANNOUNCED = "announced"
    OPENS = "opens"
    PAYMENT = "payment"
    CLOSES = "closes"
    BATCH = "batch"
    PRODUCTION = "production"
    BALANCE = "balance"
    SHIPS = "ships"
    REPORT = "report"


class State(StrEnum):
    """How far an event is. What happens in one instant is never current."""

    DONE = "done"
    CURRENT = "current"
    TODO = "todo"


@dataclass(frozen=True)
class Course:
    """
    All that decides about when things happen in a round: of a campaign, or of the terms that a buyer has accepted.

    Attributes:
        deposit: a deposit comes first, the balance before shipping.
        paid_first: only what is paid in full is made.
        pay_within_h, last_days, balance_days, balance_from, complaint_days: as in PaymentTerms and Policy.
        batch: what the round needs to go ahead; None where it needs nothing.
        pickup: the order is collected; only where that is known.
    """

    schedule: Schedule
    window: Window
    pay_within_h: int
    last_days: int | None
    deposit: bool
    paid_first: bool
    complaint_days: int
    balance_days: int | None = None
    balance_from: BalanceFrom = BalanceFrom.READY
    batch: Batch | None = None
    pickup: bool = False

    @property
    def last_payment_at(self) -> datetime:
        """Give until when they pay who order last; what LAST_MINUTES gives to those who come just before is not counted."""
        within = self.window.closes_at + timedelta(hours=self.pay_within_h)
        if self.last_days is None:
            return within
        return min(within, self.window.closes_at + timedelta(days=self.last_days))

    @property
    def decided_after(self) -> int:
        """Give how many days after the closing it is known whether the round's orders are made."""
        return self.batch.decided_after if self.batch else 0

    @property
    def told_by(self) -> datetime | None:
        """Give until when buyers are told whether enough was ordered."""
        return self.batch.told_by(self.schedule, self.window) if self.batch else None

    @property
    def balance_at(self) -> datetime | None:
        """Give until when the balance is paid, where that can be told before an order is ready."""
        return balance_by(self.balance_days, self.balance_from, self.window.closes_at)


@dataclass(frozen=True)
class Step:
    """
    One line of the list.

    Attributes:
        at: the instant of it, or of its end; None where none can be told.
        days: first and last day of what takes days; None where they can't be told.
    """

    event: Event
    state: State
    at: datetime | None = None
    days: tuple[date, date] | None = None


def course_of(campaign: Campaign, window: Window) -> Course:
    """Give what decides about a campaign's round."""
    payment = campaign.payment
    return Course(
        schedule=campaign.schedule,
        window=window,
        pay_within_h=payment.pay_within_h,
        last_days=payment.last_days,
        deposit=payment.scheme is Scheme.DEPOSIT,
        paid_first=payment.production_needs is Scheme.FULL,
        complaint_days=campaign.policy.complaint_days,
        balance_days=payment.balance_days,
        balance_from=payment.balance_from,
        batch=campaign.batch,
    )


def events_of(course: Course) -> tuple[Step, ...]:
    """Give what happens in a round, in order, with its times; nothing of it has happened yet."""
    schedule, window, todo = course.schedule, course.window, State.TODO
    found = [
        Step(Event.ANNOUNCED, todo, schedule.announced_at(window)),
        Step(Event.OPENS, todo, window.opens_at),
        Step(Event.PAYMENT, todo, course.last_payment_at),
        Step(Event.CLOSES, todo, window.closes_at),
        Step(Event.BATCH, todo, course.told_by),
        Step(Event.PRODUCTION, todo, days=schedule.made_between(window, course.decided_after)),
        Step(Event.BALANCE, todo, course.balance_at),
        Step(Event.SHIPS, todo, days=schedule.ships_between(window)),
        Step(Event.REPORT, todo),
    ]
    left_out = set() if course.deposit else {Event.BALANCE}
    if course.batch is None:
        left_out.add(Event.BATCH)
    if schedule.method is Method.READY:
        left_out.add(Event.PRODUCTION)
    return tuple(step for step in found if step.event not in left_out)


def state_at(course: Course, event: Event, phase: Phase, now: datetime) -> State:
    """
    Say how far an event of a campaign's round is.

    Args:
        phase: of the campaign at now; counts once this round has closed.
    """
    window = course.window
    announced_at = course.schedule.announced_at(window)
    # Until then it is about the round before.
    after = phase if now >= window.closes_at else Phase.CLOSED
    if event is Event.ANNOUNCED:
        # What opens once is announced by being published.
        begun = announced_at is None or now >= announced_at
        return State.DONE if now >= window.opens_at else State.CURRENT if begun else State.TODO
    if event is Event.PAYMENT:
        return _between(window.opens_at, course.last_payment_at, now)
    if event is Event.BATCH and course.told_by is not None:
        return _between(window.closes_at, course.told_by, now)
    if event in {Event.OPENS, Event.CLOSES}:
        at = window.opens_at if event is Event.OPENS else window.closes_at
        return State.DONE if now >= at else State.TODO
    if event is Event.PRODUCTION:
        return _by_phase(after, Phase.IN_PRODUCTION, (Phase.SHIPPING, Phase.DONE))
    if event is Event.SHIPS:
        return _by_phase(after, Phase.SHIPPING, (Phase.DONE,))
    if event is Event.BALANCE:
        return _by_phase(after, None, (Phase.SHIPPING, Phase.DONE))
    return _by_phase(after, None, (Phase.DONE,))


def _between(begins_at: datetime, ends_at: datetime, now: datetime) -> State:
    return State.TODO if now < begins_at else State.CURRENT if now < ends_at else State.DONE


def _by_phase(phase: Phase, current: Phase | None, done: tuple[Phase, ...]) -> State:
    return State.DONE if phase in done else State.CURRENT if phase is current else State.TODO


def steps_of(course: Course, phase: Phase, now: datetime) -> tuple[Step, ...]:
    """Give the list of a campaign's page."""
    return tuple(
        Step(step.event, state_at(course, step.event, phase, now), step.at, step.days) for step in events_of(course)
    )


def turns_of(campaign: Campaign, now: datetime) -> tuple[datetime, ...]:
    """
    Give the instants at which the page of the round that is shown says something else by itself: past ones and future
    ones, in order. With the last of them another round may be shown.
    """
    schedule = campaign.schedule
    window = schedule.shown_window(now)
    course = course_of(campaign, window)
    found = {window.opens_at, window.closes_at, course.last_payment_at, *early_ends(campaign, window)}
    if course.told_by:
        found.add(course.told_by)
    if announced_at := schedule.announced_at(window):
        found.add(announced_at)
    if not schedule.recurs:
        found.update(begins_at for _, begins_at in schedule.phases_after(window, campaign.decided_after))
    return tuple(sorted(found))
