"""What a writer promises on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake.ledger import schema
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.writer import PROBE_KEY, LedgerBusy, LedgerClosed, LedgerUncertain, Transaction, Writer
from tests.intake.ledger.desks import WAIT_S, Desk, Gate, Work, keep, keep_all, keys, stored, then_fail, until


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The writing engine, on each database in turn."""
    writing = open_writer(database_url)
    yield writing
    writing.dispose()


@pytest.fixture
def reader(database_url: str, engine: Engine) -> Iterator[Engine]:
    reading = open_reader(database_url)
    yield reading
    reading.dispose()


def test_a_work_gives_its_result(desk: Desk, reader: Engine) -> None:
    """Whatever it returns; and it is stored."""
    assert desk.writer.submit(keep("a")) == "a"
    assert stored(reader) == {"a"}


def test_a_refused_statement_is_its_own_works_error(desk: Desk, reader: Engine) -> None:
    """The database's refusals are no reason to stop."""
    desk.writer.submit(keep("a"))
    gate = desk.hold()
    first, second = desk.queue(keep("a"), keep("b"))
    gate.open()
    with pytest.raises(IntegrityError):
        first.result(WAIT_S)
    assert second.result(WAIT_S) == "b"
    assert stored(reader) == {"a", "b"}


class EagerWriter(Writer):
    """The planted fault: it answers when the work is done, before the COMMIT."""

    def _commit(self, transaction: Any) -> None:
        for job in self.running:
            job.done.set()
        super()._commit(transaction)

    def _store_on_sqlite(self, jobs: list[Any]) -> None:
        self.running = jobs
        super()._store_on_sqlite(jobs)

    def _store_on_postgres(self, batch: list[Any]) -> None:
        self.running = batch
        super()._store_on_postgres(batch)


def answered_before_commit(desk: Desk, engine: Engine) -> bool:
    """Stop the writer on its way into COMMIT and say whether the work was answered already."""
    gate = Gate()
    event.listen(engine, "commit", gate)  # stays: once opened it stops nothing
    answer = desk.send(keep("a"))
    assert gate.reached.wait(WAIT_S)
    try:
        answer.result(0.5)
        return True
    except TimeoutError:
        return False
    finally:
        gate.open()
        answer.result(WAIT_S)


def test_nobody_is_answered_before_the_commit(desk: Desk, engine: Engine, reader: Engine) -> None:
    """And as soon as he is, every other connection sees the row."""
    assert not answered_before_commit(desk, engine)
    for n in range(200):
        desk.writer.submit(keep(f"k{n}"))
        assert f"k{n}" in stored(reader)


def test_a_writer_that_answers_early_is_caught(make_desk: Callable[..., Desk], engine: Engine) -> None:
    """The test above can fail."""
    assert answered_before_commit(make_desk(EagerWriter), engine)


def test_a_savepoint_left_open_is_that_works_error(desk: Desk, reader: Engine) -> None:
    """It would swallow what follows."""

    def forgetful(tx: Transaction) -> None:
        tx.connection.begin_nested()
        tx.execute(insert(schema.meta).values(key="bad", value="x"))

    gate = desk.hold()
    first, second = desk.queue(forgetful, keep("a"))
    gate.open()
    with pytest.raises(RuntimeError):
        first.result(WAIT_S)
    assert second.result(WAIT_S) == "a"
    assert stored(reader) == {"a"}


def test_a_work_may_use_savepoints(desk: Desk, reader: Engine) -> None:
    """To try something and go on."""

    def careful(tx: Transaction) -> str:
        try:
            with tx.connection.begin_nested():
                tx.execute(insert(schema.meta).values(key="bad", value=None))
        except IntegrityError:
            tx.execute(insert(schema.meta).values(key="instead", value="x"))
        return "done"

    assert desk.writer.submit(careful) == "done"
    assert stored(reader) == {"instead"}


def test_a_full_queue_says_so_at_once(make_desk: Callable[..., Desk], reader: Engine) -> None:
    """Nothing of the refused work is stored; those that wait are."""
    desk = make_desk(queue_size=3)
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(3)))
    with pytest.raises(LedgerBusy) as refused:
        desk.writer.submit(keep("too many"))
    assert refused.value.fields == {"waiting": 3}
    gate.open()
    for answer in answers:
        answer.result(WAIT_S)
    assert stored(reader) == {"k0", "k1", "k2"}


