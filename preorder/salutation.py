"""
How buyers are addressed in Indonesian. The sentences are written with "Kakak"; a shop that chose another word has it put
in where they are looked up, so there is one catalogue of sentences and no sentence can be forgotten.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Final


class Salutation(StrEnum):
    """What a shop calls its buyers."""

    KAKAK = "kakak"
    ANDA = "anda"
    KAMU = "kamu"
    BAPAK_IBU = "bapak_ibu"


_WORDS: Final = {
    Salutation.KAKAK: "Kakak",
    Salutation.ANDA: "Anda",
    Salutation.KAMU: "kamu",
    Salutation.BAPAK_IBU: "Bapak/Ibu",
}
_KAKAK: Final = re.compile(r"\bKakak\b")
# "Halo Kak Ayu, ...": from seller to buyer, before her name.
_NAMED: Final = re.compile(r"\bKak (?=%\()")
# "Halo Kak, ...", "..., ya Kak.": without one.
_CALLED: Final = re.compile(r" Kak\b")
# Whatever stands for a buyer in a sentence.
_ANY: Final = re.compile(r"\b(?:Kakak|Anda|[Kk]amu|Bapak/Ibu)\b")


def address(sentence: str, salutation: Salutation) -> str:
    """
    Give a sentence to a buyer with the shop's word for her.

    Args:
        sentence: of the Indonesian catalogue, with "Kakak"; places such as %(name)s not filled in yet.
    """
    if salutation is Salutation.KAKAK or "Kak" not in sentence:
        return sentence
    word = _WORDS[salutation]

    def put(found: re.Match[str]) -> str:
        before = sentence[: found.start()].rstrip()
        # Only kamu is written small, and not where a sentence begins.
        return word[0].upper() + word[1:] if not before or before[-1] in ".!?" else word

    worded = _KAKAK.sub(put, sentence)
    worded = _NAMED.sub("Bapak/Ibu " if salutation is Salutation.BAPAK_IBU else "", worded)
    return _CALLED.sub("", worded)


def differ_in_address_only(one: str, other: str) -> bool:
    """Say whether two texts are the same but for the word for the buyer."""
    return _ANY.sub("", one) == _ANY.sub("", other)


class Addressed(gettext.NullTranslations):
    """A catalogue whose sentences call the buyer as the shop does."""

    def __init__(self, catalogue: gettext.NullTranslations, salutation: Salutation) -> None:
        super().__init__()
        self._catalogue = catalogue
        # A few hundred sentences, each worded once.
        self._worded: Callable[[str], str] = cache(lambda sentence: address(sentence, salutation))

    def gettext(self, message: str) -> str:
        """Give a sentence."""
        return self._worded(self._catalogue.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Give a sentence in the form that a number needs."""
        return self._worded(self._catalogue.ngettext(msgid1, msgid2, n))


def addressed(catalogue: gettext.NullTranslations, language: str, salutation: Salutation) -> gettext.NullTranslations:
    """Give the catalogue as a shop speaks; English has one word for you."""
    if language != "id" or salutation is Salutation.KAKAK:
        return catalogue
    return Addressed(catalogue, salutation)
