"""The recipes in deploy/ name only what is there: commands, options, settings, files."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click import Group
from flask import Flask

from intake import cli
from intake.settings import read_settings

CHECKOUT = Path(__file__).resolve().parents[1]
DEPLOY = CHECKOUT / "deploy"
UNITS = sorted(DEPLOY.glob("*/*.service"))
TEXTS = sorted(each for each in DEPLOY.glob("*/*") if each.is_file())
HOME = "/srv/etalase"


class Asked(dict[str, str]):
    """An environment without values that remembers which names were asked for."""

    def get(self, name: str, default: Any = None) -> Any:
        self.setdefault(name, "")
        return default


def commands() -> Group:
    app = Flask("etalase")
    cli.register(app)
    return app.cli


def values(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def assert_command(words: list[str]) -> None:
    """Every word after `--app intake` is a command of the shop, or an option of that command."""
    assert words[:2] == ["--app", "intake"]
    command = commands().commands[words[2]]
    options = {option for parameter in command.params for option in parameter.opts}
    assert set(words[3:]) <= options


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_what_is_there(unit: Path) -> None:
    """The program of the environment that `make` makes, a command of ours, and its options."""
    (start,) = values(unit, "ExecStart")
    program, *words = shlex.split(start)
    assert program == f"{HOME}/.venv/bin/flask"
    assert_command(words)
    assert values(unit, "WorkingDirectory") == [HOME]
    assert values(unit, "Restart") == ["always"]
    # It ends within 20 seconds; killed earlier it would lose nothing, but someone's answer.
    assert int(values(unit, "TimeoutStopSec")[0]) >= 20


@pytest.mark.parametrize("unit", [*UNITS, *DEPLOY.glob("*/*.socket")], ids=lambda unit: unit.name)
def test_systemd_understands_it(unit: Path, tmp_path: Path) -> None:
    """Where systemd is at hand it finds nothing to say against the unit."""
    verify = shutil.which("systemd-analyze")
    text = unit.read_text(encoding="utf-8")
    assert re.findall(r"^\[(\w+)\]$", text, re.MULTILINE) == ["Unit", unit.suffix[1:].capitalize(), "Install"]
    if verify is None:
        return
    # Programs and folders of the other machine are not here.
    (tmp_path / unit.name).write_text(text.replace(f"{HOME}/.venv/bin/flask", "/bin/true"), encoding="utf-8")
    if unit.suffix == ".socket":
        shutil.copy(unit.with_suffix(".service"), tmp_path)
    done = subprocess.run([verify, "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if unit.name in line and "is not executable" not in line]
    assert said == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_settings_and_commands_that_are_named_exist(path: Path) -> None:
    """No recipe names a setting, a command or an option that the program doesn't know."""
    asked = Asked()
    read_settings(asked)
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"\b(?:ETALASE_[A-Z_]+|DATABASE_URL)\b", text)) <= asked.keys()
    for written in re.findall(r"flask (--app intake [a-z-]+(?: --[a-z-]+)*)", text):
        assert_command(written.split())
    for written in re.findall(r"`(run-shop[^`]*|work|doctor|migrate)`", text):
        assert_command(["--app", "intake", *written.split()])
    for name in re.findall(r"`([a-zA-Z-]+\.(?:service|socket|conf|env))`", text):
        assert (path.parent / name).exists()


def test_every_setting_of_the_shared_file_is_one() -> None:
    """Each line of etalase.env sets something that the shop reads."""
    asked = Asked()
    read_settings(asked)
    lines = (DEPLOY / "several-machines" / "etalase.env").read_text(encoding="utf-8").splitlines()
    assert {line.partition("=")[0] for line in lines if line and not line.startswith("#")} <= asked.keys()


def test_the_database_is_set_as_the_shop_needs_it(postgres_server: Any) -> None:
    """A real server knows every name and takes every value of postgresql.conf."""
    import psycopg

    lines = (DEPLOY / "several-machines" / "postgresql.conf").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split(" = ") for line in lines if line and not line.startswith("#"))
    assert settings["synchronous_commit"] == "on"
    url = postgres_server.create()
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in settings.items():
            found = connection.execute("SELECT context, vartype FROM pg_settings WHERE name = %s", (name,)).fetchone()
            assert found is not None, name
            if found[0] == "user":
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    postgres_server.drop(url)
