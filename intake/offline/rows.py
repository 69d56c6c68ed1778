"""What a row says that she typed herself: whether it is an order at all, what it asks for, and what it lacks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from intake.commands import Bounced
from intake.commands.words import bare, is_error, read_amount, read_status
from intake.sentences import ANOTHER_ORDER, TAKE_ANYWAY, says
from intake.sheet import Found, canonical
from intake.sheet.columns import ORDERS, normal
from preorder.campaign import Campaign
from preorder.catalogue import Catalogue
from preorder.contact import PhoneError, parse_phone
from preorder.money import MoneyError
from preorder.order import Buyer, LineRequest, OrderRequest, clean_text
from preorder.schedule import Phase
from preorder.terms import Delivery, DeliveryKind
from preorder.typed import TypedOrderUnclear, items_of, read_typed_order, words_of
from preorder.wording import parse_channel

# Columns that she fills in for an order of her own; the others of ours stay empty until it is recorded.
INPUTS = (
    "status", "name", "whatsapp", "summary", "buyer_note", "money_in", "delivery", "shipping", "address", "courier", "tracking", "seller_note", "campaign",
    "channel",
)  # fmt: skip
# Where an order came from, when she doesn't say.
OFFLINE = "offline"

_LIMITS = {"name": 100, "address": 500, "buyer_note": 500, "channel": 60}
_LEAST_DIGITS = 8
# Free of characters that look like others, so that it can be read out on the telephone.
MARK_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MARK_LENGTH = 6
_MARK = re.compile(rf"#([{MARK_CHARACTERS}]{{{MARK_LENGTH}}})\s*$")
# A small number as one orders: "2 toples", "toples x2", "toples 2".
_COUNTED = re.compile(r"(?:^|[\s;,+])[0-9]{1,3}\s?[x\u00d7]?(?:\s|$)|[x\u00d7]\s?[0-9]{1,3}\b", re.IGNORECASE)
# A header that stands in a row of its own, further down.
_HEADERS = {
    code: {normal(header) for header in (*ORDERS.column(code).headers.values(), *ORDERS.column(code).synonyms)}
    for code in ("name", "whatsapp", "summary")
}
_PICKUP_WORDS = frozenset({"ambil", "ambil sendiri", "diambil", "pickup", "pick up"})

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Wish:
    """
    What a typed row asks for.

    Attributes:
        catalogue: by which the row was read; campaign: of it.
        anyway: she wants it past quota, limits and window.
        another: she knows that it resembles one that is there.
    """

    catalogue: Catalogue
    campaign: Campaign
    request: OrderRequest
    anyway: bool
    another: bool

    @property
    def digest(self) -> str:
        """Give a digest that two rows share that ask for the same things for the same number."""
        lines = sorted(
            [line.product_id, line.variant_id, str(line.qty), json.dumps(dict(line.options), sort_keys=True)]
            for line in self.request.lines
        )
        said = json.dumps(["sheet", self.campaign.id, self.request.buyer.phone, lines])
        return hashlib.sha256(said.encode()).hexdigest()


def mark_in(values: Mapping[str, Found]) -> str:
    """Give the mark that a row carries, "" for none."""
    found = _MARK.search(canonical(values.get("message")))
    return found.group(1) if found else ""


def content_of(values: Mapping[str, Found]) -> tuple[str, ...]:
    """Give what she typed, for comparing: without what we write, and without her own columns' results."""
    return tuple(canonical(values.get(code)) for code in INPUTS)


