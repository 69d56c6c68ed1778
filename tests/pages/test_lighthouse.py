"""Lighthouse's marks for a phone on a slow network."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser import find_chromium, flags
from tests.pages.relay import opened_by_get
from tests.pages.shop import PagesShop
from tests.pages.tools import fetch, find_program

LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3
# A buyer's own pages are kept out of search engines on purpose, which costs the mark for being found.
HIDDEN = {"form-errors", "review", "status-shipped"}


def marks(address: str, hidden: bool, report: Path) -> dict[str, Any]:
    """Let Lighthouse open an address once; give its report."""
    command = [
        find_program("node"), str(fetch() / "lighthouse" / "cli" / "index.js"), address, "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(LEAST)}", f"--chrome-flags=--headless=new {' '.join(flags())}",
        *(["--skip-audits=is-crawlable"] if hidden else []),
    ]  # fmt: skip
    path = find_chromium()
    assert path is not None
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=180, env=os.environ | {"CHROME_PATH": path}
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


@pytest.mark.prove
@pytest.mark.parametrize("name", ["home", "campaign-open", "form-errors", "review", "status-shipped"])
def test_its_marks_are_the_best(pages_shop: PagesShop, tmp_path: Path, name: str) -> None:
    """The median of three runs of its mobile preset: 98 for speed, 100 for all else."""
    with opened_by_get(pages_shop) as base:
        reports = [marks(f"{base}/-/{name}", name in HIDDEN, tmp_path / f"{run}.json") for run in range(RUNS)]
    medians = {
        each: statistics.median(100 * report["categories"][each]["score"] for report in reports) for each in LEAST
    }
    print(
        name,
        medians,
        {
            audit: reports[0]["audits"][audit]["displayValue"]
            for audit in ("largest-contentful-paint", "total-byte-weight")
        },
    )
    missed = [
        f"{audit['id']}: {audit['title']}"
        for audit in reports[-1]["audits"].values()
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative"
    ]
    assert all(medians[each] >= least for each, least in LEAST.items()), (medians, missed)
