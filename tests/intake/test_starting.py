"""What stands in the way of a start is told in a sentence, with an exit status that a supervisor understands."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from intake import create_app
from intake.ledger.engine import open_writer
from intake.ledger.opening import LedgerDiskFull, LedgerUnusable, lacks_ledger, telling_database_trouble
from tests.databases import PostgresServer

ONCE_MORE = 75  # sysexits.h EX_TEMPFAIL
PASSWORD = "rahasia-sekali"

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path) -> Run:
    """Give a function that runs a command and gives its exit status and what it said."""
    monkeypatch.chdir(tmp_path)

    def start(*command: str, **environment: str) -> tuple[int, str]:
        with monkeypatch.context() as settings:
            for name, value in {"ETALASE_DATA": str(data), **environment}.items():
                settings.setenv(name, value)
            done = create_app().test_cli_runner().invoke(args=command)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return start


def assert_told(said: str, *words: str) -> None:
    """Look for what is meant in the one line that was said."""
    assert said.count("\n") == 1, said
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    "case",
    ["a-file", "no-such-place", "not-writable", "key-is-a-folder", "key-is-no-key", "not-sqlite", "ledger-is-a-folder"],
)
def test_a_data_folder_that_can_not_be_used(run: Run, data: Path, case: str) -> None:
    """A sentence names the path that is in the way; exit status 1."""
    wrong = data
    if case == "a-file":
        data.write_text("")
    elif case == "no-such-place":
        data = wrong = Path("/proc/etalase")
    elif case == "not-writable":
        data, wrong = Path("/sys/kernel"), Path("/sys/kernel/etalase.lock")
    else:
        data.mkdir(mode=0o700)
        wrong = data / ("secret-key" if case.startswith("key") else "etalase.sqlite3")
        if case.endswith("a-folder"):
            wrong.mkdir()
        else:
            wrong.write_text("something else altogether, and long enough to have a header of its own\n" * 20)
    # With this flag it needs all that the shop needs.
    status, said = run("migrate", "--new-secret-key", ETALASE_DATA=str(data))
    assert status == 1
    assert_told(said, str(wrong))


def _nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_database_that_is_away(run: Run, host: str) -> None:
    """A supervisor is told to try again; nobody reads the password."""
    status, said = run("migrate", DATABASE_URL=f"postgresql://toko:{PASSWORD}@{host}:{_nobody_listens()}/toko")
    assert status == ONCE_MORE
    assert_told(said, f"postgresql://toko:***@{host}")
    assert PASSWORD not in said


@pytest.mark.parametrize("url", [f"//{PASSWORD}", f"postgresql://toko:{PASSWORD}@host:port/toko", "mysql://toko/toko"])
def test_an_address_that_is_none(run: Run, url: str) -> None:
    """Said so, without repeating what may hold a password."""
    status, said = run("migrate", DATABASE_URL=url)
    assert status == 1
    assert_told(said, "DATABASE_URL")
    assert PASSWORD not in said


def test_an_account_without_rights(run: Run, postgres_server: PostgresServer) -> None:
    """Since PostgreSQL 15 an account may not make tables in a database that isn't its own: the server's words say so."""
    url = postgres_server.create()
    owner = open_writer(url)
    with owner.begin() as connection:
        connection.execute(text("CREATE ROLE etalase_tamu LOGIN"))
    try:
        status, said = run("migrate", DATABASE_URL=str(owner.url.set(username="etalase_tamu", drivername="postgresql")))
    finally:
        with owner.begin() as connection:
            connection.execute(text("DROP ROLE etalase_tamu"))
        owner.dispose()
    assert status == 1
    assert_told(said, "permission denied")


def test_a_full_disk_and_a_ledger_that_may_only_be_read(tmp_path: Path) -> None:
    """What SQLite says of them becomes an error of ours that names the file."""
    url = f"sqlite:///{tmp_path}/toko.sqlite3"
    engine = open_writer(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE big (a TEXT)")
        connection.exec_driver_sql("PRAGMA max_page_count=3")
    with pytest.raises(LedgerDiskFull) as full, telling_database_trouble(url), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO big VALUES (hex(randomblob(100000)))")
    assert full.value.fields["path"] == f"{tmp_path}/toko.sqlite3"
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(LedgerUnusable), telling_database_trouble(url):
            connection.exec_driver_sql("INSERT INTO big VALUES ('a')")
    engine.dispose()


def test_a_mistyped_folder_is_not_made(run: Run, tmp_path: Path) -> None:
    """A ledger in a folder that isn't there is refused: a new one somewhere would be an empty shop."""
    status, said = run("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/no/such/toko.sqlite3")
    assert status == 1
    assert_told(said, f"{tmp_path}/no/such")
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("command", [("work",), ("run-shop", "--without-workers")], ids=str)
def test_workers_apart_need_postgresql(run: Run, data: Path, command: tuple[str, ...]) -> None:
    """On SQLite they are refused with what to do instead, and nothing is made."""
    status, said = run(*command)
    assert status == 1
    assert_told(said, " ".join(command), "postgresql://")
    assert not data.exists()


def test_a_ledger_that_another_has_open(run: Run, tmp_path: Path) -> None:
    """Only one may write a SQLite ledger, wherever it lies and by whichever name it is called."""
    from intake.ledger.folder import LedgerLock

    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    ledger = tmp_path / "elsewhere" / "toko.sqlite3"
    with LedgerLock(ledger):
        for url in (
            f"sqlite:///{ledger}",
            f"sqlite:///{tmp_path}/linked/toko.sqlite3",
            "sqlite:///elsewhere/toko.sqlite3",
        ):
            status, said = run("migrate", DATABASE_URL=url)
            assert status == 1
            assert_told(said, str(ledger))
        assert not ledger.exists()
    assert run("migrate", DATABASE_URL=f"sqlite:///{ledger}")[0] == 0


@pytest.mark.parametrize(
    ("there", "lacks"), [("nothing", True), ("file", False), ("broken-link", False), ("unseen", False)]
)
def test_only_what_is_certainly_no_ledger_is_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, lacks: bool
) -> None:
    """A start that fails removes the ledger that it has made: never one that it merely could not look at."""
    ledger = tmp_path / "toko.sqlite3"
    if there == "file":
        ledger.write_bytes(b"")
    elif there == "broken-link":
        ledger.symlink_to(tmp_path / "disk" / "toko.sqlite3")
    elif there == "unseen":

        def refuse(_path: Path) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "lstat", refuse)
    assert lacks_ledger(f"sqlite:///{ledger}") is lacks
    assert not lacks_ledger("postgresql://toko@127.0.0.1/toko")
