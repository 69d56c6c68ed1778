"""
Her headers and ours: which of the columns in a tab that she keeps herself can hold what we write, and why others can't.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from intake.sheet.columns import HEADER_DEPTH, ORDERS, Column, Tab, normal
from intake.sheet.google_survey import TabSurvey
from preorder.ref import is_ref
from preorder.wording import parse_status

# What else sellers write above such a column. Only looked for by `sheet connect`, which then keeps what it found: in
# every sync they would be guesses.
_MORE: Mapping[str, tuple[str, ...]] = {
    "name": (
        "Nama Pemesan", "Nama Customer", "Nama Pelanggan", "Nama Penerima", "Pemesan", "Pembeli", "Pelanggan",
        "Customer", "Customer Name", "Atas Nama",
    ),
    "whatsapp": (
        "No HP", "No. HP", "Nomor HP", "HP", "No Telp", "No. Telp", "No Telepon", "Nomor Telepon", "Telepon", "Telp",
        "No WA", "Nomor WA", "Nomor WhatsApp", "No HP/WA", "No WA/HP", "HP/WA", "Kontak", "Phone", "Phone Number", "Phone No",
        "Mobile", "Contact",
    ),
    "summary": ("Orderan", "Isi Pesanan", "Detail Pesanan", "Detail Order", "Rincian Pesanan", "Items", "Order Details"),
    "total": ("Total Harga", "Total Bayar", "Total Belanja", "Grand Total", "Jumlah Total"),
    "money_in": ("Dibayar", "Sudah Dibayar", "Uang Diterima", "Transfer Masuk", "Amount Paid", "Paid"),
    "delivery": ("Metode Pengiriman", "Metode Kirim", "Cara Kirim", "Delivery Method"),
    "shipping": ("Biaya Kirim", "Biaya Ongkir", "Delivery Fee", "Shipping Cost"),
    "address": ("Alamat Lengkap", "Alamat Pengiriman", "Alamat Kirim", "Alamat Penerima", "Shipping Address"),
    "courier": ("Ekspedisi", "Jasa Kirim", "Jasa Pengiriman", "Shipper"),
    "tracking": ("No AWB", "AWB", "Resi Pengiriman", "No Resi Pengiriman"),
    "seller_note": ("Catatan", "Catatan Saya", "Keterangan", "Ket", "Ket.", "Notes", "Note", "Remarks"),
    "channel": ("Sumber Order", "Asal Order", "Order Source"),
}  # fmt: skip
# So many of our columns, told by such headers, make a tab look like a list of orders.
LOOKS_LIKE = 3
# A header row of hers may hold fewer of ours.
LEAST = 1


class NoSuchColumn(Exception):
    """A word that names no column. text: the word; ours: whether one of ours was looked for."""

    def __init__(self, text: str, *, ours: bool) -> None:
        super().__init__(text)
        self.text, self.ours = text, ours


@dataclass(frozen=True)
class Unfit:
    """
    A column of hers that can't hold what we write.

    Attributes:
        header: hers. code: of ours.
        reason: "formulas", "boxes", "words" (others than our statuses), "choices" (her list lacks ours), "numbers" (her
            own order numbers), or "twice" (the header stands more than once).
        asked: whether she named it herself.
    """

    header: str
    code: str
    reason: str
    asked: bool = False


@dataclass(frozen=True)
class Matching:
    """
    Which of her columns hold ours.

    Attributes:
        row: of the header; 0: there is none.
        places: code -> column.
        headers: code -> her header, where it isn't one by which the column is found anyway.
        unfit: columns that look like ours and can't be.
        hers: column -> header of those that stay hers alone.
        asked: codes whose column she named herself.
    """

    row: int
    places: Mapping[str, int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    unfit: tuple[Unfit, ...] = ()
    hers: Mapping[int, str] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()


def our_column(text: str, tab: Tab = ORDERS) -> str:
    """
    Give the code of the column that a person means: by its header in either language, a synonym or its code.

    Raises:
        NoSuchColumn
    """
    wanted = normal(text)
    for column in tab.columns:
        if wanted in {normal(header) for header in (*column.headers.values(), *column.synonyms)} | {column.code}:
            return column.code
    raise NoSuchColumn(text, ours=True)


def parse_map(words: Iterable[str], tab: Tab = ORDERS) -> dict[str, str]:
    """
    Read what she says of her columns: "No HP=WhatsApp"; "Status=" keeps a column hers.

    Returns:
        Her header -> code of ours, "" for none.

    Raises:
        NoSuchColumn
    """
    found = {}
    for word in words:
        hers, equals, ours = word.rpartition("=")
        if not equals or not hers.strip():
            raise NoSuchColumn(word, ours=False)
        found[hers.strip()] = our_column(ours, tab) if ours.strip() else ""
    return found


def header_row(tab: Tab, rows: Sequence[Sequence[object]], also: Iterable[str] = ()) -> int:
    """
    Find the row that is most like a header of this tab; the upper one of equals, 0 for none.

    Args:
        also: other headers that she named.
    """
    known = {normal(each) for column in tab.columns for each in _all_of(column)} | {normal(each) for each in also}
    best, found = LEAST - 1, 0
    for number, row in enumerate(rows[:HEADER_DEPTH], start=1):
        words = {normal(value) for value in row} & known
        if len(words) > best:
            best, found = len(words), number
    return found


def looks_like(tab: Tab, rows: Sequence[Sequence[object]]) -> int:
    """Give how many of our columns a tab seems to have, by headers of any sort; 0 where it is too few to tell."""
    row = header_row(tab, rows)
    if not row:
        return 0
    words = {normal(value) for value in rows[row - 1]}
    count = sum(1 for column in tab.columns if words & {normal(each) for each in _all_of(column)})
    return count if count >= LOOKS_LIKE else 0


def match(
    tab: Tab, survey: TabSurvey, language: str, said: Mapping[str, str], kept: Mapping[str, str], *, first: bool
) -> Matching:
    """
    Find our columns among those of a tab.

    Args:
        said: her header -> code, see parse_map().
        kept: code -> header, as an earlier connect decided.
        first: whether none has: then all that stands there is hers, and looked at closely.

    Raises:
        NoSuchColumn: she named a header that isn't there.
    """
    rows = survey.head()
    row = header_row(tab, rows, [*said, *kept.values()])
    if not row:
        if said:
            raise NoSuchColumn(next(iter(said)), ours=False)
        return Matching(0)
    heads = {column: value for column, value in enumerate(rows[row - 1], start=1) if normal(value)}
    named = {normal(header): code for header, code in said.items()}
    present = {normal(value) for value in heads.values()}
    for header in said:
        if normal(header) not in present:
            raise NoSuchColumn(header, ours=False)
    wanted = _wanted(tab, language, heads, named, kept)
    places: dict[str, int] = {}
    headers: dict[str, str] = {}
    unfit: list[Unfit] = []
    for code, columns in wanted.items():
        header = str(heads[columns[0]])
        asked = bool(named.get(normal(header)))
        # What was decided is not looked at again; where that header is gone, another is.
        fresh = first or asked or (code in kept and normal(kept[code]) != normal(header))
        reason = "twice" if len(columns) > 1 else _why_unfit(code, survey, row, columns[0]) if fresh else ""
        if reason:
            unfit.append(Unfit(header, code, reason, asked))
            continue
        places[code] = columns[0]
        if code in kept or asked or not _is_known(tab.column(code), header):
            headers[code] = header
    taken = set(places.values())
    hers = {column: str(value) for column, value in heads.items() if column not in taken}
    asked_for = frozenset(places) & set(said.values())
    return Matching(row, places, headers, tuple(unfit), hers, asked_for)


def _wanted(
    tab: Tab, language: str, heads: Mapping[int, object], named: Mapping[str, str], kept: Mapping[str, str]
) -> dict[str, list[int]]:
    """Give code -> columns whose header says so: what she says counts first, then what was decided, then our spellings."""
    wanted: dict[str, list[int]] = {}
    left = dict(heads)

    def take(code: str, matching: set[str]) -> None:
        columns = [column for column, value in left.items() if normal(value) in matching]
        if columns and code not in wanted:
            wanted[code] = columns
            for column in columns:
                del left[column]

    for header, code in named.items():
        if code:
            take(code, {header})
    for column, value in list(left.items()):
        if normal(value) in named:
            del left[column]
    for code, header in kept.items():
        take(code, {normal(header)})
    undecided = [each for each in tab.columns if each.code not in wanted]
    for spellings in (
        lambda column: [column.headers[language]],
        lambda column: list(column.headers.values()),
        lambda column: list(column.synonyms),
        lambda column: list(_MORE.get(column.code, ()) if tab is ORDERS else ()),
    ):
        for ours in undecided:
            take(ours.code, {normal(each) for each in spellings(ours)})
    return wanted


def _all_of(column: Column) -> list[str]:
    more = _MORE.get(column.code, ()) if column in ORDERS.columns else ()
    return [*column.headers.values(), *column.synonyms, *more]


def _is_known(column: Column, header: str) -> bool:
    """Say whether a column is found by this header in every sync."""
    return normal(header) in {normal(each) for each in (*column.headers.values(), *column.synonyms)}


def _why_unfit(code: str, survey: TabSurvey, row: int, column: int) -> str:
    """Say why a column of hers can't hold what we write; "" where it can."""
    cells = list(survey.below(row, column))
    if any(cell.formula for cell in cells):
        return "formulas"
    if any(cell.is_box or isinstance(cell.value, bool) for cell in cells):
        return "boxes"
    texts = [str(cell.value).strip() for cell in cells if cell.is_filled]
    if code == "ref" and any(not is_ref(text.upper()) for text in texts):
        return "numbers"
    if code == "status":
        if any(parse_status(text) is None for text in texts):
            return "words"
        lists = [choices for cell in cells if (choices := cell.choices) is not None]
        if any(parse_status(each) is None for choices in lists for each in choices):
            return "choices"
    return ""
