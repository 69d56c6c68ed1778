"""Reading what an offer may have beside its price: special prices, extras, limits of a line, pools that are shared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from preorder.batch import Batch, Otherwise
from preorder.campaign import SHARED, Target
from preorder.money import Rupiah
from preorder.product import EarlyBird, Label, LineLimits, Option, Tier
from preorder.schedule import Schedule
from preorder.slugs import is_slug
from storefront.fields import Block
from storefront.frontmatter import Entries, Items, Text
from storefront.ids import Ids
from storefront.vocabulary import slugify, suggest

# Nobody sells for less; a smaller number is thousands with the zeros left out.
SMALLEST_PRICE = 100
LONGEST_OPTION = 200
LONGEST_CHOICE = 60
MOST_CHOICES = 100
MOST_FIRST_DAYS = 90
TOLD_WITHIN = 2
MOST_TOLD_DAYS = 30
LABEL = ("composition", "net", "best_before", "permits")


def read_early(block: Block, zone: str, schedule: Schedule | None) -> EarlyBird | None:
    """Give the early price of a product or variant; None where it has none, or a wrong one, which has been reported."""
    inner = block.block("early_price", ("price", "until", "first_days"))
    if inner is None:
        return None
    inner.require("price")
    if inner.has("until") == inner.has("first_days"):
        inner.source.report(
            inner.at("until"), "early_end", key=block.key("early_price"), until=inner.key("until"),
            first_days=inner.key("first_days"),
        )  # fmt: skip
        return None
    price = inner.rupiah("price", SMALLEST_PRICE)
    until = inner.instant("until", zone, closing=True)
    first_days = inner.count("first_days", 1, MOST_FIRST_DAYS)
    if price is None or (until is None and first_days is None):
        return None
    if until is not None and schedule is not None and not _has_opened(schedule, until):
        inner.report("until", "early_before_opening", text=_typed(inner, "until"))
        return None
    return EarlyBird(price, until, first_days)


def _has_opened(schedule: Schedule, at: datetime) -> bool:
    """Say whether any round has opened before an instant."""
    before = at - timedelta(microseconds=1)
    return schedule.window_at(before) is not None or schedule.rule.last_before(before) is not None


def _typed(block: Block, name: str) -> str:
    node = block.raw(name)
    return node.text if isinstance(node, Text) else ""


def read_tiers(block: Block) -> tuple[Tier, ...]:
    """Give the prices by quantity of a product or variant; what is wrong with them has been reported."""
    items = block.blocks("tiers", ("from_units", "until", "price"), most=20)
    if items == []:
        block.report("tiers", "empty_list")
    tiers: list[Tier] = []
    last: tuple[Block, int | None] | None = None
    for item in items or ():
        item.require("from_units", "price")
        start = item.count("from_units", 2, 999)
        end = item.count("until", 2, 999) if item.has("until") else None
        price = item.rupiah("price", SMALLEST_PRICE)
        if start is None or price is None:
            last = None
            continue
        if last is not None and tiers and not _follows(item, start, tiers[-1].from_units, last):
            return ()
        last = (item, end)
        tiers.append(Tier(start, price))
    if last is not None and last[1] is not None:
        last[0].report("until", "tier_ends", value=last[1])
        return ()
    return tuple(tiers) if len(tiers) == len(items or ()) else ()


def _follows(item: Block, start: int, before: int, last: tuple[Block, int | None]) -> bool:
    """Say whether a tier begins where the one before it ends; report it where it does not."""
    end = last[1]
    if start <= before:
        item.report("from_units", "tiers_out_of_order", value=start, before=before)
    elif end is not None and start > end + 1:
        item.report("from_units", "tier_gap", value=start, end=end, next=end + 1)
    elif end is not None and start <= end:
        item.report("from_units", "tier_overlap", value=start, end=end)
    else:
        return True
    return False


def check_early(block: Block, early: EarlyBird | None, price: Rupiah) -> None:
    """Report an early price that is not lower than the usual one."""
    if early is not None and price and early.price >= price:
        block.report("early_price", "early_not_lower", money=True, least=int(price))


def read_line_limits(block: Block) -> LineLimits:
    """Give how many units one line of a product may hold."""
    inner = block.block("limits", ("min_per_line", "max_per_line"))
    if inner is None:
        return LineLimits()
    least, most = inner.count("min_per_line", 1, 999), inner.count("max_per_line", 1, 999)
    if most is not None and most < (least or 1):
        inner.report("max_per_line", "limit_below_minimum", value=most, least=least, other=inner.key("min_per_line"))
        return LineLimits()
    return LineLimits(least or 1, most)


def read_label(block: Block) -> Label | None:
    """Give what a product's label says; None where it has none."""
    inner = block.block("label", LABEL)
    if inner is None:
        return None
    if not any(inner.has(name) for name in LABEL):
        block.report("label", "empty_value")
        return None
    return Label(
        composition=inner.text("composition", 500) or "",
        net=inner.text("net", 60) or "",
        best_before=inner.text("best_before", 120) or "",
        permits=inner.text("permits", 200) or "",
    )


def read_shared_pools(block: Block) -> dict[str, int]:
    """Give pool id -> units of the pools that a campaign's products may share."""
    node = block.raw("shared_quotas")
    if node is None:
        return {}
    if not isinstance(node, Entries) or not node.entries:
        block.report("shared_quotas", "not_pools")
        return {}
    pools: dict[str, int] = {}
    for key, value in node.entries:
        name = key.text
        if not is_slug(name):
            suggestion = slugify(name)
            code = "not_slug_suggested" if suggestion else "not_slug"
            block.source.report(key.line, code, key=block.key("shared_quotas"), text=name, suggestion=suggestion)
            continue
        text = value.text.strip().replace(".", "") if isinstance(value, Text) else ""
        if not (text.isascii() and text.isdigit() and int(text) <= 1_000_000):
            shown = value.text if isinstance(value, Text) else ""
            block.source.report(key.line, "not_count", key=name, text=shown, least=0, most=1_000_000)
            continue
        pools[SHARED + name] = int(text)
    return pools


