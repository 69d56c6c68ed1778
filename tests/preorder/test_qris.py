"""QRIS: a payload is read whole or refused with what is wrong, and only the amount is ever put into it."""

from __future__ import annotations

import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder.qris import (
    CEILING,
    MerchantAccount,
    Qris,
    QrisAmountNotWhole,
    QrisAmountOutOfRange,
    make_dynamic,
    parse_qris,
    parse_source,
)
from preorder.qris_elements import Fault, FaultCode, QrisError, checksum
from preorder.qris_rules import MOST_CHARACTERS, Tip
from tests.preorder.qris_makers import (
    ACQUIRER,
    DYNAMICS,
    NATIONAL,
    STATICS,
    USUAL,
    V1,
    V2,
    V4,
    V6,
    V8,
    Pairs,
    crc,
    sealed,
    sources,
    split,
    tlv,
    usual,
)

CHARACTERS = string.printable + "\u00a0\u200b\u0660\uff10\u00c9\U0001f600\ud800"

Found = tuple[FaultCode, dict[str, Any]]


def faults_of(text: str, *, source: bool = False) -> list[Found]:
    """Give what is wrong with a payload; nothing where it is right."""
    try:
        (parse_source if source else parse_qris)(text)
    except QrisError as error:
        return [(fault.code, dict(fault.fields)) for fault in error.faults]
    return []


def test_check_digits_of_the_definition() -> None:
    """The published check value, and the bit by bit way, agree with the quick one."""
    assert checksum("123456789") == crc("123456789") == "29B1"


@pytest.mark.parametrize("text", [*STATICS.values(), *(made for _, _, made in DYNAMICS)])
def test_known_payloads_are_read_and_written_unchanged(text: str) -> None:
    """Every character of a right payload comes back, and the check digits are computed, not kept."""
    assert parse_qris(text).payload == text


def test_what_a_payload_says() -> None:
    """Merchant, city, accounts and NMID are those of the text."""
    qris = parse_source(V8)
    assert (qris.merchant_name, qris.merchant_city, qris.postal_code) == ("BATIK CONTOH", "DENPASAR", "80111")
    assert (qris.is_static, qris.amount, qris.tip, qris.fee, qris.category) == (True, None, None, None, "5812")
    assert qris.nmid == "ID1020000000011"
    assert qris.warnings == ()
    assert qris.accounts == (
        MerchantAccount("26", "COM.CONTOH.WWW", "936009990000001234", "000000000001234", "UKE"),
        MerchantAccount("27", "ID.MISAL.WWW", "936008880000005678", "000000000005678", "UKE"),
        MerchantAccount("51", "ID.CO.QRIS.WWW", None, "ID1020000000011", "UKE"),
    )


def test_a_dynamic_payload_is_known_as_such() -> None:
    """What another program made for one payment is read, with its amount and tip, but is no source."""
    qris = parse_qris(V2)
    assert (qris.is_static, qris.amount) == (False, "150347")
    tipped = parse_qris(usual(e01="12", e54="15000.50", e55="02", e56="500"))
    assert (tipped.tip, tipped.fee, tipped.amount) == (Tip.FIXED, "500", "15000.50")
    assert (parse_qris(usual(e55="03", e57="2.5")).tip, parse_qris(usual(e55="01")).tip) == (Tip.PERCENT, Tip.ASKED)


def test_without_the_national_template_it_is_accepted_with_a_warning() -> None:
    """Older codes lack element 51: they can be paid, and the seller hears of it."""
    assert parse_source(usual(e51=None)).warnings == (Fault(FaultCode.NO_NATIONAL),)
    assert parse_source(usual(e51=None)).nmid is None


@pytest.mark.parametrize(("source", "amount", "made"), DYNAMICS)
def test_known_amounts(source: str, amount: Any, made: str) -> None:
    """The vectors on which three implementations agree."""
    assert make_dynamic(parse_source(source), amount).payload == made


