"""One class in which every attack is handed in, with an honest neighbour before and after each, and what became of it.

The instructor's secrets lie where submissions may look for them: solutions, a gradebook, a file in the home folder, a
variable in the environment, a port and a socket that somebody listens to. Whoever reaches one of them says `BREACH`.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import site
import socket
import sqlite3
import subprocess
import sysconfig
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from course.classroom.gradebook.outcome import Outcome
from course.ledger import Ledger
from course.ledger.judgement import Judgement
from tests.gradebook import Course
from tests.hostile import attacks
from tests.hostile.attack import BREACH, Attack, Handin

NAME: Final = "hostile"
HONEST: Final = "honest"
HIDDEN: Final = "hidden-7391"
"""Stands in every hidden test, so that it can be looked for in what a notebook puts out."""
POINTS: Final = {"share": 2, "repeats": 1, "says": 2, "towns": 2, "total": 1, "unit": 1, "rated": 1}
GIVEN: Final = ("graded", "needs marking")
"""Outcomes with points of the machine."""
FULL: Final = float(sum(POINTS.values()))
CONFIGURATION: Final = """
c.Execute.timeout = 4
c.Execute.limits = {
    "wall_seconds": 20, "cpu_seconds": 15, "memory_mib": 600, "processes": 40, "file_mib": 20, "folder_mib": 160,
    "files": 2000, "output_kib": 400,
}
"""
"""Short limits, so that a class of attackers is graded in a minute. They are the instructor's to set."""

ANSWERS: Final = {
    "share": "share_lost = 100 - 86 * 84 / 100",
    "repeats": "repeats = ['S02', 'S03']",
    "says": "def says(text, word):\n    return word.lower() in text.lower().split()",
    "towns": "towns = pd.DataFrame({'town': ['Raqqa', 'Mosul'], 'held': [False, False]})",
    "total": "total = 4731",
    "unit": "unit = 'percent'",
    "rated": "note = 'my ratings are in the ledger'",
}
STUBS: Final = {
    "share": "share_lost = ...",
    "repeats": "repeats = ...",
    "says": "def says(text, word):\n    ...",
    "towns": "towns = ...",
    "total": "total = ...",
    "unit": "unit = ...",
    "rated": "note = ...",
}
TESTS: Final = {
    "share": "expect_number('share_lost', 27.76, within=0.05, unit='percent', unless={30: 'Losses compound.'})\n"
    "### BEGIN HIDDEN TESTS\n"
    f"expect_number('share_lost', 27.76, within=0.001, hint='{HIDDEN}')\n"
    "### END HIDDEN TESTS",
    "repeats": "expect_items('repeats', ['S02', 'S03'])",
    "says": "expect('says', lambda made: made is True, 'It is there.', given=['All is lost', 'all'])\n"
    "### BEGIN HIDDEN TESTS\n"
    f"expect('says', lambda made: made is False, '{HIDDEN}', given=['small', 'all'])\n"
    "### END HIDDEN TESTS",
    "towns": "right = pd.DataFrame({'town': ['Raqqa', 'Mosul'], 'held': [False, False]})\n"
    "pd.testing.assert_frame_equal(towns, right)",
    "total": "assert isinstance(total, int), 'a whole number'\n"
    "### BEGIN HIDDEN TESTS\n"
    f"assert abs(total - 4731) < 1, '{HIDDEN}'\n"
    "### END HIDDEN TESTS",
    "unit": "check_unit(unit)",
    "rated": "assert [made.statement for made in handed_in(None).judgements()] == ['S01']",
}
SETUP: Final = (
    "import pandas as pd\n"
    "from course.checks.exercise import handed_in\n"
    "from course.checks.expect import expect, expect_items, expect_number\n\n\n"
    "def check_unit(found):\n"
    "    assert found == 'percent', 'Not yet.'"
)


