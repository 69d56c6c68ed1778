"""
Planted twins: builds with one fault each, made by these tests alone. The check that holds a promise must fail on the twin
and pass on the real build, both times under the same race; otherwise it would prove nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, bindparam, func, select, update

from intake import clock, placing
from intake.delivery import Delivery, Wording
from intake.language import translations
from intake.ledger import engine as engines
from intake.ledger import recording, store, writer
from intake.ledger.hot import Hot
from intake.ledger.invariants import find_violations
from intake.ledger.recording import Pool
from intake.ledger.schema import orders, pools
from intake.ledger.writer import LedgerBusy, LedgerError, Transaction, Writer
from intake.placing import Placed
from intake.settings import Settings, read_settings
from intake.sheet import OrderRow, SheetFailed, WriteReport
from intake.sheet.opening import open_sheet
from intake.sheet.workbook_process import handle
from preorder.campaign import WHOLE
from preorder.order import SoldOut
from preorder.quota import left_in
from tests.intake.conftest import Counter
from tests.intake.counters import open_counter
from tests.makers import make_campaign, make_catalogue, make_request

BUILDS = ("real", "twin")
WAIT_S = 20.0
# How long one who has read waits for the other, who may be kept out meanwhile, and should be.
MEET_S = 0.7


def kinds_in(reader: Engine) -> set[str]:
    """Give the kinds of what the invariant checker finds."""
    with reader.begin() as connection:
        return {violation.kind for violation in find_violations(connection)}


def oversold(reader: Engine) -> list[str]:
    """Give the pools from which more was sold than there was."""
    with reader.begin() as connection:
        return list(connection.execute(select(pools.c.pool_id).where(pools.c.sold > pools.c.quota)).scalars())


def missing(reader: Engine, confirmed: Collection[str]) -> set[str]:
    """Give the confirmed refs that aren't in the ledger."""
    with reader.begin() as connection:
        return set(confirmed) - set(connection.execute(select(orders.c.ref)).scalars())


def count(reader: Engine) -> int:
    """Give the number of orders."""
    with reader.begin() as connection:
        return connection.execute(select(func.count()).select_from(orders)).scalar_one()


