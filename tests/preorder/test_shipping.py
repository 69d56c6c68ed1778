"""What sending an order costs: by province, with a surcharge, later, or not at all."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.catalogue import accepted_part
from preorder.contact import PROVINCES
from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.order import NotDeliveredThere, accept
from preorder.plain import from_plain, to_plain
from preorder.terms import Delivery, DeliveryKind, Shipping, Surcharge, ZoneFee
from tests.makers import NOW, make_campaign, make_request

JAVA = ZoneFee("Jawa", ("DKI Jakarta", "Jawa Barat"), Rupiah(18_000))
BALI = ZoneFee("Bali", ("Bali",), Rupiah(30_000))
PAPUA = ZoneFee("Papua", ("Papua", "Papua Barat"), None)


def by_region(**changes: object) -> Delivery:
    usual = Delivery("jne", "JNE", DeliveryKind.COURIER, None, zones=(JAVA, BALI, PAPUA), everywhere=False)
    return dataclasses.replace(usual, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("delivery", "province", "shipping"),
    [
        (by_region(), "Jawa Barat", Shipping("Jawa", Rupiah(18_000))),
        (by_region(), "Bali", Shipping("Bali", Rupiah(30_000))),
        (by_region(), "Papua", Shipping("Papua", None)),
        (by_region(), "Papua Selatan", None),
        (by_region(), "", Shipping("", None)),
        (by_region(everywhere=True), "Aceh", Shipping("", None)),
        (by_region(everywhere=True, fee=Rupiah(50_000)), "Aceh", Shipping("", Rupiah(50_000))),
        (by_region(everywhere=True, fee=Rupiah(50_000)), "", Shipping("", None)),
        (by_region(surcharge=Surcharge("Hari ini", Rupiah(15_000))), "Bali", Shipping("Bali", Rupiah(45_000))),
        (by_region(surcharge=Surcharge("Hari ini", Rupiah(15_000))), "Papua", Shipping("Papua", None)),
        (Delivery("a", "A", DeliveryKind.COURIER, Rupiah(9_000)), "Bali", Shipping("", Rupiah(9_000))),
        (Delivery("a", "A", DeliveryKind.PICKUP, Rupiah(0)), "", Shipping("", Rupiah(0))),
    ],
)
def test_the_province_decides_about_the_fee(delivery: Delivery, province: str, shipping: Shipping | None) -> None:
    """By its zone, else by the fee for elsewhere, else not at all; without a province it is settled later."""
    assert delivery.shipping_to(province) == shipping


@given(
    st.lists(st.sampled_from(PROVINCES), unique=True),
    st.integers(0, 38),
    st.integers(0, 38),
    st.booleans(),
    st.sampled_from(PROVINCES),
)
def test_the_fee_is_that_of_a_plain_look_up(
    chosen: list[str], first: int, second: int, everywhere: bool, province: str
) -> None:
    """Against a table of province -> fee, for any zones."""
    start, end = sorted((first, second))
    parts = (tuple(chosen[:start]), tuple(chosen[start:end]))
    zones = tuple(ZoneFee(str(at), part, Rupiah(1_000 * (at + 1))) for at, part in enumerate(parts) if part)
    delivery = by_region(zones=zones, everywhere=everywhere or not zones, fee=Rupiah(7_777))
    table = {name: zone.fee for zone in zones for name in zone.provinces}
    served = everywhere or not zones
    found = delivery.shipping_to(province)
    assert (found and found.fee) == table.get(province, 7_777 if served else None)


def test_an_order_carries_the_fee_of_its_province() -> None:
    """The total and what is due hold the fee of the province that was asked for."""
    campaign = make_campaign(deliveries=(by_region(),))
    request = make_request()
    quotation = accept(campaign, dataclasses.replace(request, province="Bali"), NOW)
    assert (quotation.shipping, quotation.zone, quotation.total) == (30_000, "Bali", quotation.goods + 30_000)
    assert quotation.balance == quotation.total - quotation.due_now
    later = accept(campaign, dataclasses.replace(request, province="Papua"), NOW)
    assert (later.shipping, later.zone, later.total) == (None, "Papua", later.goods)
    typed = accept(campaign, request, NOW)
    assert (typed.shipping, typed.zone) == (None, "")
    with pytest.raises(NotDeliveredThere) as refused:
        accept(campaign, dataclasses.replace(request, province="Aceh"), NOW)
    assert refused.value.fields == {"what": "delivery", "delivery": "JNE", "province": "Aceh"}


def test_fees_by_region_are_accepted_terms_and_survive_the_catalogue() -> None:
    """Another fee, another hash; what is written is read again as it was."""
    delivery = by_region(surcharge=Surcharge("Hari ini", Rupiah(15_000)), courier="JNE", service="REG")
    assert from_plain(Delivery, to_plain(delivery)) == delivery
    dearer = dataclasses.replace(delivery, zones=(dataclasses.replace(JAVA, fee=Rupiah(19_000)), BALI, PAPUA))
    one, other = (make_campaign(deliveries=(each,)) for each in (delivery, dearer))
    assert one.terms_hash != other.terms_hash
    assert accepted_part(one)["deliveries"][0]["zones"][0]["fee"] == 18_000


@pytest.mark.parametrize("wrong", [{"zones": (JAVA, ZoneFee("Barat", ("Jawa Barat",), None))}, {"zones": ()}])
def test_contradicting_zones_are_refused(wrong: dict[str, object]) -> None:
    """A province in two zones, and a delivery that goes nowhere."""
    with pytest.raises(CampaignError):
        by_region(**wrong)
