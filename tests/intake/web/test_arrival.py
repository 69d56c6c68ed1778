"""When a request has come is known however long it waits for a thread."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from waitress import create_server, wasyncore

from intake.web.arrival import arrived_at, note_arrivals


def clock() -> datetime:
    return datetime.now(UTC)


# The system counts in ticks of its own.
TICK = timedelta(milliseconds=20)


class OneThread:
    """A server with one thread, which a request for /slow keeps until it is told to go on."""

    def __init__(self, *, reading: bool = True) -> None:
        self.go_on = threading.Event()
        self.busy = threading.Event()
        self._sockets: dict[int, Any] = {}
        self._server = create_server(self._answer, map=self._sockets, host="127.0.0.1", port=0, threads=1)
        note_arrivals(self._sockets)
        self.url = f"http://127.0.0.1:{self._server.effective_port}/"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        if reading:
            self.read()

    def read(self) -> None:
        self._thread.start()

    def _serve(self) -> None:
        # In turns: what is closed while a turn sleeps in select() would be an error there.
        while not self._stop.is_set():
            wasyncore.loop(timeout=0.1, map=self._sockets, count=1)

    def _answer(self, environment: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environment["PATH_INFO"] == "/slow":
            self.busy.set()
            self.go_on.wait(20)
        start("200 OK", [])
        return [arrived_at(environment, clock).isoformat().encode()]

    def close(self) -> None:
        self.go_on.set()
        self._stop.set()
        self._thread.join()
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)


@pytest.fixture
def server() -> Iterator[OneThread]:
    running = OneThread()
    yield running
    running.close()


def test_a_request_that_waits_has_come_when_it_came(server: OneThread) -> None:
    """A buyer in time is in time, although all threads are busy until after the closing."""
    answers: list[str] = []
    slow = threading.Thread(target=lambda: requests.get(server.url + "slow", timeout=30))
    slow.start()
    assert server.busy.wait(10)
    sent_at = clock()
    waiting = threading.Thread(target=lambda: answers.append(requests.get(server.url, timeout=30).text))
    waiting.start()
    time.sleep(1.0)
    closed_at = clock()
    server.go_on.set()
    for thread in (slow, waiting):
        thread.join()
    came_at = datetime.fromisoformat(answers[0])
    assert sent_at - TICK <= came_at < closed_at


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't tell")
def test_a_request_that_nobody_reads_has_come_when_it_came() -> None:
    """A buyer in time is in time, although the server reads nothing until after the closing."""
    answers: list[str] = []
    server = OneThread(reading=False)
    waiting = threading.Thread(target=lambda: answers.append(requests.get(server.url, timeout=30).text))
    sent_at = clock()
    waiting.start()
    time.sleep(1.0)
    closed_at = clock()
    server.read()
    waiting.join()
    server.close()
    came_at = datetime.fromisoformat(answers[0])
    assert sent_at - TICK <= came_at < closed_at - timedelta(seconds=0.5)


def test_each_request_of_a_connection_comes_at_its_own_time(server: OneThread) -> None:
    """A phone that keeps its connection is not taken for one that came long ago."""
    with requests.Session() as session:
        first = datetime.fromisoformat(session.get(server.url, timeout=30).text)
        between = clock()
        second = datetime.fromisoformat(session.get(server.url, timeout=30).text)
    assert first - TICK <= between <= second + TICK


def test_without_a_note_it_has_come_just_now() -> None:
    """Under a server that notes nothing, a request has come when its page begins."""
    before = clock()
    assert before <= arrived_at({}, clock) <= clock()


def test_the_clock_may_be_set_while_it_waits() -> None:
    """How long it waited is measured by a clock that nobody sets."""
    fixed = datetime(2026, 11, 25, 12, tzinfo=UTC)
    came_at = arrived_at({"etalase.arrived_monotonic_s": time.monotonic() - 5}, lambda: fixed)
    assert timedelta(seconds=5) <= fixed - came_at < timedelta(seconds=6)
