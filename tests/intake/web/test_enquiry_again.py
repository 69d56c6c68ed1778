"""
Asking again and asking for something else: a press counts once, a wish is changed from its own page, and a name and a
number open nothing.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from intake.ledger import enquiries as stored_enquiries
from intake.ledger.enquiries import StoredEnquiry
from preorder.campaign import WHOLE
from preorder.enquiries import MOST_WAITING, EnquiryKind, EnquiryStatus
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
    """Ask for something on the form of a page of one's own; give the address of what was asked."""
    form = Page(world.client.get(path).text).form(path)
    answer = world.client.post(path, data=form.fields | WHO | fields)
    assert answer.status_code == 303
    return answer.headers["Location"]


def changing(world: World, hers: str, path: str) -> Page:
    """Press "change my request" on her page."""
    answer = world.client.post(path, data=Page(world.client.get(hers).text).form(path).fields | {"action": "change"})
    assert answer.status_code == 200
    return Page(answer.text)


def waiting(world: World) -> list[StoredEnquiry]:
    """Give those that wait, oldest first."""
    with world.counter.reader.begin() as connection:
        found = stored_enquiries.newest(connection, list(EnquiryKind), 100)
    return [each for each in found if each.status is EnquiryStatus.WAITING]


def test_another_quantity_keeps_page_and_place(world: World) -> None:
    """From her own page, with what she had asked for in the form; the page says when, and that the new words count."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR, **GAMIS, accepts_part="yes", note="Tanpa kacang")
    ask(world, WAITLIST, **NASTAR, name="Orang lain", phone="0812-0000-9999")
    assert "changed" not in Page(world.client.get(hers).text).ids
    world.counter.clock.move(hours=3)
    form = changing(world, hers, WAITLIST).form(WAITLIST)
    said = NASTAR | GAMIS | {"accepts_part": "yes", "note": "Tanpa kacang"}
    assert {name: form.fields[name] for name in said} == said
    changed = form.fields | {"nastar--250g--qty": "5", "note": ""}
    del changed["accepts_part"]
    assert world.client.post(WAITLIST, data=changed).headers["Location"] == hers
    first, _ = waiting(world)
    assert (first.units, first.accepts_part, first.note) == (6, False, "")
    assert (first.name, first.phone) == ("Ibu Contoh", "+6281200005678")
    assert (first.asked_at, first.consented_at) == (NOW, NOW + timedelta(hours=3))
    page = Page(world.client.get(hers).text)
    assert page.ids["place"].attributes["data-place"] == "1"
    assert "13.00" in page.ids["changed"].text
    assert "13.00" in page.ids["consented-at"].text


def test_the_same_change_twice_is_one(world: World) -> None:
    """A double press on "save the change" writes once, and saving what stood there before writes nothing."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR)
    form = changing(world, hers, WAITLIST).form(WAITLIST).fields
    versions = []
    for quantity in ("2", "5", "5"):
        world.counter.clock.move(minutes=1)
        world.client.post(WAITLIST, data=form | {"nastar--250g--qty": quantity})
        versions.append(waiting(world)[0].version)
    assert versions == [1, 2, 2]


def test_a_request_for_an_offer_is_changed_whole(world: World) -> None:
    """Company, day and note come into the form as they stand, and go out as she leaves them."""
    world.publish(make_campaign(quotation_from=30))
    asked = {"nastar--250g--qty": "60", "company": "PT Contoh", "needed_by": "2026-12-20", "note": "Kotak"}
    hers = ask(world, QUOTATION, **asked)
    form = changing(world, hers, QUOTATION).form(QUOTATION)
    assert form.fields["needed_by"] == "20/12/2026"
    assert (form.fields["company"], form.fields["note"]) == ("PT Contoh", "Kotak")
    world.client.post(QUOTATION, data=form.fields | {"needed_by": "24/12/2026"})
    (found,) = waiting(world)
    assert (str(found.needed_by), found.company, found.units) == ("2026-12-24", "PT Contoh", 60)


