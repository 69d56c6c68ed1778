"""
After a restore: bringing the ledger to what the sheet knows, before orders are taken again.

A backup doesn't know what came after it. Opened as it is, the shop would sell those units a second time, and take the
sheet for an old copy. So, in one transaction:
1. Orders that the sheet has and the ledger lacks are made again (intake.rebuilding).
2. Orders that both know are brought to where the sheet shows them: as the seller's commands, which the table of
   transitions checks; where it can't lead there (the buyer's claim, the clock's expiry), the status is adopted.
3. Orders whose row says that the buyer's data was erased are erased again, for the backup may not know it.
4. What stands in the sheet counts as seen, and its edition as our last write: the next round reads no commands from it.
5. Enquiries that came after the backup are named (intake.enquiry_check), and those that have left since are erased again.
6. Every pool is counted anew. More sold than there is, is reported, and nothing more can be sold.
Doing it twice changes nothing the second time.

Source: docs/operator.md, "Backup and restore".
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from intake.commands import Bounced, apply_edits
from intake.enquiry_check import erase_again, unknown_waiting
from intake.erasing import blank, kept_cells
from intake.ledger import outbox, recording, store
from intake.ledger.dues import discount_of, is_free, keep_code, settle
from intake.ledger.outbox import SheetRecord
from intake.ledger.recording import NewOrder
from intake.ledger.schema import holds, order_lines, orders, pools
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction
from intake.placing import publish_quotas
from intake.rebuilding import RESTORED_EVENT, NotRebuilt, Rebuilder, Rebuilt, carries, parse_instant, whole
from intake.sheet import Found, canonical, looks_like_ref, same_value
from intake.sheet.columns import EDITABLE, IDENTITY
from intake.sheet.recall import Recalled, RecalledRow
from preorder.catalogue import Catalogue
from preorder.contact import show_phone
from preorder.payment import DueKind, PaymentState
from preorder.ref import is_ref
from preorder.status import HOLDING, Actor, Status
from preorder.wording import PAYMENT_LABELS, parse_status

log = logging.getLogger(__name__)

# Orders that are loaded at a time.
CHUNK = 200
# Payment states with nothing received: then an empty "Uang Masuk" means just that.
_NOTHING_IN = frozenset({PaymentState.UNPAID, PaymentState.CLAIMED, PaymentState.REFUNDED})


@dataclass(frozen=True)
class Deficit:
    """A pool of which more is sold than there is."""

    campaign_id: str
    round: int
    pool_id: str
    quota: int
    sold: int


@dataclass
class Reconciled:
    """
    What was done; refs unless it says otherwise.

    Attributes:
        imported: made again from the sheet.
        moved: brought to where the sheet shows them; adopted: those of them whose status no command could reach.
        erased: erased again, because the row says so.
        bounced: with something in their row that can't be carried out; the row says what.
        foreign: rows that carry this order's ref and another buyer.
        duplicates: refs that stand more than once.
        unread: (ref, reason) of rows of orders that the ledger lacks and that can't be made again.
        wrong_refs: what stands as a ref and has a wrong check character.
        doubts: (ref, code) of orders that were made again and should be looked at.
        enquiries: code of a tab -> refs of enquiries that only the sheet knows, and that wait.
        unread_tabs: titles of the tabs for enquiries that could not be read.
        deficits: pools sold beyond their quota.
        orders: how many the ledger has now.
    """

    imported: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    bounced: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    wrong_refs: list[str] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    enquiries: dict[str, list[str]] = field(default_factory=dict)
    unread_tabs: list[str] = field(default_factory=list)
    deficits: list[Deficit] = field(default_factory=list)
    orders: int = 0

    @property
    def is_whole(self) -> bool:
        """
        Say whether no order can be missing that the sheet knows; until then the shop stays closed. A campaign that is
        not published sells nothing.
        """
        unread = [ref for ref, reason in self.unread if reason != "campaign"]
        return not (self.duplicates or self.foreign or self.wrong_refs or unread)


def reconcile(
    tx: Transaction,
    recalled: Recalled,
    catalogue: Catalogue,
    secret_key: bytes,
    now: datetime,
    *,
    erased_words: Collection[str] = (),
) -> Reconciled:
    """
    Bring a restored ledger to what the sheet knows.

    Args:
        tx: nobody else writes until it ends.
        erased_words: what the row of an erased order says (intake.sentences.erased_words).
    """
    done = Reconciled(duplicates=list(recalled.duplicates))
    rows = [row for row in recalled.rows if _is_ours(row, done)]
    known = outbox.sheet_records(tx.connection, [row.ref for row in rows])
    publish_quotas(tx, catalogue, now)
    fresh = [row for row in rows if row.ref not in known]
    made = _import(tx, fresh, Rebuilder(catalogue, secret_key, now), done, now)
    # With their quotas, orders that were made again hold their units; those may be asked for in the next step.
    for (campaign_id, round_), rebuilt in sorted(made.items()):
        log.info("orders of %s, round %s, were made again", campaign_id, round_)
        recording.set_quotas(tx, rebuilt.campaign, round_, catalogue.revision)
    recount(tx)
    known |= outbox.sheet_records(tx.connection, done.imported)
    there, imported = [row for row in rows if row.ref in known], set(done.imported)
    for start in range(0, len(there), CHUNK):
        part = there[start : start + CHUNK]
        stored = store.orders_by_ids(tx.connection, [known[row.ref].order_id for row in part])
        for row in part:
            record = known[row.ref]
            order = stored[record.order_id]
            if order.erased_at is not None:
                _keep_erased(tx, record, row, now)
            elif _says_erased(row.values, erased_words):
                _bring(tx, record, order, row, done, now)
                _erase(tx, record, now)
                done.erased.append(row.ref)
            elif row.ref not in imported and _is_foreign(record, order, row.values):
                _leave(tx, record, row, done, now)
            elif _bring(tx, record, order, row, done, now) and row.ref not in imported:
                done.moved.append(row.ref)
    done.erased += erase_again(tx, recalled.enquiries, now)
    done.enquiries = unknown_waiting(tx.connection, recalled.enquiries)
    done.unread_tabs = list(recalled.enquiries.unread.values())
    if recalled.edition:
        recording.note_edition(tx, recalled.edition, landed=True)
    recount(tx)
    done.deficits = find_deficits(tx)
    done.orders = tx.execute(select(func.count()).select_from(orders)).scalar_one()
    return done


def recount(tx: Transaction) -> None:
    """Set what every pool has sold to the sum over the orders that hold units of it."""
    held = (
        select(func.coalesce(func.sum(holds.c.units), 0))
        .select_from(holds.join(orders, orders.c.order_id == holds.c.order_id))
        .where(
            orders.c.campaign_id == pools.c.campaign_id,
            orders.c.round == pools.c.round,
            holds.c.pool_id == pools.c.pool_id,
            orders.c.status.in_(sorted(HOLDING)),
        )
        .scalar_subquery()
    )
    tx.execute(update(pools).values(sold=held))


def find_deficits(tx: Transaction) -> list[Deficit]:
    """Give the pools of which more is sold than there is."""
    found = select(pools).where(pools.c.sold > pools.c.quota).order_by(pools.c.campaign_id, pools.c.round)
    return [
        Deficit(row.campaign_id, row.round, row.pool_id, int(row.quota), int(row.sold)) for row in tx.execute(found)
    ]


def _is_ours(row: RecalledRow, done: Reconciled) -> bool:
    if is_ref(row.ref):
        return True
    if looks_like_ref(row.ref):
        done.wrong_refs.append(row.ref)
    return False


def _import(
    tx: Transaction, rows: Sequence[RecalledRow], rebuilder: Rebuilder, done: Reconciled, now: datetime
) -> dict[tuple[str, int], Rebuilt]:
    """Make orders again; give (campaign id, round) -> one of them."""
    made: dict[tuple[str, int], Rebuilt] = {}
    for row in rows:
        try:
            rebuilt = rebuilder.rebuild(row)
        except NotRebuilt as error:
            done.unread.append((row.ref, str(error.fields["reason"])))
            continue
        _insert(tx, rebuilt, now)
        made[rebuilt.campaign.id, rebuilt.round] = rebuilt
        done.imported.append(row.ref)
        done.doubts += [(row.ref, doubt) for doubt in rebuilt.doubts]
        log.info("order %s was made again from the sheet", row.ref)
    return made


def _insert(tx: Transaction, rebuilt: Rebuilt, now: datetime) -> None:
    now_ms, ref = to_ms(now), str(rebuilt.new.row["ref"])
    recording.keep_snapshot(tx, *rebuilt.snapshot, now_ms)
    recording.insert_orders(tx, [_with_code(tx, rebuilt.new, now_ms)])
    tx.execute(update(orders).where(orders.c.ref == ref).values(**rebuilt.more))
    order = store.order_by_ref(tx.connection, ref)
    assert order is not None  # inserted just now
    for position, units in rebuilt.done.items():
        line = (order_lines.c.order_id == order.order_id) & (order_lines.c.position == position)
        tx.execute(update(order_lines).where(line).values(qty_done=units))
    if rebuilt.received:
        recording.add_entry(tx, order, "payment", rebuilt.received, Actor.OPERATOR, now_ms)
    keep_code(tx, order, DueKind.BALANCE, rebuilt.balance_code, now_ms)
    settle(tx, order, now_ms)


def _with_code(tx: Transaction, new: NewOrder, now_ms: int) -> NewOrder:
    """Give the order with the discount of its unique code; without both where somebody else is asked for the amount now."""
    due, code = new.due, int(new.due["unique_code"])
    if not code or is_free(tx, due["amount_rp"], now_ms):
        return replace(new, discount=discount_of(DueKind(due["kind"]), code, now_ms))
    return replace(new, due={**due, "amount_rp": due["amount_rp"] + code, "unique_code": 0})


def _leave(tx: Transaction, record: SheetRecord, row: RecalledRow, done: Reconciled, now: datetime) -> None:
    """Carry out nothing of a row that is another order's; it is written as the ledger has it, and says so."""
    done.foreign.append(record.ref)
    message = Bounced("foreign_row").message()
    recording.note_sheet_row(tx, record.order_id, **_seen(record, row, now), message=message)
    recording.mark_pending(tx, record.order_id, to_ms(now))


