"""The command that takes a buyer's data out: `flask --app intake erase`."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from intake.settings import Settings
from intake.workers import now_utc
from preorder.wording import ENQUIRY_LABELS, STATUS_LABELS

Gettext = Callable[[str], str]
# Runs a command with the settings, turns an error of ours into a sentence, and gives the exit status.
Told = Callable[[Callable[[Settings], int]], int]
# Gives the shop's language as far as it is known.
LanguageOf = Callable[[Settings], str]


def erase_command(_: Gettext, told: Told, language_of: LanguageOf) -> click.Command:
    """Give the command, described in the shop's language."""

    @click.command(
        "erase",
        help=_(
            "Erase a buyer's data from her orders that have ended: by order numbers, or all of a WhatsApp number. Sums and products stay."
        ),
    )
    @click.argument("refs", nargs=-1)
    @click.option("--phone", default="", help=_("Her WhatsApp number, as she writes it."))
    @click.option("--yes", is_flag=True, help=_("Don't ask, do it."))
    def command(refs: tuple[str, ...], phone: str, yes: bool) -> None:
        sys.exit(told(lambda settings: _erase(settings, _, language_of(settings), refs, phone, yes=yes)))

    return command


def _erase(settings: Settings, _: Gettext, language: str, refs: tuple[str, ...], phone: str, *, yes: bool) -> int:
    """Show what is found, ask, erase, and say what is left to do; 1 where something stands in the way."""
    from intake.erasures import Obstacle, erase_all, find

    found = find(settings, refs, phone)
    why = {
        None: _("can be erased"),
        Obstacle.RUNNING: _("is still running: set its status to an end first, or wait for it"),
        Obstacle.MONEY: _("the buyer gets money back first: return it, then type what is left under Money received"),
        Obstacle.COMPLAINT: _("the buyer's complaint is open: solve it first"),
        Obstacle.ERASED: _("was erased already"),
    }
    labels = STATUS_LABELS[language] | ENQUIRY_LABELS[language]
    for each in found:
        click.echo(f"  {each.ref:<12} {labels[each.status]:<22} {why[each.obstacle]}")
    free = [each for each in found if each.obstacle is None]
    kept = [each for each in found if each.obstacle not in {None, Obstacle.ERASED}]
    if free and not (yes or click.confirm(_("Erase the data of %s orders? It can't be brought back.") % len(free))):
        click.echo(_("Nothing was erased."))
        return 1
    done = erase_all(settings, free, now_utc())
    if done:
        click.echo(_("Erased: %s") % ", ".join(done))
        click.echo(_("Their rows in the sheet are emptied with the shop's next write there."))
        click.echo(
            _("Backups and copies that were made before still hold the data; the shop deletes its own after 30 days.")
        )
    if missed := [each.ref for each in free if each.ref not in done]:
        click.echo(_("They have changed just now, look at them once more: %s") % ", ".join(missed))
    return 1 if kept or missed else 0
