"""What sellers get wrong: each case is found at its line, told with its code, and leaves the old site as it was."""

from __future__ import annotations

import ast
import gettext
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from storefront import report
from storefront.builder import Job, build
from storefront.problems import ContentErrors, Problem
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, edit, line_of, make_picture, snapshot, write

SHOP_FILE = "shop.md"
NASTAR = "campaigns/nastar/index.md"


@dataclass(frozen=True)
class Case:
    """
    One slip.

    Attributes:
        file: where it is made, below the content folder.
        old, new: what is replaced; old "" writes the whole file.
        code: of the problem expected.
        at: a text on the line expected, its number, or None where the file itself is the problem.
        found_in: the file expected, where it is another one.
    """

    name: str
    file: str
    old: str
    new: str | bytes
    code: str
    at: str | int | None
    found_in: str = ""


def shop(name: str, old: str, new: str, code: str, at: str | int | None) -> Case:
    return Case(name, SHOP_FILE, old, new, code, at)


def nastar(name: str, old: str, new: str, code: str, at: str | int | None) -> Case:
    return Case(name, NASTAR, old, new, code, at)


# What the campaign of content_makers opens by, for a rule in its place.
DATES = "buka: 2026-11-25\n  tutup: 2026-12-10"


def rounds(name: str, items: str, code: str, at: str) -> Case:
    """Single rounds of a rule from the 25th to the 10th."""
    rule = "ulang: tiap bulan, tanggal 25 s.d. 10\n  putaran:\n    "
    return nastar(name, DATES, rule + items, code, at)


def ready(name: str, old: str, new: str, code: str, at: str) -> Case:
    """Ready stock, with what is wrong beside it."""
    return Case(
        name, NASTAR, "", CAMPAIGN.replace(old, new, 1).replace("jadwal:\n", "jenis: siap_kirim\njadwal:\n"), code, at
    )


def price(text: str, code: str = "not_rupiah") -> Case:
    return nastar(f"price {text}", "harga: 70000", f"harga: {text}", code, f"harga: {text}")


def second(name: str, text: str, code: str, at: str | int | None) -> Case:
    return Case(name, "campaigns/sagu.md", "", text, code, at)


OTHER = (
    CAMPAIGN.replace("berkas: nastar.png", "berkas: nastar/nastar.png")
    .replace("nastar-lebaran", "lain")
    .replace("NST", "LLN")
)

