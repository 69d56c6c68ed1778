"""What buyers can do where they can't order: wait, be told, ask for an offer. Nothing that they typed is lost on the way."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.ledger import enquiries as stored_enquiries
from intake.ledger.enquiries import StoredEnquiry
from intake.ledger.schema import enquiries
from preorder.campaign import WHOLE
from preorder.enquiries import MOST_WAITING, EnquiryKind, EnquiryStatus
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.makers import make_campaign, make_schedule

WAITLIST, INTEREST, QUOTATION = "/daftar-tunggu/nastar", "/ingatkan/nastar", "/penawaran/nastar"
WHO = {"name": "Ibu Contoh", "phone": "0812-0000-5678"}


def sold_out(world: World, left: int = 0) -> None:
    """Publish a campaign of which so many are left."""
    world.publish(make_campaign(pools={WHOLE: 2 + left, "nastar/250g": 2 + left}))
    world.send(world.review())


def closed(world: World) -> None:
    world.publish(make_campaign(schedule=make_schedule(closes_in=timedelta(hours=-1), opens_in=timedelta(days=-2))))


def announced(world: World) -> None:
    world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(days=1))))


def all_stored(world: World) -> list[StoredEnquiry]:
    with world.counter.reader.begin() as connection:
        return stored_enquiries.newest(connection, list(EnquiryKind), 100)


def test_from_sold_out_to_the_line(world: World) -> None:
    """The sold-out page carries what she typed into the form of the waitlist; one more press, and she has her place."""
    sold_out(world)
    page = Page(world.client.post("/pesan/nastar", data=fields(nastar__250g__qty="3", note="Tanpa kacang")).text)
    assert "sold-out" in page.ids
    form = Page(world.client.post(WAITLIST, data=page.form(WAITLIST).fields).text).form(WAITLIST)
    assert form.fields["nastar--250g--qty"] == "3"
    assert (form.fields["name"], form.fields["note"]) == ("Ibu Contoh", "Tanpa kacang")
    # Her address comes along, should she go back to order.
    assert form.fields["district"] == "Coblong"
    answer = world.client.post(WAITLIST, data=form.fields | {"accepts_part": "yes"})
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith("/d/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    (found,) = all_stored(world)
    assert (found.kind, found.round, found.units, found.accepts_part) == (EnquiryKind.WAITLIST, 1, 3, True)
    assert (found.name, found.phone, found.note) == ("Ibu Contoh", "+6281200005678", "Tanpa kacang")
    assert found.lines[0].name == "Nastar Toples 250 g"
    shown = world.client.get(location)
    page = Page(shown.text)
    assert page.ids["place"].attributes["data-place"] == "1"
    assert page.ids["consent"].text.strip().startswith(found.consent)
    assert "23 November 2026" in page.ids["consented-at"].text
    assert "5678" not in page.ids["ref"].text and "0812-0000-5678" not in shown.text
    assert (shown.headers["Cache-Control"], shown.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_the_line_has_an_order_and_shrinks(world: World) -> None:
    """Who asks later stands later; who leaves makes room, and nothing of hers stays."""
    sold_out(world)
    pages = [
        world.client.post(WAITLIST, data=WHO | {"name": name, "phone": f"0812-0000-777{n}", "nastar--250g--qty": "1"})
        for n, name in enumerate(("Satu", "Dua", "Tiga"))
    ]
    places = [answer.headers["Location"] for answer in pages]
    assert [_place(world, place) for place in places] == ["1", "2", "3"]
    left = world.client.post(places[0])
    assert (left.status_code, left.headers["Location"]) == (303, places[0])
    assert [_place(world, place) for place in places[1:]] == ["1", "2"]
    page = Page(world.client.get(places[0]).text)
    assert page.ids["status"].attributes["data-status"] == "left"
    assert "leave" not in page.ids
    assert world.client.post(places[0]).status_code == 303
    first = all_stored(world)[0]
    assert (first.status, first.name, first.phone, first.units) == (EnquiryStatus.LEFT, None, None, 1)
    with world.counter.reader.begin() as connection:
        row = connection.execute(select(enquiries).where(enquiries.c.ref == first.ref)).mappings().one()
    assert row["phone_hmac"] is None and row["erased_at_ms"] is not None


def _place(world: World, location: str) -> str:
    return Page(world.client.get(location).text).ids["place"].attributes["data-place"]


def test_one_number_waits_a_few_times_only(world: World) -> None:
    """The reason stands at the number, and everything is kept."""
    sold_out(world)
    for number in range(MOST_WAITING):
        friend = WHO | {"name": f"Teman {number}", "nastar--250g--qty": "1"}
        assert world.client.post(WAITLIST, data=friend).status_code == 303
    answer = world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "9", "note": "Untuk adik"})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "e-phone" in page.ids
    kept = page.form(WAITLIST).fields
    assert (kept["nastar--250g--qty"], kept["note"], kept["phone"]) == ("9", "Untuk adik", "0812-0000-5678")


@pytest.mark.parametrize(
    ("path", "changes", "wrong"),
    [
        (WAITLIST, {"name": ""}, "e-name"),
        (WAITLIST, {"phone": "12"}, "e-phone"),
        (WAITLIST, {"nastar--250g--qty": ""}, "e-nastar--250g--qty"),
        (WAITLIST, {"nastar--250g--qty": "banyak"}, "e-nastar--250g--qty"),
        (WAITLIST, {"note": "x" * 501}, "e-note"),
        (QUOTATION, {"needed_by": "besok"}, "e-needed_by"),
        (QUOTATION, {"needed_by": "31/02/2027"}, "e-needed_by"),
        (QUOTATION, {"needed_by": "2020-01-01"}, "e-needed_by"),
        (QUOTATION, {"company": "y" * 81}, "e-company"),
        (QUOTATION, {"name": "\u200b"}, "e-name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, path: str, changes: dict[str, str], wrong: str) -> None:
    """422, with everything kept."""
    world.publish(make_campaign(pools={WHOLE: 2, "nastar/250g": 2}, quotation_from=50))
    world.send(world.review())
    posted = (
        WHO
        | {"nastar--250g--qty": "60", "note": "Catatan", "company": "PT Contoh", "needed_by": "25/12/2026"}
        | changes
    )
    answer = world.client.post(path, data=posted)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert wrong in page.ids and "error-summary" in page.ids
    kept = page.form(path).fields
    known = [name for name in posted if path == QUOTATION or name not in {"company", "needed_by"}]
    assert {name: kept[name] for name in known} == {name: posted[name] for name in known}
    assert all_stored(world) == []


def test_the_trap_stores_nothing(world: World) -> None:
    """Filled in by a program or a browser: the form again, emptied of it."""
    closed(world)
    answer = world.client.post(INTEREST, data=WHO | {"leave_empty": "x"})
    assert answer.status_code == 422
    assert Page(answer.text).form(INTEREST).fields["leave_empty"] == ""
    assert all_stored(world) == []


def test_what_is_there_is_ordered_at_once(world: World) -> None:
    """Nobody waits for what is left: the way back to the order form carries all."""
    sold_out(world, left=3)
    answer = world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "3", "street": "Jl. Misal 2"})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "still-there" in page.ids
    form = Page(world.client.post("/pesan/nastar", data=page.form("/pesan/nastar").fields).text).form("/pesan/nastar")
    assert (form.fields["nastar--250g--qty"], form.fields["street"]) == ("3", "Jl. Misal 2")
    assert world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "4"}).status_code == 303


def test_closed_leads_to_a_reminder(world: World) -> None:
    """What she typed into the form of an order comes along as far as it is needed."""
    closed(world)
    page = Page(world.client.post("/pesan/nastar", data=fields()).text)
    form = Page(world.client.post(INTEREST, data=page.form(INTEREST).fields).text).form(INTEREST)
    assert (form.fields["name"], form.fields["phone"]) == ("Ibu Contoh", "0812-0000-5678")
    answer = world.client.post(INTEREST, data=form.fields)
    assert answer.status_code == 303
    (found,) = all_stored(world)
    assert (found.kind, found.lines, found.phone) == (EnquiryKind.INTEREST, (), "+6281200005678")
    assert "place" not in Page(world.client.get(answer.headers["Location"]).text).ids


def test_announced_leads_to_a_reminder_of_the_coming_round(world: World) -> None:
    """Once it is open the page of the reminder leads to the form."""
    announced(world)
    answer = world.client.post(INTEREST, data=WHO)
    assert answer.status_code == 303
    assert "order-now" not in Page(world.client.get(answer.headers["Location"]).text).ids
    world.counter.clock.move(days=2)
    assert "order-now" in Page(world.client.get(answer.headers["Location"]).text).ids


def test_what_is_not_possible_now_says_what_is(world: World) -> None:
    """Open: order. Closed: no waitlist, but a reminder. Without offers: nothing there."""
    answer = world.client.get(INTEREST)
    assert answer.status_code == 200 and "open-now" in Page(answer.text).ids
    assert world.client.post(INTEREST, data=WHO).status_code == 409
    assert world.client.get(QUOTATION).status_code == 404
    assert world.client.get("/daftar-tunggu/tidak-ada").status_code == 404
    closed(world)
    page = Page(world.client.post(WAITLIST, data=WHO | {"nastar--250g--qty": "2"}).text)
    assert "no-waitlist" in page.ids
    assert page.form(INTEREST).fields["name"] == "Ibu Contoh"
    assert all_stored(world) == []


def test_a_large_order_becomes_a_request(world: World) -> None:
    """From the refusal of the order form, with all that was typed, to the request's own page."""
    world.publish(make_campaign(quotation_from=30))
    page = Page(world.client.post("/pesan/nastar", data=fields(nastar__250g__qty="60")).text)
    form = Page(world.client.post(QUOTATION, data=page.form(QUOTATION).fields).text).form(QUOTATION)
    assert form.fields["nastar--250g--qty"] == "60"
    asked = form.fields | {"company": "PT Contoh Jaya", "needed_by": "2026-12-20", "note": "Kotak polos"}
    answer = world.client.post(QUOTATION, data=asked)
    (found,) = all_stored(world)
    assert (found.kind, found.units, found.company, str(found.needed_by)) == (
        EnquiryKind.QUOTATION, 60, "PT Contoh Jaya", "2026-12-20",
    )  # fmt: skip
    page = world.client.get(answer.headers["Location"]).text
    assert "PT Contoh Jaya" in page and "20 Desember 2026" in page and "Kotak polos" in page


