"""The buyer's page: from the ledger, in words she knows, and nothing on it that a stranger could use."""

from __future__ import annotations

import copy
import dataclasses
import re
from datetime import date, datetime, timedelta

import pytest

from intake.commands import apply_edits
from intake.ledger import outbox
from intake.ledger.store import StoredEvent, StoredOrder
from intake.ledger.writer import LedgerBusy, LedgerUnreachable
from intake.sheet.columns import EDITABLE
from intake.web.views import OrderView, mask_address, time_line, tracking_page, view_order
from preorder.money import Rupiah
from preorder.schedule import Days, OneOff, Schedule
from preorder.status import ENDED, HOLDING, Actor, Status
from preorder.terms import BalanceFrom, PaymentTerms, Scheme, UniqueCode
from preorder.timeline import Event
from preorder.wording import show_instant
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.makers import NOW, make_campaign, make_products, make_schedule, make_shop

S = Status


def placed(world: World, **changes: str | None) -> str:
    """Place the usual order and give the path of its page."""
    return world.send(world.review(**changes)).headers["Location"]


def seller_sets(world: World, ref: str, column: str, value: str | int) -> None:
    """Have the seller edit a cell of her sheet."""
    assert column in EDITABLE
    with world.counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [ref])[ref]
    world.counter.writer.submit(
        lambda tx: apply_edits(tx, record, {column: value}, {column: value}, world.counter.clock())
    )


def test_it_says_what_to_pay_by_when_and_to_whom(world: World) -> None:
    """Amount, deadline and accounts stand there while a payment is waited for; amounts as the ledger has them."""
    path = placed(world)
    response = world.client.get(path)
    assert response.status_code == 200
    ids = Page(response.text).ids
    order = world.order_at(path)
    assert ids["ref"].text == order.ref
    assert ids["amount"].text.strip() == "Rp65.000"
    assert ids["total"].text == "Rp148.000"
    assert "24 November 2026 10.00 WIB" in ids["pay-by"].text
    assert "0123456789" in response.text
    assert "claim" in ids


@pytest.mark.parametrize(
    ("last_days", "closes_in", "said"),
    [
        (None, timedelta(hours=5), "24 November 2026 10.00 WIB"),
        (0, timedelta(hours=5), "23 November 2026 15.00 WIB"),
        (0, timedelta(days=3), "24 November 2026 10.00 WIB"),
        (0, timedelta(minutes=10), "23 November 2026 11.00 WIB"),
    ],
)
def test_the_end_of_all_paying_cuts_her_hours(
    world: World, last_days: int | None, closes_in: timedelta, said: str
) -> None:
    """One number in the file: the contract's words, the review, the ledger and her page follow it together."""
    terms = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, last_days)
    world.publish(make_campaign(schedule=make_schedule(closes_in=closes_in), payment=terms))
    review = world.review()
    assert said in review.ids["pay-by"].text
    path = world.send(review).headers["Location"]
    assert said in Page(world.client.get(path).text).ids["pay-by"].text
    order = world.order_at(path)
    assert order.pay_by is not None and show_instant(order.pay_by, "WIB", "id").endswith(said)
    assert order.grace_until == order.pay_by + timedelta(hours=12)
    assert order.snapshot["campaign"]["payment"]["last_days"] == last_days


@pytest.mark.parametrize(
    ("mode", "asked", "balance", "hint"),
    [
        (UniqueCode.NONE, "Rp65.000", "Rp83.000", ""),
        (UniqueCode.DEDUCT, "Rp64.999", "Rp82.999", "Rp999 lebih kecil"),
        (UniqueCode.ADD, "Rp65.001", "Rp83.001", "Rp999 lebih besar"),
    ],
)
def test_a_unique_code_is_said_before_and_shown_after(
    world: World, mode: UniqueCode, asked: str, balance: str, hint: str
) -> None:
    """One word in the file: the review says what will happen, the page asks for just that, and says why."""
    world.publish(
        make_campaign(payment=PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, unique_code=mode))
    )
    review = world.review()
    assert review.ids["due-now"].text == "Rp65.000"
    assert (hint in review.ids["code-hint"].text) if hint else ("code-hint" not in review.ids)
    path = world.send(review).headers["Location"]
    page = Page(world.client.get(path).text)
    assert page.ids["amount"].text.strip() == asked
    assert ("code" in page.ids) == ("discount" in page.ids) == bool(hint)
    order = world.order_at(path)
    assert order.snapshot["campaign"]["payment"]["unique_code"] == mode
    seller_sets(world, order.ref, "status", "DP diterima")
    page = Page(world.client.get(path).text)
    assert (page.ids["received"].text, page.ids["amount"].text.strip()) == (asked, balance)


