"""
Backups of the ledger: when, where, which are kept. Each is a SQLite file that `restore` takes, whatever the shop's
database is.

Source: docs/operator.md, "Backup and restore".
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from intake.desk import LEAST_FREE_BYTES
from intake.ledger.copying import CopyBroken, Counted, copy_to_file, remove_ledger
from intake.ledger.engine import open_reader, sync_folder
from intake.ledger.folder import DataFolder, telling_folder_trouble
from intake.ledger.opening import telling_database_trouble
from intake.ledger.schema import enquiry_events, entries, events, orders
from intake.ledger.store import from_ms
from intake.settings import Settings
from preorder.errors import PreorderError

log = logging.getLogger(__name__)

# A backup is made this long after the last one, or when so many orders have come since; if anything has changed.
EVERY = timedelta(minutes=15)
EVERY_ORDERS = 500
# After a failure.
AGAIN = timedelta(minutes=1)
# All of the last day are kept, then the newest of each day for a month.
ALL_FOR = timedelta(hours=24)
DAILY_FOR = timedelta(days=30)
# The newest stay however old they are: a clock that was set wrong must not cost them.
LEAST_KEPT = 3
# How long another backup that is being made is waited for.
LOCK_S = 120.0

_NAME = re.compile(r"etalase-(\d{8}T\d{6}Z)\.sqlite3")
_STAMP = "%Y%m%dT%H%M%SZ"
KEY_NAME = "secret-key"


class BackupFailed(PreorderError):
    """
    No backup was made; those that there are stay. Fields: folder, reason ("disk_full", "busy", or the words of system or
    database).
    """

    code = "backup_failed"


class BackupDiskFull(BackupFailed):
    """There is too little room for another backup. Fields: folder, free, least (bytes)."""

    code = "backup_disk_full"


@dataclass(frozen=True)
class Backup:
    """One backup file, made at an instant (UTC, whole seconds)."""

    path: Path
    made_at: datetime


@dataclass(frozen=True)
class Made:
    """
    A backup that was just made.

    Attributes:
        size: bytes; took_s: seconds.
        key: the copy of the secret key beside it; None where the key is not in a file.
    """

    path: Path
    counted: Counted
    size: int
    took_s: float
    key: Path | None


def backup_folder(settings: Settings) -> Path:
    """Give the folder in which the shop keeps its backups."""
    return settings.data / "backups"


def list_backups(folder: Path) -> list[Backup]:
    """Give the backups in a folder, oldest first; other files are none."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            with contextlib.suppress(ValueError):  # digits that are no date
                found.append(Backup(path, datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)))
    return sorted(found, key=lambda backup: backup.made_at)


def superseded(backups: Sequence[Backup], now: datetime) -> list[Backup]:
    """Give the backups that need not be kept, of these, oldest first."""
    newest_of_day = {backup.made_at.date(): backup for backup in backups}
    return [
        backup
        for backup in backups[: max(0, len(backups) - LEAST_KEPT)]
        if now - backup.made_at > ALL_FOR
        and not (now - backup.made_at <= DAILY_FOR and newest_of_day[backup.made_at.date()] is backup)
    ]


