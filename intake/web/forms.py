"""
The order form of a campaign: from posted fields to an OrderRequest, or to a sentence for each field that needs a hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, cast

from wtforms import Field, Form

from intake.web.fields import (
    AddressBlock,
    AddressLine,
    BlockField,
    ChoiceField,
    LineChoiceField,
    LineField,
    LineTextField,
    PhoneField,
    PostalCodeField,
    Problem,
    ProvinceField,
    QtyField,
    TermsField,
    TickField,
    TrapField,
    TypedField,
    typed,
)
from preorder.campaign import Campaign
from preorder.catalogue import digest
from preorder.contact import PROVINCES
from preorder.order import Buyer, LineRequest, OrderRefused, OrderRequest, Slot, all_slots
from preorder.shop import Shop
from preorder.terms import DeliveryKind

TRAP = "leave_empty"
# Filled in by a page of ours, not by the buyer.
TOKEN, ACTION = "token", "action"


class OrderForm(Form):
    """
    The base of every campaign's form class. Fields stand in the order of the page.

    Attributes:
        campaign: whose form it is.
        channels: the answers to "where did you hear of us?"; none where it isn't asked.
        lines: its slots, in the order of the page.
        pickups: ids of the deliveries that need no address.
        known: names that a post may hold, those of our own pages included.
    """

    campaign: ClassVar[Campaign]
    channels: ClassVar[tuple[str, ...]]
    lines: ClassVar[tuple[Slot, ...]]
    pickups: ClassVar[frozenset[str]]
    known: ClassVar[frozenset[str]]

    def holding(self, posted: Mapping[str, str]) -> Self:
        """Give a form like this one that nothing was posted to, with its own fields, and in them what was posted."""
        made = object.__new__(type(self))
        fields = {field.name: field.holding(posted.get(field.name)) for field in self.all_fields}
        # The names of fields are attributes too, as everywhere in WTForms.
        made.__dict__ = self.__dict__ | fields
        made._fields = cast("dict[str, Field]", fields)
        made.form_errors = []
        return made

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:  # noqa: ARG002  as WTForms calls it
        """Say whether every field is right. Each of them is looked at, in the order of the page."""
        valid = True
        for field in self.all_fields:
            valid = field.validate(self) and valid
        return valid

    @property
    def all_fields(self) -> Iterable[TypedField]:
        """Give the fields."""
        return cast("Iterable[TypedField]", self._fields.values())

    def values(self) -> dict[str, str]:
        """Give name -> text as it was typed, without the trap: what a browser put there is not shown again."""
        return {field.name: field.raw for field in self.all_fields if field.raw and field.name != TRAP}

    def hidden(self) -> list[tuple[str, str]]:
        """Give what a page must carry along so that nothing she typed is lost."""
        return list(self.values().items())

    def problems(self) -> dict[str, Problem]:
        """Give name -> problem of the fields that have one, after validate()."""
        return {field.name: cast("Problem", field.errors[0]) for field in self.all_fields if field.errors}

    def fields_digest(self) -> str:
        """
        Give SHA-256 over campaign and fields, in hex: the same for texts that only differ in Unicode form or line
        breaks.
        """
        texts = {name: _normal(text) for name, text in self.values().items()}
        return digest({"campaign": self.campaign.id, "fields": {name: text for name, text in texts.items() if text}})

    def to_request(self) -> OrderRequest:
        """Give the order. Only after validate() said that all is well."""
        delivery = typed(self, "delivery").value
        return OrderRequest(
            campaign_id=self.campaign.id,
            lines=tuple(self.line_requests()),
            delivery_id=delivery,
            buyer=Buyer(
                name=typed(self, "name").value,
                phone=typed(self, "phone").value,
                address="" if delivery in self.pickups else self._address(),
                note=typed(self, "note").value or "",
                channel=(typed(self, "channel").value or "") if self.channels else "",
            ),
            # Her address decides about the fee; no fee is ever posted.
            province="" if delivery in self.pickups else typed(self, "province").value,
        )

    @property
    def allows_news(self) -> bool:
        """Say whether she may be told of the next pre-orders, after validate()."""
        return bool(typed(self, "news").value == "yes")

    def line_requests(self) -> Iterator[LineRequest]:
        """Give the lines that are filled in. Only after validate() said that all is well."""
        for slot in self.lines:
            qty = typed(self, slot.field("qty")).value
            if qty is None:
                continue
            variant_id = slot.variant.id if slot.variant else typed(self, slot.field("variant")).value
            chosen = {
                option.id: typed(self, slot.field(f"option-{option.id}")).value for option in slot.product.options
            }
            yield LineRequest(slot.product.id, variant_id, qty, {name: text for name, text in chosen.items() if text})

    def _address(self) -> str:
        street, district, city, province, postal_code = (typed(self, name).value for name in ADDRESS)
        return f"{street}\n{district}, {city}\n{province} {postal_code}"

    def kept(self, _: Callable[[str], str]) -> list[tuple[str, str]]:
        """Give (label, text) of what she typed, to be read and copied when it can't be ordered now."""
        labels = _labels(_)
        shown = [(_slot_name(slot), text) for slot in self.lines if (text := self._line_text(slot))]
        return shown + [
            (labels[field.name], self._as_read(field))
            for field in self.all_fields
            if field.name in labels and field.raw.strip()
        ]

    def _as_read(self, field: TypedField) -> str:
        """Give what a field holds as the page shows it: a delivery by its name."""
        chosen = self.campaign.delivery(field.raw) if field.name == "delivery" else None
        return chosen.name if chosen else field.raw

    def _line_text(self, slot: Slot) -> str:
        qty = typed(self, slot.field("qty"))
        if not qty.wanted:
            return ""
        parts = [qty.raw]
        if slot.variant is None:
            variant = slot.product.variant(typed(self, slot.field("variant")).raw)
            parts.append(variant.name if variant else "")
        for option in slot.product.options:
            text = typed(self, slot.field(f"option-{option.id}")).raw
            parts.append(f"{option.name}: {text}" if text.strip() else "")
        return ", ".join(part for part in parts if part.strip())


