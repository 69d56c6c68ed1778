"""What an operator reads of a failure is in the shop's language: no words of the operating system's in between."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from intake import checkup
from intake.backup import BackupFailed
from intake.cli import CantListen
from intake.exporting import ExportFailed, export_to
from intake.ledger.folder import DataFolder, FolderUnusable, telling_folder_trouble
from intake.ledger.opening import DatabaseAway
from intake.settings import read_settings
from intake.sheet import SheetFailed
from intake.system_words import own_words
from preorder.errors import PreorderError
from tests.intake.test_reconcile import make_world
from tests.makers import NOW


def marked(text: str) -> str:
    """Stands in for a translation: what went through it can be told from what did not."""
    return f"<{text}>"


def _file_for_folder(root: Path) -> None:
    (root / "file").write_text("")
    DataFolder(root / "file" / "data")


def _folder_for_file(root: Path) -> None:
    (root / "secret-key").mkdir()
    DataFolder(root).secret_key()


def _no_place(_root: Path) -> None:
    DataFolder("/proc/etalase")


@pytest.mark.parametrize("fail", [_file_for_folder, _folder_for_file, _no_place])
def test_what_the_system_really_says_is_put_into_own_words(tmp_path: Path, fail: Callable[[Path], None]) -> None:
    """The path stays, the reason is ours."""
    with pytest.raises(FolderUnusable) as caught, telling_folder_trouble(tmp_path):
        fail(tmp_path)
    said, reason = checkup.sentence(caught.value, marked), str(caught.value.fields["reason"])
    assert reason not in said and f"<{own_words(reason, str)}>" in said
    assert str(caught.value.fields["path"]) in said


@pytest.mark.parametrize(
    "error",
    [
        SheetFailed(reason=os.strerror(13)),
        SheetFailed(reason="read_back"),
        BackupFailed(folder="/backups", reason="disk_full"),
        BackupFailed(folder="/backups", reason=os.strerror(30)),
        CantListen(host="toko.invalid", port=8000, reason="Name or service not known"),
        CantListen(host="127.0.0.1", port=8000, reason=os.strerror(98)),
        DatabaseAway(
            database="postgresql://toko:***@db/toko",
            reason='connection failed: connection to server at "10.0.0.1", port 5432 failed: Connection refused',
        ),
    ],
    ids=lambda error: f"{error.code}-{error.fields['reason']}"[:40],
)
def test_no_reason_stays_in_the_systems_words(error: PreorderError) -> None:
    """Each reason that comes up in daily life has words of ours."""
    said = checkup.sentence(error, marked)
    assert str(error.fields["reason"]) not in said
    assert said.count("<") == said.count(">") == 2


def test_what_is_not_known_stays_as_it_was_said() -> None:
    """Better a foreign word than none."""
    assert own_words("permission denied for schema public", marked) == "permission denied for schema public"
    assert own_words("exit -9: ", marked) == "exit -9: "


def test_a_taken_port_in_doctors_words(tmp_path: Path) -> None:
    """As the system says it when it is tried."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = read_settings({"ETALASE_DATA": str(tmp_path / "data"), "PORT": str(taken.getsockname()[1])})
        (finding,) = [
            each
            for each in checkup.examine(settings, marked, NOW)
            if str(settings.port) in each.text and each.grade is checkup.Grade.BAD
        ]
    assert os.strerror(98) not in finding.text and f"<{own_words(os.strerror(98), str)}>" in finding.text


def test_an_export_that_can_not_be_written_names_its_own_file(tmp_path: Path) -> None:
    """Not the one that it is made in first; and there is nothing to look for in the data folder."""
    settings = make_world(tmp_path).settings
    with pytest.raises(ExportFailed) as caught:
        export_to(settings, "id", tmp_path / "no" / "orders.csv")
    said = checkup.sentence(caught.value, marked)
    assert f"{tmp_path}/no/orders.csv" in said and "ETALASE_DATA" not in said and os.strerror(2) not in said
