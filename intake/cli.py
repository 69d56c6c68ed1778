"""The commands of the shop: `flask --app intake run-shop | work | doctor | migrate | backup | restore | erase`."""

from __future__ import annotations

import gettext
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask

from intake import processors
from intake.cli_erase import erase_command
from intake.cli_sheet import export_command, sheet_group
from intake.language import translations
from intake.ledger.opening import DatabaseAway, lacks_ledger
from intake.settings import Settings, SettingsError, read_settings
from intake.workers import NeedsPostgres, Shop, migrate_ledger, now_utc
from preorder.errors import PreorderError
from preorder.wording import LANGUAGES

log = logging.getLogger(__name__)


class CantListen(PreorderError):
    """Nobody can be served on this address. Fields: host, port, reason."""

    code = "cant_listen"


# How long requests that are being answered when the end is asked for may still take.
FINISH_S = 5.0
THREADS = 32
# A drop's buyers hold theirs while they look at the review; those beyond it would not even be read.
CONNECTIONS = 2_000
# sysexits.h EX_TEMPFAIL: a supervisor should try again.
EXIT_TRY_AGAIN = 75
# sd_listen_fds(3): the first descriptor that systemd hands over.
FIRST_GIVEN = 3


def register(app: Flask) -> None:
    """Give the app its commands, described in the shop's language."""
    _ = shop_translation().gettext
    app.cli.add_command(sheet_group(_, _told, _published_language))
    app.cli.add_command(export_command(_, _told, _published_language))
    app.cli.add_command(erase_command(_, _told, _published_language))

    @app.cli.command(
        "run-shop", help=_("Start the shop: pages, orders and the workbook. Ctrl-C ends it; nothing is lost.")
    )
    @click.option(
        "--without-workers",
        is_flag=True,
        help=_("Pages only; work runs elsewhere, on the same database. With PostgreSQL only."),
    )
    def run_shop_command(without_workers: bool) -> None:
        sys.exit(_told(partial(run_shop, with_workers=not without_workers)))

    @app.cli.command(
        "work",
        help=_("Start the workers alone: they write the sheet and watch the deadlines. With PostgreSQL only."),
    )
    def work_command() -> None:
        sys.exit(_told(work))

    @app.cli.command(
        "doctor", help=_("Check everything that the shop needs, and say what to do where something is wrong.")
    )
    @click.option(
        "--deep",
        is_flag=True,
        help=_("Also look through the whole ledger for what must never be there; a minute for a million orders."),
    )
    def doctor_command(deep: bool) -> None:
        sys.exit(_told(partial(doctor, deep=deep)))

    @app.cli.command(
        "migrate",
        help=_("Bring the ledger to the form that this version needs. The shop does it by itself when it starts."),
    )
    @click.option(
        "--new-secret-key",
        is_flag=True,
        help=_("Also make the present secret key the ledger's, because the one before is lost."),
    )
    def migrate_command(new_secret_key: bool) -> None:
        sys.exit(_told(partial(migrate, new_secret_key=new_secret_key)))

    @app.cli.command("backup", help=_("Back up the ledger now, while the shop runs or not."))
    @click.option(
        "--to",
        type=click.Path(file_okay=False, path_type=Path),
        help=_("Folder; by default backups in the data folder."),
    )
    def backup_command(to: Path | None) -> None:
        sys.exit(_told(partial(backup, to=to)))

    @app.cli.command(
        "restore",
        help=_(
            "Bring a backup back while no shop runs, and compare it with the workbook before orders are taken again."
        ),
    )
    @click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--reconcile", is_flag=True, help=_("Go on after a restore that could not be compared to the end."))
    @click.option(
        "--open-without-sheet", is_flag=True, help=_("Open although the workbook is gone or can't be settled.")
    )
    @click.option("--new-secret-key", is_flag=True, help=_("The key that the backup was made with is lost."))
    def restore_command(file: Path | None, reconcile: bool, open_without_sheet: bool, new_secret_key: bool) -> None:
        if (file is None) != reconcile:
            raise click.UsageError(_("Name the backup, or say --reconcile."))
        sys.exit(
            _told(partial(restore_backup, file=file, without_sheet=open_without_sheet, new_secret_key=new_secret_key))
        )


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
    """
    Run a command; an error of ours becomes a sentence that says what to do, and exit status 1, or EXIT_TRY_AGAIN where
    the same may well succeed a moment later.
    """
    try:
        return command(read_settings())
    except PreorderError as error:
        # Here and below imported where it is needed: a shop that starts again should be quick.
        from intake import checkup

        click.echo(checkup.sentence(error, shop_translation().gettext), err=True)
        return EXIT_TRY_AGAIN if isinstance(error, DatabaseAway) else 1


