"""Which price holds: early birds, prices by quantity, extras; against a price list worked out the slow way."""

from __future__ import annotations

import dataclasses
import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preorder.campaign import Campaign, Target
from preorder.catalogue import accepted_part, from_json, to_json, with_terms
from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.order import (
    AskForQuotation,
    LineRequest,
    LineTooFew,
    LineTooMany,
    OrderRefused,
    accept,
)
from preorder.pricing import (
    Taken,
    early_ends,
    early_until,
    first_rise,
    from_price,
    price_of,
    specials_of,
    without_limits,
)
from preorder.product import EarlyBird, Limits, LineLimits, Option, Product, Tier, Variant
from preorder.schedule import ZONES, OneOff, Schedule, Window
from tests.makers import WIB, make_campaign, make_catalogue, make_request

OPENS = datetime(2026, 11, 25, 9, 0, tzinfo=WIB)
WINDOW = Window(1, OPENS, datetime(2026, 12, 11, tzinfo=WIB))


def jar(price: int = 65_000, **more: Any) -> Variant:
    return Variant("250g", "250 g", Rupiah(price), None, (), **more)


def cookies(*variants: Variant, **more: Any) -> Product:
    return Product("nastar", "Nastar", "", variants or (jar(),), (), None, **more)


def offering(*products: Product, **changes: Any) -> Campaign:
    """Give a campaign that is open at OPENS and sells just these, without a quota."""
    schedule = Schedule("WIB", OneOff(WINDOW.opens_at, WINDOW.closes_at), 7, None)
    return make_campaign(products=products, pools={}, schedule=schedule, **changes)


def asking(*lines: LineRequest) -> Any:
    return dataclasses.replace(make_request(), lines=lines)


instants = st.integers(0, 16 * 48).map(lambda halves: OPENS - timedelta(days=1) + timedelta(minutes=30 * halves))
prices = st.integers(1, 12).map(lambda thousands: Rupiah(thousands * 10_000))
earlies = st.none() | st.builds(
    lambda price, until, days: EarlyBird(price, until, None) if days is None else EarlyBird(price, None, days),
    prices,
    instants,
    st.none() | st.integers(1, 20),
)
ladders = st.dictionaries(st.integers(2, 12), prices, max_size=4).map(
    lambda steps: tuple(Tier(units, price) for units, price in sorted(steps.items()))
)
variants = st.builds(jar, prices, early=earlies, tiers=ladders)


def slowly(product: Product, variant: Variant, taken: Taken, at: datetime, window: Window) -> int:
    """Work the price out from a list of every half hour and of every quantity."""
    halves = 2 * 24 * 40
    clock = [window.opens_at - timedelta(days=2) + timedelta(minutes=30 * number) for number in range(halves)]
    possible = {int(variant.price)}
    for early in (product.early, variant.early):
        if early is None:
            continue
        if early.first_days is None:
            assert early.until is not None
            good = [moment for moment in clock if moment < early.until and moment < window.closes_at]
        else:
            days = sorted({moment.date() for moment in clock if moment.date() >= window.opens_at.date()})
            last = days[early.first_days - 1]
            good = [moment for moment in clock if moment.date() <= last and moment < window.closes_at]
        possible |= {int(early.price)} if at in good else set()
    for tiers, units in ((product.tiers, taken.product), (variant.tiers, taken.variant)):
        for tier in tiers:
            possible |= {int(tier.price)} if units in range(tier.from_units, 1_000) else set()
    return min(possible)


@settings(max_examples=300, deadline=None)
@given(variants, earlies, ladders, st.integers(1, 15), st.integers(0, 15), instants)
def test_the_lowest_price_that_holds_is_taken(
    variant: Variant, early: EarlyBird | None, tiers: tuple[Tier, ...], units: int, others: int, at: datetime
) -> None:
    """As a price list of every half hour and every quantity says, whatever is combined."""
    product = cookies(variant, early=early, tiers=tiers)
    taken = Taken(units + others, units)
    assert price_of(product, variant, taken, at, WINDOW) == slowly(product, variant, taken, at, WINDOW)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(variants, min_size=1, max_size=3), ladders,
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), min_size=1, max_size=5), st.integers(1, 700),
)  # fmt: skip
def test_an_order_costs_what_the_price_list_says(
    offered: list[Variant], tiers: tuple[Tier, ...], wanted: list[tuple[int, int]], halves: int
) -> None:
    """All lines of a product count for its prices by quantity, those of a variant for the variant's."""
    named = tuple(
        dataclasses.replace(variant, id=f"v{number}", name=f"V{number}") for number, variant in enumerate(offered)
    )
    product = cookies(*named, tiers=tiers)
    chosen = [(named[number % len(named)], units) for number, units in wanted]
    at = OPENS + timedelta(minutes=30 * halves)
    request = asking(*(LineRequest("nastar", variant.id, units, {}) for variant, units in chosen))
    quotation = accept(offering(product), request, at)
    whole = sum(units for _, units in chosen)
    expected = 0
    for variant, units in chosen:
        own = sum(more for other, more in chosen if other is variant)
        expected += units * slowly(product, variant, Taken(whole, own), at, quotation.window)
    assert quotation.goods == expected


