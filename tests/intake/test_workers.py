"""What runs beside the pages, piece by piece."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import OperationalError

from intake import leased_sheet, workers
from intake.delivery import Delivery, Synced, Wording
from intake.language import translations
from intake.leased_sheet import LeasedSheet
from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.leases import Lease, LeasedWriter, LeaseLost
from intake.ledger.store import PAUSED_KEY
from intake.ledger.writer import LedgerUnreachable, Writer
from intake.published import CatalogueUnavailable
from intake.settings import Settings, read_settings
from intake.sheet import LATE, OrderRow, SheetBusy, SheetFailed, WriteReport, uptime
from intake.sheet.opening import open_sheet
from intake.sheet.workbook_process import handle
from intake.workers import Shop, ask_sheet_again
from preorder.money import Rupiah
from preorder.product import EarlyBird
from preorder.status import Status
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.ledger.desks import until
from tests.makers import make_campaign, make_catalogue, make_products, make_schedule

WAIT_S = 20.0


def test_a_build_that_failed_at_an_opening_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says that the campaign is open as soon as what stood in the way is mended, and is built once then."""
    (tmp_path / "content").mkdir()
    clock = Clock()
    shop = Shop(read_settings({"ETALASE_CONTENT": str(tmp_path / "content")}), clock=clock)
    campaign = make_campaign(schedule=make_schedule(timedelta(hours=1), timedelta(days=3)))
    shop.catalogue = FixedCatalogue(make_catalogue(campaign))
    outcomes = iter([False, True])
    built: list[bool] = []

    def build(_settings: object) -> bool:
        built.append(next(outcomes))
        return built[-1]

    monkeypatch.setattr(workers, "build_site", build)
    monkeypatch.setattr(workers, "BUILD_AGAIN_S", 0.0)
    shop._rebuild()
    assert built == []
    clock.move(hours=2)
    for _ in range(4):
        shop._rebuild()
    assert built == [False, True]


def test_the_site_is_built_at_every_turn_of_a_campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no phase changes: an early price that ends, the last deadline for paying, each day that is promised."""
    (tmp_path / "content").mkdir()
    clock = Clock()
    built: list[datetime] = []
    shop = Shop(read_settings({"ETALASE_CONTENT": str(tmp_path / "content")}), clock=clock)
    schedule = make_schedule(timedelta(hours=1), timedelta(days=3))
    (product, *_) = make_products()
    early = EarlyBird(Rupiah(60_000), clock.now + timedelta(days=1))
    campaign = make_campaign(schedule=schedule, products=(dataclasses.replace(product, early=early),))
    shop.catalogue = FixedCatalogue(make_catalogue(campaign))
    monkeypatch.setattr(workers, "build_site", lambda _settings: not built.append(clock.now))
    start = clock.now
    for _ in range(24 * 60):
        shop._rebuild()
        clock.move(hours=1)
    hours = [(moment - start) / timedelta(hours=1) for moment in built]
    # It opens, the early price ends, it closes, the last buyer has paid, it ships, it is done.
    assert hours[:4] == [1, 24, 72, 96]
    assert len(hours) == 6
    assert hours == sorted(hours)


@pytest.mark.parametrize(
    ("troubles", "told"),
    [
        ([LedgerUnreachable(reason="gone")] * 3, 1),
        # The same one seen by the writer and by a reader is one trouble.
        ([LedgerUnreachable(reason="gone"), OperationalError("", None, Exception()), LedgerUnreachable(reason="x")], 1),
        ([SheetBusy(program="excel", user="", host="", since=None), CatalogueUnavailable(where="", reason="")], 2),
        ([KeyError("a"), KeyError("a"), KeyError("b")], 2),
    ],
)
def test_a_trouble_is_told_once(caplog: pytest.LogCaptureFixture, troubles: list[Exception], told: int) -> None:
    """Not every few seconds as long as it lasts; and again when it comes back after an end, which is told too."""
    telling = workers._Troubles("sheet")
    for _ in range(2):
        caplog.clear()
        for trouble in troubles:
            telling.tell(trouble)
        assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == told
        with caplog.at_level(logging.INFO):
            telling.end()
            telling.end()
        assert len([record for record in caplog.records if record.levelno == logging.INFO]) == 1


on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def other(counter: Counter, database_url: str) -> Iterator[Writer]:
    """The writer of another process on the same database."""
    engine = open_writer(database_url)
    writer = Writer(engine, on_fatal=lambda error: None)
    writer.start()
    yield writer
    assert writer.close()
    engine.dispose()


class Paper:
    """A sheet that only remembers what it was told."""

    fenced = False

    def __init__(self) -> None:
        self.written: list[float] = []
        self.trouble: Exception | None = None

    def write(self, rows: Sequence[OrderRow], *, not_after: float, **more: Any) -> WriteReport:
        self.written.append(not_after)
        if self.trouble is not None:
            raise self.trouble
        return WriteReport((), (), {})


@on_postgres
def test_a_write_may_not_land_after_its_lease(counter: Counter, other: Writer) -> None:
    """The lease is renewed for longer than the write may take; who has lost it doesn't begin."""
    paper, lease = Paper(), Lease(counter.writer, "sheet", "a", 0.5)
    assert lease.take()
    sheet = LeasedSheet(paper, lease)  # type: ignore[arg-type]
    sheet.write(())
    latest = paper.written[0]
    assert 0 < latest - uptime() <= leased_sheet.WRITE_S
    with counter.reader.begin() as connection:
        from intake.ledger.leases import holders

        (found,) = holders(connection)
    assert uptime() + found.left_s > latest
    lease.release()
    theirs = Lease(other, "sheet", "b", 20)
    assert theirs.take()
    with pytest.raises(LeaseLost):
        sheet.write(())
    assert len(paper.written) == 1


