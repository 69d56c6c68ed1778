"""Statements compiled once give what Core itself gives, on either database and for any number of rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from intake.ledger import schema
from intake.ledger.engine import open_writer
from intake.ledger.hot import MOST_ROWS, Hot, HotIn, HotInsert, HotInserts

_KEEP = HotInsert(schema.meta, ("key", "value"))
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


def test_a_row_that_is_there_is_changed_in_the_columns_named(engine: Engine) -> None:
    """And in no other; a fresh one is stored; a text is what it was, whatever stands in it."""
    odd = '"quote" \\ back \'single\' %s %(x)s {"a": [1]} \u2028 é 🎂 \t\n'
    replace = HotInsert(schema.meta, ("key", "value"), changed=("value",))
    with engine.begin() as connection:
        _KEEP.run(connection, [{"key": "a", "value": "old"}, {"key": "b", "value": "stays"}])
        replace.run(connection, [{"key": "a", "value": odd}, {"key": "c", "value": "fresh"}])
        found = dict(connection.execute(select(schema.meta.c.key, schema.meta.c.value)).all())
    assert found == {"a": odd, "b": "stays", "c": "fresh"}


def test_a_row_that_may_not_be_there_is_refused(engine: Engine) -> None:
    """Nothing of the whole list is stored then."""
    with engine.begin() as connection:
        _KEEP.run(connection, [{"key": "a", "value": "x"}])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        _KEEP.run(connection, [{"key": "b", "value": "y"}, {"key": "a", "value": "z"}])
    with engine.begin() as connection:
        assert dict(connection.execute(select(schema.meta.c.key, schema.meta.c.value)).all()) == {"a": "x"}


_SNAPSHOT = HotInsert(schema.snapshots, ("hash", "body", "created_at_ms"))


def test_several_tables_in_one_step_have_all_or_nothing(engine: Engine) -> None:
    """A table without rows is left out; one refused row undoes those of every table."""
    both = HotInserts(_KEEP, _SNAPSHOT)
    snapshot = {"hash": "h1", "body": "{}", "created_at_ms": 2**40}
    with engine.begin() as connection:
        both.run(connection, [[{"key": "a", "value": "x"}], []])
        both.run(connection, [[{"key": "b", "value": "x"}, {"key": "c", "value": "x"}], [snapshot]])
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        both.run(connection, [[{"key": "d", "value": "secret words"}], [snapshot]])
    assert "secret words" not in str(refused.value)
    with engine.begin() as connection:
        assert sorted(connection.execute(select(schema.meta.c.key)).scalars()) == ["a", "b", "c"]
        assert connection.execute(select(schema.snapshots.c.created_at_ms)).scalar_one() == 2**40
