"""What `doctor` looks at: everything that the shop needs, each with what to do where it is wrong."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sqlite3
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from intake.backup import backup_folder, last_change, list_backups
from intake.comparing import reading
from intake.desk import LEAST_FREE_BYTES
from intake.enquiry_check import unknown_waiting
from intake.erasing import overdue
from intake.ledger import enquiries, outbox, store
from intake.ledger.engine import LedgerMissing, open_reader
from intake.ledger.folder import DataFolder, FolderInUse
from intake.ledger.invariants import Violation, count_orders, find_violations
from intake.ledger.leases import CLOCKS_APART_S, Holder, clock_ahead_s, holders
from intake.ledger.migrate import HEAD, check_revision
from intake.ledger.opening import telling_database_trouble
from intake.published import CatalogueUnavailable, lacks_pages, open_source
from intake.settings import Settings
from intake.sheet import SHEET_ERRORS, SheetBusy, SheetError, SheetFolderMissing, SheetMissing
from intake.sheet.opening import open_sheet, recall_enquiries, sheet_name
from intake.sheet.tabs import ENQUIRY_TABS, FURTHER
from intake.system_words import own_words
from intake.tabs import TWICE, tab_notes
from preorder.catalogue import Catalogue
from preorder.enquiries import EnquiryKind
from preorder.errors import PreorderError
from preorder.retention import erased_before
from preorder.wording import show_instant, show_rupiah

Gettext = Callable[[str], str]

# A row that has waited this long is no longer just on its way.
LATE = timedelta(minutes=10)
# A change that is this old and in no backup: none is being made.
BACKUP_LATE = timedelta(hours=1)
# A running shop erases every hour; refs that are named where it hasn't.
ERASURE_LATE = timedelta(days=2)
MOST_KEPT = 20
# Refs named in one line; more are counted.
MOST_NAMED = 20


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
    findings += _backups(settings, _, now)
    if catalogue is not None:
        findings += _kept_too_long(settings, catalogue, _, now)
        findings += _sheet(settings, catalogue, _)
        findings += _enquiries(settings, catalogue, _)
    if not running:
        findings += _port(settings, _)
    return findings


def examine_ledger(settings: Settings, _: Gettext) -> list[Finding]:
    """Look through the whole ledger for what must never be there; reads only, and a shop may go on meanwhile."""
    try:
        with telling_database_trouble(settings.database_url), contextlib.ExitStack() as opened:
            reader = open_reader(settings.database_url)
            opened.callback(reader.dispose)
            if check_revision(reader) != HEAD:
                # The other checks have said so.
                return []
            with reader.begin() as connection:
                count, violations = count_orders(connection), find_violations(connection)
    except LedgerMissing:
        return []
    except PreorderError as error:
        return [Finding(Grade.BAD, sentence(error, _))]
    if not violations:
        return [Finding(Grade.GOOD, _("%s orders checked: everything in the ledger agrees.") % count)]
    return [_violation_finding(violation, _) for violation in violations]


def _violation_finding(violation: Violation, _: Gettext) -> Finding:
    recount = _("Restart the shop: what is sold in the open and coming rounds is counted anew then.")
    compare = _("Compare the order with the account and the workbook, and type what is right into its row there.")
    keep = _(
        "Copy the ledger before anything else. Then bring back the newest backup in which this check finds nothing, or report this line: it names nobody."
    )
    texts = {
        "pool_miscounted": (_("%(where)s: %(sold)s units count as sold, its orders hold %(held)s."), recount),
        "hold_unlike_lines": (_("Order %(where)s holds %(units)s units of %(pool)s and has ordered %(ordered)s."), keep),
        "lines_missing": (_("Order %(where)s has no lines."), keep),
        "goods_unlike_lines": (_("Order %(where)s costs %(goods_rp)s, and its lines %(lines_rp)s."), keep),
        "outbox_missing": (_("Order %(where)s would never be written to the sheet."), keep),
        "change_untold": (_("Order %(where)s has changed, and its row in the sheet would stay as it was."), keep),
        "delivery_forgotten": (_("Order %(where)s counts as written to the sheet, and never was."), keep),
        "token_wrong": (_("Order %(where)s has no status link, or one although its buyer was erased."), keep),
        "erased_remains": (_("Order %(where)s was erased, and something of its buyer is still there."), keep),
        "consent_stands": (_("Order %(where)s was erased, and still says that its buyer may be told of pre-orders."), keep),
        "snapshot_missing": (_("What the buyer of order %(where)s accepted is gone."), keep),
        "snapshot_changed": (_("What buyers accepted was changed afterwards: %(where)s"), keep),
        "history_unbegun": (_("The history of order %(where)s does not begin with its placing."), keep),
        "history_broken": (_("The history of order %(where)s has a gap before event %(event)s."), keep),
        "status_unlike_history": (_("Order %(where)s is %(status)s, and its history ends with %(history)s."), keep),
        "undo_wrong": (_("Event %(event)s of order %(where)s undoes another thing than it says."), keep),
        "undo_incomplete": (_("Event %(event)s of order %(where)s has not taken back entry %(entry)s."), compare),
        "reversal_wrong": (_("Entry %(entry)s of order %(where)s takes back another amount than it says."), compare),
        "reversal_without_undo": (_("Entry %(entry)s of order %(where)s takes back money, and nothing was undone."), compare),
        "received_negative": (_("Order %(where)s has received less than nothing: %(received_rp)s."), compare),
        "refund_too_large": (_("For order %(where)s more was given back than came in."), compare),
        "status_unpaid": (_("Order %(where)s is %(status)s with %(received_rp)s of %(needed_rp)s received."), compare),
        "due_missing": (_("Order %(where)s waits for a payment without amount or deadline."), keep),
        "due_wrong": (
            _("Order %(where)s asks for %(asked_rp)s, and should ask for %(right_rp)s."),
            keep,
        ),
        "discount_wrong": (
            _("The unique code of order %(where)s is %(code)s, but its discount is %(discount_rp)s."),
            keep,
        ),
        "code_twice": (_("%(orders)s orders are to pay the same amount, %(amount_rp)s; one is %(where)s."), keep),
        "enquiry_history_broken": (_("The history of enquiry %(where)s has a gap before event %(event)s."), keep),
        "enquiry_unlike_history": (
            _("Enquiry %(where)s is %(status)s, and its history ends with %(history)s."), keep,
        ),
        "enquiry_miscounted": (_("Enquiry %(where)s counts %(units)s units and asks for %(asked)s."), keep),
        "ref_wrong": (_("%(where)s can't be the ref of an order: its check character is wrong."), keep),
        "file_damaged": (_("The ledger's file is damaged: %(said)s"), keep),
        "reference_broken": (_("A row of %(where)s belongs to nothing in %(parent)s."), keep),
    }  # fmt: skip
    text, advice = texts[violation.kind]
    shown: dict[str, object] = {"where": violation.where}
    for name, value in violation.fields.items():
        shown[name] = "-" if value is None else value
        if name.endswith("_rp") and isinstance(value, int):
            shown[name] = show_rupiah(value)
    return Finding(Grade.BAD, text % shown, advice)


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
    if lacks_pages(settings):
        findings.append(Finding(Grade.NOTICE, *pages_trouble(settings, _)))
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
    if settings.shares_ledger:
        # On whichever machine: the ledger tells who works, and the port may be another process's of ours.
        return True
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
        with telling_database_trouble(settings.database_url):
            reader = open_reader(settings.database_url)
    except PreorderError as error:
        grade = Grade.NOTICE if error.code == "ledger_missing" else Grade.BAD
        yield Finding(grade, sentence(error, _))
        return
    try:
        with telling_database_trouble(settings.database_url):
            revision = check_revision(reader)
        if revision != HEAD:
            yield Finding(
                Grade.NOTICE,
                _("The ledger is of an older version (%s).") % (revision or "-"),
                _("It is brought up to date when the shop starts, or by: flask --app intake migrate"),
            )
            return
        with telling_database_trouble(settings.database_url), reader.begin() as connection:
            waiting, working = outbox.waiting_rows(connection), holders(connection)
            ahead_s = clock_ahead_s(connection)
            paused = store.is_paused(connection) is not None
            tabs = tab_notes(connection)
            asking = Counter[EnquiryKind]()
            for (_campaign, _round, kind), number in enquiries.waiting_counts(connection).items():
                asking[kind] += number
    except PreorderError as error:
        yield Finding(Grade.BAD, sentence(error, _))
        return
    finally:
        reader.dispose()
    yield Finding(Grade.GOOD, _("Ledger: version %s") % revision)
    if paused:
        yield Finding(
            Grade.BAD,
            _("The shop takes no orders: a backup was brought back and is not yet compared with the workbook."),
            _("End the shop, then run: flask --app intake restore --reconcile"),
        )
    if settings.shares_ledger:
        yield from _workers(working, _)
    if abs(ahead_s) > CLOCKS_APART_S:
        yield Finding(
            Grade.BAD,
            _("This machine's clock is %s seconds off the database's.") % round(abs(ahead_s)),
            _("Set the clock; opening and closing times depend on it."),
        )
    yield Finding(
        Grade.GOOD,
        _("%(waiting)s wait on the waitlist, %(interested)s for an opening, %(quotations)s for an offer.")
        % {
            "waiting": asking[EnquiryKind.WAITLIST],
            "interested": asking[EnquiryKind.INTEREST],
            "quotations": asking[EnquiryKind.QUOTATION],
        },
    )
    yield from _further_tabs(settings, tabs, _)
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
        _("They are safe in the ledger. Is the shop running? The line about the sheet says what else it may be.")
        if late
        else "",
    )


def _kept_too_long(settings: Settings, catalogue: Catalogue, _: Gettext, now: datetime) -> Iterator[Finding]:
    """Tell of orders whose buyers' data should have gone by what the privacy notice says."""
    shop = catalogue.shop
    if shop.keep_months is None:
        return
    before = erased_before(now - ERASURE_LATE, shop.keep_months, shop.zone)
    try:
        with reading(settings) as connection:
            kept = [ref for _id, ref in overdue(connection, before, 0, MOST_KEPT)]
    except PreorderError:
        # The checks of the ledger have said so.
        return
    if kept:
        yield Finding(
            Grade.NOTICE,
            _("These orders ended more than %(months)s months ago, and their buyers' data is still there: %(refs)s")
            % {"months": shop.keep_months, "refs": ", ".join(kept)},
            _(
                "Is the shop running? If it is, money or a complaint is still open: settle it, or see flask --app intake erase"
            ),
        )


