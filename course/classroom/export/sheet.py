"""A table on its way into a file: scores as text, nothing a spreadsheet would run, and what to say about it."""

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
    """A file to be.

    Parameters
    ----------
    rows : sequence of sequence of str
        The heads first.
    notes : sequence of str
        What its reader should know, in a sentence or two each.
    """

    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def text(self) -> str:
        """Return it as CSV (RFC 4180).

        What a spreadsheet would run as a formula gets an apostrophe in front (CWE-1236; OWASP ASVS 5.0, 1.2.10).
        """
        file = io.StringIO()
        csv.writer(file).writerows([f"'{cell}" if is_formula(cell) else cell for cell in row] for row in self.rows)
        return file.getvalue()


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula. A lone minus, Moodle's word for no grade, is none."""
    return text.lstrip(" ").startswith(_FORMULA) and text.strip() != "-"


def score(work: MarkedSubmission | None, *, partial: bool) -> str:
    """Return a submission's score; empty if it has none, or not all of it and `partial` is not wanted."""
    if work is None or not work.graded or (work.waiting and not partial):
        return ""
    return number(work.score)


def scores(group: Class, student: Student, *, partial: bool) -> list[str]:
    """Return a student's score in each assignment, see `score`."""
    return [score(one.submissions.get(student.id), partial=partial) for one in group.assignments]


def number(value: float) -> str:
    """Return a number of points with at most two decimals, which is what Canvas keeps."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def left_empty(group: Class, *, partial: bool) -> list[str]:
    """Say how many scores are not in the file, or not yet whole, and why."""
    notes = []
    for one in group.assignments:
        waiting = sum(work.waiting > 0 for work in one.submissions.values())
        counts = {
            "not handed in": len(group.students) - len(one.submissions),
            "not graded": len(one.submissions) - len(one.graded),
            "waiting for a person": 0 if partial else waiting,
        }
        if any(counts.values()):
            told = listed([f"{count} {why}" for why, count in counts.items() if count])
            notes.append(f"{one.name}: left empty are {told}.")
        if waiting and partial:
            notes.append(f"{one.name}: {number_of(waiting, 'score')} can still rise when a person has marked.")
        elif waiting:
            notes.append(f"{one.name}: to write what is waiting as it stands, add --partial.")
    return notes
