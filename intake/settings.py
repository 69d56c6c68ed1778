"""What the operator decides: every environment name once, with unit and default."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from preorder.errors import PreorderError

# An id is 44 characters today; nothing promises that.
_GOOGLE_ID = re.compile(r"google:([A-Za-z0-9_-]{10,100})")
# As the browser shows it; with several accounts signed in, /u/1 stands between.
_GOOGLE_ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,100})(?:[/?#]|$)")

CHECKOUT = Path(__file__).resolve().parent.parent


class SettingsError(PreorderError):
    """An environment value that can't be used. Fields: name, value, wanted (what to write)."""

    code = "bad_setting"


@dataclass(frozen=True)
class Settings:
    """
    The operator's decisions.

    Attributes:
        content: folder with the seller's Markdown (ETALASE_CONTENT).
        site: folder that build.py writes (ETALASE_SITE).
        data: folder of ledger, key and workbook; private (ETALASE_DATA).
        catalogue: path or https address of catalogue.json (ETALASE_CATALOGUE; default: in site).
        site_url, intake_url: public origins without a slash at the end, "" for one and the same origin
            (ETALASE_SITE_URL, ETALASE_INTAKE_URL).
        secret_key: of review tokens and phone digests (ETALASE_SECRET_KEY); "" means the one kept in the data folder.
        database_url: SQLAlchemy address (DATABASE_URL; default: SQLite in the data folder).
        sheet: path of the workbook, or a Google spreadsheet: its address or "google:<id>" (ETALASE_SHEET; default:
            orders.xlsx in the data folder).
        google_key: path of the service account's JSON file (GOOGLE_APPLICATION_CREDENTIALS); "" for none.
        sheets_api: base address in the place of Google's, for tests; "" for Google (ETALASE_SHEETS_API).
        host, port: where to listen (HOST, PORT).
        templates: folder of templates, of this checkout.
    """

    content: Path
    site: Path
    data: Path
    catalogue: str
    site_url: str
    intake_url: str
    secret_key: str
    database_url: str
    sheet: str
    host: str
    port: int
    google_key: str = ""
    sheets_api: str = ""
    templates: Path = CHECKOUT / "templates"

    @property
    def google_sheet(self) -> str:
        """Give the id of the Google spreadsheet; "" where the sheet is a workbook."""
        found = _GOOGLE_ID.fullmatch(self.sheet) or _GOOGLE_ADDRESS.match(self.sheet)
        return found[1] if found else ""

    @property
    def one_origin(self) -> bool:
        """Say whether pages and order desk share an origin, which they do unless both addresses are set and differ."""
        return not (self.site_url and self.intake_url) or self.site_url == self.intake_url

    @property
    def shares_ledger(self) -> bool:
        """Say whether several processes may stand on the ledger: PostgreSQL. A SQLite file has one."""
        return self.database_url.partition(":")[0].partition("+")[0] in {"postgresql", "postgres"}


def read_settings(environment: Mapping[str, str] | None = None, *, dotenv: bool = True) -> Settings:
    """
    Read the settings.

    Args:
        environment: names and values; by default the process's, over those of a .env file in the working folder.
        dotenv: whether that file is looked at.

    Raises:
        SettingsError: a value that can't be used; the first one.
    """
    values = _with_dotenv(dotenv) if environment is None else environment

    def text(name: str, default: str) -> str:
        return values.get(name, "").strip() or default

    site = Path(text("ETALASE_SITE", "site"))
    data = Path(text("ETALASE_DATA", "data"))
    return Settings(
        content=Path(text("ETALASE_CONTENT", "content")),
        site=site,
        data=data,
        catalogue=text("ETALASE_CATALOGUE", str(site / "catalogue.json")),
        site_url=_origin("ETALASE_SITE_URL", text("ETALASE_SITE_URL", "")),
        intake_url=_origin("ETALASE_INTAKE_URL", text("ETALASE_INTAKE_URL", "")),
        secret_key=text("ETALASE_SECRET_KEY", ""),
        database_url=text("DATABASE_URL", f"sqlite:///{data / 'etalase.sqlite3'}"),
        sheet=_sheet(text("ETALASE_SHEET", str(data / "orders.xlsx"))),
        host=text("HOST", "127.0.0.1"),
        port=_port(text("PORT", "8000")),
        google_key=text("GOOGLE_APPLICATION_CREDENTIALS", ""),
        sheets_api=_origin("ETALASE_SHEETS_API", text("ETALASE_SHEETS_API", "")),
    )


def _with_dotenv(dotenv: bool) -> Mapping[str, str]:
    if not dotenv:
        return os.environ
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(".env").items() if value is not None} | dict(os.environ)


def _origin(name: str, value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.netloc
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(name=name, value=value, wanted="https://shop.example")
    return f"{parts.scheme}://{parts.netloc}"


def _sheet(value: str) -> str:
    is_google = value.startswith(("google:", "http:", "https:"))
    if is_google and not (_GOOGLE_ID.fullmatch(value) or _GOOGLE_ADDRESS.match(value)):
        raise SettingsError(
            name="ETALASE_SHEET", value=value, wanted="https://docs.google.com/spreadsheets/d/1AbC.../edit"
        )
    return value


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 <= int(value) <= 65535):
        raise SettingsError(name="PORT", value=value, wanted="8000")
    return int(value)
