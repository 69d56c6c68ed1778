"""Orders in an openpyxl workbook: find the tabs, read the rows, put rows in. No files in here: bytes in, bytes out."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.worksheet.cell_range import CellRange

from intake.sheet import Found, OrderRow, SheetTooLarge, SheetUnreadable, SheetWouldLose, canonical, canonical_ref
from intake.sheet.columns import HEADER_DEPTH, TABS, Header, Tab, find_tab
from intake.sheet.workbook_look import AutoRow, found_text

# First column, first row, last column, last row.
Box = tuple[int, int, int, int]

# Name of the property that tells which of our writes a book descends from, and the part of the file that holds it.
EDITION = "Etalase edition"
CUSTOM_PROPERTIES = "docProps/custom.xml"

# Warnings of openpyxl at loading that tell of nothing lost.
_HARMLESS = re.compile("no default style")


@dataclass(frozen=True)
class Row:
    """
    A row of a tab of ours that holds something in our columns. unknown: codes whose value can't be known now (see
    SeenRow); covered: those of them that lie hidden under a merge.
    """

    number: int
    values: Mapping[str, Found]
    unknown: frozenset[str]
    covered: frozenset[str] = frozenset()

    @property
    def ref(self) -> str:
        """Its ref, "" for none."""
        return canonical_ref(self.values.get("ref"))


@dataclass(frozen=True)
class Content:
    """One tab as it stands: its title, header, and rows that hold something of ours, from the top."""

    title: str
    header: Header
    rows: tuple[Row, ...]
    by_ref: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)


def new_book() -> Workbook:
    """Give a workbook without any tab."""
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def edition_of(book: Workbook) -> str:
    """Give the mark of our write that a workbook descends from; "" where it carries none."""
    properties = {each.name: each.value for each in _custom_properties(book).props}
    return str(properties.get(EDITION) or "")


def _custom_properties(book: Any) -> Any:
    # The stubs of openpyxl don't know them.
    return book.custom_doc_props


def edition_in(content: bytes) -> str:
    """Give the same of a workbook's bytes, without loading its tabs."""
    with unzip(content) as parts:
        if CUSTOM_PROPERTIES not in parts.namelist():
            return ""
        found = ET.fromstring(parts.read(CUSTOM_PROPERTIES))  # noqa: S314  expat expands nothing outside
    for each in found:
        if each.get("name") == EDITION:
            return "".join(each.itertext()).strip()
    return ""


def set_edition(book: Workbook, edition: str) -> None:
    """Mark a workbook as ours of this write; office programs keep the mark when they save it."""
    properties = _custom_properties(book)
    if EDITION in properties.names:
        del properties[EDITION]
    properties.append(StringProperty(name=EDITION, value=edition))


