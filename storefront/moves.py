"""Campaigns that have another address than before: what leads from the old one to the new, and what was forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from preorder.campaign import Campaign
from preorder.catalogue import Catalogue
from storefront.problems import Problem
from storefront.reader import CampaignContent, Content


def moved_pages(campaigns: tuple[Campaign, ...]) -> Iterator[tuple[str, Campaign]]:
    """Give path below the site's root -> the campaign that was there."""
    for campaign in campaigns:
        for slug in campaign.former_slugs:
            yield f"{slug}/index.html", campaign


def find_lost(content: Content, published: Catalogue | None) -> tuple[Problem, ...]:
    """
    Give a warning for each address that is on the site and would be gone, and for each campaign that has no file any more.

    Args:
        published: what is on the site now; None where there is none yet.
    """
    taken = {slug for item in content.campaigns for slug in (item.campaign.slug, *item.campaign.former_slugs)}
    before = {
        campaign.id: (campaign.slug, *campaign.former_slugs) for campaign in (published.campaigns if published else ())
    }
    here = {item.campaign.id for item in content.campaigns} | content.draft_ids
    gone = (campaign for campaign in (published.campaigns if published else ()) if campaign.id not in here)
    return tuple(
        Problem(content.origin.file, None, "campaign_gone", {"text": campaign.title, "slug": campaign.slug})
        for campaign in gone
    ) + tuple(
        _warning(item, slug)
        for item in content.campaigns
        for slug in before.get(item.campaign.id, ())
        if slug not in taken
    )


def _warning(item: CampaignContent, slug: str) -> Problem:
    origin = item.origin
    line = origin.line("former_slugs" if origin.has("former_slugs") else "slug" if origin.has("slug") else "id")
    return Problem(origin.file, line, "slug_lost", {"text": slug, "key": origin.key("former_slugs")})
