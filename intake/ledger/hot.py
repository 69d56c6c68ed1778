"""
Statements that run for every order: written once in SQLAlchemy Core, compiled once for each database, and from then on
handed to the driver as text. Core's own way costs three times as much for each, in Python, under the one lock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Executable,
    Select,
    Table,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.engine import CursorResult, Dialect
from sqlalchemy.sql.compiler import SQLCompiler

# In one statement of SQLite, which takes 32,766 values; no table of ours has a hundred columns.
MOST_ROWS = 64
_PLACES = re.compile(r"^INSERT INTO [^()]*\([^()]*\) VALUES (\([^()]*\))")


class Hot:
    """
    A statement with named parameters of plain values: texts, whole numbers and None.

    Args:
        statement: made with bindparam() where a value belongs. No list in a single parameter, no defaults in Python.
            For many rows of a table see HotInsert.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Sequence[str]]] = {}

    def run(
        self, connection: Connection, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run it with these values; with a list of them, which isn't empty, once for each."""
        text, positions = self._compiled.get(connection.dialect.name) or self._compile(connection)
        if values is None:
            return connection.exec_driver_sql(text)
        if isinstance(values, Mapping):
            return connection.exec_driver_sql(text, tuple([values[name] for name in positions]))
        if not values:
            raise ValueError("a list of no values")
        return connection.exec_driver_sql(text, [tuple([each[name] for name in positions]) for each in values])

    def _compile(self, connection: Connection) -> tuple[str, Sequence[str]]:
        compiled = self._statement.compile(dialect=_with_places(connection))  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        # Literals in the statement become parameters too, and nobody would give them.
        if fixed := sorted(name for name, bind in compiled.binds.items() if not bind.required):
            raise ValueError(f"a hot statement takes all its values by name; fixed here: {fixed}")
        made = (str(compiled), compiled.positiontup or ())
        self._compiled[connection.dialect.name] = made
        return made


class HotInsert:
    """
    Many rows into a table in one step, however many they are.

    The drivers let other threads in at each step and come back only when those allow it; so a row a step would make
    everybody wait for the group. SQLite takes them as many places. PostgreSQL takes all of them as one value: psycopg
    looks through a statement of many places anew each time, and the server would plan it anew for each number of rows.

    Args:
        table: of texts and whole numbers.
        columns: those that are given each time; the others are left to the database's own defaults.
        changed: the columns of a row that change where there is one with its primary key already; none: it mustn't be there.
    """

    def __init__(self, table: Table, columns: Sequence[str], changed: Sequence[str] = ()) -> None:
        self._table, self._columns, self._changed = table, columns, changed
        self._compiled: dict[str, tuple[str, Sequence[str]]] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, at least one; each has all the columns."""
        if not rows:
            raise ValueError("a list of no values")
        text, order = self.compiled(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(text, (_as_value(rows),))
            return
        given = [tuple([row[name] for name in order]) for row in rows]
        places = _PLACES.search(text)
        assert places is not None
        # In sizes of which the driver keeps the statements prepared.
        done = 0
        while done < len(given):
            size = min(MOST_ROWS, 1 << ((len(given) - done).bit_length() - 1))
            many = text[: places.start(1)] + ", ".join([places[1]] * size) + text[places.end(1) :]
            connection.exec_driver_sql(many, tuple(chain.from_iterable(given[done : done + size])))
            done += size

    def compiled(self, connection: Connection) -> tuple[str, Sequence[str]]:
        """Give the statement for this database, and the columns in the order of its places (SQLite)."""
        name = connection.dialect.name
        if name not in self._compiled:
            statement = insert_for(connection, self._table)
            if name == "postgresql":
                statement = statement.from_select(list(self._columns), self._given(), include_defaults=False)
            if self._changed:
                new = {column: statement.excluded[column] for column in self._changed}
                statement = statement.on_conflict_do_update(index_elements=list(self._table.primary_key), set_=new)
            made = statement.compile(dialect=_with_places(connection), column_keys=list(self._columns))
            self._compiled[name] = (str(made), made.positiontup or ())
        return self._compiled[name]

    def _given(self) -> Select[Any]:
        """Give the rows of the one value."""
        types = [column(name, self._table.c[name].type) for name in self._columns]
        rows = func.json_to_recordset(cast(bindparam("rows"), JSON)).table_valued(*types, name="given")
        # The columns stand in the order in which they are named: a long text is not kept prepared by psycopg.
        return select(literal_column("*")).select_from(rows.render_derived(with_types=True))


class HotInserts:
    """
    Inserts into several tables in one step, where the database can (PostgreSQL): others wait for the locks meanwhile, and
    each answer is a round trip. One statement sees all of it or nothing; references between the tables are looked at
    when it is through.
    """

    def __init__(self, *inserts: HotInsert) -> None:
        self._inserts = inserts
        self._texts: dict[tuple[bool, ...], str] = {}

    def run(self, connection: Connection, rows: Sequence[Sequence[Mapping[str, Any]]]) -> None:
        """Insert the rows of each table; a table may have none, but not all of them."""
        given = [(each, mine) for each, mine in zip(self._inserts, rows, strict=True) if mine]
        if connection.dialect.name != "postgresql":
            for each, mine in given:
                each.run(connection, mine)
            return
        key = tuple(bool(mine) for mine in rows)
        if key not in self._texts:
            *first, last = [each.compiled(connection)[0] for each, _ in given]
            named = ", ".join(f"t{number} AS ({text})" for number, text in enumerate(first))
            self._texts[key] = f"WITH {named} {last}" if first else last
        connection.exec_driver_sql(self._texts[key], tuple([_as_value(mine) for _, mine in given]))


def _as_value(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def insert_for(connection: Connection, table: Table) -> Any:
    """Give an INSERT of this database's own kind, which can say what happens to a row that is there already."""
    # Each dialect is imported only where it is used: both together cost a start as much as all of Flask.
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def _with_places(connection: Connection) -> Dialect:
    """Give the dialect for statements whose values have places. psycopg takes names as well, but those cost more."""
    dialect: Any = connection.dialect
    return dialect if dialect.positional else type(dialect)(paramstyle="format")  # type: ignore[no-any-return]


class HotIn:
    """
    A statement that looks for any of some values: compiled for 1, 2, 4, 8, ... of them, so that few forms serve any
    number.

    Args:
        make: gives the statement that looks for any of these parameters.
    """

    def __init__(self, make: Callable[[list[str]], Executable]) -> None:
        self._make = make
        self._sizes: dict[int, tuple[Hot, list[str]]] = {}

    def run(
        self, connection: Connection, wanted: Sequence[Any], values: Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """
        Look for any of these, at least one.

        Args:
            values: of the statement's other parameters.
        """
        size = 1 << (len(wanted) - 1).bit_length()
        if size not in self._sizes:
            names = [f"wanted_{number}" for number in range(size)]
            self._sizes[size] = (Hot(self._make(names)), names)
        hot, names = self._sizes[size]
        # The places that are too many look for the last one again.
        padded = [*wanted, *[wanted[-1]] * (size - len(wanted))]
        return hot.run(connection, {**dict(zip(names, padded, strict=True)), **(values or {})})
