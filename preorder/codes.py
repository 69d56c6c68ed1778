"""
Unique codes: the last digits of an amount tell whose payment it is, for a bank statement often hides the name.

A code is signed: what it takes off the amount, so that a seller who adds hers has negative ones. Which amounts are
taken, only the ledger knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from preorder.payment import SMALLEST_PAYMENT
from preorder.terms import UniqueCode

HIGHEST_CODE = 999


def amounts_around(base: int) -> tuple[int, int]:
    """Give the least and the most (rupiah) that can be asked for in place of this amount."""
    return base - HIGHEST_CODE, base + HIGHEST_CODE


class Codes:
    """
    Chooses codes so that no two amounts are the same.

    Args:
        taken: rupiah that others are asked for, or were asked for so lately that they may pay it still; at least those
            around every amount that codes are chosen for.
    """

    def __init__(self, taken: Collection[int]) -> None:
        self._taken = set(taken)
        # For many orders of one price: below this everything is taken already.
        self._least: dict[tuple[int, UniqueCode], int] = {}

    def choose(self, base: int, mode: UniqueCode, prefer: int = 0) -> int:
        """
        Choose a code for an amount, and take the amount that results.

        The one preferred if that may be, else the next higher, else the smallest that is free.

        Args:
            base: rupiah, without a code.
            prefer: a code that the order has, or had; 0 for none.

        Returns:
            The code, 0 where none is free or none is wanted: the amount is the base itself then, whoever else is asked
            for it.
        """
        code = next(
            (each for each in self._candidates(base, mode, prefer) if self._is_free(base - each, each == prefer)), 0
        )
        if not prefer:
            self._least[base, mode] = abs(code or HIGHEST_CODE) + 1
        self._taken.add(base - code)
        return code

    def _candidates(self, base: int, mode: UniqueCode, prefer: int) -> Iterator[int]:
        if mode is UniqueCode.NONE:
            # What an order was once given stays its own, whatever the terms say.
            if prefer:
                yield prefer
            return
        sign = -1 if mode is UniqueCode.ADD else 1
        first = self._least.get((base, mode), 1)
        if prefer * sign > 0:
            yield from (sign * number for number in range(abs(prefer), HIGHEST_CODE + 1))
            first = 1
        yield from (sign * number for number in range(first, HIGHEST_CODE + 1))

    def _is_free(self, amount: int, preferred: bool) -> bool:
        # What a new code leaves must be an amount that people transfer; what an old one leaves may be the rest of it.
        return amount >= (1 if preferred else SMALLEST_PAYMENT) and amount not in self._taken
