"""A closing that the seller moves: read, said on the page, and what it was."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.schedule import ZONES, OneOff
from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, edit

CLOSES = "  tutup: 2026-12-10\n"
OPEN = datetime(2026, 11, 27, 10, tzinfo=ZONES["WIB"])


def published(job: Job, line: str) -> Campaign:
    """Give the campaign as it is published with one more line in its schedule."""
    edit(job.content / "campaigns" / "nastar" / "index.md", CLOSES, CLOSES + line)
    build(Job(job.content, job.output, CHECKOUT / "templates"), OPEN)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


def day(number: int) -> datetime:
    """Give the end of a day of December."""
    return datetime(2026, 12, number + 1, tzinfo=ZONES["WIB"])


@pytest.mark.parametrize(
    ("line", "closes", "first"),
    [
        ("", day(10), None),
        ("  perpanjang: 2026-12-15\n", day(15), day(10)),
        ("  extended_to: 15 December 2026\n", day(15), day(10)),
        ("  tutup_awal: 2026-12-05\n", day(5), day(10)),
        ("  closed_early: 2026-12-05 12.00\n", datetime(2026, 12, 5, 12, tzinfo=ZONES["WIB"]), day(10)),
    ],
)
def test_the_moved_closing_counts_and_the_first_is_said(
    job: Job, line: str, closes: datetime, first: datetime | None
) -> None:
    """The window ends where she says now; the page names both ends, home and campaign alike."""
    rule = published(job, line).schedule.rule
    assert isinstance(rule, OneOff) and (rule.closes_at, rule.first_closes_at) == (closes, first)
    for name in ("index.html", "nastar/index.html"):
        page = (job.output / name).read_text("utf-8")
        assert ('class="moved"' in page) == (first is not None)
        if first is not None:
            assert first.isoformat() in page.partition('class="moved"')[2][:200]


def test_it_ships_from_the_moved_closing(job: Job) -> None:
    """Who orders now reads dates that are counted from the end that counts."""
    before = published(job, "").schedule
    after = published(job, "  perpanjang: 2026-12-15\n").schedule
    (first, _), (later, _) = (s.ships_between(s.shown_window(OPEN)) or ((), ()) for s in (before, after))
    assert (later - first).days == 5
