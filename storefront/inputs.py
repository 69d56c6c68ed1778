"""
What a build was made of, so that the next one can tell in a moment whether there is anything to do. Standard library
only, quick to import.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# Size, modification time in ns, SHA-256.
Stamp = tuple[int, int, str]

_FORMAT = 1
# A file changed this shortly before it was read may change again without a new time stamp.
_RACY_NS = 2_000_000_000


@dataclass(frozen=True)
class Record:
    """
    A build that succeeded.

    Attributes:
        settings: everything else that decides about the result, as texts.
        read_at_ns: when the inputs were read, by this machine's clock.
        inputs: path -> stamp.
        outputs: path -> (size, modification time in ns).
        language: the shop's, for what is said of the next build.
        valid_from, valid_until: the pages say the same at every instant of [valid_from, valid_until); until None means
            for ever.
    """

    settings: Mapping[str, str]
    read_at_ns: int
    inputs: Mapping[str, Stamp]
    outputs: Mapping[str, tuple[int, int]]
    language: str
    valid_from: datetime
    valid_until: datetime | None

    def still_holds(self, settings: Mapping[str, str], roots: Iterable[Path], now: datetime) -> bool:
        """Say whether a build at now would change nothing."""
        if (
            settings != self.settings
            or now < self.valid_from
            or (self.valid_until is not None and now >= self.valid_until)
        ):
            return False
        found = dict(walk(roots))
        if found.keys() != self.inputs.keys():
            return False
        # Outputs first: they need no reading.
        for path, (size, mtime_ns) in self.outputs.items():
            try:
                stat = os.stat(path)
            except OSError:
                return False
            if (stat.st_size, stat.st_mtime_ns) != (size, mtime_ns):
                return False
        return all(self._is_same(path, stat) for path, stat in found.items())

    def _is_same(self, path: str, stat: os.stat_result) -> bool:
        size, mtime_ns, digest = self.inputs[path]
        if stat.st_size != size:
            return False
        if stat.st_mtime_ns == mtime_ns and mtime_ns < self.read_at_ns - _RACY_NS:
            return True
        return _digest(path) == digest


def walk(roots: Iterable[Path]) -> Iterator[tuple[str, os.stat_result]]:
    """
    Give every file below the roots with its stat. Hidden ones, which editors make while they save, and Python's caches
    are left out.
    """
    for root in roots:
        pending = [os.fspath(root)]
        while pending:
            folder = pending.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except (FileNotFoundError, NotADirectoryError):
                continue
            for entry in entries:
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if entry.is_dir():
                    pending.append(entry.path)
                elif entry.is_file():
                    yield entry.path, entry.stat()


def take_stamps(roots: Iterable[Path]) -> dict[str, Stamp]:
    """Give the stamp of every file below the roots."""
    return {path: (stat.st_size, stat.st_mtime_ns, _digest(path)) for path, stat in walk(roots)}


def read_record(path: Path) -> Record | None:
    """Give the record of the last build; None where there is none that we understand."""
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != _FORMAT:
            return None
        until = data["valid_until"]
        return Record(
            settings=data["settings"],
            read_at_ns=data["read_at_ns"],
            inputs={name: (size, mtime_ns, digest) for name, (size, mtime_ns, digest) in data["inputs"].items()},
            outputs={name: (size, mtime_ns) for name, (size, mtime_ns) in data["outputs"].items()},
            language=str(data["language"]),
            valid_from=datetime.fromisoformat(data["valid_from"]),
            valid_until=datetime.fromisoformat(until) if until else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_record(path: Path, record: Record) -> None:
    """Keep the record of a build."""
    data: dict[str, Any] = {
        "format": _FORMAT,
        "settings": record.settings,
        "read_at_ns": record.read_at_ns,
        "inputs": record.inputs,
        "outputs": record.outputs,
        "language": record.language,
        "valid_from": record.valid_from.isoformat(),
        "valid_until": record.valid_until.isoformat() if record.valid_until else None,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(data), "utf-8")
    os.replace(new, path)


def _digest(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # gone between the two looks: different from whatever it was
