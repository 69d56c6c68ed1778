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
        "stage_too_early": Advice(
            _("this round has not closed yet, so that %(key)s does not count; orders are taken until %(day)s."),
            _("%(key)s only after the closing, or close earlier with tutup_awal (closed_early)."),
        ),
    }
