"""Typing, showing and working out, as far as a seller's sheet in our tests needs it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.sheets_double.model import Book, Cell, Failure, Formula, Tab
from tests.sheets_double.references import moved, parse_reference
from tests.sheets_double.showing import show
from tests.sheets_double.typing_in import locale_of, read_typed, type_into
from tests.sheets_double.working_out import work_out

TODAY = date(2026, 8, 17)
INDONESIAN, AMERICAN = locale_of("id_ID"), locale_of("en_US")


def book_of(*rows: list[str], title: str = "A") -> Book:
    """Give a book with one tab, each cell typed."""
    tab = Tab(0, title)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            tab.put(row, column, type_into(Cell(), text, AMERICAN, TODAY))
    book = Book("Buku", tabs=[tab])
    work_out(book)
    return book


def value(book: Book, row: int, column: int) -> Any:
    """Give what a cell amounts to; the sign of a failure."""
    found = book.tabs[0].cell(row, column).effective
    return found.shown if isinstance(found, Failure) else found


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=1+2*3", 7),
        ("=(1+2)*3", 9),
        ("=2^3", 8),
        ("=-A1", -10),
        ("=A1/4", 2.5),
        ("=50%", 0.5),
        ('="a"&"b"&A1', "ab10"),
        ("=A1=10", True),
        ("=A1<>10", False),
        ('=IF(A1>5,"banyak","sedikit")', "banyak"),
        ('=IF(A1>5;"banyak";"sedikit")', "banyak"),
        ("=IF(FALSE,1)", False),
        ("=SUM(A1:A3)", 60),
        ("=SUM(A1,A2,5)", 35),
        ("=SUM(A:A)", 60),
        ("=CONCAT(A1,A2)", "1020"),
        ("=COUNTA(A1:A9)", 3),
        ("=COUNT(A1:A9)", 3),
        ("=LEN(A1)", 2),
        ("=Z99", 0),
        ("=A1/0", "#DIV/0!"),
        ('=1+"x"', "#VALUE!"),
        ("=VLOOKUP(1,A1:B2,2)", "#NAME?"),
        ("=#REF!+1", "#REF!"),
        ("=B1", "#REF!"),
        ("=Lain!A1", "#NAME?"),
        ("='A'!A2", 20),
        ("=$A$3", 30),
    ],
)
def test_formulas(formula: str, expected: Any) -> None:
    """Sums, comparisons, texts and conditions; what isn't known gives an error, as does a circle."""
    book = book_of(["10", formula], ["20"], ["30"])
    assert value(book, 0, 1) == expected


def test_a_formula_may_be_given_its_value() -> None:
    """What can't be worked out here may be told."""
    book = book_of(["1"])
    book.tabs[0].put(0, 1, Cell().holding(Formula("=VLOOKUP(1,A:A,1)"), 7))
    work_out(book)
    assert value(book, 0, 1) == 7


def test_arrays_spill() -> None:
    """Down and across, over whole columns, with conditions; they read what others spilled."""
    book = book_of(["2", "=ARRAYFORMULA(A1:A3*10)", "=SUM(B1:B3)"], ["3"], ["4"])
    assert [value(book, row, 1) for row in range(3)] == [20, 30, 40] and value(book, 0, 2) == 90
    book = book_of(["2", '=ARRAYFORMULA(IF(A1:A="","",A1:A+1))'], ["3"])
    assert [value(book, row, 1) for row in range(3)] == [3, 4, ""]


def test_a_spill_that_is_blocked() -> None:
    """Gives #REF! with where, and nothing spilled; whole again when the way is free."""
    book = book_of(["2", "=ARRAYFORMULA(A1:A3*10)"], ["3"], ["4", "x"])
    failure = book.tabs[0].cell(0, 1).effective
    assert isinstance(failure, Failure) and "B3" in failure.message and value(book, 1, 1) is None
    book.tabs[0].put(2, 1, Cell())
    work_out(book)
    assert [value(book, row, 1) for row in range(3)] == [20, 30, 40]


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "expected"),
    [
        ("=A1+$A$1", 2, 1, "=B3+$A$1"),
        ("=A$1+$A1", 2, 1, "=B$1+$A3"),
        ("=SUM(A1:B2)", 1, 0, "=SUM(A2:B3)"),
        ("=SUM(A:A)", 1, 1, "=SUM(B:B)"),
        ("=SUM(2:2)", 1, 1, "=SUM(3:3)"),
        ("=A1", -1, 0, "=#REF!"),
        ('="A1"&A1', 1, 0, '="A1"&A2'),
        ("='Bu Sari''s'!A1", 1, 0, "='Bu Sari''s'!A2"),
        ("=LOG10(A1)", 1, 0, "=LOG10(A2)"),
        ("=A1:A", 1, 0, "=A2:A"),
    ],
)
def test_references_turn(formula: str, rows: int, columns: int, expected: str) -> None:
    """When copied; what is fixed, quoted or no reference stays."""
    assert moved(formula, rows, columns) == expected


