"""
The two engines of the ledger: one that writes, one that only reads. All that differs between the databases stands here.

On SQLite one connection writes, and that connection alone checkpoints: releases before 3.51.3 could damage the file
when two connections wrote and checkpointed in the same instant (https://sqlite.org/wal.html, "WAL-reset bug"). Python's
sqlite3 sends no BEGIN before a SAVEPOINT, so it is told to leave transactions alone (`isolation_level=None`) and the
`begin` event sends them; without that, group commit is silently absent.

Source: docs/decisions/0002-group-commit.md.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from preorder.errors import PreorderError

logger = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 5_000
# 32 threads of the web server, the workers, and a few to spare. Opened as they are needed.
READERS = 40
# STRICT tables (3.37) and RETURNING (3.35).
OLDEST_SQLITE = (3, 37, 0)
MOUNTS = Path("/proc/self/mounts")

# Locks and shared memory do not hold over these: two machines, or the shop and a file server, would write over each
# other.
NETWORK_FILE_SYSTEMS = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.beegfs", "fuse.ceph", "fuse.cephfs", "fuse.davfs", "fuse.davfs2", "fuse.gcsfuse",
    "fuse.glusterfs", "fuse.google-drive-ocamlfuse", "fuse.goofys", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse",
    "fuse.curlftpfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs",
})  # fmt: skip

# Connections of one process that read; PostgreSQL gains nothing from more than 4 to 8.
POSTGRES_READERS = 8
# Any number that nobody else on the database uses: "etalase" as bytes.
_MIGRATION_LOCK = int.from_bytes(b"etalase")


class Trouble(Enum):
    """
    What is wrong with the database, as far as it matters for going on. In each case nothing of the transaction is
    stored, except that LOST while committing leaves it open.
    """

    LOCKED = "locked"  # another program holds the lock: ask again
    CONFLICT = "conflict"  # two transactions got in each other's way: run it again
    FULL = "full"  # no room on the disk
    READ_ONLY = "read_only"  # writing is not allowed now
    LOST = "lost"  # the connection is gone


_SQLITE_TROUBLES = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_TROUBLES = {
    "40001": Trouble.CONFLICT,
    "40P01": Trouble.CONFLICT,
    "55P03": Trouble.LOCKED,  # lock_timeout
    "53": Trouble.FULL,  # disk, memory or connections
    "53300": Trouble.LOST,
    "25006": Trouble.READ_ONLY,  # a standby, after a failover
    "25P03": Trouble.LOST,  # idle in transaction for too long
    "08": Trouble.LOST,
    "57P01": Trouble.LOST,  # the server ends
    "57P02": Trouble.LOST,
    "57P03": Trouble.LOST,  # it starts
    "57P05": Trouble.LOST,
}

# (pragma, value to set, what it must answer then)
_ALWAYS = (
    ("busy_timeout", str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
)
_WRITER = (
    *_ALWAYS,
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("fullfsync", "ON", 1),  # macOS: fsync alone leaves the data in the drive's cache. Means nothing elsewhere
    ("secure_delete", "ON", 1),
    (
        "recursive_triggers",
        "ON",
        1,
    ),  # without it INSERT OR REPLACE passes the triggers that keep entries and events append-only
)
_READER = (
    *_ALWAYS,
    ("wal_autocheckpoint", "0", 0),
    ("query_only", "ON", 1),
)


class LedgerRefused(PreorderError):
    """The ledger can't be opened as it must be. The base of the refusals below."""

    code = "ledger_refused"


class DatabaseUnsupported(LedgerRefused):
    """Neither a SQLite file nor PostgreSQL. Fields: database (the kind as given)."""

    code = "database_unsupported"


class SqliteTooOld(LedgerRefused):
    """Fields: found, oldest."""

    code = "sqlite_too_old"


class LedgerMissing(LedgerRefused):
    """There is no ledger to read. Fields: path."""

    code = "ledger_missing"


class OnNetworkFolder(LedgerRefused):
    """The ledger would lie on a file system that can't lock reliably. Fields: path, file_system."""

    code = "ledger_on_network_folder"


class PragmaRefused(LedgerRefused):
    """SQLite does not take a setting that the promise rests on. Fields: pragma, wanted, found."""

    code = "ledger_pragma_refused"


