"""Wherever an exercise lies and whatever the folders are called, its own files are found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from course import files
from course.case import Case
from course.checks import in_notebook
from course.checks.exercise import handed_in, hint, rubric
from course.checks.runner import prepare
from course.classroom.doctor.inspection import check as inspect
from course.classroom.doctor.release_catalogue import ReleaseCatalogue
from course.classroom.gradebook.submission_check import check_submission
from course.ledger import Judgement, Ledger
from tests.gradebook import COMMAND, ROOT

NAME = "06-weighing"
FOLDERS = (
    "Course [2026]",
    "What now?",
    "My%20Course",
    "100 % #1 (draft)",
    "Kurs für Łukasz",
    unicodedata.normalize("NFD", "josé"),
    "コース",
    "a'b\"c;d&e$f*g",
    os.fsdecode(b"M\x81ller"),
)


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "course")


def lay_out(folder: Path) -> Path:
    ignore = shutil.ignore_patterns("ledger*")
    return Path(shutil.copytree(ROOT / "exercises" / NAME, folder / NAME, ignore=ignore))


@pytest.fixture
def in_vs_code(exercise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Do as VS Code does: name the notebook, and work in another folder."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    path = str(exercise / f"{NAME}.ipynb")
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", path, raising=False)
    yield exercise
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_in_vs_code_everything_is_found_and_kept_beside_the_notebook(in_vs_code: Path) -> None:
    ledger = Ledger.open()
    ledger.judge(Judgement("S09", "F", "C", 2, "direct", "decisive against", "Abrahms", "Some remain."))
    assert ledger.path == in_vs_code / "ledger.json"
    assert handed_in(None).judgements() == ledger.judgements()
    assert rubric("Q10").data
    hint("Q1")
    assert dict(Ledger.open().hints)
    assert in_notebook._this_notebook() == in_vs_code / f"{NAME}.ipynb"


def test_a_path_that_is_named_is_in_the_working_folder_as_ever(exercise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exercise)
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", "/elsewhere/gone.ipynb", raising=False)
    assert Ledger.open().path == Ledger.open("ledger.json").path == exercise / "ledger.json"
    assert files.notebook() is None


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_any_name_is_checked_inspected_and_prepared_for_grading(name: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path / name)
    Ledger.open(place / "ledger.json").judge(Judgement("S09", "F", "C", 2, "direct", "decisive against", "x", "y"))
    # A file of the learner's own, with such a name too.
    (place / f"{name}.txt").write_text("notes", encoding="utf-8")
    before = sorted(place.iterdir())
    with prepare(place) as prepared:
        assert prepared == prepared.__class__(place / f"{NAME}.ipynb", ())
    assert inspect(place, ReleaseCatalogue((ROOT / "exercises",)), handed_in=True).exercise == NAME
    checked = check_submission(place, {NAME: {}})
    assert (checked.notebooks, checked.problems) == (1, {})
    assert PurePosixPath(f"{NAME}.ipynb") in (checked.files or {PurePosixPath(f"{NAME}.ipynb")})
    assert sorted(place.iterdir()) == before


def test_a_tilde_is_the_home_folder_where_no_shell_expands_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    subprocess.run([COMMAND, "new-case", "~/my [case] #1"], check=True, cwd=tmp_path, capture_output=True)
    assert (tmp_path / "my [case] #1" / "datapackage.json").is_file()
    assert Case.load("~/my [case] #1").subject
    assert Ledger.open("~/ledger.json").path == tmp_path / "ledger.json"


def test_an_exercise_is_checked_where_the_home_cannot_be_written(exercise: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, so that nothing can be made in it")
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG"))}
    done = subprocess.run(
        [COMMAND, "check", exercise],
        env=keep | {"HOME": str(tmp_path / "home")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "checks pass" in done.stdout
