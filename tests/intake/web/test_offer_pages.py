"""What is offered, on the pages of the order desk, where it changes or ends while somebody orders."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import with_terms
from preorder.money import Rupiah
from preorder.pricing import early_until
from preorder.product import EarlyBird, LineLimits, Tier
from preorder.wording import show_rupiah
from tests.intake.web.page import Page
from tests.intake.web.world import World, assert_kept, fields
from tests.makers import NOW, make_campaign, make_products

PLACE = "/pesan/nastar/kirim"


def with_product(**changes: Any) -> Campaign:
    """Give the usual campaign with its cookies changed."""
    cookies, robe = make_products()
    campaign = make_campaign(products=(dataclasses.replace(cookies, **changes), robe))
    return with_terms(campaign, campaign.terms_html)


def test_an_early_price_that_ended_since_the_review_is_told(world: World) -> None:
    """The buyer at the old price: she sees the new one before anything is ordered, and then orders at it."""
    first, second = make_products()[0].variants
    early = EarlyBird(Rupiah(60_000), NOW + timedelta(minutes=10))
    world.publish(with_product(variants=(dataclasses.replace(first, early=early), second)))
    review = world.review()
    assert review.ids["total"].text == show_rupiah(2 * 60_000 + 18_000)
    world.counter.clock.move(minutes=10)
    response = world.send(review)
    assert (response.status_code, world.orders()) == (409, 0)
    again = Page(response.text)
    assert "changed" in again.ids
    assert again.ids["total"].text == show_rupiah(2 * 65_000 + 18_000)
    placed = world.send(again)
    assert placed.status_code == 303
    assert [line.price for line in world.order_at(placed.headers["Location"]).lines] == [65_000]


def test_an_early_price_that_holds_at_the_press_is_kept(world: World) -> None:
    """Pressed a second before its end: ordered at it."""
    first, second = make_products()[0].variants
    early = EarlyBird(Rupiah(60_000), NOW + timedelta(minutes=10))
    world.publish(with_product(variants=(dataclasses.replace(first, early=early), second)))
    review = world.review()
    world.counter.clock.move(minutes=9, seconds=59)
    placed = world.send(review)
    assert placed.status_code == 303
    assert [line.price for line in world.order_at(placed.headers["Location"]).lines] == [60_000]
    assert early_until(early, world.campaign.schedule.shown_window(NOW)) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(("qty", "code"), [("1", 422), ("2", 200), ("4", 200), ("5", 422)])
def test_a_line_beyond_its_limits_is_told_at_its_field(world: World, qty: str, code: int) -> None:
    """The second line is wrong, so the second field says so; everything is kept."""
    world.publish(with_product(per_line=LineLimits(2, 4)))
    posted = fields(nastar__500g__qty=qty)
    response = world.client.post("/pesan/nastar", data=posted)
    assert response.status_code == code
    page = Page(response.text)
    if code == 422:
        assert "e-nastar--500g--qty" in page.ids
        assert "e-nastar--250g--qty" not in page.ids
        assert_kept(page, posted)


def test_a_large_order_is_sent_to_the_offers(world: World) -> None:
    """422 with the way to an offer, and everything kept; one piece less is an order."""
    world.publish(make_campaign(quotation_from=30))
    posted = fields(nastar__250g__qty="30")
    response = world.client.post("/pesan/nastar", data=posted)
    assert response.status_code == 422
    page = Page(response.text)
    assert "ask-for-quotation" in page.ids
    assert page.form("/penawaran/nastar").fields["nastar--250g--qty"] == "30"
    assert_kept(page, posted)
    assert world.client.post("/pesan/nastar", data=fields(nastar__250g__qty="29")).status_code == 200


def test_the_status_page_of_an_older_order_still_opens(world: World) -> None:
    """A snapshot that was made before there were extras and bonuses says nothing of them."""
    placed = world.send(world.review())
    location = placed.headers["Location"]
    order = world.order_at(location)
    plain = json.loads(json.dumps(order.snapshot))
    del plain["campaign"]["bonus"]
    for product in plain["campaign"]["products"]:
        for name in ("early", "tiers", "per_line", "bonus", "label"):
            del product[name]
        for option in product["options"]:
            del option["extras"], option["text_extra"]
    old = dataclasses.replace(order, snapshot=plain)
    world.desk.order_by_token = lambda token: old  # type: ignore[attr-defined]
    response = world.client.get(location)
    assert response.status_code == 200
    assert "bonus" not in Page(response.text).ids


def test_a_cheaper_price_is_told_beside_the_usual_one(world: World) -> None:
    """On the review and on the order's own page."""
    world.publish(with_product(tiers=(Tier(2, Rupiah(50_000)),)))
    review = world.client.post("/pesan/nastar", data=fields())
    placed = world.send(Page(review.text))
    status = world.client.get(placed.headers["Location"]).text
    for text in (review.text, status):
        assert "Rp50.000" in text and "Rp65.000" in text
