"""
How a shop looks: a preset or colours of its own, and the tokens that the stylesheet is written in.

A shop states two colours at most. Everything else is worked out from them, so that text can be read on every ground that
the stylesheet lays it on, in light and dark: TEXTS on GROUNDS, SOLIDS and EDGES say which pairs those are, and a test
holds them against the stylesheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from preorder.colour import BLACK, WHITE, Lch, Rgb, contrast, from_lch, least_contrast, parse_colour, reach, to_lch
from preorder.errors import CampaignError

# WCAG 2.2, 1.4.3 and 1.4.11.
TEXT_RATIO: Final = 4.5
EDGE_RATIO: Final = 3.0

# What text may stand in, on each of these grounds.
TEXTS: Final = ("ink", "muted", "brand", "fault")
GROUNDS: Final = ("paper", "surface", "brand-soft", "spice-soft", "fault-soft")
# Text on a ground that nothing else may stand on.
SOLIDS: Final = (("on-brand", "brand"), ("on-brand", "brand-dark"), ("on-spice", "spice"))
# Borders and rings by which something is recognised, on each of the grounds; whatever text may stand in may be one too.
EDGES: Final = ("edge", "focus", "brand-dark")
# What nothing has to be recognised by.
ORNAMENTS: Final = ("line", "awning", "stripe", "spice")


class Stripe(StrEnum):
    """The second cloth of the awning."""

    WHITE = "white"
    TONE = "tone"
    ACCENT = "accent"


@dataclass(frozen=True)
class Preset:
    """
    A look.

    Attributes:
        brand, accent: its two colours.
        tint: hue and chroma of the paper.
        radius, corner: of what lies on the page, and of what is pressed or filled in (CSS lengths).
        heading: family of the headings (CSS).
    """

    brand: str
    accent: str
    tint: tuple[float, float]
    stripe: Stripe = Stripe.WHITE
    radius: str = "1rem"
    corner: str = ".8rem"
    heading: str = "var(--sans)"


PRESETS: Final[Mapping[str, Preset]] = {
    "etalase": Preset("#155e49", "#f4b942", (114, 0.008)),
    "dapur": Preset("#7c470f", "#f5c14a", (82, 0.016)),
    "butik": Preset(
        "#793457", "#e9b48f", (20, 0.007), Stripe.TONE, ".4rem", ".3rem", 'Georgia, "Noto Serif", "Times New Roman", serif'
    ),
    "titip": Preset("#1b4fa3", "#ffb066", (250, 0.007), Stripe.WHITE, ".8rem", ".6rem"),
    "kriya": Preset("#4c5a1b", "#e39a68", (95, 0.013), Stripe.TONE, ".6rem", ".5rem"),
    "ceria": Preset("#6239bd", "#ffcf3f", (300, 0.009), Stripe.ACCENT, "1.5rem", "1.1rem"),
}  # fmt: skip
DEFAULT_PRESET: Final = "etalase"


class UnreadableBrand(CampaignError):
    """
    A brand colour in which text can't be read. Fields: what, value, ratio (contrast on its paper), least, nearest (the
    colour of the same hue that can be read).
    """

    code = "unreadable_brand"


@dataclass(frozen=True)
class Theme:
    """
    What a shop says of its looks.

    Attributes:
        preset: a key of PRESETS.
        brand, accent: "#8a3b12"; empty for the preset's.
        dark: whether its pages are dark on a phone that is set so.

    Raises:
        UnreadableBrand: text in brand would not reach TEXT_RATIO.
        CampaignError: there is no such preset, or one of the others is no colour.
    """

    preset: str = DEFAULT_PRESET
    brand: str = ""
    accent: str = ""
    dark: bool = True

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise CampaignError(what="theme.preset", value=self.preset)
        for name in ("brand", "accent"):
            text = getattr(self, name)
            colour = parse_colour(text)
            if text and colour is None:
                raise CampaignError(what=f"theme.{name}", value=text)
            # One spelling of each colour, so that the stylesheet is the same.
            object.__setattr__(self, name, colour.hex if colour else "")
        if self.brand:
            _check_brand(_rgb(self.brand), self._tint)

    @property
    def _tint(self) -> tuple[float, float]:
        """Give hue and chroma of the paper: the preset's, or those that suit the shop's own colour."""
        preset = PRESETS[self.preset]
        if not self.brand:
            return preset.tint
        own = to_lch(_rgb(self.brand))
        return own.hue, min(preset.tint[1], own.chroma / 4)

    @property
    def light(self) -> Mapping[str, str]:
        """Give name -> value of each token in light."""
        return _light(self)

    @property
    def night(self) -> Mapping[str, str]:
        """Give name -> value of the tokens that are others in the dark; of light's where it is never dark."""
        return _night(self) if self.dark else _light(self)

    @property
    def shapes(self) -> Mapping[str, str]:
        """Give name -> value of the tokens that are no colours."""
        preset = PRESETS[self.preset]
        return {"radius": preset.radius, "corner": preset.corner, "heading": preset.heading}


