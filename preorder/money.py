"""Whole rupiah: reading what sellers write, rounding, shares. There are no sen and no floats."""

from __future__ import annotations

import re
from typing import NewType

from preorder.errors import PreorderError

Rupiah = NewType("Rupiah", int)

HIGHEST = 1_000_000_000

_PREFIX = re.compile(r"^rp\.?\s*", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]{1,10}")
_GROUPED = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")
_SUFFIXED = re.compile(r"([0-9]{1,7})(?:,([0-9]{1,3}))?\s*(rb|ribu|jt|juta)", re.IGNORECASE)
_UNITS = {"rb": 1_000, "ribu": 1_000, "jt": 1_000_000, "juta": 1_000_000}


class MoneyError(PreorderError):
    """A text that is not a whole amount of rupiah. Fields: text."""

    code = "not_rupiah"


class PercentError(PreorderError):
    """A text that is not a whole percentage from 0 to 100. Fields: text."""

    code = "not_percent"


def parse_rupiah(text: str) -> Rupiah:
    """
    Read an amount as sellers write it.

    Args:
        text: "125000", "125.000", "Rp 125.000", "Rp125.000,-", "125rb" or "1,25jt".

    Returns:
        Whole rupiah, 0 to 1,000,000,000.

    Raises:
        MoneyError: anything else, among them "125,000", "125.00", "-1" and digits outside ASCII.

    Source: README, "Writing prices".
    """
    # ASCII first: isdigit() and \\d also take digits of other scripts, which nobody can check by eye.
    bare = text.strip()
    if not bare.isascii():
        raise MoneyError(text=text)
    bare = _PREFIX.sub("", bare)
    bare = re.sub(r",-+$", "", bare).strip()
    if _PLAIN.fullmatch(bare):
        amount = int(bare)
    elif _GROUPED.fullmatch(bare):
        amount = int(bare.replace(".", ""))
    elif suffixed := _SUFFIXED.fullmatch(bare):
        whole, part, unit = suffixed.groups()
        scale = _UNITS[unit.lower()]
        fraction = part or ""
        if len(fraction) > len(str(scale)) - 1:
            raise MoneyError(text=text)
        amount = int(whole) * scale + int(fraction or "0") * scale // 10 ** len(fraction)
    else:
        raise MoneyError(text=text)
    if amount > HIGHEST:
        raise MoneyError(text=text)
    return Rupiah(amount)


def parse_percent(text: str) -> int:
    """
    Read "50%" or "50 %" as 50.

    Raises:
        PercentError: no whole number from 0 to 100 with a percent sign.
    """
    found = re.fullmatch(r"([0-9]{1,3})\s*%", text.strip(), re.ASCII)
    if not found or int(found.group(1)) > 100:
        raise PercentError(text=text)
    return int(found.group(1))


def round_up(amount: int, step: int) -> Rupiah:
    """Give the smallest multiple of step (rupiah, at least 1) that is not below amount."""
    return Rupiah(-(-amount // step) * step)


def share(amount: int, percent: int) -> Rupiah:
    """
    Give percent of amount, rounded up to whole rupiah.

    Up, because what is shared out here goes to the buyer: rounding is never against her.
    """
    return Rupiah(-(-amount * percent // 100))
