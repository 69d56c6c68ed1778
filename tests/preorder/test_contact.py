"""Phone numbers and WhatsApp links."""

import pytest

from preorder.contact import DRAFT_LIMIT, PROVINCES, PhoneError, mask_phone, parse_phone, show_phone, whatsapp_link


@pytest.mark.parametrize(
    "text",
    ["081234567890", "0812-3456-7890", "+62 812 3456 7890", "62812 3456 7890", "812 3456 7890", "+62081234567890", "(0812) 34567890",
     "０８１２３４５６７８９０", "0062 812 3456 7890", "0812.3456.7890", "\u202a+62 812-3456-7890\u202c", "\u200e081234567890"],
)  # fmt: skip
def test_every_usual_writing_is_one_number(text: str) -> None:
    """All give the international form."""
    assert parse_phone(text) == "+6281234567890"


@pytest.mark.parametrize(
    "text",
    ["", "abc", "0812345", "081234567890123456", "021-5551234", "+1 202 555 0100", "0812 3456 789x", "+6580123456", "08012345678", "٠٨١٢٣٤٥٦٧٨٩", "++62812"],
)  # fmt: skip
def test_what_is_no_mobile_number_is_refused_without_repeating_it(text: str) -> None:
    """The error carries no digits: it may be logged."""
    with pytest.raises(PhoneError) as refusal:
        parse_phone(text)
    assert refusal.value.fields == {}


def test_numbers_as_people_read_them() -> None:
    """Shown whole to the seller, masked on pages that may be shared."""
    assert show_phone("+6281234567890") == "0812-3456-7890"
    assert mask_phone("+6281234567890") == "0812-****-7890"


def test_the_draft_link_is_encoded_byte_for_byte() -> None:
    """Blanks are %20, never +; line breaks and & survive."""
    text = "Halo Kak, saya sudah transfer Rp150.347 untuk pesanan NST-7K2Q.\nAtas nama: Sari & Budi + 1"
    assert whatsapp_link("+6281234567890", text) == (
        "https://wa.me/6281234567890?text=Halo%20Kak%2C%20saya%20sudah%20transfer%20Rp150.347%20untuk%20pesanan%20NST-7K2Q."
        "%0AAtas%20nama%3A%20Sari%20%26%20Budi%20%2B%201"
    )
    assert len(whatsapp_link("+62812", "a" * 10_000)) < DRAFT_LIMIT + 40


def test_there_are_38_provinces() -> None:
    """Each once."""
    assert len(set(PROVINCES)) == 38