def _rgb(text: str) -> Rgb:
    colour = parse_colour(text)
    assert colour is not None, text
    return colour


def _paper(tint: tuple[float, float]) -> Rgb:
    return from_lch(0.968, tint[1], tint[0])


def _check_brand(brand: Rgb, tint: tuple[float, float]) -> None:
    ratio = contrast(brand, _paper(tint))
    if ratio >= TEXT_RATIO:
        return
    start = to_lch(brand)
    for step in range(1, 401):
        nearest = from_lch(start.lightness * (1 - step / 400), start.chroma, start.hue)
        if _is_readable(nearest):
            break
    raise UnreadableBrand(
        what="theme.brand", value=brand.hex, ratio=int(ratio * 100) / 100, least=TEXT_RATIO, nearest=nearest.hex
    )


def _is_readable(brand: Rgb) -> bool:
    own = to_lch(brand)
    # Whichever preset it joins: the palest of their papers and the most tinted one.
    papers = (_paper((own.hue, min(preset.tint[1], own.chroma / 4))) for preset in PRESETS.values())
    return least_contrast(brand, papers) >= TEXT_RATIO


def _solid_ink(ground: Rgb, hue: float) -> Rgb:
    """Give what can be read on a colour: its own dark shade, else white, else black."""
    shade = from_lch(0.24, 0.05, hue)
    return next(ink for ink in (shade, WHITE, BLACK) if contrast(ink, ground) >= TEXT_RATIO or ink is BLACK)


@cache
def _light(theme: Theme) -> Mapping[str, str]:
    preset = PRESETS[theme.preset]
    brand, accent = _rgb(theme.brand or preset.brand), _rgb(theme.accent or preset.accent)
    own, spice = to_lch(brand), to_lch(accent)
    tint_hue, tint = theme._tint
    paper, fault = _paper(theme._tint), _rgb("#a92117")

    def soft(lightness: float, chroma: float, hue: float) -> Rgb:
        """Give a tint that is as pale as the texts in colours need it."""
        start = Lch(lightness, chroma, hue)
        for step in range(101):
            colour = from_lch(lightness + (1 - lightness) * step / 100, chroma * (1 - step / 100), start.hue)
            if least_contrast(colour, (brand, fault)) >= TEXT_RATIO:
                return colour
        return WHITE

    grounds = {
        "paper": paper,
        "surface": WHITE,
        "brand-soft": soft(0.94, min(own.chroma * 0.21, 0.024), own.hue),
        "spice-soft": soft(0.957, min(spice.chroma * 0.3, 0.045), spice.hue),
        "fault-soft": soft(0.956, 0.019, 26),
    }
    against = tuple(grounds.values())
    grey = min(0.02, own.chroma * 0.3)
    ink = from_lch(0.246, grey, own.hue)
    # What is pressed is darker; what is nearly black already can only get lighter.
    pressed = own.lightness - 0.065 if own.lightness > 0.3 else own.lightness + 0.1
    tones = {
        Stripe.WHITE: WHITE,
        Stripe.TONE: from_lch(own.lightness + 0.13, own.chroma * 0.9, own.hue),
        Stripe.ACCENT: accent,
    }
    colours = grounds | {
        "ink": ink,
        "muted": reach(Lch(0.486, grey, own.hue), 0.0, against, TEXT_RATIO),
        "line": from_lch(0.888, max(tint, 0.006) if own.chroma else 0.0, tint_hue),
        "edge": reach(Lch(0.6, grey, own.hue), 0.0, against, EDGE_RATIO),
        "brand": brand,
        "brand-dark": from_lch(pressed, own.chroma, own.hue),
        "on-brand": WHITE,
        "awning": brand,
        "stripe": tones[preset.stripe],
        "spice": accent,
        "on-spice": _solid_ink(accent, spice.hue),
        "fault": fault,
        "focus": _rgb("#1746c9"),
    }
    shade = " ".join(map(str, ink))
    return {name: colour.hex for name, colour in colours.items()} | {
        "shade": f"0 1px 2px rgb({shade} / .08), 0 6px 20px rgb({shade} / .07)",
        "photo": "none",
    }


