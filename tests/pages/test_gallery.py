"""docs/gallery.md shows what there is."""

from __future__ import annotations

import re

from tests.pages.gallery import HEADINGS, PAGE, TARGET, write_page
from tests.pages.states import STATES


def test_the_gallery_shows_every_state() -> None:
    """After a new state, `make screenshots`; no picture is missing, none is left over, and all together stay small."""
    assert {state.kind for state in STATES.values()} == set(HEADINGS)
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run: make screenshots"
    named = re.findall(r'src="gallery/([^"]+)"', write_page())
    assert sorted(named) == sorted(path.name for path in TARGET.iterdir())
    assert sum(path.stat().st_size for path in TARGET.iterdir()) < 4 * 1024 * 1024
