"""
Connecting a Google spreadsheet: is the key one, is the address one, may we write there, and what has to be made. Each
step for itself, so that each trouble has its own answer; nothing is changed before carry_out().
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from intake.settings import Settings
from intake.sheet import SheetChanging, SheetError, SheetRefused, SheetTabTwice
from intake.sheet.columns import HEADER_DEPTH, LINES, ORDERS, Tab, normal
from intake.sheet.connected import NOT_REFUSED, REFUSED, Connected
from intake.sheet.google_dress import Dress, Request
from intake.sheet.google_headers import Matching, NoSuchColumn, looks_like, match, parse_map
from intake.sheet.google_layout import Choice, LayoutPlan, note, plan_layout
from intake.sheet.google_read import address
from intake.sheet.google_survey import (
    BOOK_FIELDS,
    CELL_FIELDS,
    Survey,
    TabSurvey,
    all_cells,
    survey_from,
    with_cells,
)
from intake.sheet.google_write import fence_request, unfence_request
from intake.sheet.opening import COLOURS
from preorder.errors import PreorderError
from preorder.status import Status
from preorder.wording import STATUS_LABELS

if TYPE_CHECKING:
    from intake.sheet.google_http import GoogleClient

Gettext = Callable[[str], str]

# Where 150.000 is read as a hundred and fifty thousand, as everybody in Indonesia writes it; elsewhere it is 150.
DOT_LOCALES = frozenset({"in_ID", "id_ID", "de_DE", "es_ES", "it_IT", "nl_NL", "pt_BR", "tr_TR", "vi_VN", "da_DK"})
INDONESIA = "in_ID"
# The key of what is put into a spreadsheet for a moment only, to see what Google does with it.
PROBE_KEY = "etalase-probe"
_OFFICE = re.compile(r"Office file|not supported for this document", re.IGNORECASE)


class HeaderUnknown(PreorderError):
    """A tab that she chose has no row in which any of our columns can be told. Fields: tab."""

    code = "sheet_header_unknown"


class ColumnUnfit(PreorderError):
    """She named a column of hers that can't hold what we write. Fields: header, column (ours), reason (see Unfit)."""

    code = "sheet_column_unfit"


class ColumnUnknown(PreorderError):
    """She named a column that isn't there. Fields: text, ours (whether one of ours was looked for)."""

    code = "sheet_column_unknown"


class OfficeFile(PreorderError):
    """The spreadsheet is an .xlsx file that Google shows without having converted it. Fields: none."""

    code = "sheet_office_file"


def open_at(settings: Settings, spreadsheet: str) -> GoogleClient:
    """
    Give what talks to a spreadsheet.

    Raises:
        SheetKeyWrong
    """
    from intake.sheet.google_http import GoogleClient

    return GoogleClient(spreadsheet, settings.google_key, base_url=settings.sheets_api)


def dress_in(language: str, _: Gettext) -> Dress:
    """Give how our tabs look, in the shop's language."""
    labels = STATUS_LABELS[language]
    return Dress(
        language=language,
        statuses=tuple(labels[status] for status in Status),
        colours={labels[status]: colour for status, colour in COLOURS.items()},
        editable_hint=_("You may change this column: the shop carries it out within half a minute."),
        ours_hint=_("The shop fills this column; what is typed over it is put right again."),
        status_hint=_("Choose a status from the list. Other words are not understood."),
        warning=_("Etalase fills these columns"),
        earlier=_("earlier %s"),
    )


@dataclass(frozen=True)
class Wish:
    """
    What she says.

    Attributes:
        tab: title of the tab for the orders, "" where she doesn't say.
        said: her header -> code of ours, "" for none; see parse_map().
        beside: whether a tab of our own is wanted, though one of hers looks like it.
    """

    tab: str = ""
    said: Mapping[str, str] | None = None
    beside: bool = False


def wish(tab: str, pairs: Iterable[str], *, beside: bool) -> Wish:
    """
    Read what she says.

    Args:
        pairs: as "No HP=WhatsApp".

    Raises:
        ColumnUnknown
    """
    try:
        return Wish(tab.strip(), parse_map(pairs), beside)
    except NoSuchColumn as error:
        raise ColumnUnknown(text=error.text, ours=error.ours) from error


