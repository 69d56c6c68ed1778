"""No address that our pages name leads to nothing, and no fragment points to a place that isn't there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import requests

from tests.intake.web.page import Page
from tests.pages.asking import ask
from tests.pages.shop import PagesShop
from tests.pages.states import STATES

# A form's address, opened: told to post, or sent on.
OPENED = {200, 303, 403, 409, 410}


def test_every_address_and_fragment_resolves(pages_shop: PagesShop) -> None:
    """Links, pictures, styles, scripts and forms of all states: each is there, and so is the place that it points to."""
    named: dict[str, set[str]] = {}
    dead: list[str] = []
    for state in STATES.values():
        page = Page(ask(pages_shop, state).text)
        for element in page.elements:
            sets = [part.split()[0] for part in element.attributes.get("srcset", "").split(",") if part.strip()]
            for address in [*(element.attributes.get(name, "") for name in ("href", "src", "action")), *sets]:
                parts = urlsplit(address)
                if address.startswith("#"):
                    dead += [f"{state.name}: {address}"] if address[1:] not in page.ids else []
                elif address and not parts.scheme and not parts.netloc:
                    named.setdefault(address, set()).add(state.name)

    def look(address: str) -> str:
        path, _, fragment = address.partition("#")
        answer = requests.get(pages_shop.base + path, timeout=20, allow_redirects=False)
        there = answer.status_code in OPENED and (not fragment or fragment in Page(answer.text).ids)
        return "" if there else f"{address} ({answer.status_code}) of {', '.join(sorted(named[address])[:4])}"

    with ThreadPoolExecutor(4) as several:
        dead += [said for said in several.map(look, sorted(named)) if said]
    assert dead == []
    assert len(named) > 60
