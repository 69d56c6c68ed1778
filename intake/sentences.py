"""What the seller reads in the sheet: the sentence for each case in which a command bounced or something needs her."""

from __future__ import annotations

import gettext
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from preorder.status import Status
from preorder.wording import STATUS_LABELS, show_end, show_rupiah


def explain(message: str, translation: gettext.NullTranslations, language: str, zone: str) -> str:
    """
    Give the sentence for a message as it is kept with a row.

    Args:
        message: JSON with "kind" and the values of the case.
    """
    fields: dict[str, Any] = json.loads(message)
    kind = str(fields.pop("kind"))
    _ = translation.gettext
    labels = STATUS_LABELS[language]

    def status(code: Any) -> str:
        return labels[Status(code)]

    shown = {
        name: show_rupiah(value)
        for name, value in fields.items()
        if name in {"missing", "suggestion"} and value is not None
    }
    shown |= {name: status(fields[name]) for name in ("status", "target") if name in fields}
    if "allowed" in fields:
        shown["allowed"] = ", ".join(status(code) for code in fields["allowed"]) or _("nothing else")
    if "closes_at" in fields:
        shown["closes_at"] = show_end(datetime.fromisoformat(fields["closes_at"]), zone, language)
    values = fields | shown
    if kind == "doubtful_amount" and fields.get("suggestion") is not None:
        kind = "doubtful_amount_suggested"
    return _sentences(_)[kind] % values


def _sentences(_: Callable[[str], str]) -> Mapping[str, str]:
    return {
        "unknown_status": _('"%(value)s" is not a status. Choose from the list: %(allowed)s.'),
        "not_allowed": _("The order is at %(status)s and can't go to %(target)s. Possible now: %(allowed)s."),
        "use_money_in": _(
            "The order is at %(status)s. Type all the money received under Money in; the payment then follows by itself."
        ),
        "undo_money": _(
            "This can't be taken back: part of the money it recorded has been returned or put right since. Type the sum"
            " that you have now under Money in, then set the status."
        ),
        "units_gone": _(
            "Not enough is left: this needs %(units)s, there are %(left)s. Raise the quota, or refund the buyer."
        ),
        "late_money_units_gone": _(
            "The money is recorded, but the order had expired and not enough is left (%(left)s of %(units)s). Raise the quota and set the status,"
            " or refund the buyer."
        ),
        "late_money_short": _(
            "The money is recorded, but the order had expired and %(missing)s is missing. Ask the buyer, or refund her."
        ),
        "shipping_fixed": _("The order is at %(status)s: the shipping fee can't change any more."),
        "shipping_unknown": _("The shipping fee isn't known yet: fill it in first (0 if it is free)."),
        "amount_missing": _("An empty cell changes nothing. If nothing was received, or shipping is free, type 0."),
        "not_money": _('"%(value)s" is not an amount in whole rupiah. Type 150000 or 150.000.'),
        "doubtful_amount": _("%(value)s looks mistyped: type the whole sum received so far, in rupiah."),
        "doubtful_amount_suggested": _("%(value)s looks mistyped. Do you mean %(suggestion)s?"),
        "bad_tracking": _('"%(value)s" is not a receipt number: 6 to 30 letters and digits.'),
        "bad_characters": _("The text holds invisible characters. Type it instead of pasting it."),
        "too_long": _("The text is too long: %(length)s characters, at most %(most)s."),
        "no_deposit": _("This order has no deposit: it is paid in full at once."),
        "not_paid": _("%(missing)s is still missing. Type the money received under Money in first."),
        "window_open": _("The PO is open until %(closes_at)s; production starts after it closes."),
        "courier_unknown": _("Fill in the courier first."),
        "not_a_pickup": _("The buyer chose delivery, not pickup. Type the courier and the receipt number."),
        "reason_missing": _("Write under Seller's note why the transfer can't be found, then set the status again."),
        "balance_not_overdue": _("The balance isn't overdue: an order is only forfeited after its deadline."),
        "complaint_open": _("The buyer's complaint is still open: solve it first."),
        "foreign_row": _(
            "What stood in this row belongs to another order: its number had been changed, or a column was sorted"
            " without the others. Nothing of it was carried out; the row is right again."
        ),
        "column_shuffled": _(
            "Several rows had just exchanged their values in one column, as when a column is sorted without the others."
            " Nothing of it was carried out. If you mean it, type it row by row."
        ),
        "old_copy": _(
            "An older copy of the file had been put back. What it said here was not carried out; if you want a change,"
            " type it again."
        ),
        "row_restored": _(
            "This row had been deleted and was written again, for the order is alive. To call it off, set the status to %(target)s."
        ),
    }
