"""
The database goes away, the disk fills up or breaks, the clock jumps: buyers are told so in words and lose nothing of
what they typed, nothing that was confirmed is lost, and it goes on by itself.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import requests

from preorder.campaign import WHOLE
from tests.databases import PostgresServer, postgres
from tests.journeys.running import hidden_fields, order_fields, review
from tests.storms.disks import MB, FailingDisk, SmallDisk
from tests.storms.shops import LARGE, POOLS, SMALL, Shop, Supervisor, make_shop
from tests.storms.streams import Stream

QUOTAS = {WHOLE: 1_000_000, POOLS[SMALL][0]: 1_000_000}
BASKET = {SMALL: 1, LARGE: 1}
# How long whatever comes back by itself may take on a busy machine.
PATIENCE_S = 60.0


def check_nothing_lost(shop: Shop, stream: Stream) -> None:
    """Make sure that each buyer has the one order that she knows of, and that it comes to stand in the workbook."""
    assert not stream.failures
    assert {outcome.end for outcome in stream.outcomes} == {"confirmed"}
    orders = shop.orders()
    assert {order.token for order in orders} == stream.heard
    assert len(orders) == len(stream.outcomes)
    assert {sold for sold, _ in shop.sold().values()} >= {2 * len(orders)}
    assert shop.violations() == []
    rows = shop.wait_for_rows(len(orders), PATIENCE_S)
    assert set(rows.values()) == {1}
    assert set(rows) == {order.ref for order in orders}


def readiness(shop: Shop) -> int:
    """Give what /readyz answers; 0 where nobody does."""
    try:
        return requests.get(f"{shop.desks[0].base}/readyz", timeout=20).status_code
    except requests.RequestException:
        return 0


def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Return once something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def wait_for_readiness(shop: Shop, wanted: int) -> None:
    """Return once /readyz answers that."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := readiness(shop)) != wanted:
        assert time.monotonic() < deadline, f"/readyz says {found}\n{shop.log[-3000:]}"
        time.sleep(0.1)


@pytest.fixture
def fragile_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that may be ill-treated."""
    with postgres(own=True) as server:
        yield server


@contextlib.contextmanager
def open_shop(shop: Shop) -> Iterator[Shop]:
    """Run a shop with plenty to sell."""
    shop.publish(quotas=QUOTAS)
    try:
        shop.start()
        yield shop
    finally:
        shop.end()


def test_postgres_restarted(fragile_postgres: PostgresServer, tmp_path: Path, built: Path) -> None:
    """
    PostgreSQL crashes under load, and goes away for a while: the desks and workers stay and go on when it is back.
    """
    shop = make_shop(tmp_path, built, fragile_postgres.create(), desks=2, workers=2)
    with open_shop(shop):
        with Stream(shop.ports, shop.slug, BASKET) as stream:
            stream.wait_for(30, PATIENCE_S)
            fragile_postgres.restart("immediate")
            stream.wait_for(30, PATIENCE_S)
            away = threading.Thread(target=fragile_postgres.restart, kwargs={"away_s": 8.0})
            away.start()
            until(lambda: stream.turned_away > 0, "nobody was told")
            assert readiness(shop) == 503
            away.join()
            stream.wait_for(30, PATIENCE_S)
            wait_for_readiness(shop, 200)
        check_nothing_lost(shop, stream)
        assert all(status == 0 and seconds < 20 for status, seconds in shop.stop())


@dataclass
class World:
    """The world that a shop is told of; see tests.storms.elsewhere."""

    file: Path
    offset: timedelta = timedelta()
    free: int | None = None

    def tell(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(
            json.dumps({"offset_s": int(self.offset.total_seconds()), "free": self.free}), encoding="utf-8"
        )
        fresh.replace(self.file)

    def set_clock(self, offset: timedelta) -> None:
        self.offset = offset
        self.tell()

    def set_free(self, free: int | None) -> None:
        self.free = free
        self.tell()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


def move(shop: Shop, world: World) -> None:
    """Have a shop, not yet started, live in another world."""
    world.tell()
    for process in shop.processes:
        process.environment = dict(process.environment) | {"ETALASE_WORLD": str(world.file)}
        # The last --app counts.
        process.command = ("--app", "tests.storms.elsewhere", *process.command)


def processes_of(shop: Shop) -> list[int]:
    """Give the ids of a shop's processes that run."""
    running = [process.process for process in shop.processes]
    return [process.pid for process in running if process is not None and process.poll() is None]


