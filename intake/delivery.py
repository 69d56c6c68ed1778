"""
Between ledger and sheet: her edits in, our rows out.

One call of sync() is one round:
1. Read, if the sheet may have changed. What stands in an editable cell and is neither what we wrote nor what we saw is
    a command.
2. Remember what is about to be written (so that a crash in the middle can't make our own words look like her command).
3. Write the rows that wait; a cell that she changed meanwhile is left for the next round.
4. Mark as delivered what was read back.
Each write gives the sheet a new edition: a copy with an older one, put back from a backup, holds no commands.
Each step may be repeated: a crash between two of them is repaired by the next round.
"""

from __future__ import annotations

import gettext
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine

from intake import sentences
from intake.commands import Bounced, Cell, apply_edits
from intake.ledger import outbox, recording, store
from intake.ledger.outbox import SheetRecord
from intake.ledger.store import StoredLine, StoredOrder, to_ms
from intake.ledger.writer import Transaction, Writer
from intake.sheet import Cell as SheetCell
from intake.sheet import OrderRow, Sheet, SheetMissing, SheetView, same_value
from intake.sheet.columns import EDITABLE, ORDERS
from preorder.contact import show_phone, whatsapp_link
from preorder.status import ENDED, Status
from preorder.wording import PAYMENT_LABELS, STATUS_LABELS, show_instant

log = logging.getLogger(__name__)

# Rows in one write. More wait for the next round, a moment later.
BATCH = 500


@dataclass(frozen=True)
class Wording:
    """How rows are worded: the shop's language and zone."""

    language: str
    zone: str
    translation: gettext.NullTranslations


@dataclass(frozen=True)
class Synced:
    """What a round did: rows written, edits of how many rows carried out, and what waits."""

    written: int
    edited: int
    waiting: int


