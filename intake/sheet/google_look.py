"""
Looking at a Google spreadsheet: where our tabs and columns stand, what a poll reads, what a write is made from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from intake.sheet import SheetChanging, SheetRefused, canonical_ref, same_value
from intake.sheet.columns import LINES, ORDERS
from intake.sheet.google_fence import KEY, edition_in, last_turn
from intake.sheet.google_http import GoogleClient
from intake.sheet.google_read import (
    END,
    WATCHED,
    Block,
    Box,
    Cells,
    Content,
    Layout,
    Place,
    Row,
    TabLayout,
    address,
    blocks,
    boxes,
    choose_tabs,
    column_box,
    content_of,
    find_places,
    head_box,
    layout_from,
    pairs,
    read_content,
    refs_in,
    row_box,
    watched_rows,
    whole,
)
from intake.sheet.google_repair import AROUND, Neighbourhood
from intake.sheet.google_write import Plan

log = logging.getLogger(__name__)

# How often a look begins again because the spreadsheet was changed under it.
ATTEMPTS = 3


@dataclass(frozen=True)
class Located:
    """Our tabs: code -> where it stands; and sheetId -> the first rows of each tab that was looked at."""

    places: dict[str, Place]
    heads: dict[int, Cells]


@dataclass(frozen=True)
class Look:
    """What a write is made from: code of the tab -> what stands there; and rows of it as they were typed."""

    contents: dict[str, Content]
    typed: dict[str, Neighbourhood]


def find_tabs(client: GoogleClient, layout: Layout, kept: Mapping[str, int], language: str) -> Located:
    """
    Find our tabs and their headers (one read).

    Args:
        kept: code -> sheetId as last found.

    Raises:
        SheetTabMissing, SheetTabTwice, SheetHeaderMissing, SheetHeaderTwice
        SheetRefused: a tab was renamed or deleted since the spreadsheet was described.
    """
    known, others = choose_tabs(layout, kept)
    tabs = [*known.values(), *others]
    grids = client.batch_get([address(tab.title, head_box(tab)) for tab in tabs]) if tabs else []
    heads = {tab.number: Cells() for tab in tabs}
    for tab, grid in zip(tabs, grids, strict=True):
        heads[tab.number].add(head_box(tab), grid)
    return Located(find_places(layout, known, heads, language), heads)


def read_cells(
    client: GoogleClient, places: Mapping[str, Place], wanted: Mapping[str, Sequence[Box]], *, typed: bool = False
) -> dict[str, Cells]:
    """Read boxes of our tabs (one read): code of the tab -> cells."""
    listed = [(code, box) for code, boxes_ in wanted.items() for box in boxes_]
    grids = client.batch_get(
        [address(places[code].layout.title, box) for code, box in listed], "FORMULA" if typed else "UNFORMATTED_VALUE"
    )
    cells = {code: Cells() for code in wanted}
    for (code, box), grid in zip(listed, grids, strict=True):
        cells[code].add(box, grid)
    return cells


def read_whole(client: GoogleClient, places: Mapping[str, Place]) -> dict[str, Content]:
    """Read all rows of all our tabs (one read)."""
    asked = {code: boxes(place, place.header.places, whole(place)) for code, place in places.items()}
    cells = read_cells(client, places, asked)
    return {
        code: read_content(place, cells[code], pairs(place.header.places, [whole(place)]))
        for code, place in places.items()
    }


class Looker:
    """
    What is known of a spreadsheet, and how it is looked at again for as little as possible.

    Attributes:
        edition: mark of our last write that stands in it, as far as known; turn: its number.
        verdict: of the probe (intake.sheet.connected), as far as known.
        read_at: when the orders tab was last read, by the client's clock.
        content: the orders tab as last seen; None where that is not known.
    """

    def __init__(
        self, client: GoogleClient, language: str, kept: Mapping[str, int], keep: Callable[[dict[str, int]], None]
    ) -> None:
        """
        Args:
            kept: code of a tab -> its sheetId as last found; keep: is told another.
        """
        self._client = client
        self._language = language
        self._kept = dict(kept)
        self._keep = keep
        self._layout: Layout | None = None
        self._layout_at = 0.0
        self._located: Located | None = None
        self._strip = 0
        # Ref -> rows of the lines tab as last seen: where to look first.
        self._lines: dict[str, list[int]] = {}
        self.edition = ""
        self.turn = 0
        self.verdict = ""
        self.read_at = -1e9
        self.content: Content | None = None

    def forget(self) -> None:
        """Look for tabs and headers anew, next time."""
        self._located = self._layout = self.content = None

    def layout(self, at_most_s: float) -> Layout:
        """Give the spreadsheet's description, not older than this many seconds (one read, if need be)."""
        if self._layout is None or self._client.clock() - self._layout_at > at_most_s:
            return self.describe()
        return self._layout

    def describe(self) -> Layout:
        """Ask the spreadsheet for its description (one read)."""
        layout = layout_from(self._client.fetch_layout(), KEY)
        self._layout, self._layout_at = layout, self._client.clock()
        self.edition, self.turn = edition_in(layout), max(self.turn, last_turn(layout))
        self.verdict = layout.connected.verdict
        located = self._located
        if located is not None:
            if any(layout.tab(place.layout.number) is None for place in located.places.values()):
                self.forget()
                self._layout = layout
            else:
                self._place({place.layout.number: layout.tab(place.layout.number) for place in located.places.values()})
        return layout

    def places(self) -> dict[str, Place]:
        """
        Give where our tabs stand, looked for where that isn't known.

        Raises:
            SheetTabMissing, SheetTabTwice, SheetHeaderMissing, SheetHeaderTwice, SheetError
        """
        for attempt in range(ATTEMPTS):
            if self._located is not None:
                return self._located.places
            layout = self._layout or self.describe()
            try:
                self._located = find_tabs(self._client, layout, self._kept, self._language)
            except SheetRefused:
                # Renamed or deleted since it was described.
                self._layout = None
                if attempt + 1 == ATTEMPTS:
                    raise
                continue
            kept = {code: place.layout.number for code, place in self._located.places.items()}
            if kept != self._kept:
                self._kept = kept
                self._keep(kept)
            return self._located.places
        raise SheetChanging(attempts=ATTEMPTS)

    def cells(
        self, wanted: Mapping[str, Sequence[Box]], *, typed: bool = False, places: Mapping[str, Place] | None = None
    ) -> dict[str, Cells]:
        """Read boxes of our tabs (one read). See read_cells()."""
        return read_cells(self._client, places or self.places(), wanted, typed=typed)

    def header_stands(self, place: Place, cells: Cells, *, typed: bool = False) -> bool:
        """
        Say whether a header row holds what it held: all of it, for a second "Total" matters wherever it stands. Read as
        typed only our own columns can be compared, for her headers may be formulas.
        """
        head = (self._located.heads if self._located else {}).get(place.layout.number)
        if head is None:
            return False
        row = place.header.row
        if typed:
            return all(
                same_value(cells.values.get((row, column)), head.values.get((row, column)))
                for column in place.header.places.values()
            )
        width = max((column for (number, column) in (*cells.values, *head.values) if number == row), default=0)
        return cells.row(row, width) == head.row(row, width)

    def poll(self) -> Content:
        """Look at what may have changed: refs, live orders, rows without a ref. One read, unless something moved."""
        known = self.content
        if known is None or self._located is None:
            return self.full()
        place = known.place
        rows, free = watched_rows(known, self._strip)
        wanted = [
            *pairs(WATCHED, blocks(rows)),
            *pairs(place.header.places, free),
        ]
        asked = [row_box(place.header.row), column_box(place, place.column("ref"))]
        asked += [box for block in blocks(rows) for box in boxes(place, set(WATCHED) - {"ref"}, block)]
        asked += [box for block in free for box in boxes(place, place.header.places, block)]
        try:
            cells = self.cells({ORDERS.code: asked})[ORDERS.code]
        except SheetRefused:
            # A tab that was renamed, or rows that are gone.
            self.forget()
            return self.full()
        if not self.header_stands(place, cells):
            self.forget()
            return self.full()
        seen = read_content(place, cells, [("ref", whole(place)), *wanted])
        if refs_in(seen) != refs_in(known):
            return self.full()
        self._strip += 1
        self.read_at = self._client.clock()
        by_number = {row.number: row for row in known.rows if row.ref}
        merged = tuple(
            Row(row.number, {**by_number[row.number].values, **row.values}) if row.number in by_number else row
            for row in seen.rows
        )
        self.content = content_of(place, merged)
        return self.content

    def full(self) -> Content:
        """Look at all of the orders tab."""
        for _ in range(ATTEMPTS):
            place = self.places()[ORDERS.code]
            asked = [row_box(place.header.row), *boxes(place, place.header.places, whole(place))]
            try:
                cells = self.cells({ORDERS.code: asked})[ORDERS.code]
            except SheetRefused:
                self.forget()
                continue
            if not self.header_stands(place, cells):
                self.forget()
                continue
            self.read_at = self._client.clock()
            self.content = read_content(place, cells, pairs(place.header.places, [whole(place)]))
            return self.content
        raise SheetChanging(attempts=ATTEMPTS)

    def look(self, refs: Iterable[str]) -> Look:
        """Look at what stands there of these orders: our cells, and around them as typed."""
        wanted = set(refs)
        places = self.places()
        guess = self._guess(wanted)
        for _ in range(ATTEMPTS):
            asked: dict[str, list[Box]] = {}
            for code, place in places.items():
                asked[code] = [row_box(place.header.row), column_box(place, place.column("ref"))]
                rest = set(place.header.places) - {"ref"}
                asked[code] += [box for block in blocks(guess.get(code, ())) for box in boxes(place, rest, block)]
            cells = self.cells(asked)
            if any(not self.header_stands(place, cells[code]) for code, place in places.items()):
                self.forget()
                places = self.places()
                continue
            contents = {}
            for code, place in places.items():
                known = [("ref", whole(place)), *pairs(place.header.places, blocks(guess.get(code, ())))]
                contents[code] = read_content(place, cells[code], known)
            if LINES.code in contents:
                self._lines = {ref: [row.number for row in of_it] for ref, of_it in contents[LINES.code].by_ref.items()}
            rows = {
                code: {row.number for ref in wanted for row in content.by_ref.get(ref, ())}
                for code, content in contents.items()
            }
            if all(_covers(blocks(guess.get(code, ())), numbers) for code, numbers in rows.items()):
                typed = self.typed({code: [*numbers, contents[code].last] for code, numbers in rows.items()})
                if all(self._agrees(contents[code], typed[code], rows[code]) for code in places):
                    return Look(contents, typed)
            guess = {code: sorted(numbers) for code, numbers in rows.items()}
        raise SheetChanging(attempts=ATTEMPTS)

    def _guess(self, refs: set[str]) -> dict[str, list[int]]:
        """Give where rows stood when last seen, so that one read is mostly enough."""
        found = {LINES.code: [number for ref in refs for number in self._lines.get(ref, ())]}
        if self.content is not None:
            found[ORDERS.code] = [row.number for ref in refs for row in self.content.by_ref.get(ref, ())]
        return found

    def typed(self, rows: Mapping[str, Iterable[int]]) -> dict[str, Neighbourhood]:
        """Read whole rows as they were typed, with those around them and the header."""
        places = self.places()
        asked: dict[str, list[Box]] = {}
        for code, numbers in rows.items():
            place, spread = places[code], set()
            for number in numbers:
                spread |= set(range(max(1, number - AROUND), min(place.layout.rows, number + AROUND) + 1))
            asked[code] = [row_box(place.header.row), *(row_box(*block) for block in blocks(spread))]
        cells = self.cells(asked, typed=True)
        return {code: Neighbourhood(cells[code], places[code].header.row) for code in rows}

    def _agrees(self, content: Content, typed: Neighbourhood, rows: Iterable[int]) -> bool:
        """Say whether two looks, one after the other, show the same."""
        place = content.place
        if not self.header_stands(place, typed.cells, typed=True):
            return False
        refs = {row.number: row.ref for row in content.rows}
        return all(
            canonical_ref(typed.cells.values.get((number, place.column("ref")))) == refs[number] for number in rows
        )

    def look_at_hands(self) -> Look:
        """Look at all of the orders tab."""
        return Look({ORDERS.code: self.full()}, {})

    def _place(self, tabs: Mapping[int, TabLayout | None]) -> None:
        """Take over tabs as they are described now: sheetId -> layout."""
        if self._located is not None:
            places = {
                code: replace(place, layout=tabs.get(place.layout.number) or place.layout)
                for code, place in self._located.places.items()
            }
            self._located = replace(self._located, places=places)

    def arrange(self, contents: Mapping[str, Content], made: Plan) -> None:
        """Take over how the tabs are arranged after a write that stands, so that the next poll finds nothing moved."""
        known, read = self.content, contents.get(ORDERS.code)
        if made.created or self._layout is None or self._located is None:
            self.forget()
            return
        inserted = {made.places[fresh.tab].layout.number: len(fresh.rows) for fresh in made.fresh}
        tabs = tuple(replace(tab, rows=tab.rows + inserted.get(tab.number, 0)) for tab in self._layout.tabs)
        self._layout = replace(self._layout, tabs=tabs)
        self._place({tab.number: tab for tab in tabs})
        self.content = None if known is None or read is None else self._merged(known, read, made)

    def _merged(self, known: Content, read: Content, made: Plan) -> Content | None:
        """Give the orders tab as it stands after a write; None where a row is new to us and was not read whole."""
        place = self.places()[ORDERS.code]
        old = {row.ref: row for row in known.rows if row.ref and len(known.by_ref[row.ref]) == 1}
        written = {number for tabs in made.expected.values() for number, _ in tabs.get(ORDERS.code, ())}
        rows = {}
        for row in read.rows:
            if not row.ref:
                continue
            if row.ref not in old and row.number not in written:
                return None
            rows[row.number] = Row(row.number, {**(old[row.ref].values if row.ref in old else {}), **row.values})
        at = min((fresh.at for fresh in made.fresh if fresh.tab == ORDERS.code), default=END)
        count = sum(len(fresh.rows) for fresh in made.fresh if fresh.tab == ORDERS.code)
        for row in known.rows:
            number = row.number + count if row.number >= at else row.number
            if not row.ref:
                rows.setdefault(number, Row(number, row.values))
        return content_of(place, tuple(rows[number] for number in sorted(rows)))


def _covers(found: Sequence[Block], rows: Iterable[int]) -> bool:
    return all(any(first <= row <= last for first, last in found) for row in rows)
