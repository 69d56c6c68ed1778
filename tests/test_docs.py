"""The documents say what the program does: what they leave out, or what they name and nobody knows, fails here."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from intake import cli, sentences
from intake.language import translations
from intake.settings import read_settings
from preorder.errors import PreorderError
from preorder.money import parse_rupiah
from preorder.payment import PaymentState
from preorder.status import Actor, Status, targets_from
from preorder.wording import PAYMENT_LABELS, STATUS_LABELS
from storefront import instants
from storefront.reader import read_catalogue
from storefront.vocabulary import CHOICES, FILES, KEYS, Word

CHECKOUT = Path(__file__).resolve().parent.parent
README = CHECKOUT / "README.md"
CONTRIBUTING = CHECKOUT / "CONTRIBUTING.md"
CONTENT = CHECKOUT / "docs" / "content.md"
OPERATOR = CHECKOUT / "docs" / "operator.md"
SELLER = CHECKOUT / "docs" / "penjual.md"
DECISIONS = sorted((CHECKOUT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = sorted(CHECKOUT.glob("*.md")) + sorted((CHECKOUT / "docs").rglob("*.md"))

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_INDENTED = re.compile(r"^ {4}\S.*$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
_ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def code_in(text: str) -> list[str]:
    """Give what stands in code spans and indented blocks."""
    return [span.strip("`") for span in _CODE.findall(text)] + [line.strip() for line in _INDENTED.findall(text)]


def rows_of(text: str) -> Iterator[list[str]]:
    """Give the cells of every table row."""
    for row in _ROW.findall(text):
        yield [cell.strip() for cell in row.split("|")]


def section(text: str, title: str) -> str:
    """Give the part below a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found.group(2)


def named(word: Word) -> str:
    """Give a word as the tables show it."""
    return f"`{word.indonesian}`" if word.indonesian == word.english else f"`{word.indonesian}` / `{word.english}`"