def _says_erased(values: Mapping[str, Found], words: Collection[str]) -> bool:
    """Say whether a row is as an erasure leaves it: it says so, and holds neither name nor number."""
    return canonical(values.get("message")) in words and not any(
        canonical(values.get(code)) for code in ("name", "whatsapp")
    )


def _erase(tx: Transaction, record: SheetRecord, now: datetime) -> None:
    order = store.order_by_id(tx.connection, record.order_id)
    assert order is not None  # orders are never deleted
    blank(tx, order, now, Actor.OPERATOR)


def _keep_erased(tx: Transaction, record: SheetRecord, row: RecalledRow, now: datetime) -> None:
    """Have the row of an erased order emptied once more: an older file may say again what has gone."""
    noted = _seen(record, row, now)
    recording.note_sheet_row(tx, record.order_id, **noted | {"seen": kept_cells(noted["seen"])})
    recording.mark_pending(tx, record.order_id, to_ms(now))


def _seen(record: SheetRecord, row: RecalledRow, now: datetime) -> dict[str, Any]:
    """Give what is noted of a row: that it stands there, and what it says."""
    present = dict(record.seen) | {code: row.values[code] for code in (*EDITABLE, *IDENTITY) if code in row.values}
    first = {} if record.written else {"first_written_at_ms": to_ms(now)}
    return {"seen": present, "writing": None, "away": 0, "last_written_at_ms": to_ms(now)} | first


