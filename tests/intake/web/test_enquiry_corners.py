"""The corners of enquiries: nobody waits for what is there, and nothing is lost where orders have opened meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from preorder.campaign import WHOLE
from tests.intake.web.page import Page
from tests.intake.web.world import World, assert_kept, fields
from tests.makers import make_campaign, make_products, make_schedule

WAITLIST, INTEREST, QUOTATION = "/daftar-tunggu/nastar", "/ingatkan/nastar", "/penawaran/nastar"
WHO = {"name": "Ibu Contoh", "phone": "0812-0000-5678"}


def test_more_than_the_quota_can_wait_before_anybody_has_ordered(world: World) -> None:
    """The ledger knows no pools of a round yet: the published quota decides what is there and what is not."""
    world.publish(make_campaign(pools={WHOLE: 5, "nastar/250g": 5}))
    assert world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "5"}).status_code == 422
    assert world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "6"}).status_code == 303


def test_what_has_no_quota_is_never_waited_for(world: World) -> None:
    """It can be ordered at once, however much of it."""
    products = tuple(
        replace(product, variants=tuple(replace(variant, pools=()) for variant in product.variants))
        for product in make_products()
    )
    world.publish(make_campaign(products=products, pools={}))
    answer = world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "9"})
    assert answer.status_code == 422
    assert "still-there" in Page(answer.text).ids


def test_what_is_still_there_is_ordered_with_all_that_was_typed(world: World) -> None:
    """From the waitlist back to the order form: lines, name, number, and the address that came along."""
    posted = fields(nastar__250g__qty="2", note="Tanpa kacang")
    offered = Page(world.client.post(WAITLIST, data=posted | {"action": "change"}).text)
    answer = world.client.post(WAITLIST, data=offered.form(WAITLIST).fields | {"accepts_part": "yes"})
    assert answer.status_code == 422
    back = world.client.post("/pesan/nastar", data=Page(answer.text).form("/pesan/nastar").fields)
    assert back.status_code == 200
    assert_kept(Page(back.text), {name: text for name, text in posted.items() if name != "terms"})


@pytest.mark.parametrize("pressed", [{}, {"action": "change"}])
def test_orders_that_opened_meanwhile_take_what_was_typed(world: World, pressed: dict[str, str]) -> None:
    """She comes from the closed page, and it is open now: one press leads to the form with everything in it."""
    world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(minutes=1))))
    posted = fields(nastar__250g__qty="3")
    carried = Page(world.client.post("/pesan/nastar", data=posted).text).form(INTEREST).fields
    world.counter.clock.move(minutes=2)
    answer = world.client.post(INTEREST, data={**carried, "action": ""} | pressed)
    page = Page(answer.text)
    assert answer.status_code == (200 if pressed else 409)
    assert "open-now" in page.ids
    back = world.client.post("/pesan/nastar", data=page.form("/pesan/nastar").fields)
    assert back.status_code == 200
    assert_kept(Page(back.text), {name: text for name, text in posted.items() if name != "terms"})