def test_what_is_wrong_with_a_change_keeps_it_a_change(world: World) -> None:
    """The form comes back with what she typed, still hers, and without her whole number in it."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR)
    form = changing(world, hers, WAITLIST).form(WAITLIST).fields
    answer = world.client.post(WAITLIST, data=form | {"nastar--250g--qty": "banyak", "note": "Catatan"})
    page = Page(answer.text)
    assert answer.status_code == 422 and "e-nastar--250g--qty" in page.ids
    assert page.form(WAITLIST).fields["note"] == "Catatan"
    assert not any(number in answer.text for number in ("0812-0000-5678", "+6281200005678", "081200005678"))
    world.client.post(WAITLIST, data=page.form(WAITLIST).fields | {"nastar--250g--qty": "4"})
    assert [each.units for each in waiting(world)] == [4]


def test_nobody_becomes_somebody_else_by_a_change(world: World) -> None:
    """Name and number of a change are those of the wish, whatever is posted beside it."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR)
    form = changing(world, hers, WAITLIST)
    assert not {"f-name", "f-phone"} & form.ids.keys()
    others = {"name": "Orang lain", "phone": "0812-0000-9999", "nastar--250g--qty": "3"}
    world.client.post(WAITLIST, data=form.form(WAITLIST).fields | others)
    (found,) = waiting(world)
    assert (found.name, found.phone, found.units) == ("Ibu Contoh", "+6281200005678", 3)


@pytest.mark.parametrize("path", [WAITLIST, INTEREST, QUOTATION])
def test_a_name_and_a_number_open_nothing(world: World, path: str) -> None:
    """Somebody who knows both, and what was asked for, comes to a page of his own: hers is not read, changed or left."""
    sold_out(world)
    if path == INTEREST:
        world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(days=1))))
    same = {} if path == INTEREST else {"nastar--250g--qty": "60"}
    hers = ask(world, path, **same)
    (before,) = waiting(world)
    for fields in (same, {"note": "Rahasia"} | same):
        his = ask(world, path, **fields)
        assert his != hers
        assert world.client.post(his).status_code == 303
    # Neither does a press that was not made on a page of ours.
    his = world.client.post(path, data=WHO | same).headers["Location"]
    assert his != hers
    assert waiting(world)[0] == before


def test_one_press_and_its_echo_ask_once(world: World) -> None:
    """Also the next day, and once the seller has answered; who has left and asks again waits again."""
    world.publish(make_campaign(quotation_from=30))
    form = Page(world.client.get(QUOTATION).text).form(QUOTATION).fields | WHO | {"nastar--250g--qty": "60"}
    press = lambda: world.client.post(QUOTATION, data=form).headers["Location"]  # noqa: E731
    hers = press()
    world.counter.clock.move(hours=13)
    assert press() == hers
    changed = changing(world, hers, QUOTATION).form(QUOTATION).fields | {"nastar--250g--qty": "70"}
    world.client.post(QUOTATION, data=changed)
    assert press() == hers
    (stored,) = waiting(world)
    assert stored.units == 70
    world.counter.writer.submit(
        lambda tx: stored_enquiries.change(tx, stored, stored.enquiry_id, status=EnquiryStatus.ANSWERED)
    )
    assert press() == hers
    world.counter.writer.submit(
        lambda tx: stored_enquiries.change(tx, stored, stored.enquiry_id, status=EnquiryStatus.WAITING)
    )
    world.client.post(hers)
    assert press() != hers


def test_something_typed_anew_is_asked_for_beside_it(world: World) -> None:
    """Who waits for cookies and then for a robe waits for both; a friend under the same number in her own place."""
    sold_out(world)
    pages = [ask(world, WAITLIST, **NASTAR), ask(world, WAITLIST, **GAMIS), ask(world, WAITLIST, **NASTAR, name="Adik")]
    assert len(set(pages)) == MOST_WAITING
    assert [(each.name, each.units) for each in waiting(world)] == [("Ibu Contoh", 2), ("Ibu Contoh", 1), ("Adik", 2)]


