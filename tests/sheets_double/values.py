"""spreadsheets.values: reading and writing plain grids of values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sheets_double.areas import Area, letters, quoted, split_title
from tests.sheets_double.errors import Refused, bad_request
from tests.sheets_double.job import Job, check_length, written
from tests.sheets_double.model import BLANK_ROW, Book, Cell, Failure, Formula, Json, Tab
from tests.sheets_double.showing import DATE_TYPES, show, shown
from tests.sheets_double.structure import insert
from tests.sheets_double.typing_in import Locale, locale_of, type_into
from tests.sheets_double.working_out import work_out

RENDERS = frozenset({"FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"})
INPUTS = frozenset({"RAW", "USER_ENTERED"})


@dataclass(frozen=True)
class Rendering:
    """How values are wanted."""

    render: str = "FORMATTED_VALUE"
    dates: str = "SERIAL_NUMBER"
    by_columns: bool = False

    @classmethod
    def read(cls, asked: Callable[[str], str | None], prefix: str = "") -> Rendering:
        """Read what a query or a body asks; raises ApiError."""

        def name(word: str) -> str:
            return prefix + word[0].upper() + word[1:] if prefix else word

        render = asked(name("valueRenderOption")) or "FORMATTED_VALUE"
        dates = asked(name("dateTimeRenderOption")) or "SERIAL_NUMBER"
        major = asked("majorDimension") or "ROWS"
        for field, value, known in (
            ("value_render_option", render, RENDERS),
            ("date_time_render_option", dates, {"SERIAL_NUMBER", "FORMATTED_STRING"}),
            ("major_dimension", major, {"ROWS", "COLUMNS", "DIMENSION_UNSPECIFIED"}),
        ):
            if value not in known:
                raise bad_request(f"Invalid value at '{field}', \"{value}\"")
        return cls(render, dates, major == "COLUMNS")


def look_up(book: Book, text: str) -> tuple[Tab, Area]:
    """Read a range; raises ApiError."""
    try:
        return book.find(text)
    except Refused as refusal:
        raise bad_request(refusal.message) from refusal


def rendered(cell: Cell, how: Rendering, locale: Locale) -> Any:
    """Give a cell's value as it was asked for; "" for none."""
    if how.render == "FORMULA" and isinstance(cell.entered, Formula):
        return cell.entered.text
    value = cell.effective
    if value is None:
        return ""
    if how.render == "FORMATTED_VALUE":
        return shown(cell, locale)
    if isinstance(value, Failure):
        return value.shown
    number_format = (cell.fmt or {}).get("numberFormat") or {}
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and how.dates == "FORMATTED_STRING" and number_format.get("type") in DATE_TYPES:
        return show(value, number_format, locale)
    return value


def grid_of(tab: Tab, area: Area, how: Rendering, locale: Locale) -> list[list[Any]]:
    """Give the values of an area, without trailing empty cells and rows."""
    grid: list[list[Any]] = []
    for number in range(area.top, min(area.bottom, tab.row_count)):
        cells = tab.rows[number].cells
        line: list[Any] = []
        if cells:
            for column in range(area.left, area.right):
                cell = cells.get(column)
                line.append(None if cell is None or cell.effective is None else rendered(cell, how, locale))
            while line and line[-1] is None:
                line.pop()
        grid.append(["" if value is None else value for value in line])
    while grid and not grid[-1]:
        grid.pop()
    if not how.by_columns or not grid:
        return grid
    width = max(len(line) for line in grid)
    turned = [[line[column] if column < len(line) else "" for line in grid] for column in range(width)]
    for line in turned:
        while line and line[-1] == "":
            line.pop()
    return turned


def value_range(book: Book, text: str, how: Rendering) -> Json:
    """Give what values.get answers; raises ApiError."""
    tab, asked = look_up(book, text)
    if asked.top >= tab.row_count or asked.left >= tab.column_count:
        raise bad_request(tab.beyond(split_title(text)[1] or asked.a1()))
    return value_range_of(book, tab, asked.common(tab.area), how)


