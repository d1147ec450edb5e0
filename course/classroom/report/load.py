"""Load what each learner handed in for an assignment and how it was graded: gradebook, autograded notebook, ledger.

Nothing that a learner can have written is trusted. What cannot be read becomes a note and stops nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, TypeAlias

from course.checks.exercise import FILE, LEDGER, handed_in
from course.checks.hand_in import files_in, find_ledger
from course.checks.notebook import frozen_ledger
from course.classroom.gradebook.marks import Assignment, Check, Class, Key, Mark, MarkedSubmission, autograded, released
from course.classroom.gradebook.questions import Question, questions, source_of
from course.classroom.report.messages import LONGEST
from course.ledger import Ledger
from course.ledger.judgement import Judgement
from course.methods.progress import LARGEST_BYTES

Result: TypeAlias = Literal["right", "partly", "not yet", "stopped", "not answered", "not run", "waiting"]
RESULTS: Final[tuple[Result, ...]] = ("right", "partly", "not yet", "stopped", "not answered", "not run", "waiting")

# Bytes. Far more than any exercise of ours with its outputs, and few enough to read three hundred such files.
_LARGEST_NOTEBOOK: Final = 50_000_000

# What `course grade` writes into the cell in which a notebook was stopped, and into those after it.
_ENDED: Final = ("KernelStopped", "NotRun")


@dataclass(frozen=True)
class CheckOutcome:
    """How one learner's answer to one check stands.

    Parameters
    ----------
    result : str
        ``"right"``, ``"partly"``, ``"not yet"``; ``"stopped"``: the answer's own code raised an error; ``"not
        answered"``; ``"not run"``: the notebook ended before it; or ``"waiting"`` for a person.
    message : str
        The check's message, or Python's; empty where there is none.
    """

    result: Result
    message: str = ""


@dataclass(frozen=True)
class StudentWork:
    """One learner's submission.

    Parameters
    ----------
    submission : MarkedSubmission
    outcomes : mapping of Key to CheckOutcome
        Empty if it was not graded.
    judgements : tuple of Judgement
        The ratings that count, as `course.checks.exercise.handed_in` reads them.
    hints : frozenset of (str, int)
        The hints opened: question, such as ``"Q3"``, and number.
    notes : tuple of str
        A sentence for each part that could not be read.
    """

    submission: MarkedSubmission
    outcomes: Mapping[Key, CheckOutcome] = field(default_factory=dict)
    judgements: tuple[Judgement, ...] = ()
    hints: frozenset[tuple[str, int]] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AssignmentResults:
    """An assignment, what it asks, and everybody's work on it.

    Parameters
    ----------
    questions : mapping of Key to Question
    hints : mapping of str to int
        How many hints there are for each question.
    works : mapping of str to StudentWork
        By student, for those who handed in.
    absent : tuple of str
        Students who handed in nothing.
    """

    assignment: Assignment
    questions: Mapping[Key, Question]
    hints: Mapping[str, int]
    works: Mapping[str, StudentWork]
    absent: tuple[str, ...]

    def title(self, key: Key) -> str:
        """Return what a check is called: the headings it stands under, or its grade_id."""
        return self.questions[key].title if key in self.questions else key[1]

    @property
    def graded(self) -> dict[str, StudentWork]:
        """The work that has been autograded."""
        return {student: work for student, work in self.works.items() if work.submission.graded}


def load_results(group: Class, assignment: Assignment) -> AssignmentResults:
    """Return what a class handed in for an assignment, and how it was graded."""
    notebooks = dict.fromkeys(check.key[0] for check in assignment.checks)
    paths = {name: released(group.folder, assignment.name, name) for name in notebooks}
    asked = {(name, question.check): question for name, path in paths.items() if path for question in questions(path)}
    works = {
        student: _work(autograded(group.folder, assignment.name, student), submission, assignment.checks)
        for student, submission in assignment.submissions.items()
    }
    absent = tuple(student.id for student in group.students if student.id not in works)
    return AssignmentResults(assignment, asked, _available_hints(paths.values()), works, absent)


def _work(folder: Path, submission: MarkedSubmission, checks: Iterable[Check]) -> StudentWork:
    if not submission.graded:
        return StudentWork(submission)
    outcomes: dict[Key, CheckOutcome] = {}
    notes, frozen = [], None
    by_notebook: dict[str, list[Check]] = {}
    for check in checks:
        by_notebook.setdefault(check.key[0], []).append(check)
    for name, inside in by_notebook.items():
        try:
            cells = _cells(folder / f"{name}.ipynb")
            failures, copy = dict(_failures(cells)), _frozen(cells)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            failures, copy = {}, None
            notes.append(f"The autograded {name}.ipynb cannot be read.")
        frozen = copy or frozen
        for check in inside:
            mark = submission.marks.get(check.key, Mark(None, waiting=False))
            outcomes[check.key] = _outcome(check, mark, failures.get(check.key[1]))
    judgements, hints, faults = _ledger(folder, frozen)
    return StudentWork(submission, outcomes, judgements, hints, (*notes, *faults))


def _outcome(check: Check, mark: Mark, failure: CheckOutcome | None) -> CheckOutcome:
    if mark.waiting:
        return CheckOutcome("waiting")
    points = mark.points or 0
    if points >= check.points:
        return CheckOutcome("right")
    if points > 0:
        return CheckOutcome("partly", failure.message if failure else "")
    if check.by_hand:
        return CheckOutcome("not yet" if mark.by_person else "not answered")
    return failure or CheckOutcome("not yet")


def _failures(cells: Iterable[Any]) -> Iterator[tuple[str, CheckOutcome]]:
    """Yield how each graded code cell that did not pass ended. An error in the answer above it says more."""
    broken = None
    for cell in cells:
        marks = cell.get("metadata", {}).get("nbgrader", {})
        if cell.get("cell_type") != "code" or not marks:
            continue
        error = next((output for output in cell.get("outputs", ()) if output.get("output_type") == "error"), None)
        if marks.get("solution"):
            broken = error
        elif marks.get("grade"):
            if error is None:
                ran = bool(cell.get("outputs")) or cell.get("execution_count") is not None
                yield marks["grade_id"], CheckOutcome("not yet" if ran else "not run")
            elif error.get("ename") in _ENDED:
                yield marks["grade_id"], CheckOutcome("not run", _clean(error.get("evalue", "")))
            elif error.get("ename") in ("NotYet", "NotAnswered") and broken is None:
                result: Result = "not yet" if error["ename"] == "NotYet" else "not answered"
                yield marks["grade_id"], CheckOutcome(result, _clean(error.get("evalue", "")))
            else:
                shown = broken or error
                message = f"{shown.get('ename', 'Error')}: {shown.get('evalue', '')}"
                yield marks["grade_id"], CheckOutcome("stopped", _clean(message))


def _cells(notebook: Path) -> list[Any]:
    if notebook.is_symlink() or notebook.stat().st_size > _LARGEST_NOTEBOOK:
        raise ValueError
    return list(json.loads(notebook.read_text(encoding="utf-8"))["cells"])


def _clean(text: object) -> str:
    """Return a text that a page can hold: cut, and with a space for each unprintable character or half of one."""
    return "".join(character if character.isprintable() else " " for character in str(text)[:LONGEST])


def _frozen(cells: Iterable[Any]) -> str | None:
    """Return the ledger that a learner froze into the notebook: the text last given to the name `frozen`."""
    frozen = None
    for cell in cells:
        source = source_of(cell)
        if cell.get("cell_type") == "code" and "frozen" in source and len(source) <= LARGEST_BYTES:
            frozen = frozen_ledger(source) or frozen
    return frozen


def _ledger(
    submission: Path, frozen: str | None
) -> tuple[tuple[Judgement, ...], frozenset[tuple[str, int]], tuple[str, ...]]:
    """Return the ratings that count, the hints opened, and what could not be read."""
    try:
        with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            # In a copy: opening a damaged ledger repairs it, and what was handed in must stay as it is.
            copy = Path(folder) / LEDGER
            if raw := find_ledger(files_in(submission)).raw:
                copy.write_bytes(raw)
            counts = handed_in(frozen, folder=folder)
            hints = {**Ledger.open(copy).hints, **counts.hints}
        opened = frozenset((question.rpartition("/")[2], number) for question, number in hints)
        return counts.judgements(), opened, ()
    except Exception as error:  # a learner's file can fail in ways nobody has thought of; the class goes on
        return (), frozenset(), (f"The ledger cannot be read ({type(error).__name__}).",)


def _available_hints(notebooks: Iterable[Path | None]) -> dict[str, int]:
    """Return how many hints an exercise has for each question, as the file beside its notebook says."""
    for notebook in filter(None, notebooks):
        try:
            settings = json.loads((notebook.parent / FILE).read_text(encoding="utf-8"))
            return {str(question): len(hints) for question, hints in settings["hints"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}
