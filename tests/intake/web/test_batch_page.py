"""The minimum of a round on the live pages: as it was accepted, and only while it is undecided."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta

import pytest

from preorder.batch import Batch, Otherwise
from preorder.schedule import Days, OneOff
from preorder.status import Status
from preorder.wording import show_rupiah
from tests.intake.web.page import Page
from tests.intake.web.test_status import placed, seller_sets
from tests.intake.web.world import World
from tests.makers import NOW, make_campaign, make_schedule

NEEDED = Batch(12, Otherwise.REFUND, 2)
CLOSES = NOW + timedelta(days=7)


def states(html: str) -> dict[str, str]:
    """Give event -> state of the page's list."""
    return {event: state for state, event in re.findall(r'<li class="step-(\w+)" data-event="(\w+)"', html)}


def test_review_and_page_say_what_was_accepted(world: World) -> None:
    """Another number that is published later changes neither her page nor what is kept; it is told as a change."""
    world.publish(make_campaign(batch=NEEDED))
    review = world.review()
    path = world.send(review).headers["Location"]
    before = Page(world.client.get(path).text)
    assert before.ids["batch"].text == review.ids["batch"].text
    assert "12" in before.ids["batch"].text
    assert "changes" not in before.ids
    world.publish(make_campaign(batch=dataclasses.replace(NEEDED, minimum=31)))
    after = Page(world.client.get(path).text)
    assert after.ids["batch"].text == before.ids["batch"].text
    (change,) = [each for each in after.elements if each.attributes.get("data-what") == "batch"]
    assert "12" in change.text and "31" in change.text
    assert world.order_at(path).snapshot["campaign"]["batch"]["minimum"] == 12


def test_a_minimum_that_came_since_the_review_is_told_first(world: World) -> None:
    """It is part of what she agrees to: nothing is ordered before she has seen it."""
    world.publish(make_campaign())
    review = world.review()
    assert "batch" not in review.ids
    world.publish(make_campaign(batch=NEEDED))
    response = world.send(review)
    assert (response.status_code, world.orders()) == (409, 0)
    again = Page(response.text)
    assert {"changed", "batch"} <= set(again.ids)
    assert world.send(again).status_code == 303


@pytest.mark.parametrize(
    ("status", "after", "state", "said"),
    [
        (None, timedelta(0), "todo", True),
        ("DP diterima", timedelta(days=7, seconds=-1), "todo", True),
        ("DP diterima", timedelta(days=7), "current", True),
        ("DP diterima", timedelta(days=10), "done", True),
        ("Diproduksi", timedelta(days=7), "done", False),
    ],
)
def test_her_list_says_how_far_it_is(
    world: World, status: str | None, after: timedelta, state: str, *, said: bool
) -> None:
    """From the closing until the day that was promised; and done as soon as hers is made, when nothing is open."""
    world.publish(make_campaign(batch=NEEDED, schedule=dataclasses.replace(make_schedule(), production=Days(5, 6))))
    path = placed(world)
    ref = world.order_at(path).ref
    if status:
        seller_sets(world, ref, "status", "DP diterima")
    world.counter.clock.move(seconds=after.total_seconds())
    if status == "Diproduksi":
        seller_sets(world, ref, "status", status)
    page = world.client.get(path).text
    assert states(page)["batch"] == state
    assert ("batch" in Page(page).ids) is said
    assert list(states(page)).index("batch") == list(states(page)).index("closes") + 1


def test_a_cancelled_round_gives_everything_back(world: World) -> None:
    """Too few have ordered: the seller cancels, all that came in is hers again, and the rule is no longer shown."""
    world.publish(make_campaign(batch=NEEDED))
    path = placed(world)
    order = world.order_at(path)
    seller_sets(world, order.ref, "status", "DP diterima")
    world.counter.clock.move(days=8)
    seller_sets(world, order.ref, "status", "Batal (penjual)")
    order = world.order_at(path)
    assert order.status is Status.CANCELLED_BY_SELLER
    assert order.money.refund_due == order.received > 0
    page = Page(world.client.get(path).text)
    assert "batch" not in page.ids
    assert show_rupiah(order.received) in page.ids["refund"].text


def test_a_round_that_is_open_longer_is_told_to_whoever_has_ordered(world: World) -> None:
    """Her own dates stay, and the page says until when it is open now."""
    extend = dataclasses.replace(NEEDED, otherwise=Otherwise.EXTEND)
    world.publish(make_campaign(batch=extend))
    path = placed(world)
    first = make_schedule().rule
    assert isinstance(first, OneOff)
    longer = dataclasses.replace(
        make_schedule(), rule=OneOff(first.opens_at, CLOSES + timedelta(days=4), first.closes_at)
    )
    world.publish(make_campaign(batch=extend, schedule=longer))
    found = {
        each.attributes["data-what"]
        for each in Page(world.client.get(path).text).elements
        if "data-what" in each.attributes
    }
    assert "closing" in found
    assert "batch" not in found


def test_an_order_of_before_says_nothing_of_it(world: World) -> None:
    """A snapshot without the key is an order without a minimum."""
    world.publish(make_campaign())
    path = placed(world)
    order = world.order_at(path)
    plain = json.loads(json.dumps(order.snapshot))
    del plain["campaign"]["batch"]
    old = dataclasses.replace(order, snapshot=plain)
    world.desk.order_by_token = lambda token: old  # type: ignore[attr-defined]
    response = world.client.get(path)
    assert response.status_code == 200
    assert "batch" not in Page(response.text).ids
    assert "batch" not in states(response.text)
