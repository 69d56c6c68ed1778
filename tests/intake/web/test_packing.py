"""Answers are packed for whoever takes it, and are the same for everybody else."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.web.packing import LEAST, Packed, PackedFiles, pack
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields, open_world

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
LONG = b"<h1>Nastar</h1>" + b"<p>Kue kering isi nanas</p>" * 200
FILES = {
    "index.html": LONG,
    "404.html": LONG,
    "short/index.html": b"<h1>Singkat</h1>",
    "assets/own.css": b"p{color:red}" * 200,
    "assets/noise.txt": os.urandom(4_000),
    "assets/photo.jpg": b"\xff\xd8" + bytes(4_000),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A shop on one origin, with a built site."""
    with open_world(tmp_path_factory.mktemp("packed")) as opened:
        for name, content in FILES.items():
            path = opened.settings.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield opened


@pytest.mark.parametrize(
    ("path", "name", "status", "packed"),
    [
        ("/", "index.html", 200, True),
        ("/assets/own.css", "assets/own.css", 200, True),
        ("/tidak/ada", "404.html", 404, True),
        ("/short/", "short/index.html", 200, False),
        ("/assets/noise.txt", "assets/noise.txt", 200, False),
        ("/assets/photo.jpg", "assets/photo.jpg", 200, False),
    ],
)
def test_files_are_packed_where_that_makes_them_smaller(
    world: World, path: str, name: str, status: int, packed: bool
) -> None:
    """Text of some length; neither pictures nor what would only grow. Unpacked it is the file, byte by byte."""
    with world.client.get(path, headers=GZIP) as response:
        assert response.status_code == status
        assert response.headers.get("Content-Encoding") == ("gzip" if packed else None)
        assert int(response.headers["Content-Length"]) == len(response.data)
        assert (gzip.decompress(response.data) if packed else response.data) == FILES[name]
        if packed:
            assert len(response.data) < len(FILES[name])
    with world.client.get(path) as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.data == FILES[name]
        # Who keeps answers for others must know that there are two.
        assert (plain.headers.get("Vary") == "Accept-Encoding") is not name.endswith(".jpg")


@pytest.mark.parametrize("asked", ["", "identity", "br", "gzip;q=0", "deflate, gzip;q=0.0"])
def test_who_takes_no_gzip_gets_none(world: World, asked: str) -> None:
    """By the header that browsers send, weights included."""
    with world.client.get("/", headers={"Accept-Encoding": asked}) as response:
        assert "Content-Encoding" not in response.headers and response.data == LONG


def test_each_form_has_a_tag_of_its_own(world: World) -> None:
    """Asked again with its tag it is not sent again; the tag of one form is none of the other's, whose bytes are others."""
    with world.client.get("/", headers=GZIP) as packed, world.client.get("/") as plain:
        tags = packed.headers["ETag"], plain.headers["ETag"]
    assert tags[0] != tags[1]
    for tag, asked, status in (
        (tags[0], GZIP, 304), (tags[1], {}, 304), (tags[0], {}, 200), (tags[1], GZIP, 200),
    ):  # fmt: skip
        with world.client.get("/", headers=asked | {"If-None-Match": tag}) as again:
            assert again.status_code == status
            assert again.headers["Vary"] == "Accept-Encoding"


def test_a_part_is_one_of_the_plain_file(world: World) -> None:
    """Whoever goes on with a download counts the bytes of what she has, and that was not packed."""
    with world.client.get("/", headers=GZIP | {"Range": "bytes=0-3"}) as response:
        assert "Content-Encoding" not in response.headers


def test_a_file_that_is_replaced_is_packed_anew(world: World) -> None:
    """As a build does it, and at once."""
    path = world.settings.site / "assets" / "own.css"
    first = world.client.get("/assets/own.css", headers=GZIP)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(b"p{color:blue}" * 200)
    os.utime(fresh, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    fresh.replace(path)
    second = world.client.get("/assets/own.css", headers=GZIP)
    path.write_bytes(FILES["assets/own.css"])
    assert gzip.decompress(second.data) == b"p{color:blue}" * 200
    assert first.headers["ETag"] != second.headers["ETag"]


def test_pages_of_the_desk_are_packed(world: World) -> None:
    """Form, review with its token, the buyer's page and errors: what comes out is what would have been sent plainly."""
    form = world.client.get("/pesan/nastar", headers=GZIP)
    assert form.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(form.data) == world.client.get("/pesan/nastar").data
    assert len(form.data) * 2 < len(gzip.decompress(form.data))
    review = world.client.post("/pesan/nastar", data=fields(), headers=GZIP)
    page = Page(gzip.decompress(review.data).decode())
    placed = world.send(page)
    assert placed.status_code == 303
    status = world.client.get(placed.headers["Location"], headers=GZIP)
    assert "ref" in Page(gzip.decompress(status.data).decode()).ids
    assert status.headers["Cache-Control"] == "no-store" and status.headers["Vary"] == "Accept-Encoding"
    wrong = world.client.post("/pesan/nastar", data=fields(name=""), headers=GZIP)
    assert wrong.status_code == 422 and wrong.headers["Content-Encoding"] == "gzip"


def test_what_is_short_or_a_picture_stays_as_it_is(world: World) -> None:
    """A supervisor's answer, and the assets of the templates by their length."""
    health = world.client.get("/healthz", headers=GZIP)
    assert "Content-Encoding" not in health.headers
    elements = Page(world.client.get("/pesan/nastar").text).elements
    named = [
        each.attributes.get("href", each.attributes.get("src", ""))
        for each in elements
        if each.tag in {"link", "script"}
    ]
    assets = [path for path in named if path.startswith("/assets/")]
    assert len(assets) >= 2
    for path in assets:
        packed, plain = world.client.get(path, headers=GZIP), world.client.get(path)
        assert ("Content-Encoding" in packed.headers) is (len(plain.data) >= LEAST)
        assert "immutable" in packed.headers["Cache-Control"]


def test_packing_is_the_same_each_time() -> None:
    """No time and no name in it: a tag would stand for two contents."""
    assert pack(LONG, 9) == pack(LONG, 9)
    assert gzip.decompress(pack(LONG, 1)) == LONG


def test_only_so_much_is_kept(tmp_path: Path) -> None:
    """What was asked for longest ago goes first; what is larger than all of it is answered all the same."""
    paths = [tmp_path / f"{number}.txt" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(str(number).encode() * 2_000)
    size = Packed.of(paths[0].read_bytes()).size
    files = PackedFiles(most=2 * size + 10)
    first = files.read(paths[0])
    files.read(paths[1])
    assert files.read(paths[0]) is first
    files.read(paths[2])
    assert files.read(paths[0]) is first
    again = files.read(paths[1])
    assert again.plain == b"1" * 2_000
    paths[3].write_bytes(b"3" * 100_000)
    assert len(files.read(paths[3]).plain) == 100_000
    assert files.read(paths[1]) is again
