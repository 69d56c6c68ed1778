"""
The tables of the ledger, once for SQLite and PostgreSQL.

Instants are `*_ms`: epoch milliseconds in UTC. Money is `*_rp`: whole rupiah. Flags are 0 or 1. Nothing is ever deleted
by a cascade; entries, events, enquiry_events and consents are append-only, held by triggers (see migrations). Names,
phone numbers, addresses and buyers' words stand in `orders`, `order_lines` and `enquiries` only (and in what the seller
typed, in `sheet_rows`), so that they can be erased: never put them into entries, events, meta or an error text.

A change here needs a migration; tests/intake/ledger/test_migrate.py compares both, word by word.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from preorder.consent import Purpose
from preorder.enquiries import EnquiryKind, EnquiryStatus
from preorder.status import Actor, Status

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite knows one integer, of 64 bit; under its own name it is also the row id, and the only integer that a STRICT
# table takes.
Big = BigInteger().with_variant(Integer(), "sqlite")


def _table(name: str, *parts: Column[object] | CheckConstraint | PrimaryKeyConstraint | Index) -> Table:
    # STRICT: without it SQLite stores a text in a number's column, and the text passes every CHECK of the kind "> 0".
    return Table(name, metadata, *parts, sqlite_strict=True)


def _one_of(column: str, codes: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _at_least(column: str, least: int) -> CheckConstraint:
    return CheckConstraint(f"{column} >= {least}", name=f"{column}_at_least_{least}")


def _flag(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN (0, 1)", name=f"{column}_flag")


_ZERO = text("0")
_OPEN = text("closed_at_ms IS NULL")
_CODED = text("closed_at_ms IS NULL AND unique_code <> 0")
_ORDER = "orders.order_id"

# What the shop must remember beside its orders, by key; the names of the keys stand with who writes them.
meta = _table(
    "meta",
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Who of several processes on one database does the work that only one may do at a time; see intake.ledger.leases.
leases = _table(
    "leases",
    Column("name", Text, primary_key=True),  # of the work: "sheet", "clock"
    Column("owner", Text, nullable=False),
    Column("until_ms", Big, nullable=False),  # by the database's clock; from then on another may take it
)

# What is left of a quota: quota - sold. An unlimited pool has no row. There is no CHECK of sold against quota, for the
# seller may lower the quota below what is sold; placing asks `sold + n <= quota` in its UPDATE.
pools = _table(
    "pools",
    Column("campaign_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("pool_id", Text, nullable=False),
    Column("quota", Big, nullable=False),
    Column("sold", Big, nullable=False, server_default=_ZERO),  # sum of holds.units of the orders in a holding status
    Column("revision", Big, nullable=False),  # of the catalogue that set the quota; it never goes back
    PrimaryKeyConstraint("campaign_id", "round", "pool_id"),
    _at_least("round", 1),
    _at_least("quota", 0),
    _at_least("sold", 0),
)

# What a buyer accepted, terms or the sentence beside a tick of consents: canonical JSON, shared by all that accepted the
# same.
snapshots = _table(
    "snapshots",
    Column("hash", Text, primary_key=True),  # of body
    Column("body", Text, nullable=False),
    Column("created_at_ms", Big, nullable=False),
)

orders = _table(
    "orders",
    Column("order_id", Big, primary_key=True, autoincrement=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("token", Text, unique=True),  # secret of the status link; NULL after erasure
    Column(
        "nonce", Text, unique=True
    ),  # of the review token: the same press again finds its order; NULL for an order typed into the sheet
    Column("fields_digest", Text),  # of what was posted; NULL for the sheet's and after erasure
    Column("campaign_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("revision", Big, nullable=False),  # of the catalogue it was placed under
    Column("snapshot_hash", Text, ForeignKey("snapshots.hash"), nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),  # rises with every change of the order
    Column("language", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at_ms", Big, nullable=False),  # when the request came; decides about the window
    Column("placed_at_ms", Big, nullable=False),
    Column("name", Text),
    Column("phone", Text),  # +62...
    Column("phone_hmac", Text),  # finds a buyer's other orders without reading numbers
    Column("address", Text),  # NULL also for a pickup
    Column("note", Text),
    Column("channel", Text),
    Column("goods_rp", Big, nullable=False),
    Column("shipping_rp", Big),  # NULL while it is not known
    Column("deposit_rp", Big, nullable=False, server_default=_ZERO),  # 0 where all is due at once
    Column("delivery_id", Text, nullable=False),
    Column("delivery_name", Text, nullable=False),
    Column("courier", Text),
    Column("tracking", Text),
    Column("seller_note", Text),
    Column("claimed_at_ms", Big),  # the buyer said "sudah transfer"
    Column("terms_accepted_at_ms", Big),  # NULL only for an order typed into the sheet
    Column("delay_notice", Integer, nullable=False, server_default=_ZERO),
    Column("complaint_open", Integer, nullable=False, server_default=_ZERO),
    Column("decision_needed", Integer, nullable=False, server_default=_ZERO),
    Column("erased_at_ms", Big),  # when the buyer's data were taken out
    _one_of("status", Status),
    _one_of("language", ("id", "en")),
    _one_of("source", ("web", "sheet")),
    _at_least("round", 1),
    _at_least("version", 1),
    _at_least("goods_rp", 0),
    _at_least("shipping_rp", 0),
    _at_least("deposit_rp", 0),
    _flag("delay_notice"),
    _flag("complaint_open"),
    _flag("decision_needed"),
    CheckConstraint("erased_at_ms IS NOT NULL OR (name IS NOT NULL AND token IS NOT NULL)", name="buyer_known"),
    CheckConstraint(
        "erased_at_ms IS NOT NULL OR source <> 'web' OR (phone IS NOT NULL AND phone_hmac IS NOT NULL AND fields_digest IS NOT NULL)",
        name="web_buyer_known",
    ),
    CheckConstraint("source <> 'web' OR (nonce IS NOT NULL AND terms_accepted_at_ms IS NOT NULL)", name="web_accepted"),
    CheckConstraint("(phone IS NULL) = (phone_hmac IS NULL)", name="phone_and_hmac"),
    CheckConstraint(
        "erased_at_ms IS NULL OR (token IS NULL AND fields_digest IS NULL AND name IS NULL AND phone IS NULL AND phone_hmac IS NULL"
        " AND address IS NULL AND note IS NULL)",
        name="erased_whole",
    ),
    Index(None, "campaign_id", "round", "phone_hmac"),
    Index(None, "status"),
    # Has she sent just this before? Asked at each review.
    Index(None, "fields_digest"),
)

order_lines = _table(
    "order_lines",
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("position", Integer, nullable=False),  # from 1, as the buyer saw them
    Column("product_id", Text, nullable=False),
    Column("variant_id", Text),
    Column("product_name", Text, nullable=False),
    Column("variant_name", Text),
    Column(
        "options", Text, nullable=False, server_default=text("'{}'")
    ),  # JSON object: option's name -> chosen or written text
    Column("qty", Integer, nullable=False),
    Column("price_rp", Big, nullable=False),  # of one unit
    Column("note", Text),
    Column("qty_done", Integer, nullable=False, server_default=_ZERO),  # units shipped or handed over
    Column("cancelled_at_ms", Big),
    PrimaryKeyConstraint("order_id", "position"),
    _at_least("position", 1),
    _at_least("qty", 1),
    _at_least("price_rp", 0),
    CheckConstraint("qty_done BETWEEN 0 AND qty", name="qty_done_within_qty"),
)

# How many units of which pool an order takes while its status holds units. A pool that comes later, or comes back, is
# counted in then: see recording.set_quotas.
holds = _table(
    "holds",
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("pool_id", Text, nullable=False),
    Column("units", Big, nullable=False),
    PrimaryKeyConstraint("order_id", "pool_id"),
    _at_least("units", 1),
    Index(None, "pool_id"),
)

dues = _table(
    "dues",
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount_rp", Big, nullable=False),  # that is asked for, its code taken off
    Column("unique_code", Integer, nullable=False, server_default=_ZERO),  # below 0: added to the price
    Column("pay_by_ms", Big),  # the deadline that the buyer reads; NULL while none is set
    Column("grace_until_ms", Big),  # when the units are released
    Column("created_at_ms", Big, nullable=False),
    Column("closed_at_ms", Big),  # NULL = open
    PrimaryKeyConstraint("order_id", "kind"),
    _one_of("kind", ("full", "deposit", "balance")),
    _at_least("amount_rp", 0),
    CheckConstraint("unique_code BETWEEN -999 AND 999", name="unique_code_range"),
    CheckConstraint(
        "grace_until_ms IS NULL OR (pay_by_ms IS NOT NULL AND grace_until_ms >= pay_by_ms)", name="grace_after_deadline"
    ),
    # The clock asks which open dues are past their grace; nearly all dues are closed ones.
    Index("ix_dues_open", "grace_until_ms", sqlite_where=_OPEN, postgresql_where=_OPEN),
    # Which amounts around this one are asked for now?
    Index("ix_dues_asked", "amount_rp", sqlite_where=_OPEN, postgresql_where=_OPEN),
    # The last net: whoever chooses codes has looked before.
    Index("uq_dues_coded", "amount_rp", unique=True, sqlite_where=_CODED, postgresql_where=_CODED),
)

# Amounts that an order is no longer asked for, while its buyer may still be paying them: nobody else gets them.
quarantine = _table(
    "quarantine",
    Column("amount_rp", Big, nullable=False),
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("free_at_ms", Big, nullable=False),
    PrimaryKeyConstraint("amount_rp", "order_id"),
    Index(None, "free_at_ms"),
)

# Payments. Positive came in (or lowers what is due), negative went out. What was received is the sum over payments,
# refunds and reversals.
entries = _table(
    "entries",
    Column("entry_id", Big, primary_key=True, autoincrement=True),
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount_rp", Big, nullable=False),
    Column("at_ms", Big, nullable=False),
    Column("method", Text),
    Column("actor", Text, nullable=False),
    Column(
        "reverses", Big, ForeignKey("entries.entry_id"), unique=True
    ),  # the entry that this one takes back; each at most once
    Column("due_kind", Text),
    Column("note", Text),
    _one_of("kind", ("payment", "refund", "reversal", "discount")),
    _one_of("actor", Actor),
    _one_of("due_kind", ("full", "deposit", "balance")),
    # A payment may be negative: the seller lowers her "Uang Masuk", and the difference is one entry.
    CheckConstraint("amount_rp <> 0", name="amount_rp_not_0"),
    CheckConstraint("kind <> 'refund' OR amount_rp < 0", name="refund_goes_out"),
    CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reversal_reverses"),
    CheckConstraint("reverses < entry_id", name="reverses_earlier"),
    Index(None, "order_id"),
)

events = _table(
    "events",
    Column("event_id", Big, primary_key=True, autoincrement=True),
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("at_ms", Big, nullable=False),
    Column("actor", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text),
    Column("reason", Text),  # a code; nobody's words, for the history can't be erased
    Column("undoes", Big, ForeignKey("events.event_id"), unique=True),
    Column("data", Text, nullable=False, server_default=text("'{}'")),  # JSON object
    _one_of("actor", Actor),
    _one_of("from_status", Status),
    _one_of("to_status", Status),
    CheckConstraint("undoes < event_id", name="undoes_earlier"),
    Index(None, "order_id"),
)

# What a buyer has allowed beside her order, and taken back: of each purpose the last row counts, and without one she
# has allowed nothing. That she agreed to the terms stands in orders (terms_accepted_at_ms, snapshot_hash): it can't be
# taken back alone.
consents = _table(
    "consents",
    Column("consent_id", Big, primary_key=True, autoincrement=True),
    Column("order_id", Big, ForeignKey(_ORDER), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("given", Integer, nullable=False),  # 0 = taken back
    Column("text_hash", Text, ForeignKey("snapshots.hash"), nullable=False),  # the sentence as she read it
    Column("at_ms", Big, nullable=False),
    Column("actor", Text, nullable=False),
    _one_of("purpose", Purpose),
    _one_of("actor", Actor),
    _flag("given"),
    Index(None, "order_id"),
)

# One row an order, written in the order's own transaction: what has still to be shown in the sheet.
outbox = _table(
    "outbox",
    Column("order_id", Big, ForeignKey(_ORDER), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),  # orders.version to be shown
    Column("created_at_ms", Big, nullable=False),
    Column("changed_at_ms", Big, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=_ZERO),
    Column("last_try_ms", Big),
    Column("last_error", Text),  # a code and numbers; no personal data
    _one_of("state", ("pending", "done", "blocked")),
    _at_least("version", 1),
    _at_least("attempts", 0),
    Index(None, "state", "changed_at_ms"),
)

sheet_rows = _table(
    "sheet_rows",
    Column("order_id", Big, ForeignKey(_ORDER), primary_key=True, autoincrement=False),
    Column(
        "written_version", Integer, nullable=False
    ),  # orders.version that the row shows; 0 = none yet (an order typed into the sheet)
    Column("first_written_at_ms", Big),
    Column("last_written_at_ms", Big),
    Column(
        "seen", Text, nullable=False, server_default=text("'{}'")
    ),  # JSON object: editable column -> cell as last written or seen
    Column("writing", Text),  # the same of a write whose outcome is not known yet; NULL while none is under way
    Column("message", Text),  # what stands in the row's system column, as a code with its values
    Column("deletions", Integer, nullable=False, server_default=_ZERO),
    Column("away", Integer, nullable=False, server_default=_ZERO),  # 1 = stays away after a second deletion
    _at_least("written_version", 0),
    _at_least("deletions", 0),
    _flag("away"),
    CheckConstraint(
        "written_version = 0 OR (first_written_at_ms IS NOT NULL AND last_written_at_ms IS NOT NULL)",
        name="written_when",
    ),
)

# What buyers ask for where they can't order: see preorder.enquiries.
enquiries = _table(
    "enquiries",
    Column("enquiry_id", Big, primary_key=True, autoincrement=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("token", Text, nullable=False, unique=True),  # secret of its page, which stays
    Column("kind", Text, nullable=False),
    Column("campaign_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("title", Text, nullable=False),  # of the campaign, as she read it
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),  # rises with every change
    Column("language", Text, nullable=False),
    Column("asked_at_ms", Big, nullable=False),  # the order of the line
    Column("changed_at_ms", Big, nullable=False),
    Column("fields_digest", Text),  # of what was posted, slip and all: a second press finds the first
    Column("name", Text),
    Column("phone", Text),
    Column("phone_hmac", Text),
    Column(
        "lines", Text, nullable=False, server_default=text("'[]'")
    ),  # JSON: product_id, variant_id, name, options, qty
    Column("units", Big, nullable=False, server_default=_ZERO),
    Column("accepts_part", Integer, nullable=False, server_default=_ZERO),
    Column("company", Text),
    Column("needed_by", Text),  # YYYY-MM-DD
    Column("note", Text),
    Column("consent", Text, nullable=False),  # the sentence that stood above the button
    Column("consented_at_ms", Big, nullable=False),  # when she last pressed it
    Column("seller_note", Text),
    Column("seen", Text, nullable=False, server_default=text("'{}'")),  # JSON object: as in sheet_rows
    Column("message", Text),  # what stands in the row's system column, as a code with its values
    Column("erased_at_ms", Big),
    _one_of("kind", EnquiryKind),
    _one_of("status", EnquiryStatus),
    _one_of("language", ("id", "en")),
    _at_least("round", 1),
    _at_least("version", 1),
    _at_least("units", 0),
    _flag("accepts_part"),
    CheckConstraint(
        "erased_at_ms IS NOT NULL OR (name IS NOT NULL AND phone IS NOT NULL AND phone_hmac IS NOT NULL AND fields_digest IS NOT NULL)",
        name="asker_known",
    ),
    CheckConstraint(
        "erased_at_ms IS NULL OR (name IS NULL AND phone IS NULL AND phone_hmac IS NULL AND fields_digest IS NULL"
        " AND company IS NULL AND note IS NULL)",
        name="erased_whole",
    ),
    # Who leaves was promised that nothing of hers is kept.
    CheckConstraint("status <> 'left' OR erased_at_ms IS NOT NULL", name="left_is_erased"),
    Index(None, "campaign_id", "round", "kind", "status"),
    Index(None, "fields_digest"),
)

# What became of each enquiry; append-only as events are, and nobody's words in it.
enquiry_events = _table(
    "enquiry_events",
    Column("event_id", Big, primary_key=True, autoincrement=True),
    Column("enquiry_id", Big, ForeignKey("enquiries.enquiry_id"), nullable=False),
    Column("at_ms", Big, nullable=False),
    Column("actor", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text),  # empty where the status stayed
    Column("data", Text, nullable=False, server_default=text("'{}'")),  # JSON object
    _one_of("actor", Actor),
    _one_of("from_status", EnquiryStatus),
    _one_of("to_status", EnquiryStatus),
    Index(None, "enquiry_id"),
)
