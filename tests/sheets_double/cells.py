"""Requests of a batch that change cells."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.sheets_double.areas import Area, area_of
from tests.sheets_double.errors import Refused
from tests.sheets_double.job import Job, check_length, entered_value, need, whole_number, written
from tests.sheets_double.masks import Mask, as_kept, changed_by, read_fields
from tests.sheets_double.model import BLANK_ROW, Cell, Formula, Json, Tab
from tests.sheets_double.references import moved
from tests.sheets_double.typing_in import locale_of, type_into

CELL_FIELDS = frozenset(
    [
        "userEnteredValue",
        "userEnteredFormat",
        "note",
        "dataValidation",
        "textFormatRuns",
        "hyperlink",
        "pivotTable",
        "dataSourceTable",
        "dataSourceFormula",
        "chipRuns",
        "*",
        "effectiveValue",
        "formattedValue",
        "effectiveFormat",
    ]
)


def cell_after(cell: Cell, data: Json, mask: Mask) -> Cell:
    """Give a cell after CellData was written into it, as far as the mask says."""
    for name in mask:
        if name not in CELL_FIELDS:
            raise Refused(f"Invalid field: {name}")
    for name in data:
        if name not in CELL_FIELDS:
            raise Refused(f'Unknown name "{name}" at cell: Cannot find field.')
    everything = "*" in mask
    if everything or "userEnteredValue" in mask:
        cell = cell.holding(entered_value(data.get("userEnteredValue")))
    if everything or "userEnteredFormat" in mask:
        below = {} if everything else mask["userEnteredFormat"]
        fmt = changed_by(dict(cell.fmt or {}), data.get("userEnteredFormat") or {}, below)
        cell = replace(cell, fmt=as_kept(fmt) or None)
    if everything or "note" in mask:
        cell = replace(cell, note=data.get("note") or None)
    if everything or "dataValidation" in mask:
        cell = replace(cell, validation=checked_rule(data.get("dataValidation")))
    return cell


def checked_rule(rule: Json | None) -> Json | None:
    """Give a validation rule that can be; raises Refused."""
    if not rule:
        return None
    condition = need(rule, "condition")
    need(condition, "type")
    if condition["type"] == "ONE_OF_LIST" and not condition.get("values"):
        raise Refused("ConditionType 'ONE_OF_LIST' requires at least 1 ConditionValues.")
    return dict(as_kept(rule))


def update_cells(job: Job, request: Json) -> Json:
    mask = read_fields(request.get("fields"))
    rows = request.get("rows") or []
    if "range" in request:
        tab, area = job.area(request["range"])
        wanted: Area | None = area
        top, left = area.top, area.left
    else:
        start = need(request, "start")
        tab = job.tab(start)
        top, left = whole_number(start.get("rowIndex", 0)), whole_number(start.get("columnIndex", 0))
        wanted = None
    width = max((len(row.get("values") or []) for row in rows), default=0)
    if wanted is None:
        tab.check(Area(top, left, top + 1, left + 1))
    bottom, right = (wanted.bottom, wanted.right) if wanted else (tab.row_count, tab.column_count)
    if top + len(rows) > bottom:
        raise Refused(f"Attempting to write row: {bottom}, beyond the last requested row of: {bottom - 1}")
    if left + width > right:
        raise Refused(f"Attempting to write column: {right}, beyond the last requested column of: {right - 1}")
    job.editable(tab, wanted or Area(top, left, top + max(1, len(rows)), left + max(1, width)))
    changed: dict[tuple[int, int], Cell] = {}
    if wanted is not None:
        for place in wanted.places():
            changed[place] = cell_after(tab.cell(*place), {}, mask)
    for down, row in enumerate(rows):
        for across, data in enumerate(row.get("values") or []):
            place = (top + down, left + across)
            changed[place] = written(tab, *place, cell_after(tab.cell(*place), data or {}, mask))
    tab.put_all(changed)
    return {}


def append_cells(job: Job, request: Json) -> Json:
    mask = read_fields(request.get("fields"))
    tab = job.tab(request)
    rows = request.get("rows") or []
    top = tab.last_data_row() + 1
    width = max((len(row.get("values") or []) for row in rows), default=0)
    if width > tab.column_count:
        raise Refused(tab.beyond(Area(top, 0, top + len(rows), width).a1()))
    tab.rows += [BLANK_ROW] * max(0, top + len(rows) - tab.row_count)
    if rows and width:
        job.editable(tab, Area(top, 0, top + len(rows), width))
    for down, row in enumerate(rows):
        for across, data in enumerate(row.get("values") or []):
            place = (top + down, across)
            tab.put(*place, written(tab, *place, cell_after(tab.cell(*place), data or {}, mask)))
    return {}


def repeat_cell(job: Job, request: Json) -> Json:
    mask = read_fields(request.get("fields"), "cell")
    tab, area = job.area(need(request, "range"))
    job.editable(tab, area)
    data = request.get("cell") or {}
    changed = {}
    for row, column in area.places():
        cell = cell_after(tab.cell(row, column), data, mask)
        if isinstance(cell.entered, Formula) and "userEnteredValue" in mask:
            cell = replace(cell, entered=Formula(moved(cell.entered.text, row - area.top, column - area.left)))
        changed[row, column] = written(tab, row, column, cell)
    tab.put_all(changed)
    return {}


def sort_key(cell: Cell) -> tuple[int, Any]:
    """Give what a cell is sorted by: numbers, then texts, then yes and no, then errors."""
    value = cell.effective
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return (1, value.casefold()) if isinstance(value, str) else (3, "")


def sort_range(job: Job, request: Json) -> Json:
    tab, area = job.area(need(request, "range"))
    job.editable(tab, area)
    sort_area(tab, area, need(request, "sortSpecs"))
    return {}


def sort_area(tab: Tab, area: Area, specs: list[Json]) -> None:
    """Sort the rows of an area; references within a row go along with it."""
    for merge in tab.merges:
        if area.touches(area_of(merge, tab.row_count, tab.column_count)):
            raise Refused("You can't sort a range that contains merged cells. Unmerge the cells first.")
    order = list(range(area.top, area.bottom))
    for spec in reversed(specs):
        column = whole_number(spec.get("dimensionIndex", 0))
        filled = [row for row in order if tab.cell(row, column).effective is not None]
        filled.sort(key=lambda row: sort_key(tab.cell(row, column)), reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + [row for row in order if tab.cell(row, column).effective is None]
    before = {row: [tab.cell(row, column) for column in range(area.left, area.right)] for row in order}
    changed = {}
    for now, old in zip(range(area.top, area.bottom), order, strict=True):
        for across, cell in enumerate(before[old]):
            entered = cell.entered
            if isinstance(entered, Formula):
                entered = Formula(moved(entered.text, now - old, 0))
            kept = Cell(entered, cell.effective, cell.fmt, cell.validation, cell.note, cell.spilled, cell.given)
            changed[now, area.left + across] = kept
    tab.put_all(changed)


def find_replace(job: Job, request: Json) -> Json:
    sought, put = need(request, "find"), request.get("replacement", "")
    if "range" in request:
        tab, area = job.area(request["range"])
        places = [(tab, area)]
    else:
        tabs = job.book.tabs if request.get("allSheets") else [job.tab(request)]
        places = [(tab, tab.area) for tab in tabs]
    pattern = re.compile(
        sought if request.get("searchByRegex") else re.escape(sought), 0 if request.get("matchCase") else re.IGNORECASE
    )
    counts = {"valuesChanged": 0, "formulasChanged": 0, "rowsChanged": 0, "sheetsChanged": 0, "occurrencesChanged": 0}
    for tab, area in places:
        rows, changed = set(), {}
        for row, column, cell in tab.filled():
            is_formula = isinstance(cell.entered, Formula)
            if (row, column) not in area or cell.entered is None or (is_formula and not request.get("includeFormulas")):
                continue
            text = cell.entered.text if isinstance(cell.entered, Formula) else str(cell.entered)
            if request.get("matchEntireCell") and not pattern.fullmatch(text):
                continue
            now, times = pattern.subn(put.replace("\\", r"\\"), text)
            if times:
                job.editable(tab, Area(row, column, row + 1, column + 1))
                changed[row, column] = type_into(cell, check_length(now), locale_of(job.book.locale), job.today)
                counts["formulasChanged" if is_formula else "valuesChanged"] += 1
                counts["occurrencesChanged"] += times
                rows.add(row)
        counts["rowsChanged"] += len(rows)
        counts["sheetsChanged"] += bool(rows)
        tab.put_all(changed)
    return {"findReplace": {name: count for name, count in counts.items() if count}}


def set_data_validation(job: Job, request: Json) -> Json:
    tab, area = job.area(need(request, "range"))
    job.editable(tab, area)
    rule = checked_rule(request.get("rule"))
    tab.put_all({place: replace(tab.cell(*place), validation=rule) for place in area.places()})
    return {}


SIDES: tuple[str, ...] = ("top", "bottom", "left", "right")


def update_borders(job: Job, request: Json) -> Json:
    tab, area = job.area(need(request, "range"))
    job.editable(tab, area)
    sides = {name: request[name] for name in SIDES if name in request}
    changed = {}
    for row, column in area.places():
        cell = tab.cell(row, column)
        borders = dict((cell.fmt or {}).get("borders", {}))
        at_edge = {
            "top": row == area.top,
            "bottom": row == area.bottom - 1,
            "left": column == area.left,
            "right": column == area.right - 1,
        }
        for name, is_there in at_edge.items():
            inner = request.get("innerHorizontal" if name in {"top", "bottom"} else "innerVertical")
            side = sides.get(name) if is_there else inner
            if side is not None:
                borders[name] = side
        if borders:
            changed[row, column] = replace(cell, fmt={**(cell.fmt or {}), "borders": borders})
    tab.put_all(changed)
    return {}


HANDLERS = {
    "updateCells": (update_cells, {"rows", "fields", "start", "range"}),
    "appendCells": (append_cells, {"sheetId", "rows", "fields", "tableId"}),
    "repeatCell": (repeat_cell, {"range", "cell", "fields"}),
    "sortRange": (sort_range, {"range", "sortSpecs"}),
    "findReplace": (
        find_replace,
        {
            "find",
            "replacement",
            "matchCase",
            "matchEntireCell",
            "searchByRegex",
            "includeFormulas",
            "range",
            "sheetId",
            "allSheets",
        },
    ),
    "setDataValidation": (set_data_validation, {"range", "rule", "filteredRowsIncluded"}),
    "updateBorders": (
        update_borders,
        {"range", "top", "bottom", "left", "right", "innerHorizontal", "innerVertical"},
    ),
}