def open_writer(url: str | URL) -> Engine:
    """
    Give the engine that writes, its file made (mode 0600) where there is none.

    On SQLite it has one connection, which intake.ledger.writer.Writer takes for as long as it runs. Each transaction
    begins with BEGIN IMMEDIATE.

    Args:
        url: "sqlite:////absolute/path.sqlite3" or "postgresql://user@host/name".

    Raises:
        LedgerRefused: one of its kinds.
        sqlalchemy.exc.SQLAlchemyError: the database can't be reached.
    """
    parsed = make_url(url)
    if _is_sqlite(parsed):
        path = _ledger_path(parsed)
        _create(path)
        engine = _sqlite_engine(path, "mode=rw", "BEGIN IMMEDIATE", _WRITER, size=1)
    else:
        engine = _postgres_engine(parsed, read_only=False)
    return _proved(engine)


def open_reader(url: str | URL) -> Engine:
    """
    Give the engine that only reads, for any thread: each transaction sees the ledger as it was when it began reading.

    Args:
        url: as for open_writer.

    Raises:
        LedgerMissing: nobody has made the ledger yet.
        LedgerRefused: another of its kinds.
        sqlalchemy.exc.SQLAlchemyError: the database can't be reached.
    """
    parsed = make_url(url)
    if _is_sqlite(parsed):
        path = _ledger_path(parsed)
        if not path.is_file():
            raise LedgerMissing(path=str(path))
        engine = _sqlite_engine(path, "mode=ro", "BEGIN", _READER, size=READERS)
    else:
        engine = _postgres_engine(parsed, read_only=True)
    return _proved(engine)


def ledger_path(engine: Engine) -> Path | None:
    """Give the file of a SQLite ledger, None for another database."""
    if engine.dialect.name != "sqlite":
        return None
    path: Path = engine.get_execution_options()["ledger_path"]
    return path


def checkpoint(connection: Connection) -> None:
    """
    Bring all of the write-ahead log into the file and empty it (SQLite; nothing elsewhere). Not within a transaction;
    only the writer may.

    Raises:
        sqlalchemy.exc.OperationalError: the disk does not take it.
    """
    if connection.dialect.name == "sqlite":
        statement = "PRAGMA wal_checkpoint(TRUNCATE)"
        try:
            connection.connection.cursor().execute(statement).fetchall()
        except sqlite3.Error as error:
            raise OperationalError(statement, None, error) from error


