"""The minimum of a round in the seller's sheet: how far it is, and what she does once the round has closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from intake.clock import expire_unpaid
from intake.commands import apply_edits
from intake.ledger import outbox
from preorder.batch import Batch, Otherwise
from preorder.campaign import WHOLE
from preorder.schedule import Days, Monthly, OneOff, Phase, Schedule
from preorder.status import Status
from preorder.wording import STATUS_LABELS
from tests.intake.conftest import Counter
from tests.intake.test_tabs import JARS, ROUND, Bench, bench, jars, publish, rows
from tests.makers import NOW, make_schedule

__all__ = ["bench"]

QUOTAS = {WHOLE: 100, "nastar/250g": 40}
LABELS = STATUS_LABELS["id"]
MADE, CANCELLED = LABELS[Status.IN_PRODUCTION], LABELS[Status.CANCELLED_BY_SELLER]
AFTER = {"days": 7}


def needing(counter: Counter, otherwise: Otherwise = Otherwise.REFUND, minimum: int = 12, **changes: Any) -> None:
    """Publish the campaign with a minimum."""
    publish(counter, QUOTAS, batch=Batch(minimum, otherwise, 2), **changes)


def sell(counter: Counter, *units: int) -> list[str]:
    """Place orders of so many jars, whose deposit is there."""
    refs = [counter.place(jars(each)).ref for each in units]
    for ref in refs:
        says(counter, ref, Status.DEPOSIT_PAID)
    return refs


def says(counter: Counter, ref: str, status: Status) -> None:
    """Have the seller set the status of an order."""
    with counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [ref])[ref]
    cells = {"status": LABELS[status]}
    counter.writer.submit(lambda tx: apply_edits(tx, record, cells, dict(record.seen) | cells, counter.clock()))
    assert counter.order(ref).status is status


def remark(counter: Counter) -> str:
    return str(rows(counter)[ROUND]["remark"] or "")


def test_how_far_a_round_is_stands_beside_its_target(counter: Counter) -> None:
    """In units that orders hold; of the whole round alone, and nothing where nothing is needed."""
    assert rows(counter)[ROUND]["batch"] is None
    needing(counter)
    sell(counter, 5)
    counter.place(jars(4))
    found = rows(counter)
    assert found[ROUND]["batch"] == "9 / 12 (75%)"
    assert "batch" not in found[JARS]
    assert found[ROUND]["remark"] is None


@pytest.mark.parametrize("status", [Status.CANCELLED_BY_SELLER, Status.EXPIRED])
def test_what_is_off_does_not_count(counter: Counter, status: Status) -> None:
    """Cancelled or lapsed: the round has so much less, and what was enough is not."""
    needing(counter)
    sell(counter, 7)
    ref = counter.place(jars(5)).ref
    assert rows(counter)[ROUND]["batch"] == "12 / 12 (100%)"
    if status is Status.EXPIRED:
        counter.clock.move(days=3)
        assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    else:
        says(counter, ref, status)
    assert rows(counter)[ROUND]["batch"] == "7 / 12 (58%)"
    counter.clock.move(**AFTER)
    assert CANCELLED in remark(counter)


def test_it_says_nothing_before_the_closing(counter: Counter) -> None:
    """Until the last moment somebody may order."""
    needing(counter)
    sell(counter, 3)
    counter.clock.move(days=6, hours=23, minutes=59, seconds=59)
    assert remark(counter) == ""
    counter.clock.move(seconds=1)
    assert remark(counter) != ""


@pytest.mark.parametrize(
    ("otherwise", "named", "unnamed"),
    [
        (Otherwise.REFUND, (CANCELLED, "tahap: batal"), (MADE, "perpanjang")),
        (Otherwise.EXTEND, (CANCELLED, "perpanjang"), (MADE, "tahap: batal")),
        (Otherwise.GO_ON, (), (MADE, CANCELLED, "perpanjang", "tahap: batal")),
    ],
)
def test_what_to_do_follows_from_what_was_promised(
    counter: Counter, otherwise: Otherwise, named: tuple[str, ...], unnamed: tuple[str, ...]
) -> None:
    """With one unit too few as promised; with the last one it goes ahead, whatever was promised; both until a day."""
    needing(counter, otherwise)
    sell(counter, 11)
    counter.clock.move(**AFTER)
    few = remark(counter)
    assert "11" in few and "12" in few and "2 Des" in few
    assert [word for word in named if word not in few] == []
    assert [word for word in unnamed if word in few] == []
    counter.clock.move(days=-7)
    sell(counter, 1)
    counter.clock.move(**AFTER)
    enough = remark(counter)
    assert MADE in enough and "2 Des" in enough
    assert CANCELLED not in enough
    assert enough != few


def test_what_is_not_paid_yet_may_lapse(counter: Counter) -> None:
    """Enough with orders that wait for their payment is not yet enough: how many are told, and nothing is begun."""
    needing(counter)
    sell(counter, 9)
    counter.clock.move(days=6, hours=23)
    ref = counter.place(jars(4)).ref
    counter.clock.move(hours=1)
    waiting = remark(counter)
    assert "4" in waiting
    assert MADE not in waiting and CANCELLED not in waiting
    says(counter, ref, Status.DEPOSIT_PAID)
    assert MADE in remark(counter)


def test_once_something_is_made_she_has_decided(counter: Counter) -> None:
    """Nothing more is advised; the numbers stay."""
    needing(counter)
    ref, _ = sell(counter, 5, 4)
    counter.clock.move(**AFTER)
    assert CANCELLED in remark(counter)
    says(counter, ref, Status.IN_PRODUCTION)
    assert remark(counter) == ""
    assert rows(counter)[ROUND]["batch"] == "9 / 12 (75%)"


def test_once_all_is_cancelled_nothing_is_left_to_do(counter: Counter) -> None:
    """Her word for the campaign leaves its orders to her, until none is left; all that came in goes back."""
    needing(counter, stage=Phase.CANCELLED)
    assert CANCELLED not in remark(counter)
    needing(counter)
    (ref,) = sell(counter, 9)
    needing(counter, stage=Phase.CANCELLED)
    assert CANCELLED in remark(counter)
    assert "tahap" not in remark(counter)
    received = counter.order(ref).received
    says(counter, ref, Status.CANCELLED_BY_SELLER)
    assert CANCELLED not in remark(counter)
    assert counter.order(ref).money.refund_due == received > 0


def test_who_has_extended_once_does_not_do_it_again(counter: Counter) -> None:
    """While it is open longer nothing is said; afterwards it is as it was promised: all back."""
    needing(counter, Otherwise.EXTEND)
    sell(counter, 9)
    counter.clock.move(**AFTER)
    assert "perpanjang" in remark(counter)
    first = make_schedule().rule
    assert isinstance(first, OneOff)
    longer = OneOff(first.opens_at, first.closes_at + timedelta(days=3), first.closes_at)
    needing(counter, Otherwise.EXTEND, schedule=Schedule("WIB", longer, 7, Days(7, 10)))
    assert remark(counter) == ""
    counter.clock.move(days=3)
    assert "perpanjang" not in remark(counter)
    assert CANCELLED in remark(counter)


def test_each_round_has_its_own_minimum(counter: Counter) -> None:
    """The one before has closed with too few, the next one begins at nothing; a campaign that recurs is not called off."""
    monthly = Schedule("WIB", Monthly(20, 30, "WIB"), 7, Days(7, 10))
    needing(counter, schedule=monthly)
    sell(counter, 9)
    counter.clock.move(days=29)
    found = rows(counter)
    before, now = found["nastar-lebaran/202611"], found["nastar-lebaran/202612"]
    assert (before["batch"], now["batch"]) == ("9 / 12 (75%)", "0 / 12 (0%)")
    assert CANCELLED in str(before["remark"]) and "tahap" not in str(before["remark"])
    assert now["remark"] is None


def test_a_round_that_is_no_longer_in_the_schedule_has_closed(counter: Counter) -> None:
    """The seller has changed the rule since: what was promised to its buyers still follows, without a day."""
    needing(counter)
    sell(counter, 9)
    needing(counter, schedule=Schedule("WIB", Monthly(20, 30, "WIB"), 7, Days(7, 10)))
    assert CANCELLED in remark(counter)


def test_it_stands_beside_what_the_quota_says(counter: Counter) -> None:
    """Sold out and reached: both are told."""
    publish(counter, {WHOLE: 12, "nastar/250g": 12}, batch=Batch(12, Otherwise.REFUND, 2))
    sell(counter, 12)
    sold_out = remark(counter)
    assert sold_out
    counter.clock.move(**AFTER)
    assert remark(counter).startswith(sold_out)
    assert MADE in remark(counter)


def test_the_file_says_it_before_and_after_the_closing(bench: Bench) -> None:
    """In the column Minimum from the first order on, in the remark from the closing on, in a real workbook."""

    def cells() -> tuple[Any, Any]:
        head, *found = load_workbook(bench.path)["Ringkasan"].iter_rows(values_only=True)
        (row,) = [each for each in found if each[head.index("Kode")] == ROUND]
        return row[head.index("Minimum")], row[head.index("Keterangan")]

    counter = bench.counter
    needing(counter)
    sell(counter, 9)
    assert bench.round()
    assert cells() == ("9 / 12 (75%)", None)
    counter.clock.now = NOW + timedelta(days=7)
    assert bench.round()
    minimum, told = cells()
    assert minimum == "9 / 12 (75%)"
    assert CANCELLED in told
    (order,) = [row.ref for row in bench.sheet.read().rows]
    says(counter, order, Status.CANCELLED_BY_SELLER)
    assert bench.round()
    minimum, told = cells()
    assert minimum == "0 / 12 (0%)"
    assert CANCELLED not in told
