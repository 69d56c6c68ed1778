"""The order desk's threads stay together; what works beside them, and its child processes, may run anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from intake import processors

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not let one choose")

CHILD = "import os; print(sorted(os.sched_getaffinity(0)))"


def in_a_thread(work: Callable[[], object]) -> object:
    """Each choice counts for its thread; so the tests' own thread keeps what it has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def test_a_thread_and_those_it_starts_stay_on_one() -> None:
    """Neighbouring ports get neighbouring processors; a system with one only has nothing to choose."""
    everywhere = processors.allowed()

    def stay(number: int) -> tuple[object, object]:
        processors.stay_on_one(number)
        return processors.allowed(), in_a_thread(processors.allowed)

    for number in (8000, 8001):
        own, started = in_a_thread(lambda number=number: stay(number))  # type: ignore[misc]
        assert own == started == [everywhere[number % len(everywhere)]]
    assert processors.allowed() == everywhere


def test_what_works_beside_is_free_again() -> None:
    """Also the processes that it starts: the workbook's child has the other processor for itself."""
    everywhere = processors.allowed()

    def work_beside() -> tuple[object, str]:
        processors.use_all()
        child = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
        return processors.allowed(), child.stdout.strip()

    def start() -> object:
        processors.stay_on_one(8000)
        return in_a_thread(work_beside)

    assert in_a_thread(start) == (everywhere, str(everywhere))


def test_a_python_that_runs_threads_side_by_side_uses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is nothing to be won."""
    monkeypatch.setattr(processors, "_one_at_a_time", lambda: False)
    everywhere = processors.allowed()

    def stay() -> object:
        processors.stay_on_one(8000)
        return processors.allowed()

    assert in_a_thread(stay) == everywhere


def test_a_system_that_forbids_it_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may."""

    def forbid(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbid)
    processors.stay_on_one(8000)
    processors.use_all()
