"""
What becomes of cells and rows in the double: each test is a promise of the real one that our own code leans on, as those of
tests/contracts/test_sheets_double.py are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gspread
import pytest
from gspread.utils import ValueInputOption

from tests.sheets_double import Seller, SheetsDouble, VirtualClock
from tests.sheets_double.clients import Caller, client_for, fence, insert_rows, message, read, write

TAB = "Pesanan"


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still."""
    return VirtualClock()


@pytest.fixture
def double(clock: VirtualClock) -> Iterator[SheetsDouble]:
    """A double of its own for each test."""
    with SheetsDouble(clock=clock) as made:
        yield made


@pytest.fixture
def seller(double: SheetsDouble) -> Seller:
    """A spreadsheet of hers in Indonesian with one tab."""
    return double.create(tabs=[TAB])


@pytest.fixture
def caller(double: SheetsDouble) -> Caller:
    """Calls over plain HTTP."""
    return Caller(double)


@pytest.fixture
def sheet(double: SheetsDouble, seller: Seller) -> gspread.Worksheet:
    """Her tab as gspread holds it."""
    return client_for(double).open_by_key(seller.id).sheet1


# -- what a cell becomes -------------------------------------------------------------------------------------------------

RAW_TEXTS = ['=IMPORTXML("http://x","//a")', "0812", "1-2", "+62812", "'kutip", "-1", "TRUE", "12E5", "15.000", "@a"]


def test_raw_text_stays_text(sheet: gspread.Worksheet, seller: Seller) -> None:
    """Nothing runs and no sign is lost."""
    sheet.update([RAW_TEXTS], "A1", value_input_option=ValueInputOption.raw)
    assert seller.values(TAB) == [RAW_TEXTS]
    assert sheet.get("A1:J1", value_render_option="FORMULA") == [RAW_TEXTS]


INDONESIAN = {
    "=2*3": 6,
    "0042": 42,
    "1-2": 46054,
    "+62812": 62812,
    "15.000": 15000,
    "15,5": 15.5,
    "15rb": "15rb",
    "Rp15.000": 15000,
    "1.5": "1.5",
    "31/12/2026": 46387,
    "12/31/2026": "12/31/2026",
    "true": True,
    "'0812": "0812",
    "50%": 0.5,
    "12E5": 1200000,
    "NST-7K2Q": "NST-7K2Q",
    "17 Agustus 2026": 46251,
}
AMERICAN = {
    "15.000": 15,
    "15,000": 15000,
    "15,5": "15,5",
    "$15,000.50": 15000.5,
    "12/31/2026": 46387,
    "31/12/2026": "31/12/2026",
    "1-2": 46024,
    "2026-12-31": 46387,
    "=1/0": "#DIV/0!",
    "=ENTAH(1)": "#NAME?",
    "12:00": 0.5,
}


@pytest.mark.parametrize(("locale", "cases"), [("id_ID", INDONESIAN), ("en_US", AMERICAN)], ids=["id", "en"])
def test_user_entered_text_is_parsed(
    double: SheetsDouble, clock: VirtualClock, locale: str, cases: dict[str, Any]
) -> None:
    """By the spreadsheet's language: separators, the order of day and month, formulas, a leading apostrophe."""
    clock.advance(1_780_000_000 - clock.now())  # In 2026.
    seller = double.create(locale=locale, tabs=[TAB])
    caller = Caller(double)
    body = {"values": [[text] for text in cases]}
    answer = caller.put(f"{seller.id}/values/A1", body, valueInputOption="USER_ENTERED")
    assert answer.status_code == 200
    found = read(caller, seller.id, "A1:A50")
    assert found is not None
    assert dict(zip(cases, (line[0] for line in found), strict=True)) == cases


def test_plain_text_cells_keep_what_is_typed(seller: Seller) -> None:
    """A column that is set to plain text takes everything as text, also from her hands."""
    seller.set_format(TAB, "A:A", {"numberFormat": {"type": "TEXT"}})
    seller.type_rows(TAB, "A1", [["0812"], ["1-2"], ["=1+1"], ["15.000"]])
    assert seller.values(TAB) == [["0812"], ["1-2"], ["=1+1"], ["15.000"]]


