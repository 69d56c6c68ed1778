"""
The kinds of fields on an order form, each with the rule of its text. A problem is a code with values; forms.py words
it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, cast

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from preorder.contact import PhoneError, parse_phone
from preorder.order import clean_text, parse_qty
from preorder.product import MAX_QTY

_POSTAL_CODE = re.compile(r"[0-9]{5}")
# Marks and blanks that show nothing: a text of these alone only looks empty.
_INVISIBLE = frozenset({"Cf", "Zs", "Zl", "Zp", "Mn", "Cc"})


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field: a code of forms.py's table and the values of its sentence."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


class TypedField(Field):
    """
    A field that keeps what was typed and gives what it means.

    Attributes:
        raw: as posted, for showing it again; "" where it was not.
        value: what it means, once the form is validated; None where it holds nothing right.
    """

    def __init__(self, missing: str = "", most: int = 0, **kwargs: Any) -> None:
        # The label would be translated, escaped and never used: our templates have their own.
        super().__init__(label="", **kwargs)
        self.missing = missing
        self.most = most
        self.raw = ""
        self.value: Any = None

    def holding(self, text: str | None) -> Self:
        """
        Give a field like this one that nothing was posted to, with what was posted; None where it was not.

        WTForms would bind it anew for each post: a translation, a label and a chain of validators, all of them unused.
        """
        made = object.__new__(type(self))
        made.__dict__ = self.__dict__.copy()
        if text is not None:
            made.raw = made.data = text
            made.raw_data = [text]
        return made

    @property
    def wanted(self) -> bool:
        """Say whether something stands in it other than nothing or "0"."""
        return self.raw.strip() not in {"", "0"}

    def is_required(self, form: BaseForm) -> bool:  # noqa: ARG002  other kinds look at it
        """Say whether it must be filled in, seeing the form's other fields."""
        return bool(self.missing)

    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:  # noqa: ARG002  as WTForms calls it
        """Say whether it is right. All that a field of ours checks is in pre_validate; it has no validators beside that."""
        try:
            self.pre_validate(form)
        except StopValidation as stop:
            self.errors = [stop.args[0]]
            return False
        self.errors = ()
        return True

    def pre_validate(self, form: BaseForm) -> None:
        """Read the text; stop with a Problem where it can't be."""
        text = self._clean() if self.raw else ""
        if text:
            self.value = self.parse(text)
        elif self.is_required(form):
            raise stop(self.missing, **self.missing_values())

    def missing_values(self) -> dict[str, object]:
        """Give the values of the sentence that asks for it."""
        return {}

    def parse(self, text: str) -> Any:
        """Give what a text means that is neither empty nor broken."""
        if self.most and len(text) > self.most:
            raise stop("too_long", most=self.most, length=len(text))
        return text

    def _clean(self) -> str:
        try:
            text = clean_text(self.raw)
        except ValueError:
            raise stop("bad_characters") from None
        # A letter or digit in front is the usual case, and seen at once.
        if text and not text[0].isalnum() and all(unicodedata.category(character) in _INVISIBLE for character in text):
            raise stop("invisible_text")
        if "\n" in text and not self.multiline:
            raise stop("bad_characters")
        return text

    multiline = False


class LineField(TypedField):
    """One line of text."""


class BlockField(TypedField):
    """Text of several lines."""

    multiline = True


class ChoiceField(TypedField):
    """One of a fixed set of values."""

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = frozenset(choices)

    def parse(self, text: str) -> str:
        """Take a value of the set, exactly as it was sent."""
        if text not in self.choices:
            raise stop("unknown_choice")
        return text


class PhoneField(TypedField):
    """A mobile number; value is the international form."""

    def parse(self, text: str) -> str:
        """Read the number."""
        try:
            return parse_phone(text)
        except PhoneError:
            raise stop("bad_phone") from None


class QtyField(TypedField):
    """
    The quantity of one line; value is None where nothing is ordered. "0" is how some people say nothing.

    Args:
        others: names of the line's other fields: whoever fills in one of those means to order.
    """

    def __init__(self, others: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(missing="qty_missing", **kwargs)
        self.others = others

    def is_required(self, form: BaseForm) -> bool:
        """Say whether the rest of the line is filled in."""
        return any(typed(form, name).raw.strip() for name in self.others)

    def parse(self, text: str) -> int | None:
        """Read the quantity."""
        if text == "0":
            return None
        try:
            return parse_qty(text)
        except ValueError:
            raise stop("bad_qty", most=MAX_QTY) from None


class LineChoiceField(ChoiceField):
    """What a buyer chooses for a line; asked for where its quantity is filled in."""

    def __init__(self, qty: str, name_shown: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.qty = qty
        self.name_shown = name_shown

    def is_required(self, form: BaseForm) -> bool:
        """Say whether this line is ordered."""
        return bool(self.missing and typed(form, self.qty).wanted)

    def missing_values(self) -> dict[str, object]:
        """Name the option."""
        return {"option": self.name_shown}


class LineTextField(LineField):
    """What a buyer writes for a line; asked for where its quantity is filled in and the seller needs it."""

    def __init__(self, qty: str, name_shown: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.qty = qty
        self.name_shown = name_shown

    def is_required(self, form: BaseForm) -> bool:
        """Say whether this line is ordered."""
        return bool(self.missing and typed(form, self.qty).wanted)

    def missing_values(self) -> dict[str, object]:
        """Name the option."""
        return {"option": self.name_shown}


class AddressField(TypedField):
    """
    A part of the address: needed, and looked at, only where a courier brings the order.

    Args:
        pickups: ids of the deliveries that need none.
    """

    def __init__(self, pickups: frozenset[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pickups = pickups

    def pre_validate(self, form: BaseForm) -> None:
        """Leave it alone for a pickup, whatever was typed before she chose that."""
        if typed(form, "delivery").value not in self.pickups:
            super().pre_validate(form)

    def is_required(self, form: BaseForm) -> bool:
        """Say whether a delivery is chosen."""
        return typed(form, "delivery").value is not None


class AddressLine(AddressField, LineField):
    """A line of the address."""


class AddressBlock(AddressField, BlockField):
    """Street, house and all that helps to find it."""


class ProvinceField(AddressField, ChoiceField):
    """The province."""


class PostalCodeField(AddressField, LineField):
    """Five digits."""

    def parse(self, text: str) -> str:
        """Take five ASCII digits."""
        if not _POSTAL_CODE.fullmatch(text):
            raise stop("bad_postal_code")
        return text


class TermsField(TypedField):
    """The tick under the terms."""

    def parse(self, text: str) -> str:
        """Take "yes" alone."""
        if text != "yes":
            raise stop(self.missing)
        return text


class TickField(TypedField):
    """A tick that nothing depends on."""

    def parse(self, text: str) -> str:
        """Take "yes" alone."""
        if text != "yes":
            raise stop("unknown_choice")
        return text


class TrapField(TypedField):
    """
    A field that people don't see. Filled in, it is emptied and the form shown again: it may have been a browser's own
    doing.
    """

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002  WTForms passes it
        """Refuse anything."""
        if self.raw:
            raise stop("leave_empty")


def stop(code: str, **values: object) -> StopValidation:
    """Give what ends the look at a field, with its problem."""
    # WTForms hands through what an error holds, text or not.
    return StopValidation(cast("str", Problem(code, values)))


def typed(form: BaseForm, name: str) -> TypedField:
    """Give a field of a form of ours."""
    return cast("TypedField", form[name])
