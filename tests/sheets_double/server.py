"""The double's sockets: requests in, answers out, and all the ways in which an answer goes wrong."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.sheets_double.api import Answer
from tests.sheets_double.calls import Call, read_call
from tests.sheets_double.errors import ApiError, not_authenticated, not_found, not_shared
from tests.sheets_double.faults import Fault, Planted
from tests.sheets_double.quotas import exhausted

if TYPE_CHECKING:
    from tests.sheets_double.double import SheetsDouble

LARGEST_BODY = 64 * 1024 * 1024
# Of an address; the real one has a limit as well, not far from here.
LONGEST_PATH = 16_000
HTML = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <meta name=viewport content="initial-scale=1, minimum-scale=1, width=device-width">
  <title>Error {status} (Server Error)!!1</title>
  <p><b>{status}.</b> <ins>That\u2019s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.
  <ins>That\u2019s all we know.</ins>
"""


class Server(ThreadingHTTPServer):
    """Listens on loopback; each connection has a thread."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, double: SheetsDouble, host: str, port: int) -> None:
        self.double = double
        self.open: set[socket.socket] = set()
        super().__init__((host, port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients of ours go away in the middle; whatever else goes wrong the double tells its tests."""
        import sys

        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError) and not self.double.is_closing:
            self.double.failures.append(error)

    def cut_all(self) -> None:
        """End all connections; their threads close them."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Reads one request after the other from a connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    # Small answers go out at once.
    disable_nagle_algorithm = True
    is_cut = False

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ValueError:
            # Its last step is to flush, and there is nothing left to flush into.
            if not self.is_cut:
                raise

    def cut(self) -> None:
        """Cut the connection so that the other side sees a reset, not an end."""
        self.is_cut = self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for each in (self.rfile, self.wfile, self.connection):
            with contextlib.suppress(OSError):
                each.close()

    def version_string(self) -> str:
        return "ESF"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the double keeps a log of its own."""

    def __getattr__(self, name: str) -> Any:
        if name in {"do_GET", "do_POST", "do_PUT", "do_DELETE"}:
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self._send(
                Answer(413, {"error": {"code": 413, "message": "Request too large", "status": "INVALID_ARGUMENT"}}),
                None,
            )
            return
        raw = self.rfile.read(length) if length else b""
        if len(self.path) > LONGEST_PATH:
            self._send(
                Answer(414, {"error": {"code": 414, "message": "URI too long", "status": "INVALID_ARGUMENT"}}), None
            )
            return
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        double = self.server.double
        path = urlsplit(self.path).path
        if path != "/token" and not path.startswith(("/v4/", "/drive/")):
            self._serve_grid(raw)
            return
        call = read_call(double.clock.now(), self.command, self.path, raw, self.headers.get("Content-Type", ""))
        planted, answer = double.arrive(call, self.headers.get("Authorization", ""))
        if double.latency_s:
            double.clock.sleep(double.latency_s)
        if planted is None:
            assert answer is not None
            self._send(answer, call)
        else:
            self._go_wrong(call, planted, answer)

    def _serve_grid(self, raw: bytes) -> None:
        from tests.sheets_double.grid import serve

        status, content_type, body = serve(
            self.server.double, self.command, self.path, raw, self.headers.get("Host", "")
        )
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _send(self, answer: Answer, call: Call | None) -> None:
        body, headers = self._packed(answer)
        if call is not None:
            call.status, call.response_bytes = answer.status, len(body)
        self._head(answer.status, headers, len(body))
        self.wfile.write(body)

    def _packed(self, answer: Answer) -> tuple[bytes, dict[str, str]]:
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "Vary": "Origin, X-Origin, Referer",
            "Cache-Control": "private",
            "X-Content-Type-Options": "nosniff",
        } | answer.headers
        body = b"" if answer.body is None else (json.dumps(answer.body, indent=2, ensure_ascii=False) + "\n").encode()
        return self._zipped(body, headers), headers

    def _zipped(self, body: bytes, headers: dict[str, str]) -> bytes:
        if body and "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return gzip.compress(body, compresslevel=6, mtime=0)
        return body

    def _head(self, status: int, headers: dict[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    # -- what goes wrong -------------------------------------------------------------------------------------------------

    def _go_wrong(self, call: Call, planted: Planted, answer: Answer | None) -> None:
        fault = planted.fault
        planted.reached.set()
        if fault.way == "status":
            self._send_status(call, fault)
        elif fault.way in {"reset", "hang"}:
            if fault.way == "hang":
                self.server.double.wait_released(planted)
            self.cut()
        elif fault.way == "trickle":
            assert answer is not None
            self._trickle(call, planted, answer)
        else:
            self._send_broken(call, fault, answer or Answer(200, {}))

    def _send_status(self, call: Call, fault: Fault) -> None:
        if fault.html:
            body, headers = HTML.format(status=fault.status).encode(), {"Content-Type": "text/html; charset=UTF-8"}
            if fault.retry_after_s is not None:
                headers["Retry-After"] = str(fault.retry_after_s)
            body = self._zipped(body, headers)
            call.status, call.response_bytes = fault.status, len(body)
            self._head(fault.status, headers, len(body))
            self.wfile.write(body)
            return
        error = fault_error(call, fault)
        if fault.retry_after_s is not None:
            error.headers["Retry-After"] = str(fault.retry_after_s)
        self._send(Answer(error.status, error.body(), error.headers), call)

    def _send_broken(self, call: Call, fault: Fault, answer: Answer) -> None:
        if fault.way == "garbage":
            body, length = b"<!-- not what was asked for -->", 31
        else:
            body = (json.dumps(answer.body, indent=2) + "\n").encode()
            length = len(body)
            body = body[: length // 2]
        call.status, call.response_bytes = 200, len(body)
        self._head(200, {"Content-Type": "application/json; charset=UTF-8"}, length)
        self.wfile.write(body)
        self.wfile.flush()
        if fault.way == "truncated":
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _trickle(self, call: Call, planted: Planted, answer: Answer) -> None:
        body, headers = self._packed(answer)
        call.status, call.response_bytes = answer.status, len(body)
        self._head(answer.status, headers, len(body))
        for start in range(0, len(body), planted.fault.chunk):
            self.wfile.write(body[start : start + planted.fault.chunk])
            self.wfile.flush()
            planted.released.wait(planted.fault.pause_s)


def fault_error(call: Call, fault: Fault) -> ApiError:
    """Give Google's words for a planted status."""
    if fault.status == 429:
        return exhausted(call.kind if call.kind in {"read", "write"} else "read", "user", 60, "project")
    if fault.status == 401:
        return not_authenticated()
    if fault.message == "api off":
        return ApiError(
            403,
            "Google Sheets API has not been used in project 123456789 before or it is disabled. Enable it by visiting"
            " https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=123456789 then retry."
            " If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "SERVICE_DISABLED",
                    "domain": "googleapis.com",
                    "metadata": {"service": "sheets.googleapis.com", "consumer": "projects/123456789"},
                }
            ],
        )
    if fault.message == "office file":
        return ApiError(400, "This operation is not supported for this document", name="FAILED_PRECONDITION")
    if fault.status == 403:
        return not_shared()
    if fault.status == 404:
        return not_found()
    words = {500: "Internal error encountered.", 503: "The service is currently unavailable."}
    return ApiError(fault.status, words.get(fault.status, "Bad Gateway" if fault.status == 502 else "Error"))


def serving_thread(server: Server) -> threading.Thread:
    """Give a thread that serves."""
    return threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sheets-double", daemon=True
    )
