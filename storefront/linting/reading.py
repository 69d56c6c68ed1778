"""The seller's Markdown as single sentences, each with its line and with what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from storefront.linting.words import compile as compiled
from storefront.linting.words import even
from storefront.origin import Part, Passage

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_ITEM = re.compile(r"^(\s*)(?:[-*+\N{BULLET}]|\d{1,2}[.)]|[a-z][.)])\s+(.*)$")
_ROW = re.compile(r"^\s*\|(.*)\|\s*$")
_RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$|^[\s|:-]+$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|`")
_SHORT = r"(?:no|jl|dll|dsb|dst|dkk|rp|tgl|hlm|a\.n|s\.d|min|maks|max|est|sdr|bpk|rek|telp|hp|wa|kec|kab)"
_END = re.compile(r"(?<!\b\d)(?<=[.!?;])[\"\u201d')]*\s+(?!$)|\s+(?=\*kecuali)", re.IGNORECASE)
_ABBREVIATED = re.compile(rf"(?:^|[\s(/]){_SHORT}\.$", re.IGNORECASE)

_ADDS = compiled(
    r"^(?:kecuali|namun|tetapi|tapi|akan tetapi|pengecualian|khusus|hanya|except|but|however|unless|kami tetap|tetap|untuk barang rusak)\b",
    r"^(?:bila|kalau|jika|apabila|untuk|dalam hal)\b",
    r"^harga yang (?:berlaku|mengikat|dipakai|anda bayar)\b",
    r"^pesanan yang (?:sudah|telah)\b",
)
_FOLLOWS = compiled(
    r"^(?:karena itu|oleh karena itu|maka|jadi|sehingga|dalam hal (?:itu|ini)|untuk itu|kalau begitu|dengan begitu)\b"
)


@dataclass(frozen=True)
class Sentence:
    """
    One sentence of the seller's.

    Attributes:
        file, line: where it begins.
        shown: as typed, without Markdown's marks.
        plain: of words.even(); of a list's item that continues the words above the list, with those in front.
        around: plain and the neighbours that qualify it ("Kecuali barang rusak.").
        question: of the FAQ that it answers, even; "" elsewhere.
    """

    file: str
    line: int
    shown: str
    plain: str
    around: str
    part: Part
    question: str = ""

    @property
    def asks(self) -> bool:
        """Say whether it is a question: what it says is then not what holds."""
        return self.shown.rstrip("\"\u201d' )*").endswith("?")


@dataclass
class _Block:
    """Lines that belong together. kind: "text", "item", "heading" or "cell"."""

    kind: str
    lines: list[tuple[int, str]] = field(default_factory=list)


def sentences(passages: Iterable[Passage]) -> tuple[Sentence, ...]:
    """Give every sentence of these passages."""
    return tuple(sentence for passage in passages for sentence in _of_passage(passage))


def _of_passage(passage: Passage) -> Iterator[Sentence]:
    lead, question = "", ""
    blocks = list(_blocks(passage))
    for number, block in enumerate(blocks):
        follows = blocks[number + 1].kind if number + 1 < len(blocks) else ""
        pieces = list(_pieces(block))
        if block.kind == "heading":
            shown = " ".join(text for _, text in pieces)
            if passage.part is Part.FAQ:
                question = even(shown)
                lead = ""
                continue
        if block.kind != "item":
            lead = ""
        found = [
            Sentence(
                passage.file, line, shown, even(f"{lead} {shown}" if place == 0 else shown), "", passage.part, question
            )
            for place, (line, shown) in enumerate(pieces)
            if even(shown)
        ]
        opens_list = bool(found) and follows == "item" and block.kind in {"text", "heading"}
        if opens_list and (block.kind == "heading" or found[-1].shown.endswith(":")):
            # "DP hangus bila:" says nothing by itself: it is read together with each item.
            lead = found.pop().shown
        after = _first(blocks, number + 1)
        for place, sentence in enumerate(found):
            later = found[place + 1].plain if place + 1 < len(found) else after
            leads_on = place and (_FOLLOWS.search(sentence.plain) or found[place - 1].asks)
            before = found[place - 1].plain if leads_on else ""
            around = " ".join(filter(None, (before, sentence.plain, later if _ADDS.search(later) else "")))
            yield replace(sentence, around=around)


def _first(blocks: list[_Block], number: int) -> str:
    """Give the first sentence of a block where it is a paragraph, even."""
    if number >= len(blocks) or blocks[number].kind not in {"text", "item"}:
        return ""
    pieces = list(_pieces(blocks[number]))
    return even(pieces[0][1]) if pieces else ""


def _blocks(passage: Passage) -> Iterator[_Block]:
    block: _Block | None = None
    fence = ""
    for number, raw in enumerate(passage.text.split("\n"), passage.line):
        mark = _FENCE.match(raw)
        if mark or fence:
            fence = (
                "" if mark and fence and mark.group(1).startswith(fence) else fence or (mark.group(1) if mark else "")
            )
            continue
        line = re.sub(r"^\s*>\s?", "", raw)
        heading, item, row = _HEADING.match(line), _ITEM.match(line), _ROW.match(line)
        if heading or item or row or not line.strip() or _RULE.match(line):
            if block is not None:
                yield block
            block = None
        if _RULE.match(line) or not line.strip():
            continue
        if heading:
            yield _Block("heading", [(number, heading.group(2))])
        elif row:
            yield from (_Block("cell", [(number, cell)]) for cell in row.group(1).split("|") if cell.strip())
        elif item:
            block = _Block("item", [(number, item.group(2))])
        elif block is None:
            block = _Block("text", [(number, line)])
        else:
            block.lines.append((number, line))
    if block is not None:
        yield block


def _pieces(block: _Block) -> Iterator[tuple[int, str]]:
    """Give line and text of each sentence of a block."""
    text, starts = "", []
    for number, line in block.lines:
        clean = _EMPHASIS.sub("", _LINK.sub(r"\1", line.strip())).strip()
        starts.append((len(text), number))
        text += clean + " "
    begin = 0
    for end in _END.finditer(text):
        if _ABBREVIATED.search(text[begin : end.start()]):
            continue
        yield _at(starts, begin), text[begin : end.start()].strip()
        begin = end.end()
    if rest := text[begin:].strip():
        yield _at(starts, begin), rest


def _at(starts: list[tuple[int, int]], place: int) -> int:
    return max((number for begin, number in starts if begin <= place), default=starts[0][1])
