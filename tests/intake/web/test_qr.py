"""QR codes: whatever the theme, the screen or the way the picture takes, a scanner reads exactly what was put in."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route

from intake.web.qr import LEAST_WIDTH, PNG_WIDTH, QUIET_ZONE, draw_png, draw_svg
from preorder.qris import make_dynamic, parse_source
from preorder.stylesheet import dress
from preorder.theme import Theme
from tests.browser import find_chromium, flags
from tests.preorder.qris_makers import DYNAMICS, STATICS, V1, V2, V8, V9, tlv, usual
from tests.storefront.content_makers import CHECKOUT

LANGUAGE = usual(e64=tlv([("00", "id"), ("01", "Dapur Ibu \u00c9 \u65e5\u672c")]))
# Of Latin-1 alone: an encoder left to itself would not write UTF-8.
LATIN = usual(e64=tlv([("00", "fr"), ("01", "Caf\u00e9 \u00c9toil\u00e9")]))
LONGEST = usual(**{f"e{tag}": "x" * length for tag, length in (("65", 99), ("66", 99), ("67", 96))})
PAYLOADS = {**STATICS, "V2": V2, "V9": V9, "outside ASCII": LANGUAGE, "Latin": LATIN, "longest": LONGEST}
# The strictest that pages are held to.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LABEL = "QRIS Dapur Contoh, Rp150.347"
THEMES = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active", "color_scheme": "dark"}}  # fmt: skip


def read(picture: Image.Image) -> str:
    """
    Give what a scanner reads: dark on white only, as many banks' apps do, though the library could read white on dark.
    """
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode, try_invert=False)
    assert len(found) == 1, f"{len(found)} codes were found"
    assert found[0].ec_level == "M"
    # The library guesses at encodings; an app that doesn't must find UTF-8.
    assert bytes(found[0].bytes) == found[0].text.encode()
    return found[0].text


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_the_longest_is_as_long_as_can_be() -> None:
    """The cases reach up to the longest payload, and down to what fits the smallest code of a merchant."""
    assert len(LONGEST) == 512


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_png_says_what_was_put_in(text: str) -> None:
    """The file for saving is read to the same characters, in black and white without transparency, wide as a phone."""
    picture = opened(draw_png(text))
    assert picture.format == "PNG"
    assert picture.mode in {"1", "L"} and "transparency" not in picture.info
    assert picture.width == picture.height >= PNG_WIDTH
    assert read(picture) == text


@pytest.mark.parametrize("text", [V1, LONGEST], ids=["V1", "longest"])
def test_a_png_has_its_quiet_zone(text: str) -> None:
    """Four white modules on each side, as the standard asks, and the code begins right behind them."""
    assert QUIET_ZONE == 4
    picture = opened(draw_png(text)).convert("L")
    modules = len(_modules(draw_svg(text, LABEL)))
    scale = picture.width // modules
    assert picture.width == scale * modules
    left, top, right, bottom = picture.point(lambda value: 255 - value).getbbox() or (0, 0, 0, 0)
    assert {left, top, picture.width - right, picture.height - bottom} == {QUIET_ZONE * scale}


def test_a_png_survives_chats_and_galleries() -> None:
    """Made smaller, and saved again as a poor JPEG, it is still read."""
    picture = opened(draw_png(V9)).convert("RGB")
    for width in (240, 360, 500, 1080):
        file = io.BytesIO()
        picture.resize((width, width), Image.Resampling.BILINEAR).save(file, "JPEG", quality=30)
        assert read(opened(file.getvalue())) == V9, width


def test_the_same_text_gives_the_same_picture() -> None:
    """Two builds of one shop are byte-equal, and so are two pictures of one order."""
    before = draw_png(V1), draw_svg(V1, LABEL)
    for function in (draw_png, draw_svg):
        function.cache_clear()
    assert (draw_png(V1), draw_svg(V1, LABEL)) == before


def test_the_markup_obeys_the_policy() -> None:
    """No style, no script, no id that could stand on a page twice; and small."""
    svg = draw_svg(V1, LABEL)
    assert not re.search(r"style|<script|\bid=|\bon[a-z]+=|currentColor", svg)
    assert len(svg) < 6_000


def _modules(svg: str) -> range:
    found = re.search(r'viewBox="0 0 ([0-9]+) \1"', svg)
    assert found
    return range(int(found.group(1)))


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_module_covers_whole_pixels(text: str) -> None:
    """At least 240 wide, at most what a phone of 360 has room for, and no module wider than its neighbour."""
    svg = draw_svg(text, LABEL)
    found = re.search(r'width="([0-9]+)" height="\1"', svg)
    assert found
    width = int(found.group(1))
    assert LEAST_WIDTH <= width <= 328
    assert width % len(_modules(svg)) == 0


# --- in a browser: the SVG on a page as buyers see it ---


class Shelf:
    """A site of one page with the shop's own style sheet, served to a browser without a network."""

    address = "http://etalase.test/"

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes]] = {
            "etalase.css": (
                "text/css",
                dress({"etalase.css": (CHECKOUT / "templates" / "assets" / "etalase.css").read_bytes()}, Theme())[
                    "etalase.css"
                ],
            )
        }

    def serve(self, route: Route) -> None:
        name = route.request.url.removeprefix(self.address)
        if name in self.files:
            kind, body = self.files[name]
            route.fulfill(body=body, headers={"Content-Type": kind, "Content-Security-Policy": POLICY})
        else:
            route.fulfill(status=404)

    def show(self, context: BrowserContext, inner: str) -> Page:
        """Open the page with this in its main part; whatever the browser complains about is an error."""
        html = (
            '<!doctype html><html lang="id"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
            f'<title>QRIS</title><link rel="stylesheet" href="etalase.css"></head><body><main class="wrap">{inner}</main></body></html>'
        )
        self.files[""] = ("text/html; charset=utf-8", html.encode())
        context.route("**/*", self.serve)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(self.address)
        assert [text for text in complaints if "favicon" not in text and "404" not in text] == []
        return page


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("scale", "width"), [(1, 1280), (1.5, 360), (2, 360), (3, 320)])
def test_a_page_is_read_in_every_theme(
    shelf: Shelf, phone: Callable[..., BrowserContext], theme: str, scale: float, width: int
) -> None:
    """A screenshot of the whole page says exactly the payload: on phones and desks, light, dark, and with forced colours."""
    context = phone(device_scale_factor=scale, viewport={"width": width, "height": 740}, **THEMES[theme])
    page = shelf.show(context, f"<p>Rp150.347</p>{draw_svg(V2, LABEL)}")
    assert read(opened(page.screenshot())) == V2
    # That the page is dark is not taken on trust.
    if theme == "dark":
        assert opened(page.screenshot()).convert("L").getpixel((2, 2)) < 100


