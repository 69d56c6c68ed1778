"""
What a buyer may allow beside her order, each by a tick of its own that nothing depends on. Agreeing to the terms is no
part of it: that belongs to the order, and stays as long as it does.

Source: UU 27/2022, art. 20 to 24: consent stands apart from other matters, in plain words, and can be shown and taken
back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from preorder.catalogue import canonical

# Digits of a text's hash by which people name its version.
MARK_DIGITS = 12


class Purpose(StrEnum):
    """What her name and number may be used for beyond her order."""

    # To tell her when the next pre-orders open.
    NEWS = "news"


@dataclass(frozen=True)
class ConsentText:
    """
    The sentence beside a tick, as she read it.

    Attributes:
        language: "id" or "en".
    """

    purpose: Purpose
    language: str
    text: str

    @cached_property
    def body(self) -> str:
        """Give it as it is kept: canonical JSON."""
        return canonical({"consent": self.purpose, "language": self.language, "text": self.text})

    @cached_property
    def hash(self) -> str:
        """Give SHA-256 of body, in hex."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def mark(self) -> str:
        """Give the version as people name it."""
        return self.hash[:MARK_DIGITS]
