"""What the seller reads where a rule that repeats, or what is otherwise in one round, is wrong."""

from __future__ import annotations

from collections.abc import Callable


def sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Give the sentence for each code of storefront.schedules that is about rounds."""
    return {
        "not_recurring": _(
            '%(key)s "%(text)s" is not understood. Write: tiap bulan, tanggal 25 s.d. 10 (or: monthly, day 25 to 10), or: tiap minggu, Senin s.d. Rabu (or: every week, Monday to Wednesday).'
        ),
        "schedule_twice": _(
            '"%(key)s" and "%(other)s" can\'t stand together. Write opening and closing, or the rule that repeats; what is otherwise in one round stands under "%(rounds)s".'
        ),
        "rounds_without_rule": _(
            '"%(key)s" changes single rounds of a rule that repeats, but here stands no "%(repeats)s". Write opening and closing alone, or add the rule.'
        ),
        "round_twice": _(
            'The round of "%(key)s" stands twice in this list, first in line %(first_line)s. Put both into one item.'
        ),
        "round_closes_before": _(
            "%(key)s: by the rule this round closes %(closes)s, before it would open (%(opens)s). Write %(closes_key)s too."
        ),
        "round_unchanged": _(
            "%(key)s: this item changes nothing, for the rule says the same. Write another day, %(closes_key)s, or %(skip)s: ya (yes) to leave the round out."
        ),
        "skip_and_moved": _('"%(key)s" and "%(other)s" can\'t stand together: a round that is left out has no end.'),
        "rounds_overlap": _(
            "%(key)s: this round (%(opens)s to %(closes)s) overlaps the one from %(other_opens)s to %(other_closes)s. Move one of them, or leave one out."
        ),
        "production_of_no_day": _('"%(key)s" must be a day or more. Where nothing is made, delete the line.'),
        "span_from_closing": _(
            '%(key)s "%(text)s": ready stock is sent after its payment, not after the closing. Write for example 1-2 hari setelah bayar (1-2 days after payment).'
        ),
        "span_from_payment": _(
            '%(key)s "%(text)s": in a pre-order these days are counted from the closing. For goods that are there write jenis: siap_kirim (method: ready).'
        ),
        "made_of_ready": _(
            '"%(key)s" speaks of making, but by "%(method)s" the goods are there already. Take one of the two away.'
        ),
        "deposit_of_ready": _(
            "%(key)s: ready stock is paid in full before it is sent, but here a deposit is asked for. Write in this campaign: %(payment)s: {%(scheme)s: %(full)s}"
        ),
        "batch_of_ready": _(
            '"%(key)s" says from how many pieces on something is made, but by "%(method)s" the goods are there already. Take one of the two away.'
        ),
        "never_opens": _(
            "%(key)s: with all these rounds left out, nothing opens from %(closes)s to %(opens)s, for more than a year. Leave fewer out, or write draf: ya (draft: yes) to take the campaign off the site."
        ),
    }