@pytest.mark.parametrize("text", STATICS.values())
@pytest.mark.parametrize(
    ("before", "after"),
    [("  ", "\r\n"), ("\n\n", ""), ("\ufeff", ""), ("\u200e\u200b", "\u2060 "), ("\u00a0", "\u3000"), ("\t", "\v\f")],
)
def test_what_pasting_adds_around_it_does_not_count(text: str, before: str, after: str) -> None:
    """Blanks, line ends and invisible marks around the text are dropped."""
    assert parse_source(before + text + after).payload == text


@pytest.mark.parametrize("text", STATICS.values())
def test_lower_case_check_digits_are_rewritten(text: str) -> None:
    """They are accepted, and written upper-case."""
    assert parse_source(text[:-4] + text[-4:].lower()).payload == text


def reordered(*tags: str) -> str:
    """Give the usual payload with its elements in this order."""
    elements = dict(USUAL)
    return sealed([(tag, elements[tag]) for tag in tags])


def strange(text: str, element: str, character: str) -> tuple[str, list[Found]]:
    """Give the case of a payload that holds this character where it may not be."""
    position = text.index(character) + 1
    return text, [(FaultCode.STRANGE_CHARACTER, {"element": element, "position": position, "character": character})]


LONG_NAME = "TOKO KUE BU SRI NGAWI 99AB"
CUT = V1[: V1.index("5912") + 8]

