"""The last cell of an exercise checks it for a person, wherever it is open, and does nothing for a program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from markupsafe import escape
from nbclient import NotebookClient

from course.checks.in_notebook import check_work
from course.checks.runner import check, summary
from tests.browser.lab import notebook_of

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = ROOT / "exercises/01-the-claim"
NOTHING = "Nothing is checked here: this cell waits for a person to run it."

Ask = Callable[..., str]


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXERCISE, tmp_path / "mine", ignore=shutil.ignore_patterns("ledger*")))


def last_cell(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells  # type: ignore[no-untyped-call]
    return str(next(cell.source for cell in cells if cell.id == "check-work"))


@pytest.fixture
def ask(exercise: Path) -> Iterator[Ask]:
    """Run code as somebody does who has the exercise open, and return what it shows."""
    manager, client = start_new_kernel(cwd=str(exercise), env={**os.environ, "JPY_SESSION_NAME": ""})

    def run(code: str, *, person: bool = True) -> str:
        shown: list[dict[str, Any]] = []
        client.execute_interactive(
            code, allow_stdin=person, stdin_hook=print, output_hook=lambda message: shown.append(message["content"])
        )
        return "".join(
            content.get("text", "") or content.get("data", {}).get("text/html", "") or content.get("evalue", "")
            for content in shown
        )

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("path", sorted(ROOT.glob("[es]*s/*/*.ipynb")), ids=lambda path: path.parent.name)
def test_every_exercise_ends_with_it(path: Path) -> None:
    assert "check_work()" in last_cell(path)


def test_a_person_sees_every_question_of_what_is_saved_and_nothing_is_changed(exercise: Path, ask: Ask) -> None:
    notebook = exercise / "01-the-claim.ipynb"
    notebook.write_text(notebook.read_text().replace("# Make limits", "raise ValueError('<b>')  # Make limits"))
    long_ago = notebook.stat().st_mtime - 3 * 3600
    os.utime(notebook, (long_ago, long_ago))
    before = notebook.read_bytes()
    shown = ask(last_cell(notebook))
    findings = check(notebook)
    assert shown.count("<tr>") == len(findings) + 1
    assert all(escape(finding.message) in shown for finding in findings)
    assert summary(findings) in shown
    assert "saved 3 hours ago" in shown
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown, "a learner's markup"
    assert notebook.read_bytes() == before


def test_a_program_that_runs_the_exercise_is_told_so_and_starts_no_second_run(exercise: Path, ask: Ask) -> None:
    notebook = nbformat.read(exercise / "01-the-claim.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(exercise)}})
    client.execute()
    (cell,) = (cell for cell in notebook.cells if cell.id == "check-work")
    assert [output.data["text/html"] for output in cell.outputs] == [f"<p>{NOTHING}</p>"]
    assert ask(cell.source, person=False) == f"<p>{NOTHING}</p>"


def test_of_two_notebooks_the_one_that_is_open_is_checked(exercise: Path, ask: Ask) -> None:
    copy = exercise / "01-the-claim-Copy1.ipynb"
    shutil.copy(exercise / "01-the-claim.ipynb", copy)
    assert "Name one of: 01-the-claim-Copy1.ipynb, 01-the-claim.ipynb" in ask(last_cell(copy))
    ask(f"import os\nos.environ['JPY_SESSION_NAME'] = {str(copy)!r}")
    assert f"<caption>{copy.name}</caption>" in ask(last_cell(copy))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"JUPYTERHUB_USER": "ana"}, "Assignment List in the menu at the top, and press Submit beside “mine”"),
        ({"JUPYTERHUB_USER": "ana", "BINDER_REPO_URL": "https://example.org"}, "right-click each of the two"),
        ({}, "take “01-the-claim.ipynb” and “ledger.json” from the folder"),
    ],
    ids=["in a hub", "on Binder", "on a computer"],
)
def test_it_says_how_to_hand_in_where_the_learner_is(
    exercise: Path, monkeypatch: pytest.MonkeyPatch, where: dict[str, str], words: str
) -> None:
    (exercise / "ledger.json").write_text("{}")
    for name in ("JUPYTERHUB_USER", "BINDER_REPO_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in where.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("course.checks.runner.check", lambda *_, **__: [])

    shown = str(check_work(exercise).data)

    assert words in shown
    assert ("Download" in shown) == ("right-click" in words)


def test_where_there_is_no_exercise_it_says_so(tmp_path: Path) -> None:
    assert "There is no " in str(check_work(tmp_path / "99").data)
    lesson = tmp_path / "lesson.ipynb"
    nbformat.write(nbformat.from_dict(notebook_of(["1"])), lesson)  # type: ignore[no-untyped-call]
    assert "lesson.ipynb has no graded questions" in str(check_work(lesson).data)