def test_dates_are_serial_days(seller: Seller, caller: Caller) -> None:
    """Since 1899-12-30; formatted they read as the language writes them."""
    seller.type(TAB, "A1", "17/8/2026")
    assert read(caller, seller.id, "A1") == [[46251]]
    formatted = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert read(caller, seller.id, "A1", **formatted) == [["17/08/2026"]]
    assert read(caller, seller.id, "A1", valueRenderOption="FORMATTED_VALUE") == [["17/08/2026"]]


def test_what_is_missing_in_an_answer(seller: Seller, caller: Caller) -> None:
    """Trailing empty cells and rows are left out, and so is `values` where nothing stands."""
    seller.type_rows(TAB, "A1", [["a", "", "c", ""], [], ["", "b"]])
    assert read(caller, seller.id, "A1:Z100") == [["a", "", "c"], [], ["", "b"]]
    assert read(caller, seller.id, "A1:Z100", majorDimension="COLUMNS") == [["a"], ["", "", "b"], ["c"]]
    assert read(caller, seller.id, "E5:F9") is None
    answer = caller.get(f"{seller.id}/values:batchGet", ranges=["A1", "E5:F9"]).json()
    assert [each.get("values") for each in answer["valueRanges"]] == [[["a"]], None]


def test_none_leaves_a_cell_alone(seller: Seller, caller: Caller) -> None:
    """And an empty text empties it."""
    seller.type_row(TAB, "A1", ["a", "b", "c"])
    caller.put(f"{seller.id}/values/A1", {"values": [[None, "", "C"]]}, valueInputOption="RAW")
    assert seller.values(TAB) == [["a", "", "C"]]


def test_numbers_show_as_the_language_writes_them(seller: Seller, caller: Caller) -> None:
    """In an Indonesian spreadsheet the point groups and the comma is the decimal sign."""
    seller.set_format(TAB, "A:A", {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}})
    assert caller.batch(seller.id, write([174863, 0.5])).status_code == 200
    assert seller.shown(TAB) == [["174.863", "0,5"]]
    seller.set_locale("en_US")
    assert seller.shown(TAB) == [["174,863", "0.5"]]


# -- adding rows ---------------------------------------------------------------------------------------------------------


def test_append_goes_to_the_last_block(seller: Seller, sheet: gspread.Worksheet) -> None:
    """One empty header cell splits the table: rows land at the first column of the last block."""
    seller.type_rows(TAB, "A1", [["No", "Nama", "", "Total", "Status"]])
    sheet.append_row(["NST-1", "Sari", "x", 1000, "Baru"])
    assert seller.values(TAB)[1] == ["", "", "", "NST-1", "Sari", "x", 1000, "Baru"]


def test_append_goes_below_what_was_filled_down(seller: Seller, sheet: gspread.Worksheet) -> None:
    """Checkboxes prefilled to row 1000 push it to row 1001, and the grid grows."""
    seller.type_rows(TAB, "A1", [["No", "Kirim"]])
    seller.add_checkboxes(TAB, "B", 2, 1000)
    sheet.append_row(["NST-1"], table_range="A1")
    assert seller.find_row(TAB, "NST-1") == 1001
    assert seller.tab(TAB).row_count == 1001


def test_append_with_a_table(seller: Seller, sheet: gspread.Worksheet) -> None:
    """With a table range it goes below the table that stands there, at its first column."""
    seller.type_rows(TAB, "B3", [["No", "Nama"], ["1", "Sari"]])
    seller.type(TAB, "G9", "catatan")
    sheet.append_row(["2", "Budi"], table_range="B3")
    assert seller.values(TAB)[4][1:3] == ["2", "Budi"]
    seller.type(TAB, "B6", "di bawah")
    sheet.append_row(["3", "Rina"], table_range="B3", insert_data_option="INSERT_ROWS")
    assert seller.find_row(TAB, "Rina") == 7


