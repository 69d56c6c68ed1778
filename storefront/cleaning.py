"""
HTML that the seller writes herself, where her shop allows it: cleaned by nh3 to tags that say what a text is, and
nothing that runs, loads, posts or looks different from the shop.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

TAGS = frozenset(["a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr"])  # fmt: skip
# Taken out with what is in them; of all other tags the words stay.
_WHOLE = {
    "script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "select", "textarea", "video", "audio", "title",
}  # fmt: skip
_EVERYWHERE = {"lang", "dir"}
_TYPED = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed"},
    "time": {"datetime"},
    "details": {"open"},
}
# What our own typesetting writes into a text; typed by her it must be just that.
_OURS = {
    "class": re.compile(
        r"scroll|at-right|footnotes|footnote-ref|footnote-backref|remark-title|remark remark-(note|tip|important|warning)"
    ),
    "id": re.compile(r"_[a-z0-9-]+|fn(ref\d*)?:[a-z0-9-]+"),
    "role": re.compile(r"note|group"),
    "tabindex": re.compile("0"),
    "aria-label": re.compile(r".*", re.DOTALL),
}


def clean(html: str, lead: Callable[[str], str | None]) -> str:
    """
    Give HTML without anything that is not allowed.

    Args:
        lead: gives the address of a link, None for one that may not be.
    """
    import nh3  # by few shops' texts only

    def judge(tag: str, name: str, value: str) -> str | None:
        if tag == "a" and name == "href":
            return lead(value)
        ours = _OURS.get(name)
        return value if ours is None or ours.fullmatch(value) else None

    attributes = {tag: _EVERYWHERE | set(_OURS) | _TYPED.get(tag, set()) for tag in TAGS}
    return nh3.clean(
        html, tags=set(TAGS), clean_content_tags=_WHOLE, attributes=attributes, attribute_filter=judge, link_rel="noopener",
        url_schemes={"https", "http", "mailto", "tel"},
    )  # fmt: skip


class _Tag(HTMLParser):
    """Reads one tag as typed."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.name, self.attributes = tag, [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Say nothing of an end: its beginning has been told."""


def taken_out(typed: str, is_safe: Callable[[str], bool]) -> tuple[str, list[str]]:
    """
    Give the name of a tag that clean() takes out, "" where it stays, and the attributes that it takes from it.

    Args:
        is_safe: says whether an address may be linked to.
    """
    tag = _Tag()
    tag.feed(typed if typed.endswith(">") else f"{typed}>")
    if not tag.name:
        return "", []
    if tag.name not in TAGS:
        return tag.name, []
    allowed = _EVERYWHERE | _TYPED.get(tag.name, set())
    return "", [
        name for name, value in tag.attributes if name not in allowed or (name == "href" and not is_safe(value))
    ]
