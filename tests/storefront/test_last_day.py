"""The end of all paying: from the file to the contract and the page, in words that follow the number."""

from __future__ import annotations

import dataclasses
import json

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit

HOURS = "  tenggat: 24 jam\n"


def published(job: Job, line: str) -> Campaign:
    """Give the campaign as it is published with one more line under `pembayaran`."""
    edit(job.content / "shop.md", HOURS, HOURS + line)
    build(job, NOW)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("", None),
        ("  batas_akhir: tutup\n", 0),
        ("  batas_akhir: saat tutup\n", 0),
        ("  pay_until: closing\n", 0),
        ("  batas_akhir: 2 hari setelah tutup\n", 2),
        ("  batas_akhir: 1 hari sesudah PO ditutup\n", 1),
        ("  pay_until: 1 day after closing\n", 1),
        ("  pay_until: 3 days after it closes\n", 3),
    ],
)
def test_it_is_read_in_both_languages(job: Job, line: str, days: int | None) -> None:
    """As sellers write it."""
    assert published(job, line).payment.last_days == days


@pytest.mark.parametrize("text", ["besok", "2 hari", "-1 hari setelah tutup", "2026-12-10", "100 hari setelah tutup"])
def test_what_could_be_meant_otherwise_is_asked(job: Job, text: str) -> None:
    """Nothing is guessed about the day that somebody's order lapses on."""
    with pytest.raises(ContentErrors) as refusal:
        published(job, f"  batas_akhir: {text}\n")
    assert [problem.code for problem in refusal.value.problems] == ["not_pay_until"]


def test_page_and_contract_say_the_number(job: Job) -> None:
    """Another number, other words, in both places; without one, nothing."""
    job = dataclasses.replace(job, templates=CHECKOUT / "templates")
    page = job.output / "nastar" / "index.html"
    said = {}
    for number in (3, 4):
        campaign = published(job, f"  batas_akhir: {number} hari setelah tutup\n")
        said[number] = (campaign.terms_html, page.read_text("utf-8"))
        assert all(f" {number} hari setelah" in text for text in said[number])
        edit(job.content / "shop.md", f"  batas_akhir: {number} hari setelah tutup\n", "")
    plain = published(job, "").terms_html
    assert plain != said[3][0] != said[4][0]
    assert len(plain) < len(said[3][0])
