"""Grade a class: which submissions are new or changed, what becomes of each, and what is remembered of it."""

from __future__ import annotations

import contextlib
import difflib
import shutil
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nbgrader.api import Assignment, Grade, GradeCell, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select

from course.classroom.gradebook import course_folder, submission_check
from course.classroom.gradebook.converters import GenerateAssignment
from course.classroom.gradebook.course_folder import CourseError, submission_folder
from course.classroom.gradebook.journal import FOLDER, Journal, JournalEntry
from course.classroom.gradebook.outcome import SETTLED, Outcome, Result, Submission
from course.classroom.gradebook.shared_gradebook import (
    SharedGradebook,
    disconnect,
    locked_cells,
    marked_cells,
    withhold,
)
from course.classroom.grading.execute import Execute, is_refereed
from course.classroom.grading.submission import REPAIRED, SubmissionOptions, describe_error
from course.classroom.grading.workers import SubmissionFinished, SubmissionStarted, forks_workers, grade_all
from course.classroom.kernels.fork_server_client import get_fork_server
from course.classroom.sandbox.limits import Limits

SPARE_SECONDS: Final = 300.0
"""What a submission may take beyond the running of its notebooks before its worker is taken for stuck."""


@dataclass(frozen=True)
class Plan:
    """What a run has to do.

    Parameters
    ----------
    to_do : tuple of Submission
        What is to be graded: new, changed, not ended last time, failed last time, or asked for with force.
    settled : mapping
        What was graded before and has not changed, as the gradebook has it now.
    ungradable : mapping
        What cannot be graded, because its assignment is unknown.
    seconds : float
        What one submission may take.
    notes : tuple of str
        What the instructor should know of the whole.
    skipped : int
        How many folders cannot be graded because of their names, which nobody could write down.
    """

    to_do: tuple[Submission, ...]
    settled: Mapping[Submission, Outcome]
    ungradable: Mapping[Submission, Outcome]
    seconds: float
    notes: tuple[str, ...] = ()
    skipped: int = 0


@dataclass(frozen=True)
class _Standing:
    """How an assignment stands in the gradebook: its notebooks, each student's outcome, whom the machine still owes."""

    notebooks: Collection[str]
    outcomes: Mapping[str, Outcome]
    owed: frozenset[str]


