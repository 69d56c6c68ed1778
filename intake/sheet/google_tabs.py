"""
Show a further tab in a Google spreadsheet: see intake.sheet.tabs.

One look, one batch with a number of its own (intake.sheet.google_fence), one look back. The rows are all compared each
time, so that nothing has to be known of earlier writes but whether one may still be on its way.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from intake.sheet import (
    LATE,
    Notes,
    SheetFailed,
    SheetHeaderMissing,
    SheetHeaderTwice,
    SheetInDoubt,
    SheetPaced,
    SheetRefused,
    SheetTabTwice,
    SheetTooLarge,
    uptime,
)
from intake.sheet.columns import HEADER_DEPTH, Tab, find_header
from intake.sheet.connected import NOT_REFUSED
from intake.sheet.google_dress import formats
from intake.sheet.google_fence import KEY, QUIET_MS, new_number, removals, settled_value
from intake.sheet.google_http import GoogleClient
from intake.sheet.google_look import read_cells
from intake.sheet.google_read import (
    END,
    Cells,
    Content,
    Layout,
    Place,
    TabLayout,
    address,
    head_box,
    layout_from,
    pairs,
    read_content,
    row_box,
)
from intake.sheet.google_write import (
    Plan,
    Sent,
    check_length,
    fence_request,
    insert,
    literal,
    make_tab,
    update_requests,
)
from intake.sheet.recall import RecalledEnquiries, RecalledRow
from intake.sheet.tabs import ENQUIRY_TABS, Difference, TabReport, TabRow, compare, find_further, free_title

log = logging.getLogger(__name__)

# Calls that it may need: description, heads, rows, a row as typed, read back, a number; and the batch, a number.
READS, WRITES = 6, 2
# Name of the note that keeps the number of a write whose outcome is not known, with when it was sent.
_NOTE = "further"


class GoogleTabs:
    """The further tabs of one spreadsheet. Not for several threads at a time."""

    def __init__(self, client: GoogleClient, language: str, notes: Notes, now_ms: Callable[[], int]) -> None:
        """
        Args:
            notes: what is kept across restarts; shared with the orders'.
        """
        self._client = client
        self._language = language
        self._notes = notes
        self._now_ms = now_ms
        # Code of a tab -> its sheetId, as last found.
        self._numbers: dict[str, int] = {}

    def show(self, tab: Tab, rows: Sequence[TabRow], *, known: bool, not_after: float | None) -> TabReport:
        """See TabbedSheet.show_tab()."""
        wait_s = max(self._client.reads.wait_s(READS), self._client.writes.wait_s(WRITES))
        if wait_s > 0:
            raise SheetPaced(wait_s=wait_s)
        for row in rows:
            for code, value in row.values.items():
                check_length(value, tab.code, row.ref, code)
        notes = self._notes.load()
        layout = layout_from(self._client.fetch_layout(), KEY)
        self._settle(notes.get(_NOTE, ""), layout)
        try:
            return self._show(tab, rows, layout, _taken(layout, notes), not_after, known=known)
        except SheetRefused:
            # Renamed or deleted since it was described.
            self._numbers.pop(tab.code, None)
            raise

    def recall(self, layout: Layout, taken: set[int]) -> RecalledEnquiries:
        """
        Read the tabs for enquiries: four reads at most. One that can't be read is told, for it stops nothing else.

        Args:
            taken: sheetIds of the orders' and lines' tabs.

        Raises:
            SheetAway, SheetPaced, ...: what concerns the whole spreadsheet.
        """
        rows: dict[str, tuple[RecalledRow, ...]] = {}
        unread: dict[str, str] = {}
        for tab in ENQUIRY_TABS:
            try:
                found = self._find(tab, layout, taken, known=False)
                if found is not None:
                    stands = self._read(tab, found)
                    rows[tab.code] = tuple(
                        RecalledRow(row.ref, row.values, (), row.number) for row in stands.rows if row.ref
                    )
            except (SheetHeaderMissing, SheetHeaderTwice, SheetTabTwice, SheetTooLarge):
                unread[tab.code] = tab.titles[self._language]
        return RecalledEnquiries(rows, unread)

    def _show(
        self, tab: Tab, rows: Sequence[TabRow], layout: Layout, taken: set[int], not_after: float | None, *, known: bool
    ) -> TabReport:
        plan = Plan({})
        found = self._find(tab, layout, taken, known=known)
        made = found is None
        if found is None:
            title = free_title(tab, [each.title for each in layout.tabs], self._language)
            titled = replace(tab, titles={**tab.titles, self._language: title})
            content = make_tab(plan, titled, self._language, secrets.randbelow(2**30) + 1, {})
            place = content.place
            plan.requests += formats(place.layout.number, tab, place.header.places, 1, place.layout.rows)
        else:
            content = self._read(tab, found)
            place = content.place
        difference = compare(rows, content.rows, literal)
        if difference.is_nothing and not made:
            return TabReport(
                stands=not difference.duplicates,
                changed=False,
                duplicates=tuple(difference.duplicates),
                edits=difference.edits,
            )
        self._plan(plan, content, difference)
        self._send(plan, layout, not_after)
        self._numbers[tab.code] = place.layout.number
        back = compare(rows, self._read(tab, place.layout).rows, literal)
        return TabReport(
            stands=back.is_nothing and not back.duplicates,
            changed=True,
            made=made,
            duplicates=tuple(back.duplicates),
            edits=difference.edits | back.edits,
        )

    def _find(self, tab: Tab, layout: Layout, taken: set[int], *, known: bool) -> TabLayout | None:
        """Find a tab (no read where its sheetId is known, else one)."""
        there = layout.tab(self._numbers.get(tab.code, -1))
        if there is not None:
            return there
        others = {each.title: each for each in layout.tabs if each.number not in taken}
        boxes = {title: head_box(each) for title, each in others.items()}
        grids = self._client.batch_get([address(title, box) for title, box in boxes.items()]) if boxes else []
        heads = dict(zip(boxes, grids, strict=True))
        found = find_further(tab, list(others), lambda title: heads[title], self._language, known=known)
        if found is None:
            return None
        self._numbers[tab.code] = others[found[0]].number
        return others[found[0]]

    def _read(self, tab: Tab, layout: TabLayout) -> Content:
        """Read all of a tab (one read)."""
        box = (1, END, 1, max(1, layout.columns))
        cells = Cells()
        cells.add(box, self._client.batch_get([address(layout.title, box)])[0])
        head = [cells.row(number, layout.columns) for number in range(1, min(HEADER_DEPTH, cells.height) + 1)]
        place = Place(tab, layout, find_header(tab, layout.title, head, self._language))
        return read_content(place, cells, pairs(place.header.places, [(1, END)]))

    def _plan(self, plan: Plan, content: Content, difference: Difference) -> None:
        place, code = content.place, content.place.tab.code
        sent = [
            Sent(code, "", name, number, place.column(name), value)
            for number, cells in difference.changes.items()
            for name, value in cells.items()
        ]
        plan.requests += update_requests(place, sent)
        fresh = [(str(values["ref"]), values) for values in difference.fresh]
        plan.expected |= {ref: {code: []} for ref, _ in fresh}
        typed = Cells()
        if fresh and content.last > place.header.row:
            # Her own formulas are carried on from the last row of ours.
            asked: Mapping[str, list[tuple[int, int, int, int]]] = {code: [row_box(content.last)]}
            typed = read_cells(self._client, {code: place}, asked, typed=True)[code]
        insert(plan, content, fresh, typed)

    def _send(self, plan: Plan, layout: Layout, not_after: float | None) -> None:
        number = new_number()
        # Kept for certain before anything is sent.
        self._notes.store({_NOTE: json.dumps([number, self._now_ms()])})
        if not_after is not None and uptime() > not_after:
            raise SheetFailed(reason=LATE)
        # A value that stands for no write of orders: their edition stays what it is.
        fence = fence_request(number, KEY, settled_value(0, self._now_ms()))
        self._client.batch_update([fence, *plan.requests, *removals(layout, self._now_ms())])
        self._notes.store({_NOTE: ""})

    def _settle(self, kept: str, layout: Layout) -> None:
        """
        See to it that a write whose outcome is not known can't land any more: what stands is compared afterwards.

        Raises:
            SheetInDoubt: it might yet.
        """
        if not kept:
            return
        number, at_ms = json.loads(kept)
        if layout.connected.verdict == NOT_REFUSED:
            left_ms = at_ms + QUIET_MS - self._now_ms()
            if left_ms > 0:
                raise SheetInDoubt(reason="quiet", wait_s=min(left_ms / 1000, 60.0))
        elif number not in layout.marks:
            try:
                self._client.batch_update([fence_request(number, KEY, settled_value(0, self._now_ms()))])
            except SheetRefused:
                if not self._client.has_metadata(number):
                    raise
                log.info("the last write to a further tab has landed late")
        self._notes.store({_NOTE: ""})


def _taken(layout: Layout, notes: Mapping[str, str]) -> set[int]:
    """Give the sheetIds of the orders' and lines' tabs."""
    kept: dict[str, int] = json.loads(notes.get("tabs") or "{}")
    return {int(number) for number in (*kept.values(), *layout.connected.tabs.values())}