def test_what_is_answered_stays_answered(world: World) -> None:
    """A request that the seller has dealt with is not changed any more; its page says where it stands."""
    world.publish(make_campaign(quotation_from=30))
    hers = ask(world, QUOTATION, **{"nastar--250g--qty": "60"})
    form = changing(world, hers, QUOTATION).form(QUOTATION).fields
    (stored,) = waiting(world)
    world.counter.writer.submit(
        lambda tx: stored_enquiries.change(tx, stored, stored.enquiry_id, status=EnquiryStatus.ANSWERED)
    )
    answer = world.client.post(QUOTATION, data=form | {"nastar--250g--qty": "80"})
    assert (answer.status_code, answer.headers["Location"]) == (303, hers)
    page = Page(world.client.get(hers).text)
    assert page.ids["status"].attributes["data-status"] == "answered"
    assert "change" not in page.ids
    assert ask(world, QUOTATION, **{"nastar--250g--qty": "80"}) != hers


def test_a_change_that_comes_while_she_leaves_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """She left in another tab between the look and the writing: nothing of hers is written again."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR)
    form = changing(world, hers, WAITLIST).form(WAITLIST).fields
    desk = world.counter.desk.enquiries
    real = desk.change

    def change(*args: object) -> None:
        world.client.post(hers)
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(desk, "change", change)
    answer = world.client.post(WAITLIST, data=form | {"note": "Rahasia"})
    assert (answer.status_code, answer.headers["Location"]) == (303, hers)
    with world.counter.reader.begin() as connection:
        (left,) = stored_enquiries.newest(connection, list(EnquiryKind), 100)
    assert (left.status, left.name, left.note) == (EnquiryStatus.LEFT, None, "")


def test_who_closed_meanwhile_has_nothing_to_change(world: World) -> None:
    """The waitlist of a closed round stays as it is, and so does what belongs to another campaign or kind."""
    sold_out(world)
    hers = ask(world, WAITLIST, **NASTAR)
    form = changing(world, hers, WAITLIST).form(WAITLIST).fields
    assert world.client.post(QUOTATION, data=form | {"nastar--250g--qty": "60"}).headers["Location"] == hers
    world.counter.clock.move(days=40)
    page = Page(world.client.get(hers).text)
    assert "change" not in page.ids and "leave" in page.ids
    assert world.client.post(WAITLIST, data=form).headers["Location"] == hers
    assert [each.units for each in waiting(world)] == [2]


@pytest.mark.parametrize("of", ["x", "A" * 22, "\u00e9" * 22])
def test_a_made_up_link_changes_nothing(world: World, of: str) -> None:
    """404, and nothing stored."""
    sold_out(world)
    assert world.client.post(WAITLIST, data=WHO | NASTAR | {"of": of}).status_code == 404
    assert waiting(world) == []


def test_fewer_that_are_left_meanwhile_are_ordered(world: World) -> None:
    """Nobody goes on waiting for what could be ordered; the way to the order form holds what she wants, and no number."""
    world.publish(make_campaign(pools={WHOLE: 3, "nastar/250g": 3}))
    hers = ask(world, WAITLIST, **{"nastar--250g--qty": "5"})
    form = changing(world, hers, WAITLIST).form(WAITLIST).fields
    answer = world.client.post(WAITLIST, data=form | {"nastar--250g--qty": "3"})
    page = Page(answer.text)
    assert answer.status_code == 422 and "still-there" in page.ids
    order = page.form("/pesan/nastar").fields
    assert order["nastar--250g--qty"] == "3" and "phone" not in order
    assert [each.units for each in waiting(world)] == [5]


def test_kinds_and_rounds_are_apart(world: World) -> None:
    """A place on the waitlist is no reminder, and a reminder of one round none of the next."""
    sold_out(world)
    pages = {ask(world, WAITLIST, **NASTAR), ask(world, QUOTATION, **{"nastar--250g--qty": "60"})}
    world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(days=1))))
    pages.add(ask(world, INTEREST))
    assert len(pages) == len(waiting(world)) == 3
