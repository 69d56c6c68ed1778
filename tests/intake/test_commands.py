"""The seller's edits: each is carried out once, or bounced with a reason; the table of transitions is the only way."""

from __future__ import annotations

import gettext
import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from intake import sentences
from intake.clock import expire_unpaid
from intake.commands import Cell, apply_edits
from intake.ledger import outbox
from intake.ledger.invariants import find_violations
from intake.ledger.store import StoredOrder
from intake.ledger.writer import Transaction
from preorder.campaign import WHOLE
from preorder.order import LineRequest
from preorder.payment import PaymentState
from preorder.status import HOLDING, Actor, Status, find_transition
from preorder.terms import PaymentTerms, Scheme
from preorder.wording import STATUS_LABELS
from tests.intake.conftest import Counter
from tests.makers import make_campaign, make_catalogue, make_request

LABELS = STATUS_LABELS["id"]


def edit(counter: Counter, ref: str, **cells: Cell) -> dict[str, Any] | None:
    """Make edits in one row, as a sheet would report them; give the bounce, or None."""
    with counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [ref])[ref]
    counter.writer.submit(lambda tx: apply_edits(tx, record, cells, dict(record.seen) | cells, counter.clock()))
    with counter.reader.begin() as connection:
        message = outbox.sheet_records(connection, [ref])[ref].message
    return json.loads(message) if message else None


def entries_of(counter: Counter, order: StoredOrder) -> list[tuple[str, int]]:
    """Give kind and amount of an order's entries."""
    with counter.reader.begin() as connection:
        found = connection.execute(
            text("SELECT kind, amount_rp FROM entries WHERE order_id=:order_id ORDER BY entry_id"),
            {"order_id": order.order_id},
        )
        return [(kind, amount) for kind, amount in found]


@pytest.fixture
def ref(counter: Counter) -> str:
    """An order of 130,000 and 18,000 shipping; deposit 65,000."""
    return counter.place().ref


@pytest.mark.parametrize("typed", ["DP diterima", "dp DITERIMA", "  DP   diterima ", "Deposit paid"])
def test_a_status_is_read_in_either_language_and_any_case(counter: Counter, ref: str, typed: str) -> None:
    """The deposit is recorded as exactly what was due."""
    assert edit(counter, ref, status=typed) is None
    order = counter.order(ref)
    assert order.status is Status.DEPOSIT_PAID
    assert entries_of(counter, order) == [("payment", 65_000)]
    assert order.money.state is PaymentState.DEPOSIT and order.money.due == 83_000


def test_the_whole_way_of_an_order(counter: Counter, ref: str) -> None:
    """Deposit, production after closing, ready, balance, a receipt number that ships it, received."""
    assert edit(counter, ref, status="DP diterima") is None
    bounce = edit(counter, ref, status="Diproduksi")
    assert bounce is not None and bounce["kind"] == "window_open"
    counter.clock.move(days=8)
    assert edit(counter, ref, status="Diproduksi") is None
    assert edit(counter, ref, status="Siap") is None
    bounce = edit(counter, ref, tracking="JP1234567890")
    assert bounce is not None and bounce["kind"] == "not_paid" and bounce["missing"] == 83_000
    assert counter.order(ref).tracking == "JP1234567890"
    assert edit(counter, ref, money_in=148_000) is None
    assert counter.order(ref).status is Status.READY
    assert edit(counter, ref, tracking="JP 0034567890") is None
    order = counter.order(ref)
    assert (order.status, order.tracking, order.courier) == (Status.SHIPPED, "JP0034567890", "JNE Reguler")
    assert edit(counter, ref, status="Selesai") is None
    assert counter.order(ref).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("typed", "received", "status"),
    [
        (65_000, 65_000, Status.DEPOSIT_PAID),
        (65_000.0, 65_000, Status.DEPOSIT_PAID),
        ("65.000", 65_000, Status.DEPOSIT_PAID),
        ("Rp 148.000", 148_000, Status.PAID),
        ("148rb", 148_000, Status.PAID),
        (200_000, 200_000, Status.PAID),
        (30_000, 30_000, Status.AWAITING_PAYMENT),
    ],
)
def test_money_in_is_the_sum_received(counter: Counter, ref: str, typed: Cell, received: int, status: Status) -> None:
    """The difference becomes an entry, and the status follows."""
    assert edit(counter, ref, money_in=typed) is None
    order = counter.order(ref)
    assert (order.received, order.status) == (received, status)


