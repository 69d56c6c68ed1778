"""
What is made once and used for many: sentences put in place when a template is compiled, the frame of the review, the
form that others are copied from. None of it may ever hold what a buyer typed.
"""

from __future__ import annotations

import gettext
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from jinja2.exceptions import UndefinedError
from markupsafe import Markup

from intake.language import translations
from intake.settings import Settings
from intake.web.forms import Forms
from intake.web.translated import TranslatedEnvironment
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields
from tests.makers import make_campaign, make_catalogue, make_shop

# Every field that takes free text, and what one buyer types there.
TYPED = ("name", "street", "district", "city", "note", "gamis__1__option-nama")
MARKED = {"gamis__1__qty": "1", "gamis__1__option-warna": "Sage"}
EVIL = "<b>\"tebal\" & 'miring'</b>{{ 7 * 7 }}%(name)s"

SNIPPETS = (
    '{{ _("Total") }}',
    'A {{ _("Shipping: %(name)s", name=name) }} B',
    '{{ _("Shipping: %(name)s", name=name|upper) }}{{ _("Total") }}',
    '{% set inner %}<i>{{ name }}</i>{% endset %}{{ _("Shipping: %(name)s", name=inner) }}',
    '{{ name or _("Home") }}{{ empty or _("Home") }}',
    '{{ _("Total") if empty else _("Shipping: %(name)s", name=_("Home")) }}',
    '{% set word = _("Shipping: %(name)s", name=name) %}{{ word }}{{ word|length }}',
    '{% macro said(text) %}<p title="{{ text }}">{{ _("Shipping: %(name)s", name=text) }}</p>{% endmacro %}{{ said(name) }}{{ said(_("Total")) }}',
    '{% for each in [name, 5, none, safe] %}{{ _("Shipping: %(name)s", name=each) }}{% endfor %}',
    '{{ _("100%% sure") }}{{ _("100%% sure of %(name)s", name=name) }}',
    '{{ _("%(count)d pieces", count=3) }}',
    '{{ _("<b>%(name)s</b>", name=name) }}',
    '{{ ngettext("It is due within %(num)s hour after you have ordered.", "It is due within %(num)s hours after you have ordered.", 3) }}',
    '{% trans %}Total{% endtrans %}',
)  # fmt: skip


def environments(language: str) -> tuple[Environment, Environment]:
    """Give Jinja's own way of translating, page by page, and ours."""
    made: list[Any] = [
        kind(
            loader=DictLoader({}),
            autoescape=select_autoescape(default_for_string=True),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
        )
        for kind in (Environment, TranslatedEnvironment)
    ]
    translation: gettext.NullTranslations = translations(Settings.templates, language)
    made[0].install_gettext_translations(translation, newstyle=True)
    made[1].use(translation, "WIB")
    return made[0], made[1]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_sentences_read_as_jinja_itself_would_put_them(language: str, snippet: str) -> None:
    """When they are translated changes nothing that is read, and nothing that is escaped."""
    context = {"name": EVIL, "empty": "", "safe": Markup("<i>x</i>")}
    theirs, ours = environments(language)
    assert ours.from_string(snippet).render(context) == theirs.from_string(snippet).render(context)


def test_a_sentence_that_lacks_a_value_still_fails_where_it_is_read() -> None:
    """A mistake in one sentence is an error of its own page, not of the whole shop; a value that is not there is one too."""
    _, ours = environments("id")
    template = ours.from_string('{% if wanted %}{{ _("Shipping: %(name)s", nama="x") }}{% endif %}')
    assert template.render(wanted=False) == ""
    with pytest.raises(KeyError):
        template.render(wanted=True)
    with pytest.raises(UndefinedError):
        ours.from_string('{{ _("Shipping: %(name)s", name=nobody) }}').render()


def test_nothing_typed_is_kept_for_another(world: World) -> None:
    """Many buyers at once, each with words of her own in every field: each reads her own words and no one else's."""
    buyers = 24

    def order(number: int) -> str:
        own = fields(**MARKED, **dict.fromkeys(TYPED, f"kata{number:02}x"))
        client = world.app.test_client()
        review = client.post("/pesan/nastar", data=own)
        # Refused forms and sold-out pages show what was typed as well.
        wrong = client.post("/pesan/nastar", data=own | {"postal_code": "1"})
        too_many = client.post("/pesan/nastar", data=own | {"nastar--250g--qty": "41"})
        assert (review.status_code, wrong.status_code, too_many.status_code) == (200, 422, 409)
        return review.text + wrong.text + too_many.text

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(order, range(buyers)))
    for number, text in enumerate(pages):
        found = {other for other in range(buyers) if f"kata{other:02}x" in text}
        assert found == {number}
    empty = world.client.get("/pesan/nastar").text
    assert "kata" not in empty
    assert not any(value for name, value in Page(empty).form("/pesan/nastar").fields.items() if name in TYPED)


