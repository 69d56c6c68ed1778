"""Backups: consistent while orders come in, checked, rotated; and brought back without ever losing what is there."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from intake import backup as backup_module
from intake import restore as restore_module
from intake.backup import (
    EVERY,
    EVERY_ORDERS,
    Backup,
    BackupDiskFull,
    BackupFailed,
    Backups,
    back_up,
    list_backups,
    make_backup,
    superseded,
)
from intake.desk import LEAST_FREE_BYTES
from intake.ledger import copying
from intake.ledger.copying import CopyBroken
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder, FolderInUse
from intake.ledger.invariants import find_violations
from intake.ledger.migrate import LedgerTooNew, upgrade
from intake.ledger.opening import LedgerNotSqlite
from intake.ledger.schema import leases, meta, metadata
from intake.ledger.secret_key import SecretKeyChanged, check_secret_key, fingerprint
from intake.ledger.store import is_paused
from intake.restore import BackupMissing, DatabaseInUse, restore
from intake.settings import Settings
from preorder.order import LineRequest
from tests.databases import PostgresServer
from tests.intake.conftest import Counter
from tests.intake.test_reconcile import World, make_world
from tests.makers import make_request

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A shop that isn't running, on each database in turn."""
    if request.param == "sqlite":
        yield make_world(tmp_path)
        return
    (tmp_path / "data").mkdir(mode=0o700)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.lend(request.getfixturevalue("postgres_template"))
    yield World(tmp_path, url)
    server.take_back(url)


@pytest.fixture
def sqlite_world(tmp_path: Path) -> World:
    """A shop that isn't running, on SQLite."""
    return make_world(tmp_path)


@contextlib.contextmanager
def reading(url: str) -> Iterator[Connection]:
    reader = open_reader(url)
    try:
        with reader.begin() as connection:
            yield connection
    finally:
        reader.dispose()


def content(url: str, *without: str) -> dict[str, list[Any]]:
    """Give table -> rows of a ledger."""
    with reading(url) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
            if table.name not in without
        }


def orders_in(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])


def test_a_backup_holds_everything(world: World) -> None:
    """Every row of every table, private, alone in its folder, and clean by the checks of the ledger."""
    with world.open() as counter:
        for number in range(3):
            counter.place(make_request(name=f"Ibu {number} 🎂"))
    path = world.back_up()
    assert content(f"sqlite:///{path}") == content(world.url)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == [".lock", path.name]
    with reading(f"sqlite:///{path}") as connection:
        assert find_violations(connection) == []


def test_a_backup_while_orders_come_in_is_of_one_moment(counter: Counter, tmp_path: Path) -> None:
    """Made again and again under load: each is consistent in itself, and none loses what the one before had."""
    stop, failures = threading.Event(), []

    def buy(first: int) -> None:
        number = first
        while not stop.is_set():
            try:
                counter.place(make_request(None, LineRequest("gamis", "", 1, {"warna": "Sage"})), nonce=f"n-{number}")
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)
                return
            number += 1

    counter.catalogue.catalogue = dataclasses.replace(
        counter.catalogue.catalogue,
        campaigns=tuple(
            dataclasses.replace(each, pools={"*": 100_000, "nastar/250g": 40})
            for each in counter.catalogue.catalogue.campaigns
        ),
    )
    buyers = [threading.Thread(target=buy, args=(1_000_000 * at,)) for at in (1, 2, 3)]
    for buyer in buyers:
        buyer.start()
    try:
        counts = []
        for number in range(4):
            made = make_backup(counter.reader, tmp_path / "backups", None, START + timedelta(minutes=number))
            counts.append(made.counted.orders)
            with reading(f"sqlite:///{made.path}") as connection:
                assert find_violations(connection) == []
    finally:
        stop.set()
        for buyer in buyers:
            buyer.join()
    assert not failures
    assert counts == sorted(counts) and counts[-1] > counts[0]


def test_the_secret_key_is_kept_with_the_backups(sqlite_world: World) -> None:
    """The key's file is copied beside; a key that was replaced is kept too; a key in a setting is nobody's file."""
    settings = dataclasses.replace(sqlite_world.settings, secret_key="")
    key = DataFolder(settings.data).secret_key()
    made = back_up(settings, None, START)
    assert made.key is not None and made.key.read_text().strip() == key
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    DataFolder(settings.data).secret_key_path.unlink()
    other = DataFolder(settings.data).secret_key()
    made = back_up(settings, None, START + timedelta(minutes=1))
    assert made.key is not None and made.key.read_text().strip() == other
    (older,) = made.key.parent.glob("secret-key.before-*")
    assert older.read_text().strip() == key
    assert back_up(sqlite_world.settings, sqlite_world.root / "elsewhere", START).key is None


