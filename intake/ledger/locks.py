"""Locks that have a name, on PostgreSQL, until the transaction ends. On SQLite nobody else writes meanwhile."""

from __future__ import annotations

import hashlib

from sqlalchemy import BigInteger, bindparam, func, select

from intake.ledger.hot import Hot
from intake.ledger.writer import Transaction

_LOCK = Hot(select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger))))
_LOCK_SHARED = Hot(select(func.pg_advisory_xact_lock_shared(bindparam("number", type_=BigInteger))))


def lock_named(tx: Transaction, *key: object, shared: bool = False) -> None:
    """
    Keep others from what these words name.

    Who needs several kinds of locks takes them in this order, so that two wait for one another in one direction only:
    an order's row, rounds and their pools, buyers, amounts.

    Args:
        shared: together with others who share it.
    """
    if tx.is_postgres:
        (_LOCK_SHARED if shared else _LOCK).run(tx.connection, {"number": _number(*key)})


def _number(*key: object) -> int:
    """Give the 64 bit number of a lock that has a name."""
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:8], signed=True)
