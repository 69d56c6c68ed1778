"""
Orders a second, and how long they take, at 1, 8 and 32 connections, beside floors of the same run.

`python -m bench.orders [--seconds S] [--runs N] [--connections N ...] [--database-url URL]`. An order is the whole flow:
the form posted, the review answered, the order placed and on the disk.

Floors: a bare group commit (no web); and three bare applications of Flask + WTForms behind the same server, two posts an
order, no ledger: with twelve fields; with as many fields as the shop's form; and with a Jinja page as large as the review
beside those. Cases take turns run by run, so that a machine that slows down slows all of them; the median of the runs is
printed.

With --database-url (of an empty PostgreSQL database) the orders are also taken by two order desks on that ledger, which
share the connections.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import load
from bench.floors import group_commit
from intake.web.forms import ACTION, TOKEN, make_form_class
from preorder.catalogue import from_json
from tests.databases import postgres

CHECKOUT = Path(__file__).resolve().parent.parent
CONNECTIONS = (1, 8, 32)
SLUG = "kue"
ORDERS, PLACING, TWO_DESKS = "orders, review + placing", "  of it the placing alone", "orders, two desks on PostgreSQL"
# What bench.load posts to the bare application -> the line of its figures.
BARE = {
    "bare": "bare Flask + WTForms, 12 fields",
    "form": "  the same, the shop's fields",
    "page": "  the same, and a page",
}

SHOP = """---
nama: Dapur Ukur
slogan: Toko untuk mengukur
bahasa: id
zona: WIB
whatsapp: 0812-0000-1234
email: halo@dapurukur.example
kota: Bandung
alamat: Jl. Contoh 1, Bandung
rekening:
  - {jenis: bank, nama: BCA, nomor: "0123456789", atas_nama: Sari Contoh}
---
Toko contoh.
"""
CAMPAIGN = """---
id: kue
judul: Kue
ringkas: Kue kering
awalan: KUE
jadwal: {{buka: {opens}, tutup: {closes}}}
kuota: 1000000
produk:
  - nama: Nastar
    varian:
      - {{nama: 250 g, harga: 65.000}}
      - {{nama: 500 g, harga: 120.000}}
pembayaran: {{skema: dp, dp: 50%, tenggat: 24 jam}}
pengiriman:
  - {{nama: JNE, jenis: kurir, ongkir: 18.000}}
pembatalan:
  oleh_pembeli: [{{sampai: tutup_po, refund: 100%}}]
---
Enak.
"""
FIELDS = {
    "nastar--250-g--qty": "1", "name": "Ibu Contoh", "phone": "0812-0000-5678", "delivery": "jne", "street": "Jl. Misal 2 RT 01/02",
    "district": "Coblong", "city": "Bandung", "province": "Jawa Barat", "postal_code": "40132", "note": "", "channel": "", "terms": "yes", "leave_empty": "",
}  # fmt: skip


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def two_ports() -> list[int]:
    """Give two ports as an operator chooses them: desks on neighbouring ones take different processors."""
    while True:
        first = free_port()
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", first + 1))
            return [first, first + 1]


@contextmanager
def running(command: list[str], port: int, path: str, environment: dict[str, str]) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    pass
                if path:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def shops(settings: dict[str, str], ports: list[int]) -> Iterator[list[int]]:
    """Run an order desk on each of these ports, each with a data folder of its own; give the ports."""
    command = [sys.executable, "-m", "flask", "--app", "intake", "run-shop"]
    with ExitStack() as stack:
        for number, port in enumerate(ports):
            data = f"{settings['ETALASE_DATA']}-{number}"
            own = {"PORT": str(port), "ETALASE_DATA": data, "ETALASE_SHEET": f"{data}/orders.xlsx"}
            stack.enter_context(running(command, port, "/readyz", settings | own))
        yield ports


def measure(ports: list[int], kind: str, connections: int, seconds: float) -> dict[str, Any]:
    """Run the client in a process of its own."""
    task = {
        "ports": ports, "slug": SLUG, "fields": FIELDS | ({"qty": "1"} if kind == "bare" else {}), "connections": connections,
        "seconds": seconds, "kind": kind,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=CHECKOUT,
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


class Figures:
    """What was measured: for each line and number of connections, orders a second and two percentiles of each run."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[int, list[tuple[float, float, float]]]] = {}

    def add(self, line: str, connections: int, rate: float, waits: list[float]) -> None:
        """Take down a run: orders a second, and the seconds that each waited."""
        runs = self._runs.setdefault(line, {}).setdefault(connections, [])
        runs.append((rate, percentile(waits, 0.5), percentile(waits, 0.99)))

    def add_load(self, line: str, connections: int, found: dict[str, Any], placing: str = "") -> None:
        """Take down what bench.load found; placing is the line of the second post alone."""
        rate = found["orders"] / found["seconds"]
        both = [sum(pair) for pair in zip(found["reviews"], found["placings"], strict=True)]
        self.add(line, connections, rate, both)
        if placing:
            self.add(placing, connections, rate, found["placings"])

    def show(self) -> None:
        """Print the table, and what part of each floor the orders reach."""
        counts = list(next(iter(self._runs.values())))
        print(f"{'':34}" + "".join(f"{count:>6} conn.: /s  p50 ms  p99 ms" for count in counts))
        for line, runs in self._runs.items():
            row = f"{line:34}"
            for count in counts:
                rate, p50, p99 = (statistics.median(run[part] for run in runs[count]) for part in range(3))
                row += f"{rate:16.0f} {p50:7.1f} {p99:7.1f}"
            print(row)
        print()
        for orders in (ORDERS, TWO_DESKS):
            for floor in BARE.values():
                if orders in self._runs:
                    ratios = ", ".join(f"{self._ratio(orders, floor, count):.2f} at {count}" for count in counts)
                    print(f"{orders} / {floor.strip()}: {ratios}")

    def _ratio(self, orders: str, floor: str, connections: int) -> float:
        pairs = zip(self._runs[orders][connections], self._runs[floor][connections], strict=True)
        return statistics.median(ours[0] / least[0] for ours, least in pairs)


