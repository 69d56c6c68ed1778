"""
On real pages in a real browser: which text token stands on which ground token, with all that is inherited, and that every
such pair is one whose contrast is measured for every theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import Browser

from preorder.colour import parse_colour
from preorder.theme import GROUNDS, SOLIDS, TEXTS, Theme
from tests.intake.web.walk import walk
from tests.intake.web.world import World
from tests.storefront.content_makers import CHECKOUT
from tests.storefront.test_spoken import pages_of

COLOURS = [name for name, value in Theme().light.items() if parse_colour(value)]
# Each token is a colour that is nothing else's.
MARKS = {f"rgb({number + 1}, 77, 200)": name for number, name in enumerate(COLOURS)}
ALLOWED = {(text, ground) for text in TEXTS for ground in GROUNDS} | set(SOLIDS)

SEEN = """() => {
  const clear = "rgba(0, 0, 0, 0)", found = new Set();
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const painted = getComputedStyle(at).backgroundColor;
      if (painted !== clear) return painted;
    }
    return "none";
  };
  const add = (colour, on) => found.add(JSON.stringify([colour, on]));
  const typed = "input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select";
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    if (style.display === "none" || element.closest("option, svg, script, .trap, .vh")) continue;
    const texts = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (texts || element.matches(typed)) add(style.color, ground(element));
    if (element.matches(typed) && element.placeholder) add(getComputedStyle(element, "::placeholder").color, ground(element));
    for (const part of ["::before", "::after"]) {
      const made = getComputedStyle(element, part);
      if (!["none", "normal", '""'].includes(made.content))
        add(made.color, made.backgroundColor === clear ? ground(element) : made.backgroundColor);
    }
  }
  return [...found].map(pair => JSON.parse(pair));
}"""


def marked(html: str) -> str:
    """Give a page in a stylesheet whose tokens are marks, everything unfolded."""
    css = (CHECKOUT / "templates" / "assets" / "etalase.css").read_text("utf-8")
    theme = Theme()
    tokens = "".join(f"--{name}:{mark};" for mark, name in MARKS.items())
    others = "".join(
        f"--{name}:{value};" for name, value in {**theme.light, **theme.shapes}.items() if name not in COLOURS
    )
    page = re.sub(r"<link [^>]*>|<script.*?</script>|<meta http-equiv[^>]*>", "", html, flags=re.DOTALL)
    page = re.sub(r"<img [^>]*>", "", page).replace("<details", "<details open")
    return page.replace("</head>", f"<style>:root{{{tokens}{others}}}\n{css}</style></head>")


def unlike(pages: Iterable[str]) -> list[str]:
    """Give of pages that are made of the same classes one only."""
    kinds: dict[frozenset[str], str] = {}
    for html in pages:
        classes = frozenset(re.findall(r'class="([^"]*)"', html))
        if not any(classes <= known for known in kinds):
            kinds[classes] = html
    return list(kinds.values())


def test_every_pair_on_a_page_is_one_that_is_measured(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home, campaigns in every state, form, review, an order in every state, refusals: wherever words are."""
    live = (html for _, html in walk(world, monkeypatch))
    static, _ = pages_of()
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    seen: dict[tuple[str, str], str] = {}
    for html in unlike([*static.values(), *live]):
        page.set_content(marked(html))
        for colour, ground in page.evaluate(SEEN):
            seen.setdefault((MARKS.get(colour, colour), MARKS.get(ground, ground)), page.title())
    context.close()
    assert not {pair: title for pair, title in seen.items() if pair not in ALLOWED}
    # Nothing is on the list for nothing: each text and each ground is met, and so are the solid ones.
    assert {text for text, _ in seen} >= set(TEXTS)
    assert {ground for _, ground in seen} >= set(GROUNDS)
    assert {pair for pair in SOLIDS if pair[1] != "brand-dark"} <= seen.keys()
