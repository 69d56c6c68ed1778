"""The databases that tests are lent: each is as if it were new, whatever was done to the one before."""

from __future__ import annotations

import psycopg
from sqlalchemy import make_url

from tests.databases import PostgresServer


def _run(url: str, *statements: str) -> list[tuple[int]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
        return list(cursor.fetchall()) if cursor.description else []


ADD = "INSERT INTO snapshots (hash, body, created_at_ms) VALUES ('a', '{}', 1)"
FREELY = "SET session_replication_role = replica"
COUNT = "SELECT count(*)::int FROM snapshots"


def test_rows_are_gone_and_numbers_begin_anew(postgres_server: PostgresServer, postgres_template: str) -> None:
    """Also of what is append-only; what the tables came with is there again."""
    url = postgres_server.lend(postgres_template)
    came_with = _run(url, "SELECT key FROM meta ORDER BY 1")
    event = "INSERT INTO events (order_id, at_ms, actor, event, data) VALUES (1, 1, 'operator', 'restored', '{}') RETURNING event_id::int"
    assert _run(url, ADD, "DELETE FROM meta", FREELY, event) == [(1,)]
    postgres_server.take_back(url)
    again = postgres_server.lend(postgres_template)
    assert again == url
    assert _run(again, COUNT) == [(0,)]
    assert _run(again, "SELECT key FROM meta ORDER BY 1") == came_with
    assert _run(again, FREELY, event) == [(1,)]
    postgres_server.take_back(again)


def test_what_was_altered_is_not_lent_again(postgres_server: PostgresServer, postgres_template: str) -> None:
    """A table, a trigger, a constraint, an index: all of it counts."""
    for change in (
        "ALTER TABLE snapshots ADD COLUMN more text",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "ALTER TABLE snapshots ALTER COLUMN body DROP NOT NULL",
        "CREATE INDEX more ON snapshots (body)",
        "CREATE TABLE more (a int)",
    ):
        url = postgres_server.lend(postgres_template)
        _run(url, change)
        postgres_server.take_back(url)
        fresh = postgres_server.lend(postgres_template)
        assert fresh != url, change
        postgres_server.take_back(fresh)


def test_who_is_still_connected_is_sent_away(postgres_server: PostgresServer, postgres_template: str) -> None:
    """A test that leaves a transaction open holds up nobody."""
    url = postgres_server.lend(postgres_template)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    left_open = psycopg.connect(plain)
    left_open.execute(ADD)  # type: ignore[call-overload]
    postgres_server.take_back(url)
    again = postgres_server.lend(postgres_template)
    assert _run(again, COUNT) == [(0,)]
    postgres_server.take_back(again)
    left_open.close()