def look(client: GoogleClient) -> Survey:
    """
    Look at a spreadsheet: its tabs, and the first rows of each (two reads).

    Raises:
        OfficeFile, SheetError
    """
    try:
        survey = survey_from(client.fetch_layout(BOOK_FIELDS))
    except SheetRefused as error:
        if _OFFICE.search(str(error.fields.get("reason", ""))):
            raise OfficeFile from error
        raise
    if not survey.tabs:
        return survey
    heads = [address(tab.title, (1, min(HEADER_DEPTH, tab.rows), 1, tab.columns)) for tab in survey.tabs]
    return with_cells(survey, client.fetch_layout(CELL_FIELDS, heads))


def choose(survey: Survey, wish: Wish) -> tuple[TabSurvey | None, TabSurvey | None]:
    """
    Choose among the tabs that stand there: for the orders, and for their lines; None: one of our own is made.

    Raises:
        SheetTabTwice: several could be meant.
        ColumnUnknown: she named a column, and no tab has it.
    """
    known = survey.connected.tabs
    lines = survey.tab(known.get(LINES.code)) or next(iter(_ours(survey, LINES)), None)
    if wish.tab:
        orders = survey.titled(wish.tab)
    elif wish.beside:
        orders = None
    else:
        orders = survey.tab(known.get(ORDERS.code))
        if orders is None:
            alike = _ours(survey, ORDERS)
            if len(alike) > 1:
                raise SheetTabTwice(tab=ORDERS.code, titles=[tab.title for tab in alike])
            orders = alike[0] if alike else _named(survey, wish.said or {})
    return orders, None if lines is orders else lines


def _ours(survey: Survey, tab: Tab) -> list[TabSurvey]:
    """Find the tabs with at least half of our headers, as every sync would; those with our title, where there are any."""

    def count(row: Sequence[object]) -> int:
        words = {normal(value) for value in row}
        return sum(
            1
            for column in tab.columns
            if words & {normal(each) for each in (*column.headers.values(), *column.synonyms)}
        )

    alike = [each for each in survey.tabs if any(2 * count(row) >= len(tab.columns) for row in each.head())]
    titled = [each for each in alike if normal(each.title) in {normal(title) for title in tab.titles.values()}]
    return titled or alike


def _named(survey: Survey, said: Mapping[str, str]) -> TabSurvey | None:
    """Find the tab that has the columns which she named."""
    if not said:
        return None
    wanted = {normal(header) for header in said}
    having = [tab for tab in survey.tabs if any(wanted <= {normal(value) for value in row} for row in tab.head())]
    if not having:
        raise ColumnUnknown(text=", ".join(said), ours=False)
    if len(having) > 1:
        raise SheetTabTwice(tab=ORDERS.code, titles=[tab.title for tab in having])
    return having[0]


def similar(survey: Survey, chosen: TabSurvey | None) -> list[TabSurvey]:
    """Give tabs of hers that look like a list of orders, the likeliest first."""
    found = [(looks_like(ORDERS, tab.head()), tab) for tab in survey.tabs if tab is not chosen]
    return [tab for count, tab in sorted(found, key=lambda each: -each[0]) if count]


def look_closer(
    client: GoogleClient, survey: Survey, chosen: tuple[TabSurvey | None, TabSurvey | None], wish: Wish
) -> Survey:
    """
    Read every cell of the tabs to which something may be added: those that are connected for the first time, and those
    that lack a column (one read, none where there is no such tab). Of the others the first rows tell enough.
    """
    wanted = []
    for tab, there in zip((ORDERS, LINES), chosen, strict=True):
        if there is None:
            continue
        found = _matching(survey, tab, there, wish, "id")
        if survey.connected.tabs.get(tab.code) != there.number or len(found.places) < len(tab.columns) or found.asked:
            wanted.append(there)
    return with_cells(survey, client.fetch_layout(CELL_FIELDS, all_cells(wanted))) if wanted else survey


def _matching(survey: Survey, tab: Tab, there: TabSurvey, wish: Wish, language: str) -> Matching:
    first = survey.connected.tabs.get(tab.code) != there.number
    kept = {} if first else survey.connected.headers.get(tab.code, {})
    try:
        return match(tab, there, language, (wish.said or {}) if tab is ORDERS else {}, kept, first=first)
    except NoSuchColumn as error:
        raise ColumnUnknown(text=error.text, ours=error.ours) from error


