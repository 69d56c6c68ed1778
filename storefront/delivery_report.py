"""What the seller reads where regions, fees by region, how long data is kept, or the answers to a question are wrong."""

from __future__ import annotations

from collections.abc import Callable


def sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Give the sentence for each code of storefront.deliveries, and of the shop's privacy and channels."""
    return {
        "not_regions": _('"%(key)s" must hold names with a list of provinces each: {Jawa: [Jawa Barat, Jawa Tengah]}.'),
        "unknown_province": _('%(region)s: "%(text)s" is not a province. Write its full name.'),
        "unknown_province_suggested": _('%(region)s: "%(text)s" is not a province: do you mean "%(suggestion)s"?'),
        "province_twice": _('"%(text)s" stands under %(region)s and under %(other)s. Each province belongs to one.'),
        "region_named_elsewhere": _('A region can\'t be called "%(text)s": this stands for all other provinces.'),
        "region_twice": _('"%(text)s" stands twice in "%(key)s". Delete one of them.'),
        "not_fees": _(
            '"%(key)s" must be an amount, or hold regions with an amount each: {Jawa: 18.000, Bali: 30.000}.'
        ),
        "no_regions": _(
            '"%(key)s" names regions, but the shop has none. Write them in the shop\'s file under "%(regions)s".'
        ),
        "unknown_region": _('%(key)s "%(text)s" is not a region. Name it in the shop\'s file under "%(regions)s".'),
        "unknown_region_suggested": _('%(key)s "%(text)s" is not a region: do you mean "%(suggestion)s"?'),
        "fees_without_region": _('"%(key)s" needs at least one region beside "%(elsewhere)s".'),
        "only_for_courier": _('"%(key)s" is for a courier; this is collected by the buyer. Delete the line.'),
        "not_months": _('%(key)s "%(text)s" is not a time from 1 to 120 months. Write for example 12 bulan or 1 year.'),
        "not_channels": _(
            '"%(key)s" must be a list of answers, such as [Instagram, Bazar], or ya for the usual ones, or tidak to leave the question out.'
        ),
        "only_for_pickup": _('"%(key)s" is for a pickup; this is sent by courier. Delete the line.'),
    }
