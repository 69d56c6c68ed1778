"""
Disks that fail: one that can be filled to the last byte, and one that stops taking anything while files are open on it.

Both are mounted for the test. Where that isn't allowed, the kernel's limit on the size of a process's files does the
same to the shop's writes, and the world of tests.storms.elsewhere tells it how much room there is.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

MB = 1024 * 1024
UNLIMITED = resource.RLIM_INFINITY


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> None:
    deadline = time.monotonic() + 20
    # Whoever has just been killed may still hold a file for a moment.
    while subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
            return
        time.sleep(0.1)


def _limit(processes: Iterable[int], most: int) -> None:
    """Let processes write no file beyond so many bytes."""
    for process in processes:
        try:
            owner = Path(f"/proc/{process}").stat()
        except FileNotFoundError:
            continue
        command = ["prlimit", "--pid", str(process), f"--fsize={'unlimited' if most == UNLIMITED else most}:"]
        # Those of another account take it from that account alone.
        other = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        who = {} if owner.st_uid == os.geteuid() else other
        done = subprocess.run(command, capture_output=True, check=False, **who)  # type: ignore[call-overload]
        assert done.returncode == 0 or not Path(f"/proc/{process}").exists(), done.stderr


class SmallDisk:
    """
    A disk that can be filled.

    Args:
        folder: what lies on it; made where there is none.
        size: bytes.
        processes: gives the ids of those who write on it; for where mounting isn't allowed.
        tell: says to them how much room there is (None: what there really is); likewise.
        mode: of the folder.
    """

    def __init__(
        self,
        folder: Path,
        size: int,
        processes: Callable[[], Iterable[int]],
        tell: Callable[[int | None], None] = lambda free: None,
        *,
        mode: int = 0o700,
    ) -> None:
        self._folder, self._processes, self._tell = folder, processes, tell
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        self.is_mounted = _mount("-t", "tmpfs", "-o", f"size={size},mode={mode:o}", "etalase", str(folder))
        self._ballast = folder / "ballast"

    def fill(self, leaving: int) -> None:
        """Leave so many bytes."""
        if not self.is_mounted:
            self._tell(leaving)
            if not leaving:
                _limit(self._processes(), 0)
            return
        with self._ballast.open("ab") as file:
            while (free := os.statvfs(self._folder).f_bavail * os.statvfs(self._folder).f_frsize - leaving) > 0:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), min(free, 64 * MB))
                except OSError:
                    # Somebody else has taken it meanwhile.
                    if free < MB:
                        return

    def clear(self) -> None:
        """Give the room back."""
        if not self.is_mounted:
            self._tell(None)
            _limit(self._processes(), UNLIMITED)
            return
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        if self.is_mounted:
            _unmount(self._folder)


@contextlib.contextmanager
def _standing_still(processes: Iterable[int]) -> Iterator[None]:
    """Stop processes until the block ends."""
    stopped = list(processes)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        deadline = time.monotonic() + 10
        while any(_is_running(task) for pid in stopped for task in Path(f"/proc/{pid}/task").iterdir()):
            assert time.monotonic() < deadline, "a process does not stand still"
            time.sleep(0.001)
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def _is_running(task: Path) -> bool:
    try:
        state = (task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"T", "t", "Z", "X"}


class FailingDisk:
    """
    A disk that the system takes for broken and lets nobody write to, as it does after an error: `errors=remount-ro`.

    Args:
        folder: what lies on it; made where there is none.
        image: a file that holds it.
        processes: gives the ids of those who write on it; for where mounting isn't allowed.
    """

    def __init__(self, folder: Path, image: Path, processes: Callable[[], Iterable[int]]) -> None:
        self._folder, self._image, self._processes = folder, image, processes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with image.open("wb") as file:
            file.truncate(400 * MB)
        self.is_mounted = self._make() and self._mounted()

    def _make(self) -> bool:
        try:
            made = subprocess.run(["mkfs.ext4", "-q", "-F", str(self._image)], capture_output=True, check=False)
        except FileNotFoundError:
            return False
        return made.returncode == 0

    def _mounted(self) -> bool:
        if not _mount("-o", "loop,errors=remount-ro", str(self._image), str(self._folder)):
            return False
        if not self._trigger().exists():
            _unmount(self._folder)
            return False
        self._folder.chmod(0o700)
        return True

    def _trigger(self) -> Path:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
        device = next(line.split()[0] for line in lines if line.split()[1] == str(self._folder))
        return Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"

    @property
    def keeps_out(self) -> bool:
        """Say whether a process that starts can't write on it either."""
        return self.is_mounted or os.geteuid() != 0

    def break_down(self) -> None:
        """
        Take nothing any more; what is there can be read.

        Those who write stand still meanwhile. Linux's switch for this has a moment in which a sync that is under way is
        answered with success and what it was for is lost (seen with nothing but write and fsync, once in twelve times):
        against a disk that lies nobody has a remedy, and this one is to be honest.
        """
        if self.is_mounted:
            with _standing_still(self._processes()):
                os.sync()
                self._trigger().write_text("1", encoding="ascii")
            return
        for path in (*self._folder.iterdir(), self._folder):
            path.chmod(0o500)
        _limit(self._processes(), 0)

    def mend(self) -> None:
        """Take everything again. Nobody may have a file open on it."""
        if self.is_mounted:
            _unmount(self._folder)
            assert self._mounted()
            return
        for path in (self._folder, *self._folder.iterdir()):
            path.chmod(0o700)

    def close(self) -> None:
        if self.is_mounted:
            _unmount(self._folder)
