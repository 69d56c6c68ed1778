"""
Any hands: whatever she does to typed rows, and wherever the shop is cut off, one typed order is placed at most once and
none is lost.

Each typed order has a number of its own, so an order of the ledger tells which one it was. A copy has the number of its
original, and as nobody says that it is another order, it is never one.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from intake.ledger.invariants import find_violations
from intake.sheet import SheetError, SheetFailed
from intake.sheet.workbook import WorkbookSheet
from tests.databases import sqlite_ledger
from tests.intake.conftest import Clock
from tests.intake.counters import open_counter
from tests.intake.typing_hands import Hands

REF = "No. Pesanan"
# Where the process ends: before or after the file was replaced, and by which call.
CUTS = [("mark", "before"), ("mark", "after"), ("write", "before"), ("write", "after")]


class CutOff(WorkbookSheet):
    """A sheet whose process is killed around one of its calls."""

    call: str
    moment: str

    def mark(self, marks: Any, **more: Any) -> Any:
        return self._cut("mark", super().mark, marks, **more)

    def write(self, rows: Any, **more: Any) -> Any:
        return self._cut("write", super().write, rows, **more)

    def _cut(self, call: str, work: Callable[..., Any], *given: Any, **more: Any) -> Any:
        if call != self.call:
            return work(*given, **more)
        if self.moment == "after":
            work(*given, **more)
        raise SheetFailed(reason="killed")


class Overtaken(WorkbookSheet):
    """A sheet that she changes between our look and our next call."""

    hand: Callable[[str], None]

    def mark(self, marks: Any, **more: Any) -> Any:
        self.hand("mark")
        return super().mark(marks, **more)

    def write(self, rows: Any, **more: Any) -> Any:
        self.hand("write")
        return super().write(rows, **more)


class AnyHands(RuleBasedStateMachine):
    """A seller at her sheet, and a shop that is started again and again."""

    template: ClassVar[Path]

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="etalase-hands-"))
        shutil.copy(self.template, self.folder / "etalase.sqlite3")
        self.opened = contextlib.ExitStack()
        url = f"sqlite:///{self.folder / 'etalase.sqlite3'}"
        self.counter = self.opened.enter_context(open_counter(url, self.folder / "data", Clock()))
        self.hands = Hands.at(self.counter, self.folder)
        self.typed = 0
        # Numbers of the orders that she has given up before they had a ref.
        self.given_up: set[str] = set()
        self.types("2 nastar toples 500g; 1 gamis sage", top=False)
        self.types("1x Nastar 250g", top=False)

    def teardown(self) -> None:
        if not hasattr(self, "opened"):
            return
        try:
            self.settle()
        finally:
            self.opened.close()
            shutil.rmtree(self.folder)

    # Her hands.

    @rule(text=st.sampled_from(["2 nastar toples 500g; 1 gamis sage", "1x Nastar 250g", "nastar"]), top=st.booleans())
    def types(self, text: str, top: bool) -> None:
        """Type an order, or one that can't be read."""
        self.typed += 1
        row = {
            "Nama": f"Bu Contoh {self.typed}",
            "WhatsApp": f"0812-0000-{self.typed:04}",
            "Pesanan": text,
            "Pengiriman": "ambil",
        }
        self.hands.change(lambda rows: [row, *rows] if top else [*rows, row])

    @rule(by=st.sampled_from(["Nama", "Pesan Sistem", REF, "Pesanan"]), down=st.booleans())
    def sorts(self, by: str, down: bool) -> None:
        self.hands.change(lambda rows: sorted(rows, key=lambda row: str(row[by] or ""), reverse=down))

    @rule(place=st.integers(0, 9), whole=st.booleans())
    def copies(self, place: int, whole: bool) -> None:
        """Copy a row without its ref, with or without what the shop has written into it."""

        def copy(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if not rows:
                return rows
            keep = ("Nama", "WhatsApp", "Pesanan", "Pengiriman")
            copied = {name: value for name, value in rows[place % len(rows)].items() if whole or name in keep}
            return [*rows, copied | {REF: None}]

        self.hands.change(copy)

    @rule(place=st.integers(0, 9), cell=st.sampled_from(["note", "things", "name", "message", "more"]))
    def edits(self, place: int, cell: str) -> None:
        """Edit a row: one of hers, or one that is an order by now."""
        typed = {
            "note": {"Catatan Penjual": "pita merah"},
            "things": {"Pesanan": "3 nastar toples 500g"},
            "name": {"Nama": "Ibu Lain"},
            "message": {"Pesan Sistem": None},
            "more": {"Uang Masuk": 120_000},
        }[cell]

        def edit(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if not rows:
                return rows
            row = rows[place % len(rows)]
            # A copy that asks for other things is another order, and rightly so.
            copied = sum(each["WhatsApp"] == row["WhatsApp"] for each in rows) > 1
            return rows if cell == "things" and copied else [row | typed if each is row else each for each in rows]

        self.hands.change(edit)

    @rule(place=st.integers(0, 9))
    def deletes(self, place: int) -> None:
        """Delete a row of hers that has no ref yet."""

        def delete(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            hers = [row for row in rows if not row[REF]]
            if not hers:
                return rows
            gone = hers[place % len(hers)]
            if sum(row["WhatsApp"] == gone["WhatsApp"] for row in rows) == 1:
                self.given_up.add(str(gone["WhatsApp"]))
            return [row for row in rows if row is not gone]

        self.hands.change(delete)

    @precondition(lambda self: self.typed)
    @rule()
    def puts_an_old_copy_back(self) -> None:
        """Once in a while the file of before comes back, whatever has happened since."""
        old = getattr(self, "old", None)
        self.old = self.hands.path.read_bytes()
        if old is not None:
            numbers = {str(row["WhatsApp"]) for row in self.hands.rows()}
            self.hands.path.write_bytes(old)
            self.given_up |= numbers - {str(row["WhatsApp"]) for row in self.hands.rows()}

    # The shop.

    @rule(count=st.integers(1, 4), seconds=st.sampled_from([2, 6, 31]))
    def works(self, count: int, seconds: float) -> None:
        for _ in range(count):
            with contextlib.suppress(SheetError):
                self.hands.delivery.sync()
            self.counter.clock.move(seconds=seconds)
        self.check()

    @rule(cut=st.sampled_from(CUTS))
    def is_cut_off(self, cut: tuple[str, str]) -> None:
        """The process ends around a call of the sheet; another one goes on."""
        self.hands.sheet.__class__ = CutOff
        assert isinstance(self.hands.sheet, CutOff)
        self.hands.sheet.call, self.hands.sheet.moment = cut
        for _ in range(2):
            with contextlib.suppress(SheetError):
                self.hands.delivery.sync()
            self.counter.clock.move(seconds=6)
        self.hands.sheet.__class__ = WorkbookSheet
        self.hands.restart()
        self.check()

    @rule(
        call=st.sampled_from(["mark", "write"]),
        what=st.sampled_from(["note", "sort", "copy", "delete"]),
        times=st.integers(1, 3),
        place=st.integers(0, 9),
    )
    def is_overtaken(self, call: str, what: str, times: int, place: int) -> None:
        """She changes the sheet between the shop's look and its write."""
        left = times

        def hand(called: str) -> None:
            nonlocal left
            if called != call or not left:
                return
            left -= 1
            if what == "note":
                self.hands.change(
                    lambda rows: [
                        row if row[REF] else row | {"Catatan Penjual": f"{row['Catatan Penjual'] or ''}!"}
                        for row in rows
                    ]
                )
            elif what == "sort":
                self.sorts("Nama", down=left % 2 == 0)
            elif what == "copy":
                self.copies(place, whole=True)
            else:
                self.deletes(place)

        self.hands.sheet.__class__ = Overtaken
        assert isinstance(self.hands.sheet, Overtaken)
        self.hands.sheet.hand = hand
        for _ in range(3):
            with contextlib.suppress(SheetError):
                self.hands.delivery.sync()
            self.counter.clock.move(seconds=6)
        self.hands.sheet.__class__ = WorkbookSheet
        self.check()

    # What holds.

    def check(self) -> None:
        """No number has two orders, and nothing in the ledger contradicts itself."""
        phones = [order.phone for order in self.hands.orders()]
        assert len(phones) == len(set(phones)), phones
        with self.counter.reader.begin() as connection:
            assert [str(violation) for violation in find_violations(connection)] == []

    def settle(self) -> None:
        """Let the shop come to rest: each order has one row, and each typed row a ref or an answer."""
        for _ in range(8):
            with contextlib.suppress(SheetError):
                self.hands.delivery.sync()
            self.counter.clock.move(seconds=31)
        self.check()
        rows, known = self.hands.rows(), {order.ref: order for order in self.hands.orders()}
        refs = [row[REF] for row in rows if row[REF]]
        assert sorted(refs) == sorted(known)
        for row in rows:
            if not row[REF] and row["WhatsApp"]:
                assert row["Pesan Sistem"], row
        phones = {order.phone for order in known.values()}
        for number in range(1, self.typed + 1):
            shown = f"0812-0000-{number:04}"
            here = any(str(row["WhatsApp"]) == shown for row in rows)
            assert here or f"+62812{shown[5:].replace('-', '')}" in phones or shown in self.given_up, shown


@pytest.mark.timeout(3600)
def test_typed_orders_survive_any_hands(tmp_path: Path) -> None:
    """Sort, copy, edit, delete, old copies, cut off around any step: never twice, never lost."""
    template = tmp_path / "template.sqlite3"
    sqlite_ledger(template)
    thorough = settings.default is not None and settings.default.max_examples > 1_000
    machine = type("Machine", (AnyHands,), {"template": template})
    bounds = settings(
        max_examples=150 if thorough else 10,
        stateful_step_count=25 if thorough else 12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.reuse, Phase.generate],
    )
    run_state_machine_as_test(machine, settings=bounds)