@pytest.mark.parametrize(
    ("typed", "kind", "suggestion"),
    [
        (150, "doubtful_amount", 150_000),
        ("65", "doubtful_amount", 65_000),
        (999, "doubtful_amount", 999_000),
        (1_480_000, "doubtful_amount", 148_000),
        ("150,000", "not_money", None),
        ("lunas", "not_money", None),
        (-5_000, "not_money", None),
        (65_000.5, "not_money", None),
        ("٦٥٠٠٠", "not_money", None),
        (10**12, "not_money", None),
        (float("inf"), "not_money", None),
        (float("nan"), "not_money", None),
        (None, "amount_missing", None),
        ("  ", "amount_missing", None),
    ],
)
def test_a_doubtful_amount_is_asked_about_and_not_booked(
    counter: Counter, ref: str, typed: Cell, kind: str, suggestion: int | None
) -> None:
    """Nothing is recorded, and the sentence says what to type."""
    bounce = edit(counter, ref, money_in=typed)
    assert bounce is not None and (bounce["kind"], bounce.get("suggestion")) == (kind, suggestion)
    assert entries_of(counter, counter.order(ref)) == []
    text = sentences.explain(json.dumps(bounce), gettext.NullTranslations(), "en", "WIB")
    assert "%(" not in text and text


def test_undo_takes_back_what_it_booked(counter: Counter, ref: str) -> None:
    """A status set back to the one before reverses its entries by counter-entries; then the one before that."""
    assert edit(counter, ref, status="DP diterima") is None
    assert edit(counter, ref, status="Lunas") is None
    assert edit(counter, ref, status="DP diterima") is None
    order = counter.order(ref)
    assert (order.status, order.received) == (Status.DEPOSIT_PAID, 65_000)
    assert entries_of(counter, order) == [("payment", 65_000), ("payment", 83_000), ("reversal", -83_000)]
    assert edit(counter, ref, status="Menunggu pembayaran") is None
    order = counter.order(ref)
    assert (order.status, order.received, order.money.state) == (Status.AWAITING_PAYMENT, 0, PaymentState.UNPAID)


def test_a_cancelled_order_gives_its_units_back_and_undo_takes_them_again(counter: Counter, ref: str) -> None:
    """Cancelling releases and makes all money due back; undoing needs the units to be there still."""
    assert edit(counter, ref, money_in=65_000) is None
    assert edit(counter, ref, status="Batal (penjual)") is None
    order = counter.order(ref)
    assert counter.sold() == {WHOLE: 0, "nastar/250g": 0}
    assert (order.money.state, order.money.refund_due, order.money.due) == (PaymentState.REFUND_DUE, 65_000, 0)
    assert edit(counter, ref, status="DP diterima") is None
    assert counter.sold()[WHOLE] == 2
    assert edit(counter, ref, status="Batal (penjual)") is None
    assert edit(counter, ref, money_in=0) is None
    order = counter.order(ref)
    assert order.money.state is PaymentState.REFUNDED
    assert entries_of(counter, order) == [("payment", 65_000), ("refund", -65_000)]