@on_postgres
def test_a_write_that_needs_longer_gets_longer(counter: Counter) -> None:
    """Twice as long each time that it was late, up to a bound; after other troubles as long as before."""
    paper, lease = Paper(), Lease(counter.writer, "sheet", "a", 20)
    assert lease.take()
    sheet = LeasedSheet(paper, lease)  # type: ignore[arg-type]
    lengths = []
    for reason in ("disk", LATE, LATE, LATE, LATE, LATE):
        paper.trouble = SheetFailed(reason=reason)
        before = uptime()
        with pytest.raises(SheetFailed):
            sheet.write(())
        lengths.append(round(paper.written[-1] - before))
    assert lengths == [25, 25, 50, 100, 120, 120]


def test_what_is_late_is_not_put_in_place(counter: Counter, tmp_path: Path) -> None:
    """A workbook's write that is ready too late leaves the file as it is, and nothing beside it."""
    counter.place()
    sheet = open_sheet(read_settings({"ETALASE_SHEET": str(tmp_path / "orders.xlsx")}), counter.catalogue.current())
    sheet.ensure()
    before = sheet.path.read_bytes()
    row = OrderRow(ref="NST-AAAA", values={"ref": "NST-AAAA", "name": "Ibu Contoh"}, seen={}, lines=(), insert=True)
    with pytest.raises(SheetFailed) as late:
        sheet.write([row], not_after=uptime())
    assert late.value.fields["reason"] == LATE
    assert sheet.path.read_bytes() == before
    assert not list(tmp_path.glob(".orders.xlsx.*.part"))
    assert sheet.write([row], not_after=uptime() + 60).written == ("NST-AAAA",)


class Stopped:
    """A sheet whose next write stops just before it is carried out, until it is let go; with or without regard to time."""

    def __init__(self, sheet: Any, *, heeds_time: bool = True) -> None:
        self._sheet = sheet
        self._heeds_time = heeds_time
        self.reached, self.go = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)

    def write(self, rows: Sequence[OrderRow], *, not_after: float | None = None, **more: Any) -> WriteReport:
        self.reached.set()
        assert self.go.wait(WAIT_S)
        report: WriteReport = self._sheet.write(rows, not_after=not_after if self._heeds_time else None, **more)
        return report


