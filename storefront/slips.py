"""
What was probably meant by a header that can't be read. YAML notices a slip further down than it was made, and in words
that no seller knows; here the lines are looked at one by one, as she wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from storefront.vocabulary import KEYS

SPELLINGS = frozenset(spelling for word in KEYS.values() for spelling in word.spellings())

_QUOTES = "\"'"
# Phones and word processors write these for " and '; „ and “ stand at either end.
_CURLED = (
    ("\u201c\u201d\u201e", "\u201c\u201d", "\u201c\u201d\u201e"),
    ("\u2018\u201a", "\u2018\u2019", "\u2018\u201a"),
)
_BEGIN = r"^(?P<indent>\s*)(?P<dashes>(?:-\s+)*)"
# A key with what stands behind it, and an item of a list.
_LINE = re.compile(_BEGIN + r"(?:(?P<key>[A-Za-z_][^:#\"'{}\[\],]*?)\s*:(?:\s+|$))?(?P<value>.*)$")
_UNPARTED = re.compile(_BEGIN + r"(?P<key>[A-Za-z_]+)(?P<sign>\s*[:=;]\s*|\s+|$)(?P<value>.*)$")
_BLOCK = re.compile(r"(?:^|\s)[|>][+-]?\d?\s*$")
_ENDS = re.compile(r"\s*(?:#.*)?$")


@dataclass(frozen=True)
class Slip:
    """
    One thing to correct.

    Attributes:
        line: of the header, from 0 on.
        code, fields: of a problem.
    """

    line: int
    code: str
    fields: Mapping[str, str] = field(default_factory=dict)


def find_slip(lines: Sequence[str], noticed: int, *, colon: bool) -> Slip | None:
    """
    Give what is wrong in a header; None where the reader's own reason must do.

    Args:
        lines: of the header.
        noticed: on which of them, from 0 on, the reader gave up; len(lines) for their end.
        colon: whether it missed a colon, or found one too many.
    """
    for number in _own_lines(lines[: noticed + 1]):
        if (slip := _quoted(lines, number)) is not None:
            return slip
    if colon and noticed < len(lines) and (found := _LINE.match(lines[noticed])):
        within = uncurled(found["value"].strip())
        if within is not None:
            return Slip(noticed, "yaml_curled", {"text": in_quotes(within)})
    near = [number for number in _own_lines(lines[: noticed + 1]) if number < noticed][-1:]
    for number in (*near, noticed) if noticed < len(lines) else near:
        line = lines[number]
        found = _UNPARTED.match(line)
        if found and found["key"] in SPELLINGS and not _parted(found["sign"], found["value"]):
            return Slip(number, "yaml_missing_colon", {"text": f"{found['key']}: {found['value']}".strip()})
        if re.match(r"\s*-[A-Za-z_]+:", line):
            return Slip(number, "yaml_dash", {"text": re.sub(r"^-", "- ", line.strip())})
    for number in near:
        beside = noticed == len(lines) or _indent(lines[number]) == _indent(lines[noticed])
        if (
            colon
            and beside
            and not re.search(r":(?:\s|$)", lines[number])
            and not lines[number].lstrip().startswith("-")
        ):
            return Slip(number, "yaml_no_colon")
    return None


def uncurled(text: str) -> str | None:
    """
    Give what stands between curly quotation marks around a whole value: they are meant as straight ones. None where there
    are none, or more than one pair.

    >>> uncurled("\u201cNastar\u201d")
    'Nastar'
    """
    for opening, closing, within in _CURLED:
        if len(text) > 1 and text[0] in opening and text[-1] in closing:
            return None if any(mark in text[1:-1] for mark in within) else text[1:-1]
    return None


def _parted(sign: str, value: str) -> bool:
    """Say whether a key is parted from its value as YAML wants it."""
    return sign.strip() == ":" and (sign[-1:].isspace() or not value)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _own_lines(lines: Sequence[str]) -> Iterator[int]:
    """Give the numbers of lines that are neither empty, nor notes, nor within a text of several lines."""
    within: int | None = None
    for number, line in enumerate(lines):
        if not line.strip() or (within is not None and _indent(line) > within):
            continue
        within = _indent(line) if _BLOCK.search(line) else None
        if not line.lstrip().startswith("#"):
            yield number


def _quoted(lines: Sequence[str], number: int) -> Slip | None:
    """Give what is wrong with the quotation marks of a line, and with colons between braces."""
    found = _LINE.match(lines[number])
    if not found or not (found["key"] or found["dashes"]):
        return None
    value = found["value"]
    if value[:1] in _QUOTES and value:
        end = _closing(value, 0)
        if end is None:
            return None if _closes_below(lines, number, value[0]) else Slip(number, "yaml_quote")
        if not _ENDS.match(value[end + 1 :]):
            return Slip(number, "yaml_quote_inside", {"text": in_quotes(_bare(value.strip()))})
    elif value[:1] in "{[" and value:
        return _in_braces(value, number)
    return None


def _closing(text: str, begin: int) -> int | None:
    """Give where the quotation that begins there ends."""
    mark, at = text[begin], begin + 1
    while at < len(text):
        if mark == '"' and text[at] == "\\":
            at += 2
        elif text[at] != mark:
            at += 1
        elif mark == "'" and text[at + 1 : at + 2] == "'":
            at += 2
        else:
            return at
    return None


def _closes_below(lines: Sequence[str], number: int, mark: str) -> bool:
    """Say whether a quotation goes on over the next lines and ends there, before another key begins."""
    for line in lines[number + 1 :]:
        if (found := _LINE.match(line)) and found["key"] in SPELLINGS:
            return False
        if (end := _closing(mark + line, 0)) is not None:
            return bool(_ENDS.match((mark + line)[end + 1 :]))
    return False


def _in_braces(value: str, number: int) -> Slip | None:
    at, fresh, keyed = 0, True, False
    while at < len(value):
        sign = value[at]
        if sign in "{[,":
            fresh, keyed = True, False
        elif sign == ":" and value[at + 1 : at + 2] in {" ", ""}:
            if keyed and not fresh:
                return Slip(number, "yaml_colon")
            fresh, keyed = True, True
        elif fresh and sign in _QUOTES:
            end = _closing(value, at)
            whole = re.compile(rf"{sign}(?=\s*(?:[,}}\]]|$))").search(value, at + 1)
            if end is None or whole is None:
                return Slip(number, "yaml_quote")
            if not re.match(r"\s*(?:[,}\]:]|$)", value[end + 1 :]):
                return Slip(number, "yaml_quote_inside", {"text": in_quotes(value[at + 1 : whole.start()])})
            at, fresh = end, False
        elif sign == "#" and value[at - 1] == " ":
            break
        elif not sign.isspace():
            fresh = False
        at += 1
    return None


def _bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[-1] == value[0] else value


def in_quotes(text: str) -> str:
    """Give a text in quotation marks that it does not hold."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"
