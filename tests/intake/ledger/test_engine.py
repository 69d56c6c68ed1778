from __future__ import annotations

import os
import sqlite3
import stat
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, func, insert, make_url, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from intake.ledger import engine as engine_module
from intake.ledger import schema
from intake.ledger.engine import (
    BUSY_TIMEOUT_MS,
    DatabaseUnsupported,
    LedgerMissing,
    OnNetworkFolder,
    PragmaRefused,
    copy_ledger,
    file_system_of,
    ledger_path,
    open_reader,
    open_writer,
    refuse_network_folder,
)
from intake.ledger.folder import DataFolder

MOUNTS = r"""/dev/vda / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
server:/export /srv/toko nfs4 rw 0 0
/dev/sdb /srv/toko/lokal ext4 rw 0 0
//nas/data /mnt/data\040toko cifs rw 0 0
/dev/sdc /mnt/pindah ext4 rw 0 0
user@host: /mnt/pindah fuse.sshfs rw 0 0
broken
"""


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.fixture
def plain_engine(tmp_path: Path) -> Iterator[Engine]:
    """The twin: SQLAlchemy on sqlite3 as it comes, without the recipe."""
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.sqlite3'}")
    yield engine
    engine.dispose()


def rows_after_outer_rollback(engine: Engine) -> int:
    """Write ten rows, each in a savepoint of its own, roll back around them, and count what is left."""
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE rows_written (n INTEGER)")
        connection.commit()
    with engine.connect() as connection:
        outer = connection.begin()
        for n in range(10):
            with connection.begin_nested():
                connection.exec_driver_sql("INSERT INTO rows_written VALUES (?)", (n,))
        outer.rollback()
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM rows_written").scalar_one())


def test_outer_rollback_undoes_released_savepoints(empty_engine: Engine) -> None:
    """A group's transaction is one: what its works released goes with it."""
    assert rows_after_outer_rollback(empty_engine) == 0


def test_outer_rollback_without_the_recipe_keeps_the_rows(plain_engine: Engine) -> None:
    """
    The fault that the recipe prevents is real: no BEGIN before SAVEPOINT. Were this to fail, the test above would prove
    nothing.
    """
    assert rows_after_outer_rollback(plain_engine) == 10


def test_transactions_take_the_write_lock_first(engine: Engine, folder: DataFolder) -> None:
    """The writer's transaction begins IMMEDIATE: even before its first write, nobody else can begin one."""
    with engine.begin() as connection:
        connection.execute(select(schema.meta)).all()
        other = sqlite3.connect(folder.ledger_path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", BUSY_TIMEOUT_MS),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("recursive_triggers", 1),
    ],
)
def test_the_writer_has_its_settings(engine: Engine, name: str, expected: object) -> None:
    """Durability and integrity rest on these."""
    assert pragma(engine, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("foreign_keys", 1),
        ("busy_timeout", BUSY_TIMEOUT_MS),
        ("trusted_schema", 0),
        ("wal_autocheckpoint", 0),
        ("query_only", 1),
    ],
)
def test_the_reader_has_its_settings(reader: Engine, name: str, expected: object) -> None:
    """Above all it never checkpoints."""
    assert pragma(reader, name) == expected


def test_a_setting_that_sqlite_does_not_take_is_an_error() -> None:
    """A database in memory can't have a write-ahead log, and says so only by its answer."""
    raw = sqlite3.connect(":memory:")
    with pytest.raises(PragmaRefused) as refused:
        engine_module._set_pragma(raw, "journal_mode", "WAL", "wal")
    raw.close()
    assert refused.value.fields == {"pragma": "journal_mode", "wanted": "wal", "found": "memory"}


def test_the_reader_cannot_write(reader: Engine) -> None:
    """Not even where somebody lifts its query_only: the file itself is open for reading."""
    with reader.connect() as connection:
        with pytest.raises(OperationalError, match="readonly"):
            connection.execute(insert(schema.meta).values(key="k", value="v"))
        connection.rollback()
        connection.connection.cursor().execute("PRAGMA query_only=OFF")
        with pytest.raises(OperationalError, match="readonly"):
            connection.execute(insert(schema.meta).values(key="k", value="v"))


def test_a_reader_sees_one_moment(engine: Engine, reader: Engine) -> None:
    """What is committed meanwhile shows in its next transaction only."""
    count = select(func.count()).select_from(schema.meta)
    with reader.connect() as reading:
        before = reading.execute(count).scalar_one()
        with engine.begin() as writing:
            writing.execute(insert(schema.meta).values(key="k", value="v"))
        assert reading.execute(count).scalar_one() == before
        reading.rollback()
        assert reading.execute(count).scalar_one() == before + 1


