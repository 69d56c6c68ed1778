from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from intake.ledger import schema
from intake.ledger.engine import open_writer
from preorder.status import Status
from tests.conftest import DATABASES

OrderRow = Callable[..., dict[str, Any]]
ERASED = {
    "token": None,
    "fields_digest": None,
    "name": None,
    "phone": None,
    "phone_hmac": None,
    "address": None,
    "note": None,
}
MS = 1_790_000_000_000
CONSENT = {"order_id": 1, "purpose": "news", "given": 1, "text_hash": "hash-1", "at_ms": MS, "actor": "buyer"}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The writing engine on a ledger with one snapshot, "hash-1"; on each database in turn."""
    opened = open_writer(database_url)
    with opened.begin() as connection:
        connection.execute(insert(schema.snapshots).values(hash="hash-1", body="{}", created_at_ms=MS))
    yield opened
    opened.dispose()


def enquiry_row(**changes: Any) -> dict[str, Any]:
    """Give an enquiry's row that is right, with these changes."""
    row = {
        "ref": "W-A2345",
        "token": "token",
        "kind": "waitlist",
        "campaign_id": "nastar",
        "round": 1,
        "title": "Nastar",
        "status": "waiting",
        "language": "id",
        "asked_at_ms": MS,
        "changed_at_ms": MS,
        "fields_digest": "digest",
        "name": "Sari Contoh",
        "phone": "+6281200001234",
        "phone_hmac": "hmac",
        "consent": "Hanya untuk ini.",
        "consented_at_ms": MS,
    }
    return row | changes


@pytest.fixture
def ledger(engine: Engine, order_row: OrderRow) -> Engine:
    """A ledger with order 1, its entry 1, its event 1 and its consent 1, and enquiry 1 with its event 1."""
    with engine.begin() as connection:
        connection.execute(insert(schema.orders), order_row(1))
        connection.execute(
            insert(schema.entries).values(order_id=1, kind="payment", amount_rp=175_000, at_ms=MS, actor="seller")
        )
        connection.execute(
            insert(schema.events).values(
                order_id=1, at_ms=MS, actor="buyer", event="placed", to_status="awaiting_payment"
            )
        )
        connection.execute(insert(schema.consents).values(CONSENT))
        connection.execute(insert(schema.enquiries).values(enquiry_row()))
        connection.execute(
            insert(schema.enquiry_events).values(
                enquiry_id=1, at_ms=MS, actor="buyer", event="asked", to_status="waiting"
            )
        )
    return engine


def refused(engine: Engine, table: Any, row: dict[str, Any]) -> str:
    # PostgreSQL refuses a text for a number before it looks at any constraint.
    with pytest.raises((IntegrityError, DataError)) as error, engine.begin() as connection:
        connection.execute(insert(table), row)
    return str(error.value)


@pytest.mark.parametrize(
    "table",
    [schema.entries, schema.events, schema.consents, schema.enquiry_events],
    ids=lambda table: table.name,
)
@pytest.mark.parametrize(
    ("verb", "database_url"),
    [*product(("update", "delete"), DATABASES), ("replace", "sqlite"), ("truncate", "postgresql")],
    indirect=["database_url"],
)
def test_entries_events_and_consents_are_append_only(ledger: Engine, table: Any, verb: str) -> None:
    """What was recorded stays as it was recorded, whatever statement tries."""
    key = next(iter(table.primary_key.columns))
    with ledger.connect() as connection:
        before = connection.execute(select(table)).one()
    again = dict(before._mapping) | {"at_ms": 1}
    statement = {
        "update": update(table).where(key == 1).values(at_ms=1),
        "delete": delete(table).where(key == 1),
        "replace": insert(table).prefix_with("OR REPLACE").values(again),
        "truncate": text(f"TRUNCATE {table.name} CASCADE"),
    }[verb]
    with pytest.raises(IntegrityError, match="append-only"), ledger.begin() as connection:
        connection.execute(statement)
    with ledger.connect() as connection:
        assert connection.execute(select(table)).all() == [before]


@pytest.mark.parametrize(
    "changes",
    [{"purpose": "profiling"}, {"given": 2}, {"given": None}, {"text_hash": "hash-unknown"}, {"text_hash": None}, {"order_id": 9}, {"actor": "friend"}, {"at_ms": None}],
    ids=str,
)  # fmt: skip
def test_no_consent_without_its_words_and_time_can_be_stored(ledger: Engine, changes: dict[str, Any]) -> None:
    """Each names an order, what for, in which words and when."""
    refused(ledger, schema.consents, CONSENT | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "complaint"},
        {"status": "offered"},
        {"language": "jv"},
        {"round": 0},
        {"units": -1},
        {"accepts_part": 2},
        {"phone": None},
        {"erased_at_ms": MS},
        {"status": "left"},
    ],
)
def test_half_an_enquiry_is_refused(engine: Engine, changes: dict[str, Any]) -> None:
    """Nobody stands in the line without a number, and nothing stays of who has left or was erased."""
    assert "ck_enquiries_" in refused(engine, schema.enquiries, enquiry_row(**changes))