CASES = [
    # The file
    second("not UTF-8", "", "not_utf8", 3),
    second("no header", "Nastar enak.\n", "no_header", 1),
    second("empty file", "", "no_header", 1),
    second("header without end", "---\nid: lain\n", "header_not_closed", 1),
    second("header is a list", "---\n- id: lain\n---\n", "header_not_keys", 2),
    second("header is a text", "---\nid:lain\n---\n", "header_not_keys", 2),
    second("file too large", "---\nid: lain\n---\n" + "x" * 600_000, "file_too_large", None),
    second("invisible character", "---\nid: lain\njudul: a\u202eb\n---\n", "invisible_character", 3),
    second("control character", "---\nid: lain\n---\n\x07\n", "invisible_character", 4),
    # YAML
    nastar("tab", "  buka: 2026-11-25", "\tbuka: 2026-11-25", "tab", "\tbuka"),
    nastar("colon in a text", "judul: Nastar Lebaran", "judul: Nastar: enak", "yaml_colon", "judul:"),
    nastar("open quotation mark", "judul: Nastar Lebaran", 'judul: "Nastar', "yaml_quote", "judul:"),
    nastar("open quotation mark above another", "judul: Nastar Lebaran", 'judul: "Nastar\nbonus: "Kartu"', "yaml_quote", "judul:"),
    nastar("open single quotation mark", "judul: Nastar Lebaran", "judul: 'Nastar\nbonus: 'Kartu'", "yaml_quote", "judul:"),
    nastar("open quotation mark in braces", "isi: [Merah, Hijau]", 'isi: [Merah, "Hijau]', "yaml_quote", "isi:"),
    nastar("apostrophe in single quotation marks", "judul: Nastar Lebaran", "judul: 'Jum'at Berkah'", "yaml_quote_inside", "judul:"),
    nastar("apostrophe in braces", "isi: [Merah, Hijau]", "isi: ['Ma'amoul', Hijau]", "yaml_quote_inside", "isi:"),
    nastar("quotation marks in quotation marks", "judul: Nastar Lebaran", 'judul: "Nastar "enak" sekali"', "yaml_quote_inside", "judul:"),
    nastar("a word after the quotation", "judul: Nastar Lebaran", 'judul: "Nastar" Lebaran', "yaml_quote_inside", "judul:"),
    nastar("curly quotation marks around a colon", "judul: Nastar Lebaran", "judul: \u201cNastar: enak\u201d", "yaml_curled", "judul:"),
    nastar("backslash", "judul: Nastar Lebaran", 'judul: "Nastar \\dua"', "yaml_backslash", "judul:"),
    nastar("colon missing", "kuota: 100", "kuota 100", "yaml_missing_colon", "kuota 100"),
    nastar("colon missing on the first line", "id: nastar-lebaran", "id nastar-lebaran", "yaml_missing_colon", "id nastar"),
    nastar("colon missing on the last line", "catatan_internal: Margin", "catatan_internal Margin", "yaml_missing_colon", "catatan_internal"),
    nastar("colon missing below a key", "  tutup: 2026-12-10", "  tutup 2026-12-10", "yaml_missing_colon", "tutup"),
    nastar("colon missing behind a dash", "  - nama: Kastengel", "  - nama Kastengel", "yaml_missing_colon", "- nama Kastengel"),
    nastar("colon missing above a list", "produk:\n", "produk\n", "yaml_missing_colon", "produk"),
    nastar("colon missing in braces", "  - berkas: nastar.png\n    alt: Setoples nastar", "  - {berkas: nastar.png, alt Setoples nastar}", "yaml_missing_colon", "alt"),
    nastar("no blank behind the colon", "kuota: 100", "kuota:100", "yaml_missing_colon", "kuota:100"),
    nastar("equals sign for a colon", "kuota: 100", "kuota = 100", "yaml_missing_colon", "kuota ="),
    nastar("colon missing behind a word nobody knows", "kuota: 100", "kuotanya 100", "yaml_no_colon", "kuotanya"),
    nastar("no blank behind the dash", "  - nama: Kastengel", "  -nama: Kastengel", "yaml_dash", "-nama"),
    nastar("colon in braces", "isi: [Merah, Hijau]", "isi: [{nama: Merah: tua, tambah: 5.000}, Hijau]", "yaml_colon", "isi:"),
    nastar("open bracket", "isi: [Merah, Hijau]", "isi: [Merah, Hijau", "yaml_bracket", "isi:"),
    nastar("begins with @", "judul: Nastar Lebaran", "judul: @nastar", "yaml_sign", "judul:"),
    nastar("begins with *", "judul: Nastar Lebaran", "judul: *Promo*", "yaml_sign", "judul:"),
    nastar("anchor", "judul: Nastar Lebaran", "judul: &a Nastar", "yaml_sign", "judul:"),
    nastar("tag", "judul: Nastar Lebaran", "judul: !!python/object:os.system Nastar", "yaml_sign", "judul:"),
    nastar("indented too little", "      - nama: Toples 500 g", "     - nama: Toples 500 g", "yaml_indent", "     - nama: Toples 500"),
    nastar("too deep", "judul: Nastar Lebaran", "judul: " + "[" * 5000, "too_deep", "judul:"),
    nastar("key is a list", "judul: Nastar Lebaran", "? [a]\n: Nastar", "key_not_text", "? [a]"),
    nastar("alias bomb", "judul: Nastar Lebaran", "a: &a [x, x]\nb: &b [*a, *a]\njudul: [*b, *b]", "yaml_sign", "a: &a"),
    # Keys
    nastar("mistyped key", "kuota: 100", "kouta: 100", "unknown_key_suggested", "kouta"),
    nastar("unknown key", "kuota: 100", "warna_rambut: 100", "unknown_key", "warna_rambut"),
    nastar("key of another level", "ringkas: Isi nanas asli", "nomor: 5", "unknown_key", "nomor"),
    nastar(
        "comma in braces",
        "  - berkas: nastar.png\n    alt: Setoples nastar",
        "  - {berkas: nastar.png, alt: Nastar, satu dibelah}",
        "comma_in_braces",
        "satu dibelah",
    ),
    nastar(
        "commas in braces",
        "  - berkas: nastar.png\n    alt: Setoples nastar",
        "  - {alt: Nastar, satu dibelah, enak, berkas: nastar.png}",
        "comma_in_braces",
        "satu dibelah",
    ),
    nastar("comma in an amount in braces", "      - nama: Toples 500 g\n        harga: 120rb", "      - {nama: Toples 500 g, harga: 120,000}", "not_rupiah", "120,000"),
    nastar("key twice", "kuota: 100", "kuota: 100\nkuota: 90", "duplicate_key", "kuota: 90"),
    nastar("both spellings", "kuota: 100", "kuota: 100\nquota: 90", "both_spellings", "quota: 90"),
    nastar("missing id", "id: nastar-lebaran\n", "", "missing_example", 2),
    nastar("missing prefix", "awalan: NST\n", "", "missing_example", 2),
    nastar("empty value", "kuota: 100", "kuota:", "empty_value", "kuota:\n"),
    nastar("list for a text", "judul: Nastar Lebaran", "judul: [a, b]", "not_text", "judul"),
    nastar("text for keys", "jadwal:\n  buka: 2026-11-25\n  tutup: 2026-12-10\n  kirim: 7-10 hari setelah tutup", "jadwal: Desember",
           "not_keys", "jadwal"),
    nastar("keys for a list", "foto:\n  - berkas: nastar.png\n    alt: Setoples nastar", "foto:\n  berkas: nastar.png\n  alt: x",
           "not_list_of_keys", "foto:"),
    nastar("text as item", "      - nama: Pita\n        isi: [Merah, Hijau]", "      - Pita", "item_not_keys", "- Pita"),
    nastar("empty list", "    varian:\n      - nama: Toples 250 g\n        harga: 65.000\n        kuota: 40\n      - nama: Toples 500 g\n"
           "        harga: 120rb", "    varian: []", "empty_list", "varian"),
    nastar("title too long", "judul: Nastar Lebaran", "judul: " + "a" * 101, "text_too_long", "judul"),
    # Money and numbers
    price("125,000"),
    price("85.00"),
    price("-5000"),
    price("Rp 85,5"),
    price("1.25.000"),
    price("\uff11\uff12\uff10\uff10\uff10"),
    price("gratis"),
    price("5000000000", "amount_too_large"),
    price("Rp 12.500.000.000,-", "amount_too_large"),
    price("85", "amount_too_small"),
    price("0", "amount_too_small"),
    nastar("no price at all", "    harga: 70000\n", "", "missing_example", "nama: Kastengel"),
    nastar("variant without price", "        harga: 120rb\n", "", "missing_example", "nama: Toples 500"),
    nastar("negative quota", "kuota: 100", "kuota: -1", "not_count", "kuota: -1"),
    nastar("quota in words", "kuota: 100", "kuota: banyak", "not_count", "kuota: banyak"),
    nastar("quota with comma", "kuota: 100", "kuota: 1,5", "not_count", "kuota: 1,5"),
    nastar("least above most in an order", "min_per_pesanan: 1", "min_per_pesanan: 30", "limit_below_minimum", "maks_per_pesanan"),
    nastar("minimum nought", "min_per_pesanan: 1", "min_per_pesanan: 0", "not_count", "min_per_pesanan"),
    nastar("weight without unit", "harga: 120rb", "harga: 120rb\n        berat: 250", "not_weight", "berat"),
    nastar("weight in half grams", "harga: 120rb", "harga: 120rb\n        berat: 2,5 g", "not_weight", "berat"),
    nastar("option text too long", "teks: 40", "teks: 4000", "not_count", "teks"),
    # Schedule
    nastar("closing before opening", "tutup: 2026-12-10", "tutup: 2026-11-01", "closes_before_opens", "tutup"),
    nastar("no such day", "tutup: 2026-12-10", "tutup: 2026-02-30", "not_date", "tutup"),
    nastar("slashes", "tutup: 2026-12-10", "tutup: 10/12/2026", "not_date", "tutup"),
    nastar("hour 25", "tutup: 2026-12-10", "tutup: 2026-12-10 25.00", "not_date", "tutup"),
    nastar("year mistyped", "tutup: 2026-12-10", "tutup: 20261-12-10", "not_date", "tutup"),
    nastar("no closing", "  tutup: 2026-12-10\n", "", "missing_example", "buka"),
    nastar("monthly not understood", "buka: 2026-11-25\n  tutup: 2026-12-10", "ulang: tiap Jumat", "not_recurring", "ulang"),
    nastar("monthly on day 32", "buka: 2026-11-25\n  tutup: 2026-12-10", "ulang: tiap bulan, tanggal 32 s.d. 3", "not_recurring", "ulang"),
    nastar("weekly on no day", DATES, "ulang: tiap minggu, Senen s.d. Rabu", "not_recurring", "ulang"),
    nastar("weekly by dates", DATES, "ulang: tiap minggu, tanggal 1 s.d. 3", "not_recurring", "ulang"),
    nastar("rounds of what opens once", "tutup: 2026-12-10", "tutup: 2026-12-10\n  putaran: [{buka: 2026-12-25, libur: ya}]", "rounds_without_rule", "putaran"),
    rounds("a round without its opening", "- tutup: 2026-12-30", "missing_example", "- tutup"),
    rounds("a round in a month that there is not", "- buka: 2026-13-25\n      libur: ya", "not_date", "- buka: 2026-13"),
    rounds("a round in a month mistyped", "- buka: 25 Desembre 2026\n      libur: ya", "not_date", "- buka: 25"),
    rounds("a round that changes nothing", "- buka: 2026-12-25", "round_unchanged", "- buka"),
    rounds("a round that changes nothing in words", "- buka: 2026-12-25\n      tutup: 2027-01-10\n      libur: tidak", "round_unchanged", "- buka"),
    rounds("a round twice", "- buka: 2026-12-25\n      libur: ya\n    - buka: 2026-12-20\n      tutup: 2026-12-30", "round_twice", "- buka: 2026-12-20"),
    rounds("a round over the next one", "- buka: 2026-12-25\n      tutup: 2027-01-26", "rounds_overlap", "- buka: 2026-12-25"),
    rounds("a round extended over the next one", "- buka: 2026-12-25\n      perpanjang: 2027-01-25", "rounds_overlap", "- buka: 2026-12-25"),
    rounds("a round into the one before", "- buka: 2026-12-08", "rounds_overlap", "- buka: 2026-12-08"),
    rounds("a round that ends before it begins", "- buka: 2026-12-25\n      tutup: 2026-12-20", "closes_before_opens", "tutup: 2026-12-20"),
    rounds("a round left out and moved", "- buka: 2026-12-25\n      libur: ya\n      tutup: 2026-12-30", "skip_and_moved", "tutup: 2026-12-30"),
    rounds("a round extended to less", "- buka: 2026-12-25\n      perpanjang: 2027-01-05", "extended_not_later", "perpanjang"),
    rounds("a round closed early after its end", "- buka: 2026-12-25\n      tutup_awal: 2027-01-11", "early_not_between", "tutup_awal"),
    rounds("a list of rounds that is none", "buka: 2026-12-25", "not_list_of_keys", "putaran"),
    rounds("a year left out", "\n    ".join(f"- {{buka: 2027-{month:02}-25, libur: ya}}" for month in range(1, 13)), "never_opens", "- {buka: 2027-01-25"),
    Case("a round that begins after its end", NASTAR, DATES,
         "ulang: tiap bulan, tanggal 2 s.d. 5\n  putaran:\n    - buka: 2026-12-09", "round_closes_before", "- buka: 2026-12-09"),
    Case("a week over the next one", NASTAR, DATES,
         "ulang: tiap minggu, Jumat s.d. Senin\n  putaran:\n    - buka: 2026-12-04\n      tutup: 2026-12-11", "rounds_overlap", "- buka: 2026-12-04"),
    nastar("extended to earlier", "tutup: 2026-12-10", "tutup: 2026-12-10\n  perpanjang: 2026-12-01", "extended_not_later", "perpanjang"),
    nastar("extended to the same", "tutup: 2026-12-10", "tutup: 2026-12-10\n  perpanjang: 2026-12-10", "extended_not_later", "perpanjang"),
    nastar("closed early, later", "tutup: 2026-12-10", "tutup: 2026-12-10\n  tutup_awal: 2026-12-12", "early_not_between", "tutup_awal"),
    nastar("closed before it opened", "tutup: 2026-12-10", "tutup: 2026-12-10\n  tutup_awal: 2026-11-20", "early_not_between", "tutup_awal"),
    nastar("extended and closed early", "tutup: 2026-12-10", "tutup: 2026-12-10\n  perpanjang: 2026-12-12\n  tutup_awal: 2026-12-01", "extended_and_early", "tutup_awal"),
    nastar("both rules", "tutup: 2026-12-10", "ulang: tiap bulan, tanggal 25 s.d. 10", "schedule_twice", "buka"),
    nastar("shipping span backwards", "7-10 hari setelah tutup", "10-7 hari", "not_day_span", "kirim"),
    nastar("production span backwards", "kirim: 7-10", "produksi: 7-5 hari\n  kirim: 7-10", "not_day_span", "produksi"),
    nastar("production in words", "kirim: 7-10", "produksi: seminggu\n  kirim: 7-10", "not_day_span", "produksi"),
    nastar("production of nothing", "kirim: 7-10", "produksi: 0 hari\n  kirim: 7-10", "production_of_no_day", "produksi"),
    nastar("a stage that there is not", "kuota: 100", "tahap: hampir jadi\nkuota: 100", "not_choice", "tahap"),
    nastar("a stage that only the clock knows", "kuota: 100", "tahap: buka\nkuota: 100", "not_choice", "tahap"),
    ready("ready stock with a deposit", "kuota: 100", "kuota: 100", "deposit_of_ready", "jenis: siap_kirim"),
    ready("ready stock with a deposit of its own", "kuota: 100", "pembayaran: {dp: 30%}\nkuota: 100", "deposit_of_ready", "pembayaran:"),
    ready("ready stock that is made", "  kirim: 7-10 hari setelah tutup", "  produksi: 5 hari\n  kirim: 1-2 hari", "made_of_ready", "produksi"),
    ready("ready stock that is being made", "kuota: 100", "tahap: produksi\nkuota: 100", "made_of_ready", "tahap"),
    ready("ready stock sent after the closing", "kuota: 100", "kuota: 100", "span_from_closing", "kirim:"),
    nastar("a pre-order sent after payment", "7-10 hari setelah tutup", "1-2 hari setelah bayar", "span_from_payment", "kirim:"),
    nastar("a method that there is not", "kuota: 100", "jenis: cicilan\nkuota: 100", "not_choice", "jenis: cicilan"),
    nastar("announced when", "kirim: 7-10", "umumkan: seminggu\n  kirim: 7-10", "not_days", "umumkan"),
    nastar("unknown zone", "kirim: 7-10", "zona: GMT\n  kirim: 7-10", "not_choice", "zona"),
    # Names
    nastar("capitals in id", "id: nastar-lebaran", "id: Nastar Lebaran", "not_slug_suggested", "id:"),
    nastar("way out as slug", "kuota: 100", "slug: ../rahasia\nkuota: 100", "not_slug_suggested", "slug"),
    nastar("slug of nothing", "kuota: 100", "slug: ///\nkuota: 100", "not_slug", "slug"),
    nastar("reserved slug", "kuota: 100", "slug: pesan\nkuota: 100", "reserved_slug", "slug"),
    nastar("small letters in prefix", "awalan: NST", "awalan: nst", "not_prefix", "awalan"),
    nastar("two products of one name", "nama: Kastengel", "nama: nastar", "id_twice", "nama: nastar"),
    nastar("two variants of one name", "nama: Toples 500 g", "nama: Toples 250 G", "id_twice", "Toples 250 G"),
    nastar("name without letters", "nama: Kastengel", "nama: \u30ca\u30b9", "no_id_from_name", "nama: \u30ca"),
    Case("reserved folder", "campaigns/arsip/index.md", "", OTHER, "reserved_slug", 2),
    Case("capitals in folder", "campaigns/Kue Sagu/index.md", "", OTHER, "bad_folder_name", 2),
    second("same id", OTHER.replace("id: lain", "id: nastar-lebaran"), "id_taken", 2),
    second("same prefix", OTHER.replace("LLN", "NST"), "prefix_taken", "awalan"),
    Case("same slug", "campaigns/nastar.md", "", OTHER, "slug_taken", 2),
    Case("folder without index", "campaigns/kosong/indeks.md", "", "x", "no_index", None, found_in="campaigns/kosong/index.md"),
    Case("file name mistyped", "ketentuann.md", "", "x", "unknown_file_suggested", None),
    Case("file nobody knows", "campaigns/nastar/resep-rahasia.md", "", "x", "unknown_file", None),
    Case("terms twice", "ketentuan.md", "", "x", "both_files", None, found_in="terms.md"),
    Case("two campaign folders", "kampanye/lain.md", "", OTHER, "both_files", None, found_in="campaigns"),
    # Photos
    nastar("photo missing", "berkas: nastar.png", "berkas: tidak-ada.jpg", "photo_missing", "berkas"),
    nastar("photo nearly there", "berkas: nastar.png", "berkas: Nastar.png", "photo_missing_suggested", "berkas"),
    nastar("photo elsewhere", "berkas: nastar.png", "berkas: ../../shop.md", "photo_outside", "berkas"),
    nastar("photo from the root", "berkas: nastar.png", "berkas: /etc/passwd", "photo_outside", "berkas"),
    nastar("photo without words", "    alt: Setoples nastar\n", "", "missing_example", "berkas"),
    nastar("photo is no picture", "berkas: nastar.png", "berkas: index.md", "photo_not_image", "berkas"),
    # Options
    nastar("neither choices nor text", "        isi: [Merah, Hijau]\n", "", "choices_or_text", "nama: Pita"),
    nastar("choices and text", "        teks: 40", "        teks: 40\n        isi: [a]", "choices_or_text", "teks"),
    nastar("choice twice", "[Merah, Hijau]", "[Merah, Merah]", "repeated_item", "isi"),
    nastar("choices are one text", "isi: [Merah, Hijau]", "isi: Merah", "not_list", "isi"),
    nastar("yes in other words", "wajib: tidak", "wajib: mungkin", "not_choice", "wajib"),
    # House rules
    shop("deposit nought", "dp: 50%", "dp: 0%", "not_percent", "dp: 0"),
    shop("deposit above all", "dp: 50%", "dp: 150%", "not_percent", "dp: 150"),
    shop("deposit in rupiah", "dp: 50%", "dp: 50.000", "not_percent", "dp: 50.000"),
    shop("deposit scheme without deposit", "  dp: 50%\n", "", "missing_example", "skema"),
    shop("deposit of a full payment", "skema: dp", "skema: penuh", "deposit_unused", "dp: 50"),
    shop("deadline in words", "tenggat: 24 jam", "tenggat: besok", "not_hours", "tenggat:"),
    shop("end of paying in words", "tenggat: 24 jam", "tenggat: 24 jam\n  batas_akhir: besok", "not_pay_until", "batas_akhir:"),
    shop("end of paying before closing", "tenggat: 24 jam", "tenggat: 24 jam\n  batas_akhir: 2 hari sebelum tutup", "not_pay_until", "batas_akhir:"),
    shop("deadline of nought", "tenggat: 24 jam", "tenggat: 0 jam", "not_hours", "tenggat:"),
    shop("seller keeps half", "refund: 100%, tenggat_hari: 3", "refund: 50%, tenggat_hari: 3", "seller_refund_short", "oleh_penjual"),
    shop("refund above all", "refund: 50% dari dp", "refund: 150% dari dp", "not_refund", "150%"),
    shop("refund in rupiah", "refund: 50% dari dp", "refund: 50000", "not_refund", "50000"),
    shop("stages backwards", "sampai: mulai_produksi", "sampai: tutup", "stages_out_of_order", "sampai: tutup,"),
    shop("unknown milestone", "sampai: mulai_produksi", "sampai: lebaran", "not_choice", "lebaran"),
    shop("complaint too soon", "pembatalan:", "pembatalan:\n  tidak_sesuai: {lapor_hari_kerja: 1}", "not_count", "tidak_sesuai"),
    shop("courier without fee", "    ongkir: 18.000\n", "", "missing_example", "JNE"),
    shop("no deliveries", "pengiriman:\n  - nama: JNE Reguler\n    jenis: kurir\n    ongkir: 18.000\n  - nama: Ambil di dapur\n    jenis: ambil\n"
         "    catatan: Jl. Contoh No. 1, setiap hari pukul 09.00-17.00",
         "pengiriman: []", "empty_list", "pengiriman"),
    shop("landline", "whatsapp: 0813-0000-5678", "whatsapp: 022-123456", "not_phone", "whatsapp"),
    shop("no name", "nama: Dapur Contoh\n", "", "missing_example", 2),
    shop("http link", "url: https://www", "url: http://www", "not_https", "url"),
    shop("script link", "url: https://www.instagram.com/dapurcontoh/", "url: javascript:alert(1)", "not_https", "url"),
    shop("account in letters", "nomor: 1234098765", "nomor: BCA", "not_account_number", "nomor"),
    shop("language", "bahasa: id", "bahasa: jawa", "not_choice", "bahasa"),
    shop("e-mail", "halo@dapurcontoh.example", "halo", "not_email", "email"),
    # Words
    nastar("raw HTML", "Nastar **lembut**.", "Baris satu\n\n<script>alert(1)</script>", "html_in_text", "<script>"),
    nastar("HTML comment", "Nastar **lembut**.", "a <!-- b -->", "html_in_text", "<!--"),
    nastar("script in a link", "Nastar **lembut**.", "a\n[x](javascript:alert(1))", "unsafe_link", "[x]"),
    nastar("hidden script in a link", "Nastar **lembut**.", "[x](&#106;avascript:alert(1))", "unsafe_link", "[x]"),
    nastar("picture in text", "Nastar **lembut**.", "a\n\n![x](https://lain.example/x.png)", "picture_elsewhere", "![x]"),
    Case("FAQ without question", "faq.md", "## Tahan", "Halo semua\n\n## Tahan", "text_before_question", "Halo"),
    Case("FAQ without answer", "faq.md", "Dua bulan.\n", "\n", "no_answer", "## Tahan"),
    Case("header where none belongs", "terms.md", "", "---\njudul: x\n---\n", "unexpected_header", 1),
]  # fmt: skip


