"""The rows of the summary tab: how full each round is, how near its target and minimum, and what waits for the seller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from intake.batch_remark import batch_progress, batch_remark
from intake.ledger.counting import Key, PoolCount, RoundCount, pool_counts, round_counts
from intake.ledger.store import to_ms
from intake.order_rows import Wording
from intake.sheet import Cell
from intake.sheet.tabs import SUMMARY, TabRow
from preorder.campaign import SHARED, WHOLE, Campaign
from preorder.catalogue import Catalogue
from preorder.quota import few_in, left_in
from preorder.schedule import ZONES, Window
from preorder.wording import show_end, show_rupiah, show_short_date


def summary_rows(connection: Connection, catalogue: Catalogue, wording: Wording, now: datetime) -> list[TabRow]:
    """
    Give a row for each round, and one for each of its pools: rounds that are shown now, and all that have had orders.

    Rounds of campaigns that are not published any more keep the rows that they have.
    """
    tomorrow = now.astimezone(ZONES[wording.zone]).date() + timedelta(days=1)
    pay_before = datetime.combine(tomorrow, time(), ZONES[wording.zone])
    pools, counts = pool_counts(connection), round_counts(connection, to_ms(pay_before))
    rows: list[TabRow] = []
    for campaign in catalogue.campaigns:
        window = campaign.schedule.shown_window(now)
        rounds = {round_ for id_, round_ in (*pools, *counts) if id_ == campaign.id} | {window.round}
        for round_ in sorted(rounds):
            key = (campaign.id, round_)
            known = pools.get(key, {})
            if round_ == window.round:
                known = {pool: PoolCount(quota, 0) for pool, quota in campaign.pools.items()} | known
            dated = window if round_ == window.round else _ahead(campaign, round_, now)
            count = counts.get(key, RoundCount())
            rows += _round_rows(
                campaign, key, dated, known, count, wording, batch_remark(campaign, round_, count, wording, now)
            )
    # The newest are those that matter.
    return rows[-SUMMARY.ceiling :]


def _ahead(campaign: Campaign, round_: int, now: datetime) -> Window | None:
    """Give when a round is that is not over: quotas of the next one are known before it is shown. None for a past one."""
    window = campaign.schedule.rule.window_of(round_)
    # When a past one was, the rule of today doesn't say.
    return window if window is not None and window.closes_at > now else None


def _round_rows(
    campaign: Campaign,
    key: Key,
    window: Window | None,
    pools: Mapping[str, PoolCount],
    count: RoundCount,
    wording: Wording,
    batch: str | None,
) -> Iterator[TabRow]:
    _, ref = wording.translation.gettext, f"{key[0]}/{key[1]}"
    about: dict[str, Cell] = {"campaign": campaign.title}
    if window is not None:
        # Once a round is past, its row says still when it was: these cells are left alone then.
        about["round"] = _dates(window, wording)
    fullness = _fullness(pools.get(WHOLE), wording)
    remarks = [text for text in (fullness["remark"], batch) if text]
    yield TabRow(
        ref,
        about
        | {"pool": _("The whole round"), "taken": count.units}
        | {"target": _target(campaign, count), "batch": batch_progress(campaign, count.units)}
        | {"decide": count.decide, "expiring": count.expiring}
        | fullness
        | {"remark": " ".join(map(str, remarks)) or None},
    )
    for pool, each in sorted(pools.items()):
        if pool != WHOLE:
            yield TabRow(
                f"{ref}/{pool}",
                about | {"pool": pool_name(campaign, pool), "taken": each.taken} | _fullness(each, wording),
            )


def _fullness(pool: PoolCount | None, wording: Wording) -> dict[str, Cell]:
    """Give what a limited pool adds to its row; without a limit the cells are empty."""
    if pool is None:
        return {"quota": None, "left": None, "remark": None}
    left, _, many = left_in(pool.quota, pool.taken), wording.translation.gettext, wording.translation.ngettext
    remark = None
    if pool.taken > pool.quota:
        over = pool.taken - pool.quota
        remark = many(
            "%(units)s unit more is ordered than the quota allows. Raise the quota, or agree with buyers to cancel.",
            "%(units)s units more are ordered than the quota allows. Raise the quota, or agree with buyers to cancel.",
            over,
        ) % {"units": over}
    elif left == 0:
        remark = _("Sold out")
    elif pool.taken and left <= few_in(pool.quota):
        remark = _("Nearly sold out: %(units)s left") % {"units": left}
    return {"quota": pool.quota, "left": left, "remark": remark}


def pool_name(campaign: Campaign, pool: str) -> str:
    """Give what a pool is the quota of, as the seller knows it: a product, one of its variants, or her own name."""
    for product in campaign.products:
        if pool == product.id:
            return product.name
        for variant in product.variants:
            if pool == f"{product.id}/{variant.id}":
                return f"{product.name} {variant.name}".strip()
    return pool.removeprefix(SHARED)


def _target(campaign: Campaign, count: RoundCount) -> str | None:
    """Give how far the target is reached: "37 / 100 (37%)"."""
    target = campaign.target
    if target is None:
        return None
    if target.revenue is not None:
        return f"{show_rupiah(count.goods)} / {show_rupiah(target.revenue)} ({100 * count.goods // target.revenue}%)"
    assert target.units is not None
    return f"{count.units} / {target.units} ({100 * count.units // target.units}%)"


def _dates(window: Window, wording: Wording) -> str:
    zone = ZONES[wording.zone]
    opens = show_short_date(window.opens_at.astimezone(zone).date(), wording.language)
    return f"{opens} \N{EN DASH} {show_end(window.closes_at, wording.zone, wording.language)}"
