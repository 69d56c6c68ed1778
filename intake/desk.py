"""The desk that the web pages talk to: it asks the ledger, and tells it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from intake.enquiring import Enquiries
from intake.ledger import consents, recording, store
from intake.ledger.consents import Consent
from intake.ledger.counting import units_taken
from intake.ledger.store import StoredOrder, to_ms
from intake.ledger.writer import LedgerBusy, LedgerUnreachable, Transaction, Writer
from intake.placing import (
    CatalogueBehind,
    Placed,
    Placement,
    Snapshots,
    Wanted,
    find_placed,
    place_orders,
    status_token,
)
from intake.published import CatalogueSource, CatalogueUnavailable
from preorder.campaign import Campaign
from preorder.consent import ConsentText, Purpose
from preorder.errors import PreorderError
from preorder.order import accept
from preorder.status import Actor, Status

log = logging.getLogger(__name__)

# Below this an order could not be written with its journal and backups.
LEAST_FREE_BYTES = 200 * 1024 * 1024
# Orders of which the digest of their fields is kept in memory: some 10 MB.
MOST_REMEMBERED = 50_000
# Orders that are looked at once more.
OVERLAP = 200
# /sisa.json and the early "sold out" look at the ledger at most this often.
LEFT_CACHE_S = 1.0


class NotClaimable(PreorderError):
    """The buyer says that she has paid, for an order that waits for no payment. Fields: status."""

    code = "not_claimable"


class NoSuchOrder(PreorderError):
    """There is no order behind this token."""

    code = "no_such_order"


class DiskNearlyFull(PreorderError):
    """The data folder's disk has too little room to take orders. Fields: free, least (bytes)."""

    code = "disk_nearly_full"


class _Newest:
    """
    The newest order with the same fields, as a hint for the review: kept in memory, for asking the ledger each time
    costs as much as the rest of a review. Orders that other processes place are learnt within a second; the oldest are
    forgotten, and a hint with them.
    """

    def __init__(self) -> None:
        self._orders: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._last_id = 0

    def find(
        self, fields_digest: str, since_ms: int, reader: Callable[[], AbstractContextManager[Connection]]
    ) -> str | None:
        """
        Give its ref, if it was placed since then.

        Raises:
            LedgerUnreachable: the ledger can't be read now; asked again within the second, memory answers.
        """
        first = self._looked_at == float("-inf")
        if time.monotonic() - self._looked_at > LEFT_CACHE_S and self._looking.acquire(blocking=first):
            try:
                self._look(since_ms, reader)
            finally:
                self._looking.release()
        ref, placed_at_ms = self._orders.get(fields_digest, (None, 0))
        return ref if placed_at_ms >= since_ms else None

    def _look(self, since_ms: int, reader: Callable[[], AbstractContextManager[Connection]]) -> None:
        if time.monotonic() - self._looked_at <= LEFT_CACHE_S:
            return
        self._looked_at = time.monotonic()
        with reader() as connection:
            # Numbers are given before the commit: a lower one may be seen after a higher one.
            found = store.newest_digests(connection, self._last_id - OVERLAP, since_ms, MOST_REMEMBERED)
        for each in found:
            self._last_id = max(self._last_id, each.order_id)
            self.add(each.fields_digest, each.ref, each.placed_at_ms)

    def add(self, fields_digest: str, ref: str, placed_at_ms: int) -> None:
        """Take down an order."""
        with self._lock:
            self._orders.pop(fields_digest, None)
            self._orders[fields_digest] = (ref, placed_at_ms)
            if len(self._orders) > MOST_REMEMBERED:
                del self._orders[next(iter(self._orders))]


