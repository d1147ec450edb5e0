"""Codes in place of names: learner 07 stays learner 07 in every report of a class.

They are given out in a random order, so that they say nothing about the alphabet, and kept in a file in the course's
folder, where the instructor can look up who is who.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from course import files
from course.classroom.gradebook.journal import FOLDER
from course.classroom.gradebook.marks import ClassError

PLACE: Final = f"{FOLDER}/learner-codes.json"
"""Below the course's folder, where `course grade` keeps its journal."""


def learner_codes(folder: Path, students: Iterable[str]) -> dict[str, str]:
    """Return each student's code, giving out new ones to those who have none yet.

    Parameters
    ----------
    folder : pathlib.Path
        The course's folder, where the codes are kept.
    students : iterable of str
        Their ids.

    Raises
    ------
    ClassError
        If the file of codes is damaged, or cannot be written.
    """
    path = folder / PLACE
    numbers = _read(path)
    new = sorted(set(students) - set(numbers))
    # The order is no secret worth a stronger one: whoever has this file has the gradebook too.
    random.shuffle(new)
    if new:
        first = max(numbers.values(), default=0) + 1
        numbers |= {student: number for number, student in enumerate(new, start=first)}
        text = json.dumps(dict(sorted(numbers.items())), ensure_ascii=False, indent=1)
        try:
            path.parent.mkdir(exist_ok=True)
            files.write(path, f"{text}\n".encode())
        except OSError as error:
            raise ClassError(f"{path} cannot be written: {error.strerror or error}.") from error
    return {student: f"learner {number:02}" for student, number in numbers.items()}


def _read(path: Path) -> dict[str, int]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {str(student): int(number) for student, number in kept.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ClassError(
            f"{path} should say which learner has which number, and cannot be read. Mend it, or move it away: then "
            "everybody gets a new number."
        ) from error
