"""A shop and what it offers. Frozen, and correct once made: whoever holds a Campaign need not check it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from preorder.errors import PreorderError
from preorder.money import Rupiah
from preorder.qris import CEILING, Qris, make_dynamic, parse_source
from preorder.schedule import Schedule

# The pool that every unit of a campaign counts against, where the seller set a capacity for the whole.
WHOLE = "*"

# The id of a shop's QRIS among the places that money can be sent to; no account may have it.
QRIS_ID = "qris"

MAX_QTY = 999
# Lines that one product with options offers on the form: one visible, the rest unfolded by the buyer.
LINES_PER_PRODUCT = 4

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PREFIX = re.compile(r"[A-Z]{2,4}")

# First segments of addresses that belong to the shop itself.
RESERVED_SLUGS = frozenset({
    "pesan", "s", "d", "ingatkan", "daftar-tunggu", "penawaran", "arsip", "ketentuan", "privasi", "assets", "healthz", "readyz", "metrics",
    "sisa", "catalogue", "sitemap", "robots", "feed", "index", "static", "404",
})  # fmt: skip


class CampaignError(PreorderError):
    """A shop or campaign that contradicts itself. Fields: what (the attribute), value, and what the rule needs."""

    code = "impossible_campaign"


def is_slug(text: str) -> bool:
    """Say whether text may stand in an address or a field name: a-z, 0-9 and single hyphens, at most 64."""
    return len(text) <= 64 and bool(_SLUG.fullmatch(text))


class AccountKind(StrEnum):
    """Where a buyer can send money to."""

    BANK = "bank"
    EWALLET = "ewallet"


class DeliveryKind(StrEnum):
    """How an order reaches its buyer."""

    COURIER = "courier"
    PICKUP = "pickup"


class Scheme(StrEnum):
    """What is due first: all of it, or a deposit (DP) with the balance (pelunasan) later."""

    FULL = "full"
    DEPOSIT = "deposit"


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
class Account:
    """A bank account or e-wallet. number stays text: it may begin with a zero."""

    id: str
    kind: AccountKind
    provider: str
    number: str
    holder: str


@dataclass(frozen=True)
class QrisAccount:
    """
    The shop's QRIS.

    Attributes:
        payload: the text of its static code, as parse_qris gives it. No secret: whoever sees the code can read it.
        dynamic: whether each payment gets a code of its own, with the amount in it. False until the seller turns it on:
            not every provider allows it, and not every app takes such a code.
        ceiling: rupiah, the most that is paid by QRIS at once.

    Raises:
        QrisError: payload is not a right static QRIS without amount, tip and fee.
        CampaignError: ceiling is below 1, or one of the others is of another kind.
    """

    payload: str
    dynamic: bool = False
    ceiling: Rupiah = CEILING

    def __post_init__(self) -> None:
        for what, kind in (("payload", str), ("dynamic", bool), ("ceiling", int)):
            if type(getattr(self, what)) is not kind:
                raise CampaignError(what=f"qris.{what}", value=getattr(self, what))
        if self.ceiling < 1:
            raise CampaignError(what="qris.ceiling", value=self.ceiling, least=1)
        # Blanks around it and lower-case check digits are no fault, and not kept.
        object.__setattr__(self, "payload", self.source.payload)

    @cached_property
    def source(self) -> Qris:
        """Give the code that serves for every payment; its payers type the amount."""
        return parse_source(self.payload)

    @property
    def merchant_name(self) -> str:
        """Give the recipient that payers' apps show."""
        return self.source.merchant_name

    def code_for(self, due: Rupiah) -> Qris | None:
        """Give the code to pay this many rupiah with; None for nothing, and for more than the ceiling."""
        if not 1 <= due <= self.ceiling:
            return None
        return make_dynamic(self.source, due, self.ceiling) if self.dynamic else self.source


@dataclass(frozen=True)
class Link:
    """A place where the shop can be found. kind names the icon ("instagram", "tiktok", "shopee", ...)."""

    kind: str
    label: str
    url: str


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


@dataclass(frozen=True)
class Photo:
    """
    A picture as published.

    Attributes:
        sources: pixel width -> path below the site's root, small to large; all of the same shape.
        width, height: of the largest, in pixels.
        alt: what it shows, for those who don't see it.
    """

    sources: Mapping[int, str]
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Variant:
    """
    One thing that can be bought.

    Attributes:
        id: "" where the product has only one.
        name: "" likewise.
        price: of one unit.
        weight_g: grams, None where it doesn't matter.
        pools: ids of the pools that each unit is taken from.
    """

    id: str
    name: str
    price: Rupiah
    weight_g: int | None
    pools: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """
    Something that the buyer decides for each line and that costs nothing: a colour, a size, a name to embroider.

    Attributes:
        choices: what may be chosen; empty for free text.
        max_length: of free text, in characters; 0 for choices.
    """

    id: str
    name: str
    choices: tuple[str, ...]
    max_length: int
    required: bool

    def __post_init__(self) -> None:
        if bool(self.choices) == bool(self.max_length):
            raise CampaignError(what="option", value=self.id)


