"""What pages say to people, for tests that judge their words."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from babel.messages.pofile import read_po

from preorder.wording import (
    CHANNEL_LABELS,
    ENQUIRY_LABELS,
    MONTHS,
    PAYMENT_LABELS,
    SHORT_MONTHS,
    STATUS_LABELS,
    WEEKDAYS,
)

CATALOGUE = Path(__file__).resolve().parents[1] / "templates/translations/id/LC_MESSAGES/etalase.po"
_WORD = re.compile(r"[a-z]{3,}(?:-[a-z]+)*")
# Sentences to sellers and operators quote keys, words of cells and labels.
_QUOTING = re.compile(r'"|content/|%\((?:key|text|label|word)\)s|\b(?:Write|sheet|column|tab)\b')
# What holds a digit is an amount, a number or a mark, not a word.
_PLACE = re.compile(r"%\(\w+\)[sd]|https?://\S+|\S*\d\S*")
# Names, in every language; and what English has taken over.
NAMES = {"qris", "indonesia", "whatsapp", "instagram", "tiktok", "bpsk", "wib", "jne", "rupiah", "pos", "rekber"}


def said(html: str) -> str:
    """Give all that a page says: text, attributes, drafts of messages in its links. Classes, names and addresses are no words."""
    # Nobody reads hidden fields, and the letters of a token may spell anything.
    text = re.sub(r'<(script|style)\b.*?</\1>|<input type="hidden"[^>]*>', " ", html, flags=re.DOTALL)
    drafts = " ".join(unquote(found) for found in re.findall(r"[?&]text=([^\"&]+)", text))
    spoken = re.findall(
        r'\b(?:alt|title|aria-label|placeholder|content|value|data-(?:[a-z]+-)?word|data-(?:some|few|gone))="([^"]*)"',
        text,
    )
    # A signed token holds any letters, now and then a word of some language.
    spoken = [each for each in spoken if not re.fullmatch(r"[\w.-]{24,}", each)]
    words = re.sub(r"<[^>]+>", "\n", text)
    return unescape("\n".join([words, drafts, *spoken]))


@cache
def indonesian_words() -> frozenset[str]:
    """Give the words of our Indonesian sentences that no English one has."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    indonesian: set[str] = set()
    english: set[str] = set()
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        # What sellers are told quotes Indonesian keys; only sentences to buyers teach what English is.
        if not any(_QUOTING.search(text) for text in ids):
            english.update(_words(" ".join(ids)))
        indonesian.update(_words(" ".join(filter(None, strings))))
    for of in (STATUS_LABELS, PAYMENT_LABELS, ENQUIRY_LABELS, CHANNEL_LABELS):
        indonesian.update(_words(" ".join(of["id"].values())))
        english.update(_words(" ".join(of["en"].values())))
    for of_days in (MONTHS, SHORT_MONTHS, WEEKDAYS):
        indonesian.update(_words(" ".join(of_days["id"])))
        english.update(_words(" ".join(of_days["en"])))
    return frozenset(indonesian - english - NAMES)


def leaked(text: str, allowed: frozenset[str]) -> set[str]:
    """Give the Indonesian words in a text, but for those that its seller has written."""
    return (_words(text) & indonesian_words()) - allowed


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_PLACE.sub(" ", text).lower()))
