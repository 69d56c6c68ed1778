"""
Group commit: one thread owns the only writing connection and stores the works of many requests with one COMMIT.

One fsync a group instead of one an order doubles what a small machine takes, and nobody waits for SQLite's unfair lock.
Nobody hears a result before the COMMIT that holds it.

Works of one kind that wait together may be done together (see `submit_to`): placing a hundred orders takes hardly more
statements, and on PostgreSQL hardly more round trips, than placing one.

Source: docs/decisions/0002-group-commit.md, 0010-two-databases.md.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, insert, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from intake.ledger.engine import Trouble, checkpoint, trouble_of
from intake.ledger.schema import meta
from preorder.errors import PreorderError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")

# meta.key of the row that a probe writes: epoch milliseconds of the last one.
PROBE_KEY = "writer_probed_at_ms"
# How long a lost PostgreSQL is waited for while buyers wait, and how long at most between two tries.
RECONNECT_S = 5.0
RECONNECT_PAUSE_S = 0.5
# Tries of a transaction that others got in the way of.
CONFLICT_TRIES = 5


class LedgerError(PreorderError):
    """
    A work was not, or perhaps not, stored. The base of the errors below; none of them says anything about the work
    itself.
    """

    code = "ledger_error"


class LedgerBusy(LedgerError):
    """Too much to do; nothing was stored. Fields: waiting (works in the queue)."""

    code = "ledger_busy"


class LedgerUncertain(LedgerError):
    """
    The answer did not come in time; the work may be stored, now or in a moment. Send it again with the same nonce.
    Fields: waited_s.
    """

    code = "ledger_uncertain"


class LedgerFull(LedgerError):
    """The disk is full, or writing isn't allowed now; nothing was stored. Fields: trouble ("full", "read_only")."""

    code = "ledger_full"


class LedgerUnreachable(LedgerError):
    """The database can't be reached; nothing was stored. Fields: reason (kind of the error)."""

    code = "ledger_unreachable"


class LedgerFailed(LedgerError):
    """
    The database failed at or before COMMIT; on SQLite the process is about to end. Fields: reason (kind of the error,
    no personal data).

    What was in the group is not confirmed to anybody. Only after the next start it is known whether the disk has it.
    """

    code = "ledger_failed"


class LedgerClosed(LedgerError):
    """The writer has not been started or takes nothing any more; nothing was stored."""

    code = "ledger_closed"


class _Troubled(Exception):
    """The transaction could not be finished. committing: the COMMIT was under way, so it may have been."""

    def __init__(self, trouble: Trouble, *, committing: bool) -> None:
        super().__init__(trouble)
        self.trouble, self.committing = trouble, committing


class Transaction:
    """
    What a work may use: its part of the transaction. Valid only while the work runs, in the writer's thread.

    Attributes:
        connection: for statements; never commit or roll it back. A work that goes on after a refused statement runs it
            within `with connection.begin_nested()`, for on PostgreSQL nothing else can follow such a statement.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def is_postgres(self) -> bool:
        """Say whether other processes may write at the same time, so that rows must be locked before they are judged."""
        return self.connection.dialect.name == "postgresql"

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement and give its result. With a list of parameters it runs once for each of them."""
        return self.connection.execute(statement, parameters)


# Gives a result or an error for each item, in their order.
Handler = Callable[[Transaction, Sequence[Item]], Sequence[T | Exception]]


@dataclass(eq=False)
class _Job:
    """A work (item is None), or an item for a handler."""

    work: Callable[..., Any]
    item: Any = None
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None

    def answer(self, result: Any, error: BaseException | None) -> None:
        self.result, self.error = result, error

    @property
    def kind(self) -> object:
        """Give what neighbours in the queue must share to be done together."""
        return self if self.item is None else self.work


def _kind(job: _Job) -> int:
    return id(job.kind)


