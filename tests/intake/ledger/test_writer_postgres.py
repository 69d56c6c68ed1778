"""What a writer promises on PostgreSQL alone, where others write too and the connection may break."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select, update

from intake.ledger import schema
from intake.ledger import writer as writing
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.writer import LedgerBusy, LedgerUncertain, LedgerUnreachable, Transaction, Writer
from tests.databases import PostgresServer, postgres
from tests.intake.ledger.desks import WAIT_S, Desk, Gate, Work, keep, keep_all, stored


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that may be ill-treated."""
    with postgres(own=True) as own:
        yield own


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.create()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    writer = open_writer(url)
    schema.metadata.create_all(writer)
    yield writer
    writer.dispose()


@pytest.fixture
def reader(url: str, engine: Engine) -> Iterator[Engine]:
    reading = open_reader(url)
    yield reading
    reading.dispose()


@pytest.fixture
def other(url: str, engine: Engine) -> Iterator[Engine]:
    """Another process's engine."""
    another = open_writer(url)
    yield another
    another.dispose()


@pytest.fixture
def two_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(schema.meta), [{"key": "a", "value": "0"}, {"key": "b", "value": "0"}])


def touch(connection: Connection, key: str) -> None:
    connection.execute(update(schema.meta).where(schema.meta.c.key == key).values(value=schema.meta.c.value + "1"))


@pytest.mark.usefixtures("two_rows")
def test_a_deadlock_is_run_again(desk: Desk, other: Engine, reader: Engine) -> None:
    """Two transactions that wait for one another: whoever is ended by the server, ours comes through."""
    ours_has_a, theirs_has_b = Gate(), threading.Event()
    runs = []

    def crossing(tx: Transaction) -> None:
        runs.append(1)
        touch(tx.connection, "a")
        if len(runs) == 1:
            ours_has_a()
            assert theirs_has_b.wait(WAIT_S)
        touch(tx.connection, "b")

    answer = desk.send(crossing)
    assert ours_has_a.reached.wait(WAIT_S)
    with other.connect() as connection:
        # The one that waits less long before it looks is the one that is told; here it is ours.
        connection.exec_driver_sql("SET deadlock_timeout = '10s'")
        connection.exec_driver_sql("SET lock_timeout = '20s'")
        touch(connection, "b")
        theirs_has_b.set()
        ours_has_a.open()
        touch(connection, "a")
        connection.commit()
    answer.result(WAIT_S)
    assert len(runs) >= 2
    with reader.connect() as connection:
        assert dict(connection.execute(select(schema.meta.c.key, schema.meta.c.value)).all()) == {
            "a": "011",
            "b": "011",
        }


@pytest.mark.usefixtures("two_rows")
def test_a_lock_that_is_kept_too_long_is_a_polite_no(desk: Desk, other: Engine, reader: Engine) -> None:
    """After three seconds, and others go on."""
    with other.connect() as connection:
        touch(connection, "a")
        with pytest.raises(LedgerBusy):
            desk.writer.submit(lambda tx: touch(tx.connection, "a"))
        assert desk.writer.submit(keep("c")) == "c"
        connection.rollback()
    assert "c" in stored(reader)


@pytest.mark.usefixtures("two_rows")
def test_nobody_keeps_locks_in_his_sleep(desk: Desk, other: Engine, server: PostgresServer) -> None:
    """A process that stops in the middle of a transaction loses it, as the connection's own setting says."""
    with other.connect() as connection:
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = '500ms'")
        touch(connection, "a")
        desk.writer.submit(lambda tx: touch(tx.connection, "a"))
        connection.invalidate()
    with other.connect() as connection:
        shown = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
        assert shown == "10s"


def test_a_server_that_restarts_is_waited_for(desk: Desk, reader: Engine, server: PostgresServer) -> None:
    """The works under way are run again on a new connection; nobody notices more than a wait."""
    desk.writer.submit(keep("before"))
    server.restart()
    assert desk.writer.submit(keep("after")) == "after"
    assert desk.writer.submit_to(keep_all, "item") == "item of 1"
    assert stored(reader) == {"before", "after", "item"}
    assert desk.writer.healthy()


