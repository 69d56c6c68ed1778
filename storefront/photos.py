"""
Photos as published: turned upright, without metadata, in several widths, named by their content. Made once and kept in
a cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from preorder.errors import PreorderError
from preorder.photo import Photo
from storefront.vocabulary import slugify

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTHS = (480, 960, 1440)
LARGEST_BYTES = 40 * 1024 * 1024
MOST_PIXELS = 40_000_000
SMALLEST_SIDE = 16

# Part of every name: raise it when the pictures come out differently, and browsers fetch them anew.
_RECIPE = b"jpeg-80-1"
_QUALITY = 80
_FORMATS = ("JPEG", "PNG", "WEBP")


class PhotoError(PreorderError):
    """
    A file that can't be published as a photo. Fields: reason ("not_image", "too_large", "too_small"), and what it
    measures.
    """

    code = "bad_photo"


@dataclass(frozen=True)
class Prepared:
    """A photo, and where each of its files lies until it is published: path below the site's root -> file."""

    photo: Photo
    files: dict[str, Path]


class Darkroom:
    """
    Makes photos and remembers them by the content of their file.

    Args:
        cache: a folder of ours; what is lost there is made again.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def prepare(self, path: Path, alt: str) -> Prepared:
        """
        Give a photo ready to be published.

        Args:
            path: a JPEG, PNG or WebP file.

        Raises:
            PhotoError: it is none, or too large or small.
            OSError: it can't be read.
        """
        if path.stat().st_size > LARGEST_BYTES:
            raise PhotoError(reason="too_large", megabytes=LARGEST_BYTES // 2**20, megapixels=MOST_PIXELS // 10**6)
        fingerprint = hashlib.sha256(path.read_bytes() + _RECIPE).hexdigest()
        folder = self._cache / fingerprint[:32]
        sizes = _read_sizes(folder)
        if sizes is None:
            self._develop(path, folder)
            sizes = _read_sizes(folder)
            assert sizes is not None  # just made
        name = f"{slugify(path.stem)[:40].strip('-') or 'photo'}-{fingerprint[:8]}"
        published = {width: f"/assets/photos/{name}-{width}.jpg" for width, _ in sizes}
        width, height = sizes[-1]
        photo = Photo(published, width, height, alt)
        return Prepared(photo, {published[width].lstrip("/"): folder / f"{width}.jpg" for width, _ in sizes})

    def _develop(self, path: Path, folder: Path) -> None:
        """Make the files of a photo in a folder of their own, which appears whole or not at all."""
        self._cache.mkdir(parents=True, exist_ok=True)
        made_in = Path(tempfile.mkdtemp(prefix="new-", dir=self._cache))
        try:
            upright = _open_upright(path)
            width, height = upright.size
            sizes = []
            for target in [size for size in WIDTHS if size <= width] or [width]:
                scaled = (
                    upright if target == width else upright.resize((target, max(1, round(height * target / width))))
                )
                # A fresh start for the file's header: Pillow would carry a comment of the original over.
                scaled.info = {}
                scaled.save(made_in / f"{target}.jpg", "JPEG", quality=_QUALITY, progressive=True, optimize=True)
                sizes.append(scaled.size)
            (made_in / "sizes.json").write_text(json.dumps(sizes), "utf-8")
            if folder.exists():
                shutil.rmtree(folder)  # left incomplete by a damaged disk or a curious hand
            try:
                os.replace(made_in, folder)
            except OSError:
                if _read_sizes(folder) is None:
                    raise
                # Another build made the same photo in the meantime.
        finally:
            shutil.rmtree(made_in, ignore_errors=True)


def _read_sizes(folder: Path) -> list[tuple[int, int]] | None:
    """Give (width, height) of each file of a photo, small to large; None where the folder is missing or not whole."""
    try:
        sizes = [(int(width), int(height)) for width, height in json.loads((folder / "sizes.json").read_bytes())]
    except (OSError, ValueError, TypeError):
        return None
    return sizes if sizes and all((folder / f"{width}.jpg").is_file() for width, _ in sizes) else None


def _open_upright(path: Path) -> Image:
    """Give the picture in RGB, as its camera was held, no larger than needed; raise PhotoError."""
    from PIL import Image, ImageOps  # a build whose photos are all in the cache does without

    with warnings.catch_warnings():
        # Both of Pillow's bomb thresholds lie above ours; neither may turn into a picture.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=_FORMATS) as opened:
                width, height = opened.size
                if width * height > MOST_PIXELS:
                    raise PhotoError(
                        reason="too_large", megabytes=LARGEST_BYTES // 2**20, megapixels=MOST_PIXELS // 10**6
                    )
                if min(width, height) < SMALLEST_SIDE:
                    raise PhotoError(reason="too_small", least=SMALLEST_SIDE)
                # JPEG can be decoded at a half or a quarter, which is much faster; never below the largest width.
                opened.draft(None, (WIDTHS[-1], WIDTHS[-1]))
                loaded = ImageOps.exif_transpose(opened)
                return _in_srgb(loaded)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PhotoError(
                reason="too_large", megabytes=LARGEST_BYTES // 2**20, megapixels=MOST_PIXELS // 10**6
            ) from error
        except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
            # What Pillow raises for files that end early or lie about themselves.
            raise PhotoError(reason="not_image") from error


def _in_srgb(picture: Image) -> Image:
    """Give a picture in RGB over white, its colours translated from the profile that phones add and we strip."""
    import io

    from PIL import Image, ImageCms

    profile = picture.info.get("icc_profile")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        paper = Image.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        picture = paper
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            translated = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            translated = None  # a damaged profile says nothing about the picture itself
        if translated is not None:
            return translated
    return picture.convert("RGB")
