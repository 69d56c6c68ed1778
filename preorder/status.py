"""The states of an order and the one table of transitions between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where an order stands; one axis. Labels for people: preorder.wording.STATUS_LABELS."""

    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    AWAITING_PAYMENT = "awaiting_payment"
    PAYMENT_CLAIMED = "payment_claimed"
    DEPOSIT_PAID = "deposit_paid"
    PAID = "paid"
    IN_PRODUCTION = "in_production"
    READY = "ready"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    READY_FOR_PICKUP = "ready_for_pickup"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED_BY_BUYER = "cancelled_by_buyer"
    CANCELLED_BY_SELLER = "cancelled_by_seller"
    FORFEITED = "forfeited"


class Actor(StrEnum):
    """Who moved an order."""

    BUYER = "buyer"
    SELLER = "seller"
    CLOCK = "clock"
    OPERATOR = "operator"


S = Status

# A unit stays taken while its order is in one of these. A forfeited order's units are released by its transition unless
# they were made already.
HOLDING = frozenset(Status) - {
    S.WAITLISTED, S.EXPIRED, S.CANCELLED_BY_BUYER, S.CANCELLED_BY_SELLER, S.FORFEITED,
}  # fmt: skip
ENDED = frozenset({S.COMPLETED, S.CANCELLED_BY_BUYER, S.CANCELLED_BY_SELLER, S.FORFEITED})
# Money that comes in moves the status only here; later it changes the payment state alone.
PAYING = frozenset({S.AWAITING_PAYMENT, S.PAYMENT_CLAIMED})
SHIPPED_ON = frozenset({S.PARTLY_SHIPPED, S.SHIPPED})
BEFORE_SHIPPED = frozenset({
    S.WAITLISTED, S.OFFERED, S.AWAITING_PAYMENT, S.PAYMENT_CLAIMED, S.DEPOSIT_PAID, S.PAID, S.IN_PRODUCTION, S.READY, S.READY_FOR_PICKUP,
})  # fmt: skip


class Guard(StrEnum):
    """
    What must hold before a transition may happen. Checked by intake.commands and intake.clock; named here so that the
    table is whole.
    """

    SHIPPING_KNOWN = "shipping_known"
    DEPOSIT_SCHEME = "deposit_scheme"
    PAID_IN_FULL = "paid_in_full"
    WINDOW_CLOSED = "window_closed"
    PRODUCTION_PAID_FOR = "production_paid_for"
    COURIER_KNOWN = "courier_known"
    PICKUP_CHOSEN = "pickup_chosen"
    REASON_GIVEN = "reason_given"
    UNITS_AVAILABLE = "units_available"
    NOTHING_RECEIVED = "nothing_received"
    PAST_GRACE = "past_grace"
    BALANCE_OVERDUE = "balance_overdue"
    NO_OPEN_COMPLAINT = "no_open_complaint"
    PREORDER = "preorder"
    READY_STOCK = "ready_stock"


@dataclass(frozen=True)
class Transition:
    """
    One row of the table.

    Attributes:
        event: what happened, as the event log names it.
        guards: all must hold.
    """

    source: frozenset[Status]
    event: str
    actors: frozenset[Actor]
    guards: tuple[Guard, ...]
    target: Status


def _row(
    source: set[Status] | frozenset[Status], event: str, actors: set[Actor], target: Status, *guards: Guard
) -> Transition:
    return Transition(frozenset(source), event, frozenset(actors), guards, target)


A, G = Actor, Guard

TRANSITIONS: tuple[Transition, ...] = (
    _row({S.AWAITING_PAYMENT}, "payment_claimed", {A.BUYER}, S.PAYMENT_CLAIMED),
    _row(PAYING, "deposit_received", {A.SELLER}, S.DEPOSIT_PAID, G.DEPOSIT_SCHEME),
    _row(PAYING | {S.DEPOSIT_PAID}, "paid_in_full", {A.SELLER}, S.PAID, G.SHIPPING_KNOWN),
    _row({S.PAYMENT_CLAIMED}, "claim_rejected", {A.SELLER}, S.AWAITING_PAYMENT, G.REASON_GIVEN),
    _row({S.AWAITING_PAYMENT}, "expired", {A.CLOCK}, S.EXPIRED, G.NOTHING_RECEIVED, G.PAST_GRACE),
    _row({S.EXPIRED}, "revived_by_deposit", {A.SELLER}, S.DEPOSIT_PAID, G.DEPOSIT_SCHEME, G.UNITS_AVAILABLE),
    _row({S.EXPIRED}, "revived_by_payment", {A.SELLER}, S.PAID, G.SHIPPING_KNOWN, G.UNITS_AVAILABLE),
    _row(
        {S.DEPOSIT_PAID, S.PAID},
        "production_started",
        {A.SELLER, A.CLOCK},
        S.IN_PRODUCTION,
        G.PREORDER,
        G.WINDOW_CLOSED,
        G.PRODUCTION_PAID_FOR,
    ),
    _row({S.PAID}, "packed", {A.SELLER}, S.READY, G.READY_STOCK),
    _row({S.IN_PRODUCTION}, "made_ready", {A.SELLER}, S.READY),
    _row({S.READY}, "shipped", {A.SELLER}, S.SHIPPED, G.PAID_IN_FULL, G.COURIER_KNOWN),
    _row({S.READY}, "pickup_offered", {A.SELLER}, S.READY_FOR_PICKUP, G.PAID_IN_FULL, G.PICKUP_CHOSEN),
    _row({S.READY, S.READY_FOR_PICKUP}, "picked_up", {A.SELLER}, S.COMPLETED, G.PAID_IN_FULL),
    _row({S.SHIPPED}, "received", {A.SELLER, A.BUYER, A.CLOCK}, S.COMPLETED, G.NO_OPEN_COMPLAINT),
    _row({S.DEPOSIT_PAID, S.IN_PRODUCTION, S.READY}, "forfeited", {A.SELLER}, S.FORFEITED, G.BALANCE_OVERDUE),
    _row(BEFORE_SHIPPED | SHIPPED_ON | {S.EXPIRED}, "cancelled_by_seller", {A.SELLER}, S.CANCELLED_BY_SELLER),
)


def find_transition(source: Status, target: Status, actor: Actor) -> Transition | None:
    """Give the row that lets actor move an order from source to target, or None."""
    for row in TRANSITIONS:
        if source in row.source and row.target is target and actor in row.actors:
            return row
    return None


def targets_from(source: Status, actor: Actor) -> tuple[Status, ...]:
    """Give the states that actor may move an order to, in the order of the table; guards are not looked at."""
    return tuple(dict.fromkeys(row.target for row in TRANSITIONS if source in row.source and actor in row.actors))
