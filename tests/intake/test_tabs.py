"""The tabs beside the orders, from the ledger into a real workbook and a Google spreadsheet."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from intake import workers
from intake.checkup import Grade, _further_tabs
from intake.clock import expire_unpaid
from intake.delivery import Delivery
from intake.language import translations
from intake.leased_sheet import LeasedSheet
from intake.ledger.engine import open_writer
from intake.ledger.leases import Lease, LeaseLost
from intake.ledger.schema import orders
from intake.ledger.writer import Transaction, Writer
from intake.order_rows import Wording
from intake.placing import publish_quotas
from intake.settings import Settings, read_settings
from intake.sheet import SheetHeaderMissing, SheetInDoubt
from intake.sheet.google_fence import QUIET_MS
from intake.sheet.opening import open_sheet
from intake.sheet.tabs import SUMMARY, TabReport, TabRow
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_process import handle
from intake.summary import summary_rows
from intake.tabs import COMPARE_S, EVERY_S, TROUBLE_S, TWICE, Tabs, tab_notes
from intake.workers import Shop
from preorder.batch import Batch, Otherwise
from preorder.campaign import WHOLE, Target
from preorder.money import Rupiah
from preorder.order import LineRequest
from preorder.schedule import Days, Monthly, Schedule
from tests.intake.conftest import Counter, FixedCatalogue
from tests.intake.google_bench import GoogleBench
from tests.intake.ledger.desks import until
from tests.intake.test_google import refuse_nothing
from tests.makers import make_campaign, make_catalogue, make_request
from tests.sheets_double import faults
from tests.sheets_double.double import SheetsDouble

WORDING = Wording("id", "WIB", translations(Settings.templates, "id"))
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ROUND, JARS = "nastar-lebaran/1", "nastar-lebaran/1/nastar/250g"


class Uptime:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def make_tabs(counter: Counter, sheet: Any, uptime: Callable[[], float]) -> Tabs:
    """Give what keeps the tabs as a freshly started shop has it."""
    return Tabs(
        sheet, counter.writer, counter.reader, counter.catalogue.current, lambda: WORDING, counter.clock, uptime=uptime
    )


def rows(counter: Counter) -> dict[str, dict[str, Any]]:
    """Give the summary's rows by key."""
    with counter.reader.begin() as connection:
        found = summary_rows(connection, counter.catalogue.current(), WORDING, counter.clock())
    return {row.ref: dict(row.values) for row in found}


def jars(units: int, **buyer: Any) -> Any:
    """An order of so many jars of 250 g."""
    return make_request(None, LineRequest("nastar", "250g", units, {}), **buyer)


def test_the_summary_counts_each_pool_and_the_whole_round(counter: Counter) -> None:
    """What is taken is the sum over holding orders; what expires is free again."""
    assert rows(counter)[ROUND] | {"round": "", "pool": "", "campaign": ""} == {
        "campaign": "", "round": "", "pool": "", "quota": 100, "taken": 0, "left": 100, "remark": None, "target": None, "batch": None,
        "decide": 0, "expiring": 0,
    }  # fmt: skip
    counter.place(jars(3))
    counter.place(make_request(None, LineRequest("nastar", "500g", 2, {}), LineRequest("nastar", "250g", 1, {})))
    found = rows(counter)
    assert list(found) == [ROUND, JARS]
    assert (found[ROUND]["quota"], found[ROUND]["taken"], found[ROUND]["left"]) == (100, 6, 94)
    assert (found[JARS]["quota"], found[JARS]["taken"], found[JARS]["left"]) == (40, 4, 36)
    assert found[JARS]["pool"] == "Nastar Toples 250 g"
    counter.clock.move(days=3)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 2
    found = rows(counter)
    assert [found[ref]["taken"] for ref in (ROUND, JARS)] == [0, 0]


def test_the_summary_says_when_little_is_left_and_when_too_much_is_sold(counter: Counter) -> None:
    """Nothing is said while there is enough; a quota lowered below what is taken is a deficit with its number."""
    publish(counter, {WHOLE: 100, "nastar/250g": 12})
    counter.place(jars(8))
    assert rows(counter)[JARS]["remark"] is None
    counter.place(jars(1))
    few = rows(counter)[JARS]
    assert few["left"] == 3
    assert "3" in few["remark"]
    counter.place(jars(3))
    none = rows(counter)[JARS]
    assert none["left"] == 0
    assert none["remark"] not in {None, few["remark"]}
    publish(counter, {WHOLE: 100, "nastar/250g": 7})
    over = rows(counter)[JARS]
    assert (over["quota"], over["taken"], over["left"]) == (7, 12, 0)
    assert "5" in over["remark"]