def run_shop(settings: Settings, *, with_workers: bool = True) -> int:
    """
    Serve until SIGINT or SIGTERM; answers being written are finished, what waits is stored. Gives the exit status.

    Args:
        with_workers: False: pages only, for workers run elsewhere on the same database.
    """
    if not with_workers and not settings.shares_ledger:
        raise NeedsPostgres(command="run-shop --without-workers")
    from waitress import create_server, wasyncore

    from intake import build_app, start_report
    from intake.web.arrival import note_arrivals

    _log_to_stderr()
    stop = _StopAsked()
    start_report.check_first_start(settings)
    where = _where(settings)
    if "host" in where and lacks_ledger(settings.database_url):
        # Asked now, for a start that fails should not leave a ledger behind that looks like a shop's.
        _check_address(**where)
    report = start_report.StartReport(settings, shop_translation, with_workers=with_workers)
    # Before any thread is started: each begins where its starter is.
    processors.stay_on_one(settings.port)
    with Shop(settings, clock=now_utc, with_workers=with_workers, told=report.trouble) as shop:
        app = build_app(settings, shop.catalogue, shop.desk, secret_key=shop.secret_key, clock=now_utc)
        sockets: dict[int, Any] = {}
        try:
            server = create_server(
                app,
                map=sockets,
                **where,
                threads=THREADS,
                connection_limit=_allowed_connections(),
                # Those whom the system keeps until we take them; beyond it they knock again after a second.
                backlog=CONNECTIONS,
                channel_timeout=20,
                max_request_header_size=16 * 1024,
                # Larger than any form, so that a body of some megabytes is answered with our page instead of a broken
                # connection.
                max_request_body_size=16 * 1024 * 1024,
                ident=None,
                clear_untrusted_proxy_headers=True,
            )
        except (OSError, ValueError) as error:
            # waitress's own word for a host that nobody knows is a ValueError.
            reason = getattr(error, "strerror", None) or str(error).rstrip(".")
            raise CantListen(host=settings.host, port=settings.port, reason=reason) from error
        note_arrivals(sockets)
        report.greet(server.effective_port, shop.catalogue, is_open=shop.desk.ready().get("open", True))
        while not stop.asked:
            wasyncore.loop(timeout=0.5, map=sockets, use_poll=True, count=1)
        _finish(server, sockets)
    return 0


def _allowed_connections() -> int:
    """Give how many connections may be open at once, having asked the system for as many as we would like."""
    try:
        import resource
    except ImportError:
        return 500  # Windows: its select() takes no more
    # The ledger, the workbook and the logs have theirs beside these.
    wanted = CONNECTIONS + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(100, min(CONNECTIONS, soft - 200))


def work(settings: Settings) -> int:
    """Run the workers alone until SIGINT or SIGTERM. Gives the exit status."""
    if not settings.shares_ledger:
        raise NeedsPostgres(command="work")
    _log_to_stderr()
    from intake.start_report import StartReport

    stop = _StopAsked()
    report = StartReport(settings, shop_translation)
    with Shop(settings, clock=now_utc, told=report.trouble) as shop:
        report.greet_workers(shop.catalogue)
        stop.wait()
    return 0


def _where(settings: Settings) -> dict[str, Any]:
    """
    Say where to listen: on the socket that systemd keeps for us, so that buyers wait in it while we start anew, or else
    on HOST and PORT.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return {"sockets": [socket.socket(fileno=FIRST_GIVEN)]}
    return {"host": settings.host, "port": settings.port}


def _check_address(host: str, port: int) -> None:
    """Raise CantListen where nobody could listen there."""
    try:
        for family, kind, number, _name, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, number) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise CantListen(host=host, port=port, reason=error.strerror or type(error).__name__) from error


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

    def wait(self) -> None:
        """Return a moment after it was asked."""
        # An Event's lock may be held by the very thread that the signal interrupts.
        while not self.asked:
            time.sleep(0.2)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.asked:
            os._exit(128 + number)
        self.asked = True


def doctor(settings: Settings, *, deep: bool = False) -> int:
    """
    Check everything and print what was found; 1 where something needs a hand.

    Args:
        deep: also every order in the ledger.
    """
    _ = shop_translation().gettext
    from intake import checkup

    marks = {checkup.Grade.GOOD: " ok ", checkup.Grade.NOTICE: " -- ", checkup.Grade.BAD: " !! "}
    findings = checkup.examine(settings, _, now_utc())
    if deep:
        findings += checkup.examine_ledger(settings, _)
    for finding in findings:
        click.echo(f"{marks[finding.grade]}  {finding.text}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    return 1 if any(finding.grade is checkup.Grade.BAD for finding in findings) else 0


def migrate(settings: Settings, *, new_secret_key: bool = False) -> int:
    """
    Bring the ledger up to date; on SQLite while no shop runs.

    Args:
        new_secret_key: the present secret key is the ledger's from now on, though it had another before.
    """
    _ = shop_translation().gettext
    done = migrate_ledger(settings, new_secret_key=new_secret_key)
    if done.before == done.after:
        click.echo(_("The ledger is up to date (%s).") % done.after)
    else:
        click.echo(
            _("The ledger was brought from %(before)s to %(after)s.")
            % {"before": done.before or "-", "after": done.after}
        )
        if done.copy:
            click.echo(_("A copy of what it was is at %s.") % done.copy)
    if new_secret_key:
        click.echo(_("The ledger has the present secret key now. Start all processes again with it."))
    return 0


def backup(settings: Settings, *, to: Path | None = None) -> int:
    """Back up the ledger and say where."""
    from intake.backup import back_up
    from intake.backup_report import backup_lines

    for line in backup_lines(back_up(settings, to, now_utc()), settings, shop_translation().gettext):
        click.echo(line)
    return 0


def restore_backup(
    settings: Settings, *, file: Path | None, without_sheet: bool = False, new_secret_key: bool = False
) -> int:
    """Restore, compare with the workbook, and say how it stands; 1 where the shop stays closed."""
    from intake.backup_report import restore_lines
    from intake.restore import restore

    done = restore(settings, file, now_utc, without_sheet=without_sheet, new_secret_key=new_secret_key)
    for line in restore_lines(done, file, shop_translation().gettext):
        click.echo(line)
    return 0 if done.is_open else 1


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # What a migration did, intake.ledger.migrate says in one line.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # A line for each backlog of waiting requests would drown the rest.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
