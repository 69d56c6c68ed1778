"""
Orders a second and their tail, at 1, 8 and 32 connections, beside two floors of the same run.

`python -m bench.orders [--seconds S] [--runs N]`. An order is the whole flow: the form posted, the review answered, the
order placed and on the disk.
Floors: bare group commit (no web), and a bare Flask + WTForms form posted twice (no pages, no ledger), behind the same
server. Cases take turns run by run, so that a machine that slows down slows all of them; the median of the runs is
printed.
"""

from __future__ import annotations

import argparse
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
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.floors import group_commit

CHECKOUT = Path(__file__).resolve().parent.parent
CONNECTIONS = (1, 8, 32)
SLUG = "kue"

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
    "qty": "1",
}  # fmt: skip


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def measure(port: int, kind: str, connections: int, seconds: float) -> dict[str, Any]:
    """Run the client in a process of its own."""
    task = {"port": port, "slug": SLUG, "fields": FIELDS, "connections": connections, "seconds": seconds, "kind": kind}
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


def tail(waits: list[float]) -> float:
    """Give the 99th percentile in milliseconds."""
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--seconds", type=float, default=4.0, help="of load for each figure (default: 4)")
    parser.add_argument("--runs", type=int, default=3, help="of which the median is printed (default: 3)")
    options = parser.parse_args()
    figures: dict[tuple[str, int], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        content = root / "content"
        (content / "campaigns").mkdir(parents=True)
        (content / "shop.md").write_text(SHOP, encoding="utf-8")
        today = datetime.now().astimezone().date()
        text = CAMPAIGN.format(opens=today - timedelta(days=2), closes=today + timedelta(days=30))
        (content / "campaigns" / f"{SLUG}.md").write_text(text, encoding="utf-8")
        build = [sys.executable, "build.py", "--content", str(content), "--output", str(root / "site")]
        subprocess.run(build, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        shop_port, bare_port = free_port(), free_port()
        settings = {
            "ETALASE_CONTENT": str(content), "ETALASE_SITE": str(root / "site"), "ETALASE_DATA": str(root / "data"), "PORT": str(shop_port),
            "HOST": "127.0.0.1", "ETALASE_SHEET": str(root / "data" / "orders.xlsx"),
        }  # fmt: skip
        bare = [sys.executable, "-m", "bench.floors", str(bare_port)]
        for _run in range(options.runs):
            for connections in CONNECTIONS:
                rate, waits = group_commit(root, connections, options.seconds)
                figures.setdefault(("bare group commit", connections), []).append((rate, tail(waits)))
            # Each server has the machine to itself while it is measured, and a ledger of its own each run: one that
            # grows would be compared with one that is empty.
            with running(bare, bare_port, "", {}):
                for connections in CONNECTIONS:
                    found = measure(bare_port, "bare", connections, options.seconds)
                    both = [a + b for a, b in zip(found["reviews"], found["placings"], strict=True)]
                    figures.setdefault(("bare Flask + WTForms, 2 posts", connections), []).append(
                        (found["orders"] / found["seconds"], tail(both))
                    )
            settings["ETALASE_DATA"] = str(root / f"data-{_run}")
            settings["ETALASE_SHEET"] = str(root / f"data-{_run}" / "orders.xlsx")
            shop = [sys.executable, "-m", "flask", "--app", "intake", "run-shop"]
            with running(shop, shop_port, "/readyz", settings):
                for connections in CONNECTIONS:
                    found = measure(shop_port, "orders", connections, options.seconds)
                    both = [a + b for a, b in zip(found["reviews"], found["placings"], strict=True)]
                    rate = found["orders"] / found["seconds"]
                    figures.setdefault(("orders, review + placing", connections), []).append((rate, tail(both)))
                    figures.setdefault(("  of it the placing alone", connections), []).append(
                        (rate, tail(found["placings"]))
                    )
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors; median of {options.runs} runs of {options.seconds:g} s each\n"
    )
    print(f"{'':34}" + "".join(f"{connections:>7} conn.: /s  p99 ms" for connections in CONNECTIONS))
    for name in dict.fromkeys(name for name, _ in figures):
        row = f"{name:34}"
        for connections in CONNECTIONS:
            runs = figures[name, connections]
            row += (
                f"{statistics.median(rate for rate, _ in runs):17.0f} {statistics.median(p99 for _, p99 in runs):7.1f}"
            )
        print(row)
    for connections in CONNECTIONS:
        ratios = [
            ours[0] / floor[0]
            for ours, floor in zip(
                figures["orders, review + placing", connections],
                figures["bare Flask + WTForms, 2 posts", connections],
                strict=True,
            )
        ]
        print(f"orders / bare Flask + WTForms at {connections} connections: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
