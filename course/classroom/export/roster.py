"""Match our students with the rows of a roster."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from course.classroom.gradebook.marks import Student
from course.classroom.gradebook.roster import plain
from course.wording import listed


def match(
    students: Sequence[Student], rows: Sequence[Sequence[str]], columns: Iterable[int], names: Sequence[str] = ()
) -> dict[Student, int]:
    """Return each student's row, found by id, LMS id or e-mail in these columns; with several rows, none.

    Parameters
    ----------
    students : sequence of Student
    rows : sequence of sequence of str
    columns : iterable of int
        The columns that identify a student.
    names : sequence of str
        The full name in each row. Who is found by nothing else is found by it, if nobody else fits.
    """
    by_id: dict[str, set[int]] = {}
    for place in columns:
        for number, row in enumerate(rows):
            if known_as := _comparable(row[place]):
                by_id.setdefault(known_as, set()).add(number)
    matched: dict[Student, int] = {}
    doubtful: set[Student] = set()
    for student in students:
        for known_as in filter(None, (student.id, student.lms_id, student.email)):
            fitting = by_id.get(_comparable(known_as), set()) - set(matched.values())
            if len(fitting) == 1:
                matched[student] = fitting.pop()
                break
            doubtful |= {student} if fitting else set()
    by_name: dict[str, tuple[list[Student], list[int]]] = {}
    for student in students:
        by_name.setdefault(plain(student.name), ([], []))[0].append(student)
    for number, name in enumerate(names):
        # “Lovelace, Ada” and “Ada Lovelace”: platforms name folders by either.
        last, _, first = name.partition(",")
        for form in {plain(name), plain(first + last)} & by_name.keys():
            by_name[form][1].append(number)
    for same_name, fitting_rows in by_name.values():
        is_one = len(same_name) == len(fitting_rows) == 1
        if is_one and same_name[0] not in matched.keys() | doubtful and fitting_rows[0] not in matched.values():
            matched[same_name[0]] = fitting_rows[0]
    return matched


def not_in_roster(students: Iterable[Student], matched: Iterable[Student]) -> list[str]:
    """Return a note that names the students who are not in the roster; empty if all are."""
    there = set(matched)
    unknown = [student.id for student in students if student not in there]
    return [f"Not found in the roster, and left out: {listed(unknown)}."] if unknown else []


def _comparable(name: str) -> str:
    """Return a name as it is compared: macOS writes é in file names as e and an accent, rosters as one letter."""
    return unicodedata.normalize("NFC", name.strip()).casefold()
