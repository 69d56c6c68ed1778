"""Regions, fees by region, couriers, surcharges and pickup times, as sellers write them."""

from __future__ import annotations

import gettext
import json

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.money import Rupiah
from preorder.terms import Surcharge, ZoneFee
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from storefront.report import describe
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of

SHOP = "shop.md"
NASTAR = "campaigns/nastar/index.md"
FEE = "    ongkir: 18.000\n"
BEFORE = "pengiriman:\n"
REGIONS = "wilayah:\n  Jawa: [DKI Jakarta, jawa barat]\n  Bali: [Bali]\n"
BY_REGION = "    ongkir: {Jawa: 18.000, Bali: gratis, lainnya: nanti}\n"
PICKUP = "    jenis: ambil\n"


def changed(job: Job, *changes: tuple[str, str]) -> Campaign:
    """Give the campaign as it is published after these changes of the shop's file."""
    for old, new in changes:
        edit(job.content / SHOP, old, new)
    build(job, NOW)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


@pytest.mark.parametrize(
    ("regions", "fees"),
    [
        (REGIONS, BY_REGION),
        (REGIONS.replace("wilayah", "regions"), "    fee: {Jawa: 18rb, bali: free, elsewhere: later}\n"),
    ],
)
def test_fees_by_region_are_read(job: Job, regions: str, fees: str) -> None:
    """In both languages, in any case; a province is kept as the form writes it."""
    delivery = changed(job, (BEFORE, regions + BEFORE), (FEE, fees)).deliveries[0]
    java = ZoneFee("Jawa", ("DKI Jakarta", "Jawa Barat"), Rupiah(18_000))
    assert delivery.zones == (java, ZoneFee("Bali", ("Bali",), Rupiah(0)))
    assert (delivery.fee, delivery.everywhere) == (None, True)


def test_without_elsewhere_other_provinces_are_not_served(job: Job) -> None:
    """Nothing is promised for a province that no zone holds."""
    fees = "    ongkir: {Jawa: 18.000}\n"
    delivery = changed(job, (BEFORE, REGIONS + BEFORE), (FEE, fees)).deliveries[0]
    assert (delivery.everywhere, delivery.shipping_to("Aceh")) == (False, None)


def test_courier_service_surcharge_and_times_are_read(job: Job) -> None:
    """Each where it belongs."""
    more = "    kurir: JNE\n    layanan: REG\n    tambahan: {nama: Hari ini, biaya: 15.000}\n"
    courier, pickup = changed(job, (FEE, FEE + more), (PICKUP, PICKUP + "    jam: Sabtu 09.00-15.00\n")).deliveries
    assert (courier.courier, courier.service) == ("JNE", "REG")
    assert courier.surcharge == Surcharge("Hari ini", Rupiah(15_000))
    assert pickup.times == "Sabtu 09.00-15.00"


def test_a_campaign_uses_the_regions_of_the_shop(job: Job) -> None:
    """Its own deliveries may name them."""
    edit(
        job.content / NASTAR, "\n---\n", "\npengiriman:\n  - {nama: Kilat, jenis: kurir, ongkir: {Bali: 40.000}}\n---\n"
    )
    campaign = changed(job, (BEFORE, REGIONS + BEFORE))
    assert [delivery.zones for delivery in campaign.deliveries] == [(ZoneFee("Bali", ("Bali",), Rupiah(40_000)),)]


