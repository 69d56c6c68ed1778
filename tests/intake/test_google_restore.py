"""After a restore the ledger learns from a Google spreadsheet what the backup didn't know, as from a workbook."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.ledger.notes import LedgerNotes
from intake.sheet.google import GoogleSheet
from intake.sheet.google_http import GoogleClient
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.intake.google_bench import AT_ONCE, connected
from tests.intake.google_hands import column_of, put
from tests.intake.test_delivery import make_delivery
from tests.intake.test_reconcile import World, make_world, violations
from tests.makers import make_request
from tests.sheets_double.double import SheetsDouble


class GoogleWorld(World):
    """The same with a spreadsheet."""

    def connect(self, double: SheetsDouble, key: Path) -> None:
        self.double, self.key, self.spreadsheet = double, key, connected(double)
        self.settings = dataclasses.replace(
            self.settings, sheet=f"google:{self.spreadsheet.id}", google_key=str(key), sheets_api=double.url
        )

    def sync(self, counter: Counter) -> int:
        client = GoogleClient(self.spreadsheet.id, str(self.key), base_url=self.double.url, pace=AT_ONCE)
        notes = LedgerNotes(counter.reader, counter.writer, self.spreadsheet.id)
        delivery = make_delivery(counter, GoogleSheet(client, language="id", notes=notes, now=counter.clock))
        written = sum(delivery.sync().written for _ in range(3))
        client.close()
        return written

    def type(self, ref: str, **cells: Any) -> None:
        row = next(number for number, row in enumerate(self.spreadsheet.grid("Pesanan")) if row[0] == ref)
        number = self.spreadsheet.tabs()["Pesanan"]
        for name, value in cells.items():
            column = column_of(self.spreadsheet, name.replace("_", " "))
            self.spreadsheet.do(put(number, row, column, [value]))

    def shown(self) -> dict[str, dict[str, Any]]:
        header, *rows = self.spreadsheet.grid("Pesanan")
        return {row[0]: dict(zip(header, row, strict=True)) for row in rows if row[0]}


@pytest.fixture
def world(tmp_path: Path, double: SheetsDouble, google_key: Path) -> GoogleWorld:
    made = make_world(tmp_path)
    made.__class__ = GoogleWorld
    assert isinstance(made, GoogleWorld)
    made.connect(double, google_key)
    return made


def test_what_only_the_spreadsheet_knows_comes_back(world: GoogleWorld) -> None:
    """Orders with buyer, money and status; what the backup knew is brought to where the rows stand."""
    with world.open() as counter:
        old = counter.place().ref
    backup = world.back_up()
    with world.open() as counter:
        paid = counter.place(make_request(name="=SUM(A1) 🎂", phone="+6281200009999", note="0042")).ref
        world.sync(counter)
        world.type(paid, Status="DP diterima", Resi="JP0012345678")
        world.type(old, Status="Lunas")
        world.sync(counter)
        before = {ref: counter.order(ref) for ref in (old, paid)}
        sold = counter.sold()
    rows = world.shown()
    done = world.restore(backup)
    assert done.reconciled is not None and done.is_open
    assert done.reconciled.imported == [paid] and done.reconciled.moved == [old]
    with world.open() as counter:
        for ref, order in before.items():
            new = counter.order(ref)
            assert (new.status, new.received, new.name, new.phone, new.note, new.tracking) == (
                order.status, order.received, order.name, order.phone, order.note, order.tracking,
            )  # fmt: skip
        assert counter.order(old).status is Status.PAID
        assert counter.sold() == sold
        world.sync(counter)
        assert world.shown() == rows
        assert world.sync(counter) == 0
    assert violations(world) == []


@pytest.mark.parametrize("away", ["deleted", "unshared", "key"])
def test_without_the_spreadsheet_it_stays_closed(world: GoogleWorld, away: str) -> None:
    """Until it could be read."""
    with world.open() as counter:
        counter.place()
    backup = world.back_up()
    with world.open() as counter:
        late = counter.place().ref
    double, shares = world.double, world.double.google.spreadsheets[world.spreadsheet.id].shares
    mend: Callable[[], object]
    if away == "deleted":
        gone = double.remove(world.spreadsheet.id)
        mend = lambda: double.put_back(gone)  # noqa: E731
    elif away == "unshared":
        role = shares.pop(double.account)
        mend = lambda: shares.update({double.account: role})  # noqa: E731
    else:
        kept = world.key.read_bytes()
        world.key.unlink()
        mend = lambda: world.key.write_bytes(kept)  # noqa: E731
    done = world.restore(backup)
    assert not done.is_open
    codes = {"deleted": "sheet_gone", "unshared": "sheet_not_shared", "key": "sheet_key_wrong"}
    assert done.trouble is not None and done.trouble.code == codes[away]
    mend()
    done = world.restore(None)
    assert done.reconciled is not None and (done.reconciled.imported, done.is_open) == ([late], True)
