"""A shop with its pages, on a real ledger: what the tests of the pages do their orders in."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake import build_app
from intake.desk import Desk
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.store import StoredOrder
from intake.ledger.writer import Writer
from intake.placing import Placed, Placement
from intake.settings import Settings
from preorder.campaign import Campaign
from tests.databases import sqlite_ledger
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.web.page import Page
from tests.makers import make_campaign, make_catalogue

SECRET = b"secret of the tests"

# What a careful buyer fills in; every name that the form of tests.makers has is in FIELDS or ABSENT.
FIELDS: Mapping[str, str] = {
    "nastar--250g--qty": "2",
    "name": "Ibu Contoh",
    "phone": "0812-0000-5678",
    "delivery": "jne",
    "street": "Jl. Misal No. 2 RT 01/RW 02\r\nKelurahan Umpama",
    "district": "Coblong",
    "city": "Bandung",
    "province": "Jawa Barat",
    "postal_code": "40123",
    "note": "",
    "channel": "instagram",
    "terms": "yes",
    "leave_empty": "",
}


def fields(**changes: str | None) -> dict[str, str]:
    """
    Give the usual fields with these changes; None leaves a field out. "nastar__250g__qty" stands for
    "nastar--250g--qty".
    """
    changed = dict(FIELDS) | {name.replace("__", "--"): text for name, text in changes.items()}  # type: ignore[arg-type]
    return {name: text for name, text in changed.items() if text is not None}


def assert_kept(page: Page, posted: dict[str, str]) -> None:
    """Every field of the page's form holds what was posted, and no field holds anything else."""
    shown = page.form("/pesan/nastar").fields
    for name, text in posted.items():
        if name != "leave_empty":
            assert shown.get(name, "") == text.replace("\r\n", "\n"), name


class TroubledDesk:
    """The real desk, with a fault that is switched on: before the ledger is asked, or after it has stored."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.before: Exception | None = None
        self.after: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def place(self, placement: Placement) -> Placed:
        if self.before is not None:
            raise self.before
        placed = self._desk.place(placement)
        if self.after is not None:
            raise self.after
        return placed

    def claim_payment(self, token: str, now: datetime) -> None:
        if self.before is not None:
            raise self.before
        self._desk.claim_payment(token, now)


@dataclass
class World:
    """
    A shop with its pages.

    Attributes:
        desk: what the pages talk to; counter.desk without the faults.
    """

    counter: Counter
    desk: TroubledDesk
    settings: Settings
    app: Flask

    @property
    def client(self) -> FlaskClient:
        """Give a visitor with no cookies of her own, who would take one."""
        return self.app.test_client()

    @property
    def campaign(self) -> Campaign:
        """Give the first campaign."""
        return self.counter.catalogue.current().campaigns[0]

    def publish(self, *campaigns: Campaign, **shop: Any) -> None:
        """Publish these campaigns under a revision that is one higher."""
        before = self.counter.catalogue.catalogue
        self.counter.catalogue.catalogue = make_catalogue(*campaigns, revision=before.revision + 1, **shop)

    def orders(self) -> int:
        """Give how many orders the ledger holds."""
        with self.counter.reader.begin() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one())

    def order_at(self, location: str) -> StoredOrder:
        """Give the order behind the address of a status page."""
        found = self.counter.desk.order_by_token(location.rsplit("/", 1)[-1])
        assert found is not None
        return found

    def review(self, **changes: str | None) -> Page:
        """Post the form and give the review page."""
        response = self.client.post("/pesan/nastar", data=fields(**changes))
        assert response.status_code == 200, Page(response.text).title
        return Page(response.text)

    def send(self, review: Page) -> TestResponse:
        """Press the button of a review page."""
        form = review.form("/pesan/nastar/kirim")
        return self.client.post("/pesan/nastar/kirim", data=form.fields)


@contextlib.contextmanager
def open_world(folder: Path, *campaigns: Campaign, **settings: Any) -> Iterator[World]:
    """Open a shop in this folder; it sells these campaigns, or the usual one."""
    data = DataFolder(folder / "data")
    site = folder / "site"
    site.mkdir()
    with data:
        url = sqlite_ledger(data.path / "etalase.sqlite3")
        assert url == data.database_url
        engine = open_writer(url)
        reader = open_reader(data.database_url)
        failures: list[BaseException] = []
        writer = Writer(engine, on_fatal=failures.append)
        writer.start()
        clock, catalogue = Clock(), FixedCatalogue(make_catalogue(*(campaigns or (make_campaign(),))))
        desk = Desk(writer, reader, SECRET, data.path, catalogue, clock)
        counter = Counter(data, engine, reader, writer, clock, catalogue, desk)
        made = make_settings(folder, **settings)
        troubled = TroubledDesk(desk)
        app = build_app(made, catalogue, troubled, secret_key=SECRET, clock=clock)
        yield World(counter, troubled, made, app)
        reader.dispose()
        assert writer.close()
        engine.dispose()
        assert not failures


def make_settings(folder: Path, **changes: Any) -> Settings:
    """Give settings for a shop in this folder."""
    settings = Settings(
        content=folder / "content",
        site=folder / "site",
        data=folder / "data",
        catalogue=str(folder / "site" / "catalogue.json"),
        site_url="",
        intake_url="",
        secret_key="",
        database_url="",
        sheet="",
        host="127.0.0.1",
        port=0,
        templates=Settings.templates,
    )
    return dataclasses.replace(settings, **changes)