@dataclass(frozen=True)
class Product:
    """A product; at least one variant."""

    id: str
    name: str
    summary: str
    variants: tuple[Variant, ...]
    options: tuple[Option, ...]
    photo: Photo | None

    def variant(self, variant_id: str) -> Variant | None:
        """Give the variant of this id."""
        return next((variant for variant in self.variants if variant.id == variant_id), None)

    @property
    def lowest_price(self) -> Rupiah:
        """Give the price "from" which it can be had."""
        return min(variant.price for variant in self.variants)


@dataclass(frozen=True)
class Limits:
    """Units that one order or one buyer (a phone number, over all orders of a round) may hold; None means no limit."""

    min_per_order: int = 1
    max_per_order: int | None = None
    max_per_buyer: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_per_order", "max_per_buyer"):
            most = getattr(self, name)
            if most is not None and most < self.min_per_order:
                raise CampaignError(what=name, value=most, least=self.min_per_order)
        if self.min_per_order < 1:
            raise CampaignError(what="min_per_order", value=self.min_per_order, least=1)


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


@dataclass(frozen=True)
class Campaign:
    """
    One open PO.

    Attributes:
        id: stable for ever; the ledger's key.
        slug: its address; may be renamed.
        prefix: two to four capitals that begin its order refs.
        pools: pool id -> units that may be sold in one round. A pool that isn't listed is unlimited.
        terms_html: the contract as the buyer reads it, made at the build from the policy and the seller's own terms.
        terms_hash: SHA-256 over everything that a buyer accepts, in hex.
    """

    id: str
    slug: str
    title: str
    summary: str
    prefix: str
    schedule: Schedule
    products: tuple[Product, ...]
    pools: Mapping[str, int]
    limits: Limits
    payment: PaymentTerms
    deliveries: tuple[Delivery, ...]
    policy: Policy
    photos: tuple[Photo, ...]
    terms_html: str = ""
    terms_hash: str = ""

    def __post_init__(self) -> None:
        for what in ("id", "slug"):
            if not is_slug(getattr(self, what)):
                raise CampaignError(what=what, value=getattr(self, what))
        if self.slug in RESERVED_SLUGS:
            raise CampaignError(what="slug", value=self.slug, reserved=True)
        if not _PREFIX.fullmatch(self.prefix):
            raise CampaignError(what="prefix", value=self.prefix)
        if not self.products or not all(product.variants for product in self.products):
            raise CampaignError(what="products", value=())
        if not self.deliveries:
            raise CampaignError(what="deliveries", value=())
        self._check_pools()

    def _check_pools(self) -> None:
        for pool, quota in self.pools.items():
            if quota < 0:
                raise CampaignError(what="quota", value=quota, pool=pool)
        for product in self.products:
            for variant in product.variants:
                for pool in variant.pools:
                    if pool not in self.pools:
                        raise CampaignError(what="pool", value=pool)

    def product(self, product_id: str) -> Product | None:
        """Give the product of this id."""
        return next((product for product in self.products if product.id == product_id), None)

    def delivery(self, delivery_id: str) -> Delivery | None:
        """Give the delivery of this id."""
        return next((delivery for delivery in self.deliveries if delivery.id == delivery_id), None)

    @property
    def lowest_price(self) -> Rupiah:
        """Give the price "from" which something can be had."""
        return min(product.lowest_price for product in self.products)


@dataclass(frozen=True)
class Shop:
    """
    Who sells.

    Attributes:
        language: "id" or "en": pages, messages and the sheet.
        zone: "WIB", "WITA" or "WIT".
        whatsapp: "+62...".
        since: the year that it began in, None where the seller does not say.
        address: where complaints and pickups go.
        avatar: picture of the shop, None for its initials.
        qris: None where it has none.
    """

    name: str
    tagline: str
    language: str
    zone: str
    whatsapp: str
    email: str
    city: str
    address: str
    since: int | None
    accounts: tuple[Account, ...]
    links: tuple[Link, ...] = field(default=())
    avatar: Photo | None = None
    qris: QrisAccount | None = None

    def __post_init__(self) -> None:
        if any(account.id == QRIS_ID for account in self.accounts):
            raise CampaignError(what="accounts", value=QRIS_ID, reserved=True)
