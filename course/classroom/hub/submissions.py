"""What learners hand in, taken from their own folders into nbgrader's: whole, under their own names, or not at all.

Every learner puts submissions into a folder that nobody else can write to, so a submission's place says whose it is.
Whatever a learner puts there past nbgrader's menu must neither bring anything else of the machine along, nor keep the
rest of the class from being collected, graded and given feedback.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from course.classroom.gradebook.submission_check import TIMESTAMP, handed_in_at

SECRET: Final = "submission_secret.txt"
NEWEST: Final = 50
"""So many submissions of a learner for an assignment are looked at, so that nobody fills the disk with them."""

# Who, what, when and something random.
_NAME: Final = re.compile(r"[^+]+\+[^+]+\+[\w .:-]{1,60}\+[\w-]{1,60}", re.ASCII)
ENTRIES: Final = 1000
DEEPEST: Final = 20


class _LeftOutError(Exception):
    """A submission cannot be taken. The message says why."""


def take_in(handed_in: Path, inbound: Path, assignment: str, most: int) -> Iterator[str]:
    """Copy what is new to where nbgrader collects it, and yield in words what was left out.

    Parameters
    ----------
    handed_in : pathlib.Path
        Holds a folder for each learner. What is in it may change while it is read; no link out of it is followed.
    inbound : pathlib.Path
        nbgrader's folder, which learners cannot write to.
    assignment : str
        The assignment that is collected.
    most : int
        How many bytes a submission may have.

    Raises
    ------
    OSError
        If `inbound` cannot be written.
    """
    for folder in sorted(handed_in.iterdir()):
        try:
            found = sorted((path.name for path in folder.iterdir()), reverse=True)
        except OSError as error:
            yield f"{folder.name}: nothing was collected, because {folder} cannot be read ({error.strerror})."
            continue
        if strange := [name for name in found if not name.startswith(f"{folder.name}+")]:
            yield f"{folder.name}: {strange[0]!r} was left out, because it does not bear the name of {folder.name}."
        names = [name for name in found if name.startswith(f"{folder.name}+{assignment}+")]
        if len(names) > NEWEST:
            yield f"{folder.name} has handed in {len(names)} times; only the newest {NEWEST} were looked at."
        for name in names[:NEWEST]:
            if not (inbound / name).exists():
                yield from _take(folder / name, inbound, most)


def _take(submission: Path, inbound: Path, most: int) -> Iterator[str]:
    """Copy one submission, if it can be used, and yield in words what was left out."""
    with TemporaryDirectory(prefix=".", dir=inbound) as place:
        copy = Path(place) / "copy"
        try:
            if not _NAME.fullmatch(submission.name):
                raise _LeftOutError("nbgrader gives no such name")
            for name in _copy(submission, copy, most):
                yield f"{submission.name}: {name!r} was left out, because it is a link or cannot be read."
            if problem := receipt_problem(copy, submission.name.split("+")[2]):
                raise _LeftOutError(problem)
            copy.rename(inbound / submission.name)
        except (_LeftOutError, OSError) as error:
            yield f"{submission.parent.name}: {submission.name!r} was left out, because {error}."


def receipt_problem(folder: Path, time: str | None = None) -> str:
    """Say what is wrong with the two files that nbgrader lays beside a submission; nothing if they are right.

    One submission without them keeps nbgrader from giving feedback to anybody.

    Parameters
    ----------
    folder : pathlib.Path
        A submission, or the feedback on it.
    time : str, optional
        When it was handed in, as nbgrader writes it.
    """
    try:
        said, secret = ((folder / name).read_text(encoding="utf-8") for name in (TIMESTAMP, SECRET))
    except (OSError, ValueError):
        return f"{TIMESTAMP} or {SECRET} is missing or no text, so it is not complete or did not come from the menu"
    if handed_in_at(folder) is None or said != (time or said):
        return f"{TIMESTAMP} does not say when it was handed in"
    return "" if secret else f"{SECRET} is empty"


def _copy(source: Path, target: Path, most: int) -> Iterator[str]:
    """Copy the ordinary files of a folder that may change meanwhile, and yield what was passed over.

    Raises
    ------
    _LeftOutError
        If it is no folder, or too large, deep or full.
    """
    if not stat.S_ISDIR(source.lstat().st_mode):
        raise _LeftOutError("it is no folder")
    count = size = 0
    closed: set[Path] = set()
    # Each folder is opened within the one before, so none can be changed for a link in between.
    for name, folders, files, place in os.fwalk(source):
        inside = Path(name).relative_to(source)
        count += len(folders) + len(files)
        if count > ENTRIES or len(inside.parts) > DEEPEST:
            raise _LeftOutError(f"it has more than {ENTRIES} files, or more than {DEEPEST} folders inside each other")
        closed.discard(inside)
        closed.update(inside / folder for folder in folders)
        (target / inside).mkdir()
        for file in files:
            content = _read(file, place, most + 1 - size)
            if content is None:
                yield str(inside / file)
                continue
            size += len(content)
            if size > most:
                raise _LeftOutError(f"it has more than the {most} bytes that CourseDirectory.max_dir_size allows")
            (target / inside / file).write_bytes(content)
    yield from map(str, closed)


def _read(file: str, place: int, most: int) -> bytes | None:
    """Return what an ordinary file begins with; None if it is another thing or closed to us."""
    try:
        # Opening a pipe must not wait for its other end.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as content:
        return content.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
