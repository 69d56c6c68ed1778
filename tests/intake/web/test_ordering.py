"""Ordering: three posts, one order, whatever happens in between."""

from __future__ import annotations

import dataclasses
import logging
import unicodedata
from datetime import timedelta

import pytest

from intake.desk import DiskNearlyFull
from intake.ledger.writer import LedgerBusy, LedgerClosed, LedgerError, LedgerFailed, LedgerUncertain
from preorder.campaign import WHOLE
from preorder.errors import PreorderError
from preorder.order import CampaignCancelled
from preorder.product import Limits
from preorder.schedule import Days, Monthly, Phase, Schedule
from tests.intake.web.page import Page
from tests.intake.web.world import FIELDS, World, assert_kept, fields
from tests.makers import NOW, make_campaign, make_products, make_schedule

FORM, PLACE = "/pesan/nastar", "/pesan/nastar/kirim"


def test_three_posts_make_one_order(world: World) -> None:
    """
    Form, review, order: the ledger holds what was typed, at the prices that were shown, and the buyer stands before it.
    """
    form = world.client.get(FORM)
    assert form.status_code == 200
    assert set(Page(form.text).form(FORM).fields) >= set(FIELDS) - {"delivery", "terms"}
    review = world.review()
    assert review.form(PLACE).method == review.form(FORM).method == "post"
    answer = world.send(review)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/s/")
    order = world.order_at(answer.headers["Location"])
    assert (order.goods, order.shipping, order.deposit) == (130_000, 18_000, 65_000)
    assert (order.name, order.phone, order.channel) == ("Ibu Contoh", "+6281200005678", "instagram")
    assert order.address == "Jl. Misal No. 2 RT 01/RW 02\nKelurahan Umpama\nCoblong, Bandung\nJawa Barat 40123"
    assert order.received_at == NOW
    assert world.client.get(answer.headers["Location"]).status_code == 200
    assert world.orders() == 1


