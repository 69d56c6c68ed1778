"""Reading how an order can reach its buyer, and what it costs where."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from preorder.contact import PROVINCES
from preorder.money import Rupiah
from preorder.terms import Delivery, DeliveryKind, Surcharge, ZoneFee
from storefront.fields import Block
from storefront.frontmatter import Entries, Items, Node, Text
from storefront.ids import Ids
from storefront.vocabulary import CHOICES, find_choice, suggest

# Name -> its provinces.
Regions = Mapping[str, tuple[str, ...]]

_KEYS = ("id", "name", "kind", "fee", "note", "courier", "service", "surcharge", "times")
_BY_FOLDED = {province.casefold(): province for province in PROVINCES}


@dataclasses.dataclass(frozen=True)
class _Fees:
    """What "fee" says; fee and everywhere as those of a Delivery."""

    fee: Rupiah | None
    zones: tuple[ZoneFee, ...] = ()
    everywhere: bool = True


def read_regions(block: Block) -> Regions:
    """Give the regions of a shop; what is wrong with them has been reported."""
    node = block.raw("regions")
    if node is None:
        return {}
    if not isinstance(node, Entries) or not node.entries:
        block.report("regions", "not_regions")
        return {}
    regions: dict[str, tuple[str, ...]] = {}
    owners: dict[str, str] = {}
    for key, value in node.entries:
        name = " ".join(key.text.split())
        if find_choice("elsewhere", name):
            block.source.report(key.line, "region_named_elsewhere", text=name)
        elif _find_region(name, regions):
            block.source.report(key.line, "region_twice", key=block.key("regions"), text=name)
        elif not isinstance(value, Items) or not value.items:
            block.source.report(key.line, "not_regions", key=block.key("regions"))
        else:
            regions[name] = _provinces(block, name, value, owners)
    return regions


def _provinces(block: Block, region: str, node: Items, owners: dict[str, str]) -> tuple[str, ...]:
    found = []
    for item in node.items:
        text = " ".join(item.text.split()) if isinstance(item, Text) else ""
        province = _BY_FOLDED.get(text.casefold())
        if province is None:
            likely = suggest(text, PROVINCES)
            code = "unknown_province_suggested" if likely else "unknown_province"
            block.source.report(item.line, code, region=region, text=text, suggestion=likely or "")
        elif province in owners:
            block.source.report(item.line, "province_twice", text=province, region=region, other=owners[province])
        else:
            owners[province] = region
            found.append(province)
    return tuple(found)


def read_deliveries(block: Block, regions: Regions) -> tuple[Delivery, ...] | None:
    """
    Give the deliveries; None where none are stated or one is wrong, which has been reported.

    Args:
        regions: the shop's, of read_regions().
    """
    items = block.blocks("delivery", _KEYS, most=30)
    if items is None:
        return None
    if not items:
        block.report("delivery", "empty_list")
    before = len(block.source.problems)
    seen = Ids(block.source)
    deliveries = [_delivery(item, regions, seen) for item in items]
    return tuple(deliveries) if deliveries and len(block.source.problems) == before else None


def _delivery(item: Block, regions: Regions, seen: Ids) -> Delivery:
    item.require("name", "kind")
    name = item.name_text("name") or ""
    kind = DeliveryKind(item.choice("kind", "delivery_kind") or "courier")
    delivery_id = seen.id_of(item, name)
    courier = kind is DeliveryKind.COURIER
    if courier:
        # Nothing is charged for a pickup that says nothing; a courier that says nothing was forgotten.
        item.require("fee")
    for key in ("times",) if courier else ("courier", "service", "surcharge"):
        if item.has(key):
            item.report(key, "only_for_pickup" if courier else "only_for_courier")
    fees = _fees(item, regions, courier=courier)
    surcharge = None
    if inner := item.block("surcharge", ("name", "cost")):
        inner.require("name", "cost")
        reason, cost = inner.name_text("name"), inner.rupiah("cost", 1)
        surcharge = Surcharge(reason, cost) if reason and cost else None
    return Delivery(
        delivery_id,
        name,
        kind,
        fees.fee,
        item.text("note", 300) or "",
        zones=fees.zones,
        everywhere=fees.everywhere,
        courier=item.text("courier", 40) or "",
        service=item.text("service", 40) or "",
        surcharge=surcharge,
        times=item.text("times", 160) or "",
    )


def _fees(item: Block, regions: Regions, *, courier: bool) -> _Fees:
    node = item.raw("fee")
    if node is None:
        return _Fees(Rupiah(0))
    if isinstance(node, Text):
        return _Fees(_fee(item))
    if not isinstance(node, Entries) or not node.entries:
        item.report("fee", "not_fees")
    elif not courier:
        item.report("fee", "only_for_courier")
    elif not regions:
        item.report("fee", "no_regions", regions=item.source.word("regions"))
    else:
        return _fees_by_region(item, node, regions)
    return _Fees(None)


def _fees_by_region(item: Block, node: Entries, regions: Regions) -> _Fees:
    zones: dict[str, ZoneFee] = {}
    outside: Rupiah | None = None
    everywhere = False
    for key, value in node.entries:
        fee = _fee_at(item, key, value)
        if find_choice("elsewhere", key.text):
            outside, everywhere = fee, True
            continue
        name = _find_region(key.text, regions)
        if name is None:
            likely = suggest(key.text, regions)
            code = "unknown_region_suggested" if likely else "unknown_region"
            item.source.report(
                key.line,
                code,
                key=item.key("fee"),
                text=key.text,
                suggestion=likely or "",
                regions=item.source.word("regions"),
            )
        elif name in zones:
            item.source.report(key.line, "region_twice", key=item.key("fee"), text=key.text)
        else:
            zones[name] = ZoneFee(name, regions[name], fee)
    if not zones and everywhere and len(node.entries) == 1:
        word = CHOICES["elsewhere"]["elsewhere"].shown(english=item.source.english)
        item.report("fee", "fees_without_region", elsewhere=word)
    # Without a zone something was reported, and the delivery is not used.
    return _Fees(outside, tuple(zones.values()), everywhere or not zones)


def _find_region(typed: str, regions: Regions) -> str | None:
    wanted = " ".join(typed.split()).casefold()
    return next((name for name in regions if name.casefold() == wanted), None)


def _fee_at(item: Block, key: Text, value: Node) -> Rupiah | None:
    """Give the fee beside a region, read as one that stands alone."""
    named = dataclasses.replace(key, text=item.key("fee"))
    return _fee(Block(Entries(((named, value),), key.line), ("fee",), item.source))


def _fee(item: Block) -> Rupiah | None:
    word = find_choice("fee", item.text("fee") or "")
    if word == "later":
        return None
    return Rupiah(0) if word == "free" else item.rupiah("fee")
