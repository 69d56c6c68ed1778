"""The operator's settings: each name once, clear errors, a .env below the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.settings import SettingsError, read_settings


def test_without_anything_the_defaults_of_the_readme_hold() -> None:
    """A fresh checkout needs no setting."""
    settings = read_settings({})
    assert (settings.content, settings.site, settings.data) == (Path("content"), Path("site"), Path("data"))
    assert (settings.catalogue, settings.sheet) == ("site/catalogue.json", "data/orders.xlsx")
    assert (settings.host, settings.port, settings.site_url, settings.intake_url) == ("127.0.0.1", 8000, "", "")
    assert settings.database_url == "sqlite:///data/etalase.sqlite3"


def test_what_is_set_moves_what_hangs_on_it() -> None:
    """Catalogue, ledger and workbook follow their folders; an empty value is no value."""
    settings = read_settings({"ETALASE_SITE": "out", "ETALASE_DATA": "/srv/shop", "PORT": " "})
    assert (settings.catalogue, settings.sheet) == ("out/catalogue.json", "/srv/shop/orders.xlsx")
    assert settings.database_url == "sqlite:////srv/shop/etalase.sqlite3"
    assert settings.port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "８０００"), ("ETALASE_SITE_URL", "shop.example"),
        ("ETALASE_SITE_URL", "https://shop.example/toko"), ("ETALASE_INTAKE_URL", "ftp://shop.example"), ("ETALASE_INTAKE_URL", "https://"),
        ("ETALASE_SITE_URL", "https://shop.example/?a=b"),
    ],
)  # fmt: skip
def test_a_value_that_can_not_be_used_is_named(name: str, value: str) -> None:
    """With what to write instead."""
    with pytest.raises(SettingsError) as refusal:
        read_settings({name: value})
    assert refusal.value.fields["name"] == name and refusal.value.fields["wanted"]


def test_origins_lose_their_slash() -> None:
    """Addresses are put together from them."""
    assert read_settings({"ETALASE_SITE_URL": "https://shop.example/"}).site_url == "https://shop.example"


def test_the_environment_counts_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .env in the working folder fills what the environment leaves open."""
    (tmp_path / ".env").write_text("PORT=8111\nHOST=127.0.0.9\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOST", "127.0.0.2")
    monkeypatch.delenv("PORT", raising=False)
    settings = read_settings()
    assert (settings.host, settings.port) == ("127.0.0.2", 8111)
    assert read_settings(dotenv=False).port == 8000


@pytest.mark.parametrize(
    ("sheet", "number"),
    [
        ("google:1AbCdEfGhIjK_lmn-opq", "1AbCdEfGhIjK_lmn-opq"),
        ("https://docs.google.com/spreadsheets/d/1AbCdEfGhIjK_lmn-opq/edit#gid=0", "1AbCdEfGhIjK_lmn-opq"),
        ("https://docs.google.com/spreadsheets/u/1/d/1AbCdEfGhIjK_lmn-opq/edit?usp=sharing", "1AbCdEfGhIjK_lmn-opq"),
        ("https://docs.google.com/spreadsheets/d/1AbCdEfGhIjK_lmn-opq", "1AbCdEfGhIjK_lmn-opq"),
        ("data/orders.xlsx", ""),
        ("", ""),
    ],
)
def test_a_spreadsheet_is_told_by_its_address(sheet: str, number: str) -> None:
    """As the browser shows it, or by its id; anything that is no address is the path of a workbook."""
    assert read_settings({"ETALASE_SHEET": sheet}).google_sheet == number


@pytest.mark.parametrize(
    "sheet", ["google:", "google:kurz", "https://docs.google.com/document/d/1AbCdEfGhIjK", "https://example.com/a.xlsx"]
)
def test_an_address_that_is_no_spreadsheet_is_refused(sheet: str) -> None:
    """Before a workbook of that name is made."""
    with pytest.raises(SettingsError) as refusal:
        read_settings({"ETALASE_SHEET": sheet})
    assert refusal.value.fields["name"] == "ETALASE_SHEET"
