"""What she types into a cell is understood in her own words where it can mean one thing, and never guessed."""

from __future__ import annotations

import pytest

from intake.commands.words import STATUS_WORDS, MoneyError, is_error, read_amount, read_fee, read_status, read_tracking
from preorder.status import Status
from preorder.wording import STATUS_LABELS

S = Status


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("lunas", S.PAID),
        ("LUNAS!!", S.PAID),
        ("sudah lunas", S.PAID),
        ("sdh  lunas \N{WHITE HEAVY CHECK MARK}", S.PAID),
        ("Pelunasan masuk", S.PAID),
        ("DP", S.DEPOSIT_PAID),
        ("dp masuk", S.DEPOSIT_PAID),
        ("Udah DP.", S.DEPOSIT_PAID),
        ("uang muka", S.DEPOSIT_PAID),
        ("batal", S.CANCELLED_BY_SELLER),
        ("Batal(penjual)", S.CANCELLED_BY_SELLER),
        ("batal - pembeli", S.CANCELLED_BY_BUYER),
        ("cancelled", S.CANCELLED_BY_SELLER),
        ("kirim", S.SHIPPED),
        ("Sudah dikirim", S.SHIPPED),
        ("otw", S.SHIPPED),
        ("shipped", S.SHIPPED),
        ("ambil", S.READY_FOR_PICKUP),
        ("siap ambil", S.READY_FOR_PICKUP),
        ("sudah diambil", S.COMPLETED),
        ("udah ambil", S.COMPLETED),
        ("siap kirim", S.READY),
        ("siap", S.READY),
        ("proses", S.IN_PRODUCTION),
        ("done", S.COMPLETED),
        ("belum bayar", S.AWAITING_PAYMENT),
        ("\uff2c\uff35\uff2e\uff21\uff33", S.PAID),
    ],
)
def test_words_of_sellers(typed: str, status: Status) -> None:
    """Case, blanks, punctuation, "sudah" and width make no difference."""
    assert read_status(typed) is status


@pytest.mark.parametrize(
    "typed",
    ["", "lunas?", "belum lunas", "tidak jadi", "diambil", "diterima", "beres", "sudah bayar", "transfer", "lunas besok", "dp atau lunas", "hangus semua", "TRUE",
     "150000", "sudah", "batal lunas"],
)  # fmt: skip
def test_what_could_mean_several_things_is_no_command(typed: str) -> None:
    """A doubt, a denial, or a word for two states at once is left to her."""
    assert read_status(typed) is None


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("status", list(Status))
def test_every_label_is_understood(language: str, status: Status) -> None:
    """In both languages, loud and with blanks around."""
    assert read_status(f"  {STATUS_LABELS[language][status].upper()} . ") is status


def test_every_word_of_the_table_means_what_it_stands_under() -> None:
    """No word is shadowed by another."""
    for status, words in STATUS_WORDS.items():
        for word in words:
            assert read_status(word) is status, word


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("150k", 150_000), ("150 K", 150_000), ("1.5jt", 1_500_000), ("150 000", 150_000), ("IDR 150.000", 150_000), ("Rp150.000,-", 150_000), ("65rb", 65_000)],
)  # fmt: skip
def test_amounts_in_a_hurry(typed: str, amount: int) -> None:
    """As sellers write them."""
    assert read_amount(typed) == amount == read_fee(typed)


@pytest.mark.parametrize("typed", ["150,000", "1.5", "lunas", "150 00", "k", "gratis", "-5000", "150k k"])
def test_what_is_no_amount(typed: str) -> None:
    """Refused rather than guessed."""
    with pytest.raises(MoneyError):
        read_amount(typed)


@pytest.mark.parametrize("typed", ["gratis", "FREE", "Free ongkir!", "bebas ongkir", "0", "Rp 0"])
def test_no_fee_in_words(typed: str) -> None:
    """Free is 0."""
    assert read_fee(typed) == 0


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("JP1234567890", "JP1234567890"),
        ("JP 0034567890", "JP0034567890"),
        ("resi JP1234567890", "JP1234567890"),
        ("No. Resi: 0034-5678-90", "0034-5678-90"),
        ("JNE: 012345678901234", "012345678901234"),
        ("J&T jp1234567890", "jp1234567890"),
        ("1234 5678 9012", "123456789012"),
        ("GK-11-1234567 (gosend)", "GK-11-1234567"),
        ("resi JP123", None),
        ("12", None),
        ("resi", None),
        ("besok", None),
        ("JP12345678 dan JP87654321", None),
        ("JP12345678 JP87654321", None),
        ("dikirim 23 November 2026", None),
        ("https://jne.co.id/1234567890", None),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", None),
    ],
)
def test_a_receipt_number_with_words_around(typed: str, number: str | None) -> None:
    """One number, whatever it is called; never parts of a sentence, and never two."""
    assert read_tracking(typed) == number


@pytest.mark.parametrize("typed", ["#REF!", " #N/A ", "#NAME?", "#DIV/0!", "Err:502", "=SUM(A1)", "#SPILL!"])
def test_errors_of_formulas(typed: str) -> None:
    """Whatever program shows them."""
    assert is_error(typed)
    assert not is_error("#1 pelanggan") and not is_error("resi #12")
