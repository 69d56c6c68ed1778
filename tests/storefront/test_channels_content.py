"""The answers to "where did you hear of us?", as sellers write them."""

from __future__ import annotations

import gettext
import json

import pytest

from preorder.catalogue import from_json
from preorder.shop import CHANNELS
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from storefront.report import describe
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of

SHOP = "shop.md"
BEFORE = "pengiriman:\n"


def published(job: Job, text: str) -> tuple[str, ...]:
    """Give the answers of a shop whose file has this before its deliveries."""
    edit(job.content / SHOP, BEFORE, text + BEFORE)
    build(job, NOW)
    return from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).shop.channels


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("", CHANNELS),
        ("saluran: ya\n", CHANNELS),
        ("channels: yes\n", CHANNELS),
        ("saluran: tidak\n", ()),
        ("channels: No\n", ()),
        ("saluran: [Bazar Ramadan, tiktok]\n", ("Bazar Ramadan", "tiktok")),
        ("channels:\n  - Spanduk di jalan\n", ("Spanduk di jalan",)),
    ],
)
def test_answers_are_read(job: Job, text: str, channels: tuple[str, ...]) -> None:
    """Today's ones unless she has her own, or asks nothing; in both spellings."""
    assert published(job, text) == channels


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ("Instagram", "TikTok", "WhatsApp", "Teman", "Lainnya")),
        ("saluran: [Bazar Ramadan, tiktok]\n", ("Bazar Ramadan", "TikTok")),
        ("saluran: tidak\n", ()),
    ],
)
def test_the_page_asks_with_these_answers(job: Job, text: str, shown: tuple[str, ...]) -> None:
    """In words; where it isn't asked, neither form nor privacy notice speaks of it."""
    job = Job(job.content, job.output, CHECKOUT / "templates")
    published(job, text)
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert ('id="f-channel"' in page) is bool(shown)
    choices = page.partition('id="f-channel"')[2].partition("</select>")[0]
    assert [part.partition("<")[0] for part in choices.split('">')[3:]] == list(shown)
    assert ('id="privacy-channel"' in (job.output / "privasi" / "index.html").read_text("utf-8")) is bool(shown)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("saluran: Instagram\n", "not_channels", "saluran:"),
        ("saluran: {Instagram: ya}\n", "not_channels", "saluran:"),
        ("saluran: []\n", "not_channels", "saluran:"),
        ("saluran: [Bazar, Bazar]\n", "repeated_item", "saluran:"),
        ("saluran: [Bazar, '']\n", "empty_item", "saluran:"),
        (f"saluran: [{'x' * 41}]\n", "text_too_long", "saluran:"),
        (f"saluran: [{', '.join(f'a{number}' for number in range(21))}]\n", "too_many_items", "saluran:"),
        ("salurann: [Bazar]\n", "unknown_key_suggested", "salurann:"),
    ],
)
def test_wrong_answers_are_told_with_their_line(job: Job, text: str, code: str, at: str) -> None:
    """One problem, in a sentence of its own."""
    edit(job.content / SHOP, BEFORE, text + BEFORE)
    with pytest.raises(ContentErrors) as wrong:
        build(job, NOW)
    [problem] = [each for each in wrong.value.problems if each.file.endswith(SHOP)]
    assert (problem.code, problem.line) == (code, line_of(job.content / SHOP, at))
    assert "%(" not in describe(problem, gettext.NullTranslations(), "id")
