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
    ("width", "webp", "jpeg"),
    [
        (300, [300], [300]),
        (330, [320], [330]),
        (480, [320, 480], [480]),
        (600, [320, 480, 600], [600]),
        (1000, [320, 480, 660, 960], [960]),
        (1440, [320, 480, 660, 960, 1440], [960]),
        (3000, [320, 480, 660, 960, 1440], [960]),
    ],
)
def test_widths_never_exceed_the_original(tmp_path: Path, width: int, webp: list[int], jpeg: list[int]) -> None:
    """Each photo comes in those of the widths that it has pixels for; one between two steps in its own too."""
    prepared = Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a b.png", make_picture(width, 200)), "x")
    photo = prepared.photo
    assert (list(photo.webp), list(photo.sources)) == (webp, jpeg)
    assert photo.width == max(*webp, *jpeg)
    published = {path.lstrip("/"): made for sources in (photo.webp, photo.sources) for made, path in sources.items()}
    assert prepared.files.keys() == published.keys()
    for path, file in prepared.files.items():
        assert path.startswith("assets/photos/a-b-")
        picture = opened(file)
        assert picture.width == published[path]
        assert abs(picture.height * width - 200 * picture.width) <= width
        assert (picture.format, file.suffix) in {("WEBP", ".webp"), ("JPEG", ".jpg")}


def test_webp_is_the_lighter_one(tmp_path: Path) -> None:
    """Of a picture with soft light and grain, as cameras make them."""
    grain = Image.effect_noise((1000, 750), 20).convert("RGB")
    light = Image.radial_gradient("L").resize((1000, 750)).convert("RGB")
    stream = BytesIO()
    Image.blend(grain, light, 0.7).save(stream, "PNG")
    prepared = Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a.png", stream.getvalue()), "x")
    sizes = {path.rpartition("-")[2]: file.stat().st_size for path, file in prepared.files.items()}
    assert sizes["960.webp"] < 0.8 * sizes["960.jpg"], sizes


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
    assert {file.suffix for file in prepared.files.values()} == {".webp", ".jpg"}
    for file in prepared.files.values():
        data = file.read_bytes()
        assert b"Rahasia" not in data
        assert b"rumah" not in data
        assert b"exif" not in data.lower()
        picture = opened(file)
        assert picture.height > picture.width
        assert picture.format != "JPEG" or picture.info.get("progressive")


def test_a_see_through_picture_stands_on_white(tmp_path: Path) -> None:
    """JPEG knows no transparency: what was clear becomes paper, not black, and alike in both."""
    stream = BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(stream, "PNG")
    prepared = Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a.png", stream.getvalue()), "x")
    assert len(prepared.files) == 2
    for file in prepared.files.values():
        assert opened(file).getpixel((50, 50)) == (255, 255, 255)


def test_a_photo_is_made_once(tmp_path: Path) -> None:
    """The cache knows a photo by its content, under whatever name; a cache that lost a file makes it again."""
    darkroom = Darkroom(tmp_path / "cache")
    path = write(tmp_path / "a.png", make_picture())
    first = list(darkroom.prepare(path, "x").files.values())
    stamps = [file.stat().st_mtime_ns for file in first]
    second = list(darkroom.prepare(path.rename(tmp_path / "b.png"), "y").files.values())
    assert second == first
    assert [file.stat().st_mtime_ns for file in second] == stamps
    for lost in (0, -1):
        data = first[lost].read_bytes()
        first[lost].unlink()
        third = list(darkroom.prepare(tmp_path / "b.png", "y").files.values())
        assert third == first
        assert first[lost].read_bytes() == data
    assert not list((tmp_path / "cache").glob("new-*"))


@pytest.mark.parametrize(
    "kept", ["[[480, 320]]", "{", '{"width": 480, "height": 320, "widths": {"jpg": [480]}}', '{"width": 1}']
)
def test_a_cache_of_another_make_is_made_anew(tmp_path: Path, kept: str) -> None:
    """What an older program or a damaged disk has left there is not believed."""
    darkroom = Darkroom(tmp_path / "cache")
    path = write(tmp_path / "a.png", make_picture())
    before = darkroom.prepare(path, "x")
    (notes,) = (tmp_path / "cache").glob("*/sizes.json")
    notes.write_text(kept, "utf-8")
    assert darkroom.prepare(path, "x") == before
    assert all(file.is_file() for file in before.files.values())


def test_another_content_has_another_name(tmp_path: Path) -> None:
    """A photo that was replaced gets a new address, so no browser shows the old one."""
    darkroom = Darkroom(tmp_path / "cache")
    first = darkroom.prepare(write(tmp_path / "a.png", make_picture(500)), "x").photo
    second = darkroom.prepare(write(tmp_path / "a.png", make_picture(501)), "x").photo
    assert set(first.sources.values()).isdisjoint(second.sources.values())
    assert set(first.webp.values()).isdisjoint(second.webp.values())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_image"),
        (b"GIF89a" + b"\0" * 100, "not_image"),
        (make_picture(100, 100, "GIF"), "not_image"),
        (make_picture(8, 8), "too_small"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "heic"),
        (b"\0\0\0\x1cftypmif1" + b"\0" * 100, "heic"),
        (make_picture()[:-100], "not_image"),
        (make_picture(kind="JPEG")[:300], "not_image"),
    ],
    ids=["empty", "broken GIF", "GIF", "tiny", "iPhone", "newer iPhone", "half a PNG", "half a JPEG"],
)
def test_what_is_no_photo_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    """A refused file leaves nothing in the cache."""
    with pytest.raises(PhotoError) as raised:
        Darkroom(tmp_path / "cache").prepare(write(tmp_path / "a.jpg", data), "x")
    assert raised.value.fields["reason"] == reason
    assert not list((tmp_path / "cache").glob("*"))
