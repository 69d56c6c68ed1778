"""Requests of a batch about tabs, rows, columns and the spreadsheet itself."""

from __future__ import annotations

from dataclasses import replace

from tests.sheets_double import structure
from tests.sheets_double.areas import Area
from tests.sheets_double.describing import tab_properties
from tests.sheets_double.errors import PROTECTED, Refused
from tests.sheets_double.job import Job, need, whole_number
from tests.sheets_double.masks import as_kept, read_fields
from tests.sheets_double.model import BLANK_ROW, Column, Formula, Json, Tab
from tests.sheets_double.references import Reference, turn
from tests.sheets_double.typing_in import shown_locale

KNOWN_LOCALES = frozenset(
    {
        "en_US", "en_GB", "en", "id_ID", "in_ID", "id", "in", "ms_MY", "fr_FR", "ja_JP",
        "de_DE", "es_ES", "it_IT", "nl_NL", "pt_BR", "tr_TR", "vi_VN", "da_DK",
    }
)  # fmt: skip
_AXES = ("ROWS", "COLUMNS")


def _dimension(job: Job, place: Json) -> tuple[Tab, str, int, int]:
    tab = job.tab(place)
    axis = place.get("dimension")
    if axis not in _AXES:
        raise Refused("No dimension specified.")
    size = tab.row_count if axis == "ROWS" else tab.column_count
    return tab, axis, whole_number(place.get("startIndex", 0)), whole_number(place.get("endIndex", size))


def insert_dimension(job: Job, request: Json) -> Json:
    place = need(request, "range")
    tab, axis, start, end = _dimension(job, place)
    if "startIndex" not in place or "endIndex" not in place or end <= start:
        raise Refused("range.startIndex and range.endIndex must be set, and the end must lie after the start.")
    job.movable(tab, axis, start, start)
    structure.insert(job.book, tab, axis, start, end - start, inherit_before=bool(request.get("inheritFromBefore")))
    return {}


def delete_dimension(job: Job, request: Json) -> Json:
    tab, axis, start, end = _dimension(job, need(request, "range"))
    job.movable(tab, axis, start, end)
    structure.delete(job.book, tab, axis, start, end)
    return {}


def move_dimension(job: Job, request: Json) -> Json:
    tab, axis, start, end = _dimension(job, need(request, "source"))
    to = whole_number(request.get("destinationIndex", 0))
    job.movable(tab, axis, start, end)
    job.movable(tab, axis, to, to)
    structure.move(job.book, tab, axis, start, end, to)
    return {}


def append_dimension(job: Job, request: Json) -> Json:
    tab = job.tab(request)
    length = whole_number(request.get("length", 0))
    if request.get("dimension") not in _AXES or length < 1:
        raise Refused("The dimension and a length of at least 1 must be specified.")
    if request["dimension"] == "ROWS":
        tab.rows += [BLANK_ROW] * length
    else:
        tab.columns += [Column()] * length
    return {}


def update_dimension_properties(job: Job, request: Json) -> Json:
    tab, axis, start, end = _dimension(job, need(request, "range"))
    mask = read_fields(request.get("fields"), "properties")
    properties = request.get("properties") or {}
    size = tab.row_count if axis == "ROWS" else tab.column_count
    if end > size:
        raise Refused(f"{axis} {start} to {end} exceed grid limits. Max: {size}")
    everything = "*" in mask
    hidden = bool(properties.get("hiddenByUser")) if everything or "hiddenByUser" in mask else None
    pixels = properties.get("pixelSize") if everything or "pixelSize" in mask else None
    for number in range(start, end):
        if axis == "ROWS":
            row = tab.rows[number]
            height = row.height if pixels is None else whole_number(pixels)
            tab.rows[number] = row.having(hidden=row.hidden if hidden is None else hidden, height=height)
        else:
            column = tab.columns[number]
            width = column.width if pixels is None else whole_number(pixels)
            tab.columns[number] = Column(column.hidden if hidden is None else hidden, width)
    return {}


def auto_resize(job: Job, request: Json) -> Json:
    tab, axis, start, end = _dimension(job, need(request, "dimensions"))
    if axis == "COLUMNS":
        for number in range(start, min(end, tab.column_count)):
            longest = max((len(str(row.cells[number].effective)) for row in tab.rows if number in row.cells), default=0)
            tab.columns[number] = replace(tab.columns[number], width=max(21, longest * 7 + 10))
    return {}


def _check_title(job: Job, title: str, but: Tab | None = None) -> str:
    if not title or len(title) > 100:
        raise Refused("The sheet name cannot be empty or longer than 100 characters.")
    other = job.book.titled(title)
    if other is not None and other is not but:
        raise Refused(f'A sheet with the name "{title}" already exists. Please enter another name.')
    return title


