"""The key of an exercise: its right answers and what to say about known wrong ones, kept out of the notebook.

It is one JSON file for each exercise, in the folder ``keys`` beside this module. So it is there wherever the course is
installed, and never in the learner's folder. A check cell says no more than which question it checks::

    check_key = AnswerKey("01-the-claim")     # in the setup cell
    check_key.expect("q7")              # in the check cell of question 7

The file holds the questions, and each question its parts by the learner's names for them::

    {
      "q7": {
        "*":  {"among": ["fine", "speaker", "date"]},
        "s1": {"text": "speaker", "unless": {"fine": "Who speaks of units on that day?"}, "hint": "Look at C04."},
        "s2": {"items": ["C02", "C05"], "ordered": true}
      }
    }

A part names the kind of answer with what is right (``text``, ``number``, ``items``, ``some``, ``date``, ``person`` or
``bool``); the rest are the parameters of the function ``expect_…`` of `course.checks.expect`. In ``unless``, ``"*"``
stands for every other wrong answer. What ``"*"`` holds in place of a part applies to all the question's parts. What a
check calculates from the case is not in the file; a check may also take single values: ``check_key["q5"]["left_out"]``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from course.checks import expect

FOLDER: Final = Path(__file__).resolve().parent / "keys"
KINDS: Final[Mapping[str, Callable[..., None]]] = {
    "text": expect.expect_text,
    "number": expect.expect_number,
    "items": expect.expect_items,
    "some": expect.expect_some,
    "date": expect.expect_date,
    "person": expect.expect_person,
    "bool": expect.expect_bool,
}
"""The kinds of answers that a key can hold, and the function that checks each."""
ALL: Final = "*"


class AnswerKey:
    """The key of one exercise.

    Parameters
    ----------
    exercise : str
        The exercise's name, such as ``"01-the-claim"``.
    """

    def __init__(self, exercise: str) -> None:
        self._exercise = exercise

    def __repr__(self) -> str:
        return f"AnswerKey({self._exercise!r})"

    @cached_property
    def _questions(self) -> dict[str, dict[str, Any]]:
        # Read when a check first asks: a learner's kernel that is graded has no keys, and runs no checks.
        questions: dict[str, dict[str, Any]] = json.loads(
            (FOLDER / f"{self._exercise}.json").read_text(encoding="utf-8")
        )
        return questions

    def __getitem__(self, question: str) -> dict[str, Any]:
        """Return what the key has for a question."""
        return self._questions[question]

    def right(self, question: str, part: str) -> Any:
        """Return the right answer to one part of a question.

        Raises
        ------
        KeyError
            If the key has no such part, or the part has no kind.
        """
        kind = _kind_of(self._questions[question][part])
        return self._questions[question][part][kind]

    def expect(self, question: str, *parts: str, inside: str = "", **more: Any) -> None:
        """Check the learner's answers to these parts of a question; to all of them if none is named.

        Parameters
        ----------
        question : str
            Such as ``"q7"``.
        parts : str
            The learner's names for the answers.
        inside : str
            The learner's name for a dictionary (or a column) that holds the parts, if they have no names of their own.
        more : object
            Further parameters for the check of each part, such as ``answer``, or the right answer under its kind where
            that is calculated from the case.

        Raises
        ------
        NotAnswered
            If a part has no answer.
        NotYet
            If a part's answer does not pass. The first such part is reported.
        """
        asked = self._questions[question]
        for part in parts or [name for name in asked if name != ALL]:
            options = {**asked.get(ALL, {}), **asked[part], **more}
            kind = _kind_of(options)
            if "unless" in options:
                options["unless"] = _pairs(options["unless"])
            name = part
            if inside:
                name, options["answer"] = f"{inside}, {part}", _part_of(inside, part)
            KINDS[kind](name, options.pop(kind), **options)


def _part_of(name: str, part: str) -> object:
    """Return one part of the learner's dictionary of this name; `...` if it is not there."""
    value = expect.answer_named(name)
    if value is ... or value is None:
        raise expect.NotAnswered(f"{name} is not answered yet.", expect.advice_for(name, value))
    if not isinstance(value, Mapping) and not hasattr(value, "index"):
        raise expect.NotYet(
            f'{name} needs a name before each answer, as in the cell that you were given: {{"{part}": …}}, in curly '
            "brackets."
        )
    return value.get(part, ...) if hasattr(value, "get") else ...


def _kind_of(part: Mapping[str, Any]) -> str:
    return next(kind for kind in KINDS if kind in part)


def _pairs(unless: Any) -> list[tuple[Any, str]]:
    """Return misconceptions as pairs; the one for every other answer comes last."""
    pairs = list(unless.items()) if isinstance(unless, Mapping) else [tuple(pair) for pair in unless]
    named = [pair for pair in pairs if pair[0] != ALL]
    return [*named, *((_anything, message) for wrong, message in pairs if wrong == ALL)]


def _anything(_: object) -> bool:
    return True
