"""A data folder, its ledger at the newest revision, and rows that are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from intake.ledger import schema
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.migrate import ensure_current
from intake.ledger.writer import Writer
from tests.intake.ledger.desks import WAIT_S, Desk

OrderRow = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def empty_engine(folder: DataFolder) -> Iterator[Engine]:
    """The writing engine on an empty file."""
    engine = open_writer(folder.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    """The writing engine on a ledger with its tables and one snapshot, "hash-1"."""
    ensure_current(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(insert(schema.snapshots).values(hash="hash-1", body="{}", created_at_ms=1_790_000_000_000))
    return empty_engine


@pytest.fixture
def reader(engine: Engine, folder: DataFolder) -> Iterator[Engine]:
    reading = open_reader(folder.database_url)
    yield reading
    reading.dispose()


@pytest.fixture
def order_row() -> OrderRow:
    """Give a function that makes a whole order's row; a number tells orders apart, names replace columns."""

    def make(number: int = 1, **changes: Any) -> dict[str, Any]:
        row = {
            "ref": f"NST-{number:04}",
            "token": f"token-{number}",
            "nonce": f"nonce-{number}",
            "fields_digest": "digest",
            "campaign_id": "nastar",
            "round": 1,
            "revision": 1,
            "snapshot_hash": "hash-1",
            "status": "awaiting_payment",
            "language": "id",
            "source": "web",
            "received_at_ms": 1_790_000_000_000,
            "placed_at_ms": 1_790_000_000_050,
            "name": "Sari Contoh",
            "phone": "+6281200001234",
            "phone_hmac": "hmac",
            "address": "Jl. Contoh No. 1",
            "note": None,
            "goods_rp": 350_000,
            "shipping_rp": None,
            "deposit_rp": 175_000,
            "delivery_id": "jne",
            "delivery_name": "JNE",
            "terms_accepted_at_ms": 1_790_000_000_000,
        }
        return row | changes

    return make


@pytest.fixture
def make_desk(engine: Engine) -> Iterator[Callable[..., Desk]]:
    """Give a function that starts a writer (of another class, with other sizes)."""
    desks = []

    def make(kind: type[Writer] = Writer, **options: Any) -> Desk:
        failures: list[BaseException] = []
        writer = kind(engine, on_fatal=failures.append, **options)
        desk = Desk(writer, failures)
        desks.append(desk)
        writer.start()
        return desk

    yield make
    for desk in desks:
        desk.writer.close(WAIT_S)
        desk.end()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
