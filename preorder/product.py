"""What can be bought: products, their variants and what the buyer decides about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.photo import Photo

MAX_QTY = 999
_NOTHING = Rupiah(0)

# Lines that one product with options offers on the form: one visible, the rest unfolded by the buyer.
LINES_PER_PRODUCT = 4


@dataclass(frozen=True)
class EarlyBird:
    """
    A price for those who order early; see preorder.pricing.early_until for its end.

    Attributes:
        price: of one unit.
        until: the instant at which it ends (exclusive), in whichever round that falls; or
        first_days: how many days of each round it holds, the day of the opening included.
    """

    price: Rupiah
    until: datetime | None = None
    first_days: int | None = None

    def __post_init__(self) -> None:
        if (self.until is None) == (self.first_days is None) or (self.first_days is not None and self.first_days < 1):
            raise CampaignError(what="early", value=self.price)


@dataclass(frozen=True)
class Tier:
    """A price of one unit for who takes at least so many (2 or more) in one order; it holds for all of them."""

    from_units: int
    price: Rupiah

    def __post_init__(self) -> None:
        if self.from_units < 2:
            raise CampaignError(what="tiers", value=self.from_units, least=2)


@dataclass(frozen=True)
class Variant:
    """
    One thing that can be bought.

    Attributes:
        id: "" where the product has only one.
        name: "" likewise.
        price: of one unit, as it is usually.
        weight_g: grams, None where it doesn't matter.
        pools: ids of the pools that each unit is taken from.
        early, tiers: special prices of this variant alone; preorder.pricing says which price holds.
    """

    id: str
    name: str
    price: Rupiah
    weight_g: int | None
    pools: tuple[str, ...]
    early: EarlyBird | None = None
    tiers: tuple[Tier, ...] = ()

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)


@dataclass(frozen=True)
class Option:
    """
    Something that the buyer decides for each line: a colour, a size, a name to embroider.

    Attributes:
        choices: what may be chosen; empty for free text.
        max_length: of free text, in characters; 0 for choices.
        extras: choice -> rupiah that it adds to the price of one unit; a choice that costs nothing isn't there.
        text_extra: rupiah that a free text adds to the price of one unit, where one is written.
    """

    id: str
    name: str
    choices: tuple[str, ...]
    max_length: int
    required: bool
    extras: Mapping[str, Rupiah] = field(default_factory=dict)
    text_extra: Rupiah = _NOTHING

    def __post_init__(self) -> None:
        if bool(self.choices) == bool(self.max_length):
            raise CampaignError(what="option", value=self.id)
        strange = sorted(self.extras.keys() - set(self.choices))
        if strange or min(self.extras.values(), default=1) < 1 or (self.choices and self.text_extra):
            raise CampaignError(what="option", value=self.id)

    def adds(self, text: str) -> Rupiah:
        """Give what a choice, or a written text, adds to the price of one unit; "" adds nothing."""
        if not text:
            return _NOTHING
        return self.extras.get(text, _NOTHING) if self.choices else self.text_extra


@dataclass(frozen=True)
class LineLimits:
    """Units that one line of an order may hold; most None means no limit."""

    least: int = 1
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least < 1:
            raise CampaignError(what="min_per_line", value=self.least, least=1)
        if self.most is not None and self.most < self.least:
            raise CampaignError(what="max_per_line", value=self.most, least=self.least)


@dataclass(frozen=True)
class Label:
    """
    What a product's label says, in the seller's words; "" where it says nothing.

    Attributes:
        composition: what is in it, allergens included.
        net: weight or content without the packing.
        best_before: how long it keeps.
        permits: its registrations, such as P-IRT, BPOM, halal.
    """

    composition: str = ""
    net: str = ""
    best_before: str = ""
    permits: str = ""


@dataclass(frozen=True)
class Product:
    """
    A product; at least one variant.

    Attributes:
        early, tiers: special prices of all its variants together.
        per_line: units that one line may hold.
        bonus: what comes with it only in this pre-order; may be empty.
    """

    id: str
    name: str
    summary: str
    variants: tuple[Variant, ...]
    options: tuple[Option, ...]
    photo: Photo | None
    early: EarlyBird | None = None
    tiers: tuple[Tier, ...] = ()
    per_line: LineLimits = LineLimits()
    bonus: str = ""
    label: Label | None = None

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)

    def variant(self, variant_id: str) -> Variant | None:
        """Give the variant of this id."""
        return next((variant for variant in self.variants if variant.id == variant_id), None)

    @property
    def lowest_price(self) -> Rupiah:
        """Give the lowest of its usual prices; preorder.pricing.from_price knows the special ones."""
        return min(variant.price for variant in self.variants)


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    starts = [tier.from_units for tier in tiers]
    if starts != sorted(set(starts)):
        raise CampaignError(what="tiers", value=starts)


@dataclass(frozen=True)
class Limits:
    """Units that one order or one buyer (a phone number, over all orders of a round) may hold; None means no limit."""

    min_per_order: int = 1
    max_per_order: int | None = None
    max_per_buyer: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_per_order", "max_per_buyer"):
            most = getattr(self, name)
            if most is not None and most < self.min_per_order:
                raise CampaignError(what=name, value=most, least=self.min_per_order)
        if self.min_per_order < 1:
            raise CampaignError(what="min_per_order", value=self.min_per_order, least=1)
