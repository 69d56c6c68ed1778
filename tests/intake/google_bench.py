"""A desk with a Google spreadsheet behind it: over HTTP, against the double."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from intake.delivery import Delivery
from intake.desk import Desk
from intake.language import translations
from intake.ledger.engine import open_reader, open_writer
from intake.ledger.folder import DataFolder
from intake.ledger.migrate import ensure_current
from intake.ledger.notes import LedgerNotes
from intake.ledger.writer import Writer
from intake.order_rows import Wording
from intake.settings import Settings
from intake.sheet.columns import TABS, Tab, find_header
from intake.sheet.google import GoogleSheet
from intake.sheet.google_http import GoogleClient, Pace
from preorder.campaign import WHOLE
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.google_hands import Hand, put
from tests.makers import make_campaign, make_catalogue
from tests.sheets_double import batch, faults
from tests.sheets_double.double import SELLER, SheetsDouble
from tests.sheets_double.job import Job
from tests.sheets_double.model import Formula

# No waiting between calls, and none for the quota.
AT_ONCE = Pace(0, 0, 600, 0, 60_000)
PLENTY = {WHOLE: 100_000, "nastar/250g": 100_000}
WORDING = Wording("id", "WIB", translations(Settings.templates, "id"))


class DoubleBook:
    """A spreadsheet of the double as its owner has it open: google_hands.Book."""

    def __init__(self, double: SheetsDouble, number: str) -> None:
        self._double = double
        self.id = number

    def do(self, *requests: dict[str, Any]) -> None:
        google = self._double.google
        with self._double.lock:
            spreadsheet = google.spreadsheets[self.id]
            job = Job(spreadsheet.book.copy(), SELLER, google.today(), is_owner=True)
            batch.run(job, list(requests))
            google.commit(spreadsheet, job.book)

    def tabs(self) -> dict[str, int]:
        return {tab.title: tab.sheet_id for tab in self._tabs()}

    def grid(self, title: str) -> list[list[Any]]:
        with self._double.lock:
            tab = next(each for each in self._tabs() if each.title == title)
            width = len(tab.columns)
            return [[_typed(row.cells.get(column)) for column in range(width)] for row in tab.rows]

    def _tabs(self) -> list[Any]:
        found: list[Any] = self._double.google.spreadsheets[self.id].book.tabs
        return found


def _typed(cell: Any) -> Any:
    if cell is None or cell.entered is None:
        return None
    return cell.entered.text if isinstance(cell.entered, Formula) else cell.entered


def connected(double: SheetsDouble, *, rows: int = 60) -> DoubleBook:
    """Give a spreadsheet with our tabs and their headers, as connecting it leaves it."""
    book = DoubleBook(double, double.create(tabs=[tab.titles["id"] for tab in TABS]).id)
    for tab in TABS:
        number = book.tabs()[tab.titles["id"]]
        book.do(
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": number, "gridProperties": {"rowCount": rows, "columnCount": 26}},
                    "fields": "gridProperties.rowCount,gridProperties.columnCount",
                }
            },
            put(number, 0, 0, [column.headers["id"] for column in tab.columns]),
        )
    return book


class GoogleBench:
    """
    A counter with a spreadsheet behind it.

    Attributes:
        book: the seller's hands. sheet, delivery: as a freshly started shop has them. hand_came: whether the hand that
            was announced has come in.
    """

    wording = WORDING

    def __init__(
        self,
        counter: Counter,
        double: SheetsDouble,
        key: Path,
        *,
        pace: Pace = AT_ONCE,
        kind: type[GoogleSheet] = GoogleSheet,
        book: DoubleBook | None = None,
        **client: Any,
    ) -> None:
        self.counter, self.double = counter, double
        self.book = book or connected(double)
        self._key, self._pace, self._kind, self._client = key, pace, kind, client
        self._opened: list[GoogleClient] = []
        self.hand_came = True
        self.restart()

    def restart(self) -> None:
        """Begin as a fresh process: nothing is known but what the ledger holds."""
        options = {"timeout": (2.0, 5.0), **self._client}
        client = GoogleClient(self.book.id, str(self._key), base_url=self.double.url, pace=self._pace, **options)
        self._opened.append(client)
        notes = LedgerNotes(self.counter.reader, self.counter.writer, self.book.id)
        self.sheet = self._kind(client, language="id", notes=notes, now=self.counter.clock)
        self.delivery = Delivery(
            self.sheet, self.counter.writer, self.counter.reader, lambda: self.wording, self.counter.clock
        )

    def close(self) -> None:
        """Close what was opened."""
        for client in self._opened:
            client.close()

    def settle(self) -> None:
        """Do rounds until nothing is new."""
        for _ in range(3):
            self.delivery.sync()

    def before_call(self, number: int, hand: Hand, see: Callable[[], Any]) -> list[Any]:
        """Have her come in before the call of this number, from 1; give what she sees then, once it has happened."""
        seen: list[Any] = []
        self.hand_came = False

        def come() -> None:
            hand.do(self.book)
            seen.append(see())
            self.hand_came = True

        self.double.between(number - 1, come)
        return seen

    def lose_answer(self, *, landed: bool) -> None:
        """Let the answer to the next write be lost, after it was done or before."""
        self.double.plant(faults.server_error(503, html=True, applied=landed))

    def is_tab(self, title: str, tab: Tab) -> bool:
        """Say whether a tab is this one of ours, whatever it is called."""
        headers = {header.casefold() for column in tab.columns for header in column.headers.values()}
        return any(
            2 * sum(1 for value in row if str(value or "").strip().casefold() in headers) >= len(tab.columns)
            for row in self.book.grid(title)[:50]
        )

    def shown(self, title: str, tab: Tab = TABS[0]) -> list[dict[str, Any]]:
        """Give what stands below the header: code of a column -> value as typed."""
        grid = self.book.grid(title)
        header = find_header(tab, title, grid[:50], "id")
        rows = [{code: row[place - 1] for code, place in header.places.items()} for row in grid[header.row :]]
        return [{**row, "ref": str(row["ref"]).upper() if row["ref"] else None} for row in rows]

    def refs(self, title: str = "Pesanan") -> list[str]:
        """Give the refs that stand in the orders tab, from the top."""
        return [row["ref"] for row in self.shown(title) if row["ref"]]


@contextlib.contextmanager
def opened_counter(folder: Path) -> Iterator[Counter]:
    """Give a desk on a fresh SQLite ledger in a folder, with one campaign that never sells out."""
    folder.mkdir()
    (folder / "etalase.sqlite3").write_bytes(_fresh_ledger())
    engine = open_writer(f"sqlite:///{folder / 'etalase.sqlite3'}")
    reader, writer = open_reader(f"sqlite:///{folder / 'etalase.sqlite3'}"), Writer(engine, on_fatal=_not_fatal)
    writer.start()
    clock, catalogue = Clock(), FixedCatalogue(make_catalogue(make_campaign(pools=PLENTY)))
    with DataFolder(folder) as data:
        desk = Desk(writer, reader, b"test-key", data.path, catalogue, clock)
        yield Counter(data, engine, reader, writer, clock, catalogue, desk)
        reader.dispose()
        assert writer.close()
        engine.dispose()


@functools.cache
def _fresh_ledger() -> bytes:
    """Give a SQLite ledger with our tables and nothing in them; made once, for making one takes a while."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.sqlite3"
        engine = open_writer(f"sqlite:///{path}")
        ensure_current(engine)
        engine.dispose()
        assert not path.with_name(path.name + "-wal").exists()
        return path.read_bytes()


def _not_fatal(error: BaseException) -> None:
    raise AssertionError(f"the ledger failed in a test: {error!r}")
