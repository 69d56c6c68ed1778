"""Frozen dataclasses to and from what JSON knows. Their annotations say the shape; no class needs code of its own."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from preorder.schedule import ZONES

# Tells which class of a union a plain value was made of: the class's own TAG stands under this key.
TAG_KEY = "kind"

_T = TypeVar("_T")
_Reader = Callable[[Any], Any]


def to_plain(value: Any) -> Any:
    """Give a value as dicts, lists, texts, numbers and None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        tag = getattr(value, "TAG", None)
        return plain if tag is None else {TAG_KEY: tag} | plain
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[_T], data: Any) -> _T:
    """
    Make a dataclass of what to_plain() gave for one. A field with a default may be missing: what was written before
    there was such a field stays readable.

    Raises:
        TypeError, ValueError, KeyError: data has another shape; what the class itself refuses comes through as it is.
    """
    return cast("_T", _reader(cast("Any", kind))(data))


@cache
def _reader(kind: Any) -> _Reader:
    """Give the function that reads a kind of value. Looked up once for each kind."""
    if isinstance(kind, typing.NewType):
        return _reader(kind.__supertype__)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(inner)
    if origin is tuple:
        return _tuple_reader(_reader(inner[0]))
    if origin in (Mapping, dict):
        return _mapping_reader(inner[0], _reader(inner[1]))
    if dataclasses.is_dataclass(kind):
        return _class_reader(kind)
    if issubclass(kind, Enum):
        return cast("_Reader", kind)
    if kind is datetime:
        return _read_instant
    if kind is date:
        return date.fromisoformat
    return _exactly(kind)


def _class_reader(kind: Any) -> _Reader:
    hints = typing.get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    allowed = frozenset(readers) | ({TAG_KEY} if hasattr(kind, "TAG") else frozenset())
    needed = [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise TypeError(f"{kind.__name__} is a {type(data).__name__}")
        for name in needed:
            if name not in data:
                raise KeyError(f"{kind.__name__}.{name}")
        if unknown := data.keys() - allowed:
            raise TypeError(f"{kind.__name__}.{min(unknown)} is unknown")
        return kind(**{name: reader(data[name]) for name, reader in readers.items() if name in data})

    return read


def _union_reader(kinds: tuple[Any, ...]) -> _Reader:
    tagged = {kind.TAG: _reader(kind) for kind in kinds if hasattr(kind, "TAG")}
    plain = [_reader(kind) for kind in kinds if kind is not types.NoneType and not hasattr(kind, "TAG")]
    assert len(plain) + bool(tagged) == 1, f"nothing tells {kinds} apart"

    def read(data: Any) -> Any:
        if data is None and types.NoneType in kinds:
            return None
        return tagged[data[TAG_KEY]](data) if tagged else plain[0](data)

    return read


def _tuple_reader(item: _Reader) -> _Reader:
    def read(data: Any) -> Any:
        if not isinstance(data, list):
            raise TypeError(f"a list is a {type(data).__name__}")
        return tuple(item(each) for each in data)

    return read


def _mapping_reader(key: Callable[[str], Any], value: _Reader) -> _Reader:
    def read(data: Any) -> Any:
        return {key(name): value(item) for name, item in data.items()}

    return read


def _read_instant(data: Any) -> datetime:
    """Read an instant; one with the offset of a zone of ours is given in that zone, by its name."""
    instant = datetime.fromisoformat(data)
    named = next((zone for zone in ZONES.values() if zone.utcoffset(instant) == instant.utcoffset()), None)
    return instant.astimezone(named) if named else instant


def _exactly(kind: type) -> _Reader:
    def read(data: Any) -> Any:
        if type(data) is not kind:
            raise TypeError(f"{data!r} is no {kind.__name__}")
        return data

    return read
