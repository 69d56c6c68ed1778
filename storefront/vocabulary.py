"""How keys, choices and files may be spelled: in Indonesian or English, one table for all."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Word(NamedTuple):
    """The spellings of one thing. also: further ones that are understood but never suggested."""

    indonesian: str
    english: str
    also: tuple[str, ...] = ()

    def spellings(self) -> tuple[str, ...]:
        """Give every spelling once."""
        return tuple(dict.fromkeys((self.indonesian, self.english, *self.also)))

    def shown(self, *, english: bool) -> str:
        """Give the spelling for a reader of this language."""
        return self.english if english else self.indonesian


# name in code -> spellings of the key in a header. A spelling may serve several names; no block takes two names that
# share one.
KEYS: Mapping[str, Word] = {
    "address": Word("alamat", "address"),
    "accent": Word("aksen", "accent"),
    "accounts": Word("rekening", "accounts"),
    "after_days": Word("ambang_hari", "after_days"),
    "alt": Word("alt", "alt"),
    "announce": Word("umumkan", "announce"),
    "avatar": Word("avatar", "avatar"),
    "batch": Word("kloter", "batch"),
    "best_before": Word("baik_sebelum", "best_before"),
    "bonus": Word("bonus", "bonus"),
    "brand": Word("warna", "colour", ("color",)),
    "by_buyer": Word("oleh_pembeli", "by_buyer"),
    "by_seller": Word("oleh_penjual", "by_seller"),
    "cancellation": Word("pembatalan", "cancellation"),
    "channels": Word("saluran", "channels"),
    "choices": Word("isi", "choices"),
    "city": Word("kota", "city"),
    "closed_early": Word("tutup_awal", "closed_early"),
    "closes": Word("tutup", "closes"),
    "code": Word("kode", "code"),
    "composition": Word("komposisi", "composition"),
    "cost": Word("biaya", "cost"),
    "courier": Word("kurir", "courier"),
    "dark": Word("gelap", "dark"),
    "delay": Word("keterlambatan", "delay"),
    "delivery": Word("pengiriman", "delivery"),
    "deposit": Word("dp", "deposit"),
    "deposit_rounding": Word("pembulatan_dp", "deposit_rounding"),
    "draft": Word("draf", "draft"),
    "draws_on": Word("ambil_dari", "draws_on"),
    "dynamic": Word("dinamis", "dynamic"),
    "early_price": Word("harga_awal", "early_price"),
    "email": Word("email", "email"),
    "extra": Word("tambah", "extra"),
    "extended_to": Word("perpanjang", "extended_to"),
    "fee": Word("ongkir", "fee"),
    "file": Word("berkas", "file"),
    "first_days": Word("hari_pertama", "first_days"),
    "from_units": Word("mulai", "from"),
    "grace": Word("tenggang", "grace"),
    "holder": Word("atas_nama", "holder"),
    "html": Word("html", "html"),
    "id": Word("id", "id"),
    "internal_notes": Word("catatan_internal", "internal_notes"),
    "keep": Word("simpan", "keep"),
    "kind": Word("jenis", "kind"),
    "label": Word("label", "label"),
    "balance": Word("pelunasan", "balance"),
    "language": Word("bahasa", "language"),
    "limits": Word("batas", "limits"),
    "links": Word("tautan", "links"),
    "max_per_buyer": Word("maks_per_pembeli", "max_per_buyer"),
    "max_per_line": Word("maks", "max"),
    "max_per_order": Word("maks_per_pesanan", "max_per_order"),
    "method": Word("jenis", "method"),
    "minimum": Word("minimum", "minimum"),
    "min_per_line": Word("min", "min"),
    "min_per_order": Word("min_per_pesanan", "min_per_order"),
    "mismatch": Word("tidak_sesuai", "mismatch"),
    "most": Word("maksimal", "most"),
    "name": Word("nama", "name"),
    "net": Word("isi_bersih", "net_content"),
    "note": Word("catatan", "note"),
    "number": Word("nomor", "number"),
    "opens": Word("buka", "opens"),
    "options": Word("pilihan", "options"),
    "order": Word("urutan", "order"),
    "otherwise": Word("bila_tidak_tercapai", "if_not_reached"),
    "pay_until": Word("batas_akhir", "pay_until"),
    "pay_within": Word("tenggat", "pay_within"),
    "payment": Word("pembayaran", "payment"),
    "permits": Word("izin", "permits"),
    "photo": Word("foto", "photo"),
    "photos": Word("foto", "photos"),
    "prefix": Word("awalan", "prefix"),
    "preset": Word("preset", "preset"),
    "price": Word("harga", "price"),
    "privacy": Word("privasi", "privacy"),
    "production": Word("produksi", "production"),
    "production_starts": Word("mulai_produksi", "production_starts"),
    "products": Word("produk", "products"),
    "qris": Word("qris", "qris"),
    "unique_code": Word("kode_unik", "unique_code"),
    "quota": Word("kuota", "quota"),
    "quotation": Word("penawaran", "quotation"),
    "refund": Word("refund", "refund"),
    "repeats": Word("ulang", "repeats"),
    "regions": Word("wilayah", "regions"),
    "report_within_days": Word("lapor_hari_kerja", "report_within_days"),
    "required": Word("wajib", "required"),
    "revenue": Word("omzet", "revenue"),
    "rounds": Word("putaran", "rounds"),
    "salutation": Word("sapaan", "salutation"),
    "schedule": Word("jadwal", "schedule"),
    "scheme": Word("skema", "scheme"),
    "service": Word("layanan", "service"),
    "shared_quotas": Word("kuota_bersama", "shared_quotas"),
    "ships": Word("kirim", "ships"),
    "shown": Word("tampilkan", "show"),
    "since": Word("sejak", "since"),
    "skip": Word("libur", "skip"),
    "slug": Word("slug", "slug"),
    "former_slugs": Word("slug_lama", "former_slugs"),
    "stage": Word("tahap", "stage"),
    "summary": Word("ringkas", "summary"),
    "surcharge": Word("tambahan", "surcharge"),
    "tagline": Word("slogan", "tagline"),
    "target": Word("target", "target"),
    "text": Word("teks", "text"),
    "theme": Word("tema", "theme"),
    "tiers": Word("harga_jumlah", "quantity_prices"),
    "times": Word("jam", "times"),
    "title": Word("judul", "title"),
    "units": Word("unit", "units"),
    "told_within": Word("diumumkan", "told_within"),
    "until": Word("sampai", "until"),
    "url": Word("url", "url"),
    "variants": Word("varian", "variants"),
    "weight": Word("berat", "weight"),
    "whatsapp": Word("whatsapp", "whatsapp"),
    "within_days": Word("tenggat_hari", "within_days"),
    "zone": Word("zona", "zone"),
}

# What a key that was forgotten could say.
EXAMPLES: Mapping[str, Word] = {
    "accounts": Word(
        "[{jenis: bank, nama: BCA, nomor: 0123456789, atas_nama: Sari}]",
        "[{kind: bank, name: BCA, number: 0123456789, holder: Sari}]",
    ),
    "address": Word("Jl. Melati No. 1, Bandung", "Jl. Melati No. 1, Bandung"),
    "alt": Word("Setoples nastar di atas meja kayu", "A jar of nastar on a wooden table"),
    "by_buyer": Word("[{sampai: tutup, refund: 100%}]", "[{until: closing, refund: 100%}]"),
    "city": Word("Bandung", "Bandung"),
    "closes": Word("2026-12-10", "2026-12-10"),
    "code": Word('"00020101021126..."', '"00020101021126..."'),
    "cost": Word("15.000", "15.000"),
    "deposit": Word("50%", "50%"),
    "fee": Word("18.000", "18.000"),
    "from_units": Word("10", "10"),
    "file": Word("nastar.jpg", "nastar.jpg"),
    "id": Word("nastar-lebaran", "nastar-lebaran"),
    "keep": Word("12 bulan", "12 months"),
    "kind": Word("kurir", "courier"),
    "minimum": Word("12", "12"),
    "name": Word("Nastar", "Nastar"),
    "opens": Word("2026-11-25 09.00", "2026-11-25 09:00"),
    "otherwise": Word("refund_penuh", "full_refund"),
    "prefix": Word("NST", "NST"),
    "price": Word("65.000", "65.000"),
    "products": Word("[{nama: Nastar, harga: 65.000}]", "[{name: Nastar, price: 65.000}]"),
    "refund": Word("100%", "100%"),
    "schedule": Word("{buka: 2026-11-25, tutup: 2026-12-10}", "{opens: 2026-11-25, closes: 2026-12-10}"),
    "title": Word("Nastar Lebaran", "Nastar Lebaran"),
    "until": Word("tutup", "closing"),
    "whatsapp": Word("0812-0000-1234", "0812-0000-1234"),
}

# group -> value in code -> spellings of the choice.
CHOICES: Mapping[str, Mapping[str, Word]] = {
    "language": {"id": Word("id", "id"), "en": Word("en", "en")},
    "zone": {"WIB": Word("WIB", "WIB"), "WITA": Word("WITA", "WITA"), "WIT": Word("WIT", "WIT")},
    "yes_no": {"yes": Word("ya", "yes", ("true",)), "no": Word("tidak", "no", ("false",))},
    "preset": {
        "etalase": Word("etalase", "shopfront"),
        "dapur": Word("dapur", "kitchen"),
        "butik": Word("butik", "boutique"),
        "titip": Word("titip", "parcel"),
        "kriya": Word("kriya", "craft"),
        "ceria": Word("ceria", "playful"),
    },
    "salutation": {
        "kakak": Word("kakak", "kakak", ("kak",)),
        "anda": Word("anda", "anda"),
        "kamu": Word("kamu", "kamu"),
        "bapak_ibu": Word("bapak_ibu", "bapak_ibu", ("bapak/ibu", "bapak ibu")),
    },
    "account_kind": {"bank": Word("bank", "bank"), "ewallet": Word("ewallet", "ewallet", ("e-wallet", "dompet"))},
    "delivery_kind": {"courier": Word("kurir", "courier"), "pickup": Word("ambil", "pickup")},
    "scheme": {"full": Word("penuh", "full"), "deposit": Word("dp", "deposit")},
    "unique_code": {
        "deduct": Word("kurang", "deduct"),
        "add": Word("tambah", "add"),
        "none": Word("tidak", "none", ("no", "tanpa")),
    },
    "production": {"deposit": Word("dp", "deposit"), "full": Word("lunas", "paid", ("full",))},
    "method": {
        "preorder": Word("po", "preorder", ("pre-order", "pre_order")),
        "ready": Word("siap_kirim", "ready", ("siap kirim", "ready_stock", "ready stock")),
    },
    "milestone": {
        "closing": Word("tutup", "closing", ("tutup_po", "closes")),
        "production": Word("produksi", "production", ("mulai_produksi",)),
        "shipping": Word("kirim", "shipping", ("dikirim", "ships")),
    },
    "otherwise": {
        "refund": Word("refund_penuh", "full_refund", ("refund penuh", "full refund")),
        "extend": Word("perpanjang", "extend", ("diperpanjang",)),
        "go_on": Word("lanjut", "go_on", ("go on",)),
    },
    "stage": {
        "in_production": Word("produksi", "production", ("diproduksi",)),
        "shipping": Word("kirim", "shipping", ("dikirim",)),
        "done": Word("selesai", "done"),
        "cancelled": Word("batal", "cancelled", ("dibatalkan", "canceled")),
    },
    "fee": {"later": Word("nanti", "later"), "free": Word("gratis", "free")},
    "elsewhere": {"elsewhere": Word("lainnya", "elsewhere", ("other",))},
}

# What the content folder and a campaign's folder may hold.
FILES: Mapping[str, Word] = {
    "shop": Word("toko.md", "shop.md"),
    "campaigns": Word("kampanye", "campaigns"),
    "index": Word("index.md", "index.md"),
    "terms": Word("ketentuan.md", "terms.md"),
    "faq": Word("faq.md", "faq.md"),
    "cancellation": Word("pembatalan.md", "cancellation.md"),
    "updates": Word("kabar.md", "updates.md"),
}

# Kinds of remarks that stand out of a text, as in "!!! catatan".
REMARKS: Mapping[str, Word] = {
    "note": Word("catatan", "note", ("info", "keterangan")),
    "tip": Word("kiat", "tip", ("tips",)),
    "important": Word("penting", "important"),
    "warning": Word("peringatan", "warning", ("awas", "perhatian", "hati-hati", "attention", "caution", "danger")),
}

# id of a part of a campaign's page -> what a link may call it.
SECTIONS: Mapping[str, Word] = {
    "products": Word("produk", "products"),
    "schedule": Word("jadwal", "schedule"),
    "updates": Word("kabar", "updates"),
    "h-how": Word("cara-pesan", "how-to-order"),
    "h-pay": Word("pembayaran", "payment"),
    "cancellation": Word("pembatalan", "cancellation"),
    "faq": Word("tanya-jawab", "faq"),
    "contact": Word("kontak", "contact"),
    "terms": Word("ketentuan", "terms"),
    "order": Word("pesan", "order"),
}


def find_choice(group: str, typed: str) -> str | None:
    """Give the value in code of a choice as typed, in any case; None where the group has no such choice."""
    wanted = typed.strip().casefold()
    for value, word in CHOICES[group].items():
        if wanted in (spelling.casefold() for spelling in word.spellings()):
            return value
    return None


def suggest(typed: str, candidates: Iterable[str]) -> str | None:
    """Give the candidate that the typed word was probably meant to be, or None where nothing is near."""
    known = {candidate.casefold(): candidate for candidate in candidates}
    near = difflib.get_close_matches(typed.strip().casefold(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def slugify(text: str) -> str:
    """Give text as an address or id: a-z, 0-9 and single hyphens, at most 64; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].rstrip("-")
