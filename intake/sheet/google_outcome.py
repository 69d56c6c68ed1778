"""What a read or a read-back says: what stands as written, and what is known of the orders tab from then on. No calls in here."""

from __future__ import annotations

from collections.abc import Mapping

from intake.sheet import Found, canonical, same_value
from intake.sheet.columns import EDITABLE, IDENTITY, ORDERS
from intake.sheet.google_fence import Evidence, Fence
from intake.sheet.google_read import Content
from intake.sheet.google_write import Plan


def is_repair(fence: Fence) -> bool:
    """Say whether a write only put things right after another."""
    return fence.evidence == Evidence()


def stands(ref: str, back: Mapping[str, Content], made: Plan) -> bool:
    """
    Say whether an order's rows stand as written. A cell that she has typed over since is hers: it is noted as edited.
    """
    for code, wanted in made.expected[ref].items():
        if code not in back or (code == ORDERS.code and len(back[code].by_ref.get(ref, ())) != 1):
            return False
        found = {row.number: row for row in back[code].rows if row.ref == ref}
        for number, cells in wanted:
            if number not in found:
                return False
            for column, value in cells.items():
                stands = found[number].values
                if column not in stands or same_value(stands[column], value):
                    continue
                if code != ORDERS.code or column not in EDITABLE:
                    return False
                made.edited.setdefault(ref, {})[column] = stands[column]
    return True


def is_marked(number: int, back: Mapping[str, Content], made: Plan) -> bool:
    """Say whether a row of hers holds what was written into it, beside what it was written for."""
    place, cells = made.hands[number]
    row = next((row for row in back[ORDERS.code].rows if row.number == place), None) if back else None
    return row is not None and all(same_value(row.values.get(code), value) for code, value in cells.items())


def values_of(content: Content) -> dict[str, dict[str, str]]:
    """Give ref -> column -> value, of what a change would be her command; refs that stand twice are left out."""
    return {
        row.ref: {code: canonical(row.values[code]) for code in (*EDITABLE, *IDENTITY) if code in row.values}
        for row in content.rows
        if row.ref and len(content.by_ref[row.ref]) == 1
    }


def rest_of(content: Content) -> tuple[object, ...]:
    """Give her own rows, and the refs that stand twice."""
    hands: list[tuple[tuple[str, str], ...]] = sorted(_filled(row.values) for row in content.rows if not row.ref)
    return (tuple(hands), tuple(sorted(ref for ref, found in content.by_ref.items() if len(found) > 1)))


def _filled(values: Mapping[str, Found]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((code, canonical(value)) for code, value in values.items() if canonical(value)))