@dataclasses.dataclass(frozen=True)
class _Seen:
    """
    What the ledger said when it was last looked at.

    Attributes:
        at: time.monotonic() of it.
        left: (campaign id, round) -> pool id -> units left.
        paused: why no orders are taken; None while they are.
        taken: (campaign id, round) -> units that orders hold, of the rounds whose pages say so.
    """

    at: float
    left: Mapping[tuple[str, int], Mapping[str, int]]
    paused: str | None
    taken: Mapping[tuple[str, int], int] = dataclasses.field(default_factory=dict)


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
        self.enquiries = Enquiries(writer, reader, secret_key)
        # Elsewhere the ledger has a disk of its own, which we can't see.
        self._ledger_is_here = reader.dialect.name == "sqlite"
        self._newest = _Newest()
        self._snapshots = Snapshots()
        # Hashes of snapshots that are committed: they need not be sent again.
        self._kept: set[str] = set()
        self._published: set[tuple[int, str, int]] = set()
        # Of the order placed last. Touched in the writer's thread alone.
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._seen = _Seen(float("-inf"), {}, None)
        self._left_lock = threading.Lock()
        self._free: tuple[float, int] = (float("-inf"), 0)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._reader.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise LedgerUnreachable(reason=type(error).__name__) from error

    def find_by_nonce(self, nonce: str) -> Placed | None:
        """
        Give the order that a review token has made.

        Raises:
            LedgerUnreachable, as all that read here.
        """
        with self._reading() as connection:
            found = store.find_nonce(connection, nonce)
        return Placed(found[0], found[1], repeated=True) if found else None

    def find_in_line(self, nonce: str) -> Placed | None:
        """
        Give the order that a review token has made, once all that was sent before this question is stored or refused:
        her first press may still stand in the line when the second one is answered.

        Raises:
            LedgerBusy, LedgerUncertain, ...: see intake.ledger.writer.
        """
        return self._writer.submit_to(find_placed, nonce)

    def find_same(self, fields_digest: str, since: datetime) -> str | None:
        """
        Give the ref of an order placed since then with exactly these fields: perhaps she does not know that she has.

        A hint: None also where the ledger can't be read now.
        """
        try:
            return self._newest.find(fields_digest, to_ms(since), self._reading)
        except LedgerUnreachable as error:
            log.warning("an order just like this one can't be looked for: %s", error)
            return None

    def place(self, placement: Placement) -> Placed:
        """
        Place an order; returns after the commit.

        Raises:
            SoldOut, BuyerLimit, ShopPaused: see intake.placing.place_orders.
            DiskNearlyFull: nothing was stored.
            LedgerBusy, LedgerUncertain, LedgerFailed, ...: see intake.ledger.writer.
        """
        self._check_disk()
        try:
            placed = self._place(placement)
        except CatalogueBehind:
            placed = self._place(self._renewed(placement), newest=True)
        log.info("order %s %s", placed.ref, "repeated" if placed.repeated else "placed")
        return placed

    def _place(self, placement: Placement, *, newest: bool = False) -> Placed:
        self._publish(placement)
        hash_, body = self._snapshots.make(placement.shop, placement.campaign, placement.quotation.window)
        wanted = Wanted(
            placement=placement,
            snapshot=(hash_, None if hash_ in self._kept else body),
            phone_hmac=self.phone_hmac(placement.request.buyer.phone),
            stamp=self._stamp,
            status_token=self._status_token,
            newest=newest,
            kept=frozenset(each.hash for each in placement.consents if each.hash in self._kept),
        )
        try:
            placed = self._writer.submit_to(place_orders, wanted)
        except IntegrityError:
            if wanted.snapshot[1] is not None and not wanted.kept:
                raise
            # Somebody has brought back a backup meanwhile, and in that it is missing.
            self._kept.clear()
            wanted = dataclasses.replace(wanted, snapshot=(hash_, body), kept=frozenset())
            placed = self._writer.submit_to(place_orders, wanted)
        if not placed.repeated:
            self._kept.update((hash_, *(each.hash for each in placement.consents)))
            self._newest.add(placement.fields_digest, placed.ref, to_ms(placement.received_at))
        return placed

    def _renewed(self, placement: Placement) -> Placement:
        """
        Give a placement by the newest catalogue. The buyer accepted the same terms: what changed is the seller's count.

        Where there is no newer one, an older site was put back on purpose, and orders are taken by that.

        Raises:
            LedgerBusy: its terms are others; asked again she sees those.
        """
        catalogue = self._catalogue.refresh()
        if catalogue.revision <= placement.revision:
            return placement
        found = next((each for each in catalogue.campaigns if each.id == placement.campaign.id), None)
        if found is None or found.terms_hash != placement.campaign.terms_hash:
            raise LedgerBusy(waiting=0)
        return dataclasses.replace(
            placement,
            campaign=found,
            shop=catalogue.shop,
            revision=catalogue.revision,
            quotation=accept(found, placement.request, placement.received_at),
        )

    def _stamp(self, received_at: datetime) -> datetime:
        # The clock may be set back; the order of the orders stays what it was.
        self._latest = max(self._latest, self._clock(), received_at)
        return self._latest

    def _status_token(self, ref: str) -> str:
        return status_token(self._secret_key, ref)

    def _publish(self, placement: Placement) -> None:
        # Normally the worker has done it when the catalogue changed; a round that begins, or a change in this second,
        # is caught here.
        campaign, round_, revision = placement.campaign, placement.quotation.window.round, placement.revision
        key = (revision, campaign.id, round_)
        if key not in self._published:
            self._writer.submit(lambda tx: recording.set_quotas(tx, campaign, round_, revision))
            self._published.add(key)

    def _check_disk(self) -> None:
        if not self._ledger_is_here:
            return
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
        with self._reading() as connection:
            return store.order_by_token(connection, token)

    def claim_payment(self, token: str, now: datetime) -> None:
        """
        Take down that the buyer says she has paid: the expiry clock stops, the seller checks. Saying it again changes
        nothing.

        Raises:
            NoSuchOrder, NotClaimable.
        """

        def claim(tx: Transaction) -> None:
            order = self._locked(tx, token)
            if order.status is Status.PAYMENT_CLAIMED:
                return
            if order.status is not Status.AWAITING_PAYMENT:
                raise NotClaimable(status=order.status)
            now_ms = to_ms(now)
            recording.add_event(tx, order, "payment_claimed", Actor.BUYER, now_ms, target=Status.PAYMENT_CLAIMED)
            recording.change_order(tx, order, now_ms, status=Status.PAYMENT_CLAIMED, claimed_at_ms=now_ms)

        self._writer.submit(claim)

    def consent_of(self, order: StoredOrder, purpose: Purpose) -> Consent | None:
        """Give what an order's buyer has said last about a purpose; None where she has said nothing."""
        with self._reading() as connection:
            return consents.find_consents(connection, [order.order_id], purpose).get(order.order_id)

    def give_consent(self, token: str, text: ConsentText, now: datetime) -> None:
        """
        Take down that the buyer allows what this text says.

        Raises:
            NoSuchOrder.
        """

        def give(tx: Transaction) -> None:
            consents.give(tx, self._locked(tx, token).order_id, text, to_ms(now))

        self._writer.submit(give)

    def take_consent_back(self, token: str, purpose: Purpose, now: datetime) -> None:
        """
        Take down that the buyer allows it no longer, whichever of her orders it was given with. Saying it again changes
        nothing.

        Raises:
            NoSuchOrder.
        """

        def take_back(tx: Transaction) -> None:
            consents.take_back(tx, self._locked(tx, token).order_id, purpose, to_ms(now), Actor.BUYER)

        self._writer.submit(take_back)

    def _locked(self, tx: Transaction, token: str) -> StoredOrder:
        order = store.order_by_token(tx.connection, token, lock=True)
        if order is None:
            raise NoSuchOrder
        return order

    def units_left(self) -> Mapping[str, Mapping[str, int]]:
        """
        Give campaign id -> pool id -> units left in the open or coming round, at most a second old.

        For showing and for early refusals; the transaction decides.

        Raises:
            CatalogueUnavailable: nothing is published.
        """
        now = self._clock()
        return {
            campaign.id: self.units_left_in(campaign, campaign.schedule.shown_window(now).round)
            for campaign in self._catalogue.current().campaigns
        }

    def units_left_in(self, campaign: Campaign, round_: int) -> dict[str, int]:
        """Give pool id -> units left of a campaign's round, as units_left does for all."""
        # A round without orders may not be in the ledger yet: then all is left.
        return {**campaign.pools, **self._look().left.get((campaign.id, round_), {})}

    def units_taken(self) -> Mapping[str, int]:
        """
        Give campaign id -> units ordered in the open or coming round, at most a second old; of campaigns whose pages say
        how far a target or a minimum is reached. Empty while nothing is published.
        """
        taken = self._look().taken
        return {id_: taken.get(key, 0) for id_, key in self._counted().items()}

    def _counted(self) -> dict[str, tuple[str, int]]:
        """Give campaign id -> the round that is shown, of campaigns that tell how much is ordered."""
        try:
            campaigns = self._catalogue.current().campaigns
        except CatalogueUnavailable:
            return {}
        now = self._clock()
        return {
            campaign.id: (campaign.id, campaign.schedule.shown_window(now).round)
            for campaign in campaigns
            if campaign.target is not None or campaign.batch is not None
        }

    def paused(self) -> str | None:
        """
        Give why no orders are taken now, at most a second old, so that nobody fills in a form in vain; the transaction
        decides.
        """
        return self._look().paused

    def _look(self) -> _Seen:
        seen = self._seen
        if time.monotonic() - seen.at > LEFT_CACHE_S and self._left_lock.acquire(blocking=False):
            try:
                with self._reading() as connection:
                    left, paused = store.units_left(connection), store.is_paused(connection)
                    taken = units_taken(connection, self._counted().values())
                    seen = _Seen(time.monotonic(), left, paused, taken)
            except LedgerUnreachable as error:
                log.warning("what is left can't be read: %s", error)
                seen = dataclasses.replace(seen, at=time.monotonic())
            finally:
                self._seen = seen
                self._left_lock.release()
        return seen

    def ready(self) -> Mapping[str, bool]:
        """Give what must hold before orders are taken, each with whether it does."""
        checks = {"writer": self._writer.healthy(within_s=5.0)}
        if self._ledger_is_here:
            checks["disk"] = shutil.disk_usage(self._data_folder).free >= LEAST_FREE_BYTES
        try:
            with self._reading() as connection:
                checks["open"] = store.is_paused(connection) is None
        except LedgerUnreachable:
            checks["reader"] = False
        return checks
