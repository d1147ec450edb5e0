"""The key of an exercise: kept out of its notebook, complete, and read the same wherever the course is installed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from course import Case
from course.checks.answer_key import ALL, KINDS, AnswerKey
from course.checks.expect import NotAnswered, NotYet
from course.methods.lineage import wordings

ROOT = Path(__file__).resolve().parents[2]
KEYS = sorted((ROOT / "course/checks/keys").glob("*.json"))
EXERCISES = [path.name for path in sorted((ROOT / "exercises").iterdir())]
ORDINARY = frozenset({0, 1, 2, ""})
"""Literals that any code may hold: an index, a step, an empty text."""


def key_of(exercise: str, tmp: dict[str, Any], monkeypatch: pytest.MonkeyPatch, path: Path) -> AnswerKey:
    (path / f"{exercise}.json").write_text(json.dumps(tmp), encoding="utf-8")
    monkeypatch.setattr("course.checks.answer_key.FOLDER", path)
    return AnswerKey(exercise)


# --- the module ------------------------------------------------------------------------------------------------------


def test_each_part_is_checked_by_its_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {
        "*": {"hint": "Look again."},
        "word": {"text": "place", "among": ["place", "date"], "unless": {"date": "It has one."}},
        "share": {"number": 27.76, "decimals": 1, "unless": {"30": "You added."}},
        "ids": {"items": ["C04", "C08"], "ordered": True, "unless": {"*": "No such row.", "C01": "Too early."}},
        "when": {"date": "2017-12-06"},
        "who": {"person": "Valery Gerasimov"},
        "holds": {"bool": False},
        "any": {"some": ["a", "b"]},
    }
    key = key_of("00-test", {"q1": parts}, monkeypatch, tmp_path)
    word, share, ids, when, who, holds, any_of = "Place", 27.8, ["C04", "C08"], "6 Dec 2017", "Gerasimov", False, ["b"]
    key.expect("q1", "word", "share", "ids", "when", "who", "holds")
    key.expect("q1", "any", answer=any_of)
    assert len(capsys.readouterr().out.splitlines()) == 7
    assert (word, share, ids, when, who, holds) is not None
    for part, wrong, message in (
        ("word", "date", "word: It has one."),
        ("word", "dates", "not on the list"),
        ("share", 30, "share: You added."),
        ("share", 27, "Look again."),
        ("ids", ["C01", "C04"], "ids: Too early."),
        ("ids", ["C99", "C04"], "ids: No such row."),
        ("when", "7 Dec 2017", "another day. Look again."),
        ("who", "Putin", "does not name the right person"),
        ("holds", True, "holds is True"),
    ):
        with pytest.raises(NotYet) as caught:
            key.expect("q1", part, answer=wrong)
        assert message in str(caught.value)
    with pytest.raises(NotAnswered, match="any is not answered yet"):
        key.expect("q1", "any")
    assert key.right("q1", "word") == "place"


def test_an_exercise_without_a_key_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        AnswerKey("99-nothing").expect("q1")


# --- the keys --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", KEYS, ids=lambda path: path.stem)
def test_a_key_belongs_to_an_exercise_and_to_its_checks(path: Path) -> None:
    assert path.stem in EXERCISES
    names = {cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells("solutions", path.stem)}
    for question, parts in json.loads(path.read_text(encoding="utf-8")).items():
        assert question in names
        for name, part in parts.items():
            # What a check reads by itself may be of any kind.
            kinds = set(part) & set(KINDS) if isinstance(part, dict) else set()
            assert len(kinds) <= (0 if name == ALL else 1), f"{question}, {name}"


@pytest.mark.parametrize("exercise", [path.stem for path in KEYS])
def test_no_check_shows_an_answer(exercise: str) -> None:
    """No literal in a released check is, alone, an answer to its question.

    Answers are the literals to which the reference answer gives a name (``s1 = "speaker"``), and their items. A literal
    is a number or a text that stands in the check's code. Those in `ORDINARY` say nothing.
    """
    answers = answers_as_literals(exercise)
    in_view = [
        f"{check}: {value!r}"
        for check, source in checks(exercise)
        for value in literals(ast.parse(source))
        if value in answers.get(answer_of(check, answers), ())
    ]
    assert not in_view


def cells(folder: str, exercise: str) -> list[dict[str, Any]]:
    notebook = json.loads((ROOT / folder / exercise / f"{exercise}.ipynb").read_text(encoding="utf-8"))
    return [cell | {"source": "".join(cell["source"])} for cell in notebook["cells"]]


def checks(exercise: str) -> Iterator[tuple[str, str]]:
    for cell in cells("exercises", exercise):
        marks = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and marks.get("grade") and not marks.get("solution"):
            yield marks["grade_id"], cell["source"]


def answer_of(check: str, answers: Mapping[str, object]) -> str:
    """Return the cell with the answer that a check looks at: q9 of q9a-check, unless there is a cell q9a."""
    name = check.removesuffix("-check")
    return name if name in answers else name.rstrip("abcdefgh")


def answers_as_literals(exercise: str) -> dict[str, set[object]]:
    answers: dict[str, set[object]] = {}
    for cell in cells("solutions", exercise):
        marks = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or not marks.get("solution"):
            continue
        for statement in ast.parse(cell["source"]).body:
            if isinstance(statement, ast.Assign) and is_literal(statement.value):
                answers.setdefault(marks["grade_id"], set()).update(literals(statement.value))
    return answers


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def literals(tree: ast.AST) -> set[Any]:
    """Return the numbers and texts in a tree, without the names in dictionaries: those are the question's."""
    names = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    values = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in names}
    return {value for value in values if value not in ORDINARY and isinstance(value, str | int | float)}


def test_a_line_of_descent_is_that_of_the_case() -> None:
    """The key of exercise 01 has it as a list, and the case says what follows what."""
    known = wordings(Case.load().rows("claims"), Case.load().rows("sources"))
    for part in ("briefing", "withdrawal"):
        line = AnswerKey("01-the-claim").right("q3", part)
        assert [known[name].follows for name in line] == [*line[1:], ""]
