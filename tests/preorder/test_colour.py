"""Contrast against figures that WCAG's own definition gives, and colours that survive the way to OKLCH and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.colour import BLACK, WHITE, Lch, Rgb, contrast, from_lch, least_contrast, parse_colour, reach, to_lch

colours = st.builds(Rgb, *[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#155e49", Rgb(21, 94, 73)),
        ("155E49", Rgb(21, 94, 73)),
        (" #fc0 ", Rgb(255, 204, 0)),
        ("#155e4", None),
        ("#155e4g", None),
        ("##fc0", None),
        ("rgb(1, 2, 3)", None),
        ("merah", None),
        ("", None),
        ("\u0661\u0662\u0663", None),
    ],
)
def test_a_colour_is_read_in_hex_and_in_nothing_else(text: str, colour: Rgb | None) -> None:
    """Three or six digits, with or without the sign."""
    assert parse_colour(text) == colour


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        (BLACK, WHITE, 21.0),
        (Rgb(119, 119, 119), WHITE, 4.48),  # the grey that is known for just failing
        (Rgb(118, 118, 118), WHITE, 4.54),  # and the one that just passes
        (Rgb(255, 0, 0), WHITE, 4.00),
        (Rgb(0, 0, 255), WHITE, 8.59),
        (Rgb(255, 255, 0), BLACK, 19.56),
    ],
)
def test_contrast_is_wcags(one: Rgb, other: Rgb, ratio: float) -> None:
    """Known figures, the same either way round."""
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.006)


@given(colours)
def test_the_way_to_oklch_and_back_loses_nothing(colour: Rgb) -> None:
    """Also for greys and for the corners of what a screen shows."""
    assert from_lch(*to_lch(colour)) == colour
    assert parse_colour(colour.hex) == colour


def test_oklch_is_the_published_one() -> None:
    """The red of sRGB, as its author states it."""
    assert tuple(to_lch(Rgb(255, 0, 0))) == pytest.approx((0.628, 0.2577, 29.23), abs=0.01)


@given(st.floats(0.15, 0.97), st.floats(0, 0.5), st.floats(0, 360))
def test_what_no_screen_shows_keeps_lightness_and_hue(lightness: float, chroma: float, hue: float) -> None:
    """Only the chroma gives way."""
    shown = to_lch(from_lch(lightness, chroma, hue))
    assert shown.lightness == pytest.approx(lightness, abs=0.012)
    assert shown.chroma <= chroma + 0.01
    if shown.chroma > 0.04:
        # One step of one channel turns the hue of a dark colour further.
        assert min(abs(shown.hue - hue), 360 - abs(shown.hue - hue)) < (6 if lightness > 0.3 else 12)


@given(st.lists(colours, min_size=1, max_size=5), st.floats(0, 0.3), st.floats(0, 360), st.sampled_from([0.0, 1.0]))
def test_a_reached_colour_is_the_first_that_holds(grounds: list[Rgb], chroma: float, hue: float, end: float) -> None:
    """It has the contrast, or it is the end; what it started from stays where that already holds."""
    start = Lch(0.5, chroma, hue)
    found = reach(start, end, grounds, 4.5)
    assert least_contrast(found, grounds) >= 4.5 or found == from_lch(end, chroma, hue)
    if least_contrast(from_lch(*start), grounds) >= 4.5:
        assert found == from_lch(*start)
