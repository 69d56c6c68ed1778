"""What becomes of a text that is typed into a cell, in the language of the spreadsheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.sheets_double.model import Cell, Formula, Value

ZERO_DAY = date(1899, 12, 30)
MONTHS = {
    "en": [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    "id": [
        "januari",
        "februari",
        "maret",
        "april",
        "mei",
        "juni",
        "juli",
        "agustus",
        "september",
        "oktober",
        "november",
        "desember",
    ],
}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?: ?([AaPp])[Mm])?")
_ISO = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
_SHORT = re.compile(r"(\d{1,2})([-/])(\d{1,2})(?:\2(\d{4}|\d{2}))?")
_WORDED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?(?:[ -,]+(\d{4}|\d{2}))?")
_WORDED_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:,? (\d{4}))?")


# That write as Indonesian does, as far as numbers go.
COMMA_LANGUAGES = frozenset({"da", "de", "es", "it", "nl", "pt", "tr", "vi"})


@dataclass(frozen=True)
class Locale:
    """
    How a language writes.

    Attributes:
        decimal, group: signs in numbers. month_first: 1/2 is the second of January. currency: before an amount.
    """

    code: str
    decimal: str
    group: str
    month_first: bool
    currency: str

    @property
    def months(self) -> list[str]:
        """Give the names of the months, in lower case."""
        return MONTHS.get(self.code[:2], MONTHS["en"])

    @property
    def date_pattern(self) -> str:
        """Give how a date shows that says nothing else."""
        return "M/d/yyyy" if self.month_first else "dd/MM/yyyy"


def shown_locale(code: str) -> str:
    """Give a locale's code as the spreadsheet names it from then on: Indonesian by its old code, "in"."""
    return "in_ID" if code in {"id", "in", "id_ID"} else code


def locale_of(code: str) -> Locale:
    """Give a locale by Google's code of it: "id_ID", "in_ID", "en_US", "en_GB"."""
    if code[:2] in {"id", "in"}:
        return Locale("id_ID", ",", ".", False, "Rp")
    if code[:2] in COMMA_LANGUAGES:
        return Locale(code, ",", ".", False, "€")
    return Locale(code, ".", ",", code == "en_US", "$" if code == "en_US" else "£")


@dataclass(frozen=True)
class Typed:
    """What a text amounts to, and the number format that comes with it; None: none."""

    value: Value | Formula | None
    number_format: dict[str, str] | None = None


def serial(day: date) -> int:
    """Give the serial number of a day."""
    return (day - ZERO_DAY).days


