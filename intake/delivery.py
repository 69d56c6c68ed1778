"""
Between ledger and sheet: her edits in, our rows out.

One call of sync() is one round:
1. Find out what became of the last write, where that is not known.
2. Read, if the sheet may have changed. What stands in an editable cell and is neither what we wrote nor what we saw is
   a command, unless the row turns out to be another order's, or the cell to hold a word of ours that went astray.
3. Remember what is about to be written (so that a crash in the middle can't make our own words look like her command).
4. Write the rows that wait; a cell that she changed meanwhile is left for the next round.
5. Mark as delivered what was read back.
Each write gives the sheet a new edition: a copy with an older one, put back from a backup, holds no commands.
Each step may be repeated: a crash between two of them is repaired by the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine

from intake.commands import Bounced, Cell, apply_edits
from intake.edits import edits_in, foreign_columns, shuffled_columns
from intake.erasing import ERASED_MESSAGE, kept_cells
from intake.ledger import outbox, recording, store
from intake.ledger.leases import LeasedWriter
from intake.ledger.outbox import SheetRecord
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction, Writer
from intake.offline import OfflineOrders
from intake.order_rows import Wording, order_row
from intake.sheet import OrderRow, Sheet, SheetMissing, SheetTooLarge, SheetView, canonical, looks_like_ref, same_value
from intake.sheet.columns import EDITABLE, IDENTITY, ORDERS
from preorder.status import ENDED, Status

log = logging.getLogger(__name__)

# Rows in one write. More wait for the next round, a moment later.
BATCH = 500
# Rows in one work of the writer, behind which orders wait.
WORK = 100
# A file that is gone for this long was put away by somebody, and not just saved by renaming.
MISSING_FOR = timedelta(seconds=5)


@dataclass(frozen=True)
class Synced:
    """What a round did: rows written, edits of how many rows carried out, what waits, and whether it read the sheet."""

    written: int
    edited: int
    waiting: int
    looked: bool = False


class Delivery:
    """Keeps a sheet and the ledger in step. One instance, used by one thread."""

    def __init__(
        self,
        sheet: Sheet,
        writer: Writer | LeasedWriter,
        reader: Engine,
        wording: Callable[[], Wording],
        clock: Callable[[], datetime],
        offline: OfflineOrders | None = None,
    ) -> None:
        """
        Args:
            offline: takes up the rows that she types herself; None: they are left alone.
        """
        self._offline = offline
        self._sheet = sheet
        self._writer = writer
        self._reader = reader
        self._wording = wording
        self._clock = clock
        # The first round always reads: what was under way when the process last ended is not known.
        self._looked = False
        self._unread = True
        self._missing_at: datetime | None = None
        self._duplicates: tuple[str, ...] = ()

    def sync(self) -> Synced:
        """
        Do one round.

        Raises:
            SheetError: the sheet can't be read or written now; everything stays in the outbox.
        """
        try:
            self._sheet.settle()
            self._looked = False
            edited = self._pull()
            written = self._push()
        except Exception:
            # Whatever happened, the next round looks for itself.
            self._unread = True
            raise
        with self._reader.begin() as connection:
            waiting = outbox.waiting_rows(connection).rows
        return Synced(written, edited, waiting, self._looked)

    def note_failure(self, error: str) -> None:
        """Remember for doctor why the waiting rows could not be written."""
        now_ms = to_ms(self._clock())
        self._writer.submit(lambda tx: recording.note_failed_try(tx, now_ms, error))

    def _pull(self) -> int:
        if not (self._unread or self._sheet.changed() or (self._offline is not None and self._offline.due())):
            return 0
        self._looked = True
        with self._reader.begin() as connection:
            expected = outbox.written_refs(connection)
            editions = outbox.sheet_editions(connection)
        view = self._read(expected)
        with self._reader.begin() as connection:
            records = outbox.sheet_records(connection, [row.ref for row in view.rows])
        self._duplicates = view.duplicates
        for row in view.rows:
            if row.ref not in records and looks_like_ref(row.ref):
                log.warning("row %s of the sheet holds a ref that is not ours", row.row)
        if view.edition and editions.known and view.edition not in editions.known:
            self._take_over_old_copy(view, records, expected)
            # From now on what she types into it is meant, and what she had typed below it is looked at.
            self._unread = True
            return 0
        if view.edition in editions.intended:
            # A write whose outcome was not known has landed; before another is begun, for it will be the last one then.
            self._writer.submit(lambda tx: recording.note_edition(tx, view.edition, landed=True))
        edited = self._pull_rows(view, records)
        self._note_missing(view, expected)
        if view.doubtful:
            # Whatever was covered by words of ours: each row is compared once, and what differs is written.
            self._in_chunks(_compare_again, [row.ref for row in view.rows if row.ref in records])
        self._sheet.confirm()
        self._unread = False
        if self._offline is not None and self._offline.take(view):
            # Their rows carry a ref now, and are ordinary rows from the next look on.
            self._unread = True
        return edited

    def _read(self, expected: Mapping[str, bool]) -> SheetView:
        try:
            view = self._sheet.read()
        except SheetMissing:
            # A workbook that she moved away is made again by the write; a spreadsheet that is gone is reported by it.
            # But programs that save by renaming leave a moment without a file: one look is not enough.
            now = self._clock()
            self._missing_at = self._missing_at or now
            if expected and now - self._missing_at < MISSING_FOR:
                raise
            view = SheetView((), (), (), "")
        self._missing_at = None
        return view

    def _pull_rows(self, view: SheetView, records: Mapping[str, SheetRecord]) -> int:
        """Carry out her edits; give the number of rows with one."""
        self._clear_erased(view, records)
        ours = self._astray(view)
        settled: list[tuple[SheetRecord, dict[str, Cell]]] = []
        commands: list[tuple[SheetRecord, dict[str, Cell], dict[str, Cell]]] = []
        for row in view.rows:
            record = records.get(row.ref)
            if record is None or record.erased:
                continue
            if record.away:
                # She has brought the row back.
                self._writer.submit(partial(_bring_back, order_id=record.order_id, now_ms=to_ms(self._clock())))
            edits = edits_in(record, row.values)
            astray = {column for column in edits if canonical(edits[column]) in ours}
            # A column that is left out could not be read: unchanged, as far as we know.
            present = dict(record.seen) | {column: row.values[column] for column in EDITABLE if column in row.values}
            foreign = foreign_columns(record, row.values)
            # A name alone may have been corrected by hand. Two of them tell of another order's row also where nothing
            # in it would be a command: who reads it would ship to the wrong buyer.
            if foreign and (edits or len(foreign) > 1):
                self._bounce(record, present, "foreign_row")
            elif astray:
                self._bounce(record, present, "astray")
            elif edits:
                commands.append((record, edits, present))
            elif record.writing:
                settled.append((record, present))
        shuffled = shuffled_columns([(record, edits) for record, edits, _ in commands])
        for record, edits, present in commands:
            if shuffled & edits.keys():
                self._bounce(record, present, "column_shuffled")
            else:
                self._writer.submit(partial(_carry_out, record=record, edits=edits, seen=present, now=self._clock()))
        for start in range(0, len(settled), WORK):
            self._writer.submit(partial(_settle, rows=settled[start : start + WORK], now_ms=to_ms(self._clock())))
        return len(commands)

    def _clear_erased(self, view: SheetView, records: Mapping[str, SheetRecord]) -> None:
        """Have the rows of erased orders emptied: nothing in them is a command, and what stands there is not kept."""
        for row in view.rows:
            record = records.get(row.ref)
            if record is None or not record.erased:
                continue
            if record.away:
                self._writer.submit(partial(_bring_back, order_id=record.order_id, now_ms=to_ms(self._clock())))
            typed = [row.values[column] for column in ("name", "whatsapp") if column in row.values]
            if any(map(canonical, typed)) or edits_in(record, row.values):
                self._bounce(record, kept_cells(dict(record.seen) | dict(row.values)), ERASED_MESSAGE)
            elif record.writing:
                present = kept_cells(dict(record.seen) | dict(row.values))
                self._writer.submit(partial(_settle, rows=[(record, present)], now_ms=to_ms(self._clock())))

    def _astray(self, view: SheetView) -> set[str]:
        """
        Give what may stand in the wrong cell because it was moved away under a write of ours: every word of the writes
        whose rows are not known to stand, and emptiness, which is one as well.
        """
        if not view.doubtful:
            return set()
        log.warning("rows or columns of the sheet were moved during a write: what equals our own words is no command")
        with self._reader.begin() as connection:
            records = outbox.unsettled_rows(connection)
        return {canonical(value) for record in records for value in record.writing.values()} | {""}

    def _bounce(self, record: SheetRecord, present: Mapping[str, Cell], kind: str) -> None:
        """Carry out nothing of a row, say why, and write it as the ledger has it."""
        log.warning("order %s: its row is written again, %s", record.ref, kind)
        message, now_ms = Bounced(kind).message(), to_ms(self._clock())

        def bounce(tx: Transaction) -> None:
            recording.note_sheet_row(tx, record.order_id, seen=dict(present), writing=None, message=message)
            recording.mark_pending(tx, record.order_id, now_ms)

        self._writer.submit(bounce)

    def _take_over_old_copy(
        self, view: SheetView, records: Mapping[str, SheetRecord], expected: Mapping[str, bool]
    ) -> None:
        """
        Take over an older copy of the sheet that was put back: what stands in it are old words of ours and of hers, and
        none of them is a command. Rows that differ from the ledger are written anew and say so.
        """
        log.warning(
            "the sheet is an older copy: its %s rows are written anew, nothing in it is a command", len(records)
        )
        wording, now_ms = self._wording(), to_ms(self._clock())
        rows = [(row, record) for row in view.rows if (record := records.get(row.ref)) is not None]
        for start in range(0, len(rows), WORK):
            chunk = rows[start : start + WORK]
            with self._reader.begin() as connection:
                orders = store.orders_by_ids(connection, [record.order_id for _, record in chunk])
            taken = []
            for row, record in chunk:
                wanted = order_row(record, orders[record.order_id], wording).values
                differs = any(not same_value(row.values[column], wanted[column]) for column in row.values)
                message = Bounced("old_copy").message() if differs and not record.erased else record.message
                seen = dict(record.seen) | dict(row.values)
                taken.append((record, kept_cells(seen) if record.erased else seen, message))
            self._writer.submit(partial(_take_over, rows=taken, now_ms=now_ms))
        present = {row.ref for row in view.rows} | set(view.duplicates)
        self._in_chunks(_write_again, [ref for ref in expected if ref not in present])
        # Known from now on: while she has it open it can't be written, and what she types into it is meant.
        self._writer.submit(lambda tx: recording.note_edition(tx, view.edition, landed=False))

    def _note_missing(self, view: SheetView, expected: Mapping[str, bool]) -> None:
        # Rows that she had before ours came carry marks in the ref's column: they are none of ours.
        present = ({row.ref for row in view.rows} | set(view.duplicates)) & expected.keys()
        missing = [ref for ref in expected if ref not in present]
        if missing and not present:
            log.warning("the sheet holds none of our %s rows: the live ones are written again", len(missing))
            # Ended orders stand in the file that she put away; a new one begins with what is still to be done.
            self._in_chunks(_write_again, [ref for ref in missing if not expected[ref]])
            self._in_chunks(_keep_away, [ref for ref in missing if expected[ref]])
        elif missing:
            self._in_chunks(partial(_answer_deletion, over=expected), missing)

    def _in_chunks(self, work: Callable[..., None], refs: list[str]) -> None:
        # Small works: orders wait behind them.
        for start in range(0, len(refs), WORK):
            self._writer.submit(partial(work, refs=refs[start : start + WORK], now_ms=to_ms(self._clock())))

    def _push(self) -> int:
        if self._sheet.wait_s() > 0:
            return 0
        wording = self._wording()
        held = self._offline.held if self._offline is not None else ()
        with self._reader.begin() as connection:
            records = outbox.pending_rows(connection, BATCH, without=[*self._duplicates, *held])
            orders = store.orders_by_ids(connection, [record.order_id for record in records])
            known = outbox.sheet_editions(connection).known
        if not records:
            return 0
        rows = [order_row(record, orders[record.order_id], wording) for record in records]
        try:
            return self._write(records, rows, known)
        except SheetTooLarge:
            # No room for new rows; what stands there already is kept right all the same.
            standing = [(record, row) for record, row in zip(records, rows, strict=True) if not row.insert]
            if standing and len(standing) < len(rows):
                self._write([record for record, _ in standing], [row for _, row in standing], known)
            raise

    def _write(self, records: list[SheetRecord], rows: list[OrderRow], known: Collection[str]) -> int:
        writing = {row.ref: dict(row.values) for row in rows}
        edition = outbox.new_edition(self._clock())

        def intend(tx: Transaction) -> None:
            recording.note_edition(tx, edition, landed=False)
            recording.note_sheet_rows(tx, {record.order_id: {"writing": writing[record.ref]} for record in records})

        self._writer.submit(intend)
        report = self._sheet.write(rows, edition=edition, known=known)
        by_ref = {record.ref: record for record in records}
        now_ms = to_ms(self._clock())

        def mark(tx: Transaction) -> None:
            recording.note_edition(tx, report.edition, landed=True)
            written = [by_ref[ref] for ref in report.written]
            noted: dict[int, dict[str, Any]] = {}
            for record in written:
                # Where she has typed meanwhile, what we saw last stays what it was: the difference is her command.
                kept = {column: record.seen.get(column) for column in report.edited.get(record.ref, {})}
                noted[record.order_id] = {
                    "seen": {column: writing[record.ref][column] for column in (*EDITABLE, *IDENTITY)} | kept,
                    "writing": None,
                    "last_written_at_ms": now_ms,
                    **({} if record.written else {"first_written_at_ms": now_ms}),
                }
            recording.note_sheet_rows(tx, noted)
            recording.mark_delivered(tx, {record.order_id: record.version for record in written}, now_ms)

        self._writer.submit(mark)
        self._sheet.confirm()
        if report.missing:
            # What a tab that was made just now lacks, nobody has deleted.
            over = {
                row.ref: row.status in ENDED or row.erased_at is not None for row in self._orders_of(report.missing)
            }
            if ORDERS.code in report.created:
                self._in_chunks(_write_again, list(report.missing))
            else:
                self._in_chunks(partial(_answer_deletion, over=over), list(report.missing))
        if report.created and ORDERS.code not in report.created:
            # A tab that she had deleted: it is filled again, with all that stands in the orders tab.
            with self._reader.begin() as connection:
                expected = list(outbox.written_refs(connection))
            self._in_chunks(_compare_again, expected)
        if report.edited or len(report.written) < len(rows):
            self._unread = True
        return len(report.written)

    def _orders_of(self, refs: Iterable[str]) -> list[StoredOrder]:
        with self._reader.begin() as connection:
            records = outbox.sheet_records(connection, refs)
            return list(store.orders_by_ids(connection, [record.order_id for record in records.values()]).values())


def _carry_out(
    tx: Transaction, record: SheetRecord, edits: Mapping[str, Cell], seen: Mapping[str, Cell], now: datetime
) -> None:
    apply_edits(tx, record, edits, seen, now)


def _settle(tx: Transaction, rows: Sequence[tuple[SheetRecord, Mapping[str, Cell]]], now_ms: int) -> None:
    """Note that writes whose outcome was not known have landed, or that the earlier words still stand."""
    for record, present in rows:
        first = {} if record.written else {"first_written_at_ms": now_ms, "last_written_at_ms": now_ms}
        identity = {column: record.writing[column] for column in IDENTITY if column in record.writing}
        recording.note_sheet_row(tx, record.order_id, seen=dict(present) | identity, writing=None, **first)


def _take_over(tx: Transaction, rows: Sequence[tuple[SheetRecord, dict[str, Any], str | None]], now_ms: int) -> None:
    for record, seen, message in rows:
        first = {} if record.written else {"first_written_at_ms": now_ms}
        recording.note_sheet_row(
            tx, record.order_id, seen=seen, writing=None, message=message, away=0, last_written_at_ms=now_ms, **first
        )
        recording.mark_pending(tx, record.order_id, now_ms)


def _compare_again(tx: Transaction, refs: Iterable[str], now_ms: int) -> None:
    for record in outbox.sheet_records(tx.connection, refs).values():
        if record.written:
            recording.mark_pending(tx, record.order_id, now_ms)


def _write_again(tx: Transaction, refs: Iterable[str], now_ms: int, **more: Any) -> None:
    """
    Have rows inserted anew. What was seen in them is remembered: the old row may come back (undo, a save by renaming),
    and our old words in it are no commands.
    """
    for record in outbox.sheet_records(tx.connection, refs).values():
        recording.note_sheet_row(
            tx, record.order_id, first_written_at_ms=None, last_written_at_ms=None, written_version=0, **more
        )
        recording.mark_pending(tx, record.order_id, now_ms)


def _keep_away(tx: Transaction, refs: Iterable[str], now_ms: int) -> None:
    """Let rows stay away; until she brings them back."""
    for record in outbox.sheet_records(tx.connection, refs).values():
        recording.note_sheet_row(tx, record.order_id, away=1)
        recording.mark_delivered(tx, {record.order_id: record.version}, now_ms)


def _answer_deletion(tx: Transaction, refs: Iterable[str], now_ms: int, over: Mapping[str, bool]) -> None:
    """Write the deleted row of a live order again, once and with a word; let the others stay away."""
    for ref, record in outbox.sheet_records(tx.connection, refs).items():
        if over[ref] or record.deletions:
            log.info("order %s: its deleted row stays away", ref)
            recording.note_sheet_row(tx, record.order_id, deletions=record.deletions + 1)
            _keep_away(tx, [ref], now_ms)
        else:
            log.info("order %s: its deleted row is written again", ref)
            message = Bounced("row_restored", target=str(Status.CANCELLED_BY_SELLER)).message()
            _write_again(tx, [ref], now_ms, deletions=1, message=message)


def _bring_back(tx: Transaction, order_id: int, now_ms: int) -> None:
    recording.note_sheet_row(tx, order_id, away=0)
    recording.mark_pending(tx, order_id, now_ms)
