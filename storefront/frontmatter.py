"""A content file's header and body, apart. Header values stay the text that was typed, each with its line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from storefront.slips import SPELLINGS, find_slip, in_quotes, uncurled

# libyaml is several times faster; a PyYAML without it reads the same.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

LARGEST = 512 * 1024
DEEPEST = 12

# What YAML counts as a line break but no editor does, and what can't be seen: control characters, direction overrides,
# noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]"
)

# What libyaml and PyYAML say -> which of our sentences explains it.
_REASONS = (
    ("expected ',' or", "yaml_bracket"),
    ("mapping values are not allowed", "yaml_colon"),
    ("escape character", "yaml_backslash"),
    ("quoted scalar", "yaml_quote"),
    ("cannot start any token", "yaml_sign"),
    ("could not find expected ':'", "yaml_no_colon"),
    ("did not find expected key", "yaml_indent"),
    ("block collection", "yaml_indent"),
    ("block mapping", "yaml_indent"),
    ("block sequence", "yaml_indent"),
    ("alias", "yaml_sign"),
    ("anchor", "yaml_sign"),
    ("tag", "yaml_sign"),
    ("directive", "yaml_sign"),
)

# {warna: #8a3b12}: to YAML the rest of the line is a note, the bracket's end among it.
_NOTED = re.compile(r"\s(#[0-9A-Za-z]+)")

Report = Callable[..., None]


@dataclass(frozen=True)
class Text:
    """A value as typed. quoted tells an intended empty text from a forgotten one."""

    text: str
    line: int
    quoted: bool = False


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True)
class Entries:
    """Keys and values, in the order of the file. A key that stands twice is here once, and has been reported."""

    entries: tuple[tuple[Text, Node], ...]
    line: int


Node = Text | Items | Entries


@dataclass(frozen=True)
class Document:
    """
    A file.

    Attributes:
        header: without entries where the file has none.
        body: Markdown after the header.
        body_line: on which line of the file the body begins.
    """

    header: Entries
    body: str
    body_line: int


class _Unreadable(Exception):
    """The header can't be read further."""

    def __init__(self, line: int, code: str, *, of_yaml: bool = False) -> None:
        self.line, self.code, self.of_yaml = line, code, of_yaml
        super().__init__(code)


@dataclass(frozen=True)
class _Reading:
    """A header being read: its text, the number of lines above it, and whom to tell."""

    header: str
    above: int
    report: Report


def decode(data: bytes, report: Report) -> str | None:
    """
    Give a file's text in Unicode NFC with plain line breaks, without a byte order mark.

    Args:
        report: called with (line, code, **fields) for each problem.

    Returns:
        None where it can't be read: not UTF-8, too large, or with invisible characters.
    """
    if len(data) > LARGEST:
        report(None, "file_too_large", limit_kb=LARGEST // 1024)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report(data.count(b"\n", 0, error.start) + 1, "not_utf8")
        return None
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if found := _INVISIBLE.search(text):
        report(text.count("\n", 0, found.start()) + 1, "invisible_character", character=f"U+{ord(found.group()):04X}")
        return None
    return text


def split(text: str, report: Report) -> Document | None:
    """
    Split a file that must have a header.

    Args:
        text: of decode().
        report: called with (line, code, **fields) for each problem.

    Returns:
        None where the header is missing or can't be read; that has been reported.
    """
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None or lines[first].rstrip() != "---":
        report((first or 0) + 1, "no_header")
        return None
    last = next((number for number in range(first + 1, len(lines)) if lines[number].rstrip() in {"---", "..."}), None)
    if last is None:
        report(first + 1, "header_not_closed")
        return None
    header = lines[first + 1 : last]
    for number, line in enumerate(header, first + 2):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            report(number, "tab")
            return None
    try:
        tree = _read_tree("\n".join(header), first + 1, report)
    except _Unreadable as problem:
        colon = problem.code in {"yaml_colon", "yaml_no_colon"}
        slip = find_slip(header, problem.line - first - 2, colon=colon) if problem.of_yaml else None
        if slip is not None:
            report(slip.line + first + 2, slip.code, **slip.fields)
        elif problem.code == "yaml_bracket" and (noted := _NOTED.search(lines[problem.line - 1])):
            report(problem.line, "yaml_hash", text=noted[1])
        else:
            report(problem.line, problem.code)
        return None
    return Document(tree, "\n".join(lines[last + 1 :]), last + 2)


def _read_tree(header: str, above: int, report: Report) -> Entries:
    """Read a header; above is the number of lines of the file before it."""
    try:
        events = yaml.parse(header, Loader=_LOADER)
        root: Node = Entries((), above)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 or event.explicit:
                    raise _Unreadable(_line(event, above), "bad_yaml")
            elif isinstance(event, yaml.NodeEvent):
                root = _node(event, events, _Reading(header, above, report), 1)
    except yaml.MarkedYAMLError as error:
        raise _explained(error, above) from error
    except yaml.YAMLError as error:
        raise _Unreadable(above + 1, "bad_yaml", of_yaml=True) from error
    if isinstance(root, Text) and not root.text:
        return Entries((), above)  # comments only
    if not isinstance(root, Entries):
        raise _Unreadable(root.line, "header_not_keys")
    return root


def _node(event: Any, events: Iterator[Any], reading: _Reading, depth: int) -> Node:
    line = _line(event, reading.above)
    # Refused while they are read, so that nothing is ever expanded.
    if isinstance(event, yaml.AliasEvent) or event.anchor or event.tag:
        raise _Unreadable(line, "yaml_sign")
    if depth > DEEPEST:
        raise _Unreadable(line, "too_deep")
    if isinstance(event, yaml.ScalarEvent):
        return Text(event.value, line, quoted=True) if event.style else _plain(event.value, line)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_node(item, events, reading, depth + 1))
        return Items(tuple(items), line)
    return Entries(tuple(_entries(event, events, reading, depth)), line)


