"""Placing what a typed row asks for: one transaction, with all that she typed beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime

from intake.commands import apply_edits
from intake.ledger import outbox, recording, store
from intake.ledger.leases import LeasedWriter
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction, Writer
from intake.offline.rows import Wish
from intake.placing import CatalogueBehind, Placed, Placement, Snapshots, Wanted, place_orders
from intake.published import CatalogueSource
from intake.sheet import Found, canonical
from intake.sheet.columns import EDITABLE
from preorder.campaign import Campaign
from preorder.order import (
    AskForQuotation,
    BuyerLimit,
    LineTooFew,
    LineTooMany,
    NotOpenYet,
    OrderRefused,
    SoldOut,
    TooFew,
    TooMany,
    WindowClosed,
    accept,
    check_window,
)
from preorder.pricing import without_limits
from preorder.schedule import Window
from preorder.status import Actor

# What her word lifts, by the refusals that it overrules.
_WINDOW = frozenset({NotOpenYet.code, WindowClosed.code})
_LIMITS = frozenset({
    TooFew.code, TooMany.code, BuyerLimit.code, LineTooFew.code, LineTooMany.code, AskForQuotation.code
})  # fmt: skip
# More than any round sells: a quota that refuses nothing, for as long as one transaction.
_ANY = 10**9
# What of the row tells, beside the ref, that it is this order's; it stands there as she typed it.
_TYPED_IDENTITY = ("name", "whatsapp")


class Taker:
    """Places typed orders."""

    def __init__(
        self,
        writer: Writer | LeasedWriter,
        catalogue: CatalogueSource,
        clock: Callable[[], datetime],
        phone_hmac: Callable[[str], str],
        status_token: Callable[[str], str],
    ) -> None:
        self._writer = writer
        self._catalogue = catalogue
        self._clock = clock
        self._phone_hmac = phone_hmac
        self._status_token = status_token
        self._snapshots = Snapshots()
        self._published: set[tuple[int, str, int]] = set()

    def place(self, wish: Wish, nonce: str, values: Mapping[str, Found], now: datetime) -> str:
        """
        Place an order, or find the one that this nonce has made, and give its ref; returns after the commit.

        The window is hers to overrule as quota and limits are, but only in words (Wish.anyway), and the history says
        that she did: in general a typed order obeys the same guards as any other, so that the page tells the truth
        about what is open and what is left.

        Args:
            values: of the row: what she typed under the editable columns is carried out as her commands.

        Raises:
            OrderRefused, ShopPaused, CatalogueBehind: nothing was stored.
        """
        past: tuple[str, ...] = ()
        while True:
            try:
                return self._place(wish, nonce, values, now, past)
            except OrderRefused as refusal:
                if not wish.anyway or refusal.code in past:
                    raise
                # One after the other, so that the history names all that stood in the way and nothing else.
                past = (*past, refusal.code)
            except CatalogueBehind:
                # The next look finds the newer one, and reads the row by that.
                self._catalogue.refresh()
                raise

    def _place(self, wish: Wish, nonce: str, values: Mapping[str, Found], now: datetime, past: tuple[str, ...]) -> str:
        published, campaign = wish.catalogue, wish.campaign
        lifted = campaign
        if _LIMITS.intersection(past):
            lifted = without_limits(lifted)
        if past_quota := SoldOut.code in past:
            lifted = dataclasses.replace(lifted, pools=dict.fromkeys(campaign.pools, _ANY))
        window = _nearest(campaign, now) if _WINDOW.intersection(past) else check_window(campaign, now)
        quotation = accept(lifted, wish.request, now, window)
        wanted = Wanted(
            placement=Placement(
                campaign=lifted,
                shop=published.shop,
                revision=published.revision,
                request=wish.request,
                quotation=quotation,
                nonce=nonce,
                fields_digest=wish.digest,
                received_at=now,
                language=published.shop.language,
                source="sheet",
            ),
            snapshot=self._snapshots.make(published.shop, campaign, window),
            phone_hmac=self._phone_hmac(wish.request.buyer.phone),
            stamp=lambda received_at: max(self._clock(), received_at),
            status_token=self._status_token,
        )
        self._publish(campaign, window.round, published.revision)

        def place(tx: Transaction) -> str:
            if past_quota:
                # Within this transaction, which nobody else sees, nothing runs out; the counters stay what they are.
                recording.set_quotas(tx, lifted, window.round, published.revision)
            placed = place_orders(tx, [wanted])[0]
            if isinstance(placed, Exception):
                raise placed
            if past_quota:
                recording.set_quotas(tx, campaign, window.round, published.revision)
            if not placed.repeated:
                _note_typed(tx, placed, values, now, past)
            return placed.ref

        return self._writer.submit(place)

    def _publish(self, campaign: Campaign, round_: int, revision: int) -> None:
        key = (revision, campaign.id, round_)
        if key not in self._published:
            self._writer.submit(lambda tx: recording.set_quotas(tx, campaign, round_, revision))
            self._published.add(key)


def _nearest(campaign: Campaign, now: datetime) -> Window:
    """Give the round of an order that is taken anyway: the open one, else the last, else the coming one."""
    schedule = campaign.schedule
    return schedule.window_at(now) or schedule.rule.last_before(now) or schedule.shown_window(now)


def _note_typed(
    tx: Transaction, placed: Placed, values: Mapping[str, Found], now: datetime, past: tuple[str, ...]
) -> None:
    """Carry out what she typed beside the order, and remember it as seen: the row will stand there as she left it."""
    now_ms = to_ms(now)
    order = store.order_by_ref(tx.connection, placed.ref)
    assert order is not None  # placed just now
    if past:
        recording.add_event(tx, order, "accepted_anyway", Actor.SELLER, now_ms, data={"past": list(past)})
    # The buyer has accepted nothing: it was agreed on in a chat.
    recording.change_order(tx, order, now_ms, terms_accepted_at_ms=None)
    typed = {code: values.get(code) for code in EDITABLE}
    record = outbox.sheet_records(tx.connection, [placed.ref])[placed.ref]
    edits = {code: value for code, value in typed.items() if canonical(value)}
    seen = typed | {code: values.get(code) for code in _TYPED_IDENTITY}
    apply_edits(tx, record, edits, seen, now)