@pytest.mark.parametrize("path", ["/d/", "/d/x", "/d/" + "A" * 22, "/d/" + "A" * 21 + "%C3%A9"])
def test_an_unknown_link_leads_nowhere(world: World, path: str) -> None:
    """404, for looking and for leaving."""
    assert world.client.get(path).status_code == 404
    assert world.client.post(path).status_code in {404, 405}


def test_the_log_names_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Refs and kinds, no names, numbers or secrets."""
    caplog.set_level(logging.DEBUG)
    closed(world)
    token = world.client.post(INTEREST, data=WHO).headers["Location"].rsplit("/", 1)[-1]
    text = caplog.text
    assert all_stored(world)[0].ref in text
    assert not any(secret in text for secret in (token, "Contoh", "5678"))


def test_a_busy_ledger_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with a button that sends the same again."""
    from intake.ledger.writer import LedgerBusy, Writer

    closed(world)

    def busy(*_: object, **__: object) -> None:
        raise LedgerBusy(waiting=9)

    with monkeypatch.context() as patched:
        patched.setattr(Writer, "submit", busy)
        answer = world.client.post(INTEREST, data=WHO)
    page = Page(answer.text)
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert world.client.post(INTEREST, data=page.form(INTEREST).fields).status_code == 303


def test_a_shop_that_is_being_restored_takes_none(world: World) -> None:
    """As with orders; what was typed is kept for the next try."""
    from intake.ledger.recording import note_meta
    from intake.ledger.store import PAUSED_KEY

    closed(world)
    world.counter.writer.submit(lambda tx: note_meta(tx, {PAUSED_KEY: "restored"}))
    answer = world.client.post(INTEREST, data=WHO)
    assert answer.status_code == 503
    assert Page(answer.text).form(INTEREST).fields["name"] == "Ibu Contoh"
    assert all_stored(world) == []