@cache
def _night(theme: Theme) -> Mapping[str, str]:
    preset = PRESETS[theme.preset]
    brand, accent = _rgb(theme.brand or preset.brand), _rgb(theme.accent or preset.accent)
    own, spice = to_lch(brand), to_lch(accent)
    grey = min(0.02, own.chroma * 0.3)
    grounds = {
        "paper": from_lch(0.201, grey * 0.65, own.hue),
        "surface": from_lch(0.249, grey * 0.85, own.hue),
        "brand-soft": from_lch(0.307, min(own.chroma * 0.45, 0.04), own.hue),
        "spice-soft": from_lch(0.294, min(spice.chroma * 0.3, 0.04), spice.hue),
        "fault-soft": _rgb("#3b1c18"),
    }
    against = tuple(grounds.values())
    # A grey as light as a colour would look switched off.
    bright = 0.81 + 0.12 * (1 - min(own.chroma / 0.05, 1))
    lit = reach(Lch(bright, min(own.chroma * 1.25, 0.095), own.hue), 1.0, against, TEXT_RATIO)
    glow = from_lch(max(spice.lightness, 0.78), min(spice.chroma, 0.135), spice.hue)
    cloth = min(max(own.lightness + 0.04, 0.42), 0.52)
    tones = {
        Stripe.WHITE: from_lch(0.878, grey, own.hue),
        Stripe.TONE: from_lch(cloth + 0.13, own.chroma * 0.8, own.hue),
        Stripe.ACCENT: from_lch(max(spice.lightness, 0.78) - 0.06, min(spice.chroma, 0.125), spice.hue),
    }
    colours = grounds | {
        "ink": from_lch(0.955, grey * 0.5, own.hue),
        "muted": reach(Lch(0.769, grey, own.hue), 1.0, against, TEXT_RATIO),
        "line": from_lch(0.342, grey, own.hue),
        "edge": reach(Lch(0.6, grey, own.hue), 1.0, against, EDGE_RATIO),
        "brand": lit,
        "brand-dark": from_lch(to_lch(lit).lightness + 0.05, min(own.chroma, 0.085), own.hue),
        "on-brand": from_lch(0.235, min(own.chroma * 0.5, 0.045), own.hue),
        "awning": from_lch(cloth, own.chroma, own.hue),
        "stripe": tones[preset.stripe],
        "spice": glow,
        "on-spice": _solid_ink(glow, spice.hue),
        "fault": _rgb("#ffb4a8"),
        "focus": _rgb("#a9c4ff"),
    }
    return {name: colour.hex for name, colour in colours.items()} | {
        "shade": "0 1px 2px rgb(0 0 0 / .4)",
        "photo": "brightness(.92)",
    }
