"""After a restore: the ledger learns from the sheet what the backup didn't know, before orders are taken again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from intake.backup import back_up
from intake.clock import expire_unpaid
from intake.ledger import outbox, store
from intake.ledger.engine import open_reader
from intake.ledger.invariants import find_violations
from intake.ledger.schema import entries, events, pools
from intake.placing import ShopPaused
from intake.rebuilding import parse_instant
from intake.restore import NotPaused, Restored, restore
from intake.settings import Settings, read_settings
from intake.sheet.opening import open_sheet
from intake.sheet.workbook_process import handle
from preorder.campaign import WHOLE
from preorder.catalogue import to_json
from preorder.order import LineRequest, SoldOut
from preorder.status import Status
from preorder.terms import PaymentTerms, Scheme, UniqueCode
from preorder.wording import show_instant
from tests.databases import PostgresServer, sqlite_ledger
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.counters import open_counter
from tests.intake.test_delivery import make_delivery
from tests.makers import NOW, make_campaign, make_catalogue, make_request

KEY = "test-key"


class World:
    """A shop's ledger, its workbook and its settings, with time passing between."""

    def __init__(self, root: Path, url: str) -> None:
        import json

        self.root, self.url, self.clock, self.opened = root, url, Clock(), 0
        self.book = root / "orders.xlsx"
        self.catalogue = FixedCatalogue(make_catalogue(make_campaign()))
        published = root / "catalogue.json"
        published.write_text(json.dumps(to_json(self.catalogue.current())))
        self.settings: Settings = read_settings({
            "ETALASE_DATA": str(root / "data"), "DATABASE_URL": url, "ETALASE_SHEET": str(self.book),
            "ETALASE_CATALOGUE": str(published), "ETALASE_SECRET_KEY": KEY,
        })  # fmt: skip

    @contextmanager
    def open(self) -> Iterator[Counter]:
        """Run the shop for a while; at its end the workbook is up to date."""
        with open_counter(self.url, self.root / "data", self.clock, self.catalogue) as counter:
            # Other press, other review token.
            self.opened += 1
            counter._nonces = 1_000 * self.opened
            yield counter
            self.sync(counter)

    def sync(self, counter: Counter) -> int:
        """Do rounds with the workbook until nothing waits; give the rows written."""
        sheet = open_sheet(self.settings, self.catalogue.current())
        sheet._run = handle
        delivery = make_delivery(counter, sheet)
        return sum(delivery.sync().written for _ in range(3))

    def back_up(self) -> Path:
        self.clock.move(minutes=1)
        return back_up(self.settings, None, self.clock()).path

    def restore(self, backup: Path | None, **options: bool) -> Restored:
        self.clock.move(minutes=1)
        return restore(self.settings, backup, self.clock, **options)

    def type(self, ref: str, **cells: Any) -> None:
        """Type into the row of an order (header -> value; underscores for blanks)."""
        book = load_workbook(self.book)
        tab = book["Pesanan"]
        header = {cell.value: cell.column for cell in tab[1]}
        row = next(row for row in range(2, tab.max_row + 1) if tab.cell(row, 1).value == ref)
        for name, value in cells.items():
            tab.cell(row, header[name.replace("_", " ")]).value = value
        book.save(self.book)

    def shown(self) -> dict[str, dict[str, Any]]:
        """Give ref -> header -> value of the orders tab."""
        tab = load_workbook(self.book)["Pesanan"]
        header, *rows = [[cell.value for cell in row] for row in tab.iter_rows()]
        return {row[0]: dict(zip(header, row, strict=True)) for row in rows if row[0]}