def value_range_of(book: Book, tab: Tab, area: Area, how: Rendering) -> Json:
    """Give the values of an area as Google's ValueRange."""
    found: Json = {
        "range": f"{quoted(tab.title)}!{area.a1()}",
        "majorDimension": "COLUMNS" if how.by_columns else "ROWS",
    }
    grid = grid_of(tab, area, how, locale_of(book.locale))
    if grid:
        found["values"] = grid
    return found


def check_values(values: Any, field: str = "data.values") -> list[list[Any]]:
    """See that values are a grid of what a cell can hold; raises ApiError."""
    if values is None:
        return []
    if not isinstance(values, list):
        raise _wrong_values(field, values)
    for place, line in enumerate(values):
        if not isinstance(line, list):
            raise _wrong_values(f"{field}[{place}]" if field != "data.values" else f"data.values[{place}]", line)
        for column, value in enumerate(line):
            if isinstance(value, dict | list):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                raise bad_request(f"Invalid values[{place}][{column}]: {kind} {{}}")
    return values


def _wrong_values(field: str, value: Any) -> Exception:
    told = f'"{value}"' if isinstance(value, str) else f"{value}"
    text = f"Invalid value at '{field}' (type.googleapis.com/google.protobuf.ListValue), {told}"
    error = bad_request(text)
    violation = {"field": field, "description": text}
    error.details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return error


def check_input(option: str | None) -> str:
    """Give how values are taken; raises ApiError."""
    if not option or option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise bad_request("'valueInputOption' is required but not specified")
    if option not in INPUTS:
        raise bad_request(f"Invalid value at 'value_input_option', \"{option}\"")
    return option


def put(job: Job, tab: Tab, top: int, left: int, values: list[list[Any]], option: str) -> int:
    """
    Write a grid; None leaves a cell as it is.

    Returns:
        How many cells were written.

    Raises:
        Refused
    """
    locale = locale_of(job.book.locale)
    changed: dict[tuple[int, int], Cell] = {}
    for down, line in enumerate(values):
        for across, value in enumerate(line):
            if value is None:
                continue
            place = (top + down, left + across)
            cell = tab.cell(*place)
            if isinstance(value, str):
                check_length(value)
                cell = cell.holding(value or None) if option == "RAW" else type_into(cell, value, locale, job.today)
            else:
                cell = cell.holding(value)
            changed[place] = written(tab, *place, cell)
    tab.put_all(changed)
    return len(changed)


def update(job: Job, text: str, body: Json, option: str, answer: Rendering | None) -> Json:
    """Do values.update; raises ApiError."""
    tab, asked = look_up(job.book, text)
    values = check_values(body.get("values"))
    if body.get("majorDimension") == "COLUMNS":
        width = max((len(line) for line in values), default=0)
        values = [[line[row] if row < len(line) else None for line in values] for row in range(width)]
    height, width = len(values), max((len(line) for line in values), default=0)
    if asked.top >= tab.row_count or asked.left >= tab.column_count:
        raise bad_request(tab.beyond(split_title(text)[1] or asked.a1()))
    room = asked.common(tab.area)
    if not asked.is_cell:
        shown_range = f"{quoted(tab.title)}!{asked.a1()}"
        if height > asked.bottom - asked.top:
            raise bad_request(
                f"Requested writing within range [{shown_range}], but tried writing to row [{asked.bottom + 1}]"
            )
        if width > asked.right - asked.left:
            raise bad_request(
                f"Requested writing within range [{shown_range}], but tried writing to column [{letters(asked.right)}]"
            )
    target = Area(room.top, room.left, room.top + max(height, 1), room.left + max(width, 1))
    return _write(job, tab, target, values, option, answer)


def _write(job: Job, tab: Tab, target: Area, values: list[list[Any]], option: str, answer: Rendering | None) -> Json:
    try:
        tab.check(target)
        if any(value is not None for line in values for value in line):
            job.editable(tab, target)
        count = put(job, tab, target.top, target.left, values, option)
    except Refused as refusal:
        raise bad_request(refusal.message) from refusal
    work_out(job.book)
    told: Json = {"updatedRange": f"{quoted(tab.title)}!{target.a1()}"}
    if count:
        written_rows = {row for row, line in enumerate(values) if any(value is not None for value in line)}
        written_columns = {column for line in values for column, value in enumerate(line) if value is not None}
        told |= {"updatedRows": len(written_rows), "updatedColumns": len(written_columns), "updatedCells": count}
    if answer is not None:
        told["updatedData"] = value_range_of(job.book, tab, target, answer)
    return told


