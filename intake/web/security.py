"""Who may talk to us, and the headers that every answer carries. No cookies anywhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import NullSession, SessionInterface, SessionMixin

from intake.settings import Settings
from preorder.errors import PreorderError

# Addresses that hold a secret.
SECRET_PREFIXES = ("/s/", "/d/")
# Asked by supervisors on this machine, by whatever name they know it.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})

_DEFAULT_PORTS = {"http": 80, "https": 443}


class UnknownHost(PreorderError):
    """The request names a host that isn't ours."""

    code = "unknown_host"


class ForeignOrigin(PreorderError):
    """A page of another site posts to us."""

    code = "foreign_origin"


# No browser takes these for a page, and "nosniff" keeps it so.
_PARTS = frozenset({"text/css", "text/javascript", "application/json", "image/webp", "image/jpeg", "image/png"})


class NoSessions(SessionInterface):
    """Flask's sessions, switched off: nothing is read from a cookie and none is ever set."""

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002  Flask passes it
        """Give a session that can't be written to."""
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep nothing."""


def bare_origin(url: str) -> str:
    """Give an origin in the one form that browsers send: lower case, without the usual port. "" where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if not parts.scheme or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{port}")


class Gate:
    """Checks before each request and headers after it."""

    def __init__(self, settings: Settings) -> None:
        self._origins = {bare_origin(url) for url in (settings.site_url, settings.intake_url) if url}
        self._hosts = {origin.partition("://")[2] for origin in self._origins}
        intake = f" {settings.intake_url}" if settings.intake_url else ""
        policy = (
            "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
            f"connect-src 'self'{intake}; manifest-src 'self'; form-action 'self'{intake}; base-uri 'none'; frame-ancestors 'none'"
        )
        self._headers = (
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
        )
        self._of_parts = (("X-Content-Type-Options", "nosniff"),)

    def check(self) -> None:
        """
        Refuse a host or origin that isn't ours.

        A null or absent Origin says nothing (in-app browsers send it) and an order needs no cookie, so there is nothing
        to forge: it passes.

        Raises:
            UnknownHost, ForeignOrigin.
        """
        host = request.host.lower()
        if self._hosts and host not in self._hosts and request.path not in HEALTH_PATHS:
            raise UnknownHost
        origin = request.headers.get("Origin", "null")
        if request.method not in {"GET", "HEAD"} and origin != "null":
            bare = bare_origin(origin)
            # Behind a proxy we don't know our own scheme; the host decides.
            if not bare or (bare not in self._origins and bare.partition("://")[2] != host):
                raise ForeignOrigin

    def seal(self, response: Response) -> Response:
        """
        Add the headers that every answer carries: nothing of others, no framing, no address handed on. Those of a page are
        left off what is only a part of one: browsers heed them nowhere else, and on a slow network they weigh.
        """
        headers = response.headers
        if request.path.startswith(SECRET_PREFIXES):
            headers["Referrer-Policy"] = "no-referrer"
            headers["Cache-Control"] = "no-store"
        present = {name.lower() for name, _ in headers}
        own = self._of_parts if response.mimetype in _PARTS else self._headers
        headers.extend([header for header in own if header[0].lower() not in present])
        if "cache-control" not in present:
            # Whatever doesn't say otherwise belongs to one buyer and one moment.
            headers["Cache-Control"] = "no-store"
            headers["X-Robots-Tag"] = "noindex"
        return response
