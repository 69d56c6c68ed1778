"""What `doctor` looks at: everything that the shop needs, each with what to do where it is wrong."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from intake.ledger import outbox
from intake.ledger.engine import open_reader
from intake.ledger.folder import DataFolder, FolderInUse
from intake.ledger.migrate import HEAD, check_revision
from intake.placing import LEAST_FREE_BYTES
from intake.published import CatalogueUnavailable, open_source
from intake.settings import Settings
from intake.sheet import SheetError, SheetMissing
from intake.sheet.opening import open_sheet
from preorder.catalogue import Catalogue
from preorder.errors import PreorderError
from preorder.wording import show_instant

Gettext = Callable[[str], str]

# A row that has waited this long is no longer just on its way.
LATE = timedelta(minutes=10)


class Grade(Enum):
    """How a finding is to be read."""

    GOOD = "good"
    NOTICE = "notice"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; advice says what to do, empty where nothing is."""

    grade: Grade
    text: str
    advice: str = ""


def examine(settings: Settings, _: Gettext, now: datetime) -> list[Finding]:
    """Look at everything; each part for itself, so that one trouble does not hide another."""
    findings = [*_machine(settings, _)]
    catalogue = _published(settings, _, now, findings)
    running = _shop_runs(settings, _, findings)
    findings += _ledger(settings, _, now)
    if catalogue is not None:
        findings += _sheet(settings, catalogue, _)
    if not running:
        findings += _port(settings, _)
    return findings