def test_every_status_can_be_stored(engine: Engine, order_row: OrderRow) -> None:
    """All sixteen, and no other (below)."""
    rows = [order_row(number, status=status) for number, status in enumerate(Status)]
    with engine.begin() as connection:
        connection.execute(insert(schema.orders), rows)
        assert len(connection.execute(select(schema.orders.c.status).distinct()).all()) == 16


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "lunas"},
        {"language": "jv"},
        {"source": "phone"},
        {"round": 0},
        {"version": 0},
        {"goods_rp": -1},
        {"shipping_rp": -1},
        {"deposit_rp": -1},
        {"delay_notice": 2},
        {"complaint_open": -1},
        {"decision_needed": 2},
        {"snapshot_hash": "hash-unknown"},
        {"snapshot_hash": None},
        {"ref": None},
        {"campaign_id": None},
        {"ref": "NST-0001"},
        {"token": "token-1"},
        {"nonce": "nonce-1"},
        {"token": None},
        {"name": None},
        {"phone": None, "phone_hmac": None},
        {"phone_hmac": None},
        {"phone": None, "source": "sheet"},
        {"fields_digest": None},
        {"nonce": None},
        {"terms_accepted_at_ms": None},
        {"erased_at_ms": MS},
        ERASED,
        ERASED | {"erased_at_ms": MS, "address": "Jl. Contoh No. 1"},
        ERASED | {"erased_at_ms": MS, "token": "token-2"},
        {"goods_rp": "85rb"},
        {"received_at_ms": "kemarin"},
    ],
    ids=",".join,
)
def test_no_half_order_can_be_stored(ledger: Engine, order_row: OrderRow, changes: dict[str, Any]) -> None:
    """
    Beside the first order, a second that lacks something, repeats a secret, or holds a text where a number belongs.
    """
    refused(ledger, schema.orders, order_row(2, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"shipping_rp": 0, "deposit_rp": 0, "note": "=1+1", "address": None},
        {
            "source": "sheet",
            "nonce": None,
            "fields_digest": None,
            "terms_accepted_at_ms": None,
            "phone": None,
            "phone_hmac": None,
        },
        ERASED | {"erased_at_ms": MS},
    ],
    ids=["web", "pickup", "sheet", "erased"],
)
def test_whole_orders_can_be_stored(ledger: Engine, order_row: OrderRow, changes: dict[str, Any]) -> None:
    """The CHECKs refuse nothing that the rules allow."""
    with ledger.begin() as connection:
        connection.execute(insert(schema.orders), order_row(2, **changes))
        assert connection.execute(select(schema.orders.c.version)).all() == [(1,), (1,)]


