"""
What a start prints: that the shop is open, or what stands in the way, what it means for buyers and seller now, and what
to do. Troubles that begin later are told the same way, and their ends.
"""

from __future__ import annotations

import gettext
import os
import sys
import threading
from collections.abc import Callable

import click

from intake.ledger.opening import lacks_ledger, sqlite_file
from intake.published import CatalogueSource, CatalogueUnavailable, lacks_pages, open_source
from intake.settings import Settings
from intake.sheet import SheetBusy, SheetChanging, SheetError, SheetInDoubt, SheetPaced
from intake.sheet.opening import sheet_name
from intake.system_words import own_words
from preorder.errors import PreorderError

Gettext = Callable[[str], str]

# Over by themselves within moments; the log has them.
_PASSING = (SheetChanging, SheetInDoubt, SheetPaced)
# The network fails: no reason for alarm.
_USUAL = frozenset({"sheet_away"})
_INDENT = " " * 6


class NothingToServe(PreorderError):
    """
    A first start with nothing published: no page could be shown and no order be taken, and most likely the folders are
    mistyped. Fields: where (of the catalogue), reason, database (of the ledger that isn't there).
    """

    code = "nothing_to_serve"


def check_first_start(settings: Settings) -> None:
    """
    Refuse a start that could serve nobody, before anything is made. With a ledger the shop starts all the same: buyers
    look at their orders. What lies on another host may come any moment.

    Raises:
        NothingToServe
    """
    where = settings.catalogue
    if where.startswith(("http://", "https://")) or not lacks_ledger(settings.database_url):
        return
    try:
        open_source(where, settings.data / "catalogue.json").current()
    except CatalogueUnavailable as error:
        database = str(sqlite_file(settings.database_url))
        raise NothingToServe(where=where, reason=error.fields["reason"], database=database) from error


