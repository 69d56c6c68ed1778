"""
The token of a review: good for what was reviewed, for an hour, once. Whatever else comes gets the review again and
loses nothing.
"""

from __future__ import annotations

import base64
import dataclasses

import pytest

from intake.web.token import ReviewTokens
from preorder.money import Rupiah
from tests.intake.web.page import Page
from tests.intake.web.world import FIELDS, SECRET, World
from tests.makers import NOW, make_campaign, make_products

PLACE = "/pesan/nastar/kirim"


def assert_review_again(world: World, response_status: int, text: str, posted: dict[str, str]) -> Page:
    assert response_status == 409
    page = Page(text)
    shown = page.form(PLACE).fields
    assert shown["token"] != posted.get("token")
    assert {name: value for name, value in shown.items() if name != "token"} == {
        name: value.replace("\r\n", "\n") for name, value in posted.items() if name != "token"
    }
    assert world.orders() == 0
    return page


def _forged(token: str) -> list[tuple[str, str]]:
    body, _, mac = token.rpartition(".")
    version, nonce, issued, revision, digest, terms = body.split(".")
    later = str(int(issued) + 3600)
    other = ReviewTokens(b"another key")
    return [
        ("empty", ""),
        ("rubbish", "x"),
        ("long", "1." + "A" * 10_000),
        ("nul", token + "\0"),
        ("newline", token + "\n"),
        ("not_ascii", token[:-1] + "\u00e9"),
        ("mac_cut", token[:-1]),
        ("mac_changed", f"{body}.{'A' * 43}"),
        ("mac_of_another_key", other.issue(NOW, int(revision), digest, terms)),
        ("version", "2" + token[1:]),
        ("nonce", ".".join((version, "A" * 22, issued, revision, digest, terms, mac))),
        ("time", f"{version}.{nonce}.{later}.{revision}.{digest}.{terms}.{mac}"),
        ("revision", f"{version}.{nonce}.{issued}.2.{digest}.{terms}.{mac}"),
        ("digest", ".".join((version, nonce, issued, revision, "0" * 64, terms, mac))),
        ("terms", ".".join((version, nonce, issued, revision, digest, "0" * 64, mac))),
        ("standard_base64", token.replace("-", "+").replace("_", "/") + "="),
        ("whole_in_base64", base64.b64encode(token.encode()).decode()),
    ]  # fmt: skip


def test_a_token_that_is_not_ours_gets_the_review_again(world: World) -> None:
    """409, everything kept, a fresh token that then works: a buyer whose browser mangled the page loses nothing."""
    posted = world.review().form(PLACE).fields
    for name, token in _forged(posted["token"]):
        mangled = posted | {"token": token}
        response = world.client.post(PLACE, data=mangled)
        assert response.status_code == 409, name
        page = assert_review_again(world, response.status_code, response.text, mangled)
        assert "again" in page.ids
    assert world.send(page).status_code == 303


def test_a_missing_token_gets_the_review_again(world: World) -> None:
    """Whoever posts the form straight to the last address has still to look at it once."""
    posted = {name: text for name, text in FIELDS.items() if text}
    response = world.client.post(PLACE, data=posted)
    assert_review_again(world, response.status_code, response.text, posted)


@pytest.mark.parametrize(
    "changes",
    [
        {"nastar--250g--qty": "3"}, {"name": "Orang Lain"}, {"phone": "081200009999"}, {"delivery": "kargo"}, {"note": "tambahan"},
        {"nastar--500g--qty": "1"}, {"channel": "tiktok"},
    ],
)  # fmt: skip
def test_other_fields_than_reviewed_are_shown_first(world: World, changes: dict[str, str]) -> None:
    """A token is good for exactly what it was made for."""
    posted = world.review().form(PLACE).fields | changes
    response = world.client.post(PLACE, data=posted)
    assert_review_again(world, response.status_code, response.text, posted)


def test_a_token_is_good_for_its_campaign_alone(world: World) -> None:
    """The same fields under another campaign are another order."""
    world.publish(make_campaign(), make_campaign(id="kastengel-lebaran", slug="kastengel", prefix="KST"))
    posted = world.review().form(PLACE).fields
    response = world.client.post("/pesan/kastengel/kirim", data=posted)
    assert response.status_code == 409
    assert world.orders() == 0


def test_fields_that_only_differ_in_form_are_the_same(world: World) -> None:
    """Line breaks and Unicode forms that a browser changes on the way don't break the token."""
    posted = world.review(name="Jos\u00e9", note="satu\r\ndua").form(PLACE).fields
    response = world.client.post(
        PLACE, data=posted | {"name": "Jose\u0301 ", "note": "satu\rdua", "channel": "instagram", "leave_empty": ""}
    )
    assert response.status_code == 303


@pytest.mark.parametrize(
    ("minutes", "status"), [(0, 303), (60, 303), (60.02, 409), (24 * 60, 409), (-4, 303), (-6, 409)]
)
def test_a_review_is_good_for_sixty_minutes(world: World, minutes: float, status: int) -> None:
    """
    Afterwards it is shown again, says so, and its new button works. A clock that was set back by more than minutes
    counts as too old.
    """
    posted = world.review().form(PLACE).fields
    world.counter.clock.move(minutes=minutes)
    response = world.client.post(PLACE, data=posted)
    assert response.status_code == status
    if status == 409:
        page = assert_review_again(world, response.status_code, response.text, posted)
        assert "expired" in page.ids
        assert "changed" not in page.ids
        assert world.send(page).status_code == 303


def test_a_new_price_is_shown_before_it_is_agreed_to(world: World) -> None:
    """
    What she reviewed is not what is sold now: the change is shown, and only her second press orders, at the new price.
    """
    review = world.review()
    nastar, gamis = make_products()
    dearer = dataclasses.replace(
        nastar, variants=tuple(dataclasses.replace(v, price=Rupiah(v.price + 5_000)) for v in nastar.variants)
    )
    world.publish(make_campaign(products=(dearer, gamis)))
    response = world.send(review)
    page = assert_review_again(world, response.status_code, response.text, review.form(PLACE).fields)
    assert "changed" in page.ids
    order = world.order_at(world.send(page).headers["Location"])
    assert order.goods == 140_000


def test_a_new_revision_with_the_same_terms_does_not_stop_her(world: World) -> None:
    """A corrected summary is not worth a second look."""
    review = world.review()
    world.publish(make_campaign(summary="Kue kering yang lain"))
    assert world.send(review).status_code == 303


def test_tokens_of_another_shop_are_not_ours() -> None:
    """Two shops with two keys don't take each other's reviews; one key does not serve two purposes."""
    token = ReviewTokens(SECRET).issue(NOW, 1, "0" * 64, "0" * 64)
    assert ReviewTokens(SECRET).read(token) is not None
    assert ReviewTokens(b"other").read(token) is None


def test_the_same_order_once_more_is_asked_about(world: World) -> None:
    """Back, reload, the form again: the new review names the order that is there; a second one is possible and wanted."""
    first = world.order_at(world.send(world.review()).headers["Location"])
    again = world.review()
    assert "same-order" in again.ids and first.ref in again.ids["same-order"].text
    assert "same-order" not in world.review(note="bungkus kado").ids
    second = world.send(again)
    assert second.status_code == 303 and world.order_at(second.headers["Location"]).ref != first.ref
    world.counter.clock.move(hours=13)
    assert "same-order" not in world.review().ids
