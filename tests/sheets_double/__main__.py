"""Start the double by hand: python -m tests.sheets_double [--port N] [--folder DIR]."""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
from pathlib import Path

from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.grid import example_book

EMPTY, KEPT_BEFORE = "Toko Contoh", "Order Kue Dapur Sari"


def main() -> None:
    """Serve until Ctrl+C, and say first how to use it."""
    parser = argparse.ArgumentParser(prog="python -m tests.sheets_double", description=__doc__)
    parser.add_argument("--port", type=int, default=8900, help="default: 8900; 0 takes any that is free")
    parser.add_argument("--folder", type=Path, help="keep the spreadsheets here; default: in memory only")
    chosen = parser.parse_args()
    keys = chosen.folder or Path(tempfile.mkdtemp(prefix="sheets-double-"))
    with SheetsDouble(port=chosen.port, folder=chosen.folder) as double:
        if not double.google.spreadsheets:
            double.create(EMPTY)
            example_book(double.create(KEPT_BEFORE))
        key = double.write_key(keys / "service-account.json")
        print(f"The grid: {double.url}/")
        print(f"The service account: {double.account}")
        print(f"Its key: {key.resolve()}")
        for spreadsheet in double.google.spreadsheets.values():
            print(f"\nFor {spreadsheet.book.title!r}, in .env:")
            print(f"ETALASE_SHEET=google:{spreadsheet.id}")
            print(f"GOOGLE_APPLICATION_CREDENTIALS={key.resolve()}")
            print(f"ETALASE_SHEETS_API={double.url}")
        print("\nCtrl+C stops it.", flush=True)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()


if __name__ == "__main__":
    main()
