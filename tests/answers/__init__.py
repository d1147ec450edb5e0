"""Right and wrong answers to every question, as data: one folder for each assignment.

``q3.toml`` holds what learners may type into the cell of question 3:

- ``cell`` and ``checks``: the answer's cell and the checks that look at it (grade_ids).
- ``untouched``: what every check says to the stub.
- ``rests_on``: another answer's cell, which then holds the reference answer, or one with ``like_reference``.
- ``answers``: each with a ``name`` and a ``source``; or ``after``, typed below the reference answer; or ``frozen``, a
  ledger that the board froze into the cell. ``files`` are handed in beside the notebook. ``told`` is part of what the
  check says, or a table of it by check; a check that is not named has to pass. ``hidden`` means that only the hidden
  tests find out.

The reference answer and the stub are not written down here: they are the solution's and the exercise's own.
``students/`` holds whole submissions with the scores they must get.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from tests.gradebook import ROOT

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """One answer to one question, and what becomes of it."""

    name: str
    source: str | None
    """None for the untouched stub."""
    messages: Mapping[str, str] = field(default_factory=dict)
    """By check, part of what it says. A check that is not there has to pass."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    hidden: bool = False
    like_reference: bool = False


@dataclass(frozen=True)
class Question:
    """One answer cell and everything that is tried in it; the reference answer comes first."""

    cell: str
    checks: tuple[str, ...]
    rests_on: str | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Student:
    """A whole submission, the scores it must get, and the questions that wait for a person."""

    answers: Mapping[str, str]
    scores: Mapping[str, float]
    waiting: frozenset[str]
    files: Mapping[str, bytes] = field(default_factory=dict)


def solution(assignment: str) -> dict[str, dict[str, Any]]:
    """Return the solution's marked cells by grade_id."""
    notebook = json.loads((ROOT / "solutions" / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8"))
    marked = (cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"])
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell | {"source": "".join(cell["source"])} for cell in marked}


def questions(assignment: str) -> list[Question]:
    """Return every autograded question with its answers."""
    reference = solution(assignment)
    return [_question(path, reference) for path in sorted((HERE / assignment).glob("q*.toml"))]


def students(assignment: str) -> dict[str, Student]:
    """Return the whole submissions: all right, untouched, and those written down."""
    marks = {name: cell["metadata"]["nbgrader"] for name, cell in solution(assignment).items()}
    points = {name: mark["points"] for name, mark in marks.items() if mark["grade"]}
    by_hand = frozenset(name for name in points if marks[name]["solution"])
    right = {name: cell["source"] for name, cell in solution(assignment).items() if marks[name]["solution"]}
    return {
        "right": Student(right, {name: points[name] for name in points if name not in by_hand}, by_hand),
        "untouched": Student({}, dict.fromkeys(points, 0), frozenset()),
        **{path.stem: _student(path) for path in sorted((HERE / assignment / "students").glob("*.toml"))},
    }


def _question(path: Path, reference: Mapping[str, Mapping[str, Any]]) -> Question:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    cell, checks = table["cell"], tuple(table["checks"])
    return Question(
        cell,
        checks,
        table.get("rests_on"),
        (
            Answer("reference", reference[cell]["source"], like_reference=True),
            Answer("untouched", None, dict.fromkeys(checks, table["untouched"])),
            *_answers(table["answers"], checks, reference[cell]["source"], path.parent),
        ),
    )


def _answers(written: list[dict[str, Any]], checks: tuple[str, ...], reference: str, folder: Path) -> Iterator[Answer]:
    for entry in written:
        messages = entry.get("told", {})
        if "after" in entry:
            source = f"{reference}\n{entry['after']}"
        elif "frozen" in entry:
            source = _frozen(folder / entry["frozen"])
        else:
            source = entry["source"]
        yield Answer(
            entry["name"],
            source,
            dict.fromkeys(checks, messages) if isinstance(messages, str) else messages,
            _files(entry, folder),
            entry.get("hidden", False),
            entry.get("like_reference", False),
        )


def _student(path: Path) -> Student:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Student(table["answers"], table["scores"], frozenset(table["waiting"]), _files(table, path.parents[1]))


def _files(table: Mapping[str, Any], folder: Path) -> dict[str, bytes]:
    return {name: (folder / path).read_bytes() for name, path in table.get("files", {}).items()}


def _frozen(ledger: Path) -> str:
    """Return what the board writes into the cell; outside a notebook it prints it."""
    from course import EvidenceBoard, Ledger

    with redirect_stdout(StringIO()) as printed:
        EvidenceBoard(ledger=Ledger.loads(ledger.read_text(encoding="utf-8"))).freeze()
    return printed.getvalue()
