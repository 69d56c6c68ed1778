"""Requests of a batch about merges, colours by rule, protection, filters, named ranges and groups."""

from __future__ import annotations

from typing import Any

from tests.sheets_double.areas import Area, area_of, grid_range
from tests.sheets_double.errors import PROTECTED, Refused
from tests.sheets_double.job import Job, need, whole_number
from tests.sheets_double.masks import as_kept, changed_by, read_fields
from tests.sheets_double.model import Cell, Json, Tab
from tests.sheets_double.showing import shown
from tests.sheets_double.typing_in import Locale, locale_of

BOOLEAN_TYPES = frozenset(
    [
        "NUMBER_GREATER",
        "NUMBER_GREATER_THAN_EQ",
        "NUMBER_LESS",
        "NUMBER_LESS_THAN_EQ",
        "NUMBER_EQ",
        "NUMBER_NOT_EQ",
        "NUMBER_BETWEEN",
        "NUMBER_NOT_BETWEEN",
        "TEXT_CONTAINS",
        "TEXT_NOT_CONTAINS",
        "TEXT_STARTS_WITH",
        "TEXT_ENDS_WITH",
        "TEXT_EQ",
        "DATE_EQ",
        "DATE_BEFORE",
        "DATE_AFTER",
        "BLANK",
        "NOT_BLANK",
        "CUSTOM_FORMULA",
    ]
)


def merge_cells(job: Job, request: Json) -> Json:
    tab, area = job.area(need(request, "range"))
    job.editable(tab, area)
    kind = request.get("mergeType", "MERGE_ALL")
    if kind == "MERGE_COLUMNS":
        parts = [Area(area.top, column, area.bottom, column + 1) for column in range(area.left, area.right)]
    elif kind == "MERGE_ROWS":
        parts = [Area(row, area.left, row + 1, area.right) for row in range(area.top, area.bottom)]
    elif kind == "MERGE_ALL":
        parts = [area]
    else:
        raise Refused(f"Invalid mergeType: {kind}")
    for part in parts:
        _merge(tab, part)
    return {}


def _merge(tab: Tab, area: Area) -> None:
    if area.is_cell or area.is_empty:
        return
    kept = []
    for merge in tab.merges:
        other = area_of(merge, tab.row_count, tab.column_count)
        if area.covers(other):
            continue
        if area.touches(other):
            raise Refused("You must select all cells in a merged range to merge or unmerge them.")
        kept.append(merge)
    tab.merges[:] = [*kept, grid_range(tab.sheet_id, area)]
    # What stood under it is thrown away.
    tab.put_all({place: tab.cell(*place).holding(None) for place in area.places() if place != (area.top, area.left)})


def unmerge_cells(job: Job, request: Json) -> Json:
    tab, area = job.area(need(request, "range"))
    job.editable(tab, area)
    kept = []
    for merge in tab.merges:
        other = area_of(merge, tab.row_count, tab.column_count)
        if area.covers(other):
            continue
        if area.touches(other):
            raise Refused("You must select all cells in a merged range to merge or unmerge them.")
        kept.append(merge)
    tab.merges[:] = kept
    return {}


def _checked_rule(job: Job, rule: Json) -> tuple[Tab, Json]:
    ranges = need(rule, "ranges")
    tab = job.tab(ranges[0])
    for each in ranges:
        tab.resolve(each)
        if whole_number(each.get("sheetId", 0)) != tab.sheet_id:
            raise Refused("All ranges of a rule must be on the same sheet.")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise Refused("A rule must be either a booleanRule or a gradientRule.")
    if "booleanRule" in rule:
        kind = need(need(rule["booleanRule"], "condition"), "type")
        if kind not in BOOLEAN_TYPES:
            raise Refused(f"ConditionType '{kind}' is not supported for conditional formatting.")
    return tab, dict(as_kept(rule))


