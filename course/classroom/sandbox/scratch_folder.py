"""The private folder of one submission: copy files in, measure it while in use, copy new files out, remove it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import uuid4

from course.classroom.sandbox.limits import Limits
from course.classroom.sandbox.untrusted_files import DEEPEST, Kind, open_regular_file, walk

HOME: Final = ".home"


class TooLargeError(Exception):
    """A submission is larger than its folder may be. The message says by how much, and what to do."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield the path of a private folder, which does not exist yet, and remove it afterwards with all its contents."""
    parent = Path(tempfile.mkdtemp(prefix="course-"))
    try:
        yield parent / "work"
    finally:
        # An error here must not hide the result of the submission.
        with suppress(OSError):
            remove(parent)


def copy_in(source: Path, folder: Path, limits: Limits) -> list[str]:
    """Copy the files of `source` into `folder`, and return a message for each entry that was left out.

    Only regular files and folders are copied: a link may point to another student's work, and a device or a pipe may
    never end.

    Parameters
    ----------
    source : pathlib.Path
        The submission. It may change while it is read; links are never followed.
    folder : pathlib.Path
        Where the copy goes. Created if it does not exist.
    limits : Limits
        How many files and MiB a notebook may have in its folder.

    Raises
    ------
    TooLargeError
        If it exceeds the limits. Nothing is copied then.
    OSError
        If a file cannot be written.
    """
    entries = list(islice(walk(source), limits.files + 1))
    _check_size(source, entries, limits)
    folder.mkdir(parents=True, exist_ok=True)
    refused = []
    for path, kind in entries:
        name = path.relative_to(source)
        if kind == "folder":
            (folder / name).mkdir(exist_ok=True)
        elif kind != "file":
            refused.append(f"{name.as_posix()} is {_WORDS.get(kind, 'a special file')}, and was left out.")
        elif not _copy(path, folder / name, linked=True):
            refused.append(f"{name.as_posix()} cannot be read, and was left out.")
    return refused


def _check_size(source: Path, entries: list[tuple[Path, Kind]], limits: Limits) -> None:
    """Refuse a submission that would overfill the private folder before anything runs.

    A file counts with its apparent size, which its copy would have: a sparse file can claim any size.
    """
    if len(entries) > limits.files:
        raise TooLargeError(_refusal(f"more than {limits.files:,} files", "files"))
    sizes = {path.relative_to(source).as_posix(): path.lstat().st_size for path, kind in entries if kind == "file"}
    total = sum(sizes.values())
    if total > limits.folder_mib << 20:
        largest = max(sizes, key=sizes.__getitem__)
        size = f"{_mib(total)}, where {limits.folder_mib:,} MiB are allowed; the largest file is {largest}"
        raise TooLargeError(_refusal(f"{size} ({_mib(sizes[largest])})", "folder_mib"))


def _refusal(what: str, limit: str) -> str:
    return (
        f"What was handed in holds {what}, so it was not run. Take out what the notebook does not need, or allow "
        f"more: c.Execute.limits = {{{limit!r}: …}} in nbgrader_config.py."
    )


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"


def copy_out(folder: Path, destination: Path, limits: Limits) -> tuple[list[Path], list[str]]:
    """Copy regular files that a notebook created in `folder` to `destination`, without overwriting anything.

    Parameters
    ----------
    folder : pathlib.Path
        The private folder, in which nothing runs any more.
    destination : pathlib.Path
        The folder of autograded files.
    limits : Limits
        How many files and MiB may be copied.

    Returns
    -------
    copied : list of pathlib.Path
        The copied files, relative to `destination`.
    refused : list of str
        A message for each entry that was not. Entries that already exist are skipped silently.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    copied: list[Path] = []
    refused: list[str] = []
    beyond: list[str] = []
    left = limits.folder_mib << 20
    for path, kind in walk(folder):
        name = path.relative_to(folder)
        target = destination / name
        if name.parts[0] == HOME or kind == "folder" or os.path.lexists(target):
            continue
        size = path.lstat().st_size
        if kind != "file":
            refused.append(f"{name.as_posix()} is {_WORDS.get(kind, 'a special file')}, and was left out.")
        elif len(copied) >= limits.files or size > left or size > limits.file_mib << 20:
            beyond.append(name.as_posix())
        elif _goes_through_link(destination, target) or not _copy(path, target, linked=False):
            refused.append(f"{name.as_posix()} is linked to another place, or cannot be read, and was left out.")
        else:
            copied.append(name)
            left -= size
    if beyond:
        others = f" and {len(beyond) - 1} more" if len(beyond) > 1 else ""
        refused.append(f"{beyond[0]}{others} left out: the notebook made too many files, or too large ones.")
    return copied, refused


def excess(folder: Path, limits: Limits, unlinked: int = 0) -> str:
    """Return which limit a folder in use exceeds, as a sentence; empty if none.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    limits : Limits
        What it may hold.
    unlinked : int
        Bytes of the files that were removed from it and are still open.
    """
    files, size = 0, unlinked
    for path, kind in walk(folder):
        files += 1
        if kind == "file":
            try:
                size += path.lstat().st_blocks * 512
            except OSError:
                continue
        if kind == "too deep":
            return f"It made folders inside folders, more than {DEEPEST} deep."
        if files > limits.files:
            return f"It made more than {limits.files} files."
    if size > limits.folder_mib << 20:
        return f"It filled its folder with more than {limits.folder_mib} MiB."
    return ""


def remove(folder: Path) -> None:
    """Remove a folder in which nothing runs any more, however deep it is and whatever its permissions are.

    `shutil.rmtree` recurses, and raises RecursionError in a folder that was made too deep. Here each folder is moved to
    the top before it is read, so that no path becomes too long.

    Raises
    ------
    OSError
        If something cannot be removed.
    """
    waiting, emptied = [folder], []
    while waiting:
        here = waiting.pop()
        emptied.append(here)
        for entry in list(os.scandir(here)):
            if entry.is_dir(follow_symlinks=False):
                Path(entry.path).chmod(0o700)
                # A name that cannot exist already.
                waiting.append(Path(entry.path).rename(folder / uuid4().hex))
            else:
                Path(entry.path).unlink()
    for path in reversed(emptied):
        path.rmdir()


_WORDS: Final[Mapping[Kind, str]] = {"link": "a link", "too deep": "too deep inside other folders"}


def _copy(source: Path, target: Path, *, linked: bool) -> bool:
    """Copy one regular file to a path that does not exist, and return whether it could be read.

    `linked` says whether a file with other hard links is copied.
    """
    content = open_regular_file(source)
    if content is None:
        return False
    with content:
        if os.fstat(content.fileno()).st_nlink > 1 and not linked:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as copy:
            shutil.copyfileobj(content, copy)
    return True


def _goes_through_link(destination: Path, target: Path) -> bool:
    return any(parent.is_symlink() for parent in target.parents if destination in parent.parents)
