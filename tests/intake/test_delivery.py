"""Between ledger and sheet, over a real workbook: each order once, each edit once, whatever is cut off in between."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from intake.clock import expire_unpaid
from intake.delivery import Delivery, Wording
from intake.language import translations
from intake.ledger import outbox
from intake.settings import Settings, read_settings
from intake.sheet import OrderRow, SheetBusy, SheetChanging, SheetFailed, SheetMissing, WriteReport
from intake.sheet.opening import open_sheet
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_process import handle
from preorder.order import LineRequest
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.makers import make_request


@dataclasses.dataclass
class Bench:
    """A counter with a workbook behind it."""

    counter: Counter
    sheet: WorkbookSheet
    path: Path
    delivery: Delivery

    def rows(self) -> list[dict[str, Any]]:
        """Give the rows with a ref of the orders tab, header -> value, in the order of the file."""
        tab = load_workbook(self.path)["Pesanan"]
        header, *rows = [[cell.value for cell in row] for row in tab.iter_rows()]
        # delete_rows leaves the links of the last row behind, without a ref.
        return [dict(zip(header, row, strict=True)) for row in rows if row[0]]

    def type(self, ref: str, **cells: Any) -> None:
        """Type into the row of an order (header -> value; underscores for blanks) and save, as the seller does."""
        book = load_workbook(self.path)
        tab = book["Pesanan"]
        header = {cell.value: cell.column for cell in tab[1]}
        row = next(row for row in range(2, tab.max_row + 1) if tab.cell(row, header["No. Pesanan"]).value == ref)
        for name, value in cells.items():
            tab.cell(row, header[name.replace("_", " ")]).value = value
        book.save(self.path)

    def delete(self, ref: str) -> None:
        """Delete the row of an order."""
        book = load_workbook(self.path)
        tab = book["Pesanan"]
        tab.delete_rows(next(row for row in range(2, tab.max_row + 1) if tab.cell(row, 1).value == ref))
        book.save(self.path)


def _in_process(request: Any) -> Any:
    # The child process is proved by the workbook's own tests; here each round would start two of them.
    return handle(request)


def make_delivery(counter: Counter, sheet: Any) -> Delivery:
    """Give a delivery as a freshly started shop has it."""
    wording = Wording("id", "WIB", translations(Settings.templates, "id"))
    return Delivery(sheet, counter.writer, counter.reader, lambda: wording, counter.clock)


@pytest.fixture
def bench(counter: Counter, tmp_path: Path) -> Bench:
    """A counter and its workbook."""
    path = tmp_path / "orders.xlsx"
    settings = read_settings({"ETALASE_SHEET": str(path)})
    sheet = open_sheet(settings, counter.catalogue.current())
    sheet._run = _in_process
    return Bench(counter, sheet, path, make_delivery(counter, sheet))


def test_an_order_becomes_one_row_as_typed(bench: Bench) -> None:
    """Leading zeros, emoji and formulas are text; money is numbers; a second round writes nothing."""
    request = make_request(
        None,
        LineRequest("nastar", "250g", 2, {}),
        LineRequest("gamis", "", 1, {"warna": "Sage", "nama": "=1+1"}),
        name="=SUM(A1) 🎂",
        note="0042",
    )
    ref = bench.counter.place(request).ref
    assert bench.delivery.sync().written == 1
    assert bench.delivery.sync().written == 0
    (row,) = bench.rows()
    assert row["No. Pesanan"] == ref
    assert (row["Status"], row["Nama"], row["Catatan Pembeli"]) == ("Menunggu pembayaran", "=SUM(A1) 🎂", "0042")
    assert (row["WhatsApp"], row["Total"], row["Tagihan"], row["Ongkir"]) == (
        "0812-0000-5678",
        498_000,
        240_000,
        18_000,
    )
    tab = load_workbook(bench.path)["Pesanan"]
    assert tab.cell(2, 3).data_type == "s"
    lines = list(load_workbook(bench.path)["Rincian"].iter_rows(min_row=2, values_only=True))
    assert [line[:7] for line in lines if line[0]] == [
        (ref, "Nastar", "Toples 250 g", None, 2, 65_000, 130_000),
        (ref, "Gamis", None, "Warna: Sage, Nama bordir: =1+1", 1, 350_000, 350_000),
    ]


def test_her_edit_is_carried_out_and_shown_in_our_spelling(bench: Bench) -> None:
    """What she typed reaches the ledger; the row then shows what follows from it."""
    ref = bench.counter.place().ref
    bench.delivery.sync()
    bench.type(ref, Status="dp diterima", Catatan_Penjual="sudah dicek")
    done = bench.delivery.sync()
    assert (done.edited, done.written) == (1, 1)
    order = bench.counter.order(ref)
    assert (order.status, order.received, order.seller_note) == (Status.DEPOSIT_PAID, 65_000, "sudah dicek")
    (row,) = bench.rows()
    assert (row["Status"], row["Uang Masuk"], row["Tagihan"], row["Bayar"]) == ("DP diterima", 65_000, 83_000, "DP")
    before = order.version
    bench.delivery.sync()
    assert bench.counter.order(ref).version == before


def test_a_bounce_is_explained_in_the_row_and_the_cell_goes_back(bench: Bench) -> None:
    """The sentence goes when the next edit is right."""
    ref = bench.counter.place().ref
    bench.delivery.sync()
    bench.type(ref, Status="Dikirim", Uang_Masuk="banyak")
    bench.delivery.sync()
    (row,) = bench.rows()
    assert (row["Status"], row["Uang Masuk"]) == ("Menunggu pembayaran", None)
    assert row["Pesan Sistem"]
    bench.type(ref, Uang_Masuk=148_000)
    bench.delivery.sync()
    (row,) = bench.rows()
    assert (row["Status"], row["Pesan Sistem"]) == ("Lunas", None)


def test_her_edit_wins_over_a_write_that_has_not_seen_it(bench: Bench) -> None:
    """She types between our read and our write: the cell stays hers, and the next round carries it out."""
    ref = bench.counter.place().ref
    bench.delivery.sync()

    class TypesInBetween(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            bench.type(ref, Uang_Masuk=148_000)
            return super().write(rows, edition=edition, known=known)

    bench.counter.desk.claim_payment(bench.counter.order(ref).token, bench.counter.clock())
    bench.sheet.__class__ = TypesInBetween
    bench.delivery.sync()
    bench.sheet.__class__ = WorkbookSheet
    (row,) = bench.rows()
    assert (row["Status"], row["Uang Masuk"]) == ("Menunggu verifikasi", 148_000)
    bench.delivery.sync()
    assert bench.counter.order(ref).status is Status.PAID


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("round_", ["first", "update"])
def test_a_crash_around_the_write_is_repaired(bench: Bench, cut: str, round_: str) -> None:
    """Cut off before or after the file was replaced: one row, and our own words are never taken for her command."""
    counter = bench.counter
    ref = counter.place().ref
    if round_ == "update":
        bench.delivery.sync()
        counter.desk.claim_payment(counter.order(ref).token, counter.clock())

    class Killed(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            if cut == "after":
                super().write(rows, edition=edition, known=known)
            raise SheetFailed(reason="killed")

    bench.sheet.__class__ = Killed
    with pytest.raises(SheetFailed):
        bench.delivery.sync()
    bench.sheet.__class__ = WorkbookSheet
    # Meanwhile the ledger goes on: what stands in the file is now an old word of ours.
    seller = make_delivery(counter, bench.sheet)
    if round_ == "first":
        counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    events = [event.event for event in counter.order(ref).events]
    seller.sync()
    seller.sync()
    order = counter.order(ref)
    assert order.status is Status.PAYMENT_CLAIMED
    assert [event.event for event in order.events] == events
    (row,) = bench.rows()
    # Not even a bounced command: nobody commanded anything.
    assert (row["Status"], row["Pesan Sistem"]) == ("Menunggu verifikasi", None)
    with counter.reader.begin() as connection:
        assert outbox.waiting_rows(connection).rows == 0


def test_marking_done_before_writing_would_lose_the_row(bench: Bench) -> None:
    """The twin: a delivery that marks first and is then killed leaves an order that is in no sheet. Ours does not."""
    counter = bench.counter
    counter.place()

    class Killed(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            raise SheetFailed(reason="killed")

    def mark_first() -> None:
        with counter.reader.begin() as connection:
            waiting = outbox.pending_rows(connection, 10)

        def mark(tx: Any) -> None:
            tx.execute(text("UPDATE outbox SET state='done' WHERE order_id=:id"), {"id": waiting[0].order_id})

        counter.writer.submit(mark)

    bench.sheet.__class__ = Killed
    with pytest.raises(SheetFailed):
        bench.delivery.sync()
    with counter.reader.begin() as connection:
        assert outbox.waiting_rows(connection).rows == 1
    mark_first()
    bench.sheet.__class__ = WorkbookSheet
    make_delivery(counter, bench.sheet).sync()
    assert not bench.path.exists() or bench.rows() == []


def test_a_deleted_row_comes_back_once_with_a_word(bench: Bench) -> None:
    """
    A live order's row is written again and says how to cancel; deleted twice it stays away; the order itself is
    untouched.
    """
    ref, other = bench.counter.place().ref, bench.counter.place().ref
    bench.delivery.sync()
    bench.delete(ref)
    bench.delivery.sync()
    bench.delivery.sync()
    assert sorted(row["No. Pesanan"] for row in bench.rows()) == sorted([ref, other])
    assert next(row for row in bench.rows() if row["No. Pesanan"] == ref)["Pesan Sistem"]
    bench.delete(ref)
    bench.delivery.sync()
    bench.delivery.sync()
    assert [row["No. Pesanan"] for row in bench.rows()] == [other]
    assert bench.counter.order(ref).status is Status.AWAITING_PAYMENT


def test_the_row_of_an_ended_order_may_be_deleted(bench: Bench) -> None:
    """It stays away."""
    ref, other = bench.counter.place().ref, bench.counter.place().ref
    bench.delivery.sync()
    bench.type(ref, Status="Batal (penjual)")
    bench.delivery.sync()
    bench.delete(ref)
    bench.delivery.sync()
    bench.delivery.sync()
    assert [row["No. Pesanan"] for row in bench.rows()] == [other]


@pytest.mark.parametrize(
    "gone", [Path.unlink, lambda path: path.rename(path.with_name("lama.xlsx"))], ids=["deleted", "moved"]
)
def test_a_workbook_that_is_gone_is_made_again_with_all_orders(bench: Bench, gone: Callable[[Path], Any]) -> None:
    """Nobody deleted an order: the rows come back without reproach, and may still be deleted once."""
    refs = sorted(bench.counter.place().ref for _ in range(3))
    bench.delivery.sync()
    gone(bench.path)
    with pytest.raises(SheetMissing):
        # A moment without a file is a save by renaming, perhaps.
        bench.delivery.sync()
    bench.counter.clock.move(seconds=6)
    bench.delivery.sync()
    assert sorted(row["No. Pesanan"] for row in bench.rows()) == refs
    assert [row["Pesan Sistem"] for row in bench.rows()] == [None] * 3


def test_a_row_of_hers_with_an_unknown_ref_is_left_alone(bench: Bench) -> None:
    """An edited ref: the row stays as she left it, and the order's own row is written again."""
    ref, other = bench.counter.place().ref, bench.counter.place().ref
    bench.delivery.sync()
    bench.type(ref, **{"No._Pesanan": "BUKAN-KITA"})
    bench.delivery.sync()
    bench.delivery.sync()
    assert sorted(row["No. Pesanan"] for row in bench.rows()) == sorted(["BUKAN-KITA", ref, other])


