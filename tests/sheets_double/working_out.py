"""Working out formulas, as far as a seller's sheet in our tests needs it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.sheets_double.model import Book, Cell, Failure, Formula, Tab, Value
from tests.sheets_double.references import Point, Reference, parse_reference
from tests.sheets_double.typing_in import plain

Found = Value | Failure | None
Grid = list[list[Found]]
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z:]))'
    r"|(?P<ref>(?:(?:'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_.]*)!)?(?:\$?[A-Za-z]{1,3}\$?[1-9]\d*(?::\$?[A-Za-z]{1,3}(?:\$?[1-9]\d*)?)?"
    r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d+:\$?\d+)(?![A-Za-z0-9_(]))"
    r"|(?P<error>#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<sign><=|>=|<>|[-+*/^&=<>(),;%]))"
)
_ERRORS = {"#REF!": "REF", "#N/A": "N_A", "#DIV/0!": "DIVIDE_BY_ZERO", "#VALUE!": "VALUE", "#NAME?": "NAME"}
_DEEPEST = 60


class CantTell(Exception):
    """The formula is none of those that are known here."""


@dataclass(frozen=True)
class Token:
    """A piece of a formula: "text", "number", "ref", "error", "name" or "sign"."""

    kind: str
    text: str


@functools.lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[Token, ...]:
    """Cut a formula, without its equals sign, into pieces; raises CantTell."""
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise CantTell(text[at:])
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tuple(found)


def spread(left: Grid, right: Grid, do: Callable[[Found, Found], Found]) -> Grid:
    """Do something to each pair of two grids; a single row, column or cell stands beside all of the other."""
    height, width = max(len(left), len(right)), max(len(left[0]), len(right[0]))

    def at(grid: Grid, row: int, column: int) -> Found:
        row, column = (0 if len(grid) == 1 else row), (0 if len(grid[0]) == 1 else column)
        return grid[row][column] if row < len(grid) and column < len(grid[0]) else Failure("N_A")

    return [[do(at(left, row, column), at(right, row, column)) for column in range(width)] for row in range(height)]


def to_number(value: Found) -> float | int | Failure:
    """Give a value as a number, as arithmetic takes it."""
    if isinstance(value, Failure):
        return value
    if value is None or value == "":
        return 0 if value is None else Failure("VALUE", "A text can't be worked with.")
    if isinstance(value, str):
        try:
            return plain(float(value))
        except ValueError:
            return Failure("VALUE", "A text can't be worked with.")
    return int(value) if isinstance(value, bool) else value


def to_text(value: Found) -> str | Failure:
    """Give a value as text, as joining takes it."""
    if isinstance(value, Failure):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else f"{plain(value)}"


def arithmetic(sign: str) -> Callable[[Found, Found], Found]:
    """Give what a sign does."""

    def do(left: Found, right: Found) -> Found:
        if sign == "&":
            first, second = to_text(left), to_text(right)
            return next((each for each in (first, second) if isinstance(each, Failure)), f"{first}{second}")
        if sign in {"=", "<>", "<", ">", "<=", ">="}:
            return _compare(sign, left, right)
        one, two = to_number(left), to_number(right)
        if isinstance(one, Failure) or isinstance(two, Failure):
            return one if isinstance(one, Failure) else two
        if sign == "/":
            return Failure("DIVIDE_BY_ZERO", "Division by zero.") if two == 0 else plain(one / two)
        return plain({"+": one + two, "-": one - two, "*": one * two}[sign] if sign != "^" else float(one) ** two)

    return do


def _compare(sign: str, left: Found, right: Found) -> Found:
    for each in (left, right):
        if isinstance(each, Failure):
            return each

    def key(value: Found, other: Found) -> tuple[int, float | str]:
        if value is None:
            value = "" if isinstance(other, str) else 0
        if isinstance(value, str):
            return 1, value.casefold()
        assert not isinstance(value, Failure)
        return (2 if isinstance(value, bool) else 0), value

    first, second = key(left, right), key(right, left)
    return {
        "=": first == second,
        "<>": first != second,
        "<": first < second,
        ">": first > second,
        "<=": first <= second,
        ">=": first >= second,
    }[sign]


class Work:
    """
    The formulas of a book, worked out once; `cell_value` may be asked for any cell.

    Attributes:
        found: (sheetId, row, column) -> what a formula gave.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.found: dict[tuple[int, int, int], Grid] = {}
        self._under_way: set[tuple[int, int, int]] = set()
        self._spilled: dict[tuple[int, int, int], Found] = {}

    def cell_value(self, tab: Tab, row: int, column: int) -> Found:
        """Give what a cell amounts to."""
        cell = tab.cell(row, column)
        if isinstance(cell.entered, Formula):
            return self.grid_at(tab, row, column, cell)[0][0]
        if cell.entered is not None:
            return cell.entered
        return self._spilled.get((tab.sheet_id, row, column))

    def grid_at(self, tab: Tab, row: int, column: int, cell: Cell) -> Grid:
        """Give what the formula in a cell gives."""
        key = (tab.sheet_id, row, column)
        if key in self.found:
            return self.found[key]
        if key in self._under_way or len(self._under_way) > _DEEPEST:
            return [[Failure("REF", "Circular dependency detected.")]]
        self._under_way.add(key)
        assert isinstance(cell.entered, Formula)
        try:
            reader = Reader(self, tab, row, tokens(cell.entered.text[1:]))
            grid = reader.all()
        except CantTell:
            grid = [[cell.given if cell.given is not None else Failure("NAME", "Unknown function or name.")]]
        finally:
            self._under_way.discard(key)
        self.found[key] = grid
        return grid

    def area(self, tab: Tab, reference: Reference) -> tuple[Tab, range, range]:
        """Give (tab, rows, columns) that a reference names; raises CantTell."""
        if reference.title is not None:
            other = self.book.titled(reference.title)
            if other is None:
                raise CantTell(reference.title)
            tab = other
        start, end = reference.start, reference.end or reference.start
        top = start.row or 0
        bottom = tab.row_count - 1 if end.row is None else end.row
        left = start.column or 0
        right = tab.column_count - 1 if end.column is None else end.column
        return tab, range(min(top, bottom), max(top, bottom) + 1), range(min(left, right), max(left, right) + 1)

    def spill(self, tab: Tab, row: int, column: int, grid: Grid) -> dict[tuple[int, int], Found] | Failure:
        """Say where more than one value would go; a Failure where something stands in the way."""
        cells = {
            (row + down, column + across): value
            for down, line in enumerate(grid)
            for across, value in enumerate(line)
            if down or across
        }
        for place in cells:
            if place[0] >= tab.row_count or place[1] >= tab.column_count:
                continue
            if tab.cell(*place).entered is not None:
                where = Point(*place)
                return Failure("REF", f"Array result was not expanded because it would overwrite data in {where}.")
        self._spilled |= {(tab.sheet_id, *place): value for place, value in cells.items()}
        return {
            place: value for place, value in cells.items() if place[0] < tab.row_count and place[1] < tab.column_count
        }


