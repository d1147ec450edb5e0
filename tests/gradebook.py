"""An nbgrader course in a temporary folder: hand in for students, grade, read what came out.

It knows no assignment. A submission is the released notebook with other sources in some cells, as a learner would type
them, and files beside it, such as the ledger.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import nbgrader.api
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, BaseConverter, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).resolve().parents[1]
COMMAND: Final = Path(sysconfig.get_path("scripts")) / "course"

# For every new gradebook nbgrader starts a process that tells the version of its tables, always the same one.
nbgrader.api.get_alembic_version = cache(nbgrader.api.get_alembic_version)


@dataclass(frozen=True)
class Graded:
    """What nbgrader made of one submission."""

    scores: Mapping[str, float]
    """Question (grade_id) to points given by the machine."""
    waiting: frozenset[str]
    """Questions that wait for a person."""
    feedback: str
    """The feedback page as HTML; empty if none was asked for."""
    folder: Path
    """The autograded files."""


class Course:
    """A copy of the course's configuration with one assignment, released and ready for submissions.

    Parameters
    ----------
    folder : pathlib.Path
        Where to put the course.
    solution : pathlib.Path
        The assignment's folder with the solution notebook of the same name.
    """

    def __init__(self, folder: Path, solution: Path) -> None:
        self.folder, self.name = folder, solution.name
        shutil.copytree(
            solution,
            folder / "solutions" / self.name,
            ignore=shutil.ignore_patterns("ledger*.json", ".ipynb_checkpoints"),
        )
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        self._run(GenerateAssignment)

    @property
    def released(self) -> Path:
        """The notebook that learners get."""
        return self.folder / "exercises" / self.name / f"{self.name}.ipynb"

    def hand_in(self, student: str, answers: Mapping[str, str], files: Mapping[str, str | bytes] | None = None) -> None:
        """Put a submission where nbgrader collects it: the released notebook with `answers`, and `files` beside it.

        Raises
        ------
        KeyError
            If an answer is for a cell that the notebook does not have.
        """
        folder = self.folder / "submitted" / student / self.name
        shutil.copytree(self.released.parent, folder)
        answer(folder / self.released.name, answers)
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def grade(self, *students: str, feedback: bool = True) -> dict[str, Graded]:
        """Autograde, write feedback if asked, and return what each student gets."""
        for student in students:
            self._run(Autograde, student)
            if feedback:
                self._run(GenerateFeedback, student)
        return self.all_graded(students)

    def all_graded(self, students: Sequence[str]) -> dict[str, Graded]:
        """Return what the gradebook and the feedback say of each student."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "completely-free") as gradebook:
            return {student: self._graded(gradebook, student) for student in students}

    def _graded(self, gradebook: Gradebook, student: str) -> Graded:
        grades = gradebook.find_submission_notebook(self.name, self.name, student).grades
        page = self.folder / "feedback" / student / self.name / f"{self.name}.html"
        return Graded(
            scores={grade.name: grade.auto_score or 0.0 for grade in grades if not grade.needs_manual_grade},
            waiting=frozenset(grade.name for grade in grades if grade.needs_manual_grade),
            feedback=page.read_text(encoding="utf-8") if page.exists() else "",
            folder=self.folder / "autograded" / student / self.name,
        )

    def _run(self, step: type[BaseConverter], student: str = "*") -> None:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.folder)).load_config()
        config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = self.name, student
        result = capture_log(step(coursedir=CourseDirectory(config=config), config=config))
        assert result["success"], result.get("log", "") + result["error"]


def grade_class(folder: Path, *options: str, code: int | None = 0) -> dict[str, Any]:
    """Run ``course grade`` in a course's folder, and return its JSON document.

    Raises
    ------
    AssertionError
        If it does not end with this code (None for any); the message is what it said.
    """
    command = [str(COMMAND), "grade", "--json", *options]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert code in (ended.returncode, None), ended.stderr
    return json.loads(ended.stdout)  # type: ignore[no-any-return]


def answer(notebook: Path, answers: Mapping[str, str]) -> None:
    """Write these sources (grade_id to source) into the notebook's cells, as a learner types them.

    Raises
    ------
    KeyError
        If an answer is for a cell that the notebook does not have.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in content["cells"]}
    for grade_id, source in answers.items():
        cells[grade_id]["source"] = source
    notebook.write_text(json.dumps(content), encoding="utf-8")


def sample_checkout(folder: Path) -> Path:
    """Lay out what an instructor has before anything is released: the configuration and the small assignment."""
    sample(folder / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


def sample(folder: Path, name: str = "sample") -> Path:
    """Write a small assignment with every kind of cell and return its folder: the proof that the machinery works."""
    cells = [
        _cell("markdown", "# What share was lost?", "title"),
        _cell("code", "from course.checks.expect import expect_items, expect_number", "setup", locked=True),
        _cell("markdown", "## Question 1: compound the losses", "q1-text"),
        _cell(
            "code",
            "share_lost = ...\n### BEGIN SOLUTION\nshare_lost = 100 - 86 * 84 / 100\n### END SOLUTION",
            "share-lost",
            solution=True,
        ),
        _cell(
            "code",
            "expect_number('share_lost', 27.76, within=0.05, unit='percent', unless={30: 'Losses compound.'})\n"
            "### BEGIN HIDDEN TESTS\n"
            "expect_number('share_lost', 27.76, within=0.001, hint='Keep two decimals.')\n"
            "### END HIDDEN TESTS",
            "share-lost-check",
            points=2,
        ),
        _cell("markdown", "## Question 2: who repeats whom?", "q2-text"),
        _cell(
            "code",
            "repeats = ...\n### BEGIN SOLUTION\nrepeats = ['S02', 'S03']\n### END SOLUTION",
            "repeats",
            solution=True,
        ),
        _cell("code", "expect_items('repeats', ['S02', 'S03'])", "repeats-check", points=1),
        _cell("markdown", "## Question 3: say it in a sentence", "q3-text"),
        _cell(
            "markdown",
            "The share that was lost is a share of what was left.\n"
            "### BEGIN MARK SCHEME\nOne point for naming the denominator.\n### END MARK SCHEME",
            "sentence",
            solution=True,
            points=3,
        ),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "mine"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (folder / name).mkdir(parents=True)
    (folder / name / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder / name


def _cell(
    kind: str, source: str, name: str, *, solution: bool = False, locked: bool = False, points: int | None = None
) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    if solution or locked or points is not None:
        cell["metadata"]["nbgrader"] = {
            "schema_version": 3,
            "grade_id": name,
            "solution": solution,
            "grade": points is not None,
            "locked": locked or not solution,
            "task": False,
        } | ({} if points is None else {"points": points})
    return cell