@pytest.mark.parametrize("theme", THEMES)
def test_every_code_is_black_on_white(shelf: Shelf, phone: Callable[..., BrowserContext], theme: str) -> None:
    """The element alone: readable, its quiet zone pure white, on any page around it."""
    context = phone(**THEMES[theme])
    for text in (V8, LATIN, LONGEST):
        page = shelf.show(context, draw_svg(text, LABEL))
        # Cut out by hand: in the middle of a page it may begin at half a pixel, and a screenshot of the element alone
        # then shows some of the page beside it.
        box = page.locator("svg.qr").bounding_box()
        assert box is not None
        left, top, side = 2 * math.ceil(box["x"]), 2 * math.ceil(box["y"]), 2 * int(box["width"]) - 2
        picture = opened(page.screenshot()).convert("L").crop((left, top, left + side, top + side))
        page.close()
        assert read(picture) == text
        assert {value for _, value in picture.getcolors() or []} <= {0, 255}
        zone = QUIET_ZONE * picture.width // len(_modules(draw_svg(text, LABEL))) - 2
        for part in ((0, 0, picture.width, zone), (0, 0, zone, picture.height)):
            assert picture.crop(part).getextrema() == (255, 255)


@pytest.mark.parametrize("theme", THEMES)
def test_the_saved_picture_is_read_from_a_page(shelf: Shelf, phone: Callable[..., BrowserContext], theme: str) -> None:
    """The PNG, and the SVG as a file, shown by the browser itself in the width of a phone."""
    shelf.files["qris.png"] = ("image/png", draw_png(V9))
    shelf.files["qris.svg"] = ("image/svg+xml", draw_svg(V9, LABEL).encode())
    for name in ("qris.png", "qris.svg"):
        page = shelf.show(phone(**THEMES[theme]), f'<img src="{name}" alt="QRIS" width="300" height="300">')
        assert read(opened(page.screenshot())) == V9, name


def test_a_screen_reader_hears_the_label(shelf: Shelf, phone: Callable[..., BrowserContext]) -> None:
    """Merchant and amount are the name of the picture, whatever characters they hold."""
    label = "QRIS <b>\"Dapur\" & 'Contoh'</b>, Rp1"
    page = shelf.show(phone(), draw_svg(V1, label))
    assert page.get_by_role("img", name=label, exact=True).count() == 1
    assert page.locator("main b").count() == 0


@pytest.fixture(scope="module")
def darkening(browser: Browser) -> Iterator[Browser]:
    """A Chromium that darkens pages by force, as some phones do for all pages."""
    darkening = browser.browser_type.launch(
        executable_path=find_chromium(), args=[*flags(), "--blink-settings=forceDarkModeEnabled=true"]
    )
    yield darkening
    darkening.close()


def test_forced_darkness_leaves_it_readable(shelf: Shelf, darkening: Browser) -> None:
    """A browser that turns every page dark by itself does not turn the code."""
    context = darkening.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    picture = opened(shelf.show(context, draw_svg(V2, LABEL)).screenshot())
    context.close()
    assert picture.convert("L").getpixel((2, 2)) < 100
    assert read(picture) == V2


@pytest.mark.parametrize(("source", "amount", "made"), DYNAMICS)
def test_from_the_pasted_text_to_the_scanned_amount(
    shelf: Shelf, phone: Callable[..., BrowserContext], source: str, amount: int, made: str
) -> None:
    """The whole way: pasted, checked, filled in, drawn, shown on a phone, scanned."""
    payload = make_dynamic(parse_source(source), amount).payload  # type: ignore[arg-type]
    page = shelf.show(phone(), draw_svg(payload, LABEL))
    assert read(opened(page.screenshot())) == made
    assert read(opened(draw_png(payload))) == made
    assert payload != V8
