"""
The seller's Markdown as HTML that is safe in every page: no tags of her own, no scripts, no styles, no pictures from
elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

Report = Callable[..., None]

_SCHEMES = frozenset({"https", "http", "mailto", "tel"})
_SCHEME = re.compile(r"^([a-z][a-z0-9+.\-]*):", re.IGNORECASE)
_TAG = re.compile(r"<(?:!--|!\[|[!?][A-Za-z]|/?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_HEADING = re.compile(r"^##\s+(.+?)\s*#*\s*$")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_EXTENSIONS = ("tables", "def_list", "admonition", "sane_lists", "fenced_code")


class _Guard(Treeprocessor):
    """Takes out what must not be in a page and remembers it, and moves headings below those of the page."""

    def __init__(self, top: int) -> None:
        super().__init__()
        self.top = top
        self.refused: list[tuple[str, str]] = []

    def run(self, root: Element) -> None:
        """Go through the finished tree."""
        shown = [_HEADINGS[element.tag] for element in root.iter() if element.tag in _HEADINGS]
        shift = max(0, self.top - min(shown, default=self.top))
        for element in root.iter():
            if element.tag in _HEADINGS:
                element.tag = f"h{min(6, _HEADINGS[element.tag] + shift)}"
            elif element.tag == "a" and not _is_safe(element.get("href", "")):
                self.refused.append(("unsafe_link", _readable(element.attrib.pop("href"))))
            elif element.tag == "img":
                self.refused.append(("picture_in_text", _readable(element.get("src", ""))))
                element.tag = "span"
                element.attrib.clear()
            element.attrib.pop("style", None)


def to_html(text: str, report: Report, first_line: int = 1, top: int = 2) -> str:
    """
    Give Markdown as HTML.

    Args:
        text: of a file or a part of it.
        report: called with (line, code, **fields) for each thing that is refused: HTML tags, pictures, links of other
            kinds than https, http, mailto, tel and within the site.
        first_line: the line of the file on which text begins.
        top: the highest heading, 1 to 6, that may be in it; others move down with it.
    """
    for line, found in _tags(text, first_line):
        report(line, "html_in_text", text=found)
    guard = _Guard(top)
    converter = Markdown(
        extensions=list(_EXTENSIONS), extension_configs={"tables": {"use_align_attribute": True}}, output_format="html"
    )
    # Without these two, tags are text like any other and come out escaped.
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    # Last of all, when every link has its final form.
    converter.treeprocessors.register(guard, "guard", -100)
    try:
        made = converter.convert(text)
    except RecursionError:
        report(first_line, "text_too_deep")
        return ""
    for code, found in guard.refused:
        report(_find(text, found, first_line), code, text=found)
    return made


def split_questions(text: str, report: Report, first_line: int = 1) -> list[tuple[str, str, int]]:
    """
    Split a FAQ at its "## question" headings.

    Returns:
        (question, answer as Markdown, line of the answer) of each.
    """
    found: list[tuple[str, list[str], int]] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), first_line):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = ""
        heading = None if fence else _HEADING.match(line)
        if heading:
            found.append((heading.group(1), [], number + 1))
        elif found:
            found[-1][1].append(line)
        elif line.strip() and not re.match(r"^#\s", line):
            report(number, "text_before_question")
            break
    for question, answer, line_number in found:
        if not "".join(answer).strip():
            report(line_number - 1, "no_answer", text=question)
    return [(question, "\n".join(answer), line_number) for question, answer, line_number in found]


def _tags(text: str, first_line: int) -> list[tuple[int, str]]:
    """Give line and text of everything that looks like an HTML tag outside of code."""
    lines = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        hidden = bool(mark or fence) or line.startswith(("    ", "\t"))
        if mark and not fence:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = ""
        lines.append("" if hidden else line)
    # Blanked out and not removed, so that every position keeps its line.
    visible = _CODE_SPAN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), "\n".join(lines))
    return [
        (visible.count("\n", 0, tag.start()) + first_line, " ".join(tag.group().split())[:60])
        for tag in _TAG.finditer(visible)
    ]


def _plain_address(address: str) -> str:
    """Give an address as a browser will understand it, without the marks that Markdown leaves in it."""
    unmarked = re.sub("\x02([0-9]+)\x03", lambda code: chr(int(code.group(1))), address.replace("\x02amp\x03", "&"))
    return re.sub(r"[\x00-\x20\x7f-\xa0]", "", html.unescape(unmarked))


def _is_safe(address: str) -> bool:
    plain = _plain_address(address)
    scheme = _SCHEME.match(plain)
    if scheme:
        return scheme.group(1).lower() in _SCHEMES
    # "//host" and "\\host" leave the site under whatever scheme the page has; an odd colon may hide a scheme.
    return not plain.startswith(("//", "\\", "/\\")) and ":" not in plain.split("/")[0].split("?")[0].split("#")[0]


def _readable(address: Any) -> str:
    return _plain_address(str(address))[:80]


def _find(text: str, found: str, first_line: int) -> int:
    """Give the line on which an address stands, as far as it stands there literally."""
    at = text.find(found) if found else -1
    return first_line + (text.count("\n", 0, at) if at >= 0 else 0)
