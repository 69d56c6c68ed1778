"""One open PO. Frozen, and correct once made: whoever holds a Campaign need not check it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from preorder.batch import Batch
from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.photo import Photo
from preorder.product import Limits, Product
from preorder.schedule import TOLD_PHASES, Method, Phase, Schedule
from preorder.slugs import RESERVED_SLUGS, is_slug
from preorder.terms import Delivery, PaymentTerms, Policy, Scheme

# The pool that every unit of a campaign counts against, where the seller set a capacity for the whole.
WHOLE = "*"
# Begins the id of a pool that the seller names herself, for several products to draw from; no product's id has it.
SHARED = ":"

_PREFIX = re.compile(r"[A-Z]{2,4}")


@dataclass(frozen=True)
class Target:
    """What the seller wants to sell in a round and tells her buyers: units or revenue (rupiah of goods), one of both."""

    units: int | None = None
    revenue: Rupiah | None = None

    def __post_init__(self) -> None:
        if (self.units is None) == (self.revenue is None) or (self.units or self.revenue or 0) < 1:
            raise CampaignError(what="target", value=self.units)


@dataclass(frozen=True)
class Campaign:
    """
    One open PO.

    Attributes:
        id: stable for ever; the ledger's key.
        slug: its address; may be renamed.
        former_slugs: its addresses before that, which lead to it.
        prefix: two to four capitals that begin its order refs.
        pools: pool id -> units that may be sold in one round. A pool that isn't listed is unlimited.
        bonus: what comes with every order only in this pre-order; may be empty.
        target: only where the seller shows it: what is published is public.
        quotation_from: from so many units in one order on, the buyer asks for an offer instead of ordering; None: never.
        stage: what the seller says about the round whose orders are being carried out; None where the clock knows enough.
            It counts after the closing; CANCELLED at any time.
        batch: what each round needs to go ahead; None where every order is carried out.
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
    bonus: str = ""
    target: Target | None = None
    quotation_from: int | None = None
    stage: Phase | None = None
    batch: Batch | None = None
    terms_html: str = ""
    terms_hash: str = ""
    former_slugs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what in ("id", "slug"):
            if not is_slug(getattr(self, what)):
                raise CampaignError(what=what, value=getattr(self, what))
        if self.slug in RESERVED_SLUGS:
            raise CampaignError(what="slug", value=self.slug, reserved=True)
        for former in self.former_slugs:
            if not is_slug(former) or former in RESERVED_SLUGS or former == self.slug:
                raise CampaignError(what="former_slugs", value=former)
        if not _PREFIX.fullmatch(self.prefix):
            raise CampaignError(what="prefix", value=self.prefix)
        if not self.products or not all(product.variants for product in self.products):
            raise CampaignError(what="products", value=())
        if not self.deliveries:
            raise CampaignError(what="deliveries", value=())
        if self.quotation_from is not None and self.quotation_from <= max(1, self.limits.min_per_order):
            raise CampaignError(what="quotation_from", value=self.quotation_from, least=self.limits.min_per_order)
        if self.stage is not None and self.stage not in TOLD_PHASES:
            raise CampaignError(what="stage", value=self.stage)
        made = self.stage is Phase.IN_PRODUCTION or self.batch is not None
        if self.method is Method.READY and (made or self.payment.scheme is Scheme.DEPOSIT):
            raise CampaignError(what="method", value=self.method)
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
    def method(self) -> Method:
        """Say how it sells."""
        return self.schedule.method

    @property
    def decided_after(self) -> int:
        """Give how many days after a closing it is known whether the round's orders are made."""
        return self.batch.decided_after if self.batch else 0

    def phase(self, now: datetime) -> Phase:
        """Give what the campaign is doing at now: what the clock says, and after the closing what the seller says."""
        if self.stage is Phase.CANCELLED:
            return self.stage
        phase = self.schedule.phase(now, self.decided_after)
        return phase if self.stage is None or phase in {Phase.ANNOUNCED, Phase.OPEN} else self.stage

    @property
    def lowest_price(self) -> Rupiah:
        """Give the price "from" which something can be had."""
        return min(product.lowest_price for product in self.products)