def test_append_cells_goes_below_all_data(seller: Seller, caller: Caller) -> None:
    """After the last row that holds something in any column, from column A on; formats alone are no data."""
    seller.type(TAB, "A1", "No")
    seller.type(TAB, "F7", "=1")
    seller.set_format(TAB, "A20:F20", {"textFormat": {"bold": True}})
    rows = write(["NST-1"])["updateCells"]["rows"]
    assert caller.batch(seller.id, {"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}}).ok
    assert seller.find_row(TAB, "NST-1") == 8


@pytest.mark.parametrize("hand", ["sorts", "inserts", "deletes", "moves a column"])
def test_inserted_rows_overwrite_nothing(double: SheetsDouble, seller: Seller, caller: Caller, hand: str) -> None:
    """Rows inserted and filled in one batch overwrite nothing, whatever she did a moment ago."""
    seller.type_rows(TAB, "A1", [["No", "Nama"], ["3", "Cici"], ["1", "Ani"], ["2", "Budi"]])
    hands: dict[str, Callable[[], None]] = {
        "sorts": lambda: seller.sort(TAB, "A"),
        "inserts": lambda: seller.insert_rows(TAB, 2, 2),
        "deletes": lambda: seller.delete_rows(TAB, 2),
        "moves a column": lambda: seller.move_column(TAB, "B", "A"),
    }
    come = double.before("write", hands[hand])
    assert caller.batch(seller.id, fence(7), insert_rows(4), write(["NST-1", "Sari"], row=4)).status_code == 200
    assert come.done.is_set()
    names = {cell for line in seller.values(TAB) for cell in line if isinstance(cell, str) and cell}
    assert names == {"No", "Nama", "Ani", "Budi", "Cici", "NST-1", "Sari"} - ({"Cici"} if hand == "deletes" else set())


@pytest.mark.parametrize("way", ["copyPaste", "autoFill"])
def test_her_formulas_are_carried_on(seller: Seller, caller: Caller, way: str) -> None:
    """Fresh rows get her formula, turned to their own row, and nothing else of the row above."""
    seller.type_rows(TAB, "A1", [["Total", "Komisi"], ["1000", "=A2/10"]])
    source = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 1, "endColumnIndex": 2}
    target = source | {"startRowIndex": 2, "endRowIndex": 4}
    carry: dict[str, Any] = {
        "copyPaste": {"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_FORMULA"}},
        "autoFill": {"autoFill": {"sourceAndDestination": {"source": source, "dimension": "ROWS", "fillLength": 2}}},
    }
    answer = caller.batch(seller.id, insert_rows(2, 2), write([2000], [3000], row=2), carry[way])
    assert answer.status_code == 200, answer.text
    assert [seller.formula(TAB, at) for at in ("B2", "B3", "B4")] == ["=A2/10", "=A3/10", "=A4/10"]
    assert seller.values(TAB)[1:] == [[1000, 100], [2000, 200], [3000, 300]]


def test_inserted_rows_inherit_from_before(seller: Seller, caller: Caller) -> None:
    """Formats and drop-downs of the row above, no values; what is coloured by a rule grows with it."""
    seller.type(TAB, "A2", "a")
    seller.set_dropdown(TAB, "A2", ["Lunas"], strict=False)
    seller.set_format(TAB, "A2", {"textFormat": {"bold": True}})
    rule = {
        "ranges": [{"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2}],
        "booleanRule": {
            "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Lunas"}]},
            "format": {"backgroundColor": {"green": 1}},
        },
    }
    seller.do({"addConditionalFormatRule": {"rule": rule, "index": 0}})
    assert caller.batch(seller.id, insert_rows(2)).status_code == 200
    fresh = seller.cell(TAB, "A3")
    assert fresh.entered is None and fresh.validation and fresh.fmt == {"textFormat": {"bold": True}}
    assert seller.settings(TAB)["conditionalFormats"][0]["ranges"][0]["endRowIndex"] == 3
    at_top = caller.batch(seller.id, insert_rows(0))
    assert at_top.status_code == 400 and "inheritFromBefore" in message(at_top)