def test_there_are_enough_cases() -> None:
    """The issue asks for many; two cases of one name would hide one another."""
    assert len(CASES) >= 70
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_slip_is_told_and_changes_nothing(
    case: Case, job: Job, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip is reported with its file, line and code; the exit status is 1 and the old site stays byte for byte."""
    assert run() == 0
    before = snapshot(job.output)
    path = job.content / case.file
    if case.name == "not UTF-8":
        write(path, b"---\nid: lain\njudul: \xff\xfe\n---\n")
    elif case.old:
        assert isinstance(case.new, str)
        edit(path, case.old, case.new)
    else:
        write(path, case.new)
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    line = line_of(path, case.at) if isinstance(case.at, str) else case.at
    where = (job.content / (case.found_in or case.file)).as_posix()
    assert (where, line, case.code) in [(problem.file, problem.line, problem.code) for problem in raised.value.problems]
    capsys.readouterr()
    assert run() == 1
    shown = f"content/{case.found_in or case.file}" + (f":{line}" if line else "")
    assert any(text.startswith(f"{shown}: ") for text in capsys.readouterr().err.splitlines())
    assert snapshot(job.output) == before


def test_all_problems_of_all_files_come_at_once(job: Job) -> None:
    """One report holds every problem, in the order of files and lines."""
    edit(job.content / SHOP_FILE, "dp: 50%", "dp: 500%")
    edit(job.content / NASTAR, "harga: 70000", "harga: 70,000")
    edit(job.content / NASTAR, "kuota: 100", "kouta: 100")
    write(job.content / "faq.md", "Halo\n")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    found = [(Path(problem.file).name, problem.code) for problem in raised.value.problems]
    assert found == [
        ("index.md", "not_rupiah"),
        ("index.md", "unknown_key_suggested"),
        ("faq.md", "text_before_question"),
        ("shop.md", "not_percent"),
    ]


def test_a_picture_bomb_is_refused_before_it_is_unpacked(job: Job) -> None:
    """A small file that would become more than 40 megapixels is a problem, not a full memory."""
    header = make_picture(16, 16)
    at = header.index(b"IHDR") + 4
    size = (60_000).to_bytes(4, "big") * 2
    chunk = b"IHDR" + size + header[at + 8 : at + 13]
    bomb = header[: at - 4] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[at + 17 :]
    write(job.content / "campaigns/nastar/nastar.png", bomb)
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.code for problem in raised.value.problems] == ["photo_too_large"]


def test_a_picture_that_ends_early_is_refused(job: Job) -> None:
    """Half a download is not published as half a picture."""
    write(job.content / "campaigns/nastar/nastar.png", make_picture()[:-200])
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.code for problem in raised.value.problems] == ["photo_not_image"]


def test_no_shop_file(job: Job, run: Callable[..., int]) -> None:
    """A folder without shop.md is told so, and so is a folder that isn't there."""
    (job.content / SHOP_FILE).unlink()
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.code for problem in raised.value.problems] == ["no_shop"]
    assert run("--content", "nowhere") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\n\n" + text,
        lambda text: text.replace("kuota: 100", "kuota:\t100"),
        lambda text: text.replace("kuota: 100", "kuota: 100  # kapasitas dapur"),
    ],
    ids=["BOM", "CRLF", "CR", "blank lines above", "tab after the colon", "comment"],
)
def test_what_editors_do_is_no_mistake(job: Job, change: Callable[[str], str]) -> None:
    """Byte order marks, Windows line ends and comments change nothing."""
    build(job, NOW)
    before = (job.output / "catalogue.json").read_bytes()
    for path in (job.content / SHOP_FILE, job.content / NASTAR):
        text = change(path.read_text("utf-8"))
        path.write_bytes(text.encode())
    build(job, NOW)
    assert (job.output / "catalogue.json").read_bytes() == before


