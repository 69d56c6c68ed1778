"""Enquiries in the ledger, on both databases: their history, several who write at once, and copies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intake.backup import EVERY, Backups, last_change
from intake.enquiring import Enquiries, HasLeft
from intake.enquiry_rows import carry_out, quotation_rows
from intake.ledger import enquiries
from intake.ledger.engine import open_writer
from intake.ledger.invariants import find_violations
from intake.ledger.schema import enquiry_events
from intake.ledger.writer import Writer
from preorder.enquiries import Enquiry, EnquiryKind, EnquiryStatus
from tests.databases import PostgresServer
from tests.intake.conftest import Counter
from tests.intake.test_backup import World, content, make_world, reading
from tests.intake.test_enquiry_tabs import LINES, WORDING, ask

WAIT_S = 20


def history(counter: Counter, ref: str) -> list[tuple[Any, ...]]:
    """Give actor, event and the move of each event of an enquiry."""
    with counter.reader.begin() as connection:
        stored = enquiries.by_ref(connection, ref)
        assert stored is not None
        of_it = enquiry_events.c.enquiry_id == stored.enquiry_id
        rows = connection.execute(select(enquiry_events).where(of_it).order_by(enquiry_events.c.event_id))
        return [(row.actor, row.event, row.from_status, row.to_status) for row in rows]


def answer(counter: Counter, ref: str, **cells: str) -> None:
    """Have the seller type into the row of a request."""
    with counter.reader.begin() as connection:
        shown = quotation_rows(connection, counter.catalogue.current(), WORDING, counter.clock())
    row = next(row for row in shown if row.ref == ref)
    counter.writer.submit(lambda tx: carry_out(tx, [row], {ref: cells}, counter.clock()))


def test_what_happens_to_an_enquiry_is_written_down(counter: Counter) -> None:
    """Who did what, in order, and nobody's words; the checks of the ledger agree."""
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES, note="Rahasia")
    answer(counter, asked.ref, status="Dijawab", seller_note="55.000")
    answer(counter, asked.ref, status="Menunggu")
    counter.desk.enquiries.leave(asked.token, counter.clock())
    assert history(counter, asked.ref) == [
        ("buyer", "asked", None, "waiting"),
        ("seller", "moved", "waiting", "answered"),
        ("seller", "noted", None, None),
        ("seller", "moved", "answered", "waiting"),
        ("buyer", "left", "waiting", "left"),
    ]
    with counter.reader.begin() as connection:
        kept = repr(connection.execute(select(enquiry_events)).all())
        assert find_violations(connection) == []
    assert not any(word in kept for word in ("Rahasia", "Ibu", "+62", "55.000"))


def test_one_press_and_its_echoes_ask_once(counter: Counter) -> None:
    """Eight at the same moment: one enquiry, and each hears of it."""
    barrier = threading.Barrier(8)

    def press(_: int) -> str:
        barrier.wait(WAIT_S)
        return ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES).token

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(press, range(8)))
    assert len(tokens) == 1
    with counter.reader.begin() as connection:
        assert len(enquiries.newest(connection, list(EnquiryKind), 100)) == 1


