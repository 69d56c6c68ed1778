"""What the seller is told: every case has a sentence, in her language and with all its values."""

from __future__ import annotations

import gettext
import json
import re
from pathlib import Path

import pytest

import intake
from intake import sentences
from preorder.order import BuyerLimit, NotOpenYet, SoldOut, TooFew, TooMany, WindowClosed
from preorder.typed import ChoiceMissing, ItemUnclear, ItemUnknown, QtyMissing

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(intake.__file__).parent.rglob("*.py"))
# Made of others, or told apart where the sentence is made.
COMPOSED = {"several"}


def test_every_case_that_bounces_has_a_sentence() -> None:
    """A command that bounced without one would keep its row from being written."""
    kinds = set(re.findall(r'Bounced\(\s*"([a-z_]+)"', SOURCE)) | set(re.findall(r'_bounce\([^()]*"([a-z_]+)"', SOURCE))
    codes = {
        error.code
        for error in (
            BuyerLimit, NotOpenYet, SoldOut, TooFew, TooMany, WindowClosed,
            ChoiceMissing, ItemUnclear, ItemUnknown, QtyMissing,
        )
    }  # fmt: skip
    assert len(kinds) > 40
    known = set(sentences._sentences(lambda text: text))
    assert (kinds | codes) - COMPOSED <= known


@pytest.mark.parametrize("language", ["id", "en"])
def test_several_problems_are_told_together(language: str) -> None:
    """Each in a line of its own, with the headers that she sees and the words that she may write."""
    message = {
        "kind": "several",
        "each": [
            {"kind": "hand_missing", "columns": ["name", "whatsapp"]},
            {"kind": "sold_out", "units": 3, "left": 1, "liftable": True},
        ],
    }
    told = sentences.explain(json.dumps(message), gettext.NullTranslations(), language, "WIB")
    first, second = told.split("\n")
    assert {"id": "Nama, WhatsApp", "en": "Name, WhatsApp"}[language] in first
    assert sentences.TAKE_ANYWAY[language] in second
