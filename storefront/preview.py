"""
The seller's preview: rebuilds when she saves, serves the site on this machine only, and reloads the page she looks at.
"""

from __future__ import annotations

import gettext
import html
import mimetypes
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from storefront.builder import Job
from storefront.inputs import walk

HOST = "127.0.0.1"
POLL_S = 0.5
# How long a browser's question for news is held before it asks again.
HOLD_S = 20.0

SCRIPT_PATH = "/__preview/reload.js"
VERSION_PATH = "/__preview/version"

# Added to pages as they are served, never to the files. The question hangs until something is new, so an idle preview
# costs nothing.
_SCRIPT = """\
(async () => {
  let seen = null;
  for (;;) {
    try {
      const answer = await fetch("/__preview/version" + (seen === null ? "" : "?seen=" + seen), {cache: "no-store"});
      const version = await answer.text();
      if (seen !== null && version !== seen) location.reload();
      seen = version;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
})();
"""

# First segments of addresses that only the order desk answers.
_DESK = frozenset(
    {"pesan", "s", "d", "ingatkan", "daftar-tunggu", "penawaran", "sisa.json", "healthz", "readyz", "metrics"}
)


class Version:
    """A number that rises with each rebuild; waiting for the next one costs nothing."""

    def __init__(self) -> None:
        # Pages of drafts, by their path below the site: shown beside what is published, and here only.
        self.drafts: Mapping[str, bytes | Path] = {}
        self._number = 0
        self._changed = threading.Condition()

    def rise(self) -> None:
        """Tell all that wait."""
        with self._changed:
            self._number += 1
            self._changed.notify_all()

    def after(self, seen: str | None, timeout_s: float) -> int:
        """Give the number once it differs from seen, or after timeout_s."""
        with self._changed:
            if seen == str(self._number):
                self._changed.wait_for(lambda: seen != str(self._number), timeout_s)
            return self._number


def make_server(
    output: Path, port: int, version: Version, translation: gettext.NullTranslations
) -> ThreadingHTTPServer:
    """
    Give a server of the built site on 127.0.0.1; the caller runs and closes it.

    Args:
        port: 0 for any free one.
        version: of the site, for pages to reload.

    Raises:
        OSError: the port is taken.
    """

    class Handler(_Handler):
        pass

    Handler.output, Handler.version, Handler.translation = output, version, translation
    return _Server((HOST, port), Handler)


class _Server(ThreadingHTTPServer):
    # Held questions must not keep the preview from ending.
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went to another page while its question was held."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    output: Path
    version: Version
    translation: gettext.NullTranslations
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        if path == SCRIPT_PATH:
            self._answer(HTTPStatus.OK, "text/javascript; charset=utf-8", _SCRIPT.encode())
        elif path == VERSION_PATH:
            seen = address.query.removeprefix("seen=") or None
            self._answer(HTTPStatus.OK, "text/plain", str(self.version.after(seen, HOLD_S)).encode())
        elif path.strip("/").split("/")[0] in _DESK:
            self._say_start_the_shop()
        else:
            self._send_file(path)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        # The body is not read, so the connection can't be used for another request.
        self.close_connection = True
        self._say_start_the_shop()

    def _send_file(self, path: str) -> None:
        drafts = self.version.drafts
        drafted = path.lstrip("/") + ("index.html" if path.endswith("/") else "")
        if drafted in drafts:
            made = drafts[drafted]
            kind = mimetypes.guess_type(drafted)[0] or "application/octet-stream"
            self._send_page(HTTPStatus.OK, kind, made.read_bytes() if isinstance(made, Path) else made)
            return
        target = self.output / path.lstrip("/")
        inside = "\0" not in path and target.resolve().is_relative_to(self.output.resolve())
        if not inside or any(part.startswith(".") for part in Path(path).parts):
            target = self.output / "404.html"
        elif not path.endswith("/") and (target.is_dir() or f"{drafted}/index.html" in drafts):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            # One slash: a second one would lead to another host.
            self.send_header("Location", "/" + path.strip("/") + "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        elif target.is_dir():
            target /= "index.html"
        found = target.is_file() and target.name != "404.html"
        try:
            body = (target if found else self.output / "404.html").read_bytes()
        except OSError:
            body = b""
        kind = (mimetypes.guess_type(target.name)[0] or "application/octet-stream") if found else "text/html"
        self._send_page(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, kind, body)

    def _send_page(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        if kind == "text/html":
            tag = f'<script src="{SCRIPT_PATH}" defer></script>'.encode()
            before, end, after = body.rpartition(b"</body>")
            body = before + tag + end + after if end else body + tag
        charset = "; charset=utf-8" if kind.startswith("text/") or kind.endswith(("json", "xml")) else ""
        self._answer(status, kind + charset, body)

    def _say_start_the_shop(self) -> None:
        _ = self.translation.gettext
        heading = html.escape(_("This is a preview"))
        text = html.escape(_("Orders are taken by the shop itself. Start it with make run, then open the page there."))
        back = html.escape(_("Back to the page"))
        body = (
            f'<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{heading}</title>'
            f'<h1>{heading}</h1><p id="start-the-shop">{text}</p><p><a href="/">{back}</a></p>'
        )
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/html; charset=utf-8", body.encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing: the seller waits for what the build says."""


def watch(job: Job, rebuild: Callable[[], datetime | None], stop: threading.Event, poll_s: float = POLL_S) -> None:
    """
    Rebuild whenever content or templates change, or the time comes at which a page says something else; return when
    stop is set.

    Args:
        rebuild: builds, reports, and gives the instant at which a page will say something else, None where never.
    """
    # Looked at before building: what is saved during the build is seen afterwards.
    seen = _look(job)
    until = rebuild()
    while not stop.wait(poll_s):
        found = _look(job)
        due = until is not None and datetime.now(UTC) >= until
        if found != seen or due:
            seen = found
            until = rebuild()


def _look(job: Job) -> dict[str, tuple[int, int]]:
    found = {}
    try:
        for path, stat in walk((job.content, job.templates)):
            found[path] = (stat.st_size, stat.st_mtime_ns)
    except OSError:
        # A file that was listed and is gone already: an editor at work. The next look sees how it ended.
        return {}
    return found
