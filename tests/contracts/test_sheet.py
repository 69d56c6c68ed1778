"""
What every spreadsheet backend keeps, whatever the seller's hands do between two calls.

A backend joins by a Desk: the sheet under test, and her hands on it, which know nothing of our code. Her hands take a
tab as a plain grid of values, change it as she would, and put it back.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from openpyxl import Workbook, load_workbook

from intake.sheet import (
    Cell,
    OrderRow,
    Sheet,
    SheetError,
    SheetHeaderMissing,
    SheetHeaderTwice,
    SheetTabMissing,
    SheetTabTwice,
    same_value,
)
from intake.sheet.columns import EDITABLE, IDENTITY, LINES, ORDERS, Tab
from intake.sheet.google import GoogleSheet
from intake.sheet.google_http import GoogleClient
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_process import handle
from preorder.wording import STATUS_LABELS
from tests.intake.google_bench import AT_ONCE, connected
from tests.sheets_double.double import SheetsDouble

Grid = list[list[Any]]


class Desk(Protocol):
    """A backend and the seller at it."""

    sheet: Sheet

    def grid(self, title: str) -> Grid:
        """Give all values of a tab, rows padded to the same length."""

    def put(self, title: str, grid: Grid) -> None:
        """Make a tab hold these values and nothing else."""

    def titles(self) -> list[str]:
        """Give the titles of all tabs."""

    def rename(self, title: str, new: str) -> None:
        """Rename a tab; a new title of "" deletes it."""

    def add(self, title: str, grid: Grid) -> None:
        """Add a tab."""

    def stranger(self) -> Sheet:
        """Give the sheet as one has it who has never seen this spreadsheet."""


class WorkbookDesk:
    """A workbook on disk; her hands are openpyxl's."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "orders.xlsx"
        self.sheet: Sheet = self.stranger()

    def stranger(self) -> Sheet:
        return WorkbookSheet(
            self.path,
            language="id",
            status_labels=list(STATUS_LABELS["id"].values()),
            status_colours={},
            texts={},
            run=handle,
        )

    def grid(self, title: str) -> Grid:
        return [list(row) for row in load_workbook(self.path)[title].iter_rows(values_only=True)]

    def put(self, title: str, grid: Grid) -> None:
        book = load_workbook(self.path)
        place = book.sheetnames.index(title)
        book.remove(book[title])
        self._fill(book, title, grid, place)

    def titles(self) -> list[str]:
        return list(load_workbook(self.path).sheetnames)

    def rename(self, title: str, new: str) -> None:
        book = load_workbook(self.path)
        if new:
            book[title].title = new
        else:
            book.remove(book[title])
        book.save(self.path)

    def add(self, title: str, grid: Grid) -> None:
        book = load_workbook(self.path)
        self._fill(book, title, grid, len(book.sheetnames))

    def _fill(self, book: Workbook, title: str, grid: Grid, place: int) -> None:
        sheet = book.create_sheet(title, place)
        for number, row in enumerate(grid, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
        book.save(self.path)


class GoogleDesk:
    """A Google spreadsheet, over HTTP; her hands are those that the double gives the seller."""

    def __init__(self, double: SheetsDouble, folder: Path) -> None:
        self._double = double
        self._key = double.write_key(folder / "key.json")
        self._clients: list[GoogleClient] = []
        self._book = connected(double)
        self.sheet: Sheet = self.stranger()

    def stranger(self) -> Sheet:
        client = GoogleClient(self._book.id, str(self._key), base_url=self._double.url, pace=AT_ONCE)
        self._clients.append(client)
        return GoogleSheet(client, language="id")

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def grid(self, title: str) -> Grid:
        rows = self._book.grid(title)
        height = max((number for number, row in enumerate(rows, 1) if any(v is not None for v in row)), default=0)
        width = max((number for row in rows for number, v in enumerate(row, 1) if v is not None), default=0)
        return [row[:width] for row in rows[:height]]

    def put(self, title: str, grid: Grid) -> None:
        number, old = self._book.tabs()[title], self._book.grid(title)
        height, width = max(len(old), len(grid) + 5), max(len(old[0]), *map(len, grid))
        size = {"rowCount": height, "columnCount": width}
        fields = "gridProperties.rowCount,gridProperties.columnCount"
        self._book.do(
            {"updateSheetProperties": {"properties": {"sheetId": number, "gridProperties": size}, "fields": fields}},
            {
                "updateCells": {
                    "start": {"sheetId": number, "rowIndex": 0, "columnIndex": 0},
                    "rows": [
                        {"values": [as_literal(value) for value in [*row, *[None] * (width - len(row))]]}
                        for row in grid + [[]] * (height - len(grid))
                    ],
                    "fields": "userEnteredValue",
                }
            },
        )

    def titles(self) -> list[str]:
        return list(self._book.tabs())

    def rename(self, title: str, new: str) -> None:
        number = self._book.tabs()[title]
        if new:
            self._book.do(
                {"updateSheetProperties": {"properties": {"sheetId": number, "title": new}, "fields": "title"}}
            )
        else:
            self._book.do({"deleteSheet": {"sheetId": number}})

    def add(self, title: str, grid: Grid) -> None:
        self._book.do({"addSheet": {"properties": {"title": title}}})
        self.put(title, grid)


def as_literal(value: Any) -> dict[str, Any]:
    """Give a cell that holds just this, whatever it looks like."""
    if value is None:
        return {}
    return {"userEnteredValue": {"stringValue" if isinstance(value, str) else "numberValue": value}}


@contextlib.contextmanager
def google_desk(folder: Path) -> Iterator[Desk]:
    """Give a Google spreadsheet on this machine."""
    with SheetsDouble(per_account=None, per_project=None) as double:
        made = GoogleDesk(double, folder)
        yield made
        made.close()


@contextlib.contextmanager
def workbook_desk(folder: Path) -> Iterator[Desk]:
    """Give a workbook."""
    yield WorkbookDesk(folder)


BACKENDS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Desk]]] = {
    "google": google_desk,
    "workbook": workbook_desk,
}


