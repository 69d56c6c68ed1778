"""A stylesheet taken apart, for tests that judge its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r"var\(--([a-z-]+)\)")


@dataclass(frozen=True)
class Rule:
    """
    Declarations under a selector.

    Attributes:
        media: the condition around it; empty where there is none.
    """

    media: str
    selector: str
    declarations: tuple[tuple[str, str], ...]


def rules_of(css: str) -> Iterator[Rule]:
    """Give every rule of a stylesheet; at-rules may stand in one level. Quoted braces are not expected."""
    text = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    media, head, depth = "", "", 0
    for piece in re.findall(r"[{}]|[^{}]+", text):
        if piece == "{":
            depth += 1
            if head.startswith("@"):
                media, head = head, ""
        elif piece == "}":
            depth -= 1
            if depth == 0:
                media = ""
            head = ""
        elif depth > (1 if media else 0):
            yield Rule(media, " ".join(head.split()), tuple(_declarations(piece)))
        else:
            head = piece.strip()
    assert depth == 0


def _declarations(block: str) -> Iterator[tuple[str, str]]:
    for each in re.split(r";(?![^(]*\))", block):
        name, colon, value = each.strip().partition(":")
        if colon:
            yield name.strip(), " ".join(value.split())