def looks_like_order(values: Mapping[str, Found], catalogue: Catalogue) -> bool:
    """
    Say whether a row of hers is meant as an order, however much of it is lacking. It is where it holds

    - a number, and a name or things;
    - a name and things that are on offer, or things with a quantity of which a word stands in a variant or a PO's name;
    - a name and what only orders have: a status, a delivery or a PO of this shop;
    - things on offer with their quantity, and such a sign or money.

    Titles, sums, notes and repeated headers are not. Where in doubt it is hers: she finds no word of ours in a note.
    """
    texts = {code: canonical(values.get(code)) for code in _HEADERS}
    if any(normal(text) in _HEADERS[code] for code, text in texts.items() if text):
        return False
    number = sum(c.isdigit() for c in texts["whatsapp"]) >= _LEAST_DIGITS
    name = any(c.isalpha() for c in texts["name"])
    things = any(c.isalpha() for c in texts["summary"])
    if number:
        return name or things
    if not (name or things):
        return False
    signed = _has_sign(values, catalogue)
    on_offer = things and _names(texts["summary"], _product_names(catalogue))
    counted = things and _COUNTED.search(texts["summary"]) is not None
    if name:
        return on_offer or signed or (counted and _names(texts["summary"], _other_names(catalogue)))
    return on_offer and counted and (signed or _is_money(values.get("money_in")))


def _has_sign(values: Mapping[str, Found], catalogue: Catalogue) -> bool:
    """Say whether a row holds what only orders have: a status, or the name of a delivery or a PO."""
    if read_status(canonical(values.get("status"))) is not None:
        return True
    delivery, campaign = bare(canonical(values.get("delivery"))), bare(canonical(values.get("campaign")))
    deliveries = {bare(each) for one in catalogue.campaigns for way in one.deliveries for each in (way.name, way.id)}
    campaigns = {bare(each) for one in catalogue.campaigns for each in (one.title, one.slug, one.id, one.prefix)}
    return (delivery != "" and delivery in deliveries | _PICKUP_WORDS) or (campaign != "" and campaign in campaigns)


def _is_money(value: Found) -> bool:
    try:
        return read_amount(canonical(value)) > 0
    except MoneyError:
        return False


def _names(text: str, names: Iterator[str]) -> bool:
    """Say whether a text has one of the longer words of these names."""
    typed = set(words_of(text))
    return any(typed & {word for word in words_of(name) if len(word) > 2 and word.isalpha()} for name in names)


def _product_names(catalogue: Catalogue) -> Iterator[str]:
    return (product.name for campaign in catalogue.campaigns for product in campaign.products)


def _other_names(catalogue: Catalogue) -> Iterator[str]:
    for campaign in catalogue.campaigns:
        yield campaign.title
        yield from (item.variant.name for item in items_of(campaign))


def read_row(values: Mapping[str, Found], catalogue: Catalogue, now: datetime) -> Wish:
    """
    Read a row of hers.

    Raises:
        Bounced: what is missing or unclear, all of it at once.
    """
    problems: list[Bounced] = []
    if canonical(values.get("placed_at")):
        raise Bounced("hand_copy")
    texts = _texts(values, problems)
    phone = _phone(texts["whatsapp"], problems)
    campaign = _campaign(texts["campaign"], catalogue, now, problems)
    lines: tuple[LineRequest, ...] = ()
    delivery: Delivery | None = None
    if campaign is not None:
        if texts["summary"]:
            try:
                lines = read_typed_order(texts["summary"], campaign)
                problems += _too_long(lines, campaign)
            except TypedOrderUnclear as unclear:
                problems.append(_unclear(unclear, campaign))
        delivery = _delivery(texts["delivery"], texts["address"], campaign, problems)
    unread = any(problem.kind.startswith("typed_") for problem in problems)
    missing = [code for code in ("name", "whatsapp") if not texts[code]]
    if not (lines or unread) and (campaign is not None or not texts["summary"]):
        missing.append("summary")
    if delivery is not None and delivery.kind is DeliveryKind.COURIER and not texts["address"]:
        missing.append("address")
    if missing:
        problems.insert(0, Bounced("hand_missing", columns=missing))
    if problems or campaign is None or delivery is None:
        raise problems[0] if len(problems) == 1 else Bounced("several", each=[each.fields for each in problems])
    buyer = Buyer(
        texts["name"],
        phone,
        texts["address"] if delivery.kind is DeliveryKind.COURIER else "",
        texts["buyer_note"],
        parse_channel(texts["channel"]) or OFFLINE,
    )
    return Wish(
        catalogue,
        campaign,
        OrderRequest(campaign.id, lines, delivery.id, buyer),
        anyway=texts["anyway"] != "",
        another=says(texts["seller_note"], ANOTHER_ORDER),
    )


