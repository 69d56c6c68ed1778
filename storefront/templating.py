"""
The template environment of the static pages. The order desk's has the same filters and globals, so that both share
partials.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket

from preorder import wording
from preorder.catalogue import asset_path
from preorder.contact import PROVINCES, show_phone, whatsapp_link
from preorder.order import slots
from preorder.pricing import specials_of
from preorder.product import MAX_QTY
from preorder.quota import few_in, few_of, left_of, shared_pools
from preorder.schedule import ZONES
from preorder.shop import Shop
from preorder.stylesheet import data_uri, dress
from preorder.theme import Theme
from storefront.language import translations


def read_assets(templates: Path, theme: Theme) -> dict[str, bytes]:
    """Give the stylesheets, scripts and icons by their name below templates/assets, in the colours of a theme."""
    folder = templates / "assets"
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }
    return dress(found, theme)


class _Compiled(BytecodeCache):
    """What templates have been compiled to in this process: of each build that a change brings about, most would be that."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._found.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._found[bucket.key] = bucket.checksum, bucket.code


@cache
def _compiled(_language: str, _zone: str) -> _Compiled:
    """Give what has been compiled with these filters: what they make of a constant is part of it."""
    return _Compiled()


def make_environment(
    templates: Path, shop: Shop, assets: dict[str, bytes], site_url: str, intake_url: str
) -> Environment:
    """
    Give an environment in the shop's language and zone.

    Args:
        assets: of read_assets().
        site_url, intake_url: origins without a slash at the end, "" for the same origin.
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled(shop.language, shop.zone),
    )
    translation = translations(templates, shop.language, shop.salutation)
    environment.install_gettext_translations(translation, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(_filters(shop.language, shop.zone))
    addresses = {name: asset_path(name, content) for name, content in assets.items()}
    environment.globals.update(
        shop=shop,
        lang=shop.language,
        site_url=site_url,
        intake_url=intake_url,
        asset=addresses.__getitem__,
        icon_uri=data_uri(assets["icon.svg"]) if "icon.svg" in assets else "data:,",
        slots=slots,
        few_in=few_in,
        few_of=few_of,
        left_of=left_of,
        shared_pools=shared_pools,
        specials_of=specials_of,
        MAX_QTY=MAX_QTY,
        provinces=PROVINCES,
        status_labels=wording.STATUS_LABELS[shop.language],
        payment_labels=wording.PAYMENT_LABELS[shop.language],
    )
    return environment


def _filters(language: str, zone: str) -> dict[str, Callable[..., Any]]:
    def day_of(value: date) -> date:
        return value.astimezone(ZONES[zone]).date() if isinstance(value, datetime) else value

    return {
        "rupiah": wording.show_rupiah,
        "date": lambda value: wording.show_date(day_of(value), language),
        "short_date": lambda value: wording.show_short_date(day_of(value), language),
        "date_range": lambda pair: wording.show_date_range(day_of(pair[0]), day_of(pair[1]), language),
        "date_parts": lambda pair: wording.date_range_parts(pair[0], pair[1], language),
        "instant": lambda value: wording.show_instant(value, zone, language),
        "end": lambda value: wording.show_end(value, zone, language),
        "clock": lambda value: wording.show_time(value, zone, language),
        "phone": show_phone,
        "channel": lambda value: wording.show_channel(value, language),
        "wa": whatsapp_link,
        "iso": lambda value: value.astimezone(ZONES[zone]).isoformat(),
    }
