"""
gspread against the double: what its documentation says of each call that we use, and of those that a seller's hands amount
to. gspread is tested against the real Google by its authors; where the double answers otherwise, one of these fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError, WorksheetNotFound
from gspread.utils import Dimension, MergeType, PasteType, ValidationConditionType, ValueInputOption, ValueRenderOption

from tests.sheets_double import SheetsDouble
from tests.sheets_double.clients import client_for

pytestmark = pytest.mark.prove

RECORDS = [["A1", "B2", "C3"], [1, "b2", 1.45], ["", "", ""], ["A4", 0.4, 4]]


@pytest.fixture(scope="module")
def double() -> Iterator[SheetsDouble]:
    """One double without quotas for all cases."""
    with SheetsDouble(per_account=None, per_project=None) as made:
        yield made


@pytest.fixture(scope="module")
def client(double: SheetsDouble) -> gspread.Client:
    """gspread's client."""
    return client_for(double)


@pytest.fixture
def book(client: gspread.Client) -> Iterator[gspread.Spreadsheet]:
    """A spreadsheet that the account itself made, in English, deleted afterwards."""
    made = client.create("Percobaan")
    yield made
    client.del_spreadsheet(made.id)


@pytest.fixture
def sheet(book: gspread.Spreadsheet) -> gspread.Worksheet:
    """Its only tab."""
    return book.sheet1


# -- spreadsheets and tabs -----------------------------------------------------------------------------------------------


def test_opening(client: gspread.Client, book: gspread.Spreadsheet) -> None:
    """By key, by address, and by title through Drive."""
    assert client.open_by_key(book.id).title == "Percobaan"
    assert client.open_by_url(book.url).id == book.id
    assert client.open("Percobaan").id == book.id


def test_properties_of_a_spreadsheet(book: gspread.Spreadsheet) -> None:
    """Title, language, time zone; each can be changed."""
    assert (book.title, book.locale, book.timezone) == ("Percobaan", "en_US", "Etc/GMT")
    book.update_title("Lain")
    book.update_locale("id_ID")
    book.update_timezone("Asia/Jakarta")
    found = book.fetch_sheet_metadata()["properties"]
    assert (found["title"], found["locale"], found["timeZone"]) == ("Lain", "in_ID", "Asia/Jakarta")


def test_properties_of_a_tab(sheet: gspread.Worksheet) -> None:
    """A new spreadsheet has one tab of 1000 by 26 with sheetId 0."""
    assert (sheet.id, sheet.title, sheet.index) == (0, "Sheet1", 0)
    assert (sheet.row_count, sheet.col_count, sheet.frozen_row_count, sheet.isSheetHidden) == (1000, 26, 0, False)


def test_finding_tabs(book: gspread.Spreadsheet) -> None:
    """By place, title and sheetId; what isn't there is WorksheetNotFound."""
    second = book.add_worksheet("Kedua", rows=20, cols=5)
    assert (second.row_count, second.col_count, second.index) == (20, 5, 1)
    assert [each.title for each in book.worksheets()] == ["Sheet1", "Kedua"]
    assert book.get_worksheet(1).id == book.worksheet("Kedua").id == book.get_worksheet_by_id(second.id).id
    for look in (lambda: book.worksheet("Ketiga"), lambda: book.get_worksheet(9), lambda: book.get_worksheet_by_id(9)):
        with pytest.raises(WorksheetNotFound):
            look()


def test_a_title_is_there_once(book: gspread.Spreadsheet) -> None:
    """A second tab of one title is refused, in any case."""
    book.add_worksheet("Kedua", rows=2, cols=2)
    with pytest.raises(APIError, match="already exists"):
        book.add_worksheet("kedua", rows=2, cols=2)