class Run:
    """One run of ``course grade``.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Raises
    ------
    CourseError
        If nbgrader cannot read its configuration.
    """

    def __init__(self, root: Path) -> None:
        self.application = course_folder.load_application(root)
        self.coursedir = self.application.coursedir
        self.root = Path(self.coursedir.root)
        self.journal = Journal(self.root)

    def plan(self, assignments: Collection[str] = (), students: Collection[str] = (), *, force: bool = False) -> Plan:
        """Find out what is to be graded. An assignment that the gradebook lacks is made from its source.

        Parameters
        ----------
        assignments, students : collection of str
            Whose submissions to which assignments; empty for all.
        force : bool
            Grade also what has not changed.

        Raises
        ------
        CourseError
            If there is no such assignment or student, or an assignment cannot be made from its source.
        """
        everything = course_folder.submissions(self.coursedir)
        self._check_names(everything, assignments, students)
        chosen = [
            submission
            for submission in everything
            if (not assignments or submission.assignment in assignments)
            and (not students or submission.student in students)
        ]
        notes = [
            sentence
            for student, sentence in course_folder.describe_strays(self.coursedir)
            if not students or student in students
        ]
        unnameable = () if students else course_folder.describe_unnameable(self.coursedir)
        notes += unnameable
        known: dict[str, _Standing] = {}
        for name in sorted({submission.assignment for submission in chosen}):
            if not self._has(name) and self._source(name).is_dir():
                self._make(name)
                notes.append(f"{name} was not in the gradebook. It was put there from {self._source(name)}.")
            if self._has(name):
                known[name] = self._standing(name)
                notes += self._unrefereed(name, known[name].notebooks)
        before = self.journal.latest()
        to_do, settled, ungradable = [], {}, {}
        for submission in chosen:
            if submission.assignment not in known:
                ungradable[submission] = Outcome("failed", self._unknown(submission.assignment))
            elif not force and (outcome := self._settled_outcome(submission, before, known[submission.assignment])):
                settled[submission] = outcome
            else:
                to_do.append(submission)
        notebooks = max((len(standing.notebooks) for standing in known.values()), default=1)
        limits = Limits(**Execute(parent=self.application).limits)
        seconds = notebooks * limits.wall_seconds + SPARE_SECONDS
        return Plan(tuple(to_do), settled, ungradable, seconds, tuple(notes), len(unnameable))

    def grade(
        self, plan: Plan, options: SubmissionOptions, workers: int, **about: Any
    ) -> Generator[SubmissionStarted | SubmissionFinished | None]:
        """Grade what is to be done, and yield each submission as it begins and as it ends; the journal keeps both.

        Whenever nothing has happened for a second, None is yielded.

        Parameters
        ----------
        plan : Plan
            What to do.
        options : SubmissionOptions
            How to grade.
        workers : int
            How many processes.
        **about
            What the journal shall say of this run.

        Raises
        ------
        WorkerError
            If no process can be started.
        """
        self.journal.add("run", **about, workers=workers, submissions=len(plan.to_do))
        for submission, outcome in plan.ungradable.items():
            self.journal.add("ended", submission, digest="", **outcome.to_dict())
        self._enrol({submission.student for submission in plan.to_do})
        disconnect()
        if plan.to_do and forks_workers(options):
            get_fork_server(tuple(Execute(parent=self.application).libraries))
        digests: dict[Submission, str] = {}
        try:
            with contextlib.closing(grade_all(plan.to_do, options, workers, plan.seconds)) as events:
                for event in events:
                    if event is None:
                        yield None
                        continue
                    submission = event.submission
                    if isinstance(event, SubmissionStarted):
                        digests[submission] = course_folder.digest(submission_folder(self.coursedir, submission))
                        self.journal.add("began", submission)
                    else:
                        self._update_gradebook(event)
                        self.journal.add("ended", submission, digest=digests[submission], **event.outcome.to_dict())
                    yield event
        finally:
            shutil.rmtree(self.root / FOLDER / REPAIRED, ignore_errors=True)

    def _update_gradebook(self, event: SubmissionFinished) -> None:
        """Tell the gradebook what a worker could not, because it crashed."""
        if event.crashed:
            zone = course_folder.time_zone(self.coursedir)
            when = submission_check.handed_in_at(submission_folder(self.coursedir, event.submission), zone)
            with self._gradebook() as book:
                withhold(book, event.submission, when)
            # Closed at once: a worker may have to be started next.
            disconnect()

    def _check_names(
        self, everything: Collection[Submission], assignments: Collection[str], students: Collection[str]
    ) -> None:
        """Refuse a name that nobody has: it is mistyped, and grading nothing would look like success."""
        there = {submission.assignment for submission in everything}
        for name in assignments:
            if name not in there and not self._source(name).is_dir() and not self._has(name):
                raise CourseError(self._unknown(name))
        handed = {submission.student for submission in everything}
        for name in students:
            if name not in handed:
                raise CourseError(f"{name} has handed in nothing here.{_did_you_mean(name, handed)}")

    def _settled_outcome(
        self, submission: Submission, before: Mapping[Submission, JournalEntry | None], standing: _Standing
    ) -> Outcome | None:
        """Return what became of a submission if that still holds; None if it is to be graded (again)."""
        now = standing.outcomes.get(submission.student)
        if now is None:
            return None
        here = submission_folder(self.coursedir, submission)
        there = submission_folder(self.coursedir, submission, self.coursedir.autograded_directory)
        if submission in before:
            entry = before[submission]
            if entry is None or entry.outcome.result not in SETTLED or entry.digest != course_folder.digest(here):
                return None
            return now if there.is_dir() else None
        # Graded by nbgrader itself or in formgrader, to the end.
        zone = course_folder.time_zone(self.coursedir)
        same = submission_check.handed_in_at(here, zone) == submission_check.handed_in_at(there, zone)
        return now if there.is_dir() and same and submission.student not in standing.owed else None

    def _gradebook(self) -> SharedGradebook:
        return SharedGradebook(self.coursedir.db_url, self.coursedir.course_id)

    def _has(self, assignment: str) -> bool:
        """Whether the assignment is in the gradebook, with its notebooks."""
        with self._gradebook() as book:
            return bool(
                book.db.scalar(select(Assignment.id).join(Assignment.notebooks).where(Assignment.name == assignment))
            )

    def _source(self, assignment: str) -> Path:
        return Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))

    def _make(self, assignment: str) -> None:
        """Put an assignment into the gradebook, as ``nbgrader generate_assignment`` does; what was released stays."""
        coursedir = CourseDirectory(parent=self.application)
        coursedir.root, coursedir.assignment_id = self.coursedir.root, assignment
        coursedir.release_directory = str(Path(FOLDER, "released"))
        try:
            GenerateAssignment(coursedir=coursedir, parent=self.application, force=True).run()
        except Exception as error:
            raise CourseError(
                f"{assignment} is not in the gradebook and cannot be made from {self._source(assignment)}: "
                f"{describe_error(error)} Run: nbgrader generate_assignment {assignment}"
            ) from error
        finally:
            shutil.rmtree(self.root / FOLDER / "released", ignore_errors=True)

    def _standing(self, assignment: str) -> _Standing:
        with self._gradebook() as book:
            machine = {
                (notebook, name)
                for notebook, marks in marked_cells(book, assignment).items()
                for name, mark in marks.items()
                if mark.grade and not mark.solution
            }
            handed = select(SubmittedAssignment.student_id).join(Assignment).where(Assignment.name == assignment)
            noted = handed.join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            owed = noted.join(Grade).join(GradeCell).where(Grade.auto_score.is_(None))
            names = {name for _, name in machine}
            return _Standing(
                notebooks=tuple(marked_cells(book, assignment)),
                outcomes={row["student"]: _outcome(row) for row in book.submission_dicts(assignment)},
                owed=frozenset(book.db.scalars(owed.where(GradeCell.name.in_(names)))),
            )

    def _unrefereed(self, assignment: str, notebooks: Iterable[str]) -> Iterator[str]:
        """Yield a note for each notebook whose checks run beside the answers."""
        for notebook in notebooks:
            locked = locked_cells(self.coursedir.db_url, assignment, notebook)
            if not is_refereed(locked) and any(cell.is_check for cell in locked.values()):
                yield (
                    f"{assignment}: the checks of {notebook}.ipynb run in the same process as the answers, as with "
                    "nbgrader, so its marks are only as safe as nbgrader's. A notebook whose locked cells import from "
                    "course.checks is graded apart from the answers."
                )

    def _enrol(self, students: Collection[str]) -> None:
        """Put new students into the gradebook, which several workers at once would each try to do for the same one."""
        with self._gradebook() as book:
            for student in sorted(set(students) - {student.id for student in book.students}):
                book.add_student(student)

    def _unknown(self, assignment: str) -> str:
        with self._gradebook() as book:
            names = {known.name for known in book.assignments}
        names |= {path.name for path in self._source(".").glob("*/")}
        return f"There is no assignment {assignment} in this course.{_did_you_mean(assignment, names)}"


def _outcome(row: Mapping[str, Any]) -> Outcome:
    """Return what nbgrader's overview of an assignment says of one submission."""
    result: Result = "needs marking" if row["needs_manual_grade"] else "graded"
    return Outcome(result, score=row["score"], max_score=row["max_score"])


def _did_you_mean(name: str, names: Collection[str]) -> str:
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return f" Did you mean {close[0]}?"
    return f" There are: {', '.join(sorted(names))}." if 0 < len(names) <= 20 else ""
