"""QRIS in shop.md: read character by character, every fault at its line with what to do, and never on a static page."""

from __future__ import annotations

import gettext
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from preorder.catalogue import Catalogue, from_json
from preorder.qris import CEILING
from preorder.qris_elements import FaultCode
from preorder.shop import QrisAccount
from storefront import qris_report, report
from storefront.builder import Job, build
from storefront.linting.rules import RULES
from storefront.problems import ContentErrors, Problem
from storefront.reader import read_catalogue
from tests.preorder.qris_makers import ACQUIRER, NATIONAL, STATICS, USUAL, V1, V2, sealed, tlv, usual
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of, make_content, snapshot

BLOCK = "qris:\n  kode: '{}'\n"


def paste(job: Job, payload: str, more: str = "") -> Path:
    """Give the shop this QRIS."""
    path = job.content / "shop.md"
    edit(path, "tautan:\n", BLOCK.format(payload) + more + "tautan:\n")
    return path


def qris_of(job: Job) -> QrisAccount:
    found = read_catalogue(job.content, job.cache).shop.qris
    assert found is not None
    return found


def published(job: Job) -> Catalogue:
    return from_json(json.loads((job.output / "catalogue.json").read_bytes()))


def problems_of(job: Job) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    return [(Path(problem.file).name, problem.line, problem.code) for problem in raised.value.problems]


@pytest.mark.parametrize("payload", STATICS.values(), ids=STATICS)
def test_a_pasted_code_is_read(job: Job, payload: str) -> None:
    """Nothing but the text is needed; it is off, with the usual ceiling."""
    paste(job, payload)
    assert qris_of(job) == QrisAccount(payload, dynamic=False, ceiling=CEILING)


def test_a_shop_without_one(job: Job) -> None:
    """No QRIS is no mistake."""
    assert read_catalogue(job.content, job.cache).shop.qris is None


@pytest.mark.parametrize(
    ("more", "dynamic", "ceiling"),
    [
        ("  dinamis: ya\n", True, 10_000_000), ("  dinamis: tidak\n", False, 10_000_000), ("  dynamic: yes\n", True, 10_000_000),
        ("  maksimal: 10.000.000\n", False, 10_000_000), ("  maksimal: 2jt\n  dinamis: ya\n", True, 2_000_000), ("  most: Rp500.000\n", False, 500_000),
    ],
)  # fmt: skip
def test_its_settings(job: Job, more: str, dynamic: bool, ceiling: int) -> None:
    """Amounts and yes or no as everywhere, in both languages."""
    paste(job, V1, more)
    assert qris_of(job) == QrisAccount(V1, dynamic, ceiling)  # type: ignore[arg-type]


def test_english_keys_and_one_line(job: Job) -> None:
    """The whole block in braces, in English."""
    edit(job.content / "shop.md", "tautan:\n", f'qris: {{code: "{V1}", dynamic: no, most: 5.000.000}}\ntautan:\n')
    assert qris_of(job) == QrisAccount(V1, False, 5_000_000)  # type: ignore[arg-type]


def test_every_blank_is_kept(job: Job) -> None:
    """Two blanks in a name are two characters of it; blanks around the text are none."""
    payload = usual(e59="DAPUR  BU   TI", e60=" KOTA")
    paste(job, f"  {payload}  ")
    assert qris_of(job).payload == payload
    assert qris_of(job).merchant_name == "DAPUR  BU   TI"


