"""
Orders as a seller types them from a chat: "2 nastar toples 500g; 1 kastengel" -> the lines of an OrderRequest.

Only what can mean one thing is taken; anything else is refused with what it could be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from preorder.campaign import Campaign
from preorder.errors import PreorderError
from preorder.order import LineRequest
from preorder.product import Option, Product, Variant

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
# "2 nastar", "2x nastar", "2 x nastar", "2 pcs nastar"; but not "500g nastar".
_LEADING = re.compile(
    r"(?P<qty>[0-9]{1,3})\s*(?:[x\u00d7*]|pcs|pc|buah|biji)?\s+(?P<rest>\D.*|[0-9].*)", re.IGNORECASE | re.DOTALL
)
_LEADING_TIGHT = re.compile(r"(?P<qty>[0-9]{1,3})\s*[x\u00d7*]\s*(?P<rest>\S.*)", re.IGNORECASE | re.DOTALL)
# With the quantity behind: "nastar x2", "nastar 2 pcs", "nastar: 2".
_TRAILING = re.compile(
    r"(?P<rest>.*\S)(?:\s*[x\u00d7*]\s*(?P<a>[0-9]{1,3})|\s+(?P<b>[0-9]{1,3})\s*(?:[x\u00d7*]|pcs|pc|buah|biji)|\s*[:=]\s*(?P<c>[0-9]{1,3}))",
    re.IGNORECASE | re.DOTALL,
)
# Bare, and so at most two digits: "nastar 500" is a size.
_TRAILING_BARE = re.compile(r"(?P<rest>.*\D)\s(?P<qty>[0-9]{1,2})", re.DOTALL)
# Choices as our own summary writes them: "Gamis (Warna: Sage, Nama bordir: Siti)".
_CHOSEN = re.compile(r"(?P<item>[^()]*)\((?P<options>[^()]*)\)\s*(?P<after>[^()]*)", re.DOTALL)
# Words that say nothing about which thing is meant, unless its name has them.
_FILLERS = frozenset({
    "toples", "jar", "box", "kotak", "pcs", "pc", "buah", "biji", "bungkus", "pack", "pak", "porsi", "ukuran", "size", "varian", "warna", "rasa", "yang", "ya",
    "yg", "the", "of", "pesan", "order", "mau",
})  # fmt: skip
_SAME = {"gr": "g", "gram": "g", "grams": "g", "kilo": "kg", "kilogram": "kg", "liter": "l"}
# Between lines always, and only where a part can't be read otherwise: a name may hold a comma or an "and".
_ALWAYS = re.compile(r"[;\n]+")
_MAYBE = re.compile(r"\s*(?:,|\+|&|\bdan\b|\band\b)\s*", re.IGNORECASE)

_EDGES = " \t.,;:-\u2022"


class TypedOrderUnclear(PreorderError):
    """
    A part of a typed order that can't be read. The base of the refusals below; all have the field part (as typed).
    """

    code = "typed_order_unclear"


class ItemUnknown(TypedOrderUnclear):
    """Nothing of that name is offered. Fields: part, choices (names of what is)."""

    code = "typed_item_unknown"


class ItemUnclear(TypedOrderUnclear):
    """It could be several things. Fields: part, choices (their names)."""

    code = "typed_item_unclear"


class QtyMissing(TypedOrderUnclear):
    """It doesn't say how many. Fields: part, item (the name of what is meant)."""

    code = "typed_qty_missing"


class ChoiceMissing(TypedOrderUnclear):
    """A choice that the buyer must make is not there. Fields: part, item, option (name), choices (empty: free text)."""

    code = "typed_choice_missing"


@dataclass(frozen=True)
class Item:
    """One thing that can be ordered."""

    product: Product
    variant: Variant

    @property
    def name(self) -> str:
        """Give product and variant as people read them."""
        return f"{self.product.name} {self.variant.name}".strip()


def items_of(campaign: Campaign) -> tuple[Item, ...]:
    """Give all that a campaign offers, in its order."""
    return tuple(Item(product, variant) for product in campaign.products for variant in product.variants)


def read_typed_order(text: str, campaign: Campaign) -> tuple[LineRequest, ...]:
    """
    Read what a seller typed.

    Args:
        text: parts separated by ";" or line breaks (also by ",", "+", "&", "dan" and "and" where that reads), each with
            a quantity before or behind ("2 nastar", "2x Nastar", "nastar x2", "nastar 2 pcs"), the words of product and
            variant in any order, and choices either as a word ("gamis sage") or as in our own summary
            ("Gamis (Warna: Sage)").

    Raises:
        TypedOrderUnclear: one of its kinds, for the first part that can't be read.
    """
    lines: list[LineRequest] = []
    for part in _parts(text, _ALWAYS):
        try:
            lines.append(_read_part(part, campaign))
        except TypedOrderUnclear as unclear:
            smaller = _parts(part, _MAYBE)
            if len(smaller) < 2:
                raise
            try:
                lines += [_read_part(each, campaign) for each in smaller]
            except (ItemUnknown, ItemUnclear, QtyMissing):
                # What was typed between two semicolons is what she looks for in the answer.
                if any(_names_nothing(each, campaign) for each in smaller):
                    raise unclear from None
                raise
    return tuple(lines)


def _names_nothing(part: str, campaign: Campaign) -> bool:
    try:
        _read_part(part, campaign)
    except ItemUnknown:
        return True
    except TypedOrderUnclear:
        return False
    return False


