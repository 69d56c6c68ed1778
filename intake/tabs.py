"""
The further tabs of the seller's sheet, kept in step with the ledger beside the orders.

They follow the orders, and never hold them up: one tab at most is written in a round, only when what it shows has
changed, and not more often than every half minute; its troubles are told once and tried again later.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from intake.enquiry_rows import carry_out, note_intended, quotation_rows, waitlist_rows
from intake.ledger.leases import LeasedWriter
from intake.ledger.recording import note_meta
from intake.ledger.schema import meta
from intake.ledger.writer import Writer
from intake.order_rows import Wording
from intake.sheet import SheetChanging, SheetError
from intake.sheet.columns import Tab
from intake.sheet.tabs import FURTHER, QUOTATIONS, SUMMARY, WAITLIST, TabbedSheet, TabRow
from intake.summary import summary_rows
from preorder.catalogue import Catalogue

log = logging.getLogger(__name__)

EVERY_S = 30.0
# How often it is asked whether there is something new; the ledger alone is read for that.
QUIET_S = 10.0
# After a trouble that only the seller's hand can mend.
TROUBLE_S = 120.0
# How often a tab is compared although nothing has changed: she may have deleted it, or typed over it.
COMPARE_S = 600.0
# Trouble of a tab: rows with one key stand in it more than once.
TWICE = "tab_rows_twice"
# How often a tab is looked at in which she may type something.
LOOK_S = 60.0
# Begins the key under which it is kept of a tab whether it was made, and what is the matter with it.
_KEY = "tab:"
# Code of a tab -> what gives its rows.
_ROWS: Mapping[str, Callable[[Connection, Catalogue, Wording, datetime], list[TabRow]]] = {
    SUMMARY.code: summary_rows,
    WAITLIST.code: waitlist_rows,
    QUOTATIONS.code: quotation_rows,
}


@dataclass
class _State:
    """
    Of one tab.

    Attributes:
        shown: what stands there as far as known; None: to be compared.
        compared_at: when that was seen; at: when it is looked at again; by the uptime. known: whether it was made. trouble: code of the last one told.
    """

    shown: tuple[TabRow, ...] | None = None
    compared_at: float = float("-inf")
    at: float = float("-inf")
    known: bool = False
    trouble: str = ""
    loaded: bool = False


class Tabs:
    """Keeps the further tabs. One instance, used by the sheet's thread after each round with the orders."""

    def __init__(
        self,
        sheet: TabbedSheet,
        writer: Writer | LeasedWriter,
        reader: Engine,
        catalogue: Callable[[], Catalogue],
        wording: Callable[[], Wording],
        clock: Callable[[], datetime],
        *,
        uptime: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sheet, self._writer, self._reader = sheet, writer, reader
        self._catalogue, self._wording, self._clock, self._uptime = catalogue, wording, clock, uptime
        self._states = {tab.code: _State() for tab in FURTHER}

    def sync(self, *, looked: bool = False) -> bool:
        """
        Bring the tab that has waited longest up to date, of those that need it; say whether it was written.

        Args:
            looked: the sheet is another than before: she has perhaps typed into one of these tabs.

        Raises:
            LeaseLost, LedgerError, sqlalchemy.exc.SQLAlchemyError. What is the matter with the sheet is noted, not raised.
        """
        now = self._uptime()
        if looked:
            for state in self._states.values():
                if any(row.ours for row in state.shown or ()):
                    state.at = state.compared_at = float("-inf")
        for tab in sorted(FURTHER, key=lambda each: self._states[each.code].at):
            state = self._states[tab.code]
            if state.at > now:
                break
            state.at = now + QUIET_S
            rows = self._rows(tab, state)
            typed_into = any(row.ours for row in rows)
            # A tab is made once there is something to show in it.
            lacking = rows != state.shown and (rows or state.known)
            if lacking or (rows and now - state.compared_at >= (LOOK_S if typed_into else COMPARE_S)):
                state.at = now + EVERY_S
                return self._show(tab, state, rows, now, typed_into=typed_into)
        return False

    def _rows(self, tab: Tab, state: _State) -> tuple[TabRow, ...]:
        with self._reader.begin() as connection:
            if not state.loaded:
                kept = tab_notes(connection).get(tab.code, {})
                state.known, state.trouble = bool(kept.get("made")), str(kept.get("trouble", ""))
                state.loaded = True
            return tuple(_ROWS[tab.code](connection, self._catalogue(), self._wording(), self._clock()))

    def _show(self, tab: Tab, state: _State, rows: tuple[TabRow, ...], now: float, *, typed_into: bool) -> bool:
        if typed_into:
            self._writer.submit(lambda tx: note_intended(tx, rows))
        try:
            report = self._sheet.show_tab(tab, rows, known=state.known)
        except SheetChanging:
            # She is just at it; orders come first, and this is tried again after them.
            state.at = now
            return False
        except SheetError as error:
            state.shown = None
            state.at = now + max(error.wait_s or 0.0, TROUBLE_S if error.permanent else EVERY_S)
            if error.permanent:
                self._note(tab, state, error.code, error.fields, made=state.known)
            return False
        state.shown = rows if report.stands else None
        state.compared_at = now
        if typed_into:
            edits, at = report.edits, self._clock()
            self._writer.submit(lambda tx: carry_out(tx, rows, edits, at))
            if edits:
                log.info("tab %s of the sheet: %d rows edited", tab.code, len(edits))
                state.at = now
        self._note(tab, state, TWICE if report.duplicates else "", {"refs": report.duplicates}, made=True)
        return report.changed

    def _note(self, tab: Tab, state: _State, trouble: str, fields: Mapping[str, Any], *, made: bool) -> None:
        """Keep what is known of a tab, where that is news; a trouble is told once."""
        if (made, trouble) == (state.known, state.trouble):
            return
        if trouble and trouble != state.trouble:
            log.warning("tab %s of the sheet can't be kept, the orders are: %s", tab.code, trouble)
        elif state.trouble and not trouble:
            log.info("tab %s of the sheet is kept again", tab.code)
        state.known, state.trouble = made, trouble
        kept = json.dumps({"made": made, "trouble": trouble, "fields": fields if trouble else {}}, sort_keys=True)
        self._writer.submit(lambda tx: note_meta(tx, {_KEY + tab.code: kept}))


def tab_notes(connection: Connection) -> dict[str, dict[str, Any]]:
    """Give code of a further tab -> what is kept of it: made, trouble (code of a SheetError, TWICE or ""), its fields."""
    found = select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_KEY, autoescape=True))
    return {row.key.removeprefix(_KEY): json.loads(row.value) for row in connection.execute(found)}
