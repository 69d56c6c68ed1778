"""A typed row says what it asks for, or what it lacks: all of it at once, in words that say what to write."""

from __future__ import annotations

import gettext
import json
from datetime import timedelta
from typing import Any

import pytest

from intake import sentences
from intake.commands import Bounced
from intake.offline.rows import Wish, content_of, mark_in, read_row
from preorder.catalogue import Catalogue
from tests.makers import NOW, make_campaign, make_catalogue, make_schedule

WHOLE: dict[str, Any] = {
    "name": "Bu Rina",
    "whatsapp": "0812-0000-7777",
    "summary": "2 nastar 500g",
    "delivery": "jne",
    "address": "Jl. Misal 9",
}
OTHER = make_campaign(id="kastengel", slug="kastengel", title="Kastengel Natal", prefix="KST")


def refusal(catalogue: Catalogue | None = None, **changes: Any) -> list[dict[str, Any]]:
    """Give the problems of a row, and see that each has its sentence in both languages."""
    with pytest.raises(Bounced) as bounced:
        read_row(WHOLE | changes, catalogue or make_catalogue(), NOW)
    for language in ("id", "en"):
        told = sentences.explain(bounced.value.message(), gettext.NullTranslations(), language, "WIB")
        assert told and "%(" not in told
    fields = json.loads(bounced.value.message())
    found: list[dict[str, Any]] = fields["each"] if fields["kind"] == "several" else [fields]
    return found


def wish(catalogue: Catalogue | None = None, **changes: Any) -> Wish:
    """Give what a row asks for."""
    return read_row(WHOLE | changes, catalogue or make_catalogue(), NOW)


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"name": None}, ["hand_missing"]),
        ({"name": "  ", "whatsapp": None, "summary": ""}, ["hand_missing"]),
        ({"address": None}, ["hand_missing"]),
        ({"summary": ";"}, ["hand_missing"]),
        ({"whatsapp": "022-1234567"}, ["hand_phone"]),
        ({"whatsapp": "0812"}, ["hand_phone"]),
        ({"summary": "2 kastengel"}, ["typed_item_unknown"]),
        ({"summary": "2 nastar"}, ["typed_item_unclear"]),
        ({"summary": "nastar 500g"}, ["typed_qty_missing"]),
        ({"summary": "1 gamis"}, ["typed_choice_missing"]),
        ({"summary": f"1 gamis (Warna: Sage, Nama bordir: {'x' * 21})"}, ["too_long"]),
        ({"delivery": "drone"}, ["hand_delivery"]),
        ({"delivery": None, "address": None}, ["hand_delivery"]),
        ({"delivery": None}, ["hand_delivery"]),
        ({"campaign": "Lontong"}, ["hand_campaign"]),
        ({"name": "a\u202eb"}, ["hand_text"]),
        ({"name": "x" * 101}, ["hand_text"]),
        ({"summary": "#REF!"}, ["hand_error", "typed_item_unknown"]),
        ({"placed_at": "Senin, 23 November 2026 10.00 WIB"}, ["hand_copy"]),
        ({"name": None, "whatsapp": "12", "summary": "2 roti", "delivery": None}, None),
    ],
)
def test_what_a_row_lacks(changes: dict[str, Any], kinds: list[str] | None) -> None:
    """Each problem has a sentence that says what to write; several come together."""
    found = [problem["kind"] for problem in refusal(**changes)]
    assert sorted(found) == sorted(kinds or ["hand_missing", "hand_phone", "typed_item_unknown", "hand_delivery"])


def test_the_choices_are_listed() -> None:
    """She need not look up how a thing is called."""
    assert refusal(summary="2 roti")[0]["choices"] == ["Nastar Toples 250 g", "Nastar Toples 500 g", "Gamis"]
    assert refusal(delivery="drone")[0]["choices"] == ["JNE Reguler", "Ambil di dapur", "Kargo"]
    assert refusal(make_catalogue(make_campaign(), OTHER))[0]["choices"] == ["Nastar Lebaran", "Kastengel Natal"]


@pytest.mark.parametrize(
    ("typed", "delivery"),
    [("jne", "jne"), ("JNE Reguler", "jne"), ("ambil sendiri", "ambil"), ("pickup", "ambil"), ("Ambil di dapur", "ambil"), ("kargo", "kargo")],
)  # fmt: skip
def test_a_delivery_by_a_part_of_its_name(typed: str, delivery: str) -> None:
    """Or by what it is; a pickup needs no address and keeps none."""
    found = wish(delivery=typed)
    assert found.request.delivery_id == delivery
    assert (found.request.buyer.address == "") is (delivery == "ambil")


@pytest.mark.parametrize("typed", ["kastengel", "KST", "natal", "Kastengel Natal"])
def test_a_campaign_by_a_part_of_its_name(typed: str) -> None:
    """Title, address, prefix, or a word of the title."""
    assert wish(make_catalogue(make_campaign(), OTHER), campaign=typed).campaign.id == "kastengel"


def test_only_what_is_open_is_meant_by_an_empty_po() -> None:
    """A closed campaign beside an open one is no question."""
    closed = make_campaign(
        id="lama", slug="lama", title="PO Lama", prefix="OLD", schedule=make_schedule(closes_in=timedelta(hours=-1))
    )
    assert wish(make_catalogue(closed, make_campaign())).campaign.id == "nastar-lebaran"
    assert wish(make_catalogue(closed)).campaign.id == "lama"


@pytest.mark.parametrize("typed", [81200007777, 81200007777.0, "0812 0000 7777", "+62 812-0000-7777", " 081200007777"])
def test_a_number_however_it_was_typed(typed: Any) -> None:
    """A spreadsheet takes the zero away; it is the same number."""
    found = wish(whatsapp=typed)
    assert found.request.buyer.phone == "+6281200007777" and found.digest == wish().digest


def test_two_rows_that_ask_for_the_same_are_told_by_number_and_things() -> None:
    """Name, address, note and the order of the lines make no other order of it; number, things and amount do."""
    same = {"name": "Rina", "address": "lain", "seller_note": "pita", "summary": "nastar toples 500 g x2"}
    assert wish(**same).digest == wish().digest
    for other in ({"whatsapp": "0812-0000-8888"}, {"summary": "3 nastar 500g"}, {"summary": "2 nastar 250g"}):
        assert wish(**other).digest != wish().digest


@pytest.mark.parametrize(
    ("note", "anyway", "another"),
    [
        ("tetap terima", True, False),
        ("Accept anyway!", True, False),
        ("pita merah. Pesanan lain, tetap  terima", True, True),
        ("gabung dengan pesanan lain", False, False),
        ("jangan tetap terima", False, False),
        (None, False, False),
    ],
)
def test_her_words_count_as_a_sentence_of_their_own(note: str | None, anyway: bool, another: bool) -> None:
    """Within another sentence they are about something else."""
    found = wish(seller_note=note)
    assert (found.anyway, found.another) == (anyway, another)


@pytest.mark.parametrize(
    ("message", "mark"),
    [("sebentar #K7Q2MX", "K7Q2MX"), ("#K7Q2MX ", "K7Q2MX"), ("#K7Q2M", ""), ("#K7Q2MX lagi", ""), ("#k7q2mx", ""), (None, "")],
)  # fmt: skip
def test_a_mark_stands_at_the_end_of_our_word(message: str | None, mark: str) -> None:
    """Anything else is no mark of ours."""
    assert mark_in({"message": message}) == mark
    assert content_of({"message": message, "total": 5}) == content_of({})