class Writer:
    """
    The thread that writes.

    SQLite: one transaction for all that waits, a savepoint for each work; another process never writes. PostgreSQL: a
    transaction for each work, and one for items of one handler that wait together; whatever other processes get in the
    way of is run again, and a lost connection is made anew.

    Attributes:
        last_commit_at: time.monotonic() of the last COMMIT; of the start while there was none.
        last_commit_s: how long it took.
        commits: number of COMMITs since the start.

    Args:
        engine: from open_writer, with the ledger at its present revision; on SQLite the writer keeps its only
            connection until close().
        queue_size: works that may wait; one more is LedgerBusy.
        batch_size: most works a COMMIT.
        on_fatal: called in the writer's thread, after all waiting works were told LedgerFailed, with the database's
            error. It must end the process with os._exit(), after a moment for the answers: an fsync that failed can't
            be repeated (the system may have dropped the pages), so only a fresh start knows what is stored, and an
            orderly exit would close the connection, which checkpoints. Not called for what SQLite and PostgreSQL
            undo cleanly: no room, no right to write, a connection lost.
    """

    def __init__(
        self, engine: Engine, *, queue_size: int = 256, batch_size: int = 100, on_fatal: Callable[[BaseException], None]
    ) -> None:
        self._engine = engine
        self._postgres = engine.dialect.name == "postgresql"
        self._queue_size = queue_size
        self._batch_size = batch_size
        self._on_fatal = on_fatal
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None  # held here so that no garbage collection closes it after a failure
        self._away = False
        self.last_commit_at = time.monotonic()
        self.last_commit_s = 0.0
        self.commits = 0

    def start(self) -> None:
        """
        Take the connection and begin to work. Once only.

        What stands in SQLite's log is brought into the file first. After an fsync that failed it may be read from the
        system's memory and yet be on no disk; whoever asks for such an order must not hear that it is stored.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: no connection, or a disk that takes nothing.
        """
        if self._thread is not None:
            raise RuntimeError("a writer starts once")
        self._connection = self._engine.connect()
        checkpoint(self._connection)
        self.last_commit_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._open = True
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> bool:
        """
        Take nothing more, store what waits, empty the write-ahead log, give the connection back. End long reads before:
        they keep the log.

        Returns:
            Whether all that was done in time. If not, the works still waiting end in LedgerUncertain at their own
            timeout.
        """
        with self._changed:
            self._open = False
            self._changed.notify_all()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and self._failure is None

    def submit(self, work: Callable[[Transaction], T], *, timeout_s: float = 10.0) -> T:
        """
        Run a work in the writer's thread and give its result, once it is committed.

        A work must be repeatable: it may run several times until one run is committed. So it changes nothing outside
        the transaction, and does not wait for anything.

        Args:
            work: what it raises undoes it alone, and is raised here (also after COMMIT: what it saw is then true).
            timeout_s: how long to wait for the answer.

        Raises:
            LedgerBusy, LedgerFull, LedgerUnreachable, LedgerClosed: nothing was stored.
            LedgerUncertain: it may or may not be stored; the work is not withdrawn.
            LedgerFailed: the database failed; on SQLite the process ends.
        """
        result: T = self._queue(_Job(work), timeout_s)
        return result

    def submit_to(self, handler: Handler[Item, T], item: Item, *, timeout_s: float = 10.0) -> T:
        """
        Have a handler deal with an item, together with others of the same handler that wait; give its result, once it
        is committed.

        Args:
            handler: gives a result or an exception for each item, in their order; what it raises by itself, while
                there are several items, makes it run again for each alone. It is repeatable as a work is, and more: it
                notices what an earlier run has committed, for after a lost connection nobody knows whether that was
                the case.
            item: not None.
            timeout_s: as for submit; the errors too.
        """
        if item is None:
            raise ValueError("an item can't be None")
        result: T = self._queue(_Job(handler, item), timeout_s)
        return result

    def _queue(self, job: _Job, timeout_s: float) -> Any:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a work can't submit a work")
        with self._changed:
            if self._failure is not None:
                raise LedgerFailed(reason=type(self._failure).__name__) from self._failure
            if not self._open:
                raise LedgerClosed
            if len(self._waiting) >= self._queue_size:
                raise LedgerBusy(waiting=len(self._waiting))
            self._waiting.append(job)
            self._changed.notify()
        if not job.done.wait(timeout_s):
            with self._changed:
                if job in self._waiting:
                    # Nobody has begun it: then it is better not to.
                    self._waiting.remove(job)
                    raise LedgerBusy(waiting=len(self._waiting))
            if not job.done.is_set():
                raise LedgerUncertain(waited_s=timeout_s)
        if job.error is not None:
            raise job.error
        return job.result

    @property
    def depth(self) -> int:
        """Give the number of works that wait; those of the group being stored are not among them."""
        return len(self._waiting)

    def healthy(self, within_s: float = 5.0) -> bool:
        """
        Say whether something was committed in the last within_s seconds; an idle writer is asked to write a row, and
        has as long to do it.
        """
        if self._failure is not None or not self._open:
            return False
        if not self._away and time.monotonic() - self.last_commit_at <= within_s:
            return True
        try:
            self.submit(_probe, timeout_s=within_s)
        except LedgerError:
            return False
        return True

    def _run(self) -> None:
        jobs: list[_Job] = []
        try:
            while jobs := self._next_group():
                if self._postgres:
                    for batch in _batches(jobs):
                        self._store_on_postgres(batch)
                else:
                    self._store_on_sqlite(jobs)
            if self._connection is not None:
                checkpoint(self._connection)
                self._connection.close()
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._fail(error, jobs)

    def _next_group(self) -> list[_Job]:
        # What has come in while the last group was stored is the next group: under load groups grow by themselves, and
        # nobody waits for company.
        with self._changed:
            while not self._waiting and self._open:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_size))]

    # SQLite: one transaction for the group, a savepoint for each batch.

    def _store_on_sqlite(self, jobs: list[_Job]) -> None:
        assert self._connection is not None
        try:
            self._commit_group(self._connection, jobs)
        except _Troubled as troubled:
            self._turn_away(jobs, troubled)
        for job in jobs:
            job.done.set()

    def _commit_group(self, connection: Connection, jobs: list[_Job]) -> None:
        try:
            transaction = connection.begin()
            for batch in _batches(jobs):
                if not self._try_batch(connection, batch):
                    for job in batch:
                        self._try_batch(connection, [job])
            self._commit(transaction)
        except SQLAlchemyError as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            # SQLite has undone all of it, or does now. Not even a COMMIT without room leaves anything: its last
            # frame is not whole, and a log without that is ignored.
            connection.rollback()
            raise _Troubled(trouble, committing=False) from error

    def _try_batch(self, connection: Connection, batch: list[_Job]) -> bool:
        """Run a batch in a savepoint; False where it must be run one by one."""
        # The driver's own statements: SQLAlchemy's begin_nested() costs several times as much.
        connection.exec_driver_sql("SAVEPOINT work")
        failure = _run_batch(connection, batch)
        if failure is not None:
            if trouble_of(failure) is not None:
                raise failure
            while (nested := connection.get_nested_transaction()) is not None:
                nested.rollback()
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT work")
        # Fails where the work, or an error within it, has ended the whole transaction: then nothing of the group may be
        # confirmed.
        connection.exec_driver_sql("RELEASE SAVEPOINT work")
        return failure is None or len(batch) == 1

    def _commit(self, transaction: Any) -> None:
        began = time.monotonic()
        transaction.commit()
        self.last_commit_at = time.monotonic()
        self.last_commit_s = self.last_commit_at - began
        self.commits += 1

    # PostgreSQL: a transaction for each batch, run again until it is through.

    def _store_on_postgres(self, batch: list[_Job]) -> None:
        try:
            if not self._persist(batch):
                for job in batch:
                    self._store_on_postgres([job])
                return
        except _Troubled as troubled:
            self._turn_away(batch, troubled)
        for job in batch:
            job.done.set()

    def _persist(self, batch: list[_Job]) -> bool:
        """Run a batch until it is committed or refused; False where it must be run one by one."""
        conflicts = 0
        # Once a COMMIT was cut off, nobody knows whether it has happened. A handler finds out; a work can't.
        unsure = False
        give_up = time.monotonic() + RECONNECT_S
        while True:
            try:
                return self._commit_batch(self._connected(), batch)
            except _Troubled as troubled:
                unsure = unsure or troubled.committing
                if unsure and batch[0].item is None:
                    raise
                if troubled.trouble is Trouble.CONFLICT and conflicts < CONFLICT_TRIES:
                    conflicts += 1
                    time.sleep(random.uniform(0, 0.01 * 2**conflicts))  # noqa: S311  spreads those who collided
                elif troubled.trouble is Trouble.LOST and not self._away and time.monotonic() < give_up:
                    time.sleep(RECONNECT_PAUSE_S * random.uniform(0.2, 1.0))  # noqa: S311
                else:
                    # Those who come next are told at once, until it is back.
                    self._away = troubled.trouble is Trouble.LOST
                    raise _Troubled(troubled.trouble, committing=unsure) from troubled.__cause__

    def _connected(self) -> Connection:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                logger.info("the database is back")
        except SQLAlchemyError as error:
            raise _Troubled(Trouble.LOST, committing=False) from error
        return self._connection

    def _commit_batch(self, connection: Connection, batch: list[_Job]) -> bool:
        committing = False
        try:
            transaction = connection.begin()
            failure = _run_batch(connection, batch)
            if failure is not None:
                if trouble_of(failure) is not None:
                    raise failure
                connection.rollback()
                return len(batch) == 1
            committing = True
            self._commit(transaction)
        except SQLAlchemyError as error:
            trouble = trouble_of(error)
            logger.warning("a transaction of %d works failed: %s (%s)", len(batch), trouble, type(error).__name__)
            self._drop_connection()
            if trouble is None:
                # A deferred constraint, or the server's own fault: the works' own error, for all that we know.
                if len(batch) > 1:
                    return False
                batch[0].answer(None, LedgerFailed(reason=type(error).__name__))
                return True
            raise _Troubled(trouble, committing=committing and trouble is Trouble.LOST) from error
        self._away = False
        return True

    def _drop_connection(self) -> None:
        # Whatever state it is in: a new one costs milliseconds.
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _turn_away(self, jobs: list[_Job], troubled: _Troubled) -> None:
        logger.warning("%d works turned away: %s", len(jobs), troubled.trouble.value)
        for job in jobs:
            job.answer(None, _refusal(troubled, len(self._waiting)))

    def _fail(self, error: BaseException, jobs: list[_Job]) -> None:
        with self._changed:
            self._failure = error
            self._open = False
            left = [job for job in (*jobs, *self._waiting) if not job.done.is_set()]
            self._waiting.clear()
        logger.critical("the ledger failed (%s): %d works not confirmed", type(error).__name__, len(left))
        for job in left:
            failed = LedgerFailed(reason=type(error).__name__)
            failed.__cause__ = error
            job.answer(None, failed)
            job.done.set()
        self._on_fatal(error)