def add_rule(job: Job, request: Json) -> Json:
    tab, rule = _checked_rule(job, need(request, "rule"))
    index = whole_number(request.get("index", 0))
    if index > len(tab.rules):
        raise Refused(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")
    tab.rules.insert(index, rule)
    return {}


def _rule_at(job: Job, request: Json) -> tuple[Tab, int]:
    tab, index = job.tab(request), whole_number(request.get("index", 0))
    if not 0 <= index < len(tab.rules):
        raise Refused(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")
    return tab, index


def update_rule(job: Job, request: Json) -> Json:
    if "rule" in request:
        owner, rule = _checked_rule(job, request["rule"])
        tab, index = _rule_at(job, {"sheetId": owner.sheet_id} | request)
        old, tab.rules[index] = tab.rules[index], rule
        return {"updateConditionalFormatRule": {"newRule": rule, "newIndex": index, "oldRule": old, "oldIndex": index}}
    tab, index = _rule_at(job, request)
    to = whole_number(need(request, "newIndex"))
    rule = tab.rules.pop(index)
    tab.rules.insert(to, rule)
    return {"updateConditionalFormatRule": {"newRule": rule, "newIndex": to, "oldIndex": index}}


def delete_rule(job: Job, request: Json) -> Json:
    tab, index = _rule_at(job, request)
    return {"deleteConditionalFormatRule": {"rule": tab.rules.pop(index)}}


def _new_id(job: Job, name: str) -> int:
    used = [whole_number(each.get(name, 0)) for tab in job.book.tabs for each in [*tab.protected, *tab.filter_views]]
    return max(used, default=100_000) + 1


def add_protected(job: Job, request: Json) -> Json:
    protected = dict(as_kept(need(request, "protectedRange")))
    tab = job.tab(protected.get("range") or {})
    tab.resolve(protected.get("range") or {})
    number = whole_number(protected.get("protectedRangeId", _new_id(job, "protectedRangeId")))
    if any(each["protectedRangeId"] == number for other in job.book.tabs for each in other.protected):
        raise Refused(f"Duplicate protected range id: {number}")
    protected["protectedRangeId"] = number
    # Nobody can shut himself out.
    editors = {name: who for name, who in protected.get("editors", {}).items() if who}
    users = [*dict.fromkeys([*editors.get("users", ()), job.account])]
    answered = protected | {"editors": editors, "requestingUserCanEdit": True}
    protected = answered | {"editors": editors | {"users": users}}
    tab.protected.append(protected)
    return {"addProtectedRange": {"protectedRange": answered}}


def _protected_at(job: Job, number: int) -> tuple[Tab, int]:
    for tab in job.book.tabs:
        for place, protected in enumerate(tab.protected):
            if protected["protectedRangeId"] == number:
                if job.is_kept_out(protected):
                    raise Refused(PROTECTED)
                return tab, place
    raise Refused(f"No protected range with id: {number}")


def update_protected(job: Job, request: Json) -> Json:
    wanted = need(request, "protectedRange")
    mask = read_fields(request.get("fields"), "protectedRange")
    tab, place = _protected_at(job, whole_number(wanted.get("protectedRangeId", 0)))
    tab.protected[place] = as_kept(changed_by(tab.protected[place], wanted, mask))
    return {}


def delete_protected(job: Job, request: Json) -> Json:
    tab, place = _protected_at(job, whole_number(request.get("protectedRangeId", 0)))
    del tab.protected[place]
    return {}


def set_basic_filter(job: Job, request: Json) -> Json:
    wanted = dict(as_kept(need(request, "filter")))
    tab, area = job.area(wanted.get("range") or {})
    wanted["range"] = grid_range(tab.sheet_id, area)
    tab.basic_filter = wanted
    apply_filter(tab, locale_of(job.book.locale))
    return {}


def clear_basic_filter(job: Job, request: Json) -> Json:
    tab = job.tab(request)
    tab.basic_filter = None
    tab.rows[:] = [row.having(filtered=False) if row.filtered else row for row in tab.rows]
    return {}


def apply_filter(tab: Tab, locale: Locale) -> None:
    """Hide the rows that the filter leaves out; as in life, only when it is set, not when cells change."""
    wanted = tab.basic_filter
    if wanted is None:
        return
    area = area_of(wanted["range"], tab.row_count, tab.column_count)
    criteria = {int(column): each for column, each in (wanted.get("criteria") or {}).items()}
    for spec in wanted.get("filterSpecs", ()):
        criteria[spec.get("columnIndex", 0)] = spec.get("filterCriteria", {})
    for number in range(area.top + 1, area.bottom):
        row = tab.rows[number]
        hidden = any(_is_left_out(tab.cell(number, column), each, locale) for column, each in criteria.items())
        if row.filtered != hidden:
            tab.rows[number] = row.having(filtered=hidden)


def _is_left_out(cell: Cell, criteria: Json, locale: Locale) -> bool:
    text = shown(cell, locale)
    if text in criteria.get("hiddenValues", ()):
        return True
    condition = criteria.get("condition")
    if not condition:
        return False
    wanted = [each.get("userEnteredValue", "") for each in condition.get("values", ())] or [""]
    folded, sought = text.casefold(), wanted[0].casefold()
    tests: dict[str, Any] = {
        "TEXT_CONTAINS": sought in folded,
        "TEXT_NOT_CONTAINS": sought not in folded,
        "TEXT_STARTS_WITH": folded.startswith(sought),
        "TEXT_ENDS_WITH": folded.endswith(sought),
        "TEXT_EQ": folded == sought,
        "BLANK": not text,
        "NOT_BLANK": bool(text),
    }
    if condition["type"] not in tests:
        raise Refused(f"ConditionType '{condition['type']}' is not supported for filters here.")
    return not tests[condition["type"]]


def add_filter_view(job: Job, request: Json) -> Json:
    view = dict(need(request, "filter"))
    tab, area = job.area(view.get("range") or {})
    view |= {
        "range": grid_range(tab.sheet_id, area),
        "filterViewId": view.get("filterViewId", _new_id(job, "filterViewId")),
    }
    view.setdefault("title", f"Filter {len(tab.filter_views) + 1}")
    tab.filter_views.append(view)
    return {"addFilterView": {"filter": view}}


def delete_filter_view(job: Job, request: Json) -> Json:
    number = whole_number(request.get("filterId", 0))
    for tab in job.book.tabs:
        for view in tab.filter_views:
            if view["filterViewId"] == number:
                tab.filter_views.remove(view)
                return {}
    raise Refused(f"No filter view with id: {number}")


def add_named_range(job: Job, request: Json) -> Json:
    named = dict(need(request, "namedRange"))
    job.area(need(named, "range"))
    if any(each["name"].casefold() == need(named, "name").casefold() for each in job.book.named):
        raise Refused(f"A named range with name: {named['name']} already exists.")
    named.setdefault("namedRangeId", f"range{len(job.book.named) + 1}_{abs(hash(named['name'])) % 10_000}")
    job.book.named.append(named)
    return {"addNamedRange": {"namedRange": named}}


def _named_at(job: Job, number: Any) -> int:
    for place, named in enumerate(job.book.named):
        if named["namedRangeId"] == number:
            return place
    raise Refused(f"Cannot find named range with id: {number}")


def update_named_range(job: Job, request: Json) -> Json:
    wanted = need(request, "namedRange")
    place = _named_at(job, wanted.get("namedRangeId"))
    mask = read_fields(request.get("fields"), "namedRange")
    job.book.named[place] = changed_by(job.book.named[place], wanted, mask)
    return {}


def delete_named_range(job: Job, request: Json) -> Json:
    del job.book.named[_named_at(job, request.get("namedRangeId"))]
    return {}


def _groups(job: Job, request: Json) -> tuple[list[Json], Json]:
    place = need(request, "range")
    tab = job.tab(place)
    return tab.groups.setdefault("rowGroups" if place.get("dimension") == "ROWS" else "columnGroups", []), place


def add_group(job: Job, request: Json) -> Json:
    groups, place = _groups(job, request)
    groups.append({"range": place, "depth": 1})
    tab = job.tab(place)
    control = "rowGroupControlAfter" if place.get("dimension") == "ROWS" else "columnGroupControlAfter"
    tab.more["gridProperties"] = {**tab.more.get("gridProperties", {}), control: True}
    return {"addDimensionGroup": {"dimensionGroups": list(groups)}}


def delete_group(job: Job, request: Json) -> Json:
    groups, place = _groups(job, request)
    found = next((each for each in groups if each["range"] == place), None)
    if found is None:
        raise Refused("There is no group that matches this range.")
    groups.remove(found)
    return {"deleteDimensionGroup": {"dimensionGroups": list(groups)} if groups else {}}


HANDLERS = {
    "mergeCells": (merge_cells, {"range", "mergeType"}),
    "unmergeCells": (unmerge_cells, {"range"}),
    "addConditionalFormatRule": (add_rule, {"rule", "index"}),
    "updateConditionalFormatRule": (update_rule, {"index", "sheetId", "rule", "newIndex"}),
    "deleteConditionalFormatRule": (delete_rule, {"index", "sheetId"}),
    "addProtectedRange": (add_protected, {"protectedRange"}),
    "updateProtectedRange": (update_protected, {"protectedRange", "fields"}),
    "deleteProtectedRange": (delete_protected, {"protectedRangeId"}),
    "setBasicFilter": (set_basic_filter, {"filter"}),
    "clearBasicFilter": (clear_basic_filter, {"sheetId"}),
    "addFilterView": (add_filter_view, {"filter"}),
    "deleteFilterView": (delete_filter_view, {"filterId"}),
    "addNamedRange": (add_named_range, {"namedRange"}),
    "updateNamedRange": (update_named_range, {"namedRange", "fields"}),
    "deleteNamedRange": (delete_named_range, {"namedRangeId"}),
    "addDimensionGroup": (add_group, {"range"}),
    "deleteDimensionGroup": (delete_group, {"range"}),
}
