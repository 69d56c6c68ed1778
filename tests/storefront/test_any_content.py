"""Whatever is in the files: a catalogue or problems with their lines, never a traceback."""

from __future__ import annotations

import gettext
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storefront import report
from storefront.builder import Job, build
from storefront.problems import ContentErrors, Problem
from storefront.reader import read_catalogue
from tests.storefront.content_makers import CAMPAIGN, NOW, SHOP, make_content, write

SIGNS = [
    "\n", "  ", "- ", ": ", "{", "}", "[", "]", '"', "'", "#", "&a ", "*a", "!x ", "|", ">", "? ", "---\n", "%", "\t", "\r", "\0", "1.000", "-1",
    "100%", "ya", "<b>", "](javascript:x)", "![](x)", "`", "~~~\n", "../", "\ufeff", "\u2028", "null: ", "<<: ",
]  # fmt: skip
PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(SIGNS),
)
EDITS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 12), PIECES), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_content(tmp_path_factory.mktemp("any"))


def changed(text: str, edits: list[tuple[float, int, str]]) -> bytes:
    for place, length, piece in edits:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + length :]
    return text.encode("utf-8", "surrogatepass")


def read(content: Path) -> None:
    """Read a folder; describe its problems as the seller would get them."""
    problems: tuple[Problem, ...] = ()
    try:
        assert read_catalogue(content, content.parent / ".cache" / "photos").shop
    except ContentErrors as errors:
        problems = tuple(errors.problems)
    for problem in problems:
        lines = Path(problem.file).read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        assert problem.line is None or 1 <= problem.line <= lines
        assert report.describe(problem, gettext.NullTranslations(), "en")


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EDITS)
def test_a_campaign_of_any_kind(content: Path, edits: list[tuple[float, int, str]]) -> None:
    """A campaign's file damaged in any way is read or explained."""
    write(content / "campaigns" / "nastar" / "index.md", changed(CAMPAIGN, edits))
    read(content)
    write(content / "campaigns" / "nastar" / "index.md", CAMPAIGN)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EDITS)
def test_a_shop_of_any_kind(content: Path, edits: list[tuple[float, int, str]]) -> None:
    """So is a shop's file."""
    write(content / "shop.md", changed(SHOP, edits))
    read(content)
    write(content / "shop.md", SHOP)


def test_two_builds_at_once_hand_out_one_revision(job: Job) -> None:
    """Builds of one site wait for each other: both end well, and the site is one build's."""
    barrier = threading.Barrier(4)
    ended: list[int] = []

    def work() -> None:
        barrier.wait(20)
        ended.append(build(job, NOW).unchanged)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(ended) == 4
    assert build(job, NOW).nothing_to_do
    assert not list(job.output.rglob(".*"))
