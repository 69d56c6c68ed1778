"""Enquiries in the seller's sheet: who waits, who asks for an offer, and what she answers there."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from intake.clock import erase_old
from intake.enquiring import Asked, Enquiries, phone_hmac
from intake.enquiry_rows import quotation_rows, waitlist_rows
from intake.erasing import Obstacle, erase, look, refs_of
from intake.language import translations
from intake.ledger import enquiries, outbox
from intake.ledger.schema import enquiries as table
from intake.order_rows import Wording, order_row
from intake.settings import Settings, read_settings
from intake.sheet.opening import open_sheet
from intake.sheet.workbook_process import handle
from intake.tabs import EVERY_S, LOOK_S, Tabs
from preorder.enquiries import Enquiry, EnquiryKind, EnquiryLine, EnquiryStatus
from preorder.salutation import Salutation
from preorder.status import Actor
from tests.intake.conftest import Counter
from tests.makers import make_request, make_shop

WORDING = Wording("id", "WIB", translations(Settings.templates, "id"))
LINES = (EnquiryLine("nastar", "250g", "Nastar Toples 250 g", {"Pita": "hijau"}, 60),)


def ask(counter: Counter, kind: EnquiryKind, number: int = 1, **more: Any) -> Asked:
    """Ask for something."""
    enquiry = Enquiry(kind, "nastar-lebaran", 1, f"Ibu {number}", f"+62812000077{number:02}", **more)
    desk: Enquiries = counter.desk.enquiries
    return desk.ask(
        enquiry, "Nastar Lebaran", "id", f"digest-{kind}-{number}", "Hanya untuk ini.", counter.clock(), None
    )


class Book:
    """The seller's workbook with the tabs beside the orders, time passing between looks."""

    def __init__(self, counter: Counter, folder: Path) -> None:
        self.path, self.now = folder / "orders.xlsx", 0.0
        settings = read_settings({"ETALASE_DATA": str(folder), "ETALASE_SHEET": str(self.path)})
        self.sheet = open_sheet(settings, counter.catalogue.current())
        self.sheet._run = handle  # type: ignore[attr-defined]
        self.sheet.write([])
        self.tabs = Tabs(
            self.sheet, counter.writer, counter.reader, counter.catalogue.current, lambda: WORDING, counter.clock,  # type: ignore[arg-type]
            uptime=lambda: self.now,
        )  # fmt: skip

    def sync(self, rounds: int = 8) -> None:
        """Let the shop look at all tabs, some times."""
        for _ in range(rounds):
            self.sheet.read()
            self.tabs.sync()
            self.now += EVERY_S
        self.now += LOOK_S

    def rows(self, title: str) -> list[dict[str, Any]]:
        header, *rows = [[cell.value for cell in row] for row in load_workbook(self.path)[title].iter_rows()]
        return [dict(zip(header, row, strict=True)) for row in rows if row[0]]

    def type(self, title: str, ref: str, **cells: Any) -> None:
        book = load_workbook(self.path)
        tab = book[title]
        header = {cell.value: cell.column for cell in tab[1]}
        row = next(row for row in range(2, tab.max_row + 1) if tab.cell(row, 1).value == ref)
        for name, value in cells.items():
            tab.cell(row, header[name.replace("_", " ")]).value = value
        book.save(self.path)


@pytest.fixture
def book(counter: Counter, tmp_path: Path) -> Book:
    return Book(counter, tmp_path)


