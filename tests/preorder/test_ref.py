"""Refs: readable, checked, never a number or a date."""

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from preorder.ref import ALPHABET, is_ref, make_ref

prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=4)


def ref_of(prefix: str, seed: int, length: int) -> str:
    """Make a ref from a seed."""
    return make_ref(prefix, random.Random(seed).choice, length)


@given(prefixes, st.integers(), st.integers(4, 8))
def test_a_ref_is_recognised_and_begins_with_a_letter(prefix: str, seed: int, length: int) -> None:
    """No look-alikes, and nothing that a spreadsheet takes for a date."""
    ref = ref_of(prefix, seed, length)
    assert is_ref(ref)
    assert re.fullmatch(rf"{prefix}-[A-HJKMNP-TV-Y][2-9A-HJKMNP-TV-Y]{{{length - 1}}}", ref)


@given(prefixes, st.integers(), st.integers(0, 3), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(prefix: str, seed: int, place: int, other: str) -> None:
    """Any single mistyped character of the code makes it no ref."""
    ref = ref_of(prefix, seed, 4)
    at = len(prefix) + 1 + place
    mistyped = ref[:at] + other + ref[at + 1 :]
    assert is_ref(mistyped) is (mistyped == ref)


@given(prefixes, st.integers(), st.integers(0, 2))
def test_swapped_neighbours_are_noticed(prefix: str, seed: int, place: int) -> None:
    """The commonest slip of a reader makes it no ref."""
    ref = ref_of(prefix, seed, 4)
    at = len(prefix) + 1 + place
    swapped = ref[:at] + ref[at + 1] + ref[at] + ref[at + 2 :]
    assert is_ref(swapped) is (swapped == ref)


def test_a_line_break_is_no_part_of_a_ref() -> None:
    """What stands in the sheet is compared whole."""
    ref = ref_of("NST", 1, 4)
    assert not is_ref(ref + "\n") and not is_ref(ref.lower())
