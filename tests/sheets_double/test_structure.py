"""Rows and columns that move take along everything that names a place."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.sheets_double import Seller, SheetsDouble
from tests.sheets_double.structure import Deletion, Insertion, Move

TAB = "Pesanan"


@pytest.fixture
def seller() -> Iterator[Seller]:
    """A spreadsheet with one tab, without a server."""
    double = SheetsDouble()
    yield double.create(tabs=[TAB], locale="en_US")
    double.close()


@pytest.mark.parametrize("seed", range(5))
def test_places_move_as_the_rows_do(seed: int) -> None:
    """Where a shift says that a line is now is where a list puts it that does the same."""
    rand = random.Random(seed)
    for _ in range(200):
        lines = list(range(12))
        kind = rand.choice(["insert", "delete", "move"])
        start = rand.randrange(12)
        end = rand.randrange(start + 1, 13)
        to = rand.randrange(13)
        if kind == "insert":
            shift: Insertion | Deletion | Move = Insertion(start, 2)
            now = [*lines[:start], -1, -1, *lines[start:]]
        elif kind == "delete":
            shift, now = Deletion(start, end), lines[:start] + lines[end:]
        elif start <= to <= end:
            continue
        else:
            shift = Move(start, end, to)
            rest = [line for line in lines if not start <= line < end]
            at = to if to < start else to - (end - start)
            now = rest[:at] + lines[start:end] + rest[at:]
        for line in lines:
            assert shift.index(line) == (now.index(line) if line in now else None)
        first = rand.randrange(12)
        last = rand.randrange(first + 1, 13)
        span = shift.span(first, last)
        if kind != "move":
            kept = [now.index(line) for line in range(first, last) if line in now]
            assert span == ((kept[0], kept[-1] + 1) if kept else None)


def test_all_that_names_a_place(seller: Seller) -> None:
    """Merges, rules, protection, filter and named ranges move down with their rows, and go with them."""
    seller.merge(TAB, "A5:B5")
    seller.protect(TAB, "C5:C6")
    seller.filter(TAB, "A7:C9")
    place = {"sheetId": 0, "startRowIndex": 4, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 1}
    rule = {"ranges": [place], "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}}}
    seller.do(
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addNamedRange": {"namedRange": {"name": "Kotak", "range": place}}},
    )

    def tops() -> list[int]:
        found = seller.settings(TAB)
        return [
            found["merges"][0]["startRowIndex"],
            found["protectedRanges"][0]["range"]["startRowIndex"],
            found["basicFilter"]["range"]["startRowIndex"],
            found["conditionalFormats"][0]["ranges"][0]["startRowIndex"],
            seller.book.named[0]["range"]["startRowIndex"],
        ]

    assert tops() == [4, 4, 6, 4, 4]
    seller.insert_rows(TAB, 2, 3)
    assert tops() == [7, 7, 9, 7, 7]
    seller.move_rows(TAB, 1, 2, above=20)
    assert tops() == [5, 5, 7, 5, 5]
    seller.delete_rows(TAB, 6, 10)
    left = seller.settings(TAB)
    assert not {"merges", "protectedRanges", "basicFilter", "conditionalFormats"} & set(left)
    assert not seller.book.named


def test_columns_likewise(seller: Seller) -> None:
    """Cells, formats and widths go along; a part of a merge can't be dragged away."""
    seller.type_row(TAB, "A1", ["a", "b", "c", "d"])
    seller.set_note(TAB, "C1", "catatan")
    seller.move_column(TAB, "C", before="A")
    assert seller.values(TAB) == [["c", "a", "b", "d"]] and seller.cell(TAB, "A1").note == "catatan"
    seller.insert_columns(TAB, "B", 2)
    assert seller.values(TAB) == [["c", "", "", "a", "b", "d"]]
    seller.merge(TAB, "D3:E3")
    with pytest.raises(Exception, match="merged"):
        seller.move_column(TAB, "D", before="A")


def test_references_across_tabs(seller: Seller) -> None:
    """Formulas of other tabs follow, also a new title; what is deleted leaves #REF!."""
    seller.add_tab("Rekap")
    seller.type(TAB, "A5", "7")
    seller.type("Rekap", "A1", "=Pesanan!A5*2")
    seller.insert_rows(TAB, 1)
    seller.rename_tab(TAB, "Order 2026")
    assert seller.formula("Rekap", "A1") == "='Order 2026'!A6*2" and seller.value("Rekap", "A1") == 14
    seller.delete_rows("Order 2026", 6)
    assert seller.formula("Rekap", "A1") == "=#REF!*2"
    seller.undo()
    seller.delete_tab("Order 2026")
    assert seller.formula("Rekap", "A1") == "=#REF!*2"


def test_sorting_takes_rows_along(seller: Seller) -> None:
    """Numbers before texts, empty last; formats and notes go with their cells, hidden rows too; merges forbid it."""
    seller.type_rows(TAB, "A1", [["No", "x"], ["3", "c"], ["teks", "t"], ["", "leer"], ["1", "a"]])
    seller.set_note(TAB, "B2", "milik c")
    seller.hide_rows(TAB, 5, 5)
    seller.sort(TAB, "A")
    assert [line[1] for line in seller.values(TAB)] == ["x", "a", "c", "t", "leer"]
    assert seller.cell(TAB, "B3").note == "milik c"
    seller.merge(TAB, "A2:A3")
    with pytest.raises(Exception, match="merged cells"):
        seller.sort(TAB, "A")
