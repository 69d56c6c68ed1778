"""Ids of the items of a list."""

from __future__ import annotations

from storefront.fields import Block, Source
from storefront.vocabulary import slugify


class Ids:
    """The ids of one list: as typed, else made of the name; each only once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines: dict[str, int] = {}

    def id_of(self, item: Block, name: str) -> str:
        """Give the id of an item; "" where it has none, which has been reported."""
        made = (item.slug("id") or "") if item.has("id") else slugify(name)
        line = item.at("id" if item.has("id") else "name")
        if not made:
            if name and not item.has("id"):
                self._source.report(line, "no_id_from_name", text=name, key=self._source.word("id"))
        elif made in self._lines:
            self._source.report(line, "id_twice", text=made, first_line=self._lines[made], key=self._source.word("id"))
        else:
            self._lines[made] = line
        return made
