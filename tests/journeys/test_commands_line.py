"""The commands as an operator types them, in processes of their own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

import pytest
import requests
from openpyxl import load_workbook

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, build, order_fields, place


def run(shop: RunningShop, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a flask command on a shop's folders."""
    settings = {
        "ETALASE_CONTENT": str(shop.content), "ETALASE_SITE": str(shop.site), "ETALASE_DATA": str(shop.data), "PORT": str(shop.port),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "intake", *command],
        cwd=CHECKOUT, env=os.environ | settings | environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
def test_help_tells_each_command_in_the_shops_language(make_shop: Callable[..., RunningShop], language: str) -> None:
    """The three commands are listed; a seller's nephew needs no manual."""
    shop = make_shop(language=language)
    shown = run(shop, "--help").stdout
    for command in ("run-shop", "doctor", "migrate"):
        assert command in shown
        own = run(shop, command, "--help")
        assert own.returncode == 0 and own.stdout.count("\n") > 3
    assert ("Start the shop" in shown) is (language == "en")


def test_doctor_finds_a_healthy_shop(shop: RunningShop) -> None:
    """Everything that it looks at is fine, also while the shop runs."""
    place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not shop.workbook.exists():
        time.sleep(0.1)
    done = run(shop, "doctor")
    assert done.returncode == 0, done.stdout
    assert "!!" not in done.stdout and done.stdout.count(" ok ") >= 6


@pytest.mark.parametrize(
    "trouble",
    ["nothing-published", "readable-by-others", "broken-workbook", "lost-header", "port-taken", "bad-setting"],
)
def test_doctor_says_what_to_do(make_shop: Callable[..., RunningShop], trouble: str) -> None:
    """Each trouble is marked, has an advice, and makes the exit status 1."""
    shop, environment = make_shop(), {}
    shop.start()
    place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not shop.workbook.exists():
        time.sleep(0.1)
    if trouble == "nothing-published":
        (shop.site / "catalogue.json").unlink()
    elif trouble == "readable-by-others":
        shop.data.chmod(0o755)
    elif trouble == "broken-workbook":
        shop.stop()
        shop.workbook.write_bytes(b"not a workbook")
    elif trouble == "lost-header":
        shop.stop()
        book = load_workbook(shop.workbook)
        book["Pesanan"]["B1"].value = "Apa ini"
        book.save(shop.workbook)
    elif trouble == "port-taken":
        other = make_shop()
        shop.stop()
        other.port = shop.port
        other.start()
    else:
        environment = {"PORT": "delapan ribu"}
    done = run(shop, "doctor", **environment)
    assert done.returncode == 1, done.stdout
    shown = done.stdout + done.stderr
    assert "Traceback" not in shown
    if trouble != "bad-setting":
        lines = shown.splitlines()
        marked = next(number for number, line in enumerate(lines) if line.startswith(" !! "))
        assert lines[marked + 1].startswith("      ")


def test_a_lost_header_stops_nothing_and_is_caught_up(shop: RunningShop) -> None:
    """While a header is missing orders are taken; when she puts it back they are written, each once."""
    place(shop.base, SLUG, order_fields(**{JAR: "1"}))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (
        shop.workbook.exists() and load_workbook(shop.workbook)["Pesanan"]["A2"].value
    ):
        time.sleep(0.2)
    book = load_workbook(shop.workbook)
    book["Pesanan"]["B1"].value = "Keadaan"
    book.save(shop.workbook)
    place(shop.base, SLUG, order_fields(**{JAR: "1", "name": "Pembeli Kedua"}))
    time.sleep(5)
    assert load_workbook(shop.workbook)["Pesanan"]["A3"].value is None
    assert "sheet_header_missing" in shop.log
    book["Pesanan"]["B1"].value = "Status"
    book.save(shop.workbook)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not load_workbook(shop.workbook)["Pesanan"]["A3"].value:
        time.sleep(0.3)
    tab = load_workbook(shop.workbook)["Pesanan"]
    refs = [row[0] for row in tab.iter_rows(min_row=2, max_col=1, values_only=True) if row[0]]
    assert len(refs) == len(set(refs)) == 2


