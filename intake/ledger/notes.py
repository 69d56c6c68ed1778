"""What a sheet keeps across restarts, in the ledger's meta; see intake.sheet.Notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from intake.ledger.leases import LeasedWriter
from intake.ledger.recording import note_meta
from intake.ledger.schema import meta
from intake.ledger.writer import Transaction, Writer


class LedgerNotes:
    """
    Notes of one spreadsheet. With a LeasedWriter nothing is kept, and so nothing sent, by whoever has lost the lease.
    """

    def __init__(self, reader: Engine, writer: Writer | LeasedWriter | None, spreadsheet: str) -> None:
        """
        Args:
            writer: None where notes are only looked at; what is stored then is lost.
            spreadsheet: its id.
        """
        self._reader = reader
        self._writer = writer
        self._prefix = f"google:{spreadsheet}:"

    def load(self) -> dict[str, str]:
        """See Notes.load()."""
        found = select(meta.c.key, meta.c.value).where(meta.c.key.startswith(self._prefix, autoescape=True))
        with self._reader.begin() as connection:
            return {row.key.removeprefix(self._prefix): row.value for row in connection.execute(found)}

    def store(self, values: Mapping[str, str]) -> None:
        """See Notes.store()."""
        if self._writer is None:
            return
        named: dict[str, Any] = {self._prefix + name: value for name, value in values.items()}

        def keep(tx: Transaction) -> None:
            note_meta(tx, named)

        self._writer.submit(keep)
