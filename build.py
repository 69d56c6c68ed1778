"""Builds the shop window: content/ -> site/. See --help."""

from __future__ import annotations

import argparse
import gettext
import io
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from storefront.builder import Job, Outcome, build
from storefront.language import translations

TEMPLATES = Path(__file__).resolve().parent / "templates"

OK, WRONG_CONTENT, WRONG_USAGE = 0, 1, 2
PREVIEW_PORT = 8001

EPILOG = """\
Exit status: 0 all is well, 1 the content has problems (the site stays as it was), 2 wrong usage or an output folder that can't be used.
Without a flag the environment decides (ETALASE_CONTENT, ETALASE_SITE, ETALASE_SITE_URL, ETALASE_INTAKE_URL), then a .env file here.

  python build.py                     build content/ into site/
  python build.py --check             only look for problems
  python build.py --watch --serve     preview on http://127.0.0.1:8001, rebuilt whenever you save
  python build.py new "Nastar Lebaran"  begin a campaign
"""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what the command line says and give the exit status."""
    parser = _parser()
    flags = parser.parse_args(arguments)
    if flags.words and (flags.words[0] != "new" or len(flags.words) != 2):
        parser.error('the only command is: new "Title"')
    try:
        job = _job(flags, environment)
    except ValueError as error:
        parser.error(str(error))
    if flags.words:
        return _new(job, flags.words[1], flags.now or _clock())
    if flags.check and (flags.watch or flags.serve is not None):
        parser.error("--check builds nothing, so there is nothing to --watch or --serve")
    if flags.watch or flags.serve is not None:
        return _preview(job, flags.now, watched=flags.watch, port=flags.serve)
    return _build(job, flags.now or _clock(), check_only=flags.check)[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="Turn a folder of Markdown into a static shop window.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "words", nargs="*", metavar='new "Title"', help="write the folder of a new campaign, as a draft"
    )
    parser.add_argument("--content", metavar="FOLDER", help="where shop.md and campaigns/ lie (default: content)")
    parser.add_argument("--output", metavar="FOLDER", help="where the site goes (default: site)")
    parser.add_argument(
        "--site-url", metavar="URL", help="public address of the site, if orders are taken on another host"
    )
    parser.add_argument("--intake-url", metavar="URL", help="public address of the order desk, if it is another host")
    parser.add_argument(
        "--now", type=_instant, metavar="ISO", help="build as if it were now, such as 2026-11-25T09:00+07:00"
    )
    parser.add_argument("--check", action="store_true", help="look for problems and write nothing")
    parser.add_argument("--watch", action="store_true", help="build again whenever something is saved")
    parser.add_argument(
        "--serve",
        nargs="?",
        type=int,
        const=PREVIEW_PORT,
        metavar="PORT",
        help=f"show the site on this machine (port {PREVIEW_PORT})",
    )
    return parser


def _instant(text: str) -> datetime:
    """Read --now; without a zone it could mean three instants in Indonesia alone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write for example 2026-11-25T09:00+07:00") from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no zone; write for example {text}+07:00")
    return instant


def _clock() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _job(flags: argparse.Namespace, environment: Mapping[str, str]) -> Job:
    """Give what to build: flags first, then the environment, then .env."""
    dotenv: Mapping[str, str | None] = {}
    if Path(".env").is_file():
        from dotenv import dotenv_values  # only where there is one: it costs more than a build with nothing to do

        dotenv = dotenv_values(".env")

    def text(flag: str | None, name: str, default: str) -> str:
        # As in the order desk's settings: a name that is set to nothing is not set.
        return next(
            (value.strip() for value in (flag, environment.get(name), dotenv.get(name)) if value and value.strip()),
            default,
        )

    return Job(
        content=Path(text(flags.content, "ETALASE_CONTENT", "content")),
        output=Path(text(flags.output, "ETALASE_SITE", "site")),
        templates=TEMPLATES,
        site_url=_origin("--site-url", text(flags.site_url, "ETALASE_SITE_URL", "")),
        intake_url=_origin("--intake-url", text(flags.intake_url, "ETALASE_INTAKE_URL", "")),
    )