def _further_tabs(settings: Settings, tabs: Mapping[str, Mapping[str, Any]], _: Gettext) -> Iterator[Finding]:
    """Tell which of the tabs beside the orders can't be kept."""
    for tab in FURTHER:
        note = tabs.get(tab.code, {})
        trouble, fields = note.get("trouble", ""), note.get("fields", {})
        if not trouble:
            continue
        if trouble == TWICE:
            advice = _("These rows stand twice: %s. Delete the copy of each; until then neither is updated.")
            advice %= ", ".join(fields["refs"])
        else:
            error = SHEET_ERRORS[trouble](**fields)
            advice = sentence(error, _)
            if settings.google_sheet:
                # Imported only here, with all that talks to Google.
                from intake.sheet_report import trouble as told

                advice = told(error, _)
        text = _("The tab %s of the sheet is not kept up to date; orders are not concerned.")
        yield Finding(Grade.NOTICE, text % " / ".join(tab.titles.values()), advice)


def _workers(working: Sequence[Holder], _: Gettext) -> Iterator[Finding]:
    """Say which process does what only one may do (PostgreSQL)."""
    who = {holder.name: holder.owner for holder in working if holder.left_s > 0}
    for name, kept, left in (
        ("sheet", _("The sheet is kept by %s."), _("Nobody keeps the sheet now.")),
        ("clock", _("Deadlines are watched by %s."), _("Nobody watches the deadlines now.")),
    ):
        if name in who:
            yield Finding(Grade.GOOD, kept % who[name])
        else:
            yield Finding(Grade.NOTICE, left, _("Start a worker: flask --app intake run-shop, or work"))


