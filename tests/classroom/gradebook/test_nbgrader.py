"""A class hands in and nbgrader grades it: scores question by question, and feedback that says why."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.answers import HERE, Student, students
from tests.gradebook import ROOT, Course, Graded, grade_class, sample

pytestmark = [
    pytest.mark.nbgrader,
    # nbgrader 0.9.6 reads submissions it has not added to its session yet; SQLAlchemy 2 warns, the result is right.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

ASSIGNMENTS = sorted({path.parents[1].name for path in HERE.glob("*/students/*.toml")})
RIGHT = {
    "share-lost": "share_lost = 27.76",
    "repeats": "repeats = {'S03', 'S02'}",
    "sentence": "The second loss is taken from what the first one left.",
}
MIX = {"share-lost": "share_lost = 14 + 16", "repeats": "repeats = ['S02', 'S03']"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("nbgrader")
    return Course(folder / "course", sample(folder))


@pytest.fixture(scope="module")
def graded(course: Course) -> Mapping[str, Graded]:
    course.hand_in("right", RIGHT)
    course.hand_in("untouched", {})
    course.hand_in("mix", MIX, files={"ledger.json": '{"schema": 1}'})
    return course.grade("right", "untouched", "mix")


def test_right_answers_get_every_point_of_the_machine_and_prose_waits_for_a_person(
    graded: Mapping[str, Graded],
) -> None:
    assert graded["right"].scores == {"share-lost-check": 2, "repeats-check": 1}
    assert graded["right"].waiting == {"sentence"}
    assert "share_lost: as far as this check can see, right." in graded["right"].feedback


def test_an_untouched_exercise_gets_nothing_and_nobody_needs_to_read_it(graded: Mapping[str, Graded]) -> None:
    assert graded["untouched"].scores == {"share-lost-check": 0, "repeats-check": 0, "sentence": 0}
    assert graded["untouched"].waiting == frozenset()
    assert "share_lost is not answered yet." in graded["untouched"].feedback


def test_a_mix_gets_the_points_it_earned_and_is_told_its_misconception(graded: Mapping[str, Graded]) -> None:
    assert graded["mix"].scores == {"share-lost-check": 0, "repeats-check": 1, "sentence": 0}
    assert "Not yet. share_lost: Losses compound." in graded["mix"].feedback


def test_feedback_never_shows_a_traceback(graded: Mapping[str, Graded]) -> None:
    for student in graded.values():
        assert "Traceback (most recent call last)" not in student.feedback
        assert "course/checks/expect.py" not in student.feedback


def test_a_ledger_handed_in_is_graded_with_the_notebook_and_not_replaced(tmp_path: Path) -> None:
    """An instructor's own ledger, left in solutions/, must not take the place of the learner's."""
    solution = sample(tmp_path, "second")
    (solution / "ledger.json").write_text('{"whose": "instructor"}')
    second = Course(tmp_path / "course", solution)
    (tmp_path / "course" / "solutions" / "second" / "ledger.json").write_text('{"whose": "instructor"}')
    second.hand_in(
        "anna",
        {"repeats": "import json\nrepeats = json.load(open('ledger.json'))['repeats']"},
        files={"ledger.json": '{"whose": "anna", "repeats": ["S02", "S03"]}'},
    )
    graded = second.grade("anna")["anna"]
    assert json.loads((graded.folder / "ledger.json").read_text())["whose"] == "anna"
    assert graded.scores["repeats-check"] == 1


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, tuple[Student, Graded]]]:
    """Every exercise, released, handed in by whole students (some with a widget's ledger) and graded in one class."""
    folder = tmp_path_factory.mktemp("classroom") / "course"
    courses = {assignment: Course(folder, ROOT / "solutions" / assignment) for assignment in ASSIGNMENTS}
    for assignment, course in courses.items():
        for name, student in students(assignment).items():
            course.hand_in(name, student.answers, student.files)
    grade_class(folder, "--feedback")
    return {
        assignment: {
            name: (students(assignment)[name], graded)
            for name, graded in course.all_graded(list(students(assignment))).items()
        }
        for assignment, course in courses.items()
    }


@pytest.fixture(params=ASSIGNMENTS)
def classroom(
    request: pytest.FixtureRequest, whole_class: Mapping[str, Mapping[str, tuple[Student, Graded]]]
) -> Mapping[str, tuple[Student, Graded]]:
    """The whole students of one exercise and what they got."""
    return whole_class[request.param]


def test_whole_students_get_their_scores_question_by_question(
    classroom: Mapping[str, tuple[Student, Graded]],
) -> None:
    assert set(classroom) > {"right", "untouched"}
    for name, (student, graded) in classroom.items():
        assert graded.scores == student.scores, name
        assert graded.waiting == student.waiting, name


def test_whole_students_read_messages_and_no_tracebacks_in_their_feedback(
    classroom: Mapping[str, tuple[Student, Graded]],
) -> None:
    for name, (student, graded) in classroom.items():
        assert "Traceback (most recent call last)" not in graded.feedback, name
        if name not in ("right", "untouched") and 0 in student.scores.values():
            assert "Not yet." in graded.feedback, name
    assert "not answered yet" in classroom["untouched"][1].feedback
    assert "Not yet." not in classroom["right"][1].feedback
