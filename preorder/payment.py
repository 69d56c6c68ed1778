"""Deposits, what is due, and the payment state, which is derived from the ledger's entries and never set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from preorder.errors import PreorderError
from preorder.money import Rupiah, round_up, share
from preorder.status import HOLDING, PAYING, Status
from preorder.terms import BalanceFrom, PaymentTerms, Scheme

# Nobody pays less than this for an order: a smaller number is thousands with the zeros left out.
SMALLEST_PAYMENT = 1_000
# Nobody can pay within seconds, though the last day for paying ends in some.
LAST_MINUTES = timedelta(minutes=60)


class PaymentState(StrEnum):
    """What the entries say about an order."""

    UNPAID = "unpaid"
    CLAIMED = "claimed"
    SHORT = "short"
    DEPOSIT = "deposit"
    PAID = "paid"
    OVERPAID = "overpaid"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class DoubtfulAmount(PreorderError):
    """An amount that looks mistyped. Fields: value, suggestion (rupiah or None)."""

    code = "doubtful_amount"


def deposit_of(goods: int, total: int, terms: PaymentTerms) -> Rupiah:
    """
    Give the deposit for goods worth this much; 0 where all is due at once.

    The base is the goods alone, for shipping is often known later; rounded up to terms.deposit_rounding, at most the
    total.
    """
    if terms.scheme is Scheme.FULL:
        return Rupiah(0)
    return Rupiah(min(total, round_up(share(goods, terms.deposit_percent), terms.deposit_rounding)))


def pay_by_of(terms: PaymentTerms, ordered_at: datetime, closes_at: datetime) -> datetime:
    """
    Give the deadline that the buyer reads: her hours, at most until the campaign's last day for paying.

    However late she comes, LAST_MINUTES are hers. An order that the seller takes after that last day has its hours.

    Args:
        closes_at: the end of the round, exclusive.
    """
    pay_by = ordered_at + timedelta(hours=terms.pay_within_h)
    if terms.last_days is None:
        return pay_by
    last = closes_at + timedelta(days=terms.last_days)
    return pay_by if last <= ordered_at else min(pay_by, max(last, ordered_at + LAST_MINUTES))


class DueKind(StrEnum):
    """What a payment is asked for as: all at once, the deposit, or what is left after it."""

    FULL = "full"
    DEPOSIT = "deposit"
    BALANCE = "balance"


@dataclass(frozen=True)
class Account:
    """
    The money side of one order.

    Attributes:
        goods, deposit: rupiah; deposit 0 where all is due at once.
        shipping: None while it is not settled.
        received: sum of payments, refunds and reversals. Discounts are not money.
        paid_in: sum of the payments less reversals, before refunds.
        status: where the order stands.
        discount: what unique codes take off the total (below 0: what they add to it).
        deposit_discount: that part of it which belongs to the deposit.
    """

    goods: int
    shipping: int | None
    deposit: int
    received: int
    paid_in: int
    status: Status
    discount: int = 0
    deposit_discount: int = 0

    @property
    def total(self) -> Rupiah:
        """Give what the whole order costs, as far as known, before unique codes."""
        return Rupiah(self.goods + (self.shipping or 0))

    @property
    def deposit_missing(self) -> Rupiah:
        """Give what has to come in until the deposit is there; 0 where there is none."""
        return self._missing(self.deposit, self.deposit_discount)

    @property
    def total_missing(self) -> Rupiah:
        """Give what has to come in until everything known is paid."""
        return self._missing(self.total, self.discount)

    def _missing(self, needed: int, discount: int) -> Rupiah:
        # Who pays the price itself owes nothing, whether her code takes something off or adds to it.
        if self.received >= min(needed, needed - discount):
            return Rupiah(0)
        return Rupiah(needed - discount - self.received)

    @property
    def settled(self) -> bool:
        """Say whether nothing more has to come in: everything is known and received."""
        return self.shipping is not None and not self.total_missing

    @property
    def asked_as(self) -> DueKind | None:
        """Say what the buyer is asked to pay now; None for nothing, as for an order that is off."""
        if self.status not in HOLDING:
            return None
        if self.deposit_missing:
            return DueKind.DEPOSIT
        if self.total_missing:
            return DueKind.BALANCE if self.deposit else DueKind.FULL
        return None

    @property
    def due(self) -> Rupiah:
        """
        Give what the buyer is asked for now: the missing part of the deposit, after it the balance; 0 for an order that
        is off.
        """
        kind = self.asked_as
        if kind is None:
            return Rupiah(0)
        return self.deposit_missing if kind is DueKind.DEPOSIT else self.total_missing

    @property
    def excess(self) -> Rupiah:
        """Give what came in beyond the whole order; nobody has paid too much by paying the price without her code."""
        return Rupiah(max(0, self.received - max(self.total, self.total - self.discount)))

    @property
    def refund_due(self) -> Rupiah:
        """
        Give what must go back to the buyer of an order that the seller cancelled or that expired with money in it: all
        of it.
        """
        if self.status in {Status.CANCELLED_BY_SELLER, Status.EXPIRED}:
            return Rupiah(max(0, self.received))
        return Rupiah(0)

    @property
    def state(self) -> PaymentState:
        """Derive the payment state."""
        if self.status not in HOLDING:
            return self._state_when_off()
        if self.received <= 0:
            return PaymentState.CLAIMED if self.status is Status.PAYMENT_CLAIMED else PaymentState.UNPAID
        if self.settled:
            return PaymentState.OVERPAID if self.excess else PaymentState.PAID
        if self.deposit and not self.deposit_missing:
            return PaymentState.DEPOSIT
        return PaymentState.SHORT

    def _state_when_off(self) -> PaymentState:
        if self.refund_due:
            return PaymentState.REFUND_DUE
        if self.paid_in > 0 and self.received <= 0:
            return PaymentState.REFUNDED
        return PaymentState.DEPOSIT if self.received > 0 else PaymentState.UNPAID

    def with_code(self, kind: DueKind, change: int) -> Account:
        """Give the same account after the code of one due takes so much more off."""
        deposit = change if kind is DueKind.DEPOSIT else 0
        return replace(self, discount=self.discount + change, deposit_discount=self.deposit_discount + deposit)


def status_after_money(account: Account) -> Status:
    """Give the status that follows from what has been received; the present one where money changes nothing."""
    status = account.status
    if status in PAYING or status is Status.DEPOSIT_PAID:
        if account.settled:
            return Status.PAID
        if account.deposit and not account.deposit_missing and status in PAYING:
            return Status.DEPOSIT_PAID
    return status


def status_after_correction(account: Account) -> Status:
    """
    Give the status that follows when less has been received than was recorded before; the present one once production
    has begun.
    """
    status = account.status
    if status not in {Status.DEPOSIT_PAID, Status.PAID} or account.settled:
        return status
    if account.deposit and not account.deposit_missing:
        return Status.DEPOSIT_PAID
    return Status.AWAITING_PAYMENT


def due_for(account: Account, target: Status) -> Rupiah:
    """
    Give what must come in so that the order may stand at target (DEPOSIT_PAID or PAID): exactly what is then due, never
    less than 0.
    """
    return account.deposit_missing if target is Status.DEPOSIT_PAID else account.total_missing


def balance_deadline(
    terms: PaymentTerms, closes_at: datetime, ready_at: datetime | None, asked_at: datetime
) -> datetime | None:
    """
    Give the deadline of a balance; None while it has none.

    Args:
        closes_at: the end of the round, exclusive.
        ready_at: since when the order is ready; None while it is not.
        asked_at: since when the balance is asked for. From then on she has the hours of a first payment at the least.
    """
    start = closes_at if terms.balance_from is BalanceFrom.CLOSING else ready_at
    if terms.balance_days is None or start is None:
        return None
    return max(start + timedelta(days=terms.balance_days), asked_at + timedelta(hours=terms.pay_within_h))


def check_amount(value: int, expected: int, total: int | None = None) -> None:
    """
    Refuse an amount that she probably mistyped.

    Args:
        value: rupiah as typed.
        expected: what the order needs now; 0 where that sets no bound.
        total: what the whole order costs, None where that sets no bound.

    Raises:
        DoubtfulAmount: below 1,000 ("150" is probably 150.000), a tenth of what is expected or less (a zero is missing),
            or more than twice the whole order (a zero too many, or another order's money).
    """
    if value == 0:
        return
    if value < SMALLEST_PAYMENT:
        likely = value * 1_000
        plausible = likely <= max(expected, SMALLEST_PAYMENT * 1_000) * 2
        raise DoubtfulAmount(value=value, suggestion=likely if plausible else None)
    if value * 10 <= expected:
        # What is meant is one of the sums that the order asks for, if zeros are all that is missing.
        meant = [value * zeros for zeros in (10, 100, 1_000) if value * zeros in {expected, total}]
        raise DoubtfulAmount(value=value, suggestion=meant[0] if meant else None)
    if total and value > total * 2:
        fewer = value // 10
        raise DoubtfulAmount(value=value, suggestion=fewer if value % 10 == 0 and fewer <= total * 2 else None)