def test_a_copied_row_stops_updates_of_that_order_only(bench: Bench) -> None:
    """The same ref twice: neither row is touched, the other orders go on."""
    ref, other = bench.counter.place().ref, bench.counter.place().ref
    bench.delivery.sync()
    book = load_workbook(bench.path)
    tab = book["Pesanan"]
    tab.append([cell.value for cell in tab[2]])
    copied = tab.cell(2, 1).value
    book.save(bench.path)
    for each in (ref, other):
        bench.counter.desk.claim_payment(bench.counter.order(each).token, bench.counter.clock())
    bench.delivery.sync()
    shown = [(row["No. Pesanan"], row["Status"]) for row in bench.rows()]
    rest = other if copied == ref else ref
    assert shown.count((copied, "Menunggu pembayaran")) == 2
    assert (rest, "Menunggu verifikasi") in shown


def test_an_old_copy_that_is_put_back_commands_nothing(bench: Bench) -> None:
    """Yesterday's statuses are not her wishes of today: nothing is undone, and the rows say what happened."""
    counter = bench.counter
    paid, waiting = counter.place().ref, counter.place().ref
    bench.delivery.sync()
    yesterday = bench.path.read_bytes()
    bench.type(paid, Status="DP diterima", Catatan_Penjual="sudah dicek")
    bench.delivery.sync()
    later = counter.place().ref
    bench.delivery.sync()
    before = [counter.order(ref) for ref in (paid, waiting, later)]
    bench.path.write_bytes(yesterday)
    bench.delivery.sync()
    bench.delivery.sync()
    assert [counter.order(ref) for ref in (paid, waiting, later)] == before
    rows = {row["No. Pesanan"]: row for row in bench.rows()}
    assert rows.keys() == {paid, waiting, later}
    assert (rows[paid]["Status"], rows[paid]["Uang Masuk"], rows[paid]["Catatan Penjual"]) == (
        "DP diterima",
        65_000,
        "sudah dicek",
    )
    assert rows[paid]["Pesan Sistem"] and not rows[waiting]["Pesan Sistem"]
    # From here on she is heard again.
    bench.type(paid, Status="Lunas")
    bench.delivery.sync()
    assert counter.order(paid).status is Status.PAID


