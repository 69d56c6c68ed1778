"""What the seller's book looks like, and what is hers in it: formulas, formats, tables, notes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from intake.sheet import OrderRow, SheetTextTooLong, SheetTooLarge
from intake.sheet import columns as columns_module
from intake.sheet.columns import LINES, ORDERS
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_look import choices_formula
from intake.sheet.workbook_process import handle
from preorder.wording import STATUS_LABELS

LABELS = list(STATUS_LABELS["id"].values())
TEXTS = {"editable_hint": "Boleh diubah.", "status_title": "Status", "status_hint": "Pilih dari daftar."}
OWN = len(ORDERS.columns) + 1  # the first column to the right of ours


@pytest.fixture
def sheet(tmp_path: Path) -> WorkbookSheet:
    return WorkbookSheet(
        tmp_path / "orders.xlsx",
        language="id",
        status_labels=LABELS,
        status_colours={"Lunas": "BBF7D0"},
        texts=TEXTS,
        run=handle,
    )


def order(number: int, **values: Any) -> OrderRow:
    shown = {
        "status": "Menunggu pembayaran",
        "name": "Rani Contoh",
        "whatsapp": "+6281200001234",
        "total": 150000,
        "chat": "https://wa.me/62812",
    }
    return OrderRow(
        f"NST-{number:04}",
        {**shown, **values},
        {},
        ({"product": "Nastar", "qty": 2, "price": 75000, "subtotal": 150000},),
    )


def place(code: str) -> int:
    return [column.code for column in ORDERS.columns].index(code) + 1


def hands(sheet: WorkbookSheet, change: Callable[[Workbook, Any], None]) -> None:
    """She changes her book and saves it."""
    book = load_workbook(sheet.path, rich_text=True)
    change(book, book["Pesanan"])
    book.save(sheet.path)


def tab(sheet: WorkbookSheet, title: str = "Pesanan") -> Any:
    return load_workbook(sheet.path, rich_text=True)[title]


def test_empty_book(sheet: WorkbookSheet) -> None:
    """
    The first start makes a book to look at: both tabs, header fixed, drop-down, colours, hints where she may write, no
    filter of ours.
    """
    sheet.ensure()
    book = load_workbook(sheet.path)
    assert book.sheetnames == ["Pesanan", "Rincian"]
    for wanted in (ORDERS, LINES):
        page: Any = book[wanted.titles["id"]]
        for number, column in enumerate(wanted.columns, start=1):
            cell = page.cell(1, number)
            assert cell.value == column.headers["id"]
            assert cell.font.b
            assert (cell.comment is not None) is column.editable
        assert page.freeze_panes
        assert page.auto_filter.ref is None
    page = book["Pesanan"]
    (choices,) = page.data_validations.dataValidation
    assert choices.formula1 == choices_formula(LABELS)
    assert choices.showErrorMessage
    assert choices.errorStyle == "stop"
    assert "B2" in choices.sqref
    assert f"B{ORDERS.ceiling + 1}" in choices.sqref
    assert "A2" not in choices.sqref
    assert page.cell(1, 2).comment.text == "Boleh diubah."
    assert page.cell(1, 2).fill.start_color.rgb != page.cell(1, 1).fill.start_color.rgb
    sheet.ensure()
    assert sheet.read().rows == ()


def test_english_book(tmp_path: Path) -> None:
    """An English shop gets English titles and headers."""
    english = WorkbookSheet(
        tmp_path / "o.xlsx", language="en", status_labels=["Paid"], status_colours={}, texts={}, run=handle
    )
    english.write([order(1)])
    book = load_workbook(english.path)
    assert book.sheetnames == ["Orders", "Lines"]
    assert [cell.value for cell in book["Orders"][1]] == [column.headers["en"] for column in ORDERS.columns]  # type: ignore[union-attr]


def test_cells_of_a_row(sheet: WorkbookSheet) -> None:
    """
    Text is text that stays text when retyped, money is a number with a thousands format, the chat link can be followed.
    """
    sheet.write([order(1, name="=1+1", whatsapp="+6281200001234")])
    page = tab(sheet)
    name, phone, total, chat = (page.cell(2, place(code)) for code in ("name", "whatsapp", "total", "chat"))
    assert (name.data_type, name.value, name.number_format, name.quotePrefix) == ("s", "=1+1", "@", True)
    assert phone.quotePrefix
    assert phone.number_format == "@"
    assert (total.value, total.number_format, total.data_type) == (150000, "#,##0", "n")
    assert chat.hyperlink.target == "https://wa.me/62812"
    assert not chat.quotePrefix
    sheet.write([order(1, name="Rani", chat="https://wa.me/62813")])
    page = tab(sheet)
    assert not page.cell(2, place("name")).quotePrefix
    assert page.cell(2, place("chat")).hyperlink.target == "https://wa.me/62813"


def test_nothing_piles_up(sheet: WorkbookSheet) -> None:
    """Write after write there is one drop-down and one rule a colour."""
    for number in range(1, 5):
        sheet.write([order(number)])
    page = tab(sheet)
    assert len(page.data_validations.dataValidation) == 1
    assert sum(len(each.rules) for each in page.conditional_formatting) == 1


def test_colours_removed_stay_removed(sheet: WorkbookSheet) -> None:
    """She took the colours away: we don't bring them back. A fresh row still gets its drop-down."""

    def change(book: Workbook, page: Any) -> None:
        page.conditional_formatting = type(page.conditional_formatting)()
        page.data_validations.dataValidation = []

    sheet.write([order(1)])
    hands(sheet, change)
    sheet.write([order(2)])
    page = tab(sheet)
    assert len(page.conditional_formatting) == 0
    assert "B3" in page.data_validations.dataValidation[0].sqref


