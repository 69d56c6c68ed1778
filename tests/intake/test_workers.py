"""What runs beside the pages, piece by piece."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from intake import workers
from intake.settings import read_settings
from intake.workers import Shop
from tests.intake.conftest import Clock, FixedCatalogue
from tests.makers import make_campaign, make_catalogue, make_schedule


def test_a_build_that_failed_at_an_opening_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says that the campaign is open as soon as what stood in the way is mended, and is built once then."""
    (tmp_path / "content").mkdir()
    clock = Clock()
    shop = Shop(read_settings({"ETALASE_CONTENT": str(tmp_path / "content")}), clock=clock)
    campaign = make_campaign(schedule=make_schedule(timedelta(hours=1), timedelta(days=3)))
    shop.catalogue = FixedCatalogue(make_catalogue(campaign))
    outcomes = iter([False, True])
    built: list[bool] = []

    def build(_settings: object) -> bool:
        built.append(next(outcomes))
        return built[-1]

    monkeypatch.setattr(workers, "build_site", build)
    monkeypatch.setattr(workers, "BUILD_AGAIN_S", 0.0)
    shop._rebuild()
    assert built == []
    clock.move(hours=2)
    for _ in range(4):
        shop._rebuild()
    assert built == [False, True]
