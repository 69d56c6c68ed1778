"""
What the repository itself promises: whoever clones it can install, run and check it, and finds nothing of our machines
in it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
NEVER_WALKED = {
    ".git",
    ".venv",
    ".cache",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "data",
}
PACKAGES = ("preorder", "storefront", "intake")
TRANSLATIONS = CHECKOUT / "templates" / "translations"
# In pieces, so that this file does not hold what it looks for.
FOREIGN = re.compile(
    rb"(?<![\w.])(?:"
    + rb"|".join(
        (
            rb"(?:test\.)?py" + rb"pi\.org",
            rb"files\.python" + rb"hosted\.org",
            rb"registry\.npm" + rb"js\.org",
            rb"/ro" + rb"ot/",
            rb"/wo" + rb"rk/",
            rb"/Us" + rb"ers/[A-Za-z]",
            rb"/op" + rb"t/(?:py" + rb"pi|wheels)",
        )
    )
    + rb")"
)


def git(*arguments: str) -> list[str]:
    """Give the paths that git names; a checkout of another owner's, as CI has it, is read all the same."""
    command = ["git", "-c", "safe.directory=*", "-C", str(CHECKOUT), *arguments, "-z"]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    return [name for name in output.decode().split("\0") if name]


def is_checkout() -> bool:
    return (CHECKOUT / ".git").exists()


def our_files() -> list[Path]:
    """
    Give every file that is, or would be, committed; without git (an unpacked archive) all but what tools leave behind.
    """
    if is_checkout():
        names = git("ls-files", "--cached", "--others", "--exclude-standard")
        return [path for name in names if (path := CHECKOUT / name).is_file()]
    return [
        path
        for path in CHECKOUT.rglob("*")
        if path.is_file()
        and not NEVER_WALKED & set(path.relative_to(CHECKOUT).parts)
        and (path.relative_to(CHECKOUT).parts[0] != "site" or path.name == ".gitkeep")
    ]


def pins(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Give name -> (version, hashes) of a lock; anything that is neither pin, hash nor comment fails."""
    found: dict[str, tuple[str, list[str]]] = {}
    text = (CHECKOUT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})*)\s*", line)
        assert pin, f"{lock}: {line[:80]!r} is no pin with hashes"
        found[canonicalize_name(pin[1])] = pin[2], pin[3].split()
    return found


def project() -> dict[str, object]:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    """What is installed is what was locked, byte for byte, from whichever index."""
    assert pins(lock)
    assert [name for name, (_, hashes) in pins(lock).items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_index(lock: str) -> None:
    """A lock names packages, never where to get them."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?:|file:|--(?:extra-)?index|--find-links|--trusted-host", text) == []


def test_locks_hold_what_the_project_asks_for() -> None:
    """Each dependency is pinned inside its range; the tests run on the very versions that the shop runs on."""
    runtime, development = pins(LOCKS[0]), pins(LOCKS[1])
    asked = project()
    for wanted, lock in ((asked["dependencies"], runtime), (asked["optional-dependencies"]["dev"], development)):  # type: ignore[index]
        for text in wanted:  # type: ignore[attr-defined]
            requirement = Requirement(text)
            version, _ = lock[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f"{text}, but {version} is locked"
    assert {name: development.get(name) for name in runtime} == runtime


def test_every_package_is_listed() -> None:
    """
    Packages are named one by one in pyproject.toml: a new one that is forgotten there would be missing where it is
    installed.
    """
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    there = {
        ".".join(init.parent.relative_to(CHECKOUT).parts)
        for name in PACKAGES
        for init in (CHECKOUT / name).rglob("__init__.py")
    }
    assert set(listed) == there


def test_every_make_target_is_explained() -> None:
    """`make` alone says what each target does; none is hidden, none is explained that isn't there."""
    text = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))
    shown = subprocess.run(
        ["make", "--no-print-directory"], check=True, capture_output=True, text=True, cwd=CHECKOUT
    ).stdout
    explained = dict(re.findall(r"^  make (\S+)\s+(\S.*)$", shown, re.MULTILINE))
    assert set(explained) == targets
    assert targets == set(re.findall(r"\S+", " ".join(re.findall(r"^\.PHONY:(.*)$", text, re.MULTILINE))))


