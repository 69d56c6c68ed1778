"""What a lease promises: one at a time, never for ever, and nothing stored by who has lost it. PostgreSQL only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert, select, update

from intake.ledger.engine import open_reader, open_writer
from intake.ledger.leases import CLOCKS_APART_S, LONGEST_S, Lease, LeasedWriter, LeaseLost, clock_ahead_s, holders
from intake.ledger.schema import leases, meta
from intake.ledger.writer import Transaction, Writer
from tests.databases import PostgresServer
from tests.intake.ledger.desks import WAIT_S, Gate, until

# Short enough to wait for, long enough for a busy machine to do something within.
SHORT_S = 1.2


@pytest.fixture
def url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    made = postgres_server.lend(postgres_template)
    yield made
    postgres_server.take_back(made)


@pytest.fixture
def reader(url: str) -> Iterator[Engine]:
    reading = open_reader(url)
    yield reading
    reading.dispose()


@pytest.fixture
def process(url: str) -> Iterator[Callable[[], Writer]]:
    """Give a function that gives the writer of one more process on the database."""
    writers: list[tuple[Writer, Engine]] = []

    def start() -> Writer:
        engine = open_writer(url)
        writer = Writer(engine, on_fatal=lambda error: None)
        writer.start()
        writers.append((writer, engine))
        return writer

    yield start
    for writer, engine in writers:
        assert writer.close()
        engine.dispose()


def keep(key: str) -> Callable[[Transaction], None]:
    """Give a work that leaves a trace."""
    return lambda tx: tx.execute(insert(meta).values(key=key, value="")) and None


def kept(reader: Engine) -> set[str]:
    """Give the traces."""
    with reader.begin() as connection:
        return set(connection.execute(select(meta.c.key)).scalars())


def wait_until_taken(lease: Lease) -> None:
    """Return once it is ours."""
    until(lease.take)


def test_one_of_many_gets_it(process: Callable[[], Writer], reader: Engine) -> None:
    """Eight that try in the same moment, ten times over: each time exactly one has it, and it is the one written down."""
    mine = [Lease(process(), "sheet", f"p{number}", 20) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(10):
            barrier = threading.Barrier(8)

            def take(lease: Lease, barrier: threading.Barrier = barrier) -> bool:
                barrier.wait(WAIT_S)
                return lease.take()

            has = [lease for lease, won in zip(mine, threads.map(take, mine), strict=True) if won]
            assert len(has) == 1
            with reader.begin() as connection:
                (found,) = holders(connection)
            assert found.owner == has[0].owner
            assert 15 < found.left_s <= 20
            has[0].release()


def test_leases_of_other_names_are_apart(process: Callable[[], Writer]) -> None:
    """Who has the sheet doesn't keep others from the clock."""
    assert Lease(process(), "sheet", "a", 20).take()
    assert Lease(process(), "clock", "b", 20).take()


def test_given_back_it_is_free_at_once(process: Callable[[], Writer], reader: Engine) -> None:
    """A restart waits for nothing."""
    first, second = Lease(process(), "sheet", "a", 20), Lease(process(), "sheet", "b", 20)
    assert first.take() and not second.take()
    first.release()
    assert second.take() and not first.take()
    # What the first gives back once more is not the second's.
    first.release()
    with reader.begin() as connection:
        assert [found.owner for found in holders(connection)] == [second.owner]


def test_its_end_comes_by_itself(process: Callable[[], Writer], reader: Engine) -> None:
    """Who says nothing more loses it; what he then stores is not stored, and he notices."""
    first, second = Lease(process(), "sheet", "a", SHORT_S), process()
    writer = LeasedWriter(first._writer, first)
    assert first.take()
    writer.submit(keep("in time"))
    after = Lease(second, "sheet", "b", 20)
    wait_until_taken(after)
    with pytest.raises(LeaseLost):
        writer.submit(keep("too late"))
    assert kept(reader) >= {"in time"} and "too late" not in kept(reader)
    assert not first.is_held and not first.take()
    LeasedWriter(second, after).submit(keep("by the next"))
    assert "by the next" in kept(reader)


def test_renewing_keeps_it(process: Callable[[], Writer]) -> None:
    """Every work renews it, and so does take()."""
    first, second = Lease(process(), "sheet", "a", SHORT_S), Lease(process(), "sheet", "b", SHORT_S)
    assert first.take()
    writer = LeasedWriter(first._writer, first)
    ends = time.monotonic() + 3 * SHORT_S
    count = 0
    while time.monotonic() < ends:
        writer.submit(keep(str(count)))
        assert not second.take()
        assert first.take()
        count += 1
    assert first.tenure == 1


def test_an_end_that_nobody_used_does_no_harm(process: Callable[[], Writer], reader: Engine) -> None:
    """Its end has come, but nobody was there: nothing has happened meanwhile, and the holder goes on."""
    lease = Lease(process(), "sheet", "a", SHORT_S)
    assert lease.take()
    until(lambda: _left(reader) <= 0)
    LeasedWriter(lease._writer, lease).submit(keep("later"))
    assert "later" in kept(reader)
    assert lease.take() and lease.tenure == 1


def test_lost_and_free_again_is_still_lost(process: Callable[[], Writer], reader: Engine) -> None:
    """Another had it and gave it back meanwhile: what was begun before is not stored, and a fresh tenure begins."""
    first, second = Lease(process(), "sheet", "a", SHORT_S), Lease(process(), "sheet", "b", 20)
    assert first.take()
    writer = LeasedWriter(first._writer, first)
    wait_until_taken(second)
    second.release()
    with pytest.raises(LeaseLost):
        writer.submit(keep("of the first tenure"))
    assert "of the first tenure" not in kept(reader)
    assert first.take() and first.tenure == 2
    writer.submit(keep("of the second"))
    assert "of the second" in kept(reader)


