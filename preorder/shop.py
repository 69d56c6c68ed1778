"""Who sells, and where money is sent to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.photo import Photo
from preorder.qris import CEILING, Qris, make_dynamic, parse_source
from preorder.salutation import Salutation
from preorder.theme import Theme

# The id of a shop's QRIS among the places that money can be sent to; no account may have it.
QRIS_ID = "qris"
# What a buyer may answer to "where did you hear of us?", unless the seller has answers of her own: codes, which
# preorder.wording shows.
CHANNELS = ("instagram", "tiktok", "whatsapp", "friend", "other")


class AccountKind(StrEnum):
    """Where a buyer can send money to."""

    BANK = "bank"
    EWALLET = "ewallet"


@dataclass(frozen=True)
class Account:
    """
    A bank account or e-wallet.

    Attributes:
        number: stays text: it may begin with a zero.
        url: a page of the provider's on which the buyer pays; may be empty.
    """

    id: str
    kind: AccountKind
    provider: str
    number: str
    holder: str
    url: str = ""


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
        keep_months: for how long the data of an order is kept after its end; None where the seller does not say.
        channels: the answers to "where did you hear of us?", codes of CHANNELS or the seller's own words; none where she
            does not ask.
        theme: how its pages look.
        salutation: how its Indonesian pages call the buyer.
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
    keep_months: int | None = None
    channels: tuple[str, ...] = CHANNELS
    theme: Theme = field(default=Theme())
    salutation: Salutation = Salutation.KAKAK

    def __post_init__(self) -> None:
        if any(account.id == QRIS_ID for account in self.accounts):
            raise CampaignError(what="accounts", value=QRIS_ID, reserved=True)
