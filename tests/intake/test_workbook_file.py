"""
The workbook as a file: locks of other programs, replacing, and what a killed or second writer can do to it: nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from openpyxl import load_workbook

from intake.sheet import (
    OrderRow,
    SheetBusy,
    SheetChanging,
    SheetFailed,
    SheetFolderMissing,
    SheetMissing,
    SheetUnreadable,
)
from intake.sheet import workbook_process as process
from intake.sheet.workbook import WorkbookSheet, run_in_child
from intake.sheet.workbook_file import (
    check_not_open,
    excel_lock,
    office_lock,
    put_in_place,
    running_offices,
    stamp_of,
    sweep,
    write_beside,
)


def sheet_at(path: Path, run: Callable[[Mapping[str, Any]], Mapping[str, Any]] = process.handle) -> WorkbookSheet:
    return WorkbookSheet(
        path, language="id", status_labels=["Menunggu", "Lunas"], status_colours={"Lunas": "BBF7D0"}, texts={}, run=run
    )


def order(ref: str, **values: Any) -> OrderRow:
    return OrderRow(
        ref,
        {"status": "Menunggu", "name": "Rani Contoh", "total": 150000, **values},
        {},
        ({"product": "Nastar", "qty": 2},),
    )


def office_writes_lock(path: Path, host: str) -> Path:
    lock = office_lock(path)
    lock.write_text(f"Bu\\, Ani,ani,{host},22.11.2026 14:05,file:///home/ani/.config/libreoffice/4;")
    return lock


def test_child_process(tmp_path: Path) -> None:
    """The whole way through the child: made, written, read, errors with their fields."""
    sheet = sheet_at(tmp_path / "buku" / "orders.xlsx", run_in_child)
    for use in (sheet.read, sheet.ensure):
        # Mistyped, or a disk that is not mounted: hers may lie below it.
        with pytest.raises(SheetFolderMissing):
            use()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "buku").mkdir()
    with pytest.raises(SheetMissing):
        sheet.read()
    sheet.ensure()
    assert sheet.write([order("NST-0001", name="=1+1 🍪")]).written == ("NST-0001",)
    assert [row.ref for row in sheet.read().rows] == ["NST-0001"]
    office_writes_lock(sheet.path, "komputer-lain")
    with pytest.raises(SheetBusy) as caught:
        sheet.write([order("NST-0002")])
    assert caught.value.fields["since"].tzinfo is not None
    assert caught.value.fields["program"] == "libreoffice"


def test_child_is_lean() -> None:
    """The child does not drag the shop's libraries in, and the shop does not drag openpyxl in."""
    code = "import sys, intake.sheet.workbook_process; print([m for m in ('flask', 'sqlalchemy', 'jinja2', 'wtforms') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    code = "import sys, intake.sheet.workbook; print('openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_child_gets_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop's secret key and database address are not in the child's environment."""
    given: dict[str, Any] = {}

    def look(*args: Any, **more: Any) -> subprocess.CompletedProcess[str]:
        given.update(more["env"])
        return subprocess.CompletedProcess(args, 0, '{"result": {}}', "")

    monkeypatch.setenv("ETALASE_SECRET_KEY", "rahasia")
    monkeypatch.setattr(subprocess, "run", look)
    run_in_child({})
    assert given
    assert "rahasia" not in given.values()


def test_child_that_takes_too_long(tmp_path: Path) -> None:
    """
    It is killed, the book stays as it was, and the same write succeeds later; what the killed one left is swept away.
    """
    path = tmp_path / "orders.xlsx"
    sheet_at(path).write([order("NST-0001")])
    before = path.read_bytes()
    slow = sheet_at(path, lambda request: run_in_child(request, timeout_s=0.001))
    with pytest.raises(SheetFailed) as caught:
        slow.write([order("NST-0002")])
    assert caught.value.fields["reason"] == "timeout"
    assert not caught.value.permanent
    assert path.read_bytes() == before
    (tmp_path / ".orders.xlsx.abc123.part").write_bytes(b"half")
    assert sheet_at(path).write([order("NST-0002")]).written == ("NST-0002",)
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob(".*.part"))


def test_child_that_dies(tmp_path: Path) -> None:
    """A request it can't do ends in an error that names no buyer."""
    with pytest.raises(SheetFailed) as caught:
        run_in_child({"action": "write", "path": str(tmp_path / "x.xlsx"), "look": {}, "rows": []})
    assert caught.value.fields["reason"] == "exit 1: TypeError" or "KeyError" in caught.value.fields["reason"]


def test_missing_is_never_empty(tmp_path: Path) -> None:
    """
    A book that is gone is an error to a reader: otherwise every order would look deleted. A write makes it anew and
    says so.
    """
    sheet = sheet_at(tmp_path / "orders.xlsx")
    assert sheet.changed()
    with pytest.raises(SheetMissing):
        sheet.read()
    assert sheet.write([order("NST-0001")]).created == ("orders", "lines")
    assert stat.S_IMODE(sheet.path.stat().st_mode) == 0o600


