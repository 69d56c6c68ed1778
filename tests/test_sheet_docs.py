"""The documents about the Google spreadsheet say what the commands do: every sentence, option and column is in them."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from intake.cli_sheet import export_command, sheet_group
from intake.language import translations
from intake.settings import CHECKOUT
from intake.sheet.columns import ORDERS
from intake.sheet_report import troubles

DOCUMENTS = {"en": CHECKOUT / "docs" / "google-sheet.md", "id": CHECKOUT / "docs" / "google-sheet-penjual.md"}
_MESSAGE = re.compile(r'^- <a id="masalah-(\w+)"></a>\*\*(.+?)\*\*\n  \S', re.MULTILINE)


def shown(text: str) -> str:
    """Give a sentence as documents show it: an ellipsis where a value will stand."""
    return re.sub(r"%\(\w+\)s", "\N{HORIZONTAL ELLIPSIS}", text).replace("%%", "%")


@pytest.mark.parametrize("language", DOCUMENTS)
def test_every_message_is_explained(language: str) -> None:
    """Each sentence that the commands can say is there word for word, with more below it, and no other is."""
    gettext = translations(CHECKOUT / "templates", language).gettext
    explained = dict(_MESSAGE.findall(DOCUMENTS[language].read_text("utf-8")))
    assert explained == {kind: shown(text) for kind, text in troubles(gettext).items()}


@pytest.mark.parametrize("language", DOCUMENTS)
def test_every_column_is_listed(language: str) -> None:
    """The table of columns holds all of them in their order, those that she may edit in bold."""
    other = {"en": "id", "id": "en"}[language]
    wanted = [
        f"| {'**' if column.editable else ''}{column.headers[language]}{'**' if column.editable else ''}"
        f" | {column.headers[other]} |"
        for column in ORDERS.columns
    ]
    text = DOCUMENTS[language].read_text("utf-8")
    assert [line for line in text.splitlines() if line in set(wanted)] == wanted


def test_every_command_and_option_is_listed() -> None:
    """Operators find each command and each of its options, and none that is not there."""
    text = DOCUMENTS["en"].read_text("utf-8")
    group = sheet_group(str, lambda command: 0, lambda settings: "en")
    assert set(re.findall(r"`flask --app intake sheet ([a-z-]+)", text)) == set(group.commands)
    for name, command in group.commands.items():
        options = {
            option
            for each in command.params
            if isinstance(each, click.Option)
            for option in each.opts
            if option != "--help"
        }
        assert all(option in text for option in options), name
    export = export_command(str, lambda command: 0, lambda settings: "en")
    known = {
        option for command in [*group.commands.values(), export] for each in command.params for option in each.opts
    }
    for path in DOCUMENTS.values():
        used = {
            option
            for code in re.findall(r"`([^`\n]+)`", path.read_text("utf-8"))
            for option in re.findall(r"(?<!\S)--[a-z-]+", code)
        } - {"--app"}
        assert used <= known, path.name


def test_both_documents_have_the_same_parts() -> None:
    """Whoever reads the other language finds the same messages in the same order."""
    kinds = [[kind for kind, _ in _MESSAGE.findall(Path(path).read_text("utf-8"))] for path in DOCUMENTS.values()]
    assert kinds[0] == kinds[1]
