"""Asking again with the same number: one enquiry is changed, keeps its page and its place, and tells nobody anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intake.ledger import enquiries as stored_enquiries
from intake.ledger.enquiries import StoredEnquiry
from preorder.campaign import WHOLE
from preorder.enquiries import Enquiry, EnquiryKind, EnquiryLine, EnquiryStatus
from tests.intake.web.page import Page
from tests.intake.web.world import World
from tests.makers import NOW, make_campaign, make_schedule

WAITLIST, INTEREST, QUOTATION = "/daftar-tunggu/nastar", "/ingatkan/nastar", "/penawaran/nastar"
WHO = {"name": "Ibu Contoh", "phone": "0812-0000-5678"}
NASTAR, GAMIS = {"nastar--250g--qty": "2"}, {"gamis--1--qty": "1", "gamis--1--option-warna": "Sage"}


def sold_out(world: World) -> None:
    """Publish a campaign of which nothing is left."""
    world.publish(make_campaign(pools={WHOLE: 0, "nastar/250g": 0}, quotation_from=30))


def ask(world: World, path: str, **fields: str) -> str:
    """Ask for something; give the address of its page."""
    answer = world.client.post(path, data=WHO | fields)
    assert answer.status_code == 303
    return answer.headers["Location"]


def waiting(world: World) -> list[StoredEnquiry]:
    """Give those that wait, oldest first."""
    with world.counter.reader.begin() as connection:
        found = stored_enquiries.newest(connection, list(EnquiryKind), 100)
    return [each for each in found if each.status is EnquiryStatus.WAITING]


def test_another_quantity_keeps_page_and_place(world: World) -> None:
    """Her place is that of the first time; the page says that she has asked again, when, and that the new words count."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR, accepts_part="yes", note="Tanpa kacang")
    ask(world, WAITLIST, **NASTAR, name="Orang lain", phone="0812-0000-9999")
    assert "asked-again" not in Page(world.client.get(hers).text).ids
    world.counter.clock.move(hours=3)
    assert ask(world, WAITLIST, **{"nastar--250g--qty": "5"}, name="  ibu   CONTOH ", phone="+62 812 0000 5678") == hers
    first, _ = waiting(world)
    assert (first.units, first.accepts_part, first.note) == (5, False, "")
    assert (first.asked_at, first.consented_at) == (NOW, NOW + timedelta(hours=3))
    page = Page(world.client.get(hers).text)
    assert page.ids["place"].attributes["data-place"] == "1"
    assert "13.00" in page.ids["asked-again"].text
    assert "13.00" in page.ids["consented-at"].text


def test_something_else_is_asked_for_beside_it(world: World) -> None:
    """Who waits for cookies and then for a robe waits for both, each in its own place."""
    sold_out(world)
    assert ask(world, WAITLIST, **NASTAR) != ask(world, WAITLIST, **GAMIS)
    assert [each.units for each in waiting(world)] == [2, 1]


def test_both_together_leave_no_second_place(world: World) -> None:
    """Asked for apart, then together: one enquiry in the earlier place, and the later one has left."""
    sold_out(world)
    first, second = ask(world, WAITLIST, **NASTAR), ask(world, WAITLIST, **GAMIS)
    assert ask(world, WAITLIST, **NASTAR, **GAMIS) == first
    (left,) = waiting(world)
    assert left.units == 3
    assert Page(world.client.get(second).text).ids["status"].attributes["data-status"] == "left"


def test_a_friend_keeps_her_own_place(world: World) -> None:
    """One number for two names: two enquiries."""
    sold_out(world)
    assert ask(world, WAITLIST, **NASTAR) != ask(world, WAITLIST, **NASTAR, name="Adik")
    assert [each.name for each in waiting(world)] == ["Ibu Contoh", "Adik"]


def test_a_name_and_number_tell_nothing(world: World) -> None:
    """Somebody who knows both comes to the page, and finds there nothing but her own words."""
    world.publish(make_campaign(quotation_from=30))
    ask(
        world,
        QUOTATION,
        **{"nastar--250g--qty": "60"},
        **GAMIS | {"gamis--1--qty": "30"},
        company="PT Rahasia",
        note="Untuk direksi",
        needed_by="20/12/2026",
    )
    curious = ask(world, QUOTATION, **{"nastar--250g--qty": "31"})
    text = world.client.get(curious).text
    assert not any(word in text for word in ("PT Rahasia", "direksi", "20 Desember", "Sage", "Gamis"))


def test_what_is_answered_stays_answered(world: World) -> None:
    """A request that the seller has dealt with is not touched: asking again is a new one."""
    world.publish(make_campaign(quotation_from=30))
    first = ask(world, QUOTATION, **{"nastar--250g--qty": "60"})
    (stored,) = waiting(world)
    world.counter.writer.submit(
        lambda tx: stored_enquiries.change(tx, stored, stored.enquiry_id, status=EnquiryStatus.ANSWERED)
    )
    assert ask(world, QUOTATION, **{"nastar--250g--qty": "80"}) != first
    assert Page(world.client.get(first).text).ids["status"].attributes["data-status"] == "answered"


def test_kinds_and_rounds_are_apart(world: World) -> None:
    """A place on the waitlist is no reminder, and a reminder of one round none of the next."""
    sold_out(world)
    pages = {ask(world, WAITLIST, **NASTAR), ask(world, QUOTATION, **{"nastar--250g--qty": "60"})}
    world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(days=1))))
    pages.add(ask(world, INTEREST))
    assert len(pages) == 3
    assert ask(world, INTEREST) in pages
    assert len(waiting(world)) == 3


@pytest.mark.parametrize(
    ("name", "lines", "replaces"),
    [
        ("Ibu Contoh", [("nastar", "250g")], True),
        ("ibu  contoh", [("nastar", "250g"), ("gamis", "")], True),
        ("Ibu Contoh", [("nastar", "500g")], False),
        ("Ibu", [("nastar", "250g")], False),
    ],
)
def test_the_rule(name: str, lines: list[tuple[str, str]], replaces: bool) -> None:
    """By name and by what is in both; by the name alone where nothing is asked for but a word."""
    old = [EnquiryLine(product, variant, product, {}, 1) for product, variant in lines]
    new = EnquiryLine("nastar", "250g", "Nastar", {}, 4)
    asked = Enquiry(EnquiryKind.WAITLIST, "nastar-lebaran", 1, "Ibu Contoh", "+6281200005678", (new,))
    assert asked.replaces(name, old) is replaces
    word = Enquiry(EnquiryKind.INTEREST, "nastar-lebaran", 1, "Ibu Contoh", "+6281200005678")
    assert word.replaces("IBU CONTOH", [])
