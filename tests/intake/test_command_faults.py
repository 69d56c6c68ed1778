"""Commands that contradict each other, or are probably mistyped: asked about, and nothing booked meanwhile."""

from __future__ import annotations

import gettext
import json
from typing import Any

import pytest

from intake import sentences
from intake.clock import expire_unpaid
from intake.commands import Cell
from preorder.order import LineRequest
from preorder.payment import PaymentState
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.intake.test_commands import edit, entries_of
from tests.makers import make_request


@pytest.fixture
def ref(counter: Counter) -> str:
    """An order of 130,000 and 18,000 shipping; deposit 65,000."""
    return counter.place().ref


def told(bounce: dict[str, Any] | None, language: str = "en") -> str:
    """Give the sentence of a bounce."""
    assert bounce is not None
    text = sentences.explain(json.dumps(bounce), gettext.NullTranslations(), language, "WIB")
    assert text and "%(" not in text
    return text


@pytest.mark.parametrize(
    ("money", "status", "kind"),
    [
        (65_000, "Lunas", "money_disagrees"),
        (30_000, "DP", "money_disagrees"),
        (148_000, "DP masuk", "money_disagrees"),
        (147_999, "lunas", "money_disagrees"),
        ("banyak", "Lunas", "not_money"),
        (150, "Lunas", "doubtful_amount"),
    ],
)
def test_a_sum_and_a_status_that_contradict_each_other(
    counter: Counter, ref: str, money: Cell, status: str, kind: str
) -> None:
    """Neither is booked: one of the two is wrong, and only she knows which."""
    bounce = edit(counter, ref, money_in=money, status=status)
    assert (bounce or {}).get("kind") == kind and told(bounce)
    order = counter.order(ref)
    assert (order.status, entries_of(counter, order)) == (Status.AWAITING_PAYMENT, [])


@pytest.mark.parametrize(
    ("money", "status", "reached"),
    [
        (148_000, "lunas", Status.PAID),
        (150_000, "Lunas", Status.PAID),
        (65_000, "dp", Status.DEPOSIT_PAID),
        (100_000, "dp", Status.DEPOSIT_PAID),
    ],
)
def test_a_sum_and_a_status_that_agree(counter: Counter, ref: str, money: int, status: str, reached: Status) -> None:
    """What was typed is what is booked, once."""
    assert edit(counter, ref, money_in=money, status=status) is None
    order = counter.order(ref)
    assert (order.status, entries_of(counter, order)) == (reached, [("payment", money)])


def test_the_rest_and_paid_in_production_agree(counter: Counter, ref: str) -> None:
    """Money that settles an order in production is all that "paid" can mean there; too little is told."""
    edit(counter, ref, status="dp")
    counter.clock.move(days=8)
    assert edit(counter, ref, status="produksi") is None
    bounce = edit(counter, ref, money_in=100_000, status="Lunas")
    assert bounce is not None and (bounce["kind"], bounce["missing"]) == ("not_paid", 48_000)
    assert edit(counter, ref, money_in=148_000, status="Lunas") is None
    order = counter.order(ref)
    assert (order.status, order.money.state) == (Status.IN_PRODUCTION, PaymentState.PAID)


def test_paid_needs_the_fee_also_beside_a_sum(counter: Counter) -> None:
    """While the fee is not known nobody can say that all is paid."""
    request = make_request(None, LineRequest("nastar", "250g", 1, {}))
    ref = counter.place(type(request)(request.campaign_id, request.lines, "kargo", request.buyer)).ref
    bounce = edit(counter, ref, money_in=65_000, status="lunas")
    assert bounce is not None and bounce["kind"] == "shipping_unknown"
    assert counter.order(ref).received == 0
    assert edit(counter, ref, shipping=20_000, money_in=85_000, status="lunas") is None
    assert counter.order(ref).status is Status.PAID


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [(860_000, 86_000), (297_000, 29_700), (1_480_000, 148_000), (296_001, None), (6_500, 65_000), (14_800, None), (5_000, None)],
)  # fmt: skip
def test_far_too_much_or_too_little_is_asked_about(
    counter: Counter, ref: str, typed: int, suggestion: int | None
) -> None:
    """From a tenth of what is due downwards, and from twice the order upwards; typed once more it is meant."""
    if typed == 14_800:
        assert edit(counter, ref, money_in=typed) is None
        return
    bounce = edit(counter, ref, money_in=typed)
    assert bounce is not None and (bounce["kind"], bounce["suggestion"]) == ("doubtful_amount", suggestion)
    assert "once more" in told(bounce) and entries_of(counter, counter.order(ref)) == []
    assert edit(counter, ref, money_in=typed) is None
    assert counter.order(ref).received == typed


