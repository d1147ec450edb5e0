"""The graders are tested: every right answer is accepted, every wrong one caught, with the message it was promised.

One sitting of nbgrader's own autograde. A submission carries one answer to each question, so there are no more of them
than the longest question has answers; questions that rest on another one get submissions where that one is right.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from itertools import zip_longest

import pytest

from tests.answers import HERE, Answer, Question, questions, solution
from tests.gradebook import ROOT, Course, Graded

pytestmark = [
    pytest.mark.nbgrader,
    # nbgrader 0.9.6 reads submissions it has not added to its session yet; SQLAlchemy 2 warns, the result is right.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

ASSIGNMENTS = sorted(path.name for path in HERE.glob("*/") if list(path.glob("q*.toml")))


@dataclass(frozen=True)
class Tried:
    """What one check made of one answer."""

    question: str
    answer: Answer
    check: str
    accepted: bool
    said: str

    @property
    def promised(self) -> str:
        """Part of the message this check owes this answer; empty where the answer is right."""
        return self.answer.told.get(self.check, "")

    def __str__(self) -> str:
        outcome = "accepted" if self.accepted else f"“{self.said}”"
        return f"{self.question}, {self.check}, {self.answer.name}: {outcome} (promised: {self.promised or 'accepted'})"


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


def _hand(asked: list[Question], row: tuple[Answer | None, ...]) -> dict[str, Answer]:
    return {question.cell: answer for question, answer in zip(asked, row, strict=True) if answer is not None}


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Tried]:
    assignment, asked = request.param, questions(request.param)
    course = Course(tmp_path_factory.mktemp("answers") / "course", ROOT / "solutions" / assignment)
    submissions = {f"s{number:02}": hand for number, hand in enumerate(deal(asked))}
    for student, hand in submissions.items():
        sources = {cell: answer.source for cell, answer in hand.items() if answer.source is not None}
        course.hand_in(
            student, sources, {name: file for answer in hand.values() for name, file in answer.files.items()}
        )
    graded = course.grade(*submissions, feedback=False)
    # The reference answer stands in many submissions: it is listed once, and as failing if it fails anywhere.
    seen: dict[tuple[str, str], Tried] = {}
    for student, hand in submissions.items():
        said = messages(graded[student], assignment)
        for question in (question for question in asked if question.cell in hand):
            answer = hand[question.cell]
            for check in question.checks:
                accepted = graded[student].scores[check] > 0
                if (before := seen.get((answer.name, check))) is None or before.accepted:
                    seen[answer.name, check] = Tried(question.cell, answer, check, accepted, said.get(check, ""))
    return list(seen.values())


def messages(graded: Graded, assignment: str) -> dict[str, str]:
    """Return what each check that failed said."""
    notebook = json.loads((graded.folder / f"{assignment}.ipynb").read_text(encoding="utf-8"))
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: output["evalue"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    }


def test_every_right_answer_is_accepted(tried: list[Tried]) -> None:
    assert [str(one) for one in tried if not one.promised and not one.accepted] == []


def test_every_wrong_answer_is_caught(tried: list[Tried]) -> None:
    assert [str(one) for one in tried if one.promised and one.accepted] == []


def test_every_wrong_answer_gets_the_message_it_was_promised(tried: list[Tried]) -> None:
    assert [str(one) for one in tried if one.promised not in one.said] == []


def test_the_counts_can_be_read(tried: list[Tried], capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["", f"{'check':<10} {'right':>5} {'accepted':>8} {'wrong':>5} {'caught':>6} {'as promised':>11}"]
    for check in [*sorted({one.check for one in tried}), ""]:
        right = [one for one in tried if check in ("", one.check) and not one.promised]
        wrong = [one for one in tried if check in ("", one.check) and one.promised]
        accepted, caught = sum(one.accepted for one in right), sum(not one.accepted for one in wrong)
        promised = sum(one.promised in one.said for one in wrong)
        lines.append(f"{check or 'all':<10} {len(right):>5} {accepted:>8} {len(wrong):>5} {caught:>6} {promised:>11}")
    assert len(lines) > 3
    with capsys.disabled():
        sys.stdout.write("\n".join(lines) + "\n")


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_autograded_question_is_tried_in_enough_ways(assignment: str) -> None:
    asked, cells = questions(assignment), solution(assignment)
    checks = {name for name, cell in cells.items() if cell["metadata"]["nbgrader"]["grade"]} - {
        name for name, cell in cells.items() if cell["metadata"]["nbgrader"]["solution"]
    }
    assert {check for question in asked for check in question.checks} == checks
    for question in asked:
        for check in question.checks:
            right = [answer for answer in question.answers if check not in answer.told]
            wrong = [answer for answer in question.answers if check in answer.told]
            assert len(right) >= 3, f"{check}: the reference and two other right ways"
            assert len(wrong) >= 5, f"{check}: the stub and four wrong answers"
            if "BEGIN HIDDEN TESTS" in cells[check]["source"]:
                assert any(answer.hidden for answer in wrong), f"{check}: an answer that only hidden tests catch"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_rubric_has_an_answer_for_every_mark_and_as_many_marks_as_the_question(assignment: str) -> None:
    rubrics = json.loads((ROOT / "solutions" / assignment / "exercise.json").read_text(encoding="utf-8"))["rubrics"]
    by_hand = {
        name: cell["metadata"]["nbgrader"]["points"]
        for name, cell in solution(assignment).items()
        if cell["metadata"]["nbgrader"]["grade"] and cell["metadata"]["nbgrader"]["solution"]
    }
    assert {name.lower() for name in rubrics} == set(by_hand)
    for name, rubric in rubrics.items():
        assert [level["marks"] for level in rubric["levels"]] == list(range(by_hand[name.lower()] + 1))
        assert all(level["earned"] and level["anchor"] for level in rubric["levels"])
