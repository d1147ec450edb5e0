"""Grade one submission with nbgrader's own converters, and return its outcome."""

from __future__ import annotations

import contextlib
import glob
import shutil
import time
import traceback
import warnings
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import sqlalchemy.exc
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import DeadKernelError
from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute as PlainExecute
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from traitlets.utils.importstring import import_item

from course.classroom.gradebook import shared_gradebook, submission_check
from course.classroom.gradebook.converters import Autograde, GenerateFeedback
from course.classroom.gradebook.course_folder import CourseError, load_application, submission_folder, time_zone
from course.classroom.gradebook.journal import FOLDER
from course.classroom.gradebook.outcome import Outcome, Submission
from course.classroom.gradebook.shared_gradebook import SharedGradebook
from course.classroom.grading.cluster import ClusterError, ClusterExecute
from course.classroom.grading.execute import Execute, NoBarrier
from course.classroom.grading.step_warnings import WarningCollector
from course.classroom.kernels.fork_server_client import ForkServerError
from course.classroom.sandbox import IsolationError
from course.classroom.sandbox.scratch_folder import TooLargeError
from course.wording.printable import printable

MOST_NOTES: Final = 20
"""Notes on one submission, at most."""
LONGEST_NOTE: Final = 600
"""Characters of one note, at most."""
REPAIRED: Final = "mended"
"""Folder for repaired copies of submissions, below the course's ``.course`` folder."""


@dataclass(frozen=True)
class SubmissionOptions:
    """How to grade each submission.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.
    feedback : bool
        Also write the feedback page.
    reduced : bool
        Run submissions even where they cannot be kept from the instructor's files.
    scheduler : str
        Address of the Dask cluster that runs the notebooks; empty to run them on this machine.
    """

    root: Path
    feedback: bool = False
    reduced: bool = False
    scheduler: str = ""


class Grader:
    """What a worker keeps from one submission to the next: nbgrader, configured, and its gradebook, open."""

    def __init__(self, options: SubmissionOptions) -> None:
        # What nbgrader and SQLAlchemy warn of is for their developers; what concerns a submission is in its outcome.
        warnings.simplefilter("ignore")
        self.options = options
        self.application = load_application(options.root)
        # nbconvert would prove the notebook valid after each of ten steps instead of at the first and the last.
        self.application.config.Exporter.optimistic_validation = True
        if options.reduced:
            self.application.config.Execute.isolation = "reduced"
        self.application.config.ClusterExecute.scheduler = options.scheduler
        self.coursedir = self.application.coursedir
        self.marked_cells: dict[str, submission_check.MarkedCells] = {}
        self.collector = WarningCollector()
        self.application.log.addHandler(self.collector)
        shared_gradebook.install()

    def grade(self, submission: Submission) -> Outcome:
        """Grade a submission, whatever it is, and say what became of it. Nothing it can do raises an error here."""
        started = time.monotonic()
        try:
            outcome = self._grade(submission)
        except Exception as error:
            outcome = Outcome("failed", describe_error(error), detail=traceback.format_exc())
            try:
                self._withhold(submission)
            except Exception as another:
                note = f"The gradebook could not be updated: {describe_error(another)}"
                outcome = replace(outcome, notes=(note,))
        return replace(
            outcome,
            reason=_short(outcome.reason),
            notes=_few(outcome.notes),
            seconds=round(time.monotonic() - started, 3),
        )

    def _grade(self, submission: Submission) -> Outcome:
        if "[" in submission.student:
            raise CourseError(
                "nbgrader takes the [ in the folder’s name for a pattern, and finds nothing. Rename the folder."
            )
        if submission.assignment not in self.marked_cells:
            with self._gradebook() as book:
                self.marked_cells[submission.assignment] = shared_gradebook.marked_cells(book, submission.assignment)
        check = submission_check.check_submission(
            submission_folder(self.coursedir, submission),
            self.marked_cells[submission.assignment],
            time_zone(self.coursedir),
        )
        self.collector.messages.clear()
        notes = check.notes
        if check.notebooks:
            with self._ready(submission, check) as coursedir:
                converter = Autograde(coursedir=coursedir, parent=self.application, force=True)
                converter.autograde_preprocessors = [self._step(step) for step in converter.autograde_preprocessors]
                converter.run()
                notes += tuple(self.collector.messages)
                if self.options.feedback:
                    notes += self._feedback(coursedir)
        if check.problems:
            self._withhold(submission, notebooks=check.problems)
        score, max_score, waiting = self._score(submission)
        if check.problems:
            return Outcome("failed", " ".join(check.problems.values()), notes, score, max_score)
        return Outcome("needs marking" if waiting else "graded", "", notes, score, max_score)

    def _step(self, step: Any) -> Any:
        """Return our Execute for nbgrader's own; every other step, also a course's own Execute, as it is."""
        step = import_item(step) if isinstance(step, str) else step
        if step not in (PlainExecute, Execute):
            return step
        if not self.options.scheduler:
            return Execute
        return ClusterExecute

    def _gradebook(self) -> SharedGradebook:
        return SharedGradebook(self.coursedir.db_url, self.coursedir.course_id)

    @contextlib.contextmanager
    def _ready(self, submission: Submission, check: submission_check.SubmissionCheck) -> Iterator[CourseDirectory]:
        """Give nbgrader's view of the course with this one submission, as handed in or as mended for grading."""
        coursedir = CourseDirectory(parent=self.application)
        coursedir.root = self.coursedir.root
        coursedir.assignment_id = submission.assignment
        coursedir.student_id = glob.escape(submission.student)
        if check.files is None:
            yield coursedir
            return
        coursedir.submitted_directory = str(Path(FOLDER, REPAIRED))
        copy = submission_folder(coursedir, submission)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(copy)
        try:
            for name, content in check.files.items():
                file = copy / name
                file.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(content, bytes):
                    file.write_bytes(content)
                else:
                    shutil.copyfile(content, file)
            yield coursedir
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def _feedback(self, coursedir: CourseDirectory) -> tuple[str, ...]:
        """Write the feedback page. Returns what to tell the instructor if that fails."""
        try:
            GenerateFeedback(coursedir=coursedir, parent=self.application, force=True).run()
        except Exception as error:
            return (f"Its feedback page could not be written: {describe_error(error)}",)
        return ()

    def _score(self, submission: Submission) -> tuple[float, float, bool]:
        """Return points, their maximum, and whether some wait for a person."""
        with self._gradebook() as book:
            graded = book.find_submission(submission.assignment, submission.student)
            # As nbgrader exports it.
            score = max(0.0, graded.score - (graded.late_submission_penalty or 0.0))
            return score, graded.max_score, bool(graded.needs_manual_grade)

    def _withhold(self, submission: Submission, *, notebooks: Container[str] | None = None) -> None:
        when = submission_check.handed_in_at(submission_folder(self.coursedir, submission), time_zone(self.coursedir))
        with self._gradebook() as book:
            shared_gradebook.withhold(book, submission, when, notebooks=notebooks)


