"""Money: what sellers write is read exactly or refused, and rounding is never against the buyer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.money import HIGHEST, MoneyError, PercentError, parse_percent, parse_rupiah, round_up, share
from preorder.payment import deposit_of
from preorder.terms import PaymentTerms, Scheme
from preorder.wording import show_rupiah


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("85000", 85_000), ("85.000", 85_000), ("Rp85.000", 85_000), ("Rp 85.000,-", 85_000), ("rp. 85.000", 85_000), ("85rb", 85_000),
        ("85 ribu", 85_000), ("1,5jt", 1_500_000), ("1,25jt", 1_250_000), ("2 juta", 2_000_000), ("0", 0), ("1.000.000.000", 10**9),
        (" 7.500 ", 7_500), ("0,5jt", 500_000), ("12,5rb", 12_500),
    ],
)  # fmt: skip
def test_amounts_as_sellers_write_them(text: str, amount: int) -> None:
    """Every accepted form gives whole rupiah."""
    assert parse_rupiah(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "", "125,000", "125.00", "85.00", "85.0", "1.50.000", "-1", "+5", "1e5", "Rp", "85.000,50", "85,5", "1.000.000.001", "85 000", "٨٥", "８５０００",
        "85k", "USD 5", "1,2345jt", "85.000.", ".000", "0x10", "85_000", "NaN", "1,5,5jt", "1.5jt",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused(text: str) -> None:
    """Commas, odd groups, signs and other scripts' digits are refused, and the error carries the text."""
    with pytest.raises(MoneyError) as refusal:
        parse_rupiah(text)
    assert refusal.value.fields == {"text": text}


@given(st.integers(0, HIGHEST))
def test_what_is_shown_can_be_read(amount: int) -> None:
    """Showing and reading are inverse for every amount."""
    assert parse_rupiah(show_rupiah(amount)) == amount


@pytest.mark.parametrize("text", ["", "50", "101%", "-1%", "50,5%", "٥٠%", "%"])
def test_percents_are_whole_and_between_0_and_100(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(PercentError):
        parse_percent(text)
    assert parse_percent("50 %") == 50


@given(st.integers(0, 10**7), st.integers(0, 100))
def test_a_share_is_never_less_than_its_part(amount: int, percent: int) -> None:
    """Rounded up, by less than one rupiah."""
    assert 0 <= share(amount, percent) * 100 - amount * percent < 100


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(1, 100), st.sampled_from([1, 500, 1_000, 50_000]))
def test_a_deposit_is_a_multiple_or_the_total(goods: int, shipping: int, percent: int, step: int) -> None:
    """At least the percentage of the goods, rounded up to the step, never above the total."""
    total = goods + shipping
    deposit = deposit_of(goods, total, PaymentTerms(Scheme.DEPOSIT, percent, step, 24, 0, Scheme.DEPOSIT))
    assert deposit <= total
    assert deposit == total or (deposit % step == 0 and deposit * 100 >= goods * percent)
    assert deposit == min(total, round_up(share(goods, percent), step))


def test_the_worked_example() -> None:
    """Goods 350,000, half as deposit: 175,000; half of 174,863 back is 87,432."""
    assert deposit_of(350_000, 368_000, PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 0, Scheme.DEPOSIT)) == 175_000
    assert share(174_863, 50) == 87_432