Part = tuple[Delivery, Stopped, Lease]


@pytest.fixture
def part(counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Part]:
    """Give a function that makes the sheet worker of one process; all have one workbook."""
    monkeypatch.setattr(leased_sheet, "WRITE_MARGIN_S", 0.2)
    wording = Wording("id", "WIB", translations(Settings.templates, "id"))
    settings = read_settings({"ETALASE_SHEET": str(tmp_path / "orders.xlsx")})

    def make(writer: Writer, name: str, *, seconds: float, heeds_time: bool = True) -> Part:
        book = open_sheet(settings, counter.catalogue.current())
        book._run = handle
        stopped = Stopped(book, heeds_time=heeds_time)
        lease = Lease(writer, "sheet", name, seconds)
        leased = LeasedSheet(stopped, lease)
        # Who is to lose the lease soon may not write for long either.
        leased._write_s = min(leased_sheet.WRITE_S, seconds)
        delivery = Delivery(leased, LeasedWriter(writer, lease), counter.reader, lambda: wording, counter.clock)
        return delivery, stopped, lease

    return make


def _rows(path: Path) -> list[tuple[Any, ...]]:
    """Give ref and status of all rows of the workbook."""
    tab = load_workbook(path)["Pesanan"]
    return [row[:2] for row in tab.iter_rows(min_row=2, values_only=True) if row[0]]


def _take_over(lease: Lease) -> None:
    deadline = time.monotonic() + WAIT_S
    while not lease.take():
        assert time.monotonic() < deadline


@on_postgres
@pytest.mark.parametrize("heeds_time", [True, False], ids=["as it is", "planted: late writes land"])
def test_who_sleeps_before_its_write(
    counter: Counter, other: Writer, part: Callable[..., Part], tmp_path: Path, heeds_time: bool
) -> None:
    """
    A worker is stopped in the moment before its write. Another takes over, the buyer says that she has paid, and while
    the other is about to write that, the first goes on. Were its write to land, its old words would be taken for the
    seller's command.
    """
    ref = counter.place().ref
    first, sleeping, lost = part(counter.writer, "a", seconds=0.5, heeds_time=heeds_time)
    second, writing, lease = part(other, "b", seconds=20)
    assert lost.take()
    with ThreadPoolExecutor(2) as threads:
        asleep = threads.submit(first.sync)
        assert sleeping.reached.wait(WAIT_S)
        _take_over(lease)
        counter.desk.claim_payment(counter.order(ref).token, counter.clock())
        works = threads.submit(second.sync)
        assert writing.reached.wait(WAIT_S)
        sleeping.go.set()
        # Late, or stored nowhere: either way it learns that it is not its turn.
        with pytest.raises((SheetFailed, LeaseLost)):
            asleep.result(WAIT_S)
        writing.go.set()
        works.result(WAIT_S)
    counter.clock.move(seconds=5)
    for _ in range(3):
        second.sync()
    as_it_should = counter.order(ref).status is Status.PAYMENT_CLAIMED and [
        event.event for event in counter.order(ref).events
    ] == ["placed", "payment_claimed"]
    message = load_workbook(tmp_path / "orders.xlsx")["Pesanan"].cell(2, 22).value
    assert (as_it_should and message is None) is heeds_time
    assert [row[0] for row in _rows(tmp_path / "orders.xlsx")] == [ref]


