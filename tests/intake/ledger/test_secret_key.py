"""One ledger, one secret key."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select

from intake.ledger.engine import open_writer
from intake.ledger.schema import meta
from intake.ledger.secret_key import SecretKeyChanged, accept_secret_key, check_secret_key, fingerprint


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The writing engine on a ledger with its tables."""
    made = open_writer(database_url)
    yield made
    made.dispose()


def test_the_first_key_stays(engine: Engine) -> None:
    """Another is refused, and does not become the ledger's by being tried."""
    check_secret_key(engine, b"first")
    for _ in range(2):
        with pytest.raises(SecretKeyChanged):
            check_secret_key(engine, b"second")
    check_secret_key(engine, b"first")


def test_a_new_key_is_taken_when_it_is_meant(engine: Engine) -> None:
    """From then on the old one is the wrong one."""
    check_secret_key(engine, b"first")
    accept_secret_key(engine, b"second")
    check_secret_key(engine, b"second")
    with pytest.raises(SecretKeyChanged):
        check_secret_key(engine, b"first")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_several_first_starts_one_is_the_first(engine: Engine, database_url: str) -> None:
    """Machines that start together with keys of their own: one goes on, the others are told."""
    others = [open_writer(database_url) for _ in range(4)]

    def start(number: int) -> bool:
        try:
            check_secret_key(others[number], f"key-{number}".encode())
        except SecretKeyChanged:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(start, range(4))) == [False, False, False, True]
    for other in others:
        other.dispose()


def test_the_ledger_does_not_hold_the_key(engine: Engine) -> None:
    """Its fingerprint tells whether a key is the same, and nothing else."""
    key = "0123456789abcdef" * 4
    check_secret_key(engine, key.encode())
    with engine.connect() as connection:
        values = list(connection.execute(select(meta.c.value)).scalars())
    assert fingerprint(key.encode()) in values
    assert not any(key in value for value in values)
