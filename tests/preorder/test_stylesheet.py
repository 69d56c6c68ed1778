"""The stylesheet as published: one file in the shop's colours, shorter, and meaning the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from preorder.stylesheet import STYLESHEET, data_uri, dress, shorten, write_tokens
from preorder.theme import PRESETS, Theme
from tests.storefront.content_makers import CHECKOUT
from tests.stylesheets import rules_of

FOLDER = CHECKOUT / "templates" / "assets"
ASSETS = {path.name: path.read_bytes() for path in FOLDER.iterdir()}

# What a browser has understood, rule by rule, with its conditions.
UNDERSTOOD = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  // What a token holds is kept as it was typed, until it is used.
  return [...sheet.cssRules].map(rule => rule.cssText.replaceAll(/,\\s+/g, ","));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("css", "short"),
    [
        ("a { color : red ; }", "a{color :red}"),
        ("/* one */ a { margin: 0 /* two */ auto; }", "a{margin:0 auto}"),
        ("a/**/b{color:red}", "a/**/b{color:red}"),
        ('a::after { content: "  /* kept */ ; } " }', 'a::after{content:"  /* kept */ ; } "}'),
        ("a::after { content: 'it\\'s  \" so' }", "a::after{content:'it\\'s  \" so'}"),
        ("p { width: calc( 2 * var(--w) - 1rem + 2px ) }", "p{width:calc(2 * var(--w) - 1rem + 2px)}"),
        ("ul :hover , ul:hover > li + li { top: -1px }", "ul :hover,ul:hover>li + li{top:-1px}"),
        ("@media (min-width: 40rem) and (hover) { a { b: c; } }", "@media (min-width:40rem) and (hover){a{b:c}}"),
        ("a { color: red !important; }\n\nb { }", "a{color:red !important}b{}"),
        ("a { background: url( x.png ) , url(data:image/png;base64,AA//*==) }", "a{background:url( x.png ),url(data:image/png;base64,AA//*==)}"),
        ("", ""),
        ("  /* nothing */  ", ""),
    ],
)  # fmt: skip
def test_only_what_means_nothing_is_left_out(css: str, short: str) -> None:
    """Comments and blanks, where they part nothing; never within quotes."""
    assert shorten(css) == short


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                " ",
                "\n",
                "/*x*/",
                "{",
                "}",
                ";",
                ":",
                ",",
                '"b  c"',
                "'d;'",
                "1px",
                "+",
                ">",
                "(",
                ")",
                "url(x)",
                "!important",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_shortening_twice_changes_nothing_more(css: str) -> None:
    """And whatever is quoted is there as it was, in its order."""
    once = shorten(css)
    assert shorten(once) == once
    quoted = re.compile(r"\"b  c\"|'d;'")
    assert quoted.findall(once) == quoted.findall(css)


@pytest.mark.parametrize("theme", [*map(Theme, PRESETS), Theme("dapur", "#8a3b12", "#fc0", dark=False)], ids=str)
def test_a_browser_understands_the_same(page: Page, theme: Theme) -> None:
    """Rule for rule, against tokens and stylesheet as they are written; and nothing of either is lost on it."""
    written = f"{write_tokens(theme)}\n{ASSETS[STYLESHEET].decode()}"
    published = dress(ASSETS, theme)[STYLESHEET].decode()
    understood = page.evaluate(UNDERSTOOD, published)
    assert understood == page.evaluate(UNDERSTOOD, written)
    # As many as another reader finds: none was dropped for a mistake.
    assert len(list(rules_of("".join(understood)))) == len([rule for rule in rules_of(written) if rule.declarations])
    assert len(published) < len(written)
    assert "/*" not in published and "\n" not in published


def test_one_theme_is_always_the_same_bytes() -> None:
    """However it is spelled; and what a theme has no say in stays as it lies there."""
    assert dress(ASSETS, Theme("etalase", "#ABC".lower().replace("abc", "7a1f3d"))) == dress(
        ASSETS, Theme("etalase", "#7A1F3D")
    )
    dressed = [dress(ASSETS, Theme(preset)) for preset in PRESETS]
    assert len({each[STYLESHEET] for each in dressed}) == len({each["icon.svg"] for each in dressed}) == len(PRESETS)
    assert len({each["etalase.js"] for each in dressed}) == 1
    assert dress({}, Theme()) == {}


def test_the_icon_wears_the_shops_colours() -> None:
    """No token is left in it: nobody would fill it in."""
    theme = Theme("kriya", "#7a1f3d", "#2aa198")
    icon = dress(ASSETS, theme)["icon.svg"].decode()
    assert 'fill="#7a1f3d"' in icon and 'fill="#2aa198"' in icon
    assert "var(" not in icon


def test_a_shop_that_is_never_dark_has_no_rule_for_it() -> None:
    """Not one, or a phone set to dark would show half of each."""
    assert b"prefers-color-scheme" in dress(ASSETS, Theme())[STYLESHEET]
    assert b"prefers-color-scheme" not in dress(ASSETS, Theme(dark=False))[STYLESHEET]
    bright = Theme(dark=False)
    assert bright.night == bright.light


@pytest.mark.parametrize("preset", PRESETS)
def test_the_sign_of_a_tab_travels_in_the_page(preset: str) -> None:
    """The drawing itself, in the theme's colours, with nothing that would end the attribute that it stands in."""
    icon = dress(ASSETS, Theme(preset))["icon.svg"]
    address = data_uri(icon)
    assert not set("\"'<>&# \n") & set(address)
    assert unquote(address.removeprefix("data:image/svg+xml,")).encode() == icon.strip()


def test_remarks_of_the_script_stay_with_its_authors() -> None:
    """Lines that only explain are not sent; no other line is touched."""
    script = ASSETS["etalase.js"].decode().splitlines()
    sent = dress(ASSETS, Theme())["etalase.js"].decode().splitlines()
    assert sent == [line for line in script if not line.lstrip().startswith("//")]
    assert len(sent) < len(script)
