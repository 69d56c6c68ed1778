"""
The seller's hands on her Google spreadsheet, as the requests that her clicks amount to: what may happen between any two of
our calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from intake.sheet.columns import ORDERS

Request = dict[str, Any]


class Book(Protocol):
    """A spreadsheet as its owner has it open."""

    def do(self, *requests: Request) -> None:
        """Do what the browser sends for her."""

    def tabs(self) -> dict[str, int]:
        """Give title -> sheetId."""

    def grid(self, title: str) -> list[list[Any]]:
        """Give all cells of a tab as they were typed, rows padded to the same length."""


@dataclass(frozen=True)
class Hand:
    """
    One thing that she does.

    Attributes:
        do: does it. undo: puts it right again, where we can't go on.
        blocks: code of the error that tells her, for a hand that we can't go on with.
        left: buyer and column of a cell of ours that she types over, which stays so until that order is next written.
        deletes: name of a buyer whose row she deletes. commands: what it means for the ledger: buyer's name -> note.
    """

    name: str
    do: Callable[[Book], None]
    undo: Callable[[Book], None] | None = None
    blocks: str = ""
    left: tuple[str, str] = ("", "")
    deletes: str = ""
    commands: tuple[str, str] | None = None


def orders_tab(book: Book) -> tuple[str, int]:
    """Give title and sheetId of the tab that holds the orders, by its headers, whatever it is called; not of a copy."""
    found = {}
    for title, number in book.tabs().items():
        grid = book.grid(title)
        if 2 * _headers(grid[header_row(grid)]) >= len(ORDERS.columns):
            found[title] = number
    title = next(each for each in found if found[each] != COPY)
    return title, found[title]


def header_row(grid: list[list[Any]]) -> int:
    """Give the header row, from 0."""
    return max(range(len(grid)), key=lambda row: _headers(grid[row]))


def _headers(row: list[Any]) -> int:
    return sum(1 for cell in row if " ".join(str(cell or "").split()).casefold() in _HEADERS)


_HEADERS = {header.casefold() for column in ORDERS.columns for header in column.headers.values()}
# The sheetId of a copy of the tab.
COPY = 777


def column_of(book: Book, header: str) -> int:
    """Give the column of a header, from 0."""
    grid = book.grid(orders_tab(book)[0])
    return grid[header_row(grid)].index(header)


def row_of(book: Book, buyer: str) -> int:
    """Give the row of a buyer, from 0."""
    grid = book.grid(orders_tab(book)[0])
    return next(number for number, row in enumerate(grid) if buyer in row)


def dimension(number: int, kind: str, start: int, count: int = 1) -> Request:
    return {"sheetId": number, "dimension": kind, "startIndex": start, "endIndex": start + count}


def box(number: int, rows: tuple[int, int], columns: tuple[int, int]) -> Request:
    return {
        "sheetId": number,
        "startRowIndex": rows[0],
        "endRowIndex": rows[1],
        "startColumnIndex": columns[0],
        "endColumnIndex": columns[1],
    }


def cell(value: Any) -> Request:
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, str) and value.startswith("="):
        return {"userEnteredValue": {"formulaValue": value}}
    return {"userEnteredValue": {"stringValue" if isinstance(value, str) else "numberValue": value}}


def put(number: int, row: int, column: int, *rows: list[Any]) -> Request:
    """She types."""
    return {
        "updateCells": {
            "start": {"sheetId": number, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [cell(value) for value in values]} for values in rows],
            "fields": "userEnteredValue",
        }
    }


def _sort(header: str, order: str = "ASCENDING") -> Callable[[Book], None]:
    def do(book: Book) -> None:
        title, number = orders_tab(book)
        grid = book.grid(title)
        top = header_row(grid)
        names = [row for row in range(top + 1, len(grid)) if any("Contoh" in str(value) for value in grid[row])]
        if not names:
            return
        spec = {"dimensionIndex": grid[top].index(header), "sortOrder": order}
        area = box(number, (top + 1, max(names) + 1), (0, len(grid[0])))
        book.do({"sortRange": {"range": area, "sortSpecs": [spec]}})

    return do


def _insert_rows(where: Callable[[Book], int], count: int = 1) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        number = orders_tab(book)[1]
        start = where(book)
        book.do({"insertDimension": {"range": dimension(number, "ROWS", start, count), "inheritFromBefore": start > 0}})

    return do


def _delete_rows(where: Callable[[Book], int], count: int = 1) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        book.do({"deleteDimension": {"range": dimension(orders_tab(book)[1], "ROWS", where(book), count)}})

    return do


def _insert_columns(where: Callable[[Book], int], count: int = 1) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        number, start = orders_tab(book)[1], where(book)
        wanted = dimension(number, "COLUMNS", start, count)
        book.do({"insertDimension": {"range": wanted, "inheritFromBefore": start > 0}})

    return do


def _move_column(header: str, before: str | None) -> Callable[[Book], None]:
    """Drag a column to before another; None: behind the last header."""

    def do(book: Book) -> None:
        title, number = orders_tab(book)
        grid = book.grid(title)
        heads = grid[header_row(grid)]
        target = heads.index(before) if before else max(place for place, text in enumerate(heads) if text) + 1
        source = dimension(number, "COLUMNS", heads.index(header))
        book.do({"moveDimension": {"source": source, "destinationIndex": target}})

    return do


def _several(*hands: Callable[[Book], None]) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        for hand in hands:
            hand(book)

    return do


def _rename_header(header: str, new: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        title, number = orders_tab(book)
        grid = book.grid(title)
        top = header_row(grid)
        book.do(put(number, top, grid[top].index(header), [new]))

    return do


def _rename_all(change: Callable[[str], str]) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        title, number = orders_tab(book)
        grid = book.grid(title)
        top = header_row(grid)
        names = {column.headers["id"]: column.headers["en"] for column in ORDERS.columns}
        book.do(
            *(put(number, top, place, [change(names[text])]) for place, text in enumerate(grid[top]) if text in names)
        )

    return do


def _rename_tab(old: str, new: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        number = book.tabs()[old]
        book.do({"updateSheetProperties": {"properties": {"sheetId": number, "title": new}, "fields": "title"}})

    return do


def _type(buyer: str, header: str, value: Any) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        book.do(put(orders_tab(book)[1], row_of(book, buyer), column_of(book, header), [value]))

    return do


def _prefill(header: str, value: Any) -> Callable[[Book], None]:
    """A column of her own, filled down to the last row of the grid, far below the orders."""

    def do(book: Book) -> None:
        title, number = orders_tab(book)
        grid = book.grid(title)
        top = header_row(grid)
        place = max(column for column, text in enumerate(grid[top]) if text) + 1
        book.do(put(number, top, place, [header], *([value] for _ in range(60))))

    return do


def _filter(book: Book) -> None:
    title, number = orders_tab(book)
    grid = book.grid(title)
    top = header_row(grid)
    area = box(number, (top, top + 4), (0, len(grid[0])))
    hidden = {"hiddenValues": ["Citra Contoh", "Menunggu pembayaran"]}
    spec = {"columnIndex": grid[top].index("Nama"), "filterCriteria": hidden}
    book.do({"setBasicFilter": {"filter": {"range": area, "filterSpecs": [spec]}}})


def _hide(kind: str, where: Callable[[Book], int]) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        wanted = dimension(orders_tab(book)[1], kind, where(book), 2)
        book.do(
            {
                "updateDimensionProperties": {
                    "range": wanted,
                    "properties": {"hiddenByUser": True},
                    "fields": "hiddenByUser",
                }
            }
        )

    return do


def _protect(header: str, protection: int) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        number, column = orders_tab(book)[1], column_of(book, header)
        wanted = {"sheetId": number, "startColumnIndex": column, "endColumnIndex": column + 1}
        book.do(
            {
                "addProtectedRange": {
                    "protectedRange": {
                        "protectedRangeId": protection,
                        "range": wanted,
                        "editors": {"users": ["seller@example.test"]},
                    }
                }
            }
        )

    return do


def _unprotect(protection: int) -> Callable[[Book], None]:
    return lambda book: book.do({"deleteProtectedRange": {"protectedRangeId": protection}})


def _merge_title(book: Book) -> None:
    book.do({"mergeCells": {"range": box(orders_tab(book)[1], (0, 1), (0, 6)), "mergeType": "MERGE_ALL"}})


def _copy_tab(book: Book) -> None:
    title, number = orders_tab(book)
    book.do({"duplicateSheet": {"sourceSheetId": number, "newSheetName": f"{title} (2)", "newSheetId": COPY}})


def _format(book: Book) -> None:
    number = orders_tab(book)[1]
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    book.do(
        {"repeatCell": {"range": box(number, (0, 9), (0, 9)), "cell": bold, "fields": "userEnteredFormat.textFormat"}}
    )


def _add_tab(book: Book) -> None:
    book.do({"addSheet": {"properties": {"sheetId": 888, "title": "Belanja"}}})


def _delete_lines(book: Book) -> None:
    book.do({"deleteSheet": {"sheetId": book.tabs()["Rincian"]}})


def _shrink(book: Book) -> None:
    """She deletes all the empty rows below."""
    title, number = orders_tab(book)
    grid = book.grid(title)
    used = max(row for row, values in enumerate(grid) if any(value not in {None, ""} for value in values)) + 1
    if used < len(grid):
        book.do({"deleteDimension": {"range": dimension(number, "ROWS", used, len(grid) - used)}})


def _drag_row(book: Book) -> None:
    number = orders_tab(book)[1]
    source = dimension(number, "ROWS", row_of(book, "Ayu Contoh"))
    book.do({"moveDimension": {"source": source, "destinationIndex": row_of(book, "Citra Contoh") + 1}})


def _below_header(book: Book) -> int:
    return header_row(book.grid(orders_tab(book)[0])) + 1


def _below_last(book: Book) -> int:
    return row_of(book, "Citra Contoh") + 1


def _delete_column(header: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        book.do({"deleteDimension": {"range": dimension(orders_tab(book)[1], "COLUMNS", column_of(book, header))}})

    return do


def _bring_column(header: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        title, number = orders_tab(book)
        grid = book.grid(title)
        top = header_row(grid)
        place = max(column for column, text in enumerate(grid[top]) if text) + 1
        book.do(put(number, top, place, [header]))

    return do


HANDS = (
    Hand("sorts by name", _sort("Nama")),
    Hand("sorts by name downwards", _sort("Nama", "DESCENDING")),
    Hand("sorts by order number", _sort("No. Pesanan")),
    Hand("sorts by her own column downwards", _sort("Packing", "DESCENDING")),
    Hand("drags a row", _drag_row),
    Hand("inserts a row at the top", _insert_rows(lambda book: 0)),
    Hand("inserts three rows above the header", _insert_rows(lambda book: _below_header(book) - 1, 3)),
    Hand("inserts a row below the header", _insert_rows(_below_header)),
    Hand("inserts a row between orders", _insert_rows(lambda book: row_of(book, "Bima Contoh"))),
    Hand("inserts five rows between orders", _insert_rows(lambda book: row_of(book, "Bima Contoh"), 5)),
    Hand("inserts a row below the last order", _insert_rows(_below_last)),
    Hand("deletes her title row", _delete_rows(lambda book: 0)),
    Hand("deletes an empty row below", _delete_rows(lambda book: _below_last(book) + 6)),
    Hand("deletes all empty rows below", _shrink),
    Hand("deletes an order's row", _delete_rows(lambda book: row_of(book, "Ayu Contoh")), deletes="Ayu Contoh"),
    Hand("deletes the row that is written", _delete_rows(lambda book: row_of(book, "Bima Contoh")), deletes="Bima Contoh"),
    Hand("inserts a column at the left", _insert_columns(lambda book: 0)),
    Hand("inserts two columns at the left", _insert_columns(lambda book: 0, 2)),
    Hand("inserts a column before the status", _insert_columns(lambda book: column_of(book, "Status"))),
    Hand("inserts a column before the sum due", _insert_columns(lambda book: column_of(book, "Tagihan"))),
    Hand("inserts a column before what came in", _insert_columns(lambda book: column_of(book, "Uang Masuk"))),
    Hand("moves the order number to the end", _move_column("No. Pesanan", None)),
    Hand("moves the status to the end", _move_column("Status", None)),
    Hand("moves what came in before the total", _move_column("Uang Masuk", "Total")),
    Hand("moves the courier behind the receipt", _move_column("Kurir", "Catatan Penjual")),
    Hand("moves her own column to the left", _move_column("Packing", "No. Pesanan")),
    Hand("moves several columns", _several(_move_column("Alamat", "Status"), _move_column("Bayar", "Nama"), _move_column("Resi", None))),
    Hand("renames the status header", _rename_header("Status", "Keadaan"), _rename_header("Keadaan", "Status"), "sheet_header_missing"),
    Hand("renames the order number's header", _rename_header("No. Pesanan", "Kode"), _rename_header("Kode", "No. Pesanan"), "sheet_header_missing"),
    Hand("empties a header", _rename_header("Tagihan", ""), lambda book: _fill_header_gap(book, "Tagihan"), "sheet_header_missing"),
    Hand("writes a header twice", _rename_header("Komisi", "Total"), lambda book: _undouble(book, "Total", "Komisi"), "sheet_header_twice"),
    Hand("writes headers in English", _rename_all(lambda text: text)),
    Hand("writes headers in capitals and with blanks", _rename_all(lambda text: f"  {text.upper()} ")),
    Hand("renames the tab", _rename_tab("Pesanan", "PO Lebaran")),
    Hand("renames both tabs", _several(_rename_tab("Pesanan", "PO '26 🎂"), _rename_tab("Rincian", "Isi"))),
    Hand("swaps the names of the tabs", _several(_rename_tab("Pesanan", "x"), _rename_tab("Rincian", "Pesanan"), _rename_tab("x", "Rincian"))),
    Hand("copies the tab", _copy_tab),
    Hand("copies the tab and gives the copy its name", _several(_copy_tab, _rename_tab("Pesanan", "lama"), _rename_tab("Pesanan (2)", "Pesanan"))),
    Hand("adds a tab", _add_tab),
    Hand("deletes the lines tab", _delete_lines),
    Hand("filters", _filter),
    Hand("hides rows", _hide("ROWS", _below_header)),
    Hand("hides columns", _hide("COLUMNS", lambda book: column_of(book, "Alamat"))),
    Hand("protects the status", _protect("Status", 41), _unprotect(41), "sheet_protected"),
    Hand("protects her own column", _protect("Packing", 42), _unprotect(42), "sheet_protected"),
    Hand("adds a column of formulas down to the end", _prefill("Untung", "=1+1")),
    Hand("adds a column of tick boxes down to the end", _prefill("Sudah", False)),
    Hand("merges her title", _merge_title),
    Hand("makes cells bold", _format),
    Hand("types a note for an order", _type("Ayu Contoh", "Catatan Penjual", "titip satpam"), commands=("Ayu Contoh", "titip satpam")),
    Hand("types a note for the order that is written", _type("Bima Contoh", "Catatan Penjual", "rumah biru"), commands=("Bima Contoh", "rumah biru")),
    Hand("types over a total", _type("Bima Contoh", "Total", 1), left=("Bima Contoh", "total")),
    Hand("types into her own column", _type("Citra Contoh", "Packing", "rak Z")),
    Hand("deletes a column of ours", _delete_column("Sumber"), _bring_column("Sumber"), "sheet_header_missing"),
    Hand("deletes her own column", _delete_column("Komisi")),
)  # fmt: skip


def _fill_header_gap(book: Book, header: str) -> None:
    """Write a header back into the gap between the two that stood beside it."""
    title, number = orders_tab(book)
    grid = book.grid(title)
    top = header_row(grid)
    place = grid[top].index("Total") + 1
    assert grid[top][place] in {None, ""}
    book.do(put(number, top, place, [header]))


def _undouble(book: Book, header: str, new: str) -> None:
    """Give the second of two like headers its own name again."""
    title, number = orders_tab(book)
    grid = book.grid(title)
    top = header_row(grid)
    places = [column for column, text in enumerate(grid[top]) if text == header]
    if len(places) > 1:
        book.do(put(number, top, places[-1], [new]))
