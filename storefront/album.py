"""The photos that a header or a text names: found beside its file, described, and prepared."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial
from pathlib import Path

from preorder.photo import Photo
from storefront.fields import Block
from storefront.photos import Darkroom, PhotoError
from storefront.vocabulary import suggest


class Album:
    """
    Photos of one folder.

    Args:
        folder: the one that holds the file with the header; photos lie in it or below.
        darkroom: prepares them.
        files: gets path below the site's root -> file, for each prepared photo.
    """

    def __init__(self, folder: Path, darkroom: Darkroom, files: dict[str, Path]) -> None:
        self._folder = folder
        self._darkroom = darkroom
        self._files = files

    def photo(self, block: Block) -> Photo | None:
        """Give the photo of a block with file and alt; None where something is wrong, which has been reported."""
        block.require("file", "alt")
        name, alt = block.name_text("file"), block.name_text("alt", 250)
        return None if name is None else self.named(name, alt, partial(block.report, "file"))

    def named(self, name: str, alt: str | None, report: Callable[..., None]) -> Photo | None:
        """
        Give the photo of this name; None where something is wrong.

        Args:
            alt: None where it is missing, which has been reported.
            report: called with (code, **fields) for what is wrong.
        """
        parts = name.split("/")
        if "\\" in name or ":" in name or name.startswith("/") or any(part in {"", ".", ".."} for part in parts):
            report("photo_outside", text=name)
            return None
        beside = self._folder.joinpath(*parts[:-1])
        # Looked up in the folder's list, for a file system that ignores case would find what another one does not.
        # macOS writes accents apart.
        names = (
            {unicodedata.normalize("NFC", found.name): found for found in beside.iterdir()} if beside.is_dir() else {}
        )
        path = names.get(parts[-1])
        if path is None or not path.is_file():
            likely = suggest(parts[-1], names)
            report("photo_missing_suggested" if likely else "photo_missing", text=name, suggestion=likely)
            return None
        if not path.resolve().is_relative_to(self._folder.resolve()):
            report("photo_outside", text=name)
            return None
        try:
            prepared = self._darkroom.prepare(path, alt or "")
        except PhotoError as error:
            fields = dict(error.fields)
            report(f"photo_{fields.pop('reason')}", text=name, **fields)
            return None
        except OSError:
            report("unreadable", text=name)
            return None
        if alt is None:
            return None
        self._files.update(prepared.files)
        return prepared.photo
