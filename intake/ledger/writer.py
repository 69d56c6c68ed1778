"""
Group commit: one thread owns the only writing connection and stores the works of many requests with one COMMIT, each in
a SAVEPOINT of its own.

One fsync a group instead of one an order doubles what a small machine takes, and nobody waits for SQLite's unfair lock.
Nobody hears a result before the COMMIT that holds it.

Source: docs/decisions/0002-group-commit.md.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, Table, insert, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.schema import sort_tables

from intake.ledger.engine import checkpoint
from intake.ledger.schema import meta
from preorder.errors import PreorderError

logger = logging.getLogger(__name__)

T = TypeVar("T")

# meta.key of the row that a probe writes: epoch milliseconds of the last one.
PROBE_KEY = "writer_probed_at_ms"


class LedgerError(PreorderError):
    """
    A work was not, or perhaps not, stored. The base of the errors below; none of them says anything about the work
    itself.
    """

    code = "ledger_error"


class LedgerBusy(LedgerError):
    """The queue is full; nothing was stored. Fields: waiting (works in the queue)."""

    code = "ledger_busy"


class LedgerUncertain(LedgerError):
    """
    The answer did not come in time; the work may be stored, now or in a moment. Send it again with the same nonce.
    Fields: waited_s.
    """

    code = "ledger_uncertain"


class LedgerFailed(LedgerError):
    """
    The database failed at or before COMMIT; the process is about to end. Fields: reason (kind of the error, no personal
    data).

    What was in the group is not confirmed to anybody. Only after the next start it is known whether the disk has it.
    """

    code = "ledger_failed"


class LedgerClosed(LedgerError):
    """The writer has not been started or takes nothing any more; nothing was stored."""

    code = "ledger_closed"


class _Unstorable(Exception):
    """A deferred row was refused. Which work it came from shows only when each runs alone."""

    def __init__(self, refusal: Exception) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class _Locked(Exception):
    """BEGIN was refused, for another program holds the ledger's lock."""


class _Deferred:
    """Rows that wait to be inserted together, by table and columns."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Table, tuple[str, ...]], list[Mapping[str, Any]]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        # executemany takes the columns of the first row for all: rows with other columns go apart.
        self._rows.setdefault((table, tuple(sorted(row))), []).append(row)

    def extend(self, other: _Deferred) -> None:
        for key, rows in other._rows.items():
            self._rows.setdefault(key, []).extend(rows)

    def clear(self) -> None:
        self._rows.clear()

    def insert(self, connection: Connection) -> None:
        """
        Insert all, tables that others refer to first. Raises _Unstorable where a row is refused; other errors are the
        database's.
        """
        if len(self._rows) > 1:
            rank = {table: index for index, table in enumerate(sort_tables({table for table, _ in self._rows}))}
            keys = sorted(self._rows, key=lambda key: rank[key[0]])
        else:
            keys = list(self._rows)
        try:
            for key in keys:
                connection.execute(insert(key[0]), self._rows[key])
        except (IntegrityError, DataError, ProgrammingError) as error:
            raise _Unstorable(error) from error
        except DBAPIError:
            raise
        except Exception as error:  # a value that never reached the database: a number beyond 64 bit, a missing column
            raise _Unstorable(error) from error


class Transaction:
    """
    What a work may use: its savepoint in the group's transaction. Valid only while the work runs, in the writer's
    thread.

    Attributes:
        connection: for statements; never commit or roll it back. A work that goes on after a refused statement runs it
            within `with connection.begin_nested()`, for on PostgreSQL nothing else can follow such a statement.
    """

    def __init__(self, connection: Connection, group: _Deferred) -> None:
        self.connection = connection
        self._group = group
        self._own = _Deferred()
        self._group_inserted = False
        self._refused: _Unstorable | None = None

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | list[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement and give its result. With a list of parameters it runs once for each of them."""
        return self.connection.execute(statement, parameters)

    def defer(self, table: Table, row: Mapping[str, Any]) -> None:
        """
        Have a row inserted before COMMIT, together with those of the other works: much cheaper than one statement a
        row.

        The work itself does not see it (flush() first if it must), nor do later works that were submitted with
        reads_deferred=False. A row that the database refuses is its own work's error, as if it had been inserted at
        once.
        """
        self._own.add(table, row)

    def flush(self) -> None:
        """Insert what has been deferred so far, by this work and by those before it in the group."""
        try:
            if not self._group_inserted:
                self._group.insert(self.connection)
                self._group_inserted = True
            self._own.insert(self.connection)
        except _Unstorable as refusal:
            # Perhaps another work's row. Whatever this work makes of the error, the group runs again, one by one.
            self._refused = refusal
            raise refusal.refusal from None
        self._own.clear()


@dataclass(eq=False)
class _Job:
    work: Callable[[Transaction], Any]
    reads_deferred: bool
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None


