"""
Photos as published: turned upright, without metadata, in several widths as WebP and in one as JPEG for browsers that don't
know that, named by their content. Made once and kept in a cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preorder.errors import PreorderError
from preorder.photo import Photo
from storefront.vocabulary import slugify

if TYPE_CHECKING:
    from PIL.Image import Image

# 660 fills a phone of 360 px with two pixels for each point between the margins of a page; 320 is a small picture there.
WIDTHS = {"webp": (320, 480, 660, 960, 1440), "jpg": (960,)}
LARGEST_BYTES = 40 * 1024 * 1024
MOST_PIXELS = 40_000_000
SMALLEST_SIDE = 16

_LARGEST = max(width for widths in WIDTHS.values() for width in widths)

# Part of every name: raise it when the pictures come out differently, and browsers fetch them anew.
_RECIPE = b"webp-66-jpeg-78-1"
# Looked at side by side on a phone: below these, gradients get steps. Method 6 is the slowest and smallest, once in a photo's life.
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "webp": {"format": "WEBP", "quality": 66, "method": 6},
    "jpg": {"format": "JPEG", "quality": 78, "progressive": True, "optimize": True},
}
_FORMATS = ("JPEG", "PNG", "WEBP")
# How the files of iPhones begin, after four bytes: known to few browsers, and to none of ours.
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypmif1", b"ftypmsf1")


class PhotoError(PreorderError):
    """
    A file that can't be published as a photo. Fields: reason ("not_image", "heic", "too_large", "too_small"), and what
    it measures.
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
        data = path.read_bytes()
        fingerprint = hashlib.sha256(data + _RECIPE).hexdigest()
        folder = self._cache / fingerprint[:32]
        made = _read_made(folder)
        if made is None:
            if data[4:12] in _HEIC:
                raise PhotoError(reason="heic")
            self._develop(path, folder)
            made = _read_made(folder)
            assert made is not None  # just made
        name = f"{slugify(path.stem)[:40].strip('-') or 'photo'}-{fingerprint[:8]}"
        published = {
            kind: {width: f"/assets/photos/{name}-{width}.{kind}" for width in made.widths[kind]} for kind in WIDTHS
        }
        return Prepared(
            Photo(published["jpg"], made.width, made.height, alt, published["webp"]),
            {
                address.lstrip("/"): folder / f"{width}.{kind}"
                for kind in WIDTHS
                for width, address in published[kind].items()
            },
        )

    def _develop(self, path: Path, folder: Path) -> None:
        """Make the files of a photo in a folder of their own, which appears whole or not at all."""
        self._cache.mkdir(parents=True, exist_ok=True)
        made_in = Path(tempfile.mkdtemp(prefix="new-", dir=self._cache))
        try:
            from PIL.Image import Resampling  # a build whose photos are all in the cache does without

            upright = _open_upright(path)
            scaled: dict[int, Image] = {}
            for target in sorted({width for widths in WIDTHS.values() for width in _fitting(widths, upright.width)}):
                size = (target, max(1, round(upright.height * target / upright.width)))
                scaled[target] = upright.resize(size, Resampling.LANCZOS) if target < upright.width else upright
                # A fresh start for the file's header: Pillow would carry a comment of the original over.
                scaled[target].info = {}
            widths = {kind: _fitting(of_kind, upright.width) for kind, of_kind in WIDTHS.items()}
            for kind, options in _OPTIONS.items():
                for target in widths[kind]:
                    scaled[target].save(made_in / f"{target}.{kind}", **options)
            largest = max(scaled)
            sizes = {"width": largest, "height": scaled[largest].height, "widths": widths}
            (made_in / "sizes.json").write_text(json.dumps(sizes), "utf-8")
            if folder.exists():
                shutil.rmtree(folder)  # left incomplete by a damaged disk or a curious hand
            try:
                os.replace(made_in, folder)
            except OSError:
                if _read_made(folder) is None:
                    raise
                # Another build made the same photo in the meantime.
        finally:
            shutil.rmtree(made_in, ignore_errors=True)


@dataclass(frozen=True)
class _Made:
    """
    What lies in a photo's folder.

    Attributes:
        width, height: of the largest, in pixels.
        widths: kind -> widths, small to large.
    """

    width: int
    height: int
    widths: Mapping[str, Sequence[int]]


def _fitting(widths: Sequence[int], width: int) -> list[int]:
    """Give those that need no more pixels than there are, and the picture's own where it has clearly more than they show."""
    found = [each for each in widths if each <= width]
    return found if len(found) == len(widths) or (found and found[-1] * 10 >= width * 9) else [*found, width]


def _read_made(folder: Path) -> _Made | None:
    """Give what was made of a photo; None where the folder is missing or not whole."""
    try:
        kept = json.loads((folder / "sizes.json").read_bytes())
        widths = {kind: [int(width) for width in kept["widths"][kind]] for kind in WIDTHS}
        made = _Made(int(kept["width"]), int(kept["height"]), widths)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    files = [folder / f"{width}.{kind}" for kind, of_kind in widths.items() for width in of_kind]
    return made if all(widths.values()) and all(file.is_file() for file in files) else None


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
                opened.draft(None, (_LARGEST, _LARGEST))
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
