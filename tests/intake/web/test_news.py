"""The tick beside the terms: its own, never needed, never there beforehand; given and taken back on the buyer's page."""

from __future__ import annotations

import dataclasses
import logging
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from intake.ledger.consents import Consent
from intake.ledger.schema import consents
from intake.ledger.writer import LedgerBusy
from preorder.consent import Purpose
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.makers import NOW, make_shop

FORM, PLACE = "/pesan/nastar", "/pesan/nastar/kirim"


def placed(world: World, **changes: str | None) -> str:
    """Place the usual order and give the path of its page."""
    return world.send(world.review(**changes)).headers["Location"]


def said(world: World, path: str) -> Consent | None:
    return world.counter.desk.consent_of(world.order_at(path), Purpose.NEWS)


def press(world: World, path: str) -> None:
    """Press the button of the news on a status page, as it stands there now."""
    form = Page(world.client.get(path).text).form("/ubah")
    answer = world.client.post(f"{path}/ubah", data=form.fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}#news")


def sentence(text: str) -> str:
    return " ".join(text.split())


def test_it_is_a_tick_of_its_own_that_nothing_depends_on(world: World) -> None:
    """
    Beside the terms, empty; without it the order is taken, the review says that she is written to about this order
    only, and the ledger holds no consent. Agreeing to the terms is no part of it, and it is none of agreeing.
    """
    form = Page(world.client.get(FORM).text)
    boxes = [each for each in form.elements if each.attributes.get("type") == "checkbox"]
    assert [box.attributes["name"] for box in boxes] == ["terms", "news"]
    assert not any("checked" in box.attributes for box in boxes)
    assert "required" not in form.ids["f-news"].attributes
    refused = world.client.post(FORM, data=fields(terms=None, news="yes"))
    assert refused.status_code == 422
    assert Page(refused.text).form(FORM).fields.get("news") == "yes"
    review = world.review()
    assert "agreed-nothing" in review.ids and "agreed-news" not in review.ids
    path = world.send(review).headers["Location"]
    assert said(world, path) is None
    page = Page(world.client.get(path).text)
    assert page.ids["news"].attributes["data-given"] == "no"
    assert "news-yes" in page.ids and "news-no" not in page.ids
    assert world.order_at(path).accepted_at == NOW


def test_the_ledger_holds_the_words_that_she_ticked(world: World) -> None:
    """Form, review, ledger and her page say one sentence; its version and the time stand on the page."""
    form = Page(world.client.get(FORM).text)
    [label] = [each for each in form.elements if each.tag == "label" and "check" in each.attributes.get("class", "")][
        1:
    ]
    review = world.review(news="yes")
    assert review.form(PLACE).fields["news"] == "yes"
    path = world.send(review).headers["Location"]
    consent = said(world, path)
    assert consent is not None and consent.given and consent.at == NOW
    assert "Dapur Contoh" in consent.text
    assert sentence(label.text).startswith(consent.text)
    assert sentence(review.ids["agreed-news"].text).startswith(consent.text)
    page = Page(world.client.get(path).text)
    assert consent.text in sentence(page.ids["news"].text)
    assert consent.mark in page.ids["news-said"].text and "23 November 2026 10.00 WIB" in page.ids["news-said"].text


def test_taken_back_and_given_again_on_her_page(world: World) -> None:
    """One press each, at any time; a second press of the same page changes nothing."""
    path = placed(world, news="yes")
    world.counter.clock.move(days=40)
    old = Page(world.client.get(path).text).form("/ubah").fields
    press(world, path)
    world.client.post(f"{path}/ubah", data=old)
    page = Page(world.client.get(path).text)
    assert page.ids["news"].attributes["data-given"] == "no" and "news-yes" in page.ids
    assert "2 Januari 2027" in page.ids["news-said"].text
    press(world, path)
    last = said(world, path)
    assert last is not None and last.given and last.at == NOW + timedelta(days=40)
    with world.counter.reader.begin() as connection:
        assert connection.execute(select(func.count()).select_from(consents)).scalar_one() == 3


