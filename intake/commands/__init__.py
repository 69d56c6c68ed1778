"""
The seller's edits: what she changes in an editable cell is a command, carried out or bounced with a reason.

An edit is a value that differs from what we last wrote or saw there. Every command is checked against the one table of
transitions (preorder.status); its guards are checked in moves. words reads what she typed, money and texts carry out
what is no status. Nothing here knows which kind of sheet it was.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime

from intake.commands.bounce import Bounced, Cell, Edit, Handler
from intake.commands.money import set_money, set_shipping
from intake.commands.moves import set_status
from intake.commands.texts import set_text, set_tracking
from intake.ledger import recording, store
from intake.ledger.outbox import SheetRecord
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction

log = logging.getLogger(__name__)

# In this order: money before status, so that "money in" and "paid" typed together agree; a note before the status that
# may need it as a reason.
COLUMNS = ("shipping", "money_in", "courier", "seller_note", "tracking", "status")

_HANDLERS: Mapping[str, Handler] = {
    "shipping": set_shipping,
    "money_in": set_money,
    "courier": set_text("courier"),
    "seller_note": set_text("seller_note"),
    "tracking": set_tracking,
    "status": set_status,
}


def apply_edits(
    tx: Transaction, record: SheetRecord, edits: Mapping[str, Cell], seen: Mapping[str, Cell], now: datetime
) -> bool:
    """
    Carry out the edits of one row, each for itself: one that bounces does not undo the others.

    Args:
        edits: column -> value as it stands now, only those that she changed.
        seen: column -> value of all editable columns of the row; remembered, so that each edit is carried out once.

    Returns:
        True where all were carried out.
    """
    bounce: Bounced | None = None
    asked = json.loads(record.message) if record.message else {}
    for column in COLUMNS:
        if column not in edits:
            continue
        order = store.order_by_id(tx.connection, record.order_id, lock=True)
        assert order is not None  # orders are never deleted
        savepoint = tx.connection.begin_nested()
        try:
            notice = _HANDLERS[column](tx, order, Edit(column, edits[column], edits, asked), now)
        except Bounced as refusal:
            savepoint.rollback()
            bounce = refusal
            log.info("order %s: %s bounced, %s", order.ref, column, refusal.kind)
        else:
            savepoint.commit()
            bounce = notice or bounce
            log.info("order %s: %s carried out", order.ref, column)
    now_ms = to_ms(now)
    message = bounce.message() if bounce else None
    recording.note_sheet_row(tx, record.order_id, seen=dict(seen), message=message, writing=None)
    # Always written back: in our spelling, or as it was before.
    recording.mark_pending(tx, record.order_id, now_ms)
    return bounce is None


__all__ = ["COLUMNS", "Bounced", "Cell", "apply_edits"]
