"""What all tests share: a browser, and the rule that CI skips nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright
from sqlalchemy import make_url

from intake.ledger.engine import open_writer
from intake.ledger.migrate import ensure_current
from tests.browser import find_chromium, flags
from tests.databases import PostgresServer, postgres, sqlite_ledger

# The machines are shared and noisy: how long an example took says nothing about the code.
settings.register_profile("usual", deadline=None)
settings.register_profile("prove", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

# A cheap Android phone, as the apps in which buyers open a link name it; and what they hang on the link.
_PHONE = (
    "Mozilla/5.0 (Linux; Android 11; RMX3231 Build/RP1A.201005.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/110.0.5481.153"
    " Mobile Safari/537.36"
)
IN_APP = {
    "instagram": f"{_PHONE} Instagram 272.0.0.16.73 Android (30/11; 320dpi; 720x1445; realme; RMX3231; RMX3231; T610; id_ID; 446464446)",
    "tiktok": f"{_PHONE} trill_2022803040 JsSdk/1.0 NetType/4G Channel/googleplay AppName/trill app_version/28.3.4 ByteLocale/id-ID ByteFullLocale/id-ID Region/ID BytedanceWebview/d8a21c6",
    "facebook": f"{_PHONE} [FBAN/EMA;FBLC/id_ID;FBAV/340.0.0.10.110;FBDM/DisplayMetrics{{density=2.0, width=720, height=1445}};]",
}
HUNG_ON = {
    "instagram": "?utm_source=ig&utm_medium=social&utm_content=link_in_bio&fbclid=PAZXh0bgNhZW0CMTEAAae_x",
    "tiktok": "?_d=secCgYIASAHKAESPgo8&_r=1&u_code=0&share_app_id=1180",
    "facebook": "?fbclid=IwAR3k9x_aem_Q0pZ&mibextid=Zxz2cZ",
}
INSTAGRAM = IN_APP["instagram"]


def pytest_configure() -> None:
    """Have the programs that tests start heed Ctrl-C: a shell without job control makes background work ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A test that CI skips proves nothing: there it fails."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """Likewise a whole file that is skipped while it is read."""
    report = yield
    if os.environ.get("CI") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests that don't ill-treat it."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a database with our tables, for copying."""
    url = postgres_server.create()
    engine = open_writer(url)
    ensure_current(engine)
    engine.dispose()
    return str(make_url(url).database)


DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'etalase.sqlite3'}"
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with our tables and nothing in them, of each kind in turn."""
    if request.param == "sqlite":
        yield sqlite_ledger(tmp_path / "etalase.sqlite3")
        return
    server = request.getfixturevalue("postgres_server")
    url = server.lend(request.getfixturevalue("postgres_template"))
    yield url
    server.take_back(url)


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What drives browsers; there can be one in a process only."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """A headless Chromium."""
    path = find_chromium()
    assert path is not None, "no Chromium; run: python -m tests.browser"
    chromium = driver.chromium.launch(executable_path=path, args=flags())
    yield chromium
    chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """
    Give a function that opens a phone: 360 x 740, no JavaScript, inside Instagram; options as Browser.new_context has
    them.
    """
    opened: list[BrowserContext] = []

    def open_phone(**options: Any) -> BrowserContext:
        usual = {
            "viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True, "java_script_enabled": False,
            "user_agent": INSTAGRAM, "locale": "id-ID",
        }  # fmt: skip
        opened.append(browser.new_context(**(usual | options)))
        return opened[-1]

    yield open_phone
    for context in opened:
        context.close()
