"""
What every backend keeps when it writes into a row that she typed: the row is found by what stands in it, and nothing
else is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.sheet import HandRow, OrderRow, SheetMissing, WriteReport
from intake.sheet.hands import HandMark, HandSheet, MarkReport
from tests.contracts.test_sheet import BACKENDS, Desk, header_row, order, refs

TYPED = {"Nama": "Bu Rina", "WhatsApp": "0812-0000-7777", "Pesanan": "2 nastar", "Alamat": "=1+1"}


@pytest.fixture(params=sorted(BACKENDS))
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A sheet with one order, and her hands on it."""
    with BACKENDS[request.param](tmp_path) as made:
        written(made, order("NST-0001", "Nastar"))
        yield made


def written(desk: Desk, *rows: OrderRow) -> WriteReport:
    """Write orders as a round of the shop does."""
    report = desk.sheet.write(rows)
    desk.sheet.confirm()
    return report


def marked(desk: Desk, *marks: HandMark, edition: str = "") -> MarkReport:
    """Write into rows of hers as a round of the shop does."""
    desk.sheet.settle()
    report = sheet_of(desk).mark(marks, edition=edition)
    desk.sheet.confirm()
    return report


def sheet_of(desk: Desk) -> HandSheet:
    """Give its sheet as one that writes into rows of hers."""
    sheet: Any = desk.sheet
    assert callable(sheet.mark)
    found: HandSheet = sheet
    return found


def put(desk: Desk, *rows: dict[str, Any], first: bool = False) -> None:
    """She types rows below all others, or directly below the header."""
    grid = desk.grid("Pesanan")
    top = header_row(grid)
    typed = [[row.get(name) for name in grid[top]] for row in rows]
    desk.put("Pesanan", [*grid[: top + 1], *typed, *grid[top + 1 :]] if first else [*grid, *typed])


def hand_rows(desk: Desk) -> tuple[HandRow, ...]:
    """Give her rows as a read finds them."""
    return desk.sheet.read().hand_rows


def row_with(desk: Desk, header: str, value: Any) -> dict[str, Any]:
    """Give the only row that holds a value."""
    grid = desk.grid("Pesanan")
    top = header_row(grid)
    (row,) = [row for row in grid[top + 1 :] if row[grid[top].index(header)] == value]
    return {name: cell for name, cell in zip(grid[top], row, strict=True) if cell is not None}


def test_a_mark_stands_in_her_row_and_nothing_else_changes(desk: Desk) -> None:
    """The message appears, and a read finds it; her cells, formulas as text among them, and our order are as before."""
    put(desk, TYPED)
    (row,) = hand_rows(desk)
    before = row_with(desk, "No. Pesanan", "NST-0001")
    report = marked(desk, HandMark(row, {"message": "sebentar #K7Q2MX"}))
    assert report.marked == (0,)
    assert row_with(desk, "Nama", "Bu Rina") == TYPED | {"Pesan Sistem": "sebentar #K7Q2MX"}
    assert row_with(desk, "No. Pesanan", "NST-0001") == before
    (again,) = hand_rows(desk)
    assert again.values["message"] == "sebentar #K7Q2MX"


def test_the_row_is_found_wherever_it_has_gone(desk: Desk) -> None:
    """She has moved it, and put others in its place, since it was read."""
    put(desk, TYPED)
    (row,) = hand_rows(desk)
    grid = desk.grid("Pesanan")
    top = header_row(grid)
    desk.put("Pesanan", [*grid[: top + 1], grid[-1], *grid[top + 1 : -1]])
    put(desk, {"Nama": "Bu Sari", "WhatsApp": "0812-0000-8888"})
    assert marked(desk, HandMark(row, {"message": "#K7Q2MX"})).marked == (0,)
    assert row_with(desk, "Pesan Sistem", "#K7Q2MX")["Nama"] == "Bu Rina"


@pytest.mark.parametrize("change", [{"Nama": "Bu Rini"}, {"Pesanan": None}, {"Catatan Penjual": "pita"}, {"Total": 5}])
def test_a_row_that_she_has_edited_is_left_alone(desk: Desk, change: dict[str, Any]) -> None:
    """Not even its old place is written to: what was read is not there any more."""
    put(desk, TYPED)
    (row,) = hand_rows(desk)
    grid = desk.grid("Pesanan")
    top = header_row(grid)
    for name, value in change.items():
        grid[-1][grid[top].index(name)] = value
    desk.put("Pesanan", grid)
    report = marked(desk, HandMark(row, {"message": "#K7Q2MX"}), HandMark(row, {"ref": "NST-0002"}))
    assert report.marked == () and desk.grid("Pesanan") == grid


