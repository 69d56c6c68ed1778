"""What can be bought: products, their variants and what the buyer decides about each."""

from __future__ import annotations

from dataclasses import dataclass

from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.photo import Photo

MAX_QTY = 999

# Lines that one product with options offers on the form: one visible, the rest unfolded by the buyer.
LINES_PER_PRODUCT = 4


@dataclass(frozen=True)
class Variant:
    """
    One thing that can be bought.

    Attributes:
        id: "" where the product has only one.
        name: "" likewise.
        price: of one unit.
        weight_g: grams, None where it doesn't matter.
        pools: ids of the pools that each unit is taken from.
    """

    id: str
    name: str
    price: Rupiah
    weight_g: int | None
    pools: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """
    Something that the buyer decides for each line and that costs nothing: a colour, a size, a name to embroider.

    Attributes:
        choices: what may be chosen; empty for free text.
        max_length: of free text, in characters; 0 for choices.
    """

    id: str
    name: str
    choices: tuple[str, ...]
    max_length: int
    required: bool

    def __post_init__(self) -> None:
        if bool(self.choices) == bool(self.max_length):
            raise CampaignError(what="option", value=self.id)


@dataclass(frozen=True)
class Product:
    """A product; at least one variant."""

    id: str
    name: str
    summary: str
    variants: tuple[Variant, ...]
    options: tuple[Option, ...]
    photo: Photo | None

    def variant(self, variant_id: str) -> Variant | None:
        """Give the variant of this id."""
        return next((variant for variant in self.variants if variant.id == variant_id), None)

    @property
    def lowest_price(self) -> Rupiah:
        """Give the price "from" which it can be had."""
        return min(variant.price for variant in self.variants)


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
