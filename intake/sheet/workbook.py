"""
The embedded sheet: an .xlsx file that she opens in LibreOffice or Excel. The work is done in a child process
(workbook_process).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.sheet import (
    SHEET_ERRORS,
    HandRow,
    OrderRow,
    SeenRow,
    SheetChanging,
    SheetError,
    SheetFailed,
    SheetView,
    WriteReport,
)
from intake.sheet.columns import Tab
from intake.sheet.hands import HandMark, MarkReport
from intake.sheet.tabs import TabbedSheet, TabReport, TabRow
from intake.sheet.workbook_file import Stamp, stamp_of

# A write at the ceiling of 5,000 orders takes some ten seconds of one core; ten times that and the machine is the
# problem.
TIMEOUT_S = 120.0
_ROOT = Path(__file__).resolve().parents[2]
_OWN_ENVIRONMENT = (
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "HOME",
    "VIRTUAL_ENV",
    "PYTHONPATH",
)

Runner = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class WorkbookSheet(TabbedSheet):
    """
    The orders in a workbook on this machine.

    Her own columns, tabs, formulas, formats, filters and notes stay as they are; a book that holds what can't be kept
    is refused, not trimmed (SheetWouldLose). The results of her formulas are not kept in the file: Excel and
    LibreOffice work them out when they open it, a preview that can't calculate shows them empty until then. While a
    program has the book open, reading goes on and writing waits (SheetBusy).

    Not for several threads at a time. Another process of ours is kept out by a lock file beside the book.
    """

    def __init__(
        self,
        path: Path,
        *,
        language: str,
        status_labels: Sequence[str],
        status_colours: Mapping[str, str],
        texts: Mapping[str, str],
        run: Runner | None = None,
    ) -> None:
        """
        Args:
        path: of the .xlsx file; a link is followed. It is made by ensure() or the first write().
        language: of titles and headers that we make: "id" or "en". Both are found.
        status_labels: choices of the Status drop-down, in its order.
        status_colours: label -> background, six hexadecimal digits.
        texts: what she reads in the book, translated: editable_hint (comment on the headers of columns that she may
            edit), status_title and status_hint (shown when she types a status that is not in the list). Any may be left
            out.
        run: does a request of workbook_process; by default in a child process.
        """
        self.path = Path(os.path.realpath(path))
        self._look = {
            "language": language,
            "statuses": list(status_labels),
            "colours": dict(status_colours),
            "editable_hint": texts.get("editable_hint", ""),
            "status_title": texts.get("status_title", ""),
            "status_hint": texts.get("status_hint", ""),
        }
        self._run = run or run_in_child
        # What the file was when we last read it whole.
        self._known: Stamp | None = None

    def ensure(self) -> None:
        """
        Make the empty book when there is none, so that the seller can open it before the first order.

        Raises:
            SheetError
        """
        if self._stamp_now() is None:
            self.write(())

    def changed(self) -> bool:
        """Say whether the file is another than the one last read or written. One stat(); SheetFailed where it fails."""
        now = self._stamp_now()
        return now is None or now != self._known

    def read(self) -> SheetView:
        """Give the orders tab. See Sheet.read(). A book that is gone is SheetMissing, never an empty view."""
        # Before the read: what is saved while it goes on shows as a change afterwards.
        stamp = self._stamp_now()
        found = self._request("read")
        self._known = stamp
        return SheetView(
            rows=tuple(SeenRow(**row) for row in found["rows"]),
            duplicates=tuple(found["duplicates"]),
            hand_rows=tuple(HandRow(**row) for row in found["hand_rows"]),
            fingerprint=found["fingerprint"],
            edition=found["edition"],
        )

    def write(
        self,
        rows: Sequence[OrderRow],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> WriteReport:
        """Make the book show these orders. See Sheet.write()."""
        # Not asdict(): that copies each value deeply, and buyers wait for the time it takes.
        plain = [
            {
                "ref": row.ref,
                "values": dict(row.values),
                "seen": dict(row.seen),
                "lines": [dict(line) for line in row.lines],
                "insert": row.insert,
                "final": row.final,
            }
            for row in rows
        ]
        done = self._request("write", rows=plain, edition=edition, known=sorted(known), not_after=not_after)
        self._note_own(done)
        report = done["report"]
        return WriteReport(
            written=tuple(report["written"]),
            missing=tuple(report["missing"]),
            edited=report["edited"],
            duplicates=tuple(report["duplicates"]),
            created=tuple(report["created"]),
            edition=report["edition"],
        )

    def mark(
        self,
        marks: Sequence[HandMark],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> MarkReport:
        """Write into rows of hers. See HandSheet.mark()."""
        plain = [{"values": dict(each.row.values), "row": each.row.row, "cells": dict(each.cells)} for each in marks]
        done = self._request("mark", marks=plain, edition=edition, known=sorted(known), not_after=not_after)
        self._note_own(done)
        return MarkReport(marked=tuple(done["report"]["marked"]), edition=done["report"]["edition"])

    def show_tab(self, tab: Tab, rows: Sequence[TabRow], *, known: bool, not_after: float | None = None) -> TabReport:
        """See TabbedSheet.show_tab(). Only right after a read: what she has typed since is looked at first."""
        if self.changed():
            raise SheetChanging(attempts=0)
        plain = {
            "code": tab.code,
            "known": known,
            "rows": [
                {
                    "ref": row.ref,
                    "values": dict(row.values),
                    "ours": {code: list(ours) for code, ours in row.ours.items()},
                }
                for row in rows
            ],
        }
        done = self._request("show", tab=plain, not_after=not_after)
        self._note_own(done)
        found = done["report"]["tab"]
        # A book that doesn't hold what we put into it never replaces hers.
        return TabReport(
            stands=not found["duplicates"],
            changed=found["changed"],
            made=found["made"],
            duplicates=tuple(found["duplicates"]),
            edits=found["edits"],
        )

    def _stamp_now(self) -> Stamp | None:
        try:
            return stamp_of(self.path)
        except OSError as error:
            # A folder that we may not look into, or a file in its place.
            raise SheetFailed(reason=error.strerror or type(error).__name__) from error

    def _note_own(self, done: Mapping[str, Any]) -> None:
        # Only if nothing of hers lies between the last read and this write does the new file hold nothing unread.
        if self._known == _stamp(done["before"]) and self._known is not None:
            self._known = _stamp(done["after"])

    def _request(self, action: str, **more: Any) -> Mapping[str, Any]:
        answer = self._run(
            {"action": action, "path": str(self.path), "look": self._look, "parent": os.getpid(), **more}
        )
        if (error := answer.get("error")) is not None:
            raise error_from(error)
        result: Mapping[str, Any] = answer["result"]
        return result


def _stamp(data: Mapping[str, int] | None) -> Stamp | None:
    return None if data is None else Stamp(**data)


def error_from(data: Mapping[str, Any]) -> SheetError:
    """Make the error that the child tells of."""
    fields = {
        name: datetime.fromisoformat(v["instant"]) if isinstance(v, dict) and "instant" in v else v
        for name, v in data["fields"].items()
    }
    return SHEET_ERRORS[data["code"]](**fields)


def run_in_child(request: Mapping[str, Any], *, timeout_s: float = TIMEOUT_S) -> Mapping[str, Any]:
    """
    Do a request in a child process of low priority.

    Raises:
        SheetFailed: it took longer than timeout_s (it is killed then, and the file is whole), died, or could not be
            started.
    """
    # The secrets of the shop's environment are no business of the child.
    environment = {name: value for name, value in os.environ.items() if name.upper() in _OWN_ENVIRONMENT}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_ROOT), environment.get("PYTHONPATH", "")]))
    command = [sys.executable, "-X", "utf8", "-m", "intake.sheet.workbook_process"]
    try:
        done = subprocess.run(  # noqa: S603  our own module under our own interpreter
            command,
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            env=environment,
            check=False,
            # Ctrl-C ends the shop, which lets a write that is under way come to its end.
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise SheetFailed(reason="timeout") from error
    except OSError as error:
        raise SheetFailed(reason=error.strerror or type(error).__name__) from error
    if done.returncode != 0:
        # The last line of a traceback names the error; its text may hold what buyers typed, so only the name goes on.
        last = done.stderr.strip().splitlines()[-1:] or [""]
        raise SheetFailed(reason=f"exit {done.returncode}: {last[0].partition(':')[0]}")
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer
