"""Deadlines, and amounts that are probably mistyped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.errors import CampaignError
from preorder.payment import DoubtfulAmount, check_amount, pay_by_of
from preorder.schedule import ZONES
from preorder.terms import PaymentTerms, Scheme


@pytest.mark.parametrize("value", [0, 6_501, 30_000, 65_000, 148_000, 200_000, 296_000])
def test_what_is_plausible_passes(value: int) -> None:
    """From just above a tenth of what is due to twice the order."""
    check_amount(value, 65_000, 148_000)


@pytest.mark.parametrize(
    ("value", "suggestion"),
    [
        (1, 1_000),
        (65, 65_000),
        (999, 999_000),
        (1_000, None),
        (6_500, 65_000),
        (296_001, None),
        (650_000, 65_000),
        (1_480_000, 148_000),
        (14_800_000, None),
    ],
)
def test_what_is_not_is_asked_about(value: int, suggestion: int | None) -> None:
    """With the sum that was probably meant, where zeros are all that is wrong."""
    with pytest.raises(DoubtfulAmount) as doubt:
        check_amount(value, 65_000, 148_000)
    assert doubt.value.fields == {"value": value, "suggestion": suggestion}


def test_without_bounds_only_the_smallest_payment_counts() -> None:
    """Where nothing is expected and nothing is the most."""
    check_amount(10**9, 0)
    check_amount(1_000, 0)
    with pytest.raises(DoubtfulAmount):
        check_amount(999, 0)


CLOSES = datetime(2026, 12, 11, tzinfo=ZONES["WIB"])


@pytest.mark.parametrize(
    ("last_days", "before_closing", "after_order"),
    [
        (None, timedelta(hours=2), timedelta(hours=24)),
        (0, timedelta(days=3), timedelta(hours=24)),
        (0, timedelta(hours=24), timedelta(hours=24)),
        (0, timedelta(hours=5), timedelta(hours=5)),
        (0, timedelta(minutes=61), timedelta(minutes=61)),
        (0, timedelta(minutes=2), timedelta(minutes=60)),
        (1, timedelta(hours=5), timedelta(hours=24)),
        (1, timedelta(hours=-2), timedelta(hours=22)),
        (0, timedelta(0), timedelta(hours=24)),
        (0, timedelta(hours=-2), timedelta(hours=24)),
    ],
)
def test_nobody_pays_later_than_the_end_of_paying(
    last_days: int | None, before_closing: timedelta, after_order: timedelta
) -> None:
    """Her hours, cut at the end of paying; an hour in any case; all of them where the seller takes an order after it."""
    terms = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL, last_days)
    ordered_at = CLOSES - before_closing
    assert pay_by_of(terms, ordered_at, CLOSES) - ordered_at == after_order


@given(
    hours=st.integers(1, 720),
    last_days=st.none() | st.integers(0, 60),
    before=st.timedeltas(timedelta(days=-3), timedelta(days=40)),
)
def test_a_deadline_is_never_past_and_never_beyond_her_hours(
    hours: int, last_days: int | None, before: timedelta
) -> None:
    """Whatever the campaign says: at least an hour, at most her hours, and the end of paying cuts nothing off it needn't."""
    terms = PaymentTerms(Scheme.FULL, 0, 1_000, hours, 0, Scheme.FULL, last_days)
    ordered_at = CLOSES - before
    pay_by = pay_by_of(terms, ordered_at, CLOSES)
    assert timedelta(hours=1) <= pay_by - ordered_at <= timedelta(hours=hours)
    if pay_by - ordered_at < timedelta(hours=hours):
        assert last_days is not None and pay_by in {CLOSES + timedelta(days=last_days), ordered_at + timedelta(hours=1)}


def test_a_last_day_before_the_closing_is_refused() -> None:
    """Who may still order could not pay any more."""
    with pytest.raises(CampaignError):
        PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL, -1)
