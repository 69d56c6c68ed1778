"""The table of columns, and how headers are found."""

from __future__ import annotations

import pytest

from intake.sheet import Found, SheetHeaderMissing, SheetTabMissing, canonical_ref, same_value
from intake.sheet.columns import EDITABLE, LINES, ORDERS, TABS, Tab, find_header, find_tab, normal

HEAD = [column.headers["id"] for column in ORDERS.columns]
LINES_HEAD = [column.headers["id"] for column in LINES.columns]


def test_columns_of_the_contract() -> None:
    """The tabs have the fixed columns in the fixed order, and exactly these are hers to edit."""
    assert " · ".join(HEAD) == (
        "No. Pesanan · Status · Nama · WhatsApp · Pesanan · Catatan Pembeli · Total · Tagihan · Batas Bayar · Uang Masuk · Bayar · Pengiriman"
        " · Ongkir · Alamat · Kurir · Resi · Catatan Penjual · Chat · PO · Waktu Pesan · Sumber · Pesan Sistem"
    )
    assert (
        " · ".join(LINES_HEAD)
        == "No. Pesanan · Produk · Varian · Pilihan · Jumlah · Harga · Subtotal · Catatan · Terkirim · Status"
    )
    assert EDITABLE == ("status", "money_in", "shipping", "courier", "tracking", "seller_note")
    assert not any(column.editable for column in LINES.columns)


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.code)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_spelling_leads_to_one_column(tab: Tab, language: str) -> None:
    """Each header and synonym finds its own column, and no two columns of a tab share a header in one language."""
    assert len({normal(column.headers[language]) for column in tab.columns}) == len(tab.columns)
    assert len({column.code for column in tab.columns}) == len(tab.columns)
    for place, column in enumerate(tab.columns):
        for spelling in [*column.headers.values(), *column.synonyms]:
            row = [each.headers[language] for each in tab.columns]
            row[place] = f"  {spelling.swapcase()}\u200b "
            assert find_header(tab, "x", [row], language).places[column.code] == place + 1


def test_first_row_that_holds_ours() -> None:
    """Titles, notes and blank rows above are passed over, even one that holds some words of ours."""
    found = find_header(ORDERS, "x", [["PO Lebaran", None, 3], [], ["Status", "Total", "Nama"], HEAD, HEAD], "id")
    assert found.row == 4
    assert found.places["ref"] == 1
    assert found.places["message"] == 22


def test_all_missing_headers_in_one_report() -> None:
    """One error names everything to put back."""
    with pytest.raises(SheetHeaderMissing) as caught:
        find_header(
            ORDERS, "Pesanan", [[None if head in {"Status", "Chat", "No. Pesanan"} else head for head in HEAD]], "id"
        )
    assert caught.value.fields == {"tab": "Pesanan", "columns": ["No. Pesanan", "Status", "Chat"]}
    with pytest.raises(SheetHeaderMissing) as caught:
        find_header(ORDERS, "Orders", [["nothing"], []], "en")
    assert len(caught.value.fields["columns"]) == len(ORDERS.columns)


def test_tab_by_title_in_either_language() -> None:
    """A book made in Indonesian is found by a shop that now speaks English."""
    rows = {"PESANAN ": [HEAD], "Rincian": [LINES_HEAD]}
    found = find_tab(ORDERS, list(rows), rows.__getitem__, "en")
    assert found is not None
    assert found[0] == "PESANAN "


def test_title_counts_before_looks() -> None:
    """A damaged tab of our title is never passed over for a healthy copy."""
    rows = {"Pesanan (2)": [HEAD], "Pesanan": [HEAD[1:]]}
    with pytest.raises(SheetHeaderMissing):
        find_tab(ORDERS, list(rows), rows.__getitem__, "id")


def test_tab_gone() -> None:
    """The orders tab must be there; others may be made again."""
    with pytest.raises(SheetTabMissing):
        find_tab(ORDERS, ["Rincian"], lambda title: [LINES_HEAD], "id")
    assert find_tab(LINES, ["Pesanan"], lambda title: [HEAD], "id") is None


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (150000, 150000.0, True),
        (150000, "150000", True),
        ("150000", 150000.0, True),
        (150000, "150.000", False),
        ("0812", 812, False),
        (0, None, False),
        (0, "0", True),
        ("", None, True),
        ("  ", None, True),
        (" Lunas ", "Lunas", True),
        ("lunas", "Lunas", False),
        ("a\r\nb", "a\nb", True),
        (1.5, "1.5", True),
        (-5, "-5", True),
        ("JP001", "JP001", True),
        ("JP001", "JP01", False),
        (1e20, 10**20, True),
    ],
)
def test_same_value(a: Found, b: Found, same: bool) -> None:
    """What reads the same to her is the same; a lost zero is not."""
    assert same_value(a, b) is same
    assert same_value(b, a) is same


def test_canonical_ref() -> None:
    """A ref is known however it was retyped."""
    assert canonical_ref(" nst-7k2q\n") == "NST-7K2Q"
    assert canonical_ref(None) == ""
