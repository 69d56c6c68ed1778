"""Placing orders: one transaction that checks and reserves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.ledger import recording, store
from intake.ledger.dues import Asked, choose_codes, discount_of
from intake.ledger.recording import NewOrder
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction
from preorder.campaign import WHOLE, Campaign
from preorder.catalogue import Catalogue, accepted_part, canonical
from preorder.consent import ConsentText
from preorder.errors import PreorderError
from preorder.order import BuyerLimit, OrderRequest, Quotation, SoldOut
from preorder.payment import DueKind
from preorder.quota import items_in_pool, units_by_pool
from preorder.ref import SHORTEST, make_ref
from preorder.schedule import Window
from preorder.shop import Shop
from preorder.status import Actor, Status
from preorder.terms import UniqueCode

# From this attempt on refs grow by one character each: a short ref is only worth having while there are free ones.
SHORT_ATTEMPTS = 3


class ShopPaused(PreorderError):
    """No orders are taken now. Fields: reason ("restored": a backup was brought back and is not yet reconciled)."""

    code = "shop_paused"


class CatalogueBehind(PreorderError):
    """
    Quotas of a newer catalogue are in force already: other things may draw from the pools now. Fields: revision (ours).
    """

    code = "catalogue_behind"


@dataclass(frozen=True)
class Placement:
    """
    All that is needed to place an order.

    Attributes:
        revision: of the catalogue that the quotation was made from.
        quotation: made at received_at, so the window is decided already.
        nonce: from the review token; one order for each.
        fields_digest: SHA-256 over what was posted.
        consents: what she allows beside the order, in the words that she read.
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
    consents: tuple[ConsentText, ...] = ()


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
            # How her page speaks while nothing is published.
            "language": shop.language,
            "zone": shop.zone,
            "salutation": shop.salutation.value,
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


@dataclass(frozen=True)
class Wanted:
    """
    An order that waits to be placed, with what the desk adds to it.

    Attributes:
        snapshot: hash and text of what she accepts; None for a text that is known to be stored.
        phone_hmac: the digest of her number.
        stamp: instant of the request -> when it is placed; asked in the writer's thread.
        status_token: ref -> the secret of its status link.
        newest: there is no newer catalogue to be had than the placement's.
        kept: hashes of the placement's consents whose text is known to be stored.
    """

    placement: Placement
    snapshot: tuple[str, str | None]
    phone_hmac: str
    stamp: Callable[[datetime], datetime]
    status_token: Callable[[str], str]
    newest: bool = False
    kept: frozenset[str] = frozenset()

    @property
    def texts(self) -> dict[str, str]:
        """Give hash -> text of what she accepts, as far as it isn't known to be stored."""
        hash_, body = self.snapshot
        texts = {} if body is None else {hash_: body}
        return texts | {each.hash: each.body for each in self.placement.consents if each.hash not in self.kept}

    @property
    def round(self) -> tuple[str, int]:
        """Give campaign id and round."""
        return self.placement.campaign.id, self.placement.quotation.window.round


