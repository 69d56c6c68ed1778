"""Special prices, extras, limits of a line, shared pools, bonus, label, target and offers, as sellers write them."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime
from typing import Any

import pytest

from preorder.campaign import Campaign, Target
from preorder.catalogue import from_json
from preorder.pricing import early_until
from preorder.product import EarlyBird, Label, LineLimits, Tier
from preorder.schedule import ZONES
from storefront.builder import Job, build
from storefront.pages import next_change
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of, write

NASTAR = "campaigns/nastar/index.md"
WIB = ZONES["WIB"]

SMALL = "        harga: 65.000\n"
CAKE = "    harga: 70000\n"
RIBBON = "isi: [Merah, Hijau]"
WORDS = "        teks: 40\n"
CAPACITY = "kuota: 100\n"


def changed(job: Job, *changes: tuple[str, str]) -> Campaign:
    """Give the campaign as it is published after these changes of its file."""
    for old, new in changes:
        edit(job.content / NASTAR, old, new)
    build(job, NOW)
    data = json.loads((job.output / "catalogue.json").read_text("utf-8"))
    return from_json(data).campaigns[0]


def page_of(job: Job) -> str:
    return (job.output / "nastar" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "early"),
    [
        ("harga_awal: {harga: 60.000, hari_pertama: 3}", EarlyBird(60_000, None, 3)),  # type: ignore[arg-type]
        ("early_price: {price: 60rb, first_days: 1}", EarlyBird(60_000, None, 1)),  # type: ignore[arg-type]
        ("harga_awal: {harga: 60.000, sampai: 30 November 2026}", EarlyBird(60_000, datetime(2026, 12, 1, tzinfo=WIB))),  # type: ignore[arg-type]
        (
            "harga_awal: {harga: 60.000, sampai: 30 November 2026 12.00}",
            EarlyBird(60_000, datetime(2026, 11, 30, 12, tzinfo=WIB)),  # type: ignore[arg-type]
        ),
    ],
)
def test_an_early_price_is_read(job: Job, text: str, early: EarlyBird) -> None:
    """Until an instant, a date meaning its end; or for the first days of each round; on a variant and on a product."""
    campaign = changed(job, (SMALL, f"{SMALL}        {text}\n"), (CAKE, f"{CAKE}    {text}\n"))
    assert campaign.products[0].variants[0].early == early
    assert campaign.products[0].variants[1].early is None
    assert campaign.products[1].early == early


def test_prices_by_quantity_are_read(job: Job) -> None:
    """With or without their ends, on a variant and on a product."""
    tiers = (Tier(10, 60_000), Tier(20, 55_000))  # type: ignore[arg-type]
    campaign = changed(
        job,
        (SMALL, SMALL + "        harga_jumlah: [{mulai: 10, harga: 60.000}, {mulai: 20, harga: 55.000}]\n"),
        (CAKE, CAKE + "    quantity_prices: [{from: 10, until: 19, price: 60rb}, {from: 20, price: 55rb}]\n"),
    )
    assert campaign.products[0].variants[0].tiers == tiers
    assert campaign.products[1].tiers == tiers


def test_extras_limits_bonus_and_label_are_read(job: Job) -> None:
    """Each where it stands; what isn't stated is as before."""
    campaign = changed(
        job,
        (RIBBON, "isi: [Merah, {nama: Hijau, tambah: 5.000}]"),
        (WORDS, WORDS + "        tambah: 2.000\n"),
        (
            CAKE,
            CAKE + "    batas: {min: 2, maks: 9}\n    bonus: Kantong kain\n"
            "    label: {komposisi: terigu dan keju, isi_bersih: 250 g, baik_sebelum: 4 minggu, izin: P-IRT 123}\n",
        ),
        (CAPACITY, CAPACITY + "bonus: Kartu ucapan\n"),
    )
    nastar, cake = campaign.products
    ribbon, words = cake.options
    assert (ribbon.choices, dict(ribbon.extras), words.text_extra) == (("Merah", "Hijau"), {"Hijau": 5_000}, 2_000)
    assert (nastar.per_line, cake.per_line) == (LineLimits(), LineLimits(2, 9))
    assert (campaign.bonus, nastar.bonus, cake.bonus) == ("Kartu ucapan", "", "Kantong kain")
    assert cake.label == Label("terigu dan keju", "250 g", "4 minggu", "P-IRT 123")


