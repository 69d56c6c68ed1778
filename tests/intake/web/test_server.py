"""The pages behind a real server: what only shows on a socket."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from waitress import create_server, wasyncore

from tests.intake.web.page import Page
from tests.intake.web.world import World, fields, open_world

# Below this the whole body is read before our page refuses it. Above, the server answers at once and hangs up, and a
# browser that is still sending shows a broken connection instead of the answer.
LIMIT = 16 * 1024 * 1024

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One shop for all of these."""
    with open_world(tmp_path_factory.mktemp("served")) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[tuple[str, int]]:
    """A waitress with the shop behind it, at a port of its own."""
    sockets: dict[int, object] = {}
    server = create_server(world.app, map=sockets, host="127.0.0.1", port=0, threads=4, max_request_body_size=LIMIT)
    stop = threading.Event()

    def serve() -> None:
        # In turns: what is closed while a turn sleeps in select() would be an error there.
        while not stop.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield "127.0.0.1", server.effective_port
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    server.task_dispatcher.shutdown(timeout=5)
    wasyncore.close_all(sockets)


def ask(address: tuple[str, int], request: bytes) -> tuple[int, str]:
    """Send bytes as they are; give status and body of the answer."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read().decode()


def test_an_order_over_the_wire(world: World, address: tuple[str, int]) -> None:
    """All three posts through a real server."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    before = world.orders()
    connection.request("POST", "/pesan/nastar", urlencode(fields()), FORM)
    review = Page(connection.getresponse().read().decode())
    connection.request("POST", "/pesan/nastar/kirim", urlencode(review.form("/kirim").fields), FORM)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303
    assert answer.getheader("Set-Cookie") is None
    connection.request("GET", answer.getheader("Location") or "")
    assert connection.getresponse().status == 200
    connection.close()
    assert world.orders() == before + 1


@pytest.mark.parametrize("size", [65 * 1024, 900 * 1024, 10 * 1024 * 1024])
def test_a_large_body_is_refused_by_our_page(address: tuple[str, int], size: int) -> None:
    """413, in the shop's words."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request("POST", "/pesan/nastar", b"note=" + b"x" * size, FORM)
    response = connection.getresponse()
    assert response.status == 413
    assert "error" in Page(response.read().decode()).ids
    connection.close()


def test_a_hundred_megabytes_are_refused_before_they_are_read(world: World, address: tuple[str, int]) -> None:
    """413 at the announcement; the server goes on."""
    head = b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 104857600\r\n\r\n"
    assert ask(address, head)[0] == 413
    assert ask(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200


def test_a_chunked_body_counts_the_same(address: tuple[str, int]) -> None:
    """A body without its length announced is read to its end and judged like any other."""
    head = b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = urlencode(fields()).encode()
    assert ask(address, head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))[0] == 200
    much = b"note=" + b"x" * 70 * 1024
    assert ask(address, head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(much), much))[0] == 413


def test_a_slow_body_does_not_hold_the_others_up(world: World, address: tuple[str, int]) -> None:
    """More buyers who type slowly than threads: others are served at once, and the slow ones in the end."""
    body = urlencode(fields()).encode()
    head = (
        b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    slow = [socket.create_connection(address, timeout=10) for _ in range(8)]
    try:
        for connection in slow:
            connection.sendall(head + body[:10])
        assert ask(address, b"GET /pesan/nastar HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200
        for connection in slow:
            connection.sendall(body[10:])
        for connection in slow:
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert response.status == 200
            response.read()
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize(
    "request_head",
    [
        b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: identity\r\n\r\na=1&",
        b"POST /pesan/nastar HTTP/1.1\r\nHost: x\r\nX-A : b\r\n\r\n",
        b"GET /pesan/nastar HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 300_000 + b"\r\n\r\n",
    ],
)
def test_requests_that_are_no_http_are_refused(address: tuple[str, int], request_head: bytes) -> None:
    """4xx or 501, never a 500, and the next request is answered."""
    status, body = ask(address, request_head)
    assert status in {400, 411, 413, 415, 431, 501}
    assert "Traceback" not in body
    assert ask(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200


def test_the_address_of_the_workbook_is_nobodys_business(
    world: World, address: tuple[str, int], tmp_path: Path
) -> None:
    """A path sent as it is, not as a client would tidy it, climbs nowhere."""
    (world.settings.site.parent / "orders.xlsx").write_text("secret")
    for path in (
        b"/../orders.xlsx",
        b"/%2e%2e/orders.xlsx",
        b"/assets/../../orders.xlsx",
        b"//../orders.xlsx",
        b"/..\\orders.xlsx",
        b"//evil.example/",
    ):
        status, body = ask(address, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert status in {400, 404}, path
        assert "secret" not in body
