"""Faults, hooks and the seller's hands, as tests use them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.sheets_double import Seller, SheetsDouble, VirtualClock, faults
from tests.sheets_double.clients import Caller, fence, write
from tests.sheets_double.storing import from_json, to_json

TAB = "Pesanan"


@pytest.fixture
def double() -> Iterator[SheetsDouble]:
    """A double whose clock stands still."""
    with SheetsDouble(clock=VirtualClock()) as made:
        yield made


@pytest.fixture
def seller(double: SheetsDouble) -> Seller:
    """Her spreadsheet with one tab."""
    return double.create(tabs=[TAB])


@pytest.fixture
def caller(double: SheetsDouble) -> Caller:
    """Calls over plain HTTP."""
    return Caller(double)


def test_which_call_meets_a_fault(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """By kind, name, request in the batch or function; after so many that go well, so many times."""
    double.plant(faults.server_error(), "read", skip=1, times=2)
    assert [caller.get(seller.id).status_code for _ in range(4)] == [200, 503, 503, 200]
    double.plant(faults.gone(), "values.batchGet")
    assert caller.get(seller.id).status_code == 200
    assert caller.get(f"{seller.id}/values:batchGet", ranges="A1").status_code == 404
    double.plant(faults.too_many(), "createDeveloperMetadata")
    assert caller.batch(seller.id, write(["a"])).status_code == 200
    assert caller.batch(seller.id, fence(1)).status_code == 429
    double.plant(faults.not_shared(), lambda call: "A7" in call.path)
    assert caller.get(f"{seller.id}/values/A6").status_code == 200
    assert caller.get(f"{seller.id}/values/A7").status_code == 403


def test_hands_between_calls(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """Right before a call, right after it was done, and between any two."""
    double.before("write", lambda: seller.type(TAB, "A1", "sebelum"))
    double.after("write", lambda: seller.type(TAB, "B1", "sesudah"))
    caller.batch(seller.id, write(["ditulis", "ditulis"]))
    assert seller.values(TAB) == [["ditulis", "sesudah"]]
    double.between(2, lambda: seller.type(TAB, "C1", "di antara"))
    for expected in (None, None, "di antara"):
        assert (caller.get(f"{seller.id}/values/C1").json().get("values") or [[None]])[0][0] == expected


def test_a_hand_that_fails_is_told(seller: Seller) -> None:
    """When the double is closed, for the call itself must go on."""
    double = SheetsDouble().start()
    shop = double.create(tabs=[TAB])
    double.before("read", lambda: shop.type("Tidak ada", "A1", "x"))
    assert Caller(double).get(shop.id).status_code == 200
    with pytest.raises(AssertionError):
        double.close()


def test_a_hang_is_let_go(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """It holds until it is released, then the connection is cut."""
    planted = double.plant(faults.hang(), "write")
    outcome: list[Exception] = []

    def call() -> None:
        try:
            caller.batch(seller.id, write(["a"]))
        except requests.ConnectionError as error:
            outcome.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert planted.reached.wait(5) and not outcome
    planted.release()
    thread.join(5)
    assert len(outcome) == 1 and seller.values(TAB) == []


def test_a_late_write_when_the_test_says(double: SheetsDouble, seller: Seller) -> None:
    """It is done at land(), also after its token has ended; a second land() does nothing."""
    clock = double.clock
    assert isinstance(clock, VirtualClock)
    hasty = Caller(double, timeout=0.2)
    planted = double.plant(faults.late(), "write")
    with pytest.raises(requests.ReadTimeout):
        hasty.batch(seller.id, fence(1), write(["lambat"]))
    clock.advance(7_200)
    assert seller.values(TAB) == [] and not planted.landed.is_set()
    planted.land()
    planted.land()
    assert planted.landed_status == 200 and seller.values(TAB) == [["lambat"]]


def test_the_log(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """Each call with its name, status, bytes, who asked, and what it met."""
    double.plant(faults.reset(applied=True), "write")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        caller.batch(seller.id, write(["a"]))
    cut = double.made("spreadsheets.batchUpdate")[0]
    assert (cut.status, cut.applied, cut.fault, cut.requests) == (0, True, "reset after", ["updateCells"])
    assert caller.batch(seller.id, write(["a"], sheet=9)).status_code == 400
    refused = double.calls[-1]
    assert not refused.applied and refused.account == double.account and "No grid with id: 9" in refused.message
    assert refused.request_bytes > 50 and refused.response_bytes > 50
    assert (double.count("write"), double.count("token"), double.count("read")) == (2, 1, 0)
    double.clear_log()
    assert double.count() == 0


def test_latency_by_the_clock(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """An answer takes its time, on a clock that need not be waited for."""
    caller.get(seller.id)
    double.latency_s = 0.5
    before = double.clock.now()
    caller.get(seller.id)
    assert double.clock.now() == before + 0.5


def test_older_versions(seller: Seller, double: SheetsDouble, caller: Caller) -> None:
    """Undo, a version put back with or without its metadata, and the very first."""
    seller.type(TAB, "A1", "a")
    version = seller.version()
    caller.batch(seller.id, fence(5), write(["b"]))
    seller.type(TAB, "A2", "c")
    seller.undo()
    assert seller.values(TAB) == [["b"]]
    seller.restore(version, with_metadata=False)
    assert seller.values(TAB) == [["a"]] and [each["metadataId"] for each in seller.metadata()] == [5]
    seller.restore(version)
    assert seller.metadata() == []
    seller.undo_all()
    assert seller.values("Lembar1") == []


def test_a_row_copied_cut_and_inserted(seller: Seller) -> None:
    """Over another one, between two, and away."""
    seller.type_rows(TAB, "A1", [["No", "Total", "Komisi"], ["1", "100", "=B2/10"], ["2", "200", "=B3/10"]])
    seller.insert_copy_of_row(TAB, 3, above=2)
    assert [line[0] for line in seller.values(TAB)] == ["No", 2, 1, 2] and seller.formula(TAB, "C2") == "=B2/10"
    seller.copy_row(TAB, 3, 5)
    assert seller.values(TAB)[4] == [1, 100, 10]
    seller.cut_row(TAB, 5, 7)
    assert seller.values(TAB)[4:] == [[], [], [1, 100, 10]]


def test_where_things_stand(seller: Seller) -> None:
    """By ref and header, wherever they were moved."""
    seller.type_rows(TAB, "B3", [["No. Pesanan", "Status"], ["NST-1", "Baru"], ["NST-2", "Baru"]])
    assert seller.at(TAB, "NST-2", "status") == "C5"
    seller.type_under(TAB, "NST-2", "Status", "Lunas")
    seller.rename_header(TAB, "Status", "Keadaan")
    assert seller.value(TAB, seller.at(TAB, "NST-2", "Keadaan")) == "Lunas"


def test_kept_as_json(seller: Seller) -> None:
    """Everything in a spreadsheet comes back from its JSON."""
    seller.type_rows(TAB, "A1", [["No", "Total"], ["1", "15.000"], ["2", "=B2*2"], ["'3", "TRUE"]])
    seller.type(TAB, "D1", "=VLOOKUP(1)", gives=7)
    seller.set_note(TAB, "A2", "catatan")
    seller.set_dropdown(TAB, "C2", ["Lunas"])
    seller.filter(TAB, "A1:B4", column="A", hide=["2"])
    seller.merge(TAB, "F1:G1")
    seller.protect(TAB, "A1")
    seller.hide_columns(TAB, "E")
    seller.freeze(TAB, 1)
    seller.do(fence(5))
    again = from_json(to_json(seller.spreadsheet))
    assert again.book.tabs[0].columns == seller.tab(TAB).columns
    for number, row in enumerate(seller.tab(TAB).rows):
        kept = again.book.tabs[0].rows[number]
        assert (dict(kept.cells), kept.hidden, kept.filtered) == (dict(row.cells), row.hidden, row.filtered)
    assert to_json(again) == to_json(seller.spreadsheet)


def test_a_folder_outlives_the_process(tmp_path: Path) -> None:
    """Spreadsheets, sharing and the account's key are there again."""
    with SheetsDouble(folder=tmp_path) as first:
        shop = first.create(tabs=[TAB])
        assert Caller(first).batch(shop.id, write(["a"])).status_code == 200
        key = first.key_data()
    with SheetsDouble(folder=tmp_path) as second:
        assert second.key_data()["private_key"] == key["private_key"]
        assert Caller(second).get(f"{shop.id}/values/A1").json()["values"] == [["a"]]
    assert not [file for file in tmp_path.iterdir() if file.suffix == ".new" or file.stat().st_mode & 0o077]


def test_many_at_once(double: SheetsDouble, seller: Seller) -> None:
    """Batches of many threads are done one after the other, each whole."""
    double.quotas.per_account = None
    callers = [Caller(double) for _ in range(8)]
    barrier = threading.Barrier(8)
    statuses: list[int] = []

    def work(caller: Caller) -> None:
        barrier.wait(10)
        statuses.append(caller.batch(seller.id, fence(9), write([threading.current_thread().name])).status_code)

    threads = [threading.Thread(target=work, args=[caller]) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(statuses) == [200] + [400] * 7
