"""A private folder for one submission: copied in without links, measured while in use, copied out with no surprise."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import uuid4

from course.classroom.sandbox.limits import Limits

HOME: Final = ".home"
DEEPEST: Final = 40
"""So many folders may lie inside each other. What is deeper is left out."""


class TooLargeError(Exception):
    """What was handed in is more than a notebook may have in its folder. The message says how much, and what to do."""


@contextmanager
def private() -> Iterator[Path]:
    """Give a place for a private folder, not made yet, and remove whatever a submission leaves there."""
    place = Path(tempfile.mkdtemp(prefix="course-"))
    try:
        yield place / "work"
    finally:
        # If ever something cannot be removed, that must not stand in the way of what became of the submission.
        with suppress(OSError):
            remove(place)


def copy_in(source: Path, folder: Path, limits: Limits) -> list[str]:
    """Copy the files of `source` into `folder`, and return in words what was refused.

    Only regular files and folders come in: a link may point at another student's work, a device or a pipe may never
    end.

    Parameters
    ----------
    source : pathlib.Path
        Where a submission lies. It may change while it is read; nothing is followed out of it.
    folder : pathlib.Path
        Where its copy goes. Made if it is not there.
    limits : Limits
        How many files and MiB a notebook may have in its folder.

    Raises
    ------
    TooLargeError
        If there is more than the limits allow. Nothing is copied then.
    OSError
        If a file cannot be written.
    """
    found = list(islice(_walk(source), limits.files + 1))
    _check_size(source, found, limits)
    folder.mkdir(parents=True, exist_ok=True)
    refused = []
    for path, kind in found:
        name = path.relative_to(source)
        if kind == "folder":
            (folder / name).mkdir(exist_ok=True)
        elif kind != "file":
            refused.append(f"{name.as_posix()} is {_WORDS.get(kind, 'a special file')}, and was left out.")
        elif not _copy(path, folder / name, linked=True):
            refused.append(f"{name.as_posix()} cannot be read, and was left out.")
    return refused


def _check_size(source: Path, found: list[tuple[Path, str]], limits: Limits) -> None:
    """Refuse what would fill a private folder before anything runs in it.

    A file counts with the size that its copy would have: one with nothing in it but holes can be told to be endless.
    """
    if len(found) > limits.files:
        raise TooLargeError(_refusal(f"more than {limits.files:,} files", "files"))
    sizes = {path.relative_to(source).as_posix(): path.lstat().st_size for path, kind in found if kind == "file"}
    total = sum(sizes.values())
    if total > limits.folder_mib << 20:
        largest = max(sizes, key=sizes.__getitem__)
        told = f"{_mib(total)}, where {limits.folder_mib:,} MiB are allowed; the largest file is {largest}"
        raise TooLargeError(_refusal(f"{told} ({_mib(sizes[largest])})", "folder_mib"))


def _refusal(what: str, limit: str) -> str:
    return (
        f"What was handed in holds {what}, so it was not run. Take out what the notebook does not need, or allow "
        f"more: c.Execute.limits = {{{limit!r}: …}} in nbgrader_config.py."
    )


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"


def copy_out(folder: Path, destination: Path, limits: Limits) -> tuple[list[Path], list[str]]:
    """Copy the regular files that a notebook has made in `folder` to `destination`, never over one that is there.

    Parameters
    ----------
    folder : pathlib.Path
        The private folder, in which nothing runs any more.
    destination : pathlib.Path
        Where the autograded files lie.
    limits : Limits
        How many files and MiB may come out.

    Returns
    -------
    copied : list of pathlib.Path
        What was copied, below `destination`.
    refused : list of str
        What was not, in words. What was there before is passed over in silence.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    copied: list[Path] = []
    refused: list[str] = []
    beyond: list[str] = []
    left = limits.folder_mib << 20
    for path, kind in _walk(folder):
        name = path.relative_to(folder)
        place = destination / name
        if name.parts[0] == HOME or kind == "folder" or os.path.lexists(place):
            continue
        size = path.lstat().st_size
        if kind != "file":
            refused.append(f"{name.as_posix()} is {_WORDS.get(kind, 'a special file')}, and was left out.")
        elif len(copied) >= limits.files or size > left or size > limits.file_mib << 20:
            beyond.append(name.as_posix())
        elif _goes_through_link(destination, place) or not _copy(path, place, linked=False):
            refused.append(f"{name.as_posix()} is linked to another place, or cannot be read, and was left out.")
        else:
            copied.append(name)
            left -= size
    if beyond:
        others = f" and {len(beyond) - 1} more" if len(beyond) > 1 else ""
        refused.append(f"{beyond[0]}{others} left out: the notebook made too many files, or too large ones.")
    return copied, refused


def excess(folder: Path, limits: Limits) -> str:
    """Say how a folder that is in use exceeds its limits; empty if it does not."""
    files = size = 0
    for path, kind in _walk(folder):
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
    """Remove a folder in which nothing runs any more, however deep it is and whatever its maker has locked.

    `shutil.rmtree` goes down by recursion, and stops with a RecursionError in one that was made to be too deep. Here
    each folder is moved up before it is looked into, so that no path grows long.

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
                # A name that nobody can have taken already.
                waiting.append(Path(entry.path).rename(folder / uuid4().hex))
            else:
                Path(entry.path).unlink()
    for path in reversed(emptied):
        path.rmdir()


_WORDS: Final = {"link": "a link", "too deep": "too deep inside other folders"}


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is in a folder, folders before what they hold, and what kind it is. Links are not followed."""
    waiting = [(folder, 1)]
    while waiting:
        here, depth = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                yield path, "link"
            elif entry.is_dir(follow_symlinks=False):
                if depth >= DEEPEST:
                    yield path, "too deep"
                    continue
                yield path, "folder"
                waiting.append((path, depth + 1))
            else:
                yield path, "file" if entry.is_file(follow_symlinks=False) else "special"


def _copy(source: Path, place: Path, *, linked: bool) -> bool:
    """Copy one regular file to where none is; `linked` says whether it may have other names. Returns whether it did."""
    try:
        # Opening a pipe must not wait for its other end.
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        # A link by now, or a file that its maker has locked.
        return False
    with os.fdopen(descriptor, "rb") as content:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or (about.st_nlink > 1 and not linked):
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as copy:
            shutil.copyfileobj(content, copy)
    return True


def _goes_through_link(destination: Path, place: Path) -> bool:
    return any(parent.is_symlink() for parent in place.parents if destination in parent.parents)
