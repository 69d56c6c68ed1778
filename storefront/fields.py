"""Typed reading of a header: each reader gives the value, or reports the problem at its line and gives None."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from preorder.contact import PhoneError, parse_phone
from preorder.errors import PreorderError
from preorder.money import HIGHEST, MoneyError, PercentError, Rupiah, parse_percent, parse_rupiah
from preorder.schedule import Days, Monthly, Weekly
from preorder.slugs import is_slug
from storefront import instants
from storefront.frontmatter import Entries, Items, Node, Text
from storefront.problems import Problem
from storefront.vocabulary import CHOICES, EXAMPLES, KEYS, find_choice, slugify, suggest

_COUNT = re.compile(r"^[0-9]{1,9}$")
_GROUPED_COUNT = re.compile(r"^[0-9]{1,3}(\.[0-9]{3})+$")
_AMOUNT = re.compile(r"(?:rp\.?\s*)?(?:[0-9]{1,40}|[0-9]{1,3}(?:\.[0-9]{3}){1,12})(?:,-+)?", re.IGNORECASE | re.ASCII)
_WEIGHT = re.compile(r"^([0-9]{1,5})(?:[,.]([0-9]{1,3}))?\s*(g|gr|gram|kg|kilo)$", re.IGNORECASE)
_HOURS = re.compile(r"^([0-9]{1,4})\s*(jam|hours?|h)$", re.IGNORECASE)
_DAYS = re.compile(r"^([0-9]{1,3})\s*(hari|days?)$", re.IGNORECASE)
_SPAN = re.compile(
    r"^([0-9]{1,3})(?:\s*(?:-|\N{EN DASH}|s\.?d\.?|to)\s*([0-9]{1,3}))?\s*(?:hari|days?)"
    r"(?:(?P<closing>\s+(?:setelah|sesudah)\s+(?:po\s+)?(?:di)?tutup|\s+after\s+(?:closing|close))"
    r"|(?P<payment>\s+(?:setelah|sesudah)\s+(?:di)?(?:bayar|lunas|pembayaran)|\s+after\s+payment))?$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
_URL = re.compile(r"^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?(/[^\s<>\"'\\]*)?$")

# A span of days that nobody promises for a thing ordered in advance.
MOST_DAYS = 730


@dataclass
class Source:
    """
    A file being read, with the problems found in it.

    Attributes:
        file: as the report names it.
        english: whether its author writes English keys; suggestions follow her.
    """

    file: str
    english: bool = False
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int | None, code: str, **fields: Any) -> None:
        """Add a problem."""
        self.problems.append(Problem(self.file, line, code, fields))

    def word(self, name: str) -> str:
        """Give a key as the author of this file would write it."""
        return KEYS[name].shown(english=self.english)

    @contextmanager
    def catching(self, line: int) -> Iterator[None]:
        """Turn a rule's refusal into a problem at this line."""
        try:
            yield
        except PreorderError as error:
            self.report(line, error.code, **error.fields)