def test_an_amount_that_others_have_too_is_said(world: World) -> None:
    """No code was free: the page asks for the price, and for the order number."""
    terms = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL, unique_code=UniqueCode.DEDUCT)
    cheap = Rupiah(500)
    products = tuple(
        dataclasses.replace(
            product, variants=tuple(dataclasses.replace(each, price=cheap) for each in product.variants)
        )
        for product in make_products()
    )
    deliveries = tuple(dataclasses.replace(each, fee=Rupiah(0)) for each in make_campaign().deliveries)
    world.publish(make_campaign(payment=terms, products=products, deliveries=deliveries))
    path = placed(world)
    page = Page(world.client.get(path).text)
    order = world.order_at(path)
    assert order.shares_amount
    assert page.ids["amount"].text.strip() == "Rp1.000"
    assert "nomor pesanan" in page.ids["code"].text


@pytest.mark.parametrize("days", [3, 5])
def test_the_rest_has_a_deadline_from_the_day_it_is_ready(world: World, days: int) -> None:
    """One number in the file: contract data, ledger and page follow it."""
    terms = PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, balance_days=days)
    world.publish(make_campaign(payment=terms))
    path = placed(world)
    ref = world.order_at(path).ref
    seller_sets(world, ref, "status", "DP diterima")
    assert "pay-by" not in Page(world.client.get(path).text).ids
    world.counter.clock.move(days=8)
    for status in ("Diproduksi", "Siap"):
        seller_sets(world, ref, "status", status)
    due = show_instant(world.counter.clock() + timedelta(days=days), "WIB", "id")
    assert due in Page(world.client.get(path).text).ids["pay-by"].text


@pytest.mark.parametrize("closes_in", [timedelta(days=12), timedelta(hours=2)])
def test_a_closing_that_moves_changes_no_order(world: World, closes_in: timedelta) -> None:
    """
    Later or earlier: what she has ordered, pays and expects stays as it was; new orders come in until the end that
    counts now, and not after it.
    """
    path = placed(world)
    before, order = Page(world.client.get(path).text).ids, world.order_at(path)
    first = make_schedule()
    assert isinstance(first.rule, OneOff)
    moved = OneOff(first.rule.opens_at, NOW + closes_in, first.rule.closes_at)
    world.publish(make_campaign(schedule=dataclasses.replace(first, rule=moved)))
    assert world.order_at(path) == order
    after = Page(world.client.get(path).text).ids
    # Told in a part of its own, and nowhere else.
    assert set(after) - set(before) == {"changes", "h-changes"}
    told = {"main", "changes", "h-changes"}
    assert {name: element.text for name, element in after.items() if name not in told} == {
        name: element.text for name, element in before.items() if name not in told
    }
    world.counter.clock.now = NOW + closes_in - timedelta(seconds=1)
    assert world.client.post("/pesan/nastar", data=fields(name="Ibu Lain")).status_code == 200
    world.counter.clock.now = NOW + closes_in
    assert world.client.post("/pesan/nastar", data=fields(name="Ibu Lain")).status_code == 410


def test_nobody_else_learns_phone_or_address(world: World) -> None:
    """
    A link gets passed on: neither the whole number nor the whole address stand on the page, nor a cookie or a referrer
    beside it.
    """
    response = world.client.get(placed(world))
    assert "0812-****-5678" in response.text
    for secret in ("81200005678", "0812-0000-5678", "Kelurahan Umpama", "RT 01"):
        assert secret not in response.text
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in response.headers


def test_no_chat_link_holds_the_token(world: World) -> None:
    """What goes to WhatsApp names the order by its ref alone."""
    path = placed(world)
    token = path.rsplit("/", 1)[-1]
    links = [link for link in Page(world.client.get(path).text).links if "wa.me" in link]
    assert any(world.order_at(path).ref in link for link in links)
    assert not any(token in link or "Misal" in link for link in links)


def test_the_sellers_edit_shows(world: World) -> None:
    """Money in, status, courier and receipt number, as she typed them in her sheet."""
    path = placed(world)
    ref = world.order_at(path).ref
    seller_sets(world, ref, "money_in", 65_000)
    page = Page(world.client.get(path).text)
    assert page.ids["status"].attributes["data-status"] == "deposit_paid"
    assert page.ids["amount"].text.strip() == "Rp83.000"
    assert "claim" not in page.ids
    assert "pay-by" not in page.ids
    seller_sets(world, ref, "courier", "JNE Reguler")
    seller_sets(world, ref, "tracking", "0001234567")
    seller_sets(world, ref, "money_in", 148_000)
    page = Page(world.client.get(path).text)
    assert page.ids["status"].attributes["data-status"] == "paid"
    assert "amount" not in page.ids
    assert "0001234567" in page.ids["tracking"].text
    assert "https://www.jne.co.id/tracking-package" in page.links


