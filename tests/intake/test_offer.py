"""Offers at the order desk: pools that products share, what the sheet says of extras, and typed orders."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from preorder.campaign import SHARED, WHOLE, Campaign
from preorder.catalogue import to_json
from preorder.money import Rupiah
from preorder.order import LineRequest, SoldOut, accept
from preorder.product import LineLimits, Option, Tier
from preorder.quota import left_of, units_by_pool
from tests.intake.conftest import Counter
from tests.intake.test_reconcile import World, either, violations
from tests.intake.typing_hands import Hands
from tests.makers import NOW, make_campaign, make_catalogue, make_products, make_request

__all__ = ["either"]

DOUGH = SHARED + "adonan"


def sharing(quota: int = 5, **changes: Any) -> Campaign:
    """Give the usual campaign whose small jars and robes draw on one pool."""
    cookies, robe = make_products()
    small, large = cookies.variants
    small = dataclasses.replace(small, pools=(*small.pools, DOUGH))
    (only,) = robe.variants
    products = (
        dataclasses.replace(cookies, variants=(small, large)),
        dataclasses.replace(robe, variants=(dataclasses.replace(only, pools=(*only.pools, DOUGH)),)),
    )
    return make_campaign(products=products, pools={WHOLE: 100, "nastar/250g": 40, DOUGH: quota}, **changes)


def jars(units: int) -> LineRequest:
    return LineRequest("nastar", "250g", units, {})


def robes(units: int) -> LineRequest:
    return LineRequest("gamis", "", units, {"warna": "Sage"})


def test_a_shared_pool_is_never_oversold(counter: Counter) -> None:
    """Two products take from one pool; what doesn't fit is refused whole and says what it was; others go on."""
    campaign = sharing()
    counter.catalogue.catalogue = make_catalogue(campaign)
    counter.place(make_request(campaign, jars(2), robes(2)), campaign)
    for line in (jars(2), robes(2)):
        with pytest.raises(SoldOut) as refused:
            counter.place(make_request(campaign, line), campaign)
        assert (refused.value.fields["pool"], refused.value.fields["left"]) == (DOUGH, 1)
        assert refused.value.fields["items"] == (
            ("Nastar Toples 250 g",) if line.product_id == "nastar" else ("Gamis",)
        )
    counter.place(make_request(campaign, LineRequest("nastar", "500g", 3, {})), campaign)
    counter.place(make_request(campaign, robes(1)), campaign)
    assert counter.sold() == {WHOLE: 8, "nastar/250g": 2, DOUGH: 5}
    left = counter.desk.units_left_in(campaign, 1)
    assert [left_of(variant, left) for product in campaign.products for variant in product.variants] == [0, 92, 0]


def test_a_pool_that_is_shared_later_counts_what_is_sold(counter: Counter) -> None:
    """The seller names the pool in the middle of a round: orders of before have taken from it."""
    counter.place(make_request(None, jars(3)))
    campaign = sharing(quota=4)
    counter.catalogue.catalogue = make_catalogue(campaign, revision=2)
    with pytest.raises(SoldOut):
        counter.place(make_request(campaign, robes(2)), campaign)
    counter.place(make_request(campaign, robes(1)), campaign)
    assert counter.sold()[DOUGH] == 4


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["jar", "large", "robe"]), st.integers(1, 9)), min_size=1, max_size=6))
def test_each_unit_is_taken_from_each_pool_once(wanted: list[tuple[str, int]]) -> None:
    """Whatever is ordered: the sum of what concerns a pool is what it gives."""
    make = {"jar": jars, "robe": robes, "large": lambda units: LineRequest("nastar", "500g", units, {})}
    lines = tuple(make[kind](units) for kind, units in wanted)
    request = dataclasses.replace(make_request(), lines=lines)
    units = units_by_pool(accept(sharing(quota=1_000), request, NOW).lines)
    assert units[WHOLE] == sum(count for _, count in wanted)
    assert units.get(DOUGH, 0) == sum(count for kind, count in wanted if kind != "large")


