"""
The tabs and columns of the sheet: one table, and how they are found again after she moved, renamed or added things.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from intake.sheet import SheetHeaderMissing, SheetHeaderTwice, SheetTabMissing, SheetTabTwice

Kind = Literal["text", "money", "count", "link"]

# No header of hers stands for one of ours.
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
# How far down a header row is looked for: she may put a title and notes above it.
HEADER_DEPTH = 50


@dataclass(frozen=True)
class Column:
    """
    One column of ours.

    Attributes:
        code: English snake_case name, unique in its tab.
        headers: language -> header that we write.
        synonyms: other headers by which it is found.
        editable: whether her edit there is a command; the others are ours and put right when overtyped.
        kind: text (literal), money (whole rupiah), count, or link (text that can be followed).
        width: in characters.
        wrap: whether long text goes on in a second line.
        identity: whether it tells the rows of one order apart (tabs with several rows an order).
    """

    code: str
    headers: Mapping[str, str]
    synonyms: tuple[str, ...]
    editable: bool
    kind: Kind
    width: int
    wrap: bool
    identity: bool


@dataclass(frozen=True)
class Tab:
    """
    One tab of ours. The orders tab is the first and has one row an order; the others have any number of them.

    Attributes:
        required: whether its absence is an error; otherwise it is made again.
        ceiling: rows that it may hold.
    """

    code: str
    titles: Mapping[str, str]
    columns: tuple[Column, ...]
    required: bool
    ceiling: int

    def column(self, code: str) -> Column:
        """Give the column of that code."""
        return next(column for column in self.columns if column.code == code)


@dataclass(frozen=True)
class Header:
    """Where a tab's header was found: row (from 1), and code -> column (from 1) of every column of ours."""

    row: int
    places: Mapping[str, int]


def _column(
    code: str,
    indonesian: str,
    english: str,
    *synonyms: str,
    editable: bool = False,
    kind: Kind = "text",
    width: int = 14,
    wrap: bool = False,
    identity: bool = False,
) -> Column:
    return Column(code, {"id": indonesian, "en": english}, synonyms, editable, kind, width, wrap, identity)


# What a seller looks for most stands first.
ORDERS = Tab(
    code="orders",
    titles={"id": "Pesanan", "en": "Orders"},
    required=True,
    ceiling=5000,
    columns=(
        _column("ref", "No. Pesanan", "Order No.", "No Pesanan", "Nomor Pesanan", "Order No", "Order Number", width=13),
        _column("status", "Status", "Status", editable=True, width=21),
        _column("name", "Nama", "Name", "Nama Pembeli", "Buyer", width=20),
        _column("whatsapp", "WhatsApp", "WhatsApp", "No. WhatsApp", "No WhatsApp", "WA", "No. WA", width=17),
        _column("summary", "Pesanan", "Order", width=34, wrap=True),
        _column("buyer_note", "Catatan Pembeli", "Buyer's Note", "Buyer Note", width=24, wrap=True),
        _column("total", "Total", "Total", kind="money", width=13),
        _column("due", "Tagihan", "Due", "Amount Due", kind="money", width=13),
        _column("pay_by", "Batas Bayar", "Pay By", width=20, wrap=True),
        _column("money_in", "Uang Masuk", "Money Received", "Money In", editable=True, kind="money", width=14),
        _column("payment", "Bayar", "Payment", width=15),
        _column("delivery", "Pengiriman", "Delivery", width=16),
        _column(
            "shipping", "Ongkir", "Shipping Fee", "Ongkos Kirim", "Shipping", editable=True, kind="money", width=12
        ),
        _column("address", "Alamat", "Address", width=36, wrap=True),
        _column("courier", "Kurir", "Courier", editable=True, width=13),
        _column(
            "tracking",
            "Resi",
            "Tracking No.",
            "No. Resi",
            "No Resi",
            "Nomor Resi",
            "Tracking",
            "Tracking Number",
            editable=True,
            width=19,
        ),
        _column("seller_note", "Catatan Penjual", "Seller's Note", "Seller Note", editable=True, width=24, wrap=True),
        _column("chat", "Chat", "Chat", kind="link", width=18),
        _column("campaign", "PO", "Campaign", "Pre-order", width=20),
        _column("placed_at", "Waktu Pesan", "Ordered At", width=20, wrap=True),
        _column("channel", "Sumber", "Source", width=12),
        _column("message", "Pesan Sistem", "System Message", width=40, wrap=True),
    ),
)

LINES = Tab(
    code="lines",
    titles={"id": "Rincian", "en": "Lines"},
    required=False,
    ceiling=15000,
    columns=(
        _column("ref", "No. Pesanan", "Order No.", "No Pesanan", "Nomor Pesanan", "Order No", "Order Number", width=13),
        _column("product", "Produk", "Product", width=26, wrap=True, identity=True),
        _column("variant", "Varian", "Variant", width=18, identity=True),
        _column("options", "Pilihan", "Options", width=28, wrap=True, identity=True),
        _column("qty", "Jumlah", "Qty", "Quantity", kind="count", width=9),
        _column("price", "Harga", "Price", kind="money", width=13),
        _column("subtotal", "Subtotal", "Subtotal", kind="money", width=13),
        _column("note", "Catatan", "Note", width=24, wrap=True),
        _column("done", "Terkirim", "Shipped", kind="count", width=10),
        _column("status", "Status", "Status", width=21),
    ),
)

