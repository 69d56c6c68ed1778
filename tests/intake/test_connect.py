"""`flask sheet connect | check | probe` against the double, over HTTP: what she has stays as it is, what lacks is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from intake import cli_sheet, connecting
from intake.cli_sheet import Desk
from intake.settings import Settings, read_settings
from intake.sheet import google_layout
from intake.sheet.columns import EDITABLE, LINES, ORDERS
from intake.sheet.connected import KEY
from intake.sheet.google_read import letters
from intake.sheet_report import trouble, trouble_kind
from preorder.errors import PreorderError
from tests.sheets_double import faults
from tests.sheets_double.api import Answer
from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.hands import Seller

HEADERS = {language: [column.headers[language] for column in ORDERS.columns] for language in ("id", "en")}


@pytest.fixture
def google() -> Iterator[SheetsDouble]:
    with SheetsDouble(per_account=None, per_project=None) as double:
        yield double


@pytest.fixture(autouse=True)
def short_tabs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fresh tabs be short: what is made does not depend on their length, and each row costs time here."""
    monkeypatch.setattr(google_layout, "ROWS", 60)


@dataclass
class Operator:
    """Whoever looks after the shop, with a key, at a terminal that nobody sits at."""

    google: SheetsDouble
    settings: Settings
    language: str = "id"

    def connect(self, address: str, **more: Any) -> int:
        wanted: dict[str, Any] = {"tab": "", "pairs": (), "beside": False, "locale": False, "yes": True}
        return cli_sheet._run(self.desk, lambda desk: cli_sheet.connect(desk, address=address, **(wanted | more)))

    def trouble(self, address: str, **more: Any) -> str:
        """Give the kind of trouble that connecting ends with."""
        wanted: dict[str, Any] = {"tab": "", "pairs": (), "beside": False, "locale": False, "yes": True}
        with pytest.raises(PreorderError) as told:
            cli_sheet.connect(self.desk, address=address, **(wanted | more))
        text = trouble(told.value, str)
        assert text and "%(" not in text
        return trouble_kind(told.value)

    @property
    def desk(self) -> Desk:
        return Desk(self.settings, self.language)

    def using(self, seller: Seller) -> Operator:
        """Give the operator once the spreadsheet stands in .env."""
        return replace(self, settings=replace(self.settings, sheet=f"google:{seller.id}"))


@pytest.fixture
def operator(google: SheetsDouble, tmp_path: Path) -> Operator:
    key = google.write_key(tmp_path / "key.json")
    names = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(key),
        "ETALASE_SHEETS_API": google.url,
        "ETALASE_DATA": str(tmp_path / "data"),
        "ETALASE_CATALOGUE": str(tmp_path / "catalogue.json"),
    }
    return Operator(google, read_settings(names))


