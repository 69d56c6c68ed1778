"""What has changed since a buyer agreed: from data, of what concerns her, and nothing that has not changed."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from preorder.batch import Batch, Otherwise
from preorder.campaign import Campaign
from preorder.catalogue import accepted_part, with_terms
from preorder.changes import Change, Ordered, OrderedLine, What, find_changes
from preorder.errors import PreorderError
from preorder.money import Rupiah
from preorder.plain import from_plain
from preorder.product import EarlyBird, Label, Limits, Tier
from preorder.schedule import Days, Monthly, OneOff, Schedule
from preorder.shop import Shop
from preorder.terms import (
    BalanceFrom,
    CancelStage,
    Milestone,
    PaymentTerms,
    RefundBase,
    Scheme,
    Surcharge,
    UniqueCode,
    ZoneFee,
)
from tests.makers import NOW, make_campaign, make_schedule, make_shop

LINES = (
    OrderedLine("Nastar", "Toples 250 g", 2, {}),
    OrderedLine("Gamis", "", 1, {"Warna": "Sage", "Nama bordir": "Sari"}),
    OrderedLine("Gamis", "", 2, {"Warna": "Sage"}),
)
ORDERED = Ordered(LINES, "jne", "Jawa Barat", NOW)
PARTY = ("name", "city", "address", "whatsapp", "email")


def snapshot_of(campaign: Campaign, shop: Shop | None = None) -> dict[str, Any]:
    """Give what a buyer accepts who orders at NOW, as intake.placing keeps it."""
    shop = shop or make_shop()
    window = campaign.schedule.shown_window(NOW)
    return {
        "shop": {name: getattr(shop, name) for name in PARTY},
        "campaign": accepted_part(campaign),
        "terms_html": campaign.terms_html,
        "terms_hash": campaign.terms_hash,
        "window": {
            "round": window.round,
            "opens_at": window.opens_at.isoformat(),
            "closes_at": window.closes_at.isoformat(),
        },
    }


def changed(campaign: Campaign, **changes: Any) -> Campaign:
    return with_terms(dataclasses.replace(campaign, **changes), campaign.terms_html)


def product(number: int, **changes: Any) -> dict[str, Any]:
    """Give the products of the usual campaign with one changed."""
    products = list(make_campaign().products)
    products[number] = dataclasses.replace(products[number], **changes)
    return {"products": tuple(products)}


def variant(place: int, **changes: Any) -> dict[str, Any]:
    """Give the products of the usual campaign with one variant of the first changed."""
    variants = list(make_campaign().products[0].variants)
    variants[place] = dataclasses.replace(variants[place], **changes)
    return product(0, variants=tuple(variants))


def option(place: int, **changes: Any) -> dict[str, Any]:
    options = list(make_campaign().products[1].options)
    options[place] = dataclasses.replace(options[place], **changes)
    return product(1, options=tuple(options))


def delivery(place: int = 0, **changes: Any) -> dict[str, Any]:
    deliveries = list(make_campaign().deliveries)
    deliveries[place] = dataclasses.replace(deliveries[place], **changes)
    return {"deliveries": tuple(deliveries)}


def payment(**changes: Any) -> dict[str, Any]:
    return {"payment": dataclasses.replace(make_campaign().payment, **changes)}


def policy(**changes: Any) -> dict[str, Any]:
    return {"policy": dataclasses.replace(make_campaign().policy, **changes)}


def moved(closes_in: timedelta) -> dict[str, Any]:
    """Give a schedule whose closing is another one."""
    first = make_schedule()
    assert isinstance(first.rule, OneOff)
    return {
        "schedule": dataclasses.replace(first, rule=OneOff(first.rule.opens_at, NOW + closes_in, first.rule.closes_at))
    }


CLOSES = NOW + timedelta(days=7)
SHIPS = (date(2026, 12, 7), date(2026, 12, 10))
JAR = "Nastar Toples 250 g"
BATCH = Batch(12, Otherwise.REFUND, 2)
ZONES = (ZoneFee("Jawa", ("Jawa Barat",), Rupiah(20_000)),)

CASES: list[tuple[dict[str, Any], list[Change]]] = [
    ({}, []),
    ({"title": "Nastar Baru"}, [Change(What.TITLE, "Nastar Lebaran", "Nastar Baru")]),
    (moved(timedelta(days=9)), [
        Change(What.CLOSING, CLOSES, NOW + timedelta(days=9)),
        Change(What.SHIPS, SHIPS, (date(2026, 12, 9), date(2026, 12, 12)), may_cancel_on=date(2026, 12, 24)),
    ]),
    (moved(timedelta(days=3)), [
        Change(What.CLOSING, CLOSES, NOW + timedelta(days=3)),
        Change(What.SHIPS, SHIPS, (date(2026, 12, 3), date(2026, 12, 6))),
    ]),
    ({"schedule": dataclasses.replace(make_schedule(), ships_after=Days(7, 20))},
        [Change(What.SHIPS, SHIPS, (date(2026, 12, 7), date(2026, 12, 20)), may_cancel_on=date(2026, 12, 24))]),
    # Her delay rule counts, not the new one.
    ({"schedule": dataclasses.replace(make_schedule(), ships_after=Days(7, 20)), **policy(delay_days=30)}, [
        Change(What.SHIPS, SHIPS, (date(2026, 12, 7), date(2026, 12, 20)), may_cancel_on=date(2026, 12, 24)),
        Change(What.DELAY_DAYS, 14, 30),
    ]),
    ({"schedule": dataclasses.replace(make_schedule(), ships_after=None)}, [Change(What.SHIPS, SHIPS, None)]),
    ({"schedule": Schedule("WIB", Monthly(25, 10, "WIB"), 7, Days(7, 10))}, [Change(What.SCHEDULE)]),
    (variant(0, price=Rupiah(70_000)), [Change(What.PRICE, 65_000, 70_000, JAR)]),
    (variant(0, tiers=(Tier(2, Rupiah(60_000)),)), [Change(What.PRICE, 65_000, 60_000, JAR)]),
    (variant(0, early=EarlyBird(Rupiah(61_000), until=NOW + timedelta(hours=1))), [Change(What.PRICE, 65_000, 61_000, JAR)]),
    # A tier that she does not reach, and another jar than hers: nothing of hers.
    (variant(0, tiers=(Tier(9, Rupiah(60_000)),)), [Change(What.OTHERS)]),
    (variant(1, price=Rupiah(1_000)), [Change(What.OTHERS)]),
    (variant(0, id="251g"), [Change(What.ITEM_GONE, item=JAR)]),
    (variant(0, weight_g=200), [Change(What.WEIGHT, 250, 200, JAR)]),
    (product(0, summary="Isi stroberi"), [Change(What.DESCRIPTION, "Isi nanas", "Isi stroberi", "Nastar")]),
    (product(0, label=Label("gula", "250 g")), [Change(What.LABEL, "", "gula; 250 g", "Nastar")]),
    (product(0, bonus="Pita"), [Change(What.BONUS, "", "Pita", "Nastar")]),
    (option(0, extras={"Sage": Rupiah(5_000)}), [Change(What.PRICE, 350_000, 355_000, "Gamis")]),
    (option(1, text_extra=Rupiah(9_000)), [Change(What.PRICE, 350_000, 359_000, "Gamis")]),
    (option(0, choices=("Terakota",)), [Change(What.CHOICE_GONE, item="Gamis, Warna: Sage")]),
    (option(1, id="bordiran"), [Change(What.CHOICE_GONE, item="Gamis, Nama bordir")]),
    ({"bonus": "Stiker"}, [Change(What.BONUS, "", "Stiker")]),
    (delivery(fee=Rupiah(25_000)), [Change(What.FEE, 18_000, 25_000, "JNE Reguler")]),
    (delivery(fee=None), [Change(What.FEE, 18_000, None, "JNE Reguler")]),
    (delivery(zones=ZONES), [Change(What.FEE, 18_000, 20_000, "JNE Reguler")]),
    (delivery(surcharge=Surcharge("Kilat", Rupiah(5_000))), [Change(What.FEE, 18_000, 23_000, "JNE Reguler")]),
    (delivery(zones=(ZoneFee("Bali", ("Bali",), Rupiah(1_000)),), everywhere=False), [Change(What.DELIVERY_GONE, item="JNE Reguler")]),
    (delivery(id="lain"), [Change(What.DELIVERY_GONE, item="JNE Reguler"), Change(What.OTHERS)]),
    (delivery(note="Senin"), [Change(What.DELIVERY_DETAILS, "JNE Reguler", "JNE Reguler; Senin", "JNE Reguler")]),
    # A fee for provinces that are not hers.
    (delivery(zones=(ZoneFee("Bali", ("Bali",), Rupiah(1_000)),)), [Change(What.OTHERS)]),
    (delivery(1, times="Minggu"), [Change(What.OTHERS)]),
    (payment(deposit_percent=60), [Change(What.DEPOSIT, 50, 60)]),
    ({"payment": PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.DEPOSIT)}, [Change(What.SCHEME, Scheme.DEPOSIT, Scheme.FULL)]),
    (payment(pay_within_h=48), [Change(What.PAY_WITHIN, 24, 48)]),
    (payment(last_days=0), [Change(What.PAY_UNTIL, None, 0)]),
    (payment(balance_days=3, balance_from=BalanceFrom.CLOSING), [Change(What.BALANCE, None, (3, BalanceFrom.CLOSING))]),
    (payment(unique_code=UniqueCode.ADD), [Change(What.UNIQUE_CODE, UniqueCode.NONE, UniqueCode.ADD)]),
    (payment(production_needs=Scheme.FULL), [Change(What.PRODUCTION, Scheme.DEPOSIT, Scheme.FULL)]),
    # Nobody is told how long her units are kept beyond the deadline.
    (payment(grace_h=1), []),
    (payment(deposit_rounding=5_000), [Change(What.OTHERS)]),
    (policy(refund_within_days=7), [Change(What.REFUND_DAYS, 3, 7)]),
    (policy(complaint_days=5), [Change(What.COMPLAINT_DAYS, 2, 5)]),
    ({"batch": BATCH}, [Change(What.BATCH, None, BATCH)]),
    (policy(stages=(CancelStage(Milestone.CLOSING, 90, RefundBase.RECEIVED),)), [Change(What.CANCELLING)]),
    ({"limits": Limits(2, 9, 9)}, [Change(What.OTHERS)]),
    ({"products": make_campaign().products[:1]}, [Change(What.ITEM_GONE, item="Gamis")]),
    ({"products": make_campaign().products[::-1]}, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"), CASES, ids=lambda value: ",".join(value) if isinstance(value, dict) else None
)
def test_each_change_is_told_from_what_to_what(changes: dict[str, Any], told: list[Change]) -> None:
    """Of every part of the terms, in both directions; what concerns others only, without its values."""
    before = make_campaign()
    after = changed(before, **changes)
    assert list(find_changes(snapshot_of(before), ORDERED, after, make_shop())) == told
    back = find_changes(snapshot_of(after), ORDERED, before, make_shop())
    concerned = {change.what for change in told} - {What.ITEM_GONE, What.DELIVERY_GONE, What.CHOICE_GONE, What.SCHEDULE}
    assert concerned <= {change.what for change in back} or {What.ITEM_GONE, What.DELIVERY_GONE} & {
        c.what for c in told
    }


def test_the_seller_is_part_of_it() -> None:
    """Who sells and where she is reached, also where nothing else has changed."""
    campaign = make_campaign()
    shop = make_shop(name="Dapur Baru", whatsapp="+6281200009999", tagline="Lain", accounts=())
    assert find_changes(snapshot_of(campaign), ORDERED, campaign, shop) == (
        Change(What.SELLER, "Dapur Contoh", "Dapur Baru", "name"),
        Change(What.SELLER, "+6281200001234", "+6281200009999", "whatsapp"),
    )


def test_her_own_words_are_told_as_words() -> None:
    """Where no data have changed; beside a change of data they are not told apart."""
    before = make_campaign()
    reworded = with_terms(before, "<p>Ketentuan lain.</p>")
    assert find_changes(snapshot_of(before), ORDERED, reworded, make_shop()) == (Change(What.WORDING),)
    both = with_terms(dataclasses.replace(before, title="Lain"), "<p>Ketentuan lain.</p>")
    assert [change.what for change in find_changes(snapshot_of(before), ORDERED, both, make_shop())] == [What.TITLE]


def test_what_time_alone_has_ended_is_no_change() -> None:
    """An early price that was agreed and has passed since stands in both terms."""
    early = changed(make_campaign(), **variant(0, early=EarlyBird(Rupiah(60_000), until=NOW + timedelta(hours=1))))
    after = changed(early, bonus="Pita")
    assert find_changes(snapshot_of(early), ORDERED, after, make_shop()) == (Change(What.BONUS, "", "Pita"),)


def test_a_round_is_compared_with_itself() -> None:
    """Of a monthly campaign the same round is looked at, however many have passed."""
    monthly = Schedule("WIB", Monthly(20, 10, "WIB"), 7, Days(7, 10))
    before = changed(make_campaign(), schedule=monthly)
    later = dataclasses.replace(monthly, rule=Monthly(20, 12, "WIB"))
    told = find_changes(snapshot_of(before), ORDERED, changed(before, schedule=later), make_shop())
    assert [change.what for change in told] == [What.CLOSING, What.SHIPS]
    assert told[0].after - told[0].before == timedelta(days=2)


def test_a_snapshot_of_an_older_program_is_still_compared() -> None:
    """What it does not say is as it was then; one that can't be read is said to differ, and nothing is guessed."""
    before = make_campaign()
    old = snapshot_of(before)
    del old["campaign"]["bonus"], old["campaign"]["payment"]["last_days"]
    for delivery_ in old["campaign"]["deliveries"]:
        del delivery_["zones"], delivery_["times"]
    old["terms_hash"] = "0" * 64
    assert find_changes(old, ORDERED, before, make_shop()) == ()
    told = find_changes(old, ORDERED, changed(before, **variant(0, price=Rupiah(1_000))), make_shop())
    assert told == (Change(What.PRICE, 65_000, 1_000, JAR),)
    del old["campaign"]["policy"]
    assert find_changes(old, ORDERED, before, make_shop()) == (Change(What.WORDING),)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, (*path, place))
    else:
        yield path


