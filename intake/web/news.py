"""The sentence beside the tick "may tell me of the next pre-orders", and how a status page tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from intake.ledger.consents import Consent
from preorder.consent import ConsentText, Purpose
from preorder.shop import Shop


def news_text(shop: Shop, _: Callable[[str], str]) -> ConsentText:
    """Give the sentence as a shop's pages say it now; templates/partials/order_form.html has the same words."""
    sentence = _("%(shop)s may tell me on WhatsApp when its next pre-orders open.") % {"shop": shop.name}
    return ConsentText(Purpose.NEWS, shop.language, sentence)


@dataclass(frozen=True)
class NewsView:
    """
    What a buyer's page says of it.

    Attributes:
        last: what she has said last; None where she has said nothing.
        text: what she would allow by pressing the button now.
        url: where both buttons post to.
    """

    last: Consent | None
    text: ConsentText
    url: str

    @property
    def given(self) -> bool:
        """Say whether she allows it."""
        return self.last is not None and self.last.given
