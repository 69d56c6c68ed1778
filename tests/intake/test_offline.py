"""Typed rows: an order of a chat is placed once by the same rules, and whatever she did not mean is left alone."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from intake.ledger.schema import orders
from intake.sheet import SheetBusy, SheetFailed
from intake.sheet.hands import MarkReport
from intake.sheet.workbook import WorkbookSheet
from preorder.campaign import WHOLE
from preorder.product import Limits
from preorder.schedule import Phase
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.intake.typing_hands import Hands
from tests.makers import make_campaign, make_catalogue, make_schedule

TYPED: dict[str, Any] = {
    "Nama": "Bu Rina",
    "WhatsApp": "0812-0000-7777",
    "Pesanan": "2 nastar toples 500g; 1 gamis sage",
    "Pengiriman": "jne",
    "Alamat": "Jl. Misal 9, Bandung",
}


@pytest.fixture
def hands(counter: Counter, tmp_path: Path) -> Hands:
    """The seller at a fresh workbook."""
    return Hands.at(counter, tmp_path)


def test_a_typed_row_becomes_an_order_like_any_other(hands: Hands) -> None:
    """Same prices, same quota; the row itself gets the ref, and nothing is written twice."""
    hands.type(**TYPED)
    hands.rounds()
    (order,) = hands.orders()
    assert (order.name, order.phone, order.source, order.channel) == ("Bu Rina", "+6281200007777", "sheet", "offline")
    assert [(line.name, line.qty, dict(line.options)) for line in order.lines] == [
        ("Nastar Toples 500 g", 2, {}),
        ("Gamis", 1, {"Warna": "Sage"}),
    ]
    assert (order.goods, order.shipping, order.status) == (590_000, 18_000, Status.AWAITING_PAYMENT)
    assert hands.counter.sold()[WHOLE] == 3
    row = hands.row()
    assert (row["No. Pesanan"], row["Status"], row["Total"]) == (order.ref, "Menunggu pembayaran", 608_000)
    assert (row["Nama"], row["Alamat"], row["Pesan Sistem"]) == ("Bu Rina", "Jl. Misal 9, Bandung", None)
    with hands.counter.reader.begin() as connection:
        assert connection.execute(select(orders.c.terms_accepted_at_ms)).scalar() is None
    before = hands.path.read_bytes()
    hands.rounds()
    assert hands.path.read_bytes() == before and len(hands.orders()) == 1


def kinds_of(hands: Hands) -> list[str]:
    """Give the events of the first order."""
    return [event.event for event in hands.orders()[0].events]


def test_a_row_that_she_is_still_typing_is_left_alone(hands: Hands) -> None:
    """What changes between two looks is not ready, however complete it looks."""
    hands.type(**TYPED)
    for number in range(4):
        hands.edit(lambda row: True, Catatan_Penjual=f"catatan {number}")
        hands.rounds(1, seconds=4)
    assert hands.orders() == [] and hands.row()["Pesan Sistem"] is None
    hands.rounds()
    assert [order.seller_note for order in hands.orders()] == ["catatan 3"]


def test_an_incomplete_row_is_told_what_it_lacks_and_stays_hers(hands: Hands) -> None:
    """All at once, after a while; what she typed stays as it is, and the answer goes when the row is right."""
    hands.type(Nama="Bu Rina", WhatsApp="0812-0000-7777", Catatan_Penjual="kapan-kapan")
    hands.rounds(8)
    row = hands.row()
    assert hands.orders() == []
    told = row.pop("Pesan Sistem")
    assert "Pesanan" in told and "Pengiriman" in told
    assert {k: v for k, v in row.items() if v} == {
        "Nama": "Bu Rina",
        "WhatsApp": "0812-0000-7777",
        "Catatan Penjual": "kapan-kapan",
    }
    before = hands.path.read_bytes()
    hands.rounds(8)
    assert hands.path.read_bytes() == before
    hands.edit(lambda row: True, Pesanan="1x nastar 250g", Pengiriman="ambil")
    hands.rounds()
    (order,) = hands.orders()
    assert (order.delivery_id, order.seller_note, hands.row()["Pesan Sistem"]) == ("ambil", "kapan-kapan", None)


@pytest.mark.parametrize(
    ("cells", "lacking"),
    [
        # Neither number nor PO; the things by another word than the product's.
        ({"Nama": "Bu Rina", "Pesanan": "2 toples"}, ["WhatsApp", "2 toples"]),
        ({"Nama": "Bu Rina", "Pesanan": "nastar"}, ["WhatsApp"]),
        # At the door, paid at once.
        ({"Nama": "Bu Rina", "Status": "lunas"}, ["WhatsApp", "Pesanan"]),
        ({"Nama": "Bu Rina", "Uang Masuk": 150_000, "Pengiriman": "ambil"}, ["WhatsApp", "Pesanan"]),
        ({"Nama": "Bu Rina", "PO": "Nastar Lebaran"}, ["WhatsApp", "Pesanan"]),
        ({"Pesanan": "2x nastar 500g", "Uang Masuk": 150_000}, ["Nama", "WhatsApp"]),
        ({"Pesanan": "nastar 500g x2", "Status": "Lunas"}, ["Nama", "WhatsApp"]),
    ],
)
def test_an_order_without_number_is_told_what_it_lacks(hands: Hands, cells: dict[str, Any], lacking: list[str]) -> None:
    """
    Not while she is still typing, which she does in several saves, and only once; nothing else in the row changes.
    """
    hands.change(lambda rows: [cells])
    for number in range(3):
        hands.rounds(2, seconds=12)
        assert hands.row()["Pesan Sistem"] is None
        hands.edit(lambda row: True, Catatan_Penjual=f"catatan {number}")
    hands.rounds(8)
    row = hands.row()
    told = row.pop("Pesan Sistem")
    assert all(header in told for header in lacking)
    assert {k: v for k, v in row.items() if v} == cells | {"Catatan Penjual": "catatan 2"}
    before = hands.path.read_bytes()
    hands.rounds(8)
    assert hands.path.read_bytes() == before and hands.orders() == []


def test_with_several_campaigns_open_the_campaign_is_asked_for_too(hands: Hands) -> None:
    """Name and things alone: number and PO are asked for in one word, and with them the order is taken."""
    other = make_campaign(id="kastengel", slug="kastengel", title="Kastengel Natal", prefix="KST")
    hands.counter.catalogue.catalogue = make_catalogue(make_campaign(), other)
    hands.type(Nama="Bu Rina", Pesanan="2 toples 500g")
    hands.rounds(8)
    told = hands.row()["Pesan Sistem"]
    assert "WhatsApp" in told and "Kastengel Natal" in told
    hands.edit(
        lambda row: True, WhatsApp="0812-0000-7777", PO="Kastengel Natal", Pesanan="2 nastar 500g", Pengiriman="ambil"
    )
    hands.rounds()
    (order,) = hands.orders()
    assert (order.name, order.campaign_id, hands.row()["Pesan Sistem"]) == ("Bu Rina", "kastengel", None)


@pytest.mark.parametrize(
    "cells",
    [
        {"Nama": "PO LEBARAN, tutup 10 Desember"},
        {"Nama": "Jumlah", "Total": 590_000},
        {"Nama": "Nama", "WhatsApp": "WhatsApp", "Pesanan": "Pesanan"},
        {"Pesanan": "nastar paling laku"},
        {"Nama": "Catatan", "Pesanan": "beli kardus dan pita"},
        {"WhatsApp": "0812-0000-7777"},
        {"Catatan Penjual": "Bu Rina 0812-0000-7777 pesan 2 nastar 250g"},
        {"Total": 5, "Pesan Sistem": "tulisan saya"},
        {"Nama": "Bu Rina"},
        {"Nama": "Belanja", "Pesanan": "2 kg tepung"},
        {"Nama": "Jumlah", "Uang Masuk": 590_000},
        {"Pesanan": "2 nastar 500g"},
        {"Pesanan": "nastar paling laku", "Uang Masuk": 590_000},
        {"Pengiriman": "ambil", "Catatan Penjual": "mulai Sabtu"},
        {"Nama": "Kurir", "Pengiriman": "datang jam 4"},
        {"Nama": "Catatan", "PO": "semua"},
        {"Nama": "Toples lebaran kosong di rak"},
        {"Nama": "Stok", "Pesanan": "toples habis"},
    ],
)
def test_notes_titles_and_sums_are_left_alone(hands: Hands, cells: dict[str, Any]) -> None:
    """They get no answer, no ref, and are not touched."""
    hands.change(lambda rows: [cells])
    before = hands.path.read_bytes()
    hands.rounds(10)
    assert hands.path.read_bytes() == before and hands.orders() == []


def test_two_rows_alike_are_one_order_until_she_says_otherwise(hands: Hands) -> None:
    """The second is asked about; her words make an order of it."""
    hands.change(lambda rows: [TYPED, TYPED])
    hands.rounds(6)
    (first,) = hands.orders()
    asked = [row for row in hands.rows() if row["No. Pesanan"] is None]
    assert len(asked) == 1 and first.ref in asked[0]["Pesan Sistem"]
    hands.edit(lambda row: row["No. Pesanan"] is None, Catatan_Penjual="Pesanan lain.")
    hands.rounds(6)
    assert len(hands.orders()) == 2
    assert sorted(str(row["No. Pesanan"]) for row in hands.rows()) == sorted(order.ref for order in hands.orders())


@pytest.mark.parametrize("rounds", [1, 2, 3, 4])
def test_a_copied_row_is_never_placed_as_if_it_were_the_first(hands: Hands, rounds: int) -> None:
    """Copied at whatever moment: one order, and the copy has a word of ours in it."""
    hands.type(**TYPED)
    hands.rounds(rounds)
    hands.change(lambda rows: [*rows, rows[0] | {"No. Pesanan": None}])
    hands.rounds(8)
    (order,) = hands.orders()
    refs = [row["No. Pesanan"] for row in hands.rows()]
    assert sorted(refs, key=str) == sorted([order.ref, None], key=str)
    assert all(row["Pesan Sistem"] for row in hands.rows() if row["No. Pesanan"] is None)
    assert hands.counter.sold()[WHOLE] == 3


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_copy_for_another_buyer_is_another_order(hands: Hands, rounds: int) -> None:
    """She copies the row before it is placed and changes name and number: both are orders."""
    hands.type(**TYPED)
    hands.rounds(rounds)
    hands.change(lambda rows: [*rows, rows[0] | {"Nama": "Bu Sari", "WhatsApp": "0812-0000-8888"}])
    hands.rounds(8)
    assert sorted(str(order.name) for order in hands.orders()) == ["Bu Rina", "Bu Sari"]
    assert {row["No. Pesanan"] for row in hands.rows()} == {order.ref for order in hands.orders()}


def small(**changes: Any) -> Any:
    """Give a catalogue of which two units are left in all."""
    return make_catalogue(make_campaign(pools={WHOLE: 2, "nastar/250g": 40}, **changes))


def test_the_quota_holds_and_her_word_overrides_it(hands: Hands) -> None:
    """Sold out is said in the row; "tetap terima" takes it all the same, which the history tells and the pool shows."""
    hands.counter.catalogue.catalogue = small()
    hands.type(**TYPED)
    hands.rounds()
    assert hands.orders() == [] and "tetap terima" in hands.row()["Pesan Sistem"]
    hands.edit(lambda row: True, Catatan_Penjual="tetap terima")
    hands.rounds()
    (order,) = hands.orders()
    assert [event.data for event in order.events if event.event == "accepted_anyway"] == [{"past": ["sold_out"]}]
    assert hands.counter.sold()[WHOLE] == 3 and hands.row()["No. Pesanan"] == order.ref
    assert hands.counter.desk.units_left_in(hands.counter.catalogue.catalogue.campaigns[0], 1)[WHOLE] == 0


def test_her_word_overrules_all_that_stands_in_the_way_and_names_it(hands: Hands) -> None:
    """Window, limits and quota, each only where it would have refused; the next typed order is refused again."""
    closed = make_schedule(closes_in=timedelta(hours=-1))
    hands.counter.catalogue.catalogue = small(schedule=closed, limits=Limits(max_per_order=2, max_per_buyer=2))
    hands.change(lambda rows: [TYPED | {"Catatan Penjual": "tetap terima"}])
    hands.rounds()
    (order,) = hands.orders()
    (event,) = [event for event in order.events if event.event == "accepted_anyway"]
    assert event.data == {"past": ["window_closed", "too_many", "sold_out"]}
    hands.type(**TYPED | {"WhatsApp": "0812-0000-8888"})
    hands.rounds()
    assert len(hands.orders()) == 1 and hands.counter.sold()[WHOLE] == 3


def test_no_word_lifts_a_cancellation(hands: Hands) -> None:
    """She has cancelled the whole campaign: a typed order waits until she takes that back where she wrote it."""
    hands.counter.catalogue.catalogue = make_catalogue(make_campaign(stage=Phase.CANCELLED))
    hands.change(lambda rows: [TYPED | {"Catatan Penjual": "tetap terima"}])
    hands.rounds()
    assert hands.orders() == [] and "tahap: batal" in hands.row()["Pesan Sistem"]
    assert "tetap terima" not in hands.row()["Pesan Sistem"]
    hands.counter.catalogue.catalogue = make_catalogue(revision=2)
    hands.rounds(2, seconds=61)
    assert len(hands.orders()) == 1


def test_a_row_that_was_sold_out_is_placed_once_there_is_more(hands: Hands) -> None:
    """The sheet has not changed, the quota has: it is tried again by itself."""
    hands.counter.catalogue.catalogue = small()
    hands.type(**TYPED)
    hands.rounds()
    hands.counter.catalogue.catalogue = make_catalogue(revision=2)
    hands.rounds(2, seconds=61)
    assert len(hands.orders()) == 1


def test_after_closing_an_order_is_taken_only_on_her_word(hands: Hands) -> None:
    """A typed order has the guards of any other; what she overrules stands in the history."""
    closed = make_schedule(closes_in=timedelta(hours=-1))
    hands.counter.catalogue.catalogue = make_catalogue(make_campaign(schedule=closed))
    hands.type(**TYPED)
    hands.rounds()
    assert hands.orders() == [] and hands.row()["Pesan Sistem"]
    hands.edit(lambda row: True, Catatan_Penjual="accept anyway")
    hands.rounds()
    assert "accepted_anyway" in kinds_of(hands) and hands.orders()[0].round == 1


@pytest.mark.parametrize(
    ("cells", "status", "received", "shipping", "told"),
    [
        ({"Uang Masuk": 300_000}, Status.DEPOSIT_PAID, 300_000, 18_000, None),
        ({"Uang Masuk": "608rb", "Status": "lunas"}, Status.PAID, 608_000, 18_000, None),
        ({"Status": "DP"}, Status.DEPOSIT_PAID, 295_000, 18_000, None),
        ({"Status": "Lunas", "Ongkir": "gratis"}, Status.PAID, 590_000, 0, None),
        ({"Uang Masuk": 300_000, "Status": "lunas"}, Status.AWAITING_PAYMENT, 0, 18_000, "money_disagrees"),
        ({"Uang Masuk": 300}, Status.AWAITING_PAYMENT, 0, 18_000, "doubtful_amount"),
        ({"Status": "Menunggu pembayaran"}, Status.AWAITING_PAYMENT, 0, 18_000, None),
    ],
)
def test_what_stands_beside_a_typed_order_is_carried_out_once(
    hands: Hands, cells: dict[str, Any], status: Status, received: int, shipping: int, told: str | None
) -> None:
    """Money, fee and status typed with the order are commands like later ones; what bounces does not lose the order."""
    hands.change(lambda rows: [TYPED | cells])
    hands.rounds(6)
    (order,) = hands.orders()
    assert (order.status, order.received, order.shipping) == (status, received, shipping)
    assert hands.told(order.ref).get("kind") == told
    assert (hands.row()["Uang Masuk"] or 0, hands.row()["Ongkir"]) == (received, shipping)


def test_with_several_campaigns_open_she_is_asked_which(hands: Hands) -> None:
    """The choices are listed; a part of the title is enough."""
    other = make_campaign(id="kastengel", slug="kastengel", title="Kastengel Natal", prefix="KST")
    hands.counter.catalogue.catalogue = make_catalogue(make_campaign(), other)
    hands.type(**TYPED)
    hands.rounds(8)
    assert hands.orders() == []
    assert "Nastar Lebaran, Kastengel Natal" in hands.row()["Pesan Sistem"]
    hands.edit(lambda row: True, PO="natal")
    hands.rounds()
    assert hands.orders()[0].campaign_id == "kastengel"


@pytest.mark.parametrize("change", ["note", "money", "name", "things", "phone"])
def test_an_edit_between_placing_and_ref_loses_and_doubles_nothing(hands: Hands, change: str) -> None:
    """Cut off after the commit, edited, started anew: one order; what contradicts it is asked about."""
    cells: dict[str, Any] = {
        "note": {"Catatan_Penjual": "pita merah"},
        "money": {"Uang_Masuk": 608_000},
        "name": {"Nama": "Ibu Rina"},
        "things": {"Pesanan": "3 nastar toples 500g"},
        "phone": {"WhatsApp": "0812-0000-9999"},
    }[change]
    hands.type(**TYPED)
    hands.rounds(2)
    hands.sheet.__class__ = CutOffBeforeRef
    with pytest.raises(SheetFailed):
        hands.delivery.sync()
    hands.sheet.__class__ = WorkbookSheet
    assert len(hands.orders()) == 1
    hands.edit(lambda row: True, **cells)
    hands.restart()
    hands.rounds(8)
    (order,) = hands.orders()
    with_ref = [row for row in hands.rows() if row["No. Pesanan"]]
    without = [row for row in hands.rows() if not row["No. Pesanan"]]
    assert [row["No. Pesanan"] for row in with_ref] == [order.ref]
    if change in {"things", "phone"}:
        assert [order.ref in row["Pesan Sistem"] for row in without] == [True]
        header = next(iter(cells)).replace("_", " ")
        assert without[0][header] == cells[next(iter(cells))]
    else:
        assert without == []
        assert (order.seller_note, order.received) == (
            cells.get("Catatan_Penjual"),
            cells.get("Uang_Masuk", 0),
        )


class CutOffBeforeRef(WorkbookSheet):
    """A sheet whose process is killed when a ref would be written into a typed row."""

    def mark(self, marks: Any, **more: Any) -> Any:
        if any("ref" in mark.cells for mark in marks):
            raise SheetFailed(reason="killed")
        return super().mark(marks, **more)


def test_a_row_that_was_deleted_after_placing_gets_a_fresh_one(hands: Hands) -> None:
    """The order is committed; its typed row has gone before it got the ref."""
    hands.type(**TYPED)
    hands.rounds(2)
    hands.sheet.__class__ = CutOffBeforeRef
    with pytest.raises(SheetFailed):
        hands.delivery.sync()
    hands.sheet.__class__ = WorkbookSheet
    hands.change(lambda rows: [])
    hands.restart()
    hands.rounds()
    assert [row["No. Pesanan"] for row in hands.rows()] == [order.ref for order in hands.orders()]


def test_an_old_copy_with_the_typed_row_places_nothing_again(hands: Hands) -> None:
    """The file of before is put back: its row is the order's row again."""
    hands.type(**TYPED)
    old = hands.path.read_bytes()
    hands.rounds()
    hands.path.write_bytes(old)
    hands.rounds(8)
    (order,) = hands.orders()
    assert [row["No. Pesanan"] for row in hands.rows() if row["No. Pesanan"]] == [order.ref]
    assert hands.counter.sold()[WHOLE] == 3


