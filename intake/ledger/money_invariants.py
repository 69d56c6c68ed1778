"""What must hold in a ledger about money: entries, dues, discounts of codes, and the states that rest on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, cast, func, literal, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB

from intake.ledger.schema import dues, entries, events, orders
from preorder.status import HOLDING, Status

_IS_HOLDING = orders.c.status.in_(sorted(HOLDING))
# What came in and what went out; a discount only lowers what is due.
_IS_MONEY = entries.c.kind != "discount"


def money_statements(dialect: str) -> dict[str, Select[Any]]:
    """Give kind -> statement that finds it, as intake.ledger.invariants joins them; dialect: "sqlite" or "postgresql"."""
    return {**_money(), **_undone_money(dialect)}


def _money() -> dict[str, Select[Any]]:
    """Entries, dues, and the states that rest on them."""
    paid_in = case((entries.c.kind != "refund", entries.c.amount_rp), else_=0)
    running = (
        select(
            entries.c.order_id,
            _running(entries.c.amount_rp).label("received"),
            _running(paid_in).label("paid_in"),
        )
        .where(_IS_MONEY)
        .subquery()
    )
    lowest = (
        select(
            running.c.order_id,
            func.min(running.c.received).label("received"),
            func.min(running.c.paid_in).label("paid_in"),
        )
        .group_by(running.c.order_id)
        .subquery()
    )
    least = select(orders.c.ref, lowest.c.received.label("received_rp")).join_from(
        orders, lowest, lowest.c.order_id == orders.c.order_id
    )
    taken = entries.alias("taken_back")
    return {
        "received_negative": least.where(lowest.c.paid_in < 0),
        "refund_too_large": least.where(lowest.c.paid_in >= 0, lowest.c.received < 0),
        "reversal_wrong": select(orders.c.ref, entries.c.entry_id.label("entry"), taken.c.entry_id.label("reversed"))
        .join_from(entries, taken, taken.c.entry_id == entries.c.reverses)
        .join(orders, orders.c.order_id == entries.c.order_id)
        .where(
            or_(
                taken.c.order_id != entries.c.order_id,
                taken.c.amount_rp != -entries.c.amount_rp,
                taken.c.kind == "reversal",
            )
        ),
        "status_unpaid": _unpaid(),
        "due_missing": _missing_dues(),
        "due_wrong": _wrong_dues(),
        "discount_wrong": _wrong_discounts(),
        "code_twice": select(
            func.min(orders.c.ref).label("ref"), dues.c.amount_rp, func.count().label("orders")
        )
        .join_from(dues, orders)
        .where(dues.c.closed_at_ms.is_(None), dues.c.unique_code != 0, _IS_HOLDING)
        .group_by(dues.c.amount_rp)
        .having(func.count() > 1),
    }  # fmt: skip


def _running(amount: ColumnElement[int]) -> ColumnElement[int]:
    """The sum so far, over an order's entries as they came."""
    return func.sum(amount).over(partition_by=entries.c.order_id, order_by=entries.c.entry_id)


def _unpaid() -> Select[Any]:
    """
    Orders that are called paid without the money. Before production the status follows every correction; afterwards
    only the payment state does.
    """
    sums, received, discount, of_deposit = _sums()
    needed = case(
        (orders.c.status == Status.PAID, _least(orders.c.goods_rp + orders.c.shipping_rp, discount)),
        else_=_least(orders.c.deposit_rp, of_deposit),
    )
    return (
        select(orders.c.ref, orders.c.status, received.label("received_rp"), needed.label("needed_rp"))
        .outerjoin_from(orders, sums, sums.c.order_id == orders.c.order_id)
        .where(
            or_(
                # Without a shipping fee nobody knows the whole price.
                and_(orders.c.status == Status.PAID, orders.c.shipping_rp.is_(None)),
                and_(orders.c.status == Status.DEPOSIT_PAID, orders.c.deposit_rp == 0),
                and_(orders.c.status.in_((Status.PAID, Status.DEPOSIT_PAID)), received < needed),
            )
        )
    )


