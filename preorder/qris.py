"""
QRIS payloads: the text in a merchant's QR code, read and checked, and a copy of it for one amount.

Nothing is ever repaired: a payload with a fault is refused with every fault that can be told. Merchant, city, NMID and
accounts are never changed.

Source: EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1, and what QRIS makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preorder.errors import PreorderError
from preorder.money import Rupiah
from preorder.qris_elements import Element, Fault, FaultCode, QrisError, fault, join_elements, read_elements
from preorder.qris_rules import (
    DYNAMIC,
    LONGEST_AMOUNT,
    MOST_CHARACTERS,
    STATIC,
    Tip,
    bare_text,
    find_faults,
    find_other,
)

# The most that gateways let one QRIS payment be; a shop may set another.
CEILING = Rupiah(10_000_000)


class QrisAmountNotWhole(PreorderError):
    """An amount that is no int of whole rupiah. Fields: amount (as text)."""

    code = "qris_amount_not_whole"


class QrisAmountOutOfRange(PreorderError):
    """An amount that can't be paid by QRIS at once. Fields: amount, least, ceiling (rupiah)."""

    code = "qris_amount_out_of_range"


@dataclass(frozen=True)
class MerchantAccount:
    """
    Where the money goes (26 to 51).

    Attributes:
        tag: "51" for the national register of merchants.
        guid: whose account it is, as a reversed domain.
        pan, merchant_id, criteria: None where the template doesn't hold it; the merchant_id of "51" is the NMID.
    """

    tag: str
    guid: str
    pan: str | None
    merchant_id: str | None
    criteria: str | None


@dataclass(frozen=True)
class Qris:
    """
    A right payload; only parse_qris, parse_source and make_dynamic make one.

    Attributes:
        elements: in the payload's order, without the check digits.
    """

    elements: tuple[Element, ...]

    @property
    def payload(self) -> str:
        """Give the text of the QR code; its check digits are upper-case."""
        return join_elements(self.elements)

    @property
    def is_static(self) -> bool:
        """Say whether it serves for many payments, whose amounts the payers type."""
        return self._value("01") == STATIC

    @property
    def merchant_name(self) -> str:
        """Give the name that the payer's app shows (59)."""
        return self._value("59") or ""

    @property
    def merchant_city(self) -> str:
        """Give the city (60)."""
        return self._value("60") or ""

    @property
    def postal_code(self) -> str | None:
        """Give the postal code (61)."""
        return self._value("61")

    @property
    def category(self) -> str:
        """Give the four digits of the merchant category (52)."""
        return self._value("52") or ""

    @property
    def amount(self) -> str | None:
        """Give the amount as it stands there (54)."""
        return self._value("54")

    @property
    def tip(self) -> Tip | None:
        """Give what comes on top of the amount (55)."""
        found = self._value("55")
        return Tip(found) if found else None

    @property
    def fee(self) -> str | None:
        """Give the fee as it stands there: rupiah (56) under Tip.FIXED, percent (57) under Tip.PERCENT."""
        return self._value("56") or self._value("57")

    @property
    def accounts(self) -> tuple[MerchantAccount, ...]:
        """Give the merchant's accounts (26 to 51), at least one."""
        return tuple(
            MerchantAccount(each.tag, each.get("00") or "", each.get("01"), each.get("02"), each.get("03"))
            for each in self.elements
            if "26" <= each.tag <= "51"
        )

    @property
    def nmid(self) -> str | None:
        """Give the merchant's number in the national register; None where the payload doesn't say it."""
        return next((account.merchant_id for account in self.accounts if account.tag == "51"), None)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Give what is unusual and yet accepted."""
        return () if self.nmid else (fault(FaultCode.NO_NATIONAL),)

    def _value(self, tag: str) -> str | None:
        return next((element.value for element in self.elements if element.tag == tag), None)


def parse_qris(text: str) -> Qris:
    """
    Read a payload as it was pasted.

    Args:
        text: blanks and line ends around it don't count; check digits may be lower-case.

    Raises:
        QrisError: it is not a whole and right QRIS payload.
    """
    bare = bare_text(text)
    if other := find_other(bare):
        raise QrisError(faults=(other,))
    elements = read_elements(bare)
    if faults := find_faults(bare, elements):
        raise QrisError(faults=faults)
    return Qris(elements[:-1])


def parse_source(text: str) -> Qris:
    """
    Read a payload that amounts will be put into: static, without amount, tip or fee.

    Raises:
        QrisError: it is not.
    """
    qris = parse_qris(text)
    if faults := _source_faults(qris):
        raise QrisError(faults=faults)
    return qris


def make_dynamic(source: Qris, amount: Rupiah, ceiling: Rupiah = CEILING) -> Qris:
    """
    Give a copy for one payment: 01 says dynamic, 54 with the amount follows 53, the check digits are computed anew;
    everything else stays, byte for byte and in its order.

    Args:
        amount: whole rupiah, 1 to ceiling.
        ceiling: the most that the shop takes by QRIS at once.

    Raises:
        QrisError: the source is dynamic already, or has an amount, a tip or a fee.
        QrisAmountNotWhole: amount is anything but an int; a text such as "1.250.000" could mean two things.
        QrisAmountOutOfRange: it is below 1 or above ceiling.
    """
    if faults := _source_faults(source):
        raise QrisError(faults=faults)
    if type(amount) is not int:
        raise QrisAmountNotWhole(amount=str(amount))
    highest = min(ceiling, 10**LONGEST_AMOUNT - 1)
    if not 1 <= amount <= highest:
        raise QrisAmountOutOfRange(amount=amount, least=1, ceiling=highest)
    return Qris(tuple(_with_amount(source, amount)))


def _with_amount(source: Qris, amount: int) -> Iterator[Element]:
    for element in source.elements:
        yield Element("01", DYNAMIC) if element.tag == "01" else element
        if element.tag == "53":
            yield Element("54", str(amount))


def _source_faults(qris: Qris) -> tuple[Fault, ...]:
    faults = []
    if not qris.is_static:
        faults.append(fault(FaultCode.ALREADY_DYNAMIC))
    elif qris.amount is not None:
        faults.append(fault(FaultCode.HAS_AMOUNT, value=qris.amount))
    if tips := [element.tag for element in qris.elements if element.tag in {"55", "56", "57"}]:
        faults.append(fault(FaultCode.HAS_TIP, elements=", ".join(tips)))
    length, most = len(qris.payload), MOST_CHARACTERS - len("54") - len("13") - LONGEST_AMOUNT
    if not faults and length > most:
        faults.append(fault(FaultCode.TOO_LONG, length=length, most=most))
    return tuple(faults)
