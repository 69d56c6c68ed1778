"""
Any life of a shop: whatever buyers, seller, clock, catalogue and restarts do in whatever order, the ledger stays right.

After every step nothing in the ledger contradicts itself, no pool holds more than was there when it was ordered from, and
a model in plain Python, which knows the rules and nothing of tables, has the same statuses, sums and counters.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import select

from intake.clock import expire_unpaid, free_amounts
from intake.commands import apply_edits
from intake.desk import NotClaimable
from intake.ledger import outbox
from intake.ledger.invariants import find_violations
from intake.ledger.schema import orders, pools
from intake.ledger.store import StoredOrder, orders_by_ids
from intake.placing import publish_quotas
from preorder.campaign import WHOLE, Campaign
from preorder.order import BuyerLimit, LineRequest, SoldOut
from preorder.product import Limits
from preorder.status import HOLDING, PAYING, Actor, Status, find_transition
from preorder.terms import PaymentTerms, Scheme, UniqueCode
from preorder.wording import STATUS_LABELS
from tests.conftest import DATABASES
from tests.databases import PostgresServer, sqlite_ledger
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.counters import open_counter
from tests.makers import NOW, make_campaign, make_catalogue, make_request, make_schedule

SMALL = "nastar/250g"
MOST_PER_BUYER = 6
PRICES = {"250g": 65_000, "500g": 120_000}
FEE = 18_000
LABELS = STATUS_LABELS["id"]
# Far enough that the window is open in every life, near enough that some reach its end.
CLOSES = timedelta(days=20)


@dataclass
class Known:
    """
    What the model knows of an order.

    Attributes:
        units: pool -> units that it holds while its status does.
        booked: what each standing move has booked, oldest first: (status before, status after, rupiah).
        off_deposit, off_total: what its unique codes take off, as the ledger said last; that they are right is asked
            of the ledger itself, after every step.
    """

    ref: str
    buyer: int
    nonce: str
    cart: tuple[tuple[str, int], ...]
    units: dict[str, int]
    goods: int
    deposit: int
    grace_until: datetime
    status: Status = Status.AWAITING_PAYMENT
    received: int = 0
    booked: list[tuple[Status, Status, int]] = field(default_factory=list)
    off_deposit: int = 0
    off_total: int = 0

    @property
    def total(self) -> int:
        return self.goods + FEE

    @property
    def holds(self) -> bool:
        return self.status in HOLDING

    def after_money(self, received: int) -> Status:
        """Where money that is there leads, for an order that waits for it or has been paid for."""
        if not self.missing(Status.PAID, received):
            return Status.PAID
        short = not self.deposit or self.missing(Status.DEPOSIT_PAID, received)
        return Status.AWAITING_PAYMENT if short else Status.DEPOSIT_PAID

    def missing(self, target: Status, received: int) -> int:
        """What has to come in for a status; the price is always enough, with a code or without."""
        needed, off = (self.total, self.off_total) if target is Status.PAID else (self.deposit, self.off_deposit)
        return 0 if received >= min(needed, needed - off) else needed - off - received


class Life(RuleBasedStateMachine):
    """One shop, from its first order on."""

    make_url: ClassVar[Callable[[Path], str]]
    drop: ClassVar[Callable[[str], None]]
    # How many are lived, as far as time allows.
    lives: ClassVar[int]

    refs: Bundle[str] = Bundle("refs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="etalase-life-"))
        self.url = self.make_url(self.folder)
        self.clock = Clock()
        self.catalogue = FixedCatalogue()
        self.revision = 0
        self.quotas: dict[str, int] = {}
        # Pools that the ledger has a row for; one that is no longer published keeps its own.
        self.rows: dict[str, int] = {}
        self.known: dict[str, Known] = {}
        self.rejected = 0
        self.nonces = 0
        self._opened = contextlib.ExitStack()
        self.counter: Counter = self._open()
        self.publish({WHOLE: 12, SMALL: 6}, deposit=True, code=UniqueCode.DEDUCT)

    def _open(self) -> Counter:
        return self._opened.enter_context(open_counter(self.url, self.folder / "data", self.clock, self.catalogue))

    def teardown(self) -> None:
        self._opened.close()
        self.drop(self.url)
        shutil.rmtree(self.folder)

    # The model's part.

    def sold(self, pool: str) -> int:
        return sum(known.units.get(pool, 0) for known in self.known.values() if known.holds)

    def fits(self, units: dict[str, int]) -> bool:
        return all(self.sold(pool) + taken <= self.rows[pool] for pool, taken in units.items() if pool in self.rows)

    def publish(self, quotas: dict[str, int], *, deposit: bool, code: UniqueCode) -> None:
        self.revision += 1
        scheme = Scheme.DEPOSIT if deposit else Scheme.FULL
        payment = PaymentTerms(
            scheme, 50 if deposit else 0, 1_000, 24, 12, Scheme.DEPOSIT, unique_code=code,
            balance_days=3 if deposit else None,
        )  # fmt: skip
        campaign = make_campaign(
            pools=quotas,
            products=tuple(_drawing(product, quotas) for product in make_campaign().products),
            payment=payment,
            limits=Limits(max_per_buyer=MOST_PER_BUYER),
            schedule=make_schedule(closes_in=CLOSES),
        )
        self.quotas = quotas
        self.catalogue.catalogue = make_catalogue(campaign, revision=self.revision)
        now, catalogue = self.clock(), self.catalogue.catalogue
        self.counter.writer.submit(lambda tx: publish_quotas(tx, catalogue, now))
        if now >= NOW + CLOSES:
            # Over: the counters stay as they were.
            return
        self.rows |= quotas
        # Who has ordered what a pool is made of holds it from the moment that the pool is there.
        for known in self.known.values():
            for pool in quotas:
                if pool not in known.units and (units := _units(known.cart, pool)):
                    known.units[pool] = units

    @property
    def campaign(self) -> Campaign:
        return self.catalogue.catalogue.campaigns[0]

    # What buyers do.

    @rule(
        target=refs,
        buyer=st.integers(0, 3),
        small=st.integers(0, 3),
        large=st.integers(0, 3),
        again=st.booleans(),
    )
    def place(self, buyer: int, small: int, large: int, again: bool) -> Any:
        """Order; or press the button once more."""
        cart = tuple((variant, qty) for variant, qty in (("250g", small), ("500g", large)) if qty)
        if not cart or self.clock() >= NOW + CLOSES:
            return multiple()
        self.nonces += 1
        nonce = f"nonce-{self.nonces}"
        lines = [LineRequest("nastar", variant, qty, {}) for variant, qty in cart]
        request = make_request(self.campaign, *lines, phone=f"+62812000000{buyer:02}")
        placement = self.counter.placement(request, self.campaign, nonce)
        goods = sum(PRICES[variant] * qty for variant, qty in cart)
        units = {pool: taken for pool in self.quotas if (taken := _units(cart, pool))}
        held = sum(
            sum(qty for _, qty in known.cart) for known in self.known.values() if known.buyer == buyer and known.holds
        )
        over = held + small + large > MOST_PER_BUYER
        if over or not self.fits(units):
            with pytest.raises(BuyerLimit if over else SoldOut):
                self.counter.desk.place(placement)
            return multiple()
        placed = self.counter.desk.place(placement)
        assert not placed.repeated
        deposit = -(-goods // 2 // 1_000) * 1_000 if self.campaign.payment.scheme is Scheme.DEPOSIT else 0
        grace_until = self.clock() + timedelta(hours=36)
        self.known[placed.ref] = Known(placed.ref, buyer, nonce, cart, units, goods, deposit, grace_until)
        if again:
            repeated = self.counter.desk.place(placement)
            assert (repeated.ref, repeated.token, repeated.repeated) == (placed.ref, placed.token, True)
        return placed.ref

    @rule(ref=refs)
    def press_again_much_later(self, ref: str) -> None:
        """A reload of the last page, whatever became of the order and the quota since, leads to the order."""
        known = self.known[ref]
        if self.clock() >= NOW + CLOSES:
            return
        request = make_request(self.campaign, phone=f"+62812000000{known.buyer:02}")
        assert self.counter.desk.place(self.counter.placement(request, self.campaign, known.nonce)).ref == ref

    @rule(ref=refs)
    def claim(self, ref: str) -> None:
        """Say "sudah transfer"."""
        known, desk = self.known[ref], self.counter.desk
        token = self.counter.order(ref).token
        if known.status in PAYING:
            desk.claim_payment(token, self.clock())
            if known.status is Status.AWAITING_PAYMENT:
                self._moved(known, Status.PAYMENT_CLAIMED, 0)
        else:
            with pytest.raises(NotClaimable):
                desk.claim_payment(token, self.clock())

    # What the seller does.

    @rule(ref=refs, part=st.sampled_from(["nothing", "little", "deposit", "asked", "total", "more"]))
    def type_money(self, ref: str, part: str) -> None:
        """Type what has come in altogether."""
        known = self.known[ref]
        order = self._look_up_codes(known, promised=True)
        total = {
            "nothing": 0, "little": known.goods // 4, "deposit": known.deposit or known.goods,
            # What the page says, or said before the order lapsed.
            "asked": known.received + (order.open_due or order.dues[0]).amount,
            "total": known.total, "more": known.total + 50_000,
        }[part]  # fmt: skip
        if part == "asked" and known.status not in PAYING | {Status.DEPOSIT_PAID, Status.EXPIRED}:
            return
        difference = total - known.received
        bounce = self._edit(ref, money_in=total)
        if difference == 0:
            assert bounce is None
            return
        if known.status not in HOLDING and difference < 0 and total:
            # Of an order that is over, all goes back; some of it is asked about.
            assert bounce == "doubtful_refund"
            return
        known.received = total
        if known.status is Status.EXPIRED and difference > 0:
            target = known.after_money(total)
            if target is Status.AWAITING_PAYMENT:
                assert bounce == "late_money_short"
            elif not self.fits(known.units):
                assert bounce == "late_money_units_gone"
            else:
                assert bounce is None
                self._moved(known, target, difference)
            return
        assert bounce is None
        target = known.status
        if (difference > 0 and target in PAYING | {Status.DEPOSIT_PAID}) or (
            difference < 0 and target in {Status.DEPOSIT_PAID, Status.PAID}
        ):
            reached = known.after_money(total)
            if reached is not Status.AWAITING_PAYMENT or difference < 0:
                target = reached
        if target is not known.status:
            self._moved(known, target, difference)

    @rule(
        ref=refs,
        wanted=st.sampled_from([Status.DEPOSIT_PAID, Status.PAID, Status.CANCELLED_BY_SELLER, Status.IN_PRODUCTION]),
    )
    def set_status(self, ref: str, wanted: Status) -> None:
        """Set a status, as the table of transitions allows it."""
        known = self.known[ref]
        if wanted is known.status:
            return
        allowed = find_transition(known.status, wanted, Actor.SELLER)
        if allowed is None:
            if known.booked and known.booked[-1][0] is wanted:
                self._undo(known)
            else:
                assert self._edit(ref, status=LABELS[wanted]) in {"not_allowed", "use_money_in"}
            return
        self._look_up_codes(known, promised=True)
        refused = self._why_not(known, wanted)
        bounce = self._edit(ref, status=LABELS[wanted])
        assert bounce == refused
        if bounce is None:
            due = known.missing(wanted, known.received) if wanted in {Status.DEPOSIT_PAID, Status.PAID} else 0
            known.received += due
            self._moved(known, wanted, due)

    def _why_not(self, known: Known, target: Status) -> str | None:
        if target is Status.DEPOSIT_PAID and not known.deposit:
            return "no_deposit"
        if target is Status.IN_PRODUCTION and self.clock() < NOW + CLOSES:
            return "window_open"
        return "units_gone" if target in HOLDING and not known.holds and not self.fits(known.units) else None

    @rule(ref=refs)
    def reject_claim(self, ref: str) -> None:
        """Say why a claim is not true; its buyer gets her time again."""
        known = self.known[ref]
        if known.status is Status.PAYMENT_CLAIMED:
            # The same words once more would be no edit, and so no reason.
            self.rejected += 1
            note = f"Belum masuk ({self.rejected})"
            assert self._edit(ref, seller_note=note, status=LABELS[Status.AWAITING_PAYMENT]) is None
            self._moved(known, Status.AWAITING_PAYMENT, 0)

    @rule(ref=refs)
    def undo(self, ref: str) -> None:
        """Set the status back to the one before."""
        known = self.known[ref]
        if known.booked and find_transition(known.status, known.booked[-1][0], Actor.SELLER) is None:
            self._undo(known)

    def _undo(self, known: Known) -> None:
        before, _, booked = known.booked[-1]
        self._look_up_codes(known, promised=False)
        bounce = self._edit(known.ref, status=LABELS[before])
        if before is known.status:
            # An earlier undo has led somewhere else than to where this move went.
            assert bounce is None
            return
        received = known.received - booked
        target = before
        if received < 0:
            assert bounce == "undo_money"
            return
        if not known.holds and before in PAYING | {Status.DEPOSIT_PAID}:
            # Paid while it was off: it lives again as what it is.
            reached = known.after_money(received)
            target = before if reached is Status.AWAITING_PAYMENT else reached
        carries = before not in HOLDING or before in PAYING
        if not carries and known.missing(before if known.deposit else Status.PAID, received):
            if known.status is not Status.CANCELLED_BY_SELLER or before is Status.IN_PRODUCTION:
                assert bounce == "not_paid"
                return
            target = known.after_money(received)
        if target in HOLDING and not known.holds and not self.fits(known.units):
            assert bounce == "units_gone"
            return
        assert bounce is None
        known.received = received
        known.status = target
        known.booked.pop()
        self._note_deadline(known)

    @rule(
        whole=st.integers(0, 16),
        small=st.one_of(st.none(), st.integers(0, 8)),
        deposit=st.booleans(),
        unlimited=st.booleans(),
        code=st.sampled_from(UniqueCode),
    )
    def build_again(self, whole: int, small: int | None, deposit: bool, unlimited: bool, code: UniqueCode) -> None:
        """Publish other quotas: more, less than is sold, without a pool, or with one that comes back."""
        quotas = {} if unlimited else {WHOLE: whole}
        self.publish(quotas | ({} if small is None else {SMALL: small}), deposit=deposit, code=code)

    # What else happens.

    @rule(hours=st.sampled_from([1, 12, 25, 37, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        """Time passes, and the clock does what is due."""
        self.clock.move(hours=hours)
        due = [
            known
            for known in self.known.values()
            if known.status is Status.AWAITING_PAYMENT and known.received == 0 and known.grace_until <= self.clock()
        ]
        assert expire_unpaid(self.counter.writer, self.counter.reader, self.clock()) == len(due)
        free_amounts(self.counter.writer, self.counter.reader, self.clock())
        for known in due:
            self._moved(known, Status.EXPIRED, 0)

    @rule()
    def restart(self) -> None:
        """The shop ends and starts again."""
        self._opened.close()
        self.counter = self._open()
        self.counter._nonces = self.nonces

    def _moved(self, known: Known, target: Status, booked: int) -> None:
        known.booked.append((known.status, target, booked))
        known.status = target
        if target is Status.AWAITING_PAYMENT:
            self._note_deadline(known)

    def _note_deadline(self, known: Known) -> None:
        if known.status is Status.AWAITING_PAYMENT:
            known.grace_until = max(known.grace_until, self.clock() + timedelta(hours=36))

    def _look_up_codes(self, known: Known, *, promised: bool) -> StoredOrder:
        order = self.counter.order(known.ref)
        money = order.money_once_promised if promised else order.money
        known.off_deposit, known.off_total = money.deposit_discount, money.discount
        return order

    def _edit(self, ref: str, **cells: Any) -> str | None:
        """Type into a row; give the kind of the bounce, or None."""
        with self.counter.reader.begin() as connection:
            record = outbox.sheet_records(connection, [ref])[ref]
        now = self.clock()
        self.counter.writer.submit(lambda tx: apply_edits(tx, record, cells, dict(record.seen) | cells, now))
        with self.counter.reader.begin() as connection:
            message = outbox.sheet_records(connection, [ref])[ref].message
        return str(json.loads(message)["kind"]) if message else None

    @invariant()
    def nothing_contradicts(self) -> None:
        """The ledger agrees with itself, and with the model."""
        with self.counter.reader.begin() as connection:
            assert [str(violation) for violation in find_violations(connection)] == []
            ids = list(connection.execute(select(orders.c.order_id)).scalars())
            found = orders_by_ids(connection, ids).values()
            rows = {row.pool_id: (row.sold, row.quota) for row in connection.execute(select(pools))}
        assert all(order.claimed_at or order.status is not Status.PAYMENT_CLAIMED for order in found)
        stored = {order.ref: (order.status, order.received) for order in found}
        coded = [due.amount for order in found for due in order.dues if due.is_open and due.code]
        assert len(coded) == len(set(coded))
        # Small as these shops are, every amount can be made unlike all others.
        assert not any(order.shares_amount for order in found)
        assert stored == {ref: (known.status, known.received) for ref, known in self.known.items()}
        assert rows == {pool: (self.sold(pool), quota) for pool, quota in self.rows.items()}


def _units(cart: tuple[tuple[str, int], ...], pool: str) -> int:
    return sum(qty for variant, qty in cart if pool == WHOLE or variant == "250g")


def _drawing(product: Any, quotas: dict[str, int]) -> Any:
    """Give a product whose variants draw from the published pools only, as the generator has it."""
    variants = tuple(
        dataclasses.replace(variant, pools=tuple(pool for pool in variant.pools if pool in quotas))
        for variant in product.variants
    )
    return dataclasses.replace(product, variants=variants)


@pytest.fixture(params=DATABASES)
def any_life(request: pytest.FixtureRequest, tmp_path: Path) -> type[Life]:
    """The machine on a fresh ledger of its own for each life; of each kind in turn."""
    if request.param == "sqlite":
        template = tmp_path / "template.sqlite3"
        sqlite_ledger(template)

        def make_url(folder: Path) -> str:
            shutil.copy(template, folder / "etalase.sqlite3")
            return f"sqlite:///{folder / 'etalase.sqlite3'}"

        def drop(url: str) -> None:
            """Its folder goes as a whole."""
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name: str = request.getfixturevalue("postgres_template")

        def make_url(folder: Path) -> str:
            return server.lend(name)

        drop = server.take_back

    lives = 6 if request.param == "sqlite" else 3
    return type("AnyLife", (Life,), {"make_url": staticmethod(make_url), "drop": staticmethod(drop), "lives": lives})


@pytest.mark.timeout(3600)
def test_a_ledger_stays_right_in_any_life(any_life: type[Life]) -> None:
    """Place, pay, claim, cancel, undo, expire, revive, change quotas, restart: in any order, on both databases."""
    thorough = settings.default is not None and settings.default.max_examples > 1_000
    bounds = settings(
        max_examples=any_life.lives * 20 if thorough else any_life.lives,
        stateful_step_count=60 if thorough else 25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # Making a failing life shorter takes minutes; it is printed as it was.
        phases=[Phase.reuse, Phase.generate],
    )
    run_state_machine_as_test(any_life, settings=bounds)