def test_rotation() -> None:
    """All of the last day, the newest of each day for thirty days, and never fewer than three."""
    made = [Backup(Path(f"{hour}"), START - timedelta(hours=hour)) for hour in range(24 * 40, -1, -6)]
    gone = superseded(made, START)
    kept = [each for each in made if each not in gone]
    ages = [START - each.made_at for each in kept]
    assert all(each in kept for each in made if START - each.made_at <= timedelta(hours=24))
    older = [each for each, age in zip(kept, ages, strict=True) if age > timedelta(hours=24)]
    assert len({each.made_at.date() for each in older}) == len(older) == 29
    assert all(
        each.made_at == max(other.made_at for other in made if other.made_at.date() == each.made_at.date())
        for each in older
    )
    assert max(ages) <= timedelta(days=30)
    assert superseded(made, START + timedelta(days=900)) == made[:-3]
    assert superseded(made[-2:], START + timedelta(days=900)) == []


def test_rotation_touches_only_backups_of_ours(sqlite_world: World) -> None:
    """Other files in the folder, and names that only look like ours, stay."""
    folder = sqlite_world.root / "backups"
    folder.mkdir()
    strange = ["notes.txt", "etalase-20200101T000000Z.sqlite3.gz", "etalase-20209999T000000Z.sqlite3", "secret-key"]
    for name in (*strange, *(f"etalase-2020010{day}T000000Z.sqlite3" for day in range(1, 7))):
        (folder / name).write_text("x")
    back_up(sqlite_world.settings, folder, START)
    left = {path.name for path in folder.iterdir()}
    assert set(strange) <= left
    assert len(list_backups(folder)) == 3


