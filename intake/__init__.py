"""The order desk. Flask is imported when an app is made, so that the parts without pages start fast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from intake.published import CatalogueSource
    from intake.settings import Settings
    from intake.web.front import Desk


def create_app() -> Flask:
    """
    Give what `flask --app intake` needs: an app with the shop's commands. Pages come with a ledger: see build_app.
    """
    from flask import Flask

    from intake import cli

    app = Flask(__name__, static_folder=None)
    cli.register(app)
    return app


def build_app(
    settings: Settings, catalogue: CatalogueSource, desk: Desk, *, secret_key: bytes, clock: Callable[[], datetime]
) -> Flask:
    """
    Give the pages of the order desk as a WSGI app.

    Args:
        catalogue: what can be ordered.
        desk: what stores and finds orders.
        secret_key: signs the review tokens.
        clock: the time now, aware; the only clock of the pages.
    """
    from intake.web.app import make_app

    return make_app(settings, catalogue, desk, secret_key=secret_key, clock=clock)