def test_undoing_a_cancellation_never_oversells(counter: Counter) -> None:
    """If somebody else has bought the units meanwhile, it bounces and nothing moves."""
    campaign = make_campaign(pools={WHOLE: 2, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(campaign)
    first = counter.place(make_request(campaign)).ref
    assert edit(counter, first, status="Batal (penjual)") is None
    counter.place(make_request(campaign))
    bounce = edit(counter, first, status="Menunggu pembayaran")
    assert bounce is not None and (bounce["kind"], bounce["left"]) == ("units_gone", 0)
    assert counter.order(first).status is Status.CANCELLED_BY_SELLER
    assert counter.sold() == {WHOLE: 2, "nastar/250g": 2}


def test_an_expired_order_lives_again_with_late_money(counter: Counter, ref: str) -> None:
    """Deadline and grace pass, the units go; money that comes late takes them again if they are there."""
    counter.clock.move(hours=37)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 0
    assert (counter.order(ref).status, counter.sold()[WHOLE]) == (Status.EXPIRED, 0)
    assert edit(counter, ref, money_in=65_000) is None
    assert (counter.order(ref).status, counter.sold()[WHOLE]) == (Status.DEPOSIT_PAID, 2)


def test_late_money_without_units_is_booked_and_due_back(counter: Counter) -> None:
    """The money is never lost; the seller is told."""
    campaign = make_campaign(pools={WHOLE: 2, "nastar/250g": 40})
    counter.catalogue.catalogue = make_catalogue(campaign)
    late = counter.place(make_request(campaign)).ref
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    counter.place(make_request(campaign))
    bounce = edit(counter, late, money_in=65_000)
    order = counter.order(late)
    assert bounce is not None and bounce["kind"] == "late_money_units_gone"
    assert (order.status, order.received, order.money.refund_due) == (Status.EXPIRED, 65_000, 65_000)
    assert counter.sold()[WHOLE] == 2


def test_an_expired_order_can_be_given_time_again(counter: Counter, ref: str) -> None:
    """Setting the status back gives a fresh deadline, or the clock would take it away at once."""
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    assert edit(counter, ref, status="Menunggu pembayaran") is None
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 0
    assert counter.order(ref).status is Status.AWAITING_PAYMENT


@pytest.mark.parametrize("before_expiry", ["claim", "money"])
def test_the_clock_leaves_claims_and_money_alone(counter: Counter, ref: str, before_expiry: str) -> None:
    """Only an order with nothing received and no claim expires."""
    if before_expiry == "claim":
        counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    else:
        assert edit(counter, ref, money_in=30_000) is None
    counter.clock.move(days=30)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 0
    assert counter.sold()[WHOLE] == 2


def test_a_claim_is_rejected_only_with_a_reason(counter: Counter, ref: str) -> None:
    """The buyer gets her time again, never less than before."""
    counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    bounce = edit(counter, ref, status="Menunggu pembayaran")
    assert bounce is not None and bounce["kind"] == "reason_missing"
    counter.clock.move(hours=48)
    assert edit(counter, ref, status="Menunggu pembayaran", seller_note="Belum masuk di mutasi") is None
    order = counter.order(ref)
    assert order.claimed_at is None and order.pay_by is not None and order.pay_by > counter.clock()


def test_undoing_a_rejection_brings_the_claim_back(counter: Counter, ref: str) -> None:
    """The claim stands again with the time at which the buyer made it."""
    counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    claimed_at = counter.order(ref).claimed_at
    counter.clock.move(hours=2)
    assert edit(counter, ref, status="Menunggu pembayaran", seller_note="Belum masuk di mutasi") is None
    assert edit(counter, ref, status="Menunggu verifikasi") is None
    order = counter.order(ref)
    assert order.status is Status.PAYMENT_CLAIMED and order.claimed_at == claimed_at is not None


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"status": "Beres"}, "unknown_status"),
        ({"status": None}, "unknown_status"),
        ({"status": 7}, "unknown_status"),
        ({"status": "Dikirim"}, "not_allowed"),
        ({"status": "Batal (pembeli)"}, "not_allowed"),
        ({"status": "Kedaluwarsa"}, "not_allowed"),
        ({"shipping": "murah"}, "not_money"),
        ({"shipping": 18_000_000}, "doubtful_amount"),
        ({"shipping": None}, "amount_missing"),
        ({"shipping": 18}, "doubtful_amount"),
        ({"tracking": "resi?"}, "bad_tracking"),
        ({"tracking": "resi JP123"}, "bad_tracking"),
        ({"tracking": "sudah saya kirim kemarin 12345678"}, "bad_tracking"),
        ({"tracking": "JP12345678 dan JP87654321"}, "bad_tracking"),
        ({"tracking": 1234567890123456789.0}, "tracking_digits"),
        ({"status": "Lunas?"}, "unknown_status"),
        ({"status": "sudah bayar"}, "unknown_status"),
        ({"status": "#REF!"}, "error_value"),
        ({"status": "=A1"}, "error_value"),
        ({"money_in": "#N/A"}, "error_value"),
        ({"shipping": "#VALUE!"}, "error_value"),
        ({"courier": "#NAME?"}, "error_value"),
        ({"seller_note": "Err:502"}, "error_value"),
        ({"tracking": "#DIV/0!"}, "error_value"),
        ({"tracking": "12"}, "bad_tracking"),
        ({"courier": "x" * 61}, "too_long"),
        ({"seller_note": "a\u202eb"}, "bad_characters"),
        ({"tracking": float("inf")}, "bad_tracking"),
        ({"status": "x" * 32_700}, "unknown_status"),
    ],
)
def test_what_can_not_be_done_bounces_and_changes_nothing(
    counter: Counter, ref: str, cells: dict[str, Cell], kind: str
) -> None:
    """The order stands as before; the row is written again, with a sentence that says what to do."""
    before = counter.order(ref)
    bounce = edit(counter, ref, **cells)
    assert bounce is not None and bounce["kind"] == kind
    assert counter.order(ref) == before
    with counter.reader.begin() as connection:
        assert [record.ref for record in outbox.pending_rows(connection, 10)] == [ref]
    text = sentences.explain(json.dumps(bounce), gettext.NullTranslations(), "id", "WIB")
    assert text and "%(" not in text


