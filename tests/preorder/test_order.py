"""What is asked for, and what it comes to."""

import dataclasses
from datetime import timedelta

import pytest

from preorder.order import (
    LineRequest,
    NothingOrdered,
    OptionMissing,
    OrderRefused,
    OrderRequest,
    TooFew,
    TooMany,
    UnknownItem,
    accept,
    all_slots,
    clean_text,
    parse_qty,
)
from preorder.product import Limits
from preorder.quota import units_by_pool
from tests.makers import NOW, make_campaign, make_request

ROBE = LineRequest("gamis", "", 1, {"warna": "Sage", "nama": "Ayu"})


def test_a_quotation_is_the_price_list_times_the_quantities() -> None:
    """Goods, shipping, deposit, balance and deadlines, from the campaign alone."""
    quotation = accept(make_campaign(), make_request(None, LineRequest("nastar", "500g", 2, {}), ROBE), NOW)
    assert (quotation.goods, quotation.shipping, quotation.total) == (590_000, 18_000, 608_000)
    assert (quotation.deposit, quotation.due_now, quotation.balance) == (295_000, 295_000, 313_000)
    assert (quotation.pay_by - NOW, quotation.grace_until - NOW) == (timedelta(hours=24), timedelta(hours=36))
    assert units_by_pool(quotation.lines) == {"*": 3}


@pytest.mark.parametrize(
    ("lines", "limits", "refusal"),
    [
        ((), Limits(), NothingOrdered),
        ((LineRequest("nastar", "250g", 2, {}),), Limits(min_per_order=3), TooFew),
        ((LineRequest("nastar", "250g", 3, {}), ROBE), Limits(max_per_order=3), TooMany),
        ((LineRequest("nastar", "250g", 3, {}),), Limits(max_per_buyer=2), TooMany),
        ((LineRequest("nastar", "250g", 999, {}), ROBE), Limits(), TooMany),
        ((LineRequest("bolu", "", 1, {}),), Limits(), UnknownItem),
        ((LineRequest("nastar", "1kg", 1, {}),), Limits(), UnknownItem),
        ((LineRequest("gamis", "", 1, {"warna": "Ungu"}),), Limits(), UnknownItem),
        ((LineRequest("gamis", "", 1, {"warna": "Sage", "ukuran": "L"}),), Limits(), UnknownItem),
        ((LineRequest("gamis", "", 1, {}),), Limits(), OptionMissing),
        ((LineRequest("gamis", "", 1, {"warna": "Sage", "nama": "x" * 21}),), Limits(), TooMany),
        ((LineRequest("nastar", "250g", 1, {"warna": "Sage"}),), Limits(), UnknownItem),
    ],
)
def test_what_the_campaign_does_not_offer_is_refused(
    lines: tuple[LineRequest, ...], limits: Limits, refusal: type[OrderRefused]
) -> None:
    """Each with its own kind."""
    request = dataclasses.replace(make_request(), lines=lines)
    with pytest.raises(refusal):
        accept(make_campaign(limits=limits), request, NOW)


def test_an_unknown_delivery_is_refused() -> None:
    """Delivery ids come from the campaign."""
    request = make_request()
    with pytest.raises(UnknownItem):
        accept(make_campaign(), OrderRequest(request.campaign_id, request.lines, "helikopter", request.buyer), NOW)


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "+1", "1.0", "1000", "1e2", "٣", "３", " 1", "1 ", "1\n", "NaN"])
def test_quantities_are_one_to_999_in_ascii(text: str) -> None:
    """Anything else is no quantity."""
    with pytest.raises(ValueError, match="no quantity"):
        parse_qty(text)
    assert (parse_qty("1"), parse_qty("999")) == (1, 999)


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\x1bb", "a\u202eb", "a\u2066b", "a\ufffeb", "a\ud800b", "\x85x", "a\x1c", "a\tb", "\ufdd0"]
)
def test_invisible_trickery_is_refused(text: str) -> None:
    """Control characters, direction overrides and noncharacters are never stored."""
    with pytest.raises(ValueError, match="U\\+"):
        clean_text(text)


@pytest.mark.parametrize("text", ["=1+1", "0812", "🎂🎉", "O'Connor", "Ño", "日本", "👩‍🍳", "Jl. Contoh 1\nRT 02"])
def test_ordinary_words_are_kept(text: str) -> None:
    """Formulas, zeros, emoji and any script pass as they are."""
    assert clean_text(text) == text


def test_field_names_are_unique_over_a_form() -> None:
    """Every line of a campaign's form has names of its own."""
    names = [slot.field("qty") for slot in all_slots(make_campaign())]
    assert len(names) == len(set(names)) == 2 + 4
