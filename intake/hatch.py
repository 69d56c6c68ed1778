"""
The hatch: a socket in the data folder through which a command has the running shop do what only one process may.

A SQLite ledger has one process that writes. While a shop runs, a command hands its request in here, and the shop does
it in its own writer; where none runs, the command opens the ledger itself. One line of JSON each way; whoever may open
the data folder (mode 0700, the socket 0600) may ask, and nobody else.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from preorder.errors import PreorderError

log = logging.getLogger(__name__)

NAME = "hatch"
# Nobody hands in more than some hundred refs.
LARGEST = 64 * 1024
# How long a request may take to come in, and the shop to do it.
IN_S = 5.0
ANSWER_S = 60.0
_BACKLOG = 4
# What the address of a socket may have, at least everywhere, with a byte to spare.
_LONGEST = 100

# Does a request and gives the answer.
Work = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class HatchClosed(PreorderError):
    """A shop runs and has not done what it was asked for. Fields: path, reason (a code)."""

    code = "hatch_closed"


class Hatch:
    """The shop's side. As a context manager it answers, in a thread of its own, until the block ends."""

    def __init__(self, folder: Path, work: Work) -> None:
        self._folder, self._work = folder, work
        self._stop = threading.Event()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if not hasattr(socket, "AF_UNIX"):
            # Windows: commands that write ask for the shop to be ended first.
            return self
        try:
            with _address(self._folder) as address:
                # One that a killed shop has left; the folder's lock says that no other is there.
                (self._folder / NAME).unlink(missing_ok=True)
                listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    listening.bind(address)
                    (self._folder / NAME).chmod(0o600)
                    listening.listen(_BACKLOG)
                except OSError:
                    listening.close()
                    raise
        except OSError as error:
            log.warning(
                "no socket in the data folder: commands that write need the shop to be ended: %s", error.strerror
            )
            return self
        listening.settimeout(0.2)
        self._socket = listening
        self._thread = threading.Thread(target=self._answer_all, name="hatch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is None or self._socket is None:
            return
        self._thread.join(IN_S)
        self._socket.close()
        (self._folder / NAME).unlink(missing_ok=True)

    def _answer_all(self) -> None:
        assert self._socket is not None
        while not self._stop.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError as error:
                log.warning("the socket in the data folder failed: %s", error.strerror)
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(IN_S)
        try:
            request = json.loads(_read_line(connection))
            answer = dict(self._work(request))
        except (ValueError, KeyError, TypeError) as error:
            answer = {"error": "malformed", "fields": {"reason": type(error).__name__}}
        except PreorderError as error:
            answer = {"error": error.code, "fields": {name: str(value) for name, value in error.fields.items()}}
        except OSError:
            # Whoever asked has gone.
            return
        except Exception as error:  # noqa: BLE001 - told to whoever asked; the shop goes on
            log.error("a request at the hatch failed: %s", type(error).__name__)
            answer = {"error": "failed", "fields": {"reason": type(error).__name__}}
        with contextlib.suppress(OSError):
            connection.sendall(json.dumps(answer).encode() + b"\n")


def ask(folder: Path, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """
    Have the running shop do something, and give its answer: what the work gave, or {"error": code, "fields": {...}}.

    Returns:
        None where no shop listens: it has not been started, or has been killed.

    Raises:
        HatchClosed: one listens and does not answer; what was asked for may be done all the same.
    """
    path = folder / NAME
    if not hasattr(socket, "AF_UNIX") or not path.exists():
        return None
    with _address(folder) as address, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(address)
        except OSError:
            return None
        try:
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(_read_line(connection))
        except (OSError, ValueError) as error:
            raise HatchClosed(path=str(path), reason=type(error).__name__) from error
    return dict(answer)


def _read_line(connection: socket.socket) -> bytes:
    """
    Raises:
        ValueError: longer than LARGEST, or cut off.
    """
    read = b""
    while not read.endswith(b"\n"):
        part = connection.recv(8192)
        if not part or len(read) + len(part) > LARGEST:
            raise ValueError("no whole line")
        read += part
    return read


@contextlib.contextmanager
def _address(folder: Path) -> Iterator[str]:
    """
    Give the address of the socket while the block lasts: its path, or where that is longer than an address may be, one
    by way of a descriptor of the folder.

    Raises:
        OSError: this system has no such way.
    """
    path = str(folder / NAME)
    if len(os.fsencode(path)) <= _LONGEST:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)