def _parts(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split outside of parentheses: a text inside belongs to the buyer."""
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f"\x00{len(kept) - 1}\x00"

    hidden = re.sub(r"\([^()]*\)", hide, text)
    parts = [re.sub("\x00([0-9]+)\x00", lambda m: kept[int(m.group(1))], part) for part in separator.split(hidden)]
    return [bare for part in parts if (bare := part.strip(_EDGES))]


def _read_part(part: str, campaign: Campaign) -> LineRequest:
    named, chosen = part, ""
    if (match := _CHOSEN.fullmatch(part)) and (":" in match["options"]):
        named, chosen = f"{match['item'].strip()} {match['after'].strip()}".strip(), match["options"]
    refusal: TypedOrderUnclear | None = None
    found: list[tuple[Item, int, dict[str, str]]] = []
    for qty, rest in _quantities(named):
        try:
            item, options = _find_item(part, rest, campaign, chosen)
        except TypedOrderUnclear as unclear:
            refusal = refusal or unclear
        else:
            if (item, qty, options) not in found:
                found.append((item, qty, options))
    if len(found) == 1:
        item, qty, options = found[0]
        return LineRequest(item.product.id, item.variant.id, qty, options)
    if len(found) > 1:
        raise ItemUnclear(part=part, choices=[f"{qty}x {item.name}" for item, qty, _ in found])
    if refusal is not None and not isinstance(refusal, ItemUnknown):
        raise refusal
    # Without any number the words may be right all the same.
    item, _ = _find_item(part, named, campaign, chosen)
    raise QtyMissing(part=part, item=item.name)


def _quantities(text: str) -> Iterator[tuple[int, str]]:
    """Give each way to read a quantity: how many, and the words that are left."""
    for pattern in (_LEADING_TIGHT, _LEADING, _TRAILING, _TRAILING_BARE):
        if match := pattern.fullmatch(text):
            groups = match.groupdict()
            number = next(groups[name] for name in ("qty", "a", "b", "c") if groups.get(name))
            if int(number):
                yield int(number), match["rest"]
            if pattern in {_LEADING_TIGHT, _TRAILING}:
                # With its sign there is no other way.
                return


def words_of(text: str) -> list[str]:
    """Give the words of a name as they are compared: without case and marks, numbers apart, units in one spelling."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [_SAME.get(word, word) for word in _WORD.findall(plain)]


def _find_item(part: str, text: str, campaign: Campaign, chosen: str) -> tuple[Item, dict[str, str]]:
    typed = words_of(text)
    best: list[tuple[int, Item, list[str]]] = []
    for item in items_of(campaign):
        product, variant = set(words_of(item.product.name)), set(words_of(item.variant.name))
        known = [word for word in typed if word in product | variant]
        left = [word for word in typed if word not in product | variant]
        if not product & set(known):
            continue
        options, left = _take_choices(item.product, left)
        if any(word not in _FILLERS for word in left):
            continue
        # A product whose whole name was typed is meant, rather than one that has its words among others.
        whole = product <= set(known)
        spare = len((product | variant) - set(known))
        best.append((0 if whole else 1, item, [str(spare), *options]))
    if not best:
        raise ItemUnknown(part=part, choices=[item.name for item in items_of(campaign)])
    first = min(rank for rank, _, _ in best)
    meant = [(item, spare) for rank, item, (spare, *_) in best if rank == first]
    if len(meant) > 1:
        exact = [(item, spare) for item, spare in meant if spare == "0"]
        products = {item.product.id for item, _ in meant}
        longest = max(len(words_of(item.product.name)) for item, _ in meant)
        if len(exact) == 1:
            meant = exact
        elif len(products) > 1 and first == 0:
            meant = [(item, spare) for item, spare in meant if len(words_of(item.product.name)) == longest]
    if len(meant) > 1:
        raise ItemUnclear(part=part, choices=[item.name for item, _ in meant])
    item = meant[0][0]
    names = set(words_of(item.name))
    return item, _choices(part, item, [word for word in typed if word not in names], chosen)


def _take_choices(product: Product, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the names of the options that words choose, and the words that are left."""
    left, taken = list(words), []
    for option in product.options:
        for choice in sorted(option.choices, key=len, reverse=True):
            needed = words_of(choice)
            if needed and all(word in left for word in needed):
                for word in needed:
                    left.remove(word)
                taken.append(option.name)
                break
    return taken, left


def _choices(part: str, item: Item, words: Sequence[str], chosen: str) -> dict[str, str]:
    written = _written_choices(item.product.options, chosen)
    options: dict[str, str] = {}
    for option in item.product.options:
        text = written.get(option.id, "")
        matching = [choice for choice in option.choices if words_of(choice) == words_of(text)] if text else []
        if text and option.choices and not matching:
            raise ChoiceMissing(part=part, item=item.name, option=option.name, choices=list(option.choices))
        if not text:
            named = [choice for choice in option.choices if set(words_of(choice)) <= set(words)]
            # "Merah Muda" and not "Merah", where both are offered and both words are there.
            longest = max((len(words_of(choice)) for choice in named), default=0)
            matching = [choice for choice in named if len(words_of(choice)) == longest]
        if len(matching) == 1:
            options[option.id] = matching[0]
        elif text and not option.choices:
            options[option.id] = text
        elif option.required or len(matching) > 1:
            raise ChoiceMissing(part=part, item=item.name, option=option.name, choices=list(option.choices))
    return options


def _written_choices(options: Sequence[Option], chosen: str) -> dict[str, str]:
    """Read "Warna: Sage, Nama bordir: Siti, Ani": option id -> text. A comma may belong to the text."""
    names = {tuple(words_of(option.name)): option.id for option in options}
    found: dict[str, str] = {}
    last = ""
    for piece in chosen.split(","):
        name, colon, text = piece.partition(":")
        option_id = names.get(tuple(words_of(name))) if colon else None
        if option_id is not None:
            found[option_id] = text
            last = option_id
        elif last:
            found[last] += "," + piece
    return {option_id: text.strip() for option_id, text in found.items()}