def test_her_formulas_are_filled_down(sheet: WorkbookSheet) -> None:
    """
    Her column with a formula goes on in fresh rows, with its format; her plain values and her cells there are left
    alone.
    """

    def change(book: Workbook, page: Any) -> None:
        page.cell(1, OWN, "Untung")
        page.cell(2, OWN, "=G2*0.3-$G$1").font = Font(italic=True)
        page.cell(1, OWN + 1, "Rak")
        page.cell(2, OWN + 1, "rak 1")
        page.cell(1, OWN + 2, "Kali")
        page.cell(2, OWN + 2, "=G2*2")
        page.cell(3, OWN + 2, "punya saya")

    sheet.write([order(1)])
    hands(sheet, change)
    sheet.write([order(2), order(3)])
    page = tab(sheet)
    assert [page.cell(row, OWN).value for row in (2, 3, 4)] == ["=G2*0.3-$G$1", "=G3*0.3-$G$1", "=G4*0.3-$G$1"]
    assert page.cell(4, OWN).font.i
    assert [page.cell(row, OWN + 1).value for row in (2, 3, 4)] == ["rak 1", None, None]
    assert [page.cell(row, OWN + 2).value for row in (2, 3, 4)] == ["=G2*2", "punya saya", "=G4*2"]
    assert load_workbook(sheet.path).calculation.fullCalcOnLoad  # type: ignore[union-attr]


def test_prefilled_columns_do_not_push_orders_down(sheet: WorkbookSheet) -> None:
    """Formulas and marks that she filled down ahead: fresh orders stand directly below the last one, in those rows."""

    def change(book: Workbook, page: Any) -> None:
        for row in range(2, 40):
            page.cell(row, OWN, f"=G{row}*2")
            page.cell(row, OWN + 1, "belum").fill = PatternFill("solid", start_color="FFFFFF00")

    sheet.write([order(1)])
    hands(sheet, change)
    sheet.write([order(2), order(3)])
    page = tab(sheet)
    assert [page.cell(row, 1).value for row in range(2, 6)] == ["NST-0001", "NST-0002", "NST-0003", None]
    assert [page.cell(row, OWN).value for row in (3, 39)] == ["=G3*2", "=G39*2"]
    assert page.cell(3, OWN + 1).value == "belum"
    assert page.max_row == 39


def test_totals_below_move_and_follow(sheet: WorkbookSheet) -> None:
    """A row of totals under the orders moves down with everything that points at it, here and in other tabs."""

    def change(book: Workbook, page: Any) -> None:
        page.cell(3, place("name"), "Jumlah")
        page.cell(3, place("total"), "=SUM(G2:G2)")
        page.cell(3, OWN).comment = Comment("hitung ulang", "saya")
        other: Any = book.create_sheet("Kas")
        other["A1"] = "=Pesanan!G3"

    sheet.write([order(1)])
    hands(sheet, change)
    sheet.write([order(2), order(3)])
    page = tab(sheet)
    assert [page.cell(row, 1).value for row in range(2, 6)] == ["NST-0001", "NST-0002", "NST-0003", None]
    assert page.cell(5, place("name")).value == "Jumlah"
    assert page.cell(5, place("total")).value == "=SUM(G2:G2)"
    assert page.cell(5, OWN).comment.text == "hitung ulang"
    assert tab(sheet, "Kas")["A1"].value == "=Pesanan!G5"