LINE = {"order_id": 1, "position": 1, "product_id": "nastar", "product_name": "Nastar", "qty": 2, "price_rp": 85_000}
DUE = {
    "order_id": 1,
    "kind": "deposit",
    "amount_rp": 174_863,
    "unique_code": 137,
    "pay_by_ms": MS,
    "grace_until_ms": MS,
    "created_at_ms": MS,
}
ENTRY = {"order_id": 1, "kind": "payment", "amount_rp": 100_000, "at_ms": MS, "actor": "seller"}
EVENT = {
    "order_id": 1,
    "at_ms": MS,
    "actor": "clock",
    "event": "expired",
    "from_status": "awaiting_payment",
    "to_status": "expired",
}
OUTBOX = {"order_id": 1, "state": "pending", "version": 1, "created_at_ms": MS, "changed_at_ms": MS}
POOL = {"campaign_id": "nastar", "round": 1, "pool_id": "toples", "quota": 3, "revision": 1}
HOLD = {"order_id": 1, "pool_id": "toples", "units": 2}
SHEET_ROW = {"order_id": 1, "written_version": 1, "first_written_at_ms": MS, "last_written_at_ms": MS}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (schema.order_lines, LINE | {"qty": 0}),
        (schema.order_lines, LINE | {"price_rp": -1}),
        (schema.order_lines, LINE | {"qty_done": 3}),
        (schema.order_lines, LINE | {"qty_done": -1}),
        (schema.order_lines, LINE | {"position": 0}),
        (schema.order_lines, LINE | {"order_id": 99}),
        (schema.order_lines, LINE | {"qty": "dua"}),
        (schema.dues, DUE | {"kind": "rest"}),
        (schema.dues, DUE | {"amount_rp": -1}),
        (schema.dues, DUE | {"unique_code": 1_000}),
        (schema.dues, DUE | {"grace_until_ms": MS - 1}),
        (schema.dues, DUE | {"pay_by_ms": None}),
        (schema.dues, DUE | {"order_id": 99}),
        (schema.entries, ENTRY | {"kind": "gift"}),
        (schema.entries, ENTRY | {"amount_rp": 0}),
        (schema.entries, ENTRY | {"kind": "refund"}),
        (schema.entries, ENTRY | {"kind": "reversal", "amount_rp": -175_000}),
        (schema.entries, ENTRY | {"reverses": 1}),
        (schema.entries, ENTRY | {"kind": "reversal", "reverses": 2}),
        (schema.entries, ENTRY | {"actor": "robot"}),
        (schema.entries, ENTRY | {"due_kind": "rest"}),
        (schema.entries, ENTRY | {"order_id": 99}),
        (schema.events, EVENT | {"actor": "robot"}),
        (schema.events, EVENT | {"from_status": "lunas"}),
        (schema.events, EVENT | {"to_status": "lunas"}),
        (schema.events, EVENT | {"undoes": 2}),
        (schema.events, EVENT | {"undoes": 99}),
        (schema.events, EVENT | {"order_id": 99}),
        (schema.outbox, OUTBOX | {"state": "lost"}),
        (schema.outbox, OUTBOX | {"version": 0}),
        (schema.outbox, OUTBOX | {"order_id": 99}),
        (schema.pools, POOL | {"quota": -1}),
        (schema.pools, POOL | {"sold": -1}),
        (schema.pools, POOL | {"round": 0}),
        (schema.pools, POOL | {"quota": None}),
        (schema.holds, HOLD | {"units": 0}),
        (schema.holds, HOLD | {"order_id": 99}),
        (schema.sheet_rows, SHEET_ROW | {"away": 2}),
        (schema.sheet_rows, SHEET_ROW | {"first_written_at_ms": None}),
        (schema.sheet_rows, SHEET_ROW | {"written_version": -1}),
        (schema.meta, {"key": "k", "value": None}),
    ],
)
def test_no_half_row_can_be_stored(ledger: Engine, table: Any, row: dict[str, Any]) -> None:
    """The twin of each, which is right, is in the next test."""
    refused(ledger, table, row)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (schema.order_lines, LINE | {"qty_done": 2}),
        (schema.dues, DUE),
        (schema.dues, DUE | {"kind": "balance", "pay_by_ms": None, "grace_until_ms": None}),
        (schema.entries, ENTRY),
        (schema.entries, ENTRY | {"amount_rp": -20_000}),
        (schema.entries, ENTRY | {"kind": "refund", "amount_rp": -100_000}),
        (schema.entries, ENTRY | {"kind": "reversal", "amount_rp": -175_000, "reverses": 1}),
        (schema.entries, ENTRY | {"kind": "discount", "amount_rp": 137, "due_kind": "deposit"}),
        (schema.events, EVENT),
        (schema.events, EVENT | {"undoes": 1}),
        (schema.outbox, OUTBOX),
        (schema.pools, POOL | {"sold": 5}),
        (schema.holds, HOLD),
        (schema.sheet_rows, SHEET_ROW),
        (schema.sheet_rows, {"order_id": 1, "written_version": 0}),
    ],
)
def test_whole_rows_can_be_stored(ledger: Engine, table: Any, row: dict[str, Any]) -> None:
    """Among them more sold than the quota, for the seller may lower it."""
    with ledger.begin() as connection:
        connection.execute(insert(table), row)


def test_an_entry_is_reversed_once_and_an_event_undone_once(ledger: Engine) -> None:
    """However often the seller sets the status back."""
    reversal = ENTRY | {"kind": "reversal", "amount_rp": -175_000, "reverses": 1}
    with ledger.begin() as connection:
        connection.execute(insert(schema.entries), reversal)
        connection.execute(insert(schema.events), EVENT | {"undoes": 1})
    assert re.search("entries[._]reverses", refused(ledger, schema.entries, reversal))
    assert re.search("events[._]undoes", refused(ledger, schema.events, EVENT | {"undoes": 1}))


def test_an_order_with_parts_cannot_be_deleted(ledger: Engine) -> None:
    """No cascade anywhere: nothing disappears because something else did."""
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), ledger.begin() as connection:
        connection.execute(delete(schema.orders))
    assert all(
        key.ondelete is None and key.onupdate is None
        for table in schema.metadata.tables.values()
        for key in table.foreign_keys
    )
