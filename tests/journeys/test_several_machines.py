"""Several processes on one PostgreSQL database and one workbook: everything is done, and each thing once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import requests
from openpyxl import load_workbook

from intake.leased_sheet import WRITE_MARGIN_S, WRITE_S
from intake.workers import LEASE_S, LEASE_TRY_S
from tests.databases import PostgresServer, postgres
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, order_fields, place

# Until somebody else works after a crash in the worst moment, the middle of a write; with room for a busy machine.
TAKEN_OVER_S = WRITE_S + WRITE_MARGIN_S + LEASE_TRY_S + 30


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def shop(make_shop: Callable[..., RunningShop], database: str) -> RunningShop:
    """A built shop on that database, not started."""
    made = make_shop()
    made.database_url = database
    return made


@pytest.fixture
def start(shop: RunningShop) -> Iterator[Callable[..., RunningShop]]:
    """Give a function that starts a process of the shop."""
    started: list[RunningShop] = []

    def begin(*command: str, **environment: str) -> RunningShop:
        process = shop.beside(*command, name=f"log-{len(started)}")
        process.environment = environment
        started.append(process)
        process.start()
        return process

    yield begin
    for process in started:
        process.end()


def ask(shop: RunningShop, statement: str) -> list[tuple[Any, ...]]:
    """Ask the database, not the shop."""
    with closing(psycopg.connect(shop.database_url, autocommit=True)) as connection:
        found = connection.execute(statement)  # type: ignore[call-overload]
        return list(found.fetchall()) if found.description else []


def wait_for(found: Callable[[], Any], seconds: float, what: str) -> Any:
    """Give what is found once it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what}")


def rows(shop: RunningShop) -> Counter[str]:
    """Give ref -> how often it stands in the workbook."""
    if not shop.workbook.exists():
        return Counter()
    book = load_workbook(shop.workbook, read_only=True)
    refs = Counter(str(row[0]) for row in book["Pesanan"].iter_rows(min_row=2, values_only=True) if row[0])
    book.close()
    return refs


def holder(shop: RunningShop, lease: str) -> int | None:
    """Give the process id of who has a lease."""
    found = ask(shop, f"SELECT owner FROM leases WHERE name = '{lease}'")
    return int(found[0][0].split("/")[1]) if found else None


def the_one(processes: list[RunningShop], shop: RunningShop, lease: str) -> tuple[RunningShop, RunningShop]:
    """Give who has a lease, and the other one."""
    pid = wait_for(lambda: holder(shop, lease), 20, f"somebody takes the lease {lease}")
    has = next(each for each in processes if each.process is not None and each.process.pid == pid)
    return has, next(each for each in processes if each is not has)


def buy(process: RunningShop, number: int) -> str:
    """Order as a new buyer; give the token of her page."""
    fields = order_fields(**{JAR: "1", "phone": f"0812{number:08}", "name": f"Pembeli {number}"})
    return place(process.base, SLUG, fields).rpartition("/")[2]


def test_two_intakes_and_two_workers(shop: RunningShop, start: Callable[..., RunningShop]) -> None:
    """
    Orders through both intakes stand in the workbook once each. One worker is killed: the other goes on within the time
    of its lease, and with an order that came meanwhile as with all others.
    """
    intakes = [start("run-shop", "--without-workers") for _ in range(2)]
    workers = [start("work") for _ in range(2)]
    tokens: list[str] = []

    def stream(intake: RunningShop, first: int) -> None:
        tokens.extend(buy(intake, number) for number in range(first, first + 15))

    buyers = [threading.Thread(target=stream, args=(intakes[at % 2], 100 * at)) for at in range(4)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert len(set(tokens)) == 60
    refs = {ref for (ref,) in ask(shop, "SELECT ref FROM orders")}
    assert len(refs) == 60
    wait_for(lambda: set(rows(shop)) == refs, 60, "all orders in the workbook")
    assert set(rows(shop).values()) == {1}
    assert [intake.log.count("rows written") for intake in intakes] == [0, 0]

    has, other = the_one(workers, shop, "sheet")
    doctor = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "intake", "doctor"],
        cwd=CHECKOUT,
        env=os.environ | intakes[0].settings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert has.process is not None and f"/{has.process.pid}/" in doctor.stdout
    has.kill()
    buy(intakes[0], 1000)
    wait_for(lambda: len(rows(shop)) == 61, TAKEN_OVER_S + 30, "the other worker writes")
    assert set(rows(shop).values()) == {1}
    assert other.process is not None and holder(shop, "sheet") == other.process.pid
    # The answer to each buyer's page is the same wherever she asks.
    for intake in intakes:
        assert requests.get(f"{intake.base}/s/{tokens[0]}", timeout=10).status_code == 200


