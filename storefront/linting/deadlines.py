"""What the header promises when, in an order that can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from preorder.campaign import Campaign
from preorder.schedule import Phase
from storefront.linting.numbers import Places
from storefront.problems import Problem


def find_deadlines(campaign: Campaign, places: Places, now: datetime) -> Iterator[Problem]:
    """Give everything in a campaign's header that would have to happen before what it follows."""
    phase = campaign.schedule.phase(now)
    early = phase is Phase.OPEN or (phase is Phase.ANNOUNCED and not campaign.schedule.recurs)
    if early and campaign.stage not in {None, Phase.CANCELLED}:
        day = campaign.schedule.last_day(campaign.schedule.shown_window(now))
        yield places.problem("stage_too_early", "stage", day=day)
