"""
Makers of domain values for tests: a shop and campaigns that are right, each part replaceable. All names and numbers are
invented.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from preorder.campaign import WHOLE, Campaign
from preorder.catalogue import Catalogue, with_terms
from preorder.money import Rupiah
from preorder.order import Buyer, LineRequest, OrderRequest
from preorder.product import Limits, Option, Product, Variant
from preorder.schedule import ZONES, Days, OneOff, Schedule
from preorder.shop import Account, AccountKind, Link, Shop
from preorder.terms import CancelStage, Delivery, DeliveryKind, Milestone, PaymentTerms, Policy, RefundBase, Scheme

WIB = ZONES["WIB"]
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=WIB)


def make_shop(**changes: Any) -> Shop:
    """Give an Indonesian shop in WIB."""
    shop = Shop(
        name="Dapur Contoh",
        tagline="Kue kering rumahan",
        language="id",
        zone="WIB",
        whatsapp="+6281200001234",
        email="halo@dapurcontoh.example",
        city="Bandung",
        address="Jl. Contoh No. 1, Bandung",
        since=2019,
        accounts=(
            Account("bca", AccountKind.BANK, "BCA", "0123456789", "Sari Contoh"),
            Account("gopay", AccountKind.EWALLET, "GoPay", "081200001234", "Sari Contoh"),
        ),
        links=(Link("instagram", "@dapurcontoh", "https://www.instagram.com/dapurcontoh/"),),
    )
    return dataclasses.replace(shop, **changes)


def make_schedule(
    opens_in: timedelta = timedelta(days=-1), closes_in: timedelta = timedelta(days=7), now: datetime = NOW
) -> Schedule:
    """Give a window that is open at now, or as the arguments say."""
    return Schedule("WIB", OneOff(now + opens_in, now + closes_in), 7, Days(7, 10))


def make_products() -> tuple[Product, ...]:
    """Give cookies in two weights, and a robe with colour, size and a name to embroider."""
    return (
        Product(
            "nastar",
            "Nastar",
            "Isi nanas",
            (
                Variant("250g", "Toples 250 g", Rupiah(65_000), 250, ("nastar/250g", WHOLE)),
                Variant("500g", "Toples 500 g", Rupiah(120_000), 500, (WHOLE,)),
            ),
            (),
            None,
        ),
        Product(
            "gamis",
            "Gamis",
            "Katun",
            (Variant("", "", Rupiah(350_000), None, (WHOLE,)),),
            (
                Option("warna", "Warna", ("Sage", "Terakota"), 0, required=True),
                Option("nama", "Nama bordir", (), 20, required=False),
            ),
            None,
        ),
    )


def make_campaign(**changes: Any) -> Campaign:
    """Give an open campaign with deposit of half; its terms hash is made last."""
    campaign = Campaign(
        id="nastar-lebaran",
        slug="nastar",
        title="Nastar Lebaran",
        summary="Kue kering",
        prefix="NST",
        schedule=make_schedule(),
        products=make_products(),
        pools={WHOLE: 100, "nastar/250g": 40},
        limits=Limits(),
        payment=PaymentTerms(Scheme.DEPOSIT, 50, 1_000, 24, 12, Scheme.DEPOSIT),
        deliveries=(
            Delivery("jne", "JNE Reguler", DeliveryKind.COURIER, Rupiah(18_000)),
            Delivery("ambil", "Ambil di dapur", DeliveryKind.PICKUP, Rupiah(0), "Sabtu 09.00\N{EN DASH}15.00"),
            Delivery("kargo", "Kargo", DeliveryKind.COURIER, None),
        ),
        policy=Policy(
            3,
            (
                CancelStage(Milestone.CLOSING, 100, RefundBase.RECEIVED),
                CancelStage(Milestone.PRODUCTION, 50, RefundBase.DEPOSIT),
            ),
            14,
            2,
        ),
        photos=(),
    )
    changed = dataclasses.replace(campaign, **changes)
    return with_terms(changed, changed.terms_html or "<p>Ketentuan contoh.</p>")


def make_catalogue(*campaigns: Campaign, revision: int = 1, **shop: Any) -> Catalogue:
    """Give a catalogue of these campaigns, or of the usual one."""
    return Catalogue(revision, NOW, make_shop(**shop), campaigns or (make_campaign(),))


def make_request(campaign: Campaign | None = None, *lines: LineRequest, **buyer: Any) -> OrderRequest:
    """Give an order of two jars of 250 g, or of these lines."""
    who = {
        "name": "Ibu Contoh",
        "phone": "+6281200005678",
        "address": "Jl. Misal 2\nBandung 40123",
        "note": "",
        "channel": "",
    } | buyer
    campaign_id = campaign.id if campaign else "nastar-lebaran"
    return OrderRequest(campaign_id, lines or (LineRequest("nastar", "250g", 2, {}),), "jne", Buyer(**who))
