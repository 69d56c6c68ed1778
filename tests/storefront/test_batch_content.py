"""The minimum of a round (`kloter`), as sellers write it: to catalogue, contract, page and list of what happens when."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime

import pytest

from preorder.batch import Batch, Otherwise
from preorder.campaign import Campaign
from preorder.catalogue import from_json
from preorder.schedule import ZONES
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of

NASTAR = "campaigns/nastar/index.md"
CAPACITY = "kuota: 100\n"
USUAL = "kloter: {minimum: 12, bila_tidak_tercapai: refund_penuh}"
CLOSED = datetime(2026, 12, 11, tzinfo=ZONES["WIB"])


@pytest.fixture
def shown(job: Job) -> Job:
    """Give a job with the real templates; English words, for a translation must not hide a number."""
    edit(job.content / "shop.md", "bahasa: id", "bahasa: en")
    return dataclasses.replace(job, templates=CHECKOUT / "templates")


def published(job: Job, text: str, now: datetime = NOW) -> Campaign:
    """Give the campaign as it is published with these lines in its header."""
    path = job.content / NASTAR
    before = path.read_text("utf-8")
    edit(path, CAPACITY, f"{CAPACITY}{text}\n" if text else CAPACITY)
    build(job, now)
    path.write_text(before, "utf-8")
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns[0]


def page_of(job: Job) -> str:
    return (job.output / "nastar" / "index.html").read_text("utf-8")


def plain(html: str) -> str:
    """Give what is read of some HTML."""
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html, flags=re.DOTALL).split())


def part(page: str, pattern: str) -> str:
    (found,) = re.findall(pattern, page, re.DOTALL)
    return plain(found)


@pytest.mark.parametrize(
    ("text", "batch"),
    [
        ("", None),
        (USUAL, Batch(12, Otherwise.REFUND, 2)),
        ("kloter: {minimum: 1, bila_tidak_tercapai: refund penuh, diumumkan: 0 hari}", Batch(1, Otherwise.REFUND, 0)),
        ("kloter: {minimum: 50, bila_tidak_tercapai: Perpanjang, diumumkan: 3 hari}", Batch(50, Otherwise.EXTEND, 3)),
        ("kloter:\n  minimum: 12\n  bila_tidak_tercapai: lanjut\n  diumumkan: 7 hari", Batch(12, Otherwise.GO_ON, 7)),
        ("batch: {minimum: 12, if_not_reached: full_refund}", Batch(12, Otherwise.REFUND, 2)),
        ("batch: {minimum: 100, if_not_reached: extend, told_within: 4 days}", Batch(100, Otherwise.EXTEND, 4)),
        ("batch: {minimum: 12, if_not_reached: go on, told_within: 2 days}", Batch(12, Otherwise.GO_ON, 2)),
    ],
)
def test_it_is_read_in_both_languages(job: Job, text: str, batch: Batch | None) -> None:
    """As sellers write it; buyers are told within two days unless she says otherwise."""
    assert published(job, text).batch == batch


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("kloter: 12", "not_keys", "kloter"),
        ("kloter: [12]", "not_keys", "kloter"),
        ("kloter: {bila_tidak_tercapai: lanjut}", "missing_example", "kloter"),
        ("kloter: {minimum: 12}", "missing_example", "kloter"),
        ("kloter:\n  minimum: 0\n  bila_tidak_tercapai: lanjut", "not_count", "minimum: 0"),
        ("kloter:\n  minimum: -3\n  bila_tidak_tercapai: lanjut", "not_count", "minimum: -3"),
        ("kloter:\n  minimum: selusin\n  bila_tidak_tercapai: lanjut", "not_count", "minimum: selusin"),
        ("kloter:\n  minimum: 12,5\n  bila_tidak_tercapai: lanjut", "not_count", "minimum: 12,5"),
        ("kloter:\n  minimum:\n  bila_tidak_tercapai: lanjut", "empty_value", "minimum:"),
        ("kloter:\n  minimum: 12\n  bila_tidak_tercapai: hangus", "not_choice", "bila_tidak_tercapai: hangus"),
        ("kloter:\n  minimum: 12\n  bila_tidak_tercapai: ya", "not_choice", "bila_tidak_tercapai: ya"),
        ("kloter:\n  minimum: 12\n  bila_tidak_tercapai: lanjut\n  diumumkan: besok", "not_days", "diumumkan: besok"),
        ("kloter:\n  minimum: 12\n  bila_tidak_tercapai: lanjut\n  diumumkan: 31 hari", "not_days", "diumumkan: 31"),
        ("kloter:\n  minimum: 12\n  bila_tidak_tercapai: lanjut\n  diumumkan: 2", "not_days", "diumumkan: 2"),
        ("kloter:\n  minimum: 12\n  min: 12\n  bila_tidak_tercapai: lanjut", "unknown_key_suggested", "  min: 12"),
        (f"{USUAL}\nbatch: {{minimum: 12, if_not_reached: extend}}", "both_spellings", "batch:"),
        (f"{USUAL}\njenis: siap_kirim", "batch_of_ready", "kloter"),
    ],
)
def test_a_slip_is_told_at_its_line(job: Job, text: str, code: str, at: str) -> None:
    """Each with its code, in its line, and nothing is published."""
    path = job.content / NASTAR
    edit(path, CAPACITY, f"{CAPACITY}{text}\n")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    found = [(problem.code, problem.line) for problem in raised.value.problems]
    assert (code, line_of(path, at)) in found, found
    assert not job.output.exists()


def test_no_slip_is_told_without_a_cure(job: Job) -> None:
    """What is missing is named with an example that is right."""
    edit(job.content / NASTAR, CAPACITY, f"{CAPACITY}kloter: {{diumumkan: 2 hari}}\n")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    examples = {problem.fields["key"]: problem.fields["example"] for problem in raised.value.problems}
    assert set(examples) == {"minimum", "bila_tidak_tercapai"}
    text = ", ".join(f"{key}: {example}" for key, example in examples.items())
    edit(job.content / NASTAR, "kloter: {diumumkan: 2 hari}", f"kloter: {{{text}}}")
    build(job, NOW)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("kloter: {minimum: 12, bila_tidak_tercapai: refund_penuh}", {"12", "3", "2"}),
        ("kloter: {minimum: 13, bila_tidak_tercapai: refund_penuh, diumumkan: 5 hari}", {"13", "3", "5"}),
        ("kloter: {minimum: 40, bila_tidak_tercapai: perpanjang, diumumkan: 4 hari}", {"40", "3", "4"}),
        ("kloter: {minimum: 40, bila_tidak_tercapai: lanjut, diumumkan: 4 hari}", {"40", "4"}),
    ],
)
def test_contract_and_page_say_it_with_the_same_words(shown: Job, text: str, numbers: set[str]) -> None:
    """The minimum, the days for telling and, where money goes back, the policy's days for that; no other number."""
    campaign = published(shown, text)
    said = part(campaign.terms_html, r"<h3>If too few order</h3>\s*<p>(.*?)</p>")
    assert set(re.findall(r"\d+", said)) == numbers
    assert part(page_of(shown), r'<p class="note" id="batch-rule">(.*?)</p>') == said
    without = published(shown, "")
    assert without.terms_hash != campaign.terms_hash
    assert "If too few order" not in without.terms_html
    assert 'id="batch"' not in page_of(shown)


