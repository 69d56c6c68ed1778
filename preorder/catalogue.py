"""The published campaigns: to and from site/catalogue.json, the one thing that joins the pages and the order desk."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from preorder.campaign import (
    Account,
    AccountKind,
    Campaign,
    CampaignError,
    CancelStage,
    Delivery,
    DeliveryKind,
    Limits,
    Link,
    Milestone,
    Option,
    PaymentTerms,
    Photo,
    Policy,
    Product,
    QrisAccount,
    RefundBase,
    Scheme,
    Shop,
    Variant,
)
from preorder.errors import PreorderError
from preorder.money import Rupiah
from preorder.qris_elements import QrisError
from preorder.schedule import ZONES, Days, Monthly, OneOff, Schedule

FORMAT = 1

# What a buyer accepts. Pictures, summaries and addresses may change without asking her again.
_ACCEPTED = ("id", "title", "schedule", "products", "limits", "payment", "deliveries", "policy", "terms_html")


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
        """Give the campaign at this address."""
        return next((campaign for campaign in self.campaigns if campaign.slug == slug), None)

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
    part = {name: _plain(getattr(campaign, name)) for name in _ACCEPTED}
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
        "shop": _plain(catalogue.shop),
        "campaigns": [_plain(campaign) for campaign in catalogue.campaigns],
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
            shop=_shop(data["shop"]),
            campaigns=tuple(_campaign(item) for item in data["campaigns"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogueError(reason="shape", key=str(error)) from error
    except QrisError as error:
        raise CatalogueError(reason=error.code, key=", ".join(found.code for found in error.faults)) from error
    except CampaignError as error:
        raise CatalogueError(reason=error.code, key=str(error.fields["what"])) from error


def _plain(value: Any) -> Any:
    if isinstance(value, (OneOff, Monthly)):
        # The kind of rule is told by its name, for from_json must choose the class.
        kind = "once" if isinstance(value, OneOff) else "monthly"
        return {"kind": kind} | {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _shop(data: dict[str, Any]) -> Shop:
    return Shop(
        **{
            **data,
            "accounts": tuple(Account(**{**item, "kind": AccountKind(item["kind"])}) for item in data["accounts"]),
            "links": tuple(Link(**item) for item in data["links"]),
            "avatar": _photo(data["avatar"]),
            # A catalogue from before there was QRIS has no such key.
            "qris": QrisAccount(**data["qris"]) if data.get("qris") is not None else None,
        }
    )


def _photo(data: dict[str, Any] | None) -> Photo | None:
    if data is None:
        return None
    return Photo(**{**data, "sources": {int(width): path for width, path in data["sources"].items()}})


def _schedule(data: dict[str, Any]) -> Schedule:
    rule = data["rule"]
    zone = data["zone"]
    made: OneOff | Monthly
    if rule["kind"] == "once":
        tz = ZONES[zone]
        made = OneOff(*(datetime.fromisoformat(rule[name]).astimezone(tz) for name in ("opens_at", "closes_at")))
    else:
        made = Monthly(rule["first_day"], rule["last_day"], rule["zone"])
    after = data["ships_after"]
    return Schedule(zone, made, data["announce_days"], Days(**after) if after else None)


def _product(data: dict[str, Any]) -> Product:
    return Product(
        id=data["id"],
        name=data["name"],
        summary=data["summary"],
        variants=tuple(
            Variant(item["id"], item["name"], Rupiah(item["price"]), item["weight_g"], tuple(item["pools"]))
            for item in data["variants"]
        ),
        options=tuple(Option(**{**item, "choices": tuple(item["choices"])}) for item in data["options"]),
        photo=_photo(data["photo"]),
    )


def _campaign(data: dict[str, Any]) -> Campaign:
    payment, policy = data["payment"], data["policy"]
    return Campaign(
        **{
            **data,
            "schedule": _schedule(data["schedule"]),
            "products": tuple(_product(item) for item in data["products"]),
            "limits": Limits(**data["limits"]),
            "payment": PaymentTerms(
                **{
                    **payment,
                    "scheme": Scheme(payment["scheme"]),
                    "production_needs": Scheme(payment["production_needs"]),
                }
            ),
            "deliveries": tuple(
                Delivery(**{**item, "kind": DeliveryKind(item["kind"])}) for item in data["deliveries"]
            ),
            "policy": Policy(
                **{
                    **policy,
                    "stages": tuple(
                        CancelStage(Milestone(stage["until"]), stage["percent"], RefundBase(stage["base"]))
                        for stage in policy["stages"]
                    ),
                }
            ),
            "photos": tuple(photo for item in data["photos"] if (photo := _photo(item)) is not None),
        }
    )
