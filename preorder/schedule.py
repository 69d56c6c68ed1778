"""When a campaign takes orders: half-open windows [opens_at, closes_at), once or every month, in the shop's zone."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import ClassVar

from preorder.errors import PreorderError

# Indonesia keeps no daylight saving time, so a fixed offset says all that a zone file would.
ZONES = {
    "WIB": timezone(timedelta(hours=7), "WIB"),
    "WITA": timezone(timedelta(hours=8), "WITA"),
    "WIT": timezone(timedelta(hours=9), "WIT"),
}


class ScheduleError(PreorderError):
    """A window that ends before it begins, or a day that no month has. Fields: opens, closes."""

    code = "impossible_schedule"


class Phase(StrEnum):
    """What a campaign is doing now, as the clock sees it."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """
    One round: orders are taken at opens_at <= now < closes_at (aware datetimes in the shop's zone).

    Attributes:
        round: 1 for a campaign that opens once; year and month of the opening (202611) for a monthly one, so that a
            number never shifts when the rule is edited.
        first_closes_at: the end as first announced, where the seller has moved it; else None.
    """

    round: int
    opens_at: datetime
    closes_at: datetime
    first_closes_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Say whether an order that came at now is in time."""
        return self.opens_at <= now < self.closes_at


@dataclass(frozen=True)
class OneOff:
    """
    A campaign that opens once.

    Attributes:
        closes_at: the end that counts.
        first_closes_at: the end as first announced, where the seller has extended the window or closed it early. What
            is ordered already stays as it is either way.
    """

    TAG: ClassVar[str] = "once"

    opens_at: datetime
    closes_at: datetime
    first_closes_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.closes_at <= self.opens_at or (self.first_closes_at or self.closes_at) <= self.opens_at:
            raise ScheduleError(opens=self.opens_at, closes=self.closes_at)
        if self.first_closes_at == self.closes_at:
            object.__setattr__(self, "first_closes_at", None)

    @property
    def _window(self) -> Window:
        return Window(1, self.opens_at, self.closes_at, self.first_closes_at)

    def windows_from(self, now: datetime) -> Iterator[Window]:
        """Give the windows that end after now, in order."""
        if now < self.closes_at:
            yield self._window

    def last_before(self, now: datetime) -> Window | None:
        """Give the latest window that has ended at now."""
        return self._window if self.closes_at <= now else None


@dataclass(frozen=True)
class Monthly:
    """
    A campaign that opens every month on first_day and closes at the end of last_day (of the next month where last_day <
    first_day).

    A month that is too short uses its last day; a round never reaches into the one after it.
    """

    TAG: ClassVar[str] = "monthly"

    first_day: int
    last_day: int
    zone: str

    def __post_init__(self) -> None:
        if not (1 <= self.first_day <= 31 and 1 <= self.last_day <= 31) or self.zone not in ZONES:
            raise ScheduleError(opens=self.first_day, closes=self.last_day)

    def window(self, year: int, month: int) -> Window:
        """Give the round that opens in this month."""
        opens = _day(year, month, self.first_day)
        next_year, next_month = _after(year, month)
        last = _day(year, month, self.last_day)
        if self.last_day < self.first_day:
            last = _day(next_year, next_month, self.last_day)
        end = min(last + timedelta(days=1), _day(next_year, next_month, self.first_day))
        zone = ZONES[self.zone]
        return Window(year * 100 + month, datetime.combine(opens, time(), zone), datetime.combine(end, time(), zone))

    def windows_from(self, now: datetime) -> Iterator[Window]:
        """Give the windows that end after now, in order, without end."""
        local = now.astimezone(ZONES[self.zone])
        year, month = _before(local.year, local.month)
        while True:
            window = self.window(year, month)
            if window.closes_at > now:
                yield window
            year, month = _after(year, month)

    def last_before(self, now: datetime) -> Window | None:
        """Give the latest window that has ended at now."""
        upcoming = next(self.windows_from(now))
        return self.window(*_before(upcoming.round // 100, upcoming.round % 100))


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _before(year: int, month: int) -> tuple[int, int]:
    return (year - 1, 12) if month == 1 else (year, month - 1)


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
    rule: OneOff | Monthly
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
