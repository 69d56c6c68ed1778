"""
What buyers ask for where they can't order: a place on the waitlist, a word when orders open, an offer for a large order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def replaces(self, name: str, lines: Sequence[EnquiryLine]) -> bool:
        """
        Say whether this stands in place of what the same number waits for already, of the same kind and round.

        The same person asks again: by her name too, for who asks for a friend keeps both; and for something that is
        in both, for who asks for something else keeps both as well. It then stands as a whole in place of the other:
        whoever merely knows her name and number learns nothing of what she had asked for.

        Args:
            name, lines: of what waits.
        """
        if _folded(name) != _folded(self.name):
            return False
        mine = {(line.product_id, line.variant_id) for line in self.lines}
        return not mine or not mine.isdisjoint((line.product_id, line.variant_id) for line in lines)

    @property
    def units(self) -> int:
        """Give the number of units in all lines."""
        return sum(line.qty for line in self.lines)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