def test_ranges_that_end_at_the_last_order_reach_on(sheet: WorkbookSheet) -> None:
    """
    A table, filter, validation or conditional format over her orders covers fresh ones too; a mark on one cell stays on
    that cell.
    """

    def change(book: Workbook, page: Any) -> None:
        page.auto_filter.ref = "A1:V3"
        page.cell(1, OWN, "Oven")
        hers = DataValidation(type="list", formula1='"1,2"', sqref="W2:W3")
        page.add_data_validation(hers)
        page.conditional_formatting.add("G2:G3", CellIsRule("greaterThan", ["100000"], font=Font(b=True)))  # type: ignore[no-untyped-call]
        page.conditional_formatting.add("C3", CellIsRule("equal", ['"x"'], font=Font(b=True)))  # type: ignore[no-untyped-call]

    sheet.write([order(1), order(2)])
    hands(sheet, change)
    sheet.write([order(3), order(4)])
    page = tab(sheet)
    assert page.auto_filter.ref == "A1:V5"
    assert str(page.data_validations.dataValidation[1].sqref) == "W2:W5"
    assert {"G2:G5", "C3"} <= {str(each.sqref) for each in page.conditional_formatting}


@pytest.mark.parametrize("totals", [False, True])
def test_table(sheet: WorkbookSheet, totals: bool) -> None:
    """Orders that she made an Excel table of stay one table with the fresh rows, above its totals row."""

    def change(book: Workbook, page: Any) -> None:
        made = Table(displayName="Order", ref="A1:V4" if totals else "A1:V3")
        if totals:
            made.totalsRowCount = 1
        page.add_table(made)

    sheet.write([order(1), order(2)])
    hands(sheet, change)
    sheet.write([order(3)])
    page = tab(sheet)
    assert page.cell(4, 1).value == "NST-0003"
    assert page.tables["Order"].ref == ("A1:V5" if totals else "A1:V4")


def test_what_is_hers_stays(sheet: WorkbookSheet) -> None:
    """
    Colours, hidden and filtered rows, heights, widths, rich text, notes and other tabs are as she left them after an
    update.
    """

    def change(book: Workbook, page: Any) -> None:
        page.cell(2, place("name")).fill = PatternFill("solid", start_color="FFFF0000")
        page.row_dimensions[3].hidden = True
        page.row_dimensions[2].height = 77
        page.column_dimensions["C"].width = 55
        page.column_dimensions["D"].hidden = True
        page.cell(2, OWN).value = CellRichText("a ", TextBlock(InlineFont(b=True), "tebal"))
        page.cell(2, 3).comment = Comment("langganan", "saya")
        page.auto_filter.ref = "A1:V3"
        page.auto_filter.add_filter_column(1, ["Lunas"])
        page.protection.sheet = True
        book.create_sheet("Resep")["B2"] = "=1+1"

    sheet.write([order(1), order(2)])
    hands(sheet, change)
    sheet.write([order(1, total=175000, summary="a\nb\nc"), order(3)])
    page = tab(sheet)
    assert page.cell(2, place("total")).value == 175000
    assert page.cell(2, place("name")).fill.start_color.rgb == "FFFF0000"
    assert page.row_dimensions[3].hidden
    assert not page.row_dimensions[4].hidden
    assert page.row_dimensions[2].height == 77
    assert page.column_dimensions["C"].width == 55
    assert page.column_dimensions["D"].hidden
    assert [str(each) for each in page.cell(2, OWN).value] == ["a ", "tebal"]
    assert page.cell(2, OWN).value[1].font.b
    assert page.cell(2, 3).comment.text == "langganan"
    assert page.auto_filter.filterColumn[0].filters.filter == ["Lunas"]
    assert page.protection.sheet
    assert tab(sheet, "Resep")["B2"].value == "=1+1"


def test_heights_fit_until_she_sets_them(sheet: WorkbookSheet) -> None:
    """A row is high enough for its text and may still grow; only a height that she set is fixed."""
    sheet.write([order(1, summary="2 x Nastar\n1 x Kastengel\n1 x Putri Salju"), order(2)])
    page = tab(sheet)
    assert page.row_dimensions[2].height == 45
    assert page.row_dimensions[3].height == 15
    for number in (3, 4):  # the second time after a load
        sheet.write([order(number)])
        text = zipfile.ZipFile(sheet.path).read("xl/worksheets/sheet1.xml").decode()
        assert '<row r="2" ht="45">' in text
        assert '<row r="1" ht="30" customHeight="1">' in text
    hands(sheet, lambda book, page: setattr(page.row_dimensions[2], "height", 77))
    sheet.write([order(1, summary="2 x Nastar")])
    assert tab(sheet).row_dimensions[2].height == 77


