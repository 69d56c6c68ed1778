"""Erasing a buyer's data: nothing of her is left in ledger and sheet, and all that was sold and paid adds up as before."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from intake.clock import erase_old
from intake.erasing import Candidate, Obstacle, erase, look, refs_of
from intake.ledger import outbox, recording
from intake.ledger.invariants import find_violations
from intake.ledger.schema import entries, events, metadata, orders, sheet_rows
from intake.sheet.columns import EDITABLE, IDENTITY
from preorder.consent import Purpose
from preorder.order import LineRequest
from preorder.retention import erased_before
from preorder.schedule import ZONES
from preorder.status import Actor, Status
from tests.databases import sqlite_ledger
from tests.intake.conftest import Counter
from tests.intake.counters import open_counter
from tests.intake.ledger.test_invariants import edit
from tests.intake.test_consents import TEXT
from tests.intake.test_delivery import Bench, bench  # noqa: F401  a fixture
from tests.intake.test_reconcile import World, world  # noqa: F401  a fixture
from tests.makers import NOW, make_request, make_shop

# What she wrote, or what names her; none of it may be found anywhere afterwards.
HERS = (
    "Putri Rahasia", "81200004321", "0812-0000-4321", "Gang Tersembunyi", "Umpamasari", "tanpa wijen ya", "SARI<3",
    "kata suaminya", "JP0099887766", "ketikan liar",
)  # fmt: skip
KEEP = make_shop(keep_months=12)
# What the sheet shows does not depend on the database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def place(counter: Counter, **buyer: str) -> str:
    """Place an order with all that a buyer can say of herself, and give its ref."""
    who = {
        "name": "Putri Rahasia", "phone": "+6281200004321", "address": "Gang Tersembunyi 3\nUmpamasari, Bandung\nJawa Barat 40123",
        "note": "tanpa wijen ya", "channel": "friend",
    } | buyer  # fmt: skip
    lines = LineRequest("nastar", "250g", 2, {}), LineRequest("gamis", "", 1, {"warna": "Sage", "nama": "SARI<3"})
    placement = dataclasses.replace(counter.placement(make_request(None, *lines, **who)), consents=(TEXT,))
    return counter.desk.place(placement).ref


def finish(counter: Counter, ref: str) -> None:
    """Lead an order to its end as the seller does, with all that she may type."""
    edit(counter, ref, money_in=498_000, seller_note="kata suaminya")
    counter.clock.now = max(counter.clock.now, NOW + timedelta(days=8))
    for cells in ({"status": "Diproduksi"}, {"status": "Siap", "courier": "JNE"}, {"tracking": "JP0099887766"}):
        edit(counter, ref, **cells)
    edit(counter, ref, status="Selesai")
    assert counter.order(ref).status is Status.COMPLETED


def cancel(counter: Counter, ref: str) -> None:
    edit(counter, ref, status="Batal (penjual)")


def erased(counter: Counter, ref: str) -> Candidate | None:
    now = counter.clock()
    return counter.writer.submit(lambda tx: erase(tx, ref, now, Actor.OPERATOR))


def ledger_text(counter: Counter) -> str:
    """Give everything that stands in any table but what buyers accepted, as one text."""
    with counter.reader.begin() as connection:
        tables = [table for table in metadata.sorted_tables if table.name != "snapshots"]
        return "\n".join(str(row) for table in tables for row in connection.execute(select(table)))


def left(said: str) -> list[str]:
    return [each for each in HERS if each in said]


def test_nothing_of_her_is_left_in_the_ledger(counter: Counter) -> None:
    """
    In no table and no column; what was sold, paid and agreed stays, with its history, and the ledger still adds up.
    Another order of the same buyer, and her consent there, are not touched.
    """
    ref, other = place(counter), place(counter, name="Ibu Lain")
    finish(counter, ref)
    record = {"status": "Selesai", "name": "Putri Rahasia", "seller_note": "kata suaminya", "tracking": "JP0099887766"}
    noted = {
        "seen": record,
        "writing": record | {"address": "Gang Tersembunyi 3"},
        "message": '{"value": "ketikan liar"}',
    }
    counter.writer.submit(lambda tx: recording.note_sheet_row(tx, counter.order(ref).order_id, **noted))
    with counter.reader.begin() as connection:
        # Not a proof of nothing: all of it is there before.
        before = connection.execute(select(entries)).all()
    was = counter.order(ref)
    assert left(ledger_text(counter)) == [each for each in HERS if each != "0812-0000-4321"]
    sold, counter_of = counter.sold(), {"*": 3, "nastar/250g": 2}

    assert erased(counter, ref) == Candidate(ref, Status.COMPLETED, None)
    assert "Putri Rahasia" not in ledger_text(counter)
    cancel(counter, other)
    consent, others = (counter.desk.consent_of(counter.order(each), Purpose.NEWS) for each in (ref, other))
    assert consent is not None and not consent.given
    assert others is not None and others.given
    erased(counter, other)
    assert left(ledger_text(counter)) == []
    now = counter.order(ref)
    same = "ref status goods shipping deposit received paid_in delivery_id campaign_id round accepted_at placed_at snapshot_hash courier channel"
    assert {name: getattr(now, name) for name in same.split()} == {name: getattr(was, name) for name in same.split()}
    assert [(line.name, line.qty, line.price, dict(line.options)) for line in now.lines] == [
        ("Nastar Toples 250 g", 2, 65_000, {}), ("Gamis", 1, 350_000, {"Warna": "Sage"}),
    ]  # fmt: skip
    assert now.erased_at == counter.clock() and now.events[-1].event == "erased"
    assert counter.sold() == {pool: units - mine for pool, units in sold.items() for mine in (counter_of[pool],)}
    with counter.reader.begin() as connection:
        assert connection.execute(select(entries)).all() == before
        assert find_violations(connection) == []
    assert counter.desk.order_by_token(was.token) is None


def test_the_file_itself_forgets(tmp_path: Path) -> None:
    """SQLite overwrites what it lets go: nothing of her is in the bytes once the shop has ended."""
    path = tmp_path / "etalase.sqlite3"
    sqlite_ledger(path)

    def in_bytes() -> list[str]:
        return [each for each in HERS if each.encode() in path.read_bytes()]

    with open_counter(f"sqlite:///{path}", tmp_path / "data") as counter:
        ref = place(counter)
        finish(counter, ref)
    assert len(in_bytes()) > 5
    with open_counter(f"sqlite:///{path}", tmp_path / "data") as counter:
        erased(counter, ref)
    assert in_bytes() == []


@on_sqlite
@pytest.mark.parametrize("obstacle", Obstacle)
def test_what_stands_in_the_way(counter: Counter, obstacle: Obstacle) -> None:
    """A running order, money of hers, an open complaint, an erasure: nothing is changed by a second one."""
    ref = place(counter)
    if obstacle is Obstacle.MONEY:
        edit(counter, ref, status="DP diterima")
        cancel(counter, ref)
    elif obstacle is not Obstacle.RUNNING:
        cancel(counter, ref)
    if obstacle is Obstacle.COMPLAINT:
        counter.writer.submit(lambda tx: tx.execute(update(orders).values(complaint_open=1)).rowcount)
    elif obstacle is Obstacle.ERASED:
        found = erased(counter, ref)
        assert found is not None and found.obstacle is None
    before = ledger_text(counter)
    found = erased(counter, ref)
    assert found is not None and found.obstacle is obstacle
    assert ledger_text(counter) == before
    with counter.reader.begin() as connection:
        assert [each.obstacle for each in look(connection, [ref, "NST-0000"])] == [obstacle]
    if obstacle is Obstacle.MONEY:
        edit(counter, ref, money_in=0)
        found = erased(counter, ref)
        assert found is not None and found.obstacle is None


def test_a_number_finds_all_its_orders(counter: Counter) -> None:
    """However it was written; an erased order has none any more."""
    refs = [place(counter), place(counter)]
    place(counter, phone="+6281200005555")
    digest = counter.desk.phone_hmac("+6281200004321")
    cancel(counter, refs[0])
    with counter.reader.begin() as connection:
        assert refs_of(connection, digest) == refs
    erased(counter, refs[0])
    with counter.reader.begin() as connection:
        assert refs_of(connection, digest) == refs[1:]
    assert erased(counter, "NST-0000") is None


@on_sqlite
def test_the_row_in_the_sheet_is_emptied(bench: Bench) -> None:  # noqa: F811
    """
    Name, number, address, notes, link and her own texts go from both tabs and from the file's parts; what she was just
    typing goes too, and numbers stay. From then on nothing in the row is a command.
    """
    counter = bench.counter
    ref = place(counter)
    finish(counter, ref)
    bench.delivery.sync()
    bench.type(ref, Catatan_Penjual="kata suaminya, ketikan liar")
    erased(counter, ref)
    for _ in range(3):
        bench.delivery.sync()
    (row,) = bench.rows()
    blank = ("Nama", "WhatsApp", "Catatan Pembeli", "Alamat", "Resi", "Catatan Penjual", "Chat")
    assert [row[header] for header in blank] == [None] * len(blank)
    assert (row["Status"], row["Total"], row["Uang Masuk"], row["Kurir"]) == ("Selesai", 498_000, 498_000, "JNE")
    assert row["Pesan Sistem"]
    with zipfile.ZipFile(bench.path) as parts:
        said = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    assert left(said) == []
    assert left(ledger_text(counter)) == []

    version = counter.order(ref).version
    bench.type(ref, Status="Siap", Catatan_Penjual="ketikan liar", Nama="Putri Rahasia", Uang_Masuk=1_000)
    for _ in range(3):
        bench.delivery.sync()
    assert counter.order(ref).version == version
    assert bench.rows() == [row]
    assert left(ledger_text(counter)) == []


@on_sqlite
@pytest.mark.parametrize("status", [Status.EXPIRED, Status.CANCELLED_BY_SELLER])
def test_a_row_that_is_deleted_stays_away(bench: Bench, status: Status) -> None:  # noqa: F811
    """Also of an order that had lapsed, which would be written again while it could be revived."""
    counter = bench.counter
    ref, other = place(counter), place(counter, name="Ibu Lain")
    bench.delivery.sync()
    if status is Status.EXPIRED:
        counter.writer.submit(
            lambda tx: tx.execute(update(orders).where(orders.c.ref == ref).values(status=status)).rowcount
        )
    else:
        cancel(counter, ref)
    erased(counter, ref)
    bench.delete(ref)
    for _ in range(3):
        bench.delivery.sync()
    assert [row["No. Pesanan"] for row in bench.rows()] == [other]


@on_sqlite
def test_an_older_file_brings_nothing_back(bench: Bench) -> None:  # noqa: F811
    """Put back over the sheet, it is emptied again, and nobody remembers what it said."""
    counter = bench.counter
    ref = place(counter)
    bench.delivery.sync()
    older = bench.path.read_bytes()
    cancel(counter, ref)
    erased(counter, ref)
    for _ in range(3):
        bench.delivery.sync()
    bench.path.write_bytes(older)
    for _ in range(4):
        bench.delivery.sync()
    (row,) = bench.rows()
    assert (row["Nama"], row["WhatsApp"], row["Alamat"], row["Chat"]) == (None, None, None, None)
    assert left(ledger_text(counter)) == []


@on_sqlite
def test_an_order_that_never_stood_there_gets_no_row(bench: Bench) -> None:  # noqa: F811
    """An empty row would say nothing; the ledger keeps its sums, and doctor finds nothing forgotten."""
    counter = bench.counter
    ref = place(counter)
    cancel(counter, ref)
    erased(counter, ref)
    assert bench.delivery.sync().written == 0
    assert not bench.path.exists()
    with counter.reader.begin() as connection:
        assert find_violations(connection) == []
        assert outbox.waiting_rows(connection).rows == 0


@on_sqlite
def test_a_write_under_way_is_forgotten_too(bench: Bench) -> None:  # noqa: F811
    """Its words of her are dropped, its numbers kept; once its outcome is known the row is emptied all the same."""
    counter = bench.counter
    ref = place(counter)
    cancel(counter, ref)
    bench.delivery.sync()
    record = dict.fromkeys((*EDITABLE, *IDENTITY)) | {"name": "Putri Rahasia", "status": "Batal (penjual)"}
    counter.writer.submit(lambda tx: recording.note_sheet_row(tx, counter.order(ref).order_id, writing=record))
    erased(counter, ref)
    with counter.reader.begin() as connection:
        kept = json.loads(connection.execute(select(sheet_rows.c.writing)).scalar_one())
    assert kept["status"] == "Batal (penjual)" and "name" not in kept
    for _ in range(3):
        bench.delivery.sync()
    (row,) = bench.rows()
    assert row["Nama"] is None
    with counter.reader.begin() as connection:
        assert connection.execute(select(sheet_rows.c.writing)).scalar_one() is None


def test_a_restore_erases_again(world: World) -> None:  # noqa: F811
    """
    A backup from before knows her, or doesn't know the order at all: the emptied row tells, and the shop opens. A
    workbook from before, beside a backup that knows of the erasure, brings nothing back either.
    """
    with world.open() as counter:
        known = place(counter)
    backup = world.back_up()
    with world.open() as counter:
        lost = place(counter, name="Ibu Lain", phone="+6281200001111")
        world.sync(counter)
        for ref in (known, lost):
            world.type(ref, Status="Batal (penjual)")
        world.sync(counter)
        older = world.book.read_bytes()
        for ref in (known, lost):
            assert erased(counter, ref) is not None
    rows = world.shown()
    done = world.restore(backup)
    assert done.is_open and done.reconciled is not None
    assert sorted(done.reconciled.erased) == sorted([known, lost]) and done.reconciled.is_whole
    with world.open() as counter:
        assert left(ledger_text(counter)) == [] and "Ibu Lain" not in ledger_text(counter)
        assert all(counter.order(ref).erased_at is not None for ref in (known, lost))
        world.sync(counter)
        assert world.shown() == rows
        with counter.reader.begin() as connection:
            assert find_violations(connection) == []
    backup = world.back_up()
    world.book.write_bytes(older)
    done = world.restore(backup, without_sheet=True)
    assert done.is_open
    with world.open() as counter:
        world.sync(counter)
        assert left(ledger_text(counter)) == []
    assert [row["Nama"] for row in world.shown().values()] == [None, None]


@pytest.mark.parametrize(
    ("now", "months", "wanted"),
    [
        ("2027-11-23T10:00+07:00", 12, "2026-11-23T10:00+07:00"),
        ("2027-01-31T00:30+07:00", 2, "2026-11-30T00:30+07:00"),
        ("2028-02-29T10:00+07:00", 12, "2027-02-28T10:00+07:00"),
        ("2027-03-31T23:59+07:00", 1, "2027-02-28T23:59+07:00"),
        ("2027-01-15T10:00+07:00", 120, "2017-01-15T10:00+07:00"),
        # The evening in UTC is the next day here.
        ("2027-02-28T18:00+00:00", 1, "2027-02-01T01:00+07:00"),
    ],
)
def test_the_day_so_many_months_ago(now: str, months: int, wanted: str) -> None:
    """In the shop's zone; a month that is too short gives its last day."""
    found = erased_before(datetime.fromisoformat(now), months, "WIB")
    assert found == datetime.fromisoformat(wanted) and found.tzinfo is ZONES["WIB"]


