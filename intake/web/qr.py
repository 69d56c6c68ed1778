"""
QR codes as SVG for a page and as PNG for saving: black on white in every theme, quiet zone included.

The one module that knows segno.

A buyer who has one phone can't scan her own screen: she saves the picture, or takes a screenshot, and opens that in the
app of her bank. So every module covers whole pixels, and nothing in either picture depends on the page around it.
"""

from __future__ import annotations

import io
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

# White modules on each side, as ISO/IEC 18004 asks for.
QUIET_ZONE = 4
# Of the SVG on a page, in CSS pixels; its own markup makes it no larger than it must be to have whole pixels a module.
LEAST_WIDTH = 240
# Of the PNG, in pixels: as wide as the screen of a cheap phone, so that apps neither enlarge nor blur it.
PNG_WIDTH = 720

_KEPT = 256


@lru_cache(maxsize=_KEPT)
def draw_svg(text: str, label: str) -> str:
    """
    Give a QR code as an SVG element for use inside an HTML page; it obeys a policy that forbids inline style.

    Args:
        text: what the code says; at most 1,600 characters.
        label: what a screen reader says in its place.

    Returns:
        Markup, the label escaped: `<svg class="qr" role="img" ...>`, at least LEAST_WIDTH wide. The colours are written
        out, for with the colour of the text it would be white on white where the page is dark.
    """
    code = _encode(text)
    side = code.symbol_size(border=QUIET_ZONE)[0]
    width = side * -(-LEAST_WIDTH // side)
    name = escape(label)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="{name}" width="{width}" height="{width}"'
        f' viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><title>{name}</title>'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="none" stroke="#000" d="{_dark_path(code)}"/></svg>'
    )


@lru_cache(maxsize=_KEPT)
def draw_png(text: str) -> bytes:
    """
    Give a QR code as a PNG file, black and white without transparency, PNG_WIDTH pixels wide or some more.

    Args:
        text: what the code says; at most 1,600 characters.
    """
    code = _encode(text)
    side = code.symbol_size(border=QUIET_ZONE)[0]
    file = io.BytesIO()
    code.save(file, kind="png", border=QUIET_ZONE, scale=-(-PNG_WIDTH // side), dark="black", light="white")
    return file.getvalue()


@lru_cache(maxsize=_KEPT)
def _encode(text: str) -> QRCode:
    # Imported late: pages without a code, and builds with nothing to do, need not wait for it.
    import segno

    # Level M and no more: a higher one, where it fits, is of no use on a screen. Without this encoding, letters that
    # Latin-1 has would not be UTF-8.
    encoding = None if text.isascii() else "utf-8"
    return segno.make_qr(text, error="m", boost_error=False, encoding=encoding)


def _dark_path(code: QRCode) -> str:
    """Give the dark modules as strokes one module wide, one for each run in a row; half the size of rectangles."""
    rows = []
    for y, row in enumerate(code.matrix, start=QUIET_ZONE):
        runs: list[str] = []
        x = 0
        for module, group in groupby(row):
            length = sum(1 for _ in group)
            if module and not runs:
                runs.append(f"M{QUIET_ZONE + x} {y}.5h{length}")
            elif module:
                runs.append(f"h{length}")
            elif runs:
                runs.append(f"m{length} 0")
            x += length
        rows.append("".join(runs if row[-1] else runs[:-1]))
    return "".join(rows)
