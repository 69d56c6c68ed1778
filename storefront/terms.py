"""
What a shop sets for all its campaigns and a campaign may set anew: payment, deliveries, and what happens when things go
otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from preorder.campaign import (
    CancelStage,
    Delivery,
    DeliveryKind,
    Milestone,
    PaymentTerms,
    Policy,
    RefundBase,
    Scheme,
)
from preorder.money import Rupiah
from storefront.fields import Block, Source
from storefront.vocabulary import find_choice, slugify

BLOCKS = ("payment", "delivery", "cancellation")

PAY_WITHIN_H = 24
GRACE_H = 12
DEPOSIT_ROUNDING = 1_000
REFUND_WITHIN_DAYS = 3
DELAY_DAYS = 14
# Two working days after receipt is what the law lets a buyer have at the least (PP 80/2019).
COMPLAINT_DAYS = 2

_REFUND = re.compile(r"([0-9]{1,3})\s*%(?:[\s_]*(?:dari|of)(?:[\s_]+the)?[\s_]+(dp|deposit))?", re.IGNORECASE)
_MILESTONES = tuple(Milestone)


@dataclass(frozen=True)
class Terms:
    """
    The three blocks; None for one that is not there, or is wrong and has been reported.

    Attributes:
        stated: the keys of those that are there, right or wrong.
    """

    payment: PaymentTerms | None = None
    deliveries: tuple[Delivery, ...] | None = None
    policy: Policy | None = None
    stated: frozenset[str] = frozenset()


def read_terms(block: Block) -> Terms:
    """Read those of the three blocks that stand in a header."""
    payment = block.block(
        "payment", ("scheme", "deposit", "deposit_rounding", "pay_within", "grace", "production_starts")
    )
    cancellation = block.block("cancellation", ("by_seller", "by_buyer", "delay", "mismatch"))
    return Terms(
        _payment(payment) if payment else None,
        _deliveries(block),
        _policy(cancellation) if cancellation else None,
        frozenset(name for name in BLOCKS if block.has(name)),
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
    grace = block.hours("grace", 0, 7 * 24)
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
        )
    return terms  # noqa: RET504  catching() may have left it None


def _deliveries(block: Block) -> tuple[Delivery, ...] | None:
    items = block.blocks("delivery", ("id", "name", "kind", "fee", "note"), most=30)
    if items is None:
        return None
    if not items:
        block.report("delivery", "empty_list")
    before = len(block.source.problems)
    seen = Ids(block.source)
    deliveries = []
    for item in items:
        item.require("name", "kind")
        name = item.name_text("name") or ""
        kind = item.choice("kind", "delivery_kind") or "courier"
        delivery_id = seen.id_of(item, name)
        # Nothing is charged for a pickup that says nothing; a courier that says nothing was forgotten.
        if kind == "courier":
            item.require("fee")
        deliveries.append(
            Delivery(
                delivery_id,
                name,
                DeliveryKind(kind),
                _fee(item) if item.has("fee") else Rupiah(0),
                item.text("note", 300) or "",
            )
        )
    return tuple(deliveries) if deliveries and len(block.source.problems) == before else None


def _fee(item: Block) -> Rupiah | None:
    word = find_choice("fee", item.text("fee") or "")
    if word == "later":
        return None
    return Rupiah(0) if word == "free" else item.rupiah("fee")


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


class Ids:
    """The ids of one list: as typed, else made of the name; each only once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines: dict[str, int] = {}

    def id_of(self, item: Block, name: str) -> str:
        """Give the id of an item; "" where it has none, which has been reported."""
        made = (item.slug("id") or "") if item.has("id") else slugify(name)
        line = item.at("id" if item.has("id") else "name")
        if not made:
            if name and not item.has("id"):
                self._source.report(line, "no_id_from_name", text=name, key=self._source.word("id"))
        elif made in self._lines:
            self._source.report(line, "id_twice", text=made, first_line=self._lines[made], key=self._source.word("id"))
        else:
            self._lines[made] = line
        return made
