"""The commands of the shop: `flask --app intake run-shop | doctor | migrate`."""

from __future__ import annotations

import gettext
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask

from intake import checkup
from intake.language import translations
from intake.settings import Settings, SettingsError, read_settings
from intake.workers import Shop, now_utc, workbook_path
from preorder.errors import PreorderError
from preorder.wording import LANGUAGES

log = logging.getLogger(__name__)

# How long requests that are being answered when the end is asked for may still take.
FINISH_S = 5.0
THREADS = 32


def register(app: Flask) -> None:
    """Give the app its commands, described in the shop's language."""
    _ = shop_translation().gettext

    @app.cli.command(
        "run-shop", help=_("Start the shop: pages, orders and the workbook. Ctrl-C ends it; nothing is lost.")
    )
    def run_shop_command() -> None:
        sys.exit(_told(run_shop))

    @app.cli.command(
        "doctor", help=_("Check everything that the shop needs, and say what to do where something is wrong.")
    )
    def doctor_command() -> None:
        sys.exit(_told(doctor))

    @app.cli.command(
        "migrate",
        help=_("Bring the ledger to the form that this version needs. The shop does it by itself when it starts."),
    )
    def migrate_command() -> None:
        sys.exit(_told(migrate))


def shop_translation() -> gettext.NullTranslations:
    """Give the sentences in the shop's language as far as it is known: Indonesian until something is published."""
    try:
        settings = read_settings()
    except SettingsError:
        return translations(Settings.templates, LANGUAGES[0])
    return translations(settings.templates, _published_language(settings))


def _published_language(settings: Settings) -> str:
    try:
        language = json.loads(Path(settings.catalogue).read_bytes())["shop"]["language"]
    except (OSError, ValueError, KeyError, TypeError):
        return LANGUAGES[0]
    return str(language) if language in LANGUAGES else LANGUAGES[0]


def _told(command: Callable[[Settings], int]) -> int:
    """Run a command; an error of ours becomes a sentence that says what to do, and exit status 1."""
    try:
        return command(read_settings())
    except PreorderError as error:
        click.echo(checkup.sentence(error, shop_translation().gettext), err=True)
        return 1


def run_shop(settings: Settings) -> int:
    """
    Serve until SIGINT or SIGTERM; answers being written are finished, what waits is stored. Gives the exit status.
    """
    from waitress import create_server, wasyncore

    from intake import build_app

    _log_to_stderr()
    stop = _StopAsked()
    with Shop(settings, clock=now_utc) as shop:
        app = build_app(settings, shop.catalogue, shop.desk, secret_key=shop.secret_key, clock=now_utc)
        sockets: dict[int, Any] = {}
        try:
            server = create_server(
                app,
                map=sockets,
                host=settings.host,
                port=settings.port,
                threads=THREADS,
                connection_limit=500,
                channel_timeout=20,
                max_request_header_size=16 * 1024,
                # Larger than any form, so that a body of some megabytes is answered with our page instead of a broken
                # connection.
                max_request_body_size=16 * 1024 * 1024,
                ident=None,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            raise SettingsError(name="PORT", value=f"{settings.host}:{settings.port}", wanted=error.strerror) from error
        _greet(settings, server.effective_port)
        while not stop.asked:
            wasyncore.loop(timeout=0.5, map=sockets, use_poll=True, count=1)
        _finish(server, sockets)
    return 0


def _finish(server: Any, sockets: dict[int, Any]) -> None:
    """Take no new connection, let the answers under way reach their readers, at most FINISH_S."""
    from waitress import wasyncore

    for channel in list(sockets.values()):
        if getattr(channel, "accepting", False):
            channel.close()
    deadline = time.monotonic() + FINISH_S
    while time.monotonic() < deadline:
        busy = [
            channel
            for channel in sockets.values()
            if getattr(channel, "requests", None) or getattr(channel, "total_outbufs_len", 0)
        ]
        if not busy:
            break
        wasyncore.loop(timeout=0.1, map=sockets, use_poll=True, count=1)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
    wasyncore.close_all(sockets, ignore_all=True)


class _StopAsked:
    """Turns SIGINT and SIGTERM into a flag; a second signal ends at once."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.asked:
            os._exit(128 + number)
        self.asked = True


def _greet(settings: Settings, port: int) -> None:
    _ = shop_translation().gettext
    # An address that stands for all of them can be listened on, but not opened.
    host = "127.0.0.1" if settings.host.strip("0:.") == "" else settings.host
    address = settings.intake_url or f"http://{host}:{port}"
    lines = [
        "",
        _("Your shop is open:      %s") % f"{address}/",
        _("Your workbook:          %s") % workbook_path(settings),
        "",
        _("Try this next: open the address, order something, and look into the workbook a moment later."),
        _("Change the order's Status there, save and close it: the buyer's page shows it within half a minute."),
        _("Change a file in %s and run python build.py: the pages follow.") % settings.content,
        _("Ctrl-C ends the shop; nothing is lost."),
        "",
    ]
    click.echo("\n".join(lines))


def doctor(settings: Settings) -> int:
    """Check everything and print what was found; 1 where something needs a hand."""
    _ = shop_translation().gettext
    findings = checkup.examine(settings, _, now_utc())
    for finding in findings:
        click.echo(f"{_MARKS[finding.grade]}  {finding.text}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    return 1 if any(finding.grade is checkup.Grade.BAD for finding in findings) else 0


_MARKS = {checkup.Grade.GOOD: " ok ", checkup.Grade.NOTICE: " -- ", checkup.Grade.BAD: " !! "}


def migrate(settings: Settings) -> int:
    """Bring the ledger up to date while no shop runs."""
    from intake.ledger.engine import open_writer
    from intake.ledger.folder import DataFolder
    from intake.ledger.migrate import ensure_current

    _ = shop_translation().gettext
    with DataFolder(settings.data):
        engine = open_writer(settings.database_url)
        try:
            done = ensure_current(engine)
        finally:
            engine.dispose()
    if done.before == done.after:
        click.echo(_("The ledger is up to date (%s).") % done.after)
    else:
        click.echo(
            _("The ledger was brought from %(before)s to %(after)s.")
            % {"before": done.before or "-", "after": done.after}
        )
        if done.copy:
            click.echo(_("A copy of what it was is at %s.") % done.copy)
    return 0


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # What a migration did, intake.ledger.migrate says in one line.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # A line for each backlog of waiting requests would drown the rest.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