class Block:
    """The keys of one level of a header. Unknown keys and both spellings of one are reported when it is made."""

    def __init__(self, node: Entries, known: Sequence[str], source: Source) -> None:
        self.source = source
        self.line = node.line
        self._values: dict[str, tuple[Text, Node]] = {}
        by_spelling = {spelling: name for name in known for spelling in KEYS[name].spellings()}
        for key, value in node.entries:
            name = by_spelling.get(key.text)
            if name is None:
                self._unknown(key, by_spelling)
            elif name in self._values:
                first = self._values[name][0]
                source.report(key.line, "both_spellings", key=key.text, other=first.text, first_line=first.line)
            else:
                self._values[name] = (key, value)

    def _unknown(self, key: Text, by_spelling: dict[str, str]) -> None:
        likely = suggest(key.text, by_spelling)
        if likely:
            self.source.report(key.line, "unknown_key_suggested", key=key.text, suggestion=likely)
        else:
            names = dict.fromkeys(by_spelling.values())
            self.source.report(
                key.line, "unknown_key", key=key.text, known=", ".join(self.source.word(name) for name in names)
            )

    def has(self, name: str) -> bool:
        """Say whether the key stands there."""
        return name in self._values

    def at(self, name: str) -> int:
        """Give the line of a key, or of the block where it is missing."""
        return self._values[name][0].line if name in self._values else self.line

    def key(self, name: str) -> str:
        """Give the key as typed, else as this author would write it."""
        return self._values[name][0].text if name in self._values else self.source.word(name)

    def report(self, name: str, code: str, **fields: Any) -> None:
        """Add a problem at the line of a key."""
        self.source.report(self.at(name), code, key=self.key(name), **fields)

    def require(self, *names: str) -> None:
        """Report each of these keys that is missing."""
        for name in names:
            if not self.has(name):
                example = EXAMPLES.get(name)
                code, fields = (
                    ("missing_example", {"example": example.shown(english=self.source.english)})
                    if example
                    else ("missing", {})
                )
                self.source.report(self.line, code, key=self.source.word(name), **fields)

    def _typed(self, name: str) -> Text | None:
        """Give the text of a key: None where it is missing, or is not a text or forgotten, which is reported."""
        if name not in self._values:
            return None
        value = self._values[name][1]
        if not isinstance(value, Text):
            self.report(name, "not_text")
            return None
        if not value.text.strip() and not value.quoted:
            self.report(name, "empty_value")
            return None
        return value

    def text(self, name: str, most: int = 200) -> str | None:
        """Give a text of one line, at most so many characters; blanks and line breaks in it count as one blank."""
        value = self._typed(name)
        if value is None:
            return None
        text = " ".join(value.text.split())
        if len(text) > most:
            self.source.report(value.line, "text_too_long", key=self.key(name), length=len(text), most=most)
            return None
        return text

    def verbatim(self, name: str) -> Text | None:
        """Give a text exactly as typed, with every blank, and its line."""
        return self._typed(name)

    def name_text(self, name: str, most: int = 80) -> str | None:
        """Give a text that must not be empty."""
        text = self.text(name, most)
        if text == "":
            self.report(name, "empty_value")
            return None
        return text

    def rupiah(self, name: str, least: int = 0) -> Rupiah | None:
        """Give an amount of at least so many rupiah."""
        value = self._typed(name)
        if value is None:
            return None
        try:
            amount = parse_rupiah(value.text)
        except MoneyError:
            if _is_too_much(value.text):
                self.source.report(
                    value.line, "amount_too_large", key=self.key(name), text=value.text, most=HIGHEST, money=True
                )
                return None
            self.source.report(
                value.line, "not_rupiah", key=self.key(name), text=value.text, **_likely_amount(value.text)
            )
            return None
        if amount < least:
            self.source.report(
                value.line, "amount_too_small", key=self.key(name), text=value.text, least=least, money=True
            )
            return None
        return amount

    def percent(self, name: str, least: int = 0) -> int | None:
        """Give a share in whole percent, least to 100."""
        value = self._typed(name)
        if value is None:
            return None
        try:
            share = parse_percent(value.text)
        except PercentError:
            share = -1
        if share < least:
            self.source.report(value.line, "not_percent", key=self.key(name), text=value.text, least=least)
            return None
        return share

    def count(self, name: str, least: int = 0, most: int = 1_000_000) -> int | None:
        """Give a whole number from least to most."""
        value = self._typed(name)
        if value is None:
            return None
        text = value.text.strip()
        if _GROUPED_COUNT.match(text):
            text = text.replace(".", "")
        if not _COUNT.match(text) or not least <= int(text) <= most:
            self.source.report(value.line, "not_count", key=self.key(name), text=value.text, least=least, most=most)
            return None
        return int(text)

    def hours(self, name: str, least: int, most: int) -> int | None:
        """Give "24 jam", "2 hari", "24 hours" or "2 days" in hours."""
        value = self._typed(name)
        if value is None:
            return None
        text = value.text.strip()
        if found := _HOURS.match(text):
            hours = int(found.group(1))
        elif found := _DAYS.match(text):
            hours = int(found.group(1)) * 24
        else:
            hours = -1
        if not least <= hours <= most:
            self.source.report(value.line, "not_hours", key=self.key(name), text=value.text, least=least, most=most)
            return None
        return hours

    def days(self, name: str, most: int = 90) -> int | None:
        """Give "7 hari" or "7 days" in days."""
        value = self._typed(name)
        if value is None:
            return None
        found = _DAYS.match(value.text.strip())
        if not found or int(found.group(1)) > most:
            self.source.report(value.line, "not_days", key=self.key(name), text=value.text, most=most)
            return None
        return int(found.group(1))

    def day_span(self, name: str, *, paid: bool = False) -> Days | None:
        """Give "7-10 hari", with or without "setelah tutup", or "7 days"; paid: counted from the payment instead."""
        value = self._typed(name)
        if value is None:
            return None
        found = _SPAN.match(value.text.strip())
        least = int(found.group(1)) if found else -1
        most = int(found.group(2) or least) if found else -1
        if not 0 <= least <= most <= MOST_DAYS:
            self.source.report(value.line, "not_day_span", key=self.key(name), text=value.text)
            return None
        if found and found["closing" if paid else "payment"]:
            code = "span_from_closing" if paid else "span_from_payment"
            self.source.report(value.line, code, key=self.key(name), text=value.text)
            return None
        return Days(least, most)

    def weight_g(self, name: str) -> int | None:
        """Give "250 g" or "1,5 kg" in grams."""
        value = self._typed(name)
        if value is None:
            return None
        found = _WEIGHT.match(value.text.strip())
        grams = 0
        if found:
            whole, part, unit = found.groups()
            if unit.lower().startswith("k"):
                grams = int(whole) * 1_000 + int((part or "0").ljust(3, "0"))
            elif part is None:
                grams = int(whole)
        if not 1 <= grams <= 1_000_000:
            self.source.report(value.line, "not_weight", key=self.key(name), text=value.text)
            return None
        return grams

    def slug(self, name: str) -> str | None:
        """Give an id or address."""
        value = self._typed(name)
        if value is None:
            return None
        text = value.text.strip()
        if not is_slug(text):
            suggestion = slugify(text)
            code = "not_slug_suggested" if suggestion else "not_slug"
            self.source.report(value.line, code, key=self.key(name), text=text, suggestion=suggestion)
            return None
        return text

    def slugs(self, name: str, most: int) -> tuple[tuple[str, int], ...]:
        """Give one or several different addresses, each with its line."""
        node = self.raw(name)
        items = node.items if isinstance(node, Items) else () if node is None else (node,)
        found: dict[str, int] = {}
        for item in items:
            text = item.text.strip() if isinstance(item, Text) else ""
            if not is_slug(text):
                suggestion = slugify(text)
                code = "not_slug_suggested" if suggestion else "not_slug"
                self.source.report(item.line, code, key=self.key(name), text=text, suggestion=suggestion)
            elif text in found:
                self.source.report(item.line, "repeated_item", key=self.key(name), text=text, first_line=found[text])
            else:
                found[text] = item.line
        if len(found) > most:
            self.report(name, "too_many_items", count=len(found), most=most)
        return tuple(found.items())

    def phone(self, name: str) -> str | None:
        """Give a mobile number as "+62..."."""
        value = self._typed(name)
        if value is None:
            return None
        try:
            return parse_phone(value.text)
        except PhoneError:
            self.source.report(value.line, "not_phone", key=self.key(name), text=value.text)
            return None

    def email(self, name: str) -> str | None:
        """Give an e-mail address."""
        return self.matching(name, _EMAIL, "not_email")

    def https_url(self, name: str) -> str | None:
        """Give an https address."""
        return self.matching(name, _URL, "not_https")

    def matching(self, name: str, pattern: re.Pattern[str], code: str) -> str | None:
        """Give a text in ASCII that the whole pattern matches; code names the problem where it does not."""
        value = self._typed(name)
        if value is None:
            return None
        text = value.text.strip()
        if not text.isascii() or not pattern.fullmatch(text):
            self.source.report(value.line, code, key=self.key(name), text=value.text)
            return None
        return text

    def choice(self, name: str, group: str) -> str | None:
        """Give the value in code of one of a group's choices."""
        value = self._typed(name)
        if value is None:
            return None
        found = find_choice(group, value.text)
        if found is None:
            words = [word.shown(english=self.source.english) for word in CHOICES[group].values()]
            self.source.report(value.line, "not_choice", key=self.key(name), text=value.text, choices=", ".join(words))
        return found

    def yes(self, name: str, *, default: bool) -> bool:
        """Give ya/yes as True and tidak/no as False."""
        found = self.choice(name, "yes_no")
        return default if found is None else found == "yes"

    def instant(self, name: str, zone: str, *, closing: bool) -> datetime | None:
        """Give a date, or date and time, in the zone; a closing without time is the end of its day."""
        value = self._typed(name)
        if value is None:
            return None
        try:
            return instants.parse_instant(value.text, zone, closing=closing)
        except ValueError:
            self.source.report(value.line, "not_date", key=self.key(name), text=value.text)
            return None

    def recurrence(self, name: str, zone: str) -> Monthly | Weekly | None:
        """Give the rule of "tiap bulan, tanggal 25 s.d. 10" or "tiap minggu, Senin s.d. Rabu"."""
        value = self._typed(name)
        if value is None:
            return None
        if days := instants.parse_monthly(value.text):
            return Monthly(*days, zone)
        if weekdays := instants.parse_weekly(value.text):
            return Weekly(*weekdays, zone)
        self.source.report(value.line, "not_recurring", key=self.key(name), text=value.text)
        return None

    def raw(self, name: str) -> Node | None:
        """Give whatever stands there."""
        return self._values[name][1] if name in self._values else None

    def words(self, name: str, most: int, length: int) -> tuple[str, ...] | None:
        """Give a list of different short texts."""
        node = self.raw(name)
        if node is None:
            return None
        if not isinstance(node, Items) or not node.items:
            self.report(name, "not_list")
            return None
        found: dict[str, int] = {}
        for item in node.items:
            text = " ".join(item.text.split()) if isinstance(item, Text) else ""
            if not text:
                self.source.report(item.line, "empty_item", key=self.key(name))
            elif len(text) > length:
                self.source.report(item.line, "text_too_long", key=self.key(name), length=len(text), most=length)
            elif text in found:
                self.source.report(item.line, "repeated_item", key=self.key(name), text=text, first_line=found[text])
            else:
                found[text] = item.line
        if len(found) > most:
            self.report(name, "too_many_items", count=len(found), most=most)
        return tuple(found)

    def block(self, name: str, known: Sequence[str]) -> Block | None:
        """Give the keys below a key."""
        node = self.raw(name)
        if node is None:
            return None
        if not isinstance(node, Entries):
            self.report(name, "not_keys", known=", ".join(self.source.word(item) for item in known))
            return None
        # An empty "{}" and a block in braces begin on the line of their key.
        return Block(node, known, self.source)

    def blocks(self, name: str, known: Sequence[str], most: int = 200) -> list[Block] | None:
        """Give the items of a list in which every item has keys."""
        node = self.raw(name)
        if node is None:
            return None
        if not isinstance(node, Items):
            self.report(name, "not_list_of_keys", known=", ".join(self.source.word(item) for item in known))
            return None
        if len(node.items) > most:
            self.report(name, "too_many_items", count=len(node.items), most=most)
            return None
        found = []
        for item in node.items:
            if isinstance(item, Entries):
                found.append(Block(item, known, self.source))
            else:
                self.source.report(
                    item.line, "item_not_keys", key=self.key(name), known=", ".join(map(self.source.word, known))
                )
        return found


def _is_too_much(text: str) -> bool:
    """Say whether this is an amount like others, but above the highest."""
    return bool(_AMOUNT.fullmatch(text.strip())) and int(re.sub(r"[^0-9]", "", text)) > HIGHEST


def _likely_amount(text: str) -> dict[str, Any]:
    """Give the two ways to write what "125,000" or "125.00" probably means; nothing where that can't be told."""
    digits = re.sub(r"[^0-9]", "", text) if text.isascii() and "-" not in text else ""
    if re.search(r"[.,][0-9]{2}$", text.strip()):
        digits = digits[:-2] + ("000" if len(digits) <= 5 else "")
    if not digits or not 1_000 <= int(digits) <= 1_000_000_000:
        return {}
    plain = str(int(digits))
    return {"plain": plain, "grouped": f"{int(digits):,}".replace(",", ".")}