@pytest.fixture(params=sorted(BACKENDS))
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with BACKENDS[request.param](tmp_path) as made:
        yield made


PLACED = "Menunggu pembayaran"


def order(
    ref: str, *products: str, insert: bool = True, seen: dict[str, Any] | None = None, **values: Cell
) -> OrderRow:
    """An order as the ledger would have it shown; products are its lines."""
    shown: dict[str, Cell] = {
        "ref": ref,
        "status": PLACED,
        "name": "Rani Contoh",
        "whatsapp": "+6281200001234",
        "summary": "2 x Nastar",
        "buyer_note": "",
        "total": 150000,
        "due": 149863,
        "pay_by": "Kamis, 10 Desember 2026 24.00 WIB",
        "money_in": None,
        "payment": "Belum bayar",
        "delivery": "Kurir",
        "shipping": 18000,
        "address": "Jl. Melati No. 3, Bandung",
        "courier": None,
        "tracking": None,
        "seller_note": None,
        "chat": "https://wa.me/6281200001234",
        "campaign": "Nastar Lebaran",
        "placed_at": "Minggu, 22 November 2026 13.05 WIB",
        "channel": "instagram",
        "message": None,
    }
    shown.update(values)
    lines = tuple(
        {
            "ref": ref,
            "product": product,
            "variant": "Kecil",
            "options": "",
            "qty": 2,
            "price": 50000,
            "subtotal": 100000,
            "note": "",
            "done": 0,
        }
        | {"status": shown["status"]}
        for product in products
    )
    return OrderRow(ref, shown, {} if seen is None else seen, lines, insert)


def seen_of(row: OrderRow) -> dict[str, Cell]:
    """What we note after a write: the editable cells as we wrote them."""
    return {code: row.values[code] for code in EDITABLE}


def header_row(grid: Grid, tab: Tab = ORDERS) -> int:
    wanted = tab.columns[0].headers["id"]
    return next(number for number, row in enumerate(grid) if wanted in row)


def find(grid: Grid, ref: str, header: str, tab: Tab = ORDERS) -> tuple[int, int]:
    """Row and column (from 0) of a cell, by the ref and the header that a person would look for."""
    top = header_row(grid, tab)
    refs, column = grid[top].index(tab.columns[0].headers["id"]), grid[top].index(header)
    return next(number for number, row in enumerate(grid) if number > top and row[refs] == ref), column


def value(desk: Desk, ref: str, header: str, title: str = "Pesanan") -> Any:
    grid = desk.grid(title)
    row, column = find(grid, ref, header)
    return grid[row][column]


