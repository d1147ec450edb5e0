"""Read a roster exported from Canvas or Moodle, and match it with our students and assignments."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.classroom.gradebook.marks import Assignment, ClassError, Student
from course.wording import listed


@dataclass(frozen=True)
class Roster:
    """A table with a line for each student.

    Parameters
    ----------
    headers : tuple of str
        The names of its columns.
    rows : tuple of tuple of str
        Each as long as the headers.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, *names: str) -> int | None:
        """Return the index of the first of these columns that exists, ignoring case."""
        there = [head.strip().casefold() for head in self.headers]
        return next((there.index(name.casefold()) for name in names if name.casefold() in there), None)

    def assignment(self, assignment: Assignment) -> int | None:
        """Return the index of an assignment's column; None if no column or several have its name.

        Canvas appends a number to the title, and Moodle adds a prefix and a suffix. These, case and punctuation are
        ignored.
        """
        titles = [re.sub(r"\s*\([^()]*\)\s*$", "", head).removeprefix("Assignment:") for head in self.headers]
        same = [place for place, title in enumerate(titles) if _plain(title) == _plain(assignment.name)]
        return same[0] if len(same) == 1 else None


def read_roster(path: Path) -> Roster:
    """Read a table with commas, semicolons or tabs.

    Raises
    ------
    ClassError
        If it cannot be read, is not UTF-8 or has no columns.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClassError(f"{path} is not UTF-8. Use the file as it was exported, not as Excel saved it.") from error
    except OSError as error:
        raise ClassError(f"{path} cannot be read: {error.strerror or error}.") from error
    first = text.partition("\n")[0]
    headers, *rows = [
        line for line in csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count)) if any(line)
    ] or [[]]
    if len(headers) < 2:
        raise ClassError(f"{path} has no columns. It should be the CSV file that Canvas or Moodle exported.")
    return Roster(tuple(headers), tuple(tuple((row + [""] * len(headers))[: len(headers)]) for row in rows))


def match(students: Iterable[Student], rows: Sequence[Sequence[str]], columns: Iterable[int]) -> dict[Student, int]:
    """Return each student's row, found by id, LMS id or e-mail in these columns; with several rows, none."""
    by_name: dict[str, set[int]] = {}
    for place in columns:
        for number, row in enumerate(rows):
            if name := _comparable(row[place]):
                by_name.setdefault(name, set()).add(number)
    matched: dict[Student, int] = {}
    for student in students:
        for name in filter(None, (student.id, student.lms_id, student.email)):
            fitting = by_name.get(_comparable(name), set()) - set(matched.values())
            if len(fitting) == 1:
                matched[student] = fitting.pop()
                break
    return matched


def not_in_roster(students: Iterable[Student], matched: Iterable[Student]) -> list[str]:
    """Return a note that names the students who are not in the roster; empty if all are."""
    there = set(matched)
    unknown = [student.id for student in students if student not in there]
    return [f"Not found in the roster, and left out: {listed(unknown)}."] if unknown else []


def _comparable(name: str) -> str:
    """Return a name as it is compared: macOS writes é in file names as e and an accent, rosters as one letter."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
