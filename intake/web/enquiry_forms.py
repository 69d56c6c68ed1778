"""The forms of enquiries: waitlist, interest in the next opening, request for an offer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from intake.ledger.enquiries import StoredEnquiry
from intake.web.fields import BlockField, ChoiceField, LineField, PhoneField, TrapField, typed
from intake.web.fields import stop as problem
from intake.web.forms import ACTION, TRAP, OrderForm, order_fields, slot_fields
from preorder.campaign import Campaign
from preorder.catalogue import digest
from preorder.enquiries import Enquiry, EnquiryKind, EnquiryLine
from preorder.order import Slot, all_slots
from preorder.shop import Shop

# Filled in by a page of ours: what makes one press another than the next, and whose wish is to be changed.
SLIP, OF = "slip", "of"

_DATE = re.compile(r"(\d{1,2})[ ./-](\d{1,2})[ ./-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


class DateField(LineField):
    """A day, as people or a browser's calendar write it; value is a date."""

    def parse(self, text: str) -> date:
        """Read the day."""
        if found := _ISO.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
        elif found := _DATE.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
        else:
            raise problem("bad_date")
        try:
            return date(year, month, day)
        except ValueError:
            raise problem("bad_date") from None


class EnquiryForm(OrderForm):
    """
    The base of every campaign's enquiry forms.

    Attributes:
        kind: what is asked for.
        carried: names of the order form that this one has no use for; what a buyer typed there comes along.
    """

    kind: ClassVar[EnquiryKind]
    carried: ClassVar[frozenset[str]]

    def press_digest(self, slip: str) -> str:
        """Give SHA-256 over kind, campaign, fields and the slip of the page that they came with, in hex."""
        return digest({"kind": self.kind, "fields": self.fields_digest(), "slip": slip})

    def to_enquiry(self, round_: int) -> Enquiry:
        """Give the enquiry. Only after validate() said that all is well."""
        return Enquiry(
            kind=self.kind,
            campaign_id=self.campaign.id,
            round=round_,
            name=typed(self, "name").value,
            phone=typed(self, "phone").value,
            lines=tuple(self._asked_lines()),
            accepts_part="accepts_part" in self._fields and typed(self, "accepts_part").value == "yes",
            company=self._value("company") or "",
            needed_by=self._value("needed_by"),
            note=self._value("note") or "",
        )

    def _value(self, name: str) -> Any:
        return typed(self, name).value if name in self._fields else None

    def _asked_lines(self) -> list[EnquiryLine]:
        lines = []
        for request in self.line_requests():
            product = self.campaign.product(request.product_id)
            variant = product.variant(request.variant_id) if product else None
            assert product is not None and variant is not None  # noqa: PT018  the form has no others
            names = {option.id: option.name for option in product.options}
            lines.append(
                EnquiryLine(
                    product_id=product.id,
                    variant_id=variant.id,
                    name=f"{product.name} {variant.name}".strip(),
                    options={names[option]: text for option, text in request.options.items()},
                    qty=request.qty,
                )
            )
        return lines


def wish_fields(campaign: Campaign, asked: StoredEnquiry) -> dict[str, str]:
    """
    Give what a form must hold to ask for the same again: name -> text. What the campaign no longer has is left out.
    """
    free = list(all_slots(campaign))
    found: dict[str, str] = {}
    for line in asked.lines:
        slot = next((slot for slot in free if _takes(slot, line)), None)
        if slot is None:
            continue
        free.remove(slot)
        ids = {option.name: option.id for option in slot.product.options}
        found |= {slot.field(f"option-{ids[name]}"): text for name, text in line.options.items() if name in ids}
        found |= {slot.field("variant"): line.variant_id} if slot.variant is None else {}
        found[slot.field("qty")] = str(line.qty)
    said = {
        "accepts_part": "yes" if asked.accepts_part else "",
        "company": asked.company,
        "needed_by": f"{asked.needed_by:%d/%m/%Y}" if asked.needed_by else "",
        "note": asked.note,
    }
    return found | {name: text for name, text in said.items() if text}


def _takes(slot: Slot, line: EnquiryLine) -> bool:
    fits = slot.variant is None or slot.variant.id == line.variant_id
    return slot.product.id == line.product_id and fits


class EnquiryForms:
    """The enquiry forms of the campaigns, each made once for a campaign as it is published."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, EnquiryKind], EnquiryForm] = {}

    def form(self, kind: EnquiryKind, shop: Shop, campaign: Campaign, fields: Mapping[str, str]) -> EnquiryForm:
        """Give a campaign's form with these fields in it."""
        return self._blank(kind, shop, campaign).holding(fields)

    def known(self, kind: EnquiryKind, shop: Shop, campaign: Campaign) -> frozenset[str]:
        """Give the names that a post for this campaign may hold."""
        return self._blank(kind, shop, campaign).known

    def _blank(self, kind: EnquiryKind, shop: Shop, campaign: Campaign) -> EnquiryForm:
        made = self._made.get((campaign.id, kind))
        if made is None or made.campaign is not campaign:
            made = self._made[campaign.id, kind] = _form_class(kind, shop, campaign)()
        return made


def _form_class(kind: EnquiryKind, shop: Shop, campaign: Campaign) -> type[EnquiryForm]:
    lines = () if kind is EnquiryKind.INTEREST else tuple(all_slots(campaign))
    fields: dict[str, Any] = {}
    for slot in lines:
        fields |= slot_fields(slot)
    fields |= {
        "name": LineField(missing="name_missing", most=80),
        "phone": PhoneField(missing="phone_missing", most=24),
    }
    if kind is EnquiryKind.WAITLIST:
        fields["accepts_part"] = ChoiceField(("yes",))
    if kind is EnquiryKind.QUOTATION:
        fields["company"] = LineField(most=80)
        fields["needed_by"] = DateField(most=20)
    if kind is not EnquiryKind.INTEREST:
        fields["note"] = BlockField(most=500)
    fields[TRAP] = TrapField()
    carried = order_fields(shop, campaign) - frozenset(fields)
    known = frozenset(fields) | carried | {ACTION, SLIP, OF}
    return type(
        "CampaignEnquiryForm",
        (EnquiryForm,),
        {
            "kind": kind,
            "campaign": campaign,
            "lines": lines,
            "pickups": frozenset(),
            "known": known,
            "carried": carried,
            **fields,
        },
    )
