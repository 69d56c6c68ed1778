"""
Copying a whole ledger: from either database into one SQLite file, and from such a file into either database.

A copy shows the ledger at one moment, while orders go on coming in. Nothing gets its name before it was checked and is
on the disk for certain.

Source: docs/operator.md, "Backup and restore".
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, insert, select, text

from intake.ledger.engine import LedgerRefused, checkpoint, copy_ledger, open_reader, open_writer, sync_folder
from intake.ledger.migrate import HEAD, check_revision, ensure_current
from intake.ledger.opening import LedgerNotSqlite
from intake.ledger.schema import metadata

# Rows that are held in memory at a time.
CHUNK = 500
_MAGIC = b"SQLite format 3\x00"
# Beside a ledger that is not open there are none of these, unless its process was killed.
_BESIDE = ("-wal", "-shm", "-journal")


class CopyBroken(LedgerRefused):
    """A copy of the ledger is damaged, or is not what it was copied from. Fields: path, said (what is wrong)."""

    code = "ledger_copy_broken"


class LedgerOutdated(LedgerRefused):
    """The ledger is of an older version and must be brought up to date first. Fields: found, known."""

    code = "ledger_outdated"


@dataclass(frozen=True)
class Counted:
    """How much a copy holds: orders, and rows of all tables together."""

    orders: int
    rows: int


def copy_to_file(reader: Engine, target: Path) -> Counted:
    """
    Copy the ledger into a fresh SQLite file: mode 0600, checked, on the disk for certain when it has its name.

    A SQLite ledger is copied page by page; the rows of another database are read in one transaction that sees one
    moment, and inserted into an empty ledger.

    Args:
        reader: one of open_reader's.
        target: a file that isn't there yet.

    Raises:
        CopyBroken, LedgerOutdated: nothing stands under target.
        OSError, sqlite3.Error, sqlalchemy.exc.SQLAlchemyError: likewise; a full disk, a lost connection.
    """
    making = target.with_name(f".{target.name}.making")
    remove_ledger(making)
    try:
        if reader.dialect.name == "sqlite":
            copy_ledger(reader, making)
        else:
            _copy_rows_to_file(reader, making)
        counted = check_file(making)
        _end_log(making)
        _sync_file(making)
        if target.exists():
            raise FileExistsError(target)
        os.replace(making, target)
        sync_folder(target.parent)
    finally:
        remove_ledger(making)
    return counted


def check_file(path: Path) -> Counted:
    """
    Look through a SQLite ledger that nobody writes, and count what is in it.

    Raises:
        LedgerNotSqlite, CopyBroken
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise CopyBroken(path=str(path), said=said)
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
            if broken is not None:
                raise CopyBroken(path=str(path), said=f"{broken[0]} -> {broken[2]}")
            ours = set(metadata.tables)
            tables = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counts = {name: _count(copy, name) for name in tables if name in ours}
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB:
            raise LedgerNotSqlite(path=str(path)) from None
        raise CopyBroken(path=str(path), said=str(error)) from None
    return Counted(counts.get("orders", 0), sum(counts.values()))


def _count(copy: sqlite3.Connection, table: str) -> int:
    (count,) = copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608  a table of ours
    return int(count)


def _copy_rows_to_file(reader: Engine, target: Path) -> None:
    if (revision := check_revision(reader)) != HEAD:
        raise LedgerOutdated(found=revision or "-", known=HEAD)
    writer = open_writer(f"sqlite:///{target}")
    try:
        ensure_current(writer)
        with reader.connect() as source:
            # The engine's own level, said here because everything rests on it: all tables as they were at one moment.
            source.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with source.begin(), writer.begin() as copy:
                for table in metadata.sorted_tables:
                    copied = _copy_table(source, copy, table)
                    there = source.execute(select(func.count()).select_from(table)).scalar_one()
                    if copied != there:
                        raise CopyBroken(path=str(target), said=f"{table.name}: {copied}/{there}")
        with writer.connect() as connection:
            checkpoint(connection)
    finally:
        writer.dispose()


def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    """Copy the rows of a table, a part of them at a time; give how many."""
    copied = 0
    # In the order of their keys: an entry that takes another back comes after it.
    rows = select(table).order_by(*table.primary_key.columns)
    found = source.execute(rows, execution_options={"yield_per": CHUNK}).mappings()
    statement = insert(table)
    for part in found.partitions(CHUNK):
        target.execute(statement, [dict(row) for row in part])
        copied += len(part)
    return copied


