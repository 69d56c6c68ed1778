"""The linter within the build: what stops it, what is only told, in which words, and that its page lists every rule."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from storefront import report
from storefront.builder import Job, build
from storefront.linting import is_error, lint, lint_draft, lint_words
from storefront.linting.advice import advices, sources
from storefront.linting.rules import RULES, Level, Source
from storefront.linting.timeline import Point
from storefront.origin import Part, Passage
from storefront.problems import ContentErrors, Problem
from storefront.reader import read_catalogue
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, edit, line_of, make_picture, snapshot, write

TERMS, NASTAR = "terms.md", "campaigns/nastar/index.md"
FORBIDDEN = "Barang yang sudah dibeli tidak dapat dikembalikan."
DOUBTFUL = "Wajib video unboxing."
PAGE = CHECKOUT / "docs" / "aturan-halaman.md"
CATALOGUES = sorted((CHECKOUT / "templates" / "translations").glob("*/LC_MESSAGES/etalase.po"))


def add(job: Job, text: str, file: str = TERMS) -> Path:
    path = job.content / file
    return write(path, path.read_text("utf-8") + f"\n{text}\n")


def test_an_error_leaves_the_old_site(job: Job, run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """What is forbidden is told with its place and code, the exit status is 1, and the site stays byte for byte."""
    assert run() == 0
    before = snapshot(job.output)
    path = add(job, FORBIDDEN)
    capsys.readouterr()
    for arguments in ((), ("--check",)):
        assert run(*arguments) == 1
        told = [line for line in capsys.readouterr().err.splitlines() if "no_returns" in line]
        assert len(told) == 1
        assert told[0].startswith(f"content/{TERMS}:{line_of(path, FORBIDDEN)}: ")
        assert FORBIDDEN in told[0]
    assert snapshot(job.output) == before


def test_a_warning_is_told_each_time_and_stops_nothing(
    job: Job, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is only doubtful is published; it is told once in each build until it is mended, and then no more."""
    path = add(job, DOUBTFUL)
    for arguments in ((), (), ("--check",)):
        assert run(*arguments) == 0
        told = [line for line in capsys.readouterr().out.splitlines() if "video_demanded" in line]
        assert len(told) == 1
        assert told[0].startswith(f"content/{TERMS}:{line_of(path, DOUBTFUL)}: ")
    assert DOUBTFUL.rstrip(".") in (job.output / "nastar" / "index.html").read_text("utf-8")
    edit(path, DOUBTFUL, "Foto membantu kami.")
    assert run() == 0
    assert "video_demanded" not in capsys.readouterr().out
    assert build(job, NOW).nothing_to_do


def test_words_are_judged_although_a_header_cannot_be_read(job: Job) -> None:
    """All that is wrong comes in one run: a mistyped price does not hide a forbidden sentence, nor a warning."""
    add(job, f"{FORBIDDEN}\n\n{DOUBTFUL}")
    edit(job.content / NASTAR, "harga: 70000", "harga: 70,000")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.code for problem in raised.value.problems] == ["not_rupiah", "no_returns"]
    assert [problem.code for problem in raised.value.warnings] == ["video_demanded"]


def test_what_the_shop_says_is_told_once_for_all_campaigns(job: Job) -> None:
    """A block of the shop that two campaigns take is one finding, at the shop's line."""
    other = CAMPAIGN.replace("nastar-lebaran", "sagu").replace("awalan: NST", "awalan: SGU")
    write(job.content / "campaigns" / "sagu" / "index.md", other)
    write(job.content / "campaigns" / "sagu" / "nastar.png", make_picture(610, 400))
    edit(job.content / "shop.md", "tenggat_hari: 3", "tenggat_hari: 30")
    warnings = build(job, NOW).warnings
    assert [(finding.file, finding.code) for finding in warnings] == [
        ((job.content / "shop.md").as_posix(), "refund_slow")
    ]


def test_a_draft_is_only_warned(job: Job, run: Callable[..., int]) -> None:
    """What would stop a published campaign is mentioned while it is a draft, and stops it once it is none."""
    draft = CAMPAIGN.replace("id: nastar-lebaran", "id: sagu\ndraf: ya").replace("awalan: NST", "awalan: SGU")
    path = write(job.content / "campaigns" / "sagu" / "index.md", draft.replace("Nastar **lembut**.", FORBIDDEN))
    write(job.content / "campaigns" / "sagu" / "nastar.png", make_picture(610, 400))
    outcome = build(job, NOW)
    assert [(finding.line, finding.code) for finding in outcome.warnings] == [(line_of(path, FORBIDDEN), "no_returns")]
    edit(path, "draf: ya", "draf: tidak")
    assert run() == 1


