"""Photos as published: upright, without metadata, in widths that no page needs to scale up."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from storefront.photos import Darkroom, PhotoError
from tests.storefront.content_makers import make_picture, write


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
        return picture


@pytest.mark.parametrize(
    ("width", "widths"),
    [(300, [300]), (480, [480]), (1000, [480, 960]), (1440, [480, 960, 1440]), (3000, [480, 960, 1440])],
)
def test_widths_never_exceed_the_original(tmp_path: Path, width: int, widths: list[int]) -> None:
    """Each photo comes in those of the three widths that it has pixels for; a small one in its own."""
    prepared = Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a b.png", make_picture(width, 200)), "x")
    assert list(prepared.photo.sources) == widths
    assert prepared.photo.width == widths[-1]
    for made, (path, file) in zip(widths, prepared.files.items(), strict=True):
        assert path.startswith("assets/photos/a-b-")
        assert "/" + path == prepared.photo.sources[made]
        assert opened(file).width == made


def test_a_photo_is_turned_upright_and_loses_its_metadata(tmp_path: Path) -> None:
    """The camera's orientation is applied; where and with what it was taken is gone, comments too."""
    picture = Image.new("RGB", (800, 400), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera Rahasia"
    exif.get_ifd(0x8825)[2] = (6.0, 54.0, 0.0)
    stream = BytesIO()
    picture.save(stream, "JPEG", exif=exif, comment=b"rumah saya")
    prepared = Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a.jpg", stream.getvalue()), "x")
    assert (prepared.photo.width, prepared.photo.height) == (400, 800)
    for file in prepared.files.values():
        data = file.read_bytes()
        assert b"Rahasia" not in data
        assert b"rumah" not in data
        assert b"Exif" not in data
        assert opened(file).info.get("progressive")


def test_a_see_through_picture_stands_on_white(tmp_path: Path) -> None:
    """JPEG knows no transparency: what was clear becomes paper, not black."""
    stream = BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(stream, "PNG")
    prepared = Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a.png", stream.getvalue()), "x")
    (file,) = prepared.files.values()
    assert opened(file).getpixel((50, 50)) == (255, 255, 255)


def test_a_photo_is_made_once(tmp_path: Path) -> None:
    """The cache knows a photo by its content, under whatever name; a cache that lost a file makes it again."""
    darkroom = Darkroom(tmp_path / "cache")
    path = write(tmp_path / "a.png", make_picture())
    (first,) = darkroom.prepare(path, "x").files.values()
    stamp = first.stat().st_mtime_ns
    (second,) = darkroom.prepare(path.rename(tmp_path / "b.png"), "y").files.values()
    assert second == first
    assert second.stat().st_mtime_ns == stamp
    first.unlink()
    (third,) = darkroom.prepare(tmp_path / "b.png", "y").files.values()
    assert opened(third).width == 480
    assert not list((tmp_path / "cache").glob("new-*"))


def test_another_content_has_another_name(tmp_path: Path) -> None:
    """A photo that was replaced gets a new address, so no browser shows the old one."""
    darkroom = Darkroom(tmp_path / "cache")
    first = darkroom.prepare(write(tmp_path / "a.png", make_picture(500)), "x").photo
    second = darkroom.prepare(write(tmp_path / "a.png", make_picture(501)), "x").photo
    assert first.sources[480] != second.sources[480]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_image"),
        (b"GIF89a" + b"\0" * 100, "not_image"),
        (make_picture(100, 100, "GIF"), "not_image"),
        (make_picture(8, 8), "too_small"),
        (make_picture()[:-100], "not_image"),
        (make_picture(kind="JPEG")[:300], "not_image"),
    ],
    ids=["empty", "broken GIF", "GIF", "tiny", "half a PNG", "half a JPEG"],
)
def test_what_is_no_photo_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    """A refused file leaves nothing in the cache."""
    with pytest.raises(PhotoError) as raised:
        Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a.jpg", data), "x")
    assert raised.value.fields["reason"] == reason
    assert not list((tmp_path / "cache").iterdir())