def test_the_first_days_are_days_of_the_calendar() -> None:
    """Of a round that opens at 09.00 the opening day counts whole; no early price outlives the closing."""
    ends = early_until(EarlyBird(Rupiah(1_000), None, 3), WINDOW)
    assert ends == datetime(2026, 11, 28, tzinfo=WIB)
    assert early_until(EarlyBird(Rupiah(1_000), None, 90), WINDOW) == WINDOW.closes_at
    assert early_until(EarlyBird(Rupiah(1_000), WINDOW.closes_at + timedelta(days=9)), WINDOW) == WINDOW.closes_at


@pytest.mark.parametrize("zone", ZONES)
def test_an_early_price_ends_on_the_instant(zone: str) -> None:
    """In every zone: a microsecond before its end it holds, at its end it doesn't."""
    opens = datetime(2026, 11, 25, tzinfo=ZONES[zone])
    window = Window(1, opens, opens + timedelta(days=10))
    early = EarlyBird(Rupiah(60_000), None, 2)
    product = cookies(jar(early=early))
    end = opens + timedelta(days=2)
    one = Taken(1, 1)
    assert price_of(product, product.variants[0], one, end - timedelta(microseconds=1), window) == 60_000
    assert price_of(product, product.variants[0], one, end, window) == 65_000


def test_pages_are_told_when_prices_change() -> None:
    """The end of each early price within the round, once; the price "from" follows it, and never counts a quantity."""
    early = EarlyBird(Rupiah(60_000), None, 3)
    campaign = offering(cookies(jar(early=early, tiers=(Tier(2, Rupiah(1_000)),)), early=early))
    end = early_until(early, WINDOW)
    assert early_ends(campaign, WINDOW) == (end,)
    assert from_price(campaign, end - timedelta(seconds=1), WINDOW) == 60_000
    assert from_price(campaign, end, WINDOW) == 65_000


def test_a_price_table_names_what_the_arithmetic_uses() -> None:
    """Every special price with its end or quantity; what has ended, or ended before the round, is left out."""
    past = EarlyBird(Rupiah(50_000), OPENS - timedelta(days=1))
    first, second = jar(early=EarlyBird(Rupiah(60_000), None, 3), tiers=(Tier(10, Rupiah(58_000)),)), jar()
    product = cookies(first, dataclasses.replace(second, id="500g"), early=past, tiers=(Tier(5, Rupiah(59_000)),))
    shown = specials_of(product, first, WINDOW)
    assert [(each.price, each.from_units, each.whole_product) for each in shown] == [
        (60_000, 0, False), (59_000, 5, True), (58_000, 10, False),
    ]  # fmt: skip
    assert shown[0].until == datetime(2026, 11, 28, tzinfo=WIB)
    assert [each.from_units for each in specials_of(product, first, WINDOW, shown[0].until)] == [5, 10]
    assert specials_of(product, first)[0].first_days == 3


def robes(**more: Any) -> Product:
    """Give a robe whose XL costs 15.000 more and whose embroidered name costs 10.000."""
    options = (
        Option("ukuran", "Ukuran", ("M", "XL"), 0, required=True, extras={"XL": Rupiah(15_000)}),
        Option("nama", "Nama", (), 20, required=False, text_extra=Rupiah(10_000)),
    )
    return Product("gamis", "Gamis", "", (Variant("", "", Rupiah(350_000), None, ()),), options, None, **more)


@pytest.mark.parametrize(
    ("options", "price"),
    [
        ({"ukuran": "M"}, 350_000),
        ({"ukuran": "XL"}, 365_000),
        ({"ukuran": "M", "nama": "Ayu"}, 360_000),
        ({"ukuran": "XL", "nama": "Ayu"}, 375_000),
    ],
)
def test_extras_are_part_of_the_price_of_a_unit(options: dict[str, str], price: int) -> None:
    """A choice that costs more, and a text once it is written; the line says what each adds."""
    line = accept(offering(robes()), asking(LineRequest("gamis", "", 3, options)), OPENS).lines[0]
    assert (line.price, line.subtotal, line.usual) == (price, 3 * price, price)
    assert sum(line.extras.values()) == price - 350_000


def test_an_extra_is_paid_whatever_the_unit_costs() -> None:
    """Prices by quantity lower the price of the thing, not that of what the buyer adds; the usual price is told."""
    product = robes(tiers=(Tier(2, Rupiah(300_000)),))
    lines = (LineRequest("gamis", "", 1, {"ukuran": "M"}), LineRequest("gamis", "", 1, {"ukuran": "XL"}))
    plain, large = accept(offering(product), asking(*lines), OPENS).lines
    assert (plain.price, large.price) == (300_000, 315_000)
    assert (plain.usual, large.usual) == (350_000, 365_000)