def place_orders(tx: Transaction, wanted: Sequence[Wanted]) -> list[Placed | Exception]:
    """
    Store orders that came in together, or find those that the same review tokens made; the first come is served first.

    1. Lock what is judged: rounds with their pools, and buyers where a limit counts; each in a fixed order. What can
       be done before is: others wait for these locks. The amounts that are taken are locked last, in step 4.
    2. Known nonces? Those lead to their orders, whatever else holds now.
    3. One after the other: does the catalogue still hold, what does this buyer have already, is there enough in every
       pool? Who is refused takes nothing, and her nonce stays free.
    4. Reserve, choose the code of every amount, and insert all that fits: one statement a pool and a table, however
       many they are.

    Repeatable: what an earlier run has committed, step 2 finds.

    Returns:
        For each, in their order: Placed, or BuyerLimit, SoldOut, ShopPaused, CatalogueBehind.
    """
    if reason := store.is_paused(tx.connection):
        return [ShopPaused(reason=reason)] * len(wanted)
    counter = _Counter(tx, wanted)
    known = store.find_nonces(tx.connection, [each.placement.nonce for each in wanted])
    outcomes: list[Placed | Exception] = []
    accepted: list[Wanted] = []
    for each in wanted:
        nonce = each.placement.nonce
        if nonce in known:
            outcomes.append(Placed(*known[nonce], repeated=True))
            continue
        try:
            counter.take(each)
        except PreorderError as refusal:
            outcomes.append(refusal)
            continue
        ref = counter.free_ref(each.placement.campaign.prefix)
        known[nonce] = (ref, each.status_token(ref))
        outcomes.append(Placed(*known[nonce], repeated=False))
        accepted.append(each)
    if accepted:
        counter.reserve()
        stamped = [(each, to_ms(each.stamp(each.placement.received_at))) for each in accepted]
        texts = {hash_: (body, now_ms) for each, now_ms in stamped for hash_, body in each.texts.items()}
        for hash_, (body, now_ms) in texts.items():
            recording.keep_snapshot(tx, hash_, body, now_ms)
        codes = choose_codes(tx, [_asked(each.placement) for each in accepted], stamped[0][1])
        recording.insert_orders(
            tx,
            [
                _new_order(each, *known[each.placement.nonce], code, now_ms)
                for (each, now_ms), code in zip(stamped, codes, strict=True)
            ],
        )
    return outcomes


def find_placed(tx: Transaction, nonces: Sequence[str]) -> list[Placed | Exception | None]:
    """Give the orders that review tokens have made, None for one that has made none."""
    known = store.find_nonces(tx.connection, nonces)
    return [Placed(*known[nonce], repeated=True) if nonce in known else None for nonce in nonces]


class _Counter:
    """What is left while the orders of one transaction are judged, one after the other."""

    def __init__(self, tx: Transaction, wanted: Sequence[Wanted]) -> None:
        self._tx = tx
        limited = [each for each in wanted if each.placement.campaign.limits.max_per_buyer is not None]
        self._refs: dict[str, list[str]] = {}
        for prefix, count in Counter(each.placement.campaign.prefix for each in wanted).items():
            self._refs[prefix] = _free_refs(tx, prefix, count)
        self._pools = {
            round_: recording.lock_round(tx, *round_, placing=True)
            for round_ in sorted({each.round for each in wanted})
        }
        recording.lock_buyers(tx, {(*each.round, each.phone_hmac) for each in limited})
        self._held: dict[tuple[tuple[str, int], str], int] = {}
        for round_ in {each.round for each in limited}:
            buyers = {each.phone_hmac for each in limited if each.round == round_}
            for phone_hmac, units in store.units_held(tx.connection, *round_, buyers).items():
                self._held[round_, phone_hmac] = units
        self._taken: dict[tuple[tuple[str, int], str], int] = {}

    def take(self, each: Wanted) -> None:
        """
        Count an order in.

        Raises:
            CatalogueBehind, BuyerLimit, SoldOut: nothing was counted.
        """
        pools, quotation = self._pools[each.round], each.placement.quotation
        if not each.newest and any(pool.revision > each.placement.revision for pool in pools.values()):
            raise CatalogueBehind(revision=each.placement.revision)
        most = each.placement.campaign.limits.max_per_buyer
        held = self._held.get((each.round, each.phone_hmac), 0)
        if most is not None and held + quotation.units > most:
            raise BuyerLimit(units=quotation.units, held=held, most=most)
        needed = {pool: units for pool, units in units_by_pool(quotation.lines).items() if pool in pools}
        for pool, units in needed.items():
            left = pools[pool].left - self._taken.get((each.round, pool), 0)
            if units > left:
                items = () if pool == WHOLE else items_in_pool(quotation.lines, pool)
                raise SoldOut(pool=pool, units=units, left=left, items=items)
        self._held[each.round, each.phone_hmac] = held + quotation.units
        for pool, units in needed.items():
            self._taken[each.round, pool] = self._taken.get((each.round, pool), 0) + units

    def reserve(self) -> None:
        """Take from the pools what was counted. The statement asks again whether it is there, as the last net."""
        recording.take_all(self._tx, {(*round_, pool): units for (round_, pool), units in sorted(self._taken.items())})

    def free_ref(self, prefix: str) -> str:
        """Give a ref that nobody has."""
        return self._refs[prefix].pop()