@on_postgres
def test_who_sleeps_after_its_write(counter: Counter, other: Writer, part: Callable[..., Part], tmp_path: Path) -> None:
    """
    A worker's write has landed, but it is stopped before it can say so. Another finds the row, writes it not a second
    time, and carries out what she does; what the first then says counts for nothing.
    """
    ref = counter.place().ref
    first, sleeping, lost = part(counter.writer, "a", seconds=0.5)
    second, writing, lease = part(other, "b", seconds=20)
    writing.go.set()
    assert lost.take()
    landed, go = threading.Event(), threading.Event()
    write = sleeping._sheet.write

    def write_and_sleep(*arguments: Any, **more: Any) -> WriteReport:
        report: WriteReport = write(*arguments, **more)
        landed.set()
        assert go.wait(WAIT_S)
        return report

    sleeping._sheet.write = write_and_sleep
    sleeping.go.set()
    with ThreadPoolExecutor(1) as threads:
        asleep = threads.submit(first.sync)
        assert landed.wait(WAIT_S)
        _take_over(lease)
        second.sync()
        book = load_workbook(tmp_path / "orders.xlsx")
        book["Pesanan"]["B2"].value = "Lunas"
        book.save(tmp_path / "orders.xlsx")
        second.sync()
        before = counter.order(ref)
        go.set()
        with pytest.raises(LeaseLost):
            asleep.result(WAIT_S)
    assert before.status is Status.PAID
    assert counter.order(ref).version == before.version
    assert second.sync().waiting == 0
    assert _rows(tmp_path / "orders.xlsx") == [(ref, "Lunas")]


def test_a_restored_ledger_is_left_alone_until_it_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """
    The sheet knows what the ledger has forgotten: nothing is written into it and nobody expires, also with the work
    under way; once the pause is over both go on by themselves.
    """
    for name in ("AGAIN_S", "SHEET_EVERY_S", "CLOCK_EVERY_S", "LEASE_TRY_S"):
        monkeypatch.setattr(workers, name, 0.05)
    written: list[float] = []
    expired: list[float] = []
    monkeypatch.setattr(workers.Delivery, "sync", lambda _self: written.append(time.monotonic()) or Synced(0, 0, 0))
    monkeypatch.setattr(workers, "expire_unpaid", lambda *_: expired.append(time.monotonic()))
    settings = read_settings({
        "ETALASE_DATA": str(tmp_path / "data"), "DATABASE_URL": database_url, "ETALASE_SITE": str(tmp_path / "site"),
    })  # fmt: skip
    catalogue = FixedCatalogue(make_catalogue(make_campaign()))
    monkeypatch.setattr(workers, "open_source", lambda *_: catalogue)

    def pause(connection: Connection) -> None:
        connection.execute(insert(schema.meta).values(key=PAUSED_KEY, value="restored"))

    engine = open_writer(database_url)
    with engine.begin() as connection:
        pause(connection)
    engine.dispose()
    with Shop(settings) as shop:
        assert shop.desk.ready()["open"] is False
        time.sleep(0.5)
        assert written == expired == []
        shop.writer.submit(lambda tx: tx.execute(delete(schema.meta).where(schema.meta.c.key == PAUSED_KEY)) and None)
        until(lambda: bool(written and expired))
        shop.writer.submit(lambda tx: pause(tx.connection))
        paused_at = time.monotonic() + 0.2
        time.sleep(0.6)
        assert not [each for each in written + expired if each > paused_at]


def test_a_long_wait_ends_when_the_operator_asks(tmp_path: Path) -> None:
    """For a spreadsheet that is shared again nobody waits a quarter of an hour; and the end of the shop comes first."""
    settings = read_settings({"ETALASE_DATA": str(tmp_path)})
    shop = Shop(settings)
    shop.folder = DataFolder(tmp_path)
    with ThreadPoolExecutor(2) as threads:
        waits = threads.submit(shop._rested, "sheet", 900.0)
        ask_sheet_again(settings)
        assert waits.result(WAIT_S) is False
        assert list(tmp_path.iterdir()) == []
        waits = threads.submit(shop._rested, "sheet", 900.0)
        shop._stop.set()
        assert waits.result(WAIT_S) is True