def test_merged_away_cells(sheet: WorkbookSheet) -> None:
    """
    Cells that she merged into a neighbour are no edit, can't be written, and stop nothing; rows never land inside a
    merge.
    """

    def change(book: Workbook, page: Any) -> None:
        page.merge_cells("O2:P2")  # courier and tracking
        page.merge_cells("C3:C5")

    sheet.write([order(1, courier="JNE", tracking="X1"), order(2)])
    hands(sheet, change)
    view = {row.ref: row.values for row in sheet.read().rows}
    assert "tracking" not in view["NST-0001"]
    assert view["NST-0001"]["courier"] == "JNE"
    report = sheet.write([order(1, courier="JNE", tracking="X2", message="!"), order(3)])
    assert report.written == ("NST-0001", "NST-0003")
    assert report.edited == {}
    page = tab(sheet)
    assert page.cell(2, place("message")).value == "!"
    assert page.cell(6, 1).value == "NST-0003"
    assert page.cell(6, 3).value == "Rani Contoh"


def test_her_formula_in_an_editable_cell(sheet: WorkbookSheet) -> None:
    """Its stored result counts; while no program has worked it out the cell is unknown: no edit, and left alone."""
    sheet.write([order(1, money_in=100000)])
    hands(sheet, lambda book, page: page.cell(2, place("money_in")).__setattr__("value", "=50000*2"))
    (row,) = sheet.read().rows
    assert "money_in" not in row.values
    assert row.values["status"] == "Menunggu pembayaran"
    report = sheet.write([order(1, money_in=120000, message="!")])
    assert report.written == ("NST-0001",)
    assert report.edited == {}
    assert tab(sheet).cell(2, place("money_in")).value == "=50000*2"
    assert tab(sheet).cell(2, place("message")).value == "!"


def test_values_of_other_kinds(sheet: WorkbookSheet) -> None:
    """Dates, truth values and fractions that she typed come as text and numbers, never as an error."""

    def change(book: Workbook, page: Any) -> None:
        page.cell(2, place("tracking"), date(2026, 11, 22)).number_format = "yyyy-mm-dd"
        page.cell(2, place("courier"), True)
        page.cell(2, place("shipping"), 1500.5)
        page.cell(2, place("seller_note"), "#N/A")

    sheet.write([order(1)])
    hands(sheet, change)
    (row,) = sheet.read().rows
    assert row.values["tracking"] == "2026-11-22"
    assert row.values["courier"] == "TRUE"
    assert row.values["shipping"] == 1500.5
    assert row.values["seller_note"] == "#N/A"


def test_text_too_long(sheet: WorkbookSheet) -> None:
    """It names the order and the column, and nothing of the batch is written."""
    sheet.write([order(1)])
    before = sheet.path.read_bytes()
    with pytest.raises(SheetTextTooLong) as caught:
        sheet.write([order(2), order(3, buyer_note="🍪" * 16_384)])
    assert caught.value.fields["ref"] == "NST-0003"
    assert caught.value.fields["column"] == "buyer_note"
    assert sheet.path.read_bytes() == before
    assert sheet.write([order(4, buyer_note="🍪" * 16_383)]).written == ("NST-0004",)


def test_ceiling(sheet: WorkbookSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than can be handled in time are refused before they are written."""
    small = columns_module.Tab("orders", ORDERS.titles, ORDERS.columns, True, 3)
    for module in ("workbook_apply", "workbook_process"):
        monkeypatch.setattr(f"intake.sheet.{module}.ORDERS", small)
    for module in ("workbook_apply", "workbook_process", "workbook_book"):
        monkeypatch.setattr(f"intake.sheet.{module}.TABS", (small, LINES))
    assert len(sheet.write([order(n) for n in range(1, 4)]).written) == 3
    with pytest.raises(SheetTooLarge) as caught:
        sheet.write([order(4)])
    assert caught.value.fields == {"tab": "Pesanan", "rows": 4, "ceiling": 3}
    assert caught.value.permanent
    assert sheet.write([order(2, total=1)]).written == ("NST-0002",)


@pytest.mark.parametrize("labels", [["Lunas, semua"], ['"Lunas"'], ["x" * 256]])
def test_labels_no_drop_down_can_hold(labels: list[str]) -> None:
    """They are refused when the book is made, not found out in Excel."""
    with pytest.raises(ValueError, match="drop-down"):
        choices_formula(labels)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_labels_fit(language: str) -> None:
    """The labels of every language make a drop-down that Excel takes."""
    assert len(choices_formula(list(STATUS_LABELS[language].values()))) <= 257
