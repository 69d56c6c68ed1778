"""Campaigns that open every week, and single rounds that are otherwise: from the file to the catalogue and the page."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.schedule import ZONES, Monthly, RoundChange, Weekly
from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, edit

WIB = ZONES["WIB"]
DATES = "  buka: 2026-11-25\n  tutup: 2026-12-10\n"
MONTHLY = "  ulang: tiap bulan, tanggal 25 s.d. 10\n"


def published(job: Job, lines: str, now: datetime) -> tuple[Campaign, datetime | None]:
    """Give the campaign as it is published with these lines in place of its dates, and until when its pages hold."""
    edit(job.content / "campaigns" / "nastar" / "index.md", DATES, lines)
    outcome = build(Job(job.content, job.output, CHECKOUT / "templates"), now)
    campaign = from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]
    return campaign, outcome.valid_until


@pytest.mark.parametrize(
    "line", ["  ulang: tiap minggu, Sabtu s.d. Senin\n", "  repeats: every week, Saturday to Monday\n"]
)
def test_a_weekly_rule_is_published(job: Job, line: str) -> None:
    """As she wrote it; and the build knows when its pages will say something else."""
    campaign, until = published(job, line, datetime(2026, 12, 20, 9, tzinfo=WIB))
    assert campaign.schedule.rule == Weekly(5, 0, "WIB")
    assert until == datetime(2026, 12, 22, tzinfo=WIB)
    window = campaign.schedule.window_at(datetime(2026, 12, 21, 23, 59, tzinfo=WIB))
    assert window is not None
    assert window.round == 20261214


@pytest.mark.parametrize(
    ("item", "change"),
    [
        ("{buka: 2026-12-25, libur: ya}", RoundChange(202612, skipped=True)),
        ("{opens: 2026-12-25, skip: yes}", RoundChange(202612, skipped=True)),
        ("{buka: 2026-12-27}", RoundChange(202612, datetime(2026, 12, 27, tzinfo=WIB))),
        (
            "{buka: 2026-12-25, tutup: 2027-01-05}",
            RoundChange(202612, None, datetime(2027, 1, 6, tzinfo=WIB)),
        ),
        (
            "{buka: 24 Des 2026 09.00, tutup: 5 Jan 2027 21.00}",
            RoundChange(202612, datetime(2026, 12, 24, 9, tzinfo=WIB), datetime(2027, 1, 5, 21, tzinfo=WIB)),
        ),
        (
            "{buka: 2026-12-25, perpanjang: 2027-01-15}",
            RoundChange(202612, None, datetime(2027, 1, 16, tzinfo=WIB), datetime(2027, 1, 11, tzinfo=WIB)),
        ),
        (
            "{buka: 2026-12-25, tutup: 2027-01-05, perpanjang: 2027-01-10}",
            RoundChange(202612, None, None, datetime(2027, 1, 6, tzinfo=WIB)),
        ),
        (
            "{buka: 2026-12-25, tutup_awal: 2027-01-02}",
            RoundChange(202612, None, datetime(2027, 1, 3, tzinfo=WIB), datetime(2027, 1, 11, tzinfo=WIB)),
        ),
    ],
)
def test_single_rounds_are_read(job: Job, item: str, change: RoundChange) -> None:
    """Found by the month of the opening; what is as the rule has it is not written down."""
    lines = f"{MONTHLY}  putaran:\n    - {item}\n"
    campaign, _ = published(job, lines, datetime(2026, 11, 27, 10, tzinfo=WIB))
    assert campaign.schedule.rule == Monthly(25, 10, "WIB", (change,))


def test_a_round_in_another_zone_is_found_in_that_of_the_rule(job: Job) -> None:
    """Half past midnight in the east of the country is still the month before in the west."""
    lines = "  ulang: tiap bulan, tanggal 20 s.d. 25\n  putaran:\n    - {buka: 1 Januari 2027 00.30 WIT, tutup: 5 Januari 2027}\n"
    campaign, _ = published(job, lines, datetime(2026, 11, 27, 10, tzinfo=WIB))
    assert isinstance(campaign.schedule.rule, Monthly)
    assert [change.round for change in campaign.schedule.rule.changes] == [202612]


def test_the_page_speaks_of_the_round_as_it_takes_place(job: Job) -> None:
    """One that is left out is not announced; one that is extended says until when now, and what it was."""
    item = "  putaran:\n    - {buka: 2026-12-25, libur: ya}\n    - {buka: 2027-01-25, perpanjang: 2027-02-14}\n"
    campaign, until = published(job, MONTHLY + item, datetime(2026, 12, 24, 10, tzinfo=WIB))
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    opens = datetime(2027, 1, 25, tzinfo=WIB)
    assert until == datetime(2027, 1, 18, tzinfo=WIB)
    assert opens.isoformat() in page
    assert datetime(2026, 12, 25, tzinfo=WIB).isoformat() not in page
    build(Job(job.content, job.output, CHECKOUT / "templates"), opens)
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    shown = campaign.schedule.window_at(opens)
    assert shown is not None
    assert shown.extended
    for instant in (shown.closes_at, shown.first_closes_at):
        assert instant is not None
        assert instant.isoformat() in page
    assert datetime(2027, 2, 11, tzinfo=WIB).isoformat() in page.partition('class="moved"')[2][:200]