def test_what_is_below_any_payment_is_not_taken_however_often(counter: Counter, ref: str) -> None:
    """150 is 150.000, or nothing."""
    for _ in range(3):
        bounce = edit(counter, ref, money_in=150)
        assert bounce is not None and bounce["kind"] == "doubtful_amount" and "once more" not in told(bounce)
    assert counter.order(ref).received == 0


def test_a_confirmation_is_for_just_that_amount_and_at_once(counter: Counter, ref: str) -> None:
    """Another doubtful sum is asked about anew, and an answer that came between counts no more."""
    assert edit(counter, ref, money_in=860_000) is not None
    assert edit(counter, ref, money_in=870_000) is not None
    assert edit(counter, ref, status="Dikirim") is not None
    assert edit(counter, ref, money_in=870_000) is not None
    assert counter.order(ref).received == 0


def test_a_lower_sum_is_looked_at_like_a_higher_one(counter: Counter, ref: str) -> None:
    """A correction with a zero too few is asked about as well."""
    assert edit(counter, ref, money_in=148_000) is None
    bounce = edit(counter, ref, money_in=6_500)
    assert bounce is not None and bounce["suggestion"] == 65_000
    assert counter.order(ref).status is Status.PAID


@pytest.mark.parametrize(
    ("typed", "asked", "entries"),
    [
        (0, False, [("payment", 148_000), ("refund", -148_000)]),
        (14_800, True, [("payment", 148_000), ("refund", -133_200)]),
        (147_000, True, [("payment", 148_000), ("refund", -1_000)]),
    ],
)
def test_what_goes_back_for_a_cancelled_order_is_all_or_asked_about(
    counter: Counter, ref: str, typed: int, asked: bool, entries: list[tuple[str, int]]
) -> None:
    """All of it is due back; any other sum may be a slip, and is booked only when typed once more."""
    edit(counter, ref, status="lunas")
    edit(counter, ref, status="batal")
    bounce = edit(counter, ref, money_in=typed)
    assert (bounce is not None) is asked
    if asked:
        assert bounce is not None and (bounce["kind"], bounce["back"]) == ("doubtful_refund", -entries[1][1])
        assert told(bounce) and len(entries_of(counter, counter.order(ref))) == 1
        assert edit(counter, ref, money_in=typed) is None
    assert entries_of(counter, counter.order(ref)) == entries


def test_a_completed_order_gives_nothing_back_by_a_slip(counter: Counter, ref: str) -> None:
    """Only what was paid too much goes back without a question."""
    edit(counter, ref, money_in=150_000)
    counter.clock.move(days=8)
    for status in ("produksi", "siap", "kirim", "selesai"):
        assert edit(counter, ref, status=status) is None
    bounce = edit(counter, ref, money_in=15_000)
    assert bounce is not None and bounce["kind"] == "doubtful_refund"
    assert edit(counter, ref, money_in=148_000) is None
    assert counter.order(ref).money.state is PaymentState.PAID


def test_late_money_is_looked_at_as_well(counter: Counter, ref: str) -> None:
    """An expired order is not revived by a mistyped sum."""
    counter.clock.move(hours=37)
    expire_unpaid(counter.writer, counter.reader, counter.clock())
    bounce = edit(counter, ref, money_in=1_480_000)
    assert bounce is not None and bounce["suggestion"] == 148_000
    assert counter.order(ref).status is Status.EXPIRED


