"""
The site as build.py wrote it, where it shares our origin; and the templates' assets, so that live pages are styled on
any origin.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from intake.web.front import Front
from intake.web.packing import Packed, PackedFiles, is_text
from intake.web.rendering import CONTENT_TYPES, content_type, send_to

# A name with a digest of the content in it never means anything else.
_HASHED = re.compile(r"\.[0-9a-f]{8,64}\.[a-z0-9]+$")
FOREVER = "public, max-age=31536000, immutable"
# Pages and the catalogue change under one name: ask each time, and mostly hear "not modified".
CHECK_FIRST = "no-cache"


class ShopPages:
    """Everything below / that no other page claims."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._site = Path(front.settings.site).absolute()
        self._texts = PackedFiles()
        # The stylesheet of each theme that is still asked for, and the few things beside it.
        self._pack = lru_cache(maxsize=64)(Packed.of)

    def register(self, app: Flask) -> None:
        """Give the app these pages."""
        app.add_url_rule("/", "site_home", self.serve, methods=["GET"], defaults={"path": ""})
        app.add_url_rule("/<path:path>", "site", self.serve, methods=["GET"])

    def serve(self, path: str) -> Response:
        """GET: a file of the site, else one of our assets, else the site's own 404."""
        if self._front.one_origin:
            # The site has a page there that leads on; this is faster, and what shows a link's preview follows it.
            if moved := self._front.new_address(path.removesuffix("/")):
                return _moved(f"/{moved}/", 301)
            found = self._find(path)
            if found is not None:
                return self._send(found)
            if path and not path.endswith("/") and self._find(path + "/") is not None:
                # Relative to our own root; the path was found in the site, so it is no other host.
                return _moved(f"/{path}/", 308)
        elif not path:
            return _moved(f"{self._front.settings.site_url}/", 302)
        content = self._front.pages.asset(self._front.shop(), f"/{path}")
        if content is not None:
            response = self._pack(content).respond(content_type(path))
            response.headers["Cache-Control"] = FOREVER
            return response
        return self._missing()

    def _find(self, path: str) -> Path | None:
        # Names that begin with a dot are the build's own affair.
        if "\0" in path or "\\" in path or any(part.startswith(".") for part in path.split("/")):
            return None
        joined = safe_join(str(self._site), path + "index.html" if path.endswith("/") or not path else path)
        if joined is None:
            return None
        found = Path(joined)
        try:
            inside = found.is_file() and found.resolve().is_relative_to(self._site.resolve())
        except OSError:
            # A name longer than the file system knows.
            return None
        return found if inside else None

    def _send(self, found: Path) -> Response:
        kind = content_type(found.name)
        if is_text(kind):
            response = self._texts.read(found).respond(kind)
        else:
            response = send_file(found, mimetype=kind, conditional=True, etag=True)
            # With the charset that send_file would leave to the reader.
            response.headers["Content-Type"] = kind
        response.headers["Cache-Control"] = FOREVER if _HASHED.search(found.name) else CHECK_FIRST
        return response

    def _missing(self) -> Response:
        page = self._find("404.html") if self._front.one_origin else None
        if page is None:
            raise NotFound
        response = Response(page.read_bytes(), 404, content_type=CONTENT_TYPES[".html"])
        response.headers["Cache-Control"] = CHECK_FIRST
        return response


def _moved(location: str, status: int) -> Response:
    response = send_to(location, status)
    response.headers["Cache-Control"] = CHECK_FIRST
    return response
