"""Grade every answer twice, by nbgrader's own step and by ours, and compare points, comments and what each cell shows.

``python -m tests.answers.same`` does it for all exercises, which takes half an hour; ``… 05 06`` only for those.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions
from nbgrader.preprocessors import Execute as PlainExecute
from nbgrader.utils import compute_checksum, determine_grade, is_grade

from course.classroom.grading.execute import Execute
from tests.answers import questions
from tests.answers.trying import ASSIGNMENTS, deal
from tests.classroom.grading.test_execute import comparable
from tests.gradebook import ROOT


def submissions(assignment: str) -> Iterator[tuple[NotebookNode, Mapping[str, bytes]]]:
    """Yield each submission as nbgrader has it when it runs it, and the files beside it."""
    solution = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    released = nbformat.read(solution, as_version=4)  # type: ignore[no-untyped-call]
    released, _ = ClearSolutions(code_stub={"python": "pass"}).preprocess(released, {})
    for hand in deal(questions(assignment)):
        notebook = copy.deepcopy(released)
        for cell in notebook.cells:
            answer = hand.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if answer is not None and answer.source is not None:
                cell.source = answer.source
        yield notebook, {name: file for answer in hand.values() for name, file in answer.files.items()}


def run(step: type[PlainExecute], notebook: NotebookNode, files: Mapping[str, bytes], **options: Any) -> NotebookNode:
    """Run a copy of a notebook with these files beside it."""
    done = copy.deepcopy(notebook)
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        step(timeout=60, **options).preprocess(done, {"metadata": {"path": folder}})
    return done


def differences(plain: NotebookNode, ours: NotebookNode) -> Iterator[str]:
    """Yield what differs: of each cell its points, its checksum, which decides on the comment, and what it shows."""
    for one_cell, other in zip(plain.cells, ours.cells, strict=True):
        name = one_cell.metadata.get("nbgrader", {}).get("grade_id", one_cell.id)
        if is_grade(one_cell) and determine_grade(one_cell) != determine_grade(other):
            yield f"{name}: points {determine_grade(one_cell)[0]} and {determine_grade(other)[0]}"
        if "nbgrader" in one_cell.metadata and compute_checksum(one_cell) != compute_checksum(other):
            yield f"{name}: checksum"
        if one_cell.cell_type == "code" and comparable(_joined(one_cell)) != comparable(_joined(other)):
            yield f"{name}: shows {_shown(one_cell)} and {_shown(other)}"


def _joined(cell: NotebookNode) -> NotebookNode:
    """Return a cell whose printed text is in one piece, however many messages it came in."""
    joined = copy.deepcopy(cell)
    outputs: list[NotebookNode] = []
    for output in cell.outputs:
        if outputs and output.output_type == outputs[-1].output_type == "stream" and output.name == outputs[-1].name:
            outputs[-1].text += output.text
        else:
            outputs.append(copy.deepcopy(output))
    joined.outputs = outputs
    return joined


def _shown(cell: NotebookNode) -> str:
    return json.dumps([{key: value for key, value in output.items() if key != "traceback"} for output in cell.outputs])[
        :400
    ]


@dataclass(frozen=True)
class Compared:
    """A submission that was graded twice: its number, how many checks it has, and what differs."""

    number: int
    checks: int
    differences: tuple[str, ...]


def compare(assignment: str, numbers: Collection[int] | None = None) -> Iterator[Compared]:
    """Grade the submissions of an assignment twice; only those with these numbers, if some are given."""
    extra = ROOT / "solutions" / assignment / "exercise.json"
    for number, (notebook, files) in enumerate(submissions(assignment)):
        if numbers is None or number in numbers:
            beside = {"exercise.json": extra.read_bytes(), **files}
            plain = run(PlainExecute, notebook, beside)
            ours = run(Execute, notebook, beside, show_hidden_tests=True)
            yield Compared(number, sum(map(is_grade, plain.cells)), tuple(differences(plain, ours)))


def main(arguments: list[str] | None = None) -> int:
    """Compare, print what differs and how many answers are the same. Returns the exit code, 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.answers.same", description=__doc__)
    parser.add_argument("assignments", nargs="*", help="numbers or names of assignments (default: all)")
    wanted = tuple(parser.parse_args(arguments).assignments)
    warnings.simplefilter("ignore")
    answers = 0
    compared: list[Compared] = []
    for assignment in (name for name in ASSIGNMENTS if not wanted or name.startswith(wanted)):
        answers += sum(len(question.answers) for question in questions(assignment))
        for submission in compare(assignment):
            compared.append(submission)
            for line in submission.differences:
                print(f"{assignment}, submission {submission.number}, {line}", flush=True)  # noqa: T201
    same = sum(not submission.differences for submission in compared)
    checks = sum(submission.checks for submission in compared)
    print(  # noqa: T201
        f"{answers} answers, {checks} checks: {same} of {len(compared)} submissions are the same in everything"
    )
    return 0 if same == len(compared) else 1


if __name__ == "__main__":
    sys.exit(main())
