"""A shop's delivery that takes typed rows up, and the seller's hands that type them, over a real workbook."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import select

from intake.delivery import Delivery
from intake.language import translations
from intake.ledger import outbox, store
from intake.ledger.schema import orders
from intake.ledger.store import StoredOrder
from intake.offline import OfflineOrders
from intake.order_rows import Wording
from intake.placing import status_token
from intake.settings import Settings, read_settings
from intake.sheet import HandRow
from intake.sheet.opening import open_sheet
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_process import handle
from tests.intake.conftest import Counter


def start(counter: Counter, sheet: Any, language: str = "id") -> Delivery:
    """Give a delivery as a freshly started shop has it."""

    def wording() -> Wording:
        return Wording(language, "WIB", translations(Settings.templates, language))

    offline = OfflineOrders(
        sheet,
        counter.writer,
        counter.reader,
        counter.catalogue,
        wording,
        counter.clock,
        phone_hmac=counter.desk.phone_hmac,
        status_token=partial(status_token, b"test-key"),
    )
    return Delivery(sheet, counter.writer, counter.reader, wording, counter.clock, offline)


@dataclass
class Hands:
    """The seller at a workbook, and the shop behind it."""

    counter: Counter
    sheet: WorkbookSheet
    path: Path
    delivery: Delivery

    @classmethod
    def at(cls, counter: Counter, folder: Path) -> Hands:
        """Give the hands at a fresh workbook."""
        path = folder / "orders.xlsx"
        sheet = open_sheet(read_settings({"ETALASE_SHEET": str(path)}), counter.catalogue.current())
        assert isinstance(sheet, WorkbookSheet)
        sheet._run = handle
        sheet.ensure()
        return cls(counter, sheet, path, start(counter, sheet))

    def restart(self) -> None:
        """Start the shop anew: nothing is remembered but what is stored."""
        self.delivery = start(self.counter, self.sheet)

    def rounds(self, count: int = 4, seconds: float = 6) -> None:
        """Let the shop do rounds, with time between them."""
        for _ in range(count):
            self.delivery.sync()
            self.counter.clock.move(seconds=seconds)

    def change(self, work: Callable[[list[dict[str, Any]]], Sequence[dict[str, Any]]]) -> None:
        """
        Change the rows below the header as she does, and save. Rows are header -> value, those of her own columns too.
        """
        book = load_workbook(self.path)
        tab = book["Pesanan"]
        header, *rows = [[cell.value for cell in row] for row in tab.iter_rows()]
        changed = work([dict(zip(header, row, strict=True)) for row in rows if any(row)])
        if tab.max_row > 1:
            tab.delete_rows(2, tab.max_row - 1)
        for number, row in enumerate(changed, start=2):
            for column, name in enumerate(header, start=1):
                cell = tab.cell(number, column)
                cell.value = row.get(name)
                cell.hyperlink = None
        book.save(self.path)

    def type(self, **cells: Any) -> None:
        """Type a new row below all others."""
        self.change(lambda rows: [*rows, {name.replace("_", " "): value for name, value in cells.items()}])

    def edit(self, where: Callable[[dict[str, Any]], bool], **cells: Any) -> None:
        """Type into the rows that are meant."""
        typed = {name.replace("_", " "): value for name, value in cells.items()}
        self.change(lambda rows: [row | typed if where(row) else row for row in rows])

    def rows(self) -> list[dict[str, Any]]:
        """Give the rows that hold anything, as they stand in the file."""
        tab = load_workbook(self.path)["Pesanan"]
        header, *rows = [[cell.value for cell in row] for row in tab.iter_rows()]
        return [dict(zip(header, row, strict=True)) for row in rows if any(value is not None for value in row)]

    def row(self) -> dict[str, Any]:
        """Give the only row."""
        (row,) = self.rows()
        return row

    def orders(self) -> list[StoredOrder]:
        """Give all orders of the ledger, oldest first."""
        with self.counter.reader.begin() as connection:
            ids = list(connection.execute(select(orders.c.order_id).order_by(orders.c.order_id)).scalars())
            return list(store.orders_by_ids(connection, ids).values())

    def told(self, ref: str) -> dict[str, Any]:
        """Give what an order's row is told, {} for nothing."""
        with self.counter.reader.begin() as connection:
            message = outbox.sheet_records(connection, [ref])[ref].message
        return json.loads(message) if message else {}


def hand_row(**values: Any) -> HandRow:
    """Give a row of hers as a read does."""
    return HandRow(values, 7)