def test_one_bounce_does_not_undo_the_other_edits(counter: Counter, ref: str) -> None:
    """Money and note are taken although the status can't be set."""
    bounce = edit(counter, ref, money_in=65_000, seller_note="ok", status="Dikirim")
    order = counter.order(ref)
    assert bounce is not None and bounce["kind"] == "not_allowed"
    assert (order.received, order.seller_note, order.status) == (65_000, "ok", Status.DEPOSIT_PAID)


def test_money_and_the_status_that_says_the_same_agree(counter: Counter, ref: str) -> None:
    """65,000 typed together with "deposit received" is 65,000, not twice."""
    assert edit(counter, ref, money_in=65_000, status="DP diterima") is None
    assert counter.order(ref).received == 65_000


def test_shipping_settled_later_is_needed_before_paid(counter: Counter) -> None:
    """An order whose fee is not known can't be paid in full; the fee is part of what is due."""
    request = make_request(None, LineRequest("nastar", "250g", 1, {}))
    ref = counter.place(type(request)(request.campaign_id, request.lines, "kargo", request.buyer)).ref
    bounce = edit(counter, ref, status="Lunas")
    assert bounce is not None and bounce["kind"] == "shipping_unknown"
    assert edit(counter, ref, shipping=25_000) is None
    assert edit(counter, ref, status="Lunas") is None
    assert entries_of(counter, counter.order(ref)) == [("payment", 90_000)]


def test_full_payment_has_no_deposit(counter: Counter) -> None:
    """Where all is due at once, "deposit received" bounces."""
    campaign = make_campaign(payment=PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL))
    counter.catalogue.catalogue = make_catalogue(campaign)
    ref = counter.place(make_request(campaign)).ref
    bounce = edit(counter, ref, status="DP diterima")
    assert bounce is not None and bounce["kind"] == "no_deposit"
    assert counter.order(ref).money.due == 148_000


