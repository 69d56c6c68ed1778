"""The batch ("kloter"): what a round needs to go ahead, and what is promised where it gets less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from preorder.errors import CampaignError
from preorder.schedule import ZONES, Schedule, Window


class Otherwise(StrEnum):
    """What happens with a round that has not reached its minimum."""

    REFUND = "refund"
    EXTEND = "extend"
    GO_ON = "go_on"


class Outcome(StrEnum):
    """How far a round is, and what follows from it."""

    COLLECTING = "collecting"
    REACHED = "reached"
    REFUND = "refund"
    EXTEND = "extend"
    GO_ON = "go_on"


@dataclass(frozen=True)
class Batch:
    """
    What a round needs.

    Attributes:
        minimum: units that orders hold once the round has closed.
        otherwise: what happens with fewer. EXTEND: the round stays open longer, once; then as REFUND.
        told_within: days after the closing in which buyers are told whether it was enough.
    """

    minimum: int
    otherwise: Otherwise
    told_within: int

    def __post_init__(self) -> None:
        if self.minimum < 1 or self.told_within < 0:
            raise CampaignError(what="batch", value=self.minimum)

    @property
    def decided_after(self) -> int:
        """Give how many days after the closing production waits for it; 0 where everything is made in any case."""
        return 0 if self.otherwise is Otherwise.GO_ON else self.told_within

    def outcome(self, taken: int, *, closed: bool, extended: bool) -> Outcome:
        """
        Give what follows for a round.

        Args:
            taken: units that its orders hold.
            closed: whether it takes no more orders.
            extended: whether it was held open for longer already.
        """
        if taken >= self.minimum:
            return Outcome.REACHED
        if not closed:
            return Outcome.COLLECTING
        if self.otherwise is Otherwise.EXTEND and extended:
            return Outcome.REFUND
        return Outcome(self.otherwise)

    def told_by(self, schedule: Schedule, window: Window) -> datetime:
        """Give until when buyers of a round are told (exclusive): the end of that day."""
        day = schedule.last_day(window) + timedelta(days=self.told_within + 1)
        return datetime.combine(day, time(), ZONES[schedule.zone])
