"""What stands in the way of a start is told in a sentence, with an exit status that a supervisor understands."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest
import requests

from tests.databases import PostgresServer
from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, free_port, order_fields, place

ONCE_MORE = 75  # sysexits.h EX_TEMPFAIL
PASSWORD = "rahasia-sekali"


def run(shop: RunningShop, *command: str, file_size: int | None = None, **environment: str) -> tuple[int, str]:
    """Run a command that is to end by itself; give its exit status and what it said."""
    settings = {
        "ETALASE_CONTENT": str(shop.content), "ETALASE_SITE": str(shop.site), "ETALASE_DATA": str(shop.data), "PORT": str(shop.port),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "intake", *command],
        cwd=CHECKOUT,
        env=os.environ | settings | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=None if file_size is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_size,) * 2),
    )
    return done.returncode, done.stdout + done.stderr


def assert_told(said: str, *words: str) -> None:
    """Look for one sentence or two, on a line, with what is meant in it."""
    assert "Traceback" not in said
    told = [line for line in said.splitlines() if not line[:4].isdigit()]  # without the log
    assert len(told) == 1, said
    for word in words:
        assert word in told[0]


@pytest.fixture
def shop(make_shop: Callable[..., RunningShop]) -> RunningShop:
    """A built shop that has never been started."""
    return make_shop()


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="this system bounds no files")
def test_no_room_at_the_start(shop: RunningShop) -> None:
    """The tables can't be made: a sentence, status 1, and once there is room it starts as if nothing had been."""
    status, said = run(shop, "run-shop", file_size=20_000)
    assert status == 1
    assert_told(said, str(shop.data / "etalase.sqlite3"))
    shop.start()
    assert place(shop.base, SLUG, order_fields(**{JAR: "1"}))


@pytest.mark.parametrize("command", [("run-shop",), ("work",)], ids=str)
def test_a_database_that_is_away(shop: RunningShop, command: tuple[str, ...]) -> None:
    """A supervisor is told to try again; nobody reads the password, in the log neither."""
    status, said = run(shop, *command, DATABASE_URL=f"postgresql://toko:{PASSWORD}@127.0.0.1:{free_port()}/toko")
    assert status == ONCE_MORE
    assert_told(said, "postgresql://toko:***@")
    assert PASSWORD not in said


def test_two_data_folders_on_one_ledger(make_shop: Callable[..., RunningShop]) -> None:
    """A second shop may not write the ledger of the first, though it has a data folder of its own."""
    first, second = make_shop(), make_shop()
    first.start()
    status, said = run(second, "run-shop", DATABASE_URL=f"sqlite:///{first.data}/etalase.sqlite3")
    assert status == 1
    assert_told(said, str(first.data / "etalase.sqlite3"))
    assert place(first.base, SLUG, order_fields(**{JAR: "1"}))


def test_another_secret_key(shop: RunningShop, postgres_server: PostgresServer) -> None:
    """A start with another key is refused, however it came about, until somebody says that it is meant."""
    shop.database_url = postgres_server.create()
    url = {"DATABASE_URL": shop.database_url}
    shop.start()
    old = shop.base + place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    assert shop.stop()[0] == 0
    status, said = run(shop, "run-shop", ETALASE_SECRET_KEY="yang-lain", **url)
    assert status == 1
    assert_told(said, "ETALASE_SECRET_KEY", "--new-secret-key")
    assert "yang-lain" not in said
    kept = (shop.data / "secret-key").read_text()
    # The same key by the other way is the same.
    status, said = run(shop, "migrate", ETALASE_SECRET_KEY=kept.strip(), **url)
    assert status == 0, said
    (shop.data / "secret-key").unlink()
    assert run(shop, "run-shop", **url)[0] == 1
    assert run(shop, "migrate", "--new-secret-key", **url)[0] == 0
    shop.start()
    # Links to orders are kept in the ledger: they go on.
    assert requests.get(old, timeout=10).status_code == 200
    assert shop.stop()[0] == 0
    (shop.data / "secret-key").write_text(kept)
    assert run(shop, "run-shop", **url)[0] == 1