def _origin(name: str, value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.netloc
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise ValueError(f"{name}: {value!r} is no origin; write for example https://shop.example")
    return f"{parts.scheme}://{parts.netloc}"


def _build(
    job: Job, now: datetime, *, check_only: bool = False, show_drafts: bool = False
) -> tuple[int, Outcome | None]:
    """Build once and say what happened."""
    from storefront import report
    from storefront.output import OutputRefused
    from storefront.problems import ContentErrors

    def spoken(language: str) -> gettext.NullTranslations:
        """Give the catalogue in which sentences to write instead call the buyer as the shop does."""
        from storefront.reader import shop_salutation

        return translations(job.templates, language, shop_salutation(job.content))

    try:
        outcome = build(job, now, check_only=check_only, show_drafts=show_drafts)
    except ContentErrors as errors:
        translation = spoken(errors.language)
        told = report.describe_all(tuple(errors.problems), translation, errors.language, tuple(errors.warnings))
        print("\n".join(told), file=sys.stderr)
        return WRONG_CONTENT, None
    except OutputRefused as error:
        print(report.describe_refusal(error, translations(job.templates, "id")), file=sys.stderr)
        return WRONG_USAGE, None
    except OSError as error:
        print(_unwritable(error, job), file=sys.stderr)
        return WRONG_USAGE, None
    # A build with nothing to do has nothing to suggest, and reads no file.
    translation = spoken(outcome.language) if outcome.warnings else translations(job.templates, outcome.language)
    print("\n".join(report.describe_outcome(outcome, translation, str(job.output), checked_only=check_only)))
    return OK, outcome


def _unwritable(error: OSError, job: Job) -> str:
    """Give in a sentence what the system did not allow."""
    from storefront import report
    from storefront.output import OutputRefused

    refused = OutputRefused(reason="unwritable", path=str(error.filename or job.output))
    return report.describe_refusal(refused, translations(job.templates, "id"))


def _new(job: Job, title: str, now: datetime) -> int:
    from storefront import scaffold
    from storefront.reader import shop_language

    language = shop_language(job.content)
    translation = translations(job.templates, language)
    try:
        path = scaffold.new_campaign(job.content, title, now, language, translation)
    except scaffold.ScaffoldRefused as error:
        print(scaffold.describe_refusal(error, translation), file=sys.stderr)
        return WRONG_USAGE
    except OSError as error:
        print(_unwritable(error, job), file=sys.stderr)
        return WRONG_USAGE
    print(path)
    return OK


def _preview(job: Job, now: datetime | None, *, watched: bool, port: int | None) -> int:
    from storefront import preview
    from storefront.reader import shop_language

    version = preview.Version()
    server = None
    if port is not None:
        translation = translations(job.templates, shop_language(job.content))
        try:
            server = preview.make_server(job.output, port, version, translation)
        except (OSError, OverflowError):
            _ = translation.gettext
            refused = _(
                "Port %(port)s can't be used; another program probably holds it. Choose another: --serve %(other)s"
            )
            print(refused % {"port": port, "other": PREVIEW_PORT + 1}, file=sys.stderr)
            return WRONG_USAGE

    def rebuild() -> datetime | None:
        _, outcome = _build(job, now or _clock(), show_drafts=port is not None)
        sys.stdout.flush()
        if outcome is not None:
            redrawn = outcome.draft_pages != version.drafts
            version.drafts = outcome.draft_pages
            if outcome.changed or outcome.removed or redrawn:
                version.rise()
        # With a fixed --now nothing changes by itself.
        return outcome.valid_until if outcome is not None and now is None else None

    try:
        if server is not None:
            threading.Thread(target=server.serve_forever, name="preview", daemon=True).start()
            print(f"http://{preview.HOST}:{server.server_port}/", flush=True)
        if watched:
            preview.watch(job, rebuild, threading.Event())
        else:
            rebuild()
            threading.Event().wait()
    except KeyboardInterrupt:
        return OK
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()
    return OK


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A console that lacks a letter of her shop's name shows a question mark instead of ending the build.
            stream.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:], os.environ))
