"""What the Nu HTML Checker says of every page in every state."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.pages.relay import opened_by_get
from tests.pages.shop import PagesShop
from tests.pages.states import STATES
from tests.pages.tools import fetch, find_program


def check(*addresses: str) -> list[str]:
    """Give every error and warning: state, line, message."""
    jar = fetch() / "vnu-jar" / "build" / "dist" / "vnu.jar"
    # Else it opens nothing on its own machine.
    allow = "-Dnu.validator.servlet.allow-forbidden-hosts=true"
    command = [find_program("java"), allow, "-jar", str(jar), "--format", "json", "--stdout", *addresses]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    messages = json.loads(ran.stdout)["messages"]
    return [
        f"{each.get('url', '').rpartition('/')[2]}:{each.get('lastLine')}: {each['message']} {each.get('extract', '')}"
        for each in messages
    ]


@pytest.mark.prove
def test_the_checker_has_nothing_to_say(pages_shop: PagesShop) -> None:
    """No error and no warning; and it would have seen one."""
    with opened_by_get(pages_shop) as base:
        assert any("foot-terms" in said for said in check(f"{base}/-/404-page?spoiled"))
        assert check(*(f"{base}/-/{name}" for name in STATES)) == []