def plan(
    survey: Survey,
    chosen: tuple[TabSurvey | None, TabSurvey | None],
    wish: Wish,
    dress: Dress,
    *,
    locale: str = "",
) -> LayoutPlan:
    """
    Plan what is to be made.

    Args:
        survey: as look_closer() gave it for the chosen tabs.
        locale: to be set, "" to leave it.

    Raises:
        ColumnUnknown, ColumnUnfit, HeaderUnknown
    """
    choices = []
    for tab, there in zip((ORDERS, LINES), chosen, strict=True):
        seen = survey.tab(there.number) if there is not None else None
        if seen is None:
            if wish.said and tab is ORDERS:
                raise ColumnUnknown(text=", ".join(wish.said), ours=False)
            choices.append(Choice(tab, title=wish.tab if tab is ORDERS else ""))
            continue
        found = _matching(survey, tab, seen, wish, dress.language)
        for unfit in found.unfit:
            if unfit.asked:
                ours = tab.column(unfit.code).headers[dress.language]
                raise ColumnUnfit(header=unfit.header, column=ours, reason=unfit.reason)
        if not found.row and not seen.is_empty:
            raise HeaderUnknown(tab=seen.title)
        first = survey.connected.tabs.get(tab.code) != seen.number
        choices.append(Choice(tab, seen.number, matching=found, first=first))
    return plan_layout(survey, choices, dress, locale=locale)


def wanted_locale(survey: Survey, language: str) -> str:
    """Give the locale that should be offered: Indonesia, where an Indonesian shop's amounts would be read otherwise."""
    return INDONESIA if language == "id" and survey.locale not in DOT_LOCALES else ""


def holds_hers(survey: Survey) -> bool:
    """Say whether anything stands in it yet; an earlier connect of ours counts as well."""
    return bool(survey.connected.number) or any(not tab.is_empty for tab in survey.tabs)


def prove_writing(client: GoogleClient) -> None:
    """
    See whether we may write, without a trace: something that nobody sees is put there and taken away in one batch.

    Raises:
        SheetError: SheetNotShared above all.
    """
    number = secrets.randbelow(2**31 - 2) + 1
    client.batch_update([fence_request(number, PROBE_KEY, "check"), unfence_request(number)])


def carry_out(client: GoogleClient, layout: LayoutPlan, dress: Dress) -> bool:
    """
    Do what was planned, all of it or nothing (one write), and look whether it stands there.

    Returns:
        Whether all of it was done; False where Google does not take the locale, and all else was.

    Raises:
        SheetInDoubt: it may have been done; looking again tells. The same plan sent again is done once at most.
        SheetChanging: it was done, and something of it is gone already.
        SheetError: it was not done.
    """
    whole = True
    try:
        client.batch_update(layout.requests)
    except SheetRefused:
        # Google doesn't say which locales it knows.
        others = [each for each in layout.requests if "updateSpreadsheetProperties" not in each]
        if not layout.locale:
            raise
        whole = False
        if others:
            client.batch_update(others)
    survey = look(client)
    chosen = choose(survey, Wish())
    if plan(look_closer(client, survey, chosen, Wish()), chosen, Wish(), dress).requests:
        raise SheetChanging(attempts=1)
    return whole


def probe(client: GoogleClient, survey: Survey) -> Connected:
    """
    Find out whether Google refuses a number that stands there already, and with it the whole batch: our writes rest on
    it. What was found is kept in the spreadsheet; nothing else stays of it.

    Raises:
        SheetError: it could not be found out.
    """
    number = secrets.randbelow(2**30) + 1
    beside = number + 2**30
    cleaning: list[Request] = [_forget(PROBE_KEY)]
    try:
        client.batch_update([fence_request(number, PROBE_KEY, "first")])
        try:
            client.batch_update(
                [fence_request(beside, PROBE_KEY, "beside"), fence_request(number, PROBE_KEY, "second")]
            )
            verdict = NOT_REFUSED
        except SheetRefused:
            # Refused, and as a whole: what stood before it in the batch must not be there either.
            verdict = NOT_REFUSED if client.has_metadata(beside) else REFUSED
    except SheetError:
        # What may have been left is seen by nobody, and the next probe takes it away.
        with contextlib.suppress(SheetError):
            client.batch_update(cleaning)
        raise
    found = replace(survey.connected, verdict=verdict)
    client.batch_update(cleaning if found.same_as(survey.connected) else [*cleaning, *note(found)])
    return found


def _forget(key: str) -> dict[str, Any]:
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataKey": key}}}}
