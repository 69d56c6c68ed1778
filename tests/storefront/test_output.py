"""Writing the site: file by file, and safe against being killed in between."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storefront import output
from storefront.output import OutputRefused, write_site
from tests.storefront.content_makers import write


@pytest.mark.parametrize(
    "path", ["../x.html", "/x.html", "a/../../x.html", "a//b", "./a", "a\\b", "x.py", "a/x.php", ".gitkeep", ""]
)
def test_no_path_leaves_the_folder_or_is_a_program(tmp_path: Path, path: str) -> None:
    """A path that a mistake of ours made is stopped before anything is written."""
    with pytest.raises(ValueError, match=r".*"):
        write_site(tmp_path / "site", {"a.html": b"a", path: b"x"}, tmp_path / "manifest.json")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("step", range(8))
def test_a_killed_build_leaves_nothing_that_the_next_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Stopped at any replacement, each file is old or new and whole; the next build ends with exactly its own files."""
    site, manifest = tmp_path / "site", tmp_path / "manifest.json"
    old = {"a.html": b"old a", "b/index.html": b"old b", "c.html": b"old c"}
    new = {"a.html": b"new a", "d/index.html": b"new d", "e.html": b"new e"}
    write_site(site, old, manifest)
    calls = 0
    replace = os.replace

    class Killed(BaseException):
        pass

    def killing(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == step + 1:
            raise Killed
        replace(source, target)

    monkeypatch.setattr(output.os, "replace", killing)
    try:
        write_site(site, new, manifest)
    except Killed:
        assert calls == step + 1
    monkeypatch.setattr(output.os, "replace", replace)
    for path in site.rglob("*.html"):
        name = path.relative_to(site).as_posix()
        assert path.read_bytes() in {old.get(name), new.get(name)}
    write_site(site, {"e.html": b"last"}, manifest)
    assert [path.relative_to(site).as_posix() for path in site.rglob("*")] == ["e.html"]


def test_the_leftover_of_a_killed_build_is_cleared(tmp_path: Path) -> None:
    """A file that was half written when the machine went off is not published for ever."""
    site = tmp_path / "site"
    write_site(site, {"a.html": b"a"}, tmp_path / "manifest.json")
    leftover = write(site / ".a.html.etalase-new", "half")
    write_site(site, {"a.html": b"b"}, tmp_path / "manifest.json")
    assert not leftover.exists()


def test_a_file_makes_room_for_a_folder(tmp_path: Path) -> None:
    """What was a page may become a folder, and the other way round."""
    site, manifest = tmp_path / "site", tmp_path / "manifest.json"
    write_site(site, {"a": b"1"}, manifest)
    write_site(site, {"a/b": b"2"}, manifest)
    assert (site / "a" / "b").read_bytes() == b"2"


def test_a_list_of_ours_can_not_delete_outside(tmp_path: Path) -> None:
    """A damaged manifest never leads to a file outside the site."""
    kept = write(tmp_path / "kept.txt", "x")
    manifest = write(tmp_path / "manifest.json", '["../kept.txt", "/etc/hostname", 5, null, "a.html"]')
    write_site(tmp_path / "site", {"b.html": b"b"}, manifest)
    assert kept.exists()


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A symbolic link in the way of a file of ours does not send the page elsewhere."""
    site, manifest = tmp_path / "site", tmp_path / "manifest.json"
    write_site(site, {"a.html": b"a"}, manifest)
    outside = write(tmp_path / "outside.html", "mine")
    (site / "a.html").unlink()
    (site / "a.html").symlink_to(outside)
    write_site(site, {"a.html": b"b"}, manifest)
    assert outside.read_text("utf-8") == "mine"
    assert not (site / "a.html").is_symlink()


def test_a_foreign_folder_in_the_way(tmp_path: Path) -> None:
    """A folder where a page belongs, or a file where a folder belongs, is not ours to remove."""
    for foreign, ours in (("a.html/x.txt", "a.html"), ("a", "a/index.html")):
        site = tmp_path / ours.replace("/", "-")
        write(site / foreign, "x")
        with pytest.raises(OutputRefused):
            write_site(site, {ours: b"a"}, tmp_path / "none.json", adopt=True)
        assert (site / foreign).exists()
