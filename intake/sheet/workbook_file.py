"""
The workbook as a file: who has it open, what it looked like, and how it is replaced. Nothing in here knows what is
inside.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from intake.sheet import SheetBusy

# Names of LibreOffice's processes in /proc/<pid>/comm.
_OFFICE = ("soffice.bin", "soffice", "oosplash", "libreoffice")


@dataclass(frozen=True)
class Stamp:
    """What stat() says of a file: a change of its content changes this, unless somebody sets clocks back on purpose."""

    mtime_ns: int
    size: int
    inode: int


def stamp_of(path: Path) -> Stamp | None:
    """Give the stamp of a file, None when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def digest_of(content: bytes) -> str:
    """Give the digest of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def office_lock(path: Path) -> Path:
    """Give the file that LibreOffice keeps beside a document while it has it open."""
    return path.with_name(f".~lock.{path.name}#")


def excel_lock(path: Path) -> Path:
    """Give the file that Excel keeps beside a document while it has it open."""
    return path.with_name(f"~${path.name}")


def check_not_open(path: Path, office_started: Callable[[], list[float] | None] | None = None) -> None:
    """
    Refuse a workbook that another program has open: it would overwrite what we save, or be surprised by it.

    A lock file of LibreOffice stays behind after a crash. It is stale when it was made on this machine and no
    LibreOffice runs here that was started before the lock was made. Where processes can't be looked at it counts, and
    SheetBusy.since lets the seller be told.

    Args:
        path: of the workbook.
        office_started: gives the start times (epoch seconds) of the running LibreOffices, None where that can't be
            known.

    Raises:
        SheetBusy
    """
    lock = office_lock(path)
    if (since := _made(lock)) is not None:
        user, host = _office_owner(lock)
        if not (host and _same_host(host) and _stale(since, (office_started or running_offices)())):
            raise SheetBusy(program="libreoffice", user=user, host=host, since=_instant(since))
    lock = excel_lock(path)
    if (since := _made(lock)) is not None:
        raise SheetBusy(program="excel", user=_excel_owner(lock), host="", since=_instant(since))


def _made(lock: Path) -> float | None:
    try:
        return lock.stat().st_mtime
    except FileNotFoundError:
        return None


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _office_owner(lock: Path) -> tuple[str, str]:
    """
    Read user and host of LibreOffice's lock: "name,account,host,date,profile;" where a comma inside a field is escaped
    by a backslash.
    """
    try:
        text = lock.read_text("utf-8", "replace")
    except OSError:
        return "", ""
    fields = text.replace("\\,", "\0").split(",")
    fields = [each.replace("\0", ",").strip() for each in fields] + ["", "", ""]
    return fields[0] or fields[1], fields[2]


def _excel_owner(lock: Path) -> str:
    """Read the user of Excel's owner file: one byte of length, then the name in an 8-bit code page."""
    try:
        head = lock.read_bytes()[:55]
    except OSError:  # on Windows Excel keeps it locked against reading
        return ""
    return head[1 : 1 + head[0]].decode("cp1252", "replace").strip() if head else ""


def _same_host(host: str) -> bool:
    return host.casefold().split(".")[0] == socket.gethostname().casefold().split(".")[0]


def _stale(since: float, started: list[float] | None) -> bool:
    # Two seconds: start times come in whole ticks since a boot time in whole seconds.
    return started is not None and not any(each <= since + 2 for each in started)


def running_offices(proc: Path = Path("/proc")) -> list[float] | None:
    """
    Give the start times (epoch seconds) of LibreOffice's processes on this machine; None without a /proc to look into.
    """
    try:
        boot = next(
            int(line.split()[1]) for line in (proc / "stat").read_text().splitlines() if line.startswith("btime ")
        )
        ticks = os.sysconf("SC_CLK_TCK")
        folders = [each for each in proc.iterdir() if each.name.isdigit()]
    except (OSError, StopIteration, ValueError, AttributeError):
        return None
    started: list[float] = []
    for folder in folders:
        with contextlib.suppress(OSError):  # it ended while we looked
            if (folder / "comm").read_text().strip() in _OFFICE:
                # Field 22 of stat; the name in brackets before it may hold blanks.
                started.append(boot + int((folder / "stat").read_text().rpartition(")")[2].split()[19]) / ticks)
    return started


def write_beside(path: Path, content: bytes) -> Path:
    """
    Write a new file beside path, on disk for certain when this returns, with the mode and owner of the one it is to
    replace.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            with contextlib.suppress(FileNotFoundError):
                old = path.stat()
                beside.chmod(stat.S_IMODE(old.st_mode))
                with contextlib.suppress(
                    PermissionError, AttributeError
                ):  # only root may give files away; Windows can't
                    os.chown(beside, old.st_uid, old.st_gid)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def put_in_place(beside: Path, path: Path) -> None:
    """
    Replace path by the file beside it; a crash leaves the one or the other, whole.

    Raises:
        SheetBusy: Windows refuses because somebody has it open.
    """
    try:
        os.replace(beside, path)
    except PermissionError as error:
        if os.name != "nt":
            raise
        raise SheetBusy(program="unknown", user="", host="", since=None) from error
    if os.name != "nt":  # Windows can't open a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def sweep(path: Path) -> None:
    """Remove what killed writers left beside path. Only under the lock that keeps a second writer out."""
    for left in path.parent.glob(f".{_escape(path.name)}.*.part"):
        left.unlink(missing_ok=True)


def _escape(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
