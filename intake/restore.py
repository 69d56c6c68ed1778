"""
Bringing a backup back: the present ledger is kept aside, the restored one stays closed until it has been compared with
the sheet.

A crash at any step leaves the old ledger, or the restored one paused; doing it again finishes.

Source: docs/operator.md, "Backup and restore".
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, insert, select, text
from sqlalchemy.exc import OperationalError

from intake.backup import KEY_NAME, Made, backup_folder, make_backup, write_private
from intake.ledger import store
from intake.ledger.copying import CopyBroken, Counted, load_file, prepare_file, put_in_place, remove_ledger
from intake.ledger.engine import Trouble, open_reader, open_writer, trouble_of
from intake.ledger.folder import DataFolder, LedgerLock, SecretKeyBroken, telling_folder_trouble
from intake.ledger.invariants import Violation, find_violations
from intake.ledger.leases import holders, process_name
from intake.ledger.migrate import ensure_current
from intake.ledger.opening import LedgerDiskFull, sqlite_file, telling_database_trouble
from intake.ledger.outbox import is_earlier, sheet_editions
from intake.ledger.schema import leases, meta, orders
from intake.ledger.secret_key import FINGERPRINT_KEY, SecretKeyChanged, accept_secret_key, check_secret_key, fingerprint
from intake.ledger.store import PAUSED_KEY, from_ms
from intake.ledger.writer import Transaction
from intake.published import CatalogueUnavailable, open_source
from intake.reconcile import Deficit, Reconciled, find_deficits, reconcile, recount
from intake.sentences import erased_words
from intake.settings import Settings
from intake.sheet import SheetError
from intake.sheet.opening import recall_sheet, sheet_name
from preorder.errors import PreorderError

log = logging.getLogger(__name__)

RESTORED = "restored"
# Any number that nobody else on the database uses.
_RESTORE_LOCK = int.from_bytes(b"restore")
# Work that nobody may do meanwhile, and for how long our leases last; they are renewed before they are needed.
_LEASES = ("clock", "sheet")
_LEASE_MS = 240_000
_OWNER = "restore "
# How long connections of a process that has just ended may still be listed.
_GONE_S = 3.0


class BackupMissing(PreorderError):
    """There is no such file. Fields: path."""

    code = "backup_missing"


class DatabaseInUse(PreorderError):
    """A shop, or another restore, works on this database. Fields: by (machine and process, as far as known)."""

    code = "database_in_use"


class SheetOutdated(SheetError):
    """The workbook was last written before the backup was made. Fields: path."""

    code = "sheet_outdated"


class NotPaused(PreorderError):
    """The ledger is open: there is nothing to be reconciled."""

    code = "not_paused"


@dataclass
class Restored:
    """
    What a restore did.

    Attributes:
        loaded: what the backup holds; None where an earlier restore goes on.
        aside: where the ledger is that was there before; None where there was none.
        reconciled: None where the sheet was not read.
        trouble: why it could not be read.
        violations: what the ledger holds and must not.
        orders, newest_at: of the ledger now, for who opens it without the sheet.
        is_open: whether orders are taken again.
    """

    loaded: Counted | None = None
    aside: Path | None = None
    reconciled: Reconciled | None = None
    trouble: PreorderError | None = None
    violations: list[Violation] = field(default_factory=list)
    deficits: list[Deficit] = field(default_factory=list)
    orders: int = 0
    newest_at: datetime | None = None
    is_open: bool = False


def restore(
    settings: Settings,
    file: Path | None,
    clock: Callable[[], datetime],
    *,
    without_sheet: bool = False,
    new_secret_key: bool = False,
) -> Restored:
    """
    Bring a backup back, compare it with the sheet, and open.

    1. Nobody else works on the ledger, and nobody begins to.
    2. Copy, check and bring up to date the backup, beside the ledger; close that copy ("paused").
    3. Put it in the ledger's place, in one step; the ledger that was there is kept.
    4. Compare with the sheet and open, in one transaction (intake.reconcile). Where that can't be done, or an order
       might be missing, it stays closed.

    Args:
        file: the backup; None: go on with step 4 of an earlier restore.
        without_sheet: open although the sheet was not read, or not all in it could be settled.
        new_secret_key: the present key is the ledger's from now on, though it had another.

    Raises:
        FolderInUse, LedgerInUse, DatabaseInUse: a shop runs.
        BackupMissing, LedgerNotSqlite, CopyBroken, LedgerTooNew, NotALedger: the backup can't be used.
        SecretKeyChanged: it was made with another key.
        NotPaused: nothing is to be gone on with.
        BackupFailed: PostgreSQL: what is there could not be kept first.
    """
    done = Restored()
    with (
        _alone(settings) as folder,
        telling_folder_trouble(settings.data),
        telling_database_trouble(settings.database_url),
    ):
        ledger = sqlite_file(settings.database_url)
        if ledger is not None:
            if file is not None:
                # By whichever links it is named: the file itself is replaced, not a link to it.
                ledger = Path(os.path.realpath(ledger))
                _restore_sqlite(settings, folder, file, ledger, done, clock(), new_secret_key=new_secret_key)
            engine = open_writer(settings.database_url)
            try:
                ensure_current(engine)
                _settle(settings, folder, engine, done, clock, without_sheet=without_sheet)
            finally:
                engine.dispose()
        else:
            with _alone_on_postgres(settings) as engine:
                if file is not None:
                    _restore_postgres(settings, folder, file, engine, done, clock(), new_secret_key=new_secret_key)
                _settle(settings, folder, engine, done, clock, without_sheet=without_sheet)
    return done


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[DataFolder]:
    """Give the data folder; on SQLite with the locks that keep every other process from folder and ledger."""
    with contextlib.ExitStack() as held:
        with telling_folder_trouble(settings.data):
            folder = DataFolder(settings.data)
            if (ledger := sqlite_file(settings.database_url)) is not None:
                held.enter_context(folder)
                held.enter_context(LedgerLock(ledger))
        yield folder


@contextlib.contextmanager
def _alone_on_postgres(settings: Settings) -> Iterator[Engine]:
    """
    Give the writing engine, with its tables, of a database on which no shop runs. A shop that is started meanwhile
    takes no orders, for the ledger is paused, and its workers wait for our leases.
    """
    with contextlib.ExitStack() as opened:
        # Its lock ends with its connection, so also with a crash.
        guard = open_writer(settings.database_url)
        opened.callback(guard.dispose)
        held = opened.enter_context(guard.connect())
        if not held.exec_driver_sql(f"SELECT pg_try_advisory_lock({_RESTORE_LOCK})").scalar_one():
            raise DatabaseInUse(by="restore")
        held.commit()
        _refuse_others(held)
        engine = open_writer(settings.database_url)
        opened.callback(engine.dispose)
        ensure_current(engine)
        _refuse_holders(held)
        yield engine
        with engine.begin() as connection:
            connection.execute(delete(leases).where(leases.c.owner.like(f"{_OWNER}%")))


def _refuse_others(connection: Connection) -> None:
    others = text(
        "SELECT coalesce(host(client_addr), 'local') || ', ' || pid FROM pg_stat_activity WHERE application_name = 'etalase'"
        " AND datname = current_database() AND pid <> pg_backend_pid() ORDER BY backend_start LIMIT 1"
    )
    give_up = time.monotonic() + _GONE_S
    while (found := connection.execute(others).scalar()) is not None:
        connection.rollback()
        if time.monotonic() > give_up:
            raise DatabaseInUse(by=str(found))
        time.sleep(0.1)
    connection.rollback()


def _refuse_holders(connection: Connection) -> None:
    for holder in holders(connection):
        # With the lock that we have, an earlier restore has ended.
        if holder.left_s > 0 and not holder.owner.startswith(_OWNER):
            raise DatabaseInUse(by=holder.owner)
    connection.rollback()


def _take_leases(connection: Connection) -> None:
    connection.execute(delete(leases))
    now_ms = connection.exec_driver_sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").scalar_one()
    owner = _OWNER + process_name()
    connection.execute(
        insert(leases), [{"name": name, "owner": owner, "until_ms": now_ms + _LEASE_MS} for name in _LEASES]
    )


def _restore_sqlite(
    settings: Settings,
    folder: DataFolder,
    file: Path,
    ledger: Path,
    done: Restored,
    now: datetime,
    *,
    new_secret_key: bool,
) -> None:
    work = ledger.with_name(f".{ledger.name}.restoring")
    try:
        done.loaded = _prepare(settings, folder, file, work, now, new_secret_key=new_secret_key)
        aside = _free_name(ledger.with_name(f"{ledger.name}.before-restore.{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"))
        if put_in_place(work, ledger, aside):
            done.aside = aside
    finally:
        remove_ledger(work)
    log.warning("the ledger was restored from %s and is paused", file)


def _restore_postgres(
    settings: Settings,
    folder: DataFolder,
    file: Path,
    engine: Engine,
    done: Restored,
    now: datetime,
    *,
    new_secret_key: bool,
) -> None:
    work = folder.path / ".restoring.sqlite3"
    try:
        done.loaded = _prepare(settings, folder, file, work, now, new_secret_key=new_secret_key)
        kept = _keep_present(settings, now)
        done.aside = kept.path if kept else None
        with engine.begin() as connection:
            try:
                load_file(work, connection)
            except OperationalError as error:
                if trouble_of(error) is Trouble.LOCKED:
                    raise DatabaseInUse(by="-") from error
                raise
            _take_leases(connection)
    finally:
        remove_ledger(work)
    log.warning("the ledger was restored from %s and is paused", file)


def _keep_present(settings: Settings, now: datetime) -> Made | None:
    """Back up what is there, under a name that is never rotated away."""
    reader = open_reader(settings.database_url)
    try:
        with reader.begin() as connection:
            if connection.execute(select(orders.c.order_id).limit(1)).first() is None:
                return None
        made = make_backup(reader, backup_folder(settings), None, now)
    finally:
        reader.dispose()
    kept = _free_name(made.path.with_name(f"before-restore-{made.path.name}"))
    os.replace(made.path, kept)
    return Made(kept, made.counted, made.size, made.took_s, None)


def _prepare(
    settings: Settings, folder: DataFolder, file: Path, work: Path, now: datetime, *, new_secret_key: bool
) -> Counted:
    """Make the copy that will be the ledger: checked, up to date, with the right key, and closed."""
    if not file.is_file():
        raise BackupMissing(path=str(file))
    try:
        counted = prepare_file(file, work)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise LedgerDiskFull(path=str(work.parent)) from error
        raise CopyBroken(path=str(file), said=str(error)) from error
    writer = open_writer(f"sqlite:///{work}")
    try:
        with writer.begin() as connection:
            connection.execute(delete(meta).where(meta.c.key == PAUSED_KEY))
            connection.execute(insert(meta).values(key=PAUSED_KEY, value=RESTORED))
            connection.execute(delete(leases))
            known = connection.execute(select(meta.c.value).where(meta.c.key == FINGERPRINT_KEY)).scalar()
        if not new_secret_key and known is not None:
            _bring_key(settings, folder, file.parent / KEY_NAME, known, now)
        key = _secret_key(settings, folder)
        if new_secret_key:
            accept_secret_key(writer, key)
        else:
            check_secret_key(writer, key)
    finally:
        writer.dispose()
    return counted


def _secret_key(settings: Settings, folder: DataFolder) -> bytes:
    return (settings.secret_key or folder.secret_key()).encode()


def _bring_key(settings: Settings, folder: DataFolder, beside: Path, known: str, now: datetime) -> None:
    """Have the key that the backup was made with: the shop's own, or the one that lies beside the backup."""
    if settings.secret_key:
        return
    path = folder.secret_key_path
    if path.exists():
        with contextlib.suppress(SecretKeyBroken):
            if hmac.compare_digest(fingerprint(folder.secret_key().encode()), known):
                return
    found = beside.read_bytes() if beside.is_file() else b""
    if not hmac.compare_digest(fingerprint(found.strip()), known):
        # Before one is made that nobody needs.
        raise SecretKeyChanged
    if path.exists():
        os.replace(path, _free_name(path.with_name(f"{path.name}.before-restore.{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")))
    write_private(path, found)


