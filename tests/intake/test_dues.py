"""What buyers are asked for: amounts of their own, from the order to the end, on both databases."""

from __future__ import annotations

import json
from collections import Counter as Count
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from intake.clock import expire_unpaid, free_amounts
from intake.commands import Cell, apply_edits
from intake.desk import Desk
from intake.ledger import outbox
from intake.ledger.engine import open_writer
from intake.ledger.invariants import find_violations
from intake.ledger.schema import dues, entries, quarantine
from intake.ledger.store import StoredDue, StoredOrder
from intake.ledger.writer import Writer
from preorder.campaign import WHOLE, Campaign
from preorder.order import LineRequest
from preorder.payment import DueKind, PaymentState
from preorder.status import Status
from preorder.terms import BalanceFrom, PaymentTerms, Scheme, UniqueCode
from tests.intake.conftest import Counter
from tests.makers import NOW, make_campaign, make_catalogue, make_request

DEPOSIT = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, unique_code=UniqueCode.DEDUCT)
FULL = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL, unique_code=UniqueCode.DEDUCT)
# Two jars of 65,000 and 18,000 for sending them.
POOLS = {WHOLE: 5_000, "nastar/250g": 5_000}
FIRST, REST, TOTAL = 65_000, 83_000, 148_000


@pytest.fixture(autouse=True)
def clean(counter: Counter) -> Any:
    """Whatever happened, in the end the ledger agrees with itself."""
    yield
    with counter.reader.begin() as connection:
        assert [str(violation) for violation in find_violations(connection)] == []


def sell(counter: Counter, payment: PaymentTerms = DEPOSIT, **changes: Any) -> Campaign:
    """Publish a campaign with unique codes."""
    campaign = make_campaign(payment=payment, pools=POOLS, **changes)
    counter.catalogue.catalogue = make_catalogue(campaign)
    return campaign


def edit(counter: Counter, ref: str, **cells: Cell) -> dict[str, Any] | None:
    """Type into a row; give the bounce, or None."""
    with counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [ref])[ref]
    counter.writer.submit(lambda tx: apply_edits(tx, record, cells, dict(record.seen) | cells, counter.clock()))
    with counter.reader.begin() as connection:
        message = outbox.sheet_records(connection, [ref])[ref].message
    return json.loads(message) if message else None


def asked(order: StoredOrder) -> tuple[str, int, int] | None:
    """Give what is asked for: as what, how much, with which code."""
    due = order.open_due
    return (due.kind, due.amount, due.code) if due else None


def due_of(order: StoredOrder, kind: DueKind) -> StoredDue:
    return next(due for due in order.dues if due.kind is kind)


def discounts(counter: Counter, order: StoredOrder) -> list[tuple[str, int]]:
    """Give the discount entries of an order, oldest first."""
    found = select(entries.c.due_kind, entries.c.amount_rp).where(
        entries.c.order_id == order.order_id, entries.c.kind == "discount"
    )
    with counter.reader.begin() as connection:
        return [(row.due_kind, row.amount_rp) for row in connection.execute(found.order_by(entries.c.entry_id))]


def test_the_whole_way(counter: Counter) -> None:
    """A deposit with its code, then the balance with another; typing what is asked settles each."""
    sell(counter)
    first, second = counter.place().ref, counter.place().ref
    assert asked(counter.order(first)) == ("deposit", FIRST - 1, 1)
    assert asked(counter.order(second)) == ("deposit", FIRST - 2, 2)
    assert edit(counter, second, money_in=FIRST - 2) is None
    order = counter.order(second)
    assert (order.status, order.money.state) == (Status.DEPOSIT_PAID, PaymentState.DEPOSIT)
    assert asked(order) == ("balance", REST - 1, 1)
    assert edit(counter, second, money_in=TOTAL - 3) is None
    order = counter.order(second)
    assert (order.status, order.money.state, asked(order)) == (Status.PAID, PaymentState.PAID, None)
    assert discounts(counter, order) == [("deposit", 2), ("balance", 1)]
    assert (order.received, order.discount, order.money.total) == (TOTAL - 3, 3, TOTAL)


def test_her_word_is_exactly_what_was_asked(counter: Counter) -> None:
    """ "DP diterima" and "Lunas" book what the buyer was told to transfer."""
    sell(counter)
    ref = counter.place().ref
    edit(counter, ref, status="DP masuk")
    assert counter.order(ref).received == FIRST - 1
    edit(counter, ref, status="Lunas")
    order = counter.order(ref)
    assert (order.received, order.status, order.discount) == (TOTAL - 2, Status.PAID, 2)