class StartReport:
    """
    Tells the operator how the shop stands, on the terminal. The workers tell it of their troubles from threads of
    their own; what is told before the greeting is printed with it.

    Args:
        translation: gives the sentences in the shop's language, which may become known only later.
        say: prints a text.
    """

    def __init__(
        self,
        settings: Settings,
        translation: Callable[[], gettext.NullTranslations],
        *,
        with_workers: bool = True,
        say: Callable[[str], None] = click.echo,
    ) -> None:
        self._settings = settings
        self._translation = translation
        self._with_workers = with_workers
        self._say = say
        self._lock = threading.Lock()
        self._greeted = False
        self._sheet: SheetError | None = None
        self._unpublished: CatalogueUnavailable | None = None
        self._open: list[str] = []

    def trouble(self, name: str, error: Exception | None) -> None:
        """Hear of a worker's trouble, and of None when it is over; tell what concerns the operator."""
        _ = self._translation().gettext
        with self._lock:
            if isinstance(error, SheetError) and not isinstance(error, _PASSING):
                self._sheet = error
                if self._greeted:
                    self._print(self._sheet_lines(error, _))
            elif error is None and name == "sheet" and self._sheet is not None:
                self._sheet = None
                if self._greeted:
                    self._print([_mark("ok", _("The sheet works again: what waited is written now."))])
            elif error is None and name == "clock" and self._unpublished is not None:
                self._unpublished = None
                self._print([_mark("ok", _("Something is published now: orders are taken.")), *self._open])

    def greet(self, port: int, catalogue: CatalogueSource, *, is_open: bool) -> None:
        """Say that the shop is open, and where; or what stands in the way."""
        settings, _ = self._settings, self._translation().gettext
        # An address that stands for all of them can be listened on, but not opened.
        host = "127.0.0.1" if settings.host.strip("0:.") == "" else settings.host
        address = settings.intake_url or f"http://{host}:{port}"
        open_line = _("Your shop is open:      %s") % f"{address}/"
        with self._lock:
            self._greeted = True
            self._open = [open_line]
            if not is_open:
                self._print([
                    _("The shop takes no orders: a backup was brought back and is not yet compared with the workbook."),
                    _("End the shop, then run: flask --app intake restore --reconcile"),
                ])  # fmt: skip
                return
            if (unpublished := self._note_unpublished(catalogue)) is not None:
                self._print(self._unpublished_lines(unpublished, _))
                return
            lines = [open_line]
            if self._with_workers:
                lines += [_("Your workbook:          %s") % sheet_name(settings), "", *self._next_steps(_)]
            if lacks_pages(settings):
                # Here and below, because a start without trouble doesn't need it.
                from intake.checkup import pages_trouble

                text, advice = pages_trouble(settings, _)
                lines += ["", _mark("--", text), _INDENT + advice]
            if self._sheet is not None:
                lines += ["", *self._sheet_lines(self._sheet, _)]
            self._print(lines)

    def greet_workers(self, catalogue: CatalogueSource) -> None:
        """Say that the workers run, without pages; or what stands in their way."""
        _ = self._translation().gettext
        with self._lock:
            self._greeted = True
            lines = [_("The workers are running. Ctrl-C ends them; nothing is lost.")]
            if (unpublished := self._note_unpublished(catalogue)) is not None:
                lines += ["", *self._unpublished_lines(unpublished, _)]
            elif self._sheet is not None:
                lines += ["", *self._sheet_lines(self._sheet, _)]
            self._print(lines)

    def _print(self, lines: list[str]) -> None:
        # In one piece: the log of other threads goes to the same terminal.
        self._say("\n".join(["", *lines, ""] if len(lines) > 1 else lines))

    def _note_unpublished(self, catalogue: CatalogueSource) -> CatalogueUnavailable | None:
        try:
            catalogue.current()
        except CatalogueUnavailable as error:
            self._unpublished = error
        return self._unpublished

    def _next_steps(self, _: Gettext) -> list[str]:
        steps = [_("Ctrl-C ends the shop; nothing is lost.")]
        if self._sheet is None:
            steps = [
                _("Try this next: open the address, order something, and look into the workbook a moment later."),
                _("Change the order's Status there, save and close it: the buyer's page shows it within half a minute."),
                _("Change a file in %(content)s and run %(command)s: the pages follow.")
                % {"content": self._settings.content, "command": f"{_python()} build.py"},
                *steps,
            ]  # fmt: skip
        return steps

    def _unpublished_lines(self, error: CatalogueUnavailable, _: Gettext) -> list[str]:
        where = self._settings.catalogue
        shown = {"where": where, "reason": own_words(str(error.fields["reason"]), _)}
        lines = [
            _mark("!!", _("The shop runs, but takes no orders: nothing is published, for %(where)s can't be read (%(reason)s).") % shown),
            _INDENT
            + _("Whoever wants to order reads that there is a fault; who has ordered sees her order. No deadline passes, and the sheet stays as it is."),
        ]  # fmt: skip
        if where.startswith(("http://", "https://")):
            return [*lines, _INDENT + _("Look at ETALASE_CATALOGUE and at that host. The shop asks again and goes on by itself.")]  # fmt: skip
        todo = _("Look at ETALASE_SITE and ETALASE_CATALOGUE, or run: %s. The shop goes on by itself then.")
        return [*lines, _INDENT + todo % f"{_python()} build.py"]

    def _sheet_lines(self, error: SheetError, _: Gettext) -> list[str]:
        from intake.checkup import sheet_trouble

        text, advice = sheet_trouble(error, self._settings, _)
        if isinstance(error, SheetBusy):
            # She works in it, and what she saves is read all the while.
            meanwhile = _("Orders are taken meanwhile and wait safely in the ledger.")
            return [_mark("--", text), _INDENT + advice, _INDENT + meanwhile]
        return [
            _mark("--" if error.code in _USUAL else "!!", text),
            _INDENT + advice,
            _INDENT
            + _("Orders are taken all the same and wait safely in the ledger; they don't show in the sheet, and what the seller changes there is not carried out yet."),
            _INDENT + _("Once it is mended the shop goes on by itself: no need to start it again."),
        ]  # fmt: skip


def _mark(mark: str, text: str) -> str:
    """Mark a line as doctor does."""
    return f" {mark}   {text}"


def _python() -> str:
    """Give this Python as one types it here: the system's own has not what the shop needs."""
    return min(sys.executable, os.path.relpath(sys.executable), key=len)
