"""Consents: what a buyer has allowed beside her order, and taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Build the table, and keep it append-only."""
    op.create_table(
        "consents",
        sa.Column("consent_id", BIG, autoincrement=True, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("actor IN ('buyer', 'seller', 'clock', 'operator')", name=op.f("ck_consents_actor_known")),
        sa.CheckConstraint("given IN (0, 1)", name=op.f("ck_consents_given_flag")),
        sa.CheckConstraint("purpose IN ('news')", name=op.f("ck_consents_purpose_known")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_consents_order_id_orders")),
        sa.ForeignKeyConstraint(["text_hash"], ["snapshots.hash"], name=op.f("fk_consents_text_hash_snapshots")),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consents")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_consents_order_id"), "consents", ["order_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _append_only_postgres()
    else:
        _append_only_sqlite()


def _append_only_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER consents_append_only_{verb.lower()} BEFORE {verb} ON consents"
            " BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END"
        )


def _append_only_postgres() -> None:
    op.execute(
        "CREATE FUNCTION consents_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'consents are append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER consents_append_only_{verb.lower()} BEFORE {verb} ON consents"
            f" FOR EACH {each} EXECUTE FUNCTION consents_append_only()"
        )