def percentile(waits: list[float], part: float) -> float:
    """Give a percentile in milliseconds."""
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


def publish(root: Path) -> tuple[dict[str, str], list[str]]:
    """Build a shop in this folder; give its settings and the names of its form's fields."""
    content, site = root / "content", root / "site"
    (content / "campaigns").mkdir(parents=True)
    (content / "shop.md").write_text(SHOP, encoding="utf-8")
    today = datetime.now().astimezone().date()
    text = CAMPAIGN.format(opens=today - timedelta(days=2), closes=today + timedelta(days=30))
    (content / "campaigns" / f"{SLUG}.md").write_text(text, encoding="utf-8")
    build = [sys.executable, "build.py", "--content", str(content), "--output", str(site)]
    subprocess.run(build, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    catalogue = from_json(json.loads((site / "catalogue.json").read_bytes()))
    names = [
        name for name in make_form_class(catalogue.shop, catalogue.campaigns[0]).known if name not in {TOKEN, ACTION}
    ]
    settings = {
        "ETALASE_CONTENT": str(content), "ETALASE_SITE": str(site), "HOST": "127.0.0.1", "ETALASE_SECRET_KEY": "k" * 43,
    }  # fmt: skip
    return settings, sorted(names)


def review_size(port: int) -> int:
    """Give how many bytes the shop's review page has."""
    status, page = load.post(http.client.HTTPConnection("127.0.0.1", port, timeout=10), f"/pesan/{SLUG}", FIELDS)
    assert status == 200, page[:500]
    return len(page.encode())


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--seconds", type=float, default=4.0, help="of load for each figure (default: 4)")
    parser.add_argument("--runs", type=int, default=3, help="of which the median is printed (default: 3)")
    parser.add_argument(
        "--connections", type=int, nargs="+", default=CONNECTIONS, help="to measure with (default: 1 8 32)"
    )
    parser.add_argument("--no-postgres", action="store_true", help="leave out the two order desks on PostgreSQL")
    options = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        settings, names = publish(root)
        ports = two_ports()
        # It waits for the disk as a real one does.
        server = None if options.no_postgres else stack.enter_context(postgres(fsync=True))
        for run in range(options.runs):
            database_url = server.create() if server else ""
            measure_run(options, root / f"data-{run}", database_url, settings, names, ports, figures)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors; median of {options.runs} runs of "
        f"{options.seconds:g} s each; {len(names)} fields\n"
    )
    figures.show()


def measure_run(
    options: argparse.Namespace,
    data: Path,
    database_url: str,
    settings: dict[str, str],
    names: list[str],
    ports: list[int],
    figures: Figures,
) -> None:
    """Measure every case once. Each server has the machine to itself, and each ledger begins empty."""
    for connections in options.connections:
        figures.add("bare group commit", connections, *group_commit(data.parent, connections, options.seconds))
    with shops(settings | {"ETALASE_DATA": str(data)}, ports[:1]) as found:
        page_bytes = review_size(ports[0])
        for connections in options.connections:
            figures.add_load(ORDERS, connections, measure(found, "orders", connections, options.seconds), PLACING)
    if database_url:
        shared = {"ETALASE_DATA": f"{data}-shared", "DATABASE_URL": database_url}
        with shops(settings | shared, ports) as found:
            for connections in options.connections:
                figures.add_load(TWO_DESKS, connections, measure(found, "orders", connections, options.seconds))
    bare = [sys.executable, "-m", "bench.floors", str(ports[0]), ",".join(names), str(page_bytes)]
    for kind, line in BARE.items():
        with running(bare, ports[0], "", {}):
            for connections in options.connections:
                figures.add_load(line, connections, measure(ports[:1], kind, connections, options.seconds))


if __name__ == "__main__":
    main()
