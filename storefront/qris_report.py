"""What the seller reads about a QRIS text that she has pasted: which element is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Translate = Callable[[str], str]

# Fields that name elements by their tags.
_NAMING = ("element", "after", "first", "elements")


def sentences(_: Translate) -> dict[str, str]:
    """Give the sentence of every fault that keeps a payload from being used, by FaultCode."""
    return {
        "qris_empty": _(
            "%(key)s is empty. Paste the text that your QRIS code holds; a QR scanner app shows it. It begins with 000201."
        ),
        "qris_link": _(
            "%(key)s holds a web address, not a QRIS. Scan the QRIS code itself with a QR scanner app, and paste the text that begins with 000201."
        ),
        "qris_picture": _(
            "%(key)s holds a picture or its name. Scan the code in the picture with a QR scanner app, and paste the text that begins with 000201."
        ),
        "qris_nmid_only": _(
            "%(key)s holds the NMID printed below the code, which is not enough. Scan the code with a QR scanner app, and paste the text that begins with 000201."
        ),
        "qris_not_qris": _(
            '%(key)s begins with "%(found)s". The text of a QRIS begins with 000201: copy it whole, with nothing in front of it.'
        ),
        "qris_line_break": _(
            "%(key)s: there is a line break or tab before character %(position)s. Write the text in one line between quotation marks, without adding anything."
        ),
        "qris_too_long": _(
            "%(key)s has %(length)s characters; a QRIS has at most %(most)s. Copy only the text of the code, once."
        ),
        "qris_bad_tag": _(
            '%(key)s: at character %(position)s, after element %(after)s, "%(found)s" stands where two digits must be. A character before it is missing or too many: copy the text anew, between quotation marks.'
        ),
        "qris_bad_length": _(
            '%(key)s: the length of element %(element)s (character %(position)s) is "%(found)s", not 01 to 99. A character was lost or changed: copy the text anew, between quotation marks.'
        ),
        "qris_runs_past_end": _(
            "%(key)s is cut short: element %(element)s (character %(position)s) needs %(length)s characters, and only %(left)s follow. Copy the whole text, between quotation marks."
        ),
        "qris_loose_end": _(
            '%(key)s is cut short: after element %(after)s only "%(found)s" is left (character %(position)s). Copy the whole text, between quotation marks.'
        ),
        "qris_bad_template": _(
            "%(key)s: element %(element)s can't be read from character %(position)s on. Copy the text anew; if it stays so, ask your QRIS provider for a new code."
        ),
        "qris_after_crc": _(
            '%(key)s: "%(found)s" stands behind the end of the QRIS (character %(position)s). Delete what follows the four check digits.'
        ),
        "qris_crc_missing": _(
            "%(key)s ends after element %(after)s without the check digits (6304 and four characters). Copy the text to its end."
        ),
        "qris_crc_form": _(
            '%(key)s: the check digits at the end are "%(found)s", not four of 0-9 and A-F. Copy the text to its end, and nothing more.'
        ),
        "qris_crc_wrong": _(
            "%(key)s: the check digits %(found)s don't fit the text, so at least one character was changed. Don't correct it by hand: scan the code again and copy the whole text."
        ),
        "qris_not_first": _(
            "%(key)s begins with element %(first)s, but a QRIS begins with 00. Copy the text from its start."
        ),
        "qris_repeated": _(
            "%(key)s: element %(element)s stands there twice. Copy one code only; if it is one, ask your QRIS provider for a new one."
        ),
        "qris_missing": _("%(key)s: element %(element)s is missing. Ask your QRIS provider for a complete code."),
        "qris_no_account": _(
            "%(key)s names no merchant account (26 to 51), so nobody can be paid with it. Ask your QRIS provider for the code of your shop."
        ),
        "qris_strange_character": _(
            '%(key)s: element %(element)s holds "%(character)s" (character %(position)s), which can\'t be in a QRIS. Copy the text anew, without automatic correction.'
        ),
        "qris_value_too_long": _(
            "%(key)s: element %(element)s has %(length)s characters; at most %(most)s are possible. Ask your QRIS provider for a right code."
        ),
        "qris_blank_value": _(
            "%(key)s: element %(element)s holds nothing but blanks. Ask your QRIS provider for a right code."
        ),
        "qris_wrong_value": _(
            '%(key)s: element %(element)s says "%(value)s"; possible is %(allowed)s. Ask your QRIS provider for a right code.'
        ),
        "qris_not_digits": _(
            '%(key)s: element %(element)s says "%(value)s", not %(digits)s digits. Ask your QRIS provider for a right code.'
        ),
        "qris_currency": _('%(key)s: the currency (53) is "%(value)s", not 360 (rupiah). Use a QRIS in rupiah.'),
        "qris_country": _('%(key)s: the country (58) is "%(value)s", not ID. Use a QRIS from Indonesia.'),
        "qris_bad_nmid": _(
            '%(key)s: the NMID (51.02) is "%(value)s", not ID and 13 digits. Compare it with the NMID printed below your code, and ask your QRIS provider.'
        ),
        "qris_bad_amount": _(
            '%(key)s: the amount (54) "%(value)s" is not an amount above 0. Use the QRIS of your shop that has no amount.'
        ),
        "qris_fee_mismatch": _(
            "%(key)s: element %(element)s does not fit the kind of fee in 55. Use a QRIS without tip and fee."
        ),
        "qris_already_dynamic": _(
            "%(key)s is a QRIS for a single payment (dynamic). Paste the static one: the code of your shop that you print and put up."
        ),
        "qris_has_amount": _(
            "%(key)s holds an amount already (54: %(value)s). Paste the QRIS of your shop that has no amount."
        ),
        "qris_has_tip": _(
            "%(key)s asks for a tip or a fee (%(elements)s). A buyer may not be charged for QRIS: ask your provider for a code without it."
        ),
        "qris_loose_start": _(
            '%(key)s is cut short: only "%(found)s" is there. Copy the whole text, between quotation marks.'
        ),
        "qris_as_account": _(
            '"%(text)s" is no account with a number. Paste the text of your QRIS code into a block of its own, %(qris)s: {%(inner)s: "..."}; an account '
            "that only bears the name needs another id."
        ),
    }


def sentence_code(code: str, fields: Mapping[str, Any]) -> str:
    """Give which sentence explains a fault: a text that ends before its first element has no element to name."""
    return "qris_loose_start" if code == "qris_loose_end" and not fields["after"] else code


def named(fields: Mapping[str, Any], _: Translate) -> dict[str, Any]:
    """Give a fault's fields with each element's name behind its tag: "59 (merchant name)"."""
    names = element_names(_)
    return {name: _named(str(value), names) if name in _NAMING else value for name, value in fields.items()}


def _named(tags: str, names: Mapping[str, str]) -> str:
    return ", ".join(f"{tag} ({_name_of(tag, names)})" for tag in tags.split(", "))


def _name_of(tag: str, names: Mapping[str, str]) -> str:
    # Of an element within a template, the template is what she may have heard of.
    outer = tag.partition(".")[0]
    if found := names.get(tag) or names.get(outer):
        return found
    return names["26-50"] if "26" <= outer <= "50" else names[""]


def element_names(_: Translate) -> Mapping[str, str]:
    """Give the name of each element by its tag; "26-50" for the accounts, "" for all that have no name here."""
    return {
        "00": _("payload format"),
        "01": _("static or dynamic"),
        "52": _("merchant category"),
        "53": _("currency"),
        "54": _("amount"),
        "55": _("tip or fee"),
        "56": _("fixed fee"),
        "57": _("fee in percent"),
        "58": _("country"),
        "59": _("merchant name"),
        "60": _("city"),
        "61": _("postal code"),
        "62": _("additional data"),
        "63": _("check digits"),
        "64": _("name in another language"),
        "51": _("national merchant data"),
        "51.02": _("NMID"),
        "26-50": _("merchant account"),
        "": _("other data"),
    }
