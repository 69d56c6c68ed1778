"""
QRIS against two libraries of other authors, qriskit and lokal-id: what we accept they accept and read alike, and our
payloads for an amount are theirs, character for character. Both are laxer than we are; how, is written down here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import lokal
import pytest
import qriskit
from hypothesis import given
from hypothesis import strategies as st

from preorder.qris import CEILING, Tip, make_dynamic, parse_qris, parse_source
from preorder.qris_elements import QrisError
from tests.preorder.qris_makers import DYNAMICS, NATIONAL, STATICS, USUAL, V1, V2, Pairs, common, sealed, sources, usual

TIPS = {"prompt": Tip.ASKED, "fixed": Tip.FIXED, "percent": Tip.PERCENT, None: None}


def ours(text: str) -> bool:
    try:
        parse_qris(text)
    except QrisError:
        return False
    return True


def theirs(text: str) -> tuple[bool, bool]:
    """Say whether qriskit and lokal-id take a payload for right."""
    return qriskit.is_valid(text), lokal.parse_qris(text).valid


def assert_read_alike(text: str) -> None:
    qris, kit, info = parse_qris(text), qriskit.parse(text), lokal.parse_qris(text)
    assert theirs(text) == (True, True)
    assert qris.payload == kit.dumps()
    assert qris.merchant_name == kit.merchant_name == info.merchant_name
    assert qris.merchant_city == kit.merchant_city == info.merchant_city
    assert qris.postal_code == kit.postal_code == info.postal_code
    assert qris.nmid == kit.nmid == info.nmid
    assert qris.category == kit.mcc == info.mcc
    assert qris.is_static == kit.is_static == (info.type == "static")
    assert qris.amount == info.amount
    assert (None if qris.amount is None else Decimal(qris.amount)) == kit.amount
    assert qris.tip == TIPS[kit.tip.kind if kit.tip else None] == TIPS[info.tip.kind if info.tip else None]
    accounts = [(each.tag, each.guid, each.pan, each.merchant_id, each.criteria) for each in qris.accounts]
    assert accounts == [
        (each.tag, each.guid, each.pan, each.merchant_id, each.criteria) for each in kit.merchant_accounts
    ]
    assert accounts == [(each.tag, each.gui, each.pan, each.merchant_id, each.criteria) for each in info.accounts]


@pytest.mark.parametrize("text", [*STATICS.values(), *(made for _, _, made in DYNAMICS)])
def test_known_payloads_are_read_alike(text: str) -> None:
    """All three find the same merchant, accounts and amount."""
    assert_read_alike(text)


@given(sources())
def test_right_payloads_are_read_alike(pairs: Pairs) -> None:
    """Likewise for payloads of every shape, with names in any script in the language template."""
    assert_read_alike(sealed(pairs))


@given(sources(), st.integers(1, CEILING))
def test_payloads_for_an_amount_are_alike(pairs: Pairs, amount: Any) -> None:
    """All three put the amount in the same place, and compute the same check digits; and read each other's."""
    text = sealed(pairs)
    made = make_dynamic(parse_source(text), amount).payload
    assert made == qriskit.parse(text).to_dynamic(amount).dumps()
    assert made == lokal.set_qris_amount(text, amount)
    assert_read_alike(made)


ALTERED = ["01", "11", "12", "13", "360", "840", "ID", "MY", "0", "12.5", "5812"]
ADDED = [
    ("54", "1000"), ("54", "0"), ("55", "01"), ("56", "500"), ("57", "2.5"), ("61", "40115"), ("62", "0703A01"), ("64", "0002id0104TOKO"),
    ("65", "x"), ("80", "0003ABC0101x"),
]  # fmt: skip


@st.composite
def nearly_right(draw: st.DrawFn) -> str:
    """A payload with right check digits in which a few things were left out, doubled, swapped, altered or added."""
    pairs = draw(sources())
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(pairs) - 1))
        tag, value = pairs[at]
        change = draw(st.sampled_from(["drop", "double", "swap", "move", "alter", "shorten", "add"]))
        if change == "drop" and len(pairs) > 1:
            del pairs[at]
        elif change == "double":
            pairs.insert(at, pairs[at])
        elif change == "swap":
            pairs[0], pairs[at] = pairs[at], pairs[0]
        elif change == "move" and len(pairs) > 1:
            pairs.insert(draw(st.integers(1, len(pairs) - 1)), pairs.pop(at))
        elif change == "alter" and not "26" <= tag <= "50":
            pairs[at] = (tag, draw(st.sampled_from(ALTERED) | common(30)))
        elif change == "shorten" and len(value) > 1:
            pairs[at] = (tag, value[:-1])
        else:
            tag, value = draw(st.sampled_from(ADDED))
            pairs.append((tag, draw(st.just(value) | common(20))))
    return sealed(pairs)


@given(nearly_right())
def test_what_we_accept_they_accept(text: str) -> None:
    """There is no payload that we alone would show to a buyer."""
    if ours(text):
        assert_read_alike(text)


@given(st.sampled_from([*STATICS.values()]), st.integers(0, 300), st.characters(min_codepoint=32, max_codepoint=126))
def test_what_is_damaged_all_refuse(text: str, at: int, character: str) -> None:
    """One character of a payload changed: nobody takes it for right, but for small letters in the check digits."""
    at %= len(text)
    changed = text[:at] + character + text[at + 1 :]
    same = changed == text or (changed.upper() == text.upper() and at >= len(text) - 4)
    assert ours(changed) is same
    assert theirs(changed) == (same, same)


