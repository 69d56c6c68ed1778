from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.writer import PROBE_KEY, LedgerBusy, LedgerClosed, LedgerFailed, LedgerUncertain, Transaction, Writer

ROOT = Path(__file__).parents[3]
WAIT_S = 20.0
OrderRow = Callable[..., dict[str, Any]]
Work = Callable[[Transaction], Any]


class Gate:
    """Stops something until it is opened, and tells when it has been reached."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._opened = threading.Event()

    def __call__(self, *_: object) -> None:
        self.reached.set()
        assert self._opened.wait(WAIT_S)

    def open(self) -> None:
        self._opened.set()


class Desk:
    """A writer and the threads that use it."""

    def __init__(self, writer: Writer, failures: list[BaseException]) -> None:
        self.writer = writer
        self.failures = failures
        self._threads = ThreadPoolExecutor(64)

    def send(self, work: Work, **options: Any) -> Future[Any]:
        """Submit from a thread of its own."""
        return self._threads.submit(lambda: self.writer.submit(work, **options))

    def queue(self, *works: Work, **options: Any) -> list[Future[Any]]:
        """Submit one after the other, each once the one before stands in the queue: the writer must be busy."""
        answers = []
        for work in works:
            before = self.writer.depth
            answers.append(self.send(work, **options))
            until(partial(lambda depth: self.writer.depth > depth, before))
        return answers

    def hold(self) -> Gate:
        """Keep the writer busy with one work until the gate is opened."""
        gate = Gate()
        self.send(gate)
        assert gate.reached.wait(WAIT_S)
        return gate

    def end(self) -> None:
        self._threads.shutdown()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def make_desk(engine: Engine) -> Iterator[Callable[..., Desk]]:
    """Give a function that starts a writer (of another class, with other sizes)."""
    desks = []

    def make(kind: type[Writer] = Writer, **options: Any) -> Desk:
        failures: list[BaseException] = []
        writer = kind(engine, on_fatal=failures.append, **options)
        desk = Desk(writer, failures)
        desks.append(desk)
        writer.start()
        return desk

    yield make
    for desk in desks:
        desk.writer.close(WAIT_S)
        desk.end()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


def keep(key: str, value: str = "x") -> Work:
    """Give a work that inserts a row at once and returns its key."""

    def work(tx: Transaction) -> str:
        tx.execute(insert(schema.meta).values(key=key, value=value))
        return key

    return work


def defer(key: str, value: str | None = "x") -> Work:
    """Give a work that defers a row."""

    def work(tx: Transaction) -> str:
        tx.defer(schema.meta, {"key": key, "value": value})
        return key

    return work


def then_fail(work: Work) -> Work:
    def failing(tx: Transaction) -> None:
        work(tx)
        raise LookupError("sold out")

    return failing


def keys(tx: Transaction) -> set[str]:
    """A work: what stands in meta."""
    return set(tx.execute(select(schema.meta.c.key)).scalars())


def stored(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(schema.meta.c.key)).scalars())


def test_a_work_gives_its_result(desk: Desk, reader: Engine) -> None:
    """Whatever it returns; and it is stored."""
    assert desk.writer.submit(keep("a")) == "a"
    assert stored(reader) == {"a"}


def test_works_that_wait_share_a_commit(desk: Desk, reader: Engine) -> None:
    """Twenty works behind a busy writer cost one COMMIT."""
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(20)))
    before = desk.writer.commits
    gate.open()
    assert {answer.result(WAIT_S) for answer in answers} == {f"k{n}" for n in range(20)} == stored(reader)
    assert desk.writer.commits == before + 2


def test_a_commit_holds_at_most_batch_size_works(make_desk: Callable[..., Desk]) -> None:
    """So that nobody waits for everybody."""
    desk = make_desk(batch_size=5)
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(20)))
    gate.open()
    for answer in answers:
        answer.result(WAIT_S)
    assert desk.writer.commits == 1 + 4


def test_a_failing_work_harms_nobody_else(desk: Desk, reader: Engine) -> None:
    """It gets its own exception; what it wrote and deferred is gone, what the others did is stored."""
    gate = desk.hold()
    answers = desk.queue(
        keep("before"),
        then_fail(keep("bad")),
        then_fail(defer("bad, deferred")),
        keep("after"),
        defer("after, deferred"),
    )
    commits = desk.writer.commits
    gate.open()
    assert answers[0].result(WAIT_S) == "before"
    for answer in answers[1:3]:
        with pytest.raises(LookupError, match="sold out"):
            answer.result(WAIT_S)
    assert answers[4].result(WAIT_S) == "after, deferred"
    assert stored(reader) == {"before", "after", "after, deferred"}
    assert desk.writer.commits == commits + 2


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


def test_exactly_three_thousand_of_five_thousand(
    engine: Engine, make_desk: Callable[..., Desk], reader: Engine
) -> None:
    """
    A quota of 3,000, 5,000 works from 50 threads, each a conditional UPDATE and an order's row: not one more, not one
    less.
    """
    with engine.begin() as connection:
        connection.execute(
            insert(schema.pools).values(campaign_id="nastar", round=1, pool_id="p", quota=3_000, revision=1)
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
        for number in range(first, first + 100):
            try:
                desk.writer.submit(place(number), reads_deferred=False)
                accepted += 1
            except LookupError:
                pass
        return accepted

    with ThreadPoolExecutor(50) as buyers:
        accepted = sum(buyers.map(buy, range(0, 5_000, 100)))
    with reader.connect() as connection:
        assert connection.execute(select(schema.pools.c.sold)).scalar_one() == 3_000
    assert accepted == len(stored(reader)) == 3_000
    assert desk.writer.commits < 2_500  # grouped: 5,000 were they not


class EagerWriter(Writer):
    """The planted fault: it answers when the work is done, before the COMMIT."""

    def _run_work(self, connection: Connection, job: Any, deferred: Any) -> None:
        super()._run_work(connection, job, deferred)
        job.done.set()


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


def test_deferred_rows_are_stored(desk: Desk, reader: Engine) -> None:
    """Before the answer, however different their columns, and those that others refer to first."""

    def work(tx: Transaction) -> None:
        tx.defer(schema.holds, {"order_id": 1, "pool_id": "p", "units": 2})
        tx.defer(
            schema.order_lines,
            {"order_id": 1, "position": 1, "product_id": "a", "product_name": "A", "qty": 1, "price_rp": 1},
        )
        tx.defer(
            schema.order_lines,
            {
                "order_id": 1,
                "position": 2,
                "product_id": "b",
                "product_name": "B",
                "qty": 1,
                "price_rp": 1,
                "note": "n",
            },
        )
        tx.defer(schema.orders, SHEET_ORDER)
        tx.defer(schema.snapshots, {"hash": "hash-2", "body": "{}", "created_at_ms": 1})

    desk.writer.submit(work)
    with reader.connect() as connection:
        assert connection.execute(select(schema.order_lines.c.position, schema.order_lines.c.note)).all() == [
            (1, None),
            (2, "n"),
        ]
        assert connection.execute(select(schema.holds.c.units)).scalar_one() == 2
    assert desk.writer.commits == 1


SHEET_ORDER = {
    "order_id": 1,
    "ref": "NST-0001",
    "token": "t",
    "campaign_id": "nastar",
    "round": 1,
    "revision": 1,
    "snapshot_hash": "hash-2",
    "status": "paid",
    "language": "id",
    "source": "sheet",
    "received_at_ms": 1,
    "placed_at_ms": 1,
    "name": "Sari Contoh",
    "goods_rp": 1,
    "delivery_id": "d",
    "delivery_name": "D",
}


def test_who_reads_sees_what_others_deferred(desk: Desk) -> None:
    """Unless he says that he does not read it, or asks for it with flush()."""

    def flush_and_read(tx: Transaction) -> set[str]:
        before = keys(tx)
        tx.defer(schema.meta, {"key": "own", "value": "x"})
        tx.flush()
        tx.flush()
        return keys(tx) - before

    gate = desk.hold()
    _, blind = desk.queue(defer("a"), keys, reads_deferred=False)
    (seeing,) = desk.queue(keys)
    desk.queue(defer("b"), reads_deferred=False)
    (flushing,) = desk.queue(flush_and_read, reads_deferred=False)
    gate.open()
    assert blind.result(WAIT_S) == set()
    assert seeing.result(WAIT_S) == {"a"}
    assert flushing.result(WAIT_S) == {"b", "own"}


def test_a_failing_work_takes_no_other_deferred_rows_with_it(desk: Desk, reader: Engine) -> None:
    """Even where it had them inserted within its own savepoint."""

    def flush_and_fail(tx: Transaction) -> None:
        tx.defer(schema.meta, {"key": "bad", "value": "x"})
        tx.flush()
        raise LookupError

    gate = desk.hold()
    answers = desk.queue(defer("a"), flush_and_fail, defer("b"), reads_deferred=False)
    gate.open()
    assert answers[0].result(WAIT_S) == "a"
    with pytest.raises(LookupError):
        answers[1].result(WAIT_S)
    assert answers[2].result(WAIT_S) == "b"
    assert stored(reader) == {"a", "b"}


@pytest.mark.parametrize("value", [None, 2**70, object()], ids=["constraint", "overflow", "type"])
@pytest.mark.parametrize("seen_by", [keys, lambda tx: tx.flush(), lambda tx: None], ids=["reader", "flush", "commit"])
def test_one_refused_deferred_row_harms_nobody_else(desk: Desk, reader: Engine, value: Any, seen_by: Work) -> None:
    """Wherever in the group it shows: its own work fails, all others are stored and answered once."""
    gate = desk.hold()
    blind: dict[str, Any] = {"reads_deferred": False}
    answers = desk.queue(keep("a"), defer("b"), defer("bad", value), defer("c"), **blind)
    (other,) = desk.queue(seen_by, reads_deferred=seen_by is keys)
    (last,) = desk.queue(then_fail(keep("never")))
    gate.open()
    for answer, wanted in ((answers[0], "a"), (answers[1], "b"), (answers[3], "c")):
        assert answer.result(WAIT_S) == wanted
    with pytest.raises((IntegrityError, OverflowError, ProgrammingError)):
        answers[2].result(WAIT_S)
    other.result(WAIT_S)
    with pytest.raises(LookupError):
        last.result(WAIT_S)
    assert stored(reader) == {"a", "b", "c"}
    assert desk.writer.healthy()
    assert desk.failures == []


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


def test_who_waits_too_long_is_told_that_it_is_uncertain(desk: Desk, reader: Engine) -> None:
    """For the work may be stored after all, as here."""
    gate = desk.hold()
    with pytest.raises(LedgerUncertain) as uncertain:
        desk.writer.submit(keep("late"), timeout_s=0.05)
    assert uncertain.value.fields == {"waited_s": 0.05}
    gate.open()
    until(lambda: "late" in stored(reader))


def test_a_work_cannot_submit_a_work(desk: Desk) -> None:
    """It would wait for itself."""
    with pytest.raises(RuntimeError):
        desk.writer.submit(lambda tx: desk.writer.submit(keep("a")))


def make_commit_fail(tx: Transaction) -> str:
    """A work that looks stored: only COMMIT finds the row that refers to nothing."""
    tx.connection.exec_driver_sql("INSERT INTO promised VALUES (1, 99)")
    return "stored"


@pytest.fixture
def promised(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE promised (n INTEGER PRIMARY KEY, other INTEGER REFERENCES promised DEFERRABLE INITIALLY DEFERRED)"
        )


@pytest.mark.usefixtures("promised")
def test_a_failing_commit_is_told_to_everybody(desk: Desk, reader: Engine) -> None:
    """
    To those of its group, of whom one had been refused on what was never stored, and to those that wait; then the
    process is to end.
    """
    gate = desk.hold()
    answers = desk.queue(keep("a"), make_commit_fail, then_fail(keep("b")), *(keep(f"k{n}") for n in range(10)))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFailed) as failed:
            answer.result(WAIT_S)
        assert failed.value.fields == {"reason": "IntegrityError"}
    until(lambda: bool(desk.failures))
    assert [type(failure) for failure in desk.failures] == [IntegrityError]
    assert stored(reader) == set()
    with pytest.raises(LedgerFailed):
        desk.writer.submit(keep("later"))
    assert not desk.writer.healthy()
    assert not desk.writer.close(WAIT_S)


@pytest.mark.usefixtures("promised")
def test_works_behind_a_failing_group_are_told_too(make_desk: Callable[..., Desk]) -> None:
    """They never began."""
    desk = make_desk(batch_size=2)
    gate = desk.hold()
    answers = desk.queue(make_commit_fail, *(keep(f"k{n}") for n in range(6)))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFailed):
            answer.result(WAIT_S)


def test_a_work_that_ends_the_transaction_stops_the_writer(desk: Desk) -> None:
    """For then nothing is known of the group: confirming it would be a guess."""
    gate = desk.hold()
    answers = desk.queue(keep("a"), lambda tx: tx.connection.exec_driver_sql("COMMIT"), keep("b"))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFailed):
            answer.result(WAIT_S)


DISK_FULL = """
import os, resource, signal, sys, threading
from sqlalchemy import insert
from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.writer import LedgerFailed, Writer

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
exited = threading.Event()
writer = Writer(open_writer(sys.argv[1]), on_fatal=lambda error: exited.set())
writer.start()