def _batches(jobs: list[_Job]) -> Iterator[list[_Job]]:
    """Give the jobs in their order, neighbours of one handler together."""
    for _, batch in groupby(jobs, _kind):
        yield list(batch)


def _run_batch(connection: Connection, batch: list[_Job]) -> Exception | None:
    """
    Run a work, or a handler on its items; answer the jobs.

    Returns:
        What it raised, for the caller to undo what it did; a job of a batch of one has it as its answer.
    """
    tx = Transaction(connection)
    first = batch[0]
    try:
        if first.item is None:
            outcomes: Sequence[Any] = [first.work(tx)]
        else:
            outcomes = first.work(tx, [job.item for job in batch])
        if connection.in_nested_transaction():
            raise RuntimeError("a work left its savepoint open")
        answers = list(zip(batch, outcomes, strict=True))
    except Exception as error:  # noqa: BLE001 - it belongs to who submitted the work
        first.answer(None, error)
        if len(batch) > 1 and not isinstance(error, IntegrityError):
            logger.warning("%d works failed together (%s): each runs alone", len(batch), type(error).__name__)
        return error
    for job, outcome in answers:
        if first.item is not None and isinstance(outcome, Exception):
            job.answer(None, outcome)
        else:
            job.answer(outcome, None)
    return None


def _refusal(troubled: _Troubled, waiting: int) -> LedgerError:
    if troubled.committing:
        return LedgerUncertain(waited_s=RECONNECT_S)
    if troubled.trouble in {Trouble.FULL, Trouble.READ_ONLY}:
        return LedgerFull(trouble=troubled.trouble.value)
    if troubled.trouble is Trouble.LOST:
        reason = type(troubled.__cause__).__name__
        return LedgerUnreachable(reason=reason)
    return LedgerBusy(waiting=waiting)


def _probe(transaction: Transaction) -> None:
    now_ms = str(time.time_ns() // 1_000_000)
    if transaction.execute(update(meta).where(meta.c.key == PROBE_KEY).values(value=now_ms)).rowcount == 0:
        transaction.execute(insert(meta).values(key=PROBE_KEY, value=now_ms))
