"""Faults that tests plant: what goes wrong with the next call that matches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.sheets_double.calls import Call, Match, matches

Applied = Literal["no", "yes", "late"]
Way = Literal["status", "reset", "hang", "truncated", "garbage", "trickle"]


@dataclass(frozen=True)
class Fault:
    """
    Something that goes wrong.

    Attributes:
        way: how the answer goes wrong. applied: what was asked for is done "yes" before that, "no" never, "late" after
            the client has gone.
        status: for way "status"; html: as a page, else as JSON. retry_after_s: for 429 and 503.
        land_after_s: for "late": so many seconds after the call came; None: when Planted.land() is called.
        chunk, pause_s: for "trickle": bytes at a time, and seconds between.
    """

    name: str
    way: Way
    applied: Applied = "no"
    status: int = 503
    html: bool = False
    message: str = ""
    retry_after_s: int | None = None
    land_after_s: float | None = None
    chunk: int = 16
    pause_s: float = 0.05


def server_error(status: int = 503, *, html: bool = True, applied: bool = False) -> Fault:
    """5xx as a page of HTML or as JSON; `applied`: after the change was made."""
    when = "after" if applied else "before"
    kind = "html" if html else "json"
    return Fault(f"{status} {kind} {when}", "status", "yes" if applied else "no", status, html)


def reset(*, applied: bool = False) -> Fault:
    """The connection is cut, before or after the change was made."""
    return Fault(f"reset {'after' if applied else 'before'}", "reset", "yes" if applied else "no")


def hang(*, applied: bool = False) -> Fault:
    """No answer until Planted.release(), and then a cut connection; `applied`: the change was made before."""
    return Fault(f"hang {'after' if applied else 'before'}", "hang", "yes" if applied else "no")


def late(
    land_after_s: float | None = None, *, way: Literal["hang", "reset", "status"] = "hang", status: int = 503
) -> Fault:
    """
    No answer (or a cut connection, or a 5xx page) - and the change is made later, when the client has long gone: after so
    many seconds, or with Planted.land(). It is done or refused as it would be then.
    """
    return Fault("late", way, "late", status, html=True, land_after_s=land_after_s)


def truncated(*, applied: bool = True) -> Fault:
    """A 200 whose body ends half way."""
    return Fault("truncated", "truncated", "yes" if applied else "no")


def garbage(*, applied: bool = True) -> Fault:
    """A 200 whose body is no JSON."""
    return Fault("garbage", "garbage", "yes" if applied else "no")


def too_many(retry_after_s: int | None = None) -> Fault:
    """429; without Retry-After as Google does, or with."""
    return Fault("429", "status", "no", 429, retry_after_s=retry_after_s)


def unauthorized() -> Fault:
    """401: the token is not good any more."""
    return Fault("401", "status", "no", 401)


def not_shared() -> Fault:
    """403: the sharing was taken back."""
    return Fault("403", "status", "no", 403)


def api_off() -> Fault:
    """403: the Sheets API was never switched on in the project."""
    return Fault("403 api off", "status", "no", 403, message="api off")


def office_file() -> Fault:
    """400: an .xlsx file that was uploaded and is only shown."""
    return Fault("400 office file", "status", "no", 400, message="office file")


def gone() -> Fault:
    """404: the file was deleted."""
    return Fault("404", "status", "no", 404)


def trickle(chunk: int = 16, pause_s: float = 0.05) -> Fault:
    """A right answer that comes so many bytes at a time."""
    return Fault("trickle", "trickle", "yes", chunk=chunk, pause_s=pause_s)


@dataclass
class Planted:
    """
    A fault that waits for its call.

    Attributes:
        calls: that met it. reached: set when one did. landed: set when a late change was made or refused.
        landed_status: of the late change: 200, or what it was refused with; None before.
    """

    fault: Fault
    match: Match
    skip: int
    times: int
    calls: list[Call] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    landed: threading.Event = field(default_factory=threading.Event)
    landed_status: int | None = None
    landings: list[Callable[[], None]] = field(default_factory=list)

    def release(self) -> None:
        """Let a hanging call go: its connection is cut."""
        self.released.set()

    def land(self) -> None:
        """Make the late changes now."""
        while self.landings:
            self.landings.pop(0)()

    def cancel(self) -> None:
        """Let nothing more meet it."""
        self.times = 0

    @property
    def is_over(self) -> bool:
        """Say whether no further call will meet it."""
        return self.times <= 0

    def takes(self, call: Call) -> bool:
        """Say whether this call meets it, and count that."""
        if self.times <= 0 or not matches(call, self.match):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        self.calls.append(call)
        return True


@dataclass
class Hook:
    """A hand that comes in right before or after a call."""

    match: Match
    hand: Callable[[], object]
    skip: int
    after: bool
    done: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None

    def takes(self, call: Call, *, after: bool) -> bool:
        """Say whether it is this hand's turn, and count that."""
        if self.after is not after or self.done.is_set() or not matches(call, self.match):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return True
