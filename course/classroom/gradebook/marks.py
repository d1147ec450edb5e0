"""Read a class from nbgrader as plain values: submissions, points for each check, and what still needs marking.

Nothing here writes: neither to the gradebook nor to the class's folders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from course.classroom.gradebook import outcome
from course.classroom.gradebook.course_folder import CourseError, load_application, submission_folder, submissions
from course.classroom.gradebook.questions import questions

if TYPE_CHECKING:
    from nbgrader.api import Assignment as Row
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

Key: TypeAlias = tuple[str, str]
"""A graded cell: the notebook's name and the cell's grade_id."""


class ClassError(CourseError):
    """The class cannot be read or written about. The message says what is missing and what to do."""


@dataclass(frozen=True)
class Check:
    """A graded cell of an assignment.

    Parameters
    ----------
    key : Key
    points : float
        What it is worth.
    by_hand : bool
        Whether a person gives the points, as for prose.
    """

    key: Key
    points: float
    by_hand: bool


@dataclass(frozen=True)
class Mark:
    """What a submission got for one check.

    Parameters
    ----------
    points : float or None
        None as long as neither the machine nor a person has given any.
    waiting : bool
        Whether a person has still to look at it.
    by_person : bool
        Whether a person has given the points.
    """

    points: float | None
    waiting: bool
    by_person: bool = False


@dataclass(frozen=True)
class MarkedSubmission:
    """One student's submission of an assignment, with its marks.

    Parameters
    ----------
    marks : mapping of Key to Mark
    graded : bool
        Whether it was autograded. If not, `marks` means nothing yet.
    seconds_late : float
    penalty : float
        Points taken off for being late.
    """

    marks: Mapping[Key, Mark] = field(default_factory=dict)
    graded: bool = False
    seconds_late: float = 0
    penalty: float = 0

    @property
    def waiting(self) -> int:
        """How many of its checks a person has still to look at."""
        return sum(mark.waiting for mark in self.marks.values()) if self.graded else 0

    @property
    def score(self) -> float:
        """Its points so far, less the penalty and never below 0, as nbgrader exports them."""
        return max(0.0, sum(mark.points or 0 for mark in self.marks.values()) - self.penalty)


@dataclass(frozen=True)
class Student:
    """A student as the gradebook knows them. What it does not know is empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the id where there is none."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


@dataclass(frozen=True)
class Assignment:
    """An assignment with everything that was handed in for it.

    Parameters
    ----------
    checks : tuple of Check
        In the order of the released notebooks.
    submissions : mapping of str to MarkedSubmission
        By student; who handed in nothing is not in it.
    """

    name: str
    checks: tuple[Check, ...]
    submissions: Mapping[str, MarkedSubmission]

    @property
    def points(self) -> float:
        """What the whole of it is worth."""
        return sum(check.points for check in self.checks)

    @property
    def graded(self) -> dict[str, MarkedSubmission]:
        """The submissions that the machine has been through."""
        return {student: work for student, work in self.submissions.items() if work.graded}


@dataclass(frozen=True)
class Class:
    """A class: its students and what they handed in.

    Parameters
    ----------
    name : str
        nbgrader's course_id.
    folder : CourseDirectory
        Where everything is.
    students : tuple of Student
        Everybody in the gradebook or with a submission, sorted by id.
    assignments : tuple of Assignment
    """

    name: str
    folder: CourseDirectory
    students: tuple[Student, ...]
    assignments: tuple[Assignment, ...]