class Writer:
    """
    The thread that writes.

    Attributes:
        last_commit_at: time.monotonic() of the last COMMIT; of the start while there was none.
        last_commit_s: how long it took.
        commits: number of COMMITs since the start.

    Args:
        engine: from open_writer, with the ledger at its present revision; the writer keeps its only connection until
            close().
        queue_size: works that may wait; one more is LedgerBusy.
        batch_size: most works a COMMIT.
        on_fatal: called in the writer's thread, after all waiting works were told LedgerFailed, with the database's
            error. It must end the process with os._exit(), after a moment for the answers: an fsync that failed can't
            be repeated (the system may have dropped the pages), so only a fresh start knows what is stored, and an
            orderly exit would close the connection, which checkpoints.
    """

    def __init__(
        self, engine: Engine, *, queue_size: int = 256, batch_size: int = 100, on_fatal: Callable[[BaseException], None]
    ) -> None:
        self._engine = engine
        self._queue_size = queue_size
        self._batch_size = batch_size
        self._on_fatal = on_fatal
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None  # held here so that no garbage collection closes it after a failure
        self.last_commit_at = time.monotonic()
        self.last_commit_s = 0.0
        self.commits = 0

    def start(self) -> None:
        """
        Take the connection and begin to work. Once only.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: no connection.
        """
        if self._thread is not None:
            raise RuntimeError("a writer starts once")
        self._connection = self._engine.connect()
        self.last_commit_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, args=(self._connection,), name="ledger-writer", daemon=True)
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

    def submit(self, work: Callable[[Transaction], T], *, timeout_s: float = 10.0, reads_deferred: bool = True) -> T:
        """
        Run a work in the writer's thread and give its result, once it is committed.

        A work must be repeatable: if a deferred row of its group is refused, the whole group is rolled back and each
        work runs again, alone. So it changes nothing outside the transaction, and does not wait for anything.

        Args:
            work: what it raises undoes it alone, and is raised here (also after COMMIT: what it saw is then true).
            timeout_s: how long to wait for the answer.
            reads_deferred: insert what earlier works of the group deferred before this one starts. False is for works
                that read none of it.

        Raises:
            LedgerBusy, LedgerClosed: nothing was stored.
            LedgerUncertain: it may or may not be stored; the work is not withdrawn.
            LedgerFailed: the database failed; the process ends.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a work can't submit a work")
        job = _Job(work, reads_deferred)
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
            raise LedgerUncertain(waited_s=timeout_s)
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

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
        if time.monotonic() - self.last_commit_at <= within_s:
            return True
        try:
            self.submit(_probe, timeout_s=within_s, reads_deferred=False)
        except LedgerError:
            return False
        return True

    def _run(self, connection: Connection) -> None:
        jobs: list[_Job] = []
        try:
            while jobs := self._next_group():
                self._store(connection, jobs)
            checkpoint(connection)
            connection.close()
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._fail(error, jobs)

    def _next_group(self) -> list[_Job]:
        # What has come in while the last group was stored is the next group: under load groups grow by themselves, and
        # nobody waits for company.
        with self._changed:
            while not self._waiting and self._open:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_size))]

    def _store(self, connection: Connection, jobs: list[_Job]) -> None:
        try:
            self._store_together(connection, jobs)
        except _Locked:
            # Somebody else writes into the file, with another program: nothing of ours was begun.
            logger.warning("the ledger is locked by another program: %d works turned away", len(jobs))
            for job in jobs:
                job.result, job.error = None, LedgerBusy(waiting=len(jobs))
        except _Unstorable as refused:
            if len(jobs) > 1:
                logger.warning(
                    "a row of a group of %d was refused (%s): storing each alone",
                    len(jobs),
                    type(refused.refusal).__name__,
                )
                for job in jobs:
                    self._store(connection, [job])
                return
            jobs[0].result, jobs[0].error = None, refused.refusal
        for job in jobs:
            job.done.set()

    def _store_together(self, connection: Connection, jobs: list[_Job]) -> None:
        try:
            transaction = connection.begin()
        except OperationalError as error:
            connection.rollback()
            if connection.dialect.name != "sqlite" or "locked" not in str(error.orig):
                raise
            raise _Locked from error
        deferred = _Deferred()
        try:
            for job in jobs:
                if job.reads_deferred and deferred:
                    deferred.insert(connection)
                    deferred.clear()
                self._run_work(connection, job, deferred)
            deferred.insert(connection)
        except _Unstorable:
            transaction.rollback()
            raise
        began = time.monotonic()
        transaction.commit()
        self.last_commit_at = time.monotonic()
        self.last_commit_s = self.last_commit_at - began
        self.commits += 1

    def _run_work(self, connection: Connection, job: _Job, deferred: _Deferred) -> None:
        handle = Transaction(connection, deferred)
        job.result = job.error = None
        # The driver's own statements: SQLAlchemy's begin_nested() costs several times as much, and this is done for
        # every order.
        connection.exec_driver_sql("SAVEPOINT work")
        try:
            job.result = job.work(handle)
            if connection.in_nested_transaction():
                raise RuntimeError("a work left its savepoint open")
        except BaseException as error:  # noqa: BLE001 - it belongs to who submitted the work
            job.error = error
        if handle._refused is not None:
            raise handle._refused
        if job.error is not None:
            while (nested := connection.get_nested_transaction()) is not None:
                nested.rollback()
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT work")
        else:
            if handle._group_inserted:
                deferred.clear()
            deferred.extend(handle._own)
        # Fails where the work, or an error within it, has ended the whole transaction: then nothing of the group may be
        # confirmed.
        connection.exec_driver_sql("RELEASE SAVEPOINT work")

    def _fail(self, error: BaseException, jobs: list[_Job]) -> None:
        with self._changed:
            self._failure = error
            self._open = False
            left = [job for job in (*jobs, *self._waiting) if not job.done.is_set()]
            self._waiting.clear()
        logger.critical("the ledger failed (%s): %d works not confirmed", type(error).__name__, len(left))
        for job in left:
            job.result, job.error = None, LedgerFailed(reason=type(error).__name__)
            job.error.__cause__ = error
            job.done.set()
        self._on_fatal(error)


def _probe(transaction: Transaction) -> None:
    now_ms = str(time.time_ns() // 1_000_000)
    if transaction.execute(update(meta).where(meta.c.key == PROBE_KEY).values(value=now_ms)).rowcount == 0:
        transaction.execute(insert(meta).values(key=PROBE_KEY, value=now_ms))
