"""Sentences about links in texts that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable


def sentences(_: Callable[[str], str]) -> dict[str, str]:
    """Give a sentence for each code."""
    return {
        "empty_link": _("This link leads nowhere: an address is missing between its brackets ( )."),
        "link_nowhere": _(
            "The link %(text)s leads to no page of your shop. Write for example /ketentuan/, or a whole address that begins with https://."
        ),
        "link_nowhere_suggested": _(
            "The link %(text)s leads to no page of your shop. Do you mean %(suggestion)s? An address elsewhere begins with https://."
        ),
        "link_to_draft": _(
            "The link %(text)s leads to a draft, which nobody can see (%(other)s). Publish that first, or take the link out."
        ),
        "link_secret": _(
            "The link %(text)s leads to the page of one buyer: whoever opens it may change her order. Take it out."
        ),
        "no_such_place": _(
            "The link %(text)s leads to a place that %(page)s does not have. Leave out what follows the #, or name a heading of that page."
        ),
        "no_such_place_suggested": _(
            "The link %(text)s leads to a place that %(page)s does not have. Do you mean %(suggestion)s?"
        ),
    }
