"""When a campaign goes from the first page to that of past campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from preorder.campaign import Campaign
from preorder.schedule import Phase

# After the closing: where nothing more is to come, buyers look for it no longer.
ENDED_AFTER = timedelta(days=14)
# Whatever is still being made or sent then: those who have ordered look at pages of their own.
ANY_AFTER = timedelta(days=90)


def is_past(campaign: Campaign, now: datetime) -> bool:
    """Say whether a campaign stands in the archive: its last round closed long enough ago, and no other one follows."""
    phase = campaign.phase(now)
    over = campaign.schedule.next_window(now) is None and phase is not Phase.OPEN
    closed = campaign.schedule.rule.last_before(now)
    if closed is None or not (over or phase is Phase.CANCELLED):
        return False
    after = ENDED_AFTER if phase in {Phase.DONE, Phase.CANCELLED} else ANY_AFTER
    return now >= closed.closes_at + after


def turns(campaign: Campaign, now: datetime) -> Iterator[datetime]:
    """Give the instants at which a campaign may go to the archive, as far as its phase then is the one of now."""
    schedule = campaign.schedule
    # Of one that opens again only if it is cancelled: then counted from the round that closed last.
    window = schedule.rule.last_before(now) or schedule.shown_window(now)
    if not schedule.recurs or campaign.phase(now) is Phase.CANCELLED:
        yield from (window.closes_at + after for after in (ENDED_AFTER, ANY_AFTER))
