"""Order refs that people read out and type: "NST-7K2Q". No look-alikes, a check character, not countable."""

from __future__ import annotations

import re
from collections.abc import Callable

# 29 characters, a prime, so that the check catches every wrong character and every swap of neighbours. Without 0 O 1 I
# L U Z.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
# A letter comes first: "MAR-2026" would be a date to a spreadsheet that opens an export.
_LETTERS = ALPHABET[8:]
SHORTEST = 4

_REF = re.compile(rf"[A-Z]{{2,4}}-[{ALPHABET}]{{{SHORTEST},8}}")


def make_ref(prefix: str, choose: Callable[[str], str], length: int = SHORTEST) -> str:
    """
    Make a ref.

    Args:
        prefix: the campaign's two to four capitals.
        choose: picks one character of a text at random (secrets.choice).
        length: of the part after the hyphen, check character included.
    """
    body = choose(_LETTERS) + "".join(choose(ALPHABET) for _ in range(length - 2))
    return f"{prefix}-{body}{_check(prefix, body)}"


def is_ref(text: str) -> bool:
    """Say whether text is a ref without a typing error."""
    if not _REF.fullmatch(text):
        return False
    prefix, _, code = text.partition("-")
    return _check(prefix, code[:-1]) == code[-1]


def _check(prefix: str, body: str) -> str:
    # The prefix counts too: with a mistyped prefix a ref would point into another campaign.
    values = [ord(letter) - ord("A") for letter in prefix] + [ALPHABET.index(character) for character in body]
    return ALPHABET[sum(place * value for place, value in enumerate(values, start=1)) % len(ALPHABET)]
