"""The pages put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask

from intake.published import CatalogueSource
from intake.settings import Settings
from intake.web import errors
from intake.web.enquiry_pages import EnquiryPages
from intake.web.front import Desk, Front
from intake.web.health import HealthPages
from intake.web.orders import OrderPages
from intake.web.packing import pack_page
from intake.web.posted import LARGEST_BODY
from intake.web.rendering import Pages
from intake.web.security import Gate, NoSessions
from intake.web.shop_pages import ShopPages
from intake.web.status import StatusPages
from intake.web.token import ReviewTokens


class ShopApp(Flask):
    """Flask, knowing that every function of ours is an ordinary one: it would look at each of them for each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function itself."""
        return func


def make_app(
    settings: Settings, catalogue: CatalogueSource, desk: Desk, *, secret_key: bytes, clock: Callable[[], datetime]
) -> Flask:
    """Give the WSGI app; see intake.build_app."""
    app = ShopApp("intake", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.session_interface = NoSessions()
    # "//host/" is refused, not made into a redirect.
    app.url_map.merge_slashes = False

    front = Front(
        settings=settings,
        catalogue=catalogue,
        desk=desk,
        clock=clock,
        tokens=ReviewTokens(secret_key),
        pages=Pages(settings.templates, site_url=settings.site_url, intake_url=settings.intake_url),
    )
    front.pages.warm_up(front.shop())
    gate = Gate(settings)
    app.before_request(gate.check)
    app.after_request(gate.seal)
    app.after_request(pack_page)
    for pages in (OrderPages(front), StatusPages(front), EnquiryPages(front), HealthPages(front), ShopPages(front)):
        pages.register(app)
    errors.register(app, front)
    return app
