"""Dates, monthly and weekly rules as sellers write them in a header, in Indonesian or English."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from preorder.schedule import ZONES
from preorder.wording import MONTHS, SHORT_MONTHS, WEEKDAYS

_MONTH_NUMBERS = {
    name.casefold(): number
    for names in (*MONTHS.values(), *SHORT_MONTHS.values())
    for number, name in enumerate(names, 1)
}
_INSTANT = re.compile(
    r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})|(?P<named_day>\d{1,2})\s+(?P<name>[a-z]+)\s+(?P<named_year>\d{4}))"
    r"(?:(?:\s+|,\s*|t)(?:pukul\s+|jam\s+|at\s+)?(?P<hour>\d{1,2})[.:](?P<minute>\d{2})(?:\s*(?P<zone>wib|wita|wit))?)?",
    re.ASCII,
)
_MONTHLY = re.compile(
    r"(?:(?:se)?tiap bulan,?(?: dari)? (?:tanggal|tgl\.?)|(?:monthly|every month),?(?: from)?(?: the)?(?: days?)?)"
    r" ?(\d{1,2})(?:st|nd|rd|th)? ?(?:s\.?/?d\.?|sampai|hingga|to|until|-|\N{EN DASH}) ?(?:tanggal |the )?(\d{1,2})(?:st|nd|rd|th)?"
)
_WEEKDAY_NUMBERS = {name.casefold(): number for names in WEEKDAYS.values() for number, name in enumerate(names)}
_WEEKDAY_NUMBERS |= {"jum'at": 4, "ahad": 6}
_WEEKDAY = "|".join(_WEEKDAY_NUMBERS)
_WEEKLY = re.compile(
    rf"(?:(?:se)?tiap minggu,?(?: dari)?(?: hari)?|(?:weekly|every week),?(?: from)?(?: on)?) ({_WEEKDAY})"
    rf"(?: ?(?:s\.?/?d\.?|sampai|hingga|to|until|-|\N{{EN DASH}}) ?(?:hari )?({_WEEKDAY}))?"
)

# A year outside of these is a slip of the finger.
YEARS = range(2015, 2100)


def parse_instant(text: str, zone: str, *, closing: bool) -> datetime:
    """
    Read a date with or without a time.

    Args:
        text: "2026-11-25", "25 November 2026", "25 Nov 2026", each with "09.00", "09:00" or "09.00 WIB" behind it.
            24.00 is midnight at the end of that day.
        zone: where no zone stands in the text.
        closing: a date alone then means the end of that day, else its beginning.

    Returns:
        An aware datetime in zone.

    Raises:
        ValueError: anything else, among them days that the month does not have.
    """
    found = _INSTANT.fullmatch(" ".join(text.casefold().split()))
    if not found:
        raise ValueError(text)
    if found["name"]:
        month = _MONTH_NUMBERS.get(found["name"], 0)
        year, day = int(found["named_year"]), int(found["named_day"])
    else:
        year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if year not in YEARS:
        raise ValueError(text)
    written_in = ZONES[found["zone"].upper()] if found["zone"] else ZONES[zone]
    midnight = datetime(year, month, day, tzinfo=written_in)
    if found["hour"] is None:
        return midnight + timedelta(days=1) if closing else midnight
    hour, minute = int(found["hour"]), int(found["minute"])
    if not (hour < 24 and minute < 60) and (hour, minute) != (24, 0):
        raise ValueError(text)
    return (midnight + timedelta(hours=hour, minutes=minute)).astimezone(ZONES[zone])


def parse_monthly(text: str) -> tuple[int, int] | None:
    """
    Read "tiap bulan, tanggal 25 s.d. 10" or "monthly, day 25 to 10" as its two days; None where it is something else.
    """
    found = _MONTHLY.fullmatch(" ".join(text.casefold().split()))
    if not found:
        return None
    first, last = int(found.group(1)), int(found.group(2))
    return (first, last) if 1 <= first <= 31 and 1 <= last <= 31 else None


def parse_weekly(text: str) -> tuple[int, int] | None:
    """
    Read "tiap minggu, Senin s.d. Rabu", "every week, Monday to Wednesday" or "tiap minggu, Jumat" as its first and last
    weekday, Monday being 0; None where it is something else.
    """
    found = _WEEKLY.fullmatch(" ".join(text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()))
    if not found:
        return None
    first = _WEEKDAY_NUMBERS[found.group(1)]
    return first, _WEEKDAY_NUMBERS[found.group(2)] if found.group(2) else first