ADDRESS = ("street", "district", "city", "province", "postal_code")


class Forms:
    """The forms of the campaigns, each made once for a campaign as it is published."""

    def __init__(self) -> None:
        self._made: dict[str, OrderForm] = {}

    def form(self, shop: Shop, campaign: Campaign, fields: Mapping[str, str]) -> OrderForm:
        """Give a campaign's form with these fields in it."""
        return self._blank(shop, campaign).holding(fields)

    def known(self, shop: Shop, campaign: Campaign) -> frozenset[str]:
        """Give the names that a post for this campaign may hold."""
        return self._blank(shop, campaign).known

    def _blank(self, shop: Shop, campaign: Campaign) -> OrderForm:
        """Give a campaign's form that nothing is ever typed into: what every post's own form is copied from."""
        made = self._made.get(campaign.id)
        # The same object, not the same revision: two builds in one second have one number. A catalogue that is read
        # again has new objects.
        if made is None or made.campaign is not campaign or made.channels != shop.channels:
            made = self._made[campaign.id] = make_form_class(shop, campaign)()
        return made


def make_form_class(shop: Shop, campaign: Campaign) -> type[OrderForm]:
    """
    Build the form class of a campaign. WTForms orders fields by their creation, so they are created in the order of the
    page.
    """
    lines = tuple(all_slots(campaign))
    pickups = frozenset(delivery.id for delivery in campaign.deliveries if delivery.kind is DeliveryKind.PICKUP)
    fields: dict[str, Any] = {}
    for slot in lines:
        fields |= slot_fields(slot)
    fields |= {
        "name": LineField(missing="name_missing", most=80),
        "phone": PhoneField(missing="phone_missing", most=24),
        "delivery": ChoiceField(tuple(delivery.id for delivery in campaign.deliveries), missing="delivery_missing"),
        "street": AddressBlock(pickups, missing="street_missing", most=300),
        "district": AddressLine(pickups, missing="district_missing", most=60),
        "city": AddressLine(pickups, missing="city_missing", most=60),
        "province": ProvinceField(pickups, choices=PROVINCES, missing="province_missing"),
        "postal_code": PostalCodeField(pickups, missing="postal_code_missing"),
        "note": BlockField(most=500),
        **({"channel": ChoiceField(shop.channels)} if shop.channels else {}),
        TRAP: TrapField(),
        "terms": TermsField(missing="terms_missing"),
        "news": TickField(),
    }
    known = frozenset(fields) | {TOKEN, ACTION}
    return type(
        "CampaignForm",
        (OrderForm,),
        {
            "campaign": campaign,
            "channels": shop.channels,
            "lines": lines,
            "pickups": pickups,
            "known": known,
            **fields,
        },
    )


def order_fields(shop: Shop, campaign: Campaign) -> frozenset[str]:
    """Give the names of what a buyer fills in on a campaign's order form."""
    return make_form_class(shop, campaign).known - {TOKEN, ACTION, TRAP}


def slot_fields(slot: Slot) -> dict[str, Any]:
    """Give the fields of one line, by their names."""
    qty = slot.field("qty")
    fields: dict[str, Any] = {}
    if slot.variant is None:
        variants = tuple(variant.id for variant in slot.product.variants)
        fields[slot.field("variant")] = LineChoiceField(qty, choices=variants, missing="variant_missing")
    for option in slot.product.options:
        asked = {"name_shown": option.name, "missing": "option_missing" if option.required else ""}
        fields[slot.field(f"option-{option.id}")] = (
            LineChoiceField(qty, choices=option.choices, **asked)
            if option.choices
            else LineTextField(qty, most=option.max_length, **asked)
        )
    # Last, as in the page: how many of what was just described.
    return fields | {qty: QtyField(tuple(fields))}


