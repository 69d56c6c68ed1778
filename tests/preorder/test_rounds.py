"""Rounds of every kind of rule, and what is otherwise in single ones, against a naive model that walks day by day."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preorder.campaign import Campaign
from preorder.catalogue import from_json, to_json
from preorder.plain import from_plain
from preorder.rounds import ZONES, Monthly, NeverOpens, OneOff, RoundChange, RoundsOverlap, ScheduleError, Weekly
from preorder.schedule import Schedule
from tests.makers import make_campaign, make_catalogue

BEGIN, END = date(2024, 1, 1), date(2033, 12, 31)
DAY = timedelta(days=1)
WIB = ZONES["WIB"]


@dataclass
class Span:
    """A round as the model has it: its days, both taken; first_last is the last day that was announced first."""

    opens: date
    last: date
    first_last: date | None = None


def walk(begin: date, end: date) -> Iterator[date]:
    """Give each day, one after the other."""
    day = begin
    while day <= end:
        yield day
        day += DAY


def day_of_month(day: date, wanted: int) -> bool:
    """Say whether a day is the wanted one of its month, or the last where the month has no such day."""
    return day.day == min(wanted, calendar.monthrange(day.year, day.month)[1])


def number_of(kind: str, day: date) -> int:
    """Give the number of the round that opens on a day: its month's, or the date of its week's Monday."""
    if kind == "monthly":
        return int(day.strftime("%Y%m"))
    while day.weekday():
        day -= DAY
    return int(day.strftime("%Y%m%d"))


def naive_rounds(kind: str, first: int, last: int, end: date = END + 800 * DAY) -> dict[int, Span]:
    """Give number -> round by the rule alone, walking over all days with one question each: open, close, or neither."""
    rounds: dict[int, Span] = {}
    current: Span | None = None
    for day in walk(BEGIN - 70 * DAY, end):
        opens = day_of_month(day, first) if kind == "monthly" else day.weekday() == first
        if opens:
            current = rounds[number_of(kind, day)] = Span(day, day)
        if current is None:
            continue
        current.last = day
        if kind == "weekly":
            closes = day.weekday() == last
        else:
            crossed = (day.year, day.month) != (current.opens.year, current.opens.month)
            closes = day_of_month(day, last) and crossed is (last < first)
        if closes:
            current = None
    return rounds


@dataclass(frozen=True)
class Move:
    """What is otherwise in a round: days by which it is moved, None where it is not; skip leaves it out."""

    number: int
    opens_by: int | None
    closes_by: int | None
    announced: bool
    skip: bool


def changed(kind: str, rounds: Mapping[int, Span], moves: list[Move]) -> dict[int, Span] | None:
    """Give the rounds as the moves leave them, in the model; None where they contradict each other."""
    found = {number: Span(span.opens, span.last) for number, span in rounds.items()}
    for move in moves:
        span = found[move.number]
        if move.skip:
            del found[move.number]
            continue
        opens = span.opens + (move.opens_by or 0) * DAY
        last = span.last + (move.closes_by or 0) * DAY
        if number_of(kind, opens) != move.number or last < opens:
            return None
        first_last = span.last if move.announced and last != span.last else None
        found[move.number] = Span(opens, last, first_last)
    in_order = sorted(found.values(), key=lambda span: span.opens)
    for one, two in pairwise(in_order):
        if two.opens <= one.last or (two.opens - one.last).days - 1 > 366:
            return None
    return found


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZONES[zone])


def to_change(move: Move, span: Span, zone: str) -> RoundChange:
    """Give a move as the program has it."""
    if move.skip:
        return RoundChange(move.number, skipped=True)
    closes = midnight(span.last + (1 + (move.closes_by or 0)) * DAY, zone)
    return RoundChange(
        move.number,
        None if move.opens_by is None else midnight(span.opens + move.opens_by * DAY, zone),
        None if move.closes_by is None else closes,
        midnight(span.last + DAY, zone) if move.announced and move.closes_by else None,
    )


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, int, int, list[Move]]:
    """Give a kind of rule, its two days, and moves of a few rounds of the ten years, near each other or not."""
    kind = draw(st.sampled_from(["monthly", "weekly"]))
    # Days that short months don't have are where a monthly rule is hardest.
    days = st.one_of(st.integers(1, 31), st.integers(28, 31)) if kind == "monthly" else st.integers(0, 6)
    first, last = draw(days), draw(days)
    length = 31 if kind == "monthly" else 7
    start = draw(st.integers(0, 3400))
    moves: dict[int, Move] = {}
    for _ in range(draw(st.integers(0, 5))):
        at = BEGIN + min(3640, start + draw(st.integers(0, 4)) * length) * DAY
        number = number_of(kind, at)
        small = st.one_of(st.none(), st.integers(-3, 3), st.integers(-length, 3 * length))
        moves[number] = Move(
            number, draw(small), draw(small), draw(st.booleans()), draw(st.sampled_from([False, False, True]))
        )
    return kind, first, last, list(moves.values())


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules(), st.sampled_from(sorted(ZONES)), st.lists(st.integers(0, 3652), max_size=12))
def test_rounds_against_the_naive_model(rule: tuple[str, int, int, list[Move]], zone: str, sampled: list[int]) -> None:
    """
    Monthly and weekly, moved, extended, closed early and left out, in each zone over ten years: the same rounds with the
    same numbers as the model's, and the same refusals.
    """
    kind, first, last, moves = rule
    regular = naive_rounds(kind, first, last)
    expected = changed(kind, regular, moves)
    changes = tuple(to_change(move, regular[move.number], zone) for move in moves)
    make = Monthly if kind == "monthly" else Weekly
    if expected is None:
        with pytest.raises(ScheduleError):
            make(first, last, zone, changes)
        return
    schedule = Schedule(zone, make(first, last, zone, changes), 7, None)
    begin, end = midnight(BEGIN, zone), midnight(END, zone)
    wanted = [
        (number, midnight(span.opens, zone), midnight(span.last + DAY, zone), span.first_last)
        for number, span in sorted(expected.items(), key=lambda item: item[1].opens)
        if midnight(span.last + DAY, zone) > begin and midnight(span.opens, zone) < end
    ]
    shown = [
        (window.round, window.opens_at, window.closes_at, window.first_closes_at)
        for window in takewhile(lambda window: window.opens_at < end, schedule.rule.windows_from(begin))
    ]
    assert shown == [
        (*rest, None if first_last is None else midnight(first_last + DAY, zone)) for *rest, first_last in wanted
    ]
    for offset in (*sampled, *((span.opens - BEGIN).days for span in list(expected.values())[3:6])):
        day = BEGIN + offset * DAY
        inside = next((number for number, span in expected.items() if span.opens <= day <= span.last), None)
        for instant in (midnight(day, zone), midnight(day + DAY, zone) - timedelta(microseconds=1)):
            found = schedule.window_at(instant)
            assert (found.round if found else None) == inside
        before = [number for number, span in expected.items() if span.last < day]
        ended = schedule.rule.last_before(midnight(day, zone))
        if before:
            assert ended is not None
            assert ended.round == max(before, key=lambda number: expected[number].opens)
        upcoming = schedule.next_window(midnight(day, zone))
        assert upcoming is not None
        assert upcoming.opens_at == midnight(min(span.opens for span in expected.values() if span.opens > day), zone)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 3000),
    st.integers(0, 400),
    st.one_of(st.none(), st.integers(-400, 400)),
    st.sampled_from(sorted(ZONES)),
)
def test_a_single_window_against_the_naive_model(offset: int, length: int, moved: int | None, zone: str) -> None:
    """Extended, closed early or left as it was: open on exactly the days that the model walks over, and round 1."""
    opens = BEGIN + offset * DAY
    last = opens + (length + (moved or 0)) * DAY
    arguments = (midnight(opens, zone), midnight(last + DAY, zone), midnight(opens + (length + 1) * DAY, zone))
    if last < opens:
        with pytest.raises(ScheduleError):
            OneOff(*arguments)
        return
    schedule = Schedule(zone, OneOff(*arguments), 7, None)
    days = set(walk(opens, last))
    for day in walk(opens - 2 * DAY, max(last, opens + length * DAY) + 2 * DAY):
        window = schedule.window_at(midnight(day, zone))
        assert (window is not None) == (day in days)
        if window is not None:
            assert window.round == 1
            assert window.extended == bool(moved and moved > 0)
            assert (window.first_closes_at is not None) == bool(moved)


def windows(rule: Monthly | Weekly, since: datetime, number: int = 4) -> list[tuple[int, datetime, datetime]]:
    found = []
    for window in rule.windows_from(since):
        found.append((window.round, window.opens_at, window.closes_at))
        if len(found) == number:
            break
    return found


def test_a_week_may_wrap_around_its_end() -> None:
    """Friday to Monday: four days over the week's end, and over the end of a year."""
    rule = Weekly(4, 0, "WIB")
    assert windows(rule, datetime(2026, 12, 29, tzinfo=WIB), 2) == [
        (20261228, datetime(2027, 1, 1, tzinfo=WIB), datetime(2027, 1, 5, tzinfo=WIB)),
        (20270104, datetime(2027, 1, 8, tzinfo=WIB), datetime(2027, 1, 12, tzinfo=WIB)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        (Weekly(0, 2, "WIB"), Weekly(1, 4, "WIB"), datetime(2026, 11, 24, 10, tzinfo=WIB)),
        (Weekly(2, 4, "WIB"), Weekly(0, 6, "WIB"), datetime(2026, 11, 26, 10, tzinfo=WIB)),
        (Monthly(25, 10, "WIB"), Monthly(20, 28, "WIB"), datetime(2026, 11, 26, 10, tzinfo=WIB)),
        (
            Monthly(25, 10, "WIB"),
            Monthly(25, 10, "WIB", (RoundChange(202611, datetime(2026, 11, 12, 9, tzinfo=WIB)),)),
            datetime(2026, 11, 26, 10, tzinfo=WIB),
        ),
        (
            Weekly(0, 2, "WIB"),
            Weekly(0, 2, "WIB", (RoundChange(20261123, None, datetime(2026, 11, 28, tzinfo=WIB)),)),
            datetime(2026, 11, 24, 10, tzinfo=WIB),
        ),
    ],
)
def test_a_round_keeps_its_number_when_the_rule_is_edited(
    before: Monthly | Weekly, after: Monthly | Weekly, now: datetime
) -> None:
    """A seller who changes days while a round is open does not give its quota out a second time."""
    numbers = [window.round for rule in (before, after) if (window := Schedule("WIB", rule, 7, None).window_at(now))]
    assert len(numbers) == 2
    assert numbers[0] == numbers[1]


