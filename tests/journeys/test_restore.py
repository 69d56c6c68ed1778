"""
The drill: back up, sell on, lose the ledger, bring the backup back, compare with the workbook, open. On each database.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from openpyxl import load_workbook

from intake.backup import list_backups
from intake.ledger.engine import open_reader
from intake.ledger.invariants import find_violations
from tests.databases import PostgresServer
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, order_fields, place, review

QUOTA = 12
LATE_S = 60.0


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, make_shop: Callable[..., RunningShop]) -> Iterator[RunningShop]:
    """A built shop with a small quota, not started, on each database in turn."""
    made = make_shop(quota=QUOTA)
    if request.param == "sqlite":
        yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    made.database_url = server.create()
    yield made
    made.end()
    server.drop(made.database_url)


def command(shop: RunningShop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the shop as its operator does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ETALASE_")} | {
        "ETALASE_CONTENT": str(shop.content), "ETALASE_SITE": str(shop.site), "ETALASE_DATA": str(shop.data),
        **({"DATABASE_URL": shop.database_url} if shop.database_url else {}),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "intake", *arguments],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def buy(shop: RunningShop, number: int, qty: int = 1) -> str:
    """Order as a new buyer; give the path of her page."""
    fields = order_fields(**{JAR: str(qty), "phone": f"0812{number:08}", "name": f"Pembeli {number}"})
    return place(shop.base, SLUG, fields)


def sell_out(shop: RunningShop, first: int) -> int:
    """Order one after the other until nothing is left; give how many were sold."""
    for sold in range(QUOTA + 1):
        fields = order_fields(**{JAR: "1", "phone": f"0812{first + sold:08}", "name": f"Pembeli {first + sold}"})
        answer = requests.post(f"{shop.base}/pesan/{SLUG}", data=fields, timeout=30)
        if answer.status_code != 200:
            return sold
        try:
            place(shop.base, SLUG, fields)
        except AssertionError:
            return sold
    raise AssertionError("it sells without end")


def rows(shop: RunningShop) -> dict[str, dict[str, Any]]:
    """Give ref -> header -> value of the workbook."""
    if not shop.workbook.exists():
        return {}
    book = load_workbook(shop.workbook, read_only=True)
    header, *found = book["Pesanan"].iter_rows(values_only=True)
    book.close()
    return {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in found if row[0]}


def wait_for(found: Callable[[], Any], what: str) -> Any:
    """Give what is found once it is something."""
    deadline = time.monotonic() + LATE_S
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {LATE_S} s: {what}")


def type_status(shop: RunningShop, refs: list[str], status: str) -> None:
    """Set the status of orders in the workbook, as the seller does."""
    book = load_workbook(shop.workbook)
    tab = book["Pesanan"]
    for row in range(2, tab.max_row + 1):
        if tab.cell(row, 1).value in refs:
            tab.cell(row, 2).value = status
    book.save(shop.workbook)


def ledger_url(shop: RunningShop) -> str:
    return shop.database_url or f"sqlite:///{shop.data / 'etalase.sqlite3'}"


def ask(shop: RunningShop, statement: str) -> list[tuple[Any, ...]]:
    """Ask the ledger, not the shop."""
    reader = open_reader(ledger_url(shop))
    try:
        with reader.begin() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]
    finally:
        reader.dispose()


def destroy(shop: RunningShop) -> None:
    """Lose the ledger: its disk is full of rubbish, or its tables are gone."""
    if shop.database_url:
        with closing(psycopg.connect(shop.database_url, autocommit=True)) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return
    for path in shop.data.glob("etalase.sqlite3*"):
        if path.name != "etalase.sqlite3.lock":
            path.write_bytes(b"\xa5" * 10_000)


def test_the_drill(shop: RunningShop, tmp_path: Path) -> None:
    """
    Nothing is sold twice, nothing is missing that the workbook knew, every buyer's link works, the workbook stays as it
    is; and until the two were compared no order was taken.
    """
    shop.start()
    pages = [buy(shop, number) for number in range(3)]
    wait_for(lambda: len(rows(shop)) == 3, "the first orders in the workbook")
    early = list(rows(shop))
    made = command(shop, "backup")
    assert made.returncode == 0, made.stdout + made.stderr
    backup = list_backups(shop.data / "backups")[-1].path
    # The machine may be lost with its disk: what counts was copied elsewhere.
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(backup.parent, elsewhere)

    pages += [buy(shop, number) for number in range(10, 14)]
    wait_for(lambda: len(rows(shop)) == 7, "all orders in the workbook")
    late = [ref for ref in rows(shop) if ref not in early]
    type_status(shop, [early[0], late[0]], "DP diterima")
    wait_for(
        lambda: ask(shop, "SELECT count(*) FROM orders WHERE status = 'deposit_paid'") == [(2,)], "her commands done"
    )
    wait_for(lambda: ask(shop, "SELECT 1 FROM outbox WHERE state <> 'done'") == [], "the workbook up to date")
    assert sum(row["Uang Masuk"] or 0 for row in rows(shop).values()) > 0
    known = rows(shop)
    tokens = dict(ask(shop, "SELECT ref, token FROM orders"))
    # Somebody stands before her review while the shop is lost.
    fields = order_fields(**{JAR: "1", "name": "Terlalu Cepat"})
    reviewed = review(shop.base, SLUG, fields)
    shop.kill()
    destroy(shop)

    # The workbook is on another machine just now: the ledger comes back, and stays closed.
    away = tmp_path / "orders.xlsx"
    shutil.move(shop.workbook, away)
    closed = command(shop, "restore", str(elsewhere / backup.name))
    assert closed.returncode == 1, closed.stdout + closed.stderr
    assert ask(shop, "SELECT value FROM meta WHERE key = 'paused'") == [("restored",)]
    shop.start(wait=False)
    wait_for(lambda: answers(shop), "the shop answers")
    assert requests.get(f"{shop.base}/readyz", timeout=10).status_code == 503
    for path, posted in ((f"/pesan/{SLUG}", fields), (f"/pesan/{SLUG}/kirim", reviewed)):
        assert requests.post(shop.base + path, data=posted, timeout=30).status_code == 503, path
    assert command(shop, "restore", "--reconcile").returncode != 0, "a shop runs"
    assert shop.stop()[0] == 0
    assert ask(shop, "SELECT count(*) FROM orders") == [(3,)]

    shutil.move(away, shop.workbook)
    opened = command(shop, "restore", "--reconcile")
    assert opened.returncode == 0, opened.stdout + opened.stderr
    assert dict(ask(shop, "SELECT ref, token FROM orders")) == tokens
    shop.start()
    for page in pages:
        assert requests.get(shop.base + page, timeout=10).status_code == 200
    wait_for(lambda: ask(shop, "SELECT 1 FROM outbox WHERE state <> 'done'") == [], "the first round is over")
    assert rows(shop) == known
    assert sell_out(shop, 100) == QUOTA - len(pages)
    wait_for(lambda: len(rows(shop)) == QUOTA, "all orders in the workbook")
    held = "SELECT sum(qty) FROM order_lines"
    assert [int(units) for (units,) in ask(shop, held)] == [QUOTA]
    reader = open_reader(ledger_url(shop))
    with reader.begin() as connection:
        assert find_violations(connection) == []
    reader.dispose()
    assert shop.stop()[0] == 0


def answers(shop: RunningShop) -> bool:
    try:
        return requests.get(shop.base + "/healthz", timeout=2).status_code == 200
    except requests.RequestException:
        return False