def test_the_clock_keeps_the_promise_of_the_privacy_page(counter: Counter) -> None:
    """
    Twelve months after the last thing that happened to an order that has ended, to the millisecond and by itself; not
    one that runs, and not one with her money in it. Without a promise nothing is erased.
    """
    ended, running, owing = place(counter), place(counter), place(counter)
    edit(counter, owing, status="DP diterima")
    counter.clock.move(days=40)
    for ref in (ended, owing):
        cancel(counter, ref)
    ended_at = counter.clock()

    def look_at(moment: datetime, shop: Any = KEEP) -> int:
        counter.clock.now = moment
        return erase_old(counter.writer, counter.reader, shop, moment)

    due = ended_at.replace(year=ended_at.year + 1)
    assert look_at(due, make_shop()) == 0
    assert look_at(due) == 0
    assert look_at(due + timedelta(milliseconds=1)) == 1
    assert look_at(due + timedelta(days=400)) == 0
    assert counter.order(ended).erased_at == due + timedelta(milliseconds=1)
    assert counter.order(ended).events[-1].actor is Actor.CLOCK
    assert counter.order(running).erased_at is None and counter.order(owing).erased_at is None
    # What is told of an ended order begins its time anew.
    edit(counter, owing, money_in=0)
    assert look_at(counter.clock()) == 0
    assert look_at(counter.clock() + timedelta(days=367)) == 1