def test_pools_are_shared_by_variants_and_products(job: Job) -> None:
    """A pool of its own name is drawn on beside the product's, the variant's and the campaign's."""
    campaign = changed(
        job,
        (CAPACITY, CAPACITY + "kuota_bersama: {adonan: 50, oven: 1.200}\n"),
        (SMALL, SMALL + "        ambil_dari: [adonan]\n"),
        (CAKE, CAKE + "    ambil_dari: [adonan, oven]\n"),
    )
    assert {pool: quota for pool, quota in campaign.pools.items() if pool.startswith(":")} == {
        ":adonan": 50,
        ":oven": 1_200,
    }
    assert campaign.products[0].variants[0].pools == ("nastar/toples-250-g", ":adonan", "*")
    assert campaign.products[0].variants[1].pools == ("*",)
    assert campaign.products[1].variants[0].pools == ("kastengel", ":adonan", ":oven", "*")


@pytest.mark.parametrize("units", ["37", "38"])
def test_the_page_says_what_shares_a_pool(job: Job, units: str) -> None:
    """How many there are together, and of what: a product by its name, or those of its variants that draw on it."""
    real = dataclasses.replace(job, templates=CHECKOUT / "templates")
    path = job.content / NASTAR
    edit(path, CAPACITY, f"{CAPACITY}kuota_bersama: {{adonan: {units}}}\n")
    edit(path, SMALL, SMALL + "        ambil_dari: [adonan]\n")
    edit(path, CAKE, CAKE + "    ambil_dari: [adonan]\n")
    build(real, NOW)
    (told,) = re.findall(r'<li class="quota shared">(.*?)</li>', page_of(real))
    assert units in told
    assert told.endswith("Nastar Toples 250 g, Kastengel")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("target: {unit: 80}", None),
        ("target: {unit: 80, tampilkan: tidak}", None),
        ("target: {unit: 80, tampilkan: ya}", Target(80)),
        ("target: {revenue: 5jt, show: yes}", Target(None, 5_000_000)),  # type: ignore[arg-type]
    ],
)
def test_only_a_shown_target_is_published(job: Job, text: str, target: Target | None) -> None:
    """What the seller aims at is her own affair unless she says otherwise: it is in no file of the site."""
    campaign = changed(job, (CAPACITY, f"{CAPACITY}{text}\npenawaran: {{mulai: 50}}\n"))
    assert (campaign.target, campaign.quotation_from) == (target, 50)


def at_small(text: str, code: str, at: str = "") -> Any:
    return pytest.param(SMALL, f"{SMALL}        {text}\n", code, at or text[:10], id=f"{code}: {text}")


def at_cake(text: str, code: str, at: str = "") -> Any:
    return pytest.param(CAKE, f"{CAKE}    {text}\n", code, at or text[:10], id=f"{code}: {text}")


def at_top(text: str, code: str, at: str = "") -> Any:
    return pytest.param(CAPACITY, f"{CAPACITY}{text}\n", code, at or text[:10], id=f"{code}: {text}")


