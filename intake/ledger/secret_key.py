"""
One ledger, one secret key: with another key, links that are signed with it end, and a buyer's earlier orders no longer
count towards her limit. So the ledger remembers a fingerprint of the key, which tells nothing about the key itself.
"""

from __future__ import annotations

import hashlib
import hmac
import logging

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from intake.ledger.schema import meta
from preorder.errors import PreorderError

log = logging.getLogger(__name__)

# meta.key of the fingerprint.
FINGERPRINT_KEY = "secret_key_fingerprint"
_WHAT = b"etalase: fingerprint of the secret key"


class SecretKeyChanged(PreorderError):
    """The ledger was used with another secret key before. No fields: neither key belongs into a message."""

    code = "secret_key_changed"


def fingerprint(key: bytes) -> str:
    """Give the fingerprint of a key: 64 hexadecimal digits."""
    return hmac.new(key, _WHAT, hashlib.sha256).hexdigest()


def check_secret_key(engine: Engine, key: bytes) -> None:
    """
    Make sure that this is the ledger's key. The first one that comes becomes it; of several processes that start at
    once, one is the first.

    Args:
        engine: the writer's, with no Writer started yet.

    Raises:
        SecretKeyChanged: the ledger has another.
    """
    with engine.begin() as connection:
        _insert(connection, key, replace=False)
        known = connection.execute(select(meta.c.value).where(meta.c.key == FINGERPRINT_KEY)).scalar_one()
    if not hmac.compare_digest(known, fingerprint(key)):
        raise SecretKeyChanged


def accept_secret_key(engine: Engine, key: bytes) -> None:
    """Make this the ledger's key from now on, whichever it had. Other processes must be started again with it."""
    with engine.begin() as connection:
        _insert(connection, key, replace=True)
    log.warning("the ledger has a new secret key")


def _insert(connection: Connection, key: bytes, *, replace: bool) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"key": FINGERPRINT_KEY, "value": fingerprint(key)}
    fresh = insert(meta).values(row)
    connection.execute(
        fresh.on_conflict_do_update(index_elements=[meta.c.key], set_={"value": row["value"]})
        if replace
        else fresh.on_conflict_do_nothing(index_elements=[meta.c.key])
    )