def test_a_server_that_stays_away_is_said_at_once(
    desk: Desk, reader: Engine, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first wait; nothing is stored, the writer is not well, and all of it ends by itself."""
    monkeypatch.setattr(writing, "RECONNECT_S", 0.5)
    desk.writer.submit(keep("before"))
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(LedgerUnreachable):
                desk.writer.submit_to(keep_all, "away")
        assert not desk.writer.healthy()
        assert desk.failures == []
    finally:
        server._start()
    assert desk.writer.healthy()
    assert desk.writer.submit(keep("after")) == "after"
    assert stored(reader) == {"before", "after", writing.PROBE_KEY}


class CutOff(Writer):
    """A writer whose connection breaks right after a COMMIT that has happened: nobody hears of it."""

    cuts = 1

    def _commit(self, transaction: Any) -> None:
        super()._commit(transaction)
        if self.cuts:
            self.cuts -= 1
            assert self._connection is not None
            own = self._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            other = open_writer(self._engine.url)
            with other.connect() as connection:
                connection.execute(select(func.pg_terminate_backend(own)))
            other.dispose()
            self._connection.exec_driver_sql("SELECT 1")


def test_an_item_whose_commit_was_cut_off_is_found(make_desk: Callable[..., Desk], reader: Engine) -> None:
    """The handler runs again, notices that it is stored, and the answer is the one that it would have had."""
    desk = make_desk(CutOff)
    assert desk.writer.submit_to(keep_all, "a") == "a of 1"
    assert stored(reader) == {"a"}


def test_a_work_whose_commit_was_cut_off_is_uncertain(make_desk: Callable[..., Desk], reader: Engine) -> None:
    """It can't find out by itself; run again it might do it twice."""
    desk = make_desk(CutOff)
    with pytest.raises(LedgerUncertain):
        desk.writer.submit(keep("a"))
    assert stored(reader) == {"a"}
    assert desk.writer.submit(keep("b")) == "b"


class Forgetting(Writer):
    """The planted fault: what was cut off is run again without being asked whether it happened."""

    def _persist(self, batch: Any) -> bool:
        try:
            return self._commit_batch(self._connected(), batch)
        except writing._Troubled:
            return self._commit_batch(self._connected(), batch)


class CutOffAndForgetting(CutOff, Forgetting):
    pass


def test_running_a_work_again_blindly_would_be_caught(make_desk: Callable[..., Desk], engine: Engine) -> None:
    """The test above can fail: the second run meets the first one's row."""
    desk = make_desk(CutOffAndForgetting)
    with pytest.raises(Exception, match=r"IntegrityError|UniqueViolation"):
        desk.writer.submit(keep("a"))


def test_works_have_transactions_of_their_own(desk: Desk, reader: Engine) -> None:
    """So that one that waits for a lock, or is refused, takes no other with it; items of a handler share theirs."""
    gate = desk.hold()
    answers = [*desk.queue(keep("a"), keep("b")), *desk.queue_items(keep_all, "c", "d")]
    commits = desk.writer.commits
    gate.open()
    for answer in answers:
        answer.result(WAIT_S)
    assert desk.writer.commits == commits + 1 + 2 + 1


def test_two_writers_share_a_counter(make_desk: Callable[..., Desk], other: Engine, engine: Engine) -> None:
    """Hundreds of works of two processes on one row: each counts once."""
    with engine.begin() as connection:
        connection.execute(insert(schema.pools).values(campaign_id="n", round=1, pool_id="p", quota=1000, revision=1))

    def take(tx: Transaction) -> None:
        tx.execute(update(schema.pools).values(sold=schema.pools.c.sold + 1))

    first = make_desk()
    second = Writer(other, on_fatal=first.failures.append)
    second.start()
    works: list[Work] = [take] * 150
    answers = [first.send(work) for work in works]
    threads = Desk(second, first.failures)
    answers += [threads.send(work) for work in works]
    for answer in answers:
        answer.result(WAIT_S)
    threads.end()
    assert second.close(WAIT_S)
    with engine.connect() as connection:
        assert connection.execute(select(schema.pools.c.sold)).scalar_one() == 300


def test_the_settings_are_in_force(engine: Engine, reader: Engine) -> None:
    """For whoever writes and whoever reads; a reader sees one moment and changes nothing."""
    shown = {}
    for name, opened in (("writer", engine), ("reader", reader)):
        with opened.connect() as connection:
            shown[name] = [
                connection.exec_driver_sql(f"SHOW {setting}").scalar_one()
                for setting in ("lock_timeout", "transaction_isolation", "default_transaction_read_only")
            ]
    assert shown == {"writer": ["3s", "read committed", "off"], "reader": ["3s", "repeatable read", "on"]}


def test_answers_come_after_the_commit(desk: Desk, engine: Engine) -> None:
    """Also where each work has its own."""
    gate = Gate()
    event.listen(engine, "commit", gate)
    answer = desk.send(keep("a"))
    assert gate.reached.wait(WAIT_S)
    assert not answer.done()
    gate.open()
    answer.result(WAIT_S)
