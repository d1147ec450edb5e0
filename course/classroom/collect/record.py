"""Remember what was collected, so that a later download adds what is new and puts an older attempt aside."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from course import files
from course.classroom.gradebook.course_folder import CourseError
from course.classroom.gradebook.journal import FOLDER
from course.classroom.gradebook.outcome import Submission

NAME: Final = "collected.json"
EARLIER: Final = "earlier"


@dataclass
class Collected:
    """What was collected of one submission.

    Parameters
    ----------
    placed : dict
        For each file in the submission's folder that came from a download: the hash of what was collected, and its
        attempt.
    earlier : list of str
        The hashes of what later attempts have replaced.
    """

    placed: dict[str, tuple[str, str]] = field(default_factory=dict)
    earlier: list[str] = field(default_factory=list)


@dataclass
class Record:
    """What was collected in a course, in the file ``.course/collected.json``."""

    root: Path
    submissions: dict[str, Collected]

    @classmethod
    def read(cls, root: Path) -> Self:
        """Return the record of a course; an empty one if nothing was collected yet.

        Raises
        ------
        CourseError
            If it is damaged.
        """
        path = root / FOLDER / NAME
        try:
            known = json.loads(files.read(path) or b"{}")
            return cls(
                root,
                {
                    name: Collected(
                        {file: (str(entry[0]), str(entry[1])) for file, entry in item["placed"].items()},
                        [str(entry) for entry in item["earlier"]],
                    )
                    for name, item in known.items()
                },
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise CourseError(f"{path} cannot be read: {error}. Rename it, and run this again.") from error

    def write(self) -> None:
        """Write the record.

        Raises
        ------
        CourseError
            If it cannot be written.
        """
        known = {name: {"placed": item.placed, "earlier": item.earlier} for name, item in self.submissions.items()}
        path = self.root / FOLDER / NAME
        try:
            path.parent.mkdir(exist_ok=True)
            files.write(path, f"{json.dumps(known, indent=1, sort_keys=True)}\n".encode())
        except OSError as error:
            raise CourseError(f"{path} cannot be written: {error.strerror or error}.") from error

    def of(self, submission: Submission) -> Collected:
        """Return what was collected of a submission."""
        return self.submissions.setdefault(f"{submission.student}/{submission.assignment}", Collected())

    def put_aside(self, submission: Submission, file: Path, inside: str) -> Path:
        """Move a file of an older attempt out of the submission's folder, and return where it is now."""
        folder = self.root / FOLDER / EARLIER / submission.student / submission.assignment
        aside = folder / inside
        number = 1
        while aside.exists():
            number += 1
            aside = folder / str(number) / inside
        aside.parent.mkdir(parents=True, exist_ok=True)
        file.rename(aside)
        collected = self.of(submission)
        collected.earlier.append(collected.placed.pop(inside)[0])
        return aside


def digest(content: bytes) -> str:
    """Return the hash by which a collected file is known again."""
    return hashlib.sha256(content).hexdigest()
