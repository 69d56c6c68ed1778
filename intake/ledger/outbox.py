"""
What waits to be shown in the seller's sheet, and what we know of the rows there. Reading only; see intake.ledger.recording.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, or_, select

from intake.ledger.schema import meta, orders, outbox, sheet_rows
from intake.ledger.store import from_ms, to_ms
from preorder.status import ENDED

# Keys of meta: the sheet's edition as last written, and of the write that is under way.
EDITION_KEY = "sheet_edition"
NEXT_EDITION_KEY = "sheet_edition_next"
# Writes without a known outcome that are remembered: a day of one try every few minutes.
INTENDED_EDITIONS = 300


@dataclass(frozen=True)
class SheetRecord:
    """
    What we know of an order's row in the sheet.

    Attributes:
        seen: editable column -> the value that we last wrote or saw there.
        writing: column -> the value of a write whose outcome is not known yet; empty when none is under way.
        message: what the seller is told in the row's system column.
        written: whether it has ever stood in the sheet.
        deletions: how often she has deleted it; away: whether it is kept away for that.
        version: of the outbox entry; rises with everything that the row should show.
        erased: whether its buyer's data was taken out: then nothing in the row is a command.
    """

    order_id: int
    ref: str
    seen: Mapping[str, Any]
    writing: Mapping[str, Any]
    message: str | None
    written: bool
    deletions: int
    away: bool
    version: int
    erased: bool = False


_RECORDS = select(
    orders.c.order_id,
    orders.c.ref,
    orders.c.erased_at_ms,
    outbox.c.version,
    sheet_rows.c.seen,
    sheet_rows.c.writing,
    sheet_rows.c.message,
    sheet_rows.c.first_written_at_ms,
    sheet_rows.c.deletions,
    sheet_rows.c.away,
).select_from(
    orders.join(outbox, outbox.c.order_id == orders.c.order_id).outerjoin(
        sheet_rows, orders.c.order_id == sheet_rows.c.order_id
    )
)


def sheet_records(connection: Connection, refs: Iterable[str]) -> dict[str, SheetRecord]:
    """Give ref -> what we know of its row, for those refs that are ours."""
    wanted = list(refs)
    records: dict[str, SheetRecord] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        for row in connection.execute(_RECORDS.where(orders.c.ref.in_(chunk))).mappings():
            records[row["ref"]] = _record(row)
    return records


def _record(row: RowMapping) -> SheetRecord:
    return SheetRecord(
        order_id=row["order_id"],
        ref=row["ref"],
        seen=json.loads(row["seen"]) if row["seen"] else {},
        writing=json.loads(row["writing"]) if row["writing"] else {},
        message=row["message"],
        written=row["first_written_at_ms"] is not None,
        deletions=row["deletions"] or 0,
        away=bool(row["away"]),
        version=row["version"],
        erased=row["erased_at_ms"] is not None,
    )


@dataclass(frozen=True)
class Editions:
    """
    The marks that the sheet may carry.

    Attributes:
        landed: of the last write that is known to stand there; "" while there is none.
        intended: of the writes since, whose outcome is not known: any of them may have landed.
    """

    landed: str
    intended: tuple[str, ...]

    @property
    def known(self) -> set[str]:
        """Give all of them."""
        return {edition for edition in (self.landed, *self.intended) if edition}


def new_edition(now: datetime) -> str:
    """Give a mark for the sheet that no other write has, and that tells which of two was written later."""
    return f"{to_ms(now):013d}-{secrets.token_hex(4)}"


def is_earlier(edition: str, than: str) -> bool:
    """Say whether a mark was made before another; False where one of them doesn't tell."""
    first, second = edition.partition("-")[0], than.partition("-")[0]
    return first.isdecimal() and second.isdecimal() and int(first) < int(second)


def sheet_editions(connection: Connection) -> Editions:
    """Give the marks that the sheet may carry."""
    found = select(meta.c.key, meta.c.value).where(meta.c.key.in_((EDITION_KEY, NEXT_EDITION_KEY)))
    values = {row.key: row.value for row in connection.execute(found)}
    return Editions(values.get(EDITION_KEY, ""), tuple(values.get(NEXT_EDITION_KEY, "").split()))


@dataclass(frozen=True)
class Waiting:
    """What doctor says of the outbox: rows not yet in the sheet, since when (None: none), and the last error."""

    rows: int
    since: datetime | None
    error: str | None


# Rows that she has deleted twice, or of ended orders, are not written again.
_WAITING = (outbox.c.state == "pending") & (func.coalesce(sheet_rows.c.away, 0) == 0)


def waiting_rows(connection: Connection) -> Waiting:
    """Give how much waits to be written to the sheet."""
    both = outbox.outerjoin(sheet_rows, sheet_rows.c.order_id == outbox.c.order_id)
    found = select(func.count(), func.min(outbox.c.changed_at_ms)).select_from(both).where(_WAITING)
    rows, since = connection.execute(found).one()
    latest = (
        select(outbox.c.last_error).select_from(both).where(_WAITING).order_by(outbox.c.last_try_ms.desc()).limit(1)
    )
    error = connection.execute(latest).scalar()
    return Waiting(int(rows), from_ms(since) if since is not None else None, error)


def pending_rows(connection: Connection, limit: int, without: Collection[str] = ()) -> list[SheetRecord]:
    """Give the orders whose row in the sheet is not yet as the ledger has it, oldest first; without these refs."""
    found = _RECORDS.where(_WAITING, orders.c.ref.not_in(sorted(without))).order_by(outbox.c.order_id).limit(limit)
    return [_record(row) for row in connection.execute(found).mappings()]


def unsettled_rows(connection: Connection) -> list[SheetRecord]:
    """Give the orders whose last write is not known to stand in the sheet."""
    found = _RECORDS.where(sheet_rows.c.writing.is_not(None)).order_by(outbox.c.order_id)
    return [_record(row) for row in connection.execute(found).mappings()]


def written_refs(connection: Connection) -> dict[str, bool]:
    """
    Give ref -> whether its row may stay away once it is gone (the order has ended, or is nobody's any more), of all
    orders that have stood in the sheet and are not kept away from it.
    """
    over = or_(orders.c.status.in_(sorted(ENDED)), orders.c.erased_at_ms.is_not(None))
    found = select(orders.c.ref, case((over, 1), else_=0).label("over"))
    found = found.join(sheet_rows, sheet_rows.c.order_id == orders.c.order_id)
    found = found.where(sheet_rows.c.first_written_at_ms.is_not(None), sheet_rows.c.away == 0)
    return {row.ref: bool(row.over) for row in connection.execute(found)}
