"""A running shop: ledger, desk and the threads that work beside the web server. Opened once, closed in order."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from sqlalchemy.exc import SQLAlchemyError

from intake import processors
from intake.backup import Backups, backup_folder
from intake.clock import erase_old, expire_unpaid, free_amounts
from intake.delivery import Delivery
from intake.desk import Desk
from intake.erasing import erase
from intake.hatch import Hatch
from intake.language import translations
from intake.leased_sheet import LeasedSheet
from intake.ledger import store
from intake.ledger.engine import open_reader, open_writer, trouble_of
from intake.ledger.folder import DataFolder, LedgerLock, telling_folder_trouble
from intake.ledger.leases import CLOCKS_APART_S, Lease, LeasedWriter, LeaseLost, clock_ahead_s, process_name
from intake.ledger.migrate import Migrated, ensure_current
from intake.ledger.notes import LedgerNotes
from intake.ledger.opening import lacks_ledger, sqlite_file, telling_database_trouble
from intake.ledger.secret_key import accept_secret_key, check_secret_key
from intake.ledger.writer import LedgerError, Writer
from intake.offline import OfflineOrders
from intake.order_rows import Wording
from intake.placing import publish_quotas, status_token
from intake.published import CatalogueSource, CatalogueUnavailable, open_source
from intake.settings import CHECKOUT, Settings
from intake.sheet import SheetError
from intake.sheet.hands import HandSheet
from intake.sheet.opening import open_sheet
from intake.tabs import Tabs
from preorder.errors import PreorderError
from preorder.schedule import Phase
from preorder.status import Actor
from preorder.timeline import turns_of

log = logging.getLogger(__name__)

SHEET_EVERY_S = 2.0
# Times as long as a writing round took it rests afterwards.
SHEET_REST = 4.0
# After a failure: a file that is open in an office program usually stays so for a while.
AGAIN_S = 5.0
CLOCK_EVERY_S = 5.0
# How often it is looked for orders that are kept no longer; it matters to the day.
ERASE_EVERY_S = 3_600.0
SITE_EVERY_S = 5.0
# While the sheet's worker waits for long (a spreadsheet that is not shared any more), how often it looks whether the
# operator has asked it not to; and the file in the data folder by which she does.
ASKED_LOOK_S = 1.0
ASKED_FILE = "sheet-again"
# How often it is asked whether a backup is due.
BACKUP_LOOK_S = 10.0
BUILD_TIMEOUT_S = 300
BUILD_AGAIN_S = 60.0
# How long a lease lasts without its holder, and how often others try to get it: together the longest time for which
# nobody works after a crash, but for one in the middle of a write (below).
LEASE_S = 20.0
LEASE_TRY_S = 3.0
# A round that takes longer than this hangs, and its lease is left to end.
ROUND_S = 600.0
# sysexits.h EX_IOERR: tells a supervisor that the disk, not the program, was at fault.
EXIT_LEDGER_FAILED = 74

# Does a piece of work, and gives the seconds until the next.
Round = Callable[[], float]
# Hears of a worker's trouble when it begins, by the worker's name, and of None when it is over.
Told = Callable[[str, "Exception | None"], None]
# Makes the round of a fresh start or a fresh tenure, in which nothing is known yet. The lease is None where nobody else
# could be at work.
Begin = Callable[["Writer | LeasedWriter", Lease | None], Round]


def now_utc() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


class NeedsPostgres(PreorderError):
    """A command that makes sense only where several processes may stand on the ledger. Fields: command."""

    code = "needs_postgres"


class Shop:
    """
    Everything that runs beside the pages.

    On SQLite one process has data folder and ledger for itself. On PostgreSQL any number of them may run; sheet and
    clock then are worked by whoever has the lease of that name.

    Attributes:
        desk: what the pages talk to.
        catalogue: what is published.
        secret_key: of this shop.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = now_utc,
        with_workers: bool = True,
        told: Told = lambda _name, _error: None,
    ) -> None:
        """
        Args:
            told: hears of the workers' troubles, in their threads; it must not raise.
        """
        self._settings = settings
        self._clock = clock
        self._with_workers = with_workers
        self._told = told
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._opened = contextlib.ExitStack()
        self._hatch = contextlib.ExitStack()
        self._phases: dict[str, tuple[Phase, int, int]] | None = None
        self._build_again_at = 0.0
        self._pause_told = False
        self._sheet_again_s = AGAIN_S

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """
        Take the data folder (SQLite), bring the ledger up to date, start the threads.

        Raises:
            FolderInUse, LedgerInUse: another shop runs on this data folder, or on this ledger.
            FolderUnusable, SecretKeyBroken, SecretKeyChanged: see intake.ledger.folder and secret_key.
            DatabaseAway: the database can't be reached now; try again.
            LedgerRefused, LedgerTooNew, ...: see intake.ledger.
        """
        with contextlib.ExitStack() as opened:
            self._open(opened)
            self._opened = opened.pop_all()
        self.desk = Desk(self.writer, self._reader, self.secret_key, self.folder.path, self.catalogue, self._clock)
        if not self._settings.shares_ledger:
            # Elsewhere commands that write open the ledger themselves.
            self._hatch.enter_context(Hatch(self.folder.path, self._asked))
        if not self._with_workers:
            return
        for name, begin, leased in (
            ("sheet", self._begin_sheet, True),
            ("clock", self._begin_clock, True),
            # Each machine has its own site folder; where several share one, build.py sees to it.
            ("site", self._begin_site, False),
            # Each machine that works has its own backups.
            ("backup", self._begin_backup, False),
        ):
            thread = threading.Thread(target=self._work, args=(name, begin, leased), name=f"{name}-worker", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _open(self, opened: contextlib.ExitStack) -> None:
        settings = self._settings
        self.folder = opened.enter_context(_ledger_for_us(settings))
        # Entered before the engine, so that what it takes away is closed by then.
        opened.push(_new_ledger_taken_back(settings))
        with telling_folder_trouble(settings.data), telling_database_trouble(settings.database_url):
            self._engine = open_writer(settings.database_url)
            opened.callback(self._engine.dispose)
            ensure_current(self._engine)
            self.secret_key = _secret_key(settings, self.folder)
            check_secret_key(self._engine, self.secret_key)
            self._reader = open_reader(settings.database_url)
            opened.callback(self._reader.dispose)
            with self._reader.begin() as connection:
                ahead_s = clock_ahead_s(connection)
            if abs(ahead_s) > CLOCKS_APART_S:
                log.warning("this machine's clock is %.0f s ahead of the database's: windows depend on it", ahead_s)
            self.catalogue: CatalogueSource = open_source(settings.catalogue, self.folder.path / "catalogue.json")
            self.writer = Writer(self._engine, on_fatal=_end_process)
            self.writer.start()

    def close(self) -> None:
        """
        End the threads, give leases back, store what waits, give the folder back. At most about fifteen seconds; what
        could not be written waits in the outbox.
        """
        self._stop.set()
        self._hatch.close()
        deadline = time.monotonic() + 8.0
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        self._reader.dispose()
        self.writer.close(timeout_s=4.0)
        self._opened.close()

    def _work(self, name: str, begin: Begin, leased: bool) -> None:
        """Do rounds until the shop ends; on a ledger that others share, while the lease of this name is ours."""
        # And so may the processes that it starts.
        processors.use_all()
        lease = Lease(self.writer, name, process_name(), LEASE_S) if leased and self._settings.shares_ledger else None
        ledger = self.writer if lease is None else LeasedWriter(self.writer, lease)
        troubles = _Troubles(name, self._told)
        work: Round | None = None
        pause = 0.0
        while not self._rested(name, pause):
            pause = AGAIN_S
            try:
                if leased and self._is_paused():
                    # The sheet knows what the ledger has forgotten: nothing may be written, and nobody expire, before
                    # both are compared.
                    work = None
                    continue
                if lease is None:
                    work = work or begin(ledger, None)
                    pause = work()
                else:
                    tenure = lease.tenure
                    if not lease.take():
                        work, pause = None, LEASE_TRY_S
                        continue
                    if lease.tenure != tenure:
                        log.info("%s: this process does it now", name)
                        work = None
                    with lease.kept(ROUND_S):
                        work = work or begin(ledger, lease)
                        pause = work()
            except LeaseLost:
                log.info("%s: another process does it now", name)
                work, pause = None, LEASE_TRY_S
            except Exception as error:  # noqa: BLE001 - told, and tried again: the shop goes on taking orders
                if self._stop.is_set():
                    # Who ends the shop may end its children as well; what waits is done after the next start.
                    break
                troubles.tell(error)
                if isinstance(error, SheetError):
                    pause = self._sheet_again_s if error.wait_s is None else error.wait_s
            else:
                troubles.end()
        if lease is not None and lease.is_held:
            lease.release()

    def _rested(self, name: str, pause: float) -> bool:
        """Wait; say whether the shop ends. The sheet's work goes on at once when the operator asks for it."""
        if name != "sheet" or pause <= ASKED_LOOK_S:
            return self._stop.wait(pause)
        asked = self.folder.path / ASKED_FILE
        deadline = time.monotonic() + pause
        while (left := deadline - time.monotonic()) > 0:
            if self._stop.wait(min(left, ASKED_LOOK_S)):
                return True
            with contextlib.suppress(FileNotFoundError):
                asked.unlink()
                log.info("the sheet is tried again, as asked")
                break
        return self._stop.is_set()

    def _is_paused(self) -> bool:
        with self._reader.begin() as connection:
            paused = store.is_paused(connection) is not None
        if paused and not self._pause_told:
            log.warning("the restored ledger is not compared with the sheet yet: no orders are taken, no work is done")
        self._pause_told = paused
        return paused

    def _wording(self) -> Wording:
        shop = self.catalogue.current().shop
        return Wording(shop.language, shop.zone, translations(self._settings.templates, shop.language, shop.salutation))

    def _begin_sheet(self, ledger: Writer | LeasedWriter, lease: Lease | None) -> Round:
        delivery: Delivery | None = None
        tabs: Tabs | None = None

        def work() -> float:
            nonlocal delivery, tabs
            try:
                if delivery is None or tabs is None:
                    # The catalogue says in which language; so the sheet can't be opened before something is published.
                    notes = LedgerNotes(self._reader, ledger, self._settings.google_sheet)
                    sheet = open_sheet(self._settings, self.catalogue.current(), notes)
                    sheet.ensure()
                    self._sheet_again_s = sheet.again_s
                    held = sheet if lease is None else LeasedSheet(sheet, lease)
                    delivery = self._deliver_to(held, ledger)
                    tabs = Tabs(held, ledger, self._reader, self.catalogue.current, self._wording, self._clock)
                began = time.monotonic()
                done = delivery.sync()
                # Google's further tabs are looked at when it is their turn: each look is a call.
                shown = tabs.sync(looked=done.looked and not self._settings.google_sheet)
            except (SheetError, CatalogueUnavailable) as error:
                if delivery is not None and not self._stop.is_set():
                    delivery.note_failure(error.code)
                raise
            if done.written or done.edited:
                log.info(
                    "sheet: %s rows written, %s edits carried out, %s waiting", done.written, done.edited, done.waiting
                )
            if not (done.written or shown) or self._settings.google_sheet:
                # Google's sheet keeps its pace itself, and waiting for it costs the machine nothing.
                return SHEET_EVERY_S
            # A write goes through the whole workbook, however few rows are new: in a rush buyers keep most of the
            # machine.
            return max(SHEET_EVERY_S, SHEET_REST * (time.monotonic() - began))

        return work

    def _deliver_to(self, sheet: HandSheet, ledger: Writer | LeasedWriter) -> Delivery:
        offline = OfflineOrders(
            sheet,
            ledger,
            self._reader,
            self.catalogue,
            self._wording,
            self._clock,
            phone_hmac=self.desk.phone_hmac,
            status_token=partial(status_token, self.secret_key),
        )
        return Delivery(sheet, ledger, self._reader, self._wording, self._clock, offline)

    def _asked(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what a command asks the running shop for; see intake.hatch."""
        if request["do"] != "erase":
            raise KeyError(request["do"])
        now = self._clock()
        done = [
            self.writer.submit(partial(erase, ref=str(ref), now=now, actor=Actor.OPERATOR)) for ref in request["refs"]
        ]
        return {"erased": [each.ref for each in done if each is not None and each.obstacle is None]}

    def _begin_clock(self, ledger: Writer | LeasedWriter, _lease: Lease | None) -> Round:
        published: tuple[object, ...] | None = None
        erase_at = float("-inf")

        def work() -> float:
            nonlocal published, erase_at
            catalogue, now = self.catalogue.current(), self._clock()
            rounds = tuple(campaign.schedule.shown_window(now).round for campaign in catalogue.campaigns)
            if (catalogue.revision, rounds) != published:
                ledger.submit(lambda tx: publish_quotas(tx, catalogue, now))
                published = (catalogue.revision, rounds)
            expire_unpaid(ledger, self._reader, self._clock())
            free_amounts(ledger, self._reader, self._clock())
            if time.monotonic() >= erase_at:
                erase_old(ledger, self._reader, catalogue.shop, self._clock())
                erase_at = time.monotonic() + ERASE_EVERY_S
            return CLOCK_EVERY_S

        return work

    def _begin_site(self, _ledger: Writer | LeasedWriter, _lease: Lease | None) -> Round:
        def work() -> float:
            self._rebuild()
            return SITE_EVERY_S

        return work

    def _begin_backup(self, _ledger: Writer | LeasedWriter, _lease: Lease | None) -> Round:
        key_path = None if self._settings.secret_key else self.folder.secret_key_path
        backups = Backups(self._reader, backup_folder(self._settings), key_path, self._clock)

        def work() -> float:
            backups.run_if_due()
            return BACKUP_LOOK_S

        return work

    def _rebuild(self) -> None:
        """Build the site anew when something has changed by itself, such as a campaign that opens."""
        now = self._clock()
        catalogue = self.catalogue.current()
        # With how much of the round is past, for also an early price that ends, or a deadline, changes what pages say.
        phases = {
            campaign.id: (
                campaign.phase(now),
                campaign.schedule.shown_window(now).round,
                sum(turn <= now for turn in turns_of(campaign, now)),
            )
            for campaign in catalogue.campaigns
        }
        before = self._phases
        # With other campaigns than before the seller has just built it herself.
        if before is None or before.keys() != phases.keys() or not self._settings.content.is_dir():
            self._phases = phases
        elif before != phases and time.monotonic() >= self._build_again_at:
            if build_site(self._settings):
                self._phases = phases
            else:
                # What stands in the way may be mended any moment; the page should say the truth soon after.
                self._build_again_at = time.monotonic() + BUILD_AGAIN_S


class _Troubles:
    """Tells a trouble of a thread once, not every few seconds, and when it is over."""

    def __init__(self, name: str, tell_on: Told = lambda _name, _error: None) -> None:
        self._name = name
        self._tell_on = tell_on
        self._told = ""

    def tell(self, error: Exception) -> None:
        """Log it, unless it is the one that was told last."""
        known = isinstance(error, LedgerError) or (isinstance(error, SQLAlchemyError) and trouble_of(error) is not None)
        fields = getattr(error, "fields", None)
        told = {name: value for name, value in fields.items() if name != "wait_s"} if fields is not None else error
        # How long is waited differs each time.
        trouble = "ledger" if known else f"{type(error).__name__}: {told}"
        if trouble == self._told:
            return
        self._told = trouble
        if known:
            log.warning("%s: the ledger can't be used now, it is tried again: %s", self._name, type(error).__name__)
        elif isinstance(error, SheetError):
            log.warning("the sheet can't be written, orders wait in the ledger: %s %s", error.code, told)
        elif isinstance(error, CatalogueUnavailable):
            log.warning("%s: nothing is published yet: %s", self._name, error)
        else:
            # The trace says where to look.
            log.error("%s failed, it is tried again", self._name, exc_info=error)
        self._tell_on(self._name, error)

    def end(self) -> None:
        """Say that it is over, if one was told."""
        if self._told:
            log.info("%s: it works again", self._name)
            self._told = ""
            self._tell_on(self._name, None)


@contextlib.contextmanager
def _ledger_for_us(settings: Settings) -> Iterator[DataFolder]:
    """
    Give the data folder; on SQLite with the locks that keep every other process from folder and ledger.

    Raises:
        FolderInUse, LedgerInUse, FolderUnusable.
    """
    with contextlib.ExitStack() as held:
        with telling_folder_trouble(settings.data):
            folder = DataFolder(settings.data)
            if (ledger := sqlite_file(settings.database_url)) is not None:
                held.enter_context(folder)
                held.enter_context(LedgerLock(ledger))
        yield folder


def _new_ledger_taken_back(
    settings: Settings,
) -> Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], None]:
    """
    Give what, at the end of a start that failed, removes the SQLite ledger that this start has made: nothing is in it
    yet, and it would pass for the shop's. Only under the locks of _ledger_for_us.
    """
    ledger = sqlite_file(settings.database_url)
    made = lacks_ledger(settings.database_url)

    def leave(kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if kind is not None and made and ledger is not None:
            for name in (ledger.name, f"{ledger.name}-wal", f"{ledger.name}-shm", f"{ledger.name}-journal"):
                with contextlib.suppress(OSError):
                    ledger.with_name(name).unlink()

    return leave


def _secret_key(settings: Settings, folder: DataFolder) -> bytes:
    return (settings.secret_key or folder.secret_key()).encode()


def migrate_ledger(settings: Settings, *, new_secret_key: bool = False) -> Migrated:
    """
    Bring the ledger up to date without a shop.

    Args:
        new_secret_key: the present secret key is the ledger's from now on, though it had another before.

    Raises:
        As Shop.open.
    """
    with (
        _ledger_for_us(settings) as folder,
        telling_folder_trouble(settings.data),
        telling_database_trouble(settings.database_url),
    ):
        engine = open_writer(settings.database_url)
        try:
            done = ensure_current(engine)
            if new_secret_key:
                accept_secret_key(engine, _secret_key(settings, folder))
        finally:
            engine.dispose()
    return done


def build_site(settings: Settings) -> bool:
    """
    Run build.py for this shop as a process of its own.

    Returns:
        Whether it succeeded; its report goes to the log.
    """
    command = [
        sys.executable,
        str(CHECKOUT / "build.py"),
        "--content",
        str(settings.content),
        "--output",
        str(settings.site),
    ]
    for flag, value in (("--site-url", settings.site_url), ("--intake-url", settings.intake_url)):
        if value:
            command += [flag, value]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False)  # noqa: S603  our own program
    if done.returncode:
        log.error("the site could not be built, the old one stays:\n%s", done.stdout + done.stderr)
    else:
        log.info("the site was built anew")
    return done.returncode == 0


def _end_process(error: BaseException) -> None:
    # The answers "not confirmed" are on their way; then nothing of this process may touch the ledger any more.
    time.sleep(1.0)
    log.critical("the ledger failed, the process ends: %s", type(error).__name__)
    os._exit(EXIT_LEDGER_FAILED)


def ask_sheet_again(settings: Settings) -> None:
    """Have the shop that runs on this data folder try the sheet at once, though it meant to wait."""
    (settings.data / ASKED_FILE).touch()
