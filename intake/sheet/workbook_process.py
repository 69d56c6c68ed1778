"""
The child process in which a workbook is read and saved: `python -m intake.sheet.workbook_process`, JSON in, JSON out.

openpyxl works in pure Python for seconds and would hold the interpreter's lock all the while: in a thread of the shop,
orders fall to a third. Killed at any moment it leaves the workbook as it was, or as it is to be.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from intake.sheet import (
    LATE,
    SheetBusy,
    SheetChanging,
    SheetError,
    SheetFailed,
    SheetFolderMissing,
    SheetMissing,
    canonical_ref,
    same_value,
    uptime,
)
from intake.sheet.columns import EDITABLE, IDENTITY, ORDERS, TABS
from intake.sheet.workbook_apply import Outcome, apply, mark_rows
from intake.sheet.workbook_book import (
    edition_in,
    edition_of,
    load,
    new_book,
    read_tabs,
    row_from,
    set_edition,
    tabs_of,
    unzip,
)
from intake.sheet.workbook_file import Stamp, check_not_open, digest_of, put_in_place, stamp_of, sweep, write_beside
from intake.sheet.workbook_look import Look, literal
from intake.sheet.workbook_loss import check_nothing_lost
from intake.sheet.workbook_tabs import TabOutcome, rows_from, show, stands_in, tab_from

# How often a write starts again because somebody saved the book meanwhile.
ATTEMPTS = 3
# For how long a second process of ours is waited for.
LOCK_S = 20.0


def handle(request: Mapping[str, Any]) -> dict[str, Any]:
    """
    Do one request: {"action": "read" | "write" | "mark" | "show", "path", "look", "rows" | "marks" | "tab"} ->
    {"result": ...} or {"error": {"code", "fields"}}.
    """
    try:
        look = Look(**{**request["look"], "statuses": tuple(request["look"]["statuses"])})
        path = Path(request["path"])
        done = read(path, look) if request["action"] == "read" else write(path, look, request)
    except SheetError as error:
        return {"error": {"code": error.code, "fields": error.fields}}
    except OSError as error:
        return {"error": {"code": SheetFailed.code, "fields": {"reason": error.strerror or type(error).__name__}}}
    return {"result": done}


def read(path: Path, look: Look) -> dict[str, Any]:
    """
    Read the orders tab. Allowed while another program has the book open: what is on disk is whole.

    Returns:
        The fields of a SheetView.
    """
    content = _content(path)
    unzip(content).close()
    orders = read_tabs(content, look.language)[ORDERS.code]
    rows, hand_rows = [], []
    for row in orders.rows:
        if not row.ref:
            filled = {
                code: value for code, value in row.values.items() if value is not None and code not in row.unknown
            }
            hand_rows.append({"values": filled, "row": row.number})
        elif len(orders.by_ref[row.ref]) == 1:
            values = {code: row.values[code] for code in (*EDITABLE, *IDENTITY) if code not in row.unknown}
            rows.append({"ref": row.ref, "values": values, "row": row.number})
    twice = [ref for ref, found in orders.by_ref.items() if len(found) > 1]
    return {
        "rows": rows,
        "duplicates": twice,
        "hand_rows": hand_rows,
        "fingerprint": digest_of(content),
        "edition": edition_in(content),
    }


def write(path: Path, look: Look, request: Mapping[str, Any]) -> dict[str, Any]:
    """
    Make the book show these orders, or mark rows of hers; make the book for the orders when there is none.

    1. Nobody else may have it open.
    2. Load it, and note exactly which bytes these were. Its edition is one that the caller knows.
    3. Refuse what openpyxl would lose.
    4. Apply.
    5. Save beside it, on the disk for certain.
    6. Read that file back: our rows stand there.
    7. The book is still the one that was loaded, and nobody has opened it. If not, all starts again, so that her save
       is never overwritten.
    8. Whoever asked for this still lives, and may still write: the next shop must not be surprised by the last one's
       words.
    9. Replace it in one step.

    Args:
        request: rows, edition, known, not_after (see Sheet.write; instead of rows marks, see HandSheet.mark; or tab: its
            code, rows and whether it is known, see TabbedSheet.show_tab) and parent, the process that asked.

    Returns:
        {"report": the fields of a WriteReport, of a MarkReport and of a TabReport, "before": stamp of what it was applied to or None, "after": stamp of
        what stands there now}.
    """
    orders = [row_from({**row, "ref": canonical_ref(row["ref"])}) for row in request.get("rows", ())]
    marks, tab = request.get("marks"), request.get("tab")
    edition, known = request.get("edition", ""), request.get("known", ())
    if not path.parent.is_dir():
        # FileLock would make it.
        raise SheetFolderMissing(path=str(path.parent))
    lock = _locked(path)
    try:
        sweep(path)
        for _ in range(ATTEMPTS):
            before = stamp_of(path)
            check_not_open(path)
            content = None if before is None and marks is None and tab is None else _content(path)
            book, tabs = new_book(), {}
            if content is not None:
                with unzip(content) as parts:
                    check_nothing_lost(parts)
                book = load(content)
                tabs = tabs_of(book, content, look.language)
                if known and (carried := edition_of(book)) and carried not in known:
                    raise SheetChanging(attempts=1)
            if marks is not None:
                outcome: Outcome = mark_rows(book, tabs[ORDERS.code], marks)
            elif tab is not None and content is not None:
                outcome = show(book, content, tab_from(tab["code"]), rows_from(tab["rows"]), look, known=tab["known"])
            else:
                outcome = apply(book, tabs, orders, look)
            if not outcome.touched:
                report = _report(outcome, list(outcome.expected), edition_of(book))
                return _done(report, before=before, after=before)
            if edition:
                set_edition(book, edition)
            saved = BytesIO()
            book.save(saved)
            beside = write_beside(path, saved.getvalue())
            try:
                written = _read_back(beside, outcome, look)
                after = stamp_of(beside)
                # The bytes as well: a program may keep the time of a file.
                if stamp_of(path) == before and (content is None or path.read_bytes() == content):
                    check_not_open(path)
                    _check_parent(request.get("parent", os.getpid()))
                    _check_time(request.get("not_after"))
                    put_in_place(beside, path)
                    return _done(_report(outcome, written, edition_of(book)), before=before, after=after)
            finally:
                beside.unlink(missing_ok=True)
        raise SheetChanging(attempts=ATTEMPTS)
    finally:
        lock.release()


def _locked(path: Path) -> FileLock:
    """Take the lock that keeps a second process of ours away."""
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise SheetBusy(program="etalase", user="", host="", since=None) from error
    return lock


def _check_parent(parent: int) -> None:
    # Windows keeps telling the first parent: there a child of a killed shop may still write, as it would have.
    if parent not in {os.getpid(), os.getppid()}:
        raise SheetFailed(reason="orphaned")


def _check_time(not_after: float | None) -> None:
    if not_after is not None and uptime() > not_after:
        raise SheetFailed(reason=LATE)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        if not path.parent.is_dir():
            raise SheetFolderMissing(path=str(path.parent)) from error
        raise SheetMissing(path=str(path)) from error


def _read_back(path: Path, outcome: Outcome, look: Look) -> list[str]:
    """Give the refs whose rows stand in a saved file as they should; marks must stand there too."""
    tabs = read_tabs(path.read_bytes(), look.language)
    written = []
    for ref, expected in outcome.expected.items():
        stands = True
        for tab in TABS:
            rows = list(tabs[tab.code].by_ref.get(ref, ()))
            if tab is ORDERS and len(rows) != 1:
                stands = False
            for wanted in expected[tab.code]:
                found = next(
                    (
                        row
                        for row in rows
                        if all(same_value(row.values[code], literal(value)) for code, value in wanted.items())
                    ),
                    None,
                )
                if found is None:
                    stands = False
                else:
                    rows.remove(found)
        if stands:
            written.append(ref)
    cells = {row.number: row.values for row in tabs[ORDERS.code].rows} if outcome.marked else {}
    marked = [
        number
        for number, wanted in outcome.marked.values()
        if all(same_value(cells.get(number, {}).get(code), literal(value)) for code, value in wanted.items())
    ]
    shown = not isinstance(outcome, TabOutcome) or stands_in(path.read_bytes(), outcome, look.language)
    if not shown or len(written) < len(outcome.expected) or len(marked) < len(outcome.marked):
        # All or none: a file that doesn't hold what we put into it is not to replace hers.
        raise SheetFailed(reason="read_back")
    return written


def _report(outcome: Outcome, written: list[str], edition: str) -> dict[str, Any]:
    """Give the fields of a WriteReport, of a MarkReport and of a TabReport."""
    tab = outcome if isinstance(outcome, TabOutcome) else TabOutcome()
    return {
        "tab": {"changed": tab.touched, "made": tab.made, "duplicates": tab.twice, "edits": tab.edits},
        "marked": sorted(outcome.marked),
        "written": written,
        "missing": outcome.missing,
        "edited": outcome.edited,
        "duplicates": outcome.duplicates,
        "created": outcome.created,
        "edition": edition,
    }


def _done(report: dict[str, Any], *, before: Stamp | None, after: Stamp | None) -> dict[str, Any]:
    return {"report": report, "before": before and vars(before), "after": after and vars(after)}


def main() -> None:
    """Answer the one request on standard input."""
    if hasattr(os, "nice"):
        os.nice(10)
    # It lives for one request and makes millions of objects that all stay: collecting would only look at them again and
    # again.
    gc.disable()
    request = json.load(sys.stdin)
    json.dump(handle(request), sys.stdout, default=lambda instant: {"instant": instant.isoformat()})


if __name__ == "__main__":
    main()