def type_in(desk: Desk, ref: str, header: str, text: Any) -> None:
    """She types into a cell."""
    grid = desk.grid("Pesanan")
    row, column = find(grid, ref, header)
    grid[row][column] = text
    desk.put("Pesanan", grid)


def refs(desk: Desk, title: str = "Pesanan") -> list[Any]:
    grid = desk.grid(title)
    top = header_row(grid)
    place = grid[top].index("No. Pesanan")
    return [row[place] for row in grid[top + 1 :] if row[place]]


def test_writes_and_reads_back(desk: Desk) -> None:
    """Orders stand in the sheet in the order given, each value under its header, and read as they were written."""
    first, second = order("NST-0001", "Nastar", "Kastengel"), order("NST-0002", "Nastar")
    report = desk.sheet.write([first, second])
    assert report.written == ("NST-0001", "NST-0002")
    assert not report.missing
    assert not report.edited
    assert not report.duplicates
    assert refs(desk) == ["NST-0001", "NST-0002"]
    for column in ORDERS.columns:
        assert same_value(value(desk, "NST-0001", column.headers["id"]), first.values[column.code]), column.code
    assert refs(desk, "Rincian") == ["NST-0001", "NST-0001", "NST-0002"]
    view = desk.sheet.read()
    assert [row.ref for row in view.rows] == ["NST-0001", "NST-0002"]
    assert set(view.rows[0].values) == {*EDITABLE, *IDENTITY}
    assert all(same_value(view.rows[0].values[code], first.values[code]) for code in (*EDITABLE, *IDENTITY))
    assert view.duplicates == ()
    assert view.hand_rows == ()


def test_writing_twice_changes_nothing(desk: Desk) -> None:
    """The same write again, as after a crash before it could be noted, adds no row and alters none."""
    rows = [order("NST-0001", "Nastar"), order("NST-0002", "Nastar", "Kastengel")]
    desk.sheet.write(rows)
    before, view = {title: desk.grid(title) for title in desk.titles()}, desk.sheet.read()
    assert desk.sheet.write(rows).written == ("NST-0001", "NST-0002")
    assert {title: desk.grid(title) for title in desk.titles()} == before
    assert desk.sheet.read().fingerprint == view.fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+62812",
        "-5",
        "@SUM(A1)",
        "0812",
        "#N/A",
        "1-2",
        "12E5",
        "TRUE",
        "'tis",
        "🍪 manis",
        "dua\nbaris",
        "_x0041_",
        "a" * 5000,
    ],
)
def test_text_is_literal(desk: Desk, text: str) -> None:
    """Whatever a buyer typed stands there as text: no formula, no number, no date, no lost zero."""
    assert desk.sheet.write([order("NST-0001", "Nastar", name=text, seller_note=text)]).written == ("NST-0001",)
    assert desk.sheet.read().rows[0].values["seller_note"] == text
    assert desk.sheet.write([order("NST-0001", "Nastar", name=text, seller_note=text)]).edited == {}


@pytest.mark.parametrize("text", ["a\x00b", "bel\x07", "\ud800", "\uffff", "\x0b"])
def test_unwritable_characters_do_not_stop_the_sheet(desk: Desk, text: str) -> None:
    """A character that no spreadsheet can hold becomes a replacement mark; the order arrives, and arrives once."""
    row = order("NST-0001", "Nastar", buyer_note=f"x{text}y")
    assert desk.sheet.write([row]).written == ("NST-0001",)
    assert desk.sheet.write([row]).written == ("NST-0001",)
    assert refs(desk) == ["NST-0001"]


def test_update_writes_what_differs(desk: Desk) -> None:
    """A changed order changes in its row, in the orders tab and in the lines."""
    first = order("NST-0001", "Nastar")
    desk.sheet.write([first, order("NST-0002", "Nastar")])
    paid = order(
        "NST-0001",
        "Nastar",
        "Kastengel",
        status="Lunas",
        payment="Lunas",
        money_in=149863,
        seen=seen_of(first),
        insert=False,
    )
    assert desk.sheet.write([paid]).written == ("NST-0001",)
    assert value(desk, "NST-0001", "Status") == "Lunas"
    assert value(desk, "NST-0001", "Uang Masuk") == 149863
    assert value(desk, "NST-0002", "Status") == PLACED
    assert refs(desk, "Rincian") == ["NST-0001", "NST-0002", "NST-0001"]


