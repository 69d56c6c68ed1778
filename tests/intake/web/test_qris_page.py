"""QRIS on the buyer's page: the right code for what is due, made of what the seller has set and of nothing else."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Route
from playwright.sync_api import Page as Tab

from intake.published import CatalogueUnavailable
from preorder.catalogue import from_json
from preorder.money import Rupiah
from preorder.qris import make_dynamic, parse_qris
from preorder.shop import QrisAccount
from storefront.builder import build
from tests.intake.web.page import Page
from tests.intake.web.test_status import placed, seller_sets
from tests.intake.web.world import World
from tests.makers import make_campaign
from tests.preorder.qris_makers import V1, V8
from tests.storefront.content_makers import NOW as CONTENT_NOW
from tests.storefront.content_makers import SHOP, make_job, write

ADDRESS = "http://etalase.test"
DEPOSIT, BALANCE = 65_000, 83_000
# What a buyer may never be asked for.
SURCHARGES = ("biaya qris", "biaya layanan", "biaya admin", "surcharge", "fee", "mdr", "0,7", "0.7")
# What a page may weigh, compressed, with all that it fetches.
BUDGET, REQUESTS = 25 * 1024, 3


def give_qris(world: World, *, language: str = "id", **changes: Any) -> None:
    """Publish the usual campaign anew, in a shop with this QRIS."""
    world.publish(make_campaign(), language=language, qris=QrisAccount(**({"payload": V1} | changes)))


def read(data: bytes) -> list[str]:
    """Give what a scanner reads in a picture, dark on white only."""
    picture = Image.open(io.BytesIO(data)).convert("L")
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode, try_invert=False)
    return [code.text for code in found]


def codes_on(html: str) -> int:
    return html.count('class="qr"')


@pytest.fixture
def watch(world: World, phone: Callable[..., BrowserContext]) -> Callable[..., Tab]:
    """Give a function that opens a path of the shop on a phone, and keeps what was asked for in tab.asked: (address, body)."""

    def open_tab(path: str, **options: Any) -> Tab:
        client = world.client

        def serve(route: Route) -> None:
            answer = client.get(route.request.url.removeprefix(ADDRESS), base_url=ADDRESS)
            asked.append((route.request.url, answer.data))
            route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)

        asked: list[tuple[str, bytes]] = []
        context = phone(**options)
        context.route("**/*", serve)
        tab = context.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.goto(f"{ADDRESS}{path}", wait_until="networkidle")
        assert complaints == []
        tab.asked = asked  # type: ignore[attr-defined]
        return tab

    return open_tab


def test_a_static_code_stands_beside_the_accounts(world: World) -> None:
    """Recipient, exact amount, picture with both in its label, and a link to the file; the accounts stay."""
    give_qris(world)
    path = placed(world)
    text = world.client.get(path).text
    page = Page(text)
    assert page.ids["qris-merchant"].text == "DAPUR CONTOH"
    assert "Rp65.000" in page.ids["qris"].text
    assert codes_on(text) == 1
    picture = next(element for element in page.elements if element.attributes.get("class") == "qr")
    assert picture.attributes["role"] == "img"
    assert "DAPUR CONTOH" in picture.attributes["aria-label"] and "Rp65.000" in picture.attributes["aria-label"]
    assert int(picture.attributes["width"]) >= 240
    assert page.ids["qris-png"].attributes["href"] == f"{path}/qris.png"
    assert "0123456789" in text and "claim" in page.ids


@pytest.mark.parametrize("dynamic", [False, True])
def test_the_file_holds_what_is_due(world: World, dynamic: bool) -> None:
    """Without the seller's word the shop's own code; with it a copy for exactly this payment, first the deposit and then the balance."""
    give_qris(world, dynamic=dynamic)
    path = placed(world)
    for due in (DEPOSIT, BALANCE):
        response = world.client.get(f"{path}/qris.png")
        assert response.status_code == 200
        (payload,) = read(response.data)
        made = parse_qris(payload)
        assert made.amount == (str(due) if dynamic else None)
        assert made.merchant_name == "DAPUR CONTOH"
        if not dynamic:
            assert payload == V1
        assert codes_on(world.client.get(path).text) == (2 if dynamic else 1)
        seller_sets(world, world.order_at(path).ref, "money_in", DEPOSIT)


def test_the_file_is_for_her_alone(world: World) -> None:
    """A picture that no cache keeps and no index lists, shown by browsers that drop downloads, named after the order."""
    give_qris(world)
    path = placed(world)
    headers = world.client.get(f"{path}/qris.png").headers
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"] == f'inline; filename="qris-{world.order_at(path).ref}.png"'
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


def test_nothing_of_a_request_reaches_the_code(world: World) -> None:
    """Whatever is asked for in the address, in headers or in a body, the picture stays the same."""
    give_qris(world, dynamic=True)
    path = placed(world)
    url = f"{path}/qris.png"
    usual = world.client.get(url).data
    assert world.client.get(f"{url}?amount=1&due=1&54=1&payload={V1}&merchant=LAIN").data == usual
    assert world.client.get(url, headers={"X-Amount": "1"}, data={"amount": "1"}).data == usual
    assert world.client.post(url, data={"amount": "1"}).status_code == 405


def test_no_file_where_nothing_is_to_be_paid(world: World) -> None:
    """404 for tokens that nobody has, for a paid and for a cancelled order, and in a shop without QRIS."""
    path = placed(world)
    assert world.client.get(f"{path}/qris.png").status_code == 404
    assert "qris" not in Page(world.client.get(path).text).ids
    give_qris(world)
    assert world.client.get(f"{path}/qris.png").status_code == 200
    for token in ("A" * 22, "A" * 21, "%00" * 22, "..", path.rsplit("/", 1)[-1][:-1] + "!"):
        assert world.client.get(f"/s/{token}/qris.png").status_code == 404
    seller_sets(world, world.order_at(path).ref, "money_in", 148_000)
    assert world.client.get(f"{path}/qris.png").status_code == 404
    assert codes_on(world.client.get(path).text) == 0
    other = placed(world, phone="0812-0000-9999")
    seller_sets(world, world.order_at(other).ref, "status", "Batal (penjual)")
    assert world.client.get(f"{other}/qris.png").status_code == 404
    assert codes_on(world.client.get(other).text) == 0


def test_no_code_while_a_payment_is_looked_for(world: World) -> None:
    """Who says that she has paid is shown nothing to pay with again."""
    give_qris(world)
    path = placed(world)
    world.client.post(f"{path}/sudah-transfer")
    assert codes_on(world.client.get(path).text) == 0


@pytest.mark.parametrize("dynamic", [False, True])
def test_above_the_ceiling_there_is_no_code(world: World, dynamic: bool) -> None:
    """Up to the ceiling a code, one rupiah more and only the accounts are left; the page says why."""
    path = placed(world)
    give_qris(world, dynamic=dynamic, ceiling=Rupiah(DEPOSIT))
    assert codes_on(world.client.get(path).text) >= 1
    give_qris(world, dynamic=dynamic, ceiling=Rupiah(DEPOSIT - 1))
    text = world.client.get(path).text
    assert codes_on(text) == 0
    assert "Rp64.999" in Page(text).ids["qris-too-much"].text
    assert "0123456789" in text
    assert world.client.get(f"{path}/qris.png").status_code == 404


def test_without_a_catalogue_there_is_no_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is published nobody knows where to pay to: a page without code, and the file later."""
    give_qris(world)
    path = placed(world)

    def away() -> None:
        raise CatalogueUnavailable(where="x", reason="unreadable")

    monkeypatch.setattr(world.counter.catalogue, "current", away)
    response = world.client.get(path)
    assert response.status_code == 200 and codes_on(response.text) == 0
    assert world.client.get(f"{path}/qris.png").status_code == 503


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_word_of_a_surcharge(world: World, language: str) -> None:
    """A buyer pays for QRIS what she pays by transfer, and nothing there says otherwise."""
    path = placed(world)
    for dynamic, ceiling in ((False, 10_000_000), (True, 10_000_000), (True, 1_000)):
        give_qris(world, language=language, dynamic=dynamic, ceiling=Rupiah(ceiling))
        html = world.client.get(path).text
        part = re.search(r'<div class="qris".*?</div>', html, re.DOTALL)
        assert part is not None
        assert [
            word for word in SURCHARGES if word in re.sub(r"<svg.*?</svg>", "", part.group(), flags=re.DOTALL).lower()
        ] == []
        assert Page(html).ids["amount"].text.strip() == "Rp65.000"


