"""What the seller reads in the sheet: the sentence for each case in which a command bounced or something needs her."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from intake.language import translations
from intake.sheet.columns import ORDERS
from preorder.enquiries import EnquiryStatus
from preorder.status import Status
from preorder.wording import ENQUIRY_LABELS, LANGUAGES, STATUS_LABELS, show_end, show_instant, show_rupiah

# What she writes under Seller's note of a typed order, by language: the first to have it taken past quota, limits and
# window, the second where it resembles one that is there already.
TAKE_ANYWAY: Final = {"id": "tetap terima", "en": "accept anyway"}
ANOTHER_ORDER: Final = {"id": "pesanan lain", "en": "another order"}

# Choices that are listed in a cell.
MOST_CHOICES = 20
_MONEY = frozenset({"missing", "suggestion", "received", "needed", "back"})


def explain(message: str, translation: gettext.NullTranslations, language: str, zone: str) -> str:
    """
    Give the sentence for a message as it is kept with a row.

    Args:
        message: JSON with "kind" and the values of the case.
    """
    return _explain(json.loads(message), translation.gettext, language, zone)


def erased_words(templates: Path) -> frozenset[str]:
    """Give what the row of an erased order says, in every language."""
    return frozenset(_sentences(translations(templates, language).gettext)["order_erased"] for language in LANGUAGES)


def _explain(fields: dict[str, Any], _: Callable[[str], str], language: str, zone: str) -> str:
    kind = str(fields.pop("kind"))
    if kind == "several":
        return "\n".join(_explain(dict(each), _, language, zone) for each in fields["each"])
    shown = _shown(fields, _, language, zone)
    if kind.startswith("doubtful_"):
        kind, shown["value"] = _doubtful(kind, fields), show_rupiah(fields["value"])
    elif kind == "unknown_status" and not fields["value"]:
        kind = "status_missing"
    elif kind == "typed_choice_missing" and not fields["choices"]:
        kind = "typed_choice_missing_free"
    words = _words(language)
    sentence = _sentences(_)[kind] % (fields | shown | words)
    more = [addition % words for flag, addition in _additions(_).items() if fields.get(flag)]
    return " ".join([sentence, *more])


def _shown(fields: Mapping[str, Any], _: Callable[[str], str], language: str, zone: str) -> dict[str, str]:
    """Give those values of a case that are written otherwise than they are kept."""
    labels = STATUS_LABELS[language]

    def status(code: Any) -> str:
        return labels[Status(code)]

    shown = {name: show_rupiah(value) for name, value in fields.items() if name in _MONEY and value is not None}
    shown |= {name: status(fields[name]) for name in ("status", "target") if name in fields}
    if "allowed" in fields:
        shown["allowed"] = ", ".join(status(code) for code in fields["allowed"]) or _("nothing else")
    for name in ("closes_at", "closed_at"):
        if fields.get(name):
            shown[name] = show_end(datetime.fromisoformat(fields[name]), zone, language)
    if fields.get("opens_at"):
        shown["opens_at"] = show_instant(datetime.fromisoformat(fields["opens_at"]), zone, language)
    if "columns" in fields:
        shown["columns"] = ", ".join(_header(code, language) for code in fields["columns"])
    if "choices" in fields:
        choices = [str(choice) for choice in fields["choices"]]
        shown["choices"] = ", ".join(choices[:MOST_CHOICES]) + (", ..." if len(choices) > MOST_CHOICES else "")
    return shown


def _header(code: Any, language: str) -> str:
    return ORDERS.column(str(code)).headers[language]


def _doubtful(kind: str, fields: Mapping[str, Any]) -> str:
    if kind == "doubtful_amount" and fields.get("suggestion") is not None:
        return "doubtful_amount_suggested"
    if kind == "doubtful_amount" and fields.get("column") == "shipping":
        return "doubtful_fee"
    return kind


def _words(language: str) -> dict[str, str]:
    """Give what sentences name beside the values of the case: headers of columns, and words to write."""
    return {
        "note": _header("seller_note", language),
        "summary_column": _header("summary", language),
        "campaign_column": _header("campaign", language),
        "delivery_column": _header("delivery", language),
        "time_column": _header("placed_at", language),
        "anyway": TAKE_ANYWAY[language],
        "another": ANOTHER_ORDER[language],
        "answers": ", ".join(
            label for status, label in ENQUIRY_LABELS[language].items() if status is not EnquiryStatus.LEFT
        ),
    }


def says(note: object, words: Mapping[str, str]) -> bool:
    """
    Say whether a note holds the words of either language as a sentence of their own: "join it with another order" is
    about something else.
    """
    sentences = {" ".join(part.split()) for part in re.split(r"[\n.,;!:()]+", str(note or "").casefold())}
    return any(words[language] in sentences for language in LANGUAGES)


def _additions(_: Callable[[str], str]) -> Mapping[str, str]:
    return {
        "sure": _("If it is right, type it once more."),
        "liftable": _('To take it all the same, write "%(anyway)s" under %(note)s.'),
    }


def _sentences(_: Callable[[str], str]) -> Mapping[str, str]:
    return {
        "unknown_answer": _(
            '"%(value)s" is not an answer. Choose %(answers)s. What you have agreed on stands in your chat; this only says where the request stands.'
        ),
        "enquiry_left": _("Whoever asked has withdrawn the request: there is nothing left to answer."),
        "unknown_status": _('"%(value)s" is not a status. Choose from the list: %(allowed)s.'),
        "status_missing": _("The status can't be empty. Choose from the list: %(allowed)s."),
        "error_value": _(
            "The cell shows %(value)s instead of a value. Type the word or the number itself, no formula."
        ),
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
        "amount_shared": _(
            "Another order has to pay the same amount now (no unique code was free): look for the order number in the transfer,"
            " or ask the buyer."
        ),
        "shipping_fixed": _("The order is at %(status)s: the shipping fee can't change any more."),
        "shipping_unknown": _("The shipping fee isn't known yet: fill it in first (0 if it is free)."),
        "amount_missing": _("An empty cell changes nothing. If nothing was received, or shipping is free, type 0."),
        "money_disagrees": _(
            "Money in says %(received)s, but %(target)s means %(needed)s. Nothing was recorded. Type just the sum received"
            " so far, and the status follows by itself."
        ),
        "not_money": _('"%(value)s" is not an amount in whole rupiah. Type 150000 or 150.000.'),
        "doubtful_amount": _("%(value)s looks mistyped: type the whole sum received so far, in rupiah."),
        "doubtful_fee": _("%(value)s looks mistyped: type the shipping fee in rupiah."),
        "doubtful_refund": _(
            "With %(value)s received, %(back)s would have gone back to the buyer. If you have returned all, type 0."
        ),
        "doubtful_amount_suggested": _("%(value)s looks mistyped. Do you mean %(suggestion)s?"),
        "bad_tracking": _(
            '"%(value)s" is not one receipt number. Type only the number, 6 to 30 letters and digits, for example JP1234567890.'
        ),
        "tracking_digits": _(
            "A number this long loses its last digits in a spreadsheet. Type ' before it, for example '1234567890123456."
        ),
        "bad_characters": _("The text holds invisible characters. Type it instead of pasting it."),
        "too_long": _("The text is too long: %(length)s characters, at most %(most)s."),
        "no_deposit": _("This order has no deposit: it is paid in full at once."),
        "not_paid": _("%(missing)s is still missing. Type the money received under Money in first."),
        "window_open": _("The PO is open until %(closes_at)s; production starts after it closes."),
        "courier_unknown": _("Fill in the courier first."),
        "not_a_pickup": _("The buyer chose delivery, not pickup. Type the courier and the receipt number."),
        "reason_missing": _(
            "Write under %(note)s why the transfer can't be found, newly for this one, then set the status again."
        ),
        "balance_settled": _("The order is paid in full: nothing can be forfeited."),
        "balance_no_deadline": _(
            "No deadline has been set for the rest of this order's money, so the buyer can't be late with it. To end the"
            " order, set the status to %(target)s; then all that was received goes back to the buyer."
        ),
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
        "astray": _(
            "Rows or columns were being moved just while this row was written, so nobody can say which words in it are"
            " yours. Nothing of it was carried out and the row is right again. If you had typed something, type it again."
        ),
        "row_restored": _(
            "This row had been deleted and was written again, for the order is alive. To call it off, set the status to %(target)s."
        ),
        "order_erased": _("The buyer's data has been erased. Nothing in this row can be changed any more."),
        # Of rows that she typed herself.
        "hand_taken": _("Being recorded. Please leave this row as it is for a moment."),
        "hand_missing": _("Not recorded yet, still missing: %(columns)s."),
        "hand_phone": _('"%(value)s" is no WhatsApp number. Write it like 0812-3456-7890.'),
        "hand_campaign": _("Write under %(campaign_column)s which one it is: %(choices)s."),
        "hand_no_campaign": _("There is no campaign that an order could belong to."),
        "hand_delivery": _("Write under %(delivery_column)s how it reaches the buyer: %(choices)s."),
        "hand_copy": _(
            "This looks like a copy of another order's row. If it is a new order, empty its cell under %(time_column)s; if"
            " not, delete this row."
        ),
        "hand_twin": _(
            'The same order is recorded already as %(ref)s. If this is one more, write "%(another)s" under %(note)s; if not,'
            " delete this row."
        ),
        "hand_began": _(
            "This row was recorded as %(ref)s, which has a row of its own now. If it is one more order, write"
            ' "%(another)s" under %(note)s; if not, delete this row.'
        ),
        "hand_text": _("What stands under %(columns)s holds invisible characters or is too long. Type it anew."),
        "hand_error": _("Under %(columns)s stands an error instead of a value. Type it without a formula."),
        "typed_item_unknown": _('"%(part)s" is not understood. Write it like %(example)s. On offer: %(choices)s.'),
        "typed_item_unclear": _('"%(part)s" may be several things. Write one of: %(choices)s.'),
        "typed_qty_missing": _('How many of "%(part)s"? Write it like 2x %(item)s.'),
        "typed_choice_missing": _(
            '"%(part)s": write %(option)s as well (%(choices)s), like 1x %(item)s (%(option)s: %(first)s).'
        ),
        "typed_choice_missing_free": _('"%(part)s": write %(option)s as well, like 1x %(item)s (%(option)s: ...).'),
        "too_few": _("%(units)s units are too few: an order has at least %(least)s."),
        "too_many": _("%(units)s units are too many: an order has at most %(most)s."),
        "line_too_few": _("%(units)s of %(item)s are too few: a line has at least %(least)s."),
        "line_too_many": _("%(units)s of %(item)s are too many: a line has at most %(most)s."),
        "ask_for_quotation": _("%(units)s units: from %(least)s units on, an order is made as an offer first."),
        "buyer_limit": _("This number holds %(held)s units already and may hold %(most)s; this order has %(units)s."),
        "sold_out": _("Not enough is left: this needs %(units)s, there are %(left)s."),
        "not_open_yet": _("The PO only opens on %(opens_at)s."),
        "window_closed": _("The PO has been closed since %(closed_at)s."),
        "campaign_cancelled": _(
            "This PO is cancelled (tahap: batal), so it takes no orders. Take that line out to take orders again."
        ),
    }