def test_what_was_accepted_stays(world: World) -> None:
    """Price, title and terms stay as they were; the campaign's new ones change nothing, nor does its end."""
    path = placed(world)
    nastar, gamis = make_products()
    dearer = dataclasses.replace(
        nastar, variants=tuple(dataclasses.replace(v, price=Rupiah(99_000)) for v in nastar.variants)
    )
    world.publish(make_campaign(title="Judul Baru", products=(dearer, gamis), terms_html="<p>Ketentuan baru.</p>"))
    text = world.client.get(path).text
    assert "Rp148.000" in text
    assert "Nastar Lebaran" in text
    assert "Ketentuan contoh." in text
    assert "Ketentuan baru." not in text
    world.publish(make_campaign(id="lain", slug="lain"))
    response = world.client.get(path)
    assert response.status_code == 200
    assert "//" not in {link[:2] for link in Page(response.text).links if "://" not in link}


def test_saying_that_she_has_paid(world: World) -> None:
    """The button stores a claim once, leads back to the page, and the expiry clock stops there."""
    path = placed(world)
    claim = Page(world.client.get(path).text).form("/sudah-transfer").action
    assert claim == path + "/sudah-transfer"
    for _ in range(2):
        response = world.client.post(claim)
        assert response.status_code == 303
        assert response.headers["Location"] == path
    order = world.order_at(path)
    assert order.status is S.PAYMENT_CLAIMED
    assert [event.event for event in order.events] == ["placed", "payment_claimed"]
    assert not Page(world.client.get(path).text).has_form("/sudah-transfer")
    assert world.client.get(claim).headers["Location"] == path


def test_a_claim_that_is_not_waited_for(world: World) -> None:
    """409 with a page; nothing is stored."""
    path = placed(world)
    seller_sets(world, world.order_at(path).ref, "status", "Batal (penjual)")
    response = world.client.post(path + "/sudah-transfer")
    assert response.status_code == 409
    assert "error" in Page(response.text).ids
    assert world.order_at(path).status is S.CANCELLED_BY_SELLER


def test_a_claim_on_a_busy_ledger_can_be_sent_again(world: World) -> None:
    """503 with a button that posts the same again."""
    path = placed(world)
    world.desk.before = LedgerBusy(waiting=256)
    response = world.client.post(path + "/sudah-transfer")
    assert response.status_code == 503
    assert response.headers["Referrer-Policy"] == "no-referrer"
    again = Page(response.text).form("/sudah-transfer")
    world.desk.before = None
    assert world.client.post(again.action, data=again.fields).status_code == 303
    assert world.order_at(path).status is S.PAYMENT_CLAIMED


def test_looking_while_the_ledger_is_away_says_nothing_of_an_unsent_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She has sent nothing; whoever has paid must not think that her order is gone."""
    path = placed(world)

    def away(_token: str) -> None:
        raise LedgerUnreachable(reason="OperationalError")

    monkeypatch.setattr(world.counter.desk, "order_by_token", away)
    response = world.client.get(path)
    assert response.status_code == 503 and response.headers["Retry-After"]
    assert Page(response.text).forms == []
    assert "belum tersimpan" not in response.text


@pytest.fixture
def order(world: World) -> StoredOrder:
    """A fresh order, to be looked at in every state."""
    return world.order_at(placed(world))


def standing_at(order: StoredOrder, *path: Status, **changes: object) -> StoredOrder:
    """Give the order after it has moved along a path."""
    events = list(order.events)
    for step in path:
        at = NOW + timedelta(hours=len(events))
        events.append(
            StoredEvent(len(events) + 1, "moved", at, Actor.SELLER, events[-1].to_status, step, None, None, {})
        )
    return dataclasses.replace(order, status=path[-1], events=tuple(events), **changes)


def view(order: StoredOrder) -> OrderView:
    """Give its view in the usual shop."""
    return view_order(
        order, make_shop(), campaign_slug="nastar", chat_url="https://wa.me/1", claim_url="/claim", now=NOW
    )


def ship_days(shown: OrderView) -> tuple[date, date] | None:
    """Give the days on which its page says that it is sent."""
    (step,) = [step for step in shown.schedule if step.event is Event.SHIPS]
    return step.days


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_state_has_a_page(
    world: World, order: StoredOrder, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Whatever the ledger says, the page shows its label, asks for money only where some is due, and names one present
    step.
    """
    world.publish(make_campaign(), language=language)
    for status in Status:
        moved = standing_at(order, status, received=20_000, paid_in=20_000)
        monkeypatch.setattr(world.counter.desk, "order_by_token", lambda _token, found=moved: found)
        response = world.client.get(f"/s/{order.token}")
        assert response.status_code == 200
        assert Page(response.text).ids["status"].attributes["data-status"] == status
        shown = view(moved)
        assert bool(shown.accounts) == bool(shown.due) == (status in HOLDING), status
        assert (shown.claim_url is not None) == (status is S.AWAITING_PAYMENT), status
        states = [step.state for step in shown.steps]
        assert states.count("current") == (0 if status is S.COMPLETED else 1), status
        assert ("todo" in states) == (status not in ENDED and status is not S.EXPIRED), status


