"""
When a request has come: that decides whether it is in time, however long it waits until the server reads it and then
for a thread.

The server notes when the last byte of a request has come, as the system knows it where it tells (Linux); elsewhere when
it was read. Under a server that notes nothing, a request has come when its page begins.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

# Seconds of the monotonic clock: the clock on the wall may be set meanwhile.
_ARRIVED = "etalase.arrived_monotonic_s"
# struct tcp_info of linux/tcp.h, which only grows at its end: tcpi_last_data_recv, milliseconds since the last data came.
_TCP_INFO = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_LAST_DATA_AT, _LAST_DATA_END = 52, 56
# Longer than any server of ours reads nothing; more than that is no time but a system that doesn't know.
_LONGEST_S = 300.0
# The system counts in ticks of some milliseconds: shorter than this says nothing, and would make who comes at the very
# opening too early.
_SHORTEST_S = 0.05


def _unread_s(connection: socket.socket) -> float:
    """Give for how long the newest bytes of a connection have been here; 0.0 where the system doesn't tell."""
    if _TCP_INFO is None:
        return 0.0
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _LAST_DATA_END)
    except OSError:
        return 0.0  # no TCP, or gone already
    if len(info) < _LAST_DATA_END:
        return 0.0
    (unread_ms,) = struct.unpack_from("=I", info, _LAST_DATA_AT)
    unread_s = float(unread_ms) / 1000
    return unread_s if _SHORTEST_S <= unread_s <= _LONGEST_S else 0.0


class _NotingParser(HTTPRequestParser):  # type: ignore[misc]
    arrived_s = 0.0
    connection: socket.socket | None = None

    def received(self, data: bytes) -> int:
        used: int = super().received(data)
        if self.completed and not self.arrived_s:
            # A busy server may be late in reading by seconds: that is not the buyer's fault.
            self.arrived_s = time.monotonic() - (_unread_s(self.connection) if self.connection else 0.0)
        return used


class _TellingTask(WSGITask):  # type: ignore[misc]
    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        environment[_ARRIVED] = self.request.arrived_s
        return environment


class NotingChannel(HTTPChannel):  # type: ignore[misc]
    """A connection of waitress whose requests tell when they have come."""

    task_class = _TellingTask

    def parser_class(self, adjustments: Any) -> _NotingParser:
        """Give what reads a request of this connection."""
        parser = _NotingParser(adjustments)
        parser.connection = self.socket
        return parser


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