def test_a_new_workbook_begins_with_what_is_still_to_be_done(bench: Bench) -> None:
    """A full workbook can be put away: ended orders stay in it, live ones are written into the new one."""
    done, live = bench.counter.place().ref, bench.counter.place().ref
    bench.delivery.sync()
    bench.type(done, Status="Batal (penjual)")
    bench.delivery.sync()
    bench.path.rename(bench.path.with_name("orders-2026.xlsx"))
    with pytest.raises(SheetMissing):
        bench.delivery.sync()
    bench.counter.clock.move(seconds=6)
    bench.delivery.sync()
    bench.delivery.sync()
    assert [row["No. Pesanan"] for row in bench.rows()] == [live]


def test_refs_that_were_swapped_move_no_money(bench: Bench) -> None:
    """A ref column sorted on its own: each row's contents belong to another order, so none of them is a command."""
    counter = bench.counter
    ani = counter.place(make_request(name="Ani Contoh", phone="+6281200001111")).ref
    budi = counter.place(make_request(name="Budi Misal", phone="+6281200002222")).ref
    bench.delivery.sync()
    bench.type(ani, Status="Lunas")
    bench.delivery.sync()
    before = [counter.order(ref) for ref in (ani, budi)]
    book = load_workbook(bench.path)
    tab = book["Pesanan"]
    tab["A2"].value, tab["A3"].value = tab["A3"].value, tab["A2"].value
    book.save(bench.path)
    bench.delivery.sync()
    bench.delivery.sync()
    assert [counter.order(ref) for ref in (ani, budi)] == before
    rows = {row["No. Pesanan"]: row for row in bench.rows()}
    assert (rows[ani]["Nama"], rows[ani]["Status"]) == ("Ani Contoh", "Lunas")
    assert (rows[budi]["Nama"], rows[budi]["Status"]) == ("Budi Misal", "Menunggu pembayaran")