def test_the_time_line_tells_what_was_and_what_comes(order: StoredOrder) -> None:
    """Done with their times, the present one, and the rest of the way; a pickup has its own."""
    steps = time_line(standing_at(order, S.DEPOSIT_PAID, S.IN_PRODUCTION), "en")
    assert [(step.label, step.state) for step in steps] == [
        ("Awaiting payment", "done"), ("Deposit paid", "done"), ("In production", "current"), ("Ready", "todo"), ("Shipped", "todo"), ("Completed", "todo"),
    ]  # fmt: skip
    assert [step.at for step in steps[:3]] == [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    picked = time_line(standing_at(dataclasses.replace(order, delivery_id="ambil"), S.PAID), "en")
    assert [step.label for step in picked if step.state == "todo"] == [
        "In production",
        "Ready",
        "Ready for pickup",
        "Completed",
    ]
    done = time_line(standing_at(order, S.SHIPPED, S.COMPLETED), "en")
    assert [step.state for step in done] == ["done", "done", "done"]


def test_dates_of_the_round_that_was_ordered(order: StoredOrder, world: World) -> None:
    """Window and shipping days come from what was accepted, not from the campaign as it is now."""
    world.publish(make_campaign(schedule=make_schedule(closes_in=timedelta(days=70))))
    shown = view(order)
    assert shown.course.window.closes_at == NOW + timedelta(days=7)
    first, last = ship_days(shown) or (None, None)
    assert (str(first), str(last)) == ("2026-12-07", "2026-12-10")
    silent = dict(order.snapshot)
    silent["campaign"] = {**silent["campaign"], "schedule": {**silent["campaign"]["schedule"], "ships_after": None}}
    assert ship_days(view(dataclasses.replace(order, snapshot=silent))) is None
    assert Days(7, 10) == make_schedule().ships_after


def test_what_happens_when_is_what_she_accepted(world: World) -> None:
    """
    Her page has the same list as the campaign's, by the terms of her order: another schedule that is published later
    changes no time on it.
    """
    days = Schedule("WIB", make_schedule().rule, 7, Days(7, 10), Days(4, 6))
    world.publish(make_campaign(schedule=days))
    path = placed(world, delivery="ambil", street=None, district=None, city=None, province=None, postal_code=None)
    before = Page(world.client.get(path).text)
    events = [each for each in before.elements if "data-event" in each.attributes]
    assert [each.attributes["data-event"] for each in events] == [
        "payment", "closes", "production", "balance", "ships", "report",
    ]  # fmt: skip
    states = [each.attributes["class"] for each in events]
    assert states == ["step-current", *["step-todo"] * 5]
    times = [each.attributes["datetime"] for each in before.elements if each.tag == "time"]
    for expected in ("2026-12-01", "2026-12-06", "2026-12-07", "2026-12-10", (NOW + timedelta(days=1)).isoformat()):
        assert expected in times
    world.publish(make_campaign(schedule=Schedule("WIB", make_schedule().rule, 7, Days(20, 30), Days(10, 20))))
    after = Page(world.client.get(path).text)
    assert [each.attributes["datetime"] for each in after.elements if each.tag == "time"] == times
    world.counter.clock.now = NOW + timedelta(days=7)
    later = [each for each in Page(world.client.get(path).text).elements if "data-event" in each.attributes]
    assert [each.attributes["class"] for each in later][:2] == ["step-current", "step-done"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.PAYMENT_CLAIMED, "current todo todo todo todo todo"),
        (S.DEPOSIT_PAID, "done todo todo todo todo todo"),
        (S.IN_PRODUCTION, "done todo current todo todo todo"),
        (S.READY, "done todo done current current todo"),
        (S.SHIPPED, "done todo done current done current"),
        (S.READY_FOR_PICKUP, "done todo done current done current"),
        (S.COMPLETED, "done todo done current done current"),
    ],
)
def test_the_list_follows_where_the_order_stands(order: StoredOrder, status: Status, expected: str) -> None:
    """What is behind her is done, whatever the calendar hoped."""
    assert [str(step.state) for step in view(standing_at(order, status)).schedule] == expected.split()


