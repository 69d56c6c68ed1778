"""What makes a text a right QRIS payload: every rule that it can break, one fault for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from preorder.qris_elements import CRC, Element, Fault, FaultCode, QrisError, checksum, fault, read_elements

# EMVCo's bound for all of a payload.
MOST_CHARACTERS = 512
NATIONAL = "ID.CO.QRIS.WWW"

STATIC, DYNAMIC = "11", "12"

# Blanks, line ends and the invisible marks that chat programs put around what is copied from them.
_AROUND = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f"
    "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
_PICTURE_BEGINS = ("data:image/", "<svg", "ivborw0kggo", "/9j/")
_PICTURE_ENDS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".svg", ".pdf")
_LINK = re.compile(r"[a-z][a-z0-9+.-]{1,20}://|www\.|[a-z0-9.-]{1,60}\.[a-z]{2,12}/", re.IGNORECASE)
_NMID_TEXT = re.compile(r"(?:.*\bnmid\b|ID[0-9]{8,20}$)", re.IGNORECASE | re.DOTALL)
_NMID = re.compile(r"ID[0-9]{13}")
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
# Of an amount, in characters; tag and length come before it.
LONGEST_AMOUNT = 13

_NEEDED = ("00", "01", "52", "53", "58", "59", "60")
_LONGEST = {
    "54": LONGEST_AMOUNT, "59": 25, "60": 15, "61": 10, "62.01": 25, "62.02": 25, "62.03": 25, "62.04": 25, "62.05": 25, "62.06": 25, "62.07": 25,
    "62.08": 25, "62.09": 3, "62.10": 20, "62.11": 3, "64.00": 2, "64.01": 25, "64.02": 15,
}  # fmt: skip
_LONGEST_GUID = 32


class Tip(StrEnum):
    """What a payload adds to the amount (55)."""

    ASKED = "01"
    FIXED = "02"
    PERCENT = "03"


def bare_text(text: str) -> str:
    """Give a pasted text without what stands around it and can't be seen."""
    return text.strip(_AROUND)


def find_other(text: str) -> Fault | None:
    """Tell what a bare text is in place of a payload, or why it can't be split into elements; None where it may be one."""
    if not text:
        return fault(FaultCode.EMPTY)
    if not text.startswith("00"):
        head, tail = text[:100], text[-10:].lower()
        if head.lower().startswith(_PICTURE_BEGINS) or tail.endswith(_PICTURE_ENDS):
            return fault(FaultCode.PICTURE)
        if _LINK.match(head):
            return fault(FaultCode.LINK)
        if _NMID_TEXT.match(head):
            return fault(FaultCode.NMID_ONLY)
        if not _ends_as_payload(text):
            return fault(FaultCode.NOT_QRIS, found=text[:12])
    # A line break or tab inside. What else can't be seen is named with the element that holds it.
    if found := re.search(r"[\t-\r\x85\u2028\u2029]", text):
        return fault(FaultCode.LINE_BREAK, position=found.start() + 1)
    if len(text) > MOST_CHARACTERS:
        return fault(FaultCode.TOO_LONG, length=len(text), most=MOST_CHARACTERS)
    return None


def _ends_as_payload(text: str) -> bool:
    try:
        elements = read_elements(text)
    except QrisError:
        return False
    return elements[-1].tag == CRC


def find_faults(text: str, elements: tuple[Element, ...]) -> tuple[Fault, ...]:
    """Give every fault of a bare text that these elements were read from."""
    return (*_crc_faults(text, elements), *_element_faults(elements), *_value_faults(elements))


def _crc_faults(text: str, elements: tuple[Element, ...]) -> Iterator[Fault]:
    last = elements[-1]
    if last.tag != CRC:
        yield fault(FaultCode.CRC_MISSING, after=last.tag)
    elif not _HEX.fullmatch(last.value):
        yield fault(FaultCode.CRC_FORM, found=last.value)
    elif last.value.upper() != checksum(text[:-4]):
        # What they should be isn't said: typed over, they would make the damage official.
        yield fault(FaultCode.CRC_WRONG, found=last.value)


