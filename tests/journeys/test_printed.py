"""What a buyer prints, or saves as a PDF: her order, on one sheet."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import RunningShop, order_fields, place

LONG = "Jl. Kenanga Dalam Sekali No. 117 blok C RT 012/RW 034, pagar hijau di sebelah warung Bu Contoh " * 3


def test_an_order_fits_on_one_sheet(shop: RunningShop, phone: Callable[..., BrowserContext]) -> None:
    """With what is to be paid, a long address and a note; the buttons stay on the screen."""
    wishes = {
        JAR: "12", "nastar--toples-500-g--qty": "3", "gamis--0--qty": "2", "gamis--0--option-warna": "Sage",
        "gamis--0--option-nama-bordir": "Ayu Contoh",
    }  # fmt: skip
    where = place(
        shop.base, SLUG, order_fields(street=LONG[:300], note="Tolong dibungkus rapi untuk kado. " * 10) | wishes
    )
    page = phone().new_page()
    page.goto(shop.base + where)
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    for hidden in ("#claim", ".awning", "#news", "#terms"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shown in ("#ref", "#status", "#amount", "#pay-by", "#total"):
        assert page.locator(shown).first.is_visible(), shown