def _more_turned_away(stream: Stream, before: int) -> bool:
    return stream.turned_away > before


def test_disk_full(tmp_path: Path, built: Path) -> None:
    """
    The disk of a SQLite ledger gets short of room, then really full while orders come: buyers are told, and once
    there is room it goes on.
    """
    shop = make_shop(tmp_path, built)
    world = World(tmp_path / "world")
    move(shop, world)
    disk = SmallDisk(shop.desks[0].data, 300 * MB, partial(processes_of, shop), world.set_free)
    try:
        with open_shop(shop), Supervisor(shop.desks[0]) as supervisor:
            with Stream(shop.ports, shop.slug, BASKET) as stream:
                stream.wait_for(20, PATIENCE_S)
                for leaving in (150 * MB, 0):
                    before = stream.turned_away
                    disk.fill(leaving)
                    wait_for_readiness(shop, 503)
                    until(partial(_more_turned_away, stream, before), "nobody was told")
                    disk.clear()
                    stream.wait_for(20, PATIENCE_S)
                    wait_for_readiness(shop, 200)
            check_nothing_lost(shop, stream)
            supervisor.rest()
            assert set(supervisor.statuses) <= {74}, "it ended in another way than it should where the disk fails"
            assert shop.stop()[0][0] == 0
    finally:
        disk.close()


