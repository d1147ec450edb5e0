"""The graders are tested: every right answer is accepted, every wrong one caught, with the message it was promised.

``python -m tests.answers`` prints the same as one table. Whether nbgrader itself would give the same is tried
here with a few submissions, and by ``python -m tests.answers.same`` with all of them, which takes half an hour.
"""

from __future__ import annotations

import json
import sys

import pytest

from tests.answers import questions, solution
from tests.answers.same import compare
from tests.answers.trying import ASSIGNMENTS, Tried, try_answers
from tests.gradebook import ROOT

pytestmark = [
    pytest.mark.nbgrader,
    # nbgrader 0.9.6 reads submissions it has not added to its session yet; SQLAlchemy 2 warns, the result is right.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


SAMPLE = {"01-the-claim": 3, "03-the-numbers": 8, "06-weighing": 5, "08-on-your-own": 7}
"""Which submission of an assignment is graded by nbgrader, too: with functions, charts, ratings, and another case."""


@pytest.fixture(scope="module")
def all_tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Tried]]:
    """What became of every answer to the assignments whose tests run, all graded in one class."""
    calls = (getattr(item, "callspec", None) for item in request.session.items if item.path == request.path)
    asked_for = {call.params["tried"] for call in calls if call and "tried" in call.params}
    return try_answers(sorted(asked_for), tmp_path_factory.mktemp("answers") / "course")


@pytest.fixture(params=ASSIGNMENTS)
def tried(request: pytest.FixtureRequest, all_tried: dict[str, list[Tried]]) -> list[Tried]:
    return all_tried[request.param]


def test_every_right_answer_is_accepted(tried: list[Tried]) -> None:
    assert [str(attempt) for attempt in tried if not attempt.promised and not attempt.accepted] == []


def test_every_wrong_answer_is_caught(tried: list[Tried]) -> None:
    assert [str(attempt) for attempt in tried if attempt.promised and attempt.accepted] == []


def test_every_wrong_answer_gets_the_message_it_was_promised(tried: list[Tried]) -> None:
    assert [str(attempt) for attempt in tried if attempt.promised not in attempt.message] == []


@pytest.mark.parametrize("assignment", SAMPLE)
def test_a_submission_gets_the_points_comments_and_outputs_that_nbgrader_gives(
    assignment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [compared] = compare(assignment, [SAMPLE[assignment]])
    assert compared.differences == ()
    with capsys.disabled():
        sys.stdout.write(f"\n{assignment}: {compared.checks} checks as nbgrader's\n")


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_autograded_question_is_tried_in_enough_ways(assignment: str) -> None:
    asked, cells = questions(assignment), solution(assignment)
    checks = {name for name, cell in cells.items() if cell["metadata"]["nbgrader"]["grade"]} - {
        name for name, cell in cells.items() if cell["metadata"]["nbgrader"]["solution"]
    }
    assert {check for question in asked for check in question.checks} == checks
    for question in asked:
        for check in question.checks:
            right = [answer for answer in question.answers if check not in answer.messages]
            wrong = [answer for answer in question.answers if check in answer.messages]
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
        if "words" in rubric:
            fewest, most = rubric["words"]
            assert fewest <= len(rubric["levels"][-1]["anchor"].split()) <= most, f"{name}: the anchor for full marks"
            assert rubric["minutes"] > 0
