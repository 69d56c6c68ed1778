"""Inserting rows: everything that pointed at a cell still points at it."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table

from intake.sheet import SheetWouldLose
from intake.sheet.workbook_rows import Insertion, insert_rows, shift_formula


@pytest.mark.parametrize(
    ("formula", "shifted"),
    [
        ("=A4", "=A4"),
        ("=A5", "=A7"),
        ("=$A$5+b9", "=$A$7+b11"),
        ("=SUM(A1:A4)", "=SUM(A1:A4)"),
        ("=SUM(A1:A5)", "=SUM(A1:A7)"),
        ("=SUM(A5:$B$6)", "=SUM(A7:$B$8)"),
        ("=SUM(A:A)", "=SUM(A:A)"),
        ("=SUM(3:6)", "=SUM(3:8)"),
        ("=SUM($5:$6)", "=SUM($7:$8)"),
        ("=SUM(A1:A1048576)", "=SUM(A1:A1048576)"),
        ("=A1048576", "=#REF!"),
        ("=Lain!A5", "=Lain!A5"),
        ("='Satu dua'!A5", "='Satu dua'!A5"),
        ("=Pesanan!A5:B6", "=Pesanan!A7:B8"),
        ("='pesanan'!A5", "='pesanan'!A7"),
        ("=Pesanan!A5:Pesanan!B6", "=Pesanan!A7:Pesanan!B8"),
        ("=Pesanan:Lain!A5", "=Pesanan:Lain!A5"),
        ("=[1]Pesanan!A5", "=[1]Pesanan!A5"),
        ("=Table1[Total]", "=Table1[Total]"),
        ('="A5"&A5', '="A5"&A7'),
        ("=LOG10(A5)", "=LOG10(A7)"),
        ("=TAX2024", "=TAX2026"),  # a column that exists
        ("=ZZZ9", "=ZZZ9"),  # past the last column: a name
        ("=total_5*A1", "=total_5*A1"),
        ("=A5:INDEX(B:B,9)", "=A7:INDEX(B:B,9)"),
        ("=SUM(INDEX(A:A,1):B6)", "=SUM(INDEX(A:A,1):B8)"),
        ("=IF( A1 >  A2,1,2)", "=IF( A1 >  A2,1,2)"),
        ("={1,2;3,4}", "={1,2;3,4}"),
        ("=A5%", "=A7%"),
        ("=-A5^2", "=-A7^2"),
    ],
)
def test_formula(formula: str, shifted: str) -> None:
    """Two rows inserted at row 5 of Pesanan: each reference of a formula in it follows its cell."""
    assert shift_formula(formula, "Pesanan", Insertion("Pesanan", 5, 2)) == shifted


@pytest.mark.parametrize(
    ("formula", "shifted"),
    [("=A5", "=A5"), ("=Pesanan!A5+A5", "=Pesanan!A7+A5"), ("=SUM('Pesanan'!A1:A5)", "=SUM('Pesanan'!A1:A7)")],
)
def test_formula_of_another_sheet(formula: str, shifted: str) -> None:
    """In other tabs only references to the changed one follow."""
    assert shift_formula(formula, "Lain", Insertion("Pesanan", 5, 2)) == shifted


def test_quoted_title() -> None:
    """Titles with blanks and apostrophes are known."""
    assert shift_formula("='Bu Ani''s PO'!A5", "Lain", Insertion("Bu Ani's PO", 5, 1)) == "='Bu Ani''s PO'!A6"


@pytest.mark.parametrize("formula", ['="abc', "=A1)", "=#WRONG"])
def test_formula_not_understood(formula: str) -> None:
    """A formula that can't be parsed stops the insertion; it is never guessed at."""
    with pytest.raises(SheetWouldLose) as caught:
        shift_formula(formula, "Pesanan", Insertion("Pesanan", 5, 2))
    assert caught.value.fields["parts"] == ["formula"]


