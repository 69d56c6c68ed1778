"""What the seller reads where special prices, extras, limits of a line, shared pools or a target are wrong."""

from __future__ import annotations

from collections.abc import Callable


def sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Give the sentence for each code of storefront.offers."""
    return {
        "early_end": _(
            '"%(key)s" needs its end, in exactly one way: %(until)s (a date) or %(first_days)s (a number of days).'
        ),
        "early_before_opening": _(
            '%(key)s "%(text)s" lies before the opening, so this price never holds. Write a later date.'
        ),
        "early_not_lower": _('"%(key)s" is not lower than the usual price (%(least)s). Lower it, or delete it.'),
        "special_above_variants": _(
            '"%(key)s" stands at the product, but "%(variant)s" has a price of its own. Write "%(key)s" at each variant instead.'
        ),
        "tiers_out_of_order": _("%(key)s %(value)s must be more than %(before)s, where the step before it begins."),
        "tier_gap": _(
            "%(key)s %(value)s leaves a gap: the step before it ends at %(end)s. Begin at %(next)s, or delete the ends."
        ),
        "tier_overlap": _(
            "%(key)s %(value)s overlaps the step before it, which ends at %(end)s. Begin after it, or delete the ends."
        ),
        "tier_ends": _("%(key)s %(value)s: the last step has no end. Delete this."),
        "extra_of_choice": _(
            'With "%(choices)s", "%(key)s" belongs to a single choice: {%(inner)s: XL, %(key)s: 15.000}.'
        ),
        "line_above_order": _('"%(key)s": a line needs at least %(value)s, but a whole order may have only %(most)s.'),
        "not_pools": _('"%(key)s" must hold names with a number each: {adonan: 100}.'),
        "unknown_pool": _('%(key)s "%(text)s" is not known. Name it in the campaign under "%(pools)s".'),
        "unknown_pool_suggested": _('%(key)s "%(text)s" is not known: do you mean "%(suggestion)s"?'),
        "target_one_of": _('"%(key)s" needs exactly one of %(units)s and %(revenue)s.'),
        "quotation_below_minimum": _(
            "%(key)s %(value)s: an order has at least %(least)s, so that nothing could be ordered. Write a higher number."
        ),
    }
