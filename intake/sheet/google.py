"""
The seller's Google spreadsheet as a Sheet: each order one row, whatever Google does and wherever she moves things.

A write:
1. Look: headers, refs, our cells of the rows concerned; and as typed, the rows around those that are written over.
2. Note a fence (intake.sheet.google_fence), then send everything as one batch with it.
3. Read our cells back. Only what stands there then counts as written.
4. Where she moved something between 1 and 2, put back what our words have covered (google_mend), and say that words of
   ours may be taken for hers (SheetView.doubtful).
After any other outcome than "done" or "not done" the fence is settled before anything else is read or written.

Sources: developers.google.com/sheets/api (spreadsheets.batchUpdate, DeveloperMetadata, values.batchGet, limits).
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from intake.sheet import (
    LATE,
    Notes,
    NotesInMemory,
    OrderRow,
    SheetChanging,
    SheetFailed,
    SheetInDoubt,
    SheetPaced,
    SheetProtected,
    SheetRefused,
    SheetView,
    WriteReport,
    canonical,
    canonical_ref,
    uptime,
)
from intake.sheet.columns import EDITABLE, IDENTITY, ORDERS, Tab
from intake.sheet.connected import NOT_REFUSED
from intake.sheet.google_fence import (
    KEY,
    QUIET_MS,
    Evidence,
    Fence,
    evidence_from,
    evidence_of,
    fence_from,
    new_number,
    removals,
    settled_value,
    to_text,
    value_of,
)
from intake.sheet.google_http import GoogleClient
from intake.sheet.google_look import ATTEMPTS, Look, Looker
from intake.sheet.google_mend import mend
from intake.sheet.google_outcome import is_marked, is_repair, rest_of, stands, values_of
from intake.sheet.google_read import (
    END,
    Content,
    blocks,
    boxes,
    column_box,
    pairs,
    read_content,
    row_box,
    view_of,
    whole,
)
from intake.sheet.google_tabs import GoogleTabs
from intake.sheet.google_write import Plan, Request, fence_request, plan_marks, plan_write
from intake.sheet.hands import HandMark, MarkReport
from intake.sheet.tabs import TabbedSheet, TabReport, TabRow

log = logging.getLogger(__name__)

# For how long a description of the tabs is good for the next write; moved headers and renamed tabs are noticed anyway.
LAYOUT_S = 60.0
# Calls that a write needs: description, look, look as typed, read back; and one batch.
READS, WRITES = 4, 1
UNSURE_MOST_S = 64.0
# What has been begun goes on although the pace would be kept only so many seconds later: Google allows half as much again.
SLACK_S = 5.0


class GoogleSheet(TabbedSheet):
    """
    The orders in a Google spreadsheet.

    Tabs are known by their sheetId, columns by their headers, rows by their refs; her own columns, formulas, formats,
    filters, notes and protections stay as they are. The tabs are made by the operator's command `sheet connect`; only
    the lines tab is made again where it is gone.

    Not for several threads at a time.
    """

    again_s = 15.0

    def __init__(
        self,
        client: GoogleClient,
        *,
        language: str,
        notes: Notes | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        Args:
            client: of the spreadsheet; its pace is kept here.
            language: of titles and headers that we make: "id" or "en". Both are found.
            notes: what is kept across restarts: open fences above all. Without them only reading is safe.
            now: the time, for what is kept.
        """
        self._client = client
        self._language = language
        self._notes = NotesInMemory() if notes is None else notes
        self._now = now
        self._looked: Looker | None = None
        self._fence: Fence | None = None
        # Where a write was aimed that has landed and is not yet noted in the ledger; whether things were moved under it;
        # whether it is still to be looked at; and the write itself, for as long as this process knows it.
        self._doubt: Evidence | None = None
        self._moved = self._unread = False
        self._last: tuple[Plan, Look] | None = None
        # What was last read or written: ref -> column -> value; rows of hers, refs that stand twice.
        self._known: dict[str, dict[str, str]] | None = None
        self._known_rest: tuple[object, ...] = ()
        self._fresh: Content | None = None
        # Of the spreadsheet that this is known of.
        self._edition = ""
        self._wrote_at, self._news_at = -1e9, client.clock()
        # Writes in a row that didn't stand there as written.
        self._unsure = 0
        self._further = GoogleTabs(client, language, self._notes, self._now_ms)

    @property
    def fenced(self) -> bool:  # type: ignore[override]  # the probe says it
        """See Sheet.fenced."""
        return self._looker.verdict != NOT_REFUSED

    # What is kept

    @property
    def _looker(self) -> Looker:
        """Give what looks, with the notes read."""
        if self._looked is None:
            values = self._notes.load()
            self._fence = fence_from(values.get("fence", ""))
            self._doubt = evidence_from(values.get("doubt", ""))
            self._unread = self._doubt is not None
            kept = {code: int(number) for code, number in json.loads(values.get("tabs") or "{}").items()}
            self._looked = Looker(self._client, self._language, kept, self._keep_tabs)
        return self._looked

    def _keep_tabs(self, tabs: Mapping[str, int]) -> None:
        self._notes.store({"tabs": json.dumps(tabs, sort_keys=True)})

    def _store(self) -> None:
        self._notes.store({"fence": to_text(self._fence), "doubt": to_text(self._doubt)})

    def _now_ms(self) -> int:
        return int(self._now().timestamp() * 1000)

    # What became of a write

    def settle(self) -> None:
        """See Sheet.settle(). The number of a write that may be on its way is used up."""
        looker, fence = self._looker, self._fence
        if fence is None:
            return
        self._keep_pace(reads=2, writes=1)
        looker.layout(LAYOUT_S)
        if looker.verdict == NOT_REFUSED:
            left_ms = fence.at_ms + QUIET_MS - self._now_ms()
            if left_ms > 0:
                raise SheetInDoubt(reason="quiet", wait_s=min(left_ms / 1000, 60.0))
            landed = self._client.has_metadata(fence.number)
        else:
            landed = not self._used_up(fence.number)
        log.info("the last write to the sheet %s", "has landed" if landed else "never landed, and can't any more")
        looker.forget()
        self._fresh = self._fence = None
        if landed and not is_repair(fence):
            self._doubt, self._unread = fence.evidence, True
        self._store()
        if landed and self._doubt is not None and self._last is not None:
            # Only who knows what it was can put back what it covered; its rows are looked after below in any case.
            self._mend()

    def _used_up(self, number: int) -> bool:
        """Use a number up; say whether that could be done: then its write never was, and never will be."""
        try:
            self._client.batch_update([fence_request(number, KEY, self._settled_value())])
        except SheetRefused:
            if not self._client.has_metadata(number):
                raise
            return False
        return True

    def _settled_value(self) -> str:
        self._looker.turn += 1
        return settled_value(self._looker.turn, self._now_ms())

    def confirm(self) -> None:
        """See Sheet.confirm()."""
        if self._doubt is None or self._fence is not None:
            return
        if not self._unread:
            self._doubt, self._moved, self._last = None, False, None
        self._store()

    # Pace

    def wait_s(self) -> float:
        """See Sheet.wait_s()."""
        client = self._client
        gap = client.pace.write_gap_s
        if self._unsure:
            # Nothing gets better by hurrying.
            gap = min(UNSURE_MOST_S, gap * 2**self._unsure)
        since = client.clock() - self._wrote_at
        return max(0.0, gap - since, client.reads.wait_s(READS), client.writes.wait_s(WRITES + 1))

    def _keep_pace(self, *, reads: float, writes: float) -> None:
        wait_s = max(self._client.reads.wait_s(reads), self._client.writes.wait_s(writes))
        if wait_s > SLACK_S:
            raise SheetPaced(wait_s=wait_s)

    # Reading

    def changed(self) -> bool:
        """See Sheet.changed(). One read, at most every few seconds; what it finds is kept for read()."""
        looker = self._looker
        if self._known is None or self._unread or self._fresh is not None:
            return True
        pace, now = self._client.pace, self._client.clock()
        idle = now - self._news_at > pace.idle_after_s
        if now - looker.read_at < (pace.idle_poll_s if idle else pace.poll_s) or self._client.reads.wait_s(2) > 0:
            return False
        content = looker.poll()
        if not self._differs(content):
            return False
        self._fresh = content
        return True

    def read(self) -> SheetView:
        """See Sheet.read()."""
        looker = self._looker
        self._keep_pace(reads=2, writes=0)
        if self._unread and self._last is None and not self._moved:
            # What a process before this one has written; or what can't be put back any more.
            self._mend()
        content = self._fresh or looker.poll()
        self._fresh = None
        if self._differs(content):
            # Before anything in it counts as a command: is this the spreadsheet that our last write made? And what is
            # hidden under a merge now was not emptied.
            self._news_at = self._client.clock()
            layout = looker.layout(END) if self._known is None else looker.describe()
            tab = layout.tab(content.place.layout.number)
            if tab is None or tab.merges != content.place.layout.merges:
                content = looker.full()
        if self._known is None:
            self._edition = looker.edition
        elif looker.edition != self._edition:
            # Another version was brought back: what a poll leaves out is not as it was, either.
            content, self._edition = looker.full(), looker.edition
        doubtful = self._doubt is not None and (self._moved or self._doubt.is_moved(looker.places(), content))
        self._moved, self._unread = doubtful, False
        self._known, self._known_rest = values_of(content), rest_of(content)
        return view_of(content, looker.edition, doubtful=doubtful)

    def _differs(self, content: Content) -> bool:
        return self._known is None or (values_of(content), rest_of(content)) != (self._known, self._known_rest)

    # Writing

    def write(
        self,
        rows: Sequence[OrderRow],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> WriteReport:
        """See Sheet.write()."""
        rows = [replace(row, ref=canonical_ref(row.ref)) for row in rows]

        def plan() -> tuple[Plan, Look]:
            look = self._looker.look([row.ref for row in rows])
            typed = {code: each.cells for code, each in look.typed.items()}
            number = secrets.randbelow(2**30) + 1
            headers = self._looker.layout(END).connected.headers
            made = plan_write(look.contents, rows, typed, language=self._language, new_number=number, headers=headers)
            return made, look

        made, back = self._send(plan, edition, known, not_after)
        written = list(made.expected)
        if back is not None:
            written = [ref for ref in made.expected if stands(ref, back, made)]
            self._unsure = self._unsure + 1 if len(written) < len(made.expected) else 0
        self._learn(made, written, rows)
        return WriteReport(
            written=tuple(written),
            missing=tuple(made.missing),
            edited={ref: cells for ref, cells in made.edited.items() if ref in set(written)},
            duplicates=tuple(made.duplicates),
            created=tuple(made.created),
            edition=self._looker.edition,
        )

    def mark(
        self,
        marks: Sequence[HandMark],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> MarkReport:
        """See HandSheet.mark()."""
        wanted = [(each.row.values, each.row.row, each.cells) for each in marks]

        def plan() -> tuple[Plan, Look]:
            look = self._looker.look_at_hands()
            made = plan_marks(look.contents[ORDERS.code], wanted)
            numbers = [sent.row for sent in made.sent]
            return made, replace(look, typed=self._looker.typed({ORDERS.code: numbers}) if numbers else {})

        made, back = self._send(plan, edition, known, not_after)
        self._looker.content = None
        marked = [] if back is None else [number for number in made.hands if is_marked(number, back, made)]
        return MarkReport(tuple(marked), self._looker.edition)

    def show_tab(self, tab: Tab, rows: Sequence[TabRow], *, known: bool, not_after: float | None = None) -> TabReport:
        """See TabbedSheet.show_tab(). With a fence of its own: what becomes of it is no matter of the orders."""
        return self._further.show(tab, rows, known=known, not_after=not_after)

    def _send(
        self, plan: Callable[[], tuple[Plan, Look]], edition: str, known: Collection[str], not_after: float | None
    ) -> tuple[Plan, dict[str, Content] | None]:
        """Do one write; give what it was and what was read back of it, None where nothing had to be written."""
        looker = self._looker
        self.settle()
        for attempt in range(ATTEMPTS):
            looker.layout(LAYOUT_S)
            try:
                made, look = plan()
            except SheetRefused:
                # A tab was renamed, or rows are gone, since they were last looked for.
                looker.forget()
                if attempt + 1 == ATTEMPTS:
                    raise
                continue
            if known and looker.edition and looker.edition not in known:
                raise SheetChanging(attempts=1)
            if not made.requests:
                return made, None
            if self._sent(made, look, edition, not_after, last=attempt + 1 == ATTEMPTS):
                return made, self._read_back(made)
        raise SheetChanging(attempts=ATTEMPTS)

    def _sent(self, made: Plan, look: Look, edition: str, not_after: float | None, *, last: bool) -> bool:
        """
        Send one batch; False where it was refused and another look may help.

        Raises:
            SheetInDoubt: it may have landed.
            SheetError: it has not.
        """
        looker = self._looker
        fence = Fence(new_number(), self._now_ms(), evidence_of(made))
        edition = edition or f"{self._now_ms():013d}-{secrets.token_hex(4)}"
        looker.turn += 1
        old = removals(looker.layout(LAYOUT_S), self._now_ms())
        # Kept for certain before anything is sent.
        self._fence = fence
        self._store()
        self._last, self._fresh = (made, look), None
        try:
            if not_after is not None and uptime() > not_after:
                raise SheetFailed(reason=LATE)
            self._wrote_at = self._news_at = self._client.clock()
            self._client.batch_update(
                [fence_request(fence.number, KEY, value_of(looker.turn, edition)), *made.requests, *old]
            )
        except SheetInDoubt:
            looker.forget()
            raise
        except (SheetRefused, SheetProtected) as error:
            looker.forget()
            # There, where somebody on the way has sent it twice.
            if not self._client.has_metadata(fence.number):
                self._fence = self._last = None
                if last or isinstance(error, SheetProtected):
                    raise
                return False
        except Exception:
            # Not sent, or refused for a reason that has nothing to do with what it says.
            self._fence = self._last = None
            raise
        looker.edition = self._edition = edition
        self._fence, self._doubt, self._unread = None, fence.evidence, True
        return True

    def _read_back(self, made: Plan) -> dict[str, Content]:
        """Read what was written; where she moved something meanwhile, put it right and give only what is certain."""
        looker = self._looker
        rows: dict[str, set[int]] = {code: set() for code in made.places}
        for tabs in made.expected.values():
            for code, wanted in tabs.items():
                rows[code] |= {number for number, _ in wanted}
        rows[ORDERS.code] |= {number for number, _ in made.hands.values()}
        asked = {
            code: [row_box(place.header.row), column_box(place, place.column("ref"))]
            + [box for block in blocks(rows[code]) for box in boxes(place, set(place.header.places) - {"ref"}, block)]
            for code, place in made.places.items()
        }
        try:
            cells = looker.cells(asked, places=made.places)
        except SheetRefused:
            self._moved = True
            self._mend()
            return {}
        old = [place for code, place in made.places.items() if code not in made.created]
        if not all(looker.header_stands(place, cells[place.tab.code]) for place in old):
            self._moved = True
            self._mend()
            return {}
        contents = {
            code: read_content(
                place, cells[code], [("ref", whole(place)), *pairs(place.header.places, blocks(rows[code]))]
            )
            for code, place in made.places.items()
        }
        refs = {row.number: row.ref for row in contents[ORDERS.code].rows}
        aimed = {number: ref for ref, tabs in made.expected.items() for number, _ in tabs.get(ORDERS.code, ())}
        if any(refs.get(number) != ref for number, ref in aimed.items()) or not all(
            is_marked(number, contents, made) for number in made.hands
        ):
            self._moved = True
            self._mend()
        else:
            looker.arrange(contents, made)
            self._unread = False
        return contents

    def _mend(self) -> None:
        assert self._doubt is not None
        made, look = self._last or (None, None)
        self._fresh = None
        if mend(self._looker, self._doubt, made, look, self._repair):
            self._moved = True
        if self._moved:
            log.info("the sheet: rows or columns were moved while a write was under way")
        self._last = None

    def _repair(self, wanted: Sequence[Request]) -> None:
        """Send what puts things right, as carefully as any write."""
        if not wanted:
            return
        self._fence = fence = Fence(new_number(), self._now_ms(), Evidence())
        self._moved = True
        self._store()
        try:
            self._client.batch_update([fence_request(fence.number, KEY, self._settled_value()), *wanted])
        except SheetInDoubt:
            raise
        except Exception:
            self._fence = None
            raise
        self._fence = None

    def _learn(self, made: Plan, written: Iterable[str], rows: Iterable[OrderRow]) -> None:
        """Take what was written for known, so that only what she does shows as a change."""
        if self._known is None:
            return
        seen = {row.ref: row.seen for row in rows}
        for ref in written:
            hers = made.edited.get(ref, {})
            row = self._known.setdefault(ref, {})
            for _, values in made.expected[ref].get(ORDERS.code, ()):
                for code in (*EDITABLE, *IDENTITY):
                    if code in hers:
                        row.setdefault(code, canonical(seen[ref].get(code)))
                    elif code in values:
                        row[code] = canonical(values[code])