class Delivery:
    """Keeps a sheet and the ledger in step. One instance, used by one thread."""

    def __init__(
        self,
        sheet: Sheet,
        writer: Writer,
        reader: Engine,
        wording: Callable[[], Wording],
        clock: Callable[[], datetime],
    ) -> None:
        self._sheet = sheet
        self._writer = writer
        self._reader = reader
        self._wording = wording
        self._clock = clock
        # The first round always reads: what was under way when the process last ended is not known.
        self._unread = True

    def sync(self) -> Synced:
        """
        Do one round.

        Raises:
            SheetError: the sheet can't be read or written now; everything stays in the outbox.
        """
        try:
            edited = self._pull()
            written = self._push()
        except Exception:
            # Whatever happened, the next round looks for itself.
            self._unread = True
            raise
        with self._reader.begin() as connection:
            waiting = outbox.waiting_rows(connection).rows
        return Synced(written, edited, waiting)

    def note_failure(self, error: str) -> None:
        """Remember for doctor why the waiting rows could not be written."""
        now_ms = to_ms(self._clock())
        self._writer.submit(lambda tx: recording.note_failed_try(tx, now_ms, error))

    def _pull(self) -> int:
        if not (self._unread or self._sheet.changed()):
            return 0
        try:
            view = self._sheet.read()
        except SheetMissing:
            # A workbook that she moved away is made again by the write; a spreadsheet that is gone is reported by it.
            view = SheetView((), (), (), "")
        with self._reader.begin() as connection:
            records = outbox.sheet_records(connection, [row.ref for row in view.rows])
            expected = outbox.written_refs(connection)
            editions = outbox.sheet_editions(connection)
        if view.edition and editions and view.edition not in editions:
            self._pull_old_copy(view, records, expected)
            self._unread = False
            return 0
        edited = 0
        for row in view.rows:
            record = records.get(row.ref)
            if record is None:
                log.warning("the sheet holds a ref that is not ours: %.20s", row.ref)
                continue
            if record.away:
                # She has brought the row back.
                self._writer.submit(partial(_bring_back, order_id=record.order_id, now_ms=to_ms(self._clock())))
            edited += self._pull_row(record, row.values)
        self._note_deleted(view, expected)
        self._unread = False
        return edited

    def _pull_old_copy(
        self, view: SheetView, records: Mapping[str, SheetRecord], expected: Mapping[str, Status]
    ) -> None:
        """
        Take over an older copy of the sheet that was put back: what stands in it are old words of ours and of hers, and
        none of them is a command. Rows that differ from the ledger are written anew and say so.
        """
        log.warning(
            "the sheet is an older copy: its %s rows are written anew, nothing in it is a command", len(records)
        )
        wording = self._wording()

        def take_over(tx: Transaction) -> None:
            now_ms = to_ms(self._clock())
            for row in view.rows:
                record = records.get(row.ref)
                order = store.order_by_id(tx.connection, record.order_id) if record else None
                if record is None or order is None:
                    continue
                wanted = order_row(record, order, wording).values
                differs = any(not same_value(row.values[column], wanted[column]) for column in row.values)
                message = Bounced("old_copy").message() if differs else record.message
                seen = dict(record.seen) | dict(row.values)
                first = {"first_written_at_ms": now_ms} if not record.written else {}
                recording.note_sheet_row(
                    tx,
                    record.order_id,
                    seen=seen,
                    writing=None,
                    message=message,
                    away=0,
                    last_written_at_ms=now_ms,
                    **first,
                )
                recording.mark_pending(tx, record.order_id, now_ms)
            present = {row.ref for row in view.rows} | set(view.duplicates)
            self._restore(tx, [ref for ref in expected if ref not in present], counted=False)

        self._writer.submit(take_over)

    def _pull_row(self, record: SheetRecord, values: Mapping[str, Cell]) -> int:
        # A column that is left out could not be read: unchanged, as far as we know.
        present = dict(record.seen) | {column: values[column] for column in EDITABLE if column in values}
        edits: dict[str, Cell] = {}
        for column in values.keys() & set(EDITABLE):
            value = values[column]
            ours = [record.seen.get(column)] + ([record.writing.get(column)] if record.writing else [])
            if not any(same_value(value, known) for known in ours):
                edits[column] = value
        if edits:
            now = self._clock()
            self._writer.submit(lambda tx: apply_edits(tx, record, edits, present, now))
            return 1
        if record.writing:
            # A write whose outcome was not known: the row is there, so it has landed (or the earlier one still stands).
            first = (
                {}
                if record.written
                else {"first_written_at_ms": to_ms(self._clock()), "last_written_at_ms": to_ms(self._clock())}
            )
            self._writer.submit(
                lambda tx: recording.note_sheet_row(tx, record.order_id, seen=present, writing=None, **first)
            )
        return 0

    def _note_deleted(self, view: SheetView, expected: Mapping[str, Status]) -> None:
        present = {row.ref for row in view.rows} | set(view.duplicates)
        missing = [ref for ref in expected if ref not in present]
        if missing and not present:
            # The file is new or was replaced: everything is written again, and nobody has deleted an order.
            log.warning("the sheet holds none of our %s rows: all are written again", len(missing))
            self._writer.submit(lambda tx: self._restore(tx, missing, counted=False))
        elif missing:
            self._writer.submit(lambda tx: self._restore(tx, missing, counted=True))

    def _restore(self, tx: Transaction, refs: list[str], *, counted: bool) -> None:
        now_ms = to_ms(self._clock())
        for ref, record in outbox.sheet_records(tx.connection, refs).items():
            order = store.order_by_id(tx.connection, record.order_id)
            assert order is not None  # orders are never deleted
            if not counted and order.status in ENDED:
                # It stands in the file that she put away; a new one begins with what is still to be done.
                recording.note_sheet_row(tx, record.order_id, away=1)
                recording.mark_delivered(tx, record.order_id, record.version, now_ms)
                continue
            if not counted:
                recording.note_sheet_row(
                    tx, record.order_id, first_written_at_ms=None, last_written_at_ms=None, written_version=0, seen={}
                )
            elif order.status in ENDED or record.deletions:
                log.info("order %s: its deleted row stays away", ref)
                recording.note_sheet_row(tx, record.order_id, away=1, deletions=record.deletions + 1)
                recording.mark_delivered(tx, record.order_id, record.version, now_ms)
                continue
            else:
                log.info("order %s: its deleted row is written again", ref)
                message = Bounced("row_restored", target=str(Status.CANCELLED_BY_SELLER)).message()
                recording.note_sheet_row(
                    tx,
                    record.order_id,
                    deletions=1,
                    message=message,
                    first_written_at_ms=None,
                    last_written_at_ms=None,
                    written_version=0,
                    seen={},
                )
            recording.mark_pending(tx, record.order_id, now_ms)

    def _push(self) -> int:
        wording = self._wording()
        with self._reader.begin() as connection:
            records = [record for record in outbox.pending_rows(connection, BATCH) if not record.away]
            orders = store.orders_by_ids(connection, [record.order_id for record in records])
        if not records:
            return 0
        rows = [
            order_row(record, order, wording)
            for record in records
            if (order := orders.get(record.order_id)) is not None
        ]
        writing = {row.ref: {column: row.values[column] for column in EDITABLE} for row in rows}

        edition = secrets.token_hex(8)

        def intend(tx: Transaction) -> None:
            recording.note_edition(tx, edition, landed=False)
            for record in records:
                recording.note_sheet_row(tx, record.order_id, writing=writing[record.ref])

        self._writer.submit(intend)
        report = self._sheet.write(rows, edition=edition)
        by_ref = {record.ref: record for record in records}
        now_ms = to_ms(self._clock())

        def mark(tx: Transaction) -> None:
            recording.note_edition(tx, report.edition, landed=True)
            for ref in report.written:
                record = by_ref[ref]
                # Where she has typed meanwhile, what we saw last stays what it was: the difference is her command.
                kept = {column: record.seen.get(column) for column in report.edited.get(ref, {})}
                first = {} if record.written else {"first_written_at_ms": now_ms}
                recording.note_sheet_row(
                    tx, record.order_id, seen=writing[ref] | kept, writing=None, last_written_at_ms=now_ms, **first
                )
                recording.mark_delivered(tx, record.order_id, record.version, now_ms)
            # What a tab that was made just now lacks, nobody has deleted.
            self._restore(tx, list(report.missing), counted=ORDERS.code not in report.created)

        self._writer.submit(mark)
        if report.edited or report.missing:
            self._unread = True
        return len(report.written)


