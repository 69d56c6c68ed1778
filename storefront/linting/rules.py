"""Every rule of the linter: its code, how grave it is, what it is about, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """
    ERROR: what stands there is forbidden or can't be true; nothing is published. WARNING: something is missing, or can
    only be guessed from the words; it is published and told.
    """

    ERROR = "error"
    WARNING = "warning"


class Subject(StrEnum):
    """What a rule is about; the page of the rules has a section for each."""

    CONTRACT = "contract"
    COMPLAINT = "complaint"
    PAYMENT = "payment"
    TRUST = "trust"
    PRIVACY = "privacy"
    CLAUSES = "clauses"
    SCHEDULE = "schedule"
    NUMBERS = "numbers"


class Source(StrEnum):
    """
    Where a rule comes from. Those whose text was not at hand when the rule was written name the law without an
    article, and their rules only warn.
    """

    CONTRACT_ITEMS = "PP 80/2019 53(1)"
    HARMFUL_CLAUSES = "PP 80/2019 53(2)"
    COMPLAINT_SERVICE = "PP 80/2019 27"
    FORBIDDEN_CLAUSES = "UU 8/1999 18(1)"
    MONEY_BACK = "UU 8/1999 18(1)c"
    LATER_RULES = "UU 8/1999 18(1)g"
    HONEST_WORDS = "UU 8/1999 4, 7"
    SALE_BINDS = "KUHPerdata 1338, 1457, 1458"
    DEPOSIT = "KUHPerdata 1464"
    CONSENT = "UU 27/2022 20-24"
    TIME_TO_COMPLAIN = "PP 80/2019"
    AGREED_TIME = "UU 8/1999"
    QRIS_STANDARD = "QRIS"
    QRIS_RULES = "Bank Indonesia"
    TRADE_MARKS = "UU 20/2016"
    SENSE = "sense"

    @property
    def names_article(self) -> bool:
        """Say whether the article is known, and not only the law."""
        return self not in {
            Source.TIME_TO_COMPLAIN,
            Source.AGREED_TIME,
            Source.QRIS_STANDARD,
            Source.QRIS_RULES,
            Source.TRADE_MARKS,
            Source.SENSE,
        }


@dataclass(frozen=True)
class Rule:
    """One rule. Its code never changes: sellers look it up in the list of rules."""

    code: str
    level: Level
    subject: Subject
    source: Source


def _rules(subject: Subject, level: Level, *rules: tuple[str, Source]) -> tuple[Rule, ...]:
    return tuple(Rule(code, level, subject, source) for code, source in rules)


_ALL = (
    *_rules(
        Subject.CLAUSES,
        Level.ERROR,
        ("no_returns", Source.FORBIDDEN_CLAUSES),
        ("no_refund", Source.MONEY_BACK),
        ("no_cancelling", Source.HARMFUL_CLAUSES),
        ("deposit_always_lost", Source.DEPOSIT),
        ("deposit_lost_by_seller", Source.DEPOSIT),
        ("deposit_lost", Source.DEPOSIT),
        ("refund_short", Source.MONEY_BACK),
        ("price_may_change", Source.SALE_BINDS),
        ("terms_may_change", Source.LATER_RULES),
        ("seller_cancels_at_will", Source.HARMFUL_CLAUSES),
        ("courier_blamed", Source.FORBIDDEN_CLAUSES),
        ("delay_disclaimed", Source.FORBIDDEN_CLAUSES),
        ("supplier_blamed", Source.FORBIDDEN_CLAUSES),
        ("no_complaints", Source.FORBIDDEN_CLAUSES),
        ("no_video_no_complaint", Source.FORBIDDEN_CLAUSES),
        ("seller_decides_alone", Source.HARMFUL_CLAUSES),
    ),
    *_rules(
        Subject.CLAUSES,
        Level.WARNING,
        ("deposit_lost_by_whom", Source.DEPOSIT),
        ("video_demanded", Source.FORBIDDEN_CLAUSES),
        ("goods_may_change", Source.HONEST_WORDS),
        ("price_typo_excuse", Source.SALE_BINDS),
        ("price_on_request", Source.CONTRACT_ITEMS),
        ("cost_unclear", Source.HONEST_WORDS),
        ("surcharge_on_qris", Source.QRIS_RULES),
        ("counterfeit", Source.TRADE_MARKS),
    ),
    *_rules(
        Subject.CONTRACT,
        Level.WARNING,
        ("address_vague", Source.CONTRACT_ITEMS),
        ("specification_missing", Source.CONTRACT_ITEMS),
        ("legality_missing", Source.CONTRACT_ITEMS),
        ("fee_unexplained", Source.CONTRACT_ITEMS),
        ("pickup_unclear", Source.CONTRACT_ITEMS),
        ("cancelling_unexplained", Source.CONTRACT_ITEMS),
        ("nothing_back", Source.DEPOSIT),
        ("ship_time_missing", Source.AGREED_TIME),
    ),
    *_rules(
        Subject.COMPLAINT,
        Level.WARNING,
        ("complaint_unexplained", Source.COMPLAINT_SERVICE),
        ("complaint_answer_missing", Source.COMPLAINT_SERVICE),
        ("complaint_time_short", Source.TIME_TO_COMPLAIN),
    ),
    *_rules(
        Subject.PAYMENT,
        Level.WARNING,
        ("qris_no_national", Source.QRIS_STANDARD),
    ),
    *_rules(
        Subject.TRUST,
        Level.WARNING,
        ("sample_account", Source.SENSE),
        ("sample_qris", Source.SENSE),
        ("sample_whatsapp", Source.SENSE),
        ("sample_left", Source.SENSE),
        ("email_missing", Source.SENSE),
        ("about_missing", Source.SENSE),
        ("links_missing", Source.SENSE),
        ("holders_differ", Source.SENSE),
        ("alt_empty_words", Source.SENSE),
    ),
    *_rules(
        Subject.PRIVACY,
        Level.ERROR,
        ("buyers_exposed", Source.CONSENT),
        ("consent_bundled", Source.CONSENT),
    ),
    *_rules(
        Subject.PRIVACY,
        Level.WARNING,
        ("data_shared", Source.CONSENT),
        ("buyers_published", Source.CONSENT),
        ("identity_demanded", Source.CONSENT),
    ),
    *_rules(
        Subject.SCHEDULE,
        Level.ERROR,
        ("deadline_after_shipping", Source.SENSE),
        ("balance_after_shipping", Source.SENSE),
        ("deadline_after_production", Source.SENSE),
        ("shipping_before_production", Source.SENSE),
        ("batch_told_late", Source.SENSE),
        ("batch_told_after_production", Source.SENSE),
        ("dates_out_of_order", Source.SENSE),
    ),
    *_rules(
        Subject.SCHEDULE,
        Level.WARNING,
        ("deadline_near_shipping", Source.SENSE),
        ("deadline_in_production", Source.SENSE),
        ("batch_told_unpaid", Source.SENSE),
        ("date_differs", Source.HONEST_WORDS),
        ("date_past", Source.HONEST_WORDS),
        ("stage_too_early", Source.SENSE),
        ("window_past", Source.SENSE),
        ("window_very_long", Source.SENSE),
        ("window_far", Source.SENSE),
        ("early_always", Source.SENSE),
        ("early_over", Source.SENSE),
        ("since_in_future", Source.SENSE),
        ("delay_too_long", Source.AGREED_TIME),
        ("refund_slow", Source.SENSE),
    ),
    *_rules(
        Subject.NUMBERS,
        Level.ERROR,
        ("batch_above_quota", Source.SENSE),
        ("minimum_above_quota", Source.SENSE),
        ("refund_rises", Source.SENSE),
    ),
    *_rules(
        Subject.NUMBERS,
        Level.WARNING,
        ("refund_of_no_deposit", Source.SENSE),
        ("stage_without_production", Source.SENSE),
        ("stock_without_quota", Source.SENSE),
        ("nothing_to_sell", Source.SENSE),
        ("quota_never_reached", Source.SENSE),
        ("limit_above_quota", Source.SENSE),
        ("limit_never_reached", Source.SENSE),
        ("tier_price_rises", Source.SENSE),
        ("price_factor_ten", Source.SENSE),
        ("heavier_but_cheaper", Source.SENSE),
        ("amount_tiny", Source.SENSE),
        ("deposit_is_all", Source.SENSE),
        ("price_differs", Source.HONEST_WORDS),
        ("deposit_differs", Source.HONEST_WORDS),
        ("batch_differs", Source.HONEST_WORDS),
        ("limit_differs", Source.HONEST_WORDS),
        ("pay_time_differs", Source.HONEST_WORDS),
        ("complaint_time_differs", Source.HONEST_WORDS),
        ("refund_differs", Source.HONEST_WORDS),
    ),
)

# code -> rule, in the order of the list of rules.
RULES: Mapping[str, Rule] = {rule.code: rule for rule in _ALL}
