"""Shipping by region, from the order form to the ledger: the province decides, and nothing that is posted beside it."""

from __future__ import annotations

import dataclasses

import pytest

from preorder.contact import PROVINCES
from preorder.money import Rupiah
from preorder.terms import Delivery, DeliveryKind, ZoneFee
from preorder.wording import show_rupiah
from tests.intake.web.page import Page
from tests.intake.web.world import World, assert_kept, fields
from tests.makers import make_campaign

ZONES = (
    ZoneFee("Jawa", ("Jawa Barat", "Jawa Tengah"), Rupiah(18_500)),
    ZoneFee("Bali", ("Bali",), Rupiah(31_000)),
    ZoneFee("Papua", ("Papua",), None),
)
PICKUP = Delivery("ambil", "Ambil", DeliveryKind.PICKUP, Rupiah(0), "Jl. Contoh 1", times="Sabtu 09.00")


def publish(world: World, **changes: object) -> None:
    jne = Delivery("jne", "JNE Reguler", DeliveryKind.COURIER, None, zones=ZONES, everywhere=False)
    world.publish(make_campaign(deliveries=(dataclasses.replace(jne, **changes), PICKUP)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("province", "fee"), [("Jawa Barat", 18_500), ("Bali", 31_000), ("Papua", None)])
def test_the_fee_of_the_province_is_shown_and_stored(world: World, province: str, fee: int | None) -> None:
    """Review and status name region and fee; the ledger has it."""
    publish(world)
    review = world.review(province=province)
    zone = next(zone.name for zone in ZONES if province in zone.provinces)
    assert zone in review.ids["zone"].text
    assert review.ids["total"].text == show_rupiah(130_000 + (fee or 0))
    location = world.send(review).headers["Location"]
    order = world.order_at(location)
    assert order.shipping == fee
    status = Page(world.client.get(location).text)
    assert zone in status.ids["zone"].text
    assert order.snapshot["campaign"]["deliveries"][0]["zones"][1]["fee"] == 31_000


def test_a_province_that_is_not_served_is_told_at_the_delivery(world: World) -> None:
    """422 at the delivery field, everything kept, nothing stored; a pickup from there is possible."""
    publish(world)
    posted = fields(province="Aceh")
    response = world.client.post("/pesan/nastar", data=posted)
    page = Page(response.text)
    assert (response.status_code, world.orders()) == (422, 0)
    assert "e-delivery" in page.ids
    assert_kept(page, posted)
    review = world.review(province="Aceh", delivery="ambil")
    assert "zone" not in review.ids
    assert world.order_at(world.send(review).headers["Location"]).shipping == 0


def test_a_fee_that_changed_since_the_review_is_told(world: World) -> None:
    """She sees the new fee before anything is ordered."""
    publish(world)
    review = world.review(province="Bali")
    publish(world, zones=(dataclasses.replace(ZONES[1], fee=Rupiah(40_000)),))
    response = world.send(review)
    assert (response.status_code, world.orders()) == (409, 0)
    assert Page(response.text).ids["total"].text == show_rupiah(130_000 + 40_000)


def test_another_province_than_reviewed_is_reviewed_again(world: World) -> None:
    """A review page with its province changed, to pay the fee of another one, orders nothing."""
    publish(world)
    review = world.review(province="Bali")
    form = review.form("/kirim")
    forged = form.fields | {"province": "Jawa Barat"}
    response = world.client.post("/pesan/nastar/kirim", data=forged)
    assert (response.status_code, world.orders()) == (409, 0)
    assert "Jawa" in Page(response.text).ids["zone"].text


def test_a_posted_fee_is_not_taken(world: World) -> None:
    """Fees come from the campaign alone: an unknown field is left out, at the review and at the order."""
    publish(world)
    posted = {"fee": "1", "shipping": "1", "shipping_rp": "1", "ongkir": "1"}
    response = world.client.post("/pesan/nastar", data=fields(province="Bali") | posted)
    assert response.status_code == 200
    page = Page(response.text)
    assert page.ids["total"].text == show_rupiah(161_000)
    form = page.form("/pesan/nastar/kirim").fields
    answer = world.client.post("/pesan/nastar/kirim", data=form | posted)
    assert world.order_at(answer.headers["Location"]).money.total == 161_000


def test_every_province_has_an_answer(world: World) -> None:
    """Each of them leads to a review or to the sentence at the delivery, none to an error."""
    publish(world)
    served = {province for zone in ZONES for province in zone.provinces}
    for province in PROVINCES:
        code = world.client.post("/pesan/nastar", data=fields(province=province)).status_code
        assert code == (200 if province in served else 422), province