def test_no_change_no_save(tmp_path: Path) -> None:
    """A write that has nothing to change leaves the file untouched."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001")])
    before = stamp_of(sheet.path)
    sheet.write([order("NST-0001")])
    assert stamp_of(sheet.path) == before


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    """A file that she shares stays shared, and a link to it stays a link."""
    sheet_at(tmp_path / "real.xlsx").ensure()
    (tmp_path / "real.xlsx").chmod(0o664)
    (tmp_path / "orders.xlsx").symlink_to("real.xlsx")
    assert sheet_at(tmp_path / "orders.xlsx").write([order("NST-0001")]).written == ("NST-0001",)
    assert (tmp_path / "orders.xlsx").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.xlsx").stat().st_mode) == 0o664


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_not_a_workbook(tmp_path: Path, content: bytes) -> None:
    """Anything else than a workbook is refused by read and write, and stays as it is."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.path.write_bytes(content)
    with pytest.raises(SheetUnreadable):
        sheet.read()
    with pytest.raises(SheetUnreadable):
        sheet.write([order("NST-0001")])
    assert sheet.path.read_bytes() == content


def test_open_in_libreoffice_on_another_machine(tmp_path: Path) -> None:
    """It counts for as long as the lock is there; reading goes on, writing waits and says who and since when."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001")])
    lock = office_writes_lock(sheet.path, "komputer-lain")
    os.utime(lock, (1_790_000_000, 1_790_000_000))
    assert len(sheet.read().rows) == 1
    with pytest.raises(SheetBusy) as caught:
        sheet.write([order("NST-0002")])
    assert caught.value.fields == {
        "program": "libreoffice",
        "user": "Bu, Ani",
        "host": "komputer-lain",
        "since": datetime.fromtimestamp(1_790_000_000, UTC),
    }
    assert not caught.value.permanent
    lock.unlink()
    assert sheet.write([order("NST-0002")]).written == ("NST-0002",)


@pytest.mark.parametrize(
    ("started", "busy"),
    [([], False), ([900.0], True), ([5000.0], False), ([5000.0, 900.0], True), (None, True)],
    ids=["none runs", "ran before", "started later", "both", "unknown"],
)
def test_lock_left_behind_by_a_crash(tmp_path: Path, started: list[float] | None, busy: bool) -> None:
    """A lock of this machine is stale when no LibreOffice here was running when it was made."""
    path = tmp_path / "orders.xlsx"
    lock = office_writes_lock(path, socket.gethostname().upper() + ".local")
    os.utime(lock, (1000, 1000))
    if busy:
        with pytest.raises(SheetBusy):
            check_not_open(path, lambda: started)
    else:
        check_not_open(path, lambda: started)
    assert lock.exists()


@pytest.mark.parametrize("content", [b"", b"rusak", b",,,", b"\xff\xfe"])
def test_lock_that_says_nothing(tmp_path: Path, content: bytes) -> None:
    """A lock that can't be understood counts."""
    office_lock(tmp_path / "orders.xlsx").write_bytes(content)
    with pytest.raises(SheetBusy):
        check_not_open(tmp_path / "orders.xlsx", list)


def test_open_in_excel(tmp_path: Path) -> None:
    """Excel's owner file names the user."""
    path = tmp_path / "orders.xlsx"
    excel_lock(path).write_bytes(bytes([3]) + b"Ani" + b" " * 51 + b"\x03\0A\0n\0i\0")
    with pytest.raises(SheetBusy) as caught:
        check_not_open(path, list)
    assert (caught.value.fields["program"], caught.value.fields["user"]) == ("excel", "Ani")


def test_running_offices(tmp_path: Path) -> None:
    """Start times come from /proc; without one they are unknown, which is not the same as none."""
    (tmp_path / "stat").write_text("cpu 1 2 3\nbtime 1000\n")
    for pid, name in ((7, "soffice.bin"), (8, "bash")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "comm").write_text(name + "\n")
        fields = " ".join(["0"] * 19 + [str(5 * os.sysconf("SC_CLK_TCK"))] + ["0"] * 5)
        (tmp_path / str(pid) / "stat").write_text(f"{pid} (a (b) c) {fields[2:]}".replace(") ", ") S ", 1))
    found = running_offices(tmp_path)
    assert found is not None
    assert len(found) == 1
    assert running_offices(tmp_path / "nothing") is None


def test_second_process_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits its time and gives up with the file untouched."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001")])
    before = sheet.path.read_bytes()
    monkeypatch.setattr(process, "LOCK_S", 0.05)
    with FileLock(tmp_path / ".orders.xlsx.lock"), pytest.raises(SheetBusy) as caught:
        sheet.write([order("NST-0002")])
    assert caught.value.fields["program"] == "etalase"
    assert sheet.path.read_bytes() == before


def saves(path: Path, tracking: str) -> None:
    """She saves an edit."""
    book = load_workbook(path)
    tab: Any = book["Pesanan"]
    place = [cell.value for cell in tab[1]].index("Resi") + 1
    tab.cell(2, place, tracking)
    book.save(path)


