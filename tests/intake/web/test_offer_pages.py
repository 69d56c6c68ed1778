"""
What is offered, from the seller's file to every page: change a number in it, and page, contract, form, review, status
page, snapshot and sheet say the new one.
"""

from __future__ import annotations

import dataclasses
import gettext
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.ledger import outbox
from intake.order_rows import Wording, order_row
from intake.summary import summary_rows
from preorder.campaign import Campaign
from preorder.catalogue import from_json, with_terms
from preorder.money import Rupiah
from preorder.pricing import early_until
from preorder.product import EarlyBird, LineLimits, Tier
from preorder.wording import show_rupiah
from storefront.builder import Job, build
from tests.intake.web.page import Page
from tests.intake.web.world import World, assert_kept, fields
from tests.makers import NOW, make_campaign, make_products
from tests.storefront import content_makers
from tests.storefront.content_makers import CHECKOUT, edit, make_content

PLACE = "/pesan/nastar/kirim"


@dataclass(frozen=True)
class Change:
    """
    One number or text of the seller's file.

    Attributes:
        old, new: what is put into the file; new holds %s.
        values: as typed, of two builds.
        shown: what everybody reads of it then.
        order: fields of an order that it concerns.
        places: where it is read; the static page and the contract always.
        prices: of one unit in that order, for both builds; None where it has none of its own.
        summary: what the summary tab says of it, where it speaks of it; with the second build both orders are there.
    """

    name: str
    old: str
    new: str
    values: tuple[str, str]
    shown: tuple[str, str]
    order: Mapping[str, str]
    places: frozenset[str]
    prices: tuple[int, int] | None = None
    summary: tuple[str, str] | None = None


SMALL = {"nastar--toples-250-g--qty": "1"}
THREE = {"nastar--toples-250-g--qty": "3"}
CAKE = {"kastengel--1--qty": "2", "kastengel--1--option-pita": "Hijau", "kastengel--1--option-ucapan": "Selamat"}
EVERYWHERE = frozenset({"form", "review", "status", "sheet"})

CHANGES = [
    Change(
        "the usual price", "harga: 65.000", "harga: %s", ("61.000", "62.000"), ("Rp61.000", "Rp62.000"), SMALL, EVERYWHERE,
        (61_000, 62_000),
    ),
    Change(
        "an early price", "        harga: 65.000\n", "        harga: 65.000\n        harga_awal: {harga: %s, hari_pertama: 9}\n",
        ("61.000", "62.000"), ("Rp61.000", "Rp62.000"), SMALL, EVERYWHERE, (61_000, 62_000),
    ),
    Change(
        "the end of an early price", "        harga: 65.000\n", "        harga: 65.000\n        harga_awal: {harga: 60.000, sampai: %s}\n",
        ("2026-11-29", "2026-11-30"), ("29 November 2026 23:59 WIB", "30 November 2026 23:59 WIB"), SMALL, frozenset({"form"}),
    ),
    Change(
        "a price by quantity", "        harga: 65.000\n", "        harga: 65.000\n        harga_jumlah: [{mulai: 3, harga: %s}]\n",
        ("51.000", "52.000"), ("Rp51.000", "Rp52.000"), THREE, EVERYWHERE, (51_000, 52_000),
    ),
    Change(
        "the quantity of a price", "        harga: 65.000\n", "        harga: 65.000\n        harga_jumlah: [{mulai: %s, harga: 50.000}]\n",
        ("3", "4"), ("3 pieces", "4 pieces"), THREE, frozenset({"form"}), (50_000, 65_000),
    ),
    Change(
        "a choice that costs more", "isi: [Merah, Hijau]", "isi: [Merah, {nama: Hijau, tambah: %s}]", ("5.000", "6.000"),
        ("+Rp5.000", "+Rp6.000"), CAKE, EVERYWHERE, (75_000, 76_000),
    ),
    Change(
        "a text that costs", "        teks: 40\n", "        teks: 40\n        tambah: %s\n", ("5.000", "6.000"), ("+Rp5.000", "+Rp6.000"),
        CAKE, EVERYWHERE, (75_000, 76_000),
    ),
    Change(
        "a bonus for all", "kuota: 100\n", "kuota: 100\nbonus: %s\n", ("Kartu ucapan", "Tas kain"), ("Kartu ucapan", "Tas kain"), SMALL,
        frozenset({"review", "status"}),
    ),
    Change(
        "a bonus of a product", "    harga: 70000\n", "    harga: 70000\n    bonus: %s\n", ("Kartu ucapan", "Tas kain"),
        ("Kartu ucapan", "Tas kain"), CAKE, frozenset({"review", "status"}),
    ),
    Change(
        "the least of a line", "    harga: 70000\n", "    harga: 70000\n    batas: {min: %s, maks: 7}\n", ("2", "1"),
        ("From 2 to 7", "At most 7"), CAKE, frozenset({"form"}),
    ),
    Change(
        "a label", "    harga: 70000\n", "    harga: 70000\n    label: {komposisi: %s}\n", ("keju edam", "keju gouda"),
        ("keju edam", "keju gouda"), CAKE, frozenset(),
    ),
    Change(
        "the least of a round", "kuota: 100\n", "kuota: 100\nkloter: {minimum: %s, bila_tidak_tercapai: refund_penuh}\n", ("12", "13"),
        ("12 pieces", "13 pieces"), THREE, frozenset({"review", "status"}), summary=("3 / 12 (25%)", "6 / 13 (46%)"),
    ),
    Change(
        "what happens with less", "kuota: 100\n", "kuota: 100\nkloter: {minimum: 12, bila_tidak_tercapai: %s}\n", ("refund_penuh", "lanjut"),
        ("we cancel all of them", "all the same, at the same price"), SMALL, frozenset({"review", "status"}),
    ),
    Change(
        "what happens with less at first", "kuota: 100\n", "kuota: 100\nkloter: {minimum: 12, bila_tidak_tercapai: %s}\n", ("perpanjang", "lanjut"),
        ("for longer, once", "all the same, at the same price"), SMALL, frozenset({"review", "status"}),
    ),
    Change(
        "when it is told", "kuota: 100\n", "kuota: 100\nkloter: {minimum: 12, bila_tidak_tercapai: perpanjang, diumumkan: %s hari}\n", ("2", "3"),
        ("within 2 days after the closing", "within 3 days after the closing"), SMALL, frozenset({"review", "status"}),
    ),
]  # fmt: skip