REFUSED: list[tuple[str, list[Found]]] = [
    # Something else was pasted.
    ("", [(FaultCode.EMPTY, {})]),
    (" \r\n\u200b", [(FaultCode.EMPTY, {})]),
    ("https://qris.contoh.id/DAPUR", [(FaultCode.LINK, {})]),
    ("HTTP://CONTOH.ID", [(FaultCode.LINK, {})]),
    ("www.contoh.id", [(FaultCode.LINK, {})]),
    ("link.contoh.id/qr/0002", [(FaultCode.LINK, {})]),
    ("dompet://bayar?to=1", [(FaultCode.LINK, {})]),
    ("qris-toko.PNG", [(FaultCode.PICTURE, {})]),
    ("https://contoh.id/qris.jpeg", [(FaultCode.PICTURE, {})]),
    ("data:image/png;base64,iVBORw0KGgo=", [(FaultCode.PICTURE, {})]),
    ("iVBORw0KGgoAAAANSUhEUg", [(FaultCode.PICTURE, {})]),
    ("<svg xmlns='x'/>", [(FaultCode.PICTURE, {})]),
    ("NMID : ID1020000000011", [(FaultCode.NMID_ONLY, {})]),
    ("QRIS\nNMID: ID1020000000011\nA01", [(FaultCode.NMID_ONLY, {})]),
    ("ID1020000000011", [(FaultCode.NMID_ONLY, {})]),
    ("DAPUR CONTOH", [(FaultCode.NOT_QRIS, {"found": "DAPUR CONTOH"})]),
    ("0812-0000-1234", [(FaultCode.NOT_QRIS, {"found": "0812-0000-12"})]),
    ("\uff10" * 20, [(FaultCode.NOT_QRIS, {"found": "\uff10" * 12})]),
    (V1[2:], [(FaultCode.NOT_QRIS, {"found": V1[2:14]})]),
    ("QRIS: " + V1, [(FaultCode.NOT_QRIS, {"found": "QRIS: 000201"})]),
    # The text as a whole.
    (V1[:80] + "\n" + V1[80:], [(FaultCode.LINE_BREAK, {"position": 81})]),
    (V1[:80] + "\t" + V1[80:], [(FaultCode.LINE_BREAK, {"position": 81})]),
    (V1 + "\n" + V1, [(FaultCode.LINE_BREAK, {"position": 207})]),
    ("00" * 300, [(FaultCode.TOO_LONG, {"length": 600, "most": 512})]),
    ("000201A111" + V1[10:], [(FaultCode.BAD_TAG, {"after": "00", "position": 7, "found": "A1"})]),
    ("000201010211x" + V1[12:], [(FaultCode.BAD_TAG, {"after": "01", "position": 13, "found": "x2"})]),
    ("0002010102112A" + V1[14:], [(FaultCode.BAD_TAG, {"after": "01", "position": 13, "found": "2A"})]),
    ("000201010211266A" + V1[16:], [(FaultCode.BAD_LENGTH, {"element": "26", "position": 15, "found": "6A"})]),
    ("0002", [(FaultCode.RUNS_PAST_END, {"element": "00", "position": 1, "length": 2, "left": 0})]),
    ("00 201", [(FaultCode.BAD_LENGTH, {"element": "00", "position": 3, "found": " 2"})]),
    (sealed([*USUAL, ("65", "")]), [(FaultCode.BAD_LENGTH, {"element": "65", "position": 201, "found": "00"})]),
    (CUT, [(FaultCode.RUNS_PAST_END, {"element": "59", "position": V1.index("5912") + 1, "length": 12, "left": 4})]),
    (V1[:-1], [(FaultCode.RUNS_PAST_END, {"element": "63", "position": 199, "length": 4, "left": 3})]),
    (V1[:-5], [(FaultCode.LOOSE_END, {"after": "62", "position": 199, "found": "630"})]),
    ("0", [(FaultCode.NOT_QRIS, {"found": "0"})]),
    ("000", [(FaultCode.LOOSE_END, {"after": "", "position": 1, "found": "000"})]),
    (V1[:-8], [(FaultCode.CRC_MISSING, {"after": "62"})]),
    ("000201", [
        (FaultCode.CRC_MISSING, {"after": "00"}), *((FaultCode.MISSING, {"element": tag}) for tag in ("01", "52", "53", "58", "59", "60")),
        (FaultCode.NO_ACCOUNT, {}),
    ]),
    (V1[:-4] + "14AG", [(FaultCode.CRC_FORM, {"found": "14AG"})]),
    (V1[:-6] + "0514A99", [(FaultCode.CRC_FORM, {"found": "14A99"})]),
    (V1[:-1] + "8", [(FaultCode.CRC_WRONG, {"found": "14A8"})]),
    (V1.replace("BANDUNG", "BANDUNK"), [(FaultCode.CRC_WRONG, {"found": "14A9"})]),
    (V1 + "6304FFFF", [(FaultCode.AFTER_CRC, {"position": 207, "found": "6304FFFF"})]),
    (V1 + " DAPUR", [(FaultCode.AFTER_CRC, {"position": 207, "found": " DAPUR"})]),
    (V1 + V1, [(FaultCode.AFTER_CRC, {"position": 207, "found": V1[:20]})]),
    (reordered("01", "00", *(tag for tag, _ in USUAL[2:])), [(FaultCode.NOT_FIRST, {"first": "01"})]),
    # One element.
    (sealed([*USUAL, ("59", "LAIN")]), [(FaultCode.REPEATED, {"element": "59"})]),
    (sealed([*USUAL, ("26", ACQUIRER)]), [(FaultCode.REPEATED, {"element": "26"})]),
    (sealed([*USUAL, ("54", "1"), ("54", "2")]), [(FaultCode.REPEATED, {"element": "54"})]),
    (usual(e62="0703A010703A02"), [(FaultCode.REPEATED, {"element": "62.07"})]),
    *((usual(**{f"e{tag}": None}), [(FaultCode.MISSING, {"element": tag})]) for tag in ("01", "52", "53", "58", "59", "60")),
    (reordered(*(tag for tag, _ in USUAL[1:])), [(FaultCode.NOT_FIRST, {"first": "01"}), (FaultCode.MISSING, {"element": "00"})]),
    (usual(e26="0118936009990000001234"), [(FaultCode.MISSING, {"element": "26.00"})]),
    (usual(e51="0014ID.CO.QRIS.WWW"), [(FaultCode.MISSING, {"element": "51.02"})]),
    (usual(e64="0002id"), [(FaultCode.MISSING, {"element": "64.01"})]),
    (usual(e80="0103ABC"), [(FaultCode.MISSING, {"element": "80.00"})]),
    (usual(e26=None, e51=None), [(FaultCode.NO_ACCOUNT, {})]),
    (usual(e15="4111", e26=None, e51=None), [(FaultCode.NO_ACCOUNT, {})]),
    (usual(e26=ACQUIRER[:-1]), [(FaultCode.BAD_TEMPLATE, {"element": "26", "position": 76})]),
    (usual(e62="07X3A01"), [(FaultCode.BAD_TEMPLATE, {"element": "62", "position": 194})]),
    (usual(e62="A01"), [(FaultCode.BAD_TEMPLATE, {"element": "62", "position": 192})]),
    (usual(e64="halo"), [(FaultCode.BAD_TEMPLATE, {"element": "64", "position": 203})]),
    (usual(e99="x"), [(FaultCode.BAD_TEMPLATE, {"element": "99", "position": 203})]),
    strange(usual(e59="KAF\u00c9"), "59", "\u00c9"),
    strange(usual(e59="A\u00a0B"), "59", "\u00a0"),
    strange(usual(e60="A\x7f"), "60", "\x7f"),
    strange(usual(e64="0002id0102A\u202e"), "64.01", "\u202e"),
    strange(usual(e52="\u0665\u0668\u0661\u0662"), "52", "\u0665"),
    (usual(e59=LONG_NAME), [(FaultCode.VALUE_TOO_LONG, {"element": "59", "length": 26, "most": 25})]),
    (usual(e60="KOTA ADM. JAKSEL"), [(FaultCode.VALUE_TOO_LONG, {"element": "60", "length": 16, "most": 15})]),
    (usual(e61="40115-40116"), [(FaultCode.VALUE_TOO_LONG, {"element": "61", "length": 11, "most": 10})]),
    (usual(e62="0526" + "R" * 26), [(FaultCode.VALUE_TOO_LONG, {"element": "62.05", "length": 26, "most": 25})]),
    (usual(e26="0033" + "G" * 33), [(FaultCode.VALUE_TOO_LONG, {"element": "26.00", "length": 33, "most": 32})]),
    (usual(e54="12345678901234"), [(FaultCode.VALUE_TOO_LONG, {"element": "54", "length": 14, "most": 13})]),
    (usual(e59="   "), [(FaultCode.BLANK_VALUE, {"element": "59"})]),
    (usual(e00="02"), [(FaultCode.WRONG_VALUE, {"element": "00", "value": "02", "allowed": "01"})]),
    (usual(e01="13"), [(FaultCode.WRONG_VALUE, {"element": "01", "value": "13", "allowed": "11, 12"})]),
    (usual(e51=NATIONAL.replace("QRIS", "KRIS")), [
        (FaultCode.WRONG_VALUE, {"element": "51.00", "value": "ID.CO.KRIS.WWW", "allowed": "ID.CO.QRIS.WWW"})
    ]),
    (usual(e55="04"), [(FaultCode.WRONG_VALUE, {"element": "55", "value": "04", "allowed": "01, 02, 03"})]),
    (usual(e52="581A"), [(FaultCode.NOT_DIGITS, {"element": "52", "value": "581A", "digits": 4})]),
    (usual(e52="58120"), [(FaultCode.NOT_DIGITS, {"element": "52", "value": "58120", "digits": 4})]),
    *((usual(e53=value), [(FaultCode.CURRENCY, {"value": value})]) for value in ("840", "702", "000", "IDR", "0360", "36")),
    *((usual(e58=value), [(FaultCode.COUNTRY, {"value": value})]) for value in ("MY", "SG", "id", "IDN", "I")),
    (usual(e51="0014ID.CO.QRIS.WWW0212ID1020000000"), [(FaultCode.BAD_NMID, {"value": "ID1020000000"})]),
    *((usual(e54=amount), [(FaultCode.BAD_AMOUNT, {"value": amount})]) for amount in ("0", "0.00", "1,000", "1.250.000", "-1", "1e3", ".5")),
    (usual(e55="02"), [(FaultCode.FEE_MISMATCH, {"element": "56"})]),
    (usual(e57="2"), [(FaultCode.FEE_MISMATCH, {"element": "57"})]),
    (usual(e55="01", e56="500"), [(FaultCode.FEE_MISMATCH, {"element": "56"})]),
]  # fmt: skip