THEMES = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "forced": {"color_scheme": "dark", "forced_colors": "active"}}  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_scanner_reads_the_page(world: World, watch: Callable[..., Tab], theme: str, width: int) -> None:
    """A screenshot of the real page says exactly the payload, which the file says too; the code is 240 wide at least and no page scrolls sideways."""
    give_qris(world, dynamic=True)
    path = placed(world)
    tab = watch(path, viewport={"width": width, "height": 740}, **THEMES[theme])
    (payload,) = read(tab.screenshot(full_page=True))
    assert parse_qris(payload).amount == str(DEPOSIT)
    assert read(world.client.get(f"{path}/qris.png").data) == [payload]
    box = tab.locator("#qris > svg").bounding_box()
    assert box is not None and box["width"] >= 240 and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.get_by_role("img", name=re.compile("DAPUR CONTOH.*Rp65[.]000")).count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_app_that_refuses_it_gets_the_plain_code(world: World, watch: Callable[..., Tab], theme: str) -> None:
    """Unfolded, the shop's own code stands there, readable like the other, with the amount to type."""
    give_qris(world, dynamic=True)
    tab = watch(placed(world), **THEMES[theme])
    tab.locator("#qris-plain summary").tap()
    assert "Rp65.000" in tab.locator("#qris-plain").inner_text()
    assert read(tab.locator("#qris-plain svg.qr").screenshot()) == [V1]


