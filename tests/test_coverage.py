"""The list of what is asked for and where it is: each row leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in (ROOT / "docs" / "coverage.md").read_text("utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_every_point_has_a_row() -> None:
    """All 75, in their order, each with what happens."""
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, 76)]
    assert all(row[1] and row[2] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_leads_somewhere(row: list[str]) -> None:
    """The files that it names are there, the test too; only what is called later has none."""
    if len(row) < 6:
        assert row[2].startswith("Later: ")
        return
    _, _, _, where, held, fault = row
    for path in re.findall(r"`([^`]+)`", where):
        assert (ROOT / path).exists(), path
    file, _, name = held.strip("`").partition("::")
    assert f"\ndef {name}(" in (ROOT / file).read_text("utf-8"), held
    assert fault
