"""Pre-order or ready stock: page, badge, form, contract and list say which of both it is."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.schedule import ZONES, Days, Method
from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, edit

WIB = ZONES["WIB"]
NOW = datetime(2026, 11, 27, 10, tzinfo=WIB)
NASTAR, SHOP = "campaigns/nastar/index.md", "shop.md"


@pytest.fixture
def shown(job: Job) -> Job:
    """Give a job with the real templates, for a shop that is paid in full and refunds until it sends."""
    edit(job.content / SHOP, "skema: dp\n  dp: 50%", "skema: penuh")
    edit(job.content / SHOP, "sampai: mulai_produksi, refund: 50% dari dp", "sampai: kirim, refund: 50%")
    return dataclasses.replace(job, templates=CHECKOUT / "templates")


def published(job: Job, *, ready: str = "jenis: siap_kirim", ships: str = "1-2 hari") -> Campaign:
    """Give the campaign as it is published, of ready stock."""
    edit(job.content / NASTAR, "jadwal:\n", f"{ready}\njadwal:\n")
    edit(job.content / NASTAR, "kirim: 7-10 hari setelah tutup", f"kirim: {ships}")
    build(job, NOW)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


def page_of(job: Job, name: str = "nastar/index.html") -> str:
    return (job.output / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("ready", "ships", "method", "days"),
    [
        ("jenis: siap_kirim", "1-2 hari", Method.READY, Days(1, 2)),
        ("jenis: siap kirim", "1-2 hari setelah bayar", Method.READY, Days(1, 2)),
        ("method: ready", "2 days after payment", Method.READY, Days(2, 2)),
        ("jenis: siap_kirim", "0-1 hari sesudah lunas", Method.READY, Days(0, 1)),
        ("jenis: po", "7-10 hari", Method.PREORDER, Days(7, 10)),
        ("method: preorder", "7 days after closing", Method.PREORDER, Days(7, 7)),
    ],
)
def test_it_is_read_in_both_languages(shown: Job, ready: str, ships: str, method: Method, days: Days) -> None:
    """As sellers write it."""
    campaign = published(shown, ready=ready, ships=ships)
    assert (campaign.method, campaign.schedule.ships_after) == (method, days)


def test_a_campaign_is_a_pre_order_unless_she_says_otherwise(shown: Job) -> None:
    """And says so, on every part of its page."""
    build(shown, NOW)
    page = page_of(shown)
    for name in ("method", "form-method"):
        assert f'id="{name}" data-method="preorder"' in page
    assert 'data-event="production"' in page
    assert "pre-order" in page


def test_every_part_of_the_page_says_which_it_is(shown: Job) -> None:
    """
    Nothing of ready stock's page speaks of a pre-order, or promises a day for all; what a pre-order says and ready stock
    says differ in badge, hero, form, list, contract and home.
    """
    build(shown, NOW)
    before = {name: page_of(shown, name) for name in ("nastar/index.html", "index.html")}
    campaign = published(shown)
    after = {name: page_of(shown, name) for name in before}

    def parts(name: str, pages: dict[str, str]) -> dict[str, str]:
        page = pages[name]
        patterns = {
            "badge": r'<span class="badge badge-open".*?</span>',
            "hero": r'<p class="method" id="method".*?</p>',
            "sent": r'<div id="sent-when">.*?</div>',
            "form": r'<p class="note" id="form-method".*?</p>',
            "list": r'<ol class="timeline" id="timeline">.*?</ol>',
            "how": r'<ol class="how">.*?</ol>',
        }
        return {part: found[0] for part, pattern in patterns.items() if (found := re.search(pattern, page, re.DOTALL))}

    pre, ready = parts("nastar/index.html", before), parts("nastar/index.html", after)
    assert len(pre) == len(ready) == 6
    assert all(pre[part] != ready[part] for part in pre)
    assert parts("index.html", before)["badge"] != parts("index.html", after)["badge"]
    assert 'data-event="production"' not in ready["list"]
    assert re.findall(r'data-event="ships".*?</li>', ready["list"], re.DOTALL)
    assert not re.search(r"2026-12-1[1-9]", ready["list"].partition('data-event="ships"')[2])
    # Without translations every sentence of ours is English: none calls it a pre-order but to say that it is none.
    body = re.sub(r"no pre-order|terms of this pre-order", "", ready["hero"] + ready["form"] + campaign.terms_html)
    assert "pre-order" not in body.casefold()
    assert campaign.schedule.ships_between(campaign.schedule.shown_window(NOW)) is None


@pytest.mark.parametrize(("ships", "numbers"), [("3-5 hari", {"3", "5"}), ("4 hari", {"4"}), ("0-6 hari", {"6"})])
def test_the_days_after_payment_stand_everywhere(shown: Job, ships: str, numbers: set[str]) -> None:
    """One number in the file; hero, form, list, how to order and contract follow it together."""
    campaign = published(shown, ships=ships)
    page = page_of(shown)
    places = [
        re.search(r'<div id="sent-when">.*?</div>', page, re.DOTALL),
        re.search(r'id="form-method".*?</p>', page, re.DOTALL),
        re.search(r'data-event="ships".*?</li>', page, re.DOTALL),
        re.search(r'<ol class="how">.*?</ol>', page, re.DOTALL),
        re.search(r"<h3>[^<]*</h3>\s*<p>[^<]*(?:pembayaran|payment)[^<]*</p>\s*<ul>", campaign.terms_html),
    ]
    for found in places:
        assert found is not None
        plain = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found[0], flags=re.DOTALL)
        assert numbers <= set(re.findall(r"\d+", plain)), plain
