"""
What she types into an editable cell, read as what it means: statuses in her own words, amounts, receipt numbers.

Only what can mean one thing is in the tables; the rest is bounced with what to write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from preorder.money import MoneyError, Rupiah, parse_rupiah
from preorder.status import Status
from preorder.wording import STATUS_LABELS

S = Status

# Beside the labels of both languages. "diambil" alone is missing on purpose: it may be that it can be, or has been.
STATUS_WORDS: Final[Mapping[Status, tuple[str, ...]]] = {
    S.AWAITING_PAYMENT: (
        "belum bayar", "belum dibayar", "belum transfer", "menunggu bayar", "menunggu transfer", "tunggu bayar", "tunggu transfer", "tunggu pembayaran",
        "menunggu dp", "tunggu dp", "belum dp", "unpaid", "waiting for payment", "not paid", "not yet paid",
    ),
    S.PAYMENT_CLAIMED: ("tunggu verifikasi", "perlu dicek", "to be checked"),
    S.DEPOSIT_PAID: (
        "dp", "dp masuk", "dp ok", "dp oke", "dp dibayar", "bayar dp", "terima dp", "uang muka", "uang muka masuk", "uang muka diterima", "deposit",
        "deposit received", "down payment", "down payment received", "dp received", "dp paid",
    ),
    S.PAID: (
        "bayar lunas", "dibayar lunas", "lunas semua", "pelunasan", "pelunasan masuk", "pelunasan diterima", "full payment", "paid in full", "fully paid",
        "paid full",
    ),
    S.IN_PRODUCTION: (
        "produksi", "proses", "diproses", "proses produksi", "dalam produksi", "masuk produksi", "mulai produksi", "sedang diproduksi", "sedang dibuat",
        "lagi dibuat", "dibuat", "dikerjakan", "sedang dikerjakan", "production", "producing", "processing", "in process", "being made",
    ),
    S.READY: ("jadi", "selesai dibuat", "selesai diproduksi", "selesai produksi", "siap kirim", "siap dikirim", "ready to ship", "made"),
    S.PARTLY_SHIPPED: ("kirim sebagian", "terkirim sebagian", "partially shipped", "shipped in part"),
    S.SHIPPED: (
        "kirim", "sedang dikirim", "dalam pengiriman", "dalam perjalanan", "otw", "sent", "on the way", "on its way", "out for delivery", "dispatched",
    ),
    S.READY_FOR_PICKUP: (
        "ambil", "siap ambil", "bisa diambil", "boleh diambil", "tunggu diambil", "menunggu diambil", "ready for pick up", "ready to pick up", "ready pickup",
        "pickup", "pick up",
    ),
    S.COMPLETED: (
        "tuntas", "diterima pembeli", "sampai", "tiba", "sudah ambil", "sudah diambil", "sudah pickup", "diambil pembeli", "done", "complete", "finished", "delivered", "picked up",
        "collected", "received by buyer",
    ),
    S.EXPIRED: ("kadaluarsa", "kadaluwarsa", "kedaluarsa", "lewat waktu"),
    S.CANCELLED_BY_BUYER: ("batal pembeli", "dibatalkan pembeli", "batal oleh pembeli", "canceled by buyer"),
    S.CANCELLED_BY_SELLER: (
        "batal", "batalkan", "dibatalkan", "dibatalkan penjual", "batal oleh penjual", "cancel", "canceled", "cancelled", "canceled by seller",
    ),
    S.FORFEITED: ("dp hangus", "deposit forfeited"),
}  # fmt: skip
# Words before one of these that say that it has happened, in one spelling.
_DONE: Final = dict.fromkeys(("sudah", "sdh", "udah", "udh", "telah", "already"), "sudah")

FREE: Final = frozenset({
    "gratis", "gratis ongkir", "ongkir gratis", "free", "free ongkir", "free shipping", "bebas ongkir", "tanpa ongkir", "nol",
})  # fmt: skip

# What spreadsheets show where a formula fails.
_ERROR = re.compile(
    r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|ERROR!|FIELD!|GETTING_DATA)|Err:[0-9]{3}|#[A-Z]+[!?]"
)
_THOUSANDS_K = re.compile(r"([0-9]{1,6})\s*k", re.IGNORECASE)
_MILLIONS_POINT = re.compile(r"([0-9]{1,3})\.([0-9]{1,2})\s*(jt|juta)", re.IGNORECASE)
_BLANK_GROUPS = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+")

_TRACKING = re.compile(r"[A-Za-z0-9-]{6,30}")
# Words around a receipt number: what it is, and who carries it.
_AROUND_TRACKING = frozenset({
    "resi", "resinya", "noresi", "no", "nomor", "nomer", "number", "tracking", "receipt", "awb", "kode", "code", "id", "kurir", "courier", "via", "pakai", "pake",
    "by", "lewat", "jne", "jnt", "j&t", "sicepat", "si", "cepat", "anteraja", "pos", "indonesia", "tiki", "ninja", "lion", "parcel", "express", "ekspres",
    "gosend", "gojek", "grab", "grabexpress", "wahana", "idexpress", "spx", "shopee", "lalamove", "paxel", "sap", "rex", "reg", "reguler", "regular", "yes",
    "oke", "cargo", "kargo", "trucking", "is", "adalah", "ya",
})  # fmt: skip
# A program keeps 15 digits of a number; of a longer one the last are wrong.
_EXACT_DIGITS = 10**15


def bare(text: str) -> str:
    """Give words as they are compared: without case, width variants, marks, signs, and blanks beyond one."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(" " if unicodedata.category(c)[0] in "PSZC" else c for c in plain)
    return " ".join(kept.split())


