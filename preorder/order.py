"""What a buyer asks for, and what it comes to: OrderRequest -> accept() -> Quotation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from preorder.campaign import Campaign
from preorder.errors import PreorderError
from preorder.money import Rupiah
from preorder.payment import deposit_of, pay_by_of
from preorder.pricing import Taken, count_taken, extras_of, price_of
from preorder.product import LINES_PER_PRODUCT, MAX_QTY, Option, Product, Variant
from preorder.schedule import Phase, Window
from preorder.terms import Delivery, Shipping

_QTY = re.compile(r"[1-9][0-9]{0,2}")


class OrderRefused(PreorderError):
    """An order that can't be taken. The base of the refusals below."""

    code = "order_refused"


class NotOpenYet(OrderRefused):
    """It came before the window. Fields: opens_at."""

    code = "not_open_yet"


class WindowClosed(OrderRefused):
    """It came after the window. Fields: closed_at, opens_at (of the next round or None)."""

    code = "window_closed"


class CampaignCancelled(WindowClosed):
    """The seller has cancelled the whole campaign. Fields: closed_at and opens_at, both None."""

    code = "campaign_cancelled"


class NothingOrdered(OrderRefused):
    """No line has a quantity."""

    code = "nothing_ordered"


class TooFew(OrderRefused):
    """Fields: units, least."""

    code = "too_few"


class TooMany(OrderRefused):
    """Fields: units, most."""

    code = "too_many"


class LineTooFew(OrderRefused):
    """A line has fewer units than one line of its product may. Fields: item (name), units, least, line (from 0)."""

    code = "line_too_few"


class LineTooMany(OrderRefused):
    """A line has more units than one line of its product may. Fields: item (name), units, most, line (from 0)."""

    code = "line_too_many"


class AskForQuotation(OrderRefused):
    """So much is not ordered but asked for: the seller answers with an offer. Fields: units, least."""

    code = "ask_for_quotation"


class BuyerLimit(OrderRefused):
    """One phone number would hold too much of a round. Fields: units (asked for), held, most."""

    code = "buyer_limit"


class SoldOut(OrderRefused):
    """
    A pool has not enough left. Fields: pool, units (asked for), left (0 or more), items (names of the things
    concerned).
    """

    code = "sold_out"


class UnknownItem(OrderRefused):
    """A product, variant, option, choice or delivery that is not offered (any more). Fields: what, value."""

    code = "unknown_item"


class NotDeliveredThere(OrderRefused):
    """The chosen delivery does not go to the buyer's province. Fields: what ("delivery"), delivery (name), province."""

    code = "not_delivered_there"


class OptionMissing(OrderRefused):
    """A line lacks something that the buyer must decide. Fields: product, option."""

    code = "option_missing"


@dataclass(frozen=True)
class Slot:
    """
    One line of an order form: its place in the page, and the names of its fields.

    Attributes:
        product: what it orders.
        variant: fixed by the slot, or None where the buyer chooses it.
        key: unique in the product; part of the field names.
    """

    product: Product
    variant: Variant | None
    key: str

    def field(self, part: str) -> str:
        """Give the name of a field of this line; part is "qty", "variant" or "option-<id>"."""
        return f"{self.product.id}--{self.key}--{part}"


def slots(product: Product) -> tuple[Slot, ...]:
    """
    Give the lines that a form offers for a product.

    Without options: one line for each variant. With options: several lines, for each unit may want its own colour or
    name.
    """
    if product.options:
        chosen = product.variants[0] if len(product.variants) == 1 else None
        return tuple(Slot(product, chosen, str(number + 1)) for number in range(LINES_PER_PRODUCT))
    return tuple(Slot(product, variant, variant.id or "1") for variant in product.variants)


def all_slots(campaign: Campaign) -> Iterator[Slot]:
    """Give the lines of a campaign's form, in the order of the page."""
    for product in campaign.products:
        yield from slots(product)


@dataclass(frozen=True)
class LineRequest:
    """One line as asked for: ids only, no price. options: option id -> chosen or written text."""

    product_id: str
    variant_id: str
    qty: int
    options: Mapping[str, str]


@dataclass(frozen=True)
class Buyer:
    """
    Who orders and where to.

    Attributes:
        phone: "+62...".
        address: one block of text, lines separated by a line break; empty for a pickup.
        note: for the seller; may be empty.
        channel: where she heard of the campaign; may be empty.
    """

    name: str
    phone: str
    address: str
    note: str
    channel: str = ""


