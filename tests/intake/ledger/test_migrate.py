from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from intake.ledger import migrate, schema
from intake.ledger.engine import open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.invariants import find_violations
from intake.ledger.migrate import (
    HEAD,
    REVISIONS,
    LedgerTooNew,
    Migrated,
    MigrationBroken,
    NotALedger,
    check_revision,
    ensure_current,
    find_revision,
    run_alembic,
    upgrade,
)

ROOT = Path(__file__).parents[3]
OrderRow = Callable[..., dict[str, Any]]
AddRevision = Callable[[str], None]

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
{body}
"""
HALF = """
    op.create_table("half_done", sa.Column("n", sa.Integer()))
    op.execute("INSERT INTO half_done VALUES (1)")
    raise RuntimeError("power cut")
"""
WHOLE = """
    op.create_table("whole", sa.Column("n", sa.Integer()))
"""
REBUILD = """
    with op.batch_alter_table("snapshots", recreate="always", table_kwargs={"sqlite_strict": True}) as batch:
        batch.add_column(sa.Column("seen_at_ms", sa.Integer()))
"""
ORPHANS = """
    op.execute("DELETE FROM snapshots")
"""


@pytest.fixture
def add_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddRevision:
    """Give a function that puts a revision "9999" with the given body on top of ours."""

    def add(body: str) -> None:
        copy = tmp_path / "migrations"
        shutil.copytree(migrate.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "versions" / "r9999_test.py").write_text(REVISION.format(head=HEAD, body=body.rstrip() or "    pass"))
        monkeypatch.setattr(migrate, "MIGRATIONS", copy)
        monkeypatch.setattr(migrate, "REVISIONS", (*REVISIONS, "9999"))
        monkeypatch.setattr(migrate, "HEAD", "9999")

    return add


@pytest.fixture
def ledger(engine: Engine, order_row: OrderRow) -> Engine:
    """A ledger at our newest revision, with an order that refers to a snapshot."""
    with engine.begin() as connection:
        connection.execute(insert(schema.orders), order_row(1))
    return engine


def tables_of(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def definitions(engine: Engine) -> dict[str, list[str]]:
    """
    Give what SQLite keeps of each table and index: its statement, as sorted lines (constraints may stand in any order).
    """
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        ).all()
    return {
        name: sorted(line.strip().rstrip(",") for line in sql.splitlines())
        for name, sql in rows
        if name != "alembic_version"
    }


@pytest.fixture
def any_engine(empty_database_url: str) -> Iterator[Engine]:
    """The writing engine on an empty database, of each kind in turn."""
    engine = open_writer(empty_database_url)
    yield engine
    engine.dispose()


def test_the_migrations_make_the_schema(any_engine: Engine) -> None:
    """As Alembic compares them, on either database: tables, columns, keys, indexes."""
    ensure_current(any_engine)
    with any_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_every_released_ledger_is_brought_up_to_date_with_what_it_holds(
    any_engine: Engine, order_row: OrderRow, revision: str
) -> None:
    """On either database."""
    upgrade(any_engine, revision)
    with any_engine.begin() as connection:
        connection.execute(insert(schema.snapshots).values(hash="hash-1", body="{}", created_at_ms=1_790_000_000_000))
        connection.execute(insert(schema.orders), order_row(1))
    done = ensure_current(any_engine)
    assert (done.before, done.after) == (revision, HEAD)
    with any_engine.connect() as connection:
        assert connection.execute(select(schema.orders.c.ref)).scalars().all() == ["NST-0001"]
        assert connection.execute(select(schema.leases)).all() == []


def test_what_orders_are_asked_for_is_told_from_their_money(any_engine: Engine, order_row: OrderRow) -> None:
    """Until revision 0003 no due was ever closed, and no balance asked for."""
    # Status, shipping, received; then what is asked for: kind and rupiah.
    lives: list[tuple[str, int | None, int, tuple[str, int] | None]] = [
        ("awaiting_payment", 18_000, 0, ("deposit", 175_000)),
        ("awaiting_payment", 18_000, 100_000, ("deposit", 75_000)),
        ("payment_claimed", None, 0, ("deposit", 175_000)),
        ("deposit_paid", 18_000, 175_000, ("balance", 193_000)),
        ("in_production", None, 175_000, ("balance", 175_000)),
        ("paid", 18_000, 368_000, None),
        ("shipped", 18_000, 400_000, None),
        ("expired", 18_000, 0, None),
        ("expired", 18_000, 50_000, None),
        ("cancelled_by_seller", 18_000, 175_000, None),
    ]
    upgrade(any_engine, "0002")
    with any_engine.begin() as connection:
        connection.execute(insert(schema.snapshots).values(hash="hash-1", body="{}", created_at_ms=1_790_000_000_000))
        for number, (status, shipping, received, _) in enumerate(lives, start=1):
            row = order_row(number, order_id=number, status=status, shipping_rp=shipping)
            connection.execute(insert(schema.orders), row)
            due = {"order_id": number, "kind": "deposit", "amount_rp": 175_000, "pay_by_ms": 9, "grace_until_ms": 9}
            connection.execute(insert(schema.dues), due | {"created_at_ms": 5})
            event = {"order_id": number, "at_ms": 7, "actor": "buyer", "event": "placed", "to_status": status}
            connection.execute(insert(schema.events), event)
            if received:
                entry = {"order_id": number, "kind": "payment", "amount_rp": received, "at_ms": 6, "actor": "seller"}
                connection.execute(insert(schema.entries), entry)
    ensure_current(any_engine)
    with any_engine.connect() as connection:
        found = connection.execute(select(schema.dues).where(schema.dues.c.closed_at_ms.is_(None))).all()
        asked = {row.order_id: (row.kind, row.amount_rp) for row in found}
        assert [str(each) for each in find_violations(connection) if each.kind in {"due_wrong", "discount_wrong"}] == []
    assert asked == {number: due for number, (*_, due) in enumerate(lives, start=1) if due}


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_processes_that_start_together_migrate_once(empty_database_url: str) -> None:
    """One does it, the others wait and find it done."""
    engines = [open_writer(empty_database_url) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as starting:
            done = list(starting.map(ensure_current, engines))
        assert [each.after for each in done] == [HEAD] * 4
        assert sorted(str(each.before) for each in done) == sorted(["None", HEAD, HEAD, HEAD])
        assert find_revision(engines[0]) == HEAD
    finally:
        for engine in engines:
            engine.dispose()


def test_the_migrations_make_the_schema_word_by_word(engine: Engine, tmp_path: Path) -> None:
    """Alembic does not look at CHECKs and STRICT; SQLite's own statements show them."""
    direct = open_writer(f"sqlite:///{tmp_path / 'direct.sqlite3'}")
    with direct.begin() as connection:
        schema.metadata.create_all(connection)
    wanted = definitions(direct)
    direct.dispose()
    assert len(wanted) > len(schema.metadata.tables)
    assert definitions(engine) == wanted


