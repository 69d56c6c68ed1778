"""
A crash at the worst moment: the order is stored and nobody has been told. For kills at random moments see tests/storms.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
import requests
from openpyxl import load_workbook

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, order_fields, review


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
