"""Links in the seller's texts lead to pages and places that the build makes, or the build says where they don't."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from storefront.builder import Job, build
from storefront.problems import ContentErrors, Problem
from storefront.vocabulary import SECTIONS
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, edit, line_of, write

NASTAR = "campaigns/nastar/index.md"
BODY = "Nastar **lembut**."


@pytest.fixture
def shop(job: Job) -> Job:
    """Give a job with the real pages and two more campaigns: one of a single file, one a draft."""
    other = CAMPAIGN.replace("nastar-lebaran", "kue-sagu").replace("NST", "SGU").replace("Nastar Lebaran", "Kue Sagu")
    other = other.replace("berkas: nastar.png", "berkas: nastar/nastar.png")
    write(job.content / "campaigns" / "kue-sagu.md", other)
    draft = other.replace("id: kue-sagu", "id: bolu\ndraf: ya").replace("SGU", "BLU").replace("Kue Sagu", "Bolu")
    write(job.content / "campaigns" / "bolu.md", draft)
    return replace(job, templates=CHECKOUT / "templates")


def problems_of(job: Job) -> list[Problem]:
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    return [problem for problem in raised.value.problems if "link" in problem.code or "place" in problem.code]


def links_of(job: Job, page: str) -> dict[str, str]:
    """Give the words of each link on a page with its address."""
    text = (job.output / page).read_text("utf-8")
    return {words: href for href, words in re.findall(r'<a href="([^"]*)"[^>]*>(uji[^<]*)</a>', text)}


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("/kue-sagu/", "/kue-sagu/"),
        ("/kue-sagu", "/kue-sagu/"),
        ("/kue-sagu/index.html", "/kue-sagu/"),
        ("kue-sagu", "/kue-sagu/"),
        ("../kue-sagu/", "/kue-sagu/"),
        ("../kue-sagu.md", "/kue-sagu/"),
        ("../kue-sagu.md#produk", "/kue-sagu/#products"),
        ("../nastar/index.md", "/nastar/"),
        ("../../shop.md", "/"),
        ("../../ketentuan.md", "/ketentuan/"),
        ("index.md", "/nastar/"),
        ("/", "/"),
        ("/privasi/", "/privasi/"),
        ("/arsip/", "/arsip/"),
        ("/ketentuan/#terms-kue-sagu", "/ketentuan/#terms-kue-sagu"),
        ("/kue-sagu/#Pembatalan", "/kue-sagu/#cancellation"),
        ("#jadwal", "#schedule"),
        ("#cara-simpan", "#_cara-simpan"),
        ("/pesan/kue-sagu", "/pesan/kue-sagu"),
        ("/ingatkan/nastar", "/ingatkan/nastar"),
    ],
)
def test_links_lead_to_what_they_mean(shop: Job, typed: str, address: str) -> None:
    """A page, a campaign's file, a part of a page or a heading: each is named as the seller thinks of it."""
    edit(shop.content / NASTAR, BODY, f"[uji]({typed})\n\n## Cara simpan\n\nKering.")
    build(shop, NOW)
    assert links_of(shop, "nastar/index.html") == {"uji": address}


def test_two_origins(shop: Job) -> None:
    """Where pages and order desk have origins of their own, each link leads to the one that answers it."""
    apart = replace(shop, site_url="https://toko.example", intake_url="https://pesan.example")
    edit(shop.content / NASTAR, BODY, "[uji satu](kue-sagu) [uji dua](/pesan/kue-sagu) [uji tiga](#produk)")
    build(apart, NOW)
    assert links_of(apart, "nastar/index.html") == {
        "uji satu": "https://toko.example/kue-sagu/",
        "uji dua": "https://pesan.example/pesan/kue-sagu",
        "uji tiga": "#products",
    }


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("/kue-sago/", "link_nowhere_suggested", "/kue-sagu/"),
        ("../kue-sago.md", "link_nowhere_suggested", "/kue-sagu/"),
        ("/kue-sago/#produk", "link_nowhere_suggested", "/kue-sagu/#produk"),
        ("/entah-apa-ini/", "link_nowhere", None),
        ("/pesan/kue-sago", "link_nowhere_suggested", "/pesan/kue-sagu"),
        ("/penawaran/kue-sagu", "link_nowhere_suggested", "/kue-sagu/"),
        ("/sisa.json", "link_nowhere", None),
        ("/assets/x.css", "link_nowhere", None),
        ("/s/abcdefghijklmnopqrstuv", "link_secret", None),
        ("/d/abcdefghijklmnopqrstuv", "link_secret", None),
        ("/bolu/", "link_to_draft", None),
        ("", "empty_link", None),
        ("/kue-sagu/#shedule", "no_such_place_suggested", "/kue-sagu/#schedule"),
        ("#shedule", "no_such_place_suggested", "#schedule"),
        ("#qqqqq", "no_such_place", None),
        ("/ketentuan/#pembatalan", "no_such_place_suggested", "/kue-sagu/#pembatalan"),
    ],
)
def test_links_that_lead_nowhere_are_problems(shop: Job, typed: str, code: str, suggestion: str | None) -> None:
    """Each is told with its file and line, and with what was probably meant."""
    path = shop.content / NASTAR
    edit(path, BODY, f"Kami {typed} kami\n\nLihat [ini]({typed}).")
    found = problems_of(shop)
    line = line_of(path, "Lihat [ini]") if typed else line_of(path, " kami")
    assert [(problem.file, problem.line, problem.code) for problem in found] == [(path.as_posix(), line, code)]
    assert found[0].fields.get("suggestion") == suggestion
    assert not shop.output.exists()


