"""News of a campaign, from the file beside it: each with the date from which it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storefront.instants import parse_instant
from storefront.markdown import Report
from storefront.vocabulary import slugify

# Words that a date with time and zone can have: "25 November 2026, pukul 09.00 WITA".
_MOST_WORDS = 7


@dataclass(frozen=True)
class Update:
    """
    One piece of news.

    Attributes:
        at: from when on it is shown, in the zone of the shop.
        timed: whether the seller gave a time of day.
        anchor: its id on the campaign's page; stays while date and title do.
        file, line: of its heading.
    """

    at: datetime
    timed: bool
    title: str
    html: str
    anchor: str
    file: str
    line: int


def read_heading(heading: str, zone: str, report: Report, line: int) -> tuple[datetime, bool, str] | None:
    """Give date, whether it has a time, and title of "20 November 2026: Oven baru"; None where one is missing."""
    words = heading.split()
    for length in range(min(_MOST_WORDS, len(words)), 0, -1):
        written = " ".join(words[:length]).rstrip(",:-\N{EN DASH}\N{EM DASH} ")
        try:
            at = parse_instant(written, zone, closing=False)
        except ValueError:
            continue
        title = " ".join(words[length:]).lstrip(",:-\N{EN DASH}\N{EM DASH} ")
        if not title:
            report(line, "update_without_title", text=heading)
            return None
        return at, re.search(r"\d[.:]\d", written) is not None, title
    report(line, "update_without_date", text=heading)
    return None


def anchors(dated: Iterable[tuple[datetime, str]]) -> list[str]:
    """Give the id of each (date, title), in the order of the file."""
    seen: dict[str, int] = {}
    found = []
    for at, title in dated:
        name = f"kabar-{at:%Y-%m-%d}-{slugify(title)}".rstrip("-")
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def newest_first(updates: list[Update]) -> tuple[Update, ...]:
    """
    Put updates in the order of the page. Those of one date stay as in the file where that begins with the newest, and
    turn around where it is added to at its end.
    """
    grows_down = len(updates) > 1 and updates[0].at < updates[-1].at
    return tuple(sorted(reversed(updates) if grows_down else updates, key=lambda update: update.at, reverse=True))
