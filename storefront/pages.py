"""render(): the content becomes the files of the site, all in memory; nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from preorder.campaign import Campaign
from preorder.catalogue import Catalogue, asset_path, content_digest, to_json, with_terms
from preorder.money import Rupiah
from preorder.photo import Photo
from preorder.pricing import Taken, from_price, price_of
from preorder.schedule import ZONES, Phase, Window
from preorder.timeline import course_of, steps_of, turns_of
from storefront import archive
from storefront.moves import moved_pages
from storefront.reader import CampaignContent, Content
from storefront.templating import make_environment, read_assets

CATALOGUE = "catalogue.json"

_HOME_ORDER = {
    phase: place
    for place, phase in enumerate((
        Phase.OPEN, Phase.ANNOUNCED, Phase.CLOSED, Phase.IN_PRODUCTION, Phase.SHIPPING, Phase.DONE, Phase.CANCELLED,
    ))
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """
    A campaign on the home page.

    Attributes:
        window: the round that its words speak of.
        ships: first and last day of shipping of that round, None where the seller promises none.
        photo: the campaign's first, else the first of a product.
        url: of its page.
    """

    campaign: Campaign
    phase: Phase
    window: Window
    ships: tuple[date, date] | None
    from_price: Rupiah
    photo: Photo | None
    url: str


@dataclass(frozen=True)
class Site:
    """
    A rendered site.

    Attributes:
        files: path below the root -> content, or the file that holds it.
        catalogue: what files["catalogue.json"] says.
    """

    files: Mapping[str, bytes | Path]
    catalogue: Catalogue


def render(
    content: Content,
    now: datetime,
    published: Catalogue | None,
    *,
    templates: Path,
    site_url: str = "",
    intake_url: str = "",
    drafts: frozenset[str] = frozenset(),
) -> Site:
    """
    Render the whole site.

    Args:
        content: of read_catalogue().
        now: decides which phase and round the pages show.
        published: the catalogue that is there already; its revision and time stay where nothing of it changes.
        templates: folder of the templates.
        site_url, intake_url: origins without a slash at the end, "" for one and the same.
        drafts: slugs of campaigns that are shown to the seller alone; their pages say so.
    """
    shop = content.shop
    assets = read_assets(templates, shop.theme)
    environment = make_environment(templates, shop, assets, site_url, intake_url)
    environment.globals["drafts"] = drafts
    items = [replace(item, campaign=_with_contract(item, environment)) for item in content.campaigns]
    catalogue = _catalogue(content, tuple(item.campaign for item in items), now, published)

    def page(name: str, **context: Any) -> bytes:
        return environment.get_template(name).render(page_class="static", **context).encode()

    cards, past = _shelves([_card(item.campaign, now, site_url) for item in items], now)
    files: dict[str, bytes | Path] = {
        "index.html": page(
            "storefront/home.html",
            cards=cards,
            has_past=bool(past),
            about_html=Markup(content.about_html),  # noqa: S704  of markdown.to_html()
        ),
        "arsip/index.html": page("storefront/archive.html", cards=past),
        "404.html": page("storefront/404.html"),
        "privasi/index.html": page("storefront/privacy.html"),
        "ketentuan/index.html": page(
            "storefront/terms.html",
            campaigns=catalogue.campaigns,
            contract_of=lambda campaign: Markup(campaign.terms_html),  # noqa: S704  as _campaign_context says
        ),
        CATALOGUE: (json.dumps(to_json(catalogue), ensure_ascii=False, indent=1) + "\n").encode(),
    }
    for path, campaign in moved_pages(catalogue.campaigns):
        files[path] = page("storefront/moved.html", campaign=campaign)
    for item in items:
        files[f"{item.campaign.slug}/index.html"] = page("storefront/campaign.html", **_campaign_context(item, now))
    files |= {asset_path(name, data).lstrip("/"): data for name, data in assets.items()}
    files |= content.photos
    return Site(dict(sorted(files.items())), catalogue)


def next_change(catalogue: Catalogue, now: datetime) -> datetime | None:
    """
    Give the instant at which a page will say something else than at now although the content stays the same; None where
    never.
    """
    changes = (
        turn for campaign in catalogue.campaigns for turn in (*turns_of(campaign, now), *archive.turns(campaign, now))
    )
    return min((change for change in changes if change > now), default=None)


def _shelves(cards: list[Card], now: datetime) -> tuple[list[Card], list[Card]]:
    """Give the cards of the first page in its order, and those of the archive, the last one first."""
    past = [card for card in cards if archive.is_past(card.campaign, now)]
    current = [card for card in cards if card not in past]
    return (
        sorted(current, key=lambda card: _HOME_ORDER[card.phase]),
        sorted(past, key=lambda card: (card.window.closes_at, card.campaign.slug), reverse=True),
    )


def _with_contract(item: CampaignContent, environment: Environment) -> Campaign:
    """Give the campaign with its contract: the prose made of its policy, then the seller's own words."""
    generated = environment.get_template("partials/policy.html").render(campaign=item.campaign)
    parts = (generated, item.terms_html, item.cancellation_html)
    return with_terms(item.campaign, "\n".join(part.strip() for part in parts if part.strip()))


def _catalogue(
    content: Content, campaigns: tuple[Campaign, ...], now: datetime, published: Catalogue | None
) -> Catalogue:
    """Give the catalogue under the revision that is published where it says the same, else under a higher one."""
    built_at = now.astimezone(ZONES[content.shop.zone])
    fresh = Catalogue(int(now.timestamp()), built_at, content.shop, campaigns)
    if published is None:
        return fresh
    if content_digest(published) == content_digest(fresh):
        return replace(fresh, revision=published.revision, built_at=published.built_at)
    return replace(fresh, revision=max(published.revision + 1, fresh.revision))


def _card(campaign: Campaign, now: datetime, site_url: str) -> Card:
    schedule = campaign.schedule
    window = schedule.shown_window(now)
    pictures = (*campaign.photos, *(product.photo for product in campaign.products if product.photo))
    return Card(
        campaign=campaign,
        phase=campaign.phase(now),
        window=window,
        ships=schedule.ships_between(window),
        from_price=from_price(campaign, now, window),
        photo=next(iter(pictures), None),
        url=f"{site_url}/{campaign.slug}/",
    )


def _campaign_context(item: CampaignContent, now: datetime) -> dict[str, Any]:
    schedule = item.campaign.schedule
    window = schedule.shown_window(now)
    course, phase = course_of(item.campaign, window), item.campaign.phase(now)
    # All HTML here is made by markdown.to_html() or by a template that escapes.
    return {
        "campaign": item.campaign,
        "phase": phase,
        "window": window,
        "now": now,
        # Of so many units in one order, without what the buyer's choices add.
        "price_for": lambda product, variant, units: price_of(product, variant, Taken(units, units), now, window),
        "from_price": from_price(item.campaign, now, window),
        "ships": schedule.ships_between(window),
        "course": course,
        "steps": steps_of(course, phase, now),
        "description_html": Markup(item.description_html),  # noqa: S704
        "updates": [(update, Markup(update.html)) for update in item.updates if update.at <= now],  # noqa: S704
        "faq": [(question, Markup(answer)) for question, answer in item.faq],  # noqa: S704
        "terms_html": Markup(item.campaign.terms_html),  # noqa: S704
        "values": {},
        "errors": {},
        "error_list": [],
    }
