"""
Which sheet the shop uses, from the operator's setting and the shop's language. What talks to Google is imported only
where the sheet is Google's: it costs a third of a second.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from intake.language import translations
from intake.settings import Settings
from intake.sheet import Notes
from intake.sheet.tabs import TabbedSheet
from intake.sheet.workbook import WorkbookSheet
from preorder.catalogue import Catalogue
from preorder.status import Status
from preorder.wording import STATUS_LABELS

if TYPE_CHECKING:
    from intake.sheet.google_http import GoogleClient
    from intake.sheet.recall import Recalled, RecalledEnquiries

# Soft backgrounds under dark text: who waits for money is warm, what is paid and moving is green and blue, what is off
# is grey.
COLOURS = {
    Status.WAITLISTED: "EDE7F6",
    Status.OFFERED: "E1D5F2",
    Status.AWAITING_PAYMENT: "FFF3C4",
    Status.PAYMENT_CLAIMED: "FFD9A8",
    Status.DEPOSIT_PAID: "D7F0DA",
    Status.PAID: "A9DFB1",
    Status.IN_PRODUCTION: "CFE6FA",
    Status.READY: "A8D1F3",
    Status.PARTLY_SHIPPED: "C5DCEB",
    Status.SHIPPED: "B7E0E6",
    Status.READY_FOR_PICKUP: "B9E8DC",
    Status.COMPLETED: "E3E7E4",
    Status.EXPIRED: "E6E0DA",
    Status.CANCELLED_BY_BUYER: "F3D6D2",
    Status.CANCELLED_BY_SELLER: "F3D6D2",
    Status.FORFEITED: "E9C6C0",
}


def open_client(settings: Settings) -> GoogleClient:
    """
    Give what talks to the spreadsheet at ETALASE_SHEET, which must be Google's. Nothing is asked yet.

    Raises:
        SheetKeyWrong
    """
    from intake.sheet.google_http import GoogleClient

    return GoogleClient(settings.google_sheet, settings.google_key, base_url=settings.sheets_api)


def open_sheet(settings: Settings, catalogue: Catalogue, notes: Notes | None = None) -> TabbedSheet:
    """
    Give the seller's sheet: the workbook or the spreadsheet at ETALASE_SHEET. Nothing is read or made yet.

    Args:
        notes: where a spreadsheet of Google's keeps what must outlive the process; only reading is safe without.

    Raises:
        SheetKeyWrong: Google, without a key that can be used.
    """
    language = catalogue.shop.language
    if settings.google_sheet:
        from intake.sheet.google import GoogleSheet

        return GoogleSheet(open_client(settings), language=language, notes=notes)
    return open_workbook(settings, catalogue)


def recall_sheet(settings: Settings, language: str) -> Recalled:
    """
    Read everything that the seller's sheet knows of the orders, whichever sheet it is. Nothing is written.

    Raises:
        SheetError
    """
    if settings.google_sheet:
        from intake.sheet.google_recall import recall_google

        client = open_client(settings)
        try:
            return recall_google(client, language)
        finally:
            client.close()
    # Reading a workbook takes a library that is slow to load, and a shop that starts doesn't need it.
    from intake.sheet.workbook_recall import recall

    return recall(Path(os.path.realpath(settings.sheet)), language)


def recall_enquiries(settings: Settings, language: str) -> RecalledEnquiries:
    """
    Read what the tabs beside the orders know of enquiries, also while a program has the book open. Nothing is written.

    Raises:
        SheetError
    """
    if settings.google_sheet:
        from intake.sheet.google_recall import recall_google_enquiries

        client = open_client(settings)
        try:
            return recall_google_enquiries(client, language)
        finally:
            client.close()
    from intake.sheet.workbook_recall import recall_workbook_enquiries

    return recall_workbook_enquiries(Path(os.path.realpath(settings.sheet)), language)


def sheet_name(settings: Settings) -> str:
    """Give how the sheet is named to people: its path, or its address."""
    if settings.google_sheet:
        return f"https://docs.google.com/spreadsheets/d/{settings.google_sheet}"
    return str(Path(settings.sheet).absolute())


def open_workbook(settings: Settings, catalogue: Catalogue) -> WorkbookSheet:
    """Give the workbook at ETALASE_SHEET."""
    language = catalogue.shop.language
    labels = STATUS_LABELS[language]
    _ = translations(settings.templates, language).gettext
    return WorkbookSheet(
        Path(settings.sheet),
        language=language,
        status_labels=tuple(labels[status] for status in Status),
        status_colours={labels[status]: colour for status, colour in COLOURS.items()},
        texts={
            "editable_hint": _(
                "You may change this column: save the file, and the shop carries it out within half a minute."
            ),
            "status_title": _("Choose a status from the list"),
            "status_hint": _("Other words are not understood. Click the arrow in the cell."),
        },
    )
