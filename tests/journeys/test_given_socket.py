"""The shop on a socket that systemd keeps for it: while it starts anew buyers wait, and none is turned away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
import requests

from tests.journeys.content import JAR, SLUG
from tests.journeys.running import CHECKOUT, RunningShop, order_fields, place

# Its own process id, as systemd says it, is known to a process only once it runs.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, "-m", "flask", "--app", "intake", "run-shop"])
"""


def start_on(shop: RunningShop, listening: socket.socket) -> None:
    """Start a shop as systemd does: descriptor 3 is the socket, and two variables say so."""
    settings = {
        "ETALASE_CONTENT": str(shop.content), "ETALASE_SITE": str(shop.site), "ETALASE_DATA": str(shop.data), "LISTEN_FDS": "1",
        # Not where it is to listen.
        "PORT": "1",
    }  # fmt: skip
    with (shop.root / shop.name).open("ab") as log:
        shop.process = subprocess.Popen(
            [sys.executable, "-c", HAND_OVER, str(listening.fileno())],
            cwd=CHECKOUT,
            env=os.environ | settings,
            stdout=log,
            stderr=log,
            pass_fds=[listening.fileno()],
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no systemd")
def test_a_restart_turns_nobody_away(make_shop: Callable[..., RunningShop]) -> None:
    """Who asks while there is no shop gets the answer of the next one."""
    shop = make_shop()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        shop.port = listening.getsockname()[1]
        start_on(shop, listening)
        shop.wait_until_ready()
        page = shop.base + place(shop.base, SLUG, order_fields(**{JAR: "1"}))
        assert shop.stop()[0] == 0
        answers: list[int] = []
        buyers = [
            threading.Thread(target=lambda: answers.append(requests.get(page, timeout=60).status_code))
            for _ in range(8)
        ]
        for buyer in buyers:
            buyer.start()
        assert answers == []
        start_on(shop, listening)
        for buyer in buyers:
            buyer.join(60)
        assert answers == [200] * 8
        assert shop.stop()[0] == 0
