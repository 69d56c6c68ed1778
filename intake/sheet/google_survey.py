"""
What a Google spreadsheet is like before it is connected: tabs, headers, what stands below them and how it is dressed. No
calls in here: Google's JSON in, plain data out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intake.sheet.columns import HEADER_DEPTH
from intake.sheet.connected import Connected, connected_from
from intake.sheet.google_read import Box, address

# The spreadsheet without its cells.
BOOK_FIELDS = (
    "properties(title,locale,timeZone),developerMetadata(metadataId,metadataKey,metadataValue),"
    "sheets(properties,merges,basicFilter,conditionalFormats,protectedRanges)"
)
# What of each cell matters here.
CELL_FIELDS = (
    "sheets(properties(sheetId),data(startRow,startColumn,"
    "rowData(values(userEnteredValue,dataValidation,note,userEnteredFormat(numberFormat,wrapStrategy)))))"
)


@dataclass(frozen=True)
class CellSurvey:
    """
    One cell as it was typed.

    Attributes:
        value: text or number; None for an empty one, and for one with a formula.
        formula: with its "="; "" for none.
        validation: as the API gives it; None for none.
        is_dressed: whether it has a number format, or its text is wrapped or clipped.
    """

    value: str | int | float | bool | None = None
    formula: str = ""
    validation: Mapping[str, Any] | None = None
    note: str = ""
    is_dressed: bool = False

    @property
    def is_filled(self) -> bool:
        """Say whether anything stands in it that she would miss; a box that nobody has ticked is only prepared."""
        return bool(self.formula) or not (self.value is None or self.value is False or self.value == "")

    @property
    def is_box(self) -> bool:
        """Say whether it shows a box to tick."""
        return bool((self.validation or {}).get("condition", {}).get("type") == "BOOLEAN")

    @property
    def choices(self) -> tuple[str, ...] | None:
        """Give the words of its drop-down; None where it has none, or one whose words stand in a range."""
        condition = (self.validation or {}).get("condition", {})
        if condition.get("type") != "ONE_OF_LIST":
            return None
        return tuple(str(each.get("userEnteredValue", "")) for each in condition.get("values", []))


EMPTY = CellSurvey()


@dataclass(frozen=True)
class TabSurvey:
    """
    One tab.

    Attributes:
        number: its sheetId. rows, columns: of its grid.
        frozen_rows: that stay in sight.
        merges: from 1. filter: likewise, None for none.
        rules: its conditional formats; protections: its protected ranges, both as the API gives them.
        cells: (row, column) from 1 -> cell, of those that hold or wear something; only after with_cells().
    """

    number: int
    title: str
    rows: int
    columns: int
    frozen_rows: int = 0
    merges: tuple[Box, ...] = ()
    filter: Box | None = None
    rules: tuple[Mapping[str, Any], ...] = ()
    protections: tuple[Mapping[str, Any], ...] = ()
    cells: Mapping[tuple[int, int], CellSurvey] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> CellSurvey:
        """Give a cell."""
        return self.cells.get((row, column), EMPTY)

    def below(self, row: int, column: int) -> Iterator[CellSurvey]:
        """Give what stands in a column below a row."""
        return (cell for (r, c), cell in self.cells.items() if c == column and r > row)

    def head(self) -> list[tuple[object, ...]]:
        """Give the values of the rows in which a header is looked for."""
        found: list[tuple[object, ...]] = []
        for row in range(1, min(HEADER_DEPTH, self.rows) + 1):
            last = max((c for (r, c) in self.cells if r == row), default=0)
            found.append(tuple(self.cell(row, column).value for column in range(1, last + 1)))
        return found

    @property
    def last_column(self) -> int:
        """Give the last column in which anything of hers stands: values, boxes, notes, merges, or her filter."""
        ends = [c for (_, c), cell in self.cells.items() if cell.value is not None or _is_used(cell)]
        ends += [box[3] for box in self.merges if box[3] <= self.columns]
        if self.filter is not None:
            ends.append(min(self.filter[3], self.columns))
        return max(ends, default=0)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing stands in it."""
        return not any(cell.is_filled for cell in self.cells.values())


def _is_used(cell: CellSurvey) -> bool:
    return bool(cell.formula or cell.validation or cell.note)