TYPED = [
    {"name": "=1+1", "note": "=HYPERLINK(\"http://x.example\")"},
    {"name": "+62 Sari", "note": "@sari -1"},
    {"name": "007", "district": "0012", "note": "000"},
    {"name": "Sari \N{PARTY POPPER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}", "note": "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16} pita"},
    {"name": "O'Brien <b>\"x\"</b> & Sons", "note": "<script>alert(1)</script> {{ 7*7 }} {% raw %}"},
    {"name": "Jose\u0301", "note": "\u0645\u0631\u062d\u0628\u0627 \u4f60\u597d"},
    {"name": "X", "note": "satu\r\n\r\ntiga; \\n %s %(name)s"},
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_text_passes_untouched(world: World, typed: dict[str, str]) -> None:
    """
    Formulas, leading zeros, emoji, markup: from the first post through review and change to the ledger, a letter for a
    letter.
    """
    review = world.review(**typed)
    shown = review.form(PLACE).fields
    for name, text in typed.items():
        assert shown[name] == text.replace("\r\n", "\n")
    changed = world.client.post(FORM, data=review.form(FORM).fields)
    assert changed.status_code == 200
    assert_kept(Page(changed.text), fields(**typed))
    order = world.order_at(world.send(review).headers["Location"])
    assert order.name == unicodedata.normalize("NFC", typed["name"])
    assert order.note == unicodedata.normalize("NFC", typed["note"].replace("\r\n", "\n"))


def test_options_and_several_lines(world: World) -> None:
    """Each line keeps what was chosen for it; a quantity of 0 orders nothing."""
    lines = {
        "gamis--1--qty": "1", "gamis--1--option-warna": "Sage", "gamis--1--option-nama": "Sari \N{HEAVY BLACK HEART}",
        "gamis--3--qty": "2", "gamis--3--option-warna": "Terakota", "nastar--250g--qty": "0", "nastar--500g--qty": "3",
    }  # fmt: skip
    order = world.order_at(world.send(world.review(**lines)).headers["Location"])
    assert [(line.name, line.qty, dict(line.options)) for line in order.lines] == [
        ("Nastar Toples 500 g", 3, {}),
        ("Gamis", 1, {"Warna": "Sage", "Nama bordir": "Sari \N{HEAVY BLACK HEART}"}),
        ("Gamis", 2, {"Warna": "Terakota"}),
    ]


def test_a_variant_is_chosen_where_the_line_leaves_it_open(world: World) -> None:
    """
    A product with variants and options asks for the variant of each line that is ordered, and takes no unknown one.
    """
    nastar, gamis = make_products()
    gamis = dataclasses.replace(gamis, variants=tuple(dataclasses.replace(v, pools=(WHOLE,)) for v in nastar.variants))
    world.publish(make_campaign(products=(gamis,), pools={WHOLE: 10}))
    line = {"nastar--250g--qty": None, "gamis--1--qty": "1", "gamis--1--option-warna": "Sage"}
    for variant in (None, "", "750g"):
        response = world.client.post(FORM, data=fields(**line, **{"gamis--1--variant": variant}))
        assert response.status_code == 422
        assert "#f-gamis--1--variant" in Page(response.text).links
    order = world.order_at(world.send(world.review(**line, **{"gamis--1--variant": "500g"})).headers["Location"])
    assert [(line.name, line.price) for line in order.lines] == [("Gamis Toples 500 g", 120_000)]


def test_a_pickup_needs_no_address_and_stores_none(world: World) -> None:
    """Whatever stands in the address when she fetches the order herself is not looked at, not stored, and not lost."""
    typed: dict[str, str | None] = {
        "delivery": "ambil",
        "street": "Jl. Misal",
        "district": "",
        "province": "Atlantis",
        "postal_code": "1",
    }
    review = world.review(**typed)
    assert review.form(PLACE).fields["street"] == "Jl. Misal"
    order = world.order_at(world.send(review).headers["Location"])
    assert order.address is None
    assert order.shipping == 0


def test_a_multipart_form_is_taken_too(world: World) -> None:
    """Some in-app browsers send forms as multipart: read as strictly, ordered all the same."""
    response = world.client.post(FORM, data=fields(name="Sari \N{PARTY POPPER}"), content_type="multipart/form-data")
    assert response.status_code == 200
    form = Page(response.text).form(PLACE)
    answer = world.client.post(PLACE, data=form.fields, content_type="multipart/form-data")
    assert world.order_at(answer.headers["Location"]).name == "Sari \N{PARTY POPPER}"


def test_one_token_makes_one_order(world: World) -> None:
    """Double press, back and send again, two tabs: the same order each time; a fresh review makes another."""
    review = world.review()
    first = world.send(review)
    again = [world.send(review).headers["Location"] for _ in range(3)]
    assert again == [first.headers["Location"]] * 3
    assert world.orders() == 1
    assert world.send(world.review()).headers["Location"] != first.headers["Location"]
    assert world.orders() == 2


def test_a_stored_order_is_found_whatever_has_happened_since(world: World) -> None:
    """Expired, closed, changed, moved, taken down, tampered with: the token of a stored order leads to it."""
    review = world.review()
    location = world.send(review).headers["Location"]
    posted = review.form(PLACE).fields

    def sent(path: str = PLACE, **changes: str) -> str:
        response = world.client.post(path, data=posted | changes)
        assert response.status_code == 303
        return response.headers["Location"]

    assert sent(name="Orang Lain") == location
    assert sent(phone="") == location
    world.publish(make_campaign(slug="kue-baru"))
    assert sent() == location
    assert sent("/pesan/kue-baru/kirim") == location
    world.counter.clock.move(days=30)
    assert sent() == location
    assert world.orders() == 1


def test_an_item_that_is_gone_is_named(world: World) -> None:
    """The variant was taken off the page between form and order: 422 with what is left of what she typed."""
    review = world.review(**{"nastar--500g--qty": "1"})
    nastar, gamis = make_products()
    world.publish(make_campaign(products=(dataclasses.replace(nastar, variants=nastar.variants[:1]), gamis)))
    response = world.send(review)
    assert response.status_code == 409
    page = Page(response.text)
    assert "changed" in page.ids or page.form(PLACE).fields["nastar--250g--qty"] == "2"
    assert world.orders() == 0


@pytest.mark.parametrize("path", [FORM, PLACE])
def test_too_early_says_when(world: World, path: str) -> None:
    """403 with Retry-After, at most an hour; all she typed is kept, to be read and to be sent."""
    posted = world.review().form(PLACE).fields
    world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(minutes=10))))
    response = world.client.post(path, data=posted)
    assert response.status_code == 403
    assert response.headers["Retry-After"] == "601"
    _assert_closed(response.text, posted)
    world.publish(make_campaign(schedule=make_schedule(opens_in=timedelta(days=3))))
    assert world.client.post(path, data=posted).headers["Retry-After"] == "3600"
    assert world.client.get(FORM).status_code == 403
    assert world.orders() == 0


@pytest.mark.parametrize("path", [FORM, PLACE])
def test_too_late_keeps_what_was_typed(world: World, path: str) -> None:
    """410 from the very instant of closing; a draft for the seller is offered."""
    posted = world.review().form(PLACE).fields
    world.counter.clock.now = NOW + timedelta(days=7)
    response = world.client.post(path, data=posted)
    assert response.status_code == 410
    page = _assert_closed(response.text, posted)
    assert any(link.startswith("https://wa.me/6281200001234?text=") for link in page.links)
    assert "Retry-After" not in response.headers
    assert world.client.get(FORM).status_code == 410
    assert world.orders() == 0


