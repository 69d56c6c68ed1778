"""Unique codes, the balance's deadline and payment links: from the file to catalogue, contract and page."""

from __future__ import annotations

import dataclasses
import json

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.terms import BalanceFrom, UniqueCode
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit

HOURS = "  tenggat: 24 jam\n"


def published(job: Job, line: str) -> Campaign:
    """Give the campaign as it is published with one more line under `pembayaran`."""
    edit(job.content / "shop.md", HOURS, HOURS + line)
    build(job, NOW)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


def refused(job: Job, line: str) -> list[tuple[str, int]]:
    """Give code and line of what is wrong with one more line under `pembayaran`."""
    edit(job.content / "shop.md", HOURS, HOURS + line)
    text = (job.content / "shop.md").read_text("utf-8").splitlines()
    with pytest.raises(ContentErrors) as refusal:
        build(job, NOW)
    assert all(text[problem.line - 1].strip() == line.strip() for problem in refusal.value.problems)
    return [(problem.code, problem.line) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("line", "mode"),
    [
        ("", UniqueCode.DEDUCT),
        ("  kode_unik: kurang\n", UniqueCode.DEDUCT),
        ("  kode_unik: Tambah\n", UniqueCode.ADD),
        ("  unique_code: add\n", UniqueCode.ADD),
        ("  kode_unik: tidak\n", UniqueCode.NONE),
        ("  kode_unik: tanpa\n", UniqueCode.NONE),
        ("  unique_code: no\n", UniqueCode.NONE),
    ],
)
def test_codes_are_read_in_both_languages(job: Job, line: str, mode: UniqueCode) -> None:
    """Taken off unless the shop says otherwise."""
    assert published(job, line).payment.unique_code is mode


@pytest.mark.parametrize(
    ("line", "days", "since"),
    [
        ("", None, BalanceFrom.READY),
        ("  pelunasan: sebelum kirim\n", None, BalanceFrom.READY),
        ("  pelunasan: sebelum dikirim\n", None, BalanceFrom.READY),
        ("  balance: before shipping\n", None, BalanceFrom.READY),
        ("  pelunasan: 3 hari setelah siap\n", 3, BalanceFrom.READY),
        ("  pelunasan: 3 hari sesudah jadi\n", 3, BalanceFrom.READY),
        ("  balance: 1 day after it is ready\n", 1, BalanceFrom.READY),
        ("  balance: 5 days after ready\n", 5, BalanceFrom.READY),
        ("  pelunasan: 4 hari setelah tutup\n", 4, BalanceFrom.CLOSING),
        ("  pelunasan: 4 hari setelah PO ditutup\n", 4, BalanceFrom.CLOSING),
        ("  balance: 7 days after closing\n", 7, BalanceFrom.CLOSING),
        ("  balance: 7 days after it closes\n", 7, BalanceFrom.CLOSING),
    ],
)
def test_the_balance_is_read_in_both_languages(job: Job, line: str, days: int | None, since: BalanceFrom) -> None:
    """As sellers write it; without it the rest is due before shipping, without a date."""
    payment = published(job, line).payment
    assert (payment.balance_days, payment.balance_from) == (days, since)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  kode_unik: 137\n", "not_choice"),
        ("  kode_unik: mungkin\n", "not_choice"),
        ("  pelunasan: besok\n", "not_balance"),
        ("  pelunasan: 3 hari\n", "not_balance"),
        ("  pelunasan: 0 hari setelah siap\n", "not_balance"),
        ("  pelunasan: 100 hari setelah siap\n", "not_balance"),
        ("  pelunasan: 3 hari setelah lebaran\n", "not_balance"),
    ],
)
def test_what_could_be_meant_otherwise_is_asked(job: Job, line: str, code: str) -> None:
    """With the line, and what to write instead."""
    assert [found for found, _ in refused(job, line)] == [code]


def test_a_balance_needs_a_deposit(job: Job) -> None:
    """Where all is due at once, nothing is left to pay later."""
    edit(job.content / "shop.md", "  skema: dp\n  dp: 50%\n", "  skema: penuh\n")
    text = (job.content / "shop.md").read_text("utf-8")
    assert "skema: penuh" in text
    assert "balance_without_deposit" in [code for code, _ in refused(job, "  pelunasan: 3 hari setelah siap\n")]


def test_page_and_contract_say_what_is_asked(job: Job) -> None:
    """Another word or number in the file, other sentences in both places; without it, none."""
    job = dataclasses.replace(job, templates=CHECKOUT / "templates")
    page = job.output / "nastar" / "index.html"

    def said(line: str) -> tuple[str, str]:
        before = (job.content / "shop.md").read_text("utf-8")
        campaign = published(job, line)
        (job.content / "shop.md").write_text(before, "utf-8")
        return campaign.terms_html, page.read_text("utf-8")

    for text in said("  kode_unik: kurang\n"):
        assert "Rp999 lebih kecil" in text
    for text in said("  kode_unik: tambah\n"):
        assert "Rp999 lebih besar" in text
    for text in said("  kode_unik: tidak\n"):
        assert "Rp999" not in text
    for text in said("  pelunasan: 3 hari setelah siap\n"):
        assert "3 hari setelah pesanan Kakak siap" in text
    for text in said("  pelunasan: 6 hari setelah tutup\n"):
        assert "6 hari setelah masa pemesanan" in text


def test_a_payment_link_is_published(job: Job) -> None:
    """Of an account whose provider has a page for paying; anything but https is refused with its line."""
    path, holder = job.content / "shop.md", "    atas_nama: Sari Contoh\n"
    edit(path, holder, holder + "    url: https://bayar.example/dapur\n")
    build(job, NOW)
    shop = from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).shop
    assert [account.url for account in shop.accounts if account.url] == ["https://bayar.example/dapur"]
    edit(path, "https://bayar.example/dapur", "http://bayar.example/dapur")
    with pytest.raises(ContentErrors) as refusal:
        build(job, NOW)
    assert [problem.code for problem in refusal.value.problems] == ["not_https"]
