"""Reading everything that a Google spreadsheet knows of the orders: what a restored ledger is compared with."""

from __future__ import annotations

from collections.abc import Mapping

from intake.sheet import NotesInMemory
from intake.sheet.columns import LINES, ORDERS
from intake.sheet.google_fence import KEY, edition_in
from intake.sheet.google_http import GoogleClient
from intake.sheet.google_look import find_tabs, read_whole
from intake.sheet.google_read import Layout, Place, layout_from
from intake.sheet.google_tabs import GoogleTabs
from intake.sheet.recall import Recalled, RecalledEnquiries, RecalledRow


def recall_google(client: GoogleClient, language: str) -> Recalled:
    """
    Read all columns of all our tabs; seven reads. Nothing is written.

    The tabs are found by title, else by their headers: what the ledger knew of them may have gone with it.

    Raises:
        SheetError
    """
    layout = layout_from(client.fetch_layout(), KEY)
    places = find_tabs(client, layout, {}, language).places
    contents = read_whole(client, places)
    orders, lines = contents[ORDERS.code], contents.get(LINES.code)
    rows = []
    for row in orders.rows:
        if row.ref and len(orders.by_ref[row.ref]) == 1:
            of_it = lines.by_ref.get(row.ref, ()) if lines is not None else ()
            rows.append(RecalledRow(row.ref, row.values, tuple(line.values for line in of_it), row.number))
    twice = tuple(ref for ref, found in orders.by_ref.items() if len(found) > 1)
    return Recalled(tuple(rows), twice, edition_in(layout), _enquiries(client, layout, places, language))


def recall_google_enquiries(client: GoogleClient, language: str) -> RecalledEnquiries:
    """
    Read the tabs for enquiries alone; six reads. Nothing is written.

    Raises:
        SheetError
    """
    layout = layout_from(client.fetch_layout(), KEY)
    return _enquiries(client, layout, find_tabs(client, layout, {}, language).places, language)


def _enquiries(client: GoogleClient, layout: Layout, places: Mapping[str, Place], language: str) -> RecalledEnquiries:
    taken = {place.layout.number for place in places.values()}
    return GoogleTabs(client, language, NotesInMemory(), lambda: 0).recall(layout, taken)
