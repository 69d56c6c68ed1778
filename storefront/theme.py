"""Reading `tema` of shop.md: the name of a preset, or colours of the shop's own."""

from __future__ import annotations

from preorder.colour import parse_colour
from preorder.theme import DEFAULT_PRESET, Theme, UnreadableBrand
from storefront.fields import Block
from storefront.frontmatter import Entries, Text

_KEYS = ("preset", "brand", "accent", "dark")


def read_theme(block: Block) -> Theme:
    """Give the theme of a shop; that of the default preset where it says none, or something wrong, which is reported."""
    node = block.raw("theme")
    if isinstance(node, Text) and parse_colour(node.text):
        block.report("theme", "colour_as_theme", text=node.text, inner=block.source.word("brand"))
        return Theme()
    if isinstance(node, Text):
        return Theme(block.choice("theme", "preset") or DEFAULT_PRESET)
    if not isinstance(node, Entries):
        if node is not None:
            block.report("theme", "not_theme", inner=block.source.word("brand"))
        return Theme()
    inner = Block(node, _KEYS, block.source)
    preset = inner.choice("preset", "preset") or DEFAULT_PRESET
    brand, accent = _colour(inner, "brand"), _colour(inner, "accent")
    dark = inner.yes("dark", default=True)
    try:
        return Theme(preset, brand, accent, dark)
    except UnreadableBrand as error:
        inner.report("brand", error.code, accent=inner.key("accent"), **error.fields)
        return Theme()


def _colour(block: Block, name: str) -> str:
    """Give a colour as "#8a3b12"; empty where there is none, or something wrong, which is reported."""
    node = block.raw(name)
    if isinstance(node, Text) and not node.text.strip() and not node.quoted:
        # Most likely not forgotten: what follows a # is a note, to YAML.
        block.report(name, "colour_lost")
        return ""
    text = block.text(name)
    if text is None:
        return ""
    colour = parse_colour(text)
    if colour is None:
        block.report(name, "not_colour", text=text)
        return ""
    return colour.hex
