"""Reading a campaign's timetable."""

from __future__ import annotations

from datetime import datetime

from preorder.schedule import Monthly, OneOff, Schedule
from storefront.fields import Block

ANNOUNCE_DAYS = 7


def read_schedule(block: Block, shop_zone: str) -> Schedule | None:
    """Give the timetable; None where it is missing or wrong, which has been reported."""
    inner = block.block(
        "schedule", ("opens", "closes", "extended_to", "closed_early", "repeats", "announce", "ships", "zone")
    )
    if inner is None:
        return None
    before = len(inner.source.problems)
    zone = inner.choice("zone", "zone") or shop_zone
    announce = inner.days("announce")
    ships = inner.day_span("ships")
    rule: OneOff | Monthly | None = None
    if inner.has("repeats"):
        for name in ("opens", "closes", "extended_to", "closed_early"):
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
            moved = _moved(inner, opens, closes, zone)
            with inner.source.catching(inner.at("closes")):
                rule = OneOff(opens, moved or closes, closes if moved else None)
    if rule is None or len(inner.source.problems) > before:
        return None
    return Schedule(zone, rule, ANNOUNCE_DAYS if announce is None else announce, ships)


def _moved(inner: Block, opens: datetime, closes: datetime, zone: str) -> datetime | None:
    """Give the end that counts, where she has moved it; None where she hasn't, or not in a way that can be."""
    fields = {"closes_key": inner.key("closes"), "closes": closes, "zone": zone}
    later = inner.instant("extended_to", zone, closing=True) if inner.has("extended_to") else None
    earlier = inner.instant("closed_early", zone, closing=True) if inner.has("closed_early") else None
    if inner.has("extended_to") and inner.has("closed_early"):
        inner.report("closed_early", "extended_and_early", other=inner.key("extended_to"))
    elif later is not None and later <= closes:
        inner.report("extended_to", "extended_not_later", **fields)
    elif earlier is not None and not opens < earlier < closes:
        inner.report("closed_early", "early_not_between", opens_key=inner.key("opens"), opens=opens, **fields)
    else:
        return later or earlier
    return None