def _bring(
    tx: Transaction, record: SheetRecord, order: StoredOrder, row: RecalledRow, done: Reconciled, now: datetime
) -> bool:
    """Bring an order to where its row shows it, and take the row as seen; say whether it was brought there whole."""
    edits = _later(record, order, row.values)
    noted = _seen(record, row, now)
    recording.note_sheet_row(tx, order.order_id, **noted)
    # Written once more in any case: in our words, and where the ledger knows better.
    recording.mark_pending(tx, order.order_id, to_ms(now))
    if not edits:
        _extend(tx, order.order_id, row)
        return False
    bounced = _carry_out(tx, record, order, edits, noted["seen"], now)
    target = parse_status(canonical(edits.get("status"))) if "status" in bounced else None
    if target is not None and _adopt(tx, record.order_id, target, now):
        bounced.remove("status")
        done.adopted.append(order.ref)
    if bounced:
        # Once more, now that all else is done; what still can't be is told in the row.
        apply_edits(tx, record, {column: edits[column] for column in bounced}, noted["seen"], now)
        done.bounced.append(order.ref)
    _extend(tx, order.order_id, row)
    return not bounced


def _extend(tx: Transaction, order_id: int, row: RecalledRow) -> None:
    """Give the buyer the deadline that the row shows where it is later: it was renewed since the backup."""
    order = store.order_by_id(tx.connection, order_id)
    assert order is not None  # orders are never deleted
    shown = parse_instant(row.values.get("pay_by"))
    if order.status is not Status.AWAITING_PAYMENT or shown is None or order.pay_by is None or shown <= order.pay_by:
        return
    grace = timedelta(hours=order.snapshot["campaign"]["payment"]["grace_h"])
    recording.extend_due(tx, order, to_ms(shown), to_ms(shown + grace))


