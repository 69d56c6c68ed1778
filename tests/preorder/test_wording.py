"""Words for states and times: one table, either language, always with the zone."""

from datetime import date, datetime

import pytest

from preorder.payment import PaymentState
from preorder.schedule import ZONES
from preorder.status import Status
from preorder.wording import (
    LANGUAGES,
    PAYMENT_LABELS,
    STATUS_LABELS,
    parse_status,
    show_date_range,
    show_end,
    show_instant,
    show_rupiah,
)

WIB = ZONES["WIB"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_one_label_and_is_read_back(language: str) -> None:
    """Labels are unique in a language, and what we write she may type, in any case and with extra blanks."""
    assert set(STATUS_LABELS[language]) == set(Status)
    assert set(PAYMENT_LABELS[language]) == set(PaymentState)
    assert len(set(STATUS_LABELS[language].values())) == len(Status)
    for status, label in STATUS_LABELS[language].items():
        assert parse_status(f"  {label.upper()} ".replace(" ", "  ")) is status
    assert parse_status("beres") is None


def test_times_carry_their_zone() -> None:
    """In the shop's zone, whatever zone they came in."""
    instant = datetime(2026, 11, 22, 6, 5, tzinfo=ZONES["WIT"])
    assert show_instant(instant, "WIB", "id") == "Minggu, 22 November 2026 04.05 WIB"
    assert show_instant(instant, "WIT", "en") == "Sunday, 22 November 2026 06:05 WIT"


def test_a_closing_at_midnight_belongs_to_the_day_before() -> None:
    """To the 10th means to the end of the 10th."""
    assert show_end(datetime(2026, 12, 11, tzinfo=WIB), "WIB", "id") == "Kamis, 10 Desember 2026 24.00 WIB"
    assert show_end(datetime(2026, 12, 11, tzinfo=WIB), "WIB", "en") == "Thursday, 10 December 2026 23:59 WIB"
    assert show_end(datetime(2026, 12, 10, 21, 0, tzinfo=WIB), "WIB", "id") == "Kamis, 10 Desember 2026 21.00 WIB"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 12, 3), date(2026, 12, 3), "3 Desember 2026"),
        (date(2026, 12, 3), date(2026, 12, 10), "3\N{EN DASH}10 Desember 2026"),
        (date(2026, 11, 30), date(2026, 12, 3), "30 November \N{EN DASH} 3 Desember 2026"),
        (date(2026, 12, 30), date(2027, 1, 3), "30 Desember 2026 \N{EN DASH} 3 Januari 2027"),
    ],
)
def test_ranges_are_as_short_as_they_can_be(first: date, last: date, text: str) -> None:
    """Month and year once where they are the same."""
    assert show_date_range(first, last, "id") == text


def test_negative_amounts_have_their_sign_in_front() -> None:
    """As banks print them."""
    assert (show_rupiah(-2_000), show_rupiah(1_250_000), show_rupiah(0)) == ("-Rp2.000", "Rp1.250.000", "Rp0")
