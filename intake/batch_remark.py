"""What the seller reads about the minimum of a round: how far it is, and what she does once the round has closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from intake.ledger.counting import RoundCount
from intake.order_rows import Wording
from preorder.batch import Batch, Outcome
from preorder.campaign import Campaign
from preorder.schedule import ZONES, Phase
from preorder.status import Status
from preorder.wording import STATUS_LABELS, show_short_date


def batch_progress(campaign: Campaign, taken: int) -> str | None:
    """Give how far the minimum is reached: "9 / 12 (75%)"; None where there is none."""
    if campaign.batch is None:
        return None
    return f"{taken} / {campaign.batch.minimum} ({100 * taken // campaign.batch.minimum}%)"


def batch_remark(campaign: Campaign, round_: int, count: RoundCount, wording: Wording, now: datetime) -> str | None:
    """
    Give what follows from the minimum of a round that has closed, as sentences.

    None while orders are taken, and once the seller has decided: something is made already.
    """
    batch, window = campaign.batch, campaign.schedule.rule.window_of(round_)
    # A round that the rule no longer knows takes no orders.
    closed = campaign.stage is Phase.CANCELLED or window is None or window.closes_at <= now
    if batch is None or not closed or count.begun:
        return None
    fields = {
        "taken": count.units,
        "minimum": batch.minimum,
        "unpaid": count.unpaid,
        "cancelled": STATUS_LABELS[wording.language][Status.CANCELLED_BY_SELLER],
        "made": STATUS_LABELS[wording.language][Status.IN_PRODUCTION],
    }
    if window is not None:
        # Its end is exclusive.
        day = (batch.told_by(campaign.schedule, window) - timedelta(microseconds=1)).astimezone(ZONES[wording.zone])
        fields["day"] = show_short_date(day.date(), wording.language)
    outcome = batch.outcome(count.units, closed=True, extended=window is not None and window.extended)
    told = list(_sentences(campaign, batch, count, outcome, wording))
    if count.units and window is not None:
        told.append(wording.translation.gettext("Tell your buyers by %(day)s."))
    return " ".join(sentence % fields for sentence in told)


def _sentences(
    campaign: Campaign, batch: Batch, count: RoundCount, outcome: Outcome, wording: Wording
) -> Iterator[str]:
    _ = wording.translation.gettext
    reached = outcome is Outcome.REACHED
    yield (
        _("Minimum reached: %(taken)s of %(minimum)s.")
        if reached
        else _("Minimum not reached: %(taken)s of %(minimum)s.")
    )
    if not count.units:
        return
    if campaign.stage is Phase.CANCELLED:
        yield _('The campaign is cancelled: set its orders to "%(cancelled)s" and give all money back.')
        return
    if reached and count.units - count.unpaid < batch.minimum:
        yield _("But %(unpaid)s are not paid yet: wait until they are paid or have lapsed.")
    elif reached:
        yield _('It goes ahead: set its orders to "%(made)s" when you begin.')
    elif outcome is Outcome.GO_ON:
        yield _("As promised, make its orders all the same.")
    elif outcome is Outcome.EXTEND:
        yield _(
            "As promised, take orders for longer: write perpanjang (extended_to) with the new day into the schedule."
        )
        yield _('Whoever does not want to wait is set to "%(cancelled)s" and gets all money back.')
    else:
        yield _(
            'As promised, set its orders to "%(cancelled)s" and give all money back. To go on nevertheless, ask each buyer first.'
        )
        if not campaign.schedule.recurs:
            yield _("Then write tahap: batal (stage: cancelled) into its file, so that its page says so too.")