def test_a_row_that_is_gone_is_not_made_again(desk: Desk) -> None:
    """Nothing is inserted for it."""
    put(desk, TYPED)
    (row,) = hand_rows(desk)
    desk.put("Pesanan", desk.grid("Pesanan")[:-1])
    assert marked(desk, HandMark(row, {"ref": "NST-0002"})).marked == ()
    assert refs(desk) == ["NST-0001"] and hand_rows(desk) == ()


def test_rows_alike_get_a_mark_each(desk: Desk) -> None:
    """Two equal rows are two rows: no mark is written over the other."""
    put(desk, TYPED, TYPED)
    rows = hand_rows(desk)
    marks = [HandMark(row, {"message": f"#MARK{number}"}) for number, row in enumerate(rows)]
    assert marked(desk, *marks).marked == (0, 1)
    assert sorted(str(row.values["message"]) for row in hand_rows(desk)) == ["#MARK0", "#MARK1"]
    # A third one finds none that is left.
    assert marked(desk, HandMark(rows[0], {"message": "#MARK2"})).marked == ()


def test_with_its_ref_it_is_a_row_like_any_other(desk: Desk) -> None:
    """The ref is written alone; the next write fills that row and makes no fresh one, whatever she typed stays hers."""
    put(desk, TYPED | {"Uang Masuk": 65_000}, first=True)
    (row,) = hand_rows(desk)
    assert marked(desk, HandMark(row, {"ref": "NST-0002"})).marked == (0,)
    assert row_with(desk, "No. Pesanan", "NST-0002") == TYPED | {"Uang Masuk": 65_000, "No. Pesanan": "NST-0002"}
    typed = {
        "money_in": 65_000,
        "status": None,
        "shipping": None,
        "courier": None,
        "tracking": None,
        "seller_note": None,
    }
    wanted = order("NST-0002", "Nastar", name="Bu Rina", money_in=130_000)
    report = written(desk, OrderRow(wanted.ref, wanted.values, typed, wanted.lines, insert=True))
    assert report.written == ("NST-0002",) and not report.edited
    assert refs(desk) == ["NST-0002", "NST-0001"] and hand_rows(desk) == ()
    filled = row_with(desk, "No. Pesanan", "NST-0002")
    assert (filled["Uang Masuk"], filled["Total"], filled["Alamat"]) == (130_000, 150_000, "Jl. Melati No. 3, Bandung")


def test_what_she_typed_after_it_was_placed_is_left_for_her_command(desk: Desk) -> None:
    """A cell that differs from what was seen at placing is reported and not overwritten."""
    put(desk, TYPED | {"Uang Masuk": 148_000})
    (row,) = hand_rows(desk)
    marked(desk, HandMark(row, {"ref": "NST-0002"}))
    typed = {"money_in": None, "status": None, "shipping": None, "courier": None, "tracking": None, "seller_note": None}
    wanted = order("NST-0002", "Nastar")
    report = written(desk, OrderRow(wanted.ref, wanted.values, typed, wanted.lines))
    assert report.edited == {"NST-0002": {"money_in": 148_000}}
    assert row_with(desk, "No. Pesanan", "NST-0002")["Uang Masuk"] == 148_000


def test_twice_changes_nothing(desk: Desk) -> None:
    """The row holds other values then, and is not found."""
    put(desk, TYPED)
    (row,) = hand_rows(desk)
    marks = [HandMark(row, {"message": "#K7Q2MX"})]
    marked(desk, *marks)
    before = desk.grid("Pesanan")
    assert marked(desk, *marks).marked == () and desk.grid("Pesanan") == before


def test_a_mark_carries_the_edition_and_a_message_can_go(desk: Desk) -> None:
    """A write into her row is a write of ours; an empty message leaves an empty cell."""
    put(desk, TYPED)
    (row,) = hand_rows(desk)
    report = marked(desk, HandMark(row, {"message": "#K7Q2MX"}), edition="0000000000001-aa")
    assert report.edition == desk.sheet.read().edition == "0000000000001-aa"
    (row,) = hand_rows(desk)
    assert marked(desk, HandMark(row, {"message": None}), edition="0000000000002-bb").marked == (0,)
    assert row_with(desk, "Nama", "Bu Rina") == TYPED


def test_without_a_workbook_there_is_nothing_to_mark(tmp_path: Path) -> None:
    """A book that she moved away is not made again for a row that was in it."""
    with BACKENDS["workbook"](tmp_path) as desk, pytest.raises(SheetMissing):
        marked(desk, HandMark(HandRow({"name": "Bu Rina"}, 2), {"message": "#K7Q2MX"}))
    assert list(tmp_path.glob("*.xlsx")) == []
