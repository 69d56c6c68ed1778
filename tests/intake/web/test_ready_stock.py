"""Ready stock through the desk: said before she orders, sent while the sale is open, days counted from her payment."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from typing import Any

import pytest

from intake.commands import apply_edits
from intake.ledger import outbox
from preorder.campaign import Campaign
from preorder.schedule import Days, Method, Schedule
from preorder.status import Status
from preorder.terms import PaymentTerms, Scheme
from tests.intake.web.page import Page
from tests.intake.web.world import World
from tests.makers import NOW, make_campaign, make_schedule

FULL = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL)


def ready_campaign() -> Campaign:
    """Give a campaign of goods that are there already, on sale for a week, sent one or two days after payment."""
    schedule = Schedule("WIB", make_schedule().rule, 7, Days(1, 2), None, Method.READY)
    return make_campaign(schedule=schedule, payment=FULL)


def set_status(world: World, ref: str, status: str) -> str | None:
    """Have the seller set a status; give the code of what stands against it."""
    with world.counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [ref])[ref]
    world.counter.writer.submit(
        lambda tx: apply_edits(tx, record, {"status": status}, {"status": status}, world.counter.clock())
    )
    message = answer(world, ref)
    return str(message["kind"]) if message else None


def answer(world: World, ref: str) -> dict[str, Any] | None:
    """Give what the seller is told in the order's row."""
    with world.counter.reader.begin() as connection:
        message = outbox.sheet_records(connection, [ref])[ref].message
    return json.loads(message) if message else None


def placed(world: World) -> str:
    """Place the usual order and give the path of its page."""
    return world.send(world.review()).headers["Location"]


@pytest.mark.parametrize("ready", [True, False])
def test_form_and_review_say_which_it_is(world: World, ready: bool) -> None:
    """Before anything counts."""
    if ready:
        world.publish(ready_campaign())
    wanted = "ready" if ready else "preorder"
    form = Page(world.client.get("/pesan/nastar").text)
    assert form.ids["form-method"].attributes["data-method"] == wanted
    review = world.review()
    assert review.ids["method"].attributes["data-method"] == wanted
    assert ("2026" in review.ids["method"].text) is not ready


def test_it_is_ready_while_the_sale_is_open(world: World) -> None:
    """Paid, ready, sent: nobody waits for a closing, and nothing is made."""
    world.publish(ready_campaign())
    path = placed(world)
    ref = world.order_at(path).ref
    assert set_status(world, ref, "Siap") == "not_allowed"
    assert set_status(world, ref, "Lunas") is None
    assert set_status(world, ref, "Diproduksi") == "not_allowed"
    assert set_status(world, ref, "Siap") is None
    assert set_status(world, ref, "Dikirim") is None
    assert world.order_at(path).status is Status.SHIPPED


def test_a_pre_order_is_made_before_it_is_ready(world: World) -> None:
    """Paid does not lead to ready; what may be chosen does not name it either."""
    path = placed(world)
    ref = world.order_at(path).ref
    assert set_status(world, ref, "Lunas") is None
    assert set_status(world, ref, "Siap") == "not_allowed"
    message = answer(world, ref)
    assert message is not None
    assert message["allowed"] == ["in_production", "cancelled_by_seller", "awaiting_payment"]
    assert world.order_at(path).status is Status.PAID
    world.counter.clock.now = NOW + timedelta(days=8)
    assert set_status(world, ref, "Diproduksi") is None
    assert set_status(world, ref, "Siap") is None


def test_her_days_are_counted_from_her_payment(world: World) -> None:
    """Until she has paid, her page says how many days; then it says which."""
    world.publish(ready_campaign())
    path = placed(world)

    def times() -> list[str]:
        page = Page(world.client.get(path).text)
        return [each.attributes["datetime"] for each in page.elements if each.tag == "time"]

    def events() -> list[str]:
        page = Page(world.client.get(path).text)
        return [each.attributes["data-event"] for each in page.elements if "data-event" in each.attributes]

    assert events() == ["payment", "closes", "ships", "report"]
    assert not [time for time in times() if len(time) == len("2026-11-26")]
    world.counter.clock.now = NOW + timedelta(days=2)
    assert set_status(world, world.order_at(path).ref, "Lunas") is None
    days = [date.fromisoformat(time) for time in times() if len(time) == len("2026-11-26")]
    assert days == [date(2026, 11, 26), date(2026, 11, 27)]
    world.publish(dataclasses.replace(ready_campaign(), schedule=make_schedule()))
    assert events() == ["payment", "closes", "ships", "report"]


def test_what_comes_next_leaves_production_out(world: World) -> None:
    """The steps of her order are those that it will take."""
    labels = {}
    for ready in (False, True):
        if ready:
            world.publish(ready_campaign())
        page = world.client.get(placed(world)).text
        labels[ready] = page.partition('id="steps"')[2].partition("</ol>")[0]
    assert "Diproduksi" in labels[False]
    assert "Diproduksi" not in labels[True]