def test_deleting_and_duplicating_tabs(book: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """A duplicate holds the same cells under another id; the last visible tab can't be deleted."""
    sheet.update([["a", 1]], "A1")
    twin = sheet.duplicate(new_sheet_name="Salinan", insert_sheet_index=1)
    assert twin.id != sheet.id and twin.get("A1:B1") == [["a", "1"]]
    book.del_worksheet(sheet)
    assert [each.title for each in book.worksheets()] == ["Salinan"]
    with pytest.raises(APIError) as caught:
        book.del_worksheet(twin)
    assert caught.value.code == 400


def test_hiding_tabs(book: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """Not all of them may be hidden."""
    with pytest.raises(APIError, match="You can't hide all the sheets in a document"):
        sheet.hide()
    second = book.add_worksheet("Kedua", rows=2, cols=2)
    second.hide()
    assert second.isSheetHidden and [each.title for each in book.worksheets(exclude_hidden=True)] == ["Sheet1"]
    second.show()
    assert len(book.worksheets(exclude_hidden=True)) == 2


def test_order_of_tabs(book: gspread.Spreadsheet) -> None:
    """Tabs are put in any order, and one is moved."""
    for title in ("B", "C"):
        book.add_worksheet(title, rows=2, cols=2)
    first, second, third = book.worksheets()
    book.reorder_worksheets([third, first, second])
    assert [each.title for each in book.worksheets()] == ["C", "Sheet1", "B"]
    book.worksheet("B").update_index(0)
    assert [each.title for each in book.worksheets()] == ["B", "C", "Sheet1"]


def test_renaming_and_colouring_a_tab(book: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """The colour is kept in steps of a 255th, what is nought is left out, and clearing takes it away."""
    sheet.update_title("Baru")
    assert book.worksheet("Baru").id == sheet.id
    sheet.update_tab_color("#FF007F")
    fields = {"fields": "sheets.properties.tabColorStyle"}
    kept = book.fetch_sheet_metadata(fields)["sheets"][0]["properties"]
    assert kept == {"tabColorStyle": {"rgbColor": {"red": 1, "blue": 0.49803922}}}
    sheet.clear_tab_color()
    assert book.fetch_sheet_metadata(fields)["sheets"][0]["properties"] == {}


# -- reading -------------------------------------------------------------------------------------------------------------


def test_single_cells(sheet: gspread.Worksheet) -> None:
    """By address and by numbers; an empty one is None."""
    sheet.update([["a", "b"]], "A1")
    assert (sheet.acell("B1").value, sheet.cell(1, 1).value, sheet.cell(9, 9).value) == ("b", "a", None)
    assert sheet.acell("B1").address == "B1"


def test_how_values_are_shown(sheet: gspread.Worksheet) -> None:
    """Formatted, unformatted and as formula."""
    sheet.update([["$12.00", "=1/1024"]], "A1", value_input_option=ValueInputOption.user_entered)
    assert sheet.get("A1:B1") == [["$12.00", "0.0009765625"]]
    assert sheet.get("A1:B1", value_render_option=ValueRenderOption.unformatted) == [[12, 0.0009765625]]
    assert sheet.get("A1:B1", value_render_option=ValueRenderOption.formula) == [[12, "=1/1024"]]


def test_rows_and_columns(sheet: gspread.Worksheet) -> None:
    """Each without trailing empty cells; columns by majorDimension as well."""
    sheet.update([["a", "", "c", ""], ["d", "e"], [], ["f"]], "A1")
    assert sheet.row_values(1) == ["a", "", "c"]
    assert sheet.col_values(1) == ["a", "d", "", "f"]
    assert sheet.get("A1:C2", major_dimension=Dimension.cols) == [["a", "d"], ["", "e"], ["c"]]
    assert sheet.get_all_values() == [["a", "", "c"], ["d", "e", ""], ["", "", ""], ["f", "", ""]]


def test_what_an_answer_says_of_itself(sheet: gspread.Worksheet) -> None:
    """The range as far as the grid goes, by the title unquoted where it needs no quotes."""
    found = sheet.get("2:3")
    assert (found.range, found.major_dimension, list(found)) == ("Sheet1!A2:Z3", "ROWS", [[]])
    assert sheet.get("C5:C").range == "Sheet1!C5:C1000"
    assert sheet.get("B2:A1").range == "Sheet1!A1:B2"


def test_titles_that_look_like_ranges(book: gspread.Spreadsheet) -> None:
    """A tab may be called like a cell, hold spaces, quotes and signs."""
    for title in ("A1", "Pesanan Juli", "Bu Sari's", "50% & lebih!", "🌵"):
        tab = book.add_worksheet(title, rows=5, cols=5)
        tab.update([[title]], "B2")
        assert tab.acell("B2").value == title
        assert tab.get_all_values()[1][1] == title
    assert book.worksheet("Bu Sari's").get("A1").range == "'Bu Sari''s'!A1"


def test_records(sheet: gspread.Worksheet) -> None:
    """By the header; gspread makes numbers of what looks like some."""
    sheet.update(RECORDS, "A1")
    assert sheet.get_all_records() == [
        {"A1": 1, "B2": "b2", "C3": 1.45},
        {"A1": "", "B2": "", "C3": ""},
        {"A1": "A4", "B2": 0.4, "C3": 4},
    ]


def test_many_ranges_at_once(book: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """One answer for each range, in the order asked for; an empty one has no values."""
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    assert sheet.batch_get(["A1:B1", "A2", "E5"]) == [[["a", "b"]], [["c"]], []]
    found = book.values_batch_get(["Sheet1!B2", "Sheet1!E5"])
    assert found["valueRanges"] == [
        {"range": "Sheet1!B2", "majorDimension": "ROWS", "values": [["d"]]},
        {"range": "Sheet1!E5", "majorDimension": "ROWS"},
    ]


def test_finding_cells(sheet: gspread.Worksheet) -> None:
    """By text and by pattern, in rows and columns."""
    sheet.update([["kastengel", "nastar"], ["Nastar", "putri salju"], ["nastar", ""]], "A1")
    found = sheet.find("nastar")
    assert found is not None and (found.row, found.col) == (1, 2)
    assert [(cell.row, cell.col) for cell in sheet.findall("nastar")] == [(1, 2), (3, 1)]
    assert len(sheet.findall(re.compile("(?i)nastar"))) == 3
    assert sheet.find("lidah kucing") is None


# -- writing -------------------------------------------------------------------------------------------------------------


def test_updating(sheet: gspread.Worksheet) -> None:
    """The answer says which range, and how many rows, columns and cells."""
    answer = sheet.update([[1, 2], [3, 4]], "A1:B2")
    assert answer.items() >= {
        "updatedRange": "Sheet1!A1:B2", "updatedRows": 2, "updatedColumns": 2, "updatedCells": 4,
    }.items()  # fmt: skip
    assert sheet.get("A1:B2", value_render_option=ValueRenderOption.unformatted) == [[1, 2], [3, 4]]
    answer = sheet.update([["x"]], "A1", include_values_in_response=True)
    assert answer["updatedData"] == {"range": "Sheet1!A1", "majorDimension": "ROWS", "values": [["x"]]}


def test_updating_beyond_its_own_range(sheet: gspread.Worksheet) -> None:
    """More values than the range holds are refused."""
    with pytest.raises(APIError, match="Requested writing within range"):
        sheet.update([["a", "b"]], "A1:A1000")
    with pytest.raises(APIError, match=re.escape("tried writing to row [3]")):
        sheet.update([["a"], ["b"], ["c"]], "A1:A2")


def test_updating_with_what_is_no_grid(sheet: gspread.Worksheet) -> None:
    """A text in place of rows is a 400 that names the field."""
    with pytest.raises(APIError, match=re.escape("Invalid value at 'data.values'")):
        sheet.spreadsheet.values_update("Sheet1!A1", params={"valueInputOption": "RAW"}, body={"values": "X"})
    with pytest.raises(APIError, match="valueInputOption"):
        sheet.spreadsheet.values_update("Sheet1!A1", params={}, body={"values": [["X"]]})


def test_many_updates_at_once(sheet: gspread.Worksheet) -> None:
    """One call for all ranges; rows and columns that several touch count once."""
    answer = sheet.batch_update(
        [{"range": "A1:D1", "values": [["A1", "B1", "", "D1"]]}, {"range": "A4:D4", "values": [["A4", "", "C4", "D4"]]}]
    )
    totals = ("totalUpdatedRows", "totalUpdatedColumns", "totalUpdatedCells", "totalUpdatedSheets")
    assert [answer[name] for name in totals] == [2, 4, 8, 1]
    assert sheet.get("A1:D4") == [["A1", "B1", "", "D1"], [], [], ["A4", "", "C4", "D4"]]


def test_one_of_many_updates_is_wrong(sheet: gspread.Worksheet) -> None:
    """Then none is done, and the message says which."""
    with pytest.raises(APIError, match=re.escape("Invalid data[1]: ")):
        sheet.batch_update([{"range": "A1", "values": [["a"]]}, {"range": "A1001", "values": [["b"]]}])
    assert sheet.acell("A1").value is None


def test_cells_of_all_kinds(sheet: gspread.Worksheet) -> None:
    """Lines, other scripts and long texts come back as they went."""
    for text in ("baris satu\nbaris dua", "Iñtërnâtiônàlizætiøn 🍪", "x" * 50_000, " spasi "):
        sheet.update([[text]], "A1")
        assert sheet.acell("A1").value == text


def test_cell_objects(sheet: gspread.Worksheet) -> None:
    """update_cells writes what was changed in a range, also where the cells are apart."""
    cells = sheet.range("A1:B2")
    for number, cell in enumerate(cells):
        cell.value = f"nilai {number}"
    sheet.update_cells(cells)
    sheet.update_cells([gspread.Cell(5, 5, "jauh"), gspread.Cell(3, 1, "dekat")])
    assert sheet.get("A1:E5") == [
        ["nilai 0", "nilai 1"],
        ["nilai 2", "nilai 3"],
        ["dekat"],
        [],
        ["", "", "", "", "jauh"],
    ]


def test_clearing(sheet: gspread.Worksheet) -> None:
    """Values go, formats stay; the answer names what was cleared."""
    sheet.update([["a", "b", "c"]] * 3, "A1")
    sheet.format("A1", {"textFormat": {"bold": True}})
    answer = sheet.batch_clear(["A1:B1", "C3"])
    assert answer["clearedRanges"] == ["Sheet1!A1:B1", "Sheet1!C3"]
    assert sheet.get("A1:C3") == [["", "", "c"], ["a", "b", "c"], ["a", "b"]]
    assert sheet.clear()["clearedRange"] == "Sheet1!A1:Z1000"
    assert sheet.get_all_values() == [[]]
    with pytest.raises(APIError, match=re.escape("Invalid range[0]: Range (Sheet1!A1001:ZZ) exceeds grid limits.")):
        sheet.batch_clear(["A1001:ZZ"])


# -- appending -----------------------------------------------------------------------------------------------------------


def test_appending(sheet: gspread.Worksheet) -> None:
    """Below what is there; the answer names the table and the rows."""
    assert "tableRange" not in sheet.append_row(["a", "b"])
    answer = sheet.append_rows([["c", "d"], ["e", "f"]])
    assert answer["tableRange"] == "Sheet1!A1:B1"
    assert answer["updates"]["updatedRange"] == "Sheet1!A2:B3"
    assert sheet.get_all_values() == [["a", "b"], ["c", "d"], ["e", "f"]]


def test_appending_below_a_gap(sheet: gspread.Worksheet) -> None:
    """An empty cell parts the table; the row lands below the part that stands last. As recorded from the real one."""
    sheet.append_row(["a", "", "c"])
    answer = sheet.append_row(["a", "", "c"])
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("Sheet1!C1", "Sheet1!C2:E2")


def test_appending_to_a_named_table(sheet: gspread.Worksheet) -> None:
    """With table_range it lands below that part. As recorded from the real one."""
    sheet.append_row(["a", "", "c"])
    answer = sheet.append_row(["a", "", "c"], table_range="A1")
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("Sheet1!A1", "Sheet1!A2:C2")


def test_appending_makes_the_grid_larger(book: gspread.Spreadsheet) -> None:
    """Where there is no row left."""
    tab = book.add_worksheet("Kecil", rows=1, cols=2)
    tab.append_rows([["a", "b"], ["c", "d"]])
    assert book.worksheet("Kecil").row_count == 2


# -- rows and columns ----------------------------------------------------------------------------------------------------


def test_inserting_rows(sheet: gspread.Worksheet) -> None:
    """What stands below moves down, and references with it."""
    sheet.update([["a", "=A1"], ["b", "=A2"]], "A1", value_input_option=ValueInputOption.user_entered)
    sheet.insert_row(["baru"], 2)
    assert sheet.get_all_values() == [["a", "a"], ["baru", ""], ["b", "b"]]
    assert sheet.acell("B3", value_render_option=ValueRenderOption.formula).value == "=A3"
    with pytest.raises(APIError, match="inheritFromBefore"):
        sheet.client.batch_update(
            sheet.spreadsheet_id,
            {
                "requests": [
                    {
                        "insertDimension": {
                            "range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1},
                            "inheritFromBefore": True,
                        }
                    }
                ]
            },
        )


def test_inserting_columns(sheet: gspread.Worksheet) -> None:
    """Likewise to the right; the grid grows."""
    sheet.update([["a", "b"]], "A1")
    sheet.insert_cols([["x", "y"]], 2)
    assert sheet.get_all_values() == [["a", "x", "b"], ["", "y", ""]]
    assert sheet.spreadsheet.sheet1.col_count == 27


def test_deleting_rows_and_columns(sheet: gspread.Worksheet) -> None:
    """What stands behind moves up; the grid shrinks."""
    sheet.update([["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]], "A1")
    sheet.delete_rows(2)
    sheet.delete_columns(1, 2)
    assert sheet.get_all_values() == [["c"], ["i"]]
    again = sheet.spreadsheet.sheet1
    assert (again.row_count, again.col_count) == (999, 24)


def test_resizing(sheet: gspread.Worksheet) -> None:
    """At the lower and right ends; what stood there is gone."""
    sheet.update([["a"], ["b"], ["c"]], "A1")
    sheet.resize(rows=2, cols=3)
    sheet.add_rows(1)
    again = sheet.spreadsheet.sheet1
    assert (again.row_count, again.col_count, again.get_all_values()) == (3, 3, [["a"], ["b"]])


def test_sorting(sheet: gspread.Worksheet) -> None:
    """Numbers before texts, empty ones last whichever way."""
    rows = [[3, "c"], ["x", "t"], [1, "a"], ["", "leer"], [2, "b"]]
    sheet.update(rows, "A1")
    sheet.sort((1, "asc"), range="A1:B5")
    assert [line[1] for line in sheet.get("A1:B5")] == ["a", "b", "c", "t", "leer"]
    sheet.sort((1, "des"), range="A1:B5")
    assert [line[1] for line in sheet.get("A1:B5")] == ["t", "c", "b", "a", "leer"]


def test_hiding_rows_and_columns(sheet: gspread.Worksheet) -> None:
    """They are read as before, and said to be hidden."""
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    sheet.hide_rows(0, 1)
    sheet.hide_columns(1, 2)
    fields = "sheets.data(rowMetadata.hiddenByUser,columnMetadata.hiddenByUser)"
    data = sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id, {"fields": fields})["sheets"][0]["data"][0]
    assert data["rowMetadata"][0] == {"hiddenByUser": True} and data["rowMetadata"][1] == {}
    assert data["columnMetadata"][1] == {"hiddenByUser": True}
    assert sheet.get("A1:B2") == [["a", "b"], ["c", "d"]]
    sheet.unhide_rows(0, 1)
    data = sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id, {"fields": fields})["sheets"][0]["data"][0]
    assert data["rowMetadata"][0] == {}


def test_freezing(sheet: gspread.Worksheet) -> None:
    """Not all rows may be frozen."""
    sheet.freeze(rows=2, cols=1)
    again = sheet.spreadsheet.sheet1
    assert (again.frozen_row_count, again.frozen_col_count) == (2, 1)
    with pytest.raises(APIError) as caught:
        sheet.freeze(rows=1000)
    assert caught.value.code == 400


# -- looks, rules and protection -----------------------------------------------------------------------------------------


def test_formatting(sheet: gspread.Worksheet) -> None:
    """Only what is named changes; colours come with their style."""
    sheet.format("A2:B2", {"backgroundColor": {"red": 0, "green": 1, "blue": 1}, "textFormat": {"bold": True}})
    sheet.format("A2", {"horizontalAlignment": "CENTER"})
    params = {"ranges": "Sheet1!A2", "fields": "sheets.data.rowData.values.userEnteredFormat"}
    found = sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id, params)["sheets"][0]["data"][0]["rowData"]
    colour = {"green": 1, "blue": 1}
    assert found[0]["values"][0]["userEnteredFormat"] == {
        "backgroundColor": colour,
        "backgroundColorStyle": {"rgbColor": colour},
        "textFormat": {"bold": True},
        "horizontalAlignment": "CENTER",
    }


def test_number_formats(sheet: gspread.Worksheet) -> None:
    """They change what shows, not what stands there."""
    sheet.update([[1234567.5, 0.256, 46251]], "A1")
    sheet.format("A1", {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}})
    sheet.format("B1", {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}})
    sheet.format("C1", {"numberFormat": {"type": "DATE", "pattern": "dd mmm yyyy"}})
    assert sheet.get("A1:C1") == [["1,234,568", "25.6%", "17 Aug 2026"]]
    assert sheet.get("A1:C1", value_render_option=ValueRenderOption.unformatted) == [[1234567.5, 0.256, 46251]]


def test_merging(sheet: gspread.Worksheet) -> None:
    """By all, rows or columns; part of a merge can't be merged or parted."""
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    sheet.merge_cells("A1:B1")
    assert sheet.get("A1:B2") == [["a"], ["c", "d"]]
    sheet.merge_cells("D1:E2", MergeType.merge_rows)
    merges = sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id)["sheets"][0]["merges"]
    assert [(each["startRowIndex"], each["startColumnIndex"], each["endColumnIndex"]) for each in merges] == [
        (0, 0, 2),
        (0, 3, 5),
        (1, 3, 5),
    ]
    assert all("sheetId" not in each for each in merges)
    with pytest.raises(APIError, match="merged range"):
        sheet.unmerge_cells("A1")
    sheet.unmerge_cells("A1:E2")
    assert "merges" not in sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id)["sheets"][0]


