"""The private folder of a submission: what may come in, and that nothing of it stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from course.classroom.gradebook.course_folder import digest
from course.classroom.gradebook.submission_check import check_submission
from course.classroom.sandbox.limits import Limits
from course.classroom.sandbox.scratch_folder import TooLargeError, copy_in, private_folder


def deep(folder: Path, levels: int, *, locked: bool = False) -> None:
    """Make folders inside folders, deeper than any path can be long, with a file in each fifth one."""
    here = os.open(folder, os.O_RDONLY)
    for level in range(levels):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        if level % 5 == 0:
            os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=inner))
        if locked:
            os.chmod("d", 0, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_a_hand_in_that_is_too_large_is_refused_with_the_largest_file_and_what_to_do(tmp_path: Path) -> None:
    source, folder = tmp_path / "submitted", tmp_path / "private"
    (source / "data").mkdir(parents=True)
    (source / "data" / "all.csv").write_bytes(bytes(3 << 20))
    (source / "notes.txt").write_bytes(bytes(1 << 20))
    with pytest.raises(TooLargeError) as refused:
        copy_in(source, folder, Limits(folder_mib=3))
    words = str(refused.value)
    assert "holds 4 MiB, where 3 MiB are allowed; the largest file is data/all.csv (3 MiB)" in words
    assert "c.Execute.limits = {'folder_mib': …}" in words
    assert not folder.exists()
    assert copy_in(source, folder, Limits(folder_mib=4)) == []


def test_a_file_of_nothing_but_holes_counts_with_the_size_that_a_copy_would_have(tmp_path: Path) -> None:
    source = tmp_path / "submitted"
    source.mkdir()
    with (source / "holes").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLargeError, match=r"holds 1,048,576 MiB"):
        copy_in(source, tmp_path / "private", Limits())


def test_a_hand_in_of_too_many_files_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "submitted"
    source.mkdir()
    for number in range(11):
        (source / f"{number}").touch()
    with pytest.raises(TooLargeError, match=r"holds more than 10 files.*'files': …"):
        copy_in(source, tmp_path / "private", Limits(files=10))


def test_a_private_folder_goes_whatever_was_made_in_it_and_says_what_happened_to_its_user() -> None:
    with pytest.raises(KeyError, match="what happened"), private_folder() as folder:  # noqa: PT012
        folder.mkdir()
        deep(folder, 3000, locked=True)
        (folder / "kept").touch()
        (folder / "kept").chmod(0)
        folder.chmod(0)
        raise KeyError("what happened")
    assert not folder.parent.exists()


def test_a_hand_in_deeper_than_any_path_is_long_is_looked_at_like_any_other() -> None:
    with private_folder() as folder:
        folder.mkdir()
        (folder / "sample.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
        before = digest(folder)
        deep(folder, 3000)
        assert digest(folder) != before
        fit = check_submission(folder, {"sample": {}})
        assert (fit.notebooks, fit.problems) == (1, {})
        assert [note.rpartition(": ")[2] for note in fit.notes] == ["it is too deep inside other folders."]
        assert fit.files is not None
        assert max(len(name.parts) for name in fit.files) <= 40