def build_program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("etalase_build", CHECKOUT / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Asked(dict[str, str]):
    """An environment without values that remembers which names were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def environment_names() -> set[str]:
    asked = Asked()
    read_settings(asked)
    return asked.names


def shop_commands() -> set[str]:
    app = Flask("etalase")
    cli.register(app)
    return set(app.cli.commands)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text_of(CHECKOUT / "Makefile"), re.MULTILINE))


def build_flags() -> set[str]:
    parser = build_program()._parser()
    return {flag for action in parser._actions for flag in action.option_strings if flag.startswith("--")} - {"--help"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist(path: Path) -> None:
    """Every `make ...` that a document names is in the Makefile."""
    used = {found for code in code_in(text_of(path)) for found in re.findall(r"(?:^|\s)make ([a-z-]+)", code)}
    assert used <= make_targets()


def test_readme_names_the_two_commands() -> None:
    """The README says how to run and how to test."""
    assert {"make run", "make test"} <= set(code_in(text_of(README)))


def test_commands_of_the_shop_are_documented() -> None:
    """Every flask command has its row for operators, and no document names one that is not there."""
    documented = {cells[0] for cells in rows_of(text_of(OPERATOR))}
    commands = shop_commands()
    assert {f"`flask --app intake {name}`" for name in commands} <= documented
    used = {name for path in DOCUMENTS for name in re.findall(r"flask --app intake ([a-z-]+)", text_of(path))}
    assert used <= commands


def test_flags_of_the_build_are_documented() -> None:
    """Every flag of build.py has its row for operators, and no document gives build.py one that it does not know."""
    part = section(text_of(OPERATOR), "`build.py`")
    documented = {flag for cells in rows_of(part) for flag in re.findall(r"--[a-z][a-z-]*", cells[0])}
    assert documented == build_flags()
    used = {
        flag
        for path in DOCUMENTS
        for code in code_in(text_of(path))
        if "build.py" in code
        for flag in re.findall(r"--[a-z][a-z-]*", code)
    }
    assert used <= build_flags()


def test_settings_are_documented() -> None:
    """Every name that the settings look for has its row for operators."""
    documented = {cells[0].strip("`") for cells in rows_of(section(text_of(OPERATOR), "Settings"))}
    assert environment_names() <= documented


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_setting_is_invented(path: Path) -> None:
    """No document names an ETALASE_ setting that the program does not read."""
    known = environment_names()
    assert set(re.findall(r"ETALASE_[A-Z_]+", text_of(path))) <= known


def test_content_keys_are_documented() -> None:
    """Every key has its place in the reference, under both spellings."""
    text = text_of(CONTENT)
    assert [name for name, word in KEYS.items() if named(word) not in text] == []


def test_content_choices_and_files_are_documented() -> None:
    """Every choice and every file name stands in the reference, under both spellings."""
    text = text_of(CONTENT)
    words = [word for group in CHOICES.values() for word in group.values()] + list(FILES.values())
    spellings = {spelling for word in words for spelling in (word.indonesian, word.english)}

    def shown(spelling: str) -> bool:
        # A folder is shown with its slash, a share of the deposit within its phrase.
        return any(re.search(rf"(?:^|[\s/]){re.escape(spelling)}/?$", code) for code in code_in(text))

    assert sorted(spelling for spelling in spellings if not shown(spelling)) == []


def test_the_sample_of_the_reference_can_be_built(tmp_path: Path) -> None:
    """The shop to copy in the reference is read without a problem."""
    samples = re.findall(r"^`(content/\S+)`:\n\n```markdown\n(.*?)^```$", text_of(CONTENT), re.MULTILINE | re.DOTALL)
    assert len(samples) == 4
    for name, sample in samples:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sample, "utf-8")
    content = read_catalogue(tmp_path / "content", tmp_path / "cache")
    assert len(content.campaigns) == 1
    assert content.warnings == ()


def _examples(title: str) -> list[tuple[str, bool]]:
    """Give each example of a table "You write", with whether it is to be understood."""
    return [
        (example.strip("`"), not cells[1].startswith("refused"))
        for cells in rows_of(section(text_of(CONTENT), title))
        for example in _CODE.findall(cells[0])
    ]


def _reads(parse: Callable[[str], Any], text: str) -> bool:
    try:
        parse(text)
    except (ValueError, PreorderError):
        return False
    return True


@pytest.mark.parametrize(("example", "understood"), _examples("Writing prices"))
def test_examples_of_prices(example: str, understood: bool) -> None:
    """Prices are read, or refused, as the reference says."""
    assert _reads(parse_rupiah, example) is understood


@pytest.mark.parametrize(("example", "understood"), _examples("Writing dates and times"))
def test_examples_of_dates(example: str, understood: bool) -> None:
    """Dates are read, or refused, as the reference says."""
    assert _reads(lambda text: instants.parse_instant(text, "WIB", closing=False), example) is understood


@pytest.mark.parametrize("example", [example for example, _ in _examples("Writing monthly rounds")])
def test_examples_of_monthly_rules(example: str) -> None:
    """Monthly rules are read as the reference says."""
    assert instants.parse_monthly(example) is not None


@pytest.mark.parametrize("example", [example for example, _ in _examples("Writing weekly rounds")])
def test_examples_of_weekly_rules(example: str) -> None:
    """Weekly rules are read as the reference says."""
    assert instants.parse_weekly(example) is not None


def _messages() -> Mapping[str, str]:
    """Give what the seller reads in the sheet, by case, with an ellipsis where a value will stand."""
    translation = translations(CHECKOUT / "templates", "id")
    cases = sentences._sentences(translation.gettext)
    return {kind: re.sub(r"%\(\w+\)s", "…", text).replace("%%", "%") for kind, text in cases.items()}


def test_messages_of_the_sheet_are_explained() -> None:
    """
    Every message that can stand in "Pesan Sistem" is in the seller's guide word for word, each with more below it, and
    no other is.
    """
    explained = dict(
        re.findall(r'^- <a id="pesan-(\w+)"></a>\*\*(.+?)\*\*\n  \S', text_of(SELLER), re.MULTILINE),
    )
    assert explained == _messages()


def test_statuses_are_explained() -> None:
    """
    The seller's guide has a row for each status, in the order of the table, with exactly the states that she may set it
    to.
    """
    labels = STATUS_LABELS["id"]
    shown = {cells[0]: cells[2] for cells in rows_of(section(text_of(SELLER), "Status dan artinya")) if len(cells) == 3}
    for title in ("Status", "---"):
        del shown[title]
    assert list(shown) == [labels[status] for status in Status]
    for status in Status:
        targets = {label for label in shown[labels[status]].split(", ") if label}
        assert targets == {labels[target] for target in targets_from(status, Actor.SELLER)}, status


def test_payment_states_are_explained() -> None:
    """The seller's guide has a row for each payment state."""
    shown = {cells[0] for cells in rows_of(section(text_of(SELLER), "Kolom Bayar"))}
    assert {PAYMENT_LABELS["id"][state] for state in PaymentState} <= shown


def anchors_of(path: Path) -> set[str]:
    """Give the anchors of a document: of its headings as GitHub makes them, and its own."""
    prose = _FENCED.sub("", text_of(path))
    headings = (re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(prose))
    return {*headings, *_ANCHOR.findall(prose)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every link and picture within the project is there, down to the heading."""
    dead = []
    for target in _LINK.findall(_CODE.sub("", _FENCED.sub("", text_of(path)))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (anchor and anchor not in anchors_of(file)):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("path", [CONTRIBUTING, *DECISIONS], ids=lambda path: path.name)
def test_files_that_are_named_exist(path: Path) -> None:
    """Contributors are sent to files that are there."""
    paths = {code for code in code_in(text_of(path)) if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/[\w.-]*", code)}
    built = {"site/catalogue.json"}
    assert sorted(name for name in paths - built if not (CHECKOUT / name).exists()) == []