@contextlib.contextmanager
def foreign_keys_off(connection: Connection) -> Iterator[None]:
    """
    Let a migration replace tables: SQLite checks no foreign key within. Enter it outside a transaction, where alone the
    setting has an effect.

    Ask broken_references before the commit. PostgreSQL replaces no tables and needs nothing.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    _set_pragma(raw, "foreign_keys", "OFF", 0)
    try:
        yield
    finally:
        _set_pragma(raw, "foreign_keys", "ON", 1)


def broken_references(connection: Connection) -> list[str]:
    """Name the tables with rows that refer to nothing; PostgreSQL can have none."""
    if connection.dialect.name != "sqlite":
        return []
    return sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})


def copy_ledger(engine: Engine, target: Path) -> None:
    """
    Copy a SQLite ledger as one consistent file: mode 0600, on the disk when this returns.

    Args:
        engine: a writer with no transaction open, or a reader.
        target: a file that isn't there yet; what is half written carries another name.

    Raises:
        FileExistsError, OSError, sqlite3.Error: nothing stands under target then.
    """
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    _create(partial)
    try:
        with contextlib.closing(sqlite3.connect(partial)) as copy, engine.connect() as connection:
            source: Any = connection.connection.driver_connection
            source.backup(copy)
            # A copy that nobody writes needs no log beside it; whoever restores it opens it as a ledger again.
            copy.execute("PRAGMA journal_mode=DELETE")
        descriptor = os.open(partial, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if target.exists():
            raise FileExistsError(target)
        os.replace(partial, target)
        sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring new names in a folder to the disk. Windows has no such call and keeps them by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_system_of(path: Path, mounts: str) -> str:
    """
    Give the kind of file system that a path lies on.

    Args:
        path: absolute, links resolved.
        mounts: text of /proc/self/mounts; the last mount on the longest matching folder counts.
    """
    found, depth = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        folder = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        if len(folder.parts) >= depth and path.is_relative_to(folder):
            found, depth = fields[2], len(folder.parts)
    return found


def refuse_network_folder(path: Path) -> str | None:
    """
    Refuse a place that can't lock reliably.

    Returns:
        The kind of file system, or None where this machine does not tell (only Linux does); whoever asks should then
        say that it wasn't checked.

    Raises:
        OnNetworkFolder: the path lies on NFS, SMB, a shared folder of a virtual machine or the like.
    """
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        logger.info(
            "this system (%s) does not tell whether the ledger lies on a network folder: not checked", sys.platform
        )
        return None
    kind = file_system_of(path.resolve(), mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise OnNetworkFolder(path=str(path), file_system=kind)
    return kind


def _is_sqlite(url: URL) -> bool:
    kind = url.get_backend_name()
    if kind not in {"sqlite", "postgresql", "postgres"}:
        raise DatabaseUnsupported(database=kind)
    return kind == "sqlite"


def _ledger_path(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.query:
        raise DatabaseUnsupported(database="sqlite without a file, or with options")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SqliteTooOld(found=sqlite3.sqlite_version, oldest=".".join(map(str, OLDEST_SQLITE)))
    path = Path(url.database).absolute()
    refuse_network_folder(path)
    return path


def _create(path: Path) -> None:
    # SQLite gives its log and shared memory the mode of the file itself, so this one call keeps all of them private.
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return
    os.close(descriptor)
    sync_folder(path.parent)


def _sqlite_engine(
    path: Path, mode: str, begin: str, pragmas: tuple[tuple[str, str, int | str], ...], size: int
) -> Engine:
    def connect() -> sqlite3.Connection:
        uri = f"{path.as_uri()}?{mode}"
        raw = sqlite3.connect(
            uri, uri=True, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma, value, expected in pragmas:
                _set_pragma(raw, pragma, value, expected)
        except BaseException:
            raw.close()
            raise
        return raw

    # The URL only tells the dialect; connect() knows the file. Parameters stay out of error texts: they are names and
    # addresses.
    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,
        hide_parameters=True,
        execution_options={"ledger_path": path},
    )

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set_pragma(raw: sqlite3.Connection, pragma: str, value: str, expected: int | str) -> None:
    raw.execute(f"PRAGMA {pragma}={value}").fetchall()
    row = raw.execute(f"PRAGMA {pragma}").fetchone()
    found = row[0] if row else None
    if found != expected:
        raise PragmaRefused(pragma=pragma, wanted=expected, found=found)


def _postgres_engine(url: URL, *, read_only: bool) -> Engine:
    settings = {
        # A wait for a row's lock ends in a polite "try again", never in a hanging page.
        "lock_timeout": "3s",
        # A machine that freezes in the middle of a transaction keeps nobody else waiting for its locks.
        "idle_in_transaction_session_timeout": "10s",
    }
    if read_only:
        settings |= {"default_transaction_read_only": "on", "statement_timeout": "20s"}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "application_name": "etalase",
            # Seconds. A server that is gone without a word is noticed within these, not after the system's two hours.
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,  # milliseconds
        },
        # What a page reads is the ledger at one moment, as on SQLite. Writing takes locks and looks again under them.
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        # More connections only lengthen the waits (docs/decisions/0010-two-databases.md).
        pool_size=POSTGRES_READERS if read_only else 1,
        max_overflow=0 if read_only else 1,
        pool_timeout=10,
        pool_pre_ping=read_only,
        pool_use_lifo=True,
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", _leave_out_values)
    return engine


def _leave_out_values(context: ExceptionContext) -> None:
    # Below its first line the server quotes the row that it refuses: names and addresses.
    error = context.original_exception
    told = str(error).partition("\n")[0]
    error.args = (told,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(error).__name__}) {told}",)


def _proved(engine: Engine) -> Engine:
    # A setting that is refused must show now, not at the first order.
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                _check_durable(connection)
            return engine
    except BaseException:
        engine.dispose()
        raise


def _check_durable(connection: Connection) -> None:
    found = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
    if found in {"off", "local"}:
        raise PragmaRefused(pragma="synchronous_commit", wanted="on", found=found)


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Give what is wrong with the database where an error says so, None for an error of the statement or of ours."""
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The low byte is the kind, the rest its variety (https://sqlite.org/rescode.html).
        return _SQLITE_TROUBLES.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(cause, "sqlstate", None)
    if error.connection_invalidated or (state is None and isinstance(error, OperationalError | InterfaceError)):
        return Trouble.LOST
    return _POSTGRES_TROUBLES.get(state or "") or _POSTGRES_TROUBLES.get((state or "")[:2])


@contextlib.contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """
    Keep every other process on this database from doing the same at the same time (PostgreSQL; on SQLite the data
    folder's lock has seen to that). Ends with the connection, so also with a crash.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '120s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
        connection.commit()
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")
            connection.exec_driver_sql("SET lock_timeout = '3s'")
            connection.commit()
