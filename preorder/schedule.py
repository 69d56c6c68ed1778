"""A campaign's timetable: the rounds of its rule, and what is counted from their ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from preorder.rounds import ZONES, Monthly, OneOff, RoundChange, Rule, ScheduleError, Weekly, Window

__all__ = [
    "DONE_AFTER", "TOLD_PHASES", "ZONES", "Days", "Method", "Monthly", "OneOff", "Phase", "RoundChange", "Rule", "Schedule", "ScheduleError",
    "Weekly", "Window",
]  # fmt: skip


class Method(StrEnum):
    """How a campaign sells: what is made or bought once orders have closed, or what is there and sent once it is paid."""

    PREORDER = "preorder"
    READY = "ready"


class Phase(StrEnum):
    """What a campaign is doing now. Orders are taken while it is open, and never else."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    IN_PRODUCTION = "in_production"
    SHIPPING = "shipping"
    DONE = "done"
    CANCELLED = "cancelled"


# What the seller may say beyond what the clock knows.
TOLD_PHASES = frozenset({Phase.IN_PRODUCTION, Phase.SHIPPING, Phase.DONE, Phase.CANCELLED})
# So long after the last day of shipping nothing more is expected of a campaign.
DONE_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class Days:
    """A span of whole days, from least to most (equal where the seller promises one number)."""

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise ScheduleError(opens=self.least, closes=self.most)


@dataclass(frozen=True)
class Schedule:
    """
    A campaign's timetable.

    Attributes:
        zone: "WIB", "WITA" or "WIT".
        rule: when it opens and closes.
        announce_days: from how many days before an opening it is announced.
        ships_after: days from closing to shipping, as estimated by the seller; None where she promises none. Of ready
            stock they are counted from the payment of each order.
        production: days from closing until everything is made, likewise. It begins on the day after the closing.
    """

    zone: str
    rule: Rule
    announce_days: int
    ships_after: Days | None
    production: Days | None = None
    method: Method = Method.PREORDER

    def __post_init__(self) -> None:
        if self.production is not None and self.method is Method.READY:
            raise ScheduleError(opens=self.production.least, closes=self.production.most)

    @property
    def recurs(self) -> bool:
        """Say whether there is always a next round."""
        return not isinstance(self.rule, OneOff)

    def window_at(self, now: datetime) -> Window | None:
        """Give the window that takes orders at now."""
        current = next(self.rule.windows_from(now), None)
        return current if current is not None and current.holds(now) else None

    def next_window(self, now: datetime) -> Window | None:
        """Give the first window that opens after now."""
        return next((window for window in self.rule.windows_from(now) if window.opens_at > now), None)

    def shown_window(self, now: datetime) -> Window:
        """Give the window that a page speaks of: the open one, else the coming one, else the last."""
        shown = self.window_at(now) or self.next_window(now) or self.rule.last_before(now)
        assert shown is not None  # a rule has at least one window, and it lies before, around or after now
        return shown

    def phase(self, now: datetime, decided_after: int = 0) -> Phase:
        """
        Give the phase at now by the clock alone. A recurring campaign between rounds is closed until announce_days before
        the next: its page speaks of that. decided_after: as for made_between.
        """
        if self.window_at(now):
            return Phase.OPEN
        upcoming = self.next_window(now)
        if upcoming is None:
            phases = self.phases_after(self.shown_window(now), decided_after)
            begun = [phase for phase, begins_at in phases if begins_at <= now]
            return begun[-1] if begun else Phase.CLOSED
        announced_at = self.announced_at(upcoming)
        return Phase.ANNOUNCED if announced_at is None or now >= announced_at else Phase.CLOSED

    def announced_at(self, window: Window) -> datetime | None:
        """Give from when a round is announced; None for what opens once: that is announced by being published."""
        return window.opens_at - timedelta(days=self.announce_days) if self.recurs else None

    def ships_between(self, window: Window) -> tuple[date, date] | None:
        """
        Give the first and last day on which orders of this window are expected to ship; None where nothing is promised,
        and for ready stock, of which each order has its own days.
        """
        return None if self.method is Method.READY else self._ships_from(self.last_day(window))

    def ships_once_paid(self, paid_at: datetime) -> tuple[date, date] | None:
        """Give the first and last day on which an order of ready stock is expected to ship that was paid at an instant."""
        return self._ships_from(paid_at.astimezone(ZONES[self.zone]).date()) if self.method is Method.READY else None

    def _ships_from(self, day: date) -> tuple[date, date] | None:
        if self.ships_after is None:
            return None
        return day + timedelta(days=self.ships_after.least), day + timedelta(days=self.ships_after.most)

    def made_between(self, window: Window, decided_after: int = 0) -> tuple[date, date] | None:
        """
        Give the day on which production of this window's orders begins, and the last on which it is expected to end.

        Args:
            decided_after: days after the closing until it is known whether they are made at all.
        """
        if self.production is None:
            return None
        last_day = self.last_day(window)
        return last_day + timedelta(days=decided_after + 1), last_day + timedelta(days=self.production.most)

    def last_day(self, window: Window) -> date:
        """Give the last day on which orders of this window are taken."""
        # closes_at is exclusive: a window "to the 10th" ends at midnight, and the tenth is its last day.
        return (window.closes_at - timedelta(microseconds=1)).astimezone(ZONES[self.zone]).date()

    def phases_after(self, window: Window, decided_after: int = 0) -> tuple[tuple[Phase, datetime], ...]:
        """
        Give the phases that the clock knows of after the closing of a window, each with when it begins, in order.
        decided_after: as for made_between.
        """
        made, ships, sent = (
            self.made_between(window, decided_after),
            self.ships_between(window),
            self._ships_from(self.last_day(window)),
        )
        found: list[tuple[Phase, datetime]] = []
        if made:
            found.append((Phase.IN_PRODUCTION, self._begin(made[0])))
        if ships:
            found.append((Phase.SHIPPING, self._begin(ships[0])))
        if sent:
            # Of ready stock the last order is paid about when it closes.
            found.append((Phase.DONE, self._begin(sent[1] + DONE_AFTER)))
        # What ships on the day of its closing does so after it.
        return tuple((phase, max(begins_at, window.closes_at)) for phase, begins_at in found)

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZONES[self.zone])