def _sums() -> tuple[Subquery, ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """Sums by order, to be joined: what was received, what codes take off the total, and what off the deposit."""
    of_deposit = and_(~_IS_MONEY, entries.c.due_kind == "deposit")
    parts = {
        name: func.sum(case((which, entries.c.amount_rp), else_=0)).label(name)
        for name, which in (("received", _IS_MONEY), ("discount", ~_IS_MONEY), ("of_deposit", of_deposit))
    }
    sums = select(entries.c.order_id, *parts.values()).group_by(entries.c.order_id).subquery()
    received, discount, deposit = (func.coalesce(sums.c[name], 0) for name in parts)
    return sums, received, discount, deposit


def _least(needed: ColumnElement[int], discount: ColumnElement[int]) -> ColumnElement[int]:
    """What settles an amount: itself, or what its code leaves of it."""
    return case((discount > 0, needed - discount), else_=needed)


def _wrong_dues() -> Select[Any]:
    """Orders that are asked for something else than their money and status say (preorder.payment.Account.asked_as)."""
    sums, received, discount, of_deposit = _sums()
    total = orders.c.goods_rp + func.coalesce(orders.c.shipping_rp, 0)
    first = and_(_IS_HOLDING, orders.c.deposit_rp > 0, received < _least(orders.c.deposit_rp, of_deposit))
    rest = and_(_IS_HOLDING, received < _least(total, discount))
    kind = case((first, "deposit"), (and_(rest, orders.c.deposit_rp > 0), "balance"), (rest, "full"), else_="")
    amount = case((first, orders.c.deposit_rp - of_deposit - received), (rest, total - discount - received), else_=0)
    asked, found = func.coalesce(dues.c.amount_rp, 0), func.coalesce(dues.c.kind, "")
    return (
        select(orders.c.ref, found.label("due"), asked.label("asked_rp"), kind.label("right"), amount.label("right_rp"))
        .outerjoin_from(orders, sums, sums.c.order_id == orders.c.order_id)
        .outerjoin(dues, and_(dues.c.order_id == orders.c.order_id, dues.c.closed_at_ms.is_(None)))
        .where(or_(asked != amount, and_(amount > 0, found != kind)))
    )


def _wrong_discounts() -> Select[Any]:
    """Discounts that are not what their due's code says: it counts while the due is open, and stays if that was paid."""
    standing = (
        select(entries.c.order_id, entries.c.due_kind, func.sum(entries.c.amount_rp).label("rp"))
        .where(~_IS_MONEY)
        .group_by(entries.c.order_id, entries.c.due_kind)
        .subquery()
    )
    of_due = and_(standing.c.order_id == dues.c.order_id, standing.c.due_kind == dues.c.kind)
    code, counted = func.coalesce(dues.c.unique_code, 0), func.coalesce(standing.c.rp, 0)
    given = (
        select(dues.c.order_id, dues.c.kind.label("due"), code.label("code"), counted.label("discount_rp"))
        .outerjoin_from(dues, standing, of_due)
        .where(counted != code, or_(dues.c.closed_at_ms.is_(None), counted != 0))
    )
    stray = (
        select(standing.c.order_id, standing.c.due_kind.label("due"), code.label("code"), counted.label("discount_rp"))
        .outerjoin_from(standing, dues, of_due)
        .where(dues.c.order_id.is_(None), counted != 0)
    )
    wrong = union_all(given, stray).subquery()
    return select(orders.c.ref, wrong.c.due, wrong.c.code, wrong.c.discount_rp).join_from(
        wrong, orders, orders.c.order_id == wrong.c.order_id
    )


def _missing_dues() -> Select[Any]:
    """Orders without a first due, or that wait for it without a deadline."""
    kind = case((orders.c.deposit_rp > 0, "deposit"), else_="full")
    return (
        select(orders.c.ref, kind.label("due"))
        .outerjoin_from(orders, dues, and_(dues.c.order_id == orders.c.order_id, dues.c.kind == kind))
        .where(_IS_HOLDING, orders.c.status != Status.OFFERED)
        .where(
            or_(
                dues.c.order_id.is_(None),
                and_(
                    orders.c.status == Status.AWAITING_PAYMENT,
                    or_(
                        dues.c.grace_until_ms.is_(None),
                        # All that is known may have been paid while nobody knows the shipping fee.
                        and_(dues.c.closed_at_ms.is_not(None), orders.c.shipping_rp.is_not(None)),
                    ),
                ),
            )
        )
    )


def _undone_money(dialect: str) -> dict[str, Select[Any]]:
    """What an undone command had booked is booked back, all of it and nothing else."""
    undo, undone = events.alias("undo"), events.alias("undone")
    if dialect == "postgresql":
        each = func.jsonb_array_elements_text(cast(undone.c.data, JSONB)["entries"]).table_valued("value")
    else:
        each = func.json_each(undone.c.data, literal("$.entries")).table_valued("value")
    booked = (
        select(undo.c.order_id, undo.c.event_id, cast(each.c.value, entries.c.entry_id.type).label("entry_id"))
        .join_from(undo, undone, undone.c.event_id == undo.c.undoes)
        .join(each, true())
        .subquery()
    )
    back = entries.alias("back")
    return {
        "undo_incomplete": select(orders.c.ref, booked.c.event_id.label("event"), booked.c.entry_id.label("entry"))
        .join_from(booked, orders, orders.c.order_id == booked.c.order_id)
        .outerjoin(back, back.c.reverses == booked.c.entry_id)
        .where(back.c.entry_id.is_(None)),
        "reversal_without_undo": select(orders.c.ref, back.c.entry_id.label("entry"))
        .join_from(back, orders, orders.c.order_id == back.c.order_id)
        .outerjoin(booked, booked.c.entry_id == back.c.reverses)
        .where(back.c.reverses.is_not(None), booked.c.entry_id.is_(None)),
    }
