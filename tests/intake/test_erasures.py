"""Erasing on somebody's wish: the command, the running shop that does it, and the socket between them."""

from __future__ import annotations

import dataclasses
import json
import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from intake import checkup
from intake.cli_erase import erase_command
from intake.hatch import LARGEST, NAME, Hatch, HatchClosed, _address, ask
from intake.ledger.folder import FolderInUse
from intake.settings import Settings, read_settings
from intake.workers import Shop
from preorder.catalogue import to_json
from preorder.errors import PreorderError
from tests.conftest import DATABASES
from tests.intake.conftest import Clock, Counter, FixedCatalogue
from tests.intake.ledger.test_invariants import edit
from tests.makers import NOW, make_catalogue, make_request

ONE, OTHER = "+6281200004321", "+6281200005555"


@dataclasses.dataclass
class Trial:
    """A shop's settings, and what its operator types."""

    settings: Settings
    catalogue: FixedCatalogue
    clock: Clock

    @contextmanager
    def running(self) -> Iterator[Counter]:
        """Run the shop in this process, without the workers that would write a sheet."""
        with Shop(self.settings, clock=self.clock, with_workers=False) as shop:
            yield Counter(shop.folder, shop._engine, shop._reader, shop.writer, self.clock, self.catalogue, shop.desk)

    def type(self, *arguments: str, answer: str = "") -> Result:
        """Type the command; its errors are told as the shop's commands tell them."""

        def told(command: Callable[[Settings], int]) -> int:
            try:
                return command(self.settings)
            except PreorderError as error:
                click.echo(checkup.sentence(error, str), err=True)
                return 1

        command = erase_command(str, told, lambda _settings: "id")
        return CliRunner().invoke(command, list(arguments), input=answer)


@pytest.fixture(params=DATABASES)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    """A shop that isn't running, on each database in turn."""
    (tmp_path / "data").mkdir(mode=0o700)
    catalogue = FixedCatalogue(make_catalogue())
    published = tmp_path / "catalogue.json"
    published.write_text(json.dumps(to_json(catalogue.current())))
    server, url = None, f"sqlite:///{tmp_path / 'data' / 'etalase.sqlite3'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        url = server.lend(request.getfixturevalue("postgres_template"))
    settings = read_settings({
        "ETALASE_DATA": str(tmp_path / "data"), "DATABASE_URL": url, "ETALASE_CATALOGUE": str(published),
        "ETALASE_CONTENT": str(tmp_path / "content"),
    })  # fmt: skip
    yield Trial(settings, catalogue, Clock())
    if server is not None:
        server.take_back(url)


def placed(counter: Counter, phone: str = ONE, *, ended: bool = True) -> str:
    ref = counter.place(make_request(phone=phone)).ref
    if ended:
        edit(counter, ref, status="Batal (penjual)")
    return ref


def is_erased(counter: Counter, ref: str) -> bool:
    return counter.order(ref).erased_at is not None


def test_through_the_running_shop(trial: Trial) -> None:
    """
    While it runs the shop itself does it (SQLite), or the command beside it (PostgreSQL): by number all that has ended,
    with a word on each that has not, and exit status 1 for those.
    """
    with trial.running() as counter:
        refs = [placed(counter), placed(counter), placed(counter, ended=False)]
        stranger = placed(counter, OTHER)
        done = trial.type("--phone", "0812 0000-4321", "--yes")
        assert done.exit_code == 1, done.output
        assert [is_erased(counter, ref) for ref in (*refs, stranger)] == [True, True, False, False]
        assert all(ref in done.output for ref in refs) and stranger not in done.output
        assert ONE not in done.output and "0812" not in done.output
        edit(counter, refs[2], status="Batal (penjual)")
        assert trial.type(refs[2].lower(), stranger, answer="y\n").exit_code == 0
        assert is_erased(counter, refs[2]) and is_erased(counter, stranger)


def test_without_a_shop_the_command_does_it(trial: Trial) -> None:
    """After a question that is answered with yes, and only then; twice does no harm."""
    with trial.running() as counter:
        ref = placed(counter)
    for answer in ("n\n", ""):
        assert trial.type(ref, answer=answer).exit_code == 1
    with trial.running() as counter:
        assert not is_erased(counter, ref)
    assert trial.type(ref, answer="y\n").exit_code == 0
    again = trial.type(ref)
    assert (again.exit_code, ref in again.output) == (0, True)
    with trial.running() as counter:
        assert is_erased(counter, ref)


@pytest.mark.parametrize(
    "typed", [(), ("NST-0000",), ("--phone", "0812-0000-9999"), ("--phone", "kemarin")], ids=["nothing", "ref", "number", "word"]
)  # fmt: skip
@pytest.mark.parametrize("trial", ["sqlite"], indirect=True)
def test_what_nobody_has_is_told(trial: Trial, typed: tuple[str, ...]) -> None:
    """A sentence that says what is wrong, and nothing is changed."""
    with trial.running() as counter:
        ref = placed(counter)
        done = trial.type(*typed, "--yes")
        assert done.exit_code == 1 and "Traceback" not in done.output and len(done.output) > 20
        assert not is_erased(counter, ref)


