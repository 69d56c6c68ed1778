"""What may stand in the way when a ledger is opened, as errors that say what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from intake.ledger.engine import LedgerRefused, Trouble, trouble_of
from intake.settings import SettingsError

# PostgreSQL's "insufficient privilege"; since its release 15 nobody but the owner may make tables in "public".
_NO_RIGHT = "42501"
_SQLITE_TOLD = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY,
})  # fmt: skip


class DatabaseAway(LedgerRefused):
    """
    The database server can't be reached, or lets nobody in now: worth another try. Fields: database (its address,
    without password), reason (the server's words).
    """

    code = "database_away"


class LedgerNotSqlite(LedgerRefused):
    """The file is something else. Fields: path."""

    code = "ledger_not_sqlite"


class LedgerDiskFull(LedgerRefused):
    """There is no room for the ledger. Fields: path (or address)."""

    code = "ledger_disk_full"


class LedgerUnusable(LedgerRefused):
    """The ledger can't be opened, read or written. Fields: path (or address), reason (the database's words)."""

    code = "ledger_unusable"


def sqlite_file(url: str) -> Path | None:
    """
    Give the file of a SQLite ledger, whether it is there or not; None for another database.

    Raises:
        SettingsError: that is no address of a database.
    """
    parsed = _parsed(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def lacks_ledger(url: str) -> bool:
    """Say whether there certainly is no SQLite ledger yet. A server's database counts as one, and so does a file that we may not look at."""
    ledger = sqlite_file(url)
    if ledger is None:
        return False
    try:
        ledger.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


@contextlib.contextmanager
def telling_database_trouble(url: str) -> Iterator[None]:
    """
    Have the known troubles of opening a database in this block told as the errors above; what is not known passes as
    it is, for it may be our own fault.
    """
    parsed = _parsed(url)
    shown = parsed.database or "" if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()
    try:
        yield
    except DBAPIError as error:
        told = _told(error, shown, str(parsed.password or ""))
        if told is None:
            raise
        # Without the original: its text may hold what a traceback should not show.
        raise told from None


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # As it stands it may hold a password.
        raise SettingsError(name="DATABASE_URL", value="...", wanted="postgresql://user:password@host/name") from None


def _told(error: DBAPIError, shown: str, password: str) -> LedgerRefused | None:
    cause, trouble = error.orig, trouble_of(error)
    reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    if password:
        reason = reason.replace(password, "***")
    if trouble is Trouble.LOST:
        return DatabaseAway(database=shown, reason=reason)
    if trouble is Trouble.FULL:
        return LedgerDiskFull(path=shown)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            return LedgerNotSqlite(path=shown)
        return LedgerUnusable(path=shown, reason=reason) if code in _SQLITE_TOLD else None
    if trouble is not None or getattr(cause, "sqlstate", None) == _NO_RIGHT:
        return LedgerUnusable(path=shown, reason=reason)
    return None