def day_of(number: float) -> date:
    """Give the day of a serial number."""
    return ZERO_DAY + timedelta(days=int(number // 1))


def read_typed(text: str, locale: Locale, today: date) -> Typed:
    """Read a text as a person types it, or as USER_ENTERED takes it."""
    if text == "":
        return Typed(None)
    if text.startswith("'"):
        return Typed(text[1:])
    if text.startswith("=") and len(text) > 1:
        return Typed(Formula(text))
    bare = text.strip()
    if bare.casefold() in {"true", "false"}:
        return Typed(bare.casefold() == "true")
    for reader in (_read_number, _read_date, _read_time):
        found = reader(bare, locale, today)
        if found is not None:
            return found
    # A plus sign begins a formula where it doesn't begin a number; a minus sign likewise.
    if bare[0] in "+-" and len(bare) > 1 and re.fullmatch(r"[+-][A-Za-z]+\d+(?:[-+*/][A-Za-z]*\d+)*", bare):
        return Typed(Formula("=" + bare.removeprefix("+")))
    return Typed(text)


def _read_number(text: str, locale: Locale, today: date) -> Typed | None:
    group, decimal = re.escape(locale.group), re.escape(locale.decimal)
    digits = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{decimal}\d*)?|{decimal}\d+"
    pattern = rf"(?P<s1>[+-])?(?P<c>{re.escape(locale.currency)}\.? ?)?(?P<s2>[+-])?(?P<n>{digits})(?P<e>[eE][+-]?\d+)?(?P<p> ?%)?"
    paid = re.fullmatch(rf"\((?:{digits})\)", text)
    match = re.fullmatch(pattern, text[1:-1] if paid else text)
    if match is None or (match["s1"] and match["s2"]):
        return None
    number = float(match["n"].replace(locale.group, "").replace(locale.decimal, ".") + (match["e"] or ""))
    if paid or "-" in (match["s1"], match["s2"]):
        number = -number
    grouped, fraction = locale.group in match["n"], locale.decimal in match["n"]
    number_format = None
    if match["p"]:
        number /= 100
        number_format = {"type": "PERCENT", "pattern": "0.00%" if fraction else "0%"}
    elif match["c"]:
        number_format = {"type": "CURRENCY", "pattern": f'"{locale.currency}"#,##0' + (".00" if fraction else "")}
    elif match["e"]:
        number_format = {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    elif grouped:
        number_format = {"type": "NUMBER", "pattern": "#,##0.00" if fraction else "#,##0"}
    return Typed(plain(number), number_format)


def plain(number: float) -> int | float:
    """Give whole numbers as such, as JSON shows them."""
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else number


def _year(text: str | None, today: date) -> int:
    if not text:
        return today.year
    year = int(text)
    return year if year > 99 else year + (2000 if year < 50 else 1900)


def _month(word: str, locale: Locale) -> int | None:
    names = [*locale.months] if locale.months is MONTHS["en"] else [*locale.months, *MONTHS["en"]]
    for place, name in enumerate(names):
        if word.casefold() in {name, name[:3]}:
            return place % 12 + 1
    return None


def _date_parts(text: str, locale: Locale, today: date) -> tuple[int, int, int, str] | None:
    """Give (year, month, day, pattern)."""
    if match := _ISO.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4]), "yyyy-MM-dd"
    if match := _SHORT.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        month, day = (first, second) if locale.month_first else (second, first)
        return _year(match[4], today), month, day, locale.date_pattern
    if match := _WORDED.fullmatch(text):
        month_word, day, year = match[2], int(match[1]), match[3]
    elif match := _WORDED_FIRST.fullmatch(text):
        month_word, day, year = match[1], int(match[2]), match[3]
    else:
        return None
    month_ = _month(month_word, locale)
    return None if month_ is None else (_year(year, today), month_, day, "d mmm yyyy" if year else "d mmm")


def _read_date(text: str, locale: Locale, today: date) -> Typed | None:
    head, space, tail = text.rpartition(" ")
    time = _read_time(tail, locale, today) if space else None
    parts = _date_parts(head if time else text, locale, today)
    if parts is None:
        return None
    try:
        number = serial(date(*parts[:3]))
    except ValueError:
        return None
    if time is None:
        return Typed(number, {"type": "DATE", "pattern": parts[3]})
    assert isinstance(time.value, int | float)
    return Typed(number + time.value, {"type": "DATE_TIME", "pattern": f"{parts[3]} H:mm:ss"})


def _read_time(text: str, locale: Locale, today: date) -> Typed | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4] in "pP" else 0)
    return Typed((hour * 3600 + minute * 60 + second) / 86400, {"type": "TIME", "pattern": "H:mm:ss"})


def type_into(cell: Cell, text: str, locale: Locale, today: date) -> Cell:
    """Give the cell after a text was typed into it. One that is set to plain text takes everything as text."""
    kept: dict[str, Any] = (cell.fmt or {}).get("numberFormat") or {}
    if kept.get("type") == "TEXT" and text:
        return cell.holding(text)
    typed = read_typed(text, locale, today)
    changed = cell.holding(typed.value)
    if typed.number_format and not kept:
        changed = with_format(changed, {"numberFormat": typed.number_format})
    return changed


def with_format(cell: Cell, more: dict[str, Any]) -> Cell:
    """Give the cell with these parts of its format set."""
    return Cell(
        cell.entered,
        cell.effective,
        {**(cell.fmt or {}), **more},
        cell.validation,
        cell.note,
        cell.spilled,
        cell.given,
    )