def test_a_line_number_holds_after_windows_line_ends(job: Job) -> None:
    """A file with CRLF counts its lines as its editor does."""
    path = job.content / NASTAR
    edit(path, "harga: 70000", "harga: 70,000")
    expected = line_of(path, "70,000")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert [problem.line for problem in raised.value.problems] == [expected]


def test_every_code_has_its_sentence() -> None:
    """No problem that a reader can report is without words, and every sentence takes the fields that it gets."""
    spoken = set(report._sentences(lambda text: text))
    used = set()
    for path in sorted((CHECKOUT / "storefront").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                used |= _codes_of(node)
    assert len(used) > 60
    assert used <= spoken
    assert {case.code for case in CASES} <= spoken


def _codes_of(call: ast.Call) -> set[str]:
    """Give the literal codes in the second argument of report(line, code), the third of Problem(file, line, code)."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    at = {"report": 1, "_Unreadable": 1, "Problem": 2, "matching": 2}.get(name, 99)
    if len(call.args) <= at:
        return set()
    part = call.args[at]
    choices = (part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,)
    return {choice.value for choice in choices if isinstance(choice, ast.Constant)}


def test_a_rule_without_a_sentence_is_still_told() -> None:
    """A refusal that only preorder knows comes out as a sentence with its values, not as a traceback."""
    problem = Problem("a.md", 3, "impossible_campaign", {"what": "pool", "value": "x"})
    assert report.describe(problem, gettext.NullTranslations(), "en").startswith("a.md:3: ")
