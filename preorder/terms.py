"""What holds between seller and buyer: payment, delivery, and what happens when an order does not go as planned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from preorder.errors import CampaignError
from preorder.money import Rupiah


class Scheme(StrEnum):
    """What is due first: all of it, or a deposit (DP) with the balance (pelunasan) later."""

    FULL = "full"
    DEPOSIT = "deposit"


@dataclass(frozen=True)
class PaymentTerms:
    """
    What is due when.

    Attributes:
        deposit_percent: of the goods, rounded up to deposit_rounding (rupiah), capped at the total; 0 under
            Scheme.FULL.
        pay_within_h: hours from the order to the deadline that the buyer reads.
        grace_h: hours from that deadline to the release of the units; not shown.
        production_needs: Scheme.DEPOSIT where a deposit starts production, Scheme.FULL where only paid orders are made.
    """

    scheme: Scheme
    deposit_percent: int
    deposit_rounding: int
    pay_within_h: int
    grace_h: int
    production_needs: Scheme

    def __post_init__(self) -> None:
        if (self.scheme is Scheme.DEPOSIT) != (1 <= self.deposit_percent <= 100):
            raise CampaignError(what="deposit_percent", value=self.deposit_percent)
        if self.pay_within_h < 1 or self.grace_h < 0 or self.deposit_rounding < 1:
            raise CampaignError(what="pay_within_h", value=self.pay_within_h)


class DeliveryKind(StrEnum):
    """How an order reaches its buyer."""

    COURIER = "courier"
    PICKUP = "pickup"


@dataclass(frozen=True)
class Delivery:
    """
    One way to receive an order.

    Attributes:
        fee: rupiah an order; None where the seller settles it later, in the sheet.
        note: where and when for a pickup, which area for a courier; may be empty.
    """

    id: str
    name: str
    kind: DeliveryKind
    fee: Rupiah | None
    note: str = ""


class Milestone(StrEnum):
    """Up to when a stage of the cancellation policy holds."""

    CLOSING = "closing"
    PRODUCTION = "production"
    SHIPPING = "shipping"


class RefundBase(StrEnum):
    """What a refund percentage is taken of."""

    RECEIVED = "received"
    DEPOSIT = "deposit"


@dataclass(frozen=True)
class CancelStage:
    """Up to this milestone a buyer who cancels gets percent of base back."""

    until: Milestone
    percent: int
    base: RefundBase


@dataclass(frozen=True)
class Policy:
    """
    What happens when an order doesn't go as planned. A seller's own cancellation always returns all that was received.

    Attributes:
        refund_within_days: days in which a refund is paid.
        stages: in time order; after the last, a buyer's cancellation returns nothing.
        delay_days: from how many days of delay the buyer may cancel with a full refund.
        complaint_days: working days after receipt in which wrong or broken goods are reported.
    """

    refund_within_days: int
    stages: tuple[CancelStage, ...]
    delay_days: int
    complaint_days: int
