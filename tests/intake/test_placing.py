"""Placing: exact to the unit, once for each review token, whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from intake.commands import apply_edits
from intake.desk import DiskNearlyFull, NotClaimable
from intake.ledger import outbox
from intake.ledger.engine import ledger_path
from intake.ledger.writer import LedgerBusy
from preorder.campaign import WHOLE
from preorder.order import BuyerLimit, LineRequest, SoldOut
from preorder.product import Limits
from preorder.ref import is_ref
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.makers import make_campaign, make_catalogue, make_request


def _in_parallel(count: int, work: Callable[[int], str]) -> list[str]:
    """Run work(0..count-1) in threads that all start at one barrier, and give what each answered."""
    barrier, answers = threading.Barrier(count), [""] * count

    def run(number: int) -> None:
        barrier.wait()
        answers[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_an_order_is_stored_whole(counter: Counter) -> None:
    """Order, lines, holds, due, event, snapshot and outbox entry are there once the desk has answered."""
    request = make_request(
        None, LineRequest("nastar", "250g", 2, {}), LineRequest("gamis", "", 1, {"warna": "Sage", "nama": "=1+1"})
    )
    placed = counter.place(request)
    assert is_ref(placed.ref) and not placed.repeated
    order = counter.order(placed.ref)
    assert [(line.name, line.qty, line.price, dict(line.options)) for line in order.lines] == [
        ("Nastar Toples 250 g", 2, 65_000, {}),
        ("Gamis", 1, 350_000, {"Warna": "Sage", "Nama bordir": "=1+1"}),
    ]
    assert (order.goods, order.shipping, order.deposit) == (480_000, 18_000, 240_000)
    assert order.status is Status.AWAITING_PAYMENT
    assert [event.event for event in order.events] == ["placed"]
    assert order.snapshot["campaign"]["title"] == "Nastar Lebaran"
    assert counter.sold() == {WHOLE: 3, "nastar/250g": 2}
    with counter.reader.begin() as connection:
        assert connection.exec_driver_sql("SELECT state, version FROM outbox").all() == [("pending", 1)]
    assert counter.desk.order_by_token(placed.token) == order


def test_the_same_review_token_gives_the_same_order(counter: Counter) -> None:
    """Double presses, also all at once and with a sold out pool, lead to one order."""
    answers = _in_parallel(8, lambda _number: counter.place(nonce="one").ref)
    assert len(set(answers)) == 1
    assert counter.sold()[WHOLE] == 2


@pytest.mark.parametrize(
    "quantities", [[1] * 20, [1, 2] * 10, [3, 1, 1, 2] * 5], ids=["ones", "ones-and-twos", "mixed"]
)
def test_twenty_buyers_for_three_units_take_exactly_three(counter: Counter, quantities: list[int]) -> None:
    """What is sold is the quota to the unit; everybody else hears how many are left."""
    campaign = make_campaign(pools={WHOLE: 3, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(campaign)

    def buy(number: int) -> str:
        request = make_request(
            campaign, LineRequest("nastar", "500g", quantities[number], {}), phone=f"+62812000{number:05}"
        )
        try:
            return counter.place(request).ref
        except SoldOut as refusal:
            return f"left {refusal.fields['left']}"

    answers = _in_parallel(len(quantities), buy)
    won = sum(quantities[number] for number, answer in enumerate(answers) if not answer.startswith("left"))
    # A large order may meet too few units while a small one behind it still fits: never more than three, and all that
    # fits is sold.
    smallest_loser = min(
        (quantities[number] for number, answer in enumerate(answers) if answer.startswith("left")), default=99
    )
    assert won <= 3 and 3 - won < smallest_loser
    assert counter.sold()[WHOLE] == won


def test_without_a_lock_the_race_is_real(tmp_path: Path) -> None:
    """
    The twin: a store that reads, then writes, with no lock, sells more than there is. Without this the test above would
    prove nothing.
    """
    path = tmp_path / "naive.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE pool (sold INT)")
        connection.execute("INSERT INTO pool VALUES (0)")
    both_have_read = threading.Barrier(20)

    def buy(_number: int) -> str:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        (sold,) = connection.execute("SELECT sold FROM pool").fetchone()
        both_have_read.wait(30)
        if sold < 3:
            connection.execute("UPDATE pool SET sold = sold + 1")
        connection.close()
        return "won" if sold < 3 else "left"

    answers = _in_parallel(20, buy)
    assert answers.count("won") > 3


def test_a_refused_order_leaves_nothing(counter: Counter) -> None:
    """A second pool that is empty gives the first one's units back, and the token stays free for a smaller order."""
    campaign = make_campaign(pools={WHOLE: 100, "nastar/250g": 1})
    counter.catalogue.catalogue = make_catalogue(campaign)
    with pytest.raises(SoldOut) as refusal:
        counter.place(make_request(campaign), nonce="kept")
    assert refusal.value.fields == {"pool": "nastar/250g", "units": 2, "left": 1, "items": ("Nastar Toples 250 g",)}
    assert counter.sold() == {WHOLE: 0, "nastar/250g": 0}
    smaller = make_request(campaign, LineRequest("nastar", "250g", 1, {}))
    assert not counter.place(smaller, nonce="kept").repeated


