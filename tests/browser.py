"""The Chromium of the browser tests: found, or installed by `python -m tests.browser` (which `make test` runs)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Nothing in the background: a test talks to the shop on this machine and to nobody else.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints",
)
INSTALL_S = 900


def find_chromium() -> str | None:
    """Give the path of a Chromium: a system one, else the one that Playwright has downloaded."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def flags() -> list[str]:
    """Give the command line flags; Chromium's own sandbox does not work for root."""
    return [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else list(FLAGS)


def install_chromium() -> None:
    """Install one: Debian's package when root, else Playwright's download; both bounded in time."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ):
            _try(command, environment)
        if find_chromium():
            return
    _try([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _try(command: list[str], environment: dict[str, str]) -> None:
    """Run an installer. What went wrong it says itself; main() looks at what came of it."""
    try:
        subprocess.run(command, check=False, timeout=INSTALL_S, env=environment)
    except subprocess.TimeoutExpired:
        print(f"{command[0]} was ended after {INSTALL_S} s.", file=sys.stderr)


def main() -> int:
    """Make sure that there is one; 1 with a sentence where there is none to be had."""
    if find_chromium() is None:
        print("The browser tests need a Chromium: installing one ...", flush=True)
        install_chromium()
    if find_chromium() is None:
        print(
            "No Chromium could be installed. Install your system's package `chromium` (or Google Chrome) and try again.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
