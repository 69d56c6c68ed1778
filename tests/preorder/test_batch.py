"""The minimum of a round: what follows from it, when it is told, and what waits for it."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta

import pytest

from preorder.batch import Batch, Otherwise, Outcome
from preorder.campaign import Campaign
from preorder.catalogue import accepted_part, from_json, to_json
from preorder.errors import CampaignError
from preorder.schedule import ZONES, Days, Method, Monthly, OneOff, Phase, Schedule
from preorder.terms import PaymentTerms, Scheme
from preorder.timeline import Event, State, course_of, events_of, steps_of, turns_of
from tests.makers import make_campaign, make_catalogue

WIB = ZONES["WIB"]
OPENS, CLOSES = datetime(2026, 11, 25, 9, tzinfo=WIB), datetime(2026, 12, 11, tzinfo=WIB)
ONCE = Schedule("WIB", OneOff(OPENS, CLOSES), 7, Days(8, 10), Days(5, 7))
TOLD = datetime(2026, 12, 13, tzinfo=WIB)


def make_batch(otherwise: Otherwise = Otherwise.REFUND, told_within: int = 2) -> Batch:
    return Batch(12, otherwise, told_within)


def campaign_with(batch: Batch | None, **changes: object) -> Campaign:
    return make_campaign(**({"schedule": ONCE, "batch": batch} | changes))


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize(
    ("otherwise", "first", "second"),
    [
        (Otherwise.REFUND, Outcome.REFUND, Outcome.REFUND),
        (Otherwise.EXTEND, Outcome.EXTEND, Outcome.REFUND),
        (Otherwise.GO_ON, Outcome.GO_ON, Outcome.GO_ON),
    ],
)
def test_what_follows_from_the_number(otherwise: Otherwise, first: Outcome, second: Outcome, *, extended: bool) -> None:
    """The minimum itself is enough; one less is not, and who has extended once does not do it again."""
    batch = make_batch(otherwise)
    for closed in (False, True):
        assert batch.outcome(12, closed=closed, extended=extended) is Outcome.REACHED
        assert batch.outcome(40, closed=closed, extended=extended) is Outcome.REACHED
    for taken in (0, 11):
        assert batch.outcome(taken, closed=False, extended=extended) is Outcome.COLLECTING
        assert batch.outcome(taken, closed=True, extended=extended) is (second if extended else first)


@pytest.mark.parametrize(("minimum", "told_within"), [(0, 2), (-3, 2), (12, -1)])
def test_an_impossible_minimum_is_refused(minimum: int, told_within: int) -> None:
    """Nobody holds a batch that can't be."""
    with pytest.raises(CampaignError):
        Batch(minimum, Otherwise.REFUND, told_within)


def test_what_is_there_already_waits_for_nobody() -> None:
    """Ready stock has no minimum."""
    full = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL)
    ready = Schedule("WIB", OneOff(OPENS, CLOSES), 7, Days(1, 2), method=Method.READY)
    assert make_campaign(schedule=ready, payment=full).batch is None
    with pytest.raises(CampaignError):
        make_campaign(schedule=ready, payment=full, batch=make_batch())


@pytest.mark.parametrize(
    ("closes", "told_within", "until"),
    [
        (CLOSES, 0, datetime(2026, 12, 11, tzinfo=WIB)),
        (CLOSES, 2, TOLD),
        (CLOSES - timedelta(hours=4), 2, TOLD),
        (CLOSES + timedelta(hours=4), 2, TOLD + timedelta(days=1)),
    ],
)
def test_it_is_told_by_the_end_of_a_day(closes: datetime, told_within: int, until: datetime) -> None:
    """Days are counted from the last day on which orders are taken, whatever the hour of the closing."""
    schedule = dataclasses.replace(ONCE, rule=OneOff(OPENS, closes))
    assert make_batch(told_within=told_within).told_by(schedule, schedule.shown_window(OPENS)) == until


