"""
The Google spreadsheet behind the order desk, over HTTP: exactly one row per order whatever Google does, at the pace that it
allows.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from intake import checkup
from intake.ledger import outbox
from intake.ledger.store import orders_by_ids
from intake.settings import Settings, read_settings
from intake.sheet import (
    NotesInMemory,
    SheetError,
    SheetGone,
    SheetInDoubt,
    SheetKeyWrong,
    SheetNotShared,
    SheetPaced,
    opening,
)
from intake.sheet.columns import EDITABLE, IDENTITY, LINES, ORDERS
from intake.sheet.connected import KEY as CONNECTED
from intake.sheet.connected import Connected, to_text
from intake.sheet.google import GoogleSheet
from intake.sheet.google_fence import KEEP_MOST, KEEP_MS, KEY, QUIET_MS, fence_from
from intake.sheet.google_http import GoogleClient, Pace
from intake.sheet.google_recall import recall_google
from intake.sheet.google_write import Plan
from preorder.status import Status
from tests.intake.conftest import Counter
from tests.intake.google_bench import AT_ONCE, DoubleBook, GoogleBench, connected, opened_counter
from tests.intake.google_hands import put
from tests.makers import make_catalogue, make_request
from tests.sheets_double import faults
from tests.sheets_double.clocks import VirtualClock
from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.faults import Fault, Planted

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make_bench(tmp_path: Path, double: SheetsDouble, google_key: Path) -> Iterator[Callable[..., GoogleBench]]:
    """Give a function that makes a desk with a spreadsheet."""
    with contextlib.ExitStack() as opened:

        def make(**options: Any) -> GoogleBench:
            made = sum(1 for _ in tmp_path.iterdir())
            counter = opened.enter_context(opened_counter(tmp_path / f"shop-{made}"))
            bench = GoogleBench(counter, double, google_key, **options)
            opened.callback(bench.close)
            return bench

        yield make


def place(bench: GoogleBench, number: int) -> str:
    """Place an order of a buyer of her own."""
    request = make_request(name=f"Pembeli {number}", phone=f"+62812{number:07}")
    return bench.counter.place(request).ref


def run(bench: GoogleBench, rounds: int = 8) -> list[SheetError]:
    """Do rounds, whatever they say, until nothing waits; give what they said."""
    errors = []
    for _ in range(rounds):
        try:
            if bench.delivery.sync().waiting == 0:
                break
        except SheetError as error:
            errors.append(error)
        bench.counter.clock.move(seconds=2)
    return errors


def waiting(counter: Counter) -> int:
    with counter.reader.begin() as connection:
        return outbox.waiting_rows(connection).rows


FAULTS = {
    "503 page, done": faults.server_error(503, html=True, applied=True),
    "503 page, not done": faults.server_error(503, html=True),
    "500 json, done": faults.server_error(500, html=False, applied=True),
    "reset, done": faults.reset(applied=True),
    "reset, not done": faults.reset(),
    "hangs, done": faults.hang(applied=True),
    "hangs, not done": faults.hang(),
    "half an answer": faults.truncated(),
    "no json": faults.garbage(),
    "429": faults.too_many(),
    "401": faults.unauthorized(),
    "403": faults.not_shared(),
    "404": faults.gone(),
}


@pytest.mark.parametrize("restarted", [False, True], ids=["goes on", "restarts"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_failure_of_a_write_leaves_one_row(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble, fault: Fault, *, restarted: bool
) -> None:
    """
    An update and two new orders in one write that goes wrong, met by the same process or by the next one: each stands
    once, as it should, and our own words are nobody's command.
    """
    # Only where nothing ever comes is it short: elsewhere a machine that pauses would be taken for the fault.
    bench = make_bench(timeout=(2.0, 2.0) if fault.way == "hang" else (10.0, 20.0))
    first = place(bench, 1)
    run(bench)
    bench.counter.desk.claim_payment(bench.counter.order(first).token, bench.counter.clock())
    refs = [first, place(bench, 2), place(bench, 3)]
    planted = double.plant(fault)
    # A token that is refused is asked for anew, and the request repeated: that one was never looked at.
    with contextlib.suppress(SheetError) if fault.status == 401 else pytest.raises(SheetError):
        bench.delivery.sync()
    assert planted.reached.is_set()
    planted.release()
    if restarted:
        bench.restart()
    run(bench)
    assert waiting(bench.counter) == 0
    assert bench.refs() == refs
    assert [row["ref"] for row in bench.shown("Rincian", LINES) if row["ref"]] == refs
    assert next(row["status"] for row in bench.shown("Pesanan") if row["ref"]) == "Menunggu verifikasi"
    order = bench.counter.order(first)
    assert (order.status, [event.event for event in order.events]) == (
        Status.PAYMENT_CLAIMED,
        ["placed", "payment_claimed"],
    )
    assert all(not row["message"] for row in bench.shown("Pesanan"))


def land_before(bench: GoogleBench, double: SheetsDouble, call: int) -> Planted:
    """Have a write cut off and landing right before a later call of ours."""
    planted = double.plant(faults.late(way="reset"))
    with pytest.raises(SheetInDoubt):
        bench.delivery.sync()
    double.between(call, planted.land)
    return planted


@pytest.mark.parametrize("call", range(8))
@pytest.mark.parametrize("restarted", [False, True], ids=["goes on", "restarts"])
def test_a_write_that_lands_late(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble, call: int, *, restarted: bool
) -> None:
    """
    It lands before any later call of ours: before its number is used up it counts, afterwards Google refuses it. One row
    each time, and an old word of ours is nobody's command.
    """
    bench = make_bench()
    first = place(bench, 1)
    bench.delivery.sync()
    bench.counter.desk.claim_payment(bench.counter.order(first).token, bench.counter.clock())
    second = place(bench, 2)
    planted = land_before(bench, double, call)
    if restarted:
        bench.restart()
    # Meanwhile the ledger goes on: what is on its way are old words by now.
    with bench.counter.reader.begin() as connection:
        ids = [record.order_id for record in outbox.sheet_records(connection, [first]).values()]
        assert orders_by_ids(connection, ids)
    third = place(bench, 3)
    for _ in range(5):
        run(bench)
        bench.delivery.sync()
    planted.land()
    run(bench)
    bench.settle()
    assert planted.landed_status in {200, 400}
    assert bench.refs() == [first, second, third]
    assert bench.counter.order(first).status is Status.PAYMENT_CLAIMED
    assert waiting(bench.counter) == 0


class Unfenced(GoogleSheet):
    """The twin: it sends again after a failure without a fence that the first one would meet."""

    def settle(self) -> None:
        assert self._looker is not None
        self._fence = None
        self._looker.forget()


class Unread(GoogleSheet):
    """The twin: what was answered with "done" counts as written, and nobody reads it back."""

    def _read_back(self, made: Plan) -> Any:
        self._unread = False
        self._looker.forget()


@pytest.mark.parametrize("kind", [GoogleSheet, Unfenced], ids=["ours", "planted: no fence"])
def test_without_a_fence_a_late_write_doubles(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble, kind: type[GoogleSheet]
) -> None:
    """It lands after the retry: without a fence the order stands twice."""
    bench = make_bench(kind=kind)
    ref = place(bench, 1)
    planted = double.plant(faults.late(way="reset"))
    with pytest.raises(SheetInDoubt):
        bench.delivery.sync()
    run(bench)
    planted.land()
    assert bench.refs() == ([ref] if kind is GoogleSheet else [ref, ref])


@pytest.mark.parametrize("kind", [GoogleSheet, Unread], ids=["ours", "planted: done before read back"])
def test_without_reading_back_a_moved_column_stays_wrong(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble, kind: type[GoogleSheet]
) -> None:
    """A column is inserted between our look and our write: only who reads back sees it."""
    bench = make_bench(kind=kind)
    ref = place(bench, 1)
    number = bench.book.tabs()["Pesanan"]
    wanted = {"sheetId": number, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    double.before("spreadsheets.batchUpdate", lambda: bench.book.do({"insertDimension": {"range": wanted}}))
    for _ in range(4):
        run(bench)
    rows = [row for row in bench.book.grid("Pesanan")[1:] if any(value is not None for value in row)]
    assert [row["name"] for row in bench.shown("Pesanan") if row["ref"] == ref] == ["Pembeli 1"]
    # What went astray is not cleared away by anybody who doesn't know that it is there.
    assert (len(rows) == 1) is (kind is GoogleSheet)


def refuse_nothing(bench: GoogleBench, double: SheetsDouble) -> None:
    """Let numbers not be unique, and have that found out by the probe."""
    double.google.unique_metadata_ids = False
    said = {
        "metadataKey": CONNECTED,
        "metadataValue": to_text(Connected(verdict="not_refused")),
        "visibility": "PROJECT",
    }
    bench.book.do({"createDeveloperMetadata": {"developerMetadata": {**said, "location": {"spreadsheet": True}}}})


@pytest.mark.parametrize("lands_after_s", [0, 100, None])
def test_where_numbers_are_not_unique_it_waits(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble, lands_after_s: int | None
) -> None:
    """
    The probe's other verdict: after a failure nothing is sent for as long as Google may be at work, across a restart;
    then a fresh read decides.
    """
    bench = make_bench()
    refuse_nothing(bench, double)
    ref = place(bench, 1)
    planted = double.plant(faults.late(way="reset"))
    with pytest.raises(SheetInDoubt):
        bench.delivery.sync()
    double.clear_log()
    for passed in range(0, QUIET_MS // 1000, 20):
        if lands_after_s is not None and passed >= lands_after_s:
            planted.land()
        if passed == 60:
            bench.restart()
        with pytest.raises(SheetInDoubt) as caught:
            bench.delivery.sync()
        assert caught.value.wait_s is not None and 0 < caught.value.wait_s <= 60
        bench.counter.clock.move(seconds=20)
    assert double.count("write") == 0
    run(bench)
    bench.settle()
    assert bench.refs() == [ref]
    assert double.count("write") == (1 if lands_after_s is None else 0)


def test_a_burst_keeps_the_pace(tmp_path: Path) -> None:
    """
    200 orders in 10 s under 60 writes a minute, Google taking a third of a second for each answer: all rows within 30 s,
    at most 20 writes, no refusal.
    """
    clock = VirtualClock()
    with SheetsDouble(clock=clock) as double, opened_counter(tmp_path / "shop") as counter:
        bench = GoogleBench(counter, double, double.write_key(tmp_path / "key.json"), pace=Pace(), clock=clock)
        bench.delivery.sync()
        double.clear_log()
        double.latency_s = 0.33
        began, placed, done_at = clock.now(), 0, None
        while clock.now() < began + 60:
            while placed < min(200, (clock.now() - began) * 20):
                placed += 1
                place(bench, placed)
            bench.delivery.sync()
            if placed == 200 and done_at is None and waiting(counter) == 0:
                done_at = clock.now() - began
            counter.clock.move(seconds=2)
            clock.advance(2)
        assert done_at is not None and done_at <= 30
        assert double.count("write") <= 20
        assert all(call.status == 200 for call in double.made("api"))
        refs = bench.refs()
        assert len(refs) == len(set(refs)) == 200
        bench.close()


def fill(book: DoubleBook, rows: int, live: int) -> None:
    """Let so many orders stand in the orders tab, the last of them live."""
    number = book.tabs()["Pesanan"]
    values = []
    for count in range(rows):
        row: dict[str, Any] = {column.code: None for column in ORDERS.columns}
        row |= {"ref": f"NST-{count * 7919 % 99991:05}", "status": "Lunas" if count >= rows - live else "Selesai"}
        row |= {
            "name": f"Rani Contoh {count}",
            "whatsapp": f"0812-{count:04}-1234",
            "summary": "2 x Nastar",
            "total": 150000,
        }
        row |= {
            "address": f"Jl. Melati No. {count}, Bandung",
            "placed_at": f"Minggu, 22 November 2026 {count % 24}.05 WIB",
        }
        row |= {"courier": "JNE", "tracking": f"JP{count:08}", "chat": f"https://wa.me/62812{count:08}"}
        values.append([row[column.code] for column in ORDERS.columns])
    book.do(put(number, 1, 0, *values))


def test_a_large_sheet_costs_one_read_of_what_lives(double: SheetsDouble, google_key: Path) -> None:
    """
    5,000 orders of which fifty live: a poll is one call, and no larger than the refs and the watched cells of the live
    rows; an edit in a live row shows at once, one in an ended row within ten minutes.
    """
    book = connected(double, rows=5_010)
    fill(book, 5_000, 50)
    now = [0.0]
    pace = dataclasses.replace(Pace(), calls_per_minute=6000)
    client = GoogleClient(book.id, str(google_key), base_url=double.url, pace=pace, clock=lambda: now[0])
    sheet = GoogleSheet(client, language="id")
    assert len(sheet.read().rows) == 5_000
    places = {column.code: number for number, column in enumerate(ORDERS.columns)}
    letters = sorted(chr(ord("A") + places[code]) for code in (*EDITABLE, *IDENTITY))
    double.clear_log()
    client.batch_get(
        ["'Pesanan'!1:1", "'Pesanan'!A1:A", *(f"'Pesanan'!{letter}4952:{letter}5001" for letter in letters)]
    )
    (needed,) = double.made("read")
    sizes = []
    for _ in range(5):
        now[0] += 10
        double.clear_log()
        assert not sheet.changed()
        (poll,) = double.made("api")
        sizes.append(poll.response_bytes)
    # The strip of ended rows that comes with each poll: an edit there is not to stay unseen.
    assert max(sizes) < 1.2 * needed.response_bytes
    book.do(put(book.tabs()["Pesanan"], 4_990, places["courier"], ["SiCepat"]))
    now[0] += 10
    assert sheet.changed()
    assert sum(row.values.get("courier") == "SiCepat" for row in sheet.read().rows) == 1
    book.do(put(book.tabs()["Pesanan"], 2_500, places["seller_note"], ["retur"]))
    polls = 0
    now[0] += 10
    while not sheet.changed():
        polls += 1
        now[0] += 10
    assert polls <= 60
    client.close()


def test_it_asks_less_often_while_nothing_happens(double: SheetsDouble, google_key: Path) -> None:
    """Every ten seconds, and after ten quiet minutes every thirty."""
    now = [0.0]
    client = GoogleClient(connected(double).id, str(google_key), base_url=double.url, pace=Pace(), clock=lambda: now[0])
    sheet = GoogleSheet(client, language="id")
    sheet.read()
    counts = []
    for _ in range(4):
        double.clear_log()
        for _second in range(300):
            now[0] += 1
            assert not sheet.changed()
        counts.append(double.count("read"))
    assert counts[0] in {29, 30} and counts[-1] in {9, 10}
    client.close()


def test_google_away_for_an_hour_and_the_shop_killed(tmp_path: Path, double: SheetsDouble, google_key: Path) -> None:
    """
    An order every half minute for an hour in which Google fails in every way, and five SIGKILLs: complete within two
    minutes of its return, nothing twice. The waiting takes no time; the kills are real.
    """
    book = connected(double, rows=200)
    root = tmp_path / "shop"
    root.mkdir()
    ways = [faults.server_error(applied=True), faults.reset(), faults.server_error(), faults.reset(applied=True),
            faults.late(way="reset"), faults.truncated(), faults.hang()]  # fmt: skip

    def plant() -> list[Planted]:
        return [double.plant(ways[number % len(ways)], "api") for number in range(400)]

    double.plant(faults.server_error(applied=True))
    at = 0.0
    planted: list[Planted] = []
    for kill in range(6):
        planted += plant()
        at = work(root, double, book, google_key, start_s=at, until_s=3600, stop_at_s=600 * (kill + 1), kill=kill < 5)
    for each in planted:
        each.cancel()
        each.release()
        each.land()
    ended = work(root, double, book, google_key, start_s=at, until_s=3600, stop_at_s=None, kill=False)
    assert ended - max(at, 3600) <= 120
    grid = book.grid("Pesanan")
    refs = [row[0] for row in grid[1:] if row[0]]
    assert len(refs) == len(set(refs)) == 120
    with contextlib.closing(sqlite3.connect(root / "etalase.sqlite3")) as ledger:
        assert sorted(ref for (ref,) in ledger.execute("SELECT ref FROM orders")) == sorted(refs)
        assert ledger.execute("SELECT count(*) FROM outbox WHERE state <> 'done'").fetchone() == (0,)
        assert ledger.execute("SELECT count(*) FROM events WHERE event <> 'placed'").fetchone() == (0,)


def work(
    root: Path,
    double: SheetsDouble,
    book: DoubleBook,
    key: Path,
    *,
    start_s: float,
    until_s: float,
    stop_at_s: float | None,
    kill: bool,
) -> float:
    """Let a worker run up to a moment of its clock, and end it there; give that moment."""
    command = [
        sys.executable,
        "-m",
        "tests.intake.google_shop",
        str(root),
        double.url,
        book.id,
        str(key),
        str(start_s),
        str(until_s),
    ]
    at = start_s
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            at = float(line.split()[0])
            if stop_at_s is not None and at >= stop_at_s:
                worker.kill() if kill else worker.terminate()
                break
        worker.wait(60)
    assert stop_at_s is not None or worker.returncode == 0
    return at


def test_old_fences_are_taken_away(make_bench: Callable[..., GoogleBench]) -> None:
    """After a day; a spreadsheet holds 30,000 characters of them and no more. The one that tells the edition stays."""
    bench = make_bench()
    for number in range(3):
        place(bench, number)
        bench.delivery.sync()
        bench.counter.clock.move(minutes=10)
    assert len(fences(bench)) == 3
    bench.counter.clock.move(days=1)
    bench.restart()
    bench.delivery.sync()
    place(bench, 4)
    bench.delivery.sync()
    assert len(fences(bench)) == 2
    assert KEEP_MOST * (len(KEY) + 40) * 2 < 30_000
    assert KEEP_MS == 24 * 3600 * 1000


def fences(bench: GoogleBench) -> list[dict[str, Any]]:
    book = bench.double.google.spreadsheets[bench.book.id].book
    return [each for each in book.metadata.values() if each["metadataKey"] == KEY]


def test_the_number_is_noted_before_anything_is_sent(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble
) -> None:
    """A crash right before the write leaves a number in the ledger that can be used up."""
    bench = make_bench()
    place(bench, 1)
    noted: list[Any] = []
    double.before("createDeveloperMetadata", lambda: noted.append(fence_from(bench.sheet._notes.load()["fence"])))
    bench.delivery.sync()
    (call,) = double.made("createDeveloperMetadata")
    sent = call.body["requests"][0]["createDeveloperMetadata"]["developerMetadata"]
    assert noted[0].number == sent["metadataId"]
    assert bench.sheet._notes.load()["fence"] == ""


def test_nothing_that_is_kept_names_anybody(make_bench: Callable[..., GoogleBench], double: SheetsDouble) -> None:
    """Notes and fences hold numbers, refs and places; no name, phone number or word of a buyer."""
    bench = make_bench()
    bench.counter.place(make_request(name="Ibu Rahasia", phone="+6281200009999", note="kode pagar"))
    double.plant(faults.server_error())
    with pytest.raises(SheetInDoubt):
        bench.delivery.sync()
    kept = json.dumps([bench.sheet._notes.load(), fences(bench)])
    run(bench)
    kept += json.dumps([bench.sheet._notes.load(), fences(bench)])
    assert not any(word in kept for word in ("Rahasia", "9999", "pagar"))


@pytest.mark.parametrize("gone", ["unshared", "for reading", "deleted", "key"])
def test_what_needs_a_hand_is_told_and_then_filled(
    make_bench: Callable[..., GoogleBench], double: SheetsDouble, gone: str
) -> None:
    """Orders go on; once it is put right the gap is filled, once."""
    bench = make_bench()
    first = place(bench, 1)
    bench.delivery.sync()
    second = place(bench, 2)
    spreadsheet = double.google.spreadsheets[bench.book.id]
    account = double.account
    if gone == "unshared":
        del spreadsheet.shares[account]
    elif gone == "for reading":
        spreadsheet.shares[account] = "reader"
    elif gone == "deleted":
        double.remove(bench.book.id)
    else:
        double.accounts.revoke(account)
    kinds = {"unshared": SheetNotShared, "for reading": SheetNotShared, "deleted": SheetGone, "key": SheetKeyWrong}
    for _ in range(3):
        with pytest.raises(kinds[gone]) as caught:
            bench.delivery.sync()
        assert caught.value.permanent and caught.value.wait_s == 900
    assert waiting(bench.counter) == 1
    if gone == "deleted":
        double.put_back(spreadsheet)
    elif gone == "key":
        double.accounts.by_email[account].revoked = False
    else:
        spreadsheet.shares[account] = "writer"
    run(bench)
    assert bench.refs() == [first, second]


def test_an_older_version_that_is_brought_back_commands_nothing(make_bench: Callable[..., GoogleBench]) -> None:
    """She restores yesterday's version of the spreadsheet: its statuses are not her wishes of today."""
    bench = make_bench()
    ref = place(bench, 1)
    bench.delivery.sync()
    spreadsheet = bench.double.google.spreadsheets[bench.book.id]
    yesterday = spreadsheet.book.copy()
    number = bench.book.tabs()["Pesanan"]
    bench.book.do(put(number, 1, 1, ["DP diterima"]))
    bench.settle()
    assert bench.counter.order(ref).status is Status.DEPOSIT_PAID
    with bench.double.lock:
        spreadsheet.commit(yesterday)
    bench.settle()
    order = bench.counter.order(ref)
    assert (order.status, order.received > 0) == (Status.DEPOSIT_PAID, True)
    (row,) = [row for row in bench.shown("Pesanan") if row["ref"]]
    assert row["status"] == "DP diterima" and row["message"]


