"""
From a Google spreadsheet as it is to one that the shop can use: what is there in, the requests of one atomic batch out,
with what they amount to. No calls in here.

What she has stays as it is: values, formulas, formats, drop-downs, notes and filters of her cells. Our columns go to the
right of everything of hers, our tabs beside hers. Columns that stood there before us are used where they fit, and never
dressed. What is there already is not done again, so that a second plan is empty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from intake.sheet.columns import ORDERS, Tab, normal
from intake.sheet.connected import KEY, Connected, to_text
from intake.sheet.google_dress import (
    HEADER_EDITABLE,
    MUTED,
    Dress,
    Request,
    add_headers,
    dress_columns,
    edit_warnings,
    formats,
    frozen_rows,
    rgb,
    status_colours,
    status_list,
)
from intake.sheet.google_headers import Matching, Unfit
from intake.sheet.google_survey import Survey, TabSurvey

ROWS = 1000
# What tells our tab from one of hers with the same title; and our column likewise.
SUFFIX = " (Etalase)"


@dataclass(frozen=True)
class Choice:
    """
    Where a tab of ours is to be.

    Attributes:
        tab: of ours.
        number: sheetId of the one that stands there; None: a tab of our own is made.
        title: for that one; "" for the usual.
        matching: of its columns.
        first: whether it was not connected before.
    """

    tab: Tab
    number: int | None = None
    title: str = ""
    matching: Matching = field(default_factory=lambda: Matching(0))
    first: bool = True


@dataclass
class TabPlan:
    """
    What happens to one tab.

    Attributes:
        title: as it stands, or will.
        made: whether it is made. row: of its header.
        added: headers of columns that are added, from the left; at: the first of them (from 1).
        taken: (her header, ours) of her columns that are used.
        unfit: see Unfit. left: her headers that stay hers alone.
        marked: rows of hers that are marked as earlier ones.
        dressed: codes of what is put on our own columns: "formats", "list", "colours", "notes", "warning", "frozen".
        filter_short: whether her filter ends before our columns.
    """

    tab: Tab
    title: str
    made: bool = False
    row: int = 1
    added: list[str] = field(default_factory=list)
    at: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)
    unfit: tuple[Unfit, ...] = ()
    left: list[str] = field(default_factory=list)
    marked: int = 0
    dressed: list[str] = field(default_factory=list)
    filter_short: bool = False


@dataclass
class LayoutPlan:
    """
    What connecting does.

    Attributes:
        requests: one batch; empty where nothing is to be done.
        connected: what is decided by it.
        locale: the new one; "" where it stays.
    """

    requests: list[Request]
    tabs: list[TabPlan]
    connected: Connected
    locale: str = ""


def plan_layout(survey: Survey, choices: Sequence[Choice], dress: Dress, *, locale: str = "") -> LayoutPlan:
    """
    Plan what is lacking.

    Args:
        survey: with the cells of the tabs that are chosen.
        choices: one for each of our tabs, in their order.
        locale: to be set; "" to leave it.
    """
    requests: list[Request] = []
    if locale:
        requests.append({"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})
    plans = []
    tabs, headers, hers = {}, {}, {}
    numbers, titles = set(survey.numbers), {tab.title.strip().casefold() for tab in survey.tabs}
    titles |= {title.strip().casefold() for title in survey.objects}
    for choice in choices:
        code = choice.tab.code
        there = survey.tab(choice.number)
        if there is None:
            made = _NewTab(choice, dress, numbers, titles)
            plans.append(made.plan)
            requests += made.requests
            tabs[code] = made.number
            numbers.add(made.number)
            titles.add(made.plan.title.casefold())
            continue
        work = _KnownTab(there, choice, dress, survey.connected.hers.get(code, ()))
        plans.append(work.plan)
        requests += work.requests
        tabs[code], headers[code], hers[code] = there.number, work.headers, work.hers
    connected = Connected(tabs, headers, hers, survey.connected.verdict, survey.connected.number)
    if not connected.same_as(survey.connected):
        requests += note(connected, requests)
    return LayoutPlan(requests, plans, connected, locale)


def note(connected: Connected, others: Sequence[Request] = ()) -> list[Request]:
    """
    Give the requests that keep a decision in the spreadsheet instead of the one that stands there.

    The number of it follows from everything that is sent along, so that the same batch, sent twice because the first
    answer got lost, is done once.
    """
    said = json.dumps([connected.number, to_text(connected), list(others)], sort_keys=True)
    number = int.from_bytes(hashlib.sha256(said.encode()).digest()[:4]) % (2**31 - 2) + 1
    made = {
        "metadataId": number,
        "metadataKey": KEY,
        "metadataValue": to_text(connected),
        # For any account: she may share the spreadsheet with another one later.
        "visibility": "DOCUMENT",
        "location": {"spreadsheet": True},
    }
    requests: list[Request] = [{"createDeveloperMetadata": {"developerMetadata": made}}]
    if connected.number:
        lookup = {"developerMetadataLookup": {"metadataId": connected.number}}
        requests.insert(0, {"deleteDeveloperMetadata": {"dataFilter": lookup}})
    return requests


class _NewTab:
    """A tab of our own."""

    def __init__(self, choice: Choice, dress: Dress, numbers: Iterable[int], titles: Iterable[str]) -> None:
        tab = choice.tab
        title = choice.title or tab.titles[dress.language]
        taken = set(titles)
        while title.strip().casefold() in taken:
            title += SUFFIX
        self.number = _number(title, set(numbers))
        self.plan = TabPlan(
            tab, title, made=True, added=[column.headers[dress.language] for column in tab.columns], at=1
        )
        columns = list(tab.columns)
        grid = {
            "rowCount": ROWS,
            "columnCount": len(columns),
            "frozenRowCount": 1,
            "frozenColumnCount": 2 if tab is ORDERS else 1,
        }
        properties = {
            "sheetId": self.number,
            "title": title,
            "gridProperties": grid,
            "tabColorStyle": {"rgbColor": rgb(HEADER_EDITABLE if tab is ORDERS else MUTED)},
        }
        places = {column.code: place for place, column in enumerate(columns, start=1)}
        self.requests: list[Request] = [{"addSheet": {"properties": properties}}]
        names = [column.headers[dress.language] for column in columns]
        self.requests += add_headers(self.number, 1, 1, columns, names, dress)
        self.requests += dress_columns(self.number, tab, places, 1, ROWS, dress)
        self.plan.dressed = ["formats", "notes", "warning", "frozen", "colours"] + (["list"] if tab is ORDERS else [])


class _KnownTab:
    """A tab that stands there: hers with our columns added, or ours with what is lacking."""

    def __init__(self, survey: TabSurvey, choice: Choice, dress: Dress, hers: Iterable[str]) -> None:
        self.survey, self.choice, self.dress = survey, choice, dress
        self.tab, self.matching = choice.tab, choice.matching
        self.requests: list[Request] = []
        self.row = self.matching.row or 1
        self.plan = TabPlan(self.tab, survey.title, row=self.row, unfit=self.matching.unfit)
        self.places = dict(self.matching.places)
        self.headers = dict(self.matching.headers)
        if choice.first:
            # What is only a header so far may be dressed.
            hers = self.places if any(row > self.row for row, _ in survey.cells) else ()
        else:
            hers = {*hers, *self.matching.asked}
        self.hers = tuple(sorted(set(hers) & self.places.keys()))
        self.plan.taken = [
            (str(survey.cell(self.row, self.places[code]).value), self._ours(code)) for code in self.hers
        ]
        self.plan.left = [self.matching.hers[column] for column in sorted(self.matching.hers)]
        self._add_columns()
        self._mark_rows()
        self._dress()
        last = max(self.places.values(), default=0)
        self.plan.filter_short = survey.filter is not None and survey.filter[3] < last

    def _ours(self, code: str) -> str:
        return self.tab.column(code).headers[self.dress.language]

    def _add_columns(self) -> None:
        lacking = [column for column in self.tab.columns if column.code not in self.places]
        if not lacking:
            return
        survey = self.survey
        present = {normal(survey.cell(self.row, column).value) for column in range(1, survey.columns + 1)}
        names = []
        for column in lacking:
            name = self._ours(column.code)
            if normal(name) in present:
                name += SUFFIX
                self.headers[column.code] = name
            elif column.code in self.headers:
                del self.headers[column.code]
            present.add(normal(name))
            names.append(name)
        at = survey.last_column + 1
        short = at + len(lacking) - 1 - survey.columns
        if short > 0:
            wider = {"sheetId": survey.number, "dimension": "COLUMNS", "length": short}
            self.requests.append({"appendDimension": wider})
        if self.row >= survey.rows:
            # Below the header there must be a row that can be dressed.
            taller = {"sheetId": survey.number, "dimension": "ROWS", "length": ROWS}
            self.requests.append({"appendDimension": taller})
        self.plan.added, self.plan.at = names, at
        self.places |= {column.code: place for place, column in enumerate(lacking, start=at)}
        self.requests += add_headers(survey.number, self.row, at, lacking, names, self.dress)

    def _mark_rows(self) -> None:
        """Mark rows of hers as earlier ones, in our own column: they are no orders that she types by hand."""
        if not self.choice.first or self.tab is not ORDERS or "ref" in self.matching.places:
            return
        used = {self.places[code] for code in self.matching.places}
        rows = sorted(
            {
                row
                for (row, column), cell in self.survey.cells.items()
                if row > self.row and column in used and cell.is_filled
            }
        )
        self.plan.marked = len(rows)
        column = self.places["ref"]
        texts = [self.dress.earlier % number for number in range(1, len(rows) + 1)]
        for first, run in _runs(zip(rows, texts, strict=True)):
            cells = [{"values": [{"userEnteredValue": {"stringValue": text}}]} for text in run]
            start = {"sheetId": self.survey.number, "rowIndex": first - 1, "columnIndex": column - 1}
            self.requests.append({"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}})

    def _dress(self) -> None:
        """Put on our own columns what they lack; what she took off one of them all the same comes back."""
        survey, dress = self.survey, self.dress
        ours = {code: place for code, place in self.places.items() if code not in self.hers}
        fresh = {code for code in ours if code not in self.matching.places}
        bottom = max(survey.rows, self.row + ROWS if self.row >= survey.rows else survey.rows)
        bare = {
            code: place
            for code, place in ours.items()
            if code in fresh or not any(cell.is_dressed for cell in survey.below(self.row, place))
        }
        found: dict[str, list[Request]] = {
            "formats": list(formats(survey.number, self.tab, bare, self.row, bottom)),
            "warning": list(self._warnings(ours)),
        }
        if "status" in ours:
            place = ours["status"]
            if self.tab is ORDERS and not any(cell.choices == dress.statuses for cell in survey.below(self.row, place)):
                found["list"] = [status_list(survey.number, place, self.row, bottom, dress)]
            found["colours"] = list(self._colours(place, bottom))
        if not survey.frozen_rows and not self._freezing_cuts():
            found["frozen"] = [frozen_rows(survey.number, self.row)]
        for requests in found.values():
            self.requests += requests
        # Notes come with the headers that are added; one that is gone from another, she has deleted.
        self.plan.dressed = [code for code, requests in found.items() if requests] + (["notes"] if fresh else [])

    def _colours(self, place: int, bottom: int) -> Iterator[Request]:
        known = set()
        for rule in self.survey.rules:
            condition = rule.get("booleanRule", {}).get("condition", {})
            over = any(
                each.get("startColumnIndex", 0) < place <= each.get("endColumnIndex", place)
                for each in rule.get("ranges", [])
            )
            if over and condition.get("type") == "TEXT_EQ":
                known |= {str(value.get("userEnteredValue", "")) for value in condition.get("values", [])}
        index = len(self.survey.rules)
        missing = {label: colour for label, colour in self.dress.colours.items() if label not in known}
        return status_colours(self.survey.number, place, self.row, bottom, missing, index)

    def _warnings(self, ours: Mapping[str, int]) -> Iterator[Request]:
        """Warn for columns that are fresh; for all where none of the tab warns yet."""
        warned = any(each.get("warningOnly") for each in self.survey.protections)
        places = [
            place
            for code, place in ours.items()
            if not self.tab.column(code).editable and not (warned and code in self.matching.places)
        ]
        return edit_warnings(self.survey.number, places, self.row, self.dress)

    def _freezing_cuts(self) -> bool:
        """Say whether rows that belong together by a merge would be torn apart; Google refuses that."""
        return any(first <= self.row < last for first, last, _, _ in self.survey.merges)


def _number(title: str, taken: set[int]) -> int:
    """Give a sheetId that follows from the title, so that the same plan made twice makes one tab."""
    digest = int.from_bytes(hashlib.sha256(f"etalase {title}".encode()).digest()[:4]) % (2**31 - 2) + 1
    while digest in taken:
        digest = digest % (2**31 - 2) + 1
    return digest


def _runs(rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Give (first row, texts) of rows that follow each other."""
    first, run = 0, list[str]()
    for row, text in rows:
        if run and row == first + len(run):
            run.append(text)
            continue
        if run:
            yield first, run
        first, run = row, [text]
    if run:
        yield first, run
