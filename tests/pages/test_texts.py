"""What only some texts need is asked for by the pages that show such a text, and by no other."""

from __future__ import annotations

import re

from tests.pages import content
from tests.pages.shop import PagesShop


def sheets(text: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="/assets/(\w+)\.\w+\.css">', text)


def test_a_contract_brings_its_style(pages_shop: PagesShop) -> None:
    """The review and the order's own page show the contract as the campaign's page does."""
    shop = pages_shop
    fields = shop.order_fields(content.OPEN)
    assert sheets(shop.post(f"/pesan/{content.OPEN}", fields).text) == ["etalase"]
    told = shop.with_campaign(content.OPEN, terms_html='<p class="remark-title">Penting</p>', terms_hash="0" * 64)
    with shop.publishing(told):
        assert sheets(shop.post(f"/pesan/{content.OPEN}", fields).text) == ["etalase", "texts"]
        assert sheets(shop.world.client.get(f"/pesan/{content.OPEN}").text) == ["etalase", "texts"]
        order = shop.order(content.OPEN)
        assert sheets(shop.world.client.get(order).text) == ["etalase", "texts"]


def test_static_pages_ask_for_it_where_it_is_needed(pages_shop: PagesShop) -> None:
    """A campaign with remarks and footnotes has it; the others don't."""
    client = pages_shop.world.client
    assert "texts" in sheets(client.get(f"/{content.NOT_STARTED}/").text)
    assert sheets(client.get(f"/{content.OPEN}/").text) == sheets(client.get("/").text) == ["etalase"]
    for address in re.findall(r'href="(/assets/texts[^"]+)"', client.get(f"/{content.NOT_STARTED}/").text):
        assert client.get(address).status_code == 200
