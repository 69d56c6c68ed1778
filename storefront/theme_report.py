"""What the seller reads about the theme that she has written."""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[[str], str]


def sentences(_: Translate) -> dict[str, str]:
    """Give the sentence of every fault of a theme, by its code."""
    return {
        "not_theme": _(
            '%(key)s must be the name of a theme, or keys of its own below it, such as %(inner)s: "#8a3b12".'
        ),
        "colour_as_theme": _(
            '%(key)s: the colour belongs into a line of its own below it, indented: %(inner)s: "%(text)s"'
        ),
        "colour_lost": _(
            '%(key)s: no colour stands here. Put it into quotation marks, "#8a3b12": what follows a # without them is a note.'
        ),
        "not_colour": _('%(key)s "%(text)s" is not a colour. Write a # and six of 0-9 and a-f, such as "#8a3b12".'),
        "unreadable_brand": _(
            '%(key)s "%(value)s" is too pale to be read on the page: its contrast is %(ratio)s to 1, and %(least)s to 1 is needed. The nearest colour that can be read is "%(nearest)s". Yours can stay as the second colour: write %(key)s: "%(nearest)s" and %(accent)s: "%(value)s".'
        ),
    }