def test_a_typed_receipt_number_that_became_a_number_keeps_its_digits(counter: Counter, ref: str) -> None:
    """Spreadsheets turn digits into numbers; 1.2e11 is not what she typed."""
    assert edit(counter, ref, tracking=120000345678.0) is None
    assert counter.order(ref).tracking == "120000345678"


def test_lowering_the_money_is_a_correction(counter: Counter, ref: str) -> None:
    """A sum typed too high is put right; the status goes back with it."""
    assert edit(counter, ref, money_in=148_000) is None
    assert counter.order(ref).status is Status.PAID
    assert edit(counter, ref, money_in=65_000) is None
    assert counter.order(ref).status is Status.DEPOSIT_PAID
    assert edit(counter, ref, money_in=0) is None
    order = counter.order(ref)
    assert (order.status, order.received) == (Status.AWAITING_PAYMENT, 0)


@pytest.mark.parametrize("source", list(Status))
def test_no_status_is_reached_past_the_table(counter: Counter, source: Status) -> None:
    """
    From any state to any other: either the table has a row for the seller, or it bounces; and the units are right in
    both cases.
    """
    for target in Status:
        ref = counter.place().ref
        counter.writer.submit(partial(_put, ref=ref, status=source))
        held_before = counter.sold()[WHOLE]
        edit(counter, ref, status=LABELS[target])
        reached = counter.order(ref).status
        allowed = find_transition(source, target, Actor.SELLER) is not None
        assert reached is source or (allowed and reached is target), f"{source} to {target} gave {reached}"
        change = 2 * (int(reached in HOLDING) - int(source in HOLDING))
        assert counter.sold()[WHOLE] == held_before + change


def _put(tx: Transaction, ref: str, status: Status) -> None:
    """Put an order into a state without any of the steps that lead there."""
    tx.execute(text("UPDATE orders SET status=:status WHERE ref=:ref"), {"status": str(status), "ref": ref})
    if status not in HOLDING:
        tx.connection.exec_driver_sql("UPDATE pools SET sold=sold-2")


@pytest.mark.parametrize(
    ("steps", "status", "received", "bounced"),
    [
        # The deposit went back to the buyer; calling the cancellation off makes an order that waits for payment.
        (
            [("status", "DP diterima"), ("status", "Batal (penjual)"), ("money_in", 0), ("status", "DP diterima")],
            Status.AWAITING_PAYMENT,
            0,
            None,
        ),
        (
            [("status", "Lunas"), ("status", "Batal (penjual)"), ("money_in", 0), ("status", "Lunas")],
            Status.AWAITING_PAYMENT,
            0,
            None,
        ),
        # The cancellation is called off with the money still here.
        (
            [("status", "Lunas"), ("status", "Batal (penjual)"), ("status", "Lunas")],
            Status.PAID,
            148_000,
            None,
        ),
        # Part of a deposit was put right: taking the deposit back would book back more than is there.
        (
            [("status", "DP diterima"), ("money_in", 150_000), ("money_in", 20_000), ("status", "DP diterima")],
            Status.DEPOSIT_PAID,
            65_000,
            None,
        ),
    ],
)
def test_an_undo_never_books_back_what_is_not_there(
    counter: Counter, ref: str, steps: list[tuple[str, Cell]], status: Status, received: int, bounced: str | None
) -> None:
    """What was received is never negative, and a status never says more than the money does."""
    bounce = None
    for column, value in steps:
        bounce = edit(counter, ref, **{column: value})
        order = counter.order(ref)
        assert order.received >= 0
        assert order.status is not Status.PAID or order.money.settled
    assert (counter.order(ref).status, counter.order(ref).received) == (status, received)
    assert (bounce or {}).get("kind") == bounced