CELLS = st.tuples(st.integers(1, 12), st.integers(1, 4))


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 13), st.integers(1, 4), CELLS, CELLS, st.booleans(), st.booleans())
def test_against_a_naive_model(
    at: int, count: int, one: tuple[int, int], two: tuple[int, int], fixed: bool, named: bool
) -> None:
    """
    Cells numbered one by one: after the insertion a reference covers the same numbers, and of the new rows only what
    lies between them.
    """
    (r1, c1), (r2, c2) = (min(one[0], two[0]), min(one[1], two[1])), (max(one[0], two[0]), max(one[1], two[1]))
    mark = "$" if fixed else ""
    prefix = "Pesanan!" if named else ""
    formula = f"={prefix}{'ABCD'[c1 - 1]}{mark}{r1}:{'ABCD'[c2 - 1]}{mark}{r2}"
    grid: list[list[int | None]] = [[row * 4 + column for column in range(4)] for row in range(12)]
    after = grid[: at - 1] + [[None] * 4 for _ in range(count)] + grid[at - 1 :]
    match = re.fullmatch(
        r"=(?:Pesanan!)?([A-D])\$?(\d+):([A-D])\$?(\d+)",
        shift_formula(formula, "Pesanan", Insertion("Pesanan", at, count)),
    )
    assert match is not None
    columns = slice("ABCD".index(match[1]), "ABCD".index(match[3]) + 1)
    covered = [row[columns] for row in after[int(match[2]) - 1 : int(match[4])]]
    assert [row for row in covered if row[0] is not None] == [row[c1 - 1 : c2] for row in grid[r1 - 1 : r2]]
    assert covered[0][0] is not None
    assert covered[-1][0] is not None


def book() -> Workbook:
    """Ten rows, with something of everything at and around row 5."""
    made = Workbook()
    sheet: Any = made.active
    sheet.title = "Pesanan"
    for row in range(1, 11):
        sheet.cell(row, 1, row)
        sheet.cell(row, 2, f"=A{row}*2")
    sheet["C8"] = "=SUM(A2:A7)"
    sheet["D6"] = ArrayFormula("D6:D7", "=A6:A7*2")
    sheet["E6"].hyperlink = "https://wa.me/6281200001234"
    sheet["F6"].comment = Comment("catatan", "saya")
    sheet["A6"].fill = PatternFill("solid", start_color="FFFF0000")
    sheet.row_dimensions[6].height = 40
    sheet.row_dimensions[7].hidden = True
    sheet.merge_cells("G3:G7")
    sheet.merge_cells("H6:I6")
    choices = DataValidation(type="list", formula1="$A$6:$A$8", sqref="J2:J7")
    sheet.add_data_validation(choices)
    sheet.conditional_formatting.add("A2:A7", FormulaRule(formula=["$B6>3"], fill=PatternFill(bgColor="FFFF0000")))
    sheet.conditional_formatting.add(
        "A6:A9", ColorScaleRule("formula", "$A$6", "FF0000", end_type="max", end_color="00FF00")
    )
    sheet.auto_filter.ref = "A1:F10"
    sheet.print_area = "A1:F10"
    sheet.row_breaks.append(Break(id=6))
    made.defined_names["Terakhir"] = DefinedName("Terakhir", attr_text="Pesanan!$A$10")
    other = made.create_sheet("Rekap")
    other["A1"] = "=SUM(Pesanan!A2:A7)"
    other["A6"] = "=A5"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=2, max_row=10))
    other.add_chart(chart, "C6")
    below = BarChart()
    below.add_data(Reference(sheet, min_col=1, min_row=2, max_row=3))
    sheet.add_chart(below, "L8")
    table_sheet = made.create_sheet("Tabel")
    for row in range(1, 8):
        table_sheet.cell(row, 1, "Kepala" if row == 1 else row)
    table_sheet.add_table(Table(displayName="Tabel1", ref="A1:A7"))
    return made


def again(made: Workbook) -> Workbook:
    saved = BytesIO()
    made.save(saved)
    return load_workbook(saved)


@pytest.fixture
def moved() -> Workbook:
    """Two rows inserted at row 5, saved and loaded."""
    made = again(book())
    insert_rows(made, made["Pesanan"], 5, 2)
    return again(made)


def test_cells_and_formulas(moved: Workbook) -> None:
    """Values move, their formulas follow, and the new rows are empty."""
    sheet: Any = moved["Pesanan"]
    assert [sheet.cell(row, 1).value for row in range(1, 13)] == [1, 2, 3, 4, None, None, 5, 6, 7, 8, 9, 10]
    assert [sheet.cell(row, 2).value for row in (4, 5, 7, 12)] == ["=A4*2", None, "=A7*2", "=A12*2"]
    assert sheet["C10"].value == "=SUM(A2:A9)"
    assert (sheet["D8"].value.ref, sheet["D8"].value.text) == ("D8:D9", "=A8:A9*2")
    assert moved["Rekap"]["A1"].value == "=SUM(Pesanan!A2:A9)"
    assert moved["Rekap"]["A6"].value == "=A5"


