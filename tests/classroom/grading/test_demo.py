"""`course demo` takes a pretend class from release to report, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from course.classroom.demo import CLASS, students
from tests.gradebook import ROOT

COURSE = Path(sysconfig.get_path("scripts")) / "course"

RUN = """
import shutil, sys
from pathlib import Path
from course.classroom.demo import demonstrate

said = []

def say(line):
    print(line, flush=True)
    said.append(line)
    if line.startswith("\\n6."):
        # Everything is there now, and will be gone at the end.
        (root,) = {path.parent for path in Path(sys.argv[1]).glob("course-demo-*/gradebook.db")}
        shutil.copytree(root, sys.argv[2], symlinks=True)

sys.exit(not demonstrate(None, say))
"""


@dataclass(frozen=True)
class Ran:
    """What a run of the demonstration said, and what it left."""

    code: int
    output: str
    temporary: Path
    home: Path
    kept: Path
    processes: list[str]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("demo")
    temporary, home, kept = folder / "tmp", folder / "home", folder / "kept"
    temporary.mkdir()
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(temporary), str(kept)],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env=os.environ | {"TMPDIR": str(temporary), "HOME": str(home), "PYTHONPATH": str(ROOT)},
    )
    running = subprocess.run(["ps", "-A", "-o", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return Ran(done.returncode, done.stdout + done.stderr, temporary, home, kept, running)


@pytest.mark.nbgrader
def test_the_whole_way_is_shown_and_everybody_gets_what_they_should(ran: Ran) -> None:
    assert ran.code == 0, ran.output
    steps = ["1. Release", "2. Collect", "3. Inspect and repair", "4. Grade", "5. Report", "6. Results"]
    assert [ran.output.index(f"\n{step}") for step in steps] == sorted(ran.output.index(f"\n{step}") for step in steps)
    assert "Every result is as expected." in ran.output
    assert "Traceback" not in ran.output


@pytest.mark.nbgrader
def test_nothing_is_left_in_the_temporary_folder_at_home_or_running(ran: Ran) -> None:
    assert list(ran.temporary.iterdir()) == []
    assert list(ran.home.iterdir()) == []
    assert not [line for line in ran.processes if "lena was here" in line]


@pytest.mark.nbgrader
def test_what_an_instructor_is_told_to_look_at_is_there(ran: Ran) -> None:
    assert (ran.kept / "report.html").stat().st_size > 10_000
    assert "amira" in (ran.kept / "grades.csv").read_text()
    page = (ran.kept / "feedback" / "chloe" / "two-losses" / "two-losses.html").read_text()
    assert "You added 14 and 16." in page
    assert (ran.kept / "submitted" / "greta" / "two-losses" / "two-losses.before-doctor.ipynb").exists()


@pytest.mark.nbgrader
def test_the_hostile_one_who_looks_for_the_solution_sees_nothing(ran: Ran) -> None:
    notebook = json.loads((ran.kept / "autograded" / "jonas" / "two-losses" / "two-losses.ipynb").read_text())
    (answer,) = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "q1"]
    assert "I can see" in "".join(answer["source"])
    assert "I can see" not in json.dumps(answer["outputs"])


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = subprocess.run(
        [COURSE, "demo", "--keep", str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Name a new or an empty folder." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_class_has_twelve_of_every_sort() -> None:
    sorts = [student.about.split()[0].rstrip(":") for student in students()]
    assert {sort: sorts.count(sort) for sort in sorts} == {
        "right": 2,
        "half": 2,
        "untouched": 1,
        "broken": 4,
        "hostile": 3,
    }
    assert len(tomllib.loads((CLASS / "class.toml").read_text())["student"]) == 12
