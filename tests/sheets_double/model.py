"""
What a spreadsheet holds. Cells and rows never change once made: a change makes others, so that a copy of a whole book
costs a list of rows, a batch that fails leaves nothing behind, and every older version can be kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.sheets_double.areas import Area, area_of, letters, parse_corners, quoted, split_title
from tests.sheets_double.errors import Refused

Json = dict[str, Any]
Value = str | int | float | bool
CELL_CEILING = 50_000
DEFAULT_ROWS, DEFAULT_COLUMNS = 1000, 26
DEFAULT_HEIGHT, DEFAULT_WIDTH = 21, 100


@dataclass(frozen=True, slots=True)
class Formula:
    """What begins with an equals sign, as it stands in the cell."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What a formula gives that can't be worked out: Google's type of it ("REF"), and its sentence."""

    kind: str
    message: str = ""

    @property
    def shown(self) -> str:
        """Give what stands in the cell."""
        return {"DIVIDE_BY_ZERO": "#DIV/0!", "NAME": "#NAME?", "N_A": "#N/A"}.get(self.kind, f"#{self.kind}!")


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell.

    Attributes:
        entered: what was put in. effective: what it amounts to. given: what a formula that we can't work out gives.
        spilled: `effective` comes from an array formula elsewhere.
    """

    entered: Value | Formula | None = None
    effective: Value | Failure | None = None
    fmt: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None
    note: str | None = None
    spilled: bool = False
    given: Value | None = None

    @property
    def is_blank(self) -> bool:
        """Say whether nothing at all is known of it."""
        return self == EMPTY

    def holding(self, entered: Value | Formula | None, given: Value | None = None) -> Cell:
        """Give the cell with something else put in."""
        effective = None if isinstance(entered, Formula) else entered
        return replace(self, entered=entered, effective=effective, spilled=False, given=given)


EMPTY = Cell()


class Row:
    """Cells by column, and what belongs to the row itself."""

    __slots__ = ("_marks", "cells", "filtered", "height", "hidden")

    def __init__(
        self,
        cells: Mapping[int, Cell] | None = None,
        *,
        hidden: bool = False,
        filtered: bool = False,
        height: int = DEFAULT_HEIGHT,
    ) -> None:
        self.cells: Mapping[int, Cell] = cells or {}
        self.hidden, self.filtered, self.height = hidden, filtered, height
        self._marks: tuple[int, ...] | None = None

    @property
    def marks(self) -> tuple[int, ...]:
        """Give the columns that hold a formula or what one spilled."""
        if self._marks is None:
            self._marks = tuple(
                column for column, cell in self.cells.items() if cell.spilled or isinstance(cell.entered, Formula)
            )
        return self._marks

    def with_cells(self, changed: Mapping[int, Cell]) -> Row:
        """Give the row with these cells instead."""
        cells = {**self.cells, **changed}
        for column, cell in changed.items():
            if cell == EMPTY:
                del cells[column]
        return self.having(cells=cells)

    def having(self, **changed: Any) -> Row:
        """Give the row with cells, hidden, filtered or height changed."""
        known = {"hidden": self.hidden, "filtered": self.filtered, "height": self.height}
        return Row(changed.pop("cells", self.cells), **(known | changed))

    def holds_data(self) -> bool:
        """Say whether a cell shows something."""
        return any(cell.entered is not None or cell.effective is not None for cell in self.cells.values())


BLANK_ROW = Row()


@dataclass(frozen=True, slots=True)
class Column:
    """What belongs to a column itself."""

    hidden: bool = False
    width: int = DEFAULT_WIDTH


@dataclass
class Tab:
    """
    One sheet of a spreadsheet. What is kept as JSON is as Google shows it, and replaced as a whole when it changes.

    Attributes:
        more: further properties as JSON ("tabColor").
    """

    sheet_id: int
    title: str
    rows: list[Row] = field(default_factory=lambda: [BLANK_ROW] * DEFAULT_ROWS)
    columns: list[Column] = field(default_factory=lambda: [Column()] * DEFAULT_COLUMNS)
    frozen_rows: int = 0
    frozen_columns: int = 0
    hidden: bool = False
    more: Json = field(default_factory=dict)
    merges: list[Json] = field(default_factory=list)
    rules: list[Json] = field(default_factory=list)
    protected: list[Json] = field(default_factory=list)
    basic_filter: Json | None = None
    filter_views: list[Json] = field(default_factory=list)
    groups: dict[str, list[Json]] = field(default_factory=dict)

    def copy(self) -> Tab:
        """Give a tab that can be changed apart from this one."""
        return replace(
            self,
            rows=list(self.rows),
            columns=list(self.columns),
            merges=list(self.merges),
            rules=list(self.rules),
            protected=list(self.protected),
            filter_views=list(self.filter_views),
            more=dict(self.more),
            groups={name: list(groups) for name, groups in self.groups.items()},
        )

    @property
    def row_count(self) -> int:
        """Give the rows of its grid."""
        return len(self.rows)

    @property
    def column_count(self) -> int:
        """Give the columns of its grid."""
        return len(self.columns)

    @property
    def area(self) -> Area:
        """Give all of its grid."""
        return Area(0, 0, self.row_count, self.column_count)

    def cell(self, row: int, column: int) -> Cell:
        """Give a cell; one outside of the grid is empty."""
        return self.rows[row].cells.get(column, EMPTY) if row < len(self.rows) else EMPTY

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Set a cell."""
        self.rows[row] = self.rows[row].with_cells({column: cell})

    def put_all(self, cells: Mapping[tuple[int, int], Cell]) -> None:
        """Set cells; each row is made anew once."""
        by_row: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in cells.items():
            by_row.setdefault(row, {})[column] = cell
        for row, changed in by_row.items():
            self.rows[row] = self.rows[row].with_cells(changed)

    def filled(self) -> Iterator[tuple[int, int, Cell]]:
        """Give (row, column, cell) of all that are not empty."""
        for number, row in enumerate(self.rows):
            for column, cell in row.cells.items():
                yield number, column, cell

    def last_data_row(self) -> int:
        """Give the last row that shows something, -1 for none."""
        return next((number for number in range(self.row_count - 1, -1, -1) if self.rows[number].holds_data()), -1)

    def resolve(self, grid_range: Mapping[str, Any]) -> Area:
        """
        Read a GridRange, clipped to this grid.

        Raises:
            Refused: it begins beyond.
        """
        area = area_of(grid_range, self.row_count, self.column_count)
        if "endRowIndex" not in grid_range and area.top >= area.bottom:
            area = replace(area, bottom=area.top + 1)
        if "endColumnIndex" not in grid_range and area.left >= area.right:
            area = replace(area, right=area.left + 1)
        if area.top > area.bottom or area.left > area.right or area.top < 0 or area.left < 0:
            raise Refused(f"{quoted(self.title)}: the range's start lies after its end.")
        if not area.is_empty and (area.top >= self.row_count or area.left >= self.column_count):
            first = f"{letters(area.left)}{area.top + 1}"
            last = letters(area.right - 1) if "endColumnIndex" in grid_range else ""
            last += str(area.bottom) if "endRowIndex" in grid_range else ""
            raise Refused(self.beyond(f"{first}:{last}" if last and last != first else first))
        return area if area.is_empty else area.common(self.area)

    def check(self, area: Area) -> None:
        """
        See that an area lies in the grid.

        Raises:
            Refused
        """
        if area.bottom > self.row_count or area.right > self.column_count:
            raise Refused(self.beyond(area.a1()))

    def beyond(self, shown: str) -> str:
        """Give the sentence about a range that is not in the grid."""
        size = f"Max rows: {self.row_count}, max columns: {self.column_count}"
        return f"Range ({quoted(self.title)}!{shown}) exceeds grid limits. {size}"

    def merge_at(self, row: int, column: int) -> Area | None:
        """Give the merge that a cell lies in."""
        for merge in self.merges:
            area = area_of(merge, self.row_count, self.column_count)
            if (row, column) in area:
                return area
        return None

    def is_covered(self, row: int, column: int) -> bool:
        """Say whether a cell lies under another one."""
        merge = self.merge_at(row, column) if self.merges else None
        return merge is not None and (merge.top, merge.left) != (row, column)


