"""A campaign that was renamed: links and forms with its old address go on working."""

from __future__ import annotations

import dataclasses

import pytest

from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.makers import make_campaign


@pytest.fixture(autouse=True)
def renamed(world: World) -> None:
    """What was at /nastar is at /nastar-natal."""
    world.publish(dataclasses.replace(make_campaign(), slug="nastar-natal", former_slugs=("nastar", "kue-nanas")))


def test_the_page_of_before_sends_to_the_new_one(world: World) -> None:
    """Also without a slash at the end; what was never an address stays none, and the new one is not sent on."""
    for path in ("/nastar/", "/nastar", "/kue-nanas/"):
        answer = world.client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (301, "/nastar-natal/"), path
        assert answer.headers["Cache-Control"] == "no-cache"
    assert world.client.get("/bolu/").status_code == 404
    assert world.client.get("/nastar/index.html").status_code == 404
    assert "Location" not in world.client.get("/nastar-natal/").headers


def test_a_form_of_before_orders_what_it_showed(world: World) -> None:
    """She had the old page open while the seller renamed it: nothing is lost, and the buttons lead to the new address."""
    posted = fields()
    answer = world.client.post("/pesan/nastar", data=posted)
    assert answer.status_code == 200
    review = Page(answer.text)
    assert review.form("/pesan/nastar-natal/kirim").fields
    placed = world.client.post("/pesan/nastar/kirim", data=review.form("/kirim").fields)
    assert placed.status_code == 303
    order = world.order_at(placed.headers["Location"])
    assert order.campaign_id == make_campaign().id
    assert "/nastar-natal/" in world.client.get(placed.headers["Location"]).text


def test_other_ways_in_know_the_old_address(world: World) -> None:
    """The form by itself, with its mistakes, and the way back from a review."""
    assert Page(world.client.get("/pesan/nastar").text).form("/pesan/nastar-natal").fields
    wrong = world.client.post("/pesan/kue-nanas", data=fields(name=""))
    assert wrong.status_code == 422
    assert Page(wrong.text).form("/pesan/nastar-natal").fields["district"] == fields()["district"]
    back = world.client.get("/pesan/nastar/kirim")
    assert (back.status_code, back.headers["Location"]) == (303, "/pesan/nastar-natal")


def test_an_address_that_a_new_campaign_has_taken_is_that_ones(world: World) -> None:
    """What is there now comes before what was."""
    moved = dataclasses.replace(make_campaign(), slug="nastar-natal", former_slugs=("kue-nanas",))
    fresh = dataclasses.replace(make_campaign(), id="baru", slug="nastar", prefix="BRU", title="Nastar Baru")
    world.publish(moved, fresh)
    assert "Nastar Baru" in world.client.get("/pesan/nastar").text
    assert world.client.get("/nastar/").status_code == 404