class Reader:
    """Reads one formula by the usual precedence: comparison, &, + -, * /, ^, sign, percent."""

    LEVELS = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))

    def __init__(self, work: Work, tab: Tab, row: int, pieces: tuple[Token, ...]) -> None:
        self._work, self._tab, self._row = work, tab, row
        self._pieces, self._at = pieces, 0
        self._array = bool(pieces) and pieces[0].text.upper() == "ARRAYFORMULA"

    def all(self) -> Grid:
        """Give what the whole formula gives."""
        grid = self._level(0)
        if self._at != len(self._pieces):
            raise CantTell(self._pieces[self._at].text)
        return grid

    def _peek(self) -> Token:
        return self._pieces[self._at] if self._at < len(self._pieces) else Token("end", "")

    def _take(self, *texts: str) -> bool:
        if self._peek().kind == "sign" and self._peek().text in texts:
            self._at += 1
            return True
        return False

    def _level(self, depth: int) -> Grid:
        if depth == len(self.LEVELS):
            return self._signed()
        left = self._level(depth + 1)
        while self._peek().kind == "sign" and self._peek().text in self.LEVELS[depth]:
            sign = self._peek().text
            self._at += 1
            left = spread(left, self._level(depth + 1), arithmetic(sign))
        return left

    def _signed(self) -> Grid:
        if self._take("-"):
            return spread([[0]], self._signed(), arithmetic("-"))
        if self._take("+"):
            return self._signed()
        grid = self._piece()
        while self._take("%"):
            grid = spread(grid, [[100]], arithmetic("/"))
        return grid

    def _piece(self) -> Grid:
        piece = self._peek()
        self._at += 1
        if piece.kind == "text":
            return [[piece.text[1:-1].replace('""', '"')]]
        if piece.kind == "number":
            return [[plain(float(piece.text))]]
        if piece.kind == "error":
            return [[Failure(_ERRORS[piece.text])]]
        if piece.kind == "ref":
            return self._reference(parse_reference(piece.text))
        if piece.text == "(":
            grid = self._level(0)
            if not self._take(")"):
                raise CantTell(")")
            return grid
        if piece.kind == "name":
            return self._named(piece.text.upper())
        raise CantTell(piece.text)

    def _reference(self, reference: Reference) -> Grid:
        tab, rows, columns = self._work.area(self._tab, reference)
        return [[self._work.cell_value(tab, row, column) for column in columns] for row in rows]

    def _named(self, name: str) -> Grid:
        if name in {"TRUE", "FALSE"}:
            if self._take("("):
                self._take(")")
            return [[name == "TRUE"]]
        if not self._take("("):
            raise CantTell(name)
        arguments: list[Grid] = []
        while not self._take(")"):
            if self._peek().text in {",", ";"}:
                arguments.append([[None]])
            else:
                arguments.append(self._level(0))
            if not self._take(",", ";") and self._peek().text != ")":
                raise CantTell(name)
        return call(name, arguments)


