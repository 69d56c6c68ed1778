"""When a campaign is open: half-open windows, every month if she likes, against a naive model that walks day by day."""

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preorder.order import NotOpenYet, WindowClosed, check_window
from preorder.schedule import ZONES, Days, Monthly, OneOff, Phase, Schedule, ScheduleError
from tests.makers import NOW, make_campaign, make_schedule

ZONE = ZONES["WIB"]


def naive_open(first_day: int, last_day: int, day: date) -> bool:
    """
    Say by looking at each candidate round whether a day lies in one: from the first day on, day by day, to the last or
    the next first.
    """
    for back in (0, 1):
        year, month = (
            (day.year, day.month)
            if back == 0
            else ((day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1))
        )
        cursor = date(year, month, min(first_day, calendar.monthrange(year, month)[1]))
        crosses = last_day < first_day
        while True:
            if cursor == day:
                return True
            month_end = calendar.monthrange(cursor.year, cursor.month)[1]
            in_last_month = (cursor.year, cursor.month) != (year, month) if crosses else True
            if in_last_month and cursor.day == min(last_day, month_end):
                break
            cursor += timedelta(days=1)
            if (cursor.year, cursor.month) != (year, month) and cursor.day == min(
                first_day, calendar.monthrange(cursor.year, cursor.month)[1]
            ):
                break
    return False


@settings(max_examples=300)
@given(
    st.integers(1, 31),
    st.integers(1, 31),
    st.dates(date(2024, 1, 1), date(2033, 12, 31)),
    st.sampled_from(sorted(ZONES)),
)
def test_monthly_windows_against_the_naive_model(first_day: int, last_day: int, day: date, zone: str) -> None:
    """The first and the last instant of a day agree with the model, in each zone, over leap years and short months."""
    schedule = Schedule(zone, Monthly(first_day, last_day, zone), 7, None)
    start = datetime(day.year, day.month, day.day, tzinfo=ZONES[zone])
    expected = naive_open(first_day, last_day, day)
    for instant in (start, start + timedelta(days=1, microseconds=-1)):
        assert (schedule.window_at(instant) is not None) is expected


@given(st.integers(1, 31), st.integers(1, 31), st.integers(0, 3000))
def test_rounds_follow_each_other_and_never_overlap(first_day: int, last_day: int, offset: int) -> None:
    """Each window ends before the next begins, and its number is the year and month of its opening."""
    rule = Monthly(first_day, last_day, "WIB")
    windows = rule.windows_from(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=offset))
    before = next(windows)
    for _ in range(14):
        after = next(windows)
        assert before.opens_at < before.closes_at <= after.opens_at
        assert after.round == after.opens_at.year * 100 + after.opens_at.month
        before = after


def test_the_seeds_own_schedule() -> None:
    """The 25th to the 10th: open on both days to the last second, over the end of a year."""
    schedule = Schedule("WIB", Monthly(25, 10, "WIB"), 7, Days(7, 10))
    moments = {
        datetime(2026, 12, 17, 23, 59, 59, tzinfo=ZONE): Phase.CLOSED,
        datetime(2026, 12, 18, tzinfo=ZONE): Phase.ANNOUNCED,
        datetime(2026, 12, 24, 23, 59, 59, tzinfo=ZONE): Phase.ANNOUNCED,
        datetime(2026, 12, 25, tzinfo=ZONE): Phase.OPEN,
        datetime(2027, 1, 10, 23, 59, 59, 999999, tzinfo=ZONE): Phase.OPEN,
        datetime(2027, 1, 11, tzinfo=ZONE): Phase.CLOSED,
    }
    assert {moment: schedule.phase(moment) for moment in moments} == moments
    window = schedule.shown_window(datetime(2026, 12, 20, tzinfo=ZONE))
    assert window.round == 202612
    assert schedule.ships_between(window) == (date(2027, 1, 17), date(2027, 1, 20))


def test_closing_is_exclusive() -> None:
    """An order at exactly the closing instant is late; one microsecond earlier is in time."""
    campaign = make_campaign(schedule=make_schedule(timedelta(0), timedelta(hours=1)))
    assert check_window(campaign, NOW).round == 1
    assert check_window(campaign, NOW + timedelta(hours=1, microseconds=-1))
    with pytest.raises(WindowClosed) as late:
        check_window(campaign, NOW + timedelta(hours=1))
    assert late.value.fields == {"closed_at": NOW + timedelta(hours=1), "opens_at": None}
    with pytest.raises(NotOpenYet) as early:
        check_window(campaign, NOW - timedelta(microseconds=1))
    assert early.value.fields == {"opens_at": NOW}


def test_between_rounds_the_next_opening_is_told() -> None:
    """A recurring campaign says when it opens again."""
    campaign = make_campaign(schedule=Schedule("WIB", Monthly(25, 10, "WIB"), 7, None))
    with pytest.raises(WindowClosed) as closed:
        check_window(campaign, datetime(2026, 11, 20, tzinfo=ZONE))
    assert closed.value.fields == {
        "closed_at": datetime(2026, 11, 11, tzinfo=ZONE),
        "opens_at": datetime(2026, 11, 25, tzinfo=ZONE),
    }


@pytest.mark.parametrize(("opens", "closes"), [(NOW, NOW), (NOW, NOW - timedelta(seconds=1))])
def test_a_window_that_ends_before_it_begins_is_refused(opens: datetime, closes: datetime) -> None:
    """No campaign can be made with it."""
    with pytest.raises(ScheduleError):
        OneOff(opens, closes)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 32), (-1, 5)])
def test_days_that_no_month_has_are_refused(first: int, last: int) -> None:
    """Days run from 1 to 31."""
    with pytest.raises(ScheduleError):
        Monthly(first, last, "WIB")
