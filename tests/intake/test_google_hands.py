"""
The seller's hands on her Google spreadsheet, between any two of our calls, and between a failure of which nobody knows
what it did and its retry: each order stands once, with the right values, and what is hers is as she left it.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.ledger import outbox
from intake.order_rows import order_row
from intake.sheet import SheetError, SheetInDoubt, canonical
from intake.sheet.columns import LINES, ORDERS
from preorder.status import Status
from tests.intake.google_bench import GoogleBench, opened_counter
from tests.intake.google_hands import HANDS, Hand, header_row, orders_tab, put
from tests.makers import make_request
from tests.sheets_double.double import SheetsDouble

# More calls than a round ever makes: a hand that never comes in proves nothing, and is not counted.
CALLS = range(1, 9)


def prepare(bench: GoogleBench) -> dict[str, str]:
    """Three orders stand in the sheet with what is hers around them; one has changed, and a fourth has come."""
    counter = bench.counter
    refs = {}
    for name, phone in (("Ayu", "1111"), ("Bima", "2222"), ("Citra", "3333")):
        counter.clock.move(minutes=1)
        refs[f"{name} Contoh"] = counter.place(make_request(name=f"{name} Contoh", phone=f"+62812000{phone}0")).ref
    bench.delivery.sync()
    number = bench.book.tabs()["Pesanan"]
    grid = bench.book.grid("Pesanan")
    width = max(column for column, text in enumerate(grid[0]) if text) + 1
    bench.book.do(
        {"insertDimension": {"range": {"sheetId": number, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}}},
        put(number, 0, 0, ["PO Lebaran Dapur Contoh"]),
        put(number, 2, width, ["Packing", "Komisi"]),
        *(put(number, 3 + place, width, [f"rak {place}", f"=ROW()+{place}"]) for place in range(3)),
        put(number, 9, width, ["jumlah rak: 3"]),
    )
    bench.settle()
    counter.desk.claim_payment(counter.order(refs["Bima Contoh"]).token, counter.clock())
    refs["Dewi Contoh"] = counter.place(make_request(name="Dewi Contoh", phone="+628120004440")).ref
    return refs


def run(bench: GoogleBench, hand: Hand, *, last: int = 8) -> list[SheetError]:
    """Go on until nothing waits; where she is told that we can't go on, she puts it right. Give the errors."""
    errors: list[SheetError] = []
    undone = hand.undo is None
    calm = 0
    for _ in range(24):
        try:
            done = bench.delivery.sync()
        except SheetInDoubt:
            pass
        except SheetError as error:
            errors.append(error)
            if error.code == hand.blocks and not undone and hand.undo is not None:
                hand.undo(bench.book)
                undone = True
        else:
            calm = calm + 1 if not done.waiting and not done.written and not done.edited else 0
            if calm == 2 and bench.hand_came:
                if not undone and hand.undo is not None:
                    # It came too late to be in the way.
                    hand.undo(bench.book)
                    undone, calm = True, 0
                    continue
                if [title for title in bench.book.tabs() if bench.is_tab(title, LINES)]:
                    return errors
                # She deleted the tab after the last write: the next one makes it again, with all that belongs there.
                bench.counter.place(make_request(name="Eka Contoh", phone="+6281200055550"))
                calm = 0
        bench.counter.clock.move(seconds=5)
    raise AssertionError(f"it never came to rest: {errors}")


# Headers of what is hers.
OWN = {"Packing", "Komisi", "Untung", "Sudah"}


def hers(bench: GoogleBench) -> tuple[dict[str, Any], list[Any]]:
    """Give what stands in her own columns beside each buyer (header -> value), and her cells outside of our rows."""
    title, _ = orders_tab(bench.book)
    grid = bench.book.grid(title)
    top = header_row(grid)
    heads = {column: str(text or "") for column, text in enumerate(grid[top])}
    own = [column for column, text in heads.items() if not text or text in OWN]
    beside: dict[str, Any] = {}
    outside: list[Any] = []
    for number, row in enumerate(grid):
        name = next((str(cell) for cell in row if isinstance(cell, str) and cell.endswith(" Contoh")), None)
        if number == top:
            continue
        if name is None or name.startswith("PO "):
            outside += [value for value in row if value not in {None, ""}]
        else:
            beside[name] = {heads[column]: row[column] for column in own if row[column] not in {None, ""}}
    return beside, sorted(outside, key=str)


