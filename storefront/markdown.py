"""
The seller's Markdown as HTML that is safe in every page: no tags of her own, no scripts, no styles, no pictures from
elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from storefront.cleaning import clean, taken_out
from storefront.links import Follow
from storefront.typesetting import Footnotes, text_of, typeset
from storefront.vocabulary import slugify

Report = Callable[..., None]

_SCHEMES = frozenset({"https", "http", "mailto", "tel"})
_SCHEME = re.compile(r"^([a-z][a-z0-9+.\-]*):", re.IGNORECASE)
_TAG = re.compile(r"<(?:!--|!\[|[!?][A-Za-z]|/?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_HEADING = re.compile(r"^##\s+(.+?)\s*#*\s*$")
_NOTE = re.compile(r"^ {0,3}\[\^([^\]\n]*)\]:", re.MULTILINE)
_NOTE_SIGN = re.compile(r"\[\^[^\]\n]*\]")
# Around the number of a picture, until it is put in. Nobody has these on a keyboard.
_PLACE = ("\ue000", "\ue001")
_PLACES = re.compile(f"<span>{_PLACE[0]}([0-9]+){_PLACE[1]}</span>")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_EXTENSIONS = ("tables", "def_list", "admonition", "sane_lists", "fenced_code")


@dataclass(frozen=True)
class Setting:
    """
    What a text is set into.

    Attributes:
        top: the highest heading, 1 to 6, that may be in it; others move down with it.
        anchors: whether its headings can be linked to. Only where no other text with such headings is on its pages.
        follow: leads the links within the shop; None leaves them as they are.
        name: of the text, that no other one has on its pages; begins the ids of its footnotes.
        gettext: of the shop's language, for what we say in it.
        photo: called with (line, address, alt) for each picture, gives its HTML, None where it has reported why not; None
            where no pictures may be.
        html: where the shop allows HTML, called like report for what is taken out of it; None where it is refused.
    """

    top: int = 2
    anchors: bool = False
    follow: Follow | None = None
    name: str = "t"
    gettext: Callable[[str], str] = str
    photo: Callable[[int, str, str], str | None] | None = None
    html: Report | None = None


class _Guard(Treeprocessor):
    """Takes out what must not be in a page and reports it, leads links, and moves headings below those of the page."""

    def __init__(self, setting: Setting, text: str, report: Report, first_line: int, footnotes: Footnotes) -> None:
        super().__init__()
        self.footnotes = footnotes
        self.setting = setting
        self.led: set[str] = set()
        self.pictures: list[str] = []
        self.text = text
        self.report = report
        self.first_line = first_line

    def line_of(self, found: str) -> int:
        """Give the line of an address."""
        return _find(self.text, found, self.first_line)

    def run(self, root: Element) -> None:
        """Go through the finished tree."""
        shown = [_HEADINGS[element.tag] for element in root.iter() if element.tag in _HEADINGS]
        shift = max(0, self.setting.top - min(shown, default=self.setting.top))
        anchors = self._name_headings(root) if self.setting.anchors else set()
        for element in root.iter():
            if element.tag in _HEADINGS:
                element.tag = f"h{min(6, _HEADINGS[element.tag] + shift)}"
            elif element.tag == "a" and "href" in element.attrib:
                if not _of_footnote(element):
                    self._lead(element, anchors)
                self.led.add(_plain_address(element.get("href", "")))
            elif element.tag == "img":
                self._show(element)
            element.attrib.pop("style", None)
        for kind in typeset(root, self.setting.gettext):
            self._report_at(rf"^ *!!! ?{re.escape(kind)}", "unknown_remark", kind)
        for sign in _signs_left(root):
            self._report_at(re.escape(sign), "no_such_footnote", sign)
        for name in self.footnotes.footnotes.keys() - set(self.footnotes.footnote_order):
            sign = f"[^{name}]"
            self._report_at(rf"^ *{re.escape(sign)}:", "footnote_without_sign", sign)

    def _show(self, picture: Element) -> None:
        """Put a photo's place in for a picture; its HTML comes in when everything has been cleaned."""
        source, alt = _readable(picture.get("src", "")), " ".join(picture.get("alt", "").split())
        picture.tag = "span"
        picture.attrib.clear()
        if self.setting.photo is None:
            self.report(self.line_of(source), "picture_in_text", text=source)
        elif shown := self.setting.photo(self.line_of(source), source, alt):
            picture.text = f"{_PLACE[0]}{len(self.pictures)}{_PLACE[1]}"
            self.pictures.append(shown)

    def _report_at(self, pattern: str, code: str, shown: str) -> None:
        found = re.search(pattern, self.text, re.MULTILINE)
        line = self.first_line + (self.text.count("\n", 0, found.start()) if found else 0)
        self.report(line, code, text=shown)

    def lead_raw(self, typed: str) -> str | None:
        """Give the address of a link in HTML; those of Markdown have been led before."""
        plain = _plain_address(typed)
        if plain in self.led:
            return typed
        if not _is_safe(typed):
            return None  # has been told with its tag
        follow = None if _SCHEME.match(plain) else self.setting.follow
        return typed if follow is None else follow(self.line_of(plain), plain)

    def _name_headings(self, root: Element) -> set[str]:
        """Give each heading an id that no template has, for those begin with a letter."""
        taken: set[str] = set()
        for element in root.iter():
            if element.tag in _HEADINGS and (slug := slugify(text_of(element))):
                name = next(name for name in _numbered(slug) if name not in taken)
                taken.add(name)
                element.set("id", f"_{name}")
        return taken

    def _lead(self, link: Element, anchors: set[str]) -> None:
        typed = link.get("href", "")
        plain = _plain_address(typed)
        if not _is_safe(typed):
            del link.attrib["href"]
            self.report(self.line_of(plain[:80]), "unsafe_link", text=plain[:80])
        elif _SCHEME.match(plain):
            if plain.lower().startswith(("http:", "https:")):
                link.set("rel", "noopener")
        elif plain.startswith("#") and plain[1:].removeprefix("_") in anchors:
            link.set("href", f"#_{plain[1:].removeprefix('_')}")
        elif self.setting.follow is not None:
            led = self.setting.follow(self.line_of(plain), plain)
            if led is None:
                del link.attrib["href"]
            else:
                link.set("href", led)