@pytest.mark.parametrize(
    ("before", "typed", "status"),
    [
        ("Menunggu pembayaran", 148_000, Status.PAID),
        ("Menunggu pembayaran", 200_000, Status.PAID),
        ("Menunggu pembayaran", 65_000, Status.DEPOSIT_PAID),
        ("Menunggu pembayaran", 30_000, Status.AWAITING_PAYMENT),
        ("DP diterima", 148_000, Status.PAID),
        ("DP diterima", 0, Status.AWAITING_PAYMENT),
    ],
)
def test_an_order_that_was_paid_while_it_was_off_lives_again_as_paid(
    counter: Counter, ref: str, before: str, typed: int, status: Status
) -> None:
    """Cancelled, its money typed, and the cancellation taken back: nobody waits for what is there."""
    edit(counter, ref, status=before)
    assert edit(counter, ref, status="Dibatalkan penjual") is None
    assert edit(counter, ref, money_in=typed) is None
    assert edit(counter, ref, status=before) is None
    order = counter.order(ref)
    assert (order.status, order.received) == (status, typed)
    assert bool(order.open_due) == (status is not Status.PAID)
    with counter.reader.begin() as connection:
        assert find_violations(connection) == []


def test_production_is_not_undone_into_a_deposit_that_is_not_there(counter: Counter, ref: str) -> None:
    """After the sum was put right below the deposit, going back says what is missing."""
    edit(counter, ref, status="DP diterima")
    counter.clock.move(days=8)
    assert edit(counter, ref, status="Diproduksi") is None
    assert edit(counter, ref, money_in=30_000) is None
    bounce = edit(counter, ref, status="DP diterima")
    order = counter.order(ref)
    assert bounce is not None and (bounce["kind"], bounce["missing"]) == ("not_paid", 35_000)
    assert (order.status, order.received) == (Status.IN_PRODUCTION, 30_000)


def test_the_history_holds_nobodys_words(counter: Counter, ref: str) -> None:
    """A rejected claim's reason stays in the seller's note, which can be erased; entries and events can't."""
    counter.desk.claim_payment(counter.order(ref).token, counter.clock())
    assert (
        edit(counter, ref, status="Menunggu pembayaran", seller_note="Siti Contoh, 0812-0000-9999: belum masuk") is None
    )
    with counter.reader.begin() as connection:
        told = connection.exec_driver_sql("SELECT reason, data FROM events").all()
    assert "Siti" not in str(told) and "9999" not in str(told)


def test_a_shipping_fee_that_comes_last_completes_the_payment(counter: Counter) -> None:
    """The status follows the total: what was received is all of it now, or no longer."""
    request = make_request(None, LineRequest("nastar", "250g", 2, {}))
    ref = counter.place(type(request)(request.campaign_id, request.lines, "kargo", request.buyer)).ref
    assert edit(counter, ref, money_in=150_000) is None
    assert counter.order(ref).status is Status.DEPOSIT_PAID
    assert edit(counter, ref, shipping=20_000) is None
    assert counter.order(ref).status is Status.PAID
    assert edit(counter, ref, shipping=40_000) is None
    order = counter.order(ref)
    assert (order.status, order.money.due) == (Status.DEPOSIT_PAID, 20_000)


def test_late_money_revives_an_order_whose_shipping_is_not_settled(counter: Counter) -> None:
    """All that is known was paid: it lives like any order that waits for its fee, and nobody reads "Rp0 is missing"."""
    campaign = make_campaign(payment=PaymentTerms(Scheme.FULL, 0, 1_000, 24, 12, Scheme.FULL))
    counter.catalogue.catalogue = make_catalogue(campaign)
    request = make_request(campaign)
    ref = counter.place(type(request)(request.campaign_id, request.lines, "kargo", request.buyer)).ref
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    assert edit(counter, ref, money_in=130_000) is None
    assert (counter.order(ref).status, counter.sold()[WHOLE]) == (Status.AWAITING_PAYMENT, 2)
    with counter.reader.begin() as connection:
        assert find_violations(connection) == []
    assert edit(counter, ref, shipping=20_000) is None
    assert edit(counter, ref, money_in=150_000) is None
    assert counter.order(ref).status is Status.PAID