def test_a_row_that_she_emptied_loses_our_word_as_well(hands: Hands) -> None:
    """She gave it up: nothing of us stays behind in her sheet."""
    hands.type(Nama="Bu Rina", WhatsApp="0812-0000-7777")
    hands.rounds(8)
    assert hands.row()["Pesan Sistem"]
    hands.edit(lambda row: True, Nama=None, WhatsApp=None)
    hands.rounds()
    assert hands.rows() == []


def test_while_no_orders_are_taken_a_typed_row_waits(hands: Hands) -> None:
    """A restored shop that is not yet compared places nothing, and says nothing."""
    hands.counter.writer.submit(
        lambda tx: tx.execute(text("INSERT INTO meta (key, value) VALUES ('paused', 'restored')"))
    )
    hands.type(**TYPED)
    hands.rounds()
    assert hands.orders() == []
    hands.counter.writer.submit(lambda tx: tx.execute(text("DELETE FROM meta WHERE key='paused'")))
    hands.rounds(2, seconds=61)
    assert len(hands.orders()) == 1


def test_an_open_book_places_nothing_that_it_could_not_mark(hands: Hands) -> None:
    """While she has the file open nothing is placed twice or forgotten: it goes on when she closes it."""
    hands.type(**TYPED)
    lock = hands.path.with_name(f".~lock.{hands.path.name}#")
    lock.write_text(",ani,laptop-ani,23.11.2026 10:00,file:///tmp/lo;", encoding="utf-8")
    for _ in range(3):
        with contextlib.suppress(SheetBusy):
            hands.delivery.sync()
        hands.counter.clock.move(seconds=6)
    assert hands.orders() == []
    lock.unlink()
    hands.rounds()
    assert len(hands.orders()) == 1