def read_class(root: Path, assignments: Sequence[str] = ()) -> Class:
    """Read a class from an nbgrader course folder.

    Parameters
    ----------
    root : pathlib.Path
        The folder with nbgrader_config.py.
    assignments : sequence of str
        Which to read. None given: all that somebody has handed in.

    Raises
    ------
    CourseError
        If nbgrader's configuration is broken, there is no gradebook yet, or an assignment is not in it.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.engine import make_url

    folder = load_application(root).coursedir
    address = make_url(folder.db_url)
    if address.drivername.startswith("sqlite") and not Path(address.database or "").is_file():
        raise ClassError(f"There is no gradebook in {root} yet. Go to the course's folder, and run: course grade")
    with Gradebook(folder.db_url, folder.course_id) as gradebook:
        rows = {row.name: row for row in gradebook.assignments}
        if unknown := [name for name in assignments if name not in rows]:
            known = ", ".join(sorted(rows)) or "none yet"
            raise ClassError(f"Not in the gradebook: {', '.join(unknown)}. Assignments there: {known}.")
        handed_in = submissions(folder)
        read = [
            _assignment(
                gradebook,
                folder,
                rows[name],
                [submission.student for submission in handed_in if submission.assignment == name],
            )
            for name in assignments or sorted(rows)
        ]
        known_students = {row.id: _student(row) for row in gradebook.students}
    others = {student: Student(student) for assignment in read for student in assignment.submissions}
    return Class(
        folder.course_id,
        folder,
        tuple(student for _, student in sorted({**others, **known_students}.items())),
        tuple(assignment for assignment in read if assignments or assignment.submissions),
    )


def released(folder: CourseDirectory, assignment: str, notebook: str) -> Path | None:
    """Return the notebook as learners got it, or its source where no release is kept; None if there is neither."""
    for step in (folder.release_directory, folder.source_directory):
        path = Path(folder.format_path(step, ".", assignment)) / f"{notebook}.ipynb"
        if path.is_file():
            return path
    return None


def autograded(folder: CourseDirectory, assignment: str, student: str) -> Path:
    """Return the folder with a student's autograded files, whether it is there or not."""
    return submission_folder(folder, outcome.Submission(assignment, student), folder.autograded_directory)


def _student(row: Any) -> Student:
    parts = (row.first_name, row.last_name, row.email, row.lms_user_id)
    first_name, last_name, email, lms_id = (value or "" for value in parts)
    return Student(row.id, first_name, last_name, email, lms_id)


def _assignment(gradebook: Gradebook, folder: CourseDirectory, row: Row, handed_in_by: Sequence[str]) -> Assignment:
    checks = _checks(folder, row)
    machine = {check.key for check in checks if not check.by_hand}
    marks = _marks(gradebook, row)
    submissions = {student: MarkedSubmission() for student in handed_in_by}
    for submitted in gradebook.assignment_submissions(row.name):
        student = submitted.student_id
        own = marks.get(student, {})
        # Points of an earlier run stay in the gradebook when a later one fails; the notebook does not.
        there = any(autograded(folder, row.name, student).glob("*.ipynb"))
        points = any(mark.points is not None for key, mark in own.items() if key in machine)
        submissions[student] = MarkedSubmission(
            own,
            there and (points or not machine),
            submitted.total_seconds_late,
            submitted.late_submission_penalty or 0,
        )
    return Assignment(row.name, checks, dict(sorted(submissions.items())))


def _checks(folder: CourseDirectory, row: Row) -> tuple[Check, ...]:
    checks = []
    for notebook in row.notebooks:
        by_hand = {cell.name for cell in (*notebook.solution_cells, *notebook.task_cells)}
        cells = [
            Check((notebook.name, cell.name), cell.max_score, cell.name in by_hand or cell.cell_type == "markdown")
            for cell in (*notebook.grade_cells, *notebook.task_cells)
        ]
        path = released(folder, row.name, notebook.name)
        order = {asked.check: place for place, asked in enumerate(questions(path) if path else ())}
        checks += sorted(cells, key=lambda check: (order.get(check.key[1], len(order)), check.key))
    return tuple(checks)


def _marks(gradebook: Gradebook, row: Row) -> dict[str, dict[Key, Mark]]:
    """Return the marks by student, in one query: a class of a thousand has tens of thousands of them."""
    from nbgrader.api import BaseCell, Grade, Notebook, SubmittedAssignment, SubmittedNotebook

    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.score,
            Grade.auto_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .select_from(Grade)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .filter(SubmittedAssignment.assignment_id == row.id)
    )
    marks: dict[str, dict[Key, Mark]] = {}
    for student, notebook, cell, score, auto, manual, waiting in rows:
        points = None if auto is None and manual is None else float(score)
        marks.setdefault(student, {})[notebook, cell] = Mark(points, bool(waiting), manual is not None)
    return marks
