"""A shop's QRIS: what its seller has set decides about the code of each payment, on both sides of the catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preorder.catalogue import CatalogueError, content_digest, from_json, to_json
from preorder.errors import CampaignError
from preorder.money import Rupiah
from preorder.qris import CEILING
from preorder.qris_elements import QrisError
from preorder.shop import Account, AccountKind, QrisAccount
from tests.makers import make_catalogue, make_shop
from tests.preorder.qris_makers import DYNAMICS, STATICS, V1, V2, usual


def published(**qris: Any) -> dict[str, Any]:
    """Give the JSON of a catalogue whose shop has this QRIS."""
    catalogue = make_catalogue(qris=QrisAccount(**({"payload": V1} | qris)))
    data: dict[str, Any] = json.loads(json.dumps(to_json(catalogue)))
    return data


def test_off_until_it_is_turned_on() -> None:
    """Without a word of the seller every payment gets the code that she has pasted."""
    for payload in STATICS.values():
        account = QrisAccount(payload)
        assert not account.dynamic
        assert [account.code_for(Rupiah(due)).payload for due in (1, 150_347, CEILING)] == [payload] * 3  # type: ignore[union-attr]


@pytest.mark.parametrize(("source", "amount", "made"), DYNAMICS)
def test_turned_on_each_payment_has_its_code(source: str, amount: int, made: str) -> None:
    """The same as the vectors, and the source stays what it was."""
    account = QrisAccount(source, dynamic=True)
    code = account.code_for(Rupiah(amount))
    assert code is not None and code.payload == made
    assert account.payload == account.source.payload == source


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("ceiling", [1_000, 10_000_000, 50_000_000])
def test_the_ceiling_holds_for_both_kinds(dynamic: bool, ceiling: int) -> None:
    """A code up to it, none above it, and none where nothing is due."""
    account = QrisAccount(V1, dynamic, Rupiah(ceiling))
    assert account.code_for(Rupiah(ceiling)) is not None
    for due in (ceiling + 1, 0, -1):
        assert account.code_for(Rupiah(due)) is None


def test_what_stands_around_a_text_is_not_kept() -> None:
    """Two pastes of one code are one QRIS."""
    assert QrisAccount(f"  {V1[:-4]}{V1[-4:].lower()}\n") == QrisAccount(V1)


@pytest.mark.parametrize("payload", ["", V1[:-1], V1.replace("CONTOH", "CONTAH"), V2, usual(e55="01"), usual(e58="MY")])
def test_a_wrong_one_cannot_be_made(payload: str) -> None:
    """Whoever holds a QrisAccount need not check it again."""
    with pytest.raises(QrisError):
        QrisAccount(payload)


@pytest.mark.parametrize(
    "changes",
    [{"dynamic": "yes"}, {"dynamic": 1}, {"ceiling": 0}, {"ceiling": 1e6}, {"ceiling": True}, {"payload": None}],
)
def test_values_of_another_kind_are_refused(changes: dict[str, Any]) -> None:
    """A text that only looks like no would turn it on."""
    with pytest.raises(CampaignError):
        QrisAccount(**({"payload": V1} | changes))


def test_its_id_belongs_to_it() -> None:
    """No bank account of the shop may be taken for the QRIS."""
    with pytest.raises(CampaignError):
        make_shop(accounts=(Account("qris", AccountKind.EWALLET, "QRIS", "12345", "Sari Contoh"),))


@pytest.mark.parametrize("dynamic", [False, True])
def test_it_survives_its_file(dynamic: bool) -> None:
    """Written and read again it is equal; a change of any part is a change of what is published."""
    catalogue = make_catalogue(qris=QrisAccount(V1, dynamic, Rupiah(5_000_000)))
    assert from_json(json.loads(json.dumps(to_json(catalogue)))) == catalogue
    others = [make_catalogue(), make_catalogue(qris=QrisAccount(V1, not dynamic, Rupiah(5_000_000)))]
    assert content_digest(catalogue) not in {content_digest(other) for other in others}


def test_a_catalogue_from_before_is_read() -> None:
    """One that was built by a program without QRIS has none."""
    data = published()
    del data["shop"]["qris"]
    assert from_json(data).shop.qris is None


TAMPERED: dict[str, dict[str, Any]] = {
    "another merchant": {"payload": V1.replace("DAPUR CONTOH", "DAPUR MALING")},
    "another account": {"payload": V1.replace("9360099900", "9360099901")},
    "an amount": {"payload": V2},
    "cut short": {"payload": V1[:-10]},
    "empty": {"payload": ""},
    "no text": {"payload": 5},
    "turned on by a text": {"dynamic": "no"},
    "ceiling as a text": {"ceiling": "10000000"},
    "ceiling below one": {"ceiling": 0},
    "unknown key": {"amount": 1},
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_one_is_refused(change: dict[str, Any]) -> None:
    """The order desk reads the payload anew, and keeps the last good catalogue where it is not what was pasted."""
    data = published()
    data["shop"]["qris"] |= change
    with pytest.raises(CatalogueError):
        from_json(data)


def test_an_account_that_takes_its_id_is_refused() -> None:
    """Likewise an account in the file that bears its id."""
    data = published()
    data["shop"]["accounts"][0]["id"] = "qris"
    with pytest.raises(CatalogueError):
        from_json(data)