def test_a_column_sorted_alone_commands_nothing(bench: Bench) -> None:
    """Money that changed places between rows is booked for nobody."""
    counter = bench.counter
    refs = [counter.place(make_request(name=f"Pembeli {n}", phone=f"+628120000{n:04}")).ref for n in range(3)]
    bench.delivery.sync()
    for ref, money in zip(refs, (65_000, 148_000, None), strict=True):
        if money:
            bench.type(ref, Uang_Masuk=money)
    bench.delivery.sync()
    before = [counter.order(ref) for ref in refs]
    bench.type(refs[0], Uang_Masuk=148_000)
    bench.type(refs[1], Uang_Masuk=65_000)
    bench.delivery.sync()
    assert [counter.order(ref) for ref in refs] == before
    bench.delivery.sync()
    rows = {row["No. Pesanan"]: row for row in bench.rows()}
    assert [rows[ref]["Uang Masuk"] for ref in refs] == [65_000, 148_000, None]


def test_order_numbers_sorted_alone_do_not_stay_beside_other_buyers(bench: Bench) -> None:
    """Where all yellow cells are equal nothing is a command; the rows are put right all the same, for goods go there."""
    counter = bench.counter
    for n in range(3):
        counter.clock.move(minutes=1)
        counter.place(make_request(name=f"Pembeli {n}", phone=f"+628120000{n:04}"))
    bench.delivery.sync()
    before = {row["No. Pesanan"]: (row["Nama"], row["WhatsApp"], row["Waktu Pesan"]) for row in bench.rows()}
    refs = list(before)
    bench.type(refs[0], **{"No. Pesanan": "x"})
    bench.type(refs[1], **{"No. Pesanan": refs[0]})
    bench.type("x", **{"No. Pesanan": refs[1]})
    bench.delivery.sync()
    rows = {row["No. Pesanan"]: row for row in bench.rows()}
    assert {ref: (row["Nama"], row["WhatsApp"], row["Waktu Pesan"]) for ref, row in rows.items()} == before
    assert rows[refs[0]]["Pesan Sistem"] and rows[refs[1]]["Pesan Sistem"] and not rows[refs[2]]["Pesan Sistem"]


def test_a_name_that_she_corrects_is_left_alone(bench: Bench) -> None:
    """It is one column, and no command; the row says nothing about it."""
    ref = bench.counter.place().ref
    bench.delivery.sync()
    bench.type(ref, Nama="Ibu Contoh, rumah biru")
    bench.delivery.sync()
    (row,) = bench.rows()
    assert (row["Nama"], row["Pesan Sistem"]) == ("Ibu Contoh, rumah biru", None)