def test_rows_say_who_asks_for_what(counter: Counter) -> None:
    """Text as typed, units as numbers, a chat link; of whom has left only what was asked for."""
    waits = ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES, accepts_part=True, note="=1+1")
    ask(counter, EnquiryKind.INTEREST, 2)
    with counter.reader.begin() as connection:
        first, second = waitlist_rows(connection, counter.catalogue.current(), WORDING, counter.clock())
    assert (first.values["units"], first.values["note"]) == (60, "=1+1")
    assert first.values["wanted"] == "60\N{MULTIPLICATION SIGN} Nastar Toples 250 g (Pita: hijau)"
    assert str(first.values["chat"]).startswith("https://wa.me/6281200007701?text=")
    assert (second.values["units"], second.values["wanted"]) == (None, None)
    counter.desk.enquiries.leave(waits.token, counter.clock())
    with counter.reader.begin() as connection:
        first, _ = waitlist_rows(connection, counter.catalogue.current(), WORDING, counter.clock())
        assert quotation_rows(connection, counter.catalogue.current(), WORDING, counter.clock()) == []
    assert [first.values[code] for code in ("name", "whatsapp", "note", "chat")] == [None] * 4
    assert (first.values["status"], first.values["wanted"]) == (
        "Keluar", "60\N{MULTIPLICATION SIGN} Nastar Toples 250 g",
    )  # fmt: skip


@pytest.mark.parametrize("salutation", Salutation)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_draft_greets_as_that_of_an_order_does(counter: Counter, salutation: Salutation) -> None:
    """Whoever asks is called what a buyer is called, by the shop's own choice."""
    wording = Wording("id", "WIB", translations(Settings.templates, "id", salutation))
    ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES)
    placed = counter.place(make_request(name="Ibu 1"))
    with counter.reader.begin() as connection:
        (asked,) = quotation_rows(connection, counter.catalogue.current(), wording, counter.clock())
        records = outbox.sheet_records(connection, [placed.ref])
    ordered = order_row(records[placed.ref], counter.order(placed.ref), wording)
    openings = [
        parse_qs(urlsplit(str(row.values["chat"])).query)["text"][0].partition("Ibu 1")[0] for row in (asked, ordered)
    ]
    assert openings[0] == openings[1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_tab_is_made_once_there_is_something_in_it(counter: Counter, book: Book) -> None:
    """No empty tabs for a seller whom nobody has asked anything."""
    book.sync()
    assert load_workbook(book.path).sheetnames[-1] == "Ringkasan"
    ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES)
    book.sync()
    assert [row["Nama"] for row in book.rows("Daftar Tunggu")] == ["Ibu 1"]
    assert "Penawaran" not in load_workbook(book.path).sheetnames


def test_her_answer_reaches_the_page(counter: Counter, book: Book) -> None:
    """Typed in her words, shown in ours; a note of hers stays hers; the page of the request says it."""
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES, company="PT Contoh")
    book.sync()
    assert [(row["Jawaban"], row["Total Unit"], row["Perusahaan"]) for row in book.rows("Penawaran")] == [
        ("Menunggu", 60, "PT Contoh")
    ]
    book.type("Penawaran", asked.ref, Jawaban="sudah dijawab", Catatan_Anda="55.000 per toples")
    book.sync()
    shown = counter.desk.enquiries.find(asked.token).stored
    assert (shown.status, shown.seller_note) == (EnquiryStatus.ANSWERED, "55.000 per toples")
    (row,) = book.rows("Penawaran")
    assert (row["Jawaban"], row["Catatan Anda"], row["Pesan Sistem"]) == ("Dijawab", "55.000 per toples", None)
    # Carried out once: what comes later from elsewhere is not undone by it.
    counter.writer.submit(lambda tx: enquiries.change(tx, shown, 1, status=EnquiryStatus.DECLINED))
    book.sync()
    assert counter.desk.enquiries.find(asked.token).stored.status is EnquiryStatus.DECLINED
    assert book.rows("Penawaran")[0]["Jawaban"] == "Tidak bisa"


@pytest.mark.parametrize("typed", ["besok", "#REF!", None, "Keluar"])
def test_what_is_no_answer_is_explained(counter: Counter, book: Book, typed: str | None) -> None:
    """The cell goes back, the reason stands beside it, and the next right word is taken."""
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES)
    book.sync()
    book.type("Penawaran", asked.ref, Jawaban=typed)
    book.sync()
    (row,) = book.rows("Penawaran")
    assert row["Jawaban"] == "Menunggu" and row["Pesan Sistem"]
    book.type("Penawaran", asked.ref, Jawaban="tidak")
    book.sync()
    (row,) = book.rows("Penawaran")
    assert (row["Jawaban"], row["Pesan Sistem"]) == ("Tidak bisa", None)


