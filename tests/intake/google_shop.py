"""
The sheet's worker of a shop in a process of its own, on a Google spreadsheet, with a clock whose waiting takes no time.
Started, and killed, by a test.

It says on its standard output, line by line, what time its clock shows; placing an order every half minute of that time.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from intake.delivery import Delivery
from intake.language import translations
from intake.ledger import outbox
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.notes import LedgerNotes
from intake.ledger.writer import Writer
from intake.order_rows import Wording
from intake.settings import Settings
from intake.sheet import SheetError
from intake.sheet.google import GoogleSheet
from intake.sheet.google_http import GoogleClient, Pace
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.google_bench import PLENTY
from tests.makers import NOW, make_campaign, make_catalogue, make_request

EVERY_S = 30.0


def run(root: Path, address: str, spreadsheet: str, key: str, start_s: float, until_s: float) -> None:
    """
    Work from one moment of the clock to another, then until nothing waits.

    Args:
        start_s, until_s: seconds since the shop was opened; an order comes every EVERY_S of them up to until_s.
    """
    url = f"sqlite:///{root / 'etalase.sqlite3'}"
    from intake.desk import Desk
    from intake.ledger.migrate import ensure_current

    engine = open_writer(url)
    ensure_current(engine)
    reader, writer = open_reader(url), Writer(engine, on_fatal=lambda error: None)
    writer.start()
    clock, passed = Clock(NOW + timedelta(seconds=start_s)), [start_s]

    def move(seconds: float) -> None:
        clock.move(seconds=seconds)
        passed[0] += seconds

    catalogue = FixedCatalogue(make_catalogue(make_campaign(pools=PLENTY)))
    folder = DataFolder(root)
    desk = Desk(writer, reader, b"test-key", folder.path, catalogue, clock)
    counter = Counter(folder, engine, reader, writer, clock, catalogue, desk)
    client = GoogleClient(spreadsheet, key, base_url=address, timeout=(0.5, 0.5), pace=Pace(), clock=lambda: passed[0])
    wording = Wording("id", "WIB", translations(Settings.templates, "id"))
    notes = LedgerNotes(reader, writer, spreadsheet)
    delivery = Delivery(
        GoogleSheet(client, language="id", notes=notes, now=clock), writer, reader, lambda: wording, clock
    )
    while True:
        wait_s = 2.0
        try:
            delivery.sync()
        except SheetError as error:
            delivery.note_failure(error.code)
            wait_s = error.wait_s or 15.0
        with reader.begin() as connection:
            waiting = outbox.waiting_rows(connection).rows
        for number in range(int(passed[0] // EVERY_S) + 1, int(min(passed[0] + wait_s, until_s) // EVERY_S) + 1):
            counter.place(make_request(name=f"Pembeli {number}", phone=f"+62812{number:07}"), nonce=f"n-{number}")
            waiting += 1
        move(wait_s)
        print(f"{passed[0]:.3f} {waiting}", flush=True)
        if passed[0] > until_s and not waiting:
            return


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5]), float(sys.argv[6]))
