"""``course check``, the notebook's last cell, ``nbgrader validate`` and the referee of ``course grade`` agree.

The last cell shows what `course.checks.runner.check` returns, in a browser with ``here=True``: see test_in_notebook.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task
from nbgrader.validator import Validator

from course.checks.runner import check
from course.classroom.grading.execute import Execute
from tests.answers import questions
from tests.answers.same import run
from tests.answers.trying import ASSIGNMENTS, deal
from tests.gradebook import ROOT

HERE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from course.checks.runner import check
print(json.dumps([[asdict(each) for each in check(Path(path), here=True)] for path in sys.argv[1:]]))
"""
"""Checks notebooks as the browser does, in a process whose settings the cells may change."""
VALIDATED = ("03-the-numbers", "06-weighing")
"""The exercises that ``nbgrader validate`` checks too, which takes some seconds for each."""


@dataclass(frozen=True)
class Handed:
    """An exercise with answers in a folder, as a learner has it, and what every way to check it says."""

    path: Path
    notebook: NotebookNode
    files: Mapping[str, bytes]
    here: list[dict[str, Any]]

    @property
    def checked(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if is_grade(cell) or is_task(cell)]


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def handed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Handed]:
    """Some submissions of an exercise."""
    name: str = request.param
    released = ROOT / "exercises" / name
    right, untouched, *others = deal(questions(name))
    # The two with the most wrong answers, after those that are all right and untouched.
    others.sort(key=lambda hand: -sum(bool(answer.messages) for answer in hand.values()))
    filled = []
    for hand in (right, untouched, *others[:2]):
        notebook = nbformat.read(released / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            answer = hand.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if answer is not None and answer.source is not None:
                cell.source = answer.source
        files = {name: file for answer in hand.values() for name, file in answer.files.items()}
        files = {"exercise.json": (released / "exercise.json").read_bytes(), **files}
        folder = tmp_path_factory.mktemp(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        nbformat.write(notebook, folder / f"{name}.ipynb")  # type: ignore[no-untyped-call]
        filled.append((folder / f"{name}.ipynb", notebook, files))
    # Every run must find what was handed in, and not what another run has saved.
    copies = [copied(path, files) for path, _, files in filled]
    ended = subprocess.run([sys.executable, "-c", HERE, *copies], capture_output=True, text=True, check=True, cwd=ROOT)
    results = json.loads(ended.stdout)
    return [Handed(*each, here) for each, here in zip(filled, results, strict=True)]


def copied(notebook: Path, files: Mapping[str, bytes]) -> Path:
    """Copy a notebook and the files beside it to a new folder, and return the copy."""
    folder = notebook.parent / f"copy-{len(list(notebook.parent.iterdir()))}"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / notebook.name).write_bytes(notebook.read_bytes())
    return folder / notebook.name


def errors(graded: NotebookNode) -> list[NotebookNode | None]:
    """Return the error of each cell that gives points, or None."""
    return [
        next((output for output in cell.get("outputs", ()) if output.output_type == "error"), None)
        for cell in graded.cells
        if is_grade(cell) or is_task(cell)
    ]


@pytest.mark.nbgrader
def test_a_learner_s_check_and_the_referee_give_the_same_verdicts(handed: list[Handed]) -> None:
    verdicts = set()
    for submission in handed:
        raised = errors(run(Execute, submission.notebook, submission.files))
        assert len(raised) == len(submission.here)
        for cell, error, result in zip(submission.checked, raised, submission.here, strict=True):
            name = cell.metadata.nbgrader.grade_id
            if result["result"] == "waits for a person":
                assert is_solution(cell) or is_task(cell), name
                continue
            assert (error is None) == (result["result"] == "passes"), (name, error, result)
            if error is not None and not result["message"].startswith("Your answer stops with"):
                assert error.evalue in (result["message"], result["message"].partition(": ")[2]), name
            verdicts.add(result["result"])
    assert verdicts == {"passes", "not yet", "not answered"}, "something to tell apart"


@pytest.mark.nbgrader
def test_a_kernel_and_the_browser_give_the_same_verdicts(handed: list[Handed]) -> None:
    submission = handed[-1]
    results = check(copied(submission.path, submission.files))
    assert [vars(result) for result in results] == submission.here


@pytest.mark.nbgrader
@pytest.mark.parametrize("handed", VALIDATED, indirect=True)
def test_nbgrader_validate_gives_the_same_verdicts(handed: list[Handed]) -> None:
    submission = handed[-1]
    failed = Validator(log=logging.getLogger(__name__)).validate(str(copied(submission.path, submission.files)))
    sources = {cell["source"] for cell in failed["failed"]}
    for cell, result in zip(submission.checked, submission.here, strict=True):
        if result["result"] != "waits for a person":
            assert (cell.source.strip() in sources) == (result["result"] != "passes"), cell.metadata.nbgrader.grade_id
