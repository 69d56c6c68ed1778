"""Reading one campaign's header."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from preorder.campaign import WHOLE, Campaign
from preorder.schedule import Method, Phase
from preorder.slugs import RESERVED_SLUGS
from preorder.terms import Scheme
from storefront.album import Album
from storefront.fields import Block
from storefront.offers import read_batch, read_quotation, read_shared_pools, read_target
from storefront.products import Around, read_limits, read_products
from storefront.schedules import read_schedule
from storefront.terms import BLOCKS, Terms, read_terms
from storefront.vocabulary import CHOICES, slugify

KEYS = (
    "id", "slug", "title", "summary", "prefix", "draft", "order", "photos", "method", "schedule", "products", "quota", "limits", *BLOCKS,
    "shared_quotas", "bonus", "target", "quotation", "batch", "stage", "former_slugs", "internal_notes",
)  # fmt: skip


_PREFIX = re.compile(r"[A-Z]{2,4}")
_MOST_FORMER = 20


@dataclass(frozen=True)
class Reading:
    """
    What a campaign's header says.

    Attributes:
        campaign: without its contract's text; None where something is wrong, which has been reported.
        id, slug, prefix: as far as they could be read, with the line of each; "" where not.
        former: its former addresses, each with its line.
        order: its place on the home page, None where the seller gives none.
    """

    campaign: Campaign | None
    draft: bool
    order: int | None
    names: dict[str, tuple[str, int]]
    former: tuple[tuple[str, int], ...] = ()


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
    former = _former(block, names["slug"][0])
    prefix = block.matching("prefix", _PREFIX, "not_prefix") or ""
    names["prefix"] = (prefix, block.at("prefix"))
    title, summary = block.name_text("title", 100), block.text("summary", 300)
    order = block.count("order", 0, 100_000)
    photos = tuple(photo for item in block.blocks("photos", ("file", "alt"), 30) or () if (photo := album.photo(item)))
    method = Method(block.choice("method", "method") or Method.PREORDER)
    schedule = read_schedule(block, zone, method)
    pools = read_shared_pools(block)
    if (capacity := block.count("quota")) is not None:
        pools[WHOLE] = capacity
    limits = read_limits(block)
    products = read_products(block, album, Around(pools, limits, schedule.zone if schedule else zone, schedule))
    bonus, target = block.text("bonus", 200), read_target(block)
    quotation_from = read_quotation(block, limits.min_per_order if limits else 1)
    stage, batch = block.choice("stage", "stage"), read_batch(block)
    terms = _terms(block, house)
    if method is Method.READY:
        _check_ready(block, stage, terms)
    campaign = None
    if (
        len(source.problems) == before and title and schedule and products and limits
        and terms.payment and terms.deliveries and terms.policy
    ):  # fmt: skip
        with source.catching(block.line):
            campaign = Campaign(
                id=names["id"][0], slug=names["slug"][0], title=title, summary=summary or "", prefix=prefix, schedule=schedule,
                products=products, pools=pools, limits=limits, payment=terms.payment, deliveries=terms.deliveries, policy=terms.policy,
                photos=photos, bonus=bonus or "", target=target, quotation_from=quotation_from,
                stage=Phase(stage) if stage else None, batch=batch, former_slugs=tuple(slug for slug, _ in former),
            )  # fmt: skip
    return Reading(campaign, draft, order, names, former)


def _former(block: Block, slug: str) -> tuple[tuple[str, int], ...]:
    """Read the addresses that the campaign had before, each with its line."""
    found = block.slugs("former_slugs", _MOST_FORMER)
    for text, line in found:
        if text == slug:
            block.source.report(line, "former_is_present", key=block.key("former_slugs"), text=text)
        elif text in RESERVED_SLUGS:
            block.source.report(line, "former_reserved", key=block.key("former_slugs"), text=text)
    return found


def _check_ready(block: Block, stage: str | None, terms: Terms) -> None:
    """Report what can't be with goods that are there already."""
    if stage == Phase.IN_PRODUCTION:
        block.report("stage", "made_of_ready", method=block.key("method"))
    if block.has("batch"):
        block.report("batch", "batch_of_ready", method=block.key("method"))
    if terms.payment is not None and terms.payment.scheme is Scheme.DEPOSIT:
        at = "payment" if block.has("payment") else "method"
        scheme, full = (block.source.word("scheme"), CHOICES["scheme"]["full"].shown(english=block.source.english))
        block.report(at, "deposit_of_ready", payment=block.source.word("payment"), scheme=scheme, full=full)


def _terms(block: Block, house: Terms) -> Terms:
    """Give the campaign's own blocks over the house's, each as a whole."""
    own = read_terms(block, house.regions)
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
