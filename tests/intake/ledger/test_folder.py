from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from intake.ledger.folder import DataFolder, FolderInUse, SecretKeyBroken

ROOT = Path(__file__).parents[3]
modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")

HOLD = """
import sys
from intake.ledger.folder import DataFolder, FolderInUse
folder = DataFolder(sys.argv[1])
try:
    folder.acquire()
except FolderInUse as refused:
    print(refused.code, flush=True)
    raise SystemExit(3)
print("held", flush=True)
sys.stdin.read()
"""


def start_holder(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds the folder's lock until its standard input ends."""
    command = [sys.executable, "-c", HOLD, str(path)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_process_is_refused(folder: DataFolder) -> None:
    """Two shops on one ledger is what the design excludes; the second ends with a clear code, at once."""
    with folder:
        second = start_holder(folder.path)
        output, _ = second.communicate(timeout=20)
    assert output.strip() == "folder_in_use"
    assert second.returncode == 3


def test_the_lock_ends_with_its_process(folder: DataFolder) -> None:
    """Killed without warning, it leaves nothing that keeps the next start out."""
    with start_holder(folder.path) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == "held"
            with pytest.raises(FolderInUse) as refused:
                folder.acquire()
        finally:
            holder.kill()
    assert refused.value.fields == {"path": str(folder.path)}
    with folder:
        assert folder.lock_path.exists()


def test_the_lock_counts_within_a_process_too(folder: DataFolder) -> None:
    """Neither the same object nor another one gets it twice; released, it can be had again."""
    with folder:
        with pytest.raises(FolderInUse):
            folder.acquire()
        with pytest.raises(FolderInUse):
            DataFolder(folder.path).acquire()
    with DataFolder(folder.path):
        pass


def test_another_thread_may_release(folder: DataFolder) -> None:
    """Who stops the shop need not be who started it."""
    folder.acquire()
    thread = threading.Thread(target=folder.release)
    thread.start()
    thread.join(10)
    with DataFolder(folder.path):
        pass


@modes
def test_a_new_folder_is_private(tmp_path: Path) -> None:
    """With the folders above it made as usual."""
    folder = DataFolder(tmp_path / "deep" / "data")
    assert mode_of(folder.path) == 0o700
    assert folder.is_private


@modes
def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """It may be more than ours; that others can look in is said, not changed."""
    tmp_path.chmod(0o755)
    folder = DataFolder(tmp_path)
    assert mode_of(tmp_path) == 0o755
    assert not folder.is_private


def test_the_secret_key_is_made_once(folder: DataFolder) -> None:
    """Tokens signed yesterday hold today; another shop has another key."""
    key = folder.secret_key()
    assert len(bytes.fromhex(key)) == 32
    assert folder.secret_key() == key
    assert DataFolder(folder.path).secret_key() == key
    assert DataFolder(folder.path.with_name("other")).secret_key() != key
    assert [path.name for path in folder.path.iterdir()] == ["secret-key"]


@modes
def test_the_secret_key_is_private(folder: DataFolder) -> None:
    """From the start, and again after somebody copied it back with another mode."""
    old = os.umask(0)
    try:
        key = folder.secret_key()
    finally:
        os.umask(old)
    assert mode_of(folder.secret_key_path) == 0o600
    folder.secret_key_path.chmod(0o644)
    assert folder.secret_key() == key
    assert mode_of(folder.secret_key_path) == 0o600


def test_makers_at_once_agree_on_one_key(folder: DataFolder) -> None:
    """Eight first calls behind one barrier read the same key."""
    barrier = threading.Barrier(8)
    keys: list[str] = []

    def make() -> None:
        mine = DataFolder(folder.path)
        barrier.wait(10)
        keys.append(mine.secret_key())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(keys) == 8
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", [b"", b"short\n", b"z" * 64, b"ab" * 31, b"\xff" * 64])
def test_a_broken_key_is_an_error(folder: DataFolder, content: bytes) -> None:
    """A new one instead would quietly end every link and every limit by phone number."""
    folder.secret_key_path.write_bytes(content)
    with pytest.raises(SecretKeyBroken):
        folder.secret_key()
    assert folder.secret_key_path.read_bytes() == content