def _table() -> dict[str, Status]:
    table: dict[str, Status] = {}
    for status in Status:
        labels = [labels[status] for labels in STATUS_LABELS.values()]
        for words in (*labels, *STATUS_WORDS.get(status, ())):
            known = table.setdefault(bare(words), status)
            if known is not status:
                raise ValueError(f"{words!r} means {known} and {status}")
    return table


_STATUS_TABLE: Final = _table()


def read_status(text: str) -> Status | None:
    """
    Read a status in either language: its label or what sellers write for it, in any case, with blanks and punctuation.

    None where it is no status, or where she asks ("lunas?").
    """
    if "?" in unicodedata.normalize("NFKC", text):
        return None
    words = " ".join(_DONE.get(word, word) for word in bare(text).split())
    # "sudah diambil" is more than "diambil"; "sudah dikirim" is no more than "dikirim".
    return _STATUS_TABLE.get(words) or _STATUS_TABLE.get(words.removeprefix("sudah "))


def is_error(text: str) -> bool:
    """Say whether a cell shows a formula's error, or holds a formula as text."""
    return bool(_ERROR.fullmatch(text.strip())) or text.lstrip().startswith("=")


def read_amount(text: str) -> Rupiah:
    """
    Read an amount as parse_rupiah does, and as sellers type it in a hurry: "150k", "1.5jt", "150 000", "IDR 150.000".

    Raises:
        MoneyError
    """
    plain = re.sub(r"^idr\s*", "", text.strip(), flags=re.IGNORECASE)
    if match := _THOUSANDS_K.fullmatch(plain):
        plain = f"{match[1]}rb"
    elif match := _MILLIONS_POINT.fullmatch(plain):
        plain = f"{match[1]},{match[2]}{match[3]}"
    elif _BLANK_GROUPS.fullmatch(plain):
        plain = plain.replace(" ", "")
    return parse_rupiah(plain)


def read_fee(text: str) -> Rupiah:
    """
    Read a shipping fee: an amount, or a word for none.

    Raises:
        MoneyError
    """
    return Rupiah(0) if bare(text) in FREE else read_amount(text)


def read_tracking(text: str) -> str | None:
    """
    Read a receipt number, with or without the words around it ("resi JNE: JP 1234 5678"); None where there is none, or
    more than one, or other words as well.
    """
    words = [
        word for word in re.split(r"[\s:;,.()\[\]#/=|]+", text) if word and word.casefold() not in _AROUND_TRACKING
    ]
    long = [word for word in words if len(word) >= 8 and any(c.isdigit() for c in word)]
    # Only the first part of a number may be letters alone ("JP 0034567890"): anything else is a word that we don't know.
    if len(long) > 1 or any(not any(c.isdigit() for c in word) for word in words[1:]):
        return None
    number = "".join(words)
    letters = words[0] if words and not any(c.isdigit() for c in words[0]) else ""
    if len(letters) > 5 or sum(c.isdigit() for c in number) < 4 or not _TRACKING.fullmatch(number):
        return None
    return number


def keeps_digits(value: float) -> bool:
    """Say whether a number of a cell still has all digits that were typed."""
    return abs(value) < _EXACT_DIGITS


__all__ = [
    "FREE", "STATUS_WORDS", "MoneyError", "bare", "is_error", "keeps_digits", "read_amount", "read_fee", "read_status", "read_tracking",
]  # fmt: skip