@on_sqlite
def test_what_stays_hides_nothing_behind_it(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """More orders than are looked at in one go can't be erased: those after them are, all the same."""
    monkeypatch.setattr("intake.clock.BATCH", 1)
    refs = [place(counter) for _ in range(4)]
    for ref in refs[:2]:
        edit(counter, ref, status="DP diterima")
    for ref in refs:
        cancel(counter, ref)
    counter.clock.move(days=500)
    assert erase_old(counter.writer, counter.reader, KEEP, counter.clock()) == 2
    assert [counter.order(ref).erased_at is not None for ref in refs] == [False, False, True, True]


def test_two_at_once_erase_once(counter: Counter) -> None:
    """The clock and the operator's command may meet; the history says it once."""
    ref = place(counter)
    cancel(counter, ref)
    counter.clock.move(days=500)
    assert erase_old(counter.writer, counter.reader, KEEP, counter.clock()) == 1
    assert erase_old(counter.writer, counter.reader, KEEP, counter.clock()) == 0
    found = erased(counter, ref)
    assert found is not None and found.obstacle is Obstacle.ERASED
    with counter.reader.begin() as connection:
        told = select(func.count()).select_from(events).where(events.c.event == "erased")
        assert connection.execute(told).scalar_one() == 1


@on_sqlite
def test_words_of_the_seller_go_too(counter: Counter) -> None:
    """Where she has typed in her own words how a buyer came, that is no code of ours; the usual answers stay."""
    refs = {channel: place(counter, channel=channel) for channel in ("kata suaminya", "tiktok", "offline")}
    counter.writer.submit(lambda tx: tx.execute(update(orders).values(source="sheet")).rowcount)
    for ref in refs.values():
        cancel(counter, ref)
        erased(counter, ref)
    assert [counter.order(ref).channel for ref in refs.values()] == ["offline", "tiktok", "offline"]


@on_sqlite
def test_the_workbook_has_the_row_of_lines_too(bench: Bench) -> None:  # noqa: F811
    """A text on a robe names somebody: in the tab with the lines it is gone, the colour stays."""
    ref = place(bench.counter)
    bench.delivery.sync()
    cancel(bench.counter, ref)
    erased(bench.counter, ref)
    for _ in range(2):
        bench.delivery.sync()
    lines = list(load_workbook(bench.path)["Rincian"].iter_rows(min_row=2, values_only=True))
    assert [line[3] for line in lines if line[0] == ref] == [None, "Warna: Sage"]