def test_emptying_a_cell(desk: Desk) -> None:
    """None empties a cell of ours."""
    first = order("NST-0001", "Nastar", message="Kurang Rp20.000")
    desk.sheet.write([first])
    desk.sheet.write([order("NST-0001", "Nastar", message=None, seen=seen_of(first))])
    assert not value(desk, "NST-0001", "Pesan Sistem")


@pytest.mark.parametrize(
    ("code", "typed"), [("status", "Lunas"), ("money_in", 150000), ("tracking", "JP0012345678"), ("seller_note", None)]
)
def test_her_unread_edit_wins(desk: Desk, code: str, typed: Any) -> None:
    """
    An editable cell that differs from what we last saw is left alone and reported; the rest of the row is written.
    """
    first = order("NST-0001", "Nastar", seller_note="titip")
    desk.sheet.write([first])
    header = ORDERS.column(code).headers["id"]
    type_in(desk, "NST-0001", header, typed)
    report = desk.sheet.write([order("NST-0001", "Nastar", seller_note="lain", status="Kedaluwarsa", money_in=1, tracking="x", message="!",
                                     seen=seen_of(first))])  # fmt: skip
    assert report.edited == {"NST-0001": {code: typed}}
    assert report.written == ("NST-0001",)
    assert value(desk, "NST-0001", header) == typed
    assert value(desk, "NST-0001", "Pesan Sistem") == "!"
    assert desk.sheet.read().rows[0].values[code] == typed


def test_a_row_that_is_final_is_written_over_whatever_stands_there(desk: Desk) -> None:
    """
    Of an erased order nothing is a command: what she has typed into it and nobody has read goes as well, in both tabs,
    and is not reported as an edit.
    """
    first = order("NST-0001", "Nastar", seller_note="titip")
    desk.sheet.write([first])
    for header, typed in (("Catatan Penjual", "titip untuk Bu Rani"), ("Status", "Lunas"), ("Nama", "Bu Rani")):
        type_in(desk, "NST-0001", header, typed)
    blank: dict[str, Cell] = dict.fromkeys(("name", "whatsapp", "address", "chat", "seller_note"))
    wanted = order("NST-0001", "Nastar", insert=False, seen={"status": PLACED}, **blank)
    lines = tuple(dict(line) | {"options": None} for line in wanted.lines)
    report = desk.sheet.write([dataclasses.replace(wanted, lines=lines, final=True)])
    assert (report.written, report.edited) == (("NST-0001",), {})
    assert value(desk, "NST-0001", "Status") == PLACED
    assert not any(value(desk, "NST-0001", ORDERS.column(code).headers["id"]) for code in blank)
    assert desk.sheet.write([dataclasses.replace(wanted, lines=lines, final=True)]).edited == {}


def test_edit_that_is_what_we_want(desk: Desk) -> None:
    """She typed just what the ledger came to say: nothing to report."""
    first = order("NST-0001", "Nastar")
    desk.sheet.write([first])
    type_in(desk, "NST-0001", "Status", "Lunas")
    report = desk.sheet.write([order("NST-0001", "Nastar", status="Lunas", seen=seen_of(first))])
    assert report.edited == {}
    assert report.written == ("NST-0001",)


def test_overtyped_system_cell_is_put_right(desk: Desk) -> None:
    """What is not hers to edit is restored by the next write of that order."""
    first = order("NST-0001", "Nastar")
    desk.sheet.write([first])
    type_in(desk, "NST-0001", "Total", 1)
    desk.sheet.write([order("NST-0001", "Nastar", seen=seen_of(first))])
    assert value(desk, "NST-0001", "Total") == 150000


def sort_by_name(grid: Grid) -> Grid:
    top = header_row(grid)
    place = grid[top].index("Nama")
    return [*grid[: top + 1], *sorted(grid[top + 1 :], key=lambda row: str(row[place]), reverse=True)]


def title_rows(grid: Grid) -> Grid:
    width = len(grid[0])
    return [["PO Lebaran Dapur Contoh"] + [None] * (width - 1), [None] * width, *grid]


