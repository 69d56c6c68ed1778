"""Typed rows in a spreadsheet over the net: the same rules, with her hands between any two rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intake.delivery import Delivery
from tests.contracts.test_sheet import BACKENDS, Desk, Grid, header_row
from tests.intake.conftest import Counter
from tests.intake.typing_hands import Hands, start

TYPED = {"Nama": "Bu Rina", "WhatsApp": "0812-0000-7777", "Pesanan": "2 nastar 500g", "Pengiriman": "ambil"}


@dataclass
class NetHands:
    """The seller at a spreadsheet, and the shop behind it."""

    counter: Counter
    desk: Desk
    delivery: Delivery

    def rounds(self, count: int = 4) -> None:
        """Let the shop do rounds, as far apart as it polls."""
        for _ in range(count):
            self.delivery.sync()
            self.counter.clock.move(seconds=10)

    def change(self, work: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        """Change the rows below the header."""
        grid: Grid = self.desk.grid("Pesanan")
        top = header_row(grid)
        header = grid[top]
        rows = [dict(zip(header, row, strict=True)) for row in grid[top + 1 :]]
        self.desk.put("Pesanan", [*grid[: top + 1], *([row.get(name) for name in header] for row in work(rows))])

    def rows(self) -> list[dict[str, Any]]:
        """Give the rows that hold anything."""
        grid: Grid = self.desk.grid("Pesanan")
        top = header_row(grid)
        return [dict(zip(grid[top], row, strict=True)) for row in grid[top + 1 :] if any(row)]


@pytest.fixture
def hands(counter: Counter, tmp_path: Path) -> Iterator[NetHands]:
    """The seller at a spreadsheet that holds one order of the web."""
    with BACKENDS["google"](tmp_path) as desk:
        counter.place()
        yield NetHands(counter, desk, start(counter, desk.sheet))


def offline(hands: NetHands) -> list[Any]:
    """Give the typed orders of the ledger."""
    found = Hands.orders(hands)  # type: ignore[arg-type]
    return [order for order in found if order.source == "sheet"]


def test_a_typed_row_becomes_an_order(hands: NetHands) -> None:
    """The row itself gets ref and values; a further round writes nothing."""
    hands.rounds(2)
    hands.change(lambda rows: [*rows, TYPED])
    hands.rounds(5)
    (order,) = offline(hands)
    (row,) = [row for row in hands.rows() if row["Nama"] == "Bu Rina"]
    assert (row["No. Pesanan"], row["Total"], row["Pesanan"]) == (order.ref, 240_000, "2\u00d7 Nastar Toples 500 g")
    assert len(hands.rows()) == 2
    before = hands.desk.grid("Pesanan")
    hands.rounds(3)
    assert hands.desk.grid("Pesanan") == before and len(offline(hands)) == 1


@pytest.mark.parametrize("after", [1, 2, 3, 4])
@pytest.mark.parametrize("hand", ["sort", "copy", "restart", "note"])
def test_hands_between_any_two_rounds(hands: NetHands, after: int, hand: str) -> None:
    """Sorted, copied, noted beside, or the shop started anew: one order, one row, and whatever is left has an answer."""
    hands.rounds(1)
    hands.change(lambda rows: [TYPED, *rows])
    hands.rounds(after)
    if hand == "sort":
        hands.change(lambda rows: sorted(rows, key=lambda row: str(row["Nama"] or ""), reverse=after % 2 == 0))
    elif hand == "copy":
        hands.change(
            lambda rows: [*rows, next(row for row in rows if row["Nama"] == "Bu Rina") | {"No. Pesanan": None}]
        )
    elif hand == "note":
        hands.change(
            lambda rows: [row | ({"Catatan Penjual": "pita"} if row["Nama"] == "Bu Rina" else {}) for row in rows]
        )
    else:
        hands.delivery = start(hands.counter, hands.desk.sheet)
    hands.rounds(8)
    (order,) = offline(hands)
    refs = [row["No. Pesanan"] for row in hands.rows() if row["No. Pesanan"]]
    assert len(refs) == 2 and order.ref in refs
    left = [row for row in hands.rows() if not row["No. Pesanan"]]
    assert len(left) == (hand == "copy") and all(row["Pesan Sistem"] for row in left)
    assert order.seller_note == ("pita" if hand == "note" else None)


def test_an_incomplete_row_is_answered_and_a_note_is_not(hands: NetHands) -> None:
    """What she did not mean as an order stays as it is."""
    hands.rounds(1)
    note = {"Nama": "tutup 10 Desember"}
    hands.change(lambda rows: [*rows, note, {"Nama": "Bu Rina", "WhatsApp": "0812-0000-7777"}])
    hands.rounds(6)
    answers = {row["Nama"]: row["Pesan Sistem"] for row in hands.rows() if not row["No. Pesanan"]}
    assert answers["tutup 10 Desember"] is None and "Pesanan" in answers["Bu Rina"] and offline(hands) == []