def test_an_orderly_end_hands_over_at_once(shop: RunningShop, start: Callable[..., RunningShop]) -> None:
    """Who ends gives its leases back: nobody waits for their end."""
    workers = [start("work") for _ in range(2)]
    wait_for(lambda: len(rows(shop)) == 0 and shop.workbook.exists(), 30, "the empty workbook")
    has, other = the_one(workers, shop, "sheet")
    status, seconds = has.stop()
    assert status == 0 and seconds < 20
    assert other.process is not None
    began = time.monotonic()
    wait_for(lambda: holder(shop, "sheet") == other.process.pid, LEASE_TRY_S + 10, "the other takes over")
    assert time.monotonic() - began < LEASE_S / 2
    assert "ends by itself" not in has.log


@pytest.mark.prove  # most of its minute is waiting for the lease to end
def test_who_slept_beyond_its_lease_does_nothing_more(shop: RunningShop, start: Callable[..., RunningShop]) -> None:
    """
    The worker with the leases is stopped, as a machine that freezes; another takes over and carries out what the seller
    does. When the first goes on, nothing is doubled, nothing is taken back, and it waits for its turn.
    """
    intake = start("run-shop", "--without-workers")
    workers = [start("work") for _ in range(2)]
    buy(intake, 1)
    wait_for(lambda: len(rows(shop)) == 1, 30, "the first order in the workbook")
    has, other = the_one(workers, shop, "sheet")
    assert has.process is not None and other.process is not None
    # In the middle of something, as likely as not: orders come all the time.
    for number in range(2, 8):
        buy(intake, number)
    has.signal(signal.SIGSTOP)
    try:
        buy(intake, 8)
        wait_for(lambda: holder(shop, "sheet") == other.process.pid, TAKEN_OVER_S, "the other takes over")
        wait_for(lambda: len(rows(shop)) == 8, 60, "the other writes")
        book = load_workbook(shop.workbook)
        paid = str(book["Pesanan"]["A2"].value)
        book["Pesanan"]["B2"].value = "Lunas"
        book.save(shop.workbook)
        wait_for(lambda: ask(shop, f"SELECT 1 FROM orders WHERE ref = '{paid}' AND status = 'paid'"), 60, "her command")
    finally:
        has.signal(signal.SIGCONT)
    buy(intake, 9)
    wait_for(lambda: len(rows(shop)) == 9, 60, "the ninth order in the workbook")
    wait_for(lambda: not ask(shop, "SELECT 1 FROM outbox WHERE state <> 'done'"), 60, "nothing waits")
    assert set(rows(shop).values()) == {1}
    assert has.process.poll() is None, "it waits for its turn"
    assert holder(shop, "sheet") == other.process.pid
    # Nobody but her has moved anything, and what she did was done once.
    moves = ask(shop, "SELECT event, actor FROM events WHERE event <> 'placed'")
    assert [actor for _, actor in moves] == ["seller"]
    assert ask(shop, "SELECT count(*) FROM entries") == [(1,)]


def test_the_clock_expires_once(shop: RunningShop, start: Callable[..., RunningShop]) -> None:
    """Unpaid orders past their grace expire, each once, although every process has a clock; their units come back."""
    shops = [start("run-shop") for _ in range(2)]
    for number in range(1, 13):
        buy(shops[number % 2], number)
    past = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp() * 1000)
    ask(shop, f"UPDATE dues SET pay_by_ms = {past}, grace_until_ms = {past}")
    wait_for(
        lambda: ask(shop, "SELECT count(*) FROM orders WHERE status = 'expired'") == [(12,)], 60, "all have expired"
    )
    assert ask(shop, "SELECT count(*), count(DISTINCT order_id) FROM events WHERE event = 'expired'") == [(12, 12)]
    assert ask(shop, "SELECT sum(sold) FROM pools") == [(0,)]


def test_the_database_goes_away_and_comes_back(make_shop: Callable[..., RunningShop]) -> None:
    """
    Without the database buyers are asked to try again, nothing ends, and each part says so once; when it is back all
    goes on by itself.
    """
    with postgres(own=True) as server:
        shop = make_shop()
        shop.database_url = server.create()
        shop.start()
        buy(shop, 1)
        wait_for(lambda: len(rows(shop)) == 1, 30, "the first order in the workbook")
        # Longer than a round of each worker, so that each finds out, and more than once.
        away = threading.Thread(target=server.restart, kwargs={"away_s": 15.0})
        away.start()
        wait_for(lambda: requests.get(f"{shop.base}/readyz", timeout=30).status_code == 503, 15, "it is not ready")
        assert requests.get(f"{shop.base}/healthz", timeout=10).status_code == 200
        away.join()
        wait_for(lambda: requests.get(f"{shop.base}/readyz", timeout=30).status_code == 200, 60, "ready again")
        buy(shop, 2)
        wait_for(lambda: len(rows(shop)) == 2, TAKEN_OVER_S + 30, "the second order in the workbook")
        assert "Traceback" not in shop.log
        for worker in ("sheet", "clock"):
            assert shop.log.count(f"{worker}: the ledger can't be used now") == 1
            # The row stands in the workbook a moment before the worker says so.
            told = f"{worker}: it works again"
            wait_for(lambda told=told: shop.log.count(told) == 1, 30, told)  # type: ignore[misc]
        status, seconds = shop.stop()
        assert status == 0 and seconds < 20