# What the sheet of facts lists as to be refused, and the problem that each becomes.
REFUSED: dict[str, tuple[str, FaultCode]] = {
    "one character changed": (V1.replace("BANDUNG", "BANDENG"), FaultCode.CRC_WRONG),
    "CRC missing": (V1[:-8], FaultCode.CRC_MISSING),
    "cut short": (V1[:100], FaultCode.RUNS_PAST_END),
    "cut to two characters": ("00", FaultCode.LOOSE_END),
    "length past the end": (V1.replace("5912DAPUR", "5999DAPUR"), FaultCode.RUNS_PAST_END),
    "length no digits": (V1.replace("5912DAPUR", "59xxDAPUR"), FaultCode.BAD_LENGTH),
    "something after 63": (V1 + "0102", FaultCode.AFTER_CRC),
    "country": (usual(e58="MY"), FaultCode.COUNTRY),
    "currency": (usual(e53="702"), FaultCode.CURRENCY),
    "no account": (usual(e26=None, e51=None), FaultCode.NO_ACCOUNT),
    "00 not first": (sealed([("01", "11"), ("00", "01"), *USUAL[2:]]), FaultCode.NOT_FIRST),
    "01 = 13": (usual(e01="13"), FaultCode.WRONG_VALUE),
    "repeated tag": (sealed([*USUAL, ("62", "0703A01")]), FaultCode.REPEATED),
    "name of 26": (usual(e59="x" * 26), FaultCode.VALUE_TOO_LONG),
    "broken template": (usual(e26=ACQUIRER[:-1]), FaultCode.BAD_TEMPLATE),
    "has an amount": (usual(e54="1000"), FaultCode.HAS_AMOUNT),
    "dynamic": (V2, FaultCode.ALREADY_DYNAMIC),
    "tip": (usual(e55="01"), FaultCode.HAS_TIP),
    "fixed fee": (usual(e55="02", e56="500"), FaultCode.HAS_TIP),
    "fee in percent": (usual(e55="03", e57="0.7"), FaultCode.HAS_TIP),
    "link": ("https://contoh.example/qris", FaultCode.LINK),
    "empty": ("", FaultCode.EMPTY),
    "blanks": ("   ", FaultCode.EMPTY),
    "NMID": ("ID1020000000011", FaultCode.NMID_ONLY),
    "file name": ("qris.jpg", FaultCode.PICTURE),
    "words": ("QRIS toko saya", FaultCode.NOT_QRIS),
    "bad NMID": (usual(e51=NATIONAL.replace("ID1020000000011", "ID102000000001X")), FaultCode.BAD_NMID),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_code_changes_nothing(
    case: str, job: Job, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told at its line, in a sentence with every value filled in; the old site stays byte for byte."""
    assert run() == 0
    before = snapshot(job.output)
    payload, code = REFUSED[case]
    path = paste(job, payload)
    line = line_of(path, "  kode: ")
    assert ("shop.md", line, code.value) in problems_of(job)
    capsys.readouterr()
    assert run() == 1
    told = [text for text in capsys.readouterr().err.splitlines() if text.startswith(f"content/shop.md:{line}: kode")]
    assert told and "%(" not in told[0]
    assert snapshot(job.output) == before


def test_all_faults_come_at_once(job: Job) -> None:
    """Each fault is a problem of its own, beside those of the rest of the file."""
    path = paste(job, usual(e53="702", e58="MY", e59="x" * 30), "  dinamis: mungkin\n  maksimal: 999\n")
    edit(path, "dp: 50%", "dp: 500%")
    line = line_of(path, "  kode: ")
    assert {found for found in problems_of(job) if found[1] in {line, line + 1, line + 2}} == {
        ("shop.md", line, "qris_currency"),
        ("shop.md", line, "qris_country"),
        ("shop.md", line, "qris_value_too_long"),
        ("shop.md", line + 1, "not_choice"),
        ("shop.md", line + 2, "amount_too_small"),
    }
    assert len(problems_of(job)) == 6


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("qris:\n  dinamis: ya\n", "missing_example"), ("qris:\n  kode:\n", "empty_value"), ("qris:\n  kode: [a]\n", "not_text"),
        ("qris: 00020101\n", "not_keys"), ("qris:\n  kode: x\n  nominal: 5000\n", "unknown_key"), ("qris: ya\n", "not_keys"),
    ],
)  # fmt: skip
def test_a_wrong_block(job: Job, block: str, code: str) -> None:
    """No text, something else than a text, or keys that it has not."""
    edit(job.content / "shop.md", "tautan:\n", f"{block}tautan:\n")
    assert code in [found for _, _, found in problems_of(job)]


@pytest.mark.parametrize("how", ["name", "id"])
def test_an_account_is_no_qris(job: Job, how: str) -> None:
    """Who writes her QRIS among the accounts learns where it belongs, at the line of its name or id."""
    path = job.content / "shop.md"
    edit(path, "    nama: BCA\n", "    nama: QRIS\n" if how == "name" else "    nama: BCA\n    id: qris\n")
    at = line_of(path, "    nama: QRIS" if how == "name" else "    id: qris")
    assert problems_of(job) == [("shop.md", at, "qris_as_account")]


FIELDS: dict[str, object] = {
    "key": "kode", "position": 9, "element": "59", "after": "58", "first": "01", "found": "xx", "length": 30, "left": 3, "most": 25,
    "character": "\u00e9", "value": "MY", "allowed": "11, 12", "digits": 4, "elements": "55, 57",
}  # fmt: skip


def test_every_fault_has_its_sentence() -> None:
    """What the rules can find has words, in which each element that is meant is named."""
    sentences = qris_report.sentences(lambda text: text)
    linted = {code for code in RULES if code.startswith("qris_")}
    assert {code.value for code in FaultCode} == (set(sentences) | linted) - {"qris_loose_start", "qris_as_account"}
    for code in FaultCode:
        if code.value in linted:
            continue
        told = report.describe(Problem("shop.md", 4, code, FIELDS), gettext.NullTranslations(), "en")
        assert told.startswith("shop.md:4: kode")
        assert "%(" not in told
        for field, shown in (
            ("element", "59 (merchant name)"),
            ("after", "58 (country)"),
            ("elements", "55 (tip or fee), 57 (fee in percent)"),
        ):
            if f"%({field})s" in sentences[code]:
                assert shown in told


@pytest.mark.parametrize(
    ("tag", "shown"),
    [("51.02", "51.02 (NMID)"), ("51.00", "51.00 (national merchant data)"), ("27.01", "27.01 (merchant account)"), ("62.07", "62.07 (additional data)"), ("80", "80 (other data)")],
)  # fmt: skip
def test_elements_within_others_are_named(tag: str, shown: str) -> None:
    """By their own name, else by that of what they belong to."""
    assert qris_report.named({"element": tag, "value": tag}, lambda text: text) == {"element": shown, "value": tag}


def test_a_text_that_ends_at_once_names_no_element(job: Job) -> None:
    """ "00" alone is told as cut short, without an element before it."""
    told = report.describe(
        Problem("shop.md", 4, "qris_loose_end", {"key": "kode", "after": "", "position": 1, "found": "00"}),
        gettext.NullTranslations(),
        "en",
    )
    assert '"00"' in told and "()" not in told and "other data" not in told


def test_an_old_code_is_only_warned(job: Job, run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """Without the national element it is published, and told each time at its line; one that has it is not."""
    path = paste(job, usual(e51=None))
    line = line_of(path, "  kode: ")
    for arguments in ((), (), ("--check",)):
        assert run(*arguments) == 0
        told = [text for text in capsys.readouterr().out.splitlines() if "qris_no_national" in text]
        assert len(told) == 1 and told[0].startswith(f"content/shop.md:{line}: ")
    edit(path, usual(e51=None), V1)
    assert run() == 0
    assert "qris_no_national" not in capsys.readouterr().out


@pytest.mark.parametrize("language", ["id", "en"])
def test_static_pages_name_it_and_no_more(tmp_path: Path, language: str) -> None:
    """Home page, campaign and contract name QRIS with its merchant; no page but the catalogue holds the code, its text or its numbers."""
    job = Job(make_content(tmp_path), tmp_path / "site", CHECKOUT / "templates")
    path = paste(job, V1)
    edit(path, "bahasa: id", f"bahasa: {language}")
    build(job, NOW)
    for page in ("index.html", "nastar/index.html"):
        assert "DAPUR CONTOH" in (job.output / page).read_text("utf-8")
    for file, (_, data) in snapshot(job.output).items():
        if file == "catalogue.json":
            continue
        for hidden in (b"00020101", b"ID1020000000011", b"9360099900", b'class="qr"'):
            assert hidden not in data, file
    assert "DAPUR CONTOH" in published(job).campaigns[0].terms_html


def test_a_new_merchant_is_a_new_contract(job: Job) -> None:
    """What a buyer accepts names the recipient, so another one is another contract; turning it on is not."""
    real = Job(job.content, job.output, CHECKOUT / "templates")
    path = paste(job, V1)
    hashes = []
    for old, new in (("", ""), (V1, usual(e59="TOKO LAIN")), ("tautan:\n", "  dinamis: ya\ntautan:\n")):
        if old:
            edit(path, old, new)
        build(real, NOW)
        hashes.append(published(real).campaigns[0].terms_hash)
    assert hashes[0] != hashes[1] == hashes[2]
    assert published(real).shop.qris == QrisAccount(usual(e59="TOKO LAIN"), dynamic=True)


def test_the_sample_shows_a_made_up_one(tmp_path: Path) -> None:
    """The sample shop has a QRIS that is right in form, off, with the invented acquirer of the tests."""
    found = read_catalogue(CHECKOUT / "content", tmp_path).shop.qris
    assert found is not None and not found.dynamic
    assert found.source.warnings == ()
    assert [account.guid for account in found.source.accounts] == ["COM.CONTOH.WWW", "ID.CO.QRIS.WWW"]
    assert tlv([("59", found.merchant_name)]) == "5911TERAS WULAN"
