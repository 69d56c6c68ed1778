"""
What the operating system, SQLite and the network say in English when something fails, in the shop's language. What isn't
known stays as it was said: better a foreign word than none.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping

Gettext = Callable[[str], str]


def own_words(said: str, _: Gettext) -> str:
    """Give a sentence's part for what was said: by strerror(), as the name of an error, or as a code of ours."""
    text = said.strip().rstrip(".")
    known = _sentences(_)
    if text in known:
        return known[text]
    return next((words for phrase, words in _phrases(_).items() if phrase in text), said)


def _sentences(_: Gettext) -> Mapping[str, str]:
    no_right, gone, full = _("the rights for it are lacking"), _("it isn't there"), _("there is no room left")
    busy, read_only = _("another program holds it"), _("it may only be read")
    away, slow = _("nobody answers there"), _("it took too long")
    by_number = {
        errno.EACCES: no_right, errno.EPERM: no_right, errno.ENOENT: gone, errno.ENODEV: gone, errno.ENXIO: gone,
        errno.ENOSPC: full, errno.EROFS: read_only, errno.EBUSY: busy, errno.EAGAIN: busy,
        errno.ENOTDIR: _("a file stands where a folder should be"),
        errno.EISDIR: _("a folder stands where a file should be"),
        errno.EEXIST: _("something of that name is there already"),
        errno.EIO: _("the disk fails"),
        errno.ENAMETOOLONG: _("the name is too long"),
        errno.EFBIG: _("the file would become larger than is allowed here"),
        errno.EMFILE: _("too many files are open"), errno.ENFILE: _("too many files are open"),
        errno.ENOMEM: _("there is not enough memory"),
        errno.EADDRINUSE: _("the port is taken"),
        errno.EADDRNOTAVAIL: _("this machine has no such address"),
        errno.ECONNREFUSED: away, errno.ECONNRESET: away, errno.EPIPE: away,
        errno.EHOSTUNREACH: _("the network doesn't lead there"), errno.ENETUNREACH: _("the network doesn't lead there"),
        errno.ETIMEDOUT: slow,
    }  # fmt: skip
    if hasattr(errno, "EDQUOT"):
        by_number[errno.EDQUOT] = full
    damaged, unreadable = _("the file is damaged"), _("it can't be opened")
    return {os.strerror(number): words for number, words in by_number.items()} | {
        # Names of Python's errors, where nothing else was said.
        "FileNotFoundError": gone, "PermissionError": no_right, "NotADirectoryError": by_number[errno.ENOTDIR],
        "IsADirectoryError": by_number[errno.EISDIR], "ConnectionRefusedError": away, "ConnectionResetError": away,
        "BrokenPipeError": away, "TimeoutError": slow,
        # SQLite's.
        "unable to open database file": unreadable, "attempt to write a readonly database": read_only,
        "disk I/O error": by_number[errno.EIO], "database is locked": busy, "database or disk is full": full,
        "database disk image is malformed": damaged,
        # Our own codes.
        "timeout": slow, "late": slow, "busy": busy, "disk_full": full, "unreadable": _("it is damaged"),
        "unreachable": away, "connection": away, "answer": _("its answer can't be understood"), "read_back": _("what was written could not be read again"),
    }  # fmt: skip


def _phrases(_: Gettext) -> Mapping[str, str]:
    """Give words for longer sentences, of a resolver or of a database server, by a part of them."""
    return {
        "service not known": _("no machine has this name"),
        "servname provided": _("no machine has this name"),
        "failure in name resolution": _("the network's names can't be looked up now"),
        "host/port specified": _("no machine has this name"),
        "Connection refused": _("nobody answers there"),
        "could not translate host name": _("no machine has this name"),
        "failed to resolve host": _("no machine has this name"),
        "timeout expired": _("it took too long"),
        "password authentication failed": _("the account or its password is wrong"),
        "no password supplied": _("the password is lacking"),
    }
