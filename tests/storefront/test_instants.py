"""Dates, monthly and weekly rules as sellers write them."""

from __future__ import annotations

import pytest

from storefront.instants import parse_instant, parse_monthly, parse_weekly


@pytest.mark.parametrize(
    ("text", "opening", "closing"),
    [
        ("2026-11-25", "2026-11-25T00:00+07:00", "2026-11-26T00:00+07:00"),
        ("25 November 2026", "2026-11-25T00:00+07:00", "2026-11-26T00:00+07:00"),
        ("31 Desember 2026", "2026-12-31T00:00+07:00", "2027-01-01T00:00+07:00"),
        ("25 Nov 2026 09.30", "2026-11-25T09:30+07:00", "2026-11-25T09:30+07:00"),
        ("2026-11-25 21:00", "2026-11-25T21:00+07:00", "2026-11-25T21:00+07:00"),
        ("2026-11-25T21:00", "2026-11-25T21:00+07:00", "2026-11-25T21:00+07:00"),
        ("1 May 2026, 9:00 WITA", "2026-05-01T08:00+07:00", "2026-05-01T08:00+07:00"),
        ("1 Agu 2026 pukul 24.00", "2026-08-02T00:00+07:00", "2026-08-02T00:00+07:00"),
    ],
)
def test_dates(text: str, opening: str, closing: str) -> None:
    """A date alone is its beginning for an opening and its end for a closing; a time is meant as it stands."""
    for expected, is_closing in ((opening, False), (closing, True)):
        assert parse_instant(text, "WIB", closing=is_closing).isoformat(timespec="minutes") == expected


@pytest.mark.parametrize("text", ["", "25/11/2026", "25-11-2026", "2026-13-01", "2026-02-30", "2026-11-25 24.01", "2026-11-25 9", "besok", "25 Foo 2026",
                                  "1999-01-01", "\u0662\u0660\u0662\u0666-11-25"])  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    """Whatever could be read in two ways, or not at all, is refused."""
    with pytest.raises(ValueError, match=r".*"):
        parse_instant(text, "WIB", closing=False)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("tiap bulan, tanggal 25 s.d. 10", (25, 10)),
        ("Setiap  bulan tanggal 25 sampai tanggal 10", (25, 10)),
        ("tiap bulan tgl 1-5", (1, 5)),
        ("monthly, day 25 to 10", (25, 10)),
        ("every month from the 25th to the 10th", (25, 10)),
        ("tiap bulan, tanggal 0 s.d. 10", None),
        ("tiap bulan, tanggal 25 s.d. 32", None),
        ("tiap minggu, hari 1 s.d. 3", None),
        ("25 s.d. 10", None),
    ],
)
def test_monthly_rules(text: str, days: tuple[int, int] | None) -> None:
    """The seeds' own schedule, in either language."""
    assert parse_monthly(text) == days


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("tiap minggu, Senin s.d. Rabu", (0, 2)),
        ("Setiap  minggu hari Jumat sampai hari Minggu", (4, 6)),
        ("tiap minggu, Sabtu-Senin", (5, 0)),
        ("tiap minggu, jum'at", (4, 4)),
        ("tiap minggu, Jum\u2019at s.d. Ahad", (4, 6)),
        ("every week, Monday to Wednesday", (0, 2)),
        ("weekly from Friday until Monday", (4, 0)),
        ("weekly on Sunday", (6, 6)),
        ("tiap minggu", None),
        ("tiap minggu, Senen s.d. Rabu", None),
        ("tiap minggu, 1 s.d. 3", None),
        ("tiap bulan, Senin s.d. Rabu", None),
        ("Senin s.d. Rabu", None),
    ],
)
def test_weekly_rules(text: str, weekdays: tuple[int, int] | None) -> None:
    """From a weekday to a weekday, over the week's end too, or on one day; in either language."""
    assert parse_weekly(text) == weekdays
