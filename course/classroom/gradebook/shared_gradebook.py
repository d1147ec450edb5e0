"""Open nbgrader's gradebook once in each process, instead of nine times for every submission.

Nothing of nbgrader is copied or changed on disk. In this process, `install` replaces two of its parts:

- `SharedGradebook` for ``Gradebook``: one engine for each address, so that SQLAlchemy compiles each query once, and one
  transaction for each time nbgrader opens it (32 commits became 3), written whole or, after an error, not at all.
- a validator that is made once for nbgrader's cell metadata, instead of once for every cell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]
import nbgrader.api
import nbgrader.nbgraderformat.common
from nbgrader.api import Comment, Grade, Gradebook, GradeCell, SourceCell, TaskCell
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, joinedload, scoped_session, sessionmaker

from course.classroom.gradebook.outcome import Submission
from course.classroom.gradebook.submission_check import CellMarking, MarkedCells

PATIENCE: Final = 300.0
"""Seconds to wait for other writers: network drives can be slow, and formgrader may be in use."""


@dataclass(frozen=True)
class LockedCell:
    """A code cell of the instructor's.

    Parameters
    ----------
    source : str
        Its source, with hidden tests.
    is_check : bool
        Whether it gives points.
    """

    source: str
    is_check: bool


class SharedGradebook(Gradebook):  # type: ignore[misc]
    """A gradebook that reuses the process's engine and writes in one transaction, when it is closed."""

    def __init__(self, db_url: str, course_id: str = "default_course", authenticator: object = None) -> None:
        if (db_url, course_id) not in _checked:
            # Whatever nbgrader does for a new address: tables, their version, the course.
            Gradebook(db_url, course_id).close()
            _checked.add((db_url, course_id))
        self.engine = engine(db_url)
        self.db = scoped_session(sessionmaker(self.engine, class_=_Lasting))
        self.course_id, self.authenticator = course_id, authenticator
        self._read: dict[tuple[object, ...], dict[str, Any]] = {}

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.db.rollback()
        self.close()

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        """As nbgrader's, with one query for all cells of a notebook."""
        cells = self._once(SourceCell, self.find_notebook, notebook, assignment)
        return cells.get(name) or super().find_source_cell(name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> GradeCell | TaskCell:
        """As nbgrader's, with one query for each kind."""
        cells = [self._once(kind, self.find_notebook, notebook, assignment).get(name) for kind in (GradeCell, TaskCell)]
        return cells[0] or cells[1] or super().find_graded_cell(name, notebook, assignment)

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        """As nbgrader's, with one query for all grades of a notebook."""
        grades = self._once(Grade, self.find_submission_notebook, notebook, assignment, student)
        return grades.get(grade_cell) or super().find_grade(grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        """As nbgrader's, with one query for all comments on a notebook."""
        comments = self._once(Comment, self.find_submission_notebook, notebook, assignment, student)
        return comments.get(solution_cell) or super().find_comment(solution_cell, notebook, assignment, student)

    def _once(self, kind: Any, find: Callable[..., Any], *names: str) -> dict[str, Any]:
        """Return what belongs to a notebook, by name, read once for as long as the gradebook is open."""
        if (kind, *names) not in self._read:
            query = select(kind).where(kind.notebook_id == find(*names).id)
            if kind in (Grade, Comment):
                query = query.options(joinedload(kind.cell))
            self._read[kind, *names] = {row.name: row for row in self.db.scalars(query)}
        return self._read[kind, *names]

    def close(self) -> None:
        """Write what was changed and end the transaction. The engine stays."""
        try:
            self.db().finish()
        finally:
            self.db.remove()


class _Lasting(Session):
    """A session that writes when nbgrader is done with it, and not at each of its commits.

    Until then a query sends the changes made before it, as in every session, and others do not see them.
    """

    def commit(self) -> None:
        """Leave the writing to `finish`."""

    def finish(self) -> None:
        """Write all changes and make them last."""
        super().commit()


_checked: set[tuple[str, str]] = set()
_engines: dict[str, Engine] = {}


def engine(db_url: str) -> Engine:
    """Return this process's engine for an address; one that waits for other writers if it is SQLite."""
    if db_url not in _engines:
        patience = {"timeout": PATIENCE} if db_url.startswith("sqlite") else {}
        _engines[db_url] = create_engine(db_url, connect_args=patience, pool_pre_ping=True)
    return _engines[db_url]


def disconnect() -> None:
    """Close all connections, which a process must not share with its copies."""
    for each in _engines.values():
        each.dispose()


def marked_cells(gradebook: Gradebook, assignment: str) -> MarkedCells:
    """Return what the gradebook knows of an assignment's notebooks and their marked cells.

    Raises
    ------
    nbgrader.api.MissingEntry
        If it does not know the assignment.
    """
    return {
        notebook.name: _marks(notebook) for notebook in sorted(gradebook.find_assignment(assignment).notebooks, key=str)
    }


def _marks(notebook: Any) -> dict[str, CellMarking]:
    graded = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    tasks = {cell.name for cell in notebook.task_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    return {
        cell.name: CellMarking(
            cell_type=cell.cell_type,
            grade=cell.name in graded and cell.name not in tasks,
            solution=cell.name in answers,
            task=cell.name in tasks,
            locked=cell.locked,
            points=graded.get(cell.name, 0.0),
            checksum=cell.checksum or "",
        )
        for cell in notebook.source_cells
    }


def locked_cells(db_url: str, assignment: str, notebook: str) -> dict[str, LockedCell]:
    """Return the locked cells of a notebook by grade_id, as the instructor wrote them.

    Raises
    ------
    nbgrader.api.MissingEntry
        If the gradebook does not know the notebook.
    """
    with SharedGradebook(db_url) as book:
        entry = book.find_notebook(notebook, assignment)
        checks = {cell.name for cell in entry.grade_cells} - {cell.name for cell in entry.solution_cells}
        return {
            cell.name: LockedCell(cell.source, cell.name in checks)
            for cell in entry.source_cells
            if cell.locked and cell.cell_type == "code"
        }


def withhold(
    book: Gradebook,
    submission: Submission,
    when: datetime | None,
    *,
    notebooks: Container[str] | None = None,
) -> None:
    """Remove a submission's automatic score from the gradebook.

    Otherwise the score of an earlier submission would count for this one. Points given by a person stay.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
        The gradebook, open.
    submission : Submission
        Whose points to withhold; put into the gradebook if it is not there.
    when : datetime.datetime or None
        When it was handed in (UTC), if that is known.
    notebooks : container of str or None
        Only for these of its notebooks; None for all.
    """
    stamp = {"timestamp": when} if when else {}
    book.update_or_create_student(submission.student)
    for notebook in book.update_or_create_submission(submission.assignment, submission.student, **stamp).notebooks:
        if notebooks is None or notebook.name in notebooks:
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = None, True


def install() -> None:
    """Let nbgrader's converters and preprocessors in this process use the shared gradebook and validator."""
    for name, module in list(sys.modules.items()):
        if name.startswith("nbgrader.") and name != "nbgrader.api" and vars(module).get("Gradebook") is Gradebook:
            vars(module)["Gradebook"] = SharedGradebook
    nbgrader.nbgraderformat.common.jsonschema = SimpleNamespace(validate=_validate)


def _validate(instance: Any, schema: dict[str, Any]) -> None:
    """As ``jsonschema.validate``, which also proves each time that the schema itself is right."""
    key = repr(schema)
    if key not in _validators:
        _validators[key] = jsonschema.validators.validator_for(schema)(schema)
    error = jsonschema.exceptions.best_match(_validators[key].iter_errors(instance))
    if error is not None:
        raise error


_validators: dict[str, Any] = {}