def test_notes(sheet: gspread.Worksheet) -> None:
    """Set, read and cleared; values stay."""
    sheet.update([["a"]], "A1")
    sheet.update_note("A1", "catatan")
    assert (sheet.get_note("A1"), sheet.acell("A1").value) == ("catatan", "a")
    sheet.clear_note("A1")
    assert sheet.get_note("A1") == ""


def test_named_ranges(book: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """They are read by their name, also behind the tab's title, and move with their cells."""
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    answer = sheet.define_named_range("A1:B2", "Kotak")
    number = answer["replies"][0]["addNamedRange"]["namedRange"]["namedRangeId"]
    sheet.insert_row([], 1)
    assert sheet.get("Kotak") == [["a", "b"], ["c", "d"]]
    assert book.values_get("Kotak")["range"] == "Sheet1!A2:B3"
    sheet.delete_named_range(number)
    with pytest.raises(APIError, match="Unable to parse range"):
        sheet.get("Kotak")


def test_protecting(book: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """Listed with the tab, with who asked among its editors, and taken away by its id."""
    answer = sheet.add_protected_range("A1:B2", warning_only=True)
    protected = answer["replies"][0]["addProtectedRange"]["protectedRange"]
    assert protected["warningOnly"] is True and protected["requestingUserCanEdit"] is True
    sheet.add_protected_range("C1:D2")
    listed = book.list_protected_ranges(sheet.id)
    assert len(listed) == 2 and "warningOnly" not in listed[1] and listed[1]["editors"]["users"]
    sheet.delete_protected_range(protected["protectedRangeId"])
    assert len(book.list_protected_ranges(sheet.id)) == 1


def test_validation(sheet: gspread.Worksheet) -> None:
    """A rule needs its values."""
    sheet.add_validation("A1", ValidationConditionType.number_greater, [10], strict=True, inputMessage="di atas 10")
    fields = "sheets.data.rowData.values.dataValidation"
    found = sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id, {"fields": fields})["sheets"][0]["data"][0]
    rule = found["rowData"][0]["values"][0]["dataValidation"]
    assert rule["condition"]["type"] == "NUMBER_GREATER" and rule["strict"] is True and "showCustomUi" not in rule
    with pytest.raises(APIError, match="ONE_OF_LIST"):
        sheet.add_validation("A1", ValidationConditionType.one_of_list, [])


def test_basic_filter(sheet: gspread.Worksheet) -> None:
    """Set over a range or all, shown with the tab, cleared."""
    sheet.set_basic_filter("A1:B10")
    found: dict[str, Any] = sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id)["sheets"][0]
    assert found["basicFilter"]["range"] == {
        "startRowIndex": 0,
        "endRowIndex": 10,
        "startColumnIndex": 0,
        "endColumnIndex": 2,
    }
    sheet.clear_basic_filter()
    assert "basicFilter" not in sheet.client.fetch_sheet_metadata(sheet.spreadsheet_id)["sheets"][0]


def test_copying_and_cutting(sheet: gspread.Worksheet) -> None:
    """A copy turns its references, a cut empties where it came from."""
    sheet.update([["1", "=A1*2"], ["5", ""]], "A1", value_input_option=ValueInputOption.user_entered)
    sheet.copy_range("B1", "B2", PasteType.formula)
    assert sheet.acell("B2", value_render_option=ValueRenderOption.formula).value == "=A2*2"
    assert sheet.acell("B2").value == "10"
    sheet.cut_range("A1", "D1")
    assert sheet.get("A1:D1") == [["", "2", "", "1"]]
    assert sheet.acell("B1", value_render_option=ValueRenderOption.formula).value == "=D1*2"