def test_rules_pile_up(seller: Seller, caller: Caller) -> None:
    """A rule that is there is added again; spreadsheets.get shows them, so that one can look first."""
    rule = {
        "ranges": [{"sheetId": 0}],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"backgroundColor": {"red": 1}}},
    }
    add = {"addConditionalFormatRule": {"rule": rule, "index": 0}}
    assert caller.batch(seller.id, add, add).status_code == 200
    found = caller.get(seller.id, fields="sheets.conditionalFormats").json()["sheets"][0]["conditionalFormats"]
    assert len(found) == 2 and found[0] == found[1]


# -- her sheet -----------------------------------------------------------------------------------------------------------


def test_writing_into_a_spill_breaks_it(seller: Seller, caller: Caller) -> None:
    """An array formula gives #REF! where something is written into its column, and comes back when that goes."""
    seller.type_rows(TAB, "A1", [["Total", "Komisi"], ["1000", "=ARRAYFORMULA(A2:A4*2)"], ["2000"], ["3000"]])
    assert [line[1:] for line in seller.values(TAB)[1:]] == [[2000], [4000], [6000]]
    assert caller.batch(seller.id, write(["x"], row=2, column=1)).status_code == 200
    assert seller.shown(TAB)[1][1] == "#REF!" and seller.values(TAB)[3] == [3000]
    seller.erase(TAB, "B3")
    assert seller.value(TAB, "B4") == 6000


def test_formulas_follow_what_moves(seller: Seller) -> None:
    """References go along when rows and columns are inserted, deleted, moved and sorted."""
    seller.type_rows(TAB, "A1", [["a", "b"], ["2", "=A2*10"], ["1", "=A3*10"]])
    seller.type(TAB, "D1", "=SUM(A2:A3)")
    seller.insert_rows(TAB, 3)
    assert seller.formula(TAB, "D1") == "=SUM(A2:A4)" and seller.formula(TAB, "B4") == "=A4*10"
    seller.delete_rows(TAB, 3)
    seller.sort(TAB, "A", area="A2:B3")
    assert seller.values(TAB)[1:] == [[1, 10], [2, 20]] and seller.formula(TAB, "B3") == "=A3*10"
    seller.move_column(TAB, "A", "C")
    assert seller.formula(TAB, "A2") == "=B2*10" and seller.formula(TAB, "D1") == "=SUM(B2:B3)"
    seller.delete_columns(TAB, "B")
    assert seller.shown(TAB)[0] == ["b", "", "#REF!"]


def test_a_filter_hides_and_loses_nothing(seller: Seller, caller: Caller) -> None:
    """Hidden rows are read as any others, and said to be hidden."""
    seller.type_rows(TAB, "A1", [["No", "Status"], ["1", "Lunas"], ["2", "Batal"], ["3", "Lunas"]])
    seller.filter(TAB, "A1:B4", column="B", hide=["Lunas"])
    assert read(caller, seller.id, "A2:A4") == [[1], [2], [3]]
    fields = "sheets(basicFilter,data.rowMetadata.hiddenByFilter)"
    found = caller.get(seller.id, ranges="A1:B4", fields=fields).json()["sheets"][0]
    assert [row.get("hiddenByFilter") for row in found["data"][0]["rowMetadata"]] == [None, True, None, True]
    caller.batch(seller.id, insert_rows(2), write([4, "Lunas"], row=2))
    assert seller.settings(TAB)["basicFilter"]["range"]["endRowIndex"] == 5
    assert not seller.tab(TAB).rows[2].filtered


def test_values_under_a_merge(seller: Seller, caller: Caller) -> None:
    """Merging keeps the upper left value; what is written under it afterwards shows nowhere."""
    seller.type_row(TAB, "A1", ["Judul", "x", "y"])
    seller.merge(TAB, "A1:C1")
    assert seller.values(TAB) == [["Judul"]]
    assert caller.batch(seller.id, write(["a", "b", "c"])).status_code == 200
    assert seller.values(TAB) == [["a"]]
    merges = caller.get(seller.id, fields="sheets.merges").json()["sheets"][0]["merges"]
    assert merges == [{"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 3}]