def read_drawn_pools(block: Block, pools: Collection[str]) -> tuple[str, ...]:
    """
    Give the ids of the shared pools that a product or variant takes its units from.

    Args:
        pools: ids of all that the campaign has.
    """
    known = [pool.removeprefix(SHARED) for pool in pools if pool.startswith(SHARED)]
    drawn = []
    for name in block.words("draws_on", 20, 64) or ():
        if name in known:
            drawn.append(SHARED + name)
            continue
        likely = suggest(name, known)
        if likely:
            block.report("draws_on", "unknown_pool_suggested", text=name, suggestion=likely)
        else:
            block.report("draws_on", "unknown_pool", text=name, pools=block.source.word("shared_quotas"))
    return tuple(drawn)


def read_target(block: Block) -> Target | None:
    """Give a campaign's target where buyers are to see it; else None: what is published is public."""
    inner = block.block("target", ("units", "revenue", "shown"))
    if inner is None:
        return None
    shown = inner.yes("shown", default=False)
    if inner.has("units") == inner.has("revenue"):
        block.report("target", "target_one_of", units=inner.key("units"), revenue=inner.key("revenue"))
        return None
    units, revenue = inner.count("units", 1), inner.rupiah("revenue", SMALLEST_PRICE)
    if not shown or (units is None and revenue is None):
        return None
    return Target(units, revenue)


def read_batch(block: Block) -> Batch | None:
    """Give what each round needs to go ahead; None where it needs nothing, or what is wrong has been reported."""
    inner = block.block("batch", ("minimum", "otherwise", "told_within"))
    if inner is None:
        return None
    inner.require("minimum", "otherwise")
    minimum, otherwise = inner.count("minimum", 1), inner.choice("otherwise", "otherwise")
    told = inner.days("told_within", MOST_TOLD_DAYS)
    if minimum is None or otherwise is None:
        return None
    return Batch(minimum, Otherwise(otherwise), TOLD_WITHIN if told is None else told)


def read_quotation(block: Block, least: int) -> int | None:
    """
    Give from how many units on an order is asked for instead of placed; None where there is no such number.

    Args:
        least: units that an order must have.
    """
    inner = block.block("quotation", ("from_units",))
    if inner is None:
        return None
    inner.require("from_units")
    start = inner.count("from_units", 2, 999)
    if start is not None and start <= least:
        inner.report("from_units", "quotation_below_minimum", value=start, least=least)
        return None
    return start


def read_options(product: Block) -> tuple[Option, ...]:
    """Give what the buyer decides about each line of a product."""
    seen = Ids(product.source)
    options = []
    for item in product.blocks("options", ("id", "name", "choices", "text", "extra", "required"), most=10) or ():
        item.require("name")
        name = item.name_text("name", LONGEST_CHOICE) or ""
        option_id = seen.id_of(item, name)
        required = item.yes("required", default=True)
        if item.has("choices") == item.has("text"):
            place = "text" if item.has("text") else "name"
            item.report(place, "choices_or_text", choices=item.source.word("choices"), text=item.source.word("text"))
            continue
        extra = item.rupiah("extra", 1)
        if item.has("choices") and item.has("extra"):
            item.report("extra", "extra_of_choice", choices=item.key("choices"), inner=item.source.word("name"))
            continue
        choices, extras = _read_choices(item)
        length = item.count("text", 1, LONGEST_OPTION) or 0
        if bool(choices) != bool(length):
            with item.source.catching(item.line):
                options.append(Option(option_id, name, choices, length, required, extras, extra or Rupiah(0)))
    return tuple(options)


def _read_choices(item: Block) -> tuple[tuple[str, ...], dict[str, Rupiah]]:
    """Give an option's choices, and what some of them add: an item is a text, or {nama: XL, tambah: 15.000}."""
    node = item.raw("choices")
    if node is None or not isinstance(node, Items) or not any(isinstance(each, Entries) for each in node.items):
        return item.words("choices", MOST_CHOICES, LONGEST_CHOICE) or (), {}
    names: dict[str, int] = {}
    extras: dict[str, Rupiah] = {}
    key, source = item.key("choices"), item.source
    for each in node.items:
        extra: Rupiah | None = None
        if isinstance(each, Entries):
            inner = Block(each, ("name", "extra"), source)
            inner.require("name")
            text = inner.name_text("name", LONGEST_CHOICE)
            extra = inner.rupiah("extra", 1)
        else:
            text = " ".join(each.text.split()) if isinstance(each, Text) else ""
            if not text:
                source.report(each.line, "empty_item", key=key)
            elif len(text) > LONGEST_CHOICE:
                source.report(each.line, "text_too_long", key=key, length=len(text), most=LONGEST_CHOICE)
        if not text:
            continue
        if text in names:
            source.report(each.line, "repeated_item", key=key, text=text, first_line=names[text])
            continue
        names[text] = each.line
        if extra:
            extras[text] = extra
    if len(names) > MOST_CHOICES:
        item.report("choices", "too_many_items", count=len(names), most=MOST_CHOICES)
    return tuple(names), extras


def check_where(product: Block, variants: Sequence[Block]) -> None:
    """Report special prices of a whole product whose variants have prices of their own: one price can't fit them all."""
    priced = [item for item in variants if item.has("price")]
    for name in ("early_price", "tiers"):
        if product.has(name) and priced:
            product.report(name, "special_above_variants", variant=_typed(priced[0], "name"))