def built(folder: Path, change: Change, value: str) -> tuple[Campaign, str]:
    """Build the small shop with one thing changed, and give what is published with the page."""
    content = make_content(folder)
    path = content / "campaigns/nastar/index.md"
    edit(path, change.old, change.new % value)
    # English words: they are in the code, and a translation can't hide a number.
    edit(content / "shop.md", "bahasa: id", "bahasa: en")
    job = Job(content, folder / "site", CHECKOUT / "templates")
    build(job, content_makers.NOW)
    data = json.loads((job.output / "catalogue.json").read_text("utf-8"))
    return from_json(data).campaigns[0], (job.output / "nastar/index.html").read_text("utf-8")


def own_words(html: str) -> str:
    """Give a page without the contract that it also shows, for that says everything once more."""
    return re.sub(r'<(section|details)[^>]* id="terms".*?</\1>|<details class="fold" id="terms">.*?</details>', "", html, flags=re.DOTALL)  # fmt: skip


def sheet_of(world: World, location: str) -> str:
    order = world.order_at(location)
    with world.counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [order.ref])[order.ref]
    row = order_row(record, order, Wording("en", "WIB", gettext.NullTranslations()))
    told = [f"{name}={show_rupiah(cell) if name in {'price', 'subtotal'} else cell}" for line in row.lines for name, cell in line.items()]  # type: ignore[arg-type]  # fmt: skip
    return " ".join(told)


def read_everywhere(world: World, campaign: Campaign, static: str, order: Mapping[str, str]) -> dict[str, Any]:
    """Order, and give what each place says."""
    world.publish(campaign, language="en")
    blank = {"nastar__250g__qty": None, "delivery": "jne-reguler"}
    posted = {name: text for name, text in fields(**blank).items() if text} | order  # type: ignore[arg-type]
    said: dict[str, Any] = {
        "page": static.partition(' id="order"')[0],
        "contract": campaign.terms_html,
        "form": world.client.get("/pesan/nastar").text,
    }
    response = world.client.post("/pesan/nastar", data=posted)
    assert response.status_code == 200, Page(response.text).title
    said["review"] = response.text
    placed = world.send(Page(response.text))
    assert placed.status_code == 303
    location = placed.headers["Location"]
    said["status"] = world.client.get(location).text
    said["sheet"] = sheet_of(world, location)
    stored = world.order_at(location)
    said["snapshot"] = json.dumps(stored.snapshot["campaign"])
    said["price"] = stored.lines[0].price
    with world.counter.reader.begin() as connection:
        wording = Wording("en", "WIB", gettext.NullTranslations())
        (whole, *_) = summary_rows(connection, world.counter.catalogue.current(), wording, world.counter.clock())
    said["summary"] = " ".join(str(cell) for cell in whole.values.values())
    return said


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_the_file_says_is_said_everywhere(change: Change, world: World, tmp_path: Path) -> None:
    """Both builds say their own number at every place and never the other's; the order costs what they say."""
    world.counter.clock.now = content_makers.NOW
    said = []
    for number, value in enumerate(change.values):
        campaign, static = built(tmp_path / str(number), change, value)
        said.append(read_everywhere(world, campaign, static, change.order))
    for number, now in enumerate(said):
        own, other = change.shown[number], change.shown[1 - number]
        for place in {"page", *change.places}:
            # In a list of choices a sign may be written as a character reference.
            text = own_words(now[place]).replace("&#43;", "+")
            assert own in text, (place, own)
            assert other not in text, (place, other)
        if change.summary is not None:
            assert change.summary[number] in now["summary"]
        if change.prices is not None:
            assert now["price"] == change.prices[number]
    assert all(shown in each["contract"] for shown, each in zip(change.shown, said, strict=True))
    assert said[0]["snapshot"] != said[1]["snapshot"]
    assert said[0]["contract"] != said[1]["contract"]


