"""
What the seller's file says, at every place that says it: change a number in it, and page, contract, form, review, status
page, snapshot and sheet say the new one.
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from intake.ledger import outbox
from intake.order_rows import Wording, order_row
from intake.summary import summary_rows
from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.wording import show_rupiah
from storefront.builder import Job, build
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.storefront import content_makers
from tests.storefront.content_makers import CHECKOUT, edit, make_content


@dataclass(frozen=True)
class Change:
    """
    One number or text of the seller's file.

    Attributes:
        file: the seller's, below her content.
        old, new: what is put into it; new holds %s.
        values: as typed, of two builds.
        shown: what everybody reads of it then.
        order: fields of an order that it concerns.
        places: where it is read like that, beside the static page and the contract.
        unsaid: what does not speak of it, for it is not part of the agreement or not told before the form.
        elsewhere: place -> what is read there instead, for what is a share of something, or named otherwise.
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
    elsewhere: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    prices: tuple[int, int] | None = None
    summary: tuple[str, str] | None = None
    unsaid: frozenset[str] = frozenset()
    file: str = "campaigns/nastar/index.md"


SMALL = {"nastar--toples-250-g--qty": "1"}
THREE = {"nastar--toples-250-g--qty": "3"}
CAKE = {"kastengel--1--qty": "2", "kastengel--1--option-pita": "Hijau", "kastengel--1--option-ucapan": "Selamat"}
EVERYWHERE = frozenset({"form", "review", "status", "sheet"})
LIVE = frozenset({"review", "status"})
AMOUNTS = frozenset({"price", "subtotal", "total", "due", "shipping"})