def prepare_file(source: Path, work: Path) -> Counted:
    """
    Make a work copy of a backup that this release can use: checked, and brought up to date where it is older.

    Args:
        source: a SQLite ledger; it is only read.
        work: where the copy is to lie; what is there is replaced.

    Raises:
        LedgerNotSqlite, CopyBroken, LedgerTooNew, NotALedger: it can't be used.
        FileNotFoundError, OSError, sqlite3.Error
    """
    with source.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise LedgerNotSqlite(path=str(source))
    check_file(source)
    remove_ledger(work)
    os.close(os.open(work, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    # Not just the bytes: a ledger that was copied by hand may have a log beside it.
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        contextlib.closing(sqlite3.connect(uri, uri=True)) as original,
        contextlib.closing(sqlite3.connect(work)) as copy,
    ):
        original.backup(copy)
    writer = open_writer(f"sqlite:///{work}")
    try:
        if check_revision(writer) is None:
            # An empty file would become an empty ledger.
            raise LedgerNotSqlite(path=str(source))
        done = ensure_current(writer)
        if done.copy is not None:
            done.copy.unlink()
        with writer.connect() as connection:
            checkpoint(connection)
    finally:
        writer.dispose()
    return check_file(work)


def load_file(source: Path, target: Connection) -> None:
    """
    Put all rows of a prepared file into PostgreSQL, in place of those that are there, within the transaction that is
    open.

    Args:
        source: see prepare_file.
        target: of a writer; the tables are there and of the present revision. Nobody else reads or writes them until
            the transaction ends.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: among them that a lock on the tables can't be had within its timeout.
    """
    listed = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    reader = open_reader(f"sqlite:///{source}")
    try:
        target.execute(text(f"LOCK TABLE {listed} IN ACCESS EXCLUSIVE MODE"))
        with _append_only_off(target):
            target.execute(text(f"TRUNCATE {listed}"))
            with reader.begin() as rows:
                for table in metadata.sorted_tables:
                    _copy_table(rows, target, table)
        for table in metadata.sorted_tables:
            for column in _numbered(table):
                # Where the table is empty the next number is 1.
                target.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column}'),"  # noqa: S608  ours
                        f' coalesce(max("{column}"), 1), max("{column}") IS NOT NULL) FROM "{table.name}"'
                    )
                )
    finally:
        reader.dispose()


def _numbered(table: Table) -> Iterator[str]:
    """Give the column that the database numbers by itself, if there is one."""
    column = table.autoincrement_column
    if column is not None and column.autoincrement is True:
        yield column.name


@contextlib.contextmanager
def _append_only_off(target: Connection) -> Iterator[None]:
    """Let what is append-only be emptied. Part of the transaction: nobody else ever sees it."""
    kept = ("consents", "entries", "events", "enquiry_events")
    for table in kept:
        target.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    yield
    for table in kept:
        target.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def put_in_place(work: Path, ledger: Path, aside: Path) -> bool:
    """
    Give a prepared file the name of the ledger; the ledger that was there stays beside it under another name.

    A crash leaves the one or the other under the ledger's name, whole.

    Args:
        work: in the same folder as ledger.
        aside: a name in that folder that isn't taken.

    Returns:
        Whether there was a ledger before.
    """
    _end_log(work)
    _sync_file(work)
    was = ledger.exists()
    if was:
        _set_aside(ledger, aside)
    os.replace(work, ledger)
    sync_folder(ledger.parent)
    return was


def _set_aside(ledger: Path, aside: Path) -> None:
    try:
        # All of the log into the file, which is then alone.
        with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.DatabaseError:
        # It is damaged, which is why another is brought back. Its log is kept with it, and must not stay under this
        # name, for SQLite would play it into the new file.
        for ending in _BESIDE:
            beside = ledger.with_name(ledger.name + ending)
            if beside.exists():
                os.replace(beside, aside.with_name(aside.name + ending))
    # Both names until the new file takes the one: at no moment is there no ledger, which a shop would begin anew.
    try:
        os.link(ledger, aside)
    except OSError:
        shutil.copy2(ledger, aside)
        _sync_file(aside)
    sync_folder(ledger.parent)
    for ending in _BESIDE:
        ledger.with_name(ledger.name + ending).unlink(missing_ok=True)


def remove_ledger(path: Path) -> None:
    """Remove a SQLite file with all that may lie beside it; nothing where it isn't there."""
    for ending in ("", ".partial", *_BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _end_log(path: Path) -> None:
    """Bring a file out of the mode with a log beside it; whoever opens it as a ledger begins one again."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
