"""
Statements that run for every order: written once in SQLAlchemy Core, compiled once for each database, and from then on
handed to the driver as text. Core's own way costs three times as much for each, in Python, under the one lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.compiler import SQLCompiler

# In one statement. SQLite takes 32,766 values, and no table of ours has a hundred columns.
MOST_ROWS = 64
_PLACES = re.compile(r"^INSERT INTO [^()]*\([^()]*\) VALUES (\([^()]*\))")


class Hot:
    """
    A statement with named parameters of plain values: texts, whole numbers and None.

    Args:
        statement: made with bindparam() where a value belongs. No list in a single parameter, no defaults in Python.
        columns: of an INSERT, the ones that are given each time.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, tuple[str, Sequence[str]]] = {}

    def run(
        self, connection: Connection, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run it with these values; with a list of them, which isn't empty, once for each."""
        text, positions = self._compiled.get(connection.dialect.name) or self._compile(connection)
        if values is None:
            return connection.exec_driver_sql(text)
        if not values:
            raise ValueError("a list of no values")
        if isinstance(values, Mapping):
            return connection.exec_driver_sql(text, tuple([values[name] for name in positions]))
        rows = [tuple([each[name] for name in positions]) for each in values]
        if (places := _PLACES.search(text)) is None or len(rows) == 1:
            return connection.exec_driver_sql(text, rows)
        # Many rows in one step. The drivers let other threads in at each step, and come back only when those allow it;
        # so a row a step would make everybody wait for the group. In sizes of which they keep the statements prepared.
        done = 0
        while done < len(rows):
            size = min(MOST_ROWS, 1 << ((len(rows) - done).bit_length() - 1))
            many = text[: places.start(1)] + ", ".join([places[1]] * size) + text[places.end(1) :]
            result = connection.exec_driver_sql(many, tuple(chain.from_iterable(rows[done : done + size])))
            done += size
        return result

    def _compile(self, connection: Connection) -> tuple[str, Sequence[str]]:
        dialect: Any = connection.dialect
        if not dialect.positional:
            # psycopg takes places as well as names, and many rows in one statement need places.
            dialect = type(dialect)(paramstyle="format")
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        # Literals in the statement become parameters too, and nobody would give them.
        if fixed := sorted(name for name, bind in compiled.binds.items() if not bind.required):
            raise ValueError(f"a hot statement takes all its values by name; fixed here: {fixed}")
        made = (str(compiled), compiled.positiontup or ())
        self._compiled[connection.dialect.name] = made
        return made


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
        self, connection: Connection, wanted: Sequence[str], values: Mapping[str, Any] | None = None
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