NO_SOURCE: list[tuple[str, list[Found]]] = [
    (V2, [(FaultCode.ALREADY_DYNAMIC, {})]),
    (usual(e01="12"), [(FaultCode.ALREADY_DYNAMIC, {})]),
    (usual(e54="1000"), [(FaultCode.HAS_AMOUNT, {"value": "1000"})]),
    (usual(e55="01"), [(FaultCode.HAS_TIP, {"elements": "55"})]),
    (usual(e55="02", e56="500"), [(FaultCode.HAS_TIP, {"elements": "55, 56"})]),
    (usual(e54="5", e55="03", e57="1"), [(FaultCode.HAS_AMOUNT, {"value": "5"}), (FaultCode.HAS_TIP, {"elements": "55, 57"})]),
    (usual(**{f"e{tag}": "X" * 95 for tag in ("65", "66", "67")}), [(FaultCode.TOO_LONG, {"length": 503, "most": 495})]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), REFUSED)
def test_each_fault_is_named(text: str, found: list[Found]) -> None:
    """A broken text is refused with exactly what is wrong, where, and what stands there."""
    assert faults_of(text) == found
    assert faults_of(text, source=True) == found


@pytest.mark.parametrize(("text", "found"), NO_SOURCE)
def test_no_amount_is_put_where_one_or_a_tip_may_be(text: str, found: list[Found]) -> None:
    """Such a payload is right in itself, but not as a source, however it comes."""
    assert faults_of(text) == []
    assert faults_of(text, source=True) == found
    with pytest.raises(QrisError):
        make_dynamic(parse_qris(text), CEILING)