def test_the_days_of_the_refund_are_those_of_the_policy(shown: Job) -> None:
    """Another number there, another number here."""
    edit(shown.content / "shop.md", "tenggat_hari: 3", "tenggat_hari: 6")
    campaign = published(shown, USUAL)
    assert campaign.policy.refund_within_days == 6
    said = part(campaign.terms_html, r"<h3>If too few order</h3>\s*<p>(.*?)</p>")
    assert set(re.findall(r"\d+", said)) == {"12", "6", "2"}


def test_each_outcome_is_said_for_itself(shown: Job) -> None:
    """Three outcomes are three contracts."""
    said = {
        word: part(
            published(shown, f"kloter: {{minimum: 12, bila_tidak_tercapai: {word}}}").terms_html,
            r"<h3>If too few order</h3>\s*<p>(.*?)</p>",
        )
        for word in ("refund_penuh", "perpanjang", "lanjut")
    }
    assert len(set(said.values())) == 3
    assert all(("paid" in text) is (word != "lanjut") for word, text in said.items())


@pytest.mark.parametrize(("days", "until"), [(0, "2026-12-11"), (2, "2026-12-13"), (5, "2026-12-16")])
def test_the_list_says_until_when_it_is_told(shown: Job, days: int, until: str) -> None:
    """The end of that day, between closing and shipping, with the minimum beside it."""
    published(shown, f"kloter: {{minimum: 12, bila_tidak_tercapai: lanjut, diumumkan: {days} hari}}")
    (step,) = re.findall(r'data-event="batch"[^>]*>(.*?)</li>', page_of(shown), re.DOTALL)
    assert re.findall(r'datetime="([^"]+)"', step) == [f"{until}T00:00:00+07:00"]
    assert "12 pieces" in plain(step)
    events = re.findall(r'data-event="(\w+)"', page_of(shown))
    assert events.index("closes") < events.index("batch") < events.index("production")


def test_what_is_undecided_is_not_called_being_made(shown: Job) -> None:
    """On the day after the closing; two days later it is."""
    edit(shown.content / NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10")
    for now, phase in ((CLOSED, "closed"), (datetime(2026, 12, 13, tzinfo=ZONES["WIB"]), "in_production")):
        published(shown, USUAL, now)
        assert f'class="badge badge-{phase}"' in page_of(shown)


def test_the_script_is_told_how_many_are_needed(shown: Job) -> None:
    """Only while orders are taken; without script nothing is promised."""
    published(shown, USUAL)
    (mark,) = re.findall(r'<span class="goal" id="batch-progress"[^>]*>', page_of(shown))
    assert 'data-goal="12"' in mark
    assert mark.endswith(" hidden>")
    published(shown, USUAL, CLOSED)
    assert 'id="batch-progress"' not in page_of(shown)
    assert 'id="batch"' in page_of(shown)
