"""What is published: from a file beside us or over HTTP, never worse than the last good copy."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from intake.published import CatalogueUnavailable, FileCatalogue, RemoteCatalogue, open_source
from preorder.catalogue import Catalogue, to_json
from tests.intake.ledger.desks import until
from tests.makers import make_catalogue


def write(path: Path, catalogue: Catalogue) -> None:
    """Publish as build.py does: whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(to_json(catalogue)), encoding="utf-8")
    os.replace(fresh, path)


def test_a_changed_file_is_read_within_a_moment(tmp_path: Path) -> None:
    """Nothing has to be restarted after a build, and who asks for the newest gets it at once."""
    path = tmp_path / "catalogue.json"
    write(path, make_catalogue(revision=1))
    source = open_source(str(path), tmp_path / "kept")
    assert isinstance(source, FileCatalogue)
    first = source.current()
    assert source.current() is first
    write(path, make_catalogue(revision=2, name="Lain"))
    assert source.refresh().shop.name == "Lain"
    write(path, make_catalogue(revision=3))
    until(lambda: source.current().revision == 3)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 9}', b"\xff\xfe"])
def test_a_broken_file_leaves_the_last_good_one(tmp_path: Path, content: bytes) -> None:
    """And so does one that is gone."""
    path = tmp_path / "catalogue.json"
    write(path, make_catalogue(revision=1))
    source = FileCatalogue(path, look_every_s=0)
    source.current()
    path.write_bytes(content)
    assert source.current().revision == 1
    path.unlink()
    assert source.current().revision == 1
    with pytest.raises(CatalogueUnavailable):
        FileCatalogue(path).current()


def test_a_broken_file_from_the_start_is_said(tmp_path: Path) -> None:
    """With no earlier one there is nothing to order."""
    path = tmp_path / "catalogue.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CatalogueUnavailable):
        FileCatalogue(path).current()


@dataclass
class StaticHost:
    """A host that serves one catalogue with an ETag, and can fail."""

    url: str = ""
    body: bytes = b""
    etag: str = '"1"'
    status: int = 200
    asked: list[str | None] = field(default_factory=list)

    def publish(self, catalogue: Catalogue, etag: str) -> None:
        self.body, self.etag = json.dumps(to_json(catalogue)).encode(), etag


@pytest.fixture
def host() -> Iterator[StaticHost]:
    """A real HTTP server on this machine."""
    served = StaticHost()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match")
            served.asked.append(known)
            if served.status != 200:
                self.send_error(served.status)
                return
            fresh = known != served.etag
            self.send_response(200 if fresh else 304)
            self.send_header("ETag", served.etag)
            self.end_headers()
            if fresh:
                self.wfile.write(served.body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/catalogue.json"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


def test_a_remote_catalogue_is_asked_for_with_its_etag(host: StaticHost, tmp_path: Path) -> None:
    """A poll costs a 304; a change is taken over."""
    host.publish(make_catalogue(revision=5), '"5"')
    source = RemoteCatalogue(host.url, tmp_path / "kept.json", poll_s=0)
    assert [source.current().revision for _ in range(3)] == [5, 5, 5]
    assert host.asked == [None, '"5"', '"5"']
    host.publish(make_catalogue(revision=6), '"6"')
    assert source.current().revision == 6


def test_between_polls_nobody_waits_for_the_host(host: StaticHost, tmp_path: Path) -> None:
    """The next look is fifteen seconds away."""
    host.publish(make_catalogue(revision=5), '"5"')
    source = RemoteCatalogue(host.url, tmp_path / "kept.json")
    for _ in range(20):
        source.current()
    assert len(host.asked) == 1


def test_a_revision_never_falls(host: StaticHost, tmp_path: Path) -> None:
    """An old copy from a cache on the way is ignored."""
    host.publish(make_catalogue(revision=5), '"5"')
    source = RemoteCatalogue(host.url, tmp_path / "kept.json", poll_s=0)
    source.current()
    host.publish(make_catalogue(revision=4, name="Lama"), '"4"')
    assert (source.current().revision, source.current().shop.name) == (5, "Dapur Contoh")


@pytest.mark.parametrize("trouble", ["status", "garbage"])
def test_a_host_in_trouble_leaves_the_last_good_one_also_after_a_restart(
    host: StaticHost, tmp_path: Path, trouble: str
) -> None:
    """The kept copy serves until the host answers again."""
    host.publish(make_catalogue(revision=5), '"5"')
    kept = tmp_path / "kept.json"
    source = RemoteCatalogue(host.url, kept, poll_s=0)
    source.current()
    if trouble == "status":
        host.status = 503
    else:
        host.body, host.etag = b"<html>sorry", '"x"'
    assert source.current().revision == 5
    assert RemoteCatalogue(host.url, kept, poll_s=0).current().revision == 5
    with pytest.raises(CatalogueUnavailable):
        RemoteCatalogue(host.url, tmp_path / "other.json", poll_s=0).current()
