"""
The grammar of a QRIS payload: elements of tag, length and value, their faults, and the check digits at the end.

Source: EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1, chapters 3 and 4.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from preorder.errors import PreorderError

CRC = "63"

_TWO_DIGITS = re.compile(r"[0-9]{2}")


class FaultCode(StrEnum):
    """
    What can be wrong with a pasted payload; each with the fields that its sentence needs.

    An element is named by its tag, one in a template by both: "59", "51.02". A position counts the characters of the
    text without the blanks around it, from 1.
    """

    # What was pasted is something else.
    EMPTY = "qris_empty"
    LINK = "qris_link"
    PICTURE = "qris_picture"
    NMID_ONLY = "qris_nmid_only"
    NOT_QRIS = "qris_not_qris"  # found
    # The text as a whole.
    LINE_BREAK = "qris_line_break"  # position
    TOO_LONG = "qris_too_long"  # length, most
    BAD_TAG = "qris_bad_tag"  # after (element before it), position, found
    BAD_LENGTH = "qris_bad_length"  # element, position, found
    RUNS_PAST_END = "qris_runs_past_end"  # element, position, length, left
    LOOSE_END = "qris_loose_end"  # after, position, found
    BAD_TEMPLATE = "qris_bad_template"  # element, position
    AFTER_CRC = "qris_after_crc"  # position, found
    CRC_MISSING = "qris_crc_missing"  # after
    CRC_FORM = "qris_crc_form"  # found
    CRC_WRONG = "qris_crc_wrong"  # found
    NOT_FIRST = "qris_not_first"  # first
    # One element.
    REPEATED = "qris_repeated"  # element
    MISSING = "qris_missing"  # element
    NO_ACCOUNT = "qris_no_account"
    STRANGE_CHARACTER = "qris_strange_character"  # element, position, character
    VALUE_TOO_LONG = "qris_value_too_long"  # element, length, most
    BLANK_VALUE = "qris_blank_value"  # element
    WRONG_VALUE = "qris_wrong_value"  # element, value, allowed
    NOT_DIGITS = "qris_not_digits"  # element, value, digits
    CURRENCY = "qris_currency"  # value
    COUNTRY = "qris_country"  # value
    BAD_NMID = "qris_bad_nmid"  # value
    BAD_AMOUNT = "qris_bad_amount"  # value
    FEE_MISMATCH = "qris_fee_mismatch"  # element
    # A right payload that an amount can't be put into.
    ALREADY_DYNAMIC = "qris_already_dynamic"
    HAS_AMOUNT = "qris_has_amount"  # value
    HAS_TIP = "qris_has_tip"  # elements
    # A warning: such a payload is accepted.
    NO_NATIONAL = "qris_no_national"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; fields as FaultCode says."""

    code: FaultCode
    fields: Mapping[str, Any] = field(default_factory=dict)


def fault(code: FaultCode, **fields: Any) -> Fault:
    """Make a fault."""
    return Fault(code, fields)


class QrisError(PreorderError):
    """A text that is not the payload that is needed. Fields: faults, a tuple of at least one Fault."""

    code: ClassVar[str] = "bad_qris"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Give all that is wrong, in the order in which the text is read."""
        return tuple(self.fields["faults"])


@dataclass(frozen=True)
class Element:
    """
    One element.

    Attributes:
        tag: two digits.
        value: 1 to 99 characters; of a template, elements again.
        position: where its tag stands in the text, from 1; 0 where it was not read from one.
    """

    tag: str
    value: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        # Characters, not bytes: EMVCo says so for values outside ASCII, which the language template (64) may hold.
        return f"{self.tag}{len(self.value):02d}{self.value}"

    @property
    def is_template(self) -> bool:
        """Say whether its value is elements again."""
        return "26" <= self.tag <= "51" or self.tag in {"62", "64"} or self.tag >= "80"

    def inner(self) -> tuple[Element, ...]:
        """
        Give the elements of a template.

        Raises:
            QrisError: its value is not elements from end to end.
        """
        return tuple(_walk(self.value, self.position + 3))

    def get(self, tag: str) -> str | None:
        """Give the value of this tag in a template, None where it is missing."""
        return next((element.value for element in self.inner() if element.tag == tag), None)


def read_elements(text: str) -> tuple[Element, ...]:
    """
    Split a payload into its elements, check digits included.

    Raises:
        QrisError: with one fault, for what follows it can't be told apart.
    """
    elements = []
    for element in _walk(text, 0):
        elements.append(element)
        if element.tag == CRC:
            end = element.position + 3 + len(element.value)
            if text[end:]:
                raise QrisError(faults=(fault(FaultCode.AFTER_CRC, position=end + 1, found=text[end:][:20]),))
    return tuple(elements)


def _walk(text: str, base: int) -> Iterator[Element]:
    at, before = 0, ""
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        position = base + at + 1
        if at + 4 > len(text):
            raise QrisError(faults=(fault(FaultCode.LOOSE_END, after=before, position=position, found=text[at:]),))
        if not _TWO_DIGITS.fullmatch(tag):
            raise QrisError(faults=(fault(FaultCode.BAD_TAG, after=before, position=position, found=tag),))
        # EMVCo: "01" to "99". An empty value would be a mark of nothing.
        if not _TWO_DIGITS.fullmatch(length) or length == "00":
            raise QrisError(faults=(fault(FaultCode.BAD_LENGTH, element=tag, position=position + 2, found=length),))
        value = text[at + 4 : at + 4 + int(length)]
        if len(value) < int(length):
            raise QrisError(
                faults=(
                    fault(FaultCode.RUNS_PAST_END, element=tag, position=position, length=int(length), left=len(value)),
                )
            )
        yield Element(tag, value, position)
        at, before = at + 4 + int(length), tag


def checksum(text: str) -> str:
    """
    Give the four check digits of a text that ends with "6304".

    CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF, nothing reflected) over the bytes of UTF-8, upper-case.
    """
    # Lone surrogates can't be encoded; they are refused as characters, and until then they must not stop the check.
    return format(binascii.crc_hqx(text.encode("utf-8", "surrogatepass"), 0xFFFF), "04X")


def join_elements(elements: Iterable[Element]) -> str:
    """Give the payload of these elements (all but the check digits), with fresh check digits at the end."""
    body = "".join(str(element) for element in elements) + CRC + "04"
    return body + checksum(body)