def press(works: Sequence[Callable[[], Placed]]) -> list[Placed | Exception]:
    """Let all press at the same time; give what each hears."""
    start, heard = threading.Barrier(len(works)), dict[int, Placed | Exception]()

    def run(number: int) -> None:
        start.wait(WAIT_S)
        try:
            heard[number] = works[number]()
        except Exception as refusal:  # noqa: BLE001 - whatever it is, it is what the buyer hears
            heard[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    return [heard[number] for number in range(len(works))]


@contextlib.contextmanager
def two_desks(url: str, folder: Path, quota: int) -> Iterator[tuple[Counter, Counter]]:
    """Give two desks on one ledger, each with a writing connection of its own, as two processes have."""
    with open_counter(url, folder / "one") as one, open_counter(url, folder / "two") as two:
        campaign = make_campaign(pools={WHOLE: quota, "nastar/250g": 100})
        for desk in (one, two):
            desk.catalogue.catalogue = make_catalogue(campaign)
            # The first order of a desk publishes the quotas. That is not what is looked at here.
            desk.desk._publish(desk.placement(make_request(campaign)))
        yield one, two


def meet_after_reading(monkeypatch: pytest.MonkeyPatch, read: Callable[..., Mapping[str, Pool]]) -> None:
    """Have those who place read what is left, and go on once both have read; or where the other can't read yet."""
    both = threading.Barrier(2)

    def reading(tx: Transaction, campaign_id: str, round_: int, *, placing: bool) -> Mapping[str, Pool]:
        found = read(tx, campaign_id, round_, placing=placing)
        if placing:
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(MEET_S)
        return found

    monkeypatch.setattr(recording, "lock_round", reading)


def _read_unlocked(tx: Transaction, campaign_id: str, round_: int, *, placing: bool) -> dict[str, Pool]:
    found = tx.execute(select(pools).where(pools.c.campaign_id == campaign_id, pools.c.round == round_))
    return {row.pool_id: Pool(left_in(row.quota, row.sold), row.revision) for row in found}


TAKE_UNASKED = Hot(
    update(pools)
    .where(
        pools.c.campaign_id == bindparam("in_campaign"),
        pools.c.round == bindparam("in_round"),
        pools.c.pool_id == bindparam("in_pool"),
    )
    .values(sold=pools.c.sold + bindparam("units"))
)


@pytest.mark.parametrize("build", ["real", "unlocked", "twin"])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_lock(build: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Two desks sell the last two units. The twin looks, then takes, without a lock, and sells them twice. Without the lock
    alone, the statement that takes is the last net: nothing is sold twice, but a buyer hears of an error.
    """
    with two_desks(database_url, tmp_path, quota=2) as (one, two):
        meet_after_reading(monkeypatch, recording.lock_round if build == "real" else _read_unlocked)
        if build == "twin":
            monkeypatch.setattr(recording, "_TAKE", TAKE_UNASKED)
        heard = press([lambda: one.place(nonce="first"), lambda: two.place(nonce="second")])
        won = [each for each in heard if isinstance(each, Placed)]
        refused = {type(each) for each in heard} - {Placed}
        if build == "twin":
            assert len(won) == 2 and oversold(one.reader) == [WHOLE], heard
        else:
            assert len(won) == 1 and oversold(one.reader) == [], heard
            assert (refused == {SoldOut}) is (build == "real")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_plain_begin(build: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Two connections write to one file: with BEGIN IMMEDIATE one waits for the other, and both buyers get their units. The
    twin's plain BEGIN lets both read, and then one of them can't write any more.
    """
    if build == "twin":
        make = engines._sqlite_engine

        def plain(path: Path, mode: str, begin: str, *rest: Any, **options: Any) -> Engine:
            return make(path, mode, "BEGIN", *rest, **options)

        monkeypatch.setattr(engines, "_sqlite_engine", plain)
    with two_desks(database_url, tmp_path, quota=10) as (one, two):
        meet_after_reading(monkeypatch, recording.lock_round)
        heard = press([lambda: one.place(nonce="first"), lambda: two.place(nonce="second")])
        refused = [type(each) for each in heard if not isinstance(each, Placed)]
        assert refused == ([LedgerBusy] if build == "twin" else [])
        assert kinds_in(one.reader) == set() and one.sold()[WHOLE] == 4 - 2 * len(refused)


class _PowerCut(Exception):
    """The machine is off."""


class _CutOff(Writer):
    """A writer whose machine goes off at the first COMMIT."""

    def _commit(self, transaction: Any) -> None:
        transaction.rollback()
        raise _PowerCut


@pytest.mark.parametrize("build", BUILDS)
def test_answer_before_commit(build: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power fails at the COMMIT: nobody may have heard of an order. The twin answers before it."""
    failures: list[BaseException] = []
    with open_counter(database_url, tmp_path / "data") as counter:
        counter.desk._publish(counter.placement())
    if build == "twin":
        run = writer._run_batch

        def early(connection: Any, batch: Any) -> Exception | None:
            failure = run(connection, batch)
            for job in batch:
                job.done.set()
            return failure

        monkeypatch.setattr(writer, "_run_batch", early)
    with open_counter(database_url, tmp_path / "data") as counter:
        counter.desk._published.add((1, "nastar-lebaran", 1))
        # On SQLite the connection is the other writer's, and there is one.
        assert counter.writer.close()
        cut = _CutOff(counter.engine, on_fatal=failures.append)
        cut.start()
        counter.desk._writer = cut
        heard = press([counter.place])
        assert cut._thread is not None
        cut._thread.join(WAIT_S)
        assert [type(failure) for failure in failures] == [_PowerCut]
        assert cut._connection is not None
        cut._connection.close()
        confirmed = [each.ref for each in heard if isinstance(each, Placed)]
        if build == "twin":
            assert missing(counter.reader, confirmed) == set(confirmed) != set()
        else:
            assert confirmed == [] and isinstance(heard[0], LedgerError)


@pytest.mark.parametrize("build", BUILDS)
def test_nonce_ignored(build: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A press that is made twice is one order; for the twin each press is another."""
    if build == "twin":
        row = placing._order_row
        monkeypatch.setattr(store, "find_nonces", lambda connection, nonces: {})
        monkeypatch.setattr(placing, "_order_row", lambda *given: row(*given) | {"nonce": secrets.token_hex(8)})
    with open_counter(database_url, tmp_path / "data") as counter:
        for _ in range(2):
            counter.place(nonce="pressed twice")
        assert count(counter.reader) == (2 if build == "twin" else 1)
        # The numbers agree all the same: only counting presses finds it.
        assert kinds_in(counter.reader) == set()


class _Hasty(Delivery):
    """Marks rows as delivered, and writes them then."""

    def _write(self, records: list[Any], rows: list[OrderRow], known: Collection[str]) -> int:
        self._writer.submit(
            lambda tx: recording.mark_delivered(tx, {record.order_id: record.version for record in records}, 1)
        )
        return super()._write(records, rows, known)


class _FailsOnce:
    """A sheet whose first write fails before anything is written."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._tries = itertools.count()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)

    def write(self, rows: Sequence[OrderRow], **options: Any) -> WriteReport:
        if next(self._tries) == 0:
            raise SheetFailed(reason="the disk is full")
        report: WriteReport = self._sheet.write(rows, **options)
        return report


@pytest.mark.parametrize("build", BUILDS)
def test_delivered_before_the_write(build: str, database_url: str, tmp_path: Path) -> None:
    """A write that fails is made again: each order stands in the workbook. The twin believes that it is written."""
    path = tmp_path / "orders.xlsx"
    with open_counter(database_url, tmp_path / "data") as counter:
        sheet = open_sheet(read_settings({"ETALASE_SHEET": str(path)}), counter.catalogue.current())
        sheet._run = handle
        wording = Wording("id", "WIB", translations(Settings.templates, "id"))
        kind = _Hasty if build == "twin" else Delivery
        delivery = kind(_FailsOnce(sheet), counter.writer, counter.reader, lambda: wording, counter.clock)
        ref = counter.place().ref
        with pytest.raises(SheetFailed):
            delivery.sync()
        delivery.sync()
        shown = {row[0] for row in load_workbook(path)["Pesanan"].values} if path.exists() else set()
        assert (ref in shown) is (build == "real")
        assert kinds_in(counter.reader) == ({"delivery_forgotten"} if build == "twin" else set())


@pytest.mark.parametrize("build", BUILDS)
def test_counter_not_released(build: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that expires gives its units back; the twin's are gone for good."""
    if build == "twin":
        monkeypatch.setattr(recording, "move_units", lambda tx, order, target: None)
    with open_counter(database_url, tmp_path / "data") as counter:
        counter.place()
        counter.clock.move(hours=37)
        assert clock.expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
        assert kinds_in(counter.reader) == ({"pool_miscounted"} if build == "twin" else set())
        assert counter.sold()[WHOLE] == (2 if build == "twin" else 0)
