"""What an attack is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

BREACH = "BREACH"
"""What an attack prints, or writes into a file, where it reaches what it must not reach."""


@dataclass(frozen=True)
class Handin:
    """A submission that can be spoiled before it is graded.

    Parameters
    ----------
    course : pathlib.Path
        The instructor's folder.
    folder : pathlib.Path
        What the student hands in.
    notebook : pathlib.Path
        The notebook in it.
    """

    course: Path
    folder: Path
    notebook: Path

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the notebook's JSON."""
        content = json.loads(self.notebook.read_text(encoding="utf-8"))
        change(content)
        self.notebook.write_text(json.dumps(content), encoding="utf-8")

    def edit_cell(self, grade_id: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change one cell's JSON."""
        self.edit(lambda content: change(find(content, grade_id)))


def find(content: dict[str, Any], grade_id: str) -> dict[str, Any]:
    """Return the cell of this grade_id."""
    return next(cell for cell in content["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


@dataclass(frozen=True)
class Attack:
    """A hand-in, and what must become of it.

    Parameters
    ----------
    becomes : str
        ``"graded"``: contained, it gets what it has earned. ``"needs marking"``: and a person has to look at the rest.
        ``"failed"``: it cannot be graded, and the instructor is told why.
    points : float
        What it gets where it is graded.
    because : str
        Part of what the instructor is told.
    answers : mapping
        Cell to source, beside the right answers. In a source, @COURSE@, @SECRET@, @PORT@, @SOCKET@ and @PID@ stand for
        the instructor’s folder, a file in the instructor’s home, a port and a socket that somebody listens to, and a
        process of the instructor’s.
    files : mapping
        What is handed in beside the notebook; None takes a file away.
    blank : bool
        Whether every question that `answers` does not name is left untouched, instead of answered right.
    spoil : callable or None
        What is done to the hand-in before it is graded.
    """

    becomes: Literal["graded", "needs marking", "failed"]
    points: float = 0.0
    because: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    blank: bool = False
    spoil: Callable[[Handin], None] | None = None
