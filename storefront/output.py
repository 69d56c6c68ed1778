"""write_site(): replaces file by file what changed, and takes away last what no longer belongs."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from preorder.errors import PreorderError

PLACEHOLDER = ".gitkeep"
_NEW = ".etalase-new"


class OutputRefused(PreorderError):
    """
    The site can't be written there. Fields: reason ("overlap", "foreign_file", "not_folder"), path, and what it
    collides with.
    """

    code = "output_refused"


@dataclass(frozen=True)
class Written:
    """What a build did to the output folder; paths below it, sorted."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def check_place(output: Path, sources: Iterable[Path]) -> None:
    """
    Refuse an output folder that is, holds, or lies in a folder that we read.

    Raises:
        OutputRefused
    """
    place = output.resolve()
    for source in sources:
        other = source.resolve()
        if place == other or place in other.parents or other in place.parents:
            raise OutputRefused(reason="overlap", path=output.as_posix(), other=source.as_posix())
    if output.exists() and not output.is_dir():
        raise OutputRefused(reason="not_folder", path=output.as_posix())


def write_site(output: Path, files: Mapping[str, bytes | Path], manifest: Path, *, adopt: bool = False) -> Written:
    """
    Make the output folder hold these files.

    1. Look for files that somebody else put where ours belong; refuse before anything is touched.
    2. Note in the manifest what will be ours, so that a crash leaves nothing behind that a later build would not know.
    3. Replace each file that differs, atomically; a file that is the same keeps its time stamp.
    4. Remove what the manifest listed and is not to be there any more, then folders left empty.

    Args:
        files: path below output, with "/" -> content, or a file that holds it.
        manifest: a file of ours outside of output.
        adopt: overwrite what lies there although no manifest lists it, because the folder is known to hold a site of
            ours.

    Raises:
        OutputRefused: a foreign file stands in the way.
        ValueError: a path that leaves output, or a program; nothing that is served is ever run.
    """
    for path in files:
        _check_path(path)
    adopt = adopt and not manifest.exists()
    ours = _read_manifest(manifest)
    different = [path for path, content in files.items() if not _is_same(output / path, content)]
    for path in different:
        target = output / path
        if target.is_dir() and not target.is_symlink():
            raise OutputRefused(reason="foreign_file", path=target.as_posix())
        if os.path.lexists(target) and not adopt and path not in ours:
            raise OutputRefused(reason="foreign_file", path=target.as_posix())
        for parent in list(PurePosixPath(path).parents)[:-1]:
            if (output / parent).exists() and not (output / parent).is_dir() and parent.as_posix() not in ours:
                raise OutputRefused(reason="foreign_file", path=(output / parent).as_posix())
    _write_manifest(manifest, ours | set(files))
    stale = sorted(ours - set(files))
    # A file that makes room for a folder of the same name has to go first.
    in_the_way = [path for path in stale if any(name.startswith(f"{path}/") for name in files)]
    for path in in_the_way:
        _remove(output, path)
    for path in sorted(different, key=_turn):
        _replace(output / path, files[path])
    removed = in_the_way + [path for path in stale if path not in in_the_way and _remove(output, path)]
    for leftover in output.rglob(f".*{_NEW}"):
        leftover.unlink()  # of a build that was killed
    _write_manifest(manifest, set(files))
    return Written(tuple(sorted(different)), tuple(sorted(removed)), len(files) - len(different))


def _check_path(path: str) -> None:
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\\" in path or path == PLACEHOLDER:
        raise ValueError(path)
    if path.endswith((".py", ".pyc", ".pyw", ".cgi", ".sh", ".php")):
        raise ValueError(path)


def _turn(path: str) -> tuple[bool, bool, str]:
    """Give the sort key of writing: what pages need, then what can be ordered, then the pages that offer it."""
    return not path.startswith("assets/"), path.count("/") > 0 or not path.endswith(".json"), path


def _is_same(target: Path, content: bytes | Path) -> bool:
    if target.is_symlink() or not target.is_file():
        return False
    if isinstance(content, Path):
        return target.stat().st_size == content.stat().st_size and target.read_bytes() == content.read_bytes()
    return target.stat().st_size == len(content) and target.read_bytes() == content


def _replace(target: Path, content: bytes | Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}{_NEW}")
    # Opened anew and not through tempfile, whose files nobody else may read: a web server under another account serves
    # them.
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    try:
        with new.open("xb") as file:
            file.write(content.read_bytes() if isinstance(content, Path) else content)
            if not isinstance(content, Path):
                # A catalogue that a power cut leaves empty would close the shop. Photos are found again by their names.
                file.flush()
                os.fsync(file.fileno())
        os.replace(new, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            new.unlink()


def _remove(output: Path, path: str) -> bool:
    """Remove a file of ours and the folders that it leaves empty; say whether it was there."""
    target = output / path
    was_there = os.path.lexists(target)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        target.unlink()
    # Even where the file is not there: a build that was killed may have made its folder only.
    for folder in target.parents:
        if folder == output:
            break
        try:
            folder.rmdir()
        except OSError:
            break  # something else is in it, or it is gone as well
    return was_there


def _read_manifest(manifest: Path) -> set[str]:
    try:
        listed = json.loads(manifest.read_bytes())
    except (FileNotFoundError, ValueError):
        return set()
    # Paths are checked again: this list decides what is deleted.
    found = set()
    for path in listed if isinstance(listed, list) else ():
        with contextlib.suppress(ValueError, AttributeError):
            _check_path(path)
            found.add(path)
    return found


def _write_manifest(manifest: Path, paths: set[str]) -> None:
    manifest.parent.mkdir(parents=True, exist_ok=True)
    new = manifest.with_suffix(".new")
    new.write_text(json.dumps(sorted(paths), indent=1), "utf-8")
    os.replace(new, manifest)