def test_an_edit_between_look_and_ref_makes_no_second_row(hands: Hands) -> None:
    """The row isn't there as it was read: no fresh one is made for it, and the next look gives it its ref."""

    class Overtaken(WorkbookSheet):
        def mark(self, marks: Any, **more: Any) -> Any:
            if any("ref" in mark.cells for mark in marks):
                hands.edit(lambda row: not row["No. Pesanan"], Catatan_Penjual="pita merah")
            return super().mark(marks, **more)

    hands.type(**TYPED)
    hands.rounds(2)
    hands.sheet.__class__ = Overtaken
    hands.rounds(1)
    hands.sheet.__class__ = WorkbookSheet
    assert len(hands.orders()) == 1 and hands.row()["No. Pesanan"] is None
    hands.rounds()
    (order,) = hands.orders()
    assert (hands.row()["No. Pesanan"], order.seller_note) == (order.ref, "pita merah")


def test_a_ref_that_can_not_be_written_ends_in_a_row_of_its_own(hands: Hands) -> None:
    """After some tries the order is shown all the same, and her row says so."""

    class Protected(WorkbookSheet):
        def mark(self, marks: Any, **more: Any) -> Any:
            if any("ref" in mark.cells for mark in marks):
                return MarkReport(())
            return super().mark(marks, **more)

    hands.type(**TYPED)
    hands.rounds(2)
    hands.sheet.__class__ = Protected
    hands.rounds(8)
    (order,) = hands.orders()
    assert [row["No. Pesanan"] for row in hands.rows() if row["No. Pesanan"]] == [order.ref]
    assert [order.ref in row["Pesan Sistem"] for row in hands.rows() if not row["No. Pesanan"]] == [True]
