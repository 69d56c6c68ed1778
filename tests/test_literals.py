"""What people read comes from the translations: no sentence stands in a template or in the code of the pages."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
CODE = sorted([*(ROOT / "storefront").rglob("*.py"), *(ROOT / "intake").rglob("*.py"), ROOT / "build.py"])
CATALOGUES = sorted(TEMPLATES.glob("translations/*/LC_MESSAGES/*.po"))

# Attributes that browsers show or read out.
SPOKEN = {"alt", "title", "placeholder", "aria-label", "label", "data-copy-word", "data-copied-word"}
# What a macro writes that gives a tag its attributes.
ATTRIBUTES = re.compile(r"\s*(?:[a-z-]+=\"[^\"]*\"\s*)+")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[a-z]|%%|%[sd]|\{[a-z_]*\}")


class Literals(HTMLParser):
    """Collects text and spoken attributes that hold a letter."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes."""
        given = dict(attrs)
        spoken = {name for name in given if name in SPOKEN}
        if tag == "meta" and given.get("name") == "description":
            spoken.add("content")
        for name in spoken:
            self._look(given[name] or "")

    def handle_data(self, data: str) -> None:
        """Look at the text."""
        self._look(data)

    def _look(self, text: str) -> None:
        if any(character.isalpha() for character in text) and not ATTRIBUTES.fullmatch(text):
            self.found.append(" ".join(text.split()))


def bare_html(source: str) -> str:
    """
    Give a template's HTML without its blocks and with each expression as what it says literally: strings that are looked up, compared or
    handed to a function (such as _) say nothing.
    """
    out: list[str] = []
    inside, depth, before, classes = "", 0, "", False
    for _, kind, text in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "data":
            # The one block that fills an attribute: the classes of <body>.
            out.append("" if classes else text)
            classes = False
        elif kind in {"variable_begin", "block_begin"}:
            inside, depth, before = kind, 0, ""
        elif inside == "block_begin" and kind == "name":
            classes = classes or text == "body_class"
        elif kind in {"variable_end", "block_end"}:
            out.append("\N{MIDDLE DOT}" if inside == "variable_begin" else "")
            inside = ""
        elif inside == "variable_begin" and kind != "whitespace":
            if kind == "operator":
                depth += (text in "([{") - (text in ")]}")
            elif kind == "string" and depth == 0 and before not in {"==", "!=", "in"}:
                out.append(text[1:-1])
            before = text
    return "".join(out)


def literals(source: str) -> list[str]:
    """Give the literal texts for people in a template."""
    reader = Literals()
    reader.feed(bare_html(source))
    reader.close()
    return reader.found


@pytest.mark.parametrize("source", [
    "<p>Pesan sekarang</p>", '<img alt="Nastar">', '{{ "Pesan" if open else "Tutup" }}', '<p>{{ name ~ " pesan" }}</p>',
    '<meta name="description" content="Toko kue">', '<input placeholder="Nama">',
])  # fmt: skip
def test_a_literal_is_found(source: str) -> None:
    """The search below finds text, spoken attributes and strings in expressions."""
    assert literals(source)


@pytest.mark.parametrize("source", [
    '<p class="lead">{{ _("Order") }}</p>', '<p>{{ _("Free") if fee == "free" else fee|rupiah }}</p>', '<b class="{{ "on" if x }}">{{ y["key"] }} × 2</b>',
    '{% set word = "open" %}', "{# a note #}",
])  # fmt: skip
def test_what_is_translated_or_unseen_is_left_alone(source: str) -> None:
    """Translated sentences, names of classes and keys, and comments are no literals."""
    assert not literals(source)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_templates_hold_no_sentence(page: Path) -> None:
    """Every word in a template comes from a translation or from the shop."""
    assert not literals(page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_templates_pass_the_strict_policy(page: Path) -> None:
    """No template needs unsafe-inline: no style or event attribute, no script of its own, nothing from another host."""
    html = bare_html(page.read_text("utf-8"))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"(src|href|action)=[\"']?(https?:)?//", html)


