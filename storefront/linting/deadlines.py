"""What the header promises when, in an order that can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from preorder.campaign import Campaign
from preorder.schedule import Method, Phase
from preorder.terms import Milestone
from storefront.linting.numbers import Places, capacity
from storefront.problems import Problem


def find_deadlines(campaign: Campaign, places: Places, now: datetime) -> Iterator[Problem]:
    """Give everything in a campaign's header that would have to happen before what it follows."""
    yield from _production(campaign, places)
    yield from _batch(campaign, places)
    if campaign.method is Method.READY:
        yield from _ready(campaign, places)
    phase = campaign.schedule.phase(now)
    early = phase is Phase.OPEN or (phase is Phase.ANNOUNCED and not campaign.schedule.recurs)
    if early and campaign.stage not in {None, Phase.CANCELLED}:
        day = campaign.schedule.last_day(campaign.schedule.shown_window(now))
        yield places.problem("stage_too_early", "stage", day=day)


def _production(campaign: Campaign, places: Places) -> Iterator[Problem]:
    production, ships, payment = campaign.schedule.production, campaign.schedule.ships_after, campaign.payment
    if production is None:
        return
    if ships is not None and (ships.least < production.least or ships.most < production.most):
        # Of the two ends the one that can't be.
        late = ships.least < production.least
        value, days = (ships.least, production.least) if late else (ships.most, production.most)
        yield places.problem("shipping_before_production", "schedule", "ships", value=value, days=days)
    # Counted from the closing, after which making begins with the next day.
    hours = payment.pay_within_h if payment.last_days is None else payment.last_days * 24
    key = "pay_within" if payment.last_days is None else "pay_until"
    if payment.last_days or hours > production.most * 24:
        yield places.problem("deadline_after_production", "payment", key, hours=hours)
    elif hours > 24 and not campaign.decided_after:
        # With a batch making waits until it is known whether it is enough; _batch looks after that.
        yield places.problem("deadline_in_production", "payment", key, hours=hours)


def _ready(campaign: Campaign, places: Places) -> Iterator[Problem]:
    for number, stage in enumerate(campaign.policy.stages):
        if stage.until is Milestone.PRODUCTION:
            yield places.problem("stage_without_production", "cancellation", "by_buyer", number, "until")
    if capacity(campaign) is None:
        yield places.problem("stock_without_quota", "quota")


def _batch(campaign: Campaign, places: Places) -> Iterator[Problem]:
    batch, ships, production = campaign.batch, campaign.schedule.ships_after, campaign.schedule.production
    if batch is None:
        return
    fields = {"value": batch.told_within}
    if ships is not None and batch.told_within > ships.least:
        yield places.problem("batch_told_late", "batch", "told_within", **fields, days=ships.least)
        return
    if not campaign.decided_after:
        return
    if production is not None and batch.told_within >= production.most:
        most = max(0, production.most - 1)
        yield places.problem(
            "batch_told_after_production", "batch", "told_within", **fields, days=production.most, most=most
        )
        return
    # The round closes at the end of a day; by then she counts orders that may lapse yet.
    payment = campaign.payment
    hours = payment.pay_within_h if payment.last_days is None else min(payment.pay_within_h, payment.last_days * 24)
    if hours + payment.grace_h > batch.told_within * 24:
        least = -(-(hours + payment.grace_h) // 24)
        yield places.problem(
            "batch_told_unpaid", "batch", "told_within", **fields, hours=hours + payment.grace_h, least=least
        )