def publish(counter: Counter, quotas: dict[str, int], **changes: Any) -> None:
    """Publish the campaign anew, with these quotas."""
    revision = counter.catalogue.catalogue.revision + 1
    counter.catalogue.catalogue = make_catalogue(make_campaign(pools=quotas, **changes), revision=revision)
    catalogue = counter.catalogue.catalogue
    counter.writer.submit(lambda tx: publish_quotas(tx, catalogue, counter.clock()))


def test_a_small_pool_that_nobody_has_taken_from_is_not_nearly_sold_out(counter: Counter) -> None:
    """The warning comes when it is reached, not on the first day."""
    publish(counter, {WHOLE: 100, "nastar/250g": 3})
    assert rows(counter)[JARS]["remark"] is None
    counter.place(jars(1))
    assert rows(counter)[JARS]["remark"] is not None


@pytest.mark.parametrize(
    ("target", "shown"),
    [(Target(units=10), "4 / 10 (40%)"), (Target(revenue=Rupiah(500_000)), "Rp260.000 / Rp500.000 (52%)")],
)
def test_the_summary_says_how_far_a_target_is_reached(counter: Counter, target: Target, shown: str) -> None:
    """In units, or in rupiah of goods without shipping."""
    publish(counter, {WHOLE: 100, "nastar/250g": 40}, target=target)
    counter.place(jars(4))
    found = rows(counter)
    assert found[ROUND]["target"] == shown
    assert "target" not in found[JARS]


def test_the_summary_counts_what_waits_for_her_and_what_is_due_today(counter: Counter) -> None:
    """A transfer that was told of, and a decision that is needed; deadlines until midnight of the shop's zone."""
    token, other = counter.place(jars(1)).token, counter.place(jars(1)).ref
    counter.place(jars(1))
    assert [rows(counter)[ROUND][code] for code in ("decide", "expiring")] == [0, 0]
    counter.clock.move(hours=14)  # it is midnight, the deadline is at 10
    assert rows(counter)[ROUND]["expiring"] == 3
    counter.desk.claim_payment(token, counter.clock())

    def ask(tx: Transaction) -> None:
        tx.execute(update(orders).where(orders.c.ref == other).values(decision_needed=1))

    counter.writer.submit(ask)
    assert [rows(counter)[ROUND][code] for code in ("decide", "expiring")] == [2, 2]


def test_a_past_round_keeps_its_row_and_its_dates(counter: Counter) -> None:
    """Each round has rows of its own; when a past one was is left as it stands in the sheet."""
    monthly = Schedule("WIB", Monthly(20, 30, "WIB"), 7, Days(7, 10))
    publish(counter, {WHOLE: 100, "nastar/250g": 40}, schedule=monthly)
    counter.place(make_request(None, LineRequest("gamis", "", 2, {"warna": "Sage"})))
    assert rows(counter)["nastar-lebaran/202611"]["taken"] == 2
    assert "round" in rows(counter)["nastar-lebaran/202611"]
    counter.clock.move(days=29)
    found = rows(counter)
    assert "round" not in found["nastar-lebaran/202611"]
    assert found["nastar-lebaran/202611"]["taken"] == 2
    assert (found["nastar-lebaran/202612"]["taken"], found["nastar-lebaran/202612"]["left"]) == (0, 100)


def test_a_coming_round_says_when_it_is(counter: Counter) -> None:
    """Its quotas are there while the one before is still open; so its row stands beside that one, with its own dates."""
    monthly = Schedule("WIB", Monthly(20, 30, "WIB"), 7, Days(7, 10))
    publish(counter, {WHOLE: 100, "nastar/250g": 40}, schedule=monthly)
    counter.place(jars(2))
    found = rows(counter)
    now, coming = (f"nastar-lebaran/{month}" for month in (202611, 202612))
    assert {now, coming, f"{now}/nastar/250g", f"{coming}/nastar/250g"} <= found.keys()
    for ref, row in found.items():
        assert row["round"] == found["/".join(ref.split("/")[:2])]["round"]
    assert found[coming]["round"] != found[now]["round"]
    # Just what it says once its turn has come.
    counter.clock.move(days=29)
    assert rows(counter)[coming]["round"] == found[coming]["round"]


