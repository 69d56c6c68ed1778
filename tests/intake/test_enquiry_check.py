"""After a restore: requests that only the sheet knows are named, and who has left since is not remembered again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from intake import checkup
from intake.backup_report import restore_lines
from intake.ledger.schema import enquiries as table
from intake.restore import Restored
from intake.sheet.google import GoogleSheet
from intake.sheet.google_http import GoogleClient
from intake.sheet.opening import open_sheet
from intake.sheet.workbook_process import handle
from intake.tabs import EVERY_S, LOOK_S, Tabs
from preorder.enquiries import EnquiryKind
from tests.intake.conftest import Counter
from tests.intake.google_bench import AT_ONCE
from tests.intake.test_enquiry_tabs import LINES, WORDING, ask
from tests.intake.test_google_restore import GoogleWorld
from tests.intake.test_reconcile import World, make_world, violations
from tests.sheets_double.double import SheetsDouble


@pytest.fixture(params=["workbook", "google"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A shop with a workbook, and one with a spreadsheet."""
    made = make_world(tmp_path)
    if request.param == "google":
        double: SheetsDouble = request.getfixturevalue("double")
        made.__class__ = GoogleWorld
        assert isinstance(made, GoogleWorld)
        made.connect(double, request.getfixturevalue("google_key"))
    return made


def show(world: World, counter: Counter) -> None:
    """Let the tabs beside the orders be brought up to date."""
    at = [0.0]
    sheet: Any
    if isinstance(world, GoogleWorld):
        client = GoogleClient(world.spreadsheet.id, str(world.key), base_url=world.double.url, pace=AT_ONCE)
        sheet = GoogleSheet(client, language="id", now=counter.clock)
    else:
        sheet = open_sheet(world.settings, world.catalogue.current())
        sheet._run = handle
    sheet.ensure()
    tabs = Tabs(
        sheet, counter.writer, counter.reader, world.catalogue.current, lambda: WORDING, counter.clock, uptime=lambda: at[0]
    )  # fmt: skip
    for _ in range(6):
        sheet.read()
        tabs.sync()
        at[0] += EVERY_S + LOOK_S


def stored(world: World) -> dict[str, tuple[str, str | None]]:
    """Give ref -> status and name of every enquiry in the ledger."""
    with world.open() as counter, counter.reader.begin() as connection:
        return {row.ref: (row.status, row.name) for row in connection.execute(select(table))}


def told(done: Restored) -> str:
    """Give what the operator reads."""
    return "\n".join(restore_lines(done, None, str))


def doctor(world: World) -> list[str]:
    """Give what doctor says about requests."""
    findings = checkup.examine(world.settings, str, world.clock())
    return [each.text for each in findings if " stand requests " in each.text]


def test_requests_since_the_backup_are_named(world: World) -> None:
    """With their numbers, by restore and by doctor; their rows stay as they are, and the shop opens."""
    with world.open() as counter:
        world.sync(counter)
        old = ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES).ref
        show(world, counter)
    assert doctor(world) == []
    backup = world.back_up()
    with world.open() as counter:
        new = [ask(counter, kind, 2, lines=LINES).ref for kind in EnquiryKind]
        withdrawn = ask(counter, EnquiryKind.INTEREST, 3)
        show(world, counter)
        counter.desk.enquiries.leave(withdrawn.token, counter.clock())
        show(world, counter)
    done = world.restore(backup)
    assert done.is_open and done.reconciled is not None
    assert sorted(ref for refs in done.reconciled.enquiries.values() for ref in refs) == sorted(new)
    said = told(done)
    assert all(ref in said for ref in new) and old not in said and withdrawn.ref not in said
    assert set(stored(world)) == {old}
    with world.open() as counter:
        show(world, counter)
    findings = doctor(world)
    assert len(findings) == 2
    assert all(sum(ref in text for text in findings) == 1 for ref in new)
    assert not any(old in text or withdrawn.ref in text for text in findings)


def test_who_has_left_since_the_backup_is_forgotten_again(world: World) -> None:
    """Name and number that she took back don't come back with the backup."""
    with world.open() as counter:
        world.sync(counter)
        stays, leaves = (ask(counter, EnquiryKind.WAITLIST, number, lines=LINES) for number in (1, 2))
        show(world, counter)
    backup = world.back_up()
    with world.open() as counter:
        counter.desk.enquiries.leave(leaves.token, counter.clock())
        show(world, counter)
    done = world.restore(backup)
    assert done.reconciled is not None and done.reconciled.erased == [leaves.ref]
    assert done.reconciled.enquiries == {}
    assert leaves.ref in told(done)
    kept = stored(world)
    assert kept[leaves.ref] == ("left", None)
    assert kept[stays.ref] == ("waiting", "Ibu 1")
    assert violations(world) == []


def test_a_tab_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    """The orders are settled all the same; restore and doctor say which tab it is."""
    world = make_world(tmp_path)
    with world.open() as counter:
        world.sync(counter)
        show(world, counter)
    backup = world.back_up()
    with world.open() as counter:
        ask(counter, EnquiryKind.WAITLIST, 1, lines=LINES)
        quoted = ask(counter, EnquiryKind.QUOTATION, 2, lines=LINES).ref
        show(world, counter)
        world.sync(counter)
    book = load_workbook(world.book)
    book["Daftar Tunggu"]["A1"].value = "Apa ini"
    book.save(world.book)
    done = world.restore(backup)
    assert done.is_open and done.reconciled is not None
    assert done.reconciled.unread_tabs == ["Daftar Tunggu"]
    assert done.reconciled.enquiries == {"quotations": [quoted]}
    assert "Daftar Tunggu" in told(done)
    findings = checkup.examine(world.settings, str, world.clock())
    assert any("Daftar Tunggu" in each.text and each.grade is checkup.Grade.NOTICE for each in findings)


def test_what_the_seller_has_settled_is_named_no_more(tmp_path: Path) -> None:
    """She answers in the row, or writes into it what is none of ours: doctor is content."""
    world = make_world(tmp_path)
    with world.open() as counter:
        world.sync(counter)
        show(world, counter)
    backup = world.back_up()
    with world.open() as counter:
        quoted = ask(counter, EnquiryKind.QUOTATION, 2, lines=LINES).ref
        show(world, counter)
    assert world.restore(backup).is_open
    assert len(doctor(world)) == 1
    book = load_workbook(world.book)
    tab = book["Penawaran"]
    header = {cell.value: cell.column for cell in tab[1]}
    row = next(number for number in range(2, tab.max_row + 1) if tab.cell(number, 1).value == quoted)
    tab.cell(row, header["Jawaban"]).value = "Dijawab"
    tab.cell(row + 1, 1).value = "catatan saya"
    book.save(world.book)
    assert doctor(world) == []
