"""What was asked and answered, and how tests name calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_ROUTES: tuple[tuple[str, str, str, str], ...] = (
    ("POST", r"/token", "token", "token"),
    ("POST", r"/v4/spreadsheets", "spreadsheets.create", "write"),
    ("GET", r"/v4/spreadsheets/(?P<id>[^/:]+)", "spreadsheets.get", "read"),
    ("POST", r"/v4/spreadsheets/(?P<id>[^/:]+):batchUpdate", "spreadsheets.batchUpdate", "write"),
    ("GET", r"/v4/spreadsheets/(?P<id>[^/:]+)/values:batchGet", "values.batchGet", "read"),
    ("POST", r"/v4/spreadsheets/(?P<id>[^/:]+)/values:batchUpdate", "values.batchUpdate", "write"),
    ("POST", r"/v4/spreadsheets/(?P<id>[^/:]+)/values:batchClear", "values.batchClear", "write"),
    ("GET", r"/v4/spreadsheets/(?P<id>[^/:]+)/values/(?P<range>.+)", "values.get", "read"),
    ("PUT", r"/v4/spreadsheets/(?P<id>[^/:]+)/values/(?P<range>.+)", "values.update", "write"),
    ("POST", r"/v4/spreadsheets/(?P<id>[^/:]+)/values/(?P<range>.+):append", "values.append", "write"),
    ("POST", r"/v4/spreadsheets/(?P<id>[^/:]+)/values/(?P<range>.+):clear", "values.clear", "write"),
    ("GET", r"/v4/spreadsheets/(?P<id>[^/:]+)/developerMetadata/(?P<number>[^/:]+)", "developerMetadata.get", "read"),
    ("POST", r"/v4/spreadsheets/(?P<id>[^/:]+)/developerMetadata:search", "developerMetadata.search", "read"),
    ("POST", r"/drive/v3/files", "drive.create", "drive"),
    ("GET", r"/drive/v3/files", "drive.list", "drive"),
    ("GET", r"/drive/v3/files/(?P<id>[^/]+)", "drive.get", "drive"),
    ("DELETE", r"/drive/v3/files/(?P<id>[^/]+)", "drive.delete", "drive"),
)
_COMPILED = [(method, re.compile(path, re.DOTALL), name, kind) for method, path, name, kind in _ROUTES]


@dataclass
class Call:
    """
    One request, and what became of it.

    Attributes:
        at: seconds since 1970, by the double's clock. method, path: with its query, as sent.
        name: "spreadsheets.batchUpdate", "values.batchGet", ...; "" for none that is known.
        kind: "read", "write", "token", "drive" or "".
        spreadsheet: its id. parameters: from the path. query: from the address. body: JSON, or a form.
        account: who asked; "" until that is known.
        status: as answered; 0 where the connection was cut or hangs.
        applied: what it asks for was done, here or later. fault: the name of the planted fault that it met.
        request_bytes, response_bytes: of the bodies, as they went over the wire. plain_bytes: before compression.
    """

    at: float
    method: str
    path: str
    name: str = ""
    kind: str = ""
    spreadsheet: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Any = None
    account: str = ""
    status: int = 0
    applied: bool = False
    fault: str = ""
    request_bytes: int = 0
    response_bytes: int = 0
    plain_bytes: int = 0
    message: str = ""

    @property
    def requests(self) -> list[str]:
        """Give the names of the requests in a batchUpdate."""
        if self.name != "spreadsheets.batchUpdate" or not isinstance(self.body, dict):
            return []
        return [name for request in self.body.get("requests") or [] for name in request]

    def asked(self, name: str) -> str | None:
        """Give a parameter of the query."""
        return self.query[name][-1] if name in self.query else None


Match = str | Callable[[Call], bool]
ANY, READS, WRITES, TOKENS, API = "any", "read", "write", "token", "api"


def matches(call: Call, match: Match) -> bool:
    """
    Say whether a call is meant.

    Args:
        match: "any", "api" (reads and writes), a kind ("read", "write", "token"), a name ("values.batchGet"), the name of
            a request within a batch ("insertDimension"), or a function of the call.
    """
    if callable(match):
        return match(call)
    if match == ANY or match in {call.kind, call.name} or match in call.requests:
        return True
    return match == API and call.kind in {"read", "write"}


def read_call(at: float, method: str, path: str, raw: bytes, content_type: str) -> Call:
    """Read a request; `body` holds the raw text where it is not what it says."""
    parts = urlsplit(path)
    call = Call(at, method, path, query=parse_qs(parts.query, keep_blank_values=True), request_bytes=len(raw))
    for wanted, pattern, name, kind in _COMPILED:
        match = pattern.fullmatch(parts.path)
        if wanted == method and match:
            call.name, call.kind = name, kind
            call.parameters = {key: unquote(value) for key, value in match.groupdict().items()}
            call.spreadsheet = call.parameters.get("id", "")
            break
    if raw:
        if "x-www-form-urlencoded" in content_type:
            call.body = {key: values[-1] for key, values in parse_qs(raw.decode("utf-8", "replace")).items()}
        else:
            try:
                call.body = json.loads(raw)
            except ValueError:
                call.body = raw
    return call
