"""Reading what a campaign offers: its products, their variants and options, and how much of each may be ordered."""

from __future__ import annotations

from preorder.campaign import WHOLE
from preorder.money import Rupiah
from preorder.photo import Photo
from preorder.product import Limits, Option, Product, Variant
from storefront.album import Album
from storefront.fields import Block
from storefront.ids import Ids

# Nobody sells for less; a smaller number is thousands with the zeros left out.
SMALLEST_PRICE = 100
LONGEST_OPTION = 200


def read_products(block: Block, album: Album, pools: dict[str, int]) -> tuple[Product, ...]:
    """Give the products, and put the quota of each pool that they name into pools."""
    items = block.blocks(
        "products", ("id", "name", "summary", "price", "quota", "weight", "photo", "variants", "options"), most=100
    )
    if items == []:
        block.report("products", "empty_list")
    seen = Ids(block.source)
    whole = (WHOLE,) if WHOLE in pools else ()
    return tuple(_product(item, seen, album, pools, whole) for item in items or ())


def _product(item: Block, seen: Ids, album: Album, pools: dict[str, int], whole: tuple[str, ...]) -> Product:
    item.require("name")
    name = item.name_text("name") or ""
    product_id = seen.id_of(item, name)
    taken = whole
    if (quota := item.count("quota")) is not None:
        pools[product_id] = quota
        taken = (product_id, *whole)
    price = item.rupiah("price", SMALLEST_PRICE)
    weight = item.weight_g("weight")
    variants: tuple[Variant, ...] = (Variant("", "", price or Rupiah(0), weight, taken),)
    if item.has("variants"):
        variants = _variants(item, variants[0], product_id, pools)
    else:
        item.require("price")
    photo: Photo | None = None
    if inner := item.block("photo", ("file", "alt")):
        photo = album.photo(inner)
    return Product(product_id, name, item.text("summary", 300) or "", variants, _options(item), photo)


def _variants(product: Block, base: Variant, product_id: str, pools: dict[str, int]) -> tuple[Variant, ...]:
    """Read a product's variants; base is the product as if it had none, for what they inherit."""
    items = product.blocks("variants", ("id", "name", "price", "weight", "quota"), most=100)
    if items == []:
        product.report("variants", "empty_list")
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
            pools[pool[0]] = quota
        variants.append(Variant(variant_id, name, own or Rupiah(0), grams, (*pool, *base.pools)))
    return tuple(variants)


def _options(product: Block) -> tuple[Option, ...]:
    seen = Ids(product.source)
    options = []
    for item in product.blocks("options", ("id", "name", "choices", "text", "required"), most=10) or ():
        item.require("name")
        name = item.name_text("name", 60) or ""
        option_id = seen.id_of(item, name)
        required = item.yes("required", default=True)
        if item.has("choices") == item.has("text"):
            place = "text" if item.has("text") else "name"
            item.report(place, "choices_or_text", choices=item.source.word("choices"), text=item.source.word("text"))
            continue
        choices = item.words("choices", 100, 60) or ()
        length = item.count("text", 1, LONGEST_OPTION) or 0
        if bool(choices) != bool(length):
            with item.source.catching(item.line):
                options.append(Option(option_id, name, choices, length, required))
    return tuple(options)


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
