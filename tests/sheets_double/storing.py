"""Spreadsheets kept in a folder, so that they outlive the process: for trying things by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sheets_double.accounts import Account, private_pem
from tests.sheets_double.api import Google
from tests.sheets_double.describing import extended
from tests.sheets_double.job import entered_value
from tests.sheets_double.model import Book, Cell, Column, Json, Row, Spreadsheet, Tab
from tests.sheets_double.working_out import work_out

TAB_FIELDS = (
    "sheet_id",
    "title",
    "frozen_rows",
    "frozen_columns",
    "hidden",
    "more",
    "merges",
    "rules",
    "protected",
    "basic_filter",
    "filter_views",
    "groups",
)


class Folder:
    """A folder with one JSON file a spreadsheet, and one for the accounts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def save(self, spreadsheet: Spreadsheet) -> None:
        """Write a spreadsheet; the old file stands until the new one is whole."""
        self._write(f"{spreadsheet.id}.json", to_json(spreadsheet))

    def save_account(self, account: Account) -> None:
        """Keep an account's key."""
        held = {"email": account.email, "key_id": account.key_id, "key": private_pem(account.key)}
        self._write("account.json", held)

    def _write(self, name: str, data: Json) -> None:
        target = self.path / name
        fresh = target.with_suffix(".new")
        fresh.write_text(json.dumps(data, ensure_ascii=False))
        fresh.chmod(0o600)
        os.replace(fresh, target)

    def load(self, google: Google) -> None:
        """Take in what the folder holds."""
        found = []
        for file in self.path.glob("*.json"):
            data = json.loads(file.read_text())
            if file.name == "account.json":
                key = serialization.load_pem_private_key(data["key"].encode(), None)
                assert isinstance(key, rsa.RSAPrivateKey)
                google.accounts.add(data["email"], key).key_id = data["key_id"]
            elif "book" in data:
                found.append(from_json(data))
        google.spreadsheets |= {each.id: each for each in sorted(found, key=lambda each: each.made_at)}


def to_json(spreadsheet: Spreadsheet) -> Json:
    """Give a spreadsheet as JSON, without its older versions."""
    book = spreadsheet.book
    return {
        "id": spreadsheet.id,
        "shares": spreadsheet.shares,
        "revision": spreadsheet.revision,
        "made_at": spreadsheet.made_at,
        "book": {
            "title": book.title,
            "locale": book.locale,
            "time_zone": book.time_zone,
            "named": book.named,
            "metadata": list(book.metadata.values()),
            "tabs": [_tab_out(tab) for tab in book.tabs],
        },
    }


def _tab_out(tab: Tab) -> Json:
    rows = {}
    for number, row in enumerate(tab.rows):
        cells = {str(column): _cell_out(cell) for column, cell in row.cells.items()}
        kept: Json = {"cells": cells} if cells else {}
        for name in ("hidden", "filtered"):
            if getattr(row, name):
                kept[name] = True
        if kept:
            rows[str(number)] = kept
    columns = {str(n): [each.hidden, each.width] for n, each in enumerate(tab.columns) if each != Column()}
    size = {"row_count": tab.row_count, "column_count": tab.column_count, "rows": rows, "columns": columns}
    return {name: getattr(tab, name) for name in TAB_FIELDS} | size


def _cell_out(cell: Cell) -> Json:
    found: Json = {}
    if (entered := extended(cell.entered)) is not None:
        found["entered"] = entered
    for name in ("fmt", "validation", "note", "given"):
        if getattr(cell, name) is not None:
            found[name] = getattr(cell, name)
    return found


def _cell_in(data: Json) -> Cell:
    cell = Cell(fmt=data.get("fmt"), validation=data.get("validation"), note=data.get("note"))
    return cell.holding(entered_value(data.get("entered")), data.get("given"))


def _tab_in(data: Json) -> Tab:
    def row(number: int) -> Row:
        kept: dict[str, Any] = data["rows"].get(str(number), {})
        cells = {int(column): _cell_in(cell) for column, cell in kept.get("cells", {}).items()}
        return Row(cells, hidden=kept.get("hidden", False), filtered=kept.get("filtered", False))

    columns = [Column(*data["columns"].get(str(number), [])) for number in range(data["column_count"])]
    return Tab(
        **{name: data[name] for name in TAB_FIELDS}, rows=[row(n) for n in range(data["row_count"])], columns=columns
    )


def from_json(data: Json) -> Spreadsheet:
    """Give the spreadsheet that to_json() wrote."""
    held = data["book"]
    book = Book(
        held["title"],
        held["locale"],
        held["time_zone"],
        [_tab_in(tab) for tab in held["tabs"]],
        {each["metadataId"]: each for each in held["metadata"]},
        held["named"],
    )
    work_out(book)
    return Spreadsheet(data["id"], book, data["shares"], data["revision"], made_at=data["made_at"])
