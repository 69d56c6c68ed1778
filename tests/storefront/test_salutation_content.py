"""`sapaan` of shop.md: what buyers are called."""

from __future__ import annotations

import gettext
import json
from collections.abc import Callable
from types import ModuleType

import pytest

from preorder.catalogue import from_json
from preorder.salutation import Salutation
from storefront.builder import Job, build
from storefront.problems import ContentErrors
from storefront.report import describe
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of, write

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


@pytest.mark.parametrize("word", ["kakak", "anda"])
def test_sentences_to_write_instead_use_it_too(
    job: Job,
    run: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: ModuleType,
    word: str,
) -> None:
    """The linter's suggestions are for buyers to read; what it tells the seller calls her Anda all the same."""
    monkeypatch.setattr(command, "TEMPLATES", CHECKOUT / "templates")
    edit(job.content / SHOP, BEFORE, f"sapaan: {word}\n" + BEFORE)
    write(job.content / "ketentuan.md", "Uang DP tidak bisa kembali dengan alasan apa pun.\n")
    (job.content / "terms.md").unlink()
    assert run() == 1
    told = capsys.readouterr().err
    assert ("Kakak" in told) is (word == "kakak")
    assert "Anda" in told or word == "kakak"


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
