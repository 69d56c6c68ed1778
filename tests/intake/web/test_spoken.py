"""All that a buyer may read on a live page, in every state of it: in the shop's language, and called as the shop calls her."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from intake.published import CatalogueUnavailable
from preorder.catalogue import to_json
from preorder.contact import PROVINCES
from preorder.salutation import Salutation
from tests.intake.web.walk import walk
from tests.intake.web.world import FIELDS, World
from tests.spoken import leaked, said

KAK = re.compile(r"\bkak(?:ak)?\b", re.IGNORECASE)


# Every sentence is proved with each word in tests/preorder/test_salutation.py; here, that no page looks one up elsewhere.
@pytest.mark.parametrize("salutation", [Salutation.ANDA, Salutation.KAMU])
def test_no_page_calls_her_otherwise_than_the_shop_does(
    world: World, salutation: Salutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one, in text, attributes or the drafts of messages; and kamu is written as a sentence needs it."""
    called = 0
    for name, html in walk(world, monkeypatch, salutation=salutation):
        text = said(html)
        assert not KAK.search(text), (name, KAK.findall(text))
        assert not re.search(r"(?:[a-z,;] Kamu\b)|(?:[.!?] kamu\b)", text), name
        called += bool(re.search(rf"\b{salutation}\b", text, re.IGNORECASE))
    assert called > 100


@pytest.mark.parametrize(
    ("shop", "lang", "said_so", "clock"),
    [
        ({"language": "en", "zone": "WIT"}, "en", "Keep the address", "12:00 WIT"),
        ({"salutation": Salutation.ANDA}, "id", "pesanan Anda", "10.00 WIB"),
        ({}, "id", "pesanan Kakak", "10.00 WIB"),
    ],
)
def test_an_order_speaks_as_its_shop_did_while_nothing_is_published(
    world: World, shop: dict[str, Any], lang: str, said_so: str, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue is away, the ledger is not: language, zone and word are those that she ordered in."""

    def away() -> None:
        raise CatalogueUnavailable(where="x", reason="unreadable")

    world.publish(**shop)
    path = world.send(world.review()).headers["Location"]
    monkeypatch.setattr(world.counter.catalogue, "current", away)
    html = world.client.get(path).text
    assert f'<html lang="{lang}">' in html
    assert said_so in said(html) and clock in said(html)
    assert (lang == "id" and not shop) == ("Kakak" in said(html))


def test_english_pages_hold_no_word_of_indonesian(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what its seller and its buyer have written, and names."""
    typed = " ".join((*FIELDS.values(), *PROVINCES, "Dapur Contoh"))
    found = {}
    for name, html in walk(world, monkeypatch, language="en"):
        shown = json.dumps(to_json(world.counter.catalogue.current()), ensure_ascii=False)
        own = frozenset(re.findall(r"[a-z]{3,}", f"{typed} {shown}".lower()))
        assert '<html lang="en">' in html, name
        found |= dict.fromkeys(leaked(said(html), own), name)
    assert not found
