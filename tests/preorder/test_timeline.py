"""The list of what happens when: its times are those of the arithmetic, its states those of the clock."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preorder.campaign import Campaign
from preorder.money import Rupiah
from preorder.payment import LAST_MINUTES, pay_by_of
from preorder.product import EarlyBird
from preorder.schedule import ZONES, Days, Monthly, OneOff, Phase, Schedule
from preorder.terms import PaymentTerms, Scheme
from preorder.timeline import Event, State, course_of, events_of, state_at, steps_of, turns_of
from tests.makers import NOW, make_campaign

WIB = ZONES["WIB"]
OPENS, CLOSES = datetime(2026, 11, 25, 9, tzinfo=WIB), datetime(2026, 12, 11, tzinfo=WIB)
ONCE = Schedule("WIB", OneOff(OPENS, CLOSES), 7, Days(8, 10), Days(5, 7))
DEPOSIT = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT)
FULL = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL, 0)


def states(campaign: Campaign, now: datetime) -> dict[str, str]:
    """Give event -> state of the page at now."""
    course = course_of(campaign, campaign.schedule.shown_window(now))
    return {str(step.event): str(step.state) for step in steps_of(course, campaign.phase(now), now)}


def test_what_happens_has_its_times() -> None:
    """Each event once, in order, with the instant or the days that the schedule gives."""
    campaign = make_campaign(schedule=ONCE, payment=DEPOSIT)
    found = events_of(course_of(campaign, campaign.schedule.shown_window(OPENS)))
    assert [(step.event, step.at, step.days) for step in found] == [
        (Event.ANNOUNCED, None, None),
        (Event.OPENS, OPENS, None),
        (Event.PAYMENT, CLOSES + timedelta(hours=24), None),
        (Event.CLOSES, CLOSES, None),
        (Event.PRODUCTION, None, (date(2026, 12, 11), date(2026, 12, 17))),
        (Event.BALANCE, None, None),
        (Event.SHIPS, None, (date(2026, 12, 18), date(2026, 12, 20))),
        (Event.REPORT, None, None),
    ]


def test_what_is_not_promised_has_no_time() -> None:
    """Without spans there are no days, and without a deposit there is no balance."""
    campaign = make_campaign(schedule=dataclasses.replace(ONCE, production=None, ships_after=None), payment=FULL)
    found = {step.event: step for step in events_of(course_of(campaign, campaign.schedule.shown_window(OPENS)))}
    assert Event.BALANCE not in found
    assert found[Event.PRODUCTION].days is None
    assert found[Event.SHIPS].days is None
    assert found[Event.PAYMENT].at == CLOSES


@settings(max_examples=200)
@given(
    st.integers(1, 200),
    st.none() | st.integers(0, 6),
    st.integers(1, 20 * 24 * 3600),
    st.integers(0, 20 * 24 * 3600),
)
def test_nobody_may_pay_later_than_the_page_says(within: int, last_days: int | None, length: int, before: int) -> None:
    """
    The last deadline on the page is that of the arithmetic for whoever orders last; only what is given to those who come
    in the last minutes may lie after it.
    """
    terms = dataclasses.replace(DEPOSIT, pay_within_h=within, last_days=last_days)
    closes = OPENS + timedelta(seconds=length)
    campaign = make_campaign(schedule=Schedule("WIB", OneOff(OPENS, closes), 7, None), payment=terms)
    latest = course_of(campaign, campaign.schedule.shown_window(OPENS)).last_payment_at
    ordered_at = max(OPENS, closes - timedelta(seconds=max(1, before)))
    assert pay_by_of(terms, ordered_at, closes) <= max(latest, ordered_at + LAST_MINUTES)
    last = pay_by_of(terms, closes - timedelta(microseconds=1), closes)
    assert latest - timedelta(microseconds=1) <= last <= latest + LAST_MINUTES


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T00:00", "current todo todo todo todo todo todo todo"),
        ("2026-11-25T09:00", "done done current todo todo todo todo todo"),
        ("2026-12-10T23:59", "done done current todo todo todo todo todo"),
        ("2026-12-11T00:00", "done done current done current todo todo todo"),
        ("2026-12-12T00:00", "done done done done current todo todo todo"),
        ("2026-12-18T00:00", "done done done done done done current todo"),
        ("2027-01-19T00:00", "done done done done done done done done"),
    ],
)
def test_states_follow_the_clock(moment: str, expected: str) -> None:
    """What lies behind is done, what goes on is current, and nothing else is said."""
    now = datetime.fromisoformat(moment).replace(tzinfo=WIB)
    assert list(states(make_campaign(schedule=ONCE, payment=DEPOSIT), now).values()) == expected.split()


def test_states_follow_her_word() -> None:
    """Sent earlier than planned: the list says so too."""
    campaign = make_campaign(schedule=ONCE, payment=DEPOSIT, stage=Phase.SHIPPING)
    found = states(campaign, datetime(2026, 12, 12, tzinfo=WIB))
    assert (found["production"], found["ships"]) == ("done", "current")
    assert states(campaign, datetime(2026, 12, 1, tzinfo=WIB))["ships"] == "todo"


def test_the_next_round_is_not_mistaken_for_the_last() -> None:
    """A recurring campaign speaks of the round to come: what is said about the last one touches none of its events."""
    schedule = Schedule("WIB", Monthly(25, 10, "WIB"), 7, Days(7, 10), Days(5, 7))
    campaign = make_campaign(schedule=schedule, payment=DEPOSIT, stage=Phase.SHIPPING)
    found = states(campaign, datetime(2026, 12, 15, tzinfo=WIB))
    assert set(found.values()) == {"todo"}
    found = states(campaign, datetime(2026, 12, 19, tzinfo=WIB))
    assert [name for name, state in found.items() if state != "todo"] == ["announced"]
    steps = events_of(course_of(campaign, schedule.shown_window(datetime(2026, 12, 15, tzinfo=WIB))))
    assert steps[0].at == datetime(2026, 12, 18, tzinfo=WIB)


@pytest.mark.parametrize("rule", [OneOff(OPENS, CLOSES), Monthly(25, 10, "WIB")])
def test_nothing_changes_between_two_turns(rule: OneOff | Monthly) -> None:
    """A page that was built after one turn says the same until the next one, and something else after it."""
    base = make_campaign(payment=DEPOSIT, schedule=dataclasses.replace(ONCE, rule=rule))
    early = EarlyBird(Rupiah(60_000), None, 3)
    product = dataclasses.replace(base.products[0], early=early)
    campaign = dataclasses.replace(base, products=(product,))
    moment, seen = datetime(2026, 11, 12, tzinfo=WIB), []
    for _ in range(12):
        after = [turn for turn in turns_of(campaign, moment) if turn > moment]
        if not after:
            break
        seen.append((moment, after[0]))
        moment = after[0]
    assert len(seen) >= 5
    assert all(one[1] == two[0] for one, two in pairwise(seen))

    def face(now: datetime) -> object:
        window = campaign.schedule.shown_window(now)
        return (
            campaign.phase(now),
            window,
            states(campaign, now),
            [turn <= now for turn in turns_of(campaign, now)],
        )

    for begin, end in seen[1:]:
        assert face(begin) == face(end - timedelta(microseconds=1))
        assert face(begin) != face(end)


def test_an_event_that_is_over_stays_over() -> None:
    """Hour by hour over three months nothing goes back."""
    campaign = make_campaign(schedule=ONCE, payment=DEPOSIT)
    course = course_of(campaign, campaign.schedule.shown_window(NOW))
    order = [State.TODO, State.CURRENT, State.DONE]
    for event in Event:
        ranks = []
        for hours in range(0, 24 * 90, 3):
            now = datetime(2026, 11, 20, tzinfo=WIB) + timedelta(hours=hours)
            ranks.append(order.index(state_at(course, event, campaign.phase(now), now)))
        assert ranks == sorted(ranks), event
        assert ranks[-1] == 2, event