def own_column_first(grid: Grid) -> Grid:
    return [["Packing" if number == header_row(grid) else f"rak {number}", *row] for number, row in enumerate(grid)]


def own_column_among(grid: Grid) -> Grid:
    return [
        [*row[:3], "Ulang tahun" if number == header_row(grid) else None, *row[3:]] for number, row in enumerate(grid)
    ]


def columns_reversed(grid: Grid) -> Grid:
    return [row[::-1] for row in grid]


def blank_rows_between(grid: Grid) -> Grid:
    top = header_row(grid)
    width = len(grid[0])
    return [*grid[: top + 1], *(each for row in grid[top + 1 :] for each in ([None] * width, row))]


def english_headers(grid: Grid) -> Grid:
    names = {column.headers["id"]: column.headers["en"].upper() + "  " for column in ORDERS.columns}
    top = header_row(grid)
    return [[names[cell] for cell in row] if number == top else row for number, row in enumerate(grid)]


def alike_column(grid: Grid) -> Grid:
    """Her own column whose name is our header in the other language."""
    return [["Order" if number == header_row(grid) else "hers", *row] for number, row in enumerate(grid)]


@pytest.mark.parametrize(
    "hands",
    [
        sort_by_name,
        title_rows,
        own_column_first,
        own_column_among,
        columns_reversed,
        blank_rows_between,
        english_headers,
        alike_column,
    ],
    ids=lambda hands: hands.__name__,
)
def test_rearranged(desk: Desk, hands: Callable[[Grid], Grid]) -> None:
    """
    However she rearranges the tab, updates find their row, fresh orders arrive once below, and what is hers stays.
    """
    rows = [order(f"NST-000{n}", "Nastar", name=name) for n, name in enumerate(["Ayu", "Citra", "Bima"], start=1)]
    desk.sheet.write(rows)
    moved = hands(desk.grid("Pesanan"))
    desk.put("Pesanan", moved)
    view = desk.sheet.read()
    assert sorted(row.ref for row in view.rows) == ["NST-0001", "NST-0002", "NST-0003"]
    changed = order("NST-0002", "Nastar", name="Citra", status="Lunas", seen=seen_of(rows[1]), insert=False)
    report = desk.sheet.write([changed, order("NST-0004", "Nastar", name="Dewi")])
    assert report.written == ("NST-0002", "NST-0004")
    assert report.edited == {}
    after = desk.grid("Pesanan")
    expected = [
        [("Lunas" if cell == PLACED and "NST-0002" in row else cell) for cell in row]
        + [None] * (len(after[0]) - len(row))
        for row in moved
    ]
    assert after[: len(moved)] == expected
    assert len(after) == len(moved) + 1
    assert "NST-0004" in after[-1]
    found = {row.ref: row.values["status"] for row in desk.sheet.read().rows}
    assert found == {"NST-0001": PLACED, "NST-0002": "Lunas", "NST-0003": PLACED, "NST-0004": PLACED}


def test_something_below(desk: Desk) -> None:
    """Fresh orders go between the last order and what she wrote further down, which moves and stays whole."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    grid = desk.grid("Pesanan")
    below = [None] * len(grid[0])
    below[2] = "jumlah pelanggan"
    desk.put("Pesanan", [*grid, below])
    assert [row.values for row in desk.sheet.read().hand_rows] == [{"name": "jumlah pelanggan"}]
    desk.sheet.write([order("NST-0002", "Nastar"), order("NST-0003", "Nastar")])
    after = desk.grid("Pesanan")
    assert refs(desk) == ["NST-0001", "NST-0002", "NST-0003"]
    assert after[-1] == below


def test_renamed_tab(desk: Desk) -> None:
    """A renamed tab is found by its headers."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    desk.rename("Pesanan", "PO Lebaran")
    desk.rename("Rincian", "Isi")
    assert desk.sheet.write([order("NST-0002", "Nastar")]).created == ()
    assert refs(desk, "PO Lebaran") == ["NST-0001", "NST-0002"]
    assert refs(desk, "Isi") == ["NST-0001", "NST-0002"]