def test_a_new_campaign_has_no_finding(job: Job, run: Callable[..., int]) -> None:
    """What build.py new writes is right as it is, but for what only the seller can know."""
    assert run("new", "Kue Sagu") == 0
    assert {finding.code for finding in build(job, NOW).warnings} <= {"specification_missing"}


def test_private_notes_are_not_judged(job: Job) -> None:
    """What is never published may say anything."""
    edit(job.content / NASTAR, "catatan_internal: Margin rahasia 41 persen", f"catatan_internal: {FORBIDDEN}")
    write(job.content / "_catatan.md", FORBIDDEN)
    assert build(job, NOW).warnings == ()


def test_the_sample_shop_has_no_finding(tmp_path: Path) -> None:
    """The shop that sellers copy is right, on any day: no error and no warning."""
    content = read_catalogue(CHECKOUT / "content", tmp_path)
    published = frozenset(item.campaign.id for item in content.campaigns)
    for days in range(0, 800, 29):
        now = NOW + timedelta(days=days)
        assert lint(content, now, published) == lint(content, now) == ()
        assert all(lint_draft(item, content, now) == () for item in content.campaigns)


def test_a_rule_without_an_article_only_warns() -> None:
    """Where the text of the law was not at hand, no article is named, and nothing is refused for its sake."""
    cited = sources(lambda text: text)
    for rule in RULES.values():
        law = rule.source is not Source.SENSE
        if law and not rule.source.names_article:
            assert rule.level is Level.WARNING, rule.code
            assert not re.search(r"article|pasal", cited[rule.source], re.IGNORECASE)
    assert all(re.search(r"article", cited[source]) for source in Source if source.names_article)
    assert set(cited) == set(Source)


def test_every_rule_has_advice() -> None:
    """Each rule has its reason and its remedy, and no other."""
    assert set(advices(lambda text: text)) == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_a_finding_is_told_in_a_whole_line(code: str) -> None:
    """The line names place, code and remedy, with every placeholder filled."""
    fields = {
        "quote": "kalimat", "key": "kunci", "text": "isi", "hours": 24, "days": 3, "value": 9, "quota": 8, "most": 7, "said": 6, "set": NOW.date(), "least": 2,
        "day": NOW.date(), "other_day": NOW.date(), "point": Point.SHIPS, "other_point": Point.PICKUP, "percent": 50, "before": 40,
        "amount": 65_000, "other_amount": 650, "said_amount": 1_000, "name": "Besar", "other": "Kecil",
    }  # fmt: skip
    finding = Problem("content/a.md", 7, code, fields)
    for language in ("id", "en"):
        line = report.describe(finding, gettext.NullTranslations(), language)
        assert line.startswith("content/a.md:7: ")
        assert code in line
        assert "%(" not in line
        assert "\n" not in line


@pytest.mark.parametrize("catalogue", [None, *CATALOGUES], ids=lambda path: path.parts[-3] if path else "en")
def test_what_is_to_be_pasted_is_right(catalogue: Path | None) -> None:
    """No remedy would itself be found, in any language; what she pastes ends the matter."""
    known: dict[object, object] = {}
    if catalogue is not None:
        with catalogue.open("rb") as file:
            known = {message.id: message.string for message in read_po(file)}
    for code, advice in advices(lambda text: str(known.get(text) or text)).items():
        for part in (Part.TERMS, Part.HEADER):
            found = lint_words([Passage("a.md", 1, re.sub(r"%\(\w+\)s|%%", "50", advice.cure), part)])
            assert found == (), code


def test_the_page_of_rules_lists_them_all() -> None:
    """Sellers find each rule with its level and source, in the order of the rules; and no other."""
    words = {Level.ERROR: "kesalahan", Level.WARNING: "peringatan"}
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+?) \| (.+?) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    listed = {code: level for code, level, *_ in rows}
    assert len(listed) == len(rows)
    assert listed == {code: words[rule.level] for code, rule in RULES.items()}
    shown: dict[Source, set[str]] = {}
    for code, _, _, source, _ in rows:
        shown.setdefault(RULES[code].source, set()).add(source)
    # One name for one source, an article exactly where it is known, and the same law as in the code.
    assert all(len(names) == 1 for names in shown.values())
    for source, names in shown.items():
        name = next(iter(names))
        assert ("Pasal" in name) is source.names_article
        law = source.value.split()[0]
        assert source is Source.SENSE or law in name
        if source.names_article and source is not Source.SENSE:
            assert set(re.findall(r"\d+", source.value)) - {"2019", "1999", "2022"} <= set(re.findall(r"\d+", name)) | {
                "80",
                "8",
                "27",
            }


def test_errors_and_warnings_are_told_apart() -> None:
    """A problem of the reader and an error of the linter both stop the build; a warning does not."""
    assert is_error(Problem("a.md", 1, "not_rupiah"))
    for code, rule in RULES.items():
        assert is_error(Problem("a.md", 1, code)) is (rule.level is Level.ERROR)
