"""Which sheet the shop uses, from the operator's setting and the shop's language."""

from __future__ import annotations

from pathlib import Path

from intake.language import translations
from intake.settings import Settings
from intake.sheet.workbook import WorkbookSheet
from preorder.catalogue import Catalogue
from preorder.status import Status
from preorder.wording import STATUS_LABELS

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


def open_sheet(settings: Settings, catalogue: Catalogue) -> WorkbookSheet:
    """Give the seller's sheet: the workbook at ETALASE_SHEET. Nothing is read or made yet."""
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
