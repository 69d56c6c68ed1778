"""The word for the buyer, put into every sentence that has one."""

from __future__ import annotations

import dataclasses
import gettext
import re

import pytest
from babel.messages.pofile import read_po

from preorder.catalogue import with_terms
from preorder.changes import Change, What, find_changes
from preorder.salutation import Salutation, address, addressed, differ_in_address_only
from tests.makers import make_campaign, make_shop
from tests.preorder.test_changes import ORDERED, snapshot_of
from tests.spoken import CATALOGUE

S = Salutation


def sentences() -> list[str]:
    """Give every Indonesian sentence of ours."""
    with CATALOGUE.open("rb") as file:
        found = [message.string for message in read_po(file) if message.id]
    return [text for each in found for text in (each if isinstance(each, tuple | list) else [each])]


@pytest.mark.parametrize(
    ("sentence", "kamu", "bapak_ibu"),
    [
        ("Isi nama Kakak.", "Isi nama kamu.", "Isi nama Bapak/Ibu."),
        ("Kakak bayar DP", "Kamu bayar DP", "Bapak/Ibu bayar DP"),
        ("Sudah habis. Kakak bisa menunggu.", "Sudah habis. Kamu bisa menunggu.", "Sudah habis. Bapak/Ibu bisa menunggu."),
        ("Sedang dibuka: Kakak tidak perlu menunggu.", "Sedang dibuka: kamu tidak perlu menunggu.", "Sedang dibuka: Bapak/Ibu tidak perlu menunggu."),
        ("%(num)s hari, Kakak", "%(num)s hari, kamu", "%(num)s hari, Bapak/Ibu"),
        ("Halo Kak %(name)s, tentang %(ref)s: ", "Halo %(name)s, tentang %(ref)s: ", "Halo Bapak/Ibu %(name)s, tentang %(ref)s: "),
        ("Halo Kak, saya mau pesan.", "Halo, saya mau pesan.", "Halo, saya mau pesan."),
        ("Tanya kami, ya Kak.", "Tanya kami, ya.", "Tanya kami, ya."),
        ("Kakaktua dan Kaki", "Kakaktua dan Kaki", "Kakaktua dan Kaki"),
        ("Simpan lembar kerja Anda.", "Simpan lembar kerja Anda.", "Simpan lembar kerja Anda."),
    ],
)  # fmt: skip
def test_the_word_fits_its_place(sentence: str, kamu: str, bapak_ibu: str) -> None:
    """Small within a sentence, large where one begins; and nobody is called without a word to call her."""
    assert address(sentence, S.KAMU) == kamu
    assert address(sentence, S.BAPAK_IBU) == bapak_ibu
    assert address(sentence, S.ANDA) == kamu.replace("kamu", "Anda").replace("Kamu", "Anda")
    assert address(sentence, S.KAKAK) == sentence


@pytest.mark.parametrize("salutation", [S.ANDA, S.KAMU, S.BAPAK_IBU])
def test_no_sentence_of_ours_keeps_it(salutation: Salutation) -> None:
    """Every one in the catalogue, whoever looks it up; places and everything else in it stay."""
    told = sentences()
    assert sum("Kak" in text for text in told) > 100
    for text in told:
        worded = address(text, salutation)
        assert not re.search(r"\bKak(?:ak)?\b", worded), text
        assert sorted(re.findall(r"%\(\w+\)s|%%", worded)) == sorted(re.findall(r"%\(\w+\)s|%%", text))
        assert "  " not in worded.replace("  ", "", text.count("  ")), worded


def test_a_catalogue_is_worded_where_it_is_looked_up() -> None:
    """Single sentences and those with a number; English, and the word that they are written with, are left alone."""

    class Written(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"{message} Kakak"

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            return f"{msgid1 if n == 1 else msgid2} Kakak"

    written = Written()
    spoken = addressed(written, "id", S.ANDA)
    assert spoken.gettext("x") == "x Anda"
    assert (spoken.ngettext("a", "b", 1), spoken.ngettext("a", "b", 2)) == ("a Anda", "b Anda")
    assert addressed(written, "id", S.KAKAK) is addressed(written, "en", S.ANDA) is written


def test_another_word_alone_is_no_change_of_what_was_agreed() -> None:
    """The text that she accepted stays as it was, with its own hash; but she is told of no change that is none."""
    terms = "<p>Kalau Kakak membatalkan, uang kembali. {}</p>"
    before = with_terms(make_campaign(), terms.format(""))
    for word in ("Anda", "kamu", "Bapak/Ibu"):
        after = with_terms(before, terms.replace("Kakak", word).format(""))
        assert after.terms_hash != before.terms_hash
        assert find_changes(snapshot_of(before), ORDERED, after, make_shop()) == ()
    more = with_terms(before, terms.replace("Kakak", "Anda").format("Ongkir tidak."))
    assert find_changes(snapshot_of(before), ORDERED, more, make_shop()) == (Change(What.WORDING),)
    titled = dataclasses.replace(after, title="Lain")
    assert [each.what for each in find_changes(snapshot_of(before), ORDERED, titled, make_shop())] == [What.TITLE]


def test_texts_are_the_same_but_for_the_word() -> None:
    """Any of the four words for any other, and nothing else."""
    assert differ_in_address_only("Kakak dan pesanan Kakak.", "Kamu dan pesanan kamu.")
    assert not differ_in_address_only("Kakak boleh", "Kakak tidak boleh")
    assert not differ_in_address_only("Andai Kakak", "Andakan Kakak")
