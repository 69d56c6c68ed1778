"""Counters that a test opens itself: on a ledger that outlives them, or for several tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from intake.desk import Desk
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.writer import Writer
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.makers import make_campaign, make_catalogue


@contextmanager
def open_counter(
    url: str, folder: Path, clock: Clock | None = None, catalogue: FixedCatalogue | None = None
) -> Iterator[Counter]:
    """Open a counter on a ledger with its tables, and close it as a shop does."""
    clock, catalogue = clock or Clock(), catalogue or FixedCatalogue(make_catalogue(make_campaign()))
    failures: list[BaseException] = []
    with DataFolder(folder) as data:
        engine, reader = open_writer(url), open_reader(url)
        writer = Writer(engine, on_fatal=failures.append)
        writer.start()
        try:
            desk = Desk(writer, reader, b"test-key", data.path, catalogue, clock)
            yield Counter(data, engine, reader, writer, clock, catalogue, desk)
        finally:
            reader.dispose()
            closed = writer.close()
            engine.dispose()
        assert closed and not failures