def test_her_copy_of_a_tab(desk: Desk) -> None:
    """
    A copy that she keeps of the tab is never written to; without the original's title nobody can tell which is which
    who has not seen it before, and we ask.
    """
    desk.sheet.write([order("NST-0001", "Nastar")])
    copy = desk.grid("Pesanan")
    desk.add("Pesanan (2)", copy)
    desk.sheet.write([order("NST-0002", "Nastar")])
    assert desk.grid("Pesanan (2)") == copy
    desk.rename("Pesanan", "Pesanan (3)")
    with pytest.raises(SheetTabTwice) as caught:
        desk.stranger().read()
    assert sorted(caught.value.fields["titles"]) == ["Pesanan (2)", "Pesanan (3)"]


def test_deleted_orders_tab(desk: Desk) -> None:
    """Without the orders tab nothing is written, and the error names it."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    desk.rename("Pesanan", "")
    with pytest.raises(SheetTabMissing) as caught:
        desk.sheet.write([order("NST-0002", "Nastar")])
    assert caught.value.fields["tab"] == "Pesanan"
    assert caught.value.permanent
    assert refs(desk, "Rincian") == ["NST-0001"]


def test_deleted_lines_tab(desk: Desk) -> None:
    """The lines tab is made again, and the report says so: what it lacks was not deleted row by row."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    desk.rename("Rincian", "")
    assert desk.sheet.write([order("NST-0002", "Nastar")]).created == ("lines",)
    assert refs(desk, "Rincian") == ["NST-0002"]


@pytest.mark.parametrize("column", ORDERS.columns, ids=lambda column: column.code)
def test_lost_header(desk: Desk, column: Any) -> None:
    """A header of ours that she overtyped: nothing is written until it is put back, then the gap is filled once."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    grid = desk.grid("Pesanan")
    place = grid[0].index(column.headers["id"])
    grid[0][place] = "xyz"
    desk.put("Pesanan", grid)
    for call in (desk.sheet.read, lambda: desk.sheet.write([order("NST-0002", "Nastar")])):
        with pytest.raises(SheetHeaderMissing) as caught:
            call()
        assert caught.value.fields == {"tab": "Pesanan", "columns": [column.headers["id"]]}
    assert desk.grid("Pesanan") == grid
    grid[0][place] = column.headers["id"]
    desk.put("Pesanan", grid)
    desk.sheet.write([order("NST-0002", "Nastar")])
    assert refs(desk) == ["NST-0001", "NST-0002"]


def test_double_header(desk: Desk) -> None:
    """Two columns of one name: we don't guess."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    desk.put("Pesanan", [[*row, "Total" if number == 0 else None] for number, row in enumerate(desk.grid("Pesanan"))])
    with pytest.raises(SheetHeaderTwice) as caught:
        desk.sheet.write([order("NST-0002", "Nastar")])
    assert caught.value.fields == {"tab": "Pesanan", "columns": ["Total"]}


