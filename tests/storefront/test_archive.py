"""Past campaigns leave the first page for one of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from preorder.schedule import ZONES
from storefront.archive import ANY_AFTER, ENDED_AFTER
from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, NOW, edit

NASTAR = "campaigns/nastar/index.md"
CLOSES = datetime(2026, 12, 11, tzinfo=ZONES["WIB"])
SECOND = timedelta(seconds=1)


def shelves(job: Job, now: datetime) -> tuple[list[str], list[str]]:
    """Give the campaigns of the first page and of the archive at an instant."""
    build(job, now)
    home, archive = ((job.output / page).read_text("utf-8") for page in ("index.html", "arsip/index.html"))
    return re.findall(r'<p id="(\S+?)"', home), re.findall(r'<p id="(\S+?)"', archive)


@pytest.mark.parametrize(
    ("stage", "after"),
    [("selesai", ENDED_AFTER), ("batal", ENDED_AFTER), ("produksi", ANY_AFTER), ("kirim", ANY_AFTER), ("", ANY_AFTER)],
)
def test_a_campaign_moves_once_it_is_over(job: Job, stage: str, after: timedelta) -> None:
    """Two weeks after the closing where nothing more is to come, three months in any case; its page stays."""
    # Without a promise the clock never says that it is finished.
    edit(job.content / NASTAR, "  kirim: 7-10 hari setelah tutup\n", "")
    edit(job.content / NASTAR, "kuota: 100\n", f"kuota: 100\n{f'tahap: {stage}' if stage else ''}\n")
    assert shelves(job, CLOSES + after - SECOND) == (["nastar"], [])
    assert shelves(job, CLOSES + after) == ([], ["nastar"])
    assert (job.output / "nastar" / "index.html").exists()


def test_what_the_clock_knows_to_be_finished_moves(job: Job) -> None:
    """Thirty days after the last day of shipping a campaign is finished, and then it is past."""
    finished = datetime(2026, 12, 20, tzinfo=ZONES["WIB"]) + timedelta(days=30)
    assert shelves(job, finished - SECOND) == (["nastar"], [])
    assert shelves(job, finished) == ([], ["nastar"])


@pytest.mark.parametrize("days", [0, 40, 400])
def test_what_opens_again_is_never_past(job: Job, days: int) -> None:
    """A campaign with another round stands on the first page between its rounds too, whatever becomes of the last one."""
    edit(job.content / NASTAR, "buka: 2026-11-25\n  tutup: 2026-12-10", "ulang: tiap bulan, tanggal 25 s.d. 10")
    edit(job.content / NASTAR, "kuota: 100\n", "kuota: 100\ntahap: selesai\n")
    assert shelves(job, NOW + timedelta(days=days)) == (["nastar"], [])


def test_a_build_knows_when_one_moves(job: Job) -> None:
    """The build before is good until that moment and no longer."""
    edit(job.content / NASTAR, "  kirim: 7-10 hari setelah tutup\n", "")
    for stage, after in (("produksi", ANY_AFTER), ("selesai", ENDED_AFTER)):
        path = job.content / NASTAR
        path.write_text(
            re.sub(r"kuota: 100\n(tahap: \w+\n)?", f"kuota: 100\ntahap: {stage}\n", path.read_text("utf-8")), "utf-8"
        )
        assert build(job, CLOSES + after - timedelta(days=1)).valid_until == CLOSES + after
        assert shelves(job, CLOSES + after) == ([], ["nastar"])


def test_the_first_page_leads_there_when_something_is_in_it(job: Job) -> None:
    """The archive is always a page; nobody is sent to an empty one, and an empty shop says so."""
    shop = replace(job, templates=CHECKOUT / "templates")
    build(shop, NOW)
    assert 'id="archive"' in (job.output / "arsip" / "index.html").read_text("utf-8")
    assert 'id="to-archive"' not in (job.output / "index.html").read_text("utf-8")
    build(shop, CLOSES + ANY_AFTER)
    home = (job.output / "index.html").read_text("utf-8")
    assert re.search(r'id="to-archive" href="/arsip/"', home)
    assert 'id="nothing"' in home
    assert 'id="c-nastar"' in (job.output / "arsip" / "index.html").read_text("utf-8")
