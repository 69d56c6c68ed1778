"""What the live pages say of what is left, and of a shop that takes no orders now."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import insert

from intake.ledger.schema import meta
from intake.ledger.store import PAUSED_KEY
from preorder.campaign import WHOLE
from tests.intake.web.page import Page
from tests.intake.web.world import World, assert_kept, fields, open_world
from tests.makers import make_campaign

FORM = "/pesan/nastar"


def marks(page: Page) -> list[str]:
    """Give the units of the marks of a page, in its order."""
    return [element.attributes["data-units"] for element in page.elements if "data-units" in element.attributes]


def test_the_form_says_how_much_is_left(world: World) -> None:
    """At each thing what can still be had of it, as the emptiest of its pools has it; nothing where there is no limit."""
    world.publish(make_campaign(pools={WHOLE: 100, "nastar/250g": 40}))
    page = Page(world.client.get(FORM).text)
    assert marks(page)[0] == "40"
    assert "all-gone" not in page.ids
    world.publish(make_campaign(pools={WHOLE: 2, "nastar/250g": 40}))
    assert set(marks(Page(world.client.get(FORM).text))) == {"2"}


def test_a_form_for_what_is_gone_says_so_at_once(tmp_path: Path) -> None:
    """Before an address is typed; and what she had typed is kept, for an order may lapse while she reads."""
    with open_world(tmp_path, make_campaign(pools={WHOLE: 2, "nastar/250g": 2})) as world:
        assert world.send(world.review()).status_code == 303
        # What the pages say may be a second old.
        deadline = time.monotonic() + 5
        while "all-gone" not in (page := Page(world.client.get(FORM).text)).ids:
            assert time.monotonic() < deadline
        assert set(marks(page)) == {"0"}
        wrong = world.client.post(FORM, data=fields(name=""))
        assert wrong.status_code == 422
        assert "all-gone" in Page(wrong.text).ids
        assert_kept(Page(wrong.text), fields(name=""))


def test_a_shop_at_rest_shows_no_form_and_loses_no_post(tmp_path: Path) -> None:
    """While a restored ledger is compared with the sheet: 503 before the form and at the review, with all that was typed."""
    with open_world(tmp_path) as world:
        world.counter.writer.submit(lambda tx: tx.execute(insert(meta).values(key=PAUSED_KEY, value="restored")))
        empty = world.client.get(FORM)
        assert empty.status_code == 503
        assert empty.headers["Retry-After"] == "300"
        assert not [form for form in Page(empty.text).forms if form.method == "post"]
        answer = world.client.post(FORM, data=fields(note="pakai pita"))
        assert answer.status_code == 503
        assert Page(answer.text).form(FORM).fields == {
            name: text.replace("\r\n", "\n") for name, text in fields(note="pakai pita").items() if text
        }
        assert world.orders() == 0


def test_the_summary_says_each_thing_once(world: World) -> None:
    """Four fields with the same trouble are one line of the summary, that leads to the first of them."""
    long = "x" * 400
    page = Page(world.client.post(FORM, data=fields(district=long, city=long)).text)
    links = [
        element
        for element in page.elements
        if element.tag == "a" and element.attributes.get("href", "").startswith("#f-")
    ]
    assert [link.attributes["href"] for link in links] == ["#f-district"]
    assert {"e-district", "e-city"} <= page.ids.keys()


def test_what_she_filled_in_is_shown_in_words(tmp_path: Path) -> None:
    """On the page that says no: the delivery by its name, a choice under the name of what was chosen."""
    with open_world(tmp_path, make_campaign(pools={WHOLE: 1, "nastar/250g": 40})) as world:
        page = Page(world.client.post(FORM, data=fields()).text)
        shown = page.ids["kept"].text
        assert "JNE Reguler" in shown
        assert "jne\n" not in shown
