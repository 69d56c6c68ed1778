"""
A real shop as its operator starts it: a process of its own, over real HTTP, that can be asked to end or be killed.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from preorder.catalogue import Catalogue, from_json

CHECKOUT = Path(__file__).resolve().parents[2]
READY_S = 30.0


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def build(content: Path, site: Path, *flags: str) -> None:
    """Build a site as the seller does."""
    command = [sys.executable, str(CHECKOUT / "build.py"), "--content", str(content), "--output", str(site), *flags]
    subprocess.run(command, check=True, capture_output=True, cwd=CHECKOUT)


@dataclass
class RunningShop:
    """
    A shop on folders of its own below root: content, site, data.

    Attributes:
        environment: more settings for its process.
        command: what is started: ("run-shop",), ("run-shop", "--without-workers") or ("work",).
        program: of the interpreter, that is given the command.
        database_url: the ledger; "" for the SQLite file in the data folder.
        name: of its log below root; of each process another.
        base: its address, "http://127.0.0.1:<port>".
    """

    root: Path
    port: int = field(default_factory=free_port)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    command: tuple[str, ...] = ("run-shop",)
    program: tuple[str, ...] = ("-m", "flask", "--app", "intake")
    database_url: str = ""
    name: str = "log"
    _told: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def workbook(self) -> Path:
        return self.data / "orders.xlsx"

    @property
    def log(self) -> str:
        """Give what it has written to its log so far."""
        return (self.root / self.name).read_text(encoding="utf-8", errors="replace")

    def beside(self, *command: str, name: str) -> RunningShop:
        """Give another process on the same folders and the same database, not yet started."""
        return RunningShop(
            self.root, environment=self.environment, command=command, database_url=self.database_url, name=name
        )

    def catalogue(self) -> Catalogue:
        """Give what it has published."""
        import json

        return from_json(json.loads((self.site / "catalogue.json").read_bytes()))

    def settings(self) -> dict[str, str]:
        """Give the environment of its process, beside the system's own."""
        return {
            "ETALASE_CONTENT": str(self.content),
            "ETALASE_SITE": str(self.site),
            "ETALASE_DATA": str(self.data),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **({"DATABASE_URL": self.database_url} if self.database_url else {}),
            **self.environment,
        }

    def start(self, *, wait: bool = True) -> float:
        """Start it; give the seconds until it was ready."""
        began = time.monotonic()
        # What earlier starts have told is not what this one tells.
        self._told = len(self.log) if (self.root / self.name).exists() else 0
        with (self.root / self.name).open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, *self.command],
                cwd=CHECKOUT,
                env={name: value for name, value in os.environ.items() if not name.startswith("ETALASE_")}
                | self.settings(),
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_until_ready()
        return time.monotonic() - began

    def wait_until_ready(self) -> None:
        """Return once /readyz says 200; of workers alone, once they say that they run."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            assert self.process is not None and self.process.poll() is None, f"the shop ended:\n{self.log}"
            try:
                if self.command[0] == "work":
                    if "Ctrl-C" in self.log[self._told :]:
                        return
                elif requests.get(self.base + "/readyz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.02)
        raise AssertionError(f"the shop was not ready in {READY_S} s:\n{self.log}")

    def kill(self) -> None:
        """Kill it as a power cut would: SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> tuple[int, float]:
        """Ask it to end; give exit status and seconds."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        return status, time.monotonic() - began

    def end(self) -> None:
        """End it however it stands."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Give the hidden fields of the form that posts to an address ending with action."""
    import html

    for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
        target = re.search(r'action="([^"]*)"', form)
        if target and html.unescape(target.group(1)).endswith(action):
            tags = re.findall(r"<input\b[^>]*>", form)
            return {
                html.unescape(name.group(1)): html.unescape(value.group(1)) if value else ""
                for tag in tags
                if 'type="hidden"' in tag and (name := re.search(r'name="([^"]*)"', tag))
                for value in [re.search(r'value="([^"]*)"', tag)]
            }
    raise AssertionError(f"no form posts to {action}")


def order_fields(**changes: str) -> dict[str, str]:
    """Give the fields of an order by courier, without its lines."""
    fields = {
        "name": "Ibu Contoh", "phone": "0812-0000-5678", "delivery": "jne-reguler", "street": "Jl. Misal 2 RT 01/02", "district": "Coblong",
        "city": "Bandung", "province": "Jawa Barat", "postal_code": "40132", "note": "", "channel": "", "terms": "yes", "leave_empty": "",
    }  # fmt: skip
    return fields | changes


def review(base: str, slug: str, fields: Mapping[str, str], session: Any = requests) -> dict[str, str]:
    """Post an order form and give the fields of the review's own form."""
    answer = session.post(f"{base}/pesan/{slug}", data=fields, timeout=30)
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:2000]}"
    return hidden_fields(answer.text, f"/pesan/{slug}/kirim")


def place(base: str, slug: str, fields: Mapping[str, str], session: Any = requests) -> str:
    """Order with both posts and give the path of the status page."""
    answer = session.post(
        f"{base}/pesan/{slug}/kirim", data=review(base, slug, fields, session), timeout=30, allow_redirects=False
    )
    assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:2000]}"
    return str(answer.headers["Location"])
