"""Amounts that are probably mistyped."""

from __future__ import annotations

import pytest

from preorder.payment import DoubtfulAmount, check_amount


@pytest.mark.parametrize("value", [0, 6_501, 30_000, 65_000, 148_000, 200_000, 296_000])
def test_what_is_plausible_passes(value: int) -> None:
    """From just above a tenth of what is due to twice the order."""
    check_amount(value, 65_000, 148_000)


@pytest.mark.parametrize(
    ("value", "suggestion"),
    [
        (1, 1_000),
        (65, 65_000),
        (999, 999_000),
        (1_000, None),
        (6_500, 65_000),
        (296_001, None),
        (650_000, 65_000),
        (1_480_000, 148_000),
        (14_800_000, None),
    ],
)
def test_what_is_not_is_asked_about(value: int, suggestion: int | None) -> None:
    """With the sum that was probably meant, where zeros are all that is wrong."""
    with pytest.raises(DoubtfulAmount) as doubt:
        check_amount(value, 65_000, 148_000)
    assert doubt.value.fields == {"value": value, "suggestion": suggestion}


def test_without_bounds_only_the_smallest_payment_counts() -> None:
    """Where nothing is expected and nothing is the most."""
    check_amount(10**9, 0)
    check_amount(1_000, 0)
    with pytest.raises(DoubtfulAmount):
        check_amount(999, 0)
