"""A small shop in a folder of its own, and the command line that builds it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from storefront.builder import Job
from tests.storefront.content_makers import CHECKOUT, NOW, make_job

Run = Callable[..., int]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return make_job(tmp_path)


@pytest.fixture(scope="session")
def command() -> ModuleType:
    """build.py under another name: the package `build` of PyPI may be installed too."""
    spec = importlib.util.spec_from_file_location("etalase_build", CHECKOUT / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(job: Job, command: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run build.py on the small shop and give its exit status."""
    monkeypatch.setattr(command, "TEMPLATES", job.templates)
    monkeypatch.chdir(job.content.parent)

    def call(*arguments: str, environment: dict[str, str] | None = None) -> int:
        try:
            status: int = command.main(["--now", NOW.isoformat(), *arguments], environment or {})
        except SystemExit as stopped:
            return int(stopped.code or 0)
        return status

    return call
