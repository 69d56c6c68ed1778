"""Enquiries: the waitlist, who wants to hear of the next opening, and requests for an offer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Build the tables, then keep the history append-only."""
    _enquiries()
    _enquiry_events()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION enquiry_events_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'enquiry_events are append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER enquiry_events_append_only_{verb.lower()} BEFORE {verb} ON enquiry_events"
                f" FOR EACH {each} EXECUTE FUNCTION enquiry_events_append_only()"
            )
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER enquiry_events_append_only_{verb.lower()} BEFORE {verb} ON enquiry_events"
                " BEGIN SELECT RAISE(ABORT, 'enquiry_events are append-only'); END"
            )


def _enquiries() -> None:
    op.create_table(
        "enquiries",
        sa.Column("enquiry_id", BIG, autoincrement=True, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("asked_at_ms", BIG, nullable=False),
        sa.Column("changed_at_ms", BIG, nullable=False),
        sa.Column("fields_digest", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_hmac", sa.Text(), nullable=True),
        sa.Column("lines", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("units", BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("accepts_part", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("needed_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_at_ms", BIG, nullable=False),
        sa.Column("seller_note", sa.Text(), nullable=True),
        sa.Column("seen", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("erased_at_ms", BIG, nullable=True),
        sa.CheckConstraint("kind IN ('waitlist', 'interest', 'quotation')", name=op.f("ck_enquiries_kind_known")),
        sa.CheckConstraint(
            "status IN ('waiting', 'answered', 'declined', 'left')", name=op.f("ck_enquiries_status_known")
        ),
        sa.CheckConstraint("language IN ('id', 'en')", name=op.f("ck_enquiries_language_known")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_enquiries_round_at_least_1")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_enquiries_version_at_least_1")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_enquiries_units_at_least_0")),
        sa.CheckConstraint("accepts_part IN (0, 1)", name=op.f("ck_enquiries_accepts_part_flag")),
        sa.CheckConstraint(
            "erased_at_ms IS NOT NULL OR (name IS NOT NULL AND phone IS NOT NULL AND phone_hmac IS NOT NULL AND fields_digest IS NOT NULL)",
            name=op.f("ck_enquiries_asker_known"),
        ),
        sa.CheckConstraint(
            "erased_at_ms IS NULL OR (name IS NULL AND phone IS NULL AND phone_hmac IS NULL AND fields_digest IS NULL"
            " AND company IS NULL AND note IS NULL)",
            name=op.f("ck_enquiries_erased_whole"),
        ),
        sa.CheckConstraint("status <> 'left' OR erased_at_ms IS NOT NULL", name=op.f("ck_enquiries_left_is_erased")),
        sa.PrimaryKeyConstraint("enquiry_id", name=op.f("pk_enquiries")),
        sa.UniqueConstraint("ref", name=op.f("uq_enquiries_ref")),
        sa.UniqueConstraint("token", name=op.f("uq_enquiries_token")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_enquiries_campaign_id_round_kind_status"),
        "enquiries",
        ["campaign_id", "round", "kind", "status"],
        unique=False,
    )
    op.create_index(op.f("ix_enquiries_fields_digest"), "enquiries", ["fields_digest"], unique=False)


def _enquiry_events() -> None:
    op.create_table(
        "enquiry_events",
        sa.Column("event_id", BIG, autoincrement=True, nullable=False),
        sa.Column("enquiry_id", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "actor IN ('buyer', 'seller', 'clock', 'operator')", name=op.f("ck_enquiry_events_actor_known")
        ),
        sa.CheckConstraint(
            "from_status IN ('waiting', 'answered', 'declined', 'left')",
            name=op.f("ck_enquiry_events_from_status_known"),
        ),
        sa.CheckConstraint(
            "to_status IN ('waiting', 'answered', 'declined', 'left')", name=op.f("ck_enquiry_events_to_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.enquiry_id"], name=op.f("fk_enquiry_events_enquiry_id_enquiries")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_enquiry_events")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_enquiry_events_enquiry_id"), "enquiry_events", ["enquiry_id"], unique=False)
