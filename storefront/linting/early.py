"""Early prices that hold for a whole round, or in none that is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from preorder.campaign import Campaign
from preorder.pricing import early_until
from preorder.product import EarlyBird
from preorder.schedule import ZONES, OneOff, Window
from storefront.linting.numbers import Places
from storefront.problems import Problem


def find_early(campaign: Campaign, places: Places, now: datetime) -> Iterator[Problem]:
    """Give each early price of a campaign that never ends before its round does, or has ended before it begins."""
    window = _whole(campaign, campaign.schedule.shown_window(now))
    zone = ZONES[campaign.schedule.zone]
    for path, early in _earlies(campaign):
        if early.until is not None:
            day = campaign.schedule.last_day(Window(1, window.opens_at, early.until))
            if early.until <= window.opens_at:
                yield places.problem("early_over", *path, "until", day=day, set=window.opens_at.astimezone(zone).date())
            elif isinstance(campaign.schedule.rule, OneOff) and early.until >= window.closes_at:
                yield places.problem("early_always", *path, "until", day=campaign.schedule.last_day(window))
        elif early_until(early, window) >= window.closes_at:
            yield places.problem("early_always", *path, "first_days", day=campaign.schedule.last_day(window))


def _earlies(campaign: Campaign) -> Iterator[tuple[tuple[str | int, ...], EarlyBird]]:
    for number, product in enumerate(campaign.products):
        if product.early is not None:
            yield ("products", number, "early_price"), product.early
        for place, variant in enumerate(product.variants):
            if variant.early is not None:
                yield ("products", number, "variants", place, "early_price"), variant.early


def _whole(campaign: Campaign, window: Window) -> Window:
    """Give a round as it was planned: one that she has shortened for once says nothing about her prices."""
    ends = [window.closes_at, window.first_closes_at or window.closes_at]
    if not isinstance(campaign.schedule.rule, OneOff):
        ends.append(campaign.schedule.rule.regular(window.opens_at.date()).closes_at)
    return Window(window.round, window.opens_at, max(ends))