def _other(value: Any) -> Any:
    if value == "WIB":
        return "WITA"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value} lain" if isinstance(value, str) else 7


# Not told: the announcement and the opening are past once she has ordered, another zone names the same instants, and
# grace is kept from everybody.
SILENT = {"grace_h", "announce_days", "zone"}


def test_nothing_that_is_accepted_can_change_without_a_word() -> None:
    """Every value in what a buyer accepts is changed by itself; a new one has to be thought about."""
    before = changed(
        make_campaign(),
        bonus="Stiker",
        **delivery(zones=ZONES, courier="JNE", service="REG", times="Pagi", surcharge=Surcharge("Kilat", Rupiah(1_000))),
        **product(0, label=Label("a", "b", "c", "d"), bonus="Pita", early=EarlyBird(Rupiah(1_000), first_days=3), tiers=(Tier(2, Rupiah(900)),)),
    )  # fmt: skip
    part = accepted_part(before)
    tried, silent = 0, set()
    for path in _leaves(part):
        plain = copy.deepcopy(part)
        place = plain
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = _other(place[path[-1]])
        plain |= {"slug": before.slug, "summary": "", "prefix": "NST", "pools": {}, "photos": []}
        for each in plain["products"]:
            each["photo"] = None
            for one in each["variants"]:
                one["pools"] = []
        try:
            after = from_plain(Campaign, plain)
        except (PreorderError, ValueError, TypeError, KeyError):
            continue
        tried += 1
        told = find_changes(snapshot_of(before), ORDERED, with_terms(after, after.terms_html), make_shop())
        if not told:
            silent.add(next(step for step in reversed(path) if isinstance(step, str)))
    assert tried > 50
    assert silent == SILENT