def test_a_full_disk_makes_no_backup_and_costs_none(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly full beforehand, or full in the middle: nothing is left behind, and the older ones stay."""
    before = back_up(sqlite_world.settings, None, START).path
    usage = shutil.disk_usage(sqlite_world.root)._replace(free=LEAST_FREE_BYTES - 1)
    with monkeypatch.context() as patch:
        patch.setattr(backup_module.shutil, "disk_usage", lambda path: usage)
        with pytest.raises(BackupDiskFull):
            back_up(sqlite_world.settings, None, START + timedelta(days=60))

    def full(engine: Engine, target: Path) -> None:
        target.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(copying, "copy_ledger", full)
    with pytest.raises(BackupFailed):
        back_up(sqlite_world.settings, None, START + timedelta(days=60))
    assert sorted(path.name for path in before.parent.iterdir()) == [".lock", before.name]


def test_a_copy_that_came_out_damaged_is_no_backup(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy is looked through before it gets its name."""
    with sqlite_world.open() as counter:
        for number in range(30):
            counter.place(make_request(None, LineRequest("gamis", "", 1, {"warna": "Sage"}), name=f"Ibu {number}"))
    whole = copying.copy_ledger

    def damage(engine: Engine, target: Path) -> None:
        whole(engine, target)
        with target.open("r+b") as file:
            file.seek(3 * 4096)
            file.write(b"\xa5" * (target.stat().st_size - 3 * 4096))

    monkeypatch.setattr(copying, "copy_ledger", damage)
    with pytest.raises(BackupFailed):
        back_up(sqlite_world.settings, None, START)
    assert list_backups(sqlite_world.settings.data / "backups") == []


def test_backups_by_themselves(counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a quarter of an hour with a change, after many orders, and over a restart; never without a change."""
    monkeypatch.setattr(backup_module, "EVERY_ORDERS", 5)
    assert EVERY_ORDERS == 500 and timedelta(minutes=15) == EVERY

    def fresh() -> Backups:
        return Backups(counter.reader, tmp_path / "backups", None, counter.clock)

    backups = fresh()
    assert backups.run_if_due() is None, "an empty ledger"
    counter.place()
    assert backups.run_if_due() is not None, "the first order"
    counter.clock.move(minutes=20)
    assert backups.run_if_due() is None, "nothing has changed"
    token = counter.place().token
    counter.clock.move(minutes=1)
    assert backups.run_if_due() is not None, "a quarter of an hour is over"
    counter.desk.claim_payment(token, counter.clock())
    counter.clock.move(minutes=14)
    assert backups.run_if_due() is None, "not yet"
    backups = fresh()
    assert backups.run_if_due() is None, "not yet, after a restart either"
    counter.clock.move(minutes=1)
    assert backups.run_if_due() is not None, "a claim is a change"
    counter.clock.move(minutes=1)
    for _ in range(5):
        counter.place()
    assert backups.run_if_due() is not None, "many orders"
    counter.place()
    counter.clock.move(hours=-3)
    assert backups.run_if_due() is not None, "the clock was set back"
    assert len(list_backups(tmp_path / "backups")) == 5


def test_one_backup_for_several_processes(counter: Counter, tmp_path: Path) -> None:
    """Two that watch one folder, and the command by hand: whoever comes later sees that it is done."""
    counter.place()
    first, second = (Backups(counter.reader, tmp_path / "backups", None, counter.clock) for _ in range(2))
    assert first.run_if_due() is not None
    assert second.run_if_due() is None
    for _ in range(2):
        counter.place()
        counter.clock.move(minutes=16)
        assert second.run_if_due() is not None
        assert first.run_if_due() is None
    counter.place()
    counter.clock.move(minutes=16)
    make_backup(counter.reader, tmp_path / "backups", None, counter.clock())
    counter.clock.move(minutes=1)
    assert (first.run_if_due(), second.run_if_due()) == (None, None)


def test_a_backup_that_fails_is_told_once_and_tried_again(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The shop goes on; a minute later it is tried again, and when it succeeds all is well."""
    counter.place()
    backups = Backups(counter.reader, tmp_path / "backups", None, counter.clock)
    with monkeypatch.context() as patch:
        usage = shutil.disk_usage(tmp_path)._replace(free=0)
        patch.setattr(backup_module.shutil, "disk_usage", lambda path: usage)
        for _ in range(5):
            assert backups.run_if_due() is None
            counter.clock.move(seconds=61)
    assert [record.levelname for record in caplog.records if "no backup" in record.message] == ["ERROR"]
    assert backups.run_if_due() is not None


def test_what_is_no_backup_is_refused(sqlite_world: World) -> None:
    """Missing, another kind of file, an empty one, damaged, of a newer release: the present ledger stays as it is."""
    with sqlite_world.open() as counter:
        for number in range(30):
            counter.place(make_request(None, LineRequest("gamis", "", 1, {"warna": "Sage"}), name=f"Ibu {number}"))
    good = sqlite_world.back_up()
    before = content(sqlite_world.url)
    strange = sqlite_world.root / "strange"
    cases: list[tuple[bytes | None, type[Exception]]] = [(None, BackupMissing), (b"no database", LedgerNotSqlite)]
    with contextlib.closing(sqlite3.connect(sqlite_world.root / "empty")) as empty:
        empty.execute("CREATE TABLE t (a)")
        empty.execute("DROP TABLE t")
        empty.commit()
    cases.append(((sqlite_world.root / "empty").read_bytes(), LedgerNotSqlite))
    whole = bytearray(good.read_bytes())
    whole[3 * 4096 :] = b"\xa5" * (len(whole) - 3 * 4096)
    cases.append((bytes(whole), CopyBroken))
    newer = sqlite_world.root / "newer"
    shutil.copy(good, newer)
    with contextlib.closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    cases.append((newer.read_bytes(), LedgerTooNew))
    for held, error in cases:
        strange.unlink(missing_ok=True)
        if held is not None:
            strange.write_bytes(held)
        with pytest.raises(error):
            sqlite_world.restore(strange)
        assert content(sqlite_world.url) == before
        assert not list(sqlite_world.settings.data.glob("*before-restore*")), error
        assert not list(sqlite_world.settings.data.glob(".*restoring*")), error


def test_an_older_backup_is_brought_up_to_date(sqlite_world: World) -> None:
    """A backup of an earlier release is upgraded in a copy; the backup itself stays what it was."""
    old = sqlite_world.root / "old.sqlite3"
    engine = open_writer(f"sqlite:///{old}")
    upgrade(engine, "0001")
    engine.dispose()
    held = old.read_bytes()
    sqlite_world.restore(old, without_sheet=True)
    assert old.read_bytes() == held
    with reading(sqlite_world.url) as connection:
        assert connection.execute(select(leases)).all() == []
    assert not list(sqlite_world.root.glob("*.before-0002*"))


def test_the_ledger_that_was_there_is_kept(world: World) -> None:
    """Beside the ledger, or among the backups under a name that is never rotated away: with all its orders."""
    with world.open() as counter:
        counter.place()
    early = world.back_up()
    with world.open() as counter:
        counter.place()
    before = content(world.url)
    world.book.unlink()
    done = world.restore(early)
    assert done.aside is not None and not done.is_open
    assert content(f"sqlite:///{done.aside}") == before
    assert done.aside.name not in {each.path.name for each in list_backups(world.settings.data / "backups")}


def test_a_damaged_ledger_can_be_replaced(sqlite_world: World) -> None:
    """Also where the present ledger is no database any more, and has a log beside it."""
    with sqlite_world.open() as counter:
        counter.place()
    backup = sqlite_world.back_up()
    ledger = sqlite_world.settings.data / "etalase.sqlite3"
    ledger.write_bytes(b"ruined" * 1000)
    wal = ledger.with_name("etalase.sqlite3-wal")
    wal.write_bytes(b"ruined")
    done = sqlite_world.restore(backup)
    assert done.is_open and done.aside is not None
    assert done.aside.read_bytes() == b"ruined" * 1000
    assert not wal.exists() or wal.read_bytes() != b"ruined"
    assert orders_in(ledger) == 1


def test_from_one_database_to_the_other_and_back(
    tmp_path: Path, postgres_server: PostgresServer, postgres_template: str
) -> None:
    """A restore is the way from SQLite to PostgreSQL: every row arrives, and the next order gets the next number."""
    small = make_world(tmp_path)
    with small.open() as counter:
        ref = counter.place().ref
        counter.place()
        small.sync(counter)
        small.type(ref, Status="DP diterima")
        small.sync(counter)
    backup = small.back_up()
    large = World(tmp_path, postgres_server.create(postgres_template))
    large.opened, large.clock = 10, small.clock
    try:
        assert large.restore(backup).is_open
        # The round with the workbook marks its rows to be looked at once more.
        moved = ("outbox", "sheet_rows", "meta", "leases", "pools")
        assert content(large.url, *moved) == content(small.url, *moved)
        assert content(large.url)["leases"] == []
        with large.open() as counter:
            last = counter.place().ref
            assert counter.order(last).order_id == 3
            large.sync(counter)
            large.type(last, Status="DP diterima")
            large.sync(counter)
            assert counter.order(last).received == counter.order(ref).received
        with reading(large.url) as connection:
            assert find_violations(connection) == []
        again = large.back_up()
        assert small.restore(again).is_open
        with small.open() as counter:
            assert counter.order(last).order_id == 3
            assert counter.order(counter.place().ref).order_id == 4
    finally:
        postgres_server.drop(large.url)


def test_no_restore_under_a_running_shop(world: World) -> None:
    """SQLite: the folder is taken. PostgreSQL: somebody is connected, or has a lease. Nothing is changed."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    before = content(world.url)
    if world.url.startswith("sqlite"):
        with DataFolder(world.settings.data), pytest.raises(FolderInUse):
            world.restore(backup)
    else:
        with reading(world.url), pytest.raises(DatabaseInUse):
            world.restore(backup)
        engine = open_writer(world.url)
        with engine.begin() as connection:
            until = text("(extract(epoch FROM now()) * 1000)::bigint + 20000")
            connection.execute(insert(leases).values(name="sheet", owner="machine/42", until_ms=until))
        engine.dispose()
        with pytest.raises(DatabaseInUse) as refused:
            world.restore(backup)
        assert refused.value.fields["by"] == "machine/42"
    assert content(world.url, "leases") == {name: rows for name, rows in before.items() if name != "leases"}


def test_the_key_comes_with_the_backup(sqlite_world: World) -> None:
    """
    On a new machine the key beside the backup is taken; without it the restore is refused, unless the key is known to
    be lost.
    """
    settings = dataclasses.replace(sqlite_world.settings, secret_key="")
    key = DataFolder(settings.data).secret_key()
    engine = open_writer(sqlite_world.url)
    check_secret_key(engine, key.encode())
    engine.dispose()
    backup = back_up(settings, None, START).path
    shutil.copytree(backup.parent, sqlite_world.root / "taken")
    shutil.rmtree(settings.data)
    taken = sqlite_world.root / "taken" / backup.name
    bare = sqlite_world.root / "bare.sqlite3"
    shutil.copy(taken, bare)

    def bring(file: Path, **options: bool) -> None:
        restore(settings, file, sqlite_world.clock, without_sheet=True, **options)

    with pytest.raises(SecretKeyChanged):
        bring(bare)
    assert not DataFolder(settings.data).secret_key_path.exists(), "no key is made that nobody needs"
    bring(taken)
    assert DataFolder(settings.data).secret_key() == key
    # A machine on which a shop was already started, with a key of its own.
    DataFolder(settings.data).secret_key_path.unlink()
    other = DataFolder(settings.data).secret_key()
    with pytest.raises(SecretKeyChanged):
        bring(bare)
    bring(bare, new_secret_key=True)
    assert DataFolder(settings.data).secret_key() == other
    with reading(sqlite_world.url) as connection:
        known = connection.execute(select(meta.c.value).where(meta.c.key == "secret_key_fingerprint")).scalar()
    assert known == fingerprint(other.encode())
    bring(taken)
    assert DataFolder(settings.data).secret_key() == key


# A power cut: everything of the process ends in this very moment, nothing is tidied up.
def _killed(*_args: Any, **_options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(place: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(place, name, _killed)


def _after(place: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    whole = getattr(place, name)

    def done(*args: Any, **options: Any) -> None:
        whole(*args, **options)
        _killed()

    return lambda patch: patch.setattr(place, name, done)


SQLITE_STEPS = {
    "copied": _after(restore_module, "prepare_file"),
    "closed": _before(restore_module, "put_in_place"),
    "keeping the old one": _before(copying, "_set_aside"),
    "kept the old one": _after(copying, "_set_aside"),
    "in place": _after(restore_module, "put_in_place"),
    "reading the sheet": _before(restore_module, "recall_sheet"),
    "comparing": _after(restore_module, "reconcile"),
    "checked": _after(restore_module, "find_violations"),
}
POSTGRES_STEPS = {
    "copied": _after(restore_module, "prepare_file"),
    "kept the old one": _after(restore_module, "_keep_present"),
    "loaded": _after(restore_module, "load_file"),
    "reading the sheet": _before(restore_module, "recall_sheet"),
    "comparing": _after(restore_module, "reconcile"),
    "checked": _after(restore_module, "find_violations"),
}


def killed_restore(world: World, backup: Path, prepare: Callable[[pytest.MonkeyPatch], None]) -> None:
    """Restore in a process of its own that is killed on the way."""
    child = os.fork()
    if child == 0:
        try:
            prepare(pytest.MonkeyPatch())
            restore(world.settings, backup, world.clock)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize(
    ("world", "step"),
    [*(("sqlite", step) for step in SQLITE_STEPS), *(("postgresql", step) for step in POSTGRES_STEPS)],
    indirect=["world"],
)
def test_killed_at_each_step(world: World, step: str) -> None:
    """There is the old ledger, open, or the restored one, closed; doing it again finishes and nothing is lost."""
    steps = SQLITE_STEPS if world.url.startswith("sqlite") else POSTGRES_STEPS
    with world.open() as counter:
        first = counter.place().ref
    backup = world.back_up()
    with world.open() as counter:
        second = counter.place().ref
    killed_restore(world, backup, steps[step])
    with reading(world.url) as connection:
        paused = is_paused(connection)
    refs = [row[1] for row in content(world.url)["orders"]]
    assert (paused, refs) in [(None, [first, second]), ("restored", [first])]
    done = world.restore(backup)
    assert done.is_open
    with world.open() as counter:
        assert {counter.order(ref).ref for ref in (first, second)} == {first, second}
        assert counter.sold()["*"] == 4
    with reading(world.url) as connection:
        assert find_violations(connection) == []
    assert not list(world.settings.data.glob(".*restoring*"))


def test_doctor_tells_of_the_last_backup(sqlite_world: World) -> None:
    """None yet: a notice. An order for more than an hour that is in no backup: something keeps them from being made."""
    from intake.checkup import Grade, _backups

    def grades(settings: Settings) -> list[Grade]:
        return [finding.grade for finding in _backups(settings, str, sqlite_world.clock())]

    assert grades(sqlite_world.settings) == [Grade.NOTICE]
    with sqlite_world.open() as counter:
        counter.place()
    sqlite_world.back_up()
    assert grades(sqlite_world.settings) == [Grade.GOOD]
    sqlite_world.clock.move(hours=5)
    assert grades(sqlite_world.settings) == [Grade.GOOD]
    with sqlite_world.open() as counter:
        counter.place()
    assert grades(sqlite_world.settings) == [Grade.GOOD]
    sqlite_world.clock.move(hours=2)
    assert grades(sqlite_world.settings) == [Grade.BAD]