def test_a_round_that_was_extended_over_others_is_found() -> None:
    """December to the end of March, with the rounds between left out: open all the time, under December's number."""
    rule = Monthly(
        25,
        10,
        "WIB",
        (
            RoundChange(202612, None, datetime(2027, 3, 20, 12, tzinfo=WIB), datetime(2027, 1, 11, tzinfo=WIB)),
            RoundChange(202701, skipped=True),
            RoundChange(202702, skipped=True),
        ),
    )
    schedule = Schedule("WIB", rule, 7, None)
    window = schedule.window_at(datetime(2027, 3, 20, 11, 59, tzinfo=WIB))
    assert window is not None
    assert (window.round, window.extended) == (202612, True)
    assert schedule.window_at(datetime(2027, 3, 20, 12, tzinfo=WIB)) is None
    ended = schedule.rule.last_before(datetime(2027, 3, 20, 12, tzinfo=WIB))
    assert ended is not None
    assert ended.round == 202612
    assert [each[0] for each in windows(rule, datetime(2027, 3, 20, 12, tzinfo=WIB), 2)] == [202703, 202704]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ((RoundChange(202613),), ScheduleError),
        ((RoundChange(202611), RoundChange(202611, skipped=True)), ScheduleError),
        ((RoundChange(202611, datetime(2026, 12, 1, tzinfo=WIB)),), ScheduleError),
        ((RoundChange(202611, None, datetime(2026, 11, 25, tzinfo=WIB)),), ScheduleError),
        ((RoundChange(202611, None, datetime(2026, 12, 25, 0, 1, tzinfo=WIB)),), RoundsOverlap),
        ((RoundChange(202611, datetime(2026, 11, 10, 23, tzinfo=WIB)),), RoundsOverlap),
        (tuple(RoundChange(202700 + month, skipped=True) for month in range(1, 13)), NeverOpens),
    ],
)
def test_changes_that_contradict_are_refused(changes: tuple[RoundChange, ...], error: type[ScheduleError]) -> None:
    """A round that there is not, twice, in another month, without a day, over another one; or none for a year."""
    with pytest.raises(ScheduleError) as refused:
        Monthly(25, 10, "WIB", changes)
    assert type(refused.value) is error
    assert refused.value.fields["round"] in {change.round for change in changes}


