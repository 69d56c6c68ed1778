"""What happens when: the schedule in the header, and the dates in the seller's sentences, in an order that is possible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from preorder.campaign import Campaign
from preorder.schedule import ZONES, Method, Monthly, OneOff, Window
from preorder.terms import BalanceFrom
from preorder.wording import MONTHS, SHORT_MONTHS
from storefront.linting import words
from storefront.linting.clauses import shortened
from storefront.linting.numbers import Places
from storefront.linting.reading import Sentence
from storefront.problems import Problem


class Point(StrEnum):
    """What a date is the date of."""

    OPENS = "opens"
    CLOSES = "closes"
    PAYMENT = "payment"
    PRODUCTION = "production"
    BALANCE = "balance"
    READY = "ready"
    SHIPS = "ships"
    PICKUP = "pickup"


# The first of each pair can't lie after the second.
ORDER = (
    (Point.OPENS, Point.CLOSES),
    (Point.OPENS, Point.PAYMENT),
    (Point.CLOSES, Point.READY),
    (Point.CLOSES, Point.SHIPS),
    (Point.CLOSES, Point.PICKUP),
    (Point.PAYMENT, Point.PRODUCTION),
    (Point.PAYMENT, Point.SHIPS),
    (Point.PRODUCTION, Point.READY),
    (Point.PRODUCTION, Point.SHIPS),
    (Point.PRODUCTION, Point.PICKUP),
    (Point.BALANCE, Point.SHIPS),
    (Point.BALANCE, Point.PICKUP),
    (Point.READY, Point.SHIPS),
    (Point.READY, Point.PICKUP),
)


@dataclass(frozen=True)
class Moment:
    """A day, or a span of days, at which something happens. sentence is None for what the header says."""

    point: Point
    first: date
    last: date
    sentence: Sentence | None = None


_WORDS = {
    Point.OPENS: r"buka|dibuka|open|mulai po|po mulai",
    Point.CLOSES: r"tutup|ditutup|close|closing|penutupan|terakhir (?:pesan|order|po)|batas (?:pesan|order|po|pemesanan)",
    Point.PAYMENT: r"bayar|pembayaran|transfer|dibayar",
    Point.PRODUCTION: r"produksi|diproduksi|dipanggang|dijahit",
    Point.BALANCE: r"pelunasan|dilunasi|melunasi|lunas",
    Point.READY: r"siap|ready|selesai dibuat",
    Point.SHIPS: r"dikirim|kirim|pengiriman|berangkat",
    Point.PICKUP: r"diambil|ambil|pickup|pengambilan",
}
_POINT = re.compile("|".join(rf"(?P<{point}>\b(?:siap )?(?:{pattern})\b)" for point, pattern in _WORDS.items()))
_SIAP = re.compile(r"^siap (?=kirim|dikirim|diambil|ambil)")
_NAMES = {
    name.casefold(): number
    for names in (*MONTHS.values(), *SHORT_MONTHS.values())
    for number, name in enumerate(names, 1)
}
_NAMES |= {"pebruari": 2, "nopember": 11, "agt": 8, "ags": 8, "sept": 9}
_DATE = re.compile(
    r"\b(?P<day>\d{1,2})(?:\s*(?:-|\N{EN DASH}|s\.?d\.?|sampai|hingga|dan|atau)\s*(?P<last>\d{1,2}))?\s+(?P<month>"
    + "|".join(sorted(_NAMES, key=len, reverse=True))
    + r")\b\.?(?:\s+(?P<year>20\d\d))?"
)
# What lies further ahead than a seller plans.
_YEAR = timedelta(days=366)
_DAY_ONLY = words.compile(
    r"\b(?P<which>ditutup|tutup|closing|dibuka|buka)(?: \S+){0,2}? (?:setiap |tiap )?tanggal (?P<day>\d{1,2})\b(?! \w*(?:jan|feb|mar|apr|mei|jun|jul|agu|sep|okt|nov|des))"
)
_PAST = words.compile(
    r"\b(?:lalu|kemarin|sebelumnya|sejak|pertama kali|dulu|terdahulu|berdiri|lahir|pernah|terbit|berlaku sampai|kedaluwarsa|kadaluarsa|exp|tahun \d+ kami|libur|cuti|diperbarui|update|pembaruan)\b"
)


def find_times(
    campaign: Campaign, sentences: Iterable[Sentence], places: Places, now: datetime, published: frozenset[str] | None
) -> Iterator[Problem]:
    """
    Give everything about a campaign's times that can't be, or no longer holds.

    Args:
        sentences: its own.
        published: ids of the campaigns that are on the site already, None where there is no site yet.
    """
    yield from _deadlines(campaign, places)
    yield from _windows(campaign, places, now, published)
    said = [sentence for sentence in sentences if not sentence.asks]
    rule = campaign.schedule.rule
    window = campaign.schedule.shown_window(now)
    if isinstance(rule, Monthly):
        yield from _days_of_month(rule, said)
    yield from _dates(campaign, said, window)


def _deadlines(campaign: Campaign, places: Places) -> Iterator[Problem]:
    payment = campaign.payment
    ships, within, last_days = campaign.schedule.ships_after, payment.pay_within_h, payment.last_days
    if ships is None or campaign.schedule.method is Method.READY:
        return
    # What is sent before it is paid for may never be.
    if payment.balance_from is BalanceFrom.CLOSING and (payment.balance_days or 0) > ships.most:
        yield places.problem(
            "balance_after_shipping", "payment", "balance", value=payment.balance_days, days=ships.most
        )
    if last_days is not None:
        # Counted from the closing, as the shipping is.
        if last_days > ships.most:
            yield places.problem(
                "deadline_after_shipping", "payment", "pay_until", hours=last_days * 24, days=ships.most
            )
        within = min(within, max(1, last_days * 24))
    fields = {"hours": within, "days": ships.least}
    if ships.most and within > ships.most * 24:
        yield places.problem("deadline_after_shipping", "payment", "pay_within", **(fields | {"days": ships.most}))
    elif within > max(ships.least, 1) * 24:
        yield places.problem("deadline_near_shipping", "payment", "pay_within", **fields)


def _windows(campaign: Campaign, places: Places, now: datetime, published: frozenset[str] | None) -> Iterator[Problem]:
    rule, policy, ships = campaign.schedule.rule, campaign.policy, campaign.schedule.ships_after
    if isinstance(rule, OneOff):
        if published is not None and campaign.id not in published and rule.closes_at <= now:
            yield places.problem("window_past", "schedule", "closes", day=_local(rule.closes_at, campaign))
        if rule.closes_at - rule.opens_at > _YEAR:
            yield places.problem("window_very_long", "schedule", "closes", days=(rule.closes_at - rule.opens_at).days)
    yield from _far(campaign, places, now)
    if policy.delay_days > 30 and (ships is None or policy.delay_days > ships.most):
        yield places.problem("delay_too_long", "cancellation", "delay", "after_days", days=policy.delay_days)
    if policy.refund_within_days > 14:
        yield places.problem("refund_slow", "cancellation", "by_seller", "within_days", days=policy.refund_within_days)


def _far(campaign: Campaign, places: Places, now: datetime) -> Iterator[Problem]:
    """Give what lies so far ahead that its year is probably mistyped."""
    rule = campaign.schedule.rule
    if isinstance(rule, OneOff):
        # A year mistyped in the closing alone is a window that is very long.
        if rule.opens_at - now > _YEAR:
            yield _far_at(rule.opens_at, campaign, places, Point.OPENS, "opens")
        elif rule.closes_at - now > _YEAR and rule.closes_at - rule.opens_at <= _YEAR:
            moved = next((key for key in ("extended_to", "closed_early") if places.campaign.has("schedule", key)), "")
            yield _far_at(rule.closes_at, campaign, places, Point.CLOSES, moved or "closes")
        return
    # Also those that are left out: with the year mistyped, the one that was meant opens.
    regular = replace(rule, changes=())
    for place, change in enumerate(rule.changes):
        window = regular.window_of(change.round)
        if window is not None and window.opens_at - now > _YEAR:
            opens_at = change.opens_at or window.opens_at
            yield _far_at(opens_at, campaign, places, Point.OPENS, "rounds", place, "opens")


def _far_at(instant: datetime, campaign: Campaign, places: Places, point: Point, *path: str | int) -> Problem:
    day = (
        campaign.schedule.last_day(Window(1, instant, instant)) if point is Point.CLOSES else _local(instant, campaign)
    )
    return places.problem("window_far", "schedule", *path, point=point, day=day)


def _days_of_month(rule: Monthly, sentences: Sequence[Sentence]) -> Iterator[Problem]:
    for sentence in sentences:
        if found := _DAY_ONLY.search(sentence.plain):
            point, day = (Point.OPENS, rule.first_day) if "buka" in found["which"] else (Point.CLOSES, rule.last_day)
            if int(found["day"]) != day and not _PAST.search(sentence.plain):
                fields = {"quote": shortened(sentence.shown), "point": point, "day": int(found["day"]), "set": day}
                yield Problem(sentence.file, sentence.line, "date_differs", fields)


def _dates(campaign: Campaign, sentences: Sequence[Sentence], window: Window) -> Iterator[Problem]:
    once = isinstance(campaign.schedule.rule, OneOff)
    opens, closes = _local(window.opens_at, campaign), _last_day(window, campaign)
    moments = []
    for moment, has_year in _moments(sentences, closes):
        assert moment.sentence is not None
        fields = {"quote": shortened(moment.sentence.shown), "point": moment.point, "day": moment.first}
        place = moment.sentence.file, moment.sentence.line
        if has_year and moment.last < opens and moment.point is not Point.OPENS:
            yield Problem(*place, "date_past", {**fields, "set": opens})
        elif once and moment.point in {Point.OPENS, Point.CLOSES}:
            wanted = opens if moment.point is Point.OPENS else closes
            if wanted not in {moment.first, moment.last}:
                yield Problem(*place, "date_differs", {**fields, "set": wanted})
        elif once:
            moments.append(moment)
    known = [Moment(Point.OPENS, opens, opens)]
    if campaign.schedule.method is Method.PREORDER:
        # What is there already is sent while the sale goes on.
        known.append(Moment(Point.CLOSES, closes, closes))
    if span := campaign.schedule.ships_between(window):
        known.append(Moment(Point.SHIPS, *span))
    if span := campaign.schedule.made_between(window, campaign.decided_after):
        known.append(Moment(Point.PRODUCTION, *span))
    yield from _out_of_order([*known, *moments])


def _out_of_order(moments: Sequence[Moment]) -> Iterator[Problem]:
    told: set[Sentence] = set()
    for before, after in ORDER:
        for one in (moment for moment in moments if moment.point is before):
            for two in (moment for moment in moments if moment.point is after):
                at = two.sentence or one.sentence
                if one.first > two.last and at is not None and at not in told:
                    told.add(at)
                    fields = {
                        "quote": shortened(at.shown), "point": before, "day": one.first, "other_point": after, "other_day": two.last,
                    }  # fmt: skip
                    yield Problem(at.file, at.line, "dates_out_of_order", fields)


def _moments(sentences: Sequence[Sentence], near: date) -> Iterator[tuple[Moment, bool]]:
    """Give what happens at each date in these sentences, and whether its year was written."""
    for sentence in sentences:
        if _PAST.search(sentence.plain):
            continue
        text = sentence.shown.casefold()
        begin = 0
        for found in _DATE.finditer(text):
            point = _point_of(text[begin : found.start()])
            begin = found.end()
            first = _resolve(found["day"], found["month"], found["year"], near)
            if point is None or first is None:
                continue
            last = _resolve(found["last"], found["month"], str(first.year), near) if found["last"] else first
            yield Moment(point, min(first, last or first), max(first, last or first), sentence), bool(found["year"])


def _point_of(before: str) -> Point | None:
    """Give what the date behind these words is of: what they name last."""
    found = None
    for match in _POINT.finditer(before):
        found = Point(str(match.lastgroup))
        if found is Point.READY and _SIAP.match(before[match.start() :]):
            continue
    return found


def _resolve(day: str, month: str, year: str | None, near: date) -> date | None:
    years = [int(year)] if year else [near.year - 1, near.year, near.year + 1]
    found = []
    for candidate in years:
        try:
            found.append(date(candidate, _NAMES[month], int(day)))
        except ValueError:
            continue
    return min(found, key=lambda candidate: abs(candidate - near), default=None)


def _local(instant: datetime, campaign: Campaign) -> date:
    return instant.astimezone(ZONES[campaign.schedule.zone]).date()


def _last_day(window: Window, campaign: Campaign) -> date:
    return _local(window.closes_at - timedelta(microseconds=1), campaign)
