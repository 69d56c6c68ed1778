"""The data folder: where the ledger and the secret key lie, and the lock that keeps a second shop out."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy import URL

from intake.ledger.engine import sync_folder
from preorder.errors import PreorderError

logger = logging.getLogger(__name__)

# 256 bit, as 64 hexadecimal digits.
KEY_BYTES = 32


class FolderInUse(PreorderError):
    """Another process has the data folder. Fields: path."""

    code = "folder_in_use"


class LedgerInUse(PreorderError):
    """Another process has this SQLite ledger, perhaps from another data folder. Fields: path."""

    code = "ledger_in_use"


class FolderUnusable(PreorderError):
    """The data folder, or something in it, can't be made, read or written. Fields: path, reason (the system's words)."""

    code = "folder_unusable"


class SecretKeyBroken(PreorderError):
    """
    The key file does not hold a key. Restore it; with a new one every open link of a buyer's review page ends. Fields:
    path.
    """

    code = "secret_key_broken"


class DataFolder:
    """
    One shop's data folder, made with mode 0700 where there is none. The folder of somebody else keeps its mode; what we
    make in it is 0600.

    As a context manager it holds the lock: exactly one process may write the ledger.

    Attributes:
        path: absolute.
        ledger_path: the SQLite ledger.
        secret_key_path: the key that signs tokens and hides phone numbers.
        lock_path: an empty file; the lock is on it and ends with the process.

    Raises:
        OSError: it can't be made; see telling_folder_trouble.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ledger_path = self.path / "etalase.sqlite3"
        self.secret_key_path = self.path / "secret-key"
        self.lock_path = self.path / "etalase.lock"
        # Not per thread: who stops the shop may be another thread than who started it. No soft lock: it would outlive a
        # crash.
        self._lock = FileLock(self.lock_path, mode=0o600, thread_local=False, fallback_to_soft=False)

    @property
    def database_url(self) -> str:
        """Give the URL of the ledger in this folder."""
        return URL.create("sqlite", database=str(self.ledger_path)).render_as_string()

    @property
    def is_private(self) -> bool:
        """
        Say whether nobody else on this machine can look into it. Windows has no such modes and is taken to be private.
        """
        return os.name == "nt" or not stat.S_IMODE(self.path.stat().st_mode) & 0o077

    def acquire(self) -> None:
        """
        Take the lock, without waiting. It ends with this object too: keep it.

        Raises:
            FolderInUse: a process has it, this one included.
        """
        if self._lock.is_locked:
            raise FolderInUse(path=str(self.path))
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise FolderInUse(path=str(self.path)) from None

    def release(self) -> None:
        """Give the lock back; nothing where it isn't held."""
        self._lock.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def secret_key(self) -> str:
        """
        Give the shop's secret key, made at the first call and kept: 64 hexadecimal digits.

        Raises:
            SecretKeyBroken: the file holds something else.
            OSError: it can't be read or made.
        """
        if not self.secret_key_path.exists():
            self._make_secret_key()
        if os.name != "nt" and stat.S_IMODE(self.secret_key_path.stat().st_mode) & 0o077:
            logger.warning("%s was readable for others: mode set to 0600", self.secret_key_path)
            self.secret_key_path.chmod(0o600)
        key = self.secret_key_path.read_bytes().strip()
        with contextlib.suppress(ValueError):
            if len(key) == 2 * KEY_BYTES:
                return bytes.fromhex(key.decode("ascii")).hex()
        raise SecretKeyBroken(path=str(self.secret_key_path))

    def _make_secret_key(self) -> None:
        # Whole and on the disk before it gets its name: a crash leaves no key or this key, and of two makers at once
        # both read the same.
        partial = self.path / f".secret-key.{secrets.token_hex(8)}"
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(partial, self.secret_key_path)
            except FileExistsError:
                pass  # another maker was faster; its key counts
            except OSError:
                os.replace(partial, self.secret_key_path)  # a file system without links
        finally:
            partial.unlink(missing_ok=True)
        sync_folder(self.path)


class LedgerLock:
    """
    The lock on a SQLite ledger itself, beside the file: a data folder's lock doesn't know of another folder whose
    settings name the same ledger.

    Attributes:
        path: of the lock, an empty file "<ledger>.lock"; the lock ends with the process.
    """

    def __init__(self, ledger: Path) -> None:
        # By whichever links it is named, it is one file.
        self._ledger = Path(os.path.realpath(ledger))
        self.path = self._ledger.with_name(self._ledger.name + ".lock")
        self._lock = FileLock(self.path, mode=0o600, thread_local=False, fallback_to_soft=False)

    def acquire(self) -> None:
        """
        Take the lock, without waiting. It ends with this object too: keep it.

        Raises:
            LedgerInUse: a process has it.
            OSError: the folder isn't there, or can't be written.
        """
        if not self.path.parent.is_dir():
            # FileLock would make it, and a mistyped DATABASE_URL a new ledger somewhere.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path.parent))
        if self._lock.is_locked:
            raise LedgerInUse(path=str(self._ledger))
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise LedgerInUse(path=str(self._ledger)) from None

    def release(self) -> None:
        """Give the lock back; nothing where it isn't held."""
        self._lock.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


@contextlib.contextmanager
def telling_folder_trouble(folder: str | os.PathLike[str]) -> Iterator[None]:
    """
    Have what the system says of the data folder in this block told as FolderUnusable: a file in its place, no right to
    write, a disk that is full or read-only.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        path = os.fsdecode(where) if isinstance(where, str | bytes | os.PathLike) else str(folder)
        raise FolderUnusable(path=path, reason=error.strerror or type(error).__name__) from error