PRODUCT_WIDE = "  - nama: Nastar\n"


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        at_small("harga_awal: {harga: 60.000}", "early_end"),
        at_small("harga_awal: {harga: 60.000, hari_pertama: 3, sampai: 2026-12-01}", "early_end"),
        at_small("harga_awal: {hari_pertama: 3}", "missing_example"),
        at_small("harga_awal: 60.000", "not_keys"),
        at_small("harga_awal: {harga: 60.000, hari_pertama: 0}", "not_count"),
        at_small("harga_awal: {harga: 60.000, hari_pertama: tiga}", "not_count"),
        at_small("harga_awal: {harga: 60.000, sampai: besok}", "not_date"),
        at_small("harga_awal: {harga: 60.000, sampai: 2026-11-20}", "early_before_opening"),
        at_small("harga_awal: {harga: 65.000, hari_pertama: 3}", "early_not_lower"),
        at_small("harga_awal: {harga: 6, hari_pertama: 3}", "amount_too_small"),
        at_cake("harga_awal: {harga: 75.000, hari_pertama: 3}", "early_not_lower"),
        at_small("harga_jumlah: []", "empty_list"),
        at_small("harga_jumlah: {mulai: 10, harga: 60.000}", "not_list_of_keys"),
        at_small("harga_jumlah: [{harga: 60.000}]", "missing_example"),
        at_small("harga_jumlah: [{mulai: 10}]", "missing_example"),
        at_small("harga_jumlah: [{mulai: 1, harga: 60.000}]", "not_count"),
        at_small("harga_jumlah: [{mulai: 10, harga: 60,000}]", "not_rupiah"),
        at_small("harga_jumlah: [{mulai: 20, harga: 60.000}, {mulai: 10, harga: 55.000}]", "tiers_out_of_order"),
        at_small("harga_jumlah: [{mulai: 10, harga: 60.000}, {mulai: 10, harga: 55.000}]", "tiers_out_of_order"),
        at_small("harga_jumlah: [{mulai: 10, sampai: 19, harga: 60.000}, {mulai: 25, harga: 55.000}]", "tier_gap"),
        at_small("harga_jumlah: [{mulai: 10, sampai: 30, harga: 60.000}, {mulai: 20, harga: 55.000}]", "tier_overlap"),
        at_small("harga_jumlah: [{mulai: 10, sampai: 30, harga: 60.000}]", "tier_ends"),
        pytest.param(
            PRODUCT_WIDE, f"{PRODUCT_WIDE}    harga_jumlah: [{{mulai: 10, harga: 50.000}}]\n", "special_above_variants", "harga_jumlah",
            id="special_above_variants: tiers",
        ),
        pytest.param(
            PRODUCT_WIDE, f"{PRODUCT_WIDE}    harga_awal: {{hari_pertama: 3, harga: 50.000}}\n", "special_above_variants", "harga_awal",
            id="special_above_variants: early",
        ),
        pytest.param(RIBBON, "isi: [Merah, {tambah: 5.000}]", "missing_example", "isi:", id="choice without a name"),
        pytest.param(RIBBON, "isi: [Merah, {nama: Merah, tambah: 5.000}]", "repeated_item", "isi:", id="choice twice"),
        pytest.param(RIBBON, "isi: [{nama: Merah, tambah: 0}]", "amount_too_small", "isi:", id="extra of nothing"),
        pytest.param(RIBBON, "isi: [{nama: Merah, tambah: 5.00}]", "not_rupiah", "isi:", id="extra in cents"),
        pytest.param(RIBBON, "isi: [{nama: Merah, harga: 5.000}]", "unknown_key", "isi:", id="price of a choice"),
        pytest.param(RIBBON, "isi: [[a], {nama: Merah}]", "empty_item", "isi:", id="list in a list"),
        pytest.param(RIBBON, "isi: [{nama: " + "a" * 61 + "}]", "text_too_long", "isi:", id="long choice"),
        pytest.param(RIBBON, f"{RIBBON}\n        tambah: 5.000", "extra_of_choice", "tambah", id="extra beside choices"),
        at_cake("batas: {min: 5, maks: 2}", "limit_below_minimum"),
        at_cake("batas: {min: 0}", "not_count"),
        at_cake("batas: {maks: banyak}", "not_count"),
        at_cake("batas: {min_per_pesanan: 2}", "unknown_key"),
        at_cake("batas: {min: 21}", "line_above_order"),
        at_cake("label: {}", "empty_value"),
        at_cake("label: keju", "not_keys"),
        at_cake("label: {gula: 5 g}", "unknown_key"),
        at_cake("bonus: [a]", "not_text"),
        at_cake("ambil_dari: [adonan]", "unknown_pool"),
        at_cake("ambil_dari: adonan", "not_list"),
        pytest.param(
            f"{CAPACITY}batas:", f"{CAPACITY}kuota_bersama: {{adonan: 5}}\nbatas:", "", "", id="a pool that nobody draws on",
        ),
        at_top("kuota_bersama: 50", "not_pools"),
        at_top("kuota_bersama: {}", "not_pools"),
        at_top("kuota_bersama: {adonan: banyak}", "not_count"),
        at_top("kuota_bersama: {adonan: -1}", "not_count"),
        at_top("kuota_bersama: {Adonan Besar: 5}", "not_slug_suggested"),
        at_top("target: {unit: 80, omzet: 5jt}", "target_one_of"),
        at_top("target: {tampilkan: ya}", "target_one_of"),
        at_top("target: 80", "not_keys"),
        at_top("target: {unit: 0}", "not_count"),
        at_top("penawaran: {mulai: 1}", "not_count"),
        at_top("penawaran: {}", "missing_example"),
        at_top("penawaran: 50", "not_keys"),
    ],
)  # fmt: skip
def test_a_slip_is_told_at_its_line(job: Job, old: str, new: str, code: str, at: str) -> None:
    """Each with its code, in its line; where there is nothing wrong, nothing is told."""
    path = job.content / NASTAR
    edit(path, old, new)
    if not code:
        build(job, NOW)
        return
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    found = [(problem.code, problem.line) for problem in raised.value.problems]
    assert (code, line_of(path, at)) in found, found


def test_a_mistyped_pool_is_suggested(job: Job) -> None:
    """The seller reads which pool she means."""
    path = job.content / NASTAR
    edit(path, CAPACITY, f"{CAPACITY}kuota_bersama: {{adonan: 5}}\n")
    edit(path, CAKE, f"{CAKE}    ambil_dari: [adonann]\n")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    problem = raised.value.problems[0]
    assert (problem.code, problem.fields["suggestion"]) == ("unknown_pool_suggested", "adonan")