def test_migrate_makes_a_ledger_once(make_shop: Callable[..., RunningShop]) -> None:
    """The second time there is nothing to do; while the shop runs it is refused with a sentence."""
    shop = make_shop()
    for _ in range(2):
        done = run(shop, "migrate")
        assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(shop.data / "etalase.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    shop.start()
    refused = run(shop, "migrate")
    assert refused.returncode == 1 and str(shop.data) in refused.stderr and "Traceback" not in refused.stderr


def test_a_new_build_is_sold_without_a_restart(shop: RunningShop) -> None:
    """
    A higher price is asked for at once; a review made before is shown again, and nothing is stored until she has seen
    it.
    """
    from tests.journeys.running import review

    before = review(shop.base, SLUG, order_fields(**{JAR: "1"}))
    page = shop.content / "campaigns" / f"{SLUG}.md"
    page.write_text(page.read_text(encoding="utf-8").replace("65.000", "70.000"), encoding="utf-8")
    build(shop.content, shop.site)
    answer = requests.post(f"{shop.base}/pesan/{SLUG}/kirim", data=before, timeout=30, allow_redirects=False)
    assert answer.status_code == 409 and "Rp70.000" in answer.text
    with closing(sqlite3.connect(f"file:{shop.data / 'etalase.sqlite3'}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    assert place(shop.base, SLUG, order_fields(**{JAR: "1"}))


def test_the_site_is_built_anew_when_a_campaign_opens(make_shop: Callable[..., RunningShop]) -> None:
    """Its static page then says so, without anybody's hand."""
    from datetime import UTC, datetime, timedelta

    from preorder.schedule import ZONES

    shop = make_shop()
    opens = datetime.now(UTC).astimezone(ZONES["WIB"]) + timedelta(seconds=75)
    opens = opens.replace(second=0, microsecond=0)
    page = shop.content / "campaigns" / f"{SLUG}.md"
    lines = [
        f"  buka: {opens:%Y-%m-%d %H.%M}" if line.startswith("  buka:") else line
        for line in page.read_text(encoding="utf-8").splitlines()
    ]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(shop.content, shop.site)
    announced = (shop.site / SLUG / "index.html").read_bytes()
    shop.start()
    early = requests.post(f"{shop.base}/pesan/{SLUG}", data=order_fields(**{JAR: "1"}), timeout=30)
    assert early.status_code == 403 and int(early.headers["Retry-After"]) > 0
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and (shop.site / SLUG / "index.html").read_bytes() == announced:
        time.sleep(0.5)
    assert (shop.site / SLUG / "index.html").read_bytes() != announced
    assert datetime.now(UTC) >= opens
    assert place(shop.base, SLUG, order_fields(**{JAR: "1"}))


def test_the_shop_without_a_site_says_how_to_make_one(make_shop: Callable[..., RunningShop]) -> None:
    """The first time it doesn't start; with a ledger it does, answers with a page, and sells once something is published."""
    shop = make_shop()
    shutil.rmtree(shop.site)
    refused = run(shop, "run-shop")
    assert refused.returncode == 1 and "build.py" in refused.stderr and not shop.data.exists()
    assert run(shop, "migrate").returncode == 0
    shop.start(wait=False)
    deadline = time.monotonic() + 20
    status = 0
    while time.monotonic() < deadline and not status:
        try:
            answer = requests.get(f"{shop.base}/pesan/{SLUG}", timeout=5)
            status = answer.status_code
        except requests.ConnectionError:
            time.sleep(0.1)
    assert status == 503 and "<html" in answer.text
    build(shop.content, shop.site)
    assert place(shop.base, SLUG, order_fields(**{JAR: "1"}))