def test_a_write_that_landed_unnoted_is_remembered_over_another_that_failed(bench: Bench) -> None:
    """Her edit in such a file is hers, and not an old copy's."""
    counter = bench.counter
    ref = counter.place().ref

    class KilledAfter(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            super().write(rows, edition=edition, known=known)
            raise SheetFailed(reason="killed")

    class Open(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            raise SheetBusy(program="libreoffice", user="", host="", since=None)

    bench.sheet.__class__ = KilledAfter
    with pytest.raises(SheetFailed):
        bench.delivery.sync()
    counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    bench.sheet.__class__ = Open
    for _ in range(2):
        with pytest.raises(SheetBusy):
            bench.delivery.sync()
    bench.type(ref, Status="DP diterima")
    bench.sheet.__class__ = WorkbookSheet
    make_delivery(counter, bench.sheet).sync()
    assert counter.order(ref).status is Status.DEPOSIT_PAID


def test_an_old_copy_put_back_between_read_and_write_is_not_blessed(bench: Bench) -> None:
    """The write refuses a file that it does not descend from; the next round sees it for what it is."""
    counter = bench.counter
    paid, other = counter.place().ref, counter.place().ref
    bench.delivery.sync()
    yesterday = bench.path.read_bytes()
    bench.type(paid, Status="DP diterima")
    bench.delivery.sync()

    class PutBack(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            bench.path.write_bytes(yesterday)
            return super().write(rows, edition=edition, known=known)

    counter.desk.claim_payment(counter.order(other).token, counter.clock())
    bench.sheet.__class__ = PutBack
    with pytest.raises(SheetChanging):
        bench.delivery.sync()
    bench.sheet.__class__ = WorkbookSheet
    bench.delivery.sync()
    bench.delivery.sync()
    order = counter.order(paid)
    assert (order.status, order.received) == (Status.DEPOSIT_PAID, 65_000)
    assert {row["No. Pesanan"]: row["Status"] for row in bench.rows()}[paid] == "DP diterima"


def test_a_deleted_row_that_comes_back_by_undo_commands_nothing(bench: Bench) -> None:
    """She deletes a row and takes that back, while the order has expired: the row's old words are ours."""
    counter = bench.counter
    ref = counter.place().ref
    counter.place()
    bench.delivery.sync()
    as_it_was = bench.path.read_bytes()

    class Open(WorkbookSheet):
        def write(self, rows: Sequence[OrderRow], *, edition: str = "", known: Collection[str] = ()) -> WriteReport:
            raise SheetBusy(program="libreoffice", user="", host="", since=None)

    bench.sheet.__class__ = Open
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    bench.delete(ref)
    with pytest.raises(SheetBusy):
        bench.delivery.sync()
    bench.path.write_bytes(as_it_was)
    with pytest.raises(SheetBusy):
        bench.delivery.sync()
    bench.sheet.__class__ = WorkbookSheet
    bench.delivery.sync()
    assert counter.order(ref).status is Status.EXPIRED
    assert {row["No. Pesanan"]: row["Status"] for row in bench.rows()}[ref] == "Kedaluwarsa"


def test_rows_that_stay_away_hold_nothing_up(bench: Bench) -> None:
    """An order whose row she has deleted twice changes on: nothing waits for it, and the others are written."""
    counter = bench.counter
    ref, other = counter.place().ref, counter.place().ref
    bench.delivery.sync()
    for _ in range(2):
        bench.delete(ref)
        bench.delivery.sync()
        bench.delivery.sync()
    for each in (ref, other):
        counter.desk.claim_payment(counter.order(each).token, counter.clock())
    assert bench.delivery.sync().waiting == 0
    assert [(row["No. Pesanan"], row["Status"]) for row in bench.rows()] == [(other, "Menunggu verifikasi")]


def test_a_child_that_outlived_its_shop_writes_nothing(bench: Bench) -> None:
    """Killed with the shop, or left behind by it: the next shop is not surprised by the last one's words."""
    ref = bench.counter.place().ref
    bench.delivery.sync()
    before = bench.path.read_bytes()
    bench.counter.desk.claim_payment(bench.counter.order(ref).token, bench.counter.clock())
    bench.sheet._run = lambda request: handle({**request, "parent": 2**22})
    with pytest.raises(SheetFailed) as refusal:
        bench.delivery.sync()
    assert refusal.value.fields == {"reason": "orphaned"}
    assert bench.path.read_bytes() == before
