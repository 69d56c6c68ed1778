"""A shop with its pages for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.web.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An open shop on one origin, nothing ordered yet."""
    with open_world(tmp_path) as opened:
        yield opened
