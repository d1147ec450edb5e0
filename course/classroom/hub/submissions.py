"""Import submissions from the learners' own folders into nbgrader's: complete and under their own names, or not at all.

Each learner submits into a folder that nobody else can write to, so its location proves who submitted. A learner can
put anything there without nbgrader. It must not bring in other files of the machine, or stop the rest of the class from
being collected, graded and given feedback.
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
from course.classroom.sandbox.untrusted_files import open_regular_file

SECRET: Final = "submission_secret.txt"
NEWEST: Final = 50
"""Limit on submissions imported for each learner and assignment, so that nobody fills the disk with them."""

# Learner, assignment, time and a random part.
_NAME: Final = re.compile(r"[^+]+\+[^+]+\+[\w .:-]{1,60}\+[\w-]{1,60}", re.ASCII)
MOST_ENTRIES: Final = 1000
DEEPEST: Final = 20


class _RefusedError(Exception):
    """A submission cannot be imported. The message says why."""


def import_submissions(handed_in: Path, inbound: Path, assignment: str, most: int) -> Iterator[str]:
    """Copy new submissions to where nbgrader collects them, and yield a warning for each thing left out.

    Parameters
    ----------
    handed_in : pathlib.Path
        The folder that holds a folder for each learner. It may change while it is read; links are not followed.
    inbound : pathlib.Path
        nbgrader's folder, which learners cannot write to.
    assignment : str
        The assignment to collect.
    most : int
        Limit for each submission in bytes.

    Raises
    ------
    OSError
        If `inbound` cannot be written.
    """
    for folder in sorted(handed_in.iterdir()):
        try:
            entries = sorted((path.name for path in folder.iterdir()), reverse=True)
        except OSError as error:
            yield f"{folder.name}: nothing was collected, because {folder} cannot be read ({error.strerror})."
            continue
        if strange := [name for name in entries if not name.startswith(f"{folder.name}+")]:
            yield f"{folder.name}: {strange[0]!r} was left out, because it is not named after {folder.name}."
        names = [name for name in entries if name.startswith(f"{folder.name}+{assignment}+")]
        if len(names) > NEWEST:
            yield f"{folder.name} has handed in {len(names)} times; only the newest {NEWEST} were considered."
        for name in names[:NEWEST]:
            if not (inbound / name).exists():
                yield from _import_submission(folder / name, inbound, most)


def _import_submission(submission: Path, inbound: Path, most: int) -> Iterator[str]:
    """Copy one submission if it is valid, and yield a warning for each thing left out."""
    with TemporaryDirectory(prefix=".", dir=inbound) as temporary:
        copy = Path(temporary) / "copy"
        try:
            if not _NAME.fullmatch(submission.name):
                raise _RefusedError("nbgrader does not create such names")
            for name in _copy(submission, copy, most):
                yield f"{submission.name}: {name!r} was left out, because it is a link or cannot be read."
            if problem := receipt_problem(copy, submission.name.split("+")[2]):
                raise _RefusedError(problem)
            copy.rename(inbound / submission.name)
        except (_RefusedError, OSError) as error:
            yield f"{submission.parent.name}: {submission.name!r} was left out, because {error}."


def receipt_problem(folder: Path, time: str | None = None) -> str:
    """Describe what is wrong with the two files that nbgrader puts beside a submission; empty if they are right.

    One submission without them stops nbgrader from giving feedback to anybody.

    Parameters
    ----------
    folder : pathlib.Path
        A submission, or the feedback on it.
    time : str, optional
        The time of submission, as nbgrader writes it.
    """
    try:
        timestamp, secret = ((folder / name).read_text(encoding="utf-8") for name in (TIMESTAMP, SECRET))
    except (OSError, ValueError):
        return f"{TIMESTAMP} or {SECRET} is missing or not text, so it is incomplete or was not handed in with the menu"
    if handed_in_at(folder) is None or timestamp != (time or timestamp):
        return f"{TIMESTAMP} does not say when it was handed in"
    return "" if secret else f"{SECRET} is empty"


def _copy(source: Path, target: Path, most: int) -> Iterator[str]:
    """Copy the regular files of a folder that may change meanwhile, and yield the paths left out.

    Raises
    ------
    _RefusedError
        If `source` is no folder, is too large or too deep, or holds too many files.
    """
    if not stat.S_ISDIR(source.lstat().st_mode):
        raise _RefusedError("it is not a folder")
    count = size = 0
    unread: set[Path] = set()
    # fwalk opens each folder relative to its parent's descriptor, so none can be replaced by a link in between.
    for name, folders, files, parent in os.fwalk(source):
        inside = Path(name).relative_to(source)
        count += len(folders) + len(files)
        if count > MOST_ENTRIES or len(inside.parts) > DEEPEST:
            raise _RefusedError(
                f"it has more than {MOST_ENTRIES} files, or more than {DEEPEST} folders inside each other"
            )
        unread.discard(inside)
        unread.update(inside / folder for folder in folders)
        (target / inside).mkdir()
        for file in files:
            content = _read(file, parent, most + 1 - size)
            if content is None:
                yield str(inside / file)
                continue
            size += len(content)
            if size > most:
                raise _RefusedError(f"it has more than the {most} bytes that CourseDirectory.max_dir_size allows")
            (target / inside / file).write_bytes(content)
    yield from map(str, unread)


def _read(file: str, parent: int, most: int) -> bytes | None:
    """Return the first `most` bytes of a regular file; None if it is something else or cannot be read."""
    content = open_regular_file(file, parent)
    if content is None:
        return None
    with content:
        return content.read(most)