def make_world(root: Path) -> World:
    """Give a world on SQLite."""
    (root / "data").mkdir(mode=0o700)
    return World(root, sqlite_ledger(root / "data" / "etalase.sqlite3"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world on SQLite."""
    return make_world(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world on each database in turn."""
    if request.param == "sqlite":
        yield make_world(tmp_path)
        return
    (tmp_path / "data").mkdir(mode=0o700)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.lend(request.getfixturevalue("postgres_template"))
    yield World(tmp_path, url)
    server.take_back(url)


def violations(world: World) -> list[str]:
    reader = open_reader(world.url)
    with reader.begin() as connection:
        found = [str(each) for each in find_violations(connection)]
    reader.dispose()
    return found


def test_orders_that_only_the_sheet_knows_come_back(either: World) -> None:
    """
    With buyer, lines, money, status and units, under the same ref and link; the next round changes nothing in their
    rows.
    """
    world = either
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        paid = counter.place(
            make_request(
                None,
                LineRequest("nastar", "250g", 3, {}),
                LineRequest("gamis", "", 1, {"warna": "Sage", "nama": "A, B: c"}),
                name="=SUM(A1) 🎂",
                phone="+6281200009999",
                note="0042",
                channel="instagram",
            )
        )
        waiting = counter.place()
        world.sync(counter)
        world.type(paid.ref, Status="DP diterima", Resi="JP0012345678")
        world.sync(counter)
        before = {ref: counter.order(ref) for ref in (paid.ref, waiting.ref)}
        sold = counter.sold()
        token = counter.desk._status_token(paid.ref)
        digest = counter.desk.phone_hmac("+6281200009999")
    rows = world.shown()
    assert before[paid.ref].status is Status.DEPOSIT_PAID
    done = world.restore(backup)
    assert done.reconciled is not None and done.is_open
    assert sorted(done.reconciled.imported) == sorted(before)
    assert (done.reconciled.doubts, done.reconciled.bounced, done.reconciled.unread) == ([], [], [])
    with world.open() as counter:
        assert counter.sold() == sold
        for ref, old in before.items():
            new = counter.order(ref)
            same = "token status name phone address note channel goods shipping deposit delivery_id delivery_name tracking received lines"
            assert {name: getattr(new, name) for name in same.split()} == {
                name: getattr(old, name) for name in same.split()
            }
            assert new.snapshot["restored"] is True
            assert abs(new.placed_at - old.placed_at) < timedelta(minutes=1)
            assert old.pay_by is not None and new.pay_by is not None
            assert abs(new.pay_by - old.pay_by) < timedelta(minutes=1)
        assert counter.order(paid.ref).token == token
        with counter.reader.begin() as connection:
            held = store.units_held(connection, "nastar-lebaran", 1, [digest])
        assert held == {digest: 4}
        world.sync(counter)
        assert world.shown() == rows
        assert world.sync(counter) == 0
    assert violations(world) == []


def test_amounts_that_buyers_were_told_come_back_with_their_orders(either: World) -> None:
    """Made again from the sheet, an order asks for what its page had said, and counts as paid what was paid by it."""
    world = either
    terms = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, unique_code=UniqueCode.DEDUCT)
    world.catalogue.catalogue = make_catalogue(make_campaign(payment=terms))
    publish(world)
    with world.open() as counter:
        world.sync(counter)
    backup = world.back_up()
    with world.open() as counter:
        refs = [counter.place().ref for _ in range(4)]
        world.sync(counter)
        fresh, deposit, paid, whole = refs
        for ref in (deposit, paid):
            world.type(ref, Status="DP diterima")
        # The price, without the code.
        world.type(whole, Uang_Masuk=148_000)
        world.sync(counter)
        world.type(paid, Status="Lunas")
        world.sync(counter)
        world.sync(counter)
        before = {ref: counter.order(ref) for ref in refs}
    rows = world.shown()
    done = world.restore(backup)
    assert done.reconciled is not None and sorted(done.reconciled.imported) == sorted(refs)
    with world.open() as counter:
        for ref, old in before.items():
            new = counter.order(ref)
            assert (new.status, new.received, new.deposit) == (old.status, old.received, old.deposit)
            assert new.money.due == old.money.due
            assert new.money.state is old.money.state
        assert counter.order(fresh).open_due == before[fresh].open_due
        assert [(due.kind, due.amount, due.code) for due in counter.order(deposit).dues if due.is_open] == [
            (due.kind, due.amount, due.code) for due in before[deposit].dues if due.is_open
        ]
        assert counter.order(paid).discount == before[paid].discount
        # Nobody else gets an amount that was brought back.
        taken = {before[ref].money.due for ref in (fresh, deposit)}
        fifth = counter.order(counter.place().ref)
        assert fifth.money.due not in taken
        world.sync(counter)
        assert {ref: row for ref, row in world.shown().items() if ref in rows} == rows
    assert violations(world) == []


def test_orders_that_both_know_are_brought_to_where_the_sheet_shows_them(either: World) -> None:
    """Her commands, buyers' claims and expiries since the backup: status, money, fee, courier, receipt number, units."""
    world = either
    with world.open() as counter:
        refs = [counter.place().ref for _ in range(6)]
        world.sync(counter)
        world.type(refs[4], Status="DP diterima")
        world.sync(counter)
    backup = world.back_up()
    with world.open() as counter:
        paid, claimed, cancelled, expired, undone, untouched = refs
        counter.desk.claim_payment(counter.order(claimed).token, world.clock())
        counter.desk.claim_payment(counter.order(untouched).token, world.clock())
        world.sync(counter)
        world.type(paid, Uang_Masuk=148_000, Catatan_Penjual="sudah dicek")
        world.type(cancelled, Status="Batal (penjual)")
        world.sync(counter)
        world.clock.move(hours=30)
        world.type(undone, Status="Menunggu pembayaran")
        world.type(untouched, Catatan_Penjual="tidak ketemu", Status="Menunggu pembayaran")
        world.sync(counter)
        world.clock.move(hours=7)
        # Those that she set back have their deadline anew.
        assert expire_unpaid(counter.writer, counter.reader, world.clock()) == 1
        before = {ref: counter.order(ref) for ref in refs}
        sold = counter.sold()
    assert [before[ref].status for ref in refs] == [
        Status.PAID, Status.PAYMENT_CLAIMED, Status.CANCELLED_BY_SELLER, Status.EXPIRED, Status.AWAITING_PAYMENT,
        Status.AWAITING_PAYMENT,
    ]  # fmt: skip
    rows = world.shown()
    done = world.restore(backup)
    assert done.is_open and done.reconciled is not None
    assert sorted(done.reconciled.adopted) == sorted([claimed, expired])
    assert done.reconciled.bounced == []
    with world.open() as counter:
        for ref, old in before.items():
            new = counter.order(ref)
            assert (new.status, new.received, new.seller_note) == (old.status, old.received, old.seller_note), ref
        # A deadline that was renewed since is not lost.
        assert expire_unpaid(counter.writer, counter.reader, world.clock()) == 0
        assert counter.sold() == sold
        world.sync(counter)
        after = world.shown()
        for ref in refs:
            # The deadline that a command renews counts from that command.
            assert after[ref] | {"Batas Bayar": ""} == rows[ref] | {"Batas Bayar": ""}
    assert violations(world) == []


def test_a_restore_sells_nothing_twice(either: World) -> None:
    """Orders after the backup took the last units: after the restore nothing is left, and what is over is told."""
    world = either
    world.catalogue.catalogue = make_catalogue(make_campaign(pools={WHOLE: 4, "nastar/250g": 40}))
    publish(world)
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        counter.place()
        with pytest.raises(SoldOut):
            counter.place()
    world.restore(backup)
    with world.open() as counter:
        with pytest.raises(SoldOut):
            counter.place()
        assert counter.sold()[WHOLE] == 4
    assert violations(world) == []


def test_more_sold_than_there_is_is_told(world: World) -> None:
    """She has lowered the quota meanwhile: the pool is in deficit, reported, and sells nothing."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        counter.place()
    world.catalogue.catalogue = make_catalogue(make_campaign(pools={WHOLE: 3, "nastar/250g": 40}), revision=2)
    publish(world)
    done = world.restore(backup)
    assert [(each.pool_id, each.quota, each.sold) for each in done.deficits] == [(WHOLE, 3, 4)]
    assert done.is_open
    with world.open() as counter, pytest.raises(SoldOut):
        counter.place()


def publish(world: World) -> None:
    import json

    Path(world.settings.catalogue).write_text(json.dumps(to_json(world.catalogue.current())))


def test_without_the_workbook_it_stays_closed(world: World) -> None:
    """Missing or open elsewhere: no orders are taken until it was read, or somebody says so."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    kept = world.book.read_bytes()
    with world.open() as counter:
        late = counter.place().ref
    after = world.book.read_bytes()
    world.book.unlink()
    done = world.restore(backup)
    assert (done.is_open, done.reconciled) == (False, None)
    assert done.trouble is not None and done.trouble.code == "sheet_missing"
    with open_counter(world.url, world.root / "data", world.clock, world.catalogue) as counter:
        with pytest.raises(ShopPaused):
            counter.place()
        assert not counter.desk.ready()["open"]
    world.book.write_bytes(after)
    lock = world.book.with_name("~$orders.xlsx")
    lock.write_bytes(b"\x04Sari")
    done = world.restore(None)
    assert done.trouble is not None and (done.trouble.code, done.is_open) == ("sheet_busy", False)
    lock.unlink()
    done = world.restore(None)
    assert done.reconciled is not None and (done.reconciled.imported, done.is_open) == ([late], True)
    with pytest.raises(NotPaused):
        world.restore(None)
    assert kept != after


def test_an_older_workbook_keeps_it_closed(world: World) -> None:
    """What stands in it is past: taken for the present it would take back payments that the backup knows."""
    with world.open() as counter:
        ref = counter.place().ref
    old = world.book.read_bytes()
    world.clock.move(minutes=1)
    world.type(ref, Status="DP diterima")
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    newest = world.book.read_bytes()
    world.book.write_bytes(old)
    done = world.restore(backup)
    assert done.trouble is not None and (done.trouble.code, done.is_open) == ("sheet_outdated", False)
    world.book.write_bytes(newest)
    done = world.restore(None)
    assert done.is_open
    with open_counter(world.url, world.root / "data", world.clock, world.catalogue) as counter:
        assert counter.order(ref).status is Status.DEPOSIT_PAID


def test_opened_without_the_workbook(world: World) -> None:
    """It can be opened all the same; then the report has the numbers that say what is at stake."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    world.book.unlink()
    done = world.restore(backup, without_sheet=True)
    assert (done.is_open, done.orders) == (True, 1)
    assert done.newest_at is not None and abs(done.newest_at - NOW) < timedelta(minutes=5)
    with open_counter(world.url, world.root / "data", world.clock, world.catalogue) as counter:
        assert not counter.place(nonce="another").repeated


def test_rows_that_can_not_be_trusted_keep_it_closed(world: World) -> None:
    """Rows twice, mistyped refs, unreadable lines, another buyer's row: told, never guessed, and settled by her."""
    with world.open() as counter:
        known = counter.place().ref
    backup = world.back_up()
    with world.open() as counter:
        twice, mistyped, unreadable = (counter.place(make_request(name=f"Ibu {n}")).ref for n in range(3))
    book = load_workbook(world.book)
    tab, lines = book["Pesanan"], book["Rincian"]
    cells = {tab.cell(row, 1).value: row for row in range(2, tab.max_row + 1)}
    wrong = mistyped[:-1] + next(c for c in "2345" if c != mistyped[-1])
    tab.cell(cells[mistyped], 1).value = wrong
    tab.cell(tab.max_row + 1, 1).value = twice
    tab.cell(cells[known], 3).value = "Orang Lain"
    for row in range(2, lines.max_row + 1):
        if lines.cell(row, 1).value == unreadable:
            lines.cell(row, 5).value = "dua"
    fixed = world.book.read_bytes()
    book.save(world.book)
    done = world.restore(backup)
    found = done.reconciled
    assert found is not None and not done.is_open
    assert (found.duplicates, found.wrong_refs, found.foreign) == ([twice], [wrong], [known])
    assert found.unread == [(unreadable, "lines")]
    assert found.imported == []
    # She puts it right, and it goes on from there.
    world.book.write_bytes(fixed)
    done = world.restore(None)
    assert done.is_open and done.reconciled is not None
    assert sorted(done.reconciled.imported) == sorted([twice, mistyped, unreadable])
    assert violations(world) == []


def test_what_is_not_offered_any_more_is_kept_by_its_name(world: World) -> None:
    """A product that left the catalogue: the order comes back with its name and price, and takes of the whole."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        ref = counter.place().ref
        sold = counter.sold()
    book = load_workbook(world.book)
    lines = book["Rincian"]
    for row in range(2, lines.max_row + 1):
        if lines.cell(row, 1).value == ref:
            lines.cell(row, 2).value = "Kastengel"
    book.save(world.book)
    done = world.restore(backup)
    assert done.is_open and done.reconciled is not None
    assert done.reconciled.doubts == [(ref, "item")]
    with world.open() as counter:
        assert counter.order(ref).lines[0].product_name == "Kastengel"
        assert counter.sold() == {WHOLE: sold[WHOLE], "nastar/250g": sold["nastar/250g"] - 2}
    assert violations(world) == []


def test_lines_are_read_from_the_row_where_their_tab_is_gone(world: World) -> None:
    """The tab "Rincian" was deleted: what was ordered stands in the order's own row as well."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        ref = counter.place().ref
        lines = counter.order(ref).lines
    book = load_workbook(world.book)
    del book["Rincian"]
    book.save(world.book)
    done = world.restore(backup)
    assert done.is_open
    with world.open() as counter:
        assert counter.order(ref).lines == lines
    assert violations(world) == []


def test_what_she_types_before_the_comparison_is_her_command(world: World) -> None:
    """ "Paid" typed into the row of an order that the ledger lacks: the money is booked, as by the shop itself."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        ref, other = counter.place().ref, counter.place().ref
    world.type(ref, Status="Lunas")
    world.type(other, Uang_Masuk="150", Status="entah")
    done = world.restore(backup)
    assert done.is_open and done.reconciled is not None
    assert done.reconciled.bounced == [other]
    with world.open() as counter:
        order = counter.order(ref)
        assert (order.status, order.received) == (Status.PAID, order.money.total)
        assert counter.order(other).status is Status.AWAITING_PAYMENT
        with counter.reader.begin() as connection:
            assert len(connection.execute(select(entries)).all()) == 1
        world.sync(counter)
    assert world.shown()[other]["Status"] == "Menunggu pembayaran"
    assert world.shown()[other]["Pesan Sistem"]
    assert violations(world) == []


def test_comparing_twice_changes_nothing(either: World) -> None:
    """The second time finds everything in place: no order, entry, event or unit is added."""
    world = either
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        ref = counter.place().ref
        world.sync(counter)
        world.type(ref, Status="DP diterima")
    # A row that keeps the shop closed, so that it is done again.
    book = load_workbook(world.book)
    book["Pesanan"].cell(book["Pesanan"].max_row + 1, 1).value = "NST-2222"
    book.save(world.book)

    def state() -> list[Any]:
        reader = open_reader(world.url)
        with reader.begin() as connection:
            found = [connection.execute(select(table)).all() for table in (entries, events, pools)]
        reader.dispose()
        return found

    assert not world.restore(backup).is_open
    first = state()
    done = world.restore(None)
    assert done.reconciled is not None
    assert (done.reconciled.imported, done.reconciled.moved, done.reconciled.adopted) == ([], [], [])
    assert state() == first


def test_what_the_sheet_has_not_heard_of_stays(world: World) -> None:
    """A claim and an order that the backup has and the workbook had not been told yet: nothing takes them back."""
    with world.open() as counter:
        ref = counter.place().ref
    with open_counter(world.url, world.root / "data", world.clock, world.catalogue) as counter:
        counter.desk.claim_payment(counter.order(ref).token, world.clock())
        unwritten = counter.place(nonce="unwritten").ref
    done = world.restore(world.back_up())
    assert done.is_open and done.reconciled is not None
    assert (done.reconciled.moved, done.reconciled.bounced) == ([], [])
    with world.open() as counter:
        assert counter.order(ref).status is Status.PAYMENT_CLAIMED
    shown = world.shown()
    assert (shown[ref]["Status"], shown[unwritten]["Status"]) == ("Menunggu verifikasi", "Menunggu pembayaran")
    assert violations(world) == []


def test_the_sheet_is_not_taken_for_an_old_copy(world: World) -> None:
    """Its edition is known afterwards, and what she types next is a command."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        ref = counter.place().ref
    world.restore(backup)
    world.type(ref, Status="DP diterima")
    with world.open() as counter:
        with counter.reader.begin() as connection:
            editions = outbox.sheet_editions(connection)
        assert editions.landed and not editions.intended
        world.sync(counter)
        assert counter.order(ref).status is Status.DEPOSIT_PAID


@pytest.mark.parametrize("language", ["id", "en"])
def test_instants_are_read_as_they_are_written(language: str) -> None:
    """What the sheet shows as a time is the same minute again."""
    written: Callable[..., str] = show_instant
    assert parse_instant(written(NOW, "WITA", language)) == NOW
    assert parse_instant("besok") is None
