"""The time that the double goes by: the real one, or one that tests turn."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What the double needs of time."""

    def now(self) -> float:
        """Give seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        ...

    def call_later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after so many seconds."""
        ...


class RealClock:
    """Time as it passes."""

    def now(self) -> float:
        """Give seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        threading.Event().wait(seconds)

    def call_later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after so many seconds."""
        timer = threading.Timer(seconds, do)
        timer.daemon = True
        timer.start()


class VirtualClock:
    """Time that stands still until it is advanced; sleeping advances it."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = threading.RLock()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        """Give seconds since 1970."""
        return self._now

    def __call__(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self.advance(seconds)

    def call_later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something once the clock was advanced so far."""
        with self._lock:
            heapq.heappush(self._later, (self._now + seconds, next(self._numbers), do))

    def advance(self, seconds: float) -> None:
        """Turn the clock forward, and do what was to be done by then, in order and at its time."""
        with self._lock:
            end = self._now + seconds
            while self._later and self._later[0][0] <= end:
                at, _, do = heapq.heappop(self._later)
                self._now = max(self._now, at)
                do()
            self._now = max(self._now, end)
