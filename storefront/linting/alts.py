"""Words in place of a photo that tell nothing to somebody who doesn't see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from storefront.frontmatter import Entries, Items, Node, Text
from storefront.origin import Origin, Part, Passage
from storefront.problems import Problem
from storefront.vocabulary import KEYS

# Of these alone a description can't consist.
_EMPTY = re.compile(
    r"foto|photo|gambar|image|img|picture|pic|produk|product|barang|item|ini|itu|kami|saya|utama|cover|sampul|banner|"
    r"thumbnail|alt|tes|test|contoh|keterangan|deskripsi|dan|di|dari|the|a|of|our|my|this|and"
)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)")
# As cameras, phones and WhatsApp call their files, and no person calls what she sees.
_CAMERA = re.compile(
    r"^(?:img|dsc|dscn|dscf|pxl|p|vid|screenshot|whatsapp image|photo|foto|image)[ _-]*[\d_ -]*(?:at [\d. ]+)?$"
)


def find_alts(origin: Origin, passages: Iterable[Passage]) -> Iterator[Problem]:
    """
    Give a finding for each photo whose words say nothing.

    Args:
        origin: the header, of which each block with file and words is looked at.
        passages: texts in which photos may stand.
    """
    for file, alt in _described(origin.header):
        if says_nothing(alt.text, file.text):
            yield Problem(origin.file, alt.line, "alt_empty_words", {"key": origin.key("alt"), "text": alt.text})
    for passage in passages:
        if passage.part is Part.HEADER:
            continue
        for found in _PICTURE.finditer(passage.text):
            if found[1].strip() and says_nothing(found[1], unquote(found[2])):
                line = passage.line + passage.text.count("\n", 0, found.start())
                yield Problem(
                    passage.file, line, "alt_empty_words", {"key": origin.key("alt"), "text": found[1].strip()}
                )


def says_nothing(alt: str, file: str) -> bool:
    """Say whether these words could stand for any photo: "foto", "Gambar 1", or the file's own name."""
    said, name = alt.strip().casefold(), PurePosixPath(file.casefold())
    if said in {name.name, file.casefold()} or _CAMERA.match(said):
        return True
    # A file may well be called after what it shows; not so with marks and digits in it.
    if said == name.stem and re.search(r"[\d_-]", said):
        return True
    words = re.findall(r"[^\W\d_]+", said)
    return all(_EMPTY.fullmatch(word) for word in words)


def _described(node: Node) -> Iterator[tuple[Text, Text]]:
    """Give file and words of each photo in a header."""
    if isinstance(node, Items):
        for item in node.items:
            yield from _described(item)
    elif isinstance(node, Entries):
        values = {
            name: value for key, value in node.entries for name in ("file", "alt") if key.text in KEYS[name].spellings()
        }
        file, alt = values.get("file"), values.get("alt")
        if isinstance(file, Text) and isinstance(alt, Text):
            yield file, alt
        for _, value in node.entries:
            yield from _described(value)
