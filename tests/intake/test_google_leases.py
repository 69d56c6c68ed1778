"""Several processes and one Google spreadsheet: a holder that lost its lease in the middle of a write doubles nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from intake.delivery import Delivery
from intake.leased_sheet import LeasedSheet
from intake.ledger.engine import open_writer
from intake.ledger.leases import Lease, LeasedWriter, LeaseLost
from intake.ledger.notes import LedgerNotes
from intake.ledger.writer import Writer
from intake.sheet import SheetError
from intake.sheet.google import GoogleSheet
from intake.sheet.google_http import GoogleClient
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.intake.google_bench import AT_ONCE, WORDING, DoubleBook, GoogleBench, connected
from tests.sheets_double.double import SheetsDouble

WAIT_S = 20.0

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Sleeper(GoogleClient):
    """A client that stops just before it sends its next batch, until it is let go."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.sleeps = False
        self.reached, self.go = threading.Event(), threading.Event()

    def batch_update(self, requests_: Any) -> dict[str, Any]:
        if self.sleeps:
            self.sleeps = False
            self.reached.set()
            assert self.go.wait(WAIT_S)
        return super().batch_update(requests_)


class Unfenced(GoogleSheet):
    """The twin: who takes over does not use up the number of the one before."""

    def settle(self) -> None:
        assert self._looker is not None
        self._fence = None


Part = tuple[Delivery, Sleeper, Lease]


@pytest.fixture
def other(counter: Counter, database_url: str) -> Iterator[Writer]:
    """The writer of another process on the same database."""
    engine = open_writer(database_url)
    writer = Writer(engine, on_fatal=lambda error: None)
    writer.start()
    yield writer
    assert writer.close()
    engine.dispose()


@pytest.fixture
def book(double: SheetsDouble) -> DoubleBook:
    return connected(double)


@pytest.fixture
def part(counter: Counter, double: SheetsDouble, google_key: Path, book: DoubleBook) -> Iterator[Callable[..., Part]]:
    """Give a function that makes the sheet worker of one process; all have one spreadsheet."""
    opened: list[Sleeper] = []

    def make(writer: Writer, name: str, *, seconds: float, kind: type[GoogleSheet] = GoogleSheet) -> Part:
        client = Sleeper(book.id, str(google_key), base_url=double.url, pace=AT_ONCE)
        opened.append(client)
        lease = Lease(writer, "sheet", name, seconds)
        leased = LeasedWriter(writer, lease)
        sheet = kind(client, language="id", notes=LedgerNotes(counter.reader, leased, book.id), now=counter.clock)
        shown = LeasedSheet(sheet, lease)
        return Delivery(shown, leased, counter.reader, lambda: WORDING, counter.clock), client, lease

    yield make
    for client in opened:
        client.close()


def _take_over(lease: Lease) -> float:
    began = time.monotonic()
    while not lease.take():
        assert time.monotonic() - began < WAIT_S
    return time.monotonic() - began


def shown(book: DoubleBook, counter: Counter) -> list[tuple[Any, Any, Any]]:
    """Give ref, status and message of every row."""
    return [(row[0], row[1], row[21]) for row in book.grid("Pesanan")[1:] if row[0]]


@pytest.mark.parametrize("kind", [GoogleSheet, Unfenced], ids=["ours", "planted: no fence"])
@pytest.mark.parametrize("update", [False, True], ids=["a new row", "an update"])
def test_who_sleeps_with_a_write_in_hand(
    counter: Counter,
    other: Writer,
    part: Callable[..., Part],
    book: DoubleBook,
    kind: type[GoogleSheet],
    *,
    update: bool,
) -> None:
    """
    A worker is stopped after it has noted its write and before it sends it. Another takes over as soon as the lease has
    ended, with no more waiting, and finishes the work. Then the first goes on: Google refuses what it sends.
    """
    ref = counter.place().ref
    first, sleeper, lost = part(counter.writer, "a", seconds=0.5)
    second, _, lease = part(other, "b", seconds=20, kind=kind)
    assert lost.take()
    if update:
        first.sync()
        counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    sleeper.sleeps = True
    with ThreadPoolExecutor(1) as threads:
        asleep = threads.submit(first.sync)
        assert sleeper.reached.wait(WAIT_S)
        assert _take_over(lease) < 5
        second.sync()
        if update:
            # By now it says something else again; what the first one holds in hand is an old word.
            book.do({"updateCells": {"start": {"sheetId": book.tabs()["Pesanan"], "rowIndex": 1, "columnIndex": 1},
                                     "rows": [{"values": [{"userEnteredValue": {"stringValue": "Lunas"}}]}],
                                     "fields": "userEnteredValue"}})  # fmt: skip
            second.sync()
            second.sync()
            assert counter.order(ref).status is Status.PAID
        sleeper.go.set()
        with pytest.raises((LeaseLost, SheetError)):
            asleep.result(WAIT_S)
    for _ in range(3):
        counter.clock.move(seconds=5)
        second.sync()
    rows = shown(book, counter)
    if update:
        right = counter.order(ref).status is Status.PAID and rows == [(ref, "Lunas", None)]
    else:
        right = [row[0] for row in rows] == [ref]
    assert right is (kind is GoogleSheet)


def test_it_needs_no_longer_lease_for_a_write(counter: Counter, double: SheetsDouble, google_key: Path) -> None:
    """A fenced sheet is written under the lease as it is: nobody has to wait for what may still be on its way."""
    bench = GoogleBench(counter, double, google_key)
    lease = Lease(counter.writer, "sheet", "a", 20)
    assert lease.take()
    before = lease_end(counter)
    LeasedSheet(bench.sheet, lease).write(())
    assert lease_end(counter) == before
    bench.close()


def lease_end(counter: Counter) -> int:
    from sqlalchemy import text

    with counter.reader.begin() as connection:
        return int(connection.execute(text("SELECT until_ms FROM leases WHERE name = 'sheet'")).scalar_one())
