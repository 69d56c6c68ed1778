"""Statements compiled once give what Core itself gives, on either database and for any number of rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, bindparam, insert, select, update

from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.hot import MOST_ROWS, Hot, HotIn

_KEEP = Hot(insert(schema.meta), ("key", "value"))
_FIND = HotIn(lambda names: select(schema.meta.c.key).where(schema.meta.c.key.in_([bindparam(name) for name in names])))
_CHANGE = Hot(update(schema.meta).where(schema.meta.c.key == bindparam("wanted")).values(value=bindparam("changed")))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    writing = open_writer(database_url)
    yield writing
    writing.dispose()


@pytest.mark.parametrize("count", [1, 2, 3, MOST_ROWS - 1, MOST_ROWS, MOST_ROWS + 1, 3 * MOST_ROWS + 5])
def test_every_row_is_stored_once(engine: Engine, count: int) -> None:
    """However the rows are parted into statements; their order in the list is no matter, their names are."""
    rows = [{"value": f"v{number}", "key": f"k{number}"} for number in range(count)]
    with engine.begin() as connection:
        _KEEP.run(connection, rows)
        found = connection.execute(select(schema.meta.c.key, schema.meta.c.value)).all()
    assert sorted(found) == sorted((row["key"], row["value"]) for row in rows)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 100])
def test_any_number_is_looked_for(engine: Engine, count: int) -> None:
    """What is there is found, what isn't is not, and nothing twice."""
    with engine.begin() as connection:
        _KEEP.run(connection, [{"key": f"k{number}", "value": "x"} for number in range(0, 100, 2)])
        found = _FIND.run(connection, [f"k{number}" for number in range(count)]).scalars().all()
    assert sorted(found) == sorted(f"k{number}" for number in range(0, count, 2))


def test_a_change_is_made_for_each_of_a_list(engine: Engine) -> None:
    """And for one, with the number of rows that it met."""
    with engine.begin() as connection:
        _KEEP.run(connection, [{"key": key, "value": "old"} for key in "abc"])
        _CHANGE.run(connection, [{"wanted": "a", "changed": "new"}, {"wanted": "c", "changed": "newer"}])
        assert _CHANGE.run(connection, {"wanted": "nobody", "changed": "x"}).rowcount == 0
        found = dict(connection.execute(select(schema.meta.c.key, schema.meta.c.value)).all())
    assert found == {"a": "new", "b": "old", "c": "newer"}


def test_no_values_are_no_statement(engine: Engine) -> None:
    """An empty list is a slip of the caller's; run without values it would be something else."""
    with engine.begin() as connection, pytest.raises(ValueError, match="no values"):
        _KEEP.run(connection, [])


def test_a_value_that_is_written_into_the_statement_is_found_out(engine: Engine) -> None:
    """Its place would stay empty."""
    fixed = Hot(select(schema.meta.c.key).where(schema.meta.c.value == "x", schema.meta.c.key == bindparam("wanted")))
    with engine.begin() as connection, pytest.raises(ValueError, match="value_1"):
        fixed.run(connection, {"wanted": "a"})
