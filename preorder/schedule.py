"""A campaign's timetable: the rounds of its rule, and what is counted from their ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from preorder.rounds import ZONES, Monthly, OneOff, RoundChange, Rule, ScheduleError, Weekly, Window

__all__ = [
    "ZONES", "Days", "Monthly", "OneOff", "Phase", "RoundChange", "Rule", "Schedule", "ScheduleError", "Weekly", "Window",
]  # fmt: skip


class Phase(StrEnum):
    """What a campaign is doing now, as the clock sees it."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"


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
        ships_after: days from closing to shipping, as estimated by the seller; None where she promises none.
    """

    zone: str
    rule: Rule
    announce_days: int
    ships_after: Days | None

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

    def phase(self, now: datetime) -> Phase:
        """Give the phase at now. A recurring campaign between rounds is closed until announce_days before the next."""
        if self.window_at(now):
            return Phase.OPEN
        upcoming = self.next_window(now)
        if upcoming is None:
            return Phase.CLOSED
        announced_at = upcoming.opens_at - timedelta(days=self.announce_days)
        if isinstance(self.rule, OneOff) or now >= announced_at:
            return Phase.ANNOUNCED
        return Phase.CLOSED

    def ships_between(self, window: Window) -> tuple[date, date] | None:
        """Give the first and last day on which orders of this window are expected to ship."""
        if self.ships_after is None:
            return None
        # closes_at is exclusive: a window "to the 10th" ends at midnight, and the tenth is its last day.
        last_day = (window.closes_at - timedelta(microseconds=1)).astimezone(ZONES[self.zone]).date()
        return last_day + timedelta(days=self.ships_after.least), last_day + timedelta(days=self.ships_after.most)
