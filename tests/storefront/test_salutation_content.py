"""`sapaan` of shop.md: what buyers are called."""

from __future__ import annotations

import gettext
import json

import pytest

from preorder.catalogue import from_json
from preorder.salutation import Salutation
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from storefront.report import describe
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of

SHOP = "shop.md"
BEFORE = "pengiriman:\n"


@pytest.mark.parametrize(
    ("text", "salutation"),
    [
        ("", Salutation.KAKAK),
        ("sapaan: kak\n", Salutation.KAKAK),
        ("sapaan: Anda\n", Salutation.ANDA),
        ("salutation: kamu\n", Salutation.KAMU),
        ("sapaan: Bapak/Ibu\n", Salutation.BAPAK_IBU),
        ("sapaan: bapak_ibu\n", Salutation.BAPAK_IBU),
    ],
)
def test_the_word_is_read(job: Job, text: str, salutation: Salutation) -> None:
    """One of four, in any case; Kakak where she says none."""
    edit(job.content / SHOP, BEFORE, text + BEFORE)
    build(job, NOW)
    assert from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).shop.salutation is salutation


@pytest.mark.parametrize(
    ("text", "code"),
    [("sapaan: Bunda\n", "not_choice"), ("sapaan:\n", "empty_value"), ("sapaan: [kamu]\n", "not_text"), ("sapan: kamu\n", "unknown_key_suggested")],
)  # fmt: skip
def test_a_word_that_we_do_not_know_is_told(job: Job, text: str, code: str) -> None:
    """With its line, and those that there are."""
    edit(job.content / SHOP, BEFORE, text + BEFORE)
    with pytest.raises(ContentErrors) as wrong:
        build(job, NOW)
    [problem] = wrong.value.problems
    assert (problem.code, problem.line) == (code, line_of(job.content / SHOP, text.partition(":")[0] + ":"))
    sentence = describe(problem, gettext.NullTranslations(), "id")
    assert code != "not_choice" or "kakak, anda, kamu, bapak_ibu" in sentence


def test_it_is_part_of_what_is_agreed(job: Job) -> None:
    """The contract's words are hers to read, so they are hashed as she reads them."""
    job = Job(job.content, job.output, CHECKOUT / "templates")
    build(job, NOW)
    [before] = from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns
    edit(job.content / SHOP, BEFORE, "sapaan: anda\n" + BEFORE)
    build(job, NOW)
    [after] = from_json(json.loads((job.output / "catalogue.json").read_text("utf-8"))).campaigns
    assert "Kakak" in before.terms_html and "Kakak" not in after.terms_html
    assert before.terms_hash != after.terms_hash