def test_the_price_without_the_code_is_paid_and_not_overpaid(counter: Counter) -> None:
    """Who rounds up has paid; what she paid beyond her deposit's code lowers the rest."""
    sell(counter, FULL)
    ref = counter.place().ref
    assert edit(counter, ref, money_in=TOTAL) is None
    assert (counter.order(ref).status, counter.order(ref).money.state) == (Status.PAID, PaymentState.PAID)
    sell(counter)
    ref = counter.place().ref
    edit(counter, ref, money_in=FIRST)
    order = counter.order(ref)
    assert order.status is Status.DEPOSIT_PAID
    assert order.money.due + order.received + order.discount == TOTAL


def test_a_part_leaves_the_rest_with_its_own_end(counter: Counter) -> None:
    """What is missing keeps the code while its amount is free."""
    sell(counter)
    ref, other = counter.place().ref, counter.place().ref
    edit(counter, ref, money_in=40_000)
    assert asked(counter.order(ref)) == ("deposit", FIRST - 1 - 40_000, 1)
    # The same rest of the other would be the same amount.
    edit(counter, other, money_in=39_999)
    assert asked(counter.order(other)) == ("deposit", FIRST - 3 - 39_999, 3)
    edit(counter, other, money_in=FIRST - 3)
    assert counter.order(other).status is Status.DEPOSIT_PAID


def test_an_amount_that_was_asked_rests_for_a_day(counter: Counter) -> None:
    """Of an order that lapsed, nobody gets the amount for 24 hours; then the next does."""
    sell(counter, FULL, schedule=make_campaign().schedule)
    lapsed = counter.place().ref
    counter.clock.move(hours=36)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    order = counter.order(lapsed)
    assert (asked(order), order.discount, discounts(counter, order)) == (None, 0, [("full", 1), ("full", -1)])
    counter.clock.move(hours=23, minutes=59)
    assert asked(counter.order(counter.place().ref)) == ("full", TOTAL - 2, 2)
    assert free_amounts(counter.writer, counter.reader, counter.clock()) == 0
    counter.clock.move(minutes=1)
    assert asked(counter.order(counter.place().ref)) == ("full", TOTAL - 1, 1)
    assert free_amounts(counter.writer, counter.reader, counter.clock()) == 1


def test_late_money_in_the_amount_once_asked_revives(counter: Counter) -> None:
    """The discount counts again: she did what the page had told her, too late."""
    sell(counter, FULL)
    ref = counter.place().ref
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    assert edit(counter, ref, money_in=TOTAL - 1) is None
    order = counter.order(ref)
    assert (order.status, order.discount, asked(order)) == (Status.PAID, 1, None)
    assert discounts(counter, order) == [("full", 1), ("full", -1), ("full", 1)]


def test_her_word_revives_with_the_amount_once_asked(counter: Counter) -> None:
    """Set to "paid" after it lapsed: what is booked is what the buyer was told."""
    sell(counter)
    ref = counter.place().ref
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    assert edit(counter, ref, status="DP diterima") is None
    order = counter.order(ref)
    assert (order.status, order.received, order.deposit_discount) == (Status.DEPOSIT_PAID, FIRST - 1, 1)


def test_less_than_was_asked_does_not_revive(counter: Counter) -> None:
    """One rupiah short is short, and she is told how much is missing."""
    sell(counter, FULL)
    ref = counter.place().ref
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    bounce = edit(counter, ref, money_in=TOTAL - 2)
    assert bounce is not None
    assert (bounce["kind"], bounce["missing"]) == ("late_money_short", 1)
    order = counter.order(ref)
    assert (order.status, order.discount, order.money.refund_due) == (Status.EXPIRED, 0, TOTAL - 2)


def test_a_cancelled_order_gives_back_what_was_received(counter: Counter) -> None:
    """Not what the price was; and taking the cancellation back asks for the same amount as before."""
    sell(counter)
    ref = counter.place().ref
    edit(counter, ref, money_in=FIRST - 1)
    before = asked(counter.order(ref))
    edit(counter, ref, status="Batal (penjual)")
    order = counter.order(ref)
    assert (order.money.refund_due, asked(order), order.discount) == (FIRST - 1, None, 1)
    edit(counter, ref, status="DP diterima")
    assert asked(counter.order(ref)) == before


def test_money_that_was_a_mistake_asks_again(counter: Counter) -> None:
    """Undone, the same amount is asked for; nobody else got it in between."""
    sell(counter)
    ref = counter.place().ref
    for said in ("DP diterima", "Menunggu pembayaran"):
        edit(counter, ref, status=said)
    order = counter.order(ref)
    assert asked(order) == ("deposit", FIRST - 1, 1)
    assert due_of(order, DueKind.BALANCE).is_open is False
    assert (order.received, order.discount) == (0, 1)


