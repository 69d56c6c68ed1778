"""
When a campaign is open: half-open windows [opens_at, closes_at), once, every month or every week, in the shop's zone,
with what is otherwise in single rounds.
"""

from __future__ import annotations

import calendar
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import count
from typing import ClassVar

from preorder.errors import PreorderError

# Indonesia keeps no daylight saving time, so a fixed offset says all that a zone file would.
ZONES = {
    "WIB": timezone(timedelta(hours=7), "WIB"),
    "WITA": timezone(timedelta(hours=8), "WITA"),
    "WIT": timezone(timedelta(hours=9), "WIT"),
}

# Who rests for longer takes the campaign off the site.
LONGEST_PAUSE = timedelta(days=366)


class ScheduleError(PreorderError):
    """A window that ends before it begins, or a day that no month has. Fields: opens, closes; of a round also round."""

    code = "impossible_schedule"


class RoundsOverlap(ScheduleError):
    """
    A round that was moved reaches into another. Fields: round, opens, closes, other_opens, other_closes (of the other).
    """

    code = "rounds_overlap"


class NeverOpens(ScheduleError):
    """
    So many rounds are left out that the campaign rests for longer than LONGEST_PAUSE. Fields: round, closes (of the last
    round before), opens (of the first after).
    """

    code = "never_opens"


@dataclass(frozen=True)
class Window:
    """
    One round: orders are taken at opens_at <= now < closes_at (aware datetimes in the shop's zone).

    Attributes:
        round: 1 for a campaign that opens once; of a recurring one see Monthly and Weekly. It never shifts when opening
            or closing are moved: orders and quotas belong to it.
        first_closes_at: the end as first announced, where the seller has moved it; else None.
    """

    round: int
    opens_at: datetime
    closes_at: datetime
    first_closes_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Say whether an order that came at now is in time."""
        return self.opens_at <= now < self.closes_at

    @property
    def extended(self) -> bool:
        """Say whether it closes later than was first announced."""
        return self.first_closes_at is not None and self.first_closes_at < self.closes_at


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

    def window_of(self, round_: int) -> Window | None:
        """Give the round of a number; None where there is none."""
        return self._window if round_ == 1 else None

    def windows_from(self, now: datetime) -> Iterator[Window]:
        """Give the windows that end after now, in order."""
        if now < self.closes_at:
            yield self._window

    def last_before(self, now: datetime) -> Window | None:
        """Give the latest window that has ended at now."""
        return self._window if self.closes_at <= now else None


@dataclass(frozen=True)
class RoundChange:
    """
    What is otherwise in one round of a recurring campaign than its rule says.

    Attributes:
        round: its number.
        opens_at, closes_at: None where the rule's own hold. The opening stays in the round's month or week.
        first_closes_at: the end as first announced, where it was moved afterwards; else None.
        skipped: the round does not take place.
    """

    round: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    first_closes_at: datetime | None = None
    skipped: bool = False


class _Recurring(ABC):
    """
    A rule with one round in each stretch of time: a month, a week. Stretches are numbered without gaps, and a round
    belongs to the stretch that it opens in.
    """

    zone: str
    changes: tuple[RoundChange, ...]

    @abstractmethod
    def _stretch_of(self, day: date) -> int:
        """Give the number of the stretch that a day lies in."""

    @abstractmethod
    def _round_of(self, stretch: int) -> int:
        """Give the number of the round that opens in a stretch."""

    @abstractmethod
    def _stretch_of_round(self, round_: int) -> int:
        """Give the stretch of a round; ValueError for a number that no round has."""

    @abstractmethod
    def _days(self, stretch: int) -> tuple[date, date]:
        """Give the first day of a stretch's round by the rule, and the day after its last."""

    def regular(self, day: date) -> Window:
        """Give the round of the month or week of a day as the rule alone has it."""
        return self._regular(self._stretch_of(day))

    def window_of(self, round_: int) -> Window | None:
        """Give the round of a number; None where there is none, or it is left out."""
        try:
            return self._window(self._stretch_of_round(round_))
        except ValueError:
            return None

    def windows_from(self, now: datetime) -> Iterator[Window]:
        """Give the windows that end after now, in order, without end."""
        # A round of an earlier stretch may still be open: the one before, or any that was moved to a later end.
        moved = [change.round for change in self.changes if change.closes_at is not None and change.closes_at > now]
        first = self._stretch_of(self._local(now)) - 1
        for stretch in count(min([first, *(self._stretch_of_round(round_) for round_ in moved)])):
            window = self._window(stretch)
            if window is not None and window.closes_at > now:
                yield window

    def last_before(self, now: datetime) -> Window | None:
        """Give the latest window that has ended at now."""
        for stretch in count(self._stretch_of(self._local(now)), -1):
            window = self._window(stretch)
            if window is not None and window.closes_at <= now:
                return window
        return None

    def _local(self, instant: datetime) -> date:
        return instant.astimezone(ZONES[self.zone]).date()

    def _regular(self, stretch: int) -> Window:
        opens, ends = (datetime.combine(day, time(), ZONES[self.zone]) for day in self._days(stretch))
        return Window(self._round_of(stretch), opens, ends)

    def _window(self, stretch: int) -> Window | None:
        """Give the round of a stretch as it takes place; None where it does not."""
        regular = self._regular(stretch)
        change = next((change for change in self.changes if change.round == regular.round), None)
        if change is None:
            return regular
        if change.skipped:
            return None
        return Window(
            regular.round,
            change.opens_at or regular.opens_at,
            change.closes_at or regular.closes_at,
            change.first_closes_at,
        )

    def _check(self) -> None:
        """
        Refuse changes that contradict the rule or each other.

        Raises:
            ScheduleError: of a round that there is not, or twice; or that ends before it begins, or opens in another
                stretch than its own.
            RoundsOverlap, NeverOpens.
        """
        if self.zone not in ZONES:
            raise ScheduleError(opens=self.zone, closes=self.zone)
        known: set[int] = set()
        for change in self.changes:
            fields = {"round": change.round, "opens": change.opens_at, "closes": change.closes_at}
            try:
                stretch = self._stretch_of_round(change.round)
            except ValueError:
                raise ScheduleError(**fields) from None
            elsewhere = change.opens_at is not None and self._stretch_of(self._local(change.opens_at)) != stretch
            if change.round in known or elsewhere:
                raise ScheduleError(**fields)
            known.add(change.round)
            window = self._window(stretch)
            if window is not None and window.closes_at <= window.opens_at:
                raise ScheduleError(round=change.round, opens=window.opens_at, closes=window.closes_at)
        # Only now, with each round by itself possible.
        for change in self.changes:
            self._check_neighbours(self._stretch_of_round(change.round))

    def _check_neighbours(self, stretch: int) -> None:
        window, before, after = self._window(stretch), self._next(stretch, -1), self._next(stretch, 1)
        if window is None:
            if after.opens_at - before.closes_at > LONGEST_PAUSE:
                raise NeverOpens(round=self._round_of(stretch), closes=before.closes_at, opens=after.opens_at)
            return
        for earlier, later, other in ((before, window, before), (window, after, after)):
            if earlier.closes_at > later.opens_at:
                raise RoundsOverlap(
                    round=window.round, opens=window.opens_at, closes=window.closes_at, other_opens=other.opens_at,
                    other_closes=other.closes_at,
                )  # fmt: skip

    def _next(self, stretch: int, step: int) -> Window:
        """Give the nearest round before (step -1) or after (1) a stretch; those that are left out are finitely many."""
        return next(window for at in count(stretch + step, step) if (window := self._window(at)) is not None)


