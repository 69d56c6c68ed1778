"""Phone numbers as Indonesians write them, and links that open a WhatsApp draft."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from preorder.errors import PreorderError

_BLANKS = re.compile(r"[\s\-.()]+")
_MOBILE = re.compile(r"8[1-9][0-9]{7,10}")

# WhatsApp cuts longer drafts in some in-app browsers.
DRAFT_LIMIT = 500

# The provinces of Indonesia since 2022, as the post writes them.
PROVINCES = (
    "Aceh", "Sumatera Utara", "Sumatera Barat", "Riau", "Kepulauan Riau", "Jambi", "Bengkulu", "Sumatera Selatan", "Kepulauan Bangka Belitung",
    "Lampung", "Banten", "DKI Jakarta", "Jawa Barat", "Jawa Tengah", "DI Yogyakarta", "Jawa Timur", "Bali", "Nusa Tenggara Barat",
    "Nusa Tenggara Timur", "Kalimantan Barat", "Kalimantan Tengah", "Kalimantan Selatan", "Kalimantan Timur", "Kalimantan Utara",
    "Sulawesi Utara", "Gorontalo", "Sulawesi Tengah", "Sulawesi Barat", "Sulawesi Selatan", "Sulawesi Tenggara", "Maluku", "Maluku Utara",
    "Papua", "Papua Barat", "Papua Barat Daya", "Papua Tengah", "Papua Pegunungan", "Papua Selatan",
)  # fmt: skip


class PhoneError(PreorderError):
    """A text that is no Indonesian mobile number. Fields: none, for a number must not reach a log."""

    code = "not_a_phone"


def parse_phone(text: str) -> str:
    """
    Read an Indonesian mobile number.

    Args:
        text: with blanks, hyphens, dots or parentheses; beginning with 08, 8, 62, +62, 0062 or +6208; full-width digits
            are folded.

    Returns:
        The international form, "+62812...".

    Raises:
        PhoneError: letters, landlines, foreign numbers, too few or too many digits.
    """
    if not text.isascii():
        # Numbers pasted from a phone's contacts carry invisible direction marks.
        visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
        text = unicodedata.normalize("NFKC", visible)
    bare = _BLANKS.sub("", text)
    bare = bare.removeprefix("+")
    if not (bare.isascii() and bare.isdigit()):
        raise PhoneError
    for prefix in ("0062", "62", "0"):
        if bare.startswith(prefix):
            bare = bare.removeprefix(prefix)
            break
    # "+62 0812..." is a frequent mixture of both forms.
    bare = bare.removeprefix("0")
    if not _MOBILE.fullmatch(bare):
        raise PhoneError
    return "+62" + bare


def show_phone(phone: str) -> str:
    """Give "+6281234567890" as people read it, "0812-3456-7890"."""
    local = "0" + phone.removeprefix("+62")
    return "-".join((local[:4], local[4:8], local[8:]))


def mask_phone(phone: str) -> str:
    """Give "+6281234567890" as "0812-****-7890": enough for its owner to know it, too little for others."""
    shown = show_phone(phone)
    return f"{shown[:4]}-****-{shown[-4:]}"


def whatsapp_link(phone: str, text: str = "") -> str:
    """
    Give the wa.me address that opens a chat with phone ("+62...") and text as a draft.

    The text never carries an address, a payment secret or the token of a status page: the link may be forwarded.
    """
    link = "https://wa.me/" + phone.removeprefix("+")
    return f"{link}?text={quote(text[:DRAFT_LIMIT], safe='')}" if text else link
