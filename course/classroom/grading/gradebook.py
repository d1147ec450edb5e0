"""nbgrader's gradebook, kept open: each process opens it once instead of nine times for every submission.

Nothing of nbgrader is copied or changed on disk. In this process, `share` puts two things in the place of its own:

- `SharedGradebook` for ``Gradebook``: one engine for each address, so that SQLAlchemy compiles each query once, and one
  transaction for each time nbgrader opens it (32 commits became 4), written whole or, after an error, not at all.
- a validator that is made once for nbgrader's cell metadata, instead of once for every cell.
"""

from __future__ import annotations

import functools
import sys
from types import SimpleNamespace
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]
import nbgrader.api
import nbgrader.nbgraderformat.common
from nbgrader.api import Gradebook
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from course.classroom.grading.fitness import Marks, Questions

PATIENCE: Final = 300.0
"""Seconds to wait for somebody else's write to end: network drives can be slow, and formgrader may be in use."""


class SharedGradebook(Gradebook):  # type: ignore[misc]
    """A gradebook whose engine outlives it, and that writes in one transaction, when it is closed."""

    def __init__(self, db_url: str, course_id: str = "default_course", authenticator: object = None) -> None:
        if (db_url, course_id) not in _checked:
            # Whatever nbgrader does for a new address: tables, their version, the course.
            Gradebook(db_url, course_id).close()
            _checked.add((db_url, course_id))
        self.engine = engine(db_url)
        self.db = scoped_session(sessionmaker(self.engine, class_=_Lasting))
        self.course_id, self.authenticator = course_id, authenticator

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.db.rollback()
        self.close()

    def close(self) -> None:
        """Write what was changed and end the transaction. The engine stays."""
        try:
            self.db().finish()
        finally:
            self.db.remove()


class _Lasting(Session):
    """A session in which nbgrader's many commits only send the changes, and `finish` makes them last."""

    def commit(self) -> None:
        """Send the changes to the database, which can still take them back."""
        self.flush()

    def finish(self) -> None:
        """Make the changes last."""
        super().commit()


_checked: set[tuple[str, str]] = set()


@functools.cache
def engine(db_url: str) -> Engine:
    """Return this process's engine for an address; one that waits for other writers if it is SQLite."""
    patience = {"timeout": PATIENCE} if db_url.startswith("sqlite") else {}
    return create_engine(db_url, connect_args=patience, pool_pre_ping=True)


def questions(gradebook: Gradebook, assignment: str) -> Questions:
    """Return what the gradebook knows of an assignment's notebooks and their marked cells.

    Raises
    ------
    nbgrader.api.MissingEntry
        If it does not know the assignment.
    """
    return {
        notebook.name: _marks(notebook) for notebook in sorted(gradebook.find_assignment(assignment).notebooks, key=str)
    }


def _marks(notebook: Any) -> dict[str, Marks]:
    graded = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    tasks = {cell.name for cell in notebook.task_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    return {
        cell.name: Marks(
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


def share() -> None:
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