def test_production_waits_for_it() -> None:
    """
    It begins on the day after the last on which buyers are told, and ends when it would have anyhow; where all is made
    in any case it waits for nothing.
    """
    days = {}
    for otherwise in Otherwise:
        campaign = campaign_with(make_batch(otherwise))
        (step,) = [
            step
            for step in events_of(course_of(campaign, campaign.schedule.shown_window(OPENS)))
            if step.event is Event.PRODUCTION
        ]
        days[otherwise] = step.days
    waiting, at_once = (date(2026, 12, 13), date(2026, 12, 17)), (date(2026, 12, 11), date(2026, 12, 17))
    assert days == {Otherwise.REFUND: waiting, Otherwise.EXTEND: waiting, Otherwise.GO_ON: at_once}


@pytest.mark.parametrize(
    ("after", "waiting", "at_once"),
    [
        (timedelta(hours=-1), Phase.OPEN, Phase.OPEN),
        (timedelta(0), Phase.CLOSED, Phase.IN_PRODUCTION),
        (timedelta(days=2, seconds=-1), Phase.CLOSED, Phase.IN_PRODUCTION),
        (timedelta(days=2), Phase.IN_PRODUCTION, Phase.IN_PRODUCTION),
        (timedelta(days=7), Phase.SHIPPING, Phase.SHIPPING),
    ],
)
def test_nothing_is_called_made_before_it_is_decided(after: timedelta, waiting: Phase, at_once: Phase) -> None:
    """The phase by the clock follows; what the seller says counts before it."""
    now = CLOSES + after
    assert campaign_with(make_batch()).phase(now) is waiting
    assert campaign_with(make_batch(Otherwise.GO_ON)).phase(now) is at_once
    assert campaign_with(None).phase(now) is at_once
    told = campaign_with(make_batch(), stage=Phase.CANCELLED)
    assert told.phase(now) is Phase.CANCELLED


def test_the_list_says_when_it_is_told() -> None:
    """A step between closing and production, with its end; current from the closing on, done afterwards."""
    campaign = campaign_with(make_batch())
    course = course_of(campaign, campaign.schedule.shown_window(OPENS))
    events = [step.event for step in events_of(course)]
    at = events.index(Event.BATCH)
    assert (events[at - 1], events[at + 1]) == (Event.CLOSES, Event.PRODUCTION)
    assert events_of(course)[at].at == TOLD

    def state(now: datetime) -> State:
        steps = steps_of(course, campaign.phase(now), now)
        return next(step.state for step in steps if step.event is Event.BATCH)

    second = timedelta(seconds=1)
    assert [state(now) for now in (CLOSES - second, CLOSES, TOLD - second, TOLD)] == [
        State.TODO,
        State.CURRENT,
        State.CURRENT,
        State.DONE,
    ]
    plain = campaign_with(None)
    assert Event.BATCH not in [step.event for step in events_of(course_of(plain, plain.schedule.shown_window(OPENS)))]


def test_the_page_is_built_anew_when_it_says_something_else() -> None:
    """At the last moment of telling, and when making begins after it."""
    turns = turns_of(campaign_with(make_batch(told_within=3)), OPENS)
    assert datetime(2026, 12, 14, tzinfo=WIB) in turns
    assert datetime(2026, 12, 11, tzinfo=WIB) in turns
    recurring = Schedule("WIB", Monthly(25, 10, "WIB"), 7, Days(8, 10), Days(5, 7))
    assert TOLD in turns_of(campaign_with(make_batch(), schedule=recurring), OPENS)


@pytest.mark.parametrize(
    "change",
    [
        {"minimum": 13},
        {"otherwise": Otherwise.EXTEND},
        {"told_within": 3},
    ],
)
def test_it_is_part_of_what_a_buyer_accepts(change: dict[str, object]) -> None:
    """Another number, outcome or day is another contract; it survives the catalogue, and older ones are still read."""
    campaign = campaign_with(make_batch())
    other = campaign_with(dataclasses.replace(make_batch(), **change))  # type: ignore[arg-type]
    assert accepted_part(campaign)["batch"] == {"minimum": 12, "otherwise": "refund", "told_within": 2}
    assert len({campaign.terms_hash, other.terms_hash, campaign_with(None).terms_hash}) == 3
    data = to_json(make_catalogue(campaign))
    assert from_json(data).campaigns[0].batch == make_batch()
    del data["campaigns"][0]["batch"]
    assert from_json(data).campaigns[0].batch is None
