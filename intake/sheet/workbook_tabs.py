"""Show a further tab in a workbook that is loaded: see intake.sheet.tabs. Bytes and books in, no files here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openpyxl import Workbook

from intake.sheet import Found, SheetError
from intake.sheet.columns import HEADER_DEPTH, Tab, find_header
from intake.sheet.recall import RecalledEnquiries, RecalledRow
from intake.sheet.tabs import ENQUIRY_TABS, FURTHER, TabRow, compare, find_further, free_title
from intake.sheet.workbook_apply import Outcome, TabWriter, work_out_again
from intake.sheet.workbook_book import Content, Row, content_of, first_rows, locate, opened_for_reading
from intake.sheet.workbook_look import Look, check_length, literal, make_tab


@dataclass
class TabOutcome(Outcome):
    """
    What was done in memory to a further tab.

    Attributes:
        wanted: what the tab is to show. title: of the tab as it stands.
        made: whether it was made. twice: keys that stand more than once. edits: as TabReport.
    """

    tab: Tab = FURTHER[0]
    wanted: Sequence[TabRow] = ()
    title: str = ""
    made: bool = False
    twice: list[str] = field(default_factory=list)
    edits: dict[str, dict[str, Found]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Known:
    """A row with what can be written of it: cells under a merge are left out."""

    number: int
    values: Mapping[str, Found]
    ref: str


def tab_from(code: str) -> Tab:
    """Give the further tab of this code."""
    return next(tab for tab in FURTHER if tab.code == code)


def rows_from(data: Sequence[Mapping[str, Any]]) -> list[TabRow]:
    """Make the rows of their JSON."""
    return [TabRow(each["ref"], each["values"], each["ours"]) for each in data]


def show(book: Workbook, content: bytes, tab: Tab, rows: Sequence[TabRow], look: Look, *, known: bool) -> TabOutcome:
    """
    Make a further tab of a loaded workbook show these rows.

    Args:
        content: what it was loaded from. known: whether the tab was made before.

    Raises:
        As TabbedSheet.show_tab(); the workbook in memory must then be thrown away.
    """
    outcome = TabOutcome(tab=tab, wanted=rows)
    for row in rows:
        for code, value in row.values.items():
            check_length(value, tab=tab.code, ref=row.ref, column=code)
    taken = {title for _, title, _ in locate(book, look.language)}
    titles = [sheet.title for sheet in book.worksheets]
    found = find_further(
        tab,
        [title for title in titles if title not in taken],
        lambda title: first_rows(book[title], HEADER_DEPTH),
        look.language,
        known=known,
    )
    if found is None:
        title = free_title(tab, titles, look.language)
        titled = replace(tab, titles={**tab.titles, look.language: title})
        stands = Content(title, make_tab(book, titled, look), (), {})
        outcome.made = outcome.touched = True
    else:
        stands = content_of(book, found[0], tab, found[1], content)
    outcome.title = stands.title
    difference = compare(rows, _known(stands.rows), literal)
    outcome.twice, outcome.edits = difference.duplicates, difference.edits
    writer = TabWriter(book, tab, stands, look)
    by_number = {row.number: row for row in stands.rows}
    for number, cells in difference.changes.items():
        writer.update(by_number[number], cells)
    writer.fresh += difference.fresh
    writer.add_fresh()
    outcome.touched = outcome.touched or writer.touched
    if outcome.touched:
        work_out_again(book)
    return outcome


def recall_enquiries(content: bytes, language: str) -> RecalledEnquiries:
    """Read the tabs for enquiries of a workbook; one that can't be read is told, for it stops nothing else."""
    rows: dict[str, tuple[RecalledRow, ...]] = {}
    unread: dict[str, str] = {}
    with opened_for_reading(content) as book:
        taken = {title for _, title, _ in locate(book, language)}
        titles = [sheet.title for sheet in book.worksheets if sheet.title not in taken]
        for tab in ENQUIRY_TABS:
            try:
                found = find_further(
                    tab, titles, lambda title: first_rows(book[title], HEADER_DEPTH), language, known=False
                )
                if found is not None:
                    stands = content_of(book, found[0], tab, found[1], content)
                    rows[tab.code] = tuple(
                        RecalledRow(
                            row.ref, {c: v for c, v in row.values.items() if c not in row.unknown}, (), row.number
                        )
                        for row in stands.rows
                        if row.ref
                    )
            except SheetError:
                unread[tab.code] = tab.titles[language]
    return RecalledEnquiries(rows, unread)


def stands_in(content: bytes, outcome: TabOutcome, language: str) -> bool:
    """Say whether a saved book shows what it should."""
    with opened_for_reading(content) as book:
        header = find_header(outcome.tab, outcome.title, first_rows(book[outcome.title], HEADER_DEPTH), language)
        found = content_of(book, outcome.title, outcome.tab, header, content)
    return compare(outcome.wanted, _known(found.rows), literal).is_nothing


def _known(rows: Sequence[Row]) -> list[_Known]:
    return [
        _Known(row.number, {code: value for code, value in row.values.items() if code not in row.covered}, row.ref)
        for row in rows
    ]