def _is_foreign(record: SheetRecord, order: StoredOrder, values: Mapping[str, Found]) -> bool:
    """Say whether a row is another order's: its ref was overtyped, or a column was sorted without the others."""
    if order.name is None:
        return False
    ours = {"name": order.name, "whatsapp": show_phone(order.phone) if order.phone else None}
    return any(
        code in values
        and not same_value(values[code], ours[code])
        and not (code in record.seen and same_value(values[code], record.seen[code]))
        for code in ours
    )


def _later(record: SheetRecord, order: StoredOrder, values: Mapping[str, Found]) -> dict[str, Found]:
    """
    Give what the row says beyond the backup: editable column -> cell that differs from what the ledger had last written
    or seen there, and from what it has.
    """
    ours: dict[str, Found] = {
        "money_in": order.received or None,
        "shipping": order.shipping,
        "courier": order.courier,
        "tracking": order.tracking,
        "seller_note": order.seller_note,
    }
    edits: dict[str, Found] = {}
    for code in EDITABLE:
        if code not in values:
            continue
        value = values[code]
        known = [record.seen.get(code)] + ([record.writing.get(code)] if record.writing else [])
        if any(same_value(value, each) for each in known):
            continue
        if code == "status" and parse_status(canonical(value)) is order.status:
            continue
        if code != "status" and same_value(value, ours[code]):
            continue
        edits[code] = value
    if "money_in" in edits and not canonical(edits["money_in"]):
        # We show nothing received as an empty cell; she may also have emptied it. Our own column tells.
        labels = {labels[state] for labels in PAYMENT_LABELS.values() for state in _NOTHING_IN}
        if canonical(values.get("payment")) in labels:
            edits["money_in"] = 0
    return edits


def _carry_out(
    tx: Transaction,
    record: SheetRecord,
    order: StoredOrder,
    edits: Mapping[str, Found],
    present: Mapping[str, Found],
    now: datetime,
) -> list[str]:
    """Carry out what the row says, as the seller's commands; give the columns that bounced."""
    target = parse_status(canonical(edits.get("status")))
    money = whole(edits.get("money_in"))
    # An order that was called off or taken back has its money booked back by that; another has the money first.
    status_first = target is not None and (target not in HOLDING or (money is not None and money < order.received))
    columns = ["shipping", "courier", "seller_note"]
    columns += ["status", "money_in", "tracking"] if status_first else ["money_in", "tracking", "status"]
    bounced = [
        column
        for column in columns
        if column in edits and not apply_edits(tx, record, {column: edits[column]}, present, now)
    ]
    stored = store.order_by_id(tx.connection, order.order_id)
    assert stored is not None  # orders are never deleted
    # A command may lead elsewhere first (a receipt number, money that is short); the row says where it ended.
    if target is not None and stored.status is not target and "status" not in bounced:
        bounced.append("status")
    elif target is stored.status and "status" in bounced:
        bounced.remove("status")
    return bounced


def _adopt(tx: Transaction, order_id: int, target: Status, now: datetime) -> bool:
    """
    Take a status as the sheet shows it, without asking the table or the quota; the pools are counted afterwards.

    Returns:
        False for "paid" without the money: that was typed and never carried out.
    """
    order = store.order_by_id(tx.connection, order_id)
    assert order is not None  # orders are never deleted
    if not carries(dataclasses.replace(order.money, status=target)):
        return False
    now_ms = to_ms(now)
    changes: dict[str, Any] = {"status": target}
    if target is Status.PAYMENT_CLAIMED:
        changes["claimed_at_ms"] = now_ms
    recording.add_event(tx, order, RESTORED_EVENT, Actor.OPERATOR, now_ms, target=target)
    recording.change_order(tx, order, now_ms, **changes)
    recording.note_sheet_row(tx, order_id, message=None)
    log.info("order %s: status %s adopted from the sheet", order.ref, target)
    return True
