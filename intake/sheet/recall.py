"""What a sheet knows of orders and enquiries, all columns of all our tabs: what a restored ledger is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.sheet import Found


@dataclass(frozen=True)
class RecalledRow:
    """
    One row of the orders tab, or of a tab for enquiries.

    Attributes:
        values: code of a column -> value; a column whose value can't be known is left out.
        lines: the order's rows of the lines tab, likewise, from the top; none of an enquiry.
        number: of the row, for messages.
    """

    ref: str
    values: Mapping[str, Found]
    lines: tuple[Mapping[str, Found], ...]
    number: int


@dataclass(frozen=True)
class RecalledEnquiries:
    """
    What a sheet knows of enquiries.

    Attributes:
        rows: code of a tab -> its rows with something in the column of the ref, from the top.
        unread: code of a tab that is there and can't be read -> its title.
    """

    rows: Mapping[str, tuple[RecalledRow, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recalled:
    """
    What a sheet knows.

    Attributes:
        rows: every ref that stands exactly once in the orders tab, from the top.
        duplicates: refs that stand more than once; they are not in rows.
        edition: see SheetView.
        enquiries: of the tabs beside the orders.
    """

    rows: tuple[RecalledRow, ...]
    duplicates: tuple[str, ...] = ()
    edition: str = ""
    enquiries: RecalledEnquiries = RecalledEnquiries()
