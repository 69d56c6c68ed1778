"""Reading a campaign's timetable."""

from __future__ import annotations

from preorder.schedule import Monthly, OneOff, Schedule
from storefront.fields import Block

ANNOUNCE_DAYS = 7


def read_schedule(block: Block, shop_zone: str) -> Schedule | None:
    """Give the timetable; None where it is missing or wrong, which has been reported."""
    inner = block.block("schedule", ("opens", "closes", "repeats", "announce", "ships", "zone"))
    if inner is None:
        return None
    before = len(inner.source.problems)
    zone = inner.choice("zone", "zone") or shop_zone
    announce = inner.days("announce")
    ships = inner.day_span("ships")
    rule: OneOff | Monthly | None = None
    if inner.has("repeats"):
        for name in ("opens", "closes"):
            if inner.has(name):
                inner.report(name, "schedule_twice", other=inner.key("repeats"))
        if days := inner.monthly("repeats"):
            with inner.source.catching(inner.at("repeats")):
                rule = Monthly(*days, zone)
    else:
        inner.require("opens", "closes")
        opens = inner.instant("opens", zone, closing=False)
        closes = inner.instant("closes", zone, closing=True)
        if opens and closes and closes <= opens:
            inner.report(
                "closes", "closes_before_opens", opens_key=inner.key("opens"), opens=opens, closes=closes, zone=zone
            )
        elif opens and closes:
            with inner.source.catching(inner.at("closes")):
                rule = OneOff(opens, closes)
    if rule is None or len(inner.source.problems) > before:
        return None
    return Schedule(zone, rule, ANNOUNCE_DAYS if announce is None else announce, ships)