def test_what_hangs_on_cells_and_rows(moved: Workbook) -> None:
    """Links, comments, colours, heights and hidden rows stay with their row."""
    sheet: Any = moved["Pesanan"]
    assert sheet["E8"].hyperlink.target == "https://wa.me/6281200001234"
    assert sheet["E8"].hyperlink.ref == "E8"
    assert sheet["F8"].comment.text == "catatan"
    assert sheet["F6"].comment is None
    assert sheet["A8"].fill.start_color.rgb == "FFFF0000"
    assert not sheet["A6"].has_style
    assert sheet.row_dimensions[8].height == 40
    assert sheet.row_dimensions[6].height is None
    assert sheet.row_dimensions[9].hidden
    assert not sheet.row_dimensions[7].hidden
    assert [each.id for each in sheet.row_breaks.brk] == [8]


def test_ranges(moved: Workbook) -> None:
    """Merges, validations, conditional formats, filter, print area and names cover what they covered."""
    sheet: Any = moved["Pesanan"]
    assert {each.coord for each in sheet.merged_cells.ranges} == {"G3:G9", "H8:I8"}
    (choices,) = sheet.data_validations.dataValidation
    assert (str(choices.sqref), choices.formula1) == ("J2:J9", "$A$8:$A$10")
    rules = {str(each.sqref): each.rules[0] for each in sheet.conditional_formatting}
    assert set(rules) == {"A2:A9", "A8:A11"}
    assert rules["A2:A9"].formula == ["$B8>3"]
    assert rules["A8:A11"].colorScale.cfvo[0].val == "$A$8"
    assert sheet.auto_filter.ref == "A1:F12"
    assert sheet.print_area == "'Pesanan'!$A$1:$F$12"
    assert moved.defined_names["Terakhir"].attr_text == "Pesanan!$A$12"


def test_charts(moved: Workbook) -> None:
    """Charts show what they showed, and one that stands below moves down."""
    (chart,) = moved["Rekap"]._charts  # type: ignore[attr-defined]
    assert chart.series[0].val.numRef.f == "'Pesanan'!$A$2:$A$12"
    assert chart.anchor._from.row == 5
    (below,) = moved["Pesanan"]._charts  # type: ignore[attr-defined]
    assert below.series[0].val.numRef.f == "'Pesanan'!$A$2:$A$3"
    assert below.anchor._from.row == 9


def test_table() -> None:
    """A table that spans the place grows, with its filter."""
    made = again(book())
    insert_rows(made, made["Tabel"], 5, 2)
    table = again(made)["Tabel"].tables["Tabel1"]
    assert table.ref == "A1:A9"
    assert table.autoFilter.ref == "A1:A9"


def test_last_rows_of_a_sheet() -> None:
    """Rows are never pushed off the end."""
    made = Workbook()
    sheet: Any = made.active
    sheet.cell(1_048_575, 1, "di ujung")
    with pytest.raises(SheetWouldLose):
        insert_rows(made, sheet, 5, 2)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 3), st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=3))
def test_merges_against_a_naive_model(
    at: int, count: int, corners: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    """
    A merge covers the cells it covered, and new ones only where it was cut in two; cells inside stay without values.
    """
    made = Workbook()
    sheet: Any = made.active
    taken: set[tuple[int, int]] = set()
    boxes = []
    for (ra, ca), (rb, cb) in corners:
        box = CellRange(min_row=min(ra, rb), max_row=max(ra, rb), min_col=min(ca, cb), max_col=max(ca, cb))
        cells = set(box.cells)
        if len(cells) > 1 and not cells & taken:
            taken |= cells
            boxes.append(box)
            sheet.merge_cells(box.coord)
            sheet.cell(box.min_row, box.min_col).value = box.coord
    insert_rows(made, sheet, at, count)
    after = again(made).active
    assert after is not None
    found = {each.bounds: after.cell(each.min_row, each.min_col).value for each in after.merged_cells.ranges}
    wanted = {}
    for box in boxes:
        top = box.min_row + (count if box.min_row >= at else 0)
        bottom = box.max_row + (count if box.max_row >= at else 0)
        wanted[box.min_col, top, box.max_col, bottom] = box.coord
    assert found == wanted