@pytest.mark.parametrize("typed", ["gratis", "Free", "0", 0])
def test_a_free_fee_settles_the_total(counter: Counter, typed: Cell) -> None:
    """The word and the number are the same."""
    request = make_request(None, LineRequest("nastar", "250g", 1, {}))
    ref = counter.place(type(request)(request.campaign_id, request.lines, "kargo", request.buyer)).ref
    assert edit(counter, ref, shipping=typed) is None
    assert counter.order(ref).shipping == 0


def test_a_receipt_number_before_its_time_is_kept_and_moves_nothing(counter: Counter, ref: str) -> None:
    """It is a number and no more, until she says that the order is on its way."""
    assert edit(counter, ref, tracking="resi JNE: JP1234567890") is None
    order = counter.order(ref)
    assert (order.tracking, order.status) == ("JP1234567890", Status.AWAITING_PAYMENT)
    edit(counter, ref, status="lunas")
    counter.clock.move(days=8)
    edit(counter, ref, status="produksi")
    assert edit(counter, ref, status="siap") is None
    assert counter.order(ref).status is Status.READY
    assert edit(counter, ref, status="kirim") is None
    assert (counter.order(ref).status, counter.order(ref).tracking) == (Status.SHIPPED, "JP1234567890")


def test_a_claim_is_not_rejected_with_a_note_from_before(counter: Counter, ref: str) -> None:
    """A reason is newer than the claim that it answers, for each claim anew."""
    token = counter.order(ref).token
    edit(counter, ref, seller_note="pita merah")
    for reason in ("belum masuk di mutasi", "masih belum masuk"):
        counter.desk.claim_payment(token, counter.clock())
        bounce = edit(counter, ref, status="Menunggu pembayaran")
        assert bounce is not None and bounce["kind"] == "reason_missing" and told(bounce)
        assert counter.order(ref).status is Status.PAYMENT_CLAIMED
        assert edit(counter, ref, status="Menunggu pembayaran", seller_note=reason) is None
        assert counter.order(ref).status is Status.AWAITING_PAYMENT


def test_forfeiting_says_why_it_can_not_be(counter: Counter, ref: str) -> None:
    """Paid in full there is nothing to forfeit; and nobody is late with a balance that has no deadline."""
    edit(counter, ref, status="dp")
    bounce = edit(counter, ref, status="Hangus")
    assert bounce is not None and bounce["kind"] == "balance_no_deadline" and told(bounce)
    edit(counter, ref, status="lunas")
    counter.clock.move(days=8)
    edit(counter, ref, status="produksi")
    bounce = edit(counter, ref, status="hangus")
    assert bounce is not None and bounce["kind"] == "balance_settled" and told(bounce)


@pytest.mark.parametrize("column", ["status", "money_in", "shipping", "courier", "tracking", "seller_note"])
def test_an_error_in_a_cell_is_answered(counter: Counter, ref: str, column: str) -> None:
    """What a formula shows when it fails is no word of hers, and is never kept as one."""
    before = counter.order(ref)
    bounce = edit(counter, ref, **{column: "#REF!"})
    assert bounce is not None and bounce["kind"] == "error_value" and "#REF!" in told(bounce)
    assert counter.order(ref) == before


def test_the_table_of_words_is_what_the_sheet_understands(counter: Counter, ref: str) -> None:
    """The whole way in a seller's own words."""
    counter.clock.move(days=8)
    for typed, status in (
        ("DP masuk", Status.DEPOSIT_PAID),
        ("pelunasan masuk", Status.PAID),
        ("diproses", Status.IN_PRODUCTION),
        ("sudah jadi", Status.READY),
        ("sudah dikirim", Status.SHIPPED),
        ("sampai", Status.COMPLETED),
    ):
        assert edit(counter, ref, status=typed) is None, typed
        assert counter.order(ref).status is status