@pytest.mark.parametrize("trial", ["sqlite"], indirect=True)
def test_a_shop_that_can_not_be_asked(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a socket (Windows, or one that was deleted) the lock keeps a second writer out, and says to end the shop."""
    with trial.running() as counter:
        ref = placed(counter)
        (trial.settings.data / NAME).unlink()
        done = trial.type(ref, "--yes")
        assert done.exit_code == 1 and "already running" in done.output
        assert not is_erased(counter, ref)
    monkeypatch.delattr(socket, "AF_UNIX")
    with trial.running() as counter:
        assert not (trial.settings.data / NAME).exists()
        assert trial.type(ref, "--yes").exit_code == 1
    assert trial.type(ref, "--yes").exit_code == 0


@pytest.mark.parametrize("trial", ["sqlite"], indirect=True)
def test_the_clocks_round_erases_what_is_kept_no_longer(trial: Trial) -> None:
    """By what is published: as soon as the shop says for how long it keeps data, the next look carries it out."""
    with Shop(trial.settings, clock=trial.clock, with_workers=False) as shop:
        counter = Counter(shop.folder, shop._engine, shop._reader, shop.writer, trial.clock, trial.catalogue, shop.desk)
        ref = placed(counter)
        trial.clock.move(days=40)
        shop._begin_clock(shop.writer, None)()
        assert not is_erased(counter, ref)
        shop.catalogue = FixedCatalogue(make_catalogue(revision=2, keep_months=1))
        shop._begin_clock(shop.writer, None)()
        assert is_erased(counter, ref)


@pytest.mark.parametrize("trial", ["sqlite"], indirect=True)
def test_doctor_tells_of_what_is_kept_too_long(trial: Trial) -> None:
    """Only where the shop has said for how long it keeps data; what the clock will erase in time is no news."""
    with trial.running() as counter:
        ref = placed(counter)

    def found(months: int | None, days: int) -> list[checkup.Finding]:
        catalogue = make_catalogue(keep_months=months)
        return list(checkup._kept_too_long(trial.settings, catalogue, str, NOW + timedelta(days=days)))

    assert found(None, 900) == found(1, 31) == []
    (finding,) = found(1, 40)
    assert ref in finding.text and finding.advice


def doubled(request: Mapping[str, Any]) -> Mapping[str, Any]:
    if request["number"] < 0:
        raise FolderInUse(path="x")
    return {"number": 2 * request["number"]}


@pytest.mark.parametrize("length", [10, 150])
def test_the_hatch_answers_whoever_may_open_the_folder(tmp_path: Path, length: int) -> None:
    """One answer for each request, several at once, however long the folder's path is; nobody listens afterwards."""
    folder = tmp_path / ("f" * length)
    folder.mkdir(mode=0o700)
    assert ask(folder, {"number": 1}) is None
    # One that a killed shop has left.
    (folder / NAME).write_bytes(b"")
    assert ask(folder, {"number": 1}) is None
    with Hatch(folder, doubled):
        assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
        answers: list[Any] = []
        threads = [threading.Thread(target=lambda n=n: answers.append(ask(folder, {"number": n}))) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(each["number"] for each in answers) == [0, 2, 4, 6, 8]
        assert ask(folder, {"number": -1}) == {"error": "folder_in_use", "fields": {"path": "x"}}
        assert ask(folder, {"word": 1}) == {"error": "malformed", "fields": {"reason": "KeyError"}}
    assert not (folder / NAME).exists()
    assert ask(folder, {"number": 1}) is None


@pytest.mark.parametrize("said", [b"nonsense\n", b"[]\n", b"{}", b"\n", b"x" * (LARGEST + 1)])
def test_nonsense_at_the_hatch_ends_nothing(tmp_path: Path, said: bytes) -> None:
    """Whatever comes in, the next request is answered."""
    with Hatch(tmp_path, doubled):
        with _address(tmp_path) as address, socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            assert b"error" in connection.recv(500)
        assert ask(tmp_path, {"number": 2}) == {"number": 4}


def test_a_hatch_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """What was asked for may be done: the command says so instead of doing it a second time by itself."""

    def broken(_request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise RuntimeError

    with Hatch(tmp_path, broken):
        assert ask(tmp_path, {}) == {"error": "failed", "fields": {"reason": "RuntimeError"}}
    with _address(tmp_path) as address, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(1)

        def hang_up() -> None:
            listening.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(HatchClosed):
            ask(tmp_path, {})
        thread.join(10)
