"""What a writer promises on SQLite alone: groups, the log, and the end of the process where nothing is certain."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from intake.ledger.engine import open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.writer import LedgerClosed, LedgerFailed, LedgerFull, Transaction, Writer
from tests.intake.ledger.desks import WAIT_S, Desk, keep, stored, then_fail, until

ROOT = Path(__file__).parents[3]


def test_works_that_wait_share_a_commit(desk: Desk, reader: Engine) -> None:
    """Twenty works behind a busy writer cost one COMMIT."""
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(20)))
    before = desk.writer.commits
    gate.open()
    assert {answer.result(WAIT_S) for answer in answers} == {f"k{n}" for n in range(20)} == stored(reader)
    assert desk.writer.commits == before + 2


def test_a_commit_holds_at_most_batch_size_works(make_desk: Callable[..., Desk]) -> None:
    """So that nobody waits for everybody."""
    desk = make_desk(batch_size=5)
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(20)))
    gate.open()
    for answer in answers:
        answer.result(WAIT_S)
    assert desk.writer.commits == 1 + 4


def make_commit_fail(tx: Transaction) -> str:
    """A work that looks stored: only COMMIT finds the row that refers to nothing."""
    tx.connection.exec_driver_sql("INSERT INTO promised VALUES (1, 99)")
    return "stored"


@pytest.fixture
def promised(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE promised (n INTEGER PRIMARY KEY, other INTEGER REFERENCES promised DEFERRABLE INITIALLY DEFERRED)"
        )


@pytest.mark.usefixtures("promised")
def test_a_failing_commit_is_told_to_everybody(desk: Desk, reader: Engine) -> None:
    """
    To those of its group, of whom one had been refused on what was never stored, and to those that wait; then the
    process is to end.
    """
    gate = desk.hold()
    answers = desk.queue(keep("a"), make_commit_fail, then_fail(keep("b")), *(keep(f"k{n}") for n in range(10)))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFailed) as failed:
            answer.result(WAIT_S)
        assert failed.value.fields == {"reason": "IntegrityError"}
    until(lambda: bool(desk.failures))
    assert [type(failure) for failure in desk.failures] == [IntegrityError]
    assert stored(reader) == set()
    with pytest.raises(LedgerFailed):
        desk.writer.submit(keep("later"))
    assert not desk.writer.healthy()
    assert not desk.writer.close(WAIT_S)


@pytest.mark.usefixtures("promised")
def test_works_behind_a_failing_group_are_told_too(make_desk: Callable[..., Desk]) -> None:
    """They never began."""
    desk = make_desk(batch_size=2)
    gate = desk.hold()
    answers = desk.queue(make_commit_fail, *(keep(f"k{n}") for n in range(6)))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFailed):
            answer.result(WAIT_S)


def test_a_work_that_ends_the_transaction_stops_the_writer(desk: Desk) -> None:
    """For then nothing is known of the group: confirming it would be a guess."""
    gate = desk.hold()
    answers = desk.queue(keep("a"), lambda tx: tx.connection.exec_driver_sql("COMMIT"), keep("b"))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFailed):
            answer.result(WAIT_S)


DISK_FULL = """
import os, resource, signal, sys, threading
from sqlalchemy import insert
from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.writer import LedgerFailed, Writer

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
exited = threading.Event()
writer = Writer(open_writer(sys.argv[1]), on_fatal=lambda error: exited.set())
writer.start()

def keep(key):
    writer.submit(lambda tx: tx.execute(insert(schema.meta).values(key=key, value="x" * 4000)) and None)

keep("before")
size = os.path.getsize(sys.argv[2] + "-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, size + 100_000))
try:
    for n in range(50):
        keep(f"k{n}")
        print(f"k{n}", flush=True)
except LedgerFailed:
    print("failed", exited.wait(20), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_takes_no_more(engine: Engine, folder: DataFolder) -> None:
    """
    A real failure of COMMIT, by the size of the log: every work that was answered is stored, and the one that failed is
    not.
    """
    engine.dispose()
    command = [sys.executable, "-c", DISK_FULL, folder.database_url, str(folder.ledger_path)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *answered, last = done.stdout.splitlines()
    assert last == "failed True", done.stderr
    assert answered
    again = open_writer(folder.database_url)
    left = stored(again)
    again.dispose()
    assert left == {"before", *answered}


def test_closing_stores_what_waits(desk: Desk, engine: Engine, folder: DataFolder) -> None:
    """Then the log is empty, the connection free, and nothing more is taken."""
    gate = desk.hold()
    answers = desk.queue(*(keep(f"k{n}") for n in range(40)))
    closing = threading.Thread(target=desk.writer.close, args=(WAIT_S,))
    closing.start()
    until(lambda: not desk.writer._open)
    with pytest.raises(LedgerClosed):
        desk.writer.submit(keep("too late"))
    gate.open()
    closing.join(WAIT_S)
    assert {answer.result(WAIT_S) for answer in answers} == {f"k{n}" for n in range(40)} == stored(engine)
    log = folder.ledger_path.with_name("etalase.sqlite3-wal")
    assert log.stat().st_size == 0
    assert desk.writer.close(WAIT_S)


def test_only_the_writer_checkpoints(desk: Desk, folder: DataFolder, reader: Engine) -> None:
    """It does so by itself as the log grows, so that the log has an end."""
    for n in range(1_500):
        desk.send(keep(f"k{n}", "x" * 4_000))
    desk.writer.submit(lambda tx: None, timeout_s=WAIT_S)
    until(lambda: len(stored(reader)) == 1_500)
    assert folder.ledger_path.stat().st_size > 1_000_000
    raw = sqlite3.connect(folder.ledger_path)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_a_full_disk_turns_away_and_goes_on(desk: Desk, reader: Engine) -> None:
    """SQLite undoes it cleanly: nothing of the group is stored, nobody is confirmed, and once there is room it goes on."""
    desk.writer.submit(keep("a"))
    pages = desk.writer.submit(lambda tx: tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    desk.writer.submit(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar_one())
    gate = desk.hold()
    answers = desk.queue(keep("b"), keep("c", "x" * 100_000), keep("d"))
    gate.open()
    for answer in answers:
        with pytest.raises(LedgerFull) as full:
            answer.result(WAIT_S)
        assert full.value.fields == {"trouble": "full"}
    assert desk.failures == []
    desk.writer.submit(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=100000").scalar_one())
    assert desk.writer.submit(keep("e")) == "e"
    assert stored(reader) == {"a", "e"}


KILLED = """
import os, signal, sys
from sqlalchemy import insert
from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.writer import Writer

writer = Writer(open_writer(sys.argv[1]), on_fatal=lambda error: None)
writer.start()
writer.submit(lambda tx: tx.execute(insert(schema.meta).values(key="before", value="x")) and None)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_a_crash_left_in_the_log_is_brought_to_the_disk_before_anybody_hears_of_it(
    engine: Engine, folder: DataFolder
) -> None:
    """
    After an fsync that failed the log may be readable and yet be on no disk. Read, written into the file and synced
    anew, it is; or the start fails.
    """
    engine.dispose()
    command = [sys.executable, "-c", KILLED, folder.database_url]
    killed = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False, timeout=60)
    assert killed.returncode == -9
    log = folder.ledger_path.with_name("etalase.sqlite3-wal")
    assert log.stat().st_size > 0
    again = open_writer(folder.database_url)
    writer = Writer(again, on_fatal=lambda error: None)
    writer.start()
    assert log.stat().st_size == 0
    assert writer.close()
    again.dispose()
    left = open_writer(folder.database_url)
    assert stored(left) == {"before"}
    left.dispose()
