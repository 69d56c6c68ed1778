"""
Shops for storms: one process on SQLite, or several order desks and workers on one PostgreSQL database; what stands in
their ledger afterwards, and whether it is right.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import requests
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from intake.ledger.engine import open_reader
from intake.ledger.invariants import find_violations
from preorder.campaign import WHOLE
from preorder.schedule import ZONES
from tests.journeys.content import SHOP
from tests.journeys.running import RunningShop, build

SLUG = "nastar"
CAMPAIGN_ID = "nastar-lebaran"
# Form field -> pools that a unit of it takes from.
SMALL, LARGE = "nastar--toples-250-g--qty", "nastar--toples-500-g--qty"
POOLS = {SMALL: ("nastar/toples-250-g", WHOLE), LARGE: (WHOLE,)}
FIELD_OF = {"toples-250-g": SMALL, "toples-500-g": LARGE}
SECRET_KEY = "the desks of a storm share one key, as the desks of a real shop do"
# Figures are printed, and kept here where a folder is named.
FIGURES = os.environ.get("ETALASE_FIGURES", "")

CAMPAIGN = """---
id: nastar-lebaran
judul: Nastar Lebaran
ringkas: Kue kering isi nanas
awalan: NST
jadwal:
  buka: {opens}
  tutup: {closes}
kuota: 1000000
produk:
  - nama: Nastar
    ringkas: Isi nanas
    varian:
      - nama: Toples 250 g
        harga: 65.000
        kuota: 1000000
      - nama: Toples 500 g
        harga: 120.000
pembayaran:
  skema: dp
  dp: 50%
  tenggat: 24 jam
  tenggang: 12 jam
pengiriman:
  - nama: JNE Reguler
    jenis: kurir
    ongkir: 18.000
pembatalan:
  oleh_pembeli:
    - sampai: tutup_po
      refund: 100%
