"""What orders are asked for now: amounts of their own, and those that nobody else gets for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDING = (
    "'offered', 'awaiting_payment', 'payment_claimed', 'deposit_paid', 'paid', 'in_production', 'ready', 'partly_shipped', 'shipped', "
    "'ready_for_pickup', 'completed'"
)
# An order's money so far, and what it costs as far as known. No order has a discount yet.
RECEIVED = (
    "(SELECT COALESCE(SUM(e.amount_rp), 0) FROM entries e WHERE e.order_id = o.order_id AND e.kind <> 'discount')"
)
TOTAL = "(o.goods_rp + COALESCE(o.shipping_rp, 0))"
LATEST = "(SELECT MAX(v.at_ms) FROM events v WHERE v.order_id = o.order_id)"


def upgrade() -> None:
    """Bring the dues to what their orders say, for until now none was ever closed; then build table and indexes."""
    # Whose first payment has come, and whose order is off, is asked for nothing any more.
    op.execute(
        f"""UPDATE dues SET closed_at_ms = (SELECT {LATEST} FROM orders o WHERE o.order_id = dues.order_id)
        WHERE closed_at_ms IS NULL AND EXISTS (SELECT 1 FROM orders o WHERE o.order_id = dues.order_id AND (
            o.status NOT IN ({HOLDING})
            OR {RECEIVED} >= CASE dues.kind WHEN 'deposit' THEN o.deposit_rp ELSE {TOTAL} END))"""  # noqa: S608  all of it stands above
    )
    # Of what has come in part, the rest.
    op.execute(
        f"""UPDATE dues SET amount_rp = (
            SELECT CASE dues.kind WHEN 'deposit' THEN o.deposit_rp ELSE {TOTAL} END - {RECEIVED} FROM orders o WHERE o.order_id = dues.order_id)
        WHERE closed_at_ms IS NULL"""  # noqa: S608
    )
    op.execute(
        f"""INSERT INTO dues (order_id, kind, amount_rp, unique_code, created_at_ms)
        SELECT o.order_id, 'balance', {TOTAL} - {RECEIVED}, 0, {LATEST} FROM orders o
        WHERE o.status IN ({HOLDING}) AND o.deposit_rp > 0 AND {RECEIVED} >= o.deposit_rp AND {RECEIVED} < {TOTAL}
        AND NOT EXISTS (SELECT 1 FROM dues d WHERE d.order_id = o.order_id AND d.kind = 'balance')"""  # noqa: S608
    )
    for name, where, unique in (
        ("ix_dues_asked", "closed_at_ms IS NULL", False),
        ("uq_dues_coded", "closed_at_ms IS NULL AND unique_code <> 0", True),
    ):
        op.create_index(
            name,
            "dues",
            ["amount_rp"],
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "quarantine",
        sa.Column("amount_rp", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("free_at_ms", BIG, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_quarantine_order_id_orders")),
        sa.PrimaryKeyConstraint("amount_rp", "order_id", name=op.f("pk_quarantine")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_quarantine_free_at_ms"), "quarantine", ["free_at_ms"], unique=False)