def test_page_form_and_contract_show_the_fees(job: Job) -> None:
    """Every fee is in the table, in the form and in the contract."""
    job = Job(job.content, job.output, CHECKOUT / "templates")
    campaign = changed(
        job, (BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: {Jawa: 17.100, Bali: 31.200, lainnya: 52.300}\n")
    )
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert 'id="fees-jne-reguler"' in page
    for fee in ("Rp17.100", "Rp31.200", "Rp52.300"):
        assert fee in page.partition('id="fees-jne-reguler"')[2].partition("</table>")[0]
        assert fee in page.partition('id="order-form"')[2]
        assert fee in campaign.terms_html


def told(*changes: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return changes


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        (told((BEFORE, "wilayah: Jawa\n" + BEFORE)), "not_regions", "wilayah: Jawa"),
        (told((BEFORE, "wilayah: {Jawa: Bali}\n" + BEFORE)), "not_regions", "wilayah: {Jawa"),
        (told((BEFORE, "wilayah: {Jawa: [Jawa Bart]}\n" + BEFORE)), "unknown_province_suggested", "wilayah:"),
        (told((BEFORE, "wilayah: {Jawa: [Xyzzy]}\n" + BEFORE)), "unknown_province", "wilayah:"),
        (told((BEFORE, "wilayah: {A: [Bali], B: [Bali]}\n" + BEFORE)), "province_twice", "wilayah:"),
        (told((BEFORE, "wilayah: {lainnya: [Bali]}\n" + BEFORE)), "region_named_elsewhere", "wilayah:"),
        (told((BEFORE, "wilayah: {Bali: [Bali], bali: [Aceh]}\n" + BEFORE)), "region_twice", "wilayah:"),
        (told((FEE, BY_REGION)), "no_regions", "ongkir:"),
        (told((BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: [1, 2]\n")), "not_fees", "ongkir:"),
        (
            told((BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: {Jawaa: 9.000}\n")),
            "unknown_region_suggested",
            "ongkir:",
        ),
        (told((BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: {Mars: 9.000}\n")), "unknown_region", "ongkir:"),
        (
            told((BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: {Bali: 9.000, bali: 1.000}\n")),
            "region_twice",
            "ongkir:",
        ),
        (told((BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: {lainnya: 9.000}\n")), "fees_without_region", "ongkir:"),
        (told((BEFORE, REGIONS + BEFORE), (FEE, "    ongkir: {Jawa: mahal}\n")), "not_rupiah", "ongkir:"),
        (
            told((BEFORE, REGIONS + BEFORE), (PICKUP, PICKUP + "    ongkir: {Jawa: 1.000}\n")),
            "only_for_courier",
            "ongkir: {Jawa",
        ),
        (told((PICKUP, PICKUP + "    kurir: JNE\n")), "only_for_courier", "kurir: JNE"),
        (told((FEE, FEE + "    jam: Sabtu\n")), "only_for_pickup", "jam: Sabtu"),
        (told((FEE, FEE + "    tambahan: {nama: Kilat, biaya: 0}\n")), "amount_too_small", "tambahan:"),
        (told((FEE, FEE + "    tambahan: {nama: Kilat}\n")), "missing_example", "tambahan:"),
    ],
)
def test_wrong_delivery_content_is_told_with_its_line(
    job: Job, changes: tuple[tuple[str, str], ...], code: str, at: str
) -> None:
    """One problem, at its line, in a sentence of its own."""
    for old, new in changes:
        edit(job.content / SHOP, old, new)
    with pytest.raises(ContentErrors) as wrong:
        build(job, NOW)
    [problem] = [each for each in wrong.value.problems if each.file.endswith(SHOP)]
    assert (problem.code, problem.line) == (code, line_of(job.content / SHOP, at))
    sentence = describe(problem, gettext.NullTranslations(), "id")
    assert "contradict" not in sentence
    assert "%(" not in sentence


@pytest.mark.parametrize(("text", "months"), [("12 bulan", 12), ("1 year", 12), ("2 tahun", 24), ("120 months", 120)])
def test_the_privacy_page_says_how_long(job: Job, text: str, months: int) -> None:
    """Read in months, and shown on the page of the real templates."""
    job = Job(job.content, job.output, CHECKOUT / "templates")
    changed(job, (BEFORE, f"privasi: {{simpan: {text}}}\n{BEFORE}"))
    page = (job.output / "privasi" / "index.html").read_text("utf-8")
    assert str(months) in page.partition('id="privacy-keep"')[2].partition("</p>")[0]
    assert "Sari Contoh" not in page


@pytest.mark.parametrize("text", ["selamanya", "0 bulan", "11 tahun", "12"])
def test_a_wrong_time_to_keep_is_told(job: Job, text: str) -> None:
    """At its line."""
    edit(job.content / SHOP, BEFORE, f"privasi: {{simpan: {text}}}\n{BEFORE}")
    with pytest.raises(ContentErrors) as wrong:
        build(job, NOW)
    [problem] = [each for each in wrong.value.problems if each.file.endswith(SHOP)]
    assert (problem.code, problem.line) == ("not_months", line_of(job.content / SHOP, "privasi:"))


def test_terms_and_privacy_are_linked_and_show_the_contract(job: Job) -> None:
    """Every page leads to both; the page of terms holds each contract under its version."""
    job = Job(job.content, job.output, CHECKOUT / "templates")
    campaign = changed(job)
    terms = (job.output / "ketentuan" / "index.html").read_text("utf-8")
    assert campaign.terms_html in terms
    assert campaign.terms_hash[:12] in terms
    for page in ("index.html", "nastar/index.html", "privasi/index.html"):
        html = (job.output / page).read_text("utf-8")
        assert 'href="/ketentuan/"' in html
        assert 'href="/privasi/"' in html