def load(content: bytes) -> Workbook:
    """
    Load a workbook to be saved again.

    Raises:
        SheetUnreadable
        SheetWouldLose: openpyxl says at loading that it leaves something out (parts=["unsupported"]).
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        book = _open(content, rich_text=True)
    _keep_heights_free(book, content)
    lost = sorted(
        {
            str(each.message)[:120]
            for each in told
            if issubclass(each.category, UserWarning) and not _HARMLESS.search(str(each.message))
        }
    )
    if lost:
        raise SheetWouldLose(parts=["unsupported"], places=lost)
    return book


_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*>")
_FIXED_HEIGHT = re.compile(rb'\bcustomHeight="(?:1|true)"')
_NUMBER = re.compile(rb'\br="(\d+)"')


def _keep_heights_free(book: Workbook, content: bytes) -> None:
    """
    Let rows whose height no one has set keep fitting their text: openpyxl forgets that, and would fix all of them.
    """
    with unzip(content) as parts:
        names = {name.casefold(): name for name in parts.namelist()}
        for sheet, path in zip(book.worksheets, _sheet_paths(content), strict=True):
            for match in _ROW.finditer(parts.read(names[path.casefold()])):
                number = _NUMBER.search(match[0])
                if number is not None and not _FIXED_HEIGHT.search(match[0]):
                    height = getattr(sheet.row_dimensions.get(int(number[1])), "ht", None)
                    if height is not None:
                        AutoRow.of(sheet, int(number[1]), height)


def _sheet_paths(content: bytes) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book: Any = _open(content, read_only=True)
    paths = [sheet._worksheet_path.lstrip("/") for sheet in book.worksheets]
    book.close()
    return paths


def _open(content: bytes, **how: bool) -> Workbook:
    try:
        return load_workbook(io.BytesIO(content), **how)
    except Exception as error:
        # A damaged file can make it raise anything at all: KeyError, ValueError, TypeError, ParseError, BadZipFile and
        # more.
        raise SheetUnreadable(reason=type(error).__name__) from error


def unzip(content: bytes) -> zipfile.ZipFile:
    """
    Open a workbook's parts.

    Raises:
        SheetUnreadable: reason "password" for one that is protected by a password, "not_a_workbook" for anything else.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # OLE: an encrypted workbook, or one of the format before 2007
        raise SheetUnreadable(reason="password")
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
        if "[Content_Types].xml" in book.namelist():
            return book
    except zipfile.BadZipFile as error:
        raise SheetUnreadable(reason="not_a_workbook") from error
    raise SheetUnreadable(reason="not_a_workbook")


def read_tabs(content: bytes, language: str) -> dict[str, Content]:
    """
    Read what stands in our columns of our tabs: code of the tab -> Content. A tab that may be made again is left out
    when it's gone.

    Raises:
        SheetError: anything that keeps a tab from being found or read.
    """
    with opened_for_reading(content) as book:
        return tabs_of(book, content, language)


def tabs_of(book: Workbook, content: bytes, language: str) -> dict[str, Content]:
    """
    Do as read_tabs() with a workbook that is loaded already; content is what it was loaded from, for the results of
    formulas.
    """
    results = _Results(content)
    try:
        return {
            tab.code: _read_tab(book[title], tab, header, results, _merges(book[title], content))
            for tab, title, header in locate(book, language)
        }
    finally:
        results.close()


def locate(book: Workbook, language: str) -> Iterator[tuple[Tab, str, Header]]:
    """Give tab, title and header of every tab of ours that stands in a workbook. Raises as find_tab()."""
    heads: dict[str, list[tuple[Any, ...]]] = {}

    def head(title: str) -> list[tuple[Any, ...]]:
        if title not in heads:
            heads[title] = first_rows(book[title], HEADER_DEPTH)
        return heads[title]

    titles = [sheet.title for sheet in book.worksheets]
    for tab in TABS:
        found = find_tab(tab, titles, head, language)
        if found is not None:
            yield tab, *found


def first_rows(sheet: Any, count: int) -> list[tuple[Found, ...]]:
    """Give the values of the first rows of a tab."""
    return [tuple(map(plain, row)) for row in _cells(sheet, 1, count, values_only=True)]


def content_of(book: Workbook, title: str, tab: Tab, header: Header, content: bytes) -> Content:
    """Give what stands in one tab of a workbook; content is what it was loaded from."""
    results = _Results(content)
    try:
        return _read_tab(book[title], tab, header, results, _merges(book[title], content))
    finally:
        results.close()


@contextlib.contextmanager
def opened_for_reading(content: bytes) -> Iterator[Workbook]:
    """Give a workbook for reading only, row by row."""
    with warnings.catch_warnings():
        # What openpyxl leaves out does not matter to a reader.
        warnings.simplefilter("ignore")
        book = _open(content, read_only=True)
        try:
            yield book
        finally:
            book.close()


