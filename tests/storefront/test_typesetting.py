"""Tables, remarks and footnotes of the seller's texts: seen, heard and operated on every page that they stand on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from storefront.builder import Job, build
from storefront.markdown import Setting, to_html
from storefront.vocabulary import REMARKS
from tests.intake.web.page import Page
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, write

NOTED = "Kering.[^1] Renyah.[^dua kata] Kering.[^1]\n\n[^1]: Simpan.\n[^dua kata]: Sungguh.\n"


def convert(text: str, setting: Setting | None = None) -> tuple[str, list[tuple[int, str]]]:
    problems: list[tuple[int, str]] = []
    made = to_html(text, lambda line, code, **_: problems.append((line, code)), 10, setting)
    return made, problems


def spoken(text: str) -> str:
    """Stand in for gettext: whatever has gone through it is in capitals."""
    return re.sub(r"%\(\w+\)s|[a-z]+", lambda word: word.group() if "%" in word.group() else word.group().upper(), text)


@pytest.mark.parametrize("typed", sorted({word for each in REMARKS.values() for word in each.spellings()}))
def test_every_kind_of_remark_has_a_title_of_its_language(typed: str) -> None:
    """A remark says what it is in words, not by its colour alone; a screen reader hears that it stands apart."""
    kind = next(kind for kind, word in REMARKS.items() if typed in word.spellings())
    made, problems = convert(f"!!! {typed}\n    Isi\n", Setting(gettext=spoken))
    title = {"note": "NOTE", "tip": "TIP", "important": "IMPORTANT", "warning": "WARNING"}[kind]
    assert f'<div class="remark remark-{kind}" role="note">\n<p class="remark-title">{title}</p>' in made
    assert problems == []
    assert '<p class="remark-title">Punya saya</p>' in convert(f'!!! {typed} "Punya saya"\n    Isi\n')[0]


def test_an_unknown_remark_is_told_with_its_line() -> None:
    """A word that nobody styles would look like any other text: the seller hears of it."""
    assert convert("a\n\n!!! entah\n    Isi\n")[1] == [(12, "unknown_remark")]
    assert convert("!!! catatan penting\n    Isi\n")[1] == [(10, "unknown_remark")]


def test_a_table_scrolls_by_itself() -> None:
    """It lies in a box that the keys reach, called after its columns; the headings say that they are."""
    made, _ = convert("| Ukuran | | Harga |\n|---|---|--:|\n| S | x | 1 |\n\nsesudah\n", Setting(gettext=spoken))
    box = re.search(r"<div ([^>]*)><table>.*?</table></div>\s*<p>sesudah", made, re.DOTALL)
    assert box is not None
    assert set(re.findall(r'(\S+)="', box[1])) == {"class", "role", "tabindex", "aria-label"}
    assert 'aria-label="TABLE: Ukuran, Harga"' in box[1]
    assert '<th scope="col">Ukuran</th>' in made
    assert made.count("<th") == 3  # thead and two headings; the empty one is none


def test_footnotes_lead_there_and_back() -> None:
    """Each sign leads to its note and each note back to each of its signs, under names that say so."""
    made, problems = convert(NOTED, Setting(name="x", gettext=spoken))
    assert problems == []
    ids, aims = re.findall(r'id="([^"]+)"', made), re.findall(r'href="#([^"]+)"', made)
    assert sorted(ids) == ["fn:x-1", "fn:x-2", "fnref2:x-1", "fnref:x-1", "fnref:x-2"]
    assert set(ids) == set(aims)
    assert made.count('aria-label="BACK TO NOTE 1 IN THE TEXT"') == 2
    assert "Jump back" not in made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\n\nb[^x]", [(12, "no_such_footnote")]),
        ("a\n\n[^x]: b", [(12, "footnote_without_sign")]),
        ("a[^x]\n\n[^x]: b\n[^x]: c", [(13, "footnote_twice")]),
        ("`[^x]` dan\n\n```\n[^y]\n```", []),
        ("!!! catatan\n    a[^x]\n\n- b[^y]\n\n    c[^z]\n\n[^x]: 1\n[^y]: 2\n[^z]: 3", []),
    ],
)
def test_signs_and_notes_belong_together(text: str, found: list[tuple[int, str]]) -> None:
    """One without the other is told with its line; code is no sign, and within lists and remarks they are signs."""
    assert convert(text)[1] == found


def test_ids_are_unique_on_every_page(job: Job) -> None:
    """However many texts with footnotes and headings stand on a page, no id stands there twice and every one is met."""
    other = CAMPAIGN.replace("nastar-lebaran", "sagu").replace("NST", "SGU").replace("Nastar Lebaran", "Sagu")
    write(job.content / "campaigns" / "sagu" / "index.md", other.replace("berkas: nastar.png", "berkas: a.png"))
    write(job.content / "campaigns" / "sagu" / "a.png", (job.content / "campaigns/nastar/nastar.png").read_bytes())
    for folder in (job.content, *(job.content / "campaigns").iterdir()):
        write(folder / "ketentuan.md", f"## Kemasan\n\n{NOTED}")
        write(folder / "pembatalan.md", f"## Batal\n\n{NOTED}")
        write(folder / "faq.md", f"## Apa?\n\n{NOTED}\n## Siapa?\n\n{NOTED}")
    (job.content / "terms.md").unlink()
    (job.content / "cancellation.md").unlink()
    for path in (job.content / "shop.md", job.content / "campaigns" / "nastar" / "index.md"):
        path.write_text(path.read_text("utf-8") + f"\n## Isi\n\n### Isi\n\n{NOTED}", "utf-8")
    build(replace(job, templates=CHECKOUT / "templates"), NOW)
    for page in ("index.html", "nastar/index.html", "sagu/index.html", "ketentuan/index.html"):
        text = (job.output / page).read_text("utf-8")
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert sorted(ids) == sorted(set(ids)), page
        assert "fn:" in text
        assert set(re.findall(r'href="#([^"]+)"', text)) <= set(Page(text).ids)
