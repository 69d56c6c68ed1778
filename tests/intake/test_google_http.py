"""What Google's answers mean, over a real socket with canned answers; and the pace that is kept."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from intake.sheet import (
    SheetApiOff,
    SheetAway,
    SheetError,
    SheetGone,
    SheetInDoubt,
    SheetKeyWrong,
    SheetNotShared,
    SheetPaced,
    SheetProtected,
    SheetRefused,
)
from intake.sheet.google_http import BACKOFF_MOST_S, Backoff, Bucket, GoogleClient, Pace

HTML = "<!DOCTYPE html><html><title>Error 503 (Service Unavailable)!!1</title></html>"


def error(code: int, status: str, message: str, **more: Any) -> str:
    return json.dumps({"error": {"code": code, "status": status, "message": message, **more}})


@dataclass
class Canned:
    """A server that gives one answer to everything but the question for a token."""

    address: str = ""
    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False
    token_status: int = 200
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def canned() -> Iterator[Canned]:
    state, ended = Canned(), threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/token":
                granted = json.dumps({"access_token": "made-up", "expires_in": 3600, "token_type": "Bearer"})
                refused = json.dumps({"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
                self._say(state.token_status, granted if state.token_status == 200 else refused, {})
                return
            state.asked.append((self.command, self.path, dict(self.headers)))
            if state.silent:
                ended.wait(10)
            if state.cut or state.silent:
                self.close_connection = True
                return
            self._say(state.status, state.body, state.headers)

        def _say(self, status: int, body: str, headers: dict[str, str]) -> None:
            sent = body.encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(sent)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = _answer  # noqa: N815  as the library calls them

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    yield state
    ended.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def private_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture
def key_file(canned: Canned, private_key: str, tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "client_email": "shop@example.iam.gserviceaccount.com",
                "private_key": private_key,
                "private_key_id": "1",
                "token_uri": f"{canned.address}/token",
            }
        )
    )
    return path


@pytest.fixture
def client(canned: Canned, key_file: Path) -> Iterator[GoogleClient]:
    made = GoogleClient("sheet-id", str(key_file), base_url=canned.address, timeout=(1, 0.3))
    yield made
    made.close()


MISSING = error(404, "NOT_FOUND", "Requested entity was not found.")
PROTECTED = "Invalid requests[1].updateCells: You are trying to edit a protected cell or object."
OFF = "Google Sheets API has not been used in project 1 before or it is disabled."
ANSWERS = [
    ("limit", 429, error(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), SheetPaced, SheetPaced),
    ("html 503", 503, HTML, SheetAway, SheetInDoubt),
    ("json 500", 500, error(500, "INTERNAL", "Internal error encountered."), SheetAway, SheetInDoubt),
    ("html 502", 502, HTML, SheetAway, SheetInDoubt),
    ("aborted", 409, error(409, "ABORTED", "The operation was aborted."), SheetAway, SheetInDoubt),
    ("not there", 404, MISSING, SheetGone, SheetGone),
    ("not shared", 403, error(403, "PERMISSION_DENIED", "The caller does not have permission"), SheetNotShared, SheetNotShared),
    ("api off", 403, error(403, "PERMISSION_DENIED", OFF), SheetApiOff, SheetApiOff),
    ("token refused", 401, error(401, "UNAUTHENTICATED", "Request had invalid credentials."), SheetKeyWrong, SheetKeyWrong),
    ("no such tab", 400, error(400, "INVALID_ARGUMENT", "Unable to parse range: X!A1"), SheetRefused, SheetRefused),
    ("protected", 400, error(400, "INVALID_ARGUMENT", PROTECTED), SheetProtected, SheetProtected),
    ("error as a text", 400, '{"error": "invalid_request"}', SheetRefused, SheetRefused),
    ("no json", 200, HTML, SheetAway, SheetInDoubt),
    ("a list", 200, "[]", SheetAway, SheetInDoubt),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "body", "reading", "writing"), ANSWERS, ids=lambda each: str(each)[:20])
def test_an_answer_is_told_for_what_it_is(
    canned: Canned,
    client: GoogleClient,
    name: str,
    status: int,
    body: str,
    reading: type[SheetError],
    writing: type[SheetError],
) -> None:
    """After anything but "in doubt" nothing was written; each says when to try again, and asks once only."""
    canned.status, canned.body = status, body
    for call, kind in ((client.fetch_layout, reading), (lambda: client.batch_update([]), writing)):
        canned.asked.clear()
        with pytest.raises(SheetError) as caught:
            call()
        assert type(caught.value) is kind
        assert caught.value.wait_s is not None and caught.value.wait_s >= 1
        # A refused token is asked for anew, which is no repetition of anything done.
        assert len(canned.asked) == 1 or status == 401


def test_a_silent_and_a_cut_connection(canned: Canned, client: GoogleClient) -> None:
    """A write of which no answer comes is in doubt, a read is not."""
    for canned.silent, canned.cut, reason in ((True, False, "timeout"), (False, True, "connection")):
        with pytest.raises(SheetInDoubt) as write:
            client.batch_update([])
        assert write.value.fields["reason"] == reason
        with pytest.raises(SheetAway) as read:
            client.fetch_layout()
        assert read.value.fields["reason"] == reason


def test_a_refused_connection_wrote_nothing(key_file: Path, canned: Canned) -> None:
    """Nothing went through it: no doubt."""
    client = GoogleClient("sheet-id", str(key_file), base_url=canned.address, timeout=(1, 1))
    client.fetch_layout()
    client._http._base_url = "http://127.0.0.1:9"
    with pytest.raises(SheetAway):
        client.batch_update([])
    client.close()


def test_a_token_that_is_not_granted(canned: Canned, client: GoogleClient) -> None:
    """The key was deleted at Google, or the machine's clock is wrong; nothing was asked of the spreadsheet."""
    canned.token_status = 400
    with pytest.raises(SheetKeyWrong) as caught:
        client.batch_update([])
    assert caught.value.fields["reason"] == "refused"
    assert canned.asked == []


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "missing"), ("{", "unreadable"), ("[]", "unreadable"), ("{}", "unreadable")]
)
def test_a_key_that_is_no_key(tmp_path: Path, content: str | None, reason: str) -> None:
    """It says whether the file isn't there or isn't one."""
    path = tmp_path / "none.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SheetKeyWrong) as caught:
        GoogleClient("sheet-id", str(path))
    assert caught.value.fields["reason"] == reason


