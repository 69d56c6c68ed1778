"""The sample shop is one that a visitor can order from on any day, and its pages say what the rules say."""

from __future__ import annotations

import dataclasses
import itertools
import re
import shutil
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from PIL import Image

from docs.pictures import PICTURES
from preorder.campaign import Campaign
from preorder.money import Rupiah, share
from preorder.payment import deposit_of
from preorder.schedule import ZONES, Phase
from preorder.terms import Scheme
from preorder.wording import show_rupiah
from storefront.linting import lint, sample
from storefront.pages import Site, render
from storefront.reader import Content, read_catalogue
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of

CONTENT = CHECKOUT / "content"
WIB = ZONES["WIB"]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    return read_catalogue(CONTENT, tmp_path_factory.mktemp("photos"))


def site_of(content: Content, language: str = "id") -> Site:
    spoken = dataclasses.replace(content, shop=dataclasses.replace(content.shop, language=language))
    return render(spoken, datetime(2026, 11, 27, 10, tzinfo=WIB), None, templates=CHECKOUT / "templates")


def page_of(site: Site, path: str) -> str:
    page = site.files[path]
    assert isinstance(page, bytes)
    return page.decode()


def test_each_day_shows_every_phase(content: Content) -> None:
    """Whatever the day, leap days and short months too, one campaign is announced, one open and one closed, from its first second to its last."""
    day, last = date(2026, 1, 1), date(2030, 12, 31)
    while day <= last:
        for moment in (time(0, 0), time(11, 30), time(23, 59, 59)):
            now = datetime.combine(day, moment, WIB)
            phases = {item.campaign.phase(now) for item in content.campaigns}
            assert phases == {Phase.ANNOUNCED, Phase.OPEN, Phase.CLOSED}, now
        day += timedelta(days=1)


def test_it_shows_three_kinds_of_selling(content: Content) -> None:
    """Variants by weight, choices with a free text, and few pieces at full payment: what a seller wants to see before she believes."""
    weighed, made, limited = (item.campaign for item in content.campaigns)
    assert all(variant.weight_g for product in weighed.products for variant in product.variants)
    assert any(len(product.variants) > 1 for product in weighed.products)
    robe = made.products[0]
    assert [bool(option.choices) for option in robe.options] == [True, True, False]
    assert made.payment.scheme is Scheme.DEPOSIT
    assert limited.payment.scheme is Scheme.FULL
    assert limited.limits.max_per_buyer is not None
    assert all(units <= 12 for units in limited.pools.values())


def test_every_picture_is_drawn_by_us(content: Content) -> None:
    """The pictures in the repository are those that docs/pictures/ draws, and small enough to keep there."""
    drawn = {CONTENT / path for path in PICTURES}
    assert {path for path in CONTENT.rglob("*") if path.suffix in {".jpg", ".jpeg", ".png", ".webp"}} == drawn
    for path in drawn:
        assert path.stat().st_size < 300_000
        with Image.open(path) as opened:
            assert opened.width >= 600
            assert not opened.getexif()


