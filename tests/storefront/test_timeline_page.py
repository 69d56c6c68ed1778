"""The list of what happens when on the campaign's page: change a number in the file, and it says another time."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime

import pytest

from preorder.schedule import ZONES
from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, edit

WIB = ZONES["WIB"]
NOW = datetime(2026, 11, 27, 10, tzinfo=WIB)
NASTAR, SHOP = "campaigns/nastar/index.md", "shop.md"
MADE = "  produksi: 5-7 hari\n  kirim: 7-10 hari setelah tutup\n"


@pytest.fixture
def shown(job: Job) -> Job:
    """Give a job with the real templates, for a campaign that says how long making takes."""
    edit(job.content / NASTAR, "  kirim: 7-10 hari setelah tutup\n", MADE)
    return dataclasses.replace(job, templates=CHECKOUT / "templates")


def timeline(job: Job, now: datetime = NOW) -> dict[str, tuple[str, list[str], str]]:
    """Give event -> its state, times for machines, and text, as the page has them; the lists must be in order."""
    build(job, now)
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    (part,) = re.findall(r'<ol class="timeline" id="timeline">(.*?)</ol>', page, re.DOTALL)
    found = {}
    for state, event, inner in re.findall(
        r'<li class="step-(\w+)" data-event="(\w+)"[^>]*>(.*?)</li>', part, re.DOTALL
    ):
        text = " ".join(re.sub(r"<[^>]+>", " ", inner).split())
        found[event] = (state, re.findall(r'<time datetime="([^"]+)">', inner), text)
    assert part.count("<li ") == len(found)
    assert part.count('aria-current="step"') == (1 if any(state == "current" for state, *_ in found.values()) else 0)
    return found


def test_each_event_has_its_time(shown: Job) -> None:
    """Instants with their offset, days as days; and beside each time for people the zone."""
    found = timeline(shown)
    assert {event: times for event, (_, times, _) in found.items()} == {
        "opens": ["2026-11-25T00:00:00+07:00"],
        "payment": ["2026-12-12T00:00:00+07:00"],
        "closes": ["2026-12-11T00:00:00+07:00"],
        "production": ["2026-12-11", "2026-12-17"],
        "balance": [],
        "ships": ["2026-12-17", "2026-12-20"],
        "report": [],
    }
    for event in ("opens", "payment", "closes"):
        assert found[event][2].endswith("WIB")
    assert [event for event, (state, *_) in found.items() if state == "current"] == ["payment"]


@pytest.mark.parametrize(
    ("file", "old", "new", "event", "times"),
    [
        (NASTAR, "buka: 2026-11-25", "buka: 2026-11-26 09.00", "opens", ["2026-11-26T09:00:00+07:00"]),
        (NASTAR, "tutup: 2026-12-10", "tutup: 2026-12-09 20.00", "closes", ["2026-12-09T20:00:00+07:00"]),
        (NASTAR, "tutup: 2026-12-10", "tutup: 2026-12-09 20.00", "payment", ["2026-12-10T20:00:00+07:00"]),
        (
            NASTAR,
            "tutup: 2026-12-10",
            "tutup: 2026-12-10\n  perpanjang: 2026-12-12",
            "closes",
            ["2026-12-13T00:00:00+07:00", "2026-12-11T00:00:00+07:00"],
        ),
        (NASTAR, "tutup: 2026-12-10", "tutup: 2026-12-10\n  perpanjang: 2026-12-12", "ships", ["2026-12-19", "2026-12-22"]),
        (NASTAR, "produksi: 5-7 hari", "produksi: 4-6 hari", "production", ["2026-12-11", "2026-12-16"]),
        (NASTAR, "produksi: 5-7 hari", "produksi: 1 hari", "production", ["2026-12-11"]),
        (NASTAR, "kirim: 7-10 hari", "kirim: 8-30 hari", "ships", ["2026-12-18", "2027-01-09"]),
        (NASTAR, "  kirim: 7-10 hari setelah tutup\n", "", "ships", []),
        (NASTAR, "  produksi: 5-7 hari\n", "", "production", []),
        (SHOP, "tenggat: 24 jam", "tenggat: 12 jam", "payment", ["2026-12-11T12:00:00+07:00"]),
        (SHOP, "tenggat: 24 jam", "tenggat: 24 jam\n  batas_akhir: tutup", "payment", ["2026-12-11T00:00:00+07:00"]),
        (SHOP, "tenggat: 24 jam", "tenggat: 24 jam\n  pelunasan: 5 hari setelah tutup", "balance", ["2026-12-16T00:00:00+07:00"]),
    ],
)  # fmt: skip
def test_another_number_is_another_time(
    shown: Job, file: str, old: str, new: str, event: str, times: list[str]
) -> None:
    """Each number of the file that decides about a time decides about it here, and about what else hangs on it."""
    before = timeline(shown)[event]
    edit(shown.content / file, old, new)
    after = timeline(shown)[event]
    assert after[1] == times
    assert after[2] != before[2]


@pytest.mark.parametrize(
    ("old", "new", "event", "number"),
    [
        ("tenggat: 24 jam", "tenggat: 17 jam", "payment", "17"),
        ("tenggat: 24 jam", "tenggat: 24 jam\n  pelunasan: 4 hari setelah siap", "balance", "4"),
        ("pembatalan:", "pembatalan:\n  tidak_sesuai: {lapor_hari_kerja: 5}", "report", "5"),
    ],
)
def test_another_number_is_another_word(shown: Job, old: str, new: str, event: str, number: str) -> None:
    """What has no date of its own says its number."""
    assert not re.search(rf"\b{number}\b", timeline(shown)[event][2].partition("2026")[0])
    edit(shown.content / SHOP, old, new)
    assert re.search(rf"\b{number}\b", timeline(shown)[event][2])


def test_all_at_once_has_no_rest(shown: Job) -> None:
    """Without a deposit nothing is left to pay; and what is only made once it is paid says so."""
    assert "balance" in timeline(shown)
    before = timeline(shown)["production"][2]
    edit(shown.content / SHOP, "skema: dp\n  dp: 50%", "skema: penuh")
    edit(shown.content / SHOP, "refund: 50% dari dp", "refund: 50%")
    found = timeline(shown)
    assert "balance" not in found
    assert found["production"][2] != before


def test_a_recurring_campaign_says_when_it_is_announced(shown: Job) -> None:
    """So many days before its next opening as she has set."""
    edit(
        shown.content / NASTAR,
        "  buka: 2026-11-25\n  tutup: 2026-12-10\n",
        "  ulang: tiap minggu, Senin s.d. Selasa\n  umumkan: 2 hari\n",
    )
    found = timeline(shown, datetime(2026, 11, 27, 10, tzinfo=WIB))
    assert found["announced"][:2] == ("todo", ["2026-11-28T00:00:00+07:00"])
    assert found["opens"][:2] == ("todo", ["2026-11-30T00:00:00+07:00"])
    assert timeline(shown, datetime(2026, 11, 28, tzinfo=WIB))["announced"][0] == "current"


def test_a_cancelled_campaign_promises_no_times(shown: Job) -> None:
    """There is no list on its page."""
    edit(shown.content / NASTAR, "kuota: 100\n", "kuota: 100\ntahap: batal\n")
    build(shown, NOW)
    assert 'id="timeline"' not in (shown.output / "nastar" / "index.html").read_text("utf-8")
