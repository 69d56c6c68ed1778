"""What buyers have allowed beside their orders: reading it, and taking down that it was given or taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from intake.ledger.recording import keep_snapshot
from intake.ledger.schema import consents, orders, snapshots
from intake.ledger.store import from_ms
from intake.ledger.writer import Transaction
from preorder.consent import MARK_DIGITS, ConsentText, Purpose
from preorder.status import Actor

# Orders that are asked for at a time.
_CHUNK = 500

_ROWS = (
    select(consents.c.order_id, consents.c.given, consents.c.at_ms, consents.c.text_hash, snapshots.c.body)
    .join_from(consents, snapshots, snapshots.c.hash == consents.c.text_hash)
    .where(consents.c.purpose == bindparam("purpose"), consents.c.order_id.in_(bindparam("ids", expanding=True)))
    .order_by(consents.c.consent_id)
)


@dataclass(frozen=True)
class Consent:
    """
    What a buyer has said last about one purpose.

    Attributes:
        given: False where she has taken it back.
        at: when she said it.
        text: the sentence as she read it then.
    """

    given: bool
    at: datetime
    text: str
    text_hash: str

    @property
    def mark(self) -> str:
        """Give the text's version as people name it."""
        return self.text_hash[:MARK_DIGITS]


def find_consents(connection: Connection, order_ids: Iterable[int], purpose: Purpose) -> dict[int, Consent]:
    """Give order id -> what its buyer has said last; an order where she has said nothing is left out."""
    wanted = list(order_ids)
    found: dict[int, Consent] = {}
    for start in range(0, len(wanted), _CHUNK):
        values = {"purpose": purpose, "ids": wanted[start : start + _CHUNK]}
        for row in connection.execute(_ROWS, values):
            text = str(json.loads(row.body)["text"])
            found[row.order_id] = Consent(bool(row.given), from_ms(row.at_ms), text, row.text_hash)
    return found


def give(tx: Transaction, order_id: int, text: ConsentText, now_ms: int) -> None:
    """Take down that an order's buyer allows what the text says, now; saying it again in the same words adds nothing."""
    last = find_consents(tx.connection, [order_id], text.purpose).get(order_id)
    if last is not None and last.given and last.text_hash == text.hash:
        return
    keep_snapshot(tx, text.hash, text.body, now_ms)
    _add(tx, order_id, text.purpose, text.hash, now_ms, Actor.BUYER, given=True)


def take_back(tx: Transaction, order_id: int, purpose: Purpose, now_ms: int, actor: Actor) -> int:
    """
    Take down that a purpose is not allowed any more: for this order, and for all others with the same number, for it is
    the number that nobody may write to then.

    Returns:
        For how many orders it was taken back.
    """
    standing = {
        each: consent
        for each, consent in find_consents(tx.connection, _same_number(tx, order_id), purpose).items()
        if consent.given
    }
    for each, consent in standing.items():
        _add(tx, each, purpose, consent.text_hash, now_ms, actor, given=False)
    return len(standing)


def end(tx: Transaction, order_id: int, now_ms: int, actor: Actor) -> None:
    """Take down that nothing is allowed any more with this order, of which the buyer's data is taken out."""
    for purpose in Purpose:
        last = find_consents(tx.connection, [order_id], purpose).get(order_id)
        if last is not None and last.given:
            _add(tx, order_id, purpose, last.text_hash, now_ms, actor, given=False)


def _same_number(tx: Transaction, order_id: int) -> list[int]:
    number = tx.execute(select(orders.c.phone_hmac).where(orders.c.order_id == order_id)).scalar()
    if number is None:
        return [order_id]
    return list(tx.execute(select(orders.c.order_id).where(orders.c.phone_hmac == number)).scalars())


def _add(
    tx: Transaction, order_id: int, purpose: Purpose, text_hash: str, now_ms: int, actor: Actor, *, given: bool
) -> None:
    row = {
        "order_id": order_id,
        "purpose": purpose,
        "given": int(given),
        "text_hash": text_hash,
        "at_ms": now_ms,
        "actor": actor,
    }
    tx.execute(insert(consents), row)