@dataclasses.dataclass
class Bench:
    """A counter with a workbook behind it."""

    counter: Counter
    sheet: WorkbookSheet
    path: Path
    delivery: Delivery
    tabs: Tabs
    uptime: Uptime

    def round(self, later_s: float = EVERY_S) -> bool:
        """Do a round, so much later; say whether the tab was written."""
        self.uptime.now += later_s
        self.delivery.sync()
        return self.tabs.sync()

    def shown(self) -> dict[str, Any]:
        """Give code -> units taken, as it stands in the file."""
        tab = load_workbook(self.path)["Ringkasan"]
        head, *found = tab.iter_rows(values_only=True)
        return {str(each[head.index("Kode")]): each[head.index("Terpesan")] for each in found}


@pytest.fixture
def bench(counter: Counter, tmp_path: Path) -> Bench:
    """A counter and its workbook."""
    path = tmp_path / "orders.xlsx"
    sheet = open_sheet(read_settings({"ETALASE_SHEET": str(path)}), counter.catalogue.current())
    assert isinstance(sheet, WorkbookSheet)
    sheet._run = handle
    sheet.ensure()
    delivery = Delivery(sheet, counter.writer, counter.reader, lambda: WORDING, counter.clock)
    uptime = Uptime()
    return Bench(counter, sheet, path, delivery, make_tabs(counter, sheet, uptime), uptime)


def test_the_tab_follows_the_orders_and_is_written_only_when_something_has_changed(bench: Bench) -> None:
    """Not more often than every half minute; a fresh process compares once and writes nothing."""
    bench.counter.place(jars(2))
    assert bench.round()
    assert bench.shown() == {ROUND: 2, JARS: 2}
    bench.counter.place(jars(1))
    assert not bench.round(EVERY_S - 1)
    assert bench.round(1)
    assert bench.shown() == {ROUND: 3, JARS: 3}
    before = bench.path.stat()
    for _ in range(3):
        assert not bench.round()
    bench.tabs = make_tabs(bench.counter, bench.sheet, bench.uptime)
    assert not bench.round()
    assert bench.path.stat() == before
    assert bench.delivery.sync().written == 0


def test_a_book_that_nobody_has_read_is_not_written(bench: Bench) -> None:
    """She has saved it since: the orders' round looks at it first, and the tab follows at once."""
    bench.counter.place(jars(2))
    bench.delivery.sync()
    book = load_workbook(bench.path)
    book["Pesanan"]["A1"].value = "No. Pesanan"
    book.save(bench.path)
    assert not bench.tabs.sync()
    assert "Ringkasan" not in load_workbook(bench.path).sheetnames
    assert bench.round(0)


def test_a_tab_that_she_deleted_is_made_again_though_nothing_has_changed(bench: Bench) -> None:
    """After a while; orders that wait are not kept up by it."""
    bench.counter.place(jars(2))
    bench.round()
    book = load_workbook(bench.path)
    del book["Ringkasan"]
    book.save(bench.path)
    assert not bench.round()
    assert bench.round(COMPARE_S)
    assert bench.shown() == {ROUND: 2, JARS: 2}


