"""The seller's preview: serves what is built, reloads, rebuilds, and takes no orders."""

from __future__ import annotations

import gettext
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from storefront import preview
from storefront.builder import Job, build
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, edit, make_picture, snapshot, write

DEADLINE_S = 20.0


class Served:
    def __init__(self, port: int, version: preview.Version) -> None:
        self.port = port
        self.version = version

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def served(job: Job) -> Iterator[Served]:
    build(job, NOW)
    (job.output / ".gitkeep").write_text("", "utf-8")
    version = preview.Version()
    server = preview.make_server(job.output, 0, version, gettext.NullTranslations())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Served(server.server_port, version)
    server.shutdown()
    thread.join(DEADLINE_S)
    server.server_close()


def test_pages_are_served_with_the_script_and_files_stay_as_they_are(job: Job, served: Served) -> None:
    """The reloading script stands in what is served and never in what is published."""
    before = snapshot(job.output)
    status, headers, body = served.ask("GET", "/nastar/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert preview.SCRIPT_PATH.encode() in body
    assert served.ask("GET", preview.SCRIPT_PATH)[0] == 200
    assert snapshot(job.output) == before
    assert not any(preview.SCRIPT_PATH.encode() in data for _, data in before.values())
    assert served.ask("GET", "/catalogue.json")[2] == before["catalogue.json"][1]
    assert served.ask("HEAD", "/nastar/")[2] == b""


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../content/shop.md",
        "/%2e%2e/content/shop.md",
        "/.gitkeep",
        "/a%00b",
        "//content/shop.md",
        "/nastar/../../content/shop.md",
    ],
)
def test_only_the_site_is_served(served: Served, path: str) -> None:
    """Nothing outside the folder, nothing hidden; what is missing gets the site's own page."""
    status, _, body = served.ask("GET", path)
    assert status == 404
    assert b"<p>404</p>" in body


def test_drafts_are_shown_in_the_preview_alone(job: Job, served: Served) -> None:
    """Page, photo and place on the first page, marked as a draft; nothing of it is written into the site."""
    shown = replace(job, templates=CHECKOUT / "templates")
    text = CAMPAIGN.replace("id: nastar-lebaran", "id: bolu\ndraf: ya").replace("NST", "BLU")
    write(job.content / "campaigns" / "bolu" / "index.md", text.replace("Nastar Lebaran", "Bolu Rahasia"))
    write(job.content / "campaigns" / "bolu" / "nastar.png", make_picture(700, 500))
    plain = build(shown, NOW)
    assert plain.draft_pages == {}
    before = snapshot(job.output)
    assert served.ask("GET", "/bolu/")[0] == 404
    outcome = build(shown, NOW, show_drafts=True)
    assert snapshot(job.output) == before
    assert not any(b"Bolu Rahasia" in data for _, data in before.values())
    served.version.drafts = outcome.draft_pages
    status, headers, page = served.ask("GET", "/bolu/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'id="draft"' in page
    assert preview.SCRIPT_PATH.encode() in page
    assert served.ask("GET", "/bolu")[1]["location"] == "/bolu/"
    assert b'id="c-bolu"' in served.ask("GET", "/")[2]
    assert b'id="draft"' not in served.ask("GET", "/nastar/")[2]
    photo = next(path for path in outcome.draft_pages if path.endswith(".jpg"))
    assert served.ask("GET", f"/{photo}")[1]["content-type"] == "image/jpeg"
    assert b"bolu" not in served.ask("GET", "/catalogue.json")[2]


def test_a_folder_gets_its_slash(served: Served) -> None:
    """A redirect stays on this host."""
    assert served.ask("GET", "/nastar")[1]["location"] == "/nastar/"
    assert served.ask("GET", "//nastar")[1]["location"] == "/nastar/"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/pesan/nastar"), ("POST", "/"), ("GET", "/s/abc"), ("GET", "/pesan/nastar")]
)
def test_orders_are_pointed_to_the_shop(served: Served, method: str, path: str) -> None:
    """A form sent in the preview gets a friendly page instead of a silent loss."""
    status, _, body = served.ask(method, path, "a=1" if method == "POST" else None)
    assert status == 503
    assert b'id="start-the-shop"' in body


def test_a_page_hears_of_a_rebuild(served: Served) -> None:
    """A question for news is held until there is some."""
    seen = served.ask("GET", preview.VERSION_PATH)[2]
    heard: list[bytes] = []
    asking = threading.Thread(
        target=lambda: heard.append(served.ask("GET", f"{preview.VERSION_PATH}?seen={seen.decode()}")[2])
    )
    asking.start()
    served.version.rise()
    asking.join(DEADLINE_S)
    assert heard
    assert heard[0] != seen


def test_the_command_serves_rebuilds_and_ends(job: Job) -> None:
    """--watch --serve prints its address, survives a slip, shows what is saved, and ends at Ctrl-C."""
    edit(job.content / "shop.md", "bahasa: id", "bahasa: en")
    command = [sys.executable, os.fspath(CHECKOUT / "build.py"), "--watch", "--serve", "0", "--now", NOW.isoformat()]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=job.content.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        served = Served(int(address.rstrip("/").rpartition(":")[2]), preview.Version())
        page = job.content / "campaigns" / "nastar" / "index.md"

        def wait_for(word: bytes) -> None:
            deadline = time.monotonic() + DEADLINE_S
            while word not in served.ask("GET", "/nastar/")[2]:
                assert time.monotonic() < deadline
                threading.Event().wait(0.05)

        wait_for(b"lembut")
        edit(page, "harga: 70000", "harga: 70,000")
        edit(page, "**lembut**", "**renyah**")
        assert b"lembut" in served.ask("GET", "/nastar/")[2]
        edit(page, "harga: 70,000", "harga: 70000")
        wait_for(b"renyah")
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_S) == 0
    finally:
        process.kill()
        process.communicate()


def test_saving_rebuilds(job: Job) -> None:
    """Whatever is saved in content or templates is built again, and an unchanged folder is left alone."""
    built = threading.Semaphore(0)
    count = 0

    def rebuild() -> datetime | None:
        nonlocal count
        count += 1
        build(job, NOW)
        built.release()
        return None

    stop = threading.Event()
    watching = threading.Thread(target=preview.watch, args=(job, rebuild, stop, 0.02))
    watching.start()
    try:
        assert built.acquire(timeout=DEADLINE_S)
        edit(job.content / "campaigns" / "nastar" / "index.md", "**lembut**", "**renyah**")
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline and b"renyah" not in (job.output / "nastar" / "index.html").read_bytes():
            built.acquire(timeout=1)
        assert b"renyah" in (job.output / "nastar" / "index.html").read_bytes()
    finally:
        stop.set()
        watching.join(DEADLINE_S)
    assert 2 <= count <= 4
