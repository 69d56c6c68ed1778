"""What is published now: the catalogue, read again when it changes, from a file or over HTTPS."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Protocol

from intake.settings import Settings
from preorder.catalogue import Catalogue, CatalogueError, from_json
from preorder.errors import PreorderError

log = logging.getLogger(__name__)

# A catalogue of a thousand campaigns has a few megabytes; more is not ours.
LARGEST = 32 * 1024 * 1024
LOOK_EVERY_S = 0.05
POLL_S = 15.0
# However many orders ask for a newer one.
REFRESH_S = 1.0
TIMEOUT_S = 10.0


class CatalogueUnavailable(PreorderError):
    """Nothing is published, or what is there can't be read and no earlier one is known. Fields: where, reason."""

    code = "catalogue_unavailable"


class CatalogueSource(Protocol):
    """Where the order desk learns what can be ordered."""

    def current(self) -> Catalogue:
        """
        Give what is published now.

        Raises:
            CatalogueUnavailable: nothing is.
        """
        ...

    def refresh(self) -> Catalogue:
        """Give what is published now, having looked for a newer one if the last look wasn't just now."""
        ...


def open_source(where: str, kept: Path) -> CatalogueSource:
    """
    Give the source for a path or an http(s) address.

    Args:
        kept: where a copy of the last good remote catalogue is kept over restarts.
    """
    if where.startswith(("http://", "https://")):
        return RemoteCatalogue(where, kept)
    return FileCatalogue(Path(where))


def lacks_pages(settings: Settings) -> bool:
    """Say whether whoever opens the shop's address would find nothing, as far as the shop itself is to serve it."""
    # os.path: where we may not look, there is none for us either.
    return settings.one_origin and not os.path.isfile(settings.site / "index.html")  # noqa: PTH113  Path.is_file() raises there


class FileCatalogue:
    """
    A catalogue.json beside us: read only when it changed.

    Args:
        look_every_s: how often at most the file's stamp is looked at. A thousand requests a second need not ask the
            disk a thousand times, and each time let others in before them.
    """

    def __init__(self, path: Path, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._path = path
        self._look_every_s = look_every_s
        self._look_at = float("-inf")
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._catalogue: Catalogue | None = None

    def current(self) -> Catalogue:
        """Give what is published now; while a new file can't be read, the last good one."""
        now = time.monotonic()
        if now < self._look_at and self._catalogue is not None:
            return self._catalogue
        self._look_at = now + self._look_every_s
        try:
            found = os.stat(self._path)
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError as error:
            # build.py replaces the file atomically, so it is never missing for a moment; but a folder may be cleaned
            # while we run.
            if self._catalogue is not None:
                return self._catalogue
            raise CatalogueUnavailable(where=str(self._path), reason=type(error).__name__) from error
        if stamp != self._stamp or self._catalogue is None:
            with self._lock:
                if stamp != self._stamp or self._catalogue is None:
                    self._read(stamp)
        if self._catalogue is None:
            raise CatalogueUnavailable(where=str(self._path), reason="unreadable")
        return self._catalogue

    def refresh(self) -> Catalogue:
        """Give what is published now, looking at the file."""
        self._look_at = float("-inf")
        return self.current()

    def _read(self, stamp: tuple[int, int, int]) -> None:
        try:
            catalogue = from_json(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, CatalogueError) as error:
            log.error("catalogue %s can't be read, the last good one stays: %s", self._path, error)
        else:
            self._catalogue = catalogue
            log.info("catalogue revision %s, %s campaigns", catalogue.revision, len(catalogue.campaigns))
        # Remembered in either case: a broken file is read once, not at each request.
        self._stamp = stamp


class RemoteCatalogue:
    """A catalogue on a static host, asked for every POLL_S seconds with its ETag. Its revision may only rise."""

    def __init__(self, url: str, kept: Path, *, poll_s: float = POLL_S) -> None:
        self._url = url
        self._kept = kept
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._etag = ""
        self._next_at = 0.0
        self._looked_at = float("-inf")
        self._catalogue: Catalogue | None = None

    def current(self) -> Catalogue:
        """
        Give what was published at the last look; one caller in POLL_S seconds looks again, the others do not wait for
        it.
        """
        if time.monotonic() >= self._next_at and self._lock.acquire(blocking=self._catalogue is None):
            try:
                if time.monotonic() >= self._next_at:
                    self._poll()
                    self._next_at = time.monotonic() + self._poll_s
            finally:
                self._lock.release()
        if self._catalogue is None:
            raise CatalogueUnavailable(where=self._url, reason="unreachable")
        return self._catalogue

    def refresh(self) -> Catalogue:
        """Give what is published now, looking for it unless that was done within the last second."""
        with self._lock:
            self._next_at = min(self._next_at, max(time.monotonic(), self._looked_at + REFRESH_S))
        return self.current()

    def _poll(self) -> None:
        self._looked_at = time.monotonic()
        if self._catalogue is None:
            self._use_kept()
        request = urllib.request.Request(self._url, headers={"If-None-Match": self._etag} if self._etag else {})  # noqa: S310  open_source checked it
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                body = answer.read(LARGEST + 1)
                etag = answer.headers.get("ETag", "")
            if len(body) > LARGEST:
                raise CatalogueError(reason="too_large", limit=LARGEST)
            catalogue = from_json(json.loads(body))
        except urllib.error.HTTPError as error:
            if error.code != 304:
                log.warning("catalogue %s answered %s, the last good one stays", self._url, error.code)
            return
        except (OSError, ValueError, CatalogueError) as error:
            log.warning("catalogue %s can't be read, the last good one stays: %s", self._url, error)
            return
        if self._catalogue is not None and catalogue.revision < self._catalogue.revision:
            # A cache on the way has answered with an old copy.
            log.warning(
                "catalogue %s fell back from revision %s to %s: ignored",
                self._url,
                self._catalogue.revision,
                catalogue.revision,
            )
            return
        if self._catalogue is None or catalogue.revision > self._catalogue.revision:
            replacement = self._kept.with_suffix(".new")
            replacement.write_bytes(body)
            os.replace(replacement, self._kept)
            log.info("catalogue revision %s, %s campaigns", catalogue.revision, len(catalogue.campaigns))
        self._catalogue, self._etag = catalogue, etag

    def _use_kept(self) -> None:
        try:
            self._catalogue = from_json(json.loads(self._kept.read_bytes()))
        except FileNotFoundError:
            return
        except (OSError, ValueError, CatalogueError) as error:
            log.warning("the kept copy of the catalogue can't be read: %s", error)
