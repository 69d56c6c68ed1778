"""The seller's hands: what a person does to her own spreadsheet in the browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.sheets_double import batch, metadata
from tests.sheets_double.areas import Area, column_number, grid_range, letters
from tests.sheets_double.eyes import Eyes
from tests.sheets_double.job import Job
from tests.sheets_double.model import Book, Cell, Formula, Json, Tab, Value
from tests.sheets_double.showing import shown
from tests.sheets_double.typing_in import locale_of, type_into
from tests.sheets_double.working_out import work_out

HEADER_DEPTH = 20


class Rejected(Exception):
    """The browser does not take what she types: a drop-down that allows nothing else."""


class Seller(Eyes):
    """Her hands on one spreadsheet, and her eyes."""

    # -- cells -----------------------------------------------------------------------------------------------------------

    def type(self, title: str, at: str, text: str, *, gives: Value | None = None) -> None:
        """
        Type into a cell.

        Args:
            gives: what a formula gives that the double can't work out.

        Raises:
            Rejected: a strict drop-down does not list it.
        """
        with self._editing() as job:
            tab = job.book.titled(title)
            assert tab is not None, title
            area = self.area(title, at)
            self._type(job, tab, area.top, area.left, text, gives)
            work_out(job.book)

    def type_row(self, title: str, at: str, texts: Iterable[str]) -> None:
        """Type into cells from one to the right of it."""
        with self._editing() as job:
            tab = job.book.titled(title)
            assert tab is not None, title
            area = self.area(title, at)
            for across, text in enumerate(texts):
                self._type(job, tab, area.top, area.left + across, text, None)
            work_out(job.book)

    def type_rows(self, title: str, at: str, rows: Iterable[Sequence[str]]) -> None:
        """Type a whole table, as when she pastes it as plain text."""
        with self._editing() as job:
            tab = job.book.titled(title)
            assert tab is not None, title
            area = self.area(title, at)
            for down, texts in enumerate(rows):
                for across, text in enumerate(texts):
                    self._type(job, tab, area.top + down, area.left + across, text, None)
            work_out(job.book)

    def _type(self, job: Job, tab: Tab, row: int, column: int, text: str, gives: Value | None) -> None:
        old = tab.cell(row, column)
        cell = type_into(old, text, locale_of(job.book.locale), job.today)
        if text and not _is_allowed(old.validation, cell, locale_of(job.book.locale)):
            raise Rejected(f"{tab.title}!{letters(column)}{row + 1}: {text!r}")
        tab.put(row, column, replace(cell, given=gives))

    def type_under(self, title: str, ref: str, header: str, text: str) -> None:
        """Type into the row that shows a text (a ref), under a header."""
        self.type(title, self.at(title, ref, header), text)

    def erase(self, title: str, area: str) -> None:
        """Press Delete: contents go, formats stay."""
        self._do({"updateCells": {"range": self._range(title, area), "fields": "userEnteredValue"}})

    def rename_header(self, title: str, header: str, text: str) -> None:
        """Type another header."""
        row, column = self._header(title, header)
        self.type(title, f"{letters(column)}{row + 1}", text)

    def copy(self, title: str, source: str, target: str, kind: str = "PASTE_NORMAL") -> None:
        """Copy cells and paste them elsewhere in the tab."""
        paste = {"source": self._range(title, source), "destination": self._range(title, target), "pasteType": kind}
        self._do({"copyPaste": paste})

    def copy_row(self, title: str, row: int, target: int) -> None:
        """Copy a row over another one."""
        self.copy(title, f"{row}:{row}", f"{target}:{target}")

    def insert_copy_of_row(self, title: str, row: int, above: int) -> None:
        """Insert a copy of a row."""
        self.insert_rows(title, above)
        source = row + 1 if above <= row else row
        self.copy_row(title, source, above)

    def cut_row(self, title: str, row: int, target: int) -> None:
        """Cut a row and paste it over another one; the old one stays behind empty."""
        place = {"sheetId": self.tab(title).sheet_id, "rowIndex": target - 1, "columnIndex": 0}
        self._do(
            {
                "cutPaste": {
                    "source": self._range(title, f"{row}:{row}"),
                    "destination": place,
                    "pasteType": "PASTE_NORMAL",
                }
            }
        )

    def fill_down(self, title: str, at: str, formula: str, to_row: int = 1000) -> None:
        """Type a formula and pull it down."""
        self.type(title, at, formula)
        area = self.area(title, at)
        if to_row > area.bottom:
            target = Area(area.bottom, area.left, to_row, area.right)
            self._do(
                {
                    "copyPaste": {
                        "source": self._range(title, at),
                        "destination": self._grid(title, target),
                        "pasteType": "PASTE_NORMAL",
                    }
                }
            )

    def add_checkboxes(self, title: str, column: str, first: int = 2, last: int = 1000) -> None:
        """Make checkboxes of cells: each holds FALSE from then on."""
        area = Area(first - 1, column_number(column), last, column_number(column) + 1)
        cell = {
            "userEnteredValue": {"boolValue": False},
            "dataValidation": {"condition": {"type": "BOOLEAN"}, "strict": True},
        }
        self._do(
            {
                "repeatCell": {
                    "range": self._grid(title, area),
                    "cell": cell,
                    "fields": "userEnteredValue,dataValidation",
                }
            }
        )

    def set_dropdown(self, title: str, area: str, choices: Sequence[str], *, strict: bool = True) -> None:
        """Make a drop-down list of cells."""
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": each} for each in choices]}
        rule = {"condition": condition, "strict": strict, "showCustomUi": True}
        self._do({"setDataValidation": {"range": self._range(title, area), "rule": rule}})

    def set_format(self, title: str, area: str, fmt: Json) -> None:
        """Format cells, with the parts of Google's CellFormat given."""
        fields = ",".join(f"userEnteredFormat.{name}" for name in fmt)
        self._do(
            {"repeatCell": {"range": self._range(title, area), "cell": {"userEnteredFormat": fmt}, "fields": fields}}
        )

    def set_note(self, title: str, at: str, text: str) -> None:
        """Put a note on a cell."""
        self._do({"repeatCell": {"range": self._range(title, at), "cell": {"note": text}, "fields": "note"}})

    def merge(self, title: str, area: str, kind: str = "MERGE_ALL") -> None:
        """Merge cells."""
        self._do({"mergeCells": {"range": self._range(title, area), "mergeType": kind}})

    def unmerge(self, title: str, area: str) -> None:
        """Part merged cells again."""
        self._do({"unmergeCells": {"range": self._range(title, area)}})

    # -- rows and columns ------------------------------------------------------------------------------------------------

    def insert_rows(self, title: str, above: int, count: int = 1) -> None:
        """Insert empty rows."""
        self._insert(title, "ROWS", above - 1, count)

    def insert_columns(self, title: str, before: str, count: int = 1) -> None:
        """Insert empty columns."""
        self._insert(title, "COLUMNS", column_number(before), count)

    def _insert(self, title: str, axis: str, at: int, count: int) -> None:
        tab = self.tab(title)
        size = tab.row_count if axis == "ROWS" else tab.column_count
        place = {"sheetId": tab.sheet_id, "dimension": axis, "startIndex": at, "endIndex": at + count}
        self._do({"insertDimension": {"range": place, "inheritFromBefore": at >= size}})

    def delete_rows(self, title: str, first: int, last: int | None = None) -> None:
        """Delete rows."""
        self._do({"deleteDimension": {"range": self._lines(title, "ROWS", first - 1, last or first)}})

    def delete_columns(self, title: str, first: str, last: str = "") -> None:
        """Delete columns."""
        end = column_number(last or first) + 1
        self._do({"deleteDimension": {"range": self._lines(title, "COLUMNS", column_number(first), end)}})

    def move_rows(self, title: str, first: int, last: int, above: int) -> None:
        """Drag rows to above another one."""
        self._do(
            {"moveDimension": {"source": self._lines(title, "ROWS", first - 1, last), "destinationIndex": above - 1}}
        )

    def move_column(self, title: str, column: str, before: str) -> None:
        """Drag a column to before another one."""
        source = self._lines(title, "COLUMNS", column_number(column), column_number(column) + 1)
        self._do({"moveDimension": {"source": source, "destinationIndex": column_number(before)}})

    def hide_rows(self, title: str, first: int, last: int, *, hidden: bool = True) -> None:
        """Hide rows, or show them again."""
        self._hide(self._lines(title, "ROWS", first - 1, last), hidden)

    def hide_columns(self, title: str, first: str, last: str = "", *, hidden: bool = True) -> None:
        """Hide columns, or show them again."""
        end = column_number(last or first) + 1
        self._hide(self._lines(title, "COLUMNS", column_number(first), end), hidden)

    def _hide(self, lines: Json, hidden: bool) -> None:
        change = {"range": lines, "properties": {"hiddenByUser": hidden}, "fields": "hiddenByUser"}
        self._do({"updateDimensionProperties": change})

    def sort(self, title: str, column: str, *, descending: bool = False, area: str = "", header_rows: int = 1) -> None:
        """Sort rows by a column: those of an area, else all below the header."""
        tab = self.tab(title)
        whole = Area(max(header_rows, tab.frozen_rows), 0, tab.row_count, tab.column_count)
        wanted = self.area(title, area).common(tab.area) if area else whole
        spec = {"dimensionIndex": column_number(column), "sortOrder": "DESCENDING" if descending else "ASCENDING"}
        self._do({"sortRange": {"range": self._grid(title, wanted), "sortSpecs": [spec]}})

    def filter(
        self, title: str, area: str = "", *, column: str = "", hide: Sequence[str] = (), contains: str = ""
    ) -> None:
        """Set the filter; with a column: hide some of its values, or all that don't contain a text."""
        tab = self.tab(title)
        place = self._range(title, area) if area else grid_range(tab.sheet_id, tab.area)
        wanted: Json = {"range": place}
        if column:
            criteria: Json = {"hiddenValues": list(hide)} if hide else {}
            if contains:
                criteria["condition"] = {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": contains}]}
            wanted["criteria"] = {str(column_number(column)): criteria}
        self._do({"setBasicFilter": {"filter": wanted}})

    def clear_filter(self, title: str) -> None:
        """Take the filter away."""
        self._do({"clearBasicFilter": {"sheetId": self.tab(title).sheet_id}})

    def protect(self, title: str, area: str = "", *, warning: bool = False, editors: Sequence[str] = ()) -> None:
        """Protect an area, or the tab: from all but her and the editors, or with a mere warning."""
        tab = self.tab(title)
        place = self._range(title, area) if area else {"sheetId": tab.sheet_id}
        protected: Json = {"range": place, "description": "Jangan diubah", "warningOnly": warning}
        if not warning:
            protected["editors"] = {"users": list(editors)}
        self._do({"addProtectedRange": {"protectedRange": protected}})

    def unprotect(self, title: str) -> None:
        """Take all protection off a tab."""
        ids = [each["protectedRangeId"] for each in self.tab(title).protected]
        self._do(*[{"deleteProtectedRange": {"protectedRangeId": number}} for number in ids])

    # -- tabs and the file -----------------------------------------------------------------------------------------------

    def add_tab(self, title: str, rows: int = 1000, columns: int = 26) -> int:
        """
        Add a tab.

        Returns:
            Its sheetId.
        """
        size = {"rowCount": rows, "columnCount": columns}
        self._do({"addSheet": {"properties": {"title": title, "gridProperties": size}}})
        return self.tab(title).sheet_id

    def rename_tab(self, title: str, now: str) -> None:
        """Rename a tab."""
        self._set(title, {"title": now}, "title")

    def hide_tab(self, title: str, *, hidden: bool = True) -> None:
        """Hide a tab, or show it again."""
        self._set(title, {"hidden": hidden}, "hidden")

    def move_tab(self, title: str, index: int) -> None:
        """Drag a tab to another place."""
        self._set(title, {"index": index}, "index")

    def freeze(self, title: str, rows: int) -> None:
        """Freeze the first rows."""
        self._set(title, {"gridProperties": {"frozenRowCount": rows}}, "gridProperties.frozenRowCount")

    def delete_tab(self, title: str) -> None:
        """Delete a tab."""
        self._do({"deleteSheet": {"sheetId": self.tab(title).sheet_id}})

    def duplicate_tab(self, title: str, now: str = "") -> None:
        """Duplicate a tab."""
        tab = self.tab(title)
        wanted: Json = {"sourceSheetId": tab.sheet_id, "insertSheetIndex": self.book.tabs.index(tab) + 1}
        self._do({"duplicateSheet": wanted | ({"newSheetName": now} if now else {})})

    def set_locale(self, locale: str) -> None:
        """Set the spreadsheet's language."""
        self._do({"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})

    def share(self, account: str, role: str = "writer") -> None:
        """Share it with an account: "writer" or "reader"."""
        with self._double.lock:
            self.spreadsheet.shares[account] = role
            self._double.google.changed(self.spreadsheet)

    def unshare(self, account: str) -> None:
        """Take the sharing back."""
        with self._double.lock:
            self.spreadsheet.shares.pop(account, None)
            self._double.google.changed(self.spreadsheet)

    # -- back in time ----------------------------------------------------------------------------------------------------

    def version(self) -> Book:
        """Give the state as it is now, for restore()."""
        return self.book

    def restore(self, version: Book, *, with_metadata: bool = True) -> None:
        """Put an older version back; developer metadata with it, or as they are now."""
        with self._double.lock:
            book = version.copy()
            if not with_metadata:
                book.metadata = dict(self.book.metadata)
            self._double.google.commit(self.spreadsheet, book)

    def undo(self, steps: int = 1) -> None:
        """Put back what stood so many changes ago, whoever made them."""
        self.restore(self.spreadsheet.versions[-steps][1])

    def undo_all(self) -> None:
        """Put back the oldest version that is known."""
        self.restore(self.spreadsheet.versions[0][1])

    def metadata(self, key: str = "") -> list[Json]:
        """Give the developer metadata, of one key or all."""
        return metadata.find(self.book, [{"developerMetadataLookup": {"metadataKey": key} if key else {}}])

    # -- doing -----------------------------------------------------------------------------------------------------------

    def do(self, *requests: Json) -> list[Json]:
        """Do requests of a batchUpdate, as the owner."""
        return self._do(*requests)

    def _do(self, *requests: Json) -> list[Json]:
        with self._editing() as job:
            return batch.run(job, list(requests)) if requests else []

    @contextmanager
    def _editing(self) -> Iterator[Job]:
        with self._double.lock:
            owner = next((who for who, role in self.spreadsheet.shares.items() if role == "owner"), "")
            job = Job(self.book.copy(), owner, self._double.google.today(), is_owner=True)
            yield job
            self._double.google.commit(self.spreadsheet, job.book)

    def _set(self, title: str, properties: Json, fields: str) -> None:
        properties = {"sheetId": self.tab(title).sheet_id} | properties
        self._do({"updateSheetProperties": {"properties": properties, "fields": fields}})

    def _range(self, title: str, text: str) -> Json:
        return self._grid(title, self.area(title, text))

    def _grid(self, title: str, area: Area) -> Json:
        return grid_range(self.tab(title).sheet_id, area)

    def _lines(self, title: str, axis: str, start: int, end: int) -> Json:
        return {"sheetId": self.tab(title).sheet_id, "dimension": axis, "startIndex": start, "endIndex": end}


def _is_allowed(rule: Any, cell: Cell, locale: Any) -> bool:
    if not rule or not rule.get("strict"):
        return True
    kind = rule["condition"]["type"]
    if kind == "BOOLEAN":
        return isinstance(cell.effective, bool) or isinstance(cell.entered, Formula)
    if kind == "ONE_OF_LIST":
        return shown(cell, locale) in [each["userEnteredValue"] for each in rule["condition"]["values"]]
    return True
