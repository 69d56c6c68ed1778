"""The status page tells what is published otherwise than it was agreed, and the order stays what it was."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from preorder.batch import Batch, Otherwise
from preorder.changes import What
from preorder.money import Rupiah
from preorder.product import Label, Limits
from preorder.schedule import Monthly, OneOff, Schedule
from preorder.status import Status
from preorder.terms import PaymentTerms, Scheme, UniqueCode
from tests.intake.web.page import Page
from tests.intake.web.world import World
from tests.makers import NOW, make_campaign, make_products, make_schedule


def placed(world: World, **changes: str | None) -> str:
    """Place the usual order and give the path of its page."""
    return world.send(world.review(**changes)).headers["Location"]


def told(world: World, path: str) -> dict[str, str]:
    """Give what has changed, by code, as the page words it."""
    page = Page(world.client.get(path).text)
    listed = [each for each in page.elements if "data-what" in each.attributes]
    return {each.attributes["data-what"]: " ".join(each.text.split()) for each in listed}


def test_nothing_is_told_where_nothing_has_changed(world: World) -> None:
    """Another build of the same terms, or of what nobody accepts, is no change."""
    path = placed(world)
    assert "changes" not in Page(world.client.get(path).text).ids
    world.publish(make_campaign(summary="Lain", slug="nastar-baru"))
    assert "changes" not in Page(world.client.get(path).text).ids


def test_an_extension_is_told_with_both_ends_and_the_delay_rule(world: World) -> None:
    """From when to when, for closing and shipping; and until when the order may be late, by the terms she agreed to."""
    path = placed(world)
    before = world.order_at(path)
    schedule = make_schedule()
    assert isinstance(schedule.rule, OneOff)
    rule = OneOff(schedule.rule.opens_at, NOW + timedelta(days=12), schedule.rule.closes_at)
    policy = dataclasses.replace(make_campaign().policy, delay_days=60)
    world.publish(make_campaign(schedule=dataclasses.replace(schedule, rule=rule), policy=policy))
    said = told(world, path)
    assert list(said) == ["closing", "ships", "delay_days"]
    for text in ("30 November 2026 10.00 WIB", "5 Desember 2026 10.00 WIB"):
        assert text in said["closing"]
    for text in ("7\N{EN DASH}10 Desember 2026", "12\N{EN DASH}15 Desember 2026", "24 Desember 2026"):
        assert text in said["ships"]
    assert world.order_at(path) == before


def test_a_price_is_told_and_hers_stays(world: World) -> None:
    """From and to in rupiah; her page asks for what was agreed, and the accepted terms can be read on it."""
    path = placed(world)
    amount = Page(world.client.get(path).text).ids["amount"].text
    nastar, gamis = make_products()
    dearer = dataclasses.replace(nastar.variants[0], price=Rupiah(80_000))
    nastar = dataclasses.replace(nastar, variants=(dearer, nastar.variants[1]))
    world.publish(make_campaign(products=(nastar, gamis)))
    said = told(world, path)
    assert list(said) == ["price"]
    assert "Rp65.000" in said["price"] and "Rp80.000" in said["price"]
    page = Page(world.client.get(path).text)
    assert page.ids["amount"].text == amount
    assert page.ids["terms"].tag == "details" and "Ketentuan contoh." in page.ids["terms"].text


EVERYTHING: dict[What, dict[str, Any]] = {
    What.TITLE: {"title": "Lain"},
    What.SCHEDULE: {"schedule": Schedule("WIB", Monthly(1, 5, "WIB"), 7, None)},
    What.ITEM_GONE: {"products": make_products()[1:]},
    What.CHOICE_GONE: {"products": (make_products()[0], dataclasses.replace(make_products()[1], options=()))},
    What.DESCRIPTION: {"products": (dataclasses.replace(make_products()[0], summary="<b>Lain</b>"), make_products()[1])},
    What.LABEL: {"products": (dataclasses.replace(make_products()[0], label=Label("gula")), make_products()[1])},
    What.WEIGHT: {"products": (dataclasses.replace(make_products()[0], variants=tuple(
        dataclasses.replace(each, weight_g=None) for each in make_products()[0].variants)), make_products()[1])},
    What.BONUS: {"bonus": "Stiker"},
    What.DELIVERY_GONE: {"deliveries": make_campaign().deliveries[1:]},
    What.FEE: {"deliveries": (dataclasses.replace(make_campaign().deliveries[0], fee=None), *make_campaign().deliveries[1:])},
    What.DELIVERY_DETAILS: {"deliveries": (dataclasses.replace(make_campaign().deliveries[0], note="Senin"), *make_campaign().deliveries[1:])},
    What.SCHEME: {"payment": PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL)},
    What.DEPOSIT: {"payment": PaymentTerms(Scheme.DEPOSIT, 60, 1_000, 1, 12, Scheme.FULL, 2, UniqueCode.ADD, 3)},
    What.REFUND_DAYS: {"policy": dataclasses.replace(make_campaign().policy, refund_within_days=1, complaint_days=9, stages=())},
    What.SHIPS: {"schedule": dataclasses.replace(make_schedule(), ships_after=None)},
    What.BATCH: {"batch": Batch(12, Otherwise.EXTEND, 2)},
    What.OTHERS: {"limits": Limits(2, 9, 9)},
    What.WORDING: {"terms_html": "<p>Lain</p>"},
}  # fmt: skip


# What these bring along.
BESIDE = {
    What.DEPOSIT: (What.PAY_WITHIN, What.PAY_UNTIL, What.BALANCE, What.UNIQUE_CODE, What.PRODUCTION),
    What.REFUND_DAYS: (What.COMPLAINT_DAYS, What.CANCELLING),
}
# Shown by the tests above.
ABOVE = {What.CLOSING, What.PRICE, What.DELAY_DAYS, What.SELLER}


def test_no_kind_of_change_is_left_out() -> None:
    """A new one needs words, and a case here."""
    assert {*EVERYTHING, *ABOVE, *(what for others in BESIDE.values() for what in others)} == set(What)


def test_every_kind_of_change_has_its_words(world: World) -> None:
    """No page breaks over one, none is without text, and nothing of the seller's passes unescaped."""
    path = placed(world, **{"gamis--1--qty": "1", "gamis--1--option-warna": "Sage"})
    for what, changes in EVERYTHING.items():
        world.publish(make_campaign(**changes))
        response = world.client.get(path)
        assert response.status_code == 200 and "<b>Lain" not in response.text, what
        said = told(world, path)
        assert {what, *BESIDE.get(what, ())} <= set(said), what
        assert all(len(text) > 15 and "%(" not in text and "None" not in text for text in said.values()), said
    world.publish(
        make_campaign(), name="Dapur Baru", whatsapp="+6281200009999", email="", city="Cimahi", address="Baru"
    )
    seller = [each.text for each in Page(world.client.get(path).text).elements if "data-what" in each.attributes]
    assert len(seller) == 5 and "0812-0000-9999" in "".join(seller)


def test_an_order_that_has_ended_is_told_nothing(world: World) -> None:
    """What others are offered then is no news of hers."""
    path = placed(world)
    world.publish(make_campaign(title="Lain"))
    assert told(world, path)
    for ended in (Status.COMPLETED, Status.CANCELLED_BY_SELLER, Status.EXPIRED):
        statement = f"UPDATE orders SET status = '{ended}'"
        world.counter.writer.submit(lambda tx, said=statement: tx.connection.exec_driver_sql(said))
        assert not told(world, path), ended


def test_a_campaign_that_is_gone_is_no_change(world: World) -> None:
    """Nothing is published to compare with, and the page still says what was agreed."""
    path = placed(world)
    world.publish(make_campaign(id="lain", slug="lain", prefix="LAN"))
    assert not told(world, path)
    assert "terms" in Page(world.client.get(path).text).ids
