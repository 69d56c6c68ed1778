"""
Posts that can't become an order: each gets its answer at the place concerned, loses nothing she typed, and stores
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from tests.intake.web.page import Page
from tests.intake.web.world import FIELDS, World, assert_kept, fields, open_world

QTY = "nastar--250g--qty"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One shop for all cases: none of them may change anything in it."""
    with open_world(tmp_path_factory.mktemp("refused")) as opened:
        yield opened
        assert opened.orders() == 0


GAMIS = {QTY: "", "gamis--1--qty": "1", "gamis--1--option-warna": "Sage"}

# What differs from a right post -> the field that is named.
WRONG_FIELDS: list[tuple[str, dict[str, str | None], str]] = [
    ("qty_zero_alone", {QTY: "0"}, QTY),
    ("qty_absent", {QTY: None}, QTY),
    ("qty_empty", {QTY: ""}, QTY),
    ("qty_blank", {QTY: "   "}, QTY),
    ("qty_negative", {QTY: "-1"}, QTY),
    ("qty_signed", {QTY: "+1"}, QTY),
    ("qty_huge", {QTY: "1000"}, QTY),
    ("qty_very_huge", {QTY: "9" * 4000}, QTY),
    ("qty_fraction", {QTY: "1.5"}, QTY),
    ("qty_comma", {QTY: "1,5"}, QTY),
    ("qty_exponent", {QTY: "1e2"}, QTY),
    ("qty_hex", {QTY: "0x10"}, QTY),
    ("qty_leading_zero", {QTY: "02"}, QTY),
    ("qty_arabic_digits", {QTY: "\u0662"}, QTY),
    ("qty_full_width_digits", {QTY: "\uff12"}, QTY),
    ("qty_superscript", {QTY: "\u00b2"}, QTY),
    ("qty_word", {QTY: "dua"}, QTY),
    ("qty_nul", {QTY: "2\0"}, QTY),
    ("qty_formula", {QTY: "=2"}, QTY),
    ("qty_sql", {QTY: "1; DROP TABLE orders"}, QTY),
    ("option_missing", {**GAMIS, "gamis--1--option-warna": ""}, "gamis--1--option-warna"),
    ("option_absent", {**GAMIS, "gamis--1--option-warna": None}, "gamis--1--option-warna"),
    ("option_unknown", {**GAMIS, "gamis--1--option-warna": "Ungu"}, "gamis--1--option-warna"),
    ("option_other_case", {**GAMIS, "gamis--1--option-warna": "sage"}, "gamis--1--option-warna"),
    ("option_text_too_long", {**GAMIS, "gamis--1--option-nama": "x" * 21}, "gamis--1--option-nama"),
    ("option_text_bidi", {**GAMIS, "gamis--1--option-nama": "Sari\u202e"}, "gamis--1--option-nama"),
    ("option_text_newline", {**GAMIS, "gamis--1--option-nama": "Sari\nBudi"}, "gamis--1--option-nama"),
    ("option_text_without_qty", {"gamis--2--option-nama": "Sari"}, "gamis--2--qty"),
    ("name_absent", {"name": None}, "name"),
    ("name_empty", {"name": ""}, "name"),
    ("name_blank", {"name": " \u00a0\u3000 "}, "name"),
    ("name_invisible", {"name": "\u200b\u200d"}, "name"),
    ("name_too_long", {"name": "x" * 81}, "name"),
    ("name_very_long", {"name": "x" * 50_000}, "name"),
    ("name_nul", {"name": "Ibu\0Contoh"}, "name"),
    ("name_escape", {"name": "Ibu\x1b[31m"}, "name"),
    ("name_c1_control", {"name": "Ib\x85u"}, "name"),
    ("name_bidi_override", {"name": "Ibu \u202econtoh"}, "name"),
    ("name_bidi_isolate", {"name": "Ibu \u2066contoh"}, "name"),
    ("name_noncharacter", {"name": "Ibu \ufdd0"}, "name"),
    ("name_noncharacter_end", {"name": "Ibu \uffff"}, "name"),
    ("name_line_break", {"name": "Ibu\r\nBcc: x@example.com"}, "name"),
    ("phone_absent", {"phone": None}, "phone"),
    ("phone_letters", {"phone": "0812-ABCD-5678"}, "phone"),
    ("phone_short", {"phone": "0812345"}, "phone"),
    ("phone_long", {"phone": "08123456789012345"}, "phone"),
    ("phone_landline", {"phone": "021-5551234"}, "phone"),
    ("phone_foreign", {"phone": "+1 202 555 0100"}, "phone"),
    ("phone_formula", {"phone": "=0812"}, "phone"),
    ("phone_two_numbers", {"phone": "081200005678 / 081200005679"}, "phone"),
    ("delivery_absent", {"delivery": None}, "delivery"),
    ("delivery_unknown", {"delivery": "drone"}, "delivery"),
    ("delivery_price_tampered", {"delivery": "jne:0"}, "delivery"),
    ("street_absent", {"street": None}, "street"),
    ("street_too_long", {"street": "x" * 301}, "street"),
    ("street_tab", {"street": "Jl.\tMisal"}, "street"),
    ("district_empty", {"district": ""}, "district"),
    ("city_too_long", {"city": "x" * 61}, "city"),
    ("province_absent", {"province": None}, "province"),
    ("province_unknown", {"province": "Jawa Utara"}, "province"),
    ("postal_code_letters", {"postal_code": "4O123"}, "postal_code"),
    ("postal_code_short", {"postal_code": "4012"}, "postal_code"),
    ("postal_code_arabic", {"postal_code": "\u0664\u0660\u0661\u0662\u0663"}, "postal_code"),
    ("note_too_long", {"note": "x" * 501}, "note"),
    ("note_nul", {"note": "pakai\0pita"}, "note"),
    ("note_lone_zero_width", {"note": "\u200b"}, "note"),
    ("channel_unknown", {"channel": "billboard"}, "channel"),
    ("terms_absent", {"terms": None}, "terms"),
    ("terms_other_value", {"terms": "on"}, "terms"),
    ("news_other_value", {"news": "on"}, "news"),
    ("trap_filled", {"leave_empty": "http://spam.example"}, "leave_empty"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"), [case[1:] for case in WRONG_FIELDS], ids=[case[0] for case in WRONG_FIELDS]
)
@pytest.mark.parametrize("step", ["", "/kirim"])
def test_a_wrong_field_is_named_where_it_stands(
    world: World, changes: dict[str, str | None], field: str, step: str
) -> None:
    """
    422 at either post; the summary leads to the field, the title says so, and the form holds everything as it was
    typed.
    """
    posted = fields(**changes)
    response = world.client.post(f"/pesan/nastar{step}", data=posted)
    assert response.status_code == 422
    page = Page(response.text)
    assert f"#f-{field}" in page.links
    assert f"f-{field}" in page.ids
    assert any(element.attributes.get("role") == "alert" for element in page.elements)
    assert page.title != Page(world.client.get("/pesan/nastar").text).title
    terms = {"terms": ""} if posted.get("terms") != "yes" else {}
    unknown_choices = {name: "" for name in posted if name == field and _is_choice(name)}
    assert_kept(page, posted | terms | unknown_choices)


def _is_choice(name: str) -> bool:
    # A browser can't have sent them: the page has no such entry to select again.
    return name in {"delivery", "province", "channel", "news"} or name.endswith("option-warna")


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_page(world: World) -> None:
    """One round is enough to learn everything."""
    posted = fields(**{QTY: "-1", "terms": None, "phone": "x", "name": "", "postal_code": "1"})
    page = Page(world.client.post("/pesan/nastar", data=posted).text)
    summary = [link for link in page.links if link.startswith("#f-")]
    wanted = [f"#f-{name}" for name in (QTY, "name", "phone", "postal_code", "terms")]
    assert list(dict.fromkeys(summary)) == wanted


def test_an_empty_post_is_a_form_to_fill_in(world: World) -> None:
    """Nothing at all is no error of the server, and of no field that needs nothing."""
    response = world.client.post("/pesan/nastar", data={})
    assert response.status_code == 422
    links = Page(response.text).links
    assert {"#f-name", "#f-phone", "#f-delivery", "#f-terms"} <= set(links)
    assert not {"#f-note", "#f-channel", "#f-street"} & set(links)


def test_what_a_browser_put_into_the_trap_is_not_put_there_again(world: World) -> None:
    """A real buyer whose browser filled the field that nobody sees gets on by sending the form once more."""
    page = Page(world.client.post("/pesan/nastar", data=fields(leave_empty="autofill")).text)
    assert page.form("/pesan/nastar").fields["leave_empty"] == ""
    assert world.client.post("/pesan/nastar", data=page.form("/pesan/nastar").fields).status_code == 200


BODY = urlencode(FIELDS)

# Body, headers -> status.
UNREADABLE: list[tuple[str, bytes, dict[str, str], int]] = [
    ("json", b'{"name": "Ibu"}', {"Content-Type": "application/json"}, 415),
    ("text", BODY.encode(), {"Content-Type": "text/plain"}, 415),
    ("no_type", BODY.encode(), {}, 415),
    ("latin_1", BODY.encode(), {"Content-Type": "application/x-www-form-urlencoded; charset=iso-8859-1"}, 415),
    ("gzip", b"\x1f\x8b\x08\x00", {"Content-Encoding": "gzip"}, 415),
    ("file", b'--b\r\nContent-Disposition: form-data; name="name"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n',
     {"Content-Type": "multipart/form-data; boundary=b"}, 415),
    ("multipart_without_boundary", b"x", {"Content-Type": "multipart/form-data"}, 400),
    ("multipart_cut_short", b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx', {"Content-Type": "multipart/form-data; boundary=b"}, 400),
    ("multipart_not_utf_8", b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xc0\xaf\r\n--b--\r\n',
     {"Content-Type": "multipart/form-data; boundary=b"}, 400),
    ("overlong_slash", b"name=%C0%AF", {}, 400),
    ("half_a_character", b"name=Ibu%E2%82", {}, 400),
    ("surrogate", b"name=%ED%A0%80", {}, 400),
    ("raw_latin_1", b"name=caf\xe9", {}, 400),
    ("broken_in_an_unknown_field", BODY.encode() + b"&x=%FF", {}, 400),
    ("name_twice", BODY.encode() + b"&name=Lain", {}, 400),
    ("qty_twice", BODY.encode() + b"&" + QTY.encode() + b"=3", {}, 400),
    ("unknown_twice", BODY.encode() + b"&a=1&a=2", {}, 200),
    ("seventy_fields", "&".join(f"f{n}=1" for n in range(70)).encode(), {}, 413),
    ("ten_thousand_ampersands", b"&" * 10_000, {}, 413),
    ("seventy_parts", b"".join(b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nx\r\n' % n for n in range(70)) + b"--b--\r\n",
     {"Content-Type": "multipart/form-data; boundary=b"}, 413),
    ("sixty_five_kilobytes", b"note=" + b"x" * 65 * 1024, {}, 413),
    ("ten_megabytes", b"note=" + b"x" * 10 * 1024 * 1024, {}, 413),
    ("foreign_origin", BODY.encode(), {"Origin": "https://evil.example"}, 403),
    ("lookalike_origin", BODY.encode(), {"Origin": "http://localhost.evil.example"}, 403),
    ("broken_origin", BODY.encode(), {"Origin": "not a url"}, 403),
    ("origin_with_half_a_bracket", BODY.encode(), {"Origin": "http://["}, 403),
    ("origin_with_half_an_address", BODY.encode(), {"Origin": "http://[::1"}, 403),
    ("origin_with_a_bracket_inside", BODY.encode(), {"Origin": "http://a]b"}, 403),
    ("origin_with_a_bad_port", BODY.encode(), {"Origin": "http://localhost:99999999"}, 403),
    ("null_origin", BODY.encode(), {"Origin": "null"}, 200),
    ("own_origin", BODY.encode(), {"Origin": "http://localhost"}, 200),
    ("own_origin_behind_tls", BODY.encode(), {"Origin": "https://localhost"}, 200),
    ("method_override_is_ignored", BODY.encode(), {"X-HTTP-Method-Override": "DELETE"}, 200),
    ("forwarded_host_is_ignored", BODY.encode(), {"X-Forwarded-Host": "evil.example", "Origin": "https://evil.example"}, 403),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "headers", "status"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE]
)
def test_a_body_that_is_no_form_of_ours_is_refused_by_a_page(
    world: World, body: bytes, headers: dict[str, str], status: int
) -> None:
    """Read exactly or not at all, and answered with a page that can be told by its id."""
    form = (
        {}
        if "Content-Type" in headers or (headers == {} and status == 415)
        else {"Content-Type": "application/x-www-form-urlencoded"}
    )
    response = world.client.post("/pesan/nastar", data=body, headers=form | headers)
    assert response.status_code == status
    if status != 200:
        assert "error" in Page(response.text).ids
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/pesan/nastar", 405), ("DELETE", "/pesan/nastar", 405), ("PATCH", "/pesan/nastar/kirim", 405),
        ("OPTIONS", "/pesan/nastar", 405), ("TRACE", "/pesan/nastar", 405), ("POST", "/", 405), ("POST", "/sisa.json", 405), ("POST", "/healthz", 405),
        ("GET", "/pesan/lain", 404), ("POST", "/pesan/lain", 404), ("POST", "/pesan/lain/kirim", 404), ("GET", "/pesan/NASTAR", 404),
        ("GET", "/pesan/nastar%00", 404), ("GET", "/pesan/nastar%0d%0aSet-Cookie:x=1", 404), ("GET", "/pesan/..%2f..%2fetc", 404),
        ("GET", "/pesan/" + "a" * 5000, 404), ("GET", "/pesan/", 404), ("GET", "/pesan", 404),
        ("GET", "/s/x", 404), ("GET", "/s/" + "A" * 22, 404), ("GET", "/s/" + "\u0661" * 22, 404), ("GET", "/s/%2e%2e%2f", 404),
        ("GET", "/s/" + "A" * 22 + "%0a", 404), ("POST", "/s/" + "A" * 22 + "/sudah-transfer", 404),
        ("GET", "/s/" + "A" * 22 + "/sudah-transfer", 404), ("PUT", "/s/" + "A" * 22, 405),
    ],
)  # fmt: skip
def test_what_is_not_there_is_answered_by_a_page(world: World, method: str, path: str, status: int) -> None:
    """Whatever is asked for: a page of ours, no redirect to elsewhere, no trace."""
    response = world.client.open(path if "%" in path else quote(path), method=method)
    assert response.status_code == status
    assert "error" in Page(response.text).ids
    if status == 405:
        assert response.headers["Allow"]


def test_a_price_in_the_post_is_not_a_price(world: World) -> None:
    """Fields that the form doesn't have change nothing, and are not carried along."""
    posted = fields() | {"price": "1", "total": "1", "nastar--250g--price": "1", "goods": "0", "campaign": "other"}
    response = world.client.post("/pesan/nastar", data=posted)
    assert response.status_code == 200
    page = Page(response.text)
    assert "Rp148.000" in response.text
    assert set(page.form("/kirim").fields) == {name for name, text in FIELDS.items() if text} | {"token"}


@pytest.mark.parametrize("product", ["gelang--1--qty", "nastar--750g--qty", "gamis--9--qty"])
def test_what_is_not_sold_can_not_be_ordered(world: World, product: str) -> None:
    """An unknown product, variant or line is no field of the form, so nothing is ordered by it."""
    response = world.client.post("/pesan/nastar", data=fields(**{QTY: None}) | {product: "2"})
    assert response.status_code == 422
    assert f"#f-{QTY}" in Page(response.text).links
