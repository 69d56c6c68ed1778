"""A new campaign's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from preorder.catalogue import from_json
from storefront import scaffold
from storefront.builder import Job, build
from storefront.language import translations
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of, snapshot


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_new_campaign_builds_as_it_is(
    job: Job, run: Callable[..., int], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder is a draft first; with the draft's line deleted it is published, in the shop's language."""
    import json

    edit(job.content / "shop.md", "bahasa: id", f"bahasa: {language}")
    title = 'Kue "Sagu" & Keju: 50%'
    assert run("new", title) == 0
    path = Path(capsys.readouterr().out.strip())
    assert (job.content.parent / path) == job.content / "campaigns" / "kue-sagu-keju-50" / "index.md"
    assert run() == 0
    assert not (job.output / "kue-sagu-keju-50").exists()
    edit(job.content.parent / path, "draf: ya\n" if language == "id" else "draft: yes\n", "")
    assert run() == 0
    campaign = from_json(json.loads((job.output / "catalogue.json").read_bytes())).by_slug("kue-sagu-keju-50")
    assert campaign is not None
    assert campaign.title == title
    assert campaign.prefix == "KSG"


def test_nothing_is_overwritten(job: Job, run: Callable[..., int]) -> None:
    """A title that is taken, in whatever spelling, or has no letters, or belongs to the shop, changes nothing."""
    before = snapshot(job.content)
    for title in ("nastar", "NASTAR!", "***", "Arsip"):
        assert run("new", title) == 2
    assert snapshot(job.content) == before


def test_order_numbers_stay_apart(job: Job, run: Callable[..., int]) -> None:
    """Two campaigns of like names begin their order numbers differently."""
    for title in ("Nastar Satu", "Nastar Satua", "Nastar Satui"):
        assert run("new", title) == 0
    prefixes = [
        line
        for path in (job.content / "campaigns").rglob("index.md")
        for line in path.read_text("utf-8").splitlines()
        if "awalan" in line
    ]
    assert len(prefixes) == len(set(prefixes)) == 4
    assert run() == 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_was_only_an_example_is_told_once_it_is_published(
    job: Job, run: Callable[..., int], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A draft is left in peace; what buyers would read as it was made is a warning with its line, and mended it is none."""
    edit(job.content / "shop.md", "bahasa: id", f"bahasa: {language}")
    shop = replace(job, templates=CHECKOUT / "templates")

    def found() -> list[tuple[str, int | None, str]]:
        codes = {"placeholder_left", "example_price_left"}
        return [(each.file, each.line, each.code) for each in build(shop, NOW).warnings if each.code in codes]

    translation = translations(shop.templates, language)
    path = scaffold.new_campaign(job.content, "Kue Sagu", NOW, language, translation)
    assert found() == []
    edit(path, "draf: ya\n" if language == "id" else "draft: yes\n", "")
    price, last = line_of(path, scaffold.PRICE), len(path.read_text("utf-8").splitlines())
    assert found() == [
        (path.as_posix(), price, "example_price_left"),
        (path.as_posix(), last, "placeholder_left"),
    ]
    edit(path, path.read_text("utf-8").splitlines()[-1], "Sagu renyah.")
    edit(path, scaffold.PRICE, "85.000")
    assert found() == []


def test_a_price_that_is_right_is_kept(job: Job) -> None:
    """Who really sells at the price of the example deletes the remark behind it."""
    shop = replace(job, templates=CHECKOUT / "templates")
    edit(job.content / "campaigns" / "nastar" / "index.md", "harga: 70000", "harga: 100.000")
    assert [each.code for each in build(shop, NOW).warnings if each.code == "example_price_left"] == []