def _few(notes: Sequence[str]) -> tuple[str, ...]:
    """Return the first notes, and how many more there are: a learner can hand in thousands of links."""
    more = (f"And {len(notes) - MOST_NOTES:,} more notes of this kind.",) if len(notes) > MOST_NOTES else ()
    return (*map(_short, notes[:MOST_NOTES]), *more)


def _short(text: str) -> str:
    """Return a text for the instructor, which may name a learner's files, in one line that is not endless."""
    text = printable(text)
    return text if len(text) <= LONGEST_NOTE else f"{text[:LONGEST_NOTE]}…"


def describe_error(error: Exception) -> str:
    """Say what stopped the grading of a submission, for the instructor."""
    match error:
        case CourseError() | IsolationError() | TooLargeError() | NoBarrier() | ForkServerError() | ClusterError():
            words = str(error)
        case NoSuchKernel():
            words = f"It needs the kernel “{error.name}”, which is not installed here."
        case DeadKernelError():
            words = "Python stopped while its notebook ran, and could not go on."
        case UnresponsiveKernelError():
            words = "A cell did not end in time and could not be stopped."
        case MissingEntry():
            words = f"It is not in the gradebook: {error}."
        case sqlalchemy.exc.OperationalError() if "locked" in str(error.orig):
            words = "The gradebook is in use by another program, such as formgrader or nbgrader. Try again later."
        case sqlalchemy.exc.DBAPIError():
            words = f"The gradebook cannot be used: {error.orig}."
        case OSError():
            place = f" {error.filename}:" if error.filename else ""
            words = f"A file could not be read or written:{place} {error.strerror or error}."
        case RecursionError() | MemoryError():
            words = "Grading it takes more memory than this machine has, or it is nested too deeply."
        case _:
            words = (
                "An unexpected error stopped its grading. Python’s message is under “detail” in "
                f".course/grading.jsonl and with --json; it ends with: {str(error)[:200] or 'nothing'}."
            )
    return words
