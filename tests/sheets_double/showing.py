"""How a value shows in its cell."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.sheets_double.model import Cell, Failure, Value
from tests.sheets_double.typing_in import Locale, day_of, plain

_DATE_TOKENS = re.compile(r'"[^"]*"|\\.|y+|M+|m+|d+|H+|h+|s+|am/pm|.', re.IGNORECASE | re.DOTALL)
_DIGITS = re.compile(r"[#0?][#0?,.]*")
DATE_TYPES = frozenset({"DATE", "TIME", "DATE_TIME"})


def shown(cell: Cell, locale: Locale) -> str:
    """Give what stands in a cell, as a person sees it."""
    return show(cell.effective, (cell.fmt or {}).get("numberFormat"), locale)


def show(value: Value | Failure | None, number_format: dict[str, Any] | None, locale: Locale) -> str:
    """Give how a value shows under a number format."""
    if value is None:
        return ""
    if isinstance(value, Failure):
        return value.shown
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern", "")
    if kind in DATE_TYPES:
        usual = {"DATE": locale.date_pattern, "TIME": "H:mm:ss", "DATE_TIME": f"{locale.date_pattern} H:mm:ss"}
        return _show_date(value, pattern or usual[kind], locale)
    if kind == "TEXT" or (not pattern and kind in {"", "NUMBER_FORMAT_TYPE_UNSPECIFIED"}):
        return _general(value, locale)
    usual = {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": f'"{locale.currency}"#,##0.00',
        "SCIENTIFIC": "0.00E+00",
    }
    return _show_number(value, pattern or usual.get(kind, ""), locale)


def _general(value: float, locale: Locale) -> str:
    value = plain(value)
    if isinstance(value, int):
        return str(value)
    text = f"{value:.10g}"
    if "e" in text:
        mantissa, _, power = f"{value:.5E}".partition("E")
        text = f"{mantissa.rstrip('0').rstrip('.')}E{power}"
    return text.replace(".", locale.decimal)


def _show_number(value: float, pattern: str, locale: Locale) -> str:
    sections = pattern.split(";")
    pattern = sections[0]
    minus = value < 0
    if minus and len(sections) > 1:
        pattern, minus = sections[1], False
    number = abs(value)
    digits = _DIGITS.search(re.sub(r'"[^"]*"', lambda quoted: "\x00" * len(quoted[0]), pattern))
    if digits is None:
        return _general(value, locale) if not pattern else pattern.replace('"', "")
    start, end = digits.span()
    body = pattern[start:end]
    before, after = pattern[:start], pattern[end:]
    whole, _, fraction = body.partition(".")
    if "%" in after:
        number *= 100
    scientific = re.match(r"[eE][+-]?0+", after)
    if scientific:
        mantissa, _, power = f"{number:.{len(fraction)}E}".partition("E")
        return ("-" if minus else "") + mantissa.replace(".", locale.decimal) + "E" + power
    text = f"{number:,.{len(fraction)}f}"
    left, _, right = text.partition(".")
    if "," not in whole:
        left = left.replace(",", "")
    left = left.replace(",", locale.group)
    left = left.rjust(whole.count("0"), "0")
    optional = len(fraction) - len(fraction.rstrip("#"))
    right = right[: len(right) - optional] + right[len(right) - optional :].rstrip("0") if optional else right
    words = (re.sub(r'["\\]', "", part) for part in (before, after))
    first, last = words
    return ("-" if minus else "") + first + left + (locale.decimal + right if right else "") + last


def _show_date(value: float, pattern: str, locale: Locale) -> str:
    day = day_of(value)
    seconds = round((value - value // 1) * 86400)
    found, after_hour = [], False
    for token in _DATE_TOKENS.findall(pattern):
        kind = token[0]
        if token.startswith('"'):
            found.append(token[1:-1])
        elif token.startswith("\\"):
            found.append(token[1:])
        elif kind in "yYdD" or (kind in "mM" and not after_hour):
            found.append(_date_part(token, day, locale))
        elif kind in "hHmMsS":
            number = {"h": seconds // 3600, "m": seconds // 60 % 60, "s": seconds % 60}[kind.lower()]
            found.append(f"{number:0{min(len(token), 2)}d}")
        elif token.casefold() == "am/pm":
            found.append("AM" if seconds < 43200 else "PM")
        else:
            found.append(token)
        if kind in "hH":
            after_hour = True
        elif kind in "sSyYdD":
            after_hour = False
    return "".join(found)


def _date_part(token: str, day: date, locale: Locale) -> str:
    kind, size = token[0].lower(), len(token)
    if kind == "y":
        return f"{day.year % 100:02d}" if size <= 2 else str(day.year)
    if kind == "d":
        return f"{day.day:0{min(size, 2)}d}"
    if size <= 2:
        return f"{day.month:0{size}d}"
    name = locale.months[day.month - 1].capitalize()
    return name[:3] if size == 3 else name
