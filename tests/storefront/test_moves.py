"""A campaign that is renamed: who has its old address comes to the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from storefront.builder import Job, build
from storefront.problems import ContentErrors
from tests.intake.web.page import Page
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, edit, line_of, make_content, write

NASTAR = "campaigns/nastar/index.md"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """The small shop, with the templates of the repository."""
    return Job(make_content(tmp_path), tmp_path / "site", CHECKOUT / "templates")


def renamed(job: Job, former: str) -> None:
    edit(job.content / NASTAR, "judul: Nastar Lebaran", f"slug: nastar-natal\n{former}judul: Nastar Lebaran")


@pytest.mark.parametrize("former", ["slug_lama: [nastar, kue-nanas]\n", "former_slugs:\n  - nastar\n  - kue-nanas\n"])
def test_an_old_address_leads_to_the_new_one(job: Job, former: str) -> None:
    """With a page that goes on by itself, and a link for who doesn't; gone again when the seller takes it out."""
    build(job, NOW)
    renamed(job, former)
    outcome = build(job, NOW)
    assert outcome.warnings == ()
    for old in ("nastar", "kue-nanas"):
        page = Page((job.output / old / "index.html").read_text("utf-8"))
        (refresh,) = [each for each in page.elements if each.attributes.get("http-equiv") == "refresh"]
        assert refresh.attributes["content"] == "0; url=/nastar-natal/"
        assert page.ids["moved"].attributes["href"] == "/nastar-natal/"
        assert any(
            each.attributes.get("name") == "robots" and "noindex" in each.attributes["content"]
            for each in page.elements
        )
    assert (job.output / "nastar-natal" / "index.html").is_file()
    edit(job.content / NASTAR, former, "slug_lama: kue-nanas\n")
    taken_out = build(job, NOW)
    assert "nastar/index.html" in taken_out.removed
    assert [(each.code, each.fields["text"]) for each in taken_out.warnings] == [("slug_lost", "nastar")]


def test_an_address_that_would_be_lost_is_told(job: Job) -> None:
    """At the line that renamed it, with what to write; not for what was never published."""
    edit(job.content / NASTAR, "judul: Nastar Lebaran", "slug: nastar-pertama\njudul: Nastar Lebaran")
    assert build(job, NOW).warnings == ()
    edit(job.content / NASTAR, "slug: nastar-pertama", "slug: nastar-kedua")
    (warning,) = build(job, NOW).warnings
    assert (warning.code, warning.line) == ("slug_lost", line_of(job.content / NASTAR, "slug:"))
    assert warning.fields == {"text": "nastar-pertama", "key": "slug_lama"}
    # Its address is another campaign's now: nobody finds nothing.
    edit(job.content / NASTAR, "slug: nastar-kedua", "slug: nastar-ketiga\nslug_lama: nastar-kedua")
    build(job, NOW)
    edit(job.content / NASTAR, "slug_lama: nastar-kedua\n", "")
    other = CAMPAIGN.replace("id: nastar-lebaran", "id: lain\nslug: nastar-kedua").replace("awalan: NST", "awalan: LAN")
    write(
        job.content / "campaigns" / "lain.md",
        other.replace("foto:\n  - berkas: nastar.png\n    alt: Setoples nastar\n", ""),
    )
    assert build(job, NOW).warnings == ()


def test_a_campaign_whose_file_is_gone_is_told(job: Job) -> None:
    """As an editor that adds .txt leaves it; one that she has made a draft is not missed."""
    build(job, NOW)
    path = job.content / NASTAR
    edit(path, "id: nastar-lebaran", "id: nastar-lebaran\ndraf: ya")
    assert [warning.code for warning in build(job, NOW).warnings] == []
    edit(path, "draf: ya\n", "")
    build(job, NOW)
    path.rename(path.with_suffix(".md.txt"))
    (warning,) = build(job, NOW).warnings
    assert (warning.code, warning.fields) == ("campaign_gone", {"text": "Nastar Lebaran", "slug": "nastar"})


OTHER = CAMPAIGN.replace("id: nastar-lebaran", "id: lain").replace("awalan: NST", "awalan: LAN").replace("foto:\n  - berkas: nastar.png\n    alt: Setoples nastar\n", "")  # fmt: skip


@pytest.mark.parametrize(
    ("former", "code", "fields"),
    [
        ("[lain]", "former_taken", {"text": "lain"}),
        ("[dulu]", "former_taken", {"text": "dulu"}),
        ("[nastar]", "former_is_present", {"text": "nastar"}),
        ("[pesan]", "former_reserved", {"text": "pesan"}),
        ("[kue, kue]", "repeated_item", {"text": "kue", "first_line": 3}),
        ("[Kue Lebaran]", "not_slug_suggested", {"text": "Kue Lebaran", "suggestion": "kue-lebaran"}),
        ("[../rahasia]", "not_slug_suggested", {"text": "../rahasia", "suggestion": "rahasia"}),
        ("{kue: ya}", "not_slug", {"text": ""}),
        ("[" + ", ".join(f"kue-{number}" for number in range(21)) + "]", "too_many_items", {"count": 21, "most": 20}),
    ],
)
def test_what_can_not_lead_to_it(job: Job, former: str, code: str, fields: dict[str, object]) -> None:
    """The line and the cure for each; nothing is published."""
    write(job.content / "campaigns" / "lain.md", OTHER.replace("id: lain", "id: lain\nslug_lama: dulu"))
    edit(job.content / NASTAR, "id: nastar-lebaran", f"id: nastar-lebaran\nslug_lama: {former}")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    (problem,) = raised.value.problems
    assert (problem.code, problem.line) == (code, line_of(job.content / NASTAR, "slug_lama"))
    assert fields.items() <= problem.fields.items()
    assert not job.output.exists()


def test_the_former_address_of_a_draft_is_free(job: Job) -> None:
    """What is not published leads nowhere, and gives way to what is."""
    draft = OTHER.replace("id: lain", "id: lain\ndraf: ya\nslug_lama: [nastar, kue]")
    write(job.content / "campaigns" / "lain.md", draft)
    outcome = build(job, NOW)
    assert not (job.output / "kue").exists()
    assert [each.code for each in outcome.warnings] == ["former_taken"]
