"""
All orders as CSV, for other programs. A text that a spreadsheet program would run as a formula gets an apostrophe before
it; in the seller's sheet it needs none, for there each cell says itself that it holds text.

Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection, select

from intake.comparing import reading
from intake.language import translations
from intake.ledger import outbox, store
from intake.ledger.consents import find_consents
from intake.ledger.schema import orders
from intake.order_rows import Wording, order_row
from intake.published import open_source
from intake.settings import Settings
from intake.sheet import Cell
from intake.sheet.columns import ORDERS
from preorder.consent import Purpose
from preorder.errors import PreorderError
from preorder.wording import show_instant


class ExportFailed(PreorderError):
    """The file can't be written; what stood there stands still. Fields: path, reason (the system's words)."""

    code = "export_failed"


# Orders that are loaded at a time.
CHUNK = 500
# What begins a formula, full-width signs among it, also behind what programs take away: blanks, and what nobody sees.
_RUNS = re.compile("^[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")


def export_to(settings: Settings, language: str, path: Path) -> int:
    """
    Write all orders to a file that nobody else can read, in one step: there is the old one, or all of the new. Give how
    many. A shop may go on meanwhile.

    Raises:
        ExportFailed: it can't be written there.
        LedgerMissing, LedgerOutdated, CatalogueUnavailable, DatabaseAway, ...
    """
    shop = open_source(settings.catalogue, settings.data / "catalogue.json").current().shop
    wording = Wording(language, shop.zone, translations(settings.templates, language, shop.salutation))
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with reading(settings) as connection:
        try:
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "w", encoding="utf-8", newline="") as out:
                count = export_orders(connection, wording, out)
                out.flush()
                os.fsync(out.fileno())
            os.replace(fresh, path)
        except OSError as error:
            raise ExportFailed(path=str(path), reason=error.strerror or type(error).__name__) from error
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
    return count


def export_orders(connection: Connection, wording: Wording, out: TextIO) -> int:
    """
    Write all orders, oldest first, a row each with the columns of the orders tab, and since when its buyer may be told
    of the next pre-orders (empty: she may not); give how many. The sheet has no such column: its headers are a contract
    with sheets that are connected already, and whom to tell is asked once a campaign.

    Args:
        out: opened with newline="" and UTF-8; begins with a byte order mark, or Excel would take it for something else.
    """
    out.write("\ufeff")
    table = csv.writer(out)
    told = wording.translation.gettext("May be told of the next pre-orders since")
    table.writerow([*(column.headers[wording.language] for column in ORDERS.columns), told])
    refs = list(connection.execute(select(orders.c.ref).order_by(orders.c.order_id)).scalars())
    for start in range(0, len(refs), CHUNK):
        records = outbox.sheet_records(connection, refs[start : start + CHUNK])
        stored = store.orders_by_ids(connection, [record.order_id for record in records.values()])
        allowed = find_consents(connection, stored, Purpose.NEWS)
        for ref in refs[start : start + CHUNK]:
            order_id = records[ref].order_id
            values = order_row(records[ref], stored[order_id], wording).values
            consent = allowed.get(order_id)
            since = show_instant(consent.at, wording.zone, wording.language) if consent and consent.given else None
            table.writerow([*(harmless(values.get(column.code)) for column in ORDERS.columns), harmless(since)])
    return len(refs)


def harmless(value: Cell) -> str:
    """Give a value as it can stand in a CSV file that somebody opens in a spreadsheet program."""
    if value is None:
        return ""
    if isinstance(value, str) and _RUNS.match(value):
        return f"'{value}"
    return str(value)
