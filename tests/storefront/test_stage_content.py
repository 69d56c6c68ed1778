"""What happens after the closing, from the file to page and home: production, and the seller's own word."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.schedule import ZONES, Days, Phase
from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, edit

WIB = ZONES["WIB"]
NASTAR = "campaigns/nastar/index.md"
CLOSED = datetime(2026, 12, 11, tzinfo=WIB)
SHIPS = "  kirim: 7-10 hari setelah tutup\n"


def published(job: Job, now: datetime, *, stage: str = "", schedule: str = "") -> Campaign:
    """Give the campaign as it is published with her word, and with more lines in its schedule."""
    if stage:
        edit(job.content / NASTAR, "kuota: 100\n", f"kuota: 100\n{stage}\n")
    if schedule:
        edit(job.content / NASTAR, SHIPS, schedule + SHIPS)
    build(Job(job.content, job.output, CHECKOUT / "templates"), now)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


@pytest.mark.parametrize(
    ("line", "phase"),
    [
        ("tahap: produksi", Phase.IN_PRODUCTION),
        ("stage: production", Phase.IN_PRODUCTION),
        ("tahap: kirim", Phase.SHIPPING),
        ("stage: shipping", Phase.SHIPPING),
        ("tahap: selesai", Phase.DONE),
        ("stage: done", Phase.DONE),
        ("tahap: batal", Phase.CANCELLED),
        ("stage: cancelled", Phase.CANCELLED),
    ],
)
def test_her_word_stands_on_home_and_page(job: Job, line: str, phase: Phase) -> None:
    """Both show it; neither offers the form any more, and home keeps the campaign among those that are closed."""
    assert published(job, CLOSED, stage=line).stage is phase
    for name in ("index.html", "nastar/index.html"):
        page = (job.output / name).read_text("utf-8")
        assert f'class="badge badge-{phase}"' in page
    assert 'id="h-closed"' in (job.output / "index.html").read_text("utf-8")
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert 'id="check-order"' not in page
    assert ('id="cancelled"' if phase is Phase.CANCELLED else 'id="stage"') in page


def test_a_cancelled_campaign_offers_no_form_while_its_window_is_open(job: Job) -> None:
    """And none of the dates on which orders would be taken."""
    published(job, CLOSED - timedelta(days=5), stage="tahap: batal")
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert 'id="check-order"' not in page
    assert 'class="badge badge-cancelled"' in page


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("  produksi: 5-7 hari\n", Days(5, 7)),
        ("  production: 3 days\n", Days(3, 3)),
        ("  produksi: 5-7 hari setelah tutup\n", Days(5, 7)),
    ],
)
def test_production_is_said_on_the_page_and_in_the_contract(job: Job, line: str, days: Days) -> None:
    """The number that she writes is the number that buyers read and accept."""
    plain = published(job, CLOSED)
    assert plain.schedule.production is None
    campaign = published(job, CLOSED, schedule=line)
    assert campaign.schedule.production == days
    assert campaign.terms_hash != plain.terms_hash
    paragraphs = [set(re.findall(r"<p>.*?</p>", each.terms_html, re.DOTALL)) for each in (campaign, plain)]
    (added,) = paragraphs[0] - paragraphs[1]
    assert set(re.findall(r"\d+", added)) == {str(days.least), str(days.most)}
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert 'class="badge badge-in_production"' in page


def test_the_build_knows_when_each_phase_begins(job: Job) -> None:
    """From the closing on the pages hold until the next phase, and after the last for ever."""
    published(job, CLOSED - timedelta(hours=1), schedule="  produksi: 5-7 hari\n")
    job = Job(job.content, job.output, CHECKOUT / "templates")
    moments = [CLOSED, datetime(2026, 12, 17, tzinfo=WIB), datetime(2027, 1, 19, tzinfo=WIB)]
    now, found = CLOSED - timedelta(hours=1), []
    while (until := build(job, now).valid_until) is not None:
        found.append(until)
        now = until
        assert len(found) < 20
    assert set(moments) <= set(found)
    assert found == sorted(found)