def call(name: str, arguments: list[Grid]) -> Grid:
    """Call a function; raises CantTell for one that isn't known."""
    values = [value for grid in arguments for line in grid for value in line]
    failure = next((value for value in values if isinstance(value, Failure)), None)
    if name == "ARRAYFORMULA" and len(arguments) == 1:
        return arguments[0]
    if name == "IF" and len(arguments) in {2, 3}:
        otherwise: Grid = arguments[2] if len(arguments) == 3 else [[False]]
        pairs = spread(arguments[0], arguments[1], lambda test, value: _choice(test, value, None, wanted=True))
        # Where the test failed the other branch shows; a blank stands for "not chosen".
        chosen = spread(arguments[0], otherwise, lambda test, value: _choice(test, value, None, wanted=False))
        tests = spread(arguments[0], pairs, lambda test, _: test)
        return [
            [
                test if isinstance(test, Failure) else (yes if _is_true(test) else no)
                for test, yes, no in zip(*lines, strict=True)
            ]
            for lines in zip(tests, _as_large(pairs, tests), _as_large(chosen, tests), strict=True)
        ]
    if name == "COUNTA":
        return [[sum(value is not None for value in values)]]
    if name in {"CONCAT", "CONCATENATE"}:
        return [[failure or "".join(str(to_text(value)) for value in values)]]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if name == "SUM":
        return [[failure or plain(sum(numbers))]]
    if name == "COUNT":
        return [[len(numbers)]]
    if name == "LEN" and len(arguments) == 1:
        return [
            [len(str(to_text(value))) if not isinstance(value, Failure) else value for value in line]
            for line in arguments[0]
        ]
    raise CantTell(name)


def _is_true(test: Found) -> bool:
    return test is not None and test not in (False, "", 0)


def _choice(test: Found, value: Found, otherwise: Found, *, wanted: bool) -> Found:
    return value if _is_true(test) is wanted else otherwise


def _as_large(grid: Grid, other: Grid) -> Grid:
    return spread(grid, other, lambda value, _: value)


def work_out(book: Book) -> None:
    """Work out all formulas of a book, and spill what gives more than one value."""
    marked = list(book.formulas())
    if not marked:
        return
    work = Work(book)
    changed: dict[int, dict[tuple[int, int], Cell]] = {tab.sheet_id: {} for tab in book.tabs}
    formulas: list[tuple[Tab, int, int, Cell, bool]] = []
    for tab, row, column, cell in marked:
        if isinstance(cell.entered, Formula):
            is_array = cell.entered.text.upper().startswith("=ARRAYFORMULA")
            formulas.append((tab, row, column, cell, is_array))
        else:
            changed[tab.sheet_id][row, column] = replace(cell, effective=None, spilled=False)
    # Arrays first: others may read what they spill.
    formulas.sort(key=lambda each: not each[4])
    for tab, row, column, cell, is_array in formulas:
        grid = work.grid_at(tab, row, column, cell)
        first = grid[0][0]
        if is_array:
            first = _spill(work, tab, row, column, changed[tab.sheet_id])
        elif len(grid) > 1 and len(grid[0]) == 1 and row < len(grid):
            # A whole column in a place for one value: the one beside it.
            first = grid[row][0]
        changed[tab.sheet_id][row, column] = replace(cell, effective=0 if first is None else first)
    for tab in book.tabs:
        fresh = {place: cell for place, cell in changed[tab.sheet_id].items() if tab.cell(*place) != cell}
        if fresh:
            tab.put_all(fresh)


def _spill(work: Work, tab: Tab, row: int, column: int, changed: dict[tuple[int, int], Cell]) -> Found:
    """Spill what an array formula gives; give what stands in its own cell."""
    grid = work.found[tab.sheet_id, row, column]
    spilled = work.spill(tab, row, column, grid)
    if isinstance(spilled, Failure):
        work.found[tab.sheet_id, row, column] = [[spilled]]
        return spilled
    for place, value in spilled.items():
        if value is not None:
            kept = changed.get(place, tab.cell(*place))
            changed[place] = replace(kept, effective=value, spilled=True)
    return grid[0][0]