def to_html(text: str, report: Report, first_line: int = 1, setting: Setting | None = None) -> str:
    """
    Give Markdown as HTML.

    Args:
        text: of a file or a part of it.
        report: called with (line, code, **fields) for each thing that is refused: HTML tags, pictures where none may
            be, links of other kinds than https, http, mailto, tel and within the site.
        first_line: the line of the file on which text begins.
    """
    setting = setting or Setting()
    visible = _visible(text)
    if setting.html is not None:
        _report_taken_out(text, setting.html, first_line)
    else:
        for line, found in _tags(visible, first_line):
            report(line, "html_in_text", text=found)
    _check_twice(visible, report, first_line)
    footnotes = Footnotes(setting.name)
    converter = Markdown(
        extensions=[*_EXTENSIONS, footnotes],
        extension_configs={"tables": {"use_align_attribute": True}},
        output_format="html",
    )
    if setting.html is None:
        # Without these two, tags are text like any other and come out escaped.
        converter.preprocessors.deregister("html_block")
        converter.inlinePatterns.deregister("html")
    guard = _Guard(setting, text, report, first_line, footnotes)
    # Last of all, when every link has its final form.
    converter.treeprocessors.register(guard, "guard", -100)
    try:
        made = converter.convert(text)
        if setting.html is not None:
            made = clean(made, guard.lead_raw)
    except RecursionError:
        report(first_line, "text_too_deep")
        return ""
    shown = dict(enumerate(guard.pictures))
    return _PLACES.sub(lambda place: shown.get(int(place[1]), ""), made)


def split_questions(text: str, report: Report, first_line: int = 1) -> list[tuple[str, str, int]]:
    """
    Split a FAQ at its "## question" headings.

    Returns:
        (question, answer as Markdown, line of the answer) of each.
    """
    found = split_sections(text, report, first_line, "text_before_question")
    for question, answer, line in found:
        if not answer.strip():
            report(line - 1, "no_answer", text=question)
    return found


