"""Reading one campaign's header."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from preorder.campaign import (
    RESERVED_SLUGS,
    WHOLE,
    Campaign,
    Limits,
    Option,
    Photo,
    Product,
    Variant,
)
from preorder.money import Rupiah
from preorder.schedule import Monthly, OneOff, Schedule
from storefront.album import Album
from storefront.fields import Block
from storefront.terms import BLOCKS, Ids, Terms, read_terms
from storefront.vocabulary import slugify

KEYS = (
    "id", "slug", "title", "summary", "prefix", "draft", "order", "photos", "schedule", "products", "quota", "limits", *BLOCKS,
    "internal_notes",
)  # fmt: skip

ANNOUNCE_DAYS = 7
# Nobody sells for less; a smaller number is thousands with the zeros left out.
SMALLEST_PRICE = 100
LONGEST_OPTION = 200

_PREFIX = re.compile(r"[A-Z]{2,4}")


@dataclass(frozen=True)
class Reading:
    """
    What a campaign's header says.

    Attributes:
        campaign: without its contract's text; None where something is wrong, which has been reported.
        id, slug, prefix: as far as they could be read, with the line of each; "" where not.
        order: its place on the home page, None where the seller gives none.
    """

    campaign: Campaign | None
    draft: bool
    order: int | None
    names: dict[str, tuple[str, int]]


def read_campaign(block: Block, folder_slug: str, album: Album, house: Terms, zone: str) -> Reading:
    """
    Read a campaign.

    Args:
        block: its header.
        folder_slug: name of its folder or file, which is its address where it gives none.
        house: the shop's payment, deliveries and policy, for what the campaign does not set itself.
        zone: the shop's.
    """
    source = block.source
    before = len(source.problems)
    draft = block.yes("draft", default=False)
    block.require("id", "title", "prefix", "schedule", "products")
    names = {"id": (block.slug("id") or "", block.at("id")), "slug": _slug(block, folder_slug)}
    prefix = block.matching("prefix", _PREFIX, "not_prefix") or ""
    names["prefix"] = (prefix, block.at("prefix"))
    title, summary = block.name_text("title", 100), block.text("summary", 300)
    order = block.count("order", 0, 100_000)
    photos = tuple(photo for item in block.blocks("photos", ("file", "alt"), 30) or () if (photo := album.photo(item)))
    schedule = _schedule(block, zone)
    pools: dict[str, int] = {}
    if (capacity := block.count("quota")) is not None:
        pools[WHOLE] = capacity
    products = _products(block, album, pools)
    limits = _limits(block)
    terms = _terms(block, house)
    campaign = None
    if (
        len(source.problems) == before and title and schedule and products and limits
        and terms.payment and terms.deliveries and terms.policy
    ):  # fmt: skip
        with source.catching(block.line):
            campaign = Campaign(
                id=names["id"][0], slug=names["slug"][0], title=title, summary=summary or "", prefix=prefix, schedule=schedule,
                products=products, pools=pools, limits=limits, payment=terms.payment, deliveries=terms.deliveries, policy=terms.policy,
                photos=photos,
            )  # fmt: skip
    return Reading(campaign, draft, order, names)


def _terms(block: Block, house: Terms) -> Terms:
    """Give the campaign's own blocks over the house's, each as a whole."""
    own = read_terms(block)
    for name in BLOCKS:
        # One that is stated but wrong has been reported where it stands.
        if name not in own.stated | house.stated:
            block.source.report(block.line, "missing_here_and_in_shop", key=block.source.word(name))
    return replace(
        house,
        **{name: value for name in ("payment", "deliveries", "policy") if (value := getattr(own, name)) is not None},
    )


def _slug(block: Block, folder_slug: str) -> tuple[str, int]:
    line = block.at("slug")
    if block.has("slug"):
        slug = block.slug("slug") or ""
    else:
        slug = folder_slug
        suggestion = slugify(slug)
        if suggestion != slug:
            block.source.report(line, "bad_folder_name", text=folder_slug, suggestion=suggestion, key=block.key("slug"))
            return "", line
    if slug in RESERVED_SLUGS:
        block.source.report(line, "reserved_slug", text=slug, key=block.key("slug"), suggestion=f"po-{slug}")
        return "", line
    return slug, line


def _schedule(block: Block, shop_zone: str) -> Schedule | None:
    inner = block.block("schedule", ("opens", "closes", "repeats", "announce", "ships", "zone"))
    if inner is None:
        return None
    before = len(inner.source.problems)
    zone = inner.choice("zone", "zone") or shop_zone
    announce = inner.days("announce")
    ships = inner.day_span("ships")
    rule: OneOff | Monthly | None = None
    if inner.has("repeats"):
        for name in ("opens", "closes"):
            if inner.has(name):
                inner.report(name, "schedule_twice", other=inner.key("repeats"))
        if days := inner.monthly("repeats"):
            with inner.source.catching(inner.at("repeats")):
                rule = Monthly(*days, zone)
    else:
        inner.require("opens", "closes")
        opens = inner.instant("opens", zone, closing=False)
        closes = inner.instant("closes", zone, closing=True)
        if opens and closes and closes <= opens:
            inner.report(
                "closes", "closes_before_opens", opens_key=inner.key("opens"), opens=opens, closes=closes, zone=zone
            )
        elif opens and closes:
            with inner.source.catching(inner.at("closes")):
                rule = OneOff(opens, closes)
    if rule is None or len(inner.source.problems) > before:
        return None
    return Schedule(zone, rule, ANNOUNCE_DAYS if announce is None else announce, ships)


def _limits(block: Block) -> Limits | None:
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


def _products(block: Block, album: Album, pools: dict[str, int]) -> tuple[Product, ...]:
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