TABS = (ORDERS, LINES)
# Codes of the columns of the orders tab in which an edit is a command.
EDITABLE = tuple(column.code for column in ORDERS.columns if column.editable)
# Codes of the columns that tell whose row it is, beside the ref: they never change while an order lives.
IDENTITY = ("name", "whatsapp", "placed_at")


def normal(text: object) -> str:
    """Give a header or title as it is compared: without case, width variants, invisible characters and extra blanks."""
    if not isinstance(text, str):
        return ""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(visible.split()).casefold()


def _spellings(tab: Tab, language: str, headers: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """
    Give normal header -> (rank, code): our own header counts before the other language's, and that before synonyms. A
    header of hers that stands for one of ours is the only one for that, and stands for nothing else.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    hers = {normal(header) for header in headers.values()}
    for column in tab.columns:
        if column.code in headers:
            found.setdefault(normal(headers[column.code]), []).append((0, column.code))
            continue
        ranked = [(0, column.headers[language])]
        ranked += [(1, header) for other, header in column.headers.items() if other != language]
        ranked += [(2, synonym) for synonym in column.synonyms]
        for rank, header in ranked:
            if normal(header) not in hers:
                found.setdefault(normal(header), []).append((rank, column.code))
    return found


def _match(spellings: Mapping[str, list[tuple[int, str]]], row: Sequence[object]) -> dict[str, list[int]]:
    """
    Give code -> columns that carry its header, of the best rank only: her own "Order" beside our "Pesanan" is hers.
    """
    best: dict[str, tuple[int, list[int]]] = {}
    for place, value in enumerate(row, start=1):
        for rank, code in spellings.get(normal(value), ()):
            known = best.get(code)
            if known is None or rank < known[0]:
                best[code] = (rank, [place])
            elif rank == known[0]:
                known[1].append(place)
    return {code: places for code, (_, places) in best.items()}


def best_match(tab: Tab, row: Sequence[object], language: str) -> int:
    """Give how many columns of a tab have their header in a row."""
    return len(_match(_spellings(tab, language, NO_HEADERS), row))


def find_header(
    tab: Tab,
    title: str,
    rows: Iterable[Sequence[object]],
    language: str,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Header:
    """
    Find the header row of a tab: the first one that holds at least half of our headers.

    Args:
        tab: which of ours.
        title: of the tab as it stands, for errors.
        rows: the values of its first rows.
        language: of the shop; its headers count first, the other language's are taken as well.
        headers: code -> the header by which a column is found, and by no other.

    Raises:
        SheetHeaderMissing, SheetHeaderTwice: naming every column concerned at once.
    """
    spellings = _spellings(tab, language, headers)

    def named(columns: Iterable[Column]) -> list[str]:
        return [headers.get(column.code, column.headers[language]) for column in columns]

    for number, row in enumerate(rows, start=1):
        places = _match(spellings, row)
        if 2 * len(places) < len(tab.columns):
            continue
        missing = named(column for column in tab.columns if column.code not in places)
        if missing:
            raise SheetHeaderMissing(tab=title, columns=missing)
        twice = named(column for column in tab.columns if len(places[column.code]) > 1)
        if twice:
            raise SheetHeaderTwice(tab=title, columns=twice)
        return Header(number, {code: found[0] for code, found in places.items()})
    raise SheetHeaderMissing(tab=title, columns=named(tab.columns))


def find_tab(
    tab: Tab,
    titles: Sequence[str],
    rows: Callable[[str], Sequence[Sequence[object]]],
    language: str,
    headers: Mapping[str, str] = NO_HEADERS,
) -> tuple[str, Header] | None:
    """
    Find a tab among those of a spreadsheet: by title, else (she renamed it) by its header row.

    Args:
        tab: which of ours.
        titles: of all its tabs.
        rows: title -> the values of that tab's first HEADER_DEPTH rows.
        language: of the shop.
        headers: see find_header().

    Returns:
        Its title as it stands, and its header; None for a tab that is gone and may be made again.

    Raises:
        SheetTabMissing, SheetTabTwice, SheetHeaderMissing, SheetHeaderTwice
    """
    languages = [language, *(other for other in tab.titles if other != language)]
    for wanted in (normal(tab.titles[each]) for each in languages):
        for title in titles:
            if normal(title) == wanted:
                return title, find_header(tab, title, rows(title), language, headers)
    spellings = _spellings(tab, language, headers)
    alike = [
        title for title in titles if any(2 * len(_match(spellings, row)) >= len(tab.columns) for row in rows(title))
    ]
    if len(alike) > 1:
        raise SheetTabTwice(tab=tab.titles[language], titles=alike)
    if alike:
        return alike[0], find_header(tab, alike[0], rows(alike[0]), language, headers)
    if tab.required:
        raise SheetTabMissing(tab=tab.titles[language])
    return None
