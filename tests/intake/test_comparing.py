"""Sheet and ledger compared, and rows that are written again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook

from intake.comparing import Comparison, compare, queue_again, waiting
from intake.delivery import Delivery
from intake.ledger.folder import DataFolder, FolderInUse
from intake.settings import Settings, read_settings
from intake.sheet.columns import LINES, ORDERS
from intake.sheet.opening import open_workbook
from intake.sheet_report import comparison_lines, waiting_line
from preorder.catalogue import to_json
from tests.intake.conftest import Counter
from tests.intake.google_bench import WORDING, opened_counter
from tests.makers import make_request

PLACES = {column.code: place for place, column in enumerate(ORDERS.columns, start=1)}


@dataclass
class Bench:
    """A counter with a workbook behind it, and three orders that stand there."""

    counter: Counter
    settings: Settings
    delivery: Delivery
    refs: list[str]

    @property
    def path(self) -> Path:
        return Path(self.settings.sheet)

    def put(self, row: int, code: str, value: object) -> None:
        book = load_workbook(self.path)
        book["Pesanan"].cell(row, PLACES[code]).value = value
        book.save(self.path)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened_counter(tmp_path / "data") as counter:
        catalogue = tmp_path / "catalogue.json"
        catalogue.write_text(json.dumps(to_json(counter.catalogue.current())), "utf-8")
        settings = read_settings({"ETALASE_DATA": str(tmp_path / "data"), "ETALASE_CATALOGUE": str(catalogue)})
        sheet = open_workbook(settings, counter.catalogue.current())
        sheet.ensure()
        delivery = Delivery(sheet, counter.writer, counter.reader, lambda: WORDING, counter.clock)
        refs = []
        for number in range(3):
            counter.clock.move(minutes=1)
            refs.append(counter.place(make_request(name=f"Pembeli {number}", phone=f"+6281200001{number:03d}")).ref)
        for _ in range(3):
            delivery.sync()
        yield Bench(counter, settings, delivery, refs)


def test_what_stands_as_it_should(bench: Bench) -> None:
    """Nothing is found where the sheet shows what the ledger has."""
    assert compare(bench.settings, "id") == Comparison(compared=3)
    assert [mark for mark, _ in comparison_lines(compare(bench.settings, "id"), "id", str)] == ["ok"]


def test_cells_of_ours_that_differ(bench: Bench) -> None:
    """A column of ours that was overtyped is named; one that she may edit is hers, whatever stands there."""
    bench.put(3, "total", 1)
    bench.put(4, "seller_note", "titip")
    assert compare(bench.settings, "id").differing == {bench.refs[1]: ["total"]}


def test_a_draft_in_other_words_is_no_difference(bench: Bench) -> None:
    """Rows of yesterday call the buyer as the shop did then; a number that is not hers is told all the same."""
    path = Path(bench.settings.catalogue)
    path.write_text(path.read_text("utf-8").replace('"salutation": "kakak"', '"salutation": "anda"'), "utf-8")
    assert compare(bench.settings, "id") == Comparison(compared=3)
    bench.put(3, "chat", "https://wa.me/6281200009999?text=Halo")
    assert compare(bench.settings, "id").differing == {bench.refs[1]: ["chat"]}


def test_lines_that_differ(bench: Bench) -> None:
    """An order whose lines show something else is named as well."""
    book = load_workbook(bench.path)
    place = [column.code for column in LINES.columns].index("qty") + 1
    book["Rincian"].cell(2, place).value = 99
    book.save(bench.path)
    assert compare(bench.settings, "id").differing == {bench.refs[0]: ["lines"]}


def test_rows_that_are_missing_double_or_strange(bench: Bench) -> None:
    """Missing, double and unknown refs are told apart; a mark of hers in the column of refs is none of them."""
    bench.put(2, "ref", bench.refs[1].lower())
    bench.put(8, "ref", "NST-ABCD")
    bench.put(9, "ref", "lama 1")
    found = compare(bench.settings, "id")
    assert found.missing == [bench.refs[0]]
    assert found.duplicates == [bench.refs[1]]
    assert found.unknown == [("NST-ABCD", 8)]
    assert found.repairable == [bench.refs[0]]


def test_what_is_on_its_way_is_not_compared(bench: Bench) -> None:
    """An order that waits to be written is no difference."""
    fresh = bench.counter.place(make_request(name="Pembeli 9", phone="+6281200001999")).ref
    found = compare(bench.settings, "id")
    assert (found.waiting, found.missing, found.compared) == ([fresh], [], 3)
    told = waiting(bench.settings)
    assert told is not None and told.rows == 1
    assert waiting_line(told, str)[0] == "--"


def test_written_again(bench: Bench) -> None:
    """What is missing or differs waits to be written again."""
    book = load_workbook(bench.path)
    book["Pesanan"].delete_rows(2)
    book.save(bench.path)
    bench.put(2, "total", 1)
    found = compare(bench.settings, "id")
    assert found.repairable == sorted(bench.refs[:2])
    # As the command does it: with the folder and the ledger for itself.
    assert bench.counter.writer.close()
    bench.counter.folder.release()
    queue_again(bench.settings, found, bench.counter.clock())
    again = compare(bench.settings, "id")
    assert again.waiting == sorted(bench.refs[:2])


def test_not_while_a_shop_runs(bench: Bench) -> None:
    """With SQLite the running shop alone writes the ledger; the command says so and changes nothing."""
    with pytest.raises(FolderInUse):
        queue_again(bench.settings, Comparison(missing=bench.refs[:1]), bench.counter.clock())
    assert compare(bench.settings, "id") == Comparison(compared=3)


def test_no_ledger_yet(tmp_path: Path) -> None:
    """Before the first start nothing waits."""
    assert waiting(read_settings({"ETALASE_DATA": str(tmp_path / "none")})) is None
    with DataFolder(tmp_path / "data"):
        assert waiting(read_settings({"ETALASE_DATA": str(tmp_path / "data")})) is None
