"""Shops that storms go over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import PostgresServer, postgres
from tests.storms.shops import Shop, build_site, make_shop

MakeShop = Callable[[], Shop]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built site."""
    return build_site(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def honest_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that waits for the disk, as a real one does."""
    with postgres(fsync=True) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def make_storm_shop(request: pytest.FixtureRequest, tmp_path: Path, built: Path) -> Iterator[MakeShop]:
    """
    Give a function that makes a shop, not yet started, of each kind in turn: one process on SQLite, or two order desks
    and two workers on PostgreSQL. All are ended afterwards.
    """
    made: list[Shop] = []

    def make() -> Shop:
        root = tmp_path / f"shop-{len(made)}"
        root.mkdir()
        if request.param == "sqlite":
            shop = make_shop(root, built)
        else:
            server = request.getfixturevalue("honest_postgres")
            shop = make_shop(root, built, server.create(), desks=2, workers=2)
        made.append(shop)
        return shop

    yield make
    for shop in made:
        shop.end()
