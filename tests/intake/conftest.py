"""A ledger with its writer, and a desk before it, for tests of the order desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, select

from intake.desk import Desk
from intake.ledger import store
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.schema import pools
from intake.ledger.store import StoredOrder
from intake.ledger.writer import Writer
from intake.placing import Placed, Placement
from preorder.campaign import Campaign
from preorder.catalogue import Catalogue
from preorder.order import OrderRequest, accept
from tests.makers import NOW, make_campaign, make_catalogue, make_request

if TYPE_CHECKING:
    from tests.sheets_double.double import SheetsDouble


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> None:
        """Move it on by days, hours, minutes or seconds."""
        self.now += timedelta(**step)


@dataclass
class FixedCatalogue:
    """A source that publishes what it is given."""

    catalogue: Catalogue = field(default_factory=make_catalogue)

    def current(self) -> Catalogue:
        return self.catalogue

    def refresh(self) -> Catalogue:
        return self.catalogue


@dataclass
class Counter:
    """A desk with all that it stands on."""

    folder: DataFolder
    engine: Engine
    reader: Engine
    writer: Writer
    clock: Clock
    catalogue: FixedCatalogue
    desk: Desk
    _nonces: int = 0

    def placement(
        self, request: OrderRequest | None = None, campaign: Campaign | None = None, nonce: str = ""
    ) -> Placement:
        """Give a placement of this request, or of the usual one, at the clock's time."""
        campaign = campaign or self.catalogue.current().campaigns[0]
        request = request or make_request(campaign)
        self._nonces += 1
        return Placement(
            campaign=campaign,
            shop=self.catalogue.current().shop,
            revision=self.catalogue.current().revision,
            request=request,
            quotation=accept(campaign, request, self.clock()),
            nonce=nonce or f"nonce-{self._nonces}",
            fields_digest="0" * 64,
            received_at=self.clock(),
            language="id",
        )

    def place(self, request: OrderRequest | None = None, campaign: Campaign | None = None, nonce: str = "") -> Placed:
        """Place an order and give what the desk says."""
        return self.desk.place(self.placement(request, campaign, nonce))

    def order(self, ref: str) -> StoredOrder:
        """Give an order as it stands in the ledger."""
        with self.reader.begin() as connection:
            found = store.order_by_ref(connection, ref)
        assert found is not None
        return found

    def sold(self, campaign_id: str = "nastar-lebaran", round_: int = 1) -> dict[str, int]:
        """Give pool -> units sold."""
        with self.reader.begin() as connection:
            found = select(pools.c.pool_id, pools.c.sold).where(pools.c.campaign_id == campaign_id)
            return {row.pool_id: row.sold for row in connection.execute(found.where(pools.c.round == round_))}


def _not_fatal(error: BaseException) -> None:
    raise AssertionError(f"the ledger failed in a test: {error!r}")


@pytest.fixture
def counter(tmp_path: Path, database_url: str) -> Iterator[Counter]:
    """A desk on a fresh ledger, with one open campaign, at NOW; on each database in turn."""
    folder = DataFolder(tmp_path / "data")
    with folder:
        engine = open_writer(database_url)
        reader = open_reader(database_url)
        writer = Writer(engine, on_fatal=_not_fatal)
        writer.start()
        clock, catalogue = Clock(), FixedCatalogue(make_catalogue(make_campaign()))
        desk = Desk(writer, reader, b"test-key", folder.path, catalogue, clock)
        yield Counter(folder, engine, reader, writer, clock, catalogue, desk)
        reader.dispose()
        assert writer.close()
        engine.dispose()


@pytest.fixture
def double() -> Iterator[SheetsDouble]:
    """Google Sheets on this machine, without a quota."""
    from tests.sheets_double.double import SheetsDouble

    with SheetsDouble(per_account=None, per_project=None) as running:
        yield running


@pytest.fixture
def google_key(double: SheetsDouble, tmp_path: Path) -> Path:
    """The key of the double's service account."""
    return double.write_key(tmp_path / "key.json")
