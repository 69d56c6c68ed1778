"""Jinja2 for the live pages, set up as the storefront sets up its own: the same partials, filters and names."""

from __future__ import annotations

import mimetypes
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from intake.language import translations
from intake.web.translated import TranslatedEnvironment
from preorder import wording
from preorder.catalogue import asset_path
from preorder.contact import PROVINCES, show_phone, whatsapp_link
from preorder.order import slots
from preorder.pricing import specials_of
from preorder.product import MAX_QTY
from preorder.quota import few_of, is_sold_out, left_of
from preorder.schedule import ZONES
from preorder.shop import Shop
from preorder.stylesheet import data_uri, dress
from preorder.theme import Theme

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

LIVE_HEADERS = (
    ("Content-Type", CONTENT_TYPES[".html"]),
    # With no-store, Back from the placed order to its review is an error page; a reload of that makes a new review, and
    # perhaps a second order.
    ("Cache-Control", "private, no-cache"),
    ("X-Robots-Tag", "noindex"),
)

# Assets of earlier themes that are kept; a page is seldom older than a few changes.
MOST_WORN = 32

# Pages whose frame is rendered once for each shop; see Pages.respond_framed.
FRAMED = ("review",)

# Macros that a page has without an import.
_GIVEN_MACROS = {
    "partials/icons.html": ("icon",),
    "partials/bits.html": ("batch_words", "bonus_name", "carried", "code_words", "method_words", "moment", "rest_line"),
    "partials/texts.html": ("text",),
}

