"""Where things stand in the content: the header that was read, and the seller's own words, with their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storefront.frontmatter import Entries, Items, Node, Text
from storefront.vocabulary import KEYS


class Part(StrEnum):
    """What a passage is on the page."""

    ABOUT = "about"
    DESCRIPTION = "description"
    TERMS = "terms"
    FAQ = "faq"
    CANCELLATION = "cancellation"
    UPDATES = "updates"
    HEADER = "header"


@dataclass(frozen=True)
class Passage:
    """
    Words that buyers read.

    Attributes:
        file: as the report names it.
        line: of the file, on which text begins.
        text: Markdown; the value of a key where part is HEADER.
    """

    file: str
    line: int
    text: str
    part: Part


# The values of these keys are sentences that buyers read.
_SPOKEN = ("summary", "note", "tagline", "bonus", "composition", "net", "best_before", "permits")
_NAMES = ("title", "name")


@dataclass(frozen=True)
class Origin:
    """
    A file with a header.

    Attributes:
        english: whether its author writes English keys.
    """

    file: str
    header: Entries
    english: bool = False

    def find(self, *path: str | int) -> Node | None:
        """Give what stands at a path of names in code and positions in lists: ("products", 0, "price")."""
        found = self._descend(path)
        return None if found is None else found[1]

    def line(self, *path: str | int) -> int:
        """Give the line of the key at a path, or of the nearest one above it that is there."""
        for length in range(len(path), 0, -1):
            if (found := self._descend(path[:length])) is not None:
                return found[0]
        return self.header.line

    def has(self, *path: str | int) -> bool:
        """Say whether something stands at a path."""
        return self._descend(path) is not None

    def key(self, name: str) -> str:
        """Give a key as the author of this file would write it."""
        return KEYS[name].shown(english=self.english)

    def passages(self) -> tuple[Passage, ...]:
        """Give the sentences in the header, without those that are never published."""
        return tuple(Passage(self.file, text.line, text.text, Part.HEADER) for text in _of_keys(self.header, _SPOKEN))

    def names(self) -> tuple[Passage, ...]:
        """Give what the campaign, its products and their variants are called."""
        return tuple(Passage(self.file, text.line, text.text, Part.HEADER) for text in _of_keys(self.header, _NAMES))

    def _descend(self, path: tuple[str | int, ...]) -> tuple[int, Node] | None:
        line, node = self.header.line, self.header
        step: Node = node
        for name in path:
            if isinstance(name, int):
                if not isinstance(step, Items) or name >= len(step.items):
                    return None
                step = step.items[name]
                line = step.line
                continue
            if not isinstance(step, Entries):
                return None
            found = next(((key, value) for key, value in step.entries if key.text in KEYS[name].spellings()), None)
            if found is None:
                return None
            line, step = found[0].line, found[1]
        return line, step


def _of_keys(node: Node, names: Sequence[str]) -> Iterator[Text]:
    if isinstance(node, Items):
        for item in node.items:
            yield from _of_keys(item, names)
    elif isinstance(node, Entries):
        spoken = {spelling for name in names for spelling in KEYS[name].spellings()}
        private = KEYS["internal_notes"].spellings()
        for key, value in node.entries:
            if key.text in private:
                continue
            if isinstance(value, Text):
                if key.text in spoken:
                    yield value
            else:
                yield from _of_keys(value, names)