def test_the_deadline_stands_at_what_is_asked_for(world: World) -> None:
    """
    First at the deposit, with the day of the balance already told; once that is in, at the balance alone; once all is in,
    nowhere.
    """
    terms = PaymentTerms(
        Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, balance_days=9, balance_from=BalanceFrom.CLOSING
    )
    world.publish(make_campaign(payment=terms))
    path = placed(world)
    order = world.order_at(path)

    def deadlines() -> dict[str, datetime | None]:
        return {str(step.event): step.at for step in view(world.order_at(path)).schedule if step.event != "closes"}

    assert {name for name, at in deadlines().items() if at} == {"payment", "balance"}
    assert deadlines()["payment"] == NOW + timedelta(hours=24)
    assert deadlines()["balance"] == NOW + timedelta(days=7 + 9)
    seller_sets(world, order.ref, "status", "DP diterima")
    assert {name for name, at in deadlines().items() if at} == {"balance"}
    assert deadlines()["balance"] == NOW + timedelta(days=7 + 9)
    seller_sets(world, order.ref, "status", "Lunas")
    assert {name for name, at in deadlines().items() if at} == set()
    # Nor is she told in words to pay what she has paid.
    (paid,) = re.findall(r'data-event="balance".*?</li>', world.client.get(path).text, re.DOTALL)
    assert "<span>" not in paid


def test_an_order_of_an_older_program_has_its_list(order: StoredOrder) -> None:
    """What was not kept then is not promised now."""
    snapshot = copy.deepcopy(order.snapshot)
    del snapshot["campaign"]["schedule"]["production"], snapshot["campaign"]["payment"]["last_days"]
    shown = view(dataclasses.replace(order, snapshot=snapshot))
    assert [step.days for step in shown.schedule if step.event is Event.PRODUCTION] == [None]


def test_an_erased_order_still_has_a_page(order: StoredOrder, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name, phone, address and note are gone after an erasure; the order is not."""
    erased = dataclasses.replace(order, name=None, phone=None, address=None, note=None)
    monkeypatch.setattr(world.counter.desk, "order_by_token", lambda _token: erased)
    assert world.client.get(f"/s/{order.token}").status_code == 200


@pytest.mark.parametrize(
    ("courier", "page"),
    [
        ("JNE", "https://www.jne.co.id/tracking-package"), ("jne  reguler", "https://www.jne.co.id/tracking-package"),
        ("J&T Express", "https://jet.co.id/track"), ("SiCepat REG", "https://www.sicepat.com/checkAwb"),
        ("AnterAja", "https://anteraja.id/tracking"), ("Pos Indonesia", "https://www.posindonesia.co.id/id/tracking"),
        ("ID Express", "https://idexpress.com/lacak-paket"), ("Kompos Cargo", None), ("Kurir sendiri", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_tracking_pages(courier: str | None, page: str | None) -> None:
    """A courier that we know has its page; a name that only contains its letters has not."""
    assert tracking_page(courier) == page


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("Jl. Misal No. 2 RT 01\nCoblong, Bandung\nJawa Barat 40123", "Jl. Misal\N{HORIZONTAL ELLIPSIS}\nCoblong, Bandung\nJawa Barat 40123"),
        ("Jl. Misal\nRT 01\nKel. X\nCoblong, Bandung\nJawa Barat 40123", "Jl.\N{HORIZONTAL ELLIPSIS}\nCoblong, Bandung\nJawa Barat 40123"),
        ("Jl. Kenanga Raya No. 12, Bandung", "Jl. Kenanga\N{HORIZONTAL ELLIPSIS}"),
        ("Pasar\nCoblong, Bandung\nJawa Barat 40123", "Pa\N{HORIZONTAL ELLIPSIS}\nCoblong, Bandung\nJawa Barat 40123"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_street_is_shortened(address: str, shown: str) -> None:
    """Its owner knows it again; a stranger does not find the door."""
    assert mask_address(address) == shown