def test_everything_can_be_recalled(make_bench: Callable[..., GoogleBench], google_key: Path) -> None:
    """What a restored ledger is compared with: all columns of both tabs, and the edition of our last write."""
    bench = make_bench()
    refs = [place(bench, number) for number in range(3)]
    bench.delivery.sync()
    client = GoogleClient(bench.book.id, str(google_key), base_url=bench.double.url, pace=AT_ONCE)
    found = recall_google(client, "id")
    assert [row.ref for row in found.rows] == refs
    assert {column.code for column in ORDERS.columns} == set(found.rows[0].values)
    assert found.rows[0].lines[0]["product"] == "Nastar"
    with bench.counter.reader.begin() as connection:
        assert found.edition == outbox.sheet_editions(connection).landed != ""
    client.close()


def test_it_says_when_too_much_is_asked(double: SheetsDouble, google_key: Path) -> None:
    """Beyond its own pace it asks nothing, and says how long that will be so."""
    client = GoogleClient(connected(double).id, str(google_key), base_url=double.url, pace=Pace(), clock=lambda: 0.0)
    sheet = GoogleSheet(client, language="id", notes=NotesInMemory())
    waits: list[float] = []
    for _ in range(20):
        try:
            sheet.read()
        except SheetPaced as error:
            waits.append(error.wait_s or 0)
    assert waits and all(0 < wait < 60 for wait in waits)
    assert double.count("read") <= 15
    client.close()