@pytest.mark.parametrize("text", ["A1", "$A$1", "A1:B2", "A:C", "2:5", "$2:$5", "A2:A", "Order!A1", "'Bu Sari''s'!$B7"])
def test_references_read_as_they_are_written(text: str) -> None:
    """Each comes back as it was."""
    assert str(parse_reference(text)) == text


@pytest.mark.parametrize(
    ("text", "indonesian", "american"),
    [
        ("1.234.567", 1234567, "1.234.567"),
        ("1,234,567", "1,234,567", 1234567),
        ("1.23", "1.23", 1.23),
        ("1,23", 1.23, "1,23"),
        ("-5", -5, -5),
        ("(5)", -5, -5),
        ("1e3", 1000, 1000),
        (" 7 ", 7, 7),
        ("3/4/2026", 46115, 46085),
        ("3 Agustus 2026", 46237, "3 Agustus 2026"),
        ("Aug 3, 2026", 46237, 46237),
        ("31/2/2026", "31/2/2026", "31/2/2026"),
        ("3-4", 46115, 46085),
        ("2026-08-03 12:00", 46237.5, 46237.5),
        ("6:00 PM", 0.75, 0.75),
        ("FALSE", False, False),
        ("=", "=", "="),
        ("0812-0000-1234", "0812-0000-1234", "0812-0000-1234"),
        ("081200001234", 81200001234, 81200001234),
        ("NST-7K2Q", "NST-7K2Q", "NST-7K2Q"),
        ("@sari", "@sari", "@sari"),
        ("--", "--", "--"),
    ],
)
def test_what_a_typed_text_is(text: str, indonesian: Any, american: Any) -> None:
    """By the language of the spreadsheet; what fits nothing stays text."""
    assert read_typed(text, INDONESIAN, TODAY).value == indonesian
    assert read_typed(text, AMERICAN, TODAY).value == american


@pytest.mark.parametrize(
    ("value_", "number_format", "indonesian"),
    [
        (1234.5, None, "1234,5"),
        (0.1 + 0.2, None, "0,3"),
        (1e20, None, "1E+20"),
        (174863, {"type": "NUMBER", "pattern": "#,##0"}, "174.863"),
        (174863, {"type": "CURRENCY", "pattern": '"Rp"#,##0'}, "Rp174.863"),
        (-5, {"type": "NUMBER", "pattern": "0.00"}, "-5,00"),
        (-5, {"type": "NUMBER", "pattern": "0;(0)"}, "(5)"),
        (7, {"type": "NUMBER", "pattern": "000"}, "007"),
        (1.5, {"type": "NUMBER", "pattern": "0.##"}, "1,5"),
        (0.256, {"type": "PERCENT", "pattern": "0%"}, "26%"),
        (12345, {"type": "SCIENTIFIC", "pattern": "0.00E+00"}, "1,23E+04"),
        (46251.75, {"type": "DATE_TIME", "pattern": "d mmmm yyyy hh:mm"}, "17 Agustus 2026 18:00"),
        (46251, {"type": "DATE"}, "17/08/2026"),
        (0.25, {"type": "TIME"}, "6:00:00"),
        (True, None, "TRUE"),
        ("teks", {"type": "NUMBER", "pattern": "0"}, "teks"),
        (None, None, ""),
    ],
)
def test_how_values_show(value_: Any, number_format: dict[str, str] | None, indonesian: str) -> None:
    """By their number format, in the language of the spreadsheet."""
    assert show(value_, number_format, INDONESIAN) == indonesian