def test_a_picture_is_drawn_the_same_twice() -> None:
    """A seller's nephew who runs the command gets our picture, not one like it."""
    draw = PICTURES["foto/teras-wulan.jpg"]
    assert draw().tobytes() == draw().tobytes()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_worked_refund_is_what_the_rules_give(content: Content, language: str) -> None:
    """The example on each campaign's page is reckoned as the order desk reckons."""
    site = site_of(content, language)
    for item in content.campaigns:
        page = page_of(site, f"{item.campaign.slug}/index.html")
        example = re.search(r'id="refund-example">(.*?)</p>\s*<table.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
        assert example is not None
        paid = paid_in_example(item.campaign)
        assert show_rupiah(paid) in example[1]
        shown = re.findall(r'class="money">([^<]+)<', example[2])
        stages = [show_rupiah(share(paid, stage.percent)) for stage in item.campaign.policy.stages]
        assert shown == [*stages, show_rupiah(0), show_rupiah(paid), show_rupiah(paid)]


def paid_in_example(campaign: Campaign) -> Rupiah:
    goods = Rupiah(2 * campaign.products[0].variants[0].price)
    return deposit_of(goods, goods, campaign.payment) or goods


@pytest.mark.parametrize("language", ["id", "en"])
def test_pages_hold_together(content: Content, language: str) -> None:
    """Each page has one first heading, no id twice, and every link within it leads somewhere."""
    site = site_of(content, language)
    pages = [path for path in site.files if path.endswith(".html")]
    assert len(pages) == 5 + len(content.campaigns)
    for path in pages:
        page = page_of(site, path)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert len(ids) == len(set(ids)), path
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids), path
        assert set(re.findall(r'(?:for|aria-labelledby)="([^"]+)"', page)) <= set(ids), path
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), path
        assert f'lang="{language}"' in page
        # The three files that a page needs are the site's own.
        for asset in re.findall(r'(?:href|src)="(/assets/[^"]+)"', page):
            assert asset.lstrip("/") in site.files, asset


def test_private_words_stay_private(content: Content) -> None:
    """Nothing of the seller's internal notes reaches a page or the catalogue."""
    notes = []
    for path in CONTENT.rglob("*.md"):
        # A note is a text, or keys of its own below it.
        for block in re.findall(r"^catatan_internal:.*\n(?: .*\n)*", path.read_text("utf-8"), re.MULTILINE):
            notes += [note for line in block.splitlines() if (note := line.partition(":")[2].strip())]
    assert len(notes) >= 5
    for data in site_of(content).files.values():
        if isinstance(data, bytes):
            assert not any(note[:30].encode() in data for note in notes)


def test_what_is_left_of_it_is_told_once_the_shop_has_another_name(tmp_path: Path) -> None:
    """Whoever changes the name alone is told of every account, number and word that would still be a stranger's, and where."""
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder)
    edit(folder / "shop.md", "nama: Teras Wulan", "nama: Toko Mira")
    found = lint(read_catalogue(folder, tmp_path / "photos"), NOW)
    shop = folder / "shop.md"
    at = {
        "BCA": "sample_account",
        "GoPay": "sample_account",
        "kode:": "sample_qris",
        "whatsapp:": "sample_whatsapp",
        "slogan:": "sample_left",
    }
    assert {(finding.line, finding.code) for finding in found if finding.file == shop.as_posix()} == {
        (line_of(shop, part), code) for part, code in at.items()
    }
    (left,) = (finding for finding in found if finding.file == shop.as_posix() and finding.code == "sample_left")
    for part in ("email:", "alamat:", "avatar:", "tautan:", "id: ambil", "Teras Wulan adalah"):
        assert f"(:{line_of(shop, part)})" in left.fields["text"], part
    campaigns = [finding for finding in found if finding.file != shop.as_posix()]
    assert {(finding.line, finding.code) for finding in campaigns} == {(3, "sample_left")}
    assert len(campaigns) == 3


def test_what_is_known_of_it_is_what_it_says(content: Content) -> None:
    """Each value that would be told is the sample's present one."""
    shop = content.shop
    assert (shop.name, shop.whatsapp) == (sample.NAME, sample.WHATSAPP)
    assert sample.TAGLINE in shop.tagline
    assert (shop.email, shop.address) == (sample.EMAIL, sample.ADDRESS)
    assert {account.number for account in shop.accounts} == sample.NUMBERS
    assert {account.holder for account in shop.accounts} == {sample.HOLDER}
    assert shop.qris is not None
    assert shop.qris.payload == sample.QRIS
    assert {item.campaign.title for item in content.campaigns} == sample.TITLES
    assert all(sample.HANDLE in link.url for link in shop.links)
    said = "\n".join(passage.text for item in (content, *content.campaigns) for passage in item.passages)
    assert all(mark in said for mark in sample.MARKS)
