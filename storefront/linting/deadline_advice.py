"""What the seller reads where deadlines of the header can't be kept in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Advice(NamedTuple):
    """Why something is a finding, and a sentence or line to paste instead."""

    why: str
    cure: str


def of_deadlines(_: Callable[[str], str]) -> dict[str, Advice]:
    """Give the advice of every rule of storefront.linting.deadlines."""
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
        "stage_too_early": Advice(
            _("this round has not closed yet, so that %(key)s does not count; orders are taken until %(day)s."),
            _("%(key)s only after the closing, or close earlier with tutup_awal (closed_early)."),
        ),
    }