def test_what_is_asked_for(canned: Canned, client: GoogleClient) -> None:
    """One GET for many ranges, packed, with the token; and a metadata that is not there is an answer."""
    canned.body = json.dumps({"valueRanges": [{"range": "A"}, {"range": "B", "values": [["x"]]}]})
    assert client.batch_get(["'A'!A1", "'B'!B2"]) == [[], [["x"]]]
    method, path, headers = canned.asked[-1]
    assert (method, path.partition("?")[0]) == ("GET", "/v4/spreadsheets/sheet-id/values:batchGet")
    assert path.count("ranges=") == 2 and "UNFORMATTED_VALUE" in path
    assert "gzip" in headers["Accept-Encoding"] and headers["authorization"] == "Bearer made-up"
    canned.status, canned.body = 404, MISSING
    assert client.has_metadata(7) is False
    canned.status, canned.body = 200, '{"metadataId": 7}'
    assert client.has_metadata(7) is True
    assert canned.asked[-1][1] == "/v4/spreadsheets/sheet-id/developerMetadata/7"


def test_retry_after_is_honoured(canned: Canned, client: GoogleClient) -> None:
    """Where Google says how long, it is no less."""
    canned.status, canned.body, canned.headers = 503, HTML, {"Retry-After": "300"}
    with pytest.raises(SheetAway) as caught:
        client.fetch_layout()
    assert caught.value.fields["wait_s"] >= 300


def test_waits_grow_to_a_minute_and_no_further() -> None:
    """Full jitter between a second and a ceiling that doubles; without end, and anew after a success."""
    for rand, expected in ((lambda: 1.0, [2, 4, 8, 16, 32, 64, 64, 64]), (lambda: 0.0, [1] * 8)):
        backoff = Backoff(rand)
        assert [backoff.next_s() for _ in range(8)] == expected
        assert max(backoff.next_s() for _ in range(5000)) <= BACKOFF_MOST_S
        backoff.reset()
        assert backoff.next_s() == expected[0]


@pytest.mark.parametrize("rest", [0.0, 0.7, 3.0], ids=["greedy", "steady", "slow"])
def test_no_minute_sees_more_than_forty_calls(rest: float) -> None:
    """However it is drawn from."""
    now = [0.0]
    bucket: Bucket = Pace().bucket(lambda: now[0])
    calls = []
    while now[0] < 600:
        wait: Callable[[], float] = bucket.wait_s
        if wait() > 0:
            now[0] += wait() + 0.001
            continue
        bucket.take()
        calls.append(now[0])
        now[0] += rest
    assert max(sum(1 for at in calls if start <= at < start + 60) for start in calls) <= 40
