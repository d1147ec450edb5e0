"""Tables of scores as CSV text, safe to open in a spreadsheet, with notes for their reader."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from course.classroom.gradebook.marks import Class, MarkedSubmission, Student
from course.wording import listed, number_of

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0")


@dataclass(frozen=True)
class Sheet:
    """The content of a CSV file.

    Parameters
    ----------
    rows : sequence of sequence of str
        The rows, with the headers first.
    notes : sequence of str
        What the file's reader should know, in a sentence or two each.
    scored : int or None
        How many students have a score of this class in it; None if it lists everybody anyway.
    """

    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    scored: int | None = None

    def text(self) -> str:
        """Return the sheet as CSV (RFC 4180).

        An apostrophe is put before anything that a spreadsheet would run as a formula (CWE-1236; OWASP ASVS 5.0,
        1.2.10).
        """
        file = io.StringIO()
        csv.writer(file).writerows([f"'{cell}" if is_formula(cell) else cell for cell in row] for row in self.rows)
        return file.getvalue()


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a text as a formula. A single minus, Moodle's sign for no grade, is not one."""
    return text.lstrip(" ").startswith(_FORMULA) and text.strip() != "-"


def score(work: MarkedSubmission | None, *, partial: bool) -> str:
    """Return a submission's score; empty if it is not graded, or needs marking and `partial` is false."""
    if work is None or not work.graded or (work.waiting and not partial):
        return ""
    return number(work.score)


def scores(group: Class, student: Student, *, partial: bool) -> list[str]:
    """Return a student's score in each assignment, see `score`."""
    return [score(assignment.submissions.get(student.id), partial=partial) for assignment in group.assignments]


def number(value: float) -> str:
    """Return a number of points with at most two decimals, which is what Canvas keeps."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def left_empty(group: Class, *, partial: bool) -> list[str]:
    """Return notes on how many scores are missing or incomplete, and why."""
    notes = []
    for assignment in group.assignments:
        waiting = sum(work.waiting > 0 for work in assignment.submissions.values())
        counts = {
            "not handed in": len(group.students) - len(assignment.submissions),
            "not graded": len(assignment.submissions) - len(assignment.graded),
            "waiting for a person": 0 if partial else waiting,
        }
        if any(counts.values()):
            listing = listed([f"{count} {why}" for why, count in counts.items() if count])
            notes.append(f"{assignment.name}: left empty: {listing}.")
        if waiting and partial:
            notes.append(f"{assignment.name}: {number_of(waiting, 'score')} can still rise after marking by hand.")
        elif waiting:
            notes.append(f"{assignment.name}: to write these scores before marking, add --partial.")
    return notes
