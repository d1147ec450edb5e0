"""Try every answer to the assignments' questions in one class, graded by ``course grade``.

A submission carries one answer to each question, so there are no more of them than the longest question has answers;
questions that rest on another one get submissions where that one is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from tests.answers import HERE, Answer, Question, questions
from tests.gradebook import ROOT, Course, Graded, grade_class

ASSIGNMENTS = sorted(path.name for path in HERE.glob("*/") if list(path.glob("q*.toml")))


@dataclass(frozen=True)
class Tried:
    """What one check made of one answer."""

    question: str
    answer: Answer
    check: str
    accepted: bool
    message: str

    @property
    def promised(self) -> str:
        """Part of the message this check owes this answer; empty where the answer is right."""
        return self.answer.messages.get(self.check, "")

    @property
    def as_promised(self) -> bool:
        """Whether the check did what it owes this answer: to accept it, or to say what was promised."""
        return not self.accepted and self.promised in self.message if self.promised else self.accepted

    def __str__(self) -> str:
        outcome = "accepted" if self.accepted else f"“{self.message}”"
        return f"{self.question}, {self.check}, {self.answer.name}: {outcome} (promised: {self.promised or 'accepted'})"


@dataclass(frozen=True)
class Counts:
    """How many right answers were accepted, wrong ones caught, and messages given as promised."""

    right: int
    accepted: int
    wrong: int
    caught: int
    promised: int

    @classmethod
    def of(cls, tried: Iterable[Tried]) -> Counts:
        """Count what checks made of answers."""
        all_of_them = list(tried)
        right = [attempt for attempt in all_of_them if not attempt.promised]
        wrong = [attempt for attempt in all_of_them if attempt.promised]
        return cls(
            len(right),
            sum(attempt.accepted for attempt in right),
            len(wrong),
            sum(not attempt.accepted for attempt in wrong),
            sum(attempt.as_promised for attempt in wrong),
        )


def try_answers(assignments: Sequence[str], folder: Path) -> dict[str, list[Tried]]:
    """Hand in and grade every answer to these assignments' questions, in one class in a new course in this folder."""
    courses = {assignment: Course(folder, ROOT / "solutions" / assignment) for assignment in assignments}
    dealt = {
        assignment: {f"s{number:02}": hand for number, hand in enumerate(deal(questions(assignment)))}
        for assignment in assignments
    }
    for assignment, submissions in dealt.items():
        # A check may look at an answer that rests on another one and has no place in this submission.
        bound = {asked.cell: asked.answers[0] for asked in questions(assignment) if asked.rests_on is not None}
        for student, hand in submissions.items():
            sources = {cell: answer.source for cell, answer in (bound | hand).items() if answer.source is not None}
            files = {name: file for answer in hand.values() for name, file in answer.files.items()}
            courses[assignment].hand_in(student, sources, files)
    with (folder / "nbgrader_config.py").open("a") as file:
        # So that a hidden test says what it has promised.
        file.write("\nc.Execute.show_hidden_tests = True\n")
    ended = grade_class(folder)["submissions"]
    results = {(entry["assignment"], entry["student"]): entry["result"] for entry in ended}
    assert set(results) == {(assignment, student) for assignment in assignments for student in dealt[assignment]}
    assert set(results.values()) <= {"graded", "needs marking"}, ended
    return {
        assignment: _tried(assignment, dealt[assignment], courses[assignment].all_graded(list(dealt[assignment])))
        for assignment in assignments
    }


def _tried(
    assignment: str, submissions: Mapping[str, Mapping[str, Answer]], graded: Mapping[str, Graded]
) -> list[Tried]:
    """Return what each check made of each answer in these submissions."""
    asked = questions(assignment)
    # The reference answer stands in many submissions: it is listed once, and as failing if it fails anywhere.
    seen: dict[tuple[str, str, str], Tried] = {}
    for student, hand in submissions.items():
        shown = messages(graded[student], assignment)
        for question in (question for question in asked if question.cell in hand):
            answer = hand[question.cell]
            # A check that looks at two answers is about the one that rests on the other, where that one is tried.
            other = {
                check
                for bound in asked
                if bound.rests_on == question.cell and bound.cell in hand
                for check in bound.checks
            }
            for check in (check for check in question.checks if check not in other):
                accepted = graded[student].scores[check] > 0
                place = question.cell, answer.name, check
                if (before := seen.get(place)) is None or before.accepted:
                    seen[place] = Tried(question.cell, answer, check, accepted, shown.get(check, ""))
    return list(seen.values())


def deal(asked: list[Question]) -> list[dict[str, Answer]]:
    """Deal the answers out, each to a submission (answers by cell), to as few submissions as there can be."""
    free = [question for question in asked if question.rests_on is None]
    bound = [question for question in asked if question.rests_on is not None]
    dealt = [_hand(free, row) for row in zip_longest(*(question.answers for question in free))]
    reference = _hand(free, tuple(question.answers[0] for question in free))
    firm = {str(question.rests_on) for question in bound}
    # Where an answer has run out, or says the same as the reference, others can rest on it.
    fit = [
        number
        for number, hand in enumerate(dealt)
        if all(cell not in hand or hand[cell].like_reference for cell in firm)
    ]
    for number, row in enumerate(zip_longest(*(question.answers for question in bound))):
        if number == len(fit):
            fit.append(len(dealt))
            dealt.append({})
        dealt[fit[number]] |= _hand(bound, row)
    return [reference | hand for hand in dealt]


def messages(graded: Graded, assignment: str) -> dict[str, str]:
    """Return what each check that failed said."""
    notebook = json.loads((graded.folder / f"{assignment}.ipynb").read_text(encoding="utf-8"))
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: output["evalue"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    }


def _hand(asked: list[Question], row: tuple[Answer | None, ...]) -> dict[str, Answer]:
    return {question.cell: answer for question, answer in zip(asked, row, strict=True) if answer is not None}