@dataclass(frozen=True)
class Case:
    """One attack, and what became of it and of those beside it.

    Parameters
    ----------
    name, tries : str
        Its module, and in words what it tries.
    attack : Attack
        What was handed in, and what is promised.
    outcome : Outcome
        What became of it.
    scores : mapping
        Its points in the gradebook, by test; None where the machine gave none.
    neighbours : tuple of Outcome
        The honest hand-ins before and after it.
    breaches : tuple of str
        What it reached and must not reach.
    """

    name: str
    tries: str
    attack: Attack
    outcome: Outcome
    scores: Mapping[str, float | None]
    neighbours: tuple[Outcome, Outcome]
    breaches: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether it came out as promised, and the neighbours got what they have earned."""
        messages = " ".join((self.outcome.reason, *self.outcome.notes))
        return (
            self.outcome.result == self.attack.becomes
            and self.attack.because in messages
            and not self.breaches
            and sum(score or 0 for score in self.scores.values())
            == (self.attack.points if self.attack.becomes in GIVEN else 0)
            and all(other.result == "graded" and other.score == FULL for other in self.neighbours)
        )

    @property
    def happened(self) -> str:
        """What happened, in words."""
        if self.outcome.result == "graded":
            return (
                f"graded: {self.outcome.score:g} of {self.outcome.max_score:g} points. {' '.join(self.outcome.notes)}"
            )
        return f"{self.outcome.result}: {self.outcome.reason}"


@dataclass(frozen=True)
class Traces:
    """What the class has left behind.

    Parameters
    ----------
    processes : tuple of str
        Commands that still run.
    files : tuple of str
        Files outside of the course's folder, and in it where none belongs.
    gradebook : tuple of str
        Differences of the gradebook's schema, and of its rows about the assignment itself.
    """

    processes: tuple[str, ...]
    files: tuple[str, ...]
    gradebook: tuple[str, ...]


def load_attacks() -> dict[str, tuple[str, Attack]]:
    """Return every attack by name, with what it tries."""
    loaded = {}
    for info in pkgutil.iter_modules(attacks.__path__):
        module = importlib.import_module(f"{attacks.__name__}.{info.name}")
        loaded[info.name] = ((module.__doc__ or "").splitlines()[0], module.ATTACK)
    return loaded


def grade_class(folder: Path, chosen: Mapping[str, tuple[str, Attack]], workers: int = 2) -> tuple[list[Case], Traces]:
    """Hand in all attacks and their neighbours, grade them, and return what became of each and what was left behind."""
    course = Course(folder / "course", _assignment(folder / "made"))
    with (course.folder / "nbgrader_config.py").open("a") as file:
        file.write(CONFIGURATION)
    environment, home = _instructor(folder)
    students = {name: f"s{2 * number + 1:03}-{name}" for number, name in enumerate(chosen)}
    honest = [f"s{2 * number:03}-{HONEST}" for number in range(len(chosen) + 1)]
    with _listening() as places:
        places |= {"COURSE": str(course.folder), "SECRET": str(home / "secret"), "PID": str(os.getpid())}
        for student in honest:
            course.hand_in(student, ANSWERS, {"ledger.json": LEDGER})
        for name, (_, attack) in chosen.items():
            _hand_in(course, students[name], attack, places)
        before = _Before(course.folder, home, folder)
        outcomes = _grade(course.folder, environment, workers)
        traces = before.left(outcomes)
    assert set(outcomes) == {*students.values(), *honest}, "not everybody was graded"
    cases = [
        Case(
            name,
            *chosen[name],
            outcomes[students[name]],
            _scores(course.folder, students[name]),
            (outcomes[honest[number]], outcomes[honest[number + 1]]),
            tuple(_breaches(course.folder / "autograded" / students[name])),
        )
        for number, name in enumerate(chosen)
    ]
    return cases, traces


def _grade(course: Path, environment: Mapping[str, str], workers: int) -> dict[str, Outcome]:
    """Run ``course grade`` and return what became of each student's submission."""
    command = Path(sysconfig.get_path("scripts"), "course")
    done = subprocess.run(
        [command, "grade", "--json", "--workers", str(workers)],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return {entry["student"]: Outcome.from_dict(entry) for entry in json.loads(done.stdout)["submissions"]}


def _ledger() -> str:
    ledger = Ledger()
    ledger.judge(Judgement(reading="T", statement="S01", bearing="none", reason="It is about another place."))
    return ledger.dumps()


LEDGER: Final = _ledger()


def _assignment(folder: Path) -> Path:
    cells = [_cell(SETUP, "setup", locked=True)]
    for name, points in POINTS.items():
        solution = f"{STUBS[name]}\n### BEGIN SOLUTION\n{ANSWERS[name]}\n### END SOLUTION"
        cells += [_cell(solution, name, solution=True), _cell(TESTS[name], f"{name}-check", points=points)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder / NAME


def _cell(source: str, name: str, *, solution: bool = False, locked: bool = False, points: int = 0) -> dict[str, Any]:
    marks = {
        "schema_version": 3,
        "grade_id": name,
        "solution": solution,
        "grade": bool(points),
        "locked": locked or bool(points),
        "task": False,
    } | ({"points": points} if points else {})
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": marks},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def _hand_in(course: Course, student: str, attack: Attack, places: Mapping[str, str]) -> None:
    def put(source: str) -> str:
        for name, place in places.items():
            source = source.replace(f"@{name}@", place)
        return source

    answers = ({} if attack.blank else ANSWERS) | {cell: put(source) for cell, source in attack.answers.items()}
    files = {"ledger.json": LEDGER, **attack.files}
    course.hand_in(student, answers)
    folder = course.folder / "submitted" / student / NAME
    for name, content in files.items():
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(put(content).encode() if isinstance(content, str) else content)
    if attack.spoil:
        attack.spoil(Handin(course.folder, folder, folder / f"{NAME}.ipynb"))


def _instructor(folder: Path) -> tuple[dict[str, str], Path]:
    """Return the instructor's environment, with a secret in it, and home, with another one."""
    home, temporary = folder / "home", folder / "tmp"
    (home / ".ipython" / "profile_default" / "startup").mkdir(parents=True)
    (home / "secret").write_text("the instructor’s own")
    # As it is after Jupyter’s first start.
    (home / ".jupyter").mkdir()
    (home / ".jupyter" / "migrated").write_text("")
    temporary.mkdir()
    return os.environ | {"HOME": str(home), "TMPDIR": str(temporary), "INSTRUCTORS_TOKEN": "token-5520"}, home


@contextmanager
def _listening() -> Iterator[dict[str, str]]:
    """Listen on a port and a socket, as a database or a desktop does."""
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.socket(socket.AF_UNIX) as local,
        tempfile.TemporaryDirectory(prefix="listening-") as place,
    ):
        local.bind(f"{place}/socket")
        local.listen()
        yield {"PORT": str(port.getsockname()[1]), "SOCKET": f"{place}/socket"}


def _scores(course: Path, student: str) -> dict[str, float | None]:
    with closing(sqlite3.connect(course / "gradebook.db")) as book:
        rows = book.execute(
            "select base_cell.name, grade.auto_score from grade join base_cell on base_cell.id = grade.cell_id "
            "join submitted_notebook on submitted_notebook.id = grade.notebook_id "
            "join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id "
            "where submitted_assignment.student_id = ?",
            (student,),
        )
        return {name.removesuffix("-check"): score for name, score in rows}


def _breaches(autograded: Path) -> Iterator[str]:
    """Find what an attack has said or written down of what it reached."""
    for path in autograded.rglob("*"):
        if path.is_symlink():
            yield f"{path.name} is a link"
        elif path.suffix == ".ipynb":
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                outputs = json.dumps(cell.get("outputs", []))
                if BREACH in outputs:
                    yield outputs[outputs.index(BREACH) :][:120]
                if HIDDEN in outputs and not cell["metadata"].get("nbgrader", {}).get("grade"):
                    yield "a hidden test"
        elif path.is_file() and path.stat().st_size < 1 << 20 and BREACH.encode() in path.read_bytes():
            yield f"{path.name} holds what it must not"


class _Before:
    """The machine before the class was graded."""

    def __init__(self, course: Path, home: Path, folder: Path) -> None:
        self._course, self._home, self._temporary = course, home, folder / "tmp"
        self._files = self._state()
        self._gradebook = self._rows()

    def left(self, students: Collection[str]) -> Traces:
        """Return what is there now and was not, or is another than it was."""
        files = {f"{path}: {what}" for path, what in self._state().items() ^ self._files.items()}
        files |= {path.name for path in (self._course / "autograded").iterdir()} - set(students)
        files |= set(map(str, self._temporary.iterdir()))
        belongs = {"solutions", "exercises", "submitted", "autograded", ".course", "gradebook.db", "nbgrader_config.py"}
        files |= {path.name for path in self._course.iterdir()} - belongs
        now = self._rows()
        return Traces(
            tuple(sorted(self._running())),
            tuple(sorted(files)),
            tuple(name for name, rows in self._gradebook.items() if now[name] != rows),
        )

    def _state(self) -> dict[str, object]:
        """Return everything that must stay as it is, and what is in it."""
        kept = [self._home, *(self._course / name for name in ("solutions", "exercises", "submitted"))]
        inside = [path for folder in kept for path in folder.rglob("*")]
        shared = [Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), *map(Path, site.getsitepackages())]
        outside = [path for place in shared for path in place.glob("*hostile-left*")]
        return {str(path): path.lstat().st_size for path in (*inside, *outside) if not path.is_dir()}

    def _running(self) -> Iterator[str]:
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                words = f"{' '.join(process.cmdline())} in {process.cwd()}"
                if any(mark in words for mark in (str(self._course), str(self._temporary), "hostile-left")):
                    yield words

    def _rows(self) -> dict[str, Any]:
        asked = {
            "schema": "select type, name, sql from sqlite_master order by name",
            "assignments": "select * from assignment",
            "cells": "select id, name from base_cell order by id",
            "points": "select id, max_score from grade_cells order by id",
            "sources": "select * from source_cell order by id",
        }
        with closing(sqlite3.connect(self._course / "gradebook.db")) as book:
            return {name: book.execute(query).fetchall() for name, query in asked.items()}
