"""What holds between seller and buyer: payment, delivery, and what happens when an order does not go as planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from preorder.errors import CampaignError
from preorder.money import Rupiah


class Scheme(StrEnum):
    """What is due first: all of it, or a deposit (DP) with the balance (pelunasan) later."""

    FULL = "full"
    DEPOSIT = "deposit"


class UniqueCode(StrEnum):
    """Whether each amount gets last digits of its own: taken off the price, added to it, or none."""

    NONE = "none"
    DEDUCT = "deduct"
    ADD = "add"


class BalanceFrom(StrEnum):
    """From when the days for the balance are counted: the closing of the round, or the order being ready."""

    CLOSING = "closing"
    READY = "ready"


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
        last_days: no deadline lies later than so many days after the closing of the round; 0 is the closing itself,
            None sets no such end.
        unique_code: whether the amount to transfer is made unlike every other that is open.
        balance_days: days for the balance, from balance_from; None: before shipping, without a date.
    """

    scheme: Scheme
    deposit_percent: int
    deposit_rounding: int
    pay_within_h: int
    grace_h: int
    production_needs: Scheme
    last_days: int | None = None
    unique_code: UniqueCode = UniqueCode.NONE
    balance_days: int | None = None
    balance_from: BalanceFrom = BalanceFrom.READY

    def __post_init__(self) -> None:
        if (self.scheme is Scheme.DEPOSIT) != (1 <= self.deposit_percent <= 100):
            raise CampaignError(what="deposit_percent", value=self.deposit_percent)
        if self.pay_within_h < 1 or self.grace_h < 0 or self.deposit_rounding < 1:
            raise CampaignError(what="pay_within_h", value=self.pay_within_h)
        if self.last_days is not None and self.last_days < 0:
            raise CampaignError(what="last_days", value=self.last_days)
        if self.balance_days is not None and (self.balance_days < 1 or self.scheme is Scheme.FULL):
            raise CampaignError(what="balance_days", value=self.balance_days)

    def balance_by(self, closes_at: datetime) -> datetime | None:
        """Give until when the balance of a round is paid, exclusive; None where its closing does not tell."""
        return balance_by(self.balance_days, self.balance_from, closes_at)


def balance_by(days: int | None, counted_from: BalanceFrom, closes_at: datetime) -> datetime | None:
    """As PaymentTerms.balance_by, of what is known of the terms."""
    return closes_at + timedelta(days=days) if days is not None and counted_from is BalanceFrom.CLOSING else None


class DeliveryKind(StrEnum):
    """How an order reaches its buyer."""

    COURIER = "courier"
    PICKUP = "pickup"


@dataclass(frozen=True)
class ZoneFee:
    """What an order to some provinces costs. fee: rupiah an order; None where the seller settles it later."""

    name: str
    provinces: tuple[str, ...]
    fee: Rupiah | None


@dataclass(frozen=True)
class Surcharge:
    """What a delivery costs beside its fee, and for what: "Sampai hari yang sama". fee: rupiah an order."""

    name: str
    fee: Rupiah

    def __post_init__(self) -> None:
        if self.fee < 1:
            raise CampaignError(what="surcharge", value=self.fee)


@dataclass(frozen=True)
class Shipping:
    """
    What sending one order costs.

    Attributes:
        zone: the name of the zone that its province lies in, "" where none decides.
        fee: rupiah, the surcharge included; None where the seller settles it later.
    """

    zone: str
    fee: Rupiah | None


@dataclass(frozen=True)
class Delivery:
    """
    One way to receive an order.

    Attributes:
        fee: rupiah an order; None where the seller settles it later, in the sheet. Where there are zones, that of the
            provinces in none of them.
        note: where and when for a pickup, which area for a courier; may be empty.
        zones: fees by province; no province stands in two of them.
        everywhere: False where provinces outside of the zones are not served.
        courier, service: who carries it and how fast; may be empty.
        surcharge: added to every known fee.
        times: when a pickup is possible; may be empty.
    """

    id: str
    name: str
    kind: DeliveryKind
    fee: Rupiah | None
    note: str = ""
    zones: tuple[ZoneFee, ...] = ()
    everywhere: bool = True
    courier: str = ""
    service: str = ""
    surcharge: Surcharge | None = None
    times: str = ""

    def __post_init__(self) -> None:
        provinces = [province for zone in self.zones for province in zone.provinces]
        if len(set(provinces)) < len(provinces):
            raise CampaignError(what="zones", value=self.id)
        if not self.zones and not self.everywhere:
            raise CampaignError(what="everywhere", value=self.id)

    def shipping_to(self, province: str) -> Shipping | None:
        """
        Give what an order to a province costs; None where this delivery does not go there.

        Args:
            province: of preorder.contact.PROVINCES; "" where it is not known, as with an order that the seller has
                typed: a fee by province is then settled later.
        """
        for zone in self.zones:
            if province in zone.provinces:
                return Shipping(zone.name, self._with_surcharge(zone.fee))
        if self.zones and not province:
            return Shipping("", None)
        return Shipping("", self._with_surcharge(self.fee)) if self.everywhere else None

    def _with_surcharge(self, fee: Rupiah | None) -> Rupiah | None:
        return fee if fee is None or self.surcharge is None else Rupiah(fee + self.surcharge.fee)


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
