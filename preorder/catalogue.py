"""The published campaigns: to and from site/catalogue.json, the one thing that joins the pages and the order desk."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preorder.campaign import Campaign
from preorder.errors import CampaignError, PreorderError
from preorder.plain import from_plain, to_plain
from preorder.qris_elements import QrisError
from preorder.shop import Shop

FORMAT = 1

# What a buyer accepts. Pictures, summaries and addresses may change without asking her again.
_ACCEPTED = (
    "id",
    "title",
    "schedule",
    "products",
    "limits",
    "payment",
    "deliveries",
    "policy",
    "bonus",
    "batch",
    "terms_html",
)


class CatalogueError(PreorderError):
    """A file that is no catalogue of ours. Fields: reason, and where known the key."""

    code = "bad_catalogue"


@dataclass(frozen=True)
class Catalogue:
    """
    What is published.

    Attributes:
        revision: rises with every published change; the time of the build in epoch seconds.
        built_at: when that was (aware).
        campaigns: in the order of the home page.
    """

    revision: int
    built_at: datetime
    shop: Shop
    campaigns: tuple[Campaign, ...]

    def by_slug(self, slug: str) -> Campaign | None:
        """Give the campaign at this address, else the one that was there before."""
        here = (campaign for campaign in self.campaigns if campaign.slug == slug)
        return next(here, None) or next((moved for moved in self.campaigns if slug in moved.former_slugs), None)

    def by_id(self, campaign_id: str) -> Campaign | None:
        """Give the campaign of this id."""
        return next((campaign for campaign in self.campaigns if campaign.id == campaign_id), None)


def canonical(value: Any) -> str:
    """Give the one JSON text of a plain value: sorted keys, no blanks, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """Give SHA-256 over the canonical JSON of a plain value, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def asset_path(name: str, content: bytes) -> str:
    """
    Give the address of a stylesheet, script or icon: its content is in its name, so it may be cached for ever and both
    halves agree on it.
    """
    stem, _, ending = name.rpartition(".")
    return f"/assets/{stem}.{hashlib.sha256(content).hexdigest()[:8]}.{ending}"


def accepted_part(campaign: Campaign) -> dict[str, Any]:
    """Give everything about a campaign that a buyer accepts, as plain values. Product pictures are left out."""
    part = {name: to_plain(getattr(campaign, name)) for name in _ACCEPTED}
    for product in part["products"]:
        del product["photo"]
        for variant in product["variants"]:
            # Which pool a unit comes from is the seller's affair.
            del variant["pools"]
    return part


def with_terms(campaign: Campaign, terms_html: str) -> Campaign:
    """Give the campaign with its contract text and the hash over all that a buyer accepts."""
    worded = dataclasses.replace(campaign, terms_html=terms_html, terms_hash="")
    return dataclasses.replace(worded, terms_hash=digest(accepted_part(worded)))


def to_json(catalogue: Catalogue) -> dict[str, Any]:
    """Give the catalogue as plain values for json.dumps."""
    return {
        "format": FORMAT,
        "revision": catalogue.revision,
        "built_at": catalogue.built_at.isoformat(),
        "shop": to_plain(catalogue.shop),
        "campaigns": [to_plain(campaign) for campaign in catalogue.campaigns],
    }


def content_digest(catalogue: Catalogue) -> str:
    """Give a digest over what is published, without revision and time of the build."""
    published = to_json(catalogue)
    return digest({"shop": published["shop"], "campaigns": published["campaigns"]})


def from_json(data: Any) -> Catalogue:
    """
    Read a catalogue.

    Args:
        data: what json.loads gave.

    Raises:
        CatalogueError: another format number, a key that is missing or of the wrong kind, or a QRIS that is no longer
            what its seller has pasted.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CatalogueError(
            reason="format", found=data.get("format") if isinstance(data, dict) else None, known=FORMAT
        )
    try:
        return Catalogue(
            revision=int(data["revision"]),
            built_at=datetime.fromisoformat(data["built_at"]),
            shop=from_plain(Shop, data["shop"]),
            campaigns=tuple(from_plain(Campaign, item) for item in data["campaigns"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogueError(reason="shape", key=str(error)) from error
    except QrisError as error:
        raise CatalogueError(reason=error.code, key=", ".join(found.code for found in error.faults)) from error
    except CampaignError as error:
        raise CatalogueError(reason=error.code, key=str(error.fields["what"])) from error
