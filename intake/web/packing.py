"""
Answers made smaller on their way: gzip for whoever takes it. Files are packed once and kept, pages as they are made.

An answer may give away by its length what is in it, where somebody else can choose a part of it, again and again, and have
it asked for in a buyer's name (BREACH). Here nobody can: see docs/decisions/0013-packed-answers.md.
"""

from __future__ import annotations

import hashlib
import os
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Request, Response, request

# Below this a packed answer needs as many packets as a plain one.
LEAST = 1_000
# A page is made for one buyer, so the seconds that packing takes count; a file is packed once.
PAGE_LEVEL, FILE_LEVEL = 1, 9
# Of all files kept, plain and packed.
KEPT_BYTES = 32 * 1024 * 1024
_TEXT = ("text/", "application/json", "application/manifest+json", "application/xml", "image/svg+xml")
# zlib's word for gzip, with its largest window.
_GZIP = 16 + zlib.MAX_WBITS


def is_text(content_type: str) -> bool:
    """Say whether answers of this type become smaller; pictures are packed already."""
    return content_type.startswith(_TEXT)


def takes_packed(asked: Request) -> bool:
    """Say whether a browser takes gzip. A part of a file is always of the plain one."""
    return asked.accept_encodings["gzip"] > 0 and "Range" not in asked.headers


def pack(content: bytes, level: int) -> bytes:
    """Give content as gzip; the same bytes each time."""
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return packer.compress(content) + packer.flush()


def pack_page(response: Response) -> Response:
    """Pack what a page of ours has made; for Flask's after_request."""
    headers = response.headers
    if response.direct_passthrough or response.is_streamed or not is_text(headers.get("Content-Type", "")):
        return response
    response.vary.add("Accept-Encoding")
    if "Content-Encoding" in headers or "ETag" in headers or not takes_packed(request):
        return response
    plain = response.get_data()
    if len(plain) >= LEAST:
        response.set_data(pack(plain, PAGE_LEVEL))
        headers["Content-Encoding"] = "gzip"
    return response


@dataclass(frozen=True)
class Packed:
    """
    A file's content in both forms.

    Attributes:
        packed: as gzip; None where that is not worth it.
        etag: of the plain one; the packed one has another, for its bytes are others.
        modified: seconds since the epoch; None for what is no file.
    """

    plain: bytes
    packed: bytes | None
    etag: str
    modified: float | None = None

    @classmethod
    def of(cls, content: bytes, modified: float | None = None) -> Packed:
        """Pack content."""
        packed = pack(content, FILE_LEVEL) if len(content) >= LEAST else None
        smaller = packed if packed is not None and len(packed) < len(content) else None
        return cls(content, smaller, hashlib.sha256(content).hexdigest()[:20], modified)

    @property
    def size(self) -> int:
        """Give how many bytes it takes."""
        return len(self.plain) + len(self.packed or b"")

    def respond(self, content_type: str) -> Response:
        """Give it as the browser that asks takes it, or "not modified"."""
        packed = self.packed if takes_packed(request) else None
        response = Response(self.plain if packed is None else packed, content_type=content_type)
        response.vary.add("Accept-Encoding")
        if packed is not None:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(self.etag if packed is None else f"{self.etag}-gzip")
        if self.modified is not None:
            response.last_modified = datetime.fromtimestamp(self.modified, UTC)
        response.make_conditional(request)
        return response


class PackedFiles:
    """The text files that were asked for last, read and packed once for as long as they stay what they are."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[Path, tuple[tuple[int, int, int], Packed]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def read(self, path: Path) -> Packed:
        """
        Give a file as it is now.

        Raises:
            OSError: it can't be read.
        """
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            # A build puts another file in its place, so another of these is another content.
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            with self._lock:
                known = self._kept.get(path)
                if known is not None and known[0] == stamp:
                    self._kept.move_to_end(path)
                    return known[1]
            # Outside of the lock: who asks for something else need not wait for it.
            fresh = Packed.of(file.read(), stat.st_mtime)
        with self._lock:
            self._forget(path)
            if fresh.size <= self._most:
                self._kept[path] = (stamp, fresh)
                self._size += fresh.size
            while self._size > self._most:
                self._forget(next(iter(self._kept)))
        return fresh

    def _forget(self, path: Path) -> None:
        known = self._kept.pop(path, None)
        if known is not None:
            self._size -= known[1].size
