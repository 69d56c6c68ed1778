"""Every live page in every state that it has, one after the other: for tests that read all that a buyer may read."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from intake.desk import Desk
from intake.enquiring import Enquiries, ShownEnquiry
from intake.ledger.enquiries import StoredEnquiry
from intake.ledger.store import StoredEvent, StoredOrder
from intake.web import errors
from intake.web.front import Front
from intake.web.rendering import Pages
from preorder.campaign import WHOLE, Campaign
from preorder.contact import parse_phone
from preorder.enquiries import MOST_WAITING, EnquiryStatus
from preorder.money import Rupiah
from preorder.product import Limits, LineLimits
from preorder.schedule import Days, Method, Monthly, Phase, Schedule
from preorder.shop import Shop
from preorder.status import Actor, Status
from preorder.terms import (
    BalanceFrom,
    CancelStage,
    Milestone,
    PaymentTerms,
    Policy,
    RefundBase,
    Scheme,
    UniqueCode,
)
from tests.english import PRODUCTS, SHOP, english_campaign
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.makers import NOW, make_schedule

Named = tuple[str, str]

WRONG: tuple[dict[str, str | None], ...] = (
    dict.fromkeys(("nastar__250g__qty", "name", "phone", "delivery", "street", "district", "city", "province", "postal_code", "channel", "terms")),
    {"nastar__250g__qty": "1.5", "name": "x" * 81, "phone": "0812", "street": "x" * 301, "city": "x" * 61, "postal_code": "4O123"},
    {"nastar__250g__qty": "1000", "name": "a\0b", "phone": "021-5551234", "note": "x" * 501, "province": "Jawa Utara"},
    {"nastar__250g__qty": "", "gamis--1--qty": "1", "gamis--1--option-nama": "x" * 21, "channel": "billboard", "leave_empty": "x"},
    {"gamis--1--qty": "1", "gamis--1--option-warna": "Blue", "delivery": "drone", "news": "on", "terms": "on"},
    {"gamis--2--option-nama": "Sari", "delivery": "laut"},
    {"delivery": "laut", "province": "Jawa Barat"},
)  # fmt: skip


def walk(world: World, monkeypatch: pytest.MonkeyPatch, **shop: Any) -> Iterator[Named]:
    """Give (what it is, HTML) of every page in every state, in a shop with these attributes."""
    looks = SHOP | shop
    parts = (_forms(world, looks), _not_now(world, looks), _enquiries(world, looks, monkeypatch))
    for name, html in itertools.chain(*parts, _orders(world, looks, monkeypatch), _errors(world)):
        # A redirect is no page: then the walk has gone astray.
        assert "</html>" in html, name
        yield name, html


def _post(world: World, path: str, **changes: str | None) -> str:
    return world.client.post(path, data=fields(**changes)).text


def _forms(world: World, shop: dict[str, Any]) -> Iterator[Named]:
    world.publish(english_campaign(limits=Limits(max_per_order=50)), **shop)
    yield "form", world.client.get("/pesan/nastar").text
    for number, wrong in enumerate(WRONG):
        yield f"form wrong {number}", _post(world, "/pesan/nastar", **wrong)
    yield "form too many", _post(world, "/pesan/nastar", nastar__250g__qty="60")
    yield "form not enough left", _post(world, "/pesan/nastar", nastar__250g__qty="41")
    tight = (dataclasses.replace(PRODUCTS[0], per_line=LineLimits(3, 4)), PRODUCTS[1])
    for limits in (Limits(min_per_order=5), Limits(max_per_buyer=1)):
        world.publish(english_campaign(limits=limits, products=tight), **shop)
        yield f"form {limits}", world.client.get("/pesan/nastar").text
        yield f"form beyond {limits}", _post(world, "/pesan/nastar")
        yield f"form one of {limits}", _post(world, "/pesan/nastar", nastar__250g__qty="5")
    world.publish(english_campaign(quotation_from=30), **shop)
    yield "form for an offer", _post(world, "/pesan/nastar", nastar__250g__qty="60")
    for mode in UniqueCode:
        for scheme in Scheme:
            deposit = scheme is Scheme.DEPOSIT
            terms = PaymentTerms(
                scheme, 50 if deposit else 0, 1_000, 24, 12, scheme, last_days=2, unique_code=mode,
                balance_days=7 if deposit else None, balance_from=BalanceFrom.CLOSING,
            )  # fmt: skip
            world.publish(english_campaign(payment=terms), **shop)
            for delivery in ("jne", "ambil", "kargo"):
                yield f"review {mode} {scheme} {delivery}", _post(world, "/pesan/nastar", delivery=delivery, news="yes")
    ready = dataclasses.replace(make_schedule(), method=Method.READY, ships_after=Days(1, 2))
    full = PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL)
    world.publish(english_campaign(schedule=ready, payment=full), **shop)
    yield "form ready", world.client.get("/pesan/nastar").text
    review = Page(_post(world, "/pesan/nastar", delivery="laut", province="Bali"))
    world.publish(
        english_campaign(schedule=ready, payment=full, title="Tarts again", terms_html="<p>Else.</p>"), **shop
    )
    yield "review once more", world.send(review).text
    review = Page(_post(world, "/pesan/nastar"))
    world.counter.clock.move(minutes=61)
    yield "review too old", world.send(review).text
    world.counter.clock.move(minutes=-61)
    tampered = review.form("/pesan/nastar/kirim").fields | {"name": "Another"}
    yield "review of another order", world.client.post("/pesan/nastar/kirim", data=tampered).text
    world.send(review)
    yield "review of the same again", _post(world, "/pesan/nastar")


def _not_now(world: World, shop: dict[str, Any]) -> Iterator[Named]:
    past = {"closes_in": timedelta(hours=-1), "opens_in": timedelta(days=-2)}
    for name, changes in {
        "announced": {"schedule": make_schedule(opens_in=timedelta(days=1))},
        "closed": {"schedule": make_schedule(**past)},
        "between": {"schedule": Schedule("WIB", Monthly(1, 5, "WIB"), 7, Days(7, 10))},
        "in production": {"schedule": make_schedule(**past), "stage": Phase.IN_PRODUCTION},
        "cancelled": {"stage": Phase.CANCELLED},
    }.items():
        world.publish(english_campaign(**changes), **shop)
        yield f"{name}, asked", world.client.get("/pesan/nastar").text
        yield f"{name}, posted", _post(world, "/pesan/nastar")
    for left in (0, 1):
        world.publish(english_campaign(id=f"full-{left}", pools={WHOLE: 2 + left, "nastar/250g": 2 + left}), **shop)
        world.send(world.review())
        yield f"form with {left} left", world.client.get("/pesan/nastar").text
        yield f"sold out, {left} left", _post(world, "/pesan/nastar")


def _enquiries(world: World, shop: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Named]:
    who = {"name": "Ibu Contoh", "phone": "0812-0000-5678"}
    jar = {"nastar--250g--qty": "2"}
    world.publish(english_campaign(id="full-0", pools={WHOLE: 2, "nastar/250g": 2}, quotation_from=30), **shop)
    asked = {
        "/daftar-tunggu/nastar": jar,
        "/penawaran/nastar": {"nastar--250g--qty": "40", "needed_by": "2026-12-20", "company": "Contoh Ltd"},
    }
    locations = []
    for path, data in asked.items():
        yield f"{path} form", world.client.get(path).text
        yield f"{path} empty", world.client.post(path, data={}).text
        wrong = {
            "name": "x" * 81,
            "phone": "12",
            "nastar--250g--qty": "many",
            "note": "x" * 501,
            "needed_by": "soon",
            "leave_empty": "x",
        }
        yield f"{path} wrong", world.client.post(path, data=wrong).text
        if "needed_by" in data:
            yield f"{path} past", world.client.post(path, data=who | data | {"needed_by": "2020-01-01"}).text
        locations.append(world.client.post(path, data=who | data).headers["Location"])
        change = {"of": locations[-1].rsplit("/", 1)[-1], "action": "change"}
        yield f"{path} change", world.client.post(path, data=change).text
    answers = [
        world.client.post("/daftar-tunggu/nastar", data=who | {"name": f"F {number}", "nastar--250g--qty": "1"})
        for number in range(MOST_WAITING + 1)
    ]
    yield "waiting too often", answers[-1].text
    world.publish(english_campaign(id="full-0", schedule=make_schedule(opens_in=timedelta(days=1))), **shop)
    yield "reminder form", world.client.get("/ingatkan/nastar").text
    yield "no waitlist", world.client.post("/daftar-tunggu/nastar", data=who | jar).text
    locations.append(world.client.post("/ingatkan/nastar", data=who).headers["Location"])
    world.publish(english_campaign(id="full-0", pools={WHOLE: 90, "nastar/250g": 90}), **shop)
    yield "reminder, open now", world.client.get("/ingatkan/nastar").text
    yield "still there", world.client.post("/daftar-tunggu/nastar", data=who | jar | {"name": "Else"}).text
    found = Enquiries.find
    for location in locations:
        for status in EnquiryStatus:

            def stands(self: Enquiries, token: str, status: EnquiryStatus = status) -> ShownEnquiry:
                shown = found(self, token)
                stored: StoredEnquiry = dataclasses.replace(shown.stored, status=status)
                return dataclasses.replace(shown, stored=stored)

            with monkeypatch.context() as patched:
                patched.setattr(Enquiries, "find", stands)
                yield f"{location} {status}", world.client.get(location).text


def _orders(world: World, shop: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Named]:
    terms = PaymentTerms(
        Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT, last_days=3, unique_code=UniqueCode.DEDUCT, balance_days=7
    )
    before = english_campaign(id="order", prefix="ORD", payment=terms)
    world.publish(before, **shop)
    path = world.send(
        world.review(nastar__250g__qty="1", gamis__1__qty="1", **{"gamis--1--option-warna": "Sage"})
    ).headers["Location"]
    yield "order placed", world.client.get(path).text
    order = world.order_at(path)
    for status in Status:
        for changes in (
            {},
            {"received": 20_000, "paid_in": 20_000},
            {"received": 900_000, "paid_in": 900_000, "courier": "JNE", "tracking": "X1"},
            {"accepted_at": None, "shipping": None},
        ):
            yield f"order {status} {changes}", _shown(world, monkeypatch, path, _standing(order, status, **changes))
    restored = dict(order.snapshot) | {"restored": True}
    yield (
        "order restored",
        _shown(world, monkeypatch, path, dataclasses.replace(order, snapshot=restored, accepted_at=None)),
    )
    text = Page(world.client.get(path).text).form("/ubah").fields
    for number in range(2):
        answer = world.client.post(f"{path}/ubah", data=text if number == 0 else {"news": "no"})
        assert answer.status_code == 303
        yield f"news {number}", world.client.get(path).text
    yield "wording changed", world.client.post(f"{path}/ubah", data={"news": "yes", "text": "x"}).text
    assert world.client.post(f"{path}/sudah-transfer").status_code == 303
    yield "order claimed", world.client.get(path).text
    for name, after in _changed(before).items():
        world.publish(after, **shop)
        yield f"changes {name}", world.client.get(path).text
    world.publish(before, **(shop | {"name": "Else", "whatsapp": parse_phone("0812-0000-9999")}))
    yield "changes of the seller", world.client.get(path).text


def _changed(before: Campaign) -> dict[str, Campaign]:
    jar, robe = before.products
    dearer = dataclasses.replace(
        jar,
        variants=(dataclasses.replace(jar.variants[0], price=Rupiah(1_000), weight_g=9), jar.variants[1]),
        bonus="",
        summary="Else",
        label=None,
    )
    blue = dataclasses.replace(robe, options=(dataclasses.replace(robe.options[0], choices=("Rust",)), robe.options[1]))
    payment = PaymentTerms(
        Scheme.DEPOSIT,
        30,
        1_000,
        48,
        12,
        Scheme.FULL,
        last_days=None,
        unique_code=UniqueCode.ADD,
        balance_days=3,
        balance_from=BalanceFrom.CLOSING,
    )
    made: dict[str, dict[str, Any]] = {
        "goods": {"products": (dearer, blue), "title": "Else", "bonus": ""},
        "gone": {"products": (robe,), "deliveries": before.deliveries[1:]},
        "later": {"schedule": make_schedule(closes_in=timedelta(days=20))},
        "sooner": {"schedule": make_schedule(closes_in=timedelta(days=2))},
        "no date": {"schedule": dataclasses.replace(make_schedule(), ships_after=None)},
        "other rounds": {"schedule": Schedule("WIB", Monthly(1, 5, "WIB"), 7, None)},
        "payment": {"payment": payment},
        "at once": {"payment": PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL, last_days=0)},
        "policy": {"policy": Policy(5, (CancelStage(Milestone.CLOSING, 90, RefundBase.RECEIVED),), 30, 4)},
        "fees": {"deliveries": tuple(dataclasses.replace(each, fee=None, note="Else") for each in before.deliveries[:1])},
        "free": {"deliveries": (dataclasses.replace(before.deliveries[0], fee=Rupiah(0)), *before.deliveries[2:])},
        "words": {"terms_html": "<p>Else.</p>"},
    }  # fmt: skip
    return {
        name: dataclasses.replace(english_campaign(id="order", prefix="ORD", **({"payment": before.payment} | each)))
        for name, each in made.items()
    }


def _standing(order: StoredOrder, status: Status, **changes: Any) -> StoredOrder:
    at = NOW + timedelta(hours=1)
    moved = StoredEvent(len(order.events) + 1, "moved", at, Actor.SELLER, order.status, status, None, None, {})
    return dataclasses.replace(order, status=status, events=(*order.events, moved), **changes)


def _shown(world: World, monkeypatch: pytest.MonkeyPatch, path: str, order: StoredOrder) -> str:
    with monkeypatch.context() as patched:
        patched.setattr(Desk, "order_by_token", lambda _self, _token: order)
        answer = world.client.get(path)
    assert answer.status_code == 200
    return answer.text


def _errors(world: World) -> Iterator[Named]:
    shop: Shop = world.counter.catalogue.current().shop
    pages = Pages(world.settings.templates, site_url="", intake_url="")
    front = dataclasses.replace(_FRONT, pages=pages)
    with world.app.test_request_context():
        for code in errors.STATUS_CODES:
            hidden = [("name", "Ibu Contoh")]
            yield (
                f"error {code}",
                errors.error_page(front, shop, code, hidden=hidden, action_url="/x").get_data(as_text=True),
            )
    yield "404", world.client.get("/s/x").text
    yield "405", world.client.open("/pesan/nastar", method="PUT").text


# An error page asks its front for nothing but the pages.
_FRONT = Front(settings=None, catalogue=None, desk=None, clock=lambda: NOW, tokens=None, pages=None)  # type: ignore[arg-type]