def test_lost_header_of_the_lines(desk: Desk) -> None:
    """It names the tab, and the orders tab is not written either: all or none."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    grid = desk.grid("Rincian")
    grid[0][4] = ""
    desk.put("Rincian", grid)
    with pytest.raises(SheetError) as caught:
        desk.sheet.write([order("NST-0002", "Nastar")])
    assert caught.value.fields == {"tab": "Rincian", "columns": [LINES.columns[4].headers["id"]]}
    assert refs(desk) == ["NST-0001"]


def test_deleted_row(desk: Desk) -> None:
    """
    A row that should be there and isn't is reported, not made again; its lines aren't either, and the others are
    written.
    """
    rows = [order("NST-0001", "Nastar"), order("NST-0002", "Nastar")]
    desk.sheet.write(rows)
    grid = desk.grid("Pesanan")
    desk.put("Pesanan", [row for row in grid if "NST-0001" not in row])
    report = desk.sheet.write([order(row.ref, "Nastar", "Kue Kering", seen=seen_of(row), insert=False) for row in rows])
    assert report.missing == ("NST-0001",)
    assert report.written == ("NST-0002",)
    assert refs(desk) == ["NST-0002"]
    assert refs(desk, "Rincian") == ["NST-0001", "NST-0002", "NST-0002"]


def test_edited_ref(desk: Desk) -> None:
    """
    A changed ref makes its row unknown: the old one is missing, the new one is given to the caller, and nothing is
    overwritten.
    """
    first = order("NST-0001", "Nastar")
    desk.sheet.write([first])
    type_in(desk, "NST-0001", "No. Pesanan", "NST-9999")
    report = desk.sheet.write([order("NST-0001", "Nastar", status="Lunas", seen=seen_of(first), insert=False)])
    assert report.missing == ("NST-0001",)
    assert [row.ref for row in desk.sheet.read().rows] == ["NST-9999"]
    assert value(desk, "NST-9999", "Status") == PLACED


def test_ref_retyped_in_small_letters(desk: Desk) -> None:
    """It is still that order."""
    first = order("NST-0001", "Nastar")
    desk.sheet.write([first])
    type_in(desk, "NST-0001", "No. Pesanan", " nst-0001 ")
    assert [row.ref for row in desk.sheet.read().rows] == ["NST-0001"]
    assert desk.sheet.write([order("NST-0001", "Nastar", seen=seen_of(first), insert=False)]).written == ("NST-0001",)
    assert refs(desk) == ["NST-0001"]


def test_copied_row(desk: Desk) -> None:
    """A ref that stands twice is reported by read and write, and both rows are left alone, whatever else is written."""
    first = order("NST-0001", "Nastar")
    desk.sheet.write([first])
    grid = desk.grid("Pesanan")
    desk.put("Pesanan", [*grid, list(grid[1])])
    view = desk.sheet.read()
    assert view.duplicates == ("NST-0001",)
    assert view.rows == ()
    report = desk.sheet.write(
        [order("NST-0001", "Nastar", status="Lunas", seen=seen_of(first)), order("NST-0002", "Nastar")]
    )
    assert report.duplicates == ("NST-0001",)
    assert report.written == ("NST-0002",)
    assert [row[1] for row in desk.grid("Pesanan")[1:]] == [PLACED, PLACED, PLACED]


def test_hand_typed_row(desk: Desk) -> None:
    """A row of hers without a ref is reported with what she filled in, and stays."""
    desk.sheet.write([order("NST-0001", "Nastar")])
    grid = desk.grid("Pesanan")
    typed = [None] * len(grid[0])
    typed[2], typed[4], typed[6] = "Bu Contoh", "3 x Nastar", 225000
    desk.put("Pesanan", [*grid, typed])
    (hand,) = desk.sheet.read().hand_rows
    assert hand.values == {"name": "Bu Contoh", "summary": "3 x Nastar", "total": 225000}
    desk.sheet.write([order("NST-0002", "Nastar")])
    assert typed in desk.grid("Pesanan")


def test_sorted_lines_keep_what_she_noted(desk: Desk) -> None:
    """
    Lines are known by what they are about: after she sorted them her note beside a line still stands beside that line.
    """
    first = order("NST-0001", "Nastar", "Kastengel")
    desk.sheet.write([first])
    grid = [[*row, note] for row, note in zip(desk.grid("Rincian"), ["Dapur", "oven 1", "oven 2"], strict=True)]
    desk.put("Rincian", [grid[0], grid[2], grid[1]])
    desk.sheet.write([order("NST-0001", "Nastar", "Kastengel", status="Lunas", seen=seen_of(first))])
    after = desk.grid("Rincian")
    assert [(row[1], row[9], row[10]) for row in after[1:]] == [
        ("Kastengel", "Lunas", "oven 2"),
        ("Nastar", "Lunas", "oven 1"),
    ]


def test_changed(desk: Desk) -> None:
    """
    It is told before the first read, after her edit, and after a write over an edit not yet read; not after a read or a
    write of our own.
    """
    desk.sheet.write([order("NST-0001", "Nastar")])
    assert desk.sheet.changed()
    desk.sheet.read()
    assert not desk.sheet.changed()
    desk.sheet.write([order("NST-0002", "Nastar")])
    assert not desk.sheet.changed()
    type_in(desk, "NST-0001", "Resi", "JP1")
    assert desk.sheet.changed()
    desk.sheet.write([order("NST-0003", "Nastar")])
    assert desk.sheet.changed()
    assert {row.ref: row.values["tracking"] for row in desk.sheet.read().rows}["NST-0001"] == "JP1"
    assert not desk.sheet.changed()


def test_many_at_once(desk: Desk) -> None:
    """A burst arrives whole, each order once, in its order."""
    rows = [order(f"NST-{n:04}", "Nastar") for n in range(200)]
    assert len(desk.sheet.write(rows).written) == 200
    assert refs(desk) == [row.ref for row in rows]