CHANGES = [
    Change(
        "the usual price", "harga: 65.000", "harga: %s", ("61.000", "62.000"), ("Rp61.000", "Rp62.000"), SMALL, EVERYWHERE,
        prices=(61_000, 62_000),
    ),
    Change(
        "an early price", "        harga: 65.000\n", "        harga: 65.000\n        harga_awal: {harga: %s, hari_pertama: 9}\n",
        ("61.000", "62.000"), ("Rp61.000", "Rp62.000"), SMALL, EVERYWHERE, prices=(61_000, 62_000),
    ),
    Change(
        "the end of an early price", "        harga: 65.000\n", "        harga: 65.000\n        harga_awal: {harga: 60.000, sampai: %s}\n",
        ("2026-11-29", "2026-11-30"), ("29 November 2026 23:59 WIB", "30 November 2026 23:59 WIB"), SMALL, frozenset({"form"}),
    ),
    Change(
        "a price by quantity", "        harga: 65.000\n", "        harga: 65.000\n        harga_jumlah: [{mulai: 3, harga: %s}]\n",
        ("51.000", "52.000"), ("Rp51.000", "Rp52.000"), THREE, EVERYWHERE, prices=(51_000, 52_000),
    ),
    Change(
        "the quantity of a price", "        harga: 65.000\n", "        harga: 65.000\n        harga_jumlah: [{mulai: %s, harga: 50.000}]\n",
        ("3", "4"), ("3 pieces", "4 pieces"), THREE, frozenset({"form"}), prices=(50_000, 65_000),
    ),
    Change(
        "a choice that costs more", "isi: [Merah, Hijau]", "isi: [Merah, {nama: Hijau, tambah: %s}]", ("5.000", "6.000"),
        ("+Rp5.000", "+Rp6.000"), CAKE, EVERYWHERE, prices=(75_000, 76_000),
    ),
    Change(
        "a text that costs", "        teks: 40\n", "        teks: 40\n        tambah: %s\n", ("5.000", "6.000"), ("+Rp5.000", "+Rp6.000"),
        CAKE, EVERYWHERE, prices=(75_000, 76_000),
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
    Change(
        "the deposit", "dp: 50%", "dp: %s", ("50%", "40%"), ("50%", "40%"), SMALL, LIVE,
        {"review": ("Rp33.000", "Rp26.000"), "status": ("Rp33.000", "Rp26.000"), "sheet": ("due=Rp32.999", "due=Rp25.999"), "contract": ("(DP) of 50%", "(DP) of 40%")}, file="shop.md",
    ),
    Change(
        "all at once", "skema: dp\n  dp: 50%", "skema: %s", ("penuh", "dp\n  dp: 30%"), ("in full", "30%"), SMALL, frozenset(),
        {"contract": ("You pay the whole order", "(DP) of 30%"), "sheet": ("due=Rp82.999", "due=Rp19.999")}, file="shop.md",
    ),
    Change(
        "the time to pay", "tenggat: 24 jam", "tenggat: %s", ("24 jam", "36 jam"), ("24 hours", "36 hours"), SMALL, frozenset(),
        {"review": ("28 November 2026 10:00 WIB", "28 November 2026 22:00 WIB"), "status": ("28 November 2026 10:00 WIB", "28 November 2026 22:00 WIB")},
        file="shop.md",
    ),
    Change(
        "when the rest is due", "tenggat: 24 jam", "tenggat: 24 jam\n  pelunasan: %s hari setelah tutup", ("6", "7"),
        ("16 December 2026", "17 December 2026"), SMALL, LIVE, {"contract": ("within 6 days after", "within 7 days after")}, file="shop.md",
    ),
    Change("the fee of a courier", "ongkir: 18.000", "ongkir: %s", ("18.000", "19.000"), ("Rp18.000", "Rp19.000"), SMALL, EVERYWHERE, file="shop.md"),
    Change(
        "what comes on top of a fee", "ongkir: 18.000", "ongkir: 18.000\n    tambahan: {nama: Kilat, biaya: %s}", ("5.000", "6.000"),
        ("Rp5.000", "Rp6.000"), SMALL, frozenset({"form"}), {"review": ("Rp23.000", "Rp24.000"), "status": ("Rp23.000", "Rp24.000"), "sheet": ("shipping=Rp23.000", "shipping=Rp24.000")},
        file="shop.md",
    ),
    Change(
        "the closing", "tutup: 2026-12-10", "tutup: %s", ("2026-12-10", "2026-12-13"), ("10 December 2026 23:59 WIB", "13 December 2026 23:59 WIB"),
        SMALL, frozenset({"status"}), unsaid=frozenset({"contract"}),
    ),
    Change(
        "when it is sent", "kirim: 7-10 hari setelah tutup", "kirim: %s hari setelah tutup", ("7-10", "8-12"),
        ("17–20 December 2026", "18–22 December 2026"), SMALL, frozenset({"form", "review"}),
        {"status": ('datetime="2026-12-20"', 'datetime="2026-12-22"'), "contract": ("7 to 10 days", "8 to 12 days")},
    ),
    Change(
        "what is paid back", "refund: 50% dari dp", "refund: %s dari dp", ("50%", "60%"), ("Rp32.500", "Rp39.000"), SMALL,
        frozenset(), {"contract": ("50% of the deposit", "60% of the deposit")}, file="shop.md",
    ),
    Change(
        "how soon it is paid back", "tenggat_hari: 3", "tenggat_hari: %s", ("3", "5"), ("within 3 days", "within 5 days"), SMALL, frozenset(),
        file="shop.md",
    ),
    Change(
        "the most of an order", "maks_per_pesanan: 20", "maks_per_pesanan: %s", ("20", "21"), ("20 pieces", "21 pieces"), SMALL,
        frozenset({"form"}), unsaid=frozenset({"page", "contract"}),
    ),
    Change("the quota", "kuota: 100\n", "kuota: %s\n", ("100", "110"), ("100 pieces", "110 pieces"), SMALL, frozenset(), unsaid=frozenset({"contract", "snapshot"})),
]  # fmt: skip


def built(folder: Path, change: Change, value: str) -> tuple[Campaign, str]:
    """Build the small shop with one thing changed, and give what is published with the page."""
    content = make_content(folder)
    edit(content / change.file, change.old, change.new.replace("%s", value))
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
    told = [f"{name}={show_rupiah(cell) if name in AMOUNTS and cell else cell}" for line in (row.values, *row.lines) for name, cell in line.items()]  # type: ignore[arg-type]  # fmt: skip
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
        for place in sorted({"page", "contract", *change.places, *change.elsewhere} - change.unsaid):
            own, other = (change.elsewhere.get(place, change.shown)[each] for each in (number, 1 - number))
            # In a list of choices a sign may be written as a character reference.
            text = own_words(now[place]).replace("&#43;", "+")
            assert own in text, (place, own)
            assert other not in text, (place, other)
        if change.summary is not None:
            assert change.summary[number] in now["summary"]
        if change.prices is not None:
            assert now["price"] == change.prices[number]
    for kept in ("contract", "snapshot"):
        assert (said[0][kept] != said[1][kept]) == (kept not in change.unsaid)
