"""A running shop: ledger, desk and the threads that work beside the web server. Opened once, closed in order."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from intake.clock import expire_unpaid
from intake.delivery import Delivery, Wording
from intake.language import translations
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.migrate import ensure_current
from intake.ledger.writer import LedgerError, Writer
from intake.placing import Desk, publish_quotas
from intake.published import CatalogueSource, CatalogueUnavailable, open_source
from intake.settings import CHECKOUT, Settings
from intake.sheet import SheetError
from intake.sheet.opening import open_sheet
from preorder.schedule import Phase

log = logging.getLogger(__name__)

SHEET_EVERY_S = 2.0
# After a failure: a file that is open in an office program usually stays so for a while.
SHEET_AGAIN_S = 5.0
CLOCK_EVERY_S = 5.0
BUILD_TIMEOUT_S = 300
BUILD_AGAIN_S = 60.0
# sysexits.h EX_IOERR: tells a supervisor that the disk, not the program, was at fault.
EXIT_LEDGER_FAILED = 74


def now_utc() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


class Shop:
    """
    Everything that runs beside the pages.

    Attributes:
        desk: what the pages talk to.
        catalogue: what is published.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._settings = settings
        self._clock = clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._phases: dict[str, tuple[Phase, int]] | None = None
        self._build_again_at = 0.0
        self._published: tuple[object, ...] | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """
        Take the data folder, bring the ledger up to date, start the threads.

        Raises:
            FolderInUse: another shop runs on this data folder.
            LedgerRefused, LedgerTooNew, ...: see intake.ledger.
        """
        settings = self._settings
        self.folder = DataFolder(settings.data)
        self.folder.acquire()
        try:
            self._engine = open_writer(settings.database_url)
            ensure_current(self._engine)
            self._reader = open_reader(settings.database_url)
            self.secret_key = (settings.secret_key or self.folder.secret_key()).encode()
            self.catalogue: CatalogueSource = open_source(settings.catalogue, self.folder.path / "catalogue.json")
            self.writer = Writer(self._engine, on_fatal=_end_process)
            self.writer.start()
        except BaseException:
            self.folder.release()
            raise
        self.desk = Desk(self.writer, self._reader, self.secret_key, self.folder.path, self.catalogue, self._clock)
        for name, work in (("sheet", self._run_sheet), ("clock", self._run_clock)):
            thread = threading.Thread(target=work, name=f"{name}-worker", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """
        End the threads, store what waits, give the folder back. At most about fifteen seconds; what could not be
        written waits in the outbox.
        """
        self._stop.set()
        deadline = time.monotonic() + 8.0
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        self._reader.dispose()
        self.writer.close(timeout_s=4.0)
        self._engine.dispose()
        self.folder.release()

    def _wording(self) -> Wording:
        shop = self.catalogue.current().shop
        return Wording(shop.language, shop.zone, translations(self._settings.templates, shop.language))

    def _run_sheet(self) -> None:
        delivery: Delivery | None = None
        pause = 0.0
        told = ""
        while not self._stop.wait(pause):
            try:
                if delivery is None:
                    # The catalogue says in which language; so the sheet can't be opened before something is published.
                    sheet = open_sheet(self._settings, self.catalogue.current())
                    sheet.ensure()
                    delivery = Delivery(sheet, self.writer, self._reader, self._wording, self._clock)
                done = delivery.sync()
            except (SheetError, CatalogueUnavailable) as error:
                if self._stop.is_set():
                    # Who ends the shop may end its children as well; the rows wait for the next start.
                    return
                pause = SHEET_AGAIN_S
                if str(error) != told:
                    # Once for each trouble, not every five seconds.
                    log.warning("the sheet can't be written, orders wait in the ledger: %s", error)
                    told = str(error)
                self._note_failure(delivery, error.code)
            except LedgerError as error:
                log.warning("the ledger is busy, the sheet waits: %s", error)
                pause = SHEET_AGAIN_S
            except Exception:
                # The shop goes on taking orders; the rows wait, and the trace says where to look.
                log.exception("the sheet worker failed, it tries again")
                pause = SHEET_AGAIN_S
            else:
                if told:
                    log.info("the sheet can be written again")
                    told = ""
                if done.written or done.edited:
                    log.info(
                        "sheet: %s rows written, %s edits carried out, %s waiting",
                        done.written,
                        done.edited,
                        done.waiting,
                    )
                pause = SHEET_EVERY_S

    def _note_failure(self, delivery: Delivery | None, code: str) -> None:
        if delivery is None:
            return
        try:
            delivery.note_failure(code)
        except LedgerError as error:
            log.warning("the ledger is busy: %s", error)

    def _run_clock(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            pause = CLOCK_EVERY_S
            try:
                self._publish()
                expire_unpaid(self.writer, self._reader, self._clock())
                self._rebuild()
            except CatalogueUnavailable as error:
                log.warning("nothing is published yet: %s", error)
            except LedgerError as error:
                log.warning("the ledger is busy, the clock waits: %s", error)
            except Exception:
                log.exception("the clock failed, it tries again")

    def _publish(self) -> None:
        catalogue, now = self.catalogue.current(), self._clock()
        rounds = tuple(campaign.schedule.shown_window(now).round for campaign in catalogue.campaigns)
        if (catalogue.revision, rounds) != self._published:
            self.writer.submit(lambda tx: publish_quotas(tx, catalogue, now))
            self._published = (catalogue.revision, rounds)

    def _rebuild(self) -> None:
        """Build the site anew when a campaign has opened or closed, so that its static pages say so."""
        now = self._clock()
        catalogue = self.catalogue.current()
        phases = {
            campaign.id: (campaign.schedule.phase(now), campaign.schedule.shown_window(now).round)
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


def workbook_path(settings: Settings) -> Path:
    """Give the workbook's path, absolute, as the seller is told it."""
    return Path(settings.sheet).absolute()
