"""
Drops: a campaign opens and hundreds press at once. Exactly what fits is sold, to nobody twice, and nobody is turned away
for another reason than that it is gone or over.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import requests

from preorder.campaign import WHOLE
from tests.journeys.running import CHECKOUT, free_port, order_fields
from tests.storms.buyers import Buyer, Crowd, Outcome, run_apart
from tests.storms.conftest import MakeShop
from tests.storms.shops import LARGE, POOLS, SMALL, Order, Shop, keep_figures, percentile, units_by_pool

# From the moment that all is ready to the opening.
LEAD_S = 1.5
# Up to so many buyers not even a polite "not now" is heard.
CALM = 500
# A request is in time when it has come before the closing. So long it may be under way on a busy machine: a connection
# is made first, and the buyers share the processors with the shop.
UNDER_WAY_S = 0.5


@dataclass(frozen=True)
class Drop:
    """
    The shape of a drop.

    Attributes:
        whole, small: quotas of the campaign and of its small jars.
        spread_s: within how many seconds of the opening all have pressed.
        thinks_s: how long a buyer looks at the review, at most.
        early, twice: parts of the buyers who come before the opening, and who press the last button more than once.
        closes_after_s: from the opening; None: long after it.
    """

    seed: int
    buyers: int
    whole: int
    small: int
    spread_s: float
    thinks_s: float
    early: float
    twice: float
    closes_after_s: float | None

    @property
    def quotas(self) -> dict[str, int]:
        return {WHOLE: self.whole, POOLS[SMALL][0]: self.small}


def shape(seed: int, buyers: int) -> Drop:
    """Make up a drop."""
    chance = random.Random(f"drop {seed}")
    # A buyer takes about three units: from a fifth of what is wanted to more than that.
    whole = int(buyers * 3 * chance.choice([0.2, 0.4, 0.7, 0.9, 1.3]))
    # Every third closes while they press.
    closes_after_s = chance.uniform(0.6, 1.0) * (1 + buyers / 300) if seed % 3 == 1 else None
    return Drop(
        seed,
        buyers,
        whole,
        small=int(whole * chance.uniform(0.15, 0.6)),
        spread_s=chance.choice([0.1, 0.5, 1.0, 1.0]) if closes_after_s is None else closes_after_s + 0.5,
        thinks_s=chance.choice([0.0, 0.3, 1.0]),
        early=chance.uniform(0, 0.15),
        twice=chance.uniform(0, 0.3),
        closes_after_s=closes_after_s,
    )


def make_buyers(drop: Drop, opens_at: float, desks: int) -> list[Buyer]:
    """Make up who comes to a drop."""
    chance = random.Random(f"buyers {drop.seed}")
    return [
        Buyer(
            number,
            basket=chance.choice([
                {SMALL: 1}, {LARGE: 1}, {SMALL: chance.randint(1, 5)}, {LARGE: chance.randint(1, 8)},
                {SMALL: chance.randint(1, 3), LARGE: chance.randint(1, 3)},
            ]),
            presses_at=opens_at + chance.uniform(0, drop.spread_s),
            thinks_s=chance.uniform(0, drop.thinks_s),
            desk=chance.randrange(desks),
            comes_early=chance.choice(["review", "place"]) if chance.random() < drop.early else "",
            presses=chance.choice([2, 2, 3]) if chance.random() < drop.twice else 1,
        )
        for number in range(drop.buyers)
    ]  # fmt: skip


def hold(shop: Shop, drop: Drop) -> tuple[list[Outcome], float, float]:
    """Let a drop happen; give what became of the buyers, and when it opened and closed."""
    opens_at = time.time() + LEAD_S
    closes_at = opens_at + (drop.closes_after_s or 3600.0)
    shop.publish(
        quotas=drop.quotas,
        opens_at=datetime.fromtimestamp(opens_at, UTC),
        closes_at=datetime.fromtimestamp(closes_at, UTC),
        another=True,
    )
    shop.wait_until_published()
    crowd = Crowd(shop.ports, shop.slug, give_up_at=opens_at + 60)
    buyers = make_buyers(drop, opens_at, len(shop.ports))
    return run_apart(crowd.all(buyers, crowd.buy)), opens_at, closes_at


@contextmanager
def bare(count: int, page_bytes: int) -> Iterator[list[int]]:
    """Run bare applications beside which a drop is measured; give their ports."""
    ports = [free_port() for _ in range(count)]
    names = ",".join((*order_fields(), SMALL, LARGE))
    processes = [
        subprocess.Popen([sys.executable, "-m", "bench.floors", str(port), names, str(page_bytes)], cwd=CHECKOUT)
        for port in ports
    ]
    try:
        for port in ports:
            deadline = time.monotonic() + 20
            while True:
                try:
                    requests.get(f"http://127.0.0.1:{port}/", timeout=2)
                    break
                except requests.RequestException:
                    assert time.monotonic() < deadline, "the bare application does not start"
        yield ports
    finally:
        for process in processes:
            process.kill()
            process.wait()


def hold_bare(drop: Drop, desks: int, page_bytes: int) -> list[Outcome]:
    """Let as many post at the same moments to bare applications."""
    with bare(desks, page_bytes) as ports:
        crowd = Crowd(ports, "", give_up_at=time.time() + 60)
        buyers = make_buyers(drop, time.time() + 0.5, desks)
        return run_apart(crowd.all(buyers, crowd.post_bare))


def judge(shop: Shop, drop: Drop, outcomes: Sequence[Outcome], opens_at: float, closes_at: float) -> list[str]:
    """Say everything that is wrong after a drop."""
    orders = shop.orders()
    wrong = [
        *_wrong_answers(drop, outcomes, opens_at),
        *_wrong_orders(outcomes, orders),
        *_wrong_pools(shop, drop, orders),
    ]
    for outcome in outcomes:
        if outcome.end == "sold_out" and not _was_gone(drop, outcome, orders):
            wrong.append(f"{outcome.buyer.basket} was refused although it was there")
        if outcome.end == "closed" and not _was_late(outcome, closes_at):
            wrong.append(f"sent {closes_at - outcome.last.sent_at:.3f} s before the closing, and refused as late")
    wrong += [
        f"{order.ref} came {order.received_at - opens_at:.3f} s after the opening"
        for order in orders
        if not opens_at - 0.001 <= order.received_at < closes_at
    ]
    return wrong + [str(violation) for violation in shop.violations()]


def _wrong_answers(drop: Drop, outcomes: Sequence[Outcome], opens_at: float) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.end not in {"confirmed", "sold_out", *(["closed"] if drop.closes_after_s else [])}:
            kinds = [(answer.step, answer.kind) for answer in outcome.answers]
            yield f"buyer {outcome.buyer.number} ended with {outcome.end}: {kinds}"
        if outcome.broken:
            yield f"buyer {outcome.buyer.number} met a broken connection"
        for answer in outcome.answers:
            if answer.step == "early" and answer.kind != "not_open_yet" and answer.answered_at < opens_at:
                yield f"before the opening somebody heard {answer.kind}"
            if answer.status >= 500 and (answer.kind != "again_later" or drop.buyers <= CALM):
                yield f"{answer.step} was answered {answer.status}"


def _wrong_orders(outcomes: Sequence[Outcome], orders: Sequence[Order]) -> Iterator[str]:
    """Each confirmed buyer has exactly one order, hers; nobody else has one."""
    found = {order.phone: order for order in orders}
    if len(found) != len(orders):
        yield f"{len(orders)} orders of {len(found)} buyers"
    confirmed = {outcome.buyer.phone: outcome for outcome in outcomes if outcome.end == "confirmed"}
    if found.keys() != confirmed.keys():
        yield f"lost: {confirmed.keys() - found.keys()}, of nobody who knows: {found.keys() - confirmed.keys()}"
    for phone in found.keys() & confirmed.keys():
        order, outcome = found[phone], confirmed[phone]
        if (order.token, order.basket) != (outcome.token, outcome.buyer.basket):
            yield f"{order.ref} holds {order.basket} instead of {outcome.buyer.basket}, or has another link"


def _wrong_pools(shop: Shop, drop: Drop, orders: Sequence[Order]) -> Iterator[str]:
    units = units_by_pool([order.basket for order in orders])
    for pool, (sold, quota) in shop.sold().items():
        if (sold, quota) != (units[pool], drop.quotas[pool]) or sold > quota:
            yield f"pool {pool}: {sold} of {quota} sold, {units[pool]} ordered, {drop.quotas[pool]} published"


def _was_late(outcome: Outcome, closes_at: float) -> bool:
    return outcome.last.sent_at > closes_at - UNDER_WAY_S and outcome.last.answered_at >= closes_at


def _was_gone(drop: Drop, outcome: Outcome, orders: Sequence[Order]) -> bool:
    """Say whether, when she was refused, at least one pool held less than she wanted. Nothing comes back in a drop."""
    answered_at = outcome.last.answered_at
    taken = units_by_pool([order.basket for order in orders if order.placed_at <= answered_at])
    wanted = units_by_pool([outcome.buyer.basket])
    return any(units > quota - taken[pool] for pool, quota in drop.quotas.items() if (units := wanted[pool]))


def figures_of(drop: Drop, outcomes: Sequence[Outcome], floor: Sequence[Outcome]) -> dict[str, object]:
    """Give what was measured: milliseconds that a post took, as the buyers saw it."""
    ends = Counter(outcome.end for outcome in outcomes)
    figures: dict[str, object] = {
        "seed": drop.seed, "buyers": drop.buyers, "quota": drop.whole, "confirmed": ends["confirmed"],
        "sold_out": ends["sold_out"], "closed": ends["closed"], "spread_s": round(drop.spread_s, 1), "thinks_s": drop.thinks_s,
        "again_later": sum(answer.status == 503 for outcome in outcomes for answer in outcome.answers),
    }  # fmt: skip
    for name, of in (("", outcomes), ("floor_", floor)):
        if not of:
            continue
        waits = [wait for outcome in of for step in ("review", "place") for wait in outcome.waits(step)]
        figures |= {f"{name}posts": len(waits)}
        figures |= {f"{name}p{part * 100:.0f}_ms": round(percentile(waits, part) * 1000) for part in (0.5, 0.99, 1.0)}
    return figures


def go_through(shop: Shop, drop: Drop, capsys: pytest.CaptureFixture[str], *, beside_floor: bool) -> None:
    """Hold a drop, measure it, and judge it."""
    outcomes, opens_at, closes_at = hold(shop, drop)
    page_bytes = max(answer.page_bytes for outcome in outcomes for answer in outcome.answers if answer.kind == "review")
    floor = hold_bare(drop, len(shop.ports), page_bytes) if beside_floor else []
    figures = {"database": shop.kind} | figures_of(drop, outcomes, floor)
    late = [closes_at - outcome.last.sent_at for outcome in outcomes if outcome.end == "closed"]
    figures |= {"closed_though_sent_s_before": round(max(late), 3)} if late else {}
    with capsys.disabled():
        print(f"\n{figures}")
    keep_figures("drops", figures)
    wrong = judge(shop, drop, outcomes, opens_at, closes_at)
    assert not wrong, f"{drop}: {len(wrong)} things are wrong:\n" + "\n".join(wrong[:20]) + f"\n{shop.log[-2000:]}"


def test_small_drops(make_storm_shop: MakeShop, capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty buyers at an opening: exactly what fits is sold, to nobody twice, and nobody hears anything else."""
    shop = make_storm_shop()
    shop.start()
    for seed in (1, 2):
        go_through(shop, shape(seed, 60), capsys, beside_floor=False)
    assert all(status == 0 and seconds < 20 for status, seconds in shop.stop())


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 120))
def test_drop(make_storm_shop: MakeShop, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Up to a thousand buyers at an opening, in twenty shapes: as in a small drop."""
    buyers = {100: 1_000, 101: 500, 102: 500, 103: 1_000}.get(seed) or random.Random(seed).randint(50, 1_000)
    shop = make_storm_shop()
    shop.start()
    go_through(shop, shape(seed, buyers), capsys, beside_floor=True)
    assert all(status == 0 and seconds < 20 for status, seconds in shop.stop())
