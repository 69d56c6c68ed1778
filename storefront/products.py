"""Reading what a campaign offers: its products and their variants, and how much of each may be ordered."""

from __future__ import annotations

from dataclasses import dataclass

from preorder.campaign import WHOLE
from preorder.money import Rupiah
from preorder.photo import Photo
from preorder.product import Limits, LineLimits, Product, Variant
from preorder.schedule import Schedule
from storefront import offers
from storefront.album import Album
from storefront.fields import Block
from storefront.ids import Ids
from storefront.offers import SMALLEST_PRICE

KEYS = (
    "id", "name", "summary", "price", "early_price", "tiers", "quota", "draws_on", "weight", "photo", "variants", "options", "limits",
    "bonus", "label", "internal_notes",
)  # fmt: skip
VARIANT_KEYS = ("id", "name", "price", "early_price", "tiers", "weight", "quota", "draws_on", "internal_notes")


@dataclass(frozen=True)
class Around:
    """
    What the products of a campaign stand in.

    Attributes:
        pools: pool id -> units; each product adds its own.
        limits: of the campaign; None where they are wrong.
        zone: of times that name none.
        schedule: None where it is wrong.
    """

    pools: dict[str, int]
    limits: Limits | None
    zone: str
    schedule: Schedule | None

    @property
    def whole(self) -> tuple[str, ...]:
        """Give the pool of the whole campaign, where it has one."""
        return (WHOLE,) if WHOLE in self.pools else ()


def read_products(block: Block, album: Album, around: Around) -> tuple[Product, ...]:
    """Give the products, and put the quota of each pool that they name into around.pools."""
    items = block.blocks("products", KEYS, most=100)
    if items == []:
        block.report("products", "empty_list")
    seen = Ids(block.source)
    return tuple(_product(item, seen, album, around) for item in items or ())


def _product(item: Block, seen: Ids, album: Album, around: Around) -> Product:
    item.require("name")
    name = item.name_text("name") or ""
    product_id = seen.id_of(item, name)
    taken = (*offers.read_drawn_pools(item, around.pools), *around.whole)
    if (quota := item.count("quota")) is not None:
        around.pools[product_id] = quota
        taken = (product_id, *taken)
    price = item.rupiah("price", SMALLEST_PRICE)
    weight = item.weight_g("weight")
    variants: tuple[Variant, ...] = (Variant("", "", price or Rupiah(0), weight, taken),)
    if item.has("variants"):
        variants = _variants(item, variants[0], product_id, around)
    else:
        item.require("price")
    early = offers.read_early(item, around.zone, around.schedule)
    offers.check_early(item, early, max(variant.price for variant in variants) if variants else Rupiah(0))
    photo: Photo | None = None
    if inner := item.block("photo", ("file", "alt")):
        photo = album.photo(inner)
    per_line = offers.read_line_limits(item)
    _check_line(item, per_line, around.limits)
    return Product(
        id=product_id,
        name=name,
        summary=item.text("summary", 300) or "",
        variants=variants,
        options=offers.read_options(item),
        photo=photo,
        early=early,
        tiers=offers.read_tiers(item),
        per_line=per_line,
        bonus=item.text("bonus", 200) or "",
        label=offers.read_label(item),
    )


def _variants(product: Block, base: Variant, product_id: str, around: Around) -> tuple[Variant, ...]:
    """Read a product's variants; base is the product as if it had none, for what they inherit."""
    items = product.blocks("variants", VARIANT_KEYS, most=100)
    if items == []:
        product.report("variants", "empty_list")
    offers.check_where(product, items or ())
    seen = Ids(product.source)
    variants = []
    for item in items or ():
        item.require("name")
        name = item.name_text("name") or ""
        variant_id = seen.id_of(item, name)
        if not product.has("price"):
            item.require("price")
        own = item.rupiah("price", SMALLEST_PRICE) if item.has("price") else base.price
        grams = item.weight_g("weight") if item.has("weight") else base.weight_g
        pool: tuple[str, ...] = ()
        if (quota := item.count("quota")) is not None:
            pool = (f"{product_id}/{variant_id}",)
            around.pools[pool[0]] = quota
        drawn = offers.read_drawn_pools(item, around.pools)
        early = offers.read_early(item, around.zone, around.schedule)
        offers.check_early(item, early, own or Rupiah(0))
        taken = tuple(dict.fromkeys((*pool, *drawn, *base.pools)))
        variants.append(Variant(variant_id, name, own or Rupiah(0), grams, taken, early, offers.read_tiers(item)))
    return tuple(variants)


def _check_line(item: Block, line: LineLimits, limits: Limits | None) -> None:
    """Report a line that must be larger than a whole order may be."""
    most = [number for number in (limits.max_per_order, limits.max_per_buyer) if number] if limits else []
    if most and line.least > min(most):
        item.report("limits", "line_above_order", value=line.least, most=min(most))


def read_limits(block: Block) -> Limits | None:
    """Give the limits of a campaign; None where they are wrong, which has been reported."""
    inner = block.block("limits", ("min_per_order", "max_per_order", "max_per_buyer"))
    if inner is None:
        return None if block.has("limits") else Limits()
    before = len(inner.source.problems)
    least = inner.count("min_per_order", 1, 999)
    most = {name: inner.count(name, 1, 1_000_000) for name in ("max_per_order", "max_per_buyer")}
    for name, value in most.items():
        if value is not None and value < (least or 1):
            inner.report(name, "limit_below_minimum", value=value, least=least, other=inner.key("min_per_order"))
    if len(inner.source.problems) > before:
        return None
    return Limits(1 if least is None else least, most["max_per_order"], most["max_per_buyer"])
