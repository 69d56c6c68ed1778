"""
Reading everything that a workbook knows of the orders, all columns of all our tabs: what a restored ledger is compared
with. Nothing is written.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from intake.sheet import Found, SheetBusy, SheetFailed, SheetMissing
from intake.sheet.columns import LINES, ORDERS
from intake.sheet.recall import Recalled, RecalledEnquiries, RecalledRow
from intake.sheet.workbook_book import Content, Row, edition_in, read_tabs, unzip
from intake.sheet.workbook_file import check_not_open
from intake.sheet.workbook_tabs import recall_enquiries

# For how long another process of ours is waited for.
LOCK_S = 20.0


def recall(path: Path, language: str) -> Recalled:
    """
    Read a workbook that no program has open, for what she has typed there and not yet saved would be missed.

    Args:
        language: of the shop; its headers count first.

    Raises:
        SheetMissing, SheetBusy, SheetFailed, SheetUnreadable, SheetTabMissing, ...
    """
    if not path.exists():
        raise SheetMissing(path=str(path))
    check_not_open(path)
    # The child of a shop that was killed may be about to put its file in place.
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_S)
    try:
        with lock:
            content = path.read_bytes()
    except Timeout as error:
        raise SheetBusy(program="etalase", user="", host="", since=None) from error
    except OSError as error:
        raise SheetFailed(reason=error.strerror or type(error).__name__) from error
    unzip(content).close()
    tabs = read_tabs(content, language)
    enquiries = recall_enquiries(content, language)
    return _recalled(tabs[ORDERS.code], tabs.get(LINES.code), edition_in(content), enquiries)


def recall_workbook_enquiries(path: Path, language: str) -> RecalledEnquiries:
    """
    Read the tabs for enquiries alone, as they were last saved.

    Raises:
        SheetMissing, SheetFailed, SheetUnreadable, SheetTabTwice, ...
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise SheetMissing(path=str(path)) from error
    except OSError as error:
        raise SheetFailed(reason=error.strerror or type(error).__name__) from error
    unzip(content).close()
    return recall_enquiries(content, language)


def _recalled(orders: Content, lines: Content | None, edition: str, enquiries: RecalledEnquiries) -> Recalled:
    rows = []
    for row in orders.rows:
        if row.ref and len(orders.by_ref[row.ref]) == 1:
            of_it = lines.by_ref.get(row.ref, ()) if lines is not None else ()
            rows.append(RecalledRow(row.ref, _known(row), tuple(_known(line) for line in of_it), row.number))
    twice = tuple(ref for ref, found in orders.by_ref.items() if len(found) > 1)
    return Recalled(tuple(rows), twice, edition, enquiries)


def _known(row: Row) -> dict[str, Found]:
    return {code: value for code, value in row.values.items() if code not in row.unknown}
