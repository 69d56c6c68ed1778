"""
Taking a buyer's data out of an order or an enquiry: who she is and what she wrote goes, what was sold and paid stays.

What goes: the status link, name, number, address and notes, the receipt number, the texts that she had written on
things, and what the sheet's row is remembered to say of all that. What stays: products and choices from a list,
quantities, money, the history (which holds codes and nobody's words), when she agreed to which terms. The row in the
sheet is emptied by the next write; nothing in it is a command from then on.

Source: docs/operator.md, "Erasing a buyer's data"; UU 27/2022.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exists, select, update

from intake.ledger import consents, enquiries, outbox, recording, store
from intake.ledger.enquiries import StoredEnquiry
from intake.ledger.schema import entries, events, order_lines, orders
from intake.ledger.store import StoredLine, StoredOrder, to_ms
from intake.ledger.writer import Transaction
from preorder.enquiries import EnquiryStatus
from preorder.payment import PaymentState
from preorder.shop import CHANNELS
from preorder.status import ENDED, Actor, Status

log = logging.getLogger(__name__)

# What the row of an erased order says to the seller: kind of a message (intake.sentences).
ERASED_MESSAGE = "order_erased"
# Columns of the sheet that say nothing about a person: what may still be remembered of an erased order's row.
KEPT_CELLS = ("status", "money_in", "shipping", "courier", "placed_at")
# Orders that nothing more will happen to. A lapsed one could be revived; whoever asks for erasure gives that up.
OVER = ENDED | {Status.EXPIRED}
# What an order of the sheet has as its channel where the seller has typed none.
_OFFLINE = "offline"


class Obstacle(StrEnum):
    """Why a buyer's data can't be taken out now."""

    RUNNING = "running"  # the order has not ended: without address and number nobody could carry it out
    MONEY = "money"  # the seller still has money that goes back to her
    COMPLAINT = "complaint"  # her complaint is open
    ERASED = "erased"  # nothing of her is there any more


@dataclass(frozen=True)
class Candidate:
    """An order, or an enquiry, that was asked about. obstacle: None where its buyer's data can be taken out."""

    ref: str
    status: Status | EnquiryStatus
    obstacle: Obstacle | None


def refs_of(connection: Connection, phone_hmac: str) -> list[str]:
    """Give the refs of all orders and enquiries with this number, oldest first."""
    found = select(orders.c.ref).where(orders.c.phone_hmac == phone_hmac).order_by(orders.c.order_id)
    return [*connection.execute(found).scalars(), *enquiries.refs_of(connection, phone_hmac)]


def look(connection: Connection, refs: Iterable[str]) -> list[Candidate]:
    """Give what can be done about these orders and enquiries; refs of nobody are left out."""
    found = []
    for ref in refs:
        if (order := store.order_by_ref(connection, ref)) is not None:
            found.append(Candidate(order.ref, order.status, _obstacle(order)))
        elif (enquiry := enquiries.by_ref(connection, ref)) is not None:
            found.append(_candidate(enquiry))
    return found


def _candidate(enquiry: StoredEnquiry) -> Candidate:
    return Candidate(enquiry.ref, enquiry.status, Obstacle.ERASED if enquiry.name is None else None)


def _obstacle(order: StoredOrder) -> Obstacle | None:
    if order.erased_at is not None:
        return Obstacle.ERASED
    if order.status not in OVER:
        return Obstacle.RUNNING
    if order.money.state in {PaymentState.REFUND_DUE, PaymentState.OVERPAID}:
        return Obstacle.MONEY
    return Obstacle.COMPLAINT if order.complaint_open else None


def erase(tx: Transaction, ref: str, now: datetime, actor: Actor) -> Candidate | None:
    """
    Take a buyer's data out of an order or an enquiry, unless something stands in the way. Doing it twice changes nothing.

    Returns:
        How it was found: done where there was no obstacle. None for a ref of nobody.
    """
    order = store.order_by_ref(tx.connection, ref, lock=True)
    if order is None:
        return _erase_enquiry(tx, ref, now, actor)
    candidate = Candidate(order.ref, order.status, _obstacle(order))
    if candidate.obstacle is None:
        blank(tx, order, now, actor)
    return candidate


