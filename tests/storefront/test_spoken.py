"""All that a buyer may read on a built page, in every state of it: in the shop's language, and called as the shop calls her."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from preorder.campaign import Campaign, Target
from preorder.catalogue import to_json
from preorder.contact import PROVINCES
from preorder.money import Rupiah
from preorder.product import EarlyBird, Limits
from preorder.salutation import Salutation
from preorder.schedule import Days, Method, Monthly, Phase, Schedule, Weekly
from preorder.terms import BalanceFrom, PaymentTerms, Scheme, UniqueCode
from storefront.frontmatter import Entries
from storefront.origin import Origin
from storefront.pages import render
from storefront.reader import CampaignContent, Content
from tests.english import PRODUCTS, SHOP, english_campaign
from tests.makers import NOW, make_schedule, make_shop
from tests.spoken import leaked, said
from tests.storefront.content_makers import CHECKOUT

ORIGIN = Origin("shop.md", Entries((), 1))
KAK = re.compile(r"\bkak(?:ak)?\b", re.IGNORECASE)


def campaigns() -> Iterator[Campaign]:
    """Give a campaign in each of the ways in which its page can differ."""
    past = {"closes_in": timedelta(hours=-1), "opens_in": timedelta(days=-2)}
    full = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL)
    jar = dataclasses.replace(
        PRODUCTS[0], early=EarlyBird(Rupiah(60_000), until=NOW + timedelta(days=2)), per_line=dataclasses.replace(PRODUCTS[0].per_line, least=2)
    )  # fmt: skip
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"schedule": make_schedule(opens_in=timedelta(days=1))},
        {"schedule": make_schedule(**past)},
        *({"schedule": make_schedule(**past), "stage": stage} for stage in (Phase.IN_PRODUCTION, Phase.SHIPPING, Phase.DONE)),
        {"stage": Phase.CANCELLED},
        {"schedule": Schedule("WIB", Monthly(1, 5, "WIB"), 7, Days(7, 10))},
        {"schedule": Schedule("WIB", Weekly(0, 2, "WIB"), 7, None)},
        {"schedule": dataclasses.replace(make_schedule(), method=Method.READY, ships_after=Days(1, 2)), "payment": full},
        {"payment": full, "target": Target(50), "quotation_from": 30, "products": (jar, PRODUCTS[1])},
        {"limits": Limits(2, 9, 20), "payment": dataclasses.replace(full, unique_code=UniqueCode.ADD, last_days=0)},
        *(
            {"payment": PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, needs, last_days=2, unique_code=UniqueCode.DEDUCT, balance_days=7, balance_from=since)}
            for needs, since in ((Scheme.FULL, BalanceFrom.CLOSING), (Scheme.DEPOSIT, BalanceFrom.READY))
        ),
    )  # fmt: skip
    for number, each in enumerate(changes):
        prefix = f"A{chr(ord('A') + number)}"
        yield english_campaign(
            **({"id": f"c{number}", "slug": f"c{number}", "prefix": prefix, "terms_html": ""} | each)
        )


def pages_of(**shop: Any) -> tuple[dict[str, str], str]:
    """Give each page of a shop with these attributes by its path, and all that is the seller's own in words."""
    content = Content(
        shop=make_shop(**(SHOP | shop)),
        about_html="<p>About us.</p>",
        campaigns=tuple(
            CampaignContent(each, "<p>Described.</p>", (("Asked?", "<p>Answered.</p>"),), "", "", ORIGIN)
            for each in campaigns()
        ),
        photos={},
        origin=ORIGIN,
    )
    site = render(content, NOW, None, templates=CHECKOUT / "templates")
    pages = {
        path: data.decode() for path, data in site.files.items() if isinstance(data, bytes) and path.endswith(".html")
    }
    # The contract is ours, but for the few words about each shop's deliveries in it.
    own = to_json(dataclasses.replace(site.catalogue, campaigns=tuple(dataclasses.replace(each, terms_html="") for each in site.catalogue.campaigns)))  # fmt: skip
    return pages, json.dumps(own, ensure_ascii=False).lower()


@pytest.mark.parametrize("salutation", Salutation)
def test_every_page_calls_her_as_the_shop_does(salutation: Salutation) -> None:
    """The contract that is hashed with the order among them; with each of the four words."""
    pages, _ = pages_of(salutation=salutation)
    word = {"kakak": "Kakak", "anda": "Anda", "kamu": "kamu", "bapak_ibu": "Bapak/Ibu"}[salutation]
    for path, html in pages.items():
        text = said(html)
        assert salutation is Salutation.KAKAK or not KAK.search(text), (path, KAK.findall(text))
        assert not re.search(r"(?:[a-z,;] Kamu\b)|(?:[.!?] kamu\b)", text), path
        assert word in text or path in {"404.html", "index.html", "arsip/index.html"}, path


def test_english_pages_hold_no_word_of_indonesian() -> None:
    """But for what the seller has written, and names."""
    pages, own = pages_of(language="en")
    allowed = frozenset(re.findall(r"[a-z]{3,}", f"{own} {' '.join(PROVINCES).lower()}"))
    assert len(pages) > 15
    found = {word: path for path, html in pages.items() for word in leaked(said(html), allowed)}
    assert not found
    assert all('<html lang="en">' in html for html in pages.values())


def test_dates_and_times_are_english_too() -> None:
    """With a colon, and the end of a day as 23:59, for English clocks know no 24:00; rupiah as Indonesia writes them."""
    pages, _ = pages_of(language="en")
    everything = "\n".join(pages.values())
    assert not re.search(r"\b[0-2]\d\.[0-5]\d (?:WIB|WITA|WIT)\b", everything)
    assert re.search(r"\b[0-2]\d:[0-5]\d WIB\b", everything)
    assert "24:00" not in everything and "24.00" not in everything
    assert "Rp65.000" in everything


def test_the_leaks_would_be_seen() -> None:
    """The words that are looked for are those of the Indonesian pages: nearly every one of them is found there."""
    pages, own = pages_of()
    allowed = frozenset(re.findall(r"[a-z]{3,}", f"{own} {' '.join(PROVINCES).lower()}"))
    for path, html in pages.items():
        assert len(leaked(said(html), allowed)) > 10, path
