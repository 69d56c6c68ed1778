"""
After a write under which she moved rows or columns: putting back what our words covered, and our rows under their headers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from intake.sheet import canonical
from intake.sheet.columns import HEADER_DEPTH
from intake.sheet.google_fence import Evidence
from intake.sheet.google_look import Look, Looker
from intake.sheet.google_read import END, Place, blocks, row_box
from intake.sheet.google_repair import AROUND, Neighbourhood, find_covered, mend_fresh, put_back
from intake.sheet.google_write import Plan, Request

log = logging.getLogger(__name__)

Send = Callable[[Sequence[Request]], None]


def mend(looker: Looker, evidence: Evidence, made: Plan | None, look: Look | None, send: Send) -> bool:
    """
    Put right what the last write has missed.

    Args:
        evidence: where it was aimed.
        made, look: the write itself and what it was made from; None where the process that knew them has ended. Then
            only its fresh rows can be put right; cells that were covered in others are compared and written anew where
            they are ours.
        send: does a batch, as carefully as any write.

    Returns:
        Whether anything was moved.

    Raises:
        SheetError: a header or tab of ours is gone as well, or Google can't be reached.
    """
    moved = False
    looker.forget()
    if made is not None and look is not None:
        for code in sorted({sent.tab for sent in made.sent}):
            moved = _put_back(looker, made, look, code, send) or moved
    if not any(evidence.fresh.values()):
        return moved
    places = looker.places()
    if not evidence.are_columns_moved(places):
        return moved
    for code, refs in evidence.fresh.items():
        if code in places and refs:
            _mend_fresh(looker, places[code], evidence, refs, made, send)
    looker.forget()
    return True


def _mend_fresh(
    looker: Looker, place: Place, evidence: Evidence, refs: Sequence[str], made: Plan | None, send: Send
) -> None:
    code = place.tab.code
    column = evidence.places[code]["ref"]
    there = looker.cells({code: [(1, END, column, column)]})[code]
    numbers = [row for (row, _), value in there.values.items() if value in refs]
    if numbers:
        rows = looker.typed({code: numbers})[code]
        values = [each for fresh in made.fresh if fresh.tab == code for each in fresh.rows] if made else []
        send(mend_fresh(place, evidence, there, rows, values))


def _put_back(looker: Looker, made: Plan, look: Look, code: str, send: Send) -> bool:
    place, before = made.places[code], look.typed.get(code)
    layout = looker.layout(END).tab(place.layout.number)
    if before is None or layout is None:
        return False
    here = replace(place, layout=layout)
    sent = [each for each in made.sent if each.tab == code]
    now = _now_typed(looker, here, [each.row for each in sent], before)
    covered = find_covered(sent, before, now)
    if covered:
        log.warning("the sheet: %s cells that our words had covered are put back", len(covered))
        send(put_back(here, covered, now))
    return bool(covered)


def _now_typed(looker: Looker, place: Place, rows: Iterable[int], before: Neighbourhood) -> Neighbourhood:
    """
    Read rows as they stand now, and find the header row, which may have moved with them: by its cells, for a word of ours
    may stand in one of them.
    """
    end = place.layout.rows
    spread = {number for row in rows for number in range(max(1, row - 1), min(end, row + 1) + 1)}
    around = range(max(1, before.header - AROUND), min(end, max(before.header + AROUND, HEADER_DEPTH)) + 1)
    asked = [row_box(*block) for block in blocks(spread | set(around))]
    code = place.tab.code
    cells = looker.cells({code: asked}, typed=True, places={code: place})[code]
    heads = {canonical(value) for value in before.row(before.header).values() if canonical(value)}
    alike = dict.fromkeys(around, 0)
    for (row, _), value in cells.values.items():
        if row in alike and canonical(value) in heads:
            alike[row] += 1
    header = max(alike, key=lambda number: (alike[number], number == before.header), default=before.header)
    return Neighbourhood(cells, header)