def test_an_offer_below_the_smallest_order_is_told(job: Job) -> None:
    """Else nothing at all could be ordered."""
    path = job.content / NASTAR
    edit(path, "min_per_pesanan: 1", "min_per_pesanan: 12")
    edit(path, CAPACITY, f"{CAPACITY}penawaran: {{mulai: 12}}\n")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.code for problem in raised.value.problems] == ["quotation_below_minimum"]


CANARY = "KENARI-9f31c7"
NOTES = {
    "a text": f"catatan_internal: Pemasok {CANARY}\n",
    "keys": f"catatan_internal: {{pemasok: {CANARY}, rencana_cadangan: oven {CANARY}, biaya: 41.000 {CANARY}}}\n",
    "keys in keys": f"internal_notes:\n  suppliers:\n    - name: {CANARY}\n      price: 5.000\n  plan: {CANARY}\n",
}


@pytest.mark.parametrize("form", NOTES)
def test_private_notes_are_in_no_file_of_the_site(job: Job, form: str) -> None:
    """Of the shop, a campaign, a product and a variant, in whatever form; with the real templates."""
    real = dataclasses.replace(job, templates=CHECKOUT / "templates")
    note = NOTES[form]

    def indented(blanks: str) -> str:
        return "".join(f"{blanks}{line}\n" for line in note.splitlines())

    edit(job.content / "shop.md", "sejak: 2019\n", "sejak: 2019\n" + note)
    path = job.content / NASTAR
    edit(path, "catatan_internal: Margin rahasia 41 persen\n", f"target: {{unit: 77777}}\n{note}")
    edit(path, CAKE, CAKE + indented("    "))
    edit(path, SMALL, SMALL + indented("        "))
    build(real, NOW)
    files = [found for found in real.output.rglob("*") if found.is_file()]
    assert len(files) > 5
    for found in files:
        data = found.read_bytes()
        assert CANARY.encode() not in data, found
        assert b"77777" not in data or found.suffix in {".jpg", ".png"}, found
    assert "terms_html" in (real.output / "catalogue.json").read_text("utf-8")


def test_the_canary_would_be_seen(job: Job) -> None:
    """The same word in a bonus is on the page, in the contract and in the catalogue."""
    real = dataclasses.replace(job, templates=CHECKOUT / "templates")
    edit(job.content / NASTAR, CAPACITY, f"{CAPACITY}bonus: {CANARY}\n")
    build(real, NOW)
    holders = {
        found.relative_to(real.output).as_posix()
        for found in real.output.rglob("*")
        if found.is_file() and CANARY.encode() in found.read_bytes()
    }
    assert holders >= {"nastar/index.html", "catalogue.json"}


def test_a_page_is_built_anew_when_an_early_price_ends(job: Job) -> None:
    """The build says until when its pages hold; afterwards the page no longer speaks of that price."""
    real = dataclasses.replace(job, templates=CHECKOUT / "templates")
    edit(job.content / NASTAR, SMALL, f"{SMALL}        harga_awal: {{harga: 61.234, hari_pertama: 4}}\n")
    build(real, NOW)
    data = json.loads((real.output / "catalogue.json").read_text("utf-8"))
    catalogue = from_json(data)
    campaign = catalogue.campaigns[0]
    early = campaign.products[0].variants[0].early
    assert early is not None
    end = early_until(early, campaign.schedule.shown_window(NOW))
    assert next_change(catalogue, NOW) == end == datetime(2026, 11, 29, tzinfo=WIB)
    # In the price table, the form and the contract, and as the price "from".
    assert page_of(real).count("61.234") == 5
    home = real.output / "index.html"
    assert "61.234" in home.read_text("utf-8")
    build(real, end)
    # In the contract alone, which speaks of every round.
    assert page_of(real).count("61.234") == 1
    assert "61.234" not in home.read_text("utf-8")


def test_bad_words_within_a_label_are_judged(job: Job) -> None:
    """What stands on a label is read by buyers: the linter looks at it as at any other text."""
    write(job.content / "terms.md", "## Keluhan\n\nKeluhan kami jawab paling lambat satu hari kerja.\n")
    warned = build(job, NOW).warnings
    assert "legality_missing" in {problem.code for problem in warned}
    edit(job.content / NASTAR, CAKE, f"{CAKE}    label: {{izin: P-IRT 1234567890123-29}}\n")
    assert "legality_missing" not in {problem.code for problem in build(job, NOW).warnings}
