"""
The tabs beside the orders: what each looks like, and how what is to stand in one is compared with what stands there.

Both backends share all of it. A tab's rows are found by their key (the column `ref`), never by position; its columns by
their headers; her own columns and rows stay as they are, and no row is ever taken away. A trouble with one of these tabs
is a trouble of that tab alone: orders are written all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from intake.sheet import Cell, Found, SheetHeaderMissing, SheetTabTwice, canonical_ref, same_value
from intake.sheet.columns import Column, Header, Kind, Tab, best_match, find_header, normal
from intake.sheet.hands import HandSheet

# What tells our tab from one of hers with the same title.
SUFFIX = " (Etalase)"
# A row that holds so many of our headers, and fewer than half of them, is a header of ours that was damaged.
DAMAGED = 3


def _column(
    code: str, indonesian: str, english: str, kind: Kind = "text", width: int = 14, *, editable: bool = False
) -> Column:
    wrap = kind == "text" and width >= 20
    return Column(code, {"id": indonesian, "en": english}, (), editable, kind, width, wrap, identity=False)


SUMMARY: Final = Tab(
    code="summary",
    titles={"id": "Ringkasan", "en": "Summary"},
    required=False,
    ceiling=1000,
    columns=(
        _column("campaign", "PO", "Campaign", width=24),
        _column("round", "Putaran", "Round", width=26),
        _column("pool", "Kuota Untuk", "Quota Of", width=26),
        _column("quota", "Kuota", "Quota", "count", 10),
        _column("taken", "Terpesan", "Taken", "count", 10),
        _column("left", "Sisa", "Left", "count", 10),
        _column("remark", "Keterangan", "Remark", width=40),
        _column("target", "Target", "Target", width=24),
        _column("batch", "Minimum", "Minimum", width=20),
        _column("decide", "Perlu Keputusan", "To Decide", "count", 12),
        _column("expiring", "Batas Bayar Hari Ini", "Payment Due Today", "count", 12),
        _column("ref", "Kode", "Code", width=30),
    ),
)

WAITLIST: Final = Tab(
    code="waitlist",
    titles={"id": "Daftar Tunggu", "en": "Waitlist"},
    required=False,
    ceiling=2000,
    columns=(
        _column("ref", "No. Antrean", "Waiting No.", width=13),
        _column("kind", "Menunggu Apa", "Waits For", width=18),
        _column("status", "Keadaan", "State", width=14),
        _column("asked_at", "Sejak", "Since", width=20),
        _column("campaign", "PO", "Campaign", width=24),
        _column("wanted", "Yang Diminta", "Wanted", width=34),
        _column("units", "Banyaknya", "Units", "count", 10),
        _column("part", "Boleh Kurang", "Fewer Will Do", width=14),
        _column("name", "Nama", "Name", width=20),
        _column("whatsapp", "WhatsApp", "WhatsApp", width=17),
        _column("note", "Pesannya", "Her Words", width=24),
        _column("chat", "Chat", "Chat", "link", 12),
    ),
)

QUOTATIONS: Final = Tab(
    code="quotations",
    titles={"id": "Penawaran", "en": "Quotations"},
    required=False,
    ceiling=1000,
    columns=(
        _column("ref", "No. Permintaan", "Request No.", width=13),
        _column("status", "Jawaban", "Answer", width=14, editable=True),
        _column("asked_at", "Ditanyakan", "Asked On", width=20),
        _column("campaign", "Untuk PO", "For Campaign", width=24),
        _column("wanted", "Permintaan", "Request", width=34),
        _column("units", "Total Unit", "Total Units", "count", 10),
        _column("needed_by", "Dibutuhkan", "Needed On", width=18),
        _column("name", "Peminta", "Asked By", width=20),
        _column("company", "Perusahaan", "Company", width=20),
        _column("whatsapp", "WhatsApp", "WhatsApp", width=17),
        _column("note", "Keterangan Peminta", "Remarks", width=24),
        _column("seller_note", "Catatan Anda", "Your Note", width=24, editable=True),
        _column("chat", "Chat", "Chat", "link", 12),
        _column("message", "Pesan Sistem", "System Message", width=40),
    ),
)

FURTHER: Final = (SUMMARY, WAITLIST, QUOTATIONS)
# Those whose rows are enquiries.
ENQUIRY_TABS: Final = (WAITLIST, QUOTATIONS)


@dataclass(frozen=True)
class TabRow:
    """
    What one row of a further tab is to look like.

    Attributes:
        ref: its key, unique in the tab, for ever the same.
        values: code of a column -> value; one that is left out is left alone.
        ours: code of a column that she may edit -> all that we may have written there. What stands there otherwise is
            hers, is left alone and told.
    """

    ref: str
    values: Mapping[str, Cell]
    ours: Mapping[str, Sequence[Cell]] = field(default_factory=dict)


@dataclass(frozen=True)
class TabReport:
    """
    What show_tab() did, taken from what stands there afterwards.

    Attributes:
        stands: whether every row stands as wanted.
        changed: whether anything had to be written.
        made: whether the tab was made.
        duplicates: keys that stand more than once; those rows were left alone.
        edits: key -> code -> what she has typed into a cell that she may edit.
    """

    stands: bool
    changed: bool
    made: bool = False
    duplicates: tuple[str, ...] = ()
    edits: Mapping[str, Mapping[str, Found]] = field(default_factory=dict)


class TabbedSheet(HandSheet, Protocol):
    """A sheet that can show further tabs."""

    def show_tab(self, tab: Tab, rows: Sequence[TabRow], *, known: bool, not_after: float | None = None) -> TabReport:
        """
        Make a further tab show these rows, all of them or none; the tab is made where it is lacking.

        1. Find tab and header. 2. Compare by key; write only what differs, fresh rows below the last one of ours.
        3. Read back.

        Doing it twice changes nothing the second time. Nothing is written where nothing differs.

        Args:
            known: whether it was made before: a tab of that name without our headers is then ours, damaged, and else hers.
            not_after: as for Sheet.write().

        Raises:
            SheetHeaderMissing, SheetHeaderTwice, SheetTabTwice: this tab can't be used until she puts it right.
            SheetError: the sheet can't be used now; the same rows may be sent again.
        """
        ...


class StandingRow(Protocol):
    """A row as a backend has read it: its number, and code -> value of what is known of it."""

    @property
    def number(self) -> int:
        """Give its number, from 1."""
        ...

    @property
    def values(self) -> Mapping[str, Found]:
        """Give code -> value of what is known of it."""
        ...

    @property
    def ref(self) -> str:
        """Give its key as it is compared."""
        ...


@dataclass
class Difference:
    """
    What lacks in a tab.

    Attributes:
        changes: number of a row -> code -> value of the cells that differ.
        fresh: rows that are not there yet, with their key.
        expected: number of each row that is there -> what must stand in it.
        duplicates: keys that stand more than once.
        edits: key -> code -> what stands in a cell that she may edit and we have not written.
    """

    changes: dict[int, dict[str, Cell]] = field(default_factory=dict)
    fresh: list[dict[str, Cell]] = field(default_factory=list)
    expected: dict[int, dict[str, Cell]] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)
    edits: dict[str, dict[str, Found]] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        """Say whether all stands as wanted."""
        return not self.changes and not self.fresh


def compare(rows: Sequence[TabRow], standing: Sequence[StandingRow], literal: Callable[[Cell], Cell]) -> Difference:
    """
    Compare what is wanted with what stands there.

    Args:
        standing: rows of the tab, from the top. A code that is lacking in one's values can't be written, or need not be.
        literal: gives a value as it can stand in a cell of this backend.
    """
    by_ref: dict[str, list[StandingRow]] = {}
    for row in standing:
        if row.ref:
            by_ref.setdefault(row.ref, []).append(row)
    found = Difference()
    for wanted in {canonical_ref(row.ref): row for row in rows}.values():
        ref = canonical_ref(wanted.ref)
        values = {code: literal(value) for code, value in wanted.values.items()}
        there = by_ref.get(ref, [])
        if len(there) > 1:
            found.duplicates.append(ref)
        elif not there:
            found.fresh.append(values | {"ref": wanted.ref})
        else:
            row = there[0]
            hers = _edited(wanted, values, row)
            if hers:
                found.edits[wanted.ref] = hers
            known = {code: value for code, value in values.items() if code in row.values and code not in hers}
            found.expected[row.number] = known
            differs = {code: value for code, value in known.items() if not same_value(row.values[code], value)}
            if differs:
                found.changes[row.number] = differs
    return found


def _edited(wanted: TabRow, values: Mapping[str, Cell], row: StandingRow) -> dict[str, Found]:
    """Give what she has typed into the cells of a row that she may edit."""
    return {
        code: row.values[code]
        for code, ours in wanted.ours.items()
        if code in row.values and not any(same_value(row.values[code], each) for each in (values.get(code), *ours))
    }


def find_further(
    tab: Tab, titles: Sequence[str], rows: Callable[[str], Sequence[Sequence[object]]], language: str, *, known: bool
) -> tuple[str, Header] | None:
    """
    Find a further tab: by our title and headers, else (she renamed it) by its headers alone.

    Args:
        titles: of all tabs that are not the orders' and lines'.
        rows: title -> the values of that tab's first rows.
        known: whether it was made before.

    Returns:
        Its title as it stands, and its header; None where it is to be made.

    Raises:
        SheetHeaderMissing, SheetHeaderTwice, SheetTabTwice
    """
    counts = {title: max((best_match(tab, row, language) for row in rows(title)), default=0) for title in titles}
    ours = {normal(each + more) for each in tab.titles.values() for more in ("", SUFFIX)}
    titled = [title for title in titles if normal(title) in ours]
    half = [title for title in titles if 2 * counts[title] >= len(tab.columns)]
    for title in (*(each for each in titled if each in half), *half):
        if title not in titled and len(half) > 1:
            raise SheetTabTwice(tab=tab.titles[language], titles=half)
        return title, find_header(tab, title, rows(title), language)
    for title in titled:
        if known or counts[title] >= DAMAGED:
            raise SheetHeaderMissing(tab=title, columns=[column.headers[language] for column in tab.columns])
    return None


def free_title(tab: Tab, titles: Sequence[str], language: str) -> str:
    """Give the title for a tab that is made: ours, with more to it where she has one of that name."""
    title, taken = tab.titles[language], {normal(each) for each in titles}
    while normal(title) in taken:
        title += SUFFIX
    return title