---
Nastar lembut dengan selai nanas.
"""


def make_shop(root: Path, built: Path, database_url: str = "", *, desks: int = 1, workers: int = 0) -> Shop:
    """
    Make a shop, not yet started, with a site of its own.

    Args:
        root: a fresh folder.
        built: what build_site gave.
        workers: processes that work beside the desks; 0: the desks work themselves.
    """
    site = root / "site"
    shutil.copytree(built, site)
    sheet = root / "desk-0" / "data" / "orders.xlsx"
    # No content: the site is built elsewhere, else the shop would build its own hours over ours when they begin.
    shared = {"ETALASE_SITE": str(site), "ETALASE_SHEET": str(sheet), "ETALASE_SECRET_KEY": SECRET_KEY}
    if database_url:
        shared["DATABASE_URL"] = database_url
    shop = Shop(site, database_url)
    desk = ("run-shop", "--without-workers") if workers else ("run-shop",)
    for number in range(desks):
        shop.desks.append(_process(root / f"desk-{number}", desk, shared))
    for number in range(workers):
        shop.workers.append(_process(root / f"worker-{number}", ("work",), shared))
    return shop


def _process(root: Path, command: tuple[str, ...], environment: Mapping[str, str]) -> RunningShop:
    # A folder for each: they might as well run on several machines.
    root.mkdir()
    return RunningShop(root, environment=environment, command=command)


def build_site(root: Path) -> Path:
    """Build the site of a shop with one campaign that opened two days ago, and give its folder."""
    content = root / "content"
    (content / "campaigns").mkdir(parents=True)
    (content / "shop.md").write_text(SHOP.format(language="id"), encoding="utf-8")
    opens = datetime.now(ZONES["WIB"]) - timedelta(days=2)
    written = CAMPAIGN.format(opens=opens.date(), closes=(opens + timedelta(days=9)).date())
    (content / "campaigns" / f"{SLUG}.md").write_text(written, encoding="utf-8")
    build(content, root / "site")
    return root / "site"


@dataclass(frozen=True)
class Order:
    """
    An order as it stands in the ledger.

    Attributes:
        received_at, placed_at, pay_by: epoch seconds.
        basket: form field -> units.
    """

    ref: str
    token: str
    phone: str
    status: str
    received_at: float
    placed_at: float
    pay_by: float
    basket: Mapping[str, int]


@dataclass
class Shop:
    """
    A shop that a storm goes over: its processes, its site, its ledger.

    Attributes:
        database_url: of its ledger; "" for the SQLite file in its data folder.
        site: the folder that all of them take the catalogue from.
        slug: of the campaign that was published last.
        desks, workers: its processes. On SQLite there is one desk, which works too.
    """

    site: Path
    database_url: str
    desks: list[RunningShop] = field(default_factory=list)
    workers: list[RunningShop] = field(default_factory=list)
    slug: str = SLUG

    @property
    def processes(self) -> list[RunningShop]:
        return [*self.desks, *self.workers]

    @property
    def ports(self) -> list[int]:
        return [desk.port for desk in self.desks]

    @property
    def kind(self) -> str:
        return "postgresql" if self.database_url else "sqlite"

    @property
    def ledger_url(self) -> str:
        return self.database_url or f"sqlite:///{self.desks[0].data / 'etalase.sqlite3'}"

    @property
    def log(self) -> str:
        return "\n".join(process.log for process in self.processes)

    def start(self) -> None:
        """Start all of them; each brings the ledger up to date, whoever is first."""
        for process in self.processes:
            process.start(wait=False)
        for process in self.processes:
            process.wait_until_ready()

    def stop(self) -> list[tuple[int, float]]:
        """Ask all of them to end; give exit status and seconds of each."""
        return [process.stop() for process in self.processes]

    def end(self) -> None:
        for process in self.processes:
            process.end()

    def publish(
        self,
        *,
        quotas: Mapping[str, int],
        opens_at: datetime | None = None,
        closes_at: datetime | None = None,
        another: bool = False,
    ) -> None:
        """
        Publish the campaign with these quotas and hours; or another one like it, beside those before it.

        A seller writes minutes; a storm needs seconds, so it writes what build.py would have.
        """
        path = self.site / "catalogue.json"
        catalogue = json.loads(path.read_bytes())
        campaigns = catalogue["campaigns"]
        if another:
            self.slug = f"{SLUG}-{len(campaigns) + 1}"
            campaigns.append(campaigns[-1] | {"id": self.slug, "slug": self.slug})
        campaign = campaigns[-1]
        campaign["pools"] = dict(quotas)
        rule = campaign["schedule"]["rule"]
        for name, instant in (("opens_at", opens_at), ("closes_at", closes_at)):
            if instant is not None:
                rule = rule | {name: instant.astimezone(ZONES["WIB"]).isoformat()}
        campaign["schedule"] = campaign["schedule"] | {"rule": rule}
        catalogue["revision"] += 1
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(catalogue), encoding="utf-8")
        os.replace(fresh, path)

    def wait_until_published(self) -> None:
        """Return once all desks know the campaign that was published last; they don't look all the time."""
        for desk in self.desks:
            deadline = time.monotonic() + 20
            while requests.get(f"{desk.base}/pesan/{self.slug}", timeout=20).status_code == 404:
                assert time.monotonic() < deadline, f"{self.slug} is not found\n{self.log[-2000:]}"
                time.sleep(0.05)

    @property
    def campaign_id(self) -> str:
        return CAMPAIGN_ID if self.slug == SLUG else self.slug

    @contextmanager
    def reading(self) -> Iterator[Engine]:
        engine = open_reader(self.ledger_url)
        try:
            yield engine
        finally:
            engine.dispose()

    def orders(self) -> list[Order]:
        """Give all orders of the campaign, as they were stored one after the other."""
        with self.reading() as engine, engine.begin() as connection:
            baskets: dict[int, dict[str, int]] = defaultdict(dict)
            for line in connection.execute(text("SELECT order_id, variant_id, qty FROM order_lines")):
                baskets[line.order_id][FIELD_OF[line.variant_id]] = line.qty
            rows = connection.execute(
                text(
                    "SELECT order_id, ref, token, phone, status, received_at_ms, placed_at_ms, pay_by_ms"
                    " FROM orders JOIN dues USING (order_id) WHERE campaign_id = :campaign ORDER BY order_id"
                ),
                {"campaign": self.campaign_id},
            )
            return [
                Order(
                    row.ref,
                    row.token,
                    row.phone,
                    row.status,
                    row.received_at_ms / 1000,
                    row.placed_at_ms / 1000,
                    row.pay_by_ms / 1000,
                    baskets[row.order_id],
                )
                for row in rows
            ]

    def sold(self) -> dict[str, tuple[int, int]]:
        """Give the campaign's pool -> (sold, quota) as the ledger counts."""
        with self.reading() as engine, engine.begin() as connection:
            return {
                row.pool_id: (row.sold, row.quota)
                for row in connection.execute(
                    text("SELECT pool_id, sold, quota FROM pools WHERE campaign_id = :campaign"),
                    {"campaign": self.campaign_id},
                )
            }

    def violations(self) -> list[Any]:
        """Give what the invariant checker finds."""
        with self.reading() as engine, engine.begin() as connection:
            return find_violations(connection)

    @property
    def workbook(self) -> Path:
        """Give the workbook: that of the first process, which all of them share."""
        return self.desks[0].workbook

    def rows(self) -> Counter[str]:
        """Give ref -> how often it stands in the workbook."""
        book = load_workbook(self.workbook, read_only=True)
        try:
            return Counter(str(row[0]) for row in book["Pesanan"].iter_rows(min_row=2, values_only=True) if row[0])
        finally:
            book.close()

    def wait_for_rows(self, count: int, seconds: float) -> Counter[str]:
        """Give the refs in the workbook once there are that many, or the time is over."""
        deadline = time.monotonic() + seconds
        rows = self.rows()
        while len(rows) < count and time.monotonic() < deadline:
            time.sleep(0.5)
            rows = self.rows()
        return rows


class Supervisor:
    """
    Starts a process again whenever it has ended by itself, as systemd does with Restart=on-failure. For the with
    statement.

    Attributes:
        statuses: with which it has ended.
    """

    def __init__(self, process: RunningShop) -> None:
        self._process = process
        self.statuses: list[int] = []
        self._calling_off = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.watch()
        return self

    def __exit__(self, *exception: object) -> None:
        self.rest()

    def watch(self) -> None:
        """Begin, or go on."""
        self._calling_off.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def rest(self) -> None:
        """Start nothing until watch()."""
        self._calling_off.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._calling_off.wait(0.1):
            assert self._process.process is not None
            status = self._process.process.poll()
            if status:
                self.statuses.append(status)
                self._process.start(wait=False)


def units_by_pool(baskets: Sequence[Mapping[str, int]]) -> Counter[str]:
    """Give pool -> units that these baskets take from it."""
    units: Counter[str] = Counter()
    for basket in baskets:
        for name, qty in basket.items():
            for pool in POOLS[name]:
                units[pool] += qty
    return units


def keep_figures(name: str, figures: Mapping[str, Any]) -> None:
    """Keep figures as a line of <name>.jsonl, where a folder for them is named; they are never judged."""
    if FIGURES:
        folder = Path(FIGURES)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds")} | dict(figures)) + "\n")


def percentile(values: Sequence[float], part: float) -> float:
    """Give the value that this part of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
