"""Reading a campaign's timetable."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from preorder.rounds import NeverOpens, RoundsOverlap
from preorder.schedule import Method, Monthly, OneOff, RoundChange, Rule, Schedule, Weekly
from storefront.fields import Block

ANNOUNCE_DAYS = 7
# Of a weekly campaign more than a year.
MOST_ROUNDS = 60

_MOVES = ("closes", "extended_to", "closed_early")


def read_schedule(block: Block, shop_zone: str, method: Method = Method.PREORDER) -> Schedule | None:
    """
    Give the timetable; None where it is missing or wrong, which has been reported.

    Args:
        block: the campaign's header.
        method: how it sells; of ready stock shipping is counted from the payment.
    """
    inner = block.block(
        "schedule",
        (
            "opens",
            "closes",
            "extended_to",
            "closed_early",
            "repeats",
            "rounds",
            "announce",
            "production",
            "ships",
            "zone",
        ),
    )
    if inner is None:
        return None
    before = len(inner.source.problems)
    zone = inner.choice("zone", "zone") or shop_zone
    announce = inner.days("announce")
    ships = inner.day_span("ships", paid=method is Method.READY)
    production = inner.day_span("production")
    if inner.has("production") and method is Method.READY:
        inner.report("production", "made_of_ready", method=block.key("method"))
    if production is not None and not production.most:
        inner.report("production", "production_of_no_day")
    rule = _recurring(inner, zone) if inner.has("repeats") else _once(inner, zone)
    if rule is None or len(inner.source.problems) > before:
        return None
    return Schedule(zone, rule, ANNOUNCE_DAYS if announce is None else announce, ships, production, method)


def _once(inner: Block, zone: str) -> OneOff | None:
    inner.require("opens", "closes")
    if inner.has("rounds"):
        inner.report("rounds", "rounds_without_rule", repeats=inner.source.word("repeats"))
    opens = inner.instant("opens", zone, closing=False)
    closes = inner.instant("closes", zone, closing=True)
    if opens is None or closes is None:
        return None
    if closes <= opens:
        inner.report(
            "closes", "closes_before_opens", opens_key=inner.key("opens"), opens=opens, closes=closes, zone=zone
        )
        return None
    moved = _moved(inner, opens, closes, zone)
    return OneOff(opens, moved or closes, closes if moved else None)


def _recurring(inner: Block, zone: str) -> Rule | None:
    for name in ("opens", *_MOVES):
        if inner.has(name):
            inner.report(name, "schedule_twice", other=inner.key("repeats"), rounds=inner.source.word("rounds"))
    rule = inner.recurrence("repeats", zone)
    if rule is None or not inner.has("rounds"):
        return rule
    changes: dict[int, tuple[RoundChange, Block]] = {}
    for item in inner.blocks("rounds", ("opens", *_MOVES, "skip"), most=MOST_ROUNDS) or ():
        change = _change(item, rule, zone)
        if change is None:
            continue
        if change.round in changes:
            first = changes[change.round][1]
            item.report("opens", "round_twice", first_line=first.at("opens"))
        else:
            changes[change.round] = change, item
    try:
        return dataclasses.replace(rule, changes=tuple(change for change, _ in changes.values()))
    except (RoundsOverlap, NeverOpens) as error:
        item = changes[error.fields["round"]][1]
        fields = {name: value for name, value in error.fields.items() if name != "round"}
        item.report(
            "opens", "rounds_overlap" if isinstance(error, RoundsOverlap) else "never_opens", zone=zone, **fields
        )
    return None


def _change(item: Block, rule: Monthly | Weekly, zone: str) -> RoundChange | None:
    """Give what an item of the list changes; None where it is wrong, which has been reported."""
    item.require("opens")
    opens = item.instant("opens", zone, closing=False)
    if opens is None:
        return None
    # What is written is a time in the zone of the rule, so that its day tells the month or week.
    regular = rule.regular(opens.date())
    if item.yes("skip", default=False):
        for name in _MOVES:
            if item.has(name):
                item.report(name, "skip_and_moved", other=item.key("skip"))
        return RoundChange(regular.round, skipped=True)
    closes = item.instant("closes", zone, closing=True) if item.has("closes") else regular.closes_at
    if closes is None:
        return None
    if closes <= opens:
        code = "closes_before_opens" if item.has("closes") else "round_closes_before"
        item.report(
            "closes" if item.has("closes") else "opens", code, opens_key=item.key("opens"),
            closes_key=item.key("closes"), opens=opens, closes=closes, zone=zone,
        )  # fmt: skip
        return None
    moved = _moved(item, opens, closes, zone)
    end = moved or closes
    if not moved and (opens, end) == (regular.opens_at, regular.closes_at):
        item.report("opens", "round_unchanged", closes_key=item.key("closes"), skip=item.key("skip"))
        return None
    return RoundChange(
        regular.round,
        None if opens == regular.opens_at else opens,
        None if end == regular.closes_at else end,
        closes if moved else None,
    )


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
