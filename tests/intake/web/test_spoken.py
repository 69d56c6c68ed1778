"""All that a buyer may read on a live page, in every state of it: in the shop's language, and called as the shop calls her."""

from __future__ import annotations

import json
import re

import pytest

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