def test_doctor_says_what_to_put_right(double: SheetsDouble, google_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at the spreadsheet itself: how many orders, and whom it must be shared with again."""
    book = connected(double)
    book.do(put(book.tabs()["Pesanan"], 1, 0, ["NST-0001"]))
    settings = read_settings(
        {
            "ETALASE_SHEET": f"google:{book.id}",
            "GOOGLE_APPLICATION_CREDENTIALS": str(google_key),
            "ETALASE_SHEETS_API": double.url,
        }
    )
    opened: list[GoogleClient] = []
    open_client = opening.open_client

    def remembered(settings: Settings) -> GoogleClient:
        opened.append(open_client(settings))
        return opened[-1]

    monkeypatch.setattr(opening, "open_client", remembered)
    (good,) = checkup._sheet(settings, make_catalogue(), str)
    assert good.grade is checkup.Grade.GOOD and "1" in good.text and book.id in good.text
    del double.google.spreadsheets[book.id].shares[double.account]
    (bad,) = checkup._sheet(settings, make_catalogue(), str)
    assert bad.grade is checkup.Grade.BAD and double.account in bad.advice
    for client in opened:
        client.close()


def test_a_workbook_needs_nothing_of_google() -> None:
    """A shop with a workbook starts without loading what talks to Google."""
    program = (
        "import sys; from intake.workers import Shop; from intake.sheet.opening import open_sheet;"
        "sys.exit(any(name in sys.modules for name in ('gspread', 'google.auth', 'intake.sheet.google')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=False).returncode == 0


def test_no_address_gets_too_long(make_bench: Callable[..., GoogleBench], double: SheetsDouble) -> None:
    """However her rows and columns are scattered: many servers refuse an address of more than 8,000 characters."""
    bench = make_bench()
    for number in range(60):
        place(bench, number)
    bench.delivery.sync()
    sheet = bench.book.tabs()["Pesanan"]
    insert = {"sheetId": sheet, "dimension": "COLUMNS"}
    for column in range(20, 0, -2):
        wanted = {**insert, "startIndex": column, "endIndex": column + 1}
        bench.book.do({"insertDimension": {"range": wanted, "inheritFromBefore": True}})
    status = bench.book.grid("Pesanan")[0].index("Status")
    for row in range(2, 60, 3):
        bench.book.do(put(sheet, row, status, ["Batal (penjual)"]))
    title = "Pesanan Lebaran dari Dapur Contoh 2026 🎂"
    bench.book.do({"updateSheetProperties": {"properties": {"sheetId": sheet, "title": title}, "fields": "title"}})
    run(bench)
    bench.settle()
    place(bench, 61)
    bench.settle()
    assert waiting(bench.counter) == 0
    assert max(len(call.path) for call in double.made("api")) < 8_000
