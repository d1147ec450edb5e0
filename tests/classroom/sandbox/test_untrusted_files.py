"""Reading a folder that somebody else can write to: nothing is followed, nothing is waited for."""

from __future__ import annotations

import os
from pathlib import Path

from course.classroom.gradebook.course_folder import entries
from course.classroom.sandbox.untrusted_files import DEEPEST, open_regular_file, walk


def test_every_entry_comes_with_its_kind_and_no_link_is_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    (outside / "secret").write_text("not yours")
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_text("mine")
    (folder / "to-a-file").symlink_to(outside / "secret")
    (folder / "to-a-folder").symlink_to(outside)
    os.mkfifo(folder / "pipe")

    kinds = {path.relative_to(folder).as_posix(): kind for path, kind in walk(folder)}

    assert kinds == {
        "inner": "folder",
        "inner/file": "file",
        "to-a-file": "link",
        "to-a-folder": "link",
        "pipe": "special",
    }
    assert entries(folder) == sorted(folder / name for name in kinds if name != "inner")


def test_a_folder_that_is_too_deep_is_named_and_not_entered(tmp_path: Path) -> None:
    deepest = tmp_path.joinpath(*["d"] * DEEPEST)
    (deepest / "further").mkdir(parents=True)

    assert [(path, kind) for path, kind in walk(tmp_path) if kind != "folder"] == [(deepest, "too deep")]
    assert entries(tmp_path) == [deepest]


def test_checkpoints_are_left_out_of_a_submission_and_a_link_to_one_as_well(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("a", "b"):
        (tmp_path / "work" / name).mkdir(parents=True)
    (tmp_path / "work" / "a" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "work" / "a" / ".ipynb_checkpoints" / "old.ipynb").touch()
    (tmp_path / "work" / "b" / ".ipynb_checkpoints").symlink_to(outside)
    (tmp_path / "work" / ".ipynb_checkpoints").touch()

    assert entries(tmp_path / "work") == [tmp_path / "work" / ".ipynb_checkpoints"]


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")

    file = open_regular_file(tmp_path / "file")

    assert file is not None
    with file:
        assert file.read() == b"mine"
    assert [open_regular_file(tmp_path / name) for name in ("link", "pipe", "nothing", ".")] == [None] * 4
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        inside = open_regular_file("file", folder)
        assert inside is not None
        inside.close()
    finally:
        os.close(folder)
