"""Unique codes: no two amounts alike, the smallest first, and none where none is left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.codes import HIGHEST_CODE, Codes
from preorder.payment import (
    SMALLEST_PAYMENT,
    Account,
    DueKind,
    PaymentState,
    deposit_of,
    due_for,
    status_after_money,
)
from preorder.status import Status
from preorder.terms import PaymentTerms, Scheme, UniqueCode

DEDUCT, ADD, NONE = UniqueCode.DEDUCT, UniqueCode.ADD, UniqueCode.NONE


def test_the_smallest_free_one() -> None:
    """Of an amount that nobody is asked for, 1; from then on what is free."""
    codes = Codes({99_998, 99_996})
    assert [codes.choose(100_000, DEDUCT) for _ in range(4)] == [1, 3, 5, 6]
    assert Codes({100_001}).choose(100_000, ADD) == -2


def test_other_prices_count() -> None:
    """What is unlike all others is the amount that is transferred, not the code."""
    codes = Codes({})
    assert codes.choose(100_000, DEDUCT) == 1
    assert codes.choose(100_001, DEDUCT) == 1
    assert codes.choose(100_000, DEDUCT) == 2
    # 99,997 to 100,000 are taken now.
    assert codes.choose(100_001, DEDUCT) == 4
    assert codes.choose(99_996, ADD) == -5


def test_no_more_than_there_are() -> None:
    """999 of one price; who comes after them is asked for the price itself, and one that goes is given again."""
    codes = Codes({})
    assert [codes.choose(65_000, DEDUCT) for _ in range(1_200)] == [*range(1, 1_000), *[0] * 201]
    left = {65_000 - code for code in range(1, 1_000)} - {64_500}
    assert [Codes(left).choose(65_000, DEDUCT), Codes(left).choose(65_000, DEDUCT, prefer=700)] == [500, 500]


def test_nobody_transfers_less_than_a_payment() -> None:
    """A price of a thousand stays what it is; one just above loses what it can."""
    assert Codes({}).choose(SMALLEST_PAYMENT, DEDUCT) == 0
    codes = Codes({})
    assert [codes.choose(SMALLEST_PAYMENT + 2, DEDUCT) for _ in range(3)] == [1, 2, 0]


def test_what_an_order_has_it_keeps() -> None:
    """Its own code while its amount is free, whatever the terms say; else the next higher; for a rest of any size."""
    assert Codes({}).choose(75_000, DEDUCT, prefer=137) == 137
    assert Codes({74_863}).choose(75_000, DEDUCT, prefer=137) == 138
    assert Codes(set(range(74_001, 74_864))).choose(75_000, DEDUCT, prefer=137) == 1
    assert Codes({}).choose(500, DEDUCT, prefer=137) == 137
    assert Codes({}).choose(75_000, NONE, prefer=137) == 137
    assert Codes({74_863}).choose(75_000, NONE, prefer=137) == 0


@given(
    taken=st.sets(st.integers(49_000, 51_500), max_size=1_500),
    asked=st.lists(st.tuples(st.integers(49_900, 50_300), st.sampled_from([DEDUCT, ADD, NONE])), max_size=40),
)
def test_against_going_through_all_codes(taken: set[int], asked: list[tuple[int, UniqueCode]]) -> None:
    """Each gets the first code of the list whose amount nobody has, in whatever order prices and modes come."""
    codes, known = Codes(taken), set(taken)
    for base, mode in asked:
        signs = {DEDUCT: 1, ADD: -1, NONE: 0}[mode]
        free = [signs * n for n in range(1, HIGHEST_CODE + 1) if signs and base - signs * n not in known]
        code = codes.choose(base, mode)
        assert code == (free[0] if free else 0)
        known.add(base - code)


def account(received: int, discount: int = 0, of_deposit: int = 0, status: Status = Status.AWAITING_PAYMENT) -> Account:
    """The worked example: goods 350,000, shipping 18,000, deposit a half of the goods."""
    return Account(350_000, 18_000, 175_000, received, received, status, discount, of_deposit)


def test_the_worked_example() -> None:
    """Deposit 175,000 with code 137: 174,863; then 193,000 less its own code, and the order is paid."""
    asked = account(0, 137, 137)
    assert (asked.asked_as, asked.due) == (DueKind.DEPOSIT, 174_863)
    assert due_for(asked, Status.DEPOSIT_PAID) == 174_863
    paid = account(174_863, 137, 137)
    assert status_after_money(paid) is Status.DEPOSIT_PAID
    assert (paid.asked_as, paid.due) == (DueKind.BALANCE, 193_000)
    rest = paid.with_code(DueKind.BALANCE, 5)
    assert (rest.due, rest.deposit_missing) == (192_995, 0)
    whole = account(174_863 + 192_995, 142, 137, Status.DEPOSIT_PAID)
    assert (whole.state, status_after_money(whole), whole.due) == (PaymentState.PAID, Status.PAID, 0)


@given(
    goods=st.integers(1, 1_000_000),
    shipping=st.integers(0, 50_000),
    percent=st.integers(1, 100),
    step=st.sampled_from([1, 1_000, 50_000]),
    codes=st.tuples(st.integers(-999, 999), st.integers(-999, 999)),
)
def test_deposit_and_balance_are_the_total(
    goods: int, shipping: int, percent: int, step: int, codes: tuple[int, int]
) -> None:
    """Who pays just what is asked for has paid the total less what codes take off; never more than they add to it."""
    total = goods + shipping
    deposit = deposit_of(goods, total, PaymentTerms(Scheme.DEPOSIT, percent, step, 24, 0, Scheme.DEPOSIT))
    asked, received = Account(goods, shipping, deposit, 0, 0, Status.AWAITING_PAYMENT), 0
    for kind, code in zip((DueKind.DEPOSIT, DueKind.BALANCE), codes, strict=True):
        if asked.asked_as is kind and asked.due - code >= SMALLEST_PAYMENT:
            asked = asked.with_code(kind, code)
        received += asked.due
        asked = replace(asked, received=received, paid_in=received)
    # What a deposit's code adds may be all that is missing of the rest.
    assert received + asked.discount == total or total <= received <= total - asked.discount
    assert (asked.settled, asked.due, asked.state) == (True, 0, PaymentState.PAID)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_every_deposit_of_every_total() -> None:
    """All totals up to a million, all percents: the deposit is something, and never more than the whole."""
    for percent in range(1, 101):
        terms = PaymentTerms(Scheme.DEPOSIT, percent, 1_000, 24, 0, Scheme.DEPOSIT)
        for total in range(1, 1_000_001):
            deposit = deposit_of(total, total, terms)
            if not (0 < deposit <= total and deposit * 100 >= total * percent):
                raise AssertionError((total, percent, deposit))


@pytest.mark.parametrize(
    ("received", "discount", "state", "excess"),
    [
        # Full price against a discount of 142, and against an addition of 142.
        (367_858, 142, PaymentState.PAID, 0), (367_857, 142, PaymentState.DEPOSIT, 0), (368_000, 142, PaymentState.PAID, 0),
        (368_001, 142, PaymentState.OVERPAID, 1), (368_000, -142, PaymentState.PAID, 0), (368_142, -142, PaymentState.PAID, 0),
        (368_143, -142, PaymentState.OVERPAID, 1), (367_999, -142, PaymentState.DEPOSIT, 0),
    ],
)  # fmt: skip
def test_nobody_pays_too_much_by_paying_the_price(
    received: int, discount: int, state: PaymentState, excess: int
) -> None:
    """With her code or without it, the order is paid; only what goes beyond both is too much."""
    found = account(received, discount, discount, Status.PAID)
    assert (found.state, found.excess) == (state, excess)


def test_a_rest_is_asked_for_with_its_code() -> None:
    """Of a deposit that came in part, what is missing ends as the whole did."""
    assert account(100_000, 137, 137).due == 74_863
    assert account(100_000, -137, -137).due == 75_137