@pytest.mark.parametrize(
    ("qty", "refusal", "fields"),
    [
        (1, LineTooFew, {"item": "Nastar 250 g", "units": 1, "least": 2, "line": 1}),
        (2, None, {}),
        (5, None, {}),
        (6, LineTooMany, {"item": "Nastar 250 g", "units": 6, "most": 5, "line": 1}),
    ],
)
def test_each_line_keeps_its_limits(qty: int, refusal: type[OrderRefused] | None, fields: dict[str, Any]) -> None:
    """The refusal says which line, so that the form can show it there."""
    campaign = offering(robes(), cookies(per_line=LineLimits(2, 5)))
    robe = LineRequest("gamis", "", 1, {"ukuran": "M"})
    request = asking(robe, LineRequest("nastar", "250g", qty, {}))
    if refusal is None:
        assert accept(campaign, request, OPENS).units == qty + 1
        return
    with pytest.raises(refusal) as refused:
        accept(campaign, request, OPENS)
    assert refused.value.fields == fields
    assert accept(without_limits(campaign), request, OPENS).units == qty + 1


@pytest.mark.parametrize(("units", "asked"), [(24, False), (25, True), (200, True)])
def test_a_large_order_is_asked_for(units: int, asked: bool) -> None:
    """From the seller's number on, before any other limit says no: who wants 200 is told how to get them."""
    campaign = offering(cookies(), limits=Limits(max_per_order=24), quotation_from=25)
    request = asking(LineRequest("nastar", "250g", units, {}))
    if not asked:
        assert accept(campaign, request, OPENS).units == units
        return
    with pytest.raises(AskForQuotation) as refused:
        accept(campaign, request, OPENS)
    assert refused.value.fields == {"units": units, "least": 25}
    assert accept(without_limits(campaign), request, OPENS).units == units


@pytest.mark.parametrize(
    "make",
    [
        lambda: EarlyBird(Rupiah(1)),
        lambda: EarlyBird(Rupiah(1), OPENS, 3),
        lambda: EarlyBird(Rupiah(1), None, 0),
        lambda: Tier(1, Rupiah(1)),
        lambda: jar(tiers=(Tier(5, Rupiah(1)), Tier(5, Rupiah(1)))),
        lambda: cookies(tiers=(Tier(5, Rupiah(1)), Tier(4, Rupiah(1)))),
        lambda: LineLimits(0),
        lambda: LineLimits(3, 2),
        lambda: Option("x", "X", ("a",), 0, required=True, extras={"b": Rupiah(1)}),
        lambda: Option("x", "X", ("a",), 0, required=True, extras={"a": Rupiah(0)}),
        lambda: Option("x", "X", ("a",), 0, required=True, text_extra=Rupiah(1)),
        Target,
        lambda: Target(5, Rupiah(5)),
        lambda: Target(0),
        lambda: make_campaign(quotation_from=1),
        lambda: make_campaign(limits=Limits(min_per_order=5), quotation_from=5),
    ],
)
def test_an_offer_that_contradicts_itself_can_not_be_made(make: Any) -> None:
    """Whoever holds one need not check it again."""
    with pytest.raises(CampaignError):
        make()


def test_an_offer_survives_its_file_and_is_accepted() -> None:
    """Written and read again it is equal; a catalogue of before reads too; each part of it changes what is accepted."""
    product = robes(
        early=EarlyBird(Rupiah(340_000), OPENS + timedelta(days=2)),
        tiers=(Tier(3, Rupiah(330_000)),),
        per_line=LineLimits(1, 9),
        bonus="Kantong kain",
    )
    campaign = with_terms(offering(product, bonus="Kartu", target=Target(80), quotation_from=50), "<p>x</p>")
    catalogue = make_catalogue(campaign)
    plain = json.loads(json.dumps(to_json(catalogue)))
    assert from_json(plain) == catalogue
    for name in ("early", "tiers", "per_line", "bonus", "label"):
        del plain["campaigns"][0]["products"][0][name]
    for option in plain["campaigns"][0]["products"][0]["options"]:
        del option["extras"], option["text_extra"]
    for name in ("bonus", "target", "quotation_from"):
        del plain["campaigns"][0][name]
    assert from_json(plain).campaigns[0].products[0].early is None
    before = accepted_part(campaign)
    for change in ({"early": None}, {"tiers": ()}, {"per_line": LineLimits()}, {"bonus": ""}, {"options": ()}):
        changed = dataclasses.replace(campaign, products=(dataclasses.replace(product, **change),))  # type: ignore[arg-type]
        assert accepted_part(changed) != before, change
    assert accepted_part(dataclasses.replace(campaign, bonus="")) != before
    assert accepted_part(dataclasses.replace(campaign, target=None)) == before


@given(prices, ladders)
def test_a_rising_price_is_found(price: Rupiah, tiers: tuple[Tier, ...]) -> None:
    """The first step that isn't cheaper than the one before it; none exactly where all of them fall."""
    steps = [price, *(tier.price for tier in tiers)]
    falls = all(later < earlier for earlier, later in itertools.pairwise(steps))
    found = first_rise(price, tiers)
    assert (found is None) == falls
    if found is not None:
        place, before = found
        assert tiers[place].price >= before == steps[place]