def test_nothing_of_a_machine_is_in_the_repository() -> None:
    """No file names a package registry or a path of the machine it was written on."""
    found = {
        str(path.relative_to(CHECKOUT)): match.group().decode()
        for path in our_files()
        if (match := FOREIGN.search(path.read_bytes()))
    }
    assert found == {}


def test_nothing_made_is_committed() -> None:
    """Built pages, orders, secrets and compiled Python are never part of the program."""
    names = git("ls-files", "--cached") if is_checkout() else [str(path.relative_to(CHECKOUT)) for path in our_files()]
    made = re.compile(r"(^|/)__pycache__/|\.pyc$|^site/(?!\.gitkeep$)|^data/|(^|/)\.env$|^\.cache/|^\.venv/")
    assert [name for name in names if made.search(name)] == []


def test_the_site_holds_no_python() -> None:
    """What is published is pages; a program there would be given to everybody."""
    assert [str(path) for path in (CHECKOUT / "site").rglob("*.py*")] == []


def test_ci_can_be_started() -> None:
    """CI starts the script itself."""
    assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)


def read_catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "etalase.po").open("rb") as file:
        return read_po(file, locale=language, domain="etalase")


def sentences(catalogue: Catalog) -> dict[object, object]:
    return {
        _strings(message.id): _strings(message.string)
        for message in catalogue
        if message.id and any(_strings(message.string))
    }


LANGUAGES = sorted({path.name for path in TRANSLATIONS.iterdir() if path.is_dir()} | {"id"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_sentences_are_current(language: str) -> None:
    """What people read (.mo) is what the translator wrote (.po); run `make translations` where not."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "etalase.mo").open("rb") as file:
        compiled = read_mo(file)
    assert sentences(compiled) == sentences(read_catalogue(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_whole(language: str) -> None:
    """Nobody reads half a page in another language, and no amount or date falls out of a sentence."""
    catalogue = read_catalogue(language)
    # Babel compiles no catalogue whose header is fuzzy, and doesn't say so.
    assert not catalogue.fuzzy
    assert [
        message.id for message in catalogue if message.id and (message.fuzzy or not all(_strings(message.string)))
    ] == []
    assert [(message.id, [str(error) for error in errors]) for message, errors in catalogue.check()] == []


def _strings(translation: object) -> tuple[object, ...]:
    return tuple(translation) if isinstance(translation, (list, tuple)) else (translation,)


SKIPS = {
    "mark": "import pytest\n@pytest.mark.skip(reason='no')\ndef test_it(): pass\n",
    "call": "import pytest\ndef test_it(): pytest.skip('no')\n",
    "fixture": "import pytest\n@pytest.fixture\ndef it(): pytest.skip('no')\ndef test_it(it): pass\n",
    "file": "import pytest\npytest.skip('no', allow_module_level=True)\n",
    "module": "import pytest\npytest.importorskip('no_such_module')\n",
}


@pytest.mark.parametrize("ci", [True, False], ids=["in CI", "elsewhere"])
def test_ci_skips_nothing(tmp_path: Path, ci: bool) -> None:
    """A skipped test fails in CI, however it was skipped; elsewhere it may be skipped."""
    for name, source in SKIPS.items():
        (tmp_path / f"test_{name}.py").write_text(source, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}}
    environment |= {"PYTHONPATH": str(CHECKOUT)} | ({"CI": "true"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["--continue-on-collection-errors", str(tmp_path)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, env=environment)
    failed = set(re.findall(r"^test_(\w+)\.py\S* was skipped in CI", ran.stdout, re.MULTILINE))
    assert failed == (set(SKIPS) if ci else set()), ran.stdout
    assert (f"{len(SKIPS)} skipped" in ran.stdout) is not ci
    assert (ran.returncode == 1) is ci
