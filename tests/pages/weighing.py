"""What a page weighs on its way to a phone: every request of a browser that comes for the first time, as the server sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser, Response

from tests.intake.web.page import Page
from tests.pages.content import NOW
from tests.pages.inventory import State
from tests.pages.shop import PagesShop
from tests.pages.window import HEIGHT, PHONE, Window

KIB = 1024
KINDS = ("html", "css", "js", "json", "icon", "photo")
_OF_TYPE = {"document": "html", "stylesheet": "css", "script": "js", "fetch": "json", "image": "photo"}


@dataclass(frozen=True)
class Part:
    """
    One request.

    Attributes:
        raw: bytes of what was asked for.
        sent: bytes that the server sent for it, with its headers.
    """

    kind: str
    path: str
    raw: int
    sent: int


@dataclass(frozen=True)
class Weight:
    """A page with all that it asks for."""

    name: str
    parts: tuple[Part, ...]

    def requests(self, kinds: Sequence[str] = KINDS) -> int:
        """Give how often it asks."""
        return sum(part.kind in kinds for part in self.parts)

    def raw(self, kinds: Sequence[str] = KINDS) -> int:
        """Give the bytes that it is made of."""
        return sum(part.raw for part in self.parts if part.kind in kinds)

    def sent(self, kinds: Sequence[str] = KINDS) -> int:
        """Give the bytes that come over the network."""
        return sum(part.sent for part in self.parts if part.kind in kinds)


def weigh(browser: Browser, shop: PagesShop, state: State) -> Weight:
    """Open a state on a phone that has nothing of the shop yet, without scrolling, and weigh what came."""
    context = browser.new_context(
        viewport={"width": PHONE, "height": HEIGHT},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="id-ID",
    )
    context.clock.set_fixed_time(NOW)
    answers: list[Response] = []
    try:
        window = Window(context.new_page(), shop)
        window.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  Playwright marks what it calls
        with window.opened(state) as page:
            page.wait_for_load_state("networkidle")
            parts = [_part(answer, shop) for answer in answers]
            # A browser without a window never asks for the sign of its tab; others do.
            icons = [each for each in Page(page.content()).elements if "icon" in each.attributes.get("rel", "").split()]
            for icon in icons:
                address = icon.attributes["href"]
                if not address.startswith("data:") and all(part.path != address for part in parts):
                    answer = page.request.get(shop.base + address)
                    content = len(answer.body())
                    parts.append(Part("icon", address, content, content))
    finally:
        context.close()
    return Weight(state.name, tuple(parts))


def _part(answer: Response, shop: PagesShop) -> Part:
    sizes = answer.request.sizes()
    sent = sizes["responseBodySize"] + sizes["responseHeadersSize"]
    return Part(
        _OF_TYPE.get(answer.request.resource_type, "js"), answer.url.removeprefix(shop.base), len(answer.body()), sent
    )