def test_a_damaged_tab_is_noted_once_and_orders_go_on(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Doctor finds in the ledger what is the matter; put right, the tab is kept again, and that is noted as well."""
    bench.counter.place(jars(2))
    bench.round()
    book = load_workbook(bench.path)
    book["Ringkasan"]["E1"] = "Dipesan orang"
    book.save(bench.path)
    ref = bench.counter.place(jars(1)).ref
    for _ in range(3):
        assert not bench.round(TROUBLE_S)
    fields = {"tab": "Ringkasan", "columns": ["Terpesan"]}
    assert noted(bench.counter) == {"made": True, "trouble": SheetHeaderMissing.code, "fields": fields}
    settings = read_settings({"ETALASE_SHEET": str(bench.path)})
    with bench.counter.reader.begin() as connection:
        (finding,) = _further_tabs(settings, tab_notes(connection), str)
    assert (finding.grade, "Terpesan" in finding.advice) == (Grade.NOTICE, True)
    assert sum(record.levelname == "WARNING" for record in caplog.records) == 1
    assert ref in [row.ref for row in bench.sheet.read().rows]
    book = load_workbook(bench.path)
    book["Ringkasan"]["E1"] = "Terpesan"
    book.save(bench.path)
    assert bench.round(TROUBLE_S)
    assert noted(bench.counter)["trouble"] == ""
    with bench.counter.reader.begin() as connection:
        assert not list(_further_tabs(settings, tab_notes(connection), str))
    assert bench.shown() == {ROUND: 3, JARS: 3}


def test_rows_that_stand_twice_are_told(bench: Bench) -> None:
    """She copied a row: neither is updated, and doctor names it."""
    bench.counter.place(jars(2))
    bench.round()
    book = load_workbook(bench.path)
    tab = book["Ringkasan"]
    tab.append([cell.value for cell in tab[3]])
    book.save(bench.path)
    bench.counter.place(jars(1))
    assert bench.round()
    assert noted(bench.counter) == {"made": True, "trouble": TWICE, "fields": {"refs": [JARS.upper()]}}
    settings = read_settings({"ETALASE_SHEET": str(bench.path)})
    with bench.counter.reader.begin() as connection:
        (finding,) = _further_tabs(settings, tab_notes(connection), str)
    assert JARS.upper() in finding.advice


def noted(counter: Counter) -> dict[str, Any]:
    """Give what the ledger keeps of the summary."""
    with counter.reader.begin() as connection:
        return tab_notes(connection)[SUMMARY.code]


@pytest.fixture
def google(counter: Counter, double: SheetsDouble, google_key: Path) -> Any:
    """A counter and its spreadsheet."""
    made = GoogleBench(counter, double, google_key)
    yield made
    made.close()


WANTED = [TabRow(ROUND, {"campaign": "Nastar", "taken": 2}), TabRow(JARS, {"campaign": "Nastar", "taken": 1})]


def show(google: GoogleBench, *, known: bool = False) -> TabReport:
    """Show two rows."""
    return google.sheet.show_tab(SUMMARY, WANTED, known=known)


def summaries(google: GoogleBench) -> list[str]:
    """Give the keys that stand in all tabs that are like the summary."""
    titles = [title for title in google.book.tabs() if google.is_tab(title, SUMMARY)]
    return [row["ref"] for title in titles for row in google.shown(title, SUMMARY) if row["ref"]]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("landed", [False, True])
def test_whatever_becomes_of_a_write_each_row_stands_once(
    google: GoogleBench, *, landed: bool, restarted: bool
) -> None:
    """The answer is lost, before or after it was done; by the same process or the next one."""
    google.lose_answer(landed=landed)
    with pytest.raises(SheetInDoubt):
        show(google)
    if restarted:
        google.restart()
    report = show(google)
    assert (report.stands, report.made) == (True, not landed)
    assert summaries(google) == [ROUND.upper(), JARS.upper()]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_write_that_lands_late_can_not_double_a_row(
    google: GoogleBench, double: SheetsDouble, *, restarted: bool
) -> None:
    """It is on its way for long, and arrives after its number was used up."""
    google.sheet.show_tab(SUMMARY, WANTED[:1], known=False)
    planted = double.plant(faults.late(way="reset"))
    with pytest.raises(SheetInDoubt):
        show(google, known=True)
    if restarted:
        google.restart()
    assert show(google, known=True).stands
    planted.land()
    report = show(google, known=True)
    assert (report.stands, report.changed) == (True, False)
    assert summaries(google) == [ROUND.upper(), JARS.upper()]


def test_where_numbers_are_not_unique_it_waits(google: GoogleBench, double: SheetsDouble) -> None:
    """The probe's other verdict: nothing is sent for as long as the last write may be on its way."""
    google.sheet.show_tab(SUMMARY, WANTED[:1], known=False)
    refuse_nothing(google, double)
    planted = double.plant(faults.late(way="reset"))
    with pytest.raises(SheetInDoubt):
        show(google, known=True)
    google.counter.clock.move(seconds=100)
    with pytest.raises(SheetInDoubt):
        show(google, known=True)
    planted.land()
    google.counter.clock.move(seconds=QUIET_MS / 1000)
    assert show(google, known=True).stands
    assert summaries(google) == [ROUND.upper(), JARS.upper()]


def test_a_doubtful_write_of_a_tab_holds_no_order_up(google: GoogleBench, double: SheetsDouble) -> None:
    """Orders are written with their own number, and their edition stays known."""
    ref = google.counter.place(jars(1)).ref
    google.settle()
    google.lose_answer(landed=True)
    with pytest.raises(SheetInDoubt):
        show(google)
    other = google.counter.place(jars(1)).ref
    assert google.delivery.sync().written == 1
    assert show(google, known=True).stands
    google.settle()
    assert google.refs() == [ref, other]


def test_a_summary_costs_one_write_and_nothing_while_nothing_changes(google: GoogleBench, double: SheetsDouble) -> None:
    """Beside the orders' own calls; what is not due asks nothing."""
    uptime = Uptime()
    tabs = make_tabs(google.counter, google.sheet, uptime)
    google.counter.place(jars(1))
    google.delivery.sync()
    assert tabs.sync()
    uptime.now += EVERY_S
    google.counter.place(jars(1))
    google.delivery.sync()
    double.clear_log()
    assert tabs.sync()
    assert (double.count("write"), double.count("read")) == (1, 3)
    double.clear_log()
    for _ in range(5):
        uptime.now += EVERY_S
        assert not tabs.sync()
    assert (double.count("write"), double.count("read")) == (0, 0)
    found = {row["ref"]: row["taken"] for row in google.shown("Ringkasan", SUMMARY) if row["ref"]}
    assert found == {ROUND.upper(): 2, JARS.upper(): 2}


@pytest.mark.parametrize("shown", [{"target": Target(units=50)}, {"batch": Batch(50, Otherwise.EXTEND, 2)}])
def test_what_is_taken_is_told_where_a_page_shows_it(counter: Counter, shown: dict[str, Any]) -> None:
    """For a target and for a minimum alone; of the round that is shown, and what has lapsed no longer counts."""
    assert counter.desk.units_taken() == {}
    publish(counter, {WHOLE: 100, "nastar/250g": 40}, **shown)

    def taken() -> dict[str, int]:
        # What is shown may be a second old.
        counter.desk._seen = dataclasses.replace(counter.desk._seen, at=float("-inf"))
        return dict(counter.desk.units_taken())

    counter.place(jars(4))
    assert taken() == {"nastar-lebaran": 4}
    counter.clock.move(days=3)
    assert expire_unpaid(counter.writer, counter.reader, counter.clock()) == 1
    assert taken() == {"nastar-lebaran": 0}


def test_a_running_shop_shows_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """By itself, in a process of its own for the workbook; on PostgreSQL under the sheet's lease."""
    monkeypatch.setattr(workers, "SHEET_EVERY_S", 0.1)
    catalogue = FixedCatalogue(make_catalogue(make_campaign()))
    monkeypatch.setattr(workers, "open_source", lambda *_: catalogue)
    path = tmp_path / "orders.xlsx"
    settings = read_settings({
        "ETALASE_DATA": str(tmp_path / "data"), "DATABASE_URL": database_url, "ETALASE_SHEET": str(path),
        "ETALASE_SITE": str(tmp_path / "site"), "ETALASE_CONTENT": str(tmp_path / "content"),
    })  # fmt: skip
    with Shop(settings):
        until(lambda: path.exists() and "Ringkasan" in load_workbook(path).sheetnames)
    assert [row[-1] for row in load_workbook(path)["Ringkasan"].iter_rows(values_only=True)] == ["Kode", ROUND, JARS]


@on_postgres
def test_who_has_lost_the_lease_shows_nothing(bench: Bench, database_url: str) -> None:
    """Another process works on the sheet now."""
    lease = Lease(bench.counter.writer, "sheet", "a", 20)
    assert lease.take()
    bench.delivery.sync()
    tabs = make_tabs(bench.counter, LeasedSheet(bench.sheet, lease), bench.uptime)
    assert tabs.sync()
    lease.release()
    engine = open_writer(database_url)
    writer = Writer(engine, on_fatal=lambda _error: None)
    writer.start()
    assert Lease(writer, "sheet", "b", 20).take()
    bench.counter.place(jars(1))
    bench.uptime.now += EVERY_S
    with pytest.raises(LeaseLost):
        tabs.sync()
    assert bench.shown() == {ROUND: 0, JARS: 0}
    assert writer.close()
    engine.dispose()