def _texts(values: Mapping[str, Found], problems: list[Bounced]) -> dict[str, str]:
    texts: dict[str, str] = {}
    wrong, failed = [], []
    for code in INPUTS:
        typed = canonical(values.get(code))
        try:
            texts[code] = clean_text(typed)
        except ValueError:
            texts[code] = typed
            if code in {*_LIMITS, "summary", "whatsapp", "campaign", "delivery"}:
                wrong.append(code)
            continue
        if code in {"name", "whatsapp", "summary", "address", "campaign", "delivery"} and is_error(typed):
            failed.append(code)
        elif len(texts[code]) > _LIMITS.get(code, 2_000):
            wrong.append(code)
    texts["name"] = " ".join(texts["name"].split())
    texts["anyway"] = "yes" if says(texts["seller_note"], TAKE_ANYWAY) else ""
    if wrong:
        problems.append(Bounced("hand_text", columns=wrong))
    if failed:
        problems.append(Bounced("hand_error", columns=failed))
    return texts


def _phone(typed: str, problems: list[Bounced]) -> str:
    if typed:
        try:
            return parse_phone(typed)
        except PhoneError:
            problems.append(Bounced("hand_phone", value=typed[:40]))
    return ""


def _campaign(typed: str, catalogue: Catalogue, now: datetime, problems: list[Bounced]) -> Campaign | None:
    campaigns = list(catalogue.campaigns)
    opened = [campaign for campaign in campaigns if campaign.phase(now) is Phase.OPEN]
    if not campaigns:
        problems.append(Bounced("hand_no_campaign"))
        return None
    # With nothing open the only one is meant, and its window says why it can't be had.
    meant = opened or campaigns
    if typed:
        meant = _named(typed, campaigns, lambda each: (each.title, each.slug, each.id, each.prefix))
    if len(meant) == 1:
        return meant[0]
    problems.append(Bounced("hand_campaign", choices=[each.title for each in meant or opened or campaigns]))
    return None


def _delivery(typed: str, address: str, campaign: Campaign, problems: list[Bounced]) -> Delivery | None:
    deliveries = list(campaign.deliveries)
    meant = deliveries
    if typed:
        meant = _named(typed, deliveries, lambda each: (each.name, each.id))
        if len(meant) != 1 and bare(typed) in _PICKUP_WORDS:
            meant = [each for each in deliveries if each.kind is DeliveryKind.PICKUP]
    elif len(deliveries) > 1 and address:
        meant = [each for each in deliveries if each.kind is DeliveryKind.COURIER]
    if len(meant) == 1:
        return meant[0]
    problems.append(Bounced("hand_delivery", choices=[each.name for each in meant or deliveries]))
    return None


def _named(typed: str, things: Sequence[Thing], names: Callable[[Thing], Sequence[str]]) -> list[Thing]:
    """Give the things that a text names: just so, else those that have all its words."""
    wanted = bare(typed)
    exact = [thing for thing in things if wanted in {bare(name) for name in names(thing)}]
    if exact:
        return exact
    words = set(words_of(typed))
    return [thing for thing in things if words and any(words <= set(words_of(name)) for name in names(thing))]


def _too_long(lines: Sequence[LineRequest], campaign: Campaign) -> Iterator[Bounced]:
    """Give a problem for each text of a buyer's choice that is longer than the campaign takes."""
    for line in lines:
        product = campaign.product(line.product_id)
        for option in product.options if product else ():
            length = len(line.options.get(option.id, ""))
            if option.max_length and length > option.max_length:
                yield Bounced("too_long", length=length, most=option.max_length)


def _unclear(unclear: TypedOrderUnclear, campaign: Campaign) -> Bounced:
    fields = dict(unclear.fields)
    if choices := fields.get("choices"):
        fields["first"] = choices[0]
    fields["part"] = str(fields["part"])[:60]
    return Bounced(unclear.code, **({"example": f"2x {items_of(campaign)[0].name}"} | fields))