def test_a_fee_that_comes_later(counter: Counter) -> None:
    """Everything known is paid; when the fee is known it is asked for, with an end of its own."""
    campaign = sell(counter, FULL)
    request = make_request(campaign)
    by_cargo = type(request)(request.campaign_id, request.lines, "kargo", request.buyer, request.province)
    ref = counter.place(by_cargo, campaign).ref
    edit(counter, ref, money_in=130_000 - 1)
    order = counter.order(ref)
    assert (order.status, asked(order), order.discount) == (Status.AWAITING_PAYMENT, None, 1)
    counter.clock.move(days=2)
    edit(counter, ref, shipping=25_000)
    order = counter.order(ref)
    assert asked(order) == ("full", 25_000, 1)
    due = order.open_due
    assert due is not None and due.pay_by == counter.clock() + timedelta(hours=24)
    # The clock leaves an order with money in it to the seller.
    counter.clock.move(days=9)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 0
    edit(counter, ref, money_in=155_000 - 1)
    assert counter.order(ref).status is Status.PAID


def test_added_where_the_shop_says_so(counter: Counter) -> None:
    """What a code adds is asked for, and is nobody's debt when the price is paid without it."""
    added = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, unique_code=UniqueCode.ADD)
    sell(counter, added)
    exact, plain = counter.place().ref, counter.place().ref
    assert asked(counter.order(exact)) == ("deposit", FIRST + 1, -1)
    assert asked(counter.order(plain)) == ("deposit", FIRST + 2, -2)
    edit(counter, exact, money_in=FIRST + 1)
    assert asked(counter.order(exact)) == ("balance", REST + 1, -1)
    edit(counter, plain, money_in=FIRST)
    order = counter.order(plain)
    assert (order.status, order.discount) == (Status.DEPOSIT_PAID, -2)
    assert asked(order) == ("balance", REST + 2, -2)
    edit(counter, plain, money_in=FIRST + REST)
    order = counter.order(plain)
    assert (order.status, order.money.state, order.discount) == (Status.PAID, PaymentState.PAID, 0)


@pytest.mark.parametrize(
    ("days", "since", "after_ready", "expected"),
    [
        (None, BalanceFrom.READY, True, None),
        (3, BalanceFrom.READY, False, None),
        (3, BalanceFrom.READY, True, timedelta(days=10 + 3)),
        # Ten days after a closing in seven.
        (10, BalanceFrom.CLOSING, False, timedelta(days=7 + 10)),
        # Its time is over before it is asked for: she has the hours of a first payment.
        (1, BalanceFrom.CLOSING, True, timedelta(days=9, hours=24)),
    ],
)
def test_when_the_rest_is_due(
    counter: Counter, days: int | None, since: BalanceFrom, after_ready: bool, expected: timedelta | None
) -> None:
    """Without a date, from the closing, or from the day on which the order is ready; and then it stays."""
    payment = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, None, UniqueCode.DEDUCT, days, since)
    sell(counter, payment)
    ref = counter.place().ref
    if days == 1:
        counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    else:
        edit(counter, ref, status="DP diterima")
    counter.clock.move(days=9)
    if days == 1:
        edit(counter, ref, status="DP diterima")
    edit(counter, ref, status="Diproduksi")
    counter.clock.move(days=1)
    if after_ready:
        edit(counter, ref, status="Siap")
    counter.clock.move(days=1)
    edit(counter, ref, seller_note="Dus sudah siap")
    due = counter.order(ref).open_due
    assert due is not None and due.kind is DueKind.BALANCE
    assert due.pay_by == (NOW + expected if expected is not None else None)
    assert (due.grace_until is None) == (due.pay_by is None)


def test_a_balance_that_is_late_can_be_forfeited(counter: Counter) -> None:
    """Only past its deadline and grace; until then she is told to wait."""
    payment = PaymentTerms(
        Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, None, UniqueCode.DEDUCT, 3, BalanceFrom.READY
    )
    sell(counter, payment)
    ref = counter.place().ref
    edit(counter, ref, status="DP diterima")
    counter.clock.move(days=8)
    for said in ("Diproduksi", "Siap"):
        edit(counter, ref, status=said)
    bounce = edit(counter, ref, status="Hangus")
    assert bounce is not None and bounce["kind"] == "balance_not_overdue"
    counter.clock.move(days=3, hours=12)
    assert edit(counter, ref, status="Hangus") is None
    order = counter.order(ref)
    assert (order.status, asked(order)) == (Status.FORFEITED, None)


