"""Photos within a campaign's description and the words about the shop."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from preorder.catalogue import from_json
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of, make_picture, write

NASTAR = "campaigns/nastar/index.md"
BODY = "Nastar **lembut**."


@pytest.fixture
def shop(job: Job) -> Job:
    """The small shop with the real pages, and a second photo."""
    write(job.content / "campaigns/nastar/oven.png", make_picture(1000, 700))
    return replace(job, templates=CHECKOUT / "templates")


def shown(job: Job, page: str, alt: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give the attributes of a picture and of its source of WebP."""
    found: list[tuple[str, dict[str, str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name: text or "" for name, text in attrs}))

    Reader().feed((job.output / page).read_text("utf-8"))
    (at,) = [place for place, (tag, each) in enumerate(found) if tag == "img" and each["alt"] == alt]
    assert found[at - 1][0] == "source"
    return found[at][1], found[at - 1][1]


@pytest.mark.parametrize("html", ["", "html: ya\n"], ids=["markdown alone", "with HTML"])
def test_a_photo_stands_in_the_text(shop: Job, html: str) -> None:
    """In the widths of all others, fetched when it comes near; likewise where HTML is cleaned."""
    edit(shop.content / "shop.md", "sejak: 2019\n", f"sejak: 2019\n{html}")
    edit(shop.content / NASTAR, BODY, 'Dulu.\n\n![Oven "tua" & baru](oven.png)\n\nSekarang.')
    build(shop, NOW)
    image, source = shown(shop, "nastar/index.html", 'Oven "tua" & baru')
    assert (image["width"], image["height"], image["loading"]) == ("960", "672", "lazy")
    for path in [image["src"], *re.findall(r"(/\S+) \d+w", source["srcset"])]:
        assert (shop.output / path.lstrip("/")).is_file()
    assert source["type"] == "image/webp" and source["sizes"]


def test_about_the_shop(shop: Job) -> None:
    """From the folder of shop.md, with the site's address where it is another."""
    write(shop.content / "foto/dapur.png", make_picture(700, 500))
    edit(shop.content / "shop.md", "Dapur kecil di **Bandung**.", "Dapur kecil.\n\n![Dapur kami](foto/dapur.png)")
    job = replace(shop, site_url="https://toko.example", intake_url="https://pesan.example")
    build(job, NOW)
    image, source = shown(job, "index.html", "Dapur kami")
    assert image["src"].startswith("https://toko.example/assets/photos/dapur-")
    assert "https://toko.example/assets/photos/dapur-" in source["srcset"]


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("![Oven](open.png)", "photo_missing_suggested", "oven.png"),
        ("![Oven](Oven.png)", "photo_missing_suggested", "oven.png"),
        ("![Oven](../nastar/oven.png)", "photo_outside", None),
        ("![Oven](/assets/oven.png)", "photo_outside", None),
        ("![](oven.png)", "picture_without_alt", None),
        ("![ ](oven.png)", "picture_without_alt", None),
        ("![Oven](https://lain.example/oven.png)", "picture_elsewhere", None),
        ("![Oven](//lain.example/oven.png)", "picture_elsewhere", None),
        ("![Oven](data:image/png;base64,AAAA)", "picture_elsewhere", None),
        ("![Oven](index.md)", "photo_not_image", None),
    ],
)
def test_what_can_not_be_shown(shop: Job, typed: str, code: str, suggestion: str | None) -> None:
    """Where it stands and what to do; nothing is published."""
    edit(shop.content / NASTAR, BODY, f"Dulu.\n\nLalu {typed} dan lagi.")
    with pytest.raises(ContentErrors) as raised:
        build(shop, NOW)
    (problem,) = raised.value.problems
    assert (problem.code, problem.line) == (code, line_of(shop.content / NASTAR, "!["))
    assert suggestion is None or problem.fields["suggestion"] == suggestion
    assert not shop.output.exists()


@pytest.mark.parametrize("file", ["terms.md", "faq.md", "cancellation.md", "campaigns/nastar/kabar.md"])
def test_not_in_what_is_agreed_to(shop: Job, file: str) -> None:
    """A contract holds words alone, and news would publish its photos before its time."""
    heading = "## 20 November 2026: Oven" if "kabar" in file else "## Judul"
    write(shop.content / file, f"{heading}\n\n![Oven](oven.png)\n")
    with pytest.raises(ContentErrors) as raised:
        build(shop, NOW)
    assert [(problem.code, problem.line) for problem in raised.value.problems] == [("picture_in_text", 3)]


def test_the_contract_stays_what_it_is(shop: Job) -> None:
    """A photo in the description makes no other version of the terms, and a draft's is not published."""
    import json

    def version() -> str:
        return from_json(json.loads((shop.output / "catalogue.json").read_bytes())).campaigns[0].terms_hash

    build(shop, NOW)
    before = version()
    edit(shop.content / NASTAR, BODY, f"{BODY}\n\n![Oven](oven.png)")
    build(shop, NOW)
    assert version() == before
    assert list((shop.output / "assets/photos").glob("oven-*"))
    edit(shop.content / NASTAR, "\n\n![Oven](oven.png)", "")
    build(shop, NOW)
    assert not list((shop.output / "assets/photos").glob("oven-*"))


def test_nobody_can_type_the_place_of_a_photo(shop: Job) -> None:
    """The signs that we keep it with until the end are words like any others."""
    edit(shop.content / NASTAR, BODY, "\ue0000\ue001 dan \ue0009\ue001 dan ![Oven](oven.png)")
    build(shop, NOW)
    text = (shop.output / "nastar/index.html").read_text("utf-8")
    assert text.count('alt="Oven"') == 1