@dataclass(frozen=True)
class Monthly(_Recurring):
    """
    A campaign that opens every month on first_day and closes at the end of last_day (of the next month where last_day <
    first_day).

    A month that is too short uses its last day; a round never reaches into the one after it. A round's number is year
    and month of its opening: 202611.
    """

    TAG: ClassVar[str] = "monthly"

    first_day: int
    last_day: int
    zone: str
    changes: tuple[RoundChange, ...] = ()

    def __post_init__(self) -> None:
        if not (1 <= self.first_day <= 31 and 1 <= self.last_day <= 31):
            raise ScheduleError(opens=self.first_day, closes=self.last_day)
        self._check()

    def _stretch_of(self, day: date) -> int:
        return day.year * 12 + day.month - 1

    def _round_of(self, stretch: int) -> int:
        return stretch // 12 * 100 + stretch % 12 + 1

    def _stretch_of_round(self, round_: int) -> int:
        return self._stretch_of(date(round_ // 100, round_ % 100, 1))

    def _days(self, stretch: int) -> tuple[date, date]:
        last = _day(stretch + (self.last_day < self.first_day), self.last_day)
        return _day(stretch, self.first_day), min(last + timedelta(days=1), _day(stretch + 1, self.first_day))


def _day(month: int, day: int) -> date:
    """Give a day of a month that is counted from the year 0 on, or the last that it has."""
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Weekly(_Recurring):
    """
    A campaign that opens every week on first_weekday and closes at the end of last_weekday, which may lie in the next
    week. Monday is 0.

    A round's number is the date of the Monday of the week that it opens in: 20261123. So it stays what it was also where
    the seller changes the weekdays while a round is open, and no quota is given twice.
    """

    TAG: ClassVar[str] = "weekly"

    first_weekday: int
    last_weekday: int
    zone: str
    changes: tuple[RoundChange, ...] = ()

    def __post_init__(self) -> None:
        if not (0 <= self.first_weekday <= 6 and 0 <= self.last_weekday <= 6):
            raise ScheduleError(opens=self.first_weekday, closes=self.last_weekday)
        self._check()

    def _stretch_of(self, day: date) -> int:
        # The first day of the year 1 was a Monday.
        return (day.toordinal() - 1) // 7

    def _monday(self, stretch: int) -> date:
        return date.fromordinal(stretch * 7 + 1)

    def _round_of(self, stretch: int) -> int:
        monday = self._monday(stretch)
        return monday.year * 10_000 + monday.month * 100 + monday.day

    def _stretch_of_round(self, round_: int) -> int:
        monday = date(round_ // 10_000, round_ // 100 % 100, round_ % 100)
        if monday.weekday():
            raise ValueError(round_)
        return self._stretch_of(monday)

    def _days(self, stretch: int) -> tuple[date, date]:
        opens = self._monday(stretch) + timedelta(days=self.first_weekday)
        return opens, opens + timedelta(days=(self.last_weekday - self.first_weekday) % 7 + 1)


Rule = OneOff | Monthly | Weekly
