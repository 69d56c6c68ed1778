"""What is left of a variant, and when little is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.campaign import WHOLE
from preorder.money import Rupiah
from preorder.product import Product, Variant
from preorder.quota import few_of, is_sold_out, left_of
from tests.makers import make_campaign


def variant(*pools: str, name: str = "a") -> Variant:
    return Variant(name, name, Rupiah(10_000), None, pools)


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 50)), st.sets(st.sampled_from("abc")))
def test_the_emptiest_pool_decides(left: dict[str, int], pools: set[str]) -> None:
    """Exactly as many units can be ordered as every pool of the variant has; a pool that isn't limited never says no."""
    units = left_of(variant(*pools), left)
    if units is None:
        assert not pools & left.keys()
    else:
        assert all(left[pool] >= units for pool in pools & left.keys())
        assert any(left[pool] == units for pool in pools & left.keys())


@pytest.mark.parametrize(("quota", "few"), [(1, 3), (30, 3), (39, 3), (40, 4), (500, 50)])
def test_little_is_left_at_a_tenth_and_at_three(quota: int, few: int) -> None:
    """A large pool is nearly empty at a tenth, a small one with its last three units."""
    product = Product("p", "P", "", (variant(WHOLE),), (), None)
    campaign = make_campaign(products=(product,), pools={WHOLE: quota})
    assert few_of(product.variants[0], campaign) == few


def test_sold_out_is_when_no_variant_is_left() -> None:
    """One variant with something left, or without a limit, keeps a campaign from being sold out."""
    first, second, free = variant("x"), variant("y", name="b"), variant(name="c")
    campaign = make_campaign(products=(Product("p", "P", "", (first, second), (), None),), pools={"x": 5, "y": 5})
    assert is_sold_out(campaign, {"x": 0, "y": 0})
    assert not is_sold_out(campaign, {"x": 0, "y": 1})
    endless = make_campaign(products=(Product("p", "P", "", (first, free), (), None),), pools={"x": 5})
    assert not is_sold_out(endless, {"x": 0})
    assert few_of(free, endless) is None
