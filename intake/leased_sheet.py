"""A sheet under a lease: what one of several processes may do with it while the work is its own."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence

from intake.ledger.leases import Lease
from intake.sheet import LATE, OrderRow, SheetFailed, SheetView, WriteReport, uptime
from intake.sheet.columns import Tab
from intake.sheet.hands import HandMark, MarkReport
from intake.sheet.tabs import TabbedSheet, TabReport, TabRow

# How long a write of the sheet may take, for which the lease is renewed beforehand; doubled each time that it wasn't
# enough. A workbook's child is killed after intake.sheet.workbook.TIMEOUT_S.
WRITE_S = 25.0
WRITE_MOST_S = 120.0
# Between the last moment in which a write may land and the first in which another may take the lease.
WRITE_MARGIN_S = 5.0


class LeasedSheet(TabbedSheet):
    """
    A sheet as the holder of a lease may use it: nothing of it lands once another may have taken over.

    Before each write the lease is renewed for longer than that write may take, and the write itself is told when it
    comes too late. What a holder can do at worst that was stopped in the middle, lost its lease, and then goes on:

    - Workbook: its child process looks at the time in the last moment before the file is put in place, WRITE_MARGIN_S
      before another could have had the lease. If just that moment is the one in which the machine sleeps for longer,
      one file is put in place which the new holder's next look finds changed; a write begun from an older edition than
      the file then has is refused in any case.
    - Google: nothing. The number of a write (its fence) is noted in the ledger before it is sent, which only the holder
      can do; the next holder finds it there and uses it up before doing anything else. So no time has to pass, though
      Google may still be at work on what the last one sent. Where numbers turned out not to be unique, the next holder
      waits for as long as Google may take.
    - Ledger: nothing. Its next work finds another owner (LeasedWriter).
    """

    def __init__(self, sheet: TabbedSheet, lease: Lease) -> None:
        self._sheet = sheet
        self._lease = lease
        self._write_s = WRITE_S

    @property
    def fenced(self) -> bool:  # type: ignore[override]  # as the sheet beneath
        """See Sheet.fenced."""
        return self._sheet.fenced

    @property
    def again_s(self) -> float:  # type: ignore[override]  # as the sheet beneath
        """See Sheet.again_s."""
        return self._sheet.again_s

    def settle(self) -> None:
        """See Sheet.settle()."""
        self._sheet.settle()

    def confirm(self) -> None:
        """See Sheet.confirm()."""
        self._sheet.confirm()

    def wait_s(self) -> float:
        """See Sheet.wait_s()."""
        return self._sheet.wait_s()

    def changed(self) -> bool:
        """See Sheet.changed()."""
        return self._sheet.changed()

    def read(self) -> SheetView:
        """See Sheet.read()."""
        return self._sheet.read()

    def write(
        self,
        rows: Sequence[OrderRow],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> WriteReport:
        """
        See Sheet.write().

        Raises:
            LeaseLost: another works on the sheet; nothing was written.
        """
        with self._in_time(not_after) as latest:
            return self._sheet.write(rows, edition=edition, known=known, not_after=latest)

    def mark(
        self,
        marks: Sequence[HandMark],
        *,
        edition: str = "",
        known: Collection[str] = (),
        not_after: float | None = None,
    ) -> MarkReport:
        """
        See HandSheet.mark().

        Raises:
            LeaseLost: as write().
        """
        with self._in_time(not_after) as latest:
            return self._sheet.mark(marks, edition=edition, known=known, not_after=latest)

    def show_tab(self, tab: Tab, rows: Sequence[TabRow], *, known: bool, not_after: float | None = None) -> TabReport:
        """
        See TabbedSheet.show_tab().

        Raises:
            LeaseLost: as write().
        """
        with self._in_time(not_after) as latest:
            return self._sheet.show_tab(tab, rows, known=known, not_after=latest)

    @contextlib.contextmanager
    def _in_time(self, not_after: float | None) -> Iterator[float]:
        """Give until when a write may land, with a lease that lasts longer."""
        # First the time, then the lease: it lasts longer than the write may, however long lies between.
        latest = uptime() + self._write_s
        if not self.fenced:
            self._lease.renew(self._write_s + WRITE_MARGIN_S)
        try:
            yield latest if not_after is None else min(latest, not_after)
        except SheetFailed as error:
            if error.fields.get("reason") == LATE:
                self._write_s = min(2 * self._write_s, WRITE_MOST_S)
            raise