def _element_faults(elements: tuple[Element, ...]) -> Iterator[Fault]:
    if elements[0].tag != "00":
        yield fault(FaultCode.NOT_FIRST, first=elements[0].tag)
    tags = Counter(element.tag for element in elements)
    yield from (fault(FaultCode.REPEATED, element=tag) for tag, count in tags.items() if count > 1)
    yield from (fault(FaultCode.MISSING, element=tag) for tag in _NEEDED if tag not in tags)
    if not any("26" <= tag <= "51" for tag in tags):
        yield fault(FaultCode.NO_ACCOUNT)
    # 56 belongs to a tip of "02", 57 to one of "03", and neither stands without.
    tip = next((element.value for element in elements if element.tag == "55"), None)
    for tag, wanted in (("56", Tip.FIXED), ("57", Tip.PERCENT)):
        if (tag in tags) != (tip == wanted):
            yield fault(FaultCode.FEE_MISMATCH, element=tag)


def _value_faults(elements: tuple[Element, ...]) -> Iterator[Fault]:
    for element in elements:
        if element.tag == CRC:
            continue
        if not element.is_template:
            yield from _plain_faults(element.tag, element)
            continue
        try:
            inner = element.inner()
        except QrisError as error:
            position = error.faults[0].fields["position"]
            yield fault(FaultCode.BAD_TEMPLATE, element=element.tag, position=position)
            continue
        tags = Counter(each.tag for each in inner)
        yield from (fault(FaultCode.REPEATED, element=f"{element.tag}.{tag}") for tag, n in tags.items() if n > 1)
        needed = _needed_inside(element.tag)
        yield from (fault(FaultCode.MISSING, element=f"{element.tag}.{tag}") for tag in needed if tag not in tags)
        for each in inner:
            yield from _plain_faults(f"{element.tag}.{each.tag}", each)


def _needed_inside(template: str) -> tuple[str, ...]:
    # "00" says whose template it is (in 64, which language): without that nobody knows what the rest means.
    if template == "62":
        return ()
    return {"51": ("00", "02"), "64": ("00", "01")}.get(template, ("00",))


def _plain_faults(path: str, element: Element) -> Iterator[Fault]:
    value = element.value
    for at, character in enumerate(value):
        # Only the language template may leave the common character set, and nothing may be invisible.
        if not (" " <= character <= "~" or (path.startswith("64.") and character.isprintable())):
            yield fault(
                FaultCode.STRANGE_CHARACTER, element=path, position=element.position + 4 + at, character=character
            )
            return
    most = _LONGEST_GUID if "26" <= path[:2] <= "51" and path.endswith(".00") else _LONGEST.get(path)
    if most and len(value) > most:
        yield fault(FaultCode.VALUE_TOO_LONG, element=path, length=len(value), most=most)
    elif not value.strip():
        yield fault(FaultCode.BLANK_VALUE, element=path)
    else:
        yield from _meaning_faults(path, value)


def _meaning_faults(path: str, value: str) -> Iterator[Fault]:
    allowed = {"00": ("01",), "01": (STATIC, DYNAMIC), "55": tuple(Tip), "51.00": (NATIONAL,)}.get(path)
    if allowed and value not in allowed:
        yield fault(FaultCode.WRONG_VALUE, element=path, value=value, allowed=", ".join(allowed))
    elif path == "51.02" and not _NMID.fullmatch(value):
        yield fault(FaultCode.BAD_NMID, value=value)
    elif path == "52" and not re.fullmatch(r"[0-9]{4}", value):
        yield fault(FaultCode.NOT_DIGITS, element=path, value=value, digits=4)
    elif path == "53" and value != "360":
        yield fault(FaultCode.CURRENCY, value=value)
    elif path == "54" and not (_AMOUNT.fullmatch(value) and value.strip("0.")):
        yield fault(FaultCode.BAD_AMOUNT, value=value)
    elif path == "58" and value != "ID":
        yield fault(FaultCode.COUNTRY, value=value)
