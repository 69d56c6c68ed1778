"""What every spreadsheet backend keeps of the tabs beside the orders, whatever the seller does to them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from intake.sheet import SheetChanging, SheetHeaderMissing, SheetHeaderTwice
from intake.sheet.columns import LINES, ORDERS, best_match
from intake.sheet.tabs import FURTHER, QUOTATIONS, SUMMARY, TabbedSheet, TabReport, TabRow
from tests.contracts.test_sheet import BACKENDS, Desk, order

TITLE = "Ringkasan"
HEADERS = [column.headers["id"] for column in SUMMARY.columns]


@pytest.fixture(params=sorted(BACKENDS))
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A sheet with one order, looked at as the shop does before it shows a tab."""
    with BACKENDS[request.param](tmp_path) as made:
        made.sheet.write([order("NST-7K2Q")])
        made.sheet.read()
        yield made


def show(desk: Desk, *rows: TabRow, known: bool = True) -> TabReport:
    """Show these rows after a look at the orders."""
    desk.sheet.read()
    return cast("TabbedSheet", desk.sheet).show_tab(SUMMARY, rows, known=known)


def row(ref: str, **values: Any) -> TabRow:
    """A row of the summary."""
    usual: dict[str, Any] = {"campaign": "Nastar", "round": "23 Nov", "pool": "Semua", "quota": 100, "taken": 3}
    return TabRow(ref, usual | values)


def table(desk: Desk, title: str = TITLE) -> list[dict[str, Any]]:
    """Give the rows of a tab below its header, header -> value, those with something in them."""
    rows = desk.grid(title)
    at = next(number for number, each in enumerate(rows) if "Kode" in each)
    return [dict(zip(rows[at], each, strict=True)) for each in rows[at + 1 :] if any(v not in {None, ""} for v in each)]


def test_the_tab_is_made_once_and_shows_text_as_text_and_counts_as_numbers(desk: Desk) -> None:
    """The second time nothing is written; what looks like a formula or a date is text."""
    rows = [row("nastar/1", remark="=1+1", campaign="1-2"), row("nastar/1/250g", quota=40, target=None)]
    first = show(desk, *rows, known=False)
    assert (first.made, first.changed, first.stands) == (True, True, True)
    again = show(desk, *rows)
    assert (again.made, again.changed, again.stands) == (False, False, True)
    found = table(desk)
    assert [each["Kode"] for each in found] == ["nastar/1", "nastar/1/250g"]
    assert (found[0]["Keterangan"], found[0]["PO"], found[0]["Kuota"]) == ("=1+1", "1-2", 100)
    assert desk.titles().count(TITLE) == 1


def test_only_what_differs_is_written_wherever_the_row_and_the_columns_stand_now(desk: Desk) -> None:
    """She sorts, moves our columns, adds her own and notes of hers; each row is found by its key."""
    show(desk, row("nastar/1"), row("kastengel/1", campaign="Kastengel"), known=False)
    grid = desk.grid(TITLE)
    head, one, two = grid[0], grid[1], grid[2]
    turned = [["Catatan saya", *reversed(head)], ["punya saya", *reversed(two)], ["catatan", *reversed(one)]]
    desk.put(TITLE, [["Toko saya"], *turned])
    report = show(desk, row("nastar/1", taken=7), row("kastengel/1", campaign="Kastengel"), row("gamis/1"))
    assert (report.changed, report.stands, report.made) == (True, True, False)
    found = table(desk)
    assert [(each["Kode"], each["Terpesan"]) for each in found] == [("kastengel/1", 3), ("nastar/1", 7), ("gamis/1", 3)]
    assert [each["Catatan saya"] for each in found] == ["punya saya", "catatan", None]
    assert desk.grid(TITLE)[0][0] == "Toko saya"


def test_rows_that_are_not_wanted_any_more_stay_and_what_she_typed_over_is_put_right(desk: Desk) -> None:
    """No row is ever taken away; our cells are ours."""
    show(desk, row("nastar/1"), row("lama/1"), known=False)
    grid = desk.grid(TITLE)
    grid[1][HEADERS.index("Kuota")] = "kira-kira"
    grid.append([None] * len(HEADERS))
    grid[-1][0] = "baris saya"
    desk.put(TITLE, grid)
    assert show(desk, row("nastar/1")).stands
    found = table(desk)
    assert [each["Kode"] for each in found] == ["nastar/1", "lama/1", None]
    assert found[0]["Kuota"] == 100
    assert found[2]["PO"] == "baris saya"


def test_a_row_that_stands_twice_is_left_alone_and_told(desk: Desk) -> None:
    """Which of both is meant nobody can know."""
    show(desk, row("nastar/1"), known=False)
    grid = desk.grid(TITLE)
    desk.put(TITLE, [*grid, grid[1]])
    report = show(desk, row("nastar/1", taken=9), row("gamis/1"))
    assert (report.duplicates, report.stands) == (("NASTAR/1",), False)
    assert [(each["Kode"], each["Terpesan"]) for each in table(desk)] == [
        ("nastar/1", 3),
        ("nastar/1", 3),
        ("gamis/1", 3),
    ]


