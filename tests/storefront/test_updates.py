"""News of a campaign: read from its file, shown from its date on, newest first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from preorder.schedule import ZONES
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit, write

NEWS = "campaigns/nastar/kabar.md"


@pytest.fixture
def shop(job: Job) -> Job:
    return replace(job, templates=CHECKOUT / "templates")


def told(job: Job) -> list[tuple[str, str, str]]:
    """Give id, date for machines and title of each piece of news on the page."""
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    return re.findall(r'<article class="update" id="([^"]+)"><h3>([^<]*)</h3>\s*<p[^>]*><time datetime="([^"]+)"', page)


@pytest.mark.parametrize(
    ("heading", "name", "date"),
    [
        ("20 November 2026 Oven baru", "2026-11-20", "2026-11-20"),
        ("20 Nov 2026: Oven baru", "2026-11-20", "2026-11-20"),
        ("2026-11-20 - Oven baru", "2026-11-20", "2026-11-20"),
        ("20 November 2026, pukul 09.00: Oven baru", "2026-11-20", "2026-11-20T09:00:00+07:00"),
        ("2026-11-20 09:00 WIT Oven baru", "2026-11-20", "2026-11-20T07:00:00+07:00"),
    ],
)
def test_a_heading_holds_date_and_title(shop: Job, heading: str, name: str, date: str) -> None:
    """Dates are written as everywhere else; the zone is the shop's."""
    write(shop.content / NEWS, f"# Kabar\n\n## {heading}\n\nIsi.\n")
    build(shop, NOW)
    assert told(shop) == [(f"kabar-{name}-oven-baru", "Oven baru", date)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Halo\n\n## 2026-11-20 A\n", [(1, "text_before_update")]),
        ("\n## Oven baru\n\nx", [(2, "update_without_date")]),
        ("\n## 31 November 2026 Oven\n\nx", [(2, "update_without_date")]),
        ("\n## 20 November 2026\n\nx", [(2, "update_without_title")]),
        ("\n## 20 November 2026 A\n\n[x](/tidak-ada-sama-sekali/)", [(4, "link_nowhere")]),
        ("\n## 20 November 2026 A\n\n<b>x</b>", [(4, "html_in_text"), (4, "html_in_text")]),
    ],
)
def test_wrong_ones_are_told(shop: Job, text: str, found: list[tuple[int, str]]) -> None:
    """With file and line, and nothing is published."""
    path = write(shop.content / NEWS, text)
    with pytest.raises(ContentErrors) as raised:
        build(shop, NOW)
    assert [(each.line, each.code) for each in raised.value.problems] == found
    assert {each.file for each in raised.value.problems} == {path.as_posix()}


def test_the_newest_stands_first_and_near_the_head(shop: Job) -> None:
    """Whichever way the file grows; those of one day keep its order, and each has an id of its own that stays."""
    days = ["2026-11-18 Satu", "2026-11-20 Dua", "2026-11-20 Dua", "2026-11-22 Tiga", "2026-11-23 Empat"]
    write(shop.content / NEWS, "\n".join(f"## {day}\n\nIsi {place}.\n" for place, day in enumerate(days)))
    build(shop, NOW)
    down = told(shop)
    assert [title for _, title, _ in down] == ["Empat", "Tiga", "Dua", "Dua", "Satu"]
    assert [name for name, _, _ in down[2:4]] == ["kabar-2026-11-20-dua-2", "kabar-2026-11-20-dua"]
    page = (shop.output / "nastar" / "index.html").read_text("utf-8")
    assert re.search(r'<a href="#kabar-2026-11-23-empat" id="newest">Empat</a>', page)
    assert page.index('id="newest"') < page.index('id="products"')
    write(shop.content / NEWS, "\n".join(f"## {day}\n\nIsi.\n" for day in reversed(days)))
    build(shop, NOW)
    assert [name for name, _, _ in told(shop)[2:4]] == ["kabar-2026-11-20-dua", "kabar-2026-11-20-dua-2"]
    assert {name for name, _, _ in told(shop)} == {name for name, _, _ in down}


def test_what_is_dated_ahead_waits(shop: Job) -> None:
    """It is published nowhere before, the build says so and knows when to build again."""
    at = datetime(2026, 11, 28, 9, tzinfo=ZONES["WIB"])
    path = write(shop.content / NEWS, "## 28 November 2026 09.00 Rahasia dulu\n\nKejutan.\n\n## 2026-11-20 Oven\n")
    outcome = build(shop, NOW)
    assert [(each.file, each.line) for each in outcome.warnings if each.code == "update_to_come"] == [
        (path.as_posix(), 1)
    ]
    assert outcome.valid_until == at
    everything = b"".join(path.read_bytes() for path in shop.output.rglob("*") if path.is_file())
    assert b"Rahasia dulu" not in everything
    assert b"Kejutan" not in everything
    build(shop, at - timedelta(seconds=1))
    assert [title for _, title, _ in told(shop)] == ["Oven"]
    build(shop, at)
    assert [title for _, title, _ in told(shop)] == ["Rahasia dulu", "Oven"]


def test_a_build_notices_news(job: Job) -> None:
    """A file that comes, changes or goes makes a build necessary; it asks no buyer to agree anew."""
    shop = replace(job, templates=CHECKOUT / "templates")
    build(shop, NOW)
    catalogue = (shop.output / "catalogue.json").read_bytes()
    path = write(shop.content / NEWS, "## 2026-11-20 Oven\n\nBaru.\n")
    assert build(shop, NOW).changed == ("nastar/index.html",)
    edit(path, "Baru.", "Lebih baru.")
    assert build(shop, NOW).changed == ("nastar/index.html",)
    path.unlink()
    assert build(shop, NOW).changed == ("nastar/index.html",)
    assert told(shop) == []
    assert (shop.output / "catalogue.json").read_bytes() == catalogue


def test_news_of_both_names_is_told(shop: Job) -> None:
    """kabar.md and updates.md are the same file."""
    write(shop.content / NEWS, "## 2026-11-20 A\n")
    write(shop.content / "campaigns" / "nastar" / "updates.md", "## 2026-11-20 A\n")
    with pytest.raises(ContentErrors) as raised:
        build(shop, NOW)
    assert [each.code for each in raised.value.problems] == ["both_files"]


def test_news_is_judged_like_every_text(shop: Job) -> None:
    """What the law forbids in terms is not allowed in news either."""
    write(shop.content / NEWS, "## 2026-11-20 A\n\nBarang yang sudah dibeli tidak dapat dikembalikan.\n")
    with pytest.raises(ContentErrors) as raised:
        build(shop, NOW)
    assert [each.line for each in raised.value.problems] == [3]