def _backups(settings: Settings, _: Gettext, now: datetime) -> Iterator[Finding]:
    kept = list_backups(backup_folder(settings))
    if not kept:
        yield Finding(Grade.NOTICE, _("There is no backup yet."), _("Make one: flask --app intake backup"))
        return
    newest = kept[-1].made_at
    shown = {"made": f"{newest:%Y-%m-%d %H:%M} UTC", "count": len(kept)}
    text = _("Last backup: %(made)s; %(count)s are kept.") % shown
    # Without anything new none is made, so its age alone says nothing.
    if (
        (changed := last_change(settings)) is not None
        and changed - newest > BACKUP_LATE
        and now - changed > BACKUP_LATE
    ):
        yield Finding(
            Grade.BAD,
            text,
            _("The ledger has changed since. Is the shop running, and is there room on the disk? Its log says why."),
        )
    else:
        yield Finding(Grade.GOOD, text)


def sheet_trouble(error: SheetError, settings: Settings, _: Gettext) -> tuple[str, str]:
    """Give what is wrong with the sheet, and what to do."""
    name = sheet_name(settings)
    if settings.google_sheet:
        # Imported only here, with all that talks to Google.
        from intake.sheet_report import trouble

        return _("The spreadsheet %s can't be used.") % name, trouble(error, _)
    if isinstance(error, SheetBusy):
        return _("The workbook %s can't be written now.") % name, sentence(error, _)
    return _("The workbook %s can't be used.") % name, sentence(error, _)


