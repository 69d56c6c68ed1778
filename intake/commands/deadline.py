"""The buyer's time to pay, given anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.ledger import recording
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction


def renew_deadline(tx: Transaction, order: StoredOrder, now: datetime) -> None:
    """Give the buyer the campaign's time again, never less than she had."""
    terms = order.snapshot["campaign"]["payment"]
    pay_by = now + timedelta(hours=terms["pay_within_h"])
    if order.pay_by is not None:
        pay_by = max(pay_by, order.pay_by)
    recording.extend_due(tx, order, to_ms(pay_by), to_ms(pay_by + timedelta(hours=terms["grace_h"])))
