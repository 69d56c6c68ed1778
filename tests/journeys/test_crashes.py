"""SIGKILL at any moment: every confirmed order once, in ledger and workbook, under the same ref."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
import requests
from openpyxl import load_workbook

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, order_fields, review

BUYERS = 8


def ledger_refs(shop: RunningShop) -> dict[str, str]:
    """Give token -> ref of all orders in the ledger."""
    with closing(sqlite3.connect(f"file:{shop.data / 'etalase.sqlite3'}?mode=ro", uri=True)) as connection:
        return dict(connection.execute("SELECT token, ref FROM orders"))


def workbook_refs(shop: RunningShop) -> Counter[str]:
    """Give ref -> how often it stands in the workbook."""
    book = load_workbook(shop.workbook, read_only=True)
    refs = Counter(str(row[0]) for row in book["Pesanan"].iter_rows(min_row=2, values_only=True) if row[0])
    book.close()
    return refs


def wait_for_workbook(shop: RunningShop, count: int, seconds: float = 60) -> Counter[str]:
    """Give the refs in the workbook once there are that many."""
    deadline = time.monotonic() + seconds
    refs: Counter[str] = Counter()
    while time.monotonic() < deadline:
        refs = workbook_refs(shop)
        if len(refs) >= count:
            break
        time.sleep(0.5)
    return refs


def keep_trying(url: str, data: dict[str, str], give_up: float) -> requests.Response:
    """Post as a buyer does whose connection breaks: the same again until somebody answers."""
    while True:
        try:
            answer = requests.post(url, data=data, timeout=30, allow_redirects=False)
            if answer.status_code < 500:
                return answer
        except requests.RequestException:
            pass
        if time.monotonic() > give_up:
            raise AssertionError("nobody answered")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("orders", "kills"),
    [(300, 15), pytest.param(2_000, 60, marks=pytest.mark.prove)],
    ids=["300-orders-15-kills", "2000-orders-60-kills"],
)
def test_kills_in_a_stream_of_orders(make_shop: Callable[..., RunningShop], orders: int, kills: int) -> None:
    """Nobody who was told "received" is missing, nobody is there twice, and a retry leads to the same order."""
    shop = make_shop(quota=5_000)
    shop.start()
    give_up = time.monotonic() + orders
    confirmed: dict[int, str] = {}
    numbers = iter(range(orders))
    lock = threading.Lock()
    failures: list[str] = []

    def buy() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            fields = order_fields(**{JAR: "1", "phone": f"0812{number:08}", "name": f"Pembeli {number}"})
            try:
                while True:
                    try:
                        hidden = review(shop.base, SLUG, fields)
                        break
                    except requests.RequestException:
                        assert time.monotonic() < give_up, "nobody answered"
                        time.sleep(0.05)
                answer = keep_trying(f"{shop.base}/pesan/{SLUG}/kirim", hidden, give_up)
                assert answer.status_code == 303, answer.text[:500]
                again = keep_trying(f"{shop.base}/pesan/{SLUG}/kirim", hidden, give_up)
                assert again.headers["Location"] == answer.headers["Location"]
                confirmed[number] = answer.headers["Location"].rpartition("/")[2]
            except AssertionError as failure:
                failures.append(str(failure))
                return

    buyers = [threading.Thread(target=buy) for _ in range(BUYERS)]
    for buyer in buyers:
        buyer.start()
    chance = random.Random(20261123)
    restarts = []
    for _ in range(kills):
        done = len(confirmed)
        # Each life serves some orders, so that kills fall all over the stream.
        deadline = time.monotonic() + 20
        while (
            len(confirmed) < min(orders, done + orders // (kills + 5)) and time.monotonic() < deadline and not failures
        ):
            time.sleep(0.01)
        time.sleep(chance.random() * 0.2)
        shop.kill()
        restarts.append(shop.start())
    for buyer in buyers:
        buyer.join(orders)
    assert not failures
    assert len(confirmed) == orders
    refs = ledger_refs(shop)
    assert set(confirmed.values()) <= set(refs), "a confirmed order is missing"
    assert len(refs) == orders, "an order is there twice"
    in_workbook = wait_for_workbook(shop, orders, 60 + orders / 10)
    assert set(in_workbook.values()) == {1}
    assert set(in_workbook) == set(refs.values())
    status, seconds = shop.stop()
    assert status == 0 and seconds < 20


def test_killed_between_commit_and_answer(make_shop: Callable[..., RunningShop]) -> None:
    """The order is stored and nobody was told: the buyer presses again and is led to that very order."""
    shop = make_shop()
    shop.start()
    hidden = review(shop.base, SLUG, order_fields(**{JAR: "2"}))
    assert shop.stop()[0] == 0
    environment = os.environ | {
        "ETALASE_CONTENT": str(shop.content), "ETALASE_SITE": str(shop.site), "ETALASE_DATA": str(shop.data), "PORT": str(shop.port),
    }  # fmt: skip
    trapped = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.shop_killed_after_commit"],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    shop.process = trapped
    shop.wait_until_ready()
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{shop.base}/pesan/{SLUG}/kirim", data=hidden, timeout=30)
    assert trapped.wait(10) == -9
    (stored,) = ledger_refs(shop).items()
    shop.start()
    answer = requests.post(f"{shop.base}/pesan/{SLUG}/kirim", data=hidden, timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"].rpartition("/")[2]) == (303, stored[0])
    assert ledger_refs(shop) == dict([stored])
    assert wait_for_workbook(shop, 1) == Counter({stored[1]: 1})
