"""Every page in every state: for eyes, ears, thumbs and keys, narrow, enlarged and in the dark; and for nobody's use but hers."""

from __future__ import annotations

import pytest

from tests.pages.states import STATES
from tests.pages.window import Window


@pytest.mark.parametrize("name", STATES)
def test_nothing_is_wrong_with_it(window: Window, name: str) -> None:
    """
    axe-core finds nothing against WCAG 2.2 AA and its best practices, in light and dark. Nothing scrolls sideways at
    320 px or with letters twice as large. No letter is smaller than 16 px, and no target smaller than 44 px. Tab reaches
    everything in order, under a visible ring. No other host is asked, nothing is kept, and nobody complains.
    """
    assert window.faults(STATES[name]) == {}
