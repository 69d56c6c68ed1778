"""
What stands in a Google spreadsheet: its tabs, the cells that were asked for, and our rows among them. No calls in here:
Google's JSON in, plain data out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from intake.sheet import Found, HandRow, SeenRow, SheetTooLarge, SheetView, canonical, canonical_ref, looks_like_ref
from intake.sheet.columns import EDITABLE, HEADER_DEPTH, IDENTITY, NO_HEADERS, TABS, Header, Tab, find_header, find_tab
from intake.sheet.connected import Connected, connected_from
from preorder.status import ENDED
from preorder.wording import parse_status

# Rows that a tab may hold here, as a multiple of the workbook's ceiling: nothing is loaded whole but on a first look.
CEILING_TIMES = 4
# Blocks of rows that one read asks for; an address that gets too long is refused. Rows between two are read as well then.
MOST_BLOCKS = 6
# In how many polls all rows of ended orders are looked at once.
STRIPS = 60
# Codes of what a poll looks at, in the rows of live orders.
WATCHED = ("ref", *EDITABLE, *IDENTITY)

# First row, last row, first column, last column, from 1, all within.
Box = tuple[int, int, int, int]
# First and last row.
Block = tuple[int, int]
# A last row or column that stands for the end of the grid, wherever that is by now: a range beyond it is refused.
END = 1 << 30


@dataclass(frozen=True)
class TabLayout:
    """
    A tab as the spreadsheet describes it.

    Attributes:
        number: its sheetId, which never changes. title: as it stands now.
        rows, columns: of its grid. merges: from 1.
    """

    number: int
    title: str
    rows: int
    columns: int
    merges: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Layout:
    """
    A spreadsheet as it describes itself.

    Attributes:
        marks: id -> value of the developer metadata that are ours.
        connected: what `sheet connect` decided.
    """

    tabs: tuple[TabLayout, ...]
    marks: Mapping[int, str]
    connected: Connected = field(default_factory=Connected)

    def tab(self, number: int) -> TabLayout | None:
        """Give the tab with this sheetId."""
        return next((each for each in self.tabs if each.number == number), None)


@dataclass(frozen=True)
class Place:
    """Where a tab of ours stands: the tab, its layout, its header."""

    tab: Tab
    layout: TabLayout
    header: Header

    def column(self, code: str) -> int:
        """Give the number of a column, from 1."""
        return self.header.places[code]

    @property
    def ceiling(self) -> int:
        """Give how many rows it may hold."""
        return self.tab.ceiling * CEILING_TIMES


@dataclass(frozen=True)
class Row:
    """A row of a tab of ours, with what is known of it: code -> value. Codes that were not read are left out."""

    number: int
    values: Mapping[str, Found]

    @property
    def ref(self) -> str:
        """Its ref, "" for none."""
        return canonical_ref(self.values.get("ref"))


@dataclass(frozen=True)
class Content:
    """A tab of ours as it stands: rows that hold something of ours, from the top."""

    place: Place
    rows: tuple[Row, ...]
    by_ref: Mapping[str, tuple[Row, ...]]

    @property
    def last(self) -> int:
        """Give the number of the last row with a ref; that of the header where there is none."""
        return max((row.number for row in self.rows if row.ref), default=self.place.header.row)


@dataclass
class Cells:
    """Cells of one tab that were read: (row, column) -> value, from 1. Empty ones are left out."""

    values: dict[tuple[int, int], Found] = field(default_factory=dict)

    def add(self, box: Box, grid: Sequence[Sequence[Any]]) -> None:
        """Take in what a range holds."""
        first_row, _, first_column, _ = box
        for row, cells in enumerate(grid, start=first_row):
            for column, value in enumerate(cells, start=first_column):
                if value is not None and value != "":
                    self.values[row, column] = plain(value)

    def row(self, number: int, columns: int) -> tuple[Found, ...]:
        """Give a row up to a column."""
        return tuple(self.values.get((number, column)) for column in range(1, columns + 1))

    @property
    def height(self) -> int:
        """Give the number of the last row that holds something."""
        return max((row for row, _ in self.values), default=0)


def plain(value: Any) -> Found:
    """Give a value of the API as text or number; truth values as text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, int | float) else str(value)


def layout_from(data: Mapping[str, Any], key: str) -> Layout:
    """
    Read what fetch_layout() gave.

    Args:
        key: of our developer metadata.
    """
    tabs = []
    for sheet in data.get("sheets", []):
        properties = sheet["properties"]
        if properties.get("sheetType", "GRID") != "GRID":
            continue
        grid = properties.get("gridProperties", {})
        merges = tuple(
            (each["startRowIndex"] + 1, each["endRowIndex"], each["startColumnIndex"] + 1, each["endColumnIndex"])
            for each in sheet.get("merges", [])
        )
        tabs.append(
            TabLayout(
                properties.get("sheetId", 0),
                properties["title"],
                grid.get("rowCount", 0),
                grid.get("columnCount", 0),
                merges,
            )
        )
    marks = {
        each["metadataId"]: each.get("metadataValue", "")
        for each in data.get("developerMetadata", [])
        if each.get("metadataKey") == key
    }
    return Layout(tuple(tabs), marks, connected_from(data))


