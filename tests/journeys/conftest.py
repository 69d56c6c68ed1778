"""Running shops for journeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.content import write_shop
from tests.journeys.running import RunningShop, build


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[Callable[..., RunningShop]]:
    """Give a function that makes a built shop, not yet started; all are ended afterwards."""
    made: list[RunningShop] = []

    def make(**options: int) -> RunningShop:
        root = tmp_path / f"shop-{len(made)}"
        root.mkdir()
        shop = RunningShop(root)
        write_shop(shop.content, **options)
        build(shop.content, shop.site)
        made.append(shop)
        return shop

    yield make
    for shop in made:
        shop.end()


@pytest.fixture
def shop(make_shop: Callable[..., RunningShop]) -> RunningShop:
    """Give a running shop with one open campaign."""
    running = make_shop()
    running.start()
    return running
