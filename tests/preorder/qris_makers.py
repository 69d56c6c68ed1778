"""QRIS payloads for tests: known ones, and makers of right and almost right ones. All merchants are made up."""

from __future__ import annotations

from hypothesis import strategies as st

ACQUIRER = "0014COM.CONTOH.WWW011893600999000000123402150000000000012340303UMI"
SECOND_ACQUIRER = "0012ID.MISAL.WWW011893600888000000567802150000000000056780303UKE"
NATIONAL = "0014ID.CO.QRIS.WWW0215ID10200000000110303UMI"

# Static: of two templates, the longest name and city, the national template alone, check digits with zeros in front, two
# acquirers. Dynamic: the same with an amount. Three implementations agree on them.
V1 = "00020101021126660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UMI51440014ID.CO.QRIS.WWW0215ID10200000000110303UMI5204581253033605802ID5912DAPUR CONTOH6007BANDUNG61054011562070703A01630414A9"
V2 = "00020101021226660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UMI51440014ID.CO.QRIS.WWW0215ID10200000000110303UMI52045812530336054061503475802ID5912DAPUR CONTOH6007BANDUNG61054011562070703A0163040DB9"
V3 = "00020101021226660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UMI51440014ID.CO.QRIS.WWW0215ID10200000000110303UMI520458125303360540712500005802ID5912DAPUR CONTOH6007BANDUNG61054011562070703A0163046BE0"
V4 = "00020101021126660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UMI51440014ID.CO.QRIS.WWW0215ID10200000000110303UMI5204546253033605802ID5925TOKO KUE BU SRI NGAWI 99A6015KOTA ADM. JAKSE61051234563041A93"
V5 = "00020101021226660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UMI51440014ID.CO.QRIS.WWW0215ID10200000000110303UMI520454625303360540115802ID5925TOKO KUE BU SRI NGAWI 99A6015KOTA ADM. JAKSE6105123456304C2DC"
V6 = "00020101021151440014ID.CO.QRIS.WWW0215ID20200000000220303UMI5204569153033605802ID5912HIJAB CONTOH6008SURABAYA61056011162070703A016304AE04"
V7 = "00020101021126660014COM.CONTOH.WWW011893600999000000123402150000000000000960303UMI51440014ID.CO.QRIS.WWW0215ID10200000000110303UMI5204581253033605802ID5911KOPI CONTOH6006SLEMAN61055528162070703A0163040068"
V8 = "00020101021126660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UKE27640012ID.MISAL.WWW011893600888000000567802150000000000056780303UKE51440014ID.CO.QRIS.WWW0215ID10200000000110303UKE5204581253033605802ID5912BATIK CONTOH6008DENPASAR61058011162070703K026304D49F"
V9 = "00020101021226660014COM.CONTOH.WWW011893600999000000123402150000000000012340303UKE27640012ID.MISAL.WWW011893600888000000567802150000000000056780303UKE51440014ID.CO.QRIS.WWW0215ID10200000000110303UKE52045812530336054069999995802ID5912BATIK CONTOH6008DENPASAR61058011162070703K0263042624"

STATICS = {"V1": V1, "V4": V4, "V6": V6, "V7": V7, "V8": V8}
DYNAMICS = [(V1, 150_347, V2), (V1, 1_250_000, V3), (V4, 1, V5), (V8, 999_999, V9)]

# The elements of a payload like V1.
Pairs = list[tuple[str, str]]
USUAL: Pairs = [
    ("00", "01"), ("01", "11"), ("26", ACQUIRER), ("51", NATIONAL), ("52", "5812"), ("53", "360"), ("58", "ID"),
    ("59", "DAPUR CONTOH"), ("60", "BANDUNG"), ("61", "40115"), ("62", "0703A01"),
]  # fmt: skip


def crc(text: str) -> str:
    """Give the check digits, bit by bit as the definition has it: not the way of the module under test."""
    register = 0xFFFF
    for byte in text.encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return f"{register:04X}"


def tlv(pairs: Pairs) -> str:
    """Join tags and values; lengths count characters."""
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in pairs)


def sealed(pairs: Pairs) -> str:
    """Give a payload of these elements with right check digits, whatever else is wrong with it."""
    body = tlv(pairs) + "6304"
    return body + crc(body)


def split(text: str) -> Pairs:
    """Give the elements of a payload that is known to be right, check digits included."""
    pairs, at = [], 0
    while at < len(text):
        end = at + 4 + int(text[at + 2 : at + 4])
        pairs.append((text[at : at + 2], text[at + 4 : end]))
        at = end
    return pairs


def usual(**changes: str | None) -> str:
    """
    Give USUAL with other values, sealed: usual(e58="MY"); None leaves an element out. A new one goes where its tag belongs.
    """
    elements = dict(USUAL) | {name[1:]: value for name, value in changes.items() if value is not None}
    for name, value in changes.items():
        if value is None:
            del elements[name[1:]]
    return sealed(sorted(elements.items()))


DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COMMON = st.characters(min_codepoint=32, max_codepoint=126)


def common(most: int) -> st.SearchStrategy[str]:
    """Texts of the common character set that don't consist of blanks."""
    return st.text(COMMON, min_size=1, max_size=most).filter(str.strip)


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=least, max_size=most)


@st.composite
def acquirers(draw: st.DrawFn) -> str:
    """Account templates as acquirers write them, which always have a PAN, most an id."""
    pairs = [("00", "COM." + draw(st.text(CAPITALS + ".-", min_size=1, max_size=28)))]
    pairs.append(("01", draw(digits(15, 19))))
    if draw(st.booleans()):
        pairs.append(("02", draw(st.text(CAPITALS + DIGITS, min_size=1, max_size=15))))
    pairs.append(("03", draw(st.sampled_from(["UMI", "UKE", "UME", "UBE", "URE"]))))
    return tlv(pairs)


@st.composite
def sources(draw: st.DrawFn) -> Pairs:
    """Right static payloads of every shape, elements in ascending order, without check digits."""
    pairs = [("00", "01"), ("01", "11")]
    tags = draw(st.sets(st.integers(26, 45), max_size=2))
    pairs += [(str(tag), draw(acquirers())) for tag in sorted(tags)]
    if not tags or draw(st.booleans()):
        national = [("00", "ID.CO.QRIS.WWW"), ("02", "ID" + draw(digits(13, 13))), ("03", "UMI")]
        pairs.append(("51", tlv(national)))
    pairs += [
        ("52", draw(digits(4, 4))),
        ("53", "360"),
        ("58", "ID"),
        ("59", draw(common(25))),
        ("60", draw(common(15))),
    ]
    if draw(st.booleans()):
        pairs.append(("61", draw(digits(5, 5))))
    if draw(st.booleans()):
        pairs.append(("62", tlv([("05", draw(common(25))), ("07", draw(common(25)))])))
    if draw(st.booleans()):
        name = draw(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=25))
        pairs.append(("64", tlv([("00", "id"), ("01", name)])))
    return pairs
