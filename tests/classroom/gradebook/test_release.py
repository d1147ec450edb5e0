"""exercises/ is made from solutions/: the same bytes everywhere, and nothing in it that only markers may see."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course.classroom.gradebook.release import ReleaseError, main, release, stale
from tests.gradebook import ROOT, sample

pytestmark = pytest.mark.nbgrader


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with the sample assignment, its ledger from trying it out and a data file of its own."""
    assignment = sample(tmp_path / "solutions")
    (assignment / "ledger.json").write_text("{}")
    (assignment / "towns.csv").write_text("town\nRaqqa\n")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return tmp_path


def released(course: Path) -> Path:
    return course / "exercises" / "sample" / "sample.ipynb"


def edit_solution(course: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = course / "solutions" / "sample" / "sample.ipynb"
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


def test_exercises_in_this_repository_are_what_nbgrader_makes_of_solutions() -> None:
    assert stale(ROOT) == []


def test_a_release_has_stubs_in_place_of_solutions_and_no_hidden_test_or_mark_scheme(course: Path) -> None:
    release(course)
    text = released(course).read_text()
    assert "your code here" in text
    assert "Your answer here" in text
    for kept_back in ("86 * 84", "Keep two decimals", "naming the denominator", "what was left", "BEGIN", "END"):
        assert kept_back not in text


def test_a_second_release_changes_nothing_and_leaves_no_gradebook(course: Path) -> None:
    assert [path.name for path in release(course)] == ["sample.ipynb", "towns.csv"]
    assert release(course) == []
    assert stale(course) == []
    assert sorted(path.name for path in course.iterdir()) == ["exercises", "nbgrader_config.py", "solutions"]


def test_a_release_does_not_show_who_made_it(course: Path) -> None:
    release(course)
    before = released(course).read_bytes()

    def run_by_somebody_else(notebook: dict[str, Any]) -> None:
        notebook["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Anna's laptop"}
        code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        code["execution_count"] = 7
        code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
        code["metadata"]["execution"] = {"iopub.status.busy": "2017-12-11T08:00:00Z"}

    edit_solution(course, run_by_somebody_else)
    assert release(course) == []
    notebook = json.loads(before)
    assert notebook["metadata"]["kernelspec"]["display_name"] == "Python 3 (ipykernel)"
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert [cell["id"] for cell in notebook["cells"]][:3] == ["title", "setup", "q1-text"]
    assert before.endswith(b"}\n")


def test_files_of_an_assignment_are_released_but_never_a_ledger(course: Path) -> None:
    release(course)
    assert sorted(path.name for path in released(course).parent.iterdir()) == ["sample.ipynb", "towns.csv"]


def test_a_learners_ledger_in_exercises_is_neither_touched_nor_called_stale(course: Path) -> None:
    release(course)
    ledger = released(course).parent / "ledger.json"
    ledger.write_text('{"mine": 1}')
    assert stale(course) == []
    release(course)
    assert ledger.read_text() == '{"mine": 1}'


def test_what_is_out_of_date_is_named(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "exercises/sample/sample.ipynb is missing. Run: make release" in stale(course)
    release(course)
    released(course).write_text(released(course).read_text().replace("Question 1", "Question 9"))
    (released(course).parent / "left-over.csv").write_text("")
    assert stale(course) == [
        "exercises/sample/sample.ipynb is not what nbgrader makes of solutions/. Run: make release",
        "exercises/sample/left-over.csv has no counterpart in solutions/. Delete it, or bring the solution back.",
    ]
    assert main(["--check", str(course)]) == 1
    assert "sample.ipynb is not what nbgrader makes" in capsys.readouterr().out


def give_no_id(notebook: dict[str, Any]) -> None:
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        del cell["id"]


def give_no_grade_id(notebook: dict[str, Any]) -> None:
    del notebook["cells"][1]["metadata"]["nbgrader"]["grade_id"]


def repeat_a_grade_id(notebook: dict[str, Any]) -> None:
    notebook["cells"][4]["metadata"]["nbgrader"]["grade_id"] = "share-lost"


def misspell_a_marker(notebook: dict[str, Any]) -> None:
    notebook["cells"][4]["source"] = "1\n### BEGIN HIDDEN TEST\n2\n### END HIDDEN TESTS"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (give_no_id, "cell 1 has no id"),
        (give_no_grade_id, "cell 2 is locked or graded but has no grade_id"),
        (repeat_a_grade_id, "nbgrader cannot release sample"),
        (misspell_a_marker, "still has “BEGIN HIDDEN TEST"),
    ],
)
def test_a_faulty_solution_is_refused_and_nothing_is_written(
    course: Path, fault: Callable[[dict[str, Any]], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_solution(course, fault)
    with pytest.raises(ReleaseError, match=message):
        release(course)
    assert not (course / "exercises").exists()
    assert main([str(course)]) == 1
    assert message in capsys.readouterr().err


def test_an_answer_in_a_file_beside_the_notebook_is_found(course: Path) -> None:
    (course / "solutions" / "sample" / "helpers.py").write_text("share_lost = 100 - 86 * 84 / 100\n")
    with pytest.raises(ReleaseError, match=r"helpers.py gives away a line"):
        release(course)


def test_a_solution_that_is_no_notebook_is_named(course: Path) -> None:
    (course / "solutions" / "sample" / "sample.ipynb").write_text("{")
    with pytest.raises(ReleaseError, match=r"solutions/sample/sample.ipynb is not a notebook"):
        release(course)