def _erase_enquiry(tx: Transaction, ref: str, now: datetime, actor: Actor) -> Candidate | None:
    enquiry = enquiries.by_ref(tx.connection, ref, lock=True)
    if enquiry is None:
        return None
    candidate = _candidate(enquiry)
    if candidate.obstacle is None:
        enquiries.erase(tx, enquiry, to_ms(now), actor)
        log.info("enquiry %s: its asker's data was erased", ref)
    return candidate


def blank(tx: Transaction, order: StoredOrder, now: datetime, actor: Actor) -> None:
    """Take a buyer's data out of an order, whatever it stands at; for an erasure that a restore had forgotten."""
    now_ms = to_ms(now)
    products: Sequence[Mapping[str, Any]] = order.snapshot["campaign"]["products"]
    for line in order.lines:
        kept = json.dumps(dict(_chosen(line, products)), ensure_ascii=False)
        place = (order_lines.c.order_id == order.order_id) & (order_lines.c.position == line.position)
        tx.execute(update(order_lines).where(place).values(options=kept, note=None))
    # While the order still has its number: nobody else's consent is touched.
    consents.end(tx, order.order_id, now_ms, actor)
    recording.add_event(tx, order, "erased", actor, now_ms)
    told = order.channel
    if order.source == "sheet" and told not in {None, _OFFLINE, *CHANNELS}:
        # Typed by the seller, in any words.
        told = _OFFLINE
    recording.change_order(
        tx, order, now_ms, erased_at_ms=now_ms, token=None, fields_digest=None, name=None, phone=None, phone_hmac=None,
        address=None, note=None, tracking=None, seller_note=None, channel=told,
    )  # fmt: skip
    _forget_row(tx, order, now_ms)
    log.info("order %s: its buyer's data was erased", order.ref)


def _chosen(line: StoredLine, products: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give the choices of a line that were made from a list; what she had written herself is left out."""
    for product in products:
        for option in product["options"] if product["name"] == line.product_name else ():
            text = line.options.get(option["name"])
            if text is not None and text in option["choices"]:
                yield option["name"], text


def _forget_row(tx: Transaction, order: StoredOrder, now_ms: int) -> None:
    record = outbox.sheet_records(tx.connection, [order.ref])[order.ref]
    recording.note_sheet_row(
        tx,
        order.order_id,
        seen=kept_cells(record.seen),
        writing=kept_cells(record.writing) or None,
        message=json.dumps({"kind": ERASED_MESSAGE}),
    )
    if not record.written and not record.writing:
        # It never stood in the sheet, and an empty row would say nothing.
        recording.note_sheet_row(tx, order.order_id, away=1)
        fresh = outbox.sheet_records(tx.connection, [order.ref])[order.ref]
        recording.mark_delivered(tx, {order.order_id: fresh.version}, now_ms)


def kept_cells(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give what may be remembered of an erased order's row: column -> value."""
    return {column: value for column, value in values.items() if column in KEPT_CELLS}


def overdue(connection: Connection, before: datetime, after_id: int, limit: int) -> list[tuple[int, str]]:
    """
    Give (order id, ref) of orders that have ended, with all that happened to them, before an instant, and whose
    buyers' data is still there; in the order of their ids.

    Args:
        after_id: the ids are higher than this.
    """
    before_ms = to_ms(before)
    later = [
        exists().where(table.c.order_id == orders.c.order_id, table.c.at_ms >= before_ms) for table in (events, entries)
    ]
    found = (
        select(orders.c.order_id, orders.c.ref)
        .where(
            orders.c.order_id > after_id,
            orders.c.erased_at_ms.is_(None),
            orders.c.placed_at_ms < before_ms,
            orders.c.status.in_(sorted(OVER)),
            *(~each for each in later),
        )
        .order_by(orders.c.order_id)
        .limit(limit)
    )
    return [(row.order_id, row.ref) for row in connection.execute(found)]