def test_tables_are_strict_and_triggers_stand(engine: Engine) -> None:
    """A later revision that builds a table anew may lose both."""
    with engine.connect() as connection:
        loose = (
            connection.exec_driver_sql(
                "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND schema = 'main'"
            )
            .scalars()
            .all()
        )
        triggers = connection.exec_driver_sql(
            "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' ORDER BY 2"
        ).all()
    assert {name for name in loose if not name.startswith("sqlite_")} == {"alembic_version"}
    assert triggers == [
        ("consents", "consents_append_only_delete"),
        ("consents", "consents_append_only_update"),
        ("enquiry_events", "enquiry_events_append_only_delete"),
        ("enquiry_events", "enquiry_events_append_only_update"),
        ("entries", "entries_append_only_delete"),
        ("entries", "entries_append_only_update"),
        ("events", "events_append_only_delete"),
        ("events", "events_append_only_update"),
    ]


def test_revisions_are_those_of_the_folder() -> None:
    """HEAD is written down so that nobody needs Alembic to know it; here they are held together."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == REVISIONS
    assert scripts.get_heads() == [HEAD]


def test_an_empty_ledger_is_brought_to_head_once(empty_engine: Engine, folder: DataFolder) -> None:
    """No copy of nothing is taken, and the second time nothing happens."""
    assert find_revision(empty_engine) is None
    assert ensure_current(empty_engine) == Migrated(None, HEAD, None)
    assert find_revision(empty_engine) == HEAD
    assert ensure_current(empty_engine) == Migrated(HEAD, HEAD, None)
    assert not list(folder.path.glob("*.before-*"))


def test_foreign_keys_are_on_after_a_migration(engine: Engine) -> None:
    """They are off only while tables are replaced."""
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_current_ledger_starts_without_alembic(engine: Engine, folder: DataFolder) -> None:
    """
    A second start of the shop should be quick. The twin, on an empty ledger, shows that the question is a real one.
    """
    engine.dispose()
    program = """