def _free_name(path: Path) -> Path:
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def _settle(
    settings: Settings,
    folder: DataFolder,
    engine: Engine,
    done: Restored,
    clock: Callable[[], datetime],
    *,
    without_sheet: bool,
) -> None:
    """Compare with the sheet and open; where that can't be done now, leave the ledger closed and say why."""
    with engine.connect() as connection:
        if store.is_paused(connection) is None:
            raise NotPaused
    key = _secret_key(settings, folder)
    check_secret_key(engine, key)
    try:
        catalogue = open_source(settings.catalogue, folder.path / "catalogue.json").current()
        recalled = recall_sheet(settings, catalogue.shop.language)
        with engine.connect() as connection:
            if is_earlier(recalled.edition, sheet_editions(connection).landed):
                # What stands in it is past: taken for the present it would take payments back.
                raise SheetOutdated(path=sheet_name(settings))
    except (SheetError, CatalogueUnavailable) as error:
        done.trouble = error
    with engine.begin() as connection:
        tx = Transaction(connection)
        if tx.is_postgres:
            _take_leases(connection)
        if done.trouble is None:
            done.reconciled = reconcile(
                tx, recalled, catalogue, key, clock(), erased_words=erased_words(settings.templates)
            )
        else:
            recount(tx)
        done.deficits = find_deficits(tx)
        done.violations = find_violations(connection)
        done.orders = connection.execute(select(func.count()).select_from(orders)).scalar_one()
        newest = connection.execute(select(func.max(orders.c.placed_at_ms))).scalar()
        done.newest_at = from_ms(newest) if newest else None
        settled = done.reconciled is not None and done.reconciled.is_whole and not done.violations
        if settled or without_sheet:
            connection.execute(delete(meta).where(meta.c.key == PAUSED_KEY))
            done.is_open = True
    if done.is_open:
        log.warning("the restored ledger is open%s", "" if settled else ", and was not settled with the sheet")