def test_a_work_left_over_from_an_earlier_tenure_is_not_stored(process: Callable[[], Writer], reader: Engine) -> None:
    """A work that waited in the queue while the lease was lost and won again belongs to the lost one."""
    writer = process()
    lease, other = Lease(writer, "sheet", "a", SHORT_S), Lease(process(), "sheet", "b", 20)
    assert lease.take()
    gate = Gate()
    with ThreadPoolExecutor(2) as threads:
        # The writer is busy with something of somebody else.
        busy = threads.submit(lambda: writer.submit(gate))
        assert gate.reached.wait(WAIT_S)
        left_over = threads.submit(LeasedWriter(writer, lease).submit, keep("left over"), timeout_s=WAIT_S)
        until(lambda: writer.depth == 1)
        wait_until_taken(other)
        other.release()
        gate.open()
        busy.result(WAIT_S)
        with pytest.raises(LeaseLost):
            left_over.result(WAIT_S)
    assert "left over" not in kept(reader)


def test_nobody_takes_over_in_the_middle_of_a_work(process: Callable[[], Writer], reader: Engine) -> None:
    """
    A work has found the lease to be its own: until its COMMIT nobody gets it, though its end has come; and who tries
    does not wait for that, for orders would wait with him.
    """
    lease, other = Lease(process(), "sheet", "a", SHORT_S), Lease(process(), "sheet", "b", 20)
    assert lease.take()
    gate = Gate()

    def slow(tx: Transaction) -> None:
        keep("slow")(tx)
        gate()

    with ThreadPoolExecutor(1) as threads:
        storing = threads.submit(LeasedWriter(lease._writer, lease).submit, slow, timeout_s=WAIT_S)
        assert gate.reached.wait(WAIT_S)
        until(lambda: _left(reader) <= 0)
        began = time.monotonic()
        assert not other.take()
        assert time.monotonic() - began < 1
        gate.open()
        storing.result(WAIT_S)
    assert "slow" in kept(reader)
    wait_until_taken(other)


def test_what_a_work_raises_renews_nothing(process: Callable[[], Writer], reader: Engine) -> None:
    """It is undone with all it did."""
    lease = Lease(process(), "sheet", "a", 20)
    assert lease.take()

    def refuse(tx: Transaction) -> None:
        keep("refused")(tx)
        raise KeyError("no")

    with pytest.raises(KeyError):
        LeasedWriter(lease._writer, lease).submit(refuse)
    assert "refused" not in kept(reader) and lease.is_held


def test_it_is_kept_while_a_block_runs(process: Callable[[], Writer], reader: Engine) -> None:
    """A round that takes longer than the lease lasts keeps it; one that hangs does not, from some time on."""
    lease, other = Lease(process(), "sheet", "a", SHORT_S), Lease(process(), "sheet", "b", 20)
    assert lease.take()
    with lease.kept(at_most_s=3 * SHORT_S):
        ends = time.monotonic() + 2.5 * SHORT_S
        while time.monotonic() < ends:
            assert not other.take()
        wait_until_taken(other)
        with pytest.raises(LeaseLost):
            LeasedWriter(lease._writer, lease).submit(keep("too late"))
    assert "too late" not in kept(reader)
    assert other.take()


def test_longer_for_once(process: Callable[[], Writer], reader: Engine) -> None:
    """It may be renewed for longer than usual, and what follows doesn't shorten that; but never without bound."""
    lease = Lease(process(), "sheet", "a", 5)
    assert lease.take() and _left(reader) <= 5
    lease.renew(60)
    assert 55 < _left(reader) <= 60
    lease.renew()
    LeasedWriter(lease._writer, lease).submit(keep("short"))
    assert 50 < _left(reader) <= 60
    lease.renew(10 * LONGEST_S)
    assert _left(reader) <= LONGEST_S
    with pytest.raises(ValueError, match="a lease lasts"):
        Lease(lease._writer, "sheet", "a", LONGEST_S + 1)


@pytest.mark.parametrize("whose", ["another's", "its own"])
def test_the_databases_clock_was_put_back(process: Callable[[], Writer], reader: Engine, whose: str) -> None:
    """An end hours ahead was set by a clock that was wrong: it keeps nobody out for hours."""
    lease, other = Lease(process(), "sheet", "a", 20), Lease(process(), "sheet", "b", 20)
    assert lease.take()
    two_hours = update(leases).values(until_ms=leases.c.until_ms + 7_200_000)
    lease._writer.submit(lambda tx: tx.execute(two_hours) and None)
    if whose == "another's":
        assert other.take() and _left(reader) <= 20
    else:
        lease.renew()
        assert _left(reader) <= LONGEST_S
        assert not other.take()


def test_it_is_the_databases_time(process: Callable[[], Writer], monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose clock is a day ahead takes nothing from anybody."""
    lease, other = Lease(process(), "sheet", "a", 20), Lease(process(), "sheet", "b", 20)
    assert lease.take()
    ahead = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: ahead)
    assert not other.take()


def test_clocks_that_are_apart_are_noticed(reader: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine knows by how much its own clock differs from the database's."""
    with reader.begin() as connection:
        assert abs(clock_ahead_s(connection)) < CLOCKS_APART_S
        behind = time.time() - 7_200
        monkeypatch.setattr(time, "time", lambda: behind)
        assert clock_ahead_s(connection) == pytest.approx(-7_200, abs=CLOCKS_APART_S)


def _left(reader: Engine) -> float:
    with reader.begin() as connection:
        (found,) = holders(connection)
    return found.left_s
