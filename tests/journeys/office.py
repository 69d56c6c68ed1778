"""
The seller with her workbook open: in a real LibreOffice where there is one, else in a stand-in that keeps LibreOffice's
lock file.

The stand-in is a process of its own that holds the file open and saves through openpyxl, so that the shop meets the
same lock and the same saves.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, Protocol

CHECKOUT = Path(__file__).resolve().parents[2]


class Seller(Protocol):
    """What the seller does with an open workbook."""

    def do(self, verb: str, *arguments: Any) -> None:
        """Do add_column(header, formula), sort_by(header), hide(header), set(ref, header, value), save() or close()."""


def python_with_uno() -> str | None:
    """Give the Python that LibreOffice brings or Debian has."""
    for candidate in ("/usr/bin/python3", "/usr/lib/libreoffice/program/python"):
        if (
            Path(candidate).exists()
            and subprocess.run([candidate, "-c", "import uno"], capture_output=True, check=False).returncode == 0
        ):
            return candidate
    return None


class Told:
    """A process that is told what to do, line by line."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._expect_ok()

    def do(self, verb: str, *arguments: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([verb, *arguments]) + "\n")
        self._process.stdin.flush()
        self._expect_ok()
        if verb == "close":
            self.end()

    def _expect_ok(self) -> None:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline().strip()
        assert answer == "ok", f"the seller's program answered {answer!r}"

    def end(self) -> None:
        """Take what it is told with away; a seller who has closed her file goes by herself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


class LibreOffice:
    """A headless LibreOffice with a profile of its own."""

    def __init__(self, profile: Path) -> None:
        self._pipe = f"etalase{uuid.uuid4().hex}"
        program = shutil.which("soffice")
        assert program is not None
        self._process = subprocess.Popen(
            [
                program, "--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile.as_uri()}",
                f"--accept=pipe,name={self._pipe};urp;",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def open(self, workbook: Path) -> Told:
        """Open a workbook."""
        python = python_with_uno()
        assert python is not None
        return Told([python, str(Path(__file__).with_name("office_seller.py")), self._pipe, str(workbook)])

    def end(self) -> None:
        """End it with the processes that it started."""
        os.killpg(self._process.pid, 9)
        self._process.wait()


class StandIn:
    """No office program on this machine."""

    def open(self, workbook: Path) -> Told:
        """Open a workbook."""
        return Told([sys.executable, "-m", "tests.journeys.office", str(workbook)])

    def end(self) -> None:
        """Nothing runs."""


def open_office(profile: Path) -> LibreOffice | StandIn:
    """Give the office program of this machine."""
    return LibreOffice(profile) if shutil.which("soffice") and python_with_uno() else StandIn()


class _StandInSeller:
    """The stand-in's own process."""

    def __init__(self, workbook: Path) -> None:
        from openpyxl import load_workbook

        self._path = workbook
        self._lock = workbook.with_name(f".~lock.{workbook.name}#")
        self._lock.write_text(
            f",{getpass.getuser()},{socket.gethostname()},23.11.2026 10:00,file:///tmp/profile;", encoding="utf-8"
        )
        self._held = workbook.open("rb")
        self._book = load_workbook(workbook)
        self._tab = self._book["Pesanan"]

    def _column(self, header: str) -> int:
        return next(cell.column for cell in self._tab[1] if cell.value == header)

    def _rows(self) -> list[int]:
        place = self._column("No. Pesanan")
        return [number for number in range(2, self._tab.max_row + 1) if self._tab.cell(number, place).value]

    def add_column(self, header: str, formula: str) -> None:
        place = self._tab.max_column + 1
        self._tab.cell(1, place).value = header
        for number in self._rows():
            self._tab.cell(number, place).value = formula.replace("{row}", str(number))

    def sort_by(self, header: str) -> None:
        place, rows = self._column(header), self._rows()
        values = [[cell.value for cell in self._tab[number]] for number in rows]
        for number, row in zip(rows, sorted(values, key=lambda row: str(row[place - 1])), strict=True):
            for column, value in enumerate(row, start=1):
                cell = self._tab.cell(number, column)
                cell.value = (
                    value.replace(str(values.index(row) + 2), str(number))
                    if column == len(row) and isinstance(value, str)
                    else value
                )
                if isinstance(value, str) and column < len(row):
                    cell.data_type = "s"

    def hide(self, header: str) -> None:
        self._tab.column_dimensions[self._tab.cell(1, self._column(header)).column_letter].hidden = True

    def set(self, ref: str, header: str, value: Any) -> None:
        place = self._column("No. Pesanan")
        row = next(number for number in self._rows() if self._tab.cell(number, place).value == ref)
        self._tab.cell(row, self._column(header)).value = value

    def save(self) -> None:
        self._book.save(self._path)

    def close(self) -> None:
        self._held.close()
        self._lock.unlink()


def _obey(workbook: Path) -> None:
    seller = _StandInSeller(workbook)
    print("ok", flush=True)
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        getattr(seller, verb)(*arguments)
        print("ok", flush=True)
        if verb == "close":
            return


if __name__ == "__main__":
    _obey(Path(sys.argv[1]))
