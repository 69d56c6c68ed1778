"""
The seller's spreadsheet, whichever it is: what one order looks like in it, what a read finds, what can go wrong.

Plain data only, so that it passes between threads and processes. Backends: intake.sheet.workbook (an .xlsx file),
intake.sheet.google (a Google spreadsheet). The columns stand in intake.sheet.columns. The rules that every backend keeps
are tests/contracts/test_sheet.py.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from preorder.errors import PreorderError

# Text is literal text and never a formula; an int is a number; None is an empty cell.
Cell = str | int | None
# What a cell may hold when it is read: she may have typed 1500.5. Dates, truth values and rich text come as text.
Found = str | int | float | None


# What a ref looks like, however badly it was typed; whether it is one, preorder.ref says.
_LIKE_REF = re.compile(r"[A-Z]{2,4}-[A-Z0-9]{3,9}")

# SheetFailed.reason of a write that would have landed later than it was allowed to.
LATE = "late"


def uptime() -> float:
    """
    Give seconds by a clock that all processes of this machine share, that nobody sets, and that goes on where the
    system can tell while the machine sleeps.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True)
class OrderRow:
    """
    What one order is to look like in the sheet.

    Attributes:
        ref: the order's ref; rows are found by it, never by position.
        values: code of a column of the orders tab -> value. A column that is left out is left alone.
        seen: code of an editable column -> the value that we last wrote or saw there. A column that is left out counts
            as holding what is wanted: right for a fresh row, and for one whose writing was cut off before it could be
            noted.
        lines: one mapping per line in the order's own order: code of a column of the lines tab -> value (`ref` may be
            left out).
        insert: whether a row may be made when the ref isn't found; without it the ref is reported as missing.
        final: whether nothing in it is a command any more: then also what she has typed and nobody has read yet is
            written over.
    """

    ref: str
    values: Mapping[str, Cell]
    seen: Mapping[str, Found] = field(default_factory=dict)
    lines: tuple[Mapping[str, Cell], ...] = ()
    insert: bool = True
    final: bool = False

    def details(self) -> dict[str, tuple[Mapping[str, Cell], ...]]:
        """Give the rows of the other tabs: code of the tab -> its rows."""
        return {"lines": self.lines}


@dataclass(frozen=True)
class SeenRow:
    """
    One row of the orders tab that carries a ref.

    Attributes:
        ref: as in the ledger (trimmed, upper case). It may be unknown there: the caller decides.
        values: code -> value of every editable column, and of those that tell whose row it is (columns.IDENTITY). A cell whose value can't be known now is left out: a formula
            whose result no program has stored yet, a cell hidden under a merge. Left out means unchanged.
        row: its number, for messages only; it may be another one a moment later.
    """

    ref: str
    values: Mapping[str, Found]
    row: int


@dataclass(frozen=True)
class HandRow:
    """
    A row below the header without a ref in which she filled at least one of our columns: code -> value of the filled
    ones.
    """

    values: Mapping[str, Found]
    row: int


@dataclass(frozen=True)
class SheetView:
    """
    What a read found.

    Attributes:
        rows: every ref that stands exactly once.
        duplicates: refs that stand more than once; they are not in rows, and write() leaves them alone.
        hand_rows: rows of hers without a ref.
        fingerprint: equal for equal content of the sheet.
        edition: mark of our write that it descends from; "" where it carries none. An unknown one tells of an old copy.
        doubtful: whether words of ours may stand in the wrong place: rows or columns were moved between our look and a
            write that has landed. What equals such a word is no command of hers.
    """

    rows: tuple[SeenRow, ...]
    duplicates: tuple[str, ...]
    hand_rows: tuple[HandRow, ...]
    fingerprint: str
    edition: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class WriteReport:
    """
    What a write did, taken from what stands in the sheet afterwards.

    Attributes:
        written: refs whose row stands as wanted, apart from the cells in edited.
        missing: refs with insert=False that were not found: she deleted the row, or changed its ref. Nothing of them
            was written.
        edited: ref -> editable cells that differed from `seen` and were left alone: her unread edit wins.
        duplicates: refs that stand more than once; both rows were left alone.
        created: codes of tabs that were made by this write (all of them for a new book): what they lack was not deleted
            by her.
        edition: mark that the sheet carries now; the one given, unless nothing had to be written.
    """

    written: tuple[str, ...]
    missing: tuple[str, ...]
    edited: Mapping[str, Mapping[str, Found]]
    duplicates: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    edition: str = ""


