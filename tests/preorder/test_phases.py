"""What a campaign is doing: by the clock, day by day, and by what its seller says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preorder.catalogue import accepted_part
from preorder.errors import CampaignError
from preorder.order import CampaignCancelled, WindowClosed, check_window
from preorder.schedule import ZONES, Days, Method, Monthly, OneOff, Phase, Schedule, ScheduleError, Weekly
from preorder.terms import PaymentTerms, Scheme
from tests.makers import NOW, make_campaign, make_schedule

WIB = ZONES["WIB"]
MADE = Schedule(
    "WIB",
    OneOff(datetime(2026, 11, 25, 9, tzinfo=WIB), datetime(2026, 12, 10, 12, tzinfo=WIB)),
    7,
    Days(8, 10),
    Days(5, 7),
)
ORDER = list(Phase)
FULL = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL)


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        ("2026-11-01T00:00", Phase.ANNOUNCED),
        ("2026-11-25T09:00", Phase.OPEN),
        ("2026-12-10T11:59:59", Phase.OPEN),
        ("2026-12-10T12:00", Phase.CLOSED),
        ("2026-12-10T23:59:59", Phase.CLOSED),
        ("2026-12-11T00:00", Phase.IN_PRODUCTION),
        ("2026-12-17T23:59:59", Phase.IN_PRODUCTION),
        ("2026-12-18T00:00", Phase.SHIPPING),
        ("2027-01-18T23:59:59", Phase.SHIPPING),
        ("2027-01-19T00:00", Phase.DONE),
        ("2030-01-01T00:00", Phase.DONE),
    ],
)
def test_the_clock_moves_a_campaign_through_its_phases(moment: str, phase: Phase) -> None:
    """Closed on the day of its closing, made from the next, sent from the first ship day, done 30 days after the last."""
    now = datetime.fromisoformat(moment).replace(tzinfo=WIB)
    assert MADE.phase(now) is phase
    assert make_campaign(schedule=MADE).phase(now.astimezone(ZONES["WIT"])) is phase


def naive_phase(
    opens: date, last: date, production: Days | None, ships: Days | None, day: date, decided: int = 0
) -> Phase:
    """Give the phase at noon by counting days one at a time."""
    if day < opens:
        return Phase.ANNOUNCED
    phase, cursor, since = Phase.OPEN, opens, None
    while cursor < day:
        cursor += timedelta(days=1)
        since = 1 if cursor == last + timedelta(days=1) else since + 1 if since is not None else None
        if since is None:
            continue
        phase = max((phase, Phase.CLOSED), key=ORDER.index)
        if production and since > decided:
            phase = max((phase, Phase.IN_PRODUCTION), key=ORDER.index)
        if ships and since >= ships.least:
            phase = max((phase, Phase.SHIPPING), key=ORDER.index)
        if ships and since >= ships.most + 30:
            phase = Phase.DONE
    return phase


def spans(least: int) -> st.SearchStrategy[Days | None]:
    """Give spans of days that begin on this one at the earliest, or none."""
    return st.none() | st.tuples(st.integers(least, 30), st.integers(0, 20)).map(lambda each: Days(each[0], sum(each)))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 3000),
    st.integers(0, 60),
    spans(1),
    spans(0),
    st.integers(-5, 150),
    st.sampled_from(sorted(ZONES)),
    st.integers(0, 9),
)
def test_phases_against_a_naive_model(
    offset: int, length: int, production: Days | None, ships: Days | None, at: int, zone: str, decided: int
) -> None:
    """Whatever spans she states, over ten years and in each zone, the phase is the one that counting days gives."""
    opens = date(2024, 1, 1) + timedelta(days=offset)
    last = opens + timedelta(days=length)
    begin, end = (datetime.combine(day, time(), ZONES[zone]) for day in (opens, last + timedelta(days=1)))
    schedule = Schedule(zone, OneOff(begin, end), 7, ships, production)
    day = opens + timedelta(days=at)
    noon = datetime.combine(day, time(12), ZONES[zone])
    assert schedule.phase(noon) is naive_phase(opens, last, production, ships, day)
    assert schedule.phase(noon, decided) is naive_phase(opens, last, production, ships, day, decided)
    begins = [begins_at for _, begins_at in schedule.phases_after(schedule.shown_window(noon))]
    assert all(one <= two for one, two in pairwise([end, *begins]))


@pytest.mark.parametrize("rule", [Monthly(25, 10, "WIB"), Weekly(0, 1, "WIB")])
def test_between_rounds_a_recurring_campaign_is_closed(rule: Monthly | Weekly) -> None:
    """Its page speaks of the next round; what the last one is doing only the seller can say."""
    schedule = Schedule("WIB", rule, 2, Days(1, 2), Days(1, 1))
    closes = next(rule.windows_from(NOW)).closes_at
    assert schedule.phase(closes + timedelta(hours=36)) is Phase.CLOSED
    campaign = make_campaign(schedule=schedule, stage=Phase.SHIPPING)
    assert campaign.phase(closes + timedelta(hours=36)) is Phase.SHIPPING
    upcoming = next(rule.windows_from(closes))
    assert campaign.phase(upcoming.opens_at - timedelta(days=1)) is Phase.ANNOUNCED
    assert campaign.phase(upcoming.opens_at) is Phase.OPEN


@pytest.mark.parametrize("stage", [Phase.IN_PRODUCTION, Phase.SHIPPING, Phase.DONE])
def test_her_word_counts_after_the_closing(stage: Phase) -> None:
    """Then it wins over the clock, earlier or later; before, orders are taken as the schedule says."""
    campaign = make_campaign(schedule=MADE, stage=stage)
    for moment, phase in (
        ("2026-11-01T00:00", Phase.ANNOUNCED),
        ("2026-12-01T00:00", Phase.OPEN),
        ("2026-12-10T12:00", stage),
        ("2026-12-20T00:00", stage),
        ("2030-01-01T00:00", stage),
    ):
        now = datetime.fromisoformat(moment).replace(tzinfo=WIB)
        assert campaign.phase(now) is phase
        if phase is Phase.OPEN:
            assert check_window(campaign, now).round == 1
        elif phase is stage:
            with pytest.raises(WindowClosed):
                check_window(campaign, now)


def test_a_cancelled_campaign_takes_no_orders() -> None:
    """Whatever the calendar says: before, during and after its window."""
    campaign = make_campaign(stage=Phase.CANCELLED)
    for moment in (NOW - timedelta(days=3), NOW, NOW + timedelta(days=30)):
        assert campaign.phase(moment) is Phase.CANCELLED
        with pytest.raises(CampaignCancelled):
            check_window(campaign, moment)


@pytest.mark.parametrize("stage", [Phase.ANNOUNCED, Phase.OPEN, Phase.CLOSED])
def test_when_orders_are_taken_only_the_schedule_says(stage: Phase) -> None:
    """Her word can't open a campaign."""
    with pytest.raises(CampaignError):
        make_campaign(stage=stage)