def with_product(**changes: Any) -> Campaign:
    """Give the usual campaign with its cookies changed."""
    cookies, robe = make_products()
    campaign = make_campaign(products=(dataclasses.replace(cookies, **changes), robe))
    return with_terms(campaign, campaign.terms_html)


def test_an_early_price_that_ended_since_the_review_is_told(world: World) -> None:
    """The buyer at the old price: she sees the new one before anything is ordered, and then orders at it."""
    first, second = make_products()[0].variants
    early = EarlyBird(Rupiah(60_000), NOW + timedelta(minutes=10))
    world.publish(with_product(variants=(dataclasses.replace(first, early=early), second)))
    review = world.review()
    assert review.ids["total"].text == show_rupiah(2 * 60_000 + 18_000)
    world.counter.clock.move(minutes=10)
    response = world.send(review)
    assert (response.status_code, world.orders()) == (409, 0)
    again = Page(response.text)
    assert "changed" in again.ids
    assert again.ids["total"].text == show_rupiah(2 * 65_000 + 18_000)
    placed = world.send(again)
    assert placed.status_code == 303
    assert [line.price for line in world.order_at(placed.headers["Location"]).lines] == [65_000]


def test_an_early_price_that_holds_at_the_press_is_kept(world: World) -> None:
    """Pressed a second before its end: ordered at it."""
    first, second = make_products()[0].variants
    early = EarlyBird(Rupiah(60_000), NOW + timedelta(minutes=10))
    world.publish(with_product(variants=(dataclasses.replace(first, early=early), second)))
    review = world.review()
    world.counter.clock.move(minutes=9, seconds=59)
    placed = world.send(review)
    assert placed.status_code == 303
    assert [line.price for line in world.order_at(placed.headers["Location"]).lines] == [60_000]
    assert early_until(early, world.campaign.schedule.shown_window(NOW)) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(("qty", "code"), [("1", 422), ("2", 200), ("4", 200), ("5", 422)])
def test_a_line_beyond_its_limits_is_told_at_its_field(world: World, qty: str, code: int) -> None:
    """The second line is wrong, so the second field says so; everything is kept."""
    world.publish(with_product(per_line=LineLimits(2, 4)))
    posted = fields(nastar__500g__qty=qty)
    response = world.client.post("/pesan/nastar", data=posted)
    assert response.status_code == code
    page = Page(response.text)
    if code == 422:
        assert "e-nastar--500g--qty" in page.ids
        assert "e-nastar--250g--qty" not in page.ids
        assert_kept(page, posted)


def test_a_large_order_is_sent_to_the_offers(world: World) -> None:
    """422 with the way to an offer, and everything kept; one piece less is an order."""
    world.publish(make_campaign(quotation_from=30))
    posted = fields(nastar__250g__qty="30")
    response = world.client.post("/pesan/nastar", data=posted)
    assert response.status_code == 422
    page = Page(response.text)
    assert "ask-for-quotation" in page.ids
    assert page.form("/penawaran/nastar").fields["nastar--250g--qty"] == "30"
    assert_kept(page, posted)
    assert world.client.post("/pesan/nastar", data=fields(nastar__250g__qty="29")).status_code == 200


def test_the_status_page_of_an_older_order_still_opens(world: World) -> None:
    """A snapshot that was made before there were extras and bonuses says nothing of them."""
    placed = world.send(world.review())
    location = placed.headers["Location"]
    order = world.order_at(location)
    plain = json.loads(json.dumps(order.snapshot))
    del plain["campaign"]["bonus"]
    for product in plain["campaign"]["products"]:
        for name in ("early", "tiers", "per_line", "bonus", "label"):
            del product[name]
        for option in product["options"]:
            del option["extras"], option["text_extra"]
    old = dataclasses.replace(order, snapshot=plain)
    world.desk.order_by_token = lambda token: old  # type: ignore[attr-defined]
    response = world.client.get(location)
    assert response.status_code == 200
    assert "bonus" not in Page(response.text).ids


def test_a_cheaper_price_is_told_beside_the_usual_one(world: World) -> None:
    """On the review and on the order's own page."""
    world.publish(with_product(tiers=(Tier(2, Rupiah(50_000)),)))
    review = world.client.post("/pesan/nastar", data=fields())
    placed = world.send(Page(review.text))
    status = world.client.get(placed.headers["Location"]).text
    for text in (review.text, status):
        assert "Rp50.000" in text and "Rp65.000" in text
