"""The commands about the seller's Google sheet: `flask --app intake sheet connect | check | probe | reconcile`."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.language import translations
from intake.settings import Settings
from intake.sheet import SheetAway, SheetError, SheetInDoubt, SheetPaced
from preorder.errors import PreorderError

if TYPE_CHECKING:
    from intake.connecting import Wish
    from intake.sheet.google_access import KeyFile
    from intake.sheet.google_http import GoogleClient
    from intake.sheet.google_layout import LayoutPlan
    from intake.sheet.google_survey import Survey

Gettext = Callable[[str], str]
# Runs a command with the settings, turns an error of ours into a sentence, and gives the exit status.
Told = Callable[[Callable[[Settings], int]], int]
# Gives the shop's language as far as it is known.
LanguageOf = Callable[[Settings], str]

# sysexits.h EX_TEMPFAIL, as the other commands have it.
EXIT_TRY_AGAIN = 75


class Refused(Exception):
    """Somebody said no, or nobody could be asked. The text is told already."""


def sheet_group(_: Gettext, told: Told, language_of: LanguageOf) -> click.Group:
    """Give the group of commands, described in the shop's language."""
    group = click.Group("sheet", help=_("Connect the shop with a Google spreadsheet, and look how it stands."))

    def run(command: Callable[[Desk], int]) -> None:
        sys.exit(told(lambda settings: _run(Desk(settings, language_of(settings)), command)))

    @group.command(
        "connect",
        help=_(
            "Connect a Google spreadsheet: shows what will be made, asks, and makes it. What is yours stays as it is."
        ),
    )
    @click.argument("address", required=False, default="")
    @click.option("--tab", default="", help=_("The tab for the orders: one of yours, or the name of a new one."))
    @click.option(
        "--map",
        "pairs",
        multiple=True,
        metavar="YOURS=OURS",
        help=_('Which of your columns is which of ours: --map "No HP=WhatsApp". --map "Total=" keeps it yours.'),
    )
    @click.option("--beside", is_flag=True, help=_("Make tabs for the shop beside yours, whatever yours look like."))
    @click.option(
        "--locale", is_flag=True, help=_("Also set the spreadsheet to Indonesia, so that 150.000 is read right.")
    )
    @click.option("--yes", is_flag=True, help=_("Don't ask, do it."))
    def connect_command(address: str, tab: str, pairs: tuple[str, ...], beside: bool, locale: bool, yes: bool) -> None:
        run(partial(connect, address=address, tab=tab, pairs=pairs, beside=beside, locale=locale, yes=yes))

    @group.command("check", help=_("Check key, sharing, tabs and headers of the Google spreadsheet. Changes nothing."))
    def check_command() -> None:
        run(check)

    @group.command(
        "probe",
        help=_("Try once whether Google refuses a write that is done already. Leaves no trace that anybody sees."),
    )
    def probe_command() -> None:
        run(probe_spreadsheet)

    @group.command("reconcile", help=_("Compare the sheet with the ledger, order by order."))
    @click.option("--repair", is_flag=True, help=_("Have what is missing or differs written again."))
    def reconcile_command(repair: bool) -> None:
        run(partial(reconcile, repair=repair))

    return group


def export_command(_: Gettext, told: Told, language_of: LanguageOf) -> click.Command:
    """Give the command that writes all orders as CSV, described in the shop's language."""

    @click.command("export", help=_("Write all orders to a CSV file, for other programs, while the shop runs or not."))
    @click.option(
        "--to",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help=_("The file. It holds personal data, so nobody else on this machine can read it."),
    )
    def command(to: Path) -> None:
        def export(settings: Settings) -> int:
            from intake.exporting import export_to

            count = export_to(settings, language_of(settings), to)
            click.echo(_("%(count)s orders were written to %(path)s.") % {"count": count, "path": to})
            return 0

        sys.exit(told(export))

    return command


