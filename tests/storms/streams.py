"""Buyers who keep coming while something goes wrong."""

from __future__ import annotations

import asyncio
import itertools
import math
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Self

from tests.storms.buyers import Buyer, Crowd, Outcome


class Stream:
    """
    Buyers who order one after the other until they are told to stop, in a thread of their own. For the with statement.

    Attributes:
        heard: tokens of orders that buyers know of.
        outcomes: of the buyers who are done.
        failures: what went wrong with the buyers themselves.
    """

    def __init__(self, ports: Sequence[int], slug: str, basket: Mapping[str, int], *, at_once: int = 6) -> None:
        self.heard: set[str] = set()
        self.outcomes: list[Outcome] = []
        self.failures: list[str] = []
        self._basket = basket
        self._at_once = at_once
        self._numbers = itertools.count()
        self._stopped = threading.Event()
        self._crowd = Crowd(ports, slug, math.inf, hears=self.heard.add)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._flow()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        # Whoever is in the middle of an order still has a minute for it.
        self._crowd.give_up_at = time.time() + 60
        self._stopped.set()
        self._thread.join()

    @property
    def turned_away(self) -> int:
        """Give how often somebody was told to come back later."""
        return self._crowd.turned_away

    def wait_for(self, count: int, seconds: float) -> None:
        """Return once so many more orders are confirmed."""
        wanted, deadline = len(self.heard) + count, time.monotonic() + seconds
        while len(self.heard) < wanted:
            assert not self.failures, self.failures
            assert time.monotonic() < deadline, f"{len(self.heard)} of {wanted} orders after {seconds} s"
            time.sleep(0.02)

    async def _flow(self) -> None:
        await asyncio.gather(*(self._go_on() for _ in range(self._at_once)))

    async def _go_on(self) -> None:
        while not self._stopped.is_set():
            number = next(self._numbers)
            try:
                buyer = Buyer(number, self._basket, desk=number % len(self._crowd.ports))
                self.outcomes.append(await self._crowd.buy(buyer))
            except AssertionError as failure:
                self.failures.append(str(failure))
                return
            # A shop that is full and a machine that is busy are other storms.
            await asyncio.sleep(0.03)