def pages_trouble(settings: Settings, _: Gettext) -> tuple[str, str]:
    """Give what it means that the site folder has no pages, and what to do."""
    return (
        _("There are no pages in %s: whoever opens the shop's address finds nothing.") % settings.site,
        _(
            "Unless another server shows them: run python build.py, or mend ETALASE_SITE. Links straight to an order form work."
        ),
    )


def _sheet(settings: Settings, catalogue: Catalogue, _: Gettext) -> Iterator[Finding]:
    name = sheet_name(settings)
    found = _("Workbook: %(path)s, %(rows)s orders")
    if settings.google_sheet:
        found = _("Spreadsheet: %(path)s, %(rows)s orders")
    try:
        view = open_sheet(settings, catalogue).read()
    except (SheetMissing, SheetFolderMissing) as error:
        # The data folder itself is made at the start; another one never is.
        if isinstance(error, SheetFolderMissing) and Path(error.fields["path"]) != Path(
            os.path.realpath(settings.data)
        ):
            yield Finding(Grade.BAD, *sheet_trouble(error, settings, _))
            return
        yield Finding(
            Grade.NOTICE, _("The workbook %s is not there yet.") % name, _("It is made when the shop starts.")
        )
        return
    except SheetError as error:
        yield Finding(Grade.BAD, *sheet_trouble(error, settings, _))
        return
    yield Finding(Grade.GOOD, found % {"path": name, "rows": len(view.rows)})
    if view.duplicates:
        yield Finding(
            Grade.BAD,
            _("These orders stand twice in the sheet: %s") % ", ".join(view.duplicates),
            _("Delete the copy of each row; until then neither is updated."),
        )


def _enquiries(settings: Settings, catalogue: Catalogue, _: Gettext) -> Iterator[Finding]:
    """Tell of requests that stand in the sheet's tabs and nowhere else, as after a restore."""
    try:
        # The sheet first: whatever stands in it by then was in the ledger before.
        recalled = recall_enquiries(settings, catalogue.shop.language)
        with reading(settings) as connection:
            unknown = unknown_waiting(connection, recalled)
    except PreorderError:
        # The checks of sheet and ledger have said so.
        return
    for tab in ENQUIRY_TABS:
        if refs := unknown.get(tab.code):
            yield Finding(
                Grade.NOTICE,
                _("In the tab %(tab)s stand requests that the ledger doesn't know: %(refs)s")
                % {"tab": " / ".join(tab.titles.values()), "refs": listed(refs)},
                _(
                    "Most likely an older backup was brought back. The shop doesn't keep them any more: write to these people from the sheet, and delete each row when it is done."
                ),
            )
    for title in recalled.unread.values():
        yield Finding(
            Grade.NOTICE,
            _("The tab %s can't be read: its headers are damaged, or several tabs look like it.") % title,
            _("Write the headers into its header row again."),
        )


def listed(refs: Sequence[str]) -> str:
    """Name refs in a line; beyond a score they are counted."""
    return ", ".join(refs[:MOST_NAMED]) + (f", ... ({len(refs)})" if len(refs) > MOST_NAMED else "")


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
            % {
                "host": settings.host,
                "port": settings.port,
                "reason": own_words(error.strerror or type(error).__name__, _),
            },
            _("Another program uses it. Choose another, for example: PORT=8001 make run"),
        )
    else:
        yield Finding(Grade.GOOD, _("%(host)s:%(port)s is free") % {"host": settings.host, "port": settings.port})