class Sheet(Protocol):
    """
    A spreadsheet that shows the orders and takes her edits. One thread at a time may use it.

    Where the outcome of a write can stay unknown (a spreadsheet over the net), a round goes: settle(), read(), write(),
    and confirm() once what was read or written is noted in the ledger.

    Attributes:
        fenced: whether a write whose caller has lost its place can't land any more once the next one has settled.
        again_s: seconds after which to try again where an error doesn't say.
    """

    fenced: bool = False
    again_s: float = 5.0

    def ensure(self) -> None:
        """
        Make what can be made without asking, so that the seller can open it before the first order.

        Raises:
            SheetError
        """
        return

    def settle(self) -> None:
        """
        Find out what became of a write whose outcome is not known, so that it can't land any more; before that nothing
        may be read as her command, and nothing else be written.

        Raises:
            SheetError: it can't be told yet.
        """
        return

    def confirm(self) -> None:
        """Take what was last read or written for noted: it need not be looked at again after a crash."""
        return

    def wait_s(self) -> float:
        """Give for how many seconds nothing should be written, to keep the pace that is allowed; 0: write."""
        return 0.0

    def changed(self) -> bool:
        """Say, cheaply, whether a read could show anything that the last read() or write() did not."""
        ...

    def read(self) -> SheetView:
        """
        Give the orders tab as it stands now.

        Raises:
            SheetError
        """
        ...

    def write(
        self,
        rows: Sequence[OrderRow],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> WriteReport:
        """
        Make the sheet show these orders, all of them or none, and carry this edition from then on ("": as before).

        Args:
            known: editions that it may carry now; another one was put there since the last read, and is to be read
                before anything is written over it (SheetChanging). Empty: any.
            not_after: by uptime(): what isn't ready by then is not put in place any more, not even by whoever was
                stopped meanwhile and goes on (SheetFailed, reason LATE).

        Doing it twice changes nothing the second time. After an error nothing was written, and the same rows may be
        sent again.

        Raises:
            SheetError
        """
        ...


class SheetError(PreorderError):
    """
    The sheet can't be read or written now; orders wait in the outbox and nothing is lost.

    Attributes:
        permanent: False: wait and try again. True: it needs the seller's hand; trying again is harmless but useless
            until then.
    """

    code = "sheet_error"
    permanent: ClassVar[bool] = False

    @property
    def wait_s(self) -> float | None:
        """Give after how many seconds to try again; None: as the caller thinks fit."""
        found = self.fields.get("wait_s")
        return float(found) if isinstance(found, int | float) else None


class SheetBusy(SheetError):
    """
    It is open in another program.

    Fields: program ("libreoffice", "excel", "unknown", or "etalase" for a second process of ours), user, host (texts,
    maybe empty), since (aware datetime or None).
    """

    code = "sheet_busy"


class SheetChanging(SheetError):
    """It was saved by somebody else again and again while we prepared our write. Fields: attempts."""

    code = "sheet_changing"


class SheetFailed(SheetError):
    """The machine failed us: disk full, no permission, time ran out, the helper process died. Fields: reason."""

    code = "sheet_failed"


class SheetMissing(SheetError):
    """There is no such spreadsheet. Fields: path."""

    code = "sheet_missing"
    permanent = True


class SheetFolderMissing(SheetError):
    """
    The folder that the workbook is to lie in isn't there: mistyped, or a disk that is not mounted now. It is not made,
    for a new workbook in it would hide hers. Fields: path (of the folder).
    """

    code = "sheet_folder_missing"
    permanent = True


class SheetUnreadable(SheetError):
    """It isn't a spreadsheet, is damaged or is protected by a password. Fields: reason."""

    code = "sheet_unreadable"
    permanent = True


class SheetTabMissing(SheetError):
    """The tab is gone. Fields: tab (title)."""

    code = "sheet_tab_missing"
    permanent = True


class SheetTabTwice(SheetError):
    """No tab has our title and several look like ours. Fields: tab (title), titles (theirs)."""

    code = "sheet_tab_twice"
    permanent = True


class SheetHeaderMissing(SheetError):
    """Columns of ours have no header. Fields: tab (title as it stands), columns (headers to put back)."""

    code = "sheet_header_missing"
    permanent = True


class SheetHeaderTwice(SheetError):
    """Columns of ours have their header more than once. Fields: tab (title as it stands), columns (headers)."""

    code = "sheet_header_twice"
    permanent = True


class SheetWouldLose(SheetError):
    """
    Writing would lose what she put in. Fields: parts (codes, see intake.sheet.workbook_loss), places (where: tabs or
    parts of the file).
    """

    code = "sheet_would_lose"
    permanent = True


class SheetTooLarge(SheetError):
    """
    There are too many rows to be handled in time; a new spreadsheet is needed. Fields: tab, rows, ceiling (rows); or
    size, ceiling (bytes).
    """

    code = "sheet_too_large"
    permanent = True


class SheetTextTooLong(SheetError):
    """
    A cell can't hold so long a text; nothing was written. Fields: tab, ref, column (codes), length, ceiling (UTF-16
    units).
    """

    code = "sheet_text_too_long"
    permanent = True


class SheetAway(SheetError):
    """
    Google can't be reached, or fails. What was asked for was not written. Fields: reason ("503", "timeout",
    "connection", "answer"), wait_s.
    """

    code = "sheet_away"


class SheetInDoubt(SheetError):
    """
    A write may have landed, or may still. Sheet.settle() finds out. Fields: reason (as SheetAway), wait_s.
    """

    code = "sheet_in_doubt"


class SheetPaced(SheetError):
    """More was asked than Google allows in a minute; nothing was written. Fields: wait_s."""

    code = "sheet_paced"


class SheetGone(SheetError):
    """There is no spreadsheet with this id any more: deleted, or never there. Fields: spreadsheet (id), wait_s."""

    code = "sheet_gone"
    permanent = True


class SheetNotShared(SheetError):
    """
    The spreadsheet is not shared with us, or for reading only. Fields: account (address to share it with), writing
    (whether reading is allowed), wait_s.
    """

    code = "sheet_not_shared"
    permanent = True


class SheetApiOff(SheetError):
    """The project of the service account has the Google Sheets API switched off. Fields: account, wait_s."""

    code = "sheet_api_off"
    permanent = True


class SheetKeyWrong(SheetError):
    """
    The service account's key can't be used. Fields: path, reason ("missing", "unreadable", "refused": deleted or
    expired at Google, or this machine's clock is wrong), wait_s.
    """

    code = "sheet_key_wrong"
    permanent = True


class SheetProtected(SheetError):
    """She protected cells that we write, and one refuses the whole write. Fields: account, wait_s."""

    code = "sheet_protected"
    permanent = True


class SheetRefused(SheetError):
    """Google refuses what we ask for. Fields: status (HTTP), reason (Google's words, cut), wait_s."""

    code = "sheet_refused"
    permanent = True


SHEET_ERRORS: dict[str, type[SheetError]] = {
    kind.code: kind
    for kind in (
        SheetBusy,
        SheetChanging,
        SheetFailed,
        SheetMissing,
        SheetFolderMissing,
        SheetUnreadable,
        SheetTabMissing,
        SheetTabTwice,
        SheetHeaderMissing,
        SheetHeaderTwice,
        SheetWouldLose,
        SheetTooLarge,
        SheetTextTooLong,
        SheetAway,
        SheetInDoubt,
        SheetPaced,
        SheetGone,
        SheetNotShared,
        SheetApiOff,
        SheetKeyWrong,
        SheetProtected,
        SheetRefused,
    )
}


class Notes(Protocol):
    """
    What a sheet keeps across restarts, outside of the spreadsheet: name -> text. No personal data and no words of hers.
    """

    def load(self) -> dict[str, str]:
        """Give all of them as they are stored now."""
        ...

    def store(self, values: Mapping[str, str]) -> None:
        """Keep these for certain, all or none, before returning; others stay as they are."""
        ...


class NotesInMemory:
    """Notes that end with the process: for a look, and for tests."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def load(self) -> dict[str, str]:
        """See Notes.load()."""
        return dict(self._values)

    def store(self, values: Mapping[str, str]) -> None:
        """See Notes.store()."""
        self._values.update(values)


def canonical(value: Found) -> str:
    """
    Give the text by which values of cells are compared: trimmed, line ends alike, a whole number without a point, ""
    for an empty cell.

    A number equals the text of just its digits (150000, 150000.0, "150000"), since programs turn one into the other.
    "0812" and 812 differ: a lost zero is a change.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def same_value(a: Found, b: Found) -> bool:
    """Say whether two values of a cell are the same for the one who reads the sheet. See canonical()."""
    return canonical(a) == canonical(b)


def canonical_ref(value: Found) -> str:
    """Give a ref as the ledger has it, however it was typed into the sheet; "" for an empty cell."""
    return canonical(value).upper()


def looks_like_ref(text: str) -> bool:
    """Say whether a text in the ref's column may be meant as one: not a heading or a note of hers."""
    return bool(_LIKE_REF.fullmatch(text))