def test_rounds_may_touch() -> None:
    """A round may close in the instant in which the next one opens."""
    touching = RoundChange(202611, None, datetime(2026, 12, 25, tzinfo=WIB))
    rule = Monthly(25, 10, "WIB", (touching,))
    at = datetime(2026, 12, 25, tzinfo=WIB)
    schedule = Schedule("WIB", rule, 7, None)
    found = [schedule.window_at(at - timedelta(microseconds=1)), schedule.window_at(at)]
    assert [window.round if window else None for window in found] == [202611, 202612]


def test_a_month_is_the_month_in_the_zone_of_the_rule() -> None:
    """The first of December at one in the morning is still November in London, and December's round all the same."""
    opens = datetime(2026, 11, 30, 18, tzinfo=UTC)
    rule = Monthly(2, 7, "WIB", (RoundChange(202612, opens),))
    found = Schedule("WIB", rule, 7, None).window_at(opens)
    assert found is not None
    assert found.round == 202612


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (0, 7)])
def test_weekdays_that_no_week_has_are_refused(first: int, last: int) -> None:
    """Weekdays run from 0 to 6."""
    with pytest.raises(ScheduleError):
        Weekly(first, last, "WIB")


def test_a_weekly_round_is_named_by_a_monday() -> None:
    """Another day is no number of a round."""
    with pytest.raises(ScheduleError):
        Weekly(0, 2, "WIB", (RoundChange(20261124, skipped=True),))


@pytest.mark.parametrize(
    "rule",
    [
        Weekly(4, 0, "WITA"),
        Monthly(25, 10, "WIB", (RoundChange(202612, datetime(2026, 12, 26, 9, tzinfo=WIB)),)),
        Weekly(0, 2, "WIB", (RoundChange(20261123, skipped=True),)),
    ],
)
def test_rules_come_back_from_the_catalogue(rule: Monthly | Weekly) -> None:
    """What is published is what is read again; and a rule that was published before there were changes is read too."""
    campaign: Campaign = make_campaign(schedule=Schedule(rule.zone, rule, 7, None))
    published = to_json(make_catalogue(campaign))
    assert from_json(published).campaigns[0].schedule.rule == rule
    plain = published["campaigns"][0]["schedule"]
    del plain["rule"]["changes"]
    assert from_plain(Schedule, plain).rule.changes == ()  # type: ignore[union-attr]
