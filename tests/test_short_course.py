"""The short course is what the lessons' cells tagged ``short`` make; it runs, fits its sessions and needs no code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from benchmarks.minutes import Effort
from course.ledger import Ledger
from tests.short_course import BRIDGES, CODE, FOLDER, SESSIONS, Session, tagged, written

LONGEST_MINUTES = 80


@pytest.fixture(params=SESSIONS, ids=lambda session: session.name)
def session(request: pytest.FixtureRequest) -> Session:
    chosen: Session = request.param
    return chosen


def path_of(session: Session) -> Path:
    return FOLDER / f"{session.name}.ipynb"


def test_it_is_what_the_lessons_make_of_it(session: Session) -> None:
    assert path_of(session).read_text(encoding="utf-8") == written(session), "run: make short"


def test_there_is_no_other_notebook() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {session.name for session in SESSIONS}


def test_every_bridge_leads_to_a_cell_of_the_short_course() -> None:
    taken = {(lesson, cell.id) for session in SESSIONS for lesson in session.lessons for cell in tagged(lesson)}
    assert set(BRIDGES) | set(CODE) <= taken


def test_it_fits_a_session_and_says_so(session: Session) -> None:
    effort = Effort.of(path_of(session))
    assert effort.core <= LONGEST_MINUTES
    assert re.findall(r"\*\*Time:\*\* (\d+) minutes", path_of(session).read_text("utf-8")) == [str(effort.printed)]


def test_it_names_no_round_and_asks_for_no_code(session: Session) -> None:
    notebook = nbformat.read(path_of(session), as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        assert not re.search(r"\bround \d|quotation marks and run", cell.source), cell.id
        if cell.cell_type == "code":
            assert cell.metadata.jupyter.source_hidden, cell.id
            assert not re.search(r'^my_\w+ = |= ""$', cell.source, re.MULTILINE), cell.id


def test_it_runs_and_leaves_no_answer(session: Session, tmp_path: Path) -> None:
    notebook = nbformat.read(path_of(session), as_version=4)  # type: ignore[no-untyped-call]
    # A cell that raises fails the test.
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(stderr=subprocess.DEVNULL)
    for cell in notebook.cells:
        assert not [output for output in cell.get("outputs", []) if output.get("name") == "stderr"], cell.id
    left = Ledger.open(tmp_path / "ledger.json")
    assert not left.judgements()
    assert not left.answers
