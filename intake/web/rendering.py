"""Jinja2 for the live pages, set up as the storefront sets up its own: the same partials, filters and names."""

from __future__ import annotations

import gettext
import mimetypes
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from intake.language import translations
from preorder import wording
from preorder.campaign import MAX_QTY, Shop
from preorder.catalogue import asset_path
from preorder.contact import PROVINCES, show_phone, whatsapp_link
from preorder.order import slots
from preorder.schedule import ZONES

# Ours, and not the system's table: on Windows the registry calls a script text/plain, and nosniff would then keep it
# from running.
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
}

# What the live pages are made of, for compiling them before the first buyer comes.
LIVE_TEMPLATES = (
    *(f"intake/{name}.html" for name in ("order", "review", "closed", "sold_out", "status", "error")),
    *(f"partials/{name}.html" for name in ("order_form", "bits", "icons")),
    "base.html",
)


def content_type(name: str) -> str:
    """Give the Content-Type of a file by its ending."""
    ending = Path(name).suffix.lower()
    return CONTENT_TYPES.get(ending) or mimetypes.types_map.get(ending) or "application/octet-stream"


def send_to(location: str, status: int = 303) -> Response:
    """
    Give a redirect, by default one after which a reload repeats nothing. Without a body: nobody reads it, and it would
    need words.
    """
    response = Response(status=status)
    response.headers["Location"] = location
    del response.headers["Content-Type"]
    return response


@dataclass(frozen=True)
class Assets:
    """
    Stylesheets, scripts and icons of the templates, read once: a page that was made before an update finds what it was
    made with.

    Attributes:
        paths: name -> address.
        contents: address -> bytes.
    """

    paths: Mapping[str, str]
    contents: Mapping[str, bytes]

    @classmethod
    def read(cls, folder: Path) -> Assets:
        """Read a folder; an absent one has none."""
        found = {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}
        paths = {name: asset_path(name, content) for name, content in found.items()}
        return cls(paths, {paths[name]: content for name, content in found.items()})


class Pages:
    """
    Renders the live pages in the shop's language.

    Args:
        templates: the folder of templates and translations.
        site_url, intake_url: as in Settings.
    """

    def __init__(self, templates: Path, *, site_url: str, intake_url: str) -> None:
        self._templates = templates
        self._urls = {"site_url": site_url, "intake_url": intake_url}
        # Compiled templates live as long as the shop's own data stays what it is.
        self._made: tuple[Shop, Environment] | None = None
        self._making = threading.Lock()
        self.assets = Assets.read(templates / "assets")

    def gettext(self, shop: Shop) -> Callable[[str], str]:
        """Give the function that translates a sentence into the shop's language."""
        return translations(self._templates, shop.language).gettext

    def respond(self, shop: Shop, template: str, status: int = 200, **context: Any) -> Response:
        """Give a live page: never indexed, and kept by the buyer's own browser only, for its Back button."""
        html = self._environment(shop).get_template(template).render(page_class="live", **context)
        response = Response(html, status, content_type=CONTENT_TYPES[".html"])
        # With no-store, Back from the placed order to its review is an error page; a reload of that makes a new review,
        # and perhaps a second order.
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def warm_up(self, shop: Shop) -> None:
        """Compile the templates now, so that the first buyers don't wait for it all at once."""
        self._environment(shop)

    def _environment(self, shop: Shop) -> Environment:
        made = self._made
        if made is None or (made[0] is not shop and made[0] != shop):
            with self._making:
                made = self._made
                if made is None or made[0] != shop:
                    made = self._made = (shop, self._make(shop))
        return made[1]

    def _make(self, shop: Shop) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        translation: gettext.NullTranslations = translations(self._templates, shop.language)
        # Added to the class by the extension, so its types don't know it.
        environment.install_gettext_translations(translation, newstyle=True)  # type: ignore[attr-defined]
        environment.filters.update(_filters(shop))
        environment.globals.update(
            shop=shop,
            lang=shop.language,
            asset=self.assets.paths.__getitem__,
            slots=slots,
            MAX_QTY=MAX_QTY,
            provinces=PROVINCES,
            status_labels=wording.STATUS_LABELS[shop.language],
            payment_labels=wording.PAYMENT_LABELS[shop.language],
            **self._urls,
        )
        for template in LIVE_TEMPLATES:
            environment.get_template(template)
        return environment


def _filters(shop: Shop) -> dict[str, Callable[..., str]]:
    language, zone = shop.language, shop.zone

    def date_range(days: tuple[date, date]) -> str:
        return wording.show_date_range(days[0], days[1], language)

    def iso(instant: datetime) -> str:
        return instant.astimezone(ZONES[zone]).isoformat()

    return {
        "rupiah": wording.show_rupiah,
        "date": partial(wording.show_date, language=language),
        "short_date": partial(wording.show_short_date, language=language),
        "instant": partial(wording.show_instant, zone=zone, language=language),
        "end": partial(wording.show_end, zone=zone, language=language),
        "clock": partial(wording.show_time, zone=zone, language=language),
        "date_range": date_range,
        "phone": show_phone,
        "wa": whatsapp_link,
        "iso": iso,
    }