@pytest.mark.parametrize("how", ["missing", "twice", "gone"])
def test_a_damaged_header_stops_this_tab_and_not_the_orders(desk: Desk, how: str) -> None:
    """Nothing is written into the tab; orders are; put right it goes on."""
    show(desk, row("nastar/1"), known=False)
    whole = desk.grid(TITLE)
    damaged = [list(each) for each in whole]
    place = HEADERS.index("Terpesan")
    if how == "missing":
        damaged[0][place] = "Dipesan orang"
    elif how == "twice":
        damaged[0].append("Terpesan")
    else:
        del damaged[0]
    desk.put(TITLE, damaged)
    before = desk.grid(TITLE)
    with pytest.raises(SheetHeaderTwice if how == "twice" else SheetHeaderMissing) as raised:
        show(desk, row("nastar/1", taken=9))
    assert raised.value.fields["tab"] == TITLE
    assert desk.grid(TITLE) == before
    assert desk.sheet.write([order("NST-9M4T")]).written == ("NST-9M4T",)
    assert [each.ref for each in desk.sheet.read().rows] == ["NST-7K2Q", "NST-9M4T"]
    desk.put(TITLE, whole)
    assert show(desk, row("nastar/1", taken=9)).stands
    assert table(desk)[0]["Terpesan"] == 9


def test_a_tab_of_hers_with_our_title_stays_hers(desk: Desk) -> None:
    """Ours is made beside it, and found again, also by who has never seen the spreadsheet."""
    desk.add(TITLE, [["Bulan", "Omzet"], ["November", 12]])
    assert show(desk, row("nastar/1"), known=False).made
    assert desk.grid(TITLE) == [["Bulan", "Omzet"], ["November", 12]]
    ours = f"{TITLE} (Etalase)"
    assert table(desk, ours)[0]["Kode"] == "nastar/1"
    desk.sheet = desk.stranger()
    report = show(desk, row("nastar/1", taken=4))
    assert (report.made, report.stands) == (False, True)
    assert table(desk, ours)[0]["Terpesan"] == 4


def test_a_renamed_tab_is_found_by_its_headers_and_a_deleted_one_is_made_again(desk: Desk) -> None:
    """By the same process and by a fresh one."""
    show(desk, row("nastar/1"), known=False)
    desk.rename(TITLE, "Angka")
    assert show(desk, row("nastar/1", taken=5)).stands
    desk.sheet = desk.stranger()
    assert not show(desk, row("nastar/1", taken=6)).made
    assert table(desk, "Angka")[0]["Terpesan"] == 6
    assert TITLE not in desk.titles()
    desk.rename("Angka", "")
    assert show(desk, row("nastar/1")).made
    assert table(desk)[0]["Terpesan"] == 3


def test_her_edit_of_an_order_that_nobody_has_read_survives(desk: Desk) -> None:
    """A further tab that is written takes nothing away from the orders' tab."""
    desk.sheet.read()
    grid = desk.grid("Pesanan")
    place = grid[0].index("Catatan Penjual")
    grid[1][place] = "sudah dicek"
    desk.put("Pesanan", grid)
    # A workbook waits until it is read.
    with contextlib.suppress(SheetChanging):
        cast("TabbedSheet", desk.sheet).show_tab(SUMMARY, [row("nastar/1")], known=False)
    assert desk.sheet.changed()
    assert [each.values["seller_note"] for each in desk.sheet.read().rows] == ["sudah dicek"]
    assert show(desk, row("nastar/1"), known=False).stands


def test_what_she_may_edit_is_told_and_left_until_it_is_ours(desk: Desk) -> None:
    """A cell of hers stays as she typed it, beside cells that are put right; what we may have written is written over."""
    sheet = cast("TabbedSheet", desk.sheet)

    def quotation(status: str, *ours: str, units: int = 60) -> TabReport:
        desk.sheet.read()
        wanted = TabRow(
            "Q-AB234", {"status": status, "units": units, "seller_note": None}, {"status": ours, "seller_note": ()}
        )
        return sheet.show_tab(QUOTATIONS, [wanted], known=True)

    assert quotation("Menunggu").edits == {}
    grid = desk.grid("Penawaran")
    place, units, note = (grid[0].index(name) for name in ("Jawaban", "Total Unit", "Catatan Anda"))
    grid[1][place], grid[1][units], grid[1][note] = "dijawab", 7, "sudah ditelepon"
    desk.put("Penawaran", grid)
    report = quotation("Menunggu", "Menunggu")
    assert report.edits == {"Q-AB234": {"status": "dijawab", "seller_note": "sudah ditelepon"}}
    assert report.stands
    row = desk.grid("Penawaran")[1]
    assert (row[place], row[units], row[note]) == ("dijawab", 60, "sudah ditelepon")
    # Now it is known, and written in our spelling.
    report = quotation("Dijawab", "dijawab")
    assert "status" not in report.edits.get("Q-AB234", {})
    assert desk.grid("Penawaran")[1][place] == "Dijawab"
    # Emptied by her: that is an edit too.
    grid = desk.grid("Penawaran")
    grid[1][place] = None
    desk.put("Penawaran", grid)
    assert quotation("Dijawab", "Dijawab").edits["Q-AB234"]["status"] in {None, ""}


def test_no_tab_can_be_taken_for_another() -> None:
    """Tabs that were renamed are found by half of their headers: no tab has half of another's."""
    for tab in (ORDERS, LINES, *FURTHER):
        for other in (ORDERS, LINES, *FURTHER):
            for language in ("id", "en"):
                shared = best_match(tab, [column.headers[language] for column in other.columns], language)
                assert tab is other or 2 * shared < len(tab.columns)