def refusal_problems(form: OrderForm, refusal: OrderRefused) -> dict[str, Problem]:
    """Put the refusal of a whole order on the field where she can do something about it."""
    quantities = [slot.field("qty") for slot in form.lines]
    ordered = [name for name in quantities if typed(form, name).value is not None] or quantities
    # The lines of a request are those that are filled in, in the order of the page.
    place = refusal.fields.get("line", 0)
    filled = ordered[place if place < len(ordered) else 0]
    name = "delivery" if refusal.fields.get("what") == "delivery" else filled
    return {name: Problem(refusal.code, refusal.fields)}


def worded(problems: Mapping[str, Problem], _: Callable[[str], str]) -> dict[str, str]:
    """Give name -> sentence."""
    sentences = _sentences(_)
    return {
        name: sentences.get(problem.code, sentences["order_refused"]) % problem.values
        for name, problem in problems.items()
    }


def error_list(errors: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """
    Give (element id, sentence) for the summary, in the order of the page. What is wrong with several fields in the same
    words is said once, and leads to the first of them.
    """
    first: dict[str, str] = {}
    for name, sentence in errors.items():
        first.setdefault(sentence, name)
    return [(f"f-{name}", sentence) for sentence, name in first.items()]


def _normal(text: str) -> str:
    if text.isascii() and "\r" not in text:
        return text.strip()
    return unicodedata.normalize("NFC", re.sub(r"\r\n?", "\n", text)).strip()


def _slot_name(slot: Slot) -> str:
    return f"{slot.product.name} {slot.variant.name if slot.variant else ''}".strip()


def _labels(_: Callable[[str], str]) -> dict[str, str]:
    return {
        "name": _("Name"),
        "phone": _("WhatsApp number"),
        "delivery": _("Delivery"),
        "street": _("Full address"),
        "district": _("District (kecamatan)"),
        "city": _("City or regency"),
        "province": _("Province"),
        "postal_code": _("Postal code"),
        "note": _("Note"),
        "company": _("Company or organisation"),
        "needed_by": _("Needed on"),
    }


def _sentences(_: Callable[[str], str]) -> dict[str, str]:
    return {
        "qty_missing": _("Fill in how many you want of this."),
        "bad_qty": _("Write the quantity in digits, 1 to %(most)s."),
        "variant_missing": _("Choose which one you want."),
        "option_missing": _("Fill in: %(option)s."),
        "unknown_choice": _("Choose one from the list: what you had chosen isn't offered any more."),
        "name_missing": _("Fill in your name."),
        "phone_missing": _("Fill in your WhatsApp number, for example 0812 3456 7890."),
        "bad_phone": _("Write an Indonesian mobile number, for example 0812 3456 7890."),
        "delivery_missing": _("Choose how you want to receive your order."),
        "street_missing": _("Fill in the full address: street, house number, RT/RW, village."),
        "district_missing": _("Fill in the district (kecamatan)."),
        "city_missing": _("Fill in the city or regency."),
        "province_missing": _("Choose the province."),
        "postal_code_missing": _("Fill in the postal code."),
        "bad_postal_code": _("Write the postal code in five digits, for example 40123."),
        "terms_missing": _("Tick this once you agree to the terms."),
        "too_long": _("This is too long: %(length)s characters, at most %(most)s."),
        "bad_characters": _("This holds characters that can't be shown. Type it again instead of pasting it."),
        "invisible_text": _("This looks empty: it holds only invisible characters. Type it again."),
        "leave_empty": _(
            "A field that must stay empty was filled in, perhaps by your browser. It is empty again: please send the form once more."
        ),
        "nothing_ordered": _("Fill in how many you want of at least one product."),
        "too_few": _("Pieces in one order: at least %(least)s. This has %(units)s."),
        "too_many": _("Pieces in one order: at most %(most)s. This has %(units)s."),
        "line_too_few": _("%(item)s: at least %(least)s pieces. This has %(units)s."),
        "line_too_many": _("%(item)s: at most %(most)s pieces in one line. This has %(units)s."),
        "ask_for_quotation": _(
            "From %(least)s pieces in one order on we make you an offer instead. This has %(units)s. Everything you typed is kept."
        ),
        "buyer_limit": _(
            "Pieces for each buyer: at most %(most)s. Ordered with this number already: %(held)s; now: %(units)s."
        ),
        "not_delivered_there": _(
            "%(delivery)s doesn't go to %(province)s. Choose another way to receive your order, or ask us on WhatsApp."
        ),
        "unknown_item": _("Choose one from the list: what you had chosen isn't offered any more."),
        "bad_date": _("Write the date as day, month and year, for example 25/12/2026."),
        "past_date": _("This date is over. Write a day from today on."),
        "too_many_enquiries": _(
            "This number is on the list %(most)s times already, which is as often as possible. Leave one of them on its page, or write to us."
        ),
        "still_there": _("There is enough of this left: you can order it at once."),
        "order_refused": _("This can't be ordered like that. Check it and send it again."),
    }
