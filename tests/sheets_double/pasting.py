"""Requests of a batch that copy, cut and fill down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.sheets_double.areas import Area
from tests.sheets_double.errors import Refused
from tests.sheets_double.job import Job, need, whole_number, written
from tests.sheets_double.model import EMPTY, Cell, Failure, Formula, Json, Tab
from tests.sheets_double.references import Reference, moved, turn
from tests.sheets_double.typing_in import plain


def pasted(source: Cell, target: Cell, kind: str, rows: int, columns: int) -> Cell:
    """Give a cell after another one was pasted into it, so many rows and columns away."""
    entered = source.entered
    if isinstance(entered, Formula):
        entered = Formula(moved(entered.text, rows, columns))
    if kind in {"PASTE_NORMAL", "PASTE_NO_BORDERS"}:
        fmt = source.fmt
        if kind == "PASTE_NO_BORDERS":
            fmt = {name: part for name, part in (fmt or {}).items() if name != "borders"} or None
        return replace(source.holding(entered, source.given), fmt=fmt)
    if kind == "PASTE_FORMULA":
        return target.holding(entered, source.given)
    if kind == "PASTE_VALUES":
        value = source.effective.shown if isinstance(source.effective, Failure) else source.effective
        return target.holding(value)
    if kind == "PASTE_FORMAT":
        return replace(target, fmt=source.fmt)
    if kind == "PASTE_DATA_VALIDATION":
        return replace(target, validation=source.validation)
    raise Refused(f"Unsupported paste type: {kind}")


def copy_paste(job: Job, request: Json) -> Json:
    source_tab, source = job.area(need(request, "source"))
    tab, wanted = job.area(need(request, "destination"))
    kind = request.get("pasteType", "PASTE_NORMAL")
    height, width = source.bottom - source.top, source.right - source.left
    tall, wide = wanted.bottom - wanted.top, wanted.right - wanted.left
    bottom = wanted.top + (tall if tall % height == 0 and tall else height)
    right = wanted.left + (wide if wide % width == 0 and wide else width)
    target = Area(wanted.top, wanted.left, bottom, right)
    tab.check(target)
    job.editable(tab, target)
    before = {place: source_tab.cell(*place) for place in source.places()}
    changed = {}
    for row, column in target.places():
        at = (source.top + (row - target.top) % height, source.left + (column - target.left) % width)
        cell = pasted(before[at], tab.cell(row, column), kind, row - at[0], column - at[1])
        changed[row, column] = written(tab, row, column, cell)
    tab.put_all(changed)
    return {}


def cut_paste(job: Job, request: Json) -> Json:
    source_tab, source = job.area(need(request, "source"))
    place = need(request, "destination")
    tab = job.tab(place)
    top, left = whole_number(place.get("rowIndex", 0)), whole_number(place.get("columnIndex", 0))
    target = Area(top, left, top + source.bottom - source.top, left + source.right - source.left)
    tab.check(target)
    job.editable(source_tab, source)
    job.editable(tab, target)
    kind = request.get("pasteType", "PASTE_NORMAL")
    before = {at: source_tab.cell(*at) for at in source.places()}
    source_tab.put_all(dict.fromkeys(source.places(), EMPTY))
    changed = {}
    for (row, column), cell in before.items():
        at = (row - source.top + top, column - source.left + left)
        changed[at] = pasted(cell, tab.cell(*at), kind, 0, 0)
    tab.put_all(changed)
    _follow(job, source_tab, source, tab, top - source.top, left - source.left)
    return {}


def _follow(job: Job, source_tab: Tab, source: Area, target: Tab, down: int, across: int) -> None:
    """Turn references to cells that were cut to where they are now."""

    def change_in(home: Tab) -> Callable[[Reference], Reference]:
        def change(reference: Reference) -> Reference:
            named = home if reference.title is None else job.book.titled(reference.title)
            points = [reference.start, reference.end or reference.start]
            if named is not source_tab or any((point.row, point.column) not in source for point in points):
                return reference
            start, end = (
                replace(point, row=(point.row or 0) + down, column=(point.column or 0) + across) for point in points
            )
            title = reference.title if target is source_tab else target.title
            return Reference(title, start, end if reference.end else None)

        return change

    for home, row, column, cell in list(job.book.formulas()):
        if isinstance(cell.entered, Formula):
            text = "=" + turn(cell.entered.text[1:], change_in(home))
            if text != cell.entered.text:
                home.put(row, column, replace(cell, entered=Formula(text)))


def auto_fill(job: Job, request: Json) -> Json:
    if "sourceAndDestination" in request:
        told = request["sourceAndDestination"]
        tab, source = job.area(need(told, "source"))
        length = whole_number(told.get("fillLength", 0))
        if told.get("dimension", "ROWS") == "ROWS":
            first, last = (source.bottom, source.bottom + length) if length > 0 else (source.top + length, source.top)
            target = Area(first, source.left, last, source.right)
        else:
            first, last = (source.right, source.right + length) if length > 0 else (source.left + length, source.left)
            target = Area(source.top, first, source.bottom, last)
    else:
        tab, area = job.area(need(request, "range"))
        filled = [
            row
            for row in range(area.top, area.bottom)
            if any(tab.cell(row, c).entered is not None for c in range(area.left, area.right))
        ]
        if not filled:
            return {}
        source = Area(area.top, area.left, filled[-1] + 1, area.right)
        target = Area(filled[-1] + 1, area.left, area.bottom, area.right)
    if target.is_empty:
        return {}
    tab.check(target)
    job.editable(tab, target)
    height, width = source.bottom - source.top, source.right - source.left
    changed = {}
    for row, column in target.places():
        at = (source.top + (row - source.top) % height, source.left + (column - source.left) % width)
        cell = pasted(tab.cell(*at), tab.cell(row, column), "PASTE_NORMAL", row - at[0], column - at[1])
        series = _series(tab, source, row, column)
        changed[row, column] = (
            replace(cell.holding(series), note=None) if series is not None else replace(cell, note=None)
        )
    tab.put_all(changed)
    return {}


def _series(tab: Tab, source: Area, row: int, column: int) -> int | float | None:
    """Carry on two or more numbers below each other."""
    values = [tab.cell(each, column).entered for each in range(source.top, source.bottom)]
    numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(numbers) < 2 or len(numbers) < len(values):
        return None
    step = numbers[-1] - numbers[-2]
    return plain(float(numbers[-1] + step * (row - source.bottom + 1)))


HANDLERS = {
    "copyPaste": (copy_paste, {"source", "destination", "pasteType", "pasteOrientation"}),
    "cutPaste": (cut_paste, {"source", "destination", "pasteType"}),
    "autoFill": (auto_fill, {"useAlternateSeries", "range", "sourceAndDestination"}),
}
