"""What every request of a batch works on, and the checks that they share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.sheets_double.areas import Area, area_of
from tests.sheets_double.errors import PROTECTED, Refused
from tests.sheets_double.model import CELL_CEILING, Book, Cell, Formula, Json, Tab, Value
from tests.sheets_double.typing_in import plain


@dataclass
class Job:
    """
    A batch under way.

    Attributes:
        account: who does it. is_owner: nothing is protected from the owner.
        unique_ids: developer metadata ids that exist are refused. strict_deletes: deleting some that isn't there too.
    """

    book: Book
    account: str
    today: date
    is_owner: bool = False
    unique_ids: bool = True
    strict_deletes: bool = False

    def tab(self, place: Json) -> Tab:
        """Give the tab that something names; raises Refused."""
        return self.book.tab(whole_number(place.get("sheetId", 0)))

    def area(self, place: Json) -> tuple[Tab, Area]:
        """Give (tab, area) of a GridRange; raises Refused."""
        tab = self.tab(place)
        return tab, tab.resolve(place)

    def editable(self, tab: Tab, area: Area) -> None:
        """See that nothing in an area is protected from this account; raises Refused."""
        if self.is_owner:
            return
        for protected in tab.protected:
            if not self.is_kept_out(protected):
                continue
            place = protected.get("range", {})
            open_ones = [
                area_of(each, tab.row_count, tab.column_count) for each in protected.get("unprotectedRanges", ())
            ]
            touched = area_of(place, tab.row_count, tab.column_count).common(area)
            if not touched.is_empty and not any(each.covers(touched) for each in open_ones):
                raise Refused(PROTECTED)

    def is_kept_out(self, protected: Json) -> bool:
        """Say whether a protected range keeps this account out."""
        if self.is_owner or protected.get("warningOnly"):
            return False
        return self.account not in protected.get("editors", {}).get("users", ())

    def movable(self, tab: Tab, axis: str, start: int, end: int) -> None:
        """See that lines may be inserted between `start` and `end`, or taken from there; raises Refused."""
        area = Area(start, 0, end, tab.column_count) if axis == "ROWS" else Area(0, start, tab.row_count, end)
        if not area.is_empty:
            self.editable(tab, area)
            return
        # An insertion: into the midst of what is protected.
        before = (
            Area(start - 1, 0, start, tab.column_count) if axis == "ROWS" else Area(0, start - 1, tab.row_count, start)
        )
        after = (
            Area(start, 0, start + 1, tab.column_count) if axis == "ROWS" else Area(0, start, tab.row_count, start + 1)
        )
        for protected in tab.protected:
            place = area_of(protected.get("range", {}), tab.row_count, tab.column_count)
            if self.is_kept_out(protected) and place.touches(before) and place.touches(after):
                raise Refused(PROTECTED)


def whole_number(value: Any) -> int:
    """Read an int32 as JSON may give it; raises Refused."""
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refused(f"Invalid value (TYPE_INT32), {value!r}") from None


def need(request: Json, name: str) -> Any:
    """Give a field that must be there; raises Refused."""
    if name not in request:
        raise Refused(f"Must specify {name}.")
    return request[name]


def entered_value(value: Json | None) -> Value | Formula | None:
    """Read Google's ExtendedValue; raises Refused."""
    if not value:
        return None
    if len(value) != 1:
        raise Refused("oneof field 'value' is already set. Cannot set another value.")
    [(kind, held)] = value.items()
    if kind == "numberValue":
        try:
            return plain(float(held)) if not isinstance(held, int) or isinstance(held, bool) else held
        except (TypeError, ValueError):
            raise Refused(f"Invalid value at 'user_entered_value.number_value' (TYPE_DOUBLE), {held!r}") from None
    if kind == "boolValue" and isinstance(held, bool):
        return held
    if kind == "stringValue" and isinstance(held, str):
        return check_length(held) or None
    if kind == "formulaValue" and isinstance(held, str):
        if not held.startswith("="):
            raise Refused(f"Formula must begin with an equals sign: {held[:40]}")
        return Formula(check_length(held))
    raise Refused(f"Invalid value at 'user_entered_value.{kind}'")


def check_length(text: str) -> str:
    """Give a text that fits into a cell; raises Refused."""
    # Google counts UTF-16 units.
    if len(text) > CELL_CEILING // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 > CELL_CEILING:
        raise Refused(f"Your input contains more than the maximum of {CELL_CEILING} characters in a single cell.")
    return text


def written(tab: Tab, row: int, column: int, cell: Cell) -> Cell:
    """Give a cell as it is kept: one that lies under a merge keeps no value."""
    return cell.holding(None) if cell.entered is not None and tab.is_covered(row, column) else cell
