"""Developer metadata: notes of programs about a spreadsheet, its tabs, rows and columns, each with an id of its own."""

from __future__ import annotations

import secrets

from tests.sheets_double.errors import Refused
from tests.sheets_double.job import Job, need, whole_number
from tests.sheets_double.masks import changed_by, read_fields
from tests.sheets_double.model import Book, Json

# Characters of keys and values that a spreadsheet, and each tab, may hold.
CEILING = 30_000
VISIBILITIES = frozenset({"DOCUMENT", "PROJECT"})
FIELDS = frozenset({"metadataId", "metadataKey", "metadataValue", "location", "visibility"})


def _location(job: Job, told: Json) -> Json:
    """Give a location as Google shows it; raises Refused."""
    kinds = [name for name in ("spreadsheet", "sheetId", "dimensionRange") if name in told]
    if len(kinds) != 1 or (kinds[0] == "spreadsheet" and told["spreadsheet"] is not True):
        raise Refused("Developer metadata must have exactly one location: spreadsheet, sheetId or dimensionRange.")
    if kinds[0] == "spreadsheet":
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if kinds[0] == "sheetId":
        tab = job.tab(told)
        return {"locationType": "SHEET", "sheetId": tab.sheet_id}
    place = told["dimensionRange"]
    tab = job.tab(place)
    axis = place.get("dimension")
    start, end = whole_number(need(place, "startIndex")), whole_number(need(place, "endIndex"))
    size = tab.row_count if axis == "ROWS" else tab.column_count
    if axis not in {"ROWS", "COLUMNS"} or not 0 <= start < end <= size:
        raise Refused("The dimension range of developer metadata must lie within the sheet.")
    if end - start != 1:
        raise Refused("Developer metadata may be associated with one row or column only.")
    shown = {"sheetId": tab.sheet_id, "dimension": axis, "startIndex": start, "endIndex": end}
    return {"locationType": "ROW" if axis == "ROWS" else "COLUMN", "dimensionRange": shown}


def _size(book: Book) -> int:
    return sum(len(each["metadataKey"]) + len(each.get("metadataValue", "")) for each in book.metadata.values())


def create(job: Job, request: Json) -> Json:
    told = need(request, "developerMetadata")
    if unknown := set(told) - FIELDS:
        raise Refused(f'Unknown name "{min(unknown)}": Cannot find field.')
    if not told.get("metadataKey"):
        raise Refused("Developer metadata must have a key.")
    if told.get("visibility") not in VISIBILITIES:
        raise Refused("Developer metadata must have a visibility.")
    number = whole_number(told.get("metadataId", 0))
    if number < 0 or number >= 2**31:
        raise Refused("The id of developer metadata must be a positive 32-bit number.")
    if not number:
        number = secrets.randbelow(2**31 - 1) + 1
    elif number in job.book.metadata and job.unique_ids:
        raise Refused(f"Developer metadata with id {number} already exists.")
    metadata: Json = {"metadataId": number, "metadataKey": told["metadataKey"]}
    if told.get("metadataValue"):
        metadata["metadataValue"] = str(told["metadataValue"])
    metadata |= {"location": _location(job, need(told, "location")), "visibility": told["visibility"]}
    job.book.metadata[number] = metadata
    if _size(job.book) > CEILING:
        raise Refused(f"This change would exceed the limit of {CEILING} characters of developer metadata.")
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def find(book: Book, filters: list[Json]) -> list[Json]:
    """Give the developer metadata that one of these data filters names; raises Refused."""
    found: dict[int, Json] = {}
    for each in filters:
        if "developerMetadataLookup" not in each:
            raise Refused("Only developerMetadataLookup is known here as a data filter.")
        lookup = each["developerMetadataLookup"]
        found |= {n: metadata for n, metadata in book.metadata.items() if _matches(metadata, lookup)}
    return list(found.values())


def _matches(metadata: Json, lookup: Json) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and str(metadata.get(name)) != str(lookup[name]):
            return False
    location = metadata["location"]
    if "locationType" in lookup and location["locationType"] != lookup["locationType"]:
        return False
    place = lookup.get("metadataLocation")
    if not place:
        return True
    exact = lookup.get("locationMatchingStrategy", "EXACT_LOCATION") == "EXACT_LOCATION"
    if "dimensionRange" in place:
        own = location.get("dimensionRange")
        return own is not None and all(own.get(name) == value for name, value in place["dimensionRange"].items())
    if place.get("spreadsheet"):
        return True if not exact else bool(location.get("spreadsheet"))
    own_sheet = location.get("sheetId", location.get("dimensionRange", {}).get("sheetId"))
    return own_sheet == place.get("sheetId") and (not exact or "sheetId" in location)


def update(job: Job, request: Json) -> Json:
    told = need(request, "developerMetadata")
    mask = read_fields(request.get("fields"), "developerMetadata")
    found = find(job.book, need(request, "dataFilters"))
    if not found:
        raise Refused("No developer metadata matches the given data filters.")
    changed = []
    for old in found:
        wanted = dict(told)
        if "location" in wanted:
            wanted["location"] = _location(job, wanted["location"])
        now = changed_by(old, wanted, mask)
        if not now.get("metadataKey") or now.get("visibility") not in VISIBILITIES:
            raise Refused("Developer metadata must have a key and a visibility.")
        if now["metadataId"] != old["metadataId"]:
            if now["metadataId"] in job.book.metadata:
                raise Refused(f"Developer metadata with id {now['metadataId']} already exists.")
            del job.book.metadata[old["metadataId"]]
        job.book.metadata[now["metadataId"]] = now
        changed.append(now)
    return {"updateDeveloperMetadata": {"developerMetadata": changed}}


def delete(job: Job, request: Json) -> Json:
    found = find(job.book, [need(request, "dataFilter")])
    if not found and job.strict_deletes:
        raise Refused("No developer metadata matches the given data filter.")
    for each in found:
        del job.book.metadata[each["metadataId"]]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": found} if found else {}}


HANDLERS = {
    "createDeveloperMetadata": (create, {"developerMetadata"}),
    "updateDeveloperMetadata": (update, {"dataFilters", "developerMetadata", "fields"}),
    "deleteDeveloperMetadata": (delete, {"dataFilter"}),
}