def tailored() -> Campaign:
    """Give robes whose colour and name may cost more, and jars that are cheaper by the ten."""
    cookies, robe = make_products()
    options = (
        Option("warna", "Warna", ("Sage", "Terakota"), 0, required=True, extras={"Terakota": Rupiah(15_000)}),
        Option("nama", "Nama bordir", (), 20, required=False, text_extra=Rupiah(10_000)),
    )
    return make_campaign(
        products=(
            dataclasses.replace(cookies, tiers=(Tier(10, Rupiah(60_000)),)),
            dataclasses.replace(robe, options=options),
        )
    )


def test_extras_stand_in_the_lines_and_come_back_from_them(either: World) -> None:
    """
    The tab of lines says what each choice added, and the price with it; an order that is brought back from the sheet has
    the choices as the buyer made them.
    """
    world = either
    world.catalogue.catalogue = make_catalogue(tailored())
    (world.root / "catalogue.json").write_text(json.dumps(to_json(world.catalogue.catalogue)))
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    robe = LineRequest("gamis", "", 2, {"warna": "Terakota", "nama": "A, B: c"})
    with world.open() as counter:
        placed = counter.place(make_request(tailored(), robe, jars(10)), tailored())
        before = counter.order(placed.ref)
    assert [line.price for line in before.lines] == [375_000, 60_000]
    shown = lines_shown(world.book)[placed.ref]
    assert [row["Pilihan"] for row in shown] == ["Warna: Terakota (+Rp15.000), Nama bordir: A, B: c (+Rp10.000)", None]
    assert [(row["Harga"], row["Subtotal"]) for row in shown] == [(375_000, 750_000), (60_000, 600_000)]
    done = world.restore(backup)
    assert done.reconciled is not None and done.is_open and done.reconciled.doubts == []
    with world.open() as counter:
        after = counter.order(placed.ref)
        assert after.lines == before.lines
    assert lines_shown(world.book)[placed.ref] == shown
    assert violations(world) == []


def lines_shown(book: Path) -> dict[str, list[dict[str, Any]]]:
    """Give ref -> rows (header -> value) of the tab of lines."""
    header, *rows = [[cell.value for cell in row] for row in load_workbook(book)["Rincian"].iter_rows()]
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row[0]:
            found.setdefault(row[0], []).append(dict(zip(header, row, strict=True)))
    return found


TYPED = {"Nama": "Bu Rina", "WhatsApp": "0812-0000-7777", "Pesanan": "3 nastar toples 500g", "Pengiriman": "ambil"}


@pytest.mark.parametrize(
    ("per_line", "quotation_from", "refusal"),
    [
        (LineLimits(4), None, "line_too_few"),
        (LineLimits(1, 2), None, "line_too_many"),
        (LineLimits(), 3, "ask_for_quotation"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_typed_order_keeps_the_limits_and_her_word_lifts_them(
    counter: Counter, tmp_path: Path, per_line: LineLimits, quotation_from: int | None, refusal: str
) -> None:
    """Refused in the row, in its own words; "tetap terima" takes it, and the history says what it was taken past."""
    cookies, robe = make_products()
    campaign = make_campaign(
        products=(dataclasses.replace(cookies, per_line=per_line), robe), quotation_from=quotation_from
    )
    counter.catalogue.catalogue = make_catalogue(campaign)
    hands = Hands.at(counter, tmp_path)
    hands.type(**TYPED)
    hands.rounds()
    told = hands.row()["Pesan Sistem"]
    assert hands.orders() == [] and "3" in told and "tetap terima" in told
    hands.edit(lambda row: True, Catatan_Penjual="tetap terima")
    hands.rounds()
    (order,) = hands.orders()
    assert [event.data for event in order.events if event.event == "accepted_anyway"] == [{"past": [refusal]}]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_typed_order_has_the_prices_of_the_page(counter: Counter, tmp_path: Path) -> None:
    """Prices by quantity and extras hold for an order of a chat as well."""
    counter.catalogue.catalogue = make_catalogue(tailored())
    hands = Hands.at(counter, tmp_path)
    hands.type(**(TYPED | {"Pesanan": "10 nastar toples 250g; 1 gamis (Warna: Terakota, Nama bordir: Ayu)"}))
    hands.rounds()
    (order,) = hands.orders()
    assert [line.price for line in order.lines] == [60_000, 375_000]
    assert order.goods == 975_000
