"""Which troubles are told on the terminal, when, and how often."""

from __future__ import annotations

import gettext
import json
from pathlib import Path

import pytest

from intake import checkup
from intake.published import CatalogueUnavailable
from intake.settings import read_settings
from intake.sheet import SheetBusy, SheetChanging, SheetError, SheetFailed, SheetPaced
from intake.start_report import StartReport
from preorder.catalogue import Catalogue, to_json
from tests.intake.conftest import FixedCatalogue
from tests.makers import NOW, make_campaign, make_catalogue

BUSY = SheetBusy(program="excel", user="", host="", since=None)
FULL = SheetFailed(reason="No space left on device")


class Nothing:
    """A source of a catalogue that isn't there."""

    def current(self) -> Catalogue:
        raise CatalogueUnavailable(where="somewhere", reason="")

    refresh = current


@pytest.fixture
def said() -> list[str]:
    """What was printed."""
    return []


@pytest.fixture
def report(tmp_path: Path, said: list[str]) -> StartReport:
    """A report of a shop whose site has a page."""
    (tmp_path / "index.html").write_text("")
    settings = read_settings({"ETALASE_SITE": str(tmp_path), "ETALASE_SHEET": str(tmp_path / "buku.xlsx")})
    return StartReport(settings, gettext.NullTranslations, say=said.append)


@pytest.fixture
def published() -> FixedCatalogue:
    """One campaign."""
    return FixedCatalogue(make_catalogue(make_campaign()))


@pytest.mark.parametrize(("error", "mark"), [(BUSY, " -- "), (FULL, " !! ")])
def test_what_comes_before_the_greeting_is_printed_with_it(
    report: StartReport, said: list[str], published: FixedCatalogue, error: SheetError, mark: str
) -> None:
    """In one piece, at its end, where it is read; and the advice to look into the workbook is left out."""
    report.trouble("sheet", error)
    assert said == []
    report.greet(8000, published, is_open=True)
    assert len(said) == 1 and mark in said[0] and "buku.xlsx" in said[0]
    assert said[0].index("8000") < said[0].index(mark)
    assert "build.py" not in said[0]
    # Of an open workbook it would be wrong that her changes are not carried out.
    assert ("carried out" in said[0]) is (error is FULL)


def test_troubles_later_and_their_ends(report: StartReport, said: list[str], published: FixedCatalogue) -> None:
    """Each is printed as it comes, and so is the end of one that was told; what passes by itself isn't."""
    report.greet(8000, published, is_open=True)
    assert len(said) == 1 and " !! " not in said[0] and " -- " not in said[0]
    for passing in (SheetChanging(attempts=2), SheetPaced(wait_s=1), KeyError("ours"), None):
        report.trouble("sheet", passing)
    assert len(said) == 1
    report.trouble("sheet", FULL)
    report.trouble("clock", None)
    assert len(said) == 2 and " !! " in said[1]
    report.trouble("sheet", None)
    report.trouble("sheet", None)
    assert len(said) == 3 and " ok " in said[2]


def test_the_address_is_told_when_something_is_published(report: StartReport, said: list[str]) -> None:
    """Nobody is told before that the shop is open."""
    report.greet(8000, Nothing(), is_open=True)
    assert " !! " in said[0] and "8000" not in said[0]
    report.trouble("sheet", None)
    assert len(said) == 1
    report.trouble("clock", None)
    assert " ok " in said[1] and "8000" in said[1]


def test_a_restored_ledger_is_not_greeted_as_open(
    report: StartReport, said: list[str], published: FixedCatalogue
) -> None:
    """What to run is named instead of the address."""
    report.greet(8000, published, is_open=False)
    assert "--reconcile" in said[0] and "8000" not in said[0]


@pytest.mark.parametrize(("sheet", "grade"), [("data", checkup.Grade.NOTICE), ("disk", checkup.Grade.BAD)])
def test_doctor_before_the_first_start(tmp_path: Path, sheet: str, grade: checkup.Grade) -> None:
    """The data folder is made at the start, so no workbook in it is no trouble; another folder is never made."""
    published = tmp_path / "catalogue.json"
    published.write_text(json.dumps(to_json(make_catalogue(make_campaign()))))
    book = tmp_path / sheet / "orders.xlsx"
    settings = read_settings({
        "ETALASE_DATA": str(tmp_path / "data"), "ETALASE_SHEET": str(book), "ETALASE_CATALOGUE": str(published),
        "PORT": "0",
    })  # fmt: skip
    assert [each.grade for each in checkup.examine(settings, str, NOW) if str(book) in each.text] == [grade]