@dataclass
class Book:
    """Everything in a spreadsheet that changes with a batch."""

    title: str
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    tabs: list[Tab] = field(default_factory=list)
    metadata: dict[int, Json] = field(default_factory=dict)
    named: list[Json] = field(default_factory=list)

    def copy(self) -> Book:
        """Give a book that can be changed apart from this one."""
        return replace(
            self, tabs=[tab.copy() for tab in self.tabs], metadata=dict(self.metadata), named=list(self.named)
        )

    def tab(self, sheet_id: int) -> Tab:
        """
        Give a tab by its sheetId.

        Raises:
            Refused
        """
        for tab in self.tabs:
            if tab.sheet_id == sheet_id:
                return tab
        raise Refused(f"No grid with id: {sheet_id}")

    def titled(self, title: str) -> Tab | None:
        """Give a tab by its title, whatever its case."""
        return next((tab for tab in self.tabs if tab.title.casefold() == title.casefold()), None)

    def find(self, text: str) -> tuple[Tab, Area]:
        """
        Read a range as A1 notation or the name of a range.

        Returns:
            The tab, and the area as it was asked for: it may go beyond the grid.

        Raises:
            Refused
        """
        title, rest = split_title(text)
        if title is None:
            whole = self.titled(rest)
            if whole is not None and parse_corners(rest, 1, 1) is None:
                return whole, whole.area
            for named in self.named:
                if named["name"].casefold() == rest.casefold():
                    tab = self.tab(named["range"].get("sheetId", 0))
                    return tab, area_of(named["range"], tab.row_count, tab.column_count)
        tab = self.titled(title) if title is not None else self.tabs[0]  # type: ignore[assignment]
        if tab is None:
            raise Refused(f"Unable to parse range: {text}")
        if title is not None and not rest:
            return tab, tab.area
        area = parse_corners(rest, tab.row_count, tab.column_count)
        for named in self.named if area is None else ():
            if named["name"].casefold() == rest.casefold() and named["range"].get("sheetId", 0) == tab.sheet_id:
                area = area_of(named["range"], tab.row_count, tab.column_count)
        if area is None:
            raise Refused(f"Unable to parse range: {text}")
        return tab, area

    def new_number(self) -> int:
        """Give a sheetId that no tab has."""
        used = {tab.sheet_id for tab in self.tabs}
        return next(number for number in itertools.count(701_234_501, 7_919) if number not in used)

    def formulas(self) -> Iterable[tuple[Tab, int, int, Cell]]:
        """Give all cells with a formula, or with what one spilled."""
        for tab in self.tabs:
            for number, row in enumerate(tab.rows):
                if row.cells and row.marks:
                    for column in row.marks:
                        yield tab, number, column, row.cells[column]


@dataclass
class Spreadsheet:
    """
    A spreadsheet file.

    Attributes:
        shares: e-mail address -> "owner", "writer" or "reader".
        versions: (revision, book) as it was before each change, the oldest first.
        made_at: seconds since 1970.
    """

    id: str
    book: Book
    shares: dict[str, str] = field(default_factory=dict)
    revision: int = 1
    versions: list[tuple[int, Book]] = field(default_factory=list)
    made_at: float = 0.0

    KEPT = 60

    def commit(self, book: Book) -> None:
        """Put another book in place of the one that stands."""
        self.versions.append((self.revision, self.book))
        del self.versions[: -self.KEPT]
        self.book = book
        self.revision += 1
