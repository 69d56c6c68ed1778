"""A shop and a campaign whose own words are English: whatever else their pages say is ours."""

from __future__ import annotations

from typing import Any

from preorder.campaign import WHOLE, Campaign
from preorder.money import Rupiah
from preorder.product import Label, Option, Product, Variant
from preorder.shop import Account, AccountKind, QrisAccount
from preorder.terms import Delivery, DeliveryKind, Surcharge, ZoneFee
from tests.makers import make_campaign
from tests.preorder.qris_makers import V1

# What belongs to the seller, in English words: in it nothing of ours can hide.
PRODUCTS = (
    Product(
        "nastar", "Pineapple tarts", "Filled by hand",
        (Variant("250g", "Small jar", Rupiah(65_000), 250, ("nastar/250g", WHOLE)), Variant("500g", "Large jar", Rupiah(120_000), 500, (WHOLE,))),
        (), None, bonus="A card", label=Label(composition="Flour, pineapple", best_before="two months"),
    ),
    Product(
        "gamis", "Robe", "Cotton", (Variant("", "", Rupiah(350_000), None, (WHOLE,)),),
        (Option("warna", "Colour", ("Sage", "Rust"), 0, required=True), Option("nama", "Embroidered name", (), 20, required=False)), None,
    ),
)  # fmt: skip
DELIVERIES = (
    Delivery("jne", "Courier", DeliveryKind.COURIER, Rupiah(18_000)),
    Delivery("ambil", "At the kitchen", DeliveryKind.PICKUP, Rupiah(0), "By the blue door"),
    Delivery("kargo", "Cargo", DeliveryKind.COURIER, None),
    Delivery(
        "laut", "By sea", DeliveryKind.COURIER, None, zones=(ZoneFee("East", ("Bali",), Rupiah(9_000)),), everywhere=False,
        surcharge=Surcharge("Wrapping", Rupiah(2_000)),
    ),
)  # fmt: skip
SHOP: dict[str, Any] = {
    "tagline": "Tarts", "address": "1 Misal Street", "accounts": (Account("bca", AccountKind.BANK, "BCA", "0123456789", "Sari Contoh"),),
    "links": (), "qris": QrisAccount(V1, dynamic=True), "keep_months": 12,
}  # fmt: skip
TERMS = "<p>As agreed.</p>"


def english_campaign(**changes: Any) -> Campaign:
    """Give an open campaign of these products."""
    usual: dict[str, Any] = {
        "title": "Tarts for the feast", "summary": "To order", "products": PRODUCTS, "deliveries": DELIVERIES, "terms_html": TERMS, "bonus": "A ribbon",
    }  # fmt: skip
    return make_campaign(**(usual | changes))
