"""Placing an order: one transaction that checks and reserves, and the desk that the web pages talk to."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from intake.ledger import recording, store
from intake.ledger.recording import PoolEmpty
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import Transaction, Writer
from intake.published import CatalogueSource
from preorder.campaign import WHOLE, Campaign, Shop
from preorder.catalogue import Catalogue, accepted_part, canonical
from preorder.errors import PreorderError
from preorder.order import BuyerLimit, OrderRequest, Quotation, SoldOut
from preorder.quota import items_in_pool, units_by_pool
from preorder.ref import SHORTEST, make_ref
from preorder.schedule import Window
from preorder.status import Actor, Status

log = logging.getLogger(__name__)

# Below this an order could not be written with its journal and backups.
LEAST_FREE_BYTES = 200 * 1024 * 1024
# /sisa.json and the early "sold out" look at the ledger at most this often.
LEFT_CACHE_S = 1.0
# From this attempt on refs grow by one character each: a short ref is only worth having while there are free ones.
SHORT_ATTEMPTS = 3


class NotClaimable(PreorderError):
    """The buyer says that she has paid, for an order that waits for no payment. Fields: status."""

    code = "not_claimable"


class NoSuchOrder(PreorderError):
    """There is no order behind this token."""

    code = "no_such_order"


class DiskNearlyFull(PreorderError):
    """The data folder's disk has too little room to take orders. Fields: free, least (bytes)."""

    code = "disk_nearly_full"


@dataclass(frozen=True)
class Placement:
    """
    All that is needed to place an order.

    Attributes:
        revision: of the catalogue that the quotation was made from.
        quotation: made at received_at, so the window is decided already.
        nonce: from the review token; one order for each.
        fields_digest: SHA-256 over what was posted.
    """

    campaign: Campaign
    shop: Shop
    revision: int
    request: OrderRequest
    quotation: Quotation
    nonce: str
    fields_digest: str
    received_at: datetime
    language: str
    source: str = "web"


@dataclass(frozen=True)
class Placed:
    """An order that is stored. repeated: this review token had made it before."""

    ref: str
    token: str
    repeated: bool