def keep(key):
    writer.submit(lambda tx: tx.execute(insert(schema.meta).values(key=key, value="x" * 4000)) and None)

keep("before")
size = os.path.getsize(sys.argv[2] + "-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, size + 100_000))
try:
    for n in range(50):
        keep(f"k{n}")
        print(f"k{n}", flush=True)
except LedgerFailed:
    print("failed", exited.wait(20), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_takes_no_more(engine: Engine, folder: DataFolder) -> None:
    """
    A real failure of COMMIT, by the size of the log: every work that was answered is stored, and the one that failed is
    not.
    """
    engine.dispose()
    command = [sys.executable, "-c", DISK_FULL, folder.database_url, str(folder.ledger_path)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *answered, last = done.stdout.splitlines()
    assert last == "failed True", done.stderr
    assert answered
    again = open_writer(folder.database_url)
    left = stored(again)
    again.dispose()
    assert left == {"before", *answered}


def test_closing_stores_what_waits(desk: Desk, engine: Engine, folder: DataFolder) -> None:
    """Then the log is empty, the connection free, and nothing more is taken."""
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(40)))
    closing = threading.Thread(target=desk.writer.close, args=(WAIT_S,))
    closing.start()
    until(lambda: not desk.writer._open)
    with pytest.raises(LedgerClosed):
        desk.writer.submit(keep("too late"))
    gate.open()
    closing.join(WAIT_S)
    assert {answer.result(WAIT_S) for answer in answers} == {f"k{n}" for n in range(40)} == stored(engine)
    log = folder.ledger_path.with_name("etalase.sqlite3-wal")
    assert log.stat().st_size == 0
    assert desk.writer.close(WAIT_S)


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


def test_only_the_writer_checkpoints(desk: Desk, folder: DataFolder, reader: Engine) -> None:
    """It does so by itself as the log grows, so that the log has an end."""
    for n in range(1_500):
        desk.send(keep(f"k{n}", "x" * 4_000))
    desk.writer.submit(lambda tx: None, timeout_s=WAIT_S)
    until(lambda: len(stored(reader)) == 1_500)
    assert folder.ledger_path.stat().st_size > 1_000_000
    raw = sqlite3.connect(folder.ledger_path)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_counts_are_right_after_everything(desk: Desk, reader: Engine) -> None:
    """Works, failures, deferred and refused rows from 32 threads, mixed: exactly what was answered is stored."""
    kinds: tuple[Callable[[str], Work], ...] = (
        keep,
        defer,
        lambda key: then_fail(keep(key)),
        lambda key: defer(key, None),
    )

    def run(thread: int) -> set[str]:
        answered = set()
        for n in range(20):
            with contextlib.suppress(LookupError, IntegrityError):
                answered.add(desk.writer.submit(kinds[(thread + n) % 4](f"{thread}-{n}"), reads_deferred=n % 3 == 0))
        return answered

    with ThreadPoolExecutor(32) as threads:
        answered = set().union(*threads.map(run, range(32)))
    assert len(answered) == 320
    assert stored(reader) == answered
    with reader.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.meta)).scalar_one() == 320
