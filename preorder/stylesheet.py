"""
The stylesheet and the icon as they are published: in the shop's colours, and without what only authors read.

Site and order desk make them of the same files and the same theme, so they are the same bytes under the same address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from preorder.theme import Theme

# Gets the tokens in front of its rules: one file, one request.
STYLESHEET: Final = "etalase.css"

_PIECES = re.compile(
    r"""(?P<kept>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|url\([^"')]*\))|(?P<comment>/\*.*?\*/)|(?P<blank>\s+)|(?P<mark>[{};,])|(?P<text>[^\s{};,"'/u]+|.)""",
    re.DOTALL,
)
_NEEDS_NO_BLANK_BEFORE: Final = frozenset("{};,>)")
_NEEDS_NO_BLANK_BEHIND: Final = ("{", "}", ";", ",", ":", ">", "(")
# A line that is a comment; what stands behind code on its line stays.
_REMARK = re.compile(rb"^[ \t]*//.*\n", re.MULTILINE)
_TOKEN = re.compile(r"var\(--([a-z-]+)\)")


def dress(assets: Mapping[str, bytes], theme: Theme) -> dict[str, bytes]:
    """
    Give the assets as a shop publishes them.

    Args:
        assets: name -> content as it lies in templates/assets. A var(--token) in an SVG stands for the colour of that
            name in light.
    """
    dressed = dict(assets)
    for name, content in assets.items():
        if name == STYLESHEET:
            dressed[name] = shorten(f"{write_tokens(theme)}\n{content.decode()}").encode()
        elif name.endswith(".css"):
            dressed[name] = shorten(content.decode()).encode()
        elif name.endswith(".js"):
            dressed[name] = _REMARK.sub(b"", content)
        elif name.endswith(".svg"):
            dressed[name] = _TOKEN.sub(lambda found: theme.light[found[1]], content.decode()).encode()
    return dressed


def data_uri(svg: bytes) -> str:
    """Give a small drawing as an address that holds it, so that a page need not ask for it."""
    # Nothing that means something in an attribute is left in it.
    return "data:image/svg+xml," + quote(svg.decode().strip(), safe="=:;,/()-._~!*+")


def write_tokens(theme: Theme) -> str:
    """Give the rules that set the tokens of a theme, those for the dark only where it is ever dark."""
    light = {**theme.light, **theme.shapes}
    rules = f":root{{{_declare(light)}}}"
    if not theme.dark:
        return rules
    others = {name: value for name, value in theme.night.items() if value != light[name]}
    return f"{rules}\n@media (prefers-color-scheme:dark){{:root{{{_declare(others)}}}}}"


def _declare(tokens: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in tokens.items())


def shorten(css: str) -> str:
    """
    Give a stylesheet without comments and needless blanks; what is quoted stays as it is.

    A blank before a colon is kept, for in a selector it means something; so are those around + and -, which calc() needs.
    """
    out: list[str] = []
    blank = comment = False
    for piece in _PIECES.finditer(css):
        kind, text = piece.lastgroup, piece.group()
        if kind in {"comment", "blank"}:
            blank, comment = blank or kind == "blank", comment or kind == "comment"
            continue
        last = out[-1] if out else "{"
        needless = text in _NEEDS_NO_BLANK_BEFORE or last.endswith(_NEEDS_NO_BLANK_BEHIND)
        if (blank or comment) and not needless:
            # A comment alone parts two words without being a blank between them.
            out.append(" " if blank else "/**/")
        blank = comment = False
        while text == "}" and out and out[-1] == ";":
            out.pop()
        out.append(text)
    return "".join(out)
