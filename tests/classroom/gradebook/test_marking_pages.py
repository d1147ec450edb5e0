"""The marker sees the mark scheme and when it was handed in; feedback names the questions and shows no mark scheme."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from traitlets.config.loader import PyFileConfigLoader

from tests.gradebook import Course, grade_class, sample

pytestmark = pytest.mark.nbgrader

SCHEME = "One point for naming the denominator."
TITLES = ["Question 1: compound the losses", "Question 2: who repeats whom?", "Question 3: say it in a sentence"]
DUE, FEEDBACK_ON, AGAIN = "2026-11-01 12:00:00 UTC", "2026-11-01 11:00:00 UTC", "2026-11-01 15:30:00 UTC"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which ana has been given feedback on time, and then has handed in again late."""
    folder = tmp_path_factory.mktemp("course")
    course = Course(folder, sample(folder / "made"))
    course.hand_in("ana", {"sentence": "Of what was left <b>*never*</b>."}, {"timestamp.txt": FEEDBACK_ON})
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "completely-free") as book:
        book.find_assignment("sample").duedate = datetime.fromisoformat(DUE.removesuffix(" UTC"))
        book.db.commit()
    grade_class(folder, "--feedback")
    return course


def as_marker(course: Course) -> str:
    """Return ana's page as formgrader makes it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.folder)).load_config()
    # As formgrader has them, with its templates left out.
    about: Any = {"submission_id": "1", "assignment_id": "sample", "notebook_id": "sample", "student": "ana"}
    exporter = HTMLExporter(config=config)  # type: ignore[no-untyped-call]
    page: str = exporter.from_filename(str(course.folder / "autograded/ana/sample/sample.ipynb"), resources=about)[0]
    return page.partition("<body")[2]


def test_feedback_calls_questions_by_their_names(course: Course) -> None:
    page = course.all_graded(["ana"])["ana"].feedback

    contents = re.findall(r'<li><a href="#(.*?)">(.*?)</a> \(Score: ', page)
    assert [title for _, title in contents] == TITLES
    for anchor, _ in contents:
        assert f'id="{anchor}"' in page
    visible = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert "-check" not in visible
    assert "Test cell" not in visible
    assert "Your answer" in visible
    assert "<em>never</em>" in page


def test_only_the_marker_sees_the_mark_scheme(course: Course) -> None:
    assert SCHEME in as_marker(course)
    assert SCHEME not in course.all_graded(["ana"])["ana"].feedback
    assert SCHEME not in course.released.read_text(encoding="utf-8")
    for path in (course.folder / "autograded").rglob("*.*"):
        assert SCHEME not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize(
    "secret",
    ["within=0.001", "Keep two decimals", "HIDDEN TESTS", "86 * 84", "['S02', 'S03']\n", "is a share of what was left"],
)
def test_nothing_that_is_returned_shows_a_hidden_case_or_an_answer(course: Course, secret: str) -> None:
    assert secret in (course.folder / "solutions/sample/sample.ipynb").read_text(encoding="utf-8").replace("\\n", "\n")
    page = html.unescape(re.sub("<[^>]*>", "", course.all_graded(["ana"])["ana"].feedback))
    autograded = course.folder / "autograded/ana/sample"

    assert secret not in page
    assert not [
        path for path in autograded.iterdir() if secret in path.read_text(encoding="utf-8").replace("\\n", "\n")
    ]


def test_the_marker_sees_what_was_handed_in_late_and_again_after_feedback(course: Course) -> None:
    assert "Handed in" not in as_marker(course)
    Path(course.folder, "submitted/ana/sample/timestamp.txt").write_text(AGAIN, encoding="utf-8")

    page = as_marker(course)

    assert "Handed in 3 hours late." in page
    assert "Handed in again after feedback." in page