def test_who_has_withdrawn_is_not_answered(counter: Counter, book: Book) -> None:
    """Her word comes too late, and she is told."""
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES)
    book.sync()
    counter.desk.enquiries.leave(asked.token, counter.clock())
    book.type("Penawaran", asked.ref, Jawaban="Dijawab")
    book.sync()
    (row,) = book.rows("Penawaran")
    assert (row["Jawaban"], row["Peminta"]) == ("Keluar", None)
    assert "menarik" in row["Pesan Sistem"]


def test_a_sheet_that_she_has_saved_is_looked_at_at_once(counter: Counter, book: Book) -> None:
    """Not only when its turn comes: who answers a request sees it carried out."""
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES)
    book.sync()
    # Just looked at.
    state = book.tabs._states["quotations"]
    state.compared_at, state.at = book.now, book.now + EVERY_S
    book.type("Penawaran", asked.ref, Jawaban="dijawab")
    book.sheet.read()
    book.tabs.sync()
    assert counter.desk.enquiries.find(asked.token).stored.status is EnquiryStatus.WAITING
    book.tabs.sync(looked=True)
    assert counter.desk.enquiries.find(asked.token).stored.status is EnquiryStatus.ANSWERED


def test_the_line_is_that_of_its_round(counter: Counter) -> None:
    """On both databases: other rounds and kinds stand in other lines."""
    first = ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES)
    ask(counter, EnquiryKind.INTEREST, 2)
    second = ask(counter, EnquiryKind.WAITLIST, 3, lines=LINES)
    desk = counter.desk.enquiries
    assert [desk.find(each.token).place for each in (first, second)] == [1, 2]
    with counter.reader.begin() as connection:
        counts = enquiries.waiting_counts(connection)
    assert counts == {
        ("nastar-lebaran", 1, EnquiryKind.WAITLIST): 2, ("nastar-lebaran", 1, EnquiryKind.INTEREST): 1,
    }  # fmt: skip


def test_an_enquiry_is_erased_on_wish_and_by_time(counter: Counter) -> None:
    """With the orders of the same number; what was asked for stays, to be counted. Nothing else of hers does."""
    now = counter.clock()
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES, company="PT Contoh", note="Kotak polos")
    other = ask(counter, EnquiryKind.INTEREST, 2)
    digest = phone_hmac(b"test-key", "+6281200007701")
    with counter.reader.begin() as connection:
        assert refs_of(connection, digest) == [asked.ref]
        assert [(each.ref, each.obstacle) for each in look(connection, [asked.ref, "Q-NONE2"])] == [(asked.ref, None)]
    first = counter.writer.submit(lambda tx: erase(tx, asked.ref, now, Actor.OPERATOR))
    again = counter.writer.submit(lambda tx: erase(tx, asked.ref, now, Actor.OPERATOR))
    assert first is not None and first.obstacle is None
    assert again is not None and again.obstacle is Obstacle.ERASED
    with counter.reader.begin() as connection:
        row = dict(connection.execute(select(table).where(table.c.ref == asked.ref)).mappings().one())
        assert refs_of(connection, digest) == []
    assert not any("Contoh" in str(value) or "7701" in str(value) or "hijau" in str(value) for value in row.values())
    assert (row["status"], row["units"]) == ("left", 60)
    shop = make_shop(keep_months=2)
    assert erase_old(counter.writer, counter.reader, shop, now) == 0
    counter.clock.move(days=93)
    assert erase_old(counter.writer, counter.reader, shop, counter.clock()) == 1
    assert counter.desk.enquiries.find(other.token).stored.name is None
