"""What becomes of a text's tables, remarks and footnotes, so that they can be read, heard and operated on any screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from markdown.extensions.footnotes import FootnoteExtension

from storefront.vocabulary import REMARKS

# How Markdown keeps a sign apart while it works: a number between two control characters.
_MARK = re.compile("\x02[^\x03]*\x03")
_LONGEST_LABEL = 80


class Footnotes(FootnoteExtension):
    """
    Footnotes whose ids are those of no other text.

    Args:
        name: of the text, among all that can stand on one page.
    """

    def __init__(self, name: str) -> None:
        super().__init__(UNIQUE_IDS=True, USE_DEFINITION_ORDER=False)
        self.name = name

    def makeFootnoteId(self, id: str) -> str:  # noqa: A002, N802  the library's own names
        """Give the id of a footnote; its own name may hold what no id can."""
        return f"fn:{self.name}-{self._number(id)}"

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:  # noqa: A002, N802
        """Give the id of the sign in the text that leads to it; a second sign gets another one."""
        return str(self.unique_ref(f"fnref:{self.name}-{self._number(id)}", found))

    def _number(self, name: str) -> int:
        return list(self.footnotes).index(name) + 1


def typeset(root: Element, gettext: Callable[[str], str]) -> list[str]:
    """
    Dress a finished tree.

    Returns:
        Kinds of remarks that we don't know, as typed.
    """
    unknown = []
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            kinds = child.get("class", "").split()
            if child.tag == "table":
                parent[place] = _scrolling(child, gettext)
            elif kinds[:1] == ["admonition"] and not _set_remark(child, kinds[1:], gettext):
                unknown.append(" ".join(kinds[1:]))
            elif kinds == ["footnote"]:
                _set_notes(child, gettext)
    for link in root.iter("a"):
        if link.get("class") == "footnote-ref":
            link.set("aria-label", gettext("Note %(number)s") % {"number": link.text or ""})
    return unknown


def text_of(element: Element) -> str:
    """Give the words of an element."""
    return _MARK.sub("", "".join(element.itertext()))


def _scrolling(table: Element, gettext: Callable[[str], str]) -> Element:
    """Give a table within a box that scrolls by itself, also with the keys, and is called after its columns."""
    heads = [" ".join(text_of(head).split()) for head in table.iter("th")]
    for cell in table.iter():
        if cell.attrib.pop("align", "") == "right":
            cell.set("class", "at-right")
        if cell.tag == "th":
            if text_of(cell).strip() or len(cell):
                cell.set("scope", "col")
            else:
                cell.tag = "td"  # a heading without words would be read out as one
    box = Element("div", {"class": "scroll", "role": "group", "tabindex": "0"})
    columns = ", ".join(filter(None, heads))
    label = gettext("Table: %(columns)s") % {"columns": columns} if columns else gettext("Table")
    box.set("aria-label", label[:_LONGEST_LABEL])
    box.append(table)
    box.tail, table.tail = table.tail, None
    return box


def _set_remark(box: Element, kinds: list[str], gettext: Callable[[str], str]) -> bool:
    typed = " ".join(kinds)
    kind = next((kind for kind, word in REMARKS.items() if typed.casefold() in word.spellings()), None)
    if kind is None:
        return False
    box.set("class", f"remark remark-{kind}")
    box.set("role", "note")
    title = next((each for each in box if each.get("class") == "admonition-title"), None)
    if title is not None:
        title.set("class", "remark-title")
        if title.text == kinds[0].capitalize():
            # Nobody has typed one.
            title.text = _titles(gettext)[kind]
    return True


def _titles(_: Callable[[str], str]) -> dict[str, str]:
    return {"note": _("Note"), "tip": _("Tip"), "important": _("Important"), "warning": _("Warning")}


def _set_notes(box: Element, gettext: Callable[[str], str]) -> None:
    box.set("class", "footnotes")
    for rule in box.findall("hr"):
        box.remove(rule)
    for number, note in enumerate(box.findall("./ol/li"), 1):
        for link in note.iter("a"):
            if link.get("class") == "footnote-backref":
                link.attrib.pop("title", None)
                link.set("aria-label", gettext("Back to note %(number)s in the text") % {"number": number})
