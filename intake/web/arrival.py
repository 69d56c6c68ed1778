"""
When a request has come: that decides whether it is in time, however long it waits for a thread of the server.

The server notes the moment when the last byte of a request has been read; the pages ask for it. Under another server,
which notes nothing, a request has come when its page begins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

# Seconds of the monotonic clock: the clock on the wall may be set meanwhile.
_ARRIVED = "etalase.arrived_monotonic_s"


class _NotingParser(HTTPRequestParser):  # type: ignore[misc]
    arrived_s = 0.0

    def received(self, data: bytes) -> int:
        used: int = super().received(data)
        if self.completed and not self.arrived_s:
            self.arrived_s = time.monotonic()
        return used


class _TellingTask(WSGITask):  # type: ignore[misc]
    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        environment[_ARRIVED] = self.request.arrived_s
        return environment


class NotingChannel(HTTPChannel):  # type: ignore[misc]
    """A connection of waitress whose requests tell when they have come."""

    parser_class = _NotingParser
    task_class = _TellingTask


def note_arrivals(sockets: Mapping[int, Any]) -> None:
    """Have the servers among waitress's sockets note when each request has come."""
    for server in sockets.values():
        if hasattr(server, "channel_class"):
            server.channel_class = NotingChannel


def arrived_at(environment: Mapping[str, Any], clock: Callable[[], datetime]) -> datetime:
    """Give when a request has come, by this clock."""
    arrived_s = environment.get(_ARRIVED)
    waited_s = time.monotonic() - arrived_s if arrived_s else 0.0
    return clock() - timedelta(seconds=waited_s)
