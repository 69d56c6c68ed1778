"""What the seller reads about a finding: why it is one, where the rule comes from, and what to write instead."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from preorder.wording import show_date, show_rupiah
from storefront.linting.deadline_advice import Advice, of_deadlines
from storefront.linting.rules import RULES, Level, Source
from storefront.linting.timeline import Point
from storefront.problems import Problem
from storefront.vocabulary import KEYS

Translate = Callable[[str], str]


def describe(finding: Problem, translation: gettext.NullTranslations, language: str) -> str:
    """
    Give "file:line: level code: why, source and what to write".

    Args:
        translation: of language ("id" or "en").
    """
    _ = translation.gettext
    rule, advice = RULES[finding.code], advices(_)[finding.code]
    place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
    fields = {name: _shown(name, value, _, language) for name, value in finding.fields.items()}
    fields["note"] = KEYS["note"].shown(english=language == "en")
    why = advice.why % fields
    if "quote" in fields:
        why = _('"%(quote)s": %(why)s') % {"quote": fields["quote"], "why": why}
    level = {Level.ERROR: _("error"), Level.WARNING: _("warning")}[rule.level]
    return _("%(place)s: %(level)s %(code)s: %(why)s Source: %(source)s. Write: %(cure)s") % {
        "place": place, "level": level, "code": rule.code, "why": why, "source": sources(_)[rule.source], "cure": advice.cure % fields,
    }  # fmt: skip


def _shown(name: str, value: Any, _: Translate, language: str) -> Any:
    if isinstance(value, Point):
        return points(_)[value]
    if isinstance(value, date):
        return show_date(value, language)
    return show_rupiah(value) if name.endswith("amount") else value


def sources(_: Translate) -> Mapping[Source, str]:
    """Give each source as people cite it."""
    return {
        Source.CONTRACT_ITEMS: _("Government Regulation 80/2019, article 53(1)"),
        Source.HARMFUL_CLAUSES: _("Government Regulation 80/2019, article 53(2)"),
        Source.COMPLAINT_SERVICE: _("Government Regulation 80/2019, article 27"),
        Source.FORBIDDEN_CLAUSES: _("Consumer Protection Act 8/1999, article 18(1)"),
        Source.MONEY_BACK: _("Consumer Protection Act 8/1999, article 18(1)(c)"),
        Source.LATER_RULES: _("Consumer Protection Act 8/1999, article 18(1)(g)"),
        Source.HONEST_WORDS: _("Consumer Protection Act 8/1999, articles 4 and 7"),
        Source.SALE_BINDS: _("Civil Code, articles 1338, 1457 and 1458"),
        Source.DEPOSIT: _("Civil Code, article 1464"),
        Source.CONSENT: _("Personal Data Protection Act 27/2022, articles 20 to 24"),
        Source.TIME_TO_COMPLAIN: _("Government Regulation 80/2019"),
        Source.AGREED_TIME: _("Consumer Protection Act 8/1999"),
        Source.QRIS_STANDARD: _("the national QRIS standard"),
        Source.QRIS_RULES: _("Bank Indonesia's rules on QRIS"),
        Source.TRADE_MARKS: _("Trade Marks Act 20/2016"),
        Source.SENSE: _("common sense"),
    }


def points(_: Translate) -> Mapping[Point, str]:
    """Give the word for each point of a schedule."""
    return {
        Point.OPENS: _("opening"),
        Point.CLOSES: _("closing"),
        Point.PAYMENT: _("payment"),
        Point.PRODUCTION: _("production"),
        Point.BALANCE: _("payment of the balance"),
        Point.READY: _("the day on which it is ready"),
        Point.SHIPS: _("sending"),
        Point.PICKUP: _("collection"),
    }


def advices(_: Translate) -> Mapping[str, Advice]:
    """Give the advice of every rule; the fields of a finding fill its placeholders."""
    return _of_clauses(_) | _of_terms(_) | _of_trust(_) | _of_times(_) | of_deadlines(_) | _of_numbers(_)


def _of_clauses(_: Translate) -> dict[str, Advice]:
    return {
        "no_returns": Advice(
            _("goods that are broken or wrong must be taken back."),
            _(
                "Broken, wrong or incomplete goods are replaced, or your money comes back, whichever you choose. The terms on this page say until when to tell us."
            ),
        ),
        "no_refund": Advice(
            _("money must not be refused without saying when it is paid back."),
            _(
                "If we cancel, all your money comes back. If you cancel, you get back what the table under cancellation says."
            ),
        ),
        "no_cancelling": Advice(
            _("the contract needs a way to cancel."),
            _("You may cancel until your order is sent. How much comes back stands in the table under cancellation."),
        ),
        "deposit_always_lost": Advice(
            _("a deposit is never lost in every case: when the seller fails, it comes back."),
            _(
                "If you cancel, you get back what the table under cancellation says. If we cancel, the deposit comes back whole."
            ),
        ),
        "deposit_lost_by_seller": Advice(
            _("what the seller or her supplier causes must not cost the buyer her deposit."),
            _("If the goods can't be had or we cancel, all that you have paid comes back."),
        ),
        "deposit_lost": Advice(
            _("it does not say when the deposit is lost, so it would be lost when the seller fails too."),
            _(
                "If you cancel, you get back what the table under cancellation says. If we cancel, the deposit comes back whole."
            ),
        ),
        "refund_short": Advice(
            _("when the seller can't deliver, everything comes back in money."),
            _("If we can't deliver, all that you have paid comes back in full, without any deduction."),
        ),
        "price_may_change": Advice(
            _("the price is settled once the order is placed."),
            _("The price of an order stays as it was when it was placed. New prices hold for new orders only."),
        ),
        "terms_may_change": Advice(
            _("a buyer is bound only by the terms that she has accepted."),
            _("An order keeps the terms that were accepted with it. New terms hold for new orders only."),
        ),
        "seller_cancels_at_will": Advice(
            _("an order that was accepted can't be dropped at will."),
            _("If we have to cancel an order, we tell you why, and all your money comes back."),
        ),
        "courier_blamed": Advice(
            _("until it arrives the parcel is the seller's responsibility."),
            _(
                "If your parcel is lost or broken on its way, we replace it or give your money back; the claim with the courier is our task."
            ),
        ),
        "delay_disclaimed": Advice(
            _("a delay is not the buyer's loss alone."),
            _(
                "If we are late, we tell you at once. If it takes longer than the limit on this page, you may cancel and get everything back."
            ),
        ),
        "supplier_blamed": Advice(
            _("the buyer's contract is with you; what your supplier does is not her loss."),
            _("If our supplier fails us, we tell you at once, and you may have all your money back."),
        ),
        "no_complaints": Advice(
            _("every buyer may complain and be heard."),
            _("Complaints are welcome on WhatsApp. We answer within 1 working day."),
        ),
        "no_video_no_complaint": Advice(
            _("a complaint must be heard without a video too."),
            _(
                "Please film the opening of the parcel if you can; photos do as well. Without them we still look into your complaint."
            ),
        ),
        "seller_decides_alone": Advice(
            _("a dispute is not decided by one side."),
            _(
                "If we disagree, we look for a solution together; after that either side may ask for mediation or turn to the BPSK."
            ),
        ),
        "deposit_lost_by_whom": Advice(
            _("it does not say who cancels."),
            _(
                "If you cancel, you get back what the table under cancellation says. If we cancel, the deposit comes back whole."
            ),
        ),
        "video_demanded": Advice(
            _("a video may be asked for, not demanded."),
            _("Please film the opening of the parcel, or take photos, so that we can help you faster."),
        ),
        "goods_may_change": Advice(
            _("the buyer must be asked before she gets something else."),
            _(
                "If something has to change, we ask you first. If you don't agree, you may cancel and get everything back."
            ),
        ),
        "price_typo_excuse": Advice(
            _("a price that was ordered at binds, unless both agree otherwise."),
            _(
                "If we have mistyped a price, we tell you before we accept your payment, and you decide whether to go on."
            ),
        ),
        "price_on_request": Advice(
            _("the price must stand on the page."),
            _("All prices stand on this page, before you order."),
        ),
        "cost_unclear": Advice(
            _("a cost without an amount surprises the buyer later."),
            _("The price includes packing and taxes. Only the shipping fee is added, and you see it before you pay."),
        ),
        "surcharge_on_qris": Advice(
            _("the fee of QRIS (MDR) is the seller's; nobody may be charged more for paying by QRIS."),
            _("Paying by QRIS costs nothing extra."),
        ),
        "counterfeit": Advice(
            _("this sounds like a copy of somebody's brand, which must not be sold."),
            _("what it is made of, its size and who made it, without the brand of others."),
        ),
    }


def _of_terms(_: Translate) -> dict[str, Advice]:
    return {
        "address_vague": Advice(
            _('"%(text)s" is no address at which somebody can be found.'),
            _("%(key)s: Jl. Melati No. 1, RT 02/RW 03, Bandung"),
        ),
        "specification_missing": Advice(
            _('nothing says what "%(text)s" is: material, size, content.'),
            _("summary: what it is made of, its size, how much is in it"),
        ),
        "legality_missing": Advice(
            _("nothing says that the goods may be sold: permit, licence, origin."),
            _("All goods are made by ourselves or bought lawfully; permit: NIB or P-IRT number."),
        ),
        "fee_unexplained": Advice(
            _('nothing says how the shipping fee of "%(text)s" is found.'),
            _("%(note)s: We tell you the fee of the courier on WhatsApp before you pay the balance"),
        ),
        "pickup_unclear": Advice(
            _('nothing says where and when "%(text)s" is possible.'),
            _("%(note)s: Jl. Melati No. 1, every day 09.00-17.00"),
        ),
        "cancelling_unexplained": Advice(
            _("nothing in your own words says how to cancel; write it into a file for cancellation."),
            _(
                "To cancel, send us your order number on WhatsApp. We answer with the amount and the day on which it comes back."
            ),
        ),
        "nothing_back": Advice(
            _("all is paid at once, and a buyer who changes her mind never gets anything back."),
            _("%(key)s: [{until: closing, refund: 100%%}]"),
        ),
        "ship_time_missing": Advice(
            _("nothing says when orders leave."),
            _("%(key)s: 7-10 days after closing"),
        ),
        "complaint_unexplained": Advice(
            _("nothing in your own words says how to complain."),
            _(
                "Complaints: write to us on WhatsApp with your order number and a photo. We answer within 1 working day."
            ),
        ),
        "complaint_answer_missing": Advice(
            _("nothing says how soon a complaint is answered."),
            _("We answer every complaint within 1 working day and settle it within 7 days."),
        ),
        "complaint_time_short": Advice(
            _("buyers have at least two working days to complain."),
            _("Tell us within the time that the terms on this page leave you."),
        ),
    }


def _of_trust(_: Translate) -> dict[str, Advice]:
    return {
        "qris_no_national": Advice(
            _("this QRIS has no national merchant data (51, with the NMID); older codes lack them."),
            _(
                "the text of a newer code from your QRIS provider; until then, try a small real payment before you open."
            ),
        ),
        "sample_account": Advice(
            _("this is the account of the sample shop (%(text)s): buyers would pay to somebody who is not you!"),
            _("%(key)s: your own account, in your own name; or delete this account."),
        ),
        "sample_qris": Advice(
            _("this is the QRIS of the sample shop: buyers would pay to somebody who is not you!"),
            _("%(key)s: the text of your own QRIS; or delete the block until you have one."),
        ),
        "sample_whatsapp": Advice(
            _("this is the number of the sample shop: buyers' messages would not reach you."),
            _("%(key)s: your own WhatsApp number."),
        ),
        "sample_left": Advice(
            _("what stands here is still the sample shop's: %(text)s."),
            _("your own words instead, or delete it."),
        ),
        "email_missing": Advice(
            _("who has lost her WhatsApp can't reach the shop."),
            _("%(key)s: halo@toko.example"),
        ),
        "about_missing": Advice(
            _("nothing below the header says who you are."),
            _("We are a family kitchen in Bandung; Sari bakes, Budi packs."),
        ),
        "links_missing": Advice(
            _("buyers look whether a shop is real; there is no account to look at."),
            _("%(key)s: [{kind: instagram, url: https://www.instagram.com/yourshop/}]"),
        ),
        "holders_differ": Advice(
            _("the accounts belong to different people, and nothing says who %(text)s is."),
            _("Payments go to the account of %(text)s, who keeps our books."),
        ),
        "alt_empty_words": Advice(
            _('"%(text)s" tells nothing to a buyer who doesn\'t see the photo.'),
            _("%(key)s: what it shows, such as: Shining tarts on a plate, one of them cut open"),
        ),
        "buyers_exposed": Advice(
            _("a buyer's data must not be made public to punish her."),
            _("An order that is not paid in time is dropped by itself, without a penalty."),
        ),
        "consent_bundled": Advice(
            _("consent to advertising must be given apart, by a box of its own."),
            _("You get news from us only if you tick the box for it, and you can stop it at any time."),
        ),
        "data_shared": Advice(
            _("data may go to others only with consent or for the delivery."),
            _("We give your name, address and number to the courier only, so that your order arrives."),
        ),
        "buyers_published": Advice(
            _("chats and photos of buyers need their consent first."),
            _("We show chats or photos only after you have agreed, and without your name and number."),
        ),
        "identity_demanded": Advice(
            _("an order needs no identity card; ask for less."),
            _("For an order we need only your name, WhatsApp number and address."),
        ),
    }


def _of_times(_: Translate) -> dict[str, Advice]:
    return {
        "deadline_after_shipping": Advice(
            _("a buyer may pay until %(hours)s hours after ordering, but all is sent %(days)s days after closing."),
            _("%(key)s: 24 hours"),
        ),
        "balance_after_shipping": Advice(
            _("the rest is due %(value)s days after closing, but all is sent %(days)s days after closing."),
            _("%(key)s: before shipping"),
        ),
        "dates_out_of_order": Advice(
            _("%(point)s (%(day)s) can't be after %(other_point)s (%(other_day)s)."),
            _("the dates of the schedule, or leave them out here: the page shows them by itself."),
        ),
        "deadline_near_shipping": Advice(
            _("who orders last may pay for %(hours)s hours, but sending begins %(days)s days after closing."),
            _("%(key)s: 12 hours"),
        ),
        "date_differs": Advice(
            _("%(point)s: here %(day)s, in the schedule %(set)s."),
            _("the dates of the schedule, or leave them out here: the page shows them by itself."),
        ),
        "date_past": Advice(
            _("%(point)s: %(day)s lies before this round, which opens %(set)s."),
            _("the date of this round, or leave it out here: the page shows it by itself."),
        ),
        "window_past": Advice(
            _("this campaign is new here, but it closed on %(day)s."),
            _("the right year in opens and closes."),
        ),
        "window_very_long": Advice(
            _("orders stay open for %(days)s days; is the year right?"),
            _("the right year, or a monthly rule: repeats: monthly, day 25 to 10"),
        ),
        "window_far": Advice(
            _("%(point)s: %(day)s is more than a year from now; is the year right?"),
            _("%(key)s: the day with the right year."),
        ),
        "early_always": Advice(
            _("the early price lasts until the closing (%(day)s), so nobody ever pays the usual one."),
            _("%(key)s: an end that lies before the closing; or the lower price as the usual one."),
        ),
        "early_over": Advice(
            _("the early price ended on %(day)s, before the round that opens %(set)s: nobody gets it any more."),
            _("%(key)s: a day of this round; or hari_pertama (first_days), which begins anew with each round."),
        ),
        "since_in_future": Advice(
            _("the year %(value)s is still to come."),
            _("%(key)s: the year in which you began"),
        ),
        "delay_too_long": Advice(
            _("a buyer has to wait %(days)s days longer than promised before she may leave."),
            _("%(key)s: 14"),
        ),
        "refund_slow": Advice(
            _("%(days)s days are long for a refund."),
            _("%(key)s: 3"),
        ),
    }


def _of_numbers(_: Translate) -> dict[str, Advice]:
    return {
        "batch_above_quota": Advice(
            _("%(said)s are needed to begin, but only %(quota)s can be ordered."),
            _("a number up to %(quota)s, or a higher quota."),
        ),
        "minimum_above_quota": Advice(
            _("an order needs %(value)s, but only %(quota)s can be ordered."),
            _("%(key)s: 1"),
        ),
        "refund_rises": Advice(
            _("who cancels later gets %(percent)s%%, who cancels earlier %(before)s%%; they are probably exchanged."),
            _("%(key)s: at most %(before)s%%"),
        ),
        "refund_of_no_deposit": Advice(
            _("%(percent)s%% of the deposit come back, but here is no deposit."),
            _("refund: %(percent)s%%"),
        ),
        "nothing_to_sell": Advice(
            _("the quota is 0, so nothing can be ordered."),
            _("%(key)s: 50"),
        ),
        "quota_never_reached": Advice(
            _("%(value)s of this can never be sold: what it belongs to has only %(quota)s."),
            _("%(key)s: %(quota)s"),
        ),
        "limit_above_quota": Advice(
            _("%(value)s can never be ordered: there are only %(quota)s."),
            _("%(key)s: %(quota)s"),
        ),
        "limit_never_reached": Advice(
            _("an order may hold %(value)s, but a buyer only %(most)s."),
            _("%(key)s: %(most)s"),
        ),
        "tier_price_rises": Advice(
            _("from %(value)s pieces on one piece costs %(amount)s, no less than the %(other_amount)s before it."),
            _("a lower price, or leave this step out."),
        ),
        "price_factor_ten": Advice(
            _("%(amount)s beside %(other_amount)s: is there a zero too many or too few?"),
            _("the right amount, such as 65.000"),
        ),
        "heavier_but_cheaper": Advice(
            _("%(name)s costs more than %(other)s, which weighs more; the prices are probably exchanged."),
            _("the price of each beside its weight."),
        ),
        "amount_tiny": Advice(
            _("%(amount)s is very little: are the thousands missing?"),
            _("%(key)s: 65.000"),
        ),
        "deposit_is_all": Advice(
            _("the deposit of the smallest order is already everything (%(amount)s)."),
            _("scheme: full, or a smaller deposit or deposit_rounding."),
        ),
        "price_differs": Advice(
            _("nothing here costs %(said_amount)s."),
            _("the price of the header, or leave it out here: the page shows it by itself."),
        ),
        "deposit_differs": Advice(
            _("the deposit is %(set)s%% in the header, not %(said)s%%."),
            _("The deposit is %(set)s%%."),
        ),
        "limit_differs": Advice(
            _("%(said)s is not the limit of the header."),
            _("the number of the header, or leave it out here: the page shows it by itself."),
        ),
        "pay_time_differs": Advice(
            _("the header leaves a buyer %(hours)s hours to pay."),
            _("Please pay within %(hours)s hours after ordering."),
        ),
        "complaint_time_differs": Advice(
            _("the terms leave a buyer %(days)s working days to complain."),
            _("Tell us within %(days)s working days after you have received it."),
        ),
        "refund_differs": Advice(
            _("the table under cancellation says that something comes back."),
            _("If you cancel, you get back what the table under cancellation says."),
        ),
    }