def test_what_is_typed_stays_text(world: World) -> None:
    """Marks and template signs come back as they were typed, never as marks of the page."""
    typed = fields(**MARKED, **{name: EVIL for name in TYPED if "option" not in name}) | {
        "gamis--1--option-nama": "<i>&\"'"
    }
    response = world.client.post("/pesan/nastar", data=typed)
    assert response.status_code == 200
    assert "<b>" not in response.text and "<i>" not in response.text
    page = Page(response.text)
    for action in ("/pesan/nastar/kirim", "/pesan/nastar"):
        carried = page.form(action).fields
        assert {name: carried[name] for name in typed if typed[name]} == {
            name: text.replace("\r\n", "\n") for name, text in typed.items() if text
        }
    assert [element.text for element in page.elements if element.attributes.get("class") == "typed"].count(EVIL) == 2


def test_the_review_follows_the_shop(world: World) -> None:
    """A new language, name or contract is read at the next review, frame and all; the one before stays nowhere."""
    before = world.client.post("/pesan/nastar", data=fields()).text
    assert '<html lang="id">' in before and "Dapur Contoh" in before
    world.counter.catalogue.catalogue = make_catalogue(
        make_campaign(title="Nastar Baru", terms_html="<p>Lain.</p>"), revision=2, language="en", name="Kitchen & Co"
    )
    after = world.client.post("/pesan/nastar", data=fields()).text
    assert '<html lang="en">' in after and "Kitchen &amp; Co" in after
    assert "Nastar Baru" in after and "<p>Lain.</p>" in after
    assert "Dapur Contoh" not in after and "Nastar Lebaran" not in after
    assert Page(after).ids["place-order"].text != Page(before).ids["place-order"].text
    world.counter.catalogue.catalogue = make_catalogue(revision=3)
    again = world.client.post("/pesan/nastar", data=fields()).text
    assert _without_token(again) == _without_token(before)


def _without_token(text: str) -> str:
    token = Page(text).form("/pesan/nastar/kirim").fields["token"]
    assert token
    return text.replace(token, "")


def test_a_used_form_leaves_no_trace() -> None:
    """Each post has a form of its own: neither texts nor faults nor meanings pass to the next."""
    forms, shop, campaign = Forms(), make_shop(), make_campaign()
    wrong = forms.form(shop, campaign, {"name": "Ibu Satu", "phone": "x", "delivery": "jne", "postal_code": "1"})
    assert not wrong.validate()
    assert {"phone", "postal_code", "terms"} <= set(wrong.problems())
    empty = forms.form(shop, campaign, {})
    assert empty.values() == {} and empty.problems() == {} and empty.hidden() == []
    right = forms.form(shop, campaign, fields(name="Ibu Dua"))
    assert right.validate(), right.problems()
    assert right.to_request().buyer.name == "Ibu Dua"
    assert wrong.values()["name"] == "Ibu Satu"
    assert wrong["name"] is wrong.name and wrong["name"] is not right["name"]


@pytest.mark.parametrize(
    "body",
    [
        "name=a+b%20c&phone=%2B62", "name=&phone", "&&name=a&", "name=a=b=c", "na%6De=x", "name=%C3%A9%zz%2", "name=a;phone=b", "=x&name=y",
        "name=\u00e9",
    ],
)  # fmt: skip
def test_a_body_is_read_as_every_form_is(world: World, body: str) -> None:
    """The usual kind of body is taken apart exactly as the standard library does it."""
    known = {"name", "phone", "terms"}
    expected = {name: text for name, text in parse_qsl(body, keep_blank_values=True) if name in known}
    answer = world.client.post("/pesan/nastar", data=body.encode(), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    shown = Page(answer.text).form("/pesan/nastar").fields
    assert {name: shown.get(name, "") for name in expected} == expected