def snapshot(seller: Seller) -> str:
    """Give everything of a spreadsheet: cells, settings of tabs, properties, metadata."""
    tabs = {title: (seller.everything(title), seller.settings(title)) for title in seller.tabs}
    return json.dumps([seller.book.locale, tabs, seller.metadata()], sort_keys=True, default=str)


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_new_spreadsheet(
    google: SheetsDouble, operator: Operator, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tabs, headers, drop-down, colours, formats, widths, frozen row, warnings and notes are made in one write."""
    monkeypatch.setattr(google_layout, "ROWS", 1000)
    seller = google.create(locale="en_US")
    operator = replace(operator, language=language)
    assert operator.connect(seller.url) == 0
    title = ORDERS.titles[language]
    assert seller.tabs[1:] == [title, LINES.titles[language]]
    assert seller.values(title)[0] == HEADERS[language]
    assert seller.book.locale == ("in_ID" if language == "id" else "en_US")
    settings = seller.settings(title)
    assert settings["properties"]["gridProperties"]["frozenRowCount"] == 1
    places = {column.code: letters(place) for place, column in enumerate(ORDERS.columns, start=1)}
    status = seller.cell(title, f"{places['status']}500")
    assert status.validation is not None
    assert status.validation["strict"] and status.validation["showCustomUi"]
    assert len(settings["conditionalFormats"]) == len(connecting.dress_in(language, str).statuses)
    for column in ORDERS.columns:
        at = f"{places[column.code]}700"
        worn = seller.cell(title, at).fmt
        assert worn is not None
        kinds = {"money": "NUMBER", "text": "TEXT", "link": None}
        assert worn.get("numberFormat", {}).get("type") == kinds[column.kind], column.code
        assert seller.cell(title, f"{places[column.code]}1").note
    assert all(each["warningOnly"] for each in settings["protectedRanges"])
    # One to see whether writing is allowed, one that does it all.
    assert google.count("write") == 2
    assert [each["metadataKey"] for each in seller.metadata()] == [KEY]


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_second_run_changes_nothing(google: SheetsDouble, operator: Operator, language: str) -> None:
    """Connecting again writes nothing at all, and everything stands as before."""
    seller = google.create()
    operator = replace(operator, language=language)
    assert operator.connect(seller.url) == 0
    before = snapshot(seller)
    google.clear_log()
    assert operator.connect(seller.url) == 0
    assert google.count("write") == 0
    assert snapshot(seller) == before


def test_what_she_types_keeps_its_zero(google: SheetsDouble, operator: Operator) -> None:
    """In a text column 0812 stays text; in a money column of an Indonesian spreadsheet 150.000 is a number."""
    seller = google.create()
    assert operator.connect(seller.url) == 0
    seller.type("Pesanan", f"{seller.find_column('Pesanan', 'WhatsApp')}2", "081200001234")
    seller.type("Pesanan", f"{seller.find_column('Pesanan', 'Uang Masuk')}2", "150.000")
    assert seller.value("Pesanan", f"{seller.find_column('Pesanan', 'WhatsApp')}2") == "081200001234"
    assert seller.value("Pesanan", f"{seller.find_column('Pesanan', 'Uang Masuk')}2") == 150000


HERS = "Orderan 2026"


def prepare(seller: Seller) -> None:
    """
    A sheet in which she keeps orders: a merged title above the header, words and order of her own, 300 rows, formulas and
    boxes down to row 1000, a filter, colours, notes, a drop-down, and a range that she protected.
    """
    seller.rename_tab(seller.tabs[0], HERS)
    seller.type(HERS, "A1", "PESANAN TOKO SARI 2026")
    seller.merge(HERS, "A1:J1")
    seller.set_format(HERS, "A1:J1", {"textFormat": {"bold": True}, "backgroundColor": {"red": 1}})
    head = [
        "Tgl",
        "Nama Pemesan",
        "Ongkir",
        "No HP",
        "Alamat Kirim",
        "Isi Pesanan",
        "Harga",
        "Total",
        "Lunas?",
        "Ekspedisi",
    ]
    seller.type_row(HERS, "A3", head)
    rows = [
        [
            f"{number % 28 + 1}/10/2026",
            f"Pembeli {number}",
            "15.000",
            f"'08120000{number:04d}",
            f"Jl. Contoh {number}",
            f"{number % 5 + 1} kotak",
            "85.000",
        ]
        for number in range(1, 301)
    ]
    seller.type_rows(HERS, "A4", rows)
    seller.fill_down(HERS, "H4", "=C4+G4", 1000)
    seller.add_checkboxes(HERS, "I", 4, 1000)
    seller.set_dropdown(HERS, "J4:J1000", ["JNE", "J&T", "Ambil"])
    seller.set_format(HERS, "C4:C303", {"numberFormat": {"type": "CURRENCY", "pattern": '"Rp"#,##0'}})
    seller.set_format(HERS, "B4:B303", {"textFormat": {"italic": True}})
    seller.set_note(HERS, "D3", "tanya dulu kalau kosong")
    seller.filter(HERS, "A3:J303")
    seller.protect(HERS, "A1:J1", editors=["penjual@example.com"])
    tab = seller.tab(HERS).sheet_id
    over = {"sheetId": tab, "startRowIndex": 3, "endRowIndex": 303, "startColumnIndex": 6, "endColumnIndex": 7}
    rule = {
        "ranges": [over],
        "booleanRule": {
            "condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "100000"}]},
            "format": {"backgroundColor": {"green": 1}},
        },
    }
    seller.do({"addConditionalFormatRule": {"rule": rule, "index": 0}})
    seller.add_tab("Belanja")
    seller.type_row("Belanja", "A1", ["tepung", "3", "=B1*2"])


def hers(seller: Seller) -> dict[str, Any]:
    """Give all that was hers: cells of her columns, filter, protection, rules, merges; her other tabs whole."""
    mine = {at: cell for at, cell in seller.everything(HERS).items() if at.rstrip("0123456789") in set("ABCDEFGHIJ")}
    settings = seller.settings(HERS)
    return {
        "cells": mine,
        "filter": settings.get("basicFilter"),
        "merges": settings.get("merges"),
        "protected": [each for each in settings["protectedRanges"] if not each.get("warningOnly")],
        "rules": [
            each for each in settings["conditionalFormats"] if each["booleanRule"]["condition"]["type"] != "TEXT_EQ"
        ],
        "others": (seller.everything("Belanja"), seller.settings("Belanja")),
        "title": seller.book.title,
        "locale": seller.book.locale,
    }


def test_her_own_sheet_stays_as_it_is(google: SheetsDouble, operator: Operator) -> None:
    """
    Connected into a tab in which she keeps orders, her cells' values, formulas, formats, validation and notes are equal
    before and after, and so are filter, merges, protection and rules; what is ours stands to the right.
    """
    seller = google.create()
    prepare(seller)
    before = hers(seller)
    assert operator.connect(seller.url, tab=HERS) == 0
    assert hers(seller) == before
    head = seller.values(HERS)[2]
    assert head[:10] == [
        "Tgl", "Nama Pemesan", "Ongkir", "No HP", "Alamat Kirim", "Isi Pesanan", "Harga", "Total", "Lunas?", "Ekspedisi",
    ]  # fmt: skip
    fresh = head[10:]
    assert {"No. Pesanan", "Status", "Total (Etalase)", "Resi", "Pesan Sistem"} <= set(fresh)
    assert not {"WhatsApp", "Nama", "Alamat", "Pesanan", "Kurir", "Ongkir"} & set(fresh)
    # All of her 300 rows carry a mark, and nothing else of ours.
    ref, earlier = seller.find_column(HERS, "No. Pesanan"), connecting.dress_in("id", operator.desk).earlier
    assert [seller.value(HERS, f"{ref}{row}") for row in (4, 303)] == [earlier % 1, earlier % 300]
    assert seller.value(HERS, f"{ref}304") is None
    status = seller.find_column(HERS, "Status")
    assert seller.cell(HERS, f"{status}304").validation is not None


def test_her_own_sheet_a_second_time(google: SheetsDouble, operator: Operator) -> None:
    """There, too, a second run writes nothing, also after she has moved a column and renamed the tab."""
    seller = google.create()
    prepare(seller)
    assert operator.connect(seller.url, tab=HERS) == 0
    seller.rename_tab(HERS, "PO")
    seller.move_column("PO", "M", "L")
    before = snapshot(seller)
    google.clear_log()
    assert operator.connect(seller.url) == 0
    assert google.count("write") == 0
    assert snapshot(seller) == before


def test_the_shop_finds_its_columns_in_her_sheet(google: SheetsDouble, operator: Operator) -> None:
    """What was decided is what every sync goes by: the shop's own reading finds each column, hers where they are used."""
    seller = google.create()
    prepare(seller)
    assert operator.connect(seller.url, tab=HERS, pairs=("Tgl=Waktu Pesan",)) == 0
    from intake.sheet.columns import find_header

    client = connecting.open_at(operator.settings, seller.id)
    survey = connecting.look(client)
    tab = survey.titled(HERS)
    assert tab is not None and survey.connected.tabs["orders"] == tab.number
    found = find_header(ORDERS, tab.title, tab.head(), "id", survey.connected.headers["orders"])
    assert found.row == 3
    wanted = {
        "placed_at": "A",
        "name": "B",
        "shipping": "C",
        "whatsapp": "D",
        "address": "E",
        "summary": "F",
        "courier": "J",
    }
    assert {code: letters(found.places[code]) for code in wanted} == wanted
    assert letters(found.places["total"]) == seller.find_column(HERS, "Total (Etalase)")


def test_nothing_without_yes(google: SheetsDouble, operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody can be asked, nothing is changed, and the exit status says so."""
    seller = google.create()
    before = snapshot(seller)
    assert operator.connect(seller.url, yes=False) == 1
    assert snapshot(seller) == before
    assert "--yes" in capsys.readouterr().out


def test_whether_writing_is_allowed_leaves_no_trace(google: SheetsDouble, operator: Operator) -> None:
    """`check` proves reading and writing, and everything stands as before."""
    seller = google.create()
    assert operator.connect(seller.url) == 0
    before = snapshot(seller)
    assert cli_sheet._run(operator.using(seller).desk, cli_sheet.check) == 0
    assert snapshot(seller) == before


def test_check_tells_what_lacks(google: SheetsDouble, operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    """A header that is gone, and a spreadsheet that was never connected, make `check` fail and name it."""
    seller = google.create()
    there = operator.using(seller)
    assert cli_sheet._run(there.desk, cli_sheet.check) == 1
    assert operator.connect(seller.url) == 0
    seller.rename_header("Pesanan", "Resi", "Nomor paket")
    capsys.readouterr()
    assert cli_sheet._run(there.desk, cli_sheet.check) == 1
    assert "Resi" in capsys.readouterr().out
    # And connecting, told what it is called now, makes it right.
    assert operator.connect(seller.url, pairs=("Nomor paket=Resi",)) == 0
    assert cli_sheet._run(there.desk, cli_sheet.check) == 0


@pytest.mark.parametrize("unique", [True, False])
def test_the_probe(google: SheetsDouble, operator: Operator, unique: bool) -> None:
    """The probe tells a Google that refuses a number twice from one that doesn't, and leaves only its verdict."""
    google.google.unique_metadata_ids = unique
    seller = google.create()
    assert operator.connect(seller.url) == 0
    cells = {title: seller.everything(title) for title in seller.tabs}
    assert cli_sheet._run(operator.using(seller).desk, cli_sheet.probe_spreadsheet) == 0
    survey = connecting.look(connecting.open_at(operator.settings, seller.id))
    assert survey.connected.verdict == ("refused" if unique else "not_refused")
    assert survey.connected.tabs["orders"] == seller.tab("Pesanan").sheet_id
    assert [each["metadataKey"] for each in seller.metadata()] == [KEY]
    assert {title: seller.everything(title) for title in seller.tabs} == cells


def test_the_verdict_stays_when_connected_again(google: SheetsDouble, operator: Operator) -> None:
    """Connecting after the probe keeps what it found."""
    seller = google.create()
    assert cli_sheet._run(operator.using(seller).desk, cli_sheet.probe_spreadsheet) == 0
    assert operator.connect(seller.url) == 0
    assert connecting.look(connecting.open_at(operator.settings, seller.id)).connected.verdict == "refused"


def test_an_answer_that_gets_lost(google: SheetsDouble, operator: Operator) -> None:
    """Where the answer to the one write is lost, running it again makes everything once, whether it landed or not."""
    for fault in (faults.server_error(503, applied=True), faults.reset(applied=True), faults.reset(applied=False)):
        seller = google.create()
        google.plant(fault, "addSheet")
        assert operator.connect(seller.url) == cli_sheet.EXIT_TRY_AGAIN
        assert operator.connect(seller.url) == 0
        assert seller.tabs == [seller.tabs[0], "Pesanan", "Rincian"]
        assert [each["metadataKey"] for each in seller.metadata()] == [KEY]
        assert len(seller.settings("Pesanan")["conditionalFormats"]) == len(connecting.dress_in("id", str).statuses)


def test_a_write_that_lands_late(google: SheetsDouble, operator: Operator) -> None:
    """A first write that Google does only after the second: refused whole, and everything stands once."""
    seller = google.create()
    planted = google.plant(faults.late(way="status"), "addSheet")
    assert operator.connect(seller.url) == cli_sheet.EXIT_TRY_AGAIN
    assert operator.connect(seller.url) == 0
    before = snapshot(seller)
    planted.land()
    assert planted.landed_status == 400
    assert snapshot(seller) == before


def test_each_trouble_has_its_own_answer(google: SheetsDouble, operator: Operator, tmp_path: Path) -> None:
    """Key, sharing, project, address and network: each is told apart, and nothing is changed by any."""
    seller = google.create()
    assert operator.trouble("https://docs.google.com/spreadsheets/d/1" + "x" * 43) == "gone"
    seller.unshare(google.account)
    assert operator.trouble(seller.url) == "not_shared"
    seller.share(google.account, "reader")
    before = snapshot(seller)
    assert operator.trouble(seller.url) == "shared_for_reading"
    assert snapshot(seller) == before
    seller.share(google.account, "writer")
    google.plant(faults.Fault("api off", "status", status=403, message="api off"), "read")
    assert operator.trouble(seller.url) == "api_off"
    google.plant(faults.Fault("quota", "status", status=429), "read")
    assert operator.trouble(seller.url) == "paced"
    google.plant(faults.server_error(500), "read")
    assert operator.trouble(seller.url) == "google_fails"
    away = replace(operator, settings=replace(operator.settings, sheets_api="http://127.0.0.1:9"))
    assert away.trouble(seller.url) == "no_network"
    google.accounts.revoke(google.account)
    assert operator.trouble(seller.url) == "key_refused"
    nobody = replace(operator, settings=replace(operator.settings, google_key=str(tmp_path / "none.json")))
    assert nobody.trouble(seller.url) == "key_missing"
    assert nobody.trouble("https://forms.gle/abc") == "address_form"
    assert seller.tabs == [seller.tabs[0]]


def test_a_clock_that_is_wrong(google: SheetsDouble, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose clock is off is told so, and not that its key is bad."""
    from datetime import datetime, timedelta

    from google.auth import _helpers

    now = _helpers.utcnow
    monkeypatch.setattr(_helpers, "utcnow", lambda: now() + timedelta(days=1))
    assert isinstance(_helpers.utcnow(), datetime)
    assert operator.trouble(google.create().url) == "key_clock"


def test_an_office_file(google: SheetsDouble, operator: Operator) -> None:
    """An .xlsx file that Google only shows is told from a spreadsheet."""
    seller = google.create()
    refuse(google, "This operation is not supported for this document", lambda call: call.path.startswith("/v4/"))
    assert operator.trouble(seller.url) == "office_file"


def refuse(google: SheetsDouble, words: str, when: Callable[[Any], bool]) -> None:
    """Let Google refuse some calls with these words."""
    original = google.google.answer

    def answer(call: Any, authorization: str) -> Any:
        if when(call):
            return Answer(400, {"error": {"code": 400, "message": words, "status": "FAILED_PRECONDITION"}})
        return original(call, authorization)

    google.google.answer = answer  # type: ignore[method-assign]


def test_a_locale_that_google_does_not_take(google: SheetsDouble, operator: Operator) -> None:
    """Where the locale can't be set, all else is made all the same."""
    seller = google.create(locale="en_US")
    refuse(google, "Unsupported locale: in_ID", lambda call: "updateSpreadsheetProperties" in json.dumps(call.body))
    assert operator.connect(seller.url) == 0
    assert seller.book.locale == "en_US"
    assert seller.values("Pesanan")[0] == HEADERS["id"]


def test_a_range_that_she_protected(google: SheetsDouble, operator: Operator) -> None:
    """Where she keeps everybody out of a tab, connecting into it is refused whole, with whom to let in."""
    seller = google.create()
    prepare(seller)
    seller.protect(HERS, editors=["penjual@example.com"])
    before = snapshot(seller)
    assert operator.trouble(seller.url, tab=HERS) == "protected"
    assert snapshot(seller) == before


def test_a_key_that_others_can_read_is_told(
    google: SheetsDouble, operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    """With open rights on the key connecting goes on, and says how to close them."""
    Path(operator.settings.google_key).chmod(0o644)
    assert operator.connect(google.create().url) == 0
    assert "chmod 600" in capsys.readouterr().out


def test_locale_of_a_sheet_with_something_in_it(google: SheetsDouble, operator: Operator) -> None:
    """Where something of hers stands, the locale is only changed when asked for."""
    seller = google.create(locale="en_US")
    seller.type(seller.tabs[0], "A1", "1.5")
    assert operator.connect(seller.url) == 0
    assert seller.book.locale == "en_US"
    assert operator.connect(seller.url, locale=True) == 0
    assert seller.book.locale == "in_ID"


def test_the_columns_that_warn(google: SheetsDouble, operator: Operator) -> None:
    """Her own commands need no warning: no column that she may edit is among those that warn."""
    seller = google.create()
    assert operator.connect(seller.url) == 0
    covered: set[int] = set()
    for each in seller.settings("Pesanan")["protectedRanges"]:
        covered |= set(range(each["range"]["startColumnIndex"], each["range"]["endColumnIndex"]))
    assert {column.code for place, column in enumerate(ORDERS.columns) if place not in covered} == set(EDITABLE)


def test_a_copy_of_our_tab_is_not_taken_for_it(google: SheetsDouble, operator: Operator) -> None:
    """She duplicates both tabs: connecting again still means the ones that were connected, and writes nothing."""
    seller = google.create()
    assert operator.connect(seller.url) == 0
    seller.duplicate_tab("Pesanan", "Pesanan lama")
    seller.duplicate_tab("Rincian", "Rincian lama")
    seller.rename_tab("Pesanan", "PO")
    google.clear_log()
    assert operator.connect(seller.url) == 0
    assert google.count("write") == 0


def test_another_tab_later(google: SheetsDouble, operator: Operator) -> None:
    """With --tab another tab takes the orders from then on; the one before stays as it is."""
    seller = google.create()
    assert operator.connect(seller.url) == 0
    before = seller.everything("Pesanan")
    assert operator.connect(seller.url, tab="PO 2027") == 0
    assert seller.everything("Pesanan") == before
    survey = connecting.look(operator.desk.open(seller.id))
    assert survey.connected.tabs["orders"] == seller.tab("PO 2027").sheet_id
    assert survey.connected.tabs["lines"] == seller.tab("Rincian").sheet_id


def test_lines_that_were_deleted_are_made_again(google: SheetsDouble, operator: Operator) -> None:
    """A tab of ours that is gone is made again, and the other is not touched."""
    seller = google.create()
    assert operator.connect(seller.url) == 0
    before = seller.everything("Pesanan")
    seller.delete_tab("Rincian")
    assert operator.connect(seller.url) == 0
    assert seller.values("Rincian")[0] == [column.headers["id"] for column in LINES.columns]
    assert seller.everything("Pesanan") == before


class Answers:
    """Somebody at the terminal: what she answers, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)
        monkeypatch.setattr(cli_sheet, "_asks", lambda: True)
        for name in ("confirm", "prompt"):
            monkeypatch.setattr(f"intake.cli_sheet.click.{name}", self._answer)

    def _answer(self, text: str, **_: Any) -> Any:
        self.asked.append(text)
        return self._answers.pop(0)


def test_she_is_asked(google: SheetsDouble, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    At a terminal she is asked whether her own tab is meant, what her unknown columns are, and whether to go on; a word
    that names none of ours is asked again.
    """
    seller = google.create()
    prepare(seller)
    before = hers(seller)
    # Yes, this tab; Tgl is when it was ordered; Harga and Total are hers; Lunas? is mistyped, then hers; do it.
    answers = Answers(monkeypatch, True, "Waktu Pesan", "", "", "entah", "", True)
    assert operator.connect(seller.url, yes=False) == 0
    assert len(answers.asked) == 7
    assert hers(seller) == before
    survey = connecting.look(operator.desk.open(seller.id))
    assert survey.connected.headers["orders"]["placed_at"] == "Tgl"


def test_she_says_no(google: SheetsDouble, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says no to her own tab gets tabs beside it, and whoever says no to all gets nothing."""
    seller = google.create()
    prepare(seller)
    before = snapshot(seller)
    answers = Answers(monkeypatch, False, False)
    assert operator.connect(seller.url, yes=False) == 1
    assert len(answers.asked) == 2
    assert snapshot(seller) == before
    Answers(monkeypatch, False, True)
    assert operator.connect(seller.url, yes=False) == 0
    assert "Pesanan" in seller.tabs


def test_a_workbook_is_looked_at_elsewhere(operator: Operator) -> None:
    """Where the sheet is a workbook, `check` says where to look, and `probe` does nothing."""
    assert cli_sheet._run(operator.desk, cli_sheet.check) == 0
    assert cli_sheet._run(operator.desk, cli_sheet.probe_spreadsheet) == 1
    assert operator.google.calls == []
