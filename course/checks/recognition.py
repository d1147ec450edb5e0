"""Recognise which exercise a notebook comes from: the one place where `doctor`, `collect` and `grade` do so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from course.checks.notebook import Notebook, marks_of


@dataclass(frozen=True)
class Traits:
    """What an exercise's notebook is recognised by.

    Parameters
    ----------
    checksums : mapping of str to str
        nbgrader's fingerprint of each marked cell, by its grade_id.
    texts : frozenset of str
        The texts of the cells in which nobody answers.
    """

    checksums: Mapping[str, str]
    texts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, notebook: Notebook) -> Self:
        """Return the traits of a released notebook."""
        texts = frozenset(cell["source"] for cell in notebook["cells"] if not marks_of(cell).get("solution"))
        return cls(_checksums(notebook), texts)


def likeness(notebook: Notebook, exercise: Traits) -> int:
    """Return how many cells of a notebook come from an exercise, as far as their texts and checksums show.

    Names of cells alone say nothing: every exercise has a question “q1”.
    """
    return sum(
        cell["source"] in exercise.texts
        or exercise.checksums.get(str(marks_of(cell).get("grade_id"))) == str(marks_of(cell).get("checksum"))
        for cell in notebook["cells"]
    )


def is_of(notebook: Notebook, exercise: Traits) -> bool:
    """Whether a notebook surely comes from an exercise, perhaps from another version of it.

    A quarter of the exercise's marked cells are enough; where no checksum was left, most of them, by their names.
    """
    there = _checksums(notebook)
    if not any(there.values()):
        return 2 * len(there.keys() & exercise.checksums.keys()) > len(exercise.checksums)
    return 4 * likeness(notebook, exercise) > len(exercise.checksums) > 0


def recognise(notebook: Notebook, exercises: Mapping[str, Traits], named: str = "") -> str:
    """Return the exercise that a notebook comes from: by its cells, and where they say nothing by its name.

    Parameters
    ----------
    notebook : dict
        The notebook.
    exercises : mapping of str to Traits
        The exercises, by name.
    named : str
        The exercise that the file's name points to; empty if there is none.
    """
    alike = {name: likeness(notebook, exercise) for name, exercise in exercises.items()}
    best = max(exercises, key=lambda name: (alike[name], name == named), default="")
    if not any(marks_of(cell) for cell in notebook["cells"]):
        # A lesson shares its name and a cell or two with its exercise; one that lost all its marks has nearly all.
        return best if best and 3 * alike[best] >= len(notebook["cells"]) > 0 else ""
    return best if best and alike[best] else named if named in exercises else ""


def _checksums(notebook: Notebook) -> dict[str, str]:
    return {
        str(marks.get("grade_id")): str(marks.get("checksum") or "")
        for marks in map(marks_of, notebook["cells"])
        if marks
    }