def test_disk_of_postgres_full(tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of PostgreSQL is full while orders come: buyers are told, and once there is room it goes on."""
    # Where the server's account may go as well.
    folder = Path(tempfile.mkdtemp(prefix="etalase-disk-"))
    folder.chmod(0o755)
    disk = SmallDisk(folder, 160 * MB, lambda: postgres_processes(folder), mode=0o755)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(folder))
            server = PostgresServer()
            server.start()
        shop = make_shop(tmp_path, built, server.create())
        with open_shop(shop):
            with Stream(shop.ports, shop.slug, BASKET) as stream:
                stream.wait_for(20, PATIENCE_S)
                disk.fill(0)
                until(lambda: stream.turned_away > 3, "nobody was told")
                disk.clear()
                if not disk.is_mounted:
                    # The limit lets it write nothing at all, also where it needs no more room: it ends. Its
                    # supervisor starts it again.
                    until(lambda: not postgres_processes(folder), "the server goes on")
                    server._start()
                stream.wait_for(20, PATIENCE_S)
                wait_for_readiness(shop, 200)
            check_nothing_lost(shop, stream)
            assert shop.stop()[0][0] == 0
    finally:
        server.close()
        disk.close()
        shutil.rmtree(folder)


def postgres_processes(folder: Path) -> list[int]:
    """Give the ids of the server whose folder lies there, and of its children, while it runs."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = [int(path.read_text().split()[0]) for path in folder.glob("*/data/postmaster.pid")]
    return [process for process, parent in parents.items() if process in found or parent in found]


def test_data_folder_full_beside_postgres(tmp_path: Path, built: Path, honest_postgres: PostgresServer) -> None:
    """The disk of the workbook is full, but the ledger is elsewhere: orders are taken, and their rows come later."""
    shop = make_shop(tmp_path, built, honest_postgres.create())
    disk = SmallDisk(shop.desks[0].data, 20 * MB, partial(processes_of, shop))
    try:
        with open_shop(shop):
            with Stream(shop.ports, shop.slug, BASKET) as stream:
                stream.wait_for(10, PATIENCE_S)
                disk.fill(0)
                stream.wait_for(60, PATIENCE_S)
                assert readiness(shop) == 200
                behind = len(stream.heard) - len(shop.rows())
                disk.clear()
                stream.wait_for(5, PATIENCE_S)
            assert behind > 40, "the workbook's disk was not full"
            assert stream.turned_away == 0
            check_nothing_lost(shop, stream)
    finally:
        disk.close()


def test_disk_read_only(tmp_path: Path, built: Path) -> None:
    """
    The disk of a SQLite ledger breaks while orders come and takes nothing any more: the shop ends and says that it is
    the disk; a supervisor starts it in vain until the disk is mended, and then it goes on.
    """
    shop = make_shop(tmp_path, built)
    disk = FailingDisk(shop.desks[0].data, tmp_path / "image", partial(processes_of, shop))
    try:
        with open_shop(shop), Supervisor(shop.desks[0]) as supervisor:
            with Stream(shop.ports, shop.slug, BASKET) as stream:
                stream.wait_for(20, PATIENCE_S)
                disk.break_down()
                # Once from the midst of its work, once in vain.
                until(lambda: len(supervisor.statuses) > int(disk.keeps_out), "it goes on without a disk")
                # The one that has been started meanwhile must not stand in the way; nobody may start on the bare folder.
                supervisor.rest()
                shop.desks[0].kill()
                disk.mend()
                shop.desks[0].start(wait=False)
                supervisor.watch()
                stream.wait_for(20, PATIENCE_S)
                wait_for_readiness(shop, 200)
            check_nothing_lost(shop, stream)
            supervisor.rest()
            assert supervisor.statuses[0] == 74
            assert stream.turned_away > 0, "nobody was told"
            assert shop.stop()[0][0] == 0
    finally:
        disk.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def shop_elsewhere(request: pytest.FixtureRequest, tmp_path: Path, built: Path, world: World) -> Iterator[Shop]:
    """A running shop in another world, on each kind of database in turn."""
    url = request.getfixturevalue("honest_postgres").create() if request.param == "postgresql" else ""
    shop = make_shop(tmp_path, built, url)
    move(shop, world)
    with open_shop(shop):
        yield shop


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world like ours, so far."""
    return World(tmp_path / "world")


def test_clock_jumps_under_load(shop_elsewhere: Shop, world: World) -> None:
    """The clock is set two hours forwards and backwards while orders come: they go on, in their order."""
    shop = shop_elsewhere
    with Stream(shop.ports, shop.slug, BASKET) as stream:
        for hours in (0, 2, -2, 2, 0):
            world.set_clock(timedelta(hours=hours))
            stream.wait_for(15, PATIENCE_S)
            assert readiness(shop) == 200
    check_nothing_lost(shop, stream)
    orders = shop.orders()
    assert stream.turned_away == 0
    # Received when the clock said so; but placed one after the other, as closely as requests overtake each other.
    for earlier, later in itertools.pairwise(orders):
        assert later.placed_at > earlier.placed_at - 1
    assert max(order.received_at for order in orders) - min(order.received_at for order in orders) > 3 * 3600
    assert {round((order.pay_by - order.received_at) / 3600) for order in orders} == {24}


def test_clock_jumps_between_two_posts(shop_elsewhere: Shop, world: World) -> None:
    """
    The clock is set two hours either way between review and order: the review is shown again with all she typed; who
    has an order is led to it whatever the clock says; closing and opening follow the clock.
    """
    shop = shop_elsewhere
    shop.publish(quotas=QUOTAS, closes_at=world.now() + timedelta(hours=1))
    (base,) = [desk.base for desk in shop.desks]
    fields = order_fields(**{SMALL: "2", "note": "=1+1 tas hijau"})
    form, button = f"{base}/pesan/{shop.slug}", f"{base}/pesan/{shop.slug}/kirim"

    def press(hidden: dict[str, str]) -> requests.Response:
        return requests.post(button, data=hidden, timeout=30, allow_redirects=False)

    first = review(base, shop.slug, fields)
    order = press(first)
    assert order.status_code == 303
    for before, after in ((0, -2), (-2, 0)):
        world.set_clock(timedelta(hours=before))
        reviewed = review(base, shop.slug, fields)
        world.set_clock(timedelta(hours=after))
        again = press(reviewed)
        assert (again.status_code, 'id="expired"' in again.text) == (409, True)
        fresh = hidden_fields(again.text, "/kirim")
        assert fresh.pop("token") != reviewed["token"]
        assert fresh == {name: text for name, text in reviewed.items() if name != "token"}
        assert press(hidden_fields(again.text, "/kirim")).status_code == 303
    waiting = review(base, shop.slug, fields)
    for hours in (-2, 2):
        world.set_clock(timedelta(hours=hours))
        assert press(first).headers["Location"] == order.headers["Location"]
        assert requests.get(base + order.headers["Location"], timeout=30).status_code == 200
    until(lambda: requests.get(form, timeout=30).status_code == 410, "it does not close")
    for closed in (requests.post(form, data=fields, timeout=30), press(waiting)):
        assert (closed.status_code, 'id="closed"' in closed.text) == (410, True)
        assert "=1+1 tas hijau" in closed.text
    world.set_clock(timedelta())
    assert press(waiting).status_code == 303
    assert len(shop.orders()) == 4
    assert shop.violations() == []