def test_an_offer_can_be_linked_where_it_can_be_asked_for(shop: Job) -> None:
    """The page for large orders is there for campaigns that have one."""
    edit(shop.content / NASTAR, "kuota: 100\n", "kuota: 100\npenawaran: {mulai: 50}\n")
    edit(shop.content / NASTAR, BODY, "[uji](/penawaran/nastar)")
    build(shop, NOW)
    assert links_of(shop, "nastar/index.html") == {"uji": "/penawaran/nastar"}


def test_drafts_may_link_to_drafts(shop: Job) -> None:
    """What is being prepared together may name each other; only what is published must not."""
    edit(shop.content / "campaigns" / "bolu.md", BODY, "[x](/bolu/) [y](/tidak-ada/)")
    assert [problem.code for problem in build(shop, NOW).warnings if "link" in problem.code] == ["link_nowhere"]


@pytest.mark.parametrize("file", ["terms.md", "cancellation.md"])
def test_a_contract_leads_to_the_page_of_its_campaign(shop: Job, file: str) -> None:
    """It is read on other pages too, so a part of the campaign's page is named with that page."""
    path = shop.content / file
    path.write_text(path.read_text("utf-8") + "\n[uji](#jadwal)\n", "utf-8")
    write(shop.content / "campaigns" / "nastar" / "ketentuan.md", "[uji sendiri](#produk)\n")
    build(shop, NOW)
    assert links_of(shop, "kue-sagu/index.html") == {"uji": "/kue-sagu/#schedule"}
    assert links_of(shop, "nastar/index.html") == {"uji": "/nastar/#schedule", "uji sendiri": "/nastar/#products"}


def test_texts_of_the_house_must_hold_on_every_campaign(shop: Job) -> None:
    """A link in the shop's questions to a part that one campaign lacks is told once."""
    edit(shop.content / NASTAR, "kuota: 100\n", "kuota: 100\nbonus: Kartu\n")
    write(shop.content / "faq.md", "## Apa bonusnya?\n\nLihat [bonus](#bonus).\n")
    assert [(problem.line, problem.fields["page"]) for problem in problems_of(shop)] == [(3, "/kue-sagu/")]


def test_every_part_that_has_a_name_is_on_the_page(shop: Job) -> None:
    """The names that links may use lead to ids of a campaign's page."""
    write(shop.content / "campaigns" / "nastar" / "kabar.md", "## 2026-11-20 Oven baru\n")
    build(shop, NOW)
    page = (shop.output / "nastar" / "index.html").read_text("utf-8")
    assert {name for name in SECTIONS if f'id="{name}"' not in page} == set()


def test_a_link_is_mended_by_the_campaign_that_it_names(shop: Job) -> None:
    """Whether a link holds depends on other files: with them it is judged anew."""
    edit(shop.content / NASTAR, BODY, "[uji](/bolu/)")
    assert [problem.code for problem in problems_of(shop)] == ["link_to_draft"]
    edit(shop.content / "campaigns" / "bolu.md", "draf: ya", "draf: tidak")
    build(shop, NOW)
    assert links_of(shop, "nastar/index.html") == {"uji": "/bolu/"}


def test_about_us_stands_on_the_first_page(shop: Job) -> None:
    """Links of the shop's own text are counted from the content folder and from the first page."""
    edit(
        shop.content / "shop.md",
        "Dapur kecil di **Bandung**.",
        "[uji satu](campaigns/nastar/index.md) [uji dua](nastar/) [uji tiga](#asal)\n\n## Asal\n\nBandung.",
    )
    build(shop, NOW)
    assert links_of(shop, "index.html") == {"uji satu": "/nastar/", "uji dua": "/nastar/", "uji tiga": "#_asal"}


def test_links_elsewhere_are_left_alone(shop: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stay as typed, nobody asks the network about them, and they hand over nothing."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    edit(shop.content / NASTAR, BODY, "[uji](https://tidak-ada.example/a?b=1&c=2#d) dan [surel](mailto:a@b.example)")
    build(shop, NOW)
    page = (shop.output / "nastar" / "index.html").read_text("utf-8")
    assert '<a href="https://tidak-ada.example/a?b=1&amp;c=2#d" rel="noopener">uji</a>' in page
    assert '<a href="mailto:a@b.example">surel</a>' in page


def test_a_link_to_a_former_address_goes_straight_to_the_new_one(shop: Job) -> None:
    """Not by way of the page that leads on; a place within it too."""
    edit(shop.content / "campaigns/kue-sagu.md", "id: kue-sagu", "id: kue-sagu\nslug_lama: [sagu-dulu]")
    edit(shop.content / NASTAR, BODY, "[uji satu](/sagu-dulu/), [uji dua](/sagu-dulu/#pembatalan)")
    build(shop, NOW)
    assert links_of(shop, "nastar/index.html") == {"uji satu": "/kue-sagu/", "uji dua": "/kue-sagu/#cancellation"}
