"""`tema` of shop.md: presets, colours of her own, and what is told of wrong ones."""

from __future__ import annotations

import gettext
import json
from typing import Any

import pytest

from preorder.catalogue import asset_path, from_json
from preorder.stylesheet import data_uri, dress
from preorder.theme import PRESETS, Theme
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from storefront.report import describe
from storefront.vocabulary import CHOICES
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of

SHOP = "shop.md"
BEFORE = "pengiriman:\n"
ASSETS = {path.name: path.read_bytes() for path in (CHECKOUT / "templates" / "assets").iterdir()}


def published(job: Job, text: str) -> dict[str, Any]:
    """Give the catalogue of a shop whose file has this before its deliveries."""
    edit(job.content / SHOP, BEFORE, text + BEFORE)
    build(job, NOW)
    read: dict[str, Any] = json.loads((job.output / "catalogue.json").read_text("utf-8"))
    return read


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("", Theme()),
        ("tema: dapur\n", Theme("dapur")),
        ("theme: Kitchen\n", Theme("dapur")),
        ('tema: {warna: "#8A3B12"}\n', Theme("etalase", "#8a3b12")),
        ("tema:\n  preset: butik\n  warna: 8a3b12\n  aksen: '#fc0'\n", Theme("butik", "#8a3b12", "#ffcc00")),
        ('theme: {preset: craft, color: "#85410f", accent: "#f5c14a", dark: no}\n', Theme("kriya", "#85410f", "#f5c14a", dark=False)),
        ('theme: {colour: "#000"}\n', Theme("etalase", "#000000")),
    ],
)  # fmt: skip
def test_a_theme_is_read(job: Job, text: str, theme: Theme) -> None:
    """A name, or keys of its own, in both spellings; none is the shop's window as it always was."""
    assert from_json(published(job, text)).shop.theme == theme


def test_every_preset_has_its_names() -> None:
    """What can be chosen and what there is are the same, each under a name of its own in both languages."""
    assert CHOICES["preset"].keys() == PRESETS.keys()
    spellings = [spelling for word in CHOICES["preset"].values() for spelling in word.spellings()]
    assert len(spellings) == len(set(spellings)) == 2 * len(PRESETS) - len(PRESETS.keys() & {"shopfront"})


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("tema: hijau\n", "not_choice", "tema:"),
        ("tema: '#8a3b12'\n", "colour_as_theme", "tema:"),
        ("tema: [dapur]\n", "not_theme", "tema:"),
        ("tema:\n", "empty_value", "tema:"),
        ("tema: {preset: hijau}\n", "not_choice", "tema:"),
        ("tema:\n  warna: #8a3b12\n", "colour_lost", "  warna:"),
        ("tema:\n  preset: dapur\n  aksen: #8a3b12\n", "colour_lost", "  aksen:"),
        ("tema: {warna: #8a3b12}\n", "yaml_hash", "tema:"),
        ("tema:\n  warna: merah\n", "not_colour", "  warna:"),
        ('tema:\n  warna: "#8a3b1"\n', "not_colour", "  warna:"),
        ('tema:\n  warna: ["#8a3b12"]\n', "not_text", "  warna:"),
        ('tema:\n  preset: dapur\n  warna: "#f8c8dc"\n', "unreadable_brand", "  warna:"),
        ("tema: {gelap: kadang}\n", "not_choice", "tema:"),
        ("tema: {sudut: bulat}\n", "unknown_key", "tema:"),
        ("temaa: dapur\n", "unknown_key_suggested", "temaa:"),
    ],
)
def test_a_wrong_theme_is_told_with_its_line(job: Job, text: str, code: str, at: str) -> None:
    """One problem, in a sentence of its own; the site stays as it was."""
    edit(job.content / SHOP, BEFORE, text + BEFORE)
    with pytest.raises(ContentErrors) as wrong:
        build(job, NOW)
    [problem] = [each for each in wrong.value.problems if each.file.endswith(SHOP)]
    assert (problem.code, problem.line) == (code, line_of(job.content / SHOP, at))
    assert "%(" not in describe(problem, gettext.NullTranslations(), "id")


def test_a_colour_that_cannot_be_read_comes_with_its_cure(job: Job) -> None:
    """The ratio that was measured, the nearest colour, and a pair that keeps hers: writing it down builds."""
    edit(job.content / SHOP, BEFORE, 'tema: {warna: "#F8C8DC"}\n' + BEFORE)
    with pytest.raises(ContentErrors) as wrong:
        build(job, NOW)
    [problem] = wrong.value.problems
    sentence = describe(problem, gettext.NullTranslations(), "id")
    fields = problem.fields
    assert 1.2 < fields["ratio"] < 1.5 and str(fields["ratio"]).replace(".", ",") in sentence
    pair = f'warna: "{fields["nearest"]}"', f'aksen: "{fields["value"]}"'
    assert all(part in sentence for part in pair)
    edit(job.content / SHOP, '{warna: "#F8C8DC"}', f"{{{', '.join(pair)}}}")
    build(job, NOW)


def test_a_theme_dresses_every_page_and_nothing_else(job: Job) -> None:
    """One stylesheet and icon under addresses of their own; colours of the phone's bar follow; no order's terms change."""
    job = Job(job.content, job.output, CHECKOUT / "templates")
    before = published(job, "")
    plain = (job.output / "index.html").read_text("utf-8")
    after = published(job, 'tema: {preset: ceria, warna: "#9c1f4a", gelap: tidak}\n')
    theme = Theme("ceria", "#9c1f4a", dark=False)
    assert after["revision"] > before["revision"]
    assert [each["terms_hash"] for each in after["campaigns"]] == [each["terms_hash"] for each in before["campaigns"]]
    dressed = dress(ASSETS, theme)
    for path in ("index.html", "nastar/index.html", "404.html", "privasi/index.html", "ketentuan/index.html"):
        page = (job.output / path).read_text("utf-8")
        address, icon = asset_path("etalase.css", dressed["etalase.css"]), data_uri(dressed["icon.svg"])
        for named in (address, icon):
            assert f'href="{named}"' in page and named not in plain
        assert (job.output / address.lstrip("/")).read_bytes() == dressed["etalase.css"]
        assert page.count('name="theme-color"') == 1 and 'content="#9c1f4a"' in page
        assert '<meta name="color-scheme" content="light">' in page
    assert plain.count('name="theme-color"') == 2 and Theme().night["paper"] in plain
    scripts = asset_path("etalase.js", dressed["etalase.js"])
    assert scripts in plain and f'src="{scripts}"' in page
