"""
What must hold in a ledger at any moment, whatever happened to it: looked at with a few statements over all orders.

Reading only, in one transaction, so that nothing moves meanwhile; a shop may go on. Results are counted and joined in the
database; memory stays small however many orders there are.

Source: docs/operator.md, "Looking deeper".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from intake.ledger.money_invariants import money_statements
from intake.ledger.schema import (
    consents,
    enquiries,
    enquiry_events,
    events,
    holds,
    order_lines,
    orders,
    outbox,
    pools,
    sheet_rows,
    snapshots,
)
from preorder.ref import is_ref
from preorder.status import HOLDING, PAYING, Status

# What an order's history begins with: the buyer's press, or a restore that found the order in the sheet alone.
FIRST_EVENTS = ("placed", "restored_from_sheet")
# Rows that are held in memory at a time.
CHUNK = 1_000


@dataclass(frozen=True)
class Violation:
    """
    Something that the ledger must not hold.

    Attributes:
        kind: a code; KINDS has them all.
        where: an order's or enquiry's ref, a pool as "campaign/round/pool", or a table.
        fields: numbers and codes that say more; nothing about a person.
    """

    kind: str
    where: str
    fields: Mapping[str, str | int | None]

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.kind} {self.where}" + (f" ({said})" if said else "")


def find_violations(connection: Connection, *, limit: int = 20) -> list[Violation]:
    """
    Look at everything.

    Args:
        connection: with a transaction that sees the ledger at one moment: one of open_reader's. On PostgreSQL it may
            take its time from then on.
        limit: at most so many of each kind, for a thousand say no more than these.

    Returns:
        Nothing where all is well; of a damaged SQLite file only its damages.
    """
    on_sqlite = connection.dialect.name == "sqlite"
    if on_sqlite and (damages := list(_damages(connection, limit))):
        # What a damaged file says of orders can't be trusted, if it can be read at all.
        return damages
    if not on_sqlite:
        # All is joined with all; a planner that has no figures yet would go through it row by row.
        for setting in ("enable_nestloop = off", "jit = off", "statement_timeout = 0"):
            connection.exec_driver_sql(f"SET LOCAL {setting}")
    found: list[Violation] = []
    for kind, statement in _statements(connection.dialect.name).items():
        found += [_violation(kind, row) for row in connection.execute(statement.limit(limit)).mappings()]
    found += islice(_wrong_refs(connection), limit)
    found += islice(_changed_snapshots(connection), limit)
    found += islice(_miscounted_enquiries(connection), limit)
    if on_sqlite:
        found += islice(_broken_references(connection), limit)
    return found


def count_orders(connection: Connection) -> int:
    """Give the number of orders in the ledger."""
    return connection.execute(select(func.count()).select_from(orders)).scalar_one()


def _violation(kind: str, row: RowMapping) -> Violation:
    # A sum is a Decimal on PostgreSQL.
    values = {name: value if value is None or isinstance(value, str) else int(value) for name, value in row.items()}
    place = [str(values.pop(name)) for name in ("ref", "campaign_id", "round", "pool_id") if name in values]
    return Violation(kind, "/".join(place), values)


def _wrong_refs(connection: Connection) -> Iterator[Violation]:
    refs = connection.execute(select(orders.c.ref).execution_options(yield_per=CHUNK)).scalars()
    return (Violation("ref_wrong", ref, {}) for ref in refs if not is_ref(ref))


def _changed_snapshots(connection: Connection) -> Iterator[Violation]:
    rows = connection.execute(select(snapshots.c.hash, snapshots.c.body).execution_options(yield_per=10))
    for row in rows:
        if hashlib.sha256(row.body.encode()).hexdigest() != row.hash:
            yield Violation("snapshot_changed", row.hash, {})


def _miscounted_enquiries(connection: Connection) -> Iterator[Violation]:
    rows = connection.execute(
        select(enquiries.c.ref, enquiries.c.units, enquiries.c.lines).execution_options(yield_per=CHUNK)
    )
    for row in rows:
        asked = sum(line["qty"] for line in json.loads(row.lines))
        if asked != row.units:
            yield Violation("enquiry_miscounted", row.ref, {"units": row.units, "asked": asked})


def _damages(connection: Connection, limit: int) -> Iterator[Violation]:
    for (said,) in connection.exec_driver_sql(f"PRAGMA integrity_check({limit})"):
        if said != "ok":
            yield Violation("file_damaged", "sqlite", {"said": said})


def _broken_references(connection: Connection) -> Iterator[Violation]:
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Violation("reference_broken", row[0], {"rowid": row[1], "parent": row[2]})


_IS_HOLDING = orders.c.status.in_(sorted(HOLDING))
_IS_MOVE = events.c.to_status.is_not(None)


@cache
def _statements(dialect: str) -> dict[str, Select[Any]]:
    """Give kind -> statement that finds it. Its rows name a ref or a pool, and fields."""
    found = {**_units(), **_parts(), **_history(), **money_statements(dialect), **_enquiry_history()}
    # Worked out as a whole before the limit, which would have the planner go through it row by row.
    return {kind: select(statement.cte("found").prefix_with("MATERIALIZED")) for kind, statement in found.items()}


def _units() -> dict[str, Select[Any]]:
    """Counters and what they count."""
    held = (
        select(orders.c.campaign_id, orders.c.round, holds.c.pool_id, func.sum(holds.c.units).label("held"))
        .join_from(holds, orders)
        .where(_IS_HOLDING)
        .group_by(orders.c.campaign_id, orders.c.round, holds.c.pool_id)
        .subquery()
    )
    same_pool = and_(
        held.c.campaign_id == pools.c.campaign_id, held.c.round == pools.c.round, held.c.pool_id == pools.c.pool_id
    )
    counted = func.coalesce(held.c.held, 0)
    ordered = _ordered()
    return {
        "pool_miscounted": select(
            pools.c.campaign_id, pools.c.round, pools.c.pool_id, pools.c.sold, counted.label("held")
        )
        .outerjoin_from(pools, held, same_pool)
        .where(pools.c.sold != counted),
        # Which products draw from a pool is the catalogue's affair; but an order never holds more than it has, and with
        # one line all or nothing.
        "hold_unlike_lines": select(orders.c.ref, holds.c.pool_id.label("pool"), holds.c.units, ordered.c.units.label("ordered"))
        .join_from(holds, orders)
        .join(ordered, ordered.c.order_id == holds.c.order_id)
        .where(
            _IS_HOLDING,
            or_(
                holds.c.units > ordered.c.units,
                and_(ordered.c.lines == 1, holds.c.units != ordered.c.units),
            ),
        ),
    }  # fmt: skip


def _ordered() -> Subquery:
    """Units, lines and price of what is ordered and not cancelled, by order."""
    return (
        select(
            order_lines.c.order_id,
            func.sum(order_lines.c.qty).label("units"),
            func.count().label("lines"),
            func.sum(order_lines.c.qty * order_lines.c.price_rp).label("goods_rp"),
        )
        .where(order_lines.c.cancelled_at_ms.is_(None))
        .group_by(order_lines.c.order_id)
        .subquery()
    )


def _parts() -> dict[str, Select[Any]]:
    """What belongs to every order."""
    ordered = _ordered()
    delivered = sheet_rows.c.first_written_at_ms.is_not(None) | (sheet_rows.c.away == 1)
    return {
        "lines_missing": _orders_without(exists().where(order_lines.c.order_id == orders.c.order_id)),
        "goods_unlike_lines": select(orders.c.ref, orders.c.goods_rp, func.coalesce(ordered.c.goods_rp, 0).label("lines_rp"))
        .outerjoin_from(orders, ordered, ordered.c.order_id == orders.c.order_id)
        .where(orders.c.goods_rp != func.coalesce(ordered.c.goods_rp, 0))
        # Without any line another finding says it all.
        .where(exists().where(order_lines.c.order_id == orders.c.order_id)),
        "outbox_missing": _orders_without(exists().where(outbox.c.order_id == orders.c.order_id)),
        # Both count from 1, and every change of the order raises both.
        "change_untold": select(orders.c.ref, orders.c.version, outbox.c.version.label("outbox_version"))
        .join_from(orders, outbox)
        .where(outbox.c.version < orders.c.version),
        # In the outbox or in the sheet, or kept out of it because she has deleted the row.
        "delivery_forgotten": select(orders.c.ref)
        .join_from(orders, outbox)
        .outerjoin(sheet_rows, sheet_rows.c.order_id == orders.c.order_id)
        .where(outbox.c.state == "done", func.coalesce(case((delivered, 1), else_=0), 0) == 0),
        "token_wrong": select(orders.c.ref).where(orders.c.token.is_(None) == orders.c.erased_at_ms.is_(None)),
        "erased_remains": select(orders.c.ref).where(orders.c.erased_at_ms.is_not(None), _something_of_hers()),
        "consent_stands": _standing_consents(),
        "snapshot_missing": _orders_without(exists().where(snapshots.c.hash == orders.c.snapshot_hash)),
    }  # fmt: skip


def _something_of_hers() -> ColumnElement[bool]:
    """What an erasure takes out and no CHECK of the tables holds."""
    said = exists().where(order_lines.c.order_id == orders.c.order_id, order_lines.c.note.is_not(None))
    return or_(orders.c.tracking.is_not(None), orders.c.seller_note.is_not(None), said)


def _standing_consents() -> Select[Any]:
    """Orders of nobody whose last word on a purpose is that it is allowed."""
    last = (
        select(func.max(consents.c.consent_id).label("consent_id"))
        .group_by(consents.c.order_id, consents.c.purpose)
        .subquery()
    )
    return (
        select(orders.c.ref)
        .join_from(orders, consents, consents.c.order_id == orders.c.order_id)
        .join(last, last.c.consent_id == consents.c.consent_id)
        .where(orders.c.erased_at_ms.is_not(None), consents.c.given == 1)
    )


def _orders_without(there: ColumnElement[bool]) -> Select[Any]:
    return select(orders.c.ref).where(~there)


def _history() -> dict[str, Select[Any]]:
    """The events, played again from the first."""
    ends = (
        select(events.c.order_id, func.min(events.c.event_id).label("first"), func.max(_event_of_move()).label("last"))
        .group_by(events.c.order_id)
        .subquery()
    )
    first, last = events.alias("first_event"), events.alias("last_move")
    before = func.lag(events.c.to_status).over(partition_by=events.c.order_id, order_by=events.c.event_id)
    moves = (
        select(
            events.c.order_id,
            events.c.event_id.label("event"),
            events.c.from_status.label("from"),
            before.label("before"),
        )
        .where(_IS_MOVE)
        .subquery()
    )
    return {
        "history_unbegun": select(orders.c.ref, first.c.event)
        .outerjoin_from(orders, ends, ends.c.order_id == orders.c.order_id)
        .outerjoin(first, first.c.event_id == ends.c.first)
        .where(
            or_(
                first.c.event_id.is_(None),
                first.c.event.not_in(FIRST_EVENTS),
                first.c.from_status.is_not(None),
                first.c.to_status.is_(None),
            )
        ),
        "history_broken": select(orders.c.ref, moves.c.event, moves.c["from"], moves.c.before)
        .join_from(moves, orders, orders.c.order_id == moves.c.order_id)
        .where(moves.c.before.is_not(None), func.coalesce(moves.c["from"], "") != moves.c.before),
        "status_unlike_history": select(orders.c.ref, orders.c.status, last.c.to_status.label("history"))
        .join_from(orders, ends, ends.c.order_id == orders.c.order_id)
        .join(last, last.c.event_id == ends.c.last)
        .where(orders.c.status != last.c.to_status),
        "undo_wrong": _wrong_undos(),
    }


def _event_of_move() -> ColumnElement[int | None]:
    return case((_IS_MOVE, events.c.event_id), else_=None)


def _wrong_undos() -> Select[Any]:
    """Undos that did not take back the last move that stood, or did not lead to where it began."""
    step = case((events.c.undoes.is_(None), 1), else_=-1)
    # Moves lie on one another like plates: the one that an undo takes off must be the highest. None is taken off twice
    # (events.undoes is unique), so comparing heights is enough.
    pile = (
        select(
            events.c.order_id,
            events.c.event_id,
            events.c.undoes,
            events.c.from_status,
            events.c.to_status,
            func.sum(step).over(partition_by=events.c.order_id, order_by=events.c.event_id).label("height"),
        )
        .where(or_(_IS_MOVE, events.c.undoes.is_not(None)))
        .cte("pile")
    )
    undo, undone = pile.alias("undo"), pile.alias("undone")
    # An order that was paid and then cancelled may have had its money back, and one that was off may have been paid
    # since: undoing that leads to what the money allows.
    lowered = and_(
        undone.c.to_status == Status.CANCELLED_BY_SELLER,
        undone.c.from_status.in_((Status.DEPOSIT_PAID, Status.PAID)),
        undo.c.to_status.in_((Status.AWAITING_PAYMENT, Status.DEPOSIT_PAID)),
    )
    raised = and_(
        undone.c.to_status.not_in(sorted(HOLDING)),
        undone.c.from_status.in_((*sorted(PAYING), Status.DEPOSIT_PAID)),
        undo.c.to_status.in_((Status.DEPOSIT_PAID, Status.PAID)),
    )
    return (
        select(orders.c.ref, undo.c.event_id.label("event"), undo.c.undoes.label("undone"))
        .join_from(undo, orders, orders.c.order_id == undo.c.order_id)
        .outerjoin(undone, undone.c.event_id == undo.c.undoes)
        .where(undo.c.undoes.is_not(None))
        .where(
            or_(
                undo.c.to_status.is_(None),
                undone.c.event_id.is_(None),
                undone.c.order_id != undo.c.order_id,
                undone.c.undoes.is_not(None),
                undone.c.from_status.is_(None),
                and_(undo.c.to_status != undone.c.from_status, ~or_(lowered, raised)),
                undone.c.height != undo.c.height + 1,
            )
        )
    )


def _enquiry_history() -> dict[str, Select[Any]]:
    """The history of each enquiry, from its asking to where it stands."""
    moves = (
        select(
            enquiry_events.c.enquiry_id,
            enquiry_events.c.event_id,
            enquiry_events.c.event,
            enquiry_events.c.from_status.label("from"),
            enquiry_events.c.to_status.label("to"),
            func.lag(enquiry_events.c.to_status)
            .over(partition_by=enquiry_events.c.enquiry_id, order_by=enquiry_events.c.event_id)
            .label("before"),
        )
        .where(enquiry_events.c.to_status.is_not(None))
        .subquery()
    )
    # The first has nothing before it, and is the asking.
    broken = or_(
        func.coalesce(moves.c["from"], "") != func.coalesce(moves.c.before, ""),
        and_(moves.c.before.is_(None), moves.c.event != "asked"),
    )
    last = (
        select(moves.c.enquiry_id, func.max(moves.c.event_id).label("event_id")).group_by(moves.c.enquiry_id).subquery()
    )
    end = enquiry_events.alias("last_move_of_enquiry")
    return {
        "enquiry_history_broken": select(enquiries.c.ref, moves.c.event_id.label("event"))
        .join_from(moves, enquiries, enquiries.c.enquiry_id == moves.c.enquiry_id)
        .where(broken),
        "enquiry_unlike_history": select(enquiries.c.ref, enquiries.c.status, end.c.to_status.label("history"))
        .outerjoin_from(enquiries, last, last.c.enquiry_id == enquiries.c.enquiry_id)
        .outerjoin(end, end.c.event_id == last.c.event_id)
        .where(func.coalesce(end.c.to_status, "") != enquiries.c.status),
    }


# All kinds of violations, in the order in which they are looked for.
KINDS = (
    *_statements(""), "ref_wrong", "snapshot_changed", "enquiry_miscounted", "file_damaged", "reference_broken",
)  # fmt: skip