def letters(column: int) -> str:
    """Give the name of a column, from 1: A, Z, AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def address(title: str, box: Box) -> str:
    """Give a box of a tab in A1 notation: "'Tab'!B2:C5", "'Tab'!B2:B" to the end, "'Tab'!5:5" for whole rows."""
    first_row, last_row, first_column, last_column = box
    quoted = title.replace("'", "''")
    if last_column == END:
        return f"'{quoted}'!{first_row}:{last_row}"
    return f"'{quoted}'!{letters(first_column)}{first_row}:{letters(last_column)}{'' if last_row == END else last_row}"


def head_box(tab: TabLayout) -> Box:
    """Give the rows in which a header is looked for."""
    return (1, max(1, min(HEADER_DEPTH, tab.rows)), 1, END)


def row_box(number: int, last: int | None = None) -> Box:
    """Give whole rows, hers and ours."""
    return (number, last or number, 1, END)


def column_box(place: Place, column: int) -> Box:
    """Give a column from its header down."""
    return (place.header.row, END, column, column)


def boxes(place: Place, codes: Iterable[str], block: Block) -> list[Box]:
    """Give the boxes that hold these columns of a block of rows: neighbours in one, none of hers."""
    columns = sorted(place.column(code) for code in codes)
    found = []
    for _, run in groupby(enumerate(columns), key=lambda each: each[1] - each[0]):
        listed = [column for _, column in run]
        found.append((block[0], block[1], listed[0], listed[-1]))
    return found


def whole(place: Place) -> Block:
    """Give all rows, from the header down."""
    return (place.header.row, END)


def blocks(rows: Iterable[int], most: int = MOST_BLOCKS) -> list[Block]:
    """Give at most so many blocks that hold all these rows, with as few others as that allows."""
    wanted = sorted(set(rows))
    if not wanted:
        return []
    gaps = sorted(((b - a, a) for a, b in pairwise(wanted) if b - a > 1), reverse=True)
    cuts = sorted(after for _, after in gaps[: most - 1])
    found, first = [], wanted[0]
    for after in cuts:
        found.append((first, after))
        first = next(row for row in wanted if row > after)
    return [*found, (first, wanted[-1])]


def choose_tabs(layout: Layout, kept: Mapping[str, int]) -> tuple[dict[str, TabLayout], list[TabLayout]]:
    """
    Give code -> tab that is known by its sheetId, and the tabs whose first rows are needed to find the others.

    Args:
        kept: code -> sheetId as last found. What was connected counts before it, for she may have connected another tab
            since; where that one is gone, it is what was found.
    """
    known = {
        code: tab
        for numbers in (kept, layout.connected.tabs)
        for code, number in numbers.items()
        if (tab := layout.tab(number)) is not None
    }
    if all(tab.code in known for tab in TABS):
        return known, []
    taken = {tab.number for tab in known.values()}
    return known, [tab for tab in layout.tabs if tab.number not in taken]


def find_places(
    layout: Layout, known: Mapping[str, TabLayout], heads: Mapping[int, Cells], language: str
) -> dict[str, Place]:
    """
    Find our tabs and their headers.

    Args:
        known: code -> tab, for those whose sheetId is known: whatever she called them since.
        heads: sheetId -> the first rows of that tab.

    Raises:
        SheetTabMissing, SheetTabTwice, SheetHeaderMissing, SheetHeaderTwice
    """

    def rows(tab: TabLayout) -> list[tuple[Found, ...]]:
        cells = heads.get(tab.number, Cells())
        return [cells.row(number, tab.columns) for number in range(1, min(HEADER_DEPTH, tab.rows) + 1)]

    others = {tab.title: tab for tab in layout.tabs if tab.number not in {each.number for each in known.values()}}
    places = {}
    for tab in TABS:
        headers = layout.connected.headers.get(tab.code, NO_HEADERS)
        if tab.code in known:
            found = known[tab.code]
            places[tab.code] = Place(tab, found, find_header(tab, found.title, rows(found), language, headers))
        else:
            titled = find_tab(tab, list(others), lambda title: rows(others[title]), language, headers)
            if titled is not None:
                places[tab.code] = Place(tab, others[titled[0]], titled[1])
    return places


def read_content(place: Place, cells: Cells, known: Iterable[tuple[str, Block]]) -> Content:
    """
    Make the rows of a tab of its cells.

    Args:
        known: (code, block of rows) for every column that was read: what is not among them is left out of a row.

    Raises:
        SheetTooLarge
    """
    by_code: dict[str, list[Block]] = {}
    for code, block in known:
        by_code.setdefault(code, []).append(block)
    filled = {
        row
        for (row, column) in cells.values
        if row > place.header.row and column in place.header.places.values() and canonical(cells.values[row, column])
    }
    if len(filled) > place.ceiling:
        raise SheetTooLarge(tab=place.layout.title, rows=len(filled), ceiling=place.ceiling)
    rows = []
    for number in sorted(filled):
        values = {
            code: cells.values.get((number, place.column(code)))
            for code, found in by_code.items()
            if any(first <= number <= last for first, last in found)
            and not is_covered(place.layout, number, place.column(code))
        }
        rows.append(Row(number, values))
    return content_of(place, tuple(rows))


def content_of(place: Place, rows: tuple[Row, ...]) -> Content:
    """Give a tab that holds these rows."""
    by_ref: dict[str, list[Row]] = {}
    for row in rows:
        if row.ref:
            by_ref.setdefault(row.ref, []).append(row)
    return Content(place, rows, {ref: tuple(found) for ref, found in by_ref.items()})


def is_covered(tab: TabLayout, row: int, column: int) -> bool:
    """Say whether a cell lies hidden under a merge: inside one, and not its first cell. What it holds nobody sees."""
    return any(r1 <= row <= r2 and c1 <= column <= c2 and (row, column) != (r1, c1) for r1, r2, c1, c2 in tab.merges)


def below_merges(place: Place, last: int) -> int:
    """Give last, or the last row of a merge over our columns that hangs down from it."""
    ours = place.header.places.values()
    for r1, r2, c1, c2 in sorted(place.layout.merges):
        if r1 <= last < r2 and any(c1 <= column <= c2 for column in ours):
            last = r2
    return last


def view_of(content: Content, edition: str = "", *, doubtful: bool = False) -> SheetView:
    """Give what a read found. What was not read of a row is left out of its values: unchanged, as far as known."""
    rows = tuple(
        SeenRow(row.ref, {code: row.values[code] for code in (*EDITABLE, *IDENTITY) if code in row.values}, row.number)
        for row in content.rows
        if row.ref and len(content.by_ref[row.ref]) == 1
    )
    hand_rows = tuple(
        HandRow({code: value for code, value in row.values.items() if value is not None}, row.number)
        for row in content.rows
        if not row.ref
    )
    twice = tuple(ref for ref, found in content.by_ref.items() if len(found) > 1)
    return SheetView(rows, twice, hand_rows, _fingerprint(rows, twice, hand_rows), edition, doubtful)


def _fingerprint(rows: Iterable[SeenRow], twice: Iterable[str], hands: Iterable[HandRow]) -> str:
    import hashlib

    parts = [repr((row.ref, sorted((code, canonical(value)) for code, value in row.values.items()))) for row in rows]
    parts += sorted(twice)
    parts += [repr(sorted((code, canonical(value)) for code, value in row.values.items())) for row in hands]
    return hashlib.sha256("\n".join(parts).encode(errors="backslashreplace")).hexdigest()


def is_live(row: Row) -> bool:
    """Say whether a row's order may still change by itself, so that every poll looks at it."""
    if not looks_like_ref(row.ref):
        # One that she had before ours came.
        return False
    status = row.values.get("status")
    return not isinstance(status, str) or parse_status(status) not in ENDED


def watched_rows(content: Content, strip: int) -> tuple[list[int], list[Block]]:
    """
    Give which rows a poll looks at: those of live orders and one strip of the ended ones; and blocks of rows without a
    ref, where she may type an order, down to the end of the grid.
    """
    place = content.place
    with_ref = {row.number: row for row in content.rows if row.ref}
    ended = [number for number, row in with_ref.items() if not is_live(row)]
    rows = sorted(with_ref.keys() - set(ended))
    size = -(-len(ended) // STRIPS)
    start = (strip % STRIPS) * size
    rows += ended[start : start + size]
    free = sorted(set(range(place.header.row + 1, content.last + 1)) - with_ref.keys())
    found = blocks(free)
    if place.layout.rows > content.last:
        found.append((content.last + 1, END))
    return sorted(rows), found


def refs_in(content: Content) -> list[tuple[int, str]]:
    """Give (row, ref) of all rows with a ref: what tells of any move."""
    return [(row.number, row.ref) for row in content.rows if row.ref]


def pairs(codes: Iterable[str], wanted: Iterable[Block]) -> Iterator[tuple[str, Block]]:
    """Give (code, block) for each of them."""
    listed = list(codes)
    return ((code, block) for block in wanted for code in listed)
