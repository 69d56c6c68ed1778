"""
The pictures of docs/gallery.md, and the page itself: every page in every state on a phone; the first ones also on a wide
screen, in the dark, and in other themes. `make screenshots` makes them anew.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser import find_chromium, flags
from tests.pages.content import CHECKOUT
from tests.pages.inventory import State
from tests.pages.shop import PagesShop, open_shop
from tests.pages.states import STATES
from tests.pages.window import HEIGHT, PHONE, Window, make_window

PAGE = CHECKOUT / "docs" / "gallery.md"
TARGET = CHECKOUT / "docs" / "gallery"
WIDE = (1280, 900)
# Pixels of the window that are shown of a long page.
LONGEST = {PHONE: 1_900, WIDE[0]: 1_700}
# Width of the window -> of its picture, twice of what the page shows.
KEPT = {PHONE: 440, WIDE[0]: 1_280}
FIRST = ("home", "campaign-open")
THEMES = ("ceria", "butik")
QUALITY = 52

HEADINGS = {
    "home": "Home",
    "campaign": "A campaign",
    "form": "The order form",
    "review": "Check your order",
    "payment": "What is to be paid",
    "status": "The buyer's page in every status",
    "enquiry": "Where nothing can be ordered",
    "message": "Refusals and failures",
    "text": "Terms and privacy",
}


def picture(name: str, look: str = "") -> str:
    """Give the file name of a picture."""
    return f"{name}{'-' + look if look else ''}.webp"


def looks() -> tuple[tuple[str, str], ...]:
    """Give (file's ending, words) of how else the first pages are shown."""
    themes = tuple((theme, f"Theme {theme}") for theme in THEMES)
    return (
        ("dark", "In the dark"),
        *themes,
        ("1280", "On a wide screen"),
        ("1280-dark", "On a wide screen, in the dark"),
    )


def write_page() -> str:
    """Give docs/gallery.md."""
    lines = [
        "# Gallery",
        "",
        "Every page of the shop in every state, on a phone of 360 px; `make screenshots` makes this page and its pictures anew.",
        "What is shown are the sample shop and a few campaigns beside it, at ten o'clock on 27 November 2026; people and accounts are made up.",
        "A long page is cut.",
        "",
    ]
    for kind, heading in HEADINGS.items():
        lines += [f"## {heading}", ""]
        names = [name for name, state in STATES.items() if state.kind == kind]
        shown = [(name, picture(name), name.replace("-", " ").capitalize()) for name in names]
        if kind in {STATES[name].kind for name in FIRST}:
            first = next(name for name in FIRST if STATES[name].kind == kind)
            shown += [(f"{first}, {words}", picture(first, look), words) for look, words in looks()]
        lines += [
            f'<img src="gallery/{file}" alt="{alt}" title="{title}" width="{640 if "1280" in file else 220}">'
            for alt, file, title in shown
        ]
        lines.append("")
    return "\n".join(lines)


def take(window: Window, state: State, file: str) -> None:
    """Save what a state shows."""
    page = window.page
    with window.opened(state):
        size = page.viewport_size
        whole = page.locator("html").bounding_box()
        assert size is not None and whole is not None
        # A window as high as the page: what sticks to its lower edge then stands where the page ends.
        page.set_viewport_size({"width": size["width"], "height": min(int(whole["height"]), LONGEST[size["width"]])})
        # What is not near the screen has not been fetched yet.
        page.evaluate(
            "() => Promise.all([...document.images].map((img) => { img.loading = 'eager'; return img.decode().catch(() => 0); }))"
        )
        page.wait_for_load_state("networkidle")
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        kept = KEPT[size["width"]]
        shot = shot.resize((kept, round(shot.height * kept / shot.width)), Image.Resampling.LANCZOS)
        shot.save(TARGET / file, "WEBP", quality=QUALITY, method=6)
        page.set_viewport_size(size)


@contextmanager
def window_on(chromium: Browser, shop: PagesShop, *, wide: bool = False, dark: bool = False) -> Iterator[Window]:
    """Open a window: a phone's, or a wide one."""
    width, height = WIDE if wide else (PHONE, HEIGHT)
    context = chromium.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1 if wide else 2, locale="id-ID",
        color_scheme="dark" if dark else "light", reduced_motion="reduce",
    )  # fmt: skip
    yield make_window(context, shop)
    context.close()


def main() -> None:
    """Take all pictures, write the page, take away what is no longer named."""
    logging.disable(logging.CRITICAL)
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=flags())
        try:
            with open_shop(Path(folder) / "all") as shop, window_on(chromium, shop) as window:
                for name, state in STATES.items():
                    if name not in FIRST:
                        take(window, state, picture(name))
            with open_shop(Path(folder) / "sample", every_state=False) as shop:
                for wide, dark, look in (
                    (False, False, ""),
                    (False, True, "dark"),
                    (True, False, "1280"),
                    (True, True, "1280-dark"),
                ):
                    with window_on(chromium, shop, wide=wide, dark=dark) as window:
                        for name in FIRST:
                            take(window, STATES[name], picture(name, look))
            for theme in THEMES:
                with (
                    open_shop(Path(folder) / theme, every_state=False, theme=theme) as shop,
                    window_on(chromium, shop) as window,
                ):
                    for name in FIRST:
                        take(window, STATES[name], picture(name, theme))
        finally:
            chromium.close()
    text = write_page()
    PAGE.write_text(text, encoding="utf-8")
    for path in TARGET.glob("*"):
        if f"gallery/{path.name}" not in text:
            path.unlink()


if __name__ == "__main__":
    main()