def find_table(tab: Tab, asked: Area) -> Area | None:
    """
    Find the table that values.append adds to: the block of touching cells with data that meets what was asked for - where
    there are several, the last one.
    """
    filled = {
        (number, column)
        for number, row in enumerate(tab.rows)
        for column, cell in row.cells.items()
        if cell.entered is not None or cell.effective is not None
    }
    blocks: list[Area] = []
    left = set(filled)
    while left:
        block = _grow(left.pop(), filled)
        left = {place for place in left if place not in block}
        blocks.append(block)
    near = [block for block in blocks if block.touches(asked)]
    return max(near, key=lambda block: (block.bottom, block.left), default=None)


def _grow(seed: tuple[int, int], filled: set[tuple[int, int]]) -> Area:
    """Give the rectangle around a cell that no filled cell touches from outside."""
    rows = {row for row, _ in filled}
    by_row: dict[int, set[int]] = {row: set() for row in rows}
    for row, column in filled:
        by_row[row].add(column)
    top, left, bottom, right = seed[0], seed[1], seed[0] + 1, seed[1] + 1
    grown = True
    while grown:
        grown = False
        while any(left - 1 <= column <= right for column in by_row.get(bottom, ())):
            bottom, grown = bottom + 1, True
        while any(left - 1 <= column <= right for column in by_row.get(top - 1, ())):
            top, grown = top - 1, True
        band = range(max(0, top - 1), bottom + 1)
        while any(right in by_row.get(row, ()) for row in band):
            right, grown = right + 1, True
        while any(left - 1 in by_row.get(row, ()) for row in band):
            left, grown = left - 1, True
    return Area(top, left, bottom, right)


def append(job: Job, text: str, body: Json, option: str, insert_rows: bool, answer: Rendering | None) -> Json:
    """Do values.append; raises ApiError."""
    tab, asked = look_up(job.book, text)
    values = check_values(body.get("values"))
    if body.get("majorDimension") == "COLUMNS":
        width = max((len(line) for line in values), default=0)
        values = [[line[row] if row < len(line) else None for line in values] for row in range(width)]
    table = find_table(tab, asked)
    top, left = (asked.top, asked.left) if table is None else (table.bottom, table.left)
    height, width = len(values), max((len(line) for line in values), default=0)
    target = Area(top, left, top + max(height, 1), left + max(width, 1))
    if target.right > tab.column_count:
        raise bad_request(tab.beyond(target.a1()))
    try:
        if insert_rows and top < tab.row_count and height:
            job.movable(tab, "ROWS", top, top)
            insert(job.book, tab, "ROWS", top, height, inherit_before=top > 0)
        else:
            tab.rows += [BLANK_ROW] * max(0, target.bottom - tab.row_count)
    except Refused as refusal:
        raise bad_request(refusal.message) from refusal
    told: Json = {} if table is None else {"tableRange": f"{quoted(tab.title)}!{table.a1()}"}
    return told | {"updates": _write(job, tab, target, values, option, answer)}


def clear(job: Job, text: str) -> str:
    """
    Do values.clear.

    Returns:
        The range that was cleared.

    Raises:
        ApiError
    """
    tab, asked = look_up(job.book, text)
    if asked.top >= tab.row_count or asked.left >= tab.column_count:
        raise bad_request(tab.beyond(split_title(text)[1] or asked.a1()))
    area = asked.common(tab.area)
    try:
        job.editable(tab, area)
    except Refused as refusal:
        raise bad_request(refusal.message) from refusal
    changed = {
        (row, column): cell.holding(None)
        for row, column, cell in tab.filled()
        if (row, column) in area and not cell.spilled
    }
    tab.put_all(changed)
    work_out(job.book)
    return f"{quoted(tab.title)}!{area.a1()}"