class Snapshots:
    """
    What buyers accept, as canonical JSON with its hash. Made once for each campaign revision and round, for a thousand
    orders share it.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, str, int], tuple[str, str]] = {}

    def make(self, shop: Shop, campaign: Campaign, window: Window) -> tuple[str, str]:
        """Give (hash, body)."""
        party = {
            "name": shop.name,
            "city": shop.city,
            "address": shop.address,
            "whatsapp": shop.whatsapp,
            "email": shop.email,
        }
        key = (campaign.terms_hash, canonical(party), window.closes_at.isoformat(), window.round)
        if key not in self._made:
            body = canonical({
                "shop": party,
                "campaign": accepted_part(campaign),
                "terms_html": campaign.terms_html,
                "terms_hash": campaign.terms_hash,
                "window": {
                    "round": window.round,
                    "opens_at": window.opens_at.isoformat(),
                    "closes_at": window.closes_at.isoformat(),
                },
            })  # fmt: skip
            if len(self._made) > 1_000:
                self._made.clear()
            self._made[key] = (hashlib.sha256(body.encode()).hexdigest(), body)
        return self._made[key]


def place_order(
    tx: Transaction, placement: Placement, snapshot: tuple[str, str | None], phone_hmac: str, now: datetime
) -> Placed:
    """
    Store an order, or find the one that the same review token made.

    1. Known nonce? Then that order, whatever else holds now.
    2. What this buyer holds already, against the campaign's limit.
    3. Every pool, in the order of their ids: reserve or refuse.
    4. The order; its lines, holds, due, event and outbox entry follow before the commit, in one statement each for the
        whole group.

    A refusal rolls this order's savepoint back: nothing of it stays, and its nonce stays free.

    Args:
        snapshot: hash and text of what she accepts; None for a text that is known to be stored.

    Raises:
        BuyerLimit, SoldOut: with what the buyer's message needs.
    """
    known = store.find_nonce(tx.connection, placement.nonce)
    if known is not None:
        return Placed(known[0], known[1], repeated=True)
    campaign, quotation = placement.campaign, placement.quotation
    round_ = quotation.window.round
    _check_buyer(tx, placement, phone_hmac)
    held = units_by_pool(quotation.lines)
    for pool, units in held.items():
        try:
            recording.take_units(tx, campaign.id, round_, pool, units)
        except PoolEmpty as empty:
            items = () if pool == WHOLE else items_in_pool(quotation.lines, pool)
            raise SoldOut(pool=pool, units=units, left=empty.left, items=items) from None
    now_ms = to_ms(now)
    hash_, body = snapshot
    if body is not None:
        recording.keep_snapshot(tx, hash_, body, now_ms)
    ref = _free_ref(tx, campaign.prefix)
    # 128 bit; the only key to the buyer's page.
    token = secrets.token_urlsafe(16)
    order_id = recording.insert_order(tx, _order_row(placement, ref, token, hash_, phone_hmac, now_ms))
    recording.add_parts(
        tx,
        order_id,
        lines=[
            {
                "position": position,
                "product_id": line.product.id,
                "variant_id": line.variant.id or None,
                "product_name": line.product.name,
                "variant_name": line.variant.name or None,
                "options": json.dumps(dict(line.options), ensure_ascii=False),
                "qty": line.qty,
                "price_rp": line.price,
                "note": None,
                "qty_done": 0,
            }
            for position, line in enumerate(quotation.lines, start=1)
        ],
        held=held,
        due={
            "kind": "deposit" if quotation.deposit else "full",
            "amount_rp": quotation.due_now,
            "unique_code": 0,
            "pay_by_ms": to_ms(quotation.pay_by),
            "grace_until_ms": to_ms(quotation.grace_until),
        },
        event={
            "at_ms": now_ms,
            "actor": Actor.BUYER if placement.source == "web" else Actor.SELLER,
            "event": "placed",
            "from_status": None,
            "to_status": Status.AWAITING_PAYMENT,
            "reason": None,
            "undoes": None,
            "data": "{}",
        },
        now_ms=now_ms,
    )
    return Placed(ref, token, repeated=False)


def _check_buyer(tx: Transaction, placement: Placement, phone_hmac: str) -> None:
    most = placement.campaign.limits.max_per_buyer
    if most is None:
        return
    # Her order before this one may stand in the same group, its lines not yet written.
    tx.flush()
    held = store.units_held(tx.connection, placement.campaign.id, placement.quotation.window.round, phone_hmac)
    if held + placement.quotation.units > most:
        raise BuyerLimit(units=placement.quotation.units, held=held, most=most)


def _free_ref(tx: Transaction, prefix: str) -> str:
    attempt = 0
    while True:
        ref = make_ref(prefix, secrets.choice, SHORTEST + max(0, attempt - SHORT_ATTEMPTS + 1))
        if not store.ref_exists(tx.connection, ref):
            return ref
        attempt += 1


def _order_row(
    placement: Placement, ref: str, token: str, snapshot_hash: str, phone_hmac: str, now_ms: int
) -> dict[str, object]:
    buyer, quotation = placement.request.buyer, placement.quotation
    return {
        "ref": ref,
        "token": token,
        "nonce": placement.nonce,
        "fields_digest": placement.fields_digest,
        "campaign_id": placement.campaign.id,
        "round": quotation.window.round,
        "revision": placement.revision,
        "snapshot_hash": snapshot_hash,
        "status": Status.AWAITING_PAYMENT,
        "version": 1,
        "language": placement.language,
        "source": placement.source,
        "received_at_ms": to_ms(placement.received_at),
        "placed_at_ms": now_ms,
        "name": buyer.name,
        "phone": buyer.phone,
        "phone_hmac": phone_hmac,
        "address": buyer.address or None,
        "note": buyer.note or None,
        "channel": buyer.channel or None,
        "goods_rp": quotation.goods,
        "shipping_rp": quotation.shipping,
        "deposit_rp": quotation.deposit,
        "delivery_id": quotation.delivery.id,
        "delivery_name": quotation.delivery.name,
        "terms_accepted_at_ms": to_ms(placement.received_at),
    }


def publish_quotas(tx: Transaction, catalogue: Catalogue, now: datetime) -> None:
    """Bring the pools of every open and coming round to what the catalogue says."""
    for campaign in catalogue.campaigns:
        for window in (campaign.schedule.window_at(now), campaign.schedule.next_window(now)):
            if window is None:
                continue
            for pool in sorted(campaign.pools):
                recording.set_quota(tx, campaign, window.round, pool, catalogue.revision)


class Desk:
    """What the web pages ask and tell the ledger."""

    def __init__(
        self,
        writer: Writer,
        reader: Engine,
        secret_key: bytes,
        data_folder: Path,
        catalogue: CatalogueSource,
        clock: Callable[[], datetime],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._secret_key = secret_key
        self._data_folder = data_folder
        self._catalogue = catalogue
        self._clock = clock
        self._snapshots = Snapshots()
        # Hashes of snapshots that are committed: they need not be sent again.
        self._kept: set[str] = set()
        self._published: set[tuple[int, str, int]] = set()
        self._left: tuple[float, dict[tuple[str, int], dict[str, int]]] = (float("-inf"), {})
        self._left_lock = threading.Lock()
        self._free: tuple[float, int] = (float("-inf"), 0)

    def find_by_nonce(self, nonce: str) -> Placed | None:
        """Give the order that a review token has made."""
        with self._reader.begin() as connection:
            found = store.find_nonce(connection, nonce)
        return Placed(found[0], found[1], repeated=True) if found else None

    def find_same(self, fields_digest: str, since: datetime) -> str | None:
        """Give the ref of an order placed since then with exactly these fields: perhaps she does not know that she has."""
        with self._reader.begin() as connection:
            return store.find_same(connection, fields_digest, to_ms(since))

    def place(self, placement: Placement) -> Placed:
        """
        Place an order; returns after the commit.

        Raises:
            SoldOut, BuyerLimit: see place_order.
            DiskNearlyFull: nothing was stored.
            LedgerBusy, LedgerUncertain, LedgerFailed: see intake.ledger.writer.
        """
        self._check_disk()
        self._publish(placement)
        hash_, body = self._snapshots.make(placement.shop, placement.campaign, placement.quotation.window)
        snapshot = (hash_, None if hash_ in self._kept else body)
        phone_hmac = self.phone_hmac(placement.request.buyer.phone)
        placed = self._writer.submit(
            lambda tx: place_order(tx, placement, snapshot, phone_hmac, max(self._clock(), placement.received_at)),
            reads_deferred=False,
        )
        if not placed.repeated:
            self._kept.add(hash_)
        log.info("order %s %s", placed.ref, "repeated" if placed.repeated else "placed")
        return placed

    def _publish(self, placement: Placement) -> None:
        # Normally the worker has done it when the catalogue changed; a round that begins, or a change in this second,
        # is caught here.
        campaign, round_ = placement.campaign, placement.quotation.window.round
        key = (placement.revision, campaign.id, round_)
        if key not in self._published:

            def publish(tx: Transaction) -> None:
                for pool in sorted(campaign.pools):
                    recording.set_quota(tx, campaign, round_, pool, placement.revision)

            self._writer.submit(publish)
            self._published.add(key)

    def _check_disk(self) -> None:
        checked_at, free = self._free
        if time.monotonic() - checked_at > LEFT_CACHE_S:
            free = shutil.disk_usage(self._data_folder).free
            self._free = (time.monotonic(), free)
        if free < LEAST_FREE_BYTES:
            raise DiskNearlyFull(free=free, least=LEAST_FREE_BYTES)

    def phone_hmac(self, phone: str) -> str:
        """Give the digest by which a buyer's orders are found together without reading her number."""
        return hmac.new(self._secret_key, b"phone:" + phone.encode(), hashlib.sha256).hexdigest()

    def order_by_token(self, token: str) -> StoredOrder | None:
        """Give the order behind a status link."""
        with self._reader.begin() as connection:
            return store.order_by_token(connection, token)

    def claim_payment(self, token: str, now: datetime) -> None:
        """
        Take down that the buyer says she has paid: the expiry clock stops, the seller checks. Saying it again changes
        nothing.

        Raises:
            NoSuchOrder, NotClaimable.
        """

        def claim(tx: Transaction) -> None:
            order = store.order_by_token(tx.connection, token)
            if order is None:
                raise NoSuchOrder
            if order.status is Status.PAYMENT_CLAIMED:
                return
            if order.status is not Status.AWAITING_PAYMENT:
                raise NotClaimable(status=order.status)
            now_ms = to_ms(now)
            recording.add_event(tx, order, "payment_claimed", Actor.BUYER, now_ms, target=Status.PAYMENT_CLAIMED)
            recording.change_order(tx, order, now_ms, status=Status.PAYMENT_CLAIMED, claimed_at_ms=now_ms)

        self._writer.submit(claim)

    def units_left(self) -> Mapping[str, Mapping[str, int]]:
        """
        Give campaign id -> pool id -> units left in the open or coming round, at most a second old.

        For showing and for early refusals; the transaction decides.

        Raises:
            CatalogueUnavailable: nothing is published.
        """
        left = self._ledger_left()
        now = self._clock()
        shown: dict[str, dict[str, int]] = {}
        for campaign in self._catalogue.current().campaigns:
            round_ = campaign.schedule.shown_window(now).round
            # A round without orders may not be in the ledger yet: then all is left.
            shown[campaign.id] = dict(campaign.pools) | left.get((campaign.id, round_), {})
        return shown

    def _ledger_left(self) -> dict[tuple[str, int], dict[str, int]]:
        taken_at, left = self._left
        if time.monotonic() - taken_at > LEFT_CACHE_S and self._left_lock.acquire(blocking=False):
            try:
                with self._reader.begin() as connection:
                    left = store.units_left(connection)
                self._left = (time.monotonic(), left)
            finally:
                self._left_lock.release()
        return left

    def ready(self) -> Mapping[str, bool]:
        """Give what must hold before orders are taken, each with whether it does."""
        free = shutil.disk_usage(self._data_folder).free
        return {"writer": self._writer.healthy(within_s=5.0), "disk": free >= LEAST_FREE_BYTES}