# What is right to (qriskit, lokal-id) and wrong to us, and why.
LAXER = {
    "01 is neither static nor dynamic: EMVCo reserves all but 11 and 12": (usual(e01="13"), (False, True)),
    "01 is missing: a QRIS has it, and without it nothing can be made dynamic": (usual(e01=None), (False, True)),
    "an empty value: EMVCo's lengths begin with 01": (sealed([*USUAL, ("65", "")]), (True, True)),
    "a name outside the common character set, which EMVCo allows in 64 only": (usual(e59="KAF\u00c9"), (True, True)),
    "a line break in the name": (usual(e59="DAPUR\nCONTOH"), (True, True)),
    "a name of blanks: the buyer is told to compare it": (usual(e59="   "), (True, True)),
    "an element twice in a template: which of them counts is open": (usual(e62="0703A010703A02"), (False, True)),
    "an account without its identifier: nobody knows whose it is": (usual(e26="0118936009990000001234"), (True, True)),
    "51 of somebody else's: it is the national register's": (usual(e51=NATIONAL.replace("QRIS", "KRIS")), (True, True)),
    "51 without NMID": (usual(e51="0014ID.CO.QRIS.WWW"), (True, True)),
    "an NMID of another form": (usual(e51="0014ID.CO.QRIS.WWW0212ID1020000000"), (True, True)),
    "no account but a card scheme's": (usual(e15="4111", e26=None, e51=None), (True, False)),
    "the language template without a name": (usual(e64="0002id"), (True, True)),
    "an amount of nothing": (usual(e54="0"), (False, True)),
    "a fee without its indicator": (usual(e57="2"), (False, True)),
    "a reference of 26 characters: at most 25": (usual(e62="0526" + "R" * 26), (False, True)),
    "a postal code of 11 characters: at most 10": (usual(e61="40115-40116"), (False, True)),
    "more than 512 characters in all": (usual(**{f"e{tag}": "X" * 99 for tag in (65, 66, 67)}), (True, True)),
}  # fmt: skip


@pytest.mark.parametrize("reason", LAXER)
def test_where_they_are_laxer(reason: str) -> None:
    """We refuse it for the reason that stands there; a library that changes its mind turns this red, and we look again."""
    text, verdicts = LAXER[reason]
    assert not ours(text)
    assert theirs(text) == verdicts


def test_where_qriskit_is_stricter() -> None:
    """
    It holds every account template to the forms of QRIS (PAN of digits, at most 19). EMVCo leaves what follows the
    identifier to its owner, and all that we are asked is that the template can be read.
    """
    text = usual(e26="0014COM.CONTOH.WWW0104AB-1")
    assert ours(text)
    assert theirs(text) == (False, True)


def test_where_the_nmid_stands() -> None:
    """It is that of 51, whose place is given; lokal-id takes it from any template that calls itself the national one."""
    text = usual(e26=NATIONAL, e51=None)
    assert parse_qris(text).nmid is None
    assert qriskit.parse(text).nmid is None
    assert lokal.parse_qris(text).nmid == "ID1020000000011"


def test_sources_that_they_convert_and_we_do_not() -> None:
    """An amount that stands there already is replaced by both, a tip is dropped by one and kept by the other."""
    for text in (V2, usual(e54="1000")):
        assert qriskit.parse(text).to_dynamic(5).amount == 5
        assert lokal.parse_qris(lokal.set_qris_amount(text, 5)).amount == "5"
        with pytest.raises(QrisError):
            parse_source(text)
    tipped = usual(e55="01")
    assert qriskit.parse(tipped).to_dynamic(5).tip is None
    assert lokal.parse_qris(lokal.set_qris_amount(tipped, 5)).tip is not None
    with pytest.raises(QrisError):
        parse_source(tipped)
    # What follows the check digits isn't covered by them: qriskit keeps it and signs it.
    followed = V1 + "6505HALLO"
    assert "6505HALLO" in qriskit.parse(followed).to_dynamic(5).dumps()
    with pytest.raises(QrisError):
        parse_source(followed)


def test_amounts_that_they_take_and_we_do_not() -> None:
    """Texts and fractions, floats (lokal-id), and amounts above what QRIS can carry."""
    assert qriskit.parse(V1).to_dynamic("12.5").amount == Decimal("12.50")
    assert lokal.parse_qris(lokal.set_qris_amount(V1, 12.5)).amount == "12.50"
    assert qriskit.parse(V1).to_dynamic(10**12).amount == Decimal(10**12)


def test_where_elements_that_are_not_in_order_differ() -> None:
    """
    EMVCo lets all but the first and the last element stand anywhere. Both put the amount before the first larger tag;
    lokal-id moves 01 besides. We leave every element where the acquirer put it, and the amount follows the currency.
    """
    pairs: Pairs = [USUAL[0], ("59", "DAPUR CONTOH"), *(pair for pair in USUAL[2:] if pair[0] != "59"), ("01", "11")]
    text = sealed(pairs)

    def order(payload: str) -> list[str]:
        return [node.tag for node in qriskit.parse(payload).nodes]

    usual_rest = ["26", "51", "52", "53"]
    made = make_dynamic(parse_source(text), 5).payload  # type: ignore[arg-type]
    assert order(made) == ["00", "59", *usual_rest, "54", "58", "60", "61", "62", "01", "63"]
    assert order(qriskit.parse(text).to_dynamic(5).dumps()) == [
        "00", "54", "59", *usual_rest, "58", "60", "61", "62", "01", "63",
    ]  # fmt: skip
    assert order(lokal.set_qris_amount(text, 5)) == [
        "00", "01", "54", "59", *usual_rest, "58", "60", "61", "62", "63",
    ]  # fmt: skip
    # Wherever it stands, it says the same to all.
    assert_read_alike(made)