def test_every_fault_has_a_case() -> None:
    """No code is without a payload that earns it: each sentence that a seller may read can be tried."""
    tried = {code for _, found in (*REFUSED, *NO_SOURCE) for code, _ in found}
    assert tried | {FaultCode.NO_NATIONAL} == set(FaultCode)


def test_all_faults_are_told_at_once() -> None:
    """Whoever has three things wrong hears of three, not of one after the other."""
    text = usual(e53="840", e58="MY", e59=LONG_NAME)
    assert [code for code, _ in faults_of(text[:-4] + "0000")] == [
        FaultCode.CRC_WRONG, FaultCode.CURRENCY, FaultCode.COUNTRY, FaultCode.VALUE_TOO_LONG,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "amount",
    [
        "150347", "1.250.000", "1,000", "12.5", "", "\u0661\u0665\u0660", 12.5, 150347.0, float("nan"), Decimal(1000), True, None, b"1",
    ],
)  # fmt: skip
def test_only_whole_rupiah_are_amounts(amount: Any) -> None:
    """Texts, floats and whatever else could mean two things are refused."""
    with pytest.raises(QrisAmountNotWhole):
        make_dynamic(parse_source(V1), amount)


@pytest.mark.parametrize("amount", [0, -1, -150_347, 10_000_001, 10**14])
def test_amounts_out_of_range(amount: Any) -> None:
    """From 1 to the ceiling, which the error names."""
    with pytest.raises(QrisAmountOutOfRange) as refusal:
        make_dynamic(parse_source(V1), amount)
    assert refusal.value.fields == {"amount": amount, "least": 1, "ceiling": 10_000_000}


def test_the_ceiling_is_the_shops() -> None:
    """A shop may take less, or more, up to what an amount can hold."""
    source = parse_source(V1)
    with pytest.raises(QrisAmountOutOfRange):
        make_dynamic(source, 500_001, 500_000)  # type: ignore[arg-type]
    assert make_dynamic(source, 20_000_000, 20_000_000).amount == "20000000"  # type: ignore[arg-type]
    with pytest.raises(QrisAmountOutOfRange):
        make_dynamic(source, 10**13, 10**15)  # type: ignore[arg-type]


@given(sources())
def test_right_payloads_are_read_and_written_unchanged(pairs: Pairs) -> None:
    """Whatever a right payload holds comes back character for character."""
    text = sealed(pairs)
    qris = parse_source(text)
    assert qris.payload == text
    assert (qris.merchant_name, qris.merchant_city) == (dict(pairs)["59"], dict(pairs)["60"])


