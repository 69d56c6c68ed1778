"""The sheet of a shop in English: headers, titles and what stands in a row."""

from __future__ import annotations

import dataclasses
import re

import pytest

from intake.language import translations
from intake.ledger import outbox
from intake.order_rows import Wording, order_row
from intake.settings import Settings
from intake.sheet.columns import TABS, Tab
from intake.sheet.tabs import FURTHER
from preorder.contact import PROVINCES
from preorder.salutation import Salutation
from preorder.status import Status
from tests.english import SHOP, english_campaign
from tests.intake.web.world import FIELDS, World
from tests.spoken import leaked


@pytest.mark.parametrize("tab", [*TABS, *FURTHER], ids=lambda tab: tab.code)
def test_headers_and_titles_are_english(tab: Tab) -> None:
    """Each has its own; none is Indonesian."""
    shown = [tab.titles["en"], *(column.headers["en"] for column in tab.columns)]
    assert not leaked("\n".join(shown), frozenset())
    assert len(set(shown[1:])) == len(shown) - 1


def test_a_row_is_english(world: World) -> None:
    """In every status; but for what seller and buyer have typed."""
    world.publish(english_campaign(), language="en", **SHOP)
    order = world.order_at(world.send(world.review()).headers["Location"])
    with world.counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [order.ref])[order.ref]
    typed = frozenset(re.findall(r"[a-z]{3,}", " ".join((*FIELDS.values(), *PROVINCES)).lower()))
    wording = Wording("en", "WIB", translations(Settings.templates, "en", Salutation.ANDA))
    for status in Status:
        row = order_row(record, dataclasses.replace(order, status=status), wording)
        shown = "\n".join(str(value) for value in row.values.values())
        assert not leaked(shown, typed), leaked(shown, typed)


def test_the_draft_to_the_buyer_calls_her_as_the_shop_does(world: World) -> None:
    """It is what she will read; everything else in the row stays what it is."""
    order = world.order_at(world.send(world.review()).headers["Location"])
    with world.counter.reader.begin() as connection:
        record = outbox.sheet_records(connection, [order.ref])[order.ref]
    rows = {
        salutation: order_row(
            record, order, Wording("id", "WIB", translations(Settings.templates, "id", salutation))
        ).values
        for salutation in Salutation
    }
    drafts = {salutation: str(values["chat"]) for salutation, values in rows.items()}
    assert "Halo%20Kak%20Ibu%20Contoh" in drafts[Salutation.KAKAK]
    assert "Halo%20Bapak%2FIbu%20Ibu%20Contoh" in drafts[Salutation.BAPAK_IBU]
    assert "Halo%20Ibu%20Contoh" in drafts[Salutation.ANDA] == drafts[Salutation.KAMU]
    others = [{code: value for code, value in values.items() if code != "chat"} for values in rows.values()]
    assert all(each == others[0] for each in others)
