"""Field masks: which parts of an answer are wanted, and which parts of something are to be changed."""

from __future__ import annotations

from typing import Any

from tests.sheets_double.errors import ApiError, Refused

Mask = dict[str, Any]
SHEET_FIELDS = frozenset(
    [
        "properties",
        "data",
        "merges",
        "conditionalFormats",
        "filterViews",
        "protectedRanges",
        "basicFilter",
        "charts",
        "bandedRanges",
        "developerMetadata",
        "rowGroups",
        "columnGroups",
        "slicers",
        "tables",
    ]
)
BOOK_FIELDS = frozenset(
    [
        "spreadsheetId",
        "properties",
        "sheets",
        "namedRanges",
        "spreadsheetUrl",
        "developerMetadata",
        "dataSources",
        "dataSourceSchedules",
    ]
)


class _NoMask(Exception):
    """The text is no mask."""


def parse_mask(text: str) -> Mask:
    """
    Read "a,b(c,d/e),f.g" as a tree; an empty branch means everything below.

    Raises:
        ApiError
    """
    try:
        mask, rest = _branches(text.replace(" ", ""), 0)
        if rest != len(text.replace(" ", "")):
            raise _NoMask
    except _NoMask:
        raise invalid_fields(text) from None
    return mask


def invalid_fields(path: str) -> ApiError:
    """Give the 400 of a mask that names what there isn't."""
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    violation = {"field": path, "description": text}
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return ApiError(400, "Request contains an invalid argument.", details=details)


def _branches(text: str, at: int) -> tuple[Mask, int]:
    found: Mask = {}
    while True:
        name_start = at
        while at < len(text) and text[at] not in ",()":
            at += 1
        path = text[name_start:at].replace("/", ".").split(".")
        if not all(path):
            raise _NoMask
        below: Mask = {}
        if at < len(text) and text[at] == "(":
            below, at = _branches(text, at + 1)
            if at >= len(text) or text[at] != ")":
                raise _NoMask
            at += 1
        for name in reversed(path):
            below = {name: below}
        _merge(found, below)
        if at < len(text) and text[at] == ",":
            at += 1
            continue
        return found, at


def _merge(tree: Mask, more: Mask) -> None:
    for name, below in more.items():
        if name in tree and tree[name] and below:
            _merge(tree[name], below)
        elif name in tree:
            tree[name] = {}
        else:
            tree[name] = below


def check_book_mask(mask: Mask) -> None:
    """See that a mask for a spreadsheet names what there is; raises ApiError."""
    for name in mask:
        if name not in BOOK_FIELDS and name != "*":
            raise invalid_fields(name)
    for name in mask.get("sheets", {}):
        if name not in SHEET_FIELDS and name != "*":
            raise invalid_fields(f"sheets.{name}")


def wants(mask: Mask | None, *path: str) -> bool:
    """Say whether a mask asks for something on this path, or below or above it."""
    if mask is None:
        return True
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def masked(thing: Any, mask: Mask) -> Any:
    """Give what a mask leaves of something."""
    if not mask or "*" in mask:
        return thing
    if isinstance(thing, list):
        return [masked(each, mask) for each in thing]
    if not isinstance(thing, dict):
        return thing
    return {name: masked(value, mask[name]) for name, value in thing.items() if name in mask}


def read_fields(text: Any, root: str = "") -> Mask:
    """
    Read the `fields` of a request; a leading `root` is left out.

    Raises:
        Refused: none are named.
    """
    if not text or not isinstance(text, str):
        raise Refused("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        mask = parse_mask(text)
    except ApiError as error:
        raise Refused(f"Invalid field: {text}") from error
    if root and root in mask:
        mask = {**{name: below for name, below in mask.items() if name != root}, **(mask[root] or {"*": {}})}
    return mask


def changed_by(old: dict[str, Any], new: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """Give something after a change: what the mask names comes from `new`, and goes where `new` lacks it."""
    if not mask or "*" in mask:
        return dict(new)
    now = dict(old)
    for name, below in mask.items():
        if below and isinstance(old.get(name, {}), dict):
            now[name] = changed_by(old.get(name) or {}, new.get(name) or {}, below)
            if not now[name]:
                del now[name]
        elif name in new:
            now[name] = new[name]
        else:
            now.pop(name, None)
    return now


COLOURS = ("backgroundColor", "foregroundColor", "tabColor")
_PARTS = frozenset({"red", "green", "blue", "alpha"})


def as_kept(thing: Any) -> Any:
    """
    Give JSON as Google keeps it: what is null, false or an empty list is left out, parts of colours are n/255, and a
    colour stands beside its style.
    """
    if isinstance(thing, list):
        return [as_kept(each) for each in thing]
    if not isinstance(thing, dict):
        return thing
    if thing and _PARTS.issuperset(thing):
        parts = {name: round(int((value or 0) * 255 + 1e-4) / 255, 8) for name, value in thing.items()}
        return {name: int(value) if value == 1 else value for name, value in parts.items() if value}
    kept = {
        name: as_kept(value)
        for name, value in thing.items()
        if value is not None and value is not False and value != []
    }
    for name in COLOURS:
        style = f"{name}Style"
        if name in kept:
            kept[style] = {"rgbColor": kept[name]}
        elif "rgbColor" in kept.get(style, {}):
            kept[name] = kept[style]["rgbColor"]
    return kept
