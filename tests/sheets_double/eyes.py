"""What a seller sees in her spreadsheet, and what lies behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sheets_double.areas import Area, letters, parse_corners
from tests.sheets_double.describing import cell_json, tab_json
from tests.sheets_double.model import Book, Cell, Formula, Json, Spreadsheet, Tab
from tests.sheets_double.showing import shown
from tests.sheets_double.typing_in import locale_of
from tests.sheets_double.values import Rendering, grid_of

if TYPE_CHECKING:
    from tests.sheets_double.double import SheetsDouble

HEADER_DEPTH = 20


class Eyes:
    """
    Her eyes on one spreadsheet. Tabs go by their titles, cells by "B5", rows by their numbers from 1, columns by letters.

    Attributes:
        id: of the spreadsheet. url: as she would copy it from her browser.
    """

    def __init__(self, double: SheetsDouble, spreadsheet: Spreadsheet) -> None:
        self._double = double
        self.spreadsheet = spreadsheet
        self.id = spreadsheet.id
        self.url = f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}/edit#gid=0"

    @property
    def book(self) -> Book:
        """Give what is in it now."""
        return self.spreadsheet.book

    @property
    def tabs(self) -> list[str]:
        """Give the titles of its tabs."""
        return [tab.title for tab in self.book.tabs]

    def tab(self, title: str) -> Tab:
        """Give a tab."""
        tab = self.book.titled(title)
        assert tab is not None, f"no tab {title!r} among {self.tabs}"
        return tab

    def area(self, title: str, text: str) -> Area:
        """Read "B5" or "A1:C9" of a tab."""
        tab = self.tab(title)
        area = parse_corners(text, tab.row_count, tab.column_count)
        assert area is not None, text
        return area

    def cell(self, title: str, at: str) -> Cell:
        """Give a cell whole."""
        area = self.area(title, at)
        return self.tab(title).cell(area.top, area.left)

    def value(self, title: str, at: str) -> Any:
        """Give what a cell amounts to."""
        return self.cell(title, at).effective

    def formula(self, title: str, at: str) -> str | None:
        """Give a cell's formula."""
        entered = self.cell(title, at).entered
        return entered.text if isinstance(entered, Formula) else None

    def values(self, title: str) -> list[list[Any]]:
        """Give the values of a tab, row by row."""
        tab = self.tab(title)
        return grid_of(tab, tab.area, Rendering("UNFORMATTED_VALUE"), locale_of(self.book.locale))

    def shown(self, title: str) -> list[list[str]]:
        """Give what she sees in a tab, row by row."""
        tab = self.tab(title)
        return grid_of(tab, tab.area, Rendering(), locale_of(self.book.locale))

    def everything(self, title: str) -> dict[str, Json]:
        """Give all cells with values, formulas, formats, validation and notes, by "B5"."""
        locale = locale_of(self.book.locale)
        return {
            f"{letters(column)}{row + 1}": cell_json(cell, locale) for row, column, cell in self.tab(title).filled()
        }

    def settings(self, title: str) -> Json:
        """Give all of a tab but its cells: size, filter, protection, rules, merges."""
        return tab_json(self.book, self.tab(title), None, locale_of(self.book.locale), None)

    def find_row(self, title: str, text: str) -> int:
        """Give the first row that shows this text in a cell."""
        locale = locale_of(self.book.locale)
        rows = [row for row, _, cell in self.tab(title).filled() if shown(cell, locale) == text]
        assert rows, f"{text!r} is not in {title!r}"
        return min(rows) + 1

    def find_column(self, title: str, header: str) -> str:
        """Give the letters of the column under a header."""
        row, column = self._header(title, header)
        del row
        return letters(column)

    def _header(self, title: str, header: str) -> tuple[int, int]:
        for row, column, cell in self.tab(title).filled():
            is_text = row < HEADER_DEPTH and isinstance(cell.effective, str)
            if is_text and str(cell.effective).strip().casefold() == header.casefold():
                return row, column
        raise AssertionError(f"no header {header!r} in {title!r}: {self.shown(title)[:3]}")

    def at(self, title: str, text: str, header: str) -> str:
        """Give the address of the cell in the row that shows a text (a ref), under a header."""
        return f"{self.find_column(title, header)}{self.find_row(title, text)}"
