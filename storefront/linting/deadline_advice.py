"""What the seller reads where deadlines of the header can't be kept in their order, and where a batch contradicts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Advice(NamedTuple):
    """Why something is a finding, and a sentence or line to paste instead."""

    why: str
    cure: str


def of_deadlines(_: Callable[[str], str]) -> dict[str, Advice]:
    """Give the advice of every rule of storefront.linting.deadlines, and of what sentences say about a batch."""
    return {
        "deadline_after_production": Advice(
            _("a buyer may pay until %(hours)s hours after the closing, but making begins on the day after it."),
            _("batas_akhir: tutup (pay_until: closing)"),
        ),
        "deadline_in_production": Advice(
            _("who orders last may pay for %(hours)s hours, but making begins on the day after the closing."),
            _("batas_akhir: tutup (pay_until: closing)"),
        ),
        "shipping_before_production": Advice(
            _("sending begins %(value)s days after the closing, but making takes until day %(days)s."),
            _("kirim (ships): a span that begins and ends no earlier than produksi (production)."),
        ),
        "stage_without_production": Advice(
            _("this refund holds until making begins, but ready stock is not made."),
            _("pembatalan (cancellation) in this campaign, with a stage until kirim (shipping)."),
        ),
        "stock_without_quota": Advice(
            _("ready stock without a quota: more can be ordered than there is."),
            _("%(key)s: 12"),
        ),
        "batch_differs": Advice(
            _("here a round needs %(said)s, in the header %(set)s."),
            _("the number of kloter (batch), or leave it out here: the page shows it by itself."),
        ),
        "batch_told_late": Advice(
            _(
                "buyers are told %(value)s days after the closing whether it goes ahead, but sending begins after %(days)s."
            ),
            _("%(key)s: at most %(days)s days"),
        ),
        "batch_told_after_production": Advice(
            _(
                "buyers are told %(value)s days after the closing whether it goes ahead, but by day %(days)s all is to be made."
            ),
            _("%(key)s: at most %(most)s days"),
        ),
        "batch_told_unpaid": Advice(
            _(
                "buyers are told %(value)s days after the closing whether it is enough, but until %(hours)s hours after it orders may lapse unpaid."
            ),
            _("%(key)s: %(least)s days"),
        ),
        "stage_too_early": Advice(
            _("this round has not closed yet, so that %(key)s does not count; orders are taken until %(day)s."),
            _("%(key)s only after the closing, or close earlier with tutup_awal (closed_early)."),
        ),
    }
