"""A state's page without a browser: as the server sends it."""

from __future__ import annotations

import requests

from tests.pages.inventory import State
from tests.pages.shop import PagesShop

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(shop: PagesShop, state: State, headers: dict[str, str] | None = None) -> requests.Response:
    """Ask for a state, and make sure that it is the one that is meant."""
    visit = state.reach(shop)
    data = visit.body if visit.body is not None else visit.fields
    sent = (FORM if visit.body is not None else {}) | dict(visit.headers) | (headers or {})
    with visit.meanwhile():
        answer = requests.request(visit.verb, shop.base + visit.path, data=data, headers=sent, timeout=20)
    assert answer.status_code == state.status, state.name
    return answer
