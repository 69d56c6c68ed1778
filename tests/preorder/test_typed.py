"""Orders as sellers type them: read where they can mean one thing, refused with the choices where not."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.campaign import Campaign
from preorder.money import Rupiah
from preorder.product import Option, Product, Variant
from preorder.typed import (
    ChoiceMissing,
    ItemUnclear,
    ItemUnknown,
    QtyMissing,
    TypedOrderUnclear,
    items_of,
    read_typed_order,
)
from tests.makers import make_campaign

CAMPAIGN = make_campaign()


def simple(*names: str) -> Campaign:
    """Give a campaign with products that have one variant each."""
    products = tuple(
        Product(f"p{number}", name, "", (Variant("", "", Rupiah(10_000), None, ()),), (), None)
        for number, name in enumerate(names)
    )
    return dataclasses.replace(CAMPAIGN, products=products, pools={})


def read(text: str, campaign: Campaign = CAMPAIGN) -> list[tuple[str, str, int, dict[str, str]]]:
    """Give what was read as plain values."""
    return [
        (line.product_id, line.variant_id, line.qty, dict(line.options)) for line in read_typed_order(text, campaign)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2 nastar toples 500g",
        "2x Nastar 500 g",
        "2 x nastar 500gr",
        "NASTAR 500 G x2",
        "nastar 500g 2 pcs",
        "nastar toples 500 gram: 2",
        "nastar 500g = 2",
        "nastar 500g 2",
        "- 2 nastar 500g.",
        "\N{BULLET} 2 pcs nastar toples 500 g",
        "2\u00d7 Nastar Toples 500 g",
        "2 toples nastar 500g",
    ],
)
def test_one_order_in_many_spellings(text: str) -> None:
    """Quantity before or behind, units with and without a blank, filling words, bullets."""
    assert read(text) == [("nastar", "500g", 2, {})]


@pytest.mark.parametrize("between", ["; ", "\n", ", ", " + ", " dan ", " & ", ",\n- "])
def test_several_lines(between: str) -> None:
    """Whatever sellers put between them."""
    assert read(f"2 nastar 500g{between}1 gamis sage") == [
        ("nastar", "500g", 2, {}),
        ("gamis", "", 1, {"warna": "Sage"}),
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2 nastar", ItemUnclear),
        ("nastar 500", QtyMissing),
        ("2 kastengel", ItemUnknown),
        ("2 nastar keju 500g", ItemUnknown),
        ("1 gamis", ChoiceMissing),
        ("1 gamis biru", ItemUnknown),
        ("1 gamis (Warna: Biru)", ChoiceMissing),
        ("1 gamis sage terakota", ItemUnknown),
        ("nastar toples 500g", QtyMissing),
        ("500g nastar", QtyMissing),
        ("0 nastar 500g", ItemUnknown),
        ("1,5 nastar 500g", ItemUnknown),
        ("2500 nastar 500g", ItemUnknown),
        ("2 lusin nastar 500g", ItemUnknown),
        ("2 nastar 500g jangan lupa pita", ItemUnknown),
        ("2 nastar 500g; entah", ItemUnknown),
        ("halo", ItemUnknown),
        ("2", ItemUnknown),
        ("2 500g", ItemUnknown),
    ],
)
def test_what_is_not_clear_is_refused(text: str, error: type[TypedOrderUnclear]) -> None:
    """With the part that can't be read, as she typed it."""
    with pytest.raises(error) as refused:
        read_typed_order(text, CAMPAIGN)
    assert refused.value.fields["part"] in text


def test_a_name_within_another_is_not_mistaken() -> None:
    """The whole name that was typed is meant; a part of two names is asked about."""
    campaign = simple("Nastar", "Nastar Keju", "Putri Salju", "Coklat dan Keju", "Kue, Isi 6")
    assert read("2 nastar", campaign) == [("p0", "", 2, {})]
    assert read("2 nastar keju", campaign) == [("p1", "", 2, {})]
    assert read("1 putri", campaign) == [("p2", "", 1, {})]
    assert read("1 coklat dan keju", campaign) == [("p3", "", 1, {})]
    assert read("2 kue isi 6", campaign) == [("p4", "", 2, {})]
    with pytest.raises(ItemUnclear):
        read("1 keju", campaign)


def test_longer_choices_before_shorter() -> None:
    """Where one choice holds the words of another, all words that were typed count."""
    colour = Option("warna", "Warna", ("Merah", "Merah Muda"), 0, required=True)
    product = dataclasses.replace(simple("Tas").products[0], options=(colour,))
    campaign = dataclasses.replace(simple("Tas"), products=(product,))
    assert read("1 tas merah muda", campaign)[0][3] == {"warna": "Merah Muda"}
    assert read("1 tas merah", campaign)[0][3] == {"warna": "Merah"}


ITEMS = items_of(CAMPAIGN)


@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(ITEMS),
            st.integers(1, 999),
            st.sampled_from(["Sage", "Terakota"]),
            st.text("abc XYZ-,;09", max_size=15).map(str.strip),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_the_sheet_itself_shows_reads_back(lines: list[tuple[object, int, str, str]]) -> None:
    """A row that she copies has the order in our own words; those mean what they say."""
    shown, wanted = [], []
    for item, qty, colour, name in lines:
        assert isinstance(item, type(ITEMS[0]))
        chosen = {"warna": colour} | ({"nama": name} if name else {}) if item.product.options else {}
        words = {"warna": "Warna", "nama": "Nama bordir"}
        options = ", ".join(f"{words[key]}: {text}" for key, text in chosen.items())
        shown.append(f"{qty}\u00d7 {item.name}" + (f" ({options})" if options else ""))
        wanted.append((item.product.id, item.variant.id, qty, chosen))
    assert read("; ".join(shown)) == wanted


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never anything else, and never a quantity that is not one."""
    try:
        lines = read_typed_order(text, CAMPAIGN)
    except TypedOrderUnclear:
        return
    assert all(1 <= line.qty <= 999 for line in lines)
