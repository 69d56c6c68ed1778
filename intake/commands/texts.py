"""Her words in text cells: courier, note, receipt number."""

from __future__ import annotations

import math
from datetime import datetime

from intake.commands.bounce import Bounced, Cell, Edit, Handler
from intake.commands.moves import move
from intake.commands.words import is_error, keeps_digits, read_tracking
from intake.ledger import recording, store
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction
from preorder.order import clean_text
from preorder.status import Actor, Status, find_transition

TEXT_LIMITS = {"courier": 60, "seller_note": 1_000}


def set_text(column: str) -> Handler:
    """Give the handler of a column that holds free text."""

    def handle(tx: Transaction, order: StoredOrder, edit: Edit, now: datetime) -> Bounced | None:
        text = read_text(edit.value, TEXT_LIMITS[column])
        if text != getattr(order, column):
            _record_text(tx, order, column, text, now)
        return None

    return handle


def set_tracking(tx: Transaction, order: StoredOrder, edit: Edit, now: datetime) -> Bounced | None:
    """
    Keep a receipt number. Of an order that is ready it says that it is on its way; before that it is a number and
    nothing more.
    """
    if isinstance(edit.value, float) and math.isfinite(edit.value) and not keeps_digits(edit.value):
        raise Bounced("tracking_digits")
    typed = read_text(edit.value, 120)
    text = read_tracking(typed) if typed is not None else None
    if typed is not None and text is None:
        raise Bounced("bad_tracking", value=typed[:40])
    if text == order.tracking:
        return None
    _record_text(tx, order, "tracking", text, now)
    if text is None or order.status is not Status.READY:
        return None
    stored = store.order_by_id(tx.connection, order.order_id)
    row = find_transition(order.status, Status.SHIPPED, Actor.SELLER)
    assert stored is not None and row is not None  # noqa: PT018  both are there by construction
    savepoint = tx.connection.begin_nested()
    try:
        move(tx, stored, row, now)
    except Bounced as refusal:
        # The number is kept; why the order is not yet "shipped" she reads in the row.
        savepoint.rollback()
        return refusal
    savepoint.commit()
    return None


def _record_text(tx: Transaction, order: StoredOrder, column: str, text: str | None, now: datetime) -> None:
    now_ms = to_ms(now)
    # The words themselves stay out of the history: they may name a person, and the history can't be erased.
    recording.add_event(tx, order, f"{column}_set" if text else f"{column}_removed", Actor.SELLER, now_ms)
    recording.change_order(tx, order, now_ms, **{column: text})


def read_text(value: Cell, limit: int) -> str | None:
    """
    Give the text of a cell, None for an empty one.

    Raises:
        Bounced: a formula's error, invisible characters, or too long.
    """
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        text = clean_text(str(value))
    except ValueError:
        raise Bounced("bad_characters") from None
    if isinstance(value, str) and is_error(text):
        raise Bounced("error_value", value=text[:40])
    if len(text) > limit:
        raise Bounced("too_long", length=len(text), most=limit)
    return text or None