def test_the_last_millisecond_counts(world: World) -> None:
    """An order that came before the closing instant is in time."""
    review = world.review()
    world.counter.clock.now = NOW + timedelta(days=7) - timedelta(milliseconds=1)
    response = world.send(review)
    assert response.status_code == 409  # the review is a week old
    assert world.send(Page(response.text)).status_code == 303


def test_between_the_rounds_of_a_monthly_campaign(world: World) -> None:
    """Announced: come back then (403). Not yet announced: closed (410)."""
    monthly = make_campaign(schedule=Schedule("WIB", Monthly(25, 10, "WIB"), 7, Days(7, 10)))
    world.publish(monthly)
    world.counter.clock.now = NOW.replace(day=23)
    response = world.client.post(FORM, data=fields())
    assert response.status_code == 403
    assert int(response.headers["Retry-After"]) == 3600
    world.counter.clock.now = NOW.replace(day=12)
    assert world.client.post(FORM, data=fields()).status_code == 410


def test_a_cancelled_campaign_takes_no_orders(world: World) -> None:
    """
    410 at the form, at the review and at the last press, whatever the calendar says, with what she typed kept; who has
    ordered finds her order as it was.
    """
    placed = world.send(world.review()).headers["Location"]
    before = Page(world.client.get(placed).text).ids["status"].text
    review = world.review(name="Ibu Lain")
    world.publish(make_campaign(stage=Phase.CANCELLED))
    assert world.client.get(FORM).status_code == 410
    for response in (world.client.post(FORM, data=fields()), world.send(review)):
        assert response.status_code == 410
        assert Page(response.text).ids["closed"].attributes["data-reason"] == "cancelled"
    page = Page(world.send(review).text)
    assert "Ibu Lain" in page.ids["kept"].text
    assert world.orders() == 1
    assert Page(world.client.get(placed).text).ids["status"].text == before


def test_a_cancellation_that_only_the_desk_has_seen(world: World) -> None:
    """A newer catalogue may come between the check and the transaction: the answer is the same page."""
    review = world.review()
    world.desk.before = CampaignCancelled(closed_at=None, opens_at=None)
    response = world.send(review)
    assert response.status_code == 410
    assert "kept" in Page(response.text).ids
    assert world.orders() == 0


def _assert_closed(text: str, posted: dict[str, str]) -> Page:
    page = Page(text)
    kept = page.ids["kept"].text
    for shown in (posted["name"], posted["phone"], posted["city"], posted["postal_code"], "Nastar Toples 250 g"):
        assert shown in kept
    return page


def test_a_draft_can_be_changed(world: World) -> None:
    """The review's other button shows the form as it was: no errors, nothing ordered."""
    review = world.review(note="pakai pita")
    response = world.client.post(FORM, data=review.form(FORM).fields)
    assert response.status_code == 200
    page = Page(response.text)
    assert not [element for element in page.elements if element.attributes.get("role") == "alert"]
    assert_kept(page, fields(note="pakai pita"))


def test_sold_out_is_said_early_and_for_good_by_the_ledger(world: World) -> None:
    """
    409 with what is left; the buyer changes her order and gets through. The review may say it first, the ledger
    decides.
    """
    world.publish(make_campaign(pools={WHOLE: 100, "nastar/250g": 3}))
    slow = world.review()
    assert world.send(world.review()).status_code == 303
    late = world.send(slow)
    assert late.status_code == 409
    page = Page(late.text)
    assert "sold-out" in page.ids
    assert "Nastar Toples 250 g" in page.ids["sold-out"].text + page.ids["kept"].text
    changed = world.client.post(FORM, data=page.form(FORM).fields)
    assert changed.status_code == 200
    assert_kept(Page(changed.text), fields())
    assert world.orders() == 1
    answer = world.send(world.review(**{"nastar--250g--qty": "1"}))
    assert answer.status_code == 303


def test_sold_out_is_said_at_the_review(world: World) -> None:
    """Nobody fills in an address for something that is gone."""
    world.publish(make_campaign(pools={WHOLE: 1, "nastar/250g": 40}))
    response = world.client.post(FORM, data=fields())
    assert response.status_code == 409
    assert "sold-out" in Page(response.text).ids


@pytest.mark.parametrize(
    ("limits", "qty"),
    [(Limits(min_per_order=3), "2"), (Limits(max_per_order=2), "3"), (Limits(max_per_buyer=5), "6"), (Limits(), "999")],
)
def test_limits_of_one_order(world: World, limits: Limits, qty: str) -> None:
    """422 at the quantity; all is kept."""
    world.publish(make_campaign(limits=limits))
    posted = fields(**{"nastar--250g--qty": qty, "nastar--500g--qty": "1" if qty == "999" else ""})
    response = world.client.post(FORM, data=posted)
    assert response.status_code == 422
    page = Page(response.text)
    assert "#f-nastar--250g--qty" in page.links
    assert_kept(page, posted)


