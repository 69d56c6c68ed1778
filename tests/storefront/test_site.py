"""
The site as the real templates make it: whole, without dead ends, and within what the pages' security policy allows.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from storefront.builder import Job, build
from tests.storefront.content_makers import CHECKOUT, NOW, edit, make_content, write

ADDRESSES = {"href", "src", "srcset", "action", "data-src", "poster"}
DESK = ("/pesan/", "/s/", "/sisa.json")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """Collects what the tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        # "p" and "li" may be left open in HTML; ours never are, so a tag that doesn't match is a slip.
        assert self.open, tag
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        self.text += data

    def addresses(self) -> set[str]:
        found = set()
        for _, attributes in self.tags:
            for name in ADDRESSES & attributes.keys():
                parts = attributes[name].split(",") if name == "srcset" else [attributes[name]]
                found |= {part.split()[0] for part in parts if part.strip()}
        return found


@pytest.fixture(params=["id", "en"])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    content = make_content(tmp_path)
    edit(content / "shop.md", "bahasa: id", f"bahasa: {request.param}")
    edit(content / "shop.md", "slogan: Kue kering rumahan", 'slogan: "<b>\'Kue\' & \\"kering\\"</b>"')
    edit(
        content / "campaigns" / "nastar" / "index.md",
        "ringkas: Isi nanas asli",
        'ringkas: "</title><script>alert(1)</script>"',
    )
    write(content / "campaigns" / "nastar" / "pembatalan.md", "Kabari kami *secepatnya*.\n")
    build(Job(content, tmp_path / "site", CHECKOUT / "templates"), NOW)
    return tmp_path / "site"


@pytest.fixture
def pages(site: Path) -> dict[str, Page]:
    return {path.relative_to(site).as_posix(): Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


def test_the_pages_are_there_and_well_formed(site: Path, pages: dict[str, Page]) -> None:
    """Home, campaign and 404, every element closed."""
    assert set(pages) == {
        "index.html",
        "nastar/index.html",
        "404.html",
        "ketentuan/index.html",
        "privasi/index.html",
        "arsip/index.html",
    }
    for page in pages.values():
        assert page.open == []
        assert [tag for tag, _ in page.tags].count("h1") == 1


def test_no_address_leads_nowhere(site: Path, pages: dict[str, Page]) -> None:
    """Each link, picture, style and script of the site's own is among its files or belongs to the order desk."""
    for page in pages.values():
        for address in page.addresses():
            if address.startswith(("https://", "mailto:", "tel:", "#", "data:")):
                continue
            assert address.startswith("/"), address
            path = address.split("#")[0].split("?")[0]
            if not path.startswith(DESK):
                assert (site / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))).is_file(), address


def test_every_anchor_has_its_target(pages: dict[str, Page]) -> None:
    """Links within a page lead to an id that stands in it once."""
    for page in pages.values():
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert {address[1:] for address in page.addresses() if address.startswith("#") and len(address) > 1} <= set(ids)


def test_nothing_in_line_and_nothing_from_elsewhere(pages: dict[str, Page]) -> None:
    """
    The policy forbids inline styles, scripts and handlers; no page loads anything from another host; what she typed is
    text.
    """
    for page in pages.values():
        for tag, attributes in page.tags:
            assert tag != "style"
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            if tag == "script" and attributes.get("type") != "application/ld+json":
                assert attributes["src"].startswith("/assets/")
            if tag in {"img", "link", "script", "source", "iframe"}:
                for name in ("src", "href"):
                    assert not attributes.get(name, "/").startswith(("http:", "//")), attributes
        assert any(
            tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy" for tag, attributes in page.tags
        )


def test_the_form_asks_for_what_the_header_offers(pages: dict[str, Page]) -> None:
    """Every product's quantity, option and delivery stands in the form, which is posted to the order desk."""
    tags = pages["nastar/index.html"].tags
    forms = [attributes for tag, attributes in tags if tag == "form"]
    assert [(form["method"].lower(), form["action"]) for form in forms] == [("post", "/pesan/nastar")]
    names = {
        attributes["name"]
        for tag, attributes in tags
        if tag in {"input", "select", "textarea"} and "name" in attributes
    }
    expected = {
        "nastar--toples-250-g--qty", "nastar--toples-500-g--qty", "kastengel--1--qty", "kastengel--1--option-pita",
        "kastengel--4--option-ucapan", "name", "phone", "delivery", "street", "postal_code", "note", "terms", "leave_empty",
    }  # fmt: skip
    assert expected <= names
    deliveries = {
        attributes.get("value") for tag, attributes in tags if tag == "input" and attributes.get("name") == "delivery"
    }
    assert deliveries == {"jne-reguler", "ambil-di-dapur"}


def test_the_contract_and_her_own_words_are_on_the_page(pages: dict[str, Page]) -> None:
    """Terms of the house, words of the campaign and its description are all there."""
    text = pages["nastar/index.html"].text
    for part in (
        "Kemasan kaca",
        "secepatnya",
        "lembut",
        "Tahan berapa lama?",
        "Rp65.000",
        "</title><script>alert(1)</script>",
    ):
        assert part in text
