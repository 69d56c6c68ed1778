"""
What each page weighs: requests, and bytes as they are and as they come over the network, by kind.

`python -m bench.pages [--all]`. A shop with a campaign in each state is built and served as run-shop does it; a phone of
360 px with two pixels for each point opens each page for the first time and does not scroll. Bytes sent are those of the
bodies and of the headers. --all: every state of every page.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import find_chromium, flags
from tests.pages.shop import open_shop
from tests.pages.states import STATES
from tests.pages.weighing import KIB, KINDS, Weight, weigh

USUAL = (
    "home", "campaign-open", "campaign-announced", "campaign-closed", "campaign-ready-stock", "form", "form-errors", "review",
    "payment-deposit-qris", "payment-full", "payment-balance", "status-shipped", "status-completed", "waitlist-form", "404-page",
)  # fmt: skip


def line(weight: Weight) -> str:
    """Give a page's line of the table."""
    parts = [weight.name.ljust(26), f"{weight.requests():>3}"]
    for kinds in (KINDS, tuple(kind for kind in KINDS if kind != "photo"), *((kind,) for kind in KINDS)):
        raw, sent = weight.raw(kinds), weight.sent(kinds)
        parts.append(f"{raw / KIB:>6.1f} {sent / KIB:>6.1f}" if sent else " " * 13)
    return "  ".join(parts)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--all", action="store_true")
    names = tuple(STATES) if arguments.parse_args().all else USUAL
    logging.disable(logging.CRITICAL)
    heads = ("all", "no photos", *KINDS)
    print("KiB: as they are, and as they are sent")
    print("  ".join(["page".ljust(26), "req", *(head.center(13) for head in heads)]))
    with tempfile.TemporaryDirectory() as folder, open_shop(Path(folder)) as shop, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=flags())
        try:
            for name in names:
                print(line(weigh(chromium, shop, STATES[name])), flush=True)
        finally:
            chromium.close()


if __name__ == "__main__":
    main()