def split_sections(text: str, report: Report, first_line: int, code: str) -> list[tuple[str, str, int]]:
    """
    Split a text at its "## " headings.

    Args:
        code: of the problem that something stands before the first one.

    Returns:
        (heading, text below it, line on which that begins) of each.
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
            report(number, code)
            break
    return [(heading, "\n".join(below), line) for heading, below, line in found]


def _check_twice(visible: str, report: Report, first_line: int) -> None:
    """Report footnotes of one name."""
    seen: dict[str, int] = {}
    for found in _NOTE.finditer(visible):
        line = first_line + visible.count("\n", 0, found.start())
        if found.group(1) in seen:
            report(line, "footnote_twice", text=f"[^{found.group(1)}]", first_line=seen[found.group(1)])
        seen.setdefault(found.group(1), line)


def _signs_left(root: Element) -> Iterator[str]:
    """Give the signs that no footnote belongs to: they are still text."""
    for element in root.iter():
        if element.tag not in {"code", "pre"}:
            own = (element.text, *(child.tail for child in element))
            yield from (sign for text in own if text for sign in _NOTE_SIGN.findall(text))


def _report_taken_out(text: str, report: Report, first_line: int) -> None:
    """Report the tags and attributes that do not stay. What is indented may be code, but also within HTML or a list."""
    code = _tags_in_code(text, first_line)
    # With the indentation away, nothing is taken for code by it alone.
    flat = _visible(re.sub(r"^[ \t]+(?=<)", "", text, flags=re.MULTILINE))
    for found in _TAG.finditer(flat):
        line, shown = flat.count("\n", 0, found.start()) + first_line, " ".join(found.group().split())[:60]
        if (line, shown) in code:
            continue
        tag, attributes = taken_out(found.group(), _is_safe)
        if tag:
            report(line, "html_taken_out", text=shown)
        for name in attributes:
            report(line, "attribute_taken_out", text=name, tag=shown)


def _tags_in_code(text: str, first_line: int) -> set[tuple[int, str]]:
    """Give line and text of the tags that come out as code because they are indented."""
    tags = [tag for tag in _TAG.finditer(text) if text.startswith(("    ", "\t"), text.rfind("\n", 0, tag.start()) + 1)]
    if not tags:
        return set()
    marked, end = [], 0
    for number, tag in enumerate(tags):
        marked.append(f"{text[end : tag.end()]}{_PLACE[0]}{number}{_PLACE[1]}")
        end = tag.end()
    try:
        made = Markdown(extensions=list(_EXTENSIONS), output_format="html").convert("".join([*marked, text[end:]]))
    except RecursionError:
        return set()  # told by to_html()
    # Of code the angle brackets are shown; a tag that counts keeps them.
    shown = {int(place) for place in re.findall(f"&gt;{_PLACE[0]}([0-9]+){_PLACE[1]}", made)}
    return {
        (text.count("\n", 0, tag.start()) + first_line, " ".join(tag.group().split())[:60])
        for number, tag in enumerate(tags)
        if number in shown
    }


def _visible(text: str) -> str:
    """Give a text with everything that is code blanked out, so that every position keeps its line."""
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
    return _CODE_SPAN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), "\n".join(lines))


def _tags(visible: str, first_line: int) -> list[tuple[int, str]]:
    """Give line and text of everything that looks like an HTML tag outside of code."""
    return [
        (visible.count("\n", 0, tag.start()) + first_line, " ".join(tag.group().split())[:60])
        for tag in _TAG.finditer(visible)
    ]


def _of_footnote(link: Element) -> bool:
    return link.get("class") in {"footnote-ref", "footnote-backref"}


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


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _find(text: str, found: str, first_line: int) -> int:
    """Give the line on which an address stands, as far as it stands there literally; best where one is expected."""
    if not found:
        return first_line
    expected = re.search(rf"(?:\]\(\s*<?|\]:\s*<?|<|\"){re.escape(found)}(?=[\s)>\"]|$)", text)
    at = expected.start() if expected else text.find(found)
    return first_line + (text.count("\n", 0, at) if at >= 0 else 0)