def test_the_picture_opens_by_itself(world: World, watch: Callable[..., Tab]) -> None:
    """The link shows the picture in the same tab, where a scanner reads it: no download, no script, no second window."""
    give_qris(world)
    tab = watch(placed(world))
    link = tab.locator("#qris-png")
    assert link.get_attribute("target") is None and link.get_attribute("download") is None
    link.tap()
    tab.wait_for_url("**/qris.png")
    assert read(tab.screenshot()) == [V1]


def test_on_paper_it_is_read_too(world: World, watch: Callable[..., Tab]) -> None:
    """Printed out, the code stays black on white."""
    give_qris(world)
    tab = watch(placed(world), color_scheme="dark")
    tab.emulate_media(media="print")
    assert read(tab.screenshot(full_page=True)) == [V1]


def test_the_page_stays_small(world: World, watch: Callable[..., Tab]) -> None:
    """With both codes on it, the page and all that it fetches fit the budget of a slow phone."""
    give_qris(world, dynamic=True)
    tab = watch(placed(world), java_script_enabled=True)
    # Browsers fetch the drawing for their tabs once for a shop, whatever page it is.
    asked = [(url, body) for url, body in tab.asked if not url.endswith(".svg")]  # type: ignore[attr-defined]
    assert len(asked) <= REQUESTS, [url for url, _ in asked]
    assert sum(len(gzip.compress(body)) for _, body in asked) <= BUDGET


def test_from_the_sellers_file_to_the_buyers_scanner(world: World, watch: Callable[..., Tab], tmp_path: Path) -> None:
    """What stands in shop.md decides: built, published and read by the order desk, it is the code that is scanned."""
    job = make_job(tmp_path / "shop")
    path = placed(world)

    def publish(settings: str) -> None:
        text = SHOP.replace("tautan:\n", f"qris: {{kode: '{V8}', {settings}}}\ntautan:\n")
        write(job.content / "shop.md", text)
        build(job, CONTENT_NOW)
        built = from_json(json.loads((job.output / "catalogue.json").read_bytes()))
        before = world.counter.catalogue.catalogue
        world.counter.catalogue.catalogue = dataclasses.replace(before, shop=built.shop, revision=before.revision + 1)

    publish("dinamis: tidak")
    assert read(watch(path).screenshot(full_page=True)) == [V8]
    publish("dinamis: ya")
    (payload,) = read(watch(path).screenshot(full_page=True))
    assert payload == make_dynamic(parse_qris(V8), Rupiah(DEPOSIT)).payload
    publish(f"dinamis: ya, maksimal: {DEPOSIT - 1}")
    assert read(watch(path).screenshot(full_page=True)) == []