def test_who_never_ticked_may_allow_it_later(world: World) -> None:
    """From her own page, with the sentence that stands there."""
    path = placed(world)
    press(world, path)
    last = said(world, path)
    assert last is not None and last.given


def test_other_words_are_read_before_they_are_agreed_to(world: World) -> None:
    """
    The shop's name is in the sentence: renamed between review and order, the review comes again; between page and
    press, nothing is stored. A shop renamed after the review of a buyer without the tick asks her nothing.
    """
    ticked, bare = world.review(news="yes"), world.review(name="Ibu Lain")
    path = placed(world, name="Ibu Tiga")
    old = Page(world.client.get(path).text).form("/ubah").fields
    renamed = dataclasses.replace(
        world.counter.catalogue.catalogue, shop=make_shop(name="Dapur Baru", accounts=make_shop().accounts)
    )
    world.counter.catalogue.catalogue = renamed
    again = world.send(ticked)
    assert again.status_code == 409 and "changed" in Page(again.text).ids
    assert "Dapur Baru" in Page(again.text).ids["agreed-news"].text
    placed_then = world.send(Page(again.text)).headers["Location"]
    consent = said(world, placed_then)
    assert consent is not None and "Dapur Baru" in consent.text
    assert world.send(bare).status_code == 303
    refused = world.client.post(f"{path}/ubah", data=old)
    assert refused.status_code == 409 and "error" in Page(refused.text).ids
    assert said(world, path) is None


def test_what_is_no_answer_changes_nothing(world: World) -> None:
    """400 or 409, and the ledger as it was."""
    path = placed(world)
    for posted in ({}, {"news": "maybe"}, {"news": ""}, {"text": "0" * 12}):
        assert world.client.post(f"{path}/ubah", data=posted).status_code == 400, posted
    assert world.client.post(f"{path}/ubah", data={"news": "yes"}).status_code == 409
    assert said(world, path) is None


def test_only_its_own_link_leads_to_it(world: World) -> None:
    """Another token is nobody's; a reload of the address that is only posted to leads back to the order."""
    path = placed(world)
    stranger = "/s/" + "A" * 22
    assert world.client.post(f"{stranger}/ubah", data={"news": "no"}).status_code == 404
    assert world.client.get(f"{stranger}/ubah").status_code == 404
    assert world.client.get(f"{path}/ubah").headers["Location"] == path


def test_a_busy_ledger_keeps_what_she_said(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The page's button sends the same again; the log names the order and not its buyer."""
    path = placed(world, news="yes")
    fields_of = Page(world.client.get(path).text).form("/ubah").fields

    def busy(*_args: object) -> None:
        raise LedgerBusy(waiting=9)

    with monkeypatch.context() as patch, caplog.at_level(logging.INFO):
        patch.setattr(world.desk._desk, "take_consent_back", busy)
        refused = world.client.post(f"{path}/ubah", data=fields_of)
    assert refused.status_code == 503
    again = Page(refused.text).form("/ubah")
    assert again.fields == fields_of
    assert world.client.post(again.action, data=again.fields).status_code == 303
    last = said(world, path)
    assert last is not None and not last.given
    assert world.order_at(path).ref in caplog.text and "0812" not in caplog.text


def test_an_order_of_the_sheet_says_that_nothing_was_ticked(world: World) -> None:
    """She agreed in a chat: her page claims no tick under the terms, and no consent."""
    placement = dataclasses.replace(world.counter.placement(), source="sheet", nonce="sheet:1", fields_digest="1" * 64)
    ref = world.counter.desk.place(placement).ref
    world.counter.writer.submit(
        lambda tx: tx.connection.exec_driver_sql("UPDATE orders SET terms_accepted_at_ms = NULL")
    )
    order = world.counter.order(ref)
    assert order.accepted_at is None
    page = Page(world.client.get(f"/s/{order.token}").text)
    assert page.ids["news"].attributes["data-given"] == "no"
    web = Page(world.client.get(placed(world)).text)
    assert page.ids["accepted"].text != web.ids["accepted"].text
    assert "23 November 2026" in web.ids["accepted"].text and "23 November 2026" not in page.ids["accepted"].text
