"""What the linter finds in the seller's words, and what it leaves alone."""

from __future__ import annotations

import time

import pytest

from storefront.linting import lint_words
from storefront.linting.rules import RULES, Subject
from storefront.linting.words import even
from storefront.origin import Part, Passage
from tests.storefront.linter_cases import FOUND, HARMLESS, OWN, Said


def codes(text: str, part: Part = Part.TERMS) -> list[str]:
    return sorted(finding.code for finding in lint_words([Passage("ketentuan.md", 1, text, part)]))


def places(text: str, part: Part = Part.TERMS) -> list[tuple[int | None, str]]:
    return [(finding.line, finding.code) for finding in lint_words([Passage("ketentuan.md", 1, text, part)])]


def test_there_are_enough_cases() -> None:
    """At least 60 clauses, 30 of them from shops' pages, and nearly as many honest sentences; none twice."""
    fire = [said.text for said in (*FOUND, *OWN)]
    assert len(fire) >= 60
    assert len(FOUND) >= 30
    assert len(set(fire)) == len(fire)
    assert len(set(HARMLESS)) == len(HARMLESS)
    assert len(HARMLESS) >= 60


@pytest.mark.parametrize("said", [*FOUND, *OWN], ids=lambda said: said.text[:60])
def test_a_clause_is_found(said: Said) -> None:
    """Each sentence breaks the rules named, and no other."""
    assert codes(said.text) == said.code.split()


@pytest.mark.parametrize("text", HARMLESS, ids=lambda text: text[:60])
def test_an_honest_sentence_is_left_alone(text: str) -> None:
    """A false alarm teaches sellers to ignore the linter."""
    assert codes(text) == []


def test_every_rule_about_clauses_has_a_case() -> None:
    """No rule about words is without a sentence that breaks it."""
    cases = {code for said in (*FOUND, *OWN) for code in said.code.split()}
    about = {code for code, rule in RULES.items() if rule.subject in {Subject.CLAUSES, Subject.PRIVACY}}
    assert about <= cases


def test_the_line_is_that_of_the_sentence() -> None:
    """In a paragraph of several lines the finding points to the line on which its sentence begins."""
    text = "Halo Kakak.\nSelamat datang. Barang yang sudah\ndibeli tidak dapat dikembalikan.\n\n- Ongkir jelas.\n- **No cancel** ya."
    assert places(text) == [(2, "no_returns"), (6, "no_cancelling")]


def test_a_list_is_read_with_the_words_above_it() -> None:
    """What a list's items complete is judged item by item, each at its line."""
    text = "DP hangus bila:\n\n- pembeli membatalkan setelah PO ditutup\n- stok kosong dari pemasok\n"
    assert places(text) == [(4, "deposit_lost_by_seller")]
    text = (
        "Kami tidak bertanggung jawab atas:\n\n1. kesalahan alamat yang ditulis pembeli\n2. kerusakan oleh ekspedisi\n"
    )
    assert places(text) == [(4, "courier_blamed")]
    assert codes("### Produk tidak bisa dikembalikan jika:\n\n- sudah dicuci\n- segel dibuka\n") == []


def test_an_exception_in_the_next_sentence_counts() -> None:
    """ "Kecuali ..." may begin a sentence of its own; a sentence further away says nothing about it."""
    assert codes("Barang yang sudah dibeli tidak dapat dikembalikan. Kalau rusak atau salah kirim, kami ganti.") == []
    assert codes("Barang yang sudah dibeli tidak dapat dikembalikan. Terima kasih. Kecuali hari Minggu kami buka.") == [
        "no_returns"
    ]


def test_a_cell_of_a_table_and_a_key_of_the_header_are_read_too() -> None:
    """Wherever buyers can read it, it counts; code blocks are no words of the seller's."""
    assert places("| Aturan | Isi |\n|---|---|\n| Retur | No retur |\n") == [(3, "no_returns")]
    assert codes("Kerusakan oleh kurir bukan tanggung jawab kami", Part.HEADER) == ["courier_blamed"]
    assert codes("```\nno refund\n```\n") == []


@pytest.mark.parametrize(
    ("faq", "expected"),
    [
        ("## Apakah barang bisa ditukar?\n\nTidak bisa.\n", [(3, "no_returns")]),
        ("## Bisa refund?\n\nMaaf, tidak bisa ya kak.\n", [(3, "no_refund")]),
        ("## Bolehkah pesanan dibatalkan?\n\nTidak boleh.\n", [(3, "no_cancelling")]),
        ("## Apakah barang bisa ditukar?\n\nTidak bisa, kecuali rusak atau salah kirim.\n", []),
        ("## Apakah barang bisa ditukar?\n\nTidak bisa. Kalau rusak, kami ganti.\n", []),
        ("## Bisakah ditukar kalau berubah pikiran?\n\nTidak bisa.\n", []),
        ("## Apakah DP hangus?\n\nTidak.\n", []),
        ("## Apakah barang yang sudah dibeli tidak dapat dikembalikan?\n\nTidak benar. Barang rusak kami ganti.\n", []),
        ("## Bisa COD?\n\nTidak bisa.\n", []),
        ("## Bisakah ditukar?\n\nBisa, dalam 7 hari.\n", []),
        ("## Bagaimana kalau batal?\n\nDP hangus dengan alasan apa pun.\n", [(3, "deposit_always_lost")]),
    ],
)  # fmt: skip
def test_a_question_says_nothing_but_its_answer_does(faq: str, expected: list[tuple[int, str]]) -> None:
    """Questions may quote whatever buyers ask; a bare no to a fair question is a clause in two halves."""
    assert places(faq, Part.FAQ) == expected


@pytest.mark.parametrize(
    ("typed", "evened"),
    [
        ("Brg yg sdh dibeli TDK bs di kembalikan!!", "barang yang sudah dibeli tidak bisa dikembalikan"),
        ("ditukar/dikembalikan", "ditukar atau dikembalikan"),
        ("Down Payment (DP) gak bs di-refund", "dp tidak bisa direfund"),
        ("sewaktu2, kapan saja", "sewaktu-waktu sewaktu-waktu"),
        ("maks 1 x 24 jam", "maksimal 1x24 jam"),
        ("hangusssss", "hangus"),
        ("Rp 1.000.000", "rp 1.000.000"),
    ],
)
def test_spelling_is_made_even(typed: str, evened: str) -> None:
    """Slang, abbreviations and marks come out as one spelling, so that a rule is written once."""
    assert even(typed) == evened


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    """The largest file that is read is judged in seconds, whatever stands in it."""
    words = "uang dp barang yang sudah tidak dapat harga pesanan kami berhak kerusakan ekspedisi komplain data pembeli "
    begun = time.perf_counter()
    lint_words([Passage("a.md", 1, words * 400, Part.TERMS)])
    assert time.perf_counter() - begun < 20
