"""
What buyers ask for where they can't order: a place on the waitlist, a word when orders open, an offer for a large order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from preorder.errors import PreorderError

# Of one kind for one number and round, at the same time: somebody may ask for a friend as well.
MOST_WAITING = 3


class EnquiryKind(StrEnum):
    """What is asked for."""

    WAITLIST = "waitlist"
    INTEREST = "interest"
    QUOTATION = "quotation"


class EnquiryStatus(StrEnum):
    """Where an enquiry stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DECLINED = "declined"
    LEFT = "left"


# Begins the ref: one letter, so that it can't be taken for an order's.
LETTERS: Final[Mapping[EnquiryKind, str]] = {
    EnquiryKind.WAITLIST: "W",
    EnquiryKind.INTEREST: "M",
    EnquiryKind.QUOTATION: "Q",
}
# What the seller may set an enquiry for an offer to, and from where. Who has left has left.
SELLER_SETS: Final[Mapping[EnquiryStatus, frozenset[EnquiryStatus]]] = {
    EnquiryStatus.WAITING: frozenset({EnquiryStatus.ANSWERED, EnquiryStatus.DECLINED}),
    EnquiryStatus.ANSWERED: frozenset({EnquiryStatus.WAITING, EnquiryStatus.DECLINED}),
    EnquiryStatus.DECLINED: frozenset({EnquiryStatus.WAITING, EnquiryStatus.ANSWERED}),
    EnquiryStatus.LEFT: frozenset(),
}


class TooManyEnquiries(PreorderError):
    """Her number waits for the same thing often enough already. Fields: most."""

    code = "too_many_enquiries"


class NotChangeable(PreorderError):
    """It doesn't wait any more, so it stays as it is. Fields: status."""

    code = "not_changeable"


class StillThere(PreorderError):
    """Nobody need wait for it: there is enough left to order it at once."""

    code = "still_there"


@dataclass(frozen=True)
class EnquiryLine:
    """One thing that is asked for, as it is called now. options: name -> chosen or written text."""

    product_id: str
    variant_id: str
    name: str
    options: Mapping[str, str]
    qty: int


@dataclass(frozen=True)
class Enquiry:
    """
    What somebody asks for.

    Attributes:
        round: for which it is asked.
        phone: "+62...".
        lines: empty for interest alone.
        accepts_part: fewer than asked for would do as well.
        company, needed_by, note: of a large order; may be empty.
    """

    kind: EnquiryKind
    campaign_id: str
    round: int
    name: str
    phone: str
    lines: tuple[EnquiryLine, ...] = ()
    accepts_part: bool = False
    company: str = ""
    needed_by: date | None = None
    note: str = ""

    @property
    def units(self) -> int:
        """Give the number of units in all lines."""
        return sum(line.qty for line in self.lines)