def sentence(error: PreorderError, _: Gettext) -> str:
    """Give what an operator reads for an error: what is wrong and what to do."""
    sentences = {
        "cant_listen": _(
            "Can't listen on %(host)s:%(port)s: %(reason)s. Either another program uses it, for example a shop that still runs, or HOST is no address of this machine. Try: PORT=8001"
        ),
        "bad_setting": _("%(name)s=%(value)s can't be used. Write it like this: %(wanted)s"),
        "folder_in_use": _(
            "A shop is already running on the data folder %(path)s. End it first, or choose another with ETALASE_DATA."
        ),
        "ledger_in_use": _(
            "Another shop has the ledger %(path)s open, from another data folder. End it first, or choose another DATABASE_URL."
        ),
        "folder_unusable": _(
            "%(path)s can't be made, read or written: %(reason)s. Look at ETALASE_DATA, at the rights of the folder and at free space."
        ),
        "export_failed": _("%(path)s can't be written: %(reason)s. Name another place with --to."),
        "secret_key_changed": _(
            "The ledger was used with another secret key, and with this one buyers' open links and limits would end."
            " Set ETALASE_SECRET_KEY to the same value on all machines, or bring the file secret-key back into the data"
            " folder. If the old key is lost for good: flask --app intake migrate --new-secret-key"
        ),
        "needs_postgres": _(
            "%(command)s needs PostgreSQL: a SQLite ledger has one process that writes, with its workers inside."
            " Start run-shop alone, or set DATABASE_URL=postgresql://user:password@host/name"
        ),
        "database_away": _(
            "The database %(database)s can't be reached: %(reason)s. Is it running, and is DATABASE_URL right? Try again then."
        ),
        "ledger_not_sqlite": _(
            "%(path)s is not a SQLite file. Check DATABASE_URL. If it was the ledger, it is damaged: bring back the newest backup with flask --app intake restore"
        ),
        "ledger_disk_full": _("There is no room left for the ledger %(path)s. Make room, then start again."),
        "ledger_unusable": _(
            "The ledger %(path)s can't be used: %(reason)s. Look at the file's rights, or at those of the database's account."
        ),
        "ledger_pragma_refused": _(
            "The database's setting %(pragma)s is %(found)s, and orders are safe only with %(wanted)s. Set it there."
        ),
        "sqlite_too_old": _("SQLite %(found)s is too old; %(oldest)s or newer is needed. Use a newer Python."),
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
        "nothing_to_serve": _(
            "The shop was not started, and nothing was made: nothing is published, for %(where)s can't be read (%(reason)s), and there is no ledger yet (%(database)s). If the shop lies elsewhere, mend ETALASE_SITE and ETALASE_DATA; if it is new, run first: python build.py"
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
        "sheet_outdated": _(
            "%(path)s is older than the backup: what was paid and ordered since is not in it. Put the newest workbook that you have in its place."
        ),
        "sheet_folder_missing": _(
            "The folder %(path)s isn't there. Is ETALASE_SHEET right, and the disk mounted? The shop doesn't make it: a new workbook there would hide the one that you have."
        ),
        "sheet_missing": _("There is no such file: %(path)s"),
        "backup_failed": _("No backup was made in %(folder)s: %(reason)s. The earlier ones are still there."),
        "backup_disk_full": _(
            "No backup was made in %(folder)s: only %(free)s bytes are free, %(least)s are needed. Make room, or choose another folder with --to."
        ),
        "backup_missing": _("There is no such file: %(path)s"),
        "ledger_copy_broken": _("%(path)s is damaged (%(said)s). Take an older backup."),
        "ledger_outdated": _(
            "The ledger is of an older version (%(found)s; this one needs %(known)s). Run first: flask --app intake migrate"
        ),
        "database_in_use": _(
            "A shop works on this database (%(by)s). End all of its processes first, on every machine."
        ),
        "hatch_closed": _(
            "The running shop has not done it (%(reason)s). Wait a moment and try again: twice does no harm."
        ),
        "order_unknown": _("No order has this number: %(refs)s"),
        "number_unknown": _("No order has this WhatsApp number."),
        "nothing_to_erase": _("Name the orders by their numbers, or the buyer with --phone."),
        "not_a_phone": _("That is no Indonesian mobile number. Write it like 0812-3456-7890."),
        "not_paused": _("The shop is open, and nothing waits to be compared. Name a backup to restore one."),
    }
    template = sentences.get(error.code)
    if template is None:
        return str(error)
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in error.fields.items()
    }
    shown |= {name: own_words(str(shown[name]), _) for name in ("reason", "said") if name in shown}
    return template % shown