@given(sources(), st.integers(1, CEILING))
def test_an_amount_changes_nothing_else(pairs: Pairs, amount: Any) -> None:
    """Of a payload with an amount, all but 01, 54 and the check digits is the source, in its order; and it is right itself."""
    made = make_dynamic(parse_source(sealed(pairs)), amount)
    found = split(made.payload)
    place = [tag for tag, _ in found].index("54")
    assert found[place] == ("54", str(amount))
    assert found[place - 1] == ("53", "360")
    assert [*found[:place], *found[place + 1 : -1]] == [pairs[0], ("01", "12"), *pairs[2:]]
    assert found[-1] == ("63", crc(made.payload[:-4]))
    assert parse_qris(made.payload) == made
    assert not made.is_static


def test_elements_may_stand_in_any_order() -> None:
    """Only the first and the last place are given; the amount follows the currency wherever that stands."""
    text = reordered("00", "59", "53", "52", "60", "01", "58", "51", "26")
    made = make_dynamic(parse_source(text), CEILING)
    assert [tag for tag, _ in split(made.payload)] == ["00", "59", "53", "54", "52", "60", "01", "58", "51", "26", "63"]


def test_lengths_count_characters_and_check_digits_bytes() -> None:
    """A name in the language template may leave ASCII; a length that counts its bytes is refused, never guessed at."""
    name = "Dapur Ibu É 日本"
    language = tlv([("00", "id"), ("01", name)])
    text = usual(e64=language)
    qris = parse_source(text)
    assert qris.payload == text
    assert make_dynamic(qris, CEILING).payload.count(name) == 1
    in_bytes = usual(e64=language.replace(f"01{len(name):02d}", f"01{len(name.encode()):02d}"))
    assert [code for code, _ in faults_of(in_bytes)] == [FaultCode.BAD_TEMPLATE]


def accepted(text: str) -> Qris | None:
    try:
        return parse_qris(text)
    except QrisError:
        return None


@pytest.mark.parametrize("text", [V1, V4, V6, V2])
def test_one_changed_character_is_found(text: str) -> None:
    """Whatever stands in place of any character, the text is refused; but for small letters in the check digits."""
    for at, right in enumerate(text):
        for wrong in CHARACTERS:
            changed = text[:at] + wrong + text[at + 1 :]
            if wrong != right and accepted(changed):
                assert at >= len(text) - 4 and wrong == right.lower(), (at, wrong)
                assert parse_qris(changed).payload == text


@pytest.mark.parametrize("text", STATICS.values())
def test_one_missing_doubled_or_moved_character_is_found(text: str) -> None:
    """Left out, written twice, or swapped with its neighbour; and the text cut anywhere, at either end."""
    for at in range(len(text)):
        assert not accepted(text[:at] + text[at + 1 :]), at
        assert not accepted(text[:at] + text[at] + text[at:]), at
        assert not accepted(text[:at]), at
        assert at == 0 or not accepted(text[at:]), at
        swapped = text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
        assert swapped == text or not accepted(swapped), at


@pytest.mark.parametrize("added", list("0 6A\n\t.\u00a0\u200b\ufeff"))
def test_one_added_character_is_found_or_stands_outside(added: str) -> None:
    """Inside it is refused; around it what can't be seen does not count."""
    for at in range(len(V8) + 1):
        found = accepted(V8[:at] + added + V8[at:])
        assert found is None or (at in {0, len(V8)} and added.strip("\u200b\ufeff").strip() == ""), at
        assert found is None or found.payload == V8


@given(st.text() | st.text(alphabet="0123456", max_size=60).map(lambda text: "00" + text), st.booleans())
def test_any_text_is_read_or_refused(text: str, source: bool) -> None:
    """Nothing that can be pasted does more than earn a refusal."""
    assert faults_of(text, source=source)


@given(st.lists(st.tuples(st.integers(0, 99).map("{:02d}".format), st.text(min_size=1, max_size=99)), max_size=6))
def test_any_elements_are_read_or_refused(pairs: Pairs) -> None:
    """Nor do elements with right check digits that nobody foresaw."""
    text = sealed([*USUAL, *pairs])
    if not faults_of(text):
        assert parse_qris(text).payload == text
        assert len(text) <= MOST_CHARACTERS