def _free_refs(tx: Transaction, prefix: str, count: int) -> list[str]:
    """Give as many refs that nobody has, made and looked up together."""
    choose = _Chance(count)
    free: set[str] = set()
    tries = 0
    while len(free) < count:
        # A short ref is only worth having while there are free ones.
        length = SHORTEST + max(0, tries - SHORT_ATTEMPTS + 1)
        made = {make_ref(prefix, choose, length) for _ in range(count - len(free))}
        free |= made - store.taken_refs(tx.connection, list(made))
        tries += 1
    return list(free)


class _Chance:
    """Picks characters as secrets.choice does, but asks the system for randomness once for many."""

    def __init__(self, refs: int) -> None:
        self._bytes = iter(secrets.token_bytes(16 * refs))

    def __call__(self, characters: str) -> str:
        # Numbers past the last whole turn would favour the first characters.
        end = 256 - 256 % len(characters)
        while True:
            for number in self._bytes:
                if number < end:
                    return characters[number % len(characters)]
            self._bytes = iter(secrets.token_bytes(256))


def status_token(secret_key: bytes, ref: str) -> str:
    """
    Give the secret of an order's status link: 128 bit, URL-safe.

    Derived from the ref, so that an order that a restore brings back from the sheet gets the link that its buyer has.
    """
    digest = hmac.new(secret_key, b"status:" + ref.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _asked(placement: Placement) -> Asked:
    # In a chat the seller has told the price herself.
    mode = placement.campaign.payment.unique_code if placement.source == "web" else UniqueCode.NONE
    return Asked(placement.quotation.due_now, mode)


def _new_order(wanted: Wanted, ref: str, token: str, code: int, now_ms: int) -> NewOrder:
    placement = wanted.placement
    quotation = placement.quotation
    kind = DueKind.DEPOSIT if quotation.deposit else DueKind.FULL
    return NewOrder(
        row=_order_row(placement, ref, token, wanted.snapshot[0], wanted.phone_hmac, now_ms),
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
            }
            for position, line in enumerate(quotation.lines, start=1)
        ],
        held=units_by_pool(quotation.lines),
        due={
            "kind": kind,
            "amount_rp": quotation.due_now - code,
            "unique_code": code,
            "pay_by_ms": to_ms(quotation.pay_by),
            "grace_until_ms": to_ms(quotation.grace_until),
            "created_at_ms": now_ms,
        },
        event={
            "at_ms": now_ms,
            "actor": Actor.BUYER if placement.source == "web" else Actor.SELLER,
            "event": "placed",
            "to_status": Status.AWAITING_PAYMENT,
        },
        discount=discount_of(kind, code, now_ms),
        consents=[
            {
                "purpose": consent.purpose,
                "given": 1,
                "text_hash": consent.hash,
                "at_ms": to_ms(placement.received_at),
                "actor": Actor.BUYER,
            }
            for consent in placement.consents
        ],
    )


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
    rounds = {
        (campaign.id, window.round): campaign
        for campaign in catalogue.campaigns
        for window in (campaign.schedule.window_at(now), campaign.schedule.next_window(now))
        if window is not None
    }
    for (_, round_), campaign in sorted(rounds.items(), key=lambda item: item[0]):
        recording.set_quotas(tx, campaign, round_, catalogue.revision)
