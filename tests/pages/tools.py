"""The checkers of `make prove` that are no Python: fetched once into .cache, each at the version that is named here."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.pages.content import CHECKOUT

# The last Lighthouse that runs on Debian's Node 18 and 20. Nu's own checker is a jar within its package.
PACKAGES = ("vnu-jar@26.9.27", "lighthouse@12.8.2")
FOLDER = CHECKOUT / ".cache" / "page-tools"
PROGRAMS = {"node": "nodejs", "npm": "npm", "java": "default-jre-headless"}
INSTALL_S = 900


def find_program(name: str) -> str:
    """Give the path of a program, installed by apt where it is missing and can be."""
    if shutil.which(name) is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PROGRAMS[name]],
        ):
            subprocess.run(command, check=False, timeout=INSTALL_S, env=quiet, capture_output=True)
    found = shutil.which(name)
    assert found, f"{name} is missing: install your system's package {PROGRAMS[name]}"
    return found


def fetch() -> Path:
    """Give the folder node_modules with PACKAGES in it."""
    done = FOLDER / " ".join(PACKAGES).replace("/", "_")
    modules = FOLDER / "node_modules"
    if not done.exists():
        find_program("node")
        FOLDER.mkdir(parents=True, exist_ok=True)
        # Without their install scripts: nothing of them needs to be built.
        command = [
            find_program("npm"),
            "install",
            "--prefix",
            str(FOLDER),
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-save",
            *PACKAGES,
        ]
        ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=INSTALL_S)
        assert ran.returncode == 0, ran.stderr[-2_000:]
        done.touch()
    return modules
