"""The catalogue joins pages and order desk: nothing is lost on the way, and what buyers accept has one hash."""

import dataclasses
import json
from typing import Any

import pytest

from preorder.campaign import Campaign
from preorder.catalogue import CatalogueError, accepted_part, content_digest, from_json, to_json, with_terms
from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.product import Limits, Option
from preorder.schedule import Monthly, Schedule
from preorder.theme import Theme
from tests.makers import make_campaign, make_catalogue, make_products


@pytest.mark.parametrize("monthly", [False, True])
def test_a_catalogue_survives_its_file(monthly: bool) -> None:
    """Written and read again it is equal, with either kind of schedule."""
    campaign = (
        make_campaign(schedule=Schedule("WITA", Monthly(25, 10, "WITA"), 7, None)) if monthly else make_campaign()
    )
    catalogue = make_catalogue(campaign)
    assert from_json(json.loads(json.dumps(to_json(catalogue)))) == catalogue


@pytest.mark.parametrize(
    "data", [None, [], {}, {"format": 2}, {"format": 1}, {"format": 1, "revision": 1, "built_at": "x"}]
)
def test_what_is_no_catalogue_is_refused(data: Any) -> None:
    """With the reason; never a KeyError."""
    with pytest.raises(CatalogueError):
        from_json(data)


def test_a_catalogue_from_before_there_were_themes_is_read() -> None:
    """It looks as every shop looked then; a look that this program does not know, or that can't be read, is refused."""
    data = to_json(make_catalogue())
    del data["shop"]["theme"]
    assert from_json(data).shop.theme == Theme()
    for theme in (
        {"preset": "hijau"},
        {"brand": "#ffffff"},
        {"accent": "red;}"},
        {"dark": "ya"},
        {"colour": "#000000"},
    ):
        with pytest.raises(CatalogueError):
            from_json(data | {"shop": data["shop"] | {"theme": theme}})


def dearer(campaign: Campaign) -> Campaign:
    """Give the campaign with one price raised."""
    first, *others = campaign.products
    variants = (dataclasses.replace(first.variants[0], price=Rupiah(1)), *first.variants[1:])
    return dataclasses.replace(campaign, products=(dataclasses.replace(first, variants=variants), *others))


@pytest.mark.parametrize(
    ("change", "asks_again"),
    [
        (dearer, True),
        (lambda campaign: dataclasses.replace(campaign, limits=Limits(max_per_order=3)), True),
        (lambda campaign: dataclasses.replace(campaign, terms_html="<p>Baru.</p>"), True),
        (lambda campaign: dataclasses.replace(campaign, deliveries=campaign.deliveries[:1]), True),
        (lambda campaign: dataclasses.replace(campaign, summary="lain"), False),
        (lambda campaign: dataclasses.replace(campaign, slug="lain"), False),
        (lambda campaign: dataclasses.replace(campaign, pools={"*": 5, "nastar/250g": 1}), False),
    ],
)
def test_only_what_a_buyer_accepts_changes_the_hash(change: Any, asks_again: bool) -> None:
    """
    Price, limits, terms and deliveries do; words around them and quotas don't. The catalogue's own digest sees all of
    it.
    """
    before = make_campaign()
    after = change(before)
    after = with_terms(after, after.terms_html)
    assert (after.terms_hash != before.terms_hash) is asks_again
    assert content_digest(make_catalogue(after)) != content_digest(make_catalogue(before))


def test_what_is_accepted_says_nothing_of_pools() -> None:
    """How units are pooled is the seller's affair."""
    assert "pools" not in json.dumps(accepted_part(make_campaign()))


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "pesan"}, {"slug": "../x"}, {"slug": "Besar"}, {"slug": "a--b"}, {"slug": "a" * 65}, {"slug": "nastar\n"}, {"prefix": "NST\n"}, {"id": ""}, {"prefix": "N"}, {"prefix": "nst"},
        {"prefix": "ABCDE"}, {"products": ()}, {"deliveries": ()}, {"pools": {"*": -1, "nastar/250g": 1}}, {"pools": {}},
    ],
)  # fmt: skip
def test_a_campaign_that_contradicts_itself_can_not_be_made(change: dict[str, Any]) -> None:
    """Whoever holds a Campaign need not check it again."""
    with pytest.raises(CampaignError):
        make_campaign(**change)


def test_an_option_is_either_choice_or_text() -> None:
    """Not both, not neither."""
    for choices, length in ((("a",), 5), ((), 0)):
        with pytest.raises(CampaignError):
            Option("x", "X", choices, length, required=False)
    assert make_products()[1].options[0].choices
