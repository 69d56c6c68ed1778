"""
SIGKILL at random moments, on SQLite the shop, on PostgreSQL one of two order desks and one of two workers: every
confirmed order is there once, under the ref that it had, in ledger and workbook.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from preorder.campaign import WHOLE
from tests.journeys.running import RunningShop
from tests.storms.buyers import Buyer, Crowd, Outcome, run_apart
from tests.storms.conftest import MakeShop
from tests.storms.shops import LARGE, POOLS, SMALL, Shop, keep_figures, units_by_pool

# Buyers who are at it at the same time.
AT_ONCE = 12
QUOTAS = {WHOLE: 1_000_000, POOLS[SMALL][0]: 1_000_000}
# How often a process is killed again before it is ready.
UNREADY = 0.2


@dataclass
class Storm:
    """
    Kills, and what is seen between them.

    Attributes:
        heard: tokens of orders that buyers know of.
        refs: token -> ref, as seen after each kill.
        restarts: seconds until a desk was ready again.
        wrong: what should not be.
    """

    shop: Shop
    orders: int
    kills: int
    chance: random.Random
    heard: set[str] = field(default_factory=set)
    refs: dict[str, str] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def rage(self) -> None:
        """Kill and restart, as often as it should be, all over the stream of orders."""
        for number in range(self.kills):
            due = (number + 1) * self.orders / (self.kills + 2)
            deadline = time.monotonic() + 30
            while len(self.heard) < due and time.monotonic() < deadline and not self.over.is_set():
                self.over.wait(0.01)
            self.over.wait(self.chance.random() * 0.2)
            threads = [threading.Thread(target=self._strike, args=(victim,)) for victim in self._victims()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self._look()

    def _victims(self) -> Iterator[RunningShop]:
        yield self.chance.choice(self.shop.desks)
        if self.shop.workers:
            yield self.chance.choice(self.shop.workers)

    def _strike(self, victim: RunningShop) -> None:
        try:
            if victim in self.shop.workers:
                time.sleep(self.chance.random() * 0.5)
            victim.kill()
            while self.chance.random() < UNREADY:
                victim.start(wait=False)
                time.sleep(self.chance.random() * 1.5)
                victim.kill()
            seconds = victim.start()
            if victim in self.shop.desks:
                self.restarts.append(seconds)
        except AssertionError as failure:
            self.wrong.append(str(failure))

    def _look(self) -> None:
        """See whether all that buyers know of is there, and what was there before is as it was."""
        known = set(self.heard)
        now = {order.token: order.ref for order in self.shop.orders()}
        if lost := known - now.keys():
            self.wrong.append(f"{len(lost)} confirmed orders are lost")
        if changed := [ref for token, ref in self.refs.items() if now.get(token) != ref]:
            self.wrong.append(f"changed or gone: {changed}")
        self.refs = now


async def keep_buying(storm: Storm) -> list[Outcome]:
    """Have buyers order one after the other while it storms; some press twice, some come back later and press again."""
    give_up_at = time.time() + 60 + storm.orders
    crowd = Crowd(storm.shop.ports, storm.shop.slug, give_up_at, hears=storm.heard.add)
    chance = random.Random(storm.orders)
    desks = len(storm.shop.desks)
    buyers = iter(
        [
            Buyer(
                number,
                basket=chance.choice([{SMALL: 1}, {LARGE: 2}, {SMALL: 2, LARGE: 1}]),
                desk=chance.randrange(desks),
                presses=2 if chance.random() < 0.3 else 1,
            )
            for number in range(storm.orders)
        ]
    )
    outcomes: list[Outcome] = []

    async def go_on() -> None:
        for buyer in buyers:
            outcome = await crowd.buy(buyer)
            outcomes.append(outcome)
            if outcome.end == "confirmed" and chance.random() < 0.3:
                again = await crowd.press_again(outcome, chance.randrange(desks))
                if (again.kind, again.headers.get("location", "").rpartition("/")[2]) != ("confirmed", outcome.token):
                    storm.wrong.append(f"pressed again: {again.kind}")

    raging = threading.Thread(target=storm.rage)
    raging.start()
    try:
        await asyncio.gather(*(go_on() for _ in range(AT_ONCE)))
    finally:
        # What is left of the kills comes without buyers.
        storm.over.set()
        await asyncio.to_thread(raging.join)
    return outcomes


def go_through(shop: Shop, orders: int, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Let it storm, and look at everything afterwards."""
    shop.publish(quotas=QUOTAS)
    shop.start()
    storm = Storm(shop, orders, kills, random.Random(orders * kills))
    began = time.monotonic()
    outcomes = run_apart(keep_buying(storm))
    figures = {
        "database": shop.kind, "orders": len(storm.heard), "kills": kills, "seconds": round(time.monotonic() - began),
        "broken_posts": sum(outcome.broken for outcome in outcomes),
        "again_later": sum(answer.status == 503 for outcome in outcomes for answer in outcome.answers),
        "ready_median_s": round(statistics.median(storm.restarts), 2), "ready_max_s": round(max(storm.restarts), 2),
    }  # fmt: skip
    ended = [f"{outcome.buyer.number}: {outcome.end}" for outcome in outcomes if outcome.end != "confirmed"]
    assert not ended and not storm.wrong, f"{ended[:10]} {storm.wrong[:10]}\n{shop.log[-3000:]}"
    stored = shop.orders()
    assert {order.token for order in stored} == {outcome.token for outcome in outcomes}
    assert len(stored) == orders, "an order is there twice"
    assert {order.token: order.ref for order in stored}.items() >= storm.refs.items()
    baskets = {outcome.buyer.phone: outcome.buyer.basket for outcome in outcomes}
    assert {order.phone: order.basket for order in stored} == baskets
    units = units_by_pool(list(baskets.values()))
    assert {pool: sold for pool, (sold, _) in shop.sold().items()} == units
    assert shop.violations() == []
    rows = shop.wait_for_rows(orders, 60 + orders / 10)
    assert set(rows.values()) == {1}
    assert set(rows) == {order.ref for order in stored}
    ends = shop.stop()
    figures["ended_in_s"] = round(max(seconds for _, seconds in ends), 1)
    with capsys.disabled():
        print(f"\n{figures}")
    keep_figures("kills", figures)
    assert all(status == 0 and seconds < 20 for status, seconds in ends), ends


def test_few_kills(make_storm_shop: MakeShop, capsys: pytest.CaptureFixture[str]) -> None:
    """Eight kills in a stream of orders: none lost, none doubled, none with another ref."""
    go_through(make_storm_shop(), 200, 8, capsys)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_kills(make_storm_shop: MakeShop, capsys: pytest.CaptureFixture[str]) -> None:
    """Fifty kills in a stream of orders: as with few."""
    go_through(make_storm_shop(), 3_000, 50, capsys)
