"""What a command is made of, and how it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.ledger.store import StoredOrder
from intake.ledger.writer import Transaction
from preorder.errors import PreorderError

Cell = str | int | float | None


class Bounced(PreorderError):
    """A command that is not carried out. Its code is per case: kind; the sentence is made where the row is written."""

    code = "bounced"

    def __init__(self, kind: str, **fields: Any) -> None:
        super().__init__(kind=kind, **fields)
        self.kind = kind

    def message(self) -> str:
        """Give what is kept with the row: the case and its values, as JSON."""
        return json.dumps(self.fields, sort_keys=True, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Edit:
    """
    One edited cell.

    Attributes:
        column: its code.
        value: as it stands now.
        beside: column -> value of all cells that she edited in the same save, this one among them.
        asked: the fields of what the row told her before she typed this; empty where it told her nothing.
    """

    column: str
    value: Cell
    beside: Mapping[str, Cell] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)

    def confirms(self, value: int) -> bool:
        """Say whether she was asked about just this amount in this column, and has typed it once more."""
        asked = (self.asked.get("column"), self.asked.get("value"), self.asked.get("sure"))
        return asked == (self.column, value, True)


# Carries an edit out; gives what she is told although it was carried out.
Handler = Callable[[Transaction, StoredOrder, Edit, datetime], Bounced | None]