@dataclass(frozen=True)
class Survey:
    """
    A spreadsheet.

    Attributes:
        title: of the file. locale: such as "in_ID"; zone: such as "Asia/Jakarta".
        connected: what an earlier connect decided.
        objects: titles of tabs that hold a chart or a connected database instead of cells.
        numbers: sheetId of every tab, for another one must differ.
    """

    title: str
    locale: str
    zone: str
    tabs: tuple[TabSurvey, ...]
    connected: Connected
    objects: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()

    def tab(self, number: int | None) -> TabSurvey | None:
        """Give the tab with this sheetId."""
        return next((tab for tab in self.tabs if tab.number == number), None)

    def titled(self, title: str) -> TabSurvey | None:
        """Give the tab with this title, blanks around it and case apart, as Google compares them."""
        wanted = title.strip().casefold()
        return next((tab for tab in self.tabs if tab.title.strip().casefold() == wanted), None)


def survey_from(data: Mapping[str, Any]) -> Survey:
    """Read what fetch_layout(BOOK_FIELDS) gave."""
    tabs, objects, numbers = [], [], []
    for sheet in data.get("sheets", []):
        properties = sheet["properties"]
        numbers.append(int(properties.get("sheetId", 0)))
        if properties.get("sheetType", "GRID") != "GRID":
            objects.append(str(properties["title"]))
            continue
        grid = properties.get("gridProperties", {})
        rows, columns = int(grid.get("rowCount", 0)), int(grid.get("columnCount", 0))
        filtered = sheet.get("basicFilter", {}).get("range")
        tabs.append(
            TabSurvey(
                number=int(properties.get("sheetId", 0)),
                title=str(properties["title"]),
                rows=rows,
                columns=columns,
                frozen_rows=int(grid.get("frozenRowCount", 0)),
                merges=tuple(box_of(each, rows, columns) for each in sheet.get("merges", [])),
                filter=box_of(filtered, rows, columns) if filtered is not None else None,
                rules=tuple(sheet.get("conditionalFormats", [])),
                protections=tuple(sheet.get("protectedRanges", [])),
            )
        )
    properties = data.get("properties", {})
    return Survey(
        title=str(properties.get("title", "")),
        locale=str(properties.get("locale", "")),
        zone=str(properties.get("timeZone", "")),
        tabs=tuple(tabs),
        connected=connected_from(data),
        objects=tuple(objects),
        numbers=tuple(numbers),
    )


def box_of(grid: Mapping[str, Any], rows: int, columns: int) -> Box:
    """Give a GridRange as a box from 1; an open end is the grid's."""
    return (
        int(grid.get("startRowIndex", 0)) + 1,
        int(grid.get("endRowIndex", rows)),
        int(grid.get("startColumnIndex", 0)) + 1,
        int(grid.get("endColumnIndex", columns)),
    )


def all_cells(tabs: Sequence[TabSurvey]) -> list[str]:
    """Give the ranges that hold these tabs whole."""
    return [address(tab.title, (1, tab.rows, 1, tab.columns)) for tab in tabs]


def with_cells(survey: Survey, data: Mapping[str, Any]) -> Survey:
    """Add what fetch_layout(CELL_FIELDS, ranges) gave."""
    found: dict[int, dict[tuple[int, int], CellSurvey]] = {}
    for sheet in data.get("sheets", []):
        cells = found.setdefault(int(sheet.get("properties", {}).get("sheetId", 0)), {})
        for block in sheet.get("data", []):
            top, left = int(block.get("startRow", 0)) + 1, int(block.get("startColumn", 0)) + 1
            for row, each in enumerate(block.get("rowData", []), start=top):
                for column, cell in enumerate(each.get("values", []), start=left):
                    surveyed = _cell_from(cell)
                    if surveyed != EMPTY:
                        cells[row, column] = surveyed
    return replace(
        survey,
        tabs=tuple(replace(tab, cells=found[tab.number]) if tab.number in found else tab for tab in survey.tabs),
    )


def _cell_from(cell: Mapping[str, Any]) -> CellSurvey:
    typed = cell.get("userEnteredValue", {})
    formula = str(typed.get("formulaValue", ""))
    value = next((typed[kind] for kind in ("stringValue", "numberValue", "boolValue") if kind in typed), None)
    return CellSurvey(
        value=value,
        formula=formula,
        validation=cell.get("dataValidation"),
        note=str(cell.get("note", "")),
        is_dressed=bool(cell.get("userEnteredFormat")),
    )
