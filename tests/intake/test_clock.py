"""What time alone does to orders, and that it does it once, whoever else is at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import func, select

from intake.clock import _expire, expire_unpaid
from intake.ledger.engine import open_writer
from intake.ledger.leases import Lease, LeasedWriter, LeaseLost
from intake.ledger.schema import events, orders
from intake.ledger.writer import Writer
from preorder.campaign import WHOLE
from preorder.status import Status
from tests.intake.conftest import Counter

on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def other(counter: Counter, database_url: str) -> Iterator[Writer]:
    """The writer of another process on the same database."""
    engine = open_writer(database_url)
    writer = Writer(engine, on_fatal=lambda error: None)
    writer.start()
    yield writer
    assert writer.close()
    engine.dispose()


def expired_events(counter: Counter) -> tuple[int, int]:
    """Give how often the history says "expired", and of how many orders."""
    found = select(func.count(), func.count(events.c.order_id.distinct())).where(events.c.event == "expired")
    with counter.reader.begin() as connection:
        count, of_orders = connection.execute(found).one()
    return count, of_orders


def test_not_before_the_grace_is_over(counter: Counter) -> None:
    """To the millisecond: at the end of the grace, not before it."""
    order = counter.order(counter.place().ref)
    assert order.grace_until is not None
    counter.clock.now = order.grace_until
    counter.clock.move(milliseconds=-1)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 0
    counter.clock.move(milliseconds=1)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    assert counter.order(order.ref).status is Status.EXPIRED


def test_twice_does_nothing(counter: Counter) -> None:
    """Each order expires once and gives its units back once, however often the clock looks."""
    for _ in range(3):
        counter.place()
    counter.clock.move(days=10)
    assert [expire_unpaid(counter.writer, counter.reader, counter.clock()) for _ in range(3)] == [3, 0, 0]
    assert expired_events(counter) == (3, 3)
    assert counter.sold()[WHOLE] == 0


def test_looked_at_again_under_the_lock(counter: Counter) -> None:
    """She says that she has paid after the clock has found the order, and before it comes to it: it stays."""
    order = counter.order(counter.place().ref)
    counter.clock.move(days=10)
    counter.desk.claim_payment(order.token, counter.clock())
    expire = partial(_expire, order_id=order.order_id, now=counter.clock())
    assert counter.writer.submit(expire) is None
    assert counter.order(order.ref).status is Status.PAYMENT_CLAIMED
    assert counter.sold()[WHOLE] > 0


@on_postgres
def test_an_order_that_somebody_is_changing_is_left_for_later(counter: Counter, database_url: str) -> None:
    """Nobody waits for it: the others expire at once, and this one the next time."""
    placed = [counter.place().ref for _ in range(3)]
    counter.clock.move(days=10)
    engine = open_writer(database_url)
    with engine.begin() as somebody:
        somebody.execute(select(orders.c.order_id).where(orders.c.ref == placed[0]).with_for_update())
        began = time.monotonic()
        assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 2
        assert time.monotonic() - began < 2  # less than the time for which a lock is waited for
    engine.dispose()
    assert counter.order(placed[0]).status is Status.AWAITING_PAYMENT
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    assert counter.order(placed[0]).status is Status.EXPIRED


@on_postgres
def test_two_clocks_at_once(counter: Counter, other: Writer) -> None:
    """Two processes that both believe it to be their work still do each thing once."""
    for _ in range(12):
        counter.place()
    counter.clock.move(days=10)
    barrier = threading.Barrier(2)

    def run(writer: Writer) -> int:
        barrier.wait(20)
        return expire_unpaid(writer, counter.reader, counter.clock())

    with ThreadPoolExecutor(2) as threads:
        done = sum(threads.map(run, [counter.writer, other]))
    # One that both were at is left by one of them; never by both.
    assert done == 12
    assert expired_events(counter) == (12, 12)
    assert counter.sold()[WHOLE] == 0


@on_postgres
def test_a_clock_that_has_lost_its_lease_does_nothing(counter: Counter, other: Writer) -> None:
    """It slept, another has taken over: what it had found is left to that one."""
    counter.place()
    counter.clock.move(days=10)
    mine, theirs = Lease(counter.writer, "clock", "a", 0.05), Lease(other, "clock", "b", 20)
    assert mine.take()
    ends = time.monotonic() + 20
    while not theirs.take():
        assert time.monotonic() < ends
    with pytest.raises(LeaseLost):
        expire_unpaid(LeasedWriter(counter.writer, mine), counter.reader, counter.clock())
    assert expired_events(counter) == (0, 0)
    assert expire_unpaid(LeasedWriter(other, theirs), counter.reader, counter.clock()) == 1