def test_her_save_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saved while we prepared our write: it starts again from her file, and both changes stand."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001", tracking=None)])
    sheet.read()
    real, times = process.apply, []

    def late(*args: Any) -> Any:
        times.append(1)
        if len(times) == 1:
            saves(sheet.path, "JP001")
        return real(*args)

    monkeypatch.setattr(process, "apply", late)
    report = sheet.write([order("NST-0001", tracking=None), order("NST-0002")])
    assert len(times) == 2
    assert report.edited == {"NST-0001": {"tracking": "JP001"}}
    assert sheet.changed()
    assert [(row.ref, row.values["tracking"]) for row in sheet.read().rows] == [
        ("NST-0001", "JP001"),
        ("NST-0002", None),
    ]


def test_saved_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives up after some attempts, with her last save in place."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001", tracking=None)])
    real, times = process.apply, []

    def late(*args: Any) -> Any:
        times.append(1)
        saves(sheet.path, f"JP{len(times)}")
        return real(*args)

    monkeypatch.setattr(process, "apply", late)
    with pytest.raises(SheetChanging):
        sheet.write([order("NST-0002")])
    assert [row.values["tracking"] for row in sheet.read().rows] == [f"JP{len(times)}"]
    assert not list(tmp_path.glob(".*.part"))


def test_opened_while_we_worked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that appears before the file is replaced stops the replacing."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001")])
    before = sheet.path.read_bytes()
    real = process.apply
    monkeypatch.setattr(process, "apply", lambda *args: (office_writes_lock(sheet.path, "lain"), real(*args))[1])
    with pytest.raises(SheetBusy):
        sheet.write([order("NST-0002")])
    assert sheet.path.read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("step", ["write_beside", "_read_back", "put_in_place"])
def test_failing_at_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """
    A full disk or a dead process at any step leaves the book as it was, and the same write succeeds afterwards, once.
    """
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001")])
    before = sheet.path.read_bytes()

    def fails(*args: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(process, step, fails)
        with pytest.raises(SheetFailed) as caught:
            sheet.write([order("NST-0002")])
    assert caught.value.fields["reason"] == "No space left on device"
    assert sheet.path.read_bytes() == before
    assert sheet.write([order("NST-0002")]).written == ("NST-0002",)
    assert [row.ref for row in sheet.read().rows] == ["NST-0001", "NST-0002"]


def test_saved_file_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in which our rows do not stand as they should never replaces hers."""
    sheet = sheet_at(tmp_path / "orders.xlsx")
    sheet.write([order("NST-0001")])
    before = sheet.path.read_bytes()
    monkeypatch.setattr(process, "write_beside", lambda path, content: write_beside(path, before))
    with pytest.raises(SheetFailed) as caught:
        sheet.write([order("NST-0002")])
    assert caught.value.fields["reason"] == "read_back"


def test_killed_while_it_works(tmp_path: Path) -> None:
    """
    Killed at some moment of a large write: the book is the old or the new one, whole, and the same write completes it
    once.
    """
    sheet = sheet_at(tmp_path / "orders.xlsx", run_in_child)
    sheet.write([order("NST-0001")])
    rows = [order(f"NST-{n:04}") for n in range(1, 301)]
    for share in (0.3, 0.6, 0.9):
        start = time.monotonic()
        with_time = WorkbookSheet(
            sheet.path,
            language="id",
            status_labels=["Lunas"],
            status_colours={},
            texts={},
            run=lambda r, s=share: run_in_child(r, timeout_s=s),
        )
        with contextlib.suppress(SheetFailed):
            with_time.write(rows)
        assert time.monotonic() - start <= share + 5
        assert len(sheet.read().rows) in {1, 300}
    assert len(sheet.write(rows).written) == 300
    assert len(sheet.read().rows) == 300
    assert not list(tmp_path.glob(".*.part"))


def test_sweep_takes_only_ours(tmp_path: Path) -> None:
    """Of files beside the book only our own leftovers of this very book go."""
    path = tmp_path / "or[d]ers*.xlsx"
    left = write_beside(path, b"half")
    others = [tmp_path / ".orders.xlsx.abc.part", tmp_path / "or[d]ers*.xlsx", tmp_path / "x.part"]
    for other in others:
        other.write_bytes(b"")
    sweep(path)
    assert not left.exists()
    assert all(other.exists() for other in others)


def test_put_in_place(tmp_path: Path) -> None:
    """The file beside becomes the file, whole."""
    path = tmp_path / "a.xlsx"
    put_in_place(write_beside(path, b"one"), path)
    put_in_place(write_beside(path, b"two"), path)
    assert path.read_bytes() == b"two"
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize("use", ["read", "ensure", "changed"])
def test_a_file_in_the_place_of_the_folder(tmp_path: Path, use: str) -> None:
    """What the system refuses is a trouble of the sheet, in whichever process it is found out."""
    (tmp_path / "buku").write_text("")
    with pytest.raises(SheetFailed):
        getattr(sheet_at(tmp_path / "buku" / "orders.xlsx", run_in_child), use)()
