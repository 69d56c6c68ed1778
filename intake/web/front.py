"""What the pages work with: settings, catalogue, desk and clock, made once and handed to each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from intake.enquiring import Enquiries
from intake.ledger.consents import Consent
from intake.ledger.store import StoredOrder
from intake.placing import Placed, Placement
from intake.published import CatalogueSource, CatalogueUnavailable
from intake.settings import Settings
from intake.web.rendering import Pages
from intake.web.token import ReviewTokens
from preorder.campaign import Campaign
from preorder.consent import ConsentText, Purpose
from preorder.shop import Shop
from preorder.wording import LANGUAGES

# Stands in for the shop where nothing is published yet, so that even then the error page is ours.
NAMELESS = Shop(
    name="", tagline="", language=LANGUAGES[0], zone="WIB", whatsapp="", email="", city="", address="", since=None, accounts=()
)  # fmt: skip


class Desk(Protocol):
    """What the pages ask and tell the ledger. intake.desk.Desk is the real one and documents each call."""

    def find_by_nonce(self, nonce: str) -> Placed | None:
        """Give the order that a review token has made."""
        ...

    def find_in_line(self, nonce: str) -> Placed | None:
        """Give the order that a review token has made, once all that was sent before is stored or refused."""
        ...

    def find_same(self, fields_digest: str, since: datetime) -> str | None:
        """Give the ref of an order placed since then with exactly these fields."""
        ...

    def place(self, placement: Placement) -> Placed:
        """Place an order; returns once it is stored."""
        ...

    def order_by_token(self, token: str) -> StoredOrder | None:
        """Give the order behind a status link."""
        ...

    def claim_payment(self, token: str, now: datetime) -> None:
        """Take down that the buyer says she has paid."""
        ...

    def consent_of(self, order: StoredOrder, purpose: Purpose) -> Consent | None:
        """Give what an order's buyer has said last about a purpose."""
        ...

    def give_consent(self, token: str, text: ConsentText, now: datetime) -> None:
        """Take down that the buyer allows what this text says."""
        ...

    def take_consent_back(self, token: str, purpose: Purpose, now: datetime) -> None:
        """Take down that the buyer allows it no longer."""
        ...

    @property
    def enquiries(self) -> Enquiries:
        """Give what takes enquiries."""
        ...

    def paused(self) -> str | None:
        """Give why no orders are taken now, at most a moment old."""
        ...

    def units_left_in(self, campaign: Campaign, round_: int) -> Mapping[str, int]:
        """Give pool id -> units left in a campaign's round, at most a moment old."""
        ...

    def units_left(self) -> Mapping[str, Mapping[str, int]]:
        """Give campaign id -> pool id -> units left, at most a moment old."""
        ...

    def units_taken(self) -> Mapping[str, int]:
        """Give campaign id -> units ordered, of campaigns whose pages say so, at most a moment old."""
        ...

    def ready(self) -> Mapping[str, bool]:
        """Give what must hold before orders are taken."""
        ...


@dataclass(frozen=True)
class Front:
    """
    The shop as the pages see it.

    Attributes:
        clock: the time now, aware.
    """

    settings: Settings
    catalogue: CatalogueSource
    desk: Desk
    clock: Callable[[], datetime]
    tokens: ReviewTokens
    pages: Pages

    def new_address(self, slug: str) -> str:
        """Give the address of the campaign that was at this one before; "" where none was, or nothing is published."""
        try:
            campaign = self.catalogue.current().by_slug(slug)
        except CatalogueUnavailable:
            return ""
        return campaign.slug if campaign is not None and campaign.slug != slug else ""

    def shop(self) -> Shop:
        """Give the shop, or a nameless Indonesian one where nothing is published."""
        try:
            return self.catalogue.current().shop
        except CatalogueUnavailable:
            return NAMELESS

    @property
    def one_origin(self) -> bool:
        """Say whether site and intake share an origin, which they do unless both addresses are set and differ."""
        return self.settings.one_origin
