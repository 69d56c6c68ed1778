"""
Colours: contrast as WCAG 2 measures it, and lightness that can be moved without the hue going astray (OKLCH).

A colour is an RGB of sRGB, as "#155e49" writes it. All arithmetic ends in one: what is measured is what a screen is
told, digit for digit.

Sources: WCAG 2.2, "relative luminance" and "contrast ratio"; Björn Ottosson, "A perceptual color space for image
processing" (the matrices of OKLab).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_HEX: Final = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
# Steps in which a lightness is looked for; finer ones are no longer another colour.
_STEPS: Final = 400


class Rgb(NamedTuple):
    """A colour of sRGB, 0 to 255 each."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """Give "#155e49"."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


class Lch(NamedTuple):
    """A colour of OKLCH: lightness 0 to 1, chroma from 0 (grey) to about .37, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


WHITE: Final = Rgb(255, 255, 255)
BLACK: Final = Rgb(0, 0, 0)


def parse_colour(text: str) -> Rgb | None:
    """Read "#8a3b12", "8A3B12" or "#8a3"; None for anything else."""
    found = _HEX.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    return Rgb(*bytes.fromhex(digits))


def luminance(colour: Rgb) -> float:
    """Give the relative luminance, 0 to 1."""
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Give the contrast ratio, 1 to 21, whichever is the lighter."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: Rgb, grounds: Iterable[Rgb]) -> float:
    """Give the contrast against the ground on which it is least."""
    return min(contrast(colour, ground) for ground in grounds)


def to_lch(colour: Rgb) -> Lch:
    """Give a colour in OKLCH. The hue of a grey is 0."""
    red, green, blue = map(_linear, colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    chroma = math.hypot(a, b)
    # What is left over from rounding has a hue, but no meaning.
    if chroma < 0.0003:
        return Lch(lightness, 0.0, 0.0)
    return Lch(lightness, chroma, math.degrees(math.atan2(b, a)) % 360)


def from_lch(lightness: float, chroma: float, hue: float) -> Rgb:
    """Give the colour of sRGB with this lightness and hue, and as much of the chroma as a screen can show with them."""
    lightness = min(max(lightness, 0.0), 1.0)
    channels = _channels(lightness, chroma, hue)
    if not _shown(channels):
        least, most = 0.0, chroma
        for _ in range(24):
            middle = (least + most) / 2
            least, most = (middle, most) if _shown(_channels(lightness, middle, hue)) else (least, middle)
        channels = _channels(lightness, least, hue)
    return Rgb(*(round(255 * _encoded(min(max(channel, 0.0), 1.0))) for channel in channels))


def reach(start: Lch, end: float, grounds: Iterable[Rgb], ratio: float) -> Rgb:
    """
    Give the first colour on the way of the lightness from start to end that has this contrast on every ground; that at
    the end where none has.
    """
    against = tuple(grounds)
    for step in range(_STEPS + 1):
        colour = from_lch(start.lightness + (end - start.lightness) * step / _STEPS, start.chroma, start.hue)
        if least_contrast(colour, against) >= ratio:
            return colour
    return from_lch(end, start.chroma, start.hue)


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Give red, green and blue in linear light; beyond 0 to 1 where no screen shows it."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _shown(channels: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in channels)
