"""Every theme that a shop can have can be read, in light and dark; and the stylesheet uses no other pairs."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.colour import Rgb, contrast, parse_colour, to_lch
from preorder.errors import CampaignError
from preorder.theme import (
    EDGE_RATIO,
    EDGES,
    GROUNDS,
    ORNAMENTS,
    PRESETS,
    SOLIDS,
    TEXT_RATIO,
    TEXTS,
    Theme,
    UnreadableBrand,
)
from tests.storefront.content_makers import CHECKOUT
from tests.stylesheets import TOKEN, Rule, rules_of

CSS = "".join(path.read_text("utf-8") for path in sorted((CHECKOUT / "templates" / "assets").glob("*.css")))
RULES = tuple(rules_of(CSS))
COLOURS = {name for name, value in Theme().light.items() if parse_colour(value)}

# A ground of another kind, in a rule that says no colour of its own: what stands on it, None where nothing does.
UNSAID = {
    ".awning": None,
    ".frame": None,  # behind a photo, until it is there
    ".button:not(.button-quiet):hover": "on-brand",  # as .button says
    ".timeline .step-done::before": None,
}
# Borders in a ground's colour: they part what stands on another ground.
RIMS = {".avatar", ".shelf-open .badge, .shelf-announced .badge"}
# Colours that are no token: shadows, the rim of a photo, and paper in a printer.
LITERAL = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color|color-mix)\(|\b(?:white|black|red|gr[ae]y)\b"
)
LITERALS = {(".awning", "filter"), (".awning", "background"), (".frame::after", "border")}

# Too pale for text, whatever their hue.
pale = st.one_of(
    st.builds(Rgb, st.integers(0, 255), st.integers(140, 255), st.integers(0, 255)),
    st.builds(Rgb, st.integers(235, 255), st.integers(90, 255), st.integers(0, 255)),
)
hexes = st.integers(0, (1 << 24) - 1).map(lambda number: f"#{number:06x}")


def ratio(mode: Mapping[str, str], one: str, other: str) -> float:
    first, second = parse_colour(mode[one]), parse_colour(mode[other])
    assert first is not None and second is not None
    return contrast(first, second)


def assert_readable(theme: Theme) -> None:
    """Every pair that the stylesheet may use has its contrast, measured on what is written into it."""
    for mode in (theme.light, theme.night):
        for text in TEXTS:
            for ground in GROUNDS:
                assert ratio(mode, text, ground) >= TEXT_RATIO, (theme, text, ground)
        for text, ground in SOLIDS:
            assert ratio(mode, text, ground) >= TEXT_RATIO, (theme, text, ground)
        for edge in EDGES:
            for ground in GROUNDS:
                assert ratio(mode, edge, ground) >= EDGE_RATIO, (theme, edge, ground)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_read(preset: str) -> None:
    """In light and dark, each pair."""
    assert_readable(Theme(preset))


def test_presets_are_told_apart() -> None:
    """No two have a brand, a paper or an accent so near that one would take them for each other."""
    brands = [to_lch(colour) for preset in PRESETS if (colour := parse_colour(Theme(preset).light["brand"]))]
    hues = sorted(brand.hue for brand in brands)
    assert min(b - a for a, b in zip(hues, [*hues[1:], hues[0] + 360], strict=True)) > 30


@given(st.sampled_from(sorted(PRESETS)), hexes, hexes)
def test_every_colour_that_is_taken_can_be_read(preset: str, brand: str, accent: str) -> None:
    """Whatever a shop states: it is refused with a colour that is taken, or all of its tokens have their contrast."""
    try:
        theme = Theme(preset, brand, accent)
    except UnreadableBrand as refused:
        brand = refused.fields["nearest"]
        theme = Theme(preset, brand, accent)
    # As they were given: nothing is moved without a word.
    assert (theme.light["brand"], theme.light["spice"]) == (brand, accent)
    assert_readable(theme)


@given(st.sampled_from(sorted(PRESETS)), pale)
def test_what_is_refused_could_not_be_read(preset: str, own: Rgb) -> None:
    """The nearest colour has the same hue, and none between it and hers would have done by far."""
    with pytest.raises(UnreadableBrand) as refused:
        Theme(preset, own.hex)
    assert refused.value.fields["ratio"] < TEXT_RATIO
    nearest = parse_colour(refused.value.fields["nearest"])
    assert nearest is not None
    paper = parse_colour(Theme(preset, nearest.hex).light["paper"])
    assert paper is not None
    assert TEXT_RATIO <= contrast(nearest, paper) < TEXT_RATIO + 0.35
    before, after = to_lch(own), to_lch(nearest)
    assert after.lightness <= before.lightness
    if min(before.chroma, after.chroma) > 0.05:
        assert min(abs(before.hue - after.hue), 360 - abs(before.hue - after.hue)) < 6


@pytest.mark.parametrize("preset", PRESETS)
def test_the_limit_is_where_wcag_has_it(preset: str) -> None:
    """Of all greys just those are taken that have their contrast; the paper of each is the same."""
    paper = parse_colour(Theme(preset, "#404040").light["paper"])
    assert paper is not None
    taken = 0
    for value in range(100, 130):
        grey = Rgb(value, value, value)
        if contrast(grey, paper) >= TEXT_RATIO:
            taken += 1
            assert Theme(preset, grey.hex).light["paper"] == paper.hex
        else:
            with pytest.raises(UnreadableBrand):
                Theme(preset, grey.hex)
    assert 0 < taken < 30


@pytest.mark.parametrize(
    "wrong", [{"preset": "hijau"}, {"brand": "red"}, {"accent": "#12345"}, {"brand": "#ffffff"}, {"preset": ""}]
)
def test_a_theme_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    """Also where a catalogue says it."""
    with pytest.raises(CampaignError):
        Theme(**wrong)


# --- the stylesheet ---


def ground_of(rule: Rule) -> str | None:
    """Give the token that a rule paints its ground with."""
    painted = [value for name, value in rule.declarations if name in {"background", "background-color"}]
    tokens = {token for value in painted for token in TOKEN.findall(value) if token in COLOURS}
    assert len(tokens) < 2 or rule.selector in UNSAID, rule
    return next(iter(sorted(tokens)), None)


def text_of(rule: Rule) -> str | None:
    """Give the token that a rule writes in."""
    written = {
        token
        for name, value in rule.declarations
        if name in {"color", "fill", "stroke", "caret-color", "-webkit-text-fill-color", "text-decoration-color"}
        for token in TOKEN.findall(value)
    }
    assert len(written) < 2, rule
    return next(iter(written), None)


def is_allowed(text: str | None, ground: str | None) -> bool:
    """Say whether a pair is one that every theme is measured on. None: whatever is around."""
    if text is not None and ground is not None:
        return (text, ground) in SOLIDS or (text in TEXTS and ground in GROUNDS)
    return (text is None or text in TEXTS) and (ground is None or ground in GROUNDS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.selector[:60])
def test_a_rule_writes_only_in_pairs_that_are_measured(rule: Rule) -> None:
    """
    A rule that states text or ground alone meets whatever stands around it, so both must belong to those that go with
    each other all; any other pair is stated in one rule and is one of SOLIDS.
    """
    text, ground = text_of(rule), ground_of(rule)
    if text is None and rule.selector in UNSAID:
        assert UNSAID[rule.selector] is None or (UNSAID[rule.selector], ground) in SOLIDS
    else:
        assert is_allowed(text, ground), (text, ground)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.selector[:60])
def test_an_edge_can_be_seen_or_is_an_ornament(rule: Rule) -> None:
    """Borders, rings and ticks: what has to be seen has three to one on each ground."""
    for name, value in rule.declarations:
        if name.startswith(("border", "outline", "accent-color", "box-shadow", "column-rule")):
            for token in set(TOKEN.findall(value)) & COLOURS:
                assert token in {*EDGES, *TEXTS, *ORNAMENTS} or (
                    token in GROUNDS and ("box-shadow" in name or rule.selector in RIMS)
                ), (name, value)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.selector[:60])
def test_no_rule_has_a_colour_of_its_own(rule: Rule) -> None:
    """A literal, or text that is half transparent, would be measured by nobody. Printers have no themes."""
    assert "prefers-color-scheme" not in rule.media
    for name, value in rule.declarations:
        if rule.media != "@media print" and (rule.selector, name) not in LITERALS:
            assert not LITERAL.search(value), (name, value)
        if name == "opacity":
            assert value in {"0", "1"}


def test_tokens_are_those_that_are_used() -> None:
    """None is missing, none is left over; and the lists of this file hold nothing that is no longer there."""
    theme = Theme()
    given_ = {*theme.light, *theme.shapes}
    used = set(TOKEN.findall(CSS))
    own = {
        name[2:] for rule in RULES if rule.media != "@media print" for name, _ in rule.declarations if name[:2] == "--"
    }
    assert used - own == given_
    assert not own & given_
    assert theme.night.keys() == theme.light.keys()
    assert {*TEXTS, *GROUNDS, *EDGES, *ORNAMENTS, *(name for pair in SOLIDS for name in pair)} == COLOURS
    selectors = {rule.selector for rule in RULES}
    assert {*UNSAID, *RIMS, *(selector for selector, _ in LITERALS)} <= selectors