import sys
from intake.ledger.engine import open_writer
from intake.ledger.migrate import ensure_current
ensure_current(open_writer(sys.argv[1]))
print("alembic" in sys.modules)
"""

    def imports_alembic(url: str) -> str:
        command = [sys.executable, "-c", program, url]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    assert imports_alembic(folder.database_url) == "False"
    assert imports_alembic(f"sqlite:///{folder.path / 'empty.sqlite3'}") == "True"


def test_a_newer_ledger_is_refused(ledger: Engine) -> None:
    """And left as it is."""
    with ledger.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for refuse in (ensure_current, check_revision):
        with pytest.raises(LedgerTooNew) as refused:
            refuse(ledger)
        assert refused.value.fields == {"found": "9999", "known": HEAD}
    assert find_revision(ledger) == "9999"


def test_a_foreign_database_is_refused(empty_engine: Engine) -> None:
    """Perhaps DATABASE_URL names the wrong file."""
    with empty_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (n INTEGER)")
    with pytest.raises(NotALedger) as refused:
        ensure_current(empty_engine)
    assert refused.value.fields == {"tables": ["recipes"]}
    assert tables_of(empty_engine) == {"recipes"}


def test_a_half_done_migration_leaves_nothing(ledger: Engine, add_revision: AddRevision) -> None:
    """Neither its table nor its number; the copy that was taken before stays."""
    before = tables_of(ledger)
    add_revision(HALF)
    with pytest.raises(RuntimeError, match="power cut"):
        ensure_current(ledger)
    assert tables_of(ledger) == before
    assert find_revision(ledger) == HEAD


def test_a_half_done_migration_leaves_nothing_by_alembic_alone(ledger: Engine, add_revision: AddRevision) -> None:
    """Also where nobody has begun a transaction around it, as with Alembic's own command."""
    before = tables_of(ledger)
    add_revision(HALF)
    with pytest.raises(RuntimeError, match="power cut"), ledger.connect() as connection:
        run_alembic(connection, "head")
    assert tables_of(ledger) == before
    assert find_revision(ledger) == HEAD


def test_a_half_done_migration_without_the_recipe_leaves_its_table(tmp_path: Path, add_revision: AddRevision) -> None:
    """The fault that the recipe prevents is real, even with Alembic's transactional_ddl."""
    plain = create_engine(f"sqlite:///{tmp_path / 'plain.sqlite3'}")
    with plain.begin() as connection:
        run_alembic(connection, HEAD)
    add_revision(HALF)
    with pytest.raises(RuntimeError, match="power cut"), plain.connect() as connection:
        run_alembic(connection, "head")
    left = tables_of(plain)
    plain.dispose()
    assert "half_done" in left


def test_a_first_migration_that_fails_leaves_an_empty_database(empty_engine: Engine, add_revision: AddRevision) -> None:
    """All missing revisions are one transaction, not one each."""
    add_revision(HALF)
    with pytest.raises(RuntimeError, match="power cut"):
        ensure_current(empty_engine)
    assert tables_of(empty_engine) == set()


def test_a_copy_is_taken_before_a_migration(ledger: Engine, folder: DataFolder, add_revision: AddRevision) -> None:
    """A whole ledger at the old revision, beside the new one."""
    add_revision(WHOLE)
    done = ensure_current(ledger)
    assert (done.before, done.after) == (HEAD, "9999")
    assert done.copy is not None
    assert done.copy.parent == folder.path
    assert "whole" in tables_of(ledger)
    copy = sqlite3.connect(done.copy)
    assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    assert copy.execute("SELECT ref FROM orders").fetchall() == [("NST-0001",)]
    assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'whole'").fetchall()
    copy.close()


def test_replacing_a_table_keeps_what_refers_to_it(ledger: Engine, add_revision: AddRevision) -> None:
    """SQLite builds the table anew and drops the old one; with foreign keys off, orders keep their snapshot."""
    add_revision(REBUILD)
    upgrade(ledger)
    with ledger.connect() as connection:
        assert "seen_at_ms" in {column["name"] for column in inspect(connection).get_columns("snapshots")}
        joined = select(func.count()).select_from(schema.orders.join(schema.snapshots))
        assert connection.execute(joined).scalar_one() == 1


def test_replacing_a_table_with_foreign_keys_on_fails(ledger: Engine, add_revision: AddRevision) -> None:
    """The fault that foreign_keys_off prevents is real: dropping the old table deletes its rows first."""
    add_revision(REBUILD)
    with pytest.raises(IntegrityError), ledger.begin() as connection:
        run_alembic(connection, "head")
    assert find_revision(ledger) == HEAD


def test_a_migration_that_breaks_references_is_undone(ledger: Engine, add_revision: AddRevision) -> None:
    """With foreign keys off nothing else would notice."""
    add_revision(ORPHANS)
    with pytest.raises(MigrationBroken) as refused:
        ensure_current(ledger)
    assert refused.value.fields == {"tables": ["orders"]}
    assert find_revision(ledger) == HEAD
    with ledger.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.snapshots)).scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