def make_backup(reader: Engine, folder: Path, key_path: Path | None, now: datetime) -> Made:
    """
    Back up the ledger while the shop runs, copy the secret key beside it, and let go of what is superseded.

    1. One backup at a time; what a killed one left is removed.
    2. Enough room?
    3. Copy, check, bring to the disk, give it its name: see intake.ledger.copying.
    4. Copy the key. It goes with the ledger: links of buyers rest on it.
    5. Only now that there is a newer one: delete older ones.

    Args:
        reader: of the ledger.
        key_path: the file of the secret key; None where it is a setting.

    Raises:
        BackupFailed, BackupDiskFull, LedgerOutdated: nothing was made, and nothing deleted.
    """
    began = time.monotonic()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", mode=0o600, thread_local=False, fallback_to_soft=False)
        with lock.acquire(timeout=LOCK_S):
            for left in folder.glob(".etalase-*.making"):
                remove_ledger(left)
            free = shutil.disk_usage(folder).free
            if free < LEAST_FREE_BYTES:
                raise BackupDiskFull(folder=str(folder), free=free, least=LEAST_FREE_BYTES)
            path = _free_name(folder, now)
            counted = copy_to_file(reader, path)
            key = _keep_key(key_path, folder, now) if key_path is not None else None
            for old in superseded(list_backups(folder), now):
                old.path.unlink(missing_ok=True)
            return Made(path, counted, path.stat().st_size, time.monotonic() - began, key)
    except Timeout as error:
        raise BackupFailed(folder=str(folder), reason="busy") from error
    except CopyBroken as error:
        raise BackupFailed(folder=str(folder), reason=str(error.fields["said"])) from error
    except OSError as error:
        raise BackupFailed(folder=str(folder), reason=error.strerror or type(error).__name__) from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise BackupFailed(folder=str(folder), reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return "disk_full"
    return type(cause).__name__


def _free_name(folder: Path, now: datetime) -> Path:
    while (path := folder / f"etalase-{now.astimezone(UTC).strftime(_STAMP)}.sqlite3").exists():
        now += timedelta(seconds=1)
    return path


def _keep_key(key_path: Path, folder: Path, now: datetime) -> Path:
    kept, key = folder / KEY_NAME, key_path.read_bytes()
    if kept.exists():
        if kept.read_bytes() == key:
            return kept
        # Older backups belong to the older key.
        os.replace(kept, kept.with_name(f"{KEY_NAME}.before-{now.astimezone(UTC).strftime(_STAMP)}"))
    write_private(kept, key)
    return kept


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600, whole and on the disk before it has its name."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def back_up(settings: Settings, to: Path | None, now: datetime) -> Made:
    """
    Make a backup at once, whether a shop runs or not.

    Args:
        to: the folder; by default the shop's own.

    Raises:
        As make_backup; LedgerMissing, DatabaseAway, ...: see intake.ledger.
    """
    folder = to or backup_folder(settings)
    with telling_database_trouble(settings.database_url), telling_folder_trouble(settings.data):
        reader = open_reader(settings.database_url)
        try:
            key_path = None if settings.secret_key else DataFolder(settings.data).secret_key_path
            return make_backup(reader, folder, key_path if key_path and key_path.exists() else None, now)
        finally:
            reader.dispose()


def last_change(settings: Settings) -> datetime | None:
    """Give when anything last happened to an order or enquiry; None where nothing has, or the ledger can't be read now."""
    with contextlib.suppress(SQLAlchemyError, PreorderError):
        reader = open_reader(settings.database_url)
        try:
            with reader.begin() as connection:
                last = [
                    connection.execute(select(table.c.at_ms).order_by(table.c.event_id.desc()).limit(1)).scalar()
                    for table in (events, enquiry_events)
                ]
        finally:
            reader.dispose()
        newest = max((at_ms for at_ms in last if at_ms is not None), default=None)
        return from_ms(newest) if newest is not None else None
    return None


@dataclass(frozen=True)
class Mark:
    """How far a ledger has come: the last number of each table that every change of an order or enquiry adds to."""

    order: int
    event: int
    entry: int
    enquiry: int = 0


def mark_of(connection: Connection) -> Mark:
    """Give how far the ledger has come; four look-ups by key."""
    keys = [orders.c.order_id, events.c.event_id, entries.c.entry_id]
    # A backup that an older release has made knows no enquiries.
    if inspect(connection).has_table(enquiry_events.name):
        keys.append(enquiry_events.c.event_id)
    return Mark(*(connection.execute(select(func.max(key))).scalar() or 0 for key in keys))


class Backups:
    """
    Makes backups by itself while the shop runs. For one thread, which asks it every few seconds.

    Nothing is made while nothing changes.
    """

    def __init__(
        self, reader: Engine, folder: Path, secret_key_path: Path | None, clock: Callable[[], datetime]
    ) -> None:
        """
        Args:
        folder: of the backups; see backup_folder().
        secret_key_path: None where the key is a setting.
        clock: gives the time.
        """
        self._reader = reader
        self._folder = folder
        self._secret_key_path = secret_key_path
        self._clock = clock
        self._known: tuple[datetime, Mark] | None = None
        self._tried_at: datetime | None = None
        self._told = ""

    def run_if_due(self, now: datetime | None = None) -> Path | None:
        """
        Make a backup if one is due; give its path then.

        A failure is logged once, not every time, and tried again a minute later: the shop goes on.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the ledger can't be read now.
        """
        now = now or self._clock()
        if self._tried_at is not None and timedelta(0) <= now - self._tried_at < AGAIN:
            return None
        with self._reader.begin() as connection:
            mark = mark_of(connection)
        if not self._is_due(mark, now) or (self._another_made_one() and not self._is_due(mark, now)):
            return None
        try:
            made = make_backup(self._reader, self._folder, self._secret_key_path, now)
        except PreorderError as error:
            self._tried_at = now
            if str(error) != self._told:
                log.error("no backup was made, it is tried again: %s", error)
                self._told = str(error)
            return None
        self._tried_at, self._told = None, ""
        # What came in while the copy was made may be in it or not; counted as not.
        self._known = (now, mark)
        log.info("backup %s: %s orders, %s bytes, %.1f s", made.path.name, made.counted.orders, made.size, made.took_s)
        return made.path

    def _is_due(self, mark: Mark, now: datetime) -> bool:
        if self._known is None:
            self._known = self._last_made()
        if self._known is None:
            return mark != Mark(0, 0, 0, 0)
        made_at, then = self._known
        if mark == then:
            return False
        # A backup from the future tells of a clock that was set back.
        waited = not timedelta(0) <= now - made_at < EVERY
        return waited or mark.order - then.order >= EVERY_ORDERS

    def _another_made_one(self) -> bool:
        """Look whether another process, or the command, has made a newer one meanwhile; then that one counts."""
        kept = list_backups(self._folder)
        if self._known is None or not kept or kept[-1].made_at <= self._known[0]:
            return False
        self._known = self._last_made()
        return True

    def _last_made(self) -> tuple[datetime, Mark] | None:
        """Give when the newest backup of an earlier run was made, and how far the ledger had come."""
        for backup in reversed(list_backups(self._folder)):
            try:
                reader = open_reader(f"sqlite:///{backup.path}")
                try:
                    with reader.begin() as connection:
                        return backup.made_at, mark_of(connection)
                finally:
                    reader.dispose()
            except (SQLAlchemyError, PreorderError) as error:
                log.warning("the backup %s can't be read: %s", backup.path.name, type(error).__name__)
        return None
