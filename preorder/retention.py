"""For how long a buyer's data is kept."""

from __future__ import annotations

import calendar
from datetime import datetime

from preorder.schedule import ZONES


def erased_before(now: datetime, keep_months: int, zone: str) -> datetime:
    """
    Give the instant before which an order must have ended for its buyer's data to go: the same day and time of day so
    many months ago, the month's last day where it has no such day.

    Args:
        keep_months: 1 or more; see preorder.shop.Shop.
        zone: of the shop, "WIB", "WITA" or "WIT".
    """
    local = now.astimezone(ZONES[zone])
    year, month = divmod(local.year * 12 + local.month - 1 - keep_months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)
