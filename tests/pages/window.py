"""A window on the pages: opens a state the way a browser does and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Page, Route

from tests.pages.content import NOW
from tests.pages.inventory import State, Visit
from tests.pages.shop import PagesShop

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on the colours alone: the page itself is the same in the dark.
COLOURS = ["color-contrast", "link-in-text-block"]
# A page that was turned away sends itself again after a moment. Here it stays, to be looked at.
STAY = "HTMLFormElement.prototype.submit = () => {};"
PHONE, NARROW, HEIGHT = 360, 320, 740


@dataclass
class Window:
    """
    A window.

    Attributes:
        asked: addresses that were asked for since the last opening, in their order.
        errors: what the console and the scripts have complained about since then.
    """

    page: Page
    shop: PagesShop
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        # That a page is a 404 or a 422 is told there too, and is meant.
        own = message.location.get("url", "").split("#")[0] == self.page.url.split("#")[0]
        if message.type in {"error", "warning"} and not (own and "the server responded with a status" in message.text):
            self.errors.append(message.text)

    @contextmanager
    def opened(self, state: State) -> Iterator[Page]:
        """Open a state; the shop is in it within the block."""
        visit = state.reach(self.shop)
        url = self.shop.base + visit.path
        self.asked.clear()
        self.errors.clear()
        with visit.meanwhile():
            if visit.verb != "GET":
                self.page.route(url, lambda route: _send(route, visit), times=1)
            answer = self.page.goto(url, wait_until="load")
            assert answer is not None and answer.status == state.status, f"{state.name}: {answer and answer.status}"
            self.page.wait_for_selector(visit.shows, state="attached", timeout=5_000)
            # The page asks what is left, and then says so.
            if self.page.locator("#left-words").count():
                self.page.wait_for_load_state("networkidle")
            yield self.page

    def ask(self, question: str) -> list[str]:
        """Ask tests/pages/probe.js."""
        found: list[str] = self.page.evaluate(f"() => probe.{question}()")
        return found

    def axe(self, rules: list[str] | None = None) -> list[str]:
        """Give axe-core's violations: rule and elements."""
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
        found = self.page.evaluate(
            "async (only) => (await axe.run({ runOnly: only, resultTypes: ['violations'] })).violations", only
        )
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"][:3]
        ]

    def tab_through(self) -> list[str]:
        """Press Tab from the top of the page to its end and give what is wrong with the stops."""
        self.page.evaluate("() => probe.foldInner()")
        stops: int = self.page.evaluate("() => probe.follow()")
        for _ in range(stops + 6):
            self.page.keyboard.press("Tab")
        return self.ask("finish")

    def faults(self, state: State) -> dict[str, list[str]]:
        """Give everything that is wrong with a state in light and dark, narrow and enlarged, with fingers and keys."""
        page = self.page
        with self.opened(state):
            page.evaluate("() => probe.unfold()")
            found = {
                "axe": self.axe(),
                "small text": self.ask("smallText"),
                "small targets": self.ask("smallTargets"),
                "keys": self.tab_through(),
            }
            page.emulate_media(color_scheme="dark")
            found["axe in the dark"] = self.axe(COLOURS)
            found["keys in the dark"] = self.tab_through() if state.kind in {"home", "form"} else []
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": NARROW, "height": HEIGHT})
            found["sideways at 320 px"] = self.ask("sideways")
            page.set_viewport_size({"width": PHONE, "height": HEIGHT})
            page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
            found["sideways at 200 % text"] = self.ask("sideways")
            found["kept"] = self.ask("kept") + [str(each) for each in page.context.cookies()]
            found["console"] = list(self.errors)
            found["other hosts"] = [url for url in self.asked if not url.startswith((self.shop.base + "/", "data:"))]
        return {what: faults for what, faults in found.items() if faults}


def _send(route: Route, visit: Visit) -> None:
    body = visit.body if visit.body is not None else urlencode(visit.fields or {}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"} | {
        name.lower(): text for name, text in visit.headers.items()
    }
    if not visit.headers:
        route.continue_(method=visit.verb, post_data=body, headers=dict(route.request.headers) | headers)
        return
    # A browser lets nobody choose its Origin: these are asked for beside it, and shown in it.
    route.fulfill(
        response=route.fetch(method=visit.verb, post_data=body, headers=dict(route.request.headers) | headers)
    )


def make_window(context: BrowserContext, shop: PagesShop) -> Window:
    """Give a window of a phone with what the tests ask it."""
    context.clock.set_fixed_time(NOW)
    for script in (STAY, AXE, PROBE):
        context.add_init_script(script)
    return Window(context.new_page(), shop)
