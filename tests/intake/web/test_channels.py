"""The question where a buyer heard of the shop: with the seller's own answers, or not at all."""

from __future__ import annotations

from intake.language import translations
from intake.ledger import outbox
from intake.order_rows import Wording, order_row
from intake.settings import Settings
from preorder.wording import parse_channel
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields


def source_of(world: World, path: str, language: str) -> object:
    """Give what the sheet's column Sumber shows of an order."""
    order = world.order_at(path)
    with world.counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [order.ref])[order.ref]
    wording = Wording(language, "WIB", translations(Settings.templates, language))
    return order_row(record, order, wording).values["channel"]


def test_her_own_answers_are_asked_and_no_others(world: World) -> None:
    """From form to sheet as she wrote them; what is not in her list is refused at its field, also what was before."""
    world.publish(channels=("Bazar Ramadan", "tiktok"))
    assert "Bazar Ramadan" in Page(world.client.get("/pesan/nastar").text).ids["f-channel"].text
    path = world.send(world.review(channel="Bazar Ramadan")).headers["Location"]
    assert world.order_at(path).channel == source_of(world, path, "id") == "Bazar Ramadan"
    refused = world.client.post("/pesan/nastar", data=fields(channel="instagram"))
    assert refused.status_code == 422 and "#f-channel" in Page(refused.text).links


def test_the_form_follows_a_list_that_changes(world: World) -> None:
    """The campaign stays the same, so only the list can tell that the form is another."""
    campaign = world.campaign
    assert world.client.post("/pesan/nastar", data=fields(channel="Bazar")).status_code == 422
    world.publish(campaign, channels=("Bazar",))
    assert world.client.post("/pesan/nastar", data=fields(channel="Bazar")).status_code == 200


def test_a_question_that_is_left_out_is_not_asked(world: World) -> None:
    """An older page may still post an answer: the order is taken, without it."""
    review = world.review()
    world.publish(channels=())
    assert "f-channel" not in Page(world.client.get("/pesan/nastar").text).ids
    path = world.send(world.review()).headers["Location"]
    assert world.order_at(path).channel is None and source_of(world, path, "id") is None
    again = world.send(review)
    assert again.status_code == 409
    assert world.send(Page(again.text)).status_code == 303


def test_the_sheet_shows_the_usual_answers_in_words(world: World) -> None:
    """In the shop's language, and a row that is read back after a restore means the same."""
    for channel, labels in {"friend": ("Teman", "A friend"), "other": ("Lainnya", "Somewhere else")}.items():
        path = world.send(world.review(channel=channel)).headers["Location"]
        assert world.order_at(path).channel == channel
        assert (source_of(world, path, "id"), source_of(world, path, "en")) == labels
        assert {parse_channel(f" {label.upper()} ") for label in labels} == {channel}
    assert parse_channel("Bazar Teman") == "Bazar Teman"