def plain(value: Any) -> Found:
    """Give a cell's value as text or number: dates, truth values and rich text as text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return found_text(str(value))


def _read_tab(sheet: Any, tab: Tab, header: Header, results: _Results, merges: Sequence[Box]) -> Content:
    rows: list[Row] = []
    places = sorted(header.places.items(), key=lambda item: item[1])
    for number, cells in enumerate(_cells(sheet, header.row + 1), start=header.row + 1):
        values: dict[str, Found] = {}
        covered = frozenset(code for code, place in places if _covered(number, place, merges))
        unknown = set(covered)
        filled = False
        for code, place in places:
            cell = cells[place - 1] if place <= len(cells) else None
            value = None if cell is None else cell.value
            if value is not None and cell is not None:
                if cell.data_type == "f":
                    formula, value = value, results.at(sheet.title, number, place)
                    if value is None and code == "status":
                        # A sum may be worked out by the program that opens the book next; a status never needs to be,
                        # and whoever typed a formula there is told.
                        value = str(getattr(formula, "text", formula))
                    elif value is None:
                        unknown.add(code)
                        filled = True
                value = plain(value)
                filled = filled or canonical(value) != ""
            values[code] = value
        if filled:
            rows.append(Row(number, values, frozenset(unknown), covered))
            # Rows of her own below ours are few; a sheet full of them is no order book.
            if len(rows) > 2 * tab.ceiling:
                raise SheetTooLarge(tab=sheet.title, rows=len(rows), ceiling=2 * tab.ceiling)
    by_ref: dict[str, list[Row]] = {}
    for row in rows:
        if row.ref:
            by_ref.setdefault(row.ref, []).append(row)
    return Content(sheet.title, header, tuple(rows), {ref: tuple(found) for ref, found in by_ref.items()})


def _cells(sheet: Any, first: int, last: int | None = None, *, values_only: bool = False) -> Iterator[tuple[Any, ...]]:
    if hasattr(sheet, "reset_dimensions"):
        # As other programs wrote it, the dimension of a sheet may be too small for what is in it.
        sheet.reset_dimensions()
    elif first > sheet.max_row:
        return
    yield from sheet.iter_rows(min_row=first, max_row=last, values_only=values_only)


class _Results:
    """
    The results of formulas as the last program stored them; loaded only when there is a formula in a column of ours.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._book: Workbook | None = None
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    def at(self, title: str, row: int, column: int) -> Any:
        """Give the stored result of the formula in a cell, None where there is none."""
        if title not in self._rows:
            if self._book is None:
                self._book = _open(self._content, read_only=True, data_only=True)
            self._rows[title] = list(_cells(self._book[title], 1, values_only=True))
        rows = self._rows[title]
        values = rows[row - 1] if row <= len(rows) else ()
        return values[column - 1] if column <= len(values) else None

    def close(self) -> None:
        """Let go of the file."""
        if self._book is not None:
            self._book.close()


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"')


def _merges(sheet: Any, content: bytes) -> list[Box]:
    """
    Give the merged ranges of a sheet; the streaming reader leaves them out, so they are looked up in the part itself.
    """
    if hasattr(sheet, "merged_cells"):
        return [each.bounds for each in sheet.merged_cells.ranges]
    with unzip(content) as parts:
        text = parts.read(sheet._worksheet_path.lstrip("/"))
    return [CellRange(each.decode()).bounds for each in _MERGE.findall(text, max(text.rfind(b"sheetData"), 0))]


def _covered(row: int, column: int, merges: Sequence[Box]) -> bool:
    """Say whether a cell lies hidden under a merge: inside one, but not its first cell."""
    return any(r1 <= row <= r2 and c1 <= column <= c2 and (row, column) != (r1, c1) for c1, r1, c2, r2 in merges)


def row_from(data: Mapping[str, Any]) -> OrderRow:
    """Make an OrderRow of its JSON."""
    return OrderRow(data["ref"], data["values"], data["seen"], tuple(data["lines"]), data["insert"], data["final"])