@dataclass(frozen=True)
class OrderRequest:
    """
    An order as asked for, already in its right shape (see intake.web.forms).

    Attributes:
        province: that decides about the shipping fee; "" for a pickup, and where it is not known.
    """

    campaign_id: str
    lines: tuple[LineRequest, ...]
    delivery_id: str
    buyer: Buyer
    province: str = ""


@dataclass(frozen=True)
class QuotedLine:
    """
    A line with what it costs.

    Attributes:
        options: option's name -> chosen or written text.
        price: of one unit, extras included.
        extras: option's name -> what it adds to price, of those that add something.
    """

    product: Product
    variant: Variant
    qty: int
    options: Mapping[str, str]
    price: Rupiah
    extras: Mapping[str, Rupiah] = field(default_factory=dict)

    @property
    def usual(self) -> Rupiah:
        """Give what one unit would cost, extras included, without an early price or one for many."""
        return Rupiah(self.variant.price + sum(self.extras.values()))

    @property
    def subtotal(self) -> Rupiah:
        """Give qty x price."""
        return Rupiah(self.qty * self.price)

    @property
    def name(self) -> str:
        """Give product and variant as people read them."""
        return f"{self.product.name} {self.variant.name}".strip()


@dataclass(frozen=True)
class Quotation:
    """
    What an order comes to.

    Attributes:
        window: the round that it belongs to.
        goods: sum of the lines.
        shipping: the surcharge included; None where it is settled later.
        total: goods + shipping as far as known.
        deposit: 0 where all is due at once.
        due_now: what must be paid by pay_by.
        balance: total - due_now.
        pay_by: the deadline that the buyer reads.
        grace_until: when the units are released.
        zone: the name of the zone that has decided about the fee; may be empty.
    """

    window: Window
    lines: tuple[QuotedLine, ...]
    delivery: Delivery
    goods: Rupiah
    shipping: Rupiah | None
    total: Rupiah
    deposit: Rupiah
    due_now: Rupiah
    balance: Rupiah
    pay_by: datetime
    grace_until: datetime
    zone: str = ""

    @property
    def units(self) -> int:
        """Give the number of units in all lines."""
        return sum(line.qty for line in self.lines)


def parse_qty(text: str) -> int:
    """
    Read a quantity of 1 to 999 in ASCII digits.

    Raises:
        ValueError: anything else, among them "0", "1.000", "+1" and digits of other scripts.
    """
    if not _QTY.fullmatch(text) or not text.isascii():
        raise ValueError(f"no quantity: {text!r}")
    return int(text)


def clean_text(text: str) -> str:
    """
    Give text in one Unicode form, with line feeds as line breaks and no blanks around it.

    Raises:
        ValueError: it holds control characters, bidirectional overrides or noncharacters. Such text is refused and
            never changed silently.
    """
    # Named blanks only: strip() alone would take control characters away without a word.
    folded = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip(" \t\n\u00a0\u3000")
    if folded.isascii() and folded.replace("\n", "").isprintable():
        # The usual case, with nothing in it that the rest looks for.
        return folded
    for character in folded:
        code = ord(character)
        forbidden = (
            (unicodedata.category(character) in {"Cc", "Cs"} and character != "\n")
            or 0x202A <= code <= 0x202E
            or 0x2066 <= code <= 0x2069
            or code & 0xFFFE == 0xFFFE
            or 0xFDD0 <= code <= 0xFDEF
        )
        if forbidden:
            raise ValueError(f"U+{code:04X}")
    return folded


def check_window(campaign: Campaign, received_at: datetime) -> Window:
    """
    Give the round that an order received at this instant belongs to.

    Raises:
        NotOpenYet, WindowClosed: it belongs to none.
        CampaignCancelled: whatever the calendar says.
    """
    schedule = campaign.schedule
    if campaign.stage is Phase.CANCELLED:
        raise CampaignCancelled(closed_at=None, opens_at=None)
    window = schedule.window_at(received_at)
    if window is not None:
        return window
    upcoming = schedule.next_window(received_at)
    last = schedule.rule.last_before(received_at)
    if last is None and upcoming is not None:
        raise NotOpenYet(opens_at=upcoming.opens_at)
    assert last is not None  # neither open nor coming: it has been
    raise WindowClosed(closed_at=last.closes_at, opens_at=upcoming.opens_at if upcoming else None)


