"""What an operator reads on the terminal when a shop starts while something is wrong, and what is left behind."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from openpyxl import load_workbook

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import RunningShop, build, order_fields, place
from tests.journeys.test_starting import assert_told, run

WAIT_S = 30.0


def until(what: str, holds: Callable[[], bool]) -> None:
    """Return once it holds."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def marked(shop: RunningShop, mark: str) -> list[str]:
    """Give the lines with this mark, each with the lines that belong to it."""
    lines = shop.log.splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.startswith(f" {mark} "):
            more = []
            for each in lines[number + 1 :]:
                if not each.startswith("      "):
                    break
                more.append(each)
            found.append("\n".join([line, *more]))
    return found


@pytest.fixture
def shop(make_shop: Callable[..., RunningShop]) -> RunningShop:
    """A built shop that has never been started."""
    return make_shop()


@pytest.mark.parametrize("catalogue", ["missing", "damaged"])
def test_a_first_start_with_nothing_published_is_refused(shop: RunningShop, tmp_path: Path, catalogue: str) -> None:
    """It could serve nobody, and the folders are most likely mistyped: one sentence, and not even a folder is made."""
    site = tmp_path / "other-site"
    if catalogue == "damaged":
        site.mkdir()
        (site / "catalogue.json").write_text('{"format": 1,')
    status, said = run(shop, "run-shop", ETALASE_SITE=str(site))
    assert status == 1
    assert_told(said, str(site / "catalogue.json"), str(shop.data))
    assert not shop.data.exists()


def test_a_first_start_on_a_taken_port_leaves_no_ledger(make_shop: Callable[..., RunningShop]) -> None:
    """It would pass for the shop's, and its orders for lost."""
    running, second = make_shop(), make_shop()
    running.start()
    second.port = running.port
    status, said = run(second, "run-shop")
    assert status == 1
    assert_told(said, str(running.port))
    assert not (second.data / "etalase.sqlite3").exists()


def test_a_first_start_that_fails_takes_its_ledger_back(shop: RunningShop) -> None:
    """And one that was there before stays, whatever the trouble is."""
    shop.data.mkdir(mode=0o700)
    (shop.data / "secret-key").write_text("no key")
    assert run(shop, "run-shop")[0] == 1
    assert sorted(each.name for each in shop.data.glob("etalase.sqlite3*")) == ["etalase.sqlite3.lock"]
    (shop.data / "secret-key").unlink()
    shop.start()
    path = place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    shop.stop()
    kept = (shop.data / "secret-key").read_text()
    (shop.data / "secret-key").write_text("no key")
    assert run(shop, "run-shop")[0] == 1
    (shop.data / "secret-key").write_text(kept)
    shop.start()
    assert requests.get(shop.base + path, timeout=10).status_code == 200


def test_with_orders_it_starts_though_nothing_is_published(shop: RunningShop) -> None:
    """Who has ordered sees her order; the operator reads that no orders are taken, and when they are again."""
    shop.start()
    path = place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    shop.stop()
    assert not marked(shop, "!!"), "a healthy start has nothing to mark"
    shutil.rmtree(shop.site)
    shop.start(wait=False)
    until("the start says what is wrong", lambda: bool(marked(shop, "!!")))
    assert str(shop.site / "catalogue.json") in marked(shop, "!!")[0]
    until("it serves", lambda: _answers(f"{shop.base}{path}", 200))
    assert _answers(f"{shop.base}/pesan/{SLUG}", 503)
    build(shop.content, shop.site)
    until("the end of the trouble is told", lambda: bool(marked(shop, "ok")))
    assert place(shop.base, SLUG, order_fields(**{JAR: "1", "name": "Pembeli Kedua"}))
    assert len(marked(shop, "!!")) == 1


@pytest.mark.parametrize("trouble", ["no-folder", "damaged"])
def test_a_sheet_that_can_not_be_used_stops_no_order(shop: RunningShop, tmp_path: Path, trouble: str) -> None:
    """The start says which file, what it means and what to do; orders go on, and are written once it is mended."""
    folder = tmp_path / "disk"
    workbook = folder / "orders.xlsx"
    shop.environment = {"ETALASE_SHEET": str(workbook)}
    if trouble == "damaged":
        folder.mkdir()
        workbook.write_bytes(b"not a workbook")
    shop.start()
    until("it is told", lambda: bool(marked(shop, "!!")))
    assert str(workbook) in marked(shop, "!!")[0]
    assert marked(shop, "!!")[0].count("\n") == 3
    path = place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    assert requests.get(shop.base + path, timeout=10).status_code == 200
    status, said = run(shop, "doctor", ETALASE_SHEET=str(workbook))
    assert status == 1 and f" !!   {marked(shop, '!!')[0].splitlines()[0][6:]}" in said
    if trouble == "damaged":
        workbook.unlink()
    else:
        # A disk that is not mounted: nothing may be made in its place.
        assert not folder.exists()
        folder.mkdir()
    until("it is over", lambda: bool(marked(shop, "ok")))
    until("the order is written", lambda: bool(load_workbook(workbook)["Pesanan"]["A2"].value))
    assert len(marked(shop, "!!")) == 1


def test_a_site_folder_without_pages(shop: RunningShop, tmp_path: Path) -> None:
    """What is published lies elsewhere: orders are taken, and start and doctor say that there is no page to look at."""
    elsewhere = {"ETALASE_CATALOGUE": str(shop.site / "catalogue.json"), "ETALASE_SITE": str(tmp_path / "no-site")}
    shop.environment = elsewhere
    shop.start()
    until("it is told", lambda: bool(marked(shop, "--")))
    told = marked(shop, "--")[0]
    assert elsewhere["ETALASE_SITE"] in told
    assert told.splitlines()[0] in run(shop, "doctor", **elsewhere)[1]
    assert place(shop.base, SLUG, order_fields(**{JAR: "1"}))


def _answers(address: str, status: int) -> bool:
    try:
        return requests.get(address, timeout=5).status_code == status
    except requests.ConnectionError:
        return False