def _free_title(job: Job, wanted: str) -> str:
    number = 1
    while job.book.titled(f"{wanted}{number}"):
        number += 1
    return f"{wanted}{number}"


def add_sheet(job: Job, request: Json) -> Json:
    properties = request.get("properties") or {}
    title = properties.get("title") or _free_title(job, "Sheet")
    number = whole_number(properties["sheetId"]) if "sheetId" in properties else job.book.new_number()
    if number < 0 or any(tab.sheet_id == number for tab in job.book.tabs):
        raise Refused(f"Duplicate sheet id: {number}. Sheet ids must be unique and not negative.")
    grid = properties.get("gridProperties") or {}
    tab = Tab(number, _check_title(job, title))
    tab.rows = [BLANK_ROW] * whole_number(grid.get("rowCount", tab.row_count))
    tab.columns = [Column()] * whole_number(grid.get("columnCount", tab.column_count))
    index = whole_number(properties.get("index", len(job.book.tabs)))
    if not 0 <= index <= len(job.book.tabs):
        raise Refused(f"Invalid index: {index}")
    job.book.tabs.insert(index, tab)
    _set_properties(
        job,
        tab,
        properties,
        {
            "gridProperties": {"frozenRowCount": {}, "frozenColumnCount": {}},
            "hidden": {},
            "tabColor": {},
            "rightToLeft": {},
        },
    )
    return {"addSheet": {"properties": tab_properties(tab, index)}}


def delete_sheet(job: Job, request: Json) -> Json:
    tab = job.book.tab(whole_number(need(request, "sheetId")))
    if any(job.is_kept_out(each) for each in tab.protected):
        raise Refused(PROTECTED)
    others = [each for each in job.book.tabs if each is not tab]
    if not any(not each.hidden for each in others):
        raise Refused("You can't remove all the visible sheets in a document.")
    job.book.tabs[:] = others
    job.book.named[:] = [each for each in job.book.named if each["range"].get("sheetId", 0) != tab.sheet_id]
    job.book.metadata = {n: each for n, each in job.book.metadata.items() if not belongs(each, tab.sheet_id)}

    def gone(reference: Reference) -> Reference | None:
        return None if reference.title is not None and reference.title.casefold() == tab.title.casefold() else reference

    for home, row, column, cell in list(job.book.formulas()):
        if isinstance(cell.entered, Formula):
            home.put(row, column, replace(cell, entered=Formula("=" + turn(cell.entered.text[1:], gone))))
    return {}


def belongs(metadata: Json, sheet_id: int) -> bool:
    """Say whether a developer metadata is of a tab, or of rows or columns in it."""
    place = metadata["location"]
    return sheet_id in {place.get("sheetId"), place.get("dimensionRange", {}).get("sheetId")}


def duplicate_sheet(job: Job, request: Json) -> Json:
    source = job.book.tab(whole_number(request.get("sourceSheetId", 0)))
    number = whole_number(request["newSheetId"]) if "newSheetId" in request else job.book.new_number()
    if any(tab.sheet_id == number for tab in job.book.tabs):
        raise Refused(f"Duplicate sheet id: {number}. Sheet ids must be unique and not negative.")
    title = request.get("newSheetName") or f"Copy of {source.title}"
    if "newSheetName" not in request and job.book.titled(title):
        title = _free_title(job, title + " ")
    tab = source.copy()
    tab.sheet_id, tab.title = number, _check_title(job, title)

    def renumber(thing: Json) -> Json:
        return {
            name: renumber(value)
            if isinstance(value, dict)
            else [renumber(each) if isinstance(each, dict) else each for each in value]
            if isinstance(value, list)
            else (number if name == "sheetId" else value)
            for name, value in thing.items()
        }

    for name in ("merges", "rules", "protected", "filter_views"):
        setattr(tab, name, [renumber(each) for each in getattr(source, name)])
    tab.protected = []
    if tab.basic_filter is not None:
        tab.basic_filter = renumber(tab.basic_filter)
    index = whole_number(request.get("insertSheetIndex", 0))
    job.book.tabs.insert(min(index, len(job.book.tabs)), tab)
    return {"duplicateSheet": {"properties": tab_properties(tab, job.book.tabs.index(tab))}}


def update_sheet_properties(job: Job, request: Json) -> Json:
    properties = request.get("properties") or {}
    mask = read_fields(request.get("fields"), "properties")
    tab = job.tab(properties)
    whole = Area(0, 0, tab.row_count, tab.column_count)
    if any(job.is_kept_out(each) and tab.resolve(each.get("range", {})) == whole for each in tab.protected):
        raise Refused(PROTECTED)
    _set_properties(job, tab, properties, mask)
    return {}


