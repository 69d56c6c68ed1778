"""
Which cells of the sheet hold words of the seller's: neither what we wrote or saw there, nor another row's, nor what a
sort of one column alone has put there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from intake.commands import Cell
from intake.ledger.outbox import SheetRecord
from intake.sheet import canonical, same_value
from intake.sheet.columns import EDITABLE, IDENTITY
from preorder.status import Status
from preorder.wording import parse_status

# One cell in so many may read otherwise where a sort has put it: a formula, or a cell with a format of its own.
STRANGERS = 5


def edits_in(record: SheetRecord, values: Mapping[str, Cell]) -> dict[str, Cell]:
    """Give what stands in editable cells and is neither what we last wrote or saw there, nor what we may have written."""
    edits: dict[str, Cell] = {}
    for column in EDITABLE:
        if column not in values:
            continue
        ours = [record.seen.get(column)] + ([record.writing.get(column)] if record.writing else [])
        if not any(same_value(values[column], known) for known in ours):
            edits[column] = values[column]
    return edits


def foreign_columns(record: SheetRecord, values: Mapping[str, Cell]) -> list[str]:
    """
    Give the columns in which a row is another order's: a ref that was overtyped, or a column that was sorted without
    the others.
    """
    written = record.seen if any(column in record.seen for column in IDENTITY) else record.writing
    return [
        column
        for column in IDENTITY
        if column in values and column in written and not same_value(values[column], written[column])
    ]


def shuffled_columns(rows: Sequence[tuple[SheetRecord, Mapping[str, Cell]]]) -> set[str]:
    """
    Give the columns whose edits only exchange the values of their rows: one column was sorted without the others.

    Two rows may trade places in a status on purpose; from three on, and for money, nobody does.
    """
    shuffled = set()
    for column in EDITABLE:
        changed = [
            (canonical(record.seen.get(column)), canonical(edits[column])) for record, edits in rows if column in edits
        ]
        if _is_shuffled(column, changed):
            shuffled.add(column)
    return shuffled


def _is_shuffled(column: str, changed: Sequence[tuple[str, str]]) -> bool:
    least = 3 if column == "status" else 2
    old, new = Counter(before for before, _ in changed), Counter(after for _, after in changed)
    if len(changed) < least:
        return False
    if old == new:
        return True
    # A cell whose value can't be read, or reads otherwise in its new place, travelled along. What is typed by hand moves
    # on: sums grow, statuses advance. So something must have gone back as well.
    same = old & new
    strangers = max(1, len(changed) // STRANGERS)
    return (
        # Couriers repeat, and who corrects them exchanges them.
        column != "courier"
        and len(changed) > least
        and same.total() >= len(changed) - strangers
        and len([value for value in same if value]) >= 2
        and any(_goes_back(column, before, after) for before, after in changed)
    )


def _goes_back(column: str, before: str, after: str) -> bool:
    """Say whether a cell lost what it had: it was emptied, or holds less, an earlier status, or other words."""
    if not before:
        return False
    if column == "status":
        first, second = parse_status(before), parse_status(after)
        order = list(Status)
        return first is not None and (second is None or order.index(second) < order.index(first))
    if before.isdecimal() and after.isdecimal():
        return int(after) < int(before)
    return True