def test_her_word_is_no_part_of_what_buyers_accept() -> None:
    """Who reviews an order while she says that it is being made need not accept anything anew; the spans she has accepted."""
    campaign = make_campaign(schedule=make_schedule())
    assert make_campaign(schedule=make_schedule(), stage=Phase.SHIPPING).terms_hash == campaign.terms_hash
    longer = Schedule("WIB", make_schedule().rule, 7, Days(7, 10), Days(3, 5))
    assert make_campaign(schedule=longer).terms_hash != campaign.terms_hash
    assert accepted_part(make_campaign(schedule=longer))["schedule"]["production"] == {"least": 3, "most": 5}


def test_ready_stock_is_not_made_and_not_sent_together() -> None:
    """After its closing it is closed, and finished 30 days after whoever paid last has got hers."""
    schedule = Schedule("WIB", MADE.rule, 7, Days(1, 2), None, Method.READY)
    campaign = make_campaign(schedule=schedule, payment=FULL)
    for moment, phase in (
        ("2026-12-01T00:00", Phase.OPEN),
        ("2026-12-10T12:00", Phase.CLOSED),
        ("2027-01-10T23:59", Phase.CLOSED),
        ("2027-01-11T00:00", Phase.DONE),
    ):
        assert campaign.phase(datetime.fromisoformat(moment).replace(tzinfo=WIB)) is phase
    window = schedule.shown_window(NOW)
    assert schedule.ships_between(window) is None
    late = datetime(2026, 12, 1, 23, 30, tzinfo=ZONES["WIT"])
    assert schedule.ships_once_paid(late) == (date(2026, 12, 2), date(2026, 12, 3))
    assert MADE.ships_once_paid(late) is None


def test_ready_stock_has_no_deposit_and_no_production() -> None:
    """What contradicts it can't be made."""
    schedule = Schedule("WIB", MADE.rule, 7, Days(1, 2), None, Method.READY)
    for changes in ({}, {"payment": FULL, "stage": Phase.IN_PRODUCTION}):
        with pytest.raises(CampaignError):
            make_campaign(schedule=schedule, **changes)
    assert make_campaign(schedule=schedule, payment=FULL, stage=Phase.SHIPPING).method is Method.READY
    with pytest.raises(ScheduleError):
        Schedule("WIB", MADE.rule, 7, Days(1, 2), Days(1, 2), Method.READY)


def test_how_it_sells_is_part_of_what_buyers_accept() -> None:
    """Nobody's order turns from ready stock into a pre-order without a word."""
    schedule = make_schedule()
    ready = Schedule("WIB", schedule.rule, 7, schedule.ships_after, None, Method.READY)
    hashes = {make_campaign(schedule=each, payment=FULL).terms_hash for each in (schedule, ready)}
    assert len(hashes) == 2
