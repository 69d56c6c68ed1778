"""
Comparing the seller's sheet with the ledger, order by order: what is missing, stands twice, belongs to nobody, or differs.
Nothing is changed but by queue_again(), which has rows written again by the shop.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from intake.language import translations
from intake.ledger import outbox, recording, store
from intake.ledger.copying import LedgerOutdated
from intake.ledger.engine import LedgerMissing, open_reader, open_writer
from intake.ledger.folder import DataFolder, LedgerLock, telling_folder_trouble
from intake.ledger.migrate import HEAD, check_revision
from intake.ledger.opening import sqlite_file, telling_database_trouble
from intake.ledger.outbox import Waiting
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction
from intake.order_rows import Wording, order_row
from intake.published import open_source
from intake.settings import Settings
from intake.sheet import Found, OrderRow, canonical, looks_like_ref, same_value
from intake.sheet.columns import LINES, ORDERS, Column
from intake.sheet.opening import recall_sheet
from intake.sheet.recall import RecalledRow

# Orders that are loaded at a time.
CHUNK = 200
# All of them: how many wait is no question here.
_ALL = 10**9


@dataclass
class Comparison:
    """
    What was found; refs unless it says otherwise.

    Attributes:
        compared: how many orders stand in both.
        missing: that stood in the sheet once and don't any more, and that she has not deleted for good.
        duplicates: that stand more than once: nothing of them is written.
        unknown: (ref, row) of rows with a ref that the ledger doesn't know.
        differing: ref -> codes of our columns that show something else than the ledger has; "lines" for its lines.
        waiting: that are on their way to the sheet anyway; left out of all others.
    """

    compared: int = 0
    missing: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    @property
    def repairable(self) -> list[str]:
        """Give the refs whose row can be written again."""
        return sorted({*self.missing, *self.differing})


def compare(settings: Settings, language: str) -> Comparison:
    """
    Compare sheet and ledger. A shop may go on meanwhile: what it is just writing counts as waiting.

    Raises:
        SheetError: the sheet can't be read.
        LedgerMissing, LedgerOutdated, CatalogueUnavailable, DatabaseAway, ...
    """
    catalogue = open_source(settings.catalogue, settings.data / "catalogue.json").current()
    shop = catalogue.shop
    wording = Wording(language, shop.zone, translations(settings.templates, language, shop.salutation))
    with reading(settings) as connection:
        expected = set(outbox.written_refs(connection))
        before = _waiting_refs(connection)
    recalled = recall_sheet(settings, language)
    found = Comparison(duplicates=list(recalled.duplicates))
    with reading(settings) as connection:
        # Whatever was changed while the sheet was read is on its way there.
        waiting = before | _waiting_refs(connection)
        found.waiting = sorted(waiting)
        rows = {row.ref: row for row in recalled.rows}
        known = outbox.sheet_records(connection, [*rows, *expected])
        found.unknown = [(ref, row.number) for ref, row in rows.items() if ref not in known and looks_like_ref(ref)]
        found.missing = sorted(expected - rows.keys() - set(found.duplicates) - waiting)
        both = sorted(rows.keys() & known.keys() - waiting)
        found.compared = len(both)
        for start in range(0, len(both), CHUNK):
            records = [known[ref] for ref in both[start : start + CHUNK]]
            orders = store.orders_by_ids(connection, [record.order_id for record in records])
            for record in records:
                wanted = order_row(record, orders[record.order_id], wording)
                if codes := _differing(wanted, rows[record.ref]):
                    found.differing[record.ref] = codes
    return found


def _waiting_refs(connection: Connection) -> set[str]:
    return {record.ref for record in outbox.pending_rows(connection, _ALL)}


def _differing(wanted: OrderRow, row: RecalledRow) -> list[str]:
    """Give what of ours shows something else; what she has typed into her columns and is not read yet is none of it."""
    codes = [
        column.code
        for column in ORDERS.columns
        if not column.editable
        and column.code in row.values
        and not same_value(
            *(_target(column, value) for value in (row.values[column.code], wanted.values.get(column.code)))
        )
    ]
    ours = [column.code for column in LINES.columns]
    if row.lines and _bag(ours, row.lines) != _bag(ours, [dict(line) | {"ref": wanted.ref} for line in wanted.lines]):
        codes.append(LINES.code)
    return codes


def _target(column: Column, value: Found) -> Found:
    """Give what a cell is compared by: of a link where it leads to, for the draft in it is worded anew with each version."""
    return value.partition("?")[0] if column.kind == "link" and isinstance(value, str) else value


def _bag(codes: Sequence[str], lines: Sequence[Mapping[str, Found]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(canonical(line.get(code)) for code in codes) for line in lines)


def queue_again(settings: Settings, found: Comparison, now: datetime) -> None:
    """
    Have rows written again. On SQLite while no shop runs, for that alone writes its ledger then.

    Raises:
        FolderInUse, LedgerInUse: a shop runs.
    """
    with writing(settings) as engine, engine.begin() as connection:
        tx = Transaction(connection)
        records = outbox.sheet_records(connection, found.repairable)
        for ref in found.repairable:
            if (record := records.get(ref)) is None:
                continue
            if ref in found.missing:
                recording.note_sheet_row(
                    tx, record.order_id, first_written_at_ms=None, last_written_at_ms=None, written_version=0, away=0
                )
            recording.mark_pending(tx, record.order_id, to_ms(now))


def waiting(settings: Settings) -> Waiting | None:
    """Give how much waits to be written; None where there is no ledger yet."""
    try:
        with reading(settings) as connection:
            return outbox.waiting_rows(connection)
    except LedgerMissing:
        return None


@contextlib.contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """
    Give a look into the ledger as it stands at one moment; a shop may go on meanwhile.

    Raises:
        LedgerMissing, LedgerOutdated, DatabaseAway, ...
    """
    with contextlib.ExitStack() as opened, telling_database_trouble(settings.database_url):
        reader = open_reader(settings.database_url)
        opened.callback(reader.dispose)
        if (revision := check_revision(reader)) != HEAD:
            raise LedgerOutdated(found=revision or "-", known=HEAD)
        yield opened.enter_context(reader.begin())


@contextlib.contextmanager
def writing(settings: Settings) -> Iterator[Engine]:
    """
    Give the engine that writes; on SQLite with the locks that keep every other process from folder and ledger.

    Raises:
        FolderInUse, LedgerInUse: a shop runs (SQLite).
        FolderUnusable, DatabaseAway, ...
    """
    with contextlib.ExitStack() as held:
        with telling_folder_trouble(settings.data):
            if (ledger := sqlite_file(settings.database_url)) is not None:
                held.enter_context(DataFolder(settings.data))
                held.enter_context(LedgerLock(ledger))
        with telling_database_trouble(settings.database_url):
            engine = open_writer(settings.database_url)
            held.callback(engine.dispose)
            yield engine