class Desk:
    """Where the commands speak: settings, the shop's language, and what is printed."""

    def __init__(self, settings: Settings, language: str) -> None:
        self.settings = settings
        self.language = language
        self._translation = translations(settings.templates, language)
        self._opened = contextlib.ExitStack()
        # Whether what goes wrong is to be told as trouble with Google.
        self.about_google = True

    def __call__(self, message: str) -> str:
        """Give a sentence in the shop's language."""
        return self._translation.gettext(message)

    def open(self, spreadsheet: str) -> GoogleClient:
        """
        Give what talks to a spreadsheet; it is closed with the command.

        Raises:
            SheetKeyWrong
        """
        from intake.connecting import open_at

        client = open_at(self.settings, spreadsheet)
        self._opened.callback(client.close)
        return client

    def close(self) -> None:
        """Close what was opened."""
        self._opened.close()

    def say(self, lines: Iterable[str]) -> None:
        """Print lines."""
        for line in lines:
            click.echo(line)

    def mark(self, lines: Iterable[tuple[str, str]]) -> bool:
        """Print lines with their mark, and say whether none needs a hand."""
        good = True
        for grade, line in lines:
            click.echo(f" {grade:>2}   {line}")
            good = good and grade != "!!"
        return good

    @property
    def zone(self) -> str:
        """Give the shop's time zone; "" where nothing is published."""
        try:
            found = json.loads(Path(self.settings.catalogue).read_bytes())["shop"]["zone"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return str(found)


def _run(desk: Desk, command: Callable[[Desk], int]) -> int:
    from intake.sheet_report import trouble, trouble_kind

    try:
        return command(desk)
    except Refused:
        return 1
    except PreorderError as error:
        if not (desk.about_google and trouble_kind(error)):
            raise
        click.echo(trouble(error, desk), err=True)
        return EXIT_TRY_AGAIN if isinstance(error, (SheetAway, SheetInDoubt, SheetPaced)) else 1
    finally:
        desk.close()


def connect(
    desk: Desk, *, address: str, tab: str, pairs: tuple[str, ...], beside: bool, locale: bool, yes: bool
) -> int:
    """
    Connect a spreadsheet; 1 where nothing was done.

    Args:
        address: of the spreadsheet; "" for the one that ETALASE_SHEET names.
        tab, pairs, beside: see intake.connecting.Wish; pairs are still words.
        locale: whether to set it though something of hers stands there.
        yes: whether nobody is asked.
    """
    _: Gettext = desk
    from intake import connecting, sheet_report
    from intake.sheet import google_access

    spreadsheet = google_access.parse_address(address) if address else desk.settings.google_sheet
    wish = connecting.wish(tab, pairs, beside=beside)
    key = _key(desk)
    if not spreadsheet:
        desk.say([_("How to go on:"), *sheet_report.how_to(desk, key.account)])
        return 1
    desk.mark(sheet_report.key_lines(key, desk))
    client = desk.open(spreadsheet)
    survey = _looked_at(desk, client, key)
    others = connecting.similar(survey, connecting.choose(survey, wish)[0])
    if others and not (tab or pairs or beside or survey.connected.tabs):
        wish = _ask_for_tab(desk, others[0].title, wish, yes=yes)
        desk.say(sheet_report.similar_lines(others if not wish.tab else [], desk))
    chosen = connecting.choose(survey, wish)
    survey = connecting.look_closer(client, survey, chosen, wish)
    dress = connecting.dress_in(desk.language, desk)
    wanted = connecting.wanted_locale(survey, desk.language)
    wanted = wanted if locale or not connecting.holds_hers(survey) else ""
    layout = connecting.plan(survey, chosen, wish, dress, locale=wanted)
    desk.mark(sheet_report.file_lines(survey, desk.language, desk.zone, desk, locale=wanted))
    if not yes and _asks() and chosen[0] is not None and layout.tabs[0].left and not survey.connected.tabs:
        wish = _ask_for_columns(desk, layout, wish)
        layout = connecting.plan(survey, chosen, wish, dress, locale=wanted)
    desk.say(["", *sheet_report.plan_lines(layout, survey, desk.language, desk), ""])
    if layout.requests:
        connecting.prove_writing(client)
        _agree(desk, yes=yes)
        if not connecting.carry_out(client, layout, dress):
            desk.say([sheet_report.locale_refused(desk), ""])
    _wake(desk, spreadsheet)
    desk.say([_("The spreadsheet is connected."), "", *sheet_report.after_lines(desk.settings, spreadsheet, desk)])
    return 0


def _key(desk: Desk) -> KeyFile:
    """Give the key; where there is none, say how one is made."""
    _: Gettext = desk
    from intake import sheet_report
    from intake.sheet import google_access

    try:
        return google_access.look_at_key(desk.settings.google_key)
    except SheetError as error:
        if error.fields["reason"] in {"unset", "missing"}:
            desk.say([_("How a spreadsheet is connected, once and for all:"), *sheet_report.how_to(desk), ""])
        raise


def _looked_at(desk: Desk, client: GoogleClient, key: KeyFile) -> Survey:
    """Look at the spreadsheet; where it isn't shared, say with whom it should be."""
    from intake import connecting, sheet_report

    try:
        return connecting.look(client)
    except SheetError as error:
        if error.code == "sheet_not_shared":
            desk.say(["", *sheet_report.how_to(desk, key.account), ""])
        raise


def _asks() -> bool:
    """Say whether anybody is there to answer."""
    return sys.stdin.isatty()


def _ask_for_tab(desk: Desk, title: str, wish: Wish, *, yes: bool) -> Wish:
    _: Gettext = desk
    question = _('Your tab "%s" looks like a list of orders. Shall new orders go into it?') % title
    if yes or not _asks():
        return wish
    return replace(wish, tab=title) if click.confirm(question, default=False) else replace(wish, beside=True)


def _ask_for_columns(desk: Desk, layout: LayoutPlan, wish: Wish) -> Wish:
    """Ask for each column of hers that nobody knows what it is."""
    _: Gettext = desk
    from intake.sheet.google_headers import NoSuchColumn, our_column

    if not layout.tabs[0].added:
        return wish
    desk.say([_("The shop still needs columns for: %s") % ", ".join(layout.tabs[0].added)])
    said: dict[str, str] = dict(wish.said or {})
    for header in layout.tabs[0].left:
        question = _('Which of them is your column "%s"? (Enter: none)') % header
        while True:
            answer = click.prompt(question, default="", show_default=False).strip()
            if not answer:
                break
            try:
                said[header] = our_column(answer)
                break
            except NoSuchColumn:
                desk.say([_("That is none of them.")])
    return replace(wish, said=said)


def _agree(desk: Desk, *, yes: bool) -> None:
    """
    Ask whether to do it.

    Raises:
        Refused
    """
    _: Gettext = desk
    if yes:
        return
    if not _asks():
        desk.say([_("Nothing was changed. To have it done, run the same command with --yes.")])
        raise Refused
    if not click.confirm(_("Do it?"), default=True):
        desk.say([_("Nothing was changed.")])
        raise Refused


def _wake(desk: Desk, spreadsheet: str) -> None:
    """Have a running shop try at once: after a refusal it waits for a quarter of an hour."""
    from intake.workers import ask_sheet_again

    if desk.settings.google_sheet == spreadsheet and desk.settings.data.is_dir():
        # Where it can't be asked, it looks by itself a little later.
        with contextlib.suppress(OSError):
            ask_sheet_again(desk.settings)


def check(desk: Desk) -> int:
    """
    Look at everything that connect looks at, and how the shop stands with it; 1 where something needs a hand. A running
    shop that waits, because it was refused, tries again at once.
    """
    _: Gettext = desk
    from intake import connecting, sheet_report

    if not desk.settings.google_sheet:
        desk.say([_("The sheet is a workbook, %s. Look at it with: flask --app intake doctor") % desk.settings.sheet])
        return 0
    key = _key(desk)
    good = desk.mark(sheet_report.key_lines(key, desk))
    client = desk.open(desk.settings.google_sheet)
    survey = _looked_at(desk, client, key)
    connecting.prove_writing(client)
    good = desk.mark(sheet_report.file_lines(survey, desk.language, desk.zone, desk, proved=True)) and good
    wish = connecting.Wish()
    chosen = connecting.choose(survey, wish)
    survey = connecting.look_closer(client, survey, chosen, wish)
    layout = connecting.plan(survey, chosen, wish, connecting.dress_in(desk.language, desk))
    good = desk.mark(sheet_report.layout_lines(layout, desk.language, desk)) and good
    desk.mark([sheet_report.verdict_line(survey.connected.verdict, desk)])
    desk.mark([sheet_report.pace_line(client.pace.calls_per_minute, client.pace.poll_s, desk)])
    good = desk.mark(_waiting(desk)) and good
    _wake(desk, desk.settings.google_sheet)
    return 0 if good else 1


def _waiting(desk: Desk) -> list[tuple[str, str]]:
    """Give (mark, line) about the orders that wait to be written."""
    from intake.comparing import waiting
    from intake.sheet_report import waiting_line

    found = waiting(desk.settings)
    return [] if found is None else [waiting_line(found, desk)]


def probe_spreadsheet(desk: Desk) -> int:
    """Find out whether Google refuses a number twice, and keep the answer in the spreadsheet."""
    _: Gettext = desk
    from intake import connecting, sheet_report

    if not desk.settings.google_sheet:
        desk.say([_("The sheet is a workbook, %s. Look at it with: flask --app intake doctor") % desk.settings.sheet])
        return 1
    key = _key(desk)
    client = desk.open(desk.settings.google_sheet)
    found = connecting.probe(client, _looked_at(desk, client, key))
    desk.mark([sheet_report.verdict_line(found.verdict, desk)])
    desk.say([_("This is kept in the spreadsheet; a running shop knows it within a minute.")])
    return 0


def reconcile(desk: Desk, *, repair: bool) -> int:
    """Compare sheet and ledger; 1 where they differ and it was not put right."""
    _: Gettext = desk
    from intake.comparing import compare, queue_again
    from intake.sheet_report import comparison_lines

    desk.about_google = bool(desk.settings.google_sheet)
    found = compare(desk.settings, desk.language)
    good = desk.mark(comparison_lines(found, desk.language, desk))
    if not repair or not found.repairable:
        return 0 if good else 1
    queue_again(desk.settings, found, datetime.now(UTC))
    desk.say([_("%s orders are written again as soon as the shop runs.") % len(found.repairable)])
    return 1 if found.duplicates else 0
