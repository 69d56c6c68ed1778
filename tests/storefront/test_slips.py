"""Slips of the pen in a header: told once, at the line on which they were made, with what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from storefront.builder import Job, build
from storefront.frontmatter import Document, Entries, Items, Text, split
from storefront.problems import ContentErrors
from tests.storefront.content_makers import NOW, edit

Told = tuple[int | None, str, dict[str, Any]]


def read(header: str) -> tuple[Document | None, list[Told]]:
    """Read a header whose first line is the second of its file."""
    told: list[Told] = []
    document = split(f"---\n{header}\n---\n", lambda line, code, **fields: told.append((line, code, fields)))
    return document, told


SLIPS = [
    # A colon that is missing
    ("judul: Nastar\nkuota 20\nawalan: NST", 3, "yaml_missing_colon", "kuota: 20"),
    ("judul: Nastar\nkuota 20", 3, "yaml_missing_colon", "kuota: 20"),
    ("kuota 20\njudul: Nastar", 2, "yaml_missing_colon", "kuota: 20"),
    ("judul: Nastar\n\n# kapasitas\nkuota 20\n\nawalan: NST", 5, "yaml_missing_colon", "kuota: 20"),
    ("judul: Nastar\nkuota:20\nawalan: NST", 3, "yaml_missing_colon", "kuota: 20"),
    ("judul: Nastar\nkuota=20\nawalan: NST", 3, "yaml_missing_colon", "kuota: 20"),
    ("jadwal:\n  buka: 2026-11-25\n  tutup 2026-12-10\n  kirim: 7 hari", 4, "yaml_missing_colon", "tutup: 2026-12-10"),
    ("produk:\n  - nama Nastar\n    harga: 65.000", 3, "yaml_missing_colon", "nama: Nastar"),
    ("judul: Nastar\nproduk\n  - nama: Nastar\n    harga: 65.000", 3, "yaml_missing_colon", "produk:"),
    # Quotation marks
    ('judul: "Nastar\nkuota: 20\nawalan: NST', 2, "yaml_quote", None),
    ('judul: "Nastar\nringkas: "Enak"\nkuota: 20', 2, "yaml_quote", None),
    ("judul: 'Nastar\nringkas: 'Enak'\nkuota: 20", 2, "yaml_quote", None),
    ('isi:\n  - {nama: "Besar, harga: 7.000}\n  - {nama: "Kecil", harga: 6.000}', 3, "yaml_quote", None),
    ("judul: 'Jum'at Berkah'\nkuota: 20", 2, "yaml_quote_inside", "\"Jum'at Berkah\""),
    ("isi:\n  - {nama: 'Ma'amoul', harga: 7.000}\nkuota: 20", 3, "yaml_quote_inside", '"Ma\'amoul"'),
    ('judul: "Kue "enak" sekali"\nkuota: 20', 2, "yaml_quote_inside", "'Kue \"enak\" sekali'"),
    ('judul: "Nastar" Lebaran\nkuota: 20', 2, "yaml_quote_inside", "'\"Nastar\" Lebaran'"),
    ('judul: "Kue \\dua"\nkuota: 20', 2, "yaml_backslash", None),
    ("judul: \u201cKue: enak\u201d\nkuota: 20", 2, "yaml_curled", '"Kue: enak"'),
    # Braces
    ("foto:\n  - {alt: Nastar, satu dibelah, enak, berkas: a.jpg}", 3, "comma_in_braces", '"Nastar, satu dibelah, enak"'),
    ("foto:\n  - {berkas: a.jpg, alt: Nastar, satu dibelah\"}", 3, "comma_in_braces", '"Nastar, satu dibelah"'),
    ("foto:\n  - {berkas: a.jpg, alt Nastar}", 3, "yaml_missing_colon", "alt: Nastar"),
    ("isi:\n  - {nama: Besar: enak, harga: 7.000}", 3, "yaml_colon", None),
    ("isi: [a, b\nkuota: 20", 2, "yaml_bracket", None),
    # The dash
    ("produk:\n  -nama: x\n    harga: 2.000", 3, "yaml_dash", "- nama: x"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "line", "code", "text"), SLIPS, ids=lambda value: str(value)[:40])
def test_a_slip_is_told_once_where_it_was_made(header: str, line: int, code: str, text: str | None) -> None:
    """One message, the right line, and where it can be known what to write."""
    _, told = read(header)
    assert [(found[0], found[1], found[2].get("text")) for found in told] == [(line, code, text)]


@pytest.mark.parametrize(
    ("header", "old"),
    [
        ("judul: 'Jum'at Berkah'", "'Jum'at Berkah'"),
        ('judul: "Kue "enak" sekali"', '"Kue "enak" sekali"'),
        ('judul: "Nastar" Lebaran', '"Nastar" Lebaran'),
        ("kuota 20", "kuota 20"),
        ("- {nama: 'Ma'amoul', harga: 7.000}", "'Ma'amoul'"),
    ],
)
def test_what_is_to_be_written_can_be_read(header: str, old: str) -> None:
    """She pastes it in place of what she had, and that slip is gone."""
    _, told = read(f"produk:\n  {header}" if header.startswith("-") else header + "\nawalan: NST")
    mended = header.replace(old, told[0][2]["text"])
    document, rest = read(f"produk:\n  {mended}" if header.startswith("-") else mended + "\nawalan: NST")
    assert document is not None
    assert rest == []


HONEST = {
    "a quotation over two lines": 'ringkas: "Kue\n  kering"\nkuota: 20',
    "a quotation over two lines with an apostrophe": 'ringkas: "Jum\'at\n  Berkah"\nkuota: 20',
    "a doubled apostrophe": "ringkas: 'Jum''at'\nkuota: 20",
    "a note behind a quotation": 'ringkas: "Kue" # enak\nkuota: 20',
    "a block of text": "ringkas: |\n  kuota 20\n  \"a\" b\n  - 'x' y\nkuota: 20",
    "a text over two lines": "ringkas: Kue\n  kering\nkuota: 20",
    "a blank before the colon": "kuota : 20",
}


@pytest.mark.parametrize("header", HONEST.values(), ids=HONEST)
def test_what_can_be_read_is_no_slip(header: str) -> None:
    """What looks like a slip and is none is read as ever; beside a slip of another line it is not blamed."""
    document, told = read(header)
    assert document is not None
    assert told == []
    _, told = read(header + '\njudul: "Nastar')
    assert [(line, code) for line, code, _ in told] == [(header.count("\n") + 3, "yaml_quote")]


def value_in_braces(header: str) -> str:
    document, told = read(header)
    assert told == []
    assert document is not None
    items = document.header.entries[0][1]
    assert isinstance(items, Items)
    assert isinstance(items.items[0], Entries)
    value = items.items[0].entries[-1][1]
    assert isinstance(value, Text)
    return value.text


@pytest.mark.parametrize("amount", ["1,5jt", "1,5 kg", "70,000"])
def test_a_comma_between_digits_is_part_of_the_amount(amount: str) -> None:
    """An amount with a comma is read whole also in braces: whoever reads amounts says whether it is right."""
    assert value_in_braces(f"varian:\n  - {{nama: Besar, harga: {amount}}}") == amount


def test_a_folder_in_place_of_a_file_is_told(job: Job) -> None:
    """Whatever the system calls it, she reads which name is a folder."""
    (job.content / "terms.md").unlink()
    (job.content / "terms.md").mkdir()
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.code for problem in raised.value.problems] == ["unreadable_folder"]
    assert "Error" not in str(raised.value.problems[0].fields)


def test_commas_in_an_amount_give_one_message(job: Job) -> None:
    """Thousands parted by a comma within braces are an amount to correct, not a key that nobody knows."""
    edit(
        job.content / "campaigns/nastar/index.md",
        "      - nama: Toples 500 g\n        harga: 120rb",
        "      - {nama: Toples 500 g, harga: 120,000}",
    )
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [(problem.code, problem.fields["grouped"]) for problem in raised.value.problems] == [
        ("not_rupiah", "120.000")
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\u201cNastar\u201d", "Nastar"),
        ("\u201dNastar\u201d", "Nastar"),
        ("\u201eNastar\u201c", "Nastar"),
        ("\u2018Jum\u2019at\u2019", "Jum\u2019at"),
        ("\u201c65.000\u201d", "65.000"),
        ("\u201cNastar, satu dibelah\u201d", "Nastar, satu dibelah"),
        # What belongs to the text
        ("\u201cNastar\u201d dan \u201cKastengel\u201d", "\u201cNastar\u201d dan \u201cKastengel\u201d"),
        ("Kue \u201cenak\u201d", "Kue \u201cenak\u201d"),
        ("'\u201cNastar\u201d'", "\u201cNastar\u201d"),
        ("\u201d", "\u201d"),
    ],
)
def test_curly_quotation_marks_count_as_straight_ones(typed: str, meant: str) -> None:
    """What a phone makes of quotation marks around a value is not shown to buyers, on a line of its own and in braces."""
    assert value_in_braces(f"varian:\n  - nama: Besar\n    harga: {typed}") == meant
    assert value_in_braces(f"varian:\n  - {{nama: Besar, harga: {typed}}}") == meant


def test_a_title_in_curly_quotation_marks_is_shown_without_them(job: Job) -> None:
    """The page and the catalogue have the title that she meant."""
    edit(job.content / "campaigns/nastar/index.md", "judul: Nastar Lebaran", "judul: \u201cNastar Lebaran\u201d")
    build(job, NOW)
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert "<h1>Nastar Lebaran</h1>" in page