def test_only_paid_orders_are_made_where_she_says_so(counter: Counter) -> None:
    """With the deposit alone it bounces, and says what is missing; the price less its codes is enough."""
    sell(counter, PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.FULL, unique_code=UniqueCode.DEDUCT))
    ref = counter.place().ref
    edit(counter, ref, status="DP diterima")
    counter.clock.move(days=8)
    bounce = edit(counter, ref, status="Diproduksi")
    assert bounce is not None and (bounce["kind"], bounce["missing"]) == ("not_paid", REST - 1)
    edit(counter, ref, money_in=TOTAL - 2)
    assert edit(counter, ref, status="Diproduksi") is None
    assert counter.order(ref).status is Status.IN_PRODUCTION


def test_without_codes_nothing_ends_otherwise(counter: Counter) -> None:
    """A campaign without them asks for the price, and locks nothing."""
    sell(counter, PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL))
    order = counter.order(counter.place().ref)
    assert (asked(order), order.shares_amount, discounts(counter, order)) == (("full", TOTAL, 0), False, [])


@pytest.mark.timeout(300)
def test_twelve_hundred_of_one_price_at_once(counter: Counter) -> None:
    """None fails; no two with a code share an amount; who comes after the 999th is told that hers says nothing."""
    campaign = sell(counter, FULL)
    one = [
        counter.placement(make_request(campaign, LineRequest("nastar", "250g", 1, {})), campaign) for _ in range(1_200)
    ]
    with ThreadPoolExecutor(32) as pool:
        placed = list(pool.map(counter.desk.place, one))
    assert len({each.ref for each in placed}) == 1_200
    with counter.reader.begin() as connection:
        found = connection.execute(select(dues.c.amount_rp, dues.c.unique_code, dues.c.closed_at_ms)).all()
    assert sorted(row.unique_code for row in found if row.unique_code) == list(range(1, 1_000))
    assert Count(row.amount_rp for row in found if not row.unique_code) == {83_000: 201}
    assert {row.amount_rp + row.unique_code for row in found} == {83_000}
    shared = [counter.order(each.ref).shares_amount for each in placed[-1:]]
    assert shared == [not counter.order(placed[-1].ref).dues[0].code]
    # One of them is paid: after a day its code is free again.
    paid = counter.order(next(each.ref for each in placed if counter.order(each.ref).dues[0].code == 500))
    edit(counter, paid.ref, status="Lunas")
    assert asked(counter.order(counter.place(one[0].request, campaign).ref)) == ("full", 83_000, 0)
    counter.clock.move(hours=24)
    assert asked(counter.order(counter.place(one[0].request, campaign).ref)) == ("full", 82_500, 500)
    with counter.reader.begin() as connection:
        assert connection.execute(select(func.count()).select_from(quarantine)).scalar_one() == 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_desks_choose_side_by_side(counter: Counter, database_url: str) -> None:
    """Two processes' writers on one database, at the same moment: every amount is somebody's alone."""
    campaign = sell(counter, FULL)
    engine = open_writer(database_url)
    other = Writer(engine, on_fatal=lambda error: None)
    other.start()
    desks = (
        counter.desk,
        Desk(other, counter.reader, b"test-key", counter.folder.path, counter.catalogue, counter.clock),
    )
    orders = [counter.placement(make_request(campaign), campaign) for _ in range(400)]
    start = Barrier(8)

    def place(number: int) -> list[str]:
        start.wait()
        return [desks[number % 2].place(each).ref for each in orders[number::8]]

    with ThreadPoolExecutor(8) as pool:
        refs = [ref for found in pool.map(place, range(8)) for ref in found]
    assert other.close()
    engine.dispose()
    assert len(set(refs)) == 400
    with counter.reader.begin() as connection:
        found = connection.execute(select(dues.c.unique_code, dues.c.amount_rp)).all()
    assert sorted(row.unique_code for row in found) == list(range(1, 401))
    assert {row.amount_rp + row.unique_code for row in found} == {TOTAL}


def test_two_prices_that_meet(counter: Counter) -> None:
    """The amounts are unlike, not only the codes: 65,001 less 1 would be 65,000."""
    campaign = sell(counter, FULL)
    jars = make_request(campaign, LineRequest("nastar", "250g", 1, {}))
    taken = {asked(counter.order(counter.place(jars, campaign).ref)) for _ in range(3)}
    assert taken == {("full", 83_000 - code, code) for code in (1, 2, 3)}
    products = campaign.products
    cheaper = make_campaign(
        id="lain", slug="lain", prefix="LAI", payment=FULL, pools=POOLS, products=products,
        deliveries=tuple(type(each)(each.id, each.name, each.kind, 17_998 if each.id == "jne" else each.fee) for each in campaign.deliveries),
    )  # fmt: skip
    counter.catalogue.catalogue = make_catalogue(campaign, cheaper, revision=2)
    # 82,998 less 1 is free; less 0 would not be.
    assert asked(
        counter.order(counter.place(make_request(cheaper, LineRequest("nastar", "250g", 1, {})), cheaper).ref)
    ) == ("full", 82_996, 2)