def test_a_work_cannot_submit_a_work(desk: Desk) -> None:
    """It would wait for itself."""
    with pytest.raises(RuntimeError):
        desk.writer.submit(lambda tx: desk.writer.submit(keep("a")))


def test_closing_has_its_time(desk: Desk) -> None:
    """A work that does not end keeps nobody for ever."""
    gate = desk.hold()
    assert not desk.writer.close(0.05)
    gate.open()
    assert desk.writer.close(WAIT_S)


def test_a_writer_that_never_started(engine: Engine) -> None:
    """It takes nothing, is not well, and closes."""
    writer = Writer(engine, on_fatal=lambda error: None)
    with pytest.raises(LedgerClosed):
        writer.submit(keep("a"))
    assert not writer.healthy()
    assert writer.close()


def test_an_idle_writer_proves_that_it_can_write(desk: Desk, reader: Engine) -> None:
    """By a row of its own, once nothing was committed for a while; before that, the last COMMIT is proof enough."""
    desk.writer.submit(keep("a"))
    assert desk.writer.healthy(60)
    assert PROBE_KEY not in stored(reader)
    for commits in (2, 3):
        desk.writer.last_commit_at -= 60
        assert desk.writer.healthy(5)
        assert desk.writer.commits == commits
    assert PROBE_KEY in stored(reader)


def test_a_writer_that_hangs_is_not_well(desk: Desk) -> None:
    """Though its thread lives."""
    gate = desk.hold()
    desk.writer.last_commit_at -= 60
    assert not desk.writer.healthy(0.05)
    gate.open()


def test_a_failing_work_harms_nobody_else(desk: Desk, reader: Engine) -> None:
    """It gets its own exception; what it wrote is gone, what the others did is stored."""
    gate = desk.hold()
    answers = desk.queue(keep("before"), then_fail(keep("bad")), keep("after"))
    gate.open()
    assert answers[0].result(WAIT_S) == "before"
    with pytest.raises(LookupError, match="sold out"):
        answers[1].result(WAIT_S)
    assert answers[2].result(WAIT_S) == "after"
    assert stored(reader) == {"before", "after"}


def test_items_that_wait_are_handled_together(desk: Desk, reader: Engine) -> None:
    """In one call and one COMMIT; each gets its own answer, and a refusal is its own as well."""
    gate = desk.hold()
    answers = desk.queue_items(keep_all, "a", "b", "refused", "c")
    commits = desk.writer.commits
    gate.open()
    assert [answers[n].result(WAIT_S) for n in (0, 1, 3)] == ["a of 4", "b of 4", "c of 4"]
    with pytest.raises(LookupError, match="sold out"):
        answers[2].result(WAIT_S)
    assert stored(reader) == {"a", "b", "c"}
    assert desk.writer.commits <= commits + 2


def test_other_works_keep_their_place(desk: Desk) -> None:
    """What came between two items of a handler is done between them."""
    gate = desk.hold()
    first = desk.queue_items(keep_all, "a")
    between = desk.queue(keys)
    second = desk.queue_items(keep_all, "b", "c")
    gate.open()
    assert first[0].result(WAIT_S) == "a of 1"
    assert between[0].result(WAIT_S) == {"a"}
    assert [answer.result(WAIT_S) for answer in second] == ["b of 2", "c of 2"]


def test_one_item_that_the_database_refuses_harms_nobody_else(desk: Desk, reader: Engine) -> None:
    """All are handled again, each alone: its own error for the one, and stored and answered once the others."""
    gate = desk.hold()
    answers = desk.queue_items(keep_all, "a", "b", "broken", "c")
    gate.open()
    assert [answers[n].result(WAIT_S) for n in (0, 1, 3)] == ["a of 1", "b of 1", "c of 1"]
    with pytest.raises(IntegrityError):
        answers[2].result(WAIT_S)
    assert stored(reader) == {"a", "b", "c"}
    assert desk.writer.healthy() and desk.failures == []


