"""The sample shop, built twice: the same bytes, whoever builds it, and also while another does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storefront.content_makers import CHECKOUT, NOW


def test_two_builds_at_once_from_nothing_are_byte_equal(tmp_path: Path) -> None:
    """Two programs make all pages and photos of one content at the same time, with nothing made before."""
    shutil.copytree(CHECKOUT / "content", tmp_path / "content")
    outputs = [tmp_path / "a", tmp_path / "b"]
    command = [
        sys.executable,
        str(CHECKOUT / "build.py"),
        "--content",
        str(tmp_path / "content"),
        "--now",
        NOW.isoformat(),
    ]
    running = [
        subprocess.Popen(
            [*command, "--output", str(output)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for output in outputs
    ]
    for program in running:
        _, said = program.communicate(timeout=300)
        assert program.returncode == 0, said
    first, second = (
        {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()}
        for output in outputs
    )
    assert first.keys() == second.keys()
    assert [name for name, data in first.items() if second[name] != data] == []
    assert sum(name.endswith(".webp") for name in first) > 20
    # Nothing half made is left behind.
    assert not list((tmp_path / ".cache" / "photos").glob("new-*"))


@pytest.mark.parametrize("arguments", [(), ("new", "Kue Baru")], ids=["build", "new"])
def test_what_can_not_be_written_is_told(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """In a sentence with the place, and not with a traceback; also to who may write everywhere."""
    shutil.copytree(CHECKOUT / "content", tmp_path / "content")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    if arguments:
        # A file where the folder of campaigns would be made.
        shutil.rmtree(tmp_path / "content" / "campaigns")
        (tmp_path / "content" / "campaigns").write_text("x", encoding="utf-8")
    command = [sys.executable, str(CHECKOUT / "build.py"), *arguments, "--content", str(tmp_path / "content")]
    done = subprocess.run(
        [*command, "--output", str(tmp_path / "file" / "site")],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(tmp_path) in done.stderr and "tidak bisa ditulis" in done.stderr
