"""Reading how an order can reach its buyer."""

from __future__ import annotations

from preorder.money import Rupiah
from preorder.terms import Delivery, DeliveryKind
from storefront.fields import Block
from storefront.ids import Ids
from storefront.vocabulary import find_choice


def read_deliveries(block: Block) -> tuple[Delivery, ...] | None:
    """Give the deliveries; None where none are stated or one is wrong, which has been reported."""
    items = block.blocks("delivery", ("id", "name", "kind", "fee", "note"), most=30)
    if items is None:
        return None
    if not items:
        block.report("delivery", "empty_list")
    before = len(block.source.problems)
    seen = Ids(block.source)
    deliveries = []
    for item in items:
        item.require("name", "kind")
        name = item.name_text("name") or ""
        kind = item.choice("kind", "delivery_kind") or "courier"
        delivery_id = seen.id_of(item, name)
        # Nothing is charged for a pickup that says nothing; a courier that says nothing was forgotten.
        if kind == "courier":
            item.require("fee")
        deliveries.append(
            Delivery(
                delivery_id,
                name,
                DeliveryKind(kind),
                _fee(item) if item.has("fee") else Rupiah(0),
                item.text("note", 300) or "",
            )
        )
    return tuple(deliveries) if deliveries and len(block.source.problems) == before else None


def _fee(item: Block) -> Rupiah | None:
    word = find_choice("fee", item.text("fee") or "")
    if word == "later":
        return None
    return Rupiah(0) if word == "free" else item.rupiah("fee")