def test_one_buyer_can_not_hold_more_than_the_limit(counter: Counter) -> None:
    """The limit counts all orders of a phone number in the round, also those of the same moment."""
    campaign = make_campaign(limits=Limits(max_per_buyer=5))
    counter.catalogue.catalogue = make_catalogue(campaign)

    def buy(_number: int) -> str:
        try:
            return counter.place(make_request(campaign)).ref
        except BuyerLimit as refusal:
            return f"held {refusal.fields['held']}"

    answers = _in_parallel(6, buy)
    assert sorted(answer for answer in answers if answer.startswith("held")) == ["held 4"] * 4
    assert counter.sold()[WHOLE] == 4
    other = make_request(campaign, phone="+6281200009999")
    assert counter.place(other).ref


def test_a_lowered_quota_cancels_nobody(counter: Counter) -> None:
    """Below what is sold nothing is left, and nothing is taken away."""
    counter.place()
    lowered = make_campaign(pools={WHOLE: 1, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(lowered, revision=2)
    with pytest.raises(SoldOut) as refusal:
        counter.place(make_request(lowered), lowered)
    assert refusal.value.fields["left"] == 0
    assert counter.sold()[WHOLE] == 2
    older = counter.placement()
    counter.catalogue.catalogue = make_catalogue(make_campaign(), revision=1)
    with pytest.raises(SoldOut):
        # A page of the older revision does not bring the older quota back.
        counter.desk.place(dataclasses.replace(older, revision=1, campaign=make_campaign()))


def test_a_quota_set_in_the_middle_of_a_round_counts_what_is_sold(counter: Counter) -> None:
    """A pool that begins later begins with the units that its orders hold."""
    unlimited = tuple(
        dataclasses.replace(
            product, variants=tuple(dataclasses.replace(variant, pools=()) for variant in product.variants)
        )
        for product in make_campaign().products
    )
    campaign = make_campaign(products=unlimited, pools={})
    counter.catalogue.catalogue = make_catalogue(campaign)
    counter.place(make_request(campaign))
    limited = make_campaign(pools={WHOLE: 3, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(limited, revision=2)
    with pytest.raises(SoldOut) as refusal:
        counter.place(make_request(limited), limited)
    assert refusal.value.fields["left"] == 1
    assert counter.sold() == {WHOLE: 2, "nastar/250g": 2}


def test_a_quota_that_was_away_for_a_while_counts_what_was_sold_meanwhile(counter: Counter) -> None:
    """Quota 4, then none, then 8: orders placed without one count when it is back, so that nothing is sold twice."""
    limited = make_campaign(pools={WHOLE: 4, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(limited, revision=1)
    counter.place(make_request(limited))
    unlimited = tuple(
        dataclasses.replace(
            product, variants=tuple(dataclasses.replace(variant, pools=()) for variant in product.variants)
        )
        for product in limited.products
    )
    without = make_campaign(products=unlimited, pools={})
    counter.catalogue.catalogue = make_catalogue(without, revision=2)
    for _ in range(2):
        counter.place(make_request(without), without)
    again = make_campaign(pools={WHOLE: 8, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(again, revision=3)
    counter.place(make_request(again), again)
    with pytest.raises(SoldOut) as refusal:
        counter.place(make_request(again), again)
    assert refusal.value.fields["left"] == 0
    assert counter.sold() == {WHOLE: 8, "nastar/250g": 8}


def test_saying_that_one_has_paid_stops_the_clock_once(counter: Counter) -> None:
    """The claim is stored once; an order that waits for nothing can't be claimed."""
    placed = counter.place()
    counter.desk.claim_payment(placed.token, counter.clock())
    counter.desk.claim_payment(placed.token, counter.clock())
    order = counter.order(placed.ref)
    assert order.status is Status.PAYMENT_CLAIMED
    assert [event.event for event in order.events] == ["placed", "payment_claimed"]
    with counter.reader.begin() as connection:
        assert connection.exec_driver_sql("SELECT version FROM outbox").scalar_one() == 2
    with counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [placed.ref])[placed.ref]
    counter.writer.submit(lambda tx: apply_edits(tx, record, {"status": "Lunas"}, {"status": "Lunas"}, counter.clock()))
    with pytest.raises(NotClaimable):
        counter.desk.claim_payment(placed.token, counter.clock())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_nearly_full_disk_refuses_and_stores_nothing(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are refused while there is still room to write down those that were taken."""
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr("intake.desk.shutil.disk_usage", lambda _path: usage)
    with pytest.raises(DiskNearlyFull):
        counter.place()
    assert counter.sold() == {}


def test_what_was_accepted_is_kept_once_for_all_orders(counter: Counter) -> None:
    """Orders of one revision share a snapshot; its hash is over its text; a change of price makes another."""
    first, second = counter.place(), counter.place()
    assert counter.order(first.ref).snapshot_hash == counter.order(second.ref).snapshot_hash
    dearer = make_campaign(terms_html="<p>Lain.</p>")
    counter.catalogue.catalogue = make_catalogue(dearer, revision=2)
    third = counter.place(make_request(dearer), dearer)
    assert counter.order(third.ref).snapshot_hash != counter.order(first.ref).snapshot_hash
    with counter.reader.begin() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM snapshots").scalars().all()
    assert len(bodies) == 2 and all(json.loads(body)["terms_hash"] for body in bodies)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_ledger_that_another_program_holds_turns_away_and_goes_on(counter: Counter) -> None:
    """Somebody has opened the file in a database browser: buyers are asked to try again, and the shop does not end."""
    counter.place()
    counter.writer.submit(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout=50"))
    with closing(sqlite3.connect(str(ledger_path(counter.engine)), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy):
            counter.place()
        other.execute("ROLLBACK")
    assert counter.place().ref
    assert counter.sold()[WHOLE] == 4