def check(bench: GoogleBench, refs: dict[str, str], hand: Hand) -> None:
    """Each order once, as the ledger has it; nobody has commanded anything but what she typed."""
    counter = bench.counter
    title, _ = orders_tab(bench.book)
    shown = bench.shown(title, ORDERS)
    with counter.reader.begin() as connection:
        records = outbox.sheet_records(connection, refs.values())
        assert outbox.waiting_rows(connection).rows == 0
    lines_title = next(each for each in bench.book.tabs() if each != title and bench.is_tab(each, LINES))
    lines = bench.shown(lines_title, LINES)
    for name, ref in refs.items():
        order = counter.order(ref)
        wanted = order_row(records[ref], order, bench.wording)
        rows = [row for row in shown if row["ref"] == ref]
        assert len(rows) == 1, (hand.name, name, len(rows))
        for column in ORDERS.columns:
            stands = canonical(rows[0][column.code])
            if hand.left != (name, column.code):
                assert stands == canonical(wanted.values[column.code]), (hand.name, name, column.code)
        of_it = [row for row in lines if row["ref"] == ref]
        assert len(of_it) == len(wanted.lines), (hand.name, name, "lines")
        for line, row in zip(wanted.lines, of_it, strict=True):
            assert {code: canonical(row[code]) for code in line} == {code: canonical(line[code]) for code in line}
        # Only what she typed was carried out.
        status = Status.PAYMENT_CLAIMED if name == "Bima Contoh" else Status.AWAITING_PAYMENT
        assert (order.status, order.received) == (status, 0), (hand.name, name)
        note = hand.commands[1] if hand.commands and hand.commands[0] == name else None
        assert order.seller_note == note, (hand.name, name)


def check_hers(bench: GoogleBench, before: tuple[dict[str, Any], list[Any]], hand: Hand) -> None:
    """What is hers is as it was, and in fresh rows there is nothing of hers but her formulas."""
    beside, outside = hers(bench)
    for name, cells in before[0].items():
        if name == hand.deletes:
            continue
        for header, value in cells.items():
            if not header and hand.undo is not None:
                continue  # a column of ours without its header
            stands = beside[name].get(header)
            same = str(stands).startswith("=") if str(value).startswith("=") else stands == value
            assert same, (hand.name, name, header, value, stands)
        if hand.undo is None:
            assert beside[name].keys() <= cells.keys(), (hand.name, name, beside[name], cells)
    fresh = beside.get("Dewi Contoh", {})
    assert all(str(value).startswith("=") or value is False for value in fresh.values()), (hand.name, fresh)
    assert outside == before[1], (hand.name, outside, before[1])


@pytest.fixture
def make_bench(tmp_path: Path, double: SheetsDouble, google_key: Path) -> Iterator[Callable[[], GoogleBench]]:
    """Give a function that makes a desk with a spreadsheet."""
    with contextlib.ExitStack() as opened:

        def make() -> GoogleBench:
            counter = opened.enter_context(opened_counter(tmp_path / f"shop-{secrets.token_hex(4)}"))
            bench = GoogleBench(counter, double, google_key)
            opened.callback(bench.close)
            return bench

        yield make


def one_hand(bench: GoogleBench, hand: Hand, call: int) -> bool:
    """Let her come in before a call of a round in which an order changes and another is new; False: it was over by then."""
    refs = prepare(bench)
    before = bench.before_call(call, hand, lambda: hers(bench))
    errors = run(bench, hand)
    if not before:
        return False
    check(bench, refs, hand)
    check_hers(bench, before[0], hand)
    if hand.blocks and call == 1:
        assert hand.blocks in [error.code for error in errors]
    return True


# The calls of such a round: description, refs and cells, the same as typed, write, read back.
WRITE, READ_BACK = 4, 5


@pytest.mark.parametrize("call", [WRITE, READ_BACK], ids=["before the write", "before reading back"])
@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.name)
def test_a_hand_around_the_write(make_bench: Callable[[], GoogleBench], hand: Hand, call: int) -> None:
    """After our last look, when nothing can tell us any more; and before we look again."""
    assert one_hand(make_bench(), hand, call)


@pytest.mark.prove
@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.name)
def test_a_hand_between_any_two_calls(make_bench: Callable[[], GoogleBench], hand: Hand) -> None:
    """Before each call of the round, and of the next."""
    came = [call for call in CALLS if one_hand(make_bench(), hand, call)]
    assert len(came) > READ_BACK


@pytest.mark.parametrize("landed", [True, False], ids=["landed", "lost"])
@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.name)
def test_a_hand_between_a_failure_and_its_retry(
    make_bench: Callable[[], GoogleBench], hand: Hand, *, landed: bool
) -> None:
    """The write's answer is lost, whether it was done or not; before anything else of ours she is there."""
    bench = make_bench()
    refs = prepare(bench)
    bench.lose_answer(landed=landed)
    with pytest.raises(SheetInDoubt):
        bench.delivery.sync()
    before = bench.before_call(1, hand, lambda: hers(bench))
    run(bench, hand)
    assert before
    check(bench, refs, hand)
    check_hers(bench, before[0], hand)


@pytest.mark.prove
@pytest.mark.parametrize("landed", [True, False], ids=["landed", "lost"])
@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.name)
def test_a_hand_before_a_write_whose_answer_is_lost(
    make_bench: Callable[[], GoogleBench], hand: Hand, *, landed: bool
) -> None:
    """Both at once: moved away under the write, and nobody knows whether it was done."""
    bench = make_bench()
    refs = prepare(bench)
    bench.lose_answer(landed=landed)
    before = bench.before_call(WRITE, hand, lambda: hers(bench))
    run(bench, hand)
    assert before
    check(bench, refs, hand)
    check_hers(bench, before[0], hand)
