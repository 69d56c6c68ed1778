"""Pools, orders with their lines, holds, dues, entries and events, the outbox and the sheet's rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATUSES = (
    "'waitlisted', 'offered', 'awaiting_payment', 'payment_claimed', 'deposit_paid', 'paid', 'in_production', 'ready', 'partly_shipped', "
    "'shipped', 'ready_for_pickup', 'completed', 'expired', 'cancelled_by_buyer', 'cancelled_by_seller', 'forfeited'"
)
ACTORS = "'buyer', 'seller', 'clock', 'operator'"
APPEND_ONLY = ("entries", "events")


def upgrade() -> None:
    """Build the tables, then keep entries and events append-only."""
    _tables()
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            _append_only_postgres(table)
        else:
            _append_only_sqlite(table)


def _append_only_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        )


def _append_only_postgres(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} are append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} FOR EACH {each} EXECUTE FUNCTION {table}_append_only()"
        )


def _tables() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
        sqlite_strict=True,
    )
    op.create_table(
        "pools",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("quota", BIG, nullable=False),
        sa.Column("sold", BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.CheckConstraint("quota >= 0", name=op.f("ck_pools_quota_at_least_0")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_pools_round_at_least_1")),
        sa.CheckConstraint("sold >= 0", name=op.f("ck_pools_sold_at_least_0")),
        sa.PrimaryKeyConstraint("campaign_id", "round", "pool_id", name=op.f("pk_pools")),
        sqlite_strict=True,
    )
    op.create_table(
        "snapshots",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_snapshots")),
        sqlite_strict=True,
    )
    op.create_table(
        "orders",
        sa.Column("order_id", BIG, autoincrement=True, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("fields_digest", sa.Text(), nullable=True),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at_ms", BIG, nullable=False),
        sa.Column("placed_at_ms", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_hmac", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("goods_rp", BIG, nullable=False),
        sa.Column("shipping_rp", BIG, nullable=True),
        sa.Column("deposit_rp", BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("delivery_name", sa.Text(), nullable=False),
        sa.Column("courier", sa.Text(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=True),
        sa.Column("seller_note", sa.Text(), nullable=True),
        sa.Column("claimed_at_ms", BIG, nullable=True),
        sa.Column("terms_accepted_at_ms", BIG, nullable=True),
        sa.Column("delay_notice", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("complaint_open", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("decision_needed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("erased_at_ms", BIG, nullable=True),
        sa.CheckConstraint(
            "erased_at_ms IS NOT NULL OR source <> 'web' OR (phone IS NOT NULL AND phone_hmac IS NOT NULL AND fields_digest IS NOT NULL)",
            name=op.f("ck_orders_web_buyer_known"),
        ),
        sa.CheckConstraint("language IN ('id', 'en')", name=op.f("ck_orders_language_known")),
        sa.CheckConstraint(
            "source <> 'web' OR (nonce IS NOT NULL AND terms_accepted_at_ms IS NOT NULL)",
            name=op.f("ck_orders_web_accepted"),
        ),
        sa.CheckConstraint("source IN ('web', 'sheet')", name=op.f("ck_orders_source_known")),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_orders_status_known")),
        sa.CheckConstraint("(phone IS NULL) = (phone_hmac IS NULL)", name=op.f("ck_orders_phone_and_hmac")),
        sa.CheckConstraint("complaint_open IN (0, 1)", name=op.f("ck_orders_complaint_open_flag")),
        sa.CheckConstraint("decision_needed IN (0, 1)", name=op.f("ck_orders_decision_needed_flag")),
        sa.CheckConstraint("delay_notice IN (0, 1)", name=op.f("ck_orders_delay_notice_flag")),
        sa.CheckConstraint("deposit_rp >= 0", name=op.f("ck_orders_deposit_rp_at_least_0")),
        sa.CheckConstraint(
            "erased_at_ms IS NOT NULL OR (name IS NOT NULL AND token IS NOT NULL)", name=op.f("ck_orders_buyer_known")
        ),
        sa.CheckConstraint(
            "erased_at_ms IS NULL OR (token IS NULL AND fields_digest IS NULL AND name IS NULL AND phone IS NULL AND phone_hmac IS NULL"
            " AND address IS NULL AND note IS NULL)",
            name=op.f("ck_orders_erased_whole"),
        ),
        sa.CheckConstraint("goods_rp >= 0", name=op.f("ck_orders_goods_rp_at_least_0")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_orders_round_at_least_1")),
        sa.CheckConstraint("shipping_rp >= 0", name=op.f("ck_orders_shipping_rp_at_least_0")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_orders_version_at_least_1")),
        sa.ForeignKeyConstraint(["snapshot_hash"], ["snapshots.hash"], name=op.f("fk_orders_snapshot_hash_snapshots")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_orders")),
        sa.UniqueConstraint("nonce", name=op.f("uq_orders_nonce")),
        sa.UniqueConstraint("ref", name=op.f("uq_orders_ref")),
        sa.UniqueConstraint("token", name=op.f("uq_orders_token")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_orders_campaign_id_round_phone_hmac"), "orders", ["campaign_id", "round", "phone_hmac"], unique=False
    )
    op.create_index(op.f("ix_orders_fields_digest"), "orders", ["fields_digest"], unique=False)
    op.create_index(op.f("ix_orders_status"), "orders", ["status"], unique=False)
    op.create_table(
        "dues",
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_rp", BIG, nullable=False),
        sa.Column("unique_code", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pay_by_ms", BIG, nullable=True),
        sa.Column("grace_until_ms", BIG, nullable=True),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("closed_at_ms", BIG, nullable=True),
        sa.CheckConstraint("kind IN ('full', 'deposit', 'balance')", name=op.f("ck_dues_kind_known")),
        sa.CheckConstraint("amount_rp >= 0", name=op.f("ck_dues_amount_rp_at_least_0")),
        sa.CheckConstraint(
            "grace_until_ms IS NULL OR (pay_by_ms IS NOT NULL AND grace_until_ms >= pay_by_ms)",
            name=op.f("ck_dues_grace_after_deadline"),
        ),
        sa.CheckConstraint("unique_code BETWEEN -999 AND 999", name=op.f("ck_dues_unique_code_range")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_dues_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "kind", name=op.f("pk_dues")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_dues_open",
        "dues",
        ["grace_until_ms"],
        unique=False,
        sqlite_where=sa.text("closed_at_ms IS NULL"),
        postgresql_where=sa.text("closed_at_ms IS NULL"),
    )
    op.create_table(
        "entries",
        sa.Column("entry_id", BIG, autoincrement=True, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_rp", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reverses", BIG, nullable=True),
        sa.Column("due_kind", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_entries_reversal_reverses")),
        sa.CheckConstraint(f"actor IN ({ACTORS})", name=op.f("ck_entries_actor_known")),
        sa.CheckConstraint("due_kind IN ('full', 'deposit', 'balance')", name=op.f("ck_entries_due_kind_known")),
        sa.CheckConstraint("kind <> 'refund' OR amount_rp < 0", name=op.f("ck_entries_refund_goes_out")),
        sa.CheckConstraint("kind IN ('payment', 'refund', 'reversal', 'discount')", name=op.f("ck_entries_kind_known")),
        sa.CheckConstraint("amount_rp <> 0", name=op.f("ck_entries_amount_rp_not_0")),
        sa.CheckConstraint("reverses < entry_id", name=op.f("ck_entries_reverses_earlier")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_entries_order_id_orders")),
        sa.ForeignKeyConstraint(["reverses"], ["entries.entry_id"], name=op.f("fk_entries_reverses_entries")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entries")),
        sa.UniqueConstraint("reverses", name=op.f("uq_entries_reverses")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_entries_order_id"), "entries", ["order_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("event_id", BIG, autoincrement=True, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("undoes", BIG, nullable=True),
        sa.Column("data", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(f"actor IN ({ACTORS})", name=op.f("ck_events_actor_known")),
        sa.CheckConstraint(f"from_status IN ({STATUSES})", name=op.f("ck_events_from_status_known")),
        sa.CheckConstraint(f"to_status IN ({STATUSES})", name=op.f("ck_events_to_status_known")),
        sa.CheckConstraint("undoes < event_id", name=op.f("ck_events_undoes_earlier")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_events_order_id_orders")),
        sa.ForeignKeyConstraint(["undoes"], ["events.event_id"], name=op.f("fk_events_undoes_events")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
        sa.UniqueConstraint("undoes", name=op.f("uq_events_undoes")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_events_order_id"), "events", ["order_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("units", BIG, nullable=False),
        sa.CheckConstraint("units >= 1", name=op.f("ck_holds_units_at_least_1")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_holds_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "pool_id", name=op.f("pk_holds")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_holds_pool_id"), "holds", ["pool_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=True),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("variant_name", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("price_rp", BIG, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("qty_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancelled_at_ms", BIG, nullable=True),
        sa.CheckConstraint("position >= 1", name=op.f("ck_order_lines_position_at_least_1")),
        sa.CheckConstraint("price_rp >= 0", name=op.f("ck_order_lines_price_rp_at_least_0")),
        sa.CheckConstraint("qty >= 1", name=op.f("ck_order_lines_qty_at_least_1")),
        sa.CheckConstraint("qty_done BETWEEN 0 AND qty", name=op.f("ck_order_lines_qty_done_within_qty")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_order_lines_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "outbox",
        sa.Column("order_id", BIG, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("changed_at_ms", BIG, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_try_ms", BIG, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'blocked')", name=op.f("ck_outbox_state_known")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts_at_least_0")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_outbox_version_at_least_1")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_outbox_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_outbox")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_outbox_state_changed_at_ms"), "outbox", ["state", "changed_at_ms"], unique=False)
    op.create_table(
        "sheet_rows",
        sa.Column("order_id", BIG, autoincrement=False, nullable=False),
        sa.Column("written_version", sa.Integer(), nullable=False),
        sa.Column("first_written_at_ms", BIG, nullable=True),
        sa.Column("last_written_at_ms", BIG, nullable=True),
        sa.Column("seen", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("writing", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("deletions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("away", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("away IN (0, 1)", name=op.f("ck_sheet_rows_away_flag")),
        sa.CheckConstraint("deletions >= 0", name=op.f("ck_sheet_rows_deletions_at_least_0")),
        sa.CheckConstraint(
            "written_version = 0 OR (first_written_at_ms IS NOT NULL AND last_written_at_ms IS NOT NULL)",
            name=op.f("ck_sheet_rows_written_when"),
        ),
        sa.CheckConstraint("written_version >= 0", name=op.f("ck_sheet_rows_written_version_at_least_0")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_sheet_rows_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_sheet_rows")),
        sqlite_strict=True,
    )