def test_a_handler_that_answers_too_little_is_found_out(desk: Desk, reader: Engine) -> None:
    """Nobody is confirmed by it, and the writer goes on."""

    def forgetful(tx: Transaction, items: Any) -> list[str]:
        tx.execute(insert(schema.meta).values(key="bad", value="x"))
        return []

    with pytest.raises(ValueError, match="argument 2 is shorter"):
        desk.writer.submit_to(forgetful, "a")
    assert desk.writer.submit(keep("b")) == "b"
    assert stored(reader) == {"b"}


def test_an_item_is_something(desk: Desk) -> None:
    """None would not be told from a work."""
    with pytest.raises(ValueError, match="None"):
        desk.writer.submit_to(keep_all, None)


def test_who_waits_too_long_and_was_not_begun_is_withdrawn(desk: Desk, reader: Engine) -> None:
    """Then it is certain that nothing is stored."""
    gate = desk.hold()
    with pytest.raises(LedgerBusy):
        desk.writer.submit(keep("late"), timeout_s=0.05)
    gate.open()
    desk.writer.submit(keep("next"))
    assert stored(reader) == {"next"}


def test_who_waits_too_long_for_a_begun_work_is_told_that_it_is_uncertain(desk: Desk, reader: Engine) -> None:
    """For the work may be stored after all, as here."""
    gate = Gate()

    def slow(tx: Transaction) -> None:
        gate()
        keep("slow")(tx)

    with pytest.raises(LedgerUncertain) as uncertain:
        desk.writer.submit(slow, timeout_s=0.2)
    assert uncertain.value.fields == {"waited_s": 0.2}
    gate.open()
    until(lambda: "slow" in stored(reader))


def test_exactly_three_hundred_of_five_hundred(engine: Engine, make_desk: Callable[..., Desk], reader: Engine) -> None:
    """
    A quota of 300, 500 works from 50 threads, each a conditional UPDATE and a row: not one more, not one less.
    """
    with engine.begin() as connection:
        connection.execute(
            insert(schema.pools).values(campaign_id="nastar", round=1, pool_id="p", quota=300, revision=1)
        )
    take = (
        update(schema.pools).where(schema.pools.c.sold + 1 <= schema.pools.c.quota).values(sold=schema.pools.c.sold + 1)
    )

    def place(number: int) -> Work:
        def work(tx: Transaction) -> None:
            tx.execute(insert(schema.meta).values(key=f"order-{number}", value="x"))
            if tx.execute(take).rowcount == 0:
                raise LookupError("sold out")

        return work

    desk = make_desk(batch_size=50)

    def buy(first: int) -> int:
        accepted = 0
        for number in range(first, first + 10):
            try:
                desk.writer.submit(place(number))
                accepted += 1
            except LookupError:
                pass
        return accepted

    with ThreadPoolExecutor(50) as buyers:
        accepted = sum(buyers.map(buy, range(0, 500, 10)))
    with reader.connect() as connection:
        assert connection.execute(select(schema.pools.c.sold)).scalar_one() == 300
    assert accepted == len(stored(reader)) == 300


def test_counts_are_right_after_everything(desk: Desk, reader: Engine) -> None:
    """Works, failures, items, refused and broken ones from 32 threads, mixed: exactly what was answered is stored."""

    def once(kind: int, key: str) -> str | None:
        try:
            if kind == 0:
                desk.writer.submit(keep(key))
            elif kind == 1:
                desk.writer.submit(then_fail(keep(key)))
            else:
                key = {2: "", 3: "refused ", 4: "broken "}[kind] + key
                desk.writer.submit_to(keep_all, key)
        except (LookupError, IntegrityError):
            return None
        return key

    def run(thread: int) -> set[str]:
        return {key for n in range(20) if (key := once((thread + n) % 5, f"{thread}-{n}")) is not None}

    with ThreadPoolExecutor(32) as threads:
        answered = set().union(*threads.map(run, range(32)))
    assert len(answered) == 256
    assert stored(reader) == answered
    with reader.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.meta)).scalar_one() == 256