def _set_properties(job: Job, tab: Tab, properties: Json, mask: Json) -> None:
    known = {
        "title",
        "index",
        "hidden",
        "gridProperties",
        "tabColor",
        "tabColorStyle",
        "rightToLeft",
        "sheetId",
        "sheetType",
        "*",
    }
    if unknown := set(mask) - known:
        raise Refused(f"Invalid field: {min(unknown)}")
    names = set(properties) if "*" in mask else set(mask)
    if "title" in names:
        _rename(job, tab, _check_title(job, properties.get("title", ""), tab))
    if "hidden" in names:
        hidden = bool(properties.get("hidden"))
        if hidden and all(each.hidden or each is tab for each in job.book.tabs):
            raise Refused("You can't hide all the sheets in a document.")
        tab.hidden = hidden
    if "index" in names and "index" in properties:
        index = whole_number(properties["index"])
        if not 0 <= index <= len(job.book.tabs):
            raise Refused(f"Invalid index: {index}")
        old = job.book.tabs.index(tab)
        job.book.tabs.remove(tab)
        # Counted as they stood before: moving right passes its own old place.
        job.book.tabs.insert(index - 1 if index > old else index, tab)
    if "gridProperties" in names:
        _set_grid(job, tab, properties.get("gridProperties") or {}, {} if "*" in mask else mask["gridProperties"])
    for name in {"tabColor", "tabColorStyle", "rightToLeft"} & names:
        for each in ("tabColor", "tabColorStyle") if name != "rightToLeft" else (name,):
            tab.more.pop(each, None)
        kept = as_kept({name: properties.get(name)})
        if kept.get("tabColorStyle") != {}:
            tab.more |= kept


def _set_grid(job: Job, tab: Tab, grid: Json, mask: Json) -> None:
    names = set(mask) or set(grid)
    rows = whole_number(grid.get("rowCount", 0)) if "rowCount" in names else tab.row_count
    columns = whole_number(grid.get("columnCount", 0)) if "columnCount" in names else tab.column_count
    structure.resize(job.book, tab, rows, columns)
    if "frozenRowCount" in names:
        tab.frozen_rows = whole_number(grid.get("frozenRowCount", 0))
    if "frozenColumnCount" in names:
        tab.frozen_columns = whole_number(grid.get("frozenColumnCount", 0))
    if tab.frozen_rows >= tab.row_count or tab.frozen_columns >= tab.column_count:
        raise Refused("You can't freeze all visible rows or columns on the sheet.")
    for name in {"hideGridlines", "rowGroupControlAfter", "columnGroupControlAfter"} & names:
        kept = dict(tab.more.get("gridProperties", {}))
        kept.pop(name, None)
        if grid.get(name):
            kept[name] = True
        tab.more["gridProperties"] = kept


def _rename(job: Job, tab: Tab, title: str) -> None:
    old = tab.title

    def change(reference: Reference) -> Reference:
        is_it = reference.title is not None and reference.title.casefold() == old.casefold()
        return replace(reference, title=title) if is_it else reference

    for home, row, column, cell in list(job.book.formulas()):
        if isinstance(cell.entered, Formula):
            home.put(row, column, replace(cell, entered=Formula("=" + turn(cell.entered.text[1:], change))))
    tab.title = title


def update_spreadsheet_properties(job: Job, request: Json) -> Json:
    properties = request.get("properties") or {}
    mask = read_fields(request.get("fields"), "properties")
    names = set(properties) if "*" in mask else set(mask)
    if "title" in names:
        job.book.title = properties.get("title") or "Untitled spreadsheet"
    if "locale" in names:
        if properties.get("locale") not in KNOWN_LOCALES:
            raise Refused(f"Unsupported locale: {properties.get('locale')}")
        job.book.locale = shown_locale(properties["locale"])
    if "timeZone" in names:
        if "/" not in properties.get("timeZone", ""):
            raise Refused(f"Invalid time zone: {properties.get('timeZone')}")
        job.book.time_zone = properties["timeZone"]
    return {}


HANDLERS = {
    "insertDimension": (insert_dimension, {"range", "inheritFromBefore"}),
    "deleteDimension": (delete_dimension, {"range"}),
    "moveDimension": (move_dimension, {"source", "destinationIndex"}),
    "appendDimension": (append_dimension, {"sheetId", "dimension", "length", "tableId"}),
    "updateDimensionProperties": (
        update_dimension_properties,
        {"range", "properties", "fields", "dataSourceSheetRange"},
    ),
    "autoResizeDimensions": (auto_resize, {"dimensions", "dataSourceSheetDimensions"}),
    "addSheet": (add_sheet, {"properties"}),
    "deleteSheet": (delete_sheet, {"sheetId"}),
    "duplicateSheet": (duplicate_sheet, {"sourceSheetId", "insertSheetIndex", "newSheetId", "newSheetName"}),
    "updateSheetProperties": (update_sheet_properties, {"properties", "fields"}),
    "updateSpreadsheetProperties": (update_spreadsheet_properties, {"properties", "fields"}),
}