def test_the_limit_of_one_buyer_counts_over_her_orders(world: World) -> None:
    """422 with all kept; another number may still order."""
    world.publish(make_campaign(limits=Limits(max_per_buyer=3)))
    assert world.send(world.review()).status_code == 303
    response = world.send(world.review(phone="+62 812 0000 5678"))
    assert response.status_code == 422
    page = Page(response.text)
    assert "#f-nastar--250g--qty" in page.links
    assert_kept(page, fields(phone="+62 812 0000 5678"))
    assert world.send(world.review(phone="0812-0000-9999")).status_code == 303
    assert world.orders() == 2


TROUBLES: list[LedgerError | DiskNearlyFull] = [
    LedgerBusy(waiting=256),
    LedgerUncertain(waited_s=10),
    LedgerFailed(reason="OperationalError"),
    LedgerClosed(),
    DiskNearlyFull(free=1, least=2),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.code)
def test_a_busy_ledger_loses_nothing(world: World, trouble: PreorderError) -> None:
    """503 with Retry-After and a button that posts the very same again: then it is ordered."""
    review = world.review()
    world.desk.before = trouble
    response = world.send(review)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 2
    page = Page(response.text)
    assert page.form(PLACE).fields == review.form(PLACE).fields
    assert world.orders() == 0
    world.desk.before = None
    assert world.send(page).status_code == 303


def test_an_uncertain_answer_is_asked_for_again_safely(world: World) -> None:
    """The order was stored, its answer came too late: she is led to it, and sending again makes no second one."""
    review = world.review()
    world.desk.after = LedgerUncertain(waited_s=10)
    first, again = world.send(review), world.send(review)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert world.orders() == 1


def test_a_failed_commit_confirms_nothing(world: World) -> None:
    """Even where a reader could see the order: only the next start knows what the disk has."""
    review = world.review()
    world.desk.after = LedgerFailed(reason="OperationalError")
    assert world.send(review).status_code == 503
    world.desk.after = None
    assert world.send(review).status_code == 303
    assert world.orders() == 1


def test_her_own_order_does_not_sell_out_on_her(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Two presses at once for the last jars: the second one is told "sold out" by nobody, for the first one's order is
    hers.
    """
    world.publish(make_campaign(pools={WHOLE: 100, "nastar/250g": 2}))
    review = world.review()
    location = world.send(review).headers["Location"]
    # The second press looks at the units a moment after the first one's order was stored.
    monkeypatch.setattr(world.counter.desk, "units_left", lambda: {"nastar-lebaran": {"nastar/250g": 0}})
    assert world.send(review).headers["Location"] == location


def test_what_nobody_foresaw_is_a_page_and_a_trace_without_names(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """500 without a traceback to read; the log says where it happened, and quotes nobody."""
    review = world.review()
    world.desk.before = RuntimeError("Ibu Contoh 081200005678")
    with caplog.at_level(logging.DEBUG):
        response = world.send(review)
    assert response.status_code == 500
    assert "error" in Page(response.text).ids
    assert "Traceback" not in response.text
    assert "RuntimeError" in caplog.text
    assert "world.py" in caplog.text
    assert "Contoh" not in caplog.text


def test_the_log_holds_refs_and_outcomes_alone(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """No name, phone, address, note, review token or status token is ever written to the log."""
    with caplog.at_level(logging.DEBUG):
        review = world.review(note="rahasia")
        location = world.send(review).headers["Location"]
        world.send(review)
        world.client.get(location)
        world.client.post(location + "/sudah-transfer")
        world.client.post(FORM, data=fields(phone="0812-salah", note="rahasia"))
        world.client.post(PLACE, data=review.form(PLACE).fields | {"token": "x"})
    assert world.order_at(location).ref in caplog.text
    token = review.form(PLACE).fields["token"]
    for secret in (
        "Contoh",
        "5678",
        "salah",
        "Misal",
        "rahasia",
        location.rsplit("/", 1)[-1],
        token,
        token.split(".")[1],
    ):
        assert secret not in caplog.text


@pytest.mark.parametrize("path", [PLACE])
def test_opening_the_last_address_in_another_browser_leads_to_the_form(world: World, path: str) -> None:
    """ "Open in Chrome" turns a posted page into a GET: it goes to the form and orders nothing."""
    response = world.client.get(path)
    assert response.status_code == 303
    assert response.headers["Location"] == FORM


def test_a_shop_in_english_speaks_english(world: World) -> None:
    """Every sentence follows the shop's language."""
    indonesian = world.client.post(FORM, data=fields(name="")).text
    world.publish(make_campaign(), language="en")
    english = world.client.post(FORM, data=fields(name="")).text
    assert "Fill in your name." in english
    assert "Fill in your name." not in indonesian