def _machine(settings: Settings, _: Gettext) -> Iterator[Finding]:
    yield Finding(
        Grade.GOOD,
        _("Python %(python)s, SQLite %(sqlite)s")
        % {"python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version},
    )
    data = settings.data
    if not data.is_dir():
        yield Finding(
            Grade.NOTICE, _("The data folder %s is not there yet.") % data, _("It is made when the shop starts.")
        )
        return
    free = shutil.disk_usage(data).free
    megabytes = free // 1_000_000
    if free < LEAST_FREE_BYTES:
        yield Finding(Grade.BAD, _("Only %s MB are free on the disk: orders are refused.") % megabytes, _("Make room."))
    else:
        yield Finding(Grade.GOOD, _("Disk: %s MB free") % megabytes)
    if not DataFolder(data).is_private:
        mode = stat.filemode(data.stat().st_mode)
        yield Finding(
            Grade.BAD,
            _("Others on this machine can look into the data folder %(path)s (%(mode)s).")
            % {"path": data, "mode": mode},
            _("Run: chmod 700 %s") % data,
        )


def _published(settings: Settings, _: Gettext, now: datetime, findings: list[Finding]) -> Catalogue | None:
    try:
        catalogue = open_source(settings.catalogue, settings.data / "catalogue.json").current()
    except CatalogueUnavailable:
        findings.append(
            Finding(
                Grade.BAD, _("Nothing is published: %s can't be read.") % settings.catalogue, _("Run: python build.py")
            )
        )
        return None
    shop = catalogue.shop
    built = show_instant(catalogue.built_at, shop.zone, shop.language)
    findings.append(
        Finding(
            Grade.GOOD,
            _("Published: %(shop)s, %(count)s campaigns, built %(built)s")
            % {"shop": shop.name, "count": len(catalogue.campaigns), "built": built},
        )
    )
    if catalogue.built_at > now + timedelta(minutes=5):
        findings.append(
            Finding(
                Grade.BAD,
                _("The site was built in the future: this machine's clock is wrong, or was."),
                _("Set the clock; opening and closing times depend on it."),
            )
        )
    return catalogue


def _shop_runs(settings: Settings, _: Gettext, findings: list[Finding]) -> bool:
    if not settings.data.is_dir():
        return False
    try:
        with DataFolder(settings.data):
            pass
    except FolderInUse:
        findings.append(Finding(Grade.GOOD, _("The shop is running.")))
        return True
    findings.append(Finding(Grade.NOTICE, _("The shop is not running."), _("Start it with: make run")))
    return False


def _ledger(settings: Settings, _: Gettext, now: datetime) -> Iterator[Finding]:
    try:
        reader = open_reader(settings.database_url)
    except PreorderError as error:
        grade = Grade.NOTICE if error.code == "ledger_missing" else Grade.BAD
        yield Finding(grade, sentence(error, _))
        return
    try:
        revision = check_revision(reader)
        if revision != HEAD:
            yield Finding(
                Grade.NOTICE,
                _("The ledger is of an older version (%s).") % (revision or "-"),
                _("It is brought up to date when the shop starts, or by: flask --app intake migrate"),
            )
            return
        with reader.begin() as connection:
            waiting = outbox.waiting_rows(connection)
    except PreorderError as error:
        yield Finding(Grade.BAD, sentence(error, _))
        return
    finally:
        reader.dispose()
    yield Finding(Grade.GOOD, _("Ledger: version %s") % revision)
    if waiting.since is None:
        yield Finding(Grade.GOOD, _("Every order stands in the sheet."))
        return
    late = now - waiting.since > LATE
    minutes = int((now - waiting.since).total_seconds() // 60)
    yield Finding(
        Grade.BAD if late else Grade.NOTICE,
        _(
            "%(rows)s orders wait to be written to the sheet, the oldest for %(minutes)s minutes. Last trouble: %(error)s."
        )
        % {"rows": waiting.rows, "minutes": minutes, "error": waiting.error or "-"},
        _("They are safe in the ledger. Is the shop running, and the workbook closed?") if late else "",
    )


def _sheet(settings: Settings, catalogue: Catalogue, _: Gettext) -> Iterator[Finding]:
    path = Path(settings.sheet).absolute()
    try:
        view = open_sheet(settings, catalogue).read()
    except SheetMissing:
        yield Finding(
            Grade.NOTICE, _("The workbook %s is not there yet.") % path, _("It is made when the shop starts.")
        )
        return
    except SheetError as error:
        yield Finding(Grade.BAD, _("The workbook %s can't be used.") % path, sentence(error, _))
        return
    yield Finding(Grade.GOOD, _("Workbook: %(path)s, %(rows)s orders") % {"path": path, "rows": len(view.rows)})
    if view.duplicates:
        yield Finding(
            Grade.BAD,
            _("These orders stand twice in the workbook: %s") % ", ".join(view.duplicates),
            _("Delete the copy of each row; until then neither is updated."),
        )


def _port(settings: Settings, _: Gettext) -> Iterator[Finding]:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        yield Finding(
            Grade.BAD,
            _("Can't listen on %(host)s:%(port)s: %(reason)s.")
            % {"host": settings.host, "port": settings.port, "reason": error.strerror},
            _("Another program uses it. Choose another, for example: PORT=8001 make run"),
        )
    else:
        yield Finding(Grade.GOOD, _("%(host)s:%(port)s is free") % {"host": settings.host, "port": settings.port})


def sentence(error: PreorderError, _: Gettext) -> str:
    """Give what an operator reads for an error: what is wrong and what to do."""
    sentences = {
        "bad_setting": _("%(name)s=%(value)s can't be used. Write it like this: %(wanted)s"),
        "folder_in_use": _(
            "A shop is already running on the data folder %(path)s. End it first, or choose another with ETALASE_DATA."
        ),
        "secret_key_broken": _(
            "%(path)s does not hold a key. Bring it back from a backup; if there is none, delete it: a new one is made."
        ),
        "ledger_missing": _("There is no ledger yet (%(path)s). It is made when the shop starts."),
        "ledger_too_new": _(
            "The ledger was changed by a newer version (%(found)s; this one knows %(known)s). Install that version again."
        ),
        "not_a_ledger": _("The database holds other tables than ours (%(tables)s). Check DATABASE_URL."),
        "ledger_on_network_folder": _(
            "%(path)s lies on a network folder (%(file_system)s), where files can't be locked safely. Choose a local ETALASE_DATA."
        ),
        "database_unsupported": _(
            "DATABASE_URL names a database that isn't supported: %(database)s. Use SQLite or PostgreSQL."
        ),
        "catalogue_unavailable": _("Nothing is published: %(where)s can't be read (%(reason)s). Run: python build.py"),
        "sheet_busy": _("It is open in another program. Save and close it there; it is written then."),
        "sheet_unreadable": _(
            "It is damaged, protected by a password or no workbook. Open and repair it, or move it away: a new one is made."
        ),
        "sheet_tab_missing": _(
            'The tab "%(tab)s" is gone. Bring it back, or move the file away: a new one is made with the orders that are still alive.'
        ),
        "sheet_tab_twice": _('Several tabs look like "%(tab)s": %(titles)s. Give one of them that name.'),
        "sheet_header_missing": _(
            'In the tab "%(tab)s" these headers are missing: %(columns)s. Write them into the header row again.'
        ),
        "sheet_header_twice": _(
            'In the tab "%(tab)s" these headers stand twice: %(columns)s. Rename or delete the ones that are too many.'
        ),
        "sheet_would_lose": _(
            "It holds things that would be lost in writing: %(parts)s (%(places)s). Move them into another file."
        ),
        "sheet_too_large": _("It has become too large. Move it away under another name: a new one is made."),
        "sheet_failed": _(
            "The file could not be read or written: %(reason)s. Look at free space and at the rights of the folder."
        ),
        "sheet_missing": _("There is no such file: %(path)s"),
    }
    template = sentences.get(error.code)
    if template is None:
        return str(error)
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in error.fields.items()
    }
    return template % shown
