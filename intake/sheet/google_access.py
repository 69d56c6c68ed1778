"""
How one gets at a Google spreadsheet: the key's file, and the address as people copy it. Each usual mistake is told apart.
No calls in here.
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from intake.sheet import SheetKeyWrong
from preorder.errors import PreorderError

# As the browser shows it, with or without https://; with several accounts signed in, /u/1 stands between.
_ADDRESS = re.compile(r"(?:https?://)?docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,100})(?:[/?#]|$)")
_ID = re.compile(r"(?:google:)?([A-Za-z0-9_-]{25,100})|google:([A-Za-z0-9_-]{10,100})")
# Words of Google's about a machine whose clock is wrong.
_CLOCK = re.compile(r"reasonable timeframe|iat and exp|clock", re.IGNORECASE)


class AddressWrong(PreorderError):
    """
    No address of a spreadsheet. Fields: text, reason ("published", "form", "document", "drive", "short" or "other").
    """

    code = "sheet_address_wrong"


@dataclass(frozen=True)
class KeyFile:
    """
    A service account's key.

    Attributes:
        path: of the file. account: the address that spreadsheets are shared with.
        project: its project at Google.
        mode: of the file, as in "0644"; "" where nobody else can read it.
    """

    path: str
    account: str
    project: str
    mode: str


def look_at_key(path: str) -> KeyFile:
    """
    Look at the key's file.

    Raises:
        SheetKeyWrong: reason "unset", "missing", "unreadable", "not_json", "client" (of an OAuth client), "user" (of a
            person) or "other".
    """

    def wrong(reason: str) -> SheetKeyWrong:
        return SheetKeyWrong(path=path, reason=reason)

    if not path:
        raise wrong("unset")
    file = Path(path)
    if not file.is_file():
        raise wrong("missing")
    try:
        text = file.read_text("utf-8")
        others = stat.S_IMODE(file.stat().st_mode)
    except (OSError, UnicodeDecodeError) as error:
        raise wrong("unreadable" if isinstance(error, OSError) else "not_json") from error
    try:
        said = json.loads(text)
    except ValueError as error:
        raise wrong("not_json") from error
    if not isinstance(said, dict):
        raise wrong("other")
    if "installed" in said or "web" in said:
        raise wrong("client")
    if said.get("type") == "authorized_user":
        raise wrong("user")
    if said.get("type") != "service_account" or not all(said.get(each) for each in ("client_email", "private_key")):
        raise wrong("other")
    # Elsewhere the rights of a file are not in its mode.
    mode = f"{others:04o}" if os.name == "posix" and others & 0o077 else ""
    return KeyFile(path, str(said["client_email"]), str(said.get("project_id", "")), mode)


def parse_address(text: str) -> str:
    """
    Give the id of the spreadsheet that an address leads to; "google:<id>" and the bare id are taken as well.

    Raises:
        AddressWrong
    """
    text = text.strip()
    if found := _ADDRESS.match(text) or _ID.fullmatch(text):
        return str(found[1] or found[2])
    kinds = {
        "published": r"docs\.google\.com/spreadsheets/.*(/d/e/|/pub)",
        "form": r"docs\.google\.com/forms/|forms\.gle/",
        "document": r"docs\.google\.com/(document|presentation|drawings)/",
        "drive": r"drive\.google\.com/",
        "short": r"^(https?://)?(bit\.ly|s\.id|goo\.gl|tinyurl\.com|t\.co|cutt\.ly|lnkd\.in)/",
    }
    reason = next((kind for kind, pattern in kinds.items() if re.search(pattern, text)), "other")
    raise AddressWrong(text=text, reason=reason)


def is_clock(error: BaseException) -> bool:
    """Say whether Google refused a key because of this machine's clock."""
    return bool(_CLOCK.search(str(error.__cause__ or "")))
