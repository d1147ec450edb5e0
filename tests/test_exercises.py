"""The exercises as notebooks: what is asked, how it is stored, and that every fact named in them exists.

What their checks accept and say is tried in test_answers.py, and that exercises/ comes from solutions/ in
test_release.py.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.test_lessons import LONGEST_TEXT, PARAGRAPHS, known, named, read

ROOT = Path(__file__).resolve().parents[1]
BOTH = [*sorted(ROOT.glob("exercises/*/*.ipynb")), *sorted(ROOT.glob("solutions/*/*.ipynb"))]
FEWEST, MOST, HINTS = 8, 15, 3
LONGEST_HOW = 140
"""Words of the cell that says how an exercise works: a list of steps that is looked up, the same in all of them."""


@dataclass(frozen=True)
class Exercise:
    path: Path
    notebook: Any

    @property
    def beside(self) -> Any:
        return json.loads((self.path.parent / "exercise.json").read_text(encoding="utf-8"))

    @property
    def visible(self) -> list[Any]:
        """The text cells that learners and markers both read: what an answer holds is the learner's."""
        return [
            cell
            for cell in self.notebook.cells
            if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader", {}).get("solution")
        ]

    def questions(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield each question, such as Q7, with its cells."""
        question = ""
        cells: list[Any] = []
        for cell in self.notebook.cells:
            if heading := re.match(r"## Question (\d+)", cell.source):
                if question:
                    yield question, cells
                question, cells = f"Q{heading[1]}", []
            cells.append(cell)
        yield question, cells


@pytest.fixture(scope="module", params=BOTH, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return Exercise(request.param, nbformat.read(request.param, as_version=4))  # type: ignore[no-untyped-call]


def points(cells: list[Any]) -> dict[str, float]:
    """Return the points of each graded cell, by its grade_id."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


# --- the file ----------------------------------------------------------------------------------------------------


def test_it_is_stored_without_output(exercise: Exercise) -> None:
    nbformat.validate(exercise.notebook)
    assert (exercise.notebook.nbformat, exercise.notebook.nbformat_minor) == (4, 5)
    for cell in exercise.notebook.cells:
        assert not cell.get("outputs"), cell.id
        assert cell.get("execution_count") is None, cell.id
        assert set(cell.metadata) <= {"nbgrader", "tags", "deletable", "editable", "jupyter"}, cell.id


def test_its_cells_have_readable_names_of_their_own_that_are_the_graders_too(exercise: Exercise) -> None:
    names = [cell.get("id", "") for cell in exercise.notebook.cells]
    assert not [name for name, count in Counter(names).items() if count > 1]
    assert not [name for name in names if not re.fullmatch(r"[a-z]+\d*[a-z]?(-[a-z0-9]+)*", name)]
    for cell in exercise.notebook.cells:
        if marks := cell.metadata.get("nbgrader"):
            assert marks["grade_id"] == cell.id


def test_what_a_learner_need_not_read_is_folded(exercise: Exercise) -> None:
    for cell in exercise.notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        is_check = marks.get("grade") and not marks.get("solution")
        need_not_read = is_check or cell.id == "setup" or "hide-input" in cell.metadata.get("tags", ())
        folded = need_not_read and exercise.path.is_relative_to(ROOT / "exercises")
        assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == folded, cell.id
        assert not folded or "hide-input" in cell.metadata.tags, cell.id


# --- the questions -----------------------------------------------------------------------------------------------


def test_it_asks_enough_and_not_too_much_and_some_of_it_in_prose(exercise: Exercise) -> None:
    asked = dict(exercise.questions())
    assert list(asked) == [f"Q{number}" for number in range(1, len(asked) + 1)]
    assert FEWEST <= len(asked) <= MOST
    by_hand = set(exercise.beside["rubrics"])
    assert by_hand < set(asked)
    assert all(points(cells) for cells in asked.values())


def test_every_question_with_a_check_has_three_hints(exercise: Exercise) -> None:
    beside = exercise.beside
    assert set(beside["hints"]) | set(beside["rubrics"]) == {question for question, _ in exercise.questions()}
    assert {question: len(hints) for question, hints in beside["hints"].items() if len(hints) != HINTS} == {}
    assert beside["exercise"] == exercise.path.stem[:2] or beside["exercise"] == exercise.path.stem


def test_points_in_the_text_are_those_of_the_metadata(exercise: Exercise) -> None:
    """Best of all the text names none: then nothing can differ."""
    for question, cells in exercise.questions():
        worth = sum(points(cells).values())
        for cell in (cell for cell in cells if cell in exercise.visible):
            stated = re.findall(r"(\d+) (?:points?|marks?)\b", cell.source)
            assert all(float(number) == worth for number in stated), f"{question}: worth {worth:g}, text says {stated}"


# --- the text ----------------------------------------------------------------------------------------------------


def test_no_text_is_a_wall(exercise: Exercise) -> None:
    words = {cell.id: len(read(cell)) for cell in exercise.visible}
    longest = {"how": LONGEST_HOW}
    assert {name: count for name, count in words.items() if count >= longest.get(name, LONGEST_TEXT)} == {}


def test_headings_leave_no_level_out(exercise: Exercise) -> None:
    levels = [len(marks) for cell in exercise.visible for marks in re.findall(r"^(#+) ", cell.source, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_paragraph_and_row_it_names_exists(exercise: Exercise) -> None:
    text = "\n".join(cell.source for cell in exercise.notebook.cells) + json.dumps(exercise.beside, ensure_ascii=False)
    cited = [int(number) for span in re.findall(r"¶(\d+(?:–\d+)?)", text) for number in span.split("–")]
    assert all(1 <= number <= PARAGRAPHS for number in cited)
    assert named(text) <= known("\n".join(cell.source for cell in exercise.notebook.cells))


def test_every_link_leads_somewhere_and_every_picture_says_what_it_shows(exercise: Exercise) -> None:
    text = "\n".join(cell.source for cell in exercise.visible)
    for target in re.findall(r"(?<!!)\[[^\]]*\]\((?!https?:|#)([^)#]+)\)", text):
        assert (exercise.path.parent / target).exists(), target
    assert not re.findall(r"!\[\s*\]\(", text)