def _bring_back(tx: Transaction, order_id: int, now_ms: int) -> None:
    recording.note_sheet_row(tx, order_id, away=0)
    recording.mark_pending(tx, order_id, now_ms)


def order_row(record: SheetRecord, order: StoredOrder, wording: Wording) -> OrderRow:
    """Give an order as its row in the sheet should look. Text stays text; counts and money are numbers."""
    money, language = order.money, wording.language
    values: dict[str, Any] = {
        "ref": order.ref,
        "status": STATUS_LABELS[language][order.status],
        "name": order.name,
        "whatsapp": show_phone(order.phone) if order.phone else None,
        "summary": "; ".join(_line_text(line) for line in order.lines),
        "buyer_note": order.note,
        "total": money.total,
        "due": money.due,
        "pay_by": _shown(order.pay_by, wording) if money.due else None,
        "money_in": order.received or None,
        "payment": PAYMENT_LABELS[language][money.state],
        "delivery": order.delivery_name,
        "shipping": order.shipping,
        "address": order.address,
        "courier": order.courier,
        "tracking": order.tracking,
        "seller_note": order.seller_note,
        "chat": _chat(order, wording),
        "campaign": order.snapshot["campaign"]["title"],
        "placed_at": _shown(order.placed_at, wording),
        "channel": order.channel,
        "message": sentences.explain(record.message, wording.translation, language, wording.zone)
        if record.message
        else None,
    }
    return OrderRow(
        ref=order.ref,
        values=values,
        seen=record.seen,
        lines=tuple(_line_row(order, line, language) for line in order.lines),
        insert=not record.written,
    )


def _line_text(line: StoredLine) -> str:
    chosen = ", ".join(f"{name}: {text}" for name, text in line.options.items())
    return f"{line.qty}\N{MULTIPLICATION SIGN} {line.name}" + (f" ({chosen})" if chosen else "")


def _line_row(order: StoredOrder, line: StoredLine, language: str) -> dict[str, SheetCell]:
    return {
        "ref": order.ref,
        "product": line.product_name,
        "variant": line.variant_name,
        "options": ", ".join(f"{name}: {text}" for name, text in line.options.items()) or None,
        "qty": line.qty,
        "price": line.price,
        "subtotal": line.qty * line.price,
        "note": line.note,
        "done": line.qty_done,
        "status": STATUS_LABELS[language][order.status],
    }


def _chat(order: StoredOrder, wording: Wording) -> str | None:
    if not order.phone:
        return None
    _ = wording.translation.gettext
    draft = _("Hello %(name)s, about your order %(ref)s: ") % {"name": order.name, "ref": order.ref}
    return whatsapp_link(order.phone, draft)


def _shown(instant: datetime | None, wording: Wording) -> str | None:
    return show_instant(instant, wording.zone, wording.language) if instant else None
