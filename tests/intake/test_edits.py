"""Which edits are the seller's own words: a column sorted alone is told from typing."""

from __future__ import annotations

from typing import Any

import pytest

from intake.edits import shuffled_columns
from intake.ledger.outbox import SheetRecord


def columns_of(column: str, *changed: tuple[Any, Any]) -> set[str]:
    rows = [
        (SheetRecord(number, f"NST-{number}", {column: before}, {}, None, True, 0, False, 1), {column: after})
        for number, (before, after) in enumerate(changed)
    ]
    return shuffled_columns(rows)


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("money_in", [(65_000, 148_000), (148_000, 65_000)]),
        ("money_in", [(65_000, None), (None, 148_000), (148_000, 65_000)]),
        # A formula or a date cell came along: it reads otherwise where it is now.
        ("money_in", [(65_000, 148_000), (148_000, "2077-12-17"), (70_000, 65_000)]),
        (
            "money_in",
            [(65_000, 148_000), (148_000, 90_000), (70_000, 65_000), (None, 70_000), (90_000, None), (12_000, "#REF!")],
        ),
        ("tracking", [("JP0000001", "JP0000002"), ("JP0000002", "2026-11-20"), ("JP0000003", "JP0000001")]),
        ("shipping", [(18_000, 9_000), (9_000, 25_000), (25_000, "x")]),
        ("status", [("Siap", "Lunas"), ("Lunas", "Dikirim"), ("Dikirim", "Siap")]),
        ("status", [("Siap", "Lunas"), ("Lunas", "Dikirim"), ("Dikirim", "Siap"), ("Selesai", "#N/A")]),
    ],
)
def test_a_column_sorted_alone_is_told_from_typing(column: str, changed: list[tuple[Any, Any]]) -> None:
    """Also where a cell came along that reads otherwise in its new place."""
    assert columns_of(column, *changed) == {column}


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("money_in", [(None, 65_000), (65_000, 148_000)]),
        ("money_in", [(None, 65_000), (65_000, 148_000), (148_000, 200_000)]),
        ("money_in", [(None, 65_000), (None, 148_000), (None, 65_000)]),
        ("money_in", [(65_000, 0), (148_000, 0), (70_000, 0)]),
        ("status", [("Siap", "Dikirim")] * 5 + [("Diproduksi", "Siap")] * 5),
        ("status", [("Lunas", "Diproduksi"), ("DP diterima", "Diproduksi"), ("Lunas", "Diproduksi")]),
        ("status", [("Siap", "Lunas"), ("Lunas", "Siap")]),
        ("tracking", [(None, "JP0000001"), (None, "JP0000002"), (None, "JP0000003")]),
        ("tracking", [("JP0000001", "JP0000002"), (None, "JP0000001"), (None, "JP0000003")]),
        ("courier", [("JNE", "J&T"), ("J&T", "SiCepat"), ("SiCepat", "J&T")]),
    ],
)
def test_what_is_typed_row_by_row_is_no_sort(column: str, changed: list[tuple[Any, Any]]) -> None:
    """Sums grow, statuses advance, numbers are filled in: each is a command."""
    assert columns_of(column, *changed) == set()
