"""
Bring a ledger to the present tables: forward only, all or nothing, a copy taken before.

Alembic is imported only where something is to do, for a shop that starts again should be quick.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect

from intake.ledger.engine import alone, broken_references, copy_ledger, foreign_keys_off, ledger_path
from preorder.errors import PreorderError

logger = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).with_name("migrations")
# All of them, oldest first, as in migrations/versions/.
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]


class LedgerTooNew(PreorderError):
    """
    A newer release has changed this ledger; this one must not touch it. Fields: found, known (newest revision of this
    release).
    """

    code = "ledger_too_new"


class NotALedger(PreorderError):
    """The database holds tables, but not ours. Fields: tables (some of them)."""

    code = "not_a_ledger"


class MigrationBroken(PreorderError):
    """A migration left rows that refer to nothing; it was undone as a whole. Fields: tables."""

    code = "migration_broken"


@dataclass(frozen=True)
class Migrated:
    """
    What ensure_current did.

    Attributes:
        before: the revision found; None for an empty database.
        after: HEAD.
        copy: the ledger as it was before; None where nothing changed, where it was empty, and for PostgreSQL.
    """

    before: str | None
    after: str
    copy: Path | None


def find_revision(engine: Engine) -> str | None:
    """
    Give the revision of a ledger, None for an empty database. Reads only.

    Raises:
        NotALedger: tables stand there, but not ours.
    """
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if "alembic_version" in tables:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if revision is not None:
                return str(revision)
        if others := sorted(set(tables) - {"alembic_version"}):
            raise NotALedger(tables=others[:5])
        return None


def check_revision(engine: Engine) -> str | None:
    """
    Give the revision of a ledger that this release may use or bring up to date.

    Raises:
        LedgerTooNew, NotALedger: it may not.
    """
    revision = find_revision(engine)
    if revision is not None and revision not in REVISIONS:
        raise LedgerTooNew(found=revision, known=HEAD)
    return revision


def ensure_current(engine: Engine) -> Migrated:
    """
    Bring the ledger to HEAD, if it isn't there.

    1. A SQLite ledger with something in it is copied beside itself ("etalase.sqlite3.before-0002.<UTC time>"): the way
        back, by hand.
    2. All missing revisions run in one transaction, so a crash or an error leaves the ledger exactly as it was.
    3. SQLite's foreign keys, off meanwhile because tables may be replaced, are checked before the commit.

    Several processes may start on one PostgreSQL database at once: one of them does it, the others wait.

    Args:
        engine: the writer's, with no Writer started yet; on SQLite with the data folder's lock held.

    Raises:
        LedgerTooNew, NotALedger, MigrationBroken: the ledger is as it was.
    """
    before = check_revision(engine)
    if before == HEAD:
        return Migrated(before, HEAD, None)
    with alone(engine):
        # Another process on the same database may have done it while we waited.
        before = check_revision(engine)
        if before == HEAD:
            return Migrated(before, HEAD, None)
        copy = _copy_before(engine) if before is not None else None
        upgrade(engine)
    logger.info("ledger brought from revision %s to %s", before, HEAD)
    return Migrated(before, HEAD, copy)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """
    Run the revisions up to the given one, in one transaction.

    Raises:
        MigrationBroken: rows refer to nothing afterwards.
        alembic.util.CommandError, sqlalchemy.exc.SQLAlchemyError: a revision failed. Nothing of it stays.
    """
    with engine.connect() as connection, foreign_keys_off(connection), connection.begin():
        run_alembic(connection, revision)
        if broken := broken_references(connection):
            raise MigrationBroken(tables=broken)


def run_alembic(connection: Connection, revision: str) -> None:
    """Have Alembic run the revisions within the transaction that is open; upgrade() is what surrounds it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _copy_before(engine: Engine) -> Path | None:
    path = ledger_path(engine)
    if path is None:
        return None
    copy = path.with_name(f"{path.name}.before-{HEAD}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    copy_ledger(engine, copy)
    return copy