def test_reading_needs_a_ledger(folder: DataFolder) -> None:
    """A reader never makes an empty one."""
    with pytest.raises(LedgerMissing):
        open_reader(folder.database_url)
    assert not folder.ledger_path.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_ledger_files_are_private(folder: DataFolder) -> None:
    """Whatever the umask: ledger, log and shared memory are for their owner alone."""
    old = os.umask(0)
    try:
        engine = open_writer(folder.database_url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        files = sorted(path.name for path in folder.path.glob("etalase.sqlite3*"))
        modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.path.glob("etalase.sqlite3*")}
        engine.dispose()
    finally:
        os.umask(old)
    assert files == ["etalase.sqlite3", "etalase.sqlite3-shm", "etalase.sqlite3-wal"]
    assert modes == {0o600}


def test_names_with_special_characters(tmp_path: Path) -> None:
    """The folder may have any name that the system allows."""
    path = tmp_path / "data 50% toko #1 ü" / "etalase.sqlite3"
    path.parent.mkdir()
    url = URL.create("sqlite", database=str(path))
    writer = open_writer(url)
    with writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    reader = open_reader(url)
    with reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
    reader.dispose()
    writer.dispose()
    assert ledger_path(writer) == path
    assert path.is_file()


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:////tmp/x.sqlite3?mode=ro", "mysql://host/name", "oracle://host/name"],
)
def test_other_databases_are_refused(url: str) -> None:
    """Better than promising what they do not hold."""
    with pytest.raises(DatabaseUnsupported):
        open_writer(url)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/sari/data", "ext4"),
        ("/srv/toko/data", "nfs4"),
        ("/srv/toko", "nfs4"),
        ("/srv/tokoku", "ext4"),
        ("/srv/toko/lokal/data", "ext4"),
        ("/mnt/data toko/etalase", "cifs"),
        ("/mnt/pindah/data", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    """The deepest mount counts, of two on one folder the later."""
    assert file_system_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "vboxsf"])
def test_network_folders_are_refused(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Before anything is written there."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/export {folder.path} {kind} rw 0 0\n")
    monkeypatch.setattr(engine_module, "MOUNTS", mounts)
    with pytest.raises(OnNetworkFolder) as refused:
        open_writer(folder.database_url)
    assert refused.value.fields["file_system"] == kind
    assert not folder.ledger_path.exists()


def test_where_the_system_does_not_tell(folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not knowing is not refusing, and is told apart from a good answer."""
    monkeypatch.setattr(engine_module, "MOUNTS", tmp_path / "absent")
    assert refuse_network_folder(folder.path) is None


def test_error_texts_hold_no_personal_data(database_url: str, order_row: object) -> None:
    """They end in logs. PostgreSQL by itself would quote the whole row that it refuses."""
    row = order_row(status="nonsense")  # type: ignore[operator]
    engine = open_writer(database_url)
    with engine.begin() as connection:
        connection.execute(insert(schema.snapshots).values(hash="hash-1", body="{}", created_at_ms=1))
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.execute(insert(schema.orders), row)
    engine.dispose()
    told = "".join(traceback.format_exception(refused.value))
    assert "ck_orders_status_known" in told
    for value in (row["name"], row["phone"], row["address"]):
        assert value not in told


def test_a_copy_is_whole_and_private(engine: Engine, tmp_path: Path) -> None:
    """It holds what only the log holds yet, opens alone, and never replaces a file."""
    target = tmp_path / "copy.sqlite3"
    copy_ledger(engine, target)
    copy = sqlite3.connect(target)
    assert copy.execute("SELECT count(*) FROM snapshots").fetchone() == (1,)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite3"]
    if os.name != "nt":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        copy_ledger(engine, target)
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite3"]


def test_nothing_in_the_tables_keeps_postgresql_out() -> None:
    """Every table and index compiles for it, with 64-bit keys that count by themselves."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    texts = {table.name: str(CreateTable(table).compile(dialect=dialect)) for table in schema.metadata.sorted_tables}
    indexes = [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in schema.metadata.sorted_tables
        for index in table.indexes
    ]
    assert "order_id BIGSERIAL" in texts["orders"]
    assert "order_id BIGINT" in texts["outbox"]
    assert any("WHERE closed_at_ms IS NULL" in text for text in indexes)


def test_postgresql_is_reached_through_psycopg() -> None:
    """Also where the URL is written as hosting companies hand it out; the reader's transactions are read-only."""
    for url in (
        "postgres://shop@db.example/etalase",
        "postgresql://shop@db.example/etalase",
        "postgresql+psycopg://shop@db.example/etalase",
    ):
        engine = engine_module._postgres_engine(make_url(url), read_only=True)
        assert (engine.dialect.name, engine.dialect.driver) == ("postgresql", "psycopg")
        engine.dispose()
