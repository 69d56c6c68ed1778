"""
What a shop sets for all its campaigns and a campaign may set anew: payment, deliveries, and what happens when things go
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from preorder.terms import (
    BalanceFrom,
    CancelStage,
    Delivery,
    Milestone,
    PaymentTerms,
    Policy,
    RefundBase,
    Scheme,
    UniqueCode,
)
from storefront.deliveries import read_deliveries
from storefront.fields import Block

BLOCKS = ("payment", "delivery", "cancellation")

PAY_WITHIN_H = 24
GRACE_H = 12
DEPOSIT_ROUNDING = 1_000
REFUND_WITHIN_DAYS = 3
DELAY_DAYS = 14
# Two working days after receipt is what the law lets a buyer have at the least (PP 80/2019).
COMPLAINT_DAYS = 2

_PAYMENT = (
    "scheme", "deposit", "deposit_rounding", "pay_within", "pay_until", "grace", "production_starts", "unique_code", "balance",
)  # fmt: skip
_REFUND = re.compile(r"([0-9]{1,3})\s*%(?:[\s_]*(?:dari|of)(?:[\s_]+the)?[\s_]+(dp|deposit))?", re.IGNORECASE)
_UNTIL = re.compile(
    r"(?:([0-9]{1,2}) (?:hari (?:setelah|sesudah)(?: po)?(?: di)?|days? after )(?: ?tutup|closing|it closes)|(?:saat )?tutup|closing)",
    re.IGNORECASE,
)
_BALANCE = re.compile(
    r"(?:sebelum|before) (?:di)?(?:kirim|pengiriman|shipping)"
    r"|([0-9]{1,2}) (?:hari (?:setelah|sesudah)|days? after)(?: po| it is| it)? ?(?:(siap|jadi|selesai|ready)|(?:di)?tutup|closing|closes)",
    re.IGNORECASE,
)
_MILESTONES = tuple(Milestone)


@dataclass(frozen=True)
class Terms:
    """
    The three blocks; None for one that is not there, or is wrong and has been reported.

    Attributes:
        stated: the keys of those that are there, right or wrong.
        regions: the shop's, by name: the provinces of each.
    """

    payment: PaymentTerms | None = None
    deliveries: tuple[Delivery, ...] | None = None
    policy: Policy | None = None
    stated: frozenset[str] = frozenset()
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_terms(block: Block, regions: Mapping[str, tuple[str, ...]]) -> Terms:
    """Read those of the three blocks that stand in a header; regions are the shop's."""
    payment = block.block("payment", _PAYMENT)
    cancellation = block.block("cancellation", ("by_seller", "by_buyer", "delay", "mismatch"))
    return Terms(
        _payment(payment) if payment else None,
        read_deliveries(block, regions),
        _policy(cancellation) if cancellation else None,
        frozenset(name for name in BLOCKS if block.has(name)),
        regions,
    )


def _payment(block: Block) -> PaymentTerms | None:
    before = len(block.source.problems)
    percent = block.percent("deposit", least=1)
    chosen = block.choice("scheme", "scheme")
    scheme = Scheme(chosen) if chosen else Scheme.DEPOSIT if block.has("deposit") else Scheme.FULL
    if scheme is Scheme.DEPOSIT and not block.has("deposit"):
        block.require("deposit")
    if scheme is Scheme.FULL and block.has("deposit"):
        block.report("deposit", "deposit_unused", scheme=block.key("scheme"))
    rounding = block.rupiah("deposit_rounding", least=1)
    within = block.hours("pay_within", 1, 30 * 24)
    last_days = _last_days(block)
    grace = block.hours("grace", 0, 7 * 24)
    code = block.choice("unique_code", "unique_code")
    balance = _balance(block, scheme)
    starts = block.choice("production_starts", "production")
    needs = Scheme(starts) if starts else scheme
    if scheme is Scheme.FULL and needs is Scheme.DEPOSIT:
        block.report("production_starts", "production_without_deposit")
    if len(block.source.problems) > before:
        return None
    terms = None
    with block.source.catching(block.line):
        terms = PaymentTerms(
            scheme=scheme,
            deposit_percent=percent or 0,
            deposit_rounding=DEPOSIT_ROUNDING if rounding is None else rounding,
            pay_within_h=PAY_WITHIN_H if within is None else within,
            grace_h=GRACE_H if grace is None else grace,
            production_needs=needs,
            last_days=last_days,
            # Money that can't be told apart is what sellers lose most time with.
            unique_code=UniqueCode(code) if code else UniqueCode.DEDUCT,
            balance_days=balance[0] if balance else None,
            balance_from=balance[1] if balance else BalanceFrom.READY,
        )
    return terms  # noqa: RET504  catching() may have left it None


def _last_days(block: Block) -> int | None:
    text = block.text("pay_until")
    if text is None:
        return None
    found = _UNTIL.fullmatch(" ".join(text.split()))
    if not found:
        block.report("pay_until", "not_pay_until", text=text)
        return None
    return int(found.group(1) or 0)


def _balance(block: Block, scheme: Scheme) -> tuple[int, BalanceFrom] | None:
    text = block.text("balance")
    if text is None:
        return None
    if scheme is Scheme.FULL:
        block.report("balance", "balance_without_deposit")
    found = _BALANCE.fullmatch(" ".join(text.split()))
    if not found or found[1] == "0":
        block.report("balance", "not_balance", text=text)
        return None
    if found[1] is None:
        return None
    return int(found[1]), BalanceFrom.READY if found[2] else BalanceFrom.CLOSING


def _policy(block: Block) -> Policy | None:
    before = len(block.source.problems)
    refund_days = REFUND_WITHIN_DAYS
    by_seller = block.block("by_seller", ("refund", "within_days"))
    if by_seller:
        share = by_seller.percent("refund")
        if share is not None and share < 100:
            by_seller.report("refund", "seller_refund_short", text=f"{share}%")
        refund_days = by_seller.count("within_days", 1, 30) or refund_days
    delay_days = DELAY_DAYS
    if delay := block.block("delay", ("after_days",)):
        delay_days = delay.count("after_days", 1, 365) or delay_days
    complaint_days = COMPLAINT_DAYS
    if mismatch := block.block("mismatch", ("report_within_days",)):
        complaint_days = mismatch.count("report_within_days", COMPLAINT_DAYS, 90) or complaint_days
    block.require("by_buyer")
    stages = _stages(block)
    if len(block.source.problems) > before:
        return None
    return Policy(refund_days, stages, delay_days, complaint_days)


def _stages(block: Block) -> tuple[CancelStage, ...]:
    stages: list[CancelStage] = []
    for item in block.blocks("by_buyer", ("until", "refund"), most=len(_MILESTONES)) or ():
        item.require("until", "refund")
        until = item.choice("until", "milestone")
        text = item.text("refund")
        found = _REFUND.fullmatch(text) if text is not None else None
        if text is not None and (not found or int(found.group(1)) > 100):
            item.report("refund", "not_refund", text=text)
            found = None
        if until is None or found is None:
            continue
        base = RefundBase.DEPOSIT if found.group(2) else RefundBase.RECEIVED
        if stages and _MILESTONES.index(Milestone(until)) <= _MILESTONES.index(stages[-1].until):
            item.report("until", "stages_out_of_order")
        stages.append(CancelStage(Milestone(until), int(found.group(1)), base))
    return tuple(stages)