def _plain(text: str, line: int) -> Text:
    """Give a value without quotation marks, or with those that phones make of them."""
    within = uncurled(text)
    return Text(text, line) if within is None else Text(within, line, quoted=True)


def _entries(event: Any, events: Iterator[Any], reading: _Reading, depth: int) -> Iterable[tuple[Text, Node]]:
    entries: dict[str, tuple[Text, Node]] = {}
    commas: dict[str, str] = {}
    last: tuple[str, int] | None = None
    while not isinstance(start := next(events), yaml.MappingEndEvent):
        key = _node(start, events, reading, depth + 1)
        after = next(events)
        if not isinstance(key, Text):
            _node(after, events, reading, depth + 1)
            raise _Unreadable(key.line, "key_not_text")
        if event.flow_style and _lacks_colon(start, after):
            # {alt: Nastar, satu dibelah}: YAML takes what follows the comma for another key.
            word, _, rest = key.text.partition(" ")
            if rest and word in SPELLINGS:
                reading.report(key.line, "yaml_missing_colon", text=f"{word}: {rest.strip()}")
                continue
            if last is not None:
                name, begin = last
                joined = " ".join(reading.header[begin : start.end_mark.index].split())
                # 1,5 kg and 70,000 are amounts; whoever reads them knows whether they are right.
                if uncurled(joined) is not None:
                    commas.pop(name, None)
                elif not re.search(rf"[0-9],{re.escape(key.text)}$", joined) or not key.text[:1].isdigit():
                    commas[name] = joined
                entries[name] = (entries[name][0], _plain(joined, entries[name][1].line))
                continue
        value = _node(after, events, reading, depth + 1)
        if key.text in entries:
            reading.report(key.line, "duplicate_key", key=key.text, first_line=entries[key.text][0].line)
            last = None
            continue
        entries[key.text] = (key, value)
        plain = isinstance(value, Text) and not value.quoted and bool(value.text)
        last = (key.text, after.start_mark.index) if plain else None
    for name, joined in commas.items():
        # Closed, but never opened.
        whole = joined[:-1] if joined.count('"') == 1 and joined.endswith('"') else joined
        reading.report(entries[name][0].line, "comma_in_braces", key=name, text=in_quotes(whole))
    return entries.values()


def _lacks_colon(key: Any, value: Any) -> bool:
    if not isinstance(value, yaml.ScalarEvent) or value.value or value.style or key.style:
        return False
    begin: Any = value.start_mark
    return bool(begin.index == key.end_mark.index)


def _line(event: Any, above: int) -> int:
    return int(event.start_mark.line) + 1 + above


def _explained(error: yaml.MarkedYAMLError, above: int) -> _Unreadable:
    said = f"{error.problem or ''} {error.context or ''}"
    code = next((code for part, code in _REASONS if part in said), "bad_yaml")
    # An unclosed quotation mark or bracket is noticed further down; she needs the line where it was opened.
    mark = (
        (error.context_mark if code in {"yaml_quote", "yaml_bracket"} else None)
        or error.problem_mark
        or error.context_mark
    )
    return _Unreadable((mark.line if mark else 0) + 1 + above, code, of_yaml=True)