# Calls whose words are translated, or read by the operator or nobody.
_TRANSLATING = {"_", "gettext", "ngettext"}
_UNREAD = {"debug", "info", "warning", "error", "exception", "critical", "getLogger", "compile", "execute", "text", "ValueError", "RuntimeError",
           "TypeError", "AssertionError", "KeyError", "CheckConstraint"}  # fmt: skip
# What a sentence for people looks like: a capital, then at least three words of small letters.
_SENTENCE = re.compile(r"^[A-Z][a-z']* (?:[a-z']+,? ){2,}[a-z']+")
# Words that only an Indonesian sentence holds; the vocabulary of headers and labels is single words.
_INDONESIAN = re.compile(
    r"\b(pesanan|silakan|kakak|belum|sudah|tidak|supaya|kembali)\b .*\b[a-z]+ [a-z]+", re.IGNORECASE
)


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give line and text of each string constant of a module that looks like a sentence and is not translated."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            skipped.add(node.body[0].value)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Call):
            name = (
                node.func.id
                if isinstance(node.func, ast.Name)
                else node.func.attr
                if isinstance(node.func, ast.Attribute)
                else ""
            )
            if name in _TRANSLATING | _UNREAD:
                skipped.update(
                    part
                    for argument in (*node.args, *(word.value for word in node.keywords))
                    for part in ast.walk(argument)
                )
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            text = " ".join(node.value.split())
            if _SENTENCE.search(text) or _INDONESIAN.search(text):
                yield node.lineno, text


@pytest.mark.parametrize("module", CODE, ids=lambda module: module.relative_to(ROOT).as_posix())
def test_code_holds_no_sentence(module: Path) -> None:
    """A sentence in the code stands within _()."""
    # Commands describe their flags in English, as programs do; what they report is translated. The vocabulary is words in both languages.
    helps = {"build.py", "cli.py", "settings.py", "vocabulary.py"}
    found = [] if module.name in helps else list(sentences(ast.parse(module.read_text("utf-8"))))
    assert not found


def used() -> set[str | tuple[str, ...]]:
    """Give every sentence that code and templates ask a translation for."""
    with (ROOT / "babel.cfg").open("r", encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    asked: set[str | tuple[str, ...]] = set()
    for part in ("preorder", "storefront", "intake", "templates"):
        below = [
            (re.sub(rf"^{part}/", "", pattern), method) for pattern, method in methods if pattern.startswith(f"{part}/")
        ]
        rules = {
            re.sub(rf"^{part}/", "", pattern): values
            for pattern, values in options.items()
            if pattern.startswith(f"{part}/")
        }
        for _, _, message, _, _ in extract_from_dir(ROOT / part, below, rules, keywords):
            asked.add(message)
    return asked


def catalogue(path: Path) -> Catalog:
    """Read a .po file."""
    with path.open("rb") as opened:
        return read_po(opened)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_every_sentence_is_translated(path: Path) -> None:
    """Each sentence asked for has a translation: not empty, not a guess, with the same placeholders."""
    known = catalogue(path)
    asked = used()
    assert len(asked) > 300  # else the search itself is broken
    wrong = []
    for message in asked:
        singular = message[0] if isinstance(message, tuple) else message
        found = known.get(singular)
        texts = (
            [] if found is None else list(found.string) if isinstance(found.string, tuple | list) else [found.string]
        )
        if found is None or found.fuzzy or not texts or not all(texts):
            wrong.append(("untranslated", singular))
            continue
        wanted = set(PLACEHOLDER.findall(message[-1] if isinstance(message, tuple) else message))
        wrong += [("placeholders differ", singular) for text in texts if set(PLACEHOLDER.findall(text)) != wanted]
    assert not wrong


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_the_compiled_catalogue_is_the_written_one(path: Path) -> None:
    """The .mo that the shop reads says what the .po says."""
    with path.with_suffix(".mo").open("rb") as opened:
        compiled = gettext.GNUTranslations(opened)
    for message in catalogue(path):
        if message.id and not isinstance(message.id, tuple | list):
            assert compiled.gettext(message.id) == message.string
