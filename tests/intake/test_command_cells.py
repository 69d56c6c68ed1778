"""Commands typed into a real workbook: what she sees afterwards in the row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from preorder.status import Status
from tests.intake.conftest import Counter
from tests.intake.typing_hands import Hands


@pytest.fixture
def hands(counter: Counter, tmp_path: Path) -> Hands:
    """The seller at a workbook with one order."""
    made = Hands.at(counter, tmp_path)
    counter.place()
    made.rounds(1)
    return made


@pytest.mark.parametrize("typed", ["=A1", '=IF(G2>0,"Lunas","Batal")', "#REF!", "#N/A"])
def test_a_formula_or_an_error_in_the_status_is_answered_and_put_right(hands: Hands, typed: str) -> None:
    """It is no command, whoever has worked it out or not; the status stands there again, once."""
    hands.edit(lambda row: True, Status=typed)
    hands.rounds(2)
    row = hands.row()
    assert row["Status"] == "Menunggu pembayaran" and row["Pesan Sistem"]
    assert hands.told(row["No. Pesanan"])["kind"] == "error_value"
    before = hands.path.read_bytes()
    hands.rounds(3)
    assert hands.path.read_bytes() == before
    hands.edit(lambda row: True, Status="dp masuk")
    hands.rounds(2)
    assert (hands.row()["Status"], hands.row()["Pesan Sistem"]) == ("DP diterima", None)


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"Uang Masuk": "148k", "Status": "LUNAS."}, {"Uang Masuk": 148_000, "Status": "Lunas"}),
        ({"Ongkir": "gratis"}, {"Ongkir": 0, "Total": 130_000}),
        ({"Resi": "resi JNE: JP 1234567890"}, {"Resi": "JP1234567890", "Status": "Menunggu pembayaran"}),
        ({"Kurir": "JNE"}, {"Kurir": "JNE"}),
        ({"Catatan Penjual": "pita merah"}, {"Catatan Penjual": "pita merah"}),
        ({"Status": "batal"}, {"Status": "Batal (penjual)", "Tagihan": 0}),
    ],
)
def test_each_bold_column_is_carried_out_and_shown_in_our_spelling(
    hands: Hands, cells: dict[str, Any], shown: dict[str, Any]
) -> None:
    """Once: another round changes nothing."""
    hands.edit(lambda row: True, **cells)
    hands.rounds(2)
    row = hands.row()
    assert {name: row[name] for name in shown} == shown and row["Pesan Sistem"] is None
    version = hands.orders()[0].version
    hands.rounds(2)
    assert hands.orders()[0].version == version


def test_a_doubtful_sum_is_confirmed_by_typing_it_again(hands: Hands) -> None:
    """The cell goes back, the row asks; the same sum typed once more is booked."""
    for _ in range(2):
        assert hands.orders()[0].received == 0
        hands.edit(lambda row: True, Uang_Masuk=860_000)
        hands.rounds(2)
    order = hands.orders()[0]
    assert (order.received, order.status, hands.row()["Pesan Sistem"]) == (860_000, Status.PAID, None)


def test_saving_a_doubtful_sum_twice_confirms_nothing(hands: Hands) -> None:
    """Only a word typed after the question is an answer: the same cell saved again is the same word."""
    hands.edit(lambda row: True, Uang_Masuk=860_000)
    hands.rounds(1)
    assert hands.row()["Uang Masuk"] is None and hands.orders()[0].received == 0
    hands.edit(lambda row: True)
    hands.rounds(3)
    assert hands.orders()[0].received == 0