@pytest.fixture
def elsewhere(counter: Counter, database_url: str) -> Iterator[Enquiries]:
    """What takes enquiries on another machine that works on the same ledger."""
    engine = open_writer(database_url)
    failures: list[BaseException] = []
    writer = Writer(engine, on_fatal=failures.append)
    writer.start()
    yield Enquiries(writer, counter.reader, b"test-key")
    assert writer.close()
    engine.dispose()
    assert not failures


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_press_that_two_machines_hear_asks_once(
    counter: Counter, elsewhere: Enquiries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second begins after the first has looked for it and before it has stored it: it waits, and finds it."""
    real, tokens = enquiries.find_same, list[str]()
    second = threading.Thread(target=lambda: tokens.append(press(elsewhere)))

    def press(desk: Enquiries) -> str:
        enquiry = Enquiry(EnquiryKind.WAITLIST, "nastar-lebaran", 1, "Ibu 1", "+6281200007701", LINES)
        return desk.ask(enquiry, "Nastar", "id", "digest", "Hanya untuk ini.", counter.clock(), None).token

    def find_same(*args: Any) -> Any:
        found = real(*args)
        if second.ident is None:
            second.start()
            second.join(1)
        return found

    monkeypatch.setattr(enquiries, "find_same", find_same)
    tokens.append(press(counter.desk.enquiries))
    second.join(WAIT_S)
    assert len(tokens) == 2 and len(set(tokens)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_leaves_while_the_seller_answers_has_left(
    counter: Counter, elsewhere: Enquiries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines at once: whoever comes second sees what the first did. Nobody who was erased is answered."""
    asked = ask(counter, EnquiryKind.QUOTATION, 1, lines=LINES)
    real, outcome = enquiries.change, list[HasLeft]()

    def leave() -> None:
        try:
            elsewhere.leave(asked.token, counter.clock())
        except HasLeft as error:
            outcome.append(error)

    leaving = threading.Thread(target=leave)

    def change(tx: Any, stored: Any, now_ms: int, **values: Any) -> None:
        if values.get("status") is EnquiryStatus.ANSWERED:
            # She has read the row and is about to write: now the asker leaves.
            leaving.start()
            leaving.join(1)
        real(tx, stored, now_ms, **values)

    monkeypatch.setattr(enquiries, "change", change)
    answer(counter, asked.ref, status="Dijawab")
    leaving.join(WAIT_S)
    stored = counter.desk.enquiries.find(asked.token).stored
    assert (stored.status, stored.name) == (EnquiryStatus.ANSWERED, "Ibu 1")
    assert [error.fields["status"] for error in outcome] == [EnquiryStatus.ANSWERED]
    with counter.reader.begin() as connection:
        assert find_violations(connection) == []


def test_an_enquiry_is_reason_enough_for_a_backup(counter: Counter, tmp_path: Path) -> None:
    """A shop that is sold out takes no orders for days: those who wait are kept safe all the same."""
    backups = Backups(counter.reader, tmp_path / "backups", None, counter.clock)
    assert backups.run_if_due() is None
    asked = ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES)
    assert backups.run_if_due() is not None
    counter.clock.now += 2 * EVERY
    assert backups.run_if_due() is None
    counter.desk.enquiries.leave(asked.token, counter.clock())
    assert backups.run_if_due() is not None


def test_doctor_sees_enquiries_that_are_in_no_backup(tmp_path: Path) -> None:
    """Without any order as well."""
    world = make_world(tmp_path)
    with world.open() as counter:
        assert last_change(world.settings) is None
        ask(counter, EnquiryKind.INTEREST, 1)
        assert last_change(world.settings) == counter.clock()
        counter.clock.now += timedelta(hours=1)
        counter.place()
        assert last_change(world.settings) == counter.clock()


def test_a_copy_brings_enquiries_from_one_database_to_the_other(
    tmp_path: Path, postgres_server: PostgresServer, postgres_template: str
) -> None:
    """Every row and its history; the page has its address still, and the next enquiry gets the next number."""
    small = make_world(tmp_path)
    with small.open() as counter:
        waits = ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES)
        leaves = ask(counter, EnquiryKind.WAITLIST, 2, lines=LINES)
        counter.desk.enquiries.leave(leaves.token, counter.clock())
        counter.place()
        small.sync(counter)
    backup = small.back_up()
    large = World(tmp_path, postgres_server.create(postgres_template))
    large.opened, large.clock = 10, small.clock
    try:
        assert large.restore(backup).is_open
        for table in ("enquiries", "enquiry_events"):
            assert content(large.url)[table] == content(small.url)[table]
        with large.open() as counter:
            assert counter.desk.enquiries.find(waits.token).place == 1
            third = ask(counter, EnquiryKind.WAITLIST, 3, lines=LINES)
            assert counter.desk.enquiries.find(third.token).place == 2
            counter.desk.enquiries.leave(third.token, counter.clock())
        with reading(large.url) as connection:
            assert find_violations(connection) == []
    finally:
        postgres_server.drop(large.url)
