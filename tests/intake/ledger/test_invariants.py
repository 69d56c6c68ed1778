"""The invariant checker: a ledger that our code wrote is clean, and each thing that must not be there is seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from intake import checkup
from intake.clock import expire_unpaid
from intake.commands import Cell, apply_edits
from intake.erasing import erase
from intake.ledger import enquiries, outbox, recording
from intake.ledger.invariants import KINDS, count_orders, find_violations
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction
from intake.settings import read_settings
from preorder.consent import ConsentText, Purpose
from preorder.enquiries import Enquiry, EnquiryKind, EnquiryLine, EnquiryStatus
from preorder.order import LineRequest
from preorder.status import Actor
from preorder.terms import PaymentTerms, Scheme
from tests.conftest import DATABASES
from tests.databases import PostgresServer, sqlite_ledger
from tests.intake.conftest import Counter
from tests.intake.counters import open_counter
from tests.makers import make_campaign, make_request


@dataclass(frozen=True)
class Planted:
    """A violation, written by hand. also: kinds that it is as well; also_on_sqlite: what its own checks say of it."""

    kind: str
    statements: tuple[str, ...]
    also_on_sqlite: str = ""
    only_on: tuple[str, ...] = DATABASES
    also: str = ""


def _of(name: str) -> str:
    return f"order_id = :{name}"


ENTRY = "INSERT INTO entries (order_id, kind, amount_rp, at_ms, actor, reverses)"
DISCOUNT = "INSERT INTO entries (order_id, kind, amount_rp, at_ms, actor, due_kind)"
CONSENT = "INSERT INTO consents (order_id, purpose, given, text_hash, at_ms, actor)"
UNDOES = (
    "UPDATE events SET undoes = (SELECT min(event_id) FROM events WHERE {})"
    " WHERE order_id = :twice AND undoes IS NOT NULL"
)
NOTHING_BACK = "DELETE FROM entries WHERE order_id = :twice AND reverses IS NOT NULL"

PLANTS = (
    Planted("pool_miscounted", ("UPDATE pools SET sold = sold + 1 WHERE pool_id = '*'",)),
    Planted("pool_miscounted", (f"UPDATE orders SET status = 'expired' WHERE {_of('fresh')}",
        f"UPDATE events SET to_status = 'expired' WHERE {_of('fresh')}"), also="due_wrong"),
    Planted("hold_unlike_lines", (f"UPDATE holds SET units = 3 WHERE {_of('fresh')} AND pool_id = '*'",
        "UPDATE pools SET sold = sold + 1 WHERE pool_id = '*'")),
    Planted("hold_unlike_lines", (f"UPDATE holds SET units = 1 WHERE {_of('fresh')} AND pool_id = '*'",
        "UPDATE pools SET sold = sold - 1 WHERE pool_id = '*'")),
    Planted("lines_missing", (f"DELETE FROM order_lines WHERE {_of('fresh')}",)),
    Planted("goods_unlike_lines", (f"UPDATE orders SET goods_rp = goods_rp + 1 WHERE {_of('fresh')}",)),
    Planted("goods_unlike_lines", (f"UPDATE order_lines SET cancelled_at_ms = 1 WHERE {_of('mixed')} AND position = 2",
        f"DELETE FROM holds WHERE {_of('mixed')}", "UPDATE pools SET sold = sold - 3 WHERE pool_id = '*'",
        "UPDATE pools SET sold = sold - 2 WHERE pool_id <> '*'")),
    Planted("outbox_missing", (f"DELETE FROM outbox WHERE {_of('fresh')}",)),
    Planted("change_untold", (f"UPDATE outbox SET version = 1 WHERE {_of('deposit')}",)),
    Planted("delivery_forgotten", (f"UPDATE outbox SET state = 'done' WHERE {_of('fresh')}",)),
    Planted("delivery_forgotten", (f"UPDATE sheet_rows SET first_written_at_ms = NULL WHERE {_of('shown')}",)),
    Planted("token_wrong", (f"UPDATE orders SET token = NULL WHERE {_of('fresh')}",)),
    Planted("erased_remains", (f"UPDATE orders SET tracking = 'JP1234567890' WHERE {_of('forgotten')}",)),
    Planted("erased_remains", (f"UPDATE order_lines SET note = 'pita' WHERE {_of('forgotten')}",)),
    Planted("consent_stands", (f"{CONSENT} SELECT order_id, 'news', 1, snapshot_hash, 1, 'buyer' FROM orders WHERE {_of('forgotten')}",)),
    Planted("snapshot_missing", (f"UPDATE orders SET snapshot_hash = 'gone' WHERE {_of('fresh')}",), "reference_broken"),
    Planted("snapshot_changed", ("UPDATE snapshots SET body = replace(body, '18000', '81000')",)),
    Planted("history_unbegun", (f"DELETE FROM events WHERE {_of('fresh')}",)),
    Planted("history_unbegun", (f"UPDATE events SET event = 'paid_in_full' WHERE {_of('fresh')}",)),
    Planted("history_broken", (f"UPDATE events SET from_status = 'paid' WHERE {_of('deposit')} AND from_status IS NOT NULL",)),
    Planted("history_broken", (f"UPDATE events SET from_status = NULL WHERE {_of('deposit')}",)),
    Planted("status_unlike_history", (f"UPDATE orders SET status = 'payment_claimed' WHERE {_of('fresh')}",)),
    Planted("undo_wrong", (f"UPDATE orders SET status = 'payment_claimed' WHERE {_of('undone')}",
        f"UPDATE events SET to_status = 'payment_claimed' WHERE {_of('undone')} AND undoes IS NOT NULL")),
    # An undo of another order's event; and one of the claim, although a move after that still stands.
    Planted("undo_wrong", (UNDOES.format(f"{_of('deposit')} AND event = 'placed'"), NOTHING_BACK), also="due_wrong"),
    Planted("undo_wrong", (UNDOES.format(f"{_of('twice')} AND event = 'payment_claimed'"), NOTHING_BACK), also="due_wrong"),
    Planted("undo_incomplete", (f"DELETE FROM entries WHERE {_of('undone')} AND reverses IS NOT NULL",), also="due_wrong"),
    Planted("reversal_without_undo", (f"{ENTRY} SELECT order_id, 'reversal', -amount_rp, 1, 'seller', entry_id FROM entries WHERE {_of('short')}",), also="due_wrong"),
    Planted("reversal_wrong", (f"UPDATE entries SET amount_rp = amount_rp + 5 WHERE {_of('undone')} AND reverses IS NOT NULL",), also="due_wrong"),
    Planted("received_negative", (f"{ENTRY} VALUES (:fresh, 'payment', -5000, 1, 'seller', NULL)",), also="due_wrong"),
    Planted("received_negative", (f"{ENTRY} VALUES (:fresh, 'payment', -5000, 1, 'seller', NULL)",
        f"{ENTRY} VALUES (:fresh, 'payment', 9000, 2, 'seller', NULL)"), also="due_wrong"),
    Planted("refund_too_large", (f"{ENTRY} VALUES (:short, 'refund', -30001, 1, 'seller', NULL)",), also="due_wrong"),
    Planted("status_unpaid", (f"UPDATE entries SET amount_rp = 1000 WHERE {_of('paid')}",), also="due_wrong"),
    Planted("status_unpaid", (f"UPDATE orders SET shipping_rp = NULL WHERE {_of('paid')}",)),
    Planted("status_unpaid", (f"DELETE FROM entries WHERE {_of('deposit')}",), also="due_wrong"),
    Planted("due_missing", (f"DELETE FROM dues WHERE {_of('fresh')}",), also="due_wrong"),
    Planted("due_missing", (f"UPDATE dues SET pay_by_ms = NULL, grace_until_ms = NULL WHERE {_of('fresh')}",)),
    Planted("due_wrong", (f"UPDATE dues SET amount_rp = amount_rp + 1 WHERE {_of('fresh')}",)),
    Planted("due_wrong", (f"UPDATE dues SET closed_at_ms = 1 WHERE kind = 'balance' AND {_of('deposit')}",)),
    Planted("due_wrong", (f"UPDATE dues SET closed_at_ms = NULL WHERE {_of('paid')}",)),
    Planted("due_wrong", (f"UPDATE dues SET closed_at_ms = NULL WHERE {_of('cancelled')}",)),
    Planted("due_wrong", (f"UPDATE dues SET kind = 'full' WHERE kind = 'balance' AND {_of('deposit')}",)),
    Planted("discount_wrong", (f"UPDATE dues SET unique_code = 7 WHERE {_of('fresh')}",)),
    Planted("discount_wrong", (f"{DISCOUNT} VALUES (:fresh, 'discount', 5, 1, 'clock', 'balance')", f"{DISCOUNT} VALUES (:fresh, 'discount', -5, 1, 'clock', 'full')")),
    Planted("code_twice", ("DROP INDEX uq_dues_coded", f"UPDATE dues SET unique_code = 137, amount_rp = 64863 WHERE {_of('fresh')} OR {_of('short')}"), also="due_wrong discount_wrong"),
    Planted("ref_wrong", (f"UPDATE orders SET ref = 'NST-AAAA' WHERE {_of('fresh')}",)),
    Planted("enquiry_history_broken", ("UPDATE enquiry_events SET event = 'moved' WHERE event = 'asked' AND enquiry_id = 1",)),
    Planted("enquiry_history_broken", ("UPDATE enquiry_events SET from_status = 'declined' WHERE event = 'left'",)),
    Planted("enquiry_history_broken", ("UPDATE enquiry_events SET from_status = NULL WHERE event = 'left'",)),
    Planted("enquiry_unlike_history", ("UPDATE enquiries SET status = 'declined' WHERE enquiry_id = 1",)),
    Planted("enquiry_unlike_history", ("DELETE FROM enquiry_events WHERE enquiry_id = 1",)),
    Planted("enquiry_miscounted", ("UPDATE enquiries SET units = 7 WHERE enquiry_id = 1",)),
    Planted("reference_broken", ("INSERT INTO holds (order_id, pool_id, units) VALUES (999999, '*', 1)",), only_on=("sqlite",)),
    Planted("file_damaged", (f"UPDATE sheet_rows SET away = 7 WHERE {_of('shown')}", "PRAGMA ignore_check_constraints = OFF"), only_on=("sqlite",)),
)  # fmt: skip


def edit(counter: Counter, ref: str, **cells: Cell) -> None:
    """Make edits in a row, as a sheet would report them."""
    with counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [ref])[ref]
    assert counter.writer.submit(lambda tx: apply_edits(tx, record, cells, dict(record.seen) | cells, counter.clock()))


def live(counter: Counter) -> dict[str, str]:
    """Lead some orders through their lives; give name -> ref."""
    without_deposit = make_campaign(payment=PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL))
    gamis = LineRequest("gamis", "", 1, {"warna": "Sage"})
    refs = {name: counter.place().ref for name in ("old", "claimed")}
    counter.desk.claim_payment(counter.order(refs["claimed"]).token, counter.clock())
    counter.clock.move(hours=37)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    names = ("fresh", "deposit", "paid", "undone", "twice", "short", "cancelled", "given_back", "shown", "away")
    refs |= {name: counter.place().ref for name in names}
    refs["whole"] = counter.place(campaign=without_deposit).ref
    refs["mixed"] = counter.place(make_request(None, LineRequest("nastar", "250g", 2, {}), gamis)).ref
    edit(counter, refs["deposit"], status="DP diterima")
    edit(counter, refs["paid"], money_in=148_000)
    edit(counter, refs["short"], money_in=30_000)
    edit(counter, refs["whole"], status="Lunas")
    for status in ("DP diterima", "Menunggu pembayaran"):
        edit(counter, refs["undone"], status=status)
    counter.desk.claim_payment(counter.order(refs["twice"]).token, counter.clock())
    for status in ("DP diterima", "Lunas", "DP diterima"):
        edit(counter, refs["twice"], status=status)
    edit(counter, refs["cancelled"], status="Batal (penjual)")
    # Paid, cancelled, all of it given back, and the cancellation taken back: waits for payment again.
    for cells in ({"status": "Lunas"}, {"status": "Batal (penjual)"}, {"money_in": 0}, {"status": "Lunas"}):
        edit(counter, refs["given_back"], **cells)
    edit(counter, refs["old"], money_in=65_000)
    forgotten = dataclasses.replace(counter.placement(), consents=(ConsentText(Purpose.NEWS, "id", "Boleh."),))
    refs["forgotten"] = counter.desk.place(forgotten).ref
    edit(counter, refs["forgotten"], status="Batal (penjual)")
    counter.writer.submit(lambda tx: erase(tx, refs["forgotten"], counter.clock(), Actor.OPERATOR))
    _ask(counter)
    _deliver(counter, refs["shown"], first_written_at_ms=1, last_written_at_ms=1)
    _deliver(counter, refs["away"], away=1)
    return refs


def _ask(counter: Counter) -> None:
    """Have enquiries made: one waits (1), one is answered and taken back, one has left."""
    desk, now = counter.desk.enquiries, counter.clock()
    lines = (EnquiryLine("nastar", "250g", "Nastar Toples 250 g", {}, 6),)
    kinds = (EnquiryKind.WAITLIST, EnquiryKind.QUOTATION, EnquiryKind.WAITLIST)
    asked = [
        desk.ask(
            Enquiry(kind, "nastar-lebaran", 1, "Ibu Contoh", f"+6281200007{number:03}", lines),
            "Nastar", "id", f"digest-{number}", "Hanya untuk ini.", now, None,
        )
        for number, kind in enumerate(kinds)
    ]  # fmt: skip

    def answer(tx: Transaction, status: EnquiryStatus) -> None:
        stored = enquiries.by_ref(tx.connection, asked[1].ref, lock=True)
        assert stored is not None
        enquiries.change(tx, stored, to_ms(now), status=status)

    for status in (EnquiryStatus.ANSWERED, EnquiryStatus.WAITING):
        counter.writer.submit(partial(answer, status=status))
    desk.leave(asked[2].token, now)


def _deliver(counter: Counter, ref: str, **values: int) -> None:
    order = counter.order(ref)

    def deliver(tx: Any) -> None:
        recording.note_sheet_row(tx, order.order_id, **values)
        recording.mark_delivered(tx, {order.order_id: 1}, 1)

    counter.writer.submit(deliver)


@dataclass(frozen=True)
class Ground:
    """A ledger with orders, and their ids by name."""

    kind: str
    url: str
    ids: Mapping[str, int]

    @contextmanager
    def spoiling(self) -> Iterator[Connection]:
        """Give a connection that may write what our tables refuse; in the end nothing of it remains."""
        engine = create_engine(
            make_url(self.url).set(drivername="sqlite" if self.kind == "sqlite" else "postgresql+psycopg")
        )
        with engine.connect() as connection:
            if self.kind == "sqlite":
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                connection.exec_driver_sql("BEGIN")
                for verb in ("update", "delete"):
                    for table in ("consents", "entries", "events", "enquiry_events"):
                        connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only_{verb}")
            else:
                for table in ("consents", "entries", "events", "enquiry_events"):
                    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                for name in ("fk_orders_snapshot_hash_snapshots", "ck_orders_buyer_known"):
                    connection.exec_driver_sql(f"ALTER TABLE orders DROP CONSTRAINT {name}")
            yield connection
            connection.rollback()
        engine.dispose()


@pytest.fixture(scope="module")
def sqlite_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("ground")
    return _ground("sqlite", sqlite_ledger(folder / "etalase.sqlite3"), folder)


@pytest.fixture(scope="module")
def postgresql_ground(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, postgres_template: str
) -> Ground:
    return _ground("postgresql", postgres_server.create(postgres_template), tmp_path_factory.mktemp("ground"))


def _ground(kind: str, url: str, folder: Path) -> Ground:
    with open_counter(url, folder / "data") as counter:
        ids = {name: counter.order(ref).order_id for name, ref in live(counter).items()}
    return Ground(kind, url, ids)


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest) -> Any:
    """Orders in many states, on each database in turn."""
    return request.getfixturevalue(f"{request.param}_ground")


def test_what_our_code_writes_is_clean(ground: Ground) -> None:
    """Orders placed, paid, undone, cancelled, expired, revived, shown and kept away break nothing."""
    with ground.spoiling() as connection:
        assert find_violations(connection) == []
        assert count_orders(connection) == len(ground.ids)


@pytest.mark.parametrize(
    ("ground", "planted"),
    [
        pytest.param(kind, planted, id=f"{kind}-{planted.kind}")
        for kind in DATABASES
        for planted in PLANTS
        if kind in planted.only_on
    ],
    indirect=["ground"],
)
def test_each_violation_is_seen_and_nothing_else(ground: Ground, planted: Planted) -> None:
    """What is written by hand is reported under its own kind alone."""
    with ground.spoiling() as connection:
        for statement in planted.statements:
            connection.execute(text(statement), ground.ids)
        found = find_violations(connection)
    expected = {planted.kind, *planted.also.split()} | (
        {planted.also_on_sqlite} - {""} if ground.kind == "sqlite" else set()
    )
    assert {violation.kind for violation in found} == expected, [str(violation) for violation in found]


def test_each_kind_is_planted_somewhere() -> None:
    """No check is without a proof that it can fail."""
    assert {planted.kind for planted in PLANTS} == set(KINDS)


def test_a_wrong_order_is_named_by_its_ref_and_nothing_else(ground: Ground) -> None:
    """Numbers and codes stand beside it, nothing about the buyer."""
    with ground.spoiling() as connection:
        ref = connection.execute(text("SELECT ref FROM orders WHERE order_id = :fresh"), ground.ids).scalar_one()
        connection.execute(text("UPDATE orders SET goods_rp = 7 WHERE order_id = :fresh"), ground.ids)
        (found,) = find_violations(connection)
    assert (found.kind, found.where, found.fields) == ("goods_unlike_lines", ref, {"goods_rp": 7, "lines_rp": 130_000})


def test_no_more_of_a_kind_than_asked_for(ground: Ground) -> None:
    """A thousand wrong orders fill no screen, and hide no other kind."""
    with ground.spoiling() as connection:
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(text("UPDATE pools SET sold = sold + 1"))
        kinds = [violation.kind for violation in find_violations(connection, limit=2)]
    assert sorted(kinds) == ["outbox_missing"] * 2 + ["pool_miscounted"] * 2


def test_an_erased_order_is_clean(ground: Ground) -> None:
    """Whoever asks to be forgotten leaves an order that still adds up."""
    with ground.spoiling() as connection:
        connection.execute(
            text(
                "UPDATE orders SET erased_at_ms = 1, token = NULL, fields_digest = NULL, name = NULL, phone = NULL,"
                " phone_hmac = NULL, address = NULL, note = NULL WHERE order_id = :fresh"
            ),
            ground.ids,
        )
        assert find_violations(connection) == []


def test_doctor_tells_each_kind_in_a_sentence(ground: Ground) -> None:
    """Every violation that can be found has words and advice, and all its fields fit them."""
    for planted in PLANTS:
        if ground.kind not in planted.only_on:
            continue
        with ground.spoiling() as connection:
            for statement in planted.statements:
                connection.execute(text(statement), ground.ids)
            for violation in find_violations(connection):
                finding = checkup._violation_finding(violation, str)
                assert finding.grade is checkup.Grade.BAD and finding.advice and "%(" not in finding.text


def test_doctor_looks_through_the_whole_ledger(counter: Counter, tmp_path: Any) -> None:
    """With --deep it says how many orders agree, or what does not."""
    ref = counter.place().ref
    settings = read_settings(
        {
            "ETALASE_DATA": str(counter.folder.path),
            "DATABASE_URL": counter.engine.url.render_as_string(hide_password=False)
            if counter.engine.dialect.name == "postgresql"
            else f"sqlite:///{tmp_path / 'etalase.sqlite3'}",
        }
    )
    (finding,) = checkup.examine_ledger(settings, str)
    assert finding.grade is checkup.Grade.GOOD and finding.text.startswith("1 ")
    order_id = counter.order(ref).order_id
    counter.writer.submit(
        lambda tx: tx.execute(text("DELETE FROM outbox WHERE order_id = :id"), {"id": order_id}).rowcount
    )
    (finding,) = checkup.examine_ledger(settings, str)
    assert finding.grade is checkup.Grade.BAD and ref in finding.text