def accept(campaign: Campaign, request: OrderRequest, received_at: datetime, window: Window | None = None) -> Quotation:
    """
    Check an order against the campaign's own rules and say what it comes to.

    What is left, and what this buyer holds already, only the ledger knows: it asks preorder.quota within its
    transaction.

    Args:
        received_at: when the order reached the shop; decides about the window, however long it waited afterwards.
        window: the round that it is to belong to, where the seller takes it outside of all windows.

    Raises:
        OrderRefused: one of its kinds.
    """
    window = window or check_window(campaign, received_at)
    taken = count_taken((line.product_id, line.variant_id, line.qty) for line in request.lines)
    lines = tuple(
        _quote_line(campaign, line, taken[line.product_id, line.variant_id], received_at, window)
        for line in request.lines
    )
    if not lines:
        raise NothingOrdered
    units = sum(line.qty for line in lines)
    if campaign.quotation_from is not None and units >= campaign.quotation_from:
        raise AskForQuotation(units=units, least=campaign.quotation_from)
    _check_lines(lines)
    limits = campaign.limits
    if units < limits.min_per_order:
        raise TooFew(units=units, least=limits.min_per_order)
    most = min(number for number in (limits.max_per_order, limits.max_per_buyer, MAX_QTY) if number is not None)
    if units > most:
        raise TooMany(units=units, most=most)
    delivery = campaign.delivery(request.delivery_id)
    if delivery is None:
        raise UnknownItem(what="delivery", value=request.delivery_id)
    shipping = delivery.shipping_to(request.province)
    if shipping is None:
        raise NotDeliveredThere(what="delivery", delivery=delivery.name, province=request.province)
    return _quote(campaign, window, lines, delivery, shipping, received_at)


def _quote(
    campaign: Campaign,
    window: Window,
    lines: Sequence[QuotedLine],
    delivery: Delivery,
    shipping: Shipping,
    received_at: datetime,
) -> Quotation:
    goods = Rupiah(sum(line.subtotal for line in lines))
    total = Rupiah(goods + (shipping.fee or 0))
    terms = campaign.payment
    deposit = deposit_of(goods, total, terms)
    due_now = deposit or total
    pay_by = pay_by_of(terms, received_at, window.closes_at)
    return Quotation(
        window=window,
        lines=tuple(lines),
        delivery=delivery,
        goods=goods,
        shipping=shipping.fee,
        total=total,
        deposit=deposit,
        due_now=due_now,
        balance=Rupiah(total - due_now),
        pay_by=pay_by,
        grace_until=pay_by + timedelta(hours=terms.grace_h),
        zone=shipping.zone,
    )


def _check_lines(lines: Sequence[QuotedLine]) -> None:
    for place, line in enumerate(lines):
        limits = line.product.per_line
        if line.qty < limits.least:
            raise LineTooFew(item=line.name, units=line.qty, least=limits.least, line=place)
        if limits.most is not None and line.qty > limits.most:
            raise LineTooMany(item=line.name, units=line.qty, most=limits.most, line=place)


def _quote_line(
    campaign: Campaign, line: LineRequest, taken: Taken, received_at: datetime, window: Window
) -> QuotedLine:
    product = campaign.product(line.product_id)
    if product is None:
        raise UnknownItem(what="product", value=line.product_id)
    variant = product.variant(line.variant_id)
    if variant is None:
        raise UnknownItem(what="variant", value=line.variant_id)
    chosen = {option.name: _chosen(product, option, line.options.get(option.id, "")) for option in product.options}
    if unknown := set(line.options) - {option.id for option in product.options}:
        raise UnknownItem(what="option", value=min(unknown))
    options = {name: text for name, text in chosen.items() if text}
    extras = extras_of(product.options, options)
    price = Rupiah(price_of(product, variant, taken, received_at, window) + sum(extras.values()))
    return QuotedLine(product, variant, line.qty, options, price, extras)


def _chosen(product: Product, option: Option, text: str) -> str:
    if not text:
        if option.required:
            raise OptionMissing(product=product.name, option=option.name)
    elif option.choices and text not in option.choices:
        raise UnknownItem(what="choice", value=text)
    elif option.max_length and len(text) > option.max_length:
        raise TooMany(units=len(text), most=option.max_length)
    return text