# What the live pages are made of, for compiling them before the first buyer comes.
LIVE_TEMPLATES = (
    *(
        f"intake/{name}.html"
        for name in (
            "order",
            "review",
            "review_main",
            "closed",
            "sold_out",
            "status",
            "changes",
            "error",
            "enquiry",
            "enquiry_form",
        )
    ),
    *(f"partials/{name}.html" for name in ("order_form", "fields", "bits", "fees", "icons", "timeline")),
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
    Stylesheets, scripts and icons in the colours of a theme.

    Attributes:
        paths: name -> address.
        contents: address -> bytes.
        icon_uri: the sign of the tab as an address that holds it; an empty one where the templates have none.
    """

    paths: Mapping[str, str]
    contents: Mapping[str, bytes]
    icon_uri: str

    @classmethod
    def of(cls, found: Mapping[str, bytes], theme: Theme) -> Assets:
        """Dress what lies in templates/assets."""
        dressed = dress(found, theme)
        paths = {name: asset_path(name, content) for name, content in dressed.items()}
        icon = data_uri(dressed["icon.svg"]) if "icon.svg" in dressed else "data:,"
        return cls(paths, {paths[name]: content for name, content in dressed.items()}, icon)


@dataclass(frozen=True)
class _Frame:
    """A page around the template of its main part."""

    before: str
    main: Template
    after: str


@dataclass(frozen=True)
class _Made:
    """
    What is made once for a shop.

    Attributes:
        assets: what its pages are dressed in.
        known: what every page knows, by name.
        frames: by the names of FRAMED.
    """

    shop: Shop
    assets: Assets
    environment: Environment
    known: dict[str, Any]
    frames: Mapping[str, _Frame]


def _frame(environment: Environment, name: str) -> _Frame:
    # No text of a shop holds it, for nobody knows it before.
    cut = secrets.token_hex(16)
    before, _, after = (
        environment.get_template(f"intake/{name}.html").render(page_class="live", main=cut).partition(cut)
    )
    return _Frame(before, environment.get_template(f"intake/{name}_main.html"), after)


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
        self._made: _Made | None = None
        self._making = threading.Lock()
        # Read once: a page that was made before an update finds what it was made with. An absent folder has none.
        self._files = {
            path.name: path.read_bytes() for path in sorted((templates / "assets").glob("*")) if path.is_file()
        }
        # What the pages of earlier themes still ask for, by address; the oldest goes first.
        self._worn: dict[str, bytes] = {}

    def gettext(self, shop: Shop) -> Callable[[str], str]:
        """Give the function that translates a sentence into the shop's language."""
        return translations(self._templates, shop.language, shop.salutation).gettext

    def respond(self, shop: Shop, template: str, status: int = 200, **context: Any) -> Response:
        """Give a live page: never indexed, and kept by the buyer's own browser only, for its Back button."""
        html = self._made_for(shop).environment.get_template(template).render(page_class="live", **context)
        return self._live(html, status)

    def respond_framed(self, shop: Shop, name: str, status: int, **context: Any) -> Response:
        """
        Give a live page as respond does, for the pages that nobody may wait for.

        Args:
            name: of two templates. intake/<name>.html is the page around; it knows the shop alone, never what is in
                context, and is rendered once. intake/<name>_main.html is what stands within it.
        """
        made = self._made_for(shop)
        frame = made.frames[name]
        # As render() does it, which would gather all that every page knows anew for each.
        main = "".join(frame.main.root_render_func(frame.main.new_context(made.known | context, shared=True)))
        return self._live(f"{frame.before}{main}{frame.after}", status)

    def asset(self, shop: Shop, path: str) -> bytes | None:
        """Give the asset at this address; None where there was never one in this process."""
        content = self._made_for(shop).assets.contents.get(path)
        return self._worn.get(path) if content is None else content

    def _live(self, html: str, status: int) -> Response:
        return Response(html, status, LIVE_HEADERS)

    def warm_up(self, shop: Shop) -> None:
        """Compile the templates now, so that the first buyers don't wait for it all at once."""
        self._made_for(shop)

    def _made_for(self, shop: Shop) -> _Made:
        made = self._made
        if made is None or (made.shop is not shop and made.shop != shop):
            with self._making:
                made = self._made
                if made is None or made.shop != shop:
                    assets = Assets.of(self._files, shop.theme)
                    environment = self._make(shop, assets)
                    frames = {name: _frame(environment, name) for name in FRAMED}
                    if made is not None:
                        self._put_away(made.assets)
                    made = self._made = _Made(shop, assets, environment, dict(environment.globals), frames)
        return made

    def _put_away(self, assets: Assets) -> None:
        worn = {path: data for path, data in self._worn.items() if path not in assets.contents} | dict(assets.contents)
        self._worn = dict(list(worn.items())[-MOST_WORN:])

    def _make(self, shop: Shop, assets: Assets) -> Environment:
        environment = TranslatedEnvironment(
            loader=FileSystemLoader(self._templates),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.use(translations(self._templates, shop.language, shop.salutation), shop.zone)
        environment.filters.update(_filters(shop))
        environment.globals.update(
            shop=shop,
            lang=shop.language,
            asset=assets.paths.__getitem__,
            icon_uri=assets.icon_uri,
            slots=slots,
            few_of=few_of,
            left_of=left_of,
            specials_of=specials_of,
            is_sold_out=is_sold_out,
            MAX_QTY=MAX_QTY,
            provinces=PROVINCES,
            status_labels=wording.STATUS_LABELS[shop.language],
            payment_labels=wording.PAYMENT_LABELS[shop.language],
            **self._urls,
        )
        for template, macros in _GIVEN_MACROS.items():
            module = environment.get_template(template).module
            environment.globals.update({name: getattr(module, name) for name in macros})
        for template in LIVE_TEMPLATES:
            environment.get_template(template)
        return environment


def _filters(shop: Shop) -> dict[str, Callable[..., object]]:
    language, zone = shop.language, shop.zone

    def date_range(days: tuple[date, date]) -> str:
        return wording.show_date_range(days[0], days[1], language)

    def date_parts(days: tuple[date, date]) -> tuple[str, str, str]:
        return wording.date_range_parts(days[0], days[1], language)

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
        "date_parts": date_parts,
        "phone": show_phone,
        "channel": partial(wording.show_channel, language=language),
        "wa": whatsapp_link,
        "iso": iso,
    }
